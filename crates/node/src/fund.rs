//! The community fund as one device takes part in it: a treasurer's device keeps a journal of its own for it, a second
//! person agrees to what goes beyond the treasurer's limit, and a neighbour gives points to it.
//!
//! People lay out and agree. What a treasurer's device then writes by itself (the journal's opening, the grants of a list
//! that was agreed to, the taking of gifts) is asked after every arrival like the other duties.

mod lists;

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::fund::{Act, BUDGET_MAX, Fund, Purpose};
use kaifong_domain::{DeviceId, EntryHash, JournalId, MemberId, Points, Refusal};
use kaifong_ledger::{LineState, TransferRow, may_second, needs_second};
use kaifong_store::{Space, StoreError};
use kaifong_trust::entry::{Body, FUND_NONCE, Grant, GrantList, LIST_MAX, MemberKind, NO_ENTRY, Role, Terms};
use kaifong_trust::pen::Pen;
use rand_core::Rng;

use crate::event::{Done, NodeError};
use crate::home::{Eyes, Home};
use crate::node::Node;

pub(crate) use lists::Lists;
pub use lists::{Listed, Occasions};

const META_FUND: &[u8] = b"fund journal";
/// There from the first doubt on: a journal that others know may be the one that this store has lost.
const META_FUND_ANEW: &[u8] = b"fund anew";

const DAY_MS: u64 = 24 * 3600 * 1000;
/// For how many days back an act is granted. The day keeps one act from being granted twice; without an end to it, one
/// treasurer could grant as many acts as there are days.
const DAYS_BACK_MAX: u32 = 60;

/// What a person does with the fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundCommand {
    /// As a treasurer, grants what the table of rates says; above the own limit it is laid before a second person, and
    /// answered by [`Done::Listed`].
    Grant {
        /// To whom.
        member: MemberId,
        /// What for.
        purpose: Purpose,
    },
    /// As a treasurer, lays opening balances before a second person; answered by [`Done::Listed`], the last list.
    ListOpenings {
        /// Whose, and how many points a ledger on paper says.
        lines: Vec<(MemberId, Points)>,
    },
    /// Agrees to a list of grants, as it is.
    Second {
        /// The list.
        list: EntryHash,
    },
    /// Takes back a list of one's own.
    Unlist {
        /// The list.
        list: EntryHash,
    },
    /// Gives points to the fund.
    Give {
        /// How many.
        points: Points,
    },
}

/// What is to be otherwise with the fund from the next epoch on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FundDraft {
    /// What a newcomer is given once.
    pub starter: Points,
    /// Up to this a treasurer grants alone.
    pub alone: Points,
    /// How much may be granted before a witness has stamped it.
    pub quota: Points,
    /// What each act earns; one that earns nothing is left out.
    pub rates: BTreeMap<Act, Points>,
    /// What treasurers are given in all, in points; who is not named keeps what they were given.
    pub budgets: BTreeMap<MemberId, u64>,
}

/// The pen of this device's fund journal, and whether it may be the first one.
#[derive(Debug, Default)]
pub(crate) struct Purse {
    pen: Option<Pen>,
    anew: bool,
}

/// Which of this device's journals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Into {
    /// The member's own.
    Own,
    /// The fund's.
    Fund,
}

impl Home {
    /// Gives the fund's account.
    pub fn fund(&self) -> MemberId {
        MemberId::fund(&self.id())
    }

    /// Gives the fund journals that are in use, with who keeps each.
    pub fn fund_journals(&self) -> BTreeMap<JournalId, (MemberId, DeviceId)> {
        let open = self.journals().journals().filter(|journal| journal.open.is_fund());
        let usable = open.filter(|journal| !self.ledger().is_forked(&journal.id) && self.is_in_use(&journal.id));
        usable.map(|journal| (journal.id, (journal.member, journal.device))).collect()
    }

