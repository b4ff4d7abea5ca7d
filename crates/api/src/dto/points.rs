//! Points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{Direction, LineState, Person, PurposeNote};
use crate::Hex;
use kaifong_domain::{DealId, EntryHash};

rows! {
    /// One's own account.
    Account {
        /// What others have thanked one with, less what one has thanked others with.
        balance: i64,
        /// What this device can still spend.
        rights: i64,
        /// What it has spent since a witness last saw its journal.
        unseen: u64,
        /// How much may be unseen.
        quota: u32,
        /// How far below zero a balance may go.
        credit_line: u32,
        /// The newest lines, at most twenty.
        lines: Vec<Line>,
        /// How many lines there are.
        lines_total: u64,
    }

    /// One's own statement.
    Statement {
        /// The newest first.
        lines: Vec<Line>,
        /// How many there are.
        total: u64,
    }

    /// One transfer into or out of one's account.
    Line {
        /// When it was signed, as the payer's device claims.
        at: u64,
        /// The transfer's entry.
        entry: Hex<EntryHash>,
        /// In or out.
        direction: Direction,
        /// The other side; `null` while unknown here.
        counterpart: Option<Person>,
        /// How many.
        points: u32,
        /// The deal that it pays, if it does.
        deal: Option<Hex<DealId>>,
        /// The title of that deal's listing.
        title: Option<String>,
        /// Whether the other side is the community fund.
        fund: bool,
        /// What the fund gives it for; `null` for what is no grant.
        purpose: Option<PurposeNote>,
        /// Signed, accepted, stamped.
        state: LineState,
        /// Why it does not count, when it does not.
        why: Option<String>,
    }
}
