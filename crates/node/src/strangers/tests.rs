#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::sync::Arc;

use kaifong_domain::DeviceId;
use kaifong_domain::record::Profile;
use kaifong_net::PathKind;
use kaifong_store::MemoryStore;
use kaifong_sync::{PROTOCOL_VERSION, Session};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::SealKey;
use kaifong_trust::invite::{Ticket, proof};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::event::{Command, Done, Effect, Event};
use crate::node::Past;

const NOON: Instant = Instant(1_780_000_000_000);

fn later(ms: u64) -> Instant {
    Instant(NOON.0 + ms)
}

fn device(number: u8) -> DeviceId {
    DeviceKey::from_seed([number; 32]).id()
}

fn seal(number: u8) -> SealKey {
    kaifong_trust::envelope::SealSecret::of(&DeviceKey::from_seed([number; 32])).public()
}

/// 李叔's device, which has founded a building, and what it does.
struct Li {
    node: Node,
}

impl Li {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let key = DeviceKey::from_seed([200; 32]);
        let node = Node::open(store, key, ChaCha20Rng::from_seed([7; 32]), NOON, Past::default()).unwrap();
        let mut li = Self { node };
        let profile = Profile { name: "李叔".into(), block: String::new(), about: String::new(), place: None };
        li.command(Command::Found { building: "红棉里".into(), profile });
        li
    }

    fn hears(&mut self, now: Instant, event: Event) -> Vec<Effect> {
        self.node.handle(now, event);
        self.node.take().effects
    }

    fn command(&mut self, command: Command) -> Done {
        let effects = self.hears(NOON, Event::Command { id: 1, command });
        let reply = effects.into_iter().find_map(|effect| match effect {
            Effect::Reply { result, .. } => Some(result.unwrap()),
            _ => None,
        });
        reply.unwrap()
    }

    fn meets(&mut self, now: Instant, connection: u64, device: DeviceId) -> Vec<u64> {
        let event = Event::Connected { connection: ConnectionId(connection), device, path: PathKind::Lan };
        closed(&self.hears(now, event))
    }

    fn is_told(&mut self, now: Instant, connection: u64, message: &Message) -> Vec<Effect> {
        let event = Event::Frame { connection: ConnectionId(connection), bytes: message.encode() };
        self.hears(now, event)
    }

    fn is_greeted(&mut self, now: Instant, connection: u64) {
        self.is_told(now, connection, &Message::Hello { version: PROTOCOL_VERSION, building: None });
    }

    fn tick(&mut self, now: Instant) -> Vec<u64> {
        closed(&self.hears(now, Event::Tick))
    }
}

/// Gives the connections that were closed.
fn closed(effects: &[Effect]) -> Vec<u64> {
    let closed = effects.iter().filter_map(|effect| match effect {
        Effect::Close { connection, .. } => Some(connection.0),
        _ => None,
    });
    closed.collect()
}

fn opened_sessions(effects: &[Effect]) -> usize {
    let sent = effects.iter().filter_map(|effect| match effect {
        Effect::Send { frame, .. } => Message::decode(frame).ok(),
        _ => None,
    });
    sent.filter(|message| matches!(message, Message::Reconcile { .. })).count()
}

#[test]
fn a_stranger_of_whom_nothing_comes_is_gone_after_a_minute() {
    let mut li = Li::new();
    li.meets(NOON, 1, device(1));
    li.meets(NOON, 2, device(2));
    li.is_greeted(later(10), 2);
    assert_eq!(li.tick(later(STRANGER_MS_MAX - 1)), Vec::<u64>::new());
    assert_eq!(li.tick(later(STRANGER_MS_MAX)), [1, 2], "the one that said nothing, and the one that said hello");
}

#[test]
fn the_end_of_a_silent_stranger_is_waited_for() {
    let mut li = Li::new();
    let event = Event::Connected { connection: ConnectionId(1), device: device(1), path: PathKind::Lan };
    let effects = li.hears(NOON, event);
    let wake = effects.iter().find_map(|effect| if let Effect::Wake(at) = effect { Some(*at) } else { None });
    assert_eq!(wake, Some(later(STRANGER_MS_MAX)));
}

/// Lets a guest show that it knows the code of an invitation.
fn is_admitted(li: &mut Li, connection: u64, guest: u8, ticket: &Ticket) {
    li.meets(NOON, connection, device(guest));
    li.is_greeted(NOON, connection);
    let proof = proof(&ticket.code.key(), &ticket.building, &device(guest), &li.node.device());
    let effects = li.is_told(NOON, connection, &Message::Apply { proof, envelopes: Vec::new() });
    assert_eq!(closed(&effects), Vec::<u64>::new());
}

