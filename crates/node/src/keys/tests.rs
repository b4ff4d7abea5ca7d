#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, Mutex};

use kaifong_store::{StoreError, StoreLock};

use super::*;
use crate::keeper::Keeper;

/// What a keychain can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Works,
    Absent,
    Locked,
    /// It takes nothing.
    Refuses,
    /// It says yes and keeps nothing.
    Forgets,
    /// It gives back something that is no key.
    Garbles,
    /// It gives back a key, and another one.
    Swaps,
    /// It answers when it is let go.
    Hangs,
    /// It falls over.
    Panics,
}

/// A keychain in memory.
struct Drawer {
    mood: Mutex<Mood>,
    kept: Mutex<BTreeMap<String, String>>,
    /// Everything that it was asked, in order.
    asked: Mutex<Vec<&'static str>>,
    /// All that it was ever given.
    given: Mutex<Vec<String>>,
    let_go: Mutex<Receiver<()>>,
    removed: Mutex<Sender<String>>,
}

impl Drawer {
    fn hears(&self, what: &'static str) -> Result<(), KeychainError> {
        self.asked.lock().unwrap().push(what);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Absent => Err(KeychainError::Absent("no bus".into())),
            Mood::Locked => Err(KeychainError::Locked("dismissed".into())),
            Mood::Refuses if what == "put" => Err(KeychainError::Failed("full".into())),
            Mood::Hangs => {
                // It is let go when the other end is dropped.
                let _ = self.let_go.lock().unwrap().recv();
                Ok(())
            }
            Mood::Panics => panic!("the keychain falls over, as this test wants"),
            _ => Ok(()),
        }
    }
}

impl Vault for Drawer {
    fn put(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        self.hears("put")?;
        self.given.lock().unwrap().push(secret.to_owned());
        if *self.mood.lock().unwrap() != Mood::Forgets {
            self.kept.lock().unwrap().insert(account.to_owned(), secret.to_owned());
        }
        Ok(())
    }

    fn get(&self, account: &str) -> Result<Zeroizing<String>, KeychainError> {
        self.hears("get")?;
        let kept = self.kept.lock().unwrap().get(account).cloned().ok_or(KeychainError::Missing)?;
        Ok(Zeroizing::new(match *self.mood.lock().unwrap() {
            Mood::Garbles => "十二个字".into(),
            Mood::Swaps => "5a".repeat(32),
            _ => kept,
        }))
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        self.hears("remove")?;
        self.kept.lock().unwrap().remove(account);
        let _ = self.removed.lock().unwrap().send(account.to_owned());
        Ok(())
    }
}

/// 陈姨's computer: a folder, and a keychain.
struct Chen {
    dir: tempfile::TempDir,
    drawer: Arc<Drawer>,
    lets_go: Mutex<Option<Sender<()>>>,
    removed: Mutex<Receiver<String>>,
}

impl Chen {
    fn with(mood: Mood) -> Self {
        let ((lets_go, let_go), (says_removed, removed)) = (channel(), channel());
        let drawer = Drawer {
            mood: Mutex::new(mood),
            kept: Mutex::default(),
            asked: Mutex::default(),
            given: Mutex::default(),
            let_go: Mutex::new(let_go),
            removed: Mutex::new(says_removed),
        };
        Self {
            dir: tempfile::tempdir().unwrap(),
            drawer: Arc::new(drawer),
            lets_go: Mutex::new(Some(lets_go)),
            removed: Mutex::new(removed),
        }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("device.key")
    }

    fn is_now(&self, mood: Mood) {
        *self.drawer.mood.lock().unwrap() = mood;
    }

    /// Also for whoever still hangs.
    fn is_well(&self) {
        self.is_now(Mood::Works);
        drop(self.lets_go.lock().unwrap().take());
    }

    fn keys(&self, new: KeyPlace) -> Keys {
        let hangs = *self.drawer.mood.lock().unwrap() == Mood::Hangs;
        let patience = if hangs { Duration::from_millis(20) } else { Duration::from_secs(60) };
        Keys { new, vault: Arc::clone(&self.drawer) as Arc<dyn Vault>, patience }
    }

    fn opens(&self, new: KeyPlace) -> Result<Kept, OpenError> {
        self.keys(new).read_or_make(&self.file())
    }

    fn keychain_says(&self) -> KeychainError {
        match self.opens(KeyPlace::Keychain).err().unwrap() {
            OpenError::Keychain { path, source } if path == self.file() => source,
            other => panic!("{other}"),
        }
    }

