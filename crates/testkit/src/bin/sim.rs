//! `kaifong-sim`: runs many seeds, on two threads, and goes on where it stopped.
//!
//! `kaifong-sim [--seeds N] [--start N] [--seed K [--story]] [--out FILE] [--fresh] [--threads N] [--planted] [--journals DIR]`
//!
//! With `--journals` every building's journals and figures are written into DIR, for `tests/oracle/balances.py DIR`.

// This program's answers go to whoever sits at the shell.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use kaifong_testkit::{Counts, Options, Outcome, Planted, run, run_and_export, run_and_tell, tell};
use serde::{Deserialize, Serialize};

/// How many failing seeds are shown; beyond that, there is enough to do.
const SHOWN_MAX: usize = 20;
const INVARIANTS: [&str; 7] = ["I1", "I2", "I3", "I4", "I6", "I8", "I5"];

struct Wishes {
    seeds: u64,
    start: u64,
    seed: Option<u64>,
    out: PathBuf,
    fresh: bool,
    planted: bool,
    story: bool,
    threads: usize,
    journals: Option<PathBuf>,
}

#[derive(Clone, Serialize, Deserialize)]
struct FailedSeed {
    seed: u64,
    invariant: String,
    story: String,
}

/// The most that cheats have won, beside the most that they could have won in that building.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct WorstLoss {
    seed: u64,
    lost: u64,
    most: u64,
}

/// What is kept between two calls: it holds only for the same program and the same first seed.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    program: String,
    start: u64,
    done: u64,
    seconds: f64,
    failed: Vec<FailedSeed>,
    invariants: BTreeMap<String, u64>,
    totals: BTreeMap<String, u64>,
    #[serde(default)]
    worst_loss: WorstLoss,
}

#[derive(Serialize)]
struct Summary<'a> {
    seeds: u64,
    failed: &'a [FailedSeed],
    seeds_per_min: f64,
    invariants: &'a BTreeMap<String, u64>,
    totals: &'a BTreeMap<String, u64>,
    worst_loss: WorstLoss,
}

fn main() -> std::process::ExitCode {
    let Some(wishes) = read_arguments() else {
        eprintln!(
            "usage: kaifong-sim [--seeds N] [--start N] [--seed K [--story]] [--out FILE] [--fresh] [--threads N] [--planted] [--journals DIR]"
        );
        return std::process::ExitCode::from(2);
    };
    if wishes.planted {
        for planted in Planted::ALL {
            let found = planted.seeds_to_find(wishes.seeds);
            let found = found.map_or("not found".to_owned(), |seeds| format!("found after {seeds} seeds"));
            println!("{planted:?} ({}): {found}", planted.invariant());
        }
        return std::process::ExitCode::SUCCESS;
    }
    if let Some(seed) = wishes.seed {
        if wishes.journals.is_some() {
            play(seed, wishes.journals.as_deref());
        }
        return replay(seed, wishes.story);
    }
    let progress = run_all(&wishes);
    println!(
        "{} seeds, {} failed, {:.0} seeds per minute, into {}",
        progress.done,
        progress.failed.len(),
        seeds_per_min(&progress),
        wishes.out.display()
    );
    let WorstLoss { seed, lost, most } = progress.worst_loss;
    println!("cheats won {lost} points at most, in seed {seed}, where the bound was {most}");
    for failed in progress.failed.iter().take(SHOWN_MAX) {
        println!(
            "\n== seed {} breaks {} (make sim SEED={}) ==\n{}",
            failed.seed, failed.invariant, failed.seed, failed.story
        );
    }
    std::process::ExitCode::from(u8::from(!progress.failed.is_empty()))
}

fn read_arguments() -> Option<Wishes> {
    let mut wishes = Wishes {
        seeds: 100,
        start: 0,
        seed: None,
        out: PathBuf::from("target/sim/summary.json"),
        fresh: false,
        planted: false,
        story: false,
        threads: std::thread::available_parallelism().map_or(1, usize::from).min(2),
        journals: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--fresh" => wishes.fresh = true,
            "--planted" => wishes.planted = true,
            "--story" => wishes.story = true,
            "--seeds" => wishes.seeds = arguments.next()?.parse().ok()?,
            "--start" => wishes.start = arguments.next()?.parse().ok()?,
            "--seed" => wishes.seed = Some(arguments.next()?.parse().ok()?),
            "--out" => wishes.out = arguments.next()?.into(),
            "--journals" => wishes.journals = Some(arguments.next()?.into()),
            "--threads" => wishes.threads = arguments.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(wishes)
}

/// Runs one seed; tells the story of one that fails, or of any if that is wished.
fn replay(seed: u64, story: bool) -> std::process::ExitCode {
    let begun = Instant::now();
    let play = if story { tell } else { run_and_tell };
    let outcome = play(seed, Options::default());
    match &outcome.failure {
        None => {
            print!("{}", outcome.story);
            println!("seed {seed} holds: {:?} in {:.2} s", outcome.counts, begun.elapsed().as_secs_f64());
            std::process::ExitCode::SUCCESS
        }
        Some(failure) => {
            println!("{}\nseed {seed} breaks {}: {}", outcome.story, failure.invariant, failure.what);
            std::process::ExitCode::from(1)
        }
    }
}

fn run_all(wishes: &Wishes) -> Progress {
    let at = wishes.out.with_file_name("progress.json");
    let program = program();
    let kept = if wishes.fresh { None } else { read_progress(&at) };
    let kept = kept.filter(|kept| kept.program == program && kept.start == wishes.start && kept.done < wishes.seeds);
    let progress = kept.unwrap_or(Progress { program, start: wishes.start, ..Progress::default() });
    if progress.done > 0 {
        println!("going on after {} seeds", progress.done);
    }
    let next = AtomicU64::new(progress.done);
    let enough = AtomicBool::new(false);
    let (seconds_before, begun) = (progress.seconds, Instant::now());
    // Seeds end out of order; only those without a gap before them count as done.
    let ledger = Mutex::new((progress, BTreeMap::<u64, Outcome>::new()));
    std::thread::scope(|scope| {
        for _ in 0..wishes.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= wishes.seeds || enough.load(Ordering::Relaxed) {
                        return;
                    }
                    let seed = wishes.start + place;
                    let mut outcome = play(seed, wishes.journals.as_deref());
                    if outcome.failure.is_some() {
                        outcome = run_and_tell(seed, Options::default());
                    }
                    let Ok(mut ledger) = ledger.lock() else { return };
                    let (progress, waiting) = &mut *ledger;
                    waiting.insert(place, outcome);
                    while let Some(outcome) = waiting.remove(&progress.done) {
                        progress.seconds = seconds_before + begun.elapsed().as_secs_f64();
                        note(progress, &outcome);
                        if progress.done.is_multiple_of(50) {
                            keep(&at, wishes, progress);
                        }
                    }
                    enough.store(progress.failed.len() >= SHOWN_MAX, Ordering::Relaxed);
                }
            });
        }
    });
    let (progress, _) = ledger.into_inner().unwrap_or_default();
    keep(&at, wishes, &progress);
    progress
}

