#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::Instant;
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::{Cut, Role, Tip, Transfer};
use kaifong_trust::invite::Ticket;
use kaifong_trust::pen::Pen;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::event::Command;
use crate::node::Past;
use crate::room::{Room, offer, refused};

/// 李叔 has founded; 何姐 and 马乐 review with him, 陈姨 has a phone and a tablet.
fn street() -> (Room, Ticket) {
    let (mut room, ticket) = Room::new();
    room.buys("马乐", 4);
    room.joins("马乐", &ticket);
    for name in ["何姐", "马乐"] {
        let member = room.member(name);
        room.does("李叔", Command::SetRole { member, role: Role::Reviewer, held: true }).unwrap();
    }
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    (room, ticket)
}

fn gives(room: &mut Room, who: &'static str, whom: &str, points: u32) -> Result<Done, NodeError> {
    let to = room.member(whom);
    room.does(who, Command::Give { to, points: Points(points) })
}

fn closes_the_phone(room: &mut Room) {
    let device = room.phones["陈姨"].node.device();
    room.does("平板", Command::CloseDevice { device, disown: false }).unwrap();
}

fn hands_over(room: &mut Room, who: &'static str) -> Result<Done, NodeError> {
    let member = room.member("平板");
    room.does(who, Command::HandPointsOver { member })
}

fn rights(room: &Room, who: &str) -> i64 {
    let node = &room.phones[who].node;
    room.home(who).ledger().standing(&node.tip().unwrap()).unwrap().rights
}

fn fund(room: &Room, who: &str) -> i64 {
    let home = room.home(who);
    assert_eq!(home.ledger().sum(), 0);
    home.ledger().balance(&home.fund())
}

/// A changed program writes what it likes, and everybody hears it; gives the entry.
fn writes(room: &mut Room, who: &'static str, body: Body) -> EntryHash {
    let phone = room.phones.get_mut(who).unwrap();
    let entry = phone.node.write(body).unwrap();
    let step = phone.node.take();
    kaifong_store::Store::commit(&*phone.store, step.batch).unwrap();
    let sent = step.effects.into_iter().filter_map(|effect| match effect {
        crate::event::Effect::Send { connection, frame } => {
            let ends = room.wires.get(&connection.0)?;
            Some((connection.0, if ends[0] == who { ends[1] } else { ends[0] }, frame))
        }
        _ => None,
    });
    let sent = sent.collect();
    room.carry(sent);
    room.tick(who);
    entry
}

/// 李叔 and 何姐 say what no honest device would; gives the second word.
fn collude(room: &mut Room, last: EntryHash, successor: JournalId) -> EntryHash {
    let first = writes(room, "李叔", Body::Succeed(Succession { last, successor, seconds: None }));
    writes(room, "何姐", Body::Succeed(Succession { last, successor, seconds: Some(first) }))
}

/// The last entry of 陈姨's phone, as a cut names it.
fn tip_of_the_phone(room: &Room) -> Tip {
    let home = room.home("陈姨");
    let hash = room.phones["陈姨"].node.tip().unwrap();
    let entry = home.journals().entry(&hash).unwrap().value();
    Tip { journal: entry.journal, seq: entry.seq, hash }
}

fn stranded_points(room: &Room, who: &str) -> Vec<i64> {
    room.home(who).stranded_of(&room.member("平板")).iter().map(|row| row.points).collect()
}

