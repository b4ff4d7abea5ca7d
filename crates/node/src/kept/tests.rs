#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use kaifong_domain::deal::Hold;
use kaifong_domain::{Instant, Points};

use super::*;
use crate::event::Command;
use crate::room::{DAY_MS, NOON, Room, offer, refused};

fn no(why: CommonsRefusal) -> Result<Done, NodeError> {
    refused(why.into())
}

fn draft(title: &str, kept: Kept) -> Draft {
    let Command::Post(draft) = offer(title) else { panic!() };
    Draft { kept, points: Some(Points(2)), ..draft }
}

/// 陈姨 keeps a ladder and names 何姐 and 李叔 as its owners.
fn bought() -> (Room, (MemberId, ListingId), Vec<MemberId>) {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let owners = vec![room.member("李叔"), room.member("何姐")];
    let kept = Kept::of(owners.clone(), Some("A 架".into()));
    let Done::Posted(listing) = room.does("陈姨", Command::Post(draft("人字梯", kept))).unwrap() else { panic!() };
    let key = (room.member("陈姨"), listing);
    (room, key, owners)
}

fn shares(room: &Room, at: &str, key: &(MemberId, ListingId)) -> Vec<(MemberId, Share)> {
    let board = room.home(at).board();
    board.commons().shares(key.0, &board.listing(&key.0, &key.1).unwrap().listing).collect()
}

fn share(room: &Room, at: &str, key: &(MemberId, ListingId), who: &str) -> Share {
    let member = room.member(who);
    shares(room, at, key).into_iter().find(|(one, _)| *one == member).unwrap().1
}

// proves: F8
#[test]
fn nobody_owns_a_thing_by_somebody_elses_word_and_everybody_leaves_by_their_own() {
    let (mut room, key, owners) = bought();
    let own = Command::Kept(KeptCommand::Own { key });
    let disown = Command::Kept(KeptCommand::Disown { key });
    let ask = |room: &Room, who| ["陈姨", "何姐", "李叔"].map(|at| share(room, at, &key, who));
    assert_eq!(ask(&room, "何姐"), [Share::Asked; 3]);
    assert_eq!(room.does("陈姨", own.clone()), no(CommonsRefusal::NotNamed), "who keeps it owns it already");
    room.does("何姐", own.clone()).unwrap();
    assert_eq!(ask(&room, "何姐"), [Share::Owns; 3]);
    assert_eq!(ask(&room, "李叔"), [Share::Asked; 3]);

    // Who has said that they own it is not dropped, and the thing is not given away over their head.
    let edit = |owners: &[MemberId], change: &dyn Fn(Draft) -> Draft| Command::Edit {
        listing: key.1,
        draft: change(draft("人字梯", Kept::of(owners.to_vec(), None))),
    };
    let he = room.member("何姐");
    assert_eq!(room.does("陈姨", edit(&[], &|it| it)), no(CommonsRefusal::OwnerStands));
    let given = |it| Draft { mode: Some(Mode::Donate), ..it };
    assert_eq!(room.does("陈姨", edit(&[], &given)), no(CommonsRefusal::OwnerStands));
    assert_eq!(room.does("陈姨", edit(&owners, &given)), no(CommonsRefusal::NotKept));
    room.does("陈姨", edit(&[he], &|it| it)).unwrap();
    assert_eq!(room.does("李叔", own.clone()), no(CommonsRefusal::NotNamed));
    assert_eq!(room.does("李叔", disown.clone()), no(CommonsRefusal::NotNamed));

    room.does("何姐", disown.clone()).unwrap();
    assert_eq!(share(&room, "李叔", &key, "何姐"), Share::Not);
    room.does("何姐", own).unwrap();
    assert_eq!(share(&room, "李叔", &key, "何姐"), Share::Owns, "whoever is still named may come back");
    room.does("何姐", disown).unwrap();
    room.does("陈姨", edit(&[], &|it| it)).unwrap();
    assert!(shares(&room, "何姐", &key).is_empty());
    let all = ["李叔", "陈姨", "何姐"].map(|at| room.home(at).projection());
    assert!(all.iter().all(|projection| *projection == all[0]));
}

// proves: F8
#[test]
fn who_owns_a_thing_borrows_it_for_nothing_and_stands_in_line_like_everybody() {
    let (mut room, key, _) = bought();
    room.does("何姐", Command::Kept(KeptCommand::Own { key })).unwrap();
    let due_at = Some(Instant(NOON + DAY_MS));
    let answer = || Command::Answer { owner: key.0, listing: key.1, points: None, due_at, counterpart: None };
    let Done::Answered(first) = room.does("李叔", answer()).unwrap() else { panic!() };
    room.now = NOON + 1;
    let Done::Answered(second) = room.does("何姐", answer()).unwrap() else { panic!() };
    let board = room.home("陈姨").board();
    let points = |deal| board.deal(&deal).unwrap().terms.points;
    assert_eq!((points(first), points(second)), (Points(2), Points(0)), "李叔 has not said yet that it is his, too");
    let line: Vec<_> = board.line(&key.0, &key.1).into_iter().map(|next| next.id).collect();
    assert_eq!(line, [first, second]);
    // The turns are the keeper's to give.
    assert_eq!(room.does("何姐", Command::Agree { deal: first }), refused(Refusal::NotAParty));
    let hold = room.home("陈姨").board().listing(&key.0, &key.1).unwrap().listing.hold(None);
    assert_eq!(hold, Hold::Once { after: None });
}

