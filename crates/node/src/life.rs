//! Moving out, being away, and erasing what one has said (rules M5 and M7).
//!
//! The words are entries of journals; where a member is follows from them and from the clock of whoever looks. A document
//! that was erased is let go on every replica as soon as the word arrives, and a neighbour that brings it again is handed
//! the word instead.

use std::collections::BTreeSet;

use kaifong_domain::deal::DealAct;
use kaifong_domain::record::{Edit, Listing};
use kaifong_domain::rows::{DealRow, Stage};
use kaifong_domain::{DeviceId, EntryHash, Instant, MemberId, Refusal};
use kaifong_net::ConnectionId;
use kaifong_store::Space;
use kaifong_sync::{Heads, Holdings, ItemId, Message, Parcel};
use kaifong_trust::entry::{Body, Kin, Leave, Mark, Marked, Role};
use kaifong_trust::life::Whereabouts;

use crate::activity::ActivityCommand;
use crate::care::CareCommand;
use crate::commons::CommonsCommand;
use crate::event::{Command, Done, NodeError};
use crate::hall::HallCommand;
use crate::home::Home;
use crate::kept::KeptCommand;
use crate::links::{PARCEL_BYTES, Standing};
use crate::node::Node;
use crate::places::{PRIVATE_BLOCK, PRIVATE_PLACE};
use crate::recurring::RecurringCommand;
use crate::shop::ShopCommand;
use crate::slips::SlipCommand;
use crate::space::SpaceCommand;

/// How far ahead a day of leaving or of coming back may lie, in milliseconds.
const AHEAD_MS_MAX: u64 = 2 * 365 * 24 * 3600 * 1000;
/// How many last entries of somebody who has gone are named to their device.
const HEADS_MAX: usize = 64;

impl Node {
    /// Where this member is themselves.
    pub fn whereabouts(&self) -> Whereabouts {
        let (Some(home), Some(me)) = (&self.home, self.me()) else { return Whereabouts::default() };
        home.journals.whereabouts(&me)
    }

    /// Refuses what only a neighbour may begin to one who has moved out.
    pub(crate) fn require_staying(&self, command: &Command) -> Result<(), NodeError> {
        let begins = matches!(
            command,
            Command::Invite { .. }
                | Command::Ask { .. }
                | Command::Approve { .. }
                | Command::Refuse { .. }
                | Command::RefuseInvite { .. }
                | Command::Stand
                | Command::Reapprove { .. }
                | Command::HandPointsOver { .. }
                | Command::SetProfile(_)
                | Command::NameStaff { .. }
                | Command::Post(_)
                | Command::Edit { .. }
                | Command::Kept(KeptCommand::Own { .. } | KeptCommand::Found { .. })
                | Command::Answer { .. }
                | Command::Agree { .. }
                | Command::Mark { .. }
                | Command::NameKin { .. }
                | Command::SetKin { .. }
                | Command::OpenDetails { .. }
                | Command::Complain { .. }
                | Command::Hall(HallCommand::Put { .. } | HallCommand::TakeUp { .. } | HallCommand::Respond { .. })
                | Command::Activity(ActivityCommand::Announce(_) | ActivityCommand::Book { .. })
                | Command::Space(SpaceCommand::Ask { .. } | SpaceCommand::Grant { .. })
                | Command::Commons(
                    CommonsCommand::Found { .. }
                        | CommonsCommand::Join { .. }
                        | CommonsCommand::List { .. }
                        | CommonsCommand::AddCategory { .. }
                        | CommonsCommand::Invite { .. }
                )
                | Command::Recurring(RecurringCommand::Propose { .. } | RecurringCommand::Accept { .. })
                | Command::Shop(ShopCommand::Put(_) | ShopCommand::Order { .. })
                | Command::AnswerComplaint { .. }
                | Command::Care(
                    CareCommand::AskIntroduction { .. }
                        | CareCommand::Introduce { .. }
                        | CareCommand::CallDrive(_)
                        | CareCommand::Pledge { .. }
                )
                | Command::Slip(SlipCommand::Enter(_))
                | Command::Book(_)
                | Command::Refound(_)
                | Command::Follow(_)
        );
        if begins && self.whereabouts().has_left(self.now) { Err(Refusal::YouLeft.into()) } else { Ok(()) }
    }

