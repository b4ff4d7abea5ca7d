#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::Instant;
use kaifong_domain::care::CareRefusal;

use super::*;
use crate::care::CareCommand;
use crate::event::Command;
use crate::room::{NOON, Room, refused};

const TODAY: Day = (NOON / DAY_MS) as Day;

fn draft(points: u32, trial: bool) -> RecurringDraft {
    RecurringDraft {
        weekdays: 127,
        first: TODAY,
        last: None,
        points: Points(points),
        trial: trial.then_some(TODAY),
        what: "接小宝放学".into(),
        place: "实验幼儿园南门".into(),
        from_min: 16 * 60,
        to_min: 18 * 60,
        note: String::new(),
    }
}

fn does(room: &mut Room, who: &'static str, command: RecurringCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Recurring(command))
}

/// 何姐 proposes to collect 陈姨's child.
fn proposes(room: &mut Room, points: u32, trial: bool) -> EntryHash {
    let with = room.member("陈姨");
    let draft = Box::new(draft(points, trial));
    let propose = RecurringCommand::Propose { with, helps: true, deal: None, draft };
    let Done::Proposed(id) = does(room, "何姐", propose).unwrap() else { panic!() };
    id
}

fn row<'a>(room: &'a Room, at: &str, id: &EntryHash) -> &'a Arrangement {
    room.home(at).arrangements().get(id).unwrap()
}

fn balance(room: &Room, at: &str, who: &str) -> i64 {
    assert_eq!(room.home(at).ledger().sum(), 0);
    room.home(at).ledger().balance(&room.member(who))
}

fn tell(room: &mut Room, id: EntryHash, days: &[Day]) -> Result<Done, NodeError> {
    does(room, "何姐", RecurringCommand::Tell { arrangement: id, days: days.iter().copied().collect() })
}

fn confirm(room: &mut Room, who: &'static str, id: EntryHash, days: &[Day]) -> Result<Done, NodeError> {
    does(room, who, RecurringCommand::Confirm { arrangement: id, days: days.iter().copied().collect() })
}

/// Agreed to, and tried.
fn begins(room: &mut Room, points: u32) -> EntryHash {
    room.meet("陈姨", "何姐");
    let id = proposes(room, points, true);
    does(room, "陈姨", RecurringCommand::Accept { version: id }).unwrap();
    for who in ["何姐", "陈姨"] {
        does(room, who, RecurringCommand::Tried { arrangement: id }).unwrap();
    }
    id
}

fn says(why: RecurringRefusal) -> Result<Done, NodeError> {
    refused(why.into())
}

// proves: G14
#[test]
fn it_is_agreed_tried_told_and_confirmed_and_paid_for_once() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let id = proposes(&mut room, 3, true);
    assert_eq!(does(&mut room, "何姐", RecurringCommand::Accept { version: id }), says(RecurringRefusal::OwnProposal));
    assert_eq!(tell(&mut room, id, &[TODAY]), says(RecurringRefusal::WrongStage { stage: "proposed" }));
    does(&mut room, "陈姨", RecurringCommand::Accept { version: id }).unwrap();
    assert_eq!(tell(&mut room, id, &[TODAY]), says(RecurringRefusal::WrongStage { stage: "trial" }));
    for who in ["何姐", "陈姨"] {
        does(&mut room, who, RecurringCommand::Tried { arrangement: id }).unwrap();
    }
    assert_eq!(tell(&mut room, id, &[TODAY, TODAY + 2]), says(RecurringRefusal::DayAhead));
    room.now += 9 * DAY_MS;
    let week: Vec<Day> = (0..7).map(|day| TODAY + day).collect();
    tell(&mut room, id, &week).unwrap();
    assert_eq!(tell(&mut room, id, &week), says(RecurringRefusal::NoDays), "a day is told once");
    assert_eq!(confirm(&mut room, "何姐", id, &week), says(RecurringRefusal::OtherSide));
    confirm(&mut room, "陈姨", id, &week[..5]).unwrap();
    assert_eq!((balance(&room, "陈姨", "何姐"), balance(&room, "何姐", "陈姨")), (15, -15));
    confirm(&mut room, "陈姨", id, &week).unwrap();
    assert_eq!(confirm(&mut room, "陈姨", id, &week), says(RecurringRefusal::NoDays));
    assert_eq!(balance(&room, "陈姨", "何姐"), 21);
    assert_eq!(row(&room, "李叔", &id).earned(), 21, "everybody can recompute it");
}

