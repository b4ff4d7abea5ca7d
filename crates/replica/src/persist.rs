//! What a document keeps in the store: a snapshot, the changes since, and one small value for each actor.
//!
//! Keys, relative to the document: `v` the format and a digest of the small values, `s` the snapshot, `c` and eight
//! bytes a change since, `h` and the actor its last change and what vouches for it, `f` and the actor the proofs of its
//! forks, `r` and the actor that it is retired.
//!
//! Automerge's hashes cover the changes, the digest covers the rest. Without it a lost `r` would let this device write
//! twice at one place, and a lost `f` would bring back what was cut.

use std::collections::BTreeSet;

use automerge::{Automerge, Change};
use kaifong_domain::{BuildingId, MemberId};
use kaifong_trust::entry::ActorKey;
use kaifong_trust::{decode_exact, encode};

use crate::document::admit_trusted;
use crate::gate::rehearsal::{self, caught};
use crate::history::Hash;
use crate::{Document, ForkProof, ReplicaError};

/// The format of the pairs.
const FORMAT: u8 = 2;
/// How many changes stand beside a snapshot before a new one is made.
const CHANGES_BESIDE_SNAPSHOT_MAX: u64 = 64;

/// One pair for the store: the key, and the value or `None` to delete it.
type Write = (Vec<u8>, Option<Vec<u8>>);

/// What differs from the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsaved {
    /// How many changes stand beside the snapshot in the store.
    beside: u64,
    changes: Vec<Vec<u8>>,
    /// Whether the snapshot must be made anew.
    rewrite: bool,
    /// The snapshot, if it is at hand.
    snapshot: Option<Vec<u8>>,
    actors: BTreeSet<ActorKey>,
    forks: BTreeSet<ActorKey>,
}

impl Unsaved {
    pub(crate) fn change(&mut self, bytes: Vec<u8>) {
        self.changes.push(bytes);
        self.snapshot = None;
    }

    pub(crate) fn rewrite(&mut self) {
        self.rewrite = true;
        self.snapshot = None;
    }

    /// Notes that these bytes are the whole document.
    pub(crate) fn snapshot(&mut self, bytes: Vec<u8>) {
        self.rewrite = true;
        self.changes.clear();
        self.snapshot = Some(bytes);
    }

    pub(crate) fn actor(&mut self, actor: ActorKey) {
        self.actors.insert(actor);
    }

    pub(crate) fn fork(&mut self, actor: ActorKey) {
        self.forks.insert(actor);
    }

    fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.rewrite && self.actors.is_empty() && self.forks.is_empty()
    }
}

impl Document {
    /// Gives what must be written to the store since the last call, `None` for what must be deleted. The keys are
    /// relative to this document. Changes are appended, and now and then packed into a snapshot.
    pub fn writes(&mut self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let unsaved = std::mem::take(&mut self.unsaved);
        self.unsaved.beside = unsaved.beside;
        if unsaved.is_empty() {
            return Vec::new();
        }
        let mut writes: Vec<Write> = vec![(vec![b'v'], Some(self.format()))];
        let beside = unsaved.beside + unsaved.changes.len() as u64;
        if unsaved.rewrite || beside > CHANGES_BESIDE_SNAPSHOT_MAX {
            let snapshot = unsaved.snapshot.unwrap_or_else(|| self.doc.save());
            writes.push((vec![b's'], (!self.history.is_empty()).then_some(snapshot)));
            writes.extend((0..unsaved.beside).map(|number| (change_key(number), None)));
            self.unsaved.beside = 0;
        } else {
            let numbers = unsaved.beside..;
            writes.extend(numbers.zip(unsaved.changes).map(|(number, change)| (change_key(number), Some(change))));
            self.unsaved.beside = beside;
        }
        for actor in unsaved.actors {
            let last = self.history.chain(&actor).and_then(|chain| chain.changes.last());
            let vouched = last.zip(self.vouchers.get(&actor));
            writes.push((actor_key(b'h', &actor), vouched.map(|vouched| encode(&vouched))));
            if self.retired.contains(&actor) {
                writes.push((actor_key(b'r', &actor), Some(Vec::new())));
            }
        }
        for actor in unsaved.forks {
            let proofs = self.forks.of(&actor);
            writes.push((actor_key(b'f', &actor), (!proofs.is_empty()).then(|| encode(&proofs))));
        }
        writes
    }

