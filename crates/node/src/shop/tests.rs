#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use rand_core::SeedableRng;

use super::*;
use crate::event::Command;
use crate::face::Face;
use crate::room::{Phone, Room, refused};

const SHOP: &str = "好又多";

/// 好又多 is a shop of the building.
fn street() -> Room {
    let (mut room, ticket) = Room::new();
    room.buys(SHOP, 9);
    let device = room.asks_to_join_as(MemberKind::Shop, SHOP, &ticket, "李叔");
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    room.meet(SHOP, "陈姨");
    room.meet(SHOP, "何姐");
    room
}

fn does(room: &mut Room, name: &'static str, command: ShopCommand) -> Result<Done, NodeError> {
    room.does(name, Command::Shop(command))
}

fn rice(pieces: Option<u32>, each: Option<u32>) -> GoodDraft {
    let (title, body) = ("东北大米".into(), "五斤装".into());
    GoodDraft { title, body, points: Points(20), pieces, each, until: None }
}

fn puts(room: &mut Room, draft: GoodDraft) -> GoodId {
    room.now += 1;
    let Done::GoodPut(good) = does(room, SHOP, ShopCommand::Put(draft)).unwrap() else { panic!() };
    good
}

fn orders(room: &mut Room, name: &'static str, good: GoodId, pieces: u32) -> Result<OrderId, NodeError> {
    let shop = room.member(SHOP);
    match does(room, name, ShopCommand::Order { shop, good, pieces })? {
        Done::Ordered(order) => Ok(order),
        other => panic!("{other:?}"),
    }
}

fn stage(room: &Room, name: &str, order: OrderId) -> OrderStage {
    room.home(name).order(&order).unwrap().stage
}

fn code(room: &Room, name: &str, order: OrderId) -> PickUpCode {
    let row = room.home(name).order(&order).unwrap();
    room.phones[name].node.code_of(&row).unwrap()
}

fn over(order: OrderStage) -> Result<Done, NodeError> {
    refused(ShopRefusal::OrderOver { stage: order.name() }.into())
}

fn balance(room: &Room, name: &str, of: &str) -> i64 {
    room.home(name).ledger().balance(&room.member(of))
}

#[test]
fn what_was_ordered_and_paid_is_handed_out_once_against_its_code() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(5), None));
    let order = orders(&mut room, "陈姨", good, 2).unwrap();
    assert_eq!((stage(&room, "陈姨", order), stage(&room, SHOP, order)), (OrderStage::Paid, OrderStage::Paid));
    assert_eq!((balance(&room, SHOP, SHOP), balance(&room, SHOP, "陈姨")), (40, -40));
    let code = code(&room, "陈姨", order);
    let found = room.phones[SHOP].node.order_with(&code).unwrap();
    assert_eq!((found.placed.id, found.placed.buyer), (order, room.member("陈姨")));

    does(&mut room, SHOP, ShopCommand::HandOut { order, code: code.clone() }).unwrap();
    for name in [SHOP, "陈姨", "李叔"] {
        assert_eq!(stage(&room, name, order), OrderStage::PickedUp, "{name}");
    }
    assert_eq!(does(&mut room, SHOP, ShopCommand::HandOut { order, code: code.clone() }), over(OrderStage::PickedUp));
    assert_eq!(does(&mut room, "陈姨", ShopCommand::CallOff { order }), over(OrderStage::PickedUp));
    assert_eq!(does(&mut room, SHOP, ShopCommand::CallOff { order }), over(OrderStage::PickedUp));
    let again = room.phones[SHOP].node.order_with(&code).unwrap();
    assert_eq!(again.stage, OrderStage::PickedUp, "the code shown again says what became of it");
    assert_eq!(room.home(SHOP).taken(&room.member(SHOP), &good, None), (2, 0));
}

#[test]
fn a_code_opens_its_own_order_and_nobody_elses() {
    let mut room = street();
    let good = puts(&mut room, rice(None, None));
    let hers = orders(&mut room, "陈姨", good, 1).unwrap();
    let theirs = orders(&mut room, "何姐", good, 1).unwrap();
    let (mine, other) = (code(&room, "陈姨", hers), code(&room, "何姐", theirs));
    let wrong = does(&mut room, SHOP, ShopCommand::HandOut { order: hers, code: other });
    assert_eq!(wrong, refused(ShopRefusal::CodeWrong.into()));
    let none: PickUpCode = "0000-0000".parse().unwrap();
    assert_eq!(room.phones[SHOP].node.order_with(&none).unwrap_err(), ShopRefusal::CodeWrong.into());
    // Somebody who is no shop learns nothing from a code.
    assert_eq!(room.phones["何姐"].node.order_with(&mine).unwrap_err(), ShopRefusal::NotAShop.into());
    assert_eq!(stage(&room, SHOP, hers), OrderStage::Paid);
}

