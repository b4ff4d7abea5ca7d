//! What is a family's own business about help: the private words of recurring help, who may collect a child, and who is at
//! somebody's home.
//!
//! Nothing of it is in a document or a journal. Each letter is signed by the device that sends it and sealed to the devices of
//! those whom it concerns; what arrives late or twice changes nothing, and what arrives before what it is about waits for that.

mod words;

use std::collections::BTreeMap;

use kaifong_domain::recurring::{Commitment, Day, Pass, PassKind, RecurringRefusal, Words};
use kaifong_domain::rows::Stage;
use kaifong_domain::{DealId, Instant, MemberId, PassId, Refusal};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::envelope::{FamilyLetter, Letter, VisitPlan, pass_code};
use kaifong_trust::{Envelope, Verified};
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

/// How many authorisations of one guardian are kept; those whose days are past make room.
pub(crate) const PASSES_MAX: usize = 64;
/// How many visits are kept.
const VISITS_MAX: usize = 256;
/// Of how many days of one authorisation it is kept when the child came and left.
const TICKED_DAYS_MAX: usize = 62;

const PASSES: &[u8] = b"family/p/";
const VISITS: &[u8] = b"family/v/";

/// What a person does about a child who is collected, or a visit at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FamilyCommand {
    /// As a guardian, says who may collect a child or look after it; answered by [`Done::PassGiven`].
    GivePass(Box<PassDraft>),
    /// Revokes that.
    RevokePass {
        /// Which.
        pass: PassId,
    },
    /// As one who is named, ticks that the child came or left.
    Tick {
        /// Whose authorisation.
        guardian: MemberId,
        /// Which.
        pass: PassId,
        /// The day.
        day: Day,
        /// Whether the child left; else they came.
        left: bool,
    },
    /// As one of the two of a deal, says when the other one comes to one's home.
    PlanVisit {
        /// The deal.
        deal: DealId,
        /// From when on.
        from: Instant,
        /// Until when, at the latest.
        until: Instant,
        /// Who of the family looks on.
        watcher: Option<MemberId>,
    },
    /// As who comes, says that one is there, or has gone.
    Visited {
        /// The deal.
        deal: DealId,
        /// Whether one has gone.
        left: bool,
    },
}

/// An authorisation before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassDraft {
    /// What for.
    pub kind: PassKind,
    /// What the child is called.
    pub child: String,
    /// Who may.
    pub holders: Vec<MemberId>,
    /// Where.
    pub place: String,
    /// What else is to be known.
    pub note: String,
    /// On which days of the week.
    pub weekdays: u8,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// When a child came and left on a day, and who has ticked it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticked {
    /// Came.
    pub came: Option<(Instant, MemberId)>,
    /// Left.
    pub left: Option<(Instant, MemberId)>,
}

/// An authorisation as it is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassRow {
    /// Who has given it.
    pub guardian: MemberId,
    /// What it says.
    pub pass: Pass,
    /// Whether it was revoked.
    pub revoked: bool,
    /// What was ticked, by day.
    pub ticked: BTreeMap<Day, Ticked>,
    /// Whether the others have still to be told that it was revoked: there was no room for the letters.
    pub owed: bool,
}

/// A visit at somebody's home as it is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRow {
    /// Whose home.
    pub host: MemberId,
    /// Who comes, when, and who looks on.
    pub plan: VisitPlan,
    /// When they said that they are there.
    pub came: Option<Instant>,
    /// When they said that they have gone.
    pub left: Option<Instant>,
}

/// All of that on this device.
#[derive(Debug, Default)]
pub(crate) struct Family {
    words: BTreeMap<Commitment, Words>,
    passes: BTreeMap<(MemberId, PassId), PassRow>,
    visits: BTreeMap<DealId, VisitRow>,
}

impl Family {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut family = Self::default();
        family.load_words(store)?;
        store.visit(Space::Private, PASSES, &mut |_, bytes| {
            if let Ok(row) = postcard::from_bytes::<PassRow>(bytes) {
                family.passes.insert((row.guardian, row.pass.id), row);
            }
        })?;
        store.visit(Space::Private, VISITS, &mut |_, bytes| {
            if let Ok(row) = postcard::from_bytes::<VisitRow>(bytes) {
                family.visits.insert(row.plan.deal, row);
            }
        })?;
        Ok(family)
    }

    fn keep_pass(&mut self, row: PassRow, batch: &mut Batch) {
        batch.put(Space::Private, pass_key(&row), kaifong_trust::encode(&row));
        self.passes.insert((row.guardian, row.pass.id), row);
    }

    fn keep_visit(&mut self, row: VisitRow, batch: &mut Batch) {
        batch.put(Space::Private, [VISITS, row.plan.deal.as_bytes().as_slice()].concat(), kaifong_trust::encode(&row));
        self.visits.insert(row.plan.deal, row);
    }

    /// Makes room for one more of a guardian; `false` when they have as many whose days are not past.
    fn has_room_for(&mut self, guardian: &MemberId, gone: Day, batch: &mut Batch) -> bool {
        let theirs = self.passes.values().filter(|row| row.guardian == *guardian);
        let (past, left): (Vec<_>, Vec<_>) = theirs.cloned().partition(|row| row.pass.last < gone);
        if past.len() + left.len() >= PASSES_MAX {
            for row in &past {
                batch.delete(Space::Private, pass_key(row));
                self.passes.remove(&(row.guardian, row.pass.id));
            }
        }
        left.len() < PASSES_MAX
    }
}

