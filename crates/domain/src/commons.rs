//! What a neighbourhood has beside offers and needs: interest groups and who is in them, resources outside of the building, and
//! the categories that it has added.
//!
//! A [`Group`] stands in its founder's document; being in it is a record of each member's own ([`Joining`]), so neither can put
//! the other anywhere. A group that is closed or unknown has no members. [`Resource`] and [`AddedCategory`] stand in the
//! document of whoever entered them; they are shown while that member is one who may enter them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::record::{NAME_CHARS_MAX, Records};
use crate::sort::CLASSES;
use crate::{CategoryId, GroupId, Instant, MemberId, Refusal, ResourceId, text};

/// The most characters of what a group is about, or of what a resource is for.
pub const SAYS_CHARS_MAX: usize = 300;
/// The most characters of when and where a group meets, of a phone number's line and of opening hours.
pub const LINE_CHARS_MAX: usize = 60;
/// The most characters of a category's name.
pub const CATEGORY_CHARS_MAX: usize = 12;
/// The most minutes that a resource is away on foot.
pub const MINUTES_MAX: u16 = 600;
/// How many groups one member can have open.
pub const GROUPS_MAX: usize = 20;
/// How many resources one member can list.
pub const RESOURCES_MAX: usize = 200;
/// How many categories one member can have added.
pub const CATEGORIES_MAX: usize = 60;
/// In how many groups one can be.
pub const JOINED_MAX: usize = 100;

/// A group among all of a building: its founder and its id.
pub type GroupKey = (MemberId, GroupId);

/// An interest group, in its founder's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// 1 to 30 characters.
    pub name: String,
    /// What it is about, at most 300 characters; may be empty.
    pub about: String,
    /// When it meets, at most 60 characters; may be empty.
    pub meets: String,
    /// Where it meets, at most 60 characters; may be empty.
    pub venue: String,
    /// When it was founded, as the device claims.
    pub founded_at: Instant,
    /// When its founder closed it, if so.
    pub closed_at: Option<Instant>,
}

/// That a member is in a group; in the member's own document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// The group; a member has at most one such record for it.
    pub group: GroupId,
    /// Its founder.
    pub founder: MemberId,
    /// Since when, as the device claims.
    pub at: Instant,
    /// When they left, if so.
    pub left_at: Option<Instant>,
}

/// A resource outside of the building.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// 1 to 30 characters.
    pub name: String,
    /// What it is for, 1 to 300 characters.
    pub about: String,
    /// A phone number or another way to reach it, at most 60 characters; may be empty.
    pub contact: String,
    /// When it is open, at most 60 characters; may be empty.
    pub hours: String,
    /// How many minutes away on foot, at most [`MINUTES_MAX`], if said.
    pub minutes: Option<u16>,
    /// When it was entered, as the device claims.
    pub put_at: Instant,
    /// When it was taken off the list, if so.
    pub withdrawn_at: Option<Instant>,
}

/// A category that was added to one of the classes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedCategory {
    /// Its id.
    pub id: CategoryId,
    /// The class, by its place in [`CLASSES`].
    pub class: u8,
    /// 1 to 12 characters.
    pub name: String,
    /// When it was added, as the device claims.
    pub put_at: Instant,
    /// When it was taken out again, if so.
    pub withdrawn_at: Option<Instant>,
}

impl Group {
    /// Checks the name, what it is about, when and where it meets, in this order.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("name", &self.name, NAME_CHARS_MAX, false)?;
        text::prose("about", &self.about, SAYS_CHARS_MAX, true)?;
        text::line("meets", &self.meets, LINE_CHARS_MAX, true)?;
        text::line("venue", &self.venue, LINE_CHARS_MAX, true)
    }
}

impl Resource {
    /// Checks the name, what it is for, how it is reached, the hours and the minutes, in this order.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("name", &self.name, NAME_CHARS_MAX, false)?;
        text::prose("about", &self.about, SAYS_CHARS_MAX, false)?;
        text::line("contact", &self.contact, LINE_CHARS_MAX, true)?;
        text::line("open_hours", &self.hours, LINE_CHARS_MAX, true)?;
        match self.minutes {
            Some(minutes) if minutes > MINUTES_MAX => {
                Err(Refusal::OutOfRange { field: "minutes", least: 0, most: MINUTES_MAX.into() })
            }
            _ => Ok(()),
        }
    }
}

impl AddedCategory {
    /// Checks the class, then the name.
    pub fn check(&self) -> Result<(), Refusal> {
        if usize::from(self.class) >= CLASSES.len() {
            return Err(Refusal::CategoryUnknown);
        }
        text::line("name", &self.name, CATEGORY_CHARS_MAX, false)
    }
}

