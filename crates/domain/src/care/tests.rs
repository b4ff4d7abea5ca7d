use super::*;
use crate::Instant;

const LIANG: MemberId = MemberId([1; 16]);
const CHEN: MemberId = MemberId([2; 16]);
const HE: MemberId = MemberId([3; 16]);
const FENCE: DriveId = DriveId([9; 16]);

fn drive() -> Drive {
    Drive {
        id: FENCE,
        title: "旧自行车做绿化护栏".into(),
        body: String::new(),
        target: 30,
        unit: "辆".into(),
        until: Instant(100),
        put_at: Instant(1),
        closed: None,
    }
}

fn pledge(count: u32) -> Pledge {
    let id = Pledge::id_of(&LIANG, &FENCE);
    Pledge { id, owner: LIANG, drive: FENCE, count, note: String::new(), at: Instant(5) }
}

fn receipt(donor: MemberId, count: u32) -> Receipt {
    Receipt { id: Receipt::id_of(&donor, &FENCE), drive: FENCE, donor, count, at: Instant(6) }
}

fn says(pledges: Vec<Pledge>) -> CareRecords {
    CareRecords { pledges, ..CareRecords::default() }
}

#[test]
fn what_came_counts_as_far_as_both_say_so_in_any_order() {
    let calls =
        CareRecords { drives: vec![drive()], receipts: vec![receipt(CHEN, 3), receipt(HE, 4)], ..Default::default() };
    let all = [(LIANG, calls), (CHEN, says(vec![pledge(2)])), (HE, says(vec![pledge(5)]))];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let mut care = Care::default();
        for at in order {
            let (member, records) = all[at].clone();
            assert!(care.set_records(member, records.clone()));
            assert!(!care.set_records(member, records), "said twice");
        }
        // 陈姨 promised two of the three, and of 何姐 four have come of five.
        assert_eq!(care.progress(&(LIANG, FENCE)), Progress { pledged: 7, received: 6 });
        care.set_records(HE, says(vec![pledge(0)]));
        assert_eq!(care.progress(&(LIANG, FENCE)), Progress { pledged: 2, received: 2 });
    }
}

#[test]
fn nobody_counts_twice_or_for_their_own_drive() {
    let mut care = Care::default();
    care.set_records(LIANG, CareRecords { drives: vec![drive()], ..says(vec![pledge(9)]) });
    let copy = Pledge { id: PledgeId([7; 16]), ..pledge(9) };
    care.set_records(CHEN, says(vec![pledge(1), copy]));
    assert_eq!(care.progress(&(LIANG, FENCE)), Progress { pledged: 1, received: 0 });
}

#[test]
fn of_one_members_flood_the_newest_thanks_are_shown() {
    let one = |n: u64| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_le_bytes());
        Thanks { id: ThanksId(id), to: CHEN, deal: None, text: "谢谢".into(), at: Instant(n), withdrawn_at: None }
    };
    let mut care = Care::default();
    care.set_records(HE, CareRecords { thanks: vec![one(7)], ..Default::default() });
    care.set_records(LIANG, CareRecords { thanks: (0..300).map(one).collect(), ..Default::default() });
    assert_eq!(care.thanks().filter(|(by, _)| *by == LIANG).count(), THANKS_MAX);
    assert!(care.thanks().any(|(by, _)| by == HE));
    assert!(care.thanks().filter(|(by, _)| *by == LIANG).all(|(_, thanks)| thanks.at.0 >= 200));
}

#[test]
fn the_first_refusal_of_a_drive_is_the_one_told() {
    use crate::Refusal::{OutOfRange, TextEmpty, TextTooLong};
    let pieces = |least| Err(OutOfRange { field: "pieces", least, most: 9_999 });
    let worst = Drive { title: " ".into(), target: 0, unit: String::new(), ..drive() };
    assert_eq!(worst.check(), Err(TextEmpty { field: "title" }));
    let worst = Drive { title: "旧书".into(), ..worst };
    assert_eq!(worst.check(), pieces(1));
    let worst = Drive { target: 1, ..worst };
    assert_eq!(worst.check(), Err(TextEmpty { field: "unit" }));
    let report = Closing { at: Instant(9), report: "好".repeat(501) };
    let worst = Drive { unit: "本".into(), closed: Some(report), ..worst };
    assert_eq!(worst.check(), Err(TextTooLong { field: "report", found: 501, most: 500 }));
    assert_eq!(Drive { closed: None, ..worst }.check(), Ok(()));
    assert_eq!(pledge(10_000).check(), pieces(0));
    assert_eq!(pledge(0).check(), Ok(()));
}

#[test]
fn who_is_posted_for_is_a_need_and_what_is_private_is_an_offered_skill() {
    use crate::Refusal::{self, TextEmpty, TextTooLong};
    use crate::record::{Kind, Side};
    let mismatch = || Err(Refusal::from(CareRefusal::AsideMismatch));
    let behalf = |of: &str| Aside::OnBehalf(of.into());
    for (aside, side, kind, expected) in [
        (behalf("一位独居老人"), Side::Need, None, Ok(())),
        (behalf(""), Side::Offer, None, mismatch()),
        (behalf(" "), Side::Need, None, Err(TextEmpty { field: "behalf" })),
        (behalf(&"老".repeat(21)), Side::Need, None, Err(TextTooLong { field: "behalf", found: 21, most: 20 })),
        (Aside::Discreet, Side::Offer, Some(Kind::Skill), Ok(())),
        (Aside::Discreet, Side::Offer, Some(Kind::Knowledge), Ok(())),
        (Aside::Discreet, Side::Offer, Some(Kind::Item), mismatch()),
        (Aside::Discreet, Side::Need, Some(Kind::Skill), mismatch()),
    ] {
        assert_eq!(aside.check(side, kind), expected, "{aside:?}");
    }
}
