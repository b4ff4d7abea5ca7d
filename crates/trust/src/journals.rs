//! The journals of a building: every admitted entry, on every branch.
//!
//! An entry is *admitted* when all that it names by hash was admitted before it: the entry before it, the epoch it knew,
//! the basis of its journal, the transfer it accepts … So the admitted set is closed under its own past, whatever the
//! order of arrival, and every fold over it can judge an entry from its past alone. What names something unknown waits,
//! within bounds; what breaks a rule is refused as soon as that can be seen. Two entries with one journal and sequence number are a fork
//! (rule J3): both stay, and are each other's proof.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use kaifong_domain::{BuildingId, DeviceId, EntryHash, JournalId, MemberId};

use crate::devices::Reapproval;
use crate::entry::{Basis, Body, Entry, Genesis, MemberOf, NO_ENTRY, Open, Role, Tip};
use crate::life::Whereabouts;
use crate::refounding::Refounded;
use crate::roster::Roster;
use crate::signed::{Distrust, Signable, Signed, Verified};
use crate::waiting::WaitingRoom;
pub use crate::waiting::{WAITING_BYTES_MAX, WAITING_MAX};

mod cutting;

/// How many hashes a sketch of a journal has at most.
pub const SKETCH_MAX: usize = 1024;

/// What became of an entry that was offered.
#[derive(Debug)]
pub enum Offered {
    /// It and whatever waited for it were admitted, in causal order.
    Admitted(Vec<Arc<Verified<Entry>>>),
    /// It was admitted before.
    Known,
    /// It names something that is not here yet. It waits for it here, unless there is no room: then it has to be offered
    /// again after what it names.
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
    /// How it was opened; of several opening entries, by the one with the smallest hash.
    pub open: Open,
    /// The entry that says so.
    pub opened_by: EntryHash,
    tips: BTreeSet<EntryHash>,
    by_seq: BTreeSet<(u64, EntryHash)>,
    forked_at: Option<u64>,
}

impl Journal {
    /// Gives the last entries of all branches, ascending; one unless the journal is forked.
    pub fn tips(&self) -> &BTreeSet<EntryHash> {
        &self.tips
    }

    /// Gives the first sequence number that two entries share, if the journal is forked.
    pub fn forked_at(&self) -> Option<u64> {
        self.forked_at
    }

    /// Gives the entries with one sequence number, ascending: none, one, or the halves of a fork's proof (rule J3).
    pub fn at_seq(&self, seq: u64) -> impl Iterator<Item = EntryHash> {
        self.by_seq.range((seq, EntryHash([0; 32]))..=(seq, EntryHash([0xff; 32]))).map(|(_, hash)| *hash)
    }

    /// Gives the number of its entries, on all branches.
    pub fn len(&self) -> usize {
        self.by_seq.len()
    }

