//! The sentences, in plain Chinese.

use std::collections::BTreeMap;

use kaifong_domain::Refusal;
use kaifong_node::KeychainError;
use serde_json::{Value, json};

use crate::dto::{Act, Kind, MatterStage, Reason, Stage, Step};

/// The codes of all refusals, in the order of their declaration; a test holds it against [`Refusal`].
pub(crate) const REFUSAL_CODES: [&str; 93] = [
    "text-empty",
    "text-too-long",
    "text-unprintable",
    "out-of-range",
    "mode-mismatch",
    "kind-missing",
    "listing-unknown",
    "listing-not-yours",
    "listing-closed",
    "own-listing",
    "check-missing",
    "not-medical",
    "already-answered",
    "listing-taken",
    "due-mismatch",
    "direction-mismatch",
    "deal-unknown",
    "not-a-party",
    "not-your-step",
    "wrong-stage",
    "already-confirmed",
    "beyond-rights",
    "beyond-quota",
    "transfer-malformed",
    "payee-unknown",
    "member-unknown",
    "role-missing",
    "request-unknown",
    "already-member",
    "invite-unknown",
    "invite-expired",
    "invite-withdrawn",
    "inbox-full",
    "not-yet-member",
    "device-unknown",
    "sheet-mistyped",
    "sheet-unknown",
    "sheet-spent",
    "approval-unknown",
    "not-finished",
    "not-standing",
    "seat-missing",
    "no-council",
    "draft-unknown",
    "details-unknown",
    "nobody-to-hear",
    "complaint-unknown",
    "refounding-unknown",
    "followed-twice",
    "cutoff-too-low",
    "reviewer-missing",
    "seats-malformed",
    "seat-sheet-unknown",
    "too-young",
    "asked-enough",
    "question-unknown",
    "still-open",
    "seat-held",
    "last-reviewer",
    "has-left",
    "is-away",
    "you-left",
    "not-leaving",
    "mark-unknown",
    "place-unknown",
    "place-twice",
    "place-empty",
    "map-too-large",
    "not-addressed",
    "no-place-asked",
    "other-building",
    "not-for-this-device",
    "shown-false",
    "shown-too-long",
    "matter-unknown",
    "own-matter",
    "matter-closed",
    "matters-full",
    "not-answerer",
    "already-taken-up",
    "said-enough",
    "not-an-organisation",
    "staff-full",
    "off-rate",
    "second-needed",
    "budget-spent",
    "nothing-left",
    "granted-already",
    "not-a-person",
    "list-unknown",
    "not-impartial",
    "no-fund",
    "budget-reduced",
];

