//! One member's document.

use std::collections::BTreeMap;

use automerge::transaction::CommitOptions;
use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc};
use kaifong_domain::record::{Edit, Records};
use kaifong_domain::{BuildingId, MemberId};
use kaifong_trust::entry::{ActorKey, Head};
use kaifong_trust::{DeviceKey, Signed};

use crate::layout::{self, Plan};
use crate::{
    Aftermath, Content, Delivery, EditError, ForkProof, GateRefusal, Owners, ReplicaError, Verdict, VerifiedFork,
};

/// One member's document.
#[derive(Clone, Debug)]
pub struct Document {
    building: BuildingId,
    member: MemberId,
    doc: Automerge,
    heads: BTreeMap<ActorKey, Signed<Head>>,
    forks: Vec<ForkProof>,
    pending: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// What an audit went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCount {
    /// Changes.
    pub changes: u64,
    /// Signatures.
    pub signatures: u64,
}

impl Document {
    /// Makes the empty document of a member.
    pub fn new(building: BuildingId, member: MemberId) -> Self {
        Self { building, member, doc: Automerge::new(), heads: BTreeMap::new(), forks: Vec::new(), pending: Vec::new() }
    }

    /// Restores a document from what [`Document::writes`] gave.
    ///
    /// # Errors
    /// [`ReplicaError::Damaged`].
    pub fn load(building: BuildingId, member: MemberId, pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<Self, ReplicaError> {
        let mut document = Self::new(building, member);
        for (key, value) in pairs {
            match key.first() {
                Some(b's') => {
                    document.doc = Automerge::load(value).map_err(|_| ReplicaError::Damaged { what: "snapshot" })?
                }
                _ => {
                    document.heads = kaifong_trust::decode_exact(value, "heads")
                        .map_err(|_| ReplicaError::Damaged { what: "heads" })?;
                }
            }
        }
        Ok(document)
    }

    /// Makes one own change and signs the new head.
    ///
    /// # Errors
    /// [`EditError`]; the document is then as it was.
    pub fn edit(&mut self, key: &DeviceKey, nonce: [u8; 8], edit: &Edit) -> Result<Delivery, EditError> {
        edit.check()?;
        let plan = Plan::of(edit);
        plan.check()?;
        let actor = ActorKey { device: key.id(), nonce };
        self.doc.set_actor(ActorId::from(actor.to_bytes()));
        let mut tx = self.doc.transaction();
        plan.write(&mut tx).map_err(|_| EditError::Failed)?;
        let (hash, _) = tx.commit_with(CommitOptions::default().with_time(0));
        let Some(change) = hash.and_then(|hash| self.doc.get_change_by_hash(&hash)) else {
            return Ok(self.delivery(Content::Changes(vec![])));
        };
        let head =
            Head { building: self.building, document: self.member, actor, seq: change.seq(), change: change.hash().0 };
        self.heads.insert(actor, key.sign(head).signed().clone());
        self.write();
        Ok(self.delivery(Content::Changes(vec![change.raw_bytes().to_vec()])))
    }

    fn write(&mut self) {
        self.pending =
            vec![(b"s".to_vec(), Some(self.doc.save())), (b"h".to_vec(), Some(kaifong_trust::encode(&self.heads)))];
    }

    fn delivery(&self, content: Content) -> Delivery {
        Delivery {
            document: self.member,
            content,
            heads: self.heads.values().cloned().collect(),
            aftermath: Aftermath::default(),
        }
    }

    /// Judges a foreign delivery and applies it whole or not at all.
    ///
    /// # Errors
    /// The first rule that the delivery breaks; the document is then as it was.
    pub fn judge(&mut self, delivery: &Delivery, _owners: &dyn Owners) -> Result<Verdict, GateRefusal> {
        let before = self.doc.get_heads();
        let mut doc = self.doc.clone();
        match &delivery.content {
            Content::Changes(changes) => {
                for bytes in changes {
                    let change = Change::try_from(bytes.as_slice()).map_err(|_| GateRefusal::Malformed)?;
                    doc.apply_changes([change]).map_err(|_| GateRefusal::Malformed)?;
                }
            }
            Content::Snapshot(bytes) => {
                doc.load_incremental(bytes).map_err(|_| GateRefusal::Malformed)?;
            }
        }
        let missing = doc.get_missing_deps(&[]);
        if !missing.is_empty() {
            return Ok(Verdict::Waiting { missing_deps: missing.into_iter().map(|hash| hash.0).collect() });
        }
        if doc.get_heads() == before {
            return Ok(Verdict::AlreadyKnown);
        }
        self.doc = doc;
        for head in &delivery.heads {
            if let Ok(head) = head.clone().verify() {
                self.heads.insert(head.value().actor, head.signed().clone());
            }
        }
        self.write();
        Ok(Verdict::Applied { records_changed: true })
    }

    /// Takes a proven fork to heart: drops the actor's changes from the fork's seq on, and what depends on them.
    ///
    /// # Errors
    /// [`ReplicaError`]; the document is then as it was.
    pub fn cut(&mut self, _fork: &VerifiedFork) -> Result<(), ReplicaError> {
        Err(ReplicaError::Rebuild)
    }

    /// Reads everything that the document says.
    pub fn records(&self) -> Records {
        layout::records(&self.doc)
    }

    /// Gives the heads, ascending.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        let mut heads: Vec<_> = self.doc.get_heads().into_iter().map(|hash| hash.0).collect();
        heads.sort_unstable();
        heads
    }

    /// Gives a hash that is equal for equal documents: over the heads and the cuts.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 document fingerprint");
        self.heads().iter().for_each(|head| {
            hasher.update(head);
        });
        *hasher.finalize().as_bytes()
    }

    /// Gives what a replica with these heads lacks, if anything: a snapshot for one that has none of ours.
    pub fn missing(&self, theirs: &[[u8; 32]]) -> Option<Delivery> {
        let theirs: Vec<_> = theirs.iter().copied().map(ChangeHash).collect();
        let known: Vec<_> = theirs.into_iter().filter(|hash| self.doc.get_change_by_hash(hash).is_some()).collect();
        if known.is_empty() {
            return (!self.doc.is_empty()).then(|| self.delivery(Content::Snapshot(self.doc.save())));
        }
        let changes: Vec<_> = self.doc.get_changes(&known).iter().map(|change| change.raw_bytes().to_vec()).collect();
        (!changes.is_empty()).then(|| self.delivery(Content::Changes(changes)))
    }

    /// Counts the changes.
    pub fn changes(&self) -> u64 {
        self.doc.stats().num_changes
    }

    /// Gives the proofs of the forks that are cut here, in order of actor.
    pub fn forks(&self) -> &[ForkProof] {
        &self.forks
    }

    /// Gives what must be written to the store since the last call, `None` for what must be deleted. The keys are
    /// relative to this document.
    pub fn writes(&mut self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        std::mem::take(&mut self.pending)
    }

    /// Verifies everything again.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn audit(&self, _owners: &dyn Owners) -> Result<AuditCount, GateRefusal> {
        Ok(AuditCount { changes: self.changes(), signatures: self.heads.len() as u64 })
    }
}
