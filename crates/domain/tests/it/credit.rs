//! The credit record: what counts, what does not, and that the order in which it is heard says nothing.

use kaifong_domain::deal::{DealAct, SignedAct};
use kaifong_domain::record::{Records, Reply, Review};
use kaifong_domain::{Board, Credit, DealId, Instant, MemberId, Refusal};
use proptest::prelude::*;

use crate::people::{AUNT_XIAO, Device, FRIDAY, MA_LE, MASTER_WANG, STRANGER, calligraphy, records, tool_box};

const HOUR_MS: u64 = 3_600_000;

/// What one of the two signs about the tool box, and when, in hours from Friday.
type Signed = (MemberId, fn(DealId) -> DealAct, i64);

fn hand_over(deal: DealId) -> DealAct {
    DealAct::HandOver { deal }
}

fn bring_back(deal: DealId) -> DealAct {
    DealAct::Return { deal }
}

fn from_friday(hours: i64) -> Instant {
    Instant(FRIDAY.0.checked_add_signed(hours * HOUR_MS.cast_signed()).unwrap())
}

/// 马乐 borrows 肖阿姨's tool box until Friday, as these acts say; gives all acts and the deal.
fn loan(acts: &[Signed]) -> (Vec<SignedAct>, DealId) {
    let mut street = Device::new("street");
    let deal = street.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    street.agrees(AUNT_XIAO, deal).unwrap();
    let mut said: Vec<SignedAct> = street.acts.clone();
    for (number, (by, act, hours)) in acts.iter().enumerate() {
        let mut entry = said[0].entry;
        entry.0[31] ^= number as u8 + 1;
        let (journal, seq) = (said[usize::from(*by == AUNT_XIAO)].journal, 10 + number as u64);
        said.push(SignedAct { by: *by, entry, journal, seq, at: from_friday(*hours), act: act(deal) });
    }
    (said, deal)
}

fn board_of(acts: &[SignedAct]) -> Board {
    let mut board = Board::new();
    board.set_records(AUNT_XIAO, records("肖阿姨", vec![tool_box()]));
    acts.iter().for_each(|act| _ = board.add_act(*act));
    board
}

#[test]
fn a_thing_is_back_in_time_when_both_signed_it_and_the_first_of_them_by_the_agreed_day() {
    let handed: [Signed; 2] = [(AUNT_XIAO, hand_over, -48), (MA_LE, hand_over, -47)];
    let table: [(&str, &[Signed], Option<bool>); 8] = [
        ("both on the day before", &[(MA_LE, bring_back, -24), (AUNT_XIAO, bring_back, -23)], Some(true)),
        ("to the very hour", &[(MA_LE, bring_back, 0), (AUNT_XIAO, bring_back, 0)], Some(true)),
        ("the lender signs days later", &[(MA_LE, bring_back, -1), (AUNT_XIAO, bring_back, 72)], Some(true)),
        ("the borrower signs days later", &[(AUNT_XIAO, bring_back, -1), (MA_LE, bring_back, 72)], Some(true)),
        ("both after it", &[(MA_LE, bring_back, 1), (AUNT_XIAO, bring_back, 2)], Some(false)),
        (
            "a return that claims to lie before the hand-over",
            &[(MA_LE, bring_back, -60), (AUNT_XIAO, bring_back, 5)],
            Some(false),
        ),
        ("only the borrower says so", &[(MA_LE, bring_back, -24)], None),
        ("nobody says so", &[], None),
    ];
    for (what, back, in_time) in table {
        let (acts, deal) = loan(&[&handed, back].concat());
        let board = board_of(&acts);
        assert_eq!(board.returned_in_time(&deal), in_time, "{what}");
        let credit = Credit::of(&board, &MA_LE);
        assert_eq!(credit.in_time.contains(&deal), in_time == Some(true), "{what}");
        assert_eq!(credit.returned.contains(&deal), in_time.is_some(), "{what}");
        assert_eq!(credit.borrowed.contains(&deal), in_time.is_none(), "{what}");
        let lender = Credit::of(&board, &AUNT_XIAO);
        assert_eq!(
            (lender.lent.len(), lender.returned.len(), lender.in_time.len()),
            (usize::from(in_time.is_some()), 0, 0),
            "{what}"
        );
    }
}

