//! What a host says of an activity, in their own document, and the part of it that is agreed to.

use serde::{Deserialize, Serialize};

use crate::commons::GroupKey;
use crate::record::{BODY_CHARS_MAX, TITLE_CHARS_MAX};
use crate::{ActivityId, Instant, MemberId, Points, Refusal, text};

/// The most characters of the words that say where it is.
pub const VENUE_CHARS_MAX: usize = 60;
/// The most hours of one activity.
pub const HOURS_MAX: u8 = 12;
/// The most places that an activity can count.
pub const PLACES_MAX: u16 = 500;
/// The most that coming can cost, in points.
pub const COST_MAX: Points = Points(1_000);
/// The most that staying away can be agreed to cost, in points.
pub const NO_SHOW_MAX: Points = Points(100);
/// The last instant at which an activity can begin: in the year 2243, as for what the fund grants.
pub const STARTS_AT_MAX: Instant = Instant(crate::fund::DAY_MAX as u64 * 24 * 3600 * 1000);
/// How many activities one member may have before them.
pub const ACTIVITIES_OPEN_MAX: usize = 20;

/// Who is paid for coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Payee {
    /// The host.
    Host,
    /// The community fund.
    Fund,
}

/// What a member agrees to by signing up. It stands in the activity and, word for word, in each booking: so whoever alters
/// the one alters nothing for those who have signed the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ActivityTerms {
    /// When it begins; at most [`STARTS_AT_MAX`].
    pub starts_at: Instant,
    /// For how many hours, from 1 to [`HOURS_MAX`]: whole ones, since the table of rates knows no others, so what is shown
    /// is what its teacher is credited with.
    pub hours: u8,
    /// What coming costs, in points; 0 for nothing.
    pub cost: Points,
    /// Who is paid that.
    pub to: Payee,
    /// What somebody is asked to give to the fund who keeps a place and stays away, in points; 0 for nothing.
    pub no_show: Points,
}

/// An activity; in the document of who hosts it. Only calling it off alters it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Its id.
    pub id: ActivityId,
    /// 1 to 60 characters, one line.
    pub title: String,
    /// At most 2,000 characters; may be empty.
    pub body: String,
    /// Where it is, in words; at most 60 characters, may be empty.
    pub venue: String,
    /// What those who come agree to.
    pub terms: ActivityTerms,
    /// For how many there is room, from 1 to [`PLACES_MAX`]; `None` for all.
    pub places: Option<u16>,
    /// Who teaches; the fund thanks them once for the whole class, however many come.
    pub teacher: Option<MemberId>,
    /// The group whose evening it is, if it is one's.
    pub group: Option<GroupKey>,
    /// When it was announced, as the device claims.
    pub posted_at: Instant,
    /// When its host called it off, if so.
    pub called_off_at: Option<Instant>,
}

impl ActivityTerms {
    /// Checks the beginning, the hours, the cost and the charge, in this order.
    pub fn check(&self) -> Result<(), Refusal> {
        let within = |field, found: u64, least: u64, most: u64| {
            if (least..=most).contains(&found) {
                return Ok(());
            }
            let bound = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            Err(Refusal::OutOfRange { field, least: bound(least), most: bound(most) })
        };
        within("starts_at", self.starts_at.0, 1, STARTS_AT_MAX.0)?;
        within("hours", self.hours.into(), 1, HOURS_MAX.into())?;
        within("cost", self.cost.0.into(), 0, COST_MAX.0.into())?;
        within("no_show", self.no_show.0.into(), 0, NO_SHOW_MAX.0.into())
    }

    /// Gives when it ends.
    pub fn ends_at(&self) -> Instant {
        Instant(self.starts_at.0.saturating_add(u64::from(self.hours) * 3600 * 1000))
    }

    /// Tells whether somebody has to be paid who keeps the fund: for coming, or for staying away.
    pub fn needs_fund(&self) -> bool {
        self.no_show.0 > 0 || (self.cost.0 > 0 && self.to == Payee::Fund)
    }
}

impl Activity {
    /// Checks the title, the body, the place, the terms and the number of places, in this order.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("title", &self.title, TITLE_CHARS_MAX, false)?;
        text::prose("body", &self.body, BODY_CHARS_MAX, true)?;
        text::line("venue", &self.venue, VENUE_CHARS_MAX, true)?;
        self.terms.check()?;
        match self.places {
            Some(places) if !(1..=PLACES_MAX).contains(&places) => {
                Err(Refusal::OutOfRange { field: "places", least: 1, most: PLACES_MAX.into() })
            }
            _ => Ok(()),
        }
    }
}
