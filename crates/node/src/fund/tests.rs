#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use kaifong_domain::Instant;
use kaifong_store::Store as _;
use kaifong_trust::DeviceKey;
use kaifong_trust::invite::Ticket;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::council::EpochDraft;
use crate::event::Command;
use crate::node::Past;
use crate::room::{DAY_MS, NOON, Room, refused};

const DAY: u32 = 20_600;

fn shift(day: u32, times: u16) -> Purpose {
    Purpose::Act { act: Act::Shift, day, times }
}

fn does(room: &mut Room, who: &'static str, command: FundCommand) -> Result<Done, NodeError> {
    room.does(who, Command::Fund(command))
}

fn grants(room: &mut Room, who: &'static str, whom: &str, purpose: Purpose) -> Result<Done, NodeError> {
    let member = room.member(whom);
    does(room, who, FundCommand::Grant { member, purpose })
}

fn draft(room: &mut Room, budgets: &[(&str, u64)]) -> FundDraft {
    FundDraft {
        starter: Points(20),
        alone: Points(50),
        quota: Points(200),
        rates: BTreeMap::from([(Act::Shift, Points(10)), (Act::Hour, Points(10))]),
        budgets: budgets.iter().map(|(who, points)| (room.member(who), *points)).collect(),
    }
}

/// 李叔 has founded; 陈姨 keeps the fund and was given 500, and 何姐 organises.
fn treasury() -> (Room, Ticket) {
    let (mut room, ticket) = Room::new();
    let (chen, he) = (room.member("陈姨"), room.member("何姐"));
    let roles = BTreeSet::from([(chen, Role::Treasurer), (he, Role::Organiser)]);
    let fund = Some(draft(&mut room, &[("陈姨", 500)]));
    room.does("李叔", Command::DraftEpoch(EpochDraft { roles: Some(roles), fund, ..EpochDraft::default() })).unwrap();
    room.meet("陈姨", "何姐");
    (room, ticket)
}

fn gives(room: &mut Room, budgets: &[(&str, u64)]) -> Result<Done, NodeError> {
    let fund = Some(draft(room, budgets));
    room.does("李叔", Command::DraftEpoch(EpochDraft { fund, ..EpochDraft::default() }))
}

fn balances(room: &Room, who: &str) -> (i64, i64, i64) {
    let home = room.home(who);
    let of = |name: &str| home.ledger().balance(&room.member(name));
    assert_eq!(home.ledger().sum(), 0);
    (home.ledger().balance(&home.fund()), of("陈姨"), of("何姐"))
}

#[test]
fn one_decision_names_a_treasurer_rates_and_a_budget_and_her_device_opens_the_journal_by_itself() {
    let (mut room, _) = treasury();
    let journal = room.phones["陈姨"].node.fund_journal().unwrap();
    assert_eq!(room.home("李叔").roster().now().fund.given(&journal), 500);
    assert_eq!(room.phones["陈姨"].node.budget_left(), 500);
    assert_eq!(room.phones["李叔"].node.fund_journal(), None, "nobody else keeps one");
    grants(&mut room, "陈姨", "何姐", shift(DAY, 2)).unwrap();
    grants(&mut room, "陈姨", "何姐", Purpose::Starter).unwrap();
    for who in ["李叔", "陈姨", "何姐"] {
        assert_eq!(balances(&room, who), (-40, 0, 40), "{who}");
    }
    assert_eq!(room.phones["陈姨"].node.budget_left(), 460);
}

