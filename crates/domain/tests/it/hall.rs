//! What is put to the hall, and what comes of it, in whatever order it arrives.

use kaifong_domain::hall::{
    Addressee, Hall, Judged, Judgement, MATTERS_OPEN_MAX, MATTERS_SHOWN_MAX, Matter, MatterKey, MatterKind,
    MatterStage, RESPONSES_MAX, RESPONSES_SHOWN_MAX, Response, ResponseKind,
};
use kaifong_domain::record::Records;
use kaifong_domain::{Board, Instant, JudgementId, MatterId, MemberId, Refusal, ResponseId};
use proptest::prelude::*;

use crate::people::*;

const LIFT: MatterId = MatterId([21; 16]);
const KEY: MatterKey = (AUNT_XIAO, LIFT);
/// 王师傅 is the official here.
const OFFICIAL: MemberId = MASTER_WANG;

fn lift() -> Matter {
    Matter {
        id: LIFT,
        kind: MatterKind::Question,
        text: "3栋电梯几时修好？".into(),
        to: Some(Addressee::Officials),
        place: None,
        put_at: Instant(100),
        withdrawn_at: None,
    }
}

fn judged(id: u8, number: u32, judged: Judged) -> Judgement {
    let at = Instant(1_000 * u64::from(number));
    Judgement { id: JudgementId([id; 16]), matter: LIFT, number, judged, remark: String::new(), at }
}

fn said(id: u8, kind: ResponseKind, after: Option<u8>, at: u64) -> Response {
    let after = after.map(|id| JudgementId([id; 16]));
    let text = if kind == ResponseKind::TakeUp { String::new() } else { "师傅说明天到".into() };
    Response { id: ResponseId([id; 16]), asker: AUNT_XIAO, matter: LIFT, kind, after, text, at: Instant(at) }
}

fn asker(judgements: Vec<Judgement>) -> Records {
    Records { matters: vec![lift()], judgements, ..Records::default() }
}

fn others(responses: Vec<Response>) -> Records {
    Records { responses, ..Records::default() }
}

fn stage(board: &Board) -> MatterStage {
    board.hall().row(&KEY, speaks).unwrap().stage
}

fn speaks(member: &MemberId) -> bool {
    *member == OFFICIAL
}

fn digest(board: &Board) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    board.digest(&mut hasher);
    *hasher.finalize().as_bytes()
}

// proves: G5 G21
#[test]
fn a_question_waits_is_heard_answered_opened_again_answered_and_solved() {
    let mut board = Board::new();
    let touched = board.set_records(AUNT_XIAO, asker(vec![])).matters;
    assert_eq!((touched.into_iter().collect::<Vec<_>>(), stage(&board)), (vec![KEY], MatterStage::Waiting));

    board.set_records(AUNT_HUANG, others(vec![said(1, ResponseKind::Answer, None, 200)]));
    assert_eq!(stage(&board), MatterStage::Waiting, "whoever does not speak has replied, whatever they call it");
    let mut official = vec![said(2, ResponseKind::TakeUp, None, 300)];
    board.set_records(OFFICIAL, others(official.clone()));
    assert_eq!(stage(&board), MatterStage::Heard);
    official.push(said(3, ResponseKind::Answer, None, 400));
    board.set_records(OFFICIAL, others(official.clone()));
    assert_eq!(stage(&board), MatterStage::Answered);

    board.set_records(AUNT_XIAO, asker(vec![judged(7, 1, Judged::NotYet)]));
    let row = board.hall().row(&KEY, speaks).unwrap();
    assert_eq!((row.stage, row.open_since, row.reopened), (MatterStage::Waiting, Instant(1_000), 1));
    official.push(said(4, ResponseKind::Answer, Some(7), 1_200));
    board.set_records(OFFICIAL, others(official));
    assert_eq!(stage(&board), MatterStage::Answered);

    board.set_records(AUNT_XIAO, asker(vec![judged(7, 1, Judged::NotYet), judged(8, 2, Judged::Solved)]));
    let row = board.hall().row(&KEY, speaks).unwrap();
    assert_eq!((row.stage, row.solved_at), (MatterStage::Solved, Some(Instant(2_000))));
    assert_eq!((row.first_heard_at, row.first_answered_at), (Some(Instant(300)), Some(Instant(400))));
    assert_eq!((row.answered_at, row.answers, row.replies), (Some(Instant(1_200)), 2, 1));
    let turns: Vec<_> = board.hall().turns(&KEY).iter().map(|turn| (turn.by, turn.at.0)).collect();
    let wanted = [
        (AUNT_HUANG, 200),
        (OFFICIAL, 300),
        (OFFICIAL, 400),
        (AUNT_XIAO, 1_000),
        (OFFICIAL, 1_200),
        (AUNT_XIAO, 2_000),
    ];
    assert_eq!(turns, wanted);
}

