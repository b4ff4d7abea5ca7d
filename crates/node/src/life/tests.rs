#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::ComplaintId;
use kaifong_net::PathKind;
use kaifong_trust::entry::Entry;
use kaifong_trust::refounding::Following;
use kaifong_trust::{DeviceKey, Signed};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use kaifong_store::Store as _;

use super::*;
use crate::event::Event;
use crate::node::Past;
use crate::room::{DAY_MS, NOON, Room, offer, refused};

// proves: A5
#[test]
fn who_was_off_while_a_neighbour_erased_hands_in_the_old_words_and_drops_them_too() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", offer("手推车")).unwrap();
    room.meet("何姐", "陈姨");
    assert!(room.kept("何姐", &chen) > 0 && room.kept("李叔", &chen) > 0);
    room.goes_off("何姐");
    room.does("陈姨", Command::Erase).unwrap();
    assert_eq!([room.kept("李叔", &chen), room.kept("陈姨", &chen)], [0, 0], "at once, where it is heard");
    assert!(room.kept("何姐", &chen) > 0);
    // She brings it to somebody who has dropped it; not even 陈姨 is there.
    room.goes_off("陈姨");
    room.meet("何姐", "李叔");
    assert_eq!([room.kept("何姐", &chen), room.kept("李叔", &chen)], [0, 0]);
    assert_eq!(room.home("何姐").projection(), room.home("李叔").projection());
    assert!(room.home("李叔").board().profile(&chen).is_none() && room.home("李叔").documents().len() == 2);
    assert!(room.home("李叔").roster().member(&chen).is_some(), "the journal stays");
    assert_eq!(room.does("陈姨", offer("又一辆")), refused(Refusal::YouLeft), "and nothing is said any more");
    // Should that word ever count no longer, neighbours may still hold what this actor has said: another one goes on.
    assert_eq!(room.phones["陈姨"].store.get(Space::Meta, b"actor").unwrap(), None);
    // What was read back from the store knows no more of it.
    let store = room.phones["何姐"].store.clone();
    let again = Node::open(
        store,
        DeviceKey::from_seed([3; 32]),
        ChaCha20Rng::from_seed([9; 32]),
        Instant(room.now),
        Past::default(),
    );
    assert!(again.unwrap().home().unwrap().board().profile(&chen).is_none());
}

#[test]
fn a_delivery_of_erased_words_is_answered_with_the_word_that_erased_them() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    let delivery = {
        let phone = &room.phones["李叔"];
        phone
            .node
            .home()
            .unwrap()
            .documents
            .with(&chen, &*phone.store, |document| document.missing(&[]))
            .unwrap()
            .unwrap()
    };
    room.does("陈姨", Command::Erase).unwrap();
    room.goes_off("何姐");
    room.meet("何姐", "李叔");
    let wire = *room.wires.iter().find(|(_, ends)| ends.contains(&"何姐")).unwrap().0;
    let news = Message::News(vec![Parcel::Document(delivery)]).encode();
    let answer = room.hear("李叔", Event::Frame { connection: ConnectionId(wire), bytes: news });
    let erased = room.home("李叔").journals().whereabouts(&chen).erased.unwrap();
    let told = answer.iter().filter_map(|(_, _, frame)| match Message::decode(frame).unwrap() {
        Message::News(parcels) => Some(parcels),
        _ => None,
    });
    let told: Vec<_> = told.flatten().collect();
    let [Parcel::Entries(entries)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(entries.iter().map(|entry| EntryHash(entry.hash())).collect::<Vec<_>>(), [erased]);
    assert_eq!(room.kept("李叔", &chen), 0);
}

#[test]
fn moving_out_ends_what_is_open_first_and_then_begins_nothing() {
    let (mut room, _) = Room::new();
    let (listing, deal) = room.borrows();
    let chen = room.member("陈姨");
    assert_eq!(room.does("李叔", Command::Leave { ends_at: Some(Instant(NOON)) }), refused(Refusal::SeatHeld));
    let now = Command::Leave { ends_at: Some(Instant(0)) };
    assert_eq!(room.does("陈姨", now.clone()), refused(Refusal::StillOpen { deals: 1 }));
    assert_eq!(room.does("陈姨", Command::Erase), refused(Refusal::StillOpen { deals: 1 }));
    assert_eq!(room.does("陈姨", Command::Leave { ends_at: None }), refused(Refusal::NotLeaving));
    let far = Command::Leave { ends_at: Some(Instant(u64::MAX)) };
    assert!(matches!(room.does("陈姨", far), Err(NodeError::Refused(Refusal::OutOfRange { .. }))));
    // A day ahead can be said with things still out, and taken back.
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    room.does("陈姨", Command::Leave { ends_at: None }).unwrap();
    assert_eq!(room.home("李叔").journals().whereabouts(&chen).ends_at, None);
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    for name in ["陈姨", "何姐"] {
        room.does(name, Command::HandOver { deal }).unwrap();
    }
    room.now = NOON + DAY_MS;
    room.tick("陈姨");
    let row = room.home("李叔").board().listing(&chen, &listing).unwrap();
    assert!(row.listing.closed_at.is_some(), "the day has come, and her listings are withdrawn");
    // Nobody would carry the letters of what she begins now.
    let (li, he) = (room.member("李叔"), room.member("何姐"));
    for begins in [
        offer("又一辆"),
        Command::Leave { ends_at: None },
        Command::SetKin { member: he, wishes: true },
        Command::OpenDetails { member: he },
        Command::Complain { about: li, text: "不见人".into() },
        Command::AnswerComplaint { complaint: ComplaintId([1; 16]), text: "会看的".into() },
        Command::Follow(Following { refounding: EntryHash([1; 32]), device: DeviceId([1; 32]) }),
    ] {
        assert_eq!(room.does("陈姨", begins), refused(Refusal::YouLeft));
    }
    let give = Command::Give { to: chen, points: kaifong_domain::Points(1) };
    assert_eq!(room.does("李叔", give), refused(Refusal::HasLeft));
    // What is on loan can still come back, and holds nobody from erasing.
    room.does("何姐", Command::Return { deal }).unwrap();
    room.does("陈姨", Command::Return { deal }).unwrap();
    assert_eq!(room.home("李叔").board().deal(&deal).unwrap().stage, Stage::Done);
    room.does("陈姨", Command::Erase).unwrap();
    assert_eq!(room.home("李叔").board().deal(&deal).unwrap().stage, Stage::Done, "what was done stays");
}

