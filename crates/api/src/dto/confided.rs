//! What an officer opens, and complaints.

use kaifong_domain::{ComplaintId, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Person;
use super::building::rows;
use crate::Hex;

rows! {
    /// What a member has told the reviewers, as one of them opens it.
    Details {
        /// The household.
        household: String,
        /// The real name.
        real_name: String,
        /// The phone number; may be empty.
        phone: String,
    }

    /// Who has opened what one has told the reviewers.
    Openings {
        /// The last first.
        rows: Vec<OpeningRow>,
        /// As a reviewer: whose application this device keeps.
        keeps: Vec<Hex<MemberId>>,
    }

    /// One opening. The one who opened it has signed it.
    OpeningRow {
        /// Who.
        by: Person,
        /// When, in milliseconds since 1970, as their device claims.
        at: u64,
    }

    /// Complaints that one has made or hears.
    Complaints {
        /// The last first.
        rows: Vec<ComplaintRow>,
        /// About whom one may well complain: who has a role, a seat, or manages the building.
        officers: Vec<Person>,
        /// Who hears it; whom it is about never does.
        hearers: Vec<Person>,
    }

    /// One complaint.
    ComplaintRow {
        /// Its id.
        complaint: Hex<ComplaintId>,
        /// Who complains.
        by: Person,
        /// About whom.
        about: Person,
        /// What it says.
        text: String,
        /// When, in milliseconds since 1970, as the sender's device claims.
        at: u64,
        /// Whether one has made it oneself.
        mine: bool,
        /// The answers, the first first.
        answers: Vec<ComplaintAnswerRow>,
        /// What of a conversation it shows, if it is a report: exactly what was chosen, each verified to be the other's.
        #[serde(default)]
        shown: Vec<ShownRow>,
        /// Whether it is a report that one can answer to both.
        #[serde(default)]
        for_both: bool,
    }

    /// One message that a report shows.
    ShownRow {
        /// What was said; may be empty beside a picture.
        text: String,
        /// The JPEG that goes with it, in base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<String>,
        /// When, in milliseconds since 1970, as the writer's device claims.
        at: u64,
    }

    /// An answer to a complaint.
    ComplaintAnswerRow {
        /// Who answers.
        by: Person,
        /// What they say.
        text: String,
        /// When, in milliseconds since 1970, as their device claims.
        at: u64,
    }
}

/// A complaint about a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplainArgs {
    /// About whom.
    pub about: Hex<MemberId>,
    /// What it says, 1 to 1,000 characters.
    pub text: String,
}

/// An answer to a complaint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerComplaintArgs {
    /// Which.
    pub complaint: Hex<ComplaintId>,
    /// The answer, 1 to 500 characters.
    pub text: String,
}
