//! Goods stand in a document, and what was ordered of them is not said otherwise later.

use kaifong_domain::shop::Good;
use kaifong_domain::{DeviceId, Refusal};

use super::*;
use crate::layout::{Field, Scalar, ValueFault};

fn rice() -> Good {
    let (title, body, points, put_at) = (String::from("东北大米"), String::from("五斤装"), Points(20), Instant(5));
    Good {
        id: Good::id_of(&title, &body, points, put_at),
        title,
        body,
        points,
        pieces: Some(3),
        each: None,
        until: Some(Instant(90)),
        till: DeviceId([7; 32]),
        put_at,
        withdrawn_at: None,
    }
}

#[test]
fn a_good_is_read_on_another_replica_as_it_was_written_and_how_many_is_said_anew() {
    let (mut document, mut other) = (empty(), empty());
    let delivery = edit(&mut document, &phone(), &Edit::PutGood(rice()));
    take(&mut other, &delivery);
    assert_eq!(other.records().goods, [rice()]);

    // Two devices of the shop apart: one has more, the other takes the good back.
    let more = Good { pieces: Some(9), each: Some(2), until: None, till: DeviceId([8; 32]), ..rice() };
    edit(&mut document, &phone(), &Edit::PutGood(more.clone()));
    edit(&mut other, &tablet(), &Edit::PutGood(Good { withdrawn_at: Some(Instant(8)), ..rice() }));
    meet(&mut document, &mut other);
    assert_eq!(document.records(), other.records());
    assert_eq!(document.records().goods, [Good { withdrawn_at: Some(Instant(8)), ..more }], "both stay");
}

#[test]
fn what_was_ordered_is_never_altered() {
    let mut document = empty();
    edit(&mut document, &phone(), &Edit::PutGood(rice()));
    let alters = [
        Good { title: "碎米".into(), ..rice() },
        Good { body: "三斤装".into(), ..rice() },
        Good { points: Points(40), ..rice() },
        Good { put_at: Instant(6), ..rice() },
    ];
    for alters in alters {
        // The gate judges own changes too, and what it does not let pass is a fault of ours.
        let mut theirs = document.clone();
        let put = Edit::PutGood(alters);
        let changed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| edit(&mut theirs, &phone(), &put)));
        let why = changed.unwrap_err().downcast::<String>().unwrap();
        assert!(why.contains("alters what was said"), "{why}");
    }
}

#[test]
fn a_field_of_a_good_holds_what_the_domain_lets_it_hold() {
    let range = |field, least, most| Err(ValueFault::Refused(Refusal::OutOfRange { field, least, most }));
    let instants = range("good_until", 0, 1 << 53);
    let table = [
        (Field::GoodTitle, Scalar::Text("米"), Ok(())),
        (Field::GoodTitle, Scalar::Text(" "), Err(ValueFault::Refused(Refusal::TextEmpty { field: "title" }))),
        (Field::GoodBody, Scalar::Text(""), Ok(())),
        (Field::GoodPoints, Scalar::Number(0), range("points", 1, 1_000_000)),
        (Field::GoodPoints, Scalar::Number(1 << 32), range("points", 0, 1_000_000)),
        (Field::GoodPieces, Scalar::Number(0), range("pieces", 1, 9_999)),
        (Field::GoodPieces, Scalar::Number((1 << 32) + 1), range("pieces", 1, 9_999)),
        (Field::GoodEach, Scalar::Number(9_999), Ok(())),
        (Field::GoodUntil, Scalar::Number(u64::MAX), instants),
        (Field::GoodTill, Scalar::Bytes(&[1; 32]), Ok(())),
        (Field::GoodTill, Scalar::Bytes(&[1; 31]), Err(ValueFault::Type)),
        (Field::GoodTill, Scalar::Text("x"), Err(ValueFault::Type)),
    ];
    for (field, value, expected) in table {
        assert_eq!(field.check(value), expected, "{field:?} {value:?}");
    }
}
