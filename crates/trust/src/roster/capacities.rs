//! Who is known as what: a fold over reviewers' words.
//!
//! A word counts if its signer reviewed in the epoch that it names (rule M5) and lies within what cutoffs leave of them. Of
//! each reviewer's words on one capacity of one member the one with the greatest number is current; of equal numbers the one
//! that comes last in [`Opinion`]. A capacity stands while the words for it outnumber those against it by as many as it
//! takes. So one reviewer who errs is outweighed by the others, whether that reviewer still holds the role or not.

use super::*;
use crate::entry::{Capacity, Opinion, Vouch};

#[derive(Clone, Copy, Debug)]
struct Word {
    by: MemberId,
    vouch: Vouch,
    at: Tip,
}

/// All words on capacities.
#[derive(Clone, Debug, Default)]
pub(super) struct Capacities {
    words: BTreeMap<MemberId, BTreeMap<EntryHash, Word>>,
    lost: BTreeSet<EntryHash>,
}

/// What reviewers say of one capacity of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub capacity: Capacity,
    /// Who says so, and by which entry.
    pub by: BTreeMap<MemberId, EntryHash>,
    /// Who says the opposite, and by which entry.
    pub against: BTreeMap<MemberId, EntryHash>,
}

impl Standing {
    /// Gives by how many the words for it outnumber those against it.
    pub fn words(&self) -> usize {
        self.by.len().saturating_sub(self.against.len())
    }

    /// Tells whether it stands.
    pub fn stands(&self) -> bool {
        self.words() >= self.capacity.needed()
    }
}

impl Capacities {
    pub(super) fn add(&mut self, by: MemberId, vouch: Vouch, at: Tip, counts: bool) {
        self.words.entry(vouch.member).or_default().insert(at.hash, Word { by, vouch, at });
        if !counts {
            self.lost.insert(at.hash);
        }
    }

    /// Looks at every word again, after what counts has changed.
    pub(super) fn count_anew(&mut self, counts: impl Fn(&Tip) -> bool) {
        let all = self.words.values().flatten();
        self.lost = all.filter(|(_, word)| !counts(&word.at)).map(|(hash, _)| *hash).collect();
    }

    pub(super) fn digest(&self, hasher: &mut blake3::Hasher) {
        for (hash, Word { by, vouch, .. }) in self.words.values().flatten() {
            hasher.update(&crate::encode(&("vouch", hash, by, vouch, self.lost.contains(hash))));
        }
    }

    fn counted(&self, member: &MemberId) -> impl Iterator<Item = (&EntryHash, &Word)> {
        self.words.get(member).into_iter().flatten().filter(|(hash, _)| !self.lost.contains(*hash))
    }

    /// Gives each reviewer's current word on each capacity of a member, and an entry that says it.
    fn current(&self, member: &MemberId) -> BTreeMap<(Capacity, MemberId), (u32, Opinion, EntryHash)> {
        let mut current = BTreeMap::new();
        for (hash, Word { by, vouch, .. }) in self.counted(member) {
            let word = (vouch.number, vouch.opinion, *hash);
            let last = current.entry((vouch.capacity, *by)).or_insert(word);
            if (word.0, word.1) > (last.0, last.1) {
                *last = word;
            }
        }
        current
    }
}

impl Roster {
    /// Tells whether a reviewer has ever certified the member as an organisation. It never becomes untrue again, whichever
    /// certificate speaks for the member.
    pub fn was_organisation(&self, member: &MemberId) -> bool {
        self.kinds.get(member).is_some_and(|kinds| kinds.values().any(|kind| kind.is_organisation()))
    }

    /// Tells whether any certificate of the member that counts says this, whichever of them speaks for the member now; the
    /// founder is a person.
    pub fn was_certified_as(&self, member: &MemberId, kind: MemberKind) -> bool {
        let founder = *member == self.founder && kind == MemberKind::Person;
        let said = |(certificate, said): (&EntryHash, &MemberKind)| *said == kind && !self.lost.contains(certificate);
        founder || self.kinds.get(member).is_some_and(|kinds| kinds.iter().any(said))
    }

    /// Gives what reviewers say that a member is, in order of capacity; only of what somebody says now. An organisation is
    /// what its certificate says.
    pub fn capacities(&self, member: &MemberId) -> Vec<Standing> {
        if self.members.get(member).is_none_or(|known| known.kind != MemberKind::Person) {
            return Vec::new();
        }
        let current = self.vouched.current(member);
        let said = Capacity::ALL.into_iter().map(|capacity| {
            let who = |opinion| {
                let words = current.iter().filter(move |((of, _), (_, said, _))| *of == capacity && *said == opinion);
                words.map(|((_, by), (_, _, entry))| (*by, *entry)).collect()
            };
            Standing { capacity, by: who(Opinion::For), against: who(Opinion::Against) }
        });
        said.filter(|standing| !standing.by.is_empty() || !standing.against.is_empty()).collect()
    }

    /// Gives a reviewer's current word on a capacity of a member, with its number.
    pub fn vouched(&self, by: &MemberId, member: &MemberId, capacity: Capacity) -> Option<(u32, Opinion)> {
        self.vouched.current(member).get(&(capacity, *by)).map(|(number, said, _)| (*number, *said))
    }

    /// Tells whether as many reviewers as it takes have ever spoken for a capacity of a member, whatever they or others have
    /// said since: what was done in it then stays done.
    pub fn was_vouched(&self, member: &MemberId, capacity: Capacity) -> bool {
        let speaks = |vouch: &Vouch| vouch.capacity == capacity && vouch.opinion == Opinion::For;
        let by: BTreeSet<MemberId> =
            self.vouched.counted(member).filter(|(_, word)| speaks(&word.vouch)).map(|(_, word)| word.by).collect();
        self.was_certified_as(member, MemberKind::Person) && by.len() >= capacity.needed()
    }

    /// Tells whether a member holds a role in any epoch that was decided.
    pub fn ever_held(&self, member: &MemberId, role: Role) -> bool {
        self.epochs.all().any(|epoch| self.holds(epoch, member, role))
    }

    pub(super) fn vouch(&mut self, entry: &Entry, hash: EntryHash, vouch: &Vouch, runs: RunsThrough<'_>) {
        let Some(by) = self.journals.get(&entry.journal).copied() else { return };
        if by == vouch.member || !self.held(&entry.epoch, &by, Role::Reviewer) {
            return;
        }
        let at = Tip { journal: entry.journal, seq: entry.seq, hash };
        let counts = self.said.counts(&at, runs);
        self.vouched.add(by, *vouch, at, counts);
    }
}
