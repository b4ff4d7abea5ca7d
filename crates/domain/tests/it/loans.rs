//! A thing that is lent one after the other: the line, later days, and what is entered late.

use kaifong_domain::deal::{Condition, DAY_MS, DealAct, EXTENSION_DAYS_MAX, LATE_DAYS_MAX, SignedAct, Terms};
use kaifong_domain::rows::{ListingStage, Stage, Step};
use kaifong_domain::{Board, DealId, EntryHash, Instant, JournalId, MemberId, Refusal};

use crate::people::*;

fn line(phone: &Device) -> Vec<DealId> {
    phone.board.line(&AUNT_XIAO, &TOOL_BOX).iter().map(|row| row.id).collect()
}

fn stage(phone: &Device, deal: DealId) -> Stage {
    phone.board.deal(&deal).unwrap().stage
}

/// 马乐 has the tool box; 黄阿姨 and 王师傅 stand in line.
fn lent() -> (Device, [DealId; 3]) {
    let mut phone = Device::new("phone");
    let first = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    phone.agrees(AUNT_XIAO, first).unwrap();
    let second = phone.answers(AUNT_HUANG, AUNT_XIAO, &tool_box()).unwrap();
    for by in [AUNT_XIAO, MA_LE] {
        phone.does(by, DealAct::HandOver { deal: first }).unwrap();
    }
    let third = phone.answers(MASTER_WANG, AUNT_XIAO, &tool_box()).unwrap();
    (phone, [first, second, third])
}

#[test]
fn whoever_wants_what_somebody_has_stands_in_line_in_the_order_of_the_answers_with_one_place_each() {
    let (mut phone, [_, second, third]) = lent();
    assert_eq!(line(&phone), [second, third]);
    assert_eq!(phone.answers(AUNT_HUANG, AUNT_XIAO, &tool_box()), Err(Refusal::AlreadyAnswered));
    assert_eq!(phone.answers(MA_LE, AUNT_XIAO, &tool_box()), Err(Refusal::AlreadyAnswered), "he has it");
    // Who signs a second answer by force has one place, and it is the first.
    let again = DealAct::Answer { terms: terms(AUNT_XIAO, &tool_box()) };
    phone.forces(AUNT_HUANG, again);
    assert_eq!(line(&phone), [second, third]);
    phone.does(AUNT_HUANG, DealAct::CallOff { deal: second }).unwrap();
    assert_eq!(line(&phone).len(), 2, "the other answer stands by itself now, at the end");
    assert_eq!(line(&phone)[0], third);

    // Whatever came first to another device, the line is the same there.
    let mut other = Board::new();
    other.set_records(AUNT_XIAO, records("肖阿姨", vec![tool_box()]));
    phone.acts.iter().rev().for_each(|act| _ = other.add_act(*act));
    let there: Vec<_> = other.line(&AUNT_XIAO, &TOOL_BOX).iter().map(|row| row.id).collect();
    assert_eq!(there, line(&phone));
}

#[test]
fn the_next_in_line_is_agreed_while_it_is_out_and_gets_it_once_its_owner_says_that_it_is_back() {
    let (mut phone, [first, second, third]) = lent();
    phone.agrees(AUNT_XIAO, second).unwrap();
    assert_eq!(phone.board.out_before(&second).map(|row| row.id), Some(first));
    assert_eq!(
        phone.board.check(AUNT_XIAO, &DealAct::Agree { deal: third, hold: phone.hold(third) }),
        Err(Refusal::ListingTaken)
    );
    let hands = DealAct::HandOver { deal: second };
    assert_eq!(phone.does(AUNT_XIAO, hands), Err(Refusal::StillOut));
    // Who comes for it may say first that they have it; the owner's word makes it a loan.
    phone.does(AUNT_HUANG, hands).unwrap();
    assert_eq!(stage(&phone, second), Stage::Agreed);
    phone.does(AUNT_XIAO, DealAct::Return { deal: first }).unwrap();
    phone.does(AUNT_XIAO, hands).unwrap();
    assert_eq!((stage(&phone, first), stage(&phone, second)), (Stage::OnLoan, Stage::OnLoan));
    let out: Vec<_> = phone.board.deals().filter(|row| row.is_out()).map(|row| row.id).collect();
    assert_eq!(out, [second], "one neighbour has it");
    phone.does(MA_LE, DealAct::Return { deal: first }).unwrap();
    assert_eq!(stage(&phone, first), Stage::Done);
}

