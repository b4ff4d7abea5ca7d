//! Activities: what somebody invites neighbours to, who has a place, who came, and what that costs.
//!
//! An [`Activity`] stands in its host's document. Who signs up says so in the own journal ([`ActivityAct::Book`]), with the
//! terms word for word; the host's device gives places in the host's journal. So neither can alter what was agreed, nor act
//! for the other. Where a booking stands is a function of the set of these acts, whatever the order they come in:
//!
//! | stage | holds when |
//! |---|---|
//! | waiting | nobody has given it a place, and it was not taken back |
//! | placed | the host has given a place, and it was not taken back |
//! | cancelled | it was taken back, and the host has freed the place or never given one |
//! | late | it was taken back, and the host has not freed the place: for them it came too late |
//! | came | the host's last word is that they came |
//! | absent | the host's last word is that they did not |
//! | contested | they answer that last word with "I was there" |
//!
//! Words of the host on one booking are numbered; the greatest counts, and of two with one number (two devices apart) that
//! they came. A word on somebody who has no place says nothing.
//!
//! Nothing is paid before it is due: coming is paid for at the door, so there is nothing to give back to whoever cancels in
//! time. Who has paid does not cancel, and what was paid for is not called off. Staying away leads to a charge only when the one who stayed away signs it.

mod records;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{ActivityId, BookingId, EntryHash, Instant, MemberId, Points, ReasonId};

pub use records::{
    ACTIVITIES_OPEN_MAX, Activity, ActivityTerms, COST_MAX, HOURS_MAX, NO_SHOW_MAX, PLACES_MAX, Payee, STARTS_AT_MAX,
    VENUE_CHARS_MAX,
};

/// How often one member may sign up for one activity, having taken it back before.
pub const BOOKINGS_MAX: usize = 5;
/// How often a host says of one booking whether they came.
pub const MARKS_MAX: u32 = 20;
/// How long before the beginning one can pay at the door, in milliseconds.
pub const DOOR_MS: u64 = 3600 * 1000;

/// For how long a booking is under way to its place at most, in milliseconds; who has none by then waits for it.
const AT_ONCE_MS: u64 = 60 * 1000;

/// An activity among all of a building: its host and its id.
pub type ActivityKey = (MemberId, ActivityId);

/// One signed step about an activity. A booking's id is the hash of the entry that holds it, cut to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActivityAct {
    /// 报名: a member signs up. Opens the booking.
    Book {
        /// Whose activity.
        host: MemberId,
        /// Which.
        activity: ActivityId,
        /// What the member agrees to.
        terms: ActivityTerms,
    },
    /// 留位: the host gives a booking a place.
    Place {
        /// The booking.
        booking: EntryHash,
    },
    /// 取消报名: the member takes it back.
    Cancel {
        /// The booking.
        booking: EntryHash,
    },
    /// The host frees the place of who has taken it back: it was in time.
    Free {
        /// The booking.
        booking: EntryHash,
    },
    /// The host says whether they came.
    Attend {
        /// The booking.
        booking: EntryHash,
        /// 1 for the first word on it, then one more than the greatest before.
        number: u32,
        /// Came or not.
        came: bool,
    },
    /// The member says, to the host's word with this number and those before it: I was there.
    Contest {
        /// The booking.
        booking: EntryHash,
        /// The word.
        number: u32,
    },
}

impl ActivityAct {
    /// Gives the booking that the act is about; a booking itself names none.
    pub fn booking(&self) -> Option<&EntryHash> {
        match self {
            Self::Book { .. } => None,
            Self::Place { booking }
            | Self::Cancel { booking }
            | Self::Free { booking }
            | Self::Attend { booking, .. }
            | Self::Contest { booking, .. } => Some(booking),
        }
    }

    /// Checks what can be judged of it by itself.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Book { terms, .. } if terms.check().is_err() => Err("a booking's terms are such as can be agreed to"),
            Self::Attend { number: 0, .. } | Self::Contest { number: 0, .. } => {
                Err("words of one kind are numbered from 1")
            }
            _ => Ok(()),
        }
    }
}

/// An act with its place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedActivityAct {
    /// The member whose journal holds it.
    pub by: MemberId,
    /// The entry that holds it.
    pub entry: EntryHash,
    /// When, as the device claims.
    pub at: Instant,
    /// What was done.
    pub act: ActivityAct,
}

/// Where a booking stands; the table is in the documentation of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BookingStage {
    /// The host's last word is that they came.
    Came,
    /// They have a place.
    Placed,
    /// The host says that they did not come, and they say that they did.
    Contested,
    /// The host's last word is that they did not come.
    Absent,
    /// They wait for a place.
    Waiting,
    /// Taken back; the host has not freed the place.
    Late,
    /// Taken back in time.
    Cancelled,
}