/// Why something about groups, invitations and what organisers list was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommonsRefusal {
    /// No such group is known here, or it is closed.
    #[error("no such group is known here, or it is closed")]
    GroupUnknown,
    /// Whoever has founded a group is in it.
    #[error("you have founded this group yourself")]
    OwnGroup,
    /// Only who is in a group says what it does.
    #[error("you are not in this group")]
    NotInGroup,
    /// No such resource is known here, or it is somebody else's.
    #[error("no such resource of yours is known here")]
    ResourceUnknown,
    /// One member has only so many.
    #[error("{most} are the most")]
    TooMany {
        /// How many.
        most: usize,
    },
    /// One invites neighbours with whom one has finished a deal.
    #[error("one invites those with whom one has finished a deal")]
    NotAcquainted,
}

impl CommonsRefusal {
    /// The codes of all, in the order of their declaration.
    pub const CODES: [&'static str; 6] =
        ["group-unknown", "own-group", "not-in-group", "resource-unknown", "too-many", "not-acquainted"];

    /// Gives the closed code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::GroupUnknown => "group-unknown",
            Self::OwnGroup => "own-group",
            Self::NotInGroup => "not-in-group",
            Self::ResourceUnknown => "resource-unknown",
            Self::TooMany { .. } => "too-many",
            Self::NotAcquainted => "not-acquainted",
        }
    }
}

/// All of them in a building: a function of what its members say.
#[derive(Clone, Debug, Default)]
pub struct Commons {
    groups: BTreeMap<GroupKey, Group>,
    /// Who is in a group, by group and member.
    joined: BTreeMap<(GroupKey, MemberId), Joining>,
    resources: BTreeMap<(MemberId, ResourceId), Resource>,
    categories: BTreeMap<(MemberId, CategoryId), AddedCategory>,
}

impl Commons {
    /// Puts what one member says in the place of what they said before; tells whether anything is different.
    pub(crate) fn set_records(&mut self, member: MemberId, records: &mut Records) -> bool {
        let groups = std::mem::take(&mut records.groups).into_iter().map(|one| ((member, one.id), one));
        let joined = std::mem::take(&mut records.joined).into_iter();
        let joined = joined.map(|one| (((one.founder, one.group), member), one));
        let resources = std::mem::take(&mut records.resources).into_iter().map(|one| ((member, one.id), one));
        let categories = std::mem::take(&mut records.categories).into_iter().map(|one| ((member, one.id), one));
        let changed = [
            replace(&mut self.groups, groups, |key| key.0 == member),
            replace(&mut self.joined, joined, |key| key.1 == member),
            replace(&mut self.resources, resources, |key| key.0 == member),
            replace(&mut self.categories, categories, |key| key.0 == member),
        ];
        changed.contains(&true)
    }

    /// Gives every group with its key, in order of founder and id.
    pub fn groups(&self) -> impl Iterator<Item = (&GroupKey, &Group)> {
        self.groups.iter()
    }

    /// Gives one group.
    pub fn group(&self, key: &GroupKey) -> Option<&Group> {
        self.groups.get(key)
    }

    /// Gives who is in a group by their own word, the founder not counted, in order of member.
    pub fn members(&self, key: &GroupKey) -> impl Iterator<Item = MemberId> + use<'_> {
        let key = *key;
        let range = (key, MemberId([0; 16]))..=(key, MemberId([0xFF; 16]));
        let in_it = self.joined.range(range).filter(|(_, one)| one.left_at.is_none());
        in_it.map(|((_, member), _)| *member).filter(move |member| *member != key.0)
    }

    /// Gives what a member has said of being in a group.
    pub fn joining(&self, key: &GroupKey, member: &MemberId) -> Option<&Joining> {
        self.joined.get(&(*key, *member))
    }

    /// Tells whether a member is in a group: who has founded it is.
    pub fn is_in(&self, key: &GroupKey, member: &MemberId) -> bool {
        key.0 == *member || self.joining(key, member).is_some_and(|one| one.left_at.is_none())
    }

    /// Gives the groups that a member says to be in.
    pub fn joined_by(&self, member: &MemberId) -> impl Iterator<Item = &GroupKey> + use<'_> {
        let member = *member;
        let theirs = move |((_, by), one): &(&(GroupKey, MemberId), &Joining)| *by == member && one.left_at.is_none();
        self.joined.iter().filter(theirs).map(|((key, _), _)| key)
    }

    /// Gives every resource with who entered it.
    pub fn resources(&self) -> impl Iterator<Item = (&(MemberId, ResourceId), &Resource)> {
        self.resources.iter()
    }

    /// Gives one resource.
    pub fn resource(&self, key: &(MemberId, ResourceId)) -> Option<&Resource> {
        self.resources.get(key)
    }

    /// Gives one added category.
    pub fn category(&self, key: &(MemberId, CategoryId)) -> Option<&AddedCategory> {
        self.categories.get(key)
    }

    /// Gives every added category with who added it.
    pub fn categories(&self) -> impl Iterator<Item = (&(MemberId, CategoryId), &AddedCategory)> {
        self.categories.iter()
    }

    /// Feeds every row: the same give the same digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        crate::board::section(hasher, b"groups", self.groups.len(), self.groups.iter());
        crate::board::section(hasher, b"joined", self.joined.len(), self.joined.iter());
        crate::board::section(hasher, b"resources", self.resources.len(), self.resources.iter());
        crate::board::section(hasher, b"categories", self.categories.len(), self.categories.iter());
    }
}

