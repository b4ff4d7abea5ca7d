//! The words of activities.

use kaifong_domain::Refusal;

/// Gives the sentence of a refusal that has no figures.
pub(super) fn sentence(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::OwnActivity => "这是你自己办的，不用报名",
        Refusal::AlreadyBooked => "你已经报过名了",
        Refusal::NotBooked => "没有可以这样做的报名",
        Refusal::AlreadyPaid => "这一笔已经付过了",
        _ => "这里没有这个活动",
    }
}

/// Says why an activity is not open to this, by the name of its stage.
pub(super) fn closed(stage: &str) -> &str {
    match stage {
        "called-off" => "这个活动不办了",
        "over" => "这个活动已经结束了",
        "to-come" => "活动还没开始，到时候再来",
        "paid" => "已经有人付了，不能再取消这个活动",
        "begun" => "开始的时间已经过了，换一个以后的时间",
        other => other,
    }
}

/// Names a field of an activity.
pub(super) fn field_word(field: &str) -> &str {
    match field {
        "venue" => "地点",
        "starts_at" => "开始的时间",
        "hours" => "小时数",
        "cost" => "参加要的积分",
        "no_show" => "没来要扣的积分",
        "places" => "名额",
        other => other,
    }
}
