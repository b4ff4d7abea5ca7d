//! Step 2: does every operation do something that a record allows?
//!
//! The list says what is allowed; everything else is refused. Keys and values are judged by themselves when an
//! operation is read, places and what an operation replaces when its change has its place in the history.

use automerge::{ObjType, ScalarValue, legacy};

use super::GateRefusal;
use super::structure::{Incoming, actor_key};
use crate::history::{Clock, History, Link, OpId, Slot, SlotKey};
use crate::layout::{Field, RecordKey, RecordKind, Scalar, ValueFault};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Makes a record's map.
    Make,
    /// Puts a scalar that was checked.
    Put,
    /// Deletes.
    Delete,
}

/// One operation, its key and value found fit by themselves.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    pub(crate) slot: Slot,
    pub(crate) action: Action,
    /// How long the value is that it puts.
    pub(crate) value_bytes: u64,
    /// What it replaces.
    pub(crate) replaces: Vec<OpId>,
}

/// Reads a change's operations.
pub(crate) fn read(change: &legacy::Change, history: &mut History) -> Result<Vec<Op>, GateRefusal> {
    change.operations.iter().map(|op| read_one(op, history)).collect()
}

fn read_one(op: &legacy::Op, history: &mut History) -> Result<Op, GateRefusal> {
    let legacy::Key::Map(key) = &op.key else { return Err(GateRefusal::ListsForbidden) };
    if op.insert {
        return Err(GateRefusal::ListsForbidden);
    }
    let map = match &op.obj {
        legacy::ObjectId::Root => None,
        legacy::ObjectId::Id(id) => Some(op_id(id, history).ok_or(GateRefusal::MapUnknown)?),
    };
    let mut value_bytes = 0;
    let (key, action) = match &op.action {
        legacy::OpType::Make(ObjType::Map) => (read_key(key)?, Action::Make),
        legacy::OpType::Make(_) => return Err(GateRefusal::ListsForbidden),
        legacy::OpType::Put(value) => {
            let value = scalar(value);
            value_bytes = value.size_bytes();
            (read_put(key, value)?, Action::Put)
        }
        legacy::OpType::Delete => (read_key(key)?, Action::Delete),
        legacy::OpType::Increment(_) | legacy::OpType::MarkBegin(_) | legacy::OpType::MarkEnd(_) => {
            return Err(GateRefusal::ActionForbidden);
        }
    };
    let replaces = op.pred.iter().map(|id| op_id(id, history).ok_or(GateRefusal::ReplacesNothing));
    Ok(Op { slot: Slot { map, key }, action, value_bytes, replaces: replaces.collect::<Result<_, _>>()? })
}

fn op_id(id: &legacy::OpId, history: &mut History) -> Option<OpId> {
    let actor = history.intern(&actor_key(id.actor()).ok()?)?;
    Some(OpId { counter: u32::try_from(id.counter()).ok()?, actor })
}

fn scalar(value: &ScalarValue) -> Scalar<'_> {
    match value {
        ScalarValue::Str(text) => Scalar::Text(text),
        ScalarValue::Uint(number) => Scalar::Number(*number),
        ScalarValue::Bytes(bytes) => Scalar::Bytes(bytes),
        _ => Scalar::Other,
    }
}

/// Reads a key that something may stand under.
pub(crate) fn read_key(key: &str) -> Result<SlotKey, GateRefusal> {
    Field::parse(key)
        .map(SlotKey::Field)
        .or_else(|| RecordKey::parse(key).map(SlotKey::Record))
        .ok_or(GateRefusal::KeyUnknown)
}

/// Reads a key and judges the scalar that is put there.
pub(crate) fn read_put(key: &str, value: Scalar<'_>) -> Result<SlotKey, GateRefusal> {
    let key = read_key(key)?;
    match key {
        SlotKey::Field(field) => match field.check(value) {
            Ok(()) => Ok(key),
            Err(ValueFault::Type) => Err(GateRefusal::ValueType),
            Err(ValueFault::Refused(refusal)) => Err(GateRefusal::Value(refusal)),
        },
        SlotKey::Record(_) => Err(GateRefusal::ValueType),
    }
}

