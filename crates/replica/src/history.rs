//! What the gate must know of a document to judge the next change: who made which change on top of what, and where
//! every operation stands.
//!
//! Everything in it passed the gate, so each actor's changes form one chain, and a vector clock per change answers
//! whether something is among its ancestors without walking the graph.

use std::collections::{BTreeMap, HashMap};

use kaifong_trust::entry::ActorKey;

use crate::layout::{Field, RecordKey, RecordKind};
use crate::limits;

/// The hash of an Automerge change.
pub(crate) type Hash = [u8; 32];

/// An actor's place in the tables of one [`History`]; it means nothing outside.
pub(crate) type ActorIndex = u16;

/// An operation's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// One change.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) actor: ActorIndex,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) max_op: u64,
    pub(crate) deps: Vec<Hash>,
    /// The last seq of each actor that is among the ancestors, this change included.
    clock: Vec<u32>,
}

/// One actor's changes and operations, in order.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) actor: ActorKey,
    pub(crate) changes: Vec<Hash>,
    slots: Vec<(u32, Slot)>,
}

/// The changes of one document.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    // Only ever asked for single hashes; where an order can be observed, the chains give it.
    links: HashMap<Hash, Link>,
    chains: Vec<Chain>,
    by_actor: BTreeMap<ActorKey, ActorIndex>,
    ops: u64,
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

    pub(crate) fn ops(&self) -> u64 {
        self.ops
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

    /// Tells whether the actor has a place or can get one.
    pub(crate) fn has_room_for(&self, actor: &ActorKey) -> bool {
        self.by_actor.contains_key(actor) || self.chains.len() < limits::DOCUMENT_ACTORS_MAX
    }

    /// Gives the actor's place, a new one if it is not known yet; `None` beyond what one document may hold.
    pub(crate) fn intern(&mut self, actor: &ActorKey) -> Option<ActorIndex> {
        if let Some(index) = self.by_actor.get(actor) {
            return Some(*index);
        }
        if self.chains.len() >= limits::DOCUMENT_ACTORS_MAX {
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
        self.ops += link.ops();
        chain.changes.push(hash);
        self.links.insert(hash, link);
    }

    /// Takes in where the operations of a pushed change stand, in order of counter.
    pub(crate) fn place(&mut self, actor: ActorIndex, slots: Vec<(u32, Slot)>) {
        if let Some(chain) = self.chains.get_mut(usize::from(actor)) {
            chain.slots.extend(slots);
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
            self.ops -= link.ops();
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
}

impl Link {
    pub(crate) fn new(actor: ActorIndex, seq: u64, ops: std::ops::RangeInclusive<u64>, deps: Vec<Hash>) -> Self {
        Self { actor, seq, start_op: *ops.start(), max_op: *ops.end(), deps, clock: Vec::new() }
    }

    fn ops(&self) -> u64 {
        self.max_op + 1 - self.start_op
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
