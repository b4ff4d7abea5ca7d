//! What people do about their council, and what must hold of it (I2).
//!
//! Honest people seat whom they know, so hostile ones stay a minority; whoever has lost a disk sits out by itself. Then
//! nothing is decided that honest people did not agree to, one epoch has one successor, and as soon as a majority of honest
//! seats can reach each other, whatever was signed before, the council decides what one of them lays before it.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{DeviceId, EntryHash, MemberId};
use kaifong_node::{Command, EpochDraft, Node};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry, Epoch, Post, Role, SEATS_MAX, SEATS_MIN, Seat};
use kaifong_trust::journals::Journal;
use kaifong_trust::pen::Pen;

use crate::device::{Device, Wish};
use crate::dice::Dice;
use crate::phones::could_stop_reviewing;
use crate::world::World;

/// How long a council that can has to decide, in milliseconds.
const DECIDING_MS_MAX: u64 = 10 * 60_000;
/// How often its people look.
const LOOKED_EVERY_MS: u64 = 20_000;

impl World {
    fn would_review(&self, member: &MemberId) -> bool {
        let owner = self.devices.iter().find(|at| at.me() == Some(*member)).map(|at| at.owner);
        owner.and_then(|owner| self.plan.people.get(owner)).is_some_and(|person| person.reviewer)
    }

    /// Gives something that somebody does about the council, if there is something to do.
    pub(crate) fn council_command(&mut self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        let node = self.devices.get(device)?.node.as_ref()?;
        let roster = node.home()?.roster();
        let first = self.devices.get(device)?.owner == device;
        let stands = roster.stands().contains_key(&me);
        if first && !stands && self.dice.chance(700) {
            return Some((Wish::Said("would sit in the council"), Command::Stand));
        }
        let Some((instance, electorate)) = roster.instance() else {
            let founds = device == 0 && self.dice.chance(600);
            return if founds { self.hand_over(device) } else { None };
        };
        let agenda = roster.agenda(&instance, &electorate);
        if agenda.seat_of(&node.device()).is_none() {
            return self.speak_from_paper(device, me);
        }
        let open: Vec<EntryHash> = agenda
            .drafts()
            .iter()
            .filter(|draft| !node.has_agreed(&draft.hash) && self.is_decent(draft.epoch))
            .map(|draft| draft.hash)
            .collect();
        let drafts = !agenda.drafts().is_empty();
        if let Some(draft) = self.dice.pick(&open).copied()
            && self.dice.chance(700)
        {
            return Some((Wish::Said("agrees to a draft"), Command::AgreeToDraft { draft }));
        }
        match self.dice.below(10) {
            0 | 1 => self.redraft(device),
            2 if drafts => Some((Wish::Said("leads the council"), Command::LeadCouncil)),
            _ => None,
        }
    }

    /// The phone that sat in the council is lost: another one of the same person speaks by the key on paper.
    fn speak_from_paper(&self, device: usize, me: MemberId) -> Option<(Wish, Command)> {
        let owner = self.devices.get(device)?.owner;
        let seats = &self.devices.get(device)?.node.as_ref()?.home()?.roster().now().seats;
        let seat = seats.iter().find(|seat| seat.member == me)?;
        self.devices.iter().find(|at| at.gone && at.id() == seat.device)?;
        let sheet = self.papers.get(&owner)?.clone();
        Some((Wish::Said("speaks from paper"), Command::UseSheet { sheet }))
    }

    /// Whether a hostile device would sit in a council that is still to come, or waits there for two drafts.
    pub(crate) fn would_sit(&self, device: usize) -> bool {
        let Some(node) = self.devices.get(device).and_then(|at| at.node.as_ref()) else { return false };
        let (Some(home), Some(me)) = (node.home(), node.me()) else { return false };
        let roster = home.roster();
        let Some((instance, electorate)) = roster.instance() else {
            return self.plan.council && roster.stands().contains_key(&me);
        };
        let agenda = roster.agenda(&instance, &electorate);
        agenda.seat_of(&node.device()).is_some() && agenda.drafts().len() < 2
    }

    /// A hostile seat lays something before the council, as anybody may, for lack of two drafts to vote on.
    pub(crate) fn bring_drafts(&mut self, device: usize) {
        let founding = |at: &Device| at.node.as_ref()?.home()?.roster().instance().map(|_| ());
        if self.devices.get(device).and_then(founding).is_some()
            && let Some((wish, command)) = self.redraft(device)
        {
            self.command(device, wish, command);
        }
    }

