//! Goods for points: what shops and the desk offer, who ordered what, and what came of it.
//!
//! A good stands in the shop's document. An order stands in the journal of the buyer's device, followed by the transfer that pays
//! it; what the shop does about it (handing out, calling off) stands in the shop's journals. Everything here is a pure function of
//! the *sets* of records and entries that were added, in any order; what became of payments the caller reads from the ledger.
//!
//! # Where an order stands
//!
//! The *shop's word* is the first of what the shop has signed about the order: in the journal that was paid before any other of
//! its journals, then by place, then by hash. A word of handing out counts only with the key that the order's code gives: nobody
//! but who was shown the code has it. The first line that holds:
//!
//! | payment | said | paid back | stage |
//! |---|---|---|---|
//! | taken | the shop's word is handing out | any | `PickedUp` |
//! | taken | any | taken | `PaidBack` |
//! | taken | the shop or the buyer has called it off | not taken | `CalledOff` |
//! | taken | nothing | | `Paid` |
//! | declined | any | | `Declined` |
//! | on its way, or none | the shop or the buyer has called it off | | `CalledOff` |
//! | on its way, or none | otherwise | | `Ordered` |
//!
//! So a buyer who calls off cannot keep what was handed out, and a shop cannot say that it handed out what nobody came for.

mod records;
mod refusal;
#[cfg(test)]
mod tests;

pub use records::*;
pub use refusal::ShopRefusal;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{EntryHash, GoodId, Instant, JournalId, MemberId, OrderId, Points, ReasonId};

/// How many goods of one shop are shown. Twice what a device lets its shop offer: two of them may write apart.
pub const GOODS_SHOWN_MAX: usize = 2 * GOODS_OPEN_MAX;

/// How many words of one kind are kept of one journal about one order: an honest one says each once.
pub const WORDS_MAX: usize = 4;

/// What members sign about orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ShopAct {
    /// Orders a good; the transfer that pays it comes after it in the same journal.
    Order(Order),
    /// The shop has handed out what was ordered.
    PickUp {
        /// The order's entry.
        order: EntryHash,
        /// What the buyer's code gives with the journal that was paid: see [`Order::opens`].
        key: [u8; 32],
    },
    /// The buyer or the shop calls an order off before it is picked up.
    CallOff {
        /// The order's entry.
        order: EntryHash,
    },
}

/// What a buyer orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Whose good.
    pub shop: MemberId,
    /// Which.
    pub good: GoodId,
    /// How many pieces, from 1 to [`PIECES_MAX`].
    pub pieces: u32,
    /// What they cost in all, from 1.
    pub points: Points,
    /// The journal of the shop that is paid.
    pub to: JournalId,
    /// Random: the code is made of it, on the device that orders.
    pub nonce: [u8; 16],
    /// What the code's key must give: see [`Order::seal`].
    pub code: [u8; 32],
}

impl ShopAct {
    /// Tells whether the numbers of an order are such as an order can have.
    pub fn is_well_formed(&self) -> bool {
        match self {
            Self::Order(order) => {
                (1..=PIECES_MAX).contains(&order.pieces) && (1..=Points::MAX.0).contains(&order.points.0)
            }
            Self::PickUp { .. } | Self::CallOff { .. } => true,
        }
    }

    /// Gives the entry of the order that it is about, where it is not the order itself.
    pub fn about(&self) -> Option<&EntryHash> {
        match self {
            Self::Order(_) => None,
            Self::PickUp { order, .. } | Self::CallOff { order } => Some(order),
        }
    }
}

impl Order {
    /// Makes what an order in `journal` says of its code. Bound to journal and nonce, so that nobody copies another's.
    pub fn seal(key: &[u8; 32], journal: &JournalId, nonce: &[u8; 16]) -> [u8; 32] {
        *blake3::Hasher::new_keyed(key).update(&journal.0).update(nonce).finalize().as_bytes()
    }

    /// Tells whether a key is that of this order's code, in a time that says nothing about how much of it fits.
    pub fn opens(&self, key: &[u8; 32], journal: &JournalId) -> bool {
        blake3::Hash::from_bytes(self.code) == blake3::Hash::from_bytes(Self::seal(key, journal, &self.nonce))
    }
}

