#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::slip::{Slip, SlipNumber};
use kaifong_domain::{EntryHash, Instant, MemberId, Points, Refusal};
use kaifong_ledger::LineState;
use kaifong_trust::entry::{Body, Role, Transfer};

use super::*;
use crate::event::Command;
use crate::room::{DAY_MS, NOON, Room, refused};

const TODAY: u32 = (NOON / DAY_MS) as u32;

/// 李叔 has founded and keeps the desk; 陈姨 volunteers too; 何姐 and 肖阿姨 are neighbours.
fn share_room() -> Room {
    let (mut room, ticket) = Room::new();
    room.buys("肖阿姨", 9);
    room.joins("肖阿姨", &ticket);
    let chen = room.member("陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Volunteer, held: true }).unwrap();
    for (one, other) in [("陈姨", "何姐"), ("陈姨", "肖阿姨"), ("何姐", "肖阿姨")] {
        room.meet(one, other);
    }
    room
}

fn slip(room: &Room, number: u64, points: u32) -> Slip {
    let (payer, payee) = (room.member("何姐"), room.member("肖阿姨"));
    Slip { number: SlipNumber::drawn(number), payer, payee, points: Points(points), day: TODAY }
}

fn enters(room: &mut Room, who: &'static str, slip: Slip) -> Result<Done, NodeError> {
    room.does(who, Command::Slip(SlipCommand::Enter(slip)))
}

fn entered(room: &mut Room, who: &'static str, slip: Slip) -> EntryHash {
    let Done::Entered(entry) = enters(room, who, slip).unwrap() else { panic!() };
    entry
}

/// Enters a slip of 何姐's for 肖阿姨.
fn enters_plain(room: &mut Room, who: &'static str, number: u64, points: u32) -> EntryHash {
    let slip = slip(room, number, points);
    entered(room, who, slip)
}

fn pays(room: &mut Room, who: &'static str, slip: EntryHash) -> Result<Done, NodeError> {
    room.does(who, Command::Slip(SlipCommand::Pay { slip }))
}

fn disowns(room: &mut Room, who: &'static str, slip: EntryHash) -> Result<Done, NodeError> {
    room.does(who, Command::Slip(SlipCommand::Disown { slip }))
}

fn balances(room: &Room, who: &str) -> [i64; 2] {
    let home = room.home(who);
    assert_eq!(home.ledger().sum(), 0);
    ["何姐", "肖阿姨"].map(|name| home.ledger().balance(&room.member(name)))
}

#[test]
fn a_slip_is_a_request_until_its_payer_pays_it() {
    let mut room = share_room();
    let ten = slip(&room, 1, 10);
    let entry = entered(&mut room, "李叔", ten);
    assert_eq!(balances(&room, "肖阿姨"), [0, 0], "entering it moves nothing");
    pays(&mut room, "何姐", entry).unwrap();
    for who in ["李叔", "陈姨", "何姐", "肖阿姨"] {
        assert_eq!(balances(&room, who), [-10, 10], "{who}");
    }
    assert_eq!(pays(&mut room, "何姐", entry), refused(Refusal::SlipPaid));
    assert_eq!(disowns(&mut room, "何姐", entry), refused(Refusal::SlipPaid));
    assert_eq!(enters(&mut room, "陈姨", ten), refused(Refusal::SlipEntered), "nor is it entered at another desk");
    assert_eq!(room.home("李叔").projection(), room.home("肖阿姨").projection());
}

#[test]
fn one_slip_entered_at_two_desks_apart_is_paid_once() {
    let mut room = share_room();
    room.goes_off("陈姨");
    let ten = slip(&room, 1, 10);
    let here = entered(&mut room, "李叔", ten);
    let there = entered(&mut room, "陈姨", ten);
    pays(&mut room, "何姐", here).unwrap();
    room.meet("陈姨", "何姐");
    room.meet("陈姨", "李叔");
    assert_ne!(here, there);
    assert_eq!(pays(&mut room, "何姐", there), refused(Refusal::SlipPaid));
    assert_eq!(balances(&room, "陈姨"), [-10, 10]);
    let home = room.home("何姐");
    let versions: Vec<_> = home.slips().versions(&ten.number).map(|(_, version)| version.entered.len()).collect();
    assert_eq!(versions, [2], "both say the same");
}

#[test]
fn of_two_desks_that_read_one_slip_otherwise_the_payer_pays_the_right_one() {
    let mut room = share_room();
    room.goes_off("陈姨");
    let wrong = enters_plain(&mut room, "李叔", 1, 100);
    let right = enters_plain(&mut room, "陈姨", 1, 10);
    room.meet("陈姨", "何姐");
    room.meet("陈姨", "肖阿姨");
    disowns(&mut room, "何姐", wrong).unwrap();
    assert_eq!(pays(&mut room, "何姐", wrong), refused(Refusal::SlipDisowned));
    pays(&mut room, "何姐", right).unwrap();
    assert_eq!(balances(&room, "何姐"), [-10, 10]);
    assert_eq!(pays(&mut room, "何姐", wrong), refused(Refusal::SlipPaid), "肖阿姨 takes the number once");
}

#[test]
fn a_number_that_a_volunteer_has_used_up_for_a_friend_still_pays_the_slip_that_he_jie_wrote() {
    let mut room = share_room();
    let (chen, li) = (room.member("陈姨"), room.member("李叔"));
    let real = slip(&room, 1, 10);
    room.goes_off("陈姨");
    let entry = entered(&mut room, "李叔", real);
    let bent = entered(&mut room, "陈姨", Slip { payer: chen, payee: li, points: Points(1), ..real });
    pays(&mut room, "陈姨", bent).unwrap();
    for other in ["李叔", "何姐", "肖阿姨"] {
        room.meet("陈姨", other);
    }
    assert_eq!(room.home("何姐").ledger().balance(&li), 1);
    pays(&mut room, "何姐", entry).unwrap();
    for who in ["李叔", "陈姨", "何姐", "肖阿姨"] {
        assert_eq!(balances(&room, who), [-10, 10], "{who}");
    }
    assert_eq!(pays(&mut room, "何姐", entry), refused(Refusal::SlipPaid));
}

#[test]
fn a_payment_waits_for_the_right_reading_where_its_payee_knows_the_wrong_one_only() {
    let mut room = share_room();
    // 李叔 has read it right with nobody near; 陈姨 has misread it, and that is what the others hear.
    room.goes_off("李叔");
    let ten = slip(&room, 1, 10);
    entered(&mut room, "李叔", ten);
    enters_plain(&mut room, "陈姨", 1, 100);
    let to = room.phones["肖阿姨"].node.own_journal().unwrap();
    let reason = Some(ten.number.reason(&room.home("何姐").id()));
    let pay = Body::Transfer(Transfer { to, points: Points(10), reason });
    room.phones.get_mut("何姐").unwrap().node.write(pay).unwrap();
    room.tick("何姐");
    let he = room.member("何姐");
    let states = |room: &Room| {
        let lines = room.home("肖阿姨").ledger().statement(&he);
        lines.iter().map(|line| line.state).collect::<Vec<_>>()
    };
    assert_eq!(states(&room), [LineState::Signed], "neither taken nor declined");
    room.meet("李叔", "肖阿姨");
    assert_eq!(states(&room), [LineState::Accepted]);
    assert_eq!(balances(&room, "肖阿姨"), [-10, 10]);
}

#[test]
fn whoever_entered_a_slip_with_the_wrong_payer_takes_it_back_and_enters_it_once_more() {
    let mut room = share_room();
    let right = slip(&room, 1, 10);
    let chen = room.member("陈姨");
    let wrong = entered(&mut room, "李叔", Slip { payer: chen, ..right });
    assert_eq!(enters(&mut room, "李叔", right), refused(Refusal::SlipEntered));
    assert_eq!(disowns(&mut room, "何姐", wrong), refused(Refusal::SlipNotYours));
    disowns(&mut room, "李叔", wrong).unwrap();
    assert_eq!(pays(&mut room, "陈姨", wrong), refused(Refusal::SlipTakenBack));
    assert_eq!(disowns(&mut room, "李叔", wrong), refused(Refusal::SlipNotYours), "nothing of his is left");
    let entry = entered(&mut room, "李叔", right);
    pays(&mut room, "何姐", entry).unwrap();
    assert_eq!(disowns(&mut room, "李叔", entry), refused(Refusal::SlipPaid), "what is paid is not taken back");
    for who in ["李叔", "陈姨", "何姐", "肖阿姨"] {
        assert_eq!(balances(&room, who), [-10, 10], "{who}");
    }
    assert_eq!(room.home("李叔").projection(), room.home("陈姨").projection());
}

#[test]
fn a_slip_that_its_payer_disowns_can_be_entered_once_more_as_it_is() {
    let mut room = share_room();
    let wrong = enters_plain(&mut room, "李叔", 1, 100);
    assert_eq!(disowns(&mut room, "肖阿姨", wrong), refused(Refusal::SlipNotYours));
    disowns(&mut room, "何姐", wrong).unwrap();
    assert_eq!(disowns(&mut room, "何姐", wrong), refused(Refusal::SlipDisowned));
    assert!(room.home("李叔").slips().all().all(|(_, version)| version.is_disowned()), "the desk sees it");
    let right = enters_plain(&mut room, "李叔", 1, 10);
    pays(&mut room, "何姐", right).unwrap();
    assert_eq!(balances(&room, "李叔"), [-10, 10]);
}

#[test]
fn who_may_enter_what_is_told_in_an_order() {
    let mut room = share_room();
    let good = slip(&room, 1, 10);
    let nobody = MemberId([9; 16]);
    let day = |day| Slip { day, ..good };
    let off = |least, most| Refusal::OutOfRange { field: "day", least, most };
    let (least, most) = (i64::from(TODAY) - 366, i64::from(TODAY) + 1);
    let table = [
        ("何姐", Slip { payer: nobody, ..good }, Refusal::RoleMissing { role: "volunteer" }),
        ("李叔", Slip { payer: nobody, day: 0, ..good }, Refusal::MemberUnknown),
        ("李叔", Slip { payee: nobody, ..good }, Refusal::MemberUnknown),
        ("李叔", Slip { payee: good.payer, ..day(TODAY + 2) }, off(least, most)),
        ("李叔", day(0), off(least, most)),
        ("李叔", day(u32::MAX), off(least, most)),
        ("李叔", Slip { payee: good.payer, ..good }, Refusal::TransferMalformed),
        ("李叔", Slip { points: Points(0), ..good }, Refusal::TransferMalformed),
        ("李叔", Slip { points: Points(1_000_001), ..good }, Refusal::TransferMalformed),
    ];
    for (who, slip, why) in table {
        assert_eq!(enters(&mut room, who, slip), refused(why), "{who} {slip:?}");
    }
    let unknown = EntryHash([7; 32]);
    assert_eq!(pays(&mut room, "何姐", unknown), refused(Refusal::SlipUnknown));
    let huge = entered(&mut room, "李叔", Slip { points: Points(1_000_000), ..good });
    assert_eq!(pays(&mut room, "肖阿姨", huge), refused(Refusal::SlipNotYours));
    let beyond = Refusal::BeyondRights { rights: 100, needed: Points(1_000_000) };
    assert_eq!(pays(&mut room, "何姐", huge), refused(beyond), "a slip gives no credit");
    // Who has moved out pays no slip and is thanked by none.
    room.does("肖阿姨", Command::Leave { ends_at: Some(Instant(NOON)) }).unwrap();
    let late = slip(&room, 2, 10);
    assert_eq!(enters(&mut room, "李叔", late), refused(Refusal::HasLeft));
}

#[test]
fn what_somebody_enters_who_may_not_asks_nobody() {
    let mut room = share_room();
    let forged = slip(&room, 1, 10);
    room.phones.get_mut("肖阿姨").unwrap().node.write(Body::Slip(forged)).unwrap();
    room.tick("肖阿姨");
    room.meet("肖阿姨", "李叔");
    assert_eq!(room.home("李叔").slips().all().count(), 0);
    assert_eq!(room.home("何姐").slips().of_payer(&forged.payer).count(), 0);
    // It keeps nobody who may from entering the number.
    entered(&mut room, "李叔", forged);
    assert_eq!(room.home("何姐").slips().of_payer(&forged.payer).count(), 1);
}

#[test]
fn a_payment_that_no_slip_asks_for_waits_and_is_declined_once_the_slip_is_paid() {
    let mut room = share_room();
    let ten = slip(&room, 1, 10);
    let reason = Some(ten.number.reason(&room.home("何姐").id()));
    let pay = |room: &mut Room, who: &'static str, points: u32| {
        let to = room.phones["肖阿姨"].node.own_journal().unwrap();
        room.phones
            .get_mut(who)
            .unwrap()
            .node
            .write(Body::Transfer(Transfer { to, points: Points(points), reason }))
            .unwrap();
        room.tick(who);
    };
    pay(&mut room, "何姐", 3);
    assert_eq!(balances(&room, "肖阿姨"), [0, 0], "of a slip that nobody has entered nothing is known");
    let entry = entered(&mut room, "李叔", ten);
    assert_eq!(balances(&room, "肖阿姨"), [0, 0], "too few are not taken");
    // Somebody who names the number of a slip that is not theirs.
    pay(&mut room, "陈姨", 10);
    assert_eq!(balances(&room, "肖阿姨"), [0, 0]);
    pays(&mut room, "何姐", entry).unwrap();
    assert_eq!(balances(&room, "李叔"), [-10, 10], "and the slip can be paid all the same");
    for (who, declined) in [("何姐", 1), ("陈姨", 1)] {
        let lines = room.home("李叔").ledger().statement(&room.member(who));
        assert_eq!(lines.iter().filter(|line| line.state == LineState::Declined).count(), declined, "{who}");
    }
}

