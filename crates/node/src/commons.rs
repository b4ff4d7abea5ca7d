//! Groups, resources outside of the building and added categories as one device enters them, and invitations to a named neighbour.
//!
//! An invitation travels in an envelope to the devices of whom it is for: who is invited by whom is nobody else's. It gives no
//! right and asks for no answer: whoever comes signs up or joins as everybody does.

use std::collections::BTreeMap;

use kaifong_domain::commons::{
    AddedCategory, CATEGORIES_MAX, CommonsRefusal, GROUPS_MAX, Group, GroupKey, JOINED_MAX, Joining, RESOURCES_MAX,
    Resource,
};
use kaifong_domain::record::Edit;
use kaifong_domain::rows::{DealRow, Stage};
use kaifong_domain::sort::Category;
use kaifong_domain::{CategoryId, DeviceId, GroupId, Instant, MemberId, Refusal, ResourceId};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::entry::Role;
use kaifong_trust::envelope::{InvitedTo, Letter};
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::home::Home;
use crate::node::Node;

/// How many invitations wait here, and how many of one neighbour.
const INVITED_MAX: usize = 64;
const INVITED_BY_ONE_MAX: usize = 8;
/// For how long one waits for what it invites to to come here.
const UNKNOWN_MS_MAX: u64 = 7 * 24 * 3600 * 1000;
const PREFIX: &[u8] = b"invited/";

/// What a person does about groups, resources, categories and invitations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommonsCommand {
    /// Founds a group; answered by [`Done::GroupFounded`]. Its id and times are the device's to say.
    Found {
        /// 1 to 30 characters.
        name: String,
        /// What it is about, at most 300 characters.
        about: String,
        /// When it meets, at most 60 characters.
        meets: String,
        /// Where it meets, at most 60 characters.
        venue: String,
    },
    /// Closes a group of one's own.
    Close {
        /// Which.
        group: GroupId,
    },
    /// Joins a group.
    Join {
        /// Which.
        key: GroupKey,
    },
    /// Leaves it.
    Leave {
        /// Which.
        key: GroupKey,
    },
    /// Lists a resource outside of the building; for who organises.
    List {
        /// 1 to 30 characters.
        name: String,
        /// What it is for, 1 to 300 characters.
        about: String,
        /// A phone number or another way to reach it, at most 60 characters.
        contact: String,
        /// When it is open, at most 60 characters.
        hours: String,
        /// How many minutes away on foot.
        minutes: Option<u16>,
    },
    /// Takes a resource of one's own off the list.
    Unlist {
        /// Which.
        resource: ResourceId,
    },
    /// Adds a category to a class; for who organises.
    AddCategory {
        /// The class, by its place.
        class: u8,
        /// 1 to 12 characters.
        name: String,
    },
    /// Takes a category of one's own out again.
    RemoveCategory {
        /// Which.
        category: CategoryId,
    },
    /// Invites a neighbour with whom one has finished a deal.
    Invite {
        /// Whom.
        member: MemberId,
        /// To what.
        to: InvitedTo,
    },
    /// Lays an invitation aside.
    Dismiss {
        /// Who invited.
        from: MemberId,
        /// To what.
        to: InvitedTo,
    },
}

/// Invitations that have come here.
#[derive(Debug, Default)]
pub(crate) struct Invitations {
    rows: BTreeMap<(MemberId, InvitedTo), Instant>,
}

impl Invitations {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut invitations = Self::default();
        store.visit(Space::Private, PREFIX, &mut |key, bytes| {
            let key = key.strip_prefix(PREFIX).and_then(|key| postcard::from_bytes(key).ok());
            if let (Some(key), Ok(row)) = (key, postcard::from_bytes(bytes)) {
                invitations.rows.insert(key, row);
            }
        })?;
        Ok(invitations)
    }

    fn keep(&mut self, key: (MemberId, InvitedTo), at: Instant, batch: &mut Batch) {
        batch.put(Space::Private, stored(&key), kaifong_trust::encode(&at));
        self.rows.insert(key, at);
    }
}

fn stored(key: &(MemberId, InvitedTo)) -> Vec<u8> {
    [PREFIX, &kaifong_trust::encode(key)].concat()
}

impl Home {
    /// Tells whether this member may list resources and add categories: an organiser of today, an organisation, the desk.
    pub fn organises(&self, member: &MemberId) -> bool {
        self.may_name_teacher(member)
    }

