//! The ledger: a million entries folded, one more, and what it holds in memory for each.

pub mod plain;
pub mod town;

use std::path::Path;
use std::process::Command as Process;
use std::time::Instant as Clock;

use anyhow::{Context, Result, bail, ensure};
use kaifong_ledger::Ledger;
use kaifong_trust::entry::Entry;
use kaifong_trust::journals::Journals;
use kaifong_trust::{Signed, Verified};
use plain::{Clerk, Plain};
use serde_json::{Value, json};
use town::{Chains, Council, ENTRIES, JOURNALS, LATER, Reader, Town, recall};

use crate::Bench;
use crate::report::{Row, quantile, rounded};

const PEER: &str = "SQLite tables in memory, no proofs";
/// How many entries go the long way, each with its own signature: it takes its time.
const SINGLY: usize = 40_000;
/// How many journal entries are held in memory to see what they take.
const HELD: usize = 200_000;

/// The first argument of a process that holds one thing in memory.
pub const INSIDE: &str = "--inside-ledger-memory";

/// Measures `ledger_fold_1m`.
pub fn fold(bench: &Bench) -> Result<Row> {
    let town = Town::open(&bench.scratch("ledger"))?;
    let all = town.read()?;
    let million = all.get(..ENTRIES).context("a million entries")?;
    let mut chained = Vec::new();
    let mut ledger = Ledger::new();
    let (mut read_s, mut heads) = (0.0, 0);
    for _ in 0..3 {
        // What the fold before left behind is freed before the next one is timed.
        drop(std::mem::take(&mut ledger));
        let council = Council::new();
        let mut chains = Chains::default();
        let begun = Clock::now();
        for (number, bytes) in million.iter().enumerate() {
            let entry = recall(bytes)?;
            chains.follow(number, &entry)?;
            ledger.add(&entry, &council);
        }
        heads = chains.vouched(&all)?;
        chained.push(begun.elapsed().as_secs_f64());
        let begun = Clock::now();
        million.iter().try_for_each(|bytes| recall(bytes).map(drop))?;
        read_s = begun.elapsed().as_secs_f64();
    }
    ensure!(heads == JOURNALS && ledger.sum() == 0, "{heads} heads, sum {}", ledger.sum());
    let (plain, owners, peer_s) = plain(million)?;
    for (account, balance) in plain.balances()? {
        let owner = owners.get(&account).context("an owner")?;
        ensure!(ledger.balance(owner) == balance, "the peer comes to another balance");
    }
    let Singly { verify_us, offer_us } = singly(&town, &all)?;
    let ours = quantile(&mut chained, 0.5);
    let mut row = Row {
        ours,
        peer: Some(peer_s),
        unit: "s",
        peer_name: PEER.into(),
        target: "at most 3 s",
        met: ours <= 3.0,
        extra: serde_json::Map::new(),
    };
    let figures = [
        ("decode_and_hash_s", read_s),
        ("signature_us_each", verify_us),
        ("journals_us_each", offer_us),
        ("each_signature_s", verify_us + offer_us + ours - read_s),
    ];
    row.extra.extend(figures.map(|(name, value)| (name.to_owned(), json!(rounded(value)))));
    row.extra.insert("entries".into(), json!(ENTRIES));
    row.extra.insert("head_signatures".into(), json!(heads));
    row.extra.insert(
        "is".into(),
        json!(
            "decoded, hashed, chained and folded from memory on one thread, median of three, with one signature for each \
             journal; each_signature_s is the same with every entry's signature and the journals' rules, as what comes from \
             others is taken in, from the first 40,000"
        ),
    );
    Ok(row)
}

