#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::care::CareRefusal;

use super::*;
use crate::care::CareCommand;
use crate::event::Command;
use crate::room::{DAY_MS, Room, offer, refused};

fn does(room: &mut Room, who: &'static str, command: CommonsCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Commons(command))
}

fn founds(room: &mut Room, who: &'static str) -> GroupKey {
    let (name, about, meets, venue) = ("棋友会".into(), "下棋".into(), "周三晚".into(), "二楼".into());
    let Done::GroupFounded(id) = does(room, who, CommonsCommand::Found { name, about, meets, venue }).unwrap() else {
        panic!()
    };
    (room.member(who), id)
}

/// 何姐 has had 陈姨's cart and has brought it back.
fn finishes_a_deal(room: &mut Room) {
    let (_, deal) = room.borrows();
    for (who, step) in [
        ("陈姨", Command::HandOver { deal }),
        ("何姐", Command::HandOver { deal }),
        ("何姐", Command::Return { deal }),
        ("陈姨", Command::Return { deal }),
    ] {
        room.does(who, step).unwrap();
    }
}

fn invited(room: &Room, name: &str) -> Vec<InvitedTo> {
    room.phones[name].node.invitations().into_iter().map(|(_, to, _)| to).collect()
}

fn no(why: CommonsRefusal) -> Result<Done, NodeError> {
    refused(why.into())
}

// proves: C16
#[test]
fn who_joins_a_group_says_so_themselves_and_leaves_by_their_own_word() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let key = founds(&mut room, "李叔");
    assert_eq!(does(&mut room, "李叔", CommonsCommand::Join { key }), no(CommonsRefusal::OwnGroup));
    does(&mut room, "陈姨", CommonsCommand::Join { key }).unwrap();
    for at in ["李叔", "陈姨", "何姐"] {
        let members: Vec<_> = room.home(at).board().commons().members(&key).collect();
        assert_eq!(members, [room.member("陈姨")], "{at}");
    }
    assert_eq!(does(&mut room, "何姐", CommonsCommand::Leave { key }), no(CommonsRefusal::NotInGroup));
    assert_eq!(does(&mut room, "陈姨", CommonsCommand::Close { group: key.1 }), no(CommonsRefusal::GroupUnknown));
    does(&mut room, "陈姨", CommonsCommand::Leave { key }).unwrap();
    assert_eq!(room.home("李叔").board().commons().members(&key).count(), 0);
    does(&mut room, "李叔", CommonsCommand::Close { group: key.1 }).unwrap();
    assert_eq!(does(&mut room, "何姐", CommonsCommand::Join { key }), no(CommonsRefusal::GroupUnknown));
    let all = ["李叔", "陈姨", "何姐"].map(|at| room.home(at).projection());
    assert!(all.iter().all(|projection| *projection == all[0]));
}

// proves: A35
#[test]
fn after_a_finished_deal_one_invites_the_other_and_nobody_else_hears_of_it() {
    let (mut room, _) = Room::new();
    let key = founds(&mut room, "陈姨");
    let to = InvitedTo::Group { founder: key.0, group: key.1 };
    let he = room.member("何姐");
    let invite = CommonsCommand::Invite { member: he, to };
    assert_eq!(does(&mut room, "陈姨", invite.clone()), no(CommonsRefusal::NotAcquainted));
    finishes_a_deal(&mut room);
    for _ in 0..2 {
        does(&mut room, "陈姨", invite.clone()).unwrap();
    }
    let invited = room.phones["何姐"].node.invitations();
    assert_eq!(invited.iter().map(|(from, to, _)| (*from, *to)).collect::<Vec<_>>(), [(room.member("陈姨"), to)]);
    assert!(room.phones["李叔"].node.invitations().is_empty() && room.phones["陈姨"].node.invitations().is_empty());
    // It is there after a start, and gone once it was laid aside.
    let kept = Invitations::load(&*room.phones["何姐"].store).unwrap();
    assert_eq!(kept.rows.len(), 1);
    let from = room.member("陈姨");
    does(&mut room, "何姐", CommonsCommand::Dismiss { from, to }).unwrap();
    assert!(room.phones["何姐"].node.invitations().is_empty());
    assert!(Invitations::load(&*room.phones["何姐"].store).unwrap().rows.is_empty());
}

