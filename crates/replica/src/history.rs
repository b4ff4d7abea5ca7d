//! What the gate must know of a document to judge the next change: who made which change on top of what, and where
//! every operation stands.
//!
//! Everything in it passed the gate, so each actor's changes form one chain, and a vector clock per change answers
//! whether something is among its ancestors without walking the graph.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kaifong_trust::entry::ActorKey;

use crate::gate::structure::Incoming;
use crate::layout::{Field, RecordKey, RecordKind};
use crate::limits;

/// How many actors have a place while a delivery is judged: those of the document, and as many again.
const PLACES_MAX: usize = 2 * limits::DOCUMENT_ACTORS_MAX;

// What a change chunk takes at most, in bytes, without keys and values: its numbers, lengths and columns; an operation;
// an actor other than its own; an operation that is replaced. A snapshot does not say how long its changes are, and to
// write each out would cost more than to judge it.
const CHANGE_BYTES: u64 = 128;
const OP_BYTES: u64 = 20;
const ACTOR_BYTES: u64 = 41;
const REPLACED_BYTES: u64 = 8;

/// The hash of an Automerge change.
pub(crate) type Hash = [u8; 32];

/// An actor's place in the tables of one [`History`]; it means nothing outside.
pub(crate) type ActorIndex = u16;

/// An operation's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OpId {
    pub(crate) counter: u32,
    pub(crate) actor: ActorIndex,
}

/// Where an operation stands: in the root, or in the map that an earlier operation made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) map: Option<OpId>,
    pub(crate) key: SlotKey,
}

/// The key of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotKey {
    Field(Field),
    Record(RecordKey),
}

impl SlotKey {
    /// Tells whether it takes a final record back.
    pub(crate) fn takes_back(self) -> bool {
        matches!(self, Self::Field(field) if field.takes_back())
    }

    fn size_bytes(self) -> u64 {
        match self {
            Self::Field(field) => field.key().len() as u64,
            Self::Record(key) => key.text().len() as u64,
        }
    }
}

/// One change.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) actor: ActorIndex,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) max_op: u64,
    pub(crate) deps: Vec<Hash>,
    /// What its operations replace.
    pub(crate) replaces: Vec<OpId>,
    /// The size of its chunk, by an estimate that is a little too high.
    pub(crate) size_bytes: u64,
    /// The last seq of each actor that is among the ancestors, this change included once it is pushed.
    clock: Vec<u32>,
}

/// One actor's changes and operations, in order.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) actor: ActorKey,
    pub(crate) changes: Vec<Hash>,
    slots: Vec<(u32, Slot)>,
}

/// Everything that a document's limits count, actors aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    changes: u64,
    ops: u64,
    deps: u64,
    replaced: u64,
    bytes: u64,
}

/// The changes of one document.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    // Only ever asked for single hashes; where an order can be observed, the chains give it.
    links: HashMap<Hash, Link>,
    chains: Vec<Chain>,
    by_actor: BTreeMap<ActorKey, ActorIndex>,
    /// For every operation that was replaced: by which changes. No two are one actor's: its next would build on both.
    replaced: HashMap<OpId, Vec<(ActorIndex, u64)>>,
    totals: Totals,
}

/// A vector clock under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Vec<u32>);

/// What to go back to when a delivery fails half-way.
pub(crate) struct Mark {
    chains: usize,
}

impl History {
    pub(crate) fn len(&self) -> usize {
        self.links.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    pub(crate) fn link(&self, hash: &Hash) -> Option<&Link> {
        self.links.get(hash)
    }

    pub(crate) fn contains(&self, hash: &Hash) -> bool {
        self.links.contains_key(hash)
    }

    pub(crate) fn chain(&self, actor: &ActorKey) -> Option<&Chain> {
        self.chains.get(usize::from(*self.by_actor.get(actor)?))
    }

    /// Walks the actors that have changes, in order of their keys.
    pub(crate) fn chains(&self) -> impl Iterator<Item = &Chain> {
        self.by_actor
            .values()
            .filter_map(|index| self.chains.get(usize::from(*index)))
            .filter(|chain| !chain.changes.is_empty())
    }

    pub(crate) fn actor(&self, index: ActorIndex) -> Option<&ActorKey> {
        Some(&self.chains.get(usize::from(index))?.actor)
    }

    /// Counts the actors that have changes.
    pub(crate) fn actors(&self) -> usize {
        self.chains().count()
    }

    /// Tells whether an actor has a place and no changes: it was cut, or only looked at.
    pub(crate) fn has_idle_places(&self) -> bool {
        self.chains.iter().any(|chain| chain.changes.is_empty())
    }

    /// Gives the actor's place, a new one if it is not known yet; `None` beyond what a document and a delivery may
    /// hold together.
    pub(crate) fn intern(&mut self, actor: &ActorKey) -> Option<ActorIndex> {
        if let Some(index) = self.by_actor.get(actor) {
            return Some(*index);
        }
        if self.chains.len() >= PLACES_MAX {
            return None;
        }
        let index = ActorIndex::try_from(self.chains.len()).ok()?;
        self.chains.push(Chain { actor: *actor, changes: Vec::new(), slots: Vec::new() });
        self.by_actor.insert(*actor, index);
        Some(index)
    }

    /// Joins the clocks of changes; `None` if one is not known.
    pub(crate) fn clock_of(&self, deps: &[Hash]) -> Option<Clock> {
        let mut clock = Vec::new();
        for dep in deps {
            let theirs = &self.links.get(dep)?.clock;
            if clock.len() < theirs.len() {
                clock.resize(theirs.len(), 0);
            }
            clock.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours = (*theirs).max(*ours));
        }
        Some(Clock(clock))
    }

