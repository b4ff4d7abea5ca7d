//! The on-disk format's number, and whose key it is sealed with.
//!
//! Both stand in two places. The *keys* in the tree are the truth: they are written in one batch, with the first of what
//! they speak of. The *label* and the *mark*, two small files, can be read without letting sled near the files (opening
//! rewrites some of them), so that a store of a newer version or of another key is refused untouched, even one that
//! sled 0.34 could not read at all.
//!
//! | format | is |
//! |---|---|
//! | 0 | a store that was made and never written to |
//! | 1 | values that lie open, sled's files in the store's directory itself |
//! | 2 | values that are sealed, sled's files in the folder `sealed` |
//!
//! A store of format 0 or 1 becomes one of format 2 by [`takeover`](super::takeover).

use std::{fs, io, path::Path};

use super::{Disk, caught, from_sled, own_key};
use crate::{StoreError, StoreKey, durable};

/// The format that this version writes.
pub(super) const CURRENT: u32 = 2;

const LABEL: &str = "format";
const MARK: &str = "seal";

const FORMAT_KEY: &str = "format";
const MARK_KEY: &str = "seal";

/// Refuses a newer store by its label, and one of another key by its mark, before anything else in `dir` is opened.
pub(super) fn check_files(dir: &Path, key: &StoreKey) -> Result<(), StoreError> {
    // What cannot be parsed says nothing; the tree decides.
    let label = text_of(&dir.join(LABEL))?.and_then(|text| text.trim().parse().ok());
    label.map_or(Ok(()), refuse_newer)?;
    let mark = text_of(&dir.join(MARK))?.filter(|text| text.trim().len() == mark_text(key).trim().len());
    match mark {
        Some(mark) if mark != mark_text(key) => Err(StoreError::WrongKey),
        _ => Ok(()),
    }
}

/// Tells whether a store was sealed in `dir`, as far as can be told without a key.
pub(super) fn is_marked(dir: &Path) -> bool {
    dir.join(MARK).exists() || label_is_current(dir)
}

/// Tells whether the label says that all of the store is in this version's format.
pub(super) fn label_is_current(dir: &Path) -> bool {
    fs::read_to_string(dir.join(LABEL)).is_ok_and(|text| text == label_text())
}

/// Writes the label, if it says something else.
pub(super) fn write_label(dir: &Path) -> Result<(), StoreError> {
    write_text(&dir.join(LABEL), &label_text())
}

/// Checks that a sealed store has this version's format and was sealed with this key. A new one is given both.
pub(super) fn settle(dir: &Path, disk: &Disk, key: &StoreKey) -> Result<(), StoreError> {
    match number(disk)? {
        Some(found) => {
            refuse_newer(found)?;
            if found < CURRENT {
                return Err(StoreError::Corrupt { what: format!("a sealed store of format {found}") });
            }
            let mark = caught("reading the mark", || disk.tree().get(own_key(MARK_KEY)).map_err(from_sled))?;
            match mark {
                Some(mark) if mark.as_ref() == key.mark() => {}
                Some(mark) if mark.len() == key.mark().len() => return Err(StoreError::WrongKey),
                _ => return Err(StoreError::Corrupt { what: "a sealed store without a mark of its key".into() }),
            }
        }
        None => {
            if caught("looking for data", || disk.tree().first().map_err(from_sled))?.is_some() {
                return Err(StoreError::Corrupt { what: "data without a format number".into() });
            }
            let mut first = sled::Batch::default();
            settled(&mut first, key);
            disk.apply(first)?;
            disk.flush()?;
        }
    }
    write_text(&dir.join(MARK), &mark_text(key))?;
    write_label(dir)
}

/// Adds what a store of this version's format and of this key says of itself.
pub(super) fn settled(batch: &mut sled::Batch, key: &StoreKey) {
    batch.insert(own_key(FORMAT_KEY), CURRENT.to_le_bytes().as_slice());
    batch.insert(own_key(MARK_KEY), key.mark().as_slice());
}

/// Checks that what lies open is of a format that did.
pub(super) fn check_open(disk: &Disk) -> Result<(), StoreError> {
    match number(disk)? {
        Some(1) => Ok(()),
        None if caught("looking for data", || disk.tree().first().map_err(from_sled))?.is_none() => Ok(()),
        None => Err(StoreError::Corrupt { what: "data without a format number".into() }),
        Some(found) => Err(StoreError::Corrupt { what: format!("values that lie open in format {found}") }),
    }
}

/// Reads the number in the tree.
fn number(disk: &Disk) -> Result<Option<u32>, StoreError> {
    match caught("reading the format", || disk.tree().get(own_key(FORMAT_KEY)).map_err(from_sled))? {
        None => Ok(None),
        Some(bytes) => match bytes.as_ref().try_into() {
            Ok(bytes) => Ok(Some(u32::from_le_bytes(bytes))),
            Err(_) => Err(StoreError::Corrupt { what: "the format is not a number".into() }),
        },
    }
}

fn refuse_newer(found: u32) -> Result<(), StoreError> {
    if found > CURRENT { Err(StoreError::NewerFormat { found, known: CURRENT }) } else { Ok(()) }
}

fn label_text() -> String {
    format!("{CURRENT}\n")
}

fn mark_text(key: &StoreKey) -> String {
    key.mark().iter().map(|byte| format!("{byte:02x}")).chain(["\n".to_owned()]).collect()
}

/// Reads a small file; `None` when it is not there or is no text.
fn text_of(path: &Path) -> Result<Option<String>, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Ok(None),
        Err(error) => Err(StoreError::io("reading the format", error)),
    }
}

fn write_text(path: &Path, text: &str) -> Result<(), StoreError> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    durable::replace_file(path, text.as_bytes()).map_err(|error| StoreError::io("writing the format", error))
}
