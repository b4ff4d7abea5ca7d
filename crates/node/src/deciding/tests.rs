#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_trust::entry::Role;

use super::*;
use crate::event::Command;
use crate::room::Room;

fn request(device: &Room, name: &str, household: &str) -> JoinRequest {
    JoinRequest {
        seal: device.phones[name].node.seal_key(),
        kind: MemberKind::Person,
        display_name: name.into(),
        household: household.into(),
        real_name: name.into(),
        phone: String::new(),
        salt: [3; 16],
        invite: [4; 32],
    }
}

#[test]
fn who_tells_two_reviewers_two_units_puts_their_mark_on_neither_of_the_other() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Reviewer, held: true }).unwrap();
    room.buys("钱七", 4);
    room.buys("王姐", 5);
    let device = room.phones["钱七"].node.device();
    // 李叔 hears that 钱七 owns 101, 陈姨 hears 502.
    assert!(room.reads("李叔", "钱七", &Letter::Join(request(&room, "钱七", "3栋101"))));
    assert!(room.reads("陈姨", "钱七", &Letter::Join(request(&room, "钱七", "3栋502"))));
    room.does("李叔", Command::Approve { device, votes: true }).unwrap();
    let qian = MemberId::derive(&room.home("陈姨").id(), &device);
    let mark = |room: &Room, of: &MemberId| room.home("陈姨").roster().member(of).unwrap().household.votes_for.unwrap();
    let his = mark(&room, &qian);
    // Who really owns 502 is asked for nothing, and gets a mark of their own.
    assert!(room.reads("陈姨", "王姐", &Letter::Join(request(&room, "王姐", "3栋502"))));
    let node = &room.phones["陈姨"].node;
    let waiting = node.requests().into_iter().find(|waiting| waiting.request.display_name == "王姐").unwrap();
    assert_eq!(node.unit_members(&waiting).unwrap(), []);
    room.does("陈姨", Command::Approve { device: waiting.device, votes: true }).unwrap();
    let wang = MemberId::derive(&room.home("陈姨").id(), &waiting.device);
    assert_ne!(mark(&room, &wang), his);
    assert_eq!(room.home("李叔").roster().households().len(), 2);
}
