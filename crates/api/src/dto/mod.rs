//! What travels: plain data in `snake_case` JSON.
//!
//! Ids are hexadecimal text, instants are milliseconds since 1970-01-01T00:00Z, points are whole numbers. What is not
//! there is `null`.

mod args;
mod building;
mod choices;
mod deals;
mod devices;
mod listings;
mod notices;
mod points;

pub use args::*;
pub use building::*;
pub use choices::*;
pub use deals::*;
pub use devices::*;
pub use listings::*;
pub use notices::*;
pub use points::*;
