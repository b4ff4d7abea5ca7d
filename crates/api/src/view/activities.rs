//! What neighbours are invited to, as one of them looks at it.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::activity::{self, ActivityKey, BookingStage as Stage, DOOR_MS};
use kaifong_domain::commons::GroupKey;
use kaifong_domain::fund::{Act, Purpose};
use kaifong_domain::staff::Written;
use kaifong_domain::{ActivityId, MemberId, ReasonId, Refusal};
use kaifong_node::ledger::{Direction, LineState as Became};
use kaifong_node::{Class, Node};

use super::View;
use super::listings::page;
use crate::dto::{
    Activities, ActivitiesArgs, Activity, ActivityDetail, ActivityShow, Booking, ClassNote, Classes, GroupNote, Guest,
    LineActivity, LineState, ThankedNote,
};
use crate::{ApiError, Hex};

const PAGE_ROWS: u32 = 50;
const PAGE_ROWS_MAX: u32 = 200;
/// For how many days back a class is offered: what a treasurer can still grant.
const DAYS_BACK: u64 = 60;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// How long before its beginning an activity stands among what is up today.
const SOON_MS: u64 = 3 * DAY_MS;

type Paid = BTreeMap<ReasonId, Became>;

impl View<'_> {
    /// Gives one page of activities.
    ///
    /// # Errors
    /// `bad-arguments`; `not-yet-member` for one's own.
    pub(crate) fn activities(&self, node: &Node, args: &ActivitiesArgs) -> Result<Activities, ApiError> {
        let limit = page(args.limit, PAGE_ROWS, PAGE_ROWS_MAX)?;
        if args.show == ActivityShow::Mine {
            self.require_me()?;
        }
        // Who has signed up for what was called off is to see it where they look for it, until its hour is past.
        let over = |key: &ActivityKey, one: &activity::Activity| {
            let off = one.called_off_at.is_some();
            one.terms.ends_at() <= self.now || (off && !self.me.is_some_and(|me| self.takes_part(key, &me)))
        };
        let mut keys: Vec<(u64, ActivityKey)> = self
            .seen_activities()
            .filter(|(key, one)| match args.show {
                ActivityShow::ToCome => !over(key, one),
                ActivityShow::Past => over(key, one),
                ActivityShow::Mine => self.me.is_some_and(|me| key.0 == me || self.booking_of(key, &me).is_some()),
            })
            .map(|(key, one)| (one.terms.starts_at.0, *key))
            .collect();
        keys.sort_unstable();
        if args.show != ActivityShow::ToCome {
            keys.reverse();
        }
        let (total, paid) = (keys.len() as u64, self.own_payments());
        let shown = keys.into_iter().skip(args.skip as usize).take(limit);
        Ok(Activities {
            rows: shown.filter_map(|(_, key)| self.activity_row(&key, &paid)).collect(),
            total,
            can_teach: self.me.is_some_and(|me| self.home.may_name_teacher(&me)),
            has_fund: node.fund_takes_payments(),
        })
    }

    /// Gives the activities of those who have not gone.
    fn seen_activities(&self) -> impl Iterator<Item = (&ActivityKey, &activity::Activity)> {
        self.home.board().activities().filter(|(key, _)| !self.is_gone(&key.0))
    }

    fn booking_of(&self, key: &ActivityKey, member: &MemberId) -> Option<&activity::Booking> {
        self.home.bookings().shown(key, member)
    }

    /// Tells whether somebody has signed up and not taken it back.
    fn takes_part(&self, key: &ActivityKey, member: &MemberId) -> bool {
        self.booking_of(key, member).is_some_and(|row| !matches!(row.stage(), Stage::Cancelled | Stage::Late))
    }

    fn own_payments(&self) -> Paid {
        self.me.map(|me| self.home.paid_for(&me, Direction::Out)).unwrap_or_default()
    }

    fn activity_row(&self, key: &ActivityKey, paid: &Paid) -> Option<Activity> {
        let one = self.home.board().activity(key)?;
        let guests = self.home.bookings().guests(key);
        let count = |stages: &[Stage]| guests.iter().filter(|row| stages.contains(&row.stage())).count() as u64;
        let mine = self.me == Some(key.0);
        let begun = one.terms.starts_at <= self.now && one.called_off_at.is_none();
        Some(Activity {
            id: Hex(one.id),
            host: self.written_by(key.0, &Written::Activity(one.id)).0,
            mine,
            title: one.title.clone(),
            body: one.body.clone(),
            venue: one.venue.clone(),
            starts_at: one.terms.starts_at.0,
            ends_at: one.terms.ends_at().0,
            hours: one.terms.hours,
            cost: one.terms.cost.0,
            to: one.terms.to.into(),
            no_show: one.terms.no_show.0,
            places: one.places,
            taken: guests.iter().filter(|row| row.takes_place()).count() as u64,
            waiting: count(&[Stage::Waiting]),
            teacher: one.teacher.map(|teacher| self.person(teacher)),
            group: one.group.and_then(|group| self.group_note(&group, &key.0)),
            posted_at: one.posted_at.0,
            called_off_at: one.called_off_at.map(|at| at.0),
            booking: self.me.and_then(|me| self.booking_of(key, &me)).map(|row| self.own_booking(row, one, paid)),
            unmarked: if mine && begun { count(&[Stage::Placed, Stage::Contested, Stage::Late]) } else { 0 },
        })
    }

    /// Names the group whose evening something is, if who hosts it is in it.
    fn group_note(&self, key: &GroupKey, host: &MemberId) -> Option<GroupNote> {
        let commons = self.home.board().commons();
        let group = commons.group(key).filter(|group| group.closed_at.is_none() && commons.is_in(key, host))?;
        Some(GroupNote { founder: Hex(key.0), group: Hex(key.1), name: group.name.clone() })
    }

    /// Gives the activities to come of a group, of hosts who are in it.
    pub(super) fn activities_of_group(&self, key: &GroupKey, is_in: impl Fn(&MemberId) -> bool) -> Vec<Activity> {
        let to_come = |one: &activity::Activity| one.called_off_at.is_none() && one.terms.ends_at() > self.now;
        let theirs = self.seen_activities().filter(|(of, one)| one.group == Some(*key) && to_come(one) && is_in(&of.0));
        let paid = self.own_payments();
        let mut rows: Vec<Activity> = theirs.filter_map(|(of, _)| self.activity_row(of, &paid)).collect();
        rows.sort_by_key(|row| (row.starts_at, row.id));
        rows
    }

    fn own_booking(&self, row: &activity::Booking, one: &activity::Activity, paid: &Paid) -> Booking {
        let was_paid = payment(row, paid);
        let open = one.called_off_at.is_none() && was_paid.is_none();
        let owed = row.owed().filter(|_| open);
        let at_the_door = row.terms.starts_at.0.saturating_sub(DOOR_MS) <= self.now.0;
        let stage = row.stage();
        Booking {
            stage: stage.into(),
            at: row.at.0,
            owed: owed.map(|(owed, _)| owed.into()),
            points: owed.map_or(0, |(_, points)| points.0),
            due: owed.is_some() && matches!(stage, Stage::Came | Stage::Absent),
            can_pay: owed.is_some() && (stage != Stage::Placed || at_the_door),
            can_cancel: matches!(stage, Stage::Waiting | Stage::Placed) && open && row.terms.ends_at() > self.now,
            paid: was_paid.map(|(owed, _)| owed.into()),
            paid_points: was_paid.map_or(0, |(owed, _)| row.price(owed).0),
            paid_state: was_paid.map(|(_, state)| became(state)),
            agrees: row.terms == one.terms,
        }
    }

    /// Finds an activity; by its id alone when the host is not told.
    ///
    /// # Errors
    /// `activity-unknown`; `bad-arguments` where several hosts have one of this id.
    pub(crate) fn activity_key(&self, host: Option<MemberId>, id: &ActivityId) -> Result<ActivityKey, ApiError> {
        let fits = |key: &ActivityKey| key.1 == *id && host.is_none_or(|host| host == key.0);
        let mut found = self.seen_activities().map(|(key, _)| *key).filter(fits);
        match (found.next(), found.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(Refusal::ActivityUnknown.into()),
            // Anybody can copy an id.
            (Some(_), Some(_)) => Err(ApiError::bad_arguments("不止一位街坊办过编号是这个的活动，要写上是谁办的")),
        }
    }

    /// Gives one activity, and its host who has signed up.
    ///
    /// # Errors
    /// `activity-unknown`.
    pub(crate) fn activity_detail(&self, host: Option<MemberId>, id: &ActivityId) -> Result<ActivityDetail, ApiError> {
        let key = self.activity_key(host, id)?;
        let activity = self.activity_row(&key, &self.own_payments()).ok_or(Refusal::ActivityUnknown)?;
        let open = activity.called_off_at.is_none() && activity.ends_at > self.now.0;
        let booked = activity.booking.as_ref().map(|booking| booking.stage);
        let free = matches!(booked, None | Some(crate::dto::BookingStage::Cancelled | crate::dto::BookingStage::Late));
        Ok(ActivityDetail {
            guests: if activity.mine { self.guests(&key) } else { Vec::new() },
            can_book: open && !activity.mine && self.me.is_some() && free,
            can_call_off: open && activity.mine && !self.home.is_paid_for(&key),
            activity,
        })
    }

    fn guests(&self, key: &ActivityKey) -> Vec<Guest> {
        let home = self.home;
        // One reason is of one booking, so what came in on both accounts can be asked together.
        let mut paid = home.paid_for(&key.0, Direction::In);
        paid.extend(home.paid_for(&home.fund(), Direction::In));
        let guest = |row: &activity::Booking| {
            let was_paid = payment(row, &paid);
            Guest {
                person: self.person(row.by),
                stage: row.stage().into(),
                at: row.at.0,
                cancelled_at: row.cancelled_at.map(|at| at.0),
                paid: was_paid.map(|(owed, _)| owed.into()),
                paid_state: was_paid.map(|(_, state)| became(state)),
            }
        };
        home.bookings().guests(key).into_iter().map(guest).collect()
    }

    /// Gives what a member has invited to and signed up for, the last to begin first.
    pub(crate) fn own_activities(&self, me: MemberId) -> Vec<Activity> {
        let paid = self.own_payments();
        let mine = |key: &&ActivityKey| key.0 == me || self.booking_of(key, &me).is_some();
        let keys: Vec<ActivityKey> = self.home.board().activities().map(|(key, _)| key).filter(mine).copied().collect();
        let mut rows: Vec<Activity> = keys.iter().filter_map(|key| self.activity_row(key, &paid)).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.starts_at), row.id));
        rows
    }

    /// Gives what is up with activities: what waits for one's signature, whom one has to mark, what was called off that one has
    /// signed up for, and what begins soon; in this order.
    pub(super) fn activities_for(&self, me: MemberId) -> Vec<Activity> {
        let paid = self.own_payments();
        let concerns = |key: &ActivityKey| key.0 == me || self.booking_of(key, &me).is_some();
        let mine: Vec<ActivityKey> = self.seen_activities().map(|(key, _)| *key).filter(concerns).collect();
        let mut rows: Vec<(u8, u64, Activity)> = Vec::new();
        for (key, row) in mine.iter().filter_map(|key| Some((key, self.activity_row(key, &paid)?))) {
            let due = row.booking.as_ref().is_some_and(|booking| booking.due);
            let stage = self.booking_of(key, &me).map(activity::Booking::stage);
            let here = row.mine || matches!(stage, Some(Stage::Waiting | Stage::Placed));
            let (to_come, off) = (row.ends_at > self.now.0, row.called_off_at.is_some());
            let soon = row.starts_at.saturating_sub(SOON_MS) <= self.now.0;
            let place = match () {
                () if due => 0,
                () if row.unmarked > 0 => 1,
                () if off && to_come && self.takes_part(key, &me) => 2,
                () if here && soon && to_come && !off => 3,
                () => continue,
            };
            rows.push((place, row.starts_at, row));
        }
        rows.sort_by_key(|(place, at, row)| (*place, *at, row.id));
        rows.into_iter().map(|(_, _, row)| row).collect()
    }

    /// Gives the activities to come of others for which a member has not signed up: the soonest of each host, then the rest.
    pub(super) fn announced_to(&self, me: MemberId) -> Vec<ActivityKey> {
        let to_come = |one: &activity::Activity| one.terms.starts_at > self.now && one.called_off_at.is_none();
        let open = |key: &ActivityKey| {
            key.0 != me && !self.home.has_blocked(&key.0) && self.is_here(&key.0) && self.booking_of(key, &me).is_none()
        };
        let open = self.seen_activities().filter(|(key, one)| to_come(one) && open(key));
        let mut keys: Vec<_> = open.map(|(key, one)| (one.terms.starts_at, *key)).collect();
        keys.sort_unstable();
        let mut hosts = BTreeSet::new();
        let (first, more): (Vec<_>, Vec<_>) = keys.into_iter().map(|(_, key)| key).partition(|key| hosts.insert(key.0));
        first.into_iter().chain(more).collect()
    }

    /// Gives the rows of some activities as this member sees them.
    pub(super) fn activity_rows(&self, keys: &[ActivityKey]) -> Vec<Activity> {
        let paid = self.own_payments();
        keys.iter().filter_map(|key| self.activity_row(key, &paid)).collect()
    }

    /// Gives the bookings to come of a member that have waited for their place and got it.
    pub(super) fn places_given(&self, me: MemberId) -> impl Iterator<Item = &activity::Booking> {
        let bookings = self.home.bookings();
        let live = move |(key, one): &(&ActivityKey, &activity::Activity)| {
            key.0 != me && one.called_off_at.is_none() && one.terms.ends_at() > self.now
        };
        let shown = self.seen_activities().filter(live).filter_map(move |(key, _)| self.booking_of(key, &me));
        shown.filter(|row| row.stage() == Stage::Placed && bookings.waited(row))
    }

    /// Gives when there will next be something to tell of an activity without any change.
    pub(super) fn next_activity_at(&self, me: MemberId) -> Option<u64> {
        let concerns = |key: &ActivityKey| key.0 == me || self.booking_of(key, &me).is_some();
        let mine = self.seen_activities().filter(|(key, _)| concerns(key));
        mine.filter_map(|(key, one)| tells_at(one, self.booking_of(key, &me))).filter(|at| *at > self.now.0).min()
    }

    /// Gives what a payment pays at an activity, if that is what its reason says.
    pub(super) fn line_activity(&self, reason: Option<ReasonId>) -> Option<LineActivity> {
        let (row, owed) = self.home.bookings().paid_by(&reason?)?;
        let title = self.home.board().activity(&row.key()).map(|one| one.title.clone());
        Some(LineActivity { host: Hex(row.host), activity: Hex(row.activity), title, owed: owed.into() })
    }

    /// Gives the classes that a treasurer can have the fund thank for, the newest first.
    ///
    /// # Errors
    /// `role-missing`, `not-yet-member`.
    pub(crate) fn classes(&self) -> Result<Classes, ApiError> {
        let me = self.require_me()?;
        if !self.home.is_treasurer(&me) {
            return Err(Refusal::RoleMissing { role: "treasurer" }.into());
        }
        let (occasions, paid) = (self.home.occasions(), Paid::new());
        let note = |class: Class| {
            let activity = self.activity_row(&class.key, &paid)?;
            let today = u32::try_from(activity.starts_at / DAY_MS).unwrap_or(u32::MAX);
            // A day is counted where people live, which is up to a day off.
            let days = today.saturating_sub(1)..=today.saturating_add(1);
            let asked = days.flat_map(|day| [Act::Hour, Act::Lecture].map(|act| (act, day)));
            let closed = asked.filter(|(act, day)| {
                let purpose = Purpose::Act { act: *act, day: *day, times: 1 };
                !occasions.is_open(&class.teacher, &purpose)
            });
            let thanked = closed.map(|(act, day)| ThankedNote { act: act.into(), day }).collect();
            let (teacher, came) = (self.person(class.teacher), class.came as u64);
            Some(ClassNote { activity, teacher, came, thanked })
        };
        let least = self.now.0.saturating_sub(DAYS_BACK * DAY_MS);
        let mut rows: Vec<ClassNote> = self.home.classes(self.now).into_iter().filter_map(note).collect();
        rows.retain(|row| row.activity.starts_at >= least);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.activity.starts_at), row.activity.id));
        Ok(Classes { rows })
    }
}