/// Runs one seed; writes its journals out if that is wished.
fn play(seed: u64, journals: Option<&Path>) -> Outcome {
    let Some(folder) = journals else { return run(seed, Options::default()) };
    let (outcome, export) = run_and_export(seed, Options::default());
    if let Some(Err(error)) = export.map(|export| kaifong_testkit::write_export(folder, seed, &export)) {
        eprintln!("could not write into {}: {error}", folder.display());
    }
    outcome
}

fn note(progress: &mut Progress, outcome: &Outcome) {
    progress.done += 1;
    let Counts { lost, lost_most: most, .. } = outcome.counts;
    if lost > progress.worst_loss.lost {
        progress.worst_loss = WorstLoss { seed: outcome.seed, lost, most };
    }
    if let Some(failure) = &outcome.failure {
        let story = format!("{}\n{}", failure.what, outcome.story);
        progress.failed.push(FailedSeed { seed: outcome.seed, invariant: failure.invariant.into(), story });
    }
    for (name, checks) in INVARIANTS.iter().zip(outcome.counts.checks) {
        *progress.invariants.entry((*name).to_owned()).or_default() += checks;
    }
    let Counts { events, commits, frames, crashes, partitions, done, refused, pranks, collusions, members, .. } =
        outcome.counts;
    let Counts { points, entries, deals_done, forks, connections, .. } = outcome.counts;
    let Counts { councils, epochs, two_decisions, two_faced, lost_phones, .. } = outcome.counts;
    let Counts { closed, came_back, cutoffs, followers, erased, handed_over, borne, .. } = outcome.counts;
    let totals = [
        ("events", events),
        ("commits", commits),
        ("frames", frames),
        ("connections", connections),
        ("crashes", crashes),
        ("partitions", partitions),
        ("commands_done", done),
        ("commands_refused", refused),
        ("pranks", pranks),
        ("collusions", collusions),
        ("member_devices", members),
        ("points_moved", points),
        ("entries", entries),
        ("deals_done", deals_done),
        ("journals_forked", forks),
        ("councils", councils),
        ("epochs_decided", epochs),
        ("two_decisions", two_decisions),
        ("two_faced_votes", two_faced),
        ("phones_lost", lost_phones),
        ("devices_closed", closed),
        ("came_back", came_back),
        ("journals_handed_over", handed_over),
        ("points_borne_by_the_fund", borne),
        ("cutoffs", cutoffs),
        ("founded_anew_or_followed", followers),
        ("members_erased", erased),
    ];
    for (name, count) in totals {
        *progress.totals.entry(name.to_owned()).or_default() += count;
    }
    if progress.done.is_multiple_of(500) {
        println!(
            "{} seeds, {} failed, {:.0} per minute",
            progress.done,
            progress.failed.len(),
            seeds_per_min(progress)
        );
    }
}

fn seeds_per_min(progress: &Progress) -> f64 {
    progress.done as f64 * 60.0 / progress.seconds.max(0.001)
}

/// Names the program by its own bytes: another build starts anew.
fn program() -> String {
    let bytes = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
    kaifong_testkit::name_of(&bytes)
}

fn read_progress(at: &Path) -> Option<Progress> {
    serde_json::from_slice(&std::fs::read(at).ok()?).ok()
}

fn keep(at: &Path, wishes: &Wishes, progress: &Progress) {
    let summary = Summary {
        seeds: progress.done,
        failed: &progress.failed,
        seeds_per_min: seeds_per_min(progress),
        invariants: &progress.invariants,
        totals: &progress.totals,
        worst_loss: progress.worst_loss,
    };
    let folder = at.parent().map_or(Ok(()), std::fs::create_dir_all);
    let kept = folder
        .and_then(|()| std::fs::write(at, serde_json::to_vec(progress).unwrap_or_default()))
        .and_then(|()| std::fs::write(&wishes.out, serde_json::to_vec_pretty(&summary).unwrap_or_default()));
    if let Err(error) = kept {
        eprintln!("could not write {}: {error}", wishes.out.display());
    }
}