#[test]
fn a_thing_is_free_for_the_next_once_its_owner_has_it_back_whether_or_not_the_other_says_so() {
    let (mut phone, [first, second, _]) = lent();
    phone.does(AUNT_XIAO, DealAct::Return { deal: first }).unwrap();
    assert_eq!(phone.board.listing(&AUNT_XIAO, &TOOL_BOX).unwrap().stage, ListingStage::Answered);
    phone.agrees(AUNT_XIAO, second).unwrap();
    phone.does(AUNT_XIAO, DealAct::HandOver { deal: second }).unwrap();
}

#[test]
fn whoever_does_not_come_is_passed_over_and_the_next_follows_the_same_loan() {
    let (mut phone, [_, second, third]) = lent();
    phone.agrees(AUNT_XIAO, second).unwrap();
    phone.does(AUNT_XIAO, DealAct::CallOff { deal: second }).unwrap();
    phone.agrees(AUNT_XIAO, third).unwrap();
    assert_eq!(stage(&phone, third), Stage::Agreed);
    let again = phone.answers(AUNT_HUANG, AUNT_XIAO, &tool_box()).unwrap();
    assert_eq!(line(&phone), [again], "and may stand in line again");
}

#[test]
fn a_later_day_counts_once_both_have_named_it_and_stays_whatever_else_is_signed() {
    let (mut phone, [deal, ..]) = lent();
    let due = |phone: &Device| phone.board.deal(&deal).unwrap().due_at;
    let day = |days: u64| Some(Instant(FRIDAY.0 + days * DAY_MS));
    let extend = |days| DealAct::Extend { deal, days };
    phone.does(MA_LE, extend(7)).unwrap();
    assert_eq!(due(&phone), Some(FRIDAY));
    assert_eq!(phone.board.next_step(&deal, &AUNT_XIAO), Some(Step::Extend));
    // She says no to a week, he asks for three days, and she agrees.
    phone.does(AUNT_XIAO, DealAct::KeepDay { deal, days: 7 }).unwrap();
    assert_eq!(phone.board.deal(&deal).unwrap().extension.asked, None);
    phone.does(MA_LE, extend(3)).unwrap();
    assert_eq!(phone.board.deal(&deal).unwrap().extension.asked, Some(3));
    phone.does(AUNT_XIAO, extend(3)).unwrap();
    assert_eq!(due(&phone), day(3));
    phone.forces(AUNT_XIAO, DealAct::KeepDay { deal, days: 3 });
    phone.forces(STRANGER, extend(100));
    assert_eq!(due(&phone), day(3), "what both have named stays named");
    let refused = [
        (MA_LE, extend(3), Refusal::NotLater { most: EXTENSION_DAYS_MAX }),
        (MA_LE, extend(EXTENSION_DAYS_MAX + 1), Refusal::NotLater { most: EXTENSION_DAYS_MAX }),
        (MA_LE, extend(7), Refusal::AlreadyConfirmed),
        (MA_LE, DealAct::KeepDay { deal, days: 9 }, Refusal::NotYourStep),
        (STRANGER, extend(9), Refusal::NotAParty),
    ];
    for (by, act, expected) in refused {
        assert_eq!(phone.board.check(by, &act), Err(expected), "{act:?}");
    }
    for by in [MA_LE, AUNT_XIAO] {
        phone.does(by, DealAct::Return { deal }).unwrap();
    }
    assert_eq!(phone.board.check(MA_LE, &extend(9)), Err(Refusal::WrongStage { stage: "done" }));
}