/// Gives when an activity has something to tell of itself: to its host that it begins, and to a guest that it can be paid.
fn tells_at(one: &activity::Activity, guest: Option<&activity::Booking>) -> Option<u64> {
    let starts_at = one.terms.starts_at.0;
    let at = match guest {
        None => starts_at,
        Some(row) if row.stage() == Stage::Placed && row.owed().is_some() => starts_at.saturating_sub(DOOR_MS),
        Some(_) => return None,
    };
    one.called_off_at.is_none().then_some(at)
}

/// Gives what was paid for a booking, and what became of it.
fn payment(row: &activity::Booking, paid: &Paid) -> Option<(activity::Owed, Became)> {
    let owed = [activity::Owed::Cost, activity::Owed::Charge];
    owed.into_iter().find_map(|owed| paid.get(&row.reason(owed)).map(|state| (owed, *state)))
}

fn became(state: Became) -> LineState {
    match state {
        Became::Signed => LineState::Signed,
        Became::NotCounted(_) => LineState::NotCounted,
        Became::Declined => LineState::Declined,
        Became::Accepted => LineState::Accepted,
    }
}

#[cfg(test)]
mod tests {
    use kaifong_domain::activity::{ActivityTerms, Payee};
    use kaifong_domain::{EntryHash, Instant, Points};