/// What a booking can lead to a payment of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Owed {
    /// What coming costs.
    Cost,
    /// What staying away was agreed to cost.
    Charge,
}

/// One booking as everybody can recompute it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The entry that holds it.
    pub entry: EntryHash,
    /// Who signed up.
    pub by: MemberId,
    /// Whose activity.
    pub host: MemberId,
    /// Which.
    pub activity: ActivityId,
    /// What was agreed to.
    pub terms: ActivityTerms,
    /// When, as the device claims.
    pub at: Instant,
    /// Whether the host has given it a place.
    pub placed: bool,
    /// The earliest instant at which it was taken back, as devices claim.
    pub cancelled_at: Option<Instant>,
    /// Whether the host has freed the place.
    pub freed: bool,
    /// The host's last word: its number, and whether they came.
    pub attended: Option<(u32, bool)>,
    /// The greatest number of a word that the member has answered; 0 for none.
    pub contested: u32,
}

impl Booking {
    /// Gives its id.
    pub fn id(&self) -> BookingId {
        self.entry.into()
    }

    /// Gives the key of its activity.
    pub fn key(&self) -> ActivityKey {
        (self.host, self.activity)
    }

    /// Tells where it stands.
    pub fn stage(&self) -> BookingStage {
        match (self.placed, self.cancelled_at, self.attended) {
            (false, None, _) => BookingStage::Waiting,
            (false, Some(_), _) => BookingStage::Cancelled,
            (true, _, Some((_, true))) => BookingStage::Came,
            (true, Some(_), _) if self.freed => BookingStage::Cancelled,
            (true, _, Some((number, false))) if self.contested >= number => BookingStage::Contested,
            (true, _, Some((_, false))) => BookingStage::Absent,
            (true, Some(_), None) => BookingStage::Late,
            (true, None, None) => BookingStage::Placed,
        }
    }

    /// Tells whether it takes up a place.
    pub fn takes_place(&self) -> bool {
        self.placed && self.stage() != BookingStage::Cancelled
    }

    /// Gives what the member may be asked for now, and how much; `None` where nothing is due.
    pub fn owed(&self) -> Option<(Owed, Points)> {
        let (owed, points) = match self.stage() {
            BookingStage::Came | BookingStage::Placed => (Owed::Cost, self.terms.cost),
            BookingStage::Absent | BookingStage::Contested => (Owed::Charge, self.terms.no_show),
            BookingStage::Waiting | BookingStage::Late | BookingStage::Cancelled => return None,
        };
        (points.0 > 0).then_some((owed, points))
    }

    /// Gives whom a payment goes to.
    pub fn payee(&self, owed: Owed) -> Payee {
        match owed {
            Owed::Cost => self.terms.to,
            Owed::Charge => Payee::Fund,
        }
    }

    /// Gives how many points a payment has.
    pub fn price(&self, owed: Owed) -> Points {
        match owed {
            Owed::Cost => self.terms.cost,
            Owed::Charge => self.terms.no_show,
        }
    }

    /// Gives what a payment names as its reason, so that each counts once.
    pub fn reason(&self, owed: Owed) -> ReasonId {
        match owed {
            Owed::Cost => self.id().into(),
            Owed::Charge => {
                let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 charge for staying away");
                hasher.update(&self.entry.0);
                let mut id = [0; 16];
                hasher.finalize_xof().fill(&mut id);
                ReasonId(id)
            }
        }
    }
}

/// All bookings of a building: a function of the set of acts that count.
#[derive(Clone, Debug, Default)]
pub struct Bookings {
    rows: BTreeMap<BookingId, Booking>,
    /// The bookings of each activity, in the order in which this device has heard of them. The host's device gives places
    /// in this order; it stands in no row and no digest.
    heard: BTreeMap<ActivityKey, Vec<BookingId>>,
    /// When each was given its place, as the host's devices claim; it stands in no row and no digest either.
    placed_at: BTreeMap<BookingId, Instant>,
    by: BTreeSet<(MemberId, BookingId)>,
    owed: BTreeMap<ReasonId, (BookingId, Owed)>,
}

impl Bookings {
    /// Adds one act and gives the activity that it is about. One that came before, or that its author may not do, changes
    /// nothing. A booking comes before what is said of it; entries see to that.
    pub fn add(&mut self, act: &SignedActivityAct) -> Option<ActivityKey> {
        if let ActivityAct::Book { host, activity, terms } = act.act {
            return self.open(act, (host, activity), terms);
        }
        let row = self.rows.get_mut(&BookingId::from(*act.act.booking()?))?;
        let (host, member) = (act.by == row.host, act.by == row.by);
        match act.act {
            ActivityAct::Place { .. } if host => {
                row.placed = true;
                let first = self.placed_at.entry(row.id()).or_insert(act.at);
                *first = act.at.min(*first);
            }
            ActivityAct::Free { .. } if host => row.freed = true,
            ActivityAct::Cancel { .. } if member => {
                row.cancelled_at = Some(row.cancelled_at.map_or(act.at, |at| at.min(act.at)));
            }
            ActivityAct::Attend { number, came, .. } if host => row.attended = row.attended.max(Some((number, came))),
            ActivityAct::Contest { number, .. } if member => row.contested = row.contested.max(number),
            _ => return None,
        }
        Some(row.key())
    }

