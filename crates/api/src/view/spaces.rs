//! Spaces by the hour and things for days to come, groups, resources, categories and invitations, as one neighbour looks at them.

use std::cmp::Reverse;

use kaifong_domain::commons::{self, CommonsRefusal, GroupKey};
use kaifong_domain::record::Listing;
use kaifong_domain::sort::{Category, class_name};
use kaifong_domain::space::{self, SlotStage};
use kaifong_domain::staff::Written;
use kaifong_domain::{ListingId, MemberId, Refusal};
use kaifong_node::Node;
use kaifong_node::trust::envelope::InvitedTo;

use super::View;
use crate::dto::{
    AddedCategory, Categories, Group, GroupDetail, Groups, Invitation, InvitedKind, Resource, Resources, SpaceBooking,
    SpaceCalendar,
};
use crate::{ApiError, Hex};

/// For how long what was lost is told on the first page, in milliseconds.
const LOST_TOLD_MS: u64 = 7 * 24 * 3600 * 1000;
/// How long before it begins what was agreed stands there.
const SOON_MS: u64 = 7 * 24 * 3600 * 1000;

impl View<'_> {
    /// Gives the bookings of one space that are not over.
    ///
    /// # Errors
    /// `listing-unknown`.
    pub(crate) fn space(
        &self,
        owner: Option<MemberId>,
        id: &ListingId,
        since: Option<u64>,
    ) -> Result<SpaceCalendar, ApiError> {
        let row = self.find(owner, id)?;
        let bookings = self.home.space_bookings();
        let since = since.unwrap_or(self.now.0);
        let own = self.me == Some(row.owner);
        let seen = |one: &&space::SpaceBooking| {
            let mine = self.me == Some(one.by);
            let shown = own || mine || bookings.stage(one) == SlotStage::Agreed;
            one.slot.ends_at.0 > since && shown && !self.is_slot_hushed(one)
        };
        let mut rows: Vec<SpaceBooking> =
            bookings.of(&row.key()).filter(seen).map(|one| self.space_booking(one)).collect();
        rows.sort_by_key(|one| (one.starts_at, one.id));
        let open = row.listing.closed_at.is_none() && self.home.is_for(&row.listing, self.place);
        Ok(SpaceCalendar { rows, can_ask: self.me.is_some() && row.listing.is_bookable() && (own || open) })
    }

    /// Tells whether a slot is asked for by somebody with whom the owner who looks would have nothing to do: it is not shown, as if
    /// nobody had asked.
    fn is_slot_hushed(&self, row: &space::SpaceBooking) -> bool {
        let blocked = self.me == Some(row.owner) && self.home.has_blocked(&row.by);
        blocked && self.home.space_bookings().stage(row) == SlotStage::Asked
    }

    fn space_booking(&self, row: &space::SpaceBooking) -> SpaceBooking {
        let (mine, own) = (self.me == Some(row.by), self.me == Some(row.owner));
        let stage = self.home.space_bookings().stage(row);
        let live = matches!(stage, SlotStage::Asked | SlotStage::Agreed);
        let to_come = row.slot.ends_at > self.now;
        let listing = self.home.board().listing(&row.owner, &row.listing).map(|row| &row.listing);
        let thing = listing.is_some_and(Listing::lends);
        let title = listing.map(|listing| listing.title.clone());
        SpaceBooking {
            id: Hex(row.id()),
            listing: Hex(row.listing),
            title,
            thing,
            owner: self.person(row.owner),
            by: (mine || own).then(|| self.person(row.by)),
            mine,
            own,
            starts_at: row.slot.starts_at.0,
            ends_at: row.slot.ends_at.0,
            purpose: row.slot.purpose.into(),
            people: row.slot.people,
            at: row.at.0,
            stage: stage.into(),
            can_cancel: mine && live && !row.slot.is_used(thing, self.now),
            can_grant: own && stage == SlotStage::Asked && to_come,
            can_decline: own && live && to_come,
        }
    }

    /// Gives what is up with spaces: what somebody asks of one's own, what one has lost, what one has soon; in this order.
    pub(crate) fn slots_for(&self, me: MemberId) -> Vec<SpaceBooking> {
        let bookings = self.home.space_bookings();
        let mut rows: Vec<(u8, u64, SpaceBooking)> = Vec::new();
        let asked_of_me = bookings.spaces().into_iter().filter(|key| key.0 == me);
        let asked_of_me = asked_of_me.flat_map(|key| bookings.of(&key)).filter(|row| row.by != me);
        for row in asked_of_me.chain(bookings.by(&me)) {
            // What was given up as it was over is nothing that somebody was refused.
            let over = row.slot.ends_at <= self.now || self.home.are_days_over(row, self.now);
            if over || self.is_slot_hushed(row) {
                continue;
            }
            let soon = row.slot.starts_at.0.saturating_sub(SOON_MS) <= self.now.0;
            let place = match (row.by == me, bookings.stage(row)) {
                (false, SlotStage::Asked) => 0,
                (true, SlotStage::Lost | SlotStage::Declined) if row.at.0 + LOST_TOLD_MS > self.now.0 => 1,
                (true, SlotStage::Agreed) if soon => 2,
                (true, SlotStage::Asked) => 3,
                _ => continue,
            };
            rows.push((place, row.slot.starts_at.0, self.space_booking(row)));
        }
        rows.sort_by_key(|(place, at, row)| (*place, *at, row.id));
        rows.into_iter().map(|(_, _, row)| row).collect()
    }

    fn group_row(&self, key: &GroupKey, group: &commons::Group) -> Group {
        let commons = self.home.board().commons();
        let in_it = commons.members(key).filter(|member| !self.is_gone(member)).count() as u64;
        Group {
            id: Hex(group.id),
            founder: self.written_by(key.0, &Written::Group(group.id)).0,
            mine: self.me == Some(key.0),
            name: group.name.clone(),
            about: group.about.clone(),
            meets: group.meets.clone(),
            venue: group.venue.clone(),
            founded_at: group.founded_at.0,
            closed_at: group.closed_at.map(|at| at.0),
            members: in_it + 1,
            is_in: self.me.is_some_and(|me| commons.is_in(key, &me)),
        }
    }

    /// Gives the groups that are open.
    pub(crate) fn groups(&self) -> Groups {
        let all = self.home.board().commons().groups();
        let open = all.filter(|(key, group)| group.closed_at.is_none() && !self.is_gone(&key.0));
        let mut rows: Vec<Group> = open.map(|(key, group)| self.group_row(key, group)).collect();
        rows.sort_by(|a, b| (!a.is_in, &a.name, a.id).cmp(&(!b.is_in, &b.name, b.id)));
        Groups { rows }
    }

    /// Gives one group with who is in it and what it does.
    ///
    /// # Errors
    /// `group-unknown`.
    pub(crate) fn group_detail(&self, key: &GroupKey) -> Result<GroupDetail, ApiError> {
        let commons = self.home.board().commons();
        let group = commons.group(key).filter(|_| !self.is_gone(&key.0));
        let group = group.ok_or(Refusal::from(CommonsRefusal::GroupUnknown))?;
        let members = commons.members(key).filter(|member| !self.is_gone(member));
        // Anybody can name a group in what they announce; its own activities are those of who is in it.
        let of_group = |host: &MemberId| commons.is_in(key, host);
        Ok(GroupDetail {
            group: self.group_row(key, group),
            members: std::iter::once(key.0).chain(members).map(|member| self.person(member)).collect(),
            activities: self.activities_of_group(key, of_group),
        })
    }

    /// Gives what is outside of the building, the nearest first.
    pub(crate) fn resources(&self) -> Resources {
        let row = |(by, one): (MemberId, &commons::Resource)| Resource {
            id: Hex(one.id),
            name: one.name.clone(),
            about: one.about.clone(),
            contact: one.contact.clone(),
            hours: one.hours.clone(),
            minutes: one.minutes,
            by: self.written_by(by, &Written::Resource(one.id)).0,
            mine: self.me == Some(by),
            put_at: one.put_at.0,
        };
        let mut rows: Vec<Resource> = self.home.resources().map(row).collect();
        rows.sort_by(|a, b| {
            (a.minutes.unwrap_or(u16::MAX), &a.name, a.id).cmp(&(b.minutes.unwrap_or(u16::MAX), &b.name, b.id))
        });
        Resources { rows, can_list: self.me.is_some_and(|me| self.home.organises(&me)) }
    }

    /// Gives what was added to the tree of categories.
    pub(crate) fn categories(&self) -> Categories {
        let row = |(by, one): (MemberId, &commons::AddedCategory)| AddedCategory {
            id: Hex(one.id),
            category: Category::Added(one.id).to_string(),
            class: class_name(one.class).to_owned(),
            name: one.name.clone(),
            mine: self.me == Some(by),
        };
        let mut rows: Vec<(u8, AddedCategory)> =
            self.home.added_categories().map(|(by, one)| (one.class, row((by, one)))).collect();
        rows.sort_by(|(a, one), (b, other)| (a, &one.name, one.id).cmp(&(b, &other.name, other.id)));
        Categories {
            added: rows.into_iter().map(|(_, row)| row).collect(),
            can_add: self.me.is_some_and(|me| self.home.organises(&me)),
            can_enter_for: self.me.is_some_and(|me| self.home.may_enter_for_others(&me)),
        }
    }

    /// Gives the invitations that wait for oneself and can still be followed.
    pub(crate) fn invitations(&self, node: &Node) -> Vec<Invitation> {
        let row = |(from, to): (MemberId, InvitedTo)| {
            let (kind, of, id, title, starts_at) = match to {
                InvitedTo::Activity { host, activity } => {
                    let key = (host, activity);
                    let one = self.home.board().activity(&key)?;
                    let open = one.called_off_at.is_none() && one.terms.ends_at() > self.now;
                    let free = self.me.is_some_and(|me| self.home.bookings().shown(&key, &me).is_none() && me != host);
                    let starts_at = Some(one.terms.starts_at.0);
                    let row = (InvitedKind::Activity, host, activity.to_string(), one.title.clone(), starts_at);
                    (open && free).then_some(row)?
                }
                InvitedTo::Group { founder, group } => {
                    let key = (founder, group);
                    let one = self.home.board().commons().group(&key).filter(|one| one.closed_at.is_none())?;
                    let free = self.me.is_some_and(|me| !self.home.board().commons().is_in(&key, &me));
                    let row = (InvitedKind::Group, founder, group.to_string(), one.name.clone(), None);
                    free.then_some(row)?
                }
            };
            let here = self.is_here(&from) && !self.home.has_blocked(&from) && !self.is_gone(&of);
            here.then(|| Invitation { from: self.person(from), kind, of: Hex(of), id, title, starts_at })
        };
        let mut all = node.invitations();
        all.sort_by_key(|(_, _, at)| Reverse(*at));
        all.into_iter().filter_map(|(from, to, _)| row((from, to))).collect()
    }
}
