#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::care::CareRefusal;
use kaifong_domain::record::{Kind, Side};
use kaifong_domain::sort::Form;
use kaifong_domain::{DealId, Instant, MemberId};

use super::*;
use crate::care::CareCommand;
use crate::event::{Command, Draft};
use crate::loans::LoanCommand;
use crate::room::{DAY_MS, NOON, Room, offer, refused};

const HOUR_MS: u64 = 3600 * 1000;

fn slot(from: u64, hours: u64) -> Slot {
    let starts_at = NOON + DAY_MS + from * HOUR_MS;
    let ends_at = Instant(starts_at + hours * HOUR_MS);
    Slot { starts_at: Instant(starts_at), ends_at, purpose: Form::Culture, people: 6 }
}

fn hall(room: &mut Room, who: &'static str) -> SpaceKey {
    let draft =
        Draft { kind: Some(Kind::Space), form: Some(Form::Culture), ..Draft::of(Side::Offer, "二楼活动室") };
    let Done::Posted(listing) = room.does(who, Command::Post(draft)).unwrap() else { panic!() };
    (room.member(who), listing)
}

fn does(room: &mut Room, who: &'static str, command: SpaceCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Space(command))
}

fn asks(room: &mut Room, who: &'static str, key: SpaceKey, slot: Slot) -> BookingId {
    let Done::Entered(entry) = does(room, who, SpaceCommand::Ask { key, slot }).unwrap() else { panic!() };
    entry.into()
}

fn stage(room: &Room, at: &str, id: &BookingId) -> Option<SlotStage> {
    let bookings = room.home(at).space_bookings();
    bookings.booking(id).map(|row| bookings.stage(row))
}

fn no(why: SpaceRefusal) -> Result<Done, NodeError> {
    refused(why.into())
}

// proves: F12
#[test]
fn one_of_two_who_ask_for_an_hour_gets_it_and_the_other_is_told_at_once() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let key = hall(&mut room, "李叔");
    // The two ask while nobody is in reach.
    for name in ["陈姨", "何姐"] {
        room.goes_off(name);
    }
    let chens = asks(&mut room, "陈姨", key, slot(0, 2));
    let hes = asks(&mut room, "何姐", key, slot(1, 2));
    let later = asks(&mut room, "何姐", key, slot(3, 1));
    room.meet("陈姨", "李叔");
    room.meet("何姐", "李叔");
    assert_eq!(does(&mut room, "陈姨", SpaceCommand::Grant { booking: hes }), no(SpaceRefusal::BookingUnknown));
    does(&mut room, "李叔", SpaceCommand::Grant { booking: chens }).unwrap();
    for at in ["李叔", "陈姨", "何姐"] {
        let stages = [chens, hes, later].map(|id| stage(&room, at, &id).unwrap());
        assert_eq!(stages, [SlotStage::Agreed, SlotStage::Lost, SlotStage::Asked], "{at}");
    }
    assert_eq!(
        does(&mut room, "李叔", SpaceCommand::Grant { booking: hes }),
        no(SpaceRefusal::BookingOver { stage: "lost" })
    );
    let taken = SpaceCommand::Ask { key, slot: slot(1, 1) };
    assert_eq!(does(&mut room, "何姐", taken), no(SpaceRefusal::SlotTaken));

    // 陈姨 cancels in time; 何姐 has lost it for good, but may ask anew.
    does(&mut room, "陈姨", SpaceCommand::Cancel { booking: chens }).unwrap();
    assert_eq!(stage(&room, "何姐", &hes), Some(SlotStage::Lost));
    let again = asks(&mut room, "何姐", key, slot(1, 2));
    does(&mut room, "李叔", SpaceCommand::Grant { booking: again }).unwrap();
    assert_eq!(stage(&room, "陈姨", &again), Some(SlotStage::Agreed));
    // Who has begun to use it does not cancel any more.
    room.now = slot(1, 2).starts_at.0;
    assert_eq!(does(&mut room, "何姐", SpaceCommand::Cancel { booking: again }), no(SpaceRefusal::SlotPast));
}

