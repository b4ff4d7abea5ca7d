#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use proptest::prelude::*;

use super::*;
use crate::{DeviceId, Refusal};

const SHOP: MemberId = MemberId([1; 16]);
const CHEN: MemberId = MemberId([2; 16]);
const TILL: JournalId = JournalId([11; 32]);
const BACK: JournalId = JournalId([12; 32]);
const HERS: JournalId = JournalId([13; 32]);
const ENTRY: EntryHash = EntryHash([21; 32]);
const KEY: [u8; 32] = [31; 32];
const NONCE: [u8; 16] = [41; 16];

fn order() -> SignedShopAct {
    let (good, code) = (GoodId([3; 16]), Order::seal(&KEY, &HERS, &NONCE));
    let order = Order { shop: SHOP, good, pieces: 1, points: Points(20), to: TILL, nonce: NONCE, code };
    SignedShopAct { by: CHEN, entry: ENTRY, journal: HERS, seq: 4, at: Instant(1), act: ShopAct::Order(order) }
}

/// A word on the order: by whom, in which journal, where there.
fn word(by: MemberId, journal: JournalId, seq: u64, key: Option<[u8; 32]>) -> SignedShopAct {
    let act = match key {
        Some(key) => ShopAct::PickUp { order: ENTRY, key },
        None => ShopAct::CallOff { order: ENTRY },
    };
    let mut entry = [seq as u8; 32];
    entry[0] = journal.0[0];
    SignedShopAct { by, entry: EntryHash(entry), journal, seq, at: Instant(seq), act }
}

fn stage_of(words: &[SignedShopAct], payment: Payment, back: Payment) -> OrderStage {
    let mut shops = Shops::default();
    words.iter().for_each(|word| shops.add_act(*word));
    shops.add_act(order());
    shops.order(&OrderId::from(ENTRY)).unwrap().stage(payment, back)
}

// proves: F24
#[test]
fn an_order_stands_where_its_words_and_its_payment_put_it() {
    use OrderStage::*;
    use Payment::{Declined as No, None as Nil, Signed, Taken};
    let handed = word(SHOP, TILL, 9, Some(KEY));
    let early = word(SHOP, TILL, 5, None);
    let asked = word(CHEN, HERS, 6, None);
    let table: [(&str, &[SignedShopAct], Payment, Payment, OrderStage); 16] = [
        ("only ordered", &[], Nil, Nil, Ordered),
        ("on its way", &[], Signed, Nil, Ordered),
        ("taken", &[], Taken, Nil, Paid),
        ("not taken", &[], No, Nil, Declined),
        ("handed out", &[handed], Taken, Nil, PickedUp),
        ("said to be handed out, and never paid", &[handed], Signed, Nil, Ordered),
        ("called off by the buyer", &[asked], Taken, Nil, CalledOff),
        ("called off by the buyer before it was taken", &[asked], Signed, Nil, CalledOff),
        ("the same, and not taken", &[asked], No, Nil, Declined),
        ("called off by the shop", &[early], Taken, Signed, CalledOff),
        ("paid back", &[early], Taken, Taken, PaidBack),
        ("called off after it was handed out", &[handed, asked], Taken, Nil, PickedUp),
        ("handed out by a shop that had called it off", &[early, handed], Taken, Nil, CalledOff),
        ("handed out without the code", &[word(SHOP, TILL, 9, Some([0; 32]))], Taken, Nil, Paid),
        ("handed out by somebody else who has the code", &[word(CHEN, HERS, 9, Some(KEY))], Taken, Nil, Paid),
        ("called off by somebody who has no part in it", &[word(MemberId([9; 16]), BACK, 5, None)], Taken, Nil, Paid),
    ];
    for (what, words, payment, back, stage) in table {
        assert_eq!(stage_of(words, payment, back), stage, "{what}");
    }
}

#[test]
fn the_journal_that_was_paid_speaks_before_the_shops_others() {
    let there = word(SHOP, BACK, 1, None);
    let handed = word(SHOP, TILL, 9, Some(KEY));
    assert_eq!(stage_of(&[there, handed], Payment::Taken, Payment::None), OrderStage::PickedUp);
    assert_eq!(stage_of(&[there], Payment::Taken, Payment::None), OrderStage::CalledOff);
}

#[test]
fn nobody_orders_from_themselves() {
    let mut shops = Shops::default();
    shops.add_act(SignedShopAct { by: SHOP, ..order() });
    assert_eq!(shops.order(&OrderId::from(ENTRY)), None);
    assert_eq!(shops.orders_at(&SHOP).count(), 0);
}

fn rice(pieces: Option<u32>, each: Option<u32>, until: Option<u64>, put_at: u64) -> Good {
    let (title, body, points, put_at) = (String::from("大米"), String::new(), Points(20), Instant(put_at));
    Good {
        id: Good::id_of(&title, &body, points, put_at),
        title,
        body,
        points,
        pieces,
        each,
        until: until.map(Instant),
        till: DeviceId([7; 32]),
        put_at,
        withdrawn_at: None,
    }
}

