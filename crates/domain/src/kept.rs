//! What is said of a thing beside its words: who has bought it together, where it lies, and at which stocktakes it was found.
//!
//! A thing stands in the document of one member, its keeper, whose devices alone give turns with it. The keeper names those who
//! own it, too; each of them says so in their own document ([`Owning`]), and only who is named and has said so owns it
//! ([`Commons::shares`](crate::commons::Commons::shares)). So nobody becomes an owner by somebody else's word, and nobody makes
//! themselves the owner of what is another's.

use serde::{Deserialize, Serialize};

use crate::record::NAME_CHARS_MAX;
use crate::{Instant, ListingId, MemberId, Refusal, StocktakeId, text};

/// The most members that can be named as owners beside the keeper.
pub const OWNERS_MAX: usize = 11;
/// The most characters of where a thing lies.
pub const SHELF_CHARS_MAX: usize = 30;
/// The most things that are found at one stocktake.
pub const FOUND_MAX: usize = 500;
/// How many things of others one member can say to own.
pub const OWNED_MAX: usize = 100;

/// What its keeper says of a thing; nothing of anything else.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Who owns it beside its keeper, in order of member, each once; at most [`OWNERS_MAX`].
    pub owners: Vec<MemberId>,
    /// Where it lies, 1 to 30 characters: `A 架 3 层`.
    pub shelf: Option<String>,
}

/// What was found where things are kept; in their keeper's document, and shown as their words. One record for all that was
/// found: a word in each listing would fill a share-room's document within two years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stocktake {
    /// Its id.
    pub id: StocktakeId,
    /// When, as the device claims.
    pub at: Instant,
    /// Who looked, 1 to 30 characters.
    pub by: String,
    /// Which listings were found, in order of id, each once; 1 to [`FOUND_MAX`].
    pub found: Vec<ListingId>,
}

/// When a thing was last found, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When, as the device claims.
    pub at: Instant,
    /// At which stocktake; of several with one instant the greatest.
    pub stocktake: StocktakeId,
    /// Who looked.
    pub by: String,
}

/// That a member owns a thing together with its keeper, or does not; in the member's own document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owning {
    /// The thing; a member has at most one such record for it.
    pub listing: ListingId,
    /// In whose document the thing stands.
    pub keeper: MemberId,
    /// Since when, as the device claims.
    pub at: Instant,
    /// When they said that they do not, or do no longer, if so.
    pub left_at: Option<Instant>,
}

/// How somebody who is named as an owner stands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// They are named and have said so.
    Owns,
    /// They are named and have not said anything.
    Asked,
    /// They are named and have said that they do not, or do no longer.
    Not,
}

impl Kept {
    /// Checks how many own it, then where it lies.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.owners.len() > OWNERS_MAX {
            return Err(Refusal::OutOfRange { field: "owners", least: 0, most: OWNERS_MAX as i64 });
        }
        self.shelf.as_ref().map_or(Ok(()), |shelf| text::line("shelf", shelf, SHELF_CHARS_MAX, false))
    }

    /// Brings the owners into the order in which they are written, each once.
    pub fn of(mut owners: Vec<MemberId>, shelf: Option<String>) -> Self {
        owners.sort_unstable();
        owners.dedup();
        Self { owners, shelf }
    }
}

impl Stocktake {
    /// Checks the name of who looked, then how many were found.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("finder", &self.by, NAME_CHARS_MAX, false)?;
        if !(1..=FOUND_MAX).contains(&self.found.len()) {
            return Err(Refusal::OutOfRange { field: "found", least: 1, most: FOUND_MAX as i64 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_refusal_of_what_is_said_of_a_thing_is_the_one_told() {
        let owners = |n: u8| (0..n).map(|n| MemberId([n; 16])).collect::<Vec<_>>();
        assert_eq!(Kept::of(owners(11), Some("A 架 3 层".into())).check(), Ok(()));
        let all = Kept::of(owners(12), Some(String::new()));
        assert_eq!(all.check(), Err(Refusal::OutOfRange { field: "owners", least: 0, most: 11 }));
        let shelf = Kept::of(owners(1), Some("架".repeat(31)));
        assert_eq!(shelf.check(), Err(Refusal::TextTooLong { field: "shelf", found: 31, most: 30 }));
        let stocktake = |by: &str, found| {
            let (id, at) = (StocktakeId([1; 16]), Instant(1));
            Stocktake { id, at, by: by.into(), found: vec![ListingId([1; 16]); found] }.check()
        };
        assert_eq!(stocktake("何姨", 500), Ok(()));
        assert_eq!(stocktake(" ", 0), Err(Refusal::TextEmpty { field: "finder" }));
        let out = Err(Refusal::OutOfRange { field: "found", least: 1, most: 500 });
        assert_eq!((stocktake("何姨", 0), stocktake("何姨", 501)), (out.clone(), out));
    }

    #[test]
    fn whoever_is_named_twice_owns_it_once() {
        let (a, b) = (MemberId([1; 16]), MemberId([2; 16]));
        assert_eq!(Kept::of(vec![b, a, b], None).owners, [a, b]);
    }
}
