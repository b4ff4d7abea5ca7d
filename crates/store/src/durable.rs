//! Files and directories that are still there after the plug was pulled.
//!
//! POSIX promises nothing about a new file's name until the directory that holds it is synced, nor about a new
//! directory until its parent is. Every file that the store's life depends on goes through here, and so do the few files
//! that a device keeps beside it.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write},
    path::Path,
};

/// Makes a directory that only its owner may enter, and its parents as usual. One that is there already stays as it is:
/// see [`close_to_others`].
///
/// # Errors
/// Those of the operating system.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = parent_of(dir);
    create_dir_all(parent)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_dir(parent)
}

/// Closes a directory to everybody but its owner, if that is whose file `own` is. One in which anybody may make files,
/// such as `/tmp`, stays open.
///
/// # Errors
/// Those of the operating system.
#[cfg(unix)]
pub fn close_to_others(dir: &Path, own: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    const STICKY: u32 = 0o1000;
    const OTHERS: u32 = 0o077;
    let (folder, file) = (fs::metadata(dir)?, fs::metadata(own)?);
    let mode = folder.mode() & 0o7777;
    if mode & OTHERS == 0 || mode & STICKY != 0 || folder.uid() != file.uid() {
        return Ok(());
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(mode & !OTHERS))
}

/// Elsewhere a user's folders are the user's by inheritance.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn close_to_others(_dir: &Path, _own: &Path) -> io::Result<()> {
    Ok(())
}

/// Replaces a small file by one that only its owner may read: after a power cut it has the old bytes or the new ones,
/// never a part.
///
/// # Errors
/// Those of the operating system.
pub fn replace_private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    put_in_place(options.open(&fresh)?, &fresh, path, bytes)
}

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
///
/// # Errors
/// Those of the operating system.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    put_in_place(File::create(&fresh)?, &fresh, path, bytes)
}

fn put_in_place(mut file: File, fresh: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(fresh, path)?;
    sync_dir(parent_of(path))
}

/// Renames a directory durably; both names lie in the same parent.
pub(crate) fn rename_dir(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_dir(parent_of(to))
}

/// Makes durable which names a directory has.
pub(crate) fn sync_names(dir: &Path) -> io::Result<()> {
    sync_dir(dir)
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
