//! Recurring help: somebody helps somebody else on the same days of every week, for as long as both like.
//!
//! Who proposes signs the terms in the own journal ([`RecurringAct::Propose`]); the other's acceptance points at that entry, and so
//! does everything after it. What, where and at which hours is nobody else's business: the terms carry a salted hash of these
//! [`Words`], which travel in envelopes. New terms are a new version that both sign. Where it stands is a function of the set of
//! acts, whatever the order they come in:
//!
//! | question | answer |
//! |---|---|
//! | has it begun? | the first version is accepted and, where it asks for a trial visit, both have said that it went well |
//! | which terms hold? | from the first version on, the accepted one that comes after it; of two, the one with the smaller hash |
//! | by which terms is a day? | of those, by the last one whose first day is not after it |
//! | when does it end? | on the earliest day that either has said |
//! | what is paused? | what either has said, unless they have taken it back |
//! | which days count? | those of a sheet by who helps that the other has confirmed; each once, at the greatest price that both have signed for it |
//!
//! Days are counted as people at the place write them, so no clock and no zone is in it: a day is a number of days since
//! 1970-01-01. A sheet has up to 62 of them, so a year and a half is some forty entries.

mod all;
mod pass;
mod refusal;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fund::DAY_MAX;
use crate::{DealId, EntryHash, Instant, MemberId, Points, ReasonId, Refusal};

pub use all::Arrangements;
pub use pass::{CHILD_CHARS_MAX, HOLDERS_MAX, PASS_NOTE_CHARS_MAX, Pass, PassKind};
pub use refusal::RecurringRefusal;
pub use words::{Commitment, HOURS_END_MAX, NOTE_CHARS_MAX, PLACE_CHARS_MAX, WHAT_CHARS_MAX, Words};

/// The most that one time can cost, in points.
pub const TIME_COST_MAX: Points = Points(1_000);
/// How many days one sheet can span.
pub const SHEET_DAYS_MAX: u32 = 62;
/// How many arrangements one member may have that have not ended.
pub const OPEN_MAX: usize = 20;
/// How many versions one arrangement may have.
pub const VERSIONS_MAX: usize = 30;
/// How many pauses each of the two may have said.
pub const PAUSES_MAX: usize = 60;

/// A day as people at the place write it, in days since 1970-01-01; at most [`DAY_MAX`].
pub type Day = u32;

/// What is agreed to, as far as it is everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecurringTerms {
    /// On which days of the week: bit 0 is Monday, bit 6 Sunday; at least one.
    pub weekdays: u8,
    /// The first day.
    pub first: Day,
    /// The last day; open if not said.
    pub last: Option<Day>,
    /// What each time costs, in points; 0 for nothing.
    pub points: Points,
    /// On which day there is a trial visit first; only a first version asks for one.
    pub trial: Option<Day>,
    /// What the private words of it are, salted.
    pub words: Commitment,
}

impl RecurringTerms {
    /// Checks the days of the week, the first and the last day, the trial and the points, in this order.
    ///
    /// # Errors
    /// [`Refusal::OutOfRange`].
    pub fn check(&self) -> Result<(), Refusal> {
        let within = |field, found: u32, least: u32, most: u32| {
            if (least..=most).contains(&found) {
                return Ok(());
            }
            Err(Refusal::OutOfRange { field, least: least.into(), most: most.into() })
        };
        within("weekdays", self.weekdays.into(), 1, 127)?;
        within("first", self.first, 0, DAY_MAX)?;
        within("last", self.last.unwrap_or(DAY_MAX), self.first, DAY_MAX)?;
        within("trial", self.trial.unwrap_or(self.first), 0, DAY_MAX)?;
        within("points", self.points.0, 0, TIME_COST_MAX.0)
    }

    /// Tells whether it is a day of these terms.
    pub fn names(&self, day: Day) -> bool {
        let weekday = day.wrapping_add(3) % 7;
        self.first <= day && self.last.is_none_or(|last| day <= last) && self.weekdays & (1 << weekday) != 0
    }
}

