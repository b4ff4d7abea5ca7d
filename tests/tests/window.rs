//! The real desktop window on a display of its own, driven through the web view's own WebDriver.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::PathBuf;

use kaifong_tests::{bin, stories};

/// Plays a story of the window's, if it can be shown here and these programs are there.
fn play(story: &str, programs: &[&str], env: &[(&str, &PathBuf)]) {
    let app = bin("kaifong-app");
    let missing = stories::blind(&[&["Xvfb", "WebKitWebDriver"], programs].concat());
    let missing =
        missing.or_else(|| (!app.exists()).then(|| "needs the built window (cargo build -p kaifong-app)".to_owned()));
    if let Some(why) = missing {
        return println!("skipped: {why}");
    }
    stories::play(story, &[env, &[("KAIFONG_APP", &app)]].concat());
}

// proves: A2 A11 A15 A22 A23 A28 A30 B5 B14 F8 F11 G2 G1
#[test]
fn a_household_shares_helps_and_thanks_in_the_desktop_window() {
    play("window.mjs", &[], &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_waits_is_told_on_the_desktop_once_without_names_and_leads_there_when_pressed() {
    let board = PathBuf::from(env!("CARGO_BIN_EXE_notice-board"));
    play("notices.mjs", &["dbus-daemon"], &[("KAIFONG_NOTICE_BOARD", &board)]);
}
