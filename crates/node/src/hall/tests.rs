#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::Instant;
use kaifong_domain::hall::MatterStage;
use kaifong_trust::entry::Opinion;

use super::*;
use crate::event::Command;
use crate::room::{NOON, Room, refused};

fn asks(room: &mut Room, name: &'static str, to: Option<Addressee>) -> MatterKey {
    let put = HallCommand::Put { kind: MatterKind::Question, text: "电梯几时修好？".into(), to, place: None };
    let Done::Put(matter) = room.does(name, Command::Hall(put)).unwrap() else { panic!() };
    (room.member(name), matter)
}

fn takes_up(matter: MatterKey) -> Command {
    Command::Hall(HallCommand::TakeUp { matter, text: String::new() })
}

fn says(matter: MatterKey) -> Command {
    Command::Hall(HallCommand::Respond { matter, text: "师傅下午到".into() })
}

fn judges(matter: MatterKey, judged: Judged) -> Command {
    Command::Hall(HallCommand::Judge { matter: matter.1, judged, remark: String::new() })
}

fn stage(room: &Room, at: &str, matter: &MatterKey) -> MatterStage {
    room.home(at).matter_row(matter).unwrap().stage
}

/// 李叔 and 陈姨 review, and vouch for 何姐 as an official; 王伯 is a neighbour.
fn with_an_official() -> Room {
    let (mut room, ticket) = Room::new();
    room.buys("王伯", 4);
    room.joins("王伯", &ticket);
    for name in ["何姐", "王伯"] {
        room.meet("陈姨", name);
    }
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    room.does("李叔", Command::SetRole { member: chen, role: Role::Reviewer, held: true }).unwrap();
    for name in ["李叔", "陈姨"] {
        vouches(&mut room, name, he, Opinion::For).unwrap();
    }
    room
}

fn vouches(room: &mut Room, name: &'static str, member: MemberId, opinion: Opinion) -> Result<Done, NodeError> {
    room.does(name, Command::Vouch { member, capacity: Capacity::Official, opinion })
}

// proves: A34 G5
#[test]
fn an_official_answers_and_a_neighbour_replies_and_what_was_answered_stays_so_when_they_are_one_no_longer() {
    let mut room = with_an_official();
    let he = room.member("何姐");
    let matter = asks(&mut room, "王伯", Some(Addressee::Officials));
    assert!(room.home("何姐").speakers().is_put_to(&he, &room.home("何姐").matter_row(&matter).unwrap()));
    assert_eq!(room.does("陈姨", takes_up(matter)), refused(Refusal::NotAnswerer));
    room.does("陈姨", says(matter)).unwrap();
    assert_eq!(stage(&room, "王伯", &matter), MatterStage::Waiting);
    room.does("何姐", takes_up(matter)).unwrap();
    assert_eq!(stage(&room, "王伯", &matter), MatterStage::Heard);
    room.does("何姐", says(matter)).unwrap();
    assert_eq!(stage(&room, "王伯", &matter), MatterStage::Answered);

    // One reviewer takes the word back: she is an official no longer, and the answer stays one.
    vouches(&mut room, "陈姨", he, Opinion::Silent).unwrap();
    let row = room.home("王伯").matter_row(&matter).unwrap();
    assert_eq!((row.stage, row.answers, row.replies), (MatterStage::Answered, 1, 1));
    let voices = room.home("王伯").voices_on(&he, &row.matter);
    assert_eq!(voices, [Speaking { voice: Voice::Official, now: false }], "and everybody reads that she was one then");
    room.does("王伯", judges(matter, Judged::NotYet)).unwrap();
    assert_eq!(room.does("何姐", takes_up(matter)), refused(Refusal::NotAnswerer), "nor takes anything up any more");
    room.does("何姐", says(matter)).unwrap();
    assert_eq!(stage(&room, "王伯", &matter), MatterStage::Waiting, "what she says now is a neighbour's reply");
    assert_eq!(room.home("王伯").projection(), room.home("何姐").projection());
}

#[test]
fn one_reviewer_alone_makes_nobody_an_official_who_answers() {
    let mut room = with_an_official();
    let (he, wang) = (room.member("何姐"), room.member("王伯"));
    vouches(&mut room, "李叔", wang, Opinion::For).unwrap();
    let matter = asks(&mut room, "何姐", None);
    assert_eq!(room.does("王伯", takes_up(matter)), refused(Refusal::NotAnswerer));
    assert!(room.home("陈姨").voices(&wang).is_empty() && !room.home("陈姨").voices(&he).is_empty());
}

#[test]
fn whom_it_is_put_to_answers_that_and_nothing_else() {
    let mut room = with_an_official();
    let wang = room.member("王伯");
    let to_him = asks(&mut room, "陈姨", Some(Addressee::Member(wang)));
    let to_all = asks(&mut room, "陈姨", None);
    room.does("王伯", takes_up(to_him)).unwrap();
    assert_eq!(stage(&room, "李叔", &to_him), MatterStage::Heard);
    assert_eq!(room.does("王伯", takes_up(to_all)), refused(Refusal::NotAnswerer));
    let own = Command::Hall(HallCommand::Put {
        kind: MatterKind::Help,
        text: "谁来".into(),
        to: Some(Addressee::Member(room.member("陈姨"))),
        place: None,
    });
    assert_eq!(room.does("陈姨", own), refused(Refusal::OwnMatter));
}

#[test]
fn who_goes_takes_their_questions_along_and_what_was_erased_is_nowhere() {
    let mut room = with_an_official();
    let wang = room.member("王伯");
    let matter = asks(&mut room, "王伯", None);
    room.does("何姐", says(matter)).unwrap();
    room.does("王伯", Command::Leave { ends_at: Some(Instant(NOON)) }).unwrap();
    assert_eq!(room.does("何姐", says(matter)), refused(Refusal::HasLeft));
    let put = HallCommand::Put { kind: MatterKind::Help, text: "再问".into(), to: None, place: None };
    assert_eq!(room.does("王伯", Command::Hall(put)), refused(Refusal::YouLeft));
    room.does("王伯", Command::Erase).unwrap();
    assert!(room.home("何姐").matter_row(&matter).is_none() && room.home("何姐").board().hall().keys().is_empty());
    assert_eq!(room.does("何姐", says((wang, matter.1))), refused(Refusal::MatterUnknown));
    assert_eq!(room.home("李叔").projection(), room.home("何姐").projection());
}

#[test]
fn who_comes_later_reads_the_same_and_so_does_a_device_that_starts_again() {
    let mut room = with_an_official();
    room.goes_off("陈姨");
    let matter = asks(&mut room, "王伯", None);
    room.does("何姐", takes_up(matter)).unwrap();
    room.does("何姐", says(matter)).unwrap();
    room.does("王伯", judges(matter, Judged::NotYet)).unwrap();
    room.does("何姐", says(matter)).unwrap();
    room.does("王伯", judges(matter, Judged::Solved)).unwrap();
    room.meet("陈姨", "李叔");
    assert_eq!(stage(&room, "陈姨", &matter), MatterStage::Solved);
    assert_eq!(room.home("陈姨").projection(), room.home("王伯").projection());
    let again = Node::open(
        room.phones["陈姨"].store.clone(),
        kaifong_trust::DeviceKey::from_seed([2; 32]),
        rand_core::SeedableRng::from_seed([9; 32]),
        Instant(room.now),
        crate::node::Past::default(),
    );
    assert_eq!(again.unwrap().home().unwrap().projection(), room.home("王伯").projection());
}