    /// Gives the format with the digest of what Automerge's hashes do not cover.
    fn format(&self) -> Vec<u8> {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 stored document");
        hasher.update(&encode(&(self.retired.iter().map(ActorKey::to_bytes).collect::<Vec<_>>(), self.forks())));
        for (actor, voucher) in &self.vouchers {
            hasher.update(&actor.to_bytes()).update(&encode(voucher));
        }
        [&[FORMAT], hasher.finalize().as_bytes().as_slice()].concat()
    }

    /// Restores a document from what [`Document::writes`] gave, in any order. The store is the device's own, so
    /// signatures are not verified again; but it may be damaged, so every change passes steps 1 and 2 of the gate.
    ///
    /// # Errors
    /// [`ReplicaError::Damaged`].
    pub fn load(building: BuildingId, member: MemberId, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<Self, ReplicaError> {
        let mut document = Self::new(building, member);
        let mut changes = Vec::new();
        let mut lasts: Vec<Hash> = Vec::new();
        let mut format: Option<&[u8]> = None;
        for (key, value) in pairs {
            match key.split_first() {
                Some((b'v', [])) => format = Some(value),
                Some((b's', [])) => {
                    let loaded = caught(|| Automerge::load(value)).map_err(|_| damaged("snapshot"))?;
                    document.doc = loaded.map_err(|_| damaged("snapshot"))?;
                }
                Some((b'c', number)) => {
                    let number = u64::from_be_bytes(number.try_into().map_err(|_| damaged("key"))?);
                    // A greater number was never written, and the next snapshot would delete up to it.
                    if number >= CHANGES_BESIDE_SNAPSHOT_MAX {
                        return Err(damaged("key"));
                    }
                    changes.push((number, value));
                }
                Some((b'h', actor)) => {
                    let (last, voucher) = decode_exact(value, "voucher").map_err(|_| damaged("head"))?;
                    document.vouchers.insert(actor_of(actor)?, voucher);
                    lasts.push(last);
                }
                Some((b'f', actor)) => {
                    let actor = actor_of(actor)?;
                    let proofs: Vec<ForkProof> = decode_exact(value, "fork proofs").map_err(|_| damaged("fork"))?;
                    for proof in proofs {
                        if proof.actor != actor || proof.document != member || proof.building != building {
                            return Err(damaged("fork"));
                        }
                        document.forks.add(proof);
                    }
                }
                Some((b'r', actor)) => {
                    document.retired.insert(actor_of(actor)?);
                }
                _ => return Err(damaged("key")),
            }
        }
        changes.sort_unstable();
        document.unsaved.beside = changes.last().map_or(0, |(number, _)| number.saturating_add(1));
        document.restore(&changes)?;
        // A pair that got lost must not pass for an older state: this device would write twice at one place.
        let mut found: Vec<_> = document.history.chains().filter_map(|chain| chain.changes.last().copied()).collect();
        lasts.sort_unstable();
        found.sort_unstable();
        if lasts != found {
            return Err(damaged("heads"));
        }
        if pairs.is_empty() || format == Some(&document.format()) { Ok(document) } else { Err(damaged("format")) }
    }

    /// Applies the changes beside the snapshot and rebuilds the history.
    fn restore(&mut self, changes: &[(u64, &Vec<u8>)]) -> Result<(), ReplicaError> {
        let all = caught(|| {
            let beside: Result<Vec<_>, _> =
                changes.iter().map(|(_, bytes)| Change::try_from(bytes.as_slice())).collect();
            self.doc.apply_changes(beside.map_err(|_| damaged("change"))?).map_err(|_| damaged("change"))?;
            Ok(self.doc.get_changes(&[]))
        })
        .map_err(|_| damaged("change"))?;
        for change in all? {
            admit_trusted(&mut self.history, &change).map_err(|_| damaged("change"))?;
        }
        let heads = rehearsal::heads(&self.doc);
        if !heads.iter().all(|head| self.history.contains(head)) {
            return Err(damaged("heads"));
        }
        let vouched = self.history.chains().map(|chain| &chain.actor);
        if vouched.eq(self.vouchers.keys()) { Ok(()) } else { Err(damaged("heads")) }
    }
}

fn damaged(what: &'static str) -> ReplicaError {
    ReplicaError::Damaged { what }
}

fn change_key(number: u64) -> Vec<u8> {
    [b"c", number.to_be_bytes().as_slice()].concat()
}

fn actor_key(prefix: u8, actor: &ActorKey) -> Vec<u8> {
    [&[prefix], actor.to_bytes().as_slice()].concat()
}

fn actor_of(bytes: &[u8]) -> Result<ActorKey, ReplicaError> {
    ActorKey::from_bytes(bytes).ok_or(damaged("key"))
}
