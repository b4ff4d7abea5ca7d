//! Recurring help as one device takes part in it: it proposes and agrees, tells the days or confirms them, and pays once for
//! what both have confirmed.
//!
//! The private words of the terms lie beside: see [`family`](crate::family).

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::fund::DAY_MAX;
use kaifong_domain::recurring::{
    Arrangement, Arrangements, Day, Days, OPEN_MAX, PAUSES_MAX, RecurringAct, RecurringRefusal, RecurringStage,
    RecurringTerms, SignedRecurringAct, Told, VERSIONS_MAX, Words, reason,
};
use kaifong_domain::{DealId, EntryHash, MemberId, Points, ReasonId, Refusal};
use kaifong_ledger::{Direction, LineState, TransferRow};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry};
use kaifong_trust::envelope::FamilyLetter;
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::family::FamilyCommand;
use crate::home::{Arrival, Home};
use crate::node::Node;

const DAY_MS: u64 = 24 * 3600 * 1000;
/// How far the clock on a wall can be ahead of UTC, in milliseconds.
const EAST_MS: u64 = 14 * 3600 * 1000;

/// Terms and words before they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecurringDraft {
    /// On which days of the week, as in [`RecurringTerms::weekdays`].
    pub weekdays: u8,
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Option<Day>,
    /// What each time costs.
    pub points: Points,
    /// On which day there is a trial visit first.
    pub trial: Option<Day>,
    /// What is done, 1 to 60 characters.
    pub what: String,
    /// Where, at most 60 characters.
    pub place: String,
    /// From when on, in minutes since the beginning of the day.
    pub from_min: u16,
    /// Until when.
    pub to_min: u16,
    /// What else is to be known, at most 500 characters.
    pub note: String,
}

/// What a person does about recurring help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecurringCommand {
    /// Proposes an arrangement; answered by [`Done::Proposed`].
    Propose {
        /// To whom.
        with: MemberId,
        /// Whether this member is the one who helps.
        helps: bool,
        /// The deal that it comes of.
        deal: Option<DealId>,
        /// What is proposed.
        draft: Box<RecurringDraft>,
    },
    /// Proposes other terms; answered by [`Done::Proposed`].
    Renew {
        /// For which.
        arrangement: EntryHash,
        /// What is proposed.
        draft: Box<RecurringDraft>,
    },
    /// Agrees to what the other one has proposed.
    Accept {
        /// The version.
        version: EntryHash,
    },
    /// Says that the trial visit went well.
    Tried {
        /// Of which.
        arrangement: EntryHash,
    },
    /// As who helps, tells on which days.
    Tell {
        /// Of which.
        arrangement: EntryHash,
        /// The days.
        days: BTreeSet<Day>,
    },
    /// As who is helped, confirms days that were told, and pays what both have confirmed.
    Confirm {
        /// Of which.
        arrangement: EntryHash,
        /// The days.
        days: BTreeSet<Day>,
    },
    /// Says that there is no help for some days.
    Pause {
        /// Of which.
        arrangement: EntryHash,
        /// The first day without.
        from: Day,
        /// The last day without.
        to: Day,
    },
    /// Takes an own pause back.
    Resume {
        /// Of which.
        arrangement: EntryHash,
        /// Which.
        pause: EntryHash,
    },
    /// Ends it, or says no to it.
    End {
        /// Which.
        arrangement: EntryHash,
        /// The last day.
        day: Day,
    },
    /// Does something about a child who is collected, or a visit at home.
    Family(FamilyCommand),
}

impl Home {
    /// Gives who helps whom on the same days of every week.
    pub fn arrangements(&self) -> &Arrangements {
        &self.arrangements
    }

    /// Takes a step about recurring help in. Of one that counts no longer only what was paid with it is still known.
    pub(crate) fn fold_recurring(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let (value, hash) = (entry.value(), EntryHash(entry.hash()));
        let by = self.roster().owner_of_journal(&value.journal);
        if let (Body::Recurring(act), Some(by)) = (&value.body, by) {
            let act = SignedRecurringAct { by, entry: hash, at: value.at, act: *act };
            if self.journals.counts(&hash) {
                self.arrangements.add(&act);
            } else {
                self.arrangements.add_cut(&act);
            }
        }
        arrival.tags.insert(Tag::Deals);
    }

