//! What of the lock lies on the disk: sealed like all small files, a copy in the folder of each building.

use std::io;

use blake3::{Hash, Hasher};
use kaifong_node::store::PrivateFile;
use serde::{Deserialize, Serialize};

/// What is kept in each home's folder.
pub(crate) const KEPT_NAME: &str = "screen-lock";

/// What outlives the process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Grows with each change: of several copies the one with the greatest is right.
    pub(crate) turn: u64,
    /// What the PIN is known by; `None` when none is set.
    pub(crate) pin: Option<Digest>,
    /// How long an untouched screen stays open, in minutes; 0: until it is told to shut.
    pub(crate) idle_min: u32,
    /// How many wrong PINs came since the last right one.
    pub(crate) wrong: u32,
    /// When the last of them came, in milliseconds since 1970.
    pub(crate) wrong_at_ms: u64,
}

impl Kept {
    /// Gives how long an untouched screen stays open, in milliseconds.
    pub(crate) fn idle_ms(&self) -> u64 {
        u64::from(self.idle_min) * 60_000
    }

    /// Reads a home's copy; `None` when there is none.
    ///
    /// # Errors
    /// Those of the operating system, and `InvalidData` for what is damaged.
    pub(crate) fn read(file: &PrivateFile) -> io::Result<Option<Self>> {
        let Some(text) = file.read()? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(io::Error::from)
    }

    /// Writes a home's copy. Blocks on the disk.
    ///
    /// # Errors
    /// Those of the operating system.
    pub(crate) fn write(&self, file: &PrivateFile) -> io::Result<()> {
        file.replace(&serde_json::to_vec(self)?)
    }
}

/// What a PIN is known by. So few digits are soon tried by whoever can open the file; that it is sealed protects them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    salt: [u8; 32],
    hash: [u8; 32],
}

impl Digest {
    /// Makes it, with a salt of its own.
    pub(crate) fn of(pin: &str) -> Self {
        let mut salt = [0_u8; 32];
        rand::fill(&mut salt);
        Self { salt, hash: *salted(&salt, pin).as_bytes() }
    }

    /// Whether this is the PIN. Hashes compare in constant time.
    pub(crate) fn is_of(&self, pin: &str) -> bool {
        salted(&self.salt, pin) == Hash::from_bytes(self.hash)
    }
}

fn salted(salt: &[u8; 32], pin: &str) -> Hash {
    Hasher::new_keyed(salt).update(pin.as_bytes()).finalize()
}
