#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::fund::{Act, Purpose};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::Transfer;
use kaifong_trust::invite::Ticket;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::council::EpochDraft;
use crate::event::Command;
use crate::fund::{FundCommand, FundDraft};
use crate::node::Past;
use crate::room::{DAY_MS, NOON, Room, refused};

const HOUR_MS: u64 = 3600 * 1000;
const STARTS_AT: u64 = NOON + DAY_MS;

fn does(room: &mut Room, who: &'static str, command: ActivityCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Activity(command))
}

/// A class of two hours that costs 5 points into the fund, and 3 who stays away.
fn class(room: &Room, places: u16) -> ActivityDraft {
    ActivityDraft {
        title: "书法课".into(),
        body: "带毛笔".into(),
        venue: "二楼活动室".into(),
        terms: ActivityTerms {
            starts_at: Instant(STARTS_AT),
            hours: 2,
            cost: Points(5),
            to: Payee::Fund,
            no_show: Points(3),
        },
        places: Some(places),
        teacher: Some(room.member("李叔")),
        group: None,
    }
}

fn announces(room: &mut Room, who: &'static str, draft: ActivityDraft) -> ActivityKey {
    let Done::Announced(id) = does(room, who, ActivityCommand::Announce(Box::new(draft))).unwrap() else { panic!() };
    (room.member(who), id)
}

fn books(room: &mut Room, who: &'static str, key: ActivityKey) {
    does(room, who, ActivityCommand::Book { key }).unwrap();
}

fn says_came(room: &mut Room, key: ActivityKey, whom: &str, came: bool) -> Result<Done, NodeError> {
    let member = room.member(whom);
    does(room, "何姐", ActivityCommand::Attend { activity: key.1, member, came })
}

fn stage(room: &Room, at: &str, key: &ActivityKey, who: &str) -> Option<BookingStage> {
    room.home(at).bookings().shown(key, &room.member(who)).map(Booking::stage)
}

fn balance(room: &Room, at: &str, who: &str) -> i64 {
    assert_eq!(room.home(at).ledger().sum(), 0);
    room.home(at).ledger().balance(&room.member(who))
}

fn fund(room: &Room, at: &str) -> i64 {
    room.home(at).ledger().balance(&room.home(at).fund())
}

/// 李叔 has founded, 陈姨 keeps the fund, 何姐 organises; the others are neighbours. Everybody is connected with 何姐.
fn school(neighbours: &[&'static str]) -> (Room, Ticket) {
    let (mut room, ticket) = Room::new();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    let fund = FundDraft {
        starter: Points(20),
        alone: Points(50),
        quota: Points(200),
        rates: BTreeMap::from([(Act::Hour, Points(10)), (Act::Lecture, Points(15))]),
        budgets: BTreeMap::from([(chen, 500)]),
    };
    let roles = BTreeSet::from([(chen, Role::Treasurer), (he, Role::Organiser)]);
    let draft = EpochDraft { roles: Some(roles), fund: Some(fund), ..EpochDraft::default() };
    room.does("李叔", Command::DraftEpoch(draft)).unwrap();
    room.meet("陈姨", "何姐");
    for (seed, name) in (20..).zip(neighbours) {
        room.buys(name, seed);
        room.joins(name, &ticket);
        room.meet(name, "何姐");
    }
    (room, ticket)
}

// proves: A24 F23
#[test]
fn who_comes_pays_at_the_door_who_cancels_pays_nothing_and_who_stays_away_signs_what_was_agreed() {
    let (mut room, _) = school(&["王伯", "小马", "侯哥"]);
    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    for who in ["王伯", "小马", "侯哥"] {
        books(&mut room, who, key);
    }
    assert_eq!(stage(&room, "侯哥", &key, "侯哥"), Some(BookingStage::Waiting), "two places, and two were faster");
    room.now += HOUR_MS;
    does(&mut room, "小马", ActivityCommand::Cancel { key }).unwrap();
    assert_eq!(stage(&room, "小马", &key, "小马"), Some(BookingStage::Cancelled));
    assert_eq!(stage(&room, "侯哥", &key, "侯哥"), Some(BookingStage::Placed), "what is free goes to who waits");
    let waited = ["王伯", "侯哥"].map(|who| {
        let bookings = room.home(who).bookings();
        bookings.waited(bookings.shown(&key, &room.member(who)).unwrap())
    });
    assert_eq!(waited, [false, true], "he is told that he has one now");
    let to_come = refused(Refusal::ActivityClosed { stage: "to-come" });
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Pay { key }), to_come);
    assert_eq!(says_came(&mut room, key, "王伯", true), to_come);

    room.now = STARTS_AT - HOUR_MS;
    assert_eq!(says_came(&mut room, key, "侯哥", false), to_come, "nobody has stayed away yet");
    does(&mut room, "王伯", ActivityCommand::Pay { key }).unwrap();
    assert_eq!((balance(&room, "何姐", "王伯"), fund(&room, "何姐")), (-5, 5));
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Pay { key }), refused(Refusal::AlreadyPaid));

    room.now = STARTS_AT + HOUR_MS;
    says_came(&mut room, key, "王伯", true).unwrap();
    says_came(&mut room, key, "侯哥", false).unwrap();
    does(&mut room, "侯哥", ActivityCommand::Contest { key }).unwrap();
    assert_eq!(stage(&room, "何姐", &key, "侯哥"), Some(BookingStage::Contested));
    // She looks once more, and stays with it; and he sees that he did not come.
    says_came(&mut room, key, "侯哥", false).unwrap();
    assert_eq!(stage(&room, "侯哥", &key, "侯哥"), Some(BookingStage::Absent));
    does(&mut room, "侯哥", ActivityCommand::Pay { key }).unwrap();
    assert_eq!(does(&mut room, "侯哥", ActivityCommand::Pay { key }), refused(Refusal::AlreadyPaid));
    assert_eq!(does(&mut room, "小马", ActivityCommand::Pay { key }), refused(Refusal::NotBooked));
    let all = ["王伯", "小马", "侯哥", "何姐"].map(|who| balance(&room, "陈姨", who));
    assert_eq!((all, fund(&room, "陈姨")), ([-5, 0, -3, 0], 8), "the charge is the fund's, and not the host's");
    assert_eq!(room.home("侯哥").projection(), room.home("陈姨").projection());
}