    /// Tells where an operation stands if the clock covers it.
    pub(crate) fn slot_within(&self, clock: &Clock, id: OpId) -> Option<&Slot> {
        let chain = self.chains.get(usize::from(id.actor))?;
        let last = chain.changes.get(usize::try_from(clock.seq(id.actor)).ok()?.checked_sub(1)?)?;
        if u64::from(id.counter) > self.links.get(last)?.max_op {
            return None;
        }
        let at = chain.slots.binary_search_by_key(&id.counter, |(counter, _)| *counter).ok()?;
        chain.slots.get(at).map(|(_, slot)| slot)
    }

    /// Tells whether a change that the clock covers has replaced the operation.
    pub(crate) fn is_replaced_within(&self, clock: &Clock, id: OpId) -> bool {
        self.replaced.get(&id).is_some_and(|by| by.iter().any(|(actor, seq)| clock.seq(*actor) >= *seq))
    }

    /// Tells what kind of record an operation made, if the clock covers it and it made one.
    pub(crate) fn record_within(&self, clock: &Clock, id: OpId) -> Option<RecordKind> {
        match self.slot_within(clock, id)?.key {
            SlotKey::Record(key) => Some(key.kind),
            SlotKey::Field(_) => None,
        }
    }

    /// Takes in a change that has its place: its actor's next, on top of what is known.
    pub(crate) fn push(&mut self, hash: Hash, mut link: Link, clock: Clock) {
        let index = usize::from(link.actor);
        let Some(chain) = self.chains.get_mut(index) else { return debug_assert!(false, "actor not interned") };
        link.clock = clock.0;
        if link.clock.len() <= index {
            link.clock.resize(index + 1, 0);
        }
        if let Some(own) = link.clock.get_mut(index) {
            *own = u32::try_from(link.seq).unwrap_or(u32::MAX);
        }
        self.totals.add(&link);
        chain.changes.push(hash);
        self.links.insert(hash, link);
    }

    /// Takes in where the operations of a pushed change stand, in order of counter, and what they replace.
    pub(crate) fn place(&mut self, hash: &Hash, slots: Vec<(u32, Slot)>) {
        let Some(link) = self.links.get(hash) else { return };
        if let Some(chain) = self.chains.get_mut(usize::from(link.actor)) {
            chain.slots.extend(slots);
        }
        for id in &link.replaces {
            self.replaced.entry(*id).or_default().push((link.actor, link.seq));
        }
    }

    /// Marks what is there now.
    pub(crate) fn mark(&self) -> Mark {
        Mark { chains: self.chains.len() }
    }

    /// Takes back what was pushed since the mark: the last of their actors' changes, in any order.
    pub(crate) fn rewind(&mut self, mark: Mark, pushed: &[Hash]) {
        self.drop_changes(pushed);
        for chain in self.chains.drain(mark.chains..) {
            self.by_actor.remove(&chain.actor);
        }
    }

    /// Drops changes that nothing which stays builds on.
    pub(crate) fn drop_changes(&mut self, doomed: &[Hash]) {
        for hash in doomed {
            let Some(link) = self.links.remove(hash) else { continue };
            self.totals.take_off(&link);
            for id in &link.replaces {
                let Some(by) = self.replaced.get_mut(id) else { continue };
                by.retain(|by| *by != (link.actor, link.seq));
                if by.is_empty() {
                    self.replaced.remove(id);
                }
            }
            let Some(chain) = self.chains.get_mut(usize::from(link.actor)) else { continue };
            chain.changes.truncate(usize::try_from(link.seq.saturating_sub(1)).unwrap_or(usize::MAX));
            let keep = chain.slots.partition_point(|(counter, _)| u64::from(*counter) < link.start_op);
            chain.slots.truncate(keep);
        }
    }

