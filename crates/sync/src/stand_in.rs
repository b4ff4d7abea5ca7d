//! Stands in for `kaifong_replica`'s types until they are there.

use kaifong_domain::MemberId;
use kaifong_trust::Signed;
use kaifong_trust::entry::{Entry, Head};
use serde::{Deserialize, Serialize};

/// Content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Changes.
    Changes(Vec<Vec<u8>>),
    /// Snapshot.
    Snapshot(Vec<u8>),
}

/// Delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Whose document.
    pub document: MemberId,
    /// What.
    pub content: Content,
    /// Who vouches.
    pub heads: Vec<Signed<Head>>,
}

/// ForkProof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkProof {
    /// One.
    pub one: Signed<Entry>,
    /// The other.
    pub other: Signed<Entry>,
}
