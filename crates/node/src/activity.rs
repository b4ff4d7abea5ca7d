//! Activities as one device takes part in them: it announces its own, signs up for those of others, and as a host's device
//! gives places by itself, in the order in which it hears of those who ask.

use std::collections::BTreeMap;

use kaifong_domain::activity::{
    ACTIVITIES_OPEN_MAX, Activity, ActivityAct, ActivityKey, ActivityTerms, BOOKINGS_MAX, Booking, BookingStage,
    Bookings, DOOR_MS, MARKS_MAX, Owed, Payee, SignedActivityAct,
};
use kaifong_domain::commons::GroupKey;
use kaifong_domain::record::Edit;
use kaifong_domain::{ActivityId, EntryHash, Instant, MemberId, Points, ReasonId, Refusal};
use kaifong_ledger::{Direction, LineState, TransferRow};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry, MemberKind, Role};
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::home::{Arrival, Home};
use crate::node::Node;

/// How many activities one member may be signed up for that are not over.
const BOOKED_OPEN_MAX: usize = 30;

/// The words of an activity before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityDraft {
    /// 1 to 60 characters.
    pub title: String,
    /// At most 2,000 characters; may be empty.
    pub body: String,
    /// Where it is, in words; at most 60 characters, may be empty.
    pub venue: String,
    /// What those who come agree to.
    pub terms: ActivityTerms,
    /// For how many there is room; `None` for all.
    pub places: Option<u16>,
    /// Who teaches; only an organiser, an organisation or the desk names one.
    pub teacher: Option<MemberId>,
    /// The group whose evening it is, by who is in it.
    pub group: Option<GroupKey>,
}

/// What a person does about activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityCommand {
    /// Announces one; answered by [`Done::Announced`].
    Announce(Box<ActivityDraft>),
    /// Calls off one of one's own.
    CallOff {
        /// Which.
        activity: ActivityId,
    },
    /// Signs up.
    Book {
        /// For which.
        key: ActivityKey,
    },
    /// Takes that back.
    Cancel {
        /// For which.
        key: ActivityKey,
    },
    /// Pays what is due: for coming, or for having stayed away.
    Pay {
        /// For which.
        key: ActivityKey,
    },
    /// Says to the host's word that one did not come: I was there.
    Contest {
        /// Where.
        key: ActivityKey,
    },
    /// As the host, says whether somebody came.
    Attend {
        /// Which of one's own.
        activity: ActivityId,
        /// Who.
        member: MemberId,
        /// Came or not.
        came: bool,
    },
    /// As the host, lets it be that somebody has taken their booking back so late that this device heard of it after the
    /// beginning.
    Free {
        /// Which of one's own.
        activity: ActivityId,
        /// Whose booking.
        member: MemberId,
    },
}

/// A class that has begun, with whom the fund can thank for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    /// The activity.
    pub key: ActivityKey,
    /// Who taught.
    pub teacher: MemberId,
    /// How many came, as the host says.
    pub came: usize,
}

impl Home {
    /// Gives the classes that have begun by `now` and that the fund can thank a teacher for, however many came: announced by
    /// who may name a teacher today, not called off, and somebody came.
    pub fn classes(&self, now: Instant) -> Vec<Class> {
        let begun = |one: &Activity| one.called_off_at.is_none() && one.terms.starts_at <= now;
        let held = self.board().activities().filter(|(_, one)| begun(one));
        let taught = held.filter_map(|(key, one)| Some((*key, one.teacher?)));
        let classes = taught.filter(|(key, _)| self.may_name_teacher(&key.0)).map(|(key, teacher)| {
            let guests = self.bookings().guests(&key).into_iter();
            // Who teaches is no pupil.
            let came = guests.filter(|row| row.stage() == BookingStage::Came && row.by != teacher).count();
            Class { key, teacher, came }
        });
        classes.filter(|class| class.came > 0).collect()
    }