    /// A hostile seat votes in two chains, one for each of two drafts; `None` where it would be the same.
    pub(crate) fn votes_both_ways(&mut self, device: usize) -> Option<[Vec<Verified<Entry>>; 2]> {
        let at = self.devices.get(device)?;
        let node = at.node.as_ref()?;
        let (home, now, key) = (node.home()?, at.clock_at(self.now_ms), at.key.clone());
        let roster = home.roster();
        let (instance, electorate) = roster.instance()?;
        let agenda = roster.agenda(&instance, &electorate);
        agenda.seat_of(&node.device())?;
        let drafts: Vec<EntryHash> = agenda.drafts().iter().map(|draft| draft.hash).collect();
        let (one, other) = (*self.dice.pick(&drafts)?, *self.dice.pick(&drafts)?);
        let whole = |journal: &&Journal| journal.device == at.id() && journal.forked_at().is_none();
        let journal = home.journals().journals().find(whole)?.id;
        let epoch = roster.newest_epoch();
        let write = |draft: EntryHash| {
            let mut pen = Pen::resume(key.clone(), home.journals(), &journal)?;
            let mut chain = Vec::new();
            let vote = agenda.next_vote(&node.device(), &pen.tip(), &BTreeSet::from([draft]), Some(draft))?;
            let proposes = matches!(vote, Body::Propose(_));
            chain.push(pen.write(epoch, now, vote));
            if proposes {
                chain.push(pen.write(epoch, now, Body::Sign { proposal: pen.tip(), seat: None }));
            }
            Some(chain)
        };
        let chains = [write(one)?, write(other)?];
        let [one, other] = &chains;
        if one.first().map(Verified::hash) == other.first().map(Verified::hash) {
            return None;
        }
        self.counts.two_faced += 1;
        Some(chains)
    }