/// Checks a change's operations against what it builds on, and gives where each stands. Deletions stand nowhere:
/// nothing can replace them.
///
/// The change itself has its place in the history by now; its operations have none yet.
pub(crate) fn check(incoming: &Incoming, link: &Link, history: &History) -> Result<Vec<(u32, Slot)>, GateRefusal> {
    let ops = incoming.ops.as_ref().map_err(Clone::clone)?;
    let clock = &link.clock();
    let mut places: Vec<(u32, Slot)> = Vec::with_capacity(ops.len());
    let mut made: Vec<(OpId, RecordKind)> = Vec::new();
    for (counter, op) in (link.start_op..=link.max_op).zip(ops) {
        let id = OpId { counter: u32::try_from(counter).map_err(|_| GateRefusal::CounterTooHigh)?, actor: link.actor };
        check_key(op, clock, history, &made)?;
        if places.iter().any(|(_, slot)| *slot == op.slot) {
            return Err(GateRefusal::SlotTwice);
        }
        check_replaced(op, clock, history)?;
        if let (Action::Make, SlotKey::Record(key)) = (op.action, op.slot.key) {
            made.push((id, key.kind));
        }
        places.push((id.counter, op.slot));
    }
    for (id, kind) in made {
        let written = |field: &Field| {
            let slot = Slot { map: Some(id), key: SlotKey::Field(*field) };
            field.is_optional() || places.iter().any(|(_, place)| *place == slot)
        };
        if !kind.fields().iter().all(written) {
            return Err(GateRefusal::RecordIncomplete);
        }
    }
    let mut stand = ops.iter().map(|op| op.action != Action::Delete);
    places.retain(|_| stand.next().unwrap_or(false));
    Ok(places)
}

/// Checks that the key belongs where the operation puts it.
fn check_key(op: &Op, clock: &Clock, history: &History, made: &[(OpId, RecordKind)]) -> Result<(), GateRefusal> {
    let kind = match op.slot.map {
        None => None,
        Some(map) => {
            let here = made.iter().find(|(id, _)| *id == map).map(|(_, kind)| *kind);
            Some(here.or_else(|| history.record_within(clock, map)).ok_or(GateRefusal::MapUnknown)?)
        }
    };
    let old = op.slot.map.is_some_and(|map| made.iter().all(|(id, _)| *id != map));
    if old && kind.is_some_and(RecordKind::is_final) && !op.slot.key.takes_back() {
        return Err(GateRefusal::AlterForbidden);
    }
    if old && matches!(op.slot.key, SlotKey::Field(field) if field.is_fixed() && field.kind() == kind) {
        return Err(GateRefusal::AlterForbidden);
    }
    match (op.slot.key, op.action) {
        (SlotKey::Record(_), Action::Make) if kind.is_none() => Ok(()),
        (SlotKey::Field(field), Action::Put) if field.kind() == kind => Ok(()),
        (SlotKey::Field(field), Action::Delete) if field.kind() == kind => {
            let may = field.is_optional() && !field.takes_back();
            if may && !op.replaces.is_empty() { Ok(()) } else { Err(GateRefusal::DeleteForbidden) }
        }
        (SlotKey::Record(_), Action::Delete) if kind.is_none() => Err(GateRefusal::DeleteForbidden),
        (SlotKey::Field(_), Action::Make) if kind.is_none() => Err(GateRefusal::ValueType),
        _ => Err(GateRefusal::KeyMisplaced),
    }
}

/// Checks that what the operation replaces stands in its slot, as far as the change builds on it: that it was made
/// there and that nothing has replaced it yet.
fn check_replaced(op: &Op, clock: &Clock, history: &History) -> Result<(), GateRefusal> {
    if op.action == Action::Make && !op.replaces.is_empty() {
        return Err(GateRefusal::RecordReplaced);
    }
    for (at, id) in op.replaces.iter().enumerate() {
        let made = history.slot_within(clock, *id).is_some_and(|slot| *slot == op.slot);
        let stands = made && !history.is_replaced_within(clock, *id);
        if !stands || op.replaces.iter().take(at).any(|earlier| earlier == id) {
            return Err(GateRefusal::ReplacesNothing);
        }
    }
    Ok(())
}
