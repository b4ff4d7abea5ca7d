//! Who signed what, and whether it may be believed: keys, signed values, journals, the roster, envelopes, invitations.
//!
//! Pure: time and randomness are arguments. Bytes from outside are [`Signed`]; only verification yields [`Verified`];
//! only that reaches a replica, the store or a screen.

pub mod agenda;
pub mod care;
pub mod council;
pub mod devices;
pub mod entry;
pub mod envelope;
mod epochs;
pub mod invite;
pub mod journals;
pub mod life;
pub mod page;
pub mod paper;
pub mod pen;
pub mod pickup;
pub mod recovery;
pub mod refounding;
pub mod roster;
mod signed;
pub mod tail;
mod waiting;

pub use envelope::Envelope;
pub use journals::Journals;
pub use page::PublicPage;
pub use pen::Pen;
pub use roster::Roster;
pub use signed::{DeviceKey, Distrust, Signable, Signed, Verified, decode_exact, encode};
