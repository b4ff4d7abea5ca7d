//! What is said where something about conversations, introductions, drives or thanks is refused.

use kaifong_domain::care::CareRefusal;
use serde_json::{Value, json};

pub(super) fn refusal(refusal: &CareRefusal) -> String {
    use CareRefusal::*;
    let plain = match refusal {
        AsideMismatch => "只有「我需要」能替别人发，只有技能和知识能「私下」",
        SaysTooMuch => "私下的服务只写名称，别的在对话里说",
        NotAProxy => "替别人发求助，要由组织者、审核人、志愿者、社工或者单位来发",
        NotReviewed => "这是私下的服务，不评价，也不上墙",
        Blocked => "你屏蔽了这位街坊",
        ThreadUnknown => "这里没有这段对话",
        NothingShown { most } => return format!("选 1 到 {most} 句对方说的话"),
        PictureUnfit { .. } => "这张照片发不了，换一张",
        IntroductionUnknown => "没有这件引见在等你",
        NotAnIntroducer => "引见要请组织者或者审核人",
        DriveUnknown => "这里没有这次募集",
        DriveOver => "这次募集已经结束了",
        OwnDrive => "这是你自己发起的",
        CareFull { most } => return format!("最多同时有 {most} 个，先了结几个"),
    };
    plain.to_owned()
}

pub(super) fn hint(refusal: &CareRefusal) -> Option<&'static str> {
    use CareRefusal::*;
    Some(match refusal {
        SaysTooMuch => "把说明删掉再发",
        NotAProxy => "请他们中的一位来发，不写名字",
        Blocked => "先在对方的页面上取消屏蔽",
        DriveUnknown => "可能还没同步到这里，稍后再看",
        _ => return None,
    })
}

pub(super) fn details(refusal: &CareRefusal) -> Vec<(&'static str, Value)> {
    use CareRefusal::*;
    match refusal {
        NothingShown { most } | PictureUnfit { most } | CareFull { most } => vec![("most", json!(most))],
        _ => Vec::new(),
    }
}

/// Names a field of these.
pub(super) fn field_word(field: &str) -> Option<&'static str> {
    Some(match field {
        "message" => "要说的话",
        "sentence" => "这句话",
        "thanks" => "感谢的话",
        "report" => "成果",
        "unit" => "单位",
        "note" => "附的话",
        "behalf" => "替谁发",
        "owners" => "合买人的数目",
        "shelf" => "放在哪里",
        "finder" => "谁盘点的",
        "found" => "找到的件数",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use kaifong_domain::Refusal;

    use super::*;
    use crate::ApiError;

    #[test]
    fn every_refusal_of_care_has_its_code_and_a_sentence_in_chinese() {
        use CareRefusal::*;
        let all = [
            AsideMismatch,
            SaysTooMuch,
            NotAProxy,
            NotReviewed,
            Blocked,
            ThreadUnknown,
            NothingShown { most: 10 },
            PictureUnfit { most: 5120 },
            IntroductionUnknown,
            NotAnIntroducer,
            DriveUnknown,
            DriveOver,
            OwnDrive,
            CareFull { most: 8 },
        ];
        assert_eq!(all.each_ref().map(CareRefusal::code), CareRefusal::CODES);
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
