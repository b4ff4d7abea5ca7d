//! Closed choices about forms, topics and words, spaces by the hour, groups and invitations.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NotAChoice;

choice! {
    /// The form of knowledge or of a skill, or the purpose of a space.
    Form {
        Training = "training", "培训"; Talk = "talk", "座谈"; Lecture = "lecture", "讲座"; OneToOne = "one-to-one", "一对一";
        Mutual = "mutual", "互助服务"; Repair = "repair", "水电家具维修"; Teaching = "teaching", "义教";
        Holiday = "holiday", "假期学堂"; Counselling = "counselling", "心理咨询"; Arts = "arts", "琴棋书画";
        Deliberation = "deliberation", "议事协商"; Culture = "culture", "文体活动";
        CommunityService = "community-service", "社区服务"; Study = "study", "学习交流"; OtherUse = "other-use", "其他用途";
    }
}
mirrors!(Form = kaifong_domain::sort::Form {
    Training, Talk, Lecture, OneToOne, Mutual, Repair, Teaching, Holiday, Counselling, Arts, Deliberation, Culture,
    CommunityService, Study, OtherUse
} and back);

choice! {
    /// What is taught or told.
    Topic {
        History = "history", "党史国情"; Region = "region", "地区发展"; Humanities = "humanities", "人文社科";
        Science = "science", "自然科学"; Health = "health", "健康"; Law = "law", "法律"; Other = "other-topic", "其他话题";
    }
}
mirrors!(Topic = kaifong_domain::sort::Topic { History, Region, Humanities, Science, Health, Law, Other } and back);

choice! {
    /// One of the six words by which neighbours look for what there is.
    Word {
        Knowledge = "knowledge", "知识"; Skill = "skill", "技能"; Item = "item", "物品"; Time = "time", "时间";
        Space = "space", "空间"; Service = "service", "服务";
    }
}
mirrors!(Word = kaifong_domain::sort::Word { Knowledge, Skill, Item, Time, Space, Service });

choice! {
    /// Where a booking of a space stands.
    SlotStage {
        Asked = "asked", "等主人答应"; Agreed = "agreed", "约好了"; Lost = "lost", "让给别家了"; Declined = "declined", "没有约成";
        Cancelled = "cancelled", "取消了";
    }
}
mirrors!(SlotStage = kaifong_domain::space::SlotStage { Asked, Agreed, Lost, Declined, Cancelled });

choice! {
    /// What is done about a booking of a space.
    SpaceStep { Grant = "grant", "答应"; Decline = "decline", "不行"; Cancel = "cancel", "取消"; }
}

choice! {
    /// What is done about a group.
    GroupStep { Join = "join", "加入"; Leave = "leave", "退出"; Close = "close", "解散"; }
}

choice! {
    /// What a neighbour is invited to.
    InvitedKind { Activity = "activity", "活动"; Group = "group", "兴趣小组"; }
}
