//! Files and directories that are still there after the plug was pulled.
//!
//! POSIX promises nothing about a new file's name until the directory that holds it is synced, nor about a new
//! directory until its parent is. Every file that the store's life depends on goes through here.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// Makes a directory with all its parents, and makes the names of the new ones durable.
pub(crate) fn create_dir_all(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = parent_of(dir);
    create_dir_all(parent)?;
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_dir(parent)
}

/// Replaces a small file: after a power cut it has the old bytes or the new ones, never a part.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    sync_dir(parent_of(path))
}

/// Renames a directory durably; both names lie in the same parent.
pub(crate) fn rename_dir(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_dir(parent_of(to))
}

/// Syncs every file and directory below `dir`, contents before names, and the name of `dir` itself.
pub(crate) fn sync_tree(dir: &Path) -> io::Result<()> {
    sync_below(dir)?;
    sync_dir(parent_of(dir))
}

fn sync_below(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_below(&entry.path())?;
        } else {
            File::options().write(true).open(entry.path())?.sync_all()?;
        }
    }
    sync_dir(dir)
}

/// Returns the directory that holds a path's name.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Elsewhere directories cannot be opened for syncing; NTFS journals its names by itself.
#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}
