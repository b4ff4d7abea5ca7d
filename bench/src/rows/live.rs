//! A post on one device is on the next device's feed, durable on both.

use std::time::{Duration, Instant as Clock};

use anyhow::{Context, Result, bail};
use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT};
use futures::StreamExt;
use kaifong_domain::ListingId;
use kaifong_node::{Command, Done, Draft, Handle};
use serde_json::json;
use tokio::time::timeout;

use crate::Bench;
use crate::device::{self, until};
use crate::peer_samod;
use crate::report::{Row, quantile, rounded};
use crate::rows::catch_up::{samod_pair, second};
use crate::text::{self, Dice};
use crate::world::{NOW, SEED};

const TARGET: &str = "p50 at most 5 ms, p99 at most 12 ms";
/// Posts before anything is measured: the document is then as long as others'.
const WARM_UP: u64 = 25;
const POSTS: u64 = 200;
/// Neighbours do not post in bursts.
const PAUSE: Duration = Duration::from_millis(15);

/// Measures the row.
pub async fn run(bench: &Bench) -> Result<Row> {
    let mut ours = ours(bench).await?;
    let (p50, p99) = (quantile(&mut ours, 0.5), quantile(&mut ours, 0.99));
    let mut row = Row {
        ours: p50,
        peer: None,
        unit: "ms",
        peer_name: peer_samod::NAME.into(),
        target: TARGET,
        met: p50 <= 5.0 && p99 <= 12.0,
        extra: serde_json::Map::new(),
    };
    row.extra.insert("p99".into(), json!(rounded(p99)));
    row.extra.insert("posts".into(), json!(POSTS));
    row.extra.insert("fsync_probe_ms".into(), json!(rounded(fsync_ms(bench)?)));
    row.extra.insert("ours_is".into(), json!("signed, fsynced on both, judged by the gate"));
    match timeout(peer_samod::PATIENCE, samod(bench)).await {
        Ok(peer) => {
            let mut peer = peer?;
            row.peer = Some(quantile(&mut peer, 0.5));
            row.extra.insert("peer_p99".into(), json!(rounded(quantile(&mut peer, 0.99))));
            row.extra.insert("peer_is".into(), json!("file storage without fsync; neither side waits for its disk"));
        }
        Err(_) => {
            row.extra.insert("peer".into(), json!(format!("> {} s, stopped", peer_samod::PATIENCE.as_secs())));
        }
    }
    Ok(row)
}

async fn ours(bench: &Bench) -> Result<Vec<f64>> {
    let world = bench.world()?;
    let (one, other) = (bench.scratch("live-one"), bench.scratch("live-other"));
    device::copy(&world.home, &one)?;
    device::clone_as_member(world, second(true), &other)?;
    let (poster, reader) = (device::open(&one).await?, device::open(&other).await?);
    let device = poster.read(|node| node.device()).await.context("the device is gone")?;
    device::introduce(&reader, device, poster.addresses()).await?;
    for side in [&poster, &reader] {
        until(side, "the first reconcile", |node| node.peers().iter().any(|peer| peer.last_sync.is_some())).await?;
    }
    let mut times = Vec::new();
    for n in 0..WARM_UP + POSTS {
        let time = post(&poster, &reader, n).await?;
        if n >= WARM_UP {
            times.push(time);
        }
        tokio::time::sleep(PAUSE).await;
    }
    reader.shutdown().await?;
    poster.shutdown().await?;
    bench.clean(&[&one, &other]);
    Ok(times)
}

/// Posts once; gives the milliseconds until the other device has it on disk and on its list.
async fn post(poster: &Handle, reader: &Handle, n: u64) -> Result<f64> {
    let said = text::listing(&mut Dice::new(SEED ^ 77, n), NOW);
    let draft = Draft {
        kind: said.kind,
        mode: said.mode,
        body: said.body,
        points: said.points,
        ..Draft::of(said.side, said.title)
    };
    let mut changes = reader.changes();
    let begun = Clock::now();
    let Done::Posted(id) = poster.command(Command::Post(draft)).await? else { bail!("a listing was posted") };
    loop {
        // A change is told after the commit that holds it.
        timeout(device::PATIENCE, changes.recv()).await.context("nothing arrived")??;
        let ended = Clock::now();
        if is_listed(reader, id).await? {
            return Ok((ended - begun).as_secs_f64() * 1e3);
        }
    }
}

async fn is_listed(reader: &Handle, id: ListingId) -> Result<bool> {
    let found = reader.read(move |node| node.home().is_some_and(|home| home.board().find_listing(&id).is_some()));
    found.await.context("the reader is gone")
}

/// Measures what one small write and fsync costs here: the floor under ours, which has two of them.
fn fsync_ms(bench: &Bench) -> Result<f64> {
    use std::io::Write;
    let path = bench.scratch("fsync-probe");
    let mut file = std::fs::File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let begun = Clock::now();
        file.write_all(&[1; 4096])?;
        file.sync_all()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_file(&path)?;
    Ok(quantile(&mut times, 0.5))
}

async fn samod(bench: &Bench) -> Result<Vec<f64>> {
    let (poster, reader, ours, theirs) = samod_pair(bench).await?;
    poster.listen()?;
    reader.connect(&poster).await?;
    // Until the first meeting of all documents is over.
    let mut quiet = 0;
    let mut before = 0;
    while quiet < 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = reader.traffic.load(std::sync::atomic::Ordering::Relaxed);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
    let (mine, other) = (ours.first().context("a document")?, theirs.first().context("a document")?);
    let mut changes = Box::pin(other.changes());
    let mut times = Vec::new();
    for n in 0..WARM_UP + POSTS {
        let said = text::listing(&mut Dice::new(SEED ^ 77, n), NOW);
        let begun = Clock::now();
        let wanted = mine.with_document(|doc| {
            let mut tx = doc.transaction();
            let map = tx.put_object(ROOT, format!("listing:{n}"), ObjType::Map)?;
            tx.put(&map, "what", "offer item share")?;
            tx.put(&map, "title", said.title)?;
            tx.put(&map, "body", said.body)?;
            tx.put(&map, "points", 10_u64)?;
            tx.put(&map, "posted_at", NOW.0)?;
            tx.commit();
            Ok::<_, automerge::AutomergeError>(doc.get_heads())
        })?;
        while let Some(change) = changes.next().await {
            if change.new_heads == wanted {
                break;
            }
        }
        if n >= WARM_UP {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        tokio::time::sleep(PAUSE).await;
    }
    drop(changes);
    reader.stop().await;
    poster.stop().await;
    bench.clean(&[&bench.scratch("samod-one"), &bench.scratch("samod-other")]);
    Ok(times)
}
