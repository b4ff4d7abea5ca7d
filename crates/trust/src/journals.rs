//! The journals of a building: every admitted entry, on every branch.
//!
//! An entry is *admitted* when all that it names by hash was admitted before it: the entry before it, the epoch it knew,
//! the basis of its journal, the transfer it accepts … So the admitted set is closed under its own past, whatever the
//! order of arrival, and every fold over it can judge an entry from its past alone. What names something unknown waits,
//! within bounds; what breaks a rule of form is refused. Two entries with one journal and sequence number are a fork
//! (rule J3): both stay, and are each other's proof.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use kaifong_domain::{BuildingId, DeviceId, EntryHash, JournalId, MemberId};

use crate::entry::{Basis, Body, Entry, Genesis, NO_ENTRY, Open};
use crate::roster::Roster;
use crate::signed::{Distrust, Signed, Verified};

/// How many entries may wait for what they name, per building.
pub const WAITING_MAX: usize = 4096;
/// How many of one journal may wait.
pub const WAITING_PER_JOURNAL_MAX: usize = 512;

/// What became of an entry that was offered.
#[derive(Debug)]
pub enum Offered {
    /// It and whatever waited for it were admitted, in causal order.
    Admitted(Vec<Arc<Verified<Entry>>>),
    /// It was admitted before.
    Known,
    /// It names something that is not here yet.
    Waiting {
        /// The first thing that is missing.
        missing: EntryHash,
    },
}

/// One journal.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Its id.
    pub id: JournalId,
    /// Whose it is.
    pub member: MemberId,
    /// The device that writes it.
    pub device: DeviceId,
    /// How it was opened.
    pub open: Open,
    tips: BTreeSet<EntryHash>,
    by_seq: BTreeMap<u64, Vec<EntryHash>>,
}

impl Journal {
    /// Gives the last entries of all branches, ascending; one unless the journal is forked.
    pub fn tips(&self) -> &BTreeSet<EntryHash> {
        &self.tips
    }

    /// Gives the first sequence number that two entries share, if the journal is forked.
    pub fn forked_at(&self) -> Option<u64> {
        self.by_seq.iter().find(|(_, entries)| entries.len() > 1).map(|(seq, _)| *seq)
    }

    /// Gives a fingerprint: equal exactly when the same entries are held.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 journal fingerprint");
        self.tips.iter().for_each(|tip| {
            hasher.update(&tip.0);
        });
        *hasher.finalize().as_bytes()
    }
}

#[derive(Debug)]
struct Held {
    entry: Arc<Verified<Entry>>,
    place: u64,
}

/// All journals of one building.
#[derive(Debug)]
pub struct Journals {
    building: BuildingId,
    founder: DeviceId,
    roster: Roster,
    entries: BTreeMap<EntryHash, Held>,
    journals: BTreeMap<JournalId, Journal>,
    waiting: BTreeMap<EntryHash, Vec<Arc<Verified<Entry>>>>,
    waiting_per_journal: BTreeMap<JournalId, BTreeSet<EntryHash>>,
    next_place: u64,
}

impl Journals {
    /// Starts with no journal; the founder's device is the one that signed the genesis.
    pub fn new(genesis: &Verified<Genesis>) -> Self {
        Self {
            building: BuildingId(genesis.hash()),
            founder: genesis.signer(),
            roster: Roster::new(genesis),
            entries: BTreeMap::new(),
            journals: BTreeMap::new(),
            waiting: BTreeMap::new(),
            waiting_per_journal: BTreeMap::new(),
            next_place: 0,
        }
    }