// proves: A24 F23
#[test]
fn ten_pupils_pay_the_fund_and_the_teacher_is_thanked_once_for_the_hours_that_were_shown() {
    let pupils = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let (mut room, _) = school(&pupils);
    let draft = class(&room, 10);
    let key = announces(&mut room, "何姐", draft);
    // A device tells eight others what is new; the rest hears of it when they meet next.
    for who in pupils {
        room.goes_off(who);
        room.meet(who, "何姐");
        books(&mut room, who, key);
        room.goes_off(who);
    }
    room.now = STARTS_AT;
    for who in pupils {
        room.meet(who, "何姐");
        does(&mut room, who, ActivityCommand::Pay { key }).unwrap();
        room.goes_off(who);
        says_came(&mut room, key, who, true).unwrap();
    }
    assert_eq!(room.home("陈姨").classes(Instant(STARTS_AT - 1)), [], "it has not begun");
    room.now = STARTS_AT + 2 * HOUR_MS;
    let li = room.member("李叔");
    let classes = room.home("陈姨").classes(Instant(room.now));
    assert_eq!(classes, [Class { key, teacher: li, came: 10 }]);
    let hours = room.home("陈姨").board().activity(&key).unwrap().terms.hours;
    let day = u32::try_from(STARTS_AT / DAY_MS).unwrap();
    let purpose = Purpose::Act { act: Act::Hour, day, times: hours.into() };
    let thanks = Command::Fund(FundCommand::Grant { member: li, purpose });
    room.does("陈姨", thanks.clone()).unwrap();
    assert_eq!(room.does("陈姨", thanks.clone()), refused(Refusal::GrantedAlready));
    // Nor does another treasurer, however many hours they say.
    let yi = room.member("一");
    room.does("李叔", Command::SetRole { member: yi, role: Role::Treasurer, held: true }).unwrap();
    room.meet("一", "李叔");
    let again = Purpose::Act { act: Act::Hour, day, times: 3 };
    let again = room.does("一", Command::Fund(FundCommand::Grant { member: li, purpose: again }));
    assert_eq!(again, refused(Refusal::GrantedAlready));
    assert_eq!((balance(&room, "何姐", "李叔"), fund(&room, "何姐")), (20, 50 - 20), "two hours of ten points");
}

