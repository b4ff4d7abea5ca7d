//! docs/FEATURES.md against the tests that carry ids.

use kaifong_tests::features;

use crate::none;

#[test]
fn the_page_of_features_says_what_the_tests_prove() {
    none(features::check().unwrap());
}
