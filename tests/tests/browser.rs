//! The interface as people use it: real households, and a real browser that goes by what the pages say.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use kaifong_tests::stories;

fn play(story: &str) {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    if let Some(why) = stories::blind(&[&chromium]) {
        return println!("skipped: {why}");
    }
    stories::play(story, &[]);
}

// proves: A2 A11 A15 A22 A23 A28 A30 B5 B14 B21 F8 F11 G2
#[test]
fn two_households_share_help_and_thank_each_other_in_their_browsers() {
    play("two_households.mjs");
}

// proves: A6 B1 B13 B24 D10
#[test]
fn a_neighbour_is_found_by_what_she_can_do_and_answered_by_one_tap() {
    play("neighbours.mjs");
}

// proves: A5 A27 A28
#[test]
fn a_neighbour_changes_phones_loses_one_to_a_thief_and_comes_back_with_a_sheet() {
    play("devices.mjs");
}

#[test]
fn every_page_keeps_its_rules_in_six_variants() {
    play("shots.mjs");
}
