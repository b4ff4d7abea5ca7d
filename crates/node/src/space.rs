//! Spaces by the hour, and things for days to come, as one device takes part in them: it asks for a slot, as the owner's agrees or says no, and signs by itself
//! to each that another one has the time.

use kaifong_domain::deal::Terms;
use kaifong_domain::rows::{DealRow, Stage};
use kaifong_domain::space::{
    ASKED_MAX, SignedSpaceAct, Slot, SlotStage, SpaceAct, SpaceBooking, SpaceBookings, SpaceKey, SpaceRefusal,
};
use kaifong_domain::{BookingId, EntryHash, Instant, MemberId, Refusal};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry};

use crate::event::{Done, NodeError, Tag};
use crate::home::{Arrival, Home};
use crate::node::Node;

/// What a person does about spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpaceCommand {
    /// Asks for a space, or for a thing that is lent; answered by [`Done::Entered`].
    Ask {
        /// Which.
        key: SpaceKey,
        /// When, and for what.
        slot: Slot,
    },
    /// As the owner, agrees.
    Grant {
        /// Which booking.
        booking: BookingId,
    },
    /// As the owner, says no, or no longer.
    Decline {
        /// Which booking.
        booking: BookingId,
    },
    /// Takes back what one has asked for.
    Cancel {
        /// Which booking.
        booking: BookingId,
    },
}

impl Home {
    /// Gives who has asked for which space, and who has it.
    pub fn space_bookings(&self) -> &SpaceBookings {
        &self.spaces
    }

    /// Gives who has a thing or was promised it, loans alone.
    fn lent(&self, (owner, listing): &SpaceKey) -> impl Iterator<Item = &DealRow> {
        let holds = |deal: &&DealRow| deal.is_out() || deal.stage == Stage::Agreed && deal.terms.is_loan();
        self.board.deals_of(owner, listing).filter(holds)
    }

    /// Tells whether a thing is there and promised to nobody.
    pub(crate) fn is_free(&self, key: &SpaceKey) -> bool {
        self.lent(key).next().is_none()
    }

    /// Tells whether somebody else than this member has a thing when a slot begins, or was promised it, by the day that was
    /// agreed with them or that its owner has offered.
    pub(crate) fn is_lent_into(&self, key: &SpaceKey, member: &MemberId, slot: &Slot) -> bool {
        let until = |deal: &DealRow| deal.due_at.max(deal.extension.offered.and_then(|days| deal.day(days)));
        self.lent(key).filter(|deal| deal.answerer != *member).filter_map(until).any(|due| due > slot.starts_at)
    }

    /// Refuses to a member to have a thing until a day, from now on or from when whoever has it is to bring it back, if somebody
    /// else has reserved it for days in between. Days that were reserved are over once who reserved them has had the thing and
    /// brought it back, and those of who has left are nobody's.
    pub(crate) fn require_unreserved(
        &self,
        terms: &Terms,
        member: &MemberId,
        now: Instant,
        until: Instant,
    ) -> Result<(), Refusal> {
        let key = (terms.owner, terms.listing);
        let out = self.board.out_of(&key.0, &key.1).filter(|deal| deal.answerer != *member);
        let from = out.filter_map(|deal| deal.due_at).max().map_or(now, |due| due.max(now));
        let wanted = Slot::of_thing(from, until);
        let stands = |row: &&SpaceBooking| {
            let against = row.by != *member && row.slot.overlaps(&wanted) && !self.are_days_over(row, now);
            against && self.had(row, now).next().is_none()
        };
        match self.spaces.held(&key).iter().any(stands) {
            true => Err(SpaceRefusal::SlotTaken.into()),
            false => Ok(()),
        }
    }

    /// Tells whether what was booked is of no use to whoever asked any more: they have left, or have had the thing since those
    /// days have begun and brought it back.
    pub fn are_days_over(&self, row: &SpaceBooking, now: Instant) -> bool {
        let who = self.journals.whereabouts(&row.by);
        who.has_left(now) || who.is_deceased() || self.is_brought_back(row, now)
    }

    fn is_brought_back(&self, row: &SpaceBooking, now: Instant) -> bool {
        self.had(row, now).next().is_some() && !self.had(row, now).any(DealRow::is_out)
    }

