//! What a neighbour did wrong.

/// Why a neighbour's message ends the connection. Each sentence is about the neighbour; the node adds which one it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The message is longer than a frame may be.
    #[error("the neighbour sent {found} bytes where at most {most} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// The bytes are no message: cut short, too long a list, bytes left over, or an unknown kind.
    #[error("the neighbour sent bytes that are no message of this protocol")]
    Malformed,
    /// The message belongs to another session.
    #[error("the neighbour answered session {found} in session {expected}")]
    WrongSession {
        /// The session's number.
        expected: u32,
        /// The message's number.
        found: u32,
    },
    /// The salt is not the one with which the session began.
    #[error("the neighbour changed the salt within a session")]
    SaltChanged,
    /// The message does not fit the phase of the session.
    #[error("the neighbour sent {message} while the session was {phase}")]
    OutOfTurn {
        /// The message's kind.
        message: &'static str,
        /// What the session was doing.
        phase: &'static str,
    },
    /// The step of the reconcile cannot be read.
    #[error("the neighbour sent a reconcile step that cannot be read")]
    BadStep,
    /// The reconcile does not come to an end.
    #[error("the neighbour went on reconciling after {most} rounds")]
    TooManyRounds {
        /// Rounds allowed.
        most: u32,
    },
    /// A list is not strictly ascending, so it may name a thing twice.
    #[error("the neighbour sent {list} out of order or twice")]
    Unordered {
        /// The list.
        list: &'static str,
    },
    /// It asks for an element that is not in the summary of this side.
    #[error("the neighbour asked for something that it was not told of")]
    UnknownElement,
    /// It wants an item that this side did not name.
    #[error("the neighbour wants an item that it was not offered")]
    NotOffered,
    /// The count of items and bytes runs backwards, exceeds what was asked for, or changes its goal.
    #[error("the neighbour's progress does not add up")]
    BadProgress,
    /// More parcels arrived than any honest session has.
    #[error("the neighbour sent more than {most} frames of parcels in one session")]
    TooManyParcels {
        /// Frames allowed.
        most: u32,
    },
}