// proves: F8
#[test]
fn who_copies_a_listing_with_its_id_pushes_nobodys_word_out() {
    let (mut room, key, _) = bought();
    room.does("何姐", Command::Kept(KeptCommand::Own { key })).unwrap();
    room.meet("陈姨", "李叔");
    let mut copied = room.home("李叔").board().listing(&key.0, &key.1).unwrap().listing.clone();
    copied.kept = Kept::of(vec![room.member("何姐")], None);
    room.phones.get_mut("李叔").unwrap().node.edit(&Edit::PutListing(copied)).unwrap();
    room.tick("李叔");
    room.meet("李叔", "何姐");
    let copy = (room.member("李叔"), key.1);
    assert_eq!(share(&room, "何姐", &copy, "何姐"), Share::Asked);
    for command in [KeptCommand::Own { key: copy }, KeptCommand::Disown { key: copy }] {
        assert_eq!(room.does("何姐", Command::Kept(command)), no(CommonsRefusal::NotNamed));
    }
    assert_eq!(share(&room, "何姐", &key, "何姐"), Share::Owns);
    // Nor a no.
    room.does("何姐", Command::Kept(KeptCommand::Disown { key })).unwrap();
    assert_eq!(room.does("何姐", Command::Kept(KeptCommand::Own { key: copy })), no(CommonsRefusal::NotNamed));
    assert_eq!(share(&room, "何姐", &key, "何姐"), Share::Not);
}

// proves: F8 A10
#[test]
fn only_a_thing_that_is_lent_is_owned_together_and_only_a_thing_lies_somewhere() {
    let (mut room, _) = Room::new();
    let post = |kept, change: &dyn Fn(Draft) -> Draft| Command::Post(change(draft("梯子", kept)));
    let li = room.member("李叔");
    let shelf = || Kept::of(Vec::new(), Some("A 架".into()));
    let given = |it| Draft { mode: Some(Mode::Donate), ..it };
    let skill = |it| Draft { kind: Some(Kind::Skill), mode: None, ..it };
    let need = |it| Draft { side: Side::Need, ..it };
    room.does("陈姨", post(shelf(), &given)).unwrap();
    assert_eq!(room.does("陈姨", post(Kept::of(vec![li], None), &given)), no(CommonsRefusal::NotKept));
    assert_eq!(room.does("陈姨", post(shelf(), &skill)), no(CommonsRefusal::NotKept));
    assert_eq!(room.does("陈姨", post(shelf(), &need)), no(CommonsRefusal::NotKept));
    for unknown in [room.member("陈姨"), MemberId([9; 16])] {
        let named = Kept::of(vec![unknown], None);
        assert_eq!(room.does("陈姨", post(named, &|it| it)), refused(Refusal::MemberUnknown));
    }
    let nowhere = Kept::of(Vec::new(), Some(" ".into()));
    assert_eq!(room.does("陈姨", post(nowhere, &|it| it)), refused(Refusal::TextEmpty { field: "shelf" }));
}

// proves: A31
#[test]
fn what_was_found_is_said_by_who_keeps_it_and_read_everywhere() {
    let (mut room, key, _) = bought();
    let found = |listings: &[ListingId], by: &str| {
        Command::Kept(KeptCommand::Found { listings: listings.to_vec(), by: by.into() })
    };
    let Done::Posted(given) = room.does("陈姨", offer("旧书")).unwrap() else { panic!() };
    room.does("陈姨", found(&[key.1, given, key.1], " 小陈 ")).unwrap();
    for at in ["陈姨", "何姐", "李叔"] {
        let seen = room.home(at).board().commons().seen(&key).unwrap().clone();
        assert_eq!((seen.at, seen.by.as_str()), (Instant(NOON), "小陈"), "{at}");
    }
    assert_eq!(
        room.does("陈姨", found(&[], "小陈")),
        refused(Refusal::OutOfRange { field: "found", least: 1, most: 500 })
    );
    assert_eq!(room.does("陈姨", found(&[key.1], " ")), refused(Refusal::TextEmpty { field: "finder" }));
    assert_eq!(room.does("李叔", found(&[key.1], "李叔")), refused(Refusal::ListingNotYours));
    assert_eq!(room.does("陈姨", found(&[ListingId([9; 16])], "小陈")), refused(Refusal::ListingUnknown));
    // A clock that was ahead when somebody looked hides nothing that is found after it was put right.
    room.now = NOON + DAY_MS;
    room.does("陈姨", found(&[key.1], "小陈")).unwrap();
    room.now = NOON + 1;
    room.does("陈姨", found(&[key.1], "阿明")).unwrap();
    let seen = room.home("陈姨").board().commons().seen(&key).unwrap();
    assert_eq!((seen.at, seen.by.as_str()), (Instant(NOON + DAY_MS + 1), "阿明"));
}
