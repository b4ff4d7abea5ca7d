//! Plain tests that keep the house tidy: who may import whom, sizes, forgotten files, links, words, features.
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod crates;
mod features;
mod files;
mod links;
mod parsers;
mod words;

/// Fails with every fault on its own line.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
