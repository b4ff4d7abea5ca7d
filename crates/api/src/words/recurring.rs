//! What is said where something about recurring help, a child or a visit is refused.

use kaifong_domain::recurring::RecurringRefusal;
use serde_json::{Value, json};

use crate::dto::RecurringStage;

pub(super) fn refusal(refusal: &RecurringRefusal) -> String {
    use RecurringRefusal::*;
    let plain = match refusal {
        Unknown => "这里没有这份长期帮忙",
        WrongStage { stage: "over" } => "这一天已经在最后一天之后了",
        WrongStage { stage } => {
            let word = stage.parse::<RecurringStage>().map_or(*stage, RecurringStage::word);
            return format!("这份长期帮忙{word}，现在不能这样做");
        }
        OwnProposal => "这是你提的，要对方答应",
        WordsMissing => "要做什么、在哪里还没送到这台设备，现在不能答应",
        OtherSide => "这一步要由对方来做",
        DayAhead => "这一天还没到",
        NoDays => "这些天没有要记的",
        Full { most } => return format!("最多同时有 {most} 份"),
        PassUnknown => "这里没有这张授权",
        PassOver { stage: "revoked" } => "这张授权已经收回了",
        PassOver { stage: "to-come" } => "这张授权还没开始",
        PassOver { stage: "past" } => "这张授权已经过了最后一天",
        PassOver { .. } => "这一天不在授权里",
    };
    plain.to_owned()
}

pub(super) fn hint(refusal: &RecurringRefusal) -> Option<&'static str> {
    use RecurringRefusal::*;
    Some(match refusal {
        WordsMissing => "等两家的设备碰上面；急的话，请对方重新提一次",
        Full { .. } => "先结束几份不用的",
        PassOver { .. } => "不要交人，先给家长打电话",
        _ => return None,
    })
}

pub(super) fn details(refusal: &RecurringRefusal) -> Vec<(&'static str, Value)> {
    use RecurringRefusal::*;
    match refusal {
        WrongStage { stage } | PassOver { stage } => vec![("stage", json!(stage))],
        Full { most } => vec![("most", json!(most))],
        _ => Vec::new(),
    }
}

/// Names a field of an arrangement, an authorisation or a visit.
pub(super) fn field_word(field: &str) -> &str {
    match field {
        "what" => "做什么",
        "note" => "要留意的",
        "weekdays" => "星期几",
        "first" => "第一天",
        "last" | "to" => "最后一天",
        "trial" => "试一次的日子",
        "to_min" => "到几点",
        "child" => "孩子的小名",
        "holders" => "谁可以接（人数）",
        "from" => "几时来",
        "until" => "最晚几时走",
        other => super::activities::field_word(other),
    }
}

#[cfg(test)]
mod tests {
    use kaifong_domain::Refusal;

    use super::*;
    use crate::ApiError;

    #[test]
    fn every_refusal_of_recurring_help_has_its_code_and_a_sentence_in_chinese() {
        use RecurringRefusal::*;
        let all = [
            Unknown,
            WrongStage { stage: "trial" },
            OwnProposal,
            WordsMissing,
            OtherSide,
            DayAhead,
            NoDays,
            Full { most: 20 },
            PassUnknown,
            PassOver { stage: "revoked" },
        ];
        assert_eq!(all.each_ref().map(RecurringRefusal::code), RecurringRefusal::CODES);
        for why in all {
            let error = ApiError::from(Refusal::from(why.clone()));
            assert_eq!(error.code.as_str(), why.code());
            assert!(
                error.sentence.chars().all(|c| c >= '\u{4e00}' || c.is_ascii_digit() || "， 、「」".contains(c)),
                "{error:?}"
            );
        }
    }
}
