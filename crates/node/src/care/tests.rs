use kaifong_domain::record::{Kind, Side};
use kaifong_domain::{DealId, Refusal};
use kaifong_trust::care::{Introduces, PICTURE_BYTES_MAX, Said};
use kaifong_trust::envelope::Letter;

use super::*;
use crate::council::EpochDraft;
use crate::event::{Command, Draft};
use crate::room::{Room, refused};

fn care(command: CareCommand) -> Command {
    Command::Care(command)
}

fn say(deal: DealId, text: &str) -> Command {
    care(CareCommand::Say { thread: Thread::Deal(deal), text: text.into(), picture: Vec::new() })
}

fn block(room: &Room, name: &str, blocked: bool) -> Command {
    care(CareCommand::Block { member: room.member(name), blocked })
}

/// What somebody's device shows of a deal's conversation.
fn heard(room: &Room, name: &str, deal: DealId) -> Vec<String> {
    let messages = room.phones[name].node.messages(&Thread::Deal(deal));
    messages.into_iter().map(|message| message.text.clone()).collect()
}

fn under_way(room: &Room, name: &str, deal: DealId) -> Vec<bool> {
    let node = &room.phones[name].node;
    node.messages(&Thread::Deal(deal)).into_iter().map(|message| node.is_under_way(message)).collect()
}

fn hashes(room: &Room, name: &str, deal: DealId) -> Vec<[u8; 32]> {
    room.phones[name].node.messages(&Thread::Deal(deal)).into_iter().map(|message| message.hash).collect()
}

/// 何姐 has asked for 陈姨's cart, and 陈姨 has not said yes yet.
fn asks_for_the_cart(room: &mut Room) -> DealId {
    let Done::Posted(listing) = room.does("陈姨", crate::room::offer("手推车")).unwrap() else { panic!() };
    room.meet("陈姨", "何姐");
    let due_at = Some(Instant(crate::room::NOON + crate::room::DAY_MS));
    let owner = room.member("陈姨");
    let answer = Command::Answer { owner, listing, points: None, due_at, counterpart: None };
    let Done::Answered(deal) = room.does("何姐", answer).unwrap() else { panic!() };
    deal
}

#[test]
fn the_two_of_a_deal_talk_before_it_is_agreed_and_nobody_else_hears() {
    let (mut room, ticket) = Room::new();
    room.buys("陈姨的平板", 9);
    room.links("陈姨", "陈姨的平板", &ticket);
    let deal = asks_for_the_cart(&mut room);
    room.meet("陈姨的平板", "李叔");
    room.does("何姐", say(deal, "周六上午能来拿吗？")).unwrap();
    room.now += 1;
    room.does("陈姨", say(deal, "可以，九点以后")).unwrap();
    for name in ["何姐", "陈姨", "陈姨的平板"] {
        assert_eq!(heard(&room, name, deal), ["周六上午能来拿吗？", "可以，九点以后"], "{name}");
    }
    assert!(heard(&room, "李叔", deal).is_empty(), "a carrier reads nothing");
    assert_eq!(room.does("李叔", say(deal, "我也说一句")), refused(Refusal::NotAParty));
    let long = "好".repeat(501);
    let why = Refusal::TextTooLong { field: "message", found: 501, most: 500 };
    assert_eq!(room.does("何姐", say(deal, &long)), refused(why));
    room.does("陈姨", Command::CallOff { deal }).unwrap();
    assert_eq!(room.does("何姐", say(deal, "怎么了？")), refused(Refusal::WrongStage { stage: "called-off" }));
}

#[test]
fn a_message_is_on_its_way_until_the_other_has_it_and_any_neighbour_carries_it() {
    let (mut room, _) = Room::new();
    let deal = asks_for_the_cart(&mut room);
    room.goes_off("陈姨");
    room.does("何姐", say(deal, "在吗？")).unwrap();
    assert_eq!(under_way(&room, "何姐", deal), [true]);
    // 李叔 has it, and brings it when he meets 陈姨. Only her own device says that it arrived.
    room.goes_off("何姐");
    room.meet("陈姨", "李叔");
    assert_eq!(heard(&room, "陈姨", deal), ["在吗？"]);
    room.meet("何姐", "李叔");
    assert_eq!(under_way(&room, "何姐", deal), [true]);
    room.meet("何姐", "陈姨");
    assert_eq!(under_way(&room, "何姐", deal), [false]);
}

