//! Stores that lie open, as the formats before the second left them.

use super::*;

const SAID: &[u8] = "侯叔家的人字梯两米高，电话 13800138000".as_bytes();

/// What 陈姨's store holds, by tree key.
fn held() -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut held = BTreeMap::new();
    for space in Space::ALL {
        held.insert(space.tree_key(b""), SAID.to_vec());
        held.insert(space.tree_key(b"empty"), Vec::new());
        held.insert(space.tree_key(b"large"), SAID.repeat(5000));
    }
    for n in 0..500_u32 {
        held.insert(Space::Rows.tree_key(&n.to_be_bytes()), vec![n as u8; 4000 + n as usize]);
    }
    held
}

/// Writes a store of format 1, as the version before this one did.
fn format_1(dir: &Path, clean: bool) {
    let db = sled::open(dir).unwrap();
    for (tree_key, value) in held() {
        if value.len() <= 4096 {
            db.insert(tree_key, [&[0], value.as_slice()].concat()).unwrap();
            continue;
        }
        for (index, piece) in value.chunks(4096).enumerate() {
            db.insert(value::piece_key(&tree_key, index), piece).unwrap();
        }
        db.insert(tree_key, [&[1], (value.len() as u64).to_le_bytes().as_slice()].concat()).unwrap();
    }
    db.insert(own_key("format"), &1_u32.to_le_bytes()).unwrap();
    if clean {
        db.insert(own_key("clean"), &[]).unwrap();
    }
    db.flush().unwrap();
    drop(db);
    fs::write(dir.join("format"), "1\n").unwrap();
    fs::write(dir.join("lock"), "").unwrap();
}

fn has_everything(store: &SledStore) {
    for space in Space::ALL {
        let expected: Vec<_> = held()
            .into_iter()
            .filter(|(tree_key, _)| tree_key[0] == space as u8)
            .map(|(tree_key, value)| (tree_key[1..].to_vec(), value))
            .collect();
        assert!(store.scan(space, b"").unwrap() == expected, "{space:?}");
    }
}

/// Nothing lies open any more, and nothing of the old log is there.
fn is_sealed(dir: &Path) {
    let names: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for (path, bytes) in files(dir) {
        assert!(!bytes.windows(11).any(|window| window == b"13800138000"), "{}", path.display());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (path, bytes) in files(from) {
        let to = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
    fs::create_dir_all(to.join("blobs")).unwrap();
}

#[test]
fn a_store_that_lay_open_is_sealed_without_loss() {
    let home = TempDir::new().unwrap();
    for clean in [true, false] {
        let dir = home.path().join(format!("store {clean}"));
        format_1(&dir, clean);
        let taken = SledStore::open(&dir, &key()).unwrap();
        assert_eq!((taken.aside, taken.clean), (None, clean));
        has_everything(&taken.store);
        is_sealed(&dir);
        put(&taken.store, "later", b"goes on");
        taken.store.close().unwrap();
        is_sealed(&dir);
        let again = SledStore::open(&dir, &key()).unwrap();
        assert!(again.clean);
        assert_eq!(get(&again.store, "later").as_deref(), Some(b"goes on".as_slice()));
        assert!(matches!(SledStore::open(&dir, &StoreKey::of_secret(&[8; 32])), Err(StoreError::Busy)));
        drop(again);
        assert!(matches!(SledStore::open(&dir, &StoreKey::of_secret(&[8; 32])), Err(StoreError::WrongKey)));
    }
}

#[test]
fn a_takeover_that_was_cut_off_anywhere_goes_on() {
    let home = TempDir::new().unwrap();
    let before = home.path().join("before");
    format_1(&before, true);
    let whole = home.path().join("whole");
    copy(&before, &whole);
    takeover::copy_sealed(&whole, &whole.join("sealed"), &key()).unwrap();
    type Cut = fn(&Path);
    let cuts: [(&str, Cut); 7] = [
        ("the copy has just begun", |dir| {
            fs::remove_dir_all(dir.join("sealed")).unwrap();
            fs::create_dir(dir.join("sealed")).unwrap();
        }),
        ("half of the copy has come", |dir| {
            let log = fs::File::options().write(true).open(dir.join("sealed/db")).unwrap();
            log.set_len(log.metadata().unwrap().len() / 2).unwrap();
        }),
        ("the copy is nonsense", |dir| fs::write(dir.join("sealed/db"), [0xA5; 5000]).unwrap()),
        ("the copy was sealed by another key", |dir| {
            fs::remove_dir_all(dir.join("sealed")).unwrap();
            takeover::copy_sealed(dir, &dir.join("sealed"), &StoreKey::of_secret(&[8; 32])).unwrap();
        }),
        ("the copy is whole, and the label is not written", |_| {}),
        ("the label is written", |dir| fs::write(dir.join("format"), "2\n").unwrap()),
        ("the log is gone, and sled's other files are not", |dir| {
            fs::write(dir.join("format"), "2\n").unwrap();
            fs::remove_file(dir.join("db")).unwrap();
        }),
    ];
    for (n, (what, cut)) in cuts.into_iter().enumerate() {
        let dir = home.path().join(n.to_string());
        copy(&whole, &dir);
        fs::create_dir_all(dir.join("sealed/blobs")).unwrap();
        cut(&dir);
        let taken = SledStore::open(&dir, &key()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((taken.aside, taken.clean), (None, true), "{what}");
        has_everything(&taken.store);
        is_sealed(&dir);
    }
}

#[test]
fn until_the_label_is_written_the_open_store_is_as_it_was() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    format_1(&dir, true);
    takeover::copy_sealed(&dir, &dir.join("sealed"), &key()).unwrap();
    assert_eq!(fs::read_to_string(dir.join("format")).unwrap(), "1\n");
    let db = sled::open(&dir).unwrap();
    let pairs = db.iter().map(|pair| pair.unwrap()).filter(|(tree_key, _)| value::is_values(tree_key)).count();
    assert_eq!(pairs, held().len());
    assert!(db.contains_key(own_key("clean")).unwrap());
}

#[test]
fn a_damaged_store_that_lies_open_is_moved_aside_or_told_to_have_lost_its_end() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    format_1(&dir, true);
    let mut log = fs::read(dir.join("db")).unwrap();
    // Where in it sled has put what differs from run to run.
    let begins = log.len() / 4;
    log[begins..].fill(0xA5);
    fs::write(dir.join("db"), log).unwrap();
    let again = SledStore::open(&dir, &key()).unwrap();
    match again.aside {
        Some(aside) => {
            assert!(aside.join("db").exists());
            assert_eq!(again.store.scan(Space::Rows, b"").unwrap(), []);
        }
        // sled takes damage behind which nothing stands for a write that was cut off: what is gone is no secret.
        None => assert!(!again.clean, "what has lost its end passes for whole"),
    }
}

#[test]
fn what_lies_open_in_a_later_format_is_not_taken_over() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("store");
    let db = sled::open(&dir).unwrap();
    db.insert(own_key("format"), &2_u32.to_le_bytes()).unwrap();
    db.insert([6, b'a'], &[0, 1]).unwrap();
    drop(db);
    assert!(SledStore::open(&dir, &key()).unwrap().aside.is_some());
}
