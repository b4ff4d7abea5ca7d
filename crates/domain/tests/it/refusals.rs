//! Which refusal comes first, act by act: each line of a table puts one thing right that the line before had wrong.

use kaifong_domain::deal::{DealAct, Direction, Hold, Terms};
use kaifong_domain::record::{Kind, Listing, Mode, Review, Side};
use kaifong_domain::{DealId, Instant, ListingId, Points, Refusal};

use crate::people::*;

const NO_DEAL: DealId = DealId([0xEE; 16]);
const OPEN: ListingId = ListingId([21; 16]);

fn wrong(stage: &'static str) -> Refusal {
    Refusal::WrongStage { stage }
}

#[test]
fn an_answer_is_refused_for_what_it_says_then_for_the_listing_then_for_who_came_first() {
    let mut phone = Device::new("phone");
    let held = phone.answers(MASTER_WANG, AUNT_XIAO, &tool_box()).unwrap();
    phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    let mut closed = tap();
    closed.closed_at = Some(Instant(5));
    phone.board.set_records(AUNT_HUANG, records("黄阿姨", vec![closed]));
    phone.agrees(AUNT_XIAO, held).unwrap();
    let given = phone.answers(MA_LE, MASTER_WANG, &books()).unwrap();
    phone.agrees(MASTER_WANG, given).unwrap();

    let right = terms(AUNT_XIAO, &tool_box());
    let worst = Terms {
        listing: ListingId([0; 16]),
        points: Points(u32::MAX),
        direction: Direction::AnswererGives,
        due_at: None,
        counterpart: Some(TAP),
        ..right
    };
    let own = Terms { points: Points::MAX, ..worst };
    let unknown = own;
    let turned = Terms { listing: TOOL_BOX, ..unknown };
    let gift = Terms { direction: Direction::OwnerGives, ..turned };
    let fits = Terms { due_at: Some(FRIDAY), ..gift };
    let closed = Terms { counterpart: Some(TAP), ..terms(AUNT_HUANG, &tap()) };
    let table = [
        (AUNT_XIAO, worst, Refusal::OutOfRange { field: "points", least: 0, most: 1_000_000 }),
        (AUNT_XIAO, own, Refusal::OwnListing),
        (MA_LE, unknown, Refusal::ListingUnknown),
        (MA_LE, turned, Refusal::DirectionMismatch),
        (MA_LE, gift, Refusal::DueMismatch),
        (MA_LE, closed, Refusal::ListingClosed),
        (MA_LE, fits, Refusal::AlreadyAnswered),
        (AUNT_HUANG, terms(MASTER_WANG, &books()), Refusal::ListingTaken),
    ];
    for (by, terms, expected) in table {
        assert_eq!(phone.board.check(by, &DealAct::Answer { terms }), Err(expected));
    }
    let table = [
        (STRANGER, Some(TAP), Err(Refusal::ListingNotYours)),
        (STRANGER, Some(OPEN), Err(Refusal::ListingUnknown)),
        (AUNT_HUANG, Some(TAP), Ok(())),
        (STRANGER, None, Ok(())),
    ];
    for (by, counterpart, expected) in table {
        let terms = Terms { counterpart, ..terms(MASTER_WANG, &calligraphy()) };
        assert_eq!(phone.board.check(by, &DealAct::Answer { terms }), expected);
    }
}

#[test]
fn a_due_time_fits_what_is_lent_and_what_a_need_leaves_open() {
    use Side::{Need, Offer};
    let (item, time) = (Some(Kind::Item), Some(Kind::Time));
    // (side, kind, mode, without a due time, with one)
    let table = [
        (Offer, item, Some(Mode::Share), false, true),
        (Offer, item, Some(Mode::Donate), true, false),
        (Offer, item, Some(Mode::Swap), true, false),
        (Offer, item, Some(Mode::CharitySale), true, false),
        (Offer, time, None, true, false),
        (Need, item, Some(Mode::Share), false, true),
        (Need, item, Some(Mode::Donate), true, false),
        (Need, item, None, true, true),
        (Need, None, None, true, true),
        (Need, time, None, true, false),
    ];
    let mut phone = Device::new("phone");
    for (side, kind, mode, without, with) in table {
        let open = listing(OPEN, side, kind, mode, "t");
        phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![open.clone()]));
        for (due_at, fits) in [(None, without), (Some(FRIDAY), with)] {
            let terms = Terms { due_at, ..terms(AUNT_XIAO, &open) };
            let expected = if fits { Ok(()) } else { Err(Refusal::DueMismatch) };
            assert_eq!(
                phone.board.check(MA_LE, &DealAct::Answer { terms }),
                expected,
                "{side:?} {kind:?} {mode:?} {due_at:?}"
            );
        }
    }
}