// proves: G14
#[test]
fn what_where_and_when_is_read_by_the_two_alone_and_nobody_agrees_to_what_they_cannot_read() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let id = proposes(&mut room, 0, false);
    let commitment = row(&room, "李叔", &id).root().unwrap().terms.words;
    let words = |room: &Room, at: &str| room.phones[at].node.words_of(&commitment).map(|words| words.what.clone());
    assert_eq!(words(&room, "陈姨").as_deref(), Some("接小宝放学"));
    assert_eq!(words(&room, "何姐").as_deref(), Some("接小宝放学"));
    assert_eq!(words(&room, "李叔"), None, "who carries the letter reads nothing of it");
    room.phones.get_mut("陈姨").unwrap().node.family = crate::family::Family::default();
    assert_eq!(does(&mut room, "陈姨", RecurringCommand::Accept { version: id }), says(RecurringRefusal::WordsMissing));
}

// proves: G14
#[test]
fn two_phones_apart_confirm_the_same_days_and_they_are_paid_once() {
    let (mut room, ticket) = Room::new();
    let id = begins(&mut room, 2);
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    room.now += 5 * DAY_MS;
    tell(&mut room, id, &[TODAY, TODAY + 1, TODAY + 2]).unwrap();
    room.meet("平板", "何姐");
    // Points for the tablet to spend.
    let tablet = room.phones["平板"].node.device();
    room.does("陈姨", Command::MovePoints { device: tablet, points: Points(10) }).unwrap();
    for who in ["陈姨", "平板"] {
        room.goes_off(who);
    }
    confirm(&mut room, "陈姨", id, &[TODAY, TODAY + 1]).unwrap();
    confirm(&mut room, "平板", id, &[TODAY + 1, TODAY + 2]).unwrap();
    room.meet("陈姨", "何姐");
    assert_eq!(balance(&room, "何姐", "何姐"), 4);
    room.meet("平板", "何姐");
    room.meet("平板", "陈姨");
    // Three days are six points: the second payment, of four, would be two too many and is declined.
    assert_eq!((row(&room, "何姐", &id).earned(), balance(&room, "何姐", "何姐")), (6, 4));
    confirm(&mut room, "平板", id, &[]).unwrap();
    assert_eq!(balance(&room, "何姐", "何姐"), 6);
    assert_eq!(confirm(&mut room, "平板", id, &[]), says(RecurringRefusal::NoDays), "all is paid");
}

#[test]
fn other_terms_hold_once_both_have_signed_and_what_was_told_before_keeps_its_price() {
    let (mut room, _) = Room::new();
    let id = begins(&mut room, 2);
    tell(&mut room, id, &[TODAY]).unwrap();
    let draft = Box::new(draft(5, true));
    let renew = RecurringCommand::Renew { arrangement: id, draft };
    let Done::Proposed(version) = does(&mut room, "陈姨", renew).unwrap() else { panic!() };
    assert_eq!(row(&room, "何姐", &id).terms().unwrap().points, Points(2), "one alone alters nothing");
    does(&mut room, "何姐", RecurringCommand::Accept { version }).unwrap();
    assert_eq!(row(&room, "陈姨", &id).in_force(), version);
    room.now += 2 * DAY_MS;
    tell(&mut room, id, &[TODAY + 1]).unwrap();
    confirm(&mut room, "陈姨", id, &[TODAY, TODAY + 1]).unwrap();
    assert_eq!(balance(&room, "何姐", "何姐"), 7);
}