    /// Tells whether a member may grant from the fund by the newest epoch.
    pub fn is_treasurer(&self, member: &MemberId) -> bool {
        self.roster().held(&self.roster().newest_epoch(), member, Role::Treasurer)
    }

    /// Gives the fund journals that a member's devices would open first, opened or not.
    pub fn first_purses(&self, member: &MemberId) -> Vec<JournalId> {
        let devices = self.roster().member(member).map(|known| known.devices.clone()).unwrap_or_default();
        devices.iter().map(|device| JournalId::derive(&self.id(), member, device, FUND_NONCE)).collect()
    }

    /// Gives who keeps a fund journal, or would once it is opened.
    pub fn keeper_of(&self, journal: &JournalId) -> Option<MemberId> {
        let would = || self.roster().members().map(|(id, _)| *id).find(|id| self.first_purses(id).contains(journal));
        self.journals().journal(journal).map(|open| open.member).or_else(would)
    }

    /// Gives the journal into which an epoch gives a treasurer's budget: the one that was opened last, as its device claims,
    /// of those in use; or the one that their device will open.
    fn purse_of(&self, member: &MemberId) -> Option<JournalId> {
        let opened = |journal: &JournalId| {
            let first = self.journals().journal(journal)?.at_seq(0).next()?;
            self.journals().entry(&first).map(|open| open.value().at)
        };
        let theirs = self.fund_journals().into_iter().filter(|(_, (keeper, _))| keeper == member).map(|(id, _)| id);
        let open = theirs.max_by_key(|journal| (opened(journal), *journal));
        open.or_else(|| {
            let devices = &self.roster().member(member)?.devices;
            let own = self.journals().journals().filter(|journal| journal.member == *member && !journal.open.is_fund());
            let device = own.filter(|own| devices.contains(&own.device) && self.is_in_use(&own.id));
            let device = device.min_by_key(|own| (own.open.nonce, own.id)).map(|own| own.device)?;
            Some(JournalId::derive(&self.id(), member, &device, FUND_NONCE))
        })
    }

    /// Writes out what the next epoch says of the fund.
    pub(crate) fn next_fund(
        &self,
        draft: FundDraft,
        roles: &BTreeSet<(MemberId, Role)>,
        founding: bool,
    ) -> Result<Fund, NodeError> {
        let now = &self.roster().now().fund;
        let FundDraft { starter, alone, quota, rates, budgets } = draft;
        let most = i64::from(Points::MAX.0);
        let numbers = [starter, alone, quota].into_iter().chain(rates.values().copied());
        if numbers.into_iter().any(|points| points > Points::MAX) {
            return Err(Refusal::OutOfRange { field: "points", least: 0, most }.into());
        }
        let mut given: BTreeMap<JournalId, u64> = now.budgets.iter().copied().collect();
        for (member, all) in budgets {
            self.roster().member(&member).ok_or(Refusal::MemberUnknown)?;
            let founder = founding && member == self.roster().founder();
            if !founder && !roles.contains(&(member, Role::Treasurer)) {
                return Err(Refusal::RoleMissing { role: "treasurer" }.into());
            }
            if !(1..=BUDGET_MAX).contains(&all) {
                return Err(Refusal::OutOfRange { field: "budget", least: 1, most: BUDGET_MAX as i64 }.into());
            }
            let journal = self.purse_of(&member).ok_or(Refusal::PayeeUnknown)?;
            // What lies in a journal that a lost device kept was given too.
            let theirs = |of: &JournalId| *of != journal && self.keeper_of(of) == Some(member);
            let elsewhere: u64 = given.iter().filter(|(of, _)| theirs(of)).map(|(_, points)| points).sum();
            let before = given.get(&journal).copied().unwrap_or(0);
            let figure = all.checked_sub(elsewhere).filter(|figure| *figure >= before);
            let figure = figure.ok_or(Refusal::BudgetReduced { given: before.saturating_add(elsewhere) })?;
            if figure > 0 {
                given.insert(journal, figure);
            }
        }
        let rates = rates.into_iter().filter(|(_, points)| points.0 > 0).collect();
        let fund = Fund { starter, alone, quota, rates, budgets: given.into_iter().collect() };
        // Too many journals were given something: no council that is ever seen.
        fund.check().map_err(|why| NodeError::NotSaved(why.into()))?;
        Ok(fund)
    }

