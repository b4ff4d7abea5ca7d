//! Exchanges between named neighbours, from the first answer to the review.

use kaifong_domain::deal::{DealAct, Hold};
use kaifong_domain::record::{Records, Reply, Review, Side};
use kaifong_domain::rows::{Confirmed, ListingStage, Stage, Step, Winner};
use kaifong_domain::{Board, DealId, Instant, ListingId, MemberId, Refusal};

use crate::people::*;

fn stage(board: &Board, deal: DealId) -> Stage {
    board.deal(&deal).unwrap().stage
}

fn standing(board: &Board, owner: MemberId, id: ListingId) -> (ListingStage, Option<DealId>) {
    let row = board.listing(&owner, &id).unwrap();
    (row.stage, row.deal)
}

fn waits(board: &Board, deal: DealId) -> Vec<(MemberId, Step)> {
    let row = board.deal(&deal).unwrap();
    row.waits_for().into_iter().map(|who| (who, row.next_step(&who).unwrap())).collect()
}

/// Every order of the given things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for i in 0..things.len() {
        let mut rest = things.to_vec();
        let first = rest.remove(i);
        all.extend(orders(&rest).into_iter().map(|mut order| {
            order.insert(0, first.clone());
            order
        }));
    }
    all
}

#[test]
fn ma_le_borrows_aunt_xiaos_tool_box_and_brings_it_back() {
    let mut phone = Device::new("phone");
    assert_eq!(standing(&phone.board, AUNT_XIAO, TOOL_BOX), (ListingStage::Open, None));

    let deal = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Answered);
    assert_eq!(standing(&phone.board, AUNT_XIAO, TOOL_BOX), (ListingStage::Answered, None));
    assert_eq!(waits(&phone.board, deal), [(AUNT_XIAO, Step::Agree)]);

    phone.agrees(AUNT_XIAO, deal).unwrap();
    assert_eq!(standing(&phone.board, AUNT_XIAO, TOOL_BOX), (ListingStage::Agreed, Some(deal)));
    assert_eq!(waits(&phone.board, deal), [(AUNT_XIAO, Step::HandOver), (MA_LE, Step::HandOver)]);

    phone.does(AUNT_XIAO, DealAct::HandOver { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Agreed);
    assert_eq!(waits(&phone.board, deal), [(MA_LE, Step::HandOver)]);
    phone.does(MA_LE, DealAct::HandOver { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::OnLoan);
    assert_eq!(phone.board.deal(&deal).unwrap().confirmed, Confirmed::default());
    assert_eq!(phone.board.deal(&deal).unwrap().terms.due_at, Some(FRIDAY));
    assert_eq!(standing(&phone.board, AUNT_XIAO, TOOL_BOX), (ListingStage::Agreed, Some(deal)));

    phone.does(MA_LE, DealAct::Return { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::OnLoan);
    assert_eq!(waits(&phone.board, deal), [(AUNT_XIAO, Step::Return)]);
    phone.does(AUNT_XIAO, DealAct::Return { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Done);
    assert_eq!(waits(&phone.board, deal), []);
    assert_eq!(standing(&phone.board, AUNT_XIAO, TOOL_BOX), (ListingStage::Open, None));

    let row = phone.board.deal(&deal).unwrap();
    assert_eq!(row.entries.len(), 6);
    assert_eq!(row.entries[0], phone.acts[0].entry);
    assert_eq!(row.entries[1], phone.acts[1].entry);
    assert_eq!((row.answered_at, row.changed_at), (phone.acts[0].at, phone.acts[5].at));
    assert_eq!((row.giver, row.receiver, row.answerer), (AUNT_XIAO, MA_LE, MA_LE));
}

#[test]
fn the_tool_box_is_lent_again_after_it_came_back() {
    let mut phone = Device::new("phone");
    let mut last = None;
    for borrower in [MA_LE, MASTER_WANG, MA_LE] {
        let deal = phone.answers(borrower, AUNT_XIAO, &tool_box()).unwrap();
        assert_eq!(phone.hold(deal), Hold::Once { after: last });
        phone.agrees(AUNT_XIAO, deal).unwrap();
        assert_eq!(phone.board.last_hold(&AUNT_XIAO, &TOOL_BOX), Some(deal));
        for by in [borrower, AUNT_XIAO] {
            phone.does(by, DealAct::HandOver { deal }).unwrap();
        }
        for by in [borrower, AUNT_XIAO] {
            phone.does(by, DealAct::Return { deal }).unwrap();
        }
        last = Some(deal);
    }
    assert_eq!(phone.board.deals_of(&AUNT_XIAO, &TOOL_BOX).count(), 3);
    assert_eq!(phone.board.deals_with(&MA_LE).count(), 2);
    assert!(phone.board.deals().all(|deal| deal.stage == Stage::Done));
}

#[test]
fn a_hand_over_that_nobody_wrote_down_counts_once_both_say_that_the_thing_is_back() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    phone.agrees(AUNT_XIAO, deal).unwrap();
    phone.does(MA_LE, DealAct::Return { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Agreed);
    assert_eq!(phone.board.deal(&deal).unwrap().confirmed, Confirmed { giver: false, receiver: true });
    let mut late = phone.clone();
    // Either she says that it is back too …
    phone.does(AUNT_XIAO, DealAct::Return { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Done);
    // … or only that she gave it: then it is out, and he alone says that it is back.
    late.does(AUNT_XIAO, DealAct::HandOver { deal }).unwrap();
    assert_eq!(stage(&late.board, deal), Stage::OnLoan);
    assert_eq!(waits(&late.board, deal), [(AUNT_XIAO, Step::Return)]);
}

#[test]
fn master_wang_mends_aunt_huangs_tap_and_both_say_how_it_was() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    phone.agrees(AUNT_HUANG, deal).unwrap();
    let row = phone.board.deal(&deal).unwrap();
    assert_eq!((row.giver, row.receiver), (MASTER_WANG, AUNT_HUANG));
    assert_eq!(waits(&phone.board, deal), [(MASTER_WANG, Step::Done), (AUNT_HUANG, Step::Done)]);

    let review = Review { deal, stars: 5, text: "手艺好".into(), at: Instant(9) };
    assert_eq!(phone.board.check_review(AUNT_HUANG, &review), Err(Refusal::NotFinished));
    let mut said = records("黄阿姨", vec![tap()]);
    said.reviews.push(review.clone());
    let changed = phone.board.set_records(AUNT_HUANG, said.clone());
    assert!(changed.is_empty(), "a review of an unfinished deal is not shown");

    phone.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    assert_eq!(phone.board.reviews().count(), 0);
    phone.does(AUNT_HUANG, DealAct::Done { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Done);
    assert_eq!(standing(&phone.board, AUNT_HUANG, TAP), (ListingStage::Done, Some(deal)));

    let about: Vec<_> = phone.board.reviews_about(&MASTER_WANG).collect();
    assert_eq!(about.len(), 1);
    assert_eq!((about[0].by, about[0].review.stars), (AUNT_HUANG, 5));
    assert_eq!(phone.board.next_step(&deal, &AUNT_HUANG), None);
    assert_eq!(phone.board.next_step(&deal, &MASTER_WANG), Some(Step::Review));
    assert_eq!(phone.board.check_review(MASTER_WANG, &review), Ok(()));

    // Somebody else's word about the deal is never shown.
    let mut meddling = records("路人", vec![]);
    meddling.reviews.push(review);
    phone.board.set_records(STRANGER, meddling);
    assert_eq!(phone.board.reviews().count(), 1);

    // What he answers to it stays, also when a device is closed and the deals are counted anew.
    let mut answers = records("王师傅", vec![calligraphy(), books()]);
    answers.replies.push(Reply { deal, text: "客气了".into(), at: Instant(10) });
    phone.board.set_records(MASTER_WANG, answers);
    let replied = |board: &Board| board.reviews_about(&MASTER_WANG).map(|row| row.reply.is_some()).collect::<Vec<_>>();
    assert_eq!(replied(&phone.board), [true]);
    phone.board.forget_acts();
    assert!(replied(&phone.board).is_empty());
    let acts = phone.acts.clone();
    acts.into_iter().for_each(|act| drop(phone.board.add_act(act)));
    assert_eq!(replied(&phone.board), [true]);

    said.reviews.clear();
    let changed = phone.board.set_records(AUNT_HUANG, said);
    assert!(changed.reviews_about.contains(&MASTER_WANG) && changed.listings.is_empty());
    assert_eq!(phone.board.reviews().count(), 0);
}

#[test]
fn a_lesson_serves_many_and_a_gift_is_given_once() {
    let mut phone = Device::new("phone");
    for pupil in [MA_LE, AUNT_XIAO, AUNT_HUANG] {
        let deal = phone.answers(pupil, MASTER_WANG, &calligraphy()).unwrap();
        assert_eq!(standing(&phone.board, MASTER_WANG, CALLIGRAPHY).0, ListingStage::Answered);
        phone.agrees(MASTER_WANG, deal).unwrap();
        assert_eq!(standing(&phone.board, MASTER_WANG, CALLIGRAPHY), (ListingStage::Open, None));
    }
    assert!(phone.board.deals().all(|deal| deal.stage == Stage::Agreed));

    let deal = phone.answers(MA_LE, MASTER_WANG, &books()).unwrap();
    phone.agrees(MASTER_WANG, deal).unwrap();
    phone.does(MA_LE, DealAct::Done { deal }).unwrap();
    phone.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    assert_eq!(standing(&phone.board, MASTER_WANG, BOOKS), (ListingStage::Done, Some(deal)));
    assert_eq!(phone.answers(AUNT_XIAO, MASTER_WANG, &books()), Err(Refusal::ListingTaken));
}

#[test]
fn two_accepts_of_one_need_while_apart_have_one_winner_in_every_order() {
    let mut phone = Device::new("phone");
    let wang = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    let ma = phone.answers(MA_LE, AUNT_HUANG, &tap()).unwrap();
    let mut tablet = Device::new("tablet");
    tablet.hears(&phone);
    phone.agrees(AUNT_HUANG, wang).unwrap();
    tablet.agrees(AUNT_HUANG, ma).unwrap();
    assert_eq!((stage(&phone.board, wang), stage(&tablet.board, ma)), (Stage::Agreed, Stage::Agreed));

    let acts = [phone.acts[0], phone.acts[1], phone.acts[2], tablet.acts[2]];
    let (winner, loser) = if wang < ma { (wang, ma) } else { (ma, wang) };
    for order in orders(&acts) {
        let mut board = Device::new("any").board;
        for act in order {
            board.add_act(act);
        }
        assert_eq!(stage(&board, winner), Stage::Agreed);
        assert_eq!((stage(&board, loser), board.winner_of(&loser).map(|won| won.deal)), (Stage::Lost, Some(winner)));
        assert_eq!(standing(&board, AUNT_HUANG, TAP), (ListingStage::Agreed, Some(winner)));
        assert_eq!(board.deal(&loser).unwrap().waits_for(), []);
    }
}

/// 黄阿姨's phone agreed with 王师傅, her tablet with 马乐; the device knows both, and which has the smaller id.
fn agreed_twice() -> (Device, (DealId, MemberId), (DealId, MemberId)) {
    let mut phone = Device::new("phone");
    let wang = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    let ma = phone.answers(MA_LE, AUNT_HUANG, &tap()).unwrap();
    for deal in [wang, ma] {
        phone.forces(AUNT_HUANG, DealAct::Agree { deal, hold: Hold::Once { after: None } });
    }
    let (wang, ma) = ((wang, MASTER_WANG), (ma, MA_LE));
    if wang < ma { (phone, wang, ma) } else { (phone, ma, wang) }
}

#[test]
fn the_furthest_wins_then_the_one_that_the_owner_has_confirmed() {
    let (mut phone, smaller, larger) = agreed_twice();
    assert_eq!(stage(&phone.board, larger.0), Stage::Lost);
    assert_eq!(phone.board.winner_of(&larger.0), Some(Winner { deal: smaller.0, further: false }));
    // On a device that was apart, she had already said that the other one was there.
    phone.forces(AUNT_HUANG, DealAct::Done { deal: larger.0 });
    assert_eq!((stage(&phone.board, smaller.0), stage(&phone.board, larger.0)), (Stage::Lost, Stage::Agreed));
    assert_eq!(phone.board.winner_of(&smaller.0), Some(Winner { deal: larger.0, further: true }));
    assert_eq!(phone.board.winner_of(&larger.0), None);
    // On a third, both sides of the first deal had.
    phone.forces(smaller.1, DealAct::Done { deal: smaller.0 });
    phone.forces(AUNT_HUANG, DealAct::Done { deal: smaller.0 });
    assert_eq!((stage(&phone.board, smaller.0), stage(&phone.board, larger.0)), (Stage::Done, Stage::Lost));
    assert_eq!(standing(&phone.board, AUNT_HUANG, TAP), (ListingStage::Done, Some(smaller.0)));
    // What both sides of the loser had confirmed too is a fact beside it: nothing that both signed is undone.
    phone.forces(larger.1, DealAct::Done { deal: larger.0 });
    assert_eq!((stage(&phone.board, smaller.0), stage(&phone.board, larger.0)), (Stage::Done, Stage::Done));
}

#[test]
fn the_loser_cannot_confirm_himself_into_the_place_of_the_winner() {
    let (mut phone, winner, loser) = agreed_twice();
    phone.forces(loser.1, DealAct::Done { deal: loser.0 });
    assert_eq!((stage(&phone.board, winner.0), stage(&phone.board, loser.0)), (Stage::Agreed, Stage::Lost));
}

/// 黄阿姨 agreed with 马乐, who called off; then with 王师傅, whose deal has the larger id.
fn called_off_and_given_to_another() -> (Device, DealId, DealId) {
    let mut phone = Device::new("phone");
    let wang = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    // Whoever writes the answer can write it until its hash is small.
    let ma = loop {
        let ma = phone.answers(MA_LE, AUNT_HUANG, &tap()).unwrap();
        if ma < wang {
            break ma;
        }
        phone.does(MA_LE, DealAct::CallOff { deal: ma }).unwrap();
    };
    phone.agrees(AUNT_HUANG, ma).unwrap();
    phone.does(MA_LE, DealAct::CallOff { deal: ma }).unwrap();
    phone.agrees(AUNT_HUANG, wang).unwrap();
    assert_eq!((phone.hold(ma), stage(&phone.board, wang)), (Hold::Once { after: Some(wang) }, Stage::Agreed));
    (phone, ma, wang)
}

#[test]
fn a_confirmation_after_ones_own_call_off_counts_for_nothing() {
    let (mut phone, ma, wang) = called_off_and_given_to_another();
    phone.forces(MA_LE, DealAct::Done { deal: ma });
    assert_eq!((stage(&phone.board, ma), stage(&phone.board, wang)), (Stage::CalledOff, Stage::Agreed));
    // Even where nobody else has a claim.
    phone.does(AUNT_HUANG, DealAct::CallOff { deal: wang }).unwrap();
    assert_eq!(stage(&phone.board, ma), Stage::CalledOff);
    assert_eq!(standing(&phone.board, AUNT_HUANG, TAP), (ListingStage::Open, None));
}

#[test]
fn who_called_off_once_takes_the_place_from_nobody_from_whichever_journal() {
    let (phone, ma, wang) = called_off_and_given_to_another();
    // From a second journal, nobody can tell which was first: the confirmation binds him, behind 王师傅.
    let mut second = Device::new("second");
    second.hears(&phone);
    second.forces(MA_LE, DealAct::Done { deal: ma });
    assert_eq!((stage(&second.board, ma), stage(&second.board, wang)), (Stage::Lost, Stage::Agreed));
    assert_eq!(second.board.winner_of(&ma), Some(Winner { deal: wang, further: true }));
    // The same from another branch of his journal.
    let mut forked = phone.clone();
    forked.forces_at(MA_LE, 0, DealAct::Done { deal: ma });
    assert_eq!((stage(&forked.board, ma), stage(&forked.board, wang)), (Stage::Lost, Stage::Agreed));
    // And what 黄阿姨 had confirmed on the called-off deal makes it a fact beside the other, no more.
    for mut device in [phone, second, forked] {
        device.forces(AUNT_HUANG, DealAct::Done { deal: ma });
        device.forces(MA_LE, DealAct::Done { deal: ma });
        assert_eq!((stage(&device.board, ma), stage(&device.board, wang)), (Stage::Done, Stage::Agreed));
        assert_eq!(standing(&device.board, AUNT_HUANG, TAP), (ListingStage::Agreed, Some(wang)));
    }
}

#[test]
fn a_fork_undoes_nothing_that_both_have_confirmed() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    phone.agrees(AUNT_HUANG, deal).unwrap();
    phone.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    phone.does(AUNT_HUANG, DealAct::Done { deal }).unwrap();
    phone.forces_at(MASTER_WANG, 1, DealAct::CallOff { deal });
    assert_eq!(stage(&phone.board, deal), Stage::Done);
}

#[test]
fn a_crowd_of_answers_agreed_apart_changes_two_rows_at_a_time() {
    let mut phone = Device::new("phone");
    let terms = terms(AUNT_HUANG, &tap());
    let mut deals: Vec<DealId> = (0..200).map(|_| phone.forces(MA_LE, DealAct::Answer { terms })).collect();
    // Each wins against all before it.
    deals.sort_unstable_by(|a, b| b.cmp(a));
    let mut board = phone.board.clone();
    for deal in &deals {
        phone.forces(AUNT_HUANG, DealAct::Agree { deal: *deal, hold: Hold::Once { after: None } });
        let changed = board.add_act(*phone.acts.last().unwrap());
        assert!(changed.deals.len() <= 2, "{} rows for one agreement", changed.deals.len());
    }
    let least = *deals.last().unwrap();
    assert!(deals.iter().all(|deal| *deal == least || board.winner_of(deal).is_some_and(|won| won.deal == least)));
}

#[test]
fn when_the_winner_is_called_off_the_next_is_agreed_again() {
    let (mut phone, smaller, larger) = agreed_twice();
    phone.does(smaller.1, DealAct::CallOff { deal: smaller.0 }).unwrap();
    assert_eq!((stage(&phone.board, smaller.0), stage(&phone.board, larger.0)), (Stage::CalledOff, Stage::Agreed));
    assert_eq!(phone.board.last_hold(&AUNT_HUANG, &TAP), Some(larger.0));
    phone.does(AUNT_HUANG, DealAct::CallOff { deal: larger.0 }).unwrap();
    assert_eq!(standing(&phone.board, AUNT_HUANG, TAP), (ListingStage::Open, None));
    assert_eq!(phone.board.last_hold(&AUNT_HUANG, &TAP), None);
    // Both may answer again.
    assert!(phone.answers(smaller.1, AUNT_HUANG, &tap()).is_ok());
}

#[test]
fn who_has_confirmed_is_bound_and_who_has_not_can_leave() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    phone.agrees(AUNT_HUANG, deal).unwrap();
    phone.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    // The one who confirmed alone cannot hold the other …
    let mut left = phone.clone();
    left.does(AUNT_HUANG, DealAct::CallOff { deal }).unwrap();
    assert_eq!(stage(&left.board, deal), Stage::CalledOff);
    assert_eq!(standing(&left.board, AUNT_HUANG, TAP), (ListingStage::Open, None));
    // … not even by saying so again later; and he cannot leave himself.
    left.forces(MASTER_WANG, DealAct::Done { deal });
    assert_eq!(stage(&left.board, deal), Stage::CalledOff);
    phone.forces(MASTER_WANG, DealAct::CallOff { deal });
    assert_eq!(stage(&phone.board, deal), Stage::Agreed);
    // What both have confirmed is not undone by anybody.
    phone.does(AUNT_HUANG, DealAct::Done { deal }).unwrap();
    phone.forces(AUNT_HUANG, DealAct::CallOff { deal });
    assert_eq!(stage(&phone.board, deal), Stage::Done);
}

#[test]
fn a_called_off_deal_gives_the_same_in_every_order() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    phone.forces(AUNT_XIAO, DealAct::Agree { deal, hold: Hold::Once { after: None } });
    phone.forces(MA_LE, DealAct::CallOff { deal });
    phone.forces(AUNT_XIAO, DealAct::HandOver { deal });
    phone.forces(STRANGER, DealAct::HandOver { deal });
    for order in orders(&phone.acts) {
        let mut board = Device::new("any").board;
        for act in order {
            board.add_act(act);
        }
        assert_eq!(stage(&board, deal), Stage::CalledOff);
        assert_eq!(digest(&board), digest(&phone.board));
    }
    assert_eq!(phone.board.deal(&deal).unwrap().entries.len(), 4, "the stranger's entry is not part of it");
}

#[test]
fn without_an_agreement_nothing_counts_but_a_call_off() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    for by in [MASTER_WANG, AUNT_HUANG] {
        phone.forces(by, DealAct::Done { deal });
    }
    // The answerer cannot agree for the owner, nor can a stranger.
    for by in [MASTER_WANG, STRANGER] {
        phone.forces(by, DealAct::Agree { deal, hold: Hold::Many });
    }
    assert_eq!(stage(&phone.board, deal), Stage::Answered);
    phone.does(AUNT_HUANG, DealAct::CallOff { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::CalledOff);
}

#[test]
fn acts_wait_for_the_answer_they_are_about() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    phone.agrees(AUNT_XIAO, deal).unwrap();
    let mut board = Device::new("late").board;
    assert!(board.add_act(phone.acts[1]).is_empty());
    assert_eq!(board.deal(&deal), None);
    let changed = board.add_act(phone.acts[0]);
    assert!(changed.deals.contains(&deal) && changed.listings.contains(&(AUNT_XIAO, TOOL_BOX)));
    assert_eq!(stage(&board, deal), Stage::Agreed);
    assert!(board.add_act(phone.acts[0]).is_empty(), "what came before changes nothing");
}

