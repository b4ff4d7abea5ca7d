//! The hall: what members put to those who answer, and what came of it.
//!
//! A matter stands in its asker's document, and what others do about it in theirs, each pointing at it. The rows are a pure
//! function of the *sets* of records that were added, in any order, and of who speaks for the building, which the caller tells.
//!
//! # Where a matter stands
//!
//! The asker's judgements are numbered. The one with the greatest number is current; of two with one number (two devices apart)
//! `NotYet` is, so that nothing is closed that one of them holds open. The *round* is the number of the newest `NotYet`,
//! 0 without one. A response belongs to a round by naming a `NotYet` of that number, so it is never later than what its author
//! knew. The first line that holds:
//!
//! | said | stage |
//! |---|---|
//! | the asker took it back | `Withdrawn` |
//! | the current judgement is `Solved` | `Solved` |
//! | `Answer` in this round by somebody who speaks | `Answered` |
//! | `TakeUp` in this round by somebody who speaks | `Heard` |
//! | otherwise | `Waiting` |
//!
//! So nobody but its asker closes a matter, and nobody but its asker takes it out of sight.
//!
//! # What is shown of too much
//!
//! Of one member's open matters the first [`MATTERS_SHOWN_MAX`] in order of when they claim to be put, and of one member's
//! responses to one matter the first [`RESPONSES_SHOWN_MAX`]: whoever floods the hall hides their own words.

mod records;

pub use records::*;

use crate::staff::Written;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Instant, JudgementId, MatterId, MemberId, Refusal};

/// How many open matters of one member are shown. Twice what a device lets its member put: two of them may write apart.
pub const MATTERS_SHOWN_MAX: usize = 2 * MATTERS_OPEN_MAX;
/// How many responses of one member to one matter are shown; likewise.
pub const RESPONSES_SHOWN_MAX: usize = 2 * RESPONSES_MAX;

/// A matter among all of a building: who has put it, and its id.
pub type MatterKey = (MemberId, MatterId);

/// What one document says of one matter.
type Words = (Option<Matter>, Vec<Judgement>, Vec<Response>);

/// Everything that is said in the hall.
#[derive(Clone, Debug, Default)]
pub struct Hall {
    matters: BTreeMap<MatterKey, Matter>,
    /// Each ascending by number, the current one last.
    judgements: BTreeMap<MatterKey, Vec<Judgement>>,
    /// By matter and author, whether the matter is here (yet) or not.
    responses: BTreeMap<MatterKey, BTreeMap<MemberId, Vec<Response>>>,
    /// To which matters a member has responded.
    responded: BTreeMap<MemberId, BTreeSet<MatterKey>>,
}

/// Where a matter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MatterStage {
    /// Nobody who answers has taken it up.
    Waiting,
    /// It was taken up: 已受理.
    Heard,
    /// It was answered; the asker has not said whether that solves it.
    Answered,
    /// The asker says so.
    Solved,
    /// The asker took it back.
    Withdrawn,
}

/// One matter as neighbours see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatterRow {
    /// Who has put it.
    pub asker: MemberId,
    /// What it says.
    pub matter: Matter,
    /// Where it stands.
    pub stage: MatterStage,
    /// Since when it has been open: when it was put, or when its asker last said "not yet".
    pub open_since: Instant,
    /// How often its asker has said "not yet".
    pub reopened: u32,
    /// The first time that somebody who speaks took it up or answered, in any round.
    pub first_heard_at: Option<Instant>,
    /// The first time that somebody who speaks answered, in any round.
    pub first_answered_at: Option<Instant>,
    /// The same in this round alone.
    pub answered_at: Option<Instant>,
    /// When its asker said that it is solved.
    pub solved_at: Option<Instant>,
    /// How many answers there are by those who speak.
    pub answers: u32,
    /// How many replies there are by neighbours.
    pub replies: u32,
}