    /// Offers an entry.
    ///
    /// # Errors
    /// [`Distrust::ForeignBuilding`], or [`Distrust::Rule`] when the entry breaks a rule of journals; such an entry will
    /// never be admitted, on any replica.
    pub fn offer(&mut self, entry: Verified<Entry>) -> Result<Offered, Distrust> {
        let hash = EntryHash(entry.hash());
        if self.entries.contains_key(&hash) {
            return Ok(Offered::Known);
        }
        if entry.value().building != self.building {
            return Err(Distrust::ForeignBuilding);
        }
        let entry = Arc::new(entry);
        if let Some(missing) = self.first_missing(&entry) {
            self.wait(missing, entry);
            return Ok(Offered::Waiting { missing });
        }
        self.check(&entry)?;
        let mut admitted = Vec::new();
        let mut ready = VecDeque::from([entry]);
        while let Some(entry) = ready.pop_front() {
            let hash = EntryHash(entry.hash());
            self.admit(hash, &entry);
            admitted.push(entry);
            for waiter in self.waiting.remove(&hash).unwrap_or_default() {
                self.forget_waiter(&waiter);
                match self.first_missing(&waiter) {
                    Some(missing) => self.wait(missing, waiter),
                    // What breaks a rule is dropped here: its sender was already thanked with `Waiting`.
                    None if self.check(&waiter).is_ok() => ready.push_back(waiter),
                    None => {}
                }
            }
        }
        Ok(Offered::Admitted(admitted))
    }

    /// Names the building.
    pub fn building(&self) -> BuildingId {
        self.building
    }

    /// Who is who, by what was admitted.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Gives one admitted entry.
    pub fn entry(&self, hash: &EntryHash) -> Option<&Arc<Verified<Entry>>> {
        self.entries.get(hash).map(|held| &held.entry)
    }

    /// Gives the place at which this replica admitted an entry: what an entry names has a smaller one. It differs between
    /// replicas and orders transfers of data only.
    pub fn place(&self, hash: &EntryHash) -> Option<u64> {
        self.entries.get(hash).map(|held| held.place)
    }

    /// Gives one journal.
    pub fn journal(&self, id: &JournalId) -> Option<&Journal> {
        self.journals.get(id)
    }

    /// Gives all journals in order of id.
    pub fn journals(&self) -> impl Iterator<Item = &Journal> {
        self.journals.values()
    }

    /// Gives the number of admitted entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether nothing was admitted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives the number of entries that wait.
    pub fn waiting(&self) -> usize {
        self.waiting_per_journal.values().map(BTreeSet::len).sum()
    }