#[test]
fn what_was_forgotten_counts_for_the_day_on_which_it_happened() {
    let (mut phone, [deal, ..]) = lent();
    let at = Instant(FRIDAY.0 + 20 * DAY_MS);
    let sign = |phone: &mut Device, by, act| {
        let seq = phone.acts.len() as u64;
        let entry = kaifong_domain::EntryHash(*blake3::hash(&[seq as u8, 77]).as_bytes());
        let journal = kaifong_domain::JournalId(*blake3::hash(&by_bytes(by)).as_bytes());
        phone.board.add_act(SignedAct { by, entry, journal, seq, at, act });
    };
    let before = Instant(FRIDAY.0 - DAY_MS);
    let condition = Some(Condition::Damaged);
    sign(&mut phone, MA_LE, DealAct::Returned { deal, on: Some(before), condition: None });
    sign(&mut phone, AUNT_XIAO, DealAct::Returned { deal, on: None, condition });
    assert_eq!(phone.board.returned_in_time(&deal), Some(true), "she has signed it below his day");
    let row = phone.board.deal(&deal).unwrap();
    assert_eq!((row.conditions.giver, row.conditions.receiver), (condition, None));

    // Where both name a day, the later counts; a day that cannot have been is that of the entry.
    let (mut phone, [deal, ..]) = lent();
    sign(&mut phone, MA_LE, DealAct::Returned { deal, on: Some(before), condition: None });
    sign(&mut phone, AUNT_XIAO, DealAct::Returned { deal, on: Some(Instant(FRIDAY.0 + DAY_MS)), condition });
    assert_eq!(phone.board.returned_in_time(&deal), Some(false));
    let (mut phone, [deal, ..]) = lent();
    sign(&mut phone, MA_LE, DealAct::Returned { deal, on: Some(Instant(1)), condition: None });
    sign(&mut phone, AUNT_XIAO, DealAct::Return { deal });
    assert_eq!(phone.board.returned_at(&deal), Some(at));

    let late = |on, now| phone.board.check_late(&deal, Instant(on), Instant(now));
    let refused = Err(Refusal::DayOutside { days: LATE_DAYS_MAX });
    let now = 100 * DAY_MS;
    let answered = phone.board.deal(&deal).unwrap().answered_at.0;
    assert_eq!(late(now, now), Ok(()));
    assert_eq!(late(now + 1, now), refused, "not in the future");
    assert_eq!(late(answered - 1, answered + 5), refused, "not before the answer");
    assert_eq!(late(now - LATE_DAYS_MAX * DAY_MS, now), Ok(()));
    assert_eq!(late(now - LATE_DAYS_MAX * DAY_MS - 1, now), refused);
}

fn by_bytes(by: kaifong_domain::MemberId) -> [u8; 16] {
    by.0
}

#[test]
fn what_another_device_of_its_owner_has_given_away_is_not_handed_on_before_it_is_back() {
    let mut phone = Device::new("phone");
    let [first, second, third] =
        [MA_LE, AUNT_HUANG, MASTER_WANG].map(|by| phone.answers(by, AUNT_XIAO, &tool_box()).unwrap());
    let mut tablet = Device::new("tablet");
    tablet.hears(&phone);
    for (device, by, deal) in [(&mut phone, MA_LE, first), (&mut tablet, AUNT_HUANG, second)] {
        device.agrees(AUNT_XIAO, deal).unwrap();
        for by in [AUNT_XIAO, by] {
            device.does(by, DealAct::HandOver { deal }).unwrap();
        }
    }
    phone.hears(&tablet);
    let out = |phone: &Device| phone.board.out_of(&AUNT_XIAO, &TOOL_BOX).map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(out(&phone).len(), 2, "both are facts");
    let named = phone.board.last_hold(&AUNT_XIAO, &TOOL_BOX).unwrap();
    let other = if named == first { second } else { first };
    phone.agrees(AUNT_XIAO, third).unwrap();
    phone.does(AUNT_XIAO, DealAct::Return { deal: named }).unwrap();
    let hands = DealAct::HandOver { deal: third };
    assert_eq!(phone.board.out_before(&third).map(|row| row.id), Some(other));
    assert_eq!(phone.board.check(AUNT_XIAO, &hands), Err(Refusal::StillOut));
    phone.does(AUNT_XIAO, DealAct::Return { deal: other }).unwrap();
    phone.does(AUNT_XIAO, hands).unwrap();
    assert!(out(&phone).is_empty(), "and it is out once she says that she has it");
}

