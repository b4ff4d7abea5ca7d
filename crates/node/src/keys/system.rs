//! The keychain of the system that this runs on.

use std::collections::HashMap;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{KeychainError, Vault};

/// What Kaifong's entries are called in it, beside the device's id.
const SERVICE: &str = "kaifong";

/// The system's keychain: Secret Service, Keychain or Credential Manager. It is looked for whenever it is asked.
pub(super) struct SystemVault;

impl Vault for SystemVault {
    fn put(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        entry(account)?.set_secret(secret.as_bytes()).map_err(told)
    }

    fn get(&self, account: &str) -> Result<Zeroizing<String>, KeychainError> {
        let bytes = entry(account)?.get_secret().map(Zeroizing::new).map_err(told)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| KeychainError::Different)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        entry(account)?.delete_credential().map_err(told)
    }
}

/// Names an entry. Without a session's bus nothing is tried: that might start one, or find another session's.
#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
fn entry(account: &str) -> Result<Entry, KeychainError> {
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").unwrap_or_default();
    if bus.is_empty() || bus.to_string_lossy().starts_with("autolaunch:") {
        return Err(KeychainError::Absent("this session has no D-Bus".into()));
    }
    let store = zbus_secret_service_keyring_store::Store::new();
    let store = store.map_err(|error| KeychainError::Absent(error.to_string()))?;
    store.build(SERVICE, account, Some(&HashMap::from([("label", "Kaifong 街坊")]))).map_err(told)
}

/// Names an entry of the login keychain.
#[cfg(target_os = "macos")]
fn entry(account: &str) -> Result<Entry, KeychainError> {
    let store = apple_native_keyring_store::keychain::Store::new().map_err(told)?;
    store.build(SERVICE, account, None).map_err(told)
}

/// Names an entry that stays on this machine: a device's key does not roam with its user.
#[cfg(windows)]
fn entry(account: &str) -> Result<Entry, KeychainError> {
    let store = windows_native_keyring_store::Store::new().map_err(told)?;
    store.build(SERVICE, account, Some(&HashMap::from([("persistence", "Local")]))).map_err(told)
}

/// On other systems there is a file.
#[cfg(not(any(target_os = "macos", windows, all(unix, not(any(target_vendor = "apple", target_os = "android"))))))]
fn entry(_account: &str) -> Result<Entry, KeychainError> {
    Err(KeychainError::Absent("none is known for this system".into()))
}

/// Repeats only what the keychain says of itself: some errors carry what was read.
fn told(error: Error) -> KeychainError {
    match error {
        Error::NoEntry => KeychainError::Missing,
        Error::NoStorageAccess(why) => KeychainError::Locked(why.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => KeychainError::Different,
        other => KeychainError::Failed(other.to_string()),
    }
}
