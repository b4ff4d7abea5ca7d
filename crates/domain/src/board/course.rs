//! One deal by itself: the acts that are known of it, and where they have brought it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::deal::{Condition, DealAct, EXTENSION_DAYS_MAX, Hold, SignedAct, Terms};
use crate::rows::{Conditions, Confirmed, DealRow, Extension, Stage, later};
use crate::{DealId, EntryHash, Instant, JournalId, ListingId, MemberId, Points};

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
/// Of each kind of act by each member only the one with the smallest entry hash is kept, and where the first one stands
/// in each journal. That does not depend on the order of arrival, and nobody can make a deal large by signing the same
/// step many times.
#[derive(Clone, Debug, Default)]
pub(super) struct Dossier {
    answer: Option<(SignedAct, Terms)>,
    marks: BTreeMap<(Mark, MemberId), Marked>,
    /// Which later days were named, and which were said no to; of each the one with the smallest entry hash. There are
    /// [`EXTENSION_DAYS_MAX`] days, so that nobody makes it large, and a day that was named stays named.
    days: BTreeMap<(MemberId, bool, u16), SignedAct>,
}

/// One kind of act by one member.
#[derive(Clone, Debug)]
struct Marked {
    /// The one with the smallest entry hash.
    shown: SignedAct,
    /// Where the first one stands in each journal.
    first: BTreeMap<JournalId, u64>,
}

/// A place for which deals compete: a listing that serves one at a time, and the deal that held it before.
pub(super) type Slot = (MemberId, ListingId, Option<DealId>);

/// What a deal has to say for itself in a slot; the least one wins. Nobody but the owner can make it less alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    /// A party has called it off, whether that counts or not.
    called_off: bool,
    stage: Reverse<Stage>,
    /// The owner has confirmed the step under way.
    owner_confirmed: Reverse<bool>,
}