/// Back on the day before it was due, entered late.
fn back_on_thursday(deal: DealId) -> DealAct {
    DealAct::Returned { deal, on: Some(from_friday(-24)), condition: None }
}

#[test]
fn what_both_enter_late_counts_for_its_day_and_what_one_alone_enters_only_where_it_can_have_been() {
    let late: [Signed; 2] = [(MA_LE, back_on_thursday, 30), (AUNT_XIAO, back_on_thursday, 31)];
    let alone: [Signed; 2] = [(MA_LE, back_on_thursday, 30), (AUNT_XIAO, bring_back, 72)];
    let table: [(&str, [i64; 2], [Signed; 2], bool); 5] = [
        ("both, and one has confirmed the hand-over late", [-48, -20], late, true),
        ("both, and both have confirmed it late", [-10, -9], late, true),
        ("one alone, after the first word of the hand-over", [-48, -20], alone, true),
        ("one alone, before any word of it", [-10, -9], alone, false),
        ("both, of a day after it was due", [-48, -47], [(MA_LE, bring_back, 30), (AUNT_XIAO, bring_back, 31)], false),
    ];
    for (what, [hers, his], back, in_time) in table {
        let handed: [Signed; 2] = [(AUNT_XIAO, hand_over, hers), (MA_LE, hand_over, his)];
        let (acts, deal) = loan(&[handed, back].concat());
        assert_eq!(board_of(&acts).returned_in_time(&deal), Some(in_time), "{what}");
    }
}

#[test]
fn what_is_late_or_called_off_leaves_no_trace_in_the_record() {
    let late: [Signed; 4] =
        [(AUNT_XIAO, hand_over, -48), (MA_LE, hand_over, -48), (MA_LE, bring_back, 90), (AUNT_XIAO, bring_back, 90)];
    let (late, _) = loan(&late);
    let record = Credit::of(&board_of(&late), &MA_LE);
    assert_eq!((record.completed(), record.returned.len(), record.in_time.len()), (1, 1, 0));

    let mut street = Device::new("street");
    let deal = street.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    street.does(MA_LE, DealAct::CallOff { deal }).unwrap();
    for member in [MA_LE, AUNT_XIAO, STRANGER] {
        assert_eq!(Credit::of(&street.board, &member), Credit::default());
    }
}

#[test]
fn help_counts_for_both_and_what_was_said_of_it_for_the_one_it_is_about() {
    let mut street = Device::new("street");
    let deal = street.answers(MA_LE, MASTER_WANG, &calligraphy()).unwrap();
    street.agrees(MASTER_WANG, deal).unwrap();
    street.does(MA_LE, DealAct::Done { deal }).unwrap();
    street.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    let said = Review { deal, stars: 4, text: "耐心".into(), at: Instant(9) };
    street.board.set_records(MA_LE, Records { reviews: vec![said], ..records("马乐", vec![]) });
    let (gave, got) = (Credit::of(&street.board, &MASTER_WANG), Credit::of(&street.board, &MA_LE));
    assert_eq!((gave.given.len(), gave.received.len(), gave.stars_mean()), (1, 0, Some(4.0)));
    assert_eq!((got.given.len(), got.received.len(), got.stars_mean()), (0, 1, None));
}

