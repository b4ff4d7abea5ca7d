//! What every [`Store`] does, as checks that panic when one does not.
//!
//! A type system cannot say that a batch is atomic or that a scan is ordered. Every implementation runs
//! [`check_all`] with a function that makes an empty store, and [`check_model`] with a way to open a store again.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{collections::BTreeMap, ops::Range, thread};

use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use crate::{Batch, KEY_BYTES_MAX, Pairs, Space, Store, StoreError};

/// Runs every check but the model, each on a store that `fresh` makes, which is empty.
pub fn check_all<S: Store>(mut fresh: impl FnMut() -> S) {
    a_new_store_is_empty(&fresh());
    the_last_op_on_a_key_counts(&fresh());
    spaces_do_not_mix(&fresh());
    scans_are_ordered_and_complete(&fresh());
    visits_show_what_scans_return(&fresh());
    big_values_come_back_and_go_away(&fresh());
    long_keys_are_refused_whole(&fresh());
    an_empty_batch_is_fine(&fresh());
    concurrent_commits_all_land(&fresh());
    readers_see_whole_batches(&fresh());
}

fn put(store: &impl Store, space: Space, key: &[u8], value: &[u8]) {
    let mut batch = Batch::new();
    batch.put(space, key, value);
    store.commit(batch).expect("a put commits");
}

fn get(store: &impl Store, space: Space, key: &[u8]) -> Option<Vec<u8>> {
    store.get(space, key).expect("a get succeeds")
}

fn keys(store: &impl Store, space: Space, prefix: &[u8]) -> Vec<Vec<u8>> {
    store.scan(space, prefix).expect("a scan succeeds").into_iter().map(|(key, _)| key).collect()
}

fn a_new_store_is_empty(store: &impl Store) {
    for space in Space::ALL {
        assert_eq!(keys(store, space, b""), Vec::<Vec<u8>>::new(), "{space:?} of a new store");
    }
    assert_eq!(get(store, Space::Meta, b"absent"), None);
}

fn the_last_op_on_a_key_counts(store: &impl Store) {
    let mut batch = Batch::new();
    batch.put(Space::Rows, b"a", b"1");
    batch.put(Space::Rows, b"a", b"2");
    batch.put(Space::Rows, b"b", b"1");
    batch.delete(Space::Rows, b"b");
    batch.delete(Space::Rows, b"c");
    batch.put(Space::Rows, b"c", b"");
    let mut more = Batch::new();
    more.delete(Space::Rows, b"a");
    batch.append(more);
    store.commit(batch).expect("a batch commits");
    assert_eq!(keys(store, Space::Rows, b""), [b"c"]);
    assert_eq!(get(store, Space::Rows, b"c"), Some(Vec::new()), "an empty value is a value");
}

fn spaces_do_not_mix(store: &impl Store) {
    let mut batch = Batch::new();
    for space in Space::ALL {
        batch.put(space, b"same key", format!("{space:?}"));
    }
    store.commit(batch).expect("one batch spans all spaces");
    let mut batch = Batch::new();
    batch.delete(Space::Heads, b"same key");
    store.commit(batch).expect("a delete commits");
    for space in Space::ALL {
        let expected = (space != Space::Heads).then(|| format!("{space:?}").into_bytes());
        assert_eq!(get(store, space, b"same key"), expected);
        assert_eq!(keys(store, space, b"").len(), usize::from(space != Space::Heads));
    }
}

fn scans_are_ordered_and_complete(store: &impl Store) {
    // In ascending order; the empty key, prefixes of one another, and the bytes where prefix ranges go wrong.
    let all: [&[u8]; 10] = [b"", b"\0", b"\0\0", b"a", b"a\0", b"a\xff", b"b", b"\xff", b"\xff\xff", b"\xff\xff\xff"];
    for space in [Space::Meta, Space::Rows, Space::Private] {
        let mut batch = Batch::new();
        for key in all.iter().rev() {
            batch.put(space, *key, *key);
        }
        store.commit(batch).expect("a batch commits");
    }
    for space in [Space::Meta, Space::Rows, Space::Private] {
        for prefix in all {
            let expected: Vec<_> = all.iter().filter(|key| key.starts_with(prefix)).map(|key| key.to_vec()).collect();
            assert_eq!(keys(store, space, prefix), expected, "{space:?}, prefix {prefix:?}");
        }
    }
}

fn visits_show_what_scans_return(store: &impl Store) {
    for n in 0..100_u8 {
        put(store, Space::Envelopes, &[n % 7, n], &vec![n; usize::from(n) * 100]);
    }
    let mut visited = Pairs::new();
    store
        .visit(Space::Envelopes, &[3], &mut |key, value| visited.push((key.to_vec(), value.to_vec())))
        .expect("a visit succeeds");
    assert_eq!(visited.len(), 14);
    assert_eq!(visited, store.scan(Space::Envelopes, &[3]).expect("a scan succeeds"));
}

/// Makes a value whose every part differs, so that a mixed-up piece shows.
fn value_of(len: usize, salt: u8) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8 ^ (n / 251 % 256) as u8 ^ salt).collect()
}

fn big_values_come_back_and_go_away(store: &impl Store) {
    let key = [0xff_u8; KEY_BYTES_MAX];
    for (salt, len) in [3 << 20, 4096, 4097, 1 << 20, 0, 8192, 70_000, 1].into_iter().enumerate() {
        let value = value_of(len, salt as u8);
        put(store, Space::Documents, &key, &value);
        put(store, Space::Documents, &key[1..], b"a shorter key of the same bytes");
        assert!(get(store, Space::Documents, &key).as_ref() == Some(&value), "a value of {len} bytes comes back");
        let pairs = store.scan(Space::Documents, &key[1..]).expect("a scan succeeds");
        assert_eq!(pairs.len(), 2);
        assert!(pairs[1].1 == value, "a value of {len} bytes is scanned");
    }
    let mut batch = Batch::new();
    batch.delete(Space::Documents, key);
    batch.delete(Space::Documents, &key[1..]);
    store.commit(batch).expect("a delete commits");
    a_new_store_is_empty(store);
}