#[test]
fn what_chen_spent_in_plain_sight_is_not_handed_over_though_her_own_cut_leaves_it_out() {
    let (mut room, _) = street();
    room.meet("何姐", "平板");
    room.meet("马乐", "平板");
    let before = tip_of_the_phone(&room);
    gives(&mut room, "陈姨", "马乐", 60).unwrap();
    let seen = room.home("李叔").ledger().seen_upto(&room.phones["陈姨"].node.tip().unwrap());
    assert!(seen.is_some_and(|seen| seen != before.hash), "李叔 is a witness, and has stamped it");
    let device = room.phones["陈姨"].node.device();
    room.goes_off("陈姨");
    writes(&mut room, "平板", Body::Cut(Cut { device, tips: vec![before] }));
    for who in ["李叔", "何姐", "平板"] {
        assert_eq!(stranded_points(&room, who), [40], "{who}");
    }
    // Two who collude name the entry of the cut; her honest tablet takes up nothing of it.
    let own = room.phones["平板"].node.own_journal().unwrap();
    let word = collude(&mut room, before.hash, own);
    let told = room.home("平板").ledger().check_inherit(&room.phones["平板"].node.tip().unwrap(), &word);
    assert_eq!((told, rights(&room, "平板")), (Ok(100), 0), "it would count, and an honest device does not sign it");
    hands_over(&mut room, "李叔").unwrap();
    hands_over(&mut room, "何姐").unwrap();
    let chen = room.member("平板");
    assert_eq!((rights(&room, "平板"), fund(&room, "李叔")), (40, 0));
    assert_eq!(room.home("李叔").ledger().balance(&chen), -60, "she answers for what was seen");
}

#[test]
fn what_a_journal_holds_that_is_known_to_be_forked_is_offered_by_nobody_though_it_was_cut_once() {
    let (mut room, _) = street();
    room.meet("何姐", "平板");
    let he = room.home("李叔").journals_in_use(&room.member("何姐"))[0].journal;
    let before = tip_of_the_phone(&room);
    let key = room.phones["陈姨"].node.key.clone();
    let mut copy = Pen::resume(key, room.home("陈姨").journals(), &before.journal).unwrap();
    let epoch = room.home("陈姨").roster().newest_epoch();
    let twin = Transfer { to: he, points: Points(70), reason: None };
    let twin = copy.write(epoch, Instant(room.now), Body::Transfer(twin));
    gives(&mut room, "陈姨", "何姐", 10).unwrap();
    room.goes_off("陈姨");
    closes_the_phone(&mut room);
    assert_eq!(stranded_points(&room, "李叔"), [90]);
    let last = room.home("李叔").stranded_of(&room.member("平板"))[0].last;
    for who in ["李叔", "何姐", "平板"] {
        room.phones.get_mut(who).unwrap().node.keep(twin.clone()).unwrap();
        room.tick(who);
        assert!(room.home(who).ledger().is_forked(&before.journal));
        assert_eq!(stranded_points(&room, who), [0_i64; 0], "{who}");
    }
    assert_eq!(hands_over(&mut room, "李叔"), refused(Refusal::NothingLeft));
    let own = room.phones["平板"].node.own_journal().unwrap();
    collude(&mut room, last, own);
    assert_eq!(rights(&room, "平板"), 0, "nor is it taken up");
}

#[test]
fn who_changes_to_a_device_that_was_in_doubt_moves_points_into_the_journal_that_it_writes_today() {
    let (mut room, _) = street();
    room.goes_off("平板");
    let tablet = room.phones.get_mut("平板").unwrap();
    let left = tablet.node.own_journal().unwrap();
    let past = Past { doubt: true, ..Past::default() };
    let (rng, key) = (ChaCha20Rng::from_seed([77; 32]), DeviceKey::from_seed([5; 32]));
    tablet.node = Node::open(tablet.store.clone(), key, rng, Instant(room.now), past).unwrap();
    room.now += 1000;
    room.meet("平板", "李叔");
    room.does("平板", offer("手推车")).unwrap();
    room.meet("陈姨", "平板");
    let (tablet, own) = (room.phones["平板"].node.device(), room.phones["平板"].node.own_journal().unwrap());
    assert_ne!(own, left);
    room.does("陈姨", Command::ChangeDevice { to: tablet }).unwrap();
    assert_eq!(rights(&room, "平板"), 100);
}

