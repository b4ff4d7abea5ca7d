//! The one table of commands, queries and events, and the roads on which it is reached.
//!
//! * [`table`]: every name with its arguments and its result, declared once. [`Host`] is what answers it: a missing
//!   answer does not compile. [`call`] is the same by name and JSON.
//! * [`dto`]: what travels. Domain types never do: ids are hexadecimal text, instants are milliseconds, choices are
//!   `kebab-case`.
//! * [`NodeHost`]: the table answered by a node in this process.
//! * [`homes`]: several buildings on one device, and the few rows that are asked of all of it.
//! * [`local`]: the table over a Unix socket, for other processes of the same person.
//! * [`http`]: the table over HTTP and a WebSocket on loopback, for a browser of the same person.
//! * [`places`]: the usual data folder, and where a link from outside leads.
//! * [`export`]: all that a device holds of its owner, for people and programs, and how it is checked.
//! * [`notices`]: what is told outside the window, when, and how often.
//! * [`ApiError`]: a closed code, a sentence, a hint.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod dto;
mod error;
pub mod export;
mod hex;
pub mod homes;
mod host;
#[cfg(unix)]
pub mod http;
#[cfg(unix)]
pub mod local;
mod lock;
pub mod notices;
#[cfg(unix)]
pub mod places;
mod register_file;
pub mod schema;
pub mod table;
mod view;
mod wait;
pub mod words;

pub use dto::HomeId;
pub use error::{ApiError, Code};
pub use hex::{Hex, HexId};
pub use homes::{Installation, Opener, Opening, Told};
pub use host::NodeHost;
pub use kaifong_domain::{ActivityId, BuildingId, DealId, DeviceId, EntryHash, InviteId, ListingId, MemberId};
pub use kaifong_node::matching::eval::{Summary as MatchSummary, evaluate as match_eval};
pub use kaifong_node::{KeyPlace, Options};
pub use lock::Asker;
#[cfg(unix)]
pub use places::usual_data;
pub use table::{Answer, Event, Host, Row, call, rows};
