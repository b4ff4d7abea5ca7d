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
    /// Says that an entered slip is none of one's own.
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

    /// Gives the payments that name a slip's number, by whoever it was entered for; each is out of its payer's account.
    pub fn slip_payments(&self, number: &SlipNumber) -> Vec<(MemberId, Line)> {
        let reason = number.reason(&self.id());
        let payers: std::collections::BTreeSet<_> = self.slips.versions(number).map(|(slip, _)| slip.payer).collect();
        let each = payers.into_iter().flat_map(|payer| {
            let lines = self.ledger().statement(&payer).into_iter();
            lines.filter(|line| line.direction == Direction::Out).map(move |line| (payer, line))
        });
        each.filter(|(_, line)| line.reason == Some(reason)).collect()
    }

    /// Tells whether the payment of a slip is on its way or arrived, so that it is not paid again.
    fn is_slip_paid(&self, number: &SlipNumber) -> bool {
        let stands = |line: &Line| matches!(line.state, LineState::Signed | LineState::Accepted);
        self.slip_payments(number).iter().any(|(_, line)| stands(line))
    }

    /// Remembers a slip, or its payer's word that it is none of theirs, where it counts and its signer may say so.
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
        if home.slips.versions(&slip.number).any(|(_, version)| !version.is_disowned()) {
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
        if home.is_slip_paid(&slip.number) {
            return Err(Refusal::SlipPaid.into());
        }
        let disowned = home.slips.versions(&slip.number).any(|(same, version)| *same == slip && version.is_disowned());
        if disowned { Err(Refusal::SlipDisowned.into()) } else { Ok(slip) }
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

    /// Says of every entry that holds the same slip that it is none of this member's.
    fn disown_slip(&mut self, entry: EntryHash) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        for slip in self.open_entries_of(&entry, &me)? {
            self.write(Body::Disown { slip })?;
        }
        Ok(Done::Saved)
    }

    /// Gives the entries that hold the same slip and are not disowned.
    pub(crate) fn open_entries_of(&mut self, entry: &EntryHash, payer: &MemberId) -> Result<Vec<EntryHash>, NodeError> {
        let slip = self.slip_of(entry, payer)?;
        let home = self.require_home()?;
        let version = home.slips.versions(&slip.number).find(|(same, _)| **same == slip).map(|(_, version)| version);
        let open = version
            .into_iter()
            .flat_map(|version| version.entered.keys().filter(|entered| !version.disowned.contains(*entered)).copied());
        Ok(open.collect())
    }

    /// Tells whether a payment for a slip may be taken: somebody has entered just that, and no other payment for the number was
    /// taken by anybody. `None` while no slip of that number is known here.
    pub(crate) fn slip_owes(&self, row: &TransferRow) -> Option<bool> {
        let home = self.home()?;
        let number = home.slips.paid_by(&row.reason?)?;
        let payee = home.payee_of(row);
        let is_this =
            |slip: &Slip| slip.payer == row.payer_member && Some(slip.payee) == payee && slip.points == row.points;
        let entered = home.slips.versions(&number).any(|(slip, _)| is_this(slip));
        let taken = home.slip_payments(&number).iter().any(|(_, line)| line.state == LineState::Accepted);
        Some(entered && !taken)
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
