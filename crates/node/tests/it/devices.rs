//! A member's devices, as real ones on loopback: changed, lost, stolen, brought back from a backup (rules M6 and J2).

use std::path::Path;

use kaifong_domain::record::{Kind, Profile, Side};
use kaifong_domain::{DeviceId, EntryHash, MemberId, Points, Refusal};
use kaifong_node::{ApplicationState, Command, Done, Draft, Handle, Node, NodeError, Told, Way};
use kaifong_trust::entry::Role;
use kaifong_trust::invite::Ticket;
use kaifong_trust::paper::SheetSecret;
use tempfile::TempDir;

use crate::house::{application, invite, open, open_without_network, same, until};

async fn id(device: &Handle) -> DeviceId {
    device.read(|node| node.device()).await.unwrap()
}

async fn meets(one: &Handle, other: &Handle) {
    let (there, at) = (id(other).await, other.addresses());
    one.read(move |node| node.learn_door(there, at)).await.unwrap();
}

fn offer(title: &str) -> Command {
    let (title, kind, points) = (title, Some(Kind::Skill), Some(Points(5)));
    Command::Post(Draft { kind, points, ..Draft::of(Side::Offer, title) })
}

/// 李叔 founds; 陈姨 is his neighbour.
struct House {
    dirs: Vec<TempDir>,
    li: Handle,
    chen: Handle,
    chen_id: MemberId,
    ticket: Ticket,
}

async fn house() -> House {
    let dirs: Vec<_> = (0..5).map(|_| tempfile::tempdir().unwrap()).collect();
    let (li, chen) = (open(dirs[0].path()).await, open(dirs[1].path()).await);
    let profile = Profile { name: "李叔".into(), block: String::new(), about: String::new(), place: None };
    li.command(Command::Found { building: "红棉里".into(), profile }).await.unwrap();
    let ticket = invite(&li).await;
    let chen_id = join(&li, &chen, &ticket, "陈姨").await;
    chen.command(offer("会包云吞")).await.unwrap();
    same(&chen, &li).await;
    House { dirs, li, chen, chen_id, ticket }
}

async fn ask(newcomer: &Handle, ticket: &Ticket, name: &str) {
    let application = application(Way::Ticket(ticket.clone()), name);
    newcomer.command(Command::Apply(Box::new(application))).await.unwrap();
}

async fn join(li: &Handle, newcomer: &Handle, ticket: &Ticket, name: &str) -> MemberId {
    ask(newcomer, ticket, name).await;
    let device = id(newcomer).await;
    until(li, "the request", move |node| node.requests().iter().any(|asked| asked.device == device).then_some(()))
        .await;
    li.command(Command::Approve { device, votes: false }).await.unwrap();
    until(newcomer, "the certificate", |node| node.me()).await
}

async fn sheet(device: &Handle) -> SheetSecret {
    let Done::Sheet(sheet) = device.command(Command::MakeSheet).await.unwrap() else { panic!() };
    sheet
}

