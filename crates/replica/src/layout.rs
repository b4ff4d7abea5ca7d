//! Where records stand in a document, and which values may stand there.
//!
//! The root holds `profile.name`, `profile.block`, `profile.about` and `profile.place`, and one map for each record under
//! `listing:<id>`, `review:<deal>`, `invite:<id>`, `reply:<deal>`, `matter:<id>`, `judged:<id>`, `answer:<id>`,
//! `event:<id>`, `good:<id>`, `group:<id>`, `joined:<group>`, `owned:<listing>`, `count:<id>`, `outside:<id>`, `added:<id>`, `thanks:<id>`, `drive:<id>`, `pledge:<id>`, `came:<id>` or, of an organisation, `staff:<device>`. Nothing is deeper. A record is made whole by one change: its map
//! and every field that must not be missing. Later changes set single fields, so a title that one device mends and a
//! closing that another device adds both stay.
//!
//! What only makes sense together is one field: side, kind, mode, form, topic, task and what is particular about a listing are one word sequence, `offer item
//! share`, `offer knowledge lecture law`; so are the parts of a check, `2 1760000000000 何姨`. So whatever two devices of one member write while apart, what Automerge merges is again a record that
//! [`Listing::check`] accepts, and the projection leaves nothing out.
//!
//! A record's id is random and drawn by one device, so two devices never make one map twice. Reviews, replies, joinings, owning and staff are
//! the exception (their keys are the deal, the group, the listing, and the first half of the device's): if two devices of one member review one
//! deal while apart, Automerge shows the map with the greater operation id everywhere, whole, and the other stays hidden.
//! A hostile owner can do the same to any of their own records, with the same outcome.
//!
//! Who wrote a record stands in none of its fields: it is the actors of the operations that stand in it, and each of
//! these has its device's signature.

mod checking;
mod commons;
mod plan;
mod reading;
mod spelling;

use data_encoding::HEXLOWER;
use kaifong_domain::activity::{Activity, ActivityTerms, Payee};
use kaifong_domain::care::{Drive, Pledge, Receipt, Thanks};
use kaifong_domain::hall::{Judgement, Matter, MatterKind, Response};
use kaifong_domain::record::{Listing, Profile, Reply, Review, Side};
use kaifong_domain::shop::Good;
use kaifong_domain::staff::Staff;
use kaifong_domain::{
    ActivityId, DealId, DeviceId, DriveId, Instant, JudgementId, ListingId, MatterId, MemberId, PledgeId, Points,
    Refusal, ResponseId, StaffId, ThanksId,
};

pub(crate) use checking::{Scalar, ValueFault};
pub(crate) use commons::CommonsField;
pub(crate) use plan::Plan;
pub(crate) use reading::records;
use spelling::{
    What, agreed_from, asks_from, checked_from, closed_from, judgement_from, pledge_from, response_from,
    thanks_for_from, to_from, wants_from, what_from,
};

/// The greatest instant that is written, in milliseconds: what JavaScript counts exactly.
const INSTANT_MAX: u64 = 1 << 53;

/// What kind of record a map holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RecordKind {
    Listing,
    Review,
    Invite,
    Reply,
    Matter,
    Judgement,
    Response,
    Staff,
    Activity,
    Good,
    Thanks,
    Drive,
    Pledge,
    Receipt,
    Group,
    Joining,
    Owning,
    Stocktake,
    Resource,
    Category,
}

/// The key of one record's map in the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordKey {
    pub(crate) kind: RecordKind,
    pub(crate) id: [u8; 16],
}

/// One place for a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    ProfileName,
    ProfileBlock,
    ProfileAbout,
    ProfilePlace,
    ListingWhat,
    ListingTitle,
    ListingBody,
    ListingPoints,
    ListingPostedAt,
    ListingClosedAt,
    ListingAudience,
    ListingChecked,
    ListingCategory,
    ListingBehalf,
    ListingOwners,
    ListingShelf,
    ListingPlaces,
    ReviewStars,
    ReviewText,
    ReviewAt,
    InviteKey,
    InviteExpiresAt,
    InviteWithdrawnAt,
    ReplyWords,
    ReplySaidAt,
    MatterAsks,
    MatterText,
    MatterTo,
    MatterNear,
    MatterPutAt,
    MatterTakenBackAt,
    JudgementOf,
    JudgementSays,
    JudgementJudgedAt,
    ResponseAnswers,
    ResponseAfter,
    ResponseSays,
    ResponseGivenAt,
    StaffName,
    StaffPost,
    StaffLeftAt,
    ActivityTitle,
    ActivityBody,
    ActivityVenue,
    ActivityAgreed,
    ActivityTeacher,
    ActivityGroup,
    ActivityPostedAt,
    ActivityCalledOffAt,
    GoodTitle,
    GoodBody,
    GoodPoints,
    GoodPieces,
    GoodEach,
    GoodUntil,
    GoodTill,
    GoodPutAt,
    GoodWithdrawnAt,
    ThanksFor,
    ThanksText,
    ThanksAt,
    ThanksWithdrawnAt,
    DriveTitle,
    DriveBody,
    DriveWants,
    DrivePutAt,
    DriveClosed,
    PledgeTo,
    PledgeSays,
    PledgeAt,
    ReceiptOf,
    ReceiptCount,
    ReceiptAt,
    /// Of a group, a joining, what is owned together, a stocktake, a resource or a category.
    Commons(CommonsField),
}