#[test]
fn above_the_limit_a_second_person_agrees_on_their_own_device_and_then_it_is_granted() {
    let (mut room, _) = treasury();
    let li = room.member("李叔");
    let Done::Listed(list) = grants(&mut room, "陈姨", "李叔", shift(DAY, 6)).unwrap() else { panic!() };
    assert_eq!(grants(&mut room, "陈姨", "李叔", shift(DAY, 1)), refused(Refusal::GrantedAlready), "it waits already");
    assert_eq!(balances(&room, "李叔").0, 0);
    // Neither she nor he who gets it; only who may.
    assert_eq!(does(&mut room, "陈姨", FundCommand::Second { list }), refused(Refusal::NotImpartial));
    assert_eq!(does(&mut room, "李叔", FundCommand::Second { list }), refused(Refusal::NotImpartial));
    does(&mut room, "何姐", FundCommand::Second { list }).unwrap();
    assert_eq!(room.home("何姐").ledger().balance(&li), 60);
    let known = room.home("李叔").grant_list(&list).unwrap();
    assert_eq!((known.granted, known.seconded.len()), (1, 1));
}

#[test]
fn for_her_own_account_too_the_treasurer_needs_somebody_else() {
    let (mut room, _) = treasury();
    let Done::Listed(list) = grants(&mut room, "陈姨", "陈姨", shift(DAY, 1)).unwrap() else { panic!() };
    does(&mut room, "何姐", FundCommand::Second { list }).unwrap();
    assert_eq!(balances(&room, "何姐"), (-10, 10, 0));
}

#[test]
fn a_list_that_was_taken_back_is_granted_by_nobody() {
    let (mut room, _) = treasury();
    let Done::Listed(list) = grants(&mut room, "陈姨", "李叔", shift(DAY, 6)).unwrap() else { panic!() };
    assert_eq!(does(&mut room, "何姐", FundCommand::Unlist { list }), refused(Refusal::ListUnknown), "it is not hers");
    does(&mut room, "陈姨", FundCommand::Unlist { list }).unwrap();
    assert_eq!(does(&mut room, "何姐", FundCommand::Second { list }), refused(Refusal::ListUnknown));
    assert_eq!(balances(&room, "李叔").0, 0);
    assert!(
        matches!(grants(&mut room, "陈姨", "李叔", shift(DAY, 6)), Ok(Done::Listed(_))),
        "and can be laid out anew"
    );
}

#[test]
fn who_may_be_granted_what_is_told_in_an_order() {
    let (mut room, ticket) = treasury();
    assert_eq!(
        grants(&mut room, "何姐", "李叔", Purpose::Starter),
        refused(Refusal::RoleMissing { role: "treasurer" })
    );
    let nobody = FundCommand::Grant { member: MemberId([9; 16]), purpose: Purpose::Starter };
    assert_eq!(does(&mut room, "陈姨", nobody), refused(Refusal::MemberUnknown));
    let fund = room.home("陈姨").fund();
    let itself = FundCommand::Grant { member: fund, purpose: Purpose::Starter };
    assert_eq!(does(&mut room, "陈姨", itself), refused(Refusal::MemberUnknown), "the fund is no member");
    for purpose in [shift(DAY, 0), shift(DAY, 101), Purpose::Act { act: Act::Lecture, day: DAY, times: 1 }] {
        assert_eq!(grants(&mut room, "陈姨", "何姐", purpose), refused(Refusal::OffRate));
    }
    assert_eq!(grants(&mut room, "陈姨", "何姐", shift(u32::MAX, 1)), refused(Refusal::OffRate));
    grants(&mut room, "陈姨", "何姐", shift(DAY, 1)).unwrap();
    assert_eq!(grants(&mut room, "陈姨", "何姐", shift(DAY, 3)), refused(Refusal::GrantedAlready));
    // Who has moved out, or has erased what they said.
    room.buys("侯哥", 9);
    room.joins("侯哥", &ticket);
    room.does("侯哥", Command::Leave { ends_at: Some(Instant(NOON)) }).unwrap();
    room.meet("侯哥", "陈姨");
    assert_eq!(grants(&mut room, "陈姨", "侯哥", Purpose::Starter), refused(Refusal::HasLeft));
    room.does("侯哥", Command::Erase).unwrap();
    assert_eq!(grants(&mut room, "陈姨", "侯哥", Purpose::Starter), refused(Refusal::HasLeft));
}

