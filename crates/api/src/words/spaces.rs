//! What is said where something about spaces, groups, categories or invitations is refused.

use kaifong_domain::commons::CommonsRefusal;
use kaifong_domain::space::SpaceRefusal;
use serde_json::{Value, json};

use crate::dto::SlotStage;

pub(super) fn space(refusal: &SpaceRefusal) -> String {
    use SpaceRefusal::*;
    let plain = match refusal {
        SlotLength => "一次最短一刻钟，最长一天",
        SlotPast => "这个时间已经过了",
        SlotTaken => "这个时间有人约好了",
        NotASpace => "这一条不是可以约的场地",
        BookingUnknown => "这里没有这次预约",
        BookingOver { stage } => {
            let word = stage.parse::<SlotStage>().map_or(*stage, SlotStage::word);
            return format!("这次预约现在是「{word}」，做不了这一步");
        }
        AsksFull { most } => return format!("同一个地方最多同时约 {most} 次"),
    };
    plain.to_owned()
}

pub(super) fn commons(refusal: &CommonsRefusal) -> String {
    use CommonsRefusal::*;
    let plain = match refusal {
        GroupUnknown => "这里没有这个小组，或者已经解散了",
        OwnGroup => "这是你自己办的小组",
        NotInGroup => "你不在这个小组里",
        ResourceUnknown => "这里没有你登记的这一处",
        TooMany { most } => return format!("最多 {most} 个，已经有这么多了"),
        NotAcquainted => "一起办妥过一件事，才好邀请",
        NotNamed => "这件东西没有写你是合买人",
        OwnerStands => "有一位已经确认是合买人，要由本人退出",
        NotKept => "只有拿出来的物品能写放在哪里，只有共享的物品能合买",
    };
    plain.to_owned()
}

pub(super) fn space_hint(refusal: &SpaceRefusal) -> Option<&'static str> {
    use SpaceRefusal::*;
    Some(match refusal {
        SlotLength => "看看开始和结束的时间有没有写反",
        SlotPast => "换一个以后的时间",
        SlotTaken => "在日历上看看还空着的时间",
        AsksFull { .. } => "取消一次不用的，再约新的",
        _ => return None,
    })
}

pub(super) fn space_details(refusal: &SpaceRefusal) -> Vec<(&'static str, Value)> {
    match refusal {
        SpaceRefusal::BookingOver { stage } => vec![("stage", json!(stage))],
        SpaceRefusal::AsksFull { most } => vec![("most", json!(most))],
        _ => Vec::new(),
    }
}

pub(super) fn commons_details(refusal: &CommonsRefusal) -> Vec<(&'static str, Value)> {
    match refusal {
        CommonsRefusal::TooMany { most } => vec![("most", json!(most))],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use kaifong_domain::Refusal;

    use super::*;
    use crate::ApiError;

    #[test]
    fn every_refusal_of_spaces_and_groups_has_its_code_and_a_sentence() {
        use CommonsRefusal::{
            GroupUnknown, NotAcquainted, NotInGroup, NotKept, NotNamed, OwnGroup, OwnerStands, ResourceUnknown, TooMany,
        };
        use SpaceRefusal::*;
        let asks = AsksFull { most: 20 };
        let of_spaces =
            [SlotLength, SlotPast, SlotTaken, NotASpace, BookingUnknown, BookingOver { stage: "lost" }, asks];
        let of_groups = [
            GroupUnknown,
            OwnGroup,
            NotInGroup,
            ResourceUnknown,
            TooMany { most: 20 },
            NotAcquainted,
            NotNamed,
            OwnerStands,
            NotKept,
        ];
        let codes = SpaceRefusal::CODES.iter().chain(&CommonsRefusal::CODES);
        let all = of_spaces.into_iter().map(Refusal::from).chain(of_groups.into_iter().map(Refusal::from));
        assert_eq!(SpaceRefusal::CODES.len() + CommonsRefusal::CODES.len(), 16);
        for (refused, code) in all.zip(codes) {
            assert_eq!(refused.code(), *code);
            let error = ApiError::from(refused);
            assert!(error.sentence.chars().any(|c| c > '\u{4e00}'), "{error:?}");
        }
        let over = ApiError::from(Refusal::from(BookingOver { stage: "lost" }));
        assert!(over.sentence.contains("让给别家了"), "{}", over.sentence);
    }
}
