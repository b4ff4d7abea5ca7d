//! The board of the building: every listing, deal and review as rows, kept up to date act by act.
//!
//! The rows are a pure function of the *sets* of records and acts that were added: in any order, in pieces, twice, by
//! anybody. A change costs time in what it touches (and the logarithm of the rest), never in the size of the building.
//!
//! # Where a deal stands
//!
//! An act counts only if it is by one of the two parties (the agreement: by the owner of the listing) and fits the kind
//! of the deal: `HandOver` and `Return` for a loan (`due_at` is set), `Done` for any other. An answer by the owner
//! themselves or above [`Points::MAX`](crate::Points::MAX) opens nothing. Acts on a deal whose answer is not known wait
//! for it. The first line that holds:
//!
//! | signed | stage |
//! |---|---|
//! | `Agree` by the owner, and: loan: `Return` by both; else: `Done` by both | `Done` |
//! | `Agree` by the owner, and: loan: `HandOver` or `Return` by both | `OnLoan` |
//! | `CallOff` by a party who has confirmed nothing that counts | `CalledOff` |
//! | `Agree` by the owner | `Agreed` |
//! | otherwise (whatever else is signed) | `Answered` |
//!
//! So confirmations without an agreement do not count, and the one who calls off without an agreement is always heard.
//! Who has confirmed is bound by it; who has not can leave, so that nobody is held in a deal by what the other alone
//! claims. A confirmation that stands after its signer's own `CallOff` in one journal does not count by itself: who has
//! left does not come back alone. Between two journals of one member nobody can tell the order, and the confirmation
//! counts. What *both* have confirmed (`OnLoan`, `Done`) is a fact that nothing undoes: no other act, no other branch
//! of a forked journal, and no competition. Who confirms that a thing is back says too that it changed hands.
//!
//! # Which deal wins
//!
//! Deals agreed with [`Hold::Once`](crate::deal::Hold::Once) on one listing after the same deal compete: they were
//! agreed by devices of the owner that were apart. Called-off deals do not compete. The winner is found in this order:
//!
//! 1. no party has ever called it off, whether that counts or not;
//! 2. the furthest own stage (`Done`, `OnLoan`, `Agreed`);
//! 3. the owner has confirmed the step under way;
//! 4. the smallest id.
//!
//! Of the others, those that are `Agreed` become `Lost`, and [`Board::winner_of`] names the winner; those that both
//! parties have confirmed stay what they are. If the winner is called off, the best of the remaining candidates is
//! agreed again.
//!
//! Devices that hold to the checks below sign no step on a lost deal. Others may, so what an answerer signs alone lifts
//! no deal: in 1 it can only lower the own one, and 2 and 3 need the owner's signature. The most that an answerer can
//! do alone to a third person's deal is to complete what the owner has confirmed with them, in a deal that nobody
//! called off, or to give up the own place. An owner alone can: it is their listing.
//!
//! # Who has a lent thing next
//!
//! A thing that is lent is asked for while somebody has it, too: such answers stand in line ([`Board::line`]). Its owner agrees with
//! the next one as soon as the one before is `OnLoan`: that deal holds the thing after the one before. The owner confirms
//! the hand-over only after confirming that the thing is back, and from then on it is free for the next, whether
//! or not the one before has confirmed, too. So as their devices know it, one neighbour has a thing at a time.
//!
//! When a loan is to be back is the last day that both have named: the answer's, or a later one of
//! [`Extend`](crate::deal::DealAct::Extend). What both have named stays named.
//!
//! # What is refused, and what first
//!
//! [`Board::check`] names the first of these that holds.
//!
//! | act | refusals in order |
//! |---|---|
//! | answer | out of range · own listing · unknown listing · direction · due time · closed · already answered · taken · counterpart unknown or not yours |
//! | agree | unknown deal · not a party · not your step · wrong stage · unknown listing · direction · due time · closed · taken |
//! | call off | unknown deal · not a party · wrong stage · already confirmed |
//! | hand over, return, done | unknown deal · not a party · wrong stage (also: the step of another kind of deal) · already confirmed · still out (hand over and done, by the owner who gives) · check missing (likewise) |
//! | extend, keep day | unknown deal · not a party · wrong stage · not your step (keep day) · not later · already confirmed |
//! | review | stars · text · unknown deal · not a party · not finished · private |
//! | reply | text · unknown deal · not a party · not finished (also: the other has said nothing) |

mod check;
mod course;
mod digest;
mod read;
mod times;

pub(crate) use digest::section;

use std::collections::{BTreeMap, BTreeSet};

