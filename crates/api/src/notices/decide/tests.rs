//! Tables of what is told when, and histories with clocks that jump.

use proptest::prelude::*;

use super::*;

const HOUR_MS: u64 = 3_600_000;

/// An hour of a day, counted from some day on; the place is eight hours ahead of UTC.
fn at(day: u64, hour: u64) -> LocalTime {
    LocalTime { at_ms: ((20_000 + day) * 24 + hour - 8) * HOUR_MS, ahead_s: 8 * 3_600 }
}

fn key(kind: NoticeKind, number: u16) -> Key {
    Key::of(kind, &[&number.to_be_bytes()])
}

fn thing(kind: NoticeKind, number: u16) -> Thing {
    Thing { kind, key: key(kind, number), place: format!("/{kind}/{number}") }
}

fn turn(number: u16) -> Thing {
    thing(NoticeKind::Turn, number)
}

fn fit(number: u16) -> Thing {
    thing(NoticeKind::Fit, number)
}

fn request(number: u16) -> Thing {
    Thing { place: "/neighbours/requests".into(), ..thing(NoticeKind::Request, number) }
}

fn all() -> NoticeSettings {
    NoticeSettings::default()
}

/// What one device is told, look after look.
#[derive(Default)]
struct Device {
    memory: Memory,
    pending: bool,
}

impl Device {
    /// One that has looked before, when there was nothing.
    fn known() -> Self {
        let mut device = Self::default();
        assert_eq!(device.look(at(0, 12), &all(), &[]), "");
        device
    }

