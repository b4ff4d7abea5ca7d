use kaifong_domain::Points;
use kaifong_domain::care::CareRefusal;
use kaifong_domain::commons::CommonsRefusal;
use kaifong_domain::recurring::RecurringRefusal;
use kaifong_domain::shop::ShopRefusal;
use kaifong_domain::space::SpaceRefusal;

use super::*;
use crate::dto::{Reason, Stage};
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
        TaskMismatch,
        KindMissing,
        ListingUnknown,
        ListingNotYours,
        ListingClosed,
        OwnListing,
        CheckMissing,
        NotMedical,
        AlreadyAnswered,
        ListingTaken,
        PlacesFull,
        PlacesMismatch,
        DueMismatch,
        DirectionMismatch,
        DealUnknown,
        NotAParty,
        NotYourStep,
        WrongStage { stage: "on-loan" },
        AlreadyConfirmed,
        StillOut,
        DayOutside { days: 60 },
        NotLater { most: 180 },
        NoLaterDay,
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
        InDispute,
        NotInDispute,
        OwnDeal,
        NothingOwed,
        CorrectedEnough { most: 8 },
        ActivityUnknown,
        OwnActivity,
        ActivityClosed { stage: "over" },
        AlreadyBooked,
        NotBooked,
        AlreadyPaid,
        ActivitiesFull { most: 20 },
        SlipMistyped { group: 2 },
        SlipElsewhere,
        SlipUnknown,
        SlipEntered,
        SlipPaid,
        SlipDisowned,
        SlipTakenBack,
        SlipNotYours,
        NotTheDesk,
        CardMistyped { group: 2 },
        CardUnknown,
        CardPinWrong { wait_ms: 0 },
        CardPinTooSoon { wait_ms: 30_000 },
        CardsFull { most: 500 },
        FormMismatch,
        CategoryUnknown,
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
    assert_eq!(
        Code::all().count(),
        REFUSAL_CODES.len()
            + ShopRefusal::CODES.len()
            + SpaceRefusal::CODES.len()
            + CommonsRefusal::CODES.len()
            + CareRefusal::CODES.len()
            + RecurringRefusal::CODES.len()
            + 20
    );
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
        Reason::SameThing { concept: "drain".into(), need_word: "通渠".into(), offer_word: "疏通管道".into() },
        Reason::SameBlock,
    ];
    assert_eq!(why(&reasons), "通渠 = 疏通管道 · 同栋");
    assert_eq!(why(&[Reason::LikeSense, Reason::SameTime { time: "周末".into() }]), "意思相近 · 都说周末");
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
