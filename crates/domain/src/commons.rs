//! What a neighbourhood has beside offers and needs: interest groups and who is in them, resources outside of the building, and
//! the categories that it has added.
//!
//! A [`Group`] stands in its founder's document; being in it is a record of each member's own ([`Joining`]), so neither can put
//! the other anywhere. So it is with what is owned together ([`Owning`]). A group that is closed or unknown has no members. [`Resource`] and [`AddedCategory`] stand in the
//! document of whoever entered them; they are shown while that member is one who may enter them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::kept::{Owning, Seen, Share, Stocktake};
use crate::record::{Listing, NAME_CHARS_MAX, Records};
use crate::sort::CLASSES;
use crate::{CategoryId, GroupId, Instant, ListingId, MemberId, Refusal, ResourceId, StocktakeId, text};

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
    /// A thing is owned together by those whom its keeper names.
    #[error("you are not named as an owner of this")]
    NotNamed,
    /// Whoever has said that they own it ends that by their own word.
    #[error("they have said that they own it, too; they end that themselves")]
    OwnerStands,
    /// Only a thing that is lent is owned together; only a thing that is offered lies somewhere.
    #[error("only a thing that is offered lies somewhere, and only one that is lent is owned together")]
    NotKept,
}

impl CommonsRefusal {
    /// The codes of all, in the order of their declaration.
    pub const CODES: [&'static str; 9] = [
        "group-unknown",
        "own-group",
        "not-in-group",
        "resource-unknown",
        "too-many",
        "not-acquainted",
        "not-named",
        "owner-stands",
        "not-kept",
    ];

    /// Gives the closed code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::GroupUnknown => "group-unknown",
            Self::OwnGroup => "own-group",
            Self::NotInGroup => "not-in-group",
            Self::ResourceUnknown => "resource-unknown",
            Self::TooMany { .. } => "too-many",
            Self::NotAcquainted => "not-acquainted",
            Self::NotNamed => "not-named",
            Self::OwnerStands => "owner-stands",
            Self::NotKept => "not-kept",
        }
    }
}

/// All of them in a building: a function of what its members say.
#[derive(Clone, Debug, Default)]
pub struct Commons {
    groups: BTreeMap<GroupKey, Group>,
    /// Who is in a group, by member and group.
    joined: BTreeMap<(MemberId, GroupKey), Joining>,
    /// Who is in it, by group and member: follows from what they say.
    in_group: BTreeSet<(GroupKey, MemberId)>,
    /// Who says to own a thing together with its keeper, by member, keeper and thing.
    owned: BTreeMap<(MemberId, (MemberId, ListingId)), Owning>,
    stocktakes: BTreeMap<(MemberId, StocktakeId), Stocktake>,
    /// When things were last found, by keeper and thing: follows from the stocktakes.
    seen: BTreeMap<(MemberId, ListingId), Seen>,
    resources: BTreeMap<(MemberId, ResourceId), Resource>,
    categories: BTreeMap<(MemberId, CategoryId), AddedCategory>,
}

impl Commons {
    /// Puts what one member says in the place of what they said before; tells whether anything is different, and of which
    /// things they now say something else about owning or finding them.
    pub(crate) fn set_records(
        &mut self,
        member: MemberId,
        records: &mut Records,
    ) -> (bool, BTreeSet<(MemberId, ListingId)>) {
        let groups = std::mem::take(&mut records.groups).into_iter().map(|one| (one.id, one));
        let joined = std::mem::take(&mut records.joined).into_iter().map(|one| ((one.founder, one.group), one));
        let resources = std::mem::take(&mut records.resources).into_iter().map(|one| (one.id, one));
        let categories = std::mem::take(&mut records.categories).into_iter().map(|one| (one.id, one));
        let owned = std::mem::take(&mut records.owned).into_iter().map(|one| ((one.keeper, one.listing), one));
        let stocktakes = std::mem::take(&mut records.stocktakes).into_iter().map(|one| (one.id, one));
        let moved = replace(&mut self.joined, member, joined);
        for key in &moved {
            match self.joined.get(&(member, *key)) {
                Some(one) if one.left_at.is_none() => self.in_group.insert((*key, member)),
                _ => self.in_group.remove(&(*key, member)),
            };
        }
        let changed = [
            !replace(&mut self.groups, member, groups).is_empty(),
            !moved.is_empty(),
            !replace(&mut self.resources, member, resources).is_empty(),
            !replace(&mut self.categories, member, categories).is_empty(),
        ];
        let mut touched = replace(&mut self.owned, member, owned);
        if !replace(&mut self.stocktakes, member, stocktakes).is_empty() {
            touched.extend(self.see(member));
        }
        (changed.contains(&true), touched)
    }

