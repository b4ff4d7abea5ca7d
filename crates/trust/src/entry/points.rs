//! What is signed about points.

use kaifong_domain::{EntryHash, JournalId, Points, ReasonId};
use serde::{Deserialize, Serialize};

/// Points on their way to another journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The payee's journal, which alone can accept.
    pub to: JournalId,
    /// How many. Without any, or with more than there can be, it has no effect.
    pub points: Points,
    /// What for; one journal accepts one reason once.
    pub reason: Option<ReasonId>,
}

/// What a witness recomputed of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The journal.
    pub journal: JournalId,
    /// The entry's place.
    pub seq: u64,
    /// The entry.
    pub hash: EntryHash,
    /// What the journal may still spend after that entry, in points; counts as given.
    pub rights: i64,
}
