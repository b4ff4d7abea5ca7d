//! One deal by itself: the acts that are known of it, and where they have brought it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::deal::{DealAct, Hold, SignedAct, Terms};
use crate::rows::{Confirmed, DealRow, Stage};
use crate::{DealId, EntryHash, Instant, ListingId, MemberId, Points};

/// What can be signed about a deal that exists, in the order in which it usually happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Agree,
    HandOver,
    Return,
    Done,
    CallOff,
}

/// What is known of one deal, whether its answer has come yet or not.
///
/// Of each kind of act by each member only the one with the smallest entry hash is kept: it does not depend on the
/// order of arrival, and nobody can make a deal large by signing the same step many times.
#[derive(Clone, Debug, Default)]
pub(super) struct Dossier {
    answer: Option<(SignedAct, Terms)>,
    marks: BTreeMap<(Mark, MemberId), SignedAct>,
}

/// A place for which deals compete: a listing that serves one at a time, and the deal that held it before.
pub(super) type Slot = (MemberId, ListingId, Option<DealId>);

/// A deal that competes for a slot; the least one wins: the furthest stage, then more confirmations, then the smaller id.
pub(super) type Candidate = (Reverse<Stage>, Reverse<u8>, DealId);

/// What a listing has in a deal; the least one says where the listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// The thing is out on this loan.
    Out,
    /// This deal is agreed and holds the listing.
    Held,
    /// This deal is finished and used the listing up: the need is met, the thing is given.
    Spent,
    /// This deal waits for the owner.
    Answered,
    /// This deal says nothing about the listing: over, lost, or one of many.
    Idle,
}

/// Where a deal stands by its own acts, before it is compared with others.
pub(super) struct Course<'a> {
    dossier: &'a Dossier,
    answer: &'a SignedAct,
    terms: &'a Terms,
    stage: Stage,
    confirmed: Confirmed,
    hold: Option<Hold>,
}

impl Dossier {
    /// Adds an act; tells whether anything is new. Malformed answers are not kept.
    pub(super) fn note(&mut self, act: SignedAct) -> bool {
        let mark = match act.act {
            DealAct::Answer { terms } => {
                // Two answers share a deal id only if their hashes share 16 bytes; even then all replicas agree.
                let new =
                    well_formed(&act, &terms) && self.answer.as_ref().is_none_or(|(known, _)| act.entry < known.entry);
                if new {
                    self.answer = Some((act, terms));
                }
                return new;
            }
            DealAct::Agree { .. } => Mark::Agree,
            DealAct::HandOver { .. } => Mark::HandOver,
            DealAct::Return { .. } => Mark::Return,
            DealAct::Done { .. } => Mark::Done,
            DealAct::CallOff { .. } => Mark::CallOff,
        };
        let new = self.marks.get(&(mark, act.by)).is_none_or(|known| act.entry < known.entry);
        if new {
            self.marks.insert((mark, act.by), act);
        }
        new
    }

    /// Tells whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.answer.is_none() && self.marks.is_empty()
    }

    /// Tells whether the member has signed this.
    pub(super) fn has(&self, mark: Mark, by: MemberId) -> bool {
        self.marks.contains_key(&(mark, by))
    }

    /// Follows the deal by its own acts; `None` while its answer is unknown. The table is in the documentation of
    /// [`board`](super).
    pub(super) fn course(&self) -> Option<Course<'_>> {
        let (answer, terms) = self.answer.as_ref()?;
        let (giver, receiver) = (terms.giver(answer.by), terms.receiver(answer.by));
        let both = |says: &dyn Fn(MemberId) -> bool| Confirmed { giver: says(giver), receiver: says(receiver) };
        let begun = both(&|by| self.has_begun(terms, by));
        let ended = both(&|by| self.has(if terms.is_loan() { Mark::Return } else { Mark::Done }, by));
        let hold = self.marks.get(&(Mark::Agree, terms.owner)).and_then(|agree| match agree.act {
            DealAct::Agree { hold, .. } => Some(hold),
            _ => None,
        });
        // Who has confirmed cannot call off: only a call-off by somebody who has confirmed nothing counts.
        let called_off = [terms.owner, answer.by]
            .into_iter()
            .any(|by| self.has(Mark::CallOff, by) && !(hold.is_some() && self.has_begun(terms, by)));
        let (stage, confirmed) = if called_off {
            (Stage::CalledOff, Confirmed::default())
        } else if hold.is_none() {
            (Stage::Answered, Confirmed::default())
        } else if ended.giver && ended.receiver {
            (Stage::Done, ended)
        } else if begun.giver && begun.receiver {
            (Stage::OnLoan, ended)
        } else {
            (Stage::Agreed, begun)
        };
        Some(Course { dossier: self, answer, terms, stage, confirmed, hold })
    }

    /// Tells whether the member has confirmed the first step of these terms: that the lent thing changed hands (who
    /// confirms that it is back says so too), or that the help was given.
    pub(super) fn has_begun(&self, terms: &Terms, by: MemberId) -> bool {
        if terms.is_loan() {
            self.has(Mark::HandOver, by) || self.has(Mark::Return, by)
        } else {
            self.has(Mark::Done, by)
        }
    }
}

