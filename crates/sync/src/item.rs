//! What is synchronised: items, their heads, and the parcels in which they travel.

use kaifong_domain::{JournalId, MemberId};
use kaifong_replica::{Delivery, ForkProof};
use kaifong_trust::entry::Entry;
use kaifong_trust::{Envelope, Signed};
use serde::{Deserialize, Serialize};

use crate::wire::encoded_size_bytes;
use crate::{bounded, delivery};

/// One thing that two neighbours may hold differently. The order is the order in which items travel: journals first,
/// because everything else cites them. New kinds are added at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ItemId {
    /// The journal of one device.
    Journal(JournalId),
    /// The document of one member.
    Document(MemberId),
    /// A proof of a document's fork, by its hash.
    Fork([u8; 32]),
    /// A sealed envelope on its way, by its hash.
    Envelope([u8; 32]),
}

/// Heads of an item as one side holds it: journal tips or document heads, ascending; the hash itself of a fork or an
/// envelope. Empty means that the side holds nothing of it.
pub type Heads = Vec<[u8; 32]>;

/// A part of one or several items, as it travels. Nothing in it is verified.
// Fork proofs are large and rare; boxing them would only cost those who match on parcels.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Parcel {
    /// Entries of any journals in causal order.
    Entries(#[serde(deserialize_with = "bounded::list::<_, _, { bounded::ENTRIES_MAX }>")] Vec<Signed<Entry>>),
    /// Changes of one document, or the whole of it, with the heads that vouch for them.
    Document(#[serde(with = "delivery")] Delivery),
    /// A proof that a document's actor forked.
    Fork(ForkProof),
    /// An envelope to carry or to open.
    Envelope(Signed<Envelope>),
}

impl Parcel {
    /// Gives the size in bytes that it takes in a message.
    pub fn size_bytes(&self) -> usize {
        encoded_size_bytes(self)
    }
}

/// What one replica holds. All answers are read-only and come from one thread, but two calls may see different states:
/// what changed in between is pushed later as news.
pub trait Holdings {
    /// Calls `each` once for every item with a fingerprint that is equal exactly when two replicas hold the same of it.
    fn items(&self, each: &mut dyn FnMut(ItemId, [u8; 32]));

    /// Gives the heads of one item, ascending; empty when nothing of it is held.
    fn heads(&self, item: &ItemId) -> Heads;

    /// Tells whether this entry, change, fork or envelope is held, newest or not.
    ///
    /// With it a session finds out which side is behind; it asks only about items that differ. If it
    /// said yes to the newest heads alone, every document in which a neighbour is behind would come back whole before
    /// the news goes out, so a document is worth loading for this question.
    fn knows(&self, item: &ItemId, head: &[u8; 32]) -> bool;

    /// Gives what a replica with these heads lacks of these items, in parcels of at most about `size_bytes` each
    /// (a document is never cut). Entries of several journals come in one causal order, so that nothing arrives before
    /// what it cites; then documents, forks, envelopes. Heads that are not known here count as if they were not there.
    fn parcels(&self, wanted: &[(ItemId, Heads)], size_bytes: usize) -> Vec<Parcel>;
}
