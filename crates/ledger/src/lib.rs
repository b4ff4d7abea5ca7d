//! Points: a fold over journals; pure.

mod fold;
mod outcome;
mod rules;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod view;

pub use fold::{Ledger, Rights};
pub use outcome::{Effect, NotCited, NotCounted, NotReclaimed, Outcome, Uncovered};
pub use view::{Direction, FURTHER_JOURNALS_MAX, Line, LineState, Standing, TransferRow};
