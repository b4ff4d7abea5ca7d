#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use super::*;

const NOON: Instant = Instant(1_780_000_000_000);

fn device(number: u16) -> DeviceId {
    let mut id = [0; 32];
    id[..2].copy_from_slice(&number.to_be_bytes());
    DeviceId(id)
}

fn door(number: u16) -> Vec<SocketAddr> {
    vec![SocketAddr::from(([10, 0, 0, 1], number))]
}

fn later(ms: u64) -> Instant {
    Instant(NOON.0 + ms)
}

/// Hears of devices on the LAN that anybody can have made up; their ids come before everybody's.
fn with_dead_doors(count: u16) -> Peers {
    let mut peers = Peers::default();
    (0..count).for_each(|number| peers.hear(device(number), door(number), NOON, None));
    peers
}

fn nobody(_: &DeviceId) -> bool {
    false
}

fn ids(dials: &[(DeviceId, Vec<SocketAddr>)]) -> Vec<DeviceId> {
    dials.iter().map(|(device, _)| *device).collect()
}

#[test]
fn a_neighbour_is_dialled_beside_any_number_of_dead_doors() {
    let mut peers = with_dead_doors(150);
    let chen = device(9_000);
    assert!(!peers.due(NOON, nobody).is_empty(), "the dead doors are dialled");
    peers.hear(chen, door(9_000), NOON, Some(&mut Batch::new()));
    assert_eq!(ids(&peers.due(NOON, |id| *id == chen)), [chen], "although none of those dials is over");
}

#[test]
fn whoever_becomes_a_neighbour_goes_before_the_merely_heard() {
    let mut peers = with_dead_doors(150);
    let chen = device(9_000);
    peers.hear(chen, door(9_000), NOON, None);
    assert_eq!(ids(&peers.due(NOON, |id| *id == chen))[0], chen);
}

#[test]
fn among_the_merely_heard_everybody_has_a_turn() {
    let mut peers = with_dead_doors(150);
    let newcomer = device(9_000);
    peers.hear(newcomer, door(9_000), NOON, None);
    let mut dialled = Vec::new();
    for round in 0..20 {
        let at = later(round * 10);
        let dials = ids(&peers.due(at, nobody));
        dials.iter().for_each(|device| peers.dial_failed(device, at));
        dialled.extend(dials);
    }
    assert!(dialled.contains(&newcomer), "the dead doors do not come twice before it comes once");
}

#[test]
fn strangers_that_came_by_themselves_take_no_place() {
    let mut peers = Peers::default();
    (0..100).for_each(|number| peers.connected(device(number), NOON));
    peers.learn(device(9_000), door(9_000), NOON);
    assert_eq!(peers.next_at(), Some(NOON));
    assert_eq!(ids(&peers.due(NOON, nobody)), [device(9_000)]);
}

#[test]
fn enough_connected_neighbours_are_enough() {
    let mut peers = Peers::default();
    (0..12).for_each(|number| peers.connected(device(number), NOON));
    peers.hear(device(9_000), door(9_000), NOON, Some(&mut Batch::new()));
    assert_eq!(ids(&peers.due(NOON, |_| true)), []);
    assert_eq!(peers.next_at(), None);
}

#[test]
fn a_dead_door_is_forgotten_and_a_neighbours_is_not() {
    let mut peers = with_dead_doors(1);
    peers.hear(device(9_000), door(9_000), NOON, Some(&mut Batch::new()));
    let is_neighbour = |id: &DeviceId| *id == device(9_000);
    let mut at = NOON;
    for _ in 0..20 {
        let dials = ids(&peers.due(at, is_neighbour));
        dials.iter().for_each(|device| peers.dial_failed(device, at));
        at = peers.next_at().unwrap();
    }
    assert_eq!(peers.known.keys().copied().collect::<Vec<_>>(), [device(9_000)]);
}

#[test]
fn a_new_address_of_one_that_was_only_heard_wins_it_no_earlier_dial() {
    let mut peers = with_dead_doors(1);
    peers.due(NOON, nobody);
    peers.dial_failed(&device(0), NOON);
    peers.hear(device(0), door(77), later(1), None);
    assert_eq!(ids(&peers.due(later(1), nobody)), []);
    assert_eq!(peers.due(later(BACKOFF_MS_MIN), nobody), [(device(0), door(77))]);
}

#[test]
fn the_merely_heard_make_way_for_neighbours_and_take_nobodys_place() {
    let mut peers = with_dead_doors(2_000);
    assert_eq!(peers.known.len(), HEARD_MAX, "never more");
    (3_000..3_000 + 1_024).for_each(|number| peers.hear(device(number), door(number), NOON, Some(&mut Batch::new())));
    let neighbours = peers.known.values().filter(|known| known.word == Word::Roster).count();
    assert_eq!((neighbours, peers.known.len()), (1_024, KNOWN_MAX));
}

#[test]
fn one_that_has_failed_makes_way_for_one_that_was_never_tried() {
    let mut peers = with_dead_doors(256);
    let dials = ids(&peers.due(NOON, nobody));
    peers.dial_failed(&dials[0], NOON);
    peers.hear(device(9_000), door(9_000), NOON, None);
    assert!(peers.known.contains_key(&device(9_000)) && !peers.known.contains_key(&dials[0]));
}

#[test]
fn a_dial_of_which_nothing_is_heard_is_made_again() {
    let mut peers = Peers::default();
    peers.learn(device(1), door(1), NOON);
    assert_eq!(ids(&peers.due(NOON, nobody)), [device(1)]);
    assert_eq!(peers.next_at(), Some(later(DIALLING_MS_MAX)));
    assert_eq!(ids(&peers.due(later(DIALLING_MS_MAX), nobody)), [], "it failed now, and waits a moment");
    let again = later(DIALLING_MS_MAX + BACKOFF_MS_MIN);
    assert_eq!(peers.next_at(), Some(again));
    assert_eq!(ids(&peers.due(again, nobody)), [device(1)]);
}
