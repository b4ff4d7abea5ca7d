//! Goods for points: a shop offers them, a neighbour orders, the shop's device takes the points by itself if all fits, and hands out
//! against a code.
//!
//! One device of the shop, the *till* that a good names, takes its orders, counts what is left and hands out. So nothing is sold
//! twice by devices apart, and whoever counts needs no network.

mod standing;
#[cfg(test)]
mod tests;

pub(crate) use standing::Standings;

use std::collections::BTreeSet;

use kaifong_domain::record::Edit;
use kaifong_domain::shop::{
    GOODS_OPEN_MAX, Good, Order, OrderStage, Payment, Placed, ShopAct, ShopRefusal, Shops, SignedShopAct,
};
use kaifong_domain::{DeviceId, EntryHash, GoodId, Instant, JournalId, MemberId, OrderId, Points, ReasonId, Refusal};
use kaifong_ledger::{LineState, TransferRow};
use kaifong_sync::pickup::PickUpShown;
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry, MemberKind, Transfer};
use kaifong_trust::pickup::PickUpCode;
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::home::{Arrival, Home};
use crate::node::Node;

/// In how many journals of one shop a code is looked for: each costs a slow hash.
const TILLS_MAX: usize = 4;

/// What a person does with goods and orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShopCommand {
    /// As a shop, offers a good; answered by [`Done::GoodPut`]. This device takes the orders.
    Put(GoodDraft),
    /// As a shop, says anew how many there are and until when; from now on this device takes the orders.
    Change {
        /// Which.
        good: GoodId,
        /// How many pieces there are in all.
        pieces: Option<u32>,
        /// How many each may have.
        each: Option<u32>,
        /// Until when it can be ordered.
        until: Option<Instant>,
    },
    /// As a shop, takes a good back.
    Withdraw {
        /// Which.
        good: GoodId,
    },
    /// Orders a good and pays it; answered by [`Done::Ordered`].
    Order {
        /// Whose.
        shop: MemberId,
        /// Which.
        good: GoodId,
        /// How many pieces.
        pieces: u32,
    },
    /// As the buyer or as the shop, calls an order off before it is picked up.
    CallOff {
        /// Which.
        order: OrderId,
    },
    /// As the shop, hands an order out.
    HandOut {
        /// Which.
        order: OrderId,
        /// What the buyer has shown.
        code: PickUpCode,
    },
}

/// The words of a good before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodDraft {
    /// 1 to 60 characters.
    pub title: String,
    /// At most 500 characters.
    pub body: String,
    /// What one piece costs.
    pub points: Points,
    /// How many pieces there are in all.
    pub pieces: Option<u32>,
    /// How many each may have.
    pub each: Option<u32>,
    /// Until when it can be ordered.
    pub until: Option<Instant>,
}

/// An order, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// What was signed about it.
    pub placed: Placed,
    /// Where it stands.
    pub stage: OrderStage,
    /// The transfer that pays it, if there is one.
    pub payment: Option<EntryHash>,
    /// What became of what was paid back.
    pub back: Payment,
}

impl Home {
    /// Goods and orders.
    pub fn shops(&self) -> &Shops {
        &self.shops
    }

    /// Tells whether a member offers goods for points: a shop, or the desk of the share-room.
    pub fn may_sell(&self, member: &MemberId) -> bool {
        let kind = self.roster().member(member).map(|member| member.kind);
        matches!(kind, Some(MemberKind::Shop | MemberKind::Desk))
    }

    /// Takes in what stands in an entry about goods, if its journal still counts there.
    pub(crate) fn fold_shop(&mut self, entry: &Verified<Entry>, arrival: &mut Arrival) {
        let value = entry.value();
        let hash = EntryHash(entry.hash());
        let by = self.journals.roster().owner_of_journal(&value.journal);
        if let (Body::Shop(act), Some(by), true) = (&value.body, by, self.journals.counts(&hash)) {
            let (journal, seq, at) = (value.journal, value.seq, value.at);
            self.shops.add_act(SignedShopAct { by, entry: hash, journal, seq, at, act: *act });
            self.weigh_order(&OrderId::from(*act.about().unwrap_or(&hash)));
            arrival.tags.insert(Tag::Shop);
        }
    }