#[test]
fn who_is_blocked_hears_nothing_and_is_not_told() {
    let (mut room, ticket) = Room::new();
    room.buys("陈姨的平板", 9);
    room.links("陈姨", "陈姨的平板", &ticket);
    let word = block(&room, "何姐", true);
    room.does("陈姨", word).unwrap();
    room.meet("陈姨的平板", "李叔");
    room.meet("陈姨的平板", "陈姨");
    assert_eq!(room.phones["陈姨的平板"].node.blocked(), [room.member("何姐")], "all her devices know");
    let deal = asks_for_the_cart(&mut room);
    room.does("何姐", say(deal, "在吗？")).unwrap();
    assert_eq!(under_way(&room, "何姐", deal), [false], "her device has it, as anybody's would");
    assert!(heard(&room, "陈姨", deal).is_empty());
    assert_eq!(room.does("陈姨", Command::Agree { deal }), refused(CareRefusal::Blocked.into()));
    assert_eq!(room.does("陈姨", say(deal, "不借")), refused(CareRefusal::Blocked.into()));
    assert_eq!(
        room.home("陈姨").board().deal(&deal),
        room.home("何姐").board().deal(&deal),
        "the replicas say the same"
    );
    room.does("陈姨", block(&room, "何姐", false)).unwrap();
    room.does("何姐", say(deal, "还在吗？")).unwrap();
    assert_eq!(heard(&room, "陈姨", deal), ["还在吗？"], "what was said meanwhile is gone");
    assert_eq!(room.does("陈姨", block(&room, "陈姨", true)), refused(Refusal::MemberUnknown));
}

/// 李叔 mediates.
fn mediates(room: &mut Room, name: &'static str) {
    let roles = Some(BTreeMap::from([((room.member(name), Role::Mediator), ())]).into_keys().collect::<Vec<_>>());
    let roles = roles.map(|roles| roles.into_iter().chain([(room.member("李叔"), Role::Reviewer)]).collect());
    room.does("李叔", Command::DraftEpoch(EpochDraft { roles, ..EpochDraft::default() })).unwrap();
}

#[test]
fn a_mediator_sees_exactly_the_messages_that_were_chosen_and_answers_both() {
    let (mut room, ticket) = Room::new();
    room.buys("王姐", 7);
    room.joins("王姐", &ticket);
    mediates(&mut room, "王姐");
    let deal = asks_for_the_cart(&mut room);
    for (at, text) in ["你这人怎么回事", "借个车都不肯", "算了，对不起"].iter().enumerate() {
        room.now += at as u64 + 1;
        room.does("何姐", say(deal, text)).unwrap();
    }
    room.does("陈姨", say(deal, "请好好说话")).unwrap();
    room.meet("王姐", "陈姨");
    let all = hashes(&room, "陈姨", deal);
    let own = *all.last().unwrap();
    let report = |shown: &[[u8; 32]]| {
        care(CareCommand::Report {
            thread: Thread::Deal(deal), shown: shown.to_vec(), text: "这样说话我受不了".into()
        })
    };
    let nothing = refused(CareRefusal::NothingShown { most: 10 }.into());
    assert_eq!(room.does("陈姨", report(&[])), nothing);
    assert_eq!(room.does("陈姨", report(&[own])), nothing, "her own words prove nothing of 何姐");
    room.does("陈姨", report(&all[..2])).unwrap();
    let (id, shown) = {
        let complaints = room.phones["王姐"].node.complaints();
        let [(id, complaint)] = complaints[..] else { panic!("{complaints:?}") };
        let shown = complaint.report.as_ref().unwrap().shown();
        (id, shown.into_iter().map(|one| one.text.clone()).collect::<Vec<_>>())
    };
    assert_eq!(shown, ["你这人怎么回事", "借个车都不肯"]);
    assert!(room.phones["李叔"].node.complaints().is_empty(), "only mediators hear of it");
    let both = || care(CareCommand::AnswerBoth { report: id, text: "都消消气，明天我上门".into() });
    assert_eq!(room.does("陈姨", both()), refused(Refusal::RoleMissing { role: "mediator" }));
    room.does("王姐", both()).unwrap();
    let answers = room.phones["陈姨"].node.complaints()[0].1.answers().len();
    let notes = room.phones["何姐"].node.notes(&Thread::Deal(deal));
    assert_eq!((answers, notes[0].text.as_str()), (1, "都消消气，明天我上门"));
    assert!(room.phones["何姐"].node.complaints().is_empty(), "何姐 reads what was answered, and not the report");
}

