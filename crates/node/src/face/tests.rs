#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use super::*;
use crate::event::Command;
use crate::room::{Room, refused};

/// What one phone makes of what another one shows, through the text of the code.
fn looks_at(room: &mut Room, name: &'static str, shown: &Shown) -> Result<Face, NodeError> {
    let text = shown.text().expect("it fits");
    let read = Shown::read(&text).unwrap();
    room.does(name, Command::TakeShown(Box::new(read.clone())))?;
    room.phones[name].node.face_of(&read)
}

fn shows(face: Face) -> Shown {
    match face {
        Face::Transfer { shows: Some(shows), .. } | Face::Lacking { shows, .. } => *shows,
        other => panic!("shows nothing: {other:?}"),
    }
}

/// 陈姨 reads where 何姐 can be paid, and pays.
fn pays(room: &mut Room, points: u32) -> Result<Shown, NodeError> {
    let code = room.phones["何姐"].node.face_payee()?;
    let Face::Payee { journal, member } = looks_at(room, "陈姨", &code)? else { panic!() };
    assert_eq!(member, room.member("何姐"));
    let Done::Paid(transfer) = room.does("陈姨", Command::PayFace { to: journal, points: Points(points) })? else {
        panic!()
    };
    Ok(shows(room.phones["陈姨"].node.face(&transfer)?))
}

fn alone() -> Room {
    let (mut room, _) = Room::new();
    // All know the same; then the network is gone.
    room.meet("陈姨", "何姐");
    for name in ["李叔", "陈姨", "何姐"] {
        room.goes_off(name);
    }
    room
}

#[test]
fn two_phones_pay_with_three_codes_and_no_network() {
    let mut room = alone();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    let payment = pays(&mut room, 20).unwrap();
    let receipt = looks_at(&mut room, "何姐", &payment).unwrap();
    let Face::Transfer { row, paying: false, .. } = &receipt else { panic!("{receipt:?}") };
    assert_eq!((row.payer_member, row.points, row.state), (chen, Points(20), LineState::Accepted));
    let settled = looks_at(&mut room, "陈姨", &shows(receipt)).unwrap();
    let Face::Transfer { row, paying: true, shows: None, .. } = settled else { panic!("{settled:?}") };
    assert_eq!(row.state, LineState::Accepted);
    for name in ["陈姨", "何姐"] {
        let ledger = room.home(name).ledger();
        assert_eq!((ledger.balance(&chen), ledger.balance(&he), ledger.sum()), (-20, 20, 0), "{name}");
    }
    // Everybody else hears of it when the network is back.
    room.meet("何姐", "李叔");
    assert_eq!(room.home("李叔").ledger().balance(&he), 20);
}

#[test]
fn a_code_that_is_shown_twice_pays_once() {
    let mut room = alone();
    let he = room.member("何姐");
    let payment = pays(&mut room, 20).unwrap();
    let first = looks_at(&mut room, "何姐", &payment).unwrap();
    assert_eq!(looks_at(&mut room, "何姐", &payment).unwrap(), first);
    assert_eq!(room.home("何姐").ledger().balance(&he), 20);
    let receipt = shows(first);
    let settled = looks_at(&mut room, "陈姨", &receipt).unwrap();
    assert_eq!(looks_at(&mut room, "陈姨", &receipt).unwrap(), settled);
    assert_eq!(room.home("陈姨").ledger().balance(&he), 20);
}

#[test]
fn face_to_face_a_phone_spends_thirty_until_a_witness_has_seen_it() {
    let mut room = alone();
    assert!(pays(&mut room, 25).is_ok());
    let more = pays(&mut room, 6).unwrap_err();
    assert_eq!(more, Refusal::BeyondQuota { left: 5, needed: Points(6) }.into());
    assert!(pays(&mut room, 5).is_ok());
    assert!(pays(&mut room, 1).is_err());
    // 李叔's phone is a witness.
    room.meet("陈姨", "李叔");
    assert!(pays(&mut room, 30).is_ok());
}

