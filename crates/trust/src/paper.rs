//! Keys on paper: a recovery sheet, which brings a member back and closes what was lost; a seat of the council's, which lets
//! another phone speak for the seat; and the card of somebody without a phone, which uncovers the key that a desk keeps for them.
//!
//! The secret is 16 random bytes, written as ten groups of five digits. The fifth digit of each group checks the four
//! before it and the group's place, so that a slip is found where it was made. The key is derived from the bytes
//! and from what the paper is for: one sheet does one thing. The public half stands in the member's journal, the secret half
//! nowhere but on the paper.

use std::fmt;
use std::str::FromStr;

use kaifong_domain::check_digits::{after, typed_digits};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::signed::DeviceKey;

/// How many groups of digits a sheet has.
pub const GROUPS: usize = 10;
/// How many digits of a group carry the secret; one more checks them.
const DIGITS: usize = 4;
/// How often the cover of a kept key is hashed on.
const CARD_ROUNDS: u32 = 1 << 17;

/// The secret half of a key, as it stands on paper.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetSecret([u8; 16]);

/// Why digits are no sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASheet {
    /// There are not as many digits as on a sheet.
    #[error("a sheet has {wanted} digits, {found} were read")]
    Length {
        /// Digits found.
        found: usize,
        /// Digits on a sheet.
        wanted: usize,
    },
    /// A group's check digit does not fit.
    #[error("group {group} has a wrong digit")]
    Group {
        /// Which, from 1.
        group: usize,
    },
    /// All checks fit, and yet no sheet says this.
    #[error("no sheet says this")]
    Impossible,
}

impl SheetSecret {
    /// Draws a new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Gives the key of a seat of the council.
    pub fn seat_key(&self) -> DeviceKey {
        DeviceKey::from_seed(blake3::derive_key("kaifong 1 seat on paper", &self.0))
    }

    /// Gives the key of a recovery sheet, which signs claims.
    pub fn key(&self) -> DeviceKey {
        DeviceKey::from_seed(blake3::derive_key("kaifong 1 recovery sheet", &self.0))
    }
}

impl SheetSecret {
    /// Gives what a desk knows a card by that it has given out; it tells nothing of the secret.
    pub fn card_mark(&self) -> [u8; 16] {
        let mut mark = [0; 16];
        blake3::Hasher::new_derive_key("kaifong 1 mark of a card").update(&self.0).finalize_xof().fill(&mut mark);
        mark
    }

    /// Gives what covers the key that a desk keeps for whoever has the card: made of the card, of what the desk has drawn for
    /// it, and of the PIN, slowly, so that the few PINs that there are take a while to try. Each covers one key: where the
    /// PIN changes, the desk draws anew.
    pub fn card_cover(&self, drawn: &[u8; 32], pin: &str) -> [u8; 32] {
        let mut first = blake3::Hasher::new_derive_key("kaifong 1 cover of a kept key");
        first.update(&self.0).update(drawn).update(pin.as_bytes());
        let first = *first.finalize().as_bytes();
        (0..CARD_ROUNDS).fold(first, |key, _| *blake3::keyed_hash(&key, &first).as_bytes())
    }
}

impl fmt::Debug for SheetSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SheetSecret(…)")
    }
}

impl fmt::Display for SheetSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0width$}", u128::from_be_bytes(self.0), width = GROUPS * DIGITS);
        for (place, group) in digits.as_bytes().chunks(DIGITS).enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{}{}", String::from_utf8_lossy(group), check_digit(place, group))?;
        }
        Ok(())
    }
}

impl FromStr for SheetSecret {
    type Err = NotASheet;

    /// Reads the digits as people type them: with or without blanks and dashes, in full width or not.
    fn from_str(text: &str) -> Result<Self, NotASheet> {
        let wanted = GROUPS * (DIGITS + 1);
        // No honest paper is longer, however its groups are set apart.
        let digits: Vec<u8> = typed_digits(text, wanted).map(|digit| b'0' + digit).collect();
        if digits.len() != wanted {
            return Err(NotASheet::Length { found: digits.len(), wanted });
        }
        let mut value = 0_u128;
        for (place, group) in digits.chunks(DIGITS + 1).enumerate() {
            let Some((check, group)) = group.split_last() else { return Err(NotASheet::Impossible) };
            if check_digit(place, group) != char::from(*check) {
                return Err(NotASheet::Group { group: place + 1 });
            }
            for digit in group {
                let more = value.checked_mul(10).and_then(|value| value.checked_add(u128::from(digit - b'0')));
                value = more.ok_or(NotASheet::Impossible)?;
            }
        }
        Ok(Self(value.to_be_bytes()))
    }
}

