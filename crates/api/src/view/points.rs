//! One's own account.

use kaifong_domain::{DealId, EntryHash};
use kaifong_node::Node;
use kaifong_node::ledger::{self, NotCounted, Uncovered};

use super::View;
use super::listings::page;
use crate::dto::{Account, Line, LineState, Statement, StatementArgs};
use crate::{ApiError, Hex};

const NEWEST_LINES: usize = 20;

impl View<'_> {
    pub(crate) fn account(&self, node: &Node) -> Result<Account, ApiError> {
        let me = self.require_me()?;
        let ledger = self.home.ledger();
        let standing = node.tip().and_then(|tip| ledger.standing(&tip));
        let charter = self.home.roster().now().charter;
        let mut lines = self.lines()?;
        let lines_total = lines.len() as u64;
        lines.truncate(NEWEST_LINES);
        Ok(Account {
            balance: ledger.balance(&me),
            // What is contested is there and is left unspent; see the ledger.
            rights: standing.map_or(0, |at| at.rights.saturating_sub_unsigned(at.contested)),
            unseen: standing.map_or(0, |at| at.unseen),
            quota: charter.quota.0,
            credit_line: charter.credit_line.0,
            lines,
            lines_total,
        })
    }

    pub(crate) fn statement(&self, args: &StatementArgs) -> Result<Statement, ApiError> {
        let limit = page(args.limit, 100, 500)?;
        let lines = self.lines()?;
        let total = lines.len() as u64;
        let from = match args.after {
            Some(entry) => lines.iter().rposition(|line| line.entry == entry).map_or(lines.len(), |place| place + 1),
            None => 0,
        };
        Ok(Statement { lines: lines.into_iter().skip(from).take(limit).collect(), total })
    }

    pub(super) fn line(&self, line: &ledger::Line) -> Line {
        let (state, why) = match line.state {
            ledger::LineState::Signed => (LineState::Signed, None),
            ledger::LineState::NotCounted(why) => (LineState::NotCounted, Some(not_counted(why).to_owned())),
            ledger::LineState::Declined => (LineState::Declined, None),
            ledger::LineState::Accepted if line.stamped => (LineState::Stamped, None),
            ledger::LineState::Accepted => (LineState::Accepted, None),
        };
        let deal = line.reason.map(|reason| DealId(reason.0));
        let deal = deal.and_then(|deal| self.home.board().deal(&deal));
        let listing = deal.and_then(|deal| self.home.board().listing(&deal.terms.owner, &deal.terms.listing));
        Line {
            at: line.signed_at.0,
            entry: Hex::<EntryHash>(line.entry),
            direction: line.direction.into(),
            counterpart: line.counterpart.map(|member| self.person(member)),
            points: line.points.0,
            deal: deal.map(|deal| Hex(deal.id)),
            title: listing.map(|row| row.listing.title.clone()),
            fund: line.counterpart == Some(self.home.fund()),
            purpose: line.purpose.as_ref().map(super::fund::purpose),
            state,
            why,
        }
    }

    /// One's own lines, the newest first.
    pub(crate) fn lines(&self) -> Result<Vec<Line>, ApiError> {
        let lines = self.home.ledger().statement(&self.require_me()?);
        Ok(lines.iter().rev().map(|line| self.line(line)).collect())
    }
}

fn not_counted(why: NotCounted) -> &'static str {
    match why {
        NotCounted::Unknown => "这里还没有这一笔",
        NotCounted::NotATransfer => "它指的不是一笔积分",
        NotCounted::NotYours => "这一笔是给别的账本的",
        NotCounted::NotForYou => "这一笔是发给别的街坊的",
        NotCounted::NotCovered(Uncovered::NotTreasurer) => "发的人当时不管街坊基金",
        NotCounted::NotCovered(Uncovered::OffRate) => "和当时的分数表对不上",
        NotCounted::NotCovered(Uncovered::NotSeconded) => "要第二个人确认的，没有确认过",
        NotCounted::NotCovered(_) => "付的人当时的积分不够",
        NotCounted::AlreadyAccepted => "已经收过了",
        NotCounted::AlreadyDeclined => "已经退回了",
        NotCounted::ReasonTaken => "同一件事已经收过一笔",
        NotCounted::ConflictingBranch => "付的人的账本分了岔，另一边已经收过",
    }
}