    /// Tells whether it has no entry, which no admitted journal is.
    pub fn is_empty(&self) -> bool {
        self.by_seq.is_empty()
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
    /// Every admitted entry at its place.
    order: Vec<EntryHash>,
    waiting: WaitingRoom,
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
            order: Vec::new(),
            waiting: WaitingRoom::default(),
        }
    }

    /// Offers an entry.
    ///
    /// # Errors
    /// [`Distrust::ForeignBuilding`], [`Distrust::TooLarge`] (an own entry that others would refuse), or
    /// [`Distrust::Rule`] with the first rule that is broken, also when something that it names is still missing. Such an
    /// entry will never be admitted, on any replica.
    pub fn offer(&mut self, entry: Verified<Entry>) -> Result<Offered, Distrust> {
        if self.entries.contains_key(&EntryHash(entry.hash())) {
            return Ok(Offered::Known);
        }
        let value = entry.value();
        if value.building != self.building {
            return Err(Distrust::ForeignBuilding);
        }
        if entry.signed().size_bytes() > Entry::SIZE_BYTES_MAX {
            return Err(Distrust::TooLarge { found: entry.signed().size_bytes(), most: Entry::SIZE_BYTES_MAX });
        }
        value.check()?;
        let entry = Arc::new(entry);
        if let Some(missing) = self.judge(&entry)? {
            self.wait(missing, entry);
            return Ok(Offered::Waiting { missing });
        }
        let mut admitted = Vec::new();
        let mut ready = VecDeque::from([entry]);
        while let Some(entry) = ready.pop_front() {
            let hash = EntryHash(entry.hash());
            self.admit(hash, &entry);
            admitted.push(entry);
            for waiter in self.waiting.call(&hash) {
                match self.judge(&waiter) {
                    Ok(None) => ready.push_back(waiter),
                    Ok(Some(missing)) => self.wait(missing, waiter),
                    // What breaks a rule is dropped here: its sender was already thanked with `Waiting`.
                    Err(_) => {}
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
        self.waiting.len()
    }

    /// Gives entries, at most `most`, that are not here and for want of which entries of a device wait.
    pub fn lacked_by(&self, device: &DeviceId, most: usize) -> BTreeSet<EntryHash> {
        self.waiting.lacked_by(device, most)
    }

    /// Gives what the waiting entries take, in bytes; at most [`WAITING_BYTES_MAX`].
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.size_bytes()
    }

    /// Gives all admitted entries in the order of their hashes.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Verified<Entry>>> {
        self.entries.values().map(|held| &held.entry)
    }

    /// Gives the admitted entries from one place on, in the order of admission: what an entry names comes before it.
    pub fn since(&self, place: u64) -> impl Iterator<Item = &Arc<Verified<Entry>>> {
        let from = usize::try_from(place).unwrap_or(usize::MAX);
        self.order.iter().skip(from).filter_map(|hash| self.entry(hash))
    }

    /// Tells whether an admitted entry counts: no cut of its device, nor of those through which its device belongs to the
    /// building, leaves it out (rule M6). It may become untrue and true again; admission does not ask it.
    pub fn counts(&self, hash: &EntryHash) -> bool {
        let Some(entry) = self.entry(hash).map(|entry| entry.value()) else { return false };
        let at = Tip { journal: entry.journal, seq: entry.seq, hash: *hash };
        self.roster.devices_said().counts(&at, &|tip, at| runs_through(&self.journals, &self.entries, tip, at))
    }

    /// Gives the buildings that this one was founded anew as, ascending by the entry that tells of them; with who follows, by
    /// entries that count. Of each founder the last.
    pub fn refoundings(&self) -> BTreeMap<EntryHash, Refounded> {
        let mut last = self.roster.refoundings(|hash| self.counts(hash));
        last.values_mut().for_each(|refounded| refounded.followers.retain(|hash, _| self.counts(hash)));
        last
    }

    /// Gives the re-approvals that were ever asked for a member.
    pub fn reapprovals(&self, member: &MemberId) -> Vec<Reapproval> {
        let runs = |tip: &Tip, at: &Tip| runs_through(&self.journals, &self.entries, tip, at);
        self.roster.devices_said().reapprovals(member, &runs)
    }

    /// Gives where a member is: here, about to leave, gone, away, deceased.
    pub fn whereabouts(&self, member: &MemberId) -> Whereabouts {
        let runs = |tip: &Tip, at: &Tip| runs_through(&self.journals, &self.entries, tip, at);
        self.roster.life().whereabouts(member, &|at| self.roster.devices_said().counts(at, &runs))
    }

    /// Gives the members who have erased what they said, with the entry by which they did (rule M7).
    pub fn erased(&self) -> impl Iterator<Item = (MemberId, EntryHash)> {
        self.roster.life().erasers().filter_map(|member| Some((member, self.whereabouts(&member).erased?)))
    }

    /// Gives an entry, the one before it, and so on back to the opening entry of their journal.
    pub fn branch(&self, tip: &EntryHash) -> impl Iterator<Item = &Arc<Verified<Entry>>> {
        std::iter::successors(self.entry(tip), |entry| self.entry(&entry.value().prev))
    }

    /// Gives two entries with one place in one journal, as a proof for anybody that its device has forked it (rule J3).
    pub fn fork_proof(&self, id: &JournalId) -> Option<[&Signed<Entry>; 2]> {
        let journal = self.journals.get(id)?;
        let mut twins = journal.at_seq(journal.forked_at?).filter_map(|hash| self.entries.get(&hash));
        Some([twins.next()?.entry.signed(), twins.next()?.entry.signed()])
    }

    /// Gives hashes from which another replica can tell how much of a journal is held here, also when it does not know
    /// the tips: each tip, and behind it entries at distances 1, 2, 4 … down to the opening one. They are meant for
    /// [`Journals::missing`], which then gives too many by no more than this replica is ahead there. At most
    /// [`SKETCH_MAX`].
    pub fn sketch(&self, id: &JournalId) -> Vec<[u8; 32]> {
        let Some(journal) = self.journals.get(id) else { return Vec::new() };
        let mut sketch: Vec<[u8; 32]> = journal.tips.iter().map(|tip| tip.0).collect();
        for tip in journal.tips.iter().filter_map(|tip| self.entry(tip)).map(|tip| tip.value().seq) {
            let distances = std::iter::successors(Some(1_u64), |distance| distance.checked_mul(2));
            let behind = distances.map_while(|distance| tip.checked_sub(distance)).chain([0]);
            sketch.extend(behind.flat_map(|seq| journal.at_seq(seq).take(2)).map(|hash| hash.0));
            if sketch.len() > SKETCH_MAX {
                break;
            }
        }
        sketch.truncate(SKETCH_MAX);
        sketch.sort_unstable();
        sketch.dedup();
        sketch
    }

    /// Gives what a replica lacks of a journal that holds `theirs`: any of its entries, such as its tips, and all before
    /// them. Gives place and entry, unsorted; what has the smaller place must arrive first. Hashes that are not known
    /// here count as if they were not there. The cost grows with what is given and not with the journal, also on forks.
    pub fn missing(&self, id: &JournalId, theirs: &[[u8; 32]]) -> Vec<(u64, Signed<Entry>)> {
        let Some(journal) = self.journals.get(id) else { return Vec::new() };
        // From all tips backwards, the highest sequence number first: when an entry's turn comes, everything that could
        // tell that they hold it has had its turn.
        let mut front = BTreeMap::new();
        let mut lacking = Vec::new();
        let mut open = 0_usize;
        let ours = journal.tips.iter().map(|tip| (*tip, false));
        let theirs = theirs.iter().map(|hash| (EntryHash(*hash), true));
        for (hash, held_there) in ours.chain(theirs) {
            let seq = self.entry(&hash).map(|entry| entry.value()).filter(|entry| entry.journal == *id);
            if let Some(seq) = seq.map(|entry| entry.seq) {
                reach(&mut front, &mut open, (seq, hash), held_there);
            }
        }
        while open > 0
            && let Some(((_, hash), held_there)) = front.pop_last()
        {
            open -= usize::from(!held_there);
            let Some(held) = self.entries.get(&hash) else { continue };
            let entry = held.entry.value();
            if !held_there {
                lacking.push((held.place, held.entry.signed().clone()));
            }
            if let Some(seq) = entry.seq.checked_sub(1) {
                reach(&mut front, &mut open, (seq, entry.prev), held_there);
            }
        }
        lacking
    }

    /// Feeds all journals into a digest: equal exactly when the same entries are held.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        for journal in self.journals.values() {
            hasher.update(&journal.id.0).update(&journal.fingerprint());
        }
    }

    fn admit(&mut self, hash: EntryHash, entry: &Arc<Verified<Entry>>) {
        let value = entry.value();
        if let Body::Open(open) = value.body {
            let (id, device, opened_by) = (value.journal, entry.signer(), hash);
            let journal = self.journals.entry(id).or_insert_with(|| Journal {
                id,
                member: open.member,
                device,
                open,
                opened_by,
                tips: BTreeSet::new(),
                by_seq: BTreeSet::new(),
                forked_at: None,
            });
            if hash < journal.opened_by {
                (journal.open, journal.opened_by) = (open, hash);
            }
        }
        if let Some(journal) = self.journals.get_mut(&value.journal) {
            journal.tips.remove(&value.prev);
            journal.tips.insert(hash);
            if journal.at_seq(value.seq).next().is_some() {
                journal.forked_at = Some(journal.forked_at.map_or(value.seq, |before| before.min(value.seq)));
            }
            journal.by_seq.insert((value.seq, hash));
        }
        let place = self.order.len() as u64;
        self.order.push(hash);
        self.entries.insert(hash, Held { entry: Arc::clone(entry), place });
        self.roster.add(entry, &|tip, at| runs_through(&self.journals, &self.entries, tip, at));
    }

    fn wait(&mut self, missing: EntryHash, entry: Arc<Verified<Entry>>) {
        let member = self.roster.device(&entry.signer()).map(|device| device.member);
        self.waiting.wait(missing, entry, member);
    }

    /// Judges an entry by what is here of all that it names, and gives the first thing that is missing.
    fn judge(&self, entry: &Verified<Entry>) -> Result<Option<EntryHash>, Distrust> {
        let value = entry.value();
        // A journal's id is made of its device's key, so this needs none of its entries to be known before.
        if self.journals.get(&value.journal).is_some_and(|journal| journal.device != entry.signer()) {
            return rule("a journal is written by its own device");
        }
        if let Some(prev) = self.entry(&value.prev) {
            self.check_follows(entry, prev)?;
        }
        if self.entry(&value.epoch).is_some() && self.roster.epoch_at(&value.epoch).is_none() {
            return rule("an entry names an epoch that its signer could decide");
        }
        if let Body::Open(open) = &value.body {
            self.check_open(entry, open)?;
        }
        self.check_about_devices(value)?;
        self.check_budgets(value)?;
        let named = [value.prev, value.epoch].into_iter().chain(value.body.names());
        let tips = value.body.tips().into_iter().map(|(_, _, tip)| tip.hash);
        let missing = |hash: &EntryHash| *hash != NO_ENTRY && !self.entries.contains_key(hash);
        Ok(named.chain(tips).find(missing))
    }

    /// Checks that an entry about devices speaks of what it may: of its member's own, by the member's own sheet.
    fn check_about_devices(&self, value: &Entry) -> Result<(), Distrust> {
        let member_of = |hash: &EntryHash| {
            self.entry(hash).and_then(|entry| self.journals.get(&entry.value().journal)).map(|journal| journal.member)
        };
        for (of, device, tip) in value.body.tips() {
            let member = match of {
                MemberOf::Writer => self.journals.get(&value.journal).map(|journal| journal.member),
                MemberOf::Sheet(sheet) => member_of(&sheet),
                MemberOf::Named(member) => Some(member),
            };
            let Some((entry, member)) = self.entry(&tip.hash).zip(member) else { continue };
            let stands = (entry.value().journal, entry.value().seq) == (tip.journal, tip.seq);
            let others = device.is_some_and(|device| entry.signer() != device);
            if !stands || others || member_of(&tip.hash) != Some(member) {
                return rule("a cut names what a device of the member has written");
            }
        }
        let named = value.body.names().next().and_then(|hash| self.entry(&hash));
        let fits = match (&value.body, named.map(|named| &named.value().body)) {
            (Body::Sheet(declared), _) => {
                let by = self.journals.get(&value.journal).map(|journal| journal.member);
                by.is_none_or(|by| declared.member() == Some(by))
            }
            (Body::Recover(recovery), Some(Body::Sheet(declared))) => {
                recovery.claim.claimed_signer() == declared.sheet.key
                    && recovery.claim.peek(|claim| claim.building == self.building)
            }
            (Body::Object { .. }, Some(Body::Reapprove(approval))) => {
                self.journals.get(&value.journal).is_none_or(|journal| journal.member == approval.member)
            }
            (Body::Refound(told), _) => {
                let by = self.journals.get(&value.journal).map(|journal| journal.member);
                by.is_none_or(|by| told.follows(&self.building, &by))
            }
            (Body::Follow(_), Some(other)) => matches!(other, Body::Refound(_)),
            (Body::Reapprove(_), Some(other)) => matches!(other, Body::Reapprove(_)),
            (Body::Here { .. }, Some(Body::Mark(mark))) => {
                self.journals.get(&value.journal).is_none_or(|journal| journal.member == mark.member)
            }
            (Body::Recover(_) | Body::Object { .. } | Body::Here { .. }, Some(_)) => false,
            _ => true,
        };
        if fits {
            Ok(())
        } else {
            rule(
                "a sheet and a new founding are their member's; what follows, recovers, objects, answers or seconds rests on what it names",
            )
        }
    }

    /// What a fund journal was once given is never reduced.
    fn check_budgets(&self, value: &Entry) -> Result<(), Distrust> {
        let Some((epoch, _)) = value.body.epoch() else { return Ok(()) };
        match self.roster.epoch_at(&epoch.prev) {
            Some(before) if !epoch.fund.never_reduces(&before.fund) => {
                rule("an epoch reduces no budget of the one before")
            }
            _ => Ok(()),
        }
    }

    fn check_follows(&self, entry: &Verified<Entry>, prev: &Verified<Entry>) -> Result<(), Distrust> {
        let (value, before) = (entry.value(), prev.value());
        if before.journal != value.journal || prev.signer() != entry.signer() {
            return rule("a journal is written by its own device");
        }
        if Some(value.seq) != before.seq.checked_add(1) {
            return rule("sequence numbers follow each other");
        }
        // Who has named an epoch has known it: a role that it took away is not had again by naming an older one.
        let number = |at: &EntryHash| self.roster.epoch_at(at).map(|epoch| epoch.number);
        if let Some((named, known)) = number(&value.epoch).zip(number(&before.epoch))
            && named < known
        {
            return rule("a journal names no older epoch than before");
        }
        Ok(())
    }

    fn check_open(&self, entry: &Verified<Entry>, open: &Open) -> Result<(), Distrust> {
        let device = entry.signer();
        if entry.value().journal != JournalId::derive(&self.building, &open.member, &device, open.nonce) {
            return rule("a journal's id is made of building, member, device and nonce");
        }
        let epoch = &entry.value().epoch;
        let known = self.roster.epoch_at(epoch).is_some();
        if known && open.is_fund() && !self.roster.held(epoch, &open.member, Role::Treasurer) {
            return rule("a fund journal is opened by a treasurer");
        }
        let named = match open.basis {
            Basis::Genesis => device == self.founder && open.member == MemberId::derive(&self.building, &self.founder),
            Basis::Certificate(hash) => self.entry(&hash).is_none_or(|certificate| match &certificate.value().body {
                Body::Certify(named) => {
                    named.device == device && named.member == open.member && self.roster.has_authority(&hash)
                }
                _ => false,
            }),
            Basis::Link(hash) => self.entry(&hash).is_none_or(|link| match &link.value().body {
                Body::Link(named) => {
                    let by = self.journals.get(&link.value().journal).map(|journal| journal.member);
                    named.device == device && by == Some(open.member)
                }
                _ => false,
            }),
            Basis::Recover(hash) | Basis::Reapprove(hash) => {
                self.entry(&hash).is_none() || self.roster.was_given(&device, &open.member, &open.basis)
            }
        };
        if named { Ok(()) } else { rule("a journal rests on a valid certificate or link that names its device") }
    }
}

