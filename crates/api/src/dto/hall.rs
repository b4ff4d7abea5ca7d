//! The hall: what is put to those who answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{Addressee, MatterKind, MatterSaid, MatterShow, MatterStage, Person, Voice};
use crate::Hex;
use kaifong_domain::{MatterId, MemberId};

args! {
    /// Something to put to the hall.
    PutMatterArgs {
        /// What kind.
        kind: MatterKind,
        /// 1 to 1,000 characters.
        text: String,
        /// Whom it is put to; everybody who answers if not told.
        #[serde(default)]
        to: Option<Addressee>,
        /// The member, where `to` is `member`.
        #[serde(default)]
        member: Option<Hex<MemberId>>,
        /// The zone or block that it is about.
        #[serde(default)]
        place: Option<u32>,
    }

    /// A matter of one's own.
    OwnMatterArgs {
        /// Which.
        matter: Hex<MatterId>,
    }

    /// A matter.
    MatterArgs {
        /// Which.
        matter: Hex<MatterId>,
        /// Who has put it; found by the id alone if not told.
        #[serde(default)]
        asker: Option<Hex<MemberId>>,
    }

    /// What is said to a neighbour's matter.
    RespondArgs {
        /// Which.
        matter: Hex<MatterId>,
        /// Who has put it; found by the id alone if not told.
        #[serde(default)]
        asker: Option<Hex<MemberId>>,
        /// At most 1,000 characters; a take-up may say nothing.
        #[serde(default)]
        text: String,
    }

    /// What one says of a matter of one's own.
    JudgeArgs {
        /// Which.
        matter: Hex<MatterId>,
        /// Solved, or not yet.
        solved: bool,
        /// At most 300 characters; may be empty.
        #[serde(default)]
        remark: String,
    }

    /// Which matters to show.
    MattersArgs {
        /// All, one's own, those that wait for oneself, those that nobody has answered, or those solved.
        #[serde(default)]
        show: MatterShow,
        /// Only those whose text has this.
        #[serde(default)]
        text: Option<String>,
        /// At most this many, 1 to 200; 50 if not told.
        #[serde(default)]
        limit: Option<u32>,
        /// How many of the first are left out.
        #[serde(default)]
        skip: u32,
    }
}

rows! {
    /// A matter's id.
    PutMatter {
        /// The id.
        matter: Hex<MatterId>,
    }

    /// Something that is before the hall.
    Matter {
        /// Its id.
        id: Hex<MatterId>,
        /// Who has put it.
        asker: Person,
        /// Whether it is one's own.
        mine: bool,
        /// What kind.
        kind: MatterKind,
        /// The words.
        text: String,
        /// Whom it is put to; `null` for everybody who answers.
        to: Option<PutTo>,
        /// The zone or block that it is about.
        place: Option<MatterPlace>,
        /// Where it stands.
        stage: MatterStage,
        /// When it was put.
        put_at: u64,
        /// Since when it has been open: when it was put, or when its asker last said "not yet".
        open_since: u64,
        /// How often its asker has said "not yet".
        reopened: u32,
        /// When it was first taken up or answered by somebody who answers here.
        heard_at: Option<u64>,
        /// When it was first answered by somebody who answers here.
        answered_at: Option<u64>,
        /// When its asker said that it is solved.
        solved_at: Option<u64>,
        /// How many answers there are.
        answers: u32,
        /// How many replies by neighbours there are.
        replies: u32,
        /// Whether it waits for one's own answer.
        waits_for_me: bool,
        /// Whether it is one's own, and one has yet to say whether the answer helps.
        waits_for_verdict: bool,
    }

    /// Whom a matter is put to.
    PutTo {
        /// What they are.
        to: Addressee,
        /// The member, where it is put to one.
        person: Option<Person>,
    }

    /// A zone or block of the map.
    MatterPlace {
        /// Its number.
        place: u32,
        /// What it is called; `null` when the map has it no longer.
        name: Option<String>,
    }

    /// Matters: those without an answer first, the longest waiting before the others.
    Matters {
        /// The rows.
        rows: Vec<Matter>,
        /// How many there are on all pages.
        total: u64,
        /// How all matters of the hall stand.
        tally: Tally,
    }

    /// How the matters of a hall stand.
    Tally {
        /// How many nobody has taken up.
        waiting: u64,
        /// How many were taken up and not answered.
        heard: u64,
        /// How many were answered, and their askers have not said whether that helps.
        answered: u64,
        /// How many are solved.
        solved: u64,
        /// How many wait for one's own answer.
        to_me: u64,
        /// How long it took until the first answer, of all that have one, in milliseconds: half took no longer.
        answer_ms_median: Option<u64>,
    }

    /// One matter with all that was said of it.
    MatterDetail {
        /// The matter.
        matter: Matter,
        /// What was said, in order.
        turns: Vec<MatterTurn>,
        /// Whether one may take it up.
        can_take_up: bool,
        /// Whether what one says is an answer; otherwise it is a neighbour's reply.
        can_answer: bool,
        /// Whether one may say something.
        can_say: bool,
        /// Whether one may say that it is solved.
        can_solve: bool,
        /// Whether one may say "not yet".
        can_reopen: bool,
    }

    /// One thing that was said of a matter.
    MatterTurn {
        /// Who.
        by: Person,
        /// What it is.
        said: MatterSaid,
        /// The words; may be empty.
        text: String,
        /// When, as that device claims.
        at: u64,
        /// As what they speak.
        voices: Vec<Speaking>,
    }

    /// As what somebody speaks.
    Speaking {
        /// As what.
        voice: Voice,
        /// Whether still: an answer stays one when a capacity or a role ends.
        now: bool,
    }
}
