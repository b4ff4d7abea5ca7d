#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use super::*;
use crate::event::Command;
use crate::room::Room;

#[test]
fn an_officer_who_hears_a_complaint_cannot_take_its_place_with_one_of_their_own() {
    let (mut room, _) = Room::new();
    let [chen, he] = ["陈姨", "何姐"].map(|name| room.member(name));
    let set = |member| Command::SetRole { member, role: Role::Mediator, held: true };
    room.does("李叔", set(chen)).unwrap();
    let drawn = ComplaintId([9; 16]);
    let complaint = |about, text: &str| Letter::Complaint { id: drawn, about, text: text.into() };
    // 陈姨 knows the number from her own copy, and is quicker with 李叔.
    assert!(room.reads("李叔", "陈姨", &complaint(he, "小事一桩")));
    assert!(room.reads("李叔", "何姐", &complaint(chen, "两次没来调解")));
    let heard = |room: &Room| -> Vec<_> {
        let all = room.phones["李叔"].node.complaints();
        all.into_iter().map(|(id, complaint)| (id, complaint.by, complaint.text.clone())).collect()
    };
    let both = heard(&room);
    assert_eq!(both.len(), 2);
    let (id, ..) = both.into_iter().find(|(_, by, _)| *by == he).unwrap();
    // The same one again is the same one, and an answer goes to the one that it names.
    assert!(room.reads("李叔", "何姐", &complaint(chen, "两次没来调解")));
    room.does("李叔", Command::AnswerComplaint { complaint: id, text: "我去问她".into() }).unwrap();
    let all = room.phones["李叔"].node.complaints();
    let answered = |(_, complaint): &&(ComplaintId, &Complaint)| !complaint.answers().is_empty();
    let answered: Vec<_> = all.iter().filter(answered).map(|(_, complaint)| complaint.by).collect();
    assert_eq!((answered, all.len()), (vec![he], 2));
}

#[test]
fn a_complaint_and_its_answer_are_the_same_one_on_both_devices() {
    let (mut room, _) = Room::new();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    room.does("何姐", Command::Complain { about: chen, text: "借了不还".into() }).unwrap();
    let id = room.phones["李叔"].node.complaints()[0].0;
    room.does("李叔", Command::AnswerComplaint { complaint: id, text: "我去问她".into() }).unwrap();
    let hers = room.phones["何姐"].node.complaints();
    let [(hers_id, complaint)] = &hers[..] else { panic!("{hers:?}") };
    assert_eq!((*hers_id, complaint.by, complaint.answers().len()), (id, he, 1));
}
