#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use std::cell::Cell;

use kaifong_domain::{BuildingId, JournalId};

use super::*;
use crate::entry::NO_ENTRY;
use crate::signed::DeviceKey;

const CHEN: MemberId = MemberId([2; 16]);
const HE: MemberId = MemberId([3; 16]);

fn names_he(number: u32) -> Verified<Entry> {
    DeviceKey::from_seed([2; 32]).sign(Entry {
        building: BuildingId([1; 32]),
        journal: JournalId([4; 32]),
        seq: u64::from(number),
        prev: NO_ENTRY,
        epoch: NO_ENTRY,
        at: Instant(1),
        body: Body::Kin(Kin { number, member: Some(HE) }),
    })
}

#[test]
fn words_are_judged_once_until_another_one_comes_or_others_count() {
    let mut life = Life::default();
    (1..=100).for_each(|number| life.add(&names_he(number), CHEN, false));
    let (asked, all) = (Cell::new(0), Cell::new(true));
    let counts = |_: &Tip| {
        asked.set(asked.get() + 1);
        all.get()
    };
    for _ in 0..1_000 {
        assert_eq!(life.whereabouts(&CHEN, &counts).next.kin, 101);
    }
    assert_eq!(asked.get(), 100, "each word once, however often somebody looks");
    life.add(&names_he(101), CHEN, false);
    assert_eq!(life.whereabouts(&CHEN, &counts).next.kin, 102);
    all.set(false);
    life.count_anew();
    assert_eq!(life.whereabouts(&CHEN, &counts).next.kin, 1, "none counts any more");
    assert_eq!(life.whereabouts(&CHEN, &counts).kin, None);
}