/// Some days: the first of them, and the others by their distance from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Days {
    /// The first day.
    pub first: Day,
    /// Bit `n` is the day `first + n`; bit 0 is set.
    pub mask: u64,
}

impl Days {
    /// Gathers days; `None` where there are none, or they span more than [`SHEET_DAYS_MAX`].
    pub fn of(days: impl IntoIterator<Item = Day>) -> Option<Self> {
        let days: BTreeSet<Day> = days.into_iter().collect();
        let first = *days.first()?;
        let mut mask = 0;
        for day in &days {
            let bit = day.checked_sub(first).filter(|bit| *bit < SHEET_DAYS_MAX)?;
            mask |= 1 << bit;
        }
        Some(Self { first, mask })
    }

    /// Gives the days, ascending.
    pub fn iter(self) -> impl Iterator<Item = Day> {
        (0..SHEET_DAYS_MAX)
            .filter(move |bit| self.mask & (1 << bit) != 0)
            .map(move |bit| self.first.saturating_add(bit))
    }

    fn is_well_formed(self) -> bool {
        self.first <= DAY_MAX && self.mask & 1 == 1 && self.mask >> SHEET_DAYS_MAX == 0
    }
}

/// One signed step. The arrangement's id is the hash of the entry that first proposes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RecurringAct {
    /// Proposes an arrangement, or new terms for one.
    Propose {
        /// To whom.
        with: MemberId,
        /// Whether who proposes is the one who helps.
        helps: bool,
        /// The deal that it came of, if any.
        deal: Option<DealId>,
        /// The version whose terms these replace; `None` begins an arrangement.
        after: Option<EntryHash>,
        /// What is proposed.
        terms: RecurringTerms,
    },
    /// The other one agrees to a version.
    Accept {
        /// The version.
        version: EntryHash,
    },
    /// Either says that the trial visit went well.
    Tried {
        /// A version of it.
        version: EntryHash,
    },
    /// Who helps tells on which days they did.
    Did {
        /// By which terms.
        version: EntryHash,
        /// The days.
        days: Days,
    },
    /// Who was helped confirms days of a sheet.
    Confirm {
        /// The sheet: the entry that tells the days.
        sheet: EntryHash,
        /// Those that they confirm.
        days: Days,
    },
    /// Either says that there is no help for some days.
    Pause {
        /// A version of it.
        version: EntryHash,
        /// The first day without.
        from: Day,
        /// The last day without.
        to: Day,
    },
    /// Who has said so takes it back.
    Resume {
        /// The pause.
        pause: EntryHash,
    },
    /// Either ends it, or says no to what was proposed.
    End {
        /// A version of it.
        version: EntryHash,
        /// The last day.
        day: Day,
    },
}

impl RecurringAct {
    /// Gives the entry that the act rests on; a first proposal rests on none.
    pub fn rests_on(&self) -> Option<&EntryHash> {
        match self {
            Self::Propose { after, .. } => after.as_ref(),
            Self::Accept { version }
            | Self::Tried { version }
            | Self::Did { version, .. }
            | Self::Pause { version, .. }
            | Self::End { version, .. } => Some(version),
            Self::Confirm { sheet, .. } => Some(sheet),
            Self::Resume { pause } => Some(pause),
        }
    }

    /// Checks what can be judged of it by itself.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Propose { terms, .. } if terms.check().is_err() => Err("terms are such as can be agreed to"),
            Self::Propose { after: Some(_), terms: RecurringTerms { trial: Some(_), .. }, .. } => {
                Err("only a first version asks for a trial")
            }
            Self::Did { days, .. } | Self::Confirm { days, .. } if !days.is_well_formed() => {
                Err("days are told from the first of them on, and span 62 at most")
            }
            Self::Pause { from, to, .. } if from > to || *to > DAY_MAX => Err("a pause has a first and a last day"),
            Self::End { day, .. } if *day > DAY_MAX => Err("an end is on a day"),
            _ => Ok(()),
        }
    }
}