#[test]
fn two_who_order_the_last_piece_apart_get_one_piece_and_the_other_the_points_back() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(1), None));
    for name in ["陈姨", "何姐", "李叔"] {
        room.goes_off(name);
    }
    let hers = orders(&mut room, "陈姨", good, 1).unwrap();
    let theirs = orders(&mut room, "何姐", good, 1).unwrap();
    assert_eq!(stage(&room, "何姐", theirs), OrderStage::Ordered);
    room.meet("陈姨", SHOP);
    room.meet("何姐", SHOP);
    assert_eq!((stage(&room, SHOP, hers), stage(&room, SHOP, theirs)), (OrderStage::Paid, OrderStage::Declined));
    // 何姐's phone has taken the points back by itself: all of the credit line can be spent again.
    assert_eq!(stage(&room, "何姐", theirs), OrderStage::Declined);
    let tip = room.phones["何姐"].node.tip().unwrap();
    assert_eq!(room.home("何姐").ledger().standing(&tip).unwrap().rights, 100);
    assert_eq!(orders(&mut room, "何姐", good, 1).unwrap_err(), ShopRefusal::SoldOut { left: 0 }.into());
}

#[test]
fn a_shop_without_network_hands_out_what_it_never_heard_of() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(1), None));
    for name in ["陈姨", "何姐", "李叔", SHOP] {
        room.goes_off(name);
    }
    let order = orders(&mut room, "陈姨", good, 1).unwrap();
    assert!(room.home(SHOP).order(&order).is_none());
    let row = room.home("陈姨").order(&order).unwrap();
    let text = room.phones["陈姨"].node.pick_up_shown(&row).unwrap().text().unwrap();
    let shown = PickUpShown::read(&text).unwrap();
    assert_eq!(room.phones[SHOP].node.order_with(&shown.code).unwrap_err(), ShopRefusal::CodeWrong.into());
    room.does(SHOP, Command::TakeShown(Box::new(shown.shown))).unwrap();
    let found = room.phones[SHOP].node.order_with(&shown.code).unwrap();
    assert_eq!((found.placed.id, found.stage), (order, OrderStage::Paid));
    does(&mut room, SHOP, ShopCommand::HandOut { order, code: shown.code }).unwrap();
    assert_eq!((stage(&room, SHOP, order), stage(&room, "陈姨", order)), (OrderStage::PickedUp, OrderStage::Ordered));
    room.meet("陈姨", SHOP);
    assert_eq!(stage(&room, "陈姨", order), OrderStage::PickedUp);
}

#[test]
fn who_calls_off_before_picking_up_gets_the_points_back_once() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(1), None));
    let hers = orders(&mut room, "陈姨", good, 1).unwrap();
    does(&mut room, "陈姨", ShopCommand::CallOff { order: hers }).unwrap();
    for name in [SHOP, "陈姨"] {
        assert_eq!(stage(&room, name, hers), OrderStage::PaidBack, "{name}");
        assert_eq!((balance(&room, name, SHOP), balance(&room, name, "陈姨")), (0, 0));
    }
    assert_eq!(does(&mut room, "陈姨", ShopCommand::CallOff { order: hers }), over(OrderStage::PaidBack));
    // The piece is free again; this time the shop calls off.
    let theirs = orders(&mut room, "何姐", good, 1).unwrap();
    let code = code(&room, "何姐", theirs);
    does(&mut room, SHOP, ShopCommand::CallOff { order: theirs }).unwrap();
    assert_eq!(stage(&room, "何姐", theirs), OrderStage::PaidBack);
    assert_eq!(does(&mut room, SHOP, ShopCommand::HandOut { order: theirs, code }), over(OrderStage::PaidBack));
    let unasked = does(&mut room, "李叔", ShopCommand::CallOff { order: theirs });
    assert_eq!(unasked, refused(ShopRefusal::OrderUnknown.into()), "it is not his");
    assert_eq!(room.home("李叔").ledger().sum(), 0);
}

