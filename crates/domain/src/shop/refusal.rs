//! Why something about goods and orders is refused.

use thiserror::Error;

/// Why something about goods and orders was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShopRefusal {
    /// Only a shop and the desk offer goods.
    #[error("only a shop and the desk of the share-room offer goods for points")]
    NotAShop,
    /// No such good is known here.
    #[error("no such good is known here")]
    GoodUnknown,
    /// The good can be ordered no longer.
    #[error("this good can be ordered no longer")]
    GoodOver,
    /// Fewer pieces are left than wanted.
    #[error("only {left} pieces are left")]
    SoldOut {
        /// How many are left.
        left: u64,
    },
    /// Each may have only so many.
    #[error("each may have {most} pieces, and {have} are had already")]
    CapReached {
        /// How many each may have.
        most: u32,
        /// How many the member has.
        have: u64,
    },
    /// The good is the member's own.
    #[error("one does not order from oneself")]
    OwnGood,
    /// A shop offers only so many goods at a time; what is over counts until it is taken back.
    #[error("at most {most} goods are offered at a time, those that are over among them until they are taken back")]
    GoodsFull {
        /// How many.
        most: usize,
    },
    /// The device that takes orders of it is closed or lost.
    #[error("the device of the shop that takes these orders is not in use")]
    TillGone,
    /// No such order is known here.
    #[error("no such order is known here")]
    OrderUnknown,
    /// The order is past that step.
    #[error("the order is {stage}")]
    OrderOver {
        /// Where it stands.
        stage: &'static str,
    },
    /// Another device of the shop hands this out.
    #[error("another device of the shop hands this out")]
    OtherTill,
    /// No order here has this code.
    #[error("no order here has this code")]
    CodeWrong,
}

impl ShopRefusal {
    /// The codes of all, in the order of their declaration.
    pub const CODES: [&'static str; 12] = [
        "not-a-shop",
        "good-unknown",
        "good-over",
        "sold-out",
        "cap-reached",
        "own-good",
        "goods-full",
        "till-gone",
        "order-unknown",
        "order-over",
        "other-till",
        "pick-up-code-wrong",
    ];

    /// Gives the closed code of this refusal, stable across versions: `kebab-case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAShop => "not-a-shop",
            Self::GoodUnknown => "good-unknown",
            Self::GoodOver => "good-over",
            Self::SoldOut { .. } => "sold-out",
            Self::CapReached { .. } => "cap-reached",
            Self::OwnGood => "own-good",
            Self::GoodsFull { .. } => "goods-full",
            Self::TillGone => "till-gone",
            Self::OrderUnknown => "order-unknown",
            Self::OrderOver { .. } => "order-over",
            Self::OtherTill => "other-till",
            Self::CodeWrong => "pick-up-code-wrong",
        }
    }
}