/// An act with its place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedRecurringAct {
    /// The member whose journal holds it.
    pub by: MemberId,
    /// The entry that holds it.
    pub entry: EntryHash,
    /// When, as the device claims.
    pub at: Instant,
    /// What was done.
    pub act: RecurringAct,
}

/// One version of the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Who proposed it.
    pub by: MemberId,
    /// When, as the device claims.
    pub at: Instant,
    /// The version before it.
    pub after: Option<EntryHash>,
    /// What was proposed.
    pub terms: RecurringTerms,
    /// Whether the other has agreed.
    pub accepted: bool,
}

/// Days that who helps has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// By which terms.
    pub version: EntryHash,
    /// The days.
    pub days: Days,
    /// Which of them the other has confirmed, as in [`Days::mask`].
    pub confirmed: u64,
}

/// A day that was told and waits for being confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// What it costs, by the terms that its sheet names.
    pub points: Points,
    /// The sheet that tells it.
    pub sheet: EntryHash,
}

/// Days without help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Who has said so.
    pub by: MemberId,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Whether it was taken back.
    pub resumed: bool,
}

/// One arrangement as everybody can recompute it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// The entry that proposed it first.
    pub id: EntryHash,
    /// Who helps.
    pub giver: MemberId,
    /// Who is helped, and pays.
    pub receiver: MemberId,
    /// The deal that it came of.
    pub deal: Option<DealId>,
    /// All versions of its terms, by their entries.
    pub versions: BTreeMap<EntryHash, Version>,
    /// Who has said that the trial went well.
    pub tried: BTreeSet<MemberId>,
    /// The sheets, by their entries.
    pub sheets: BTreeMap<EntryHash, Sheet>,
    /// The pauses, by their entries.
    pub pauses: BTreeMap<EntryHash, Pause>,
    /// The last day, and who has said so.
    pub ended: Option<(Day, MemberId)>,
}

/// Where an arrangement stands; whether its last day is past is for who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecurringStage {
    /// It waits for the other's agreement.
    Proposed,
    /// Both have agreed, and the trial visit is not confirmed by both.
    Trial,
    /// It goes on.
    Running,
    /// A last day was said.
    Ending,
    /// It was ended before both had agreed.
    Declined,
}

impl RecurringStage {
    /// Gives its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Trial => "trial",
            Self::Running => "running",
            Self::Ending => "ending",
            Self::Declined => "declined",
        }
    }
}

impl Arrangement {
    /// Tells whether somebody is one of the two.
    pub fn is_party(&self, member: &MemberId) -> bool {
        self.giver == *member || self.receiver == *member
    }

    /// Gives the other one of the two.
    pub fn other(&self, member: &MemberId) -> MemberId {
        if self.giver == *member { self.receiver } else { self.giver }
    }

    /// Gives the first version.
    pub fn root(&self) -> Option<&Version> {
        self.versions.get(&self.id)
    }

    /// Gives the version whose terms hold, now or from their first day on; the first one while none is accepted.
    pub fn in_force(&self) -> EntryHash {
        self.agreed().last().unwrap_or(self.id)
    }

    /// Gives the version by whose terms there is help on a day: of those that replaced each other, the last one whose first
    /// day is not after it. New terms alter no day before they begin.
    pub fn version_for(&self, day: Day) -> EntryHash {
        let begins = |version: &EntryHash| self.versions.get(version).is_some_and(|one| one.terms.first <= day);
        self.agreed().filter(begins).last().unwrap_or(self.id)
    }

    /// Gives the first version, the accepted one that replaces it, and so on.
    fn agreed(&self) -> impl Iterator<Item = EntryHash> {
        let next = move |now: &EntryHash| {
            self.versions.iter().find(|(_, one)| one.accepted && one.after == Some(*now)).map(|(hash, _)| *hash)
        };
        // A version comes after one that was known before it, so there is no circle; the count is a second lock.
        std::iter::successors(Some(self.id), next).take(self.versions.len().saturating_add(1))
    }

    /// Gives the terms that hold.
    pub fn terms(&self) -> Option<&RecurringTerms> {
        self.versions.get(&self.in_force()).map(|version| &version.terms)
    }