#[test]
fn what_is_handed_out_apart_from_the_buyers_word_stays_handed_out() {
    let mut room = street();
    let good = puts(&mut room, rice(None, None));
    let order = orders(&mut room, "陈姨", good, 1).unwrap();
    let code = code(&room, "陈姨", order);
    for name in ["陈姨", "何姐", "李叔", SHOP] {
        room.goes_off(name);
    }
    does(&mut room, SHOP, ShopCommand::HandOut { order, code }).unwrap();
    does(&mut room, "陈姨", ShopCommand::CallOff { order }).unwrap();
    assert_eq!(stage(&room, "陈姨", order), OrderStage::CalledOff, "as far as her phone knows");
    room.meet("陈姨", SHOP);
    for name in ["陈姨", SHOP] {
        assert_eq!((stage(&room, name, order), balance(&room, name, SHOP)), (OrderStage::PickedUp, 20), "{name}");
    }
}

#[test]
fn the_shops_device_takes_nothing_that_does_not_fit_its_good() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(5), Some(2)));
    let taken_back = puts(&mut room, rice(None, None));
    does(&mut room, SHOP, ShopCommand::Withdraw { good: taken_back }).unwrap();
    let shop = room.member(SHOP);
    let till = room.home(SHOP).till_journal(&shop, &room.phones[SHOP].node.device()).unwrap();
    let other = room.home("李叔").journals().journals().find(|j| j.member == room.member("李叔")).unwrap().id;
    let fair = Order { shop, good, pieces: 1, points: Points(20), to: till, nonce: [1; 16], code: [0; 32] };
    let tries = [
        ("for less", Order { points: Points(1), ..fair }, 1, till),
        ("paying less than it says", fair, 19, till),
        ("of what was taken back", Order { good: taken_back, ..fair }, 20, till),
        ("more than one may have", Order { pieces: 3, points: Points(60), ..fair }, 60, till),
        ("of somebody who is no shop", Order { shop: room.member("李叔"), to: other, ..fair }, 20, other),
        ("for another journal than it is paid into", Order { to: other, ..fair }, 20, till),
    ];
    for (what, order, points, to) in tries {
        let node = &mut room.phones.get_mut("陈姨").unwrap().node;
        let entry = node.write(Body::Shop(ShopAct::Order(order))).unwrap();
        node.transfer(to, Points(points), Some(OrderId::from(entry).into())).unwrap();
        let transfer = node.tip().unwrap();
        room.tick("陈姨");
        let row = room.home("李叔").ledger().transfer(&transfer).unwrap();
        assert_eq!(row.state, LineState::Declined, "{what}");
        assert_ne!(stage(&room, SHOP, OrderId::from(entry)), OrderStage::Paid, "{what}");
    }
    assert_eq!(balance(&room, SHOP, SHOP), 0);
    // Nothing stuck: what fits is taken.
    assert!(orders(&mut room, "陈姨", good, 2).is_ok());
    let most = ShopRefusal::CapReached { most: 2, have: 2 };
    assert_eq!(orders(&mut room, "陈姨", good, 1).unwrap_err(), most.into());
}

#[test]
fn one_device_of_a_shop_hands_out_until_it_is_lost_then_the_others_do() {
    let (mut room, ticket) = Room::new();
    for (name, seed) in [(SHOP, 9), ("后仓", 10)] {
        room.buys(name, seed);
    }
    let device = room.asks_to_join_as(MemberKind::Shop, SHOP, &ticket, "李叔");
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    room.links(SHOP, "后仓", &ticket);
    for name in [SHOP, "后仓"] {
        room.meet(name, "陈姨");
    }
    let good = puts(&mut room, rice(None, None));
    let order = orders(&mut room, "陈姨", good, 1).unwrap();
    let code = code(&room, "陈姨", order);
    let handing = ShopCommand::HandOut { order, code };
    assert_eq!(does(&mut room, "后仓", handing.clone()), refused(ShopRefusal::OtherTill.into()));
    let till = room.phones[SHOP].node.device();
    room.goes_off(SHOP);
    room.does("后仓", Command::CloseDevice { device: till, disown: false }).unwrap();
    assert_eq!(orders(&mut room, "陈姨", good, 1).unwrap_err(), ShopRefusal::TillGone.into());
    does(&mut room, "后仓", handing).unwrap();
    assert_eq!(stage(&room, "陈姨", order), OrderStage::PickedUp);
    // The goods go on at the device that is left.
    does(&mut room, "后仓", ShopCommand::Change { good, pieces: None, each: None, until: None }).unwrap();
    let next = orders(&mut room, "陈姨", good, 1).unwrap();
    assert_eq!(stage(&room, "陈姨", next), OrderStage::Paid);
}

