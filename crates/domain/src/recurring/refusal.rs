//! Why something about recurring help is refused.

use thiserror::Error;

/// Why something about recurring help was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecurringRefusal {
    /// No such arrangement is known here.
    #[error("no such arrangement is known here")]
    Unknown,
    /// The arrangement does not stand where this could be done.
    #[error("this arrangement is {stage}")]
    WrongStage {
        /// Where it stands: `proposed`, `trial`, `running`, `ending`, `declined` or `over`.
        stage: &'static str,
    },
    /// It was proposed by this member; the other one agrees.
    #[error("the other one agrees to what you proposed")]
    OwnProposal,
    /// What was agreed to in private has not arrived at this device.
    #[error("what and where has not arrived at this device yet")]
    WordsMissing,
    /// The other one tells or confirms the days.
    #[error("this is for the other of the two to say")]
    OtherSide,
    /// The day has not come yet.
    #[error("this day has not come yet")]
    DayAhead,
    /// None of the days is left to tell or to confirm.
    #[error("none of these days is left")]
    NoDays,
    /// One member has only so many of these at a time.
    #[error("{most} are the most")]
    Full {
        /// How many.
        most: usize,
    },
    /// No such authorisation is known here.
    #[error("no such authorisation is known here")]
    PassUnknown,
    /// The authorisation was revoked, or its days are past.
    #[error("this authorisation is {stage}")]
    PassOver {
        /// `revoked`, `to-come`, `past` or `other-day`.
        stage: &'static str,
    },
}

impl RecurringRefusal {
    /// The codes of all, in the order of their declaration.
    pub const CODES: [&'static str; 10] = [
        "arrangement-unknown",
        "arrangement-stage",
        "own-proposal",
        "words-missing",
        "other-side",
        "day-ahead",
        "no-days",
        "arrangements-full",
        "pass-unknown",
        "pass-over",
    ];

    /// Gives the closed code of this refusal, stable across versions: `kebab-case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "arrangement-unknown",
            Self::WrongStage { .. } => "arrangement-stage",
            Self::OwnProposal => "own-proposal",
            Self::WordsMissing => "words-missing",
            Self::OtherSide => "other-side",
            Self::DayAhead => "day-ahead",
            Self::NoDays => "no-days",
            Self::Full { .. } => "arrangements-full",
            Self::PassUnknown => "pass-unknown",
            Self::PassOver { .. } => "pass-over",
        }
    }
}
