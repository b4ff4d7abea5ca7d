//! Two real devices on loopback: sled, iroh, LAN discovery off, addresses from the ticket.

use std::collections::BTreeSet;

use kaifong_domain::record::{Kind, Mode, Side};
use kaifong_domain::rows::Stage;
use kaifong_domain::{BuildingId, EntryHash, Instant, MemberId, Points};
use kaifong_ledger::LineState;
use kaifong_net::{ConnectionId, PathKind};
use kaifong_node::{Application, Command, Done, Draft, Effect, Event, Handle, Home, Node, Way};
use kaifong_sync::{Message, Parcel};
use kaifong_trust::entry::{Body, Entry, Genesis, Transfer};
use kaifong_trust::envelope::SealSecret;
use kaifong_trust::invite::Ticket;
use kaifong_trust::pen::Pen;
use kaifong_trust::{DeviceKey, PublicPage, Signed};

use crate::house::{application, invite, open, open_without_network, profile, projection, same, until};

fn draft(side: Side, kind: Kind, mode: Option<Mode>, title: &str, points: u32) -> Draft {
    Draft { kind: Some(kind), mode, points: Some(Points(points)), ..Draft::of(side, title) }
}

/// Founds the building, and gives an invitation to it.
async fn found(device: &Handle, name: &str) -> Ticket {
    device.command(Command::Found { building: "红棉里".into(), profile: profile(name) }).await.unwrap();
    invite(device).await
}

