//! What vouches for the changes of a document.

use kaifong_domain::{BuildingId, DeviceId, MemberId};
use serde::{Deserialize, Serialize};

use crate::signed::Signable;

/// A device vouches for its actor's changes to one document up to this one; through the hash chain for all earlier
/// changes of that actor, and for no other actor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The building.
    pub building: BuildingId,
    /// Whose document.
    pub document: MemberId,
    /// The actor: device key and 8 random bytes.
    pub actor: ActorKey,
    /// The actor's last change: its Automerge sequence number, from 1.
    pub seq: u64,
    /// Its Automerge hash.
    pub change: [u8; 32],
}

impl Signable for Head {
    const CONTEXT: &'static str = "kaifong 1 document head";
    const SIZE_BYTES_MAX: usize = 256;
}

/// An Automerge actor: a device and 8 random bytes, drawn when the store is created and anew after any doubt about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActorKey {
    /// The device.
    pub device: DeviceId,
    /// Random.
    pub nonce: [u8; 8],
}

impl ActorKey {
    /// Gives the 40 bytes that Automerge knows the actor by.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.device.0.as_slice(), self.nonce.as_slice()].concat()
    }

    /// Reads the 40 bytes back; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (device, nonce) = bytes.split_at_checked(32)?;
        Some(Self { device: device.try_into().ok()?, nonce: nonce.try_into().ok()? })
    }
}
