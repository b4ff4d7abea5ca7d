//! Snapshots: whole documents in Automerge's columnar form, judged like single changes without being taken apart into
//! them.
//!
//! Loading checks that the changes hash to the heads, so the columns and the heads vouch for each other. Two things
//! it does not check (they are marked FIXME in `storage/document.rs` of 0.12): that operations are in order, and that
//! successors are. A document that breaks these loads, shows other values than its changes say, and goes wrong later.
//! So the columns are read here as well, with limits, and held against the order that Automerge writes: by map, key
//! and operation id.

use std::collections::BTreeMap;

use automerge::Automerge;
use kaifong_trust::entry::ActorKey;

use super::columns::{self, Bytes, Layout, RowLimit, Table};
use super::operations::{self, Action, Op};
use super::structure::{self, ChunkKind, Incoming, KEY_SIZE_BYTES_MAX, actor_key};
use super::{GateRefusal, rehearsal};
use crate::history::{ActorIndex, Hash, History, OpId, Slot};
use crate::layout::Scalar;
use crate::limits;

const OPS: RowLimit = RowLimit(limits::DOCUMENT_OPS_MAX + limits::CHANGE_OPS_MAX);
const REPLACED: RowLimit = RowLimit(limits::DOCUMENT_REPLACED_MAX + limits::CHANGE_REPLACED_MAX);
const CHANGES: RowLimit = RowLimit(limits::DOCUMENT_CHANGES_MAX as u64);
const MALFORMED: GateRefusal = GateRefusal::Malformed;

/// A snapshot that Automerge could load, and the changes in it.
pub(crate) struct Snapshot {
    pub(crate) doc: Automerge,
    pub(crate) incoming: Vec<Incoming>,
}

/// An operation's id with the snapshot's own numbers for actors; compares as Automerge orders operations.
type LocalId = (u32, u32);

/// Reads a snapshot. The history gives the actors in it their places.
///
/// # Errors
/// The first limit or rule that the bytes break. What goes beyond the limits of a whole document is
/// [`GateRefusal::SnapshotTooLarge`]: a sender may have come by it change by change.
pub(crate) fn read(bytes: &[u8], history: &mut History) -> Result<Snapshot, GateRefusal> {
    read_within_limits(bytes, history).map_err(|refusal| match refusal {
        GateRefusal::TooLarge { .. } | GateRefusal::RunTooLong | GateRefusal::InflatesTooFar => {
            GateRefusal::SnapshotTooLarge { limit: refusal.code() }
        }
        other => other,
    })
}

fn read_within_limits(bytes: &[u8], history: &mut History) -> Result<Snapshot, GateRefusal> {
    if bytes.len() > limits::SNAPSHOT_SIZE_BYTES_MAX {
        return Err(GateRefusal::TooLarge { found: bytes.len(), most: limits::SNAPSHOT_SIZE_BYTES_MAX });
    }
    let (_, mut content) = structure::open_chunk(bytes, ChunkKind::Document)?;
    let actors = read_actors(&mut content)?;
    let heads = content.unsigned()?;
    if heads > limits::CHANGE_DEPS_MAX {
        return Err(GateRefusal::DocumentFull);
    }
    content.take(heads * 32)?;
    let (change_layout, op_layout) = (Layout::read(&mut content)?, Layout::read(&mut content)?);
    let (change_table, op_table) = (change_layout.table(&mut content)?, op_layout.table(&mut content)?);
    for _ in 0..heads {
        content.unsigned()?;
    }
    if !content.is_empty() {
        return Err(MALFORMED);
    }
    let mut budget_bytes = limits::SNAPSHOT_INFLATED_BYTES_MAX;
    let changes = bound_changes(&change_table, actors.len(), &mut budget_bytes)?;
    let columns = OpColumns::read(&op_table, &mut budget_bytes)?;
    let places = actors.iter().map(|actor| history.intern(actor).ok_or(GateRefusal::DocumentFull));
    let places = places.collect::<Result<Vec<_>, _>>()?;
    let mut ops = columns.ops(&places)?;

    let doc = rehearsal::caught(|| Automerge::load(bytes))?.map_err(|_| MALFORMED)?;
    let incoming = rehearsal::caught(|| {
        doc.get_changes_meta(&[])
            .iter()
            .map(|meta| {
                let actor = actor_key(&meta.actor)?;
                let local = actors.binary_search(&actor).map_err(|_| MALFORMED)?;
                Ok(Incoming {
                    hash: meta.hash.0,
                    actor,
                    seq: meta.seq,
                    start_op: meta.start_op,
                    max_op: meta.max_op,
                    deps: sorted(meta.deps.iter().map(|dep| dep.0)),
                    ops: ops.take(u32::try_from(local).map_err(|_| MALFORMED)?, meta.start_op, meta.max_op),
                })
            })
            .collect::<Result<Vec<_>, GateRefusal>>()
    })??;
    // Automerge puts operations into changes by their counters; one that is in none was never hashed.
    if incoming.len() != changes || !ops.is_empty() {
        return Err(MALFORMED);
    }
    Ok(Snapshot { doc, incoming })
}

