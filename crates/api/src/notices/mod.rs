//! Notices: what is told outside the window, when, and how often.
//!
//! Four kinds exist ([`NoticeKind`](crate::dto::NoticeKind)), each with a switch: a deal, a slip or a draft of the council waits
//! for oneself, somebody asks to join, something fits a listing of one's own, an activity was announced. There are no emergencies yet, so nothing breaks the quiet hours.
//!
//! * What came up is told once, all of one kind in one notice. What has gone is remembered until many others have gone
//!   after it, so that what comes and goes is not told anew (`GONE_MAX`).
//! * None from 21 to 8 by the place's clock. What came up meanwhile and is still there is told when they end.
//! * At most three a day in all buildings of an installation together, the most important first; what merely fits and
//!   what goes on in the building take two of them at most. The rest is told on the next day, if it is still there.
//! * What comes up while a kind is switched off counts as told. So does what is there when it is switched on.
//! * What one's own last step has led to is not told: one knows it.
//! * At the very first look, turns and requests that are there are told, what fits and what was announced is not.
//!
//! `decide` is all of that as a pure function, `kept` the file that remembers it, `notifier` the task that looks. It looks
//! after a change, once for all changes that come close together, and at the instants at which something may be due;
//! it asks nothing in between.

mod decide;
mod kept;
mod notifier;
mod time;

pub use time::{LocalClock, LocalTime, Timing};

pub(crate) use decide::{Key, PER_DAY_MAX, Thing};
pub(crate) use kept::{KEPT_NAME, Notebook, Tally};
pub(crate) use notifier::{Notifier, Telling};
pub(crate) use time::{QUIET_FROM_HOUR, QUIET_UNTIL_HOUR};