/// Measures `ledger_entry`.
pub fn entry(bench: &Bench) -> Result<Row> {
    let town = Town::open(&bench.scratch("ledger"))?;
    let all = town.read()?;
    let (million, later) = all.split_at(ENTRIES);
    let (mut ledger, council) = (Ledger::new(), Council::new());
    for bytes in million {
        ledger.add(&recall(bytes)?, &council);
    }
    let (mut ours, mut folding) = (Vec::new(), Vec::new());
    for bytes in later {
        let begun = Clock::now();
        let entry = Signed::<Entry>::from_bytes(bytes)?.verify()?;
        let verified = Clock::now();
        ledger.add(&entry, &council);
        folding.push(verified.elapsed().as_secs_f64() * 1e6);
        ours.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let mut clerk = Clerk::default();
    let acts = all.iter().enumerate().map(|(number, bytes)| clerk.act(number, &recall(bytes)?));
    let acts = acts.collect::<Result<Vec<_>>>()?;
    let peer = Plain::new()?;
    peer.say("BEGIN")?;
    acts.iter().take(ENTRIES).try_for_each(|act| peer.add(*act))?;
    peer.say("COMMIT")?;
    let mut theirs = Vec::new();
    for act in acts.iter().skip(ENTRIES) {
        let begun = Clock::now();
        peer.say("BEGIN")?;
        peer.add(*act)?;
        peer.say("COMMIT")?;
        theirs.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let median = quantile(&mut ours, 0.5);
    let mut row = Row {
        ours: median,
        peer: Some(quantile(&mut theirs, 0.5)),
        unit: "µs",
        peer_name: PEER.into(),
        target: "at most 150 µs with its signature",
        met: median <= 150.0,
        extra: serde_json::Map::new(),
    };
    let figures = [
        ("p99", quantile(&mut ours, 0.99)),
        ("fold_alone_p50", quantile(&mut folding, 0.5)),
        ("fold_alone_p99", quantile(&mut folding, 0.99)),
        ("peer_p99", quantile(&mut theirs, 0.99)),
    ];
    row.extra.extend(figures.map(|(name, value)| (name.to_owned(), json!(rounded(value)))));
    row.extra.insert(
        "is".into(),
        json!(format!("median of {LATER} entries, decoded, verified and folded, after a million")),
    );
    Ok(row)
}

/// Measures `ledger_memory`.
pub fn memory(bench: &Bench) -> Result<Row> {
    let town = Town::open(&bench.scratch("ledger"))?;
    let all = town.read()?;
    let (peer, _, _) = plain(all.get(..ENTRIES).context("a million entries")?)?;
    let peer = peer.size_bytes()? as f64 / ENTRIES as f64;
    drop(all);
    let ours = held("ledger", town.path())?;
    let journals = held("journals", town.path())?;
    let mut row = Row {
        ours,
        peer: Some(peer),
        unit: "B",
        peer_name: PEER.into(),
        target: "at most 200 B an entry",
        met: ours <= 200.0,
        extra: serde_json::Map::new(),
    };
    row.extra.insert("signed_entries_b".into(), json!(rounded(journals)));
    row.extra.insert(
        "is".into(),
        json!(
            "what a process of its own grew by while it folded a million entries, for each of them; the signed entries \
             themselves, which the journals hold beside the ledger, from the first 200,000"
        ),
    );
    Ok(row)
}

/// Holds one thing in memory, and says what the process has grown by for each entry.
///
/// # Errors
/// When the file cannot be read.
pub fn inside(what: &str, path: &Path) -> Result<()> {
    let mut reader = Reader::open(path)?;
    let (mut ledger, council, mut journals) = (Ledger::new(), Council::new(), Journals::new(&town::genesis()));
    let count = if what == "ledger" { ENTRIES } else { HELD };
    let before = resident_bytes()?;
    for _ in 0..count {
        let entry = recall(reader.next()?.context("an entry")?)?;
        if what == "ledger" {
            ledger.add(&entry, &council);
        } else {
            journals.offer(entry)?;
        }
    }
    let grown = resident_bytes()?.saturating_sub(before);
    ensure!(ledger.sum() == 0 && (what == "ledger" || journals.len() == count), "all of it is held");
    println!("{}", json!({ "bytes": grown as f64 / count as f64 }));
    Ok(())
}

fn held(what: &str, path: &Path) -> Result<f64> {
    let out = Process::new(std::env::current_exe()?).args([INSIDE, what]).arg(path).output()?;
    if !out.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&out.stderr));
    }
    let said: Value = serde_json::from_slice(&out.stdout)?;
    said.get("bytes").and_then(Value::as_f64).context("a figure")
}

fn resident_bytes() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("Linux says what is resident")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}

/// Folds the same into plain tables: the tables, whose each account is, and the seconds that it took.
fn plain(entries: &[Vec<u8>]) -> Result<(Plain, std::collections::BTreeMap<i64, kaifong_domain::MemberId>, f64)> {
    let mut clerk = Clerk::default();
    let acts = entries.iter().enumerate().map(|(number, bytes)| clerk.act(number, &recall(bytes)?));
    let acts = acts.collect::<Result<Vec<_>>>()?;
    let peer = Plain::new()?;
    let begun = Clock::now();
    peer.say("BEGIN")?;
    acts.iter().try_for_each(|act| peer.add(*act))?;
    peer.say("COMMIT")?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok((peer, clerk.owners, seconds))
}

/// What an entry from others costs before it is folded, in microseconds.
struct Singly {
    /// Decoding it, its hash and its signature.
    verify_us: f64,
    /// The rules of journals.
    offer_us: f64,
}

fn singly(town: &Town, all: &[Vec<u8>]) -> Result<Singly> {
    let some = all.get(..SINGLY).context("so many entries")?;
    let begun = Clock::now();
    let verified = some.iter().map(|bytes| Ok(Signed::<Entry>::from_bytes(bytes)?.verify()?));
    let verified: Vec<Verified<Entry>> = verified.collect::<Result<_>>()?;
    let verify_us = begun.elapsed().as_secs_f64() * 1e6 / SINGLY as f64;
    let mut journals = Journals::new(&town.genesis);
    let begun = Clock::now();
    for entry in verified {
        journals.offer(entry)?;
    }
    ensure!(journals.len() == SINGLY, "{} of {SINGLY} were admitted", journals.len());
    Ok(Singly { verify_us, offer_us: begun.elapsed().as_secs_f64() * 1e6 / SINGLY as f64 })
}
