//! What sort of listing one is: the form that its kind has, the topic of what is taught, and the category of a thing.
//!
//! Six words tell neighbours what there is (知识、技能、物品、时间、空间、服务), over five kinds: what is done for somebody by who can
//! do it is 服务, what is shown and taught stays 技能.
//!
//! Categories are a tree of two levels: nine classes with two given items each, and what the building's organisers add to a
//! class by a record of theirs ([`AddedCategory`](crate::commons::AddedCategory)).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::record::Kind;
use crate::{CategoryId, Refusal};

/// The form of knowledge (F9), of a skill (F11), or the purpose of a space (F12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Form {
    /// 培训: a training.
    Training,
    /// 座谈: a round of talk.
    Talk,
    /// 讲座: a lecture.
    Lecture,
    /// 一对一: with one person at a time.
    OneToOne,
    /// 互助服务: help among neighbours, a haircut or a meal.
    Mutual,
    /// 水电家具维修: water, electricity and furniture repaired.
    Repair,
    /// 义教: a teacher or student teaches for nothing.
    Teaching,
    /// 假期学堂: tutoring in the holidays.
    Holiday,
    /// 心理咨询: counselling.
    Counselling,
    /// 琴棋书画: music, chess, writing, painting.
    Arts,
    /// 议事协商: a place to deliberate.
    Deliberation,
    /// 文体活动: a place for culture and sport.
    Culture,
    /// 社区服务: a place for services to the community.
    CommunityService,
    /// 学习交流: a place to learn.
    Study,
    /// 其他: a place for other purposes.
    OtherUse,
}

impl Form {
    /// Gives the kind of listing that has this form.
    pub fn kind(self) -> Kind {
        match self {
            Self::Training | Self::Talk | Self::Lecture | Self::OneToOne => Kind::Knowledge,
            Self::Mutual | Self::Repair | Self::Teaching | Self::Holiday | Self::Counselling | Self::Arts => {
                Kind::Skill
            }
            Self::Deliberation | Self::Culture | Self::CommunityService | Self::Study | Self::OtherUse => Kind::Space,
        }
    }
}

/// What is taught or told (F9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// 党史国情.
    History,
    /// 地区发展.
    Region,
    /// 人文社科.
    Humanities,
    /// 自然科学.
    Science,
    /// 健康.
    Health,
    /// 法律.
    Law,
    /// 其他.
    Other,
}

/// One of the six words by which neighbours look for what there is (F6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// 知识.
    Knowledge,
    /// 技能.
    Skill,
    /// 物品.
    Item,
    /// 时间.
    Time,
    /// 空间.
    Space,
    /// 服务.
    Service,
}

impl Word {
    /// Gives the word of a kind and its form.
    pub fn of(kind: Kind, form: Option<Form>) -> Self {
        match (kind, form) {
            (Kind::Skill, Some(Form::Mutual | Form::Repair)) => Self::Service,
            (Kind::Skill, _) => Self::Skill,
            (Kind::Item | Kind::Medical, _) => Self::Item,
            (Kind::Knowledge, _) => Self::Knowledge,
            (Kind::Time, _) => Self::Time,
            (Kind::Space, _) => Self::Space,
        }
    }
}

/// The nine classes and the two given items of each.
pub const CLASSES: [(&str, [&str; 2]); 9] = [
    ("tools", ["hand-tools", "power-tools"]),
    ("home", ["furniture", "appliances"]),
    ("kitchen", ["cookware", "feasts"]),
    ("children", ["baby-things", "toys"]),
    ("reading", ["books", "stationery"]),
    ("leisure", ["sport", "music-and-games"]),
    ("clothing", ["clothes", "festive-clothes"]),
    ("care", ["walking-aids", "care-things"]),
    ("outdoors", ["travel", "plants-and-camping"]),
];

/// How an added category is spelled.
const ADDED: &str = "added:";

/// One item of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Category {
    /// One of the eighteen that every building has, by its place in [`CLASSES`].
    Given(u8),
    /// One that an organiser has added.
    Added(CategoryId),
}

impl Category {
    /// Gives all that every building has, in their order.
    pub fn given() -> impl Iterator<Item = Self> {
        (0..18).map(Self::Given)
    }

