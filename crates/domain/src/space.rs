//! A space by the hour, and a thing that is lent for days to come: who asks for it, what its owner agrees to, and who has it.
//!
//! A space is a listing of kind [`Space`](crate::record::Kind::Space); of a thing that is lent
//! ([`Listing::lends`](crate::record::Listing::lends)) everything here holds alike, but that its slots are whole days as its page
//! names them, up to two weeks, and are for one person and no purpose but another use. A thing is kept for nobody before
//! the slot begins: until then it is lent as ever. Whoever wants either signs the slot in the own journal
//! ([`SpaceAct::Ask`]); its owner agrees in the owner's journal. So neither can act for the other, and nobody can book for both.
//! Where a booking stands is a function of the set of these acts, whatever the order they come in. The first line that holds:
//!
//! | stage | holds when |
//! |---|---|
//! | cancelled | whoever asked has taken it back |
//! | lost | the owner has said that another one has the time, which the owner has not agreed to later than to this one |
//! | declined | the owner has said no, before or after agreeing |
//! | lost | the owner has agreed, and so to another booking that overlaps and wins |
//! | agreed | the owner has agreed |
//! | asked | otherwise |
//!
//! Two devices of an owner that are apart can agree to two bookings that overlap. Of all that are agreed and neither taken back
//! nor declined, the one with the smallest entry of agreement has its time, then the next of those that overlap with none before:
//! so at no instant do two have the space, on any replica, and all replicas name the same. The owner's devices then sign to each
//! loser that it has lost, and to whom: from there on it stays lost, whatever becomes of the winner. "Later" is the order of the
//! same hashes: where each of two devices has said that the other's booking lost, the word about the winner counts for nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::activity::STARTS_AT_MAX;
use crate::record::{Kind, Listing};
use crate::sort::Form;
use crate::{BookingId, EntryHash, Instant, ListingId, MemberId, Refusal};

/// The shortest slot, in milliseconds: a quarter of an hour.
pub const SLOT_MS_MIN: u64 = 15 * 60 * 1000;
/// The longest slot of a space, in milliseconds: a day.
pub const SLOT_MS_MAX: u64 = 24 * 3600 * 1000;
/// The longest slot of a thing that is lent, in milliseconds: two weeks, one of whose days may have 25 hours.
pub const THING_SLOT_MS_MAX: u64 = (14 * 24 + 1) * 3600 * 1000;
/// The most people that a slot is for.
pub const PEOPLE_MAX: u16 = 500;
/// How many bookings of one space one member may have before them, those lost and taken back among them.
pub const ASKED_MAX: usize = 20;

/// A space among all of a building: its owner and its listing.
pub type SpaceKey = (MemberId, ListingId);

/// When a space is wanted and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// From when on.
    pub starts_at: Instant,
    /// Until when; from [`SLOT_MS_MIN`] to [`SLOT_MS_MAX`] later, of a thing to [`THING_SLOT_MS_MAX`].
    pub ends_at: Instant,
    /// For what: a form of [`Kind::Space`]; [`Form::OtherUse`] for a thing.
    pub purpose: Form,
    /// For how many people, 1 to [`PEOPLE_MAX`]; 1 for a thing.
    pub people: u16,
}

impl Slot {
    /// Makes the slot in which somebody would have a thing that is lent.
    pub fn of_thing(starts_at: Instant, ends_at: Instant) -> Self {
        Self { starts_at, ends_at, purpose: Form::OtherUse, people: 1 }
    }

    /// Checks the beginning, the length, the purpose and the number of people, in this order, as far as they can be judged
    /// without knowing what is asked for.
    ///
    /// # Errors
    /// The first that does not fit.
    pub fn check(&self) -> Result<(), Refusal> {
        let bound = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        if !(1..=STARTS_AT_MAX.0).contains(&self.starts_at.0) {
            return Err(Refusal::OutOfRange { field: "starts_at", least: 1, most: bound(STARTS_AT_MAX.0) });
        }
        let length = self.ends_at.0.saturating_sub(self.starts_at.0);
        if !(SLOT_MS_MIN..=THING_SLOT_MS_MAX).contains(&length) {
            return Err(SpaceRefusal::SlotLength.into());
        }
        if self.purpose.kind() != Kind::Space {
            return Err(Refusal::FormMismatch);
        }
        if !(1..=PEOPLE_MAX).contains(&self.people) {
            return Err(Refusal::OutOfRange { field: "people", least: 1, most: PEOPLE_MAX.into() });
        }
        Ok(())
    }

