//! Steps about recurring help as the journals admit them: terms before what is said of them.

use kaifong_domain::recurring::{Commitment, Days, RecurringAct, RecurringTerms};
use kaifong_domain::{EntryHash, MemberId, Points};
use kaifong_trust::entry::{Basis, Body, MemberKind, NO_ENTRY};
use kaifong_trust::journals::Offered;
use kaifong_trust::{Distrust, Pen, decode_exact, encode};

use super::street::Street;

fn propose(with: MemberId, weekdays: u8) -> Body {
    let words = Commitment([7; 32]);
    let terms = RecurringTerms { weekdays, first: 20_000, last: None, points: Points(2), trial: Some(19_990), words };
    Body::Recurring(RecurringAct::Propose { with, helps: true, deal: None, after: None, terms })
}

#[test]
fn what_is_said_of_recurring_help_waits_for_its_terms_and_what_cannot_be_meant_is_not_admitted() {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let certificate = street.certify(&mut li, NO_ENTRY, "卢阿姨", MemberKind::Person);
    let mut lu = street.open("卢阿姨", "卢阿姨", 0, Basis::Certificate(certificate), NO_ENTRY);
    let with = street.member("李叔");
    let version = street.write(&mut lu, NO_ENTRY, propose(with, 31));
    let accept = street.write(&mut li, NO_ENTRY, Body::Recurring(RecurringAct::Accept { version }));
    let mut journals = street.empty();
    let before = street.entries.iter().filter(|entry| ![version, accept].contains(&EntryHash(entry.hash())));
    before.for_each(|entry| assert!(journals.offer(entry.clone()).is_ok()));
    assert!(matches!(journals.offer(street.entry(accept)), Ok(Offered::Waiting { .. })), "what it names is not here");
    assert!(matches!(journals.offer(street.entry(version)), Ok(Offered::Admitted(entries)) if entries.len() == 2));

    let rule = |body: Body| {
        let mut pen = Pen::resume(super::street::key("卢阿姨"), &street.replica(), &lu.journal()).unwrap();
        let entry = pen.write(NO_ENTRY, street.entry_time(), body);
        match street.replica().offer(entry) {
            Err(Distrust::Rule { rule }) => rule,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(rule(propose(with, 0)), "terms are such as can be agreed to");
    let told = "days are told from the first of them on, and span 62 at most";
    let days = Days { first: 20_000, mask: 1 << 62 | 1 };
    assert_eq!(rule(Body::Recurring(RecurringAct::Did { version, days })), told);
    let named = "an entry names the entry that it rests on or answers";
    assert_eq!(rule(Body::Recurring(RecurringAct::Tried { version: NO_ENTRY })), named);
    let body = street.entry(version).value().body.clone();
    assert_eq!(decode_exact::<Body>(&encode(&body), "a body").ok(), Some(body));
}