#[test]
fn a_payer_with_two_phones_that_are_apart_pays_one_slip_once() {
    let mut room = share_room();
    let invite = Command::Invite { valid_ms: DAY_MS, addresses: Vec::new() };
    let Done::Invited(ticket) = room.does("李叔", invite).unwrap() else { panic!() };
    room.buys("何姐的平板", 12);
    room.links("何姐", "何姐的平板", &ticket);
    let he = room.member("何姐");
    let li = room.member("李叔");
    room.does("李叔", Command::SetWitness { member: li, named: true }).unwrap();
    let to = room.phones["何姐的平板"].node.own_journal().unwrap();
    room.phones
        .get_mut("何姐")
        .unwrap()
        .node
        .write(Body::Transfer(Transfer { to, points: Points(40), reason: None }))
        .unwrap();
    room.tick("何姐");
    room.meet("何姐的平板", "何姐");
    let entry = enters_plain(&mut room, "李叔", 1, 10);
    room.goes_off("何姐");
    pays(&mut room, "何姐的平板", entry).unwrap();
    pays(&mut room, "何姐", entry).unwrap();
    room.meet("何姐", "肖阿姨");
    room.meet("何姐", "何姐的平板");
    assert_eq!(room.home("何姐").ledger().balance(&he), -10);
    assert_eq!(room.home("肖阿姨").ledger().balance(&room.member("肖阿姨")), 10);
}

