//! Push: what is new here is told to neighbours in reach, and to the screens.

use std::collections::BTreeMap;

use kaifong_domain::DeviceId;
use kaifong_net::ConnectionId;
use kaifong_sync::{Neighbour, Parcel};
use rand_core::Rng;

use crate::event::Effect;
use crate::links::Standing;
use crate::node::Node;

/// How much news is passed on at once, in bytes; what is more is left to reconciling.
const NEWS_BYTES_MAX: usize = 256 * 1024;

impl Node {
    /// Tells neighbours in reach what is new, and the screens which rows changed.
    pub(crate) fn publish(&mut self) {
        let arrival = std::mem::take(&mut self.arrival);
        if !arrival.tags.is_empty() {
            self.step.effects.push(Effect::Changed(arrival.tags));
        }
        let fresh = std::mem::take(&mut self.fresh);
        let desk = |device: &DeviceId| self.home.as_ref().is_some_and(|home| home.is_desk(device));
        let neighbours: BTreeMap<DeviceId, ConnectionId> = self
            .links
            .iter()
            .filter(|(_, link)| link.standing == Standing::Neighbour)
            .map(|(connection, link)| (link.device, *connection))
            .collect();
        if fresh.is_empty() || neighbours.is_empty() {
            return;
        }
        let candidates: Vec<Neighbour> = neighbours
            .keys()
            .map(|device| Neighbour { device: *device, desk: desk(device), on_power: false })
            .collect();
        let chosen = kaifong_sync::fanout(&candidates, self.rng.next_u64());
        let size: usize = fresh.iter().map(|fresh| crate::holdings::size_bytes(&fresh.parcel)).sum();
        for device in chosen {
            let Some(connection) = neighbours.get(&device).copied() else { continue };
            let for_them = fresh.iter().filter(|fresh| fresh.from != Some(connection));
            let parcels: Vec<Parcel> = for_them.map(|fresh| fresh.parcel.clone()).collect();
            if parcels.is_empty() {
                continue;
            }
            if size > NEWS_BYTES_MAX {
                if let Some(link) = self.links.get_mut(&connection) {
                    link.behind = true;
                }
            } else {
                kaifong_sync::news(parcels).iter().for_each(|message| self.send(connection, message));
            }
        }
    }
}
