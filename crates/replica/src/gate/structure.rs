//! Step 1: is it a change of the owner's device, in its place?

use automerge::Change;
use automerge::legacy;
use kaifong_domain::MemberId;
use kaifong_trust::entry::ActorKey;

use super::columns::{self, Bytes, Layout, RowLimit};
use super::operations::{self, Op};
use super::{GateRefusal, rehearsal};
use crate::history::{Clock, Hash, History, Link, SlotKey};
use crate::layout::RecordKind;
use crate::{Owners, limits};

/// The first bytes of every Automerge chunk.
pub(crate) const MAGIC: [u8; 4] = [0x85, 0x6F, 0x4A, 0x83];
/// The longest key: `listing:` and 32 digits.
pub(crate) const KEY_SIZE_BYTES_MAX: u64 = 40;

/// What kind of chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChunkKind {
    Document,
    Change,
}

/// A change that claims a place in the history.
pub(crate) struct Incoming {
    pub(crate) hash: Hash,
    pub(crate) actor: ActorKey,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) max_op: u64,
    pub(crate) deps: Vec<Hash>,
    /// Its operations, or why they are refused: that is said only once the structure stands.
    pub(crate) ops: Result<Vec<Op>, GateRefusal>,
}

/// Opens a chunk: magic bytes, checksum, kind, length; nothing may follow it. Gives the content.
pub(crate) fn open_chunk(bytes: &[u8], kind: ChunkKind) -> Result<([u8; 4], Bytes<'_>), GateRefusal> {
    let mut bytes = Bytes::new(bytes);
    if bytes.array()? != MAGIC {
        return Err(GateRefusal::Malformed);
    }
    let checksum = bytes.array()?;
    match (bytes.array()?, kind) {
        ([0], ChunkKind::Document) | ([1], ChunkKind::Change) => (),
        ([2], ChunkKind::Change) => return Err(GateRefusal::Compressed),
        _ => return Err(GateRefusal::Malformed),
    }
    let length = bytes.unsigned()?;
    let content = bytes.take(length)?;
    if bytes.is_empty() { Ok((checksum, Bytes::new(content))) } else { Err(GateRefusal::Malformed) }
}

/// Bounds a change chunk, and only then lets Automerge read it.
///
/// # Errors
/// The first limit or rule of form that the bytes break.
pub(crate) fn read_change(bytes: &[u8]) -> Result<Change, GateRefusal> {
    if bytes.len() > limits::CHANGE_SIZE_BYTES_MAX {
        return Err(GateRefusal::TooLarge { found: bytes.len(), most: limits::CHANGE_SIZE_BYTES_MAX });
    }
    let (checksum, content) = open_chunk(bytes, ChunkKind::Change)?;
    bound_change(content)?;
    let change = rehearsal::caught(|| Change::try_from(bytes))?.map_err(|_| GateRefusal::Malformed)?;
    // Automerge checks it when it loads a file and not when it reads a change.
    if !change.hash().0.starts_with(&checksum) {
        return Err(GateRefusal::Checksum);
    }
    Ok(change)
}

/// Counts everything in a change that has a count.
fn bound_change(mut content: Bytes<'_>) -> Result<(), GateRefusal> {
    let deps = content.unsigned()?;
    if deps > limits::CHANGE_DEPS_MAX {
        return Err(GateRefusal::DepsUnordered);
    }
    content.take(deps * 32)?;
    take_actor(&mut content)?;
    let (_seq, start_op) = (content.unsigned()?, content.unsigned()?);
    if start_op > limits::MAX_OP_MAX {
        return Err(GateRefusal::CounterTooHigh);
    }
    let (time, message_length) = (content.signed()?, content.unsigned()?);
    if time != 0 || message_length != 0 {
        return Err(GateRefusal::Adorned);
    }
    let others = content.unsigned()?;
    if others > limits::DOCUMENT_ACTORS_MAX as u64 {
        return Err(GateRefusal::DocumentFull);
    }
    for _ in 0..others {
        take_actor(&mut content)?;
    }
    let table = Layout::read(&mut content)?.table(&mut content)?;
    if !content.is_empty() {
        return Err(GateRefusal::Adorned);
    }
    if table.is_compressed() {
        return Err(GateRefusal::Compressed);
    }
    table.allow(&[0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73])?;
    let ops = RowLimit(limits::CHANGE_OPS_MAX);
    let rows = columns::runs(table.get(0x42), ops, Bytes::unsigned)?.len();
    for spec in [0x01, 0x02, 0x11, 0x56] {
        columns::runs(table.get(spec), ops, Bytes::unsigned)?;
    }
    columns::runs(table.get(0x13), ops, Bytes::signed)?;
    columns::runs(table.get(0x15), ops, |bytes| columns::text(bytes, KEY_SIZE_BYTES_MAX))?;
    columns::all_false(table.get(0x34), ops)?;
    let replaced = RowLimit(limits::CHANGE_REPLACED_MAX);
    let groups = columns::full_runs(table.get(0x70), ops, Bytes::unsigned)?;
    if groups.iter().fold(0_u64, |sum, n| sum.saturating_add(*n)) > replaced.0 {
        return Err(GateRefusal::RunTooLong);
    }
    columns::full_runs(table.get(0x71), replaced, Bytes::unsigned)?;
    columns::full_runs(table.get(0x73), replaced, Bytes::signed)?;
    if rows == 0 { Err(GateRefusal::Empty) } else { Ok(()) }
}