    /// Finds anew when the things of a keeper were last found; gives those for which it is otherwise now.
    fn see(&mut self, keeper: MemberId) -> impl Iterator<Item = (MemberId, ListingId)> + use<> {
        let mut all: Vec<_> = of(&self.stocktakes, keeper).map(|(_, one)| one).collect();
        all.sort_by_key(|one| (one.at, one.id));
        let mut now = BTreeMap::new();
        for one in all {
            let seen = |id: &ListingId| (*id, Seen { at: one.at, stocktake: one.id, by: one.by.clone() });
            now.extend(one.found.iter().map(seen));
        }
        replace(&mut self.seen, keeper, now.into_iter()).into_iter().map(move |id| (keeper, id))
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
        let in_it = self.in_group.range((key, MemberId::LEAST)..).take_while(move |(group, _)| *group == key);
        in_it.map(|(_, member)| *member).filter(move |member| *member != key.0)
    }

    /// Gives what a member has said of being in a group.
    pub fn joining(&self, key: &GroupKey, member: &MemberId) -> Option<&Joining> {
        self.joined.get(&(*member, *key))
    }

    /// Tells whether a member is in a group: who has founded it is.
    pub fn is_in(&self, key: &GroupKey, member: &MemberId) -> bool {
        key.0 == *member || self.in_group.contains(&(*key, *member))
    }

    /// Gives the groups that a member says to be in.
    pub fn joined_by(&self, member: &MemberId) -> impl Iterator<Item = &GroupKey> + use<'_> {
        of(&self.joined, *member).filter(|(_, one)| one.left_at.is_none()).map(|(key, _)| key)
    }

    /// Gives those whom a thing's keeper names as its owners, the keeper not among them, and how they stand to it.
    pub fn shares(&self, keeper: MemberId, listing: &Listing) -> impl Iterator<Item = (MemberId, Share)> {
        let key = (keeper, listing.id);
        let named = listing.kept.owners.iter().filter(move |one| listing.lends() && **one != keeper);
        named.map(move |one| match self.owned.get(&(*one, key)) {
            None => (*one, Share::Asked),
            Some(said) if said.left_at.is_none() => (*one, Share::Owns),
            Some(_) => (*one, Share::Not),
        })
    }

    /// Tells how a member stands to a thing; `None` for its keeper and for whoever is not named.
    pub fn share_of(&self, keeper: MemberId, listing: &Listing, member: &MemberId) -> Option<Share> {
        self.shares(keeper, listing).find(|(one, _)| one == member).map(|(_, share)| share)
    }

    /// Gives what a member has said of owning a thing.
    pub fn owning(&self, key: &(MemberId, ListingId), member: &MemberId) -> Option<&Owning> {
        self.owned.get(&(*member, *key))
    }

    /// Gives what a member has said of owning things of others, also that they do not, in order of keeper and thing.
    pub fn said_of_owning(&self, member: &MemberId) -> impl Iterator<Item = &Owning> + use<'_> {
        of(&self.owned, *member).map(|(_, one)| one)
    }

    /// Gives what a member says to own of others, in order of keeper and thing.
    pub fn owned_by(&self, member: &MemberId) -> impl Iterator<Item = &Owning> + use<'_> {
        self.said_of_owning(member).filter(|one| one.left_at.is_none())
    }

    /// Tells whether a member has spoken of a thing of another keeper with this id: one record stands for one id, and a listing
    /// that somebody made with the id of another must not push it out.
    pub fn has_spoken_of_another(&self, key: &(MemberId, ListingId), member: &MemberId) -> bool {
        self.said_of_owning(member).any(|one| one.listing == key.1 && one.keeper != key.0)
    }

    /// Tells when a thing was last found, if it was.
    pub fn seen(&self, key: &(MemberId, ListingId)) -> Option<&Seen> {
        self.seen.get(key)
    }

    /// Gives the stocktakes of a keeper, in order of id.
    pub fn stocktakes_of(&self, keeper: &MemberId) -> impl Iterator<Item = &Stocktake> + use<'_> {
        of(&self.stocktakes, *keeper).map(|(_, one)| one)
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
        crate::board::section(hasher, b"owned", self.owned.len(), self.owned.iter());
        crate::board::section(hasher, b"stocktakes", self.stocktakes.len(), self.stocktakes.iter());
        crate::board::section(hasher, b"resources", self.resources.len(), self.resources.iter());
        crate::board::section(hasher, b"categories", self.categories.len(), self.categories.iter());
    }
}

/// A key than which none is smaller: where the rows of one member begin.
trait Least: Ord + Copy {
    const LEAST: Self;
}

macro_rules! least {
    ($($id:ident)*) => {
        $(impl Least for $id {
            const LEAST: Self = Self([0; Self::LEN]);
        })*
    };
}

least!(CategoryId GroupId ListingId MemberId ResourceId StocktakeId);

impl<A: Least, B: Least> Least for (A, B) {
    const LEAST: Self = (A::LEAST, B::LEAST);
}

/// Gives what one member says, in order.
fn of<K: Least, V>(rows: &BTreeMap<(MemberId, K), V>, member: MemberId) -> impl Iterator<Item = (&K, &V)> {
    let after = rows.range((member, K::LEAST)..);
    after.take_while(move |((by, _), _)| *by == member).map(|((_, key), row)| (key, row))
}

