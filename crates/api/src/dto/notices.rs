//! Notices: what is told outside the window.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{NoticeKind, NoticeSettings};

rows! {
    /// Which notices are told here, and when.
    Notices {
        /// Which kinds.
        settings: NoticeSettings,
        /// From this hour on none is told, by the place's clock.
        quiet_from_hour: u8,
        /// Until this hour of the next day.
        quiet_until_hour: u8,
        /// At most so many a day.
        per_day_max: u8,
        /// How many were told today, in all buildings of this installation together.
        told_today: u8,
    }

    /// What is told outside the window. A lock screen may show its kind and its count, never more.
    Notice {
        /// What it is about.
        kind: NoticeKind,
        /// How many new things of that kind there are.
        count: u64,
        /// The page that it leads to, beginning with `/`.
        place: String,
        /// The building's name, where the installation holds more than one.
        #[serde(default)]
        building: Option<String>,
    }
}

impl Default for NoticeSettings {
    fn default() -> Self {
        Self { turn: true, request: true, fit: true, activity: true }
    }
}

impl NoticeSettings {
    /// Tells whether a kind is told.
    pub fn has(&self, kind: NoticeKind) -> bool {
        match kind {
            NoticeKind::Turn => self.turn,
            NoticeKind::Request => self.request,
            NoticeKind::Fit => self.fit,
            NoticeKind::Activity => self.activity,
        }
    }
}
