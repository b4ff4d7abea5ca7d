//! Deals of which the two say different numbers of points.

use std::cmp::Reverse;

use kaifong_domain::rows::DealRow;
use kaifong_domain::{DealId, EntryHash};
use kaifong_node::ledger::Line;

use super::View;
use crate::ApiError;
use crate::dto::{Deals, DisputeNote};

impl View<'_> {
    /// Tells the two, and mediators, how it stands with the points of a deal; `None` where nobody has said anything.
    pub(super) fn dispute(&self, row: &DealRow) -> Option<DisputeNote> {
        let dispute = self.home.dispute(row);
        let may_see = self.me.is_some_and(|me| row.is_party(&me)) || self.mediates();
        if !dispute.raised || !may_see {
            return None;
        }
        let owed = self.home.owed(row);
        Some(DisputeNote {
            giver: dispute.giver.0,
            receiver: dispute.receiver.0,
            ruling: dispute.ruling.map(|(points, _)| points.0),
            ruled_by: dispute.ruling.map(|(_, by)| self.person(by)),
            figure: dispute.figure().map(|points| points.0),
            waits_for: dispute.waits_for.map(|member| self.person(member)),
            owes: owed.map(|owed| self.person(owed.by)),
            owed: owed.map_or(0, |owed| owed.points.0),
        })
    }

    /// All that was signed about a deal: its steps, then what was said of its points, as it was signed in time.
    pub(super) fn entries_of(&self, row: &DealRow) -> Vec<EntryHash> {
        let journals = self.home.journals();
        let mut words: Vec<_> = self.home.disputes().entries(row).collect();
        words.sort_by_key(|hash| (journals.entry(hash).map(|entry| entry.value().at), *hash));
        row.entries.iter().copied().chain(words).collect()
    }

    /// Tells whether a payment names this deal: it pays the deal, or corrects what was paid.
    pub(super) fn pays(&self, line: &Line, deal: &DealId) -> bool {
        line.reason.and_then(|reason| self.home.deal_paid(&reason)).is_some_and(|paid| paid.id == *deal)
    }

    fn mediates(&self) -> bool {
        self.me.is_some_and(|me| self.home.mediates(&me))
    }

    /// Lists the deals that are in dispute: one's own, and for a mediator all.
    pub(crate) fn disputes(&self) -> Result<Deals, ApiError> {
        let me = self.require_me()?;
        let mediates = self.mediates();
        let deals = self.home.disputes().deals().filter_map(|deal| self.home.board().deal(deal));
        let open = deals.filter(|row| {
            let dispute = self.home.dispute(row);
            dispute.raised && dispute.figure().is_none() && (row.is_party(&me) || mediates)
        });
        let mut rows: Vec<_> = open.collect();
        rows.sort_unstable_by_key(|row| (Reverse(row.changed_at), row.id));
        Ok(Deals { total: rows.len() as u64, rows: rows.into_iter().map(|row| self.deal(row)).collect() })
    }
}
