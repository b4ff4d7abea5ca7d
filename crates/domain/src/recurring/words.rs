//! The private part of the terms: what, where and at which hours. It travels in envelopes, and the terms carry its salted hash.

use serde::{Deserialize, Serialize};

use crate::{Refusal, text};

/// The most characters of what it is about.
pub const WHAT_CHARS_MAX: usize = 60;
/// The most characters of where.
pub const PLACE_CHARS_MAX: usize = 60;
/// The most characters of what else is to be known.
pub const NOTE_CHARS_MAX: usize = 500;
/// The end of a day, in minutes since its beginning.
pub const HOURS_END_MAX: u16 = 24 * 60;

/// A salted hash of [`Words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Commitment(pub [u8; 32]);

/// What only the two know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What is done, 1 to 60 characters.
    pub what: String,
    /// Where, at most 60 characters; may be empty.
    pub place: String,
    /// From when on, in minutes since the beginning of the day.
    pub from_min: u16,
    /// Until when; at most 24 hours.
    pub to_min: u16,
    /// What else is to be known, at most 500 characters; may be empty.
    pub note: String,
    /// Drawn at random, so that nobody can guess the words from their hash.
    pub salt: [u8; 16],
}

impl Words {
    /// Checks what, where, the hours and the note, in this order.
    ///
    /// # Errors
    /// As [`text::line`]; [`Refusal::OutOfRange`] where it does not end after it begins.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("what", &self.what, WHAT_CHARS_MAX, false)?;
        text::line("place", &self.place, PLACE_CHARS_MAX, true)?;
        if self.from_min >= self.to_min || self.to_min > HOURS_END_MAX {
            let (least, most) = (i64::from(self.from_min) + 1, HOURS_END_MAX.into());
            return Err(Refusal::OutOfRange { field: "to_min", least, most });
        }
        text::prose("note", &self.note, NOTE_CHARS_MAX, true)
    }

    /// Gives what the terms carry of them.
    pub fn commitment(&self) -> Commitment {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 words of recurring help");
        hasher.update(&self.salt).update(&self.from_min.to_le_bytes()).update(&self.to_min.to_le_bytes());
        for text in [&self.what, &self.place, &self.note] {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        Commitment(*hasher.finalize().as_bytes())
    }
}
