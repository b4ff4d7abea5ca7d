#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use super::*;
use crate::event::Command;
use crate::recurring::RecurringCommand;
use crate::room::{DAY_MS, NOON, Room, refused};

const TODAY: Day = (NOON / DAY_MS) as Day;

fn does(room: &mut Room, who: &'static str, command: FamilyCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Recurring(RecurringCommand::Family(command)))
}

fn draft(room: &Room, kind: PassKind) -> PassDraft {
    PassDraft {
        kind,
        child: "小宝".into(),
        holders: vec![room.member("何姐")],
        place: "实验幼儿园南门".into(),
        note: "花生过敏".into(),
        weekdays: 127,
        first: TODAY,
        last: TODAY + 30,
    }
}

/// 陈姨 lets 何姐 collect her child.
fn gives(room: &mut Room, kind: PassKind) -> PassId {
    let draft = Box::new(draft(room, kind));
    let Done::PassGiven(pass) = does(room, "陈姨", FamilyCommand::GivePass(draft)).unwrap() else { panic!() };
    pass
}

fn pass<'a>(room: &'a Room, at: &str) -> Option<&'a PassRow> {
    room.phones[at].node.passes().next()
}

// proves: G14
#[test]
fn who_is_named_shows_the_code_that_the_guardian_checks_and_nobody_else_has_heard_of_the_child() {
    let (mut room, ticket) = Room::new();
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    room.meet("陈姨", "何姐");
    let id = gives(&mut room, PassKind::Collect);
    let code = |room: &Room, at: &str| room.phones[at].node.code_of_pass(pass(room, at).unwrap()).unwrap();
    assert_eq!(code(&room, "陈姨"), code(&room, "何姐"));
    assert_eq!(code(&room, "平板"), code(&room, "何姐"), "each phone of the guardian's can check it");
    assert_eq!(pass(&room, "李叔"), None);
    does(&mut room, "陈姨", FamilyCommand::RevokePass { pass: id }).unwrap();
    assert!(["陈姨", "平板", "何姐"].iter().all(|at| pass(&room, at).unwrap().revoked));
    let (guardian, over) = (room.member("陈姨"), RecurringRefusal::PassOver { stage: "revoked" });
    let tick = FamilyCommand::Tick { guardian, pass: id, day: TODAY, left: true };
    assert_eq!(does(&mut room, "何姐", tick), refused(over.into()));
    assert_eq!(
        does(&mut room, "何姐", FamilyCommand::RevokePass { pass: id }),
        refused(RecurringRefusal::PassUnknown.into())
    );
}

#[test]
fn a_revocation_that_overtakes_its_authorisation_counts_all_the_same() {
    let (mut room, _) = Room::new();
    let draft = draft(&room, PassKind::Collect);
    let PassDraft { kind, child, holders, place, note, weekdays, first, last } = draft;
    let given = Pass { id: PassId([3; 16]), kind, child, holders, place, note, weekdays, first, last };
    let revoke = Letter::Family(FamilyLetter::Revoke(given.id));
    assert!(!room.reads("何姐", "陈姨", &revoke), "it waits for what it revokes");
    assert!(room.reads("何姐", "陈姨", &Letter::Family(FamilyLetter::Pass(given.clone()))));
    assert!(!room.reads("何姐", "李叔", &revoke), "only who has given it revokes it");
    assert!(room.reads("何姐", "陈姨", &revoke));
    assert!(room.reads("何姐", "陈姨", &Letter::Family(FamilyLetter::Pass(given))), "nothing brings it back");
    assert!(pass(&room, "何姐").unwrap().revoked);
}

// proves: A12
#[test]
fn a_volunteer_ticks_who_came_and_left_without_a_network_and_the_guardian_sees_it_later() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let id = gives(&mut room, PassKind::Care);
    room.goes_off("何姐");
    let guardian = room.member("陈姨");
    let tick = |day, left| FamilyCommand::Tick { guardian, pass: id, day, left };
    does(&mut room, "何姐", tick(TODAY, false)).unwrap();
    does(&mut room, "何姐", tick(TODAY, true)).unwrap();
    let late = RecurringRefusal::PassOver { stage: "past" };
    assert_eq!(does(&mut room, "何姐", tick(TODAY + 31, false)), refused(late.into()));
    assert_eq!(does(&mut room, "何姐", tick(TODAY + 9, false)), refused(RecurringRefusal::DayAhead.into()));
    assert!(pass(&room, "陈姨").unwrap().ticked.is_empty());
    room.meet("何姐", "李叔");
    let ticked = pass(&room, "陈姨").unwrap().ticked[&TODAY];
    let said = Some((Instant(room.now), room.member("何姐")));
    assert_eq!((ticked.came, ticked.left), (said, said), "a neighbour has carried it");
}

#[test]
fn a_guardian_who_floods_gets_no_more_than_their_own_room() {
    let (mut room, _) = Room::new();
    let he = room.member("何姐");
    let given = |n: u8, last| Pass {
        id: PassId([n; 16]),
        kind: PassKind::Care,
        child: "小宝".into(),
        holders: vec![he],
        place: String::new(),
        note: String::new(),
        weekdays: 127,
        first: 0,
        last,
    };
    for n in 0..100 {
        assert!(room.reads("何姐", "陈姨", &Letter::Family(FamilyLetter::Pass(given(n, TODAY + 1)))));
    }
    assert_eq!(room.phones["何姐"].node.passes().count(), PASSES_MAX);
    assert!(room.reads("何姐", "李叔", &Letter::Family(FamilyLetter::Pass(given(1, TODAY + 1)))));
    assert_eq!(room.phones["何姐"].node.passes().count(), PASSES_MAX + 1, "it costs nobody else");
}

// proves: B1
#[test]
fn a_visit_at_home_is_seen_by_the_host_and_by_one_of_the_family() {
    let (mut room, _) = Room::new();
    let (_, deal) = room.borrows();
    let at = |hours: u64| Instant(NOON + hours * 3600 * 1000);
    let watcher = Some(room.member("李叔"));
    let plan = |watcher| FamilyCommand::PlanVisit { deal, from: at(1), until: at(2), watcher };
    let host = room.member("陈姨");
    assert_eq!(does(&mut room, "陈姨", plan(Some(host))), refused(Refusal::MemberUnknown));
    assert_eq!(does(&mut room, "李叔", plan(None)), refused(Refusal::NotAParty));
    does(&mut room, "陈姨", plan(watcher)).unwrap();
    let visit = |room: &Room, at: &str| *room.phones[at].node.visits().next().unwrap();
    assert_eq!(visit(&room, "何姐").plan.visitor, room.member("何姐"));
    assert_eq!(visit(&room, "李叔"), visit(&room, "陈姨"));
    let gone = |left| FamilyCommand::Visited { deal, left };
    assert_eq!(does(&mut room, "李叔", gone(false)), refused(RecurringRefusal::OtherSide.into()));
    room.now += 3_600_000;
    does(&mut room, "何姐", gone(false)).unwrap();
    room.now += 60_000;
    does(&mut room, "何姐", gone(true)).unwrap();
    for who in ["陈姨", "李叔", "何姐"] {
        let row = visit(&room, who);
        assert_eq!((row.came, row.left), (Some(at(1)), Some(Instant(at(1).0 + 60_000))), "{who}");
    }
    // The next visit begins without what was said of the one before.
    does(&mut room, "陈姨", FamilyCommand::PlanVisit { deal, from: at(5), until: at(6), watcher: None }).unwrap();
    let row = visit(&room, "何姐");
    assert_eq!((row.plan.round, row.came, row.left), (2, None, None));
}
