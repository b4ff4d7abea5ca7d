//! Slips of paper: entered by whoever keeps the desk, paid by their payer's own device, taken by the payee's.

use kaifong_domain::slip::{Slip, SlipNumber};
use kaifong_domain::{EntryHash, Instant, MemberId, Refusal};
use kaifong_ledger::{Direction, Line, LineState, TransferRow};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry, MemberKind, Role};
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::home::{Arrival, Home};
use crate::node::Node;

const DAY_MS: u64 = 24 * 3600 * 1000;
/// How old a slip may be when it is entered, in days.
const DAYS_BACK_MAX: u32 = 366;
/// How many blank slips are numbered at a time.
pub const BLANKS_MAX: usize = 80;

/// What a person does with slips of paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipCommand {
    /// As the desk or a volunteer, enters a slip.
    Enter(Slip),
    /// Pays an entered slip of one's own.
    Pay {
        /// The entry that holds it.
        slip: EntryHash,
    },
    /// Says that an entered slip is none of one's own, or takes back what one has entered oneself.
    Disown {
        /// The entry that holds it.
        slip: EntryHash,
    },
}

impl Home {
    /// Tells whether a member may enter slips by the newest epoch: it is the desk, or holds the role of a volunteer.
    pub fn may_enter_slips(&self, member: &MemberId) -> bool {
        self.might_enter_slips(&self.roster().newest_epoch(), member)
    }

    fn might_enter_slips(&self, epoch: &EntryHash, member: &MemberId) -> bool {
        let desk = self.roster().member(member).is_some_and(|known| known.kind == MemberKind::Desk);
        desk || self.roster().held(epoch, member, Role::Volunteer)
    }

    /// Gives the payments of a number to a payee that pay what somebody has entered under it; each is out of its payer's account.
    /// One that pays something else under the number says nothing about a slip.
    pub fn slip_payments(&self, number: &SlipNumber, payee: &MemberId) -> Vec<(MemberId, Line)> {
        let reason = number.reason(&self.id());
        let asked = |payer: &MemberId, line: &Line| {
            let is_this = |slip: &Slip| slip.payer == *payer && slip.payee == *payee && slip.points == line.points;
            line.counterpart == Some(*payee) && self.slips.versions(number).any(|(slip, _)| is_this(slip))
        };
        let versions = self.slips.versions(number).filter(|(slip, _)| slip.payee == *payee);
        let payers: std::collections::BTreeSet<_> = versions.map(|(slip, _)| slip.payer).collect();
        let each = payers.into_iter().flat_map(|payer| {
            let lines = self.ledger().statement(&payer).into_iter();
            lines.filter(|line| line.direction == Direction::Out).map(move |line| (payer, line))
        });
        each.filter(|(payer, line)| line.reason == Some(reason) && asked(payer, line)).collect()
    }

    /// Gives of the payments to a slip's payee the one that settles the number between the two: its payer's own that is on its way,
    /// or whichever the payee has taken.
    pub fn slip_payment<'a>(&self, slip: &Slip, payments: &'a [(MemberId, Line)]) -> Option<&'a (MemberId, Line)> {
        let stands = |(payer, line): &&(MemberId, Line)| match line.state {
            LineState::Accepted => true,
            LineState::Signed => *payer == slip.payer,
            _ => false,
        };
        payments.iter().filter(stands).max_by_key(|(_, line)| line.state == LineState::Accepted)
    }

    /// Tells whether a slip's payer need not pay it: their own payment is on its way or arrived, or the payee has taken the number.
    fn is_slip_paid(&self, slip: &Slip) -> bool {
        self.slip_payment(slip, &self.slip_payments(&slip.number, &slip.payee)).is_some()
    }

    /// Remembers a slip, or the word that it is not to be paid, where it counts and its signer may say so.
    pub(crate) fn fold_slip(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let (value, hash, building) = (entry.value(), EntryHash(entry.hash()), self.id());
        let counts = self.journals.counts(&hash);
        let Some(by) = self.roster().owner_of_journal(&value.journal).filter(|_| counts) else { return };
        match &value.body {
            Body::Slip(slip) if self.might_enter_slips(&value.epoch, &by) => {
                self.slips.enter(&building, hash, by, value.at, *slip);
            }
            Body::Disown { slip } => self.slips.disown(slip, &by),
            _ => return,
        }
        arrival.tags.insert(Tag::Points);
    }
}

impl Node {
    pub(crate) fn slip_command(&mut self, command: SlipCommand) -> Result<Done, NodeError> {
        match command {
            SlipCommand::Enter(slip) => self.enter_slip(slip),
            SlipCommand::Pay { slip } => self.pay_slip(&slip),
            SlipCommand::Disown { slip } => self.disown_slip(slip),
        }
    }

    /// Draws numbers for blank slips, as they are printed. Nobody has to remember them.
    ///
    /// # Errors
    /// `no-building`, [`Refusal::OutOfRange`].
    pub fn blank_slips(&mut self, count: usize) -> Result<Vec<String>, NodeError> {
        let building = self.require_home()?.id();
        if !(1..=BLANKS_MAX).contains(&count) {
            return Err(Refusal::OutOfRange { field: "count", least: 1, most: BLANKS_MAX as i64 }.into());
        }
        Ok((0..count).map(|_| SlipNumber::drawn(self.rng.next_u64()).written(&building)).collect())
    }