#[test]
fn what_is_paid_for_a_place_is_taken_only_where_it_is_owed() {
    let (mut room, _) = school(&["王伯", "小马"]);
    let draft = ActivityDraft { teacher: None, ..class(&room, 1) };
    let mut to_host = draft.clone();
    to_host.terms.to = Payee::Host;
    let (key, own) = (announces(&mut room, "何姐", draft), announces(&mut room, "何姐", to_host));
    [key, own].iter().for_each(|key| books(&mut room, "王伯", *key));
    books(&mut room, "小马", key);
    room.now = STARTS_AT;
    let reason =
        |room: &Room, key, owed| room.home("王伯").bookings().shown(key, &room.member("王伯")).unwrap().reason(owed);
    let (chen, he) =
        (room.phones["陈姨"].node.fund_journal().unwrap(), room.phones["何姐"].node.own_journal().unwrap());
    let (cost, charge) = (reason(&room, &key, Owed::Cost), reason(&room, &key, Owed::Charge));
    let odd = [
        ("王伯", chen, 4, cost, "less than was agreed"),
        ("王伯", he, 5, cost, "the host, for what is the fund's"),
        ("王伯", he, 3, charge, "a charge into the host's pocket"),
        ("小马", chen, 5, cost, "somebody else's booking"),
        ("王伯", chen, 5, reason(&room, &own, Owed::Cost), "the fund, for what is the host's"),
    ];
    for (who, to, points, reason, what) in odd {
        let before = balance(&room, who, who);
        let transfer = Transfer { to, points: Points(points), reason: Some(reason) };
        room.phones.get_mut(who).unwrap().node.write(Body::Transfer(transfer)).unwrap();
        room.tick(who);
        assert_eq!(balance(&room, who, who), before, "{what}");
        let tip = room.phones[who].node.tip().unwrap();
        let spent = room.home(who).ledger().standing(&tip).unwrap().rights;
        assert_eq!(spent, 100 + before, "{what}: it is taken back");
    }
    // And what is owed is taken: by the host, too.
    does(&mut room, "王伯", ActivityCommand::Pay { key: own }).unwrap();
    does(&mut room, "王伯", ActivityCommand::Pay { key }).unwrap();
    assert_eq!((balance(&room, "何姐", "何姐"), fund(&room, "何姐"), balance(&room, "何姐", "王伯")), (5, 5, -10));
    // Who has no place pays nothing, and what a changed program pays all the same stays open.
    assert_eq!(does(&mut room, "小马", ActivityCommand::Pay { key }), refused(Refusal::NotBooked));
}

#[test]
fn a_member_with_two_phones_has_one_place_and_cancels_both_bookings() {
    let (mut room, ticket) = school(&["王伯"]);
    room.buys("王伯的平板", 61);
    room.links("王伯", "王伯的平板", &ticket);
    let draft = class(&room, 9);
    let key = announces(&mut room, "何姐", draft);
    room.meet("王伯的平板", "何姐");
    room.goes_off("王伯");
    room.goes_off("王伯的平板");
    books(&mut room, "王伯", key);
    books(&mut room, "王伯的平板", key);
    room.meet("王伯", "何姐");
    room.meet("王伯的平板", "何姐");
    room.meet("王伯", "王伯的平板");
    let bookings = room.home("何姐").bookings();
    assert_eq!((bookings.of(&key).count(), bookings.guests(&key).len(), bookings.taken(&key)), (2, 1, 1));
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Book { key }), refused(Refusal::AlreadyBooked));
    does(&mut room, "王伯", ActivityCommand::Cancel { key }).unwrap();
    assert_eq!(room.home("何姐").bookings().taken(&key), 0);
    assert_eq!(stage(&room, "何姐", &key, "王伯"), Some(BookingStage::Cancelled));
}

#[test]
fn two_phones_of_a_host_who_are_apart_may_give_one_place_twice_and_both_stand() {
    let (mut room, ticket) = school(&["王伯", "小马"]);
    room.buys("何姐的平板", 62);
    room.links("何姐", "何姐的平板", &ticket);
    let draft = class(&room, 1);
    let key = announces(&mut room, "何姐", draft);
    room.meet("何姐的平板", "何姐");
    ["何姐的平板", "王伯", "小马"].iter().for_each(|who| room.goes_off(who));
    books(&mut room, "王伯", key);
    books(&mut room, "小马", key);
    room.meet("王伯", "何姐");
    room.meet("小马", "何姐的平板");
    room.meet("何姐", "何姐的平板");
    assert_eq!(room.home("何姐").bookings().taken(&key), 2, "whoever was told that they have a place has one");
    assert_eq!(room.home("何姐").projection(), room.home("何姐的平板").projection());
}

