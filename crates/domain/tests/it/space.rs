//! A space by the hour: whatever was agreed apart and in whatever order it is heard, no two have it at one instant.

use kaifong_domain::record::{Kind, Listing, Mode, Side};
use kaifong_domain::sort::Form;
use kaifong_domain::space::{
    ASKED_MAX, SLOT_MS_MAX, SLOT_MS_MIN, SignedSpaceAct, Slot, SlotStage, SpaceAct, SpaceBookings, SpaceKey,
    SpaceRefusal, THING_SLOT_MS_MAX,
};
use kaifong_domain::{BookingId, EntryHash, Instant, ListingId, MemberId, Refusal};
use proptest::prelude::*;

const HALL: MemberId = MemberId([9; 16]);
const KEY: SpaceKey = (HALL, ListingId([8; 16]));
const NEIGHBOURS: [MemberId; 3] = [MemberId([1; 16]), MemberId([2; 16]), MemberId([3; 16])];
const HOUR_MS: u64 = 3600 * 1000;

fn slot(from: u64, hours: u64) -> Slot {
    let (starts_at, ends_at) = (Instant((1 + from) * HOUR_MS), Instant((1 + from + hours) * HOUR_MS));
    Slot { starts_at, ends_at, purpose: Form::Culture, people: 8 }
}

fn hash(kind: u8, number: u8) -> EntryHash {
    // The order of the hashes has nothing to do with the order of the acts.
    EntryHash(*blake3::hash(&[kind, number]).as_bytes())
}

fn act(by: MemberId, entry: EntryHash, act: SpaceAct) -> SignedSpaceAct {
    SignedSpaceAct { by, entry, at: Instant(1), act }
}

/// What was done in one building: some ask, the owner's devices agree and refuse as they please, some take it back.
#[derive(Clone, Debug)]
struct Asked {
    by: usize,
    from: u64,
    hours: u64,
    granted: bool,
    declined: bool,
    cancelled: bool,
    /// To which of all the owner's devices say that it has lost.
    lost_to: Option<usize>,
}

fn asked() -> impl Strategy<Value = Vec<Asked>> {
    let one =
        (0..3_usize, 0..8_u64, 1..4_u64, any::<bool>(), 0..6_u8, 0..6_u8, prop::option::weighted(0.2, 0..9_usize));
    let one = one.prop_map(|(by, from, hours, granted, declined, cancelled, lost_to)| Asked {
        by,
        from,
        hours,
        granted,
        declined: declined == 0,
        cancelled: cancelled == 0,
        lost_to,
    });
    prop::collection::vec(one, 1..9)
}

/// The acts, each with the number of the booking that it needs to have been heard.
fn acts(all: &[Asked]) -> Vec<(SignedSpaceAct, Vec<EntryHash>)> {
    let mut acts = Vec::new();
    for (number, one) in (0_u8..).zip(all) {
        let booking = hash(0, number);
        let slot = slot(one.from, one.hours);
        acts.push((act(NEIGHBOURS[one.by], booking, SpaceAct::Ask { owner: KEY.0, listing: KEY.1, slot }), vec![]));
        if one.granted {
            acts.push((act(HALL, hash(1, number), SpaceAct::Grant { booking }), vec![booking]));
        }
        if one.declined {
            acts.push((act(HALL, hash(2, number), SpaceAct::Decline { booking }), vec![booking]));
        }
        if one.cancelled {
            acts.push((act(NEIGHBOURS[one.by], hash(3, number), SpaceAct::Cancel { booking }), vec![booking]));
        }
        // Nobody acts for the other: a neighbour's agreement, and the hall's taking back, say nothing.
        acts.push((act(NEIGHBOURS[one.by], hash(4, number), SpaceAct::Grant { booking }), vec![booking]));
        acts.push((act(HALL, hash(5, number), SpaceAct::Cancel { booking }), vec![booking]));
        if let Some(to) = one.lost_to.filter(|to| *to < all.len() && *to != usize::from(number)) {
            let to = hash(0, u8::try_from(to).unwrap());
            acts.push((act(HALL, hash(6, number), SpaceAct::Lose { booking, to }), vec![booking, to]));
        }
    }
    acts
}

/// Adds acts in an order, each after what it names, as entries are admitted.
fn heard(acts: &[(SignedSpaceAct, Vec<EntryHash>)], order: &[usize]) -> SpaceBookings {
    let (mut bookings, mut waiting) = (SpaceBookings::default(), order.to_vec());
    while !waiting.is_empty() {
        waiting.retain(|which| {
            let (act, needs) = &acts[*which];
            let there = needs.iter().all(|need| bookings.booking(&BookingId::from(*need)).is_some());
            if there {
                bookings.add(act);
            }
            !there
        });
    }
    bookings
}

