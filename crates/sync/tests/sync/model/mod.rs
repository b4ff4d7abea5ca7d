//! Replicas whose verdicts are simple: they take what arrives in causal order, and note down what does not.
//!
//! Entries are really signed, because a parcel cannot carry others. Changes are byte strings that name their
//! dependencies. What a replica holds is always closed under its own past, as behind the real gate.

#![allow(unreachable_pub)]

mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId};
use kaifong_replica::{Aftermath, Content, Delivery, ForkProof};
use kaifong_sync::{Heads, Holdings, ItemId, Parcel};
use kaifong_trust::entry::{ActorKey, Body, Entry, Head, NO_ENTRY};
use kaifong_trust::{DeviceKey, Envelope, Signed, decode_exact, encode};

pub use wire::{Cable, Outcome, sync, sync_holdings, sync_with};

pub const BUILDING: BuildingId = BuildingId([1; 32]);
pub const JOURNALS: usize = 24;
pub const ENTRIES_EACH: usize = 10;
pub const FORKS: usize = 6;
pub const ENVELOPES: usize = 6;

type Hash = [u8; 32];

/// What was ever signed in the building, in the order in which it was signed.
pub struct Past {
    pub entries: Vec<PastEntry>,
    pub by_hash: BTreeMap<Hash, usize>,
    pub forks: Vec<ForkProof>,
    pub envelopes: Vec<Signed<Envelope>>,
    pub head: Signed<Head>,
}

pub struct PastEntry {
    pub signed: Signed<Entry>,
    pub hash: Hash,
    pub journal: JournalId,
    pub prev: Hash,
    pub cites: Hash,
}

pub static PAST: LazyLock<Past> = LazyLock::new(Past::sign);

impl Past {
    fn sign() -> Self {
        let key = DeviceKey::from_seed([7; 32]);
        let mut entries: Vec<PastEntry> = Vec::new();
        let mut tips: BTreeMap<usize, Vec<Hash>> = BTreeMap::new();
        for n in 0..JOURNALS * ENTRIES_EACH {
            let number = (n * 7) % JOURNALS;
            let chain = tips.entry(number).or_default();
            // In every fifth journal the sixth entry stands beside the fifth: a fork.
            let is_fork = number.is_multiple_of(5) && chain.len() == 5;
            let prev = if is_fork { chain[3] } else { chain.last().copied().unwrap_or(NO_ENTRY.0) };
            let cites = if n > 3 { entries[n - 1 - n % 3].hash } else { NO_ENTRY.0 };
            let journal = journal(number);
            let entry = Entry {
                building: BUILDING,
                journal,
                seq: u64::try_from(chain.len()).unwrap(),
                prev: EntryHash(prev),
                epoch: NO_ENTRY,
                at: Instant(u64::try_from(n).unwrap()),
                body: Body::Accept { transfer: EntryHash(cites) },
            };
            let signed = key.sign(entry).signed().clone();
            let hash = signed.hash();
            chain.push(hash);
            entries.push(PastEntry { signed, hash, journal, prev, cites });
        }
        let by_hash = entries.iter().enumerate().map(|(place, entry)| (entry.hash, place)).collect();
        let head = Head {
            building: BUILDING,
            document: document(0),
            actor: ActorKey { device: key.id(), nonce: [1; 8] },
            seq: 1,
            change: [2; 32],
        };
        let head = key.sign(head).signed().clone();
        let forks = (0..FORKS).map(|n| fork_proof(&head, u64::try_from(n).unwrap())).collect();
        let envelopes = (0..ENVELOPES).map(|n| envelope(&key, u8::try_from(n).unwrap())).collect();
        Self { entries, by_hash, forks, envelopes, head }
    }
}

pub fn journal(n: usize) -> JournalId {
    JournalId(*blake3::hash(&n.to_le_bytes()).as_bytes())
}

pub fn document(n: usize) -> MemberId {
    let hash = blake3::hash(&n.to_be_bytes());
    MemberId::try_from(&hash.as_bytes()[..16]).unwrap()
}

/// The replica crate makes proofs from real forks only; here their bytes are enough.
fn fork_proof(head: &Signed<Head>, seq: u64) -> ForkProof {
    let voucher = (head, vec![vec![5_u8; 40]]);
    let actor = ActorKey { device: head.claimed_signer(), nonce: [1; 8] };
    let bytes = encode(&(BUILDING, document(0), actor, seq, (&voucher, &voucher)));
    decode_exact(&bytes, "fork proof").expect("the form of fork proofs has changed: change it here, too")
}

fn envelope(key: &DeviceKey, n: u8) -> Signed<Envelope> {
    let envelope = Envelope { building: BUILDING, to: DeviceId([n; 32]), at: Instant(3), sealed: vec![n; 300] };
    key.sign(envelope).signed().clone()
}