#[test]
fn one_neighbour_fills_only_their_own_part_of_the_invitations_and_what_never_came_makes_room() {
    let (mut room, _) = Room::new();
    finishes_a_deal(&mut room);
    let chen = room.member("陈姨");
    let to = |number| InvitedTo::Group { founder: chen, group: GroupId([number; 16]) };
    for number in 0..12 {
        assert!(room.reads("何姐", "陈姨", &Letter::Invite { to: to(number) }));
    }
    assert_eq!(invited(&room, "何姐").len(), INVITED_BY_ONE_MAX);
    room.now += 8 * DAY_MS;
    room.tick("何姐");
    room.reads("何姐", "陈姨", &Letter::Invite { to: to(20) });
    assert_eq!(invited(&room, "何姐"), [to(20)]);
    // Whoever has finished no deal with one is not heard, as long as none is known.
    assert!(!room.reads("何姐", "李叔", &Letter::Invite { to: to(21) }));
    assert_eq!(invited(&room, "何姐"), [to(20)]);
}

#[test]
fn what_can_be_followed_no_longer_makes_room() {
    let (mut room, _) = Room::new();
    finishes_a_deal(&mut room);
    let key = founds(&mut room, "陈姨");
    let to = InvitedTo::Group { founder: key.0, group: key.1 };
    room.reads("何姐", "陈姨", &Letter::Invite { to });
    assert_eq!(invited(&room, "何姐"), [to]);
    does(&mut room, "何姐", CommonsCommand::Join { key }).unwrap();
    let other = InvitedTo::Group { founder: key.0, group: GroupId([9; 16]) };
    room.reads("何姐", "陈姨", &Letter::Invite { to: other });
    assert_eq!(invited(&room, "何姐"), [other]);
}

#[test]
fn who_is_blocked_invites_nobody_and_is_not_told() {
    let (mut room, _) = Room::new();
    finishes_a_deal(&mut room);
    let key = founds(&mut room, "陈姨");
    let to = InvitedTo::Group { founder: key.0, group: key.1 };
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    room.does("何姐", Command::Care(CareCommand::Block { member: chen, blocked: true })).unwrap();
    does(&mut room, "陈姨", CommonsCommand::Invite { member: he, to }).unwrap();
    assert!(room.reads("何姐", "陈姨", &Letter::Invite { to }), "it is taken in");
    assert!(invited(&room, "何姐").is_empty(), "and thrown away");
    let back = CommonsCommand::Invite { member: chen, to };
    assert_eq!(does(&mut room, "何姐", back), refused(CareRefusal::Blocked.into()));
}

// proves: B28 A11 B25
#[test]
fn who_organises_lists_what_is_outside_adds_categories_and_enters_for_others() {
    let (mut room, _) = Room::new();
    let lists = || CommonsCommand::List {
        name: "社区卫生站".into(),
        about: "量血压".into(),
        contact: String::new(),
        hours: String::new(),
        minutes: Some(8),
    };
    let role = |role| refused(Refusal::RoleMissing { role });
    assert_eq!(does(&mut room, "陈姨", lists()), role("organiser"));
    let category = || CommonsCommand::AddCategory { class: 5, name: "渔具".into() };
    assert_eq!(does(&mut room, "陈姨", category()), role("organiser"));
    let for_somebody = || {
        let Command::Post(draft) = offer("手推车") else { panic!() };
        Command::Post(crate::event::Draft { behalf: Some("三楼的奶奶".into()), ..draft })
    };
    assert_eq!(room.does("陈姨", for_somebody()), role("volunteer"));
    let member = room.member("陈姨");
    let organises = |held| Command::SetRole { member, role: Role::Organiser, held };
    room.does("李叔", organises(true)).unwrap();
    room.meet("陈姨", "李叔");
    does(&mut room, "陈姨", lists()).unwrap();
    does(&mut room, "陈姨", category()).unwrap();
    room.does("陈姨", for_somebody()).unwrap();
    let here = |room: &Room| {
        let home = room.home("何姐");
        (home.resources().count(), home.added_categories().count(), home.may_enter_for_others(&member))
    };
    assert_eq!(here(&room), (1, 1, true));
    let unknown = {
        let Command::Post(draft) = offer("钓竿") else { panic!() };
        Command::Post(crate::event::Draft { category: Some(Category::Added(CategoryId([9; 16]))), ..draft })
    };
    assert_eq!(room.does("何姐", unknown), refused(Refusal::CategoryUnknown));
    // What they have entered is shown as long as they organise.
    room.does("李叔", organises(false)).unwrap();
    assert_eq!(here(&room), (0, 0, false));
}
