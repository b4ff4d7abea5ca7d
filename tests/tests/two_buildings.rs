//! One person with two buildings on one device, as she uses them.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use kaifong_tests::stories;

// proves: B28 D6
#[test]
fn one_person_lives_in_one_building_and_helps_in_another_and_nothing_of_one_shows_in_the_other() {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    if let Some(why) = stories::blind(&[&chromium]) {
        return println!("skipped: {why}");
    }
    stories::play("two_buildings.mjs", &[]);
}
