//! One member's document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use automerge::transaction::CommitOptions;
use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc};
use kaifong_domain::record::{Edit, Records};
use kaifong_domain::{BuildingId, MemberId};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::{ActorKey, Head};

use crate::cut::Forks;
use crate::fork::Voucher;
use crate::gate::structure::{Incoming, check_device, check_staff, read_change};
use crate::gate::{operations, rehearsal, snapshot};
use crate::history::{Hash, History};
use crate::layout::{self, Plan};
use crate::persist::Unsaved;
use crate::{Aftermath, Content, Delivery, EditError, ForkProof, GateRefusal, Owners, limits};

/// One member's document: an Automerge document, what its gate knows of it, and who vouches for it.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) building: BuildingId,
    pub(crate) member: MemberId,
    pub(crate) doc: Automerge,
    pub(crate) history: History,
    /// For every actor with changes, what vouches for the last of them.
    pub(crate) vouchers: BTreeMap<ActorKey, Voucher>,
    pub(crate) forks: Forks,
    /// Actors that lost changes to somebody's cut. Whoever went on with one would fork it.
    pub(crate) retired: BTreeSet<ActorKey>,
    /// What cuts have dropped, bounded. It only turns a waiting answer into a refusal, so it need not be stored.
    pub(crate) dropped: BTreeSet<Hash>,
    pub(crate) unsaved: Unsaved,
    pub(crate) records: OnceLock<Records>,
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
        Self {
            building,
            member,
            doc: Automerge::new(),
            history: History::default(),
            vouchers: BTreeMap::new(),
            forks: Forks::default(),
            retired: BTreeSet::new(),
            dropped: BTreeSet::new(),
            unsaved: Unsaved::default(),
            records: OnceLock::new(),
        }
    }

    /// Makes one own change and signs the new head. The delivery has no changes if everything stood there already.
    ///
    /// The change is made on a copy and put through the steps of the gate that a neighbour will put it through.
    ///
    /// # Errors
    /// [`EditError`]; the document is then as it was.
    pub fn edit(&mut self, key: &DeviceKey, nonce: [u8; 8], edit: &Edit) -> Result<Delivery, EditError> {
        edit.check()?;
        let plan = Plan::of(edit);
        plan.check()?;
        let actor = self.open_actor(ActorKey { device: key.id(), nonce }).ok_or(EditError::Full)?;
        let is_new = self.history.chain(&actor).is_none_or(|chain| chain.changes.is_empty());
        let no_place = is_new && self.history.actors() >= limits::DOCUMENT_ACTORS_MAX * 9 / 10;
        if no_place || self.history.totals().are_nearly_full() {
            return Err(EditError::Full);
        }
        let made = rehearsal::caught(|| write(&self.doc, &actor, plan)).map_err(|_| EditError::Failed)?;
        let renewed = self.renew_heads(key);
        let Some((doc, change)) = made.ok_or(EditError::Failed)? else {
            return Ok(self.delivery(Vec::new(), &renewed));
        };
        let hash = self.admit_own(&change)?;
        let head = Head { building: self.building, document: self.member, actor, seq: change.seq(), change: hash };
        let voucher = Voucher { head: key.sign(head).signed().clone(), way: Vec::new() };
        self.doc = doc;
        self.unsaved.change(change.raw_bytes().to_vec());
        self.unsaved.actor(actor);
        self.vouchers.insert(actor, voucher);
        self.records = OnceLock::new();
        let mut actors = renewed;
        actors.insert(actor);
        Ok(self.delivery(vec![change.raw_bytes().to_vec()], &actors))
    }

    /// Finds the actor to write with: the given one, or the next in a chain of hashes if a cut has closed it. None if
    /// there were so many forks that all are closed.
    fn open_actor(&self, mut actor: ActorKey) -> Option<ActorKey> {
        // Each closed one is retired, or forked, or greater than the greatest that is.
        for _ in 0..=self.retired.len() + self.forks.proofs().len() {
            if !self.retired.contains(&actor) && self.forks.cut_at(&actor).is_none() {
                return Some(actor);
            }
            let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 actor after a cut");
            hasher.update(&self.member.0).update(&actor.to_bytes());
            hasher.finalize_xof().fill(&mut actor.nonce);
        }
        None
    }

    /// Signs what is left of this device's own actors after a cut, so that neighbours need no way down any more.
    fn renew_heads(&mut self, key: &DeviceKey) -> BTreeSet<ActorKey> {
        let mut renewed = BTreeSet::new();
        for (actor, voucher) in &mut self.vouchers {
            if actor.device != key.id() || voucher.way.is_empty() {
                continue;
            }
            let Some(chain) = self.history.chain(actor) else { continue };
            let Some(last) = chain.changes.last() else { continue };
            let seq = chain.changes.len() as u64;
            let head = Head { building: self.building, document: self.member, actor: *actor, seq, change: *last };
            *voucher = Voucher { head: key.sign(head).signed().clone(), way: Vec::new() };
            self.unsaved.actor(*actor);
            renewed.insert(*actor);
        }
        renewed
    }

    /// Puts an own change through steps 1 and 2.
    fn admit_own(&mut self, change: &Change) -> Result<Hash, EditError> {
        let mark = self.history.mark();
        let hash = change.hash().0;
        match read_change(change.raw_bytes()).and_then(|change| admit_trusted(&mut self.history, &change)) {
            Ok(()) => Ok(hash),
            // Another device of the member left more side by side than one change can replace.
            Err(GateRefusal::RunTooLong | GateRefusal::TooLarge { .. } | GateRefusal::DocumentFull) => {
                self.history.rewind(mark, &[hash]);
                Err(EditError::Full)
            }
            Err(refusal) => {
                debug_assert!(false, "an own change does not pass the gate: {refusal}");
                self.history.rewind(mark, &[hash]);
                Err(EditError::Failed)
            }
        }
    }

    /// Reads everything that the document says. A pure function of the changes in it, in whatever order they came.
    pub fn records(&self) -> Records {
        self.records.get_or_init(|| layout::records(&self.doc)).clone()
    }

    /// Gives the heads, ascending.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        rehearsal::heads(&self.doc).into_iter().collect()
    }

    /// Gives a hash that is equal for equal documents: over the heads and the cuts.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 document fingerprint");
        hasher.update(&self.building.0).update(&self.member.0);
        let heads = self.heads();
        hasher.update(&(heads.len() as u64).to_le_bytes());
        for head in heads {
            hasher.update(&head);
        }
        for fork in self.forks() {
            hasher.update(&fork.id());
        }
        *hasher.finalize().as_bytes()
    }

    /// Gives what a replica with these heads lacks, if anything; heads that are not known here say nothing. One that
    /// has nothing of ours gets a snapshot.
    pub fn missing(&self, theirs: &[[u8; 32]]) -> Option<Delivery> {
        let known: Vec<_> = theirs.iter().filter(|hash| self.history.contains(hash)).copied().map(ChangeHash).collect();
        if self.history.is_empty() {
            return (!self.forks().is_empty()).then(|| self.delivery(Vec::new(), &BTreeSet::new()));
        }
        let all = || self.vouchers.keys().copied().collect::<BTreeSet<_>>();
        let snapshot = known.is_empty().then(|| self.doc.save());
        if let Some(snapshot) = snapshot.filter(|bytes| bytes.len() <= limits::SNAPSHOT_SIZE_BYTES_MAX) {
            let mut delivery = self.delivery(Vec::new(), &all());
            delivery.content = Content::Snapshot(snapshot);
            return Some(delivery);
        }
        let changes = self.doc.get_changes(&known);
        let actors = changes.iter().filter_map(|change| ActorKey::from_bytes(change.actor_id().to_bytes())).collect();
        let bytes: Vec<_> = changes.iter().map(|change| change.raw_bytes().to_vec()).collect();
        (!bytes.is_empty()).then(|| self.delivery(bytes, &actors))
    }

    /// Packs changes with what vouches for their actors.
    fn delivery(&self, changes: Vec<Vec<u8>>, actors: &BTreeSet<ActorKey>) -> Delivery {
        let mut heads = Vec::new();
        let mut aftermath = Aftermath::default();
        // Proofs travel by themselves too, so a delivery carries them only as far as they leave room for the rest.
        let mut room_bytes = limits::DELIVERY_PROOFS_SIZE_BYTES_MAX;
        for proof in self.forks() {
            if let Some(left) = room_bytes.checked_sub(proof.size_bytes()) {
                room_bytes = left;
                aftermath.forks.push(proof.clone());
            }
        }
        for voucher in actors.iter().filter_map(|actor| self.vouchers.get(actor)) {
            if voucher.way.is_empty() {
                heads.push(voucher.head.clone());
            } else {
                aftermath.vouchers.push(voucher.clone());
            }
        }
        Delivery { document: self.member, content: Content::Changes(changes), heads, aftermath }
    }

    /// Tells whether a change is here, newest or not, or was dropped here by a cut: then it is not wanted again either.
    pub fn knows(&self, change: &[u8; 32]) -> bool {
        self.history.contains(change) || self.dropped.contains(change)
    }

    /// Names the member whose document it is.
    pub fn member(&self) -> MemberId {
        self.member
    }

    /// Counts the changes.
    pub fn changes(&self) -> u64 {
        self.history.len() as u64
    }

    /// Tells whether a proof, verified or not, would say anything new here.
    pub fn lacks(&self, proof: &ForkProof) -> bool {
        self.forks.lack(proof)
    }

    /// Gives the proofs of the forks that are cut here, in order of actor; of one actor at most two.
    pub fn forks(&self) -> &[ForkProof] {
        self.forks.proofs()
    }

    /// Verifies everything again, as if it came from outside: every change, every signature, every proof.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn audit(&self, owners: &dyn Owners) -> Result<AuditCount, GateRefusal> {
        let mut history = History::default();
        for incoming in self.reread(&mut history)? {
            check_device(&incoming.actor, &self.member, owners)?;
            check_staff(&incoming, &self.member, owners)?;
            admit_incoming(&mut history, &incoming)?;
        }
        if !history.displaced().is_empty() {
            return Err(GateRefusal::DocumentFull);
        }
        let mut signatures = 0;
        for chain in history.chains() {
            let voucher = self.vouchers.get(&chain.actor).ok_or(GateRefusal::Unvouched)?;
            let last = chain.changes.last().ok_or(GateRefusal::Unvouched)?;
            let newest = (chain.changes.len() as u64, last);
            voucher.verify(&self.building, &self.member, &chain.actor, newest)?;
            signatures += 1;
        }
        for fork in self.forks() {
            fork.verify(&self.building, owners)?;
            signatures += 2;
        }
        Ok(AuditCount { changes: history.len() as u64, signatures })
    }

    /// Reads everything in it again, as a newcomer would get it.
    fn reread(&self, history: &mut History) -> Result<Vec<Incoming>, GateRefusal> {
        if self.history.is_empty() {
            return Ok(Vec::new());
        }
        let saved = rehearsal::caught(|| self.doc.save())?;
        if saved.len() <= limits::SNAPSHOT_SIZE_BYTES_MAX {
            return Ok(snapshot::read(&saved, history)?.incoming);
        }
        let changes = rehearsal::caught(|| self.doc.get_changes(&[]))?;
        changes.iter().map(|change| Incoming::of(&read_change(change.raw_bytes())?, history)).collect()
    }
}

/// Makes a change on a copy; the inner `None` if nothing differs.
fn write(doc: &Automerge, actor: &ActorKey, plan: Plan) -> Option<Option<(Automerge, Change)>> {
    let mut doc = doc.clone();
    doc.set_actor(ActorId::from(actor.to_bytes()));
    let mut transaction = doc.transaction();
    plan.write(&mut transaction).ok()?;
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
    let Some(hash) = hash else { return Some(None) };
    let change = doc.get_change_by_hash(&hash)?;
    Some(Some((doc, change)))
}

/// Puts a change that needs no voucher through steps 1 and 2 and into the history.
pub(crate) fn admit_trusted(history: &mut History, change: &Change) -> Result<(), GateRefusal> {
    let incoming = Incoming::of(change, history)?;
    admit_incoming(history, &incoming)
}

fn admit_incoming(history: &mut History, incoming: &Incoming) -> Result<(), GateRefusal> {
    let (link, clock) = incoming.link(history)?;
    history.push(incoming.hash, link, clock);
    let link = history.link(&incoming.hash).ok_or(GateRefusal::OutOfOrder)?;
    let slots = operations::check(incoming, link, history)?;
    history.place(&incoming.hash, slots);
    Ok(())
}