#[test]
fn nobody_answers_ahead_of_a_not_yet_nor_closes_or_hides_what_is_not_theirs() {
    let mut board = Board::new();
    board.set_records(AUNT_XIAO, asker(vec![judged(7, 1, Judged::NotYet)]));
    // The official has written answers for every "not yet" that they could think of, and judges and withdraws besides.
    let ahead = (1..6).map(|id| said(id, ResponseKind::Answer, Some(id), 500)).collect();
    let meddling = Records { judgements: vec![judged(9, 9, Judged::Solved)], ..others(ahead) };
    board.set_records(OFFICIAL, meddling);
    assert_eq!(stage(&board), MatterStage::Waiting);
    let theirs = Matter { withdrawn_at: Some(Instant(1)), ..lift() };
    board.set_records(OFFICIAL, Records { matters: vec![theirs], ..Records::default() });
    assert_eq!(stage(&board), MatterStage::Waiting, "a copy under another name is another matter");
    assert_eq!(board.hall().keys(), [KEY, (OFFICIAL, LIFT)]);
    // Nor does the asker answer themselves.
    let own = Records { responses: vec![said(1, ResponseKind::Answer, Some(7), 1)], ..asker(vec![]) };
    board.set_records(AUNT_XIAO, own);
    assert_eq!(board.hall().row(&KEY, |_| true).map(|row| row.stage), Some(MatterStage::Waiting));
    board.forget_records(AUNT_XIAO);
    assert!(board.hall().row(&KEY, speaks).is_none(), "what its asker erases is gone");
}

#[test]
fn of_two_devices_apart_the_one_that_holds_a_matter_open_is_heard() {
    let mut board = Board::new();
    board.set_records(AUNT_XIAO, asker(vec![judged(6, 1, Judged::Solved), judged(7, 1, Judged::NotYet)]));
    assert_eq!(stage(&board), MatterStage::Waiting);
    // And an answer to either of two "not yet" of one number counts.
    let both = vec![judged(6, 1, Judged::NotYet), judged(7, 1, Judged::NotYet)];
    board.set_records(AUNT_XIAO, asker(both));
    for after in [6, 7] {
        board.set_records(OFFICIAL, others(vec![said(2, ResponseKind::Answer, Some(after), 1)]));
        assert_eq!(stage(&board), MatterStage::Answered);
    }
}

#[test]
fn who_floods_the_hall_hides_their_own_words() {
    let mut board = Board::new();
    let many = |n: u64| -> Vec<Matter> {
        let id = |n: u64| MatterId([u8::try_from(n).unwrap(); 16]);
        (0..n).map(|n| Matter { id: id(n), put_at: Instant(1_000 - n), ..lift() }).collect()
    };
    board.set_records(MA_LE, Records { matters: many(100), ..Records::default() });
    board.set_records(AUNT_XIAO, asker(vec![]));
    assert_eq!(board.hall().keys().len(), MATTERS_SHOWN_MAX + 1);
    let first = board.hall().keys()[0];
    assert_eq!(board.hall().matter(&first).unwrap().put_at, Instant(1_000 - 80), "those that claim to be put first");
    let full = Refusal::MattersFull { most: MATTERS_OPEN_MAX };
    assert_eq!(board.hall().check_put(&MA_LE, &lift()), Err(full));
    let much = (0..100).map(|n| Response { id: ResponseId([n; 16]), ..said(n, ResponseKind::Reply, None, 1) });
    board.set_records(MA_LE, others(much.collect()));
    assert_eq!(board.hall().turns(&KEY).len(), RESPONSES_SHOWN_MAX);
    let once_more = said(200, ResponseKind::Reply, None, 1);
    let enough = Refusal::SaidEnough { most: RESPONSES_MAX };
    assert_eq!(board.hall().check_response(&MA_LE, &once_more, false), Err(enough));
}

