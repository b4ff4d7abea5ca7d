//! Phone numbers by mutual consent, between real devices on loopback: who holds a number when, and who never does.

use std::path::Path;

use kaifong_domain::record::{Kind, Side};
use kaifong_domain::rows::Stage;
use kaifong_domain::{DealId, MemberId, Points, Refusal};
use kaifong_node::store::{SledStore, Space, Store, StoreKey};
use kaifong_node::trust::invite::Ticket;
use kaifong_node::{Command, Done, Draft, Handle, Node, NodeError, PhoneStand, Way};

use crate::house::{application, invite, open, profile, until};

const CHEN_NUMBER: &str = "13512345601";
const LI_NUMBER: &str = "020-8765-4302";

async fn join(reviewer: &Handle, newcomer: &Handle, ticket: Ticket, name: &str) -> MemberId {
    let application = application(Way::Ticket(ticket), name);
    newcomer.command(Command::Apply(Box::new(application))).await.unwrap();
    let device = newcomer.read(|node| node.device()).await.unwrap();
    let waits = move |node: &mut Node| node.requests().iter().any(|request| request.device == device).then_some(());
    until(reviewer, "the request", waits).await;
    reviewer.command(Command::Approve { device, votes: false }).await.unwrap();
    until(newcomer, "the certificate", |node| node.me()).await
}

/// 李叔's building with 陈姨 and 王师傅 in it.
async fn street(li: &Handle, chen: &Handle, wang: &Handle) -> MemberId {
    li.command(Command::Found { building: "红棉里".into(), profile: profile("李叔") }).await.unwrap();
    let ticket = invite(li).await;
    let chen_id = join(li, chen, ticket.clone(), "陈姨").await;
    join(li, wang, ticket, "王师傅").await;
    chen_id
}

