#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::fs;

use super::*;

/// Opens a data folder and lets go of it again.
fn key_of(data: &Path) -> DeviceKey {
    let keeper = Keeper::open(data, &Keys::of_system(KeyPlace::File)).unwrap();
    let key = keeper.key().clone();
    keeper.close().unwrap();
    key
}

#[test]
fn a_key_that_was_half_written_when_the_power_went_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("device.new"), b"half").unwrap();
    let key = key_of(dir.path());
    assert_eq!(key_of(dir.path()).id(), key.id(), "it is kept");
    assert_eq!(fs::read(dir.path().join(KEY_FILE)).unwrap(), key.seed());
    assert!(!dir.path().join("device.new").exists());
}

#[test]
fn an_empty_key_file_is_named_and_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(KEY_FILE);
    fs::write(&path, b"").unwrap();
    let why = Keeper::open(dir.path(), &Keys::of_system(KeyPlace::File)).err().unwrap().to_string();
    assert!(why.contains("device.key") && why.contains("32 bytes"), "{why}");
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn a_folder_that_belongs_to_a_building_is_given_no_second_key() {
    let dir = tempfile::tempdir().unwrap();
    let files = Keys::of_system(KeyPlace::File);
    let keeper = Keeper::open(dir.path(), &files).unwrap();
    keeper.keep_genesis(b"a building").unwrap();
    keeper.close().unwrap();
    fs::remove_file(dir.path().join(KEY_FILE)).unwrap();
    let why = Keeper::open(dir.path(), &files).err().unwrap().to_string();
    assert!(why.contains("device.key") && why.contains("belongs to a building"), "{why}");
    assert!(!dir.path().join(KEY_FILE).exists(), "nothing was put in its place");
}

#[test]
fn who_finds_the_folder_in_use_makes_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let first = StoreLock::take(&dir.path().join(STORE_FOLDER)).unwrap();
    assert!(matches!(
        Keeper::open(dir.path(), &Keys::of_system(KeyPlace::File)),
        Err(OpenError::Store(StoreError::Busy))
    ));
    assert!(!dir.path().join(KEY_FILE).exists());
    drop(first);
}

#[test]
fn a_sealed_folder_without_its_key_is_given_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let key = key_of(dir.path());
    fs::remove_file(dir.path().join(KEY_FILE)).unwrap();
    let why = Keeper::open(dir.path(), &Keys::of_system(KeyPlace::File)).err().unwrap().to_string();
    assert!(why.contains("device.key") && why.contains("is sealed with it"), "{why}");
    assert!(!dir.path().join(KEY_FILE).exists(), "nothing was put in its place");
    fs::write(dir.path().join(KEY_FILE), key.seed()).unwrap();
    assert_eq!(key_of(dir.path()).id(), key.id());
}

#[test]
fn another_key_does_not_open_the_folder_and_moves_nothing_aside() {
    let dir = tempfile::tempdir().unwrap();
    let key = key_of(dir.path());
    fs::write(dir.path().join(KEY_FILE), [9; 32]).unwrap();
    let refused = Keeper::open(dir.path(), &Keys::of_system(KeyPlace::File)).err().unwrap();
    assert!(matches!(refused, OpenError::Store(StoreError::WrongKey)), "{refused}");
    assert!(!dir.path().join("store.aside-1").exists());
    fs::write(dir.path().join(KEY_FILE), key.seed()).unwrap();
    key_of(dir.path());
}

#[test]
fn another_key_is_told_by_the_genesis_when_the_store_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let files = Keys::of_system(KeyPlace::File);
    let keeper = Keeper::open(dir.path(), &files).unwrap();
    keeper.keep_genesis(b"a building").unwrap();
    keeper.close().unwrap();
    let sealed = fs::read(dir.path().join(HOME_FILE)).unwrap();
    fs::remove_dir_all(dir.path().join(STORE_FOLDER)).unwrap();
    fs::write(dir.path().join(KEY_FILE), [9; 32]).unwrap();
    let why = Keeper::open(dir.path(), &files).err().unwrap().to_string();
    assert!(why.contains("sealed with another key"), "{why}");
    assert_eq!(fs::read(dir.path().join(HOME_FILE)).unwrap(), sealed);
}

#[test]
fn a_genesis_that_lay_open_is_sealed_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let files = Keys::of_system(KeyPlace::File);
    Keeper::open(dir.path(), &files).unwrap().close().unwrap();
    fs::write(dir.path().join(HOME_FILE), "榕荫里").unwrap();
    let keeper = Keeper::open(dir.path(), &files).unwrap();
    assert_eq!(keeper.private_file(HOME_FILE).read().unwrap().unwrap(), "榕荫里".as_bytes());
    assert!(!keeper.private_file(HOME_FILE).lies_open());
    keeper.close().unwrap();
}

#[cfg(unix)]
mod permissions {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn make(path: &Path, mode: u32) {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_new_data_folder_and_its_key_are_the_owners_only() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("share/kaifong");
        key_of(&data);
        assert_eq!((mode(&data), mode(&data.join(KEY_FILE))), (0o700, 0o600));
    }

    #[test]
    fn an_open_data_folder_is_closed_to_others() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("kaifong");
        make(&data, 0o755);
        key_of(&data);
        assert_eq!(mode(&data), 0o700);
    }

    #[test]
    fn a_folder_that_is_everybodys_stays_so() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("tmp");
        make(&data, 0o1777);
        key_of(&data);
        assert_eq!(mode(&data), 0o1777);
    }
}
