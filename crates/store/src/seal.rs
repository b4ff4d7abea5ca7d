//! Sealing: what the disk gets to see of a value, and of a small file beside the store.
//!
//! XChaCha20-Poly1305 with a nonce of 192 random bits for each sealing: drawn that large, nonces need no counter that a
//! restored backup could set back. What is sealed is bound to its place (space and key, or a file's name), so that it
//! opens nowhere else. Sealing hides no length, no name and no age: an older sealing of the same place opens as well.

use std::{fmt, io, sync::Arc};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use crate::StoreError;

/// What a sealing adds to what it holds, in bytes: the nonce ahead of it and the tag behind it.
pub(crate) const SEALING_BYTES: usize = NONCE_BYTES + 16;
const NONCE_BYTES: usize = 24;

const SEALING_CONTEXT: &str = "kaifong 2026 store: sealing at rest";
const MARK_CONTEXT: &str = "kaifong 2026 store: mark of a sealing key";

/// Where something sealed lies. The number ahead keeps the kinds apart: none can be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// Under a key of the one tree: the space's byte and the key.
    Tree(&'a [u8]),
    /// In a file of its own, by its name.
    File(&'a str),
}

impl Place<'_> {
    fn bytes(self) -> Vec<u8> {
        let (kind, name) = match self {
            Place::Tree(key) => (1, key),
            Place::File(name) => (2, name.as_bytes()),
        };
        [&[kind], name].concat()
    }
}

/// Seals what lies on the disk. Whoever has the secret that it is made from has the same one.
#[derive(Clone)]
pub struct StoreKey {
    cipher: XChaCha20Poly1305,
    mark: [u8; 16],
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreKey").finish_non_exhaustive()
    }
}

impl StoreKey {
    /// Derives the key from a secret of 32 random bytes, by BLAKE3 and a context of its own: it tells nothing of the
    /// secret, nor of anything else that is derived from it.
    pub fn of_secret(secret: &[u8; 32]) -> Self {
        let key = Zeroizing::new(blake3::derive_key(SEALING_CONTEXT, secret));
        let marked = Zeroizing::new(blake3::derive_key(MARK_CONTEXT, secret));
        let mut mark = [0; 16];
        mark.iter_mut().zip(marked.iter()).for_each(|(to, from)| *to = *from);
        Self { cipher: XChaCha20Poly1305::new(&(*key).into()), mark }
    }

    /// Gives what lies openly beside what this key has sealed, to tell a wrong key from damage. It opens nothing.
    pub(crate) fn mark(&self) -> [u8; 16] {
        self.mark
    }

    /// Seals bytes for a place, with [`SEALING_BYTES`] more than they are.
    ///
    /// # Errors
    /// [`StoreError::Io`] above 256 GiB, which the cipher does not take.
    pub(crate) fn seal(&self, place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        rand::fill(&mut nonce);
        let bound = place.bytes();
        let sealed = self.cipher.encrypt(&nonce.into(), Payload { msg: bytes, aad: &bound });
        let sealed = sealed.map_err(|_| StoreError::Io {
            what: "sealing a value",
            source: Arc::new(io::Error::from(io::ErrorKind::FileTooLarge)),
        })?;
        let mut whole = Vec::with_capacity(bytes.len() + SEALING_BYTES);
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        Ok(whole)
    }

    /// Opens what was sealed for a place; `None` for anything that this key has not sealed for it.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: &place.bytes() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(of: u8) -> StoreKey {
        StoreKey::of_secret(&[of; 32])
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place_with_its_key_and_nowhere_else(
            bytes: Vec<u8>, here: Vec<u8>, there: Vec<u8>, at: prop::sample::Index, bit in 0..8_u32,
        ) {
            let sealed = key(1).seal(Place::Tree(&here), &bytes).unwrap();
            prop_assert_eq!(sealed.len(), bytes.len() + SEALING_BYTES);
            prop_assert_eq!(key(1).open(Place::Tree(&here), &sealed), Some(bytes.clone()));
            prop_assert_eq!(key(2).open(Place::Tree(&here), &sealed), None);
            if here != there {
                prop_assert_eq!(key(1).open(Place::Tree(&there), &sealed), None);
            }
            let mut bent = sealed.clone();
            bent[at.index(sealed.len())] ^= 1 << bit;
            prop_assert_eq!(key(1).open(Place::Tree(&here), &bent), None);
            prop_assert_eq!(key(1).open(Place::Tree(&here), &sealed[..at.index(sealed.len())]), None);
            prop_assert_ne!(key(1).seal(Place::Tree(&here), &bytes).unwrap(), sealed, "no nonce comes twice");
        }
    }

    #[test]
    fn a_file_is_no_place_in_the_tree() {
        let sealed = key(1).seal(Place::File("building"), b"a genesis").unwrap();
        assert_eq!(key(1).open(Place::File("building"), &sealed).unwrap(), b"a genesis");
        assert_eq!(key(1).open(Place::File("notices"), &sealed), None);
        assert_eq!(key(1).open(Place::Tree(b"building"), &sealed), None);
    }

    #[test]
    fn a_mark_is_the_same_every_time_and_another_for_another_key() {
        assert_eq!(key(1).mark(), key(1).mark());
        assert_ne!(key(1).mark(), key(2).mark());
        assert!(!format!("{:?}", key(1)).contains(|letter: char| letter.is_ascii_digit()));
    }
}