/// Gives the digit that checks a group of digits in its place.
fn check_digit(place: usize, group: &[u8]) -> char {
    let start = after(0, u8::try_from(place % 10).unwrap_or_default());
    let last = group.iter().map(|digit| digit.saturating_sub(b'0')).fold(start, after);
    char::from(b'0' + last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    fn sheet(seed: u64) -> SheetSecret {
        SheetSecret::generate(&mut ChaCha8Rng::seed_from_u64(seed))
    }

    #[test]
    fn a_sheet_is_read_back_as_people_type_it() {
        for seed in 0..200 {
            let said = sheet(seed).to_string();
            assert_eq!(said.len(), 59, "{said}");
            assert_eq!(said.parse(), Ok(sheet(seed)));
            assert_eq!(said.replace(' ', "-").parse(), Ok(sheet(seed)));
            let wide = |c: char| char::from_u32(u32::from(c) - 0x30 + 0xFF10).unwrap();
            let wide: String = said.chars().filter(|c| *c != ' ').map(wide).collect();
            assert_eq!(wide.parse(), Ok(sheet(seed)));
        }
    }

    #[test]
    fn one_wrong_digit_and_two_that_changed_places_are_found_in_their_group() {
        let said: Vec<char> = sheet(1).to_string().chars().filter(|c| *c != ' ').collect();
        let read = |digits: &[char]| digits.iter().collect::<String>().parse::<SheetSecret>();
        for at in 0..said.len() {
            for digit in ('0'..='9').filter(|digit| *digit != said[at]) {
                let mut slip = said.clone();
                slip[at] = digit;
                assert_eq!(read(&slip), Err(NotASheet::Group { group: at / 5 + 1 }));
            }
            if at % 5 < 4 && said[at] != said[at + 1] {
                let mut slip = said.clone();
                slip.swap(at, at + 1);
                assert_eq!(read(&slip), Err(NotASheet::Group { group: at / 5 + 1 }));
            }
        }
    }

    #[test]
    fn two_groups_that_changed_places_are_found() {
        for seed in 0..50 {
            let said = sheet(seed).to_string();
            let mut groups: Vec<_> = said.split(' ').collect();
            if groups[2] != groups[3] {
                groups.swap(2, 3);
                assert!(matches!(groups.join(" ").parse::<SheetSecret>(), Err(NotASheet::Group { group: 3 })));
            }
        }
    }

    #[test]
    fn one_sheet_does_one_thing() {
        assert_ne!(sheet(1).key().id(), sheet(1).seat_key().id());
    }

    #[test]
    fn a_kept_key_is_covered_by_card_desk_and_pin_together() {
        let cover = sheet(1).card_cover(&[1; 32], "2580");
        assert_eq!(cover, sheet(1).card_cover(&[1; 32], "2580"));
        for other in [
            sheet(2).card_cover(&[1; 32], "2580"),
            sheet(1).card_cover(&[2; 32], "2580"),
            sheet(1).card_cover(&[1; 32], "2581"),
            sheet(1).card_cover(&[1; 32], "02580"),
        ] {
            assert_ne!(cover, other);
        }
        assert_ne!(sheet(1).card_mark(), sheet(2).card_mark());
    }

    #[test]
    fn what_is_no_sheet_says_why() {
        assert_eq!("".parse::<SheetSecret>(), Err(NotASheet::Length { found: 0, wanted: 50 }));
        assert_eq!("陈姨".repeat(900).parse::<SheetSecret>(), Err(NotASheet::Length { found: 0, wanted: 50 }));
        assert!(matches!("1".repeat(4_000).parse::<SheetSecret>(), Err(NotASheet::Length { .. })));
        // Ten groups of nines are more than 16 bytes hold.
        let nines: Vec<_> = (0..GROUPS).map(|place| format!("9999{}", check_digit(place, b"9999"))).collect();
        assert_eq!(nines.join(" ").parse::<SheetSecret>(), Err(NotASheet::Impossible));
        assert_eq!(format!("{:?}", sheet(1)), "SheetSecret(…)");
    }
}
