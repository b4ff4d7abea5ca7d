//! What orders have come to, kept as words and payments arrive: nobody reads all of them to know what is left of a good, or
//! what a shop owes.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::shop::OrderStage;
use kaifong_domain::{EntryHash, GoodId, MemberId, OrderId};

use super::OrderRow;
use crate::home::Home;

/// Pieces that are held, and orders that wait to be paid back.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    held: BTreeMap<(MemberId, GoodId), Held>,
    holding: BTreeSet<OrderId>,
    owed: BTreeSet<(MemberId, OrderId)>,
}

/// The pieces of one good that were paid and neither called off by the shop nor paid back.
#[derive(Debug, Default)]
struct Held {
    all: u64,
    of: BTreeMap<MemberId, u64>,
}

impl Standings {
    fn hold(&mut self, row: &OrderRow, holds: bool) {
        let (id, order) = (row.placed.id, &row.placed.order);
        if self.holding.contains(&id) == holds {
            return;
        }
        let held = self.held.entry((order.shop, order.good)).or_default();
        let theirs = held.of.entry(row.placed.buyer).or_default();
        let pieces = u64::from(order.pieces);
        if holds {
            self.holding.insert(id);
            (held.all, *theirs) = (held.all + pieces, *theirs + pieces);
        } else {
            self.holding.remove(&id);
            (held.all, *theirs) = (held.all.saturating_sub(pieces), theirs.saturating_sub(pieces));
        }
    }

    fn owe(&mut self, row: &OrderRow, owes: bool) {
        let key = (row.placed.order.shop, row.placed.id);
        if owes {
            self.owed.insert(key);
        } else {
            self.owed.remove(&key);
        }
    }

    /// Gives the orders of a shop that were paid and called off, and that are not paid back, in order of id.
    pub(crate) fn owed_by(&self, shop: &MemberId) -> impl Iterator<Item = &OrderId> + use<'_> {
        let (least, most) = ((*shop, OrderId([0; 16])), (*shop, OrderId([0xFF; 16])));
        self.owed.range(least..=most).map(|(_, id)| id)
    }
}

impl Home {
    /// Sees anew where one order stands, after something was said of it or a payment of it was taken. Nothing else moves it:
    /// what was taken stays taken, and when other entries count than before, all is read again.
    pub(super) fn weigh_order(&mut self, id: &OrderId) {
        let Some(row) = self.order(id) else { return };
        let off = row.stage == OrderStage::CalledOff && row.is_paid(self);
        // Where the buyer alone has called it off, it lies there until the shop's device has heard.
        let lies_there = matches!(row.stage, OrderStage::Paid | OrderStage::PickedUp);
        self.standings.hold(&row, lies_there || (off && row.placed.shop_word.is_none()));
        self.standings.owe(&row, off);
    }

    /// Takes in that somebody has accepted a transfer: it may pay an order, or pay one back.
    pub(crate) fn note_paid_order(&mut self, transfer: &EntryHash) {
        let Some(reason) = self.ledger.transfer(transfer).and_then(|row| row.reason) else { return };
        let paid = self.shops.order(&OrderId(reason.0)).or_else(|| self.shops.paid_back_by(&reason));
        if let Some(placed) = paid {
            self.weigh_order(&placed.id);
        }
    }

    /// Counts the pieces of a good that were paid and neither called off by the shop nor paid back: all, and one member's.
    pub fn taken(&self, shop: &MemberId, good: &GoodId, by: Option<&MemberId>) -> (u64, u64) {
        let Some(held) = self.standings.held.get(&(*shop, *good)) else { return (0, 0) };
        (held.all, by.and_then(|by| held.of.get(by)).copied().unwrap_or(0))
    }
}
