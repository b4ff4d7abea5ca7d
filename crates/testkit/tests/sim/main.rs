//! The simulator itself: a hundred seeds hold, and a second counter agrees on each; a seed plays the same twice, and planted
//! bugs are found.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod recount;

use kaifong_testkit::{Options, Planted, run, run_and_export, run_and_tell, write_export};

/// Lives through seeds; what is left behind is counted again by a program that shares no code with the ledger.
fn all_hold(seeds: std::ops::Range<u64>) {
    let folder = recount::folder(&format!("recount-{}", seeds.start));
    let (all, mut wanted) = (seeds.clone().count(), 0);
    for seed in seeds {
        let (outcome, export) = run_and_export(seed, Options::default());
        if outcome.failure.is_some() {
            let told = run_and_tell(seed, Options::default());
            panic!("seed {seed} (make sim SEED={seed}): {:?}\n{}", told.failure, told.story);
        }
        if let Some(export) = export {
            write_export(&folder, seed, &export).unwrap();
            wanted += 1;
        }
    }
    // Buildings with a fund are not counted a second time.
    assert!(2 * wanted >= all, "{wanted} of {all}");
    if let Some((agrees, said)) = recount::recount(&folder) {
        assert!(agrees && said.starts_with(&format!("{wanted} buildings")), "{said}");
        println!("{said}");
    }
}

#[test]
fn the_invariants_hold_on_seeds_0_to_24() {
    all_hold(0..25);
}

#[test]
fn the_invariants_hold_on_seeds_25_to_49() {
    all_hold(25..50);
}

#[test]
fn the_invariants_hold_on_seeds_50_to_74() {
    all_hold(50..75);
}

#[test]
fn the_invariants_hold_on_seeds_75_to_99() {
    all_hold(75..100);
}

// Seed 5005 once started over and over on a disk that stayed full.
#[test]
fn a_device_on_a_full_disk_waits_for_room() {
    all_hold(5005..5006);
}

#[test]
fn a_seed_plays_the_same_twice() {
    for seed in [2, 5, 8, 13] {
        let (one, other) = (run(seed, Options::default()), run(seed, Options::default()));
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.counts, other.counts, "seed {seed}");
    }
    assert_ne!(run(2, Options::default()).trace, run(3, Options::default()).trace);
}

#[test]
fn a_run_is_a_building_and_not_an_empty_house() {
    let counts: Vec<_> = (0..12).map(|seed| run(seed, Options::default()).counts).collect();
    let sum = |of: fn(&kaifong_testkit::Counts) -> u64| counts.iter().map(of).sum::<u64>();
    assert!(sum(|counts| counts.members) >= 24, "people get in");
    assert!(sum(|counts| counts.deals_done) >= 3, "they help each other");
    assert!(sum(|counts| counts.points) > 0, "points move");
    assert!(sum(|counts| counts.councils) > 1 && sum(|counts| counts.epochs) > 5, "councils decide");
    assert!(sum(|counts| counts.checks[5]) > 24, "disks are looked through");
    assert!(sum(|counts| counts.crashes) > 0 && sum(|counts| counts.partitions) > 0, "and things go wrong");
}

// proves: A5
#[test]
fn what_some_erase_is_gone_from_every_device_that_hears_of_it() {
    let outcomes: Vec<_> = [0, 16, 56, 64].map(|seed| run(seed, Options::default())).to_vec();
    assert_eq!(outcomes.iter().find_map(|outcome| outcome.failure.clone()), None);
    assert!(outcomes.iter().map(|outcome| outcome.counts.erased).sum::<u64>() > 0, "somebody does");
}

