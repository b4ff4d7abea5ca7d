//! Journals that a desk keeps for people without a phone, as the desk looks at them.

use kaifong_domain::{EntryHash, MemberId, Refusal};
use kaifong_node::ledger::{Direction, Line};
use kaifong_node::trust::entry::Role;
use kaifong_node::trust::paper::SheetSecret;
use kaifong_node::{Book, Node};

use super::View;
use crate::dto::{CardAccount, CardPaper, CardRow, CardState, Cards, HelpNote};
use crate::{ApiError, Hex};

const NEWEST_LINES: usize = 20;

/// Lists the cards that this desk has given out, and who may help.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn cards(node: &Node) -> Result<Cards, ApiError> {
    let view = View::of(node)?;
    view.require_me()?;
    let roster = view.home.roster();
    let epoch = roster.newest_epoch();
    let helps = |member: &MemberId| roster.held(&epoch, member, Role::Volunteer) && node.require_here(member).is_ok();
    let volunteers = roster.members().map(|(id, _)| *id).filter(|id| helps(id) && node.is_desk());
    let mut rows: Vec<_> = node.books().map(|book| view.card_row(node, book)).collect();
    rows.sort_by_key(|row: &CardRow| (std::cmp::Reverse(row.at), row.device));
    Ok(Cards { desk: node.is_desk(), rows, volunteers: volunteers.map(|id| view.person(id)).collect() })
}

/// Shows what is printed on a card.
///
/// # Errors
/// `no-building`.
pub(crate) fn card_paper(node: &Node, card: &SheetSecret, name: String) -> Result<CardPaper, ApiError> {
    let home = View::of(node)?.home;
    let building = home.roster().name().to_owned();
    Ok(CardPaper { digits: card.to_string(), building, id: Hex(home.id()), name, at: node.now().0 })
}

/// Shows the account of somebody with a card.
///
/// # Errors
/// `no-building`, `card-unknown`.
pub(crate) fn card_account(node: &Node, member: MemberId) -> Result<CardAccount, ApiError> {
    let view = View::of(node)?;
    let book = node.books().find(|book| node.member_of_book(&book.device) == Some(member));
    let tip = book.and_then(|book| node.tip_of_book(&book.device)).ok_or(Refusal::CardUnknown)?;
    let ledger = view.home.ledger();
    let standing = ledger.standing(&tip);
    let all = ledger.statement(&member);
    let quota = i64::from(view.home.roster().now().charter.quota.0);
    let rights = standing.map_or(0, |at| at.rights.saturating_sub_unsigned(at.contested));
    // A stamp that is there is cited with the next payment, and what it has seen counts no more.
    let unseen = if ledger.newest_stamp(&tip).is_some() { 0 } else { standing.map_or(0, |at| at.unseen) };
    let most = rights.min(quota.saturating_sub_unsigned(unseen)).max(0);
    Ok(CardAccount {
        person: view.person(member),
        balance: ledger.balance(&member),
        rights,
        most: u32::try_from(most).unwrap_or(u32::MAX),
        lines: all.iter().rev().take(NEWEST_LINES).map(|line| view.line(member, line)).collect(),
        lines_total: all.len() as u64,
        slips: view.slips_of(&member),
    })
}

impl View<'_> {
    fn card_row(&self, node: &Node, book: &Book) -> CardRow {
        let member = node.member_of_book(&book.device);
        let tip = node.tip_of_book(&book.device);
        let state = match (member, tip) {
            (Some(_), Some(_)) => CardState::Open,
            (Some(_), None) => CardState::Certified,
            (None, _) if self.home.roster().is_shut(&book.device) => CardState::Closed,
            (None, _) if book.heard.refused.is_some() => CardState::Refused,
            (None, _) if !book.heard.questions.is_empty() => CardState::Asked,
            (None, _) => CardState::Waiting,
        };
        let asks = matches!(state, CardState::Refused | CardState::Asked);
        CardRow {
            device: Hex(book.device),
            name: book.profile.name.clone(),
            person: member.map(|member| self.person(member)),
            state,
            waiting: tip.map_or(0, |tip| self.home.ledger().incoming(&tip).len() as u64),
            slips: member.map_or(0, |member| self.slips_of(&member).len() as u64),
            at: book.at.0,
            refused: book.heard.refused.clone().filter(|_| state == CardState::Refused),
            questions: if asks {
                book.heard.questions.iter().map(|(_, text)| text.clone()).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// Who has helped with a line of an account that a desk keeps.
    pub(super) fn help_with(&self, line: &Line) -> Option<HelpNote> {
        let acts: Vec<EntryHash> = match line.direction {
            Direction::Out => vec![line.entry],
            Direction::In => self.home.ledger().accepts_of(&line.entry),
        };
        let help = acts.iter().find_map(|act| self.home.help_with(act))?;
        Some(HelpNote { desk: self.person(help.desk), volunteer: self.person(help.volunteer) })
    }
}
