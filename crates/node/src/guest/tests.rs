#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use super::*;
use crate::Told;
use crate::event::Command;
use crate::room::{Room, offer};
use kaifong_trust::invite::Ticket;

/// 陈姨 is removed as a reviewer while she is off, and certifies 王姐 before she hears of it.
fn certified_by_a_removed_one() -> (Room, Ticket, DeviceId) {
    let (mut room, ticket) = Room::new();
    let chen = room.member("陈姨");
    let reviews = |held| Command::SetRole { member: chen, role: Role::Reviewer, held };
    room.does("李叔", reviews(true)).unwrap();
    room.goes_off("陈姨");
    room.does("李叔", reviews(false)).unwrap();
    room.buys("王姐", 4);
    let device = room.asks_to_join("王姐", &ticket, "陈姨");
    room.does("陈姨", Command::Approve { device, votes: false }).unwrap();
    (room, ticket, device)
}

#[test]
fn who_was_certified_by_a_reviewer_who_was_removed_meanwhile_is_certified_again_by_another_one() {
    let (mut room, _, device) = certified_by_a_removed_one();
    let wang = room.member("王姐");
    room.does("王姐", offer("会修伞")).unwrap();
    room.goes_off("王姐");
    room.meet("陈姨", "李叔");
    assert!(room.home("李叔").roster().member(&wang).is_none(), "beyond the cutoff");
    assert!(room.home("李叔").roster().is_uncertified(&device));
    // She has not heard of it and meets somebody who has: her device is no closed one, and her request goes in again.
    room.meet("王姐", "李叔");
    assert_eq!(room.phones["王姐"].node.was_told(), Some(Told::Uncertified));
    assert!(
        room.home("王姐").journals().len() < room.home("李叔").journals().len(),
        "her page makes no neighbour of her"
    );
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    assert_eq!(room.member("王姐"), wang);
    let Done::Posted(listing) = room.does("王姐", offer("会修鞋")).unwrap() else { panic!() };
    assert!(room.home("李叔").board().listing(&wang, &listing).is_some());
    assert_eq!(room.home("李叔").board().listings_of(&wang).count(), 2, "what she had said before is there too");
}

#[test]
fn the_further_devices_of_who_has_to_be_certified_again_are_not_taken_for_closed_ones() {
    let (mut room, ticket, device) = certified_by_a_removed_one();
    let wang = room.member("王姐");
    room.buys("平板", 6);
    room.links_with("王姐", "平板", &ticket, "王姐");
    room.does("平板", offer("会修伞")).unwrap();
    for name in ["平板", "王姐"] {
        room.goes_off(name);
    }
    room.meet("陈姨", "李叔");
    room.meet("平板", "李叔");
    assert_eq!(room.phones["平板"].node.was_told(), Some(Told::Uncertified));
    room.meet("王姐", "李叔");
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    room.goes_off("平板");
    room.meet("平板", "李叔");
    assert_eq!(room.phones["平板"].node.was_told(), None);
    for name in ["王姐", "平板"] {
        let said = room.phones[name].node.tip().unwrap();
        assert!(room.home("李叔").journals().counts(&said), "what {name} says from now on counts");
    }
    assert_eq!(room.home("李叔").board().listings_of(&wang).count(), 1);
}

#[test]
fn who_hears_themselves_that_their_certificate_fell_asks_again_by_themselves() {
    let (mut room, _, device) = certified_by_a_removed_one();
    // She is with 陈姨 when the epoch comes, and hears it as the last word.
    let heard = room.home("李叔").journals().since(0).map(|entry| entry.signed().clone()).collect();
    let node = &mut room.phones.get_mut("王姐").unwrap().node;
    assert!(!node.take_parcels(vec![Parcel::Entries(heard)], ConnectionId(99)), "nothing is missing");
    room.goes_off("王姐");
    room.tick("王姐");
    room.meet("陈姨", "李叔");
    let node = &room.phones["王姐"].node;
    assert_eq!((node.me(), node.application_state()), (None, ApplicationState::Searching));
    room.meet("王姐", "李叔");
    assert_eq!(room.phones["王姐"].node.application_state(), ApplicationState::Sent);
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    assert!(room.phones["王姐"].node.me().is_some());
}

#[test]
fn an_old_page_draws_a_neighbours_request_out_to_nobody_but_who_reviews_now() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    for held in [true, false] {
        room.does("李叔", Command::SetRole { member: chen, role: Role::Reviewer, held }).unwrap();
    }
    let of = |name: &str| (room.phones[name].node.device(), room.phones[name].node.seal_key());
    let (li, was) = (of("李叔"), of("陈姨"));
    // As 陈姨's page of before would name them, with a tablet that nobody has heard of.
    let reviewers = vec![was, (DeviceId([9; 32]), was.1), li];
    let building =
        Building { id: room.home("李叔").id(), name: "红棉里".into(), reviewers, places: Default::default() };
    let sealed = room.phones.get_mut("何姐").unwrap().node.requests_to_reviewers(&building);
    let to: Vec<DeviceId> = sealed.into_iter().map(|envelope| envelope.verify().unwrap().value().to).collect();
    assert_eq!(to, [li.0]);
}

#[test]
fn a_phone_that_its_member_has_closed_is_turned_away_as_before() {
    let (mut room, ticket) = Room::new();
    let phone = room.phones["陈姨"].node.device();
    room.buys("平板", 5);
    room.links("陈姨", "平板", &ticket);
    room.goes_off("陈姨");
    room.does("平板", Command::CloseDevice { device: phone, disown: false }).unwrap();
    let roster = room.home("李叔").roster();
    assert!(roster.is_shut(&phone) && !roster.is_uncertified(&phone));
}
