use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const HOST: MemberId = MemberId([1; 16]);
const CHEN: MemberId = MemberId([2; 16]);
const WANG: MemberId = MemberId([3; 16]);
const CLASS: ActivityId = ActivityId([9; 16]);
const KEY: ActivityKey = (HOST, CLASS);

fn terms() -> ActivityTerms {
    let starts_at = Instant(1_760_000_000_000);
    ActivityTerms { starts_at, hours: 2, cost: Points(5), to: Payee::Fund, no_show: Points(3) }
}

fn class(places: u16) -> Activity {
    Activity {
        id: CLASS,
        title: "书法课".into(),
        body: String::new(),
        venue: "二楼".into(),
        terms: terms(),
        places: Some(places),
        teacher: None,
        group: None,
        posted_at: Instant(1),
        called_off_at: None,
    }
}

fn hash(n: u8) -> EntryHash {
    EntryHash([n; 32])
}

fn signed(by: MemberId, entry: u8, act: ActivityAct) -> SignedActivityAct {
    SignedActivityAct { by, entry: hash(entry), at: Instant(entry.into()), act }
}

fn book(by: MemberId, entry: u8) -> SignedActivityAct {
    signed(by, entry, ActivityAct::Book { host: HOST, activity: CLASS, terms: terms() })
}

/// What the host and Aunt Chen say of her booking, which is entry 10.
fn place() -> SignedActivityAct {
    signed(HOST, 50, ActivityAct::Place { booking: hash(10) })
}

fn cancel() -> SignedActivityAct {
    signed(CHEN, 51, ActivityAct::Cancel { booking: hash(10) })
}

fn free() -> SignedActivityAct {
    signed(HOST, 52, ActivityAct::Free { booking: hash(10) })
}

fn attend(number: u32, came: bool) -> SignedActivityAct {
    signed(HOST, 60, ActivityAct::Attend { booking: hash(10), number, came })
}

fn contest(number: u32) -> SignedActivityAct {
    signed(CHEN, 61, ActivityAct::Contest { booking: hash(10), number })
}

fn after(acts: &[SignedActivityAct]) -> Bookings {
    let mut bookings = Bookings::default();
    acts.iter().for_each(|act| _ = bookings.add(act));
    bookings
}

fn stage(acts: &[SignedActivityAct]) -> BookingStage {
    let all: Vec<_> = [book(CHEN, 10)].into_iter().chain(acts.iter().copied()).collect();
    after(&all).booking(&hash(10).into()).unwrap().stage()
}

#[test]
fn where_a_booking_stands_is_as_the_table_says() {
    use BookingStage::*;
    let table: &[(&[SignedActivityAct], BookingStage)] = &[
        (&[], Waiting),
        (&[place()], Placed),
        (&[cancel()], Cancelled),
        (&[place(), cancel()], Late),
        (&[place(), cancel(), free()], Cancelled),
        (&[place(), free()], Placed),
        (&[attend(1, true)], Waiting),
        (&[place(), attend(1, true)], Came),
        (&[place(), attend(1, false)], Absent),
        (&[place(), attend(1, false), contest(1)], Contested),
        (&[place(), attend(2, false), contest(1)], Absent),
        (&[place(), attend(1, false), attend(2, true)], Came),
        (&[place(), attend(1, true), attend(2, false)], Absent),
        (&[place(), attend(1, true), attend(1, false)], Came),
        (&[place(), cancel(), attend(1, false)], Absent),
        (&[place(), cancel(), free(), attend(1, false)], Cancelled),
        (&[place(), cancel(), free(), attend(1, true)], Came),
    ];
    for (acts, expected) in table {
        assert_eq!(stage(acts), *expected, "{acts:?}");
    }
}

