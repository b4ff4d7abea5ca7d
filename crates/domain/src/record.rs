//! What a member says in their own document.
//!
//! A document is a flat map: `listing:<id>`, `review:<id>`, `invite:<id>`, `reply:<id>`, `matter:<id>`, `judged:<id>`, `answer:<id>`,
//! `event:<id>`, `good:<id>`, `group:<id>`, `joined:<group>`, `owned:<listing>`, `count:<id>`, `outside:<id>`, `added:<id>`, `thanks:<id>`, `drive:<id>`, `pledge:<id>`, `came:<id>` and `staff:<id>` hold one map of scalars each, `profile`
//! fields stand at the root. Flat, because two devices of one member that each create a nested map while apart would
//! hide one another's records; a record's key is random and made by one device only.

use serde::{Deserialize, Serialize};

use crate::activity::Activity;
use crate::care::{Aside, CareRecord, CareRecords};
use crate::commons::{AddedCategory, Group, Joining, Resource};
use crate::deal::Hold;
use crate::hall::{Judgement, Matter, Response};
use crate::kept::{Kept, Owning, Stocktake};
use crate::place::PlaceId;
use crate::shop::Good;
use crate::sort::{self, Category, Form, Topic};
use crate::staff::{Hands, Staff};
use crate::{DealId, Instant, InviteId, ListingId, Points, Refusal, text};

/// The most characters of a listing's title.
pub const TITLE_CHARS_MAX: usize = 60;
/// The most characters of a listing's body.
pub const BODY_CHARS_MAX: usize = 2_000;
/// The most neighbours who have an offer of skill, knowledge or time at a time.
pub const PLACES_MAX: u16 = 100;
/// The most characters of a name.
pub const NAME_CHARS_MAX: usize = 30;
/// The most characters of the place where a member lives.
pub const BLOCK_CHARS_MAX: usize = 30;
/// The most characters of what a member says about themselves.
pub const ABOUT_CHARS_MAX: usize = 200;
/// The most characters of a review.
pub const REVIEW_CHARS_MAX: usize = 500;
/// The most characters of a reply to a review.
pub const REPLY_CHARS_MAX: usize = 300;
/// The least stars of a review.
pub const STARS_MIN: u8 = 1;
/// The most stars of a review.
pub const STARS_MAX: u8 = 5;

/// Which side of sharing a listing is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Someone can give: 服务清单.
    Offer,
    /// Someone asks: 需求清单.
    Need,
}

impl Side {
    /// Returns the side that this one is matched with.
    pub fn other(self) -> Self {
        match self {
            Self::Offer => Self::Need,
            Self::Need => Self::Offer,
        }
    }
}

/// The five kinds of sharing (F8–F12), and medical devices (A17), which are things too. A need may leave it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// 物品: a thing.
    Item,
    /// 知识: training, talk, lecture, one-to-one.
    Knowledge,
    /// 技能: repair, lessons, counselling …
    Skill,
    /// 时间: volunteering.
    Time,
    /// 空间: a venue.
    Space,
    /// 医疗器械: a wheelchair, a blood pressure meter …: a thing that is cleaned and checked before it is handed over.
    Medical,
}

impl Kind {
    /// Tells whether it is a thing: it changes hands in one of the [`Mode`]s and serves one deal at a time.
    pub fn is_thing(self) -> bool {
        matches!(self, Self::Item | Self::Medical)
    }
}

/// How a thing changes hands (F8). Only items have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// 共享: lent and given back.
    Share,
    /// 捐赠: given away.
    Donate,
    /// 置换: swapped.
    Swap,
    /// 义卖: sold for charity.
    CharitySale,
}

/// What kind of volunteering time goes into (F10). Only time has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Task {
    /// 儿童助托: looking after children, collecting them.
    ChildCare,
    /// 430课堂: lessons and homework after school.
    AfterSchool,
    /// 上门料理: cooking and keeping house at somebody's home.
    HomeHelp,
    /// 扶老助老: help for the old.
    ElderHelp,
    /// 慰问: visits to who is old, ill or alone.
    Visiting,
    /// 社区活动服务: help at what the building holds.
    Events,
    /// 其他: anything else.
    Other,
}

/// What an owner says of a medical device: that it was cleaned and checked. Words of the owner, shown as theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// How many of its loans had come back before it, as the owner's device knew. So a check serves until the next
    /// return, and no clock decides.
    pub loans: u32,
    /// When, as the device claims.
    pub at: Instant,
    /// Who cleaned and checked it, 1 to 30 characters.
    pub by: String,
}