#[test]
fn two_reviewers_hand_a_closed_phones_points_over_and_the_tablet_takes_them_up_by_itself() {
    let (mut room, _) = street();
    gives(&mut room, "陈姨", "李叔", 30).unwrap();
    assert_eq!(hands_over(&mut room, "李叔"), refused(Refusal::NothingLeft), "the phone lives");
    room.goes_off("陈姨");
    closes_the_phone(&mut room);
    let chen = room.member("平板");
    let rows = room.home("李叔").stranded_of(&chen);
    assert_eq!(rows.iter().map(|row| row.points).collect::<Vec<_>>(), [70]);
    assert_eq!(hands_over(&mut room, "平板"), refused(Refusal::RoleMissing { role: "reviewer" }));

    hands_over(&mut room, "李叔").unwrap();
    assert_eq!(hands_over(&mut room, "李叔"), refused(Refusal::NothingLeft), "said once");
    assert_eq!(rights(&room, "平板"), 0, "one reviewer does not suffice");
    room.meet("何姐", "平板");
    hands_over(&mut room, "何姐").unwrap();
    assert_eq!(rights(&room, "平板"), 70);
    assert_eq!(hands_over(&mut room, "马乐"), refused(Refusal::NothingLeft));
    let (home, own) = (room.home("李叔"), room.home("李叔").journals_in_use(&chen));
    assert_eq!((home.ledger().balance(&chen), fund(&room, "李叔")), (-30, 0), "no balance moves");
    assert_eq!(own.len(), 1, "the closed one is paid into no more");
    assert_eq!(own[0].rights, 70);
}

#[test]
fn what_the_lost_phone_has_paid_unseen_is_the_funds_loss_wherever_it_is_heard_first() {
    let (mut room, _) = street();
    // The phone and 何姐 are on the roof; nobody else hears what is paid there.
    room.goes_off("陈姨");
    room.goes_off("何姐");
    room.meet("陈姨", "何姐");
    gives(&mut room, "陈姨", "何姐", 20).unwrap();
    closes_the_phone(&mut room);
    room.meet("马乐", "平板");
    hands_over(&mut room, "李叔").unwrap();
    hands_over(&mut room, "马乐").unwrap();
    assert_eq!((rights(&room, "平板"), fund(&room, "李叔")), (100, 0));
    room.goes_off("陈姨");
    room.meet("何姐", "李叔");
    room.meet("何姐", "平板");
    let (chen, he) = (room.member("平板"), room.member("何姐"));
    for who in ["李叔", "何姐", "平板"] {
        assert_eq!(fund(&room, who), -20, "{who}");
        let ledger = room.home(who).ledger();
        assert_eq!((ledger.balance(&chen), ledger.balance(&he)), (0, 20), "{who}: nothing counted is un-counted");
        assert_eq!(ledger.legacies().values().map(|legacy| legacy.spent).collect::<Vec<_>>(), [20]);
    }
}

#[test]
fn reviewers_who_collude_hand_nothing_of_a_living_phone_over_to_an_honest_one() {
    let (mut room, _) = street();
    room.meet("何姐", "平板");
    let (last, closed) = {
        let node = &room.phones["陈姨"].node;
        let own = room.home("陈姨").journals_in_use(&room.member("陈姨"));
        (node.tip().unwrap(), own)
    };
    let successor = closed.iter().find(|own| own.device == room.phones["平板"].node.device()).unwrap().journal;
    let word = collude(&mut room, last, successor);
    let told = room.home("平板").ledger().check_inherit(&room.phones["平板"].node.tip().unwrap(), &word);
    assert_eq!(told, Ok(100), "it would count");
    assert_eq!(rights(&room, "平板"), 0, "and an honest device does not sign it");
}

