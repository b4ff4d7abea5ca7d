//! Where a member is: here, about to leave, gone, away, deceased; whom they have named as family; what they have erased.
//!
//! A pure function of the set of admitted entries and of which of them count (rule M6). No clock is read: a row carries the
//! instant from which it holds, and whoever shows it compares. Words of one kind are numbered from 1. A number is heard
//! once all before it are, so that nobody can end the count by a great one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use kaifong_domain::{EntryHash, Instant, MemberId};

use crate::devices::REVIEWERS;
use crate::entry::{Body, Entry, Kin, Leave, Mark, Marked, Tip};
use crate::signed::Verified;

/// Asked of the journals: whether an entry in this place counts.
pub(crate) type Counts<'a> = &'a dyn Fn(&Tip) -> bool;

/// Where a member is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// From when on they are a neighbour no longer, by their own word.
    pub ends_at: Option<Instant>,
    /// What two reviewers have marked them as.
    pub marked: Option<Marking>,
    /// What one reviewer has asked for and waits for a second one.
    pub asked: Vec<Marking>,
    /// Whom they have named as family: who sees what is on loan when they cannot.
    pub kin: Option<MemberId>,
    /// The entry by which they have erased what they said.
    pub erased: Option<EntryHash>,
    /// The numbers that the next words have.
    pub next: Next,
}

/// The numbers of a member's next words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Of leaving.
    pub leave: u32,
    /// Of a reviewer's marking.
    pub mark: u32,
    /// Of naming family.
    pub kin: u32,
}

impl Default for Next {
    fn default() -> Self {
        Self { leave: 1, mark: 1, kin: 1 }
    }
}

/// What reviewers say of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marking {
    /// Its number.
    pub number: u32,
    /// What they say.
    pub state: Marked,
    /// One of the entries that say it: what the member answers.
    pub entry: EntryHash,
    /// Who says it.
    pub by: BTreeSet<MemberId>,
}

impl Whereabouts {
    /// Tells whether they are a neighbour no longer.
    pub fn has_left(&self, now: Instant) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    /// Tells whether they are marked as away, and the day of their return has not come.
    pub fn is_away(&self, now: Instant) -> bool {
        match self.marked.as_ref().map(|marking| marking.state) {
            Some(Marked::Away { until }) => until.is_none_or(|until| now < until),
            _ => false,
        }
    }

    /// Tells whether they are marked as deceased.
    pub fn is_deceased(&self) -> bool {
        self.marked.as_ref().is_some_and(|marking| marking.state == Marked::Deceased)
    }

    /// Tells whether something can be begun with them.
    pub fn is_here(&self, now: Instant) -> bool {
        !self.has_left(now) && !self.is_away(now) && !self.is_deceased()
    }
}

#[derive(Clone, Debug, Default)]
struct Words {
    leaves: BTreeMap<EntryHash, (Tip, Leave, Instant)>,
    marks: BTreeMap<EntryHash, (Tip, Mark, MemberId)>,
    /// The member's own answers, with the marking that each is about.
    answers: BTreeMap<EntryHash, (Tip, EntryHash)>,
    kin: BTreeMap<EntryHash, (Tip, Kin)>,
    erasures: BTreeMap<EntryHash, (Tip, Instant)>,
    /// What follows, once it was asked for: until another word arrives, or others count.
    judged: OnceLock<Whereabouts>,
}

/// All that was said of where members are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    said: BTreeMap<MemberId, Words>,
}

impl Life {
    /// Takes an entry in; `reviews` tells whether its writer was a reviewer in the epoch that it names.
    pub(crate) fn add(&mut self, entry: &Verified<Entry>, writer: MemberId, reviews: bool) {
        let value = entry.value();
        let hash = EntryHash(entry.hash());
        let at = Tip { journal: value.journal, seq: value.seq, hash };
        match value.body {
            Body::Leave(leave) => _ = self.of(writer).leaves.insert(hash, (at, leave, value.at)),
            Body::Mark(mark) if reviews && writer != mark.member => {
                self.of(mark.member).marks.insert(hash, (at, mark, writer));
            }
            Body::Here { mark } => _ = self.of(writer).answers.insert(hash, (at, mark)),
            Body::Kin(kin) => _ = self.of(writer).kin.insert(hash, (at, kin)),
            Body::Erase => _ = self.of(writer).erasures.insert(hash, (at, value.at)),
            _ => {}
        }
    }

    /// Hears that other words count than before.
    pub(crate) fn count_anew(&mut self) {
        self.said.values_mut().for_each(|words| words.judged = OnceLock::new());
    }

    fn of(&mut self, member: MemberId) -> &mut Words {
        let words = self.said.entry(member).or_default();
        words.judged = OnceLock::new();
        words
    }

    /// Gives where a member is, by the words that count.
    pub(crate) fn whereabouts(&self, member: &MemberId, counts: Counts<'_>) -> Whereabouts {
        let judged = |words: &Words| words.judged.get_or_init(|| words.judge(counts)).clone();
        self.said.get(member).map(judged).unwrap_or_default()
    }

    /// Gives the words among `theirs` by which a member is gone at this time: erasures, and the last row of leavings.
    pub(crate) fn gone_by(&self, member: &MemberId, theirs: Counts<'_>, counts: Counts<'_>, now: Instant) -> Vec<Tip> {
        self.said.get(member).map(|words| words.gone_by(theirs, counts, now)).unwrap_or_default()
    }

