//! Deals of which the two say different numbers of points: nothing is paid or taken for them until that is settled, by the
//! two themselves or by a mediator; and payments that correct what was paid before.

use kaifong_domain::dispute::{CORRECTIONS_MAX, Dispute, Disputes, Voice, Word, correction};
use kaifong_domain::rows::{DealRow, Stage, Step};
use kaifong_domain::{DealId, MemberId, Points, ReasonId, Refusal};
use kaifong_ledger::{Direction, LineState, TransferRow};
use kaifong_trust::entry::{Body, Role};

use crate::Home;
use crate::event::{Done, NodeError};
use crate::node::Node;

/// What a person wants about the points of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeCommand {
    /// Says how many points are right for a deal of one's own.
    Say {
        /// The deal.
        deal: DealId,
        /// How many, all in all.
        points: Points,
    },
    /// Says so as a mediator.
    Rule {
        /// The deal.
        deal: DealId,
        /// How many, all in all; at most what was agreed.
        points: Points,
    },
    /// Pays what one still owes for a finished deal, or back what was too much.
    Settle {
        /// The deal.
        deal: DealId,
    },
}

/// What somebody owes somebody for a finished deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Who owes it.
    pub by: MemberId,
    /// To whom.
    pub to: MemberId,
    /// How many points.
    pub points: Points,
    /// Which correction of the deal its payment would be, from 0.
    pub nth: u8,
}

/// What was paid for a deal, from the receiver to the giver; what went back is subtracted.
#[derive(Clone, Copy, Debug, Default)]
struct Paid {
    /// What was taken.
    counted: i64,
    /// What is on its way.
    pending: i64,
    /// Corrections that were taken or are on their way.
    corrections: u8,
}

impl Home {
    /// All words on the points of deals.
    pub fn disputes(&self) -> &Disputes {
        &self.disputes
    }

    /// Tells how it stands with the points of a deal.
    pub fn dispute(&self, row: &DealRow) -> Dispute {
        self.disputes.of(row)
    }

    /// Gives the deal that a payment with this reason is for: it pays the deal, or corrects what was paid.
    pub fn deal_paid(&self, reason: &ReasonId) -> Option<&DealRow> {
        let corrected = || self.board.deal(&self.disputes.corrects(reason)?);
        self.board.deal(&DealId(reason.0)).or_else(corrected)
    }

    /// Gives what is still owed for a finished deal that was in dispute; `None` while it is, and when nothing is.
    pub fn owed(&self, row: &DealRow) -> Option<Owed> {
        let dispute = self.dispute(row);
        let figure = dispute.figure().filter(|_| dispute.raised && row.stage == Stage::Done)?;
        let paid = self.paid(row);
        owed(row, figure, paid.counted.saturating_add(paid.pending), paid.corrections)
    }

    /// Tells whether a member mediates now.
    pub fn mediates(&self, member: &MemberId) -> bool {
        let roster = self.roster();
        roster.held(&roster.newest_epoch(), member, Role::Mediator)
    }

    /// Lists the deals that wait for this member's ruling: each of the two has answered the other.
    pub fn to_mediate(&self, member: &MemberId) -> Vec<&DealRow> {
        if !self.mediates(member) {
            return Vec::new();
        }
        let deals = self.disputes.deals().filter_map(|deal| self.board.deal(deal));
        deals.filter(|row| self.next_step(row, member) == Some(Step::Figure) && !row.is_party(member)).collect()
    }

    /// Gives what the member can do next in a deal, the points included; of others', what waits for a mediator.
    pub fn next_step(&self, row: &DealRow, member: &MemberId) -> Option<Step> {
        let dispute = self.dispute(row);
        let stands = matches!(row.stage, Stage::Agreed | Stage::OnLoan | Stage::Done);
        if stands && dispute.figure().is_none() {
            let asked = match dispute.waits_for {
                Some(party) => party == *member,
                None => !row.is_party(member) && self.mediates(member),
            };
            if asked {
                return Some(Step::Figure);
            }
        }
        let owes = dispute.raised && self.owed(row).is_some_and(|owed| owed.by == *member);
        if owes { Some(Step::Settle) } else { self.board.next_step(&row.id, member) }
    }

