//! Everything that a device holds of its owner, in one `.zip` that people and programs can read, and that anybody can check.
//!
//! `kaifong.json` holds all of it ([`Document`]); its fields are told in `docs/EXPORT.md`. The tables (`*.csv`) and the page
//! (`index.html`) are made from it alone, so whoever has it can make them again. The signed entries stand in it as they
//! were signed: [`verify`] needs no node, no network and no trust in whoever handed the file over.
//!
//! It holds one's own words and acts, and of others' only what they signed in deals and payments with oneself.

mod check;
mod csv;
mod gather;
mod page;

use std::io::{Cursor, Read, Write};

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::dto::{
    Activity, CreditRecord, Deal, Exported, Line, Listing, MatterDetail, MatterSaid, MemberKind, Person, ReviewNote,
    Role, StaffRow,
};
use crate::{ApiError, Hex};
use kaifong_domain::{BuildingId, DeviceId, EntryHash, JournalId, MatterId};

pub use check::{Fault, Report, verify, verify_document};
pub(crate) use gather::gather;

/// What `format` says in every export.
pub const FORMAT: &str = "kaifong-export";
/// The version of the format that is written here.
pub const VERSION: u32 = 1;
/// The largest export that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The largest `kaifong.json` that is read, in bytes.
pub const DOCUMENT_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// The most files in an export that is read.
const FILES_MAX: usize = 16;
/// The name of the file that everything else is made from.
const DOCUMENT: &str = "kaifong.json";

/// Declares a part of the document.
macro_rules! parts {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[$meta:meta])+ $field:ident: $type:ty,)* })+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[$meta])+ pub $field: $type,)*
        }
    )+ };
}

parts! {
    /// `kaifong.json`. Signed bytes are in base 64, ids in hexadecimal digits, instants in milliseconds since 1970.
    Document {
        /// Always [`FORMAT`].
        format: String,
        /// The version of the format.
        version: u32,
        /// When it was made, by this device's clock.
        exported_at: u64,
        /// The building.
        building: BuildingPart,
        /// Whose export it is.
        owner: Owner,
        /// Their offers and needs, the newest first.
        listings: Vec<Listing>,
        /// Their deals, the last changed first.
        deals: Vec<DealPart>,
        /// Their transfers, the newest first.
        statement: Vec<Line>,
        /// The balance that this device counts.
        balance: i64,
        /// What they said of others.
        reviews_given: Vec<ReviewNote>,
        /// What others said of them.
        reviews_received: Vec<ReviewNote>,
        /// What they put to the hall, the newest first, with all that was said of it.
        #[serde(default)]
        matters: Vec<MatterDetail>,
        /// What they said to the matters of others.
        #[serde(default)]
        responses: Vec<ResponsePart>,
        /// What they have invited to and signed up for, the last to begin first; of others nothing but the host and the teacher.
        #[serde(default)]
        activities: Vec<Activity>,
        /// Their journals, whole.
        journals: Vec<JournalPart>,
        /// Signed entries of others that the deals, payments and journals rest on.
        proofs: Vec<String>,
        /// Entries among all these that a closed device has signed and that count for nothing; what closed it is among
        /// them too.
        #[serde(default)]
        void: Vec<Hex<EntryHash>>,
    }

    /// What somebody said to a neighbour's matter.
    ResponsePart {
        /// Who had put it.
        asker: Person,
        /// The matter's id.
        matter: Hex<MatterId>,
        /// What it was.
        said: MatterSaid,
        /// The words; may be empty.
        text: String,
        /// When.
        at: u64,
    }

    /// The building.
    BuildingPart {
        /// Its id: the hash of its genesis.
        id: Hex<BuildingId>,
        /// Its name.
        name: String,
        /// The signed genesis.
        genesis: String,
    }

    /// Whose export it is.
    Owner {
        /// Who, as neighbours see them.
        person: Person,
        /// The sentence about themselves.
        about: String,
        /// Where they live, as this device keeps it, whether neighbours see it or not.
        block_kept: String,
        /// Person, organisation or desk.
        kind: MemberKind,
        /// Since when.
        since: u64,
        /// The reviewer who verified them; `null` for the founder.
        verified_by: Option<Person>,
        /// The roles they hold.
        roles: Vec<Role>,
        /// The credit record.
        record: CreditRecord,
        /// Their devices.
        devices: Vec<Hex<DeviceId>>,
        /// The device that made this export.
        device: Hex<DeviceId>,
        /// What they told the reviewers when they joined, where this device was the one that did.
        told_reviewers: Option<Told>,
        /// Of an organisation: who works there, and who has.
        #[serde(default)]
        staff: Vec<StaffRow>,
    }

    /// What reviewers were told.
    Told {
        /// The household.
        household: String,
        /// The real name.
        real_name: String,
        /// The phone number; may be empty.
        phone: String,
    }

    /// A deal with what proves it.
    DealPart {
        /// The deal.
        deal: Deal,
        /// Its signed entries, of both sides; each stands in `journals` or in `proofs`.
        entries: Vec<Hex<EntryHash>>,
        /// One's own phone number, where it is offered in this deal.
        my_phone: Option<String>,
    }

    /// One journal, from its first entry.
    JournalPart {
        /// Its id.
        journal: Hex<JournalId>,
        /// The device that writes it.
        device: Hex<DeviceId>,
        /// Its signed entries in their order.
        entries: Vec<String>,
    }
}

