//! What members say of drives, promises and thanks, each in their own document.

use serde::{Deserialize, Serialize};

use super::{CareRefusal, id_of};
use crate::record::TITLE_CHARS_MAX;
use crate::{DealId, DriveId, Instant, MemberId, PledgeId, Refusal, ThanksId, text};

/// The most characters of a note of thanks.
pub const THANKS_CHARS_MAX: usize = 100;
/// The most characters of what is said of a drive, and of what was made of it.
pub const DRIVE_BODY_CHARS_MAX: usize = 500;
/// The most characters of the unit in which a drive counts.
pub const UNIT_CHARS_MAX: usize = 6;
/// The most that a drive wants, or a promise names, in its unit.
pub const PIECES_MAX: u32 = 9_999;
/// The most characters of what a donor says with a promise.
pub const NOTE_CHARS_MAX: usize = 60;
/// The most characters of how somebody is called for whom another posts.
pub const BEHALF_CHARS_MAX: usize = 20;

/// What is particular about a listing. It stands together with side and kind, because it fits only some of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aside {
    /// 代发: a need of somebody who is not named; its owner posts it for them and passes on what is given. Many may answer.
    OnBehalf(String),
    /// 私下: counselling and the like. It says its name only, nothing more is said of its deals, and nobody reviews them.
    Discreet,
}

/// A public word of thanks, for the wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thanks {
    /// Its id.
    pub id: ThanksId,
    /// Whom it thanks.
    pub to: MemberId,
    /// For which deal of the two; `None` for what was done without one.
    pub deal: Option<DealId>,
    /// 1 to 100 characters.
    pub text: String,
    /// When, as the device claims.
    pub at: Instant,
    /// When it was taken off the wall, if so.
    pub withdrawn_at: Option<Instant>,
}

/// A call for things that are to come together: thirty old bicycles for a green fence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drive {
    /// Its id.
    pub id: DriveId,
    /// 1 to 60 characters, one line.
    pub title: String,
    /// What it is for, and where to bring things; at most 500 characters.
    pub body: String,
    /// How many are wanted.
    pub target: u32,
    /// In which unit, 1 to 6 characters: 辆, 本, 件.
    pub unit: String,
    /// Until when things can be promised; compared at the screen.
    pub until: Instant,
    /// When it was called for, as the device claims.
    pub put_at: Instant,
    /// How it ended, once it has.
    pub closed: Option<Closing>,
}

/// How a drive ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When, as the device claims.
    pub at: Instant,
    /// What was made of it, at most 500 characters; may be empty.
    pub report: String,
}

/// What a donor promises to a drive. A member has at most one for each drive, and can say it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pledge {
    /// Its id: [`Pledge::id_of`] the drive.
    pub id: PledgeId,
    /// Who calls for things.
    pub owner: MemberId,
    /// Which drive of theirs.
    pub drive: DriveId,
    /// How many; 0 takes it back.
    pub count: u32,
    /// What else there is to say, at most 60 characters; may be empty.
    pub note: String,
    /// When, as the device claims.
    pub at: Instant,
}

/// What came from one donor, in the words of whoever called for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id: [`Receipt::id_of`] the donor and the drive.
    pub id: PledgeId,
    /// Which drive of one's own.
    pub drive: DriveId,
    /// From whom.
    pub donor: MemberId,
    /// How many.
    pub count: u32,
    /// When, as the device claims.
    pub at: Instant,
}

/// All that one member says of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareRecords {
    /// Notes of thanks in order of id.
    pub thanks: Vec<Thanks>,
    /// Drives in order of id.
    pub drives: Vec<Drive>,
    /// Promises in order of id.
    pub pledges: Vec<Pledge>,
    /// What came, in order of id.
    pub receipts: Vec<Receipt>,
}

/// One such record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CareRecord {
    /// A note of thanks.
    Thanks(Thanks),
    /// A drive.
    Drive(Drive),
    /// A promise.
    Pledge(Pledge),
    /// What came.
    Receipt(Receipt),
}

impl CareRecord {
    /// Checks the record by itself.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Thanks(thanks) => thanks.check(),
            Self::Drive(drive) => drive.check(),
            Self::Pledge(pledge) => pledge.check(),
            Self::Receipt(receipt) => receipt.check(),
        }
    }
}

impl Aside {
    /// Checks that it fits a listing, then how the one is called for whom it is.
    ///
    /// # Errors
    /// [`CareRefusal::AsideMismatch`], or what [`text::line`] says of `behalf`.
    pub fn check(&self, side: crate::record::Side, kind: Option<crate::record::Kind>) -> Result<(), Refusal> {
        use crate::record::{Kind, Side};
        match self {
            Self::OnBehalf(_) if side != Side::Need => Err(CareRefusal::AsideMismatch.into()),
            Self::OnBehalf(of) => text::line("behalf", of, BEHALF_CHARS_MAX, false),
            Self::Discreet if side == Side::Offer && matches!(kind, Some(Kind::Skill | Kind::Knowledge)) => Ok(()),
            Self::Discreet => Err(CareRefusal::AsideMismatch.into()),
        }
    }
}

impl Thanks {
    /// Checks the text.
    pub fn check(&self) -> Result<(), Refusal> {
        text::prose("thanks", &self.text, THANKS_CHARS_MAX, false)
    }
}

impl Drive {
    /// Checks, in this order: title, body, how many, unit, report.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("title", &self.title, TITLE_CHARS_MAX, false)?;
        text::prose("body", &self.body, DRIVE_BODY_CHARS_MAX, true)?;
        count(self.target, 1)?;
        text::line("unit", &self.unit, UNIT_CHARS_MAX, false)?;
        self.closed.as_ref().map_or(Ok(()), |closed| text::prose("report", &closed.report, DRIVE_BODY_CHARS_MAX, true))
    }

    /// Tells whether things can be promised at this instant.
    pub fn is_open(&self, now: Instant) -> bool {
        self.closed.is_none() && now < self.until
    }
}

impl Pledge {
    /// Makes the id of the promise to this drive.
    pub fn id_of(owner: &MemberId, drive: &DriveId) -> PledgeId {
        id_of("kaifong 1 pledge id", owner, drive)
    }

    /// Tells whether its id is that of its drive.
    pub fn is_itself(&self) -> bool {
        self.id == Self::id_of(&self.owner, &self.drive)
    }

    /// Checks how many, then the note.
    pub fn check(&self) -> Result<(), Refusal> {
        count(self.count, 0)?;
        text::line("note", &self.note, NOTE_CHARS_MAX, true)
    }
}

impl Receipt {
    /// Makes the id of what came from this donor to this drive.
    pub fn id_of(donor: &MemberId, drive: &DriveId) -> PledgeId {
        id_of("kaifong 1 receipt id", donor, drive)
    }

    /// Tells whether its id is that of its donor and drive.
    pub fn is_itself(&self) -> bool {
        self.id == Self::id_of(&self.donor, &self.drive)
    }

    /// Checks how many.
    pub fn check(&self) -> Result<(), Refusal> {
        count(self.count, 0)
    }
}

fn count(found: u32, least: u32) -> Result<(), Refusal> {
    if (least..=PIECES_MAX).contains(&found) {
        return Ok(());
    }
    Err(Refusal::OutOfRange { field: "pieces", least: least.into(), most: PIECES_MAX.into() })
}
