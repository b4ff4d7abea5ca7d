//! Invitations: the ticket behind the poster's QR, and the short code that can be typed.
//!
//! A code admits a request to the reviewers' inbox and nothing else; who becomes a neighbour is decided by a reviewer who
//! meets the person. Neighbours hold a key derived from the code, so any of them can check a newcomer's proof.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use kaifong_domain::{BuildingId, DeviceId, text};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::entry::BUILDING_NAME_CHARS_MAX;
use crate::signed::{Distrust, decode_exact, encode};

/// Crockford's alphabet: no I, L, O, U, so that a code read aloud or off a poster is not misread.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARS: usize = 12;
const TICKET_PREFIX: &str = "KAIFONG1";
const TICKET_BYTES_MAX: usize = 2048;
/// How many doors a ticket names at most.
pub const DOORS_MAX: usize = 16;
/// How many addresses a door has at most.
pub const ADDRESSES_MAX: usize = 16;

/// A typed code: twelve characters of Crockford's base 32 (60 random bits), written `ABCD-EFGH-JKMN`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Code(String);

impl Code {
    /// Draws a new code.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; CODE_CHARS];
        rng.fill_bytes(&mut bytes);
        let pick = |byte: &u8| char::from(ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or(b'0'));
        Self(bytes.iter().map(pick).collect())
    }

    /// Gives the key that neighbours check proofs with.
    pub fn key(&self) -> [u8; 32] {
        blake3::derive_key("kaifong 1 invitation key", self.0.as_bytes())
    }
}

/// Whatever bytes a code comes in, it goes through the same door as one that was typed.
impl TryFrom<String> for Code {
    type Error = Distrust;

    fn try_from(text: String) -> Result<Self, Distrust> {
        text.parse()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, character) in self.0.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl FromStr for Code {
    type Err = Distrust;

    /// Reads a code as people type it: any case, with or without dashes and blanks, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, Distrust> {
        let code = as_typed(text).filter(|code| code.len() == CODE_CHARS);
        code.map(Self).ok_or(Distrust::Malformed { what: "twelve-character code" })
    }
}

/// Reads characters of the alphabet as people type them; `None` for anything else.
pub(crate) fn as_typed(text: &str) -> Option<String> {
    if text.len() > 64 {
        return None;
    }
    let typed = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    let code: String = typed.collect();
    code.bytes().all(|byte| ALPHABET.contains(&byte)).then_some(code)
}

/// Gives the proof that a guest shows to one node: it knows the code, and no other node can use what it hears.
pub fn proof(invite_key: &[u8; 32], building: &BuildingId, guest: &DeviceId, node: &DeviceId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(invite_key);
    hasher.update(&building.0).update(&guest.0).update(&node.0);
    *hasher.finalize().as_bytes()
}

/// Tells whether a guest's proof fits, in a time that says nothing about how much of it fits.
pub fn proof_fits(
    shown: &[u8; 32],
    invite_key: &[u8; 32],
    building: &BuildingId,
    guest: &DeviceId,
    node: &DeviceId,
) -> bool {
    blake3::Hash::from_bytes(*shown) == blake3::Hash::from_bytes(proof(invite_key, building, guest, node))
}

/// Where one neighbour can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The neighbour's device.
    pub device: DeviceId,
    /// Addresses on the LAN.
    pub addresses: Vec<SocketAddr>,
}

/// What the poster's QR holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The building.
    pub building: BuildingId,
    /// Its name, for the first screen; the genesis has the true one.
    pub name: String,
    /// The code.
    pub code: Code,
    /// Where to knock first, when discovery finds nobody.
    pub doors: Vec<Door>,
}

impl Ticket {
    /// Makes a ticket that can be read again: of doors and addresses as many as it has room for, the first ones first.
    ///
    /// # Errors
    /// [`Distrust::Malformed`] when the name is not 1 to 40 characters that can be shown.
    pub fn new(building: BuildingId, name: String, code: Code, mut doors: Vec<Door>) -> Result<Self, Distrust> {
        doors.truncate(DOORS_MAX);
        doors.iter_mut().for_each(|door| door.addresses.truncate(ADDRESSES_MAX));
        let mut ticket = Self { building, name, code, doors };
        ticket.check()?;
        // The door with the most addresses can best do without its last one.
        while ticket.to_string().len() > TICKET_BYTES_MAX {
            let door = ticket.doors.iter_mut().rev().max_by_key(|door| door.addresses.len());
            if door.is_none_or(|door| door.addresses.len() <= 1 || door.addresses.pop().is_none())
                && ticket.doors.pop().is_none()
            {
                break;
            }
        }
        Ok(ticket)
    }

    fn check(&self) -> Result<(), Distrust> {
        // The newcomer reads this name off a stranger's QR, before anybody has vouched for anything.
        let name = text::line("building", &self.name, BUILDING_NAME_CHARS_MAX, false);
        let doors = self.doors.len() <= DOORS_MAX;
        let addresses = self.doors.iter().all(|door| door.addresses.len() <= ADDRESSES_MAX);
        if name.is_ok() && doors && addresses { Ok(()) } else { Err(Distrust::Malformed { what: "Kaifong ticket" }) }
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{TICKET_PREFIX}{}", BASE32_NOPAD.encode(&encode(self)))
    }
}

impl FromStr for Ticket {
    type Err = Distrust;