fn take_actor(content: &mut Bytes<'_>) -> Result<ActorKey, GateRefusal> {
    let length = content.unsigned()?;
    ActorKey::from_bytes(content.take(length)?).ok_or(GateRefusal::ActorMalformed)
}

/// Reads the outer edge of an actor id.
pub(crate) fn actor_key(actor: &automerge::ActorId) -> Result<ActorKey, GateRefusal> {
    ActorKey::from_bytes(actor.to_bytes()).ok_or(GateRefusal::ActorMalformed)
}

impl Incoming {
    /// Takes a change apart. The history gives the actors in its operations their places.
    pub(crate) fn of(change: &Change, history: &mut History) -> Result<Self, GateRefusal> {
        let expanded: legacy::Change = rehearsal::caught(|| change.decode())?;
        // What is in the bytes and not in what they say (a value that belongs to no operation) would travel on unseen, and
        // whoever gets the document as a snapshot would refuse it for that.
        if rehearsal::caught(|| Change::from(expanded.clone()).hash() != change.hash())? {
            return Err(GateRefusal::Malformed);
        }
        Ok(Self {
            hash: change.hash().0,
            actor: actor_key(change.actor_id())?,
            seq: change.seq(),
            start_op: change.start_op().get(),
            max_op: change.max_op(),
            deps: change.deps().iter().map(|dep| dep.0).collect(),
            ops: operations::read(&expanded, history),
        })
    }

    /// Checks the place of a change whose dependencies are all known, and gives it a link.
    pub(crate) fn link(&self, history: &mut History) -> Result<(Link, Clock), GateRefusal> {
        if !self.deps.iter().zip(self.deps.iter().skip(1)).all(|(a, b)| a < b) {
            return Err(GateRefusal::DepsUnordered);
        }
        // Whoever calls has looked for missing dependencies.
        let clock = history.clock_of(&self.deps).ok_or(GateRefusal::OutOfOrder)?;
        let actor = history.intern(&self.actor).ok_or(GateRefusal::DocumentFull)?;
        let known = history.chain(&self.actor).map_or(0, |chain| chain.changes.len() as u64);
        if self.seq != known + 1 {
            return Err(GateRefusal::SeqGap);
        }
        if clock.seq(actor) != known {
            return Err(GateRefusal::NotOnPrevious);
        }
        let below = self.deps.iter().filter_map(|dep| history.link(dep)).map(|link| link.max_op).max().unwrap_or(0);
        if self.start_op != below + 1 {
            return Err(GateRefusal::StartOp);
        }
        if self.max_op < self.start_op {
            return Err(GateRefusal::Empty);
        }
        if self.max_op > limits::MAX_OP_MAX {
            return Err(GateRefusal::CounterTooHigh);
        }
        if self.is_redundant(known, history) {
            return Err(GateRefusal::DepsRedundant);
        }
        Ok((Link::new(actor, self), clock))
    }

    /// Tells whether a dependency is among the ancestors of another. Automerge names the heads, and the actor's own
    /// previous change even if a head builds on it.
    fn is_redundant(&self, known: u64, history: &History) -> bool {
        let deps: Vec<_> = self.deps.iter().filter_map(|dep| history.link(dep)).collect();
        deps.iter().enumerate().any(|(at, below)| {
            let own = below.seq == known && history.actor(below.actor) == Some(&self.actor);
            !own && deps.iter().enumerate().any(|(above_at, above)| above_at != at && above.covers(below))
        })
    }
}

/// Asks whether the owner is an organisation, if a change says who works at its devices.
pub(crate) fn check_staff(incoming: &Incoming, member: &MemberId, owners: &dyn Owners) -> Result<(), GateRefusal> {
    let names_staff = |op: &Op| matches!(op.slot.key, SlotKey::Record(key) if key.kind == RecordKind::Staff);
    let names = incoming.ops.as_ref().is_ok_and(|ops| ops.iter().any(names_staff));
    if names && !owners.may_name_staff(member) { Err(GateRefusal::NotAnOrganisation) } else { Ok(()) }
}

/// Asks whether an actor is, or ever was, a device of the owner.
pub(crate) fn check_device(actor: &ActorKey, member: &MemberId, owners: &dyn Owners) -> Result<(), GateRefusal> {
    if owners.may_write(&actor.device, member) { Ok(()) } else { Err(GateRefusal::DeviceNotOwners) }
}