impl Node {
    /// Gives the authorisations that this member has given, or is named in.
    pub fn passes(&self) -> impl Iterator<Item = &PassRow> {
        self.family.passes.values()
    }

    /// Gives the code of an authorisation.
    pub fn code_of_pass(&self, row: &PassRow) -> Option<String> {
        Some(pass_code(&self.home()?.id(), &row.guardian, &row.pass.id))
    }

    /// Gives the visits at home that this member hosts, makes, or looks on at.
    pub fn visits(&self) -> impl Iterator<Item = &VisitRow> {
        self.family.visits.values()
    }

    pub(crate) fn family_command(&mut self, command: FamilyCommand) -> Result<Done, NodeError> {
        match command {
            FamilyCommand::GivePass(draft) => self.give_pass(*draft),
            FamilyCommand::RevokePass { pass } => self.revoke_pass(pass),
            FamilyCommand::Tick { guardian, pass, day, left } => self.tick_child(guardian, pass, day, left),
            FamilyCommand::PlanVisit { deal, from, until, watcher } => self.plan_visit(deal, from, until, watcher),
            FamilyCommand::Visited { deal, left } => self.visited(deal, left),
        }
    }

    /// Refuses what could not be put on its way now.
    pub(crate) fn require_room_for_letters(&self, to: &[MemberId]) -> Result<(), NodeError> {
        let letters = to.iter().map(|member| self.letters_to(member)).sum();
        if self.letters.has_room_for(letters) { Ok(()) } else { Err(Refusal::InboxFull.into()) }
    }

    /// Sends a letter to all devices of these members, this one aside.
    pub(crate) fn post_family(&mut self, to: &[MemberId], letter: &FamilyLetter) {
        let letter = Letter::Family(letter.clone());
        for member in to {
            self.post_letter(member, &letter);
        }
        self.arrival.tags.insert(Tag::Deals);
    }

    fn give_pass(&mut self, draft: PassDraft) -> Result<Done, NodeError> {
        let (me, gone) = (self.require_me()?, self.day_gone());
        let PassDraft { kind, child, mut holders, place, note, weekdays, first, last } = draft;
        holders.sort_unstable();
        holders.dedup();
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let [child, place, note] = [child, place, note].map(|text| text.trim().to_owned());
        let pass = Pass { id: PassId(id), kind, child, holders, place, note, weekdays, first, last };
        pass.check()?;
        if last < gone {
            return Err(RecurringRefusal::PassOver { stage: "past" }.into());
        }
        for holder in &pass.holders {
            if *holder == me || self.require_home()?.roster().member(holder).is_none() {
                return Err(Refusal::MemberUnknown.into());
            }
            self.require_here(holder)?;
            self.require_not_blocked(holder)?;
        }
        let to = [pass.holders.as_slice(), &[me]].concat();
        self.require_room_for_letters(&to)?;
        if !self.family.has_room_for(&me, gone, &mut self.step.batch) {
            return Err(RecurringRefusal::Full { most: PASSES_MAX }.into());
        }
        self.post_family(&to, &FamilyLetter::Pass(pass.clone()));
        let id = pass.id;
        let row = PassRow { guardian: me, pass, revoked: false, ticked: BTreeMap::new(), owed: false };
        self.family.keep_pass(row, &mut self.step.batch);
        Ok(Done::PassGiven(id))
    }

    fn revoke_pass(&mut self, id: PassId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let row = self.family.passes.get(&(me, id)).cloned().ok_or(RecurringRefusal::PassUnknown)?;
        if row.revoked {
            return Ok(Done::Saved);
        }
        // Revoked is revoked on the guardian's own phone, which is the one that is asked, whoever hears of it when.
        self.family.keep_pass(PassRow { revoked: true, owed: true, ..row }, &mut self.step.batch);
        self.arrival.tags.insert(Tag::Deals);
        self.tend_passes();
        Ok(Done::Saved)
    }