async fn join(newcomer: &Handle, ticket: Ticket, name: &str) {
    let application = application(Way::Ticket(ticket), name);
    assert_eq!(newcomer.command(Command::Apply(Box::new(application))).await.unwrap(), Done::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_joins_trades_and_both_hold_the_same() {
    let (li, chen) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let li = open(li.path()).await;
    let chen = open(chen.path()).await;
    let ticket = found(&li, "李叔").await;
    join(&chen, ticket, "陈姨").await;
    let newcomer = until(&li, "the request", |node| node.requests().first().map(|request| request.device)).await;
    li.command(Command::Approve { device: newcomer, votes: false }).await.unwrap();
    let chen_id = until(&chen, "the certificate", |node| node.me()).await;

    let need = draft(Side::Need, Kind::Skill, None, "厨房水龙头滴水", 10);
    let Done::Posted(listing) = chen.command(Command::Post(need)).await.unwrap() else { panic!() };
    until(&li, "the need", move |node| node.home()?.board().find_listing(&listing).map(|_| ())).await;
    let answer = Command::Answer { owner: chen_id, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = li.command(answer).await.unwrap() else { panic!() };
    until(&chen, "the answer", move |node| node.home()?.board().deal(&deal).map(|_| ())).await;
    chen.command(Command::Agree { deal }).await.unwrap();
    let agreed =
        move |node: &mut Node| node.home()?.board().deal(&deal).filter(|row| row.stage == Stage::Agreed).map(|_| ());
    until(&li, "the agreement", agreed).await;
    chen.command(Command::Done { deal }).await.unwrap();
    li.command(Command::Done { deal }).await.unwrap();
    let balance = |member: MemberId, points: i64| {
        move |node: &mut Node| (node.home()?.ledger().balance(&member) == points).then_some(())
    };
    let li_id = li.read(|node| node.me().unwrap()).await.unwrap();
    until(&chen, "the payment", balance(li_id, 10)).await;
    until(&li, "the payment", balance(chen_id, -10)).await;
    chen.command(Command::Review { deal, stars: 5, text: "手艺好".into() }).await.unwrap();
    same(&chen, &li).await;
    let audit = li.read(|node| node.audit()).await.unwrap();
    assert_eq!((audit.ok, audit.ledger_sum, audit.first_fault), (true, 0, None));
    li.shutdown().await.unwrap();
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let before = {
        let li = open(dir.path()).await;
        li.command(Command::Found { building: "红棉里".into(), profile: profile("李叔") }).await.unwrap();
        let offer = draft(Side::Offer, Kind::Item, Some(Mode::Share), "人字梯", 0);
        li.command(Command::Post(offer)).await.unwrap();
        let before = projection(&li).await;
        li.shutdown().await.unwrap();
        before
    };
    let li = open(dir.path()).await;
    assert_eq!(projection(&li).await, before);
    assert!(li.read(|node| node.audit().ok).await.unwrap());
    li.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_household_that_has_lost_its_store_gets_everything_back_from_a_neighbour() {
    let (li_dir, chen_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let li = open(li_dir.path()).await;
    let chen = open(chen_dir.path()).await;
    let ticket = found(&li, "李叔").await;
    let door = ticket.doors[0].clone();
    join(&chen, ticket, "陈姨").await;
    let newcomer = until(&li, "the request", |node| node.requests().first().map(|request| request.device)).await;
    li.command(Command::Approve { device: newcomer, votes: false }).await.unwrap();
    until(&chen, "the certificate", |node| node.me()).await;
    let offer = draft(Side::Offer, Kind::Time, None, "放学后看孩子", 10);
    let Done::Posted(listing) = chen.command(Command::Post(offer)).await.unwrap() else { panic!() };
    until(&li, "the offer", move |node| node.home()?.board().find_listing(&listing).map(|_| ())).await;
    chen.shutdown().await.unwrap();

    std::fs::remove_dir_all(chen_dir.path().join("store")).unwrap();
    let chen = open(chen_dir.path()).await;
    // The LAN would find the neighbour; here the address is told.
    chen.read(move |node| node.learn_door(door.device, door.addresses)).await.unwrap();
    until(&chen, "being known again", |node| node.me()).await;
    until(&chen, "its own offer", move |node| node.home()?.board().find_listing(&listing).map(|_| ())).await;
    // What it signs now goes into a new journal: the old one may have had entries that nobody here knows.
    let need = draft(Side::Need, Kind::Skill, None, "水龙头滴水", 0);
    let Done::Posted(need) = chen.command(Command::Post(need)).await.unwrap() else { panic!() };
    until(&li, "the need", move |node| node.home()?.board().find_listing(&need).map(|_| ())).await;
    let journals = li.read(move |node| {
        let home = node.home().unwrap();
        let theirs = home.journals().journals().filter(|journal| journal.device == newcomer);
        theirs.map(|journal| journal.forked_at()).collect::<Vec<_>>()
    });
    assert_eq!(journals.await.unwrap(), vec![None, None], "two journals, neither forked");
    same(&chen, &li).await;
    li.shutdown().await.unwrap();
    chen.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_code_gives_no_request_to_a_building_that_does_not_know_it() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let li = open(dirs[0].path()).await;
    let pretender = open(dirs[1].path()).await;
    let chen = open(dirs[2].path()).await;
    pretender.command(Command::Found { building: "红棉里".into(), profile: profile("李叔") }).await.unwrap();
    let ticket = found(&li, "李叔").await;
    let door = ticket.doors[0].clone();
    let (other, at) = (pretender.read(|node| node.device()).await.unwrap(), pretender.addresses());
    let named = application(Way::Code(ticket.code), "陈姨");
    let application = Application { real_name: "陈美玲".into(), ..named };
    chen.command(Command::Apply(Box::new(application))).await.unwrap();
    // The pretender is met first, and is left with nothing before the true building is met.
    chen.read(move |node| node.learn_door(other, at)).await.unwrap();
    let left = move |node: &mut Node| {
        let met = node.peers().iter().any(|peer| peer.device == other);
        (!met && node.knows_door(&other)).then_some(())
    };
    until(&chen, "the pretender's no", left).await;
    chen.read(move |node| node.learn_door(door.device, door.addresses)).await.unwrap();
    until(&li, "the request", |node| node.requests().first().map(|_| ())).await;
    assert_eq!(pretender.read(|node| node.carried_letters()).await.unwrap(), 0, "nothing was handed over");
    for device in [li, pretender, chen] {
        device.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_whom_somebody_links_to_themselves_still_becomes_a_neighbour_of_its_own() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let li = open(dirs[0].path()).await;
    let mallory = open(dirs[1].path()).await;
    let chen = open(dirs[2].path()).await;
    let ticket = found(&li, "李叔").await;
    join(&mallory, ticket.clone(), "马乐").await;
    let device = until(&li, "the first request", |node| node.requests().first().map(|request| request.device)).await;
    li.command(Command::Approve { device, votes: false }).await.unwrap();
    let mallory_id = until(&mallory, "the first certificate", |node| node.me()).await;

    // Before 陈姨 has even asked, her device is linked by somebody else.
    let (device, seal) = chen.read(|node| (node.device(), node.seal_key())).await.unwrap();
    mallory.command(Command::LinkDevice { device, seal }).await.unwrap();
    until(&li, "the link", move |node| node.home()?.roster().linked_by(&device, &mallory_id).map(|_| ())).await;
    join(&chen, ticket.clone(), "陈姨").await;
    until(&li, "her request", move |node| node.requests().iter().any(|asked| asked.device == device).then_some(()))
        .await;
    assert_eq!(chen.read(|node| node.me()).await.unwrap(), None, "she belongs to nobody yet");
    li.command(Command::Approve { device, votes: false }).await.unwrap();
    let chen_id = until(&chen, "her certificate", |node| node.me()).await;
    assert_ne!(chen_id, mallory_id);
    same(&chen, &li).await;
    let owner = li.read(move |node| node.home().unwrap().roster().device(&device).unwrap().member).await.unwrap();
    assert_eq!(owner, chen_id);
    for device in [li, mallory, chen] {
        device.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_device_takes_the_link_of_its_owner_alone() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let li = open(dirs[0].path()).await;
    let mallory = open(dirs[1].path()).await;
    let tablet = open(dirs[2].path()).await;
    let ticket = found(&li, "李叔").await;
    join(&mallory, ticket.clone(), "马乐").await;
    let device = until(&li, "the request", |node| node.requests().first().map(|request| request.device)).await;
    li.command(Command::Approve { device, votes: false }).await.unwrap();
    until(&mallory, "the certificate", |node| node.me()).await;
    let li_id = li.read(|node| node.me().unwrap()).await.unwrap();

    let (device, seal) = tablet.read(|node| (node.device(), node.seal_key())).await.unwrap();
    let way = Way::Code(ticket.code.clone());
    tablet.command(Command::BecomeFurtherDevice { way, member: li_id }).await.unwrap();
    mallory.command(Command::LinkDevice { device, seal }).await.unwrap();
    let door = ticket.doors[0].clone();
    tablet.read(move |node| node.learn_door(door.device, door.addresses)).await.unwrap();
    until(&tablet, "the building", |node| node.home().map(|_| ())).await;
    li.command(Command::LinkDevice { device, seal }).await.unwrap();
    assert_eq!(until(&tablet, "the owner's link", |node| node.me()).await, li_id);
    until(&mallory, "the tablet's own word", move |node| {
        let settled = node.home()?.roster().settled(&device)?;
        (settled.member == li_id).then_some(())
    })
    .await;
    same(&li, &tablet).await;
    assert_eq!(
        tablet.read(move |node| node.home().unwrap().board().profile(&li_id).unwrap().name.clone()).await.unwrap(),
        "李叔"
    );
    for device in [li, mallory, tablet] {
        device.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_invitation_takes_nothing_from_who_was_admitted_by_it() {
    let (li_dir, tablet_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let li = open(li_dir.path()).await;
    let tablet = open(tablet_dir.path()).await;
    let ticket = found(&li, "李叔").await;
    let li_id = li.read(|node| node.me().unwrap()).await.unwrap();
    let further = Command::BecomeFurtherDevice { way: Way::Ticket(ticket), member: li_id };
    tablet.command(further.clone()).await.unwrap();
    let (device, seal) = tablet.read(|node| (node.device(), node.seal_key())).await.unwrap();
    li.command(Command::LinkDevice { device, seal }).await.unwrap();
    until(&tablet, "the link", |node| node.me()).await;
    until(&li, "the tablet's own word", move |node| node.home()?.roster().settled(&device).map(|_| ())).await;
    tablet.shutdown().await.unwrap();

    li.command(Command::WithdrawInvites).await.unwrap();
    std::fs::remove_dir_all(tablet_dir.path().join("store")).unwrap();
    let tablet = open(tablet_dir.path()).await;
    tablet.command(further).await.unwrap();
    assert_eq!(until(&tablet, "whose it is", |node| node.me()).await, li_id);
    same(&li, &tablet).await;
    for device in [li, tablet] {
        device.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_of_one_household_that_write_apart_keep_their_journals() {
    let dirs: Vec<_> = (0..2).map(|_| tempfile::tempdir().unwrap()).collect();
    let phone = open(dirs[0].path()).await;
    let tablet = open(dirs[1].path()).await;
    let ticket = found(&phone, "李叔").await;
    let member = phone.read(|node| node.me().unwrap()).await.unwrap();
    let (device, seal) = tablet.read(|node| (node.device(), node.seal_key())).await.unwrap();
    tablet.command(Command::BecomeFurtherDevice { way: Way::Ticket(ticket), member }).await.unwrap();
    until(&tablet, "the building", |node| node.home().map(|_| ())).await;
    phone.command(Command::LinkDevice { device, seal }).await.unwrap();
    until(&tablet, "the link", |node| node.me()).await;
    same(&tablet, &phone).await;
    let journals = |node: &mut Node| node.home().map(|home| home.journals().journals().count());
    assert_eq!(phone.read(journals).await.unwrap(), Some(2));
    phone.shutdown().await.unwrap();
    tablet.shutdown().await.unwrap();

    let offer = |title: &str| Command::Post(draft(Side::Offer, Kind::Item, Some(Mode::Share), title, 5));
    for round in 0..3 {
        for dir in &dirs {
            let alone = open_without_network(dir.path()).await;
            alone.command(offer(&format!("第{round}件"))).await.unwrap();
            alone.shutdown().await.unwrap();
        }
        let (phone, tablet) = (open(dirs[0].path()).await, open(dirs[1].path()).await);
        let (there, at) = (tablet.read(|node| node.device()).await.unwrap(), tablet.addresses());
        phone.read(move |node| node.learn_door(there, at)).await.unwrap();
        let both = round * 3 + 2;
        for device in [&phone, &tablet] {
            until(device, "both listings", move |node| {
                (node.home()?.board().listings_of(&member).count() == both).then_some(())
            })
            .await;
        }
        // Whoever has met the other's words goes on in its own journal and as its own actor.
        phone.command(offer(&format!("再来{round}"))).await.unwrap();
        same(&phone, &tablet).await;
        assert_eq!(phone.read(journals).await.unwrap(), Some(2), "nobody has lost anything");
        phone.shutdown().await.unwrap();
        tablet.shutdown().await.unwrap();
    }
}

/// Says something to a device as if over a connection that the signer has opened to it.
async fn hears(device: &Handle, signer: &DeviceKey, entries: Vec<Signed<Entry>>) {
    let signer = signer.id();
    device
        .read(move |node| {
            let (connection, now) = (ConnectionId(u64::MAX), node.now());
            let building = node.home().map(Home::id);
            node.handle(now, Event::Connected { connection, device: signer, path: PathKind::Lan });
            let hello = Message::Hello { version: kaifong_sync::PROTOCOL_VERSION, building };
            node.handle(now, Event::Frame { connection, bytes: hello.encode() });
            let news = Message::News(vec![Parcel::Entries(entries)]);
            node.handle(now, Event::Frame { connection, bytes: news.encode() });
            node.handle(now, Event::Disconnected { connection });
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_a_wage_by_paying_one_point_for_somebody_elses_deal() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let chen = open(dirs[0].path()).await;
    let ma = open(dirs[1].path()).await;
    let zhao = open(dirs[2].path()).await;
    let ticket = found(&chen, "陈姨").await;
    for (newcomer, name) in [(&ma, "马乐"), (&zhao, "赵六")] {
        join(newcomer, ticket.clone(), name).await;
        let device = until(&chen, "a request", |node| node.requests().first().map(|request| request.device)).await;
        chen.command(Command::Approve { device, votes: false }).await.unwrap();
        until(newcomer, "the certificate", |node| node.me()).await;
    }
    let (chen_id, ma_id) = (chen.read(|node| node.me().unwrap()).await.unwrap(), ma.read(|node| node.me().unwrap()));
    let ma_id = ma_id.await.unwrap();
    let Done::Posted(listing) =
        chen.command(Command::Post(draft(Side::Need, Kind::Skill, None, "修水管", 20))).await.unwrap()
    else {
        panic!()
    };
    until(&ma, "the need", move |node| node.home()?.board().find_listing(&listing).map(|_| ())).await;
    let answer = Command::Answer { owner: chen_id, listing, points: None, due_at: None, counterpart: None };
    let Done::Answered(deal) = ma.command(answer).await.unwrap() else { panic!() };
    let known = move |node: &mut Node| node.home()?.board().deal(&deal).map(|_| ());
    until(&chen, "the answer", known).await;
    until(&zhao, "the answer", known).await;
    chen.command(Command::Agree { deal }).await.unwrap();
    let agreed = move |node: &mut Node| (node.home()?.board().deal(&deal)?.stage == Stage::Agreed).then_some(());
    until(&ma, "the agreement", agreed).await;

    // 赵六 pays one point for 陈姨's deal: it is covered, and it is there first.
    let zhao_key = DeviceKey::from_seed(std::fs::read(dirs[2].path().join("device.key")).unwrap().try_into().unwrap());
    let to = ma.read(|node| node.home().unwrap().journals().entry(&node.tip().unwrap()).unwrap().value().journal);
    let to = to.await.unwrap();
    let (signer, reason) = (zhao_key.clone(), Some(deal.into()));
    let forged = zhao.read(move |node| {
        let home = node.home().unwrap();
        let own = home.journals().entry(&node.tip().unwrap()).unwrap().value().journal;
        let mut pen = Pen::resume(signer, home.journals(), &own).unwrap();
        let body = Body::Transfer(Transfer { to, points: Points(1), reason });
        pen.write(home.roster().newest_epoch(), node.now(), body)
    });
    let forged = forged.await.unwrap();
    hears(&ma, &zhao_key, vec![forged.signed().clone()]).await;
    let hash = EntryHash(forged.hash());
    until(&ma, "the point", move |node| node.home()?.ledger().transfer(&hash).map(|_| ())).await;
    ma.command(Command::Done { deal }).await.unwrap();
    chen.command(Command::Done { deal }).await.unwrap();
    until(&ma, "the wage", move |node| (node.home()?.ledger().balance(&ma_id) == 20).then_some(())).await;
    let state = ma.read(move |node| node.home().unwrap().ledger().transfer(&hash).unwrap().state).await.unwrap();
    assert_eq!(state, LineState::Declined);
    for device in [chen, ma, zhao] {
        device.shutdown().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_that_an_application_was_taken_without_knowing_the_code_gets_nothing() {
    let (li, chen) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let li = open(li.path()).await;
    let chen = open(chen.path()).await;
    let ticket = found(&li, "李叔").await;
    let door = ticket.doors[0].clone();
    let named = application(Way::Code(ticket.code), "陈姨");
    let application =
        Application {
            real_name: "陈美玲".into(), household: "3栋502".into(), phone: "13800000000".into(), ..named
        };
    chen.command(Command::Apply(Box::new(application))).await.unwrap();

    let pretender = DeviceKey::from_seed([66; 32]);
    let genesis = Genesis {
        name: "红棉里".into(),
        founded_at: Instant(1),
        founder_seal: SealSecret::of(&pretender).public(),
        charter: kaifong_domain::charter::Charter::default(),
        nonce: [6; 16],
    };
    let genesis = pretender.sign(genesis);
    let building = BuildingId(genesis.hash());
    let page = PublicPage { genesis: genesis.signed().clone(), evidence: Vec::new() };
    let device = pretender.id();
    let said = chen.read(move |node| {
        let (connection, now) = (ConnectionId(u64::MAX), node.now());
        node.handle(now, Event::Connected { connection, device, path: PathKind::Lan });
        let hello = Message::Hello { version: kaifong_sync::PROTOCOL_VERSION, building: Some(building) };
        for message in [hello, Message::Public(page.clone()), Message::Applied, Message::Public(page)] {
            node.handle(now, Event::Frame { connection, bytes: message.encode() });
        }
        let effects = node.take().effects;
        node.handle(now, Event::Disconnected { connection });
        effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Send { connection: ConnectionId(u64::MAX), frame } => Message::decode(&frame).ok(),
                _ => None,
            })
            .collect::<Vec<_>>()
    });
    let said = said.await.unwrap();
    let asked = said.iter().filter_map(|message| match message {
        Message::Apply { envelopes, .. } => Some(envelopes.len()),
        _ => None,
    });
    assert_eq!(
        asked.collect::<BTreeSet<_>>(),
        BTreeSet::from([0]),
        "it proves that it has a code, and hands over nothing"
    );
    assert!(chen.read(|node| node.home().is_none()).await.unwrap(), "it has not moved in there");
    // The true building is still found.
    chen.read(move |node| node.learn_door(door.device, door.addresses)).await.unwrap();
    until(&li, "the request", |node| node.requests().first().map(|_| ())).await;
    for device in [li, chen] {
        device.shutdown().await.unwrap();
    }
}