#[test]
fn either_pauses_and_ends_it_and_no_day_after_the_end_is_told() {
    let (mut room, _) = Room::new();
    let id = begins(&mut room, 0);
    does(&mut room, "陈姨", RecurringCommand::Pause { arrangement: id, from: TODAY + 1, to: TODAY + 2 }).unwrap();
    let pause = *row(&room, "何姐", &id).pauses.keys().next().unwrap();
    let resume = RecurringCommand::Resume { arrangement: id, pause };
    assert_eq!(does(&mut room, "何姐", resume.clone()), says(RecurringRefusal::OtherSide));
    assert!(!row(&room, "何姐", &id).is_on(TODAY + 1));
    does(&mut room, "陈姨", resume).unwrap();
    assert!(row(&room, "何姐", &id).is_on(TODAY + 1));
    let end = |day| RecurringCommand::End { arrangement: id, day };
    does(&mut room, "何姐", end(TODAY + 3)).unwrap();
    let later = says(RecurringRefusal::WrongStage { stage: "ending" });
    assert_eq!(does(&mut room, "陈姨", end(TODAY + 3)), later, "nobody puts the end off alone");
    room.now += 6 * DAY_MS;
    assert_eq!(tell(&mut room, id, &[TODAY + 4]), says(RecurringRefusal::WrongStage { stage: "over" }));
    tell(&mut room, id, &[TODAY + 3]).unwrap();
    confirm(&mut room, "陈姨", id, &[TODAY + 3]).unwrap();
    let stranger = RecurringCommand::End { arrangement: id, day: TODAY };
    assert_eq!(does(&mut room, "李叔", stranger), says(RecurringRefusal::Unknown));
}

/// Both sign other points, from a day on.
fn renews(room: &mut Room, id: EntryHash, points: u32, first: Day) -> EntryHash {
    let draft = Box::new(RecurringDraft { first, ..draft(points, false) });
    let renew = RecurringCommand::Renew { arrangement: id, draft };
    let Done::Proposed(version) = does(room, "陈姨", renew).unwrap() else { panic!() };
    does(room, "何姐", RecurringCommand::Accept { version }).unwrap();
    version
}

#[test]
fn days_before_other_terms_begin_are_told_by_what_stood_before() {
    let (mut room, _) = Room::new();
    let id = begins(&mut room, 2);
    room.now += 19 * DAY_MS;
    let version = renews(&mut room, id, 5, TODAY + 19);
    tell(&mut room, id, &[TODAY + 3, TODAY + 4, TODAY + 19]).unwrap();
    let by: Vec<_> = row(&room, "陈姨", &id).to_confirm().into_values().map(|told| told.points.0).collect();
    assert_eq!((by, row(&room, "陈姨", &id).sheets.len()), (vec![2, 2, 5], 2), "one sheet for each of the terms");
    assert_eq!(row(&room, "陈姨", &id).version_for(TODAY + 19), version);
    confirm(&mut room, "陈姨", id, &[TODAY + 3, TODAY + 4, TODAY + 19]).unwrap();
    assert_eq!(balance(&room, "何姐", "何姐"), 9);
    // Terms that begin later take nothing from the days until then.
    renews(&mut room, id, 8, TODAY + 40);
    assert!(row(&room, "何姐", &id).is_on(TODAY + 20));
    room.now += 2 * DAY_MS;
    tell(&mut room, id, &[TODAY + 20]).unwrap();
    confirm(&mut room, "陈姨", id, &[TODAY + 20]).unwrap();
    assert_eq!(balance(&room, "何姐", "何姐"), 14);
}

