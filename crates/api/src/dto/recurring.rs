//! Recurring help, who may collect a child, and visits at home.

use kaifong_domain::{DealId, EntryHash, MemberId, PassId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{Capacity, HelpDayState, HelpStep, PassKind, PassState, Person, RecurringStage};
use crate::Hex;

args! {
    /// Recurring help to propose, or other terms for it.
    ProposeHelpArgs {
        /// To whom; not told where other terms are proposed.
        #[serde(default)]
        with: Option<Hex<MemberId>>,
        /// For which arrangement other terms are proposed.
        #[serde(default)]
        arrangement: Option<Hex<EntryHash>>,
        /// Whether oneself is the one who helps.
        #[serde(default)]
        helps: bool,
        /// The deal that it comes of, if any.
        #[serde(default)]
        deal: Option<Hex<DealId>>,
        /// On which days of the week: bit 0 is Monday, bit 6 Sunday.
        weekdays: u8,
        /// The first day, in days since 1970-01-01 as people at the place count.
        first: u32,
        /// The last day; open if not told.
        #[serde(default)]
        last: Option<u32>,
        /// From when on, in minutes since the beginning of the day.
        from_min: u16,
        /// Until when.
        to_min: u16,
        /// What each time costs, in points; nothing if not told.
        #[serde(default)]
        points: u32,
        /// On which day there is a trial visit first; none if not told.
        #[serde(default)]
        trial: Option<u32>,
        /// What is done, 1 to 60 characters; only the two read it.
        what: String,
        /// Where, at most 60 characters; only the two read it.
        #[serde(default)]
        place: String,
        /// What else is to be known, at most 500 characters; only the two read it.
        #[serde(default)]
        note: String,
    }

    /// What one does about recurring help.
    HelpStepArgs {
        /// Which arrangement; where terms are agreed to, the version.
        arrangement: Hex<EntryHash>,
        /// What.
        step: HelpStep,
        /// The days that are told or confirmed.
        #[serde(default)]
        days: Vec<u32>,
        /// The first day of a pause.
        #[serde(default)]
        from: Option<u32>,
        /// The last day of a pause, or of all.
        #[serde(default)]
        to: Option<u32>,
        /// Which pause is taken back.
        #[serde(default)]
        pause: Option<Hex<EntryHash>>,
    }

    /// An arrangement.
    ArrangementArgs {
        /// Which.
        arrangement: Hex<EntryHash>,
    }

    /// Who may collect a child, or look after it.
    GivePassArgs {
        /// What for.
        kind: PassKind,
        /// What the child is called, 1 to 20 characters: a first name or a nickname.
        child: String,
        /// Who may: up to four.
        holders: Vec<Hex<MemberId>>,
        /// Where, at most 60 characters.
        #[serde(default)]
        place: String,
        /// What else is to be known, at most 200 characters.
        #[serde(default)]
        note: String,
        /// On which days of the week: bit 0 is Monday, bit 6 Sunday.
        weekdays: u8,
        /// The first day.
        first: u32,
        /// The last day.
        last: u32,
    }

    /// An authorisation of one's own.
    PassArgs {
        /// Which.
        pass: Hex<PassId>,
    }

    /// What a card shows.
    CheckPassArgs {
        /// Its eight characters.
        code: String,
        /// The day, as people at the place count.
        day: u32,
    }

    /// That a child came or left.
    TickChildArgs {
        /// Whose authorisation.
        guardian: Hex<MemberId>,
        /// Which.
        pass: Hex<PassId>,
        /// The day.
        day: u32,
        /// Whether the child left; else they came.
        left: bool,
    }

    /// When somebody comes to one's home.
    PlanVisitArgs {
        /// For which deal.
        deal: Hex<DealId>,
        /// From when on, in milliseconds since 1970.
        from: u64,
        /// Until when, at the latest.
        until: u64,
        /// Who of the family looks on.
        #[serde(default)]
        watcher: Option<Hex<MemberId>>,
    }

    /// That one is there, or has gone.
    VisitedArgs {
        /// For which deal.
        deal: Hex<DealId>,
        /// Whether one has gone.
        left: bool,
    }
}

rows! {
    /// What was proposed.
    Proposed {
        /// The entry that proposes it.
        version: Hex<EntryHash>,
    }

    /// An authorisation was given.
    PassGiven {
        /// Which.
        pass: Hex<PassId>,
    }

    /// What only the two know of recurring help.
    HelpWords {
        /// What is done.
        what: String,
        /// Where.
        place: String,
        /// From when on, in minutes since the beginning of the day.
        from_min: u16,
        /// Until when.
        to_min: u16,
        /// What else is to be known.
        note: String,
    }

    /// Terms of recurring help.
    HelpTerms {
        /// The entry that proposes them.
        version: Hex<EntryHash>,
        /// Whether oneself has proposed them.
        mine: bool,
        /// When, as the device claims.
        at: u64,
        /// On which days of the week: bit 0 is Monday, bit 6 Sunday.
        weekdays: u8,
        /// The first day, in days since 1970-01-01.
        first: u32,
        /// The last day; `null` while open.
        last: Option<u32>,
        /// What each time costs, in points.
        points: u32,
        /// On which day there is a trial visit first.
        trial: Option<u32>,
        /// What only the two know; `null` while it has not arrived at this device.
        words: Option<HelpWords>,
    }

    /// Days without help.
    HelpPause {
        /// Which pause.
        pause: Hex<EntryHash>,
        /// Whether oneself has said so.
        mine: bool,
        /// The first day.
        from: u32,
        /// The last day.
        to: u32,
    }

    /// One day of recurring help.
    HelpDay {
        /// Which day.
        day: u32,
        /// How it stands.
        state: HelpDayState,
    }

    /// One day that was told and waits for being confirmed.
    HelpTold {
        /// Which day.
        day: u32,
        /// What it costs, in points, by the terms by which it was told.
        points: u32,
    }

    /// Recurring help as one of the two sees it.
    Arrangement {
        /// The entry that proposed it first.
        id: Hex<EntryHash>,
        /// Who helps.
        giver: Person,
        /// Who is helped.
        receiver: Person,
        /// Whether oneself is the one who helps.
        helps: bool,
        /// Where it stands.
        stage: RecurringStage,
        /// The deal that it came of.
        deal: Option<Hex<DealId>>,
        /// The terms that hold; what was proposed while nothing is agreed to.
        terms: HelpTerms,
        /// Other terms that wait for an agreement.
        waiting: Vec<HelpTerms>,
        /// Whether oneself has said that the trial visit went well.
        tried: bool,
        /// Whether the other has.
        they_tried: bool,
        /// The pauses that were not taken back, the first first.
        pauses: Vec<HelpPause>,
        /// The last day, where one was said.
        ended: Option<u32>,
        /// Who has said it.
        ended_by: Option<Person>,
        /// The days around today that are anything, ascending.
        days: Vec<HelpDay>,
        /// Days that were told and wait for being confirmed, ascending.
        to_confirm: Vec<HelpTold>,
        /// How often help was given, as both have confirmed.
        times: u64,
        /// The first and the last of these days.
        since: Option<u32>,
        /// The last of these days.
        until: Option<u32>,
        /// What that comes to, in points.
        earned: u64,
        /// What of it was paid and taken.
        paid: u64,
        /// What the one who is helped has still to sign for.
        owed: u64,
        /// As the one who is helped: how many points this device could sign for now, of what is owed and of what it would be if
        /// all were confirmed; the rest stays owed.
        can_pay: u32,
    }

    /// Recurring help of one's own.
    Arrangements {
        /// What goes on first, then the others; the newest first.
        rows: Vec<Arrangement>,
    }

    /// When a child came and left on a day.
    TickNote {
        /// The day.
        day: u32,
        /// When they came, as who ticked it says.
        came: Option<u64>,
        /// Who has ticked that.
        came_by: Option<Person>,
        /// When they left.
        left: Option<u64>,
        /// Who has ticked that.
        left_by: Option<Person>,
    }

    /// An authorisation as its guardian and those who are named see it.
    PassNote {
        /// Which.
        pass: Hex<PassId>,
        /// Whether oneself has given it.
        mine: bool,
        /// Who has given it.
        guardian: Person,
        /// What for.
        kind: PassKind,
        /// What the child is called.
        child: String,
        /// Who may.
        holders: Vec<Person>,
        /// Where.
        place: String,
        /// What else is to be known.
        note: String,
        /// On which days of the week.
        weekdays: u8,
        /// The first day.
        first: u32,
        /// The last day.
        last: u32,
        /// Whether it was revoked.
        revoked: bool,
        /// The code that stands on the card; none of a revoked one.
        code: Option<String>,
        /// What was ticked, the newest day first.
        ticked: Vec<TickNote>,
    }

    /// Authorisations that one has given or is named in.
    Passes {
        /// The newest first by their first day.
        rows: Vec<PassNote>,
    }

    /// What a code on a card is good for.
    PassChecked {
        /// The authorisation; `null` where one has given none with this code.
        pass: Option<PassNote>,
        /// Whether it is good on that day.
        state: PassState,
    }

    /// A visit at somebody's home.
    VisitNote {
        /// For which deal.
        deal: Hex<DealId>,
        /// The title of its listing.
        title: Option<String>,
        /// Whose home.
        host: Person,
        /// Who comes.
        visitor: Person,
        /// What reviewers vouch for of who comes.
        capacities: Vec<Capacity>,
        /// Since when who comes is a neighbour, as a reviewer has signed.
        since: u64,
        /// Who has certified them.
        verified_by: Option<Person>,
        /// Who of the family looks on.
        watcher: Option<Person>,
        /// Whether oneself is who comes.
        mine: bool,
        /// Whether it is one's own home.
        at_home: bool,
        /// From when on.
        from: u64,
        /// Until when, at the latest.
        until: u64,
        /// When they said that they are there.
        came: Option<u64>,
        /// When they said that they have gone.
        left: Option<u64>,
    }

    /// Visits at home that concern oneself.
    Visits {
        /// The next first.
        rows: Vec<VisitNote>,
    }
}