#[test]
fn an_agreement_is_refused_for_the_deal_then_for_who_then_for_the_stage_then_for_the_listing() {
    let mut phone = Device::new("phone");
    let agree = |deal| DealAct::Agree { deal, hold: Hold::Once { after: None } };
    let first = phone.answers(MASTER_WANG, AUNT_XIAO, &tool_box()).unwrap();
    let second = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    let turned = Terms { direction: Direction::AnswererGives, due_at: None, ..terms(AUNT_XIAO, &tool_box()) };
    let turned = phone.forces(STRANGER, DealAct::Answer { terms: turned });
    let gift = Terms { due_at: None, ..terms(AUNT_XIAO, &tool_box()) };
    let gift = phone.forces(AUNT_HUANG, DealAct::Answer { terms: gift });
    phone.agrees(AUNT_XIAO, first).unwrap();
    let table = [
        (STRANGER, NO_DEAL, Refusal::DealUnknown),
        (STRANGER, first, Refusal::NotAParty),
        (MASTER_WANG, first, Refusal::NotYourStep),
        (AUNT_XIAO, first, wrong("agreed")),
        (AUNT_XIAO, turned, Refusal::DirectionMismatch),
        (AUNT_XIAO, gift, Refusal::DueMismatch),
        (AUNT_XIAO, second, Refusal::ListingTaken),
    ];
    for (by, deal, expected) in table {
        assert_eq!(phone.board.check(by, &agree(deal)), Err(expected));
    }
    let mut closed = tool_box();
    closed.closed_at = Some(Instant(5));
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![closed]));
    assert_eq!(phone.board.check(AUNT_XIAO, &agree(gift)), Err(Refusal::DueMismatch));
    assert_eq!(phone.board.check(AUNT_XIAO, &agree(second)), Err(Refusal::ListingClosed));
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![]));
    assert_eq!(phone.board.check(AUNT_XIAO, &agree(turned)), Err(Refusal::ListingUnknown));
}

/// A building with one deal in each stage: the loan's parties are 肖阿姨 and 马乐, the help's 黄阿姨 and 王师傅.
struct Stages {
    phone: Device,
    loan: DealId,
    help: DealId,
}

impl Stages {
    fn agreed() -> Self {
        let mut phone = Device::new("phone");
        let loan = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
        let help = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
        phone.agrees(AUNT_XIAO, loan).unwrap();
        phone.agrees(AUNT_HUANG, help).unwrap();
        Self { phone, loan, help }
    }
}

#[test]
fn a_call_off_is_refused_for_the_deal_then_for_who_then_for_the_stage_then_for_what_was_confirmed() {
    let Stages { mut phone, loan, help } = Stages::agreed();
    phone.does(MA_LE, DealAct::HandOver { deal: loan }).unwrap();
    let off = |deal| DealAct::CallOff { deal };
    let table = [
        (STRANGER, NO_DEAL, Err(Refusal::DealUnknown)),
        (STRANGER, loan, Err(Refusal::NotAParty)),
        (MA_LE, loan, Err(Refusal::AlreadyConfirmed)),
        (AUNT_XIAO, loan, Ok(())),
        (MASTER_WANG, help, Ok(())),
    ];
    for (by, deal, expected) in table {
        assert_eq!(phone.board.check(by, &off(deal)), expected);
    }
    phone.does(AUNT_XIAO, DealAct::HandOver { deal: loan }).unwrap();
    assert_eq!(phone.board.check(MA_LE, &off(loan)), Err(wrong("on-loan")));
    phone.does(AUNT_HUANG, off(help)).unwrap();
    assert_eq!(phone.board.check(AUNT_HUANG, &off(help)), Err(wrong("called-off")));
}

#[test]
fn a_confirmation_is_refused_for_the_deal_then_for_who_then_for_the_stage_then_for_being_the_second() {
    let Stages { mut phone, loan, help } = Stages::agreed();
    let steps = |deal| [DealAct::HandOver { deal }, DealAct::Return { deal }, DealAct::Done { deal }];
    for act in steps(NO_DEAL) {
        assert_eq!(phone.board.check(STRANGER, &act), Err(Refusal::DealUnknown));
    }
    for act in steps(loan).into_iter().chain(steps(help)) {
        assert_eq!(phone.board.check(STRANGER, &act), Err(Refusal::NotAParty));
    }
    // The steps of another kind of deal do not fit.
    let [hand_over, give_back, done] = steps(help);
    assert_eq!(phone.board.check(MASTER_WANG, &hand_over), Err(wrong("agreed")));
    assert_eq!(phone.board.check(MASTER_WANG, &give_back), Err(wrong("agreed")));
    phone.does(MASTER_WANG, done).unwrap();
    assert_eq!(phone.board.check(MASTER_WANG, &done), Err(Refusal::AlreadyConfirmed));
    phone.does(AUNT_HUANG, done).unwrap();
    assert_eq!(phone.board.check(MASTER_WANG, &done), Err(wrong("done")));

    let [hand_over, give_back, done] = steps(loan);
    assert_eq!(phone.board.check(MA_LE, &done), Err(wrong("agreed")));
    phone.does(MA_LE, hand_over).unwrap();
    assert_eq!(phone.board.check(MA_LE, &hand_over), Err(Refusal::AlreadyConfirmed));
    phone.does(AUNT_XIAO, hand_over).unwrap();
    assert_eq!(phone.board.check(MA_LE, &hand_over), Err(wrong("on-loan")));
    assert_eq!(phone.board.check(MA_LE, &done), Err(wrong("on-loan")));
    phone.does(MA_LE, give_back).unwrap();
    assert_eq!(phone.board.check(MA_LE, &give_back), Err(Refusal::AlreadyConfirmed));
    phone.does(AUNT_XIAO, give_back).unwrap();
    assert_eq!(phone.board.check(MA_LE, &give_back), Err(wrong("done")));
}