    /// Tells whether this member may enter an offer or a need for somebody without a phone: who organises, and volunteers.
    pub fn may_enter_for_others(&self, member: &MemberId) -> bool {
        self.organises(member) || self.roster().held(&self.roster().newest_epoch(), member, Role::Volunteer)
    }

    /// Tells whether a category stands in the tree today, whoever put it there.
    pub fn has_category(&self, category: &Category) -> bool {
        match category {
            Category::Given(place) => *place < 18,
            Category::Added(id) => self.added_categories().any(|(_, one)| one.id == *id),
        }
    }

    /// Gives the categories that were added and stand: by who may, and not taken out again.
    pub fn added_categories(&self) -> impl Iterator<Item = (MemberId, &AddedCategory)> {
        let all = self.board().commons().categories().filter(|(_, one)| one.withdrawn_at.is_none());
        all.filter(|((by, _), _)| self.organises(by)).map(|((by, _), one)| (*by, one))
    }

    /// Gives the resources that are listed: by who may, and not taken off again.
    pub fn resources(&self) -> impl Iterator<Item = (MemberId, &Resource)> {
        let all = self.board().commons().resources().filter(|(_, one)| one.withdrawn_at.is_none());
        all.filter(|((by, _), _)| self.organises(by)).map(|((by, _), one)| (*by, one))
    }

    /// Tells whether the two have finished a deal.
    pub fn have_finished_a_deal(&self, one: &MemberId, other: &MemberId) -> bool {
        self.board().deals_with(one).any(|deal| deal.stage == Stage::Done && deal.is_party(other) && one != other)
    }

    /// Tells whether the other may know of a deal that the two have finished: `me` has confirmed its end, and the other's word may
    /// be on its way here.
    fn may_have_finished_a_deal(&self, me: &MemberId, other: &MemberId) -> bool {
        let ended = |deal: &DealRow| match deal.stage {
            Stage::Done => true,
            Stage::OnLoan => deal.has_confirmed(me),
            Stage::Agreed => !deal.terms.is_loan() && deal.has_confirmed(me),
            _ => false,
        };
        me != other && self.board().deals_with(me).any(|deal| deal.is_party(other) && ended(deal))
    }

    /// Tells whether `me` can still follow an invitation: what it is to goes on, and they are not in it. `None` while it is not
    /// known here.
    fn can_follow(&self, me: &MemberId, to: &InvitedTo, now: Instant) -> Option<bool> {
        match *to {
            InvitedTo::Activity { host, activity } => {
                let key = (host, activity);
                let one = self.board().activity(&key)?;
                let open = one.called_off_at.is_none() && one.terms.ends_at() > now;
                Some(open && host != *me && self.bookings().shown(&key, me).is_none())
            }
            InvitedTo::Group { founder, group } => {
                let key = (founder, group);
                let commons = self.board().commons();
                let open = commons.group(&key)?.closed_at.is_none();
                Some(open && founder != *me && !commons.is_in(&key, me))
            }
        }
    }
}

impl Node {
    pub(crate) fn commons_command(&mut self, command: CommonsCommand) -> Result<Done, NodeError> {
        match command {
            CommonsCommand::Found { name, about, meets, venue } => self.found_group(&name, &about, &meets, &venue),
            CommonsCommand::Close { group } => self.close_group(group),
            CommonsCommand::Join { key } => self.join_group(key),
            CommonsCommand::Leave { key } => self.leave_group(key),
            CommonsCommand::List { name, about, contact, hours, minutes } => {
                let (name, about) = (name.trim().to_owned(), about.trim().to_owned());
                let (contact, hours) = (contact.trim().to_owned(), hours.trim().to_owned());
                let (id, put_at) = (ResourceId(self.draw_id()), self.now);
                self.list(Resource { id, name, about, contact, hours, minutes, put_at, withdrawn_at: None })
            }
            CommonsCommand::Unlist { resource } => self.unlist_resource(resource),
            CommonsCommand::AddCategory { class, name } => {
                let (id, put_at, name) = (CategoryId(self.draw_id()), self.now, name.trim().to_owned());
                self.add_category(AddedCategory { id, class, name, put_at, withdrawn_at: None })
            }
            CommonsCommand::RemoveCategory { category } => self.remove_category(category),
            CommonsCommand::Invite { member, to } => self.invite_neighbour(member, to),
            CommonsCommand::Dismiss { from, to } => self.dismiss(from, to),
        }
    }

    fn draw_id(&mut self) -> [u8; 16] {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        id
    }

