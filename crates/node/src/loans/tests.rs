#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use kaifong_domain::kept::Kept;
use kaifong_domain::rows::Stage;
use kaifong_domain::{DealId, Instant, Points, Refusal};

use super::LoanCommand;
use crate::care::CareCommand;
use crate::event::{Command, Done, Draft};
use crate::kept::KeptCommand;
use crate::room::{DAY_MS, NOON, Room, offer, refused};

fn stage(room: &Room, name: &str, deal: DealId) -> Stage {
    room.home(name).board().deal(&deal).unwrap().stage
}

/// 何姐 has 陈姨's cart, and 李叔 stands in line for two days.
fn lent() -> (Room, DealId, DealId) {
    let (mut room, _) = Room::new();
    let (listing, first) = room.borrows();
    room.meet("陈姨", "何姐");
    for name in ["陈姨", "何姐"] {
        room.does(name, Command::HandOver { deal: first }).unwrap();
    }
    room.meet("陈姨", "李叔");
    let owner = room.member("陈姨");
    let due_at = Some(Instant(NOON + 2 * DAY_MS));
    let answer = Command::Answer { owner, listing, points: None, due_at, counterpart: None };
    let Done::Answered(next) = room.does("李叔", answer).unwrap() else { panic!() };
    (room, first, next)
}

#[test]
fn whoever_waited_has_the_thing_as_long_as_they_asked_for_and_it_goes_straight_on_with_one_press() {
    let (mut room, first, next) = lent();
    room.now = NOON + DAY_MS;
    room.does("陈姨", Command::Agree { deal: next }).unwrap();
    let row = room.home("李叔").board().deal(&next).unwrap();
    assert_eq!((row.extension.offered, row.due_at), (Some(1), Some(Instant(NOON + 2 * DAY_MS))));
    room.does("陈姨", Command::HandOver { deal: next }).unwrap();
    assert!(room.home("陈姨").board().deal(&first).unwrap().confirmed.giver, "it came back from there");
    room.does("李叔", Command::HandOver { deal: next }).unwrap();
    assert_eq!(stage(&room, "何姐", next), Stage::OnLoan);
    let row = room.home("何姐").board().deal(&next).unwrap();
    assert_eq!(row.due_at, Some(Instant(NOON + 3 * DAY_MS)), "taking it agrees with the day that was given");
}

#[test]
fn whoever_does_not_come_is_passed_over_and_nobody_else_passes_anybody_over() {
    let (mut room, first, next) = lent();
    room.does("陈姨", Command::Return { deal: first }).unwrap();
    room.does("陈姨", Command::Agree { deal: next }).unwrap();
    let pass = |deal| Command::Loan(LoanCommand::PassOver { deal });
    assert_eq!(room.does("李叔", pass(next)), refused(Refusal::NotYourStep));
    room.does("陈姨", pass(next)).unwrap();
    assert_eq!(stage(&room, "李叔", next), Stage::CalledOff);
}

// proves: F8
#[test]
fn whoever_offers_less_than_the_thing_asks_for_is_not_agreed_with_unseen_unless_it_is_theirs_too() {
    for owns in [false, true] {
        let (mut room, _) = Room::new();
        room.meet("陈姨", "何姐");
        let Command::Post(draft) = offer("人字梯") else { panic!() };
        let kept = Kept::of(if owns { vec![room.member("何姐")] } else { Vec::new() }, None);
        let draft = Draft { kept, points: Some(Points(3)), ..draft };
        let Done::Posted(listing) = room.does("陈姨", Command::Post(draft)).unwrap() else { panic!() };
        let key = (room.member("陈姨"), listing);
        if owns {
            room.does("何姐", Command::Kept(KeptCommand::Own { key })).unwrap();
        }
        let asks = |room: &mut Room, name, points| {
            room.now += 1;
            let due_at = Some(Instant(NOON + DAY_MS));
            let answer = Command::Answer { owner: key.0, listing, points, due_at, counterpart: None };
            let Done::Answered(deal) = room.does(name, answer).unwrap() else { panic!() };
            deal
        };
        let first = asks(&mut room, "李叔", None);
        let second = asks(&mut room, "何姐", Some(Points(0)));
        room.does("陈姨", Command::Agree { deal: first }).unwrap();
        room.does("陈姨", Command::Loan(LoanCommand::PassOver { deal: first })).unwrap();
        let wanted = if owns { Stage::Agreed } else { Stage::Answered };
        assert_eq!([first, second].map(|deal| stage(&room, "陈姨", deal)), [Stage::CalledOff, wanted]);
    }
}