fn sorted(hashes: impl Iterator<Item = Hash>) -> Vec<Hash> {
    let mut hashes: Vec<_> = hashes.collect();
    hashes.sort_unstable();
    hashes
}

fn read_actors(content: &mut Bytes<'_>) -> Result<Vec<ActorKey>, GateRefusal> {
    let count = content.unsigned()?;
    if count > limits::DOCUMENT_ACTORS_MAX as u64 {
        return Err(GateRefusal::DocumentFull);
    }
    let mut actors: Vec<ActorKey> = Vec::new();
    for _ in 0..count {
        let length = content.unsigned()?;
        let actor = ActorKey::from_bytes(content.take(length)?).ok_or(GateRefusal::ActorMalformed)?;
        if actors.last().is_some_and(|last| *last >= actor) {
            return Err(GateRefusal::OutOfOrder);
        }
        actors.push(actor);
    }
    Ok(actors)
}

/// Counts the changes and everything in them that has a count. What they say is read from Automerge once it has
/// loaded them.
fn bound_changes(table: &Table<'_>, actors: usize, budget_bytes: &mut u64) -> Result<usize, GateRefusal> {
    table.allow(&[0x01, 0x03, 0x13, 0x23, 0x35, 0x40, 0x43, 0x56, 0x57])?;
    let mut column = |spec| table.inflated(spec, budget_bytes);
    let of = columns::full_runs(&column(0x01)?, CHANGES, columns::small)?;
    let count = of.len();
    if of.iter().any(|actor| *actor as usize >= actors) {
        return Err(MALFORMED);
    }
    for spec in [0x03, 0x13] {
        if columns::deltas(&column(spec)?, CHANGES)?.len() != count {
            return Err(MALFORMED);
        }
    }
    let times = columns::deltas(&column(0x23)?, CHANGES)?;
    let messages = columns::runs(&column(0x35)?, CHANGES, Bytes::unsigned)?;
    let extras = columns::runs(&column(0x56)?, CHANGES, Bytes::unsigned)?;
    let adorned = times.iter().any(|time| *time != 0)
        || messages.iter().any(Option::is_some)
        || extras.iter().flatten().any(|meta| meta >> 4 != 0)
        || !column(0x57)?.is_empty();
    if adorned {
        return Err(GateRefusal::Adorned);
    }
    let deps_max = RowLimit(limits::DOCUMENT_DEPS_MAX + limits::CHANGE_DEPS_MAX);
    let groups = columns::full_runs(&column(0x40)?, CHANGES, columns::small)?;
    let deps = columns::deltas(&column(0x43)?, deps_max)?;
    let sum: u64 = groups.iter().map(|n| u64::from(*n)).sum();
    let known = |dep: &u64| *dep < count as u64;
    if groups.len() == count && deps.len() as u64 == sum && deps.iter().all(known) { Ok(count) } else { Err(MALFORMED) }
}

/// The columns of operations, inflated and counted.
struct OpColumns {
    ids: Vec<LocalId>,
    maps: Vec<Option<LocalId>>,
    keys: Vec<u8>,
    actions: Vec<u32>,
    metas: Vec<u64>,
    values: Vec<u8>,
    groups: Vec<u32>,
    successors: Vec<LocalId>,
}