    /// Gives the members who have ever erased what they said, whether that counts or not.
    pub(crate) fn erasers(&self) -> impl Iterator<Item = MemberId> {
        self.said.iter().filter(|(_, words)| !words.erasures.is_empty()).map(|(member, _)| *member)
    }

    /// Feeds all words into a digest: what follows from them follows from these and from which count.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        for (member, words) in &self.said {
            let Words { leaves, marks, answers, kin, erasures, judged: _ } = words;
            let hashes: Vec<&EntryHash> = leaves
                .keys()
                .chain(marks.keys())
                .chain(answers.keys())
                .chain(kin.keys())
                .chain(erasures.keys())
                .collect();
            hasher.update(&crate::encode(&("life", member, hashes)));
        }
    }
}

impl Words {
    fn judge(&self, counts: Counts<'_>) -> Whereabouts {
        let erased = self.erasures.iter().find(|(_, (place, _))| counts(place));
        let (ends_at, leave) = self.judge_leaves(counts);
        let (marked, asked, mark) = self.judge_marks(counts);
        let (kin, kin_next) = numbered(self.kin.values().filter(|(place, _)| counts(place)), |(_, kin)| kin.number);
        // Who has erased has gone, whatever else was said.
        let ends_at = ends_at.into_iter().chain(erased.map(|(_, (_, at))| *at)).min();
        Whereabouts {
            ends_at,
            marked,
            asked,
            kin: kin.last().and_then(|(_, kin)| kin.member),
            erased: erased.map(|(hash, _)| *hash),
            next: Next { leave, mark, kin: kin_next },
        }
    }

    /// Word by word: one that was signed after the end that was said before it comes too late.
    fn judge_leaves(&self, counts: Counts<'_>) -> (Option<Instant>, u32) {
        let (words, next) = self.heard_leaves(counts);
        (words.last().and_then(|(_, leave)| leave.ends_at), next)
    }

    /// Gives the words of leaving that came in time, and the number of the next one.
    fn heard_leaves(&self, counts: Counts<'_>) -> (Vec<(Tip, Leave)>, u32) {
        let (words, next) =
            numbered(self.leaves.values().filter(|(place, ..)| counts(place)), |(_, leave, _)| leave.number);
        let mut ends_at: Option<Instant> = None;
        let mut heard = Vec::new();
        for (place, leave, at) in words {
            if ends_at.is_none_or(|end| *at < end) {
                ends_at = leave.ends_at;
                heard.push((*place, *leave));
            }
        }
        (heard, next)
    }

    fn gone_by(&self, theirs: Counts<'_>, counts: Counts<'_>, now: Instant) -> Vec<Tip> {
        let erasures = self.erasures.values().map(|(place, _)| *place).filter(|place| theirs(place) && counts(place));
        let (leaves, _) = self.heard_leaves(counts);
        let gone = leaves.last().and_then(|(_, leave)| leave.ends_at).is_some_and(|end| end <= now);
        let row = leaves.iter().rev().take_while(|(place, leave)| gone && leave.ends_at.is_some() && theirs(place));
        erasures.chain(row.map(|(place, _)| *place)).collect()
    }

    fn judge_marks(&self, counts: Counts<'_>) -> (Option<Marking>, Vec<Marking>, u32) {
        let mut all: BTreeMap<(u32, Marked), Marking> = BTreeMap::new();
        for (hash, (place, mark, by)) in &self.marks {
            if counts(place) {
                let key = (mark.number, mark.state);
                let empty = || Marking { number: mark.number, state: mark.state, entry: *hash, by: BTreeSet::new() };
                all.entry(key).or_insert_with(empty).by.insert(*by);
            }
        }
        let decided = all.values().filter(|marking| marking.by.len() >= REVIEWERS);
        let (decided, next) = numbered(decided, |marking| marking.number);
        // The member's own word answers a marking that stands and those before it, never one that comes later.
        let answers = self.answers.values().filter(|(place, _)| counts(place));
        let answered = answers.filter_map(|(_, mark)| self.marks.get(mark)).map(|(_, mark, _)| mark.number);
        let answered = answered.filter(|number| *number < next).max();
        let stands =
            |marking: &&Marking| marking.state != Marked::Back && answered.is_none_or(|at| at < marking.number);
        let standing = decided.last().copied().filter(stands).cloned();
        let asked = |marking: &&Marking| marking.number == next && marking.by.len() < REVIEWERS;
        let asked = all.values().filter(asked).cloned().collect();
        (standing, asked, next)
    }
}

/// Gives the words with the numbers 1, 2, 3 … as far as they go, the first of several with one number, and the number after
/// them.
fn numbered<'a, T>(words: impl Iterator<Item = &'a T>, number: impl Fn(&T) -> u32) -> (Vec<&'a T>, u32) {
    let mut by_number: BTreeMap<u32, &T> = BTreeMap::new();
    for word in words {
        by_number.entry(number(word)).or_insert(word);
    }
    let row: Vec<&T> =
        (1_u32..).zip(by_number).take_while(|(at, (number, _))| at == number).map(|(_, (_, word))| word).collect();
    let next = u32::try_from(row.len()).unwrap_or(u32::MAX).saturating_add(1);
    (row, next)
}

#[cfg(test)]
mod tests;
