//! The community fund.

use kaifong_domain::{EntryHash, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{Direction, GrantAct, LineState, MemberKind, OpeningWrong, Person};
use crate::Hex;

args! {
    /// What the fund gives to whom.
    GrantArgs {
        /// To whom.
        member: Hex<MemberId>,
        /// What for: `starter`, or an act of the table of rates.
        act: GrantAct,
        /// On which day it was done, in days since 1970-01-01; today if not told.
        #[serde(default)]
        day: Option<u32>,
        /// How often, from 1 to 100; once if not told.
        #[serde(default)]
        times: Option<u16>,
    }

    /// A list of grants that waits for a second person.
    GrantListArgs {
        /// The list.
        list: Hex<EntryHash>,
    }

    /// Points for the fund.
    GiveToFundArgs {
        /// How many.
        points: u32,
    }

    /// Opening balances from a ledger on paper.
    OpeningsArgs {
        /// Each member once.
        lines: Vec<OpeningArgs>,
    }

    /// A file with a ledger of points: XLSX or CSV, with headings for names and points.
    OpeningsFileArgs {
        /// The file's name, at most 200 characters.
        file: String,
        /// What is in it, in base 64; at most 8 MiB before that.
        bytes: String,
    }

    /// One opening balance.
    OpeningArgs {
        /// Whose.
        member: Hex<MemberId>,
        /// How many points the ledger says.
        points: u32,
    }

    /// What is to be otherwise with the fund; rates are replaced, budgets only grow.
    FundDraftArgs {
        /// What a newcomer is given once; 0 for nothing.
        starter: u32,
        /// Up to this a treasurer grants alone.
        alone: u32,
        /// How much may be granted before a witness has seen it.
        quota: u32,
        /// What each act earns.
        rates: Vec<RateNote>,
        /// What treasurers are given in all since the beginning; who is left out keeps what they were given.
        #[serde(default)]
        budgets: Vec<BudgetArgs>,
    }

    /// What an act earns.
    RateNote {
        /// Which.
        act: GrantAct,
        /// How many points; 0 for nothing.
        points: u32,
    }

    /// What a treasurer is given in all.
    BudgetArgs {
        /// Who.
        member: Hex<MemberId>,
        /// How many points since the beginning; never fewer than before.
        points: u32,
    }
}

rows! {
    /// What a file with a ledger of points says; nothing of it is kept.
    OpeningsReading {
        /// The lines that can be used.
        lines: Vec<OpeningLine>,
        /// The first lines that cannot.
        problems: Vec<OpeningProblem>,
        /// How many cannot.
        problems_total: u64,
    }

    /// What a name has.
    OpeningLine {
        /// The line's number in the file.
        line: u32,
        /// The name, as it stands there.
        name: String,
        /// How many points.
        points: u32,
        /// The neighbour who is called so, if just one is and nothing was granted to them for this yet; a person says whether it is they.
        suggested: Option<Person>,
    }

    /// A line that cannot be used.
    OpeningProblem {
        /// Its number in the file.
        line: u32,
        /// Why.
        wrong: OpeningWrong,
    }

    /// What became of a grant.
    Granted {
        /// The list that waits for a second person; `null` when it was granted at once.
        list: Option<Hex<EntryHash>>,
    }

    /// The community fund.
    FundNote {
        /// Whether the building has one.
        open: bool,
        /// What it was given by neighbours and gives, added up: below zero by what it has granted beyond gifts.
        balance: i64,
        /// What epochs have given it in all.
        given: u64,
        /// What it has granted in all, as far as that was accepted.
        granted: u64,
        /// What neighbours and organisations have given it in all.
        received: u64,
        /// What a newcomer is given once; 0 for nothing.
        starter: u32,
        /// Up to this a treasurer grants alone.
        alone: u32,
        /// How much may be granted before a witness has seen it.
        quota: u32,
        /// What acts earn, in the order of the table.
        rates: Vec<RateNote>,
        /// Who keeps it, with what each was given.
        keepers: Vec<KeeperRow>,
        /// What this device may still grant; `null` when it grants nothing.
        left: Option<i64>,
        /// Whether one is a treasurer oneself.
        treasurer: bool,
        /// Lists that wait, or were agreed to and are not all granted; the newest first.
        lists: Vec<GrantListRow>,
        /// Newcomers who have had no starter grant; for treasurers.
        newcomers: Vec<Person>,
        /// Whom a treasurer may grant something: people who live here and can take points; for treasurers.
        payees: Vec<Person>,
        /// The newest lines, at most a hundred.
        lines: Vec<FundLine>,
        /// How many lines there are.
        lines_total: u64,
    }

    /// Who keeps the fund.
    KeeperRow {
        /// The treasurer.
        person: Person,
        /// Whether they are one by the newest decision.
        current: bool,
        /// What epochs have given them in all.
        given: u64,
        /// What they have granted and what was accepted or still can be.
        granted: u64,
        /// What they have taken for the fund.
        received: u64,
        /// Whether they keep it with this device.
        here: bool,
        /// Whether their journal was forked: nothing is taken from it any more.
        forked: bool,
    }

    /// Grants that a treasurer lays before a second person.
    GrantListRow {
        /// The entry that lists them.
        list: Hex<EntryHash>,
        /// When, as the treasurer's device claims.
        at: u64,
        /// The treasurer.
        by: Person,
        /// What is to be granted.
        grants: Vec<ListedGrant>,
        /// How many points in all.
        points: u64,
        /// Who has agreed.
        seconded: Vec<Person>,
        /// How many of them were granted.
        granted: u64,
        /// Whether one may agree to it oneself, and has not.
        can_second: bool,
        /// Whether one may take it back.
        mine: bool,
    }

    /// One grant of a list.
    ListedGrant {
        /// To whom.
        member: Person,
        /// How many.
        points: u32,
        /// What for.
        purpose: PurposeNote,
    }

    /// What a grant is for.
    PurposeNote {
        /// What.
        act: GrantAct,
        /// On which day, in days since 1970-01-01; `null` where it is of no day.
        day: Option<u32>,
        /// How often.
        times: u16,
    }

    /// One line of the fund.
    FundLine {
        /// When it was signed, as the payer's device claims.
        at: u64,
        /// The entry.
        entry: Hex<EntryHash>,
        /// Out of the fund, or into it.
        direction: Direction,
        /// The other side; `null` while unknown here.
        counterpart: Option<Person>,
        /// What the other side is: a person, or which kind of organisation.
        kind: Option<MemberKind>,
        /// How many.
        points: u32,
        /// What for; `null` for what was given to the fund.
        purpose: Option<PurposeNote>,
        /// The activity that is paid for, not told whether for coming or for having stayed away: that concerns the two.
        #[serde(default)]
        activity: Option<String>,
        /// The treasurer who granted or took it.
        by: Option<Person>,
        /// Who has agreed to it besides.
        seconded: Vec<Person>,
        /// Signed, accepted, stamped.
        state: LineState,
        /// Why it does not count, when it does not.
        why: Option<String>,
    }
}
