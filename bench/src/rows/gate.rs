//! What it costs to judge a foreign change before it touches a document.

use std::time::Instant as Clock;

use anyhow::{Context, Result, anyhow, ensure};
use automerge::{Automerge, Change};
use kaifong_replica::{Content, Delivery, Document, Verdict};
use serde_json::json;

use crate::Bench;
use crate::report::{Row, quantile, rounded};
use crate::world::AllOwned;

const TARGET: &str = "none; below 1 is honest, for Automerge alone checks nothing";
/// How many single changes, each to another document.
const LIVE_MAX: usize = 500;

/// Measures the row.
pub fn run(bench: &Bench) -> Result<Row> {
    let world = bench.world()?;
    let owners = AllOwned(world.building);
    let (mut live, mut peer_live) = (Vec::new(), Vec::new());
    for number in 0..world.members.min(LIVE_MAX) {
        let news = world.change(number, 900)?;
        let mut document = world.document(number)?;
        let mut bare = Automerge::load(saved(world.saved.get(number).context("a document")?)?)?;
        live.push(timed_us(|| judge(&mut document, &news, &owners))?);
        peer_live.push(timed_us(|| {
            let changes = changes(&news)?.iter().map(|bytes| Ok(Change::try_from(bytes.as_slice())?));
            Ok(bare.apply_changes(changes.collect::<Result<Vec<_>>>()?)?)
        })?);
    }
    let (mut ours_us, mut peer_us) = (0.0, 0.0);
    for delivery in &world.saved {
        let mut document = Document::new(world.building, delivery.document);
        ours_us += timed_us(|| judge(&mut document, delivery, &owners))?;
        peer_us += timed_us(|| {
            drop(Automerge::load(saved(delivery)?)?);
            Ok(())
        })?;
    }
    let changes = world.changes as f64;
    let mut row = Row {
        ours: quantile(&mut live, 0.5),
        peer: Some(quantile(&mut peer_live, 0.5)),
        unit: "µs",
        peer_name: "Automerge 0.12 alone".into(),
        target: TARGET,
        met: true,
        extra: serde_json::Map::new(),
    };
    let each = [
        ("live_p99_us", quantile(&mut live, 0.99)),
        ("peer_live_p99_us", quantile(&mut peer_live, 0.99)),
        ("snapshot_us_per_change", ours_us / changes),
        ("peer_snapshot_us_per_change", peer_us / changes),
        ("snapshot_us_per_document", ours_us / world.saved.len() as f64),
        ("peer_snapshot_us_per_document", peer_us / world.saved.len() as f64),
        ("all_snapshots_s", ours_us / 1e6),
        ("peer_all_snapshots_s", peer_us / 1e6),
    ];
    row.extra.extend(each.map(|(name, value)| (name.to_owned(), json!(rounded(value)))));
    row.extra.insert("is".into(), json!("median of single changes to documents of 76 changes, one thread, not saved"));
    Ok(row)
}

fn judge(document: &mut Document, delivery: &Delivery, owners: &AllOwned) -> Result<()> {
    let verdict = document.judge(delivery, owners).map_err(|why| anyhow!("{why}"))?;
    ensure!(matches!(verdict, Verdict::Applied { .. }), "the gate did not take an honest change: {verdict:?}");
    Ok(())
}

fn timed_us(what: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Clock::now();
    what()?;
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

fn saved(delivery: &Delivery) -> Result<&[u8]> {
    match &delivery.content {
        Content::Snapshot(bytes) => Ok(bytes),
        Content::Changes(_) => Err(anyhow!("a snapshot was saved")),
    }
}

fn changes(delivery: &Delivery) -> Result<&[Vec<u8>]> {
    match &delivery.content {
        Content::Changes(changes) => Ok(changes),
        Content::Snapshot(_) => Err(anyhow!("changes were made")),
    }
}
