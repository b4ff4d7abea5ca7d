//! The community fund: what the building gives points for out of its own account, and how much it has set aside.

use serde::{Deserialize, Serialize};

use crate::{BuildingId, JournalId, MemberId, Points, ReasonId};

/// How many fund journals one epoch gives a figure to.
pub const BUDGETS_MAX: usize = 64;
/// The most that one fund journal may be given in all, in points.
pub const BUDGET_MAX: u64 = 1_000_000_000;
/// How often one act can be done on one day.
pub const TIMES_MAX: u16 = 100;
/// The last day that an act can be of: in the year 2243.
pub const DAY_MAX: u32 = 100_000;

/// What the building's table of rates can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Act {
    /// An hour of help to the building.
    Hour,
    /// A shift at the share-room.
    Shift,
    /// A lecture or a lesson for neighbours.
    Lecture,
    /// A thing given to the share-room.
    Donation,
    /// Cleaning what belongs to all.
    Cleaning,
    /// A round through the building, to see that all is well.
    Patrol,
    /// A visit to a neighbour who is old, ill or alone.
    Visit,
    /// Something of the building's repaired.
    Repair,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Hour,
        Self::Shift,
        Self::Lecture,
        Self::Donation,
        Self::Cleaning,
        Self::Patrol,
        Self::Visit,
        Self::Repair,
    ];
}

/// What a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// A newcomer's first points, once for each member.
    Starter,
    /// Something of the table of rates: once for each member, act and day.
    Act {
        /// What was done.
        act: Act,
        /// On which day, in days since 1970-01-01, as the treasurer says; at most [`DAY_MAX`].
        day: u32,
        /// How often, from 1 to [`TIMES_MAX`]: hours of help, things given.
        times: u16,
    },
    /// What a ledger on paper says that the member has earned before, once for each member.
    Opening,
}

impl Purpose {
    /// Gives what keeps two grants for the same from both counting (rule L4): member and occasion, and not how much.
    pub fn reason(&self, member: &MemberId) -> ReasonId {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 grant reason");
        let (kind, act, day) = match self {
            Self::Starter => (0, 0, 0),
            Self::Opening => (1, 0, 0),
            Self::Act { act, day, .. } => (2, *act as u8, *day),
        };
        hasher.update(&[kind, act]).update(&day.to_le_bytes()).update(&member.0);
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        ReasonId(id)
    }
}

/// What an epoch says of the fund. Without any of it a building has no fund.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fund {
    /// What a newcomer is given once, in points; 0 for nothing.
    pub starter: Points,
    /// Up to this a treasurer grants alone; what is more takes a second person's word.
    pub alone: Points,
    /// How much a fund journal may grant before a witness has stamped it, in points; what a second person has agreed to
    /// may be more.
    pub quota: Points,
    /// What each act earns, ascending by act; what is not named earns nothing.
    pub rates: Vec<(Act, Points)>,
    /// What each fund journal was given in all, ascending by journal; never less than in the epoch before.
    pub budgets: Vec<(JournalId, u64)>,
}

impl Fund {
    /// Checks what can be judged of it by itself.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        let rates = self.rates.is_sorted_by(|one, next| one.0 < next.0);
        if !rates || !self.rates.iter().all(|(_, points)| (1..=Points::MAX.0).contains(&points.0)) {
            return Err("rates name each act once, ascending, with 1 to a million points");
        }
        if [self.starter, self.alone, self.quota].into_iter().any(|points| points > Points::MAX) {
            return Err("a fund's numbers are at most a million");
        }
        let budgets = self.budgets.is_sorted_by(|one, next| one.0 < next.0);
        if !budgets || self.budgets.len() > BUDGETS_MAX {
            return Err("budgets name each journal once, ascending, and 64 at most");
        }
        if !self.budgets.iter().all(|(_, given)| (1..=BUDGET_MAX).contains(given)) {
            return Err("a budget is from 1 to a thousand million points");
        }
        Ok(())
    }

    /// Gives what a fund journal was given in all, in points; 0 for one that is not named.
    pub fn given(&self, journal: &JournalId) -> u64 {
        let at = self.budgets.binary_search_by_key(journal, |(journal, _)| *journal);
        at.ok().and_then(|at| self.budgets.get(at)).map_or(0, |(_, given)| *given)
    }

    /// Gives what an act earns; `None` if the table does not name it.
    pub fn rate(&self, act: Act) -> Option<Points> {
        self.rates.iter().find(|(named, _)| *named == act).map(|(_, points)| *points)
    }

    /// Gives what a purpose earns; `None` if it earns nothing here, more than one transfer can carry, or what a ledger on
    /// paper says.
    pub fn earned(&self, purpose: &Purpose) -> Option<Points> {
        match purpose {
            Purpose::Starter => Some(self.starter).filter(|points| points.0 > 0),
            Purpose::Act { act, day, times } if (1..=TIMES_MAX).contains(times) && *day <= DAY_MAX => {
                let points = self.rate(*act)?.0.checked_mul(u32::from(*times)).map(Points);
                points.filter(|points| *points <= Points::MAX)
            }
            Purpose::Act { .. } | Purpose::Opening => None,
        }
    }

    /// Tells whether every budget of `before` is at least as high here.
    pub fn never_reduces(&self, before: &Self) -> bool {
        before.budgets.iter().all(|(journal, given)| self.given(journal) >= *given)
    }

    /// Adds up all budgets, in points.
    pub fn given_in_all(&self) -> u64 {
        self.budgets.iter().map(|(_, given)| given).sum()
    }
}