// proves: F12
#[test]
fn two_devices_of_the_owner_that_are_apart_agree_to_both_and_all_name_the_same_winner() {
    let (mut room, ticket) = Room::new();
    room.buys("陈姨的平板", 9);
    room.links("陈姨", "陈姨的平板", &ticket);
    room.meet("陈姨", "何姐");
    let key = hall(&mut room, "陈姨");
    let hes = asks(&mut room, "何姐", key, slot(0, 2));
    let lis = asks(&mut room, "李叔", key, slot(1, 2));
    for name in ["陈姨", "何姐", "李叔", "陈姨的平板"] {
        assert_eq!(stage(&room, name, &hes), Some(SlotStage::Asked), "{name}");
        assert_eq!(stage(&room, name, &lis), Some(SlotStage::Asked), "{name}");
    }
    for name in ["陈姨", "何姐", "李叔", "陈姨的平板"] {
        room.goes_off(name);
    }
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: hes }).unwrap();
    does(&mut room, "陈姨的平板", SpaceCommand::Grant { booking: lis }).unwrap();
    for (one, other) in [("陈姨", "陈姨的平板"), ("陈姨", "何姐"), ("陈姨", "李叔"), ("何姐", "李叔")]
    {
        room.meet(one, other);
    }
    for name in ["陈姨", "陈姨的平板", "何姐", "李叔"] {
        room.tick(name);
    }
    let told: Vec<_> =
        ["陈姨", "何姐", "李叔", "陈姨的平板"].map(|at| [hes, lis].map(|id| stage(&room, at, &id).unwrap())).into();
    assert!(told.iter().all(|stages| *stages == told[0]), "{told:?}");
    let mut both = told[0];
    both.sort();
    assert_eq!(both, [SlotStage::Agreed, SlotStage::Lost]);
    let all: Vec<[u8; 32]> = ["陈姨", "何姐", "李叔", "陈姨的平板"].map(|at| room.home(at).projection()).into();
    assert!(all.iter().all(|projection| *projection == all[0]));
}

fn day(from: u64) -> Instant {
    Instant(NOON + from * DAY_MS)
}

fn answers(room: &mut Room, who: &'static str, (owner, listing): SpaceKey, until: u64) -> Result<DealId, NodeError> {
    let due_at = Some(day(until));
    match room.does(who, Command::Answer { owner, listing, points: None, due_at, counterpart: None })? {
        Done::Answered(deal) => Ok(deal),
        done => panic!("{done:?}"),
    }
}

fn cart(room: &mut Room) -> SpaceKey {
    let Done::Posted(listing) = room.does("陈姨", offer("手推车")).unwrap() else { panic!() };
    room.meet("陈姨", "何姐");
    room.meet("陈姨", "李叔");
    (room.member("陈姨"), listing)
}

// proves: F8
#[test]
fn a_thing_is_reserved_for_days_to_come_and_is_lent_until_then() {
    let (mut room, _) = Room::new();
    let key = cart(&mut room);
    let days = asks(&mut room, "何姐", key, Slot::of_thing(day(5), day(7)));
    // Asked for is not reserved yet.
    let long = answers(&mut room, "李叔", key, 6).unwrap();
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: days }).unwrap();
    assert_eq!(stage(&room, "李叔", &days), Some(SlotStage::Agreed));
    let taken = Err(NodeError::Refused(SpaceRefusal::SlotTaken.into()));
    assert_eq!(room.does("陈姨", Command::Agree { deal: long }), no(SpaceRefusal::SlotTaken));
    room.does("李叔", Command::CallOff { deal: long }).unwrap();
    assert_eq!(answers(&mut room, "李叔", key, 6), taken);

    // Until it is needed it goes to whoever brings it back in time, and is kept no longer than that.
    let short = answers(&mut room, "李叔", key, 4).unwrap();
    room.does("陈姨", Command::Agree { deal: short }).unwrap();
    for name in ["陈姨", "李叔"] {
        room.does(name, Command::HandOver { deal: short }).unwrap();
    }
    let later = |until| Command::Loan(LoanCommand::Extend { deal: short, until: Some(day(until)) });
    assert_eq!(room.does("李叔", later(6)), no(SpaceRefusal::SlotTaken));
    room.does("李叔", later(5)).unwrap();
    // Nobody reserves what is out by then.
    let early = SpaceCommand::Ask { key, slot: Slot::of_thing(day(3), day(5)) };
    assert_eq!(does(&mut room, "何姐", early.clone()), no(SpaceRefusal::SlotTaken));
    for name in ["李叔", "陈姨"] {
        room.does(name, Command::Return { deal: short }).unwrap();
    }
    // Who has reserved it borrows it for those days; the days end as it comes back.
    room.now = day(5).0;
    assert_eq!(answers(&mut room, "李叔", key, 6), Err(NodeError::Refused(SpaceRefusal::SlotTaken.into())));
    let own = answers(&mut room, "何姐", key, 7).unwrap();
    room.does("陈姨", Command::Agree { deal: own }).unwrap();
    for name in ["陈姨", "何姐"] {
        room.does(name, Command::HandOver { deal: own }).unwrap();
    }
    let next = answers(&mut room, "李叔", key, 8).unwrap();
    room.does("陈姨", Command::Agree { deal: next }).unwrap();
    room.now = day(6).0;
    for name in ["何姐", "陈姨"] {
        room.does(name, Command::Return { deal: own }).unwrap();
    }
    room.does("陈姨", Command::CallOff { deal: next }).unwrap();
    answers(&mut room, "李叔", key, 7).unwrap();
    // What is left of the days is given up by whichever device hears of it first, so that somebody else can reserve it.
    assert!(matches!(stage(&room, "陈姨", &days), Some(SlotStage::Cancelled | SlotStage::Declined)));
    let rest = asks(&mut room, "李叔", key, Slot::of_thing(day(6), day(7)));
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: rest }).unwrap();
    assert_eq!(stage(&room, "何姐", &rest), Some(SlotStage::Agreed));
    // Whoever has brought it back and reserves the rest of the day has not had it for that.
    does(&mut room, "李叔", SpaceCommand::Cancel { booking: rest }).unwrap();
    room.now = day(6).0 + DAY_MS / 4;
    let again = asks(&mut room, "何姐", key, Slot::of_thing(day(6), day(7)));
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: again }).unwrap();
    assert_eq!(stage(&room, "何姐", &again), Some(SlotStage::Agreed));
}

