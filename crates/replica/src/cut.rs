//! What a proven fork takes away.
//!
//! The actor's changes from the fork's seq on do not count, whichever branch they are on, nor does anything that was
//! built on them. What stays depends on nothing but the changes and the proofs, so replicas that held one branch, the
//! other, or none end with the same document. [`Forks`] says where an actor is cut, as a function of the set of proofs.
//!
//! A second device of the same member may have built on a branch. It loses those changes too, and must not go on with
//! that actor, or it would write twice at one place itself: [`Document::edit`] moves on to a new one.
//!
//! Automerge cannot forget changes, so the document is made anew from those that stay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use automerge::{Automerge, ChangeHash, ReadDoc};
use kaifong_trust::entry::ActorKey;

use crate::document::admit_trusted;
use crate::fork::{Voucher, way_down};
use crate::gate::rehearsal;
use crate::history::{Hash, History, Link};
use crate::{Document, ForkProof, ReplicaError, VerifiedFork, limits};

/// The proofs that a document keeps, and where they cut.
///
/// One proof cuts its actor at its seq. A second, at another seq, cuts it wholly: else proofs that come from the highest
/// seq down would each cost a rebuild. Of one actor the two lowest are kept. Of forked actors those with the least keys
/// are kept, and once they are as many as there may be, whatever actor has a greater key is cut wholly, forked or not.
/// So replicas that have heard of the same forks, in whatever order and with whatever forgotten, cut alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forks {
    /// By actor, then by seq.
    proofs: Vec<ForkProof>,
}

impl Forks {
    pub(crate) fn proofs(&self) -> &[ForkProof] {
        &self.proofs
    }

    /// Gives the proofs about one actor.
    pub(crate) fn of(&self, actor: &ActorKey) -> &[ForkProof] {
        let from = self.proofs.partition_point(|proof| proof.actor < *actor);
        let to = self.proofs.partition_point(|proof| proof.actor <= *actor);
        self.proofs.get(from..to).unwrap_or_default()
    }

    /// Gives the seq from which on an actor's changes do not count.
    pub(crate) fn cut_at(&self, actor: &ActorKey) -> Option<u64> {
        match self.of(actor) {
            [] => (self.are_full() && self.proofs.last().is_some_and(|last| last.actor < *actor)).then_some(1),
            [only] => Some(only.seq),
            _ => Some(1),
        }
    }

    fn are_full(&self) -> bool {
        // Most documents have none, and no document fewer proofs than forked actors.
        let actors = || self.proofs.chunk_by(|a, b| a.actor == b.actor).count();
        self.proofs.len() >= limits::DOCUMENT_FORKS_MAX && actors() >= limits::DOCUMENT_FORKS_MAX
    }

    /// Tells whether a proof would be kept and is not yet.
    pub(crate) fn lack(&self, proof: &ForkProof) -> bool {
        match self.of(&proof.actor) {
            [] => self.cut_at(&proof.actor).is_none(),
            [only] => only.seq != proof.seq,
            known => {
                known.iter().all(|known| proof.seq != known.seq) && known.iter().any(|known| proof.seq < known.seq)
            }
        }
    }

    /// Takes a proof in, and lets go those that it takes the place of. Names the actors about which the proofs differ.
    pub(crate) fn add(&mut self, proof: ForkProof) -> BTreeSet<ActorKey> {
        let mut changed = BTreeSet::new();
        if !self.lack(&proof) {
            return changed;
        }
        changed.insert(proof.actor);
        let was_full = self.are_full() && self.of(&proof.actor).is_empty();
        let at = self.proofs.partition_point(|known| (known.actor, known.seq) < (proof.actor, proof.seq));
        let actor = proof.actor;
        self.proofs.insert(at, proof);
        if let [.., third] = self.of(&actor)
            && self.of(&actor).len() > 2
        {
            let seq = third.seq;
            self.proofs.retain(|known| (known.actor, known.seq) != (actor, seq));
        }
        if was_full && let Some(last) = self.proofs.last().map(|last| last.actor) {
            self.proofs.retain(|known| known.actor != last);
            changed.insert(last);
        }
        changed
    }
}

impl Document {
    /// Takes a proven fork to heart: drops what does not count any more, and what builds on it. Does nothing if the
    /// proof says nothing new.
    ///
    /// # Errors
    /// [`ReplicaError`]; the document is then as it was.
    pub fn cut(&mut self, fork: &VerifiedFork) -> Result<(), ReplicaError> {
        let proof = fork.proof();
        if proof.document != self.member || proof.building != self.building {
            return Err(ReplicaError::OtherDocument);
        }
        if !self.forks.lack(proof) {
            return Ok(());
        }
        let mut forks = self.forks.clone();
        let changed = forks.add(proof.clone());
        let doomed = self.doomed(|_, actor, link| forks.cut_at(actor).is_some_and(|seq| link.seq >= seq));
        if !doomed.is_empty() {
            self.drop_changes(doomed.clone())?;
            self.dropped.extend(doomed);
            while self.dropped.len() > limits::DROPPED_MAX {
                self.dropped.pop_first();
            }
        }
        self.forks = forks;
        changed.into_iter().for_each(|actor| self.unsaved.fork(actor));
        Ok(())
    }