    /// Tells whether a grant may be taken: its treasurer still is one, and nothing was taken for the same occasion in
    /// another journal of this member. `None` when nothing is to be said yet.
    pub(crate) fn may_take_grant(&self, grant: &EntryHash, row: &TransferRow) -> Option<bool> {
        let keeper = self.ledger().keeper(&row.payer)?;
        if !self.is_treasurer(&keeper) {
            return None;
        }
        let entry = self.journals().entry(grant)?;
        let Body::Grant(Grant { terms, .. }) = &entry.value().body else { return None };
        let others =
            self.ledger().grants_for(&terms.reason()).into_iter().filter_map(|hash| self.ledger().transfer(&hash));
        Some(!others.into_iter().any(|other| other.payee != row.payee && other.state == LineState::Accepted))
    }
}

impl Node {
    pub(crate) fn fund_command(&mut self, command: FundCommand) -> Result<Done, NodeError> {
        match command {
            FundCommand::Grant { member, purpose } => self.grant(member, purpose),
            FundCommand::ListOpenings { lines } => self.list_openings(lines),
            FundCommand::Second { list } => self.second(list),
            FundCommand::Unlist { list } => self.unlist(list),
            FundCommand::Give { points } => self.give_to_fund(points),
        }
    }

    /// Takes up the fund journal where its last entry ends; `false` when it is forked.
    pub(crate) fn take_up_purse(&mut self) -> Result<bool, StoreError> {
        self.purse.anew = self.store.get(Space::Meta, META_FUND_ANEW)?.is_some();
        let id = self.store.get(Space::Meta, META_FUND)?.and_then(|bytes| bytes.as_slice().try_into().ok());
        let (Some(home), Some(id)) = (&self.home, id) else { return Ok(true) };
        self.purse.pen = Pen::resume(self.key.clone(), home.journals(), &id);
        Ok(self.purse.pen.is_some())
    }

    /// Lets go of the fund journal: nothing is appended to it any more (rule J2).
    pub(crate) fn drop_purse(&mut self) {
        self.purse = Purse { pen: None, anew: true };
        self.step.batch.delete(Space::Meta, META_FUND);
        self.step.batch.put(Space::Meta, META_FUND_ANEW, []);
    }

    /// Tells whether a member could be granted something: a person who lives here and has a journal that could take it.
    pub fn may_be_granted(&self, member: &MemberId) -> bool {
        let person = self.home().and_then(|home| home.roster().member(member)).map(|known| known.kind);
        let here = person == Some(MemberKind::Person) && self.require_not_gone(member).is_ok();
        here && self.journal_of(member).is_some()
    }

    /// The end of this device's fund journal, if it keeps one.
    pub fn fund_tip(&self) -> Option<EntryHash> {
        self.purse.pen.as_ref().map(Pen::tip)
    }

    /// This device's fund journal, if it keeps one.
    pub fn fund_journal(&self) -> Option<JournalId> {
        self.purse.pen.as_ref().map(Pen::journal)
    }

    /// Opens the fund journal as soon as an epoch gives it something; after a doubt a new one, so that the council can.
    pub(crate) fn keep_the_purse(&mut self) -> Result<(), NodeError> {
        let (Some(me), Some(home), None) = (self.me(), self.home(), &self.purse.pen) else { return Ok(()) };
        let now = home.roster().now();
        let first = JournalId::derive(&home.id(), &me, &self.key.id(), FUND_NONCE);
        let wanted = now.fund.given(&first) > 0;
        if wanted && home.is_treasurer(&me) { self.take_purse() } else { Ok(()) }
    }

