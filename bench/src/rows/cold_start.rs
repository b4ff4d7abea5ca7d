//! Start with everything on disk: the first list is ready.
//!
//! Each start is a process of its own, so that nothing is warm but the page cache, and its memory is its own.

use std::path::Path;
use std::process::Command as Process;
use std::sync::Arc;
use std::time::Instant as Clock;

use anyhow::{Context, Result, anyhow, bail};
use automerge::Automerge;
use kaifong_node::{Node, Past};
use kaifong_store::{SledStore, Store, StoreKey};
use kaifong_trust::DeviceKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};

use crate::Bench;
use crate::device;
use crate::peer_samod::{self, Peer};
use crate::report::{Row, quantile, rounded};

const TARGET: &str = "at most 300 ms and 150 MiB resident";
const RUNS: usize = 7;
/// How many listings the first screen shows.
const FIRST_PAGE: usize = 50;

/// The first argument of a process that is one start.
pub const INSIDE: &str = "--inside-cold-start";

/// Measures the row.
pub fn run(bench: &Bench) -> Result<Row> {
    let world = bench.world()?;
    let home = bench.scratch("cold-home");
    device::copy(&world.home, &home)?;
    let documents = bench.scratch("cold-documents");
    std::fs::create_dir_all(&documents)?;
    for (number, bytes) in world.documents().enumerate() {
        std::fs::write(documents.join(format!("{number:05}")), bytes)?;
    }
    let ours = starts("kaifong", &home, RUNS)?;
    // After a kill every page of the store is read once more.
    let unclean = starts("kaifong-unclean", &home, 3)?;
    let one = starts("automerge", &documents, 3)?;
    let two = starts("automerge-two", &documents, 3)?;
    let storage = bench.scratch("cold-samod");
    let runtime = tokio::runtime::Runtime::new()?;
    let ids = runtime.block_on(peer_samod::storage(world, &storage))?;
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    std::fs::write(bench.scratch("cold-samod-ids"), ids.join("\n"))?;
    let samod = starts("samod", &storage, 2);

    let mut row = Row {
        ours: ours.milliseconds,
        peer: Some(one.milliseconds),
        unit: "ms",
        peer_name: "Automerge 0.12, loading all documents".into(),
        target: TARGET,
        met: ours.milliseconds <= 300.0 && ours.resident_mib <= 150.0,
        extra: serde_json::Map::new(),
    };
    let extra = &mut row.extra;
    extra.insert("ours_mib".into(), json!(rounded(ours.resident_mib)));
    extra.insert("ours_store_ms".into(), json!(rounded(ours.store_milliseconds)));
    extra.insert("ours_unclean_ms".into(), json!(rounded(unclean.milliseconds)));
    extra.insert("peer_mib".into(), json!(rounded(one.resident_mib)));
    extra.insert("peer_two_threads_ms".into(), json!(rounded(two.milliseconds)));
    match samod {
        Ok(samod) => {
            extra.insert("samod_ms".into(), json!(rounded(samod.milliseconds)));
            extra.insert("samod_mib".into(), json!(rounded(samod.resident_mib)));
        }
        Err(why) => {
            extra.insert("samod".into(), json!(format!("skipped: {why}")));
        }
    }
    bench.clean(&[&home, &documents, &storage, &bench.scratch("cold-samod-ids")]);
    Ok(row)
}

struct Start {
    milliseconds: f64,
    store_milliseconds: f64,
    resident_mib: f64,
}

/// Starts so many times; gives the medians.
fn starts(who: &str, folder: &Path, runs: usize) -> Result<Start> {
    let program = std::env::current_exe()?;
    let (mut times, mut stores, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let out = Process::new(&program).args([INSIDE, who]).arg(folder).output()?;
        if !out.status.success() {
            bail!("{who}: {}", String::from_utf8_lossy(&out.stderr));
        }
        let said: Value = serde_json::from_slice(&out.stdout)?;
        let number = |key: &str| said.get(key).and_then(Value::as_f64).unwrap_or_default();
        times.push(number("ms"));
        stores.push(number("store_ms"));
        memory.push(number("mib"));
    }
    Ok(Start {
        milliseconds: quantile(&mut times, 0.5),
        store_milliseconds: quantile(&mut stores, 0.5),
        resident_mib: quantile(&mut memory, 0.5),
    })
}

