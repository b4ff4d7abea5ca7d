#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use super::*;

const SMALL: DeviceId = DeviceId([1; 32]);
const LARGE: DeviceId = DeviceId([2; 32]);

fn dialling(seats: &mut Seats, device: DeviceId, attempt: u64) -> oneshot::Receiver<()> {
    match seats.dial(device, Attempt(attempt)) {
        DialVerdict::Dial(stopped) => stopped,
        DialVerdict::Nothing => panic!("expected to dial"),
    }
}

fn waits(seats: &mut Seats, device: DeviceId, attempt: u64) -> oneshot::Receiver<bool> {
    match seats.hello(device, Attempt(attempt)) {
        HelloVerdict::Wait(answer) => answer,
        HelloVerdict::Welcome => panic!("expected to wait"),
    }
}

#[test]
fn the_smaller_id_goes_on_dialling_and_closes_what_comes_in() {
    let mut seats = Seats::new(SMALL);
    let mut stopped = dialling(&mut seats, LARGE, 1);
    let mut answer = waits(&mut seats, LARGE, 2);
    assert!(stopped.try_recv().is_err(), "the dial goes on");
    assert!(seats.welcome(LARGE, Attempt(1), ConnectionId(1)).unwrap().replaces.is_none());
    assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed));
}

#[test]
fn the_larger_id_gives_up_its_dial_for_what_comes_in() {
    let mut seats = Seats::new(LARGE);
    let mut stopped = dialling(&mut seats, SMALL, 1);
    assert!(matches!(seats.hello(SMALL, Attempt(2)), HelloVerdict::Welcome));
    assert_eq!(stopped.try_recv(), Ok(()));
    assert!(seats.welcome(SMALL, Attempt(1), ConnectionId(1)).is_none(), "a late WELCOME does not count");
    assert!(seats.confirm(SMALL, Attempt(2), ConnectionId(2)).is_some());
}

#[test]
fn what_waited_for_a_dial_takes_its_place_when_it_fails() {
    let mut seats = Seats::new(SMALL);
    let _stopped = dialling(&mut seats, LARGE, 1);
    let mut answer = waits(&mut seats, LARGE, 2);
    assert!(!seats.dial_failed(LARGE, Attempt(1)), "there is still hope");
    assert_eq!(answer.try_recv(), Ok(true));
    assert!(seats.confirm(LARGE, Attempt(2), ConnectionId(1)).is_some());
}

#[test]
fn a_dial_is_answered_once_even_when_it_was_given_up_for_a_connection_that_broke() {
    let mut seats = Seats::new(LARGE);
    let _stopped = dialling(&mut seats, SMALL, 1);
    seats.hello(SMALL, Attempt(2));
    assert!(seats.hello_failed(SMALL, Attempt(2)), "the dial came to nothing");
    assert!(!seats.dial_failed(SMALL, Attempt(1)), "and that has been said");
    assert!(seats.seats.is_empty(), "nothing is remembered");
}

#[test]
fn an_incoming_connection_that_breaks_is_worth_no_word_when_nobody_asked() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    assert!(!seats.hello_failed(LARGE, Attempt(1)));
    assert!(seats.seats.is_empty());
}

#[test]
fn a_confirmed_connection_replaces_the_one_before_and_its_late_end_changes_nothing() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    seats.confirm(LARGE, Attempt(1), ConnectionId(1)).unwrap();
    seats.hello(LARGE, Attempt(2));
    let adopted = seats.confirm(LARGE, Attempt(2), ConnectionId(2)).unwrap();
    assert_eq!(adopted.replaces, Some(ConnectionId(1)));
    seats.ended(LARGE, ConnectionId(1));
    assert!(seats.taken(LARGE));
    assert!(matches!(seats.dial(LARGE, Attempt(3)), DialVerdict::Nothing));
}

#[test]
fn a_dial_beside_a_connection_is_answered_when_that_one_ends() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    seats.confirm(LARGE, Attempt(1), ConnectionId(1)).unwrap();
    assert!(matches!(seats.dial(LARGE, Attempt(2)), DialVerdict::Nothing), "it is still sending its last words");
    assert!(seats.ended(LARGE, ConnectionId(1)), "the dial came to nothing");
    assert!(seats.seats.is_empty());
    assert!(matches!(seats.dial(LARGE, Attempt(3)), DialVerdict::Dial(_)), "and is free to be made again");
}

#[test]
fn a_connection_that_nobody_dialled_beside_ends_without_a_further_word() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    seats.confirm(LARGE, Attempt(1), ConnectionId(1)).unwrap();
    assert!(!seats.ended(LARGE, ConnectionId(1)));
}

#[test]
fn a_dial_beside_a_connection_that_is_replaced_is_answered_by_the_new_one() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    seats.confirm(LARGE, Attempt(1), ConnectionId(1)).unwrap();
    seats.dial(LARGE, Attempt(2));
    seats.hello(LARGE, Attempt(3));
    assert!(!seats.ended(LARGE, ConnectionId(1)), "one is about to stand");
    assert!(seats.confirm(LARGE, Attempt(3), ConnectionId(2)).is_some());
    assert!(!seats.ended(LARGE, ConnectionId(2)), "Connected was the answer");
}

#[test]
fn of_two_greetings_from_one_device_the_newer_counts() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    seats.hello(LARGE, Attempt(2));
    assert!(seats.confirm(LARGE, Attempt(1), ConnectionId(1)).is_none());
    assert!(seats.confirm(LARGE, Attempt(2), ConnectionId(2)).is_some());
}

#[test]
fn the_turn_outlives_the_connection_that_still_reports_its_end() {
    let mut seats = Seats::new(SMALL);
    seats.hello(LARGE, Attempt(1));
    let first = seats.confirm(LARGE, Attempt(1), ConnectionId(1)).unwrap();
    seats.ended(LARGE, ConnectionId(1));
    seats.hello(LARGE, Attempt(2));
    let second = seats.confirm(LARGE, Attempt(2), ConnectionId(2)).unwrap();
    assert!(Arc::ptr_eq(&first.turn, &second.turn));
    drop((first, second));
    seats.ended(LARGE, ConnectionId(2));
    assert!(seats.seats.is_empty());
}