    /// Gives all admitted entries in the order of their hashes.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Verified<Entry>>> {
        self.entries.values().map(|held| &held.entry)
    }

    /// Gives what a replica that holds `theirs` (tips of one journal) lacks of it: place and entry, unsorted.
    pub fn missing(&self, id: &JournalId, theirs: &[[u8; 32]]) -> Vec<(u64, Signed<Entry>)> {
        let Some(journal) = self.journals.get(id) else { return Vec::new() };
        let known: BTreeSet<EntryHash> =
            theirs.iter().map(|tip| EntryHash(*tip)).filter(|tip| self.entries.contains_key(tip)).collect();
        let mut seen_by_them = BTreeSet::new();
        if journal.forked_at().is_some() {
            for tip in &known {
                self.walk_back(*tip, &mut |hash, _| seen_by_them.insert(hash));
            }
        }
        let mut lacking = BTreeMap::new();
        for tip in &journal.tips {
            self.walk_back(*tip, &mut |hash, held| {
                let theirs = known.contains(&hash) || seen_by_them.contains(&hash);
                !theirs && lacking.insert(hash, (held.place, held.entry.signed().clone())).is_none()
            });
        }
        lacking.into_values().collect()
    }

    fn walk_back(&self, from: EntryHash, go_on: &mut dyn FnMut(EntryHash, &Held) -> bool) {
        let mut at = from;
        while let Some(held) = self.entries.get(&at) {
            if !go_on(at, held) {
                return;
            }
            at = held.entry.value().prev;
        }
    }

    fn admit(&mut self, hash: EntryHash, entry: &Arc<Verified<Entry>>) {
        let value = entry.value();
        if let Body::Open(open) = value.body {
            let (id, device) = (value.journal, entry.signer());
            self.journals.entry(id).or_insert_with(|| Journal {
                id,
                member: open.member,
                device,
                open,
                tips: BTreeSet::new(),
                by_seq: BTreeMap::new(),
            });
        }
        if let Some(journal) = self.journals.get_mut(&value.journal) {
            journal.tips.remove(&value.prev);
            journal.tips.insert(hash);
            journal.by_seq.entry(value.seq).or_default().push(hash);
        }
        self.roster.add(entry);
        self.entries.insert(hash, Held { entry: Arc::clone(entry), place: self.next_place });
        self.next_place += 1;
    }

    fn first_missing(&self, entry: &Verified<Entry>) -> Option<EntryHash> {
        let value = entry.value();
        let in_body = match value.body {
            Body::Open(Open { basis: Basis::Certificate(hash) | Basis::Link(hash), .. })
            | Body::Accept { transfer: hash }
            | Body::Decline { transfer: hash }
            | Body::Reclaim { decline: hash }
            | Body::Stamp(crate::entry::Stamp { hash, .. })
            | Body::Cite { stamp: hash } => hash,
            Body::Epoch(ref epoch) => epoch.prev,
            _ => NO_ENTRY,
        };
        [value.prev, value.epoch, in_body]
            .into_iter()
            .find(|hash| *hash != NO_ENTRY && !self.entries.contains_key(hash))
    }

    fn wait(&mut self, missing: EntryHash, entry: Arc<Verified<Entry>>) {
        let hash = EntryHash(entry.hash());
        let all: usize = self.waiting();
        let of_journal = self.waiting_per_journal.entry(entry.value().journal).or_default();
        // What does not fit is dropped: the next reconcile brings it again, after what it waits for.
        if all < WAITING_MAX && of_journal.len() < WAITING_PER_JOURNAL_MAX && of_journal.insert(hash) {
            self.waiting.entry(missing).or_default().push(entry);
        }
    }

    fn forget_waiter(&mut self, entry: &Verified<Entry>) {
        let journal = entry.value().journal;
        if let Some(of_journal) = self.waiting_per_journal.get_mut(&journal) {
            of_journal.remove(&EntryHash(entry.hash()));
            if of_journal.is_empty() {
                self.waiting_per_journal.remove(&journal);
            }
        }
    }

    fn check(&self, entry: &Verified<Entry>) -> Result<(), Distrust> {
        let value = entry.value();
        if value.epoch != NO_ENTRY && !self.is(&value.epoch, |body| matches!(body, Body::Epoch(_))) {
            return rule("an entry names an epoch");
        }
        match value.body {
            Body::Open(open) => self.check_open(entry, &open),
            _ => self.check_follows(entry),
        }
    }

    fn check_follows(&self, entry: &Verified<Entry>) -> Result<(), Distrust> {
        let value = entry.value();
        let Some(prev) = self.entry(&value.prev) else { return rule("only an opening entry stands first") };
        if prev.value().journal != value.journal || prev.signer() != entry.signer() {
            return rule("a journal is written by its own device");
        }
        if Some(value.seq) != prev.value().seq.checked_add(1) {
            return rule("sequence numbers follow each other");
        }
        Ok(())
    }

    fn check_open(&self, entry: &Verified<Entry>, open: &Open) -> Result<(), Distrust> {
        let (value, device) = (entry.value(), entry.signer());
        if value.seq != 0 || value.prev != NO_ENTRY {
            return rule("an opening entry stands first");
        }
        if value.journal != JournalId::derive(&self.building, &open.member, &device, open.nonce) {
            return rule("a journal's id is made of building, member, device and nonce");
        }
        let named = match open.basis {
            Basis::Genesis => device == self.founder && open.member == MemberId::derive(&self.building, &self.founder),
            Basis::Certificate(hash) => {
                let names_it = |body: &Body| match body {
                    Body::Certify(certificate) => certificate.device == device && certificate.member == open.member,
                    _ => false,
                };
                self.roster.has_authority(&hash) && self.is(&hash, names_it)
            }
            Basis::Link(hash) => {
                let by_the_member = self
                    .entry(&hash)
                    .and_then(|link| self.journals.get(&link.value().journal))
                    .is_some_and(|journal| journal.member == open.member);
                by_the_member && self.is(&hash, |body| matches!(body, Body::Link(link) if link.device == device))
            }
        };
        if named { Ok(()) } else { rule("a journal rests on a valid certificate or link that names its device") }
    }

    fn is(&self, hash: &EntryHash, wanted: impl Fn(&Body) -> bool) -> bool {
        self.entry(hash).is_some_and(|entry| wanted(&entry.value().body))
    }
}

fn rule(rule: &'static str) -> Result<(), Distrust> {
    Err(Distrust::Rule { rule })
}