    /// Gives the loans in which whoever reserved a thing has it since those days have begun, or has brought it back since.
    fn had<'a>(&'a self, row: &'a SpaceBooking, now: Instant) -> impl Iterator<Item = &'a DealRow> {
        let own = self.board.deals_of(&row.owner, &row.listing).filter(|deal| deal.answerer == row.by);
        let had = move |deal: &&DealRow| {
            // Whoever has brought it back and reserves the rest of that day has not had it for that.
            let since = row.slot.starts_at.max(row.at);
            let back = self.board.back_at(&deal.id).is_some_and(|back| back >= since);
            deal.giver == row.owner && (deal.is_out() || back)
        };
        own.filter(move |_| row.slot.starts_at <= now).filter(had)
    }

    /// Takes a step about a space in, if it still counts.
    pub(crate) fn fold_space(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let (value, hash) = (entry.value(), EntryHash(entry.hash()));
        let by = self.roster().owner_of_journal(&value.journal).filter(|_| self.journals.counts(&hash));
        if let (Body::Space(act), Some(by)) = (&value.body, by) {
            self.spaces.add(&SignedSpaceAct { by, entry: hash, at: value.at, act: *act });
        }
        arrival.tags.insert(Tag::Activities);
    }

    /// Reads all steps about spaces again, after devices were closed or came back.
    pub(crate) fn count_spaces_anew(&mut self, arrival: &mut Arrival) {
        self.spaces = SpaceBookings::default();
        let all: Vec<_> =
            self.journals.since(0).filter(|entry| matches!(entry.value().body, Body::Space(_))).cloned().collect();
        all.iter().for_each(|entry| self.fold_space(entry, arrival));
    }
}

impl Node {
    pub(crate) fn space_command(&mut self, command: SpaceCommand) -> Result<Done, NodeError> {
        match command {
            SpaceCommand::Ask { key, slot } => self.ask_space(key, slot),
            SpaceCommand::Grant { booking } => self.grant_space(&booking),
            SpaceCommand::Decline { booking } => self.decline_space(&booking),
            SpaceCommand::Cancel { booking } => self.cancel_space(&booking),
        }
    }

    fn ask_space(&mut self, key: SpaceKey, slot: Slot) -> Result<Done, NodeError> {
        let (me, now, place) = (self.require_me()?, self.now, self.own_place());
        if slot.ends_at <= now {
            return Err(Refusal::from(SpaceRefusal::SlotPast).into());
        }
        self.check_ahead("starts_at", slot.starts_at)?;
        let home = self.require_home()?;
        let row = home.board().listing(&key.0, &key.1).ok_or(Refusal::ListingUnknown)?;
        let listing = &row.listing;
        slot.check_for(listing)?;
        if listing.closed_at.is_some() {
            return Err(Refusal::ListingClosed.into());
        }
        if !home.is_for(listing, place) {
            return Err(Refusal::NotAddressed.into());
        }
        let bookings = home.space_bookings();
        if bookings.holder(&key, &slot).is_some() || home.is_lent_into(&key, &me, &slot) {
            return Err(Refusal::from(SpaceRefusal::SlotTaken).into());
        }
        let to_come = |row: &&SpaceBooking| row.by == me && row.slot.ends_at > now;
        let mine: Vec<_> = bookings.of(&key).filter(to_come).collect();
        if mine.iter().any(|row| row.slot.overlaps(&slot) && is_live(bookings.stage(row))) {
            return Err(Refusal::AlreadyBooked.into());
        }
        // What was lost or taken back counts, too: of whoever asks for more the owner's device says nothing any more.
        if mine.len() >= ASKED_MAX {
            return Err(Refusal::from(SpaceRefusal::AsksFull { most: ASKED_MAX }).into());
        }
        self.require_here(&key.0)?;
        self.require_not_blocked(&key.0)?;
        let asked = self.write(Body::Space(SpaceAct::Ask { owner: key.0, listing: key.1, slot }))?;
        if key.0 == me {
            // One's own use of one's own space needs nobody else's word.
            self.write(Body::Space(SpaceAct::Grant { booking: asked }))?;
        }
        Ok(Done::Entered(asked))
    }

    fn space_booking(&mut self, id: &BookingId) -> Result<(SpaceBooking, SlotStage), NodeError> {
        let bookings = self.require_home()?.space_bookings();
        let row = bookings.booking(id).ok_or(Refusal::from(SpaceRefusal::BookingUnknown))?;
        Ok((row.clone(), bookings.stage(row)))
    }

