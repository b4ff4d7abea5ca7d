//! Whether a member may do something now. Which refusal comes first is told in the documentation of [`board`](super).

use super::Board;
use super::course::Mark;
use crate::care::CareRefusal;
use crate::deal::{DealAct, Direction, EXTENSION_DAYS_MAX, LATE_DAYS_MAX, Terms, is_late_entry};
use crate::record::{Kind, Listing, Mode, Reply, Review, Side, check_points};
use crate::rows::{DealRow, ListingRow, ListingStage, Stage};
use crate::{DealId, Instant, MemberId, Refusal};

impl Board {
    /// Checks whether `by` may do `act` now, as far as this replica knows. The first refusal in the table of
    /// [`board`](super) is given.
    ///
    /// How an agreement is to hold the listing is not checked but taken from [`Listing::hold`] and
    /// [`Board::last_hold`].
    pub fn check(&self, by: MemberId, act: &DealAct) -> Result<(), Refusal> {
        match act {
            DealAct::Answer { terms } => self.check_answer(by, terms),
            DealAct::Agree { deal, .. } => self.check_agree(by, deal),
            DealAct::CallOff { deal } => self.check_call_off(by, deal),
            DealAct::HandOver { deal } | DealAct::HandedOver { deal, .. } => {
                self.check_confirm(by, deal, Mark::HandOver)
            }
            DealAct::Return { deal } | DealAct::Returned { deal, .. } => self.check_confirm(by, deal, Mark::Return),
            DealAct::Done { deal } => self.check_confirm(by, deal, Mark::Done),
            DealAct::Extend { deal, days } => self.check_day(by, deal, true, *days),
            DealAct::KeepDay { deal, days } => self.check_day(by, deal, false, *days),
        }
    }

    /// Checks whether it can be entered at `now` that something of the deal happened `on` that day.
    pub fn check_late(&self, deal: &DealId, on: Instant, now: Instant) -> Result<(), Refusal> {
        let row = self.deal(deal).ok_or(Refusal::DealUnknown)?;
        let fits = is_late_entry(on, row.answered_at, now);
        if fits { Ok(()) } else { Err(Refusal::DayOutside { days: LATE_DAYS_MAX }) }
    }

    /// Checks whether `by` may say this of the deal: it passes its own check, and the deal is theirs and finished.
    pub fn check_review(&self, by: MemberId, review: &Review) -> Result<(), Refusal> {
        review.check()?;
        match self.deal_of(by, &review.deal)?.stage {
            Stage::Done if self.is_discreet(&review.deal) => Err(CareRefusal::NotReviewed.into()),
            Stage::Done => Ok(()),
            _ => Err(Refusal::NotFinished),
        }
    }

    /// Checks whether `by` may answer what the other party said of them: there is something to answer.
    pub fn check_reply(&self, by: MemberId, reply: &Reply) -> Result<(), Refusal> {
        reply.check()?;
        self.deal_of(by, &reply.deal)?;
        let said = self.reviews_about(&by).any(|row| row.review.deal == reply.deal);
        if said { Ok(()) } else { Err(Refusal::NotFinished) }
    }

    fn check_answer(&self, by: MemberId, terms: &Terms) -> Result<(), Refusal> {
        check_points(terms.points)?;
        if terms.owner == by {
            return Err(Refusal::OwnListing);
        }
        let row = self.listing(&terms.owner, &terms.listing).ok_or(Refusal::ListingUnknown)?;
        check_fit(terms, &row.listing)?;
        if row.stage == ListingStage::Closed {
            return Err(Refusal::ListingClosed);
        }
        // One deal at a time with one listing: with a finished or called-off one behind them, a neighbour may ask again.
        let mut others = self.deals_of(&terms.owner, &terms.listing);
        if others.any(|deal| deal.answerer == by && deal.stage.is_live()) {
            return Err(Refusal::AlreadyAnswered);
        }
        // For a thing that is lent and not here one stands in line.
        if !(row.listing.lends() && row.stage == ListingStage::Agreed) {
            check_free(row.stage)?;
        }
        match terms.counterpart {
            Some(id) if self.listing(&by, &id).is_none() && self.find_listing(&id).is_some() => {
                Err(Refusal::ListingNotYours)
            }
            Some(id) if self.listing(&by, &id).is_none() => Err(Refusal::ListingUnknown),
            _ => Ok(()),
        }
    }

    fn check_agree(&self, by: MemberId, deal: &DealId) -> Result<(), Refusal> {
        let deal = self.deal_of(by, deal)?;
        if deal.terms.owner != by {
            return Err(Refusal::NotYourStep);
        }
        if deal.stage != Stage::Answered {
            return Err(wrong(deal));
        }
        let row = self.listing(&by, &deal.terms.listing).ok_or(Refusal::ListingUnknown)?;
        // The answer came from outside: who agrees must not find themselves paying for what they offered.
        check_fit(&deal.terms, &row.listing)?;
        if row.stage == ListingStage::Closed {
            return Err(Refusal::ListingClosed);
        }
        if self.places_left(row) == Some(0) {
            return Err(Refusal::PlacesFull);
        }
        if self.can_follow(row) { Ok(()) } else { check_free(row.stage) }
    }

