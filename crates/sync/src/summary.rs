//! The frozen summary of what one side holds, and the reconcile over it.
//!
//! Range-based set reconciliation (A. Meyer, "Range-Based Set Reconciliation and Authenticated Set Representations",
//! 2022) in the form of negentropy 1. Both sides put their items into one order and compare fingerprints of ranges;
//! ranges that differ are cut into sixteen, short ones are listed.
//!
//! Four choices make ten differences among thousands cheap:
//! - **Order.** An element begins with a hash of the item alone. Two states of one item stand side by side, fall into
//!   one range, and cost one descent instead of two.
//! - **Width.** An element is 16 bytes; the other half of negentropy's id is zero and travels as two bytes. The salt is
//!   drawn afresh for each session, so nobody can prepare two states that look equal, and should two of them look equal
//!   by chance (1 in 2⁶⁴), the next session tells them apart.
//! - **Bounds.** All timestamps are 0, so a range's bound is the shortest telling prefix: 3 to 5 bytes.
//! - **The first cut.** A range that the responder finds short it lists, and the initiator knows at once; one that the
//!   initiator finds short both have to list. So the first step cuts coarsely enough for the responder to be the one
//!   that lists, two round trips later. It also makes the commonest session, in which nothing differs, the cheapest.

use std::collections::{BTreeMap, BTreeSet};

use negentropy::{Id, Negentropy, NegentropyStorageBase, NegentropyStorageVector};

use crate::error::WireError;
use crate::item::{Holdings, ItemId};
use crate::step::{pack, unpack};
use crate::wire::Element;

/// The first byte of every step: negentropy's protocol version 1.
const VERSION: u8 = 0x61;
/// What negentropy may write into one step, in bytes before packing: some 16,000 ids. With more differences the
/// reconcile takes more rounds.
const STEP_BYTES_MAX: usize = 512 * 1024;
/// How many elements a range of the first step has: 16 times the length (32) from which negentropy cuts instead of
/// listing, and a quarter more, since the sides never hold quite the same.
const FIRST_RANGE_ELEMENTS: usize = 640;
/// How many ranges the first step has, at most; it is also negentropy's own number.
const FIRST_RANGES_MAX: usize = 16;
/// By how much negentropy may overshoot: it looks at the limit after each range.
const STEP_SLACK_BYTES: usize = 4 * 1024;

/// What one side held when the session began.
pub(crate) struct Summary {
    items: BTreeMap<Element, ItemId>,
    storage: NegentropyStorageVector,
    have: BTreeSet<Element>,
    need: BTreeSet<Element>,
    step_bytes_max: usize,
}

/// What the initiator knows at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Items that only this side holds in this state, ascending.
    pub(crate) mine: Vec<ItemId>,
    /// Elements that only the other side holds, ascending.
    pub(crate) need: Vec<Element>,
    /// How many items differ, each counted once.
    pub(crate) items: usize,
}

impl Summary {
    /// Freezes what is held now.
    pub(crate) fn freeze(salt: &[u8; 16], holdings: &dyn Holdings) -> Self {
        let key = blake3::derive_key("kaifong 1 reconcile summary", salt);
        let mut items = BTreeMap::new();
        let mut storage = NegentropyStorageVector::new();
        holdings.items(&mut |item, fingerprint| {
            let element = element_of(&key, &item, &fingerprint);
            let mut id = [0; 32];
            id.iter_mut().zip(element).for_each(|(to, from)| *to = from);
            let inserted = storage.insert(0, Id::from_byte_array(id));
            debug_assert!(inserted.is_ok(), "the storage is not sealed yet");
            items.insert(element, item);
        });
        let sealed = storage.seal();
        debug_assert!(sealed.is_ok(), "the storage is sealed once");
        Self { items, storage, have: BTreeSet::new(), need: BTreeSet::new(), step_bytes_max: STEP_BYTES_MAX }
    }

    /// Gives the initiator's first step.
    pub(crate) fn first_step(&self) -> Vec<u8> {
        let ranges = (self.items.len() / FIRST_RANGE_ELEMENTS).min(FIRST_RANGES_MAX);
        let first = match ranges {
            0 => self.negentropy().and_then(|mut negentropy| negentropy.initiate()),
            _ => self.fingerprints(ranges),
        };
        debug_assert!(first.is_ok(), "a sealed summary can always be begun with");
        pack(&first.unwrap_or_default())
    }