#[test]
fn who_has_gone_hears_nothing_more_and_can_still_erase() {
    let (mut room, ticket) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", offer("手推车")).unwrap();
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(0)) }).unwrap();
    room.now += 1_000;
    // Whoever comes now is a neighbour to 李叔 and 何姐, and nothing of it reaches 陈姨, on old connections or new ones.
    room.buys("马乐", 4);
    room.joins("马乐", &ticket);
    let ma = room.member("马乐");
    for again in [false, true] {
        if again {
            room.goes_off("陈姨");
            room.meet("陈姨", "李叔");
            room.meet("何姐", "陈姨");
        }
        for name in ["陈姨", "李叔", "何姐"] {
            room.now += 60_000;
            room.tick(name);
        }
        assert!(room.home("何姐").roster().member(&ma).is_some());
        assert!(room.home("陈姨").roster().member(&ma).is_none());
    }
    assert!(room.kept("何姐", &chen) > 0);
    room.does("陈姨", Command::Erase).unwrap();
    room.meet("李叔", "陈姨");
    room.meet("李叔", "何姐");
    assert_eq!([room.kept("李叔", &chen), room.kept("何姐", &chen)], [0, 0], "her own word is heard, and goes on");
}

#[test]
fn who_erases_with_nobody_near_brings_the_word_along() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(0)) }).unwrap();
    room.goes_off("陈姨");
    room.now += 1_000;
    room.does("陈姨", Command::Erase).unwrap();
    assert!(room.kept("李叔", &chen) > 0);
    room.meet("陈姨", "李叔");
    assert_eq!(room.kept("李叔", &chen), 0);
}

#[test]
fn what_was_said_before_the_end_with_nobody_near_is_heard_with_the_last_words() {
    let (mut room, _) = Room::new();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    room.goes_off("陈姨");
    // The day before she goes she names family and gives away points, and nobody hears it.
    room.now += 1_000;
    room.does("陈姨", Command::NameKin { member: Some(he) }).unwrap();
    room.does("陈姨", Command::Give { to: he, points: kaifong_domain::Points(7) }).unwrap();
    room.now = NOON + DAY_MS + 1_000;
    room.does("陈姨", Command::Erase).unwrap();
    room.meet("陈姨", "何姐");
    assert_eq!(room.kept("何姐", &chen), 0, "her words are gone, for all that came before was heard too");
    assert_eq!(room.home("何姐").journals().whereabouts(&chen).kin, Some(he));
    assert_eq!(room.home("何姐").ledger().balance(&he), 7, "and the points have arrived");
}

#[test]
fn last_words_that_fill_several_frames_arrive_whole() {
    let (mut room, _) = Room::new();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    room.goes_off("陈姨");
    for turn in 0..2_000 {
        room.does("陈姨", Command::NameKin { member: (turn % 2 == 0).then_some(he) }).unwrap();
    }
    room.now = NOON + DAY_MS + 1_000;
    room.does("陈姨", Command::Erase).unwrap();
    let all: usize = room.home("陈姨").journals().entries().map(|entry| entry.signed().size_bytes() + 128).sum();
    assert!(all > crate::links::PARCEL_BYTES, "one frame would do");
    let before = room.home("李叔").journals().len();
    room.meet("陈姨", "李叔");
    assert_eq!(room.home("李叔").journals().len(), before + 2_001);
    assert_eq!(room.kept("李叔", &chen), 0);
}

