//! What two devices show each other face to face, where there is no network: a few entries in a QR code.
//!
//! Three codes make a payment. The payee shows where to pay ([`What::Payee`]); the payer shows the payment with what comes
//! before it in its journal, as far as a code takes it ([`What::Entries`]); the payee shows its answer in the same way. Who
//! lacks something that a code rests on shows what it holds and lacks ([`What::Lacking`]), and is shown that instead.
//! Entries are the same signed ones that travel in frames and are judged by the same journals; a code adds nothing that
//! has to be believed.
//!
//! A code is [`PREFIX`] and base 32 (RFC 4648, no padding) of a zlib stream (RFC 1950) of a postcard: capitals and digits, which
//! take least room in a QR code. Entries of one journal repeat its building, journal and signer, so that deflating halves them.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use kaifong_domain::{BuildingId, EntryHash, JournalId};
use kaifong_trust::Signed;
use kaifong_trust::entry::Entry;
use serde::{Deserialize, Serialize};

use crate::bounded;

/// How every code begins.
pub const PREFIX: &str = "KAIFONG-FACE ";
/// How large a code may be before it is made text, in bytes: a QR code of some 117 modules, which a phone's camera still reads
/// from another phone's screen.
pub const FACE_BYTES_MAX: usize = 1_200;
/// How large what is packed in it may be, in bytes.
const UNPACKED_BYTES_MAX: usize = 16 * 1024;
/// How many entries one code may hold, and how many hashes.
const ENTRIES_MAX: usize = 64;

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaceError {
    /// It does not begin as one.
    #[error("not a code of this program")]
    Foreign,
    /// It is cut off, mistyped or made up.
    #[error("damaged or incomplete")]
    Damaged,
    /// It holds more than a code can.
    #[error("larger than any code")]
    TooLarge,
}

/// One code. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The building that it belongs to.
    pub building: BuildingId,
    /// What is shown.
    pub what: What,
}

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The journal that a payment should name.
    Payee {
        /// The journal of the device that shows it.
        journal: JournalId,
    },
    /// Entries in causal order.
    Entries {
        /// What it is about: a transfer, or the answer to one.
        about: EntryHash,
        /// That entry, and what it rests on.
        #[serde(deserialize_with = "bounded::list::<_, _, ENTRIES_MAX>")]
        entries: Vec<Signed<Entry>>,
    },
    /// What is missing before something that was shown can be judged.
    Lacking {
        /// What was shown.
        about: EntryHash,
        /// The last entries that are held of its journal.
        #[serde(deserialize_with = "bounded::list::<_, _, ENTRIES_MAX>")]
        held: Vec<EntryHash>,
        /// Entries of any journal that are missing.
        #[serde(deserialize_with = "bounded::list::<_, _, ENTRIES_MAX>")]
        lacking: Vec<EntryHash>,
    },
}

impl Shown {
    /// Gives the text of the code; `None` if it is too large for one.
    pub fn text(&self) -> Option<String> {
        let packed = pack(&kaifong_trust::encode(self))?;
        Some(format!("{PREFIX}{}", data_encoding::BASE32_NOPAD.encode(&packed)))
    }

    /// Tells whether it fits in one code.
    pub fn fits(&self) -> bool {
        pack(&kaifong_trust::encode(self)).is_some()
    }

    /// Reads a code, also one that was typed in small letters or with spaces.
    ///
    /// # Errors
    /// [`FaceError`], in its order.
    pub fn read(text: &str) -> Result<Self, FaceError> {
        if text.len() > 4 * FACE_BYTES_MAX {
            return Err(FaceError::TooLarge);
        }
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let digits = plain.strip_prefix(PREFIX.trim_end()).ok_or(FaceError::Foreign)?;
        let packed = data_encoding::BASE32_NOPAD.decode(digits.as_bytes()).map_err(|_| FaceError::Damaged)?;
        if packed.len() > FACE_BYTES_MAX {
            return Err(FaceError::TooLarge);
        }
        let mut unpacked = Vec::new();
        let most = UNPACKED_BYTES_MAX as u64 + 1;
        ZlibDecoder::new(packed.as_slice()).take(most).read_to_end(&mut unpacked).map_err(|_| FaceError::Damaged)?;
        if unpacked.len() > UNPACKED_BYTES_MAX {
            return Err(FaceError::TooLarge);
        }
        kaifong_trust::decode_exact(&unpacked, "face").map_err(|_| FaceError::Damaged)
    }
}

fn pack(plain: &[u8]) -> Option<Vec<u8>> {
    if plain.len() > UNPACKED_BYTES_MAX {
        return None;
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(plain).ok()?;
    packed.finish().ok().filter(|packed| packed.len() <= FACE_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use proptest::prelude::*;

    use super::*;

    fn shown() -> Shown {
        let what = What::Lacking {
            about: EntryHash([1; 32]),
            held: vec![EntryHash([2; 32])],
            lacking: vec![EntryHash([3; 32]), EntryHash([4; 32])],
        };
        Shown { building: BuildingId([9; 32]), what }
    }

    #[test]
    fn a_code_is_read_as_it_was_shown_however_it_was_typed() {
        let text = shown().text().unwrap();
        assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" -".contains(&byte)));
        let (start, end) = text.split_at(40);
        for typed in [text.clone(), text.to_lowercase(), format!("  {start}\n{end} ")] {
            assert_eq!(Shown::read(&typed), Ok(shown()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_in_words() {
        let text = shown().text().unwrap();
        let bomb = {
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
            packed.write_all(&vec![0; 100_000]).unwrap();
            format!("{PREFIX}{}", data_encoding::BASE32_NOPAD.encode(&packed.finish().unwrap()))
        };
        let cases = [
            ("", FaceError::Foreign),
            ("KAIFONG1ABCDEF", FaceError::Foreign),
            (PREFIX, FaceError::Damaged),
            (text.split_at(text.len() - 9).0, FaceError::Damaged),
            (&text.replace("KAIFONG-FACE ", "KAIFONG-FACE 1"), FaceError::Damaged),
            (&"A".repeat(5_000), FaceError::TooLarge),
            (&bomb, FaceError::TooLarge),
        ];
        for (said, why) in cases {
            assert_eq!(Shown::read(said), Err(why), "{said}");
        }
    }

    #[test]
    fn more_than_a_code_takes_makes_none() {
        let held = (0..60_u8).map(|byte| EntryHash(*blake3::hash(&[byte]).as_bytes())).collect();
        let what = What::Lacking { about: EntryHash([1; 32]), held, lacking: Vec::new() };
        let shown = Shown { building: BuildingId([9; 32]), what };
        assert_eq!((shown.fits(), shown.text()), (false, None));
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_an_error(text in "\\PC*", tail in "[A-Z2-7]{0,400}") {
            let _ = Shown::read(&text);
            let _ = Shown::read(&format!("{PREFIX}{tail}"));
        }
    }
}
