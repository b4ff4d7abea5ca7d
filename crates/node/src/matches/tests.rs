#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use std::sync::Arc;

use kaifong_domain::Instant;
use kaifong_domain::place::{BlockKind, PlaceId};
use kaifong_domain::record::Profile;
use kaifong_matching::Near;
use kaifong_store::MemoryStore;
use kaifong_trust::DeviceKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::event::Command;
use crate::node::Past;
use crate::room::{Phone, Room, named, offer};
use crate::{BlockDraft, EpochDraft, ZoneDraft};

const SEED_OF_LI: u8 = 1;

fn kept(store: &MemoryStore) -> Vec<(Vec<u8>, Vec<u8>)> {
    store.scan(Space::Meanings, &[]).unwrap()
}

/// 李叔's device has time, until nothing is left to do; gives whether pages were told.
fn has_time(phone: &mut Phone) -> bool {
    let mut told = false;
    loop {
        let more = phone.node.get_ready_some(8);
        let step = phone.node.take();
        told |=
            step.effects.iter().any(|effect| matches!(effect, Effect::Changed(tags) if tags.contains(&Tag::Listings)));
        phone.store.commit(step.batch).unwrap();
        if !more {
            assert!(phone.node.is_ready());
            return told;
        }
    }
}

/// 李叔's device is started again.
fn starts_again(store: Arc<MemoryStore>) -> Phone {
    let (key, rng) = (DeviceKey::from_seed([SEED_OF_LI; 32]), ChaCha20Rng::from_seed([7; 32]));
    let node = Node::open(store.clone(), key, rng, Instant(crate::room::NOON), Past::default()).unwrap();
    Phone { node, store, reply: None }
}

fn written(titles: &[&str]) -> Phone {
    let (mut room, _) = Room::new();
    for title in titles {
        room.does("李叔", offer(title)).unwrap();
    }
    let mut phone = room.phones.remove("李叔").unwrap();
    has_time(&mut phone);
    phone
}

#[test]
fn what_texts_mean_is_kept_and_comes_back_after_a_start() {
    let phone = written(&["会修水管", "教游泳", "人字梯"]);
    let before = kept(&phone.store);
    assert_eq!(before.len(), 3);
    let mut again = starts_again(phone.store);
    again.node.get_ready_some(8);
    again.node.get_ready_some(8);
    assert!(again.node.home().unwrap().is_read());
    // Nothing had to be encoded, so nothing is written.
    assert!(again.node.take().batch.ops().iter().all(|op| op.space() != Space::Meanings));
    has_time(&mut again);
    assert_eq!(kept(&again.store), before);
}

#[test]
fn bad_bytes_among_kept_meanings_are_made_anew() {
    let phone = written(&["会修水管", "教游泳"]);
    let before = kept(&phone.store);
    let mut worse = Batch::new();
    worse.put(Space::Meanings, before[0].0.clone(), b"rust");
    worse.put(Space::Meanings, before[1].0.clone(), vec![0x80; before[1].1.len()]);
    worse.put(Space::Meanings, b"no key at all", []);
    phone.store.commit(worse).unwrap();
    let mut again = starts_again(phone.store);
    has_time(&mut again);
    assert_eq!(kept(&again.store), before);
}

#[test]
fn meanings_of_texts_that_are_no_more_are_forgotten_after_a_start() {
    let phone = written(&["会修水管"]);
    let before = kept(&phone.store);
    let mut of_another = Batch::new();
    of_another.put(Space::Meanings, [0xff; 16], before[0].1.clone());
    of_another.put(Space::Meanings, [0x00; 16], before[0].1.clone());
    phone.store.commit(of_another).unwrap();
    let mut again = starts_again(phone.store);
    has_time(&mut again);
    assert_eq!(kept(&again.store), before);
}

