//! The way through the gate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use automerge::{Automerge, Change, ChangeHash, ReadDoc};
use kaifong_trust::entry::ActorKey;

use super::structure::{Incoming, check_device, check_staff, read_change};
use super::{GateRefusal, Verdict, operations, rehearsal, snapshot, vouching};
use crate::fork::{Voucher, way_down};
use crate::history::Hash;
use crate::{Content, Delivery, Document, ForkProof, Owners, VerifiedFork, cut, layout, limits};

/// Where the changes of a delivery can be had.
enum Source {
    Changes(BTreeMap<Hash, Change>),
    Snapshot(Box<Automerge>),
}

impl Source {
    fn change(&self, hash: &Hash) -> Option<Change> {
        match self {
            Self::Changes(changes) => changes.get(hash).cloned(),
            Self::Snapshot(doc) => doc.get_change_by_hash(&ChangeHash(*hash)),
        }
    }
}

/// Why a delivery goes no further.
enum Stop {
    Refused(GateRefusal),
    Known,
    Waiting(Vec<Hash>),
    /// With it the document has changes that do not stand: these, among new and old ones.
    Full(BTreeSet<Hash>),
    /// Two changes at one place of an actor.
    Fork {
        actor: ActorKey,
        seq: u64,
        ends: [Hash; 2],
    },
}