    fn take_purse(&mut self) -> Result<(), NodeError> {
        let me = self.require_me()?;
        // The own journal comes first: neighbours need it to know this device.
        self.speak_for_oneself()?;
        if self.purse.pen.is_some() {
            return Ok(());
        }
        let basis = self.own_basis()?;
        let anew = self.purse.anew;
        // Even, and not the first one's.
        let nonce = if anew { (self.rng.next_u64() & !1) | 4 } else { FUND_NONCE };
        let (key, now) = (self.key.clone(), self.now);
        let home = self.require_home()?;
        if !home.is_treasurer(&me) {
            return Err(Refusal::RoleMissing { role: "treasurer" }.into());
        }
        let (building, epoch) = (home.id(), home.roster().newest_epoch());
        let (pen, open) = Pen::open(key, building, me, nonce, basis, epoch, now);
        if self.require_home()?.journals().journal(&pen.journal()).is_some() {
            // Others hold what this store has lost.
            self.drop_purse();
            return self.take_purse();
        }
        self.step.batch.put(Space::Meta, META_FUND, pen.journal().0);
        self.purse.pen = Some(pen);
        self.keep(open)
    }

    /// Signs one entry of the fund journal, keeps it and has it told to neighbours.
    pub(crate) fn write_purse(&mut self, body: Body) -> Result<EntryHash, NodeError> {
        self.take_purse()?;
        let (Some(home), Some(pen)) = (&mut self.home, &mut self.purse.pen) else { return Err(NodeError::NoBuilding) };
        let last = home.journals().entry(&pen.tip()).map_or(NO_ENTRY, |entry| entry.value().epoch);
        let entry = pen.write(home.roster().epoch_after(&last), self.now, body);
        let hash = EntryHash(entry.hash());
        self.keep(entry)?;
        Ok(hash)
    }

    fn require_treasurer(&mut self) -> Result<MemberId, NodeError> {
        let me = self.require_me()?;
        let home = self.require_home()?;
        if home.roster().now().fund == Fund::default() {
            return Err(Refusal::NoFund.into());
        }
        if home.is_treasurer(&me) { Ok(me) } else { Err(Refusal::RoleMissing { role: "treasurer" }.into()) }
    }

    /// Says what is granted to whom, or why nobody grants that.
    fn terms(&mut self, member: MemberId, purpose: Purpose, points: Option<Points>) -> Result<Terms, NodeError> {
        let home = self.require_home()?;
        let known = home.roster().member(&member).ok_or(Refusal::MemberUnknown)?;
        if known.kind != MemberKind::Person {
            return Err(Refusal::NotAPerson.into());
        }
        let points = points.or_else(|| home.roster().now().fund.earned(&purpose)).ok_or(Refusal::OffRate)?;
        if points.0 == 0 || points > Points::MAX {
            return Err(Refusal::TransferMalformed.into());
        }
        self.require_not_gone(&member)?;
        let to = self.journal_of(&member).ok_or(Refusal::PayeeUnknown)?;
        let terms = Terms { to, member, points, purpose };
        let home = self.require_home()?;
        if !home.occasions().is_open(&member, &purpose) {
            return Err(Refusal::GrantedAlready.into());
        }
        Ok(terms)
    }

    fn grant(&mut self, member: MemberId, purpose: Purpose) -> Result<Done, NodeError> {
        let me = self.require_treasurer()?;
        let terms = self.terms(member, purpose, None)?;
        if let Purpose::Act { day, .. } = purpose {
            // Days are counted where people live, which is up to a day ahead.
            let today = u32::try_from(self.now.0 / DAY_MS).unwrap_or(u32::MAX);
            let (least, most) = (today.saturating_sub(DAYS_BACK_MAX), today.saturating_add(1));
            if !(least..=most).contains(&day) {
                return Err(Refusal::OutOfRange { field: "day", least: least.into(), most: most.into() }.into());
            }
        }
        self.take_purse()?;
        if needs_second(&self.require_home()?.roster().now().fund, &me, &terms) {
            self.require_budget(i64::from(terms.points.0))?;
            let list = self.write_purse(Body::GrantList(GrantList { terms: vec![terms] }))?;
            return Ok(Done::Listed(list));
        }
        let grant = Grant { terms, second: None };
        self.check_grant(&grant)?;
        self.write_grant(grant)?;
        Ok(Done::Saved)
    }

