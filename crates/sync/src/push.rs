//! Push: which neighbours get news.

use kaifong_domain::DeviceId;

use crate::item::Parcel;
use crate::wire::Message;

/// How many neighbours get a piece of news, at most.
pub const NEWS_FANOUT_MAX: usize = 8;

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

/// Chooses at most [`NEWS_FANOUT_MAX`] neighbours.
pub fn fanout(neighbours: &[Neighbour], _seed: u64) -> Vec<DeviceId> {
    neighbours.iter().take(NEWS_FANOUT_MAX).map(|n| n.device).collect()
}

/// Packs parcels into as many [`Message::News`] as they need, in their order.
pub fn news(parcels: Vec<Parcel>) -> Vec<Message> {
    vec![Message::News(parcels)]
}
