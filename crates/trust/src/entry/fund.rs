//! What is signed about the community fund.

use std::collections::BTreeSet;

use kaifong_domain::fund::Purpose;
use kaifong_domain::{EntryHash, JournalId, MemberId, Points, ReasonId};
use serde::{Deserialize, Serialize};

use super::broken;
use crate::signed::Distrust;

/// How many grants one list lays before a second person.
pub const LIST_MAX: usize = 200;

/// The nonce of the fund journal that a treasurer's device opens first, so that an epoch can give it a figure before it was
/// opened.
pub const FUND_NONCE: u64 = 2;

/// What the fund gives to whom, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Terms {
    /// The payee's journal, which alone can accept.
    pub to: JournalId,
    /// The payee.
    pub member: MemberId,
    /// How many.
    pub points: Points,
    /// What for.
    pub purpose: Purpose,
}

impl Terms {
    /// Gives the reason that the payee's journal accepts once.
    pub fn reason(&self) -> ReasonId {
        self.purpose.reason(&self.member)
    }
}

/// Points of the community fund on their way to a member; in a fund journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What is given.
    pub terms: Terms,
    /// A second person's word for a list of this journal with these terms, where one is needed.
    pub second: Option<EntryHash>,
}

/// Grants that a treasurer lays before a second person; in a fund journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantList {
    /// Each member and occasion once; from 1 to [`LIST_MAX`].
    pub terms: Vec<Terms>,
}

impl GrantList {
    pub(super) fn check(&self) -> Result<(), Distrust> {
        let reasons: BTreeSet<ReasonId> = self.terms.iter().map(Terms::reason).collect();
        if self.terms.is_empty() || self.terms.len() > LIST_MAX || reasons.len() != self.terms.len() {
            return broken("a list has from 1 to 200 grants, of each member and occasion one");
        }
        Ok(())
    }
}
