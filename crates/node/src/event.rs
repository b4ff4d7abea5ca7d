//! What comes into a node and what comes out of it, as plain data.
//!
//! One closed [`Event`] goes in at a time; out come writes and [`Effect`]s. Nothing that leaves the house was not made
//! durable first: the loop commits the writes of a step before it performs the step's effects.

mod outcome;
mod words;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use kaifong_domain::place::PlaceId;
use kaifong_domain::record::Profile;
use kaifong_domain::{
    BuildingId, ComplaintId, DealId, DeviceId, EntryHash, Instant, InviteId, JournalId, ListingId, MemberId, Points,
    QuestionId,
};
use kaifong_net::{ConnectionId, PathKind};
use kaifong_register::Register;
use kaifong_sync::face::Shown;
use kaifong_trust::entry::{Capacity, Marked, Opinion, Role, SealKey};
use kaifong_trust::envelope::Residence;
use kaifong_trust::paper::SheetSecret;
use kaifong_trust::refounding::{Following, Refounding};

use crate::activity::ActivityCommand;
use crate::books::BookCommand;
use crate::care::CareCommand;
use crate::commons::CommonsCommand;
use crate::council::EpochDraft;
use crate::dispute::DisputeCommand;
use crate::fund::FundCommand;
use crate::hall::HallCommand;
use crate::kept::KeptCommand;
use crate::loans::LoanCommand;
use crate::recurring::RecurringCommand;
use crate::shop::ShopCommand;
use crate::slips::SlipCommand;
use crate::space::SpaceCommand;
pub use outcome::{Done, NodeError};
pub use words::{Application, Draft, Way};

/// What happens to a node.
#[derive(Clone, Debug)]
pub enum Event {
    /// Somebody at this device wants something done; the reply carries the same number.
    Command {
        /// Chosen by the caller.
        id: u64,
        /// What to do.
        command: Command,
    },
    /// A connection to a device stands.
    Connected {
        /// The connection.
        connection: ConnectionId,
        /// The device at the other end, proven by the handshake.
        device: DeviceId,
        /// How it is reached.
        path: PathKind,
    },
    /// A frame came in.
    Frame {
        /// On this connection.
        connection: ConnectionId,
        /// Untrusted bytes.
        bytes: Vec<u8>,
    },
    /// A connection ended.
    Disconnected {
        /// Which.
        connection: ConnectionId,
    },
    /// A dial came to nothing.
    DialFailed {
        /// Whom it was for.
        device: DeviceId,
    },
    /// A device was seen on the LAN.
    Discovered {
        /// Which.
        device: DeviceId,
        /// Where.
        addresses: Vec<SocketAddr>,
        /// The tag of its building, if it said one.
        building_tag: Option<[u8; 8]>,
    },
    /// The time that the last [`Effect::Wake`] asked for has come; also harmless at any other time.
    Tick,
}

/// What a step wants done, after its writes are durable.
#[derive(Debug)]
pub enum Effect {
    /// Answers a command.
    Reply {
        /// The command's number.
        id: u64,
        /// Done, or why not.
        result: Result<Done, NodeError>,
    },
    /// Sends a frame.
    Send {
        /// On this connection.
        connection: ConnectionId,
        /// The frame.
        frame: Vec<u8>,
    },
    /// Closes a connection.
    Close {
        /// Which.
        connection: ConnectionId,
        /// Why, for both logs.
        reason: &'static str,
    },
    /// Dials a device.
    Dial {
        /// Whom.
        device: DeviceId,
        /// Where, as far as known.
        addresses: Vec<SocketAddr>,
    },
    /// Rows changed: whoever shows them reads again what the tags name.
    Changed(Tags),
    /// Asks for a [`Event::Tick`] at this instant; replaces the wish before it.
    Wake(Instant),
    /// The building is known from now on: discovery should announce it, and the genesis be kept beside the store.
    Building {
        /// What discovery tells buildings apart by.
        tag: [u8; 8],
        /// The signed genesis.
        genesis: Vec<u8>,
    },
}

/// What kind of rows a change touched.
pub type Tags = BTreeSet<Tag>;