impl RecordKind {
    /// Tells whether nothing of such a record is altered once it was made, but that a matter or thanks are taken back, an
    /// activity is called off and a drive closed.
    pub(crate) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Matter
                | Self::Judgement
                | Self::Response
                | Self::Activity
                | Self::Thanks
                | Self::Drive
                | Self::Stocktake
        )
    }

    const ALL: [Self; 20] = [
        Self::Listing,
        Self::Review,
        Self::Invite,
        Self::Reply,
        Self::Matter,
        Self::Judgement,
        Self::Response,
        Self::Staff,
        Self::Activity,
        Self::Good,
        Self::Thanks,
        Self::Drive,
        Self::Pledge,
        Self::Receipt,
        Self::Group,
        Self::Joining,
        Self::Owning,
        Self::Stocktake,
        Self::Resource,
        Self::Category,
    ];

    fn prefix(self) -> &'static str {
        match self {
            Self::Listing => "listing:",
            Self::Review => "review:",
            Self::Invite => "invite:",
            Self::Reply => "reply:",
            Self::Matter => "matter:",
            Self::Judgement => "judged:",
            Self::Response => "answer:",
            Self::Staff => "staff:",
            Self::Activity => "event:",
            Self::Good => "good:",
            Self::Thanks => "thanks:",
            Self::Drive => "drive:",
            Self::Pledge => "pledge:",
            Self::Receipt => "came:",
            Self::Group => "group:",
            Self::Joining => "joined:",
            Self::Owning => "owned:",
            Self::Stocktake => "count:",
            Self::Resource => "outside:",
            Self::Category => "added:",
        }
    }

    /// Gives the fields of such a record, in the order in which they are written.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Self::Listing => &[
                Field::ListingWhat,
                Field::ListingTitle,
                Field::ListingBody,
                Field::ListingPoints,
                Field::ListingPostedAt,
                Field::ListingClosedAt,
                Field::ListingAudience,
                Field::ListingChecked,
                Field::ListingCategory,
                Field::ListingBehalf,
                Field::ListingOwners,
                Field::ListingShelf,
                Field::ListingPlaces,
            ],
            Self::Review => &[Field::ReviewStars, Field::ReviewText, Field::ReviewAt],
            Self::Invite => &[Field::InviteKey, Field::InviteExpiresAt, Field::InviteWithdrawnAt],
            Self::Reply => &[Field::ReplyWords, Field::ReplySaidAt],
            Self::Matter => &[
                Field::MatterAsks,
                Field::MatterText,
                Field::MatterTo,
                Field::MatterNear,
                Field::MatterPutAt,
                Field::MatterTakenBackAt,
            ],
            Self::Judgement => &[Field::JudgementOf, Field::JudgementSays, Field::JudgementJudgedAt],
            Self::Response => {
                &[Field::ResponseAnswers, Field::ResponseAfter, Field::ResponseSays, Field::ResponseGivenAt]
            }
            Self::Staff => &[Field::StaffName, Field::StaffPost, Field::StaffLeftAt],
            Self::Activity => &[
                Field::ActivityTitle,
                Field::ActivityBody,
                Field::ActivityVenue,
                Field::ActivityAgreed,
                Field::ActivityTeacher,
                Field::ActivityGroup,
                Field::ActivityPostedAt,
                Field::ActivityCalledOffAt,
            ],
            Self::Good => &[
                Field::GoodTitle,
                Field::GoodBody,
                Field::GoodPoints,
                Field::GoodPieces,
                Field::GoodEach,
                Field::GoodUntil,
                Field::GoodTill,
                Field::GoodPutAt,
                Field::GoodWithdrawnAt,
            ],
            Self::Thanks => &[Field::ThanksFor, Field::ThanksText, Field::ThanksAt, Field::ThanksWithdrawnAt],
            Self::Drive => {
                &[Field::DriveTitle, Field::DriveBody, Field::DriveWants, Field::DrivePutAt, Field::DriveClosed]
            }
            Self::Pledge => &[Field::PledgeTo, Field::PledgeSays, Field::PledgeAt],
            Self::Receipt => &[Field::ReceiptOf, Field::ReceiptCount, Field::ReceiptAt],
            Self::Group => commons::GROUP,
            Self::Joining => commons::JOINING,
            Self::Owning => commons::OWNING,
            Self::Stocktake => commons::STOCKTAKE,
            Self::Resource => commons::RESOURCE,
            Self::Category => commons::CATEGORY,
        }
    }
}

