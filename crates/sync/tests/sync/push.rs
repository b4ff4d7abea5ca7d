//! Who gets news, and in which messages.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::DeviceId;
use kaifong_sync::{FRAME_BYTES_MAX, Message, NEWS_FANOUT_MAX, Neighbour, Parcel, fanout, news};

use crate::model::PAST;

fn neighbours(desks: u8, on_power: u8, phones: u8) -> Vec<Neighbour> {
    let of = |n: u8| Neighbour { device: DeviceId([n; 32]), desk: n < desks, on_power: n < desks + on_power };
    (0..desks + on_power + phones).map(of).collect()
}

/// How many desks, devices on power and other phones are chosen.
fn kinds(all: &[Neighbour], chosen: &[DeviceId]) -> (usize, usize, usize) {
    let of = |device: &DeviceId| all.iter().find(|one| one.device == *device).unwrap();
    let chosen: Vec<_> = chosen.iter().map(of).collect();
    let desks = chosen.iter().filter(|one| one.desk).count();
    let on_power = chosen.iter().filter(|one| one.on_power && !one.desk).count();
    (desks, on_power, chosen.len() - desks - on_power)
}

#[test]
fn few_neighbours_all_hear_it() {
    for count in 0..=8 {
        assert_eq!(fanout(&neighbours(1, 1, 6)[..count], 1).len(), count);
    }
    assert_eq!(fanout(&neighbours(2, 3, 40), 1).len(), NEWS_FANOUT_MAX);
}

#[test]
fn desks_come_before_power_before_phones() {
    for seed in 0..50 {
        let all = neighbours(2, 2, 0);
        assert_eq!(kinds(&all, &fanout(&all, seed)), (2, 2, 0));
        let all = neighbours(2, 10, 30);
        let (desks, on_power, phones) = kinds(&all, &fanout(&all, seed));
        assert_eq!((desks, on_power + phones), (2, 6));
        assert!(on_power >= 4 && phones <= 2, "seed {seed}: {on_power} on power, {phones} phones");
        let all = neighbours(20, 0, 30);
        assert!(kinds(&all, &fanout(&all, seed)).0 >= 6);
    }
}

#[test]
fn nobody_is_starved_however_many_desks_there_are() {
    let all = neighbours(20, 10, 30);
    let mut heard: BTreeMap<DeviceId, u32> = BTreeMap::new();
    for seed in 0..1000 {
        fanout(&all, seed).into_iter().for_each(|device| *heard.entry(device).or_default() += 1);
    }
    assert_eq!(heard.len(), all.len());
    let fewest = heard.values().min().unwrap();
    assert!(*fewest > 10, "someone heard {fewest} of 1000 pieces of news");
}

#[test]
fn the_choice_depends_on_the_set_and_the_seed_alone() {
    let all = neighbours(3, 5, 20);
    let mut turned = all.clone();
    turned.reverse();
    turned.extend(&all);
    for seed in 0..20 {
        let chosen = fanout(&all, seed);
        assert_eq!(chosen, fanout(&turned, seed));
        assert_eq!(chosen.iter().collect::<BTreeSet<_>>().len(), NEWS_FANOUT_MAX, "each once");
    }
    assert_ne!(fanout(&all, 1), fanout(&all, 2));
}

#[test]
fn news_travels_in_order_in_as_many_messages_as_it_needs() {
    assert_eq!(news(Vec::new()), Vec::new());
    let entries = |count: usize| PAST.entries.iter().cycle().take(count).map(|entry| entry.signed.clone());
    let parcels = vec![
        Parcel::Envelope(PAST.envelopes[0].clone()),
        Parcel::Entries(entries(60_000).collect()),
        Parcel::Entries(Vec::new()),
        Parcel::Fork(PAST.forks[0].clone()),
    ];
    let messages = news(parcels);
    let mut arrived = Vec::new();
    for message in messages {
        let bytes = message.encode();
        assert!(bytes.len() <= FRAME_BYTES_MAX);
        let Ok(Message::News(parcels)) = Message::decode(&bytes) else { panic!("news stays news") };
        arrived.extend(parcels);
    }
    assert!(matches!(arrived.first(), Some(Parcel::Envelope(_))));
    assert!(matches!(arrived.last(), Some(Parcel::Fork(_))));
    let came = arrived.iter().filter_map(|parcel| match parcel {
        Parcel::Entries(entries) => Some(entries),
        _ => None,
    });
    assert!(came.flatten().cloned().eq(entries(60_000)));
}
