//! The on-disk format's number, and the way from each older one to this.
//!
//! It stands in two places. The *key* in the tree is the truth: a migration's changes and the new number are one
//! batch. The *label*, a small file, can be read without letting sled near the files (opening rewrites some of
//! them), so that a store of a newer version is refused untouched, even one that sled 0.34 could not read at all.

use std::{fs, io, path::Path};

use super::{Disk, caught, from_sled, own_key};
use crate::{StoreError, durable};

/// The format that this version writes.
pub(super) const CURRENT: u32 = 1;

const LABEL: &str = "format";

/// Takes a store from one format to the next, by changes that are committed together with the new number.
type Step = fn(&Disk) -> Result<sled::Batch, StoreError>;

/// The step from format `n` stands at index `n`.
const STEPS: [Step; CURRENT as usize] = [from_0];

/// Refuses a newer store by its label, before anything else in `dir` is opened.
pub(super) fn check_label(dir: &Path) -> Result<(), StoreError> {
    match fs::read_to_string(dir.join(LABEL)) {
        // A label that cannot be parsed says nothing; the key decides.
        Ok(text) => text.trim().parse().map_or(Ok(()), refuse_newer),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(()),
        Err(error) => Err(StoreError::io("reading the format", error)),
    }
}

/// Brings a store to the current format, one step at a time.
pub(super) fn migrate(dir: &Path, disk: &Disk) -> Result<(), StoreError> {
    let mut format = read_key(disk)?;
    refuse_newer(format)?;
    while let Some(step) = STEPS.get(format as usize) {
        let mut changes = step(disk)?;
        format += 1;
        changes.insert(own_key("format"), format.to_le_bytes().as_slice());
        disk.apply(changes)?;
        disk.flush()?;
    }
    let label = format!("{format}\n");
    if fs::read_to_string(dir.join(LABEL)).is_ok_and(|text| text == label) {
        return Ok(());
    }
    durable::replace_file(&dir.join(LABEL), label.as_bytes())
        .map_err(|error| StoreError::io("writing the format", error))
}

/// Reads the key; a store without one has format 0.
fn read_key(disk: &Disk) -> Result<u32, StoreError> {
    match caught("reading the format", || disk.tree().get(own_key("format")).map_err(from_sled))? {
        None => Ok(0),
        Some(bytes) => match bytes.as_ref().try_into() {
            Ok(bytes) => Ok(u32::from_le_bytes(bytes)),
            Err(_) => Err(StoreError::Corrupt { what: "the format is not a number".into() }),
        },
    }
}

fn refuse_newer(found: u32) -> Result<(), StoreError> {
    if found > CURRENT { Err(StoreError::NewerFormat { found, known: CURRENT }) } else { Ok(()) }
}

/// Format 0 is a store that was made and never written to: by the first draft, or when the power went while it was
/// made. Data without a number was never ours.
fn from_0(disk: &Disk) -> Result<sled::Batch, StoreError> {
    match disk.tree().first().map_err(from_sled)? {
        None => Ok(sled::Batch::default()),
        Some(_) => Err(StoreError::Corrupt { what: "data without a format number".into() }),
    }
}