/// One thing that was said of a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who said it.
    pub by: MemberId,
    /// The record that says it.
    pub record: Written,
    /// What.
    pub said: Said,
    /// In which round; `None` for a response to a judgement that is not here.
    pub round: Option<u32>,
    /// The words; may be empty.
    pub text: String,
    /// When, as the device claims.
    pub at: Instant,
}

/// What a turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// The asker's.
    Judged(Judged),
    /// Anybody's.
    Response(ResponseKind),
}

impl MatterRow {
    /// Gives the key of this row.
    pub fn key(&self) -> MatterKey {
        (self.asker, self.matter.id)
    }
}

impl MatterStage {
    /// Tells whether somebody who answers has something to do.
    pub fn wants_answer(self) -> bool {
        matches!(self, Self::Waiting | Self::Heard)
    }

    /// Tells whether it is neither solved nor withdrawn.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Heard | Self::Answered)
    }

    /// Gives the stable name of the stage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Heard => "heard",
            Self::Answered => "answered",
            Self::Solved => "solved",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Hall {
    /// Replaces what one member says, and tells which matters that touched.
    pub(crate) fn set_records(
        &mut self,
        member: MemberId,
        matters: Vec<Matter>,
        judgements: Vec<Judgement>,
        responses: Vec<Response>,
    ) -> BTreeSet<MatterKey> {
        let before = self.said_by(&member);
        let of_member = |id| (member, id);
        for key in self.keys_of(&member) {
            self.matters.remove(&key);
        }
        let judged: Vec<_> = self
            .judgements
            .range(of_member(MatterId([0; 16]))..=of_member(MatterId([0xFF; 16])))
            .map(|(k, _)| *k)
            .collect();
        judged.iter().for_each(|key| drop(self.judgements.remove(key)));
        for key in self.responded.remove(&member).unwrap_or_default() {
            if let Some(by_author) = self.responses.get_mut(&key) {
                by_author.remove(&member);
                if by_author.is_empty() {
                    self.responses.remove(&key);
                }
            }
        }
        self.matters.extend(matters.into_iter().map(|matter| (of_member(matter.id), matter)));
        for judgement in judgements {
            self.judgements.entry(of_member(judgement.matter)).or_default().push(judgement);
        }
        for key in
            self.matters.range(of_member(MatterId([0; 16]))..=of_member(MatterId([0xFF; 16]))).map(|(key, _)| *key)
        {
            if let Some(judgements) = self.judgements.get_mut(&key) {
                judgements.sort_by_key(|judgement| (judgement.number, judgement.judged, judgement.id));
            }
        }
        for response in responses {
            let key = (response.asker, response.matter);
            self.responded.entry(member).or_default().insert(key);
            self.responses.entry(key).or_default().entry(member).or_default().push(response);
        }
        for key in self.responded.get(&member).into_iter().flatten() {
            if let Some(own) = self.responses.get_mut(key).and_then(|by| by.get_mut(&member)) {
                own.sort_by_key(|response| (response.at, response.id));
                own.truncate(RESPONSES_SHOWN_MAX);
            }
        }
        let after = self.said_by(&member);
        let touched = |key: &&MatterKey| before.get(*key) != after.get(*key);
        before.keys().chain(after.keys()).filter(touched).copied().collect()
    }

    /// Gives what a member's document says of each matter, to compare.
    fn said_by(&self, member: &MemberId) -> BTreeMap<MatterKey, Words> {
        let (least, most) = ((*member, MatterId([0; 16])), (*member, MatterId([0xFF; 16])));
        let own = self.matters.range(least..=most).map(|(key, _)| *key);
        let keys: BTreeSet<_> = own.chain(self.responded.get(member).into_iter().flatten().copied()).collect();
        let said = |key: MatterKey| {
            let own = key.0 == *member;
            let responses = self.responses.get(&key).and_then(|by| by.get(member)).cloned().unwrap_or_default();
            let judgements = self.judgements.get(&key).filter(|_| own).cloned().unwrap_or_default();
            (key, (self.matters.get(&key).filter(|_| own).cloned(), judgements, responses))
        };
        keys.into_iter().map(said).collect()
    }

    fn keys_of(&self, member: &MemberId) -> Vec<MatterKey> {
        let (least, most) = ((*member, MatterId([0; 16])), (*member, MatterId([0xFF; 16])));
        self.matters.range(least..=most).map(|(key, _)| *key).collect()
    }

    /// Gives one matter.
    pub fn matter(&self, key: &MatterKey) -> Option<&Matter> {
        self.matters.get(key)
    }

    /// Gives the keys of all matters that are shown, in order; whether those withdrawn are is for who asks.
    pub fn keys(&self) -> Vec<MatterKey> {
        let mut keys = Vec::with_capacity(self.matters.len());
        let mut open: Vec<(Instant, MatterKey)> = Vec::new();
        let mut last = None;
        for key in self.matters.keys() {
            if last != Some(key.0) {
                keys.append(&mut shown(&mut open));
                last = Some(key.0);
            }
            match self.matters.get(key) {
                Some(matter) if self.is_open(key) => open.push((matter.put_at, *key)),
                _ => keys.push(*key),
            }
        }
        keys.append(&mut shown(&mut open));
        keys.sort_unstable();
        keys
    }

    /// Counts the matters of a member that are neither solved nor withdrawn.
    pub fn open_of(&self, member: &MemberId) -> usize {
        self.keys_of(member).iter().filter(|key| self.is_open(key)).count()
    }

    /// Tells whether a matter is neither solved nor withdrawn; that its asker alone decides.
    fn is_open(&self, key: &MatterKey) -> bool {
        let withdrawn = self.matters.get(key).is_none_or(|matter| matter.withdrawn_at.is_some());
        !withdrawn && self.current(key).is_none_or(|judgement| judgement.judged == Judged::NotYet)
    }

    fn current(&self, key: &MatterKey) -> Option<&Judgement> {
        self.judgements.get(key)?.last()
    }

    /// Gives the newest "not yet" of a matter: what a response names that is written now.
    pub fn newest_not_yet(&self, key: &MatterKey) -> Option<&Judgement> {
        self.judgements.get(key)?.iter().rev().find(|judgement| judgement.judged == Judged::NotYet)
    }

    /// Gives the number of the next judgement on a matter.
    pub fn next_judgement(&self, key: &MatterKey) -> u32 {
        self.current(key).map_or(0, |judgement| judgement.number).saturating_add(1)
    }

    /// Gives one matter as a row. `speaks` tells of whom a take-up or an answer counts as one.
    pub fn row(&self, key: &MatterKey, speaks: impl Fn(&MemberId) -> bool) -> Option<MatterRow> {
        let matter = self.matters.get(key)?;
        let open_again = self.newest_not_yet(key);
        let round = open_again.map_or(0, |judgement| judgement.number);
        let current = self.current(key);
        let mut row = MatterRow {
            asker: key.0,
            matter: matter.clone(),
            stage: MatterStage::Waiting,
            open_since: open_again.map_or(matter.put_at, |judgement| judgement.at),
            reopened: 0,
            first_heard_at: None,
            first_answered_at: None,
            answered_at: None,
            solved_at: None,
            answers: 0,
            replies: 0,
        };
        let reopened =
            self.judgements.get(key).into_iter().flatten().filter(|judgement| judgement.judged == Judged::NotYet);
        row.reopened = u32::try_from(reopened.count()).unwrap_or(u32::MAX);
        for (by, response) in self.responses_to(key) {
            let of_now = self.round_of(key, response) == Some(round);
            match response.kind {
                ResponseKind::Answer if speaks(by) => {
                    row.answers = row.answers.saturating_add(1);
                    earliest(&mut row.first_answered_at, response.at);
                    if of_now {
                        earliest(&mut row.answered_at, response.at);
                        row.stage = MatterStage::Answered;
                    }
                }
                ResponseKind::TakeUp if speaks(by) => {
                    if of_now && row.stage == MatterStage::Waiting {
                        row.stage = MatterStage::Heard;
                    }
                }
                ResponseKind::TakeUp => continue,
                ResponseKind::Answer | ResponseKind::Reply => {
                    row.replies = row.replies.saturating_add(1);
                    continue;
                }
            }
            earliest(&mut row.first_heard_at, response.at);
        }
        if let Some(solved) = current.filter(|judgement| judgement.judged == Judged::Solved) {
            (row.stage, row.solved_at) = (MatterStage::Solved, Some(solved.at));
        }
        if matter.withdrawn_at.is_some() {
            row.stage = MatterStage::Withdrawn;
        }
        Some(row)
    }

    /// Gives all that was said of a matter: round by round, and in a round by the instants that devices claim.
    pub fn turns(&self, key: &MatterKey) -> Vec<Turn> {
        let judged = self.judgements.get(key).into_iter().flatten().rev().take(JUDGEMENTS_MAX).map(|judgement| {
            let turn = Turn {
                by: key.0,
                record: Written::Judgement(judgement.id),
                said: Said::Judged(judgement.judged),
                round: Some(judgement.number),
                text: judgement.remark.clone(),
                at: judgement.at,
            };
            ((judgement.number, false, judgement.at, key.0, judgement.id.0), turn)
        });
        let responses = self.responses_to(key).map(|(by, response)| {
            let round = self.round_of(key, response);
            let said = Said::Response(response.kind);
            let record = Written::Response(response.id);
            let turn = Turn { by: *by, record, said, round, text: response.text.clone(), at: response.at };
            ((round.unwrap_or(u32::MAX), true, response.at, *by, response.id.0), turn)
        });
        let mut turns: Vec<_> = judged.chain(responses).collect();
        turns.sort_by_key(|(place, _)| *place);
        turns.into_iter().map(|(_, turn)| turn).collect()
    }

    /// Counts what a member has said about a matter.
    pub fn responses_by(&self, key: &MatterKey, member: &MemberId) -> usize {
        self.responses.get(key).and_then(|by| by.get(member)).map_or(0, Vec::len)
    }

    /// Counts what a member has put and said to others.
    pub fn words_of(&self, member: &MemberId) -> usize {
        self.keys_of(member).len() + self.said_to_others(member).count()
    }

    /// Gives what a member says to the matters of others, also to such as are not here.
    pub fn said_to_others(&self, member: &MemberId) -> impl Iterator<Item = &Response> + use<'_> {
        let member = *member;
        let keys = self.responded.get(&member).into_iter().flatten();
        keys.filter_map(move |key| self.responses.get(key)?.get(&member)).flatten()
    }

    /// Tells whether a member has taken a matter up in this round.
    pub fn has_taken_up(&self, key: &MatterKey, member: &MemberId) -> bool {
        let round = self.newest_not_yet(key).map_or(0, |judgement| judgement.number);
        let own = self.responses.get(key).and_then(|by| by.get(member));
        own.into_iter()
            .flatten()
            .any(|response| response.kind != ResponseKind::Reply && self.round_of(key, response) == Some(round))
    }

    fn responses_to(&self, key: &MatterKey) -> impl Iterator<Item = (&MemberId, &Response)> + use<'_> {
        // Nobody responds to themselves: what the asker has to say is a judgement.
        let asker = key.0;
        let others = self.responses.get(key).into_iter().flatten().filter(move |(by, _)| **by != asker);
        others.flat_map(|(by, responses)| responses.iter().map(move |response| (by, response)))
    }

    fn round_of(&self, key: &MatterKey, response: &Response) -> Option<u32> {
        let Some(after) = response.after else { return Some(0) };
        let named = |judgement: &&Judgement| judgement.id == after && judgement.judged == Judged::NotYet;
        self.judgements.get(key)?.iter().find(named).map(|judgement| judgement.number)
    }

    /// Feeds everything that is said into a digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        super::board::section(hasher, b"matters", self.matters.len(), self.matters.iter());
        super::board::section(hasher, b"judgements", self.judgements.len(), self.judgements.iter());
        super::board::section(hasher, b"responses", self.responses.len(), self.responses.iter());
    }

    /// Checks whether `asker` may put one more matter.
    pub fn check_put(&self, asker: &MemberId, matter: &Matter) -> Result<(), Refusal> {
        matter.check()?;
        if self.open_of(asker) >= MATTERS_OPEN_MAX {
            return Err(Refusal::MattersFull { most: MATTERS_OPEN_MAX });
        }
        Ok(())
    }

    /// Checks whether `by` may say this of the matter: it passes its own check, the matter is here and somebody else's, and
    /// there is room. `speaks` tells whether they answer in this hall.
    pub fn check_response(&self, by: &MemberId, response: &Response, speaks: bool) -> Result<(), Refusal> {
        response.check()?;
        let key = (response.asker, response.matter);
        let matter = self.matters.get(&key).ok_or(Refusal::MatterUnknown)?;
        if key.0 == *by {
            return Err(Refusal::OwnMatter);
        }
        if matter.withdrawn_at.is_some() {
            return Err(Refusal::MatterClosed { stage: MatterStage::Withdrawn.name() });
        }
        let solved = self.current(&key).is_some_and(|judgement| judgement.judged == Judged::Solved);
        if solved && response.kind == ResponseKind::TakeUp {
            return Err(Refusal::MatterClosed { stage: MatterStage::Solved.name() });
        }
        if response.kind != ResponseKind::Reply && !speaks {
            return Err(Refusal::NotAnswerer);
        }
        if response.kind == ResponseKind::TakeUp && self.has_taken_up(&key, by) {
            return Err(Refusal::AlreadyTakenUp);
        }
        if self.responses_by(&key, by) >= RESPONSES_MAX {
            return Err(Refusal::SaidEnough { most: RESPONSES_MAX });
        }
        Ok(())
    }

    /// Checks whether `by` may judge the matter like that: it is theirs, not withdrawn, and does not stand there already. "Not
    /// yet" needs something that was said.
    pub fn check_judgement(
        &self,
        by: &MemberId,
        judgement: &Judgement,
        row: Option<&MatterRow>,
    ) -> Result<(), Refusal> {
        judgement.check()?;
        let row = row.filter(|row| row.asker == *by).ok_or(Refusal::MatterUnknown)?;
        let fits = match judgement.judged {
            Judged::Solved => row.stage.is_open(),
            Judged::NotYet => matches!(row.stage, MatterStage::Answered | MatterStage::Solved),
        };
        if !fits {
            return Err(Refusal::MatterClosed { stage: row.stage.name() });
        }
        let said = self.judgements.get(&row.key()).map_or(0, Vec::len);
        // Closing what is open is never refused.
        if judgement.judged == Judged::NotYet && said >= JUDGEMENTS_MAX - 1 {
            return Err(Refusal::SaidEnough { most: JUDGEMENTS_MAX });
        }
        Ok(())
    }

    /// Gives the id of the judgement that a response written now names.
    pub fn after(&self, key: &MatterKey) -> Option<JudgementId> {
        self.newest_not_yet(key).map(|judgement| judgement.id)
    }
}

/// Takes the open matters of one member and leaves those that are shown.
fn shown(open: &mut Vec<(Instant, MatterKey)>) -> Vec<MatterKey> {
    open.sort_unstable();
    open.truncate(MATTERS_SHOWN_MAX);
    std::mem::take(open).into_iter().map(|(_, key)| key).collect()
}

fn earliest(of: &mut Option<Instant>, at: Instant) {
    *of = Some(of.map_or(at, |before| before.min(at)));
}