/// Tells whether an entry lies on the way from its journal's opening to a tip.
fn runs_through(
    journals: &BTreeMap<JournalId, Journal>,
    entries: &BTreeMap<EntryHash, Held>,
    tip: &Tip,
    at: &Tip,
) -> bool {
    if tip.journal != at.journal || at.seq > tip.seq {
        return false;
    }
    // Before the first fork there is one way only.
    let forked_at = journals.get(&at.journal).and_then(|journal| journal.forked_at);
    if forked_at.is_none_or(|first| at.seq < first) {
        return true;
    }
    let entry = |hash: &EntryHash| entries.get(hash).map(|held| held.entry.value());
    let mut back = std::iter::successors(Some(tip.hash), |hash| entry(hash).map(|entry| entry.prev));
    let steps = tip.seq.saturating_sub(at.seq);
    usize::try_from(steps).ok().and_then(|steps| back.nth(steps)) == Some(at.hash)
}

/// Puts an entry on the front; who held it at one mention holds it.
fn reach(front: &mut BTreeMap<(u64, EntryHash), bool>, open: &mut usize, at: (u64, EntryHash), held_there: bool) {
    let before = front.get(&at).copied();
    let now = held_there || before == Some(true);
    front.insert(at, now);
    *open = open.saturating_add(usize::from(!now)).saturating_sub(usize::from(before == Some(false)));
}

fn rule<T>(rule: &'static str) -> Result<T, Distrust> {
    Err(Distrust::Rule { rule })
}
