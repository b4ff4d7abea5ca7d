//! What is written can be read again, at every point.

use std::collections::BTreeMap;

use super::*;
use crate::ReplicaError;

/// A store as the node keeps it.
#[derive(Default)]
pub(super) struct Disk(pub(super) BTreeMap<Vec<u8>, Vec<u8>>);

impl Disk {
    pub(super) fn write(&mut self, document: &mut Document) {
        for (key, value) in document.writes() {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }

    pub(super) fn read(&self) -> Result<Document, ReplicaError> {
        let pairs: Vec<_> = self.0.clone().into_iter().collect();
        Document::load(BUILDING, WANG_FANG, &pairs)
    }
}

/// Restarts a replica that has written nothing yet: whatever it holds is written at once.
pub(super) fn reload(document: &mut Document) -> Document {
    document.unsaved.rewrite();
    let all: Vec<_> = document.vouchers.keys().copied().chain(document.retired.iter().copied()).collect();
    all.into_iter().for_each(|actor| document.unsaved.actor(actor));
    let forked: Vec<_> = document.forks().iter().map(|fork| fork.actor).collect();
    forked.into_iter().for_each(|actor| document.unsaved.fork(actor));
    let mut disk = Disk::default();
    disk.write(document);
    let restored = disk.read().unwrap();
    assert_same(&restored, document);
    restored
}

fn assert_same(one: &Document, other: &Document) {
    assert_eq!(one.fingerprint(), other.fingerprint());
    assert_eq!(one.records(), other.records());
    assert_eq!(one.forks(), other.forks());
    assert_eq!((&one.vouchers, &one.retired), (&other.vouchers, &other.retired));
}

#[test]
fn after_every_step_the_store_holds_the_document() {
    let (mut mine, mut theirs) = (empty(), empty());
    let (mut my_disk, mut their_disk) = (Disk::default(), Disk::default());
    for step in 0..200_u8 {
        let delivery = edit(&mut mine, &phone(), &put(step % 40, ["电钻", "梯子", "书"][usize::from(step) % 3]));
        take(&mut theirs, &delivery);
        my_disk.write(&mut mine);
        if step % 3 == 0 {
            their_disk.write(&mut theirs);
            assert_same(&their_disk.read().unwrap(), &theirs);
        }
        assert_same(&my_disk.read().unwrap(), &mine);
        assert!(my_disk.0.len() <= 3 + 64, "changes are packed now and then: {}", my_disk.0.len());
        if step % 50 == 7 {
            mine = my_disk.read().unwrap();
        }
    }
    assert_eq!(mine.writes(), vec![], "nothing is written twice");
}

#[test]
fn a_judged_snapshot_is_stored_as_it_came() {
    let mut mine = empty();
    (0..30).for_each(|id| drop(edit(&mut mine, &phone(), &put(id, "书"))));
    let delivery = snapshot_of(&mine);
    let mut newcomer = empty();
    take(&mut newcomer, &delivery);
    let mut disk = Disk::default();
    disk.write(&mut newcomer);
    assert!(matches!(&delivery.content, Content::Snapshot(bytes) if disk.0.get(b"s".as_slice()) == Some(bytes)));
    let mut restored = disk.read().unwrap();
    assert_same(&restored, &mine);
    take(&mut restored, &edit(&mut mine, &tablet(), &put(99, "灯")));
    disk.write(&mut restored);
    assert_same(&disk.read().unwrap(), &mine);
}

#[test]
fn a_cut_is_stored_and_what_it_dropped_is_gone() {
    let (_, mut found) = forks::forked_twice();
    let mut disk = Disk::default();
    disk.write(&mut found);
    assert_same(&disk.read().unwrap(), &found);
    edit(&mut found, &phone(), &put(3, "推车"));
    disk.write(&mut found);
    assert_same(&disk.read().unwrap(), &found);
    // The proof keeps both branches and is meant to; nothing else has a word of them.
    let tells = |disk: &Disk, of: fn(u8) -> bool| {
        let words = ["冲击钻", "角磨机"].map(str::as_bytes);
        let told = |value: &[u8]| words.iter().any(|word| value.windows(word.len()).any(|there| there == *word));
        disk.0.iter().any(|(key, value)| of(key[0]) && told(value))
    };
    assert!(tells(&disk, |kind| kind == b'f'));
    assert!(!tells(&disk, |kind| kind != b'f'), "the head of what is left is signed anew by now");
    assert_eq!(disk.read().unwrap().records().listings.len(), 3);
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    // A snapshot, a change beside it, two actors, a fork, and an actor that is retired.
    let (_, mut mine) = forks::forked_twice();
    let mut disk = Disk::default();
    disk.write(&mut mine);
    mine.unsaved.rewrite();
    disk.write(&mut mine);
    edit(&mut mine, &watch(), &put(9, "灯"));
    disk.write(&mut mine);
    let keys: Vec<_> = disk.0.keys().cloned().collect();
    let kinds: std::collections::BTreeSet<_> = keys.iter().map(|key| char::from(key[0])).collect();
    assert_eq!(kinds.into_iter().collect::<String>(), "cfhrsv");
    for key in keys {
        let length = disk.0[&key].len();
        for at in 0..length {
            let mut damaged = Disk(disk.0.clone());
            damaged.0.get_mut(&key).unwrap()[at] ^= 0x10;
            let Ok(restored) = damaged.read() else { continue };
            // Automerge does not look at the checksum of a change, only at what it is hashed from; so nothing is lost.
            assert!(key[0] == b'c' && (4..8).contains(&at), "byte {at} of {} goes unnoticed", char::from(key[0]));
            assert_same(&restored, &mine);
        }
        let mut lost = Disk(disk.0.clone());
        lost.0.remove(&key);
        assert!(lost.read().is_err(), "a lost pair is noticed: {}", char::from(key[0]));
        let mut cut_short = Disk(disk.0.clone());
        cut_short.0.get_mut(&key).unwrap().truncate(length / 2);
        assert!(length == 0 || cut_short.read().is_err());
    }
}

#[test]
fn a_change_under_a_number_that_is_never_written_is_damage() {
    let mut mine = empty();
    edit(&mut mine, &phone(), &put(1, "书"));
    let mut disk = Disk::default();
    disk.write(&mut mine);
    for number in [64_u64, 1 << 40, u64::MAX] {
        let mut damaged = Disk(disk.0.clone());
        let first = [b"c".as_slice(), &0_u64.to_be_bytes()].concat();
        let change = damaged.0.remove(&first).unwrap();
        damaged.0.insert([b"c".as_slice(), &number.to_be_bytes()].concat(), change);
        // It was believed, and the next snapshot wanted to delete so many changes.
        assert_eq!(damaged.read().err(), Some(ReplicaError::Damaged { what: "key" }), "{number}");
    }
}
