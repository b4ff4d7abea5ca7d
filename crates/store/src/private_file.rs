//! Small files beside the store, sealed with the store's key.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{StoreKey, durable, seal::Place};

/// What a sealed file begins with. A file that begins otherwise was written before files were sealed.
const HEAD: &[u8] = b"kaifong-sealed 1\n";

/// A small file of the data folder that only this device can read and make.
#[derive(Clone, Debug)]
pub struct PrivateFile {
    path: PathBuf,
    name: &'static str,
    key: StoreKey,
}

impl PrivateFile {
    /// Names a file in a folder; nothing is touched yet.
    pub fn at(folder: &Path, name: &'static str, key: &StoreKey) -> Self {
        Self { path: folder.join(name), name, key: key.clone() }
    }

    /// Gives where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what was last put there; `None` when there is no file. What an earlier version has left unsealed is read as
    /// it is, until it is next replaced.
    ///
    /// # Errors
    /// Those of the operating system; `InvalidData` for a file that is damaged, that another key has sealed, or that was
    /// another file.
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => self.unseal(bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the file is there and lies open, as earlier versions have left it.
    pub fn lies_open(&self) -> bool {
        fs::read(&self.path).is_ok_and(|bytes| !bytes.starts_with(HEAD))
    }

    /// Replaces the file: after a power cut it has the old bytes or the new ones, never a part.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        let sealed = self.key.seal(Place::File(self.name), bytes).map_err(io::Error::other)?;
        durable::replace_private_file(&self.path, &[HEAD, &sealed].concat())
    }

    fn unseal(&self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let Some(sealed) = bytes.strip_prefix(HEAD) else { return Ok(bytes) };
        self.key.open(Place::File(self.name), sealed).ok_or_else(|| {
            let why = format!("{} is damaged, or was sealed with another key", self.name);
            io::Error::new(io::ErrorKind::InvalidData, why)
        })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn key(of: u8) -> StoreKey {
        StoreKey::of_secret(&[of; 32])
    }

    #[test]
    fn a_file_comes_back_to_its_own_device_and_shows_nothing() {
        let home = TempDir::new().unwrap();
        let file = PrivateFile::at(home.path(), "building", &key(1));
        assert_eq!(file.read().unwrap(), None);
        file.replace("榕荫里".as_bytes()).unwrap();
        assert_eq!(file.read().unwrap().unwrap(), "榕荫里".as_bytes());
        let raw = fs::read(home.path().join("building")).unwrap();
        assert!(!raw.windows(3).any(|bytes| bytes == "榕".as_bytes()) && !file.lies_open());
        let other = PrivateFile::at(home.path(), "building", &key(2)).read().unwrap_err();
        assert_eq!(other.kind(), io::ErrorKind::InvalidData);
        fs::copy(home.path().join("building"), home.path().join("notices")).unwrap();
        assert!(PrivateFile::at(home.path(), "notices", &key(1)).read().is_err(), "a file is no other file");
    }

    #[test]
    fn what_an_earlier_version_left_open_is_read_and_then_sealed() {
        let home = TempDir::new().unwrap();
        fs::write(home.path().join("building"), "榕荫里").unwrap();
        let file = PrivateFile::at(home.path(), "building", &key(1));
        assert!(file.lies_open());
        let bytes = file.read().unwrap().unwrap();
        assert_eq!(bytes, "榕荫里".as_bytes());
        file.replace(&bytes).unwrap();
        assert!(!file.lies_open());
        assert_eq!(file.read().unwrap().unwrap(), "榕荫里".as_bytes());
    }

    #[test]
    fn a_damaged_file_is_told_wherever_the_damage_is() {
        let home = TempDir::new().unwrap();
        let file = PrivateFile::at(home.path(), "building", &key(1));
        file.replace(b"a genesis").unwrap();
        let raw = fs::read(home.path().join("building")).unwrap();
        for at in HEAD.len()..raw.len() {
            let mut bent = raw.clone();
            bent[at] ^= 1;
            fs::write(home.path().join("building"), bent).unwrap();
            assert_eq!(file.read().unwrap_err().kind(), io::ErrorKind::InvalidData, "byte {at}");
            fs::write(home.path().join("building"), &raw[..at]).unwrap();
            assert_eq!(file.read().unwrap_err().kind(), io::ErrorKind::InvalidData, "cut at {at}");
        }
    }
}