    fn kept(&self) -> usize {
        self.drawer.kept.lock().unwrap().len()
    }
}

#[test]
fn a_new_key_goes_into_the_keychain_that_keeps_it_and_else_into_the_file() {
    let cases = [
        (Mood::Works, KeyPlace::Keychain),
        (Mood::Absent, KeyPlace::File),
        (Mood::Locked, KeyPlace::File),
        (Mood::Refuses, KeyPlace::File),
        (Mood::Forgets, KeyPlace::File),
        (Mood::Garbles, KeyPlace::File),
        (Mood::Swaps, KeyPlace::File),
        (Mood::Hangs, KeyPlace::File),
        (Mood::Panics, KeyPlace::File),
    ];
    for (mood, place) in cases {
        let chen = Chen::with(mood);
        let made = chen.opens(KeyPlace::Keychain).unwrap();
        assert_eq!(made.place, place, "{mood:?}");
        let file = fs::read(chen.file()).unwrap();
        match place {
            KeyPlace::Keychain => {
                assert_eq!(file, format!("kaifong-keychain 1 {}\n", made.key.id()).as_bytes());
                assert_eq!(chen.kept(), 1);
            }
            KeyPlace::File => {
                assert_eq!(file, made.key.seed(), "{mood:?}");
                assert_eq!(chen.kept(), 0, "{mood:?}: nothing is left behind");
                let given = chen.drawer.given.lock().unwrap();
                assert!(!given.contains(&HEXLOWER.encode(&file)), "{mood:?}: a key that was given away is not used");
            }
        }
        // Whoever opens it later, and whatever they want of a new key.
        chen.is_well();
        for new in [KeyPlace::File, KeyPlace::Keychain] {
            let again = chen.opens(new).unwrap();
            assert_eq!((again.key.id(), again.place), (made.key.id(), place), "{mood:?}");
        }
        assert_eq!(fs::read(chen.file()).unwrap(), file, "{mood:?}");
    }
}

#[test]
fn a_key_that_the_keychain_does_not_give_is_told_and_no_other_is_made() {
    let (hangs, broke_off) = (KeychainError::TooSlow { limit_s: 0 }, KeychainError::Failed("it broke off".into()));
    let cases = [
        (Mood::Absent, KeychainError::Absent("no bus".into())),
        (Mood::Locked, KeychainError::Locked("dismissed".into())),
        (Mood::Garbles, KeychainError::Different),
        (Mood::Swaps, KeychainError::Different),
        (Mood::Hangs, hangs),
        (Mood::Panics, broke_off),
    ];
    for (mood, says) in cases {
        let chen = Chen::with(Mood::Works);
        let made = chen.opens(KeyPlace::Keychain).unwrap();
        let file = fs::read(chen.file()).unwrap();
        chen.is_now(mood);
        assert_eq!(chen.keychain_says(), says, "{mood:?}");
        assert_eq!(fs::read(chen.file()).unwrap(), file, "{mood:?}");
        assert_eq!((chen.kept(), chen.drawer.given.lock().unwrap().len()), (1, 1), "{mood:?}");
        // When the keychain is well again, so is the device.
        chen.is_well();
        assert_eq!(chen.opens(KeyPlace::File).unwrap().key.id(), made.key.id(), "{mood:?}");
    }
}

#[test]
fn a_key_that_was_deleted_from_the_keychain_is_missed() {
    let chen = Chen::with(Mood::Works);
    chen.opens(KeyPlace::Keychain).unwrap();
    chen.drawer.kept.lock().unwrap().clear();
    assert_eq!(chen.keychain_says(), KeychainError::Missing);
    let why = chen.opens(KeyPlace::File).err().unwrap().to_string();
    assert!(why.contains("keychain") && why.contains("device.key"), "{why}");
}

#[test]
fn an_answer_that_comes_too_late_is_taken_back() {
    let chen = Chen::with(Mood::Hangs);
    let made = chen.opens(KeyPlace::Keychain).unwrap();
    assert_eq!(made.place, KeyPlace::File);
    // Somebody types the password after all.
    chen.is_well();
    let removed = chen.removed.lock().unwrap().recv_timeout(Duration::from_secs(60)).unwrap();
    assert_ne!(removed, made.key.id().to_string());
    assert_eq!(chen.kept(), 0);
}