/// Signs an act that claims this instant.
fn signs(phone: &mut Device, by: MemberId, at: Instant, act: DealAct) -> DealId {
    let seq = phone.acts.len() as u64;
    let entry = EntryHash(*blake3::hash(format!("{seq} at {}", at.0).as_bytes()).as_bytes());
    let journal = JournalId(*blake3::hash(&by_bytes(by)).as_bytes());
    let signed = SignedAct { by, entry, journal, seq, at, act };
    phone.board.add_act(signed);
    phone.acts.push(signed);
    signed.deal()
}

/// So many days after Friday.
fn day(days: u64) -> Instant {
    Instant(FRIDAY.0 + days * DAY_MS)
}

fn answers_until(phone: &mut Device, by: MemberId, at: Instant, due_at: Instant) -> DealId {
    let terms = Terms { due_at: Some(due_at), ..terms(AUNT_XIAO, &tool_box()) };
    signs(phone, by, at, DealAct::Answer { terms })
}

#[test]
fn whoever_says_that_they_have_waited_for_long_gets_no_more_than_could_be_waited() {
    let mut phone = Device::new("phone");
    let first = answers_until(&mut phone, MA_LE, day(100), day(110));
    let hold = phone.hold(first);
    signs(&mut phone, AUNT_XIAO, day(100), DealAct::Agree { deal: first, hold });
    for by in [AUNT_XIAO, MA_LE] {
        signs(&mut phone, by, day(100), DealAct::HandOver { deal: first });
    }
    // Both ask for it until the 104th day; one claims to have asked before anybody had it.
    let honest = answers_until(&mut phone, AUNT_HUANG, day(102), day(104));
    let dated_back = answers_until(&mut phone, MASTER_WANG, day(1), day(104));
    let given = |phone: &Device, deal: DealId| {
        let row = phone.board.deal(&deal).unwrap();
        (phone.board.length_asked(row) / DAY_MS, phone.board.days_waited(row, day(105)))
    };
    assert_eq!(given(&phone, honest), (2, 8), "for two days from the 110th on");
    assert_eq!(given(&phone, dated_back), (4, 10), "for no longer than since it was given away");
    // What nobody has is asked for at most for 60 days.
    let mut tablet = Device::new("tablet");
    let alone = answers_until(&mut tablet, MA_LE, day(1), day(100));
    assert_eq!(given(&tablet, alone), (60, 0));

    // He brings it ten days late, and she has it for two days all the same.
    let hold = phone.hold(honest);
    signs(&mut phone, AUNT_XIAO, day(105), DealAct::Agree { deal: honest, hold });
    assert_eq!(phone.board.days_given(&honest, day(120)), 0, "it is not back");
    signs(&mut phone, AUNT_XIAO, day(120), DealAct::Return { deal: first });
    assert_eq!(phone.board.days_given(&honest, day(121)), 18, "from when it was back, not from when she came");
    // What was there when it was asked for was not waited for.
    let later = answers_until(&mut phone, STRANGER, day(121), day(123));
    let hold = phone.hold(later);
    signs(&mut phone, AUNT_XIAO, day(122), DealAct::Agree { deal: later, hold });
    assert_eq!(phone.board.days_given(&later, day(125)), 0);
}
