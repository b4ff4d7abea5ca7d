//! Where the homes of one installation lie: the folder itself is the first, and `homes/` holds a folder for each further
//! one. Each is a whole data folder: key, store, notices. Nothing here ever deletes anything.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use kaifong_node::is_data_folder;
use kaifong_node::store::durable::create_private_dir;

use crate::dto::HomeId;

/// Holds the further homes.
const HOMES: &str = "homes";
/// Holds what is no longer looked at.
const FORGOTTEN: &str = "forgotten";
/// The end of the name of a folder into which the first home is still being moved.
const MOVING: &str = ".moving";
/// What lies in the installation's folder and belongs to no home: who was let in, the socket, and what the window keeps.
const OF_ALL: [&str; 6] = [HOMES, FORGOTTEN, "web.json", "kaifong.sock", ".sock", "window"];

/// Gives the folder of a home.
pub(super) fn folder(root: &Path, home: HomeId) -> PathBuf {
    if home == HomeId::FIRST { root.to_owned() } else { root.join(HOMES).join(home.to_string()) }
}

/// Finds the homes of an installation, the oldest first; never none. A forgetting that was cut off is ended before.
///
/// # Errors
/// Those of the operating system.
pub(super) fn find(root: &Path) -> io::Result<Vec<HomeId>> {
    end_moving(root)?;
    let mut homes = Vec::new();
    for entry in entries(&root.join(HOMES))? {
        // What has another name was put there by somebody else.
        if let Some(home) = entry.file_name().and_then(OsStr::to_str).and_then(|name| HomeId::from_str(name).ok())
            && home != HomeId::FIRST
            && entry.is_dir()
        {
            homes.push(home);
        }
    }
    if homes.is_empty() || is_data_folder(root) {
        homes.push(HomeId::FIRST);
    }
    homes.sort_unstable();
    Ok(homes)
}

/// Makes the folder of a new home, after all others by its name.
///
/// # Errors
/// Those of the operating system.
pub(super) fn make(root: &Path, now_ms: u64) -> io::Result<HomeId> {
    create_private_dir(&root.join(HOMES))?;
    loop {
        // Milliseconds since 1970 take 41 bits for some decades yet; the rest tells two of one millisecond apart.
        let home = HomeId((now_ms << 16) | u64::from(rand::random::<u16>()));
        let path = folder(root, home);
        if home != HomeId::FIRST && !path.exists() {
            create_private_dir(&path)?;
            return Ok(home);
        }
    }
}

/// Moves a home's folder aside, and gives where it lies then. Nobody may have it open.
///
/// # Errors
/// Those of the operating system. A first home of which a part was moved is moved on with the next start.
pub(super) fn set_aside(root: &Path, home: HomeId, now_ms: u64) -> io::Result<PathBuf> {
    // What a move that failed before has left goes with the rest of it: a key and its store stay together.
    if home == HomeId::FIRST
        && let Some(to) = end_moving(root)?
    {
        return Ok(to);
    }
    let aside = root.join(FORGOTTEN);
    create_private_dir(&aside)?;
    let to = (0..).map(|more| aside.join(format!("{home}-{}", now_ms + more))).find(|to| !to.exists());
    let to = to.ok_or_else(|| io::Error::other("no free name"))?;
    if home != HomeId::FIRST {
        std::fs::rename(folder(root, home), &to)?;
        return Ok(to);
    }
    let mut moving = to.clone().into_os_string();
    moving.push(MOVING);
    let moving = PathBuf::from(moving);
    create_private_dir(&moving)?;
    move_first(root, &moving)?;
    std::fs::rename(&moving, &to)?;
    Ok(to)
}

/// Ends what was begun, and gives where it lies then.
fn end_moving(root: &Path) -> io::Result<Option<PathBuf>> {
    let mut ended = None;
    for moving in entries(&root.join(FORGOTTEN))? {
        let Some(name) = moving.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_suffix(MOVING)) else {
            continue;
        };
        move_first(root, &moving)?;
        let to = moving.with_file_name(name);
        std::fs::rename(&moving, &to)?;
        ended = Some(to);
    }
    Ok(ended)
}