    /// Checks the same for what is asked for: a space by the hour, or a thing that is lent.
    ///
    /// # Errors
    /// The first that does not fit; [`SpaceRefusal::NotASpace`] for a listing that is neither.
    pub fn check_for(&self, listing: &Listing) -> Result<(), Refusal> {
        self.check()?;
        if !listing.is_bookable() {
            return Err(SpaceRefusal::NotASpace.into());
        }
        let thing = listing.lends();
        if !thing && self.ends_at.0.saturating_sub(self.starts_at.0) > SLOT_MS_MAX {
            return Err(SpaceRefusal::SlotLength.into());
        }
        if thing && *self != Self::of_thing(self.starts_at, self.ends_at) {
            return Err(Refusal::FormMismatch);
        }
        Ok(())
    }

    /// Tells whether it is too late to give it back: an hour that has begun was used, and who comes late has still had it; days
    /// that are left of a thing are of use to others.
    pub fn is_used(&self, thing: bool, now: Instant) -> bool {
        now >= if thing { self.ends_at } else { self.starts_at }
    }

    /// Tells whether the two share an instant; what ends when the other begins does not.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// One signed step about a space. A booking's id is the hash of the entry that asks, cut to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SpaceAct {
    /// 约场地: a member asks for a slot. Opens the booking.
    Ask {
        /// Whose space.
        owner: MemberId,
        /// Which.
        listing: ListingId,
        /// When, and for what.
        slot: Slot,
    },
    /// The owner agrees.
    Grant {
        /// The booking.
        booking: EntryHash,
    },
    /// The owner says no, or no longer.
    Decline {
        /// The booking.
        booking: EntryHash,
    },
    /// The owner says that another booking has the time.
    Lose {
        /// The booking.
        booking: EntryHash,
        /// Which has it.
        to: EntryHash,
    },
    /// Whoever asked takes it back.
    Cancel {
        /// The booking.
        booking: EntryHash,
    },
}

impl SpaceAct {
    /// Gives the bookings that the act names; asking names none.
    pub fn bookings(&self) -> [Option<&EntryHash>; 2] {
        match self {
            Self::Ask { .. } => [None, None],
            Self::Grant { booking } | Self::Decline { booking } | Self::Cancel { booking } => [Some(booking), None],
            Self::Lose { booking, to } => [Some(booking), Some(to)],
        }
    }

    /// Checks what can be judged of it by itself.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Ask { slot, .. } if slot.check().is_err() => Err("a slot is one that can be agreed to"),
            Self::Lose { booking, to } if booking == to => Err("no booking loses to itself"),
            _ => Ok(()),
        }
    }
}

/// An act with its place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedSpaceAct {
    /// The member whose journal holds it.
    pub by: MemberId,
    /// The entry that holds it.
    pub entry: EntryHash,
    /// When, as the device claims.
    pub at: Instant,
    /// What was done.
    pub act: SpaceAct,
}

/// Where a booking stands; the table is in the documentation of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SlotStage {
    /// It waits for the owner.
    Asked,
    /// It has the time.
    Agreed,
    /// Another one has the time.
    Lost,
    /// The owner said no.
    Declined,
    /// Taken back.
    Cancelled,
}

/// One booking as everybody can recompute it, but for who wins among those agreed apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceBooking {
    /// The entry that asks.
    pub entry: EntryHash,
    /// Who asks.
    pub by: MemberId,
    /// Whose space.
    pub owner: MemberId,
    /// Which.
    pub listing: ListingId,
    /// When, and for what.
    pub slot: Slot,
    /// When it was asked, as the device claims.
    pub at: Instant,
    /// The smallest entry in which the owner agrees.
    pub granted: Option<EntryHash>,
    /// Whether the owner said no.
    pub declined: bool,
    /// To which bookings it was lost, as the owner said; whether that counts, [`SpaceBookings::stage`] tells.
    pub lost_to: BTreeSet<EntryHash>,
    /// Whether it was taken back.
    pub cancelled: bool,
}

impl SpaceBooking {
    /// Gives its id.
    pub fn id(&self) -> BookingId {
        self.entry.into()
    }

    /// Gives the key of its space.
    pub fn key(&self) -> SpaceKey {
        (self.owner, self.listing)
    }
}

/// All bookings of all spaces of a building: a function of the set of acts that count.
#[derive(Clone, Debug, Default)]
pub struct SpaceBookings {
    rows: BTreeMap<BookingId, SpaceBooking>,
    of: BTreeSet<(SpaceKey, BookingId)>,
    by: BTreeSet<(MemberId, BookingId)>,
}

