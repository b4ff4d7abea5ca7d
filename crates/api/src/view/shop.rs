//! Goods for points, and orders.

use std::cmp::Reverse;

use kaifong_domain::shop::{self, Placed, ShopRefusal};
use kaifong_domain::staff::Written;
use kaifong_domain::{MemberId, OrderId, ReasonId, Refusal};
use kaifong_node::trust::pickup::PickUpCode;
use kaifong_node::{Face, Node, OrderRow};

use super::View;
use super::points::text_of;
use crate::dto::{Bought, Good, Goods, Order, OrderDetail, OrderStage, Orders, OrdersArgs, PickUpRead};
use crate::{ApiError, Hex, words};

impl View<'_> {
    fn good(&self, shop: MemberId, good: &shop::Good, node: &Node) -> Good {
        let (taken, have) = self.home.taken(&shop, &good.id, self.me.as_ref());
        let mine = self.me == Some(shop);
        let why = match good.check_order(1, taken, have, self.now) {
            Err(why) => Some(why),
            Ok(_) => self.home.till_journal(&shop, &good.till).is_none().then(|| ShopRefusal::TillGone.into()),
        };
        let (person, _) = self.written_by(shop, &Written::Good(good.id));
        Good {
            shop: if person.hand.as_ref().is_some_and(|hand| hand.device.is_some()) {
                person
            } else {
                self.person(shop)
            },
            good: Hex(good.id),
            mine,
            title: good.title.clone(),
            body: good.body.clone(),
            points: good.points.0,
            pieces: good.pieces,
            left: good.pieces.map(|all| u64::from(all).saturating_sub(taken)),
            taken,
            each: good.each,
            have,
            until: good.until.map(|at| at.0),
            put_at: good.put_at.0,
            withdrawn_at: good.withdrawn_at.map(|at| at.0),
            open: why.is_none(),
            why: why.as_ref().map(words::refusal),
            here: mine && good.till == node.device(),
        }
    }

    /// Lists what can be ordered, and of one's own shop all.
    pub(crate) fn goods(&self, node: &Node) -> Goods {
        let shops = self.home.shops();
        let shown = shops.goods().filter(|(shop, good)| {
            let mine = self.me == Some(**shop);
            self.home.may_sell(shop) && (mine || (!self.is_gone(shop) && good.is_open(self.now)))
        });
        let mut rows: Vec<Good> = shown.map(|(shop, good)| self.good(*shop, good, node)).collect();
        rows.sort_by_key(|row| (row.withdrawn_at.is_some(), row.shop.member.0, Reverse(row.put_at), row.good.0));
        let open = |placed: Placed| self.home.order_row(placed).stage;
        let waits = |stage: &shop::OrderStage| matches!(stage, shop::OrderStage::Ordered | shop::OrderStage::Paid);
        let mine = self.me.into_iter().flat_map(|me| shops.orders_by(&me)).map(open).filter(waits).count();
        let sells = self.me.is_some_and(|me| self.home.may_sell(&me));
        let at_us = self.me.filter(|_| sells).into_iter().flat_map(|me| shops.orders_at(&me)).map(open);
        let to_hand_out = at_us.filter(|stage| *stage == shop::OrderStage::Paid).count();
        Goods { rows, sells, mine_open: mine as u64, to_hand_out: to_hand_out as u64 }
    }

    fn order_of(&self, row: &OrderRow, node: &Node) -> Order {
        let (placed, order) = (&row.placed, &row.placed.order);
        let word = placed.shop_word;
        let hand = word.and_then(|word| self.signed_by(&word.entry));
        let off =
            placed.buyer_word.into_iter().chain(word.filter(|word| word.key.is_none())).map(|word| word.at.0).min();
        let picked_up = row.stage == shop::OrderStage::PickedUp;
        let good = self.home.shops().good(&order.shop, &order.good);
        let (me, till) = (self.me, node.is_till_of(placed));
        Order {
            order: Hex(placed.id),
            entry: Hex(placed.entry),
            shop: hand.unwrap_or_else(|| self.person(order.shop)),
            buyer: self.signed_by(&placed.entry).unwrap_or_else(|| self.person(placed.buyer)),
            good: Hex(order.good),
            title: good.map(|good| good.title.clone()),
            pieces: order.pieces,
            points: order.points.0,
            at: placed.at.0,
            stage: row.stage.into(),
            picked_up_at: word.filter(|_| picked_up).map(|word| word.at.0),
            called_off_at: off.filter(|_| !picked_up),
            // The till's own word after the buyer's only carries that out.
            off_by_shop: !picked_up && word.is_some() && placed.buyer_word.is_none(),
            may_call_off: row.is_open() && (me == Some(placed.buyer) || (me == Some(order.shop) && till)),
            may_hand_out: row.stage == shop::OrderStage::Paid && till,
        }
    }

    /// Lists one's own orders, or those at one's own shop.
    ///
    /// # Errors
    /// `not-yet-member`, `not-a-shop`.
    pub(crate) fn orders(&self, node: &Node, args: &OrdersArgs) -> Result<Orders, ApiError> {
        let me = self.require_me()?;
        if args.at_us && !self.home.may_sell(&me) {
            return Err(Refusal::from(ShopRefusal::NotAShop).into());
        }
        let shops = self.home.shops();
        let placed: Vec<Placed> =
            if args.at_us { shops.orders_at(&me).collect() } else { shops.orders_by(&me).collect() };
        let rows = placed.into_iter().map(|placed| self.order_of(&self.home.order_row(placed), node));
        let mut rows: Vec<Order> = rows.collect();
        let waits = |row: &Order| matches!(row.stage, OrderStage::Ordered | OrderStage::Paid | OrderStage::CalledOff);
        rows.sort_by_key(|row| (!waits(row), Reverse(row.at), row.order.0));
        Ok(Orders { rows })
    }

    /// Shows one order to who made it and to its shop.
    ///
    /// # Errors
    /// `order-unknown`.
    pub(crate) fn order(&self, node: &Node, id: &OrderId) -> Result<OrderDetail, ApiError> {
        let me = self.require_me()?;
        let row = self.home.order(id).filter(|row| row.placed.buyer == me || row.placed.order.shop == me);
        let row = row.ok_or(Refusal::from(ShopRefusal::OrderUnknown))?;
        Ok(OrderDetail {
            order: self.order_of(&row, node),
            mine: row.placed.buyer == me,
            code: node.code_of(&row).map(|code| code.to_string()),
            text: node.pick_up_shown(&row).and_then(|shown| shown.text()),
        })
    }

    /// Tells what somebody shows at this shop, after all that their code carries was taken in.
    ///
    /// # Errors
    /// `not-a-shop`, `pick-up-code-wrong`.
    pub(crate) fn pick_up(&self, node: &Node, code: &PickUpCode, face: Option<Face>) -> Result<PickUpRead, ApiError> {
        match (node.order_with(code), face) {
            (Ok(row), _) => Ok(PickUpRead { order: Some(self.order_of(&row, node)), person: None, lacking: None }),
            (Err(_), Some(Face::Lacking { member, shows })) => Ok(PickUpRead {
                order: None,
                person: member.map(|member| self.person(member)),
                lacking: Some(text_of(&shows)?),
            }),
            (Err(why), _) => Err(why.into()),
        }
    }

    /// Tells what a transfer with this reason bought, or gave back.
    pub(super) fn bought(&self, reason: ReasonId) -> Option<Bought> {
        let shops = self.home.shops();
        let paid = shops.order(&OrderId(reason.0)).map(|placed| (placed, false));
        let (placed, back) = paid.or_else(|| shops.paid_back_by(&reason).map(|placed| (placed, true)))?;
        let good = shops.good(&placed.order.shop, &placed.order.good);
        Some(Bought {
            order: Hex(placed.id),
            title: good.map(|good| good.title.clone()),
            pieces: placed.order.pieces,
            back,
        })
    }
}
