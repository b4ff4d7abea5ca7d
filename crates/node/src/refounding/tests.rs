#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::Instant;
use kaifong_trust::DeviceKey;
use kaifong_trust::invite::Code;

use super::*;
use crate::event::Command;
use crate::room::{Room, refused};

/// 李叔 founds the building anew; gives the entry that tells of it.
fn refounded(room: &mut Room) -> EntryHash {
    let genesis = Genesis {
        name: "红棉新里".into(),
        founded_at: Instant(room.now),
        founder_seal: room.phones["李叔"].node.seal_key(),
        charter: kaifong_domain::charter::Charter::default(),
        nonce: nonce_after(&room.home("李叔").id(), &room.member("李叔")),
    };
    let genesis = DeviceKey::from_seed([20; 32]).sign(genesis).signed().clone();
    let invite = Code::generate(&mut room.phones.get_mut("李叔").unwrap().node.rng);
    room.does("李叔", Command::Refound(Refounding { genesis, invite })).unwrap();
    room.phones["李叔"].node.tip().unwrap()
}

#[test]
fn who_has_moved_out_takes_no_certificate_along_and_one_device_is_one_persons() {
    let (mut room, _) = Room::new();
    let [chen, he] = ["陈姨", "何姐"].map(|name| room.member(name));
    let entry = refounded(&mut room);
    let [hers, another] = [[31; 32], [32; 32]].map(DeviceId);
    let follows = |device| Command::Follow(Following { refounding: entry, device });
    let with = |room: &Room, member: &MemberId| {
        room.phones["李叔"].node.follows_with(&entry, member).map(|(_, devices)| devices)
    };
    assert_eq!(with(&room, &chen), Err(Refusal::RequestUnknown.into()), "she has not said so");
    room.does("陈姨", follows(hers)).unwrap();
    assert_eq!(with(&room, &chen), Ok(vec![hers]));
    room.does("何姐", follows(hers)).unwrap();
    for member in [chen, he] {
        assert_eq!(with(&room, &member), Err(Refusal::FollowedTwice.into()));
    }
    room.does("陈姨", follows(another)).unwrap();
    assert_eq!(with(&room, &chen), Ok(vec![another]), "the one that she alone names");
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(0)) }).unwrap();
    assert_eq!(with(&room, &chen), Err(Refusal::HasLeft.into()));
    assert_eq!(room.does("陈姨", follows(hers)), refused(Refusal::YouLeft));
    assert_eq!(with(&room, &he), Err(Refusal::FollowedTwice.into()), "what she said before stays said");
}
