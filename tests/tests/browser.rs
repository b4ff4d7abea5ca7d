//! The interface as people use it: real households, and a real browser that goes by what the pages say.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};

use kaifong_tests::stories;
use rust_xlsxwriter::{Format, Formula, Workbook};

fn play(story: &str) {
    play_with(story, &[]);
}

fn play_with(story: &str, env: &[(&str, &PathBuf)]) {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    if let Some(why) = stories::blind(&[&chromium]) {
        return println!("skipped: {why}");
    }
    stories::play(story, env);
}

// proves: A2 A11 A15 A22 A23 A28 A30 B5 B14 B18 B21 F8 F11 G2 B17
#[test]
fn two_households_share_help_and_thank_each_other_in_their_browsers() {
    play("two_households.mjs");
}

// proves: A6 B1 B13 B24 D10
#[test]
fn a_neighbour_is_found_by_what_she_can_do_and_answered_by_one_tap() {
    play("neighbours.mjs");
}

// proves: A5 A27 A29 A30 B12 B20
#[test]
fn a_neighbour_is_looked_up_called_by_consent_and_takes_her_data_along() {
    play("profile.mjs");
}

// proves: A30 B1 B5 B14 F8
#[test]
fn a_tool_box_is_borrowed_a_tap_mended_and_a_drill_that_was_promised_twice_goes_to_one() {
    play("toolbox.mjs");
}

// proves: A3 A13 A15 B21
#[test]
fn a_need_and_an_offer_without_a_common_word_meet_and_a_ladder_is_found_however_it_is_typed() {
    play("matching.mjs");
}

#[test]
fn a_page_left_open_for_days_is_right_whatever_happened_meanwhile() {
    play("days.mjs");
}

// proves: A17 A34 A'6 G2 G12
#[test]
fn newcomers_are_compared_with_a_register_asked_and_let_in_each_as_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (register, without_headings) = (folder.path().join("住户登记.xlsx"), folder.path().join("旧名单.csv"));
    workbook(&register);
    std::fs::write(&without_headings, "甲,502,陈美玲\n乙,503,侯志明\n").unwrap();
    play_with("joining.mjs", &[("REGISTER", &register), ("REGISTER_WITHOUT_HEADINGS", &without_headings)]);
}