#[test]
fn lost_phones_are_closed_people_come_back_and_reviewers_who_stop_are_cut_off() {
    let outcomes: Vec<_> = [9, 17, 37, 41, 61, 69, 97].map(|seed| run(seed, Options::default())).to_vec();
    assert_eq!(outcomes.iter().find_map(|outcome| outcome.failure.clone()), None);
    let sum = |of: fn(&kaifong_testkit::Counts) -> u64| outcomes.iter().map(|outcome| of(&outcome.counts)).sum::<u64>();
    assert!(sum(|counts| counts.closed) > 0, "devices are closed");
    assert!(sum(|counts| counts.came_back) > 0, "people come back");
    assert!(sum(|counts| counts.cutoffs) > 0, "reviewers are cut off");
    assert!(sum(|counts| counts.followers) > 0, "the building is founded anew");
}

#[test]
fn what_closed_devices_held_is_handed_over_and_no_invariant_breaks() {
    let outcomes: Vec<_> = [41, 57, 65, 69].map(|seed| run(seed, Options::default())).to_vec();
    assert_eq!(outcomes.iter().find_map(|outcome| outcome.failure.clone()), None);
    let handed: Vec<u64> = outcomes.iter().map(|outcome| outcome.counts.handed_over).collect();
    assert!(handed.iter().sum::<u64>() >= 4, "they are: {handed:?}");
}

// proves: B23
#[test]
fn treasurers_grant_apart_within_what_they_were_given_and_all_accounts_add_up_to_zero() {
    let outcomes: Vec<_> = [63, 67, 115, 139, 143, 167].map(|seed| run(seed, Options::default())).to_vec();
    assert_eq!(outcomes.iter().find_map(|outcome| outcome.failure.clone()), None);
    let grants: Vec<u64> = outcomes.iter().map(|outcome| outcome.counts.grants).collect();
    assert!(grants.iter().sum::<u64>() > 20, "they do grant: {grants:?}");
}

// proves: G14
#[test]
fn recurring_help_is_confirmed_and_paid_once_however_phones_are_cut_off_from_each_other() {
    let outcomes: Vec<_> = (200..220).map(|seed| run(seed, Options::default())).collect();
    assert_eq!(outcomes.iter().find_map(|outcome| outcome.failure.clone()), None);
    let sum = |of: fn(&kaifong_testkit::Counts) -> u64| outcomes.iter().map(|outcome| of(&outcome.counts)).sum::<u64>();
    let (days, points) = (sum(|counts| counts.help_days), sum(|counts| counts.help_points));
    assert!(days > 10 && points > 10, "days are confirmed, and paid: {days}, {points}");
}

#[test]
fn documents_that_never_arrive_are_found() {
    assert!(Planted::LosesDocuments.seeds_to_find(5).is_some());
}

#[test]
fn a_sum_that_is_tampered_with_is_found() {
    assert!(Planted::TampersWithSum.seeds_to_find(20).is_some());
}

#[test]
fn an_overdraft_by_spending_twice_is_found() {
    assert!(Planted::CountsHostileAsHonest.seeds_to_find(60).is_some());
}

#[test]
fn a_disk_that_lies_about_its_commits_is_found() {
    assert!(Planted::LyingDisks.seeds_to_find(20).is_some());
}

#[test]
fn effects_before_the_commit_are_found() {
    assert!(Planted::EffectsFirst.seeds_to_find(60).is_some());
}

#[test]
fn a_name_that_everybody_reads_is_found() {
    assert!(Planted::FillsInNames.seeds_to_find(5).is_some());
}

#[test]
fn a_failing_seed_tells_its_story_with_names() {
    let options = Options { planted: Some(Planted::LosesDocuments), steps_max: None };
    let told = |seed| run_and_tell(seed, options);
    let apart =
        |outcome: &kaifong_testkit::Outcome| outcome.failure.as_ref().is_some_and(|found| found.invariant == "I1");
    let failing = (0..20).map(told).find(apart).unwrap();
    assert!(failing.story.contains("陈姨") && failing.story.contains("I1"), "{}", failing.story);
    assert!(failing.story.lines().count() < 60, "it is short");
}
