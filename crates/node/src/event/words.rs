//! The words of applications and listings, before they are anything.

use kaifong_domain::Points;
use kaifong_domain::care::Aside;
use kaifong_domain::kept::Kept;
use kaifong_domain::place::PlaceId;
use kaifong_domain::record::{Kind, Mode, Profile, Side, Task};
use kaifong_domain::sort::{Category, Form, Topic};
use kaifong_trust::entry::MemberKind;

/// A newcomer's application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// A ticket or a typed code.
    pub way: Way,
    /// Person, desk, or which kind of organisation.
    pub kind: MemberKind,
    /// What neighbours will see.
    pub profile: Profile,
    /// The household, 1 to 60 characters; for reviewers only.
    pub household: String,
    /// The real name, 1 to 60 characters; for reviewers only.
    pub real_name: String,
    /// The phone number, at most 30 characters; for reviewers only.
    pub phone: String,
}

/// How a newcomer found the building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the ticket in the poster's QR.
    Ticket(kaifong_trust::invite::Ticket),
    /// By the short code, to any building in reach.
    Code(kaifong_trust::invite::Code),
}

/// The words of a listing before it has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Offer or need.
    pub side: Side,
    /// The kind; a need may leave it open.
    pub kind: Option<Kind>,
    /// How a thing changes hands.
    pub mode: Option<Mode>,
    /// What kind of volunteering time goes into.
    pub task: Option<Task>,
    /// 1 to 60 characters.
    pub title: String,
    /// At most 2,000 characters.
    pub body: String,
    /// What it costs or brings, if said.
    pub points: Option<Points>,
    /// The zone or block whose neighbours it is for.
    pub audience: Option<PlaceId>,
    /// What is particular about it.
    pub aside: Option<Aside>,
    /// The form of knowledge or of a skill, or the purpose of a space.
    pub form: Option<Form>,
    /// What is taught.
    pub topic: Option<Topic>,
    /// Where it stands in the tree of categories.
    pub category: Option<Category>,
    /// For whom something is offered, by who may enter that.
    pub behalf: Option<String>,
    /// Who owns it together, and where it lies; of things.
    pub kept: Kept,
    /// How many can have it at a time; of skills, knowledge and time.
    pub places: Option<u16>,
}

impl Draft {
    /// A draft with a title alone: of no kind, for everybody, for nothing.
    pub fn of(side: Side, title: impl Into<String>) -> Self {
        let (title, body) = (title.into(), String::new());
        let kept = Kept::default();
        let (kind, mode, task, points, audience, aside) = (None, None, None, None, None, None);
        let (form, topic, category, behalf, places) = (None, None, None, None, None);
        Self {
            side,
            kind,
            mode,
            task,
            title,
            body,
            points,
            audience,
            aside,
            form,
            topic,
            category,
            behalf,
            kept,
            places,
        }
    }
}
