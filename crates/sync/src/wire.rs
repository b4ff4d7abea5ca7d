//! Messages and their bytes.

use kaifong_domain::BuildingId;
use kaifong_trust::recovery::Claim;
use kaifong_trust::{Envelope, PublicPage, Signed, decode_exact, encode};
use serde::{Deserialize, Serialize};

use crate::bounded::{self, CODE_BYTES_MAX, ENVELOPES_MAX, HEADS_MAX, ITEMS_MAX, PARCELS_MAX, SENTENCE_BYTES_MAX};
use crate::error::WireError;
use crate::item::{Heads, ItemId, Parcel};
use crate::session::check_items;

/// The version that both sides of a connection must speak.
pub const PROTOCOL_VERSION: u16 = 2;

/// The longest message, in bytes: 8 MiB.
pub const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// An item in one state, as it is called within one session: 8 bytes of a salted hash of the item, then 8 of the item
/// and its fingerprint. Two states of one item are therefore neighbours in the order.
pub type Element = [u8; 16];

/// How far one side has come with what it sends in a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Items sent, this message included.
    pub items_done: u32,
    /// Items to send in all.
    pub items_all: u32,
    /// Bytes of parcels sent, this message included.
    pub bytes_done: u64,
    /// Bytes to send in all: an estimate until the last items have been read.
    pub bytes_all: u64,
}