impl RecordKey {
    /// Reads a root key; only the one spelling that [`RecordKey::text`] gives is a record's.
    pub(crate) fn parse(key: &str) -> Option<Self> {
        let (kind, hex) = RecordKind::ALL.iter().find_map(|kind| Some((*kind, key.strip_prefix(kind.prefix())?)))?;
        let id = HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()?;
        Some(Self { kind, id })
    }

    /// Gives the root key.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.kind.prefix(), HEXLOWER.encode(&self.id))
    }
}

impl Field {
    /// Finds the field with this key. No two kinds of record share a key.
    pub(crate) fn parse(key: &str) -> Option<Self> {
        Some(match key {
            "profile.name" => Self::ProfileName,
            "profile.block" => Self::ProfileBlock,
            "profile.about" => Self::ProfileAbout,
            "profile.place" => Self::ProfilePlace,
            "what" => Self::ListingWhat,
            "title" => Self::ListingTitle,
            "body" => Self::ListingBody,
            "points" => Self::ListingPoints,
            "posted_at" => Self::ListingPostedAt,
            "closed_at" => Self::ListingClosedAt,
            "audience" => Self::ListingAudience,
            "checked" => Self::ListingChecked,
            "category" => Self::ListingCategory,
            "behalf" => Self::ListingBehalf,
            "owners" => Self::ListingOwners,
            "shelf" => Self::ListingShelf,
            "places" => Self::ListingPlaces,
            "stars" => Self::ReviewStars,
            "text" => Self::ReviewText,
            "at" => Self::ReviewAt,
            "key" => Self::InviteKey,
            "expires_at" => Self::InviteExpiresAt,
            "withdrawn_at" => Self::InviteWithdrawnAt,
            "words" => Self::ReplyWords,
            "said_at" => Self::ReplySaidAt,
            "asks" => Self::MatterAsks,
            "matter" => Self::MatterText,
            "to" => Self::MatterTo,
            "near" => Self::MatterNear,
            "put_at" => Self::MatterPutAt,
            "taken_back_at" => Self::MatterTakenBackAt,
            "of" => Self::JudgementOf,
            "judgement" => Self::JudgementSays,
            "judged_at" => Self::JudgementJudgedAt,
            "answers" => Self::ResponseAnswers,
            "after" => Self::ResponseAfter,
            "response" => Self::ResponseSays,
            "given_at" => Self::ResponseGivenAt,
            "name" => Self::StaffName,
            "post" => Self::StaffPost,
            "left_at" => Self::StaffLeftAt,
            "activity" => Self::ActivityTitle,
            "told" => Self::ActivityBody,
            "venue" => Self::ActivityVenue,
            "agreed" => Self::ActivityAgreed,
            "teacher" => Self::ActivityTeacher,
            "of_group" => Self::ActivityGroup,
            "announced_at" => Self::ActivityPostedAt,
            "called_off_at" => Self::ActivityCalledOffAt,
            "good" => Self::GoodTitle,
            "good_says" => Self::GoodBody,
            "good_points" => Self::GoodPoints,
            "good_pieces" => Self::GoodPieces,
            "good_each" => Self::GoodEach,
            "good_until" => Self::GoodUntil,
            "good_till" => Self::GoodTill,
            "good_put_at" => Self::GoodPutAt,
            "good_over_at" => Self::GoodWithdrawnAt,
            "thanks_for" => Self::ThanksFor,
            "thanks" => Self::ThanksText,
            "thanked_at" => Self::ThanksAt,
            "thanks_over_at" => Self::ThanksWithdrawnAt,
            "drive" => Self::DriveTitle,
            "drive_says" => Self::DriveBody,
            "drive_wants" => Self::DriveWants,
            "drive_put_at" => Self::DrivePutAt,
            "drive_closed" => Self::DriveClosed,
            "pledge_to" => Self::PledgeTo,
            "pledge" => Self::PledgeSays,
            "pledged_at" => Self::PledgeAt,
            "came_from" => Self::ReceiptOf,
            "came" => Self::ReceiptCount,
            "came_at" => Self::ReceiptAt,
            other => return CommonsField::parse(other).map(Self::Commons),
        })
    }

