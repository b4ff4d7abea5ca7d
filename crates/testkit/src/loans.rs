//! What people do with things that are lent one after the other: they hand a thing on only when it is there, stand in line, ask
//! for later days, and pass over whoever does not come.

use std::collections::BTreeMap;

use kaifong_domain::deal::DAY_MS;
use kaifong_domain::rows::{DealRow, Stage, Step};
use kaifong_domain::{DealId, Instant, ListingId, MemberId};
use kaifong_node::{Command, Home, LoanCommand};

use crate::device::Wish;

/// Whoever lends agrees with a later day, unless the deal's own number says no.
pub(crate) fn answer_day(deal: DealId) -> (Wish, Command) {
    if deal.0[2].is_multiple_of(3) {
        (Wish::Said("keeps the day"), Command::Loan(LoanCommand::KeepDay { deal }))
    } else {
        (Wish::Said("agrees with a later day"), Command::Loan(LoanCommand::Extend { deal, until: None }))
    }
}

/// Now and then a step of a loan is another one than the plain one: whoever has a thing would keep it longer, whoever does not
/// come is passed over, what was forgotten is entered late. Not drawn: the deal's own number decides.
pub(crate) fn deal_with(row: &DealRow, me: MemberId, step: Step, now: Instant) -> Option<(Wish, Command)> {
    let deal = row.id;
    let said = |words, command| Some((Wish::Said(words), Command::Loan(command)));
    match step {
        Step::Return if row.receiver == me && row.extension == Default::default() && deal.0[3].is_multiple_of(2) => {
            let until = Some(Instant(row.due_at?.0 + 3 * DAY_MS));
            said("would keep it longer", LoanCommand::Extend { deal, until })
        }
        Step::Return if deal.0[4].is_multiple_of(2) => {
            let on = (row.answered_at <= now).then_some(row.answered_at);
            said("has it back, entered late", LoanCommand::Return { deal, on, condition: None })
        }
        Step::HandOver if row.terms.owner == me && row.giver == me && deal.0[5].is_multiple_of(4) => {
            said("passes somebody over", LoanCommand::PassOver { deal })
        }
        _ => None,
    }
}

/// Tells of a thing that two have at once, as one device sees it: agreed one after the other, both lent out, and of neither
/// says the lender that it is back.
pub(crate) fn had_twice(home: &Home, honest: impl Fn(&MemberId) -> bool) -> Option<String> {
    let mut had: BTreeMap<(MemberId, ListingId), DealId> = BTreeMap::new();
    let board = home.board();
    let lent = |row: &&DealRow| {
        let listing = board.listing(&row.terms.owner, &row.terms.listing);
        row.stage == Stage::OnLoan && row.is_out() && listing.is_some_and(|listing| listing.listing.lends())
    };
    for row in board.deals().filter(lent).filter(|row| honest(&row.terms.owner)) {
        if let Some(other) = had.insert((row.terms.owner, row.terms.listing), row.id) {
            return Some(format!("{} is lent out in {other} and in {}", row.terms.listing, row.id));
        }
    }
    None
}
