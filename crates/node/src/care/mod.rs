//! What neighbours have with each other alone: conversations, introductions, and whom one would have nothing to do with.
//!
//! Nothing of it is in a document or a journal. Everything travels in envelopes to the devices of the other, and to one's own
//! further ones. Whether something was read is recorded nowhere. Drives and thanks are records; see [`drives`].

mod blocks;
mod drives;
mod introductions;
mod reports;
mod talk;

use std::collections::BTreeMap;

use kaifong_domain::care::{CareRefusal, Thread};
use kaifong_domain::{ComplaintId, DriveId, Instant, IntroductionId, MemberId, ThanksId};
use kaifong_store::{Batch, Store, StoreError};
use kaifong_trust::care::CareLetter;
use kaifong_trust::entry::Role;
use kaifong_trust::{Envelope, Verified};
use serde::Serialize;

use crate::event::{Done, NodeError};
use crate::home::Home;
use crate::node::Node;
use blocks::Word;
pub use drives::DriveDraft;
pub use introductions::{IntroductionRow, IntroductionStage};
pub(crate) use reports::mediators;
pub use reports::{REPORT_MESSAGES_MAX, Report, Shown};
use talk::Talk;
pub use talk::{Message, Note};

/// What a person can do of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CareCommand {
    /// Says something in a conversation.
    Say {
        /// In which.
        thread: Thread,
        /// 1 to 500 characters; with a picture it may be empty.
        text: String,
        /// A small JPEG, at most 5,120 bytes; empty for none.
        picture: Vec<u8>,
    },
    /// Would have nothing to do with a member, or would again. They are not told.
    Block {
        /// Whom.
        member: MemberId,
        /// Would not, or would again.
        blocked: bool,
    },
    /// Shows the mediators some of what the other has said.
    Report {
        /// In which conversation.
        thread: Thread,
        /// Which messages of the other, by their hashes: from 1 to [`REPORT_MESSAGES_MAX`].
        shown: Vec<[u8; 32]>,
        /// A sentence, 1 to 200 characters.
        text: String,
    },
    /// As a mediator, answers both: who reported, and whom the report is about.
    AnswerBoth {
        /// Which report.
        report: ComplaintId,
        /// 1 to 500 characters.
        text: String,
    },
    /// Asks somebody to introduce one to a neighbour.
    AskIntroduction {
        /// Who is to introduce.
        introducer: MemberId,
        /// To whom; `None` to somebody whom they may think of.
        whom: Option<MemberId>,
        /// Why, 1 to 200 characters.
        text: String,
    },
    /// As the one who was asked: asks the other.
    Introduce {
        /// Which introduction.
        id: IntroductionId,
        /// Whom to ask.
        to: MemberId,
        /// What to say of it, 1 to 200 characters.
        text: String,
    },
    /// As the other: yes or no.
    ReplyIntroduction {
        /// Which introduction.
        id: IntroductionId,
        /// Yes or no.
        yes: bool,
    },
    /// As the one who was asked: it does not work out. As who has asked: it is not needed any more.
    FailIntroduction {
        /// Which introduction.
        id: IntroductionId,
    },
    /// Thanks a neighbour on the wall.
    Thank {
        /// Whom.
        to: MemberId,
        /// For which deal, if for one.
        deal: Option<kaifong_domain::DealId>,
        /// 1 to 100 characters.
        text: String,
    },
    /// Takes own thanks off the wall.
    TakeThanks {
        /// Which.
        thanks: ThanksId,
    },
    /// Calls for things.
    CallDrive(DriveDraft),
    /// Closes an own drive.
    CloseDrive {
        /// Which.
        drive: DriveId,
        /// What was made of it, at most 500 characters.
        report: String,
    },
    /// Promises something to a drive; 0 takes it back.
    Pledge {
        /// Whose drive.
        owner: MemberId,
        /// Which.
        drive: DriveId,
        /// How many.
        count: u32,
        /// What else there is to say, at most 60 characters.
        note: String,
    },
    /// Says how many have come from a donor of an own drive.
    Receive {
        /// Which drive.
        drive: DriveId,
        /// From whom.
        donor: MemberId,
        /// How many, in all.
        count: u32,
    },
}

/// All of it on this device.
#[derive(Debug, Default)]
pub(crate) struct Talks {
    threads: BTreeMap<Thread, Talk>,
    blocks: BTreeMap<MemberId, Word>,
    introductions: BTreeMap<IntroductionId, IntroductionRow>,
}