    fn found_group(&mut self, name: &str, about: &str, meets: &str, venue: &str) -> Result<Done, NodeError> {
        let (me, founded_at, id) = (self.require_me()?, self.now, GroupId(self.draw_id()));
        let [name, about, meets, venue] = [name, about, meets, venue].map(|text| text.trim().to_owned());
        let group = Group { id, name, about, meets, venue, founded_at, closed_at: None };
        group.check()?;
        let groups = self.require_home()?.board().commons().groups();
        most(groups.filter(|(key, one)| key.0 == me && one.closed_at.is_none()).count(), GROUPS_MAX)?;
        self.edit(&Edit::PutGroup(group))?;
        Ok(Done::GroupFounded(id))
    }

    fn close_group(&mut self, id: GroupId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let group = self.open_group(&(me, id))?;
        self.edit(&Edit::PutGroup(Group { closed_at: Some(now), ..group }))?;
        Ok(Done::Saved)
    }

    /// Gives a group that is not closed.
    pub(crate) fn open_group(&mut self, key: &GroupKey) -> Result<Group, NodeError> {
        let group = self.require_home()?.board().commons().group(key).filter(|group| group.closed_at.is_none());
        group.cloned().ok_or_else(|| Refusal::from(CommonsRefusal::GroupUnknown).into())
    }

    fn join_group(&mut self, key: GroupKey) -> Result<Done, NodeError> {
        let (me, at) = (self.require_me()?, self.now);
        self.open_group(&key)?;
        if key.0 == me {
            return Err(Refusal::from(CommonsRefusal::OwnGroup).into());
        }
        let commons = self.require_home()?.board().commons();
        if commons.is_in(&key, &me) {
            return Ok(Done::Saved);
        }
        most(commons.joined_by(&me).count(), JOINED_MAX)?;
        self.edit(&Edit::PutJoining(Joining { group: key.1, founder: key.0, at, left_at: None }))?;
        Ok(Done::Saved)
    }