    /// Gives how many more neighbours can have an open offer that counts its places: each that was agreed and is not done yet takes
    /// one. Where two devices of its owner agreed while apart, more may have it than it has places.
    pub fn places_left(&self, row: &ListingRow) -> Option<u16> {
        let places = row.listing.places().filter(|_| row.stage != ListingStage::Closed)?;
        let deals = self.deals_of(&row.owner, &row.listing.id);
        let taken = deals.filter(|deal| deal.terms.owner == row.owner && deal.stage == Stage::Agreed).count();
        Some(places.saturating_sub(u16::try_from(taken).unwrap_or(u16::MAX)))
    }

    /// Tells whether a thing that is lent out, and agreed with nobody else yet, can be agreed with who has it next.
    fn can_follow(&self, row: &ListingRow) -> bool {
        let last = self.last_hold(&row.owner, &row.listing.id).and_then(|deal| self.deal(&deal));
        row.listing.lends() && row.stage == ListingStage::Agreed && last.is_some_and(|deal| deal.stage == Stage::OnLoan)
    }

    fn check_day(&self, by: MemberId, id: &DealId, named: bool, days: u16) -> Result<(), Refusal> {
        let deal = self.deal_of(by, id)?;
        let fits = match deal.stage {
            Stage::OnLoan => true,
            // Whoever waited longer than they thought is given the days that they waited.
            Stage::Agreed => named && deal.terms.is_loan(),
            _ => false,
        };
        if !fits {
            return Err(wrong(deal));
        }
        if !named && deal.giver != by {
            return Err(Refusal::NotYourStep);
        }
        if !(deal.extension.days + 1..=EXTENSION_DAYS_MAX).contains(&days) {
            return Err(Refusal::NotLater { most: EXTENSION_DAYS_MAX });
        }
        let said = self.dossiers.get(id).is_some_and(|dossier| dossier.has_day(by, named, days));
        if said { Err(Refusal::AlreadyConfirmed) } else { Ok(()) }
    }

    fn check_call_off(&self, by: MemberId, deal: &DealId) -> Result<(), Refusal> {
        let deal = self.deal_of(by, deal)?;
        match deal.stage {
            Stage::Answered => Ok(()),
            Stage::Agreed if deal.has_confirmed(&by) => Err(Refusal::AlreadyConfirmed),
            Stage::Agreed => Ok(()),
            _ => Err(wrong(deal)),
        }
    }

    fn check_confirm(&self, by: MemberId, id: &DealId, step: Mark) -> Result<(), Refusal> {
        let deal = self.deal_of(by, id)?;
        let fits = match (step, deal.stage) {
            (Mark::HandOver, Stage::Agreed) => deal.terms.is_loan(),
            // A thing that is back was handed over, even if nobody wrote it down.
            (Mark::Return, Stage::Agreed | Stage::OnLoan) => deal.terms.is_loan(),
            (Mark::Done, Stage::Agreed) => !deal.terms.is_loan(),
            _ => false,
        };
        if !fits {
            return Err(wrong(deal));
        }
        let confirmed = match step {
            Mark::HandOver => deal.has_confirmed(&by),
            _ => self.has_signed(id, step, by),
        };
        if confirmed {
            return Err(Refusal::AlreadyConfirmed);
        }
        // What is out already cannot be held back by a check; taking it back is never refused.
        let hands_over = step != Mark::Return && deal.giver == by && deal.terms.owner == by;
        if hands_over && self.out_before(id).is_some() {
            return Err(Refusal::StillOut);
        }
        if hands_over && self.lacks_check(&by, &deal.terms.listing) { Err(Refusal::CheckMissing) } else { Ok(()) }
    }

    fn deal_of(&self, by: MemberId, deal: &DealId) -> Result<&DealRow, Refusal> {
        let row = self.deal(deal).ok_or(Refusal::DealUnknown)?;
        if row.is_party(&by) { Ok(row) } else { Err(Refusal::NotAParty) }
    }
}

fn wrong(deal: &DealRow) -> Refusal {
    Refusal::WrongStage { stage: deal.stage.name() }
}

fn check_free(stage: ListingStage) -> Result<(), Refusal> {
    match stage {
        ListingStage::Agreed | ListingStage::Done => Err(Refusal::ListingTaken),
        ListingStage::Open | ListingStage::Answered | ListingStage::Closed => Ok(()),
    }
}

/// Checks that what an answer proposes can be about this listing.
fn check_fit(terms: &Terms, listing: &Listing) -> Result<(), Refusal> {
    let wanted = match listing.side {
        Side::Offer => Direction::OwnerGives,
        Side::Need => Direction::AnswererGives,
    };
    if terms.direction != wanted {
        return Err(Refusal::DirectionMismatch);
    }
    let due_fits = match (listing.side, listing.kind, listing.mode) {
        (_, _, Some(Mode::Share)) => terms.is_loan(),
        // A need that leaves the way open may be met by a gift or by a loan: the answerer says which.
        (Side::Need, None | Some(Kind::Item | Kind::Medical), None) => true,
        _ => !terms.is_loan(),
    };
    if due_fits { Ok(()) } else { Err(Refusal::DueMismatch) }
}
