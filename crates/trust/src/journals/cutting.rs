//! What a cut leaves: of a device that is closed (rule M6), and of a reviewer who reviews no longer (rule M4).

use std::collections::BTreeSet;

use kaifong_domain::{DeviceId, EntryHash, Instant, JournalId, MemberId};

use super::{Journal, Journals, runs_through};
use crate::entry::{Body, Cutoff, TIPS_MAX, Tip};

/// How many ends of what a reviewer has signed are looked at: who forks a journal more often loses what lies there.
const ENDS_MAX: usize = 4 * TIPS_MAX;

impl Journals {
    /// Gives the last entries of all journals of a member's device: what a cut names that leaves out nothing known here. Of
    /// a forked journal it is the last of the longest branch.
    pub fn tips_of(&self, member: &MemberId, device: &DeviceId) -> Vec<Tip> {
        let theirs = self.journals.values().filter(|journal| journal.member == *member && journal.device == *device);
        let last = |journal: &Journal| {
            let (seq, hash) = *journal.by_seq.last()?;
            Some(Tip { journal: journal.id, seq, hash })
        };
        theirs.filter_map(last).take(TIPS_MAX).collect()
    }

    /// Gives the same without the words by which the device has said that its member is gone: they have moved out, or have
    /// erased what they said. Who closes a device that was lost says that these were not theirs; all that the device has
    /// signed after them goes with them.
    pub fn tips_before_going(&self, member: &MemberId, device: &DeviceId, now: Instant) -> Vec<Tip> {
        let theirs = |at: &Tip| {
            let journal = self.journals.get(&at.journal);
            journal.is_some_and(|journal| journal.member == *member && journal.device == *device)
        };
        let counts = |at: &Tip| self.roster.devices_said().counts(at, &|tip, at| self.runs(tip, at));
        let words = self.roster.life().gone_by(member, &theirs, &counts, now);
        let mut tips = self.tips_of(member, device);
        for tip in &mut tips {
            let first = words.iter().filter(|word| self.runs(tip, word)).min_by_key(|word| word.seq);
            let before = first.and_then(|word| Some((word.seq.checked_sub(1)?, self.entry(&word.hash)?.value().prev)));
            if let Some((seq, hash)) = before {
                *tip = Tip { seq, hash, ..*tip };
            }
        }
        tips
    }

    /// Gives the last entry of a journal that its member answers for, where its device is theirs no longer: of a closed device
    /// what the cut leaves of this journal, of one whose certificate fell all of it. `None` while it counts as it stands, where
    /// nothing is left, and where it ends in several branches: which of them is theirs cannot be told.
    pub fn left_of(&self, id: &JournalId) -> Option<Tip> {
        let journal = self.journals.get(id)?;
        if self.is_kept(journal) {
            return None;
        }
        let all = || journal.tips.iter().filter_map(|hash| self.entry(hash));
        let all = || all().map(|entry| Tip { journal: *id, seq: entry.value().seq, hash: EntryHash(entry.hash()) });
        let ends: Vec<Tip> = match self.roster.limits_of(&journal.member, &journal.device) {
            Some(limits) => limits.iter().filter(|tip| tip.journal == *id).copied().collect(),
            None => all().collect(),
        };
        let last = ends.iter().max_by_key(|tip| (tip.seq, tip.hash))?;
        ends.iter().all(|end| self.runs(last, end)).then_some(*last)
    }

    /// Tells whether a journal's device is its member's today, and all that stands in it counts.
    pub fn is_kept(&self, journal: &Journal) -> bool {
        let theirs = self.roster.settled(&journal.device).is_some_and(|device| device.member == journal.member);
        theirs && journal.tips.iter().all(|tip| self.counts(tip))
    }

    /// Gives the cutoff that leaves a member all that is known here of what they have signed as a reviewer, on whichever
    /// branches; of more ends than an entry has room for, those up to which they have signed most.
    pub fn cutoff_of(&self, member: &MemberId, tips_max: usize) -> Cutoff {
        let mut signed: Vec<Tip> = self.roster.reviews_of(member).collect();
        signed.sort_unstable_by_key(|at| (at.journal, std::cmp::Reverse(at.seq), at.hash));
        let all: BTreeSet<EntryHash> = signed.iter().map(|at| at.hash).collect();
        let mut passed: BTreeSet<EntryHash> = BTreeSet::new();
        let mut ends: Vec<(Tip, usize)> = Vec::new();
        for at in signed {
            if ends.len() < ENDS_MAX && !passed.contains(&at.hash) {
                // One walk back from each end passes all that lies before it.
                let way = self.branch(&at.hash).map(|entry| EntryHash(entry.hash())).filter(|hash| all.contains(hash));
                let before: Vec<EntryHash> = way.collect();
                ends.push((at, before.len()));
                passed.extend(before);
            }
        }
        ends.sort_by_key(|(end, count)| (std::cmp::Reverse(*count), *end));
        let mut tips: Vec<Tip> = ends.into_iter().take(tips_max.min(TIPS_MAX)).map(|(end, _)| end).collect();
        tips.sort_unstable();
        Cutoff { member: *member, tips }
    }

    /// Tells whether a draft would cut off something that somebody has signed as a reviewer and a witness had stamped before
    /// the draft came here (rule M4): no honest device signs that. What was stamped later holds nobody up: a cutoff can be
    /// raised.
    pub fn cuts_below_a_stamp(&self, draft: &EntryHash) -> bool {
        let Some(place) = self.entries.get(draft).map(|held| held.place) else { return false };
        self.roster.cutoffs_of(draft).iter().any(|cutoff| {
            let left = |at: &Tip| cutoff.tips.iter().any(|tip| self.runs(tip, at));
            let lost: Vec<Tip> = self.roster.reviews_of(&cutoff.member).filter(|at| !left(at)).collect();
            let before = self.entries.values().filter(|held| !lost.is_empty() && held.place < place);
            let stamps = before.filter_map(|held| match &held.entry.value().body {
                Body::Stamp(stamp) => {
                    let epoch = self.roster.epoch_at(&held.entry.value().epoch)?;
                    epoch.witnesses.contains(&held.entry.signer()).then_some(stamp)
                }
                _ => None,
            });
            stamps.into_iter().any(|stamp| {
                let stamped = Tip { journal: stamp.journal, seq: stamp.seq, hash: stamp.hash };
                lost.iter().any(|at| self.runs(&stamped, at))
            })
        })
    }

    fn runs(&self, tip: &Tip, at: &Tip) -> bool {
        runs_through(&self.journals, &self.entries, tip, at)
    }
}
