//! Which devices stand, and how far what they have written counts (rule M6).
//!
//! Admission is a matter of an entry's own past and never becomes untrue. What is decided here is laid over it: a pure
//! function of the set of admitted entries, in whatever order they came.
//!
//! Each journal belongs to a *generation* of its member: 0 by a certificate or the genesis, its parent's by a link, one
//! more than the sheet's by a recovery, the one that two reviewers name by a re-approval. A cut binds journals of its own
//! and of lower generations, and of several generations of cuts the highest has the last word: so whoever has begun anew
//! sets right what a thief has cut, and a thief cannot cut off who has begun anew.
//!
//! Within one generation devices are equals. Two that cut each other are both cut. Of several cuts of one device the
//! higher counts, with one exception: a device that was itself added by the device it cuts is heard only if its link lies
//! within what its elders have left. Otherwise a stolen phone would add a phone and have itself raised by it.

mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{DeviceId, EntryHash, JournalId, MemberId};

use crate::entry::{Basis, Body, Cut, Entry, Link, Open, Sheet, Tip};
use crate::recovery::Claim;
use crate::signed::Verified;

/// How many links may lie between a journal and its member's certificate. What is farther away counts for nothing.
pub const LINKS_MAX: u32 = 32;
/// How many reviewers let a member go on with a new device.
pub const REVIEWERS: usize = 2;
/// How many if a living device of the member objects.
pub const REVIEWERS_AFTER_OBJECTION: usize = 3;

/// Asked of the journals: whether an entry lies on the way to a tip, which is known.
pub(crate) type RunsThrough<'a> = &'a dyn Fn(&Tip, &Tip) -> bool;

/// What of a device counts, by generation.
type Limits = BTreeMap<DeviceId, BTreeMap<u32, BTreeSet<Tip>>>;

/// Where a journal comes from.
#[derive(Clone, Debug)]
struct Origin {
    member: MemberId,
    device: DeviceId,
    generation: u32,
    links: u32,
    basis: Basis,
    /// Opened twice on different grounds: whose side it is on cannot be told, and it counts for nothing.
    broken: bool,
}

#[derive(Clone, Debug)]
struct Closing {
    generation: u32,
    /// The cut's own place, if a device of the member has written it into its journal.
    at: Option<Tip>,
    /// The sheet or re-approval that the cut comes with.
    with: Option<EntryHash>,
    cut: Cut,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    at: Tip,
    generation: u32,
    sheet: Sheet,
}

#[derive(Clone, Debug)]
struct Carried {
    sheet: EntryHash,
    new: Option<Link>,
}

/// What two reviewers have to agree in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    generation: u32,
    new: Option<Link>,
    cut: Vec<DeviceId>,
}

#[derive(Clone, Copy, Debug)]
struct Vote {
    by: MemberId,
    at: Tip,
}

/// All that was said of one member's devices.
#[derive(Clone, Debug, Default)]
struct Said {
    closings: BTreeMap<(EntryHash, DeviceId), Closing>,
    sheets: BTreeMap<EntryHash, Declared>,
    recoveries: BTreeMap<EntryHash, Carried>,
    votes: BTreeMap<Question, BTreeMap<EntryHash, Vote>>,
    /// By re-approval, the places of the objections to it.
    objections: BTreeMap<EntryHash, BTreeSet<Tip>>,
}

/// What follows from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Verdict {
    limits: Limits,
    /// Recoveries and re-approvals on which a device stands.
    grounds: BTreeSet<EntryHash>,
    /// Recoveries whose sheet was used for several devices.
    disputed: BTreeSet<EntryHash>,
    /// The sheet that brings back now, of the highest generation that has one.
    sheet: Option<EntryHash>,
}

/// A re-approval as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reapproval {
    /// Whose.
    pub member: MemberId,
    /// One of the entries that ask for it: what an objection names.
    pub entry: EntryHash,
    /// Its number.
    pub generation: u32,
    /// The new device.
    pub new: Option<Link>,
    /// The devices that it closes.
    pub cut: Vec<DeviceId>,
    /// The reviewers who are for it.
    pub by: BTreeSet<MemberId>,
    /// How many are needed.
    pub needed: usize,
    /// Whether a living device of the member objects.
    pub objected: bool,
}

