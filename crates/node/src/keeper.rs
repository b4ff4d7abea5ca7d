//! What a device has on the disk: its key, its store, and beside the store what must outlive it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kaifong_domain::BuildingId;
use kaifong_store::{Batch, PrivateFile, SledStore, Store, StoreError, StoreKey, StoreLock, durable};
use kaifong_trust::entry::Genesis;
use kaifong_trust::{DeviceKey, Signed, Verified};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::keys::{Kept, KeyPlace, Keys};
use crate::node::{Node, Past};
use crate::runner::{OpenError, now};

const KEY_FILE: &str = "device.key";
const STORE_FOLDER: &str = "store";
/// Holds the signed genesis, sealed, so that a device whose store is lost finds its building again.
const HOME_FILE: &str = "building";
/// Holds room on the disk for opening the store again when the disk is full.
const RESERVE_FILE: &str = "reserve";
/// How much, in bytes.
const RESERVE_BYTES: usize = 2 * 1024 * 1024;

/// Owns the store, so that it can be opened again after a commit has failed.
pub(crate) struct Keeper {
    store: Option<Arc<SledStore>>,
    data: PathBuf,
    kept: Kept,
    seal: StoreKey,
    reserve: Reserve,
    /// Where a store that would not open was put.
    aside: Option<PathBuf>,
    /// A store was put aside since the last commit: the new one does not know yet that something may be lost.
    doubt: bool,
}

impl Keeper {
    /// Opens the data folder: the store, whose lock keeps others out, and the key. The keychain may take its time.
    ///
    /// # Errors
    /// [`OpenError`]; the folder may have been made then.
    pub(crate) fn open(data: &Path, keys: &Keys) -> Result<Self, OpenError> {
        let path = data.join(KEY_FILE);
        let trouble = |source: io::Error| OpenError::Key { path: path.clone(), source };
        durable::create_private_dir(data).map_err(trouble)?;
        let lock = StoreLock::take(&data.join(STORE_FOLDER))?;
        // A folder that belongs to a building had a key: another one would make its owner nobody, without a word. And
        // what was sealed opens with that one alone.
        let in_use =
            [(data.join(HOME_FILE).exists(), "belongs to a building"), (lock.is_sealed(), "is sealed with it")];
        if let Some((_, why)) = in_use.iter().find(|(is_so, _)| *is_so && !path.exists()) {
            return Err(trouble(io::Error::new(io::ErrorKind::NotFound, format!("it is gone, and the folder {why}"))));
        }
        // Under the store's lock: two that start at once must not both make a key.
        let kept = keys.read_or_make(&path)?;
        let seal = StoreKey::of_secret(&Zeroizing::new(kept.key.seed()));
        // A lost store says nothing about its key; the genesis beside it does.
        if !lock.is_sealed()
            && let Err(error) = PrivateFile::at(data, HOME_FILE, &seal).read()
        {
            return Err(trouble(error));
        }
        let opened = lock.open(&seal)?;
        if let Err(error) = durable::close_to_others(data, &path) {
            tracing::warn!(%error, "the data folder could not be closed to other users");
        }
        let keeper = Self {
            store: Some(Arc::new(opened.store)),
            data: data.to_owned(),
            kept,
            seal,
            reserve: Reserve::at(data.join(RESERVE_FILE)),
            doubt: opened.aside.is_some(),
            aside: opened.aside,
        };
        keeper.seal_genesis();
        Ok(keeper)
    }

    pub(crate) fn key(&self) -> &DeviceKey {
        &self.kept.key
    }

    pub(crate) fn key_kept(&self) -> KeyPlace {
        self.kept.place
    }

    pub(crate) fn seal(&self) -> &StoreKey {
        &self.seal
    }

    /// Gives a small file of the data folder, sealed as the store is.
    pub(crate) fn private_file(&self, name: &'static str) -> PrivateFile {
        PrivateFile::at(&self.data, name, &self.seal)
    }

    /// Gives the building of this folder, as the genesis beside the store says.
    pub(crate) fn building(&self) -> Option<BuildingId> {
        genesis_in(&self.private_file(HOME_FILE)).map(|genesis| BuildingId(genesis.hash()))
    }

