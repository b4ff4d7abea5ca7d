//! What `make run` shows, played once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

// proves: A11 B21 A8
#[test]
fn the_living_building_plays_its_exchange_to_the_end() {
    kaifong_tests::bin("kaifong");
    let played = Command::new(kaifong_tests::bin("living-building")).arg("--once").output().unwrap();
    let told = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success(), "{told}");
    for step in ["found", "synced", "matched", "agreed", "paid", "seen by all"] {
        assert!(told.lines().any(|line| line.trim_start().starts_with(step)), "{step} is missing:\n{told}");
    }
}