#[test]
fn who_may_do_what_about_an_activity_is_told_in_an_order() {
    let (mut room, _) = school(&["王伯", "小马"]);
    let announce = |room: &mut Room, who, change: &dyn Fn(&mut ActivityDraft)| {
        let mut draft = class(room, 2);
        change(&mut draft);
        does(room, who, ActivityCommand::Announce(Box::new(draft)))
    };
    let empty = refused(Refusal::TextEmpty { field: "title" });
    assert_eq!(announce(&mut room, "何姐", &|draft| draft.title = " ".into()), empty);
    let begun = refused(Refusal::ActivityClosed { stage: "begun" });
    assert_eq!(announce(&mut room, "何姐", &|draft| draft.terms.starts_at = Instant(NOON)), begun);
    assert_eq!(announce(&mut room, "何姐", &|draft| draft.terms.starts_at = Instant(1)), begun);
    let far = announce(&mut room, "何姐", &|draft| draft.terms.starts_at = Instant(NOON + 20 * 365 * DAY_MS));
    assert!(matches!(far, Err(NodeError::Refused(Refusal::OutOfRange { field: "starts_at", .. }))), "{far:?}");
    let hours = announce(&mut room, "何姐", &|draft| draft.terms.hours = 13);
    assert_eq!(hours, refused(Refusal::OutOfRange { field: "hours", least: 1, most: 12 }));
    // A neighbour invites too, but has the fund thank nobody.
    assert_eq!(announce(&mut room, "王伯", &|_| {}), refused(Refusal::RoleMissing { role: "organiser" }));
    assert!(announce(&mut room, "王伯", &|draft| draft.teacher = None).is_ok());
    let nobody = announce(&mut room, "何姐", &|draft| draft.teacher = Some(MemberId([7; 16])));
    assert_eq!(nobody, refused(Refusal::MemberUnknown));

    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    assert_eq!(does(&mut room, "何姐", ActivityCommand::Book { key }), refused(Refusal::OwnActivity));
    let unknown = (key.0, ActivityId([7; 16]));
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Book { key: unknown }), refused(Refusal::ActivityUnknown));
    assert_eq!(
        does(&mut room, "王伯", ActivityCommand::CallOff { activity: key.1 }),
        refused(Refusal::ActivityUnknown)
    );
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Cancel { key }), refused(Refusal::NotBooked));
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Contest { key }), refused(Refusal::NotBooked));
    books(&mut room, "王伯", key);
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Book { key }), refused(Refusal::AlreadyBooked));
    let member = room.member("王伯");
    let own = |came| ActivityCommand::Attend { activity: key.1, member, came };
    assert_eq!(does(&mut room, "王伯", own(true)), refused(Refusal::ActivityUnknown), "a guest is no host");
    assert_eq!(
        says_came(&mut room, key, "小马", true),
        refused(Refusal::NotBooked),
        "who has not signed up is no guest"
    );

    does(&mut room, "何姐", ActivityCommand::CallOff { activity: key.1 }).unwrap();
    let off = refused(Refusal::ActivityClosed { stage: "called-off" });
    assert_eq!(does(&mut room, "小马", ActivityCommand::Book { key }), off);
    room.now = STARTS_AT;
    assert_eq!(says_came(&mut room, key, "王伯", false), off);
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Pay { key }), off, "nobody pays for what is called off");
}

#[test]
fn whoever_cancels_out_of_reach_is_let_go_by_the_host_and_asked_for_nothing_by_themselves() {
    let (mut room, _) = school(&["王伯"]);
    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    books(&mut room, "王伯", key);
    room.goes_off("王伯");
    does(&mut room, "王伯", ActivityCommand::Cancel { key }).unwrap();
    room.now = STARTS_AT + 1;
    room.meet("王伯", "何姐");
    room.meet("王伯", "陈姨");
    assert_eq!(stage(&room, "何姐", &key, "王伯"), Some(BookingStage::Late), "she hears of it after the beginning");
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Pay { key }), refused(Refusal::NotBooked));
    let member = room.member("王伯");
    does(&mut room, "何姐", ActivityCommand::Free { activity: key.1, member }).unwrap();
    assert_eq!(stage(&room, "王伯", &key, "王伯"), Some(BookingStage::Cancelled));
    assert_eq!(says_came(&mut room, key, "王伯", false), refused(Refusal::NotBooked));
}