#[test]
fn who_said_that_a_thing_is_back_has_said_that_it_changed_hands() {
    let Stages { mut phone, loan, .. } = Stages::agreed();
    phone.does(MA_LE, DealAct::Return { deal: loan }).unwrap();
    assert_eq!(phone.board.check(MA_LE, &DealAct::HandOver { deal: loan }), Err(Refusal::AlreadyConfirmed));
    assert_eq!(phone.board.check(MA_LE, &DealAct::Return { deal: loan }), Err(Refusal::AlreadyConfirmed));
}

#[test]
fn an_answered_or_lost_deal_takes_no_confirmation() {
    let mut phone = Device::new("phone");
    let deals = [MASTER_WANG, MA_LE].map(|by| (phone.answers(by, AUNT_HUANG, &tap()).unwrap(), by));
    for (deal, by) in deals {
        assert_eq!(phone.board.check(by, &DealAct::Done { deal }), Err(wrong("answered")));
    }
    for (deal, _) in deals {
        phone.forces(AUNT_HUANG, DealAct::Agree { deal, hold: Hold::Once { after: None } });
    }
    let (deal, by) = deals.into_iter().max().unwrap();
    for act in [DealAct::Done { deal }, DealAct::CallOff { deal }] {
        assert_eq!(phone.board.check(by, &act), Err(wrong("lost")));
    }
    assert_eq!(phone.board.check(AUNT_HUANG, &DealAct::Agree { deal, hold: Hold::Many }), Err(wrong("lost")));
}

#[test]
fn a_review_is_refused_for_what_it_says_then_for_the_deal_then_for_who_then_for_the_stage() {
    let Stages { phone, help, .. } = Stages::agreed();
    let review = |stars, text: &str, deal| Review { deal, stars, text: text.into(), at: Instant(0) };
    let table = [
        (STRANGER, review(0, "\u{7}", NO_DEAL), Refusal::OutOfRange { field: "stars", least: 1, most: 5 }),
        (STRANGER, review(1, "\u{7}", NO_DEAL), Refusal::TextUnprintable { field: "text", code: 7 }),
        (STRANGER, review(1, "", NO_DEAL), Refusal::DealUnknown),
        (STRANGER, review(1, "", help), Refusal::NotAParty),
        (AUNT_HUANG, review(1, "", help), Refusal::NotFinished),
    ];
    for (by, review, expected) in table {
        assert_eq!(phone.board.check_review(by, &review), Err(expected));
    }
}

#[test]
fn as_many_are_agreed_with_as_an_offer_has_places_and_whoever_is_done_frees_one() {
    let mut phone = Device::new("phone");
    let lesson = Listing { places: Some(2), ..calligraphy() };
    phone.board.set_records(MA_LE, records("马乐", vec![lesson.clone()]));
    let left = |phone: &Device| phone.board.places_left(phone.board.listing(&MA_LE, &lesson.id).unwrap());
    assert_eq!(left(&phone), Some(2));
    let asks = |phone: &mut Device, who| phone.answers(who, MA_LE, &lesson).unwrap();
    let [first, second, third] = [AUNT_XIAO, AUNT_HUANG, MASTER_WANG].map(|who| asks(&mut phone, who));
    phone.agrees(MA_LE, first).unwrap();
    phone.agrees(MA_LE, second).unwrap();
    assert_eq!((left(&phone), phone.agrees(MA_LE, third)), (Some(0), Err(Refusal::PlacesFull)));
    for by in [MA_LE, AUNT_XIAO] {
        phone.does(by, DealAct::Done { deal: first }).unwrap();
    }
    assert_eq!(left(&phone), Some(1));
    phone.agrees(MA_LE, third).unwrap();
    let closed = Listing { closed_at: Some(Instant(9)), ..lesson.clone() };
    phone.board.set_records(MA_LE, records("马乐", vec![closed]));
    assert_eq!(left(&phone), None, "what is closed has none to give");
    let need = Listing { side: Side::Need, ..lesson.clone() };
    assert_eq!((need.places(), Listing { kind: Some(Kind::Space), ..lesson }.places()), (None, None));
}
