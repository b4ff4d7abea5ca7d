//! What follows from all that was said of a member's devices, one generation after the other.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{DeviceId, EntryHash, JournalId, MemberId};

use super::{
    Devices, LINKS_MAX, Limits, Question, REVIEWERS, REVIEWERS_AFTER_OBJECTION, RunsThrough, Said, Verdict, limit,
};
use crate::entry::{Basis, Cut, Tip};

/// A cut that is heard: by which word of the device itself its writer belongs to the member, its entry, and what it says.
type Heard<'a> = (Option<Tip>, &'a EntryHash, &'a Cut);

impl Devices {
    /// Decides a member's devices anew, and those of the members in whose re-approvals the member has a word.
    pub(super) fn judge_anew(&mut self, member: MemberId, runs: RunsThrough<'_>) {
        let mut members = vec![member];
        members.extend(self.reviewed.get(&member).into_iter().flatten());
        for member in members {
            let Some(said) = self.said.get(&member) else { continue };
            let verdict = self.judge(said, true, runs);
            let quiet = self.is_quiet();
            let before = self.verdicts.insert(member, verdict.clone()).unwrap_or_default();
            // Of a new sheet nothing follows for what was written.
            let same = (&before.limits, &before.grounds) == (&verdict.limits, &verdict.grounds);
            self.turns += u64::from(!same || quiet);
        }
    }

    /// What follows from all that was said of a member's devices, from one generation to the next.
    fn judge(&self, said: &Said, with_reviewers: bool, runs: RunsThrough<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        let of_sheets = said.sheets.values().map(|declared| declared.generation.saturating_add(1));
        let generations: BTreeSet<u32> = said
            .closings
            .values()
            .map(|closing| closing.generation)
            .chain(said.sheets.values().map(|declared| declared.generation))
            .chain(of_sheets)
            .chain(said.votes.keys().map(|question| question.generation))
            .collect();
        let mut valid = BTreeSet::new();
        for generation in generations {
            if with_reviewers {
                for question in said.votes.keys().filter(|question| question.generation == generation) {
                    let (by, needed) = self.tally(said, question, &verdict.limits, runs);
                    if by.len() >= needed {
                        verdict.grounds.extend(said.votes.get(question).into_iter().flat_map(|votes| votes.keys()));
                    }
                }
            }
            self.close(said, generation, &valid, &mut verdict, runs);
            let alone = |at: &Tip| self.stands_alone(at, generation, &verdict, runs);
            let of_now = said.sheets.iter().filter(|(_, declared)| declared.generation == generation);
            let newest = of_now.filter(|(_, declared)| alone(&declared.at));
            let Some((sheet, _)) = newest.max_by_key(|(hash, declared)| (declared.sheet.number, **hash)) else {
                continue;
            };
            valid.insert(*sheet);
            verdict.sheet = Some(*sheet);
            let used = said.recoveries.iter().filter(|(_, carried)| carried.sheet == *sheet);
            let used: Vec<_> = used.filter_map(|(hash, carried)| Some((*hash, carried.new?))).collect();
            let devices: BTreeSet<DeviceId> = used.iter().map(|(_, new)| new.device).collect();
            let into = if devices.len() > 1 { &mut verdict.disputed } else { &mut verdict.grounds };
            into.extend(used.into_iter().map(|(hash, _)| hash));
        }
        verdict
    }

    /// Lays the cuts of one generation over the devices, the elders' first.
    fn close(
        &self,
        said: &Said,
        generation: u32,
        valid: &BTreeSet<EntryHash>,
        verdict: &mut Verdict,
        runs: RunsThrough<'_>,
    ) {
        let mut line: BTreeMap<DeviceId, Vec<Heard<'_>>> = BTreeMap::new();
        for ((hash, device), closing) in said.closings.iter().filter(|(_, one)| one.generation == generation) {
            let heard = match (closing.with, closing.at) {
                (Some(ground), _) => valid.contains(&ground) || verdict.grounds.contains(&ground),
                (None, Some(at)) => self.is_grounded(&at.journal, &verdict.grounds, &verdict.disputed),
                (None, None) => false,
            };
            if heard {
                let evidence = closing.at.and_then(|at| self.evidence(at, device));
                line.entry(*device).or_default().push((evidence, hash, &closing.cut));
            }
        }
        for (device, mut cuts) in line {
            cuts.sort_by_key(|(evidence, hash, _)| (evidence.map(|at| (at.seq, at.hash)), **hash));
            let mut tips: Option<BTreeSet<Tip>> = None;
            for (evidence, _, cut) in cuts {
                let left = |at: &Tip| tips.as_ref().is_none_or(|tips| tips.iter().any(|tip| runs(tip, at)));
                if evidence.is_none_or(|at| left(&at)) {
                    tips.get_or_insert_default().extend(cut.tips.iter().copied());
                }
            }
            if let Some(tips) = tips {
                verdict.limits.entry(device).or_default().insert(generation, tips);
            }
        }
    }