/// An offer or a need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Its id.
    pub id: ListingId,
    /// Offer or need.
    pub side: Side,
    /// The kind; `None` only for a need that leaves it open.
    pub kind: Option<Kind>,
    /// How a thing changes hands; `Some` exactly for items that are offered, or needs that ask for one way.
    pub mode: Option<Mode>,
    /// 1 to 60 characters, one line.
    pub title: String,
    /// At most 2,000 characters.
    pub body: String,
    /// What is asked or given for it, in points; `None` leaves it to the two.
    pub points: Option<Points>,
    /// When it was posted, as the device claims.
    pub posted_at: Instant,
    /// When its owner closed it, if so.
    pub closed_at: Option<Instant>,
    /// The zone or block whose neighbours it is for; `None` for the whole building. An address and no secret.
    pub audience: Option<PlaceId>,
    /// The newest check of a medical device, if there was one.
    pub checked: Option<Check>,
    /// What is particular about it: that it is posted for somebody else, or private.
    pub aside: Option<Aside>,
    /// The form of knowledge or of a skill, or the purpose of a space.
    pub form: Option<Form>,
    /// What is taught; knowledge alone has one.
    pub topic: Option<Topic>,
    /// Where it stands in the tree of categories.
    pub category: Option<Category>,
    /// For whom it was entered, as they let themselves be named, 1 to 30 characters; `None` for who says it themselves.
    pub behalf: Option<String>,
    /// What kind of volunteering it is; only of time.
    pub task: Option<Task>,
    /// Who owns it together and where it lies; of things that are offered.
    pub kept: Kept,
    /// How many neighbours can have it at a time, 1 to [`PLACES_MAX`]; of skills, knowledge and time that are offered.
    pub places: Option<u16>,
}

/// What a member shows of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The name that neighbours see, 1 to 30 characters.
    pub name: String,
    /// Where they live as they allow it to be seen (block or floor), at most 30 characters; may be empty.
    pub block: String,
    /// A sentence about themselves, at most 200 characters; may be empty.
    pub about: String,
    /// The zone or block of the map where they live, as they allow it to be seen.
    pub place: Option<PlaceId>,
}

/// What one party of a finished deal says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The deal it is about; a member has at most one review per deal.
    pub deal: DealId,
    /// 1 to 5.
    pub stars: u8,
    /// At most 500 characters; may be empty.
    pub text: String,
    /// When it was written, as the device claims.
    pub at: Instant,
}

/// What a member answers to what the other party of a deal said of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The deal whose review it answers; a member has at most one reply per deal.
    pub deal: DealId,
    /// At most 300 characters; an empty one takes the reply back.
    pub text: String,
    /// When it was written, as the device claims.
    pub at: Instant,
}

/// An invitation that any neighbour can check: the typed code itself is never in a document, only a key derived from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Its id.
    pub id: InviteId,
    /// The key derived from the code; proofs of knowing the code are made with it.
    pub key: [u8; 32],
    /// Until when it admits requests; compared by the node that is asked.
    pub expires_at: Instant,
    /// When it was withdrawn, if so.
    pub withdrawn_at: Option<Instant>,
}

/// Everything one member says.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Records {
    /// The profile.
    pub profile: Profile,
    /// Listings in order of id.
    pub listings: Vec<Listing>,
    /// Reviews in order of deal id.
    pub reviews: Vec<Review>,
    /// Invitations in order of id.
    pub invites: Vec<Invite>,
    /// Replies in order of deal id.
    pub replies: Vec<Reply>,
    /// What is put to the hall, in order of id.
    pub matters: Vec<Matter>,
    /// What is said of own matters, in order of id.
    pub judgements: Vec<Judgement>,
    /// What is said to the matters of others, in order of id.
    pub responses: Vec<Response>,
    /// Who works at which device of an organisation, in order of id.
    pub staff: Vec<Staff>,
    /// What neighbours are invited to, in order of id.
    pub activities: Vec<Activity>,
    /// What a shop offers for points, in order of id.
    pub goods: Vec<Good>,
    /// Drives, promises and thanks.
    pub care: CareRecords,
    /// Interest groups founded, in order of id.
    pub groups: Vec<Group>,
    /// Which groups one is in, in order of group.
    pub joined: Vec<Joining>,
    /// Which things of others one owns together with them, in order of listing.
    pub owned: Vec<Owning>,
    /// What was found where one keeps things, in order of id.
    pub stocktakes: Vec<Stocktake>,
    /// Resources outside of the building, in order of id.
    pub resources: Vec<Resource>,
    /// Categories added to the tree, in order of id.
    pub categories: Vec<AddedCategory>,
    /// Which devices wrote all this, if it says who works there.
    pub hands: Hands,
}