/// Gives the sentence of a refusal.
pub fn refusal(refusal: &Refusal) -> String {
    use Refusal::*;
    let plain = match refusal {
        TextEmpty { field } => return format!("{}还空着", field_word(field)),
        TextTooLong { field, found, most } => {
            return format!("{}有 {found} 个字，最多 {most} 个", field_word(field));
        }
        TextUnprintable { field, code } => return format!("{}里有显示不了的字符（U+{code:04X}）", field_word(field)),
        SeatsMalformed { least, most } => return format!("委员会要有 {least} 到 {most} 席，牵头人最多一位"),
        OutOfRange { field, least, most } => return format!("{}要在 {least} 到 {most} 之间", field_word(field)),
        WrongStage { stage } => return format!("这件事现在是「{}」，做不了这一步", stage_word(stage)),
        BeyondRights { rights, needed } => return format!("需要 {needed} 分，还能用的只有 {rights} 分"),
        BeyondQuota { left, needed } => return format!("需要 {needed} 分，台机盖章之前只能再用 {left} 分"),
        MatterClosed { stage } => return format!("这件事现在是「{}」，做不了这一步", matter_word(stage)),
        MattersFull { most } => return format!("你已经有 {most} 件事没有办完"),
        SaidEnough { most } => return format!("对一件事最多说 {most} 次"),
        RoleMissing { role } => return format!("这一步要由{}来做", role_word(role)),
        SheetMistyped { group: 0 } => return "恢复纸上有 50 个数字，这里多了或少了".to_owned(),
        SheetMistyped { group } => return format!("第 {group} 组数字抄错了"),
        ModeMismatch => "只有物品才分共享、捐赠、置换、义卖，给出的物品要选一样",
        KindMissing => "我能帮的事要选一类：物品、知识、技能、时间、空间",
        ListingUnknown => "这里还没有这一条",
        ListingNotYours => "只有写它的人能改这一条",
        ListingClosed => "这一条已经收起了",
        OwnListing => "这是你自己写的",
        CheckMissing => "这件器械还没有清洁消毒、检查过，先不能交给人",
        NotMedical => "只有借出或送出的医疗器械才记检查",
        AlreadyAnswered => "你已经应过这一条了",
        ListingTaken => "这一条已经和别家约好了",
        DueMismatch => "借东西要说好哪天还，别的事不用",
        DirectionMismatch => "写「我能帮」的人给，写「我需要」的人收，反过来不行",
        DealUnknown => "这里还没有这个约定",
        NotAParty => "这是别人之间的约定",
        NotYourStep => "这一步轮到对方",
        AlreadyConfirmed => "这一步你已经确认过了",
        TransferMalformed => "谢积分要给别人，从 1 分到 1000000 分",
        PayeeUnknown => "这位街坊现在还收不了积分",
        MemberUnknown => "这里还没有这位街坊",
        RequestUnknown => "没有这份申请在等",
        AlreadyMember => "这一户已经是街坊了",
        InviteUnknown => "这个邀请码在这里不管用",
        InviteExpired => "这个邀请码过期了",
        InboxFull => "在等的申请或者信太多了",
        NotYetMember => "这一户还没有通过审核",
        DeviceUnknown => "这里没有这台设备，或者它还没打开过",
        SheetUnknown => "这里还没有哪位街坊印过这张恢复纸",
        SheetSpent => "这张恢复纸不管用了：后来印过新的，或者已经用过",
        ApprovalUnknown => "这里没有这件事",
        NotFinished => "办妥了才能评价，对方评价了才能回复",
        NotStanding => "这位街坊还没有说愿意参加委员会",
        SeatMissing => "这台设备不代表委员会的席位",
        NoCouncil => "这里现在没有要委员会一起定的事",
        DraftUnknown => "委员会面前没有这份提议",
        DetailsUnknown => "这台设备上没有这位街坊的登记",
        NobodyToHear => "除了被反映的人，还没有别的审核人、调解人或委员可以收",
        ComplaintUnknown => "没有找到这件反映",
        RefoundingUnknown => "没有街坊这样重新立过这栋楼",
        FollowedTwice => "有两位街坊都说这台设备是自己的",
        CutoffTooLow => "这份提议会把已经盖过见证章的也作废，不能签；请写提议的街坊重写一份",
        ReviewerMissing => "总要有人审核新来的街坊",
        SeatSheetUnknown => "这张纸不属于现在的任何一个席位",
        InviteWithdrawn => "这个邀请被收回了",
        TooYoung => "满 14 岁才能自己加入",
        AskedEnough { most } => return format!("一位申请人最多问 {most} 次，都问过了"),
        QuestionUnknown => "没有这个问题在等你回答",
        StillOpen { deals } => return format!("还有 {deals} 件事没有办完"),
        SeatHeld => "楼里的事还要你来定：你在委员会里，或者是发起人",
        LastReviewer => "只剩你一位审核人",
        HasLeft => "这位街坊已经不住在这里了",
        IsAway => "这位街坊出远门了",
        YouLeft => "你已经搬走了",
        NotLeaving => "你没有说过要搬走",
        MarkUnknown => "没有人这样说过这位街坊",
        PlaceUnknown => "楼图上没有这个地方",
        PlaceTwice => "楼图上有两个地方同名",
        PlaceEmpty => "一个片区里至少要有一栋",
        MapTooLarge => "楼图太大，一次定不下来",
        NotAddressed => "这一条是写给别的片区或楼栋的",
        NoPlaceAsked => "现在没有要你选住在哪里",
        OtherBuilding => "这张码是别的楼的",
        NotForThisDevice => "这张码不是给这台设备看的",
        ShownFalse => "这张码里的记录不对，没有收",
        ShownTooLong => "两台设备差得太多，一张码装不下",
        MatterUnknown => "这里没有这件事",
        OwnMatter => "这是你自己提的，等别人来答",
        NotAnswerer => "这一步要由网格员、居委会、物业、答疑人或者被问到的人来做",
        AlreadyTakenUp => "你已经受理过了",
        NotAnOrganisation => "只有单位才记每台设备是谁在用",
        StaffFull { most } => return format!("一个单位最多记 {most} 位同事"),
        OffRate => "分数表上没有这一项，或者分数对不上",
        SecondNeeded => "这一笔要第二个人先确认",
        BudgetSpent { left, needed } => return format!("需要 {needed} 分，基金拨给你的还剩 {left} 分"),
        NothingLeft => "这位街坊关掉的设备里，没有可以交接的积分",
        GrantedAlready => "这件事已经给这位街坊记过一笔了",
        NotAPerson => "基金的积分发给人，不发给单位和台机",
        ListUnknown => "没有这份名单在等，或者已经收回了",
        NotImpartial => "自己开的、发给自己的，要别人来确认",
        NoFund => "这里还没有能收发积分的街坊基金",
        BudgetReduced { given } => return format!("已经拨了 {given} 分，只能多，不能少"),
    };
    plain.to_owned()
}