    /// By which word of the device itself the writer of a cut belongs to the member: the link that leads to it, or the cut.
    fn evidence(&self, at: Tip, device: &DeviceId) -> Option<Tip> {
        let mut at = at;
        for _ in 0..=LINKS_MAX {
            let origin = self.journals.get(&at.journal)?;
            if origin.device == *device {
                return Some(at);
            }
            let Basis::Link(word) = origin.basis else { return None };
            at = *self.places.get(&word)?;
        }
        None
    }

    /// Tells whether the line of links from here leads to a ground that was ever good: a certificate, or a recovery or
    /// re-approval that stands or is disputed.
    pub(super) fn is_grounded(
        &self,
        journal: &JournalId,
        grounds: &BTreeSet<EntryHash>,
        disputed: &BTreeSet<EntryHash>,
    ) -> bool {
        let mut at = *journal;
        for _ in 0..=LINKS_MAX {
            let Some(origin) = self.journals.get(&at).filter(|origin| !origin.broken) else { return false };
            match origin.basis {
                Basis::Genesis | Basis::Certificate(_) => return true,
                Basis::Recover(word) | Basis::Reapprove(word) => {
                    return grounds.contains(&word) || disputed.contains(&word);
                }
                Basis::Link(word) => match self.places.get(&word) {
                    Some(place) => at = place.journal,
                    None => return false,
                },
            }
        }
        false
    }

    /// Tells whether an entry of this generation counts by the cuts of the generation itself.
    fn stands_alone(&self, at: &Tip, generation: u32, verdict: &Verdict, runs: RunsThrough<'_>) -> bool {
        let mut at = *at;
        for _ in 0..=LINKS_MAX {
            let Some(origin) = self.journals.get(&at.journal).filter(|origin| !origin.broken) else { return false };
            let tips = verdict.limits.get(&origin.device).and_then(|by| by.get(&generation));
            if tips.is_some_and(|tips| !tips.iter().any(|tip| runs(tip, &at))) {
                return false;
            }
            match origin.basis {
                Basis::Genesis | Basis::Certificate(_) => return true,
                Basis::Recover(word) | Basis::Reapprove(word) => return verdict.grounds.contains(&word),
                Basis::Link(word) => match self.places.get(&word) {
                    Some(place) => at = *place,
                    None => return false,
                },
            }
        }
        false
    }

    /// Who is for a re-approval, and how many are needed. A reviewer's word counts by what their own devices and sheets have
    /// said of their devices, so that no two re-approvals wait for each other.
    pub(super) fn tally(
        &self,
        said: &Said,
        question: &Question,
        limits: &Limits,
        runs: RunsThrough<'_>,
    ) -> (BTreeSet<MemberId>, usize) {
        let votes = said.votes.get(question).into_iter().flatten();
        let mut by = BTreeSet::new();
        let mut objected = false;
        for (hash, vote) in votes {
            let verdict = self.said.get(&vote.by).map(|said| self.judge(said, false, runs));
            let origin = self.journals.get(&vote.at.journal).filter(|origin| !origin.broken);
            let beyond = self.outside.contains(hash);
            let counts = !beyond
                && origin.is_some_and(|origin| match &verdict {
                    None => true,
                    Some(verdict) => limit(&verdict.limits, &origin.device, origin.generation)
                        .is_none_or(|tips| tips.iter().any(|tip| runs(tip, &vote.at))),
                });
            if counts {
                by.insert(vote.by);
            }
            // A device of an earlier beginning that is not cut may object; of a later one there is none yet.
            objected |= said.objections.get(hash).into_iter().flatten().any(|at| {
                self.journals.get(&at.journal).is_some_and(|origin| {
                    let below = |(generation, _): &(&u32, &BTreeSet<Tip>)| **generation < question.generation;
                    let tips = limits
                        .get(&origin.device)
                        .and_then(|cuts| cuts.range(origin.generation..).rfind(below).map(|(_, tips)| tips));
                    origin.generation < question.generation
                        && tips.is_none_or(|tips| tips.iter().any(|tip| runs(tip, at)))
                })
            });
        }
        (by, if objected { REVIEWERS_AFTER_OBJECTION } else { REVIEWERS })
    }
}
