use super::*;

const LU: MemberId = MemberId([1; 16]);
const XIAO: MemberId = MemberId([2; 16]);
const STRANGER: MemberId = MemberId([3; 16]);
/// A Monday.
const MONDAY: Day = 20_000 - 20_000 % 7 + 4;

fn hash(n: u8) -> EntryHash {
    EntryHash([n; 32])
}

fn terms(points: u32, trial: bool) -> RecurringTerms {
    RecurringTerms {
        weekdays: 0b001_1111,
        first: MONDAY,
        last: None,
        points: Points(points),
        trial: trial.then_some(MONDAY - 2),
        words: Commitment([9; 32]),
    }
}

fn propose(points: u32, trial: bool, after: Option<u8>) -> RecurringAct {
    let terms = terms(points, trial);
    RecurringAct::Propose { with: XIAO, helps: true, deal: None, after: after.map(hash), terms }
}

fn days(days: &[Day]) -> Days {
    Days::of(days.iter().map(|day| MONDAY + day)).unwrap()
}

fn world(acts: &[(MemberId, u8, RecurringAct)]) -> Arrangements {
    let mut all = Arrangements::default();
    for (by, entry, act) in acts {
        assert_eq!(act.check(), Ok(()));
        all.add(&SignedRecurringAct { by: *by, entry: hash(*entry), at: Instant(7), act: *act });
    }
    all
}

fn digest(all: &Arrangements) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    all.digest(&mut hasher);
    *hasher.finalize().as_bytes()
}

/// Proposed with a trial, agreed to, tried by both.
fn begun() -> Vec<(MemberId, u8, RecurringAct)> {
    vec![
        (LU, 1, propose(3, true, None)),
        (XIAO, 2, RecurringAct::Accept { version: hash(1) }),
        (LU, 3, RecurringAct::Tried { version: hash(1) }),
        (XIAO, 4, RecurringAct::Tried { version: hash(1) }),
    ]
}

#[test]
fn it_begins_once_both_have_agreed_and_both_have_tried() {
    let acts = begun();
    let stages = [RecurringStage::Proposed, RecurringStage::Trial, RecurringStage::Trial, RecurringStage::Running];
    for (at, stage) in stages.into_iter().enumerate() {
        let all = world(&acts[..=at]);
        assert_eq!(all.get(&hash(1)).unwrap().stage(), stage, "after {at}");
    }
    let own = world(&[(LU, 1, propose(0, false, None)), (LU, 2, RecurringAct::Accept { version: hash(1) })]);
    assert_eq!(own.get(&hash(1)).unwrap().stage(), RecurringStage::Proposed, "nobody agrees with themselves");
    let theirs = world(&[(LU, 1, propose(0, false, None)), (STRANGER, 2, RecurringAct::Accept { version: hash(1) })]);
    assert_eq!(theirs.get(&hash(1)).unwrap().stage(), RecurringStage::Proposed, "nor does a third one");
    let said_no =
        world(&[(LU, 1, propose(0, false, None)), (XIAO, 2, RecurringAct::End { version: hash(1), day: MONDAY })]);
    assert_eq!(said_no.get(&hash(1)).unwrap().stage(), RecurringStage::Declined);
}

#[test]
fn a_day_counts_once_and_only_when_both_have_said_so_whatever_the_order() {
    let mut acts = begun();
    acts.extend([
        (LU, 5, RecurringAct::Did { version: hash(1), days: days(&[0, 1, 2, 3, 4]) }),
        // Her other phone tells some of these days again.
        (LU, 6, RecurringAct::Did { version: hash(1), days: days(&[3, 4, 7]) }),
        (XIAO, 7, RecurringAct::Confirm { sheet: hash(5), days: days(&[1, 2, 3]) }),
        (XIAO, 8, RecurringAct::Confirm { sheet: hash(6), days: days(&[3, 7]) }),
        // What she never told, who does not help, and who is no party.
        (XIAO, 9, RecurringAct::Confirm { sheet: hash(6), days: days(&[5, 6]) }),
        (XIAO, 10, RecurringAct::Did { version: hash(1), days: days(&[8]) }),
        (LU, 11, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }),
        (STRANGER, 12, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }),
    ]);
    let all = world(&acts);
    let row = all.get(&hash(1)).unwrap();
    assert_eq!(row.counted().into_keys().collect::<Vec<_>>(), [1, 2, 3, 7].map(|day| MONDAY + day));
    assert_eq!(row.earned(), 12);
    assert_eq!(all.paid_by(&reason(&hash(7))).map(|row| row.id), Some(hash(1)));
    assert_eq!(all.paid_by(&reason(&hash(11))), None, "who helps confirms nothing");
    // Any order in which what is named comes first, and any of it twice.
    let mut other: Vec<_> = [0, 5, 4, 1, 7, 3, 6, 2, 8, 9, 10, 11, 4].map(|at: usize| acts[at]).to_vec();
    other.push(acts[6]);
    assert_eq!(digest(&world(&other)), digest(&all));
}

