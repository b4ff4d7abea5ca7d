//! What a shop offers for points, in its own document.

use serde::{Deserialize, Serialize};

use super::ShopRefusal;
use crate::record::{TITLE_CHARS_MAX, check_points};
use crate::{DeviceId, GoodId, Instant, Points, Refusal, text};

/// The most characters of what is said of a good.
pub const GOOD_BODY_CHARS_MAX: usize = 500;
/// The most pieces of one good that are offered in all, and that one order names.
pub const PIECES_MAX: u32 = 9_999;
/// How many goods one shop may offer at a time; what is over counts among them until it is taken back.
pub const GOODS_OPEN_MAX: usize = 100;

/// Something that a shop, or the desk of the share-room, gives for points.
///
/// Its words and its price are what its id is made of, so nobody who has ordered it finds it another thing or dearer; whoever
/// wants another price takes it back and offers it anew. How many there are, until when and at which device may be said anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// Its id: [`Good::id_of`] its words, its price and when it was put.
    pub id: GoodId,
    /// 1 to 60 characters, one line.
    pub title: String,
    /// At most 500 characters; may be empty.
    pub body: String,
    /// What one piece costs, from 1.
    pub points: Points,
    /// How many pieces there are in all, those that were taken among them; `None` for as many as anybody wants.
    pub pieces: Option<u32>,
    /// How many pieces one member may have; `None` for any number.
    pub each: Option<u32>,
    /// Until when it can be ordered, if that ends.
    pub until: Option<Instant>,
    /// The device of the shop that takes orders of it. One device alone counts what is left, so nothing is sold twice.
    pub till: DeviceId,
    /// When it was put, as the device claims.
    pub put_at: Instant,
    /// When the shop took it back, if so. What was ordered before stays ordered.
    pub withdrawn_at: Option<Instant>,
}

impl Good {
    /// Makes the id of a good with these words and this price.
    pub fn id_of(title: &str, body: &str, points: Points, put_at: Instant) -> GoodId {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 good id");
        for text in [title, body] {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        hasher.update(&points.0.to_le_bytes()).update(&put_at.0.to_le_bytes());
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        GoodId(id)
    }

    /// Tells whether its id is that of its words: nothing else is a good, whatever a document holds.
    pub fn is_itself(&self) -> bool {
        self.id == Self::id_of(&self.title, &self.body, self.points, self.put_at)
    }

    /// Tells whether it can be ordered at this instant, as far as its shop says.
    pub fn is_open(&self, now: Instant) -> bool {
        self.withdrawn_at.is_none() && self.until.is_none_or(|until| now < until)
    }

    /// Gives what so many pieces cost; `None` for more than one order can.
    pub fn price(&self, pieces: u32) -> Option<Points> {
        self.points.0.checked_mul(pieces).map(Points).filter(|points| *points <= Points::MAX)
    }

    /// Checks, in this order: the title, the body, the points, the pieces, how many each may have.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("title", &self.title, TITLE_CHARS_MAX, false)?;
        text::prose("body", &self.body, GOOD_BODY_CHARS_MAX, true)?;
        if self.points.0 == 0 {
            return Err(Refusal::OutOfRange { field: "points", least: 1, most: Points::MAX.0.into() });
        }
        check_points(self.points)?;
        for (field, number) in [("pieces", self.pieces), ("each", self.each)] {
            if number.is_some_and(|number| !(1..=PIECES_MAX).contains(&number)) {
                return Err(Refusal::OutOfRange { field, least: 1, most: PIECES_MAX.into() });
            }
        }
        Ok(())
    }

    /// Refuses the first of: over, fewer pieces left than wanted, more than one member may have, more than can be paid.
    /// `taken` counts the pieces that others and the buyer have, `theirs` those of the buyer.
    ///
    /// # Errors
    /// [`ShopRefusal::GoodOver`], [`ShopRefusal::SoldOut`], [`ShopRefusal::CapReached`], [`Refusal::OutOfRange`].
    pub fn check_order(&self, pieces: u32, taken: u64, theirs: u64, now: Instant) -> Result<Points, Refusal> {
        if !self.is_open(now) {
            return Err(ShopRefusal::GoodOver.into());
        }
        if !(1..=PIECES_MAX).contains(&pieces) {
            return Err(Refusal::OutOfRange { field: "pieces", least: 1, most: PIECES_MAX.into() });
        }
        let room = |all: u32, used: u64| u64::from(all).saturating_sub(used);
        if let Some(left) = self.pieces.map(|all| room(all, taken)).filter(|left| *left < pieces.into()) {
            return Err(ShopRefusal::SoldOut { left }.into());
        }
        if let Some(most) = self.each.filter(|most| room(*most, theirs) < pieces.into()) {
            return Err(ShopRefusal::CapReached { most, have: theirs }.into());
        }
        let most = Points::MAX.0.into();
        self.price(pieces).ok_or(Refusal::OutOfRange { field: "points", least: 1, most })
    }
}
