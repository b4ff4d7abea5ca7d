#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::care::CareRefusal;

use super::*;
use crate::care::CareCommand;
use crate::event::Command;
use crate::letters::CARRIED_MAX;
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
    let before = visit(&room, "何姐").plan.round;
    does(&mut room, "陈姨", FamilyCommand::PlanVisit { deal, from: at(5), until: at(6), watcher: None }).unwrap();
    let row = visit(&room, "何姐");
    assert!(row.plan.round > before);
    assert_eq!((row.came, row.left), (None, None));
}

#[test]
fn of_two_plans_made_apart_the_same_one_stands_whichever_comes_first() {
    let (mut room, _) = Room::new();
    let (_, deal) = room.borrows();
    let [chen, he, li] = ["陈姨", "何姐", "李叔"].map(|name| room.member(name));
    let plan = |visitor, hour: u64| {
        let (from, until) = (Instant(NOON + hour), Instant(NOON + hour + 9));
        Letter::Family(FamilyLetter::Visit(VisitPlan { deal, round: 5, visitor, watcher: Some(li), from, until }))
    };
    let said = [("陈姨", plan(he, 1)), ("何姐", plan(chen, 2)), ("陈姨", plan(he, 3))];
    let stands = |room: &mut Room, order: [usize; 3]| {
        room.phones.get_mut("李叔").unwrap().node.family = Family::default();
        for (by, letter) in order.map(|at| &said[at]) {
            assert!(room.reads("李叔", by, letter));
        }
        *room.phones["李叔"].node.visits().next().unwrap()
    };
    let first = stands(&mut room, [0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(stands(&mut room, order), first, "{order:?}");
    }
}

#[test]
fn a_revocation_for_which_there_is_no_room_is_sent_when_there_is() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let (id, li) = (gives(&mut room, PassKind::Collect), room.member("李叔"));
    room.goes_off("陈姨");
    let node = &mut room.phones.get_mut("陈姨").unwrap().node;
    for _ in 0..CARRIED_MAX {
        node.post_letter(&li, &Letter::Family(FamilyLetter::Revoke(PassId([9; 16]))));
    }
    assert!(!node.letters.has_room_for(1));
    does(&mut room, "陈姨", FamilyCommand::RevokePass { pass: id }).unwrap();
    let row = pass(&room, "陈姨").unwrap();
    assert!(row.revoked && row.owed, "on the guardian's own phone it is revoked at once");
    let node = &mut room.phones.get_mut("陈姨").unwrap().node;
    for hash in node.letters.carried().collect::<Vec<_>>() {
        node.letters.drop_envelope(hash, &mut node.step.batch);
    }
    // Anything about help is an occasion.
    gives(&mut room, PassKind::Care);
    let own = |room: &Room| room.phones["陈姨"].node.passes().find(|row| row.pass.id == id).cloned().unwrap();
    assert!(own(&room).revoked && !own(&room).owed);
    room.meet("陈姨", "何姐");
    assert!(room.phones["何姐"].node.passes().any(|row| row.pass.id == id && row.revoked));
}

#[test]
fn no_child_is_entrusted_to_whom_one_has_blocked_and_what_they_send_is_thrown_away() {
    let (mut room, _) = Room::new();
    let (_, deal) = room.borrows();
    let he = room.member("何姐");
    room.does("陈姨", Command::Care(CareCommand::Block { member: he, blocked: true })).unwrap();
    let no = || refused(CareRefusal::Blocked.into());
    let given = Box::new(draft(&room, PassKind::Collect));
    assert_eq!(does(&mut room, "陈姨", FamilyCommand::GivePass(given)), no());
    let (from, until) = (Instant(room.now + 1), Instant(room.now + 9));
    let plan = || FamilyCommand::PlanVisit { deal, from, until, watcher: None };
    assert_eq!(does(&mut room, "陈姨", plan()), no());
    does(&mut room, "何姐", plan()).unwrap();
    let given = Box::new(PassDraft { holders: vec![room.member("陈姨")], ..draft(&room, PassKind::Care) });
    does(&mut room, "何姐", FamilyCommand::GivePass(given)).unwrap();
    let node = &room.phones["陈姨"].node;
    assert_eq!((node.visits().count(), node.passes().count()), (0, 0));
}
