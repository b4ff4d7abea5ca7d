//! Deals, loans, reviews, and what is up today.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::building::rows;
use super::{
    Act, Activity, Capacity, Condition, Flaw, Hand, Invitation, Line, Listing, Match, Matter, Opinion, Person, Says,
    Side, SlipRow, SpaceBooking, Stage, Step, WonBy,
};
use crate::Hex;
use kaifong_domain::{DealId, DeviceId, EntryHash, JournalId, ListingId};

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
        /// When a lent thing is to be back; the screen compares it with its clock. Once it is back, for the two alone.
        due_at: Option<u64>,
        /// Whether the lent thing came back by the agreed day, as both have signed. That it did not is told to the two
        /// alone: `null` for everybody else.
        returned_in_time: Option<bool>,
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
        /// How it stands with the points, where the two have said different numbers; for the two and for mediators, `null`
        /// for everybody else.
        #[serde(default)]
        dispute: Option<DisputeNote>,
        /// The deal that won the listing, when this one is lost.
        winner: Option<Hex<DealId>>,
        /// The later day that who borrows has named and who lends has not answered; for the two alone.
        #[serde(default)]
        asked_until: Option<u64>,
        /// The later day that who lends gives; it counts once the other takes the thing, or agrees. For the two alone.
        #[serde(default)]
        offered_until: Option<u64>,
        /// Where an answer stands among those who wait for a thing that is lent.
        #[serde(default)]
        line: Option<LinePlace>,
        /// Who still has the thing that goes to this one next.
        #[serde(default)]
        behind: Option<Behind>,
        /// How many wait in line for the thing that this loan is about.
        #[serde(default)]
        in_line: u32,
        /// Whether all places of what it is about are taken: its owner agrees once one is free.
        #[serde(default)]
        for_place: bool,
        /// How the thing came back, as who lent it says; for the two and for mediators.
        #[serde(default)]
        found: Option<Condition>,
        /// How the thing came back, as who borrowed it says; likewise.
        #[serde(default)]
        brought: Option<Condition>,
        /// When it was answered.
        answered_at: u64,
        /// When it last changed.
        changed_at: u64,
    }

    /// A place in the line for a thing that is lent.
    LinePlace {
        /// How many stand before it.
        ahead: u32,
        /// How many wait, this one with them.
        waiting: u32,
        /// When about its turn comes, as the days are agreed; `null` where only the owner's yes is missing.
        about_at: Option<u64>,
    }

    /// Who still has a thing.
    Behind {
        /// The deal.
        deal: Hex<DealId>,
        /// Who.
        who: Person,
        /// Until when.
        due_at: Option<u64>,
    }

    /// What the two of a deal say is right for it in points, all in all, and what comes of it.
    DisputeNote {
        /// What the giver says.
        giver: u32,
        /// What the receiver says.
        receiver: u32,
        /// What a mediator has said last.
        ruling: Option<u32>,
        /// Which mediator.
        ruled_by: Option<Person>,
        /// What the deal is to be paid with in all; `null` while it is in dispute.
        figure: Option<u32>,
        /// Whose word is asked for; `null` when both have spoken.
        waits_for: Option<Person>,
        /// Who still owes something for the finished deal.
        owes: Option<Person>,
        /// How much.
        owed: u32,
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
        /// How it stands with the two's phone numbers; `null` for everybody else.
        phone: Option<Phone>,
        /// Whom to turn to while the other party cannot see to it themselves.
        turn_to: Vec<Person>,
    }

    /// How it stands with the exchange of phone numbers in a deal, as one of the two sees it. Nobody else holds any of it.
    Phone {
        /// Whether one can offer now: the deal is agreed and not over.
        can_offer: bool,
        /// The number that one offers oneself.
        mine: Option<String>,
        /// Whether the other would exchange numbers.
        offered: bool,
        /// The other's number, once both would.
        theirs: Option<String>,
        /// Whether one has taken one's offer back.
        withdrawn: bool,
        /// Whether the other has.
        they_withdrew: bool,
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
        /// How many points it says are right, if it does.
        #[serde(default)]
        points: Option<u32>,
        /// On which day it happened, if that was entered late; which later day it names.
        #[serde(default)]
        day: Option<u64>,
        /// How a thing came back, if it says so.
        #[serde(default)]
        condition: Option<Condition>,
        /// That in words.
        word: String,
    }

    /// What verifying a deal or an entry once more, from its stored bytes, found.
    Verified {
        /// Whether all of it is as it was signed.
        ok: bool,
        /// Each signed entry, what it names before it.
        papers: Vec<Paper>,
        /// Entries between these and the beginnings of their journals, whose hashes were computed once more too.
        links: u64,
        /// Signatures verified.
        signatures: u64,
        /// Journals that the entries stand in.
        journals: u64,
        /// Devices that signed them.
        devices: u64,
        /// How long it took, in microseconds.
        us: u64,
    }

    /// All that one has signed.
    Trail {
        /// The newest first, each verified.
        papers: Vec<Paper>,
        /// How many there are.
        total: u64,
        /// Devices that signed them.
        devices: u64,
    }

    /// One signed entry that was verified.
    Paper {
        /// Its hash.
        entry: Hex<EntryHash>,
        /// What it says.
        says: Says,
        /// Who signed it.
        by: Option<Person>,
        /// The device that signed it.
        device: Hex<DeviceId>,
        /// When, as that device claims.
        at: u64,
        /// The journal that it stands in.
        journal: Hex<JournalId>,
        /// Its place there, from 0.
        seq: u64,
        /// The entry before it in its journal; all zero for the first.
        prev: Hex<EntryHash>,
        /// The entry that it rests on or answers.
        cites: Option<Hex<EntryHash>>,
        /// How many points it pays, or says are right for a deal, if it does.
        points: Option<u32>,
        /// What it says of somebody's capacity, if it does.
        vouches: Option<Vouched>,
        /// What is wrong with it; `null` when it is as it was signed.
        flaw: Option<Flaw>,
    }

    /// What a reviewer's word says of a neighbour.
    Vouched {
        /// Of whom.
        person: Person,
        /// What.
        capacity: Capacity,
        /// Whether.
        opinion: Opinion,
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
        /// What the one it is about answers.
        reply: Option<Reply>,
        /// Colleagues of an organisation's writer who have written into it since.
        #[serde(default)]
        mended_by: Vec<Hand>,
    }

    /// What somebody answers to a review.
    Reply {
        /// The words.
        text: String,
        /// When it was written.
        at: u64,
        /// Who of an organisation wrote it, and colleagues who have written into it since; nobody of a resident's.
        #[serde(default)]
        hands: Vec<Hand>,
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
        /// Matters of the hall that wait for oneself: for an answer, or for a word whether the answer helps; at most three.
        matters: Vec<Matter>,
        /// How many there are.
        matters_total: u64,
        /// Activities that wait for oneself, or begin within three days: at most three.
        #[serde(default)]
        activities: Vec<Activity>,
        /// How many there are.
        #[serde(default)]
        activities_total: u64,
        /// Slips of one's own that ask for an answer, the newest first: at most three.
        #[serde(default)]
        slips: Vec<SlipRow>,
        /// How many there are; no more than a hundred are counted.
        #[serde(default)]
        slips_total: u64,
        /// Bookings of spaces that wait for oneself, were lost, or come soon: at most three.
        #[serde(default)]
        slots: Vec<SpaceBooking>,
        /// How many there are.
        #[serde(default)]
        slots_total: u64,
        /// Invitations of neighbours: at most three.
        #[serde(default)]
        invitations: Vec<Invitation>,
        /// Things whose keepers name one as an owner, and of which one has said nothing: at most three.
        #[serde(default)]
        named: Vec<Listing>,
        /// Activities to come for which one has not signed up: at most three, the soonest of each host before others.
        #[serde(default)]
        announced: Vec<Activity>,
        /// How many there are.
        #[serde(default)]
        announced_total: u64,
    }

    /// Something that fits one's own listing.
    TodayMatch {
        /// One's own listing.
        mine: Listing,
        /// What fits it best.
        best: Match,
    }
}