fn replace<K: Ord + Copy, V: PartialEq>(
    rows: &mut BTreeMap<K, V>,
    now: impl Iterator<Item = (K, V)>,
    theirs: impl Fn(&K) -> bool,
) -> bool {
    let now: BTreeMap<K, V> = now.collect();
    let gone: Vec<K> = rows.keys().filter(|key| theirs(key) && !now.contains_key(key)).copied().collect();
    let mut changed = !gone.is_empty();
    gone.iter().for_each(|key| _ = rows.remove(key));
    for (key, row) in now {
        if rows.get(&key) != Some(&row) {
            rows.insert(key, row);
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEN: MemberId = MemberId([1; 16]);
    const LIU: MemberId = MemberId([2; 16]);

    fn chess() -> Group {
        let (about, meets, venue) = ("下棋聊天".into(), "每周三晚".into(), "二楼".into());
        let (id, founded_at) = (GroupId([7; 16]), Instant(1));
        Group { id, name: "棋友会".into(), about, meets, venue, founded_at, closed_at: None }
    }

    #[test]
    fn a_neighbour_is_in_a_group_by_their_own_word_alone_whichever_comes_first() {
        let key = (CHEN, GroupId([7; 16]));
        let joined = |left_at| Joining { group: key.1, founder: CHEN, at: Instant(2), left_at };
        for order in [[0, 1], [1, 0]] {
            let mut commons = Commons::default();
            for step in order {
                let mut said = match step {
                    0 => Records { groups: vec![chess()], ..Records::default() },
                    _ => Records { joined: vec![joined(None)], ..Records::default() },
                };
                assert!(commons.set_records(if step == 0 { CHEN } else { LIU }, &mut said));
            }
            assert_eq!(commons.members(&key).collect::<Vec<_>>(), [LIU]);
            assert!(commons.is_in(&key, &CHEN) && commons.is_in(&key, &LIU));
            let mut left = Records { joined: vec![joined(Some(Instant(3)))], ..Records::default() };
            assert!(commons.set_records(LIU, &mut left));
            assert_eq!((commons.members(&key).count(), commons.is_in(&key, &LIU)), (0, false));
        }
    }

    #[test]
    fn the_first_refusal_of_what_is_entered_is_the_one_told() {
        let long = "长".repeat(301);
        assert_eq!(chess().check(), Ok(()));
        let group = Group { name: " ".into(), about: long.clone(), ..chess() };
        assert_eq!(group.check(), Err(Refusal::TextEmpty { field: "name" }));
        let group = Group { about: long.clone(), meets: long.clone(), ..chess() };
        assert_eq!(group.check(), Err(Refusal::TextTooLong { field: "about", found: 301, most: 300 }));
        let clinic = Resource {
            id: ResourceId([1; 16]),
            name: "社区医院".into(),
            about: "量血压、配药".into(),
            contact: "6213 0000".into(),
            hours: "周一到周五 8–17 点".into(),
            minutes: Some(8),
            put_at: Instant(1),
            withdrawn_at: None,
        };
        assert_eq!(clinic.check(), Ok(()));
        let nothing = Resource { about: String::new(), minutes: Some(601), ..clinic.clone() };
        assert_eq!(nothing.check(), Err(Refusal::TextEmpty { field: "about" }));
        let far = Resource { minutes: Some(601), ..clinic };
        assert_eq!(far.check(), Err(Refusal::OutOfRange { field: "minutes", least: 0, most: 600 }));
        let fishing = |class| AddedCategory {
            id: CategoryId([1; 16]),
            class,
            name: "渔具".into(),
            put_at: Instant(1),
            withdrawn_at: None,
        };
        assert_eq!((fishing(8).check(), fishing(9).check()), (Ok(()), Err(Refusal::CategoryUnknown)));
    }
}