fn digest(bookings: &SpaceBookings) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    bookings.digest(&mut hasher);
    hasher.finalize()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    // proves: F12
    #[test]
    fn no_two_have_the_hall_at_one_hour_and_all_replicas_name_the_same(
        all in asked(),
        seed in prop::collection::vec(any::<u32>(), 64),
    ) {
        let acts = acts(&all);
        let straight: Vec<usize> = (0..acts.len()).collect();
        let mut shuffled = straight.clone();
        shuffled.sort_by_key(|which| seed[which % seed.len()]);
        let (one, other) = (heard(&acts, &straight), heard(&acts, &shuffled));
        prop_assert_eq!(digest(&one), digest(&other));
        let held = one.held(&KEY);
        for (at, row) in held.iter().enumerate() {
            prop_assert!(held[..at].iter().all(|before| !before.slot.overlaps(&row.slot)), "two have one hour");
            prop_assert!(row.granted.is_some() && one.stage(row) == SlotStage::Agreed);
        }
        for row in one.of(&KEY) {
            let stage = one.stage(row);
            prop_assert_eq!(stage, other.stage(other.booking(&row.id()).unwrap()));
            if stage == SlotStage::Lost && row.lost_to.is_empty() {
                prop_assert!(held.iter().any(|won| won.slot.overlaps(&row.slot)), "who loses loses to somebody");
            }
        }
    }

    // proves: F12
    #[test]
    fn once_the_owner_has_said_who_lost_it_stays_lost_whatever_becomes_of_the_winner(all in asked()) {
        let acts = acts(&all);
        let mut bookings = heard(&acts, &(0..acts.len()).collect::<Vec<_>>());
        let mut said = 0;
        while let Some((booking, to)) = bookings.next_to_lose(&KEY, Instant(0)) {
            bookings.add(&act(HALL, hash(7, said), SpaceAct::Lose { booking, to }));
            said += 1;
        }
        let lost = bookings.of(&KEY).filter(|row| bookings.stage(row) == SlotStage::Lost);
        let lost: Vec<BookingId> = lost.map(|row| row.id()).collect();
        prop_assert!(bookings.of(&KEY).all(|row| row.granted.is_none() || bookings.stage(row) != SlotStage::Asked));
        let winners: Vec<_> = bookings.held(&KEY).iter().map(|row| (row.by, row.entry)).collect();
        for (number, (by, booking)) in (0..).zip(winners) {
            bookings.add(&act(by, hash(8, number), SpaceAct::Cancel { booking }));
        }
        for id in lost {
            let stage = bookings.stage(bookings.booking(&id).unwrap());
            prop_assert!(matches!(stage, SlotStage::Lost | SlotStage::Cancelled), "{:?}", stage);
        }
    }
}

#[test]
fn what_ends_when_the_other_begins_does_not_overlap() {
    for (one, other, together) in [
        (slot(0, 2), slot(2, 1), false),
        (slot(0, 2), slot(1, 2), true),
        (slot(0, 3), slot(1, 1), true),
        (slot(1, 1), slot(1, 1), true),
        (slot(3, 1), slot(0, 2), false),
    ] {
        assert_eq!((one.overlaps(&other), other.overlaps(&one)), (together, together), "{one:?} {other:?}");
    }
}

#[test]
fn the_first_refusal_of_a_slot_is_the_one_told() {
    let good = slot(0, 2);
    let ends = |ms: u64| Slot { ends_at: Instant(good.starts_at.0 + ms), ..good };
    let length = Err(Refusal::from(SpaceRefusal::SlotLength));
    for (slot, expected) in [
        (good, Ok(())),
        (ends(SLOT_MS_MIN), Ok(())),
        (ends(SLOT_MS_MIN - 1), length.clone()),
        (ends(THING_SLOT_MS_MAX), Ok(())),
        (ends(THING_SLOT_MS_MAX + 1), length.clone()),
        (Slot { ends_at: Instant(1), purpose: Form::Lecture, ..good }, length),
        (Slot { purpose: Form::Lecture, people: 0, ..good }, Err(Refusal::FormMismatch)),
        (Slot { people: 0, ..good }, Err(Refusal::OutOfRange { field: "people", least: 1, most: 500 })),
        (Slot { people: 501, ..good }, Err(Refusal::OutOfRange { field: "people", least: 1, most: 500 })),
    ] {
        assert_eq!(slot.check(), expected, "{slot:?}");
    }
    let never = Slot { starts_at: Instant(0), ..good };
    assert!(matches!(never.check(), Err(Refusal::OutOfRange { field: "starts_at", .. })));
}