    /// Finds the best that became of one member's transfers which pay this.
    fn payment(
        &self,
        (reason, by): (ReasonId, &MemberId),
        points: Points,
        fits: impl Fn(&TransferRow) -> bool,
    ) -> (Payment, Option<EntryHash>) {
        let rows = self.shops.transfers_for(reason, by).filter_map(|hash| Some((*hash, self.ledger.transfer(hash)?)));
        let fitting = rows.filter(|(_, row)| row.points == points && row.purpose.is_none() && fits(row));
        let judged = fitting.map(|(hash, row)| match row.state {
            LineState::Accepted => (Payment::Taken, Some(hash)),
            LineState::Signed | LineState::NotCounted(_) => (Payment::Signed, Some(hash)),
            LineState::Declined => (Payment::Declined, Some(hash)),
        });
        judged.max().unwrap_or_default()
    }

    fn is_of(&self, journal: &JournalId, member: &MemberId) -> bool {
        self.journals.journal(journal).is_some_and(|known| known.member == *member && !known.open.is_fund())
    }

    /// Tells where an order stands.
    pub fn order_row(&self, placed: Placed) -> OrderRow {
        let order = &placed.order;
        let paid = |row: &TransferRow| row.payer == placed.journal && row.payee == order.to;
        let back = |row: &TransferRow| self.is_of(&row.payee, &placed.buyer);
        let (payment, transfer) = self.payment((placed.id.into(), &placed.buyer), order.points, paid);
        // A journal that is not the shop's may take the points; that buys nothing.
        let payment = if self.is_of(&order.to, &order.shop) { payment } else { payment.min(Payment::Signed) };
        let (back, _) = self.payment((placed.id.back(), &order.shop), order.points, back);
        OrderRow { stage: placed.stage(payment, back), payment: transfer, back, placed }
    }

    /// Gives one order.
    pub fn order(&self, id: &OrderId) -> Option<OrderRow> {
        Some(self.order_row(self.shops.order(id)?))
    }

    /// Gives the journal in which a device of a shop takes points: of those in use the one that was opened last, as it claims.
    pub fn till_journal(&self, shop: &MemberId, till: &DeviceId) -> Option<JournalId> {
        let opened = |journal: &kaifong_trust::journals::Journal| {
            self.journals.entry(&journal.opened_by).map(|open| open.value().at)
        };
        let theirs = self.journals.journals().filter(|journal| journal.member == *shop && journal.device == *till);
        let usable = theirs.filter(|journal| !journal.open.is_fund() && !self.ledger.is_forked(&journal.id));
        let usable = usable.filter(|journal| !self.roster().is_shut(&journal.device) && self.is_in_use(&journal.id));
        usable.max_by_key(|journal| (opened(journal), journal.id)).map(|journal| journal.id)
    }

    fn good(&self, shop: &MemberId, good: &GoodId) -> Result<&Good, ShopRefusal> {
        self.shops.good(shop, good).filter(|_| self.may_sell(shop)).ok_or(ShopRefusal::GoodUnknown)
    }
}

impl OrderRow {
    fn is_paid(&self, home: &Home) -> bool {
        let order = &self.placed.order;
        let taken = |hash: &EntryHash| home.ledger.transfer(hash).is_some_and(|row| row.state == LineState::Accepted);
        // What somebody else's journal has taken was not paid to the shop.
        home.is_of(&order.to, &order.shop) && self.payment.as_ref().is_some_and(taken)
    }

    /// Tells whether it could still be called off by one who has not done so.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, OrderStage::Ordered | OrderStage::Paid)
    }
}

impl Node {
    pub(crate) fn shop_command(&mut self, command: ShopCommand) -> Result<Done, NodeError> {
        match command {
            ShopCommand::Put(draft) => self.put_good(draft),
            ShopCommand::Change { good, pieces, each, until } => {
                let till = self.key.id();
                self.change_good(good, |good| Good { pieces, each, until, till, ..good })
            }
            ShopCommand::Withdraw { good } => {
                let now = self.now;
                self.change_good(good, |good| Good { withdrawn_at: good.withdrawn_at.or(Some(now)), ..good })
            }
            ShopCommand::Order { shop, good, pieces } => self.order(shop, good, pieces),
            ShopCommand::CallOff { order } => self.call_order_off(&order),
            ShopCommand::HandOut { order, code } => self.hand_order_out(&order, &code),
        }
    }

