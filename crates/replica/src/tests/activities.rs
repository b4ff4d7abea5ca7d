//! What neighbours are invited to stands in a document, and is never altered but called off.

use kaifong_domain::activity::{Activity, ActivityTerms, Payee};
use kaifong_domain::{ActivityId, GroupId, MemberId, Refusal};

use super::*;
use crate::layout::{Field, Scalar, ValueFault};

fn class() -> Activity {
    Activity {
        id: ActivityId([1; 16]),
        title: "书法课".into(),
        body: "带毛笔\n和旧报纸".into(),
        venue: "二楼".into(),
        terms: ActivityTerms {
            starts_at: Instant(1_800_000_000_000),
            hours: 2,
            cost: Points(5),
            to: Payee::Fund,
            no_show: Points(3),
        },
        places: Some(10),
        teacher: Some(MemberId([8; 16])),
        group: Some((MemberId([7; 16]), GroupId([6; 16]))),
        posted_at: Instant(5),
        called_off_at: None,
    }
}

#[test]
fn an_activity_is_read_on_another_replica_as_it_was_written_and_only_calling_it_off_alters_it() {
    let (mut document, mut other) = (empty(), empty());
    let plain = Activity { id: ActivityId([2; 16]), places: None, teacher: None, body: String::new(), ..class() };
    for one in [class(), plain.clone()] {
        let delivery = edit(&mut document, &phone(), &Edit::PutActivity(one));
        take(&mut other, &delivery);
    }
    assert_eq!(other.records(), document.records());
    assert_eq!(other.records().activities, [class(), plain]);

    // It is called off on two devices apart.
    let mut apart = other.clone();
    let off = |at| Edit::PutActivity(Activity { called_off_at: Some(Instant(at)), ..class() });
    edit(&mut document, &phone(), &off(9));
    edit(&mut apart, &tablet(), &off(8));
    meet(&mut document, &mut apart);
    assert_eq!(document.records(), apart.records());
    assert!(document.records().activities[0].called_off_at.is_some());
    // Nobody finds other terms than those they have signed up to.
    let terms = class().terms;
    let alters = [
        Activity { terms: ActivityTerms { cost: Points(50), ..terms }, ..class() },
        Activity { terms: ActivityTerms { no_show: Points(100), ..terms }, ..class() },
        Activity { terms: ActivityTerms { starts_at: Instant(1), ..terms }, ..class() },
        Activity { places: Some(1), ..class() },
        Activity { teacher: None, ..class() },
        Activity { title: "推销会".into(), ..class() },
        Activity { called_off_at: None, ..class() },
    ];
    for alters in alters {
        let mut theirs = apart.clone();
        let alters = Edit::PutActivity(alters);
        let changed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| edit(&mut theirs, &tablet(), &alters)));
        let why = changed.unwrap_err().downcast::<String>().unwrap();
        assert!(why.contains("alters what was said") || why.contains("cannot be deleted"), "{why}");
    }
    assert!(document.audit(&Register).is_ok());
}

#[test]
fn terms_that_nobody_can_agree_to_stand_in_no_document() {
    let refused = |field: &str, value: Scalar<'_>| Field::parse(field).unwrap().check(value).unwrap_err();
    let out = |text: &str| match refused("agreed", Scalar::Text(text)) {
        ValueFault::Refused(Refusal::OutOfRange { field, .. }) => field,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(out("0 2 5 fund 3 10"), "starts_at");
    assert_eq!(out("8640000000000001 2 5 fund 3 10"), "starts_at");
    assert_eq!(out("1 0 5 fund 3 10"), "hours");
    assert_eq!(out("1 13 5 fund 3 10"), "hours");
    assert_eq!(out("1 2 1001 fund 3 10"), "cost");
    assert_eq!(out("1 2 5 fund 101 10"), "no_show");
    assert_eq!(out("1 2 5 fund 3 0"), "places");
    assert_eq!(out("1 2 5 fund 3 501"), "places");
    for odd in ["", "1 2 5 fund 3", "1 2 5 bank 3 10", "1 2 5 fund 3 +10", "-1 2 5 fund 3 10"] {
        assert_eq!(refused("agreed", Scalar::Text(odd)), ValueFault::Type, "{odd:?}");
    }
    let unprintable = |field| ValueFault::Refused(Refusal::TextUnprintable { field, code: 0x202E });
    assert_eq!(refused("activity", Scalar::Text("课\u{202E}")), unprintable("title"));
    assert_eq!(refused("told", Scalar::Text("课\u{202E}")), unprintable("body"));
    assert_eq!(refused("venue", Scalar::Text("二楼\u{202E}")), unprintable("venue"));
    assert_eq!(refused("activity", Scalar::Text(" ")), ValueFault::Refused(Refusal::TextEmpty { field: "title" }));
    for bytes in [15, 17] {
        assert_eq!(refused("teacher", Scalar::Bytes(&vec![0; bytes])), ValueFault::Type);
    }
    for field in ["announced_at", "called_off_at"] {
        assert!(matches!(refused(field, Scalar::Number(1 << 54)), ValueFault::Refused(Refusal::OutOfRange { .. })));
    }
}
