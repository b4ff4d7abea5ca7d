//! Keys on paper: a device key that nobody keeps but its owner, written down as ten groups of signs.
//!
//! 128 random bits in Crockford's base 32, with 20 bits of a hash behind them, so that a slip of the pen is noticed and told
//! from a sheet that is another's. Between the bits and the key stands what the paper is for: one sheet does one thing.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRng;

use crate::signed::{DeviceKey, Distrust};

/// Crockford's alphabet, as in the joining code.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SECRET_BYTES: usize = 16;
/// 26 signs carry the 128 bits, four more the check.
const SECRET_CHARS: usize = 26;
const CHARS: usize = 30;
const GROUP_CHARS: usize = 3;
/// The longest text that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 128;

/// A secret as it stands on paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper([u8; SECRET_BYTES]);

impl Paper {
    /// Draws a new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = [0; SECRET_BYTES];
        rng.fill_bytes(&mut secret);
        Self(secret)
    }

    /// Gives the key of a seat of the council.
    pub fn seat_key(&self) -> DeviceKey {
        DeviceKey::from_seed(blake3::derive_key("kaifong 1 seat on paper", &self.0))
    }

    fn signs(&self) -> [u8; CHARS] {
        let mut signs = [0; CHARS];
        let check = blake3::derive_key("kaifong 1 paper check", &self.0);
        let secret = u128::from_be_bytes(self.0);
        let check = u32::from_be_bytes([0, check[0], check[1], check[2]]) & 0x000f_ffff;
        for (place, sign) in signs.iter_mut().enumerate() {
            let five = match place.checked_sub(SECRET_CHARS) {
                // 26 signs have room for 130 bits: the first has three of them.
                None => (secret >> (5 * (SECRET_CHARS - 1 - place))) & 31,
                Some(place) => u128::from(check >> (5 * (CHARS - SECRET_CHARS - 1 - place))) & 31,
            };
            *sign = ALPHABET.get(five as usize).copied().unwrap_or(b'0');
        }
        signs
    }
}

impl fmt::Display for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, sign) in self.signs().into_iter().enumerate() {
            if place > 0 && place % GROUP_CHARS == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(sign))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paper(…)")
    }
}

impl FromStr for Paper {
    type Err = Distrust;

    /// Reads a sheet as people type it: any case, with or without dashes and blanks, O for 0, I or L for 1.
    ///
    /// # Errors
    /// [`Distrust::Malformed`], also when a single sign was misread.
    fn from_str(text: &str) -> Result<Self, Distrust> {
        let wrong = || Distrust::Malformed { what: "sheet with thirty signs" };
        if text.len() > TEXT_BYTES_MAX {
            return Err(wrong());
        }
        let typed = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
        let typed: String = typed.collect();
        let mut secret = 0_u128;
        for sign in typed.bytes().take(SECRET_CHARS) {
            let five = ALPHABET.iter().position(|known| *known == sign).ok_or_else(wrong)?;
            if secret >> 123 != 0 {
                return Err(wrong());
            }
            secret = (secret << 5) | five as u128;
        }
        let paper = Self(secret.to_be_bytes());
        if typed.as_bytes() == paper.signs() { Ok(paper) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_sheet_is_read_as_people_type_it() {
        let paper = Paper::generate(&mut ChaCha8Rng::seed_from_u64(1));
        let shown = paper.to_string();
        assert_eq!(shown.len(), 39, "{shown}");
        let typed = shown.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(typed.parse::<Paper>().unwrap(), paper);
    }

    proptest! {
        #[test]
        fn one_sign_misread_is_noticed(secret: [u8; 16], place in 0_usize..30, sign in 0_usize..32) {
            let right = String::from_utf8(Paper(secret).signs().to_vec()).unwrap();
            prop_assert_eq!(right.parse::<Paper>().unwrap(), Paper(secret));
            let mut wrong = right.clone().into_bytes();
            wrong[place] = ALPHABET[sign];
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert!(wrong == right || wrong.parse::<Paper>().ok() != Some(Paper(secret)));
        }

        #[test]
        fn whatever_is_typed_is_read_or_refused(text in ".{0,80}") {
            if let Ok(paper) = text.parse::<Paper>() {
                prop_assert_eq!(paper.to_string().parse::<Paper>().unwrap(), paper);
            }
        }
    }
}