    /// The founder hands over to those who would sit.
    fn hand_over(&mut self, device: usize) -> Option<(Wish, Command)> {
        let node = self.devices.get(device)?.node.as_ref()?;
        let (me, roster) = (node.me()?, node.home()?.roster());
        let known: Vec<MemberId> =
            roster.stands().into_keys().filter(|member| roster.member(member).is_some()).collect();
        let (hostile, mut seated): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|member| self.is_hostile_member(member));
        let most = seated.len().saturating_sub(1);
        seated.extend(hostile.into_iter().take(most));
        seated.truncate(SEATS_MAX);
        if seated.len() < SEATS_MIN {
            return None;
        }
        let mut roles = roster.now().roles.clone();
        roles.insert((me, Role::Reviewer));
        let seats = seated.into_iter().map(|member| (member, Post::Residents)).collect();
        let draft = EpochDraft { seats: Some(seats), roles: Some(roles), ..EpochDraft::default() };
        Some((Wish::Said("hands over to a council"), Command::DraftEpoch(draft)))
    }

    /// A seat drafts another epoch: somebody gets a role or loses it, now and then a seat goes.
    fn redraft(&mut self, device: usize) -> Option<(Wish, Command)> {
        let node = self.devices.get(device)?.node.as_ref()?;
        let roster = node.home()?.roster();
        let members: Vec<MemberId> = roster.members().map(|(id, _)| *id).collect();
        let mut seats: Vec<Seat> = roster.now().seats.clone();
        let mut roles = roster.now().roles.clone();
        let member = *self.dice.pick(&members)?;
        if !roles.insert((member, Role::Organiser)) {
            roles.remove(&(member, Role::Organiser));
        }
        if self.plan.changing && self.dice.chance(300) {
            // Somebody begins to review, or stops.
            match self.dice.pick(&could_stop_reviewing(node)).filter(|_| self.dice.chance(500)) {
                Some(stops) => _ = roles.remove(&(*stops, Role::Reviewer)),
                None => roles.extend(self.would_review(&member).then_some((member, Role::Reviewer))),
            };
        }
        if seats.len() > SEATS_MIN && self.dice.chance(200) {
            // A hostile one if there is any: the honest ones stay the majority.
            let hostile = seats.iter().position(|seat| self.is_hostile_member(&seat.member));
            let some = self.dice.below(seats.len() as u64) as usize;
            seats.remove(hostile.unwrap_or(some));
        }
        let seats = seats.into_iter().map(|seat| (seat.member, seat.post)).collect();
        let draft = EpochDraft { seats: Some(seats), roles: Some(roles), ..EpochDraft::default() };
        Some((Wish::Said("drafts an epoch"), Command::DraftEpoch(draft)))
    }

    /// Whether honest people would agree: no stranger's witness, no seat for whom nobody knows.
    fn is_decent(&self, epoch: &Epoch) -> bool {
        let hostile: BTreeSet<DeviceId> = self.devices.iter().filter(|at| at.hostile).map(|at| at.id()).collect();
        let bad = epoch.seats.iter().filter(|seat| hostile.contains(&seat.device)).count();
        let reviewed = epoch.roles.iter().any(|(_, role)| *role == Role::Reviewer);
        let known = |seat: &Seat| self.devices.iter().any(|at| at.id() == seat.device);
        let council = epoch.seats.len() >= SEATS_MIN && epoch.seats.iter().all(known) && 2 * bad < epoch.seats.len();
        council && reviewed && !epoch.witnesses.iter().any(|device| hostile.contains(device))
    }

    fn is_hostile_member(&self, member: &MemberId) -> bool {
        // Also while its device is down: a seat is given to the member.
        self.devices.iter().any(|at| at.hostile && self.member_of(at) == Some(*member))
    }

    /// Checks I2 when everything has healed, and that the council goes on if its honest seats are a majority.
    pub(crate) fn check_council(&mut self, steps_max: u64) {
        let hostile: BTreeSet<DeviceId> = self.devices.iter().filter(|at| at.hostile).map(|at| at.id()).collect();
        // Not by the eyes of one whom nobody listens to any more.
        let heard = |at: &Device| !at.hostile && !self.is_closed(at) && !self.has_gone(at);
        let Some((_, _, node)) = self.nodes().find(|(_, at, node)| heard(at) && node.me().is_some()) else { return };
        let Some(home) = node.home() else { return };
        let (roster, journals) = (home.roster(), home.journals());
        if roster.now().witnesses.iter().any(|device| hostile.contains(device)) {
            return self.fail("I2", || "a hostile device has made itself a witness".into());
        }
        let Some((instance, electorate)) = roster.instance() else { return };
        let apart = !instance.void.is_empty();
        let agenda = roster.agenda(&instance, &electorate);
        // Whoever sits out until the next epoch votes for nothing now: one that has lost its store, unless it speaks from paper
        // (`docs/decisions/0018-council.md`).
        let sits_out = |at: &Device, seat: &Seat| {
            let id = at.id();
            seat.device == id && journals.journals().filter(|journal| journal.device == id).count() != 1
        };
        // A seat has one voice, also where two devices speak for it.
        // Nobody listens to a device that its member has closed, or whose member has moved out.
        let speaks = |at: &Device| at.is_honest() && at.is_up() && !self.is_closed(at) && !self.has_gone(at);
        let speaking = self.devices.iter().enumerate().filter(|(_, at)| speaks(at));
        let seats: BTreeMap<usize, usize> = speaking
            .filter_map(|(place, at)| agenda.seat_of(&at.id()).map(|seat| (place, at, seat)))
            .filter(|(_, at, (_, seat))| !sits_out(at, seat))
            .map(|(place, _, (number, _))| (number, place))
            .collect();
        let seats: Vec<usize> = seats.into_values().collect();
        let (majority, before) = (electorate.majority(), roster.now().number);
        self.counts.councils += 1;
        self.counts.two_decisions += u64::from(apart);
        let [_, i2, ..] = &mut self.counts.checks;
        *i2 += 1;
        self.counts.epochs += u64::from(before);
        let all_honest = self.devices.iter().all(Device::is_honest);
        if apart && all_honest {
            return self
                .fail("I2", || "two decisions stand against each other, and nobody has signed both ways".into());
        }
        if seats.len() < majority {
            return;
        }
        let mut waited_ms = 0;
        while waited_ms < DECIDING_MS_MAX && self.failure.is_none() && self.steps < steps_max {
            for (place, device) in seats.iter().enumerate() {
                self.deliberate(*device, place == 0);
            }
            waited_ms += LOOKED_EVERY_MS;
            self.live_until(self.now_ms + LOOKED_EVERY_MS, steps_max);
            let number = |node: &Node| node.home().map(|home| home.roster().now().number);
            if self.nodes().any(|(place, _, node)| seats.contains(&place) && number(node) > Some(before)) {
                return;
            }
        }
        let have = seats.len();
        self.fail("I2", || format!("the council is frozen: {have} honest seats where {majority} are enough"));
    }

    /// An honest seat agrees to what is decent; one of them drafts and leads.
    fn deliberate(&mut self, device: usize, leads: bool) {
        let Some(node) = self.devices.get(device).and_then(|at| at.node.as_ref()) else { return };
        let Some(roster) = node.home().map(kaifong_node::Home::roster) else { return };
        let Some((instance, electorate)) = roster.instance() else { return };
        let agenda = roster.agenda(&instance, &electorate);
        let decent: Vec<_> =
            agenda.drafts().iter().filter(|draft| self.is_decent(draft.epoch)).map(|draft| draft.hash).collect();
        let open: Vec<_> = decent.iter().copied().filter(|draft| !node.has_agreed(draft)).collect();
        for draft in open {
            self.command(device, Wish::Said("agrees to a draft"), Command::AgreeToDraft { draft });
        }
        if leads && decent.is_empty() {
            if let Some((wish, command)) = self.redraft(device) {
                self.command(device, wish, command);
            }
        } else if leads {
            self.command(device, Wish::Said("leads the council"), Command::LeadCouncil);
        }
    }
}
