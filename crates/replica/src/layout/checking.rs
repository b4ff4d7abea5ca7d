//! Whether a value may stand in a field: the domain is asked, with an otherwise faultless record.

use kaifong_domain::kept::Kept;
use kaifong_domain::sort::Category;

use super::*;

/// A scalar as the gate sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Text(&'a str),
    Number(u64),
    Bytes(&'a [u8]),
    /// Of a type that stands nowhere.
    Other,
}

/// Why a value may not stand in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueFault {
    /// It is not of the field's type.
    Type,
    /// It is of the type, and the domain refuses it.
    Refused(Refusal),
}

impl From<Refusal> for ValueFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Scalar<'_> {
    /// Gives how many bytes the value has in a column.
    pub(crate) fn size_bytes(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Number(number) => u64::from((u64::BITS - number.leading_zeros()).max(1).div_ceil(7)),
            Self::Other => 0,
        }
    }
}

impl Field {
    /// Checks a value by putting it into an otherwise faultless record and asking the domain.
    pub(crate) fn check(self, value: Scalar<'_>) -> Result<(), ValueFault> {
        match (self, value) {
            (Self::ProfileName, Scalar::Text(s)) => Profile { name: s.into(), ..faultless_profile() }.check()?,
            (Self::ProfileBlock, Scalar::Text(s)) => Profile { block: s.into(), ..faultless_profile() }.check()?,
            (Self::ProfileAbout, Scalar::Text(s)) => Profile { about: s.into(), ..faultless_profile() }.check()?,
            (Self::ListingWhat, Scalar::Text(s)) => {
                let What { side, kind, mode, form, topic, task, aside } = what_from(s).ok_or(ValueFault::Type)?;
                Listing { side, kind, mode, form, topic, task, aside, ..faultless_listing() }.check()?;
            }
            (Self::ListingTitle, Scalar::Text(s)) => Listing { title: s.into(), ..faultless_listing() }.check()?,
            (Self::ListingBody, Scalar::Text(s)) => Listing { body: s.into(), ..faultless_listing() }.check()?,
            (Self::ListingPoints, Scalar::Number(n)) => {
                let points = Some(Points(u32::try_from(n).unwrap_or(u32::MAX)));
                Listing { points, ..faultless_listing() }.check()?;
            }
            (Self::ListingChecked, Scalar::Text(s)) => checked_from(s).ok_or(ValueFault::Type)?.check()?,
            (Self::ListingCategory, Scalar::Text(s)) => drop(s.parse::<Category>()?),
            (Self::ListingBehalf, Scalar::Text(s)) => {
                Listing { behalf: Some(s.into()), ..faultless_listing() }.check()?;
            }
            (Self::ListingOwners, Scalar::Bytes(bytes)) => {
                let owners = ids_from(bytes).ok_or(ValueFault::Type)?.into_iter().map(MemberId).collect();
                Kept { owners, shelf: None }.check()?;
            }
            (Self::ListingPlaces, Scalar::Number(n)) => {
                let places = Some(u16::try_from(n).unwrap_or(u16::MAX));
                Listing { places, ..faultless_listing() }.check()?;
            }
            (Self::ListingShelf, Scalar::Text(s)) => Kept { shelf: Some(s.into()), ..Kept::default() }.check()?,
            (Self::ReviewStars, Scalar::Number(n)) => {
                Review { stars: u8::try_from(n).unwrap_or(u8::MAX), ..faultless_review() }.check()?;
            }
            (Self::ReviewText, Scalar::Text(s)) => Review { text: s.into(), ..faultless_review() }.check()?,
            (Self::ReplyWords, Scalar::Text(s)) => {
                Reply { deal: DealId([0; 16]), text: s.into(), at: Instant(0) }.check()?;
            }
            (Self::StaffName, Scalar::Text(s)) => Staff { name: s.into(), ..faultless_staff() }.check()?,
            (Self::StaffPost, Scalar::Text(s)) => Staff { post: s.into(), ..faultless_staff() }.check()?,
            (Self::MatterAsks, Scalar::Text(s)) => drop(asks_from(s).ok_or(ValueFault::Type)?),
            (Self::MatterText, Scalar::Text(s)) => Matter { text: s.into(), ..faultless_matter() }.check()?,
            (Self::MatterTo, Scalar::Text(s)) => drop(to_from(s).ok_or(ValueFault::Type)?),
            (Self::JudgementSays, Scalar::Text(s)) => {
                let (number, judged, remark) = judgement_from(s).ok_or(ValueFault::Type)?;
                let (id, matter, at) = (JudgementId([0; 16]), MatterId([0; 16]), Instant(0));
                Judgement { id, matter, number, judged, remark, at }.check()?;
            }
            (Self::ResponseSays, Scalar::Text(s)) => {
                let (kind, text) = response_from(s).ok_or(ValueFault::Type)?;
                let (id, asker, matter) = (ResponseId([0; 16]), MemberId([0; 16]), MatterId([0; 16]));
                Response { id, asker, matter, kind, after: None, text, at: Instant(0) }.check()?;
            }
            (Self::ActivityTitle, Scalar::Text(s)) => Activity { title: s.into(), ..faultless_activity() }.check()?,
            (Self::ActivityBody, Scalar::Text(s)) => Activity { body: s.into(), ..faultless_activity() }.check()?,
            (Self::ActivityVenue, Scalar::Text(s)) => Activity { venue: s.into(), ..faultless_activity() }.check()?,
            (Self::ActivityAgreed, Scalar::Text(s)) => {
                let (terms, places) = agreed_from(s).ok_or(ValueFault::Type)?;
                Activity { terms, places, ..faultless_activity() }.check()?;
            }
            (Self::GoodTitle, Scalar::Text(s)) => Good { title: s.into(), ..faultless_good() }.check()?,
            (Self::GoodBody, Scalar::Text(s)) => Good { body: s.into(), ..faultless_good() }.check()?,
            (Self::GoodPoints, Scalar::Number(n)) => Good { points: Points(narrow(n)), ..faultless_good() }.check()?,
            (Self::GoodPieces, Scalar::Number(n)) => Good { pieces: Some(narrow(n)), ..faultless_good() }.check()?,
            (Self::GoodEach, Scalar::Number(n)) => Good { each: Some(narrow(n)), ..faultless_good() }.check()?,
            (Self::ThanksFor, Scalar::Text(s)) => drop(thanks_for_from(s).ok_or(ValueFault::Type)?),
            (Self::ThanksText, Scalar::Text(s)) => {
                let (id, to, at) = (ThanksId([0; 16]), MemberId([0; 16]), Instant(0));
                Thanks { id, to, deal: None, text: s.into(), at, withdrawn_at: None }.check()?;
            }
            (Self::DriveTitle, Scalar::Text(s)) => Drive { title: s.into(), ..faultless_drive() }.check()?,
            (Self::DriveBody, Scalar::Text(s)) => Drive { body: s.into(), ..faultless_drive() }.check()?,
            (Self::DriveWants, Scalar::Text(s)) => {
                let (target, until, unit) = wants_from(s).ok_or(ValueFault::Type)?;
                Drive { target, until, unit, ..faultless_drive() }.check()?;
            }
            (Self::DriveClosed, Scalar::Text(s)) => {
                let closed = Some(closed_from(s).ok_or(ValueFault::Type)?);
                Drive { closed, ..faultless_drive() }.check()?;
            }
            (Self::PledgeSays, Scalar::Text(s)) => {
                let (count, note) = pledge_from(s).ok_or(ValueFault::Type)?;
                let (id, owner, drive) = (PledgeId([0; 16]), MemberId([0; 16]), DriveId([0; 16]));
                Pledge { id, owner, drive, count, note, at: Instant(0) }.check()?;
            }
            (Self::ReceiptCount, Scalar::Number(n)) => {
                let (id, drive, donor) = (PledgeId([0; 16]), DriveId([0; 16]), MemberId([0; 16]));
                Receipt { id, drive, donor, count: narrow(n), at: Instant(0) }.check()?;
            }
            (
                Self::InviteKey | Self::ResponseAnswers | Self::GoodTill | Self::PledgeTo | Self::ReceiptOf,
                Scalar::Bytes(bytes),
            ) if bytes.len() == 32 => (),
            (Self::ActivityGroup, Scalar::Bytes(bytes)) if bytes.len() == 32 => (),
            (Self::JudgementOf | Self::ResponseAfter, Scalar::Bytes(bytes)) if bytes.len() == 16 => (),
            (Self::ActivityTeacher, Scalar::Bytes(bytes)) if bytes.len() == 16 => (),
            (Self::ProfilePlace | Self::ListingAudience | Self::MatterNear, Scalar::Number(n)) => {
                if n == 0 || n > u64::from(u32::MAX) {
                    let most = i64::from(u32::MAX);
                    return Err(Refusal::OutOfRange { field: "place", least: 1, most }.into());
                }
            }
            (Self::Commons(field), value) => field.check(value)?,
            (
                Self::ListingPostedAt
                | Self::ListingClosedAt
                | Self::ReviewAt
                | Self::InviteExpiresAt
                | Self::InviteWithdrawnAt
                | Self::ReplySaidAt
                | Self::MatterPutAt
                | Self::MatterTakenBackAt
                | Self::JudgementJudgedAt
                | Self::ResponseGivenAt
                | Self::StaffLeftAt
                | Self::ActivityPostedAt
                | Self::ActivityCalledOffAt
                | Self::GoodUntil
                | Self::GoodPutAt
                | Self::GoodWithdrawnAt
                | Self::ThanksAt
                | Self::ThanksWithdrawnAt
                | Self::DrivePutAt
                | Self::PledgeAt
                | Self::ReceiptAt,
                Scalar::Number(n),
            ) => {
                if n > INSTANT_MAX {
                    let most = i64::try_from(INSTANT_MAX).unwrap_or(i64::MAX);
                    return Err(Refusal::OutOfRange { field: self.key(), least: 0, most }.into());
                }
            }
            _ => return Err(ValueFault::Type),
        }
        Ok(())
    }
}