impl OpColumns {
    fn read(table: &Table<'_>, budget_bytes: &mut u64) -> Result<Self, GateRefusal> {
        table.allow(&[0x01, 0x02, 0x11, 0x13, 0x15, 0x21, 0x23, 0x34, 0x42, 0x56, 0x57, 0x80, 0x81, 0x83])?;
        let mut column = |spec| table.inflated(spec, budget_bytes);
        let ids = local_ids(&column(0x21)?, &column(0x23)?, OPS)?;
        let count = ids.len();
        let map_actors = columns::runs(&column(0x01)?, OPS, columns::small)?;
        let map_counters = columns::runs(&column(0x02)?, OPS, columns::small)?;
        let mut maps = Vec::with_capacity(count);
        for (actor, counter) in map_actors.into_iter().zip(&map_counters) {
            maps.push(match (actor, counter) {
                (Some(actor), Some(counter)) => Some((*counter, actor)),
                (None, None) => None,
                _ => return Err(MALFORMED),
            });
        }
        if map_counters.is_empty() {
            maps.resize(count, None);
        }
        if columns::runs(&column(0x11)?, OPS, Bytes::unsigned)?.iter().any(Option::is_some)
            || columns::runs(&column(0x13)?, OPS, Bytes::signed)?.iter().any(Option::is_some)
        {
            return Err(GateRefusal::ListsForbidden);
        }
        columns::all_false(&column(0x34)?, OPS)?;
        let actions = columns::full_runs(&column(0x42)?, OPS, columns::small)?;
        let metas = columns::full_runs(&column(0x56)?, OPS, Bytes::unsigned)?;
        let groups = columns::full_runs(&column(0x80)?, OPS, columns::small)?;
        let successors = local_ids(&column(0x81)?, &column(0x83)?, REPLACED)?;
        let sum: u64 = groups.iter().map(|n| u64::from(*n)).sum();
        let lengths = [maps.len(), map_counters.len().max(maps.len()), actions.len(), metas.len(), groups.len()];
        if lengths.iter().any(|length| *length != count) || sum != successors.len() as u64 {
            return Err(MALFORMED);
        }
        Ok(Self { ids, maps, keys: column(0x15)?, actions, metas, values: column(0x57)?, groups, successors })
    }

    /// Judges keys, values and order, and puts each operation where its change will look for it.
    fn ops(&self, places: &[ActorIndex]) -> Result<Ops, GateRefusal> {
        let op_id = |id: LocalId| {
            let actor = *places.get(id.1 as usize).ok_or(MALFORMED)?;
            Ok::<_, GateRefusal>(OpId { counter: id.0, actor })
        };
        let keys = columns::full_runs(&self.keys, OPS, |bytes| columns::text(bytes, KEY_SIZE_BYTES_MAX))?;
        if keys.len() != self.ids.len() {
            return Err(MALFORMED);
        }
        let mut values = Bytes::new(&self.values);
        let mut successors = self.successors.iter();
        let mut ops = Vec::with_capacity(self.ids.len());
        let mut replaced = Vec::with_capacity(self.successors.len());
        let mut before = None;
        let rows = self.ids.iter().zip(&self.maps).zip(keys).zip(&self.actions).zip(&self.metas).zip(&self.groups);
        for (((((id, map), key), action), meta), group) in rows {
            if before.replace((map, key, id)).is_some_and(|before| before >= (map, key, id)) {
                return Err(GateRefusal::OutOfOrder);
            }
            let value = read_value(*meta, &mut values)?;
            let value_bytes = value.size_bytes();
            let (key, action) = match action {
                0 if *meta == 0 => (operations::read_key(key)?, Action::Make),
                1 => (operations::read_put(key, value)?, Action::Put),
                2 | 4 | 6 => return Err(GateRefusal::ListsForbidden),
                _ => return Err(GateRefusal::ActionForbidden),
            };
            let slot = Slot { map: map.map(op_id).transpose()?, key };
            let value_bytes = if action == Action::Put { value_bytes } else { 0 };
            ops.push(((id.1, id.0), Op { slot, action, value_bytes, replaces: Vec::new() }));
            let mut last = None;
            for successor in successors.by_ref().take(*group as usize) {
                if last.replace(successor).is_some_and(|last| last >= successor) {
                    return Err(GateRefusal::OutOfOrder);
                }
                replaced.push((*successor, op_id(*id)?, slot));
            }
        }
        if !values.is_empty() {
            return Err(MALFORMED);
        }
        let mut ops = Ops::sorted(ops)?;
        for ((counter, actor), id, slot) in replaced {
            op_id((counter, actor))?;
            ops.replace((actor, counter), id, slot)?;
        }
        Ok(ops)
    }
}