#[test]
fn what_is_refused_in_the_hall_and_what_first() {
    let mut board = Board::new();
    let long = Matter { text: "修".repeat(1_001), ..lift() };
    let told = Refusal::TextTooLong { field: "matter", found: 1_001, most: 1_000 };
    assert_eq!(board.hall().check_put(&AUNT_XIAO, &long), Err(told));
    let turned = Matter { text: "几时\u{202E}修".into(), ..lift() };
    let told = Refusal::TextUnprintable { field: "matter", code: 0x202E };
    assert_eq!(board.hall().check_put(&AUNT_XIAO, &turned), Err(told));

    let answer = said(1, ResponseKind::Answer, None, 1);
    let check = |board: &Board, by, response: &Response, speaks| board.hall().check_response(&by, response, speaks);
    let empty = Response { text: " ".into(), ..answer.clone() };
    assert_eq!(check(&board, OFFICIAL, &empty, true), Err(Refusal::TextEmpty { field: "response" }));
    assert_eq!(check(&board, OFFICIAL, &answer, true), Err(Refusal::MatterUnknown));
    board.set_records(AUNT_XIAO, asker(vec![]));
    assert_eq!(check(&board, AUNT_XIAO, &answer, true), Err(Refusal::OwnMatter));
    assert_eq!(check(&board, MA_LE, &answer, false), Err(Refusal::NotAnswerer));
    assert_eq!(check(&board, OFFICIAL, &answer, true), Ok(()));
    let take_up = said(2, ResponseKind::TakeUp, None, 1);
    board.set_records(OFFICIAL, others(vec![take_up.clone()]));
    assert_eq!(check(&board, OFFICIAL, &take_up, true), Err(Refusal::AlreadyTakenUp));

    let row = |board: &Board| board.hall().row(&KEY, speaks);
    let judge = |board: &Board, by, judgement: &Judgement| {
        let row = row(board);
        board.hall().check_judgement(&by, judgement, row.as_ref())
    };
    let (solved, not_yet) = (judged(7, 1, Judged::Solved), judged(7, 1, Judged::NotYet));
    assert_eq!(judge(&board, OFFICIAL, &solved), Err(Refusal::MatterUnknown), "it is not theirs");
    assert_eq!(judge(&board, AUNT_XIAO, &not_yet), Err(Refusal::MatterClosed { stage: "heard" }));
    assert_eq!(judge(&board, AUNT_XIAO, &solved), Ok(()), "the lift runs again, whether anybody has answered or not");
    board.set_records(AUNT_XIAO, asker(vec![solved.clone()]));
    assert_eq!(judge(&board, AUNT_XIAO, &solved), Err(Refusal::MatterClosed { stage: "solved" }));
    assert_eq!(check(&board, MA_LE, &said(3, ResponseKind::Reply, None, 1), false), Ok(()), "thanks are welcome");
    let withdrawn = Matter { withdrawn_at: Some(Instant(5)), ..lift() };
    board.set_records(AUNT_XIAO, Records { matters: vec![withdrawn], ..Records::default() });
    assert_eq!(check(&board, OFFICIAL, &answer, true), Err(Refusal::MatterClosed { stage: "withdrawn" }));
    assert_eq!(Hall::default().next_judgement(&KEY), 1);
}

/// What the asker and two others may come to say.
fn sayings() -> impl Strategy<Value = Vec<(MemberId, Records)>> {
    let kind = prop_oneof![Just(ResponseKind::TakeUp), Just(ResponseKind::Answer), Just(ResponseKind::Reply)];
    let judged_as = prop_oneof![Just(Judged::Solved), Just(Judged::NotYet)];
    let judgements = prop::collection::btree_map(1_u8..6, (1_u32..4, judged_as), 0..4);
    let responses = prop::collection::btree_map(1_u8..40, (kind, prop::option::of(1_u8..7), 0_u64..5), 0..30);
    (judgements, responses.clone(), responses, any::<bool>()).prop_map(
        |(judgements, official, neighbour, withdrawn)| {
            let judgements = judgements.into_iter().map(|(id, (number, as_))| judged(id, number, as_)).collect();
            let say = |map: std::collections::BTreeMap<u8, (ResponseKind, Option<u8>, u64)>| {
                others(map.into_iter().map(|(id, (kind, after, at))| said(id, kind, after, at)).collect())
            };
            let mut own = asker(judgements);
            own.matters[0].withdrawn_at = withdrawn.then_some(Instant(3));
            vec![(AUNT_XIAO, own), (OFFICIAL, say(official)), (AUNT_HUANG, say(neighbour))]
        },
    )
}

/// A part of what somebody says: what had arrived before the rest.
fn part_of(records: &Records, keep: &[bool]) -> Records {
    let kept = |at: usize| keep[at % keep.len()];
    let mut part = records.clone();
    let mut at = 0;
    part.responses.retain(|_| {
        at += 1;
        kept(at)
    });
    part.judgements.retain(|_| {
        at += 1;
        kept(at)
    });
    part
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_hall_is_the_same_in_whatever_order_and_pieces_it_is_heard(
        sayings in sayings(),
        order in Just(vec![0_usize, 1, 2]).prop_shuffle(),
        keep in prop::collection::vec(any::<bool>(), 1..8),
    ) {
        let mut at_once = Board::new();
        for (member, records) in &sayings {
            at_once.set_records(*member, records.clone());
        }
        let mut in_pieces = Board::new();
        for which in &order {
            let (member, records) = &sayings[*which];
            in_pieces.set_records(*member, part_of(records, &keep));
        }
        for which in order.iter().rev() {
            let (member, records) = &sayings[*which];
            in_pieces.set_records(*member, records.clone());
            prop_assert!(in_pieces.set_records(*member, records.clone()).is_empty(), "nothing new changes nothing");
        }
        prop_assert_eq!(at_once.hall().row(&KEY, speaks), in_pieces.hall().row(&KEY, speaks));
        prop_assert_eq!(at_once.hall().turns(&KEY), in_pieces.hall().turns(&KEY));
        prop_assert_eq!(digest(&at_once), digest(&in_pieces));
        // Only the asker's own words close it.
        let row = at_once.hall().row(&KEY, speaks).unwrap();
        let mut alone = Board::new();
        alone.set_records(AUNT_XIAO, sayings[0].1.clone());
        let closed = |board: &Board| !stage(board).is_open();
        prop_assert_eq!(!row.stage.is_open(), closed(&alone));
    }
}
