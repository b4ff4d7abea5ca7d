//! The closed choices, with the word that people see for each.

use std::fmt;
use std::str::FromStr;

use kaifong_node::{net, register_of_units, trust};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text is none of the choices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of {choices}")]
pub struct NotAChoice {
    /// The choices, as they may be written.
    pub choices: String,
}

/// Declares a choice: variants, wire names and the words that people see.
macro_rules! choice {
    ($(#[doc = $doc:literal])+ $name:ident { $($variant:ident = $wire:literal, $word:literal;)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $(#[doc = $word] #[serde(rename = $wire)] $variant,)+
        }

        impl $name {
            /// All choices.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Gives the name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// Gives the word that people see.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = NotAChoice;

            /// Reads the wire name or the word.
            fn from_str(text: &str) -> Result<Self, NotAChoice> {
                let found = Self::ALL.iter().find(|choice| choice.name() == text || choice.word() == text);
                found.copied().ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|c| format!("{}|{}", c.name(), c.word())).collect();
                    NotAChoice { choices: names.join(", ") }
                })
            }
        }
    };
}

/// Lets a choice come from and, where asked, go back to what it mirrors.
macro_rules! mirrors {
    ($name:ident = $of:path { $($variant:ident),+ }) => {
        impl From<$of> for $name {
            fn from(of: $of) -> Self {
                match of { $(<$of>::$variant => Self::$variant),+ }
            }
        }
    };
    ($name:ident = $of:path { $($variant:ident),+ } and back) => {
        mirrors!($name = $of { $($variant),+ });
        impl From<$name> for $of {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

mod hall;
mod kept;
mod points;
mod recurring;
mod spaces;

pub use hall::*;
pub use kept::*;
pub use points::*;
pub use recurring::*;
pub use spaces::*;

pub(super) use {choice, mirrors};

choice! {
    /// Which side of sharing a listing is on.
    Side { Offer = "offer", "我能帮"; Need = "need", "我需要"; }
}
mirrors!(Side = kaifong_domain::record::Side { Offer, Need } and back);

choice! {
    /// The kinds of sharing.
    Kind {
        Item = "item", "物品"; Knowledge = "knowledge", "知识"; Skill = "skill", "技能"; Time = "time", "时间";
        Space = "space", "空间"; Medical = "medical", "医疗器械";
    }
}
mirrors!(Kind = kaifong_domain::record::Kind { Item, Knowledge, Skill, Time, Space, Medical } and back);

choice! {
    /// How a thing changes hands.
    Mode { Share = "share", "共享"; Donate = "donate", "捐赠"; Swap = "swap", "置换"; CharitySale = "charity-sale", "义卖"; }
}
mirrors!(Mode = kaifong_domain::record::Mode { Share, Donate, Swap, CharitySale } and back);

choice! {
    /// What kind of volunteering time goes into.
    Task {
        ChildCare = "child-care", "儿童助托"; AfterSchool = "after-school", "430课堂"; HomeHelp = "home-help", "上门料理";
        ElderHelp = "elder-help", "扶老助老"; Visiting = "visiting", "慰问"; Events = "events", "社区活动服务";
        Other = "other", "其他";
    }
}
mirrors!(
    Task = kaifong_domain::record::Task { ChildCare, AfterSchool, HomeHelp, ElderHelp, Visiting, Events, Other } and back
);

choice! {
    /// Where somebody is, as a name tells it.
    Stay { Here = "here", "在楼里"; Away = "away", "出远门"; Left = "left", "已搬走"; Deceased = "deceased", "已故"; }
}

// What makes choices derives no default.
#[allow(clippy::derivable_impls)]
impl Default for Stay {
    fn default() -> Self {
        Self::Here
    }
}

choice! {
    /// What reviewers say of a member.
    MarkState { Away = "away", "出远门"; Deceased = "deceased", "已故"; Back = "back", "回来了"; }
}

choice! {
    /// What has to be handed over before one goes.
    Hindrance { Founder = "founder", "发起人"; Seat = "seat", "委员会席位"; LastReviewer = "last-reviewer", "最后一位审核人"; }
}

choice! {
    /// Where a listing stands.
    ListingStage {
        Open = "open", "开放"; Answered = "answered", "有人应"; Agreed = "agreed", "约好了"; Done = "done", "办妥了";
        Closed = "closed", "收起了";
    }
}
mirrors!(ListingStage = kaifong_domain::rows::ListingStage { Open, Answered, Agreed, Done, Closed });

choice! {
    /// Where a deal stands.
    Stage {
        Answered = "answered", "等答应"; Agreed = "agreed", "约好了"; OnLoan = "on-loan", "借出中"; Done = "done", "办妥了";
        CalledOff = "called-off", "取消了"; Lost = "lost", "让给别家了";
    }
}
mirrors!(Stage = kaifong_domain::rows::Stage { Answered, Agreed, OnLoan, Done, CalledOff, Lost });

choice! {
    /// The next thing that one party can do.
    Step {
        Agree = "agree", "答应"; HandOver = "hand-over", "交接"; Return = "return", "归还"; Done = "done", "确认办好";
        Review = "review", "评价"; Figure = "figure", "说几分"; Settle = "settle", "补差额"; Extend = "extend", "答应续借";
    }
}
mirrors!(Step = kaifong_domain::rows::Step { Agree, HandOver, Return, Done, Review, Figure, Settle, Extend });

choice! {
    /// What is done about a thing that is lent.
    LoanStep {
        HandOver = "hand-over", "交接"; Return = "return", "归还"; Extend = "extend", "续借"; KeepDay = "keep-day", "不续";
        PassOver = "pass-over", "没来，轮到下一家";
    }
}

choice! {
    /// How a lent thing comes back.
    Condition {
        Good = "good", "完好"; Worn = "worn", "有些旧了"; Damaged = "damaged", "弄坏了";
    }
}
mirrors!(Condition = kaifong_domain::deal::Condition { Good, Worn, Damaged } and back);

choice! {
    /// How somebody stands to a thing that is lent one after the other.
    TurnState {
        Out = "out", "在用"; Next = "next", "下一家"; Line = "line", "排队";
    }
}

choice! {
    /// What one signed entry of a deal says.
    Act {
        Answer = "answer", "应了"; Agree = "agree", "答应了"; CallOff = "call-off", "取消了"; HandOver = "hand-over", "交接了";
        Return = "return", "归还了"; Done = "done", "确认办好"; Say = "say", "说了几分才对"; Rule = "rule", "定了几分";
        Extend = "extend", "说了哪天还"; KeepDay = "keep-day", "不续";
    }
}

choice! {
    /// What one signed entry says.
    Says {
        Answer = "answer", "应了"; Agree = "agree", "答应了"; CallOff = "call-off", "取消了"; HandOver = "hand-over", "交接了";
        Return = "return", "归还了"; Done = "done", "确认办好"; Transfer = "transfer", "谢了"; Accept = "accept", "收下了";
        Decline = "decline", "没收"; Stamp = "stamp", "盖章作证"; Certify = "certify", "核实了";
        Open = "open", "开了一本账"; Link = "link", "加了一台设备"; Epoch = "epoch", "拟了一届"; Vote = "vote", "表了态";
        Decide = "decide", "记下了决定"; Reclaim = "reclaim", "收回没收的分"; Cite = "cite", "凭章续账"; Stand = "stand", "愿意进议事会";
        Cut = "cut", "停用了一台设备"; Sheet = "sheet", "写了找回纸"; Back = "back", "换设备回来"; Object = "object", "反对了一次放行";
        Vouch = "vouch", "说了谁是做什么的"; Grant = "grant", "从街坊基金发了";
        GrantList = "grant-list", "请人确认一份名单"; Second = "second", "确认了一份名单"; Unlist = "unlist", "收回了一份名单";
        Say = "say", "说了几分才对"; Rule = "rule", "定了几分";
        Book = "book", "报了名"; CancelBooking = "cancel-booking", "取消了报名"; GivePlace = "give-place", "留了位子";
        FreePlace = "free-place", "放出了位子"; Attend = "attend", "记了来没来"; Contest = "contest", "说自己来过";
        Recurring = "recurring", "记了长期帮忙";
        Slip = "slip", "录了一张谢条"; Disown = "disown", "说一张谢条不算"; Assist = "assist", "帮街坊办了一件事";
        Keep = "keep", "请台机代管这本账";
        Order = "order", "下了单"; PickUp = "pick-up", "交了货";
        Extend = "extend", "说了哪天还"; KeepDay = "keep-day", "不续";
        Succeed = "succeed", "交接了关掉的设备里的分"; Inherit = "inherit", "接住了交接的分";
        Other = "other", "别的";
    }
}

choice! {
    /// What is wrong with a signed entry.
    Flaw {
        Signature = "signature", "签名对不上"; Hash = "hash", "指纹对不上"; Chain = "chain", "前后接不上";
        Signer = "signer", "不是那本账的设备签的"; Fork = "fork", "那台设备在同一处写了两样";
    }
}

choice! {
    /// What kind of member.
    MemberKind {
        Person = "person", "住户"; Organisation = "organisation", "单位"; Desk = "desk", "小屋台机";
        PropertyFirm = "property-firm", "物业公司"; Shop = "shop", "商户"; Company = "company", "企业";
        CommitteeOffice = "committee-office", "居委会或业委会"; Donor = "donor", "捐赠单位";
        SocialOrganisation = "social-organisation", "社会组织"; Foundation = "foundation", "社区基金会";
    }
}
mirrors!(MemberKind = trust::entry::MemberKind {
    Person, Organisation, Desk, PropertyFirm, Shop, Company, CommitteeOffice, Donor, SocialOrganisation, Foundation
} and back);

choice! {
    /// Whether the register has the unit.
    UnitFound { One = "one", "有这一户"; Several = "several", "不止一户对得上"; None = "none", "没有这一户"; }
}
mirrors!(UnitFound = register_of_units::UnitFound { One, Several, None });

choice! {
    /// How what a newcomer says compares with the register.
    Likeness { Same = "same", "一样"; Similar = "similar", "有点像"; Different = "different", "不一样"; Unsaid = "unsaid", "没有写"; }
}
mirrors!(Likeness = register_of_units::Likeness { Same, Similar, Different, Unsaid });

choice! {
    /// Why a line of a register cannot be used.
    RegisterWrong {
        NoUnit = "no-unit", "没有房号"; Formula = "formula", "公式没有算好的结果"; Date = "date", "房号被表格软件改成了日期";
        Error = "error", "表格里是错误值"; TooLong = "too-long", "太长"; Unprintable = "unprintable", "有显示不了的字符";
        Repeated = "repeated", "和前面一行一样";
    }
}
mirrors!(RegisterWrong = register_of_units::Wrong { NoUnit, Formula, Date, Error, TooLong, Unprintable, Repeated });

choice! {
    /// Who or what refused an application.
    RefusedBy {
        Reviewer = "reviewer", "审核人"; Expired = "expired", "邀请过期了"; Withdrawn = "withdrawn", "邀请被收回了";
        Unknown = "unknown", "邀请在这里不管用";
    }
}

choice! {
    /// What a member may do for the building.
    Role {
        Reviewer = "reviewer", "审核人"; Organiser = "organiser", "组织人"; Volunteer = "volunteer", "志愿者";
        Mediator = "mediator", "调解人"; Treasurer = "treasurer", "管账人"; Answerer = "answerer", "答疑人";
    }
}
mirrors!(Role = trust::entry::Role { Reviewer, Organiser, Volunteer, Mediator, Treasurer, Answerer } and back);

choice! {
    /// What a person is vouched for as.
    Capacity {
        Medical = "medical", "医护"; SocialWorker = "social-worker", "社工";
        Security = "security", "安保"; Official = "official", "网格员或居委会"; Guardian = "guardian", "监护人";
        ExpertRepairs = "expert-repairs", "水电行家"; ExpertBuilding = "expert-building", "房屋行家";
        ExpertLaw = "expert-law", "法律行家"; ExpertAccounts = "expert-accounts", "账目行家";
        ExpertTeaching = "expert-teaching", "教学行家"; ExpertComputers = "expert-computers", "电脑行家";
        ExpertPlants = "expert-plants", "花木行家"; ExpertArts = "expert-arts", "文艺行家";
    }
}
mirrors!(
    Capacity = trust::entry::Capacity {
        Medical, SocialWorker, Security, Official, Guardian, ExpertRepairs, ExpertBuilding, ExpertLaw, ExpertAccounts,
        ExpertTeaching, ExpertComputers, ExpertPlants, ExpertArts
    } and back
);

choice! {
    /// What a reviewer says of a capacity.
    Opinion { For = "for", "是"; Against = "against", "不是"; Silent = "silent", "收回"; }
}
mirrors!(Opinion = trust::entry::Opinion { For, Against, Silent } and back);

choice! {
    /// For whom a seat of the council stands.
    Post {
        Lead = "lead", "牵头人"; Party = "party", "党员代表"; Residents = "residents", "居民代表";
        Professionals = "professionals", "专业服务代表"; Property = "property", "物业代表"; Merchants = "merchants", "商家代表";
    }
}
mirrors!(Post = trust::entry::Post { Lead, Party, Residents, Professionals, Property, Merchants } and back);

choice! {
    /// What a draft of the council would change.
    ChangeKind {
        Seated = "seated", "请进委员会"; Unseated = "unseated", "离开委员会"; PostChanged = "post-changed", "换一个席位";
        KeyChanged = "key-changed", "席位换设备和纸上钥匙"; CutOff = "cut-off", "旧职务只算到现在"; LeadsFirst = "leads-first", "先由谁主持";
        RoleGiven = "role-given", "担任"; RoleTaken = "role-taken", "不再担任"; WitnessNamed = "witness-named", "设备可以盖章";
        WitnessLeft = "witness-left", "设备不再盖章"; PointsPerHour = "points-per-hour", "一小时几分";
        CreditLine = "credit-line", "可以先欠几分"; Quota = "quota", "盖章之前可以用几分";
        PlaceAdded = "place-added", "楼图上添上"; PlaceRemoved = "place-removed", "从楼图上去掉";
        PlaceChanged = "place-changed", "楼图上改动"; FundStarter = "fund-starter", "新邻居礼";
        FundAlone = "fund-alone", "管账人一人可发几分"; FundQuota = "fund-quota", "盖章之前基金可发几分";
        FundRate = "fund-rate", "做一次几分"; FundBudget = "fund-budget", "基金一共拨给几分";
    }
}

choice! {
    /// How far somebody has come who follows into a building that was founded anew.
    FollowState { Coming = "coming", "在路上"; Waiting = "waiting", "在门口"; There = "there", "到了"; }
}

choice! {
    /// Where this device's key is kept.
    KeyKept { File = "file", "文件"; Keychain = "keychain", "系统钥匙串"; }
}
mirrors!(KeyKept = kaifong_node::KeyPlace { File, Keychain });

choice! {
    /// By which road a neighbour is reached.
    Path { Lan = "lan", "局域网"; Relay = "relay", "中继"; Direct = "direct", "直连"; }
}
mirrors!(Path = net::PathKind { Lan, Relay, Direct });

choice! {
    /// Where this household's own application stands.
    ApplicationState {
        None = "none", "没有申请"; Searching = "searching", "在找邻居"; Sent = "sent", "等审核"; Refused = "refused", "没通过";
        Approved = "approved", "通过了"; Closed = "closed", "这台设备关掉了"; Disputed = "disputed", "等两位审核人";
        PickPlace = "pick-place", "等你选住在哪一栋";
    }
}

choice! {
    /// What kind of block.
    BlockKind { Tower = "tower", "楼栋"; Group = "group", "村组"; Street = "street", "商铺街"; }
}
mirrors!(BlockKind = kaifong_domain::place::BlockKind { Tower, Group, Street } and back);

choice! {
    /// By which right somebody lives in a unit.
    Claim { Owner = "owner", "业主"; Authorised = "authorised", "业主授权"; Tenant = "tenant", "租户"; Family = "family", "家人"; }
}
mirrors!(Claim = trust::envelope::Claim { Owner, Authorised, Tenant, Family } and back);

choice! {
    /// Where one of one's own devices stands.
    DeviceState {
        InUse = "in-use", "在用"; Linked = "linked", "还没打开过"; Closed = "closed", "关掉了"; Disputed = "disputed", "等两位审核人";
    }
}

choice! {
    /// What a neighbour has said of this device.
    DeviceTold { Closed = "closed", "关掉了"; Uncertified = "uncertified", "要再核实一次"; }
}
mirrors!(DeviceTold = kaifong_node::Told { Closed, Uncertified });

choice! {
    /// What kind of rows a change touched, and what a query's result is made of.
    Tag {
        Building = "building", "楼"; Members = "members", "街坊"; Listings = "listings", "供需"; Deals = "deals", "约定";
        Reviews = "reviews", "评价"; Points = "points", "积分"; Requests = "requests", "申请"; Application = "application", "我的申请";
        Peers = "peers", "在线邻居"; Notices = "notices", "提醒"; Lock = "lock", "锁屏"; Matters = "matters", "议事";
        Activities = "activities", "活动";
        Shop = "shop", "好物"; Care = "care", "邻里";
    }
}
mirrors!(
    Tag = kaifong_node::Tag {
        Building,
        Members,
        Listings,
        Deals,
        Reviews,
        Points,
        Requests,
        Application,
        Peers,
        Matters,
        Activities,
        Shop,
        Care
    }
);

choice! {
    /// Who is paid for coming to an activity.
    Payee { Host = "host", "办活动的人"; Fund = "fund", "街坊基金"; }
}
mirrors!(Payee = kaifong_domain::activity::Payee { Host, Fund } and back);

choice! {
    /// What a payment for an activity is for.
    Owed { Cost = "cost", "参加"; Charge = "charge", "报了名没来"; }
}
mirrors!(Owed = kaifong_domain::activity::Owed { Cost, Charge });

choice! {
    /// Where a booking stands.
    BookingStage {
        Came = "came", "来了"; Placed = "placed", "有位子"; Contested = "contested", "说自己来过"; Absent = "absent", "没来";
        Waiting = "waiting", "排队"; Late = "late", "取消晚了"; Cancelled = "cancelled", "取消了";
    }
}
mirrors!(
    BookingStage = kaifong_domain::activity::BookingStage { Came, Placed, Contested, Absent, Waiting, Late, Cancelled }
);

choice! {
    /// Which activities to show.
    ActivityShow { ToCome = "to-come", "还没开始的"; Mine = "mine", "我的"; Past = "past", "过去的"; }
}

// What makes choices derives no default.
#[allow(clippy::derivable_impls)]
impl Default for ActivityShow {
    fn default() -> Self {
        Self::ToCome
    }
}

choice! {
    /// What one does about an activity.
    ActivityStep {
        Book = "book", "报名"; Cancel = "cancel", "取消报名"; Pay = "pay", "付"; Contest = "contest", "我来过";
        CallOff = "call-off", "活动不办了";
    }
}

choice! {
    /// What a host says of who has a place.
    GuestMark { Came = "came", "来了"; Absent = "absent", "没来"; Free = "free", "算及时取消"; }
}

choice! {
    /// Where an order stands.
    OrderStage {
        Ordered = "ordered", "等店家的设备收下积分"; Paid = "paid", "可以来取"; PickedUp = "picked-up", "取走了"; Declined = "declined", "没有收下，积分退回";
        CalledOff = "called-off", "取消了，等退积分"; PaidBack = "paid-back", "取消了，积分已退";
    }
}
mirrors!(OrderStage = kaifong_domain::shop::OrderStage { Ordered, Paid, PickedUp, Declined, CalledOff, PaidBack });

choice! {
    /// What is told unasked, the most important first.
    NoticeKind { Turn = "turn", "轮到你了"; Request = "request", "有人申请加入"; Fit = "fit", "有合适的"; Activity = "activity", "有新的活动"; }
}

choice! {
    /// What a shortened id may stand for.
    IdKind { Listing = "listing", "供需"; Deal = "deal", "约定"; Member = "member", "街坊"; Device = "device", "设备"; Matter = "matter", "议事"; }
}

choice! {
    /// Why another deal won the listing.
    WonBy { Further = "further", "那边先办成了"; Number = "number", "两边同时答应，各家都按编号小的算"; }
}

#[cfg(test)]
mod tests;
