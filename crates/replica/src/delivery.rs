//! What travels between replicas: some of a document, with what vouches for it.

use kaifong_domain::MemberId;
use kaifong_trust::Signed;
use kaifong_trust::entry::Head;
use serde::{Deserialize, Serialize};

use crate::fork::{ForkProof, Voucher};

/// Some of one document. Nothing in it is believed before [`crate::Document::judge`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Whose document.
    pub document: MemberId,
    /// The changes.
    pub content: Content,
    /// The newest signed head of every actor that has changes in the content.
    pub heads: Vec<Signed<Head>>,
    /// What stands in for a head that a cut took away, and the proof of that cut; almost always empty.
    pub aftermath: Aftermath,
}

/// How the changes are packed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Automerge change chunks, each uncompressed, in any order.
    Changes(Vec<Vec<u8>>),
    /// One Automerge document chunk, its columns compressed or not.
    Snapshot(Vec<u8>),
}

/// What a fork has left behind: everything that a newcomer needs to believe the rest of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aftermath {
    /// The proofs of the cuts.
    pub forks: Vec<ForkProof>,
    /// For actors whose signed head was cut away: that head, and the way from it down to what remains.
    pub vouchers: Vec<Voucher>,
}

impl Delivery {
    /// Gives the size in bytes of the content, for progress and for limits.
    pub fn size_bytes(&self) -> usize {
        match &self.content {
            Content::Changes(changes) => changes.iter().map(Vec::len).sum(),
            Content::Snapshot(bytes) => bytes.len(),
        }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changes(changes) => write!(f, "Changes({})", changes.len()),
            Self::Snapshot(bytes) => write!(f, "Snapshot({} bytes)", bytes.len()),
        }
    }
}