use crate::activity::{Activity, ActivityKey};
use crate::commons::Commons;
use crate::deal::SignedAct;
use crate::hall::{Hall, MatterKey};
use crate::record::{Listing, Profile, Records, Reply, Review};
use crate::rows::{DealRow, ListingRow, ListingStage, ReviewRow, Stage};
use crate::staff::{Hands, Staff};
use crate::{DealId, ListingId, MemberId};
use course::{Candidate, Dossier, Slot, Standing};

/// Every listing, deal and review of a building as rows.
#[derive(Clone, Debug, Default)]
pub struct Board {
    profiles: BTreeMap<MemberId, Profile>,
    /// Who works at which device, and which devices wrote what, of those organisations that say so.
    staff: BTreeMap<MemberId, (Vec<Staff>, Hands)>,
    listings: BTreeMap<(MemberId, ListingId), ListingRow>,
    /// Listings by id alone.
    owners: BTreeSet<(ListingId, MemberId)>,
    /// What members say of deals, whether it counts (yet) or not.
    said: BTreeMap<(MemberId, DealId), Review>,
    /// What members answer to what was said of them, likewise.
    replied: BTreeMap<(MemberId, DealId), Reply>,
    dossiers: BTreeMap<DealId, Dossier>,
    deals: BTreeMap<DealId, DealRow>,
    /// What of a deal stands in the four indexes below.
    places: BTreeMap<DealId, Place>,
    parties: BTreeSet<(MemberId, DealId)>,
    standings: BTreeMap<(MemberId, ListingId), BTreeSet<(Standing, DealId)>>,
    slots: BTreeMap<Slot, BTreeSet<Candidate>>,
    /// Reviews that count, by (about, deal, by).
    reviews: BTreeMap<(MemberId, DealId, MemberId), ReviewRow>,
    hall: Hall,
    activities: BTreeMap<ActivityKey, Activity>,
    commons: Commons,
}

/// Which rows a change has touched: added, changed or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Listings, by owner and id.
    pub listings: BTreeSet<(MemberId, ListingId)>,
    /// Deals. Where a slot has a new winner, the old one, the new one and the deal itself: what
    /// [`Board::winner_of`] says of the other losers is to be read anew.
    pub deals: BTreeSet<DealId>,
    /// Members about whom the reviews are others now.
    pub reviews_about: BTreeSet<MemberId>,
    /// Members whose profile is another now, or who works at their devices, or which of these wrote what.
    pub profiles: BTreeSet<MemberId>,
    /// Matters of the hall, by asker and id.
    pub matters: BTreeSet<MatterKey>,
    /// Activities, by host and id.
    pub activities: BTreeSet<ActivityKey>,
    /// Whether groups, resources or categories have.
    pub commons: bool,
}

impl Changed {
    /// Tells whether no row is another.
    pub fn is_empty(&self) -> bool {
        let shared = self.listings.is_empty() && self.deals.is_empty() && self.reviews_about.is_empty();
        let said = self.profiles.is_empty() && self.matters.is_empty() && self.activities.is_empty();
        shared && said && !self.commons
    }

    /// Takes in what another change has touched.
    pub fn extend(&mut self, other: Changed) {
        self.listings.extend(other.listings);
        self.deals.extend(other.deals);
        self.reviews_about.extend(other.reviews_about);
        self.profiles.extend(other.profiles);
        self.matters.extend(other.matters);
        self.activities.extend(other.activities);
        self.commons |= other.commons;
    }
}

#[derive(Clone, Debug, Default)]
struct Place {
    candidacy: Option<(Slot, Candidate)>,
    standing: Option<(MemberId, ListingId, Standing)>,
}

impl Board {
    /// Makes the board of a building in which nothing was said or done.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces what one member says and tells which rows that touched. Costs time in this member's records only.
    ///
    /// The records are shown as they are: that they pass their own checks is for the gate. Invitations are not on the
    /// board.
    pub fn set_records(&mut self, member: MemberId, mut records: Records) -> Changed {
        let (commons, things) = self.commons.set_records(member, &mut records);
        let mut changed = Changed { commons, ..Changed::default() };
        changed.listings.extend(things.into_iter().filter(|key| self.listings.contains_key(key)));
        if self.profiles.get(&member) != Some(&records.profile) {
            self.profiles.insert(member, records.profile);
            changed.profiles.insert(member);
        }
        let staff = (!records.staff.is_empty()).then_some((records.staff, records.hands));
        if self.staff.get(&member) != staff.as_ref() {
            self.staff.remove(&member);
            self.staff.extend(staff.map(|staff| (member, staff)));
            changed.profiles.insert(member);
        }
        self.replace_listings(member, records.listings, &mut changed);
        self.replace_reviews(member, records.reviews, &mut changed);
        self.replace_replies(member, records.replies, &mut changed);
        let Records { matters, judgements, responses, activities, .. } = records;
        changed.matters = self.hall.set_records(member, matters, judgements, responses);
        self.replace_activities(member, activities, &mut changed);
        changed
    }

