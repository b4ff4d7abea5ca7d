//! Finding devices on the LAN, and noticing when this host's interfaces change.
//!
//! The mDNS that comes with iroh sends where the default route points, and fails on a phone hotspot or an unplugged
//! router, where there is none. Here multicast is sent and joined on named interfaces, and the whole discoverer is made
//! anew when they change: its own adding and removing of interfaces leaks a socket for each.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use iroh::{EndpointAddr, EndpointId, TransportAddr, Watcher};
use kaifong_domain::DeviceId;
use netwatch::netmon::Monitor;
use swarm_discovery::{Discoverer, DropGuard, IpClass, Peer};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use crate::NetEvent;
use crate::interfaces::{self, Interface};
use crate::net::Shared;

/// The service is `_kaifong._udp.local.`.
const SERVICE: &str = "kaifong";

/// The first characters of the device id in base32 that name a device in DNS: 130 bits. The library panics on names
/// beyond about 52 bytes, so the whole id stands in an attribute.
const LABEL_CHARS: usize = 26;

/// How often the interfaces are listed, in milliseconds, whether or not the system reported a change.
const LIST_EVERY_MS: u64 = 5_000;

/// A device repeats itself as `Discovered` at most this often while there is no connection to it, in milliseconds.
const REPEAT_EVERY_MS: u64 = 2_000;

/// The shortest silence before a device counts as lost, in milliseconds.
const LOST_AFTER_MS: u64 = 20_000;

/// The most devices that are remembered; anyone on the LAN can make up more.
const DEVICES_MAX: usize = 4_096;

/// The most addresses that are taken from one announcement.
const ADDRESSES_MAX: usize = 16;

/// The most addresses that are announced: with 16 bytes each, all fits into one packet.
const ANNOUNCED_MAX: usize = 8;

/// How eagerly to ask and to answer.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pace {
    /// The time between questions, in milliseconds.
    every_ms: u64,
    /// How many answers a second are enough; the rest of the swarm stays quiet.
    answers_per_s: f32,
    /// How long the discoverer runs before it is made anew at the steady pace, in milliseconds.
    lasts_ms: u64,
}

/// After a start or a change: a newcomer should see a neighbour within half a second.
const EAGER: Pace = Pace { every_ms: 250, answers_per_s: 12.0, lasts_ms: 3_000 };

/// Afterwards: a phone's radio should sleep. Made anew every minute because a discoverer that lost a socket stops
/// without telling.
const STEADY: Pace = Pace { every_ms: 5_000, answers_per_s: 1.0, lasts_ms: 60_000 };

/// What a device says about itself on the LAN.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Announcement {
    device: DeviceId,
    addresses: Vec<(IpAddr, u16)>,
    building_tag: Option<[u8; 8]>,
}

#[derive(Debug)]
struct Heard {
    addresses: Vec<SocketAddr>,
    building_tag: Option<[u8; 8]>,
    at: Instant,
    reported: Instant,
}

