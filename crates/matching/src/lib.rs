//! Which offers fit which needs, and why; and forgiving search over both.
//!
//! Four kinds of evidence are weighed: characters and words that both texts share, by BM25 (Robertson & Zaragoza,
//! "The Probabilistic Relevance Framework: BM25 and Beyond", 2009); things of community life that both mean though they
//! say them differently, from a lexicon written by hand; how much the two texts speak for each other as a whole, by a
//! small neural encoder and a bilinear form over what it says; and what both state: kind and days. Of two that fit alike the
//! nearer one stands first. Every match carries its reasons in the people's own words.
//!
//! The crate is pure: no clock, no randomness, no I/O but in [`eval`]. The same texts give the same answers in the
//! same order, however they arrived.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod eval;
mod fold;
mod index;
mod lexicon;
mod matcher;
mod meaning;
mod sound;
mod terms;
mod times;

pub use fold::fold;
pub use kaifong_domain::record::{Kind, Side};
pub use matcher::Matcher;
pub use meaning::{MeaningKey, Memory};

/// Holds what a person wrote about one offer or need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text<'a> {
    /// The kind that they ticked; `None` when any kind would do.
    pub kind: Option<Kind>,
    /// The title.
    pub title: &'a str,
    /// What they added below; may be empty.
    pub body: &'a str,
}

/// Tells how near the owners of two texts live to each other, as far as both let it be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// Somewhere in the building, or not told.
    #[default]
    Building,
    /// In one zone of it.
    Zone,
    /// In one block.
    Block,
}

/// Holds one text of the other side that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<Id> {
    /// The text that fits.
    pub id: Id,
    /// How well it fits, 0 to 1, comparable between questions.
    pub score: f32,
    /// Whether it fits well enough to tell a person who did not ask.
    pub notify: bool,
    /// Why it fits, the strongest reason first; never empty.
    pub reasons: Vec<Reason>,
}

/// Names one reason why an offer fits a need; the screen phrases it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Both say these words, quoted from the text that was asked about.
    SameWords(Vec<String>),
    /// Both mean one thing of the lexicon.
    SameThing {
        /// The lexicon's key for the thing: a stable English slug.
        concept: String,
        /// What the need says, in its own words; parts that stand apart are joined by `…`.
        need_word: String,
        /// What the offer says, in its own words.
        offer_word: String,
    },
    /// Both ticked this kind.
    SameKind(Kind),
    /// Both are of one block.
    SameBlock,
    /// Both are of one zone, in different blocks.
    SameZone,
    /// Both name this time of the week, as the text that was asked about says it.
    SameTime(String),
    /// Both speak of like things, though they share no word: nothing more exact can be named.
    LikeSense,
}

/// Holds one text that a search found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit<Id> {
    /// The text that was found.
    pub id: Id,
    /// The side that the text is on.
    pub side: Side,
    /// How much of the query was found, 0 to 1.
    pub score: f32,
}