#[test]
fn only_shops_and_the_desk_offer_goods_and_nobody_buys_their_own() {
    let mut room = street();
    let person = does(&mut room, "陈姨", ShopCommand::Put(rice(None, None)));
    assert_eq!(person, refused(ShopRefusal::NotAShop.into()));
    let good = puts(&mut room, rice(None, None));
    assert_eq!(orders(&mut room, SHOP, good, 1).unwrap_err(), ShopRefusal::OwnGood.into());
    assert_eq!(orders(&mut room, "陈姨", GoodId([9; 16]), 1).unwrap_err(), ShopRefusal::GoodUnknown.into());
    for pieces in [0, 10_000, u32::MAX] {
        let most = Refusal::OutOfRange { field: "pieces", least: 1, most: 9_999 };
        assert_eq!(orders(&mut room, "陈姨", good, pieces).unwrap_err(), most.into(), "{pieces}");
    }
    let Err(NodeError::Refused(Refusal::BeyondRights { .. })) = orders(&mut room, "陈姨", good, 6) else {
        panic!("120 points are more than the credit line")
    };
    let free = GoodDraft { points: Points(0), ..rice(None, None) };
    let least = Refusal::OutOfRange { field: "points", least: 1, most: 1_000_000 };
    assert_eq!(does(&mut room, SHOP, ShopCommand::Put(free)), refused(least));
}

#[test]
fn what_a_shop_lacks_it_says_and_is_shown_before_it_hands_out() {
    let mut room = street();
    let good = puts(&mut room, rice(None, None));
    room.goes_off(SHOP);
    // What 陈姨 gave meanwhile was stamped by 李叔's phone; the shop has heard of neither.
    room.does("陈姨", Command::Give { to: room.member("何姐"), points: Points(30) }).unwrap();
    let order = orders(&mut room, "陈姨", good, 1).unwrap();
    room.goes_off("陈姨");
    let row = room.home("陈姨").order(&order).unwrap();
    let shown = room.phones["陈姨"].node.pick_up_shown(&row).unwrap();
    room.does(SHOP, Command::TakeShown(Box::new(shown.shown.clone()))).unwrap();
    assert_eq!(room.phones[SHOP].node.order_with(&shown.code).unwrap_err(), ShopRefusal::CodeWrong.into());
    // 陈姨's phone is shown what is missing, and shows it: what gave the points, then what the stamp rests on.
    let mut rounds = 0;
    while let Face::Lacking { shows, .. } = room.phones[SHOP].node.face_of(&shown.shown).unwrap() {
        room.does("陈姨", Command::TakeShown(shows.clone())).unwrap();
        let Ok(Face::Transfer { shows: Some(rest), .. }) = room.phones["陈姨"].node.face_of(&shows) else { panic!() };
        room.does(SHOP, Command::TakeShown(rest)).unwrap();
        rounds += 1;
        assert!(rounds < 4);
    }
    assert!(rounds > 0);
    let found = room.phones[SHOP].node.order_with(&shown.code).unwrap();
    assert_eq!((found.placed.id, found.stage), (order, OrderStage::Paid));
}

#[test]
fn a_shop_pays_back_as_soon_as_it_can() {
    let mut room = street();
    let good = puts(&mut room, rice(None, None));
    let order = orders(&mut room, "陈姨", good, 5).unwrap();
    // The shop has given away all it had, its credit line too, while nobody was near.
    room.goes_off("陈姨");
    for _ in 0..2 {
        room.does(SHOP, Command::Give { to: room.member("何姐"), points: Points(100) }).unwrap();
    }
    does(&mut room, "陈姨", ShopCommand::CallOff { order }).unwrap();
    room.meet("陈姨", SHOP);
    assert_eq!(
        (stage(&room, SHOP, order), stage(&room, "陈姨", order)),
        (OrderStage::CalledOff, OrderStage::CalledOff)
    );
    room.does("何姐", Command::Give { to: room.member(SHOP), points: Points(100) }).unwrap();
    for name in [SHOP, "陈姨"] {
        assert_eq!((stage(&room, name, order), balance(&room, name, "陈姨")), (OrderStage::PaidBack, 0), "{name}");
    }
}

