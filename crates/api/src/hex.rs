//! Ids as they travel: lowercase hexadecimal text.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kaifong_domain::{
    ActivityId, BookingId, BuildingId, CategoryId, ComplaintId, DealId, DeviceId, DriveId, EntryHash, GoodId, GroupId,
    IntroductionId, InviteId, JournalId, ListingId, MatterId, MemberId, NotAnId, OrderId, PassId, QuestionId,
    ResourceId, ThanksId,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An id that is written in hexadecimal digits.
pub trait HexId: Copy + fmt::Display + FromStr<Err = NotAnId> {
    /// The type's name in the schema.
    const NAME: &'static str;
    /// How many digits it has.
    const DIGITS: usize;
}

macro_rules! hex_ids {
    ($($id:ident),+) => { $(
        impl HexId for $id {
            const NAME: &'static str = stringify!($id);
            const DIGITS: usize = $id::LEN * 2;
        }

        impl From<$id> for Hex<$id> {
            fn from(id: $id) -> Self {
                Self(id)
            }
        }
    )+ };
}

hex_ids!(
    PassId,
    ActivityId,
    BookingId,
    GroupId,
    CategoryId,
    ResourceId,
    BuildingId,
    ComplaintId,
    MemberId,
    DeviceId,
    JournalId,
    EntryHash,
    ListingId,
    DealId,
    InviteId,
    QuestionId,
    MatterId,
    GoodId,
    OrderId,
    IntroductionId,
    ThanksId,
    DriveId
);

/// An id on its way in or out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<T>(pub T);

impl<T: HexId> fmt::Display for Hex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: HexId> fmt::Debug for Hex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", T::NAME, self.0)
    }
}

impl<T: HexId> FromStr for Hex<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        text.parse().map(Self)
    }
}

impl<T: HexId> Serialize for Hex<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: HexId> Deserialize<'de> for Hex<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let name = T::NAME;
        text.parse().map(Self).map_err(|error| serde::de::Error::custom(format_args!("{name}: {error}")))
    }
}

impl<T: HexId> JsonSchema for Hex<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^[0-9a-f]{{{}}}$", T::DIGITS) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_travels_as_text() {
        let id = Hex(DealId([0xAB; 16]));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{}\"", "ab".repeat(16)));
        assert_eq!(serde_json::from_str::<Hex<DealId>>(&json).unwrap(), id);
        assert_eq!(serde_json::from_str::<Hex<DealId>>(&json.to_uppercase()).unwrap(), id);
    }

    #[test]
    fn what_is_not_an_id_is_named() {
        for text in ["\"\"", "\"ab\"", "\"zz\"", "7", "null"] {
            assert!(serde_json::from_str::<Hex<DealId>>(text).is_err(), "{text}");
        }
        let error = serde_json::from_str::<Hex<DealId>>("\"ab\"").unwrap_err().to_string();
        assert!(error.contains("DealId") && error.contains("32"), "{error}");
    }
}
