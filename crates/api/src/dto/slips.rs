//! Slips of paper.

use kaifong_domain::{BuildingId, EntryHash, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{Person, SlipState};
use crate::Hex;

args! {
    /// How many blank slips are to be printed.
    BlankSlipsArgs {
        /// From 1 to 80.
        count: u32,
    }

    /// A slip, as it stands on paper.
    EnterSlipArgs {
        /// The fifteen digits that are printed on it.
        number: String,
        /// Who thanks.
        payer: Hex<MemberId>,
        /// Who is thanked.
        payee: Hex<MemberId>,
        /// With how many points.
        points: u32,
        /// On which day it was signed, in days since 1970-01-01; today if not told.
        #[serde(default)]
        day: Option<u32>,
    }

    /// A slip that was entered.
    SlipArgs {
        /// The entry that holds it.
        slip: Hex<EntryHash>,
    }
}

rows! {
    /// Blank slips: what is printed on each is its number alone.
    BlankSlips {
        /// The building's name.
        building: String,
        /// The building's id.
        id: Hex<BuildingId>,
        /// Three groups of five digits each. Nobody keeps them.
        numbers: Vec<String>,
    }

    /// A slip was entered.
    EnteredSlip {
        /// The entry that holds it.
        slip: Hex<EntryHash>,
    }

    /// Slips that were entered.
    Slips {
        /// Whether one may enter slips oneself.
        may_enter: bool,
        /// Slips of one's own that ask for an answer, the newest first, at most a hundred.
        waiting: Vec<SlipRow>,
        /// The others: one's own, and for who may enter slips all; the newest first, at most a hundred.
        rows: Vec<SlipRow>,
        /// How many others there are.
        rows_total: u64,
    }

    /// What was entered of a slip.
    SlipRow {
        /// The newest entry that holds it.
        slip: Hex<EntryHash>,
        /// The fifteen digits.
        number: String,
        /// Who thanks.
        payer: Person,
        /// Who is thanked.
        payee: Person,
        /// With how many points.
        points: u32,
        /// On which day it was signed, in days since 1970-01-01.
        day: u32,
        /// Who has entered it, the first first.
        entered_by: Vec<Person>,
        /// When it was entered last, as the device claims.
        at: u64,
        /// Where it stands.
        state: SlipState,
        /// Whether the same number was entered with other people, points or another day, too.
        conflict: bool,
        /// Whether one has entered it oneself for another payer, and can take it back.
        #[serde(default)]
        mine_to_take_back: bool,
    }
}