    /// Sends the own revocations for which there was no room before.
    pub(crate) fn tend_passes(&mut self) {
        let Some(me) = self.me() else { return };
        let owed = self.family.passes.values().filter(|row| row.guardian == me && row.revoked && row.owed);
        for row in owed.cloned().collect::<Vec<_>>() {
            let to = [row.pass.holders.as_slice(), &[me]].concat();
            if self.require_room_for_letters(&to).is_ok() {
                self.post_family(&to, &FamilyLetter::Revoke(row.pass.id));
                self.family.keep_pass(PassRow { owed: false, ..row }, &mut self.step.batch);
            }
        }
    }

    fn tick_child(&mut self, guardian: MemberId, id: PassId, day: Day, left: bool) -> Result<Done, NodeError> {
        let (me, at) = (self.require_me()?, self.now);
        let row = self.family.passes.get(&(guardian, id)).cloned().ok_or(RecurringRefusal::PassUnknown)?;
        if !row.pass.holders.contains(&me) {
            return Err(RecurringRefusal::OtherSide.into());
        }
        if row.revoked {
            return Err(RecurringRefusal::PassOver { stage: "revoked" }.into());
        }
        row.pass.is_good_on(day).map_err(|stage| RecurringRefusal::PassOver { stage })?;
        if !self.has_come(day) {
            return Err(RecurringRefusal::DayAhead.into());
        }
        let to = [row.pass.holders.as_slice(), &[guardian]].concat();
        self.require_room_for_letters(&to)?;
        self.note_tick(row, (day, left), (at, me));
        self.post_family(&to, &FamilyLetter::Tick { guardian, pass: id, day, left, at });
        Ok(Done::Saved)
    }

    fn note_tick(&mut self, mut row: PassRow, (day, left): (Day, bool), said: (Instant, MemberId)) {
        let ticked = row.ticked.entry(day).or_default();
        let place = if left { &mut ticked.left } else { &mut ticked.came };
        *place = Some(place.map_or(said, |before| before.min(said)));
        while row.ticked.len() > TICKED_DAYS_MAX {
            row.ticked.pop_first();
        }
        self.family.keep_pass(row, &mut self.step.batch);
    }