    fn grant_space(&mut self, id: &BookingId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let (row, stage) = self.space_booking(id)?;
        match stage {
            _ if row.owner != me => Err(Refusal::from(SpaceRefusal::BookingUnknown).into()),
            SlotStage::Agreed => Ok(Done::Saved),
            SlotStage::Asked if row.slot.ends_at <= now => Err(Refusal::from(SpaceRefusal::SlotPast).into()),
            SlotStage::Asked => {
                let home = self.require_home()?;
                // Its device may have asked for anything.
                let listing = home.board().listing(&row.owner, &row.listing).ok_or(Refusal::ListingUnknown)?;
                row.slot.check_for(&listing.listing)?;
                let held = home.space_bookings().holder(&row.key(), &row.slot).is_some();
                if held || home.is_lent_into(&row.key(), &row.by, &row.slot) {
                    return Err(Refusal::from(SpaceRefusal::SlotTaken).into());
                }
                self.require_not_blocked(&row.by)?;
                self.write(Body::Space(SpaceAct::Grant { booking: row.entry }))?;
                Ok(Done::Saved)
            }
            other => Err(Refusal::from(SpaceRefusal::BookingOver { stage: other.name() }).into()),
        }
    }

    fn decline_space(&mut self, id: &BookingId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let (row, stage) = self.space_booking(id)?;
        match stage {
            _ if row.owner != me => Err(Refusal::from(SpaceRefusal::BookingUnknown).into()),
            _ if row.slot.ends_at <= self.now => Err(Refusal::from(SpaceRefusal::SlotPast).into()),
            SlotStage::Asked | SlotStage::Agreed => {
                self.write(Body::Space(SpaceAct::Decline { booking: row.entry }))?;
                Ok(Done::Saved)
            }
            other => Err(Refusal::from(SpaceRefusal::BookingOver { stage: other.name() }).into()),
        }
    }

    fn cancel_space(&mut self, id: &BookingId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let (row, stage) = self.space_booking(id)?;
        let listing = self.require_home()?.board().listing(&row.owner, &row.listing);
        let thing = listing.is_some_and(|row| row.listing.lends());
        match stage {
            _ if row.by != me => Err(Refusal::from(SpaceRefusal::BookingUnknown).into()),
            _ if row.slot.is_used(thing, self.now) => Err(Refusal::from(SpaceRefusal::SlotPast).into()),
            SlotStage::Asked | SlotStage::Agreed => {
                self.write(Body::Space(SpaceAct::Cancel { booking: row.entry }))?;
                Ok(Done::Saved)
            }
            other => Err(Refusal::from(SpaceRefusal::BookingOver { stage: other.name() }).into()),
        }
    }

    /// Gives the next word that this device owes as an owner's: to whom it has to say that another one has the time.
    pub(crate) fn next_lost_slot(&self) -> Option<Body> {
        let (me, home) = (self.me()?, self.home()?);
        self.require_not_gone(&me).ok()?;
        let mine = home.space_bookings().spaces().into_iter().filter(|key| key.0 == me);
        let (booking, to) = mine.filter_map(|key| home.space_bookings().next_to_lose(&key, self.now)).next()?;
        Some(Body::Space(SpaceAct::Lose { booking, to }))
    }

    /// Gives the next word by which this device gives up what is over, so that it stands against nobody: of its member what they
    /// asked for, as an owner's what others did.
    pub(crate) fn next_days_given_up(&self) -> Option<Body> {
        let (me, home) = (self.me()?, self.home()?);
        self.require_not_gone(&me).ok()?;
        let bookings = home.space_bookings();
        let is_over = |row: &&SpaceBooking| {
            row.slot.ends_at > self.now && is_live(bookings.stage(row)) && home.are_days_over(row, self.now)
        };
        if let Some(row) = bookings.by(&me).find(is_over) {
            return Some(Body::Space(SpaceAct::Cancel { booking: row.entry }));
        }
        let mine = bookings.spaces().into_iter().filter(|key| key.0 == me);
        let booking = mine.flat_map(|key| bookings.of(&key)).find(is_over)?.entry;
        Some(Body::Space(SpaceAct::Decline { booking }))
    }
}

fn is_live(stage: SlotStage) -> bool {
    matches!(stage, SlotStage::Asked | SlotStage::Agreed)
}

#[cfg(test)]
mod tests;
