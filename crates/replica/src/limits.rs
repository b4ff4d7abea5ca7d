//! How much one document may hold. An honest replica stops writing well before, so that two devices of one member that
//! write while apart do not run into a limit that only one of them has reached.

/// The largest change chunk, in bytes. The longest honest one (a listing in four-byte characters) has about 9 KB.
pub const CHANGE_SIZE_BYTES_MAX: usize = 32 * 1024;
/// The most operations in one change. The longest honest one (a new listing) has 7.
pub const CHANGE_OPS_MAX: u64 = 32;
/// The most changes that one change may depend on: one for each actor that wrote while apart.
pub const CHANGE_DEPS_MAX: u64 = 64;
/// The largest delivery of changes, in bytes.
pub const DELIVERY_SIZE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The largest snapshot as it travels, in bytes.
pub const SNAPSHOT_SIZE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The largest snapshot once inflated, in bytes.
pub const SNAPSHOT_INFLATED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The most changes in one document.
pub const DOCUMENT_CHANGES_MAX: usize = 20_000;
/// The most operations in one document.
pub const DOCUMENT_OPS_MAX: u64 = 200_000;
/// The most actors in one document: every doubt about a device's store makes one.
pub const DOCUMENT_ACTORS_MAX: usize = 64;
/// The most forks that one document survives.
pub const DOCUMENT_FORKS_MAX: usize = 64;
/// The largest proof of a fork or way down from a lost head, in bytes.
pub const EVIDENCE_SIZE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The greatest operation counter. Automerge keeps counters in 32 bits; beyond them it panics.
pub const MAX_OP_MAX: u64 = 1 << 24;
/// How many missing changes a waiting answer names at most.
pub const MISSING_DEPS_MAX: usize = 64;
/// How many changes that a cut has dropped are remembered by hash, so that what builds on them is refused at once.
pub const DROPPED_MAX: usize = 4096;
