//! When the steps of a loan were signed, and whether the thing came back by the agreed day.

use super::Board;
use super::course::Mark;
use crate::rows::Stage;
use crate::{DealId, Instant};

impl Board {
    /// Gives when a lent thing changed hands: the later of what the two say of it. `None` for what is no loan,
    /// and where only one of the two has signed it.
    pub fn handed_at(&self, deal: &DealId) -> Option<Instant> {
        let [one, other] = self.happened(deal, Mark::HandOver)?;
        Some(one?.0.max(other?.0))
    }

    /// Gives when a lent thing came back, once both have signed that it did: the earlier of what the two say.
    /// Who gets a thing back and signs it days later makes nobody late. Where both have entered late on which day it was,
    /// the later of the two days counts: nobody brings a thing back in time by saying so alone.
    pub fn returned_at(&self, deal: &DealId) -> Option<Instant> {
        let [one, other] = self.happened(deal, Mark::Return)?;
        let ((one, late), (other, later)) = (one?, other?);
        Some(if late && later { one.max(other) } else { one.min(other) })
    }

    /// Tells whether a lent thing that is back came back by the agreed day, as both have signed; `None` for what is no
    /// finished loan.
    ///
    /// Both instants are claims of clocks. A return that claims to lie before its own hand-over is believed by nobody and
    /// does not count as in time.
    pub fn returned_in_time(&self, deal: &DealId) -> Option<bool> {
        let row = self.deal(deal).filter(|row| row.stage == Stage::Done)?;
        let (due, back) = (row.due_at?, self.returned_at(deal)?);
        let begun = self.handed_at(deal).unwrap_or(row.answered_at);
        Some(begun <= back && back <= due)
    }

    fn happened(&self, deal: &DealId, mark: Mark) -> Option<[Option<(Instant, bool)>; 2]> {
        let row = self.deal(deal).filter(|row| row.terms.is_loan())?;
        let dossier = self.dossiers.get(deal)?;
        Some([row.giver, row.receiver].map(|by| dossier.happened_at(mark, by)))
    }
}