    /// Forgets all that one member says, as if nothing of it had ever come; what they do stays.
    pub fn forget_records(&mut self, member: MemberId) -> Changed {
        let mut changed = self.set_records(member, Records::default());
        self.profiles.remove(&member);
        changed.profiles.insert(member);
        changed
    }

    /// Adds one signed act and tells which rows that touched. Acts may come in any order; one that came before changes
    /// nothing.
    pub fn add_act(&mut self, act: SignedAct) -> Changed {
        let mut changed = Changed::default();
        let id = act.deal();
        let dossier = self.dossiers.entry(id).or_default();
        if dossier.note(act) {
            self.compete(id, &mut changed);
        } else if dossier.is_empty() {
            self.dossiers.remove(&id);
        }
        changed
    }

    /// Forgets all acts, so that those which still count can be added again; what members say stays.
    pub fn forget_acts(&mut self) -> Changed {
        let mut changed = Changed::default();
        changed.deals.extend(self.deals.keys());
        changed.reviews_about.extend(self.reviews.keys().map(|(about, ..)| *about));
        let Self { profiles, staff, listings, owners, said, replied, hall, activities, commons, .. } =
            std::mem::take(self);
        *self = Self { profiles, staff, listings, owners, said, replied, hall, activities, commons, ..Self::default() };
        for key in self.listings.keys().copied().collect::<Vec<_>>() {
            self.refresh_listing(key, &mut changed);
        }
        changed
    }

    fn replace_listings(&mut self, member: MemberId, listings: Vec<Listing>, changed: &mut Changed) {
        let listings: BTreeMap<ListingId, Listing> = listings.into_iter().map(|l| (l.id, l)).collect();
        let gone: Vec<_> =
            self.listings_of(&member).map(|row| row.listing.id).filter(|id| !listings.contains_key(id)).collect();
        for id in gone {
            self.listings.remove(&(member, id));
            self.owners.remove(&(id, member));
            changed.listings.insert((member, id));
        }
        for (id, listing) in listings {
            let key = (member, id);
            match self.listings.get_mut(&key) {
                Some(row) if row.listing == listing => continue,
                Some(row) => row.listing = listing,
                None => {
                    let row = ListingRow { owner: member, listing, stage: ListingStage::Open, deal: None };
                    self.listings.insert(key, row);
                    self.owners.insert((id, member));
                }
            }
            changed.listings.insert(key);
            self.refresh_listing(key, changed);
        }
    }

    fn replace_reviews(&mut self, member: MemberId, reviews: Vec<Review>, changed: &mut Changed) {
        let reviews: BTreeMap<DealId, Review> = reviews.into_iter().map(|r| (r.deal, r)).collect();
        let (least, most) = ((member, DealId([0; 16])), (member, DealId([0xFF; 16])));
        let gone: Vec<_> =
            self.said.range(least..=most).map(|((_, deal), _)| *deal).filter(|d| !reviews.contains_key(d)).collect();
        for deal in gone {
            self.said.remove(&(member, deal));
            self.refresh_reviews(deal, changed);
        }
        for (deal, review) in reviews {
            if self.said.get(&(member, deal)) != Some(&review) {
                self.said.insert((member, deal), review);
                self.refresh_reviews(deal, changed);
            }
        }
    }

    fn replace_activities(&mut self, member: MemberId, activities: Vec<Activity>, changed: &mut Changed) {
        let now: BTreeMap<ActivityKey, Activity> = activities.into_iter().map(|one| ((member, one.id), one)).collect();
        let before: Vec<ActivityKey> = self.activities_of(&member).map(|one| (member, one.id)).collect();
        changed.activities.extend(before.iter().filter(|key| !now.contains_key(*key)));
        before.iter().filter(|key| !now.contains_key(*key)).for_each(|key| _ = self.activities.remove(key));
        for (key, activity) in now {
            if self.activities.get(&key) != Some(&activity) {
                self.activities.insert(key, activity);
                changed.activities.insert(key);
            }
        }
    }

    fn replace_replies(&mut self, member: MemberId, replies: Vec<Reply>, changed: &mut Changed) {
        // An empty one was taken back.
        let replies = replies.into_iter().filter(|reply| !reply.text.trim().is_empty());
        let replies: BTreeMap<DealId, Reply> = replies.map(|reply| (reply.deal, reply)).collect();
        let (least, most) = ((member, DealId([0; 16])), (member, DealId([0xFF; 16])));
        let known = self.replied.range(least..=most).map(|((_, deal), _)| *deal);
        let deals: BTreeSet<DealId> = known.chain(replies.keys().copied()).collect();
        for deal in deals {
            if self.replied.get(&(member, deal)) == replies.get(&deal) {
                continue;
            }
            match replies.get(&deal) {
                Some(reply) => self.replied.insert((member, deal), reply.clone()),
                None => self.replied.remove(&(member, deal)),
            };
            self.refresh_reviews(deal, changed);
        }
    }

