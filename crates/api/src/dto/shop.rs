//! Goods for points, and orders.

use kaifong_domain::{EntryHash, GoodId, MemberId, OrderId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{OrderStage, Person};
use crate::Hex;

args! {
    /// A good to offer, or an own one to say anew.
    PutGoodArgs {
        /// Which, to say anew how many there are and until when; its words and its price stay. A new one without it.
        #[serde(default)]
        good: Option<Hex<GoodId>>,
        /// 1 to 60 characters.
        #[serde(default)]
        title: String,
        /// At most 500 characters.
        #[serde(default)]
        body: String,
        /// What one piece costs, from 1.
        #[serde(default)]
        points: u32,
        /// How many pieces there are in all, from 1 to 9,999; no limit without it.
        #[serde(default)]
        pieces: Option<u32>,
        /// How many one member may have; any number without it.
        #[serde(default)]
        each: Option<u32>,
        /// Until when it can be ordered, in milliseconds since 1970-01-01.
        #[serde(default)]
        until: Option<u64>,
    }

    /// A good of one's own.
    OwnGoodArgs {
        /// Which.
        good: Hex<GoodId>,
    }

    /// What to order.
    OrderGoodArgs {
        /// Whose.
        shop: Hex<MemberId>,
        /// Which.
        good: Hex<GoodId>,
        /// How many pieces; one if not told.
        #[serde(default)]
        pieces: Option<u32>,
    }

    /// An order.
    OrderArgs {
        /// Which.
        order: Hex<OrderId>,
    }

    /// Which orders.
    OrdersArgs {
        /// Those that others have made at one's own shop, instead of one's own.
        #[serde(default)]
        at_us: bool,
    }

    /// What a buyer shows.
    PickUpArgs {
        /// The eight characters, or the text of the code that was scanned.
        text: String,
    }

    /// What is handed out.
    HandOutArgs {
        /// The order.
        order: Hex<OrderId>,
        /// The eight characters, or the text of the code that was scanned.
        text: String,
    }
}

rows! {
    /// A good that stands.
    PutGood {
        /// Its id.
        good: Hex<GoodId>,
    }

    /// An order that is signed and paid.
    Ordered {
        /// Its id.
        order: Hex<OrderId>,
    }

    /// What shops and the desk give for points.
    Goods {
        /// Those that can be ordered, the newest first of each shop; of one's own shop all.
        rows: Vec<Good>,
        /// Whether one's own member is a shop or the desk.
        sells: bool,
        /// How many of one's own orders are not picked up and not over.
        mine_open: u64,
        /// How many orders at one's own shop wait to be picked up.
        to_hand_out: u64,
    }

    /// One good.
    Good {
        /// Whose. Of a shop with several devices who put it.
        shop: Person,
        /// Its id.
        good: Hex<GoodId>,
        /// Whether it is one's own.
        mine: bool,
        /// What it is.
        title: String,
        /// More about it.
        body: String,
        /// What one piece costs.
        points: u32,
        /// How many pieces there are in all.
        pieces: Option<u32>,
        /// How many of them are left, as far as is known here.
        left: Option<u64>,
        /// How many were paid and not given back.
        taken: u64,
        /// How many one member may have.
        each: Option<u32>,
        /// How many of them this member has.
        have: u64,
        /// Until when it can be ordered.
        until: Option<u64>,
        /// When it was put.
        put_at: u64,
        /// When its shop took it back, if so.
        withdrawn_at: Option<u64>,
        /// Whether it can be ordered.
        open: bool,
        /// Why not, where it cannot.
        why: Option<String>,
        /// Of one's own, whether this device takes the orders.
        here: bool,
    }

    /// Orders.
    Orders {
        /// Those to be picked up first, then the newest first.
        rows: Vec<Order>,
    }

    /// One order.
    Order {
        /// Its id.
        order: Hex<OrderId>,
        /// The entry that holds it.
        entry: Hex<EntryHash>,
        /// Whose good; once it was handed out or called off by them, who of the shop did.
        shop: Person,
        /// Who ordered.
        buyer: Person,
        /// Which good.
        good: Hex<GoodId>,
        /// What the good is; `null` while its words are unknown here.
        title: Option<String>,
        /// How many pieces.
        pieces: u32,
        /// What they cost in all.
        points: u32,
        /// When it was ordered, as the buyer's device claims.
        at: u64,
        /// Where it stands.
        stage: OrderStage,
        /// When it was handed out, as the shop's device claims.
        picked_up_at: Option<u64>,
        /// When it was called off, as the device of who did claims.
        called_off_at: Option<u64>,
        /// Whether the shop has called it off.
        off_by_shop: bool,
        /// Whether one can call it off.
        may_call_off: bool,
        /// Whether this device can hand it out.
        may_hand_out: bool,
    }

    /// One order of one's own, or one at one's own shop.
    OrderDetail {
        /// The order.
        order: Order,
        /// Whether it is one's own.
        mine: bool,
        /// The eight characters; `null` on other devices than the one that ordered, and once it is over.
        code: Option<String>,
        /// The text of the code that the shop scans, with all that it may not have heard.
        text: Option<String>,
    }

    /// What somebody shows at a shop.
    PickUpRead {
        /// The order that it opens.
        order: Option<Order>,
        /// Who shows it, where something is missing here.
        person: Option<Person>,
        /// The text of the code that the buyer's device is to see first, where something is missing here.
        lacking: Option<String>,
    }

    /// What a line of a statement bought.
    Bought {
        /// The order.
        order: Hex<OrderId>,
        /// What it was; `null` while its words are unknown here.
        title: Option<String>,
        /// How many pieces.
        pieces: u32,
        /// Whether it is the points that came back.
        back: bool,
    }
}