async fn end(devices: impl IntoIterator<Item = Handle>) {
    for device in devices {
        device.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_is_closed_at_a_neighbours_and_its_member_comes_back_with_the_sheet() {
    let House { dirs, li, chen, chen_id, ticket } = house().await;
    let paper = sheet(&chen).await;
    same(&chen, &li).await;
    let lost = id(&chen).await;
    chen.shutdown().await.unwrap();
    // The thief uses it with no network.
    let thief = open_without_network(dirs[1].path()).await;
    thief
        .command(Command::LinkDevice { device: DeviceId([9; 32]), seal: kaifong_trust::entry::SealKey([9; 32]) })
        .await
        .unwrap();
    let stolen = thief.read(|node| node.tip().unwrap()).await.unwrap();
    thief.shutdown().await.unwrap();

    li.command(Command::CloseBySheet { sheet: paper.clone() }).await.unwrap();
    let shut = move |node: &mut Node| node.home()?.roster().is_shut(&lost).then_some(());
    until(&li, "it is closed", shut).await;
    let fresh = open(dirs[2].path()).await;
    fresh.command(Command::Recover { way: Way::Ticket(ticket.clone()), sheet: paper.clone() }).await.unwrap();
    assert_eq!(until(&fresh, "the way back", |node| node.me()).await, chen_id);
    until(&fresh, "what she had written", move |node| {
        let mut listings = node.home()?.board().listings_of(&chen_id);
        listings.any(|row| row.listing.title == "会包云吞").then_some(())
    })
    .await;
    fresh.command(offer("会补衣服")).await.unwrap();
    same(&fresh, &li).await;

    // The stolen phone comes back: it is told, turned away, and what it signed reaches nobody.
    let thief = open(dirs[1].path()).await;
    meets(&thief, &li).await;
    until(&thief, "that it is closed", |node| (node.was_told() == Some(Told::Closed)).then_some(())).await;
    let known = li.read(move |node| node.home().unwrap().journals().entry(&stolen).is_some()).await.unwrap();
    assert!(!known);
    // A sheet once more, for another device: neither stands until two reviewers have spoken.
    let other = open(dirs[3].path()).await;
    other.command(Command::Recover { way: Way::Ticket(ticket), sheet: paper }).await.unwrap();
    let device = id(&fresh).await;
    until(&li, "the quarrel", move |node| node.home()?.roster().is_disputed(&chen_id, &device).then_some(())).await;
    until(&fresh, "that it is stopped", |node| {
        (node.application_state() == ApplicationState::Disputed && node.me().is_none()).then_some(())
    })
    .await;
    assert_eq!(other.read(|node| node.me()).await.unwrap(), None);
    end([li, fresh, thief, other]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_takes_the_points_along_and_leaves_a_phone_that_signs_nothing() {
    let House { dirs, li, chen, chen_id, ticket } = house().await;
    let fresh = open(dirs[2].path()).await;
    let (device, seal) = fresh.read(|node| (node.device(), node.seal_key())).await.unwrap();
    let refused = chen.command(Command::ChangeDevice { to: device }).await;
    assert_eq!(refused, Err(NodeError::Refused(Refusal::DeviceUnknown)), "not before the new one has spoken");
    fresh.command(Command::BecomeFurtherDevice { way: Way::Ticket(ticket), member: chen_id }).await.unwrap();
    until(&fresh, "the building", |node| node.home().map(|_| ())).await;
    chen.command(Command::LinkDevice { device, seal }).await.unwrap();
    until(&fresh, "the link", |node| node.me()).await;
    until(&chen, "the new phone's word", move |node| node.home()?.roster().settled(&device).map(|_| ())).await;
    assert_eq!(chen.read(|node| node.can_move()).await.unwrap(), Points(100));
    chen.command(Command::ChangeDevice { to: device }).await.unwrap();
    assert_eq!(chen.read(|node| node.application_state()).await.unwrap(), ApplicationState::Closed);
    let not_yet = Err(NodeError::Refused(Refusal::NotYetMember));
    assert_eq!(chen.command(offer("旧手机上写的")).await, not_yet);
    until(&fresh, "the points, stamped", |node| {
        let tip = node.tip()?;
        let standing = node.home()?.ledger().standing(&tip)?;
        (standing.rights == 100 && node.home()?.ledger().newest_stamp(&tip).is_some()).then_some(())
    })
    .await;
    let li_id = li.read(|node| node.me().unwrap()).await.unwrap();
    fresh.command(Command::Give { to: li_id, points: Points(7) }).await.unwrap();
    until(&li, "a gift from the new phone", move |node| (node.home()?.ledger().balance(&li_id) == 7).then_some(()))
        .await;
    assert_eq!(li.read(|node| node.home().unwrap().ledger().sum()).await.unwrap(), 0);
    end([li, chen, fresh]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reviewers_bring_a_member_back_and_the_living_device_is_told_first() {
    let House { dirs, li, chen, chen_id, ticket } = house().await;
    let he = open(dirs[2].path()).await;
    let he_id = join(&li, &he, &ticket, "何姐").await;
    li.command(Command::SetRole { member: he_id, role: Role::Reviewer, held: true }).await.unwrap();
    until(&he, "the role", move |node| {
        let roster = node.home()?.roster();
        roster.held(&roster.newest_epoch(), &he_id, Role::Reviewer).then_some(())
    })
    .await;
    let ma = open(dirs[4].path()).await;
    let ma_id = join(&li, &ma, &ticket, "马乐").await;
    li.command(Command::SetRole { member: ma_id, role: Role::Reviewer, held: true }).await.unwrap();
    let fresh = open(dirs[3].path()).await;
    ask(&fresh, &ticket, "陈姨").await;
    let device = id(&fresh).await;
    for reviewer in [&li, &he, &ma] {
        let asks = move |node: &mut Node| node.requests().iter().any(|asked| asked.device == device).then_some(());
        until(reviewer, "the request", asks).await;
    }
    li.command(Command::Reapprove { member: chen_id, device: Some(device) }).await.unwrap();
    // Her phone lives, and hears of it before it takes effect; she objects.
    let approval = until(&chen, "that somebody wants to be her", move |node| {
        node.home()?.journals().reapprovals(&chen_id).first().map(|row| row.entry)
    })
    .await;
    chen.command(Command::Object { approval }).await.unwrap();
    let heard = |node: &mut Node| -> Option<Vec<EntryHash>> {
        let home = node.home()?;
        let members = home.roster().members();
        let rows = members.flat_map(|(member, _)| home.journals().reapprovals(member));
        let rows: Vec<_> = rows.filter(|row| row.objected).map(|row| row.entry).collect();
        (!rows.is_empty()).then_some(rows)
    };
    until(&he, "the objection", heard).await;
    he.command(Command::Reapprove { member: chen_id, device: Some(device) }).await.unwrap();
    same(&he, &li).await;
    assert!(
        li.read(move |node| node.home().unwrap().roster().settled(&device).is_none()).await.unwrap(),
        "two do not suffice"
    );

    // A third reviewer knows her, too.
    ma.command(Command::Reapprove { member: chen_id, device: Some(device) }).await.unwrap();
    assert_eq!(until(&fresh, "the way back", |node| node.me()).await, chen_id);
    fresh.command(offer("新手机上写的")).await.unwrap();
    let old = id(&chen).await;
    until(&li, "the lost one is closed", move |node| node.home()?.roster().is_shut(&old).then_some(())).await;
    until(&chen, "and knows it", |node| (node.me().is_none() || node.was_told() == Some(Told::Closed)).then_some(()))
        .await;
    end([li, chen, he, fresh, ma]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_goes_on_as_a_new_journal_and_forks_nothing() {
    let House { dirs, li, chen, chen_id, .. } = house().await;
    chen.shutdown().await.unwrap();
    let backup = dirs[2].path().join("chen");
    copy(dirs[1].path(), &backup);
    let chen = open(dirs[1].path()).await;
    meets(&chen, &li).await;
    chen.command(offer("备份以后写的")).await.unwrap();
    let linked = Command::LinkDevice { device: DeviceId([3; 32]), seal: kaifong_trust::entry::SealKey([3; 32]) };
    chen.command(linked).await.unwrap();
    same(&chen, &li).await;
    chen.shutdown().await.unwrap();

    let restored = open(&backup).await;
    meets(&restored, &li).await;
    let titled = |title: &'static str| {
        move |node: &mut Node| {
            let mut listings = node.home()?.board().listings_of(&chen_id);
            listings.any(|row| row.listing.title == title).then_some(())
        }
    };
    until(&restored, "what was written after the backup", titled("备份以后写的")).await;
    restored.command(offer("恢复以后写的")).await.unwrap();
    let again = Command::LinkDevice { device: DeviceId([4; 32]), seal: kaifong_trust::entry::SealKey([4; 32]) };
    restored.command(again).await.unwrap();
    until(&li, "what was written after the restore", titled("恢复以后写的")).await;
    same(&restored, &li).await;
    let journals = li
        .read(move |node| {
            let home = node.home().unwrap();
            let hers = home.journals().journals().filter(|journal| journal.member == chen_id);
            hers.map(|journal| journal.forked_at()).collect::<Vec<_>>()
        })
        .await
        .unwrap();
    assert_eq!(journals, [None, None], "two journals of one device, neither forked");
    end([li, restored]).await;
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}