    /// Reads all steps about recurring help again, after devices were closed or came back.
    pub(crate) fn count_arrangements_anew(&mut self, arrival: &mut Arrival) {
        self.arrangements = Arrangements::default();
        let all: Vec<_> =
            self.journals.since(0).filter(|entry| matches!(entry.value().body, Body::Recurring(_))).cloned().collect();
        all.iter().for_each(|entry| self.fold_recurring(entry, arrival));
    }

    /// Gives what who is helped has paid for it to who helps: what was taken, and what was signed and not declined. What was
    /// signed with a phone that was closed before counts where it was taken; nobody takes it any more.
    pub fn paid_for_help(&self, row: &Arrangement) -> (u64, u64) {
        let lines = self.ledger().statement(&row.receiver);
        let to = |counterpart: Option<MemberId>| counterpart == Some(row.giver);
        let (mut taken, mut signed) = (0, 0);
        for line in lines.iter().filter(|line| line.direction == Direction::Out && to(line.counterpart)) {
            let for_it = line.reason.and_then(|reason| self.arrangements.paid_by(&reason));
            if for_it.is_some_and(|paid| paid.id == row.id) {
                let may_be_taken = !line.borne && self.journals.counts(&line.entry);
                match line.state {
                    LineState::Accepted => {
                        (taken, signed) = (taken + u64::from(line.points.0), signed + u64::from(line.points.0))
                    }
                    LineState::Signed | LineState::NotCounted(_) if may_be_taken => signed += u64::from(line.points.0),
                    LineState::Signed | LineState::NotCounted(_) | LineState::Declined => {}
                }
            }
        }
        (taken, signed)
    }

    /// Gives the arrangements of which a member has something to see to before they go: days that were told and not confirmed,
    /// or points that nobody has signed for.
    pub fn help_to_end(&self, member: &MemberId) -> impl Iterator<Item = &Arrangement> {
        let open = move |row: &&Arrangement| !row.to_confirm().is_empty() || row.earned() > self.paid_for_help(row).1;
        self.arrangements.with(member).filter(open)
    }

    fn arrangement_of(&self, me: &MemberId, id: &EntryHash) -> Result<&Arrangement, RecurringRefusal> {
        self.arrangements.of(id).filter(|row| row.is_party(me)).ok_or(RecurringRefusal::Unknown)
    }
}

impl Node {
    pub(crate) fn recurring_command(&mut self, command: RecurringCommand) -> Result<Done, NodeError> {
        match command {
            RecurringCommand::Propose { with, helps, deal, draft } => self.propose_help(with, helps, deal, *draft),
            RecurringCommand::Renew { arrangement, draft } => self.renew_help(arrangement, *draft),
            RecurringCommand::Accept { version } => self.accept_help(version),
            RecurringCommand::Tried { arrangement } => {
                let (me, row) = self.own_arrangement(&arrangement)?;
                in_stage(&row, &[RecurringStage::Trial])?;
                if !row.tried.contains(&me) {
                    self.write(Body::Recurring(RecurringAct::Tried { version: row.id }))?;
                }
                Ok(Done::Saved)
            }
            RecurringCommand::Family(command) => self.family_command(command),
            RecurringCommand::Tell { arrangement, days } => self.tell_days(arrangement, days),
            RecurringCommand::Confirm { arrangement, days } => self.confirm_days(arrangement, &days),
            RecurringCommand::Pause { arrangement, from, to } => self.pause_help(arrangement, from, to),
            RecurringCommand::Resume { arrangement, pause } => {
                let (me, row) = self.own_arrangement(&arrangement)?;
                let mine = row.pauses.get(&pause).filter(|pause| pause.by == me).ok_or(RecurringRefusal::OtherSide)?;
                if !mine.resumed {
                    self.write(Body::Recurring(RecurringAct::Resume { pause }))?;
                }
                Ok(Done::Saved)
            }
            RecurringCommand::End { arrangement, day } => {
                let (_, row) = self.own_arrangement(&arrangement)?;
                if row.stage() == RecurringStage::Declined || row.ended.is_some_and(|(last, _)| last <= day) {
                    return Err(RecurringRefusal::WrongStage { stage: row.stage().name() }.into());
                }
                within("day", day)?;
                self.write(Body::Recurring(RecurringAct::End { version: row.id, day }))?;
                Ok(Done::Saved)
            }
        }
    }

