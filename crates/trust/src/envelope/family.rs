//! Letters about recurring help, children who are collected, and visits at home.

use kaifong_domain::recurring::{Day, Pass, Words};
use kaifong_domain::{BuildingId, DealId, Instant, MemberId, PassId, Refusal};
use serde::{Deserialize, Serialize};

use crate::invite::{ALPHABET, as_typed};

/// How many characters a pass's code has: 40 bits.
const CODE_CHARS: usize = 8;

/// A letter about help that concerns a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FamilyLetter {
    /// The private words of an arrangement; to the devices of both.
    Words(Words),
    /// A guardian says who may collect a child; to those who are named, and to further devices of the guardian's own.
    Pass(Pass),
    /// The guardian revokes it; to the same.
    Revoke(PassId),
    /// Who is named ticks that a child came or left; to the guardian, and to the others who are named.
    Tick {
        /// Whose authorisation.
        guardian: MemberId,
        /// Which.
        pass: PassId,
        /// Of which day.
        day: Day,
        /// Whether the child left; else they came.
        left: bool,
        /// When.
        at: Instant,
    },
    /// The host of a deal says when the other one comes to their home; to that one, and to a member of the family who looks on.
    Visit(VisitPlan),
    /// Who comes says that they are there, or have gone; to the host and who looks on.
    Visited {
        /// The deal.
        deal: DealId,
        /// Of which plan.
        round: u64,
        /// Whether they have gone; else they are there.
        left: bool,
        /// When.
        at: Instant,
    },
}

/// When somebody comes to somebody's home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPlan {
    /// The deal.
    pub deal: DealId,
    /// Which of the host's plans for it: greater than those that the device knew and than its clock's milliseconds; the greatest stands, however they arrive.
    pub round: u64,
    /// Who comes.
    pub visitor: MemberId,
    /// Who of the family looks on.
    pub watcher: Option<MemberId>,
    /// From when on.
    pub from: Instant,
    /// Until when, at the latest.
    pub until: Instant,
}

impl FamilyLetter {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Words(words) => words.check(),
            Self::Pass(pass) => pass.check(),
            Self::Visit(plan) if plan.until <= plan.from => {
                let least = i64::try_from(plan.from.0).unwrap_or(i64::MAX);
                Err(Refusal::OutOfRange { field: "until", least, most: i64::MAX })
            }
            Self::Revoke(_) | Self::Tick { .. } | Self::Visit(_) | Self::Visited { .. } => Ok(()),
        }
    }
}

/// Gives the code of an authorisation, written `ABCD-EFGH`. Its id is random and known to those who are named alone, so nobody
/// else can show it.
pub fn pass_code(building: &BuildingId, guardian: &MemberId, pass: &PassId) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 code of a pass");
    hasher.update(&building.0).update(&guardian.0).update(&pass.0);
    let mut bytes = [0; CODE_CHARS];
    hasher.finalize_xof().fill(&mut bytes);
    let pick = |byte: &u8| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
    let (first, second) = bytes.split_at(CODE_CHARS / 2);
    format!("{}-{}", first.iter().map(pick).collect::<String>(), second.iter().map(pick).collect::<String>())
}

/// Reads a code as people type it: any case, with or without dashes and blanks, O for 0, I or L for 1. `None` for anything else.
pub fn code_as_typed(text: &str) -> Option<String> {
    as_typed(text).filter(|code| code.len() == CODE_CHARS)
}