fn long_keys_are_refused_whole(store: &impl Store) {
    let mut batch = Batch::new();
    batch.put(Space::Rows, b"short", b"");
    batch.put(Space::Rows, vec![7; KEY_BYTES_MAX + 1], b"");
    let refused = store.commit(batch);
    assert!(matches!(refused, Err(StoreError::KeyTooLong { len }) if len == KEY_BYTES_MAX + 1));
    a_new_store_is_empty(store);
    put(store, Space::Rows, b"later", b"goes on");
}

fn an_empty_batch_is_fine(store: &impl Store) {
    store.commit(Batch::new()).expect("an empty batch commits");
    a_new_store_is_empty(store);
}

fn concurrent_commits_all_land(store: &impl Store) {
    thread::scope(|scope| {
        for writer in 0..8_u8 {
            scope.spawn(move || {
                for n in 0..20_u8 {
                    put(store, Space::Journals, &[writer, n], &[writer; 300]);
                    assert!(get(store, Space::Journals, &[writer, n]).is_some(), "writers read what they wrote");
                }
            });
        }
    });
    assert_eq!(keys(store, Space::Journals, b"").len(), 160);
}

/// A writer moves one token around a ring of keys, and changes their common value with each batch.
fn readers_see_whole_batches(store: &impl Store) {
    const RING: Range<u8> = 0..40;
    let write = |round: u8| {
        let mut batch = Batch::new();
        for key in RING {
            batch.put(Space::Rows, [key], vec![round; 5000]);
        }
        batch.delete(Space::Rows, [round % RING.end]);
        store.commit(batch).expect("a round commits");
    };
    write(0);
    thread::scope(|scope| {
        let writer = scope.spawn(|| (1..60).for_each(write));
        while !writer.is_finished() {
            let pairs = store.scan(Space::Rows, b"").expect("a scan succeeds");
            assert_eq!(pairs.len(), RING.len() - 1, "one key is always missing");
            let round = pairs[0].1[0];
            assert!(pairs.iter().all(|(_, value)| *value == vec![round; 5000]), "all values are of one round");
            assert!(pairs.iter().all(|(key, _)| key[0] != round % RING.end), "the round's own key is missing");
        }
    });
}

/// One step of a life of a store.
#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<(Space, Vec<u8>, Option<Vec<u8>>)>),
    Scan(Space, Vec<u8>),
    Reopen,
}

/// Checks random lives of a store against an ordered map; `reopen` gets the store by value and opens it again.
pub fn check_model<S: Store>(lives: u32, fresh: impl Fn() -> S, reopen: impl Fn(S) -> S) {
    let space = (0..Space::ALL.len()).prop_map(|n| Space::ALL[n]).boxed();
    // Few bytes, so that keys meet, and the ones where ranges end.
    let key = vec(prop_oneof![Just(0_u8), Just(1), Just(b'a'), Just(0xfe), Just(0xff)], 0..4).boxed();
    let value = (any::<u8>(), prop_oneof![8 => 0..64_usize, 2 => 4000..4200_usize, 1 => 8190..20_000_usize])
        .prop_map(|(salt, len)| value_of(len, salt));
    let op = (space.clone(), key.clone(), proptest::option::weighted(0.7, value));
    let step = prop_oneof![
        6 => vec(op, 0..12).prop_map(Step::Commit),
        2 => (space, key).prop_map(|(space, prefix)| Step::Scan(space, prefix)),
        1 => Just(Step::Reopen),
    ];
    let config = ProptestConfig { cases: lives, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&vec(step, 1..40), |life| {
        live(life, fresh(), &reopen);
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

fn live<S: Store>(life: Vec<Step>, store: S, reopen: &impl Fn(S) -> S) {
    let mut store = store;
    let mut model = BTreeMap::new();
    for step in life {
        match step {
            Step::Commit(ops) => {
                let mut batch = Batch::new();
                for (space, key, value) in ops {
                    match value {
                        Some(value) => {
                            batch.put(space, key.clone(), value.clone());
                            model.insert((space, key), value);
                        }
                        None => {
                            batch.delete(space, key.clone());
                            model.remove(&(space, key));
                        }
                    }
                }
                store.commit(batch).expect("a batch commits");
            }
            Step::Scan(space, prefix) => {
                let expected = pairs_of(&model, space, &prefix);
                assert!(store.scan(space, &prefix).expect("a scan succeeds") == expected, "{space:?} {prefix:?}");
                let value = model.get(&(space, prefix.clone())).cloned();
                assert!(get(&store, space, &prefix) == value, "{space:?} {prefix:?}");
            }
            Step::Reopen => store = reopen(store),
        }
    }
    for space in Space::ALL {
        assert!(
            store.scan(space, b"").expect("a scan succeeds") == pairs_of(&model, space, b""),
            "{space:?} at the end"
        );
    }
}

fn pairs_of(model: &BTreeMap<(Space, Vec<u8>), Vec<u8>>, space: Space, prefix: &[u8]) -> Pairs {
    let pairs = model.iter().filter(|((in_space, key), _)| *in_space == space && key.starts_with(prefix));
    pairs.map(|((_, key), value)| (key.clone(), value.clone())).collect()
}