    fn enter_slip(&mut self, slip: Slip) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        if !home.may_enter_slips(&me) {
            return Err(Refusal::RoleMissing { role: "volunteer" }.into());
        }
        for member in [&slip.payer, &slip.payee] {
            home.roster().member(member).ok_or(Refusal::MemberUnknown)?;
        }
        require_day(slip.day, now)?;
        slip.check(now).map_err(|_| Refusal::TransferMalformed)?;
        if home.slips.versions(&slip.number).any(|(_, version)| version.is_open()) {
            return Err(Refusal::SlipEntered.into());
        }
        self.require_not_gone(&slip.payer)?;
        self.require_not_gone(&slip.payee)?;
        Ok(Done::Entered(self.write(Body::Slip(slip))?))
    }

    /// Finds a slip that a member has to pay or to disown.
    pub(crate) fn slip_of(&mut self, entry: &EntryHash, payer: &MemberId) -> Result<Slip, NodeError> {
        let home = self.require_home()?;
        let slip = *home.slips.entered(entry).ok_or(Refusal::SlipUnknown)?;
        if slip.payer != *payer {
            return Err(Refusal::SlipNotYours.into());
        }
        if home.is_slip_paid(&slip) {
            return Err(Refusal::SlipPaid.into());
        }
        let version = home.slips.versions(&slip.number).find(|(same, _)| **same == slip).map(|(_, version)| version);
        match version.filter(|version| !version.is_open()) {
            None => Ok(slip),
            Some(version) if version.disowned.is_empty() => Err(Refusal::SlipTakenBack.into()),
            Some(_) => Err(Refusal::SlipDisowned.into()),
        }
    }

    fn pay_slip(&mut self, entry: &EntryHash) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let slip = self.slip_of(entry, &me)?;
        self.require_not_gone(&slip.payee)?;
        let to = self.journal_of(&slip.payee).ok_or(Refusal::PayeeUnknown)?;
        self.check_payment(slip.points)?;
        let reason = slip.number.reason(&self.require_home()?.id());
        self.transfer(to, slip.points, Some(reason))?;
        Ok(Done::Saved)
    }

    /// Says of every entry that holds the same slip that it is none of this member's; or takes back those that this member made.
    fn disown_slip(&mut self, entry: EntryHash) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let mine = self.own_entries_of(&entry, &me)?;
        let entries = if mine.is_empty() { self.open_entries_of(&entry, &me)? } else { mine };
        for slip in entries {
            self.write(Body::Disown { slip })?;
        }
        Ok(Done::Saved)
    }

    /// Gives the entries of a member's own that hold the same slip of somebody else, which is not paid.
    fn own_entries_of(&mut self, entry: &EntryHash, by: &MemberId) -> Result<Vec<EntryHash>, NodeError> {
        let home = self.require_home()?;
        let slip = *home.slips.entered(entry).ok_or(Refusal::SlipUnknown)?;
        let version = home.slips.versions(&slip.number).find(|(same, _)| **same == slip && slip.payer != *by);
        let own: Vec<_> = version.into_iter().flat_map(|(_, version)| version.open_by(by)).copied().collect();
        if !own.is_empty() && home.is_slip_paid(&slip) { Err(Refusal::SlipPaid.into()) } else { Ok(own) }
    }

    /// Gives the entries that hold the same slip and still ask.
    pub(crate) fn open_entries_of(&mut self, entry: &EntryHash, payer: &MemberId) -> Result<Vec<EntryHash>, NodeError> {
        let slip = self.slip_of(entry, payer)?;
        let home = self.require_home()?;
        let version = home.slips.versions(&slip.number).find(|(same, _)| **same == slip);
        Ok(version.into_iter().flat_map(|(_, version)| version.open()).copied().collect())
    }

    /// Tells whether a payment for a slip may be taken: somebody has entered just that, and its payee has taken no other payment for
    /// the number. `None` while nothing that was entered and is known here asks for just that: the right reading may be on its way.
    pub(crate) fn slip_owes(&self, row: &TransferRow) -> Option<bool> {
        let home = self.home()?;
        let number = home.slips.paid_by(&row.reason?)?;
        let journal = home.journals().journal(&row.payee)?;
        if journal.open.is_fund() {
            return Some(false);
        }
        let is_this =
            |slip: &Slip| slip.payer == row.payer_member && slip.payee == journal.member && slip.points == row.points;
        let taken = |(_, line): &(MemberId, Line)| line.state == LineState::Accepted;
        if home.slip_payments(&number, &journal.member).iter().any(taken) {
            return Some(false);
        }
        home.slips.versions(&number).any(|(slip, _)| is_this(slip)).then_some(true)
    }
}

fn require_day(day: u32, now: Instant) -> Result<(), Refusal> {
    // Days are counted where people live, which is up to a day ahead.
    let today = u32::try_from(now.0 / DAY_MS).unwrap_or(u32::MAX);
    let (least, most) = (today.saturating_sub(DAYS_BACK_MAX), today.saturating_add(1));
    if (least..=most).contains(&day) {
        return Ok(());
    }
    Err(Refusal::OutOfRange { field: "day", least: least.into(), most: most.into() })
}

#[cfg(test)]
mod tests;
