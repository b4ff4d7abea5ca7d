//! Deals in dispute: the two say different numbers of points, and what comes of it.
//!
//! A party *says* how many points are right for a deal; without a word of theirs it is what was agreed. While the two say the
//! same, that is the *figure* of the deal, whatever it is: what two agree on needs nobody else. While they do not, the last
//! ruling of a mediator is the figure, and without one there is none: the deal is in dispute, and nothing is paid or taken
//! for it. What was paid already stays paid (rule L5); a *correction* is a payment of the difference, signed by whoever owes it.
//!
//! The state is a pure function of the set of words. Each member's words on a deal are numbered, and the greatest number is
//! current; of two with one number (two devices apart) that of the entry with the greater hash, so that all replicas agree.
//! Of rulings the one under the newest epoch is the last: whoever mediates once another was dismissed overrules them,
//! whatever numbers they have used up.
//! Whoever is no party says nothing, and a ruling is one by its epoch: the caller adds none by others.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::check_points;
use crate::rows::{DealRow, Stage};
use crate::{DealId, EntryHash, MemberId, Points, ReasonId, Refusal};

/// How often what was paid for one deal can be corrected.
pub const CORRECTIONS_MAX: u8 = 8;

/// One signed word on the points of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Word {
    /// The deal.
    pub deal: DealId,
    /// How many points are right for it, all in all.
    pub points: Points,
    /// Which word of this member on this deal it is, from 1.
    pub number: u32,
}

/// Who speaks in a [`Word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voice {
    /// One of the two.
    Party,
    /// A mediator.
    Mediator,
}

/// All words on all deals.
#[derive(Clone, Debug, Default)]
pub struct Disputes {
    /// By deal, voice and member, the current word of each.
    words: BTreeMap<DealId, BTreeMap<(Voice, MemberId), Current>>,
    /// Of which deal a payment with this reason is a correction.
    reasons: BTreeMap<ReasonId, DealId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Current {
    /// The number of the epoch that a ruling names; 0 for a party's word, to which epochs are nothing.
    epoch: u32,
    number: u32,
    entry: EntryHash,
    points: Points,
}

/// How it stands with the points of one deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// What the giver says.
    pub giver: Points,
    /// What the receiver says.
    pub receiver: Points,
    /// What a mediator has said last, and who.
    pub ruling: Option<(Points, MemberId)>,
    /// Whether anybody has said anything since the two agreed.
    pub raised: bool,
    /// Whose word is asked for: of the two who differ, whoever has spoken less often. `None` once each has answered the other:
    /// then it is a mediator's turn.
    pub waits_for: Option<MemberId>,
}

impl Dispute {
    /// Gives what the deal is to be paid with in all; `None` while it is in dispute.
    pub fn figure(&self) -> Option<Points> {
        if self.giver == self.receiver { Some(self.giver) } else { self.ruling.map(|(points, _)| points) }
    }
}

impl Disputes {
    /// Starts with no words.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a word, in any order and any number of times; tells whether it changed anything. `epoch` is the number of the one
    /// that its entry names. A word that is out of form says nothing.
    pub fn add(&mut self, by: MemberId, voice: Voice, epoch: u32, entry: EntryHash, word: &Word) -> bool {
        if word.number == 0 || word.points > Points::MAX {
            return false;
        }
        let epoch = if voice == Voice::Mediator { epoch } else { 0 };
        let said = Current { epoch, number: word.number, entry, points: word.points };
        let words = self.words.entry(word.deal).or_default();
        if words.is_empty() {
            self.reasons.extend((0..CORRECTIONS_MAX).map(|nth| (correction(&word.deal, nth), word.deal)));
        }
        let newer = words.get(&(voice, by)).is_none_or(|known| said > *known);
        if newer {
            words.insert((voice, by), said);
        }
        newer
    }

    /// Gives the number of the next word of a member on a deal.
    pub fn next_number(&self, by: &MemberId, voice: Voice, deal: &DealId) -> u32 {
        let words = self.words.get(deal);
        let mine = words.and_then(|words| words.get(&(voice, *by))).map_or(0, |word| word.number);
        mine.saturating_add(1)
    }