#[test]
fn nothing_counts_before_it_has_begun() {
    let mut acts = begun();
    acts.truncate(3);
    acts.push((LU, 5, RecurringAct::Did { version: hash(1), days: days(&[0]) }));
    acts.push((XIAO, 6, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }));
    assert_eq!(world(&acts).get(&hash(1)).unwrap().earned(), 0);
    acts.push((XIAO, 7, RecurringAct::Tried { version: hash(1) }));
    assert_eq!(world(&acts).get(&hash(1)).unwrap().earned(), 3);
}

#[test]
fn new_terms_hold_once_both_have_signed_them_and_what_was_done_keeps_its_price() {
    let mut acts = begun();
    acts.extend([
        (LU, 5, RecurringAct::Did { version: hash(1), days: days(&[0]) }),
        (XIAO, 6, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }),
        (XIAO, 20, propose(5, false, Some(1))),
    ]);
    let waits = world(&acts);
    let row = waits.get(&hash(1)).unwrap();
    assert_eq!((row.in_force(), row.waiting().count()), (hash(1), 1));
    acts.push((LU, 21, RecurringAct::Accept { version: hash(20) }));
    acts.push((LU, 22, RecurringAct::Did { version: hash(20), days: days(&[1]) }));
    acts.push((XIAO, 23, RecurringAct::Confirm { sheet: hash(22), days: days(&[1]) }));
    // Made apart from the one that was agreed to: of two that replace the same, one holds.
    acts.push((LU, 30, propose(9, false, Some(1))));
    acts.push((XIAO, 31, RecurringAct::Accept { version: hash(30) }));
    let all = world(&acts);
    let row = all.get(&hash(1)).unwrap();
    assert_eq!((row.in_force(), row.earned(), row.waiting().count()), (hash(20), 3 + 5, 0));
}

#[test]
fn new_terms_alter_no_day_before_they_begin() {
    let mut acts = begun();
    let later = RecurringTerms { first: MONDAY + 7, ..terms(5, false) };
    let renewed = RecurringAct::Propose { with: XIAO, helps: true, deal: None, after: Some(hash(1)), terms: later };
    acts.extend([(LU, 20, renewed), (XIAO, 21, RecurringAct::Accept { version: hash(20) })]);
    let all = world(&acts);
    let row = all.get(&hash(1)).unwrap();
    assert_eq!(row.in_force(), hash(20));
    assert_eq!([0, 4, 7, 8].map(|day| row.version_for(MONDAY + day)), [hash(1), hash(1), hash(20), hash(20)]);
    assert!(row.is_on(MONDAY + 4), "until then there is help by what stood before");
    assert_eq!(row.terms_for(MONDAY + 4).map(|terms| terms.points), Some(Points(3)));
    assert_eq!(row.version_for(MONDAY - 9), hash(1));
    // What waits for being confirmed costs what its sheet says; of two sheets the one that costs least.
    acts.extend([
        (LU, 30, RecurringAct::Did { version: hash(20), days: days(&[4, 7]) }),
        (LU, 31, RecurringAct::Did { version: hash(1), days: days(&[4]) }),
    ]);
    let all = world(&acts);
    let row = all.get(&hash(1)).unwrap();
    let told = |points, sheet| Told { points: Points(points), sheet: hash(sheet) };
    assert_eq!(row.to_confirm(), BTreeMap::from([(MONDAY + 4, told(3, 31)), (MONDAY + 7, told(5, 30))]));
}

