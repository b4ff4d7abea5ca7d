//! Every way in which the building says no. Each has a closed code that a screen may act on.

mod code;

use thiserror::Error;

use crate::Points;
use crate::care::CareRefusal;
use crate::commons::CommonsRefusal;
use crate::recurring::RecurringRefusal;
use crate::shop::ShopRefusal;
use crate::slip::NotASlip;
use crate::space::SpaceRefusal;

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A required text is empty.
    #[error("{field} is empty")]
    TextEmpty {
        /// Which text.
        field: &'static str,
    },
    /// A text is too long.
    #[error("{field} has {found} characters; at most {most} fit")]
    TextTooLong {
        /// Which text.
        field: &'static str,
        /// Characters found.
        found: usize,
        /// Characters allowed.
        most: usize,
    },
    /// A text has control or invisible direction characters.
    #[error("{field} has characters that cannot be shown (U+{code:04X})")]
    TextUnprintable {
        /// Which text.
        field: &'static str,
        /// The first such character.
        code: u32,
    },
    /// A number is outside its range.
    #[error("{field} must be from {least} to {most}")]
    OutOfRange {
        /// Which number.
        field: &'static str,
        /// Least allowed.
        least: i64,
        /// Most allowed.
        most: i64,
    },
    /// An offered thing needs a mode, and only things have one.
    #[error("only an item has a mode of sharing, and an offered item needs one")]
    ModeMismatch,
    /// Only time has a kind of volunteering.
    #[error("only time has a kind of volunteering")]
    TaskMismatch,
    /// An offer says what kind it is; only a need may leave that open.
    #[error("an offer needs a kind")]
    KindMissing,
    /// No such listing is known here.
    #[error("no such listing is known here")]
    ListingUnknown,
    /// The listing belongs to somebody else.
    #[error("only its owner can change a listing")]
    ListingNotYours,
    /// The listing is closed.
    #[error("this listing is closed")]
    ListingClosed,
    /// The listing is the member's own.
    #[error("one cannot answer one's own listing")]
    OwnListing,
    /// A medical device is cleaned and checked after each loan, before it is handed over again.
    #[error("this device has to be cleaned and checked before it is handed over")]
    CheckMissing,
    /// Only an offered medical device is checked.
    #[error("only an offered medical device is checked")]
    NotMedical,
    /// The same member has already answered this listing.
    #[error("this listing has already been answered by you")]
    AlreadyAnswered,
    /// Somebody else's answer was agreed.
    #[error("this listing is already agreed with somebody else")]
    ListingTaken,
    /// As many have this offer as its owner said.
    #[error("all places of this offer are taken")]
    PlacesFull,
    /// Only an offer of skill, knowledge or time has places.
    #[error("only an offer of skill, knowledge or time has places")]
    PlacesMismatch,
    /// Only a listing of a thing to share can become a loan, and a loan needs a due time.
    #[error("a due time belongs to a loan of a shared item, and such a loan needs one")]
    DueMismatch,
    /// The owner of an offer gives, the owner of a need receives; an answer cannot turn that round.
    #[error("the owner of an offer gives, the owner of a need receives")]
    DirectionMismatch,
    /// No such deal is known here.
    #[error("no such deal is known here")]
    DealUnknown,
    /// The member is not a party of the deal.
    #[error("this deal is between other people")]
    NotAParty,
    /// The step is for the other party.
    #[error("this step is the other party's")]
    NotYourStep,
    /// The deal is not in a stage that allows the step.
    #[error("the deal is {stage}: this step does not fit")]
    WrongStage {
        /// The stage it is in.
        stage: &'static str,
    },
    /// The step was already done by this member.
    #[error("you have already confirmed this step")]
    AlreadyConfirmed,
    /// The thing is agreed to go to this one next, and somebody still has it.
    #[error("the thing is still with whoever has it now; say first that it is back")]
    StillOut,
    /// What happened is entered with a day that it cannot have been.
    #[error("it happened after the answer, not in the future, and at most {days} days ago")]
    DayOutside {
        /// How many days back at most.
        days: u64,
    },
    /// A later day is not later than the one that both have named, or too late.
    #[error("a loan is extended to a later day, by at most {most} days in all")]
    NotLater {
        /// By how many days at most.
        most: u16,
    },
    /// Nobody has asked for a later day.
    #[error("nobody has asked for a later day")]
    NoLaterDay,
    /// A transfer would spend more than the member may.
    #[error("{needed} points are needed, {rights} can be spent")]
    BeyondRights {
        /// What the journal may still spend.
        rights: i64,
        /// What the transfer needs.
        needed: Points,
    },
    /// A transfer would spend more than the quota unseen by a witness.
    #[error("{needed} points are needed, {left} can be spent before the desk has seen your journal")]
    BeyondQuota {
        /// What may still be spent unseen.
        left: i64,
        /// What the transfer needs.
        needed: Points,
    },
    /// A transfer of nothing, to oneself, or above the maximum.
    #[error("a transfer needs another member and from 1 to {max} points", max = Points::MAX.0)]
    TransferMalformed,
    /// The payee has no journal that could accept.
    #[error("this member cannot receive points yet")]
    PayeeUnknown,
    /// No such member is known here.
    #[error("no such member is known here")]
    MemberUnknown,
    /// The member does not hold the role that the act needs.
    #[error("this needs the role of {role}")]
    RoleMissing {
        /// The role.
        role: &'static str,
    },
    /// No such request waits here.
    #[error("no such request waits here")]
    RequestUnknown,
    /// The device is already certified.
    #[error("this household is already a member")]
    AlreadyMember,
    /// The code or ticket admits nobody.
    #[error("this code is not valid here")]
    InviteUnknown,
    /// The code or ticket has run out.
    #[error("this code has expired; ask for a new one")]
    InviteExpired,
    /// The code or ticket was withdrawn by who made it.
    #[error("this code was withdrawn; ask for a new one")]
    InviteWithdrawn,
    /// The inbox for requests is full.
    #[error("too many requests wait; try again when a reviewer has looked")]
    InboxFull,
    /// This device is not (yet) certified.
    #[error("this household has not been approved yet")]
    NotYetMember,
    /// No such device of this member is known here.
    #[error("no such device of this member is known here")]
    DeviceUnknown,
    /// The digits of a recovery sheet do not fit.
    #[error("the digits of the recovery sheet do not fit in group {group}")]
    SheetMistyped {
        /// Which group, from 1; 0 when there are too few or too many digits.
        group: usize,
    },
    /// No member of this building has declared a sheet with these digits, as far as is known here.
    #[error("no such recovery sheet is known here")]
    SheetUnknown,
    /// A newer sheet has replaced this one, or it was used for two devices.
    #[error("this recovery sheet is no longer valid")]
    SheetSpent,
    /// No such re-approval is known here.
    #[error("no such re-approval is known here")]
    ApprovalUnknown,
    /// The deal is not finished, so there is nothing to review yet.
    #[error("only a finished deal can be reviewed")]
    NotFinished,
    /// The member has not said that they would sit in the council.
    #[error("this member has not said yet that they would sit in the council")]
    NotStanding,
    /// This device speaks for no seat of the council.
    #[error("this device speaks for no seat of the council")]
    SeatMissing,
    /// The founder still decides alone, or the council does not any more.
    #[error("nothing lies before a council here")]
    NoCouncil,
    /// No such draft lies before the council.
    #[error("no such draft lies before the council")]
    DraftUnknown,
    /// This device keeps nothing of what the member has told the reviewers.
    #[error("this device keeps nothing of what the member has told the reviewers")]
    DetailsUnknown,
    /// Nobody is left who could hear a complaint.
    #[error("nobody is left who could hear a complaint")]
    NobodyToHear,
    /// No such complaint is here.
    #[error("no such complaint is here")]
    ComplaintUnknown,
    /// Nobody has founded the building anew like that.
    #[error("nobody has founded the building anew like that")]
    RefoundingUnknown,
    /// Two neighbours say that they follow with one device.
    #[error("two neighbours say that they follow with this device")]
    FollowedTwice,
    /// A draft cuts somebody off below what a witness has stamped.
    #[error("a draft cuts somebody off below what a witness has stamped")]
    CutoffTooLow,
    /// A council in which nobody reviews could let nobody in.
    #[error("somebody has to review who comes in")]
    ReviewerMissing,
    /// A council has 3 to 13 seats.
    #[error("a council has from {least} to {most} seats, with one lead at most")]
    SeatsMalformed {
        /// The least.
        least: usize,
        /// The most.
        most: usize,
    },
    /// The sheet belongs to no seat of today's council.
    #[error("this sheet belongs to no seat of today's council")]
    SeatSheetUnknown,
    /// Who asks to join is under 14: a guardian joins and acts for them.
    #[error("a member is 14 or older; a guardian acts for a child")]
    TooYoung,
    /// An applicant has been asked as often as they may be.
    #[error("this applicant has been asked {most} questions")]
    AskedEnough {
        /// How many questions one applicant is asked.
        most: usize,
    },
    /// No such question waits for an answer here.
    #[error("no such question waits for an answer here")]
    QuestionUnknown,
    /// Deals are agreed or things on loan, and whoever goes ends them first.
    #[error("{deals} deals have to be ended first")]
    StillOpen {
        /// How many.
        deals: usize,
    },
    /// Who goes must not leave the council or the building without its seat or its founder.
    #[error("who sits in the council, or has founded the building and decides alone, hands that over first")]
    SeatHeld,
    /// Nobody else could let anybody in.
    #[error("somebody else has to review who comes in first")]
    LastReviewer,
    /// The other has moved out, or is deceased.
    #[error("this neighbour lives here no longer")]
    HasLeft,
    /// The other is away.
    #[error("this neighbour is away")]
    IsAway,
    /// This member has moved out.
    #[error("you have moved out of this building; to come back, ask to join anew")]
    YouLeft,
    /// Nothing was said of leaving that could be taken back.
    #[error("you have not said that you leave")]
    NotLeaving,
    /// Nobody has marked this member.
    #[error("nothing of the kind is said of this member")]
    MarkUnknown,
    /// The building's map has no such zone or block.
    #[error("the building's map has no such zone or block")]
    PlaceUnknown,
    /// Two zones, or two blocks of one zone, are called alike, or one stands twice.
    #[error("two places of one name, or one place twice")]
    PlaceTwice,
    /// A zone has no block.
    #[error("a zone has at least one block")]
    PlaceEmpty,
    /// The map is drawn in the form of an epoch, which has no room for it beside everything else.
    #[error("the map does not fit into one decision")]
    MapTooLarge,
    /// The listing is for those of another zone or block.
    #[error("this listing is for those of another zone or block")]
    NotAddressed,
    /// No application waits for where its household lives.
    #[error("no application waits for a place")]
    NoPlaceAsked,
    /// What was shown belongs to another building.
    #[error("what was shown belongs to another building")]
    OtherBuilding,
    /// What was shown concerns other devices than this one.
    #[error("what was shown is for another device")]
    NotForThisDevice,
    /// Entries that were shown break a rule, or their signatures do not fit.
    #[error("what was shown does not hold")]
    ShownFalse,
    /// Two devices differ by more than a code takes.
    #[error("the two devices differ by more than one code takes")]
    ShownTooLong,
    /// No such matter is before the hall, as far as is known here.
    #[error("no such matter is before the hall")]
    MatterUnknown,
    /// The matter is the member's own.
    #[error("one does not answer what one has put oneself")]
    OwnMatter,
    /// The matter is at a point where this does not fit.
    #[error("the matter is {stage}: this does not fit")]
    MatterClosed {
        /// The stage it is in.
        stage: &'static str,
    },
    /// A member has as many matters open as one may.
    #[error("{most} matters are open already")]
    MattersFull {
        /// How many one may have open.
        most: usize,
    },
    /// The member does not answer in this hall.
    #[error(
        "only those answer who are known to: officials, the property firm, a committee's office, whom the council or the asker names"
    )]
    NotAnswerer,
    /// The member has taken this matter up.
    #[error("you have taken this up already")]
    AlreadyTakenUp,
    /// As much was said to one matter as one may.
    #[error("{most} times something was said to this matter")]
    SaidEnough {
        /// How often one may.
        most: usize,
    },
    /// Only an organisation says who works at its devices.
    #[error("only an organisation says who works at its devices")]
    NotAnOrganisation,
    /// An organisation says of so many devices who works there.
    #[error("who works there can be said of {most} devices")]
    StaffFull {
        /// Of how many.
        most: usize,
    },
    /// The table of rates gives nothing, or something else, for this.
    #[error("the table of rates gives nothing, or something else, for this")]
    OffRate,
    /// A grant that takes a second person's word.
    #[error("a second person has to agree to this first")]
    SecondNeeded,
    /// The fund's budget is spent.
    #[error("{needed} points are needed, {left} are left of what the fund was given")]
    BudgetSpent {
        /// What is left, in points.
        left: i64,
        /// What the grant needs.
        needed: Points,
    },
    /// No closed journal of this member holds points that could go on in another one.
    #[error("nothing is left in this neighbour's closed journals that could be handed over")]
    NothingLeft,
    /// Something was granted for this already.
    #[error("this neighbour has been granted points for this already")]
    GrantedAlready,
    /// The fund gives to people alone.
    #[error("the fund gives points to people, not to organisations or the desk")]
    NotAPerson,
    /// No such list of grants waits here.
    #[error("no such list of grants waits here")]
    ListUnknown,
    /// Who would second a grant has laid it out, or gets it.
    #[error("somebody else has to agree to this: neither who grants nor who gets it")]
    NotImpartial,
    /// The building has no fund, or nobody keeps it with a device that could take points.
    #[error("nobody keeps a fund here that could take or give points")]
    NoFund,
    /// A budget is never reduced.
    #[error("what the fund was given is never reduced; it was given {given} points")]
    BudgetReduced {
        /// What it was given, in points.
        given: u64,
    },
    /// The two say different numbers of points for the deal, and nobody has settled it.
    #[error("the two say different numbers of points for this deal; nothing is paid for it until that is settled")]
    InDispute,
    /// The two say the same number of points for the deal.
    #[error("the two say the same number of points for this deal")]
    NotInDispute,
    /// A mediator does not decide what is their own.
    #[error("a mediator does not decide a deal of their own")]
    OwnDeal,
    /// Nothing is owed for the deal, or not by this member.
    #[error("you owe nothing for this deal")]
    NothingOwed,
    /// What was paid for a deal is not corrected without end.
    #[error("what was paid for this deal was corrected {most} times; that is all")]
    CorrectedEnough {
        /// How often at most.
        most: u8,
    },
    /// No such activity is known here.
    #[error("no such activity is known here")]
    ActivityUnknown,
    /// The host is there anyway.
    #[error("you host this yourself")]
    OwnActivity,
    /// It is not the time for this any more, or not yet, or the activity was called off.
    #[error("this activity is {stage}")]
    ActivityClosed {
        /// The stage's name: `called-off`, `over`, `to-come`, `begun`; `paid` when somebody has paid for it.
        stage: &'static str,
    },
    /// The member has signed up for it.
    #[error("you have signed up for this already")]
    AlreadyBooked,
    /// There is no booking that this could be about.
    #[error("there is no booking that this could be about")]
    NotBooked,
    /// This was paid before.
    #[error("this is paid already")]
    AlreadyPaid,
    /// One member has this many activities before them, or has signed up this often.
    #[error("{most} at a time are the most")]
    ActivitiesFull {
        /// How many one may have.
        most: usize,
    },
    /// The digits of a slip's number do not fit.
    #[error("the digits of the slip's number do not fit in group {group}")]
    SlipMistyped {
        /// Which group, from 1; 0 when there are too few or too many digits.
        group: usize,
    },
    /// The number is of no slip of this building.
    #[error("this is no slip of this building")]
    SlipElsewhere,
    /// No such slip was entered, as far as is known here.
    #[error("no such slip was entered, as far as is known here")]
    SlipUnknown,
    /// A slip of this number was entered already.
    #[error("a slip of this number was entered already")]
    SlipEntered,
    /// The slip is paid.
    #[error("this slip is paid already")]
    SlipPaid,
    /// The payer has said that the slip is none of theirs.
    #[error("its payer has said that this slip is none of theirs")]
    SlipDisowned,
    /// Whoever entered the slip has taken it back.
    #[error("whoever entered this slip has taken it back")]
    SlipTakenBack,
    /// The slip is somebody else's to pay.
    #[error("this slip is somebody else's to pay")]
    SlipNotYours,
    /// Only a desk keeps journals for people without a phone.
    #[error("only a desk keeps journals for people without a phone")]
    NotTheDesk,
    /// The digits of a card do not fit.
    #[error("the digits of the card do not fit in group {group}")]
    CardMistyped {
        /// Which group, from 1; 0 when there are too few or too many digits.
        group: usize,
    },
    /// This desk has given out no such card.
    #[error("this desk has given out no such card")]
    CardUnknown,
    /// The PIN is not the card's.
    #[error("the PIN is not the card's; the next try may come in {wait_ms} ms")]
    CardPinWrong {
        /// How long the next try waits, in milliseconds.
        wait_ms: u64,
    },
    /// Too many wrong PINs came for this card.
    #[error("too many wrong PINs came for this card; the next try may come in {wait_ms} ms")]
    CardPinTooSoon {
        /// How long the next try waits, in milliseconds.
        wait_ms: u64,
    },
    /// As many journals are kept here as a desk keeps.
    #[error("a desk keeps {most} journals for others")]
    CardsFull {
        /// How many.
        most: usize,
    },
    /// Something about goods, orders and picking up.
    #[error(transparent)]
    Shop(#[from] ShopRefusal),
    /// Something about conversations, introductions, drives and thanks.
    #[error(transparent)]
    Care(#[from] CareRefusal),
    /// The form or the topic is not of the listing's kind.
    #[error("the form or the topic is not of this kind")]
    FormMismatch,
    /// No such category is known here.
    #[error("no such category is known here")]
    CategoryUnknown,
    /// Something about spaces and their bookings.
    #[error(transparent)]
    Space(#[from] SpaceRefusal),
    /// Something about groups, invitations and what organisers list.
    #[error(transparent)]
    Commons(#[from] CommonsRefusal),
    /// Something about recurring help.
    #[error(transparent)]
    Recurring(#[from] RecurringRefusal),
}

impl From<NotASlip> for Refusal {
    fn from(why: NotASlip) -> Self {
        match why {
            NotASlip::Length { .. } => Self::SlipMistyped { group: 0 },
            NotASlip::Group { group } => Self::SlipMistyped { group },
            NotASlip::Elsewhere => Self::SlipElsewhere,
        }
    }
}