    /// Makes a batch durable. A store whose commit has failed is let go, and opened again with the room of the reserve.
    pub(crate) fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        // Without the reserve the store could not be opened again: then nothing is written until there is room.
        self.reserve.keep()?;
        let Some(store) = &self.store else {
            return Err(StoreError::Corrupt { what: "the store did not open again".into() });
        };
        let committed = store.commit(batch);
        match &committed {
            Ok(()) => self.doubt = false,
            Err(error) => {
                self.store = None;
                if matches!(error, StoreError::Full) {
                    self.reserve.spend();
                }
            }
        }
        committed
    }

    /// Opens a node on the store, and the store before if it was let go. Every start goes this way, so that a store that
    /// is put aside is never taken for one that was always empty.
    pub(crate) fn open_node(&mut self) -> Result<Node, StoreError> {
        let store = match &self.store {
            Some(store) => Arc::clone(store),
            None => {
                let opened = SledStore::open(&self.data.join(STORE_FOLDER), &self.seal)?;
                self.doubt |= opened.aside.is_some();
                self.aside = opened.aside.or(self.aside.take());
                Arc::clone(self.store.insert(Arc::new(opened.store)))
            }
        };
        // A genesis without a store: the store was lost or taken away, and what this device signed may be out there.
        let genesis = self.private_file(HOME_FILE).read().unwrap_or_else(|error| {
            tracing::warn!(%error, "which building this is cannot be read beside the store");
            None
        });
        let past = Past { doubt: self.doubt, aside: self.aside.clone(), genesis };
        let mut seed = [0; 32];
        rand::fill(&mut seed);
        let node = Node::open(store, self.kept.key.clone(), ChaCha20Rng::from_seed(seed), now(), past);
        if node.is_err() {
            // A store that could not be read answers nothing more until it is opened again.
            self.store = None;
        }
        node
    }

    /// Keeps the genesis beside the store; written anew only when it differs.
    pub(crate) fn keep_genesis(&self, genesis: &[u8]) -> io::Result<()> {
        let file = self.private_file(HOME_FILE);
        if !file.lies_open() && file.read().is_ok_and(|kept| kept.as_deref() == Some(genesis)) {
            return Ok(());
        }
        file.replace(genesis)
    }

    /// Seals the genesis that an earlier version has left open. What cannot be sealed today is tried at the next start.
    fn seal_genesis(&self) {
        let file = self.private_file(HOME_FILE);
        if !file.lies_open() {
            return;
        }
        let sealed = file.read().and_then(|genesis| genesis.map_or(Ok(()), |genesis| file.replace(&genesis)));
        if let Err(error) = sealed {
            tracing::warn!(%error, "the genesis beside the store is not sealed yet");
        }
    }

    #[cfg(test)]
    pub(crate) fn let_go(&mut self) {
        self.store = None;
    }

    /// Closes the store in order. Nobody else may hold it any more.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        match self.store.map(Arc::try_unwrap) {
            Some(Ok(store)) => store.close(),
            _ => Ok(()),
        }
    }
}

/// Gives the building of a data folder and its name, as the genesis beside the store says, without opening anything; `None`
/// when there is none that can be believed, or when the key that it was sealed with does not lie in the folder.
pub fn building_beside(data: &Path) -> Option<(BuildingId, String)> {
    let seed = crate::keys::seed_in(&data.join(KEY_FILE))?;
    let seal = StoreKey::of_secret(&seed);
    let genesis = genesis_in(&PrivateFile::at(data, HOME_FILE, &seal))?;
    Some((BuildingId(genesis.hash()), genesis.value().name.clone()))
}

/// Reads the genesis beside a store, if there is one that can be believed.
fn genesis_in(file: &PrivateFile) -> Option<Verified<Genesis>> {
    Signed::<Genesis>::from_bytes(&file.read().ok()??).and_then(Signed::verify).ok()
}

/// Whether a folder has anything of a device: its key, its store or its building.
pub fn is_data_folder(data: &Path) -> bool {
    [KEY_FILE, STORE_FOLDER, HOME_FILE].iter().any(|name| data.join(name).exists())
}

/// Room on the disk that is given up when the disk is full, so that reading goes on.
struct Reserve {
    path: PathBuf,
    kept: bool,
}

impl Reserve {
    fn at(path: PathBuf) -> Self {
        Self { path, kept: false }
    }

    /// Keeps the room, or says that there is none.
    fn keep(&mut self) -> Result<(), StoreError> {
        if self.kept {
            return Ok(());
        }
        let there = std::fs::metadata(&self.path).is_ok_and(|file| file.len() == RESERVE_BYTES as u64);
        if !there && std::fs::write(&self.path, vec![0x5a; RESERVE_BYTES]).is_err() {
            self.spend();
            return Err(StoreError::Full);
        }
        self.kept = true;
        Ok(())
    }

    fn spend(&mut self) {
        self.kept = false;
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "the reserve could not be given up");
        }
    }
}

#[cfg(test)]
mod tests;
