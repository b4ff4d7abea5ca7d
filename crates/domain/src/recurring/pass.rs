//! Who may collect a child, or look after it: what its guardian says, in an envelope to those who are named. Never in the replica.

use serde::{Deserialize, Serialize};

use super::{Day, PLACE_CHARS_MAX};
use crate::fund::DAY_MAX;
use crate::{MemberId, PassId, Refusal, text};

/// The most characters of what a child is called there.
pub const CHILD_CHARS_MAX: usize = 20;
/// How many can be named in one authorisation.
pub const HOLDERS_MAX: usize = 4;

/// What those who are named may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PassKind {
    /// 接送: collect the child.
    Collect,
    /// 托管: look after the child together with others; this is the guardian's consent.
    Care,
}

/// An authorisation as its guardian has given it. Nothing alters it; it can be revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Which.
    pub id: PassId,
    /// What for.
    pub kind: PassKind,
    /// What the child is called, 1 to 20 characters: a first name or a nickname.
    pub child: String,
    /// Who may, 1 to [`HOLDERS_MAX`] members, ascending.
    pub holders: Vec<MemberId>,
    /// Where, at most 60 characters; may be empty.
    pub place: String,
    /// What else is to be known (allergies, a number to call), at most 200 characters; may be empty.
    pub note: String,
    /// On which days of the week, as in [`super::RecurringTerms::weekdays`].
    pub weekdays: u8,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// The most characters of the note.
pub const PASS_NOTE_CHARS_MAX: usize = 200;

impl Pass {
    /// Checks the child, who may, the place, the note and the days, in this order.
    ///
    /// # Errors
    /// As [`text::line`]; [`Refusal::OutOfRange`].
    pub fn check(&self) -> Result<(), Refusal> {
        let within = |field, found: i64, least: i64, most: i64| {
            if (least..=most).contains(&found) { Ok(()) } else { Err(Refusal::OutOfRange { field, least, most }) }
        };
        text::line("child", &self.child, CHILD_CHARS_MAX, false)?;
        let bound = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let named = if self.holders.is_sorted_by(|one, next| one < next) { self.holders.len() } else { 0 };
        within("holders", bound(named), 1, bound(HOLDERS_MAX))?;
        text::line("place", &self.place, PLACE_CHARS_MAX, true)?;
        text::prose("note", &self.note, PASS_NOTE_CHARS_MAX, true)?;
        within("weekdays", self.weekdays.into(), 1, 127)?;
        within("last", self.last.into(), self.first.into(), DAY_MAX.into())
    }

    /// Tells whether it is good on a day: why not, by a name.
    ///
    /// # Errors
    /// `to-come`, `past` or `other-day`.
    pub fn is_good_on(&self, day: Day) -> Result<(), &'static str> {
        match () {
            () if day < self.first => Err("to-come"),
            () if day > self.last => Err("past"),
            () if self.weekdays & (1 << (day.wrapping_add(3) % 7)) == 0 => Err("other-day"),
            () => Ok(()),
        }
    }
}
