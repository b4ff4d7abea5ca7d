//! One reconcile between two neighbours.

use crate::error::WireError;
use crate::item::{Holdings, Parcel};
use crate::wire::Message;

/// What the node does next, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionOutput {
    /// Sends a message to the neighbour.
    Send(Message),
    /// Judges parcels, in their order, before the next output.
    Take(Vec<Parcel>),
    /// Forgets the session.
    Finished,
}

/// What a session cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Round trips of the reconcile; the fetch adds one.
    pub rounds: u32,
    /// Bytes of all messages sent.
    pub bytes_sent: u64,
    /// Bytes of all messages received.
    pub bytes_received: u64,
    /// Items that the two sides held differently.
    pub items_differing: u32,
}

/// One reconcile between two neighbours over a frozen summary.
#[derive(Debug)]
pub struct Session {
    number: u32,
    stats: Stats,
}

impl Session {
    /// Opens a session. The number is unique among those that this side opens on one connection; the salt is random.
    pub fn start(session: u32, salt: [u8; 16], _holdings: &dyn Holdings) -> (Session, Message) {
        let this = Session { number: session, stats: Stats::default() };
        (this, Message::Reconcile { session, salt, step: Vec::new() })
    }

    /// Answers the [`Message::Reconcile`] that opens a session.
    ///
    /// # Errors
    /// [`WireError::BadStep`].
    pub fn accept(
        session: u32,
        _salt: [u8; 16],
        _step: &[u8],
        _holdings: &dyn Holdings,
    ) -> Result<(Session, Message), WireError> {
        let this = Session { number: session, stats: Stats::default() };
        Ok((this, Message::ReconcileReply { session, step: Vec::new() }))
    }

    /// Takes one message of the neighbour.
    ///
    /// # Errors
    /// Whatever the neighbour did wrong; the session is over then.
    pub fn on(&mut self, message: Message, _holdings: &dyn Holdings) -> Result<Vec<SessionOutput>, WireError> {
        match message.session() {
            Some(found) if found != self.number => Err(WireError::WrongSession { expected: self.number, found }),
            _ => Ok(vec![SessionOutput::Finished]),
        }
    }

    /// Tells whether the session has finished.
    pub fn is_done(&self) -> bool {
        false
    }

    /// Gives what the session has cost so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }
}
