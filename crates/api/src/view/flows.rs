//! How points flow in the building: what they were given for and who took them, added up over everybody and naming nobody.

use std::collections::BTreeMap;

use kaifong_domain::MemberId;
use kaifong_domain::rows::DealRow;
use kaifong_node::ledger::{Direction, Line, LineState};

use super::View;
use crate::ApiError;
use crate::dto::{FlowFor, FlowNote, FlowTaker, Flows, FlowsArgs, GrantAct, Kind, TakerNote};

/// What a payment was for.
type For = (FlowFor, Option<Kind>, Option<GrantAct>);

impl View<'_> {
    pub(crate) fn flows(&self, args: &FlowsArgs) -> Result<Flows, ApiError> {
        self.require_me()?;
        let roster = self.home.roster();
        let accounts = roster.members().map(|(id, _)| *id).chain([self.home.fund()]);
        let (mut given, mut taken) = (BTreeMap::<For, u64>::new(), BTreeMap::<FlowTaker, u64>::new());
        let mut payments = 0;
        for account in accounts {
            for line in self.home.ledger().statement(&account) {
                let counts = line.direction == Direction::In && line.state == LineState::Accepted;
                // What somebody moves between own devices flows nowhere.
                if !counts || line.counterpart == Some(account) || line.signed_at.0 < args.since.unwrap_or(0) {
                    continue;
                }
                let points = u64::from(line.points.0);
                *given.entry(self.given_for(account, &line)).or_default() += points;
                *taken.entry(self.taker(&account)).or_default() += points;
                payments += 1;
            }
        }
        let mut given: Vec<FlowNote> =
            given.into_iter().map(|((what, kind, act), points)| FlowNote { what, kind, act, points }).collect();
        given.sort_by_key(|note| std::cmp::Reverse(note.points));
        let mut taken: Vec<TakerNote> = taken.into_iter().map(|(taker, points)| TakerNote { taker, points }).collect();
        taken.sort_by_key(|note| std::cmp::Reverse(note.points));
        Ok(Flows { points: given.iter().map(|note| note.points).sum(), payments, given, taken })
    }

    fn given_for(&self, taker: MemberId, line: &Line) -> For {
        if let Some(purpose) = &line.purpose {
            return (FlowFor::Grant, None, Some(super::fund::purpose(purpose).act));
        }
        if self.line_activity(line.reason).is_some() {
            return (FlowFor::Activity, None, None);
        }
        if taker == self.home.fund() {
            return (FlowFor::ToFund, None, None);
        }
        let kind = |deal: &DealRow| {
            let row = self.home.board().listing(&deal.terms.owner, &deal.terms.listing)?;
            row.listing.kind.map(Kind::from)
        };
        match line.reason {
            None => (FlowFor::Gift, None, None),
            Some(reason) => match self.home.deal_paid(&reason) {
                Some(deal) => (FlowFor::Deal, kind(deal), None),
                None if self.line_recurring(Some(reason)).is_some() => (FlowFor::Deal, Some(Kind::Time), None),
                None if self.bought(reason).is_some() => (FlowFor::Goods, None, None),
                None if self.slip_number(&reason).is_some() => (FlowFor::Slip, None, None),
                None => (FlowFor::Other, None, None),
            },
        }
    }

    fn taker(&self, account: &MemberId) -> FlowTaker {
        let kind = self.home.roster().member(account).map(|member| member.kind);
        match kind {
            _ if *account == self.home.fund() => FlowTaker::Fund,
            Some(kind) if kind.is_organisation() => FlowTaker::Organisations,
            _ => FlowTaker::Neighbours,
        }
    }
}