#[test]
fn a_message_that_the_other_has_not_written_is_not_shown_to_a_mediator() {
    let (mut room, ticket) = Room::new();
    room.buys("王姐", 7);
    room.joins("王姐", &ticket);
    mediates(&mut room, "王姐");
    let deal = asks_for_the_cart(&mut room);
    let thread = Thread::Deal(deal);
    room.meet("王姐", "陈姨");
    let drawn = ComplaintId([4; 16]);
    let about = room.member("何姐");
    let report = CareLetter::Report { id: drawn, about, thread, text: "你看".into() };
    assert!(room.reads("王姐", "陈姨", &Letter::Care(report)));
    let (building, to) = (room.home("陈姨").id(), room.member("陈姨"));
    let said = |to, thread| Said { building, thread, to, at: Instant(5), text: "坏话".into(), picture: Vec::new() };
    // 陈姨 has written one herself, and copies what 何姐 has said to somebody else and about something else.
    let forged = room.phones["陈姨"].node.key.sign(said(to, thread));
    let elsewhere = room.phones["何姐"].node.key.sign(said(room.member("李叔"), thread));
    let other = room.phones["何姐"].node.key.sign(said(to, Thread::Deal(DealId([9; 16]))));
    for said in [forged, elsewhere, other] {
        let shown = CareLetter::Shown { id: drawn, said: said.signed().clone() };
        assert!(room.reads("王姐", "陈姨", &Letter::Care(shown)));
    }
    let complaints = room.phones["王姐"].node.complaints();
    assert!(complaints[0].1.report.as_ref().unwrap().shown().is_empty());
}

#[test]
fn a_small_picture_goes_with_a_message_and_anything_else_is_refused() {
    let (mut room, _) = Room::new();
    let deal = asks_for_the_cart(&mut room);
    let shows = |text: &str, picture: &[u8]| {
        care(CareCommand::Say { thread: Thread::Deal(deal), text: text.into(), picture: picture.to_vec() })
    };
    let begin: &[u8] = &[0xff, 0xd8, 0xff, 0xc0, 0, 8, 8, 0, 90, 0, 120, 1, 0xff, 0xda, 0, 2];
    let jpeg = |scan: usize| [begin, &vec![7; scan], &[0xff, 0xd9]].concat();
    let (jpeg, large) = (jpeg(3_000), jpeg(PICTURE_BYTES_MAX));
    let unfit = || refused(CareRefusal::PictureUnfit { most: PICTURE_BYTES_MAX }.into());
    for odd in [large.as_slice(), b"GIF89a", &jpeg[1..], &jpeg[..jpeg.len() - 1]] {
        assert_eq!(room.does("何姐", shows("看", odd)), unfit());
    }
    assert_eq!(room.does("何姐", shows(" ", &[])), refused(Refusal::TextEmpty { field: "message" }));
    room.does("何姐", shows(" ", &jpeg)).unwrap();
    let messages = room.phones["陈姨"].node.messages(&Thread::Deal(deal));
    assert_eq!(messages.iter().map(|one| (one.text.as_str(), one.picture())).collect::<Vec<_>>(), [("", jpeg)]);
}

/// What somebody knows of the one introduction.
fn stands(room: &Room, name: &str) -> Option<(IntroductionId, IntroductionStage)> {
    room.phones[name].node.introductions().first().map(|(id, row)| (*id, row.stage))
}