#[test]
fn last_words_bring_along_what_they_rest_on_and_nobody_else_has_shown() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    room.goes_off("陈姨");
    room.goes_off("何姐");
    // She gives her points where nobody sees it, twice, and is never seen again.
    room.meet("何姐", "陈姨");
    for points in [7, 4] {
        room.does("何姐", Command::Give { to: chen, points: kaifong_domain::Points(points) }).unwrap();
    }
    assert_eq!(room.home("陈姨").ledger().balance(&chen), 11);
    room.goes_off("何姐");
    room.now = NOON + DAY_MS + 1_000;
    room.does("陈姨", Command::Erase).unwrap();
    room.meet("陈姨", "李叔");
    assert_eq!(room.home("李叔").ledger().balance(&chen), 11, "what she took from her neighbour has come with her");
    assert_eq!(room.kept("李叔", &chen), 0, "and so has what she said after it");
    assert_eq!(room.home("李叔").journals().waiting(), 0);
}

#[test]
fn a_tablet_with_unsent_words_undoes_the_leaving_that_a_thief_has_said_with_the_phone() {
    let (mut room, ticket) = Room::new();
    let chen = room.member("陈姨");
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    room.goes_off("平板");
    room.does("平板", Command::NameKin { member: Some(room.member("何姐")) }).unwrap();
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(0)) }).unwrap();
    room.goes_off("陈姨");
    room.now += 1_000;
    assert!(room.home("李叔").journals().whereabouts(&chen).ends_at.is_some());
    let phone = room.phones["陈姨"].node.device();
    room.does("平板", Command::CloseDevice { device: phone, disown: true }).unwrap();
    room.meet("平板", "李叔");
    for name in ["李叔", "平板"] {
        assert_eq!(room.home(name).journals().whereabouts(&chen).ends_at, None, "{name}");
    }
    // And it is a neighbour's device again: what is said from now on arrives on the same connection.
    let Done::Posted(listing) = room.does("平板", offer("手推车")).unwrap() else { panic!() };
    assert!(room.home("李叔").board().listing(&chen, &listing).is_some());
}

#[test]
fn last_words_are_asked_for_again_only_while_something_new_comes() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    room.goes_off("陈姨");
    room.does("陈姨", Command::NameKin { member: Some(room.member("何姐")) }).unwrap();
    room.now += DAY_MS;
    room.does("陈姨", Command::Erase).unwrap();
    let last = room.phones["陈姨"].node.tip().unwrap();
    let said: Vec<_> = room.home("陈姨").journals().branch(&last).take(2).map(|entry| entry.signed().clone()).collect();
    let [erased, named] = &said[..] else { panic!() };
    room.next_wire += 1;
    let wire = ConnectionId(room.next_wire);
    let device = room.phones["陈姨"].node.device();
    room.hear("李叔", Event::Connected { connection: wire, device, path: PathKind::Lan });
    let building = Some(room.home("李叔").id());
    let hello = Message::Hello { version: kaifong_sync::PROTOCOL_VERSION, building };
    let asked = |sent: Vec<(u64, &str, Vec<u8>)>| {
        sent.iter().filter(|(.., frame)| matches!(Message::decode(frame), Ok(Message::LastHeard { .. }))).count()
    };
    room.wires.insert(wire.0, ["李叔", "陈姨"]);
    let mut says = |message: Message| room.hear("李叔", Event::Frame { connection: wire, bytes: message.encode() });
    assert_eq!(asked(says(hello)), 1);
    assert_eq!(asked(says(Message::News(Vec::new()))), 0, "nothing is left");
    let word = |word: &Signed<Entry>| Message::News(vec![Parcel::Entries(vec![word.clone()])]);
    assert_eq!(asked(says(word(erased))), 1, "something before it is missing");
    assert_eq!(asked(says(word(erased))), 0, "and that is not known to her either");
    assert_eq!(asked(says(word(named))), 1, "more may follow");
    assert_eq!(asked(says(Message::News(Vec::new()))), 0);
    assert_eq!(room.kept("李叔", &chen), 0);
}

#[test]
fn nothing_is_begun_with_who_is_away_and_they_come_back_by_one_word() {
    let (mut room, _) = Room::new();
    let (he, chen) = (room.member("何姐"), room.member("陈姨"));
    let Done::Posted(listing) = room.does("何姐", offer("人字梯")).unwrap() else { panic!() };
    room.meet("何姐", "陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Reviewer, held: true }).unwrap();
    let away = Command::Mark { member: he, state: Marked::Away { until: None } };
    assert_eq!(room.does("何姐", away.clone()), refused(Refusal::RoleMissing { role: "reviewer" }));
    room.does("李叔", away.clone()).unwrap();
    assert_eq!(room.does("李叔", away.clone()), refused(Refusal::AlreadyConfirmed));
    let due_at = Some(Instant(NOON + DAY_MS));
    let answer = Command::Answer { owner: he, listing, points: None, due_at, counterpart: None };
    let Done::Answered(deal) = room.does("陈姨", answer.clone()).unwrap() else { panic!() };
    room.does("陈姨", Command::CallOff { deal }).unwrap();
    room.does("陈姨", away).unwrap();
    assert_eq!(room.does("陈姨", answer.clone()), refused(Refusal::IsAway));
    room.does("何姐", Command::Here).unwrap();
    assert_eq!(room.does("何姐", Command::Here), refused(Refusal::MarkUnknown));
    room.does("陈姨", answer).unwrap();
}
