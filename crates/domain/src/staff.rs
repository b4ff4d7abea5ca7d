//! Who works for an organisation, and which of its devices wrote what.
//!
//! An organisation is one member with several devices, and a person at each. Its document names them; everything else
//! follows from signatures: an entry stands in the journal of a device, and a record was written by the devices whose
//! changes stand in it. So nobody can put a colleague's name under their own words, and nothing has to be filled in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::NAME_CHARS_MAX;
use crate::{
    ActivityId, CategoryId, DealId, GoodId, GroupId, Instant, JudgementId, ListingId, MatterId, Refusal, ResourceId,
    ResponseId, StaffId, text,
};

/// The most characters of a post.
pub const POST_CHARS_MAX: usize = 12;
/// Of how many devices an organisation can say who works there: of those with the least ids. A document has at most 64
/// actors.
pub const STAFF_MAX: usize = 64;

/// Who works at one device of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// At which device.
    pub id: StaffId,
    /// The name that neighbours see, 1 to 30 characters.
    pub name: String,
    /// What they do there (前台, 维修 …), at most 12 characters; may be empty.
    pub post: String,
    /// Since when they work there no longer, as the device claims.
    pub left_at: Option<Instant>,
}

impl Staff {
    /// Checks the texts, in this order: name, post.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("name", &self.name, NAME_CHARS_MAX, false)?;
        text::line("post", &self.post, POST_CHARS_MAX, true)
    }
}

/// A record that devices have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Written {
    /// A listing.
    Listing(ListingId),
    /// The review of a deal.
    Review(DealId),
    /// The reply to the other's review of a deal.
    Reply(DealId),
    /// Who works at a device.
    Staff(StaffId),
    /// What is put to the hall.
    Matter(MatterId),
    /// What an asker says of their own matter.
    Judgement(JudgementId),
    /// What is said to somebody's matter.
    Response(ResponseId),
    /// What neighbours are invited to.
    Activity(ActivityId),
    /// What is offered for points.
    Good(GoodId),
    /// A group.
    Group(GroupId),
    /// A resource outside of the building.
    Resource(ResourceId),
    /// A category added to the tree.
    Category(CategoryId),
}

/// Which devices have written each record of one organisation, each device once: first the one that made it, then those
/// of which something stands in it, in the order in which they wrote.
///
/// Empty where no record says who works there: then no device has a name that could be told.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hands(pub BTreeMap<Written, Vec<crate::DeviceId>>);

impl Hands {
    /// Gives the devices that have written a record; none where that is not known.
    pub fn of(&self, written: &Written) -> &[crate::DeviceId] {
        self.0.get(written).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_refusal_of_who_works_at_a_device_is_the_one_told() {
        let long = "修".repeat(31);
        let table = [
            ("小陈", "前台", Ok(())),
            ("小陈", "", Ok(())),
            (" ", "", Err(Refusal::TextEmpty { field: "name" })),
            (&long, "\u{202E}", Err(Refusal::TextTooLong { field: "name", found: 31, most: 30 })),
            ("小\u{202E}陈", "", Err(Refusal::TextUnprintable { field: "name", code: 0x202E })),
            ("小陈", "前\n台", Err(Refusal::TextUnprintable { field: "post", code: 0x0A })),
            ("小陈", &long, Err(Refusal::TextTooLong { field: "post", found: 31, most: 12 })),
        ];
        for (name, post, expected) in table {
            let staff = Staff { id: StaffId([1; 16]), name: name.into(), post: post.into(), left_at: None };
            assert_eq!(staff.check(), expected, "{name:?}, {post:?}");
        }
    }
}
