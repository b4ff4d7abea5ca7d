//! Things that several own, where they lie, and whether they are there.

use kaifong_domain::{ListingId, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{Listing, OwningStep, Person, ShareState};
use crate::Hex;

args! {
    /// What one says of owning a thing together with its keeper.
    OwningArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// In whose document it stands; looked up if not told.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
        /// What.
        step: OwningStep,
    }

    /// Which of one's own things were found where they lie.
    CountArgs {
        /// Which listings, 1 to 500.
        found: Vec<Hex<ListingId>>,
        /// Who looked, 1 to 30 characters.
        by: String,
    }
}

rows! {
    /// Somebody whom the keeper of a thing names as its owner.
    CoOwner {
        /// Who.
        who: Person,
        /// What they have said of it themselves.
        share: ShareState,
    }

    /// That a thing was found.
    SeenNote {
        /// When, as its keeper's device claims.
        at: u64,
        /// Who looked.
        by: String,
    }

    /// One's own things that are offered, in order of where they lie, then of title; no more than 500.
    Shelf {
        /// The things.
        rows: Vec<ShelfRow>,
        /// When things were last looked for.
        last: Option<SeenNote>,
        /// How many were found then.
        found: u64,
    }

    /// One of them.
    ShelfRow {
        /// The thing.
        listing: Listing,
        /// Its short code: the first eight digits of its id.
        code: String,
        /// Who has it on loan.
        out: Option<Person>,
        /// When it is to be back.
        due_at: Option<u64>,
    }
}