    /// Takes the responder's reply; gives the initiator's next step, or `None` once all differences are known.
    pub(crate) fn next_step(&mut self, reply: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
        let reply = self.unpack(reply)?;
        let (mut have, mut need) = (Vec::new(), Vec::new());
        let mut negentropy = self.negentropy().map_err(|_| WireError::BadStep)?;
        negentropy.set_initiator();
        let next = negentropy.reconcile_with_ids(&reply, &mut have, &mut need).map_err(|_| WireError::BadStep)?;
        // Negentropy may tell of one element twice when a step hits its limit; the sets also give a fixed order.
        self.have.extend(have.iter().filter_map(element_from));
        for id in &need {
            self.need.insert(element_from(id).ok_or(WireError::BadStep)?);
        }
        Ok(next.map(|next| pack(&next)))
    }

    /// Gives the responder's answer to one step.
    pub(crate) fn answer(&self, step: &[u8]) -> Result<Vec<u8>, WireError> {
        let step = self.unpack(step)?;
        let answer = self.negentropy().and_then(|mut negentropy| negentropy.reconcile(&step));
        answer.map(|answer| pack(&answer)).map_err(|_| WireError::BadStep)
    }

    /// Gives the item that an element of this summary stands for.
    pub(crate) fn item(&self, element: &Element) -> Option<ItemId> {
        self.items.get(element).copied()
    }

    /// Gives how many elements the neighbour has claimed to hold alone so far.
    pub(crate) fn need_len(&self) -> usize {
        self.need.len()
    }

    /// Gives what was found.
    pub(crate) fn differences(&self) -> Differences {
        let mine: BTreeSet<ItemId> = self.have.iter().filter_map(|element| self.item(element)).collect();
        let places: BTreeSet<&[u8]> = self.have.iter().chain(&self.need).map(place).collect();
        Differences { mine: mine.into_iter().collect(), need: self.need.iter().copied().collect(), items: places.len() }
    }

    /// Writes what negentropy would, but with so many ranges: for each its upper bound (timestamp, length and prefix
    /// of an id), then 1 for a fingerprint, then the fingerprint. The last bound is infinity, written as two zeros.
    fn fingerprints(&self, ranges: usize) -> Result<Vec<u8>, negentropy::Error> {
        let mut step = vec![VERSION];
        let (mut lower, mut last) = (0, None);
        let mut elements = self.items.keys();
        for n in 1..=ranges {
            let upper = self.items.len() * n / ranges;
            last = elements.by_ref().take(upper - lower).last().or(last);
            match (last, elements.clone().next()) {
                (Some(last), Some(next)) => {
                    let shared = last.iter().zip(next).take_while(|(one, other)| one == other).count();
                    step.push(1);
                    step.push(u8::try_from(shared + 1).unwrap_or(u8::MAX));
                    step.extend(next.iter().take(shared + 1));
                }
                _ => step.extend([0, 0]),
            }
            step.push(1);
            step.extend(self.storage.fingerprint(lower, upper)?.to_bytes());
            lower = upper;
        }
        Ok(step)
    }

    fn negentropy(&self) -> Result<Negentropy<'_, NegentropyStorageVector>, negentropy::Error> {
        let limit = u64::try_from(self.step_bytes_max).unwrap_or(u64::MAX);
        Negentropy::borrowed(&self.storage, limit)
    }

    fn unpack(&self, packed: &[u8]) -> Result<Vec<u8>, WireError> {
        unpack(packed, STEP_BYTES_MAX + STEP_SLACK_BYTES)
    }
}

/// Gives 8 bytes that depend on the item, then 8 that depend on the item and its state.
fn element_of(key: &[u8; 32], item: &ItemId, fingerprint: &[u8; 32]) -> Element {
    let mut hasher = blake3::Hasher::new_keyed(key);
    let (kind, id): (u8, &[u8]) = match item {
        ItemId::Journal(id) => (0, &id.0),
        ItemId::Document(id) => (1, &id.0),
        ItemId::Fork(hash) => (2, hash),
        ItemId::Envelope(hash) => (3, hash),
    };
    hasher.update(&[kind]).update(id);
    let place = hasher.finalize();
    let state = hasher.update(fingerprint).finalize();
    let mut element = [0; 16];
    let bytes = place.as_bytes().iter().take(8).chain(state.as_bytes().iter().take(8));
    element.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    element
}

fn element_from(id: &Id) -> Option<Element> {
    let (element, zeros) = id.as_bytes().split_at_checked(16)?;
    if zeros.iter().all(|byte| *byte == 0) { element.try_into().ok() } else { None }
}