impl Talks {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut talks = Self::default();
        talks.load_threads(store)?;
        talks.load_blocks(store)?;
        talks.load_introductions(store)?;
        Ok(talks)
    }
}

/// Writes one row of this device's own.
fn put(batch: &mut Batch, prefix: &[u8], id: &[u8], row: &impl Serialize) {
    batch.put(kaifong_store::Space::Private, [prefix, id].concat(), kaifong_trust::encode(row));
}

/// Reads all rows below a prefix, with what their keys end in.
fn visit<R: serde::de::DeserializeOwned>(
    store: &dyn Store,
    prefix: &[u8],
    mut take: impl FnMut(&[u8], R),
) -> Result<(), StoreError> {
    store.visit(kaifong_store::Space::Private, prefix, &mut |key, bytes| {
        if let (Some(id), Ok(row)) = (key.strip_prefix(prefix), postcard::from_bytes::<R>(bytes)) {
            take(id, row);
        }
    })
}

impl Home {
    /// Tells whether somebody may be asked to introduce neighbours to each other: organisers and reviewers, and who has
    /// founded the building until it has a council.
    pub fn introduces(&self, member: &MemberId) -> bool {
        let (roster, now) = (self.roster(), self.roster().now());
        let office = |role| now.roles.contains(&(*member, role));
        let founds = now.is_founding() && roster.founder() == *member;
        roster.member(member).is_some() && (founds || office(Role::Organiser) || office(Role::Reviewer))
    }

    /// Tells whether this member would have nothing to do with another.
    pub fn has_blocked(&self, member: &MemberId) -> bool {
        self.blocked.contains(member)
    }
}

impl Node {
    pub(crate) fn care_command(&mut self, command: CareCommand) -> Result<Done, NodeError> {
        match command {
            CareCommand::Say { thread, text, picture } => self.say(thread, text, picture),
            CareCommand::Block { member, blocked } => self.block(member, blocked),
            CareCommand::Report { thread, shown, text } => self.report(thread, &shown, text),
            CareCommand::AnswerBoth { report, text } => self.answer_both(report, text),
            CareCommand::AskIntroduction { introducer, whom, text } => self.ask_introduction(introducer, whom, text),
            CareCommand::Introduce { id, to, text } => self.introduce_to(id, to, text),
            CareCommand::ReplyIntroduction { id, yes } => self.reply_introduction(id, yes),
            CareCommand::FailIntroduction { id } => self.fail_introduction(id),
            CareCommand::Thank { to, deal, text } => self.thank(to, deal, text),
            CareCommand::TakeThanks { thanks } => self.take_thanks(thanks),
            CareCommand::CallDrive(draft) => self.call_drive(draft),
            CareCommand::CloseDrive { drive, report } => self.close_drive(drive, report),
            CareCommand::Pledge { owner, drive, count, note } => self.pledge(owner, drive, count, note),
            CareCommand::Receive { drive, donor, count } => self.receive(drive, donor, count),
        }
    }

    /// Reads one of these letters; `false` when it has to be read again later, because what it is about is not known here yet.
    pub(crate) fn read_care(&mut self, envelope: &Verified<Envelope>, letter: CareLetter) -> bool {
        let (Some(me), Some(home)) = (self.me(), &self.home) else { return false };
        let Some(sender) = home.roster().settled(&envelope.signer()).map(|device| device.member) else { return false };
        let post = Post { me, sender, at: envelope.value().at, hash: envelope.hash() };
        match letter {
            CareLetter::Said(said) => self.read_said(envelope, &post, said),
            CareLetter::Block { member, round, blocked } => self.read_block(&post, member, round, blocked),
            CareLetter::Introduction { id, to, says } => self.read_introduction(&post, id, to, says),
            CareLetter::Report { id, about, thread, text } => self.read_report(&post, id, about, thread, text),
            CareLetter::Shown { id, said } => self.read_shown(&post, id, said),
            CareLetter::Mediates { thread, to, text } => self.read_mediates(&post, thread, to, text),
        }
    }

    /// Refuses to begin anything with somebody whom one has blocked.
    pub(crate) fn require_not_blocked(&self, member: &MemberId) -> Result<(), NodeError> {
        let blocked = self.home().is_some_and(|home| home.has_blocked(member));
        if blocked { Err(CareRefusal::Blocked.into()) } else { Ok(()) }
    }
}

/// By whom a letter came, and when.
struct Post {
    me: MemberId,
    sender: MemberId,
    /// When it was sealed, as the sender's device claims.
    at: Instant,
    hash: [u8; 32],
}

#[cfg(test)]
mod tests;
