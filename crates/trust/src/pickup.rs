//! The code that a buyer shows at a shop: eight characters, and no network.
//!
//! An order says of its code what a slow hash gives, so that nobody who reads journals finds the code by trying all of them, and
//! a shop's device checks what is shown with one slow hash, whichever order it is for. The code itself is made of the key of the
//! device that orders and of the order's nonce: it is stored nowhere, and that device alone can show it.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use kaifong_domain::{BuildingId, JournalId};

use crate::invite::{ALPHABET, as_typed};
use crate::signed::{DeviceKey, Distrust};

/// How many characters a code has: 40 bits.
pub const PICK_UP_CHARS: usize = 8;
/// Memory of the slow hash, in KiB, and its passes: what OWASP's table asks of argon2id. Some 30 ms on a small machine; all codes of
/// one shop take a thousand years of it.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// A code, written `ABCD-EFGH`.
#[derive(Clone, PartialEq, Eq)]
pub struct PickUpCode(String);

impl PickUpCode {
    /// Makes the code of the order with this nonce; only the device that orders can.
    pub fn of(device: &DeviceKey, nonce: &[u8; 16]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 pick-up code");
        hasher.update(&device.seed()).update(nonce);
        let mut bytes = [0; PICK_UP_CHARS];
        hasher.finalize_xof().fill(&mut bytes);
        let pick = |byte: &u8| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
        Self(bytes.iter().map(pick).collect())
    }

    /// Gives the key that opens orders which pay this journal. Slow on purpose. `None` only if the machine has no memory for it.
    pub fn key(&self, building: &BuildingId, to: &JournalId) -> Option<[u8; 32]> {
        let mut salt = blake3::Hasher::new_derive_key("kaifong 1 pick-up salt");
        salt.update(&building.0).update(&to.0);
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).ok()?;
        let mut key = [0; 32];
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        hash.hash_password_into(self.0.as_bytes(), salt.finalize().as_bytes(), &mut key).ok()?;
        Some(key)
    }

    /// Gives the eight characters without the dash.
    pub fn plain(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PickUpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at_checked(PICK_UP_CHARS / 2).unwrap_or((&self.0, ""));
        write!(f, "{first}-{second}")
    }
}

impl fmt::Debug for PickUpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PickUpCode(…)")
    }
}

impl FromStr for PickUpCode {
    type Err = Distrust;

    /// Reads a code as people type it: any case, with or without dashes and blanks, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, Distrust> {
        let code = as_typed(text).filter(|code| code.len() == PICK_UP_CHARS);
        code.map(Self).ok_or(Distrust::Malformed { what: "eight-character code" })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use kaifong_domain::shop::Order;

    use super::*;

    const BUILDING: BuildingId = BuildingId([1; 32]);
    const TILL: JournalId = JournalId([2; 32]);

    fn chen() -> DeviceKey {
        DeviceKey::from_seed([7; 32])
    }

    #[test]
    fn one_device_shows_one_code_for_one_order_and_no_other_device_the_same() {
        let code = PickUpCode::of(&chen(), &[1; 16]);
        assert_eq!(code, PickUpCode::of(&chen(), &[1; 16]));
        assert_ne!(code, PickUpCode::of(&chen(), &[2; 16]));
        assert_ne!(code, PickUpCode::of(&DeviceKey::from_seed([8; 32]), &[1; 16]));
        assert_eq!(format!("{code:?}"), "PickUpCode(…)", "a log does not hold it");
    }

    #[test]
    fn a_code_is_read_as_it_was_shown_however_it_was_typed() {
        let code = PickUpCode::of(&chen(), &[1; 16]);
        let shown = code.to_string();
        let slips = shown.replace('0', "o").replace('1', "l");
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', ""), format!(" {slips} ")] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        for wrong in ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFG!", "街坊街坊街坊街坊", &"A".repeat(100)] {
            wrong.parse::<PickUpCode>().unwrap_err();
        }
    }

    #[test]
    fn a_key_opens_the_order_of_its_code_at_its_shop_and_in_its_building_alone() {
        let code = PickUpCode::of(&chen(), &[1; 16]);
        let (journal, nonce) = (JournalId([3; 32]), [1; 16]);
        let key = code.key(&BUILDING, &TILL).unwrap();
        let sealed = Order::seal(&key, &journal, &nonce);
        let order = Order {
            shop: kaifong_domain::MemberId([4; 16]),
            good: kaifong_domain::GoodId([5; 16]),
            pieces: 1,
            points: kaifong_domain::Points(1),
            to: TILL,
            nonce,
            code: sealed,
        };
        assert!(order.opens(&key, &journal));
        assert!(!order.opens(&key, &JournalId([9; 32])), "copied into another journal");
        assert!(!Order { nonce: [9; 16], ..order }.opens(&key, &journal), "copied into another order");
        let elsewhere = code.key(&BuildingId([9; 32]), &TILL).unwrap();
        assert!(!order.opens(&elsewhere, &journal), "in another building");
        let other = PickUpCode::of(&chen(), &[2; 16]).key(&BUILDING, &TILL).unwrap();
        assert!(!order.opens(&other, &journal), "with another code");
    }
}
