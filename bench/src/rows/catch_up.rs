//! Ten changes among all, nothing remembered: two devices meet again.

use std::sync::atomic::Ordering;
use std::time::Instant as Clock;

use anyhow::{Context, Result};
use automerge::ROOT;
use automerge::transaction::Transactable;
use kaifong_node::Handle;
use kaifong_sync::Parcel;
use serde_json::json;
use tokio::time::timeout;

use crate::Bench;
use crate::device::{self, until};
use crate::peer_samod::{self, Peer};
use crate::report::{Row, quantile, rounded};
use crate::sessions;
use crate::world::{Bare, member_key};

const TARGET: &str = "at most 12 KB, 3 round trips, 50 ms";
const CHANGES: usize = 10;
/// How many times ours is measured; the median counts.
const RUNS: u64 = 5;

/// Gives a member whose device begins sessions with the founder's device, or has them begun: the smaller id begins.
pub fn second(begins: bool) -> usize {
    let founder = crate::world::founder_key().id();
    (0..20).find(|number| (member_key(*number).id() < founder) == begins).unwrap_or(0)
}

/// Measures the row.
pub async fn run(bench: &Bench) -> Result<Row> {
    let mut runs = Vec::new();
    for purpose in 0..RUNS {
        // Either side may be the one that begins.
        runs.push(ours(bench, purpose, second(purpose % 2 == 0)).await?);
    }
    let mut times: Vec<f64> = runs.iter().map(|run| run.milliseconds).collect();
    let milliseconds = quantile(&mut times, 0.5);
    let worst = runs.iter().max_by_key(|run| run.cost.bytes).map(|run| run.cost.clone()).unwrap_or_default();
    // The fetch is one more round trip than the reconcile.
    let round_trips = worst.rounds + 1;
    let mut row = Row {
        ours: milliseconds,
        peer: None,
        unit: "ms",
        peer_name: peer_samod::NAME.into(),
        target: TARGET,
        met: milliseconds <= 50.0 && worst.bytes <= 12_000 && round_trips <= 3,
        extra: serde_json::Map::new(),
    };
    let extra = &mut row.extra;
    extra.insert("ours_bytes".into(), json!(worst.bytes));
    extra.insert("ours_bytes_each".into(), json!(runs.iter().map(|run| run.cost.bytes).collect::<Vec<_>>()));
    extra.insert("ours_round_trips".into(), json!(round_trips));
    extra.insert("ours_items_differing".into(), json!(worst.items));
    extra.insert("ours_ms_each".into(), json!(runs.iter().map(|run| rounded(run.milliseconds)).collect::<Vec<_>>()));
    extra.insert("ours_is".into(), json!("from the dial to ten changes on disk and on the board; handshake included"));
    match timeout(peer_samod::PATIENCE, samod(bench)).await {
        Ok(peer) => {
            let (milliseconds, bytes) = peer?;
            row.peer = Some(milliseconds);
            extra.insert("peer_bytes".into(), json!(bytes));
            extra.insert("peer_is".into(), json!("both hold all documents in memory, then connect"));
        }
        Err(_) => {
            extra.insert("peer".into(), json!(format!("> {} s, stopped", peer_samod::PATIENCE.as_secs())));
        }
    }
    Ok(row)
}

struct Run {
    milliseconds: f64,
    cost: sessions::Cost,
}

/// Opens the founder's device with ten more changes, and a member's device without them.
async fn pair(bench: &Bench, purpose: u64, second: usize) -> Result<(Handle, Handle, u64)> {
    let world = bench.world()?;
    let (ahead, behind) = (bench.scratch("catch-up-ahead"), bench.scratch("catch-up-behind"));
    device::copy(&world.home, &ahead)?;
    let founder: [u8; 32] =
        std::fs::read(ahead.join("device.key"))?.as_slice().try_into().context("a key of 32 bytes")?;
    let mut bare = Bare::open(&ahead, kaifong_trust::DeviceKey::from_seed(founder))?;
    bare.meet(member_key(second).id())?;
    let step = (world.members / (CHANGES + 1)).max(1);
    let news = (1..=CHANGES).map(|n| Ok(Parcel::Document(world.change(n * step % world.members, 100 + purpose)?)));
    let before = bare.changes();
    bare.feed(news.collect::<Result<_>>()?)?;
    let changes = bare.changes();
    anyhow::ensure!(changes == before + CHANGES as u64, "ten changes were made and {} were taken", changes - before);
    bare.close()?;
    device::clone_as_member(world, second, &behind)?;
    Ok((device::open(&ahead).await?, device::open(&behind).await?, changes))
}

