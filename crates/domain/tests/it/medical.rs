//! Medical devices: cleaned and checked before each hand-over, as their owner's own device holds to it.

use kaifong_domain::deal::DealAct;
use kaifong_domain::record::{Check, Kind, Listing, Mode, Side};
use kaifong_domain::{Instant, ListingId, Points, Refusal};

use crate::people::*;

fn wheelchair(checked: Option<Check>) -> Listing {
    Listing {
        kind: Some(Kind::Medical),
        mode: Some(Mode::Share),
        points: Some(Points(0)),
        checked,
        ..Listing::of(ListingId([7; 16]), Side::Offer, "轮椅", Instant(1))
    }
}

fn after(loans: u32) -> Option<Check> {
    Some(Check { loans, at: Instant(9), by: String::from("何姨") })
}

#[test]
fn a_check_serves_until_the_next_return_and_no_clock_decides() {
    let table = [
        (None, 0, true),
        (after(0), 0, false),
        (after(0), 1, true),
        (after(1), 1, false),
        // The device that checked knew of one more return than this one does yet.
        (after(2), 1, false),
    ];
    for (checked, loans, lacks) in table {
        assert_eq!(wheelchair(checked.clone()).lacks_check(loans), lacks, "{checked:?} {loans}");
    }
}

#[test]
fn only_an_offered_medical_device_waits_for_a_check() {
    assert!(!Listing { kind: Some(Kind::Item), ..wheelchair(None) }.lacks_check(0));
    assert!(!Listing { side: Side::Need, ..wheelchair(None) }.lacks_check(0));
}

#[test]
fn a_medical_device_is_a_thing_and_its_checker_has_a_name() {
    assert_eq!(wheelchair(after(0)).check(), Ok(()));
    assert!(wheelchair(None).is_loan());
    assert!(Listing { mode: None, ..wheelchair(None) }.check().is_err());
    let nobody = Check { loans: 0, at: Instant(9), by: String::from(" ") };
    assert_eq!(wheelchair(Some(nobody)).check().unwrap_err().code(), "text-empty");
}

#[test]
fn the_owner_hands_it_over_once_it_is_checked_and_checks_it_again_after_it_is_back() {
    let mut phone = Device::new("phone");
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![wheelchair(None)]));
    let deal = phone.answers(MA_LE, AUNT_XIAO, &wheelchair(None)).unwrap();
    phone.agrees(AUNT_XIAO, deal).unwrap();
    let hand_over = |deal| DealAct::HandOver { deal };
    assert_eq!(phone.board.check(AUNT_XIAO, &hand_over(deal)), Err(Refusal::CheckMissing));
    assert_eq!(phone.board.check(MA_LE, &hand_over(deal)), Ok(()), "who borrows says what happened");
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![wheelchair(after(0))]));
    for by in [AUNT_XIAO, MA_LE] {
        phone.does(by, hand_over(deal)).unwrap();
    }
    for by in [MA_LE, AUNT_XIAO] {
        phone.does(by, DealAct::Return { deal }).unwrap();
    }
    let next = phone.answers(MASTER_WANG, AUNT_XIAO, &wheelchair(after(0))).unwrap();
    phone.agrees(AUNT_XIAO, next).unwrap();
    assert_eq!(phone.board.check(AUNT_XIAO, &hand_over(next)), Err(Refusal::CheckMissing), "it came back since");
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![wheelchair(after(1))]));
    phone.does(AUNT_XIAO, hand_over(next)).unwrap();
}

#[test]
fn what_is_back_by_its_owners_word_alone_is_checked_too_and_the_other_word_voids_no_check() {
    let mut phone = Device::new("phone");
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![wheelchair(after(0))]));
    let first = phone.answers(MA_LE, AUNT_XIAO, &wheelchair(None)).unwrap();
    phone.agrees(AUNT_XIAO, first).unwrap();
    for by in [AUNT_XIAO, MA_LE] {
        phone.does(by, DealAct::HandOver { deal: first }).unwrap();
    }
    let returned = |phone: &Device| phone.board.loans_returned(&AUNT_XIAO, &wheelchair(None).id);
    assert_eq!(returned(&phone), 0);
    phone.does(AUNT_XIAO, DealAct::Return { deal: first }).unwrap();
    assert_eq!(returned(&phone), 1);
    let next = phone.answers(MASTER_WANG, AUNT_XIAO, &wheelchair(None)).unwrap();
    phone.agrees(AUNT_XIAO, next).unwrap();
    let hands = DealAct::HandOver { deal: next };
    assert_eq!(phone.board.check(AUNT_XIAO, &hands), Err(Refusal::CheckMissing));
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![wheelchair(after(1))]));
    phone.does(MA_LE, DealAct::Return { deal: first }).unwrap();
    assert_eq!(returned(&phone), 1, "he says it of the same return");
    phone.does(AUNT_XIAO, hands).unwrap();
}