fn stage(room: &Room, name: &str) -> Option<IntroductionStage> {
    stands(room, name).map(|(_, stage)| stage)
}

#[test]
fn an_organiser_introduces_two_who_then_talk() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let ask = |room: &Room, whom| {
        let introducer = room.member("李叔");
        care(CareCommand::AskIntroduction { introducer, whom, text: "想请何姐帮忙看看孩子".into() })
    };
    let wrong =
        CareCommand::AskIntroduction { introducer: room.member("何姐"), whom: None, text: "请帮忙".into() };
    assert_eq!(room.does("陈姨", care(wrong)), refused(CareRefusal::NotAnIntroducer.into()));
    room.does("陈姨", ask(&room, Some(room.member("何姐")))).unwrap();
    assert_eq!(stage(&room, "何姐"), None, "she is asked by 李叔 first");
    let (id, _) = stands(&room, "李叔").unwrap();
    let propose = |room: &Room, to: &str| {
        care(CareCommand::Introduce { id, to: room.member(to), text: "陈姨想找人看孩子，人很好".into() })
    };
    assert_eq!(room.does("何姐", propose(&room, "陈姨")), refused(CareRefusal::IntroductionUnknown.into()));
    room.does("李叔", propose(&room, "何姐")).unwrap();
    let thread = Thread::Introduced(id);
    let hello = care(CareCommand::Say { thread, text: "你好".into(), picture: Vec::new() });
    assert_eq!(room.does("陈姨", hello.clone()), refused(CareRefusal::ThreadUnknown.into()));
    room.does("何姐", care(CareCommand::ReplyIntroduction { id, yes: true })).unwrap();
    for name in ["陈姨", "李叔", "何姐"] {
        assert_eq!(stage(&room, name), Some(IntroductionStage::Met), "{name}");
    }
    room.does("陈姨", hello).unwrap();
    assert_eq!(room.phones["何姐"].node.messages(&thread)[0].text, "你好");
    assert!(room.phones["李叔"].node.messages(&thread).is_empty(), "who introduces does not listen");
}

#[test]
fn who_asked_reads_only_that_it_did_not_work_out_whether_declined_or_blocked() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    for blocks in [false, true] {
        let (introducer, whom) = (room.member("李叔"), room.member("何姐"));
        let ask = CareCommand::AskIntroduction { introducer, whom: Some(whom), text: "想认识一下".into() };
        room.now += 1;
        room.does("陈姨", care(ask)).unwrap();
        let (id, _) = stands(&room, "李叔").unwrap();
        if blocks {
            room.does("何姐", block(&room, "陈姨", true)).unwrap();
        }
        room.does("李叔", care(CareCommand::Introduce { id, to: whom, text: "陈姨想认识你".into() })).unwrap();
        if !blocks {
            room.does("何姐", care(CareCommand::ReplyIntroduction { id, yes: false })).unwrap();
        }
        let rows = room.phones["陈姨"].node.introductions();
        let row = rows.iter().find(|(known, _)| *known == id).unwrap();
        assert_eq!(row.1.stage, IntroductionStage::Failed, "blocked: {blocks}");
    }
}

#[test]
fn nobody_is_introduced_by_a_word_that_the_introducer_has_not_said() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let (introducer, whom) = (room.member("李叔"), room.member("何姐"));
    let ask = CareCommand::AskIntroduction { introducer, whom: Some(whom), text: "想认识一下".into() };
    room.does("陈姨", care(ask)).unwrap();
    let (id, _) = stands(&room, "陈姨").unwrap();
    let to = room.member("陈姨");
    let meets = Letter::Care(CareLetter::Introduction { id, to, says: Introduces::Meets { with: whom } });
    assert!(room.reads("陈姨", "何姐", &meets));
    assert_eq!(stage(&room, "陈姨"), Some(IntroductionStage::Asked));
}

