//! Deals, loans, reviews, and what is up today.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{Act, Line, Listing, Match, Person, Side, Stage, Step, WonBy};
use crate::Hex;
use kaifong_domain::{DealId, EntryHash, ListingId};

rows! {
    /// A deal's id.
    Answered {
        /// The id.
        deal: Hex<DealId>,
    }

    /// A deal between two neighbours.
    Deal {
        /// Its id.
        id: Hex<DealId>,
        /// The listing that was answered.
        listing: Hex<ListingId>,
        /// Its title; `null` when it is not here (any more).
        title: Option<String>,
        /// Its side.
        side: Side,
        /// Whose listing it is, and who agrees.
        owner: Person,
        /// Who answered.
        answerer: Person,
        /// Who gives.
        giver: Person,
        /// Who receives and pays.
        receiver: Person,
        /// What the receiver pays.
        points: u32,
        /// Whether a thing is lent and comes back.
        loan: bool,
        /// When a lent thing is to be back; the screen compares it with its clock.
        due_at: Option<u64>,
        /// The answerer's own listing that fits.
        counterpart: Option<Hex<ListingId>>,
        /// Where it stands.
        stage: Stage,
        /// Whether the giver has confirmed the step under way.
        giver_confirmed: bool,
        /// Whether the receiver has.
        receiver_confirmed: bool,
        /// For whom it waits.
        waits_for: Vec<Person>,
        /// Who waits for whom, in words: `等 502 陈姨确认`.
        waiting: String,
        /// What one can do next oneself; `null` when it is the other's turn or one is not a party.
        my_step: Option<Step>,
        /// That step as one plain verb.
        my_verb: Option<String>,
        /// The deal that won the listing, when this one is lost.
        winner: Option<Hex<DealId>>,
        /// When it was answered.
        answered_at: u64,
        /// When it last changed.
        changed_at: u64,
    }

    /// Deals.
    Deals {
        /// The last changed first.
        rows: Vec<Deal>,
        /// How many there are.
        total: u64,
    }

    /// A deal with everything signed about it.
    DealDetail {
        /// The deal.
        deal: Deal,
        /// 凭证: its signed entries, in the order of the steps.
        vouchers: Vec<Voucher>,
        /// Its payments.
        payments: Vec<Line>,
        /// What the two say of it.
        reviews: Vec<ReviewNote>,
        /// When the deal is lost: to which, and why.
        lost: Option<Lost>,
    }

    /// One signed entry.
    Voucher {
        /// Its hash.
        entry: Hex<EntryHash>,
        /// Who signed it.
        by: Option<Person>,
        /// When, as their device claims.
        at: u64,
        /// What it says.
        what: Act,
        /// That in words.
        word: String,
    }

    /// Why a deal is lost.
    Lost {
        /// The deal that won.
        winner: Hex<DealId>,
        /// With whom.
        with: Option<Person>,
        /// By which rule.
        by: WonBy,
        /// That in words.
        why: String,
    }

    /// What one party of a finished deal says of it.
    ReviewNote {
        /// Who wrote it.
        by: Person,
        /// About whom.
        about: Person,
        /// The deal.
        deal: Hex<DealId>,
        /// 1 to 5.
        stars: u8,
        /// The words; may be empty.
        text: String,
        /// When it was written.
        at: u64,
    }

    /// Reviews.
    Reviews {
        /// The newest first.
        rows: Vec<ReviewNote>,
    }

    /// What is up today.
    Today {
        /// 轮到你了: at most three deals that wait for oneself.
        turns: Vec<Deal>,
        /// How many there are.
        turns_total: u64,
        /// 合适的: at most three, the best match of each of one's open needs and offers.
        matches: Vec<TodayMatch>,
        /// What neighbours posted since, the newest first, at most ten.
        news: Vec<Listing>,
        /// How many they posted.
        news_total: u64,
        /// Since when.
        since: u64,
        /// Requests that wait for this reviewer.
        requests: u64,
    }

    /// Something that fits one's own listing.
    TodayMatch {
        /// One's own listing.
        mine: Listing,
        /// What fits it best.
        best: Match,
    }
}