#[test]
fn nobody_acts_for_another() {
    let by = |by, act: SignedActivityAct| SignedActivityAct { by, ..act };
    assert_eq!(stage(&[by(CHEN, place())]), BookingStage::Waiting, "a guest takes no place");
    assert_eq!(stage(&[place(), by(HOST, cancel())]), BookingStage::Placed, "a host cancels nobody's booking");
    assert_eq!(stage(&[place(), by(CHEN, attend(1, true))]), BookingStage::Placed, "nor does a guest say who came");
    assert_eq!(stage(&[place(), by(WANG, attend(1, false))]), BookingStage::Placed, "nor a neighbour");
    let answered = [place(), attend(1, false), by(HOST, contest(1))];
    assert_eq!(stage(&answered), BookingStage::Absent, "nor does a host answer their own word");
    assert_eq!(after(&[book(HOST, 10)]).of(&KEY).count(), 0, "nobody is their own guest");
}

#[test]
fn coming_is_paid_for_and_staying_away_is_charged_and_each_has_a_reason_of_its_own() {
    let owed = |acts: &[SignedActivityAct]| {
        let all: Vec<_> = [book(CHEN, 10)].into_iter().chain(acts.iter().copied()).collect();
        after(&all).booking(&hash(10).into()).unwrap().owed()
    };
    assert_eq!(owed(&[]), None, "who waits owes nothing");
    assert_eq!(owed(&[place()]), Some((Owed::Cost, Points(5))));
    assert_eq!(owed(&[place(), attend(1, true)]), Some((Owed::Cost, Points(5))));
    assert_eq!(owed(&[place(), attend(1, false)]), Some((Owed::Charge, Points(3))));
    assert_eq!(owed(&[place(), cancel(), free()]), None, "in time");
    assert_eq!(
        owed(&[place(), cancel()]),
        None,
        "and nobody is charged before the host has said that they did not come"
    );
    let bookings = after(&[book(CHEN, 10), book(WANG, 11)]);
    let reasons: BTreeSet<_> =
        bookings.of(&KEY).flat_map(|row| [Owed::Cost, Owed::Charge].map(|owed| row.reason(owed))).collect();
    assert_eq!(reasons.len(), 4);
    for row in bookings.of(&KEY) {
        for owed in [Owed::Cost, Owed::Charge] {
            assert_eq!(bookings.paid_by(&row.reason(owed)), Some((row, owed)));
        }
    }
}

#[test]
fn places_go_to_those_who_were_heard_first_and_one_to_each() {
    let mut bookings = after(&[book(WANG, 12), book(CHEN, 10), book(CHEN, 11)]);
    let next = |bookings: &Bookings, places| bookings.next_to_place(&KEY, &class(places)).map(|row| row.entry);
    assert_eq!(next(&bookings, 1), Some(hash(12)), "heard first, whatever its hash");
    bookings.add(&signed(HOST, 70, ActivityAct::Place { booking: hash(12) }));
    assert_eq!((bookings.taken(&KEY), next(&bookings, 1)), (1, None), "it is full");
    assert_eq!(next(&bookings, 2), Some(hash(10)));
    bookings.add(&place());
    assert_eq!(next(&bookings, 9), None, "her second booking, of another phone, gets no second place");
    assert_eq!(bookings.shown(&KEY, &CHEN).map(|row| row.entry), Some(hash(10)));
    bookings.add(&cancel());
    assert_eq!(next(&bookings, 9), None, "nor while the first is not freed");
    bookings.add(&free());
    assert_eq!(next(&bookings, 9), Some(hash(11)));
    assert_eq!(bookings.guests(&KEY).len(), 2, "one row for each");
}

#[test]
fn who_asks_for_other_terms_than_are_offered_gets_no_place() {
    let cheap = ActivityTerms { cost: Points(1), ..terms() };
    let act = ActivityAct::Book { host: HOST, activity: CLASS, terms: cheap };
    assert!(after(&[signed(CHEN, 10, act)]).next_to_place(&KEY, &class(9)).is_none());
}