impl From<GateRefusal> for Stop {
    fn from(refusal: GateRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A delivery whose changes are in the history already, and not yet in the document.
struct Admitted {
    new: Vec<Incoming>,
    vouchers: BTreeMap<ActorKey, Voucher>,
    /// Whether the delivery's snapshot holds nothing else.
    whole: bool,
}

impl Document {
    /// Judges a foreign delivery and applies it whole or not at all.
    ///
    /// # Errors
    /// The first rule that the delivery breaks; the document is then as it was.
    pub fn judge(&mut self, delivery: &Delivery, owners: &dyn Owners) -> Result<Verdict, GateRefusal> {
        if delivery.document != self.member {
            return Err(GateRefusal::OtherDocument);
        }
        vouching::bound(delivery)?;
        let forks = self.new_forks(&delivery.aftermath.forks, owners)?;
        if forks.is_empty() {
            return self.judge_content(delivery, owners, &BTreeSet::new());
        }
        // Cuts and content stand or fall together, so both are tried on a copy. This is rare.
        let mut next = self.clone();
        for fork in &forks {
            next.cut(fork).map_err(|_| GateRefusal::Rehearsal)?;
        }
        let verdict = match next.judge_content(delivery, owners, &BTreeSet::new()) {
            Ok(Verdict::Waiting { missing_deps }) => return Ok(Verdict::Waiting { missing_deps }),
            // Nothing is left of the content; what the proofs say is new.
            Ok(Verdict::AlreadyKnown) | Err(GateRefusal::Cut) => {
                Verdict::Applied { records_changed: next.records() != self.records() }
            }
            other => other?,
        };
        *self = next;
        Ok(verdict)
    }

    /// Decodes bytes and judges the delivery in them; for fuzzing and for files.
    ///
    /// # Errors
    /// The first rule that the bytes break; the document is then as it was.
    pub fn judge_bytes(&mut self, bytes: &[u8], owners: &dyn Owners) -> Result<Verdict, GateRefusal> {
        let delivery = kaifong_trust::decode_exact(bytes, "delivery").map_err(|_| GateRefusal::Malformed)?;
        self.judge(&delivery, owners)
    }

    /// Verifies those proofs that cut more than what is cut already.
    fn new_forks(&self, proofs: &[ForkProof], owners: &dyn Owners) -> Result<Vec<VerifiedFork>, GateRefusal> {
        let mut forks = Vec::new();
        for proof in proofs {
            if proof.document != self.member {
                return Err(GateRefusal::OtherDocument);
            }
            if self.forks.lack(proof) {
                forks.push(proof.verify(&self.building, owners)?);
            }
        }
        Ok(forks)
    }

    /// Judges the content without those of its changes that were found not to stand.
    fn judge_content(
        &mut self,
        delivery: &Delivery,
        owners: &dyn Owners,
        displaced: &BTreeSet<Hash>,
    ) -> Result<Verdict, GateRefusal> {
        let mark = self.history.mark();
        let mut pushed = Vec::new();
        let (incoming, source) = match self.unpack(&delivery.content) {
            Ok(unpacked) => unpacked,
            Err(refusal) => {
                self.history.rewind(mark, &[]);
                return Err(refusal);
            }
        };
        let outcome = self
            .admit(incoming, &source, (delivery, displaced), owners, &mut pushed)
            .and_then(|admitted| Ok((self.rehearse(&admitted, &source)?, admitted)));
        match outcome {
            Ok((rehearsed, admitted)) => {
                let verdict = self.keep(rehearsed, admitted, source, delivery);
                // Actors of whom everything was left out must not take up room.
                if self.history.has_idle_places() {
                    self.history = cut::history_of(&self.doc).unwrap_or_else(|_| std::mem::take(&mut self.history));
                }
                Ok(verdict)
            }
            Err(stop) => {
                self.history.rewind(mark, &pushed);
                match stop {
                    Stop::Refused(refusal) => Err(refusal),
                    Stop::Known => {
                        self.renew(delivery);
                        Ok(Verdict::AlreadyKnown)
                    }
                    Stop::Waiting(missing_deps) => Ok(Verdict::Waiting { missing_deps }),
                    // Without what does not stand nothing more is too much.
                    Stop::Full(_) if !displaced.is_empty() => Err(GateRefusal::DocumentFull),
                    Stop::Full(displaced) => self.judge_displaced(delivery, owners, displaced),
                    Stop::Fork { actor, seq, ends } => self.fork(delivery, &source, owners, (actor, seq), ends),
                }
            }
        }
    }

    /// Judges the content without what does not stand. Changes that were here may have to make way for it.
    fn judge_displaced(
        &mut self,
        delivery: &Delivery,
        owners: &dyn Owners,
        displaced: BTreeSet<Hash>,
    ) -> Result<Verdict, GateRefusal> {
        let old: BTreeSet<_> = displaced.iter().filter(|hash| self.history.contains(hash)).copied().collect();
        if old.is_empty() {
            return self.judge_content(delivery, owners, &displaced);
        }
        let mut next = self.clone();
        next.drop_changes(old).map_err(|_| GateRefusal::Rehearsal)?;
        let verdict = next.judge_content(delivery, owners, &displaced)?;
        if matches!(verdict, Verdict::Applied { .. } | Verdict::Forked(_)) {
            *self = next;
        }
        Ok(verdict)
    }

    /// Bounds and reads the content. Only the actors' places in the history change.
    fn unpack(&mut self, content: &Content) -> Result<(Vec<Incoming>, Source), GateRefusal> {
        match content {
            Content::Changes(chunks) => {
                let found = chunks.iter().map(Vec::len).sum();
                if found > limits::DELIVERY_SIZE_BYTES_MAX {
                    return Err(GateRefusal::TooLarge { found, most: limits::DELIVERY_SIZE_BYTES_MAX });
                }
                if chunks.len() > limits::DOCUMENT_CHANGES_MAX {
                    return Err(GateRefusal::DocumentFull);
                }
                let mut changes = BTreeMap::new();
                let mut incoming = Vec::new();
                for bytes in chunks {
                    let change = read_change(bytes)?;
                    let hash = change.hash().0;
                    if self.history.contains(&hash) || changes.contains_key(&hash) {
                        continue;
                    }
                    incoming.push(Incoming::of(&change, &mut self.history)?);
                    changes.insert(hash, change);
                }
                // What a change builds on has smaller counters, or its start will be refused.
                incoming.sort_by_key(|change| (change.start_op, change.hash));
                Ok((incoming, Source::Changes(changes)))
            }
            Content::Snapshot(bytes) => {
                let snapshot = snapshot::read(bytes, &mut self.history)?;
                Ok((snapshot.incoming, Source::Snapshot(Box::new(snapshot.doc))))
            }
        }
    }

    /// Steps 1 and 2. Everything that was pushed into the history is named in `pushed`, whatever comes of it.
    fn admit(
        &mut self,
        incoming: Vec<Incoming>,
        source: &Source,
        (delivery, displaced): (&Delivery, &BTreeSet<Hash>),
        owners: &dyn Owners,
        pushed: &mut Vec<Hash>,
    ) -> Result<Admitted, Stop> {
        let all = incoming.len();
        let mut new: Vec<_> = incoming.into_iter().filter(|change| !self.history.contains(&change.hash)).collect();
        let unknown = new.len();
        let actors: BTreeSet<_> = new.iter().map(|change| change.actor).collect();
        for actor in &actors {
            check_device(actor, &self.member, owners)?;
        }
        for change in &new {
            check_staff(change, &self.member, owners)?;
        }
        self.leave_out(&mut new, displaced);
        let in_delivery = |hash: &Hash| source.change(hash);
        let left_out = (new.len() < unknown).then_some(&in_delivery as &vouching::Lookup<'_>);
        if new.is_empty() {
            return Err(match &delivery.content {
                _ if !displaced.is_empty() => Stop::Refused(GateRefusal::DocumentFull),
                Content::Changes(_) if unknown > 0 => Stop::Refused(GateRefusal::Cut),
                _ => Stop::Known,
            });
        }
        self.wait_for_missing(&new)?;
        for change in &new {
            let before = change.seq.checked_sub(1).ok_or(GateRefusal::SeqGap)?;
            let at = usize::try_from(before).unwrap_or(usize::MAX);
            if let Some(there) = self.history.chain(&change.actor).and_then(|chain| chain.changes.get(at)) {
                let (actor, seq, ends) = (change.actor, change.seq, [*there, change.hash]);
                return Err(Stop::Fork { actor, seq, ends });
            }
            let (link, clock) = change.link(&mut self.history)?;
            self.history.push(change.hash, link, clock);
            pushed.push(change.hash);
        }
        let actors = new.iter().map(|change| change.actor).collect::<BTreeSet<_>>();
        let vouchers = vouching::vouch(delivery, &self.building, actors.into_iter(), &self.history, left_out)?;
        for change in &new {
            let link = self.history.link(&change.hash).ok_or(GateRefusal::OutOfOrder)?;
            let slots = operations::check(change, link, &self.history)?;
            self.history.place(&change.hash, slots);
        }
        let too_much = self.history.displaced();
        if !too_much.is_empty() {
            return Err(Stop::Full(too_much));
        }
        let kept = self.vouchers.iter().filter(|(actor, _)| !vouchers.contains_key(*actor)).map(|(_, voucher)| voucher);
        if kept.chain(vouchers.values()).map(Voucher::size_bytes).sum::<usize>() > limits::VOUCHERS_SIZE_BYTES_MAX {
            return Err(Stop::Refused(GateRefusal::DocumentFull));
        }
        let whole = new.len() == all && self.history.len() == all;
        Ok(Admitted { new, vouchers, whole })
    }

    fn is_beyond_cut(&self, change: &Incoming) -> bool {
        self.forks.cut_at(&change.actor).is_some_and(|seq| change.seq >= seq)
            || self.dropped.contains(&change.hash)
            || change.deps.iter().any(|dep| self.dropped.contains(dep))
    }

    /// What comes from a replica that has not heard of a fork, or not of what else there is in a full document, is taken
    /// without what does not stand here.
    fn leave_out(&self, new: &mut Vec<Incoming>, displaced: &BTreeSet<Hash>) {
        let mut left_out = BTreeSet::new();
        new.retain(|change| {
            let out = displaced.contains(&change.hash)
                || self.is_beyond_cut(change)
                || change.deps.iter().any(|dep| left_out.contains(dep));
            if out {
                left_out.insert(change.hash);
            }
            !out
        });
    }

    fn wait_for_missing(&self, new: &[Incoming]) -> Result<(), Stop> {
        let here: BTreeSet<_> = new.iter().map(|change| change.hash).collect();
        let deps = new.iter().flat_map(|change| &change.deps);
        let missing: BTreeSet<_> = deps.filter(|dep| !here.contains(*dep) && !self.history.contains(dep)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Stop::Waiting(missing.into_iter().copied().take(limits::MISSING_DEPS_MAX).collect()))
    }

    /// Step 3. A snapshot that is all there is was rehearsed when it was loaded.
    fn rehearse(&self, admitted: &Admitted, source: &Source) -> Result<Option<Automerge>, Stop> {
        if admitted.whole && matches!(source, Source::Snapshot(_)) {
            return Ok(None);
        }
        let changes = admitted.new.iter().map(|change| source.change(&change.hash));
        let changes = changes.collect::<Option<Vec<_>>>().ok_or(GateRefusal::Rehearsal)?;
        Ok(Some(rehearsal::rehearse(&self.doc, changes)?))
    }

    /// Keeps what came through.
    fn keep(
        &mut self,
        rehearsed: Option<Automerge>,
        admitted: Admitted,
        source: Source,
        delivery: &Delivery,
    ) -> Verdict {
        match (rehearsed, source, &delivery.content) {
            (None, Source::Snapshot(doc), Content::Snapshot(bytes)) => {
                self.doc = *doc;
                self.unsaved.snapshot(bytes.clone());
            }
            (rehearsed, source, _) => {
                self.doc = rehearsed.unwrap_or_default();
                for change in &admitted.new {
                    match source.change(&change.hash) {
                        Some(change) => self.unsaved.change(change.raw_bytes().to_vec()),
                        None => self.unsaved.rewrite(),
                    }
                }
            }
        }
        for (actor, voucher) in admitted.vouchers {
            self.unsaved.actor(actor);
            self.vouchers.insert(actor, voucher);
        }
        self.renew(delivery);
        let before = std::mem::replace(&mut self.records, OnceLock::new());
        let records_changed = match (before.get(), admitted.whole) {
            (Some(before), false) => {
                let records = layout::records(&self.doc);
                let changed = records != *before;
                self.records = OnceLock::from(records);
                changed
            }
            _ => true,
        };
        Verdict::Applied { records_changed }
    }

    /// Takes plain heads in the place of ways down.
    fn renew(&mut self, delivery: &Delivery) {
        for (actor, voucher) in vouching::renewed(delivery, &self.building, &self.history, &self.vouchers) {
            self.unsaved.actor(actor);
            self.vouchers.insert(actor, voucher);
        }
    }

    /// Builds the proof of a fork, verifies it as a stranger would, and cuts.
    fn fork(
        &mut self,
        delivery: &Delivery,
        source: &Source,
        owners: &dyn Owners,
        (actor, seq): (ActorKey, u64),
        ends: [Hash; 2],
    ) -> Result<Verdict, GateRefusal> {
        let [one, other] = ends.map(|end| self.branch(delivery, source, &actor, end));
        let mut branches = Box::new([one?, other?]);
        branches.sort_by(|a, b| a.way.last().cmp(&b.way.last()));
        let proof = ForkProof { building: self.building, document: self.member, actor, seq, branches };
        let fork = proof.verify(&self.building, owners).map_err(|refusal| match refusal {
            // No branch that an honest replica holds is so long; but whoever passes it on may not know.
            GateRefusal::TooLarge { .. } => GateRefusal::DocumentFull,
            other => other,
        })?;
        self.cut(&fork).map_err(|_| GateRefusal::Rehearsal)?;
        Ok(Verdict::Forked(proof))
    }

    /// Finds a signed head of the actor and a way from it down to this change, the change included.
    fn branch(
        &self,
        delivery: &Delivery,
        source: &Source,
        actor: &ActorKey,
        end: Hash,
    ) -> Result<Voucher, GateRefusal> {
        let change = |hash: &Hash| source.change(hash).or_else(|| self.doc.get_change_by_hash(&ChangeHash(*hash)));
        if self.history.contains(&end) {
            let voucher = self.vouchers.get(actor).ok_or(GateRefusal::Unvouched)?;
            let last = self.history.chain(actor).and_then(|chain| chain.changes.last());
            let way = way_down(*last.ok_or(GateRefusal::Unvouched)?, end, change).ok_or(GateRefusal::Unvouched)?;
            return Ok(Voucher { head: voucher.head.clone(), way: voucher.way.iter().cloned().chain(way).collect() });
        }
        vouching::lead_down(delivery, &self.building, actor, end, &change).ok_or(GateRefusal::Unvouched)
    }
}
