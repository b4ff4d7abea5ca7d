//! Where a device's key is kept: in a file of its data folder, or in the system's keychain.
//!
//! The file `device.key` says which: it holds the key's 32 bytes, or a line that refers to the keychain and names the
//! device. A folder is always opened with the key that it has. Only when there is no file a key is made, and only the
//! caller who holds the store's lock comes here, so two that start at once never both make one.
//!
//! What the keychain gives is checked against the device that the line names: another key is never used.

mod reference;
mod system;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use data_encoding::HEXLOWER;
use kaifong_domain::DeviceId;
use kaifong_store::durable;
use kaifong_trust::DeviceKey;
use zeroize::Zeroizing;

use crate::runner::OpenError;
use reference::KeyFile;
use system::SystemVault;

/// How long a keychain may take, in seconds: long enough for a person to read its question and type a password.
const PATIENCE_S: u64 = 60;

/// Where a key is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file of the data folder that only its owner may read.
    #[default]
    File,
    /// In the system's keychain: Secret Service, Keychain or Credential Manager.
    Keychain,
}

/// Why the keychain did not take or give a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none in reach.
    #[error("there is no keychain here: {0}")]
    Absent(String),
    /// It is locked, and was not unlocked; or it does not let this program in.
    #[error("the keychain is locked, or lets nobody in: {0}")]
    Locked(String),
    /// It holds nothing under this name.
    #[error("the keychain does not hold the key")]
    Missing,
    /// What it holds under this name is not the key of this device.
    #[error("the keychain holds something else than this device's key")]
    Different,
    /// Nobody answered its question, or it hangs.
    #[error("the keychain did not answer within {limit_s} seconds")]
    TooSlow {
        /// How long was waited, in seconds.
        limit_s: u64,
    },
    /// Anything else that it says.
    #[error("the keychain failed: {0}")]
    Failed(String),
}

/// A keychain: texts by name. All of it may block for as long as a person takes.
pub(crate) trait Vault: Send + Sync {
    /// Keeps a text under a name; one that was there is replaced.
    fn put(&self, account: &str, secret: &str) -> Result<(), KeychainError>;

    /// Gives the text that is kept under a name.
    fn get(&self, account: &str) -> Result<Zeroizing<String>, KeychainError>;

    /// Forgets what is kept under a name.
    fn remove(&self, account: &str) -> Result<(), KeychainError>;
}

/// A device's key, and where it lies.
pub(crate) struct Kept {
    pub(crate) key: DeviceKey,
    pub(crate) place: KeyPlace,
}

/// Reads keys, and makes them.
pub(crate) struct Keys {
    /// Where a new key is to be kept.
    new: KeyPlace,
    vault: Arc<dyn Vault>,
    patience: Duration,
}

impl Keys {
    /// Uses this system's keychain, where there is one.
    pub(crate) fn of_system(new: KeyPlace) -> Self {
        Self { new, vault: Arc::new(SystemVault), patience: Duration::from_secs(PATIENCE_S) }
    }