    /// Gives the changes of which this is true and everything that builds on them.
    fn doomed(&self, is: impl Fn(&Hash, &ActorKey, &Link) -> bool) -> BTreeSet<Hash> {
        let mut doomed = BTreeSet::new();
        for hash in self.history.in_order() {
            let Some(link) = self.history.link(&hash) else { continue };
            let itself = self.history.actor(link.actor).is_some_and(|actor| is(&hash, actor, link));
            if itself || link.deps.iter().any(|dep| doomed.contains(dep)) {
                doomed.insert(hash);
            }
        }
        doomed
    }

    /// Makes the document anew without these changes, on which nothing else may build.
    ///
    /// # Errors
    /// [`ReplicaError::Rebuild`]; the document is then as it was.
    pub(crate) fn drop_changes(&mut self, doomed: BTreeSet<Hash>) -> Result<(), ReplicaError> {
        let (doomed, vouchers) = self.vouched_without(doomed)?;
        let doc = self.rebuilt_without(&doomed)?;
        let history = history_of(&doc)?;
        for chain in self.history.chains().filter(|chain| chain.changes.iter().any(|hash| doomed.contains(hash))) {
            self.retired.insert(chain.actor);
            self.unsaved.actor(chain.actor);
        }
        (self.doc, self.history, self.vouchers) = (doc, history, vouchers);
        self.records = OnceLock::new();
        self.unsaved.rewrite();
        Ok(())
    }

    /// Gives what vouches for the actors once these changes are gone. Where the ways grow longer than anybody would take,
    /// the actor with the longest goes too.
    fn vouched_without(
        &self,
        mut doomed: BTreeSet<Hash>,
    ) -> Result<(BTreeSet<Hash>, BTreeMap<ActorKey, Voucher>), ReplicaError> {
        loop {
            let mut vouchers = self.vouchers.clone();
            for chain in self.history.chains() {
                let stay = chain.changes.iter().position(|hash| doomed.contains(hash)).unwrap_or(chain.changes.len());
                let Some(old) = chain.changes.last() else { continue };
                match stay.checked_sub(1).and_then(|at| chain.changes.get(at)) {
                    Some(last) if last == old => None,
                    Some(last) => {
                        let voucher = self.shortened(&chain.actor, *old, *last).ok_or(ReplicaError::Rebuild)?;
                        vouchers.insert(chain.actor, voucher)
                    }
                    None => vouchers.remove(&chain.actor),
                };
            }
            if vouchers.values().map(Voucher::size_bytes).sum::<usize>() <= limits::VOUCHERS_SIZE_BYTES_MAX {
                return Ok((doomed, vouchers));
            }
            let longest = vouchers.iter().max_by_key(|(_, voucher)| voucher.size_bytes()).map(|(actor, _)| *actor);
            doomed = self.doomed(|hash, actor, _| Some(*actor) == longest || doomed.contains(hash));
        }
    }

    fn rebuilt_without(&self, doomed: &BTreeSet<Hash>) -> Result<Automerge, ReplicaError> {
        let staying = self.history.in_order().into_iter().filter(|hash| !doomed.contains(hash));
        let changes: Option<Vec<_>> = staying.map(|hash| self.doc.get_change_by_hash(&ChangeHash(hash))).collect();
        let changes = changes.ok_or(ReplicaError::Rebuild)?;
        rehearsal::rehearse(&Automerge::new(), changes).map_err(|_| ReplicaError::Rebuild)
    }

    /// Leads an actor's voucher on from its old last change to the one that stays.
    fn shortened(&self, actor: &ActorKey, old: Hash, last: Hash) -> Option<Voucher> {
        let voucher = self.vouchers.get(actor)?;
        let mut way = way_down(old, last, |hash| self.doc.get_change_by_hash(&ChangeHash(*hash)))?;
        // The change that stays is what is vouched for, not part of the way.
        way.pop();
        Some(Voucher { head: voucher.head.clone(), way: voucher.way.iter().cloned().chain(way).collect() })
    }
}

/// Reads the history of a document anew, so that only actors with changes have a place in it.
pub(crate) fn history_of(doc: &Automerge) -> Result<History, ReplicaError> {
    let mut history = History::default();
    for change in rehearsal::caught(|| doc.get_changes(&[])).map_err(|_| ReplicaError::Rebuild)? {
        admit_trusted(&mut history, &change).map_err(|_| ReplicaError::Rebuild)?;
    }
    Ok(history)
}
