//! Spaces by the hour, interest groups, resources outside of the building, added categories, invitations.

use kaifong_domain::{BookingId, CategoryId, GroupId, ListingId, MemberId, ResourceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{Activity, Form, GroupStep, InvitedKind, Person, SlotStage, SpaceStep};
use crate::Hex;

args! {
    /// A space and when it is wanted.
    AskSpaceArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// Whose; looked up if not told.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
        /// From when on, in milliseconds since 1970.
        starts_at: u64,
        /// Until when; from a quarter of an hour to a day later, of a thing that is lent up to two weeks.
        ends_at: u64,
        /// For what: one of a space's purposes; of a thing `other-use`.
        purpose: Form,
        /// For how many people, 1 to 500; of a thing 1.
        people: u16,
    }

    /// What is done about a booking of a space.
    SpaceStepArgs {
        /// Which booking.
        booking: Hex<BookingId>,
        /// What.
        step: SpaceStep,
    }

    /// A space.
    SpaceArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// Whose; looked up if not told.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
        /// From when on its bookings are told, in milliseconds since 1970; from now on if not told.
        #[serde(default)]
        since: Option<u64>,
    }

    /// A group to found.
    FoundGroupArgs {
        /// 1 to 30 characters.
        name: String,
        /// What it is about, at most 300 characters.
        #[serde(default)]
        about: String,
        /// When it meets, at most 60 characters.
        #[serde(default)]
        meets: String,
        /// Where it meets, at most 60 characters.
        #[serde(default)]
        venue: String,
    }

    /// A group.
    GroupArgs {
        /// Its founder.
        founder: Hex<MemberId>,
        /// Which.
        group: Hex<GroupId>,
    }

    /// What is done about a group.
    GroupStepArgs {
        /// Its founder.
        founder: Hex<MemberId>,
        /// Which.
        group: Hex<GroupId>,
        /// What.
        step: GroupStep,
    }

    /// A resource outside of the building.
    ListResourceArgs {
        /// 1 to 30 characters.
        name: String,
        /// What it is for, 1 to 300 characters.
        about: String,
        /// A phone number or another way to reach it, at most 60 characters.
        #[serde(default)]
        contact: String,
        /// When it is open, at most 60 characters.
        #[serde(default)]
        hours: String,
        /// How many minutes away on foot, at most 600.
        #[serde(default)]
        minutes: Option<u16>,
    }

    /// A resource of one's own.
    ResourceArgs {
        /// Which.
        resource: Hex<ResourceId>,
    }

    /// A category to add.
    AddCategoryArgs {
        /// The class, by its name.
        class: String,
        /// 1 to 12 characters.
        name: String,
    }

    /// A category of one's own.
    CategoryArgs {
        /// Which.
        category: Hex<CategoryId>,
    }

    /// An invitation to a named neighbour.
    InviteNeighbourArgs {
        /// Whom; when it is laid aside, who has invited.
        member: Hex<MemberId>,
        /// To what.
        kind: InvitedKind,
        /// Who hosts the activity or has founded the group.
        of: Hex<MemberId>,
        /// Which.
        id: String,
    }
}

rows! {
    /// A booking's id.
    AskedSpace {
        /// The id.
        booking: Hex<BookingId>,
    }

    /// A booking of a space.
    SpaceBooking {
        /// Its id.
        id: Hex<BookingId>,
        /// Which space.
        listing: Hex<ListingId>,
        /// What it is called; `null` once it is erased.
        title: Option<String>,
        /// Whether it is a thing that is lent, for whole days, and no space.
        thing: bool,
        /// Whose space.
        owner: Person,
        /// Who asks; `null` for those whom it is no business of.
        by: Option<Person>,
        /// Whether one has asked oneself.
        mine: bool,
        /// Whether the space is one's own.
        own: bool,
        /// From when on.
        starts_at: u64,
        /// Until when.
        ends_at: u64,
        /// For what.
        purpose: Form,
        /// For how many people.
        people: u16,
        /// When it was asked.
        at: u64,
        /// Where it stands.
        stage: SlotStage,
        /// Whether it can be taken back.
        can_cancel: bool,
        /// Whether one can agree to it.
        can_grant: bool,
        /// Whether one can say no to it.
        can_decline: bool,
    }

    /// The bookings of one space.
    SpaceCalendar {
        /// Those that are agreed, for everybody; one's own and, for the owner, all others too. In the order of their beginning.
        rows: Vec<SpaceBooking>,
        /// Whether one can ask for it.
        can_ask: bool,
    }

    /// An interest group.
    Group {
        /// Its id.
        id: Hex<GroupId>,
        /// Who has founded it.
        founder: Person,
        /// Whether that is oneself.
        mine: bool,
        /// Its name.
        name: String,
        /// What it is about.
        about: String,
        /// When it meets.
        meets: String,
        /// Where it meets.
        venue: String,
        /// When it was founded.
        founded_at: u64,
        /// When it was closed, if so.
        closed_at: Option<u64>,
        /// How many are in it, its founder among them.
        members: u64,
        /// Whether one is in it.
        is_in: bool,
    }

    /// What was founded.
    GroupFounded {
        /// Its id.
        group: Hex<GroupId>,
    }

    /// Interest groups.
    Groups {
        /// Those that one is in first, then by name.
        rows: Vec<Group>,
    }

    /// One group with who is in it and what it does.
    GroupDetail {
        /// The group.
        group: Group,
        /// Who is in it, the founder first.
        members: Vec<Person>,
        /// Its activities to come, in the order of their beginning.
        activities: Vec<Activity>,
    }

    /// A resource outside of the building.
    Resource {
        /// Its id.
        id: Hex<ResourceId>,
        /// Its name.
        name: String,
        /// What it is for.
        about: String,
        /// How it is reached.
        contact: String,
        /// When it is open.
        hours: String,
        /// How many minutes away on foot.
        minutes: Option<u16>,
        /// Who has entered it and vouches for it.
        by: Person,
        /// Whether that is oneself.
        mine: bool,
        /// When it was entered.
        put_at: u64,
    }

    /// Resources outside of the building.
    Resources {
        /// The nearest first.
        rows: Vec<Resource>,
        /// Whether one may list some.
        can_list: bool,
    }

    /// A category that was added to the tree.
    AddedCategory {
        /// Its id.
        id: Hex<CategoryId>,
        /// How listings name it: `added:` and the id.
        category: String,
        /// The class, by its name.
        class: String,
        /// Its name.
        name: String,
        /// Whether one has added it oneself.
        mine: bool,
    }

    /// What was added to the tree of categories.
    Categories {
        /// In the order of the classes, then by name.
        added: Vec<AddedCategory>,
        /// Whether one may add some.
        can_add: bool,
        /// Whether one may enter offers and needs for somebody without a phone.
        can_enter_for: bool,
    }

    /// An invitation that waits for oneself.
    Invitation {
        /// Who invites.
        from: Person,
        /// To what.
        kind: InvitedKind,
        /// Who hosts or has founded it.
        of: Hex<MemberId>,
        /// Which.
        id: String,
        /// What it is called.
        title: String,
        /// When it begins; `null` for a group.
        starts_at: Option<u64>,
    }
}