/// A deal that competes for a slot; the least one wins: the better claim, then the smaller id.
pub(super) type Candidate = (Claim, DealId);

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
    /// Whether a party has signed that it calls off.
    has_call_off: bool,
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
            DealAct::Extend { days, .. } => return self.note_day(act, true, days),
            DealAct::KeepDay { days, .. } => return self.note_day(act, false, days),
            DealAct::HandOver { .. } | DealAct::HandedOver { .. } => Mark::HandOver,
            DealAct::Return { .. } | DealAct::Returned { .. } => Mark::Return,
            DealAct::Done { .. } => Mark::Done,
            DealAct::CallOff { .. } => Mark::CallOff,
        };
        let marked = match self.marks.entry((mark, act.by)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(Marked { shown: act, first: BTreeMap::from([(act.journal, act.seq)]) });
                return true;
            }
        };
        let smaller = act.entry < marked.shown.entry;
        if smaller {
            marked.shown = act;
        }
        let earlier = marked.first.get(&act.journal).is_none_or(|known| act.seq < *known);
        if earlier {
            marked.first.insert(act.journal, act.seq);
        }
        smaller || earlier
    }

    fn note_day(&mut self, act: SignedAct, named: bool, days: u16) -> bool {
        let key = (act.by, named, days);
        let fits = (1..=EXTENSION_DAYS_MAX).contains(&days);
        let new = fits && self.days.get(&key).is_none_or(|known| act.entry < known.entry);
        if new {
            self.days.insert(key, act);
        }
        new
    }

    /// Tells whether the member has named this later day, or said no to it.
    pub(super) fn has_day(&self, by: MemberId, named: bool, days: u16) -> bool {
        self.days.contains_key(&(by, named, days))
    }

    fn extension(&self, giver: MemberId, receiver: MemberId) -> Extension {
        let last = |by: MemberId, fits: &dyn Fn(u16) -> bool| {
            let named = self.days.range((by, true, 0)..=(by, true, u16::MAX)).rev();
            named.map(|((.., days), _)| *days).find(|days| fits(*days))
        };
        let days = last(receiver, &|days| self.has_day(giver, true, days)).unwrap_or(0);
        Extension {
            days,
            asked: last(receiver, &|asked| asked > days && !self.has_day(giver, false, asked)),
            offered: last(giver, &|offered| offered > days),
        }
    }

    /// Gives what the member says of how the thing came back.
    fn condition(&self, by: MemberId) -> Option<Condition> {
        match self.marks.get(&(Mark::Return, by))?.shown.act {
            DealAct::Returned { condition, .. } => condition,
            _ => None,
        }
    }

    /// Tells whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.answer.is_none() && self.marks.is_empty() && self.days.is_empty()
    }

    /// Tells whether the member has signed this.
    pub(super) fn has(&self, mark: Mark, by: MemberId) -> bool {
        self.marks.contains_key(&(mark, by))
    }

    /// Gives when the step happened, as the member says, and whether that was entered late.
    pub(super) fn happened_at(&self, mark: Mark, by: MemberId) -> Option<(Instant, bool)> {
        let (answer, _) = self.answer.as_ref()?;
        let shown = &self.marks.get(&(mark, by))?.shown;
        let at = shown.happened_at(answer.at);
        Some((at, at != shown.at))
    }

    /// Follows the deal by its own acts; `None` while its answer is unknown. The table is in the documentation of
    /// [`board`](super).
    pub(super) fn course(&self) -> Option<Course<'_>> {
        let (answer, terms) = self.answer.as_ref()?;
        let (giver, receiver) = (terms.giver(answer.by), terms.receiver(answer.by));
        let both = |says: &dyn Fn(MemberId) -> bool| Confirmed { giver: says(giver), receiver: says(receiver) };
        let begun = both(&|by| self.has_begun(terms, by));
        let ended = both(&|by| self.has(if terms.is_loan() { Mark::Return } else { Mark::Done }, by));
        let hold = self.marks.get(&(Mark::Agree, terms.owner)).and_then(|agree| match agree.shown.act {
            DealAct::Agree { hold, .. } => Some(hold),
            _ => None,
        });
        let off = |by: &MemberId| self.has(Mark::CallOff, *by);
        let (agreed, parties) = (hold.is_some(), [terms.owner, answer.by]);
        // The facts come first, whatever else is signed and in which order: a fork must not undo them.
        let (stage, confirmed) = if agreed && ended.giver && ended.receiver {
            (Stage::Done, ended)
        } else if agreed && begun.giver && begun.receiver {
            (Stage::OnLoan, ended)
        } else if parties.iter().any(|by| off(by) && !(agreed && self.is_bound(terms, *by))) {
            (Stage::CalledOff, Confirmed::default())
        } else if agreed {
            (Stage::Agreed, begun)
        } else {
            (Stage::Answered, Confirmed::default())
        };
        Some(Course { dossier: self, answer, terms, stage, confirmed, hold, has_call_off: parties.iter().any(off) })
    }

    /// Tells whether the member has confirmed the first step of these terms: that the lent thing changed hands (who
    /// confirms that it is back says so too), or that the help was given.
    fn has_begun(&self, terms: &Terms, by: MemberId) -> bool {
        first_steps(terms).iter().any(|mark| self.has(*mark, by))
    }

    /// Tells whether the member has confirmed the first step where it does not stand after the own call-off.
    fn is_bound(&self, terms: &Terms, by: MemberId) -> bool {
        let off = self.marks.get(&(Mark::CallOff, by)).map(|off| &off.first);
        let confirmed = first_steps(terms).iter().filter_map(|mark| self.marks.get(&(*mark, by)));
        confirmed
            .flat_map(|marked| &marked.first)
            .any(|(journal, seq)| off.and_then(|off| off.get(journal)).is_none_or(|off| seq <= off))
    }
}

/// The acts of which each confirms the first step.
fn first_steps(terms: &Terms) -> &'static [Mark] {
    if terms.is_loan() { &[Mark::HandOver, Mark::Return] } else { &[Mark::Done] }
}

