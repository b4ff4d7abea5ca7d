//! Closed choices about points, on screens and on paper.

use std::fmt;
use std::str::FromStr;

use kaifong_node::{ledger, register_of_units};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NotAChoice;

choice! {
    /// What points were given for.
    FlowFor {
        Deal = "deal", "互助"; Gift = "gift", "直接谢"; Grant = "grant", "基金发的"; ToFund = "to-fund", "给基金";
        Activity = "activity", "活动"; Goods = "goods", "好物"; Slip = "slip", "纸条";
        Other = "other", "别的";
    }
}

choice! {
    /// Who took points.
    FlowTaker {
        Neighbours = "neighbours", "街坊"; Fund = "fund", "街坊基金"; Organisations = "organisations", "单位";
    }
}

choice! {
    /// Into or out of the account.
    Direction { In = "in", "收到"; Out = "out", "送出"; }
}
mirrors!(Direction = ledger::Direction { In, Out });

choice! {
    /// What the community fund gives points for.
    GrantAct {
        Starter = "starter", "新邻居礼"; Hour = "hour", "帮忙一小时"; Shift = "shift", "值班一次"; Lecture = "lecture", "讲一次课";
        Donation = "donation", "捐一件物品"; Cleaning = "cleaning", "打扫一次"; Patrol = "patrol", "巡楼一次";
        Visit = "visit", "看望一次"; Repair = "repair", "修好一样"; Opening = "opening", "原有积分";
    }
}
choice! {
    /// Why a line of a ledger of points is left out.
    OpeningWrong {
        NoName = "no-name", "没有名字"; NotWhole = "not-whole", "分数要是 1 到 1000000 的整数";
        NoValue = "no-value", "公式、日期或者错误"; Unprintable = "unprintable", "名字太长，或者有显示不了的字";
        TooMany = "too-many", "行数太多，没有读下去";
    }
}
mirrors!(OpeningWrong = register_of_units::WrongBalance { NoName, NotWhole, NoValue, Unprintable, TooMany });
mirrors!(GrantAct = kaifong_domain::fund::Act { Hour, Shift, Lecture, Donation, Cleaning, Patrol, Visit, Repair });

choice! {
    /// What became of a transfer: signed, then accepted, then stamped.
    LineState {
        Signed = "signed", "已签"; Accepted = "accepted", "已收"; Stamped = "stamped", "已盖章"; Declined = "declined", "没收下";
        NotCounted = "not-counted", "不算数";
    }
}

choice! {
    /// Where a card at the desk stands.
    CardState {
        Waiting = "waiting", "等审核"; Certified = "certified", "通过了，等本人来"; Open = "open", "开好了";
        Closed = "closed", "停用了"; Refused = "refused", "没通过"; Asked = "asked", "审核的人有话问";
    }
}

choice! {
    /// Where a slip of paper stands.
    SlipState {
        Waiting = "waiting", "等付"; Paying = "paying", "付了，等收"; Paid = "paid", "收下了";
        Disowned = "disowned", "说不是自己的"; TakenBack = "taken-back", "录的人收回了"; Replaced = "replaced", "付的是另一份";
    }
}

choice! {
    /// What a transfer has to do with its payer's several devices.
    PhonesNote { Own = "own", "转到自己的另一台设备"; Borne = "borne", "交接以后签的，基金承担"; }
}

choice! {
    /// Where a payment between two devices face to face stands.
    FaceStage {
        Payee = "payee", "可以付给对方"; Paying = "paying", "等对方扫"; Settled = "settled", "对方回过了";
        Taken = "taken", "收到了"; Waiting = "waiting", "还不能收"; Lacking = "lacking", "还差一点";
    }
}