    /// Tells in what kind of record it stands; `None` for the profile's, which stand in the root.
    pub(crate) fn kind(self) -> Option<RecordKind> {
        match self {
            Self::ProfileName | Self::ProfileBlock | Self::ProfileAbout | Self::ProfilePlace => None,
            Self::ListingWhat
            | Self::ListingTitle
            | Self::ListingBody
            | Self::ListingPoints
            | Self::ListingPostedAt
            | Self::ListingClosedAt
            | Self::ListingAudience
            | Self::ListingChecked
            | Self::ListingCategory
            | Self::ListingBehalf
            | Self::ListingOwners
            | Self::ListingShelf
            | Self::ListingPlaces => Some(RecordKind::Listing),
            Self::ReviewStars | Self::ReviewText | Self::ReviewAt => Some(RecordKind::Review),
            Self::InviteKey | Self::InviteExpiresAt | Self::InviteWithdrawnAt => Some(RecordKind::Invite),
            Self::ReplyWords | Self::ReplySaidAt => Some(RecordKind::Reply),
            Self::MatterAsks
            | Self::MatterText
            | Self::MatterTo
            | Self::MatterNear
            | Self::MatterPutAt
            | Self::MatterTakenBackAt => Some(RecordKind::Matter),
            Self::JudgementOf | Self::JudgementSays | Self::JudgementJudgedAt => Some(RecordKind::Judgement),
            Self::ResponseAnswers | Self::ResponseAfter | Self::ResponseSays | Self::ResponseGivenAt => {
                Some(RecordKind::Response)
            }
            Self::StaffName | Self::StaffPost | Self::StaffLeftAt => Some(RecordKind::Staff),
            Self::ActivityTitle
            | Self::ActivityBody
            | Self::ActivityVenue
            | Self::ActivityAgreed
            | Self::ActivityTeacher
            | Self::ActivityGroup
            | Self::ActivityPostedAt
            | Self::ActivityCalledOffAt => Some(RecordKind::Activity),
            Self::GoodTitle
            | Self::GoodBody
            | Self::GoodPoints
            | Self::GoodPieces
            | Self::GoodEach
            | Self::GoodUntil
            | Self::GoodTill
            | Self::GoodPutAt
            | Self::GoodWithdrawnAt => Some(RecordKind::Good),
            Self::ThanksFor | Self::ThanksText | Self::ThanksAt | Self::ThanksWithdrawnAt => Some(RecordKind::Thanks),
            Self::DriveTitle | Self::DriveBody | Self::DriveWants | Self::DrivePutAt | Self::DriveClosed => {
                Some(RecordKind::Drive)
            }
            Self::PledgeTo | Self::PledgeSays | Self::PledgeAt => Some(RecordKind::Pledge),
            Self::ReceiptOf | Self::ReceiptCount | Self::ReceiptAt => Some(RecordKind::Receipt),
            Self::Commons(field) => Some(field.kind()),
        }
    }

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::ProfileName => "profile.name",
            Self::ProfileBlock => "profile.block",
            Self::ProfileAbout => "profile.about",
            Self::ProfilePlace => "profile.place",
            Self::ListingWhat => "what",
            Self::ListingTitle => "title",
            Self::ListingBody => "body",
            Self::ListingPoints => "points",
            Self::ListingPostedAt => "posted_at",
            Self::ListingClosedAt => "closed_at",
            Self::ListingAudience => "audience",
            Self::ListingChecked => "checked",
            Self::ListingCategory => "category",
            Self::ListingBehalf => "behalf",
            Self::ListingOwners => "owners",
            Self::ListingShelf => "shelf",
            Self::ListingPlaces => "places",
            Self::ReviewStars => "stars",
            Self::ReviewText => "text",
            Self::ReviewAt => "at",
            Self::InviteKey => "key",
            Self::InviteExpiresAt => "expires_at",
            Self::InviteWithdrawnAt => "withdrawn_at",
            Self::ReplyWords => "words",
            Self::ReplySaidAt => "said_at",
            Self::MatterAsks => "asks",
            Self::MatterText => "matter",
            Self::MatterTo => "to",
            Self::MatterNear => "near",
            Self::MatterPutAt => "put_at",
            Self::MatterTakenBackAt => "taken_back_at",
            Self::JudgementOf => "of",
            Self::JudgementSays => "judgement",
            Self::JudgementJudgedAt => "judged_at",
            Self::ResponseAnswers => "answers",
            Self::ResponseAfter => "after",
            Self::ResponseSays => "response",
            Self::ResponseGivenAt => "given_at",
            Self::StaffName => "name",
            Self::StaffPost => "post",
            Self::StaffLeftAt => "left_at",
            Self::ActivityTitle => "activity",
            Self::ActivityBody => "told",
            Self::ActivityVenue => "venue",
            Self::ActivityAgreed => "agreed",
            Self::ActivityTeacher => "teacher",
            Self::ActivityGroup => "of_group",
            Self::ActivityPostedAt => "announced_at",
            Self::ActivityCalledOffAt => "called_off_at",
            Self::GoodTitle => "good",
            Self::GoodBody => "good_says",
            Self::GoodPoints => "good_points",
            Self::GoodPieces => "good_pieces",
            Self::GoodEach => "good_each",
            Self::GoodUntil => "good_until",
            Self::GoodTill => "good_till",
            Self::GoodPutAt => "good_put_at",
            Self::GoodWithdrawnAt => "good_over_at",
            Self::ThanksFor => "thanks_for",
            Self::ThanksText => "thanks",
            Self::ThanksAt => "thanked_at",
            Self::ThanksWithdrawnAt => "thanks_over_at",
            Self::DriveTitle => "drive",
            Self::DriveBody => "drive_says",
            Self::DriveWants => "drive_wants",
            Self::DrivePutAt => "drive_put_at",
            Self::DriveClosed => "drive_closed",
            Self::PledgeTo => "pledge_to",
            Self::PledgeSays => "pledge",
            Self::PledgeAt => "pledged_at",
            Self::ReceiptOf => "came_from",
            Self::ReceiptCount => "came",
            Self::ReceiptAt => "came_at",
            Self::Commons(field) => field.key(),
        }
    }

    /// Tells whether the field may be missing, and so may be deleted.
    pub(crate) fn is_optional(self) -> bool {
        matches!(
            self,
            Self::ProfilePlace
                | Self::ListingPoints
                | Self::ListingClosedAt
                | Self::ListingAudience
                | Self::ListingChecked
                | Self::ListingCategory
                | Self::ListingBehalf
                | Self::ListingOwners
                | Self::ListingShelf
                | Self::ListingPlaces
                | Self::InviteWithdrawnAt
                | Self::MatterTo
                | Self::MatterNear
                | Self::MatterTakenBackAt
                | Self::ResponseAfter
                | Self::StaffLeftAt
                | Self::ActivityTeacher
                | Self::ActivityGroup
                | Self::ActivityCalledOffAt
                | Self::GoodPieces
                | Self::GoodEach
                | Self::GoodUntil
                | Self::GoodWithdrawnAt
                | Self::ThanksWithdrawnAt
                | Self::DriveClosed
        ) || matches!(self, Self::Commons(field) if field.is_optional())
    }

    /// Tells whether it takes a final record back: the one thing that is still written to such a record, and stays.
    pub(crate) fn takes_back(self) -> bool {
        matches!(
            self,
            Self::MatterTakenBackAt | Self::ActivityCalledOffAt | Self::ThanksWithdrawnAt | Self::DriveClosed
        )
    }

    /// Tells whether it stays as it was made, though other fields of its record may change: a good's words and price are what
    /// has been ordered.
    pub(crate) fn is_fixed(self) -> bool {
        matches!(self, Self::GoodTitle | Self::GoodBody | Self::GoodPoints | Self::GoodPutAt)
    }
}

/// Reads two ids that stand together: whose matter a response is about, and which; whose drive a promise is for, and which;
/// for which drive something came, and from whom.
fn two_ids(bytes: &[u8; 32]) -> Option<([u8; 16], [u8; 16])> {
    let (asker, matter) = bytes.split_at_checked(16)?;
    Some((asker.try_into().ok()?, matter.try_into().ok()?))
}

/// Reads ids that stand one after the other, each greater than the one before; none is not spelled so.
fn ids_from(bytes: &[u8]) -> Option<Vec<[u8; 16]>> {
    let (ids, rest) = bytes.as_chunks::<16>();
    let ascending = ids.windows(2).all(|two| matches!(two, [one, next] if one < next));
    (rest.is_empty() && !ids.is_empty() && ascending).then(|| ids.to_vec())
}

#[cfg(test)]
mod tests;