/// Moves all that belongs to the first home.
fn move_first(root: &Path, to: &Path) -> io::Result<()> {
    for entry in entries(root)? {
        let Some(name) = entry.file_name() else { continue };
        if !OF_ALL.iter().any(|kept| *kept == name) {
            std::fs::rename(&entry, to.join(name))?;
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(dir) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(read) => read.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, names: &[&str]) {
        for name in names {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name.as_bytes()).unwrap();
        }
    }

    #[test]
    fn a_folder_of_today_is_the_only_home() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find(&dir.path().join("not yet made")).unwrap(), [HomeId::FIRST]);
        put(dir.path(), &["device.key", "notices.json", "web.json"]);
        assert_eq!(find(dir.path()).unwrap(), [HomeId::FIRST]);
        assert_eq!(folder(dir.path(), HomeId::FIRST), dir.path());
    }

    #[test]
    fn homes_are_found_by_their_names_the_oldest_first() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), &["device.key"]);
        let later = make(dir.path(), 2_000).unwrap();
        let sooner = make(dir.path(), 1_000).unwrap();
        // What somebody else put there is nobody's home.
        put(dir.path(), &["homes/readme", "homes/0000000000000000/device.key", "homes/..x/device.key"]);
        std::fs::write(dir.path().join("homes/00000000000000aa"), b"a file").unwrap();
        assert_eq!(find(dir.path()).unwrap(), [HomeId::FIRST, sooner, later]);
        assert!(folder(dir.path(), later).starts_with(dir.path().join("homes")));
    }

    #[test]
    fn what_is_forgotten_lies_aside_whole() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), &["device.key", "store/a", "web.json", "window/kept"]);
        let home = make(dir.path(), 1_000).unwrap();
        put(&folder(dir.path(), home), &["device.key", "store/b"]);
        let aside = set_aside(dir.path(), HomeId::FIRST, 5).unwrap();
        for name in ["device.key", "store/a"] {
            assert_eq!(std::fs::read_to_string(aside.join(name)).unwrap(), name);
            assert!(!dir.path().join(name).exists());
        }
        assert!(dir.path().join("web.json").exists() && dir.path().join("window/kept").exists(), "those are of all");
        assert_eq!(find(dir.path()).unwrap(), [home], "the first is no home any more");
        let aside = set_aside(dir.path(), home, 5).unwrap();
        assert_eq!(std::fs::read_to_string(aside.join("store/b")).unwrap(), "store/b");
        assert_eq!(find(dir.path()).unwrap(), [HomeId::FIRST], "never none");
    }

    #[test]
    fn a_forgetting_that_failed_and_is_tried_again_parts_no_key_from_its_store() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), &["forgotten/0000000000000000-7.moving/device.key", "store/a"]);
        let aside = set_aside(dir.path(), HomeId::FIRST, 9).unwrap();
        assert_eq!(aside, dir.path().join("forgotten/0000000000000000-7"));
        assert!(aside.join("device.key").exists() && aside.join("store/a").exists());
        assert_eq!(entries(&dir.path().join("forgotten")).unwrap().len(), 1);
    }

    #[test]
    fn a_forgetting_that_was_cut_off_is_ended_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let home = make(dir.path(), 1_000).unwrap();
        // The key was moved, and the store was not.
        put(dir.path(), &["forgotten/0000000000000000-7.moving/device.key", "store/a", "notices.json"]);
        assert_eq!(find(dir.path()).unwrap(), [home]);
        let aside = dir.path().join("forgotten/0000000000000000-7");
        for name in ["device.key", "store/a", "notices.json"] {
            assert!(aside.join(name).exists() && !dir.path().join(name).exists(), "{name}");
        }
    }
}