/// A change: its bytes are its dependencies and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub bytes: Vec<u8>,
    pub deps: Vec<Hash>,
}

impl Change {
    pub fn new(deps: Vec<Hash>, text: Vec<u8>) -> Self {
        Self { bytes: encode(&(&deps, text)), deps }
    }

    pub fn hash(&self) -> Hash {
        *blake3::hash(&self.bytes).as_bytes()
    }

    fn read(bytes: Vec<u8>) -> Self {
        let (deps, _): (Vec<Hash>, Vec<u8>) = decode_exact(&bytes, "change").unwrap();
        Self { bytes, deps }
    }
}

pub type Changes = BTreeMap<Hash, Change>;

/// One household's replica.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replica {
    pub entries: BTreeSet<Hash>,
    pub documents: BTreeMap<MemberId, Changes>,
    pub forks: BTreeSet<Hash>,
    pub envelopes: BTreeSet<Hash>,
}

/// What a replica noticed while it took parcels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Things that arrived before what they cite.
    pub too_early: usize,
    /// Things that were here already.
    pub repeated: BTreeMap<ItemId, usize>,
    /// Things that were new.
    pub new: usize,
}

impl Replica {
    /// Holds an entry of the past and all that it rests on.
    pub fn hold_entry(&mut self, place: usize) {
        let entry = &PAST.entries[place];
        if self.entries.insert(entry.hash) {
            for before in [entry.prev, entry.cites] {
                if let Some(place) = PAST.by_hash.get(&before) {
                    self.hold_entry(*place);
                }
            }
        }
    }

    /// Writes a change on top of all that is held of a document.
    pub fn write(&mut self, document: MemberId, text: Vec<u8>) {
        let deps = self.heads(&ItemId::Document(document));
        self.hold_change(document, Change::new(deps, text));
    }

    pub fn hold_change(&mut self, document: MemberId, change: Change) {
        self.documents.entry(document).or_default().insert(change.hash(), change);
    }

    pub fn take(&mut self, parcels: Vec<Parcel>, notes: &mut Notes) {
        for parcel in parcels {
            match parcel {
                Parcel::Entries(entries) => entries.iter().for_each(|entry| self.take_entry(entry, notes)),
                Parcel::Document(delivery) => self.take_delivery(delivery, notes),
                Parcel::Fork(proof) => note(notes, ItemId::Fork(proof.id()), self.forks.insert(proof.id())),
                Parcel::Envelope(envelope) => {
                    let hash = envelope.hash();
                    note(notes, ItemId::Envelope(hash), self.envelopes.insert(hash));
                }
            }
        }
    }

    fn take_entry(&mut self, signed: &Signed<Entry>, notes: &mut Notes) {
        let entry = &PAST.entries[PAST.by_hash[&signed.hash()]];
        let known = |hash: &Hash| *hash == NO_ENTRY.0 || self.entries.contains(hash);
        if known(&entry.prev) && known(&entry.cites) {
            note(notes, ItemId::Journal(entry.journal), self.entries.insert(entry.hash));
        } else {
            notes.too_early += 1;
        }
    }

    fn take_delivery(&mut self, delivery: Delivery, notes: &mut Notes) {
        let changes = match delivery.content {
            Content::Changes(changes) => changes,
            Content::Snapshot(bytes) => decode_exact(&bytes, "snapshot").unwrap(),
        };
        let mut waiting: Vec<Change> = changes.into_iter().map(Change::read).collect();
        let held = self.documents.entry(delivery.document).or_default();
        while !waiting.is_empty() {
            let (ready, rest): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|change| change.deps.iter().all(|dep| held.contains_key(dep)));
            waiting = rest;
            if ready.is_empty() {
                notes.too_early += waiting.len();
                return;
            }
            for change in ready {
                note(notes, ItemId::Document(delivery.document), held.insert(change.hash(), change).is_none());
            }
        }
    }

    fn lacking_entries(&self, wanted: &BTreeMap<JournalId, &Heads>) -> Vec<Signed<Entry>> {
        let mut seen = BTreeSet::new();
        for hash in wanted.values().flat_map(|heads| heads.iter()).filter(|head| self.entries.contains(*head)) {
            let mut at = *hash;
            while let Some(place) = PAST.by_hash.get(&at)
                && seen.insert(at)
            {
                at = PAST.entries[*place].prev;
            }
        }
        let held = PAST.entries.iter().filter(|entry| self.entries.contains(&entry.hash));
        let lacking = held.filter(|entry| wanted.contains_key(&entry.journal) && !seen.contains(&entry.hash));
        lacking.map(|entry| entry.signed.clone()).collect()
    }

    fn delivery(&self, document: MemberId, theirs: &Heads) -> Option<Delivery> {
        let changes = self.documents.get(&document)?;
        let mut seen = BTreeSet::new();
        let mut open: Vec<Hash> = theirs.iter().copied().filter(|head| changes.contains_key(head)).collect();
        while let Some(hash) = open.pop() {
            if seen.insert(hash) {
                open.extend(&changes[&hash].deps);
            }
        }
        let lacking = changes.iter().filter(|(hash, _)| !seen.contains(*hash));
        let lacking: Vec<Vec<u8>> = lacking.map(|(_, change)| change.bytes.clone()).collect();
        let content = match (lacking.is_empty(), seen.is_empty()) {
            (true, _) => return None,
            (_, true) => Content::Snapshot(encode(&lacking)),
            _ => Content::Changes(lacking),
        };
        Some(Delivery { document, content, heads: vec![PAST.head.clone()], aftermath: Aftermath::default() })
    }
}

