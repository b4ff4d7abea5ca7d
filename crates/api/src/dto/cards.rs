//! Journals that a desk keeps for people without a phone.

use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{CardState, Line, Person, SlipRow};
use crate::Hex;

args! {
    /// Who is to have a card at this desk.
    EnrolArgs {
        /// What neighbours will call them, 1 to 30 characters.
        name: String,
        /// The block that neighbours may see, at most 30 characters.
        #[serde(default)]
        block: String,
        /// The household, 1 to 60 characters; for reviewers only.
        household: String,
        /// The real name, 1 to 60 characters; for reviewers only.
        real_name: String,
        /// A phone number, at most 30 characters; for reviewers only.
        #[serde(default)]
        phone: String,
        /// 4 to 8 digits that only they know.
        pin: String,
        /// Whether they are 14 or older.
        of_age: bool,
    }

    /// Somebody with a card, and who helps them.
    CardArgs {
        /// The fifty digits on the card.
        digits: String,
        /// Their PIN.
        pin: String,
        /// The volunteer who helps.
        volunteer: Hex<MemberId>,
    }

    /// Somebody with a card gives points.
    CardGiveArgs {
        /// The card.
        card: CardArgs,
        /// To whom.
        to: Hex<MemberId>,
        /// How many.
        points: u32,
    }

    /// Somebody with a card answers for a slip of theirs.
    CardSlipArgs {
        /// The card.
        card: CardArgs,
        /// The entry that holds the slip.
        slip: Hex<EntryHash>,
        /// Whether it is theirs and is paid; else they say that it is none of theirs.
        pays: bool,
    }

    /// A key that this desk keeps.
    CardDeviceArgs {
        /// Its public half.
        device: Hex<DeviceId>,
    }
}

rows! {
    /// What is printed on a card, once: the digits are kept nowhere else.
    CardPaper {
        /// Ten groups of five digits.
        digits: String,
        /// The building's name.
        building: String,
        /// The building's id.
        id: Hex<BuildingId>,
        /// Whose card it is.
        name: String,
        /// When it was made.
        at: u64,
    }

    /// The cards that this desk has given out.
    Cards {
        /// Whether this device is a desk's.
        desk: bool,
        /// The newest first.
        rows: Vec<CardRow>,
        /// Who may help: volunteers who are here.
        volunteers: Vec<Person>,
    }

    /// One of them.
    CardRow {
        /// The public half of the key that is kept.
        device: Hex<DeviceId>,
        /// Whose card it is.
        name: String,
        /// The member, once a reviewer has certified the key.
        person: Option<Person>,
        /// Where it stands.
        state: CardState,
        /// How many payments wait to be taken.
        waiting: u64,
        /// How many slips wait to be paid.
        slips: u64,
        /// When the card was made.
        at: u64,
        /// Why a reviewer said no, in their own words; may be empty. As read at the last visit with card and PIN.
        #[serde(default)]
        refused: Option<String>,
        /// What reviewers ask before they decide, to be answered in person. As read at the last visit with card and PIN.
        #[serde(default)]
        questions: Vec<String>,
    }

    /// The account of somebody with a card, after what waited was taken.
    CardAccount {
        /// Whose.
        person: Person,
        /// What others have thanked them with, less what they have thanked others with.
        balance: i64,
        /// What they can still spend here.
        rights: i64,
        /// How much they can give before a witness has seen their journal.
        most: u32,
        /// The newest lines, at most twenty.
        lines: Vec<Line>,
        /// How many lines there are.
        lines_total: u64,
        /// Slips of theirs that ask for an answer.
        slips: Vec<SlipRow>,
    }

    /// Who has helped somebody with a card.
    HelpNote {
        /// The desk.
        desk: Person,
        /// The volunteer.
        volunteer: Person,
    }
}