/// Is one start; says on stdout what it took.
///
/// # Errors
/// When something cannot be opened.
pub fn inside(who: &str, folder: &Path) -> Result<()> {
    let begun = Clock::now();
    let mut store_ms = 0.0;
    let shown = match who {
        "kaifong" | "kaifong-unclean" => ours(folder, who == "kaifong", begun, &mut store_ms)?,
        "automerge" => load(folder, 1)?,
        "automerge-two" => load(folder, 2)?,
        "samod" => tokio::runtime::Runtime::new()?.block_on(samod(folder))?,
        other => bail!("nobody is called {other}"),
    };
    println!("{}", json!({ "ms": shown.0, "mib": shown.1, "store_ms": store_ms }));
    Ok(())
}

type Shown = (f64, f64);

fn ours(folder: &Path, orderly: bool, begun: Clock, store_ms: &mut f64) -> Result<Shown> {
    let seed: [u8; 32] =
        std::fs::read(folder.join("device.key"))?.as_slice().try_into().context("a key of 32 bytes")?;
    let store = Arc::new(SledStore::open(&folder.join("store"), &StoreKey::of_secret(&seed))?.store);
    *store_ms = begun.elapsed().as_secs_f64() * 1e3;
    let shared: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
    let (key, rng) = (DeviceKey::from_seed(seed), ChaCha20Rng::from_seed([1; 32]));
    let node = Node::open(shared, key, rng, device::now(), Past::default())?;
    let home = node.home().context("a home")?;
    let mut rows: Vec<_> = home.board().listings().collect();
    let by_age = |row: &&kaifong_domain::rows::ListingRow| std::cmp::Reverse(row.listing.posted_at);
    if rows.len() > FIRST_PAGE {
        rows.select_nth_unstable_by_key(FIRST_PAGE, by_age);
    }
    rows.truncate(FIRST_PAGE);
    rows.sort_by_key(by_age);
    let page: String = rows.iter().map(|row| row.listing.title.as_str()).collect();
    let shown = (begun.elapsed().as_secs_f64() * 1e3, resident_mib());
    std::hint::black_box(page);
    drop(rows);
    drop(node);
    if orderly {
        Arc::try_unwrap(store).map_err(|_| anyhow!("the store is in use"))?.close()?;
    }
    Ok(shown)
}

fn load(folder: &Path, threads: usize) -> Result<Shown> {
    let begun = Clock::now();
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    let share = files.len().div_ceil(threads).max(1);
    let loaded = std::thread::scope(|scope| {
        let load_some = |some: &[std::path::PathBuf]| -> Result<Vec<Automerge>> {
            some.iter().map(|file| Ok(Automerge::load(&std::fs::read(file)?)?)).collect()
        };
        let workers: Vec<_> = files.chunks(share).map(|some| scope.spawn(move || load_some(some))).collect();
        let joined = workers.into_iter().map(|worker| worker.join().map_err(|_| anyhow!("a loader panicked"))?);
        joined.collect::<Result<Vec<_>>>()
    })?;
    let shown = (begun.elapsed().as_secs_f64() * 1e3, resident_mib());
    std::hint::black_box(loaded);
    Ok(shown)
}

async fn samod(folder: &Path) -> Result<Shown> {
    let begun = Clock::now();
    let list = folder.with_file_name("cold-samod-ids");
    let ids = std::fs::read_to_string(list)?;
    let ids: Vec<samod::DocumentId> =
        ids.lines().map(|id| id.parse().map_err(|error| anyhow!("{error}"))).collect::<Result<_>>()?;
    let peer = Peer::start("cold", folder, true).await?;
    let held = peer.find_all(&ids).await?;
    let shown = (begun.elapsed().as_secs_f64() * 1e3, resident_mib());
    drop(held);
    Ok(shown)
}

/// What this process has in memory, in MiB.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap_or_default() / 1024.0
}
