//! Conversations, introductions, drives and thanks.

use std::fmt;
use std::str::FromStr;

use kaifong_domain::care::Thread;
use kaifong_domain::{ComplaintId, DealId, DriveId, EntryHash, IntroductionId, MemberId, ThanksId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Person;
use super::args::args;
use super::building::rows;
use super::choices::{NotAChoice, choice, mirrors};
use crate::{ApiError, Hex};

choice! {
    /// Where an introduction stands.
    IntroductionStage {
        Asked = "asked", "等引见人"; Proposed = "proposed", "等对方"; Agreed = "agreed", "答应了"; Declined = "declined", "对方没答应";
        Met = "met", "认识了"; Failed = "failed", "没有成";
    }
}
mirrors!(IntroductionStage = kaifong_node::IntroductionStage { Asked, Proposed, Agreed, Declined, Met, Failed });

args! {
    /// A conversation: that of a deal, or that of an introduction.
    TalkArgs {
        /// Of which deal.
        #[serde(default)]
        deal: Option<Hex<DealId>>,
        /// Of which introduction.
        #[serde(default)]
        introduction: Option<Hex<IntroductionId>>,
    }

    /// Something to say in a conversation.
    SayArgs {
        /// Of which deal.
        #[serde(default)]
        deal: Option<Hex<DealId>>,
        /// Of which introduction.
        #[serde(default)]
        introduction: Option<Hex<IntroductionId>>,
        /// 1 to 500 characters; with a picture it may be empty.
        text: String,
        /// A JPEG of at most 5,120 bytes, in base64.
        #[serde(default)]
        picture: Option<String>,
    }

    /// What of a conversation the mediators are to see.
    ReportArgs {
        /// Of which deal.
        #[serde(default)]
        deal: Option<Hex<DealId>>,
        /// Of which introduction.
        #[serde(default)]
        introduction: Option<Hex<IntroductionId>>,
        /// Which messages of the other, 1 to 10.
        messages: Vec<Hex<EntryHash>>,
        /// A sentence, 1 to 200 characters.
        text: String,
    }

    /// An answer of a mediator to both.
    AnswerBothArgs {
        /// To which report.
        complaint: Hex<ComplaintId>,
        /// 1 to 500 characters.
        text: String,
    }

    /// Whom one would have nothing to do with, or would again.
    BlockMemberArgs {
        /// Whom.
        member: Hex<MemberId>,
        /// Would not, or would again.
        blocked: bool,
    }

    /// A request to be introduced.
    AskIntroductionArgs {
        /// Who is to introduce.
        introducer: Hex<MemberId>,
        /// To whom; to somebody whom they may think of if not told.
        #[serde(default)]
        whom: Option<Hex<MemberId>>,
        /// Why, 1 to 200 characters.
        text: String,
    }

    /// Whom the one who introduces asks.
    IntroduceArgs {
        /// For which introduction.
        introduction: Hex<IntroductionId>,
        /// Whom.
        to: Hex<MemberId>,
        /// What to say of it, 1 to 200 characters.
        text: String,
    }

    /// Yes or no to an introduction.
    ReplyIntroductionArgs {
        /// Which.
        introduction: Hex<IntroductionId>,
        /// Yes or no.
        yes: bool,
    }

    /// An introduction.
    IntroductionArgs {
        /// Which.
        introduction: Hex<IntroductionId>,
    }

    /// Thanks for the wall.
    ThankArgs {
        /// Whom.
        to: Hex<MemberId>,
        /// For which finished deal of the two, if for one.
        #[serde(default)]
        deal: Option<Hex<DealId>>,
        /// 1 to 100 characters.
        text: String,
    }

    /// Own thanks.
    ThanksArgs {
        /// Which.
        thanks: Hex<ThanksId>,
    }

    /// A drive to call for.
    CallDriveArgs {
        /// 1 to 60 characters.
        title: String,
        /// At most 500 characters.
        #[serde(default)]
        body: String,
        /// How many are wanted, 1 to 9,999.
        target: u32,
        /// In which unit, 1 to 6 characters.
        unit: String,
        /// Until when things can be promised, in milliseconds since 1970.
        until: u64,
    }

    /// A drive.
    DriveArgs {
        /// Whose.
        owner: Hex<MemberId>,
        /// Which.
        drive: Hex<DriveId>,
    }

    /// The end of an own drive.
    CloseDriveArgs {
        /// Which.
        drive: Hex<DriveId>,
        /// What was made of it, at most 500 characters.
        #[serde(default)]
        report: String,
    }

    /// A promise to a drive.
    PledgeArgs {
        /// Whose.
        owner: Hex<MemberId>,
        /// Which.
        drive: Hex<DriveId>,
        /// How many; 0 takes it back.
        count: u32,
        /// What else there is to say, at most 60 characters.
        #[serde(default)]
        note: String,
    }

    /// What has come from a donor.
    ReceiveArgs {
        /// To which drive of one's own.
        drive: Hex<DriveId>,
        /// From whom.
        donor: Hex<MemberId>,
        /// How many, in all.
        count: u32,
    }
}

rows! {
    /// A conversation, as one of the two sees it. Nobody else holds any of it.
    Talk {
        /// The other.
        other: Person,
        /// Whether one can say something now.
        open: bool,
        /// Whether one has blocked the other.
        blocked: bool,
        /// Who would see what one shows of it.
        hearers: Vec<Person>,
        /// What was said, the first first.
        messages: Vec<TalkMessage>,
        /// What mediators have said about it to oneself, the first first.
        notes: Vec<TalkNote>,
    }

    /// One message.
    TalkMessage {
        /// By which it is named.
        message: Hex<EntryHash>,
        /// Whether it is one's own.
        mine: bool,
        /// What was said; may be empty beside a picture.
        text: String,
        /// The JPEG that goes with it, in base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<String>,
        /// When, in milliseconds since 1970, as the device claims.
        at: u64,
        /// Whether it is still on its way to the other, as far as this device knows.
        under_way: bool,
    }

    /// What a mediator has said.
    TalkNote {
        /// Who.
        by: Person,
        /// What.
        text: String,
        /// When, in milliseconds since 1970, as their device claims.
        at: u64,
    }

    /// Whom one would have nothing to do with. Nobody else knows.
    Blocked {
        /// Who.
        rows: Vec<Person>,
    }

    /// Introductions that one asks for, is asked for, or makes.
    Introductions {
        /// Those that are not over first, then the last first.
        rows: Vec<Introduction>,
        /// Who can be asked to introduce.
        introducers: Vec<Person>,
    }

    /// One introduction.
    Introduction {
        /// Which.
        introduction: Hex<IntroductionId>,
        /// Who would be introduced.
        asker: Person,
        /// Who introduces.
        introducer: Person,
        /// To whom, as far as one knows.
        whom: Option<Person>,
        /// Whether the one who asked has named them.
        named: bool,
        /// What the one who asked says to the one who introduces; to the other, what that one says.
        text: String,
        /// Where it stands.
        stage: IntroductionStage,
        /// When it began, in milliseconds since 1970.
        at: u64,
        /// Whether it is one's own turn.
        turn: bool,
    }

    /// A drive's id.
    Called {
        /// The id.
        drive: Hex<DriveId>,
    }

    /// Drives.
    Drives {
        /// Those that run first, then the newest.
        rows: Vec<Drive>,
    }

    /// A drive.
    Drive {
        /// Who calls for things.
        owner: Person,
        /// Which.
        drive: Hex<DriveId>,
        /// Whether it is one's own.
        mine: bool,
        /// The title.
        title: String,
        /// What it is for.
        body: String,
        /// How many are wanted.
        target: u32,
        /// In which unit.
        unit: String,
        /// What donors have promised.
        pledged: u64,
        /// What has come, as far as both say so.
        received: u64,
        /// Until when things can be promised.
        until: u64,
        /// When it was called for.
        put_at: u64,
        /// When it was closed.
        closed_at: Option<u64>,
        /// What was made of it.
        report: String,
        /// Whether things can be promised now.
        open: bool,
    }

    /// A drive with its donors.
    DriveDetail {
        /// The drive.
        drive: Drive,
        /// Who gives what, the first first.
        donors: Vec<Donor>,
        /// What one has promised oneself; 0 without.
        my_pledge: u32,
        /// What one has said with it.
        my_note: String,
    }

    /// A donor of a drive.
    Donor {
        /// Who.
        member: Person,
        /// How many they promise.
        pledged: u32,
        /// What else they say.
        note: String,
        /// How many the one who calls says have come; `null` while they say nothing.
        said: Option<u32>,
        /// How many have come, as far as both say so.
        received: u32,
        /// When they promised it.
        at: u64,
    }

    /// Thanks on the wall.
    Wall {
        /// The newest first.
        rows: Vec<ThanksRow>,
        /// How many there are.
        total: u64,
    }

    /// One note of thanks.
    ThanksRow {
        /// Which.
        thanks: Hex<ThanksId>,
        /// Who thanks.
        by: Person,
        /// Whom.
        to: Person,
        /// What for, where both have signed that it was done.
        title: Option<String>,
        /// Whether both have signed that it was done.
        signed: bool,
        /// For whom it is said, where the thanks are for somebody who is not named.
        on_behalf: Option<String>,
        /// The note.
        text: String,
        /// When, as the device claims.
        at: u64,
        /// Whether it is one's own.
        mine: bool,
    }
}

/// Reads which conversation is meant: exactly one of the two.
pub(crate) fn thread(deal: Option<Hex<DealId>>, introduction: Option<Hex<IntroductionId>>) -> Result<Thread, ApiError> {
    match (deal, introduction) {
        (Some(deal), None) => Ok(Thread::Deal(deal.0)),
        (None, Some(id)) => Ok(Thread::Introduced(id.0)),
        _ => Err(ApiError::bad_arguments("deal 和 introduction 要有一个，只能有一个")),
    }
}
