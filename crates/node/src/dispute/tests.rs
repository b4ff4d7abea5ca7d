#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use std::collections::BTreeSet;

use kaifong_domain::record::{Kind, Side};

use super::*;
use crate::council::EpochDraft;
use crate::event::{Command, Draft};
use crate::room::{Room, refused};

/// 陈姨 helps 何姐 for 20 points, and 李叔, who has founded, lets 王伯 mediate.
fn helps() -> (Room, DealId) {
    let (mut room, ticket) = Room::new();
    for (seed, name) in [(4, "王伯"), (5, "赵姐")] {
        room.buys(name, seed);
        room.joins(name, &ticket);
    }
    for (one, other) in [("陈姨", "何姐"), ("陈姨", "王伯"), ("何姐", "王伯"), ("王伯", "赵姐")] {
        room.meet(one, other);
    }
    let roles = Some(BTreeSet::from([(room.member("王伯"), Role::Mediator)]));
    room.does("李叔", Command::DraftEpoch(EpochDraft { roles, ..EpochDraft::default() })).unwrap();
    let need = Draft { kind: Some(Kind::Skill), points: Some(Points(20)), ..Draft::of(Side::Need, "水龙头滴水") };
    let Done::Posted(listing) = room.does("何姐", Command::Post(need)).unwrap() else { panic!() };
    let owner = room.member("何姐");
    let answer = Command::Answer { owner, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = room.does("陈姨", answer).unwrap() else { panic!() };
    room.does("何姐", Command::Agree { deal }).unwrap();
    (room, deal)
}

fn does(room: &mut Room, who: &'static str, command: DisputeCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Dispute(command))
}

fn say(deal: DealId, points: u32) -> DisputeCommand {
    DisputeCommand::Say { deal, points: Points(points) }
}

fn finish(room: &mut Room, deal: DealId) {
    room.does("陈姨", Command::Done { deal }).unwrap();
    room.does("何姐", Command::Done { deal }).unwrap();
}

/// What 陈姨 and 何姐 have, as everybody knows it.
fn balances(room: &Room) -> (i64, i64) {
    let of = |at: &str| {
        let ledger = room.home(at).ledger();
        (ledger.balance(&room.member("陈姨")), ledger.balance(&room.member("何姐")))
    };
    for at in ["李叔", "何姐", "王伯"] {
        assert_eq!(of(at), of("陈姨"), "{at}");
    }
    of("陈姨")
}

fn owed(room: &Room, deal: DealId) -> Option<(MemberId, u32)> {
    let home = room.home("王伯");
    home.owed(home.board().deal(&deal).unwrap()).map(|owed| (owed.by, owed.points.0))
}

#[test]
fn while_the_two_differ_the_help_is_confirmed_and_nothing_is_paid() {
    let (mut room, deal) = helps();
    does(&mut room, "何姐", say(deal, 10)).unwrap();
    finish(&mut room, deal);
    assert_eq!(balances(&room), (0, 0));
    let settle = DisputeCommand::Settle { deal };
    assert_eq!(does(&mut room, "何姐", settle), refused(Refusal::InDispute));
    let step = |room: &Room, who: &str| {
        let home = room.home(who);
        home.next_step(home.board().deal(&deal).unwrap(), &room.member(who))
    };
    assert_eq!(step(&room, "陈姨"), Some(Step::Figure), "her word is asked for");

    does(&mut room, "陈姨", say(deal, 10)).unwrap();
    assert_eq!(owed(&room, deal), Some((room.member("何姐"), 10)));
    assert_eq!(step(&room, "何姐"), Some(Step::Settle));
    assert_eq!(does(&mut room, "陈姨", settle), refused(Refusal::NothingOwed));
    does(&mut room, "何姐", settle).unwrap();
    assert_eq!(balances(&room), (10, -10));
    assert_eq!(does(&mut room, "何姐", settle), refused(Refusal::NothingOwed), "it is paid once");
    assert_eq!(owed(&room, deal), None);
}

#[test]
fn what_was_agreed_before_the_end_is_what_the_last_step_pays() {
    let (mut room, deal) = helps();
    does(&mut room, "何姐", say(deal, 25)).unwrap();
    does(&mut room, "陈姨", say(deal, 25)).unwrap();
    finish(&mut room, deal);
    assert_eq!((balances(&room), owed(&room, deal)), ((25, -25), None));
}

#[test]
fn what_was_paid_stays_paid_until_its_payee_signs_the_way_back_and_so_on_both_ways() {
    let (mut room, deal) = helps();
    finish(&mut room, deal);
    assert_eq!(balances(&room), (20, -20));
    let settle = DisputeCommand::Settle { deal };
    assert_eq!(does(&mut room, "陈姨", settle), refused(Refusal::NothingOwed));
    does(&mut room, "何姐", say(deal, 5)).unwrap();
    assert_eq!((balances(&room), owed(&room, deal)), ((20, -20), None));
    does(&mut room, "陈姨", say(deal, 5)).unwrap();
    assert_eq!(owed(&room, deal), Some((room.member("陈姨"), 15)));
    does(&mut room, "陈姨", settle).unwrap();
    assert_eq!(balances(&room), (5, -5));
    // Figures change as often as corrections have reasons.
    for turn in 1..CORRECTIONS_MAX {
        let (who, points): (&'static str, u32) = if turn % 2 == 1 { ("何姐", 12) } else { ("陈姨", 5) };
        for name in ["陈姨", "何姐"] {
            does(&mut room, name, say(deal, points)).unwrap();
        }
        does(&mut room, who, settle).unwrap();
        assert_eq!(balances(&room), (i64::from(points), -i64::from(points)), "{turn}");
    }
    for name in ["陈姨", "何姐"] {
        does(&mut room, name, say(deal, 1)).unwrap();
    }
    assert_eq!(does(&mut room, "陈姨", settle), refused(Refusal::CorrectedEnough { most: CORRECTIONS_MAX }));
}

#[test]
fn a_mediator_settles_what_the_two_do_not_and_nobody_else_can() {
    let (mut room, deal) = helps();
    let rule = |points| DisputeCommand::Rule { deal, points: Points(points) };
    assert_eq!(does(&mut room, "王伯", rule(10)), refused(Refusal::NotInDispute));
    does(&mut room, "何姐", say(deal, 0)).unwrap();
    assert_eq!(does(&mut room, "赵姐", rule(10)), refused(Refusal::RoleMissing { role: "mediator" }));
    assert_eq!(does(&mut room, "王伯", say(deal, 3)), refused(Refusal::NotAParty));
    does(&mut room, "王伯", rule(10)).unwrap();
    finish(&mut room, deal);
    assert_eq!(balances(&room), (10, -10));
    assert_eq!(does(&mut room, "何姐", DisputeCommand::Settle { deal }), refused(Refusal::NothingOwed));

    // A word for the same says nothing new, and writes nothing.
    let written = room.home("王伯").journals().len();
    does(&mut room, "王伯", rule(10)).unwrap();
    does(&mut room, "何姐", say(deal, 0)).unwrap();
    assert_eq!(room.home("王伯").journals().len(), written);

    // A ruling by somebody who does not mediate in the epoch named counts for nothing.
    let forged = Body::Rule(Word { deal, points: Points(1), number: 9 });
    let node = &mut room.phones.get_mut("赵姐").unwrap().node;
    node.write(forged).unwrap();
    let home = room.home("赵姐");
    assert_eq!(home.dispute(home.board().deal(&deal).unwrap()).figure(), Some(Points(10)));
}

#[test]
fn a_payment_that_is_not_just_what_is_owed_is_not_taken_and_comes_back() {
    let (mut room, deal) = helps();
    finish(&mut room, deal);
    for name in ["陈姨", "何姐"] {
        does(&mut room, name, say(deal, 30)).unwrap();
    }
    assert_eq!(owed(&room, deal), Some((room.member("何姐"), 10)));
    let to = room.phones["王伯"].node.journal_of(&room.member("陈姨")).unwrap();
    // Too little, with the reason that a payment of all of it would have; and by somebody who owes nothing.
    for (who, points) in [("何姐", 1), ("王伯", 10)] {
        let pen = &mut room.phones.get_mut(who).unwrap().node;
        pen.transfer(to, Points(points), Some(correction(&deal, 0))).unwrap();
        room.tick(who);
        assert_eq!(balances(&room), (20, -20), "{who}");
    }
    does(&mut room, "何姐", DisputeCommand::Settle { deal }).unwrap();
    assert_eq!(balances(&room), (30, -30), "the honest payment is taken all the same");
    assert_eq!(room.home("王伯").ledger().balance(&room.member("王伯")), 0);
}

#[test]
fn a_deal_that_was_called_off_has_no_points_to_differ_about() {
    let (mut room, deal) = helps();
    room.does("何姐", Command::CallOff { deal }).unwrap();
    assert_eq!(does(&mut room, "何姐", say(deal, 3)), refused(Refusal::WrongStage { stage: "called-off" }));
    let unknown = DisputeCommand::Settle { deal: DealId([0; 16]) };
    assert_eq!(does(&mut room, "何姐", unknown), refused(Refusal::DealUnknown));
}