#[test]
fn only_who_was_spoken_of_replies_and_the_reply_stands_below_the_review() {
    let mut street = Device::new("street");
    let deal = street.answers(MA_LE, MASTER_WANG, &calligraphy()).unwrap();
    street.agrees(MASTER_WANG, deal).unwrap();
    let reply = Reply { deal, text: "下次带毛笔来".into(), at: Instant(10) };
    assert_eq!(street.board.check_reply(MASTER_WANG, &reply), Err(Refusal::NotFinished));
    street.does(MA_LE, DealAct::Done { deal }).unwrap();
    street.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    assert_eq!(street.board.check_reply(MASTER_WANG, &reply), Err(Refusal::NotFinished), "nothing was said yet");
    let said = Review { deal, stars: 5, text: String::new(), at: Instant(9) };
    let hers = Records { reviews: vec![said], ..records("马乐", vec![]) };
    street.board.set_records(MA_LE, hers);
    let long = Reply { text: "谢".repeat(301), ..reply.clone() };
    assert!(matches!(street.board.check_reply(MASTER_WANG, &long), Err(Refusal::TextTooLong { .. })));
    let unknown = Reply { deal: DealId([7; 16]), ..reply.clone() };
    assert_eq!(street.board.check_reply(MASTER_WANG, &unknown), Err(Refusal::DealUnknown));
    assert_eq!(street.board.check_reply(STRANGER, &reply), Err(Refusal::NotAParty));
    assert_eq!(street.board.check_reply(MASTER_WANG, &reply), Ok(()));

    let shown = |street: &Device| street.board.reviews_about(&MASTER_WANG).next().unwrap().reply.clone();
    let his = |replies| Records { replies, ..records("王师傅", vec![calligraphy()]) };
    assert_eq!(shown(&street), None);
    let changed = street.board.set_records(MASTER_WANG, his(vec![reply.clone()]));
    assert!(changed.reviews_about.contains(&MASTER_WANG));
    assert_eq!(shown(&street), Some(reply.clone()));
    // What is said stays when acts are counted anew.
    let acts: Vec<_> = street.acts.clone();
    street.board.forget_acts();
    acts.into_iter().for_each(|act| drop(street.board.add_act(act)));
    assert_eq!(shown(&street), Some(reply.clone()));
    // Somebody else's words about the deal are no reply, and an empty one takes it back.
    street.board.set_records(STRANGER, Records { replies: vec![reply.clone()], ..records("路人", vec![]) });
    street.board.set_records(MASTER_WANG, his(vec![Reply { text: " ".into(), ..reply }]));
    assert_eq!(shown(&street), None);
}

fn some_acts() -> impl Strategy<Value = Vec<Signed>> {
    let one = (any::<bool>(), any::<bool>(), -60i64..60).prop_map(|(lender, back, hours)| {
        let act: fn(DealId) -> DealAct = if back { bring_back } else { hand_over };
        (if lender { AUNT_XIAO } else { MA_LE }, act, hours)
    });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn a_record_is_the_same_whatever_the_order_and_however_often_it_was_heard(
        (acts, twice) in some_acts().prop_flat_map(|signed| {
            let (acts, _) = loan(&signed);
            let both = [acts.clone(), acts.clone()].concat();
            (Just(acts), Just(both).prop_shuffle())
        }),
    ) {
        let (in_order, as_heard) = (board_of(&acts), board_of(&twice));
        for member in [MA_LE, AUNT_XIAO] {
            prop_assert_eq!(Credit::of(&in_order, &member), Credit::of(&as_heard, &member));
        }
    }

    #[test]
    fn what_one_gave_the_other_received_and_in_time_is_part_of_returned(signed in some_acts()) {
        let (acts, _) = loan(&signed);
        let board = board_of(&acts);
        let (lender, borrower) = (Credit::of(&board, &AUNT_XIAO), Credit::of(&board, &MA_LE));
        prop_assert_eq!(&lender.given, &borrower.received);
        prop_assert_eq!(&lender.lent, &borrower.returned);
        prop_assert!(borrower.in_time.is_subset(&borrower.returned));
        prop_assert!(borrower.returned.is_disjoint(&borrower.borrowed));
    }
}
