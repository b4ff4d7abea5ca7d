//! Why something about conversations, introductions, drives or thanks is refused.

use thiserror::Error;

/// Why something about conversations, introductions, drives or thanks was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CareRefusal {
    /// Only a need is posted for somebody else, and only an offered skill or knowledge is discreet.
    #[error("only a need is posted for another, and only an offered skill or knowledge is private")]
    AsideMismatch,
    /// What is private says its name only.
    #[error("what is private says its name only; all else is said in the conversation")]
    SaysTooMuch,
    /// Only whoever has an office posts for somebody else.
    #[error("only organisers, reviewers, social workers and organisations post for somebody else")]
    NotAProxy,
    /// The deal is private and nobody reviews it.
    #[error("this deal is private: it is not reviewed")]
    NotReviewed,
    /// The member has blocked the other.
    #[error("you have blocked this member")]
    Blocked,
    /// There is no such conversation.
    #[error("there is no such conversation")]
    ThreadUnknown,
    /// Nothing was chosen to be shown, or too much.
    #[error("from 1 to {most} messages of the other are shown")]
    NothingShown {
        /// How many at most.
        most: usize,
    },
    /// What is to go with a message is no small JPEG.
    #[error("a picture is a JPEG of at most {most} bytes")]
    PictureUnfit {
        /// The most bytes.
        most: usize,
    },
    /// No such introduction waits for this member.
    #[error("no such introduction waits for this member")]
    IntroductionUnknown,
    /// Only organisers and reviewers are asked to introduce.
    #[error("only organisers and reviewers are asked to introduce")]
    NotAnIntroducer,
    /// No such drive is known here.
    #[error("no such drive is known here")]
    DriveUnknown,
    /// The drive is over.
    #[error("this drive is over")]
    DriveOver,
    /// The drive is the member's own.
    #[error("one does not promise anything to one's own drive")]
    OwnDrive,
    /// The member has as many of these as one may have.
    #[error("{most} at a time are the most")]
    CareFull {
        /// How many one may have.
        most: usize,
    },
}

impl CareRefusal {
    /// The codes of all, in the order of their declaration.
    pub const CODES: [&'static str; 14] = [
        "aside-mismatch",
        "says-too-much",
        "not-a-proxy",
        "not-reviewed",
        "blocked",
        "thread-unknown",
        "nothing-shown",
        "picture-unfit",
        "introduction-unknown",
        "not-an-introducer",
        "drive-unknown",
        "drive-over",
        "own-drive",
        "care-full",
    ];

    /// Gives the closed code of this refusal, stable across versions: `kebab-case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AsideMismatch => "aside-mismatch",
            Self::SaysTooMuch => "says-too-much",
            Self::NotAProxy => "not-a-proxy",
            Self::NotReviewed => "not-reviewed",
            Self::Blocked => "blocked",
            Self::ThreadUnknown => "thread-unknown",
            Self::NothingShown { .. } => "nothing-shown",
            Self::PictureUnfit { .. } => "picture-unfit",
            Self::IntroductionUnknown => "introduction-unknown",
            Self::NotAnIntroducer => "not-an-introducer",
            Self::DriveUnknown => "drive-unknown",
            Self::DriveOver => "drive-over",
            Self::OwnDrive => "own-drive",
            Self::CareFull { .. } => "care-full",
        }
    }
}