    /// Tells how it stands with a deal.
    pub fn of(&self, row: &DealRow) -> Dispute {
        let words = self.words.get(&row.id);
        let said = |by: MemberId| words.and_then(|words| words.get(&(Voice::Party, by)));
        let rulings = words.into_iter().flatten().filter(|((voice, by), word)| {
            // Above what was agreed only the two can go.
            *voice == Voice::Mediator && !row.is_party(by) && word.points <= row.terms.points
        });
        // Of several mediators the one who has spoken last after hearing the others has the greatest number.
        let ruling = rulings.max_by_key(|(_, word)| **word).map(|((_, by), word)| (word.points, *by));
        let number = |word: Option<&Current>| word.map_or(0, |word| word.number);
        let points = |word: Option<&Current>| word.map_or(row.terms.points, |word| word.points);
        let (giver, receiver) = (said(row.giver), said(row.receiver));
        let waits_for = match number(giver).cmp(&number(receiver)) {
            _ if points(giver) == points(receiver) => None,
            Ordering::Less => Some(row.giver),
            Ordering::Greater => Some(row.receiver),
            Ordering::Equal => None,
        };
        Dispute {
            giver: points(giver),
            receiver: points(receiver),
            ruling,
            raised: giver.or(receiver).is_some(),
            waits_for,
        }
    }

    /// Gives the entries that hold the current words on a deal: the two's and mediators'.
    pub fn entries(&self, row: &DealRow) -> impl Iterator<Item = EntryHash> {
        let words = self.words.get(&row.id).into_iter().flatten();
        let (giver, receiver) = (row.giver, row.receiver);
        let belongs = move |voice: Voice, by: MemberId| (voice == Voice::Party) == (by == giver || by == receiver);
        words.filter(move |((voice, by), _)| belongs(*voice, *by)).map(|(_, word)| word.entry)
    }

    /// Gives the deals of which anybody has said anything.
    pub fn deals(&self) -> impl Iterator<Item = &DealId> {
        self.words.keys()
    }

    /// Gives the deal that a payment with this reason corrects.
    pub fn corrects(&self, reason: &ReasonId) -> Option<DealId> {
        self.reasons.get(reason).copied()
    }

    /// Gives the number of a mediator's next ruling: greater than all that are known.
    pub fn next_ruling(&self, deal: &DealId) -> u32 {
        let words = self.words.get(deal).into_iter().flatten();
        let rulings = words.filter(|((voice, _), _)| *voice == Voice::Mediator).map(|(_, word)| word.number);
        rulings.max().unwrap_or(0).saturating_add(1)
    }

    /// Checks whether one of the two may say how many points are right now.
    ///
    /// # Errors
    /// [`Refusal::NotAParty`], [`Refusal::OutOfRange`], or [`Refusal::WrongStage`] before the deal was agreed and once it is off.
    pub fn check_word(&self, by: &MemberId, row: &DealRow, points: Points) -> Result<(), Refusal> {
        if !row.is_party(by) {
            return Err(Refusal::NotAParty);
        }
        check_points(points)?;
        check_stage(row)
    }

    /// Checks whether a mediator may rule now.
    ///
    /// # Errors
    /// [`Refusal::OwnDeal`] by one of the two, [`Refusal::WrongStage`] as in [`Disputes::check_word`], [`Refusal::NotInDispute`]
    /// while the two say the same, [`Refusal::OutOfRange`] above what they had agreed.
    pub fn check_ruling(&self, by: &MemberId, row: &DealRow, points: Points) -> Result<(), Refusal> {
        if row.is_party(by) {
            return Err(Refusal::OwnDeal);
        }
        check_stage(row)?;
        let dispute = self.of(row);
        if dispute.giver == dispute.receiver {
            return Err(Refusal::NotInDispute);
        }
        let most = row.terms.points;
        if points > most {
            return Err(Refusal::OutOfRange { field: "points", least: 0, most: most.0.into() });
        }
        Ok(())
    }

    /// Mixes all of it into a digest.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        for (deal, words) in &self.words {
            for ((voice, by), word) in words {
                hasher.update(&deal.0).update(&[*voice as u8]).update(&by.0).update(&word.entry.0);
                hasher
                    .update(&word.epoch.to_le_bytes())
                    .update(&word.number.to_le_bytes())
                    .update(&word.points.0.to_le_bytes());
            }
        }
    }
}

fn check_stage(row: &DealRow) -> Result<(), Refusal> {
    match row.stage {
        Stage::Agreed | Stage::OnLoan | Stage::Done => Ok(()),
        Stage::Answered | Stage::CalledOff | Stage::Lost => Err(Refusal::WrongStage { stage: row.stage.name() }),
    }
}

/// Gives the reason of the `nth` correction of what was paid for a deal, from 0: each counts once in one journal (rule L4).
pub fn correction(deal: &DealId, nth: u8) -> ReasonId {
    let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 correction of a deal");
    hasher.update(&deal.0).update(&[nth]);
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    ReasonId(id)
}
