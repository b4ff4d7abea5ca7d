//! What is lent: who has it, who waits for it, until when, and who had it.

use std::cmp::Reverse;

use kaifong_domain::deal::DealAct;
use kaifong_domain::record::Kind;
use kaifong_domain::rows::{DealRow, ListingRow, Stage};
use kaifong_domain::{Instant, MemberId};
use kaifong_node::LoanCommand;
use kaifong_node::trust::entry::{Body, Entry, Role};

use super::View;
use crate::Hex;
use crate::dto::{Behind, Had, LinePlace, LoanStep, LoanStepArgs, Turn, TurnState};

/// How many of those who had a thing are told.
const HAD_MAX: usize = 20;

/// Reads what is done about a loan.
pub(crate) fn loan_step(args: &LoanStepArgs) -> LoanCommand {
    let (deal, on) = (args.deal.0, args.on.map(Instant));
    match args.step {
        LoanStep::HandOver => LoanCommand::HandOver { deal, on },
        LoanStep::Return => LoanCommand::Return { deal, on, condition: args.condition.map(Into::into) },
        LoanStep::Extend => LoanCommand::Extend { deal, until: args.until.map(Instant) },
        LoanStep::KeepDay => LoanCommand::KeepDay { deal },
        LoanStep::PassOver => LoanCommand::PassOver { deal },
    }
}

