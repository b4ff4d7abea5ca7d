//! How much one document may hold. An honest replica stops writing well before, so that two devices of one member that
//! write while apart do not run into a limit that only one of them has reached.
//!
//! What a document holds is a function of the changes that were ever heard, not of their order: in the order of their
//! first operation, then of their hash, changes stand until one of the limits `DOCUMENT_…_MAX` has been reached by
//! those before. The last of them may lead beyond a limit by as much as one change may hold, so what is read from
//! outside is bounded a little higher.
//!
//! Whatever a replica holds by these rules, its neighbours can take, as a snapshot and change by change, and it fits
//! into a frame (8 MiB) with all that vouches for it; and every fork in it can be proven in one frame.

/// The largest change chunk, in bytes. The longest honest one (a listing in four-byte characters) has about 9 KB.
pub const CHANGE_SIZE_BYTES_MAX: usize = 32 * 1024;
/// The most operations in one change. The longest honest one (a new listing) has 7.
pub const CHANGE_OPS_MAX: u64 = 32;
/// The most changes that one change may depend on: one for each actor that wrote while apart.
pub const CHANGE_DEPS_MAX: u64 = DOCUMENT_ACTORS_MAX as u64;
/// The most operations that one change may replace: what each actor wrote while apart.
pub const CHANGE_REPLACED_MAX: u64 = CHANGE_OPS_MAX * DOCUMENT_ACTORS_MAX as u64;
/// The largest delivery of changes, in bytes.
pub const DELIVERY_SIZE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The largest snapshot as it travels, in bytes. Where a document would make a larger one, its changes travel.
pub const SNAPSHOT_SIZE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The largest snapshot once inflated, in bytes.
pub const SNAPSHOT_INFLATED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The most changes in one document.
pub const DOCUMENT_CHANGES_MAX: usize = 20_000;
/// The most operations in one document.
pub const DOCUMENT_OPS_MAX: u64 = 200_000;
/// The most dependencies of all changes in one document together.
pub const DOCUMENT_DEPS_MAX: u64 = 2 * DOCUMENT_CHANGES_MAX as u64;
/// The most operations that the changes in one document replace, each counted as often as it is replaced.
pub const DOCUMENT_REPLACED_MAX: u64 = 200_000;
/// The most bytes in one document: those of its changes, each by an estimate that is a little too high.
pub const DOCUMENT_BYTES_MAX: u64 = 7 * 512 * 1024;
/// The most actors in one document: every doubt about a device's store makes one.
pub const DOCUMENT_ACTORS_MAX: usize = 64;
/// Of how many forked actors a document keeps proofs: those with the least keys. Once there are so many, every actor
/// with a greater key is cut too.
pub const DOCUMENT_FORKS_MAX: usize = 64;
/// The largest ways down from lost heads in one document, in bytes, all together.
pub const VOUCHERS_SIZE_BYTES_MAX: usize = 5 * 512 * 1024;
/// The largest proof of a fork, in bytes: twice the way through a whole document. Whoever signed a head held all that it
/// builds on, so no way down from it is longer.
pub const EVIDENCE_SIZE_BYTES_MAX: usize = 2 * (DOCUMENT_BYTES_MAX as usize + CHANGE_SIZE_BYTES_MAX);
/// How many bytes of proofs ride along with a delivery. Those beyond travel by themselves.
pub const DELIVERY_PROOFS_SIZE_BYTES_MAX: usize = 1024 * 1024;
/// The greatest operation counter. Automerge keeps counters in 32 bits; beyond them it panics.
pub const MAX_OP_MAX: u64 = 1 << 24;
/// How many missing changes a waiting answer names at most.
pub const MISSING_DEPS_MAX: usize = 64;
/// How many changes that a cut has dropped are remembered by hash, so that what builds on them is refused at once.
pub const DROPPED_MAX: usize = 4096;