impl Course<'_> {
    /// Gives the slot that the deal competes for and its rank there; `None` if it does not compete.
    pub(super) fn candidacy(&self, id: DealId) -> Option<(Slot, Candidate)> {
        match (self.hold, self.stage) {
            (Some(Hold::Once { after }), Stage::Agreed | Stage::OnLoan | Stage::Done) => {
                let owner_gives = self.terms.giver(self.answer.by) == self.terms.owner;
                let owner_confirmed = if owner_gives { self.confirmed.giver } else { self.confirmed.receiver };
                let claim = Claim {
                    called_off: self.has_call_off,
                    stage: Reverse(self.stage),
                    owner_confirmed: Reverse(owner_confirmed),
                };
                Some(((self.terms.owner, self.terms.listing, after), (claim, id)))
            }
            _ => None,
        }
    }

    /// Gives the row, once it is known who won the slot, and what its listing has in it.
    pub(super) fn row(&self, id: DealId, winner: Option<DealId>) -> (DealRow, Standing) {
        let lost = self.stage == Stage::Agreed && winner.is_some_and(|winner| winner != id);
        let (stage, confirmed) = if lost { (Stage::Lost, Confirmed::default()) } else { (self.stage, self.confirmed) };
        let acts = || std::iter::once(self.answer).chain(self.counted());
        let (giver, receiver) = (self.terms.giver(self.answer.by), self.terms.receiver(self.answer.by));
        let loan = self.terms.is_loan();
        let extension = if loan { self.dossier.extension(giver, receiver) } else { Extension::default() };
        let conditions = if loan {
            Conditions { giver: self.dossier.condition(giver), receiver: self.dossier.condition(receiver) }
        } else {
            Conditions::default()
        };
        let row = DealRow {
            id,
            terms: *self.terms,
            giver,
            receiver,
            due_at: self.terms.due_at.map(|due| later(due, extension.days)),
            extension,
            conditions,
            answerer: self.answer.by,
            stage,
            confirmed,
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
            // Once who lends it says that it is back, it can go to the next.
            Stage::OnLoan if once && !(comes_back && confirmed.giver) => Standing::Out,
            Stage::Done if once && !comes_back => Standing::Spent,
            _ => Standing::Idle,
        };
        (row, standing)
    }

    /// The acts beside the answer that belong to the deal: by a party, fitting its kind, the agreement by the owner.
    fn counted(&self) -> impl Iterator<Item = &SignedAct> {
        let loan = self.terms.is_loan();
        let days = self.dossier.days.iter().filter(move |_| loan);
        let days = days.filter(|((by, ..), _)| *by == self.terms.owner || *by == self.answer.by).map(|(_, act)| act);
        let marks = self.dossier.marks.iter().filter_map(move |((mark, by), marked)| {
            let fits = match mark {
                Mark::Agree => *by == self.terms.owner,
                Mark::HandOver | Mark::Return => loan,
                Mark::Done => !loan,
                Mark::CallOff => true,
            };
            (fits && (*by == self.terms.owner || *by == self.answer.by)).then_some(&marked.shown)
        });
        marks.chain(days)
    }

    /// The entries in the order of the steps; two parties' entries of one step by hash.
    fn entries(&self) -> Vec<EntryHash> {
        let mut steps: Vec<_> = self.counted().map(|act| (position(&act.act), act.entry)).collect();
        steps.sort_unstable();
        std::iter::once(self.answer.entry).chain(steps.into_iter().map(|(_, entry)| entry)).collect()
    }
}

/// Where a step stands among the others; of the days for the thing to be back the earlier first, and the one that was asked
/// for before the answer.
fn position(act: &DealAct) -> (u8, u16) {
    match act {
        DealAct::Answer { .. } => (0, 0),
        DealAct::Agree { .. } => (1, 0),
        DealAct::HandOver { .. } | DealAct::HandedOver { .. } => (2, 0),
        DealAct::Extend { days, .. } | DealAct::KeepDay { days, .. } => (3, *days),
        DealAct::Return { .. } | DealAct::Returned { .. } => (4, 0),
        DealAct::Done { .. } => (5, 0),
        DealAct::CallOff { .. } => (6, 0),
    }
}

/// What can be said of an answer without its listing: the two are two, and the price is one that can be paid.
fn well_formed(act: &SignedAct, terms: &Terms) -> bool {
    act.by != terms.owner && terms.points <= Points::MAX
}
