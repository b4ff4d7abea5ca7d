//! What a proven fork takes away.
//!
//! The actor's changes from the fork's seq on do not count, whichever branch they are on, nor does anything that was
//! built on them. What stays depends on nothing but the changes and the cuts, so replicas that held one branch, the
//! other, or none end with the same document; of two forks of one actor the lower seq counts.
//!
//! A second device of the same member may have built on a branch. It loses those changes too, and must not go on with
//! that actor, or it would write twice at one place itself: [`Document::edit`] moves on to a new one.
//!
//! Automerge cannot forget changes, so the document is made anew from those that stay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use automerge::{Automerge, ChangeHash, ReadDoc};
use kaifong_trust::entry::ActorKey;

use crate::fork::{Voucher, way_down};
use crate::gate::rehearsal;
use crate::history::Hash;
use crate::{Document, ReplicaError, VerifiedFork, limits};

impl Document {
    /// Takes a proven fork to heart: drops the actor's changes from the fork's seq on, and what builds on them. Does
    /// nothing if the actor is cut there or lower already.
    ///
    /// # Errors
    /// [`ReplicaError`]; the document is then as it was.
    pub fn cut(&mut self, fork: &VerifiedFork) -> Result<(), ReplicaError> {
        let proof = fork.proof();
        if proof.document != self.member || proof.building != self.building {
            return Err(ReplicaError::OtherDocument);
        }
        if self.cut_at(&proof.actor).is_some_and(|seq| seq <= proof.seq) {
            return Ok(());
        }
        let mut forks = self.forks.clone();
        forks.retain(|known| known.actor != proof.actor);
        if forks.len() >= limits::DOCUMENT_FORKS_MAX {
            return Err(ReplicaError::TooManyForks);
        }
        forks.push(proof.clone());
        forks.sort_by_key(|fork| fork.actor);
        let doomed = self.doomed_by(&proof.actor, proof.seq);
        if !doomed.is_empty() {
            self.drop_doomed(&doomed)?;
        }
        self.forks = forks;
        self.unsaved.fork(proof.actor);
        Ok(())
    }

    /// Gives the actor's changes from this seq on and everything that builds on them.
    fn doomed_by(&self, actor: &ActorKey, seq: u64) -> BTreeSet<Hash> {
        let mut doomed = BTreeSet::new();
        for hash in self.history.in_order() {
            let Some(link) = self.history.link(&hash) else { continue };
            let own = link.seq >= seq && self.history.actor(link.actor) == Some(actor);
            if own || link.deps.iter().any(|dep| doomed.contains(dep)) {
                doomed.insert(hash);
            }
        }
        doomed
    }

    fn drop_doomed(&mut self, doomed: &BTreeSet<Hash>) -> Result<(), ReplicaError> {
        let doc = self.rebuilt_without(doomed)?;
        let mut shortened = BTreeMap::new();
        let mut retired = BTreeSet::new();
        for chain in self.history.chains() {
            let mut staying = chain.changes.iter().filter(|hash| !doomed.contains(*hash));
            let (Some(old), stay) = (chain.changes.last(), staying.clone().count()) else { continue };
            if stay == chain.changes.len() {
                continue;
            }
            retired.insert(chain.actor);
            let voucher = match staying.next_back() {
                Some(last) => Some(self.shortened(&chain.actor, *old, *last).ok_or(ReplicaError::Rebuild)?),
                None => None,
            };
            shortened.insert(chain.actor, voucher);
        }
        self.doc = doc;
        self.history.drop_changes(&doomed.iter().copied().collect::<Vec<_>>());
        for (actor, voucher) in shortened {
            match voucher {
                Some(voucher) => self.vouchers.insert(actor, voucher),
                None => self.vouchers.remove(&actor),
            };
            self.unsaved.actor(actor);
        }
        self.retired.extend(retired);
        self.dropped.extend(doomed);
        while self.dropped.len() > limits::DROPPED_MAX {
            self.dropped.pop_first();
        }
        self.records = OnceLock::new();
        self.unsaved.rewrite();
        Ok(())
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