    /// Looks; tells kind, count and place of each notice.
    fn look(&mut self, now: LocalTime, settings: &NoticeSettings, things: &[Thing]) -> String {
        let decision = decide(now, settings, &self.memory, things, 0);
        (self.memory, self.pending) = (decision.memory, decision.pending);
        let told = decision.notices.iter().map(|told| format!("{} {} {}", told.kind, told.count, told.place));
        told.collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn each_thing_is_told_once_and_all_of_one_kind_together() {
    let mut device = Device::known();
    for (hour, things, told) in [
        (9, vec![turn(1)], "turn 1 /turn/1"),
        (9, vec![turn(1)], ""),
        (10, vec![turn(1), turn(2), turn(3)], "turn 2 /"),
        (11, vec![turn(3), request(4), request(5)], "request 2 /neighbours/requests"),
        (12, vec![turn(2), turn(1), request(5)], ""),
    ] {
        assert_eq!(device.look(at(1, hour), &all(), &things), told, "{hour} {things:?}");
    }
    let two_for_one = [fit(1), Thing { place: fit(1).place, ..fit(2) }];
    assert_eq!(device.look(at(2, 9), &all(), &two_for_one), "fit 2 /fit/1");
}

#[test]
fn the_first_look_tells_whose_turn_it_is_and_not_what_fits() {
    let things = [turn(1), turn(2), request(1), fit(1)];
    let mut device = Device::default();
    assert_eq!(device.look(at(1, 9), &all(), &things), "turn 2 /, request 1 /neighbours/requests");
    assert_eq!(device.look(at(2, 9), &all(), &things), "");
    assert_eq!(device.look(at(2, 9), &all(), &[fit(1), fit(2)]), "fit 1 /fit/2");
    let mut at_night = Device::default();
    assert_eq!(at_night.look(at(1, 23), &all(), &things), "");
    assert_eq!(at_night.look(at(2, 8), &all(), &things), "turn 2 /, request 1 /neighbours/requests");
}

#[test]
fn at_night_nothing_is_told_and_in_the_morning_what_is_still_there() {
    let mut device = Device::known();
    assert_eq!(device.look(at(1, 20), &all(), &[turn(1)]), "turn 1 /turn/1");
    for (day, hour, things) in [
        (1, 21, vec![turn(1), turn(2)]),
        (1, 23, vec![turn(1), turn(2), turn(3)]),
        (2, 0, vec![turn(1), turn(2), turn(3), fit(1)]),
        (2, 7, vec![turn(1), turn(3), turn(4), fit(1)]),
    ] {
        assert_eq!(device.look(at(day, hour), &all(), &things), "", "{day} {hour}");
        assert!(device.pending);
    }
    assert_eq!(device.look(at(2, 8), &all(), &[turn(1), turn(3), turn(4)]), "turn 2 /");
    assert!(!device.pending);
}

#[test]
fn a_day_has_three_and_the_most_important_come_first() {
    let mut device = Device::known();
    assert_eq!(device.look(at(1, 9), &all(), &[fit(1)]), "fit 1 /fit/1");
    let many = [fit(2), request(1), turn(1)];
    assert_eq!(device.look(at(1, 10), &all(), &many), "turn 1 /turn/1, request 1 /neighbours/requests");
    assert!(device.pending);
    assert_eq!(device.look(at(1, 20), &all(), &[fit(2), fit(3), turn(1)]), "");
    assert_eq!(device.look(at(2, 7), &all(), &[fit(2), fit(3), turn(1)]), "");
    assert_eq!(device.look(at(2, 8), &all(), &[fit(3), turn(1), turn(2)]), "turn 1 /turn/2, fit 1 /fit/3");
    assert_eq!(device.memory.told_on(at(2, 8).day()), 2);
    assert_eq!(device.memory.told_on(at(1, 8).day()), 3);
}

#[test]
fn what_comes_up_while_a_kind_is_off_counts_as_told() {
    let quiet = NoticeSettings { turn: false, fit: false, ..all() };
    let mut device = Device::known();
    assert_eq!(device.look(at(1, 9), &quiet, &[turn(1), fit(1), request(1)]), "request 1 /neighbours/requests");
    assert!(!device.pending);
    // What fits is not even looked for while it is off.
    assert_eq!(device.look(at(1, 10), &quiet, &[turn(1), turn(2)]), "");
    let things = [turn(1), turn(2), turn(3), fit(1), fit(2)];
    assert_eq!(device.look(at(1, 11), &all(), &things), "", "the first look after they were switched on");
    assert_eq!(device.look(at(2, 8), &all(), &[turn(3), turn(4), fit(3)]), "turn 1 /turn/4, fit 1 /fit/3");
    // Off and on again between two looks, or while no window runs.
    device.memory = device.memory.clone().without(&NoticeSettings { turn: false, ..all() });
    assert_eq!(device.look(at(2, 9), &all(), &[turn(5)]), "");
    assert_eq!(device.look(at(2, 9), &all(), &[turn(6)]), "turn 1 /turn/6");
}

#[test]
fn what_fits_leaves_one_notice_of_the_day_to_what_waits() {
    let mut device = Device::known();
    assert_eq!(device.look(at(1, 9), &all(), &[fit(1)]), "fit 1 /fit/1");
    assert_eq!(device.look(at(1, 10), &all(), &[fit(2)]), "fit 1 /fit/2");
    assert_eq!(device.look(at(1, 11), &all(), &[fit(3)]), "", "however many fit");
    assert!(device.pending);
    assert_eq!(device.look(at(1, 12), &all(), &[fit(3), turn(1)]), "turn 1 /turn/1");
    assert_eq!(device.look(at(2, 8), &all(), &[fit(3)]), "fit 1 /fit/3", "the next day");
}

#[test]
fn what_comes_and_goes_is_told_once_while_it_is_remembered() {
    let mut device = Device::known();
    let mut day = 1;
    assert_eq!(device.look(at(day, 9), &all(), &[turn(0)]), "turn 1 /turn/0");
    for number in 1..=GONE_MAX as u16 {
        day += 1;
        assert_eq!(device.look(at(day, 9), &all(), &[turn(number)]), format!("turn 1 /turn/{number}"));
    }
    // The first is the longest gone of as many as are remembered.
    assert_eq!(device.memory.told.len(), GONE_MAX + 1);
    assert_eq!(device.look(at(day, 10), &all(), &[turn(0)]), "");
    assert_eq!(device.look(at(day, 10), &all(), &[turn(9_999)]), "turn 1 /turn/9999");
    assert_eq!(device.look(at(day, 11), &all(), &[turn(1)]), "turn 1 /turn/1", "it was forgotten");
}

#[test]
fn more_things_than_anybody_has_are_not_all_remembered() {
    let mut device = Device::known();
    let things: Vec<_> = (0..3_000).map(turn).collect();
    assert_eq!(device.look(at(1, 9), &all(), &things), "turn 1000 /");
    assert_eq!(device.look(at(1, 9), &all(), &things), "");
    assert_eq!(device.memory.told.len(), THINGS_MAX);
}

#[test]
fn a_clock_that_jumps_neither_silences_nor_floods() {
    let mut device = Device::known();
    for number in 1..=3 {
        assert_eq!(device.look(at(400, 9), &all(), &[turn(number)]), format!("turn 1 /turn/{number}"), "a year ahead");
    }
    assert_eq!(device.look(at(1, 9), &all(), &[turn(4)]), "turn 1 /turn/4", "put right");
    for _ in 0..9 {
        assert_eq!(device.look(at(400, 10), &all(), &[turn(5)]), "", "that day has had three");
        assert_eq!(device.look(at(1, 10), &all(), &[turn(4)]), "");
    }
    assert_eq!(device.look(at(1, 11), &all(), &[turn(5)]), "turn 1 /turn/5");
}

#[test]
fn a_key_is_a_hash_of_kind_and_ids() {
    let one = key(NoticeKind::Turn, 1);
    assert_eq!(Key::read(one.as_str()), Some(one.clone()));
    assert!(one != key(NoticeKind::Fit, 1) && one != key(NoticeKind::Turn, 2));
    for wrong in ["", "0", &"0".repeat(33), &"A".repeat(32), &"街".repeat(11)] {
        assert_eq!(Key::read(wrong), None, "{wrong}");
    }
}

/// One look of a history.
#[derive(Clone, Debug)]
struct Look {
    day: u64,
    hour: u64,
    west: bool,
    settings: NoticeSettings,
    things: Vec<Thing>,
}

fn kinds() -> impl Strategy<Value = NoticeKind> {
    prop_oneof![Just(NoticeKind::Turn), Just(NoticeKind::Request), Just(NoticeKind::Fit), Just(NoticeKind::Activity)]
}

/// Looks on at most 14 days in any order, so that with both zones no more are seen than are remembered.
fn looks() -> impl Strategy<Value = Vec<Look>> {
    let settings = any::<[bool; 4]>();
    let settings = settings.prop_map(|[turn, request, fit, activity]| NoticeSettings { turn, request, fit, activity });
    let settings = prop_oneof![3 => Just(NoticeSettings::default()), 1 => settings];
    let things = prop::collection::vec((kinds(), 0_u16..60).prop_map(|(kind, number)| thing(kind, number)), 0..8);
    let look = (1_u64..15, 0_u64..24, any::<bool>(), settings, things);
    let look = look.prop_map(|(day, hour, west, settings, things)| Look { day, hour, west, settings, things });
    prop::collection::vec(look, 1..80)
}

impl Look {
    fn now(&self) -> LocalTime {
        let here = at(self.day, self.hour);
        if self.west { LocalTime { ahead_s: -5 * 3_600, ..here } } else { here }
    }
}

proptest! {
    #[test]
    fn whatever_the_clock_does_no_day_has_more_than_three_no_night_has_any_and_nothing_is_told_twice(looks in looks()) {
        let mut memory = Memory::default();
        let mut told_on: BTreeMap<i64, usize> = BTreeMap::new();
        let mut ever: BTreeSet<Key> = BTreeSet::new();
        for look in looks {
            let now = look.now();
            let decision = decide(now, &look.settings, &memory, &look.things, 0);
            let hour = (now.at_ms as i64 + i64::from(now.ahead_s) * 1_000).rem_euclid(24 * HOUR_MS as i64) / HOUR_MS as i64;
            prop_assert!(decision.notices.is_empty() || (8..21).contains(&hour), "at {hour}");
            for notice in &decision.notices {
                prop_assert!(look.settings.has(notice.kind));
                let fresh: BTreeSet<Key> = look.things.iter()
                    .filter(|thing| thing.kind == notice.kind && !memory.told.contains(&thing.key))
                    .map(|thing| thing.key.clone())
                    .collect();
                prop_assert_eq!(notice.count, fresh.len() as u64);
                prop_assert!(notice.count > 0 && ever.is_disjoint(&fresh), "told twice");
                ever.extend(fresh);
            }
            let count = told_on.entry(now.day()).or_default();
            *count += decision.notices.len();
            prop_assert!(*count <= usize::from(PER_DAY_MAX));
            let kinds: Vec<_> = decision.notices.iter().map(|notice| notice.kind).collect();
            prop_assert!(kinds.is_sorted(), "{kinds:?}");
            let unique: BTreeSet<_> = decision.memory.told.iter().collect();
            prop_assert_eq!(unique.len(), decision.memory.told.len());
            prop_assert!(decision.memory.days.len() <= DAYS_MAX);
            memory = decision.memory;
        }
    }

    #[test]
    fn whatever_has_been_what_is_new_on_a_new_day_is_told(looks in looks(), kind in kinds(), jump in 20_u64..10_000) {
        let mut memory = Memory::default();
        for look in looks {
            memory = decide(look.now(), &look.settings, &memory, &look.things, 0).memory;
        }
        memory = decide(at(jump, 9), &all(), &memory, &[], 0).memory;
        let new = Key::of(kind, &[b"never seen before"]);
        let thing = Thing { kind, key: new.clone(), place: "/".into() };
        let decision = decide(at(jump, 10), &all(), &memory, &[thing], 0);
        prop_assert_eq!(decision.notices, [Notice { kind, count: 1, place: "/".into(), building: None }]);
        prop_assert!(!decision.pending && decision.memory.told.contains(&new));
    }
}