/// Gives what to do after a refusal, where there is something.
pub fn refusal_hint(refusal: &Refusal) -> Option<&'static str> {
    use Refusal::*;
    Some(match refusal {
        TextTooLong { .. } => "长的话可以写在说明里，或者分成两条",
        TextUnprintable { .. } => "把它删掉再试；从别处粘贴来的文字常带着它",
        ModeMismatch => "从 share、donate、swap、charity-sale 里选一样",
        KindMissing => "从 item、knowledge、skill、time、space 里选一类",
        ListingUnknown | DealUnknown | MemberUnknown => "编号有没有抄错？也可能还没同步到这里，稍后再看",
        DueMismatch => "说好哪天还，比如一周以后",
        BeyondQuota { .. } => "到小屋台机旁边碰一下，盖了章就补满",
        BeyondRights { .. } => "可以少谢一点，或者先帮街坊一个忙",
        PayeeUnknown => "等对方的设备同步过一次再试",
        InviteUnknown | InviteExpired | InviteWithdrawn => "请街坊再发一个新的",
        TooYoung => "请家长加入，在自己的介绍里写上孩子，替孩子办事",
        InboxFull => "等审核人看过，或者等信送到了再试",
        NotYetMember => "先把家门告诉审核人，通过了再来",
        RequestUnknown => "看看在等的申请里有没有它",
        FollowedTwice => "到新楼的申请里，当面认清是谁再通过",
        NotYourStep => "看看这个约定在等谁",
        NotStanding => "请对方在自己的设备上点「我愿意参加委员会」",
        ReviewerMissing => "先请一两位街坊当审核人，再把事情交给委员会",
        SheetMistyped { .. } => "每组五个数字，一组一组对着纸看",
        SheetUnknown => "等这台设备和街坊对齐了再试",
        SheetSpent => "找两位审核人当面认一认，也能接回来",
        PlaceUnknown => "重新打开楼图看看，可能刚刚改过",
        PlaceTwice => "换一个叫法，比如加上南北东西",
        MapTooLarge => "名字写短一点，或者把几栋并成一栋",
        MatterUnknown => "可能提的人收回了，也可能还没同步到这里，稍后再看",
        MattersFull { .. } => "把已经解决的点「解决了」，或者收回一件",
        NotAnswerer => "你可以用街坊的身份回应",
        NotAddressed => "如果你也住那里，在「我的」里选上自己住的楼栋",
        OtherBuilding => "这台设备上要是有那栋楼，先换过去",
        NotForThisDevice => "请对方在付款、收款的那台设备上扫",
        ShownFalse => "请对方重新打开码，再扫一次",
        ShownTooLong => "两台设备连上网，或者各自到小屋台机旁边碰一下，这一笔会自己到",
        DeviceUnknown => "等它打开过、和这台碰过面再试",
        StillOpen { .. } => "该还的还了，该取消的取消，再来；也可以先说好哪天搬",
        SeatHeld => "先请委员会换一位委员；发起人先把事情交给委员会",
        LastReviewer => "先请一位街坊当审核人",
        HasLeft => "要找的东西在约定里写着找谁",
        IsAway => "等对方回来，或者找对方的家里人",
        YouLeft => "想回来，就像新街坊一样再申请一次",
        OffRate => "分数表由委员会定；可以先请他们加上这一项",
        BudgetSpent { .. } => "请委员会再拨一些",
        NothingLeft => "等对方的新设备和街坊碰过面；有两位审核人已经点过的，也不用再点",
        GrantedAlready => "同一天又做了一次，就把次数一起记；记错了的，请对方退回再记",
        NotImpartial => "请一位组织者、审核人或另一位管账人来点确认",
        NoFund => "由委员会（立楼时是创建人）定下分数表，拨给一位管账人",
        _ => return None,
    })
}

