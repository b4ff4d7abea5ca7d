//! Two replicas that meet end equal, whoever begins, however messages interleave, wherever the cable was cut.

use kaifong_sync::{Holdings, ItemId};
use proptest::prelude::*;

use crate::model::{Cable, Change, Notes, PAST, Replica, document, sync, sync_with};

const DOCUMENTS: usize = 12;
const CHANGES_EACH: usize = 8;

/// All changes that were ever made to a document, by two devices that hear of each other now and then.
fn past_of(n: usize) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut last = [None, None];
    for step in 0..CHANGES_EACH {
        let device = (n + step) % 2;
        let heard = if (n * 3 + step).is_multiple_of(4) { last[1 - device] } else { None };
        let mut deps: Vec<[u8; 32]> = last[device].into_iter().chain(heard).collect();
        deps.sort();
        deps.dedup();
        let change = Change::new(deps, vec![u8::try_from(step).unwrap(); 80]);
        last[device] = Some(change.hash());
        changes.push(change);
    }
    changes
}

fn hold_with_past(replica: &mut Replica, n: usize, change: &Change, past: &[Change]) {
    for dep in &change.deps {
        let before = past.iter().find(|one| one.hash() == *dep).unwrap();
        hold_with_past(replica, n, before, past);
    }
    replica.hold_change(document(n), change.clone());
}

/// What one household has heard of, with everything that it rests on.
fn heard() -> impl Strategy<Value = Replica> {
    let entries = proptest::collection::vec(0..PAST.entries.len(), 0..12);
    let changes = proptest::collection::vec((0..DOCUMENTS, 0..CHANGES_EACH), 0..24);
    let forks = proptest::collection::vec(0..PAST.forks.len(), 0..4);
    let envelopes = proptest::collection::vec(0..PAST.envelopes.len(), 0..4);
    (entries, changes, forks, envelopes).prop_map(|(entries, changes, forks, envelopes)| {
        let mut replica = Replica::default();
        entries.into_iter().for_each(|place| replica.hold_entry(place));
        for (n, step) in changes {
            let past = past_of(n);
            hold_with_past(&mut replica, n, &past[step], &past);
        }
        replica.forks.extend(forks.into_iter().map(|n| PAST.forks[n].id()));
        replica.envelopes.extend(envelopes.into_iter().map(|n| PAST.envelopes[n].hash()));
        replica
    })
}

fn union(one: &Replica, other: &Replica) -> Replica {
    let mut all = one.clone();
    all.entries.extend(&other.entries);
    for (document, changes) in &other.documents {
        all.documents.entry(*document).or_default().extend(changes.clone());
    }
    all.forks.extend(&other.forks);
    all.envelopes.extend(&other.envelopes);
    all
}

/// Whether both hold something of the item that the other lacks.
fn went_separate_ways(item: &ItemId, one: &Replica, other: &Replica) -> bool {
    let lacks = |one: &Replica, other: &Replica| other.heads(item).iter().any(|head| !one.knows(item, head));
    lacks(one, other) && lacks(other, one)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn after_one_session_both_hold_the_same(a in heard(), b in heard(), interleaving: u64) {
        let (mut left, mut right) = (a.clone(), b.clone());
        let outcome = sync_with(&mut left, &mut right, Cable { cut_after: None, interleaving });
        let all = union(&a, &b);
        prop_assert_eq!(&left, &all);
        prop_assert_eq!(&right, &all);
        prop_assert_eq!(outcome.notes.each_ref().map(|notes| notes.too_early), [0, 0], "nothing precedes what it cites");
        prop_assert!(outcome.notes[0].repeated.is_empty(), "the initiator gets exactly what it lacks");
        for item in outcome.notes[1].repeated.keys() {
            prop_assert!(went_separate_ways(item, &a, &b), "{:?} was sent again to one who held it", item);
        }
        let again = sync(&mut left, &mut right);
        prop_assert_eq!((again.initiator.items_differing, again.initiator.rounds, again.messages), (0, 1, 3));
    }

    #[test]
    fn a_cut_anywhere_costs_only_what_was_under_way(
        a in heard(), b in heard(), cuts in proptest::collection::vec((0_usize..12, any::<u64>()), 1..4),
    ) {
        let (mut left, mut right) = (a.clone(), b.clone());
        for (cut, interleaving) in cuts {
            let outcome = sync_with(&mut left, &mut right, Cable { cut_after: Some(cut), interleaving });
            prop_assert_eq!(outcome.notes.map(|notes| notes.too_early), [0, 0]);
        }
        sync(&mut right, &mut left);
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(&left, &union(&a, &b));
    }
}

/// Wang Fang's phone has `count` documents of `changes` changes each, and all journals.
fn full_household(count: usize, changes: usize, text_bytes: usize) -> Replica {
    let mut replica = Replica::default();
    (0..PAST.entries.len()).for_each(|place| replica.hold_entry(place));
    for n in 0..count {
        for change in 0..changes {
            replica.write(document(n), vec![u8::try_from(change).unwrap(); text_bytes]);
        }
    }
    replica.forks.extend(PAST.forks.iter().map(|proof| proof.id()));
    replica.envelopes.extend(PAST.envelopes.iter().map(|sealed| sealed.hash()));
    replica
}