/// Puts what one member says now in the place of what they said before; gives what is otherwise now.
fn replace<K: Least, V: PartialEq>(
    rows: &mut BTreeMap<(MemberId, K), V>,
    member: MemberId,
    now: impl Iterator<Item = (K, V)>,
) -> BTreeSet<K> {
    let now: BTreeMap<K, V> = now.collect();
    let gone = of(rows, member).map(|(key, _)| *key).filter(|key| !now.contains_key(key));
    let mut touched: BTreeSet<K> = gone.collect();
    touched.iter().for_each(|key| _ = rows.remove(&(member, *key)));
    for (key, row) in now {
        if rows.get(&(member, key)) != Some(&row) {
            rows.insert((member, key), row);
            touched.insert(key);
        }
    }
    touched
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
                assert!(commons.set_records(if step == 0 { CHEN } else { LIU }, &mut said).0);
            }
            assert_eq!(commons.members(&key).collect::<Vec<_>>(), [LIU]);
            assert!(commons.is_in(&key, &CHEN) && commons.is_in(&key, &LIU));
            let mut left = Records { joined: vec![joined(Some(Instant(3)))], ..Records::default() };
            assert!(commons.set_records(LIU, &mut left).0);
            assert_eq!((commons.members(&key).count(), commons.is_in(&key, &LIU)), (0, false));
        }
    }

    #[test]
    fn a_thing_is_owned_by_whom_its_keeper_names_and_who_says_so_whichever_comes_first() {
        const HE: MemberId = MemberId([3; 16]);
        let ladder = |owners: &[MemberId]| Listing {
            kept: crate::kept::Kept::of(owners.to_vec(), None),
            ..crate::record::tests::ladder()
        };
        let said = |left_at| Owning { listing: ladder(&[]).id, keeper: CHEN, at: Instant(2), left_at };
        let mut commons = Commons::default();
        let shares = |commons: &Commons, owners: &[MemberId]| commons.shares(CHEN, &ladder(owners)).collect::<Vec<_>>();
        assert_eq!(shares(&commons, &[LIU, HE, CHEN]), [(LIU, Share::Asked), (HE, Share::Asked)]);
        for (left_at, share) in [(None, Share::Owns), (Some(Instant(3)), Share::Not), (None, Share::Owns)] {
            let (_, touched) =
                commons.set_records(LIU, &mut Records { owned: vec![said(left_at)], ..Records::default() });
            assert_eq!(touched, [(CHEN, ladder(&[]).id)].into());
            assert_eq!(shares(&commons, &[LIU, HE]), [(LIU, share), (HE, Share::Asked)]);
        }
        // Who is not named, or no longer, owns nothing by saying so.
        assert_eq!(shares(&commons, &[HE]), [(HE, Share::Asked)]);
        assert_eq!(commons.share_of(CHEN, &ladder(&[HE]), &LIU), None);
        assert_eq!(commons.share_of(HE, &ladder(&[LIU]), &LIU), Some(Share::Asked), "it stands in another document");
        let given = Listing { mode: Some(crate::record::Mode::Donate), ..ladder(&[LIU]) };
        assert_eq!(commons.shares(CHEN, &given).count(), 0, "what is given away is nobody's in common");
        assert_eq!(commons.owned_by(&LIU).count(), 1);
    }

    #[test]
    fn a_thing_was_last_found_at_the_newest_stocktake_that_names_it() {
        let (ladder, drill) = (ListingId([1; 16]), ListingId([2; 16]));
        let stocktake = |id, at, by: &str, found: &[ListingId]| {
            let (id, at) = (StocktakeId([id; 16]), Instant(at));
            Stocktake { id, at, by: by.into(), found: found.to_vec() }
        };
        let first = stocktake(2, 10, "何姨", &[ladder, drill]);
        let second = stocktake(1, 20, "小陈", &[ladder]);
        let mut commons = Commons::default();
        let says = |commons: &mut Commons, stocktakes: &[&Stocktake]| {
            let stocktakes = stocktakes.iter().map(|one| (*one).clone()).collect();
            commons.set_records(CHEN, &mut Records { stocktakes, ..Records::default() }).1
        };
        let seen = |commons: &Commons, id| commons.seen(&(CHEN, id)).map(|seen| (seen.at.0, seen.by.clone()));
        assert_eq!(says(&mut commons, &[&second]), [(CHEN, ladder)].into());
        assert_eq!(says(&mut commons, &[&second, &first]), [(CHEN, drill)].into());
        assert_eq!(seen(&commons, ladder), Some((20, "小陈".into())));
        assert_eq!(seen(&commons, drill), Some((10, "何姨".into())));
        assert_eq!(commons.stocktakes_of(&CHEN).count(), 2);
        assert_eq!(says(&mut commons, &[]).len(), 2, "what was erased was not found");
        assert_eq!((seen(&commons, ladder), seen(&commons, drill)), (None, None));
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
