//! The room in which entries wait for what they name.
//!
//! Whoever can reach a replica can make it wait for nonsense, with as many keys as they like; so the room is bounded, and
//! its room is shared by people and not by keys. Each member with all their devices is one party, and all signers
//! that nobody has vouched for are one party together. When the room is full, the party that takes most gives way, in it
//! the device that takes most, and of that device the entry that came last: what stands nearer to the admitted ones is
//! worth more than what stands behind it. Whoever is turned away comes again with the next reconcile, in causal order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaifong_domain::{DeviceId, EntryHash, MemberId};

use crate::entry::Entry;
use crate::signed::Verified;

/// How many entries may wait for what they name, per building.
pub const WAITING_MAX: usize = 4096;
/// How many bytes they may take together.
pub const WAITING_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What an entry in memory takes beyond its payload, in bytes, roughly.
const OVERHEAD_BYTES: usize = 512;

/// Who shares the room. The last in this order gives way when two take the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Party {
    Member(MemberId),
    Strangers,
}

#[derive(Debug)]
struct Waiter {
    entry: Arc<Verified<Entry>>,
    missing: EntryHash,
    /// The party at arrival: whoever is certified later is not counted anew.
    party: Party,
}

/// What one device has in the room, by number of arrival.
#[derive(Debug, Default)]
struct Share {
    size_bytes: usize,
    numbers: BTreeSet<u64>,
}

/// The devices of one party, and which of them takes most; of equals, the one that has waited longest.
#[derive(Debug, Default)]
struct Shares {
    size_bytes: usize,
    devices: BTreeMap<DeviceId, Share>,
    order: BTreeSet<(usize, Reverse<u64>, DeviceId)>,
}

impl Shares {
    fn change(&mut self, device: DeviceId, change: impl FnOnce(&mut Share) -> isize) {
        let share = self.devices.entry(device).or_default();
        if let Some(first) = share.numbers.first() {
            self.order.remove(&(share.size_bytes, Reverse(*first), device));
        }
        let by = change(share);
        share.size_bytes = share.size_bytes.saturating_add_signed(by);
        self.size_bytes = self.size_bytes.saturating_add_signed(by);
        match share.numbers.first() {
            Some(first) => _ = self.order.insert((share.size_bytes, Reverse(*first), device)),
            None => _ = self.devices.remove(&device),
        }
    }
}

/// The room.
#[derive(Debug, Default)]
pub(crate) struct WaitingRoom {
    waiters: BTreeMap<u64, Waiter>,
    numbers: BTreeMap<EntryHash, u64>,
    by_missing: BTreeMap<EntryHash, BTreeSet<u64>>,
    parties: BTreeMap<Party, Shares>,
    by_size: BTreeSet<(usize, Party)>,
    size_bytes: usize,
    next_number: u64,
}

impl WaitingRoom {
    /// Gives the number of entries that wait.
    pub(crate) fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Gives what the waiting entries take, in bytes.
    pub(crate) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Lets an entry in; if that is too much, whoever takes most gives way, and that may be this entry.
    pub(crate) fn wait(&mut self, missing: EntryHash, entry: Arc<Verified<Entry>>, member: Option<MemberId>) {
        let hash = EntryHash(entry.hash());
        if self.numbers.contains_key(&hash) {
            return;
        }
        let (number, party) = (self.next_number, member.map_or(Party::Strangers, Party::Member));
        self.next_number += 1;
        let (device, size) = (entry.signer(), size_of(&entry));
        self.numbers.insert(hash, number);
        self.by_missing.entry(missing).or_default().insert(number);
        self.waiters.insert(number, Waiter { entry, missing, party });
        self.share(party, device, |share| {
            share.numbers.insert(number);
            size.cast_signed()
        });
        while self.waiters.len() > WAITING_MAX || self.size_bytes > WAITING_BYTES_MAX {
            let Some(number) = self.who_gives_way() else { return };
            self.leave(number);
        }
    }

    /// Takes out all entries that wait for this one.
    pub(crate) fn call(&mut self, arrived: &EntryHash) -> Vec<Arc<Verified<Entry>>> {
        let numbers = self.by_missing.get(arrived).cloned().unwrap_or_default();
        numbers.into_iter().filter_map(|number| self.leave(number)).collect()
    }

    /// Gives the first entries, at most `most`, for want of which entries of a device wait: those that are not here even to
    /// wait themselves.
    pub(crate) fn lacked_by(&self, device: &DeviceId, most: usize) -> BTreeSet<EntryHash> {
        let mut lacked = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for waiter in self.waiters.values().filter(|waiter| waiter.entry.signer() == *device) {
            let mut missing = waiter.missing;
            while seen.insert(missing) {
                match self.numbers.get(&missing).and_then(|number| self.waiters.get(number)) {
                    Some(behind) => missing = behind.missing,
                    None => _ = lacked.insert(missing),
                }
            }
            if lacked.len() >= most {
                break;
            }
        }
        lacked
    }

    fn who_gives_way(&self) -> Option<u64> {
        let (_, party) = self.by_size.last()?;
        let shares = self.parties.get(party)?;
        let (_, _, device) = shares.order.last()?;
        shares.devices.get(device)?.numbers.last().copied()
    }

    fn leave(&mut self, number: u64) -> Option<Arc<Verified<Entry>>> {
        let Waiter { entry, missing, party } = self.waiters.remove(&number)?;
        self.numbers.remove(&EntryHash(entry.hash()));
        if let Some(others) = self.by_missing.get_mut(&missing) {
            others.remove(&number);
            if others.is_empty() {
                self.by_missing.remove(&missing);
            }
        }
        let size = size_of(&entry);
        self.share(party, entry.signer(), |share| {
            share.numbers.remove(&number);
            -size.cast_signed()
        });
        Some(entry)
    }

    fn share(&mut self, party: Party, device: DeviceId, change: impl FnOnce(&mut Share) -> isize) {
        let shares = self.parties.entry(party).or_default();
        let before = shares.size_bytes;
        shares.change(device, change);
        let after = shares.size_bytes;
        self.size_bytes = self.size_bytes.saturating_sub(before).saturating_add(after);
        self.by_size.remove(&(before, party));
        if after == 0 {
            self.parties.remove(&party);
        } else {
            self.by_size.insert((after, party));
        }
    }
}

fn size_of(entry: &Verified<Entry>) -> usize {
    entry.signed().size_bytes() + OVERHEAD_BYTES
}