#[test]
fn an_opening_balance_of_nothing_too_much_or_twice_is_refused_and_a_list_is_granted_as_a_whole() {
    let (mut room, _) = treasury();
    let (li, he) = (room.member("李叔"), room.member("何姐"));
    let lists = |lines: &[(MemberId, u32)]| FundCommand::ListOpenings {
        lines: lines.iter().map(|(member, points)| (*member, Points(*points))).collect(),
    };
    for points in [0, 1_000_001, u32::MAX] {
        assert_eq!(does(&mut room, "陈姨", lists(&[(li, points)])), refused(Refusal::TransferMalformed));
    }
    assert_eq!(does(&mut room, "陈姨", lists(&[])), refused(Refusal::ListUnknown));
    assert_eq!(does(&mut room, "陈姨", lists(&[(li, 1), (li, 2)])), refused(Refusal::GrantedAlready));
    let spent = Refusal::BudgetSpent { left: 500, needed: Points(501) };
    assert_eq!(does(&mut room, "陈姨", lists(&[(li, 300), (he, 201)])), refused(spent));
    let Done::Listed(list) = does(&mut room, "陈姨", lists(&[(li, 300), (he, 150)])).unwrap() else { panic!() };
    assert_eq!(balances(&room, "何姐").0, 0);
    does(&mut room, "何姐", FundCommand::Second { list }).unwrap();
    assert_eq!(balances(&room, "何姐"), (-450, 0, 150));
    assert_eq!(does(&mut room, "陈姨", lists(&[(he, 10)])), refused(Refusal::GrantedAlready), "each member's once");
}

#[test]
fn two_treasurers_who_grant_the_same_apart_are_paid_out_once_and_within_their_budgets() {
    let (mut room, ticket) = treasury();
    room.buys("侯哥", 9);
    room.joins("侯哥", &ticket);
    let hou = room.member("侯哥");
    room.does("李叔", Command::SetRole { member: hou, role: Role::Treasurer, held: true }).unwrap();
    gives(&mut room, &[("侯哥", 100)]).unwrap();
    room.goes_off("侯哥");
    grants(&mut room, "陈姨", "何姐", Purpose::Starter).unwrap();
    grants(&mut room, "侯哥", "何姐", Purpose::Starter).unwrap();
    grants(&mut room, "侯哥", "何姐", shift(DAY, 3)).unwrap();
    grants(&mut room, "侯哥", "何姐", shift(DAY + 1, 5)).unwrap();
    let spent = Refusal::BudgetSpent { left: 0, needed: Points(10) };
    assert_eq!(grants(&mut room, "侯哥", "何姐", shift(DAY + 2, 1)), refused(spent));
    room.meet("侯哥", "何姐");
    room.meet("侯哥", "李叔");
    room.meet("李叔", "陈姨");
    assert_eq!(balances(&room, "何姐"), (-100, 0, 100), "one starter grant");
    // What was declined is there again.
    assert_eq!(room.phones["侯哥"].node.budget_left(), 20);
    assert_eq!(room.home("何姐").projection(), room.home("李叔").projection());
}

#[test]
fn a_neighbour_gives_to_the_fund_and_that_can_be_granted_again() {
    let (mut room, _) = treasury();
    assert_eq!(does(&mut room, "何姐", FundCommand::Give { points: Points(0) }), refused(Refusal::TransferMalformed));
    does(&mut room, "何姐", FundCommand::Give { points: Points(30) }).unwrap();
    assert_eq!(balances(&room, "李叔"), (30, 0, -30));
    assert_eq!(room.phones["陈姨"].node.budget_left(), 530);
    let (mut without, _) = Room::new();
    assert_eq!(does(&mut without, "何姐", FundCommand::Give { points: Points(5) }), refused(Refusal::NoFund));
    assert_eq!(grants(&mut without, "李叔", "何姐", Purpose::Starter), refused(Refusal::NoFund));
}

