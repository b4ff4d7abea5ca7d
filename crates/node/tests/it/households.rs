//! A family of three in one unit, each with a device and a key of her own, between real devices on loopback.

use std::path::Path;

use kaifong_domain::place::{BlockKind, Dwelling, PlaceId};
use kaifong_domain::record::{Kind, Profile, Side};
use kaifong_domain::rows::Stage;
use kaifong_domain::{DeviceId, MemberId, Points, Refusal};
use kaifong_node::store::{SledStore, Space, Store, StoreKey};
use kaifong_node::trust::entry::Role;
use kaifong_node::trust::envelope::{Claim, Residence};
use kaifong_node::trust::invite::Ticket;
use kaifong_node::{
    Application, ApplicationState, BlockDraft, Command, Done, Draft, EpochDraft, Handle, Node, NodeError, Way,
    ZoneDraft,
};

use crate::house::{application, invite, open, until};

const NUMBER: &str = "13912345678";

fn profile(name: &str) -> Profile {
    Profile { name: name.into(), block: String::new(), about: String::new(), place: None }
}

fn south() -> Vec<ZoneDraft> {
    let block = |name: &str| BlockDraft { id: None, name: name.into(), kind: BlockKind::Tower };
    vec![ZoneDraft { id: None, name: "南块".into(), blocks: vec![block("1栋"), block("3栋")] }]
}

/// 李叔's building with its map; gives the poster's ticket.
async fn building(li: &Handle) -> Ticket {
    li.command(Command::Found { building: "荷塘小区".into(), profile: profile("李叔") }).await.unwrap();
    let draft = EpochDraft { places: Some(south()), ..EpochDraft::default() };
    li.command(Command::DraftEpoch(draft)).await.unwrap();
    invite(li).await
}

/// Somebody asks to join, and picks a door of 3栋 once the building has shown its map.
async fn ask(newcomer: &Handle, ticket: Ticket, name: &str, unit: &str) -> DeviceId {
    let (profile, real_name) = (profile(name), format!("{name}真名"));
    let application = Application { profile, real_name, ..application(Way::Ticket(ticket), name) };
    newcomer.command(Command::Apply(Box::new(application))).await.unwrap();
    let block = until(newcomer, "the map", |node| {
        (node.application_state() == ApplicationState::PickPlace).then_some(())?;
        Some(node.map_to_pick_from()?.blocks().nth(1)?.block?.id)
    })
    .await;
    let at = |block| {
        let dwelling = Dwelling { block, floor: "5".into(), unit: unit.into() };
        Command::PickPlace(Some(Residence { dwelling, claim: Claim::Owner, shows_block: true }))
    };
    let nowhere = newcomer.command(at(PlaceId(7))).await;
    assert_eq!(nowhere, Err(NodeError::Refused(Refusal::PlaceUnknown)));
    newcomer.command(at(block)).await.unwrap();
    newcomer.read(|node| node.device()).await.unwrap()
}

async fn waits(reviewer: &Handle, device: DeviceId) {
    let waits = move |node: &mut Node| node.requests().iter().any(|request| request.device == device).then_some(());
    until(reviewer, "the request", waits).await;
}

async fn join(li: &Handle, newcomer: &Handle, ticket: &Ticket, name: &str, unit: &str, votes: bool) -> MemberId {
    let device = ask(newcomer, ticket.clone(), name, unit).await;
    waits(li, device).await;
    li.command(Command::Approve { device, votes }).await.unwrap();
    until(newcomer, "the certificate", |node| node.me()).await
}

/// Tells whether anything in this data folder has these words, in whatever space, once it is open with its own key.
fn holds(folder: &Path, words: &str) -> bool {
    let seed: [u8; 32] = std::fs::read(folder.join("device.key")).unwrap().try_into().unwrap();
    let store = SledStore::open(&folder.join("store"), &StoreKey::of_secret(&seed)).unwrap().store;
    let mut found = false;
    for space in Space::ALL {
        let within = |bytes: &[u8]| bytes.windows(words.len()).any(|part| part == words.as_bytes());
        store.visit(space, &[], &mut |key, value| found |= within(key) || within(value)).unwrap();
    }
    store.close().unwrap();
    found
}

