//! A newcomer gets everything, verified and durable.

use std::sync::atomic::Ordering;
use std::time::Instant as Clock;

use anyhow::{Context, Result, bail};
use automerge::Automerge;
use kaifong_domain::record::Profile;
use kaifong_node::{Application, Command, Done, Way};
use kaifong_trust::entry::MemberKind;
use serde_json::json;
use tokio::time::timeout;

use crate::Bench;
use crate::device::{self, until};
use crate::peer_samod::{self, Peer};
use crate::report::{Row, rounded};
use crate::sessions;

const TARGET: &str =
    "ratio >= 5; at most 2 x Automerge's load on the same cores; bytes at most 1.1 x the saved documents";

/// What joining cost us.
struct Ours {
    /// From the reviewer's yes to the last byte on disk.
    seconds: f64,
    /// From the newcomer's first packet to the reviewer seeing the request.
    knock_seconds: f64,
    bytes: u64,
    /// Of each session, in the order in which they ended.
    rounds: Vec<u64>,
}

/// Measures the row.
pub async fn run(bench: &Bench) -> Result<Row> {
    let world = bench.world()?;
    let floor = world.saved_bytes();
    let ours = ours(bench).await?;
    let load_one = load_seconds(bench, 1)?;
    let load_two = load_seconds(bench, 2)?;
    let mut row = Row {
        ours: ours.seconds,
        peer: None,
        unit: "s",
        peer_name: peer_samod::NAME.into(),
        target: TARGET,
        met: false,
        extra: serde_json::Map::new(),
    };
    let extra = &mut row.extra;
    extra.insert("ours_bytes".into(), json!(ours.bytes));
    extra.insert("floor_bytes".into(), json!(floor));
    extra.insert("ours_bytes_over_floor".into(), json!(rounded(ours.bytes as f64 / floor as f64)));
    extra.insert("rounds_of_each_session".into(), json!(ours.rounds));
    extra.insert("knock_s".into(), json!(rounded(ours.knock_seconds)));
    extra.insert("automerge_load_s".into(), json!(rounded(load_one)));
    extra.insert("automerge_load_two_threads_s".into(), json!(rounded(load_two)));
    extra.insert("ours_over_load_two_threads".into(), json!(rounded(ours.seconds / load_two)));
    extra.insert("changes".into(), json!(world.changes));
    match timeout(peer_samod::PATIENCE, samod(bench)).await {
        Ok(peer) => {
            let peer = peer?;
            row.peer = Some(peer.found_seconds);
            extra.insert("peer_bytes".into(), json!(peer.bytes));
            extra.insert("peer_stored_s".into(), json!(rounded(peer.stored_seconds)));
            extra.insert("peer_is".into(), json!("file storage without fsync, nothing verified, full node does not announce and has all documents in memory"));
        }
        Err(_) => {
            extra.insert("peer".into(), json!(format!("> {} s, stopped", peer_samod::PATIENCE.as_secs())));
        }
    }
    let slow_peer = row.ratio().is_none_or(|ratio| ratio >= 5.0);
    row.met = slow_peer && ours.seconds <= 2.0 * load_two && ours.bytes as f64 <= 1.1 * floor as f64;
    Ok(row)
}