/// One change that a member makes to their own document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets the whole profile.
    SetProfile(Profile),
    /// Adds a listing or replaces it.
    PutListing(Listing),
    /// Adds a review or replaces it.
    PutReview(Review),
    /// Adds an invitation or replaces it.
    PutInvite(Invite),
    /// Adds a reply or replaces it.
    PutReply(Reply),
    /// Adds a matter or replaces it.
    PutMatter(Matter),
    /// Adds a judgement on an own matter.
    PutJudgement(Judgement),
    /// Adds a response to somebody else's matter.
    PutResponse(Response),
    /// Says who works at a device, or says it anew.
    PutStaff(Staff),
    /// Announces an activity, or calls it off.
    PutActivity(Activity),
    /// Offers a good for points, or says anew how many there are and until when.
    PutGood(Good),
    /// Thanks, calls for things, promises some, or says what came.
    PutCare(CareRecord),
    /// Founds a group, says anew what it is about, or closes it.
    PutGroup(Group),
    /// Joins a group or leaves it.
    PutJoining(Joining),
    /// Says that one owns a thing together with its keeper, or does not.
    PutOwning(Owning),
    /// Says what was found where one keeps things.
    PutStocktake(Stocktake),
    /// Lists a resource outside of the building, or says it anew.
    PutResource(Resource),
    /// Adds a category to the tree, or takes it out again.
    PutCategory(AddedCategory),
}

impl Listing {
    /// A listing with a title alone: open, of no kind, for everybody, for nothing.
    pub fn of(id: ListingId, side: Side, title: impl Into<String>, posted_at: Instant) -> Self {
        Self {
            id,
            side,
            kind: None,
            mode: None,
            task: None,
            title: title.into(),
            body: String::new(),
            points: None,
            posted_at,
            closed_at: None,
            audience: None,
            checked: None,
            aside: None,
            form: None,
            topic: None,
            category: None,
            behalf: None,
            kept: Kept::default(),
            places: None,
        }
    }

    /// Checks what the listing says by itself; the same for one's own and for a foreign one.
    ///
    /// Refuses the first of: the title, the body, a missing kind, a mode that does not fit, a form or topic that does not
    /// fit, a task that does not fit, the points, what is particular about it, who checked it, for whom
    /// it is, what is said of it as a thing, how many places it has.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("title", &self.title, TITLE_CHARS_MAX, false)?;
        text::prose("body", &self.body, BODY_CHARS_MAX, true)?;
        if self.side == Side::Offer && self.kind.is_none() {
            return Err(Refusal::KindMissing);
        }
        let item = self.kind.is_some_and(Kind::is_thing);
        let mode_fits = match self.mode {
            Some(_) => item,
            None => !(item && self.side == Side::Offer),
        };
        if !mode_fits {
            return Err(Refusal::ModeMismatch);
        }
        sort::check(self.kind, self.form, self.topic)?;
        if self.task.is_some() && self.kind != Some(Kind::Time) {
            return Err(Refusal::TaskMismatch);
        }
        check_points(self.points.unwrap_or_default())?;
        self.aside.as_ref().map_or(Ok(()), |aside| aside.check(self.side, self.kind))?;
        self.checked.as_ref().map_or(Ok(()), Check::check)?;
        self.behalf.as_ref().map_or(Ok(()), |name| text::line("behalf", name, NAME_CHARS_MAX, false))?;
        self.kept.check()?;
        match self.places {
            Some(places) if !(1..=PLACES_MAX).contains(&places) => {
                Err(Refusal::OutOfRange { field: "places", least: 1, most: PLACES_MAX.into() })
            }
            _ => Ok(()),
        }
    }

    /// Gives how many neighbours can have it at a time, where that was said of something that serves many.
    pub fn places(&self) -> Option<u16> {
        let counted = matches!(self.kind, Some(Kind::Skill | Kind::Knowledge | Kind::Time));
        self.places.filter(|_| self.side == Side::Offer && counted)
    }

    /// Gives how an agreed deal is to hold this listing: a need and a thing serve one deal at a time, after the deal
    /// `last` that held it before; everything else serves many at once, and so does a need posted for somebody else.
    pub fn hold(&self, last: Option<DealId>) -> Hold {
        match (self.side, self.kind) {
            (Side::Need, _) if self.is_on_behalf() => Hold::Many,
            (Side::Need, _) | (Side::Offer, Some(Kind::Item | Kind::Medical)) => Hold::Once { after: last },
            (Side::Offer, _) => Hold::Many,
        }
    }

    /// Tells whether it is a need that its owner posts for somebody else.
    pub fn is_on_behalf(&self) -> bool {
        matches!(self.aside, Some(Aside::OnBehalf(_)))
    }

    /// Tells whether it is private: it says its name only.
    pub fn is_discreet(&self) -> bool {
        self.aside == Some(Aside::Discreet)
    }

    /// Tells whether it is a thing that is lent (or sought to be lent) and given back.
    pub fn is_loan(&self) -> bool {
        self.kind.is_some_and(Kind::is_thing) && self.mode == Some(Mode::Share)
    }

    /// Tells whether it is a thing that its owner lends, one neighbour after the other.
    pub fn lends(&self) -> bool {
        self.side == Side::Offer && self.is_loan()
    }

    /// Tells whether times of it can be agreed ahead: a space by the hour, a thing that is lent by the day.
    pub fn is_bookable(&self) -> bool {
        self.side == Side::Offer && self.kind == Some(Kind::Space) || self.lends()
    }

    /// Tells whether it is an offered medical device that was not checked since the last of `loans` came back.
    pub fn lacks_check(&self, loans: u32) -> bool {
        self.side == Side::Offer
            && self.kind == Some(Kind::Medical)
            && self.checked.as_ref().is_none_or(|check| check.loans < loans)
    }
}

