//! Activities: what neighbours are invited to, who has a place, who came.

use kaifong_domain::{ActivityId, GroupId, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::building::rows;
use super::{ActivityShow, ActivityStep, BookingStage, GrantAct, GroupArgs, GuestMark, LineState, Owed, Payee, Person};
use crate::Hex;

args! {
    /// An activity to announce.
    AnnounceArgs {
        /// 1 to 60 characters.
        title: String,
        /// At most 2,000 characters; may be empty.
        #[serde(default)]
        body: String,
        /// Where it is, in words; at most 60 characters, may be empty.
        #[serde(default)]
        venue: String,
        /// When it begins, in milliseconds since 1970.
        starts_at: u64,
        /// For how many hours, from 1 to 12.
        hours: u8,
        /// What coming costs, in points; nothing if not told.
        #[serde(default)]
        cost: u32,
        /// Who is paid that.
        to: Payee,
        /// What somebody is asked for who keeps a place and stays away, in points; nothing if not told.
        #[serde(default)]
        no_show: u32,
        /// For how many there is room; for all if not told.
        #[serde(default)]
        places: Option<u16>,
        /// Who teaches, whom the fund thanks; for organisers, organisations and the desk.
        #[serde(default)]
        teacher: Option<Hex<MemberId>>,
        /// The group whose evening it is; by who is in it.
        #[serde(default)]
        group: Option<GroupArgs>,
    }

    /// An activity.
    ActivityArgs {
        /// Which.
        activity: Hex<ActivityId>,
        /// Whose; found by the id alone if not told.
        #[serde(default)]
        host: Option<Hex<MemberId>>,
    }

    /// What one does about an activity.
    ActivityStepArgs {
        /// Which.
        activity: Hex<ActivityId>,
        /// Whose; found by the id alone if not told.
        #[serde(default)]
        host: Option<Hex<MemberId>>,
        /// What.
        step: ActivityStep,
    }

    /// What a host says of who has a place.
    MarkGuestArgs {
        /// Which of one's own activities.
        activity: Hex<ActivityId>,
        /// Who.
        member: Hex<MemberId>,
        /// What is said.
        mark: GuestMark,
    }

    /// Which activities to show.
    ActivitiesArgs {
        /// Those to come, one's own, or those that are over.
        #[serde(default)]
        show: ActivityShow,
        /// At most this many, 1 to 200; 50 if not told.
        #[serde(default)]
        limit: Option<u32>,
        /// How many of the first are left out.
        #[serde(default)]
        skip: u32,
    }
}

rows! {
    /// What was announced.
    Announced {
        /// Its id.
        activity: Hex<ActivityId>,
    }

    /// An activity as one neighbour sees it.
    Activity {
        /// Its id.
        id: Hex<ActivityId>,
        /// Who hosts it.
        host: Person,
        /// Whether that is oneself.
        mine: bool,
        /// Its title.
        title: String,
        /// What else is told.
        body: String,
        /// Where it is, in words.
        venue: String,
        /// When it begins.
        starts_at: u64,
        /// When it ends.
        ends_at: u64,
        /// For how many hours: what its teacher is credited with.
        hours: u8,
        /// What coming costs, in points.
        cost: u32,
        /// Who is paid that.
        to: Payee,
        /// What staying away costs, in points.
        no_show: u32,
        /// For how many there is room; `null` for all.
        places: Option<u16>,
        /// How many have a place.
        taken: u64,
        /// How many wait for one.
        waiting: u64,
        /// Who teaches.
        teacher: Option<Person>,
        /// The group whose evening it is.
        #[serde(default)]
        group: Option<GroupNote>,
        /// When it was announced.
        posted_at: u64,
        /// When it was called off, if so.
        called_off_at: Option<u64>,
        /// One's own booking, where there is one.
        booking: Option<Booking>,
        /// For its host: how many are not marked yet, or say that they were there after all.
        unmarked: u64,
    }

    /// The group whose evening an activity is.
    GroupNote {
        /// Its founder.
        founder: Hex<MemberId>,
        /// Which.
        group: Hex<GroupId>,
        /// Its name.
        name: String,
    }

    /// One's own booking.
    Booking {
        /// Where it stands.
        stage: BookingStage,
        /// When one signed up.
        at: u64,
        /// What may be due, at the door or after.
        owed: Option<Owed>,
        /// How many points that is.
        points: u32,
        /// Whether one is asked for it now: they say that one came, or did not, and nothing is paid.
        due: bool,
        /// Whether it can be paid now.
        can_pay: bool,
        /// Whether it can be taken back.
        can_cancel: bool,
        /// What was paid, if something was.
        paid: Option<Owed>,
        /// How many points that was.
        paid_points: u32,
        /// What became of that payment.
        paid_state: Option<LineState>,
        /// Whether what was agreed to is what the activity says.
        agrees: bool,
    }

    /// Who has signed up, for the host alone.
    Guest {
        /// Who.
        person: Person,
        /// Where their booking stands.
        stage: BookingStage,
        /// When they signed up.
        at: u64,
        /// When they took it back, if so.
        cancelled_at: Option<u64>,
        /// What they have paid, if something.
        paid: Option<Owed>,
        /// What became of that payment.
        paid_state: Option<LineState>,
    }

    /// One activity with all that one may know of it.
    ActivityDetail {
        /// The activity.
        activity: Activity,
        /// Who has signed up, in the order in which the host's device has heard; for the host alone.
        guests: Vec<Guest>,
        /// Whether one can sign up now.
        can_book: bool,
        /// Whether one can call it off.
        can_call_off: bool,
    }

    /// A page of activities.
    Activities {
        /// Those to come in the order of their beginning; others the newest first.
        rows: Vec<Activity>,
        /// How many there are in all.
        total: u64,
        /// Whether one may name a teacher.
        can_teach: bool,
        /// Whether somebody keeps a fund that could be paid.
        has_fund: bool,
    }

    /// What a statement's line pays: a place at an activity, or having stayed away.
    LineActivity {
        /// Its host.
        host: Hex<MemberId>,
        /// Which.
        activity: Hex<ActivityId>,
        /// Its title; `null` once it is erased.
        title: Option<String>,
        /// For coming, or for having stayed away.
        owed: Owed,
    }

    /// A class that has begun and that somebody came to, whose teacher the fund can thank.
    ClassNote {
        /// The activity.
        activity: Activity,
        /// Who taught.
        teacher: Person,
        /// How many came.
        came: u64,
        /// For what of the days around it the teacher has been granted points, or is about to be.
        thanked: Vec<ThankedNote>,
    }

    /// Something that a teacher was granted points for.
    ThankedNote {
        /// What.
        act: GrantAct,
        /// On which day, in days since 1970-01-01.
        day: u32,
    }

    /// Classes whose teachers the fund can thank.
    Classes {
        /// The newest first.
        rows: Vec<ClassNote>,
    }
}