#[test]
fn a_budget_grows_and_goes_to_a_treasurer() {
    let (mut room, _) = treasury();
    gives(&mut room, &[("陈姨", 600)]).unwrap();
    assert_eq!(room.phones["陈姨"].node.budget_left(), 600);
    assert_eq!(gives(&mut room, &[("陈姨", 599)]), refused(Refusal::BudgetReduced { given: 600 }));
    assert_eq!(gives(&mut room, &[("何姐", 10)]), refused(Refusal::RoleMissing { role: "treasurer" }));
    for most in [0, 1_000_000_001] {
        let wrong = Refusal::OutOfRange { field: "budget", least: 1, most: 1_000_000_000 };
        assert_eq!(gives(&mut room, &[("陈姨", most)]), refused(wrong));
    }
    // The founder decides alone, and may keep it alone.
    gives(&mut room, &[("李叔", 40)]).unwrap();
    grants(&mut room, "李叔", "何姐", Purpose::Starter).unwrap();
    assert_eq!(balances(&room, "何姐"), (-20, 0, 20));
}

#[test]
fn nobody_takes_a_grant_of_who_they_know_to_be_a_treasurer_no_longer() {
    let (mut room, _) = treasury();
    let chen = room.member("陈姨");
    room.goes_off("陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Treasurer, held: false }).unwrap();
    // She has not heard of it.
    grants(&mut room, "陈姨", "何姐", Purpose::Starter).unwrap();
    room.meet("陈姨", "何姐");
    assert_eq!(balances(&room, "何姐"), (0, 0, 0));
    let dismissed = Refusal::RoleMissing { role: "treasurer" };
    assert_eq!(grants(&mut room, "陈姨", "何姐", shift(DAY, 1)), refused(dismissed));
    // Nor does it keep a treasurer of today from granting the same.
    room.meet("陈姨", "李叔");
    let li = room.member("李叔");
    room.does("李叔", Command::SetRole { member: li, role: Role::Treasurer, held: true }).unwrap();
    gives(&mut room, &[("李叔", 100)]).unwrap();
    grants(&mut room, "李叔", "何姐", Purpose::Starter).unwrap();
    room.meet("李叔", "何姐");
    assert_eq!(room.home("何姐").ledger().balance(&room.member("何姐")), 20);
    let twice = refused(Refusal::GrantedAlready);
    assert_eq!(grants(&mut room, "李叔", "何姐", Purpose::Starter), twice);
}

#[test]
fn a_device_that_has_lost_its_store_opens_another_fund_journal_and_is_given_to_anew() {
    let (mut room, _) = treasury();
    grants(&mut room, "陈姨", "何姐", Purpose::Starter).unwrap();
    let before = room.phones["陈姨"].node.fund_journal().unwrap();
    // The same store, in doubt.
    room.goes_off("陈姨");
    let phone = room.phones.get_mut("陈姨").unwrap();
    let past = Past { doubt: true, ..Past::default() };
    let rng = ChaCha20Rng::from_seed([77; 32]);
    let key = DeviceKey::from_seed([2; 32]);
    phone.node = crate::node::Node::open(phone.store.clone(), key, rng, Instant(room.now), past).unwrap();
    room.now += DAY_MS;
    room.meet("陈姨", "李叔");
    room.meet("陈姨", "何姐");
    let told = grants(&mut room, "陈姨", "何姐", shift(DAY, 1));
    assert_eq!(
        told,
        refused(Refusal::BudgetSpent { left: 0, needed: Points(10) }),
        "what is left in the old one stays"
    );
    let after = room.phones["陈姨"].node.fund_journal().unwrap();
    assert_ne!(before, after);
    assert_eq!(gives(&mut room, &[("陈姨", 499)]), refused(Refusal::BudgetReduced { given: 500 }));
    gives(&mut room, &[("陈姨", 600)]).unwrap();
    let fund = &room.home("李叔").roster().now().fund;
    assert_eq!((fund.given(&before), fund.given(&after)), (500, 100));
    grants(&mut room, "陈姨", "何姐", shift(DAY, 1)).unwrap();
    assert_eq!(balances(&room, "李叔"), (-30, 0, 30));
    assert!(room.phones["陈姨"].store.get(kaifong_store::Space::Meta, META_FUND).unwrap().is_some());
}
