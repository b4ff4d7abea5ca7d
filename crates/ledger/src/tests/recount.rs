//! A second counter, in another language and without a line in common, comes to the same figures (`tests/oracle`).

use std::path::{Path, PathBuf};
use std::process::Command;

use kaifong_domain::charter::Charter;
use kaifong_domain::{DeviceId, EntryHash, Points};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::histories::{World, acts};
use crate::testing::{Building, Council, People, building};
use crate::{Export, Rights, export};

const COUNTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracle/balances.py");

/// Writes exports into a folder of this test's own and has them counted again: whether all agree, and what was said.
fn recount(test: &str, exports: &[Export]) -> Option<(bool, String)> {
    let folder = Folder(std::env::temp_dir().join(format!("kaifong-{test}-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    for (nth, export) in exports.iter().enumerate() {
        std::fs::write(folder.0.join(format!("{nth:03}.journals")), &export.journals).unwrap();
        std::fs::write(folder.0.join(format!("{nth:03}.answers")), &export.answers).unwrap();
    }
    count(&folder.0)
}

fn count(folder: &Path) -> Option<(bool, String)> {
    match Command::new("python3").arg(COUNTER).arg(folder).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: python3 is not installed");
            None
        }
        output => {
            let output = output.unwrap();
            let said = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8(said).unwrap()))
        }
    }
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn exported(b: &Building) -> Export {
    export(&b.entries, &b.council)
}

/// A council whose ledger takes another quota than the charter has: a broken rule.
struct Careless<'a>(&'a Council);

impl Rights for Careless<'_> {
    fn charter(&self, epoch: &EntryHash) -> Option<Charter> {
        self.0.charter(epoch).map(|charter| Charter { quota: Points(1000), ..charter })
    }

    fn is_witness(&self, epoch: &EntryHash, device: &DeviceId) -> bool {
        self.0.is_witness(epoch, device)
    }
}

#[test]
fn a_second_counter_agrees_on_sixty_histories_with_forgers_and_false_witnesses() {
    let mut runner = TestRunner::deterministic();
    let exports: Vec<_> = (0..60)
        .map(|nth| {
            let mut world = World::new(nth % 2 == 0);
            let history = acts(200).new_tree(&mut runner).unwrap().current();
            history.iter().for_each(|act| world.play(act));
            exported(&world.building)
        })
        .collect();
    if let Some((agrees, said)) = recount("histories", &exports) {
        assert!(agrees, "{said}");
        assert!(said.starts_with("60 buildings"), "{said}");
    }
}

#[test]
fn a_ledger_that_breaks_a_rule_and_journals_that_say_something_else_are_found_by_it() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    let first = b.pay(&mut ma, &chen, 60);
    b.accept(&mut chen, first).unwrap();
    b.meet(&mut desk, &mut chen);
    let back = b.pay(&mut chen, &ma, 97);
    b.accept(&mut ma, back).unwrap();
    b.pay(&mut chen, &ma, 13);
    let beyond = b.ledger.transfer(&chen.tip).unwrap();
    assert_eq!(
        beyond.state,
        crate::LineState::NotCounted(crate::NotCounted::NotCovered(crate::Uncovered::BeyondQuota))
    );
    let honest = exported(&b);
    let told = |from: &str, to: &str| {
        assert!(honest.journals.contains(from), "{from}");
        Export { journals: honest.journals.replace(from, to), answers: honest.answers.clone() }
    };
    let careless = Export { answers: export(&b.entries, &Careless(&b.council)).answers, ..honest.clone() };
    let cases = [
        ("a ledger with another quota", careless),
        ("an amount", told(r#""points":60"#, r#""points":61"#)),
        ("a payee", told(&format!(r#""to":"{}""#, ma.journal), &format!(r#""to":"{}""#, chen.journal))),
        ("no witness", told(&format!(r#""witnesses":["{}"]"#, desk.key.id()), r#""witnesses":[]"#)),
        ("no credit", told(r#""credit_line":100"#, r#""credit_line":0"#)),
        (
            "an accept of nothing",
            told(&format!(r#""transfer":"{first}""#), &format!(r#""transfer":"{}""#, "7".repeat(64))),
        ),
    ];
    let Some((agrees, said)) = recount("honest", std::slice::from_ref(&honest)) else { return };
    assert!(agrees, "{said}");
    for (case, export) in cases {
        let (agrees, said) = recount("planted", &[export]).unwrap();
        assert!(!agrees, "{case} was not found: {said}");
    }
}
