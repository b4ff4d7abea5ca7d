//! `features-check report FILE`: what a run has shown, what it could not, and the count of its tests as last line.
//! `features-check write`: the names of the proving tests into `docs/FEATURES.md`.
#![allow(clippy::print_stdout, reason = "it prints for people and for scripts")]

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use kaifong_tests::features::{self, State};
use kaifong_tests::repo;
use kaifong_tests::report::{End, Run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["report", file] => report(Path::new(file)),
        ["write"] => features::write().map(|()| true),
        _ => Err(io::Error::other("usage: features-check report FILE | features-check write")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("features-check: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether the run is in order.
fn report(file: &Path) -> io::Result<bool> {
    let xml = fs::read_to_string(file)
        .map_err(|error| io::Error::other(format!("no report of a run at {}: {error}", file.display())))?;
    let run = Run::read(&xml).map_err(io::Error::other)?;
    let rows = features::rows(&repo::read(Path::new(features::PAGE))?);
    let verdict = run.judge(&rows);
    let (passed, failed, skipped) = run.counts();

    println!();
    if skipped > 0 {
        println!("Could not run here:");
    }
    for (test, end) in &run.ends {
        if let End::Skipped(why) = end {
            why.iter().for_each(|line| println!("  {test}: {line}"));
        }
    }
    let count = |state| rows.iter().filter(|row| row.state == Some(state)).count();
    println!(
        "Features: {} work ({} shown by this run), {} partly, {} not yet.",
        count(State::Works),
        verdict.shown,
        count(State::Partly),
        count(State::NotYet)
    );
    verdict.not_shown.iter().for_each(|line| println!("  skipped: {line}"));
    verdict.faults.iter().for_each(|line| println!("  failed: {line}"));
    println!("{passed} passed, {} failed, {skipped} skipped", failed + verdict.faults.len());
    Ok(failed == 0 && verdict.faults.is_empty() && passed > 0)
}