    /// Gives who has signed up for what, and what came of it.
    pub fn bookings(&self) -> &Bookings {
        &self.bookings
    }

    /// Takes a step about an activity in, if it still counts.
    pub(crate) fn fold_activity(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let (value, hash) = (entry.value(), EntryHash(entry.hash()));
        let by = self.roster().owner_of_journal(&value.journal).filter(|_| self.journals.counts(&hash));
        if let (Body::Activity(act), Some(by)) = (&value.body, by) {
            self.bookings.add(&SignedActivityAct { by, entry: hash, at: value.at, act: *act });
        }
        arrival.tags.insert(Tag::Activities);
    }

    /// Reads all steps about activities again, after devices were closed or came back.
    pub(crate) fn count_bookings_anew(&mut self, arrival: &mut Arrival) {
        self.bookings = Bookings::default();
        let all: Vec<_> =
            self.journals.since(0).filter(|entry| matches!(entry.value().body, Body::Activity(_))).cloned().collect();
        all.iter().for_each(|entry| self.fold_activity(entry, arrival));
    }

    /// Tells whether this member may have the fund thank a teacher: an organiser of today, an organisation, the desk.
    pub fn may_name_teacher(&self, member: &MemberId) -> bool {
        let kind = self.roster().member(member).map(|known| known.kind);
        let organises = self.roster().held(&self.roster().newest_epoch(), member, Role::Organiser);
        organises || kind.is_some_and(|kind| kind.is_organisation() || kind == MemberKind::Desk)
    }

    /// Gives what stands of payments with a reason out of or into an account, by reason; what was declined stands for nothing.
    pub fn paid_for(&self, account: &MemberId, direction: Direction) -> BTreeMap<ReasonId, LineState> {
        let mut paid = BTreeMap::new();
        let lines = self.ledger().statement(account);
        for line in lines.iter().filter(|line| line.direction == direction && line.state != LineState::Declined) {
            if let Some(reason) = line.reason {
                paid.entry(reason)
                    .and_modify(|state: &mut LineState| *state = line.state.max(*state))
                    .or_insert(line.state);
            }
        }
        paid
    }

    /// Tells whether somebody has signed a payment for this activity that this device knows of and that was not declined.
    pub fn is_paid_for(&self, key: &ActivityKey) -> bool {
        // One reason is of one booking, so what comes in on both accounts can be asked together.
        let mut paid = self.paid_for(&key.0, Direction::In);
        paid.extend(self.paid_for(&self.fund(), Direction::In));
        self.bookings.of(key).any(|row| is_paid(row, &paid))
    }
}

impl Node {
    pub(crate) fn activity_command(&mut self, command: ActivityCommand) -> Result<Done, NodeError> {
        match command {
            ActivityCommand::Announce(draft) => self.announce(*draft),
            ActivityCommand::CallOff { activity } => self.call_activity_off(activity),
            ActivityCommand::Book { key } => self.book(key),
            ActivityCommand::Cancel { key } => self.cancel_booking(key),
            ActivityCommand::Pay { key } => self.pay_booking(key),
            ActivityCommand::Contest { key } => self.contest(key),
            ActivityCommand::Attend { activity, member, came } => self.attend(activity, member, came),
            ActivityCommand::Free { activity, member } => self.free_place(activity, member),
        }
    }

