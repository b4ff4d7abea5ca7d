//! Slips of paper, as one of the building looks at them.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::slip::{Slip, SlipNumber, Version};
use kaifong_domain::{MemberId, ReasonId, Refusal};
use kaifong_node::Node;
use kaifong_node::ledger::{Line, LineState};

use super::View;
use crate::dto::{BlankSlips, EnterSlipArgs, SlipRow, SlipState, Slips};
use crate::host::now_ms;
use crate::{ApiError, Hex};

const SHOWN_MAX: usize = 100;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Draws numbers for blank slips.
///
/// # Errors
/// `no-building`, `out-of-range`.
pub(crate) fn blank_slips(node: &mut Node, count: u32) -> Result<BlankSlips, ApiError> {
    let numbers = node.blank_slips(usize::try_from(count).unwrap_or(usize::MAX))?;
    let home = View::of(node)?.home;
    Ok(BlankSlips { building: home.roster().name().to_owned(), id: Hex(home.id()), numbers })
}

impl View<'_> {
    /// Reads a slip as somebody has typed it.
    ///
    /// # Errors
    /// `slip-mistyped`, `slip-elsewhere`.
    pub(crate) fn slip(&self, args: &EnterSlipArgs) -> Result<Slip, ApiError> {
        let number = SlipNumber::read(&args.number, &self.home.id()).map_err(Refusal::from)?;
        let today = u32::try_from(now_ms() / DAY_MS).unwrap_or(u32::MAX);
        Ok(Slip {
            number,
            payer: args.payer.0,
            payee: args.payee.0,
            points: kaifong_domain::Points(args.points),
            day: args.day.unwrap_or(today),
        })
    }

    /// Lists what concerns oneself; for who may enter slips, all.
    ///
    /// # Errors
    /// `not-yet-member`.
    pub(crate) fn slips(&self) -> Result<Slips, ApiError> {
        let me = self.require_me()?;
        let may_enter = self.home.may_enter_slips(&me);
        let all = self.home.slips().all();
        let concerns = all.filter(|(slip, _)| may_enter || slip.payer == me || slip.payee == me);
        let mut shown: Vec<_> = concerns.collect();
        shown.sort_by_key(|(_, version)| std::cmp::Reverse(entered_at(version)));
        let mut paid: BTreeMap<(SlipNumber, MemberId), Vec<(MemberId, Line)>> = BTreeMap::new();
        let (mut waiting, mut rows, mut rows_total) = (Vec::new(), Vec::new(), 0);
        for (slip, version) in shown {
            let own = slip.payer == me;
            // What is beyond what is shown is counted only.
            if rows.len() >= SHOWN_MAX && (!own || waiting.len() >= SHOWN_MAX) {
                rows_total += 1;
                continue;
            }
            let between = || self.home.slip_payments(&slip.number, &slip.payee);
            let payments = paid.entry((slip.number, slip.payee)).or_insert_with(between);
            let row = self.slip_row(slip, version, payments);
            if own && row.state == SlipState::Waiting && waiting.len() < SHOWN_MAX {
                waiting.push(row);
            } else {
                rows_total += 1;
                rows.extend((rows.len() < SHOWN_MAX).then_some(row));
            }
        }
        Ok(Slips { may_enter, waiting, rows, rows_total })
    }

    /// Lists the slips of a member that ask for an answer, the newest first, at most a hundred.
    pub(super) fn slips_of(&self, member: &MemberId) -> Vec<SlipRow> {
        let slips = self.home.slips();
        let mut rows: Vec<_> = slips
            .of_payer(member)
            .flat_map(|number| {
                let own = slips.versions(&number).filter(|(slip, version)| slip.payer == *member && version.is_open());
                own.map(|(slip, version)| self.slip_row(slip, version, &self.home.slip_payments(&number, &slip.payee)))
                    .collect::<Vec<_>>()
            })
            .filter(|row| row.state == SlipState::Waiting)
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.slip)));
        rows.truncate(SHOWN_MAX);
        rows
    }

    /// Gives the number of the slip that a payment names, where that was entered.
    pub(super) fn slip_number(&self, reason: &ReasonId) -> Option<String> {
        self.home.slips().paid_by(reason).map(|number| number.written(&self.home.id()))
    }

    pub(super) fn slip_row(&self, slip: &Slip, version: &Version, payments: &[(MemberId, Line)]) -> SlipRow {
        let open: BTreeSet<_> = version.open().collect();
        let newest = version.entered.iter().max_by_key(|(entry, (_, at))| (open.contains(*entry), *at, **entry));
        let mut by: Vec<_> = version.entered.values().copied().collect();
        by.sort_by_key(|(member, at)| (*at, *member));
        by.dedup_by_key(|(member, _)| *member);
        let standing = self.home.slips().versions(&slip.number).filter(|(_, other)| other.is_open());
        let state = self.slip_state(slip, version, payments);
        let mine = self.me.is_some_and(|me| me != slip.payer && version.open_by(&me).next().is_some());
        SlipRow {
            slip: Hex(newest.map(|(entry, _)| *entry).unwrap_or(kaifong_node::trust::entry::NO_ENTRY)),
            number: slip.number.written(&self.home.id()),
            payer: self.person(slip.payer),
            payee: self.person(slip.payee),
            points: slip.points.0,
            day: slip.day,
            entered_by: by.into_iter().map(|(member, _)| self.person(member)).collect(),
            at: entered_at(version),
            state,
            conflict: standing.count() > 1,
            mine_to_take_back: mine && state == SlipState::Waiting,
        }
    }

    fn slip_state(&self, slip: &Slip, version: &Version, payments: &[(MemberId, Line)]) -> SlipState {
        match self.home.slip_payment(slip, payments) {
            Some((payer, line)) if *payer != slip.payer || line.points != slip.points => SlipState::Replaced,
            Some((_, line)) if line.state == LineState::Accepted => SlipState::Paid,
            Some(_) => SlipState::Paying,
            None if version.is_open() => SlipState::Waiting,
            None if version.disowned.is_empty() => SlipState::TakenBack,
            None => SlipState::Disowned,
        }
    }
}

fn entered_at(version: &Version) -> u64 {
    version.entered.values().map(|(_, at)| at.0).max().unwrap_or_default()
}
