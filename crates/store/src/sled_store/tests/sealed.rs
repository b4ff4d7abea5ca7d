//! What lies on the disk, and what happens when somebody has been at it.

use super::*;

const SAID: &[u8] = "侯叔家的人字梯两米高，电话 13800138000".as_bytes();

fn contains(dir: &Path, needle: &[u8]) -> bool {
    files(dir).values().any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
}

fn put_raw(store: &SledStore, pairs: &[(Vec<u8>, Option<Vec<u8>>)]) {
    let mut batch = sled::Batch::default();
    for (key, value) in pairs {
        match value {
            Some(value) => batch.insert(key.as_slice(), value.as_slice()),
            None => batch.remove(key.as_slice()),
        }
    }
    store.disk.apply(batch).unwrap();
    store.disk.flush().unwrap();
}

fn raw(store: &SledStore, tree_key: &[u8]) -> Vec<u8> {
    store.disk.tree().get(tree_key).unwrap().unwrap().to_vec()
}

/// Expects damage to be told when it is read, and the store to be moved aside when it is next opened.
fn is_damage(home: &Path, store: SledStore, space: Space, name: &[u8], what: &str) {
    let read = store.get(space, name);
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{what}: {read:?}");
    assert!(matches!(store.scan(space, name), Err(StoreError::Corrupt { .. })), "{what}");
    drop(store);
    let again = SledStore::open(&home.join("store"), &key()).unwrap();
    let aside = again.aside.unwrap_or_else(|| panic!("{what}: it is moved aside"));
    drop(again.store);
    fs::remove_dir_all(aside).unwrap();
}

#[test]
fn nothing_that_was_said_lies_open_on_the_disk() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let store = opened(&dir);
    for space in Space::ALL {
        let mut batch = Batch::new();
        batch.put(space, "small", SAID);
        batch.put(space, "large", SAID.repeat(1000));
        store.commit(batch).unwrap();
    }
    store.close().unwrap();
    assert!(!contains(home.path(), b"13800138000") && !contains(home.path(), "人字梯".as_bytes()));
    let again = opened(&dir);
    for space in Space::ALL {
        assert_eq!(again.get(space, b"small").unwrap().unwrap(), SAID);
        assert_eq!(again.get(space, b"large").unwrap().unwrap(), SAID.repeat(1000));
    }
}

#[test]
fn a_wrong_key_is_told_and_touches_nothing() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    put(&opened(&dir), "a", SAID);
    let other = StoreKey::of_secret(&[8; 32]);
    let before = files(home.path());
    for _ in 0..2 {
        assert!(matches!(SledStore::open(&dir, &other), Err(StoreError::WrongKey)));
    }
    assert_eq!(files(home.path()), before, "not a byte changed");
    // Without the mark, or with one that is none, the tree tells.
    for mark in [None, Some(""), Some("not a mark at all"), Some("\n")] {
        fs::remove_file(dir.join("seal")).unwrap();
        if let Some(mark) = mark {
            fs::write(dir.join("seal"), mark).unwrap();
        }
        assert!(matches!(SledStore::open(&dir, &other), Err(StoreError::WrongKey)), "{mark:?}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing was moved aside");
        assert_eq!(get(&opened(&dir), "a").as_deref(), Some(SAID), "{mark:?}");
    }
    assert_eq!(get(&opened(&dir), "a").as_deref(), Some(SAID));
}

#[test]
fn a_lock_tells_whether_a_key_is_wanted() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let lock = StoreLock::take(&dir).unwrap();
    assert!(!lock.is_sealed(), "a new one takes any key");
    assert!(matches!(StoreLock::take(&dir), Err(StoreError::Busy)));
    drop(lock.open(&key()).unwrap());
    assert!(StoreLock::take(&dir).unwrap().is_sealed());
}

