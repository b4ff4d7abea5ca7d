//! Why something was not done: a closed code for programs, a sentence and a hint for people.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use kaifong_domain::Refusal;
use kaifong_domain::care::CareRefusal;
use kaifong_domain::commons::CommonsRefusal;
use kaifong_domain::recurring::RecurringRefusal;
use kaifong_domain::shop::ShopRefusal;
use kaifong_domain::space::SpaceRefusal;
use kaifong_node::NodeError;
use kaifong_node::store::StoreError;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::words;

/// Why something was not done. Nothing was changed then, unless the sentence says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{sentence}")]
pub struct ApiError {
    /// What happened, for programs; one of a closed set.
    pub code: Code,
    /// What happened, for people.
    pub sentence: String,
    /// What to do now, if there is something.
    pub hint: Option<String>,
    /// The figures in the sentence, by name, for screens in other languages.
    #[serde(default)]
    pub details: BTreeMap<String, Value>,
}

/// What happened, for programs: one of a closed set, stable across versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// This installation belongs to no building yet.
    pub const NO_BUILDING: Code = Code("no-building");
    /// This installation already belongs to a building.
    pub const ALREADY_HOME: Code = Code("already-home");
    /// The store did not keep the write.
    pub const NOT_SAVED: Code = Code("not-saved");
    /// The arguments are not what the row is asked with.
    pub const BAD_ARGUMENTS: Code = Code("bad-arguments");
    /// The table has no such row.
    pub const UNKNOWN_NAME: Code = Code("unknown-name");
    /// The network, the relay or the running process cannot be reached.
    pub const NOT_REACHABLE: Code = Code("not-reachable");
    /// The store cannot be opened.
    pub const STORE_UNUSABLE: Code = Code("store-unusable");

    /// A browser asks that was not let in by a link, or is no longer.
    pub const NO_SESSION: Code = Code("no-session");
    /// Another page than the app's own asks.
    pub const FOREIGN_PAGE: Code = Code("foreign-page");

    /// This installation holds no such home, or no longer.
    pub const HOME_UNKNOWN: Code = Code("home-unknown");
    /// This installation holds several buildings, and it was not told which is meant.
    pub const HOME_UNTOLD: Code = Code("home-untold");
    /// This installation holds as many buildings as it may.
    pub const HOMES_FULL: Code = Code("homes-full");
    /// A file is none that can be read.
    pub const UNREADABLE_FILE: Code = Code("unreadable-file");
    /// Nobody has said which column of a register is which, and its headings do not.
    pub const COLUMNS_UNKNOWN: Code = Code("columns-unknown");

    /// A code that was scanned or pasted is none of this program's, damaged, or too large.
    pub const UNREADABLE_CODE: Code = Code("unreadable-code");

    /// The screen that asks is locked.
    pub const LOCKED: Code = Code("locked");
    /// This is not the PIN.
    pub const PIN_WRONG: Code = Code("pin-wrong");
    /// The PIN was not looked at: too many wrong ones came before it.
    pub const PIN_TOO_SOON: Code = Code("pin-too-soon");
    /// This PIN is none, or guessed at once.
    pub const PIN_WEAK: Code = Code("pin-weak");
    /// Without a recovery sheet, a forgotten PIN would keep its owner out.
    pub const LOCK_NEEDS_SHEET: Code = Code("lock-needs-sheet");

    const OWN: [Code; 20] = [
        Code::NO_BUILDING,
        Code::ALREADY_HOME,
        Code::NOT_SAVED,
        Code::BAD_ARGUMENTS,
        Code::UNKNOWN_NAME,
        Code::NOT_REACHABLE,
        Code::STORE_UNUSABLE,
        Code::NO_SESSION,
        Code::FOREIGN_PAGE,
        Code::HOME_UNKNOWN,
        Code::HOME_UNTOLD,
        Code::HOMES_FULL,
        Code::UNREADABLE_FILE,
        Code::COLUMNS_UNKNOWN,
        Code::UNREADABLE_CODE,
        Code::LOCKED,
        Code::PIN_WRONG,
        Code::PIN_TOO_SOON,
        Code::PIN_WEAK,
        Code::LOCK_NEEDS_SHEET,
    ];

    /// Gives the code as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Gives every code: those of refusals first.
    pub fn all() -> impl Iterator<Item = &'static str> {
        let refusals = words::REFUSAL_CODES.iter().chain(&ShopRefusal::CODES);
        let refusals = refusals
            .chain(&SpaceRefusal::CODES)
            .chain(&CommonsRefusal::CODES)
            .chain(&CareRefusal::CODES)
            .chain(&RecurringRefusal::CODES)
            .copied();
        refusals.chain(Self::OWN.iter().map(|code| code.0))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let known = Self::all().find(|code| *code == text);
        known.map(Code).ok_or_else(|| serde::de::Error::custom(format_args!("unknown code `{text}`")))
    }
}

impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::all().collect::<Vec<_>>() })
    }
}

impl ApiError {
    /// Makes an error without a hint.
    pub fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into(), hint: None, details: BTreeMap::new() }
    }

    /// Adds what to do now.
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the store is only in use by another process, and worth waiting for; a damaged one is not.
    pub fn is_busy(&self) -> bool {
        self.code == Code::STORE_UNUSABLE && self.details.contains_key("busy")
    }

    /// Says that the arguments are not what the row is asked with.
    pub fn bad_arguments(what: impl fmt::Display) -> Self {
        Self::new(Code::BAD_ARGUMENTS, format!("参数不对：{what}")).hinted("kaifong api --json 列出每个名字要的参数")
    }

    /// Says that the table has no such row, and which one was perhaps meant.
    pub fn unknown_name(name: &str) -> Self {
        let shown: String = name.chars().take(60).collect();
        let error = Self::new(Code::UNKNOWN_NAME, format!("没有叫「{shown}」的命令或查询"));
        let mut near: Vec<&str> = crate::table::COMMANDS
            .iter()
            .chain(crate::table::QUERIES)
            .copied()
            .filter(|known| name.len() >= 3 && (known.contains(name) || name.contains(known)))
            .collect();
        near.sort_by_key(|known| known.len().abs_diff(name.len()));
        near.truncate(3);
        match near.as_slice() {
            [] => error.hinted("kaifong api 列出全部名字"),
            names => error.hinted(format!("是不是 {}？", names.join("、"))),
        }
    }

    /// Says that there is no way to the node.
    pub fn not_reachable(why: impl fmt::Display) -> Self {
        Self::new(Code::NOT_REACHABLE, format!("连不上：{why}"))
    }

    /// Says that this household has not been approved, or not yet, in other words than usual.
    pub fn not_approved(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), ..Refusal::NotYetMember.into() }
    }

    /// Says that this installation belongs to no building yet.
    pub fn no_building() -> Self {
        NodeError::NoBuilding.into()
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let mut error = Self::new(Code(refusal.code()), words::refusal(&refusal));
        error.hint = words::refusal_hint(&refusal).map(str::to_owned);
        error.details = words::refusal_details(&refusal);
        error
    }
}

impl From<NodeError> for ApiError {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Refused(refusal) => refusal.into(),
            NodeError::AlreadyHome => {
                Self::new(Code::ALREADY_HOME, "这里已经属于一栋楼了").hinted("要再进一栋楼：先 kaifong add-building")
            }
            NodeError::NoBuilding => Self::new(Code::NO_BUILDING, "这里还不属于任何一栋楼")
                .hinted("先创建一栋（found），或者凭邀请加入（join）"),
            NodeError::NotSaved(why) => Self::new(Code::NOT_SAVED, format!("没有存上：{}", not_saved(&why)))
                .hinted("原来的内容都在；腾出磁盘空间或换个地方，再试一次"),
        }
    }
}

fn not_saved(why: &str) -> &str {
    if why == StoreError::Full.to_string() { "磁盘满了" } else { why }
}
