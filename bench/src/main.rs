//! The benches: each row beside its peer, in one run, on one machine. `docs/BENCH.md` says how to read them.
//!
//! `bench [--members N] [ROW …]`; without rows, all. Writes `target/bench/summary.json`.

mod device;
mod peer_samod;
mod report;
mod rows;
mod sessions;
mod text;
mod world;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use report::{Outcome, Row};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use world::World;

/// The rows, in the order in which they run: small ones first.
const ROWS: [&str; 12] = [
    "gate",
    "ledger_fold_1m",
    "ledger_entry",
    "ledger_memory",
    "index_build",
    "search_50k",
    "match_50k",
    "cold_start",
    "screen_50k",
    "live_latency",
    "catch_up_10",
    "bootstrap",
];
const MEMBERS: usize = 2_000;

/// What all rows share.
pub struct Bench {
    folder: PathBuf,
    members: usize,
    world: OnceCell<World>,
}

impl Bench {
    /// Gives the building that all rows are measured on.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn world(&self) -> Result<&World> {
        if self.world.get().is_none() {
            let made = World::open(&self.folder, self.members)?;
            // Only this thread fills it.
            let _ = self.world.set(made);
        }
        self.world.get().context("the world was just made")
    }

    /// Names a place for something that a row needs while it runs.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.folder.join("scratch").join(name)
    }

    /// Removes what a row has left; what cannot be removed stays for the next run to replace.
    pub fn clean(&self, paths: &[&Path]) {
        for path in paths {
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
    }

    fn run(&self, name: &str) -> Result<Row> {
        let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
        match name {
            "gate" => rows::gate::run(self),
            "ledger_fold_1m" => rows::ledger::fold(self),
            "ledger_entry" => rows::ledger::entry(self),
            "ledger_memory" => rows::ledger::memory(self),
            "index_build" => rows::search::build(self),
            "search_50k" => rows::search::search(self),
            "match_50k" => rows::search::matching(self),
            "cold_start" => rows::cold_start::run(self),
            "screen_50k" => rows::screen::run(self),
            "live_latency" => runtime()?.block_on(rows::live::run(self)),
            "catch_up_10" => runtime()?.block_on(rows::catch_up::run(self)),
            "bootstrap" => runtime()?.block_on(rows::bootstrap::run(self)),
            other => bail!("no row is called {other}"),
        }
    }
}

/// Gives the root of the clone.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = package.and_then(|package| package.parent().map(Path::to_owned));
    root.unwrap_or_else(|| PathBuf::from("."))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, who, folder] = arguments.as_slice()
        && first == rows::cold_start::INSIDE
    {
        return rows::cold_start::inside(who, Path::new(folder));
    }
    if let [first, what, file] = arguments.as_slice()
        && first == rows::ledger::INSIDE
    {
        return rows::ledger::inside(what, Path::new(file));
    }
    let (members, wanted) = parse(&arguments)?;
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off,kaifong_node=debug"));
    tracing_subscriber::registry().with(filter).with(sessions::Listener).init();

    let folder = root().join("target/bench");
    std::fs::create_dir_all(folder.join("scratch"))?;
    let bench = Bench { folder: folder.clone(), members, world: OnceCell::new() };
    let summary = if members == MEMBERS { "summary.json".to_owned() } else { format!("summary-{members}.json") };
    println!("{}; load {}", report::machine(), report::load());
    println!("{}", report::heading());
    let mut measured = 0;
    for name in &wanted {
        let outcome = match bench.run(name) {
            Ok(row) => Outcome::Measured(row),
            Err(why) => Outcome::Skipped(format!("{why:#}")),
        };
        measured += usize::from(matches!(outcome, Outcome::Measured(_)));
        println!("{}", outcome.line(name));
        if let Outcome::Measured(row) = &outcome {
            println!("{:<14} {}", "", serde_json::Value::Object(row.extra.clone()));
        }
        report::merge(&folder.join(&summary), &[(name.clone(), outcome)], members)?;
    }
    if measured < wanted.len() {
        bail!("{} of {} rows were skipped", wanted.len() - measured, wanted.len());
    }
    Ok(())
}

fn parse(arguments: &[String]) -> Result<(usize, Vec<String>)> {
    let mut members = MEMBERS;
    let mut wanted = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--members" => members = rest.next().context("--members takes a number")?.parse()?,
            "all" => {}
            name if ROWS.contains(&name) => wanted.push(name.to_owned()),
            other => bail!("no row is called {other}; there are {}", ROWS.join(", ")),
        }
    }
    if members < 20 {
        bail!("fewer than 20 members are no building");
    }
    if wanted.is_empty() {
        wanted = ROWS.map(str::to_owned).to_vec();
    }
    Ok((members, wanted))
}
