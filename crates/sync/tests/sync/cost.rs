//! What a session costs, in round trips and bytes. Counts, no timings: they are the same on every machine.

use kaifong_sync::{Heads, Holdings, ItemId, Parcel};

use crate::model::{Cable, Outcome, PAST, Replica, document, sync, sync_with};

/// A replica of `count` documents with one change each.
fn household(count: usize) -> Replica {
    let mut replica = Replica::default();
    (0..count).for_each(|n| replica.write(document(n), vec![1; 60]));
    replica
}

#[derive(Clone, Copy, Debug)]
enum Ahead {
    Initiator,
    Responder,
    /// By turns the one and the other.
    Both,
}

/// Of `count` items `differing` have one change more, spread evenly over the order.
fn run(count: usize, differing: usize, ahead: Ahead) -> Outcome {
    let (mut ours, mut theirs) = (household(count), household(count));
    for n in 0..differing {
        let document = document(n * count / differing);
        match (ahead, n % 2) {
            (Ahead::Initiator, _) | (Ahead::Both, 0) => ours.write(document, vec![2; 60]),
            _ => theirs.write(document, vec![2; 60]),
        }
    }
    let outcome = sync(&mut ours, &mut theirs);
    assert_eq!(ours, theirs);
    assert!(outcome.notes.iter().all(|notes| notes.repeated.is_empty()), "nothing travels twice");
    assert_eq!(outcome.initiator.items_differing, u32::try_from(differing).unwrap());
    assert_eq!(outcome.responder.items_differing, u32::try_from(differing).unwrap());
    outcome
}

#[test]
fn ten_differences_among_4000_take_three_round_trips_and_12_kb() {
    for ahead in [Ahead::Responder, Ahead::Initiator, Ahead::Both] {
        let outcome = run(4000, 10, ahead);
        eprintln!(
            "{ahead:?}: {} rounds, {} bytes, {} of talk",
            outcome.initiator.rounds,
            outcome.bytes(),
            outcome.bytes_of_talk()
        );
        assert!(outcome.initiator.rounds <= 2, "two to reconcile, the third fetches");
        assert!(outcome.bytes() <= 12 * 1024, "{ahead:?}: {} bytes", outcome.bytes());
    }
}

const ALL: usize = usize::MAX;

/// Items, differences, and the most rounds and bytes of talk (everything but the parcels) that they may take.
const BOUNDS: [(usize, usize, u32, u64); 14] = [
    (100, 0, 1, 400),
    (100, 1, 1, 650),
    (100, 10, 1, 2300),
    (100, ALL, 1, 12_000),
    (1000, 0, 1, 60),
    (1000, 1, 2, 1100),
    (1000, 10, 2, 5000),
    (1000, 100, 2, 23_000),
    (1000, ALL, 2, 124_000),
    (4000, 0, 1, 180),
    (4000, 1, 2, 1150),
    (4000, 10, 2, 7500),
    (4000, 100, 2, 41_000),
    (4000, ALL, 2, 500_000),
];

#[test]
fn talk_stays_within_its_bounds() {
    for (count, differing, rounds_max, bytes_max) in BOUNDS {
        let outcome = run(count, differing.min(count), Ahead::Both);
        let (rounds, bytes) = (outcome.initiator.rounds, outcome.bytes_of_talk());
        eprintln!("{count} items, {differing} differ: {rounds} rounds, {bytes} bytes of talk");
        assert!(rounds <= rounds_max, "{rounds} rounds for {differing} among {count}");
        assert!(bytes <= bytes_max, "{bytes} bytes of talk for {differing} among {count}");
    }
}

#[test]
fn ten_times_the_building_costs_at_most_half_as_much_again() {
    let (small, large) = (run(2000, 10, Ahead::Both), run(20_000, 10, Ahead::Both));
    assert!(large.bytes() * 2 <= small.bytes() * 3, "{} and {} bytes", small.bytes(), large.bytes());
}

#[test]
fn a_newcomer_is_told_how_far_it_is() {
    let mut neighbour = household(700);
    (0..PAST.entries.len()).for_each(|place| neighbour.hold_entry(place));
    let mut newcomer = Replica::default();
    let outcome = sync_with(&mut newcomer, &mut neighbour, Cable::default());
    let all = u32::try_from(700 + crate::model::JOURNALS).unwrap();
    let last = outcome.progress.last().unwrap();
    assert_eq!((last.items_done, last.items_all, last.bytes_done), (all, all, last.bytes_all));
    for (one, next) in outcome.progress.iter().zip(&outcome.progress[1..]) {
        assert!(one.items_done < next.items_done && one.bytes_done < next.bytes_done);
        assert!(one.items_done < all);
    }
    let first = outcome.progress.first().unwrap();
    let guess = first.bytes_all as f64 / last.bytes_all as f64;
    assert!((0.5..2.0).contains(&guess), "the first guess was {guess} of the truth");
}

/// A neighbour with one document that is too long as changes, and one that is too long in any form.
struct Heavy(Replica);

impl Holdings for Heavy {
    fn items(&self, each: &mut dyn FnMut(ItemId, [u8; 32])) {
        self.0.items(each);
    }

    fn heads(&self, item: &ItemId) -> Heads {
        self.0.heads(item)
    }

    fn knows(&self, item: &ItemId, head: &[u8; 32]) -> bool {
        self.0.knows(item, head)
    }

    fn parcels(&self, wanted: &[(ItemId, Heads)], size_bytes: usize) -> Vec<Parcel> {
        let mut parcels = self.0.parcels(wanted, size_bytes);
        for parcel in &mut parcels {
            if let Parcel::Document(delivery) = parcel
                && (delivery.document == document(1)
                    || matches!(&delivery.content, kaifong_replica::Content::Changes(_)))
            {
                delivery.content = kaifong_replica::Content::Changes(vec![vec![0; 1024]; 9 * 1024]);
            }
        }
        parcels
    }
}

#[test]
fn what_fits_into_no_frame_travels_whole_or_stays() {
    let mut newcomer = household(2);
    let mut heavy = Heavy(household(2));
    heavy.0.write(document(0), vec![3; 10]);
    heavy.0.write(document(1), vec![3; 10]);
    let mut notes = crate::model::Notes::default();
    let stats = crate::model::sync_holdings(&mut newcomer, &heavy, &mut notes);
    assert_eq!(newcomer.documents[&document(0)], heavy.0.documents[&document(0)], "as a snapshot");
    assert_eq!(newcomer.documents[&document(1)].len(), 1);
    assert_eq!(stats.parcels_withheld, 1);
}