    fn plan_visit(
        &mut self,
        deal: DealId,
        from: Instant,
        until: Instant,
        watcher: Option<MemberId>,
    ) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let row = self.require_home()?.board().deal(&deal).cloned().ok_or(Refusal::DealUnknown)?;
        let visitor = row.other(&me).filter(|_| row.is_party(&me)).ok_or(Refusal::NotAParty)?;
        if !matches!(row.stage, Stage::Agreed | Stage::OnLoan) {
            return Err(Refusal::WrongStage { stage: row.stage.name() }.into());
        }
        self.check_ahead("from", from)?;
        self.check_ahead("until", until)?;
        if until <= from || until <= self.now {
            let least = i64::try_from(from.max(self.now).0).unwrap_or(i64::MAX);
            return Err(Refusal::OutOfRange { field: "until", least, most: i64::MAX }.into());
        }
        let known = |member: &MemberId| self.home().is_some_and(|home| home.roster().member(member).is_some());
        if watcher.is_some_and(|watcher| watcher == me || watcher == visitor || !known(&watcher)) {
            return Err(Refusal::MemberUnknown.into());
        }
        [visitor].iter().chain(&watcher).try_for_each(|member| self.require_not_blocked(member))?;
        let to: Vec<MemberId> = [visitor, me].into_iter().chain(watcher).collect();
        self.require_room_for_letters(&to)?;
        let before = self.family.visits.get(&deal).filter(|row| row.host == me);
        if before.is_none() && self.family.visits.len() >= VISITS_MAX {
            self.drop_past_visits();
        }
        // Later than what is known here, and than what another own device may have said before.
        let known = self.family.visits.get(&deal).map_or(0, |row| row.plan.round);
        let round = known.saturating_add(1).max(self.now.0);
        let plan = VisitPlan { deal, round, visitor, watcher, from, until };
        self.post_family(&to, &FamilyLetter::Visit(plan));
        self.family.keep_visit(VisitRow { host: me, plan, came: None, left: None }, &mut self.step.batch);
        Ok(Done::Saved)
    }

    /// Lets visits go that were to be over a day ago.
    fn drop_past_visits(&mut self) {
        let least = self.now.0.saturating_sub(24 * 3600 * 1000);
        let past: Vec<DealId> =
            self.family.visits.values().filter(|row| row.plan.until.0 < least).map(|row| row.plan.deal).collect();
        for deal in past {
            self.family.visits.remove(&deal);
            self.step.batch.delete(Space::Private, [VISITS, deal.as_bytes().as_slice()].concat());
        }
    }

    fn visited(&mut self, deal: DealId, left: bool) -> Result<Done, NodeError> {
        let (me, at) = (self.require_me()?, self.now);
        let row = self.family.visits.get(&deal).copied().ok_or(Refusal::DealUnknown)?;
        if row.plan.visitor != me {
            return Err(RecurringRefusal::OtherSide.into());
        }
        let to: Vec<MemberId> = [row.host, me].into_iter().chain(row.plan.watcher).collect();
        self.require_room_for_letters(&to)?;
        self.post_family(&to, &FamilyLetter::Visited { deal, round: row.plan.round, left, at });
        self.note_visited(row, left, at);
        Ok(Done::Saved)
    }

    fn note_visited(&mut self, mut row: VisitRow, left: bool, at: Instant) {
        let place = if left { &mut row.left } else { &mut row.came };
        *place = Some(place.map_or(at, |before| before.min(at)));
        self.family.keep_visit(row, &mut self.step.batch);
    }

    /// Reads a letter about what is a family's own; `false` when what it is about has not arrived yet.
    pub(crate) fn read_family(&mut self, envelope: &Verified<Envelope>, letter: FamilyLetter) -> bool {
        let (Some(me), Some(home)) = (self.me(), &self.home) else { return false };
        let Some(sender) = home.roster().settled(&envelope.signer()).map(|device| device.member) else { return false };
        let begins = matches!(letter, FamilyLetter::Words(_) | FamilyLetter::Pass(_) | FamilyLetter::Visit(_));
        if begins && home.has_blocked(&sender) {
            return true;
        }
        let read = match letter {
            FamilyLetter::Words(words) => self.read_words(&me, &sender, &words),
            FamilyLetter::Pass(pass) => self.read_pass(&me, sender, pass),
            FamilyLetter::Revoke(id) => match self.family.passes.get(&(sender, id)).cloned() {
                Some(row) => {
                    self.family.keep_pass(PassRow { revoked: true, ..row }, &mut self.step.batch);
                    true
                }
                None => false,
            },
            FamilyLetter::Tick { guardian, pass, day, left, at } => {
                let Some(row) = self.family.passes.get(&(guardian, pass)).cloned() else { return false };
                if row.pass.holders.contains(&sender) && row.pass.is_good_on(day).is_ok() && self.has_come(day) {
                    self.note_tick(row, (day, left), (at, sender));
                }
                true
            }
            FamilyLetter::Visit(plan) => self.read_visit(&me, sender, plan),
            FamilyLetter::Visited { deal, round, left, at } => {
                let Some(row) = self.family.visits.get(&deal).copied() else { return false };
                if row.plan.round < round {
                    return false;
                }
                if row.plan.visitor == sender && row.plan.round == round {
                    self.note_visited(row, left, at);
                }
                true
            }
        };
        if read {
            self.arrival.tags.insert(Tag::Deals);
        }
        read
    }

    fn read_pass(&mut self, me: &MemberId, guardian: MemberId, pass: Pass) -> bool {
        let (gone, key) = (self.day_gone(), (guardian, pass.id));
        let concerns = guardian == *me || pass.holders.contains(me);
        if !concerns || self.family.passes.contains_key(&key) {
            return true;
        }
        if !self.family.has_room_for(&guardian, gone, &mut self.step.batch) {
            tracing::warn!("no room for another authorisation of one guardian");
            return true;
        }
        let row = PassRow { guardian, pass, revoked: false, ticked: BTreeMap::new(), owed: false };
        self.family.keep_pass(row, &mut self.step.batch);
        true
    }

    fn read_visit(&mut self, me: &MemberId, host: MemberId, plan: VisitPlan) -> bool {
        let Some(deal) = self.home.as_ref().and_then(|home| home.board().deal(&plan.deal)) else { return false };
        let theirs = deal.is_party(&host) && deal.other(&host) == Some(plan.visitor);
        let concerns = [Some(host), Some(plan.visitor), plan.watcher].contains(&Some(*me));
        // Two plans of the same round, made apart, are told apart by who is the host and what they say.
        let rank = |host: MemberId, plan: &VisitPlan| (plan.round, host, kaifong_trust::encode(plan));
        let known = self.family.visits.get(&plan.deal);
        let later = known.is_none_or(|row| rank(row.host, &row.plan) < rank(host, &plan));
        if theirs && concerns && later {
            if self.family.visits.len() >= VISITS_MAX {
                self.drop_past_visits();
            }
            if self.family.visits.len() < VISITS_MAX {
                self.family.keep_visit(VisitRow { host, plan, came: None, left: None }, &mut self.step.batch);
            }
        }
        true
    }
}

fn pass_key(row: &PassRow) -> Vec<u8> {
    [PASSES, &row.guardian.0, &row.pass.id.0].concat()
}

#[cfg(test)]
mod tests;
