//! A document that holds all it may: everybody ends with the same, newcomers take it, and nobody honest is blamed.

use proptest::prelude::*;

use super::*;
use crate::{EditError, limits};

/// A listing with the longest body: some eight kilobytes.
fn long(id: u8) -> Edit {
    Edit::PutListing(Listing { body: "𠀀".repeat(2_000), ..listing(id, "电钻") })
}

/// Lets a device write under one of its actors after another, each on nothing else.
fn roots(key: &DeviceKey, actors: std::ops::Range<u8>) -> Vec<Delivery> {
    actors.map(|number| empty().edit(key, [number; 8], &put(number, "电钻")).unwrap()).collect()
}

/// Brings deliveries in this order, and again as long as something is still taken in.
fn bring(document: &mut Document, deliveries: &[&Delivery]) {
    for _ in 0..=deliveries.len() + 1 {
        let before = document.fingerprint();
        for delivery in deliveries {
            if let Err(refusal) = document.judge(delivery, &Register) {
                assert!(!refusal.sender_could_have_checked(), "an honest delivery is blamed: {refusal:?}");
            }
        }
        if before == document.fingerprint() {
            return;
        }
    }
    panic!("it does not come to rest");
}

/// What somebody gets who has nothing.
fn newcomer_of(document: &Document) -> Document {
    let mut newcomer = empty();
    take(&mut newcomer, &snapshot_of(document));
    newcomer.audit(&Register).unwrap();
    assert_eq!(newcomer.fingerprint(), document.fingerprint());
    newcomer
}

#[test]
fn one_hundred_actors_leave_the_same_sixty_four_whatever_their_order() {
    let made = roots(&phone(), 0..100);
    let forth: Vec<_> = made.iter().collect();
    let back: Vec<_> = made.iter().rev().collect();
    let (mut one, mut other) = (empty(), empty());
    bring(&mut one, &forth);
    bring(&mut other, &back);
    assert_eq!((one.changes(), one.fingerprint()), (64, other.fingerprint()));
    newcomer_of(&one);
    assert_eq!(store::reload(&mut one).fingerprint(), other.fingerprint());
}

#[test]
fn actors_that_were_cut_entirely_hold_no_place() {
    let mut document = empty();
    for number in 0..80 {
        let mut other = empty();
        let twin = other.edit(&phone(), [number; 8], &put(1, "梯子")).unwrap();
        let first = empty().edit(&phone(), [number; 8], &put(1, "电钻")).unwrap();
        if number < 60 {
            take(&mut document, &first);
            assert!(matches!(take(&mut document, &twin), Verdict::Forked(_)));
        } else if document.forks().iter().all(|fork| fork.actor().nonce != [number; 8]) {
            take(&mut document, &first);
        }
    }
    assert_eq!((document.forks().len(), document.changes()), (60, 20));
    newcomer_of(&document);
}

#[test]
fn actors_that_were_only_looked_at_hold_no_place() {
    let mut keys = [phone(), tablet(), watch()];
    keys.sort_by_key(DeviceKey::id);
    let [good, _, forked] = &keys;
    let mut document = empty();
    for number in 0..64 {
        let root = |title: &str| empty().edit(forked, [number; 8], &put(1, title)).unwrap();
        take(&mut document, &root("电钻"));
        take(&mut document, &root("梯子"));
    }
    // Neighbours who have not heard of it each bring thirty actors that are cut here, and one that is not.
    for neighbour in 0..6 {
        let mut unaware = empty();
        roots(forked, 64 + neighbour * 30..94 + neighbour * 30).iter().for_each(|root| _ = take(&mut unaware, root));
        take(&mut unaware, &empty().edit(good, [neighbour; 8], &put(neighbour, "书")).unwrap());
        assert_eq!(take(&mut document, &snapshot_of(&unaware)), Verdict::Applied { records_changed: true });
    }
    assert_eq!(document.changes(), 6);
    newcomer_of(&document);
}

#[test]
fn wang_fang_writes_long_listings_until_her_document_says_that_it_is_full() {
    let mut mine = empty();
    let mut written = 0_u32;
    let refusal = loop {
        match mine.edit(&phone(), NONCE, &long(written as u8)) {
            // What does not differ is not written; so each has its turn to be short.
            Ok(_) if written > 2_000 => panic!("no end"),
            Ok(_) => written += 1,
            Err(refusal) => break refusal,
        }
        if written.is_multiple_of(256) {
            (0..=255).for_each(|id| _ = mine.edit(&phone(), NONCE, &put(id, "短")));
        }
    };
    assert_eq!(refusal, EditError::Full);
    assert!(written > 300, "{written}");
    newcomer_of(&mine);
    // And change by change.
    let mut by_change = empty();
    let mut delivery = snapshot_of(&mine);
    delivery.content = Content::Changes(mine.doc.get_changes(&[]).iter().map(|one| one.raw_bytes().to_vec()).collect());
    take(&mut by_change, &delivery);
    assert_eq!(by_change.fingerprint(), mine.fingerprint());
}