impl SpaceBookings {
    /// Adds one act and gives the space that it is about. One that came before, or that its author may not do, changes nothing.
    /// A booking comes before what is said of it; entries see to that.
    pub fn add(&mut self, act: &SignedSpaceAct) -> Option<SpaceKey> {
        if let SpaceAct::Ask { owner, listing, slot } = act.act {
            return self.open(act, (owner, listing), slot);
        }
        let booking = *act.act.bookings().first()?.as_ref().copied()?;
        let other = match act.act {
            SpaceAct::Lose { to, .. } => self.rows.get(&BookingId::from(to)).map(|won| (won.key(), won.slot)),
            _ => None,
        };
        let row = self.rows.get_mut(&BookingId::from(booking))?;
        let (owner, member) = (act.by == row.owner, act.by == row.by);
        match act.act {
            SpaceAct::Grant { .. } if owner => {
                row.granted = Some(row.granted.map_or(act.entry, |before| before.min(act.entry)));
            }
            SpaceAct::Decline { .. } if owner => row.declined = true,
            SpaceAct::Lose { to, .. }
                if owner && other.is_some_and(|(key, slot)| key == row.key() && slot.overlaps(&row.slot)) =>
            {
                row.lost_to.insert(to);
            }
            SpaceAct::Cancel { .. } if member => row.cancelled = true,
            _ => return None,
        }
        Some(row.key())
    }

    fn open(&mut self, act: &SignedSpaceAct, key: SpaceKey, slot: Slot) -> Option<SpaceKey> {
        let (owner, listing) = key;
        let id = BookingId::from(act.entry);
        if self.rows.contains_key(&id) {
            return None;
        }
        let row = SpaceBooking {
            entry: act.entry,
            by: act.by,
            owner,
            listing,
            slot,
            at: act.at,
            granted: None,
            declined: false,
            lost_to: BTreeSet::new(),
            cancelled: false,
        };
        self.of.insert((key, id));
        self.by.insert((act.by, id));
        self.rows.insert(id, row);
        Some(key)
    }

    /// Gives one booking.
    pub fn booking(&self, id: &BookingId) -> Option<&SpaceBooking> {
        self.rows.get(id)
    }