/// What two nodes say to each other. New kinds are added at the end: the order is the wire format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// The first message of both sides.
    Hello {
        /// [`PROTOCOL_VERSION`] of the sender.
        version: u16,
        /// The building; a guest may not know it.
        building: Option<BuildingId>,
    },
    /// To a guest: the public page.
    Public(PublicPage),
    /// From a guest: requests to the reviewers.
    Apply {
        /// Proof that the guest was invited.
        proof: [u8; 32],
        /// One sealed request for each reviewer's device.
        #[serde(deserialize_with = "bounded::list::<_, _, ENVELOPES_MAX>")]
        envelopes: Vec<Signed<Envelope>>,
    },
    /// To a guest: the requests were taken.
    Applied,
    /// The connection ends, and why.
    Refused {
        /// A closed code, at most 64 bytes.
        #[serde(deserialize_with = "bounded::text::<_, CODE_BYTES_MAX>")]
        code: String,
        /// A plain sentence, at most 2,048 bytes.
        #[serde(deserialize_with = "bounded::text::<_, SENTENCE_BYTES_MAX>")]
        sentence: String,
    },
    /// From the initiator: one step of the reconcile; the first one opens the session.
    Reconcile {
        /// The session, numbered by the initiator.
        session: u32,
        /// What the summary's hashes are keyed with; drawn afresh for every session.
        salt: [u8; 16],
        /// The packed negentropy message.
        #[serde(deserialize_with = "bounded::bytes")]
        step: Vec<u8>,
    },
    /// From the responder: its answer to one step.
    ReconcileReply {
        /// The session.
        session: u32,
        /// The packed negentropy message.
        #[serde(deserialize_with = "bounded::bytes")]
        step: Vec<u8>,
    },
    /// From the initiator, when it knows all differences.
    Fetch {
        /// The session.
        session: u32,
        /// What only the responder holds, ascending.
        #[serde(deserialize_with = "bounded::list::<_, _, ITEMS_MAX>")]
        need: Vec<Element>,
        /// What only the initiator holds, or holds in another state, ascending.
        #[serde(with = "bounded::items")]
        mine: Vec<(ItemId, Heads)>,
    },
    /// Parcels that the other side lacks. Without parcels: those that came were taken, more may come.
    Parcels {
        /// The session.
        session: u32,
        /// To be judged in this order.
        #[serde(deserialize_with = "bounded::list::<_, _, PARCELS_MAX>")]
        parcels: Vec<Parcel>,
        /// How far the sender of the parcels has come.
        progress: Progress,
    },
    /// Items of the other side that the sender lacks or holds in another state, ascending.
    Wants {
        /// The session.
        session: u32,
        /// The items with the sender's own heads.
        #[serde(with = "bounded::items")]
        wants: Vec<(ItemId, Heads)>,
    },
    /// The sender has nothing more to send or to ask in this session.
    Done {
        /// The session.
        session: u32,
    },
    /// What has just been written or learnt.
    News(#[serde(deserialize_with = "bounded::list::<_, _, PARCELS_MAX>")] Vec<Parcel>),
    /// Asks for items after news whose dependencies are missing; answered by news.
    Ask {
        /// The items with the sender's own heads, ascending.
        #[serde(with = "bounded::items")]
        items: Vec<(ItemId, Heads)>,
    },
    /// Envelopes that have arrived where they were addressed to, so that nobody needs to carry them on.
    Acked(#[serde(deserialize_with = "bounded::list::<_, _, ENVELOPES_MAX>")] Vec<[u8; 32]>),
    /// To a guest that has shown its proof without requests: this side knows the code, too.
    Invited {
        /// The same proof with the two sides exchanged.
        proof: [u8; 32],
    },
    /// From a guest: what it has signed with its member's recovery sheet, for this neighbour to carry.
    Recover(Signed<Claim>),
    /// To the device of a member who has gone: the last entries that the sender holds of what that device itself has
    /// signed, and entries of anybody that those rest on and the sender lacks; at most 64 of each. Answered by news of the
    /// first that come after the former, and by the latter with what comes before them in their journals.
    LastHeard {
        /// Hashes of entries that are held.
        #[serde(deserialize_with = "bounded::list::<_, _, HEADS_MAX>")]
        held: Heads,
        /// Hashes of entries that are lacking.
        #[serde(deserialize_with = "bounded::list::<_, _, HEADS_MAX>")]
        lacking: Heads,
    },
}

impl Message {
    /// Encodes the message as one frame.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Decodes one frame. Nothing in it is verified.
    ///
    /// # Errors
    /// [`WireError::TooLarge`], [`WireError::Malformed`], or [`WireError::Unordered`] for an ask whose items do not ascend.
    pub fn decode(bytes: &[u8]) -> Result<Message, WireError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(WireError::TooLarge { found: bytes.len(), most: FRAME_BYTES_MAX });
        }
        let message = decode_exact(bytes, "message").map_err(|_| WireError::Malformed)?;
        if let Message::Ask { items } = &message {
            check_items(items, "asks")?;
        }
        Ok(message)
    }

    /// Gives the size of the message in bytes.
    pub fn size_bytes(&self) -> usize {
        encoded_size_bytes(self)
    }

    /// Gives the session that the message belongs to; `None` for those outside of sessions. Every message with a
    /// session is [`Session::on`](crate::Session::on)'s, but the [`Message::Reconcile`] that opens one.
    pub fn session(&self) -> Option<u32> {
        match self {
            Message::Reconcile { session, .. }
            | Message::ReconcileReply { session, .. }
            | Message::Fetch { session, .. }
            | Message::Parcels { session, .. }
            | Message::Wants { session, .. }
            | Message::Done { session } => Some(*session),
            Message::Hello { .. }
            | Message::Public(_)
            | Message::Apply { .. }
            | Message::Applied
            | Message::Refused { .. }
            | Message::News(_)
            | Message::Ask { .. }
            | Message::Acked(_)
            | Message::Invited { .. }
            | Message::Recover(_)
            | Message::LastHeard { .. } => None,
        }
    }

    /// Tells whether a device without a certificate may send or get this message. It sees nothing else: of what is in the
    /// building letters alone, and they are sealed; and how much of its own is held, if it was a neighbour's.
    pub fn is_for_guests(&self) -> bool {
        match self {
            Message::Hello { .. }
            | Message::Public(_)
            | Message::Apply { .. }
            | Message::Applied
            | Message::Refused { .. }
            | Message::Invited { .. }
            | Message::Recover(_)
            | Message::LastHeard { .. } => true,
            Message::Ask { items } => items.is_empty(),
            Message::News(parcels) => parcels.iter().all(|parcel| matches!(parcel, Parcel::Envelope(_))),
            _ => false,
        }
    }

    /// Names the kind of message, for errors and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Message::Hello { .. } => "Hello",
            Message::Public(_) => "Public",
            Message::Apply { .. } => "Apply",
            Message::Applied => "Applied",
            Message::Refused { .. } => "Refused",
            Message::Reconcile { .. } => "Reconcile",
            Message::ReconcileReply { .. } => "ReconcileReply",
            Message::Fetch { .. } => "Fetch",
            Message::Parcels { .. } => "Parcels",
            Message::Wants { .. } => "Wants",
            Message::Done { .. } => "Done",
            Message::News(_) => "News",
            Message::Ask { .. } => "Ask",
            Message::Acked(_) => "Acked",
            Message::Invited { .. } => "Invited",
            Message::Recover(_) => "Recover",
            Message::LastHeard { .. } => "LastHeard",
        }
    }
}

/// Gives the size of a value's encoding without making it.
pub(crate) fn encoded_size_bytes<T: Serialize>(value: &T) -> usize {
    let size = postcard::serialize_with_flavor(value, postcard::ser_flavors::Size::default());
    debug_assert!(size.is_ok(), "a value of ours did not encode");
    size.unwrap_or_default()
}