fn faultless_profile() -> Profile {
    Profile { name: String::from("x"), block: String::new(), about: String::new(), place: None }
}

pub(super) fn faultless_listing() -> Listing {
    Listing::of(ListingId([0; 16]), Side::Need, "x", Instant(0))
}

fn faultless_drive() -> Drive {
    let (id, title, unit) = (DriveId([0; 16]), String::from("x"), String::from("x"));
    Drive { id, title, body: String::new(), target: 1, unit, until: Instant(0), put_at: Instant(0), closed: None }
}

fn faultless_review() -> Review {
    Review { deal: DealId([0; 16]), stars: 5, text: String::new(), at: Instant(0) }
}

fn faultless_matter() -> Matter {
    let (id, text) = (MatterId([0; 16]), String::from("x"));
    Matter { id, kind: MatterKind::Question, text, to: None, place: None, put_at: Instant(0), withdrawn_at: None }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn faultless_good() -> Good {
    let (title, body, points, put_at) = (String::from("x"), String::new(), Points(1), Instant(0));
    Good {
        id: Good::id_of(&title, &body, points, put_at),
        title,
        body,
        points,
        pieces: None,
        each: None,
        until: None,
        till: DeviceId([0; 32]),
        put_at,
        withdrawn_at: None,
    }
}

fn faultless_staff() -> Staff {
    Staff { id: StaffId([0; 16]), name: String::from("x"), post: String::new(), left_at: None }
}

fn faultless_activity() -> Activity {
    let terms = ActivityTerms { starts_at: Instant(1), hours: 1, cost: Points(0), to: Payee::Host, no_show: Points(0) };
    let (id, title) = (ActivityId([0; 16]), String::from("x"));
    let (body, venue, posted_at) = (String::new(), String::new(), Instant(0));
    Activity { id, title, body, venue, terms, places: None, teacher: None, group: None, posted_at, called_off_at: None }
}