#[test]
fn a_shop_that_starts_again_knows_its_goods_and_orders() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(3), None));
    let order = orders(&mut room, "陈姨", good, 1).unwrap();
    let before = room.home(SHOP).projection();
    let Phone { store, .. } = room.phones.remove(SHOP).unwrap();
    let key = kaifong_trust::DeviceKey::from_seed([9; 32]);
    let rng = rand_chacha::ChaCha20Rng::from_seed([77; 32]);
    let node = Node::open(store.clone(), key, rng, Instant(room.now), crate::node::Past::default()).unwrap();
    room.phones.insert(SHOP, Phone { node, store, reply: None });
    assert_eq!(room.home(SHOP).projection(), before);
    assert_eq!((stage(&room, SHOP, order), room.home(SHOP).projection()), (OrderStage::Paid, before));
    assert_eq!(room.home(SHOP).taken(&room.member(SHOP), &good, None), (1, 0));
}

fn pays_back(room: &Room, name: &str, order: OrderId) -> usize {
    room.home(name).shops().transfers_for(order.back(), &room.member(SHOP)).count()
}

fn gives_the_shop(room: &mut Room, points: u32) {
    let to = room.member(SHOP);
    room.does("何姐", Command::Give { to, points: Points(points) }).unwrap();
}

/// The shop's device starts again from what it has stored, in doubt whether that is all.
fn doubts(room: &mut Room) {
    room.goes_off(SHOP);
    let phone = room.phones.get_mut(SHOP).unwrap();
    let past = crate::node::Past { doubt: true, ..Default::default() };
    let (rng, key) = (rand_chacha::ChaCha20Rng::from_seed([77; 32]), kaifong_trust::DeviceKey::from_seed([9; 32]));
    phone.node = Node::open(phone.store.clone(), key, rng, Instant(room.now), past).unwrap();
    room.now += 1000;
    for name in ["李叔", "陈姨", "何姐"] {
        room.meet(SHOP, name);
    }
}

/// 好又多 has two more devices.
fn street_of_three_tills() -> Room {
    let (mut room, ticket) = Room::new();
    for (name, seed) in [(SHOP, 9), ("后仓", 10), ("柜台", 11)] {
        room.buys(name, seed);
    }
    let device = room.asks_to_join_as(MemberKind::Shop, SHOP, &ticket, "李叔");
    room.does("李叔", Command::Approve { device, votes: false }).unwrap();
    for name in ["后仓", "柜台"] {
        room.links(SHOP, name, &ticket);
    }
    room
}

fn closes_the_till(room: &mut Room) {
    let device = room.phones[SHOP].node.device();
    room.goes_off(SHOP);
    room.does("后仓", Command::CloseDevice { device, disown: false }).unwrap();
}

#[test]
fn a_shop_whose_device_had_a_doubt_pays_back_what_its_old_journal_was_paid() {
    let mut room = street();
    let good = puts(&mut room, rice(None, None));
    let order = orders(&mut room, "陈姨", good, 2).unwrap();
    doubts(&mut room);
    puts(&mut room, rice(None, None));
    does(&mut room, "陈姨", ShopCommand::CallOff { order }).unwrap();
    assert_eq!(stage(&room, SHOP, order), OrderStage::CalledOff, "the new journal holds nothing yet");
    gives_the_shop(&mut room, 100);
    for name in [SHOP, "陈姨"] {
        assert_eq!((stage(&room, name, order), balance(&room, name, "陈姨")), (OrderStage::PaidBack, 0), "{name}");
        assert_eq!(pays_back(&room, name, order), 1, "{name}");
    }
}