    fn announce(&mut self, draft: ActivityDraft) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let ActivityDraft { title, body, venue, terms, places, teacher, group } = draft;
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let (title, body, venue) = (title.trim().to_owned(), body.trim().to_owned(), venue.trim().to_owned());
        let id = ActivityId(id);
        let (posted_at, called_off_at) = (now, None);
        let activity = Activity { id, title, body, venue, terms, places, teacher, group, posted_at, called_off_at };
        activity.check()?;
        if terms.starts_at <= now {
            return Err(Refusal::ActivityClosed { stage: "begun" }.into());
        }
        self.check_ahead("starts_at", terms.starts_at)?;
        let home = self.require_home()?;
        let open = home.board().activities_of(&me).filter(|one| is_open(one, now)).count();
        if open >= ACTIVITIES_OPEN_MAX {
            return Err(Refusal::ActivitiesFull { most: ACTIVITIES_OPEN_MAX }.into());
        }
        if let Some(teacher) = teacher {
            if !home.may_name_teacher(&me) {
                return Err(Refusal::RoleMissing { role: "organiser" }.into());
            }
            let known = home.roster().member(&teacher).ok_or(Refusal::MemberUnknown)?;
            if known.kind != MemberKind::Person {
                return Err(Refusal::NotAPerson.into());
            }
            self.require_not_gone(&teacher)?;
        }
        if terms.needs_fund() {
            self.fund_payee()?;
        }
        if let Some(group) = group {
            self.require_in_group(&group)?;
        }
        self.edit(&Edit::PutActivity(activity))?;
        Ok(Done::Announced(id))
    }

    fn call_activity_off(&mut self, id: ActivityId) -> Result<Done, NodeError> {
        let (activity, now) = (self.own_activity(id)?, self.now);
        if activity.called_off_at.is_none() {
            if activity.terms.ends_at() <= now {
                return Err(Refusal::ActivityClosed { stage: "over" }.into());
            }
            let key = (self.require_me()?, id);
            if self.require_home()?.is_paid_for(&key) {
                return Err(Refusal::ActivityClosed { stage: "paid" }.into());
            }
            self.edit(&Edit::PutActivity(Activity { called_off_at: Some(now), ..activity }))?;
        }
        Ok(Done::Saved)
    }

    fn own_activity(&mut self, id: ActivityId) -> Result<Activity, NodeError> {
        let me = self.require_me()?;
        let known = self.require_home()?.board().activity(&(me, id)).cloned();
        known.ok_or_else(|| Refusal::ActivityUnknown.into())
    }

    /// Gives an activity that is neither over nor called off.
    fn open_activity(&mut self, key: &ActivityKey) -> Result<Activity, NodeError> {
        let now = self.now;
        let activity = self.require_home()?.board().activity(key).cloned().ok_or(Refusal::ActivityUnknown)?;
        match () {
            () if activity.called_off_at.is_some() => Err(Refusal::ActivityClosed { stage: "called-off" }.into()),
            () if activity.terms.ends_at() <= now => Err(Refusal::ActivityClosed { stage: "over" }.into()),
            () => Ok(activity),
        }
    }

    fn book(&mut self, key: ActivityKey) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let activity = self.open_activity(&key)?;
        let (host, id) = key;
        if host == me {
            return Err(Refusal::OwnActivity.into());
        }
        self.require_not_gone(&host)?;
        let bookings = self.require_home()?.bookings();
        let mine: Vec<_> = bookings.of(&key).filter(|row| row.by == me).collect();
        if mine.iter().any(|row| !matches!(row.stage(), BookingStage::Cancelled | BookingStage::Late)) {
            return Err(Refusal::AlreadyBooked.into());
        }
        if mine.len() >= BOOKINGS_MAX {
            return Err(Refusal::ActivitiesFull { most: BOOKINGS_MAX }.into());
        }
        let live = |row: &&Booking| matches!(row.stage(), BookingStage::Waiting | BookingStage::Placed);
        if bookings.by(&me).filter(live).filter(|row| row.terms.ends_at() > now).count() >= BOOKED_OPEN_MAX {
            return Err(Refusal::ActivitiesFull { most: BOOKED_OPEN_MAX }.into());
        }
        self.write(Body::Activity(ActivityAct::Book { host, activity: id, terms: activity.terms }))?;
        Ok(Done::Saved)
    }

    /// Takes back every booking that a member has of an activity: two phones apart may have made two.
    fn cancel_booking(&mut self, key: ActivityKey) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let live = |row: &&Booking| {
            row.by == me && row.cancelled_at.is_none() && row.attended.is_none() && row.terms.ends_at() > now
        };
        let home = self.require_home()?;
        let mine: Vec<_> = home.bookings().of(&key).filter(live).copied().collect();
        if mine.is_empty() {
            return Err(Refusal::NotBooked.into());
        }
        // Who has paid at the door is there; nothing gives the points back.
        let paid = home.paid_for(&me, Direction::Out);
        if mine.iter().any(|row| is_paid(row, &paid)) {
            return Err(Refusal::AlreadyPaid.into());
        }
        for row in mine {
            self.write(Body::Activity(ActivityAct::Cancel { booking: row.entry }))?;
        }
        Ok(Done::Saved)
    }

    fn own_booking(&mut self, key: &ActivityKey) -> Result<Booking, NodeError> {
        let me = self.require_me()?;
        self.require_home()?.bookings().shown(key, &me).copied().ok_or_else(|| Refusal::NotBooked.into())
    }

    fn pay_booking(&mut self, key: ActivityKey) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let booking = self.own_booking(&key)?;
        let home = self.require_home()?;
        if home.board().activity(&key).is_some_and(|activity| activity.called_off_at.is_some()) {
            return Err(Refusal::ActivityClosed { stage: "called-off" }.into());
        }
        if is_paid(&booking, &home.paid_for(&me, Direction::Out)) {
            return Err(Refusal::AlreadyPaid.into());
        }
        let (owed, points) = booking.owed().ok_or(Refusal::NotBooked)?;
        if booking.stage() == BookingStage::Placed && !at_the_door(&booking.terms, now) {
            return Err(Refusal::ActivityClosed { stage: "to-come" }.into());
        }
        let to = match booking.payee(owed) {
            Payee::Fund => self.fund_payee()?,
            Payee::Host => {
                self.require_not_gone(&booking.host)?;
                self.journal_of(&booking.host).ok_or(Refusal::PayeeUnknown)?
            }
        };
        self.check_payment(points)?;
        self.transfer(to, points, Some(booking.reason(owed)))?;
        Ok(Done::Saved)
    }

    fn contest(&mut self, key: ActivityKey) -> Result<Done, NodeError> {
        let row = self.own_booking(&key)?;
        match (row.stage(), row.attended) {
            (BookingStage::Contested, _) => Ok(Done::Saved),
            (BookingStage::Absent, Some((number, _))) => {
                self.write(Body::Activity(ActivityAct::Contest { booking: row.entry, number }))?;
                Ok(Done::Saved)
            }
            _ => Err(Refusal::NotBooked.into()),
        }
    }

    /// Finds whose place at one of one's own activities this is.
    fn guest_of(&mut self, id: ActivityId, member: &MemberId) -> Result<(Activity, Booking), NodeError> {
        let activity = self.own_activity(id)?;
        if activity.called_off_at.is_some() {
            return Err(Refusal::ActivityClosed { stage: "called-off" }.into());
        }
        let key = (self.require_me()?, id);
        let row = self.require_home()?.bookings().shown(&key, member).copied();
        let row = row.filter(Booking::takes_place).ok_or(Refusal::NotBooked)?;
        Ok((activity, row))
    }

    fn attend(&mut self, id: ActivityId, member: MemberId, came: bool) -> Result<Done, NodeError> {
        let (activity, row) = self.guest_of(id, &member)?;
        let begun = if came { at_the_door(&activity.terms, self.now) } else { activity.terms.starts_at <= self.now };
        if !begun {
            return Err(Refusal::ActivityClosed { stage: "to-come" }.into());
        }
        if row.attended.is_some_and(|(_, said)| said == came) && row.stage() != BookingStage::Contested {
            return Ok(Done::Saved);
        }
        let number = row.attended.map_or(1, |(number, _)| number.saturating_add(1));
        if number > MARKS_MAX {
            let most = usize::try_from(MARKS_MAX).unwrap_or(usize::MAX);
            return Err(Refusal::SaidEnough { most }.into());
        }
        self.write(Body::Activity(ActivityAct::Attend { booking: row.entry, number, came }))?;
        Ok(Done::Saved)
    }

    fn free_place(&mut self, id: ActivityId, member: MemberId) -> Result<Done, NodeError> {
        let (_, row) = self.guest_of(id, &member)?;
        if row.cancelled_at.is_none() || row.stage() == BookingStage::Came {
            return Err(Refusal::NotBooked.into());
        }
        self.write(Body::Activity(ActivityAct::Free { booking: row.entry }))?;
        Ok(Done::Saved)
    }

    /// Tells whether somebody keeps a fund that could be paid.
    pub fn fund_takes_payments(&self) -> bool {
        self.fund_payee().is_ok()
    }

    /// Gives the next word that this device owes as a host's: who cancels before the beginning is let go, and who waits gets
    /// a place that is left.
    pub(crate) fn next_place(&self) -> Option<Body> {
        let (me, home) = (self.me()?, self.home()?);
        // Who has moved out invites nobody any more.
        self.require_not_gone(&me).ok()?;
        let mine = home.board().activities_of(&me).filter(|activity| is_open(activity, self.now));
        for activity in mine {
            let key = (me, activity.id);
            let freed = || home.bookings().of(&key).find(|row| row.stage() == BookingStage::Late);
            let in_time = self.now < activity.terms.starts_at;
            if let Some(row) = in_time.then(freed).flatten() {
                return Some(Body::Activity(ActivityAct::Free { booking: row.entry }));
            }
            if let Some(row) = home.bookings().next_to_place(&key, activity) {
                return Some(Body::Activity(ActivityAct::Place { booking: row.entry }));
            }
        }
        None
    }

    /// Tells whether a payment may be taken for a booking: it is the guest's own, as much as was agreed to, into the account
    /// that was agreed to, for a place that the host has given; nothing was taken for it in another journal; and the activity
    /// is not known to be called off. `None` while nothing is to be said yet.
    pub(crate) fn booking_owes(&self, row: &TransferRow) -> Option<bool> {
        let home = self.home()?;
        let reason = row.reason?;
        let (booking, owed) = home.bookings().paid_by(&reason)?;
        let fund = home.journals().journal(&row.payee).is_some_and(|payee| payee.open.is_fund());
        let account = match booking.payee(owed) {
            Payee::Fund => fund,
            Payee::Host => home.payee_of(row) == Some(booking.host),
        };
        let price = booking.price(owed);
        if !account || row.payer_member != booking.by || row.points != price || price == Points(0) {
            return Some(false);
        }
        if home.paid_for(&booking.by, Direction::Out).get(&reason) == Some(&LineState::Accepted) {
            return Some(false);
        }
        if home.board().activity(&booking.key()).is_some_and(|activity| activity.called_off_at.is_some()) {
            return Some(false);
        }
        booking.placed.then_some(true)
    }
}

/// Tells whether something stands that was paid for a booking.
fn is_paid(row: &Booking, paid: &BTreeMap<ReasonId, LineState>) -> bool {
    [Owed::Cost, Owed::Charge].iter().any(|owed| paid.contains_key(&row.reason(*owed)))
}

/// Tells whether one can still sign up for it.
fn is_open(activity: &Activity, now: Instant) -> bool {
    activity.called_off_at.is_none() && activity.terms.ends_at() > now
}

/// Tells whether those who have a place may be let in, and pay: from an hour before the beginning on.
fn at_the_door(terms: &ActivityTerms, now: Instant) -> bool {
    terms.starts_at.0.saturating_sub(DOOR_MS) <= now.0
}

#[cfg(test)]
mod tests;
