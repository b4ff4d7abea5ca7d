//! Steps about activities as the journals admit them: a booking before what is said of it, and terms that can be agreed to.

use kaifong_domain::activity::{ActivityAct, ActivityTerms, Payee};
use kaifong_domain::{ActivityId, EntryHash, Instant, MemberId, Points};
use kaifong_trust::entry::{Basis, Body, MemberKind, NO_ENTRY};
use kaifong_trust::journals::Offered;
use kaifong_trust::{Distrust, Pen, decode_exact, encode};

use super::street::Street;

fn book(host: MemberId, hours: u8) -> Body {
    let (starts_at, cost, no_show) = (Instant(9), Points(5), Points(3));
    let terms = ActivityTerms { starts_at, hours, cost, to: Payee::Fund, no_show };
    Body::Activity(ActivityAct::Book { host, activity: ActivityId([1; 16]), terms })
}

#[test]
fn what_is_said_of_a_booking_waits_for_it_and_terms_that_nobody_can_agree_to_are_not_admitted() {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let certificate = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let mut chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(certificate), NO_ENTRY);
    let host = street.member("李叔");
    let booking = street.write(&mut chen, NO_ENTRY, book(host, 2));
    let place = street.write(&mut li, NO_ENTRY, Body::Activity(ActivityAct::Place { booking }));
    // Everything but the booking and what comes after it.
    let mut journals = street.empty();
    let before = street.entries.iter().filter(|entry| ![booking, place].contains(&EntryHash(entry.hash())));
    before.for_each(|entry| assert!(journals.offer(entry.clone()).is_ok()));
    let waits = journals.offer(street.entry(place));
    assert!(matches!(waits, Ok(Offered::Waiting { .. })), "what it names is not here");
    let comes = journals.offer(street.entry(booking));
    assert!(matches!(comes, Ok(Offered::Admitted(entries)) if entries.len() == 2));

    let rule = |body: Body| {
        // A pen of its own each time: what is refused is in no chain.
        let mut pen = Pen::resume(super::street::key("陈姨"), &street.replica(), &chen.journal()).unwrap();
        let entry = pen.write(NO_ENTRY, street.entry_time(), body);
        assert!(entry.signed().clone().verify().is_err());
        match street.replica().offer(entry) {
            Err(Distrust::Rule { rule }) => rule,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(rule(book(host, 0)), "a booking's terms are such as can be agreed to");
    assert_eq!(rule(book(host, 13)), "a booking's terms are such as can be agreed to");
    let numbered = "words of one kind are numbered from 1";
    assert_eq!(rule(Body::Activity(ActivityAct::Attend { booking, number: 0, came: true })), numbered);
    assert_eq!(rule(Body::Activity(ActivityAct::Contest { booking, number: 0 })), numbered);
    let named = "an entry names the entry that it rests on or answers";
    assert_eq!(rule(Body::Activity(ActivityAct::Cancel { booking: NO_ENTRY })), named);
    // And its bytes read as they were written.
    let body = street.entry(place).value().body.clone();
    assert_eq!(decode_exact::<Body>(&encode(&body), "a body").ok(), Some(body));
}
