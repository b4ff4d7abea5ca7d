//! What is signed about the points that a closed device has left behind.

use kaifong_domain::{EntryHash, JournalId};
use serde::{Deserialize, Serialize};

/// A reviewer's word that a journal is closed, and which one goes on in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Succession {
    /// The last entry of the closed journal that its member answers for; which journal that is, it says itself.
    pub last: EntryHash,
    /// The journal of the same member that goes on.
    pub successor: JournalId,
    /// The first reviewer's entry, in the second one's.
    pub seconds: Option<EntryHash>,
}
