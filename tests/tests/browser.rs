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

#[test]
fn every_page_keeps_its_rules_in_six_variants() {
    play("shots.mjs");
}

// proves: F13 F14 F16 F40
#[test]
fn a_council_is_put_together_signs_unseats_and_goes_on_from_paper() {
    play("council.mjs");
}