#[test]
fn when_the_till_is_closed_one_other_device_of_the_shop_pays_back_what_is_called_off() {
    let mut room = street_of_three_tills();
    let good = puts(&mut room, rice(None, None));
    let hers = orders(&mut room, "陈姨", good, 1).unwrap();
    let theirs = orders(&mut room, "何姐", good, 1).unwrap();
    closes_the_till(&mut room);
    does(&mut room, "陈姨", ShopCommand::CallOff { order: hers }).unwrap();
    does(&mut room, "后仓", ShopCommand::CallOff { order: theirs }).unwrap();
    gives_the_shop(&mut room, 50);
    for name in ["后仓", "柜台", "陈姨", "何姐"] {
        for order in [hers, theirs] {
            assert_eq!((stage(&room, name, order), pays_back(&room, name, order)), (OrderStage::PaidBack, 1), "{name}");
        }
        assert_eq!(balance(&room, name, "陈姨"), 0);
    }
}

#[test]
fn what_a_closed_till_has_paid_back_already_no_other_device_sends_again() {
    let mut room = street_of_three_tills();
    let good = puts(&mut room, rice(None, None));
    let order = orders(&mut room, "陈姨", good, 1).unwrap();
    room.goes_off(SHOP);
    does(&mut room, "陈姨", ShopCommand::CallOff { order }).unwrap();
    room.goes_off("陈姨");
    room.meet(SHOP, "李叔");
    closes_the_till(&mut room);
    gives_the_shop(&mut room, 50);
    assert_eq!((stage(&room, "后仓", order), pays_back(&room, "后仓", order)), (OrderStage::CalledOff, 1));
    room.meet("陈姨", "李叔");
    assert_eq!((stage(&room, "后仓", order), pays_back(&room, "后仓", order)), (OrderStage::PaidBack, 1));
}

#[test]
fn a_shop_looks_at_no_order_that_is_settled_and_counts_what_is_held_as_it_comes() {
    let mut room = street();
    let good = puts(&mut room, rice(None, None));
    let shop = room.member(SHOP);
    let owed = |room: &Room, name: &str| room.home(name).standings.owed_by(&shop).copied().collect::<Vec<_>>();
    let taken = |room: &Room| room.home(SHOP).taken(&shop, &good, Some(&room.member("陈姨")));
    let fetched = orders(&mut room, "陈姨", good, 1).unwrap();
    let handing = ShopCommand::HandOut { order: fetched, code: code(&room, "陈姨", fetched) };
    does(&mut room, SHOP, handing).unwrap();
    let back = orders(&mut room, "陈姨", good, 1).unwrap();
    does(&mut room, SHOP, ShopCommand::CallOff { order: back }).unwrap();
    assert_eq!((owed(&room, SHOP), taken(&room)), (Vec::new(), (1, 1)));
    // 何姐 calls off while nobody is near: as far as she knows the shop owes her.
    let waits = orders(&mut room, "何姐", good, 2).unwrap();
    assert_eq!(taken(&room), (3, 1));
    room.goes_off("何姐");
    does(&mut room, "何姐", ShopCommand::CallOff { order: waits }).unwrap();
    assert_eq!((owed(&room, "何姐"), owed(&room, SHOP)), (vec![waits], Vec::new()));
    assert_eq!(room.home("何姐").taken(&shop, &good, None), (3, 0), "it lies there until the shop has heard");
    room.meet("何姐", SHOP);
    assert_eq!((owed(&room, "何姐"), owed(&room, SHOP), taken(&room)), (Vec::new(), Vec::new(), (1, 1)));
}

#[test]
fn what_a_friend_takes_for_an_order_holds_no_piece_of_the_good() {
    let mut room = street();
    let good = puts(&mut room, rice(Some(1), None));
    let (shop, he) = (room.member(SHOP), room.member("何姐"));
    let to = room.home("何姐").journals_in_use(&he)[0].journal;
    let order = Order { shop, good, pieces: 1, points: Points(20), to, nonce: [1; 16], code: [0; 32] };
    let node = &mut room.phones.get_mut("陈姨").unwrap().node;
    let entry = node.write(Body::Shop(ShopAct::Order(order))).unwrap();
    node.transfer(to, Points(20), Some(OrderId::from(entry).into())).unwrap();
    let transfer = node.tip().unwrap();
    node.write(Body::Shop(ShopAct::CallOff { order: entry })).unwrap();
    let journal = node.own_journal().unwrap();
    // 何姐 runs another program, which takes it.
    let said: Vec<_> = node.home().unwrap().journals().since(0).cloned().collect();
    let friend = &mut room.phones.get_mut("何姐").unwrap().node;
    for said in said.into_iter().filter(|said| said.value().journal == journal) {
        friend.keep((*said).clone()).unwrap();
    }
    friend.write(Body::Accept { transfer }).unwrap();
    for name in ["陈姨", "何姐"] {
        room.tick(name);
    }
    let row = room.home(SHOP).order(&OrderId::from(entry)).unwrap();
    assert_eq!((row.stage, room.home(SHOP).ledger().balance(&he)), (OrderStage::CalledOff, 20));
    assert_eq!(room.home(SHOP).taken(&shop, &good, None), (0, 0));
}

