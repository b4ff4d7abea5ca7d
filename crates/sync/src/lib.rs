//! The sync protocol without I/O: reconcile, fetch, push.
//!
//! Nothing here reads a clock, draws a random number, opens a socket or judges a signature. Messages and
//! [`Holdings`] go in, messages and parcels come out; the node sends the ones and has the gate judge the others.
//!
//! # One session
//! Both sides freeze a summary of what they hold: a salted hash for each item in its state. They compare the summaries
//! by range-based set reconciliation (A. Meyer, "Range-Based Set Reconciliation and Authenticated Set Representations",
//! 2022), in the form of negentropy. Then each gets what it lacks:
//!
//! ```text
//! initiator                                    responder
//!     │── Reconcile (salt, step) ────────────────▶│   fingerprints of ranges
//!     │◀───────────────────────── ReconcileReply ─│   those that differ, cut into sixteen or listed
//!     │── Reconcile … ───────────────────────────▶│   until the initiator knows every difference:
//!     │◀───────────────────────── ReconcileReply ─│   two round trips for ten among thousands
//!     │                                           │
//!     │   nothing differs:  Done ────────────────▶│   the end
//!     │                                           │
//!     │── Fetch (needs, offers with heads) ──────▶│
//!     │◀────────────────────────── Wants (heads) ─│   items whose offered heads it does not know
//!     │◀──────────────────────────────── Parcels ─│   items that the initiator lacks or is behind in …
//!     │── Parcels (none: a receipt) ─────────────▶│   … at most eight frames ahead of the receipts
//!     │── Parcels ───────────────────────────────▶│   what the responder wants
//!     │── Wants (heads) ─────────────────────────▶│   only items that went separate ways on both sides
//!     │── Done ──────────────────────────────────▶│
//!     │◀──────────────────────────────── Parcels ─│   the other half of those
//!     │◀─────────────────────────────────── Done ─│   the responder always speaks last
//! ```
//!
//! - **Who is behind** is found with [`Holdings::knows`]: a side that knows all heads of the other is ahead and sends
//!   just what follows them. Only an item that went separate ways on both sides may travel whole, and in one direction.
//! - **A cut connection** needs no clean-up. Parcels are judged as they come, so the next session finds less to do.
//! - **A newcomer** is the case in which everything differs: journals first, in one causal order, then documents.
//! - **What changes meanwhile** is no part of the session; it is pushed as [`Message::News`].
//! - **A hostile neighbour** can end its own session, at a bounded cost in rounds, memory and frames, and no more:
//!   whatever does not fit is a [`WireError`]. One that just falls silent is the node's to time out.
//!
//! # Push
//! [`fanout`] chooses who gets news, [`news`] packs it. Who gets news whose dependencies are missing asks with
//! [`Message::Ask`]; whatever gets lost on the way is found by the next session.

mod bounded;
mod delivery;
mod error;
mod exchange;
pub mod face;
mod frame;
mod item;
pub mod pickup;
mod push;
mod session;
mod step;
mod summary;
mod wire;

pub use error::WireError;
pub use item::{Heads, Holdings, ItemId, Parcel};
pub use push::{NEWS_FANOUT_MAX, Neighbour, fanout, news};
pub use session::{Session, SessionOutput, Stats};
pub use wire::{Element, FRAME_BYTES_MAX, Message, PROTOCOL_VERSION, Progress};
