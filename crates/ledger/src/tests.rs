//! Each test reads like the sentence that it proves; the rule that it proves is named in the crate's documentation.

mod attacks;
mod branches;
mod fund;
mod fund_histories;
mod histories;
mod model;
mod opening;
mod recount;
mod refusals;
mod rules;
mod succession;
mod views;