    fn leave_group(&mut self, key: GroupKey) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let joining = self.require_home()?.board().commons().joining(&key, &me).cloned();
        let joining = joining.filter(|one| one.left_at.is_none());
        let joining = joining.ok_or_else(|| Refusal::from(CommonsRefusal::NotInGroup))?;
        self.edit(&Edit::PutJoining(Joining { left_at: Some(now), ..joining }))?;
        Ok(Done::Saved)
    }

    /// Refuses who is not in a group to speak for it.
    pub(crate) fn require_in_group(&mut self, key: &GroupKey) -> Result<(), NodeError> {
        let me = self.require_me()?;
        self.open_group(key)?;
        let is_in = self.require_home()?.board().commons().is_in(key, &me);
        if is_in { Ok(()) } else { Err(Refusal::from(CommonsRefusal::NotInGroup).into()) }
    }

    fn require_organiser(&mut self) -> Result<MemberId, NodeError> {
        let me = self.require_me()?;
        let organises = self.require_home()?.organises(&me);
        if organises { Ok(me) } else { Err(Refusal::RoleMissing { role: "organiser" }.into()) }
    }

    fn list(&mut self, resource: Resource) -> Result<Done, NodeError> {
        let me = self.require_organiser()?;
        resource.check()?;
        most(self.require_home()?.resources().filter(|(by, _)| *by == me).count(), RESOURCES_MAX)?;
        self.edit(&Edit::PutResource(resource))?;
        Ok(Done::Saved)
    }

    fn unlist_resource(&mut self, id: ResourceId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let resource = self.require_home()?.board().commons().resource(&(me, id)).cloned();
        let resource = resource.filter(|one| one.withdrawn_at.is_none());
        let one = resource.ok_or_else(|| Refusal::from(CommonsRefusal::ResourceUnknown))?;
        self.edit(&Edit::PutResource(Resource { withdrawn_at: Some(now), ..one }))?;
        Ok(Done::Saved)
    }

    fn add_category(&mut self, category: AddedCategory) -> Result<Done, NodeError> {
        let me = self.require_organiser()?;
        category.check()?;
        most(self.require_home()?.added_categories().filter(|(by, _)| *by == me).count(), CATEGORIES_MAX)?;
        self.edit(&Edit::PutCategory(category))?;
        Ok(Done::Saved)
    }

    fn remove_category(&mut self, id: CategoryId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let category = self.require_home()?.board().commons().category(&(me, id)).cloned();
        let one = category.filter(|one| one.withdrawn_at.is_none()).ok_or(Refusal::CategoryUnknown)?;
        self.edit(&Edit::PutCategory(AddedCategory { withdrawn_at: Some(now), ..one }))?;
        Ok(Done::Saved)
    }

    fn invite_neighbour(&mut self, member: MemberId, to: InvitedTo) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        match to {
            InvitedTo::Activity { host, activity } => {
                let known = self.require_home()?.board().activity(&(host, activity)).cloned();
                let one = known.ok_or(Refusal::ActivityUnknown)?;
                match () {
                    () if one.called_off_at.is_some() => {
                        return Err(Refusal::ActivityClosed { stage: "called-off" }.into());
                    }
                    () if one.terms.ends_at() <= now => return Err(Refusal::ActivityClosed { stage: "over" }.into()),
                    () => (),
                }
            }
            InvitedTo::Group { founder, group } => drop(self.open_group(&(founder, group))?),
        }
        if !self.require_home()?.have_finished_a_deal(&me, &member) {
            return Err(Refusal::from(CommonsRefusal::NotAcquainted).into());
        }
        self.require_here(&member)?;
        self.require_not_blocked(&member)?;
        if !self.letters.has_room_for(self.letters_to(&member)) {
            return Err(Refusal::InboxFull.into());
        }
        self.post_letter(&member, &Letter::Invite { to });
        Ok(Done::Saved)
    }

    /// Reads an invitation; `false` when its sender, or the deal that one has finished with them, is not known here yet.
    pub(crate) fn read_invitation(&mut self, speaker: &DeviceId, to: InvitedTo) -> bool {
        let (Some(me), Some(home)) = (self.me(), &self.home) else { return false };
        let Some(from) = home.roster().settled(speaker).map(|device| device.member) else { return false };
        // Whoever was blocked is not told of it, and what cannot be followed is of no use.
        if from == me || home.has_blocked(&from) || home.can_follow(&me, &to, self.now) == Some(false) {
            return true;
        }
        if !home.may_have_finished_a_deal(&me, &from) {
            return false;
        }
        self.drop_past_invitations(&me);
        let rows = &self.invitations.rows;
        let room = rows.len() < INVITED_MAX && rows.keys().filter(|(by, _)| *by == from).count() < INVITED_BY_ONE_MAX;
        if !room || rows.contains_key(&(from, to)) {
            return true;
        }
        self.invitations.keep((from, to), self.now, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Activities);
        true
    }

    /// Makes room: drops what can be followed no longer, what has not come here for long, and what is from somebody who has gone
    /// or was blocked.
    fn drop_past_invitations(&mut self, me: &MemberId) {
        let Some(home) = &self.home else { return };
        let is_past = |(from, to): (MemberId, InvitedTo), at: Instant| {
            let waits = self.now.0.saturating_sub(at.0) <= UNKNOWN_MS_MAX;
            let follows = home.can_follow(me, &to, self.now).unwrap_or(waits);
            !follows || home.has_blocked(&from) || self.require_not_gone(&from).is_err()
        };
        let rows = self.invitations.rows.iter();
        let past: Vec<_> = rows.filter(|(key, at)| is_past(**key, **at)).map(|(key, _)| *key).collect();
        past.iter().for_each(|key| self.lay_aside(key));
    }

    /// Gives the invitations that wait here, the newest first: who invites, to what, and when it came.
    pub fn invitations(&self) -> Vec<(MemberId, InvitedTo, Instant)> {
        let mut all: Vec<_> = self.invitations.rows.iter().map(|((from, to), at)| (*from, *to, *at)).collect();
        all.sort_by_key(|(from, to, at)| (std::cmp::Reverse(*at), *from, *to));
        all
    }

    fn dismiss(&mut self, from: MemberId, to: InvitedTo) -> Result<Done, NodeError> {
        self.lay_aside(&(from, to));
        Ok(Done::Saved)
    }

    fn lay_aside(&mut self, key: &(MemberId, InvitedTo)) {
        if self.invitations.rows.remove(key).is_some() {
            self.step.batch.delete(Space::Private, stored(key));
            self.arrival.tags.insert(Tag::Activities);
        }
    }
}

fn most(have: usize, most: usize) -> Result<(), NodeError> {
    if have < most { Ok(()) } else { Err(Refusal::from(CommonsRefusal::TooMany { most }).into()) }
}

#[cfg(test)]
mod tests;