/// Gives the files of an export, in the order in which they are packed.
fn files(document: &Document) -> Result<Vec<(&'static str, Vec<u8>)>, ApiError> {
    let json = serde_json::to_vec_pretty(document).map_err(ApiError::not_reachable)?;
    let [listings, deals, statement, reviews] = csv::tables(document);
    Ok(vec![
        ("index.html", page::page(document).into_bytes()),
        (DOCUMENT, json),
        ("listings.csv", listings.into_bytes()),
        ("deals.csv", deals.into_bytes()),
        ("statement.csv", statement.into_bytes()),
        ("reviews.csv", reviews.into_bytes()),
    ])
}

/// Packs a document as the page hands it out.
///
/// # Errors
/// As [`pack`].
pub(crate) fn packed(document: &Document) -> Result<Exported, ApiError> {
    let zip = pack(document)?;
    let own: usize = document.journals.iter().map(|journal| journal.entries.len()).sum();
    Ok(Exported {
        name: file_name(document),
        bytes: zip.len() as u64,
        zip: data_encoding::BASE64.encode(&zip),
        entries: (own + document.proofs.len()) as u64,
    })
}

/// Packs an export into the bytes of a `.zip`.
///
/// # Errors
/// `not-reachable` when it cannot be written, which no document leads to.
pub fn pack(document: &Document) -> Result<Vec<u8>, ApiError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files(document)? {
        zip.start_file(name, options).map_err(ApiError::not_reachable)?;
        zip.write_all(&bytes).map_err(ApiError::not_reachable)?;
    }
    Ok(zip.finish().map_err(ApiError::not_reachable)?.into_inner())
}

/// Unpacks one file of an export, within bounds. `None` when it is not there.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let mut file = match archive.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(_) => return Err(Fault::NotAnExport),
    };
    let mut bytes = Vec::new();
    let read = file.by_ref().take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|_| Fault::NotAnExport)?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    Ok(Some(bytes))
}

/// Opens the bytes of a `.zip`, within bounds.
fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Fault> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::NotAnExport)?;
    if archive.len() > FILES_MAX { Err(Fault::TooLarge) } else { Ok(archive) }
}

/// Gives the name under which an export is saved: the day, and whose it is by their id.
pub fn file_name(document: &Document) -> String {
    format!("kaifong-{}-{}.zip", document.owner.person.member.0.short(), page::day(document.exported_at))
}

#[cfg(test)]
mod tests;