    /// Reads the device key from where it lies, or makes one if there is no key file.
    ///
    /// # Errors
    /// [`OpenError::Key`] or [`OpenError::Keychain`]; nothing was replaced then.
    pub(crate) fn read_or_make(&self, path: &Path) -> Result<Kept, OpenError> {
        match std::fs::read(path).map(Zeroizing::new) {
            Ok(bytes) => self.read(path, &bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make(path),
            Err(source) => Err(OpenError::Key { path: path.to_owned(), source }),
        }
    }

    fn read(&self, path: &Path, bytes: &[u8]) -> Result<Kept, OpenError> {
        let path = || path.to_owned();
        match KeyFile::parse(bytes) {
            Ok(KeyFile::Seed(seed)) => Ok(Kept { key: DeviceKey::from_seed(*seed), place: KeyPlace::File }),
            Ok(KeyFile::InKeychain(device)) => {
                let key = self.ask(move |vault| take(vault, device), |_| {});
                let key = key.map_err(|source| OpenError::Keychain { path: path(), source })?;
                Ok(Kept { key, place: KeyPlace::Keychain })
            }
            Err(why) => Err(OpenError::Key { path: path(), source: io::Error::new(io::ErrorKind::InvalidData, why) }),
        }
    }

    fn make(&self, path: &Path) -> Result<Kept, OpenError> {
        let trouble = |source: io::Error| OpenError::Key { path: path.to_owned(), source };
        if self.new == KeyPlace::Keychain {
            match self.make_in_keychain() {
                Ok(key) => {
                    let device = key.id();
                    if let Err(error) = durable::replace_private_file(path, reference::to(device).as_bytes()) {
                        // The file may stand all the same: what it refers to stays.
                        if !std::fs::read(path).is_ok_and(|kept| kept == reference::to(device).as_bytes()) {
                            let _ = self.ask(move |vault| vault.remove(&device.to_string()), |_| {});
                        }
                        return Err(trouble(error));
                    }
                    return Ok(Kept { key, place: KeyPlace::Keychain });
                }
                Err(why) => tracing::warn!(%why, "this device's key is kept in a file of the data folder"),
            }
        }
        // Never the one that the keychain was given: it may show that one to others later.
        let key = fresh();
        durable::replace_private_file(path, Zeroizing::new(key.seed()).as_slice()).map_err(trouble)?;
        Ok(Kept { key, place: KeyPlace::File })
    }

    /// Puts a new key into the keychain, and believes that it is there when it came out again.
    fn make_in_keychain(&self) -> Result<DeviceKey, KeychainError> {
        let key = fresh();
        let device = key.id();
        let put = move |vault: &dyn Vault| {
            let secret = Zeroizing::new(HEXLOWER.encode(Zeroizing::new(key.seed()).as_slice()));
            let kept = vault.put(&device.to_string(), &secret).and_then(|()| take(vault, device));
            if kept.is_err() {
                // Perhaps there is nothing, and perhaps it is not let go: nothing refers to it.
                let _ = vault.remove(&device.to_string());
            }
            kept
        };
        // An answer that comes too late is taken back: the device has another key by then.
        self.ask(put, move |vault| drop(vault.remove(&device.to_string())))
    }

    /// Asks the keychain on a thread of its own, which may hang as long as it likes. If its answer comes when nobody
    /// waits any more, it does `unheard`.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Vault) -> Result<T, KeychainError> + Send + 'static,
        unheard: impl FnOnce(&dyn Vault) + Send + 'static,
    ) -> Result<T, KeychainError> {
        // Without room in it: an answer was sent when it was taken.
        let (reply, answer) = sync_channel(0);
        let vault = Arc::clone(&self.vault);
        let asked = std::thread::Builder::new().name("keychain".into()).spawn(move || {
            if reply.send(question(&*vault)).is_err() {
                unheard(&*vault);
            }
        });
        asked.map_err(|error| KeychainError::Failed(error.to_string()))?;
        answer.recv_timeout(self.patience).unwrap_or_else(|error| {
            Err(match error {
                RecvTimeoutError::Timeout => KeychainError::TooSlow { limit_s: self.patience.as_secs() },
                RecvTimeoutError::Disconnected => KeychainError::Failed("it broke off".into()),
            })
        })
    }
}

/// Gives the key that lies in a file, if there is one and it lies there.
pub(crate) fn seed_in(path: &Path) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = std::fs::read(path).map(Zeroizing::new).ok()?;
    match KeyFile::parse(&bytes) {
        Ok(KeyFile::Seed(seed)) => Some(seed),
        _ => None,
    }
}

/// Takes a device's key out of the keychain.
fn take(vault: &dyn Vault, device: DeviceId) -> Result<DeviceKey, KeychainError> {
    let text = vault.get(&device.to_string())?;
    let bytes = HEXLOWER.decode(text.as_bytes()).map(Zeroizing::new).map_err(|_| KeychainError::Different)?;
    let seed = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| KeychainError::Different)?;
    let key = DeviceKey::from_seed(*seed);
    if key.id() == device { Ok(key) } else { Err(KeychainError::Different) }
}

fn fresh() -> DeviceKey {
    let mut seed = Zeroizing::new([0; 32]);
    rand::fill(seed.as_mut_slice());
    DeviceKey::from_seed(*seed)
}

#[cfg(test)]
mod tests;
