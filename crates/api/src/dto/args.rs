//! What commands and queries are asked with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Capacity, Charter, Condition, FundDraftArgs, IdKind, LoanStep, MemberKind, Opinion, Post, Role, Tag, ZoneArgs,
};
use crate::Hex;
use kaifong_domain::{DealId, DeviceId, EntryHash, JournalId, ListingId, MemberId};

/// Declares arguments: an unknown key is an error, so that a slip of the pen is not silently ignored.
macro_rules! args {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[$meta:meta])+ $field:ident: $type:ty,)* })+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$meta])+ pub $field: $type,)*
        }
    )+ };
}
pub(super) use args;

args! {
    /// Nothing needs to be told.
    NoArgs {}

    /// A building to found.
    FoundArgs {
        /// The building's name, 1 to 40 characters.
        building: String,
        /// What neighbours call the founder, 1 to 30 characters.
        name: String,
        /// Where the founder lives as neighbours may see it, at most 30 characters.
        #[serde(default)]
        block: String,
        /// A sentence about the founder, at most 200 characters.
        #[serde(default)]
        about: String,
    }

    /// A newcomer's application.
    ApplyArgs {
        /// The ticket (`KAIFONG1…`) or the short code (`ABCD-EFGH-JKMN`).
        invitation: String,
        /// What neighbours will call them, 1 to 30 characters.
        name: String,
        /// Where they live as neighbours may see it, at most 30 characters.
        #[serde(default)]
        block: String,
        /// A sentence about themselves, at most 200 characters.
        #[serde(default)]
        about: String,
        /// The household, 1 to 60 characters; only reviewers read it.
        household: String,
        /// The real name, 1 to 60 characters; only reviewers read it.
        real_name: String,
        /// The phone number, at most 30 characters; only reviewers read it.
        #[serde(default)]
        phone: String,
        /// Person, desk, or which kind of organisation; a person if not told.
        #[serde(default = "a_person")]
        kind: MemberKind,
        /// That they are 14 or older, which whoever applies states; for a child a guardian joins and acts.
        #[serde(default = "yes")]
        of_age: bool,
    }

    /// Whose further device this one is to be.
    FurtherDeviceArgs {
        /// The ticket (`KAIFONG1…`) or the short code (`ABCD-EFGH-JKMN`).
        invitation: String,
        /// The member, whose other device links this one. Nobody else's link is taken.
        member: Hex<MemberId>,
    }

    /// An invitation to make.
    InviteArgs {
        /// How long it admits requests, in milliseconds, from a minute to a year.
        valid_ms: u64,
        /// Addresses of this device for the ticket, `IP:port`; those it listens on if not told.
        #[serde(default)]
        addresses: Option<Vec<String>>,
    }

    /// A newcomer's device.
    DeviceArgs {
        /// The device.
        device: Hex<DeviceId>,
    }

    /// One's own device, to be closed.
    CloseDeviceArgs {
        /// The device.
        device: Hex<DeviceId>,
        /// Whether somebody else has said with it that one moves out or erases everything: then these words go, too, and all
        /// that it has said after them.
        disown: bool,
    }

    /// A newcomer's device, and why not.
    RefuseArgs {
        /// The device.
        device: Hex<DeviceId>,
        /// The reason, which the newcomer reads, at most 200 characters.
        reason: String,
    }

    /// A role to give or to take.
    RoleArgs {
        /// Whose.
        member: Hex<MemberId>,
        /// Which.
        role: Role,
        /// Given or taken.
        held: bool,
    }

    /// What a reviewer says that somebody is or is not, or takes back.
    VouchArgs {
        /// Whom.
        member: Hex<MemberId>,
        /// What.
        capacity: Capacity,
        /// For it, against it, or taken back.
        opinion: Opinion,
    }

    /// A seat to give.
    SeatArgs {
        /// To whom.
        member: Hex<MemberId>,
        /// For whom they stand.
        post: Post,
    }

    /// A role and who is to hold it.
    HoldArgs {
        /// Who.
        member: Hex<MemberId>,
        /// Which.
        role: Role,
    }

    /// What is to be otherwise from the next epoch on; what is left out stays.
    DraftArgs {
        /// Who sits, in the order in which they lead.
        #[serde(default)]
        seats: Option<Vec<SeatArgs>>,
        /// All roles and who holds them.
        #[serde(default)]
        roles: Option<Vec<HoldArgs>>,
        /// The building's numbers.
        #[serde(default)]
        charter: Option<Charter>,
        /// The whole map of zones and blocks.
        #[serde(default)]
        places: Option<Vec<ZoneArgs>>,
        /// The community fund.
        #[serde(default)]
        fund: Option<FundDraftArgs>,
    }

    /// One draft.
    OneDraftArgs {
        /// The draft.
        draft: Hex<EntryHash>,
    }

    /// Witnesses to name, or no longer.
    WitnessArgs {
        /// Whose devices.
        member: Hex<MemberId>,
        /// Named or not.
        named: bool,
    }

    /// Which kinds of notices are told; all of them if nothing was ever set.
    NoticeSettings {
        /// Whether one hears that a deal waits for oneself.
        turn: bool,
        /// Whether a reviewer hears that somebody asks to join.
        request: bool,
        /// Whether one hears that something fits a listing of one's own.
        fit: bool,
        /// Whether one hears of activities that were announced.
        #[serde(default = "yes")]
        activity: bool,
    }

    /// Another device of this member.
    LinkDeviceArgs {
        /// The device.
        device: Hex<DeviceId>,
        /// Its sealing key: 64 hexadecimal digits.
        seal: String,
    }

    /// What neighbours see of this member from now on.
    ProfileArgs {
        /// 1 to 30 characters.
        name: String,
        /// At most 30 characters.
        #[serde(default)]
        block: String,
        /// At most 200 characters.
        #[serde(default)]
        about: String,
        /// Whether neighbours see the block; if not, only this device keeps it. They do if not told.
        #[serde(default = "yes")]
        show_block: bool,
        /// The zone or block of the map where one lives; its name stands for the block then.
        #[serde(default)]
        place: Option<u32>,
    }

    /// A listing.
    ListingArgs {
        /// Which.
        listing: Hex<ListingId>,
        /// Whose; looked up if not told.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
    }

    /// An answer to a listing.
    AnswerArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// Whose; looked up if not told.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
        /// What the receiver pays; what the listing says if not told.
        #[serde(default)]
        points: Option<u32>,
        /// When a lent thing is to be back, in milliseconds since 1970; a loan needs it.
        #[serde(default)]
        due_at: Option<u64>,
        /// One's own listing that fits.
        #[serde(default)]
        counterpart: Option<Hex<ListingId>>,
    }

    /// What is done about a loan.
    LoanStepArgs {
        /// Which deal.
        deal: Hex<DealId>,
        /// What is done.
        step: LoanStep,
        /// When it truly happened, in milliseconds since 1970-01-01, where handing over or giving back is entered late.
        #[serde(default)]
        on: Option<u64>,
        /// The later day, to extend; agrees with the one that the other has named if not told.
        #[serde(default)]
        until: Option<u64>,
        /// How the thing came back.
        #[serde(default)]
        condition: Option<Condition>,
    }

    /// A deal.
    DealArgs {
        /// Which.
        deal: Hex<DealId>,
    }

    /// How many points are right for a deal.
    FigureArgs {
        /// The deal.
        deal: Hex<DealId>,
        /// How many, all in all.
        points: u32,
    }

    /// Since when points are looked at.
    FlowsArgs {
        /// Payments that were signed since then, in milliseconds since 1970; all without it.
        #[serde(default)]
        since: Option<u64>,
    }

    /// What to verify once more: a deal, or one entry. Exactly one of the two.
    VerifyArgs {
        /// All that was signed about this deal.
        #[serde(default)]
        deal: Option<Hex<DealId>>,
        /// This entry, such as a payment without a deal.
        #[serde(default)]
        entry: Option<Hex<EntryHash>>,
    }

    /// A review.
    ReviewArgs {
        /// The finished deal.
        deal: Hex<DealId>,
        /// 1 to 5.
        stars: u8,
        /// At most 500 characters.
        #[serde(default)]
        text: String,
    }

    /// A reply to what the other party said.
    ReplyArgs {
        /// The finished deal.
        deal: Hex<DealId>,
        /// At most 300 characters; an empty one takes the reply back.
        #[serde(default)]
        text: String,
    }

    /// An offer to exchange phone numbers.
    PhoneArgs {
        /// The agreed deal.
        deal: Hex<DealId>,
        /// One's own number, at most 30 characters; it is sent once both have offered.
        number: String,
    }

    /// Points to give.
    GiveArgs {
        /// To whom.
        to: Hex<MemberId>,
        /// How many.
        points: u32,
    }

    /// Points for the device in front of this one.
    PayFaceArgs {
        /// The journal that its code names.
        to: Hex<JournalId>,
        /// How many.
        points: u32,
    }

    /// What another device shows.
    FaceTextArgs {
        /// The text of its code.
        text: String,
    }

    /// A payment face to face.
    FaceArgs {
        /// The transfer, or the answer to it.
        entry: Hex<EntryHash>,
    }

    /// A member.
    MemberArgs {
        /// Who.
        member: Hex<MemberId>,
    }

    /// Which deals to show, the last changed first.
    DealsArgs {
        /// Also those between others.
        #[serde(default)]
        all: bool,
        /// Only those under way (`true`) or over (`false`).
        #[serde(default)]
        live: Option<bool>,
        /// Only those on this listing.
        #[serde(default)]
        listing: Option<Hex<ListingId>>,
        /// Only this member's; also those between others, if it is not oneself.
        #[serde(default)]
        member: Option<Hex<MemberId>>,
        /// At most this many, 1 to 200; 50 if not told.
        #[serde(default)]
        limit: Option<u32>,
    }

    /// Since when things are new.
    TodayArgs {
        /// In milliseconds since 1970; a day ago if not told.
        #[serde(default)]
        since: Option<u64>,
    }

    /// Which lines of the statement to show, the newest first.
    StatementArgs {
        /// At most this many, 1 to 500; 100 if not told.
        #[serde(default)]
        limit: Option<u32>,
        /// Only lines that stand after the one of this entry, which are older.
        #[serde(default)]
        after: Option<Hex<EntryHash>>,
    }

    /// Which of one's own signed entries to show, the newest first.
    TrailArgs {
        /// At most this many, 1 to 200; 50 if not told.
        #[serde(default)]
        limit: Option<u32>,
        /// Only those that stand after this one, which are older.
        #[serde(default)]
        after: Option<Hex<EntryHash>>,
    }

    /// A shortened id.
    ResolveArgs {
        /// What it stands for.
        what: IdKind,
        /// Its first digits, at least four.
        prefix: String,
    }

    /// What to wait for.
    WaitArgs {
        /// A query to ask again after every change; only a change of `tags` is waited for if not told.
        #[serde(default)]
        query: Option<String>,
        /// The query's arguments.
        #[serde(default)]
        args: Value,
        /// Which part of its result counts: a JSON pointer (RFC 6901) such as `/deal/stage`; all of it if not told.
        #[serde(default)]
        at: String,
        /// The part is to be equal to this.
        #[serde(default)]
        is: Option<Value>,
        /// The part is to be equal to one of these.
        #[serde(default)]
        one_of: Vec<Value>,
        /// The part is to be a number of at least this, or a list of at least that many.
        #[serde(default)]
        least: Option<i64>,
        /// Only changes of these rows count; any change if empty.
        #[serde(default)]
        tags: Vec<Tag>,
        /// How long to wait, in milliseconds, at most ten minutes.
        timeout_ms: u64,
    }
}

fn yes() -> bool {
    true
}

fn a_person() -> MemberKind {
    MemberKind::Person
}