#[test]
fn who_said_yes_with_another_phone_has_met_whatever_comes_first() {
    let (mut room, ticket) = Room::new();
    room.buys("何姐的平板", 9);
    room.links("何姐", "何姐的平板", &ticket);
    room.meet("陈姨", "何姐");
    let (introducer, whom, chen) = (room.member("李叔"), room.member("何姐"), room.member("陈姨"));
    let ask = CareCommand::AskIntroduction { introducer, whom: Some(whom), text: "想认识一下".into() };
    room.does("陈姨", care(ask)).unwrap();
    let (id, _) = stands(&room, "李叔").unwrap();
    room.does("李叔", care(CareCommand::Introduce { id, to: whom, text: "陈姨想认识你".into() })).unwrap();
    let letter = |to, says| Letter::Care(CareLetter::Introduction { id, to, says });
    let meets = letter(whom, Introduces::Meets { with: chen });
    assert_eq!(stage(&room, "何姐的平板"), Some(IntroductionStage::Proposed));
    assert!(!room.reads("何姐的平板", "李叔", &meets), "it waits for the yes");
    assert!(room.reads("何姐的平板", "何姐", &letter(introducer, Introduces::Replies(true))));
    assert_eq!(stage(&room, "何姐的平板"), Some(IntroductionStage::Agreed));
    assert!(room.reads("何姐的平板", "李叔", &meets));
    assert_eq!(stage(&room, "何姐的平板"), Some(IntroductionStage::Met));
}

#[test]
fn who_asked_and_who_introduces_end_it_for_all_three() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let (introducer, whom) = (room.member("李叔"), room.member("何姐"));
    for ends in ["陈姨", "李叔"] {
        room.now += 1;
        let ask = CareCommand::AskIntroduction { introducer, whom: None, text: "想认识一下".into() };
        room.does("陈姨", care(ask)).unwrap();
        let (id, _) = stands(&room, "李叔").unwrap();
        room.does("李叔", care(CareCommand::Introduce { id, to: whom, text: "陈姨想认识你".into() })).unwrap();
        let fail = || care(CareCommand::FailIntroduction { id });
        assert_eq!(room.does("何姐", fail()), refused(CareRefusal::IntroductionUnknown.into()), "she says no");
        room.does(ends, fail()).unwrap();
        for name in ["陈姨", "李叔", "何姐"] {
            let rows = room.phones[name].node.introductions();
            let row = rows.iter().find(|(known, _)| *known == id).unwrap();
            assert_eq!(row.1.stage, IntroductionStage::Failed, "{name}, ended by {ends}");
        }
    }
}

#[test]
fn who_has_said_no_is_done_with_it() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let (introducer, whom) = (room.member("李叔"), room.member("何姐"));
    let ask = CareCommand::AskIntroduction { introducer, whom: None, text: "想认识一下".into() };
    room.does("陈姨", care(ask)).unwrap();
    let (id, _) = stands(&room, "李叔").unwrap();
    room.does("李叔", care(CareCommand::Introduce { id, to: whom, text: "陈姨想认识你".into() })).unwrap();
    room.does("何姐", care(CareCommand::ReplyIntroduction { id, yes: false })).unwrap();
    let over = |name: &str| room.phones[name].node.introductions()[0].1.is_over(&room.member(name));
    assert_eq!(["何姐", "李叔", "陈姨"].map(over), [true, false, false], "李叔 may ask somebody else");
}

#[test]
fn a_need_is_posted_for_another_by_who_has_an_office_and_many_give() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let need = Command::Post(Draft {
        kind: Some(Kind::Item),
        aside: Some(kaifong_domain::care::Aside::OnBehalf("一位独居老人".into())),
        ..Draft::of(Side::Need, "冬天的棉被")
    });
    assert_eq!(room.does("何姐", need.clone()), refused(CareRefusal::NotAProxy.into()));
    let Done::Posted(listing) = room.does("李叔", need).unwrap() else { panic!() };
    for name in ["陈姨", "何姐"] {
        let owner = room.member("李叔");
        let answer = Command::Answer { owner, listing, points: None, due_at: None, counterpart: None };
        let Done::Answered(deal) = room.does(name, answer).unwrap() else { panic!() };
        room.does("李叔", Command::Agree { deal }).unwrap();
        room.does(name, Command::Done { deal }).unwrap();
        room.does("李叔", Command::Done { deal }).unwrap();
        let thank =
            CareCommand::Thank { to: room.member(name), deal: Some(deal), text: "老人家说很暖和".into() };
        room.does("李叔", care(thank)).unwrap();
    }
    assert_eq!(room.home("何姐").care().thanks().count(), 2);
    let thank = CareCommand::Thank { to: room.member("李叔"), deal: Some(DealId([1; 16])), text: "谢谢".into() };
    assert_eq!(room.does("何姐", care(thank)), refused(Refusal::DealUnknown));
}

