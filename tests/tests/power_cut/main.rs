//! Acknowledged means durable: the store against power cuts, kills and a full disk.
//!
//! A killed process proves little: its writes stay in the kernel's memory. A power cut is played with an ext4 in a
//! file: the writer is frozen, the file is copied (it has what ext4 sent to the disk, and nothing that waits in
//! memory), and the copy is mounted and read, as after a restart. A bare sled must lose records in the same harness,
//! or the harness proves nothing.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod image;
mod writer;

use std::{
    collections::BTreeSet,
    fs,
    hash::{BuildHasher, RandomState},
    path::Path,
    thread,
    time::Duration,
};

use kaifong_store::{Batch, SledStore, Space, Store, StoreError};
use tempfile::TempDir;

use crate::{
    image::{Disk, run, unmount},
    writer::{Kind, Record, Writer, check_store, count_in_bare_sled, key, write_until_killed},
};

const CUTS: u32 = 10;
const KILLS: u32 = 50;
const CUTS_OF_BARE_SLED_MAX: u32 = 5;

#[test]
#[ignore = "not a test: the process that the tests here cut off and kill"]
fn writes_when_started_by_another_test() {
    if std::env::var_os("KAIFONG_WRITER").is_some() {
        write_until_killed();
    }
}

fn pause_at_most(limit_ms: u64) {
    thread::sleep(Duration::from_millis(RandomState::new().hash_one(0) % limit_ms));
}

/// Lets a writer work on `disk` for a random time, cuts the power, and starts the machine again.
fn live_and_cut(kind: Kind, disk: Disk, home: &Path, life: u32, acknowledged: &mut BTreeSet<Record>) -> Disk {
    let writer = Writer::start(kind, &disk.path().join("store"), life);
    // Early cuts meet a store that is being made, later ones sled's moving of garbage.
    pause_at_most(if life.is_multiple_of(2) { 50 } else { 1500 });
    writer.freeze();
    let platter = disk.copy_platter(&home.join(format!("{kind:?} {life}"))).unwrap();
    acknowledged.extend(writer.kill());
    drop(disk);
    Disk::power_on(platter).unwrap()
}

#[test]
fn nothing_acknowledged_is_lost_in_power_cuts() {
    let home = TempDir::new().unwrap();
    if let Some(why) = Disk::unavailable(home.path()) {
        println!("skipped: {why}");
        return;
    }
    // Each life goes on with what the cut before it left.
    let mut disk = Disk::format(&home.path().join("new"), 512).unwrap();
    let mut acknowledged = BTreeSet::new();
    for life in 0..CUTS {
        disk = live_and_cut(Kind::Store, disk, home.path(), life, &mut acknowledged);
        let opened = SledStore::open(&disk.path().join("store"), &key()).unwrap();
        assert_eq!(opened.aside, None, "after cut {life} the store would not open");
        check_store(&opened.store, &acknowledged);
    }
    println!("{CUTS} power cuts, {} acknowledged commits, none lost", acknowledged.len());
}

#[test]
fn a_bare_sled_loses_in_the_same_power_cuts() {
    let home = TempDir::new().unwrap();
    if let Some(why) = Disk::unavailable(home.path()) {
        println!("skipped: {why}");
        return;
    }
    for life in 0..CUTS_OF_BARE_SLED_MAX {
        let mut acknowledged = BTreeSet::new();
        let disk = Disk::format(&home.path().join(format!("new {life}")), 512).unwrap();
        let disk = live_and_cut(Kind::BareSled, disk, home.path(), life, &mut acknowledged);
        let there = count_in_bare_sled(&disk.path().join("store"), &acknowledged);
        println!("bare sled, cut {life}: {there} of {} acknowledged writes are there", acknowledged.len());
        if there < acknowledged.len() {
            return;
        }
    }
    panic!("a bare sled lost nothing in {CUTS_OF_BARE_SLED_MAX} cuts: this harness cannot show what it is for");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let mut acknowledged = BTreeSet::new();
    for life in 0..KILLS {
        let writer = Writer::start(Kind::Store, &dir, life);
        pause_at_most(40);
        let of_this_life: BTreeSet<Record> = writer.kill().into_iter().collect();
        let opened = SledStore::open(&dir, &key()).unwrap();
        assert_eq!((opened.aside, opened.clean), (None, false), "after kill {life}");
        check_store(&opened.store, &of_this_life);
        acknowledged.extend(of_this_life);
    }
    check_store(&SledStore::open(&dir, &key()).unwrap().store, &acknowledged);
    println!("{KILLS} kills, {} acknowledged commits, none lost", acknowledged.len());
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let home = TempDir::new().unwrap();
    if let Some(why) = Disk::unavailable(home.path()) {
        println!("skipped: {why}");
        return;
    }
    let disk = Disk::format(&home.path().join("ext4"), 24).unwrap();
    fill_up_and_make_room(disk.path());
    let tmpfs = home.path().join("tmpfs");
    fs::create_dir(&tmpfs).unwrap();
    let tmpfs_text = tmpfs.to_str().unwrap();
    run("mount", &["-t", "tmpfs", "-o", "size=16m", "tmpfs", tmpfs_text]).unwrap();
    let outcome = std::panic::catch_unwind(|| fill_up_and_make_room(&tmpfs));
    let free = unmount(&tmpfs);
    outcome.unwrap();
    assert!(free, "the store that was dropped still holds its files");
}

fn fill_up_and_make_room(mount: &Path) {
    let (dir, ballast) = (mount.join("store"), mount.join("ballast"));
    fs::write(&ballast, vec![1; 6 << 20]).unwrap();
    let record = |n: u32| {
        let mut batch = Batch::new();
        batch.put(Space::Journals, n.to_be_bytes(), vec![n as u8; 7000]);
        batch.put(Space::Heads, "head", n.to_be_bytes());
        batch
    };
    let store = SledStore::open(&dir, &key()).unwrap().store;
    let mut n = 0;
    let refused = loop {
        match store.commit(record(n)) {
            Ok(()) => n += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert!(n > 100, "{n} records filled the disk");
    assert!(matches!(store.get(Space::Heads, b"head"), Err(StoreError::Full)), "a failed store stays failed");
    drop(store);

    // Opened while still full: it may work or not, but it is not taken for damage.
    match SledStore::open(&dir, &key()) {
        Ok(opened) => assert_eq!(opened.aside, None),
        Err(error) => assert!(matches!(error, StoreError::Full), "{error}"),
    }

    fs::remove_file(&ballast).unwrap();
    let opened = SledStore::open(&dir, &key()).unwrap();
    assert_eq!((opened.aside, opened.clean), (None, false));
    let pairs = opened.store.scan(Space::Journals, b"").unwrap();
    let count = u32::try_from(pairs.len()).unwrap();
    assert!(count == n || count == n + 1, "{n} records were acknowledged, {count} are there");
    assert!(pairs.iter().zip(0_u32..).all(|((key, value), n)| *key == n.to_be_bytes() && *value == [n as u8; 7000]));
    let head = opened.store.get(Space::Heads, b"head").unwrap();
    assert_eq!(head, Some((count - 1).to_be_bytes().to_vec()), "the failed batch is there whole or not at all");
    opened.store.commit(record(count)).unwrap();
    opened.store.close().unwrap();
    assert!(SledStore::open(&dir, &key()).unwrap().clean);
    println!("{}: {n} records filled the disk, none lost", mount.display());
}