/// One kind of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    /// Building, epoch, roles.
    Building,
    /// Members and their profiles.
    Members,
    /// Offers and needs.
    Listings,
    /// Deals and loans.
    Deals,
    /// Reviews.
    Reviews,
    /// Balances and statements.
    Points,
    /// Requests that wait for a reviewer.
    Requests,
    /// This household's own application.
    Application,
    /// Neighbours in reach.
    Peers,
    /// What is put to the hall.
    Matters,
    /// Activities, groups and spaces by the hour, and who has a place; what organisers list.
    Activities,
    /// Goods for points, and orders.
    Shop,
    /// Conversations, introductions, drives and thanks.
    Care,
}

impl Tag {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Building,
        Self::Members,
        Self::Listings,
        Self::Deals,
        Self::Reviews,
        Self::Points,
        Self::Requests,
        Self::Application,
        Self::Peers,
        Self::Matters,
        Self::Activities,
        Self::Shop,
        Self::Care,
    ];
}

/// What a person at this device can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Founds a building; this household is its first.
    Found {
        /// The building's name, 1 to 40 characters.
        building: String,
        /// What neighbours see of the founder.
        profile: Profile,
    },
    /// Founds a building in the place of another one, which its genesis names.
    FoundAnew {
        /// The building's name, 1 to 40 characters.
        building: String,
        /// What neighbours see of the founder.
        profile: Profile,
        /// The old building.
        old: BuildingId,
        /// Who founds, by their id there.
        member: MemberId,
    },
    /// In the old building: tells that this member has founded it anew.
    Refound(Refounding),
    /// In the old building: tells that this member follows, with which device there.
    Follow(Following),
    /// Asks to join a building.
    Apply(Box<Application>),
    /// Looks for the building of a member who will link this device to themselves.
    BecomeFurtherDevice {
        /// A ticket or a typed code of the building.
        way: Way,
        /// The member. A link by anybody else is not taken.
        member: MemberId,
    },
    /// Makes an invitation; answered by [`Done::Invited`].
    Invite {
        /// How long it admits requests, in milliseconds, from a minute to a year.
        valid_ms: u64,
        /// Addresses of this device, for the ticket.
        addresses: Vec<SocketAddr>,
    },
    /// Withdraws all of one's invitations.
    WithdrawInvites,
    /// Withdraws one of one's own invitations.
    WithdrawInvite {
        /// Which.
        invite: InviteId,
    },
    /// Refuses everybody who came by an invitation and is not decided on, those too whose letters are still on their way.
    RefuseInvite {
        /// Whoever made it.
        invite: InviteId,
        /// Why, at most 200 characters.
        reason: String,
    },
    /// Asks the newcomer with this device something before deciding.
    Ask {
        /// The newcomer's device.
        device: DeviceId,
        /// The question, 1 to 200 characters.
        text: String,
    },
    /// Answers a reviewer's question about one's own application.
    AnswerQuestion {
        /// Which.
        question: QuestionId,
        /// The answer, 1 to 500 characters.
        text: String,
    },
    /// Keeps a register of units on this device alone, in the place of any before it.
    KeepRegister(Register),
    /// Forgets the register of units.
    ForgetRegister,
    /// Certifies the newcomer with this device.
    Approve {
        /// The newcomer's device.
        device: DeviceId,
        /// Whether they hold the vote of their unit.
        votes: bool,
    },
    /// As a newcomer, picks where one lives of the map that the building has shown; `None` when none of its blocks is one's own.
    PickPlace(Option<Residence>),
    /// Would be shown as one household with another member, or no longer.
    SetKin {
        /// With whom.
        member: MemberId,
        /// Would, or no longer.
        wishes: bool,
    },
    /// Refuses the newcomer with this device.
    Refuse {
        /// The newcomer's device.
        device: DeviceId,
        /// Why, at most 200 characters.
        reason: String,
    },
    /// Says that this member would sit in the council, with this device; answered by [`Done::Sheet`], the key on paper.
    Stand,
    /// Writes the next epoch: the founder's counts at once, a seat's is laid before the council.
    DraftEpoch(EpochDraft),
    /// Lets this device's seat sign a draft, now or as soon as its turn comes.
    AgreeToDraft {
        /// The entry that holds it.
        draft: EntryHash,
    },
    /// Takes the lead where the seat whose turn it is does not.
    LeadCouncil,
    /// Lets this device speak for the seat whose key on paper this is.
    UseSheet {
        /// What stands on the paper.
        sheet: SheetSecret,
    },
    /// Gives or takes a role: at once by the founder, as a draft by a seat of the council.
    SetRole {
        /// Who.
        member: MemberId,
        /// Which role.
        role: Role,
        /// Given or taken.
        held: bool,
    },
    /// Names a member's devices as witnesses, or no longer: at once by the founder, as a draft by a seat of the council.
    SetWitness {
        /// Whose devices (usually the desk's).
        member: MemberId,
        /// Named or not.
        named: bool,
    },
    /// Lets another device write for this member.
    LinkDevice {
        /// The device.
        device: DeviceId,
        /// Its sealing key.
        seal: SealKey,
    },
    /// Closes a device of this member: what it signs from now on counts for nothing.
    CloseDevice {
        /// The device; this one, too.
        device: DeviceId,
        /// Whether words of it by which the member is gone were somebody else's: then it is closed from before them.
        disown: bool,
    },
    /// Hands over to another device of this member: its points as far as they can go, then this device closes itself.
    ChangeDevice {
        /// The device that goes on; it has opened its journal.
        to: DeviceId,
    },
    /// Declares a new recovery sheet, which replaces the one before; answered by [`Done::Sheet`].
    MakeSheet,
    /// On a new installation: comes back with the recovery sheet.
    Recover {
        /// A ticket or a typed code of the building.
        way: Way,
        /// The sheet.
        sheet: SheetSecret,
    },
    /// Closes all devices of the member whose recovery sheet this is, at somebody else's device.
    CloseBySheet {
        /// The sheet.
        sheet: SheetSecret,
    },
    /// As a reviewer, lets a member go on with a new device, and closes those that are lost.
    Reapprove {
        /// The member.
        member: MemberId,
        /// The device of a request that waits here; `None` only closes.
        device: Option<DeviceId>,
    },
    /// As a reviewer, hands the points that a member's closed journals still hold over to one that goes on; it takes two.
    HandPointsOver {
        /// The member.
        member: MemberId,
    },
    /// Moves points to another device of this member.
    MovePoints {
        /// The device.
        device: DeviceId,
        /// How many.
        points: Points,
    },
    /// Objects to a re-approval of this member that somebody else wants.
    Object {
        /// The re-approval.
        approval: EntryHash,
    },
    /// As a reviewer, says that a member is known as this, or takes it back.
    Vouch {
        /// Of whom.
        member: MemberId,
        /// What.
        capacity: Capacity,
        /// Whether.
        opinion: Opinion,
    },
    /// Changes what neighbours see of this member.
    SetProfile(Profile),
    /// Says who works at a device of this organisation.
    NameStaff {
        /// At which; this one if `None`.
        device: Option<DeviceId>,
        /// Their name.
        name: String,
        /// What they do there.
        post: String,
        /// Whether they work there no longer.
        left: bool,
    },
    /// Posts an offer or a need; answered by [`Done::Posted`].
    Post(Draft),
    /// Replaces the words of an own listing.
    Edit {
        /// Which.
        listing: ListingId,
        /// The new words.
        draft: Draft,
    },
    /// Closes an own listing.
    CloseListing {
        /// Which.
        listing: ListingId,
    },
    /// Records that an own medical device was cleaned and checked.
    CheckDevice {
        /// Which listing.
        listing: ListingId,
        /// Who cleaned and checked it.
        by: String,
    },
    /// Says that one owns a thing together with its keeper, or which things were found where they lie.
    Kept(KeptCommand),
    /// 我可以帮助你 (to a need) or 我想要 (to an offer); answered by [`Done::Answered`].
    Answer {
        /// Whose listing.
        owner: MemberId,
        /// Which.
        listing: ListingId,
        /// What the receiver pays; `None` takes what the listing says, or nothing.
        points: Option<Points>,
        /// When a lent thing is to be back; a loan needs it.
        due_at: Option<Instant>,
        /// One's own listing that fits, if there is one.
        counterpart: Option<ListingId>,
    },
    /// Accepts an answer to one's own listing.
    Agree {
        /// The deal.
        deal: DealId,
    },
    /// Says no, or calls off what has not begun.
    CallOff {
        /// The deal.
        deal: DealId,
    },
    /// Confirms that the lent thing changed hands.
    HandOver {
        /// The deal.
        deal: DealId,
    },
    /// Confirms that the lent thing is back. The borrower's also pays what was agreed.
    Return {
        /// The deal.
        deal: DealId,
    },
    /// Does something about what is lent that takes more than a word.
    Loan(LoanCommand),
    /// Confirms that the help was given. The receiver's also pays what was agreed.
    Done {
        /// The deal.
        deal: DealId,
    },
    /// Says how it was.
    Review {
        /// The finished deal.
        deal: DealId,
        /// 1 to 5.
        stars: u8,
        /// At most 500 characters.
        text: String,
    },
    /// Gives points without a deal.
    Give {
        /// To whom.
        to: MemberId,
        /// How many.
        points: Points,
    },
    /// Gives points to a device that is shown, with nobody else in reach.
    PayFace {
        /// The journal that its code names.
        to: JournalId,
        /// How many.
        points: Points,
    },
    /// Takes what another device shows.
    TakeShown(Box<Shown>),
    /// Does something about the points of a deal of which the two say different numbers.
    Dispute(DisputeCommand),
    /// Does something with the community fund.
    Fund(FundCommand),
    /// Says something to one neighbour, or has nothing to do with one; asks for an introduction; thanks, calls for things.
    Care(CareCommand),
    /// Does something with a slip of paper.
    Slip(SlipCommand),
    /// Does something with the journals that this desk keeps for people without a phone.
    Book(BookCommand),
    /// Does something with goods for points and orders.
    Shop(ShopCommand),
    /// Answers what the other party of a finished deal said.
    Reply {
        /// The deal.
        deal: DealId,
        /// At most 300 characters; an empty one takes the reply back.
        text: String,
    },
    /// Puts something to the hall, answers it, or judges the answer.
    Hall(HallCommand),
    /// Does something about recurring help, a child who is collected, or a visit at home.
    Recurring(RecurringCommand),
    /// Announces an activity, signs up for one, or says who came.
    Activity(ActivityCommand),
    /// Asks for a space by the hour, or answers who does.
    Space(SpaceCommand),
    /// Founds or joins a group, lists what is outside, adds a category, invites a neighbour.
    Commons(CommonsCommand),
    /// Offers the other party of an agreed deal to exchange phone numbers.
    OfferPhone {
        /// The deal.
        deal: DealId,
        /// One's own number, at most 30 characters; it is sent once both have offered.
        number: String,
    },
    /// Takes that back.
    WithdrawPhone {
        /// The deal.
        deal: DealId,
    },
    /// As a reviewer, opens what a member has told the reviewers; it is told to the member. Answered by [`Done::Details`].
    OpenDetails {
        /// Whose.
        member: MemberId,
    },
    /// Complains about a member, to all who review, mediate or sit in the council but that member.
    Complain {
        /// About whom.
        about: MemberId,
        /// 1 to 1,000 characters.
        text: String,
    },
    /// Answers a complaint that was made or heard here.
    AnswerComplaint {
        /// Which.
        complaint: ComplaintId,
        /// 1 to 500 characters.
        text: String,
    },
    /// Keeps where this member lives on this device alone, whether neighbours see it or not.
    KeepBlock {
        /// At most 30 characters; may be empty.
        block: String,
        /// The zone or block of the map, if one lives in one.
        place: Option<PlaceId>,
    },
    /// Says when this member leaves the building, or takes that back.
    Leave {
        /// From when on they are a neighbour no longer: now, when it has passed; `None` takes it back before the day.
        ends_at: Option<Instant>,
    },
    /// Erases all that this member has said, on every replica and for good; what they have done stays.
    Erase,
    /// As a reviewer, says that a member is away, deceased or back; it takes two.
    Mark {
        /// The member.
        member: MemberId,
        /// What is said of them.
        state: Marked,
    },
    /// Says that this member is here, whatever reviewers have said.
    Here,
    /// Names who sees what is on loan when this member cannot.
    NameKin {
        /// Who; `None` takes it back.
        member: Option<MemberId>,
    },
}