    fn paid(&self, row: &DealRow) -> Paid {
        let mut paid = Paid::default();
        for line in self.ledger.statement(&row.receiver) {
            let Some(reason) = line.reason.filter(|_| line.counterpart == Some(row.giver)) else { continue };
            let correcting = self.disputes.corrects(&reason) == Some(row.id);
            if !correcting && reason != row.id.into() {
                continue;
            }
            let points = match line.direction {
                Direction::Out => i64::from(line.points.0),
                Direction::In => -i64::from(line.points.0),
            };
            match line.state {
                LineState::Accepted => paid.counted = paid.counted.saturating_add(points),
                LineState::Signed => paid.pending = paid.pending.saturating_add(points),
                LineState::NotCounted(_) | LineState::Declined => continue,
            }
            paid.corrections = paid.corrections.saturating_add(u8::from(correcting));
        }
        paid
    }
}

/// What is owed where `paid` points have gone from the receiver to the giver and `figure` is right.
fn owed(row: &DealRow, figure: Points, paid: i64, nth: u8) -> Option<Owed> {
    let missing = i64::from(figure.0).saturating_sub(paid);
    let (by, to) = if missing > 0 { (row.receiver, row.giver) } else { (row.giver, row.receiver) };
    let points = Points(u32::try_from(missing.unsigned_abs()).ok()?);
    (points.0 > 0).then_some(Owed { by, to, points, nth })
}

impl Node {
    pub(crate) fn dispute_command(&mut self, command: DisputeCommand) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let (DisputeCommand::Say { deal, .. } | DisputeCommand::Rule { deal, .. } | DisputeCommand::Settle { deal }) =
            command;
        let row = self.require_home()?.board.deal(&deal).ok_or(Refusal::DealUnknown)?.clone();
        match command {
            DisputeCommand::Say { points, .. } => self.say_points(me, &row, points),
            DisputeCommand::Rule { points, .. } => self.rule_points(me, &row, points),
            DisputeCommand::Settle { .. } => self.settle_deal(me, &row),
        }
    }

    fn say_points(&mut self, me: MemberId, row: &DealRow, points: Points) -> Result<Done, NodeError> {
        let disputes = &self.require_home()?.disputes;
        disputes.check_word(&me, row, points)?;
        let dispute = disputes.of(row);
        let mine = if row.giver == me { dispute.giver } else { dispute.receiver };
        // Saying it twice says nothing new.
        if mine != points {
            let number = disputes.next_number(&me, Voice::Party, &row.id);
            self.write(Body::Say(Word { deal: row.id, points, number }))?;
        }
        Ok(Done::Saved)
    }

    fn rule_points(&mut self, me: MemberId, row: &DealRow, points: Points) -> Result<Done, NodeError> {
        let home = self.require_home()?;
        if !home.mediates(&me) {
            return Err(Refusal::RoleMissing { role: "mediator" }.into());
        }
        home.disputes.check_ruling(&me, row, points)?;
        if home.dispute(row).ruling != Some((points, me)) {
            let number = home.disputes.next_ruling(&row.id);
            self.write(Body::Rule(Word { deal: row.id, points, number }))?;
        }
        Ok(Done::Saved)
    }

    fn settle_deal(&mut self, me: MemberId, row: &DealRow) -> Result<Done, NodeError> {
        let home = self.require_home()?;
        if !row.is_party(&me) {
            return Err(Refusal::NotAParty.into());
        }
        if home.dispute(row).figure().is_none() {
            return Err(Refusal::InDispute.into());
        }
        let owed = home.owed(row).filter(|owed| owed.by == me).ok_or(Refusal::NothingOwed)?;
        if owed.nth >= CORRECTIONS_MAX {
            return Err(Refusal::CorrectedEnough { most: CORRECTIONS_MAX }.into());
        }
        let to = self.payee(row, &owed.to)?;
        self.check_payment(owed.points)?;
        self.transfer(to, owed.points, Some(correction(&row.id, owed.nth)))?;
        Ok(Done::Saved)
    }

    /// Tells whether a correction may be taken: it is just what the other owes. `None` for what corrects nothing, while the
    /// deal is in dispute, and before it is finished.
    pub(crate) fn correction_owes(&self, row: &TransferRow) -> Option<bool> {
        let home = self.home()?;
        let deal = home.board().deal(&home.disputes().corrects(&row.reason?)?)?;
        let figure = home.dispute(deal).figure().filter(|_| deal.stage == Stage::Done)?;
        // A payment that was not taken pays nothing.
        let owed = owed(deal, figure, home.paid(deal).counted, 0);
        let payee = home.payee_of(row);
        Some(
            owed.is_some_and(|owed| owed.by == row.payer_member && Some(owed.to) == payee && owed.points == row.points),
        )
    }
}

#[cfg(test)]
mod tests;