#[test]
fn what_is_private_is_not_reviewed_and_says_its_name_only() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let private = |body: &str| {
        Command::Post(Draft {
            kind: Some(Kind::Skill),
            body: body.into(),
            aside: Some(kaifong_domain::care::Aside::Discreet),
            ..Draft::of(Side::Offer, "咨询")
        })
    };
    assert_eq!(room.does("陈姨", private("睡不着可以聊聊")), refused(CareRefusal::SaysTooMuch.into()));
    let Done::Posted(listing) = room.does("陈姨", private("")).unwrap() else { panic!() };
    let owner = room.member("陈姨");
    let answer = Command::Answer { owner, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = room.does("何姐", answer).unwrap() else { panic!() };
    room.does("陈姨", Command::Agree { deal }).unwrap();
    room.does("何姐", Command::Done { deal }).unwrap();
    room.does("陈姨", Command::Done { deal }).unwrap();
    let review = Command::Review { deal, stars: 5, text: "好".into() };
    assert_eq!(room.does("何姐", review), refused(CareRefusal::NotReviewed.into()));
    let thank = CareCommand::Thank { to: owner, deal: Some(deal), text: "谢谢".into() };
    assert_eq!(room.does("何姐", care(thank)), refused(CareRefusal::NotReviewed.into()));
    assert_eq!(room.home("何姐").board().next_step(&deal, &room.member("何姐")), None);
}

#[test]
fn a_drive_counts_what_donors_promise_and_what_both_say_has_come() {
    let (mut room, _) = Room::new();
    room.meet("陈姨", "何姐");
    let draft = DriveDraft {
        title: "旧自行车做绿化护栏".into(),
        body: String::new(),
        target: 30,
        unit: "辆".into(),
        until: Instant(room.now + 10),
    };
    let past = DriveDraft { until: Instant(room.now), ..draft.clone() };
    assert_eq!(room.does("陈姨", care(CareCommand::CallDrive(past))), refused(CareRefusal::DriveOver.into()));
    let Done::Called(drive) = room.does("陈姨", care(CareCommand::CallDrive(draft))).unwrap() else { panic!() };
    let owner = room.member("陈姨");
    let pledge = |count| care(CareCommand::Pledge { owner, drive, count, note: String::new() });
    assert_eq!(room.does("陈姨", pledge(1)), refused(CareRefusal::OwnDrive.into()));
    room.does("何姐", pledge(3)).unwrap();
    room.does("何姐", pledge(2)).unwrap();
    let receive = |room: &Room, name| care(CareCommand::Receive { drive, donor: room.member(name), count: 2 });
    assert_eq!(room.does("陈姨", receive(&room, "李叔")), refused(Refusal::MemberUnknown));
    room.does("陈姨", receive(&room, "何姐")).unwrap();
    let progress = room.home("李叔").care().progress(&(owner, drive));
    assert_eq!((progress.pledged, progress.received), (2, 2));
    room.now += 10;
    assert_eq!(room.does("李叔", pledge(1)), refused(CareRefusal::DriveOver.into()));
    let close = care(CareCommand::CloseDrive { drive, report: "护栏装好了".into() });
    room.does("陈姨", close.clone()).unwrap();
    assert_eq!(room.does("陈姨", close), refused(CareRefusal::DriveOver.into()));
    assert_eq!(room.does("陈姨", receive(&room, "何姐")), refused(CareRefusal::DriveOver.into()));
}