#[test]
fn the_first_refusal_of_an_order_is_the_one_told() {
    let most = |field, most| Refusal::OutOfRange { field, least: 1, most };
    let cap = |have| Refusal::from(ShopRefusal::CapReached { most: 2, have });
    let over = Good { withdrawn_at: Some(Instant(0)), ..rice(None, None, None, 1) };
    let table = [
        (rice(None, None, None, 1), 3, 0, 0, Ok(Points(60))),
        (rice(Some(3), Some(2), Some(101), 1), 1, 2, 1, Ok(Points(20))),
        (over, 0, 9, 9, Err(ShopRefusal::GoodOver.into())),
        (rice(Some(1), None, Some(100), 1), 0, 9, 0, Err(ShopRefusal::GoodOver.into())),
        (rice(Some(1), Some(2), None, 1), 0, 9, 9, Err(most("pieces", 9_999))),
        (rice(None, None, None, 1), u32::MAX, 0, 0, Err(most("pieces", 9_999))),
        (rice(Some(3), Some(2), None, 1), 2, 2, 2, Err(ShopRefusal::SoldOut { left: 1 }.into())),
        (rice(Some(1), None, None, 1), 1, u64::MAX, 0, Err(ShopRefusal::SoldOut { left: 0 }.into())),
        (rice(None, Some(2), None, 1), 2, 1, 1, Err(cap(1))),
        (Good { points: Points(1_000_000), ..rice(None, None, None, 1) }, 2, 0, 0, Err(most("points", 1_000_000))),
    ];
    for (good, pieces, taken, theirs, expected) in table {
        assert_eq!(good.check_order(pieces, taken, theirs, Instant(100)), expected, "{good:?}, {pieces}");
    }
}

#[test]
fn a_good_is_what_its_id_was_made_of_and_nothing_else() {
    let good = rice(None, None, None, 1);
    let others = [
        Good { title: "碎米".into(), ..good.clone() },
        Good { body: "碎的".into(), ..good.clone() },
        Good { points: Points(21), ..good.clone() },
        Good { put_at: Instant(2), ..good.clone() },
    ];
    let mut shops = Shops::default();
    for other in others {
        assert!(!other.is_itself());
        assert!(!shops.set_goods(SHOP, vec![other]), "nothing is shown of it");
    }
    assert!(shops.set_goods(SHOP, vec![good.clone()]));
    assert!(!shops.set_goods(SHOP, vec![good.clone()]), "the same changes nothing");
    assert!(shops.set_goods(SHOP, vec![Good { pieces: Some(2), ..good.clone() }]));
    assert_eq!(shops.good(&SHOP, &good.id).unwrap().pieces, Some(2));
}

#[test]
fn who_floods_the_shelves_hides_their_own_goods() {
    let many: Vec<Good> = (0..GOODS_SHOWN_MAX as u64 + 50).map(|at| rice(None, None, None, at)).collect();
    let mut shops = Shops::default();
    shops.set_goods(SHOP, many.clone());
    assert_eq!(shops.goods_of(&SHOP).count(), GOODS_SHOWN_MAX);
    assert!(shops.good(&SHOP, &many[0].id).is_some(), "what was there first stays");
    shops.set_goods(SHOP, Vec::new());
    assert_eq!(shops.goods().count(), 0);
}

fn digest(shops: &Shops) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    shops.digest(&mut hasher);
    hasher.finalize()
}

proptest! {
    #[test]
    fn acts_come_in_any_order_and_twice_to_the_same_effect(
        words in prop::collection::vec((0..3_usize, 0..3_usize, 0..6_u64, 0..3_usize), 0..12),
        order_at in 0..12_usize,
        turn in 0..12_usize,
    ) {
        let members = [SHOP, CHEN, MemberId([9; 16])];
        let journals = [TILL, BACK, HERS];
        let keys = [None, Some(KEY), Some([0; 32])];
        let mut acts: Vec<_> =
            words.iter().map(|(by, at, seq, key)| word(members[*by], journals[*at], *seq, keys[*key])).collect();
        acts.insert(order_at.min(acts.len()), order());
        let (mut one, mut other) = (Shops::default(), Shops::default());
        acts.iter().for_each(|act| one.add_act(*act));
        let turn = turn % acts.len();
        acts.rotate_left(turn);
        acts.reverse();
        acts.iter().chain(&acts[..turn]).for_each(|act| other.add_act(*act));
        let id = OrderId::from(ENTRY);
        prop_assert_eq!(one.order(&id), other.order(&id));
        prop_assert_eq!(digest(&one), digest(&other));
    }
}