#[test]
fn what_was_paid_with_a_closed_phone_is_known_and_alters_nothing() {
    let act = |by, entry, act| SignedRecurringAct { by, entry: hash(entry), at: Instant(7), act };
    let mut all = world(&begun());
    let before = digest(&all);
    // Her phone is closed before it told; his too, before he confirmed.
    all.add_cut(&act(LU, 5, RecurringAct::Did { version: hash(1), days: days(&[0]) }));
    all.add_cut(&act(XIAO, 6, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }));
    // What still counts may rest on what does not.
    all.add(&act(XIAO, 7, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }));
    all.add_cut(&act(STRANGER, 8, RecurringAct::Confirm { sheet: hash(5), days: days(&[0]) }));
    assert_eq!(digest(&all), before);
    let paid = |entry| all.paid_by(&reason(&hash(entry))).map(|row| row.id);
    assert_eq!([6, 7, 8].map(paid), [Some(hash(1)), Some(hash(1)), None]);
}

#[test]
fn pauses_and_the_end_take_days_out_of_the_week_and_nothing_out_of_what_was_done() {
    let mut acts = begun();
    acts.extend([
        (XIAO, 5, RecurringAct::Pause { version: hash(1), from: MONDAY + 1, to: MONDAY + 2 }),
        (LU, 6, RecurringAct::Pause { version: hash(1), from: MONDAY + 4, to: MONDAY + 4 }),
        (XIAO, 7, RecurringAct::Resume { pause: hash(6) }),
        (LU, 8, RecurringAct::End { version: hash(1), day: MONDAY + 9 }),
        (XIAO, 9, RecurringAct::End { version: hash(1), day: MONDAY + 8 }),
    ]);
    let on = |acts: &[_]| {
        let all = world(acts);
        (0..14).filter(|day| all.get(&hash(1)).unwrap().is_on(MONDAY + day)).collect::<Vec<Day>>()
    };
    assert_eq!(on(&acts), [0, 3, 7, 8], "nobody takes back what the other has said; the earlier end holds");
    acts.push((LU, 10, RecurringAct::Resume { pause: hash(6) }));
    assert_eq!(on(&acts), [0, 3, 4, 7, 8]);
}

#[test]
fn what_cannot_be_meant_is_refused_by_itself() {
    let broken = [
        RecurringAct::Did { version: hash(1), days: Days { first: 1, mask: 2 } },
        RecurringAct::Did { version: hash(1), days: Days { first: 1, mask: 1 | 1 << 62 } },
        RecurringAct::Confirm { sheet: hash(1), days: Days { first: DAY_MAX + 1, mask: 1 } },
        RecurringAct::Pause { version: hash(1), from: 5, to: 4 },
        RecurringAct::End { version: hash(1), day: DAY_MAX + 1 },
        propose(0, true, Some(1)),
        propose(TIME_COST_MAX.0 + 1, false, None),
    ];
    for act in broken {
        assert!(act.check().is_err(), "{act:?}");
    }
    assert_eq!(Days::of([]), None);
    assert_eq!(Days::of([1, 63]), None, "a sheet spans 62 days at most");
    assert_eq!(Days::of([62, 1]).unwrap().iter().collect::<Vec<_>>(), [1, 62]);
}

#[test]
fn words_are_told_apart_by_their_hash_and_end_after_they_begin() {
    let words = Words {
        what: "接小宝放学".into(),
        place: "实验幼儿园南门".into(),
        from_min: 16 * 60,
        to_min: 18 * 60,
        note: String::new(),
        salt: [4; 16],
    };
    assert_eq!(words.check(), Ok(()));
    let moved = Words { what: "接小宝放学实".into(), place: "验幼儿园南门".into(), ..words.clone() };
    assert_ne!(moved.commitment(), words.commitment());
    let late = Words { to_min: 16 * 60, ..words };
    assert_eq!(late.check(), Err(Refusal::OutOfRange { field: "to_min", least: 961, most: 1440 }));
}
