//! What is said in the hall stands in a document, and only as the domain allows it.

use kaifong_domain::hall::{Addressee, Judged, Judgement, Matter, MatterKind, Response, ResponseKind};
use kaifong_domain::place::PlaceId;
use kaifong_domain::{JudgementId, MatterId, MemberId, Refusal, ResponseId};

use super::*;
use crate::layout::{Field, Scalar, ValueFault};

fn matter(text: &str) -> Matter {
    Matter {
        id: MatterId([1; 16]),
        kind: MatterKind::Complaint,
        text: text.into(),
        to: Some(Addressee::Member(MemberId([8; 16]))),
        place: Some(PlaceId(3)),
        put_at: Instant(5),
        withdrawn_at: None,
    }
}

fn judgement(number: u32) -> Judgement {
    let (id, matter, remark) = (JudgementId([2; 16]), MatterId([1; 16]), String::from("还 停"));
    Judgement { id, matter, number, judged: Judged::NotYet, remark, at: Instant(6) }
}

fn response(kind: ResponseKind, text: &str) -> Response {
    let (id, asker, matter) = (ResponseId([3; 16]), MemberId([8; 16]), MatterId([9; 16]));
    let after = Some(JudgementId([4; 16]));
    Response { id, asker, matter, kind, after, text: text.into(), at: Instant(7) }
}

#[test]
fn what_is_said_in_the_hall_is_read_on_another_replica_as_it_was_written() {
    let (mut document, mut other) = (empty(), empty());
    let said = [
        Edit::PutMatter(matter("垃圾房的门\n晚上还在响")),
        Edit::PutJudgement(judgement(2)),
        Edit::PutResponse(response(ResponseKind::TakeUp, "")),
    ];
    for one in &said {
        let delivery = edit(&mut document, &phone(), one);
        take(&mut other, &delivery);
    }
    let records = other.records();
    assert_eq!(records, document.records());
    assert_eq!(records.matters, [matter("垃圾房的门\n晚上还在响")]);
    assert_eq!(records.judgements, [judgement(2)]);
    assert_eq!(records.responses, [response(ResponseKind::TakeUp, "")]);

    // It is taken back, on two devices apart. What others have answered to is not said otherwise, nor put again.
    let mut apart = other.clone();
    let taken_back =
        |at| Edit::PutMatter(Matter { withdrawn_at: Some(Instant(at)), ..matter("垃圾房的门\n晚上还在响") });
    edit(&mut document, &phone(), &taken_back(9));
    edit(&mut apart, &tablet(), &taken_back(8));
    meet(&mut document, &mut apart);
    assert_eq!(document.records(), apart.records());
    assert!(document.records().matters[0].withdrawn_at.is_some());
    let alters = [
        Edit::PutMatter(matter("物业收了回扣，是吗？")),
        Edit::PutMatter(Matter {
            to: None, withdrawn_at: Some(Instant(9)), ..matter("垃圾房的门\n晚上还在响")
        }),
        Edit::PutJudgement(Judgement { judged: Judged::Solved, ..judgement(2) }),
        Edit::PutResponse(response(ResponseKind::Answer, "没有这回事")),
    ];
    for alters in &alters {
        // The gate judges own changes too, and what it does not let pass is a fault of ours.
        let mut theirs = apart.clone();
        let changed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| edit(&mut theirs, &tablet(), alters)));
        let why = changed.unwrap_err().downcast::<String>().unwrap();
        assert!(why.contains("alters what was said") || why.contains("cannot be deleted"), "{why}");
    }
    assert!(document.audit(&Register).is_ok());
}

#[test]
fn what_the_domain_refuses_stands_in_no_document() {
    let refused = |field: &str, value: Scalar<'_>| Field::parse(field).unwrap().check(value).unwrap_err();
    let long = |n: usize| "修".repeat(n);
    let told = |field, found, most| ValueFault::Refused(Refusal::TextTooLong { field, found, most });
    assert_eq!(refused("matter", Scalar::Text(&long(1_001))), told("matter", 1_001, 1_000));
    let text = format!("answer {}", long(1_001));
    assert_eq!(refused("response", Scalar::Text(&text)), told("response", 1_001, 1_000));
    let text = format!("1 solved {}", long(301));
    assert_eq!(refused("judgement", Scalar::Text(&text)), told("remark", 301, 300));
    let unprintable = |field| ValueFault::Refused(Refusal::TextUnprintable { field, code: 0x202E });
    assert_eq!(refused("matter", Scalar::Text("电梯\u{202E}")), unprintable("matter"));
    assert_eq!(refused("response", Scalar::Text("reply 好\u{202E}")), unprintable("response"));
    assert_eq!(refused("judgement", Scalar::Text("1 not-yet \u{202E}")), unprintable("remark"));
    let empty = |field| ValueFault::Refused(Refusal::TextEmpty { field });
    assert_eq!(refused("matter", Scalar::Text("\u{3000}")), empty("matter"));
    assert_eq!(refused("response", Scalar::Text("answer ")), empty("response"));
    let out = ValueFault::Refused(Refusal::OutOfRange { field: "number", least: 1, most: u32::MAX.into() });
    assert_eq!(refused("judgement", Scalar::Text("0 solved ")), out);
    for (field, odd) in
        [("asks", "order"), ("to", "mayor"), ("to", "member 00"), ("response", "decree 好"), ("of", "x")]
    {
        assert_eq!(refused(field, Scalar::Text(odd)), ValueFault::Type, "{field} {odd}");
    }
    for (field, bytes) in [("answers", 31), ("answers", 33), ("of", 15), ("after", 17)] {
        assert_eq!(refused(field, Scalar::Bytes(&vec![0; bytes])), ValueFault::Type, "{field} {bytes}");
    }
    assert!(matches!(refused("near", Scalar::Number(0)), ValueFault::Refused(Refusal::OutOfRange { .. })));
    for field in ["put_at", "taken_back_at", "judged_at", "given_at"] {
        assert!(matches!(refused(field, Scalar::Number(1 << 54)), ValueFault::Refused(Refusal::OutOfRange { .. })));
    }
}
