//! What members say in the hall, each in their own document.

use serde::{Deserialize, Serialize};

use crate::place::PlaceId;
use crate::{Instant, JudgementId, MatterId, MemberId, Refusal, ResponseId, text};

/// The most characters of what somebody puts to the hall.
pub const MATTER_CHARS_MAX: usize = 1_000;
/// The most characters of an answer or a reply.
pub const RESPONSE_CHARS_MAX: usize = 1_000;
/// The most characters of what the asker adds to a judgement.
pub const REMARK_CHARS_MAX: usize = 300;
/// How many matters one member may have open: neither solved nor withdrawn.
pub const MATTERS_OPEN_MAX: usize = 10;
/// How often one member may take up, answer or reply to one matter.
pub const RESPONSES_MAX: usize = 20;
/// How many judgements one matter may get.
pub const JUDGEMENTS_MAX: usize = 40;

/// What kind of thing is put to the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MatterKind {
    /// 提问: somebody wants to know.
    Question,
    /// 投诉: something is not as it should be.
    Complaint,
    /// 求助: somebody in charge has to help; what neighbours can help with is a need.
    Help,
    /// 建议: something could be better.
    Suggestion,
}

/// Whom a matter is put to. Everybody can read it all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Addressee {
    /// One member.
    Member(MemberId),
    /// Those who are vouched for as officials.
    Officials,
    /// The firm that manages the building.
    PropertyFirm,
    /// The office of a committee.
    CommitteeOffice,
    /// Those whom the council has named to answer.
    Answerers,
}

/// A question, a complaint, a call for help or a suggestion; in the document of who puts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// Its id.
    pub id: MatterId,
    /// What kind.
    pub kind: MatterKind,
    /// 1 to 1,000 characters.
    pub text: String,
    /// Whom it is put to; `None` for everybody who answers.
    pub to: Option<Addressee>,
    /// The zone or block that it is about.
    pub place: Option<PlaceId>,
    /// When it was put, as the device claims.
    pub put_at: Instant,
    /// When its asker took it back, if so.
    pub withdrawn_at: Option<Instant>,
}

/// What the asker says of a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Judged {
    /// 已解决.
    Solved,
    /// 还没有: the answers so far do not help, and it is open again.
    NotYet,
}

/// The asker's word on a matter of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Its id.
    pub id: JudgementId,
    /// The own matter that it is about.
    pub matter: MatterId,
    /// 1 for the first of the matter, then one more than the greatest before.
    pub number: u32,
    /// Solved or not.
    pub judged: Judged,
    /// At most 300 characters; may be empty.
    pub remark: String,
    /// When it was said, as the device claims.
    pub at: Instant,
}

/// What somebody does about another member's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResponseKind {
    /// 受理: it was heard, and an answer will come.
    TakeUp,
    /// 答复, by somebody who answers in this hall.
    Answer,
    /// 回应: what a neighbour says to it.
    Reply,
}

/// A record that points at a matter in another document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Its id.
    pub id: ResponseId,
    /// Who has put the matter.
    pub asker: MemberId,
    /// The matter.
    pub matter: MatterId,
    /// What it is.
    pub kind: ResponseKind,
    /// The newest [`Judged::NotYet`] that its author knew. Nobody can guess its id, so nobody answers ahead of it.
    pub after: Option<JudgementId>,
    /// At most 1,000 characters; only a take-up may say nothing.
    pub text: String,
    /// When it was written, as the device claims.
    pub at: Instant,
}

impl Matter {
    /// Checks the text.
    pub fn check(&self) -> Result<(), Refusal> {
        text::prose("matter", &self.text, MATTER_CHARS_MAX, false)
    }
}

impl Judgement {
    /// Checks the number, then the remark.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.number == 0 {
            return Err(Refusal::OutOfRange { field: "number", least: 1, most: u32::MAX.into() });
        }
        text::prose("remark", &self.remark, REMARK_CHARS_MAX, true)
    }
}

impl Response {
    /// Checks the text.
    pub fn check(&self) -> Result<(), Refusal> {
        text::prose("response", &self.text, RESPONSE_CHARS_MAX, self.kind == ResponseKind::TakeUp)
    }
}
