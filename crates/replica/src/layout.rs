//! Where records stand in a document, and which values may stand there.
//!
//! The root holds `profile.name`, `profile.block`, `profile.about` and `profile.place`, and one map for each record under
//! `listing:<id>`, `review:<deal>`, `invite:<id>`, `reply:<deal>`, `matter:<id>`, `judged:<id>`, `answer:<id>`,
//! `event:<id>`, `good:<id>` or, of an organisation, `staff:<device>`. Nothing is deeper. A record is made whole by one change: its map
//! and every field that must not be missing. Later changes set single fields, so a title that one device mends and a
//! closing that another device adds both stay.
//!
//! What only makes sense together is one field: side, kind and mode or task of a listing are one word sequence, `offer item
//! share`; so are the parts of a check, `2 1760000000000 何姨`. So whatever two devices of one member write while apart, what Automerge merges is again a record that
//! [`Listing::check`] accepts, and the projection leaves nothing out.
//!
//! A record's id is random and drawn by one device, so two devices never make one map twice. Reviews, replies and staff are
//! the exception (their keys are the deal, and the first half of the device's): if two devices of one member review one
//! deal while apart, Automerge shows the map with the greater operation id everywhere, whole, and the other stays hidden.
//! A hostile owner can do the same to any of their own records, with the same outcome.
//!
//! Who wrote a record stands in none of its fields: it is the actors of the operations that stand in it, and each of
//! these has its device's signature.

mod checking;
mod plan;
mod reading;
mod spelling;

use data_encoding::HEXLOWER;
use kaifong_domain::activity::{Activity, ActivityTerms, Payee};
use kaifong_domain::hall::{Judgement, Matter, MatterKind, Response};
use kaifong_domain::record::{Listing, Profile, Reply, Review, Side};
use kaifong_domain::shop::Good;
use kaifong_domain::staff::Staff;
use kaifong_domain::{
    ActivityId, DealId, DeviceId, Instant, JudgementId, ListingId, MatterId, MemberId, Points, Refusal, ResponseId,
    StaffId,
};

pub(crate) use plan::Plan;
pub(crate) use reading::records;
use spelling::{agreed_from, asks_from, checked_from, judgement_from, response_from, to_from, what_from};

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
}

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

impl RecordKind {
    /// Tells whether nothing of such a record is altered once it was made, but that a matter is taken back and an activity called off.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Matter | Self::Judgement | Self::Response | Self::Activity)
    }

    const ALL: [Self; 10] = [
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
            _ => return None,
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
            | Self::ListingChecked => Some(RecordKind::Listing),
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
                | Self::InviteWithdrawnAt
                | Self::MatterTo
                | Self::MatterNear
                | Self::MatterTakenBackAt
                | Self::ResponseAfter
                | Self::StaffLeftAt
                | Self::ActivityTeacher
                | Self::ActivityCalledOffAt
                | Self::GoodPieces
                | Self::GoodEach
                | Self::GoodUntil
                | Self::GoodWithdrawnAt
        )
    }

    /// Tells whether it takes a final record back: the one thing that is still written to such a record, and stays.
    pub(crate) fn takes_back(self) -> bool {
        matches!(self, Self::MatterTakenBackAt | Self::ActivityCalledOffAt)
    }

    /// Tells whether it stays as it was made, though other fields of its record may change: a good's words and price are what
    /// has been ordered.
    pub(crate) fn is_fixed(self) -> bool {
        matches!(self, Self::GoodTitle | Self::GoodBody | Self::GoodPoints | Self::GoodPutAt)
    }
}

/// Reads whose matter a response is about, and which.
fn answers_from(bytes: &[u8; 32]) -> Option<([u8; 16], [u8; 16])> {
    let (asker, matter) = bytes.split_at_checked(16)?;
    Some((asker.try_into().ok()?, matter.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_names_one_field_and_every_field_has_its_kind() {
        let of_records =
            RecordKind::ALL.into_iter().flat_map(|kind| kind.fields().iter().map(move |f| (*f, Some(kind))));
        let of_profile = [Field::ProfileName, Field::ProfileBlock, Field::ProfileAbout, Field::ProfilePlace]
            .map(|field| (field, None));
        for (field, kind) in of_records.chain(of_profile) {
            assert_eq!((Field::parse(field.key()), field.kind()), (Some(field), kind));
        }
    }

    #[test]
    fn every_record_key_is_short_enough_for_the_gate() {
        for kind in RecordKind::ALL {
            let key = RecordKey { kind, id: [0xAB; 16] };
            assert_eq!(RecordKey::parse(&key.text()), Some(key));
            assert!(key.text().len() as u64 <= crate::gate::structure::KEY_SIZE_BYTES_MAX, "{}", key.text());
        }
    }

    #[test]
    fn a_record_key_has_one_spelling() {
        let key = RecordKey { kind: RecordKind::Review, id: [0xAB; 16] };
        assert_eq!(RecordKey::parse(&key.text()), Some(key));
        assert_eq!(RecordKey::parse(&key.text().to_uppercase()), None);
        assert_eq!(RecordKey::parse(&key.text().replace("ab", "AB")), None);
        assert_eq!(RecordKey::parse("review:abab"), None);
    }
}