#[test]
fn what_strangers_say_of_an_order_leaves_no_trace_and_of_the_shops_words_a_few_are_kept() {
    let (shop, chen, stranger) = (MemberId([1; 16]), MemberId([2; 16]), MemberId([9; 16]));
    let [till, back, hers, theirs] = [11, 12, 13, 14].map(|byte| JournalId([byte; 32]));
    let (entry, key, nonce) = (EntryHash([21; 32]), [31; 32], [41; 16]);
    let code = Order::seal(&key, &hers, &nonce);
    let order = Order { shop, good: GoodId([3; 16]), pieces: 1, points: Points(20), to: till, nonce, code };
    let signed = |by, entry, journal, seq, act| SignedShopAct { by, entry, journal, seq, at: Instant(seq), act };
    let word = |by, journal: JournalId, seq: u64, key: Option<[u8; 32]>| {
        let mut hash = [seq as u8; 32];
        hash[0] = journal.0[0];
        let off = ShopAct::CallOff { order: entry };
        signed(by, EntryHash(hash), journal, seq, key.map_or(off, |key| ShopAct::PickUp { order: entry, key }))
    };
    let ordered = signed(chen, entry, hers, 4, ShopAct::Order(order));
    let shops = |acts: &[SignedShopAct]| {
        let mut shops = Shops::default();
        acts.iter().for_each(|act| shops.add_act(*act));
        shops
    };
    let alone = format!("{:?}", shops(&[ordered]));
    for idle in [word(stranger, theirs, 1, None), word(stranger, theirs, 2, Some(key)), word(chen, hers, 9, Some(key))]
    {
        assert_eq!(format!("{:?}", shops(&[idle, ordered])), alone);
        assert_eq!(format!("{:?}", shops(&[ordered, idle])), alone);
    }
    // A shop that says untruly that it handed out, again and again, is not heard when it is true at last.
    let mut acts: Vec<_> = (5..25).map(|seq| word(shop, till, seq, Some([0; 32]))).collect();
    acts.extend([ordered, word(shop, till, 30, Some(key))]);
    let mut kept = BTreeSet::new();
    for _ in 0..acts.len() {
        acts.rotate_left(1);
        let shops = shops(&acts);
        assert_eq!(shops.order(&OrderId::from(entry)).unwrap().shop_word, None);
        kept.insert(format!("{shops:?}"));
    }
    assert_eq!(kept.len(), 1, "the same few, in whatever order they came");
    // Another of its journals has words of its own, and the one that was paid comes first.
    acts.push(word(shop, back, 1, Some(key)));
    assert!(shops(&acts).order(&OrderId::from(entry)).unwrap().shop_word.is_some_and(|word| word.journal == back));
}

#[test]
fn a_shop_is_told_that_goods_which_are_over_count_until_they_are_taken_back() {
    let mut room = street();
    room.goes_off(SHOP);
    let weekly = |room: &Room| GoodDraft { until: Some(Instant(room.now + 10)), ..rice(None, None) };
    let first = (0..GOODS_OPEN_MAX)
        .map(|_| {
            room.now += 100;
            let draft = weekly(&room);
            puts(&mut room, draft)
        })
        .collect::<Vec<_>>()[0];
    room.now += 100;
    let draft = weekly(&room);
    let full = does(&mut room, SHOP, ShopCommand::Put(draft));
    assert_eq!(full, refused(ShopRefusal::GoodsFull { most: GOODS_OPEN_MAX }.into()));
    does(&mut room, SHOP, ShopCommand::Withdraw { good: first }).unwrap();
    let next = puts(&mut room, rice(None, None));
    assert!(
        room.home(SHOP).shops().good(&room.member(SHOP), &next).is_some_and(|good| good.is_open(Instant(room.now)))
    );
}
