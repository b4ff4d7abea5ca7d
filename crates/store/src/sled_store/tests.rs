mod sealed;
mod taking_over;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::*;
use crate::{StoreKey, conformance};

/// The key of 陈姨's device.
fn key() -> StoreKey {
    StoreKey::of_secret(&[7; 32])
}

fn opened(dir: &Path) -> SledStore {
    SledStore::open(dir, &key()).unwrap().store
}

#[test]
fn sled_conforms() {
    let home = TempDir::new().unwrap();
    let mut n = 0;
    conformance::check_all(|| {
        n += 1;
        opened(&home.path().join(n.to_string()))
    });
}

#[test]
fn sled_lives_like_an_ordered_map() {
    let home = TempDir::new().unwrap();
    let n = std::cell::Cell::new(0);
    let dir = || home.path().join(n.get().to_string());
    conformance::check_model(
        24,
        || {
            n.set(n.get() + 1);
            opened(&dir())
        },
        |store| {
            if n.get() % 2 == 0 {
                store.close().unwrap();
            } else {
                drop(store);
            }
            let again = SledStore::open(&dir(), &key()).unwrap();
            assert_eq!(again.aside, None);
            again.store
        },
    );
}

fn put(store: &SledStore, key: &str, value: &[u8]) {
    let mut batch = Batch::new();
    batch.put(Space::Rows, key, value);
    store.commit(batch).unwrap();
}

fn get(store: &SledStore, key: &str) -> Option<Vec<u8>> {
    store.get(Space::Rows, key.as_bytes()).unwrap()
}

/// Every file below a directory with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_store_knows_whether_it_was_closed_in_order() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("made/with/parents");
    let first = SledStore::open(&dir, &key()).unwrap();
    assert!(!first.clean, "a new store has no orderly past");
    put(&first.store, "a", b"1");
    first.store.close().unwrap();
    let second = SledStore::open(&dir, &key()).unwrap();
    assert!(second.clean);
    drop(second);
    let third = SledStore::open(&dir, &key()).unwrap();
    assert!(!third.clean, "the mark was used up by opening");
    assert_eq!(get(&third.store, "a").as_deref(), Some(b"1".as_slice()));
}

#[test]
fn a_store_in_use_is_busy_and_stays_where_it_is() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let store = opened(&dir);
    put(&store, "a", b"1");
    assert!(matches!(SledStore::open(&dir, &key()), Err(StoreError::Busy)));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing was moved aside");
    put(&store, "b", b"2");
    drop(store);
    assert_eq!(get(&opened(&dir), "b").as_deref(), Some(b"2".as_slice()));
}

#[test]
fn big_values_leave_no_files_that_nobody_syncs() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let store = opened(&dir);
    // Long keys and values just below the cut make the largest nodes.
    for round in 0..3 {
        let mut batch = Batch::new();
        for n in 0..3000_u32 {
            let mut key = vec![b'k'; crate::KEY_BYTES_MAX];
            key.splice(8 * round..8 * round + 4, n.to_be_bytes());
            batch.put(Space::Documents, key, vec![round as u8; value::INLINE_BYTES_MAX]);
        }
        batch.put(Space::Documents, "big", vec![7; 5 << 20]);
        store.commit(batch).unwrap();
    }
    assert_eq!(fs::read_dir(dir.join("sealed/blobs")).unwrap().count(), 0);
}

#[test]
fn a_batch_may_be_larger_than_the_cache() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let store = opened(&dir);
    // The second round replaces pages that were evicted while the first was still being applied.
    for round in [1_u8, 2] {
        let mut batch = Batch::new();
        for n in 0..12_000_u32 {
            batch.put(Space::Documents, n.to_be_bytes(), vec![round; 4000]);
        }
        store.commit(batch).unwrap();
    }
    drop(store);
    let again = SledStore::open(&dir, &key()).unwrap();
    assert_eq!(again.aside, None);
    let mut count = 0;
    let mut visit = |_: &[u8], value: &[u8]| count += usize::from(value == [2; 4000]);
    again.store.visit(Space::Documents, b"", &mut visit).unwrap();
    assert_eq!(count, 12_000);
}

#[test]
fn a_newer_format_is_refused_untouched() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    put(&opened(&dir), "a", b"1");
    fs::write(dir.join("format"), "7\n").unwrap();
    let before = files(home.path());
    let refused = SledStore::open(&dir, &key());
    assert!(matches!(refused, Err(StoreError::NewerFormat { found: 7, known: format::CURRENT })), "{refused:?}");
    assert_eq!(files(home.path()), before, "not a byte changed");
}