#[test]
fn a_malformed_answer_opens_nothing() {
    let mut phone = Device::new("phone");
    let mut dear = terms(AUNT_XIAO, &tool_box());
    dear.points = kaifong_domain::Points(u32::MAX);
    let deal = phone.forces(MA_LE, DealAct::Answer { terms: dear });
    assert_eq!(phone.board.deal(&deal), None);
    let deal = phone.forces(AUNT_XIAO, DealAct::Answer { terms: terms(AUNT_XIAO, &tool_box()) });
    assert_eq!(phone.board.deal(&deal), None);
}

#[test]
fn a_closed_listing_stays_closed_and_its_deal_goes_on() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MASTER_WANG, AUNT_HUANG, &tap()).unwrap();
    phone.agrees(AUNT_HUANG, deal).unwrap();
    let mut closed = tap();
    closed.closed_at = Some(Instant(77));
    let changed = phone.board.set_records(AUNT_HUANG, records("黄阿姨", vec![closed]));
    assert_eq!(changed.listings.len(), 1);
    assert_eq!(standing(&phone.board, AUNT_HUANG, TAP), (ListingStage::Closed, Some(deal)));
    phone.does(MASTER_WANG, DealAct::Done { deal }).unwrap();
    phone.does(AUNT_HUANG, DealAct::Done { deal }).unwrap();
    assert_eq!(stage(&phone.board, deal), Stage::Done);
    assert_eq!(standing(&phone.board, AUNT_HUANG, TAP), (ListingStage::Closed, Some(deal)));
}

