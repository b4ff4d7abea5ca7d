//! One module for each row.

pub mod bootstrap;
pub mod catch_up;
pub mod cold_start;
pub mod gate;
pub mod ledger;
pub mod live;
pub mod screen;
pub mod search;