#[test]
fn who_signs_up_and_cancels_again_and_again_is_not_answered_for_ever() {
    let mut bookings = Bookings::default();
    let mut places = 0;
    for n in 0..20 {
        bookings.add(&book(CHEN, 100 + n));
        if let Some(row) = bookings.next_to_place(&KEY, &class(9)).copied() {
            places += 1;
            bookings.add(&signed(HOST, 200, ActivityAct::Place { booking: row.entry }));
            bookings.add(&signed(CHEN, 201, ActivityAct::Cancel { booking: row.entry }));
            bookings.add(&signed(HOST, 202, ActivityAct::Free { booking: row.entry }));
        }
    }
    assert_eq!(places, BOOKINGS_MAX);
}

#[test]
fn terms_that_nobody_can_agree_to_are_told_so() {
    assert_eq!(class(1).check(), Ok(()));
    let bad = |field, terms: ActivityTerms| {
        let refused = Activity { terms, ..class(1) }.check();
        assert!(
            matches!(refused, Err(crate::Refusal::OutOfRange { field: found, .. }) if found == field),
            "{refused:?}"
        );
        assert!(ActivityAct::Book { host: HOST, activity: CLASS, terms }.check().is_err());
    };
    bad("starts_at", ActivityTerms { starts_at: Instant(0), ..terms() });
    bad("starts_at", ActivityTerms { starts_at: Instant(STARTS_AT_MAX.0 + 1), ..terms() });
    bad("starts_at", ActivityTerms { starts_at: Instant(u64::MAX), ..terms() });
    bad("hours", ActivityTerms { hours: 0, ..terms() });
    bad("hours", ActivityTerms { hours: HOURS_MAX + 1, ..terms() });
    bad("cost", ActivityTerms { cost: Points(COST_MAX.0 + 1), ..terms() });
    bad("no_show", ActivityTerms { no_show: Points(NO_SHOW_MAX.0 + 1), ..terms() });
    for places in [0, PLACES_MAX + 1] {
        assert!(class(places).check().is_err());
    }
    assert!(ActivityAct::Attend { booking: hash(1), number: 0, came: true }.check().is_err());
    assert!(ActivityAct::Contest { booking: hash(1), number: 0 }.check().is_err());
}

/// Any act about one of three bookings, by anybody.
fn any_act() -> impl Strategy<Value = SignedActivityAct> {
    let by = prop::sample::select(vec![HOST, CHEN, WANG]);
    (by, 10_u8..13, 0..6, 1..4_u32, any::<bool>(), 60..80_u8).prop_map(|(by, booking, kind, number, came, entry)| {
        let booking = hash(booking);
        let act = match kind {
            0 | 1 => ActivityAct::Place { booking },
            2 => ActivityAct::Cancel { booking },
            3 => ActivityAct::Free { booking },
            4 => ActivityAct::Attend { booking, number, came },
            _ => ActivityAct::Contest { booking, number },
        };
        signed(by, entry, act)
    })
}

fn digest(bookings: &Bookings) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    bookings.digest(&mut hasher);
    *hasher.finalize().as_bytes()
}

proptest! {
    #[test]
    fn the_order_and_the_number_of_arrivals_change_nothing(
        acts in prop::collection::vec(any_act(), 0..24).prop_flat_map(|acts| (Just(acts.clone()), Just(acts).prop_shuffle())),
    ) {
        let (one, other) = acts;
        let books = [book(CHEN, 10), book(WANG, 11), book(CHEN, 12)];
        let first: Vec<_> = books.iter().copied().chain(one).collect();
        let second: Vec<_> = books.iter().rev().copied().chain(other.iter().copied()).chain(other.clone()).collect();
        prop_assert_eq!(digest(&after(&first)), digest(&after(&second)));
    }

    #[test]
    fn a_host_alone_takes_nothing_from_who_was_never_given_a_place(acts in prop::collection::vec(any_act(), 0..24)) {
        let acts: Vec<_> = acts.into_iter().filter(|act| !matches!(act.act, ActivityAct::Place { .. })).collect();
        let all: Vec<_> = [book(CHEN, 10), book(WANG, 11), book(CHEN, 12)].into_iter().chain(acts).collect();
        prop_assert!(after(&all).of(&KEY).all(|row| row.owed().is_none() && !row.takes_place()));
    }
}