async fn ours(bench: &Bench) -> Result<Ours> {
    let world = bench.world()?;
    let (old, new) = (bench.scratch("bootstrap-full"), bench.scratch("bootstrap-new"));
    device::copy(&world.home, &old)?;
    std::fs::create_dir_all(&new)?;
    let full = device::open(&old).await?;
    let ticket = Command::Invite { valid_ms: 3_600_000, addresses: full.addresses() };
    let Done::Invited(ticket) = full.command(ticket).await? else { bail!("an invitation was asked for") };
    let newcomer = device::open(&new).await?;
    let device = newcomer.read(|node| node.device()).await.context("the newcomer is gone")?;
    let known_as = full.read(|node| node.device().short()).await.context("the full node is gone")?;
    sessions::take();

    let knocked = Clock::now();
    newcomer.command(application(Way::Ticket(ticket))).await?;
    until(&full, "the request", |node| !node.requests().is_empty()).await?;
    let knock_seconds = knocked.elapsed().as_secs_f64();
    let begun = Clock::now();
    full.command(Command::Approve { device, votes: false }).await?;
    let documents = world.members + 2;
    // Cheap questions first: the expensive one is asked when it can be yes.
    let everything = move |node: &mut kaifong_node::Node| {
        node.home().is_some_and(|home| home.documents().len() >= documents && node.me().is_some())
    };
    until(&newcomer, "everything", everything).await?;
    let ended = loop {
        let ended = Clock::now();
        let (theirs, mine) = (device::projection(&full).await, device::projection(&newcomer).await);
        if theirs.is_some() && theirs == mine {
            break ended;
        }
        if begun.elapsed() > device::PATIENCE {
            bail!("the two projections do not become equal");
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    };
    // Sessions end a moment after the last parcel was taken.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    // Each session is logged by both sides; the newcomer's word counts.
    let mut heard = sessions::take();
    heard.retain(|cost| cost.with == known_as);
    newcomer.shutdown().await?;
    full.shutdown().await?;
    bench.clean(&[&old, &new]);
    let seconds = (ended - begun).as_secs_f64();
    let bytes = heard.iter().map(|cost| cost.bytes).sum();
    let rounds = heard.iter().map(|cost| cost.rounds).collect();
    Ok(Ours { seconds, knock_seconds, bytes, rounds })
}

fn application(way: Way) -> Command {
    Command::Apply(Box::new(Application {
        way,
        kind: MemberKind::Person,
        profile: Profile { name: "新街坊".into(), block: "九栋".into(), about: String::new(), place: None },
        household: "九栋九零九".into(),
        real_name: "关新".into(),
        phone: String::new(),
    }))
}

/// Loads all saved documents with Automerge alone on so many threads: the floor of what a newcomer can need.
///
/// # Errors
/// When one does not load.
pub fn load_seconds(bench: &Bench, threads: usize) -> Result<f64> {
    let world = bench.world()?;
    let documents: Vec<&[u8]> = world.documents().collect();
    let begun = Clock::now();
    std::thread::scope(|scope| {
        let share = documents.len().div_ceil(threads).max(1);
        let workers: Vec<_> = documents
            .chunks(share)
            .map(|some| {
                scope.spawn(move || some.iter().map(|bytes| Automerge::load(bytes)).collect::<Result<Vec<_>, _>>())
            })
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(loaded) => drop(loaded?),
                Err(_) => bail!("a loader panicked"),
            }
        }
        Ok(())
    })?;
    Ok(begun.elapsed().as_secs_f64())
}

struct Theirs {
    found_seconds: f64,
    stored_seconds: f64,
    bytes: u64,
}

async fn samod(bench: &Bench) -> Result<Theirs> {
    let world = bench.world()?;
    let (old, new) = (bench.scratch("samod-full"), bench.scratch("samod-new"));
    let ids = peer_samod::storage(world, &old).await?;
    std::fs::create_dir_all(&new)?;
    let full = Peer::start("full", &old, false).await?;
    let _held = full.find_all(&ids).await?;
    full.listen()?;
    let newcomer = Peer::start("newcomer", &new, true).await?;
    let begun = Clock::now();
    newcomer.connect(&full).await?;
    let found = newcomer.find_all(&ids).await?;
    let found_seconds = begun.elapsed().as_secs_f64();
    let bytes = newcomer.traffic.load(Ordering::Relaxed);
    drop(found);
    newcomer.stop().await;
    let stored_seconds = begun.elapsed().as_secs_f64();
    full.stop().await;
    bench.clean(&[&old, &new]);
    Ok(Theirs { found_seconds, stored_seconds, bytes })
}