#[test]
fn who_lacks_something_shows_what_and_is_shown_it() {
    let mut room = alone();
    let he = room.member("何姐");
    // She says things that 何姐's phone never hears, and a witness stamps them.
    room.meet("陈姨", "李叔");
    for turn in 0..2_u32 {
        let member = (turn % 2 == 0).then_some(he);
        room.does("陈姨", Command::NameKin { member }).unwrap();
    }
    room.does("陈姨", Command::Give { to: room.member("李叔"), points: Points(3) }).unwrap();
    room.goes_off("陈姨");
    let payment = pays(&mut room, 20).unwrap();
    let lacking = looks_at(&mut room, "何姐", &payment).unwrap();
    let Face::Lacking { member, .. } = &lacking else { panic!("{lacking:?}") };
    assert_eq!(*member, Some(room.member("陈姨")));
    assert_eq!(room.home("何姐").ledger().balance(&he), 0);
    let mut code = shows(lacking);
    for _ in 0..3 {
        let more = shows(looks_at(&mut room, "陈姨", &code).unwrap());
        match looks_at(&mut room, "何姐", &more).unwrap() {
            Face::Lacking { shows, .. } => code = *shows,
            Face::Transfer { row, .. } => {
                assert_eq!(row.state, LineState::Accepted);
                assert_eq!(room.home("何姐").ledger().balance(&he), 20);
                return;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("never came to an end");
}

#[test]
fn two_phones_that_differ_by_more_than_a_code_takes_are_told_to_meet_a_witness() {
    let mut room = alone();
    let he = room.member("何姐");
    for turn in 0..40_u32 {
        room.does("陈姨", Command::NameKin { member: (turn % 2 == 0).then_some(he) }).unwrap();
    }
    let payment = pays(&mut room, 20).unwrap();
    let lacking = looks_at(&mut room, "何姐", &payment).unwrap();
    let code = shows(lacking);
    assert_eq!(looks_at(&mut room, "陈姨", &code), Err(Refusal::ShownTooLong.into()));
    // Nothing is lost: it arrives with the network.
    room.meet("陈姨", "何姐");
    assert_eq!(room.home("何姐").ledger().balance(&he), 20);
}

#[test]
fn what_is_shown_to_the_wrong_phone_or_made_up_is_refused() {
    let mut room = alone();
    let payment = pays(&mut room, 20).unwrap();
    assert_eq!(looks_at(&mut room, "李叔", &payment), Err(Refusal::NotForThisDevice.into()));
    let building = kaifong_domain::BuildingId([7; 32]);
    let elsewhere = Shown { building, ..payment.clone() };
    assert_eq!(looks_at(&mut room, "何姐", &elsewhere), Err(Refusal::OtherBuilding.into()));
    let What::Entries { about, entries } = payment.what.clone() else { panic!() };
    let hollow = Shown { what: What::Entries { about, entries: Vec::new() }, ..payment.clone() };
    assert_eq!(looks_at(&mut room, "何姐", &hollow), Err(Refusal::ShownFalse.into()));
    // A bit of a signature.
    let mut bytes = kaifong_trust::encode(&entries[entries.len() - 1]);
    *bytes.last_mut().unwrap() ^= 1;
    let forged = kaifong_trust::decode_exact(&bytes, "entry").unwrap();
    let forged = Shown { what: What::Entries { about, entries: vec![forged] }, ..payment };
    assert_eq!(looks_at(&mut room, "何姐", &forged), Err(Refusal::ShownFalse.into()));
    let nowhere = Command::PayFace { to: JournalId([9; 32]), points: Points(1) };
    assert_eq!(room.does("陈姨", nowhere), refused(Refusal::PayeeUnknown));
    let own = room.phones["陈姨"].node.own_journal().unwrap();
    let to_herself = Command::PayFace { to: own, points: Points(1) };
    assert_eq!(room.does("陈姨", to_herself), refused(Refusal::TransferMalformed));
}
