//! What simulated buildings come to is counted a second time, by a program that shares no code with the ledger.

use std::path::{Path, PathBuf};
use std::process::Command;

use kaifong_ledger::Export;
use kaifong_testkit::{Options, run_and_export, write_export};

const COUNTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracle/balances.py");

/// Counts again what lies in a folder: whether all buildings agree, and what was said; `None` when Python is missing, which it says.
pub(crate) fn recount(folder: &Path) -> Option<(bool, String)> {
    match Command::new("python3").arg(COUNTER).arg(folder).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: the second count (python3 is not installed)");
            None
        }
        output => {
            let output = output.unwrap();
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            Some((output.status.success(), said))
        }
    }
}

/// A folder of one test, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn a_building_whose_accept_was_left_out_or_whose_ledger_lies_is_found_by_it() {
    let moved = |seed: &u64| run_and_export(*seed, Options::default()).1.filter(|export| took(export).is_some());
    let honest = (1000..1060).find_map(|seed| moved(&seed)).unwrap();
    let accept = took(&honest).unwrap();
    let elsewhere = accept.replace(r#""kind":"accept""#, r#""kind":"decline""#);
    let declined = Export { journals: honest.journals.replace(&accept, &elsewhere), ..honest.clone() };
    let lying = Export { answers: lie(&honest.answers), ..honest.clone() };
    for (name, export) in [("recount-declined", declined), ("recount-lying", lying)] {
        let folder = folder(name);
        write_export(&folder, 0, &export).unwrap();
        let Some((agrees, said)) = recount(&folder) else { return };
        assert!(!agrees && said.contains("seed-0: "), "{name}: {said}");
    }
}

/// Finds the line of an accept that counts.
fn took(export: &Export) -> Option<String> {
    let (_, effective) = export.answers.split_once(r#""effective":["#)?;
    let (effective, _) = effective.split_once(']')?;
    let counts = |line: &&str| {
        let hash = line.strip_prefix(r#"{"entry":""#).and_then(|rest| rest.split('"').next());
        line.contains(r#""kind":"accept""#) && hash.is_some_and(|hash| effective.contains(hash))
    };
    export.journals.lines().find(counts).map(str::to_owned)
}

/// Adds a point to the first balance.
fn lie(answers: &str) -> String {
    let (before, rest) = answers.split_once("\":").and_then(|(_, rest)| rest.split_once("\":")).unwrap();
    let end = rest.find([',', '}']).unwrap();
    let (figure, after) = rest.split_at(end);
    let more = figure.parse::<i64>().unwrap() + 1;
    format!(r#"{{"balances":{before}":{more}{after}"#)
}