    /// Gives the terms by which there is help on a day.
    pub fn terms_for(&self, day: Day) -> Option<&RecurringTerms> {
        self.versions.get(&self.version_for(day)).map(|version| &version.terms)
    }

    /// Gives new terms that wait for somebody's agreement: the newest that replace those in force.
    pub fn waiting(&self) -> impl Iterator<Item = (&EntryHash, &Version)> {
        let now = self.in_force();
        let next = move |one: &Version| one.after == Some(now) || (one.after.is_none() && self.id == now);
        self.versions.iter().filter(move |(_, one)| !one.accepted && next(one))
    }

    /// Tells whether it has begun.
    pub fn has_begun(&self) -> bool {
        let tried = self.tried.len() == 2;
        self.root().is_some_and(|root| root.accepted && (root.terms.trial.is_none() || tried))
    }

    /// Tells where it stands.
    pub fn stage(&self) -> RecurringStage {
        let accepted = self.root().is_some_and(|root| root.accepted);
        match (accepted, self.ended) {
            (false, Some(_)) => RecurringStage::Declined,
            (false, None) => RecurringStage::Proposed,
            (true, Some(_)) => RecurringStage::Ending,
            (true, None) if self.has_begun() => RecurringStage::Running,
            (true, None) => RecurringStage::Trial,
        }
    }

    /// Tells whether it has not ended before this day.
    pub fn is_open(&self, day: Day) -> bool {
        self.stage() != RecurringStage::Declined && self.ended.is_none_or(|(last, _)| day <= last)
    }

    /// Tells whether there is help on a day, by the terms of that day.
    pub fn is_on(&self, day: Day) -> bool {
        let named = self.terms_for(day).is_some_and(|terms| terms.names(day));
        let paused = self.pauses.values().any(|pause| !pause.resumed && pause.from <= day && day <= pause.to);
        named && !paused && self.has_begun() && self.is_open(day)
    }

    /// Gives the days that who helps has told.
    pub fn told(&self) -> BTreeSet<Day> {
        self.sheets.values().flat_map(|sheet| sheet.days.iter()).collect()
    }

    /// Gives the days that both have confirmed, each with its price.
    pub fn counted(&self) -> BTreeMap<Day, Points> {
        let mut counted = BTreeMap::new();
        for sheet in self.sheets.values().filter(|_| self.has_begun()) {
            let Some(version) = self.versions.get(&sheet.version).filter(|version| version.accepted) else { continue };
            let days = Days { mask: sheet.days.mask & sheet.confirmed, ..sheet.days };
            for day in days.iter() {
                let price = version.terms.points;
                // What was counted is never un-counted, whatever else is signed of this day.
                counted.entry(day).and_modify(|most: &mut Points| *most = price.max(*most)).or_insert(price);
            }
        }
        counted
    }

    /// Gives the days that were told by terms that both have signed and that wait for being confirmed. Of one that several
    /// sheets tell, the one that costs least is confirmed.
    pub fn to_confirm(&self) -> BTreeMap<Day, Told> {
        let (mut waiting, counted) = (BTreeMap::new(), self.counted());
        for (sheet, row) in &self.sheets {
            let Some(version) = self.versions.get(&row.version).filter(|version| version.accepted) else { continue };
            let told = Told { points: version.terms.points, sheet: *sheet };
            for day in row.days.iter().filter(|day| !counted.contains_key(day)) {
                waiting.entry(day).and_modify(|least: &mut Told| *least = told.min(*least)).or_insert(told);
            }
        }
        waiting
    }

    /// Gives what all days that both have confirmed come to, in points.
    pub fn earned(&self) -> u64 {
        self.counted().values().map(|points| u64::from(points.0)).sum()
    }
}

/// Gives what a payment names that goes with a confirmation: the entry that confirms, so that each counts once.
pub fn reason(confirmation: &EntryHash) -> ReasonId {
    DealId::from(*confirmation).into()
}

#[cfg(test)]
mod tests;