    fn list_openings(&mut self, lines: Vec<(MemberId, Points)>) -> Result<Done, NodeError> {
        self.require_treasurer()?;
        let twice: BTreeSet<MemberId> = lines.iter().map(|(member, _)| *member).collect();
        if twice.len() != lines.len() {
            return Err(Refusal::GrantedAlready.into());
        }
        let each = lines.into_iter().map(|(member, points)| self.terms(member, Purpose::Opening, Some(points)));
        let all = each.collect::<Result<Vec<_>, _>>()?;
        self.take_purse()?;
        self.require_budget(all.iter().map(|terms| i64::from(terms.points.0)).sum())?;
        let mut last = None;
        for part in all.chunks(LIST_MAX) {
            last = Some(self.write_purse(Body::GrantList(GrantList { terms: part.to_vec() }))?);
        }
        last.map(Done::Listed).ok_or_else(|| Refusal::ListUnknown.into())
    }

    /// Refuses what the budget does not hold now, before anybody is asked to agree to it.
    fn require_budget(&mut self, needed: i64) -> Result<(), NodeError> {
        let left = self.budget_left();
        if needed <= left {
            return Ok(());
        }
        let needed = Points(u32::try_from(needed).unwrap_or(u32::MAX));
        Err(Refusal::BudgetSpent { left: left.max(0), needed }.into())
    }

    /// What this device's fund journal may still grant by the newest epoch, in points.
    pub fn budget_left(&self) -> i64 {
        let (Some(home), Some(tip), Some(journal)) = (self.home(), self.fund_tip(), self.fund_journal()) else {
            return 0;
        };
        let rights = home.ledger().standing(&tip).map_or(0, |standing| standing.rights);
        let figure = i64::try_from(home.roster().now().fund.given(&journal)).unwrap_or(i64::MAX);
        rights.saturating_add(figure.saturating_sub(home.ledger().given(&tip)).max(0))
    }

    fn check_grant(&mut self, grant: &Grant) -> Result<(), NodeError> {
        let tip = self.fund_tip();
        let home = self.require_home()?;
        let tip = tip.ok_or(Refusal::NoFund)?;
        let last = home.journals().entry(&tip).map_or(NO_ENTRY, |entry| entry.value().epoch);
        let (stamp, epoch) = (home.ledger().newest_stamp(&tip), home.roster().epoch_after(&last));
        Ok(home.ledger().check_grant(&tip, stamp.as_ref(), grant, &epoch, &Eyes(home.roster()))?)
    }

    fn write_grant(&mut self, grant: Grant) -> Result<(), NodeError> {
        if let Some(stamp) = self.fund_tip().and_then(|tip| self.home()?.ledger().newest_stamp(&tip)) {
            self.write_purse(Body::Cite { stamp })?;
        }
        self.write_purse(Body::Grant(grant))?;
        Ok(())
    }

