//! Two branches of one actor, as portable proof.

use kaifong_domain::{BuildingId, MemberId};
use kaifong_trust::Signed;
use kaifong_trust::entry::{ActorKey, Head};
use serde::{Deserialize, Serialize};

use crate::{GateRefusal, Owners};

/// A signed head and the way from it down through the changes it builds on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    pub(crate) head: Signed<Head>,
    pub(crate) way: Vec<Vec<u8>>,
}

/// Two changes with one actor and seq, both vouched for by the actor's device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkProof {
    pub(crate) building: BuildingId,
    pub(crate) document: MemberId,
    pub(crate) actor: ActorKey,
    pub(crate) seq: u64,
    pub(crate) branches: [Voucher; 2],
}

/// A proof that was verified in this process.
#[derive(Clone, Debug)]
pub struct VerifiedFork(pub(crate) ForkProof);

impl ForkProof {
    /// Checks both branches and the signatures over them.
    ///
    /// # Errors
    /// The first rule that the proof breaks.
    pub fn verify(&self, _building: &BuildingId, _owners: &dyn Owners) -> Result<VerifiedFork, GateRefusal> {
        Err(GateRefusal::BadProof)
    }

    /// Names the document.
    pub fn document(&self) -> MemberId {
        self.document
    }

    /// Gives the id of the fork: the hash of where it is, the same for every proof of it.
    pub fn id(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 document fork");
        hasher.update(&self.building.0).update(&self.document.0);
        hasher.update(&self.actor.device.0).update(&self.actor.nonce).update(&self.seq.to_le_bytes());
        *hasher.finalize().as_bytes()
    }
}
