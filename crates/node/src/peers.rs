//! Whom to dial, where, and when.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use kaifong_domain::{DeviceId, Instant};
use kaifong_store::{Batch, Space, Store, StoreError};

/// How many neighbours a device dials by itself; others may dial it.
pub(crate) const DIALLED_MAX: usize = 12;
/// How long after a failure the first new dial waits, in milliseconds; it doubles up to [`BACKOFF_MS_MAX`].
const BACKOFF_MS_MIN: u64 = 1_000;
const BACKOFF_MS_MAX: u64 = 60_000;
/// A connection that lasted this long was worth making, in milliseconds.
const LASTING_MS: u64 = 5_000;
/// How many neighbours are remembered.
const KNOWN_MAX: usize = 1024;
/// How many addresses of one.
const ADDRESSES_MAX: usize = 16;

#[derive(Clone, Debug, Default)]
struct Known {
    addresses: Vec<SocketAddr>,
    failures: u32,
    next_dial_at: Instant,
    connected_at: Instant,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Apart,
    Dialling,
    Connected,
}

impl Known {
    fn back_off(&mut self, now: Instant) {
        let wait = BACKOFF_MS_MIN << self.failures.min(6);
        self.failures = self.failures.saturating_add(1);
        self.next_dial_at = Instant(now.0 + wait.min(BACKOFF_MS_MAX));
    }
}

/// The doors that this device knows.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    known: BTreeMap<DeviceId, Known>,
}

impl Peers {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut peers = Self::default();
        store.visit(Space::Meta, b"door/", &mut |key, bytes| {
            let device = key.get(5..).and_then(|id| DeviceId::try_from(id).ok());
            if let (Some(device), Ok(addresses)) = (device, postcard::from_bytes(bytes)) {
                peers.known.insert(device, Known { addresses, ..Known::default() });
            }
        })?;
        Ok(peers)
    }

    /// Learns where a device can be reached; kept for the next start when `batch` is given.
    pub(crate) fn learn(
        &mut self,
        device: DeviceId,
        mut addresses: Vec<SocketAddr>,
        now: Instant,
        batch: Option<&mut Batch>,
    ) {
        addresses.truncate(ADDRESSES_MAX);
        if self.known.len() >= KNOWN_MAX && !self.known.contains_key(&device) {
            return;
        }
        let known = self.known.entry(device).or_default();
        if addresses.is_empty() || known.addresses == addresses {
            return;
        }
        if let Some(batch) = batch {
            batch.put(Space::Meta, [b"door/".as_slice(), &device.0].concat(), kaifong_trust::encode(&addresses));
        }
        known.addresses = addresses;
        known.failures = 0;
        known.next_dial_at = now;
    }

    pub(crate) fn connected(&mut self, device: DeviceId, now: Instant) {
        let known = self.known.entry(device).or_default();
        known.state = State::Connected;
        known.connected_at = now;
    }

    pub(crate) fn disconnected(&mut self, device: &DeviceId, now: Instant) {
        if let Some(known) = self.known.get_mut(device) {
            known.state = State::Apart;
            // Two that get nowhere with each other must not dial every second: only what lasted lets bygones be bygones.
            if now.0.saturating_sub(known.connected_at.0) >= LASTING_MS {
                known.failures = 0;
            }
            known.back_off(now);
            // Strangers who came by themselves leave nothing behind.
            if known.addresses.is_empty() {
                self.known.remove(device);
            }
        }
    }

    pub(crate) fn dial_failed(&mut self, device: &DeviceId, now: Instant) {
        if let Some(known) = self.known.get_mut(device).filter(|known| known.state == State::Dialling) {
            known.state = State::Apart;
            known.back_off(now);
        }
    }

    /// Stays away from a device for a minute: it did not keep to the protocol, or is of another building.
    pub(crate) fn shun(&mut self, device: &DeviceId, now: Instant) {
        if let Some(known) = self.known.get_mut(device) {
            known.failures = 6;
            known.next_dial_at = Instant(now.0 + BACKOFF_MS_MAX);
        }
    }

    /// Tells whether there was a connection to this device, now or before.
    pub(crate) fn was_tried(&self, device: &DeviceId) -> bool {
        self.known.get(device).is_some_and(|known| known.connected_at > Instant(0))
    }

    /// Lets bygones be bygones: everybody may be dialled at once.
    pub(crate) fn forgive(&mut self, now: Instant) {
        self.known.values_mut().for_each(|known| {
            known.failures = 0;
            known.next_dial_at = now;
        });
    }

    /// Chooses whom to dial now, in order of id, and counts them as being dialled.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<(DeviceId, Vec<SocketAddr>)> {
        let engaged = self.known.values().filter(|known| known.state != State::Apart).count();
        let free = DIALLED_MAX.saturating_sub(engaged);
        let due = self.known.iter_mut().filter(|(_, known)| {
            known.state == State::Apart && known.next_dial_at <= now && !known.addresses.is_empty()
        });
        due.take(free)
            .map(|(device, known)| {
                known.state = State::Dialling;
                (*device, known.addresses.clone())
            })
            .collect()
    }

    /// Gives the next time at which somebody is to be dialled.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let engaged = self.known.values().filter(|known| known.state != State::Apart).count();
        let apart = self.known.values().filter(|known| known.state == State::Apart && !known.addresses.is_empty());
        apart.map(|known| known.next_dial_at).min().filter(|_| engaged < DIALLED_MAX)
    }
}
