//! The time as it is where the device is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// From this hour on, by the place's clock, nothing is told.
pub(crate) const QUIET_FROM_HOUR: u8 = 21;
/// Until this hour.
pub(crate) const QUIET_UNTIL_HOUR: u8 = 8;

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Tells the time where the device is.
pub type LocalClock = Arc<dyn Fn() -> LocalTime + Send + Sync>;

/// An instant, and what the place's clock makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Milliseconds since 1970-01-01T00:00Z.
    pub at_ms: u64,
    /// How far the place's clock is ahead of UTC, in seconds; negative in the west.
    pub ahead_s: i32,
}

impl LocalTime {
    /// Gives the days since 1970-01-01, by the place's calendar.
    pub(crate) fn day(self) -> i64 {
        self.shown_ms().div_euclid(DAY_MS as i64)
    }

    /// Tells whether nothing is to be told now.
    pub(crate) fn is_quiet(self) -> bool {
        !(u64::from(QUIET_UNTIL_HOUR)..u64::from(QUIET_FROM_HOUR)).contains(&(self.ms_of_day() / HOUR_MS))
    }

    /// Gives how long it is until quiet hours end the next time, in milliseconds, 1 to a day. Where the clocks are
    /// changed in between it is an hour off.
    pub(crate) fn until_quiet_ends_ms(self) -> u64 {
        let end = u64::from(QUIET_UNTIL_HOUR) * HOUR_MS;
        let now = self.ms_of_day();
        if now < end { end - now } else { DAY_MS - now + end }
    }

    fn ms_of_day(self) -> u64 {
        self.shown_ms().rem_euclid(DAY_MS as i64).unsigned_abs()
    }

    fn shown_ms(self) -> i64 {
        i64::try_from(self.at_ms).unwrap_or(i64::MAX).saturating_add(i64::from(self.ahead_s) * 1_000)
    }
}

/// What notices go by.
#[derive(Clone)]
pub struct Timing {
    /// What time it is.
    pub clock: LocalClock,
    /// How long a look waits for what changes along with the first change.
    pub gather: Duration,
}

impl Default for Timing {
    /// The system's clock and zone, and two seconds.
    fn default() -> Self {
        Self { clock: Arc::new(system), gather: Duration::from_secs(2) }
    }
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timing").field("gather", &self.gather).finish_non_exhaustive()
    }
}

/// Asks the system. Where it does not say which zone it is in, it is UTC.
fn system() -> LocalTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let at_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let instant = i64::try_from(at_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let ahead_s = instant.map_or(0, |instant| TimeZone::system().to_offset(instant).seconds());
    LocalTime { at_ms, ahead_s }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANTON_S: i32 = 8 * 3_600;

    /// 2026-11-28 in Guangzhou, at an hour and a minute.
    fn canton(hour: u64, minute: u64) -> LocalTime {
        let midnight = 20_785 * DAY_MS - 8 * HOUR_MS;
        LocalTime { at_ms: midnight + hour * HOUR_MS + minute * 60_000, ahead_s: CANTON_S }
    }

    #[test]
    fn quiet_hours_are_those_of_the_place() {
        for (hour, minute, quiet, left_min) in [
            (0, 0, true, 480),
            (7, 59, true, 1),
            (8, 0, false, 1_440),
            (12, 30, false, 1_170),
            (20, 59, false, 661),
            (21, 0, true, 660),
            (23, 59, true, 481),
        ] {
            let now = canton(hour, minute);
            assert_eq!((now.is_quiet(), now.until_quiet_ends_ms()), (quiet, left_min * 60_000), "{hour}:{minute}");
            assert_eq!(now.day(), 20_785, "{hour}:{minute}");
        }
        let elsewhere = LocalTime { ahead_s: -5 * 3_600, ..canton(9, 0) };
        assert_eq!((elsewhere.day(), elsewhere.is_quiet()), (20_784, false), "20:00 of the day before");
    }

    #[test]
    fn no_clock_is_too_far_off() {
        for at_ms in [0, 1, u64::MAX / 2, u64::MAX] {
            for ahead_s in [i32::MIN, -1, 0, i32::MAX] {
                let left = LocalTime { at_ms, ahead_s }.until_quiet_ends_ms();
                assert!((1..=DAY_MS).contains(&left), "{at_ms} {ahead_s}");
            }
        }
    }

    #[test]
    fn the_system_tells_its_zone() {
        let now = system();
        assert!(now.at_ms > 1_700_000_000_000 && now.ahead_s.abs() <= 26 * 3_600, "{now:?}");
    }
}