impl View<'_> {
    /// Gives who has a thing that is lent, who has it next, and who waits. When is reckoned from the days that are agreed,
    /// of those who wait from how long they asked for it.
    pub(super) fn turns_with(&self, row: &ListingRow) -> Vec<Turn> {
        if !row.listing.lends() {
            return Vec::new();
        }
        let board = self.home.board();
        let (mut turns, mut free_at) = (Vec::new(), None);
        let holds = |deal: &&DealRow| deal.is_out() || deal.stage == Stage::Agreed;
        let mut held: Vec<_> = board.deals_of(&row.owner, &row.listing.id).filter(holds).collect();
        held.sort_by_key(|deal| !deal.is_out());
        for deal in held {
            let (state, from) = match deal.is_out() {
                true => (TurnState::Out, board.handed_at(&deal.id).map_or(deal.changed_at.0, |at| at.0)),
                false => (TurnState::Next, free_at.unwrap_or(deal.changed_at.0)),
            };
            let until = due(deal);
            turns.push(self.turn_of(deal, state, Some(from), Some(until)));
            free_at = Some(until);
        }
        for deal in self.home.line_here(&row.owner, &row.listing.id, self.me, self.now) {
            let until = free_at.map(|from| from.saturating_add(board.length_asked(deal)));
            turns.push(self.turn_of(deal, TurnState::Line, free_at, until));
            free_at = until;
        }
        turns
    }

    /// Gives who had a thing and brought it back, who had it last first: as the book beside the shelf would, but for deals that
    /// are nobody else's business.
    pub(super) fn had_before(&self, row: &ListingRow) -> Vec<Had> {
        let board = self.home.board();
        let lent = |deal: &&DealRow| deal.giver == row.owner && !board.is_discreet(&deal.id);
        // Who has needed a wheelchair is for its owner to know.
        let seen = |mine: bool| mine || row.listing.kind != Some(Kind::Medical) || self.me == Some(row.owner);
        let told = |deal: &DealRow| {
            let mine = self.me.is_some_and(|me| deal.is_party(&me));
            let back_at = board.back_at(&deal.id)?.0;
            // Days that were entered late may be told the wrong way round.
            let from = board.handed_at(&deal.id).map(|at| at.0).filter(|from| *from <= back_at);
            Some(Had {
                deal: Hex(deal.id),
                who: seen(mine).then(|| self.party(deal, deal.answerer)),
                mine,
                from,
                back_at,
            })
        };
        let mut had: Vec<Had> = board.loans_back(&row.owner, &row.listing.id).filter(lent).filter_map(told).collect();
        had.sort_by_key(|one| Reverse((one.back_at, one.deal)));
        had.truncate(HAD_MAX);
        had
    }

    fn turn_of(&self, deal: &DealRow, state: TurnState, from: Option<u64>, until: Option<u64>) -> Turn {
        let mine = self.me == Some(deal.answerer);
        let seen = state != TurnState::Line || mine || self.me == Some(deal.terms.owner);
        let who = seen.then(|| self.party(deal, deal.answerer));
        Turn { deal: Hex(deal.id), who, mine, state, from, until }
    }

    pub(super) fn line_place(&self, row: &DealRow) -> Option<LinePlace> {
        if row.stage != Stage::Answered {
            return None;
        }
        let board = self.home.board();
        let listing = board.listing(&row.terms.owner, &row.terms.listing).filter(|row| row.listing.lends())?;
        let turns = self.turns_with(listing);
        let line: Vec<_> = turns.iter().filter(|turn| turn.state == TurnState::Line).collect();
        let ahead = line.iter().position(|turn| turn.deal.0 == row.id)?;
        Some(LinePlace {
            ahead: u32::try_from(ahead).unwrap_or(u32::MAX),
            waiting: u32::try_from(line.len()).unwrap_or(u32::MAX),
            about_at: line.get(ahead)?.from,
        })
    }

    /// Tells whether an answer is nobody's turn yet: somebody stands before it, the thing is not there, or who answered is not
    /// here and lets the next one go first.
    pub(super) fn waits_in_line(&self, row: &DealRow) -> bool {
        let lends = || {
            let listing = self.home.board().listing(&row.terms.owner, &row.terms.listing);
            row.stage == Stage::Answered && listing.is_some_and(|row| row.listing.lends())
        };
        match self.line_place(row) {
            Some(place) => place.ahead > 0 || place.about_at.is_some(),
            None => !self.is_here(&row.answerer) && lends(),
        }
    }

    /// Tells whether all places of what a deal is about are taken.
    pub(super) fn waits_for_a_place(&self, row: &DealRow) -> bool {
        let board = self.home.board();
        let listing = board.listing(&row.terms.owner, &row.terms.listing);
        row.stage == Stage::Answered && listing.and_then(|row| board.places_left(row)) == Some(0)
    }

    pub(super) fn behind(&self, row: &DealRow) -> Option<Behind> {
        let before = self.home.board().out_before(&row.id)?;
        let due_at = before.due_at.map(|due| due.0);
        Some(Behind { deal: Hex(before.id), who: self.party(before, before.answerer), due_at })
    }

    pub(super) fn in_line(&self, row: &DealRow) -> u32 {
        let lends = row.terms.is_loan() && row.giver == row.terms.owner && row.stage.is_live();
        let line = || self.home.line_here(&row.terms.owner, &row.terms.listing, self.me, self.now).len();
        if lends { u32::try_from(line()).unwrap_or(u32::MAX) } else { 0 }
    }

    /// Tells whether one sees what the two of a deal say of each other: they do, and mediators.
    pub(super) fn sees_terms(&self, row: &DealRow) -> bool {
        let mediates = |me: &MemberId| {
            let roster = self.home.roster();
            roster.held(&roster.newest_epoch(), me, Role::Mediator)
        };
        self.me.is_some_and(|me| row.is_party(&me) || mediates(&me))
    }

    /// Gives the day that a step of a loan tells: when it happened, if it was entered late, or which later day it names.
    pub(super) fn voucher_day(&self, deal: &DealRow, by: Option<MemberId>, entry: &Entry) -> Option<u64> {
        let party = by.is_some() && self.me.is_some_and(|me| deal.is_party(&me));
        match &entry.body {
            Body::Deal(DealAct::HandedOver { on, .. } | DealAct::Returned { on: Some(on), .. }) => Some(on.0),
            Body::Deal(DealAct::Extend { days, .. } | DealAct::KeepDay { days, .. }) if party => {
                deal.day(*days).map(|at| at.0)
            }
            _ => None,
        }
    }
}

/// Until when somebody has a thing, with what its owner gives them.
fn due(deal: &DealRow) -> u64 {
    let offered = deal.extension.offered.and_then(|days| deal.day(days));
    deal.due_at.max(offered).map_or(0, |due| due.0)
}
