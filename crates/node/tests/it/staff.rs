//! A property firm with two people: each one's words and deeds are theirs.

use kaifong_domain::record::{Kind, Side};
use kaifong_domain::staff::Written;
use kaifong_domain::{DeviceId, ListingId, MemberId, Refusal};
use kaifong_node::{Command, Done, Draft, Handle, NodeError, Way};
use kaifong_trust::entry::MemberKind;

use crate::house::{application, invite, open, profile, same, until};

fn named(device: Option<DeviceId>, name: &str, post: &str, left: bool) -> Command {
    Command::NameStaff { device, name: name.into(), post: post.into(), left }
}

async fn who(device: &Handle, firm: MemberId, at: DeviceId) -> Option<(String, String, bool)> {
    let look = move |node: &mut kaifong_node::Node| {
        let staff = node.home()?.board().staff_at(&firm, &at)?;
        Some((staff.name.clone(), staff.post.clone(), staff.left_at.is_some()))
    };
    device.read(look).await.unwrap()
}

async fn post(device: &Handle, title: &str) -> ListingId {
    let (title, kind) = (title, Some(Kind::Skill));
    let draft = Draft { kind, ..Draft::of(Side::Offer, title) };
    let Done::Posted(listing) = device.command(Command::Post(draft)).await.unwrap() else { panic!() };
    listing
}

async fn hands(device: &Handle, firm: MemberId, listing: ListingId) -> Vec<DeviceId> {
    let look = move |node: &mut kaifong_node::Node| {
        node.home().unwrap().board().hands_of(&firm, &Written::Listing(listing)).to_vec()
    };
    device.read(look).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_a_firm_are_told_apart_by_a_neighbour_and_one_who_has_left_stays_named() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let li = open(dirs[0].path()).await;
    li.command(Command::Found { building: "红棉里".into(), profile: profile("李叔") }).await.unwrap();
    assert_eq!(
        li.command(named(None, "李叔", "", false)).await,
        Err(NodeError::Refused(Refusal::NotAnOrganisation)),
        "a resident is one person"
    );
    let (desk, van) = (open(dirs[1].path()).await, open(dirs[2].path()).await);
    let ticket = invite(&li).await;
    let asks = application(Way::Ticket(ticket.clone()), "丽景物业");
    let asks = kaifong_node::Application { kind: MemberKind::PropertyFirm, ..asks };
    desk.command(Command::Apply(Box::new(asks))).await.unwrap();
    let asked = until(&li, "the request", |node| node.requests().first().map(|request| request.device)).await;
    li.command(Command::Approve { device: asked, votes: false }).await.unwrap();
    let firm = until(&desk, "the certificate", |node| node.me()).await;
    let first = asked;
    desk.command(named(None, " 小陈 ", "前台", false)).await.unwrap();
    let front = post(&desk, "代收快递").await;

    let (device, seal) = van.read(|node| (node.device(), node.seal_key())).await.unwrap();
    van.command(Command::BecomeFurtherDevice { way: Way::Ticket(ticket), member: firm }).await.unwrap();
    desk.command(Command::LinkDevice { device, seal }).await.unwrap();
    until(&van, "the link", |node| node.me()).await;
    let repair = post(&van, "修水管").await;
    same(&van, &li).await;
    assert_eq!(who(&li, firm, device).await, None, "nobody has said yet who works there");
    assert_eq!(hands(&li, firm, repair).await, [device], "and whose phone it was is known all the same");
    van.command(named(None, "老李", "维修", false)).await.unwrap();
    same(&van, &li).await;
    assert_eq!(hands(&li, firm, front).await, [first]);
    assert_eq!(who(&li, firm, first).await, Some(("小陈".into(), "前台".into(), false)));
    assert_eq!(who(&li, firm, device).await, Some(("老李".into(), "维修".into(), false)));

    let refused = [
        (named(None, " ", "", false), Refusal::TextEmpty { field: "name" }),
        (named(None, "小\u{202E}陈", "", false), Refusal::TextUnprintable { field: "name", code: 0x202E }),
        (named(Some(DeviceId([9; 32])), "小陈", "", false), Refusal::DeviceUnknown),
    ];
    for (wish, expected) in refused {
        assert_eq!(desk.command(wish).await, Err(NodeError::Refused(expected)));
    }

    // 老李 leaves: his phone is closed, a colleague says so, and what he wrote is still his.
    same(&van, &desk).await;
    desk.command(Command::CloseDevice { device, disown: false }).await.unwrap();
    desk.command(named(Some(device), "老李", "维修", true)).await.unwrap();
    same(&desk, &li).await;
    assert_eq!(who(&li, firm, device).await, Some(("老李".into(), "维修".into(), true)));
    assert_eq!(hands(&li, firm, repair).await, [device]);
    for device in [li, desk, van] {
        device.shutdown().await.unwrap();
    }
}