    fn open(&mut self, act: &SignedActivityAct, key: ActivityKey, terms: ActivityTerms) -> Option<ActivityKey> {
        let (host, activity) = key;
        let id = BookingId::from(act.entry);
        // Nobody is their own guest; and two entries with one id cannot be made.
        if host == act.by || self.rows.contains_key(&id) {
            return None;
        }
        let row = Booking {
            entry: act.entry,
            by: act.by,
            host,
            activity,
            terms,
            at: act.at,
            placed: false,
            cancelled_at: None,
            freed: false,
            attended: None,
            contested: 0,
        };
        self.owed.extend([Owed::Cost, Owed::Charge].map(|owed| (row.reason(owed), (id, owed))));
        self.heard.entry(key).or_default().push(id);
        self.by.insert((act.by, id));
        self.rows.insert(id, row);
        Some(key)
    }

    /// Gives one booking.
    pub fn booking(&self, id: &BookingId) -> Option<&Booking> {
        self.rows.get(id)
    }

    /// Gives what a payment with this reason pays.
    pub fn paid_by(&self, reason: &ReasonId) -> Option<(&Booking, Owed)> {
        let (id, owed) = self.owed.get(reason)?;
        Some((self.rows.get(id)?, *owed))
    }

    /// Gives the bookings of an activity, in the order in which this device has heard of them.
    pub fn of(&self, key: &ActivityKey) -> impl Iterator<Item = &Booking> {
        self.heard.get(key).into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    /// Gives what a member has signed up for.
    pub fn by(&self, member: &MemberId) -> impl Iterator<Item = &Booking> + use<'_> {
        let range = (*member, BookingId([0; 16]))..=(*member, BookingId([0xFF; 16]));
        self.by.range(range).filter_map(|(_, id)| self.rows.get(id))
    }

    /// Gives the booking that stands for a member where there are several of one activity: the one that is furthest.
    pub fn shown(&self, key: &ActivityKey, member: &MemberId) -> Option<&Booking> {
        self.of(key).filter(|row| row.by == *member).min_by_key(|row| (row.stage(), row.entry))
    }

    /// Gives for each who has signed up the booking that stands for them, in the order in which this device has heard.
    pub fn guests(&self, key: &ActivityKey) -> Vec<&Booking> {
        let mut shown: BTreeMap<MemberId, (BookingStage, EntryHash)> = BTreeMap::new();
        for row in self.of(key) {
            let this = (row.stage(), row.entry);
            shown.entry(row.by).and_modify(|best| *best = this.min(*best)).or_insert(this);
        }
        self.of(key).filter(|row| shown.get(&row.by).is_some_and(|(_, entry)| *entry == row.entry)).collect()
    }

    /// Tells whether a booking was given its place after having waited for it, as both devices claim.
    pub fn waited(&self, row: &Booking) -> bool {
        self.placed_at.get(&row.id()).is_some_and(|at| at.0.saturating_sub(row.at.0) > AT_ONCE_MS)
    }

    /// Counts the places that are taken: one for each guest.
    pub fn taken(&self, key: &ActivityKey) -> usize {
        let guests: BTreeSet<_> = self.of(key).filter(|row| row.takes_place()).map(|row| row.by).collect();
        guests.len()
    }

    /// Gives the booking that gets the next place: the first that this device has heard of which asks for just these terms,
    /// of somebody who has none and has not asked too often.
    pub fn next_to_place(&self, key: &ActivityKey, activity: &Activity) -> Option<&Booking> {
        let room = activity.places.is_none_or(|places| self.taken(key) < usize::from(places));
        let mut asked: BTreeMap<MemberId, (usize, bool)> = BTreeMap::new();
        for row in self.of(key) {
            let (times, has_place) = asked.entry(row.by).or_default();
            *times += 1;
            *has_place |= row.takes_place();
        }
        let waits = |row: &&Booking| {
            let may = asked.get(&row.by).is_some_and(|(times, has_place)| *times <= BOOKINGS_MAX && !has_place);
            may && row.stage() == BookingStage::Waiting && row.terms == activity.terms
        };
        self.of(key).find(waits).filter(|_| room)
    }

    /// Feeds every row: the same give the same digest.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        crate::board::section(hasher, b"bookings", self.rows.len(), self.rows.values());
    }
}

#[cfg(test)]
mod tests;