#[test]
fn a_need_for_a_ladder_may_be_met_by_a_loan_and_is_met_then() {
    let ladder = listing(ListingId([15; 16]), Side::Need, Some(kaifong_domain::record::Kind::Item), None, "借梯子");
    let mut phone = Device::new("phone");
    phone.board.set_records(AUNT_HUANG, records("黄阿姨", vec![ladder.clone()]));
    let mut lent = terms(AUNT_HUANG, &ladder);
    lent.due_at = Some(FRIDAY);
    let deal = phone.does(MA_LE, DealAct::Answer { terms: lent }).unwrap();
    phone.agrees(AUNT_HUANG, deal).unwrap();
    for by in [MA_LE, AUNT_HUANG] {
        phone.does(by, DealAct::Return { deal }).unwrap();
    }
    assert_eq!(standing(&phone.board, AUNT_HUANG, ladder.id), (ListingStage::Done, Some(deal)));
}

#[test]
fn a_members_deals_stay_when_their_words_go() {
    let mut phone = Device::new("phone");
    let deal = phone.answers(MA_LE, AUNT_XIAO, &tool_box()).unwrap();
    let changed = phone.board.set_records(AUNT_XIAO, Records::default());
    assert!(changed.profiles.contains(&AUNT_XIAO) && changed.listings.contains(&(AUNT_XIAO, TOOL_BOX)));
    assert_eq!(phone.board.find_listing(&TOOL_BOX), None);
    assert_eq!(stage(&phone.board, deal), Stage::Answered);
    // Her words come again, and where the listing stands comes with them.
    phone.board.set_records(AUNT_XIAO, records("肖阿姨", vec![tool_box()]));
    assert_eq!(standing(&phone.board, AUNT_XIAO, TOOL_BOX), (ListingStage::Answered, None));
}

#[test]
fn a_copied_listing_id_does_not_hide_the_owners_listing_from_who_knows_the_owner() {
    let mut phone = Device::new("phone");
    phone.board.set_records(MA_LE, records("马乐", vec![tool_box()]));
    assert_eq!(phone.board.find_listing(&TOOL_BOX).unwrap().owner, MA_LE, "the smaller member id");
    assert_eq!(phone.board.listing(&AUNT_XIAO, &TOOL_BOX).unwrap().owner, AUNT_XIAO);
    let deal = phone.answers(MASTER_WANG, AUNT_XIAO, &tool_box()).unwrap();
    assert_eq!(standing(&phone.board, MA_LE, TOOL_BOX), (ListingStage::Open, None));
    assert_eq!(phone.board.deals_of(&AUNT_XIAO, &TOOL_BOX).next().unwrap().id, deal);
}