#[test]
fn a_guest_that_was_invited_may_wait_for_the_answer() {
    let mut li = Li::new();
    let Done::Invited(ticket) = li.command(Command::Invite { valid_ms: 3_600_000, addresses: Vec::new() }) else {
        panic!()
    };
    is_admitted(&mut li, 1, 1, &ticket);
    assert_eq!(li.tick(later(10 * STRANGER_MS_MAX)), Vec::<u64>::new());
}

#[test]
fn a_stranger_too_many_takes_the_place_of_the_idlest_and_no_neighbours() {
    let mut li = Li::new();
    let Done::Invited(ticket) = li.command(Command::Invite { valid_ms: 3_600_000, addresses: Vec::new() }) else {
        panic!()
    };
    li.command(Command::LinkDevice { device: device(100), seal: seal(100) });
    li.meets(NOON, 1, device(100));
    is_admitted(&mut li, 2, 101, &ticket);
    let strangers = u8::try_from(STRANGERS_MAX).unwrap() - 1;
    for number in 0..strangers {
        assert_eq!(li.meets(later(1), 10 + u64::from(number), device(number)), Vec::<u64>::new());
    }
    assert_eq!(li.meets(later(2), 80, device(80)), [10], "the first of those of whom nothing came");
    assert_eq!(li.meets(later(2), 81, device(81)), [11]);
}

#[test]
fn a_stranger_that_goes_on_asking_is_closed() {
    let mut li = Li::new();
    li.meets(NOON, 1, device(1));
    li.is_greeted(NOON, 1);
    let ask = Message::Ask { items: Vec::new() };
    for _ in 0..OUT_OF_TURN_MAX {
        assert_eq!(closed(&li.is_told(NOON, 1, &ask)), Vec::<u64>::new());
    }
    assert_eq!(closed(&li.is_told(NOON, 1, &ask)), [1]);
}

/// Makes a neighbour of the device: its owner is 李叔 as well.
fn with_neighbour() -> Li {
    let mut li = Li::new();
    li.command(Command::LinkDevice { device: device(1), seal: seal(1) });
    li.meets(NOON, 1, device(1));
    li.is_greeted(NOON, 1);
    li
}

/// The neighbour opens a session; the number is one of those that are its to give.
fn opening(li: &Li, nth: u32) -> Message {
    let shelves = li.node.shelves().unwrap();
    let number = u32::from(li.node.device() < device(1)) + 2 * nth;
    Session::start(number, [9; 16], &shelves).1
}

#[test]
fn a_neighbour_that_opens_session_after_session_is_sent_away() {
    let mut li = with_neighbour();
    let mut answered = 0;
    for nth in 0..100 {
        let message = opening(&li, nth);
        let effects = li.is_told(NOON, 1, &message);
        if closed(&effects) == [1] {
            assert_eq!(answered, 9, "the first, and those that may come early");
            return;
        }
        answered += effects.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count();
    }
    panic!("a hundred sessions at once were borne");
}

#[test]
fn a_neighbour_may_open_a_session_every_second() {
    let mut li = with_neighbour();
    for nth in 0..200 {
        let message = opening(&li, nth);
        assert_eq!(closed(&li.is_told(later(u64::from(nth) * 1_000), 1, &message)), Vec::<u64>::new());
    }
}

#[test]
fn this_device_keeps_a_pace_that_others_bear() {
    let mut own = Pace::of(OWN_PACE);
    let mut theirs = Pace::of(THEIR_PACE);
    let mut opened = 0;
    for ms in (0..600_000).step_by(10) {
        if own.take(later(ms)) {
            opened += 1;
            assert!(theirs.take(later(ms)), "the one at {ms} ms");
        }
    }
    assert!(opened > 390, "{opened}");
}

#[test]
fn a_session_that_comes_too_early_is_opened_when_its_time_comes() {
    let mut li = with_neighbour();
    let connection = ConnectionId(1);
    for _ in 0..10 {
        let link = li.node.links.get_mut(&connection).unwrap();
        link.end_own_session();
        li.node.reconcile(connection);
    }
    li.node.links.get_mut(&connection).unwrap().end_own_session();
    assert!(opened_sessions(&li.node.take().effects) < 10);
    let effects = li.hears(later(1), Event::Tick);
    assert_eq!(opened_sessions(&effects), 0);
    let wake = effects.iter().find_map(|effect| if let Effect::Wake(at) = effect { Some(*at) } else { None }).unwrap();
    assert!(wake <= later(OWN_PACE.0 + 1), "{wake:?}");
    assert_eq!(opened_sessions(&li.hears(wake, Event::Tick)), 1);
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_pace() {
    let mut pace = Pace::of(OWN_PACE);
    assert!(pace.take(later(86_400_000)));
    assert_eq!(pace.next_at(NOON), NOON);
    assert!(pace.take(NOON));
}