impl OrderId {
    /// Gives the reason of the transfer that pays an order back. One journal accepts it once.
    pub fn back(&self) -> ReasonId {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 an order paid back");
        hasher.update(&self.0);
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        ReasonId(id)
    }
}

/// One act as its entry gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedShopAct {
    /// Whose journal it is in.
    pub by: MemberId,
    /// The entry.
    pub entry: EntryHash,
    /// The journal.
    pub journal: JournalId,
    /// Its place there.
    pub seq: u64,
    /// When, as the device claims.
    pub at: Instant,
    /// What.
    pub act: ShopAct,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrderStage {
    /// Signed by the buyer; the shop's device has not taken the points yet.
    Ordered,
    /// The shop has the points, and the buyer can come.
    Paid,
    /// Handed out.
    PickedUp,
    /// The shop's device did not take it; the points go back by themselves.
    Declined,
    /// Called off by one of the two, not paid back yet.
    CalledOff,
    /// The buyer has the points again.
    PaidBack,
}

impl OrderStage {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Ordered, Self::Paid, Self::PickedUp, Self::Declined, Self::CalledOff, Self::PaidBack];

    /// Gives its name, as refusals tell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Paid => "paid",
            Self::PickedUp => "picked-up",
            Self::Declined => "declined",
            Self::CalledOff => "called-off",
            Self::PaidBack => "paid-back",
        }
    }
}

/// What became of a payment, as the ledger tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Payment {
    /// There is none.
    #[default]
    None,
    /// Refused by whom it was for.
    Declined,
    /// Signed, and not answered.
    Signed,
    /// Taken, and counted.
    Taken,
}

/// One thing that was said of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// Whether it stands in another journal than the one that was paid.
    elsewhere: bool,
    seq: u64,
    /// The entry.
    pub entry: EntryHash,
    /// The journal that it stands in.
    pub journal: JournalId,
    /// Who said it.
    pub by: MemberId,
    /// When, as the device claims.
    pub at: Instant,
    /// The key, where it says that it was handed out; else it calls off.
    pub key: Option<[u8; 32]>,
}

/// An order with all that was said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its id.
    pub id: OrderId,
    /// Who ordered.
    pub buyer: MemberId,
    /// The entry.
    pub entry: EntryHash,
    /// The journal that it stands in.
    pub journal: JournalId,
    /// When, as the device claims.
    pub at: Instant,
    /// What.
    pub order: Order,
    /// The shop's word, if there is one.
    pub shop_word: Option<Word>,
    /// The buyer's first word that it is called off.
    pub buyer_word: Option<Word>,
}