    /// Gives the bookings of a space, in order of id.
    pub fn of(&self, key: &SpaceKey) -> impl Iterator<Item = &SpaceBooking> + use<'_> {
        let range = (*key, BookingId([0; 16]))..=(*key, BookingId([0xFF; 16]));
        self.of.range(range).filter_map(|(_, id)| self.rows.get(id))
    }

    /// Gives what a member has asked for, in order of id.
    pub fn by(&self, member: &MemberId) -> impl Iterator<Item = &SpaceBooking> + use<'_> {
        let range = (*member, BookingId([0; 16]))..=(*member, BookingId([0xFF; 16]));
        self.by.range(range).filter_map(|(_, id)| self.rows.get(id))
    }

    /// Gives the spaces that are asked for, each once.
    pub fn spaces(&self) -> BTreeSet<SpaceKey> {
        self.of.iter().map(|(key, _)| *key).collect()
    }

    /// Tells whether the owner's word that a booking has lost counts: it was not agreed to before the one that is named.
    fn has_lost(&self, row: &SpaceBooking) -> bool {
        let later = |to: &EntryHash| {
            let won = self.rows.get(&BookingId::from(*to)).and_then(|won| won.granted);
            row.granted.is_none_or(|granted| won.is_some_and(|won| won < granted))
        };
        row.lost_to.iter().any(later)
    }

    /// Tells whether nothing more is to come of it.
    fn is_out(&self, row: &SpaceBooking) -> bool {
        row.cancelled || row.declined || self.has_lost(row)
    }

    /// Gives those of a space that have their time, in the order of their beginning: no two of them overlap.
    pub fn held(&self, key: &SpaceKey) -> Vec<&SpaceBooking> {
        let live = self.of(key).filter(|row| !self.is_out(row));
        let mut agreed: Vec<(EntryHash, &SpaceBooking)> = live.filter_map(|row| Some((row.granted?, row))).collect();
        agreed.sort_unstable_by_key(|(granted, row)| (*granted, row.entry));
        let mut held: BTreeMap<Instant, &SpaceBooking> = BTreeMap::new();
        for (_, row) in agreed {
            // What is held does not overlap, so the last that begins before this one ends is the one to look at.
            let before = held.range(..row.slot.ends_at).next_back();
            if before.is_none_or(|(_, other)| !other.slot.overlaps(&row.slot)) {
                held.insert(row.slot.starts_at, row);
            }
        }
        held.into_values().collect()
    }

    /// Gives the booking that has the time, or a part of it.
    pub fn holder(&self, key: &SpaceKey, slot: &Slot) -> Option<&SpaceBooking> {
        self.held(key).into_iter().find(|row| row.slot.overlaps(slot))
    }

    /// Tells where a booking stands.
    pub fn stage(&self, row: &SpaceBooking) -> SlotStage {
        match () {
            () if row.cancelled => SlotStage::Cancelled,
            () if self.has_lost(row) => SlotStage::Lost,
            () if row.declined => SlotStage::Declined,
            () if row.granted.is_none() => SlotStage::Asked,
            () if self.held(&row.key()).iter().any(|held| held.entry == row.entry) => SlotStage::Agreed,
            () => SlotStage::Lost,
        }
    }

    /// Gives the next booking of a space that another one has won over, and which, among those that are not over at `now`: what
    /// its owner's device has to say. Of whoever has asked for more than [`ASKED_MAX`] such slots, those lost and taken back
    /// among them, nothing is said but what was agreed to.
    pub fn next_to_lose(&self, key: &SpaceKey, now: Instant) -> Option<(EntryHash, EntryHash)> {
        let to_come = |row: &&SpaceBooking| row.slot.ends_at > now;
        let open = |row: &&SpaceBooking| !self.is_out(row) && to_come(row);
        let held = self.held(key);
        let mut asked: BTreeMap<MemberId, usize> = BTreeMap::new();
        self.of(key).filter(to_come).for_each(|row| *asked.entry(row.by).or_default() += 1);
        self.of(key).filter(open).find_map(|row| {
            let first = |held: &&&SpaceBooking| row.granted.is_none() || held.granted <= row.granted;
            let won = held.iter().filter(first).find(|held| held.slot.overlaps(&row.slot))?;
            let said = row.granted.is_some() || asked.get(&row.by).is_some_and(|times| *times <= ASKED_MAX);
            (said && won.entry != row.entry).then_some((row.entry, won.entry))
        })
    }

    /// Feeds every row with where it stands: the same give the same digest.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        crate::board::section(hasher, b"space-bookings", self.rows.len(), self.rows.values());
        for key in self.spaces() {
            let held = self.held(&key);
            crate::board::section(hasher, b"held", held.len(), held.iter().map(|row| row.entry));
        }
    }
}

/// Why something about a space was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SpaceRefusal {
    /// A slot is from a quarter of an hour to a day long, of a thing up to two weeks.
    #[error("a slot is from a quarter of an hour to a day long, of a thing up to two weeks")]
    SlotLength,
    /// The time is past.
    #[error("this time is past")]
    SlotPast,
    /// Somebody has the space, or the thing, at that time.
    #[error("somebody has this at that time")]
    SlotTaken,
    /// The listing is neither a space that is offered nor a thing that is lent.
    #[error("this is neither a space that is offered nor a thing that is lent")]
    NotASpace,
    /// No such booking is known here, or it is nobody's of this member's.
    #[error("no such booking is known here")]
    BookingUnknown,
    /// The booking is past that step.
    #[error("this booking is {stage}")]
    BookingOver {
        /// Where it stands: `asked`, `agreed`, `lost`, `declined`, `cancelled`.
        stage: &'static str,
    },
    /// One member has this many bookings of one space before them.
    #[error("{most} bookings of one space at a time are the most")]
    AsksFull {
        /// How many.
        most: usize,
    },
}

impl SpaceRefusal {
    /// The codes of all, in the order of their declaration.
    pub const CODES: [&'static str; 7] =
        ["slot-length", "slot-past", "slot-taken", "not-a-space", "slot-unknown", "slot-over", "slots-full"];

    /// Gives the closed code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SlotLength => "slot-length",
            Self::SlotPast => "slot-past",
            Self::SlotTaken => "slot-taken",
            Self::NotASpace => "not-a-space",
            Self::BookingUnknown => "slot-unknown",
            Self::BookingOver { .. } => "slot-over",
            Self::AsksFull { .. } => "slots-full",
        }
    }
}

impl SlotStage {
    /// Gives its name as refusals tell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Lost => "lost",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
        }
    }
}
