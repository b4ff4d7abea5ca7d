//! Every way in which the gate says no.

use kaifong_domain::Refusal;
use kaifong_trust::Distrust;
use thiserror::Error;

/// Why a delivery or a proof was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GateRefusal {
    /// The delivery or the proof is about another document.
    #[error("it is about another document")]
    OtherDocument,
    /// More bytes than anything honest has.
    #[error("it has {found} bytes; at most {most} are taken")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// A limit of the document was reached before all of it: it does not stand.
    #[error("the document is full")]
    DocumentFull,
    /// The bytes are not an Automerge chunk of the kind that is due, or not in the form in which Automerge writes it.
    #[error("not a well-formed Automerge chunk")]
    Malformed,
    /// A change travels compressed: it cannot be bounded before it is inflated, and no honest device sends one.
    #[error("a change travels uncompressed")]
    Compressed,
    /// A compressed column inflates beyond the limit.
    #[error("it inflates beyond the limit")]
    InflatesTooFar,
    /// A snapshot has more of something than a document may hold.
    #[error("the snapshot goes beyond a limit: {limit}")]
    SnapshotTooLarge {
        /// The code of what is too large.
        limit: &'static str,
    },
    /// A column claims more rows than a change or a document may have.
    #[error("a column claims too many rows")]
    RunTooLong,
    /// A chunk has a column that no document here needs: marks, or one from the future.
    #[error("it has a column that no document here has")]
    ColumnUnknown,
    /// The chunk's checksum does not fit its content.
    #[error("the checksum does not fit")]
    Checksum,
    /// The change's actor is not a device key and 8 bytes.
    #[error("the actor is not a device")]
    ActorMalformed,
    /// The device never was the owner's, as far as is known here.
    #[error("the device is not the owner's")]
    DeviceNotOwners,
    /// It says who works at the owner's devices, and the owner is no organisation, as far as is known here.
    #[error("only an organisation says who works at its devices")]
    NotAnOrganisation,
    /// The change carries a message, a clock or extra bytes.
    #[error("a change carries operations and nothing else")]
    Adorned,
    /// The change has no operations.
    #[error("the change has no operations")]
    Empty,
    /// The dependencies are not ascending, or one stands twice.
    #[error("the dependencies are not in order")]
    DepsUnordered,
    /// A dependency is among the ancestors of another.
    #[error("a dependency is named without need")]
    DepsRedundant,
    /// The actor's changes have a gap.
    #[error("the actor's changes have a gap")]
    SeqGap,
    /// The change does not build on its actor's previous one.
    #[error("the change does not build on its actor's previous one")]
    NotOnPrevious,
    /// The first operation's counter is not one above the greatest that the change builds on.
    #[error("the operations are numbered wrongly")]
    StartOp,
    /// An operation counter comes too near to what Automerge can count.
    #[error("the operations are numbered too high")]
    CounterTooHigh,
    /// A snapshot's operations are not in the order that Automerge relies on and does not check.
    #[error("the snapshot is out of order")]
    OutOfOrder,
    /// The change lies beyond a cut, or builds on what does.
    #[error("it lies beyond the point where its device forked")]
    Cut,
    /// The head's signature was not believed.
    #[error("the head is not signed as it must be: {0}")]
    Head(Distrust),
    /// No signed head covers the change.
    #[error("no signed head covers the change")]
    Unvouched,
    /// An operation makes, or works on, a list, a text or a table.
    #[error("lists and texts do not belong here")]
    ListsForbidden,
    /// An operation counts or marks.
    #[error("counters and marks do not belong here")]
    ActionForbidden,
    /// The key is none that a record or a profile has.
    #[error("no record has this key")]
    KeyUnknown,
    /// The key belongs to another kind of place.
    #[error("the key does not belong into this map")]
    KeyMisplaced,
    /// The operation is in a map that is not there, as far as the change builds on it.
    #[error("there is no such map")]
    MapUnknown,
    /// The value is not of the type that the key needs.
    #[error("the value is not of the right type")]
    ValueType,
    /// The domain refuses the value.
    #[error("the value is refused: {0}")]
    Value(Refusal),
    /// A record is made where one was.
    #[error("a record is never made anew")]
    RecordReplaced,
    /// A record is made without a field that it needs.
    #[error("the record lacks a field")]
    RecordIncomplete,
    /// Something is deleted that a record needs, or that was not there.
    #[error("this cannot be deleted")]
    DeleteForbidden,
    /// A record of the hall is not altered once it is said: others have answered to it.
    #[error("it alters what was said and stays as it is")]
    AlterForbidden,
    /// The operation replaces something that is not in its place, as far as the change builds on it.
    #[error("it replaces what is not there")]
    ReplacesNothing,
    /// One change writes to one place twice.
    #[error("one place is written twice")]
    SlotTwice,
    /// Automerge refused it, or gave back something else than it took, on a copy.
    #[error("the rehearsal failed")]
    Rehearsal,
    /// Automerge panicked, on a copy.
    #[error("the rehearsal panicked")]
    RehearsalPanicked,
    /// The proof's two branches are one, or do not fork where it says.
    #[error("the proof shows no fork")]
    NoFork,
    /// The proof's changes do not lead from the signed head to where they should.
    #[error("the proof has a gap")]
    WayBroken,
}