#[test]
fn a_newcomer_gets_everything_in_causal_order_from_either_end() {
    let full = full_household(900, 4, 1000);
    for newcomer_begins in [true, false] {
        let (mut newcomer, mut neighbour) = (Replica::default(), full.clone());
        let outcome =
            if newcomer_begins { sync(&mut newcomer, &mut neighbour) } else { sync(&mut neighbour, &mut newcomer) };
        assert_eq!(newcomer, full);
        assert_eq!(outcome.notes.iter().map(|notes| notes.too_early).sum::<usize>(), 0);
        assert!(outcome.notes.iter().all(|notes| notes.repeated.is_empty()));
        let share = outcome.bytes() as f64 / outcome.parcel_bytes as f64;
        assert!(share < 1.03, "{share} times the parcels");
    }
}

#[test]
fn a_newcomer_can_use_what_came_before_the_cut_and_is_not_sent_it_again() {
    let full = full_household(900, 4, 1000);
    let (mut newcomer, mut neighbour) = (Replica::default(), full.clone());
    let cut = sync_with(&mut newcomer, &mut neighbour, Cable { cut_after: Some(8), interleaving: 0 });
    assert!(!cut.finished);
    assert_eq!(newcomer.entries, full.entries, "journals come first");
    let came = newcomer.documents.len();
    assert!(came > 100 && came < 900, "{came} documents came");
    let rest = sync(&mut newcomer, &mut neighbour);
    assert_eq!(newcomer, full);
    assert!(rest.notes[0].repeated.is_empty());
    assert_eq!(rest.notes[0].new, (900 - came) * 4 + PAST.forks.len() + PAST.envelopes.len());
}

#[test]
fn what_is_written_while_the_session_runs_does_no_harm() {
    let (mut left, mut right) = (full_household(40, 2, 50), full_household(40, 2, 50));
    left.write(document(1), vec![7; 50]);
    right.write(document(2), vec![8; 50]);
    let mut notes = Notes::default();
    let (mut ours, first) = kaifong_sync::Session::start(1, [3; 16], &left);
    let kaifong_sync::Message::Reconcile { session, salt, step } = first else { panic!() };
    let (mut theirs, reply) = kaifong_sync::Session::accept(session, salt, &step, &right).unwrap();
    let mut to_left = vec![reply];
    while !(ours.is_done() && theirs.is_done()) {
        let mut to_right = Vec::new();
        for message in to_left.drain(..) {
            left.write(document(30), vec![9; 50]);
            for output in ours.on(message, &left).unwrap() {
                match output {
                    kaifong_sync::SessionOutput::Send(message) => to_right.push(message),
                    kaifong_sync::SessionOutput::Take(parcels) => left.take(parcels, &mut notes),
                    kaifong_sync::SessionOutput::Finished => {}
                }
            }
        }
        for message in to_right {
            right.write(document(31), vec![9; 50]);
            for output in theirs.on(message, &right).unwrap() {
                match output {
                    kaifong_sync::SessionOutput::Send(message) => to_left.push(message),
                    kaifong_sync::SessionOutput::Take(parcels) => right.take(parcels, &mut notes),
                    kaifong_sync::SessionOutput::Finished => {}
                }
            }
        }
    }
    assert_eq!(notes.too_early, 0);
    for n in [1, 2] {
        assert_eq!(left.documents[&document(n)], right.documents[&document(n)]);
    }
    sync(&mut left, &mut right);
    assert_eq!(left, right);
}

#[test]
fn two_halves_of_a_building_fill_both_windows_at_once() {
    let common = full_household(300, 1, 20);
    let (mut left, mut right) = (common.clone(), common);
    for n in 0..300 {
        // What both wrote into since they parted comes back in a second batch.
        left.write(document(n), vec![7; 6000]);
        right.write(document(n), vec![8; 12_000]);
        left.write(document(1000 + n), vec![9; 9000]);
        right.write(document(2000 + n), vec![9; 12_000]);
    }
    let all = union(&left, &right);
    for interleaving in [0, u64::MAX, 0xAAAA_AAAA_AAAA_AAAA, 0xF0F0_1234_CCCC_0001] {
        let (mut left, mut right) = (left.clone(), right.clone());
        let outcome = sync_with(&mut left, &mut right, Cable { cut_after: None, interleaving });
        assert!(left == all && right == all);
        assert_eq!(outcome.notes.each_ref().map(|notes| notes.too_early), [0, 0]);
        assert!(outcome.notes[0].repeated.is_empty());
        assert_eq!(outcome.notes[1].repeated.len(), 300, "what diverged travels whole in one direction");
        assert!(outcome.messages > 60, "{} messages", outcome.messages);
    }
}
