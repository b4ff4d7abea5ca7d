//! The real desktop window on a display of its own, driven through the web view's own WebDriver.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use kaifong_tests::{bin, stories};

// proves: A2 A11 A15 A22 A23 A28 A30 B5 B14 F8 F11 G2
#[test]
fn a_household_shares_helps_and_thanks_in_the_desktop_window() {
    let app = bin("kaifong-app");
    let missing = stories::blind(&["Xvfb", "WebKitWebDriver"]);
    let missing =
        missing.or_else(|| (!app.exists()).then(|| "needs the built window (cargo build -p kaifong-app)".to_owned()));
    if let Some(why) = missing {
        return println!("skipped: {why}");
    }
    stories::play("window.mjs", &[("KAIFONG_APP", &app)]);
}