    /// Gives the class of a given one: its place in [`CLASSES`].
    pub fn class(self) -> Option<u8> {
        match self {
            Self::Given(place) => Some(place / 2),
            Self::Added(_) => None,
        }
    }

    fn name(self) -> Option<&'static str> {
        let Self::Given(place) = self else { return None };
        let (_, items) = CLASSES.get(usize::from(place / 2))?;
        items.get(usize::from(place % 2)).copied()
    }
}

/// Gives the place of a class in [`CLASSES`] by its name.
pub fn class_of(name: &str) -> Option<u8> {
    CLASSES.iter().position(|(class, _)| *class == name).and_then(|place| u8::try_from(place).ok())
}

/// Gives the name of a class by its place.
pub fn class_name(place: u8) -> &'static str {
    CLASSES.get(usize::from(place)).map_or("", |(class, _)| class)
}

impl fmt::Display for Category {
    /// Writes its one spelling: `hand-tools`, or `added:` and the id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str(self.name().unwrap_or("")),
            Self::Added(id) => write!(f, "{ADDED}{id}"),
        }
    }
}

impl FromStr for Category {
    type Err = Refusal;

    /// Reads the spelling that is written, and no other.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let found = match text.strip_prefix(ADDED) {
            Some(id) => id.parse().ok().map(Self::Added),
            None => Self::given().find(|one| one.name() == Some(text)),
        };
        found.filter(|one| one.to_string() == text).ok_or(Refusal::CategoryUnknown)
    }
}

/// Checks that a form and a topic fit a kind.
///
/// # Errors
/// [`Refusal::FormMismatch`].
pub fn check(kind: Option<Kind>, form: Option<Form>, topic: Option<Topic>) -> Result<(), Refusal> {
    let form_fits = form.is_none_or(|form| kind == Some(form.kind()));
    let topic_fits = topic.is_none() || kind == Some(Kind::Knowledge);
    if form_fits && topic_fits { Ok(()) } else { Err(Refusal::FormMismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_has_one_spelling_and_there_are_nine_classes_of_two() {
        let given: Vec<_> = Category::given().collect();
        assert_eq!((CLASSES.len(), given.len()), (9, 18));
        for one in given.into_iter().chain([Category::Added(CategoryId([0xAB; 16]))]) {
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        for odd in ["", "tools", "Books", "added:", "added:abab", "added:ABABABABABABABABABABABABABABABAB"] {
            assert_eq!(odd.parse::<Category>(), Err(Refusal::CategoryUnknown), "{odd:?}");
        }
        assert_eq!((Category::Given(8).class(), class_name(4), class_of("reading")), (Some(4), "reading", Some(4)));
    }

    #[test]
    fn a_form_stands_on_its_kind_alone_and_a_topic_on_knowledge() {
        let fits = [
            (Some(Kind::Knowledge), Some(Form::Lecture), Some(Topic::Law), true),
            (Some(Kind::Knowledge), None, Some(Topic::Health), true),
            (Some(Kind::Skill), Some(Form::Repair), None, true),
            (Some(Kind::Space), Some(Form::Deliberation), None, true),
            (None, None, None, true),
            (None, Some(Form::Lecture), None, false),
            (Some(Kind::Skill), Some(Form::Lecture), None, false),
            (Some(Kind::Space), None, Some(Topic::Law), false),
            (Some(Kind::Item), Some(Form::OtherUse), None, false),
        ];
        for (kind, form, topic, fine) in fits {
            assert_eq!(check(kind, form, topic).is_ok(), fine, "{kind:?} {form:?} {topic:?}");
        }
    }

    #[test]
    fn six_words_stand_over_the_kinds() {
        assert_eq!(Word::of(Kind::Skill, Some(Form::Repair)), Word::Service);
        assert_eq!(Word::of(Kind::Skill, Some(Form::Arts)), Word::Skill);
        assert_eq!(Word::of(Kind::Skill, None), Word::Skill);
        assert_eq!(Word::of(Kind::Medical, None), Word::Item);
        assert_eq!(Word::of(Kind::Time, None), Word::Time);
    }
}