    /// Lets a deal whose acts have changed take its slot, and refreshes every row that this decides.
    fn compete(&mut self, id: DealId, changed: &mut Changed) {
        let candidacy = match self.dossiers.get(&id).and_then(Dossier::course) {
            Some(course) => course.candidacy(id),
            None => return,
        };
        let place = self.places.entry(id).or_default();
        let before = std::mem::replace(&mut place.candidacy, candidacy);
        let mut touched = BTreeSet::from([id]);
        if before != candidacy {
            let slots: BTreeSet<Slot> = before.iter().chain(&candidacy).map(|(slot, _)| *slot).collect();
            let winners: Vec<_> = slots.into_iter().map(|slot| (slot, self.winner(&slot))).collect();
            if let Some((slot, candidate)) = before
                && let Some(candidates) = self.slots.get_mut(&slot)
            {
                candidates.remove(&candidate);
                if candidates.is_empty() {
                    self.slots.remove(&slot);
                }
            }
            if let Some((slot, candidate)) = candidacy {
                self.slots.entry(slot).or_default().insert(candidate);
            }
            // No row names the winner, so the other losers' rows stay: a crowd in one slot costs nothing more.
            for (slot, winner) in winners {
                let now = self.winner(&slot);
                if now != winner {
                    touched.extend(winner.into_iter().chain(now));
                }
            }
        }
        for deal in touched {
            self.refresh_deal(deal, changed);
        }
    }

    fn winner(&self, slot: &Slot) -> Option<DealId> {
        self.slots.get(slot)?.first().map(|(_, deal)| *deal)
    }

    fn refresh_deal(&mut self, id: DealId, changed: &mut Changed) {
        let Some(course) = self.dossiers.get(&id).and_then(Dossier::course) else { return };
        let winner = course.candidacy(id).and_then(|(slot, _)| self.winner(&slot));
        let (row, standing) = course.row(id, winner);
        let (old, new) = {
            let place = self.places.entry(id).or_default();
            let new = (row.terms.owner, row.terms.listing, standing);
            (place.standing.replace(new), new)
        };
        if old != Some(new) {
            if let Some((owner, listing, standing)) = old
                && let Some(standings) = self.standings.get_mut(&(owner, listing))
            {
                standings.remove(&(standing, id));
            }
            self.standings.entry((new.0, new.1)).or_default().insert((new.2, id));
            for (owner, listing, _) in old.into_iter().chain([new]) {
                self.refresh_listing((owner, listing), changed);
            }
        }
        let known = self.deals.get(&id);
        if known == Some(&row) {
            return;
        }
        for member in known.into_iter().flat_map(|row| [row.giver, row.receiver]) {
            self.parties.remove(&(member, id));
        }
        self.parties.extend([(row.giver, id), (row.receiver, id)]);
        self.deals.insert(id, row);
        changed.deals.insert(id);
        self.refresh_reviews(id, changed);
    }

    fn refresh_listing(&mut self, key: (MemberId, ListingId), changed: &mut Changed) {
        let Some(row) = self.listings.get_mut(&key) else { return };
        let (stage, deal) = match self.standings.get(&key).and_then(BTreeSet::first) {
            Some((Standing::Out | Standing::Held, deal)) => (ListingStage::Agreed, Some(*deal)),
            Some((Standing::Spent, deal)) => (ListingStage::Done, Some(*deal)),
            Some((Standing::Answered, _)) => (ListingStage::Answered, None),
            Some((Standing::Idle, _)) | None => (ListingStage::Open, None),
        };
        let stage = if row.listing.closed_at.is_some() { ListingStage::Closed } else { stage };
        if (row.stage, row.deal) != (stage, deal) {
            (row.stage, row.deal) = (stage, deal);
            changed.listings.insert(key);
        }
    }

    /// Shows what the two parties say of a deal, if it is finished.
    fn refresh_reviews(&mut self, id: DealId, changed: &mut Changed) {
        let Some(deal) = self.deals.get(&id) else { return };
        for (by, about) in [(deal.giver, deal.receiver), (deal.receiver, deal.giver)] {
            let key = (about, id, by);
            let review = self.said.get(&(by, id)).filter(|_| deal.stage == Stage::Done);
            let row = review.map(|review| {
                let reply = self.replied.get(&(about, id)).cloned();
                ReviewRow { by, about, review: review.clone(), reply }
            });
            if self.reviews.get(&key) == row.as_ref() {
                continue;
            }
            match row {
                Some(row) => self.reviews.insert(key, row),
                None => self.reviews.remove(&key),
            };
            changed.reviews_about.insert(about);
        }
    }
}
