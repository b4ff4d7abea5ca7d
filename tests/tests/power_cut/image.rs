//! A disk in a file, mounted over a loop device, whose plug can be pulled.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// What ext4 keeps to itself for this long is lost in a cut: far longer than a test lasts, so that nothing survives by
/// the luck of a periodic commit.
const COMMIT_EVERY_S: u32 = 300;

/// A mounted disk image; unmounted when dropped.
pub(crate) struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    /// Says why no image can be mounted here, if so.
    pub(crate) fn unavailable(home: &Path) -> Option<String> {
        let tried = Disk::format(&home.join("probe"), 16);
        tried.err().map(|error| format!("needs root and loop devices ({error})"))
    }

    /// Makes an empty ext4 disk and mounts it.
    pub(crate) fn format(home: &Path, size_mib: u64) -> io::Result<Disk> {
        fs::create_dir_all(home)?;
        let image = home.join("image");
        File::create(&image)?.set_len(size_mib << 20)?;
        // Without a reserve for root, a full disk is full for the test too.
        run("mkfs.ext4", &["-q", "-F", "-m", "0", path(&image)])?;
        Disk::mount(image, home.join("mount"))
    }

    fn mount(image: PathBuf, mount: PathBuf) -> io::Result<Disk> {
        fs::create_dir_all(&mount)?;
        run("mount", &["-o", &format!("loop,commit={COMMIT_EVERY_S}"), path(&image), path(&mount)])?;
        Ok(Disk { image, mount })
    }

    /// Copies what has reached the disk at this moment; what ext4 still holds in memory is not in it.
    ///
    /// The caller has stopped whoever writes.
    pub(crate) fn copy_platter(&self, home: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(home)?;
        let copy = home.join("image");
        run("cp", &["--sparse=always", path(&self.image), path(&copy)])?;
        Ok(copy)
    }

    /// Starts the machine again from what had reached the disk; ext4 replays its journal.
    pub(crate) fn power_on(image: PathBuf) -> io::Result<Disk> {
        let mount = image.with_file_name("mount");
        Disk::mount(image, mount)
    }

    /// Returns where the disk's files are.
    pub(crate) fn path(&self) -> &Path {
        &self.mount
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The loop device goes with the mount.
        if unmount(&self.mount) {
            let _ = fs::remove_file(&self.image);
        }
    }
}

/// Takes a file system away. A process that was just killed, or a thread of a store that was just dropped, may hold its
/// files for a moment: whoever still does after that keeps it until they let go. Tells whether nobody does.
pub(crate) fn unmount(mount: &Path) -> bool {
    for _ in 0..50 {
        if run("umount", &[path(mount)]).is_ok() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = run("umount", &["-l", path(mount)]);
    false
}

/// Runs a program of the system's and turns its failure into an error.
pub(crate) fn run(program: &str, args: &[&str]) -> io::Result<()> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{program}: {}", said.trim())))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("test paths are text")
}