    fn second(&mut self, list: EntryHash) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let home = self.require_home()?;
        let known = home.grant_list(&list).filter(|list| !list.unlisted).ok_or(Refusal::ListUnknown)?;
        if !may_second(&Eyes(home.roster()), &home.roster().newest_epoch(), &me) {
            return Err(Refusal::RoleMissing { role: "organiser" }.into());
        }
        if !home.may_second(&known, &me) {
            return Err(Refusal::NotImpartial.into());
        }
        if !known.seconded.contains_key(&me) {
            self.write(Body::Second { list })?;
        }
        Ok(Done::Saved)
    }

    fn unlist(&mut self, list: EntryHash) -> Result<Done, NodeError> {
        let own = self.fund_journal();
        let home = self.require_home()?;
        let here = home.journals().entry(&list).is_some_and(|entry| Some(entry.value().journal) == own);
        let known = home.grant_list(&list).filter(|list| here && !list.unlisted);
        known.ok_or(Refusal::ListUnknown)?;
        self.write_purse(Body::Unlist { list })?;
        Ok(Done::Saved)
    }

    /// Chooses the journal of a treasurer of today that takes what is paid to the fund; of several the one that was given most.
    pub(crate) fn fund_payee(&self) -> Result<JournalId, NodeError> {
        let Some(home) = &self.home else { return Err(NodeError::NoBuilding) };
        let open = home.fund_journals();
        let kept: BTreeSet<MemberId> = open.values().map(|(keeper, _)| *keeper).collect();
        let here = |keeper: &&MemberId| home.is_treasurer(keeper) && self.require_not_gone(keeper).is_ok();
        let current = kept.iter().filter(here).filter_map(|keeper| home.purse_of(keeper));
        let given = |journal: &JournalId| home.roster().now().fund.given(journal);
        let to = current.max_by_key(|journal| (given(journal), *journal));
        to.ok_or_else(|| Refusal::NoFund.into())
    }

    /// Gives points to the fund.
    fn give_to_fund(&mut self, points: Points) -> Result<Done, NodeError> {
        self.require_me()?;
        let to = self.fund_payee()?;
        if points.0 == 0 {
            return Err(Refusal::TransferMalformed.into());
        }
        self.check_payment(points)?;
        self.transfer(to, points, None)?;
        Ok(Done::Saved)
    }

    /// Gives the next entry that the fund journal owes: gifts are taken, what was declined is taken back, and what a second
    /// person has agreed to is granted.
    pub(crate) fn next_purse_duty(&self) -> Option<Body> {
        let (me, home, tip) = (self.me()?, self.home()?, self.fund_tip()?);
        if !home.is_treasurer(&me) {
            return None;
        }
        self.next_answer_to_transfer(&tip)
            .or_else(|| home.ledger().reclaimable(&tip).first().map(|decline| Body::Reclaim { decline: *decline }))
            .or_else(|| self.next_listed_grant(&tip))
    }

    fn next_listed_grant(&self, tip: &EntryHash) -> Option<Body> {
        let (home, own) = (self.home()?, self.fund_journal()?);
        let last = home.journals().entry(tip).map_or(NO_ENTRY, |entry| entry.value().epoch);
        let epoch = home.roster().epoch_after(&last);
        let stamp = home.ledger().newest_stamp(tip);
        let is_own = |list: &&EntryHash| home.journals().entry(list).is_some_and(|entry| entry.value().journal == own);
        let mine = home.lists.seconds.keys().filter(is_own).filter_map(|list| home.grant_list(list));
        for list in mine.filter(|list| !list.unlisted && list.granted < list.terms.len()) {
            // What was declined is not granted again by itself.
            let open = list
                .terms
                .iter()
                .filter(|terms| !home.ledger().was_granted(&own, terms))
                .filter(|terms| !home.was_granted_for(&terms.reason()));
            for (terms, second) in open.flat_map(|terms| list.seconded.values().map(move |second| (terms, second))) {
                let gone = self.require_not_gone(&terms.member).is_err();
                let grant = Grant { terms: *terms, second: Some(*second) };
                let eyes = Eyes(home.roster());
                if !gone && home.ledger().check_grant(tip, stamp.as_ref(), &grant, &epoch, &eyes).is_ok() {
                    return Some(stamp.map_or(Body::Grant(grant), |stamp| Body::Cite { stamp }));
                }
            }
        }
        None
    }

    /// Signs what one of this device's journals owes.
    pub(crate) fn write_into(&mut self, journal: Into, body: Body) -> Result<(), NodeError> {
        match journal {
            Into::Own => self.write(body),
            Into::Fund => self.write_purse(body),
        }
        .map(|_| ())
    }
}

#[cfg(test)]
mod tests;
