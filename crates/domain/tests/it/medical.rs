//! Medical devices: cleaned and checked before each hand-over, as their owner's own device holds to it.

use kaifong_domain::record::{Check, Kind, Listing, Mode, Side};
use kaifong_domain::{Instant, ListingId, Points};

fn wheelchair(checked: Option<Check>) -> Listing {
    Listing {
        id: ListingId([7; 16]),
        side: Side::Offer,
        kind: Some(Kind::Medical),
        mode: Some(Mode::Share),
        title: String::from("轮椅"),
        body: String::new(),
        points: Some(Points(0)),
        posted_at: Instant(1),
        closed_at: None,
        audience: None,
        checked,
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
