//! Building, members, devices, applications.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApplicationState, CameBy, Capacity, Hand, KeyKept, Kin, Listing, MemberKind, MemberLife, Path, Question, RefusedBy,
    RegisterSays, RequestPlace, ReviewNote, Role, StaffRow, Stay, Tag, UnitMember, Zone,
};
use crate::Hex;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, InviteId, MemberId};

/// Declares what comes back.
macro_rules! rows {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[$meta:meta])+ $field:ident: $type:ty,)* })+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub struct $name {
            $($(#[$meta])+ pub $field: $type,)*
        }
    )+ };
}
pub(super) use rows;

rows! {
    /// The write is durable.
    Saved {
        /// Always `true`: what was not saved is an error.
        saved: bool,
    }

    /// A founded building.
    Founded {
        /// Its id.
        building: Hex<BuildingId>,
    }

    /// An application on its way.
    Applied {
        /// Where it stands; its answer comes as a change of `application`.
        state: ApplicationState,
    }

    /// An invitation. Whoever has it can ask to join; a reviewer decides.
    Invited {
        /// The text of the QR.
        ticket: String,
        /// The short code that can be typed.
        code: String,
        /// The building's name.
        building: String,
        /// Until when it admits requests.
        expires_at: u64,
        /// The addresses in the ticket.
        addresses: Vec<String>,
    }

    /// Somebody, as neighbours see them.
    Person {
        /// Who.
        member: Hex<MemberId>,
        /// Their name; empty while their document has not arrived here.
        name: String,
        /// Where they live, as they allow it to be seen.
        block: String,
        /// Whether they are here, away, gone.
        #[serde(default)]
        stay: Stay,
        /// The zone or block of the map, if they live in one and let it be seen.
        place: Option<u32>,
        /// Which person of an organisation it was, where something was done; never there of a resident.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hand: Option<Hand>,
    }

    /// One device's state, for scripts and for the sync line.
    Status {
        /// The building's id; `null` before there is one.
        building: Option<Hex<BuildingId>>,
        /// The building's name.
        name: Option<String>,
        /// Whose device this is.
        member: Option<Hex<MemberId>>,
        /// This device.
        device: Hex<DeviceId>,
        /// Where its key is kept.
        key_kept: KeyKept,
        /// How many member documents are here.
        documents: u64,
        /// How many changes they consist of.
        changes: u64,
        /// Neighbours in reach.
        peers: Vec<Peer>,
        /// The hash of everything a screen can show; equal on replicas that hold the same.
        projection: Option<String>,
        /// Where this device listens.
        addresses: Vec<String>,
        /// Where a store that would not open was moved to, if that happened.
        aside: Option<String>,
    }

    /// The building.
    Building {
        /// Its id.
        id: Hex<BuildingId>,
        /// Its name.
        name: String,
        /// When it was founded.
        founded_at: u64,
        /// Who founded it, and is trusted while it has under three seats.
        founder: Person,
        /// The council's step; 0 is the founding.
        epoch: u32,
        /// How many members it has.
        members: u64,
        /// Its numbers.
        charter: Charter,
        /// Who holds which role.
        roles: Vec<Held>,
        /// The map of zones and blocks; empty where nobody has made one.
        zones: Vec<Zone>,
        /// Devices whose stamps count.
        witnesses: Vec<Hex<DeviceId>>,
    }

    /// The building's numbers, in points.
    Charter {
        /// What an hour of help earns by default.
        points_per_hour: u32,
        /// How far below zero a balance may go.
        credit_line: u32,
        /// How much may be spent before a witness has seen it.
        quota: u32,
    }

    /// A role and who holds it.
    Held {
        /// Who.
        person: Person,
        /// Which.
        role: Role,
    }

    /// This household on this device.
    Me {
        /// This device.
        device: Hex<DeviceId>,
        /// Its sealing key, which another device of this member needs to link it.
        seal: String,
        /// Who one is here; `null` before being approved.
        person: Option<Person>,
        /// The sentence about oneself.
        about: String,
        /// Where one lives, as this device keeps it for oneself; neighbours see what `person` says.
        block_kept: String,
        /// The zone or block where one lives, as this device knows it.
        place: Option<u32>,
        /// With whom one is shown as one household, or would be.
        kin: Vec<Kin>,
        /// The roles one holds.
        roles: Vec<Role>,
        /// Whether one may approve newcomers.
        reviewer: bool,
        /// Whether one may post needs for somebody else.
        #[serde(default)]
        posts_for_others: bool,
        /// Who works at this device, if one is an organisation; with an empty name until somebody says so.
        hand: Option<Hand>,
    }

    /// All that this device holds of its owner, packed.
    Exported {
        /// The name under which to save it.
        name: String,
        /// The `.zip`, in base 64.
        zip: String,
        /// How large the `.zip` is, in bytes.
        bytes: u64,
        /// How many signed entries are in it.
        entries: u64,
    }

    /// A member in the list.
    MemberRow {
        /// Who.
        person: Person,
        /// Person, organisation or desk.
        kind: MemberKind,
        /// The roles they hold.
        roles: Vec<Role>,
        /// What enough reviewers say that they are.
        capacities: Vec<Capacity>,
        /// Since when.
        since: u64,
        /// The credit record.
        record: CreditRecord,
    }

    /// All members.
    Members {
        /// By name.
        rows: Vec<MemberRow>,
    }

    /// What signed facts say of a member.
    CreditRecord {
        /// Deals that both confirmed.
        completed: u64,
        /// Of these: where they gave.
        given: u64,
        /// Of these: where they received.
        received: u64,
        /// Things they lent and have back.
        loans_lent: u64,
        /// Things they borrowed and brought back.
        loans_returned: u64,
        /// Of these: by the agreed day, as both have signed.
        loans_in_time: u64,
        /// Things they have borrowed now.
        loans_out: u64,
        /// How many reviews there are.
        reviews: u64,
        /// The mean of their stars, 1 to 5; `null` without a review.
        stars: Option<f64>,
    }

    /// A member with everything that neighbours may see.
    Member {
        /// Who.
        person: Person,
        /// The sentence about themselves.
        about: String,
        /// Person, organisation or desk.
        kind: MemberKind,
        /// The roles they hold.
        roles: Vec<Role>,
        /// What reviewers say that they are.
        capacities: Vec<Standing>,
        /// Since when.
        since: u64,
        /// Others whose name looks the same, at most four.
        alike: Vec<Person>,
        /// The reviewer who verified them; `null` for the founder.
        verified_by: Option<Person>,
        /// The signed entry by which they did; `verify` computes it anew.
        certificate: Option<Hex<EntryHash>>,
        /// The block that the reviewer has compared, if the member let it be seen; `null` for none, or none of the map's.
        verified_block: Option<String>,
        /// Whether they hold the vote of their household.
        votes: bool,
        /// How many devices they have.
        devices: u64,
        /// The credit record.
        record: CreditRecord,
        /// What others said, the newest first.
        reviews: Vec<ReviewNote>,
        /// What they offer and need now, the newest first.
        listings: Vec<Listing>,
        /// Where they are, and what of theirs is out.
        life: MemberLife,
        /// Of an organisation: who works there, and who has.
        staff: Vec<StaffRow>,
    }

    /// What reviewers say of one capacity of a member.
    Standing {
        /// Which.
        capacity: Capacity,
        /// Whether enough say so.
        stands: bool,
        /// By how many the words for it outnumber those against it.
        words: u64,
        /// How many it takes.
        needed: u64,
        /// Who says so.
        by: Vec<StandingWord>,
        /// Who says the opposite.
        against: Vec<StandingWord>,
    }

    /// One reviewer's word on a capacity of a member.
    StandingWord {
        /// The reviewer.
        by: Person,
        /// The entry that says it.
        entry: Hex<EntryHash>,
    }

    /// Requests that wait for this reviewer.
    Requests {
        /// The oldest first.
        rows: Vec<Request>,
        /// By which invitations they came, the most waiting first.
        by_invite: Vec<CameBy>,
    }

    /// A newcomer's request. Only reviewers ever see it.
    Request {
        /// The newcomer's device.
        device: Hex<DeviceId>,
        /// Person, organisation or desk.
        kind: MemberKind,
        /// The name that neighbours will see.
        name: String,
        /// The household.
        household: String,
        /// Where it is by the map; `null` when they have picked no place of it.
        place: Option<RequestPlace>,
        /// Neighbours of whom this device knows that they live in the same unit, those who hold its vote first.
        unit_members: Vec<UnitMember>,
        /// The real name.
        real_name: String,
        /// The phone number.
        phone: String,
        /// When it was written, as the newcomer's device claims.
        at: u64,
        /// By which invitation they came, if it is known here.
        invite: Option<Hex<InviteId>>,
        /// Neighbours whose name looks the same, at most four.
        alike: Vec<Person>,
        /// What the register of units on this device says; `null` without one.
        register: Option<RegisterSays>,
        /// What reviewers have asked, the first first.
        questions: Vec<Question>,
    }

    /// This household's own application.
    ApplicationNote {
        /// Where it stands.
        state: ApplicationState,
        /// Why it was refused, in words.
        reason: Option<String>,
        /// Who or what refused it.
        refused_by: Option<RefusedBy>,
        /// The map to pick one's block from, while that is asked.
        zones: Vec<Zone>,
        /// What one wrote of one's household.
        household: Option<String>,
        /// What reviewers have asked, the first first.
        questions: Vec<Question>,
    }

    /// Neighbours in reach.
    Peers {
        /// By device.
        rows: Vec<Peer>,
    }

    /// A neighbour in reach.
    Peer {
        /// Its device.
        device: Hex<DeviceId>,
        /// Whose it is, if known here.
        person: Option<Person>,
        /// How it is reached.
        path: Path,
        /// When the last reconcile with it ended.
        last_sync: Option<u64>,
        /// How much of what it sent was refused on this connection.
        refused: u64,
    }

    /// One's own invitations.
    Invites {
        /// The longest valid first.
        rows: Vec<Invite>,
    }

    /// An invitation as it stands in one's document: its code is not in it.
    Invite {
        /// Its id.
        id: Hex<InviteId>,
        /// Until when it admits requests.
        expires_at: u64,
        /// When it was withdrawn.
        withdrawn_at: Option<u64>,
        /// Whether it admits requests now.
        open: bool,
        /// How many came by it before this reviewer; `null` for who is none.
        came: Option<u64>,
    }

    /// What an audit of everything on this device found.
    Audit {
        /// Whether everything is as it was signed.
        ok: bool,
        /// Documents looked at.
        documents: u64,
        /// Their changes.
        changes: u64,
        /// Signatures verified.
        signatures: u64,
        /// Journal entries.
        entries: u64,
        /// The sum of all balances: zero.
        ledger_sum: i64,
        /// The hash of everything a screen can show.
        projection: String,
        /// How long it took, in milliseconds.
        ms: u64,
        /// The first thing that is wrong.
        first_fault: Option<String>,
    }

    /// The id that a shortened one stands for.
    Resolved {
        /// All its digits.
        id: String,
    }

    /// How waiting ended.
    Waited {
        /// Whether it came to pass; `false` after the time was up.
        met: bool,
        /// What the query said last; `null` without one.
        result: serde_json::Value,
    }

    /// Rows changed: whoever shows them reads again.
    Changed {
        /// Which kinds of rows.
        tags: Vec<Tag>,
    }
}
