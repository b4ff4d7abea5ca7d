//! What this device holds, as the sync protocol asks it.

use std::collections::BTreeMap;

use kaifong_domain::EntryHash;
use kaifong_store::Store;
use kaifong_sync::{Heads, Holdings, ItemId, Parcel};
use kaifong_trust::Signed;
use kaifong_trust::entry::Entry;

use crate::home::Home;
use crate::letters::Letters;

/// How many entries travel in one parcel, well below what a neighbour takes.
const ENTRIES_IN_PARCEL_MAX: usize = 8 * 1024;

/// Gives about how large a parcel is, in bytes.
pub(crate) fn size_bytes(parcel: &Parcel) -> usize {
    match parcel {
        Parcel::Entries(entries) => entries.iter().map(|entry| entry.size_bytes() + 128).sum(),
        Parcel::Document(delivery) => delivery.size_bytes(),
        Parcel::Fork(_) | Parcel::Envelope(_) => 8 * 1024,
    }
}

/// A neighbour's view of this device.
pub(crate) struct Shelves<'a> {
    pub(crate) home: &'a Home,
    pub(crate) letters: &'a Letters,
    pub(crate) store: &'a dyn Store,
}

impl Holdings for Shelves<'_> {
    fn items(&self, each: &mut dyn FnMut(ItemId, [u8; 32])) {
        for journal in self.home.journals.journals() {
            each(ItemId::Journal(journal.id), journal.fingerprint());
        }
        for (member, fingerprint) in self.home.documents.fingerprints() {
            each(ItemId::Document(member), fingerprint);
        }
        for (_, fork) in self.home.documents.forks() {
            each(ItemId::Fork(fork), fork);
        }
        for hash in self.letters.carried() {
            each(ItemId::Envelope(hash), hash);
        }
    }

    fn heads(&self, item: &ItemId) -> Heads {
        match item {
            ItemId::Journal(id) => {
                let tips = self.home.journals.journal(id).map(|journal| journal.tips());
                tips.into_iter().flatten().map(|tip| tip.0).collect()
            }
            ItemId::Document(member) => self.home.documents.heads(member),
            ItemId::Fork(id) => self.home.documents.forks().filter(|(_, fork)| fork == id).map(|_| *id).collect(),
            ItemId::Envelope(hash) => self.letters.envelope(hash).map(|_| *hash).into_iter().collect(),
        }
    }

    fn knows(&self, item: &ItemId, head: &[u8; 32]) -> bool {
        match item {
            ItemId::Journal(_) => self.home.journals.entry(&EntryHash(*head)).is_some(),
            ItemId::Document(member) => self.home.documents.knows(member, head, self.store),
            ItemId::Fork(id) => self.home.documents.forks().any(|(_, fork)| fork == *id),
            ItemId::Envelope(hash) => self.letters.has_seen(hash),
        }
    }

    fn parcels(&self, wanted: &[(ItemId, Heads)], size_bytes: usize) -> Vec<Parcel> {
        let mut entries = BTreeMap::new();
        let mut rest = Vec::new();
        for (item, theirs) in wanted {
            match item {
                ItemId::Journal(id) => entries.extend(self.home.journals.missing(id, theirs)),
                ItemId::Document(member) => {
                    let missing = self.home.documents.with(member, self.store, |document| document.missing(theirs));
                    rest.extend(missing.flatten().map(Parcel::Document));
                }
                ItemId::Fork(id) => {
                    let member = self.home.documents.forks().find(|(_, fork)| fork == id).map(|(member, _)| member);
                    let proof = |document: &kaifong_replica::Document| {
                        document.forks().iter().find(|fork| fork.id() == *id).cloned()
                    };
                    let found = member.and_then(|member| self.home.documents.with(&member, self.store, proof));
                    rest.extend(found.flatten().map(Parcel::Fork));
                }
                ItemId::Envelope(hash) => {
                    rest.extend(self.letters.envelope(hash).cloned().map(Parcel::Envelope));
                }
            }
        }
        let mut parcels = cut(entries, size_bytes);
        parcels.append(&mut rest);
        parcels
    }
}

/// Cuts entries, in the order in which this device admitted them, into parcels: so nothing comes before what it names.
fn cut(entries: BTreeMap<u64, Signed<Entry>>, size_bytes: usize) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    let (mut open, mut size) = (Vec::new(), 0);
    for entry in entries.into_values() {
        let next = entry.size_bytes() + 128;
        let full = size + next > size_bytes || open.len() >= ENTRIES_IN_PARCEL_MAX;
        if full && !open.is_empty() {
            parcels.push(Parcel::Entries(std::mem::take(&mut open)));
            size = 0;
        }
        size += next;
        open.push(entry);
    }
    if !open.is_empty() {
        parcels.push(Parcel::Entries(open));
    }
    parcels
}