impl Check {
    /// Checks the name of who checked.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("checker", &self.by, NAME_CHARS_MAX, false)
    }
}

impl Profile {
    /// Checks the texts, in this order: name, block, about.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("name", &self.name, NAME_CHARS_MAX, false)?;
        text::line("block", &self.block, BLOCK_CHARS_MAX, true)?;
        text::prose("about", &self.about, ABOUT_CHARS_MAX, true)
    }
}

impl Review {
    /// Checks the stars, then the text.
    pub fn check(&self) -> Result<(), Refusal> {
        if !(STARS_MIN..=STARS_MAX).contains(&self.stars) {
            return Err(Refusal::OutOfRange { field: "stars", least: STARS_MIN.into(), most: STARS_MAX.into() });
        }
        text::prose("text", &self.text, REVIEW_CHARS_MAX, true)
    }
}

impl Reply {
    /// Checks the text.
    pub fn check(&self) -> Result<(), Refusal> {
        text::prose("text", &self.text, REPLY_CHARS_MAX, true)
    }
}

impl Invite {
    /// Checks the invitation. It has no text and no number with a range, so nothing is refused today; when it has run
    /// out is for the node that is asked.
    pub fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }
}

impl Edit {
    /// Checks the record that the edit would put, by itself. What it needs of the rest of the building (the review's
    /// deal, the listing's owner) is for [`Board`](crate::Board).
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::SetProfile(profile) => profile.check(),
            Self::PutListing(listing) => listing.check(),
            Self::PutReview(review) => review.check(),
            Self::PutInvite(invite) => invite.check(),
            Self::PutReply(reply) => reply.check(),
            Self::PutMatter(matter) => matter.check(),
            Self::PutJudgement(judgement) => judgement.check(),
            Self::PutResponse(response) => response.check(),
            Self::PutStaff(staff) => staff.check(),
            Self::PutActivity(activity) => activity.check(),
            Self::PutGood(good) => good.check(),
            Self::PutCare(record) => record.check(),
            Self::PutGroup(group) => group.check(),
            Self::PutJoining(_) | Self::PutOwning(_) => Ok(()),
            Self::PutStocktake(stocktake) => stocktake.check(),
            Self::PutResource(resource) => resource.check(),
            Self::PutCategory(category) => category.check(),
        }
    }
}

/// Checks a price: at most [`Points::MAX`].
pub(crate) fn check_points(points: Points) -> Result<(), Refusal> {
    if points > Points::MAX {
        return Err(Refusal::OutOfRange { field: "points", least: 0, most: Points::MAX.0.into() });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A ladder that is lent.
    pub(crate) fn ladder() -> Listing {
        Listing {
            kind: Some(Kind::Item),
            mode: Some(Mode::Share),
            ..Listing::of(ListingId([1; 16]), Side::Offer, "人字梯", Instant(1))
        }
    }
}
