//! Push: which neighbours get news, and how parcels become messages.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kaifong_domain::DeviceId;

use crate::frame::Queue;
use crate::item::Parcel;
use crate::wire::Message;

/// How many neighbours get a piece of news, at most.
pub const NEWS_FANOUT_MAX: usize = 8;
/// How many of them are drawn from all neighbours alike.
const DRAWN: usize = 2;

/// A certified neighbour that is connected now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The device.
    pub device: DeviceId,
    /// Whether it is a desk, which is always on.
    pub desk: bool,
    /// Whether it is on power, as it says.
    pub on_power: bool,
}

/// Chooses the neighbours that get news: at most [`NEWS_FANOUT_MAX`], desks before devices on power before others, but
/// two of them drawn from all that are left, so that nobody can be quietly starved.
///
/// The choice depends on the set of neighbours and the seed alone. A seed that changes with time and differs between
/// devices rotates those who are drawn and spreads the load over many desks.
pub fn fanout(neighbours: &[Neighbour], seed: u64) -> Vec<DeviceId> {
    let devices: BTreeMap<DeviceId, &Neighbour> =
        neighbours.iter().map(|neighbour| (neighbour.device, neighbour)).collect();
    let mut ranked: Vec<&Neighbour> = devices.into_values().collect();
    ranked.sort_by_cached_key(|neighbour| {
        (Reverse(neighbour.desk), Reverse(neighbour.on_power), draw(seed, b"ranked", &neighbour.device))
    });
    let mut rest = ranked.split_off(ranked.len().min(NEWS_FANOUT_MAX - DRAWN));
    rest.sort_by_cached_key(|neighbour| draw(seed, b"drawn", &neighbour.device));
    ranked.iter().chain(rest.iter().take(DRAWN)).map(|neighbour| neighbour.device).collect()
}

/// Packs parcels into as many [`Message::News`] as they need, in their order.
///
/// A parcel that fits into no frame is left out: the next reconcile carries its item whole.
pub fn news(parcels: Vec<Parcel>) -> Vec<Message> {
    let mut queue = Queue::default();
    queue.put(parcels, 0);
    std::iter::from_fn(|| (queue.len() > 0).then(|| Message::News(queue.next_frame().parcels))).collect()
}

fn draw(seed: u64, purpose: &[u8], device: &DeviceId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 news fanout");
    hasher.update(&seed.to_le_bytes()).update(purpose).update(&device.0);
    *hasher.finalize().as_bytes()
}