#[test]
fn what_somebody_reserved_who_has_left_is_somebody_elses_to_reserve() {
    let (mut room, _) = Room::new();
    let key = cart(&mut room);
    let days = asks(&mut room, "何姐", key, Slot::of_thing(day(5), day(7)));
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: days }).unwrap();
    room.does("何姐", Command::Leave { ends_at: Some(Instant(room.now)) }).unwrap();
    let other = asks(&mut room, "李叔", key, Slot::of_thing(day(5), day(7)));
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: other }).unwrap();
    assert_eq!(stage(&room, "李叔", &other), Some(SlotStage::Agreed));
}

#[test]
fn who_waited_in_line_is_given_no_days_that_somebody_has_reserved() {
    let (mut room, _) = Room::new();
    let key = cart(&mut room);
    let first = answers(&mut room, "何姐", key, 1).unwrap();
    room.does("陈姨", Command::Agree { deal: first }).unwrap();
    for name in ["陈姨", "何姐"] {
        room.does(name, Command::HandOver { deal: first }).unwrap();
    }
    let next = answers(&mut room, "李叔", key, 3).unwrap();
    room.does("陈姨", Command::Agree { deal: next }).unwrap();
    // Until day 4 it is 李叔's, as his turn comes a day late; nobody reserves that day.
    let until = |room: &Room| room.home("陈姨").board().deal(&next).unwrap().extension.offered;
    assert_eq!(until(&room), Some(1));
    let ask = |from, to| SpaceCommand::Ask { key, slot: Slot::of_thing(day(from), day(to)) };
    assert_eq!(does(&mut room, "何姐", ask(3, 4)), no(SpaceRefusal::SlotTaken));
    let days = asks(&mut room, "何姐", key, Slot::of_thing(day(5), day(7)));
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: days }).unwrap();
    // It comes back two days late: he would have it until day 6, and is given nothing beyond what was offered.
    room.now = day(3).0;
    room.does("陈姨", Command::HandOver { deal: next }).unwrap();
    assert_eq!(until(&room), Some(1));
    room.does("李叔", Command::HandOver { deal: next }).unwrap();
    assert_eq!(room.home("何姐").board().deal(&next).unwrap().due_at, Some(day(4)));
}

#[test]
fn days_of_a_thing_can_be_given_back_once_they_have_begun_and_those_of_a_space_cannot() {
    let (mut room, _) = Room::new();
    let (cart, hall) = (cart(&mut room), hall(&mut room, "陈姨"));
    let days = asks(&mut room, "何姐", cart, Slot::of_thing(day(1), day(5)));
    let hours = asks(&mut room, "何姐", hall, slot(0, 2));
    room.now = day(2).0;
    does(&mut room, "何姐", SpaceCommand::Cancel { booking: days }).unwrap();
    assert_eq!(stage(&room, "陈姨", &days), Some(SlotStage::Cancelled));
    assert_eq!(does(&mut room, "何姐", SpaceCommand::Cancel { booking: hours }), no(SpaceRefusal::SlotPast));
}

#[test]
fn whoever_asks_for_a_space_for_days_with_a_program_of_their_own_gets_no_yes() {
    let (mut room, _) = Room::new();
    let key = hall(&mut room, "李叔");
    let long = Slot { ends_at: Instant(slot(0, 1).starts_at.0 + 13 * DAY_MS), ..slot(0, 1) };
    let ask = SpaceAct::Ask { owner: key.0, listing: key.1, slot: long };
    let phone = room.phones.get_mut("陈姨").unwrap();
    let booking: BookingId = phone.node.write(Body::Space(ask)).unwrap().into();
    room.meet("陈姨", "李叔");
    assert_eq!(does(&mut room, "李叔", SpaceCommand::Grant { booking }), no(SpaceRefusal::SlotLength));
    assert_eq!(stage(&room, "李叔", &booking), Some(SlotStage::Asked));
}