fn local_ids(actors: &[u8], counters: &[u8], limit: RowLimit) -> Result<Vec<LocalId>, GateRefusal> {
    let actors = columns::full_runs(actors, limit, columns::small)?;
    let counters = columns::deltas(counters, limit)?;
    if actors.len() != counters.len() {
        return Err(MALFORMED);
    }
    let ids = counters.into_iter().zip(actors);
    ids.map(|(counter, actor)| Ok((u32::try_from(counter).map_err(|_| MALFORMED)?, actor))).collect()
}

/// Reads a value by its metadata: the type in the low four bits, above them the length in bytes.
fn read_value<'a>(meta: u64, values: &mut Bytes<'a>) -> Result<Scalar<'a>, GateRefusal> {
    let bytes = values.take(meta >> 4)?;
    Ok(match meta & 0b1111 {
        3 => {
            let mut bytes = Bytes::new(bytes);
            let number = bytes.unsigned()?;
            if !bytes.is_empty() {
                return Err(MALFORMED);
            }
            Scalar::Number(number)
        }
        6 => Scalar::Text(std::str::from_utf8(bytes).map_err(|_| MALFORMED)?),
        7 => Scalar::Bytes(bytes),
        _ => Scalar::Other,
    })
}

/// An operation's actor, in the snapshot's own numbers, and counter.
type Place = (u32, u32);

/// Operations as their changes will look for them: by actor and counter.
struct Ops {
    /// Those that the snapshot keeps, ascending; taken out as their changes come.
    kept: Vec<(Place, Option<Op>)>,
    /// Deletions: a snapshot knows them as successors only.
    deletions: BTreeMap<Place, Op>,
    taken: usize,
}

impl Ops {
    fn sorted(ops: Vec<(Place, Op)>) -> Result<Self, GateRefusal> {
        let mut kept: Vec<_> = ops.into_iter().map(|(place, op)| (place, Some(op))).collect();
        kept.sort_unstable_by_key(|(place, _)| *place);
        if kept.iter().zip(kept.iter().skip(1)).any(|((one, _), (next, _))| one == next) {
            return Err(GateRefusal::OutOfOrder);
        }
        Ok(Self { kept, deletions: BTreeMap::new(), taken: 0 })
    }

    fn find(&mut self, place: Place) -> Option<&mut Option<Op>> {
        let at = self.kept.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        self.kept.get_mut(at).map(|(_, op)| op)
    }

    /// Notes that the operation at a place replaces another, which stands in this slot.
    fn replace(&mut self, place: Place, id: OpId, slot: Slot) -> Result<(), GateRefusal> {
        let deletion = Op { slot, action: Action::Delete, value_bytes: 0, replaces: Vec::new() };
        let op = match self.find(place) {
            Some(Some(op)) => op,
            _ => self.deletions.entry(place).or_insert(deletion),
        };
        if op.slot != slot {
            return Err(GateRefusal::ReplacesNothing);
        }
        op.replaces.push(id);
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.taken == self.kept.len() && self.deletions.is_empty()
    }

    /// Takes out a change's operations; every counter of its range must be there.
    fn take(&mut self, actor: u32, start_op: u64, max_op: u64) -> Result<Vec<Op>, GateRefusal> {
        let (Ok(start), Ok(max)) = (u32::try_from(start_op), u32::try_from(max_op)) else { return Err(MALFORMED) };
        if u64::from(max.saturating_sub(start)) >= limits::CHANGE_OPS_MAX {
            return Err(GateRefusal::RunTooLong);
        }
        let mut ops = Vec::with_capacity(max.saturating_sub(start) as usize + 1);
        let mut at = self.kept.partition_point(|(place, _)| *place < (actor, start));
        for counter in start..=max {
            let op = match self.kept.get_mut(at) {
                Some((place, op)) if *place == (actor, counter) => {
                    at += 1;
                    self.taken += 1;
                    op.take()
                }
                _ => self.deletions.remove(&(actor, counter)),
            };
            ops.push(op.ok_or(MALFORMED)?);
        }
        Ok(ops)
    }
}
