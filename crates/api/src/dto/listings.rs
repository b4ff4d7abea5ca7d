//! Offers and needs, matches, searches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{
    Audience, CoOwner, Deal, Form, Hand, Kind, ListingStage, Mode, Person, SeenNote, ShareState, Side, Task, Topic,
    TurnState, Word,
};
use crate::Hex;
use kaifong_domain::{DealId, ListingId};

args! {
    /// That an own medical device was cleaned and checked.
    CheckArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// Who cleaned and checked it, 1 to 30 characters.
        by: String,
    }
}

rows! {
    /// A listing's id.
    Posted {
        /// The id.
        listing: Hex<ListingId>,
    }

    /// An offer or a need as neighbours see it.
    Listing {
        /// Its id.
        id: Hex<ListingId>,
        /// Whose it is, and who of an organisation wrote it.
        owner: Person,
        /// Colleagues of theirs who have written into it since.
        #[serde(default)]
        mended_by: Vec<Hand>,
        /// Whether it is one's own.
        mine: bool,
        /// Offer or need.
        side: Side,
        /// The kind; `null` for a need that leaves it open.
        kind: Option<Kind>,
        /// How a thing changes hands.
        mode: Option<Mode>,
        /// What kind of volunteering it is.
        #[serde(default)]
        task: Option<Task>,
        /// The title.
        title: String,
        /// The text below it.
        body: String,
        /// 代发: for whom it is posted, who is not named.
        #[serde(default)]
        on_behalf: Option<String>,
        /// Whether its owner is known to be one who may post for others.
        #[serde(default)]
        proxy_known: bool,
        /// 私下: it says its name only, and nobody reviews it.
        #[serde(default)]
        discreet: bool,
        /// What it costs or brings; `null` leaves it to the two.
        points: Option<u32>,
        /// For whom it is; `null` for the whole building.
        audience: Option<Audience>,
        /// Whether it is a thing that is lent and given back.
        loan: bool,
        /// When it was posted.
        posted_at: u64,
        /// When its owner closed it.
        closed_at: Option<u64>,
        /// The form of knowledge or of a skill, or the purpose of a space.
        #[serde(default)]
        form: Option<Form>,
        /// What is taught.
        #[serde(default)]
        topic: Option<Topic>,
        /// By which of the six words neighbours look for it.
        #[serde(default)]
        word: Option<Word>,
        /// Where it stands in the tree of categories.
        #[serde(default)]
        category: Option<String>,
        /// For whom it was entered, by who may do so.
        #[serde(default)]
        behalf: Option<String>,
        /// 合买: who owns it beside its owner here, who keeps it and gives turns with it.
        #[serde(default)]
        owners: Vec<CoOwner>,
        /// What one has said of owning it oneself; `null` for who is not named.
        #[serde(default)]
        my_share: Option<ShareState>,
        /// Where it lies.
        #[serde(default)]
        shelf: Option<String>,
        /// How many neighbours can have it at a time, where its owner said so.
        #[serde(default)]
        places: Option<u16>,
        /// How many of these places are free.
        #[serde(default)]
        places_left: Option<u16>,
        /// When it was last found there, in its owner's words.
        #[serde(default)]
        seen: Option<SeenNote>,
        /// The newest check of a medical device, in its owner's words.
        checked: Option<Checked>,
        /// Whether it is a medical device that waits for being cleaned and checked.
        check_due: bool,
        /// Where it stands.
        stage: ListingStage,
        /// The deal that holds it.
        deal: Option<Hex<DealId>>,
    }

    /// That a medical device was cleaned and checked.
    Checked {
        /// When, as its owner's device claims.
        at: u64,
        /// Who did it.
        by: String,
    }

    /// A page of listings, the newest first.
    Listings {
        /// The rows.
        rows: Vec<Listing>,
        /// How many there are on all pages.
        total: u64,
        /// The cursor for `before`: newer ones; `null` on the first page.
        newer: Option<String>,
        /// The cursor for `after`: older ones; `null` on the last page.
        older: Option<String>,
    }

    /// A listing with the deals on it that one is a party of.
    ListingDetail {
        /// The listing.
        listing: Listing,
        /// How many answers wait for its owner.
        answers: u64,
        /// One's own deals on it: the one that holds it first.
        deals: Vec<Deal>,
        /// Who has a thing that is lent, who has it next, and who waits, in this order.
        #[serde(default)]
        turns: Vec<Turn>,
        /// Who had a thing that is lent, who had it last first; the last twenty.
        #[serde(default)]
        had: Vec<Had>,
    }

    /// One who had a thing that is lent, and brought it back.
    Had {
        /// The deal.
        deal: Hex<DealId>,
        /// Who; of a medical device its owner alone sees the others.
        who: Option<Person>,
        /// Whether one was a party of it oneself.
        mine: bool,
        /// From when on, as the two say; `null` where only one of them has said so.
        from: Option<u64>,
        /// When it was back.
        back_at: u64,
    }

    /// Somebody's turn with a thing that is lent.
    Turn {
        /// The deal.
        deal: Hex<DealId>,
        /// Whose; of those who wait in line only its owner sees the others.
        who: Option<Person>,
        /// Whether it is one's own.
        mine: bool,
        /// How they stand to it.
        state: TurnState,
        /// From when on, as the days are agreed; `null` where it waits for nothing but the owner's yes.
        from: Option<u64>,
        /// Until when.
        until: Option<u64>,
    }

    /// What fits a listing.
    Matches {
        /// The listing.
        listing: Listing,
        /// What fits, best first.
        rows: Vec<Match>,
        /// Whether the sense of every listing was read. Until then, what is alike in sense alone is missing; a change of
        /// listings tells when it is there.
        all_read: bool,
    }

    /// One listing of the other side that fits.
    Match {
        /// The listing.
        listing: Listing,
        /// How well it fits, 0 to 1.
        score: f32,
        /// Whether it fits well enough to be told unasked.
        notify: bool,
        /// Why, the strongest reason first.
        reasons: Vec<Reason>,
        /// The reasons in words: `通渠 = 疏通管道 · 同栋`.
        why: String,
    }

    /// What a search found.
    Found {
        /// The best first.
        rows: Vec<Hit>,
    }

    /// One listing that a search found.
    Hit {
        /// The listing.
        listing: Listing,
        /// How much of the query was found, 0 to 1.
        score: f32,
    }
}

/// Why two listings fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// Both say these words.
    SameWords {
        /// As the listing that was asked about says them.
        words: Vec<String>,
    },
    /// Both mean one thing.
    SameThing {
        /// The thing's key in the lexicon.
        concept: String,
        /// What the need says.
        need_word: String,
        /// What the offer says.
        offer_word: String,
    },
    /// Both are of this kind.
    SameKind {
        /// The kind.
        kind: Kind,
    },
    /// Both live in one block.
    SameBlock,
    /// Both live in one zone, in different blocks.
    SameZone,
    /// Both name one time of the week.
    SameTime {
        /// As it is commonly written.
        time: String,
    },
    /// Both speak of like things, in other words.
    LikeSense,
}