#[test]
fn who_has_paid_at_the_door_keeps_the_place_and_what_was_paid_for_is_not_called_off() {
    let (mut room, _) = school(&["王伯"]);
    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    books(&mut room, "王伯", key);
    room.now = STARTS_AT - HOUR_MS;
    does(&mut room, "王伯", ActivityCommand::Pay { key }).unwrap();
    assert_eq!(does(&mut room, "王伯", ActivityCommand::Cancel { key }), refused(Refusal::AlreadyPaid));
    let paid = refused(Refusal::ActivityClosed { stage: "paid" });
    assert_eq!(does(&mut room, "何姐", ActivityCommand::CallOff { activity: key.1 }), paid);
    assert_eq!(stage(&room, "何姐", &key, "王伯"), Some(BookingStage::Placed));
    assert_eq!((balance(&room, "何姐", "王伯"), fund(&room, "何姐")), (-5, 5));
}

#[test]
fn who_pays_without_having_heard_that_it_is_called_off_has_the_points_back() {
    let (mut room, _) = school(&["王伯"]);
    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    books(&mut room, "王伯", key);
    room.goes_off("王伯");
    room.now = STARTS_AT - HOUR_MS;
    does(&mut room, "何姐", ActivityCommand::CallOff { activity: key.1 }).unwrap();
    does(&mut room, "王伯", ActivityCommand::Pay { key }).unwrap();
    room.meet("王伯", "何姐");
    room.meet("王伯", "陈姨");
    let paid = room.home("王伯").paid_for(&room.member("王伯"), Direction::Out);
    assert_eq!((balance(&room, "王伯", "王伯"), fund(&room, "陈姨"), paid.len()), (0, 0, 0), "it is declined");
}

#[test]
fn an_organiser_who_is_one_no_longer_has_the_fund_thank_nobody_and_what_was_agreed_stays() {
    let (mut room, _) = school(&["王伯"]);
    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    books(&mut room, "王伯", key);
    room.now = STARTS_AT;
    says_came(&mut room, key, "王伯", true).unwrap();
    room.now = STARTS_AT + 2 * HOUR_MS;
    assert_eq!(room.home("陈姨").classes(Instant(room.now)).len(), 1);
    let he = room.member("何姐");
    room.does("李叔", Command::SetRole { member: he, role: Role::Organiser, held: false }).unwrap();
    assert_eq!(room.home("陈姨").classes(Instant(room.now)), []);
    does(&mut room, "王伯", ActivityCommand::Pay { key }).unwrap();
    assert_eq!(fund(&room, "陈姨"), 5);
}

#[test]
fn a_device_that_starts_again_knows_who_has_signed_up_as_it_did_before() {
    let (mut room, _) = school(&["王伯"]);
    let draft = class(&room, 2);
    let key = announces(&mut room, "何姐", draft);
    books(&mut room, "王伯", key);
    does(&mut room, "王伯", ActivityCommand::Cancel { key }).unwrap();
    let before = room.home("何姐").projection();
    room.goes_off("何姐");
    let phone = room.phones.get_mut("何姐").unwrap();
    let (key, rng) = (DeviceKey::from_seed([3; 32]), ChaCha20Rng::from_seed([78; 32]));
    phone.node = Node::open(phone.store.clone(), key, rng, Instant(room.now), Past::default()).unwrap();
    assert_eq!(room.home("何姐").projection(), before);
    let stands = room.home("何姐").bookings().by(&room.member("王伯")).map(Booking::stage).collect::<Vec<_>>();
    assert_eq!(stands, [BookingStage::Cancelled]);
}

#[test]
fn what_a_stolen_phone_has_signed_up_for_is_nobodys_booking_once_it_is_closed() {
    let (mut room, ticket) = school(&["王伯"]);
    room.buys("王伯的平板", 61);
    room.links("王伯", "王伯的平板", &ticket);
    let draft = class(&room, 1);
    let key = announces(&mut room, "何姐", draft);
    room.meet("王伯的平板", "何姐");
    // He does not hear what the thief does with it.
    room.goes_off("王伯");
    books(&mut room, "王伯的平板", key);
    assert_eq!(room.home("何姐").bookings().taken(&key), 1);
    room.goes_off("王伯的平板");
    let device = room.phones["王伯的平板"].node.device();
    room.does("王伯", Command::CloseDevice { device, disown: false }).unwrap();
    room.meet("王伯", "何姐");
    let bookings = room.home("何姐").bookings();
    assert_eq!((bookings.of(&key).count(), bookings.taken(&key)), (0, 0), "the place is free again");
    books(&mut room, "王伯", key);
    assert_eq!(stage(&room, "何姐", &key, "王伯"), Some(BookingStage::Placed));
    assert_eq!(room.home("何姐").projection(), room.home("王伯").projection());
}
