//! The sync protocol without I/O: reconcile, fetch, push.

mod bounded;
mod error;
mod item;
mod push;
mod session;
pub mod stand_in;
mod wire;

pub use error::WireError;
pub use item::{Heads, Holdings, ItemId, Parcel};
pub use push::{NEWS_FANOUT_MAX, Neighbour, fanout, news};
pub use session::{Session, SessionOutput, Stats};
pub use wire::{Element, FRAME_BYTES_MAX, Message, PROTOCOL_VERSION, Progress};
