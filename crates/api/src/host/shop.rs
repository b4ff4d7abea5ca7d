//! Goods for points, and orders.

use kaifong_domain::shop::ShopRefusal;
use kaifong_domain::{Instant, Points, Refusal};
use kaifong_node::pickups::PickUpShown;
use kaifong_node::trust::pickup::PickUpCode;
use kaifong_node::{Command, Done, GoodDraft, ShopCommand};

use super::NodeHost;
use super::told::strange;
use crate::dto::{HandOutArgs, OrderDetail, OrderGoodArgs, Ordered, PickUpArgs, PickUpRead, PutGood, PutGoodArgs};
use crate::view::{View, unread};
use crate::{ApiError, Hex};

impl NodeHost {
    pub(super) async fn put(&self, args: PutGoodArgs) -> Result<PutGood, ApiError> {
        let PutGoodArgs { good, title, body, points, pieces, each, until } = args;
        let until = until.map(Instant);
        if let Some(good) = good {
            self.command(Command::Shop(ShopCommand::Change { good: good.0, pieces, each, until })).await?;
            return Ok(PutGood { good });
        }
        let draft = GoodDraft { title, body, points: Points(points), pieces, each, until };
        match self.command(Command::Shop(ShopCommand::Put(draft))).await? {
            Done::GoodPut(good) => Ok(PutGood { good: Hex(good) }),
            done => Err(strange(&done)),
        }
    }

    pub(super) async fn buy(&self, args: OrderGoodArgs) -> Result<Ordered, ApiError> {
        let (shop, good, pieces) = (args.shop.0, args.good.0, args.pieces.unwrap_or(1));
        match self.command(Command::Shop(ShopCommand::Order { shop, good, pieces })).await? {
            Done::Ordered(order) => Ok(Ordered { order: Hex(order) }),
            done => Err(strange(&done)),
        }
    }

    /// Takes in what a code carries, and tells which order it opens.
    pub(super) async fn look_at_pick_up(&self, args: PickUpArgs) -> Result<PickUpRead, ApiError> {
        let sells = |node: &kaifong_node::Node| {
            let (home, me) = (node.home(), node.me());
            home.zip(me).is_some_and(|(home, me)| home.may_sell(&me))
        };
        if !self.read(move |node| Ok(sells(node))).await? {
            return Err(Refusal::from(ShopRefusal::NotAShop).into());
        }
        let (code, shown) = read(&args.text)?;
        if let Some(shown) = &shown {
            self.command(Command::TakeShown(Box::new(shown.clone()))).await?;
        }
        self.read(move |node| {
            let face = shown.map(|shown| node.face_of(&shown)).and_then(Result::ok);
            View::of(node)?.pick_up(node, &code, face)
        })
        .await
    }

    pub(super) async fn give_out(&self, args: HandOutArgs) -> Result<OrderDetail, ApiError> {
        let (order, (code, _)) = (args.order.0, read(&args.text)?);
        self.command(Command::Shop(ShopCommand::HandOut { order, code })).await?;
        self.read(move |node| View::of(node)?.order(node, &order)).await
    }
}

/// Reads what a buyer shows: eight characters, or a code with all that the shop may not have heard.
///
/// # Errors
/// `unreadable-code`.
fn read(text: &str) -> Result<(PickUpCode, Option<kaifong_node::faces::Shown>), ApiError> {
    if let Ok(code) = text.parse() {
        return Ok((code, None));
    }
    let PickUpShown { code, shown } = PickUpShown::read(text).map_err(|why| unread(why, "这不是取货码"))?;
    Ok((code, Some(shown)))
}