/// 李叔 helps 陈姨 with her tap: agreed, and known to both.
async fn agreed(li: &Handle, chen: &Handle, chen_id: MemberId) -> DealId {
    let need =
        Draft { kind: Some(Kind::Skill), points: Some(Points(0)), ..Draft::of(Side::Need, "厨房水龙头滴水") };
    let Done::Posted(listing) = chen.command(Command::Post(need)).await.unwrap() else { panic!() };
    until(li, "the need", move |node| node.home()?.board().find_listing(&listing).map(|_| ())).await;
    let answer = Command::Answer { owner: chen_id, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = li.command(answer).await.unwrap() else { panic!() };
    until(chen, "the answer", move |node| node.home()?.board().deal(&deal).map(|_| ())).await;
    let early = chen.command(Command::OfferPhone { deal, number: CHEN_NUMBER.into() }).await;
    assert_eq!(early, Err(NodeError::Refused(Refusal::WrongStage { stage: "answered" })));
    chen.command(Command::Agree { deal }).await.unwrap();
    let stands = move |node: &mut Node| (node.home()?.board().deal(&deal)?.stage == Stage::Agreed).then_some(());
    until(li, "the agreement", stands).await;
    deal
}

async fn stand(device: &Handle, deal: DealId) -> PhoneStand {
    device.read(move |node| node.phone_stand(&deal)).await.unwrap()
}

/// Waits until the exchange stands so.
async fn stands(device: &Handle, deal: DealId, what: &str, wanted: fn(&PhoneStand) -> bool) -> PhoneStand {
    until(device, what, move |node| Some(node.phone_stand(&deal)).filter(wanted)).await
}

/// Tells whether anything that the device has kept, unsealed with its own key, holds these characters.
fn holds(folder: &Path, digits: &str) -> bool {
    let seed: [u8; 32] = std::fs::read(folder.join("device.key")).unwrap().try_into().unwrap();
    let store = SledStore::open(&folder.join("store"), &StoreKey::of_secret(&seed)).unwrap().store;
    let mut found = false;
    for space in Space::ALL {
        let within = |bytes: &[u8]| bytes.windows(digits.len()).any(|part| part == digits.as_bytes());
        store.visit(space, &[], &mut |key, value| found |= within(key) || within(value)).unwrap();
    }
    store.close().unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_travels_once_both_have_consented_and_a_third_household_never_holds_it() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let [li_dir, chen_dir, wang_dir] = [dirs[0].path(), dirs[1].path(), dirs[2].path()];
    let (li, chen, wang) = (open(li_dir).await, open(chen_dir).await, open(wang_dir).await);
    let chen_id = street(&li, &chen, &wang).await;
    let deal = agreed(&li, &chen, chen_id).await;

    chen.command(Command::OfferPhone { deal, number: CHEN_NUMBER.into() }).await.unwrap();
    let heard = stands(&li, deal, "her offer", |stand| stand.offered).await;
    assert_eq!((heard.mine, heard.theirs), (None, None));
    let projection = |node: &mut Node| node.home().unwrap().projection();
    let before = li.read(projection).await.unwrap();

    li.command(Command::OfferPhone { deal, number: LI_NUMBER.into() }).await.unwrap();
    let his = stands(&li, deal, "her number", |stand| stand.theirs.is_some()).await;
    let hers = stands(&chen, deal, "his number", |stand| stand.theirs.is_some()).await;
    assert_eq!((his.theirs.as_deref(), hers.theirs.as_deref()), (Some(CHEN_NUMBER), Some(LI_NUMBER)));
    assert_eq!(li.read(projection).await.unwrap(), before, "nothing of it is in a document or a journal");

    let refused = wang.command(Command::OfferPhone { deal, number: "110".into() }).await;
    until(&wang, "the deal", move |node| node.home()?.board().deal(&deal).map(|_| ())).await;
    let known = wang.command(Command::OfferPhone { deal, number: "110".into() }).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(known, Err(NodeError::Refused(Refusal::NotAParty)));
    assert_eq!(stand(&wang, deal).await, PhoneStand::default());
    // What both say in the open comes after the letters, and reaches him: so the letters have come his way too.
    chen.command(Command::Done { deal }).await.unwrap();
    li.command(Command::Done { deal }).await.unwrap();
    let done = move |node: &mut Node| (node.home()?.board().deal(&deal)?.stage == Stage::Done).then_some(());
    until(&wang, "the end of the deal", done).await;

    for device in [li, chen, wang] {
        device.shutdown().await.unwrap();
    }
    for number in [CHEN_NUMBER, LI_NUMBER] {
        assert!(holds(li_dir, number) && holds(chen_dir, number), "{number} is kept by both");
        assert!(!holds(wang_dir, number), "{number} is with somebody whom it does not concern");
    }
    let chen = open(chen_dir).await;
    assert_eq!(stand(&chen, deal).await.theirs.as_deref(), Some(LI_NUMBER), "it is there after a start");
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_alone_tells_no_number_and_one_taken_back_leaves_none_behind() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let [li_dir, chen_dir, wang_dir] = [dirs[0].path(), dirs[1].path(), dirs[2].path()];
    let (li, chen, wang) = (open(li_dir).await, open(chen_dir).await, open(wang_dir).await);
    let chen_id = street(&li, &chen, &wang).await;
    let deal = agreed(&li, &chen, chen_id).await;
    for wrong in ["", "打我", "12"] {
        assert!(chen.command(Command::OfferPhone { deal, number: wrong.into() }).await.is_err(), "{wrong:?}");
    }

    chen.command(Command::OfferPhone { deal, number: CHEN_NUMBER.into() }).await.unwrap();
    stands(&li, deal, "her offer", |stand| stand.offered).await;
    chen.command(Command::WithdrawPhone { deal }).await.unwrap();
    stands(&li, deal, "that she takes it back", |stand| stand.they_withdrew).await;
    // His consent finds none of hers any more.
    li.command(Command::OfferPhone { deal, number: LI_NUMBER.into() }).await.unwrap();
    stands(&chen, deal, "his offer", |stand| stand.offered).await;
    assert_eq!(stand(&chen, deal).await.theirs, None);
    li.shutdown().await.unwrap();
    assert!(!holds(li_dir, CHEN_NUMBER), "the number of who took the offer back never came");

    // She changes her mind: both have consented again, also after a start.
    let li = open(li_dir).await;
    let (door, at) = (chen.read(|node| node.device()).await.unwrap(), chen.addresses());
    li.read(move |node| node.learn_door(door, at)).await.unwrap();
    chen.command(Command::OfferPhone { deal, number: CHEN_NUMBER.into() }).await.unwrap();
    stands(&li, deal, "her number", |stand| stand.theirs.is_some()).await;
    stands(&chen, deal, "his number", |stand| stand.theirs.is_some()).await;
    li.command(Command::WithdrawPhone { deal }).await.unwrap();
    let gone = stand(&li, deal).await;
    assert_eq!((gone.mine, gone.theirs, gone.withdrawn), (None, None, true));
    stands(&chen, deal, "that he takes it back", |stand| stand.they_withdrew && stand.theirs.is_none()).await;
    for device in [li, chen, wang] {
        device.shutdown().await.unwrap();
    }
    assert!(!holds(wang_dir, CHEN_NUMBER) && !holds(wang_dir, LI_NUMBER));
}