#[test]
fn a_later_day_needs_somebody_who_asks_and_a_late_entry_a_day_that_can_have_been() {
    let (mut room, first, _) = lent();
    let loan = |command| Command::Loan(command);
    let agrees = loan(LoanCommand::Extend { deal: first, until: None });
    assert_eq!(room.does("陈姨", agrees.clone()), refused(Refusal::NoLaterDay));
    assert_eq!(room.does("陈姨", loan(LoanCommand::KeepDay { deal: first })), refused(Refusal::NoLaterDay));
    let until = Some(Instant(NOON + 4 * DAY_MS));
    room.does("何姐", loan(LoanCommand::Extend { deal: first, until })).unwrap();
    room.does("陈姨", agrees).unwrap();
    assert_eq!(room.home("李叔").board().deal(&first).unwrap().due_at, until);
    room.now = NOON + 2 * DAY_MS;
    let back = |on| loan(LoanCommand::Return { deal: first, on: Some(Instant(on)), condition: None });
    assert_eq!(room.does("何姐", back(room.now + 1)), refused(Refusal::DayOutside { days: 60 }));
    room.does("何姐", back(NOON + DAY_MS)).unwrap();
    room.does("陈姨", Command::Return { deal: first }).unwrap();
    assert_eq!(room.home("李叔").board().returned_at(&first), Some(Instant(NOON + DAY_MS)));
}

#[test]
fn whoever_waited_behind_somebody_late_has_the_thing_as_long_as_they_asked_for_from_the_day_it_came() {
    let (mut room, first, next) = lent();
    room.now = NOON + DAY_MS;
    room.does("陈姨", Command::Agree { deal: next }).unwrap();
    // 何姐 brings it on the third day, and it is entered two days later.
    room.now = NOON + 5 * DAY_MS;
    let on = Some(Instant(NOON + 3 * DAY_MS));
    room.does("陈姨", Command::Loan(LoanCommand::HandOver { deal: next, on })).unwrap();
    let row = room.home("李叔").board().deal(&next).unwrap();
    assert_eq!(row.extension.offered, Some(3), "two days from the third day on");
    room.does("李叔", Command::HandOver { deal: next }).unwrap();
    let row = room.home("何姐").board().deal(&next).unwrap();
    assert_eq!((row.stage, row.due_at), (Stage::OnLoan, Some(Instant(NOON + 5 * DAY_MS))));
    // The loan before ended on the day on which it went on.
    room.does("何姐", Command::Return { deal: first }).unwrap();
    assert_eq!(room.home("李叔").board().returned_at(&first), on);
}

#[test]
fn whoever_is_blocked_lets_the_next_one_go_first_and_sees_the_line_as_it_is() {
    let (mut room, ticket) = Room::new();
    room.buys("王姐", 7);
    room.joins("王姐", &ticket);
    let (listing, first) = room.borrows();
    let (owner, due_at) = (room.member("陈姨"), Some(Instant(NOON + 2 * DAY_MS)));
    let [lis, wangs] = ["李叔", "王姐"].map(|name| {
        room.meet("陈姨", name);
        room.now += 1;
        let answer = Command::Answer { owner, listing, points: None, due_at, counterpart: None };
        let Done::Answered(deal) = room.does(name, answer).unwrap() else { panic!() };
        deal
    });
    let line = |room: &Room, name: &str| -> Vec<DealId> {
        let (me, now) = (Some(room.member(name)), Instant(room.now));
        room.home(name).line_here(&owner, &listing, me, now).iter().map(|row| row.id).collect()
    };
    assert_eq!(line(&room, "陈姨"), [lis, wangs]);
    let member = room.member("李叔");
    room.does("陈姨", Command::Care(CareCommand::Block { member, blocked: true })).unwrap();
    assert_eq!(line(&room, "陈姨"), [wangs]);
    room.meet("李叔", "王姐");
    assert_eq!(line(&room, "李叔"), [lis, wangs], "who is blocked is not told");
    room.does("陈姨", Command::Loan(LoanCommand::PassOver { deal: first })).unwrap();
    assert_eq!([lis, wangs].map(|deal| stage(&room, "陈姨", deal)), [Stage::Answered, Stage::Agreed]);
}