async fn ours(bench: &Bench, purpose: u64, second: usize) -> Result<Run> {
    let (ahead, behind, changes) = pair(bench, purpose, second).await?;
    let device = ahead.read(|node| node.device()).await.context("the device is gone")?;
    sessions::take();
    let begun = Clock::now();
    device::introduce(&behind, device, ahead.addresses()).await?;
    let all =
        move |node: &mut kaifong_node::Node| node.home().is_some_and(|home| home.documents().changes() >= changes);
    let ended = until(&behind, "the ten changes", all).await?;
    let milliseconds = (ended - begun).as_secs_f64() * 1e3;
    // The side that is behind says so with its last message; then both sides log what the session cost.
    until(&ahead, "the end of the session", |node| node.peers().iter().any(|peer| peer.last_sync.is_some())).await?;
    until(&behind, "the end of the session", |node| node.peers().iter().any(|peer| peer.last_sync.is_some())).await?;
    let cost = sessions::take().into_iter().max_by_key(|cost| cost.bytes).unwrap_or_default();
    behind.shutdown().await?;
    ahead.shutdown().await?;
    bench.clean(&[&bench.scratch("catch-up-ahead"), &bench.scratch("catch-up-behind")]);
    Ok(Run { milliseconds, cost })
}

/// Two samod nodes with the same documents in memory, not connected yet.
///
/// # Errors
/// When one cannot be started.
pub async fn samod_pair(bench: &Bench) -> Result<(Peer, Peer, Vec<samod::DocHandle>, Vec<samod::DocHandle>)> {
    let world = bench.world()?;
    let (one, other) = (bench.scratch("samod-one"), bench.scratch("samod-other"));
    let ids = peer_samod::storage(world, &one).await?;
    device::copy(&one, &other)?;
    // Two nodes do not share the id that their storage carries.
    for folder in [&one, &other] {
        let id = folder.join("st/orage-adapter-id");
        if id.exists() {
            std::fs::remove_file(id)?;
        }
    }
    let (one, other) = (Peer::start("one", &one, true).await?, Peer::start("other", &other, true).await?);
    let ours = one.find_all(&ids).await?;
    let theirs = other.find_all(&ids).await?;
    Ok((one, other, ours, theirs))
}

async fn samod(bench: &Bench) -> Result<(f64, u64)> {
    let (ahead, behind, ours, theirs) = samod_pair(bench).await?;
    let step = (ours.len() / (CHANGES + 1)).max(1);
    let mut heads = Vec::new();
    for n in 1..=CHANGES {
        let at = n * step % ours.len();
        let (Some(mine), Some(other)) = (ours.get(at), theirs.get(at)) else { continue };
        mine.with_document(|doc| {
            let mut tx = doc.transaction();
            tx.put(ROOT, "news", "one more")?;
            tx.commit();
            heads.push((other.clone(), doc.get_heads()));
            Ok::<_, automerge::AutomergeError>(())
        })?;
    }
    ahead.listen()?;
    let begun = Clock::now();
    behind.connect(&ahead).await?;
    for (document, wanted) in heads {
        while document.with_document(|doc| doc.get_heads() != wanted) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let bytes = behind.traffic.load(Ordering::Relaxed);
    drop((ours, theirs));
    behind.stop().await;
    ahead.stop().await;
    bench.clean(&[&bench.scratch("samod-one"), &bench.scratch("samod-other")]);
    Ok((milliseconds, bytes))
}
