//! Matches and deals, in words.

use crate::dto::{Act, Kind, Reason, Stage, Step};

/// Gives the reasons of a match in one line: `通渠 = 疏通管道 · 同栋`.
pub fn why(reasons: &[Reason]) -> String {
    let words = reasons.iter().map(|reason| match reason {
        Reason::SameWords { words } => {
            format!("都说到{}", words.iter().map(|w| format!("「{w}」")).collect::<String>())
        }
        Reason::SameThing { need_word, offer_word, .. } if need_word == offer_word => format!("都说到「{need_word}」"),
        Reason::SameThing { need_word, offer_word, .. } => format!("{need_word} = {offer_word}"),
        Reason::SameKind { kind } => same_kind(*kind),
        Reason::SameBlock => "同栋".to_owned(),
        Reason::SameZone => "同区".to_owned(),
        Reason::SameTime { time } => format!("都说{time}"),
        Reason::LikeSense => "意思相近".to_owned(),
    });
    words.collect::<Vec<_>>().join(" · ")
}

/// Gives a step as one plain verb, as the one who gives or the one who receives would say it.
pub fn verb(step: Step, gives: bool) -> &'static str {
    match (step, gives) {
        (Step::Agree, _) => "答应",
        (Step::HandOver, true) => "交给对方了",
        (Step::HandOver, false) => "拿到了",
        (Step::Return, true) => "收回来了",
        (Step::Return, false) => "我来还了",
        (Step::Done, true) => "帮好了",
        (Step::Done, false) => "确认办好",
        (Step::Review, _) => "说说怎么样",
        (Step::Figure, _) => "说说几分才对",
        (Step::Settle, _) => "补上差额",
        (Step::Extend, _) => "答应续借",
    }
}

/// Gives what one signed entry says, as a verb in the past.
pub fn act(act: Act, gives: bool) -> &'static str {
    match (act, gives) {
        (Act::Answer, true) => "说：我可以帮助你",
        (Act::Answer, false) => "说：我想要",
        (Act::Agree, _) => "答应了",
        (Act::CallOff, _) => "取消了",
        (Act::HandOver, true) => "说交出去了",
        (Act::HandOver, false) => "说拿到了",
        (Act::Return, true) => "说收回来了",
        (Act::Return, false) => "说还了",
        (Act::Done, true) => "说帮好了",
        (Act::Done, false) => "确认办好了",
        (Act::Say, _) => "说了几分才对",
        (Act::Rule, _) => "调解定了几分",
        (Act::Extend, true) => "说可以借到哪天",
        (Act::Extend, false) => "想多借几天",
        (Act::KeepDay, _) => "说不续了",
    }
}

/// Says who waits for whom. `mine` tells whether it waits for the one who reads; `others` are the others it waits for.
pub fn waiting(stage: Stage, mine: bool, others: &[String]) -> String {
    let whom = others.join("、");
    match (stage, mine, others) {
        (Stage::Done | Stage::CalledOff | Stage::Lost, ..) => stage.word().to_owned(),
        (Stage::Answered, true, _) => "轮到你了：答应还是不".to_owned(),
        (Stage::Answered, false, _) => format!("等 {whom}答应"),
        (_, true, []) => "轮到你了：等你确认".to_owned(),
        (_, true, _) => format!("等你和 {whom}确认"),
        (_, false, []) => stage.word().to_owned(),
        (_, false, _) => format!("等 {whom}确认"),
    }
}

fn same_kind(kind: Kind) -> String {
    format!("都是{}", kind.word())
}

/// Says that the two say different numbers of points.
pub fn differ(giver: u32, receiver: u32) -> String {
    format!("分数没说拢：给的说 {giver} 分，受的说 {receiver} 分，先不付")
}