impl Reapproval {
    /// Tells whether enough reviewers are for it.
    pub fn is_decided(&self) -> bool {
        self.by.len() >= self.needed
    }
}

/// The fold over all that was said of devices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Devices {
    journals: BTreeMap<JournalId, Origin>,
    /// Where each entry stands on which others may rest.
    places: BTreeMap<EntryHash, Tip>,
    said: BTreeMap<MemberId, Said>,
    verdicts: BTreeMap<MemberId, Verdict>,
    /// Members of whose re-approvals a member has had a word in.
    reviewed: BTreeMap<MemberId, BTreeSet<MemberId>>,
    /// Which member and question a re-approval is about.
    asked: BTreeMap<EntryHash, (MemberId, Question)>,
    /// Reviewers' words beyond a council's cutoff.
    outside: BTreeSet<EntryHash>,
    /// Some journal was opened on two grounds, or is too far from its member's certificate.
    uneasy: bool,
    /// How often what counts has changed.
    turns: u64,
}

impl Devices {
    /// Takes an entry in; `reviews` tells whether its writer was a reviewer in the epoch that it names. Tells whether what
    /// counts has changed.
    pub(crate) fn add(&mut self, entry: &Verified<Entry>, reviews: bool, runs: RunsThrough<'_>) -> bool {
        let before = self.turns;
        if let Some(member) = self.hear(entry, reviews) {
            self.judge_anew(member, runs);
        }
        before != self.turns
    }

    /// Says that a reviewer's word lies beyond a cutoff, before it is taken in.
    pub(crate) fn leave_out(&mut self, hash: EntryHash) {
        self.turns += u64::from(self.is_quiet());
        self.outside.insert(hash);
    }

    /// Says anew which reviewers' words lie beyond a cutoff; tells whether others do than before.
    pub(crate) fn leave_out_anew(&mut self, outside: BTreeSet<EntryHash>, runs: RunsThrough<'_>) -> bool {
        if self.outside == outside {
            return false;
        }
        let turned = self.outside.symmetric_difference(&outside).filter_map(|hash| self.asked.get(hash));
        let members: BTreeSet<MemberId> = turned.map(|(member, _)| *member).collect();
        self.outside = outside;
        self.turns += 1;
        members.into_iter().for_each(|member| self.judge_anew(member, runs));
        true
    }

    /// Gives the place of a certificate, link or sheet.
    pub(crate) fn place(&self, hash: &EntryHash) -> Option<Tip> {
        self.places.get(hash).copied()
    }

    /// Gives how often what counts has changed since the start.
    pub(crate) fn turns(&self) -> u64 {
        self.turns
    }

    /// Keeps what an entry says; gives the member whose devices it is about.
    fn hear(&mut self, entry: &Verified<Entry>, reviews: bool) -> Option<MemberId> {
        let value = entry.value();
        let hash = EntryHash(entry.hash());
        let at = Tip { journal: value.journal, seq: value.seq, hash };
        let writer = self.journals.get(&value.journal).map(|origin| (origin.member, origin.generation));
        match (&value.body, writer) {
            (Body::Open(open), _) => {
                self.open(value.journal, entry.signer(), open);
                Some(open.member)
            }
            (Body::Certify(_) | Body::Link(_), _) => {
                self.places.insert(hash, at);
                None
            }
            (Body::Cut(cut), Some((member, generation))) => {
                let closing = Closing { generation, at: Some(at), with: None, cut: cut.clone() };
                self.said.entry(member).or_default().closings.insert((hash, cut.device), closing);
                Some(member)
            }
            (Body::Sheet(declaration), Some((member, generation))) => {
                let declared = Declared { at, generation, sheet: declaration.sheet };
                self.said.entry(member).or_default().sheets.insert(hash, declared);
                self.places.insert(hash, at);
                Some(member)
            }
            (Body::Recover(recovery), _) => {
                self.recover(hash, recovery.sheet, recovery.claim.peek(|claim| Some(claim.clone())))
            }
            (Body::Reapprove(approval), Some((by, _))) if reviews && by != approval.member => {
                let cut = approval.cuts.iter().map(|cut| cut.device).collect();
                let question = Question { generation: approval.generation, new: approval.new, cut };
                let said = self.said.entry(approval.member).or_default();
                for cut in &approval.cuts {
                    let (with, cut) = (Some(hash), cut.clone());
                    let closing = Closing { generation: approval.generation, at: None, with, cut };
                    said.closings.insert((hash, closing.cut.device), closing);
                }
                said.votes.entry(question.clone()).or_default().insert(hash, Vote { by, at });
                self.asked.insert(hash, (approval.member, question));
                self.reviewed.entry(by).or_default().insert(approval.member);
                Some(approval.member)
            }
            (Body::Object { approval }, Some((member, _))) => {
                self.said.entry(member).or_default().objections.entry(*approval).or_default().insert(at);
                Some(member)
            }
            _ => None,
        }
    }