/// Watches the interfaces and, if `lan`, announces this device and reports others. Runs until dropped.
pub(crate) async fn watch(shared: Arc<Shared>, events: mpsc::Sender<NetEvent>, lan: bool) {
    // Without the system's own reports the regular listing still notices every change.
    let monitor = Monitor::new().await.ok();
    let mut changes = monitor.as_ref().map(Monitor::interface_state);
    let mut tag = shared.building_tag.subscribe();
    let mut listing = tokio::time::interval(Duration::from_millis(LIST_EVERY_MS));
    listing.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (found, mut announcements) = mpsc::channel(256);
    let mut lookout = Lookout { shared: shared.clone(), heard: BTreeMap::new() };
    let mut discoverer = lan.then(|| announce(&shared, EAGER, found.clone())).flatten();
    let mut renew_at = Instant::now() + Duration::from_millis(EAGER.lasts_ms);
    loop {
        let changed = async {
            match &mut changes {
                Some(watcher) => drop(watcher.updated().await),
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            Some(announcement) = announcements.recv() => {
                if let Some(event) = lookout.hear(announcement) && events.send(event).await.is_err() {
                    return;
                }
                continue;
            }
            () = tokio::time::sleep_until(renew_at), if lan => Some(STEADY),
            // Lasts as long as `shared`, which this task holds.
            Ok(()) = tag.changed() => Some(EAGER),
            _ = listing.tick() => None,
            () = changed => None,
        };
        let mut pace = next;
        if list_again(&shared).await {
            shared.endpoint.network_change().await;
            if events.send(NetEvent::InterfacesChanged).await.is_err() {
                return;
            }
            pace = Some(EAGER);
        } else if discoverer.is_none() {
            pace = Some(EAGER);
        }
        for device in lookout.lost() {
            if events.send(NetEvent::Lost { device }).await.is_err() {
                return;
            }
        }
        if let Some(pace) = pace.filter(|_| lan) {
            discoverer = announce(&shared, pace, found.clone());
            renew_at = Instant::now() + Duration::from_millis(pace.lasts_ms);
        }
    }
}

/// Lists the interfaces. Gives whether they differ from before.
async fn list_again(shared: &Arc<Shared>) -> bool {
    let wanted = shared.wanted.clone();
    let Ok(now) = tokio::task::spawn_blocking(move || interfaces::list(&wanted)).await else { return false };
    let mut known = shared.interfaces();
    if *known == now {
        return false;
    }
    tracing::info!(?now, "interfaces changed");
    *known = now;
    true
}

/// Starts to announce this device and to listen. `None` if the system does not let us; tried again later.
fn announce(shared: &Shared, pace: Pace, found: mpsc::Sender<Announcement>) -> Option<DropGuard> {
    let own = shared.own;
    let interfaces = shared.interfaces().clone();
    let addresses = interfaces::reachable(&shared.endpoint.bound_sockets(), &interfaces);
    if addresses.is_empty() {
        return None;
    }
    let sources = interfaces::multicast_sources_v4(&interfaces);
    // IPv6 multicast goes where the routes point, perhaps into a tunnel: only where there is no IPv4 at all.
    let class = if sources.is_empty() { IpClass::V6Only } else { IpClass::V4Only };
    let tag = shared.building_tag.borrow().map(|tag| ("b".to_owned(), Some(HEXLOWER.encode(&tag))));
    let attributes = [("id".to_owned(), Some(own.to_string()))].into_iter().chain(tag);
    let mut discoverer = Discoverer::new(SERVICE.to_owned(), label(own))
        .with_cadence(Duration::from_millis(pace.every_ms))
        .with_response_rate(pace.answers_per_s)
        .with_ip_class(class)
        .with_multicast_interfaces_v4(sources)
        .with_callback(move |name, peer| {
            if let Some(announcement) = read_announcement(name, peer).filter(|said| said.device != own) {
                // What does not fit is heard again.
                let _ = found.try_send(announcement);
            }
        });
    for address in addresses.iter().take(ANNOUNCED_MAX) {
        discoverer = discoverer.with_addrs(address.port(), [address.ip()]);
    }
    let started = discoverer
        .with_txt_attributes(attributes)
        .map_err(|error| error.to_string())
        .and_then(|discoverer| discoverer.spawn(&shared.runtime).map_err(|error| error.to_string()));
    match started {
        Ok(guard) => Some(guard),
        Err(reason) => {
            tracing::warn!(reason, "this device cannot be announced on the LAN; it will be tried again");
            None
        }
    }
}

fn label(device: DeviceId) -> String {
    BASE32_NOPAD.encode(&device.0).to_ascii_lowercase().chars().take(LABEL_CHARS).collect()
}

fn read_announcement(name: &str, peer: &Peer) -> Option<Announcement> {
    let device: DeviceId = peer.txt_attribute("id")??.parse().ok()?;
    // Its own silence is not an announcement, and a name that is another's would overwrite that other's.
    if peer.is_expiry() || label(device) != name {
        return None;
    }
    let building_tag = match peer.txt_attribute("b") {
        Some(Some(hex)) => Some(HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()?),
        _ => None,
    };
    Some(Announcement { device, addresses: peer.addrs().to_vec(), building_tag })
}

/// Who was heard on the LAN.
struct Lookout {
    shared: Arc<Shared>,
    heard: BTreeMap<DeviceId, Heard>,
}

impl Lookout {
    /// Takes in an announcement. Gives the event that is worth telling.
    fn hear(&mut self, said: Announcement) -> Option<NetEvent> {
        let id = EndpointId::from_bytes(&said.device.0).ok()?;
        let addresses = dialable(&said.addresses, &self.shared.interfaces());
        if addresses.is_empty() {
            return None;
        }
        let now = Instant::now();
        let news = match self.heard.get_mut(&said.device) {
            Some(before) => {
                before.at = now;
                let changed = before.addresses != addresses || before.building_tag != said.building_tag;
                let due = now.duration_since(before.reported) >= Duration::from_millis(REPEAT_EVERY_MS);
                changed || (due && !self.shared.seats().taken(said.device))
            }
            None => self.heard.len() < DEVICES_MAX,
        };
        if !news {
            return None;
        }
        let road = addresses.iter().copied().map(TransportAddr::Ip);
        self.shared.lookup.set_endpoint_info(EndpointAddr::from_parts(id, road));
        let heard = Heard { addresses: addresses.clone(), building_tag: said.building_tag, at: now, reported: now };
        self.heard.insert(said.device, heard);
        Some(NetEvent::Discovered { device: said.device, addresses, building_tag: said.building_tag })
    }

    /// Forgets the devices that fell silent, and names them.
    fn lost(&mut self) -> Vec<DeviceId> {
        // About every_ms · answers_per_s devices answer each question: in a crowd each is heard more rarely.
        let answers = (STEADY.every_ms as f32 / 1_000.0 * STEADY.answers_per_s).max(1.0);
        let turns = (self.heard.len() as f32 / answers).max(1.0);
        let expected = Duration::from_millis(STEADY.every_ms).mul_f32(4.0 * turns);
        let limit = expected.max(Duration::from_millis(LOST_AFTER_MS));
        let silent: Vec<DeviceId> =
            self.heard.iter().filter(|(_, heard)| heard.at.elapsed() >= limit).map(|(device, _)| *device).collect();
        for device in &silent {
            self.heard.remove(device);
            if let Ok(id) = EndpointId::from_bytes(&device.0) {
                self.shared.lookup.remove_endpoint_info(id);
            }
        }
        silent
    }
}

/// Keeps the addresses that can be dialled from here, at most [`ADDRESSES_MAX`].
fn dialable(announced: &[(IpAddr, u16)], interfaces: &[Interface]) -> Vec<SocketAddr> {
    let on_loopback = interfaces.iter().any(|interface| interface.loopback);
    let useful = |ip: IpAddr| {
        let link_local = matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local());
        !ip.is_unspecified() && !ip.is_multicast() && !link_local && (!ip.is_loopback() || on_loopback)
    };
    let addresses = announced.iter().filter(|(ip, port)| *port != 0 && useful(*ip));
    addresses.take(ADDRESSES_MAX).map(|(ip, port)| SocketAddr::new(*ip, *port)).collect()
}

/// Gives the addresses of a device that were heard on the LAN.
pub(crate) fn known_addresses(shared: &Shared, device: DeviceId) -> Vec<SocketAddr> {
    let Ok(id) = EndpointId::from_bytes(&device.0) else { return Vec::new() };
    let info = shared.lookup.get_endpoint_info(id);
    info.map(|info| info.data.ip_addrs().copied().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