    /// Refuses to begin something with a member who has gone or is away.
    ///
    /// # Errors
    /// `no-building`, [`Refusal::HasLeft`], [`Refusal::IsAway`].
    pub fn require_here(&self, member: &MemberId) -> Result<(), NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        let there = home.journals.whereabouts(member);
        match () {
            () if there.has_left(self.now) || there.is_deceased() => Err(Refusal::HasLeft.into()),
            () if there.is_away(self.now) => Err(Refusal::IsAway.into()),
            () => Ok(()),
        }
    }

    /// Refuses to give to a member who will never take it up.
    pub(crate) fn require_not_gone(&self, member: &MemberId) -> Result<(), NodeError> {
        match self.require_here(member) {
            Err(NodeError::Refused(Refusal::IsAway)) => Ok(()),
            other => other,
        }
    }

    /// Tells whether this member could go: what they hold for the others is handed over.
    ///
    /// # Errors
    /// [`Refusal::SeatHeld`], [`Refusal::LastReviewer`].
    pub fn may_go(&self) -> Result<(), Refusal> {
        match self.require_me().and_then(|me| self.require_no_office(&me)) {
            Err(NodeError::Refused(why)) => Err(why),
            _ => Ok(()),
        }
    }

    pub(crate) fn leave(&mut self, ends_at: Option<Instant>) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let there = self.whereabouts();
        if there.has_left(self.now) {
            return Err(Refusal::YouLeft.into());
        }
        match ends_at {
            None if there.ends_at.is_none() => return Err(Refusal::NotLeaving.into()),
            None => {}
            Some(end) => {
                self.check_ahead("ends_at", end)?;
                self.require_no_office(&me)?;
                if end <= self.now {
                    self.require_nothing_open(&me)?;
                }
            }
        }
        let ends_at = ends_at.map(|end| end.max(self.now));
        self.write(Body::Leave(Leave { number: there.next.leave, ends_at }))?;
        Ok(Done::Saved)
    }

    pub(crate) fn erase(&mut self) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let there = self.whereabouts();
        if there.erased.is_some() {
            return Err(Refusal::YouLeft.into());
        }
        self.require_no_office(&me)?;
        // Who has moved out is not held by what another does not confirm.
        if !there.has_left(self.now) {
            self.require_nothing_open(&me)?;
        }
        self.write(Body::Erase)?;
        self.step.batch.delete(Space::Private, PRIVATE_BLOCK);
        self.step.batch.delete(Space::Private, PRIVATE_PLACE);
        Ok(Done::Saved)
    }

    pub(crate) fn mark(&mut self, member: MemberId, state: Marked) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        let me = self.require_me()?;
        let home = self.require_home()?;
        if home.roster().member(&member).is_none() || member == me {
            return Err(Refusal::MemberUnknown.into());
        }
        let there = home.journals.whereabouts(&member);
        if let Marked::Away { until: Some(until) } = state {
            self.check_ahead("until", until)?;
        }
        if state == Marked::Back && there.marked.is_none() {
            return Err(Refusal::MarkUnknown.into());
        }
        if there.asked.iter().any(|asked| asked.state == state && asked.by.contains(&me)) {
            return Err(Refusal::AlreadyConfirmed.into());
        }
        self.write(Body::Mark(Mark { member, number: there.next.mark, state }))?;
        Ok(Done::Saved)
    }

    pub(crate) fn here(&mut self) -> Result<Done, NodeError> {
        self.require_me()?;
        let mark = self.whereabouts().marked.ok_or(Refusal::MarkUnknown)?.entry;
        self.write(Body::Here { mark })?;
        Ok(Done::Saved)
    }

    pub(crate) fn name_kin(&mut self, member: Option<MemberId>) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let home = self.require_home()?;
        if member.is_some_and(|member| member == me || home.roster().member(&member).is_none()) {
            return Err(Refusal::MemberUnknown.into());
        }
        let number = self.whereabouts().next.kin;
        self.write(Body::Kin(Kin { number, member }))?;
        Ok(Done::Saved)
    }

    /// Withdraws, once the day has come, what is still offered and answered.
    pub(crate) fn wind_up(&mut self) -> Result<(), NodeError> {
        let there = self.whereabouts();
        let Some(me) = self.me().filter(|_| there.has_left(self.now)) else { return Ok(()) };
        let Some(home) = &self.home else { return Ok(()) };
        let answered = home.board.deals_with(&me).filter(|deal| deal.stage == Stage::Answered);
        let answered: Vec<_> = answered.map(|deal| DealAct::CallOff { deal: deal.id }).collect();
        let open = home.board.listings_of(&me).filter(|row| row.listing.closed_at.is_none());
        let open: Vec<_> = open.map(|row| row.listing.clone()).collect();
        for act in answered {
            self.act(act)?;
        }
        if there.erased.is_none() {
            let closed_at = Some(self.now);
            for listing in open {
                self.edit(&Edit::PutListing(Listing { closed_at, ..listing }))?;
            }
        }
        Ok(())
    }

    /// Lets go of the documents that their members have erased, here and on their way.
    pub(crate) fn drop_erased(&mut self) {
        let Some(home) = &mut self.home else { return };
        let gone: BTreeSet<MemberId> = home.journals.erased().map(|(member, _)| member).collect();
        if gone.is_empty() {
            return;
        }
        let held: Vec<_> = gone.iter().filter(|member| home.holds_words_of(member)).copied().collect();
        let own = held.iter().any(|member| self.me == Some(*member));
        for member in held {
            match home.erase(member, &*self.store, &mut self.step.batch, &mut self.arrival) {
                Ok(()) => tracing::info!(document = %member.short(), "erased by its member"),
                Err(why) => tracing::error!(%why, "an erased document could not be dropped"),
            }
        }
        if own {
            // Should the word that erased it count no longer, neighbours may hold what this actor has said.
            self.begin_document_anew();
        }
        self.fresh.retain(|fresh| match &fresh.parcel {
            Parcel::Document(delivery) => !gone.contains(&delivery.document),
            Parcel::Fork(proof) => !gone.contains(&proof.document()),
            Parcel::Entries(_) | Parcel::Envelope(_) => true,
        });
    }

    /// Answers who brings what was erased: with the word that erased it.
    pub(crate) fn answer_with_erasure(&mut self, from: ConnectionId, erased: &EntryHash) {
        let entry = self.home().and_then(|home| home.journals().entry(erased)).map(|entry| entry.signed().clone());
        if let Some(entry) = entry {
            self.send(from, &Message::News(vec![Parcel::Entries(vec![entry])]));
        }
    }

    /// Tells whether a device is of somebody who has moved out and has nothing open with anybody: it is a neighbour's no
    /// longer, and gets what a stranger gets.
    pub(crate) fn is_gone(&self, device: &DeviceId) -> bool {
        let Some(home) = &self.home else { return false };
        let Some(member) = home.roster().device(device).map(|device| device.member) else { return false };
        let gone = || home.journals.whereabouts(&member).has_left(self.now) && home.to_end(&member).next().is_none();
        Some(member) != self.me() && gone()
    }

    /// Lets go of connections to those who have gone.
    pub(crate) fn part_from_gone(&mut self) {
        let neighbours = self.links.iter().filter(|(_, link)| link.standing == Standing::Neighbour);
        let gone = neighbours.filter(|(_, link)| self.is_gone(&link.device)).map(|(connection, _)| *connection);
        for connection in gone.collect::<Vec<_>>() {
            let now = self.now;
            self.links.get_mut(&connection).into_iter().for_each(|link| link.part(now));
            self.ask_last_words(connection);
        }
    }

    /// Asks the device of somebody who has gone for what it has signed after what is held here of it, and for what that
    /// rests on and nobody else has shown: nobody reconciles with it any more, and what it says last rests on all of that.
    pub(crate) fn ask_last_words(&mut self, connection: ConnectionId) {
        let Some(device) = self.links.get(&connection).map(|link| link.device) else { return };
        let Some(home) = &self.home else { return };
        let journals = home.journals.journals().filter(|journal| journal.device == device);
        let held: Heads = journals.flat_map(|journal| journal.tips()).map(|tip| tip.0).take(HEADS_MAX).collect();
        let lacking = home.journals.lacked_by(&device, HEADS_MAX);
        let hashes = lacking.iter().take(HEADS_MAX).map(|hash| hash.0).collect();
        self.links.get_mut(&connection).into_iter().for_each(|link| link.owes_last_words = Some(lacking.clone()));
        self.send(connection, &Message::LastHeard { held, lacking: hashes });
    }

    /// Tells a neighbour as much as one frame takes: what it lacks of that on which this device's words rest, or else the
    /// first of what this device has signed after what the neighbour holds. It asks again for the rest.
    pub(crate) fn tell_last_words(&mut self, connection: ConnectionId, held: &Heads, lacking: &Heads) {
        let (Some(shelves), own) = (self.shelves(), self.key.id()) else { return };
        let mut first = Vec::new();
        let mut room = PARCEL_BYTES;
        for hash in lacking {
            let mut back = Vec::new();
            for entry in shelves.home.journals.branch(&EntryHash(*hash)) {
                let Some(rest) = room.checked_sub(entry.signed().size_bytes() + 128) else { break };
                room = rest;
                back.push(entry.signed().clone());
            }
            back.reverse();
            first.extend((!back.is_empty()).then_some(Parcel::Entries(back)));
        }
        if first.is_empty() {
            let journals = shelves.home.journals.journals().filter(|journal| journal.device == own);
            let items: Vec<_> = journals.map(|journal| (ItemId::Journal(journal.id), held.clone())).collect();
            first = shelves.parcels(&items, PARCEL_BYTES).into_iter().take(1).collect();
        }
        self.send(connection, &Message::News(first));
    }

    /// Hears the last words of somebody who has gone: entries of their own, others that were asked for with what comes
    /// before them in their journals, and nothing else. Asks for what comes next as long as something new is among them, and
    /// for what is missing once.
    pub(crate) fn hear_last_words(&mut self, connection: ConnectionId, parcels: Vec<Parcel>) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        let (device, asked) = (link.device, std::mem::take(&mut link.owes_last_words));
        let wanted = asked.clone().unwrap_or_default();
        let heard: Vec<_> = parcels.into_iter().filter_map(|parcel| last_words(parcel, &device, &wanted)).collect();
        let held = |node: &Self| node.home().map_or(0, |home| home.journals.len());
        let before = held(self);
        self.take_parcels(heard, connection);
        let (now, grown) = (self.now, held(self) > before);
        if grown {
            self.links.get_mut(&connection).into_iter().for_each(|link| link.conduct.heed(now));
        }
        // What is missing although it was asked for, the device does not know either.
        let lacking = self.home().map(|home| home.journals.lacked_by(&device, HEADS_MAX)).unwrap_or_default();
        if grown || (!lacking.is_empty() && asked.as_ref() != Some(&lacking)) {
            self.ask_last_words(connection);
        }
    }

    /// When this member's own day of leaving comes, if it lies ahead.
    pub(crate) fn leaves_at(&self) -> Option<Instant> {
        self.whereabouts().ends_at.filter(|end| *end > self.now)
    }

    pub(crate) fn check_ahead(&self, field: &'static str, day: Instant) -> Result<(), NodeError> {
        let most = self.now.0.saturating_add(AHEAD_MS_MAX);
        if day.0 <= most {
            return Ok(());
        }
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Err(Refusal::OutOfRange { field, least: 0, most }.into())
    }

    /// Refuses to go to who decides alone, sits in the council, or is the last who reviews.
    fn require_no_office(&self, me: &MemberId) -> Result<(), NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        let now = home.roster().now();
        if (now.is_founding() && home.roster().founder() == *me) || now.seats.iter().any(|seat| seat.member == *me) {
            return Err(Refusal::SeatHeld.into());
        }
        let reviewers = || now.roles.iter().filter(|(_, role)| *role == Role::Reviewer).map(|(member, _)| member);
        let stays = |member: &MemberId| member != me && home.journals.whereabouts(member).ends_at.is_none();
        // While it is being founded, the founder reviews too.
        let last = !now.is_founding() && reviewers().any(|member| member == me) && !reviewers().any(stays);
        if last { Err(Refusal::LastReviewer.into()) } else { Ok(()) }
    }

    fn require_nothing_open(&self, me: &MemberId) -> Result<(), NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        match home.to_end(me).count() + home.help_to_end(me).count() {
            0 => Ok(()),
            deals => Err(Refusal::StillOpen { deals }.into()),
        }
    }
}