impl Course<'_> {
    /// Gives the slot that the deal competes for and its rank there; `None` if it does not compete.
    pub(super) fn candidacy(&self, id: DealId) -> Option<(Slot, Candidate)> {
        match (self.hold, self.stage) {
            (Some(Hold::Once { after }), Stage::Agreed | Stage::OnLoan | Stage::Done) => {
                let confirmations = u8::from(self.confirmed.giver) + u8::from(self.confirmed.receiver);
                let slot = (self.terms.owner, self.terms.listing, after);
                Some((slot, (Reverse(self.stage), Reverse(confirmations), id)))
            }
            _ => None,
        }
    }

    /// Gives the row, once it is known who won the slot, and what its listing has in it.
    pub(super) fn row(&self, id: DealId, winner: Option<DealId>) -> (DealRow, Standing) {
        let winner = winner.filter(|winner| *winner != id && self.stage == Stage::Agreed);
        let (stage, confirmed) = match winner {
            Some(_) => (Stage::Lost, Confirmed::default()),
            None => (self.stage, self.confirmed),
        };
        let acts = || std::iter::once(self.answer).chain(self.counted());
        let row = DealRow {
            id,
            terms: *self.terms,
            giver: self.terms.giver(self.answer.by),
            receiver: self.terms.receiver(self.answer.by),
            answerer: self.answer.by,
            stage,
            confirmed,
            winner,
            entries: self.entries(),
            answered_at: self.answer.at,
            changed_at: acts().map(|act| act.at).max().unwrap_or(Instant(0)),
        };
        let once = matches!(self.hold, Some(Hold::Once { .. }));
        // A lent thing is open again; a need that was met by a loan is met.
        let comes_back = self.terms.is_loan() && self.terms.giver(self.answer.by) == self.terms.owner;
        let standing = match stage {
            Stage::Answered => Standing::Answered,
            Stage::Agreed if once => Standing::Held,
            Stage::OnLoan if once => Standing::Out,
            Stage::Done if once && !comes_back => Standing::Spent,
            _ => Standing::Idle,
        };
        (row, standing)
    }

    /// The acts beside the answer that belong to the deal: by a party, fitting its kind, the agreement by the owner.
    fn counted(&self) -> impl Iterator<Item = &SignedAct> {
        let loan = self.terms.is_loan();
        self.dossier.marks.iter().filter_map(move |((mark, by), act)| {
            let fits = match mark {
                Mark::Agree => *by == self.terms.owner,
                Mark::HandOver | Mark::Return => loan,
                Mark::Done => !loan,
                Mark::CallOff => true,
            };
            (fits && (*by == self.terms.owner || *by == self.answer.by)).then_some(act)
        })
    }

    /// The entries in the order of the steps; two parties' entries of one step by hash.
    fn entries(&self) -> Vec<EntryHash> {
        let mut steps: Vec<(u8, EntryHash)> = self.counted().map(|act| (position(&act.act), act.entry)).collect();
        steps.sort_unstable();
        std::iter::once(self.answer.entry).chain(steps.into_iter().map(|(_, entry)| entry)).collect()
    }
}

fn position(act: &DealAct) -> u8 {
    match act {
        DealAct::Answer { .. } => 0,
        DealAct::Agree { .. } => 1,
        DealAct::HandOver { .. } => 2,
        DealAct::Return { .. } => 3,
        DealAct::Done { .. } => 4,
        DealAct::CallOff { .. } => 5,
    }
}

/// What can be said of an answer without its listing: the two are two, and the price is one that can be paid.
fn well_formed(act: &SignedAct, terms: &Terms) -> bool {
    act.by != terms.owner && terms.points <= Points::MAX
}