/// A register as an office keeps it: a title, merged cells, columns that are nobody's business, a formula, a line without a unit.
fn workbook(path: &Path) {
    let mut workbook = Workbook::new();
    let (sheet, plain) = (workbook.add_worksheet(), Format::new());
    sheet.merge_range(0, 0, 0, 4, "红棉里住户登记表", &plain).unwrap();
    sheet.write_row(1, 0, ["栋", "房号", "户主", "联系电话", "身份证号"]).unwrap();
    sheet.merge_range(2, 0, 5, 0, "3栋", &plain).unwrap();
    sheet.merge_range(2, 1, 3, 1, "502", &plain).unwrap();
    sheet.write_row(2, 2, ["陈美玲", "13800001111", "440106196001010012"]).unwrap();
    sheet.write(3, 2, "陈大文").unwrap();
    sheet.write_row(4, 1, ["503", "侯志明"]).unwrap();
    sheet.write(5, 1, 601).unwrap();
    sheet.write_row(5, 2, ["陈小燕", "13900002222"]).unwrap();
    sheet.write_formula(6, 1, Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write(7, 3, "13700003333").unwrap();
    workbook.save(path).unwrap();
}

// proves: A5 A27 A28
#[test]
fn a_neighbour_changes_phones_loses_one_to_a_thief_and_comes_back_with_a_sheet() {
    play("devices.mjs");
}

// proves: E6 F11 F42 G13 G29
#[test]
fn neighbours_talk_show_a_mediator_are_introduced_block_give_for_one_unnamed_and_thank_on_the_wall() {
    play("care.mjs");
}

// proves: A34 C12 G4 G5 G6 G16 G21 B27
#[test]
fn what_is_put_to_the_officials_and_the_firm_is_heard_answered_and_solved_as_its_asker_says() {
    play("hall.mjs");
}

// proves: A34 F36 E7 C14 C2
#[test]
fn a_nurse_a_social_worker_and_an_official_are_vouched_for_by_two_reviewers_and_found() {
    play("roles.mjs");
}

// proves: A24 B23 C7 C8
#[test]
fn a_treasurer_grants_by_the_rates_a_second_person_confirms_and_all_accounts_add_up_to_zero() {
    play("fund.mjs");
}

// proves: A2 A24 F23 G15 A'2 B7
#[test]
fn a_class_is_announced_booked_paid_at_the_door_and_its_teacher_thanked_once() {
    play("activity.mjs");
}

// proves: F6 F9 F12 B25 C16 B29 A35 B28 A11 B13 A18 B11 C2 C4 C9 C14 E8 F1 F30 F41
#[test]
fn a_room_is_booked_by_one_of_two_a_group_has_its_evening_and_a_class_grows_from_a_listing() {
    play("spaces.mjs");
}

#[test]
fn every_page_keeps_its_rules_in_six_variants() {
    play("shots.mjs");
}

// proves: F13 F14 F16 F40 C13
#[test]
fn a_council_is_put_together_signs_unseats_and_goes_on_from_paper() {
    play("council.mjs");
}

// proves: F13
#[test]
fn a_building_whose_council_is_lost_is_founded_anew_and_each_household_decides() {
    play("refounding.mjs");
}

// proves: A5
#[test]
fn two_reviewers_bring_a_neighbour_back_and_her_living_phone_is_told_first() {
    play("returning.mjs");
}

// proves: A23 B23
#[test]
fn points_move_between_ones_own_devices_and_two_reviewers_hand_over_what_a_lost_one_held() {
    play("several.mjs");
}

// proves: A5
#[test]
fn a_tenant_moves_out_and_erases_what_she_wrote_and_another_is_away_and_comes_back() {
    play("leaving.mjs");
}

// proves: A5 F40
#[test]
fn what_an_officer_opens_is_told_and_a_complaint_goes_past_whom_it_is_about() {
    play("confided.mjs");
}

#[test]
fn what_a_thief_erased_with_a_phone_counts_no_longer_once_its_owner_disowns_it() {
    play("disowned.mjs");
}

// proves: A23 B23
#[test]
fn two_who_differ_about_points_pay_nothing_until_a_mediator_or_they_themselves_say_how_many() {
    play("dispute.mjs");
}

// proves: F8 A30 A4
#[test]
fn a_ladder_that_three_bought_together_goes_through_a_queue_of_four_and_is_never_with_two_at_once() {
    play("ladder.mjs");
}

// proves: A10 A31 A4 B8
#[test]
fn a_shelf_is_searched_labelled_and_counted_with_nobody_in_reach() {
    play("shelf.mjs");
}

// proves: B23
#[test]
fn two_neighbours_without_a_network_pay_by_showing_each_other_their_screens() {
    play("face.mjs");
}

// proves: F23 F24 F44 A9 F41
#[test]
fn a_shop_and_the_share_room_give_goods_for_points_and_hand_out_without_a_network() {
    play("shop.mjs");
}

#[test]
fn screens_lock_together_wrong_pins_wait_and_what_was_being_written_is_there() {
    play("lock.mjs");
}

// proves: A7 G3 G12 G31 G34 B3
#[test]
fn a_family_a_tenant_a_shop_and_a_village_house_join_by_the_map_and_each_keeps_her_own() {
    play("family.mjs");
}

// proves: A17
#[test]
fn a_donors_wheelchair_is_checked_before_each_neighbour_has_it() {
    play("donor.mjs");
}

// proves: A34 A'6
#[test]
fn two_people_of_a_property_firm_are_told_apart_and_one_who_has_left_stays_named() {
    play("staff.mjs");
}

// proves: A12 B1 F10 G14 B15
#[test]
fn a_neighbour_collects_a_child_for_a_year_and_a_half_and_is_thanked() {
    play("recurring.mjs");
}

// proves: F34 A9 B4 B19
#[test]
fn thanks_on_paper_are_entered_at_the_desk_and_paid_once_by_their_payer() {
    play("slips.mjs");
}
