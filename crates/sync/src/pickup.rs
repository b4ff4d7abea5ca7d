//! What a buyer shows at a shop: the pick-up code, and the payment as it is shown face to face.
//!
//! The shop's device may never have heard of the order. So the code carries what [`Shown`] carries, the order and its payment among
//! it, and everything in it is judged as entries are; the eight characters are only compared with what the order says of them.

use kaifong_trust::pickup::{PICK_UP_CHARS, PickUpCode};

use crate::face::{FaceError, PREFIX, Shown};

/// How every such code begins.
pub const PICK_UP_PREFIX: &str = "KAIFONG-PICK ";

/// One code. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickUpShown {
    /// The eight characters.
    pub code: PickUpCode,
    /// The payment, with what it rests on.
    pub shown: Shown,
}

impl PickUpShown {
    /// Gives the text of the code; `None` if it is too large for one.
    pub fn text(&self) -> Option<String> {
        let shown = self.shown.text()?;
        Some(format!("{PICK_UP_PREFIX}{}{}", self.code.plain(), shown.strip_prefix(PREFIX)?))
    }

    /// Reads a code, also one that was typed in small letters or with spaces.
    ///
    /// # Errors
    /// [`FaceError`], in its order.
    pub fn read(text: &str) -> Result<Self, FaceError> {
        let text = text.trim_start();
        let prefix = PICK_UP_PREFIX.trim_end();
        let (start, rest) = text.split_at_checked(prefix.len()).ok_or(FaceError::Foreign)?;
        if !start.eq_ignore_ascii_case(prefix) {
            return Err(FaceError::Foreign);
        }
        let rest = rest.trim_start();
        let (code, digits) = rest.split_at_checked(PICK_UP_CHARS).ok_or(FaceError::Damaged)?;
        let code = code.parse().map_err(|_| FaceError::Damaged)?;
        Ok(Self { code, shown: Shown::read(&format!("{PREFIX}{digits}"))? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use kaifong_domain::{BuildingId, JournalId};
    use kaifong_trust::DeviceKey;
    use proptest::prelude::*;

    use super::*;
    use crate::face::What;

    fn shown() -> PickUpShown {
        let what = What::Payee { journal: JournalId([3; 32]) };
        let code = PickUpCode::of(&DeviceKey::from_seed([7; 32]), &[1; 16]);
        PickUpShown { code, shown: Shown { building: BuildingId([9; 32]), what } }
    }

    #[test]
    fn a_code_is_read_as_it_was_shown_however_it_was_typed() {
        let text = shown().text().unwrap();
        for typed in [text.clone(), text.to_lowercase(), format!("  {text}\n")] {
            assert_eq!(PickUpShown::read(&typed), Ok(shown()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_in_words() {
        let text = shown().text().unwrap();
        let cases = [
            ("", FaceError::Foreign),
            ("街坊", FaceError::Foreign),
            ("KAIFONG-FACE MZXW6", FaceError::Foreign),
            (PICK_UP_PREFIX, FaceError::Damaged),
            ("KAIFONG-PICK ABCD", FaceError::Damaged),
            ("KAIFONG-PICK 街坊街坊", FaceError::Damaged),
            (text.split_at(text.len() - 9).0, FaceError::Damaged),
            (&format!("{PICK_UP_PREFIX}{}", "A".repeat(6_000)), FaceError::TooLarge),
        ];
        for (said, why) in cases {
            assert_eq!(PickUpShown::read(said), Err(why), "{said}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_an_error(text in "\\PC*", tail in "[A-Z2-7]{0,400}") {
            let _ = PickUpShown::read(&text);
            let _ = PickUpShown::read(&format!("{PICK_UP_PREFIX}{tail}"));
        }
    }
}