/// Says why the system's keychain did not give a key, and what helps.
pub fn keychain(error: &KeychainError) -> String {
    match error {
        KeychainError::Absent(_) => "这里没有钥匙串，要在登录了桌面的会话里打开".into(),
        KeychainError::Locked(_) => "钥匙串锁着，解锁以后再打开".into(),
        KeychainError::Missing => "钥匙串里没有这一把，是不是在别的电脑上，或者换了用户？".into(),
        KeychainError::Different => "钥匙串里这个名字下面的不是它".into(),
        KeychainError::TooSlow { limit_s } => format!("钥匙串问了密码，{limit_s} 秒没有人答"),
        KeychainError::Failed(why) => format!("钥匙串出错了（{why}）"),
    }
}

/// Gives the figures of a refusal by name.
pub(crate) fn refusal_details(refusal: &Refusal) -> BTreeMap<String, Value> {
    use Refusal::*;
    let details = match refusal {
        TextEmpty { field } => vec![("field", json!(field))],
        TextTooLong { field, found, most } => {
            vec![("field", json!(field)), ("found", json!(found)), ("most", json!(most))]
        }
        TextUnprintable { field, code } => vec![("field", json!(field)), ("code", json!(code))],
        OutOfRange { field, least, most } => {
            vec![("field", json!(field)), ("least", json!(least)), ("most", json!(most))]
        }
        WrongStage { stage } => vec![("stage", json!(stage))],
        BeyondRights { rights, needed } => vec![("rights", json!(rights)), ("needed", json!(needed.0))],
        BeyondQuota { left, needed } => vec![("left", json!(left)), ("needed", json!(needed.0))],
        RoleMissing { role } => vec![("role", json!(role))],
        SeatsMalformed { least, most } => vec![("least", json!(least)), ("most", json!(most))],
        SheetMistyped { group } => vec![("group", json!(group))],
        StillOpen { deals } => vec![("deals", json!(deals))],
        MatterClosed { stage } => vec![("stage", json!(stage))],
        MattersFull { most } | SaidEnough { most } => vec![("most", json!(most))],
        BudgetSpent { left, needed } => vec![("left", json!(left)), ("needed", json!(needed.0))],
        BudgetReduced { given } => vec![("given", json!(given))],
        _ => Vec::new(),
    };
    details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

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

fn field_word(field: &str) -> &str {
    match field {
        "title" => "标题",
        "body" => "说明",
        "name" => "名字",
        "block" => "门牌",
        "about" => "自我介绍",
        "text" => "评价",
        "stars" => "星数",
        "points" => "积分",
        "building" => "楼名",
        "household" => "住户",
        "zone" | "zones" => "片区",
        "blocks" => "楼栋数",
        "floor" => "楼层",
        "unit" => "房号",
        "place" => "地方",
        "real_name" | "real-name" => "真名",
        "phone" => "电话",
        "digits" => "电话只写数字，位数",
        "reason" => "理由",
        "question" => "问题",
        "matter" => "要说的事",
        "response" => "答复",
        "remark" => "补充的话",
        "answer" => "回答",
        "file" => "文件名",
        "budget" => "拨款",
        "times" => "次数",
        "day" => "日期（从 1970 年起的天数）",
        "valid_ms" | "valid" => "有效期",
        other => other,
    }
}

fn matter_word(stage: &str) -> &str {
    match stage.parse::<MatterStage>() {
        Ok(stage) => stage.word(),
        Err(_) => stage,
    }
}

fn stage_word(stage: &str) -> &str {
    match stage.parse::<Stage>() {
        Ok(stage) => stage.word(),
        Err(_) => stage,
    }
}

fn role_word(role: &str) -> &str {
    match role.parse::<crate::dto::Role>() {
        Ok(role) => role.word(),
        Err(_) if role == "founder" => "创建这栋楼的人",
        Err(_) => role,
    }
}

#[cfg(test)]
mod tests {
    use kaifong_domain::Points;

    use super::*;
    use crate::{ApiError, Code};

    /// One of each; the match below does not compile when one is missing.
    fn all() -> Vec<Refusal> {
        use Refusal::*;
        let field = "title";
        let all = vec![
            TextEmpty { field },
            TextTooLong { field, found: 61, most: 60 },
            TextUnprintable { field, code: 0x202E },
            OutOfRange { field: "stars", least: 1, most: 5 },
            ModeMismatch,
            KindMissing,
            ListingUnknown,
            ListingNotYours,
            ListingClosed,
            OwnListing,
            CheckMissing,
            NotMedical,
            AlreadyAnswered,
            ListingTaken,
            DueMismatch,
            DirectionMismatch,
            DealUnknown,
            NotAParty,
            NotYourStep,
            WrongStage { stage: "on-loan" },
            AlreadyConfirmed,
            BeyondRights { rights: 12, needed: Points(30) },
            BeyondQuota { left: 5, needed: Points(30) },
            TransferMalformed,
            PayeeUnknown,
            MemberUnknown,
            RoleMissing { role: "reviewer" },
            RequestUnknown,
            AlreadyMember,
            InviteUnknown,
            InviteExpired,
            InviteWithdrawn,
            InboxFull,
            NotYetMember,
            DeviceUnknown,
            SheetMistyped { group: 3 },
            SheetUnknown,
            SheetSpent,
            ApprovalUnknown,
            NotFinished,
            NotStanding,
            SeatMissing,
            NoCouncil,
            DraftUnknown,
            DetailsUnknown,
            NobodyToHear,
            ComplaintUnknown,
            RefoundingUnknown,
            FollowedTwice,
            CutoffTooLow,
            ReviewerMissing,
            SeatsMalformed { least: 3, most: 13 },
            SeatSheetUnknown,
            TooYoung,
            AskedEnough { most: 3 },
            QuestionUnknown,
            StillOpen { deals: 2 },
            SeatHeld,
            LastReviewer,
            HasLeft,
            IsAway,
            YouLeft,
            NotLeaving,
            MarkUnknown,
            PlaceUnknown,
            PlaceTwice,
            PlaceEmpty,
            MapTooLarge,
            NotAddressed,
            NoPlaceAsked,
            OtherBuilding,
            NotForThisDevice,
            ShownFalse,
            ShownTooLong,
            MatterUnknown,
            OwnMatter,
            MatterClosed { stage: "solved" },
            MattersFull { most: 10 },
            NotAnswerer,
            AlreadyTakenUp,
            SaidEnough { most: 20 },
            NotAnOrganisation,
            StaffFull { most: 64 },
            OffRate,
            SecondNeeded,
            BudgetSpent { left: 5, needed: Points(30) },
            NothingLeft,
            GrantedAlready,
            NotAPerson,
            ListUnknown,
            NotImpartial,
            NoFund,
            BudgetReduced { given: 300 },
        ];
        assert_eq!(all.len(), REFUSAL_CODES.len());
        all
    }

    #[test]
    fn every_refusal_has_its_code_and_a_sentence_in_chinese() {
        for (refused, code) in all().into_iter().zip(REFUSAL_CODES) {
            assert_eq!(refused.code(), code);
            let error = ApiError::from(refused.clone());
            assert_eq!(error.code.as_str(), code);
            assert!(error.sentence.chars().any(|c| c > '\u{4e00}'), "{error:?}");
            let json = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<ApiError>(&json).unwrap(), error);
        }
        assert_eq!(Code::all().count(), REFUSAL_CODES.len() + 20);
    }

    #[test]
    fn figures_are_in_the_sentence_and_beside_it() {
        let error = ApiError::from(Refusal::BeyondRights { rights: 12, needed: Points(30) });
        assert_eq!(error.sentence, "需要 30 分，还能用的只有 12 分");
        assert_eq!(error.details["rights"], 12);
        let error = ApiError::from(Refusal::WrongStage { stage: "on-loan" });
        assert!(error.sentence.contains("借出中"), "{}", error.sentence);
    }

    #[test]
    fn reasons_are_told_in_one_line() {
        let reasons = [
            Reason::SameThing {
                concept: "drain".into(), need_word: "通渠".into(), offer_word: "疏通管道".into()
            },
            Reason::SameBlock,
        ];
        assert_eq!(why(&reasons), "通渠 = 疏通管道 · 同栋");
        assert_eq!(why(&[Reason::SameWords { words: vec!["梯子".into()] }]), "都说到「梯子」");
    }

    #[test]
    fn who_waits_for_whom_is_told() {
        let chen = ["502 陈姨".to_owned()];
        for (stage, mine, others, told) in [
            (Stage::Answered, false, &chen[..], "等 502 陈姨答应"),
            (Stage::Answered, true, &[][..], "轮到你了：答应还是不"),
            (Stage::Agreed, false, &chen[..], "等 502 陈姨确认"),
            (Stage::OnLoan, true, &[][..], "轮到你了：等你确认"),
            (Stage::Agreed, true, &chen[..], "等你和 502 陈姨确认"),
            (Stage::Done, true, &[][..], "办妥了"),
            (Stage::Lost, false, &[][..], "让给别家了"),
        ] {
            assert_eq!(waiting(stage, mine, others), told);
        }
    }
}
