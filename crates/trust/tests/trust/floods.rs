//! Nonsense in any amount: bounded, and no neighbour is kept out by it.

use kaifong_trust::entry::{Basis, MemberKind, NO_ENTRY};
use kaifong_trust::journals::{Offered, WAITING_BYTES_MAX, WAITING_MAX};
use kaifong_trust::{DeviceKey, Journals, Pen, Verified};

use crate::street::*;

/// 陈姨 and 赵六 are neighbours; 陈姨's `late` entry is not here yet, and `early` waits for it.
fn street() -> (Street, Pen, [Verified<kaifong_trust::entry::Entry>; 2]) {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    let chen = street.certify(&mut li, NO_ENTRY, "陈姨", MemberKind::Person);
    let zhao = street.certify(&mut li, NO_ENTRY, "赵六", MemberKind::Person);
    let mut chen = street.open("陈姨", "陈姨", 0, Basis::Certificate(chen), NO_ENTRY);
    let zhao = street.open("赵六", "赵六", 0, Basis::Certificate(zhao), NO_ENTRY);
    let late = street.write(&mut chen, NO_ENTRY, link("甲"));
    let early = street.write(&mut chen, NO_ENTRY, link("乙"));
    let pair = [street.entry(late), street.entry(early)];
    street.entries.truncate(street.entries.len() - 2);
    (street, zhao, pair)
}

fn stranger(number: u64) -> DeviceKey {
    DeviceKey::from_seed(blake3::derive_key("a stranger in a test", &number.to_le_bytes()))
}

fn is_bounded(journals: &Journals) {
    assert!(journals.waiting() <= WAITING_MAX);
    assert!(journals.waiting_bytes() <= WAITING_BYTES_MAX);
}

#[test]
fn a_flood_by_strangers_does_not_keep_a_neighbour_out() {
    let (street, _, [late, early]) = street();
    let mut journals = street.replica();
    for number in 0..WAITING_MAX as u64 + 100 {
        drop(journals.offer(nonsense(street.building, &stranger(number), number)));
    }
    assert!(matches!(journals.offer(early), Ok(Offered::Waiting { .. })));
    is_bounded(&journals);
    let Ok(Offered::Admitted(both)) = journals.offer(late) else { panic!("it has all that it names") };
    assert_eq!(both.len(), 2, "the one that waited came in with it");
}

#[test]
fn a_flood_by_a_neighbour_with_many_devices_does_not_keep_another_out() {
    let (mut street, mut zhao, [late, early]) = street();
    for number in 0..20 {
        let device = stranger(number).id();
        let body = kaifong_trust::entry::Link { device, seal: seal_of("赵六") };
        street.write(&mut zhao, NO_ENTRY, kaifong_trust::entry::Body::Link(body));
    }
    let mut journals = street.replica();
    drop(journals.offer(early));
    for number in 0..WAITING_MAX as u64 + 100 {
        drop(journals.offer(nonsense(street.building, &stranger(number % 20), number)));
    }
    is_bounded(&journals);
    let Ok(Offered::Admitted(both)) = journals.offer(late) else { panic!("it has all that it names") };
    assert_eq!(both.len(), 2, "whoever takes most gives way");
}

#[test]
fn what_somebody_else_signs_into_a_journal_is_refused_at_once() {
    let (street, _, [late, early]) = street();
    let mut journals = street.replica();
    for number in 0..600_u64 {
        let into_hers = Forgery::of("赵六", &early).with(|entry| {
            entry.prev = kaifong_domain::EntryHash(blake3::derive_key("no entry", &number.to_le_bytes()));
        });
        drop(journals.offer(into_hers.signed()));
    }
    assert!(matches!(journals.offer(early), Ok(Offered::Waiting { .. })));
    assert_eq!(journals.waiting(), 1);
    let Ok(Offered::Admitted(both)) = journals.offer(late) else { panic!("it has all that it names") };
    assert_eq!(both.len(), 2);
}

#[test]
fn ten_thousand_large_entries_take_no_more_than_the_room() {
    let (street, _, _) = street();
    let mut journals = street.replica();
    let roles: Vec<_> = (0..800_u128)
        .map(|n| (kaifong_domain::MemberId(n.to_be_bytes()), kaifong_trust::entry::Role::Mediator))
        .collect();
    for number in 0..1_000_u64 {
        let mut entry = nonsense(street.building, &key("赵六"), number).value().clone();
        entry.body = epoch(1, NO_ENTRY, &roles);
        drop(journals.offer(key("赵六").sign(entry)));
    }
    is_bounded(&journals);
    assert!(journals.waiting() > 100, "the room is not given up either");
}

#[test]
fn a_long_chain_that_waits_comes_in_without_recursion_and_in_order() {
    let mut street = Street::founded_by("李叔");
    let mut li = street.open("李叔", "李叔", 0, Basis::Genesis, NO_ENTRY);
    for _ in 0..10_000 {
        street.write(&mut li, NO_ENTRY, link("甲"));
    }
    // In order, but for the first one: everything waits for it.
    let mut journals = street.empty();
    offer_all(&mut journals, street.entries.iter().skip(1).cloned());
    assert_eq!(journals.waiting(), WAITING_MAX);
    let Ok(Offered::Admitted(first)) = journals.offer(street.entries[0].clone()) else { panic!("it names nothing") };
    assert_eq!(first.len(), WAITING_MAX + 1, "what stands nearest to it has kept its place");
    assert!(first.iter().zip(0..).all(|(entry, seq)| entry.value().seq == seq));
    // Backwards: what was turned away comes again.
    let mut journals = street.empty();
    for _ in 0..3 {
        offer_all(&mut journals, street.entries.iter().rev().cloned());
    }
    offer_all(&mut journals, street.entries.iter().cloned());
    assert_eq!((journals.len(), journals.waiting()), (10_001, 0));
}

#[test]
fn what_waits_twice_waits_once() {
    let (street, _, [_, early]) = street();
    let mut journals = street.replica();
    drop(journals.offer(early.clone()));
    drop(journals.offer(early));
    assert_eq!(journals.waiting(), 1);
}