#[test]
fn a_value_opens_in_its_own_place_only() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    for (len, what) in [(10, "inline"), (30_000, "in pieces")] {
        let place = |space: Space, name: &str| space.tree_key(name.as_bytes());
        let head = |store: &SledStore| raw(store, &place(Space::Private, "mine"));
        let made = || {
            let store = opened(&dir);
            let mut batch = Batch::new();
            batch.put(Space::Private, "mine", vec![1; len]);
            batch.put(Space::Private, "other", vec![2; len]);
            store.commit(batch).unwrap();
            store
        };
        let with_pieces = |store: &SledStore, to: Vec<u8>| {
            let pieces = (0_usize..8).filter_map(|index| {
                let from = value::piece_key(&place(Space::Private, "mine"), index);
                let bytes = store.disk.tree().get(from).unwrap()?;
                Some((value::piece_key(&to, index), Some(bytes.to_vec())))
            });
            [(to.clone(), Some(head(store)))].into_iter().chain(pieces).collect::<Vec<_>>()
        };
        for (space, name) in [(Space::Private, "other"), (Space::Rows, "mine"), (Space::Private, "new")] {
            let store = made();
            let moved = with_pieces(&store, place(space, name));
            put_raw(&store, &moved);
            is_damage(home.path(), store, space, name.as_bytes(), &format!("{what}, moved to {space:?} {name}"));
        }
        let store = made();
        let mut bent = head(&store);
        let last = bent.len() - 1;
        bent[last] ^= 1;
        put_raw(&store, &[(place(Space::Private, "mine"), Some(bent))]);
        is_damage(home.path(), store, Space::Private, b"mine", what);
        let store = made();
        put_raw(&store, &[(place(Space::Private, "mine"), Some([&[0], SAID].concat()))]);
        is_damage(home.path(), store, Space::Private, b"mine", "a value that lies open");
    }
}

#[test]
fn pieces_that_are_changed_swapped_or_older_are_damage() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let place = Space::Documents.tree_key(b"big");
    let piece = |index: usize| value::piece_key(&place, index);
    type Inflict<'a> = Box<dyn Fn(&SledStore) -> Vec<(Vec<u8>, Option<Vec<u8>>)> + 'a>;
    let damages: [(&str, Inflict<'_>); 4] = [
        (
            "one bit of the last piece",
            Box::new(|store| {
                let mut bytes = raw(store, &piece(7));
                bytes[0] ^= 0x80;
                vec![(piece(7), Some(bytes))]
            }),
        ),
        (
            "two pieces change places",
            Box::new(|store| vec![(piece(1), Some(raw(store, &piece(2)))), (piece(2), Some(raw(store, &piece(1))))]),
        ),
        ("a piece is gone", Box::new(|_| vec![(piece(3), None)])),
        (
            "a piece of an older value",
            Box::new(|store| {
                let older = raw(store, &piece(4));
                let mut batch = Batch::new();
                batch.put(Space::Documents, "big", vec![6; 30_000]);
                store.commit(batch).unwrap();
                vec![(piece(4), Some(older))]
            }),
        ),
    ];
    for (what, inflict) in damages {
        let store = opened(&dir);
        let mut batch = Batch::new();
        batch.put(Space::Documents, "big", vec![5; 30_000]);
        store.commit(batch).unwrap();
        let changes = inflict(&store);
        put_raw(&store, &changes);
        is_damage(home.path(), store, Space::Documents, b"big", what);
    }
}

#[test]
fn an_older_format_among_sealed_values_is_damage_and_not_believed() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let store = opened(&dir);
    put_raw(&store, &[(own_key("format"), Some(1_u32.to_le_bytes().to_vec()))]);
    drop(store);
    assert!(SledStore::open(&dir, &key()).unwrap().aside.is_some());
}

#[test]
fn what_may_be_read_from_a_disk_is_told_or_refused() {
    let sealed = key().seal(crate::seal::Place::Tree(&Space::Rows.tree_key(b"a")), SAID).unwrap();
    let read = |head: &[u8], pieces: &[Vec<u8>]| read_stored(&key(), Space::Rows, b"a", head, pieces);
    assert_eq!(read(&[&[2], sealed.as_slice()].concat(), &[]).unwrap(), SAID);
    let len = (sealed.len() as u64).to_le_bytes();
    assert_eq!(read(&[&[3], len.as_slice()].concat(), std::slice::from_ref(&sealed)).unwrap(), SAID);
    let all = u64::MAX.to_le_bytes();
    for head in [&[][..], &[2], &[3], &[9, 9], &[&[3], all.as_slice()].concat(), &[&[0], SAID].concat()] {
        assert!(matches!(read(head, std::slice::from_ref(&sealed)), Err(StoreError::Corrupt { .. })), "{head:?}");
    }
}
