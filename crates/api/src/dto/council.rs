//! The council: its seats, and what lies before it.

use kaifong_domain::EntryHash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{ChangeKind, GrantAct, Person, Post, Role};
use crate::Hex;

rows! {
    /// What stands on paper; it is shown once, and kept by nobody.
    Sheet {
        /// Fifty digits in groups of five.
        digits: String,
    }

    /// A draft that was written.
    Drafted {
        /// Its id.
        draft: Hex<EntryHash>,
    }

    /// The council.
    Council {
        /// Whether the founder still decides alone.
        founding: bool,
        /// How often anything was decided.
        epoch: u32,
        /// Who sits, in the order in which they lead.
        seats: Vec<SeatRow>,
        /// How many seats a whole council has at least.
        seats_least: u32,
        /// And at most.
        seats_most: u32,
        /// How many signatures decide; 0 while the founder does.
        needed: u32,
        /// Whether two decisions stand against each other, and the seats that signed once decide anew.
        against: bool,
        /// Whether one's own device speaks for a seat.
        seated: bool,
        /// Whether one may write a draft: a seat, or the founder.
        drafting: bool,
        /// Who leads first.
        turn: Option<Person>,
        /// What lies before the council, what most have signed first.
        drafts: Vec<DraftRow>,
        /// Who would sit, and does not yet.
        stands: Vec<Person>,
        /// Whether one has said so oneself.
        standing: bool,
    }

    /// One seat.
    SeatRow {
        /// Who sits there.
        person: Person,
        /// For whom they stand.
        post: Post,
        /// Whether this device speaks for it.
        mine: bool,
        /// Whether it votes; not when it has signed two ways.
        votes: bool,
    }

    /// One draft.
    DraftRow {
        /// Its id.
        draft: Hex<EntryHash>,
        /// Who wrote it.
        by: Person,
        /// What it would change.
        changes: Vec<DraftChange>,
        /// Whether its turn has come: it was laid before the others.
        proposed: bool,
        /// Who has signed it.
        signed: Vec<Person>,
        /// Who has not.
        missing: Vec<Person>,
        /// Whether one has agreed to it oneself.
        agreed: bool,
    }

    /// One thing that would be otherwise.
    DraftChange {
        /// What.
        what: ChangeKind,
        /// Whom it is about.
        person: Option<Person>,
        /// The role.
        role: Option<Role>,
        /// The post.
        post: Option<Post>,
        /// What the fund gives points for.
        act: Option<GrantAct>,
        /// The number that it was.
        before: Option<u32>,
        /// The number that it would be.
        after: Option<u32>,
        /// What a zone or block was called; `null` for a new one.
        was: Option<String>,
        /// What it would be called; `null` for one that goes.
        is: Option<String>,
    }
}