#[test]
fn two_devices_that_write_too_much_while_apart_leave_the_same_whoever_comes_first() {
    let mut base = empty();
    edit(&mut base, &phone(), &profile("王芳"));
    let (mut on_phone, mut on_tablet) = (base.clone(), base.clone());
    for id in 0..=255 {
        edit(&mut on_phone, &phone(), &long(id));
        edit(&mut on_tablet, &tablet(), &Edit::PutListing(Listing { body: "𠀁".repeat(2_000), ..listing(id, "梯子") }));
    }
    let (before, theirs) = (on_phone.clone(), on_tablet.clone());
    meet(&mut on_phone, &mut on_tablet);
    assert!(on_phone.changes() < 513 && on_phone.changes() > before.changes(), "{}", on_phone.changes());
    let mut newcomer = newcomer_of(&on_phone);
    assert_eq!(store::reload(&mut on_tablet).fingerprint(), on_phone.fingerprint());
    // A neighbour who has heard only one of them is neither blamed nor left behind.
    for unaware in [before, theirs] {
        let mut neighbour = empty();
        take(&mut neighbour, &snapshot_of(&unaware));
        meet(&mut newcomer, &mut neighbour);
        assert_eq!(neighbour.fingerprint(), on_phone.fingerprint());
    }
}

#[test]
fn what_a_change_is_thought_to_take_is_never_less_than_what_it_takes() {
    let mut document = empty();
    for id in 0..20 {
        edit(&mut document, &phone(), &long(id % 3));
        edit(&mut document, &tablet(), &put(id % 4, "梯子"));
        let mut apart = document.clone();
        edit(&mut document, &watch(), &review(id, 5));
        edit(&mut document, &phone(), &invite(id));
        edit(&mut apart, &tablet(), &Edit::PutListing(Listing { points: None, ..listing(id % 4, "推车") }));
        meet(&mut document, &mut apart);
    }
    for change in document.doc.get_changes(&[]) {
        let (taken, thought) = (change.raw_bytes().len() as u64, document.history.link(&change.hash().0).unwrap());
        assert!(taken <= thought.size_bytes, "{taken} bytes, thought to be {}", thought.size_bytes);
        assert!(thought.size_bytes <= 2 * taken, "{taken} bytes, thought to be {}", thought.size_bytes);
    }
    // A snapshot does not say how long its changes are, and comes to the same.
    let newcomer = newcomer_of(&document);
    assert_eq!(newcomer.history.totals(), document.history.totals());
}

#[test]
fn whatever_stands_fits_into_a_frame_with_all_that_vouches_for_it() {
    const FRAME_BYTES: usize = 8 * 1024 * 1024;
    // Two bytes for the length of each change, and a head of some 300 bytes for each actor.
    const AROUND: usize = 2 * 2 * limits::DOCUMENT_CHANGES_MAX + 300 * limits::DOCUMENT_ACTORS_MAX;
    const PROOFS: usize = limits::DELIVERY_PROOFS_SIZE_BYTES_MAX;
    const CONTENT: usize = limits::SNAPSHOT_SIZE_BYTES_MAX;
    const { assert!(CONTENT + limits::VOUCHERS_SIZE_BYTES_MAX + PROOFS + AROUND < FRAME_BYTES) };
    const { assert!(limits::DOCUMENT_BYTES_MAX as usize + limits::CHANGE_SIZE_BYTES_MAX < CONTENT) };
    const { assert!(limits::EVIDENCE_SIZE_BYTES_MAX + AROUND < FRAME_BYTES) };
}

/// How a device of hers writes: under which actor, and on what.
#[derive(Clone, Debug)]
struct Wish {
    device: usize,
    nonce: u8,
    /// On how much of what was made before: none, or what one of a few replicas has.
    on: Option<usize>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let on = prop_oneof![3 => Just(None), 2 => (0..3_usize).prop_map(Some)];
    let nonce = prop_oneof![5 => any::<u8>(), 1 => 0..9_u8];
    (0..3_usize, nonce, on).prop_map(|(device, nonce, on)| Wish { device, nonce, on })
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn whoever_has_heard_everything_holds_the_same(
        wishes in prop::collection::vec(wish(), 90..140),
        seeds in prop::array::uniform3(any::<prop::sample::Index>()),
        orders in prop::array::uniform3(Just((0..140_usize).collect::<Vec<_>>()).prop_shuffle()),
    ) {
        // Her devices write now on this, now on that; some of it forks.
        let mut grounds = [empty(), empty(), empty()];
        let mut made = Vec::new();
        for (number, wish) in wishes.iter().enumerate() {
            let key = [phone(), tablet(), watch()][wish.device].clone();
            let mut ground = wish.on.map_or_else(empty, |on| grounds[on].clone());
            let what = put(number as u8, "书");
            let Ok(delivery) = ground.edit(&key, [wish.nonce; 8], &what) else { continue };
            if let Some(on) = wish.on {
                grounds[on] = ground;
            }
            made.push(delivery);
        }
        // Three neighbours hear all of it, each in another order, one of them parts of it from the other first.
        let mut heard: Vec<_> = orders.iter().zip(&seeds).map(|(order, seed)| {
            let mut neighbour = empty();
            let order: Vec<_> = order.iter().filter_map(|at| made.get(*at)).collect();
            bring(&mut neighbour, &order[..seed.index(order.len())]);
            bring(&mut neighbour, &order);
            neighbour
        }).collect();
        for _ in 0..8 {
            for from in 0..3 {
                for to in 0..3 {
                    let from = heard[from].clone();
                    pass_on(&from, &mut heard[to]);
                }
            }
        }
        for neighbour in &heard {
            prop_assert_eq!(neighbour.fingerprint(), heard[0].fingerprint());
            prop_assert_eq!(neighbour.records(), heard[0].records());
            prop_assert!(neighbour.audit(&Register).is_ok());
        }
        let mut newcomer = empty();
        pass_on(&heard[0], &mut newcomer);
        prop_assert_eq!(newcomer.fingerprint(), heard[0].fingerprint());
    }
}