    fn require_shop(&mut self) -> Result<MemberId, NodeError> {
        let me = self.require_me()?;
        if self.require_home()?.may_sell(&me) { Ok(me) } else { Err(ShopRefusal::NotAShop.into()) }
    }

    fn put_good(&mut self, draft: GoodDraft) -> Result<Done, NodeError> {
        let me = self.require_shop()?;
        let GoodDraft { title, body, points, pieces, each, until } = draft;
        let (title, body) = (title.trim().to_owned(), body.trim().to_owned());
        let (put_at, till) = (self.now, self.key.id());
        let id = Good::id_of(&title, &body, points, put_at);
        let good = Good { id, title, body, points, pieces, each, until, till, put_at, withdrawn_at: None };
        good.check()?;
        // What is over counts until it is taken back: neighbours' devices, which know no hour, show only so many.
        let kept = self.require_home()?.shops.goods_of(&me).filter(|good| good.withdrawn_at.is_none()).count();
        if kept >= GOODS_OPEN_MAX {
            return Err(ShopRefusal::GoodsFull { most: GOODS_OPEN_MAX }.into());
        }
        self.edit(&Edit::PutGood(good))?;
        Ok(Done::GoodPut(id))
    }

    fn change_good(&mut self, good: GoodId, change: impl FnOnce(Good) -> Good) -> Result<Done, NodeError> {
        let me = self.require_shop()?;
        let known = self.require_home()?.good(&me, &good)?.clone();
        if known.withdrawn_at.is_some() {
            return Err(ShopRefusal::GoodOver.into());
        }
        let changed = change(known);
        changed.check()?;
        self.edit(&Edit::PutGood(changed))?;
        Ok(Done::Saved)
    }

