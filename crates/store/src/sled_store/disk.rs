//! sled, and the fsync that it lacks.

use std::{
    any::Any,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use super::{from_sled, value::own_key};
use crate::{StoreError, durable};

/// Kept small: what screens read is in memory anyway, and a phone has little to spare.
const CACHE_BYTES: u64 = 32 << 20;

/// How long a flush may be silent before it is given a nudge.
const FLUSH_SILENCE: Duration = Duration::from_secs(1);

/// sled's database and a second handle on its log, to fsync it.
#[derive(Debug)]
pub(super) struct Disk {
    db: sled::Db,
    log: File,
}

impl Disk {
    /// Opens or makes sled's files in `dir`, and makes durable what sled did to them while opening.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        durable::create_dir_all(dir).map_err(|error| StoreError::io("making the log's directory", error))?;
        drop_unfinished_snapshots(dir)?;
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            // No thread of sled's writes behind our back: the log changes between our fsyncs by our batch alone.
            .flush_every_ms(None);
        let db = caught("opening", || config.open().map_err(from_sled))?;
        let log = File::options()
            .write(true)
            .open(dir.join("db"))
            .map_err(|error| StoreError::io("opening the log", error))?;
        let disk = Self { db, log };
        disk.flush()?;
        durable::sync_tree(dir).map_err(|error| StoreError::io("syncing a new store", error))?;
        Ok(disk)
    }

    /// Returns the one tree that holds everything.
    pub(super) fn tree(&self) -> &sled::Tree {
        &self.db
    }

    /// Applies a batch to the tree in memory and to sled's buffers; not durable yet.
    pub(super) fn apply(&self, batch: sled::Batch) -> Result<(), StoreError> {
        caught("writing", || self.db.apply_batch(batch).map_err(from_sled))
    }

    /// Makes durable what was applied.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        caught("flushing", || flush_watched(&self.db).map_err(from_sled))?;
        // sled's flush hands the bytes to the file with sync_file_range, which commits no metadata: after a power
        // cut the file would end where it ended before. This fsync is what makes an acknowledgement true.
        self.log.sync_all().map_err(|error| StoreError::io("fsync of the log", error))
    }

    /// Shows `each` every pair of the tree.
    pub(super) fn read_all(
        &self,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        caught("reading everything", || {
            self.db.iter().try_for_each(|pair| pair.map_err(from_sled).and_then(|(key, value)| each(&key, &value)))
        })
    }

    /// Lets go of the files.
    pub(super) fn close(self) -> Result<(), StoreError> {
        caught("closing", || {
            drop(self.db);
            Ok(())
        })
    }
}

/// Removes snapshots that were being written when the power went.
///
/// sled takes `snap.X.generating` for a finished snapshot, finds it damaged and refuses to open, although the older
/// snapshot and the log beside it are whole (spacejam/sled#1533). A finished one never has that name.
fn drop_unfinished_snapshots(dir: &Path) -> Result<(), StoreError> {
    let failed = |error| StoreError::io("removing an unfinished snapshot", error);
    for entry in dir.read_dir().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().ends_with(".generating") {
            std::fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// Runs sled and takes its panics for what they are: sled asserts what it believes of its files.
pub(super) fn caught<T>(what: &str, run: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(outcome) => outcome,
        Err(panic) => Err(StoreError::Corrupt { what: format!("{what}: {}", panic_text(&*panic)) }),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic without a text")
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Flushes sled without trusting it to come back.
///
/// When the disk fills up in the middle of a batch, sled records the error but does not always wake the flush that
/// waits for it. Any other write finds the error and wakes everybody: after a second of silence one is tried.
fn flush_watched(db: &sled::Db) -> sled::Result<()> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut flushing = pin!(db.flush_async());
    loop {
        if let Poll::Ready(outcome) = flushing.as_mut().poll(&mut context) {
            return outcome.map(|_| ());
        }
        let parked = std::time::Instant::now();
        thread::park_timeout(FLUSH_SILENCE);
        if parked.elapsed() >= FLUSH_SILENCE {
            db.insert(own_key("nudge"), &[])?;
        }
    }
}