impl Placed {
    /// Tells where it stands, from what became of its payment and of what was paid back.
    pub fn stage(&self, payment: Payment, back: Payment) -> OrderStage {
        let handed_out = self.shop_word.is_some_and(|word| word.key.is_some());
        let off = self.buyer_word.is_some() || self.shop_word.is_some_and(|word| word.key.is_none());
        match (payment, back) {
            (Payment::Taken, _) if handed_out => OrderStage::PickedUp,
            (Payment::Taken, Payment::Taken) => OrderStage::PaidBack,
            (Payment::Taken, _) if off => OrderStage::CalledOff,
            (Payment::Taken, _) => OrderStage::Paid,
            (Payment::Declined, _) => OrderStage::Declined,
            _ if off => OrderStage::CalledOff,
            _ => OrderStage::Ordered,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Dossier {
    order: Option<SignedShopAct>,
    words: BTreeMap<Voice, BTreeSet<SignedWord>>,
}

/// Who says it, in which journal, and whether it says that it was handed out.
type Voice = (MemberId, JournalId, bool);

/// A word before it is known which journal was paid: its place, its entry, when, the key.
type SignedWord = (u64, EntryHash, Instant, Option<[u8; 32]>);

impl Dossier {
    /// Tells whether a word can matter: the shop's own, or that the buyer calls it off. Before the order is here any may.
    fn hears(&self, (by, _, handed_out): &Voice) -> bool {
        let Some(SignedShopAct { by: buyer, act: ShopAct::Order(order), .. }) = &self.order else { return true };
        *by == order.shop || (by == buyer && !handed_out)
    }

    /// Keeps a word if it can matter; of too many in one journal the first ones stay, in whatever order they come.
    fn add(&mut self, voice: Voice, word: SignedWord) {
        if !self.hears(&voice) {
            return;
        }
        let words = self.words.entry(voice).or_default();
        words.insert(word);
        if words.len() > WORDS_MAX {
            words.pop_last();
        }
    }

    /// Takes in the order, and lets go of what others have said of it.
    fn place(&mut self, signed: SignedShopAct) {
        self.order = Some(signed);
        let mut words = std::mem::take(&mut self.words);
        words.retain(|voice, _| self.hears(voice));
        self.words = words;
    }

    /// Gives one member's words, the one that decides first.
    fn words_of(&self, member: &MemberId, paid: &JournalId) -> Vec<Word> {
        let theirs = self.words.iter().filter(|((by, ..), _)| by == member);
        let mut words: Vec<Word> = theirs
            .flat_map(|((by, journal, _), words)| words.iter().map(move |word| (by, journal, word)))
            .map(|(by, journal, (seq, entry, at, key))| Word {
                elsewhere: journal != paid,
                seq: *seq,
                entry: *entry,
                journal: *journal,
                by: *by,
                at: *at,
                key: *key,
            })
            .collect();
        words.sort_unstable();
        words
    }
}

/// Every good and every order of a building.
#[derive(Clone, Debug, Default)]
pub struct Shops {
    goods: BTreeMap<(MemberId, GoodId), Good>,
    dossiers: BTreeMap<OrderId, Dossier>,
    of_good: BTreeMap<(MemberId, GoodId), BTreeSet<OrderId>>,
    of_buyer: BTreeSet<(MemberId, OrderId)>,
    backs: BTreeMap<ReasonId, OrderId>,
    /// Transfers by what they are for, whether that is an order or not, and who has signed them: nobody has others read through
    /// more than they have signed themselves.
    transfers: BTreeMap<(ReasonId, MemberId), BTreeSet<EntryHash>>,
}

impl Shops {
    /// Replaces what one member offers; tells whether anything is another now.
    ///
    /// What is not itself is left out, and of too many goods the later ones: whoever floods the shelves hides their own goods.
    pub fn set_goods(&mut self, member: MemberId, goods: Vec<Good>) -> bool {
        let mut goods: Vec<Good> = goods.into_iter().filter(Good::is_itself).collect();
        goods.sort_by_key(|good| (good.withdrawn_at.is_some(), good.put_at, good.id));
        let old = goods.iter().position(|good| good.withdrawn_at.is_some()).unwrap_or(goods.len());
        let hidden = old.saturating_sub(GOODS_SHOWN_MAX);
        goods.drain(old.saturating_sub(hidden)..old);
        let before: BTreeMap<_, _> = self.goods_of(&member).map(|good| (good.id, good.clone())).collect();
        let after: BTreeMap<_, _> = goods.into_iter().map(|good| (good.id, good)).collect();
        if before == after {
            return false;
        }
        before.keys().for_each(|id| drop(self.goods.remove(&(member, *id))));
        self.goods.extend(after.into_iter().map(|(id, good)| ((member, id), good)));
        true
    }

    /// Adds one signed act; one that came before changes nothing.
    pub fn add_act(&mut self, signed: SignedShopAct) {
        let id = OrderId::from(*signed.act.about().unwrap_or(&signed.entry));
        let mut word = |key: Option<[u8; 32]>| {
            let voice = (signed.by, signed.journal, key.is_some());
            self.dossiers.entry(id).or_default().add(voice, (signed.seq, signed.entry, signed.at, key));
        };
        match signed.act {
            ShopAct::PickUp { key, .. } => word(Some(key)),
            ShopAct::CallOff { .. } => word(None),
            // Nobody buys from themselves: points would go round in one account and stock would vanish.
            ShopAct::Order(order) if order.shop == signed.by => {}
            ShopAct::Order(order) => {
                self.dossiers.entry(id).or_default().place(signed);
                self.of_good.entry((order.shop, order.good)).or_default().insert(id);
                self.of_buyer.insert((signed.by, id));
                self.backs.insert(id.back(), id);
            }
        }
    }

    /// Adds a transfer that is for something.
    pub fn add_transfer(&mut self, reason: ReasonId, by: MemberId, transfer: EntryHash) {
        self.transfers.entry((reason, by)).or_default().insert(transfer);
    }

    /// Forgets all acts, so that those which still count can be added again; goods and transfers stay.
    pub fn forget_acts(&mut self) {
        let Self { goods, transfers, .. } = std::mem::take(self);
        *self = Self { goods, transfers, ..Self::default() };
    }

    /// Gives one good.
    pub fn good(&self, shop: &MemberId, good: &GoodId) -> Option<&Good> {
        self.goods.get(&(*shop, *good))
    }

    /// Gives the goods of one member, in order of id.
    pub fn goods_of(&self, shop: &MemberId) -> impl Iterator<Item = &Good> + use<'_> {
        let (least, most) = ((*shop, GoodId([0; 16])), (*shop, GoodId([0xFF; 16])));
        self.goods.range(least..=most).map(|(_, good)| good)
    }

    /// Gives every good with whose it is, in order of both.
    pub fn goods(&self) -> impl Iterator<Item = (&MemberId, &Good)> {
        self.goods.iter().map(|((shop, _), good)| (shop, good))
    }

    /// Gives one order.
    pub fn order(&self, id: &OrderId) -> Option<Placed> {
        let dossier = self.dossiers.get(id)?;
        let signed = dossier.order?;
        let ShopAct::Order(order) = signed.act else { return None };
        // Only the shop's words carry a key to look at, and the first that fits is enough.
        let mut of_shop = dossier.words_of(&order.shop, &order.to).into_iter();
        let of_shop = of_shop.find(|word| word.key.is_none_or(|key| order.opens(&key, &signed.journal)));
        let of_buyer = dossier.words_of(&signed.by, &order.to).into_iter().find(|word| word.key.is_none());
        Some(Placed {
            id: *id,
            buyer: signed.by,
            entry: signed.entry,
            journal: signed.journal,
            at: signed.at,
            order,
            shop_word: of_shop,
            buyer_word: of_buyer,
        })
    }

    /// Gives the orders that one shop was given, in order of good and id.
    pub fn orders_at(&self, shop: &MemberId) -> impl Iterator<Item = Placed> + use<'_> {
        let (least, most) = ((*shop, GoodId([0; 16])), (*shop, GoodId([0xFF; 16])));
        self.of_good.range(least..=most).flat_map(|(_, ids)| ids).filter_map(|id| self.order(id))
    }

    /// Gives the orders that one member made, in order of id.
    pub fn orders_by(&self, buyer: &MemberId) -> impl Iterator<Item = Placed> + use<'_> {
        let (least, most) = ((*buyer, OrderId([0; 16])), (*buyer, OrderId([0xFF; 16])));
        self.of_buyer.range(least..=most).filter_map(|(_, id)| self.order(id))
    }

    /// Gives the order that a transfer with this reason pays back.
    pub fn paid_back_by(&self, reason: &ReasonId) -> Option<Placed> {
        self.order(self.backs.get(reason)?)
    }

    /// Gives the transfers of one member that are for this, in order.
    pub fn transfers_for(&self, reason: ReasonId, by: &MemberId) -> impl Iterator<Item = &EntryHash> + use<'_> {
        self.transfers.get(&(reason, *by)).into_iter().flatten()
    }

    /// Feeds the canonical bytes of every good and of what was said of every order; payments are the ledger's.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        crate::board::section(hasher, b"goods", self.goods.len(), self.goods.iter());
        let said: Vec<_> = self.dossiers.keys().filter_map(|id| self.order(id)).collect();
        let rows = said.iter().map(|placed| {
            let word = |word: &Option<Word>| word.map(|word| (word.entry, word.key));
            (placed.entry, placed.buyer, placed.order, word(&placed.shop_word), word(&placed.buyer_word))
        });
        crate::board::section(hasher, b"orders", said.len(), rows);
    }
}