    fn own_arrangement(&mut self, id: &EntryHash) -> Result<(MemberId, Arrangement), NodeError> {
        let me = self.require_me()?;
        let row = self.require_home()?.arrangement_of(&me, id)?.clone();
        Ok((me, row))
    }

    /// Tells whether a day can have begun where people live: nothing here knows in which zone that is.
    pub(crate) fn has_come(&self, day: Day) -> bool {
        u64::from(day).saturating_mul(DAY_MS) <= self.now.0.saturating_add(EAST_MS)
    }

    /// Gives the latest day that has gone by wherever people live.
    pub(crate) fn day_gone(&self) -> Day {
        Day::try_from((self.now.0 / DAY_MS).saturating_sub(1)).unwrap_or(DAY_MAX)
    }

    /// Signs terms, and sends their words on the way.
    fn propose(
        &mut self,
        (with, helps): (MemberId, bool),
        deal: Option<DealId>,
        after: Option<EntryHash>,
        draft: RecurringDraft,
    ) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let RecurringDraft { weekdays, first, last, points, trial, what, place, from_min, to_min, note } = draft;
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        let [what, place, note] = [what, place, note].map(|text| text.trim().to_owned());
        let words = Words { what, place, from_min, to_min, note, salt };
        words.check()?;
        let terms = RecurringTerms { weekdays, first, last, points, trial, words: words.commitment() };
        terms.check()?;
        self.require_room_for_letters(&[with, me])?;
        let act = RecurringAct::Propose { with, helps, deal, after, terms };
        let entry = self.write(Body::Recurring(act))?;
        self.keep_words(&words);
        self.post_family(&[with, me], &FamilyLetter::Words(words));
        Ok(Done::Proposed(entry))
    }

    fn propose_help(
        &mut self,
        with: MemberId,
        helps: bool,
        deal: Option<DealId>,
        draft: RecurringDraft,
    ) -> Result<Done, NodeError> {
        let (me, today) = (self.require_me()?, self.day_gone());
        let home = self.require_home()?;
        if with == me || home.roster().member(&with).is_none() {
            return Err(Refusal::MemberUnknown.into());
        }
        if let Some(deal) = deal {
            let row = home.board().deal(&deal).ok_or(Refusal::DealUnknown)?;
            let giver = if helps { me } else { with };
            if !row.is_party(&me) || !row.is_party(&with) || row.giver != giver {
                return Err(Refusal::NotAParty.into());
            }
        }
        // What others propose is none of one's own until one agrees to it.
        let own = |row: &&Arrangement| row.root().is_some_and(|root| root.by == me || root.accepted);
        if home.arrangements().with(&me).filter(own).filter(|row| row.is_open(today)).count() >= OPEN_MAX {
            return Err(RecurringRefusal::Full { most: OPEN_MAX }.into());
        }
        self.require_here(&with)?;
        self.require_not_blocked(&with)?;
        self.propose((with, helps), deal, None, draft)
    }

    fn renew_help(&mut self, id: EntryHash, draft: RecurringDraft) -> Result<Done, NodeError> {
        let (me, row) = self.own_arrangement(&id)?;
        // Before the first is agreed to, either says no to it and proposes anew.
        in_stage(&row, &[RecurringStage::Trial, RecurringStage::Running])?;
        if row.versions.len() >= VERSIONS_MAX {
            return Err(RecurringRefusal::Full { most: VERSIONS_MAX }.into());
        }
        let draft = RecurringDraft { trial: None, ..draft };
        let (with, helps) = (row.other(&me), row.giver == me);
        self.require_not_blocked(&with)?;
        self.propose((with, helps), row.deal, Some(row.in_force()), draft)
    }

    fn accept_help(&mut self, version: EntryHash) -> Result<Done, NodeError> {
        let (me, row) = self.own_arrangement(&version)?;
        let stage = || RecurringRefusal::WrongStage { stage: row.stage().name() };
        let proposed = row.versions.get(&version).ok_or(RecurringRefusal::Unknown)?;
        if proposed.by == me {
            return Err(RecurringRefusal::OwnProposal.into());
        }
        if proposed.accepted {
            return Ok(Done::Saved);
        }
        if row.ended.is_some() || !row.waiting().any(|(hash, _)| *hash == version) {
            return Err(stage().into());
        }
        self.require_not_blocked(&row.other(&me))?;
        // Nobody signs what they cannot read.
        if self.words_of(&proposed.terms.words).is_none() {
            return Err(RecurringRefusal::WordsMissing.into());
        }
        self.require_here(&row.other(&me))?;
        self.write(Body::Recurring(RecurringAct::Accept { version }))?;
        Ok(Done::Saved)
    }

    /// Tells days, one entry for each of the terms by which they are.
    fn tell_days(&mut self, id: EntryHash, days: BTreeSet<Day>) -> Result<Done, NodeError> {
        let (me, row) = self.own_arrangement(&id)?;
        if row.giver != me {
            return Err(RecurringRefusal::OtherSide.into());
        }
        if !row.has_begun() {
            return Err(RecurringRefusal::WrongStage { stage: row.stage().name() }.into());
        }
        let told = row.told();
        let left: BTreeSet<Day> = days.into_iter().filter(|day| !told.contains(day)).collect();
        if left.iter().any(|day| !self.has_come(*day)) {
            return Err(RecurringRefusal::DayAhead.into());
        }
        if left.iter().any(|day| row.ended.is_some_and(|(last, _)| last < *day)) {
            return Err(RecurringRefusal::WrongStage { stage: "over" }.into());
        }
        let mut by_terms: BTreeMap<EntryHash, BTreeSet<Day>> = BTreeMap::new();
        for day in left {
            by_terms.entry(row.version_for(day)).or_default().insert(day);
        }
        let sheets: Option<Vec<_>> =
            by_terms.into_iter().map(|(version, days)| Some((version, Days::of(days)?))).collect();
        let sheets = sheets.filter(|sheets| !sheets.is_empty()).ok_or(RecurringRefusal::NoDays)?;
        for (version, days) in sheets {
            self.write(Body::Recurring(RecurringAct::Did { version, days }))?;
        }
        Ok(Done::Saved)
    }

    /// Confirms days, one entry for each sheet that tells any of them, and pays what is owed with the last one, as far as it
    /// can be paid now; the rest stays owed.
    fn confirm_days(&mut self, id: EntryHash, wanted: &BTreeSet<Day>) -> Result<Done, NodeError> {
        let (me, row) = self.own_arrangement(&id)?;
        if row.receiver != me {
            return Err(RecurringRefusal::OtherSide.into());
        }
        let confirms = confirmations(&row, wanted);
        let mut after = row.clone();
        for (sheet, days) in &confirms {
            if let Some(sheet) = after.sheets.get_mut(sheet) {
                sheet.confirmed |= days.mask << days.first.saturating_sub(sheet.days.first);
            }
        }
        let (_, signed) = self.require_home()?.paid_for_help(&row);
        let owed = after.earned().saturating_sub(signed);
        if confirms.is_empty() && owed == 0 {
            return Err(RecurringRefusal::NoDays.into());
        }
        let owed = Points(u32::try_from(owed).unwrap_or(u32::MAX).min(Points::MAX.0));
        let points = self.can_sign(owed);
        if confirms.is_empty() && points.0 == 0 {
            self.check_payment(owed)?;
        }
        let to = if points.0 > 0 {
            self.require_not_gone(&row.giver)?;
            Some(self.journal_of(&row.giver).ok_or(Refusal::PayeeUnknown)?)
        } else {
            None
        };
        let mut named = None;
        for (sheet, days) in confirms {
            named = Some(reason(&self.write(Body::Recurring(RecurringAct::Confirm { sheet, days }))?));
        }
        if let Some(to) = to {
            let named = match named.or_else(|| self.free_reason(&row)) {
                Some(named) => named,
                None => self.fresh_reason(&row)?,
            };
            self.transfer(to, points, Some(named))?;
        }
        Ok(Done::Saved)
    }

    /// Gives what this device could sign for now, at most so many points.
    pub fn can_sign(&self, most: Points) -> Points {
        let Some(home) = self.home() else { return Points(0) };
        let charter = &home.roster().now().charter;
        let Some(tip) = self.tip() else {
            // As when a payment is checked: in a member's first journal the whole credit line is there.
            let line = if self.opens_first_journal() { charter.credit_line } else { Points(0) };
            return most.min(line).min(charter.quota);
        };
        let (quota, stamp) = (charter.quota, home.ledger().newest_stamp(&tip));
        let fits = |points: u32| home.ledger().check_transfer(&tip, stamp.as_ref(), Points(points), quota).is_ok();
        // Whatever fits, less does.
        let (mut least, mut most) = (0, most.0.min(quota.0));
        while least < most {
            let middle = least + (most - least).div_ceil(2);
            if fits(middle) {
                least = middle;
            } else {
                most = middle - 1;
            }
        }
        Points(least)
    }

    /// Gives a name for a payment under which nothing stands: what was declined is paid again under the same one.
    fn free_reason(&self, row: &Arrangement) -> Option<ReasonId> {
        let home = self.home()?;
        let paid = home.paid_for(&row.receiver, Direction::Out);
        home.arrangements().reasons_of(&row.id).find(|reason| !paid.contains_key(reason))
    }

    /// Confirms once more what was confirmed: the rest of what was paid in part needs a name of its own.
    fn fresh_reason(&mut self, row: &Arrangement) -> Result<ReasonId, NodeError> {
        let again = row.sheets.iter().find_map(|(sheet, told)| {
            let confirmed = Days { mask: told.days.mask & told.confirmed, ..told.days };
            Some(RecurringAct::Confirm { sheet: *sheet, days: Days::of(confirmed.iter())? })
        });
        let again = again.ok_or(RecurringRefusal::NoDays)?;
        Ok(reason(&self.write(Body::Recurring(again))?))
    }

    fn pause_help(&mut self, id: EntryHash, from: Day, to: Day) -> Result<Done, NodeError> {
        let (me, row) = self.own_arrangement(&id)?;
        in_stage(&row, &[RecurringStage::Trial, RecurringStage::Running, RecurringStage::Ending])?;
        within("to", to)?;
        if from > to {
            return Err(Refusal::OutOfRange { field: "to", least: from.into(), most: DAY_MAX.into() }.into());
        }
        if row.pauses.values().filter(|pause| pause.by == me).count() >= PAUSES_MAX {
            return Err(RecurringRefusal::Full { most: PAUSES_MAX }.into());
        }
        self.write(Body::Recurring(RecurringAct::Pause { version: row.id, from, to }))?;
        Ok(Done::Saved)
    }

    /// Tells whether a payment may be taken for recurring help: it is who is helped who pays who helps, and all that was taken
    /// comes to no more than what both have confirmed. `None` while something that it rests on is not known yet.
    pub(crate) fn help_owes(&self, row: &TransferRow) -> Option<bool> {
        let home = self.home()?;
        let arrangement = home.arrangements().paid_by(&row.reason?)?;
        if home.payee_of(row) != Some(arrangement.giver)
            || row.payer_member != arrangement.receiver
            || row.points.0 == 0
        {
            return Some(false);
        }
        let (taken, _) = home.paid_for_help(arrangement);
        if taken + u64::from(row.points.0) <= arrangement.earned() {
            return Some(true);
        }
        // A word of another device of the payer's may be on its way.
        let agreed = |version: &EntryHash| arrangement.versions.get(version).is_some_and(|version| version.accepted);
        let known = arrangement.sheets.values().all(|sheet| sheet.confirmed == 0 || agreed(&sheet.version));
        (known && arrangement.has_begun()).then_some(false)
    }
}

/// Gives those of the wanted days that can be confirmed, by the sheets on which they are.
fn confirmations(row: &Arrangement, wanted: &BTreeSet<Day>) -> BTreeMap<EntryHash, Days> {
    let mut by_sheet: BTreeMap<EntryHash, BTreeSet<Day>> = BTreeMap::new();
    for (day, Told { sheet, .. }) in row.to_confirm() {
        if wanted.contains(&day) {
            by_sheet.entry(sheet).or_default().insert(day);
        }
    }
    by_sheet.into_iter().filter_map(|(sheet, days)| Some((sheet, Days::of(days)?))).collect()
}

fn in_stage(row: &Arrangement, stages: &[RecurringStage]) -> Result<(), RecurringRefusal> {
    let stage = row.stage();
    if stages.contains(&stage) { Ok(()) } else { Err(RecurringRefusal::WrongStage { stage: stage.name() }) }
}

fn within(field: &'static str, day: Day) -> Result<(), Refusal> {
    if day <= DAY_MAX { Ok(()) } else { Err(Refusal::OutOfRange { field, least: 0, most: DAY_MAX.into() }) }
}

#[cfg(test)]
mod tests;