fn note(notes: &mut Notes, item: ItemId, is_new: bool) {
    if is_new {
        notes.new += 1;
    } else {
        *notes.repeated.entry(item).or_default() += 1;
    }
}

impl Holdings for Replica {
    fn items(&self, each: &mut dyn FnMut(ItemId, Hash)) {
        let journals: BTreeSet<JournalId> =
            self.entries.iter().map(|hash| PAST.entries[PAST.by_hash[hash]].journal).collect();
        let journals = journals.into_iter().map(ItemId::Journal);
        let documents = self.documents.keys().map(|document| ItemId::Document(*document));
        for item in journals.chain(documents) {
            each(item, *blake3::hash(&self.heads(&item).concat()).as_bytes());
        }
        self.forks.iter().for_each(|hash| each(ItemId::Fork(*hash), *hash));
        self.envelopes.iter().for_each(|hash| each(ItemId::Envelope(*hash), *hash));
    }

    fn heads(&self, item: &ItemId) -> Heads {
        match item {
            ItemId::Journal(journal) => {
                let held = PAST.entries.iter().filter(|entry| self.entries.contains(&entry.hash));
                let held: Vec<&PastEntry> = held.filter(|entry| entry.journal == *journal).collect();
                let before: BTreeSet<Hash> = held.iter().map(|entry| entry.prev).collect();
                let tips: BTreeSet<Hash> = held.iter().map(|entry| entry.hash).collect();
                tips.difference(&before).copied().collect()
            }
            ItemId::Document(document) => {
                let Some(changes) = self.documents.get(document) else { return Heads::new() };
                let before: BTreeSet<&Hash> = changes.values().flat_map(|change| &change.deps).collect();
                changes.keys().filter(|hash| !before.contains(hash)).copied().collect()
            }
            ItemId::Fork(hash) => self.forks.get(hash).copied().into_iter().collect(),
            ItemId::Envelope(hash) => self.envelopes.get(hash).copied().into_iter().collect(),
        }
    }

    fn knows(&self, item: &ItemId, head: &Hash) -> bool {
        match item {
            ItemId::Journal(_) => self.entries.contains(head),
            ItemId::Document(document) => self.documents.get(document).is_some_and(|held| held.contains_key(head)),
            ItemId::Fork(_) => self.forks.contains(head),
            ItemId::Envelope(_) => self.envelopes.contains(head),
        }
    }

    fn parcels(&self, wanted: &[(ItemId, Heads)], size_bytes: usize) -> Vec<Parcel> {
        let journals = wanted.iter().filter_map(|(item, heads)| match item {
            ItemId::Journal(journal) => Some((*journal, heads)),
            _ => None,
        });
        let lacking = self.lacking_entries(&journals.collect());
        let chunk = (size_bytes / 300).max(1);
        let mut parcels: Vec<Parcel> = lacking.chunks(chunk).map(|some| Parcel::Entries(some.to_vec())).collect();
        for (item, theirs) in wanted {
            parcels.extend(match item {
                ItemId::Journal(_) => None,
                ItemId::Document(document) => self.delivery(*document, theirs).map(Parcel::Document),
                ItemId::Fork(hash) => {
                    let proof = PAST.forks.iter().find(|proof| proof.id() == *hash && theirs.is_empty());
                    proof.filter(|_| self.forks.contains(hash)).cloned().map(Parcel::Fork)
                }
                ItemId::Envelope(hash) => {
                    let envelope = PAST.envelopes.iter().find(|sealed| sealed.hash() == *hash && theirs.is_empty());
                    envelope.filter(|_| self.envelopes.contains(hash)).cloned().map(Parcel::Envelope)
                }
            });
        }
        parcels
    }
}