#[test]
fn who_reserves_a_thing_and_who_borrows_it_apart_are_told_when_its_owner_hears_of_both() {
    let (mut room, _) = Room::new();
    let key = cart(&mut room);
    for name in ["何姐", "李叔"] {
        room.goes_off(name);
    }
    let days = asks(&mut room, "何姐", key, Slot::of_thing(day(1), day(3)));
    let loan = answers(&mut room, "李叔", key, 2).unwrap();
    for name in ["何姐", "李叔"] {
        room.meet("陈姨", name);
    }
    room.does("陈姨", Command::Agree { deal: loan }).unwrap();
    assert_eq!(does(&mut room, "陈姨", SpaceCommand::Grant { booking: days }), no(SpaceRefusal::SlotTaken));
    room.does("陈姨", Command::CallOff { deal: loan }).unwrap();
    does(&mut room, "陈姨", SpaceCommand::Grant { booking: days }).unwrap();
    assert_eq!(stage(&room, "何姐", &days), Some(SlotStage::Agreed));
}

#[test]
fn what_is_given_away_or_looked_for_is_not_reserved() {
    let (mut room, _) = Room::new();
    let mode = Some(kaifong_domain::record::Mode::Donate);
    let gift = Draft { kind: Some(Kind::Item), mode, ..Draft::of(Side::Offer, "旧书架") };
    let Done::Posted(listing) = room.does("陈姨", Command::Post(gift)).unwrap() else { panic!() };
    room.meet("陈姨", "何姐");
    let key = (room.member("陈姨"), listing);
    let ask = SpaceCommand::Ask { key, slot: Slot::of_thing(day(1), day(2)) };
    assert_eq!(does(&mut room, "何姐", ask), no(SpaceRefusal::NotASpace));
}

#[test]
fn what_cannot_be_booked_is_refused() {
    let (mut room, _) = Room::new();
    let key = hall(&mut room, "李叔");
    let ask = |slot| SpaceCommand::Ask { key, slot };
    let past = Slot { starts_at: Instant(NOON - 2 * HOUR_MS), ends_at: Instant(NOON - HOUR_MS), ..slot(0, 1) };
    assert_eq!(does(&mut room, "陈姨", ask(past)), no(SpaceRefusal::SlotPast));
    let long = Slot { ends_at: Instant(slot(0, 1).starts_at.0 + 25 * HOUR_MS), ..slot(0, 1) };
    assert_eq!(does(&mut room, "陈姨", ask(long)), no(SpaceRefusal::SlotLength));
    let elsewhere = SpaceCommand::Ask { key: (MemberId([1; 16]), key.1), slot: slot(0, 1) };
    assert_eq!(does(&mut room, "陈姨", elsewhere), refused(Refusal::ListingUnknown));
    asks(&mut room, "陈姨", key, slot(0, 2));
    assert_eq!(does(&mut room, "陈姨", ask(slot(1, 1))), refused(Refusal::AlreadyBooked));
    // One's own use of one's own space needs nobody's word.
    let own = asks(&mut room, "李叔", key, slot(0, 2));
    assert_eq!(stage(&room, "陈姨", &own), Some(SlotStage::Agreed));
    does(&mut room, "李叔", SpaceCommand::Decline { booking: own }).unwrap();
    assert_eq!(stage(&room, "陈姨", &own), Some(SlotStage::Declined));
    for from in 10..10 + ASKED_MAX as u64 {
        asks(&mut room, "何姐", key, slot(from, 1));
    }
    assert_eq!(does(&mut room, "何姐", ask(slot(5, 1))), no(SpaceRefusal::AsksFull { most: ASKED_MAX }));
}

#[test]
fn whoever_is_blocked_gets_no_space_and_is_not_told() {
    let (mut room, _) = Room::new();
    let (lis, hes) = (hall(&mut room, "李叔"), hall(&mut room, "何姐"));
    let member = room.member("何姐");
    room.does("李叔", Command::Care(CareCommand::Block { member, blocked: true })).unwrap();
    let booking = asks(&mut room, "何姐", lis, slot(0, 2));
    for at in ["李叔", "何姐"] {
        assert_eq!(stage(&room, at, &booking), Some(SlotStage::Asked), "{at}");
    }
    let blocked = refused(CareRefusal::Blocked.into());
    assert_eq!(does(&mut room, "李叔", SpaceCommand::Grant { booking }), blocked);
    assert_eq!(does(&mut room, "李叔", SpaceCommand::Ask { key: hes, slot: slot(0, 2) }), blocked);
    room.does("李叔", Command::Care(CareCommand::Block { member, blocked: false })).unwrap();
    does(&mut room, "李叔", SpaceCommand::Grant { booking }).unwrap();
}
