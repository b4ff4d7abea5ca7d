//! Points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{
    Bought, Direction, FaceStage, FlowFor, FlowTaker, GrantAct, Hand, HelpNote, Kind, LineActivity, LineState, Person,
    PhonesNote, PurposeNote,
};
use crate::Hex;
use kaifong_domain::{DealId, EntryHash, JournalId};

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

    /// How points flow in the building, added up over everybody: what was taken and counts, each payment once.
    Flows {
        /// How many points in all.
        points: u64,
        /// By how many payments.
        payments: u64,
        /// What they were given for, the most first.
        given: Vec<FlowNote>,
        /// Who took them, the most first.
        taken: Vec<TakerNote>,
    }

    /// What points were given for.
    FlowNote {
        /// What.
        what: FlowFor,
        /// The kind of what a deal was about; `null` where it is open, unknown here, or no deal.
        kind: Option<Kind>,
        /// The act that the fund gave them for; `null` for what is no grant.
        act: Option<GrantAct>,
        /// How many.
        points: u64,
    }

    /// Who took points.
    TakerNote {
        /// Who.
        taker: FlowTaker,
        /// How many.
        points: u64,
    }

    /// Where this device can be paid face to face.
    FaceCode {
        /// The text of the code.
        text: String,
        /// How many points this device itself can pay face to face before a witness has seen it.
        most: u32,
    }

    /// A payment face to face, as this device sees it.
    Faced {
        /// Where it stands.
        stage: FaceStage,
        /// The other side; `null` while unknown here.
        person: Option<Person>,
        /// The journal to pay into, where the other one can be paid.
        journal: Option<Hex<JournalId>>,
        /// The transfer, once there is one.
        entry: Option<Hex<EntryHash>>,
        /// How many points it is about.
        points: Option<u32>,
        /// What became of the transfer.
        state: Option<LineState>,
        /// Why it does not count, when it does not.
        why: Option<String>,
        /// The text of the code that the other device is to see next.
        text: Option<String>,
    }

    /// One transfer into or out of one's account.
    Line {
        /// When it was signed, as the payer's device claims.
        at: u64,
        /// The transfer's entry.
        entry: Hex<EntryHash>,
        /// In or out.
        direction: Direction,
        /// The other side; `null` while unknown here. Of an organisation who paid, or who did what is paid for.
        counterpart: Option<Person>,
        /// The same of the side whose line it is; `null` unless it is an organisation's.
        #[serde(default)]
        hand: Option<Hand>,
        /// How many.
        points: u32,
        /// The deal that it pays, if it does.
        deal: Option<Hex<DealId>>,
        /// The title of that deal's listing.
        title: Option<String>,
        /// Whether it corrects what was paid for that deal before.
        #[serde(default)]
        corrects: bool,
        /// What it bought at a shop, or the order that it pays back; `null` for anything else.
        #[serde(default)]
        bought: Option<Bought>,
        /// Whether the other side is the community fund.
        fund: bool,
        /// What the fund gives it for; `null` for what is no grant.
        purpose: Option<PurposeNote>,
        /// The activity that it pays for, if it does.
        #[serde(default)]
        activity: Option<LineActivity>,
        /// The recurring help that it pays for, if it does.
        #[serde(default)]
        recurring: Option<Hex<EntryHash>>,
        /// The number of the slip of paper that it pays, if it does.
        #[serde(default)]
        slip: Option<String>,
        /// Who has helped, where the desk keeps the account.
        #[serde(default)]
        help: Option<HelpNote>,
        /// What it has to do with one's several devices, if anything.
        #[serde(default)]
        phones: Option<PhonesNote>,
        /// Signed, accepted, stamped.
        state: LineState,
        /// Why it does not count, when it does not.
        why: Option<String>,
    }
}
