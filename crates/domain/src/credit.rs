//! The credit record: what signed entries say of a member, as a fold that is never stored.
//!
//! It counts what both parties have signed and what was said of it afterwards, and nothing else: no points, nothing that
//! was called off, nothing that came back late or not yet asked for. Lateness is for the two parties of a deal to see.

use std::collections::BTreeSet;

use crate::rows::{DealRow, Stage};
use crate::{Board, DealId, MemberId};

/// What signed entries say of one member. Each list names the deals it is counted from, so that every number leads to
/// its 凭证.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Credit {
    /// Finished deals in which they gave: help, a thing for good, or a thing that was lent and is back.
    pub given: BTreeSet<DealId>,
    /// Finished deals in which they received.
    pub received: BTreeSet<DealId>,
    /// Of those given: things they lent, and have back.
    pub lent: BTreeSet<DealId>,
    /// Of those received: things they borrowed and brought back.
    pub returned: BTreeSet<DealId>,
    /// Of those returned: by the agreed day.
    pub in_time: BTreeSet<DealId>,
    /// Things they have borrowed now.
    pub borrowed: BTreeSet<DealId>,
    /// Finished deals of which the other has said how it was.
    pub reviewed: BTreeSet<DealId>,
    /// The stars of all that was said, added up.
    pub stars: u64,
}

impl Credit {
    /// Folds all that the board knows of a member. Costs time in the member's deals.
    pub fn of(board: &Board, member: &MemberId) -> Self {
        let mut credit = Self::default();
        board.deals_with(member).for_each(|deal| credit.count(board, member, deal));
        for row in board.reviews_about(member) {
            credit.reviewed.insert(row.review.deal);
            credit.stars += u64::from(row.review.stars);
        }
        credit
    }

    /// How many deals were finished.
    pub fn completed(&self) -> usize {
        self.given.len() + self.received.len()
    }

    /// The mean of the stars, 1 to 5; `None` without a review.
    pub fn stars_mean(&self) -> Option<f64> {
        (!self.reviewed.is_empty()).then(|| self.stars as f64 / self.reviewed.len() as f64)
    }

    fn count(&mut self, board: &Board, member: &MemberId, deal: &DealRow) {
        let (gives, loan) = (deal.giver == *member, deal.terms.is_loan());
        match deal.stage {
            Stage::OnLoan if !gives => _ = self.borrowed.insert(deal.id),
            Stage::Done if gives => {
                self.given.insert(deal.id);
                if loan {
                    self.lent.insert(deal.id);
                }
            }
            Stage::Done => {
                self.received.insert(deal.id);
                if loan {
                    self.returned.insert(deal.id);
                }
                if board.returned_in_time(&deal.id) == Some(true) {
                    self.in_time.insert(deal.id);
                }
            }
            _ => {}
        }
    }
}