/// Leaves of what the device of somebody who has gone has sent the entries that it has signed, and the end of a chain that
/// leads to something wanted.
fn last_words(parcel: Parcel, device: &DeviceId, wanted: &BTreeSet<EntryHash>) -> Option<Parcel> {
    let Parcel::Entries(entries) = parcel else { return None };
    let mut chain = BTreeSet::new();
    let mut heard = Vec::new();
    for entry in entries.into_iter().rev() {
        let hash = EntryHash(entry.hash());
        if wanted.contains(&hash) || chain.contains(&hash) {
            chain.extend(entry.clone().verify().ok().map(|entry| entry.value().prev));
        } else if entry.claimed_signer() != *device {
            continue;
        }
        heard.push(entry);
    }
    heard.reverse();
    (!heard.is_empty()).then_some(Parcel::Entries(heard))
}

impl Home {
    /// Gives the deals that a member has to end before they go: what is agreed and what is on loan. Recurring help of which
    /// something is open is told by [`Home::help_to_end`].
    pub fn to_end(&self, member: &MemberId) -> impl Iterator<Item = &DealRow> {
        self.board.deals_with(member).filter(|deal| matches!(deal.stage, Stage::Agreed | Stage::OnLoan))
    }
}

#[cfg(test)]
mod tests;