#[test]
fn a_key_that_no_file_can_refer_to_is_taken_back() {
    let chen = Chen::with(Mood::Works);
    let nowhere = chen.dir.path().join("gone/device.key");
    let made = chen.keys(KeyPlace::Keychain).read_or_make(&nowhere);
    assert!(matches!(made.err().unwrap(), OpenError::Key { path, .. } if path == nowhere));
    assert_eq!(*chen.drawer.asked.lock().unwrap(), ["put", "get", "remove"]);
    assert_eq!(chen.kept(), 0);
}

#[test]
fn a_folder_that_has_its_key_in_a_file_never_asks_the_keychain() {
    let chen = Chen::with(Mood::Works);
    let made = chen.opens(KeyPlace::File).unwrap();
    let again = chen.opens(KeyPlace::Keychain).unwrap();
    assert_eq!((again.key.id(), again.place), (made.key.id(), KeyPlace::File));
    assert!(chen.drawer.asked.lock().unwrap().is_empty());
}

#[test]
fn of_two_that_start_at_once_one_makes_a_key() {
    let chen = Chen::with(Mood::Works);
    let (start, done) = (Barrier::new(2), Barrier::new(2));
    let opened = std::thread::scope(|scope| {
        let open = || {
            start.wait();
            let keeper = Keeper::open(chen.dir.path(), &chen.keys(KeyPlace::Keychain));
            done.wait();
            keeper.map(|keeper| keeper.close().unwrap())
        };
        [scope.spawn(open), scope.spawn(open)].map(|thread| thread.join().unwrap())
    });
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1);
    let other = opened.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(other, OpenError::Store(StoreError::Busy)), "{other}");
    assert_eq!(*chen.drawer.asked.lock().unwrap(), ["put", "get"]);
}

#[test]
fn who_finds_the_folder_in_use_does_not_ask_the_keychain() {
    let chen = Chen::with(Mood::Works);
    let held = StoreLock::take(&chen.dir.path().join("store")).unwrap();
    let refused = Keeper::open(chen.dir.path(), &chen.keys(KeyPlace::Keychain)).err().unwrap();
    assert!(matches!(refused, OpenError::Store(StoreError::Busy)), "{refused}");
    assert!(chen.drawer.asked.lock().unwrap().is_empty() && !chen.file().exists());
    drop(held);
}

#[test]
fn a_file_that_is_neither_key_nor_reference_is_named_and_stays() {
    let line = reference::to(DeviceId([7; 32]));
    let changed = |from: &str, to: &str| line.replace(from, to).into_bytes();
    let cases = [
        (Vec::new(), "neither 32 bytes"),
        (vec![7; 31], "neither 32 bytes"),
        (vec![7; 33], "neither 32 bytes"),
        (changed("keychain 1", "keychain 2"), "as this version does not know"),
        (changed("keychain 1", "keychain 10"), "as this version does not know"),
        (changed("\n", ""), "is damaged"),
        (changed("\n", "\n\n"), "is damaged"),
        (changed("07", "0A"), "is damaged"),
        (changed("07", "0g"), "is damaged"),
        (changed("1 07", "1  07"), "is damaged"),
    ];
    for (bytes, wrong) in cases {
        let chen = Chen::with(Mood::Works);
        fs::write(chen.file(), &bytes).unwrap();
        let why = chen.opens(KeyPlace::Keychain).err().unwrap().to_string();
        assert!(why.contains("device.key") && why.contains(wrong), "{why}");
        assert_eq!(fs::read(chen.file()).unwrap(), bytes);
        assert!(chen.drawer.asked.lock().unwrap().is_empty(), "{bytes:?}");
    }
}

#[test]
fn a_damaged_reference_is_never_taken_for_a_key() {
    let line = reference::to(DeviceId([7; 32])).into_bytes();
    assert!(matches!(KeyFile::parse(&line), Ok(KeyFile::InKeychain(device)) if device.0 == [7; 32]));
    for cut in 0..line.len() {
        assert!(KeyFile::parse(line.get(..cut).unwrap()).is_err(), "the first {cut} bytes");
    }
    for at in 0..line.len() {
        for bit in 0..8 {
            let mut other = line.clone();
            *other.get_mut(at).unwrap() ^= 1 << bit;
            // In the name a digit may become another digit: another device, whose key would have to be there.
            let parsed = KeyFile::parse(&other);
            assert!(!matches!(parsed, Ok(KeyFile::Seed(_))), "byte {at}, bit {bit}");
        }
    }
}