#[test]
fn a_space_is_had_for_a_day_at_most_and_a_thing_that_is_lent_for_two_weeks() {
    let of = |side, kind, mode| Listing { kind: Some(kind), mode, ..Listing::of(KEY.1, side, "", Instant(1)) };
    let hall = of(Side::Offer, Kind::Space, None);
    let ladder = of(Side::Offer, Kind::Item, Some(Mode::Share));
    let gift = of(Side::Offer, Kind::Item, Some(Mode::Donate));
    let wanted = of(Side::Need, Kind::Item, Some(Mode::Share));
    let length = Err(Refusal::from(SpaceRefusal::SlotLength));
    let neither = Err(Refusal::from(SpaceRefusal::NotASpace));
    let good = slot(0, 2);
    let ends = |ms: u64| Slot { ends_at: Instant(good.starts_at.0 + ms), ..good };
    let thing = |ms: u64| Slot::of_thing(good.starts_at, Instant(good.starts_at.0 + ms));
    for (slot, listing, expected) in [
        (ends(SLOT_MS_MAX), &hall, Ok(())),
        (ends(SLOT_MS_MAX + 1), &hall, length.clone()),
        (thing(THING_SLOT_MS_MAX), &ladder, Ok(())),
        (thing(THING_SLOT_MS_MAX + 1), &ladder, length),
        (good, &ladder, Err(Refusal::FormMismatch)),
        (Slot { people: 2, ..thing(SLOT_MS_MAX) }, &ladder, Err(Refusal::FormMismatch)),
        (thing(SLOT_MS_MAX), &gift, neither.clone()),
        (thing(SLOT_MS_MAX), &wanted, neither.clone()),
        (good, &of(Side::Need, Kind::Space, None), neither),
    ] {
        assert_eq!(slot.check_for(listing), expected, "{slot:?} {:?} {:?}", listing.side, listing.kind);
    }
}

#[test]
fn whoever_asks_without_end_costs_the_owner_no_words() {
    let (mut bookings, mut number) = (SpaceBookings::default(), 0);
    let mut ask = |bookings: &mut SpaceBookings, by: MemberId, slot: Slot| {
        number += 1;
        let (owner, listing) = KEY;
        bookings.add(&act(by, hash(0, number), SpaceAct::Ask { owner, listing, slot }));
        hash(0, number)
    };
    let won = ask(&mut bookings, NEIGHBOURS[0], slot(0, 2));
    bookings.add(&act(HALL, hash(1, 0), SpaceAct::Grant { booking: won }));
    let modest = ask(&mut bookings, NEIGHBOURS[1], slot(1, 1));
    for _ in 0..=ASKED_MAX {
        ask(&mut bookings, NEIGHBOURS[2], slot(0, 1));
    }
    assert_eq!(bookings.next_to_lose(&KEY, Instant(0)), Some((modest, won)));
    bookings.add(&act(HALL, hash(7, 0), SpaceAct::Lose { booking: modest, to: won }));
    assert_eq!(bookings.next_to_lose(&KEY, Instant(0)), None);
}

#[test]
fn whoever_asks_anew_after_each_word_costs_the_owner_no_more_of_them() {
    let (mut bookings, mut words) = (SpaceBookings::default(), 0);
    let (owner, listing) = KEY;
    let won = hash(0, 0);
    bookings.add(&act(NEIGHBOURS[0], won, SpaceAct::Ask { owner, listing, slot: slot(0, 2) }));
    bookings.add(&act(HALL, hash(1, 0), SpaceAct::Grant { booking: won }));
    for number in 1..60_u8 {
        let booking = hash(0, number);
        bookings.add(&act(NEIGHBOURS[2], booking, SpaceAct::Ask { owner, listing, slot: slot(0, 1) }));
        while let Some((booking, to)) = bookings.next_to_lose(&KEY, Instant(0)) {
            bookings.add(&act(HALL, hash(7, number), SpaceAct::Lose { booking, to }));
            words += 1;
        }
        if number.is_multiple_of(2) {
            bookings.add(&act(NEIGHBOURS[2], hash(3, number), SpaceAct::Cancel { booking }));
        }
    }
    assert_eq!(words, ASKED_MAX);
}

#[test]
fn until_the_owner_has_said_who_lost_a_third_ones_cancel_gives_an_hour_and_takes_another() {
    let (owner, listing) = KEY;
    let mut bookings = SpaceBookings::default();
    for (number, from) in (0..).zip([0, 1, 2]) {
        let booking = hash(0, number);
        let by = NEIGHBOURS[usize::from(number)];
        bookings.add(&act(by, booking, SpaceAct::Ask { owner, listing, slot: slot(from, 2) }));
        bookings.add(&act(HALL, EntryHash([1 + number; 32]), SpaceAct::Grant { booking }));
    }
    let stages = |bookings: &SpaceBookings| {
        [0, 1, 2].map(|number| bookings.stage(bookings.booking(&hash(0, number).into()).unwrap()))
    };
    assert_eq!(stages(&bookings), [SlotStage::Agreed, SlotStage::Lost, SlotStage::Agreed]);
    let cancel = act(NEIGHBOURS[0], hash(3, 0), SpaceAct::Cancel { booking: hash(0, 0) });
    let mut unsaid = bookings.clone();
    unsaid.add(&cancel);
    assert_eq!(stages(&unsaid), [SlotStage::Cancelled, SlotStage::Agreed, SlotStage::Lost]);
    // Once the owner's device has said it, whoever has an hour keeps it.
    let (booking, to) = bookings.next_to_lose(&KEY, Instant(0)).unwrap();
    assert_eq!((booking, to), (hash(0, 1), hash(0, 0)));
    bookings.add(&act(HALL, hash(7, 0), SpaceAct::Lose { booking, to }));
    bookings.add(&cancel);
    assert_eq!(stages(&bookings), [SlotStage::Cancelled, SlotStage::Lost, SlotStage::Agreed]);
}