    /// Reads a ticket off a QR, whatever the case of its letters.
    ///
    /// # Errors
    /// [`Distrust::TooLarge`] before anything is decoded, else [`Distrust::Malformed`], also for a name that cannot be
    /// shown and for more doors or addresses than a ticket may have.
    fn from_str(text: &str) -> Result<Self, Distrust> {
        let wrong = Distrust::Malformed { what: "Kaifong ticket" };
        let text = text.trim();
        if text.len() > TICKET_BYTES_MAX {
            return Err(Distrust::TooLarge { found: text.len(), most: TICKET_BYTES_MAX });
        }
        let text = text.to_ascii_uppercase();
        let rest = text.strip_prefix(TICKET_PREFIX).ok_or_else(|| wrong.clone())?;
        let bytes = BASE32_NOPAD.decode(rest.as_bytes()).map_err(|_| wrong.clone())?;
        let ticket: Self = decode_exact(&bytes, "Kaifong ticket")?;
        ticket.check()?;
        Ok(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::generate(&mut ChaCha8Rng::seed_from_u64(3));
        let shown = code.to_string();
        assert_eq!(shown.len(), 14);
        let typed = shown.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(typed.parse::<Code>().unwrap().key(), code.key());
    }

    #[test]
    fn what_is_not_a_code_is_refused() {
        for text in ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMU", "ABCD-EFGH-JKMN-P", "四个字四个字四个字四个字"]
        {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
        assert!("A".repeat(1_000_000).parse::<Code>().is_err());
    }

    #[test]
    fn a_ticket_survives_print_and_scan() {
        let ticket = Ticket {
            building: BuildingId([9; 32]),
            name: "红叶新天地".into(),
            code: Code::generate(&mut ChaCha8Rng::seed_from_u64(4)),
            doors: vec![Door { device: DeviceId([1; 32]), addresses: vec!["192.168.1.7:4400".parse().unwrap()] }],
        };
        let text = ticket.to_string();
        assert!(text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "a QR stores these densely");
        assert_eq!(text.parse::<Ticket>().unwrap(), ticket);
        assert_eq!(text.to_lowercase().parse::<Ticket>().unwrap(), ticket);
        let torn: String = text.chars().take(text.len() - 4).collect();
        assert!(torn.parse::<Ticket>().is_err());
    }

    #[test]
    fn a_proof_serves_one_guest_at_one_node() {
        let key = Code::generate(&mut ChaCha8Rng::seed_from_u64(5)).key();
        let (building, guest, node) = (BuildingId([1; 32]), DeviceId([2; 32]), DeviceId([3; 32]));
        let shown = proof(&key, &building, &guest, &node);
        assert_ne!(shown, proof(&key, &building, &node, &guest));
        assert_ne!(shown, proof(&key, &BuildingId([2; 32]), &guest, &node));
    }

    #[test]
    fn a_proof_fits_only_itself() {
        let key = Code::generate(&mut ChaCha8Rng::seed_from_u64(5)).key();
        let (building, guest, node) = (BuildingId([1; 32]), DeviceId([2; 32]), DeviceId([3; 32]));
        let mut shown = proof(&key, &building, &guest, &node);
        assert!(proof_fits(&shown, &key, &building, &guest, &node));
        shown[31] ^= 1;
        assert!(!proof_fits(&shown, &key, &building, &guest, &node));
    }

    fn ticket(name: &str, doors: usize, addresses: usize) -> Ticket {
        let door = Door { device: DeviceId([1; 32]), addresses: vec!["192.168.1.7:4400".parse().unwrap(); addresses] };
        let code = Code::generate(&mut ChaCha8Rng::seed_from_u64(4));
        Ticket { building: BuildingId([9; 32]), name: name.into(), code, doors: vec![door; doors] }
    }

    #[test]
    fn a_hostile_ticket_is_refused() {
        let long = "很".repeat(41);
        let table = [
            ticket("", 1, 1),
            ticket(&long, 1, 1),
            ticket("红\n叶", 1, 1),
            ticket("\u{202E}叶红", 1, 1),
            ticket("红叶", 17, 0),
            ticket("红叶", 1, 17),
            ticket("红叶", 1_000, 0),
            ticket("红叶", 1, 100_000),
        ];
        for bad in table {
            assert!(bad.to_string().parse::<Ticket>().is_err(), "{} doors, {:?}", bad.doors.len(), bad.name);
        }
        assert!(ticket("红叶", 16, 1).to_string().parse::<Ticket>().is_ok());
        for text in ["", "KAIFONG1", "KAIFONG1A", "kaifong1aaaa", "KAIFONG2AAAA", "KAIFONG1红叶", "ＫＡＩＦＯＮＧ１"]
        {
            assert!(text.parse::<Ticket>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_ticket_that_was_made_can_be_read() {
        let Ticket { building, name, code, doors } = ticket("红叶新天地", 40, 40);
        let made = Ticket::new(building, name, code.clone(), doors).unwrap();
        assert!(made.doors.len() > 10, "{}", made.doors.len());
        assert_eq!(made.to_string().parse::<Ticket>().unwrap(), made);
        assert!(Ticket::new(building, " ".into(), code, Vec::new()).is_err());
    }

    #[test]
    fn the_code_in_a_ticket_is_the_code_that_can_be_typed() {
        // Hand-made: the same code in small letters and with its dashes.
        let mut spelled = ticket("红叶", 1, 1);
        let key = spelled.code.key();
        spelled.code.0 = spelled.code.to_string().to_lowercase();
        assert_eq!(spelled.to_string().parse::<Ticket>().unwrap().code.key(), key);
        spelled.code.0 = "KAIFONG".into();
        assert!(spelled.to_string().parse::<Ticket>().is_err());
    }
}