fn need(title: &str) -> Draft {
    Draft { kind: Some(Kind::Skill), points: Some(Points(6)), ..Draft::of(Side::Need, title) }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_of_one_household_hold_neither_each_others_letters_nor_points() {
    let dirs: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let [li_dir, mother_dir, father_dir, granny_dir] = [0, 1, 2, 3].map(|at| dirs[at].path());
    let li = open(li_dir).await;
    let ticket = building(&li).await;
    let (mother, father, granny) = (open(mother_dir).await, open(father_dir).await, open(granny_dir).await);
    let mother_id = join(&li, &mother, &ticket, "王姐", "502", true).await;
    let father_id = join(&li, &father, &ticket, "老何", "0502室", true).await;
    join(&li, &granny, &ticket, "何奶奶", "2", false).await;

    // One household, by one pseudonym, in which two hold the vote; the third has no mark at all.
    let households = |node: &mut Node| {
        let of = node.home()?.roster().households();
        (node.home()?.roster().members().count() == 4).then_some(of)
    };
    let households = until(&granny, "everybody", households).await;
    assert_eq!(households.len(), 1);
    assert_eq!(households.into_values().next().unwrap(), [mother_id, father_id].into_iter().collect());

    // Mother and 李叔 agree on something and exchange numbers.
    let Done::Posted(listing) = mother.command(Command::Post(need("灯坏了"))).await.unwrap() else { panic!() };
    until(&li, "the need", move |node| node.home()?.board().find_listing(&listing).map(|_| ())).await;
    let answer = Command::Answer { owner: mother_id, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = li.command(answer).await.unwrap() else { panic!() };
    until(&mother, "the answer", move |node| node.home()?.board().deal(&deal).map(|_| ())).await;
    mother.command(Command::Agree { deal }).await.unwrap();
    let agreed = move |node: &mut Node| (node.home()?.board().deal(&deal)?.stage == Stage::Agreed).then_some(());
    until(&li, "the agreement", agreed).await;
    mother.command(Command::OfferPhone { deal, number: NUMBER.into() }).await.unwrap();
    li.command(Command::OfferPhone { deal, number: "110".into() }).await.unwrap();
    let hers = move |node: &mut Node| node.phone_stand(&deal).theirs.map(|_| ());
    until(&li, "her number", hers).await;

    // Mother and father show as one household to each other; the letters pass by the grandmother.
    mother.command(Command::SetKin { member: father_id, wishes: true }).await.unwrap();
    until(&father, "her wish", move |node| {
        node.kin().any(|(of, stand)| of == mother_id && stand.theirs()).then_some(())
    })
    .await;
    assert!(!father.read(move |node| node.is_kin(&mother_id)).await.unwrap(), "one of two is not enough");
    father.command(Command::SetKin { member: mother_id, wishes: true }).await.unwrap();
    until(&mother, "his wish", move |node| node.is_kin(&father_id).then_some(())).await;

    // What is said in the open comes after the letters, and reaches everybody.
    li.command(Command::Done { deal }).await.unwrap();
    mother.command(Command::Done { deal }).await.unwrap();
    let done = move |node: &mut Node| (node.home()?.board().deal(&deal)?.stage == Stage::Done).then_some(());
    for device in [&father, &granny] {
        until(device, "the end of the deal", done).await;
        let refused = device.command(Command::OfferPhone { deal, number: NUMBER.into() }).await;
        assert_eq!(refused, Err(NodeError::Refused(Refusal::NotAParty)));
    }
    let paid = move |node: &mut Node| (node.home()?.ledger().balance(&mother_id) == -6).then_some(());
    until(&father, "her payment", paid).await;
    assert_eq!(father.read(move |node| node.home().unwrap().ledger().balance(&father_id)).await.unwrap(), 0);
    assert_eq!(granny.read(|node| node.kin().count()).await.unwrap(), 0);
    for device in [li, mother, father, granny] {
        device.shutdown().await.unwrap();
    }
    assert!(holds(li_dir, NUMBER) && holds(mother_dir, NUMBER));
    for of_family in [father_dir, granny_dir] {
        assert!(!holds(of_family, NUMBER), "a number that is for somebody else");
        assert!(!holds(of_family, "王姐真名"), "an application that is for reviewers");
    }
    assert!(!holds(granny_dir, "kin/"), "who is whose household is between two");
    let mother = open(mother_dir).await;
    assert!(mother.read(move |node| node.is_kin(&father_id)).await.unwrap(), "it is there after a start");
    mother.command(Command::SetKin { member: father_id, wishes: false }).await.unwrap();
    assert!(!mother.read(move |node| node.is_kin(&father_id)).await.unwrap());
    mother.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_reviewer_learns_the_households_pseudonym_from_the_firsts_certificate() {
    let dirs: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let (li, chen) = (open(dirs[0].path()).await, open(dirs[1].path()).await);
    let ticket = building(&li).await;
    let chen_id = join(&li, &chen, &ticket, "陈姨", "101", false).await;
    li.command(Command::SetRole { member: chen_id, role: Role::Reviewer, held: true }).await.unwrap();
    let reviews = move |node: &mut Node| {
        let roster = node.home()?.roster();
        roster.held(&roster.newest_epoch(), &chen_id, Role::Reviewer).then_some(())
    };
    until(&chen, "her role", reviews).await;
    let (mother, father) = (open(dirs[2].path()).await, open(dirs[3].path()).await);
    let device = ask(&mother, ticket.clone(), "王姐", "502").await;
    waits(&li, device).await;
    waits(&chen, device).await;
    li.command(Command::Approve { device, votes: true }).await.unwrap();
    let mother_id = until(&mother, "the certificate", |node| node.me()).await;
    until(&chen, "the certificate", move |node| node.home()?.roster().member(&mother_id).map(|_| ())).await;
    let device = ask(&father, ticket, "老何", "502").await;
    waits(&chen, device).await;
    let there = move |node: &mut Node| {
        let request = node.requests().into_iter().find(|request| request.device == device)?;
        node.unit_members(&request).unwrap().first().map(|row| (row.member, row.votes))
    };
    assert_eq!(until(&chen, "who is of one unit", there).await, (mother_id, true));
    chen.command(Command::Approve { device, votes: true }).await.unwrap();
    until(&father, "the certificate", |node| node.me()).await;
    let one = |node: &mut Node| {
        let households = node.home()?.roster().households();
        households.values().any(|of| of.len() == 2).then_some(households.len())
    };
    assert_eq!(until(&mother, "both votes", one).await, 1);
    for device in [li, chen, mother, father] {
        device.shutdown().await.unwrap();
    }
}
