//! What reviewers look at before they decide: the register of units, questions, invitations, names that look alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{Likeness, Person, RegisterWrong, UnitFound};
use crate::Hex;
use kaifong_domain::{DeviceId, InviteId, QuestionId};

/// Which column of a register is which, by its number from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterColumns {
    /// The block, if it has a column of its own.
    #[serde(default)]
    pub block: Option<u32>,
    /// The entrance (单元), if it has a column of its own.
    #[serde(default)]
    pub entrance: Option<u32>,
    /// The unit.
    pub unit: u32,
    /// The name.
    #[serde(default)]
    pub name: Option<u32>,
    /// The phone number.
    #[serde(default)]
    pub phone: Option<u32>,
}

/// A register of units in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterFileArgs {
    /// The file's name, at most 200 characters.
    pub file: String,
    /// What is in it, in base 64: XLSX or CSV, at most 8 MiB before that.
    pub bytes: String,
    /// Which column is which; as the headings say if not told.
    #[serde(default)]
    pub columns: Option<RegisterColumns>,
}

/// A question to the newcomer with this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskArgs {
    /// The newcomer's device.
    pub device: Hex<DeviceId>,
    /// The question, 1 to 200 characters.
    pub text: String,
}

/// An answer to a reviewer's question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestionArgs {
    /// The question.
    pub question: Hex<QuestionId>,
    /// The answer, 1 to 500 characters.
    pub text: String,
}

/// One of one's own invitations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteIdArgs {
    /// Which.
    pub invite: Hex<InviteId>,
}

/// An invitation whose requests are all refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseInviteArgs {
    /// Which.
    pub invite: Hex<InviteId>,
    /// The reason, which each newcomer reads, at most 200 characters.
    pub reason: String,
}

rows! {
    /// What reading a register gave; nothing of it is kept yet.
    RegisterReading {
        /// The headings; empty texts where there are none.
        headings: Vec<String>,
        /// The first rows below them.
        sample: Vec<Vec<String>>,
        /// Which column is which; `null` when the headings do not say it and nobody has.
        columns: Option<RegisterColumns>,
        /// How many lines can be used.
        lines: u64,
        /// How many units they name.
        units: u64,
        /// How many took their block or unit from the line above, as under merged cells.
        filled: u64,
        /// The first lines that cannot be used, at most 200.
        problems: Vec<RegisterProblem>,
        /// How many cannot.
        problems_total: u64,
    }

    /// A line of a register that cannot be used, and is left out.
    RegisterProblem {
        /// Its number in the file, from 1 on.
        line: u32,
        /// Why.
        wrong: RegisterWrong,
    }

    /// The register of units on this device. No other device has it.
    RegisterNote {
        /// What is kept; `null` without one.
        kept: Option<RegisterKept>,
    }

    /// A register that is kept.
    RegisterKept {
        /// The file's name.
        file: String,
        /// When it was read in.
        at: u64,
        /// How many lines it has.
        lines: u64,
        /// How many units they name.
        units: u64,
    }

    /// What the register says of a request. The decision is the reviewer's.
    RegisterSays {
        /// Whether it has the unit.
        unit: UnitFound,
        /// How the real name compares with those of the unit.
        name: Likeness,
        /// How the phone number does.
        phone: Likeness,
        /// The names that it has for the unit, at most four.
        names: Vec<String>,
    }

    /// A reviewer's question to a newcomer.
    Question {
        /// Which.
        id: Hex<QuestionId>,
        /// Who asked, if known here.
        by: Option<Person>,
        /// What was asked.
        text: String,
        /// When it came here.
        at: u64,
        /// The answer, once there is one.
        answer: Option<String>,
        /// When that came here.
        answered_at: Option<u64>,
    }

    /// Those who came before this reviewer by one invitation.
    CameBy {
        /// The invitation; `null` for those of which none is known here.
        invite: Option<Hex<InviteId>>,
        /// Who made it.
        by: Option<Person>,
        /// Whether it admits requests now.
        open: bool,
        /// Whether it is one's own, and can be withdrawn here.
        mine: bool,
        /// How many came in all.
        came: u64,
        /// How many of them wait.
        waiting: u64,
    }
}
