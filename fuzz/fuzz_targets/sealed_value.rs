//! A value as a disk gives it back that somebody has been at: its head, its pieces, and a sealed file.
#![no_main]

use std::sync::OnceLock;

use kaifong_fuzz::{Mode, Unstructured, below, bend, bytes, chance, open, pick, run};
use kaifong_store::{Batch, PrivateFile, SledStore, Space, Store, StoreError, StoreKey, read_stored};

/// What lies under a key: its head, and its pieces.
type Lying = (Vec<u8>, Vec<Vec<u8>>);

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn key() -> StoreKey {
    StoreKey::of_secret(&[7; 32])
}

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let rest = u.take_rest();
        let (head, piece) = rest.split_at(rest.len().min(40));
        let read = read_stored(&key(), Space::Rows, b"a", head, &[piece.to_vec()]);
        assert!(matches!(read, Err(StoreError::Corrupt { .. })), "nobody forges a seal");
        return;
    }
    let Some((value, (head, pieces))) = pick(&mut u, sealed()).cloned() else { return };
    let (head, pieces, damaged) = damage(&mut u, head, pieces);
    let (space, name) = match below(&mut u, 4) {
        1 => (Space::Private, b"a".as_slice()),
        2 => (Space::Rows, b"b".as_slice()),
        _ => (Space::Rows, b"a".as_slice()),
    };
    let there = !damaged && (space, name) == (Space::Rows, b"a".as_slice());
    match read_stored(&key(), space, name, &head, &pieces) {
        // What was bent may have been bent back.
        Ok(read) => assert!(read == value && (space, name) == (Space::Rows, b"a".as_slice())),
        Err(StoreError::Corrupt { .. }) => assert!(!there, "what is whole is read"),
        Err(other) => panic!("damage is called damage: {other}"),
    }
    assert!(read_stored(&StoreKey::of_secret(&[8; 32]), space, name, &head, &pieces).is_err());
}

fn damage(u: &mut Unstructured<'_>, mut head: Vec<u8>, mut pieces: Vec<Vec<u8>>) -> (Vec<u8>, Vec<Vec<u8>>, bool) {
    let mut damaged = false;
    for _ in 0..below(u, 4) {
        damaged = true;
        let (at, other) = (below(u, pieces.len()), below(u, pieces.len()));
        match below(u, 6) {
            0 => bend(u, &mut head),
            1 => head = bytes(u, 60),
            2 if !pieces.is_empty() => pieces.swap(at, other),
            3 if !pieces.is_empty() => drop(pieces.remove(at)),
            4 => pieces.push(bytes(u, 5_000)),
            _ => pieces.get_mut(at).into_iter().for_each(|piece| bend(u, piece)),
        }
    }
    if chance(u, 8) {
        file(u);
    }
    (head, pieces, damaged)
}

/// A sealed file that was changed gives what was put there, or an error.
fn file(u: &mut Unstructured<'_>) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let file = PrivateFile::at(folder.path(), "building", &key());
    file.replace(b"a genesis").expect("a file is written");
    let path = folder.path().join("building");
    let mut raw = std::fs::read(&path).expect("it is there");
    // Behind the line that says what it is: what begins otherwise was never sealed.
    let mut sealed = raw.split_off(b"kaifong-sealed 1\n".len());
    bend(u, &mut sealed);
    std::fs::write(&path, [raw, sealed].concat()).expect("it is written");
    if let Ok(read) = file.read() {
        assert_eq!(read.as_deref(), Some(b"a genesis".as_slice()));
    }
}

/// Values of several sizes, as a store has written them.
fn sealed() -> &'static [(Vec<u8>, Lying)] {
    static SEALED: OnceLock<Vec<(Vec<u8>, Lying)>> = OnceLock::new();
    SEALED
        .get_or_init(|| [0, 1, 100, 4_000, 4_057, 9_000].into_iter().map(|len| (vec![5; len], written(len))).collect())
}

/// Lets a store write a value, and looks at what lies on the disk.
fn written(len: usize) -> Lying {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SledStore::open(&folder.path().join("store"), &key()).expect("a store").store;
    let mut batch = Batch::new();
    batch.put(Space::Rows, b"a".as_slice(), vec![5; len]);
    store.commit(batch).expect("it is written");
    store.stored(Space::Rows, b"a").expect("it is there")
}
