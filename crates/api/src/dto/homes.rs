//! Homes: the buildings that one installation holds.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kaifong_domain::BuildingId;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::building::rows;
use super::{ApplicationState, Person};
use crate::Hex;

/// A home's name within its installation: 16 lowercase hexadecimal digits, and so nothing that leads elsewhere on a disk.
/// It tells nothing to neighbours and never leaves the device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HomeId(pub(crate) u64);

impl HomeId {
    /// The data folder itself.
    pub const FIRST: HomeId = HomeId(0);
    /// How many digits it has.
    pub const DIGITS: usize = 16;
}

/// A text that is no [`HomeId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {} lowercase hexadecimal digits", HomeId::DIGITS)]
pub struct NotAHome;

impl fmt::Display for HomeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for HomeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HomeId({self})")
    }
}

impl FromStr for HomeId {
    type Err = NotAHome;

    fn from_str(text: &str) -> Result<Self, NotAHome> {
        let digits = text.len() == Self::DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !digits {
            return Err(NotAHome);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| NotAHome)
    }
}

impl Serialize for HomeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HomeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for HomeId {
    fn schema_name() -> Cow<'static, str> {
        "HomeId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })
    }
}

rows! {
    /// The buildings of this installation.
    Homes {
        /// The oldest first.
        rows: Vec<Home>,
        /// How many there may be.
        homes_max: u32,
    }

    /// One building of this installation, or a place that is free for one.
    Home {
        /// What it is asked by.
        home: HomeId,
        /// The building; `null` before one is known.
        building: Option<Hex<BuildingId>>,
        /// Its name.
        name: Option<String>,
        /// Who one is there; `null` before one is a neighbour.
        person: Option<Person>,
        /// Where the application stands.
        application: ApplicationState,
        /// How many deals wait for oneself there; 0 in an installation's only home, where nobody needs to be told.
        turns: u64,
        /// How many ask there to join, if one reviews; 0 in an installation's only home.
        requests: u64,
        /// Why it does not open, in a sentence; `null` when it is open.
        shut: Option<String>,
    }

    /// Which home is meant.
    HomeArgs {
        /// The home.
        home: HomeId,
    }

    /// A home that is no longer looked at. Nothing of it was deleted.
    Forgotten {
        /// Where its folder lies now.
        aside: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_sixteen_digits_and_nothing_else() {
        let id: HomeId = "00000000000000ff".parse().unwrap();
        assert_eq!((id, id.to_string().as_str()), (HomeId(255), "00000000000000ff"));
        for wrong in [
            "",
            "0",
            "..",
            "../../../../../..",
            "0000000000000/..",
            "00000000000000FF",
            "+0000000000000ff",
            "00000000000000f\u{0}",
            "０000000000000",
            "00000000000000000",
        ] {
            assert_eq!(wrong.parse::<HomeId>(), Err(NotAHome), "{wrong:?}");
        }
    }
}