#[test]
fn who_asks_before_everything_was_read_is_answered_and_told_when_it_was() {
    let titles: Vec<String> = (0..READ_WHEN_ASKED + 10).map(|number| format!("人字梯第{number}把")).collect();
    let (mut room, _) = Room::new();
    for title in &titles {
        room.does("李叔", offer(title)).unwrap();
    }
    let mut phone = room.phones.remove("李叔").unwrap();
    phone.node.read_for_matches(None);
    let home = phone.node.home().unwrap();
    assert!(!home.is_read());
    let asked = Text { title: "想借人字梯", ..Text::default() };
    assert!(home.matcher().matches(kaifong_domain::record::Side::Need, asked, 100).len() >= READ_WHEN_ASKED);
    assert!(has_time(&mut phone), "the page asks again");
    assert!(phone.node.home().unwrap().is_read());
    // Whoever asks now has everything, and need not be told.
    phone.node.read_for_matches(None);
    assert!(!has_time(&mut phone));
}

#[test]
fn how_near_two_live_goes_by_the_map_or_by_what_both_have_written() {
    let (mut room, _) = Room::new();
    let near = |room: &Room| {
        let node = &room.phones["李叔"].node;
        let (li, chen, home) = (room.member("李叔"), room.member("陈姨"), node.home().unwrap());
        let looks = (node.me(), node.own_place());
        assert_eq!(home.near(looks, &li, &chen), home.near(looks, &chen, &li));
        home.near(looks, &li, &chen)
    };
    let profile = |name: &str, block: &str| Command::SetProfile(Profile { block: block.into(), ..named(name) });
    assert_eq!(near(&room), Near::Building);
    room.does("李叔", profile("李叔", "3栋")).unwrap();
    for (block, expect) in [("3栋", Near::Block), ("5栋", Near::Building), (" 3栋 ", Near::Block), ("", Near::Building)]
    {
        room.does("陈姨", profile("陈姨", block)).unwrap();
        assert_eq!(near(&room), expect, "{block}");
    }

    let block = |name: &str| BlockDraft { id: None, name: name.into(), kind: BlockKind::Tower };
    let zone = |name: &str, blocks| ZoneDraft { id: None, name: name.into(), blocks };
    let places = vec![zone("南块", vec![block("1栋"), block("3栋")]), zone("", vec![block("8栋"), block("9栋")])];
    room.does("李叔", Command::DraftEpoch(EpochDraft { places: Some(places), ..EpochDraft::default() })).unwrap();
    let map = room.home("李叔").roster().now().places.clone();
    let place = |name: &str| map.blocks().find(|place| place.name() == name).map(|place| place.block.unwrap().id);
    for (mine, theirs, expect) in [
        ("南块 3栋", "南块 3栋", Near::Block),
        ("南块 3栋", "南块 1栋", Near::Zone),
        ("南块 3栋", "8栋", Near::Building),
        ("9栋", "8栋", Near::Building),
        ("9栋", "9栋", Near::Block),
    ] {
        for (name, block) in [("李叔", mine), ("陈姨", theirs)] {
            room.does(name, Command::SetProfile(Profile { place: place(block), ..named(name) })).unwrap();
        }
        assert_eq!(near(&room), expect, "{mine} {theirs}");
    }

    // Where one lives oneself counts for what one is shown, and where somebody else hides it for nobody.
    room.does("李叔", Command::SetProfile(named("李叔"))).unwrap();
    let (li, chen) = (room.member("李叔"), room.member("陈姨"));
    let seen_from = |room: &Room, own: Option<PlaceId>| {
        let node = &room.phones["李叔"].node;
        node.home().unwrap().near((node.me(), own), &li, &chen)
    };
    assert_eq!(seen_from(&room, place("9栋")), Near::Block);
    for own in [None, place("8栋"), Some(PlaceId(999))] {
        assert_eq!(seen_from(&room, own), Near::Building, "{own:?}");
    }
    room.does("陈姨", Command::SetProfile(named("陈姨"))).unwrap();
    assert_eq!(seen_from(&room, place("9栋")), Near::Building);
}