impl GateRefusal {
    /// Gives the closed code of this refusal, stable across versions: `kebab-case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherDocument => "other-document",
            Self::TooLarge { .. } => "too-large",
            Self::DocumentFull => "document-full",
            Self::Malformed => "malformed",
            Self::Compressed => "compressed",
            Self::InflatesTooFar => "inflates-too-far",
            Self::SnapshotTooLarge { .. } => "snapshot-too-large",
            Self::RunTooLong => "run-too-long",
            Self::ColumnUnknown => "column-unknown",
            Self::Checksum => "checksum",
            Self::ActorMalformed => "actor-malformed",
            Self::DeviceNotOwners => "device-not-owners",
            Self::NotAnOrganisation => "not-an-organisation",
            Self::Adorned => "adorned",
            Self::Empty => "empty",
            Self::DepsUnordered => "deps-unordered",
            Self::DepsRedundant => "deps-redundant",
            Self::SeqGap => "seq-gap",
            Self::NotOnPrevious => "not-on-previous",
            Self::StartOp => "start-op",
            Self::CounterTooHigh => "counter-too-high",
            Self::OutOfOrder => "out-of-order",
            Self::Cut => "cut",
            Self::Head(_) => "head",
            Self::Unvouched => "unvouched",
            Self::ListsForbidden => "lists-forbidden",
            Self::ActionForbidden => "action-forbidden",
            Self::KeyUnknown => "key-unknown",
            Self::KeyMisplaced => "key-misplaced",
            Self::MapUnknown => "map-unknown",
            Self::ValueType => "value-type",
            Self::Value(_) => "value",
            Self::RecordReplaced => "record-replaced",
            Self::RecordIncomplete => "record-incomplete",
            Self::DeleteForbidden => "delete-forbidden",
            Self::AlterForbidden => "alter-forbidden",
            Self::ReplacesNothing => "replaces-nothing",
            Self::SlotTwice => "slot-twice",
            Self::Rehearsal => "rehearsal",
            Self::RehearsalPanicked => "rehearsal-panicked",
            Self::NoFork => "no-fork",
            Self::WayBroken => "way-broken",
        }
    }

    /// Tells whether the sender could have checked it and so is to blame, whoever wrote it. For the rest, only the
    /// document's owner can be: what is known of devices, organisations, cuts and limits differs from replica to replica, and a
    /// rehearsal may fail on one that holds more than the sender.
    pub fn sender_could_have_checked(&self) -> bool {
        !matches!(
            self,
            Self::DeviceNotOwners
                | Self::NotAnOrganisation
                | Self::Cut
                | Self::DocumentFull
                | Self::SnapshotTooLarge { .. }
                | Self::Rehearsal
                | Self::RehearsalPanicked
        )
    }
}
