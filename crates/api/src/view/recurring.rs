//! Recurring help, children who are collected, and visits at home, as one of those whom it concerns sees it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kaifong_domain::recurring::{self, Day, RecurringRefusal, RecurringStage, Version};
use kaifong_domain::{EntryHash, MemberId, Points, ReasonId, Refusal};
use kaifong_node::{Node, PassRow, VisitRow};

use super::View;
use crate::dto::{
    Arrangement, Arrangements, HelpDay, HelpDayState, HelpPause, HelpTerms, HelpTold, HelpWords, PassChecked, PassNote,
    PassState, Passes, TickNote, VisitNote, Visits,
};
use crate::{ApiError, Hex};

const DAY_MS: u64 = 24 * 3600 * 1000;
/// How many days back and ahead of today are told.
const DAYS_BACK: Day = 61;
const DAYS_AHEAD: Day = 35;
/// How many proposals of one neighbour that wait are told.
const PROPOSALS_EACH_MAX: usize = 5;

impl View<'_> {
    fn today(&self) -> Day {
        Day::try_from(self.now.0 / DAY_MS).unwrap_or(Day::MAX)
    }

    /// Gives recurring help of one's own.
    ///
    /// # Errors
    /// `not-yet-member`.
    pub(crate) fn arrangements(&self, node: &Node) -> Result<Arrangements, ApiError> {
        let me = self.require_me()?;
        let yesterday = self.today().saturating_sub(1);
        let mut rows: Vec<_> = self.home.arrangements().with(&me).filter(|row| !self.is_hidden(row)).collect();
        rows.sort_by_key(|row| (!row.is_open(yesterday), Reverse(row.root().map(|root| root.at)), row.id));
        // Whoever floods somebody with proposals is not shown at length.
        let mut proposed: BTreeMap<MemberId, usize> = BTreeMap::new();
        rows.retain(|row| {
            let theirs = row.root().filter(|root| root.by != me && !root.accepted).map(|root| root.by);
            theirs.is_none_or(|by| {
                let count = proposed.entry(by).or_default();
                *count += 1;
                *count <= PROPOSALS_EACH_MAX
            })
        });
        Ok(Arrangements { rows: rows.into_iter().filter_map(|row| self.arrangement_row(node, me, row)).collect() })
    }

    /// Gives one arrangement of one's own.
    ///
    /// # Errors
    /// `arrangement-unknown`, `not-yet-member`.
    pub(crate) fn arrangement(&self, node: &Node, id: &EntryHash) -> Result<Arrangement, ApiError> {
        let me = self.require_me()?;
        let row = self.home.arrangements().of(id).filter(|row| row.is_party(&me) && !self.is_hidden(row));
        let row = row.and_then(|row| self.arrangement_row(node, me, row));
        row.ok_or_else(|| Refusal::from(RecurringRefusal::Unknown).into())
    }

    /// Tells whether somebody has proposed it with whom one would have nothing to do, and nobody has agreed to it.
    fn is_hidden(&self, row: &recurring::Arrangement) -> bool {
        row.root().is_some_and(|root| !root.accepted && self.home.has_blocked(&root.by))
    }

    fn arrangement_row(&self, node: &Node, me: MemberId, row: &recurring::Arrangement) -> Option<Arrangement> {
        let terms = |(hash, version): (&EntryHash, &Version)| help_terms(node, me, hash, version);
        let in_force = row.in_force();
        let (counted, told) = (row.counted(), row.told());
        let (paid, signed) = self.home.paid_for_help(row);
        let state = |day: Day| match () {
            () if counted.contains_key(&day) => Some(HelpDayState::Confirmed),
            () if told.contains(&day) => Some(HelpDayState::Told),
            () if row.is_on(day) => Some(HelpDayState::On),
            () if !row.terms_for(day)?.names(day) || !row.has_begun() || !row.is_open(day) => None,
            () => Some(HelpDayState::Paused),
        };
        let around = self.today().saturating_sub(DAYS_BACK)..=self.today().saturating_add(DAYS_AHEAD);
        let waiting = row.waiting().filter(|(hash, version)| {
            **hash != in_force && row.stage() != RecurringStage::Ending && !self.home.has_blocked(&version.by)
        });
        let to_confirm = row.to_confirm();
        let owed = row.earned().saturating_sub(signed);
        let all = owed.saturating_add(to_confirm.values().map(|told| u64::from(told.points.0)).sum());
        let all = Points(u32::try_from(all).unwrap_or(u32::MAX));
        Some(Arrangement {
            id: Hex(row.id),
            giver: self.person(row.giver),
            receiver: self.person(row.receiver),
            helps: row.giver == me,
            stage: row.stage().into(),
            deal: row.deal.map(Hex),
            terms: terms((&in_force, row.versions.get(&in_force)?)),
            waiting: waiting.map(terms).collect(),
            tried: row.tried.contains(&me),
            they_tried: row.tried.contains(&row.other(&me)),
            pauses: help_pauses(me, row),
            ended: row.ended.map(|(day, _)| day),
            ended_by: row.ended.map(|(_, by)| self.person(by)),
            days: around.filter_map(|day| Some(HelpDay { day, state: state(day)? })).collect(),
            to_confirm: to_confirm.iter().map(|(day, told)| HelpTold { day: *day, points: told.points.0 }).collect(),
            times: counted.len() as u64,
            since: counted.keys().next().copied(),
            until: counted.keys().next_back().copied(),
            earned: row.earned(),
            paid,
            owed,
            can_pay: if row.receiver == me { node.can_sign(all).0 } else { 0 },
        })
    }

    /// Gives the arrangement that a payment pays for.
    pub(super) fn line_recurring(&self, reason: Option<ReasonId>) -> Option<Hex<EntryHash>> {
        Some(Hex(self.home.arrangements().paid_by(&reason?)?.id))
    }

    /// Gives the authorisations that one has given or is named in.
    pub(crate) fn passes(&self, node: &Node) -> Passes {
        let mut rows: Vec<PassNote> = node.passes().map(|row| self.pass(node, row)).collect();
        rows.sort_by_key(|row| (row.revoked, Reverse(row.first), row.pass));
        Passes { rows }
    }

    fn pass(&self, node: &Node, row: &PassRow) -> PassNote {
        let pass = &row.pass;
        let at = |said: Option<(kaifong_domain::Instant, MemberId)>| said.map(|(at, _)| at.0);
        let by = |said: Option<(kaifong_domain::Instant, MemberId)>| said.map(|(_, by)| self.person(by));
        let ticked = row.ticked.iter().rev().map(|(day, ticked)| TickNote {
            day: *day,
            came: at(ticked.came),
            came_by: by(ticked.came),
            left: at(ticked.left),
            left_by: by(ticked.left),
        });
        PassNote {
            pass: Hex(pass.id),
            mine: self.me == Some(row.guardian),
            guardian: self.person(row.guardian),
            kind: pass.kind.into(),
            child: pass.child.clone(),
            holders: pass.holders.iter().map(|holder| self.person(*holder)).collect(),
            place: pass.place.clone(),
            note: pass.note.clone(),
            weekdays: pass.weekdays,
            first: pass.first,
            last: pass.last,
            revoked: row.revoked,
            code: node.code_of_pass(row).filter(|_| !row.revoked),
            ticked: ticked.collect(),
        }
    }

    /// Tells what a code on a card is good for on a day, among the authorisations that one has given.
    pub(crate) fn check_pass(&self, node: &Node, code: &str, day: Day) -> PassChecked {
        let typed = kaifong_node::trust::envelope::code_as_typed(code);
        let fits = |row: &&PassRow| {
            let shown = node.code_of_pass(row).and_then(|shown| kaifong_node::trust::envelope::code_as_typed(&shown));
            Some(row.guardian) == self.me && shown.is_some() && shown == typed
        };
        let Some(row) = node.passes().find(fits) else {
            return PassChecked { pass: None, state: PassState::Unknown };
        };
        let state = match row.pass.is_good_on(day) {
            _ if row.revoked => PassState::Revoked,
            Ok(()) => PassState::Good,
            Err(why) => why.parse().unwrap_or(PassState::OtherDay),
        };
        PassChecked { pass: Some(self.pass(node, row)), state }
    }

    /// Gives the visits at home that concern oneself.
    pub(crate) fn visits(&self, node: &Node) -> Visits {
        let mut rows: Vec<VisitNote> = node.visits().map(|row| self.visit(row)).collect();
        rows.sort_by_key(|row| (row.from, row.deal));
        Visits { rows }
    }

    fn visit(&self, row: &VisitRow) -> VisitNote {
        let plan = &row.plan;
        let deal = self.home.board().deal(&plan.deal);
        let listing = deal.and_then(|deal| self.home.board().listing(&deal.terms.owner, &deal.terms.listing));
        let visitor = self.member(&plan.visitor).ok();
        let stood = visitor.as_ref().map(|known| known.capacities.clone());
        VisitNote {
            deal: Hex(plan.deal),
            title: listing.map(|row| row.listing.title.clone()),
            host: self.person(row.host),
            visitor: self.person(plan.visitor),
            capacities: stood.into_iter().flatten().filter(|one| one.stands).map(|one| one.capacity).collect(),
            since: visitor.as_ref().map_or(0, |known| known.since),
            verified_by: visitor.and_then(|known| known.verified_by),
            watcher: plan.watcher.map(|watcher| self.person(watcher)),
            mine: self.me == Some(plan.visitor),
            at_home: self.me == Some(row.host),
            from: plan.from.0,
            until: plan.until.0,
            came: row.came.map(|at| at.0),
            left: row.left.map(|at| at.0),
        }
    }
}

fn help_terms(node: &Node, me: MemberId, hash: &EntryHash, version: &Version) -> HelpTerms {
    let words = node.words_of(&version.terms.words).map(|words| HelpWords {
        what: words.what.clone(),
        place: words.place.clone(),
        from_min: words.from_min,
        to_min: words.to_min,
        note: words.note.clone(),
    });
    HelpTerms {
        version: Hex(*hash),
        mine: version.by == me,
        at: version.at.0,
        weekdays: version.terms.weekdays,
        first: version.terms.first,
        last: version.terms.last,
        points: version.terms.points.0,
        trial: version.terms.trial,
        words,
    }
}

/// Gives the pauses that were not taken back.
fn help_pauses(me: MemberId, row: &recurring::Arrangement) -> Vec<HelpPause> {
    let pauses = row.pauses.iter().filter(|(_, pause)| !pause.resumed);
    let mut pauses: Vec<HelpPause> = pauses
        .map(|(hash, pause)| HelpPause { pause: Hex(*hash), mine: pause.by == me, from: pause.from, to: pause.to })
        .collect();
    pauses.sort_by_key(|pause| (pause.from, pause.to, pause.pause));
    pauses
}