impl MemberId {
    /// Gives the account of the building's community fund, which is no member.
    pub fn fund(building: &BuildingId) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 community fund");
        hasher.update(&building.0);
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEN: MemberId = MemberId([3; 16]);

    fn fund() -> Fund {
        let rates = vec![(Act::Hour, Points(10)), (Act::Lecture, Points(30_000))];
        let budgets = vec![(JournalId([1; 32]), 500), (JournalId([2; 32]), 1)];
        Fund { starter: Points(20), alone: Points(50), quota: Points(100), rates, budgets }
    }

    #[test]
    fn one_occasion_of_one_member_has_one_reason_however_much_it_is_said_to_be() {
        let act = |act, day, times| Purpose::Act { act, day, times };
        let shift = act(Act::Shift, 20_000, 1).reason(&CHEN);
        assert_eq!(shift, act(Act::Shift, 20_000, 2).reason(&CHEN));
        let others = [
            act(Act::Shift, 20_001, 1).reason(&CHEN),
            act(Act::Hour, 20_000, 1).reason(&CHEN),
            act(Act::Shift, 20_000, 1).reason(&MemberId([4; 16])),
            Purpose::Starter.reason(&CHEN),
            Purpose::Opening.reason(&CHEN),
        ];
        let all: std::collections::BTreeSet<_> = others.into_iter().chain([shift]).collect();
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn what_is_earned_is_what_the_table_says_and_nothing_beyond_what_can_be_carried() {
        let earned = |act, day, times| fund().earned(&Purpose::Act { act, day, times });
        assert_eq!(earned(Act::Hour, 0, 3), Some(Points(30)));
        assert_eq!(earned(Act::Hour, 0, TIMES_MAX), Some(Points(1_000)));
        assert_eq!(earned(Act::Lecture, 0, 33), Some(Points(990_000)));
        for (act, day, times) in [
            (Act::Hour, 0, 0),
            (Act::Hour, 0, TIMES_MAX + 1),
            (Act::Hour, DAY_MAX + 1, 1),
            (Act::Lecture, 0, 34),
            (Act::Shift, 0, 1),
        ] {
            assert_eq!(earned(act, day, times), None, "{act:?} {day} {times}");
        }
        assert_eq!(fund().earned(&Purpose::Starter), Some(Points(20)));
        assert_eq!(Fund::default().earned(&Purpose::Starter), None);
        assert_eq!(fund().earned(&Purpose::Opening), None, "a ledger on paper has no rate");
    }

    #[test]
    fn a_fund_that_is_out_of_form_is_told_so() {
        assert_eq!(fund().check(), Ok(()));
        let bad = [
            Fund { rates: vec![(Act::Shift, Points(1)), (Act::Hour, Points(1))], ..fund() },
            Fund { rates: vec![(Act::Hour, Points(1)), (Act::Hour, Points(2))], ..fund() },
            Fund { rates: vec![(Act::Hour, Points(0))], ..fund() },
            Fund { rates: vec![(Act::Hour, Points(1_000_001))], ..fund() },
            Fund { starter: Points(1_000_001), ..fund() },
            Fund { alone: Points(u32::MAX), ..fund() },
            Fund { quota: Points(1_000_001), ..fund() },
            Fund { budgets: vec![(JournalId([2; 32]), 1), (JournalId([1; 32]), 1)], ..fund() },
            Fund { budgets: vec![(JournalId([1; 32]), 0)], ..fund() },
            Fund { budgets: vec![(JournalId([1; 32]), BUDGET_MAX + 1)], ..fund() },
            Fund { budgets: (0..=64).map(|at| (JournalId([at; 32]), 1)).collect(), ..fund() },
        ];
        for fund in bad {
            assert!(fund.check().is_err(), "{fund:?}");
        }
    }

    #[test]
    fn a_budget_is_never_reduced() {
        let more = Fund { budgets: vec![(JournalId([1; 32]), 501), (JournalId([2; 32]), 1)], ..fund() };
        assert!(more.never_reduces(&fund()) && fund().never_reduces(&fund()));
        assert!(!fund().never_reduces(&more));
        assert!(!Fund::default().never_reduces(&fund()), "nor forgotten");
    }
}