    /// Tells whether nobody's devices were ever cut, brought back or approved anew: then everything counts.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verdicts.is_empty() && self.outside.is_empty() && !self.uneasy
    }

    /// Tells whether an entry in this place counts.
    pub(crate) fn counts(&self, at: &Tip, runs: RunsThrough<'_>) -> bool {
        if self.is_quiet() {
            return true;
        }
        let mut at = *at;
        // From link to link up to the member's first word; certificates lead to other members and end with the founder.
        for _ in 0..=self.journals.len() {
            let Some(origin) = self.journals.get(&at.journal) else { return true };
            let beyond = self.outside.contains(&at.hash);
            if beyond || origin.broken || origin.links > LINKS_MAX || !self.within(origin, &at, runs) {
                return false;
            }
            match origin.basis {
                Basis::Genesis => return true,
                Basis::Recover(ground) | Basis::Reapprove(ground) => {
                    let verdict = self.verdicts.get(&origin.member);
                    return verdict.is_some_and(|verdict| verdict.grounds.contains(&ground));
                }
                Basis::Certificate(word) | Basis::Link(word) => match self.places.get(&word) {
                    Some(place) => at = *place,
                    None => return true,
                },
            }
        }
        false
    }

    /// Gives the certificate on which the journal of an entry rests at once, if nothing else stands against the entry.
    pub(crate) fn certified_by(&self, at: &Tip, runs: RunsThrough<'_>) -> Option<EntryHash> {
        let origin = self.journals.get(&at.journal)?;
        let beyond = self.outside.contains(&at.hash) || origin.broken || !self.within(origin, at, runs);
        match origin.basis {
            Basis::Certificate(word) if !beyond => Some(word),
            _ => None,
        }
    }

    /// Tells whether a word that makes `device` the member's still does: by the generation it gives the device, no cut
    /// stands against it.
    pub(crate) fn gives(&self, member: &MemberId, device: &DeviceId, basis: &Basis, runs: RunsThrough<'_>) -> bool {
        if self.is_quiet() {
            return !matches!(basis, Basis::Reapprove(_));
        }
        let place = |word: &EntryHash| self.places.get(word);
        let verdict = self.verdicts.get(member);
        let generation = match basis {
            Basis::Genesis => 0,
            Basis::Certificate(word) if place(word).is_none_or(|at| self.counts(at, runs)) => 0,
            Basis::Link(word) if place(word).is_none_or(|at| self.counts(at, runs)) => {
                place(word).and_then(|at| self.journals.get(&at.journal)).map_or(0, |origin| origin.generation)
            }
            Basis::Recover(word) | Basis::Reapprove(word)
                if verdict.is_some_and(|verdict| verdict.grounds.contains(word)) =>
            {
                self.generation_of(member, word)
            }
            _ => return false,
        };
        verdict.and_then(|verdict| limit(&verdict.limits, device, generation)).is_none()
    }

    /// Gives the re-approvals of a member that were ever asked for and name a device or close one, newest question last.
    pub(crate) fn reapprovals(&self, member: &MemberId, runs: RunsThrough<'_>) -> Vec<Reapproval> {
        let Some(said) = self.said.get(member) else { return Vec::new() };
        let limits = self.verdicts.get(member).map(|verdict| &verdict.limits);
        let row = |question: &Question| {
            let (by, needed) = self.tally(said, question, limits.unwrap_or(&Limits::new()), runs);
            let entry = said.votes.get(question).and_then(|votes| votes.keys().next().copied())?;
            let objected = needed == REVIEWERS_AFTER_OBJECTION;
            let Question { generation, new, cut } = question.clone();
            Some(Reapproval { member: *member, entry, generation, new, cut, by, needed, objected })
        };
        said.votes.keys().filter_map(row).collect()
    }

    /// Gives the sheet with this key, with its member and whether it brings back now.
    pub(crate) fn sheet_with(&self, key: &DeviceId) -> Option<(MemberId, EntryHash, bool)> {
        let with_key = self.said.iter().find_map(|(member, said)| {
            let theirs = said.sheets.iter().find(|(_, declared)| declared.sheet.key == *key);
            theirs.map(|(hash, _)| (*member, *hash))
        });
        let (member, hash) = with_key?;
        let valid = self.verdicts.get(&member).is_some_and(|verdict| verdict.sheet == Some(hash));
        Some((member, hash, valid))
    }

    /// Gives the member's sheet that brings back now, and who has declared it.
    pub(crate) fn sheet_of(&self, member: &MemberId) -> Option<(EntryHash, Sheet)> {
        let hash = self.verdicts.get(member)?.sheet?;
        self.said.get(member)?.sheets.get(&hash).map(|declared| (hash, declared.sheet))
    }

    /// Gives how many devices a sheet was used for.
    pub(crate) fn uses(&self, sheet: &EntryHash) -> usize {
        let all = self.said.values().flat_map(|said| said.recoveries.values());
        let devices = all.filter(|carried| carried.sheet == *sheet).filter_map(|carried| carried.new);
        devices.map(|new| new.device).collect::<BTreeSet<_>>().len()
    }

    /// Gives the number that the member's next sheet has.
    pub(crate) fn next_sheet(&self, member: &MemberId) -> u32 {
        let numbers = self.said.get(member).into_iter().flat_map(|said| said.sheets.values());
        numbers.map(|declared| declared.sheet.number).max().unwrap_or(0).saturating_add(1)
    }

    /// Gives the generation that the member's next re-approval has.
    pub(crate) fn next_generation(&self, member: &MemberId) -> u32 {
        let Some(verdict) = self.verdicts.get(member) else { return 1 };
        let grounded = |id: &JournalId| self.is_grounded(id, &verdict.grounds, &verdict.disputed);
        let of_member = self.journals.iter().filter(|(_, origin)| origin.member == *member);
        let of_journals = of_member.filter(|(id, _)| grounded(id)).map(|(_, origin)| origin);
        let decided = verdict.limits.values();
        let highest = of_journals.map(|origin| origin.generation).chain(decided.flat_map(|by| by.keys().copied()));
        highest.max().unwrap_or(0).saturating_add(1)
    }

    /// Tells whether the member's device was brought by a sheet that was used for another one too.
    pub(crate) fn is_disputed(&self, member: &MemberId, device: &DeviceId) -> bool {
        let Some((said, verdict)) = self.said.get(member).zip(self.verdicts.get(member)) else { return false };
        let brings = |word: &EntryHash| {
            said.recoveries.get(word).and_then(|carried| carried.new).is_some_and(|new| new.device == *device)
        };
        verdict.disputed.iter().any(brings)
    }

    /// Gives the last entries of the member's device that the highest cut leaves; `None` when it was never cut.
    pub(crate) fn limits_of(&self, member: &MemberId, device: &DeviceId) -> Option<&BTreeSet<Tip>> {
        let verdict = self.verdicts.get(member)?;
        verdict.limits.get(device)?.last_key_value().map(|(_, tips)| tips)
    }

    /// Tells whether a re-approval seconds another reviewer's, so that its device may open a journal on it.
    pub(crate) fn seconds(&self, approval: &EntryHash, first: &EntryHash) -> bool {
        let Some((member, question)) = self.asked.get(approval) else { return false };
        let votes = self.said.get(member).and_then(|said| said.votes.get(question));
        let by = |hash: &EntryHash| votes.and_then(|votes| votes.get(hash)).map(|vote| vote.by);
        by(first).is_some_and(|first| by(approval) != Some(first))
    }

    /// Gives the entries with all votes for the question that a re-approval belongs to, ascending.
    pub(crate) fn votes_with(&self, approval: &EntryHash) -> Vec<EntryHash> {
        let Some((member, question)) = self.asked.get(approval) else { return Vec::new() };
        let votes = self.said.get(member).and_then(|said| said.votes.get(question));
        votes.into_iter().flat_map(|votes| votes.keys().copied()).collect()
    }

    /// Feeds what follows into a projection's digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        for (member, verdict) in &self.verdicts {
            let Verdict { limits, grounds, disputed, sheet } = verdict;
            hasher.update(&crate::encode(&("devices", member, limits, grounds, disputed, sheet)));
        }
    }

    fn open(&mut self, id: JournalId, device: DeviceId, open: &Open) {
        let by = |word: &EntryHash| self.places.get(word).and_then(|at| self.journals.get(&at.journal));
        let (generation, links) = match &open.basis {
            Basis::Genesis | Basis::Certificate(_) => (0, 0),
            Basis::Link(word) => by(word).map_or((0, 0), |origin| (origin.generation, origin.links.saturating_add(1))),
            Basis::Recover(word) | Basis::Reapprove(word) => (self.generation_of(&open.member, word), 0),
        };
        let origin = Origin { member: open.member, device, generation, links, basis: open.basis, broken: false };
        let before = self.journals.remove(&id);
        let known = before.as_ref().map(|before| before.basis);
        let origin = match before {
            None => origin,
            // Two certificates are as good as one, and the smaller speaks for both.
            Some(before) => match (before.basis, open.basis) {
                (Basis::Certificate(one), Basis::Certificate(other)) => {
                    Origin { basis: Basis::Certificate(one.min(other)), ..before }
                }
                (one, other) => Origin { broken: before.broken || one != other, ..before },
            },
        };
        // Another certificate speaks for it than before: what it has said may count, or count no longer.
        let speaks_anew = known.is_some_and(|basis| basis != origin.basis);
        if origin.broken || origin.links > LINKS_MAX || speaks_anew {
            self.uneasy = true;
            self.turns += 1;
        }
        self.journals.insert(id, origin);
    }

    fn recover(&mut self, hash: EntryHash, sheet: EntryHash, claim: Option<Claim>) -> Option<MemberId> {
        let (claim, at) = claim.zip(self.places.get(&sheet).copied())?;
        let member = self.journals.get(&at.journal)?.member;
        let said = self.said.entry(member).or_default();
        let declared = *said.sheets.get(&sheet)?;
        for cut in claim.cuts {
            let generation = declared.generation.saturating_add(1);
            let closing = Closing { generation, at: None, with: Some(sheet), cut };
            said.closings.insert((hash, closing.cut.device), closing);
        }
        said.recoveries.insert(hash, Carried { sheet, new: claim.new });
        Some(member)
    }

    fn generation_of(&self, member: &MemberId, ground: &EntryHash) -> u32 {
        if let Some((_, question)) = self.asked.get(ground) {
            return question.generation;
        }
        let said = self.said.get(member);
        let sheet = said.and_then(|said| said.sheets.get(&said.recoveries.get(ground)?.sheet));
        sheet.map_or(0, |declared| declared.generation.saturating_add(1))
    }

    fn within(&self, origin: &Origin, at: &Tip, runs: RunsThrough<'_>) -> bool {
        let limits = self.verdicts.get(&origin.member).map(|verdict| &verdict.limits);
        let limit = limits.and_then(|limits| limit(limits, &origin.device, origin.generation));
        limit.is_none_or(|tips| tips.iter().any(|tip| runs(tip, at)))
    }
}

/// What is left of a device's journals of one generation: what the highest generation of cuts leaves; all if there is none.
fn limit<'a>(limits: &'a Limits, device: &DeviceId, generation: u32) -> Option<&'a BTreeSet<Tip>> {
    limits.get(device)?.range(generation..).next_back().map(|(_, tips)| tips)
}
