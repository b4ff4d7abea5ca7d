//! What is signed at the desk for people without a phone.

use kaifong_domain::{EntryHash, MemberId};
use serde::{Deserialize, Serialize};

/// A desk's word on who has helped with an act in a journal that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assist {
    /// The act.
    pub entry: EntryHash,
    /// The volunteer.
    pub volunteer: MemberId,
}