#[test]
fn a_volunteer_who_is_one_no_longer_enters_nothing_and_what_they_entered_stands() {
    let mut room = share_room();
    let entry = enters_plain(&mut room, "陈姨", 1, 10);
    let chen = room.member("陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Volunteer, held: false }).unwrap();
    let other = slip(&room, 2, 10);
    assert_eq!(enters(&mut room, "陈姨", other), refused(Refusal::RoleMissing { role: "volunteer" }));
    pays(&mut room, "何姐", entry).unwrap();
    assert_eq!(balances(&room, "李叔"), [-10, 10]);
}

#[test]
fn blank_slips_have_numbers_that_are_read_back() {
    let mut room = share_room();
    let building = room.home("李叔").id();
    let numbers = room.phones.get_mut("李叔").unwrap().node.blank_slips(BLANKS_MAX).unwrap();
    let read: std::collections::BTreeSet<_> =
        numbers.iter().map(|number| SlipNumber::read(number, &building).unwrap()).collect();
    assert_eq!(read.len(), BLANKS_MAX);
    for count in [0, BLANKS_MAX + 1] {
        let why = Refusal::OutOfRange { field: "count", least: 1, most: 80 };
        assert_eq!(room.phones.get_mut("李叔").unwrap().node.blank_slips(count), Err(NodeError::Refused(why)));
    }
}
