//! The interface as people use it: real households, and a real browser that goes by what the pages say.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::Path;
use std::process::Command;

use kaifong_tests::bin;

/// Why nothing can be seen on this machine; `None` when a browser can run and there is something to show.
fn blind() -> Option<&'static str> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    match () {
        () if !Path::new(&chromium).exists() => Some("needs Chromium (scripts/tools test)"),
        () if !ui.join("node_modules").exists() => Some("needs the interface's packages (make ui)"),
        () if !ui.join("dist/index.html").exists() => Some("needs the built interface (make ui)"),
        () => None,
    }
}

fn play(story: &str) {
    if let Some(why) = blind() {
        return println!("skipped: {why}");
    }
    // Short, because a socket's path has to fit into about a hundred bytes.
    let work = tempfile::Builder::new().prefix("kf").tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(story);
    let played = Command::new("node")
        .arg(script)
        .env("KAIFONG", bin("kaifong"))
        .env("KAIFONG_WORK", work.path())
        .output()
        .expect("node runs");
    let told = String::from_utf8_lossy(&played.stdout);
    let complained = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{story}:\n{told}\n{complained}");
}

// proves: A2 A11 A15 A22 A23 A28 A30 B5 B14 B21 F8 F11 G2
#[test]
fn two_households_share_help_and_thank_each_other_in_their_browsers() {
    play("two_households.mjs");
}

#[test]
fn every_page_keeps_its_rules_in_six_variants() {
    play("shots.mjs");
}