#[test]
fn what_was_paid_with_a_phone_that_is_closed_then_is_not_paid_once_more() {
    let (mut room, ticket) = Room::new();
    let id = begins(&mut room, 2);
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    room.now += 5 * DAY_MS;
    let days = [TODAY, TODAY + 1];
    tell(&mut room, id, &days).unwrap();
    room.meet("平板", "何姐");
    // The tablet does not hear what is confirmed with the phone.
    room.goes_off("平板");
    confirm(&mut room, "陈姨", id, &days).unwrap();
    assert_eq!(balance(&room, "何姐", "何姐"), 4);
    room.goes_off("陈姨");
    let device = room.phones["陈姨"].node.device();
    room.does("平板", Command::CloseDevice { device, disown: false }).unwrap();
    room.meet("平板", "何姐");
    let stands = row(&room, "何姐", &id);
    assert_eq!((stands.earned(), room.home("何姐").paid_for_help(stands)), (0, (4, 4)));
    confirm(&mut room, "平板", id, &days).unwrap();
    assert_eq!((row(&room, "何姐", &id).earned(), balance(&room, "何姐", "何姐")), (4, 4));
    assert_eq!(confirm(&mut room, "平板", id, &[]), says(RecurringRefusal::NoDays), "all is paid");
}

#[test]
fn what_cannot_be_paid_now_stays_owed_and_the_days_are_confirmed() {
    let (mut room, _) = Room::new();
    let id = begins(&mut room, 40);
    room.now += 5 * DAY_MS;
    let days = [TODAY, TODAY + 1, TODAY + 2];
    tell(&mut room, id, &days).unwrap();
    confirm(&mut room, "陈姨", id, &days).unwrap();
    assert_eq!(row(&room, "何姐", &id).earned(), 120);
    assert!((1..120).contains(&balance(&room, "何姐", "何姐")), "as much as she may sign for");
    let chen = room.member("陈姨");
    assert_eq!(room.home("陈姨").help_to_end(&chen).count(), 1);
    let beyond = confirm(&mut room, "陈姨", id, &[]);
    assert!(matches!(beyond, Err(NodeError::Refused(Refusal::BeyondRights { .. } | Refusal::BeyondQuota { .. }))));
    room.does("李叔", Command::Give { to: chen, points: Points(50) }).unwrap();
    confirm(&mut room, "陈姨", id, &[]).unwrap();
    assert_eq!(balance(&room, "何姐", "何姐"), 120);
    assert_eq!(room.home("陈姨").help_to_end(&chen).count(), 0);
}

#[test]
fn nobody_moves_out_at_once_while_days_wait_for_being_confirmed() {
    let (mut room, _) = Room::new();
    let id = begins(&mut room, 2);
    tell(&mut room, id, &[TODAY]).unwrap();
    for who in ["陈姨", "何姐"] {
        let leave = Command::Leave { ends_at: Some(Instant(room.now)) };
        assert_eq!(room.does(who, leave), refused(Refusal::StillOpen { deals: 1 }), "{who}");
    }
    confirm(&mut room, "陈姨", id, &[TODAY]).unwrap();
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(room.now)) }).unwrap();
}

#[test]
fn what_others_propose_takes_no_place_of_ones_own() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    for _ in 0..OPEN_MAX {
        proposes(&mut room, 0, false);
    }
    let propose = |with| {
        let draft = Box::new(draft(0, false));
        RecurringCommand::Propose { with, helps: true, deal: None, draft }
    };
    let (li, chen) = (room.member("李叔"), room.member("陈姨"));
    assert_eq!(does(&mut room, "何姐", propose(chen)), says(RecurringRefusal::Full { most: OPEN_MAX }));
    does(&mut room, "陈姨", propose(li)).unwrap();
}

#[test]
fn nothing_is_begun_with_whom_one_has_blocked_and_they_are_not_told() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let he = room.member("何姐");
    room.does("陈姨", Command::Care(CareCommand::Block { member: he, blocked: true })).unwrap();
    let id = proposes(&mut room, 0, false);
    let commitment = row(&room, "陈姨", &id).root().unwrap().terms.words;
    assert_eq!(room.phones["陈姨"].node.words_of(&commitment), None);
    let no = || refused(CareRefusal::Blocked.into());
    assert_eq!(does(&mut room, "陈姨", RecurringCommand::Accept { version: id }), no());
    let propose = RecurringCommand::Propose { with: he, helps: true, deal: None, draft: Box::new(draft(0, false)) };
    assert_eq!(does(&mut room, "陈姨", propose), no());
}
