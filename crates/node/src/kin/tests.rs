#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use super::*;
use crate::event::Command;
use crate::room::Room;

fn word(with: MemberId, round: u64, wishes: bool) -> Letter {
    Letter::Kin { with, round, wishes }
}

/// What 李叔's device knows of 陈姨's wish.
fn wishes(room: &Room) -> bool {
    let chen = room.member("陈姨");
    room.phones["李叔"].node.kin().any(|(with, stand)| with == chen && stand.theirs())
}

#[test]
fn a_word_far_ahead_of_what_is_known_is_not_heard() {
    let (mut room, _) = Room::new();
    let li = room.member("李叔");
    for (round, heard) in [(u64::MAX, false), (ROUNDS_AHEAD_MAX + 1, false), (ROUNDS_AHEAD_MAX, true)] {
        assert!(room.reads("李叔", "陈姨", &word(li, round, true)), "nobody need carry it any longer");
        assert_eq!(wishes(&room), heard, "{round}");
    }
    assert!(room.reads("李叔", "陈姨", &word(li, 1, false)));
    assert!(wishes(&room), "an older word");
}

#[test]
fn what_a_stolen_phone_said_is_taken_back_once_it_is_closed() {
    let (mut room, ticket) = Room::new();
    let li = room.member("李叔");
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    for round in [900, 1_800] {
        assert!(room.reads("李叔", "陈姨", &word(li, round, true)));
    }
    assert!(wishes(&room));
    // Her tablet has heard nothing of it, and begins at 1.
    assert!(room.reads("李叔", "平板", &word(li, 1, false)));
    assert!(wishes(&room), "while the phone is hers, its word is the later one");
    let phone = room.phones["陈姨"].node.device();
    room.goes_off("陈姨");
    room.does("平板", Command::CloseDevice { device: phone, disown: false }).unwrap();
    assert!(room.reads("李叔", "平板", &word(li, 2, false)));
    assert!(!wishes(&room));
    assert!(room.reads("李叔", "平板", &word(li, 1, true)));
    assert!(!wishes(&room), "from now on her tablet's rounds count");
}
