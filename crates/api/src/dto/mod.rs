//! What travels: plain data in `snake_case` JSON.
//!
//! Ids are hexadecimal text, instants are milliseconds since 1970-01-01T00:00Z, points are whole numbers. What is not
//! there is `null`.

mod activities;
mod args;
mod building;
mod cards;
mod care;
mod choices;
mod confided;
mod council;
mod deals;
mod devices;
mod fund;
mod hall;
mod homes;
mod joining;
mod kept;
mod life;
mod listing_args;
mod listings;
mod lock;
mod notices;
mod own_points;
mod places;
mod points;
mod recurring;
mod refounding;
mod shop;
mod slips;
mod spaces;
mod staff;

pub use activities::*;
pub use args::*;
pub use building::*;
pub use cards::*;
pub use care::*;
pub use choices::*;
pub use confided::*;
pub use council::*;
pub use deals::*;
pub use devices::*;
pub use fund::*;
pub use hall::*;
pub use homes::*;
pub use joining::*;
pub use kept::*;
pub use life::*;
pub use listing_args::*;
pub use listings::*;
pub use lock::*;
pub use notices::*;
pub use own_points::*;
pub use places::*;
pub use points::*;
pub use recurring::*;
pub use refounding::*;
pub use shop::*;
pub use slips::*;
pub use spaces::*;
pub use staff::*;