fn place(element: &Element) -> &[u8] {
    element.split_at_checked(8).map_or(element.as_slice(), |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Heads, Parcel};

    /// Items with their states.
    struct Shelf(Vec<(ItemId, [u8; 32])>);

    impl Shelf {
        fn of(items: impl IntoIterator<Item = (u32, u8)>) -> Self {
            let item = |n: u32| ItemId::Fork(*blake3::hash(&n.to_le_bytes()).as_bytes());
            Self(items.into_iter().map(|(n, state)| (item(n), [state; 32])).collect())
        }
    }

    impl Holdings for Shelf {
        fn items(&self, each: &mut dyn FnMut(ItemId, [u8; 32])) {
            self.0.iter().for_each(|(item, state)| each(*item, *state));
        }

        fn heads(&self, _: &ItemId) -> Heads {
            Heads::new()
        }

        fn knows(&self, _: &ItemId, _: &[u8; 32]) -> bool {
            false
        }

        fn parcels(&self, _: &[(ItemId, Heads)], _: usize) -> Vec<Parcel> {
            Vec::new()
        }
    }

    fn reconcile(ours: &Shelf, theirs: &Shelf, step_bytes_max: usize) -> (Differences, Summary, u32) {
        let (mut ours, mut theirs) = (Summary::freeze(&[4; 16], ours), Summary::freeze(&[4; 16], theirs));
        (ours.step_bytes_max, theirs.step_bytes_max) = (step_bytes_max, step_bytes_max);
        let (mut step, mut rounds) = (Some(ours.first_step()), 0);
        while let Some(next) = step {
            rounds += 1;
            step = ours.next_step(&theirs.answer(&next).unwrap()).unwrap();
        }
        (ours.differences(), theirs, rounds)
    }

    #[test]
    fn the_first_step_reads_like_negentropys_own() {
        // With 16 ranges both must write the same bytes.
        let summary = Summary::freeze(&[4; 16], &Shelf::of((0..16 * 640).map(|n| (n, 0))));
        let own = summary.negentropy().unwrap().initiate().unwrap();
        assert_eq!(summary.fingerprints(16).unwrap(), own);
        assert_eq!(summary.first_step(), pack(&own));
        assert_eq!(u64::from(VERSION), negentropy::PROTOCOL_VERSION);
    }

    #[test]
    fn every_difference_is_found_once_at_any_size_and_any_limit() {
        for count in [0, 1, 31, 32, 511, 512, 639, 640, 1279, 1280, 5000] {
            for every in [1, 7, 400] {
                for limit in [4096, STEP_BYTES_MAX] {
                    let changed = |n: u32| n.is_multiple_of(every);
                    let ours = Shelf::of((0..count).map(|n| (n, u8::from(changed(n)))));
                    // Theirs lack a few and hold a few more.
                    let theirs = Shelf::of((3..count + 3).map(|n| (n, 0)));
                    let (found, theirs, _) = reconcile(&ours, &theirs, limit);
                    let mine = (0..count).filter(|n| changed(*n) || *n < 3).count();
                    let need = (3..count + 3).filter(|n| changed(*n) || *n >= count).count();
                    assert_eq!((found.mine.len(), found.need.len()), (mine, need), "{count} {every} {limit}");
                    assert!(found.need.iter().all(|element| theirs.item(element).is_some()));
                    let differs = |n: u32| (n < count) != (n >= 3) || (n < count && changed(n));
                    assert_eq!(found.items, (0..count + 3).filter(|n| differs(*n)).count());
                }
            }
        }
    }

    #[test]
    fn more_differences_than_one_step_can_list_take_more_rounds() {
        let (ours, theirs) = (Shelf::of((0..20_000).map(|n| (n, 0))), Shelf::of((0..20_000).map(|n| (n, 1))));
        let (found, _, rounds) = reconcile(&ours, &theirs, STEP_BYTES_MAX);
        assert_eq!((found.mine.len(), found.need.len(), found.items), (20_000, 20_000, 20_000));
        assert!(rounds > 2 && rounds <= 6, "{rounds} rounds");
    }

    #[test]
    fn equal_summaries_of_one_building_take_one_step_of_some_bytes() {
        let shelf = Shelf::of((0..4000).map(|n| (n, 0)));
        let summary = Summary::freeze(&[4; 16], &shelf);
        assert!(summary.first_step().len() < 150);
        assert_eq!(reconcile(&shelf, &shelf, STEP_BYTES_MAX).2, 1);
    }

    #[test]
    fn two_salts_give_one_item_two_names() {
        let shelf = Shelf::of([(1, 0)]);
        let (one, other) = (Summary::freeze(&[1; 16], &shelf), Summary::freeze(&[2; 16], &shelf));
        assert!(one.items.keys().ne(other.items.keys()));
    }
}