#[test]
fn a_newer_format_is_refused_when_its_label_lags_behind() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let store = opened(&dir);
    put(&store, "a", b"1");
    let mut newer = sled::Batch::default();
    newer.insert(own_key("format"), 3_u32.to_le_bytes().as_slice());
    store.disk.apply(newer).unwrap();
    store.disk.flush().unwrap();
    drop(store);
    for _ in 0..2 {
        assert!(matches!(SledStore::open(&dir, &key()), Err(StoreError::NewerFormat { found: 3, .. })));
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing was moved aside");
}

#[test]
fn format_0_is_migrated() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    drop(sled::open(&dir).unwrap());
    let migrated = SledStore::open(&dir, &key()).unwrap();
    assert_eq!(migrated.aside, None);
    assert_eq!(fs::read_to_string(dir.join("format")).unwrap(), "2\n");
    put(&migrated.store, "a", b"1");
    drop(migrated);
    assert_eq!(get(&opened(&dir), "a").as_deref(), Some(b"1".as_slice()));
}

#[test]
fn a_lost_label_is_written_again() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    put(&opened(&dir), "a", b"1");
    fs::remove_file(dir.join("format")).unwrap();
    assert_eq!(get(&opened(&dir), "a").as_deref(), Some(b"1".as_slice()));
    assert_eq!(fs::read_to_string(dir.join("format")).unwrap(), "2\n");
}

#[test]
fn data_without_a_format_is_moved_aside() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let foreign = sled::open(&dir).unwrap();
    foreign.insert("not", "ours").unwrap();
    drop(foreign);
    let aside = SledStore::open(&dir, &key()).unwrap().aside.unwrap();
    assert_eq!(sled::open(aside).unwrap().get("not").unwrap().unwrap(), "ours");
}

#[test]
fn a_damaged_store_is_moved_aside_and_kept() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    type Inflict = fn(&Path);
    let damages: [(&str, Inflict); 3] = [
        ("the log is cut off in the middle", |dir| {
            let log = fs::File::options().write(true).open(dir.join("sealed/db")).unwrap();
            log.set_len(log.metadata().unwrap().len() / 2).unwrap();
        }),
        ("a page in the middle is overwritten", |dir| {
            let mut log = fs::read(dir.join("sealed/db")).unwrap();
            let middle = log.len() / 2;
            log[middle..middle + 200_000].fill(0xA5);
            fs::write(dir.join("sealed/db"), log).unwrap();
        }),
        ("the configuration is not sled's", |dir| fs::write(dir.join("sealed/conf"), "nonsense, nonsense").unwrap()),
    ];
    for (n, (damage, inflict)) in damages.into_iter().enumerate() {
        let store = opened(&dir);
        for n in 0..2000_u32 {
            let mut batch = Batch::new();
            batch.put(Space::Rows, n.to_be_bytes(), vec![n as u8; 2000]);
            store.commit(batch).unwrap();
        }
        drop(store);
        // Snapshots now point at all of the log.
        drop(opened(&dir));
        inflict(&dir);
        let damaged = fs::read(dir.join("sealed/db")).unwrap().len();
        let again = SledStore::open(&dir, &key()).unwrap();
        let aside = home.path().join(format!("store.aside-{}", n + 1));
        assert_eq!(again.aside, Some(aside.clone()), "{damage}");
        assert!(!again.clean);
        assert_eq!(again.store.scan(Space::Rows, b"").unwrap(), [], "{damage}: the new store is empty");
        assert!(aside.join("sealed/db").metadata().unwrap().len() > 0, "{damage}: {damaged} bytes are kept");
        put(&again.store, "works", b"again");
    }
}

#[test]
fn a_snapshot_that_was_being_written_does_not_spoil_the_store() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    put(&opened(&dir), "a", b"1");
    fs::write(dir.join("sealed/snap.7FFFFFFFFFFFFFFF.generating"), [0; 5]).unwrap();
    let again = SledStore::open(&dir, &key()).unwrap();
    assert_eq!(again.aside, None);
    assert_eq!(get(&again.store, "a").as_deref(), Some(b"1".as_slice()));
}

#[test]
fn what_the_system_refuses_is_not_taken_for_damage() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("a file");
    fs::write(&file, "not a directory").unwrap();
    assert!(matches!(SledStore::open(&file.join("store"), &key()), Err(StoreError::Io { .. })));
    assert!(matches!(SledStore::open(&file, &key()), Err(StoreError::Io { .. })));
    assert_eq!(fs::read_to_string(file).unwrap(), "not a directory");
}