    fn order(&mut self, shop: MemberId, good: GoodId, pieces: u32) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let offered = home.good(&shop, &good)?.clone();
        if shop == me {
            return Err(ShopRefusal::OwnGood.into());
        }
        let (taken, theirs) = home.taken(&shop, &good, Some(&me));
        let points = offered.check_order(pieces, taken, theirs, now)?;
        let to = home.till_journal(&shop, &offered.till).ok_or(ShopRefusal::TillGone)?;
        let building = home.id();
        self.require_not_gone(&shop)?;
        self.check_payment(points)?;
        // The journal comes first: the order names it.
        self.speak_for_oneself()?;
        let journal = self.own_journal().ok_or(Refusal::NotYetMember)?;
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        let key = PickUpCode::of(&self.key, &nonce).key(&building, &to);
        let key = key.ok_or_else(|| NodeError::NotSaved("no memory for the pick-up code".into()))?;
        let order = Order { shop, good, pieces, points, to, nonce, code: Order::seal(&key, &journal, &nonce) };
        let id = OrderId::from(self.write(Body::Shop(ShopAct::Order(order)))?);
        self.transfer(to, points, Some(id.into()))?;
        Ok(Done::Ordered(id))
    }

    fn call_order_off(&mut self, id: &OrderId) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let row = self.order_of(id, |placed| placed.buyer == me || placed.order.shop == me)?;
        let by_buyer = row.placed.buyer == me;
        // What the buyer alone has said, a shop whose till is lost can still act upon.
        let open = row.is_open() || (!by_buyer && row.stage == OrderStage::CalledOff && row.placed.shop_word.is_none());
        if !open {
            return Err(ShopRefusal::OrderOver { stage: row.stage.name() }.into());
        }
        if !by_buyer {
            self.require_till(&row.placed)?;
        }
        self.write(Body::Shop(ShopAct::CallOff { order: row.placed.entry }))?;
        Ok(Done::Saved)
    }

    fn hand_order_out(&mut self, id: &OrderId, code: &PickUpCode) -> Result<Done, NodeError> {
        let me = self.require_shop()?;
        let row = self.order_of(id, |placed| placed.order.shop == me)?;
        if row.stage != OrderStage::Paid {
            return Err(ShopRefusal::OrderOver { stage: row.stage.name() }.into());
        }
        self.require_till(&row.placed)?;
        let key = code.key(&self.require_home()?.id(), &row.placed.order.to);
        let key = key.filter(|key| row.placed.order.opens(key, &row.placed.journal)).ok_or(ShopRefusal::CodeWrong)?;
        self.write(Body::Shop(ShopAct::PickUp { order: row.placed.entry, key }))?;
        Ok(Done::Saved)
    }

    fn order_of(&mut self, id: &OrderId, fits: impl Fn(&Placed) -> bool) -> Result<OrderRow, NodeError> {
        let row = self.require_home()?.order(id).filter(|row| fits(&row.placed));
        Ok(row.ok_or(ShopRefusal::OrderUnknown)?)
    }

    /// Refuses what only the device that was paid does, unless its journal is out of use.
    fn require_till(&self, placed: &Placed) -> Result<(), NodeError> {
        if self.is_till_of(placed) { Ok(()) } else { Err(ShopRefusal::OtherTill.into()) }
    }

    /// Tells whether this device of the shop hands this order out: it was paid, or the one that was paid is no longer in use.
    pub fn is_till_of(&self, placed: &Placed) -> bool {
        let Some(home) = self.home() else { return false };
        let to = placed.order.to;
        let Some(paid) = home.journals.journal(&to).filter(|_| self.me() == Some(placed.order.shop)) else {
            return false;
        };
        let lost = || home.ledger.is_forked(&to) || !home.is_in_use(&to) || home.roster().is_shut(&paid.device);
        paid.device == self.key.id() || lost()
    }

    /// Gives the code of an order that this device has made and that could be picked up.
    pub fn code_of(&self, row: &OrderRow) -> Option<PickUpCode> {
        let journal = self.home()?.journals().journal(&row.placed.journal)?;
        let own = journal.device == self.key.id() && self.me() == Some(row.placed.buyer);
        (own && row.is_open()).then(|| PickUpCode::of(&self.key, &row.placed.order.nonce))
    }

    /// Gives what is shown to a shop whose device may have heard nothing: the code, the order and its payment.
    pub fn pick_up_shown(&self, row: &OrderRow) -> Option<PickUpShown> {
        let (code, transfer) = (self.code_of(row)?, row.payment?);
        let shown = self.shows(&transfer).ok()?;
        Some(PickUpShown { code, shown })
    }

    /// Finds the order that a code opens, one that can be handed out before one that cannot any more.
    ///
    /// # Errors
    /// [`ShopRefusal::NotAShop`], [`ShopRefusal::CodeWrong`].
    pub fn order_with(&self, code: &PickUpCode) -> Result<OrderRow, NodeError> {
        let me = self.require_me()?;
        let home = self.home().filter(|home| home.may_sell(&me)).ok_or(ShopRefusal::NotAShop)?;
        let orders: Vec<Placed> = home.shops.orders_at(&me).collect();
        let mut tills: Vec<JournalId> =
            orders.iter().map(|placed| placed.order.to).collect::<BTreeSet<_>>().into_iter().collect();
        // The own one first, and nobody has more looked for by ordering into journals that are not the shop's.
        tills.retain(|to| home.is_of(to, &me));
        tills.sort_by_key(|to| Some(*to) != self.own_journal());
        let mut found = Vec::new();
        for to in tills.iter().take(TILLS_MAX) {
            let Some(key) = code.key(&home.id(), to) else { continue };
            let opened = orders.iter().filter(|placed| placed.order.to == *to);
            found.extend(opened.filter(|placed| placed.order.opens(&key, &placed.journal)).cloned());
        }
        let rows = found.into_iter().map(|placed| home.order_row(placed));
        let best = rows.min_by_key(|row| (row.stage != OrderStage::Paid, row.placed.at, row.placed.id));
        Ok(best.ok_or(ShopRefusal::CodeWrong)?)
    }

    /// Tells whether a payment of an order, or one that pays an order back, may be taken. `None` for what is neither, and for an
    /// order of a good that this device has not heard of yet.
    pub(crate) fn order_owes(&self, row: &TransferRow) -> Option<bool> {
        let (home, reason) = (self.home()?, row.reason?);
        if let Some(placed) = home.shops.order(&OrderId(reason.0)) {
            return self.may_take_order(&placed, row);
        }
        let back = home.order_row(home.shops.paid_back_by(&reason)?);
        let order = &back.placed.order;
        let fits = home.payee_of(row) == Some(back.placed.buyer)
            && row.payer_member == order.shop
            && row.points == order.points;
        // What the shop pays back comes after what it has taken; that may still be on its way here.
        if fits && !back.is_paid(home) { None } else { Some(fits && back.back != Payment::Taken) }
    }

    fn may_take_order(&self, placed: &Placed, row: &TransferRow) -> Option<bool> {
        let (home, order) = (self.home()?, &placed.order);
        let fits = self.me() == Some(order.shop)
            && row.payer == placed.journal
            && row.payee == order.to
            && row.points == order.points
            && self.own_journal() == Some(order.to);
        if !fits || !home.may_sell(&order.shop) || placed.shop_word.is_some() || placed.buyer_word.is_some() {
            return Some(false);
        }
        let good = home.shops.good(&order.shop, &order.good)?;
        let (taken, theirs) = home.taken(&order.shop, &order.good, Some(&placed.buyer));
        let price = good.check_order(order.pieces, taken, theirs, self.now);
        Some(good.till == self.key.id() && price == Ok(order.points))
    }

    /// Gives what this device owes where an order that its shop was paid for is called off: the shop's word, then the points.
    pub(crate) fn next_return(&self) -> Option<Body> {
        let (home, me, _) = (self.home()?, self.me()?, self.own_journal()?);
        let owed = home.standings.owed_by(&me).filter_map(|id| home.order(id));
        owed.filter(|row| self.settles(home, &row.placed.order)).find_map(|row| match row.placed.shop_word {
            None => Some(Body::Shop(ShopAct::CallOff { order: row.placed.entry })),
            Some(_) => self.pays_back(home, &row),
        })
    }

    /// Tells whether it is this device that pays an order back: the one that was paid, whatever journal it writes today. Where
    /// that one is closed it is one of those that may hand out then: the one that takes the good's orders now, or else the one
    /// whose journal is paid into first.
    fn settles(&self, home: &Home, order: &Order) -> bool {
        let Some(paid) = home.journals.journal(&order.to) else { return false };
        if !home.roster().is_shut(&paid.device) {
            return paid.device == self.key.id();
        }
        let till = home.shops.good(&order.shop, &order.good).map(|good| good.till);
        let till = till.filter(|till| home.till_journal(&order.shop, till).is_some());
        let first = || home.journals_in_use(&order.shop).first().map(|own| own.device);
        till.or_else(first) == Some(self.key.id())
    }

    /// Pays an order back, once: what the buyer's device declines is for people to settle, and what it may still take is not
    /// sent again. What was signed on a device that was closed before, or is borne by the fund, nobody takes any more.
    fn pays_back(&self, home: &Home, row: &OrderRow) -> Option<Body> {
        let (reason, order) = (row.placed.id.back(), &row.placed.order);
        let stands = |transfer: &EntryHash| home.journals.counts(transfer) && !home.ledger.is_borne(transfer);
        if home.shops.transfers_for(reason, &order.shop).any(stands) {
            return None;
        }
        let (tip, quota) = (self.tip()?, home.roster().now().charter.quota);
        let stamp = home.ledger.newest_stamp(&tip);
        home.ledger.check_transfer(&tip, stamp.as_ref(), order.points, quota).ok()?;
        let theirs = home.journals_in_use(&row.placed.buyer);
        let to = theirs.iter().find(|own| own.journal == row.placed.journal).or(theirs.first())?.journal;
        Some(match stamp {
            Some(stamp) => Body::Cite { stamp },
            None => Body::Transfer(Transfer { to, points: order.points, reason: Some(reason) }),
        })
    }
}