#[test]
fn points_move_between_two_own_devices_and_no_balance_does() {
    let (mut room, _) = street();
    let (phone, tablet) = (room.phones["陈姨"].node.device(), room.phones["平板"].node.device());
    room.meet("陈姨", "平板");
    let moves =
        |room: &mut Room, device, points| room.does("陈姨", Command::MovePoints { device, points: Points(points) });
    assert_eq!(moves(&mut room, phone, 10), refused(Refusal::DeviceUnknown), "not to itself");
    let li = room.phones["李叔"].node.device();
    assert_eq!(moves(&mut room, li, 10), refused(Refusal::DeviceUnknown), "not to a neighbour's");
    assert_eq!(moves(&mut room, tablet, 0), refused(Refusal::TransferMalformed));
    let beyond = Refusal::BeyondRights { rights: 100, needed: Points(101) };
    assert_eq!(moves(&mut room, tablet, 101), refused(beyond));
    moves(&mut room, tablet, 60).unwrap();
    assert_eq!((rights(&room, "陈姨"), rights(&room, "平板")), (40, 60));
    let chen = room.member("陈姨");
    assert_eq!(room.home("李叔").ledger().balance(&chen), 0);
    let own = room.home("李叔").journals_in_use(&chen);
    assert_eq!(own.iter().map(|own| own.rights).sum::<i64>(), 100);
    assert_eq!(Instant(room.now), room.phones["陈姨"].node.now());
}

#[test]
fn what_a_device_held_in_the_journal_that_it_left_after_a_doubt_goes_on_in_its_next_one() {
    let (mut room, _) = street();
    gives(&mut room, "陈姨", "李叔", 30).unwrap();
    room.goes_off("陈姨");
    let phone = room.phones.get_mut("陈姨").unwrap();
    let past = Past { doubt: true, ..Past::default() };
    let (rng, key) = (ChaCha20Rng::from_seed([77; 32]), DeviceKey::from_seed([2; 32]));
    phone.node = Node::open(phone.store.clone(), key, rng, Instant(room.now), past).unwrap();
    room.now += 1000;
    room.meet("陈姨", "李叔");
    room.does("陈姨", offer("手推车")).unwrap();
    assert_eq!(rights(&room, "陈姨"), 0, "the new journal holds nothing");
    room.meet("何姐", "平板");
    hands_over(&mut room, "李叔").unwrap();
    hands_over(&mut room, "何姐").unwrap();
    let total = |who: &str| {
        let own = room.home(who).journals_in_use(&room.member("陈姨"));
        own.iter().map(|own| own.rights).collect::<Vec<_>>()
    };
    let mut held = total("李叔");
    held.sort_unstable();
    assert_eq!(held, [0, 70], "in one of the two that are written today");
    assert_eq!(fund(&room, "李叔"), 0);
}

#[test]
fn who_is_certified_again_gets_back_what_the_journal_held_that_fell_with_a_removed_reviewer() {
    let (mut room, ticket) = Room::new();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    let reviews = |member, held| Command::SetRole { member, role: Role::Reviewer, held };
    room.does("李叔", reviews(he, true)).unwrap();
    room.does("李叔", reviews(chen, true)).unwrap();
    room.goes_off("陈姨");
    room.does("李叔", reviews(chen, false)).unwrap();
    room.buys("王姐", 4);
    let device = room.asks_to_join("王姐", &ticket, "陈姨");
    room.does("陈姨", Command::Approve { device, votes: false }).unwrap();
    room.does("王姐", offer("会修伞")).unwrap();
    room.goes_off("王姐");
    room.meet("陈姨", "李叔");
    room.meet("王姐", "李叔");
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    room.does("王姐", offer("会修鞋")).unwrap();
    let wang = room.member("王姐");
    let rows = room.home("李叔").stranded_of(&wang);
    assert_eq!(rows.iter().map(|row| row.points).collect::<Vec<_>>(), [100]);
    for who in ["李叔", "何姐"] {
        room.does(who, Command::HandPointsOver { member: wang }).unwrap();
    }
    assert_eq!(rights(&room, "王姐"), 100);
    assert!(room.home("何姐").stranded_of(&wang).is_empty());
}
