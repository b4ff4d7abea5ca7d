//! The lock as a value, with a clock that the test holds.

use super::*;

const MINUTE_MS: u64 = 60_000;
const NOON: u64 = 1_800_000_000_000;
const DESK: Asker = Asker::Screen([7; 32]);

fn locked_with(pin: &str) -> Lock {
    let mut lock = Lock::default();
    lock.set(Some(Digest::of(pin)), 5, Asker::WINDOW, NOON);
    lock
}

#[test]
fn without_a_pin_every_screen_is_open_and_with_one_only_the_screen_that_set_it() {
    let mut lock = Lock::default();
    assert!(lock.is_open(DESK, NOON) && !lock.is_set());
    let mut lock = locked_with("2580");
    assert!(lock.is_open(Asker::WINDOW, NOON) && !lock.is_open(DESK, NOON));
    assert!(lock.is_open(Asker::Program, NOON), "who runs programs here needs no screen");
}

#[test]
fn a_screen_shuts_when_nobody_has_touched_it_and_a_touch_opens_none_that_is_shut() {
    let mut lock = locked_with("2580");
    let four = NOON + 4 * MINUTE_MS;
    assert!(lock.is_open(Asker::WINDOW, four));
    lock.touch(Asker::WINDOW, four);
    assert_eq!(lock.left_ms(Asker::WINDOW, four), 5 * MINUTE_MS);
    let nine = four + 5 * MINUTE_MS;
    assert!(lock.is_open(Asker::WINDOW, nine - 1) && !lock.is_open(Asker::WINDOW, nine));
    for asker in [Asker::WINDOW, DESK] {
        lock.touch(asker, nine);
        assert!(!lock.is_open(asker, nine));
    }
}

#[test]
fn where_none_shuts_by_itself_a_screen_is_open_until_all_are_told_to_shut() {
    let mut lock = locked_with("2580");
    lock.set(Some(Digest::of("2580")), 0, Asker::WINDOW, NOON);
    let next_year = NOON + 365 * 24 * 60 * MINUTE_MS;
    assert!(lock.is_open(Asker::WINDOW, next_year) && !lock.is_open(DESK, next_year));
    lock.open(DESK, next_year);
    lock.shut_all();
    assert!(!lock.is_open(Asker::WINDOW, next_year) && !lock.is_open(DESK, next_year));
    lock.touch(DESK, next_year);
    assert!(!lock.is_open(DESK, next_year));
}

#[test]
fn a_clock_that_is_put_back_a_little_shuts_nothing_and_one_that_is_put_back_far_opens_nothing() {
    let mut lock = locked_with("2580");
    assert!(lock.is_open(Asker::WINDOW, NOON - 1_000));
    assert!(!lock.is_open(Asker::WINDOW, NOON - 5 * MINUTE_MS) && !lock.is_open(Asker::WINDOW, 0));
    assert!(!lock.is_open(Asker::WINDOW, NOON), "seen shut once, it stays so");
}

#[test]
fn five_wrong_pins_make_the_next_wait_and_each_more_twice_as_long_up_to_an_hour() {
    let mut lock = locked_with("2580");
    let mut now = NOON;
    for _ in 0..WRONG_FREE {
        assert_eq!(lock.check("1357", now), Err(Refused::Wrong { wait_ms: 0 }));
    }
    let mut waits = Vec::new();
    for _ in 0..40 {
        let Err(Refused::Wrong { wait_ms }) = lock.check("1357", now) else { panic!("it is wrong") };
        assert_eq!(lock.check("2580", now), Err(Refused::TooSoon { wait_ms }), "even the right one");
        assert_eq!(lock.check("2580", now + wait_ms - 1), Err(Refused::TooSoon { wait_ms: 1 }));
        now += wait_ms;
        waits.push(wait_ms);
    }
    assert_eq!(waits[..4], [30_000, 60_000, 120_000, 240_000]);
    assert_eq!(waits[39], WAIT_MS_MAX);
    assert_eq!(lock.check("2580", now), Ok(()));
    assert_eq!(lock.check("1357", now), Err(Refused::Wrong { wait_ms: 0 }), "the count begins anew");
}

#[test]
fn a_clock_that_is_put_back_begins_the_wait_anew_and_makes_it_no_longer() {
    let mut lock = locked_with("2580");
    for _ in 0..=WRONG_FREE {
        let _ = lock.check("1357", NOON);
    }
    let yesterday = NOON - 24 * 60 * MINUTE_MS;
    assert_eq!(lock.check("2580", yesterday), Err(Refused::TooSoon { wait_ms: 30_000 }));
    assert_eq!(lock.check("2580", yesterday + 30_000), Ok(()));
}

#[test]
fn of_several_copies_the_newest_counts_and_wrong_pins_are_counted_over_a_restart() {
    let mut lock = locked_with("2580");
    let old = lock.kept().clone();
    for _ in 0..=WRONG_FREE {
        let _ = lock.check("1357", NOON);
    }
    let new = lock.kept().clone();
    for copies in [[Some(old.clone()), Some(new.clone())], [Some(new.clone()), Some(old.clone())], [None, Some(new)]] {
        let mut again = Lock::default();
        let rewrite: Vec<bool> = copies.into_iter().map(|copy| again.learn(copy)).collect();
        assert!(!again.is_open(Asker::WINDOW, NOON), "locked at the start");
        assert_eq!(again.check("2580", NOON), Err(Refused::TooSoon { wait_ms: 30_000 }), "{rewrite:?}");
    }
}

#[test]
fn a_copy_that_cannot_be_read_keeps_screens_shut_unless_another_one_is_whole() {
    let mut lock = Lock::default();
    lock.learn_damage();
    assert!(lock.is_set() && !lock.is_open(DESK, NOON));
    assert_eq!(lock.check("2580", NOON), Err(Refused::Damaged));
    lock.learn(Some(locked_with("2580").kept().clone()));
    assert_eq!(lock.check("2580", NOON), Ok(()));
    lock.learn_damage();
    assert_eq!(lock.check("2580", NOON), Ok(()), "a whole copy is known");
}

#[test]
fn what_could_not_be_written_is_as_before_and_newer_than_what_was_written_in_part() {
    let mut lock = locked_with("2580");
    let before = lock.before();
    lock.set(None, 5, Asker::WINDOW, NOON);
    let written = lock.kept().clone();
    lock.undo(before);
    assert!(lock.is_set() && lock.kept().turn > written.turn);
    assert_eq!(lock.check("2580", NOON), Ok(()));
}

#[test]
fn a_pin_is_four_to_twelve_digits_and_not_the_first_that_comes_to_mind() {
    for fine in ["2580", "1357", "1212", "135792468013", "1230"] {
        assert_eq!(check_new(fine), Ok(()), "{fine}");
    }
    for weak in [
        "",
        "258",
        "1234567890123",
        "25a0",
        "２５８０",
        " 2580",
        "0000",
        "111111",
        "1234",
        "987654",
        "0123456789",
        "-123",
    ] {
        assert_eq!(check_new(weak).map_err(|error| error.code), Err(Code::PIN_WEAK), "{weak}");
    }
}

#[test]
fn the_open_screens_are_bounded_and_the_one_untouched_for_the_longest_goes_first() {
    let mut lock = locked_with("2580");
    for number in 1..=u8::try_from(OPEN_MAX).unwrap() {
        lock.open(Asker::Screen([number; 32]), NOON + u64::from(number));
    }
    assert!(!lock.is_open(Asker::WINDOW, NOON + 100) && lock.is_open(Asker::Screen([1; 32]), NOON + 100));
}