    use super::*;

    const STARTS_AT: u64 = 1_780_000_000_000;

    #[test]
    fn he_jie_is_told_when_her_class_begins_and_wang_bo_when_he_can_pay_for_his_place() {
        let terms = ActivityTerms {
            starts_at: Instant(STARTS_AT),
            hours: 2,
            cost: Points(5),
            to: Payee::Fund,
            no_show: Points(3),
        };
        let mut class = activity::Activity {
            id: ActivityId([1; 16]),
            title: "书法课".into(),
            body: String::new(),
            venue: String::new(),
            terms,
            places: None,
            teacher: None,
            group: None,
            posted_at: Instant(1),
            called_off_at: None,
        };
        let wangs = |placed, cancelled_at, cost| activity::Booking {
            entry: EntryHash([2; 32]),
            by: MemberId([3; 16]),
            host: MemberId([4; 16]),
            activity: class.id,
            terms: ActivityTerms { cost: Points(cost), ..terms },
            at: Instant(2),
            placed,
            cancelled_at,
            freed: false,
            attended: None,
            contested: 0,
        };
        assert_eq!(tells_at(&class, None), Some(STARTS_AT));
        for (row, told, what) in [
            (wangs(true, None, 5), Some(STARTS_AT - DOOR_MS), "the door opens"),
            (wangs(true, None, 0), None, "it is free"),
            (wangs(false, None, 5), None, "he waits"),
            (wangs(true, Some(Instant(3)), 5), None, "he does not come"),
        ] {
            assert_eq!(tells_at(&class, Some(&row)), told, "{what}");
        }
        let place = wangs(true, None, 5);
        class.called_off_at = Some(Instant(4));
        assert_eq!((tells_at(&class, None), tells_at(&class, Some(&place))), (None, None), "it is called off");
    }
}
