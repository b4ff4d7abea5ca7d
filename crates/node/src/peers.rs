//! Whom to dial, where, and when.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use kaifong_domain::{DeviceId, Instant};
use kaifong_store::{Batch, Space, Store, StoreError};

/// How many neighbours a device dials by itself; others may dial it.
pub(crate) const DIALLED_MAX: usize = 12;
/// How many of whom it has only heard on the LAN are dialled beside them; they take no neighbour's place.
const HEARD_DIALLED_MAX: usize = 8;
/// How long after a failure the first new dial waits, in milliseconds; it doubles up to [`BACKOFF_MS_MAX`].
const BACKOFF_MS_MIN: u64 = 1_000;
const BACKOFF_MS_MAX: u64 = 60_000;
/// A connection that lasted this long was worth making, in milliseconds.
const LASTING_MS: u64 = 5_000;
/// A dial of which nothing was heard for this long came to nothing, in milliseconds.
pub(crate) const DIALLING_MS_MAX: u64 = 30_000;
/// How many devices are remembered.
const KNOWN_MAX: usize = 1024;
/// How many of them may be only heard on the LAN: anybody can make them up.
const HEARD_MAX: usize = 256;
/// After so many failures in a row one that was only heard is forgotten, when its next turn would come.
const HEARD_FAILURES_MAX: u32 = 5;
/// How many addresses of one.
const ADDRESSES_MAX: usize = 16;

#[derive(Clone, Debug, Default)]
struct Known {
    addresses: Vec<SocketAddr>,
    word: Word,
    failures: u32,
    next_dial_at: Instant,
    connected_at: Instant,
    state: State,
}

/// By whose word a device is known; whoever has the better one is dialled first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// The roster's: a neighbour.
    Roster,
    /// A ticket's, or of the person at this device.
    Told,
    /// Its own.
    #[default]
    Heard,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Apart,
    Dialling {
        since: Instant,
    },
    Connected {
        /// Whether this device dialled.
        own: bool,
    },
}

/// How many more may be dialled now.
struct Free {
    neighbours: usize,
    heard: usize,
}

impl Known {
    fn back_off(&mut self, now: Instant) {
        let wait = BACKOFF_MS_MIN << self.failures.min(6);
        self.failures = self.failures.saturating_add(1);
        self.next_dial_at = Instant(now.0 + wait.min(BACKOFF_MS_MAX));
    }

    fn waits_for_dial(&self) -> bool {
        self.state == State::Apart && !self.addresses.is_empty()
    }