    /// Gives every change in an order in which each follows what it builds on.
    pub(crate) fn in_order(&self) -> Vec<Hash> {
        let mut order: Vec<_> = self.links.iter().map(|(hash, link)| (link.start_op, *hash)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, hash)| hash).collect()
    }

    /// Names the changes before which, in the order of their first operation and then of their hash, a limit of the
    /// document was reached. They do not stand, whatever way they came.
    ///
    /// That this is a function of the set rests on two things: what stands is a beginning of the order, which whoever
    /// forgets the rest still holds; and a limit is judged by what comes before and not by the change itself.
    pub(crate) fn displaced(&self) -> BTreeSet<Hash> {
        if !self.totals.are_full() && self.actors() < limits::DOCUMENT_ACTORS_MAX {
            return BTreeSet::new();
        }
        let (mut before, mut actors) = (Totals::default(), BTreeSet::new());
        let standing = |hash: &Hash| {
            if before.are_full() || actors.len() >= limits::DOCUMENT_ACTORS_MAX {
                return false;
            }
            if let Some(link) = self.links.get(hash) {
                before.add(link);
                actors.insert(link.actor);
            }
            true
        };
        self.in_order().into_iter().skip_while(standing).collect()
    }
}

impl Totals {
    fn add(&mut self, link: &Link) {
        self.changes += 1;
        self.ops += link.ops();
        self.deps += link.deps.len() as u64;
        self.replaced += link.replaces.len() as u64;
        self.bytes += link.size_bytes;
    }

    fn take_off(&mut self, link: &Link) {
        self.changes -= 1;
        self.ops -= link.ops();
        self.deps -= link.deps.len() as u64;
        self.replaced -= link.replaces.len() as u64;
        self.bytes -= link.size_bytes;
    }

    /// Gives each total with its limit.
    fn with_limits(&self) -> [(u64, u64); 5] {
        [
            (self.changes, limits::DOCUMENT_CHANGES_MAX as u64),
            (self.ops, limits::DOCUMENT_OPS_MAX),
            (self.deps, limits::DOCUMENT_DEPS_MAX),
            (self.replaced, limits::DOCUMENT_REPLACED_MAX),
            (self.bytes, limits::DOCUMENT_BYTES_MAX),
        ]
    }

    /// Tells whether a limit is reached.
    pub(crate) fn are_full(&self) -> bool {
        self.with_limits().iter().any(|(total, most)| total >= most)
    }

    /// Tells whether nine tenths of a limit are reached: there an honest device stops.
    pub(crate) fn are_nearly_full(&self) -> bool {
        self.with_limits().iter().any(|(total, most)| *total >= most / 10 * 9)
    }
}

impl Link {
    /// Makes a link whose clock is still to come.
    pub(crate) fn new(actor: ActorIndex, incoming: &Incoming) -> Self {
        let ops = incoming.ops.as_deref().unwrap_or_default();
        let replaces: Vec<_> = ops.iter().flat_map(|op| op.replaces.iter().copied()).collect();
        let named = ops.iter().filter_map(|op| op.slot.map).chain(replaces.iter().copied()).map(|id| id.actor);
        let others: BTreeSet<_> = named.filter(|named| *named != actor).collect();
        let ops_bytes: u64 = ops.iter().map(|op| OP_BYTES + op.slot.key.size_bytes() + op.value_bytes).sum();
        let size_bytes = CHANGE_BYTES
            + incoming.deps.len() as u64 * 32
            + others.len() as u64 * ACTOR_BYTES
            + replaces.len() as u64 * REPLACED_BYTES
            + ops_bytes;
        let Incoming { seq, start_op, max_op, ref deps, .. } = *incoming;
        Self { actor, seq, start_op, max_op, deps: deps.clone(), replaces, size_bytes, clock: Vec::new() }
    }

    fn ops(&self) -> u64 {
        self.max_op + 1 - self.start_op
    }

    /// Tells whether another change is among the ancestors, or is this one.
    pub(crate) fn covers(&self, other: &Link) -> bool {
        self.clock.get(usize::from(other.actor)).is_some_and(|seq| u64::from(*seq) >= other.seq)
    }

    /// Gives what the change covers, itself included.
    pub(crate) fn clock(&self) -> Clock {
        Clock(self.clock.clone())
    }
}

impl Clock {
    /// Gives the last seq of the actor that is covered; 0 for none.
    pub(crate) fn seq(&self, actor: ActorIndex) -> u64 {
        self.0.get(usize::from(actor)).copied().unwrap_or(0).into()
    }
}
