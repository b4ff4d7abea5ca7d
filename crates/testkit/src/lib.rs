//! A simulated building: devices, clock, network, disks and faults on one seed.
//!
//! [`run`] lives through one seed: up to 12 members with up to 20 devices, each a real `kaifong_node::Node` over a
//! `MemoryStore`, in one thread and faster than real time. People post, answer, lend, pay and review; connections break,
//! the building falls apart into groups, phones sleep, disks fail, clocks are wrong, and some devices are hostile. Then
//! everything heals, and the invariants are checked. A seed always plays the same.

mod accounts;
mod collusion;
mod council;
mod delivery;
mod device;
mod dice;
mod double_spend;
mod fund;
mod guests;
mod hostile;
mod invariants;
mod loans;
mod network;
mod phones;
mod plan;
mod planted;
mod private;
mod recurring;
mod residents;
mod run;
mod slips;
mod story;
mod weather;
mod wiring;
mod world;

pub use invariants::{Counts, Failure};
pub use plan::{Clock, DEVICES_MAX, Faults, MEMBERS_MAX, Person, Plan};
pub use run::{Options, Outcome, Planted, run, run_and_export, run_and_tell, tell};

/// Writes the journals of one seed and the ledger's figures into a folder, where `tests/oracle/balances.py` finds them.
///
/// # Errors
/// When the folder or the files cannot be written.
pub fn write_export(folder: &std::path::Path, seed: u64, export: &kaifong_ledger::Export) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("seed-{seed}.answers")), &export.answers)?;
    std::fs::write(folder.join(format!("seed-{seed}.journals")), &export.journals)
}

/// Names some bytes: 16 hexadecimal digits of their hash.
pub fn name_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().chars().take(16).collect()
}