    /// Tells whether it takes one of the places of those whom this device dials. Strangers who came by themselves do not.
    fn is_engaged(&self) -> bool {
        match self.state {
            State::Apart => false,
            State::Dialling { .. } => true,
            State::Connected { own } => own || self.word != Word::Heard,
        }
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
                // Only neighbours' doors are kept.
                peers.known.insert(device, Known { addresses, word: Word::Roster, ..Known::default() });
            }
        })?;
        Ok(peers)
    }

    /// Is told where a device can be reached, by a ticket or by hand.
    pub(crate) fn learn(&mut self, device: DeviceId, addresses: Vec<SocketAddr>, now: Instant) {
        self.put(device, addresses, now, Word::Told);
    }

    /// Hears where a device says that it can be reached; a neighbour's door is kept for the next start in `neighbours`.
    pub(crate) fn hear(
        &mut self,
        device: DeviceId,
        addresses: Vec<SocketAddr>,
        now: Instant,
        neighbours: Option<&mut Batch>,
    ) {
        let word = if neighbours.is_some() { Word::Roster } else { Word::Heard };
        if self.put(device, addresses, now, word)
            && let (Some(batch), Some(known)) = (neighbours, self.known.get(&device))
        {
            let key = [b"door/".as_slice(), &device.0].concat();
            batch.put(Space::Meta, key, kaifong_trust::encode(&known.addresses));
        }
    }

    /// Tells whether the addresses are new.
    fn put(&mut self, device: DeviceId, mut addresses: Vec<SocketAddr>, now: Instant, word: Word) -> bool {
        addresses.truncate(ADDRESSES_MAX);
        if !self.known.contains_key(&device) && !self.make_room(word) {
            return false;
        }
        let known = self.known.entry(device).or_default();
        known.word = known.word.min(word);
        if addresses.is_empty() || known.addresses == addresses {
            return false;
        }
        known.addresses = addresses;
        // Whoever is only heard could name a new address every second.
        if known.word != Word::Heard {
            known.failures = 0;
            known.next_dial_at = now;
        }
        true
    }

    /// Forgets one that was only heard, if that is needed to learn another; tells whether there is room.
    fn make_room(&mut self, word: Word) -> bool {
        let heard = self.known.values().filter(|known| known.word == Word::Heard);
        if self.known.len() < KNOWN_MAX && (word != Word::Heard || heard.count() < HEARD_MAX) {
            return true;
        }
        // One that was never tried goes for a better one only.
        let may_go = |known: &Known| {
            known.word == Word::Heard && known.state == State::Apart && (word != Word::Heard || known.failures > 0)
        };
        let going = self.known.iter().filter(|(_, known)| may_go(known)).max_by_key(|(_, known)| known.failures);
        match going.map(|(device, _)| *device) {
            Some(device) => self.known.remove(&device).is_some(),
            None => false,
        }
    }

    pub(crate) fn connected(&mut self, device: DeviceId, now: Instant) {
        let known = self.known.entry(device).or_default();
        known.state = State::Connected { own: matches!(known.state, State::Dialling { .. }) };
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
        let dialled = |known: &&mut Known| matches!(known.state, State::Dialling { .. });
        if let Some(known) = self.known.get_mut(device).filter(dialled) {
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

    /// Chooses whom to dial now, and counts them as being dialled: neighbours first, then those who were told of, then the
    /// merely heard, and who has waited longest first.
    pub(crate) fn due(
        &mut self,
        now: Instant,
        is_neighbour: impl Fn(&DeviceId) -> bool,
    ) -> Vec<(DeviceId, Vec<SocketAddr>)> {
        self.look_again(now, is_neighbour);
        let mut free = self.free();
        let due = self.known.iter().filter(|(_, known)| known.waits_for_dial() && known.next_dial_at <= now);
        let mut line: Vec<_> = due.map(|(device, known)| (known.word, known.next_dial_at, *device)).collect();
        line.sort_unstable();
        line.retain(|(word, ..)| free.take(*word));
        let mut dials = Vec::new();
        for (_, _, device) in line {
            if let Some(known) = self.known.get_mut(&device) {
                known.state = State::Dialling { since: now };
                dials.push((device, known.addresses.clone()));
            }
        }
        dials
    }

    /// Gives the next time at which somebody is to be dialled, or a dial is over.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let free = self.free();
        let next = |known: &Known| match known.state {
            State::Dialling { since } => Some(Instant(since.0 + DIALLING_MS_MAX)),
            State::Apart if known.waits_for_dial() && free.has(known.word) => Some(known.next_dial_at),
            State::Apart | State::Connected { .. } => None,
        };
        self.known.values().filter_map(next).min()
    }

    /// Takes note of who is a neighbour now, ends dials of which nothing is heard, and forgets who is worth no more tries.
    fn look_again(&mut self, now: Instant, is_neighbour: impl Fn(&DeviceId) -> bool) {
        self.known.retain(|device, known| {
            match is_neighbour(device) {
                true => known.word = Word::Roster,
                false if known.word == Word::Roster => known.word = Word::Heard,
                false => {}
            }
            if let State::Dialling { since } = known.state
                && since.0 + DIALLING_MS_MAX <= now.0
            {
                known.state = State::Apart;
                known.back_off(now);
            }
            let useless = known.word == Word::Heard && known.failures >= HEARD_FAILURES_MAX;
            !(useless && known.waits_for_dial() && known.next_dial_at <= now)
        });
    }

    fn free(&self) -> Free {
        let engaged = || self.known.values().filter(|known| known.is_engaged());
        let heard = engaged().filter(|known| known.word == Word::Heard).count();
        let neighbours = DIALLED_MAX.saturating_sub(engaged().count() - heard);
        let heard = HEARD_DIALLED_MAX.saturating_sub(heard).min(neighbours);
        Free { neighbours, heard }
    }
}

impl Free {
    fn has(&self, word: Word) -> bool {
        if word == Word::Heard { self.heard > 0 } else { self.neighbours > 0 }
    }

    /// Takes a place if there is one.
    fn take(&mut self, word: Word) -> bool {
        let place = if word == Word::Heard { &mut self.heard } else { &mut self.neighbours };
        let free = *place > 0;
        *place -= usize::from(free);
        free
    }
}

#[cfg(test)]
mod tests;
