//! What can be asked of the board.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::Board;
use super::course::{Mark, Standing};
use crate::activity::{Activity, ActivityKey};
use crate::commons::Commons;
use crate::hall::Hall;
use crate::record::Profile;
use crate::rows::{DealRow, ListingRow, ReviewRow, Stage, Step, Winner};
use crate::staff::{Staff, Written};
use crate::{ActivityId, DealId, DeviceId, Instant, ListingId, MemberId, StaffId};

impl Board {
    /// Gives one listing.
    pub fn listing(&self, owner: &MemberId, id: &ListingId) -> Option<&ListingRow> {
        self.listings.get(&(*owner, *id))
    }

    /// Gives every listing, in order of owner and id.
    pub fn listings(&self) -> impl Iterator<Item = &ListingRow> {
        self.listings.values()
    }

    /// Gives the listings that stand after this key, in the same order; all of them when there is none.
    pub fn listings_after(&self, key: Option<(MemberId, ListingId)>) -> impl Iterator<Item = &ListingRow> {
        let from = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.listings.range((from, Bound::Unbounded)).map(|(_, row)| row)
    }

    /// Gives the listings of one member, in order of id.
    pub fn listings_of(&self, owner: &MemberId) -> impl Iterator<Item = &ListingRow> + use<'_> {
        let (least, most) = ((*owner, ListingId([0; 16])), (*owner, ListingId([0xFF; 16])));
        self.listings.range(least..=most).map(|(_, row)| row)
    }

    /// Gives a listing by its id alone.
    ///
    /// Ids are drawn at random, so two owners have one only if somebody copied it; then the smaller member id is found.
    /// Who knows the owner asks [`Board::listing`], which nobody else can answer for.
    pub fn find_listing(&self, id: &ListingId) -> Option<&ListingRow> {
        let (least, most) = ((*id, MemberId([0; 16])), (*id, MemberId([0xFF; 16])));
        let (_, owner) = self.owners.range(least..=most).next()?;
        self.listing(owner, id)
    }

    /// Gives one deal.
    pub fn deal(&self, id: &DealId) -> Option<&DealRow> {
        self.deals.get(id)
    }

    /// Gives every deal, in order of id.
    pub fn deals(&self) -> impl Iterator<Item = &DealRow> {
        self.deals.values()
    }

    /// Gives the deals on one listing: first the one that holds it, then those that wait for the owner, then the rest.
    pub fn deals_of(&self, owner: &MemberId, listing: &ListingId) -> impl Iterator<Item = &DealRow> + use<'_> {
        let standings = self.standings.get(&(*owner, *listing)).into_iter().flatten();
        standings.filter_map(|(_, deal)| self.deals.get(deal))
    }

    /// Gives the loans of one listing that have come back: as both say, or as who lends it says of what was lent out. They are
    /// facts that nothing undoes.
    pub fn loans_back(&self, owner: &MemberId, listing: &ListingId) -> impl Iterator<Item = &DealRow> + use<'_> {
        let is_back = |deal: &&DealRow| match deal.stage {
            Stage::Done => deal.terms.is_loan(),
            Stage::OnLoan => deal.confirmed.giver,
            _ => false,
        };
        self.deals_of(owner, listing).filter(is_back)
    }

    /// Counts the loans of one listing that have come back.
    pub fn loans_returned(&self, owner: &MemberId, listing: &ListingId) -> u32 {
        u32::try_from(self.loans_back(owner, listing).count()).unwrap_or(u32::MAX)
    }

    /// Tells whether a listing is a medical device that waits for being cleaned and checked.
    pub fn lacks_check(&self, owner: &MemberId, listing: &ListingId) -> bool {
        self.listing(owner, listing).is_some_and(|row| row.listing.lacks_check(self.loans_returned(owner, listing)))
    }

    /// Gives the deals that a member is a party of, in order of id.
    pub fn deals_with(&self, member: &MemberId) -> impl Iterator<Item = &DealRow> + use<'_> {
        let (least, most) = ((*member, DealId([0; 16])), (*member, DealId([0xFF; 16])));
        self.parties.range(least..=most).filter_map(|(_, deal)| self.deals.get(deal))
    }

    /// Gives the reviews about a member, in order of deal. Only finished deals have any, and only by the other party; what
    /// is private has none.
    pub fn reviews_about(&self, member: &MemberId) -> impl Iterator<Item = &ReviewRow> + use<'_> {
        let least = (*member, DealId([0; 16]), MemberId([0; 16]));
        let most = (*member, DealId([0xFF; 16]), MemberId([0xFF; 16]));
        self.reviews.range(least..=most).map(|(_, row)| row).filter(|row| !self.is_discreet(&row.review.deal))
    }

    /// Tells whether a deal is about what its owner offers in private: nobody reviews it.
    pub fn is_discreet(&self, deal: &DealId) -> bool {
        let terms = self.deals.get(deal).map(|row| row.terms);
        let listing = terms.and_then(|terms| self.listing(&terms.owner, &terms.listing));
        listing.is_some_and(|row| row.listing.is_discreet())
    }

    /// Gives every review, in order of whom it is about and deal.
    pub fn reviews(&self) -> impl Iterator<Item = &ReviewRow> {
        self.reviews.values().filter(|row| !self.is_discreet(&row.review.deal))
    }

    /// Gives what is said in the hall.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// Gives groups, resources and added categories.
    pub fn commons(&self) -> &Commons {
        &self.commons
    }

    /// Gives one activity.
    pub fn activity(&self, key: &ActivityKey) -> Option<&Activity> {
        self.activities.get(key)
    }

    /// Gives what a member invites to, in order of id.
    pub fn activities_of(&self, member: &MemberId) -> impl Iterator<Item = &Activity> + use<'_> {
        let range = (*member, ActivityId([0; 16]))..=(*member, ActivityId([0xFF; 16]));
        self.activities.range(range).map(|(_, activity)| activity)
    }

    /// Gives every activity with its host, in order of host and id.
    pub fn activities(&self) -> impl Iterator<Item = (&ActivityKey, &Activity)> {
        self.activities.iter()
    }

    /// Gives what a member shows of themselves.
    pub fn profile(&self, member: &MemberId) -> Option<&Profile> {
        self.profiles.get(member)
    }

    /// Gives who works at which device of an organisation, in order of id, as it says itself.
    pub fn staff_of(&self, member: &MemberId) -> &[Staff] {
        self.staff.get(member).map_or(&[], |(staff, _)| staff)
    }

    /// Gives who works at one device of an organisation, if it says so.
    pub fn staff_at(&self, member: &MemberId, device: &DeviceId) -> Option<&Staff> {
        let id = StaffId::from(*device);
        self.staff_of(member).iter().find(|one| one.id == id)
    }

    /// Gives the devices of an organisation that have written one of its records: first the one that made it, then those
    /// of which something stands in it. None where the organisation never says who works at its devices.
    pub fn hands_of(&self, member: &MemberId, written: &Written) -> &[DeviceId] {
        self.staff.get(member).map_or(&[], |(_, hands)| hands.of(written))
    }

    /// Gives the profiles of all who have a document here, in order of member.
    pub fn profiles(&self) -> impl Iterator<Item = (&MemberId, &Profile)> {
        self.profiles.iter()
    }

    /// Gives all who have a document here, in order.
    pub fn members(&self) -> impl Iterator<Item = &MemberId> {
        self.profiles.keys()
    }

    /// Gives the deal that held a listing last: the end of the chain of winners. What a new agreement cites as `after`.
    /// Costs time in the length of that chain.
    pub fn last_hold(&self, owner: &MemberId, listing: &ListingId) -> Option<DealId> {
        // A deal stands in one slot, so it follows one deal: the walk from the first slot cannot come back to a deal.
        let mut last = None;
        while let Some(next) = self.winner(&(*owner, *listing, last)) {
            last = Some(next);
        }
        last
    }

    /// Gives who waits for a thing that is lent: the answers that its owner has not agreed with, the first one first, of
    /// each neighbour one.
    ///
    /// The order is that of the instants that the answers claim, then of their ids: the same on every replica, whatever
    /// came first there.
    pub fn line(&self, owner: &MemberId, listing: &ListingId) -> Vec<&DealRow> {
        let waits = |deal: &&DealRow| deal.stage == Stage::Answered && deal.terms.is_loan() && deal.giver == *owner;
        let mut line: Vec<&DealRow> = self.deals_of(owner, listing).filter(waits).collect();
        line.sort_unstable_by_key(|deal| (deal.answered_at, deal.id));
        let mut seen = BTreeSet::new();
        line.retain(|deal| seen.insert(deal.answerer));
        line
    }

    /// Gives how many days later an answer that has waited in line is to have the thing until, so that it has it as long as it asks
    /// for from `now` on, or from when the thing is due; 0 where the thing was there all the time.
    pub fn days_waited(&self, row: &DealRow, now: Instant) -> u16 {
        let before = self.last_hold(&row.terms.owner, &row.terms.listing).and_then(|deal| self.deals.get(&deal));
        let Some(before) = before.filter(|_| row.terms.is_loan() && row.giver == row.terms.owner) else { return 0 };
        let turn = match before.due_at {
            Some(due) if before.is_out() => now.max(due),
            _ if before.changed_at >= row.answered_at => now,
            _ => return 0,
        };
        self.days_later(row, turn)
    }

    /// Gives the loans in which somebody has a thing that its owner lends: more than one where devices of the owner that were
    /// apart have each given it away.
    pub fn out_of(&self, owner: &MemberId, listing: &ListingId) -> impl Iterator<Item = &DealRow> + use<'_> {
        let standings = self.standings.get(&(*owner, *listing)).into_iter().flatten();
        let out = standings.take_while(|(standing, _)| *standing == Standing::Out);
        let out = out.filter_map(|(_, deal)| self.deals.get(deal));
        out.filter(|row| row.is_out() && row.giver == row.terms.owner)
    }

    /// Gives the deal in which somebody still has the thing that was agreed to go to this one next: the one that it was agreed to
    /// follow, else any other.
    pub fn out_before(&self, deal: &DealId) -> Option<&DealRow> {
        self.deals.get(deal).filter(|row| row.stage == Stage::Agreed)?;
        let ((owner, listing, after), _) = self.places.get(deal)?.candidacy?;
        let named = after.and_then(|after| self.deals.get(&after)).filter(|row| row.is_out());
        named.or_else(|| self.out_of(&owner, &listing).find(|row| row.id != *deal))
    }

    /// Gives the deal that won the listing, when this one is [`Stage::Lost`].
    pub fn winner_of(&self, deal: &DealId) -> Option<Winner> {
        self.deals.get(deal).filter(|row| row.stage == Stage::Lost)?;
        let (slot, (claim, _)) = self.places.get(deal)?.candidacy?;
        let (best, winner) = self.slots.get(&slot)?.first()?;
        Some(Winner { deal: *winner, further: *best != claim })
    }

    /// Gives what the member can do next on a deal; `None` when it is the other's turn, when it is over and reviewed,
    /// for an unknown deal, or for somebody who is not a party.
    pub fn next_step(&self, deal: &DealId, member: &MemberId) -> Option<Step> {
        let step = self.deals.get(deal)?.next_step(member)?;
        let asks = || !self.said.contains_key(&(*member, *deal)) && !self.is_discreet(deal);
        (step != Step::Review || asks()).then_some(step)
    }

    /// Tells whether the member has signed this about the deal.
    pub(super) fn has_signed(&self, deal: &DealId, mark: Mark, by: MemberId) -> bool {
        self.dossiers.get(deal).is_some_and(|dossier| dossier.has(mark, by))
    }
}
