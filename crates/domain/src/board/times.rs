//! When the steps of a loan were signed, whether the thing came back by the agreed day, and for how long it is whose.

use super::Board;
use super::course::Mark;
use crate::deal::{DAY_MS, EXTENSION_DAYS_MAX};
use crate::rows::{DealRow, Stage};
use crate::{DealId, Instant, MemberId};

/// For how many days at most a thing is counted as asked for by whoever waits for it.
const LENGTH_DAYS_MAX: u64 = 60;

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

    /// Gives when a lent thing was back: as both have signed, or else as who lent it has. `None` where it is out, and for what
    /// is no loan.
    pub fn back_at(&self, deal: &DealId) -> Option<Instant> {
        let row = self.deal(deal)?;
        self.returned_at(deal)
            .or_else(|| self.happened(deal, Mark::Return)?.first()?.map(|(at, _)| at).filter(|_| row.confirmed.giver))
    }

    /// Tells whether a lent thing that is back came back by the agreed day, as both have signed; `None` for what is no
    /// finished loan.
    ///
    /// All instants are claims of clocks. A return that one alone claims to lie before the first word of its hand-over is
    /// believed by nobody and does not count as in time; what both have entered late they say together.
    pub fn returned_in_time(&self, deal: &DealId) -> Option<bool> {
        let row = self.deal(deal).filter(|row| row.stage == Stage::Done)?;
        let (due, back) = (row.due_at?, self.returned_at(deal)?);
        let [one, other] = self.happened(deal, Mark::Return)?;
        let together = one?.1 && other?.1;
        let begun = self.happened(deal, Mark::HandOver).and_then(|[one, other]| Some(one?.0.min(other?.0)));
        Some((together || begun.unwrap_or(row.answered_at) <= back) && back <= due)
    }

    /// Gives for how long somebody asks for a thing that is lent, in milliseconds: a day at least and 60 days at most, whatever
    /// instant the answer claims. Who waits asks from when they answered on, and not from before the thing was given to whoever
    /// had it meanwhile.
    pub fn length_asked(&self, row: &DealRow) -> u64 {
        let from = self.given_away_at(row).map_or(row.answered_at, |at| at.max(row.answered_at));
        let asked = row.terms.due_at.map_or(0, |due| due.0.saturating_sub(from.0));
        asked.clamp(DAY_MS, LENGTH_DAYS_MAX * DAY_MS)
    }

    /// Gives how many days later than it was agreed first the owner's device names when it hands a thing over, so that whoever waited
    /// has it as long as they asked for; 0 where it was there all the time.
    ///
    /// Their turn came when its owner had it back and had agreed with them.
    pub fn days_given(&self, deal: &DealId, now: Instant) -> u16 {
        let turn = |row: &DealRow| {
            let owner = row.terms.owner;
            let others = self.deals_of(&owner, &row.terms.listing).filter(|other| has_held(other, row));
            let back = others.filter_map(|other| self.signed_at(&other.id, Mark::Return, owner)).max()?;
            let waited = row.terms.is_loan() && row.giver == owner && back >= row.answered_at;
            let agreed = self.signed_at(deal, Mark::Agree, owner).filter(|_| waited)?;
            Some(now.min(back.max(agreed)))
        };
        let Some(row) = self.deal(deal) else { return 0 };
        turn(row).map_or(0, |turn| self.days_later(row, turn))
    }

    /// Gives how many whole days after the one of its terms somebody has a thing until, whose turn comes at this instant.
    pub(super) fn days_later(&self, row: &DealRow, turn: Instant) -> u16 {
        let until = turn.0.saturating_add(self.length_asked(row));
        let days = row.terms.due_at.map_or(0, |due| until.saturating_sub(due.0) / DAY_MS);
        u16::try_from(days).unwrap_or(EXTENSION_DAYS_MAX).min(EXTENSION_DAYS_MAX)
    }

    /// Gives when the owner agreed with the first of those who had the thing at some time after this answer, as the owner's
    /// device claims: what an answer says of its own instant nobody else can tell.
    fn given_away_at(&self, row: &DealRow) -> Option<Instant> {
        let owner = row.terms.owner;
        let others = self.deals_of(&owner, &row.terms.listing).filter(|other| has_held(other, row));
        let since = others
            .filter(|other| other.is_out() || other.stage == Stage::Agreed || other.changed_at >= row.answered_at);
        since.filter_map(|other| self.signed_at(&other.id, Mark::Agree, owner)).min()
    }

    /// Gives when a member says that a step of a deal happened.
    fn signed_at(&self, deal: &DealId, mark: Mark, by: MemberId) -> Option<Instant> {
        self.dossiers.get(deal)?.happened_at(mark, by).map(|(at, _)| at)
    }

    fn happened(&self, deal: &DealId, mark: Mark) -> Option<[Option<(Instant, bool)>; 2]> {
        let row = self.deal(deal).filter(|row| row.terms.is_loan())?;
        let dossier = self.dossiers.get(deal)?;
        Some([row.giver, row.receiver].map(|by| dossier.happened_at(mark, by)))
    }
}

/// Tells whether another deal than this one is a loan that has the thing or had it.
fn has_held(other: &DealRow, row: &DealRow) -> bool {
    let held = matches!(other.stage, Stage::Agreed | Stage::OnLoan | Stage::Done);
    held && other.id != row.id && other.terms.is_loan()
}
