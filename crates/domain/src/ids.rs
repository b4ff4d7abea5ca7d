//! Identifiers: fixed-width byte strings, written as lowercase hexadecimal.
//!
//! An id is never parsed for meaning. Those made by hashing (building, member, journal, entry) cannot be chosen
//! by anyone; those drawn at random (listing, deal, review) are unique with 128 bits of randomness.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: {wanted} hexadecimal digits are wanted")]
pub struct NotAnId {
    /// How many digits an id of this type has.
    pub wanted: usize,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The width of this id in bytes.
            pub const LEN: usize = $len;

            /// Gives the bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Gives the first eight hexadecimal digits, for logs; never to tell two ids apart.
            pub fn short(&self) -> String {
                self.to_string().chars().take(8).collect()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.short())
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let wrong = NotAnId { wanted: $len * 2 };
                let bytes = data_encoding::HEXLOWER_PERMISSIVE
                    .decode(text.trim().as_bytes())
                    .map_err(|_| wrong.clone())?;
                bytes.try_into().map(Self).map_err(|_| wrong)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = NotAnId;

            fn try_from(bytes: &[u8]) -> Result<Self, NotAnId> {
                bytes.try_into().map(Self).map_err(|_| NotAnId { wanted: $len * 2 })
            }
        }
    };
}

id!(
    /// A building: the hash of its genesis.
    BuildingId, 32
);
id!(
    /// A member: the hash of the building and the member's first device key, cut to 16 bytes.
    MemberId, 16
);
id!(
    /// A device: its ed25519 public key in this building, which is also its iroh endpoint id.
    DeviceId, 32
);
id!(
    /// A journal: the hash of building, member, device and nonce.
    JournalId, 32
);
id!(
    /// A journal entry: the hash of its signed bytes (without the signature).
    EntryHash, 32
);
id!(
    /// A listing (an offer or a need), drawn at random by the device that posts it.
    ListingId, 16
);
id!(
    /// A deal: the hash of the entry that answers the listing, cut to 16 bytes.
    DealId, 16
);
id!(
    /// An invitation to join, drawn at random.
    InviteId, 16
);
id!(
    /// A reviewer's question to an applicant, drawn at random.
    QuestionId, 16
);
id!(
    /// A complaint, drawn at random.
    ComplaintId, 16
);
id!(
    /// Something that a member puts to the hall, drawn at random.
    MatterId, 16
);
id!(
    /// An asker's word on their own matter, drawn at random.
    JudgementId, 16
);
id!(
    /// What somebody says to a matter, drawn at random.
    ResponseId, 16
);
id!(
    /// Who works at one device of an organisation: the first half of the device's key.
    StaffId, 16
);
id!(
    /// An activity, drawn at random by the device that announces it.
    ActivityId, 16
);
id!(
    /// A booking: the hash of the entry that signs up, cut to 16 bytes.
    BookingId, 16
);
id!(
    /// An interest group, in its founder's document.
    GroupId, 16
);
id!(
    /// A resource outside of the building, in the document of whoever entered it.
    ResourceId, 16
);
id!(
    /// A category that was added to the tree, in the document of whoever added it.
    CategoryId, 16
);
id!(
    /// A good that a shop offers for points: the hash of its words and its price, cut to 16 bytes.
    GoodId, 16
);
id!(
    /// An order: the hash of the entry that holds it, cut to 16 bytes.
    OrderId, 16
);
id!(
    /// An introduction, drawn at random by the device that asks for it.
    IntroductionId, 16
);
id!(
    /// A stocktake, in the document of whoever keeps the things.
    StocktakeId, 16
);
id!(
    /// A note of thanks, drawn at random.
    ThanksId, 16
);
id!(
    /// A donation drive, drawn at random by the device that calls for it.
    DriveId, 16
);
id!(
    /// What somebody promises to a drive: the hash of whose drive it is and which, cut to 16 bytes.
    PledgeId, 16
);
id!(
    /// Who may collect a child, drawn at random by the guardian's device. Who knows it can show its code.
    PassId, 16
);
id!(
    /// What a transfer is for, so that it cannot count twice: the bytes of a deal id, a slip id or the like.
    ReasonId, 16
);

impl From<EntryHash> for DealId {
    fn from(answer: EntryHash) -> Self {
        let mut id = [0; 16];
        id.iter_mut().zip(answer.0).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl From<EntryHash> for BookingId {
    fn from(book: EntryHash) -> Self {
        let mut id = [0; 16];
        id.iter_mut().zip(book.0).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl From<BookingId> for ReasonId {
    fn from(booking: BookingId) -> Self {
        Self(booking.0)
    }
}

impl From<EntryHash> for OrderId {
    fn from(order: EntryHash) -> Self {
        Self(DealId::from(order).0)
    }
}

impl From<DeviceId> for StaffId {
    fn from(device: DeviceId) -> Self {
        let mut id = [0; 16];
        id.iter_mut().zip(device.0).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl From<DealId> for ReasonId {
    fn from(deal: DealId) -> Self {
        Self(deal.0)
    }
}

impl From<OrderId> for ReasonId {
    fn from(order: OrderId) -> Self {
        Self(order.0)
    }
}

impl MemberId {
    /// Derives the member's id from the building and the member's first device, so that nobody can choose one that is taken.
    pub fn derive(building: &BuildingId, first_device: &DeviceId) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 member id");
        hasher.update(&building.0).update(&first_device.0);
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        Self(id)
    }
}

impl JournalId {
    /// Derives the id of a journal. The first journal of a member has the nonce 0.
    pub fn derive(building: &BuildingId, member: &MemberId, device: &DeviceId, nonce: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 journal id");
        hasher.update(&building.0).update(&member.0).update(&device.0).update(&nonce.to_le_bytes());
        Self(*hasher.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_being_written_and_read() {
        let id = DealId([7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("07".repeat(15).parse::<DealId>(), Err(NotAnId { wanted: 32 }));
        assert_eq!("zz".repeat(16).parse::<DealId>(), Err(NotAnId { wanted: 32 }));
    }

    #[test]
    fn the_first_journal_differs_from_the_next() {
        let (b, m, d) = (BuildingId([1; 32]), MemberId([2; 16]), DeviceId([3; 32]));
        assert_ne!(JournalId::derive(&b, &m, &d, 0), JournalId::derive(&b, &m, &d, 1));
    }
}
