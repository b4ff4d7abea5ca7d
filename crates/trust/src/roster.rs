//! The roster: who is a neighbour, which devices are theirs, who holds which role.
//!
//! A fold over admitted entries. Whether an entry has authority is judged from what it names (rule M5: the epoch it
//! knew), so every replica comes to the same verdict in any order of arrival. An entry without authority is kept and has
//! no effect.
//!
//! Whose a device is follows from all that was ever said about it, not from what was said first. A device speaks for
//! itself by opening a journal: on a certificate, or else on a link. Only where it has not spoken do others' words count,
//! first a reviewer's, then a member's who links it. So nobody can take over a device that has spoken, and of several
//! words of one kind the one with the smallest entry hash stands, on every replica.

mod capacities;
mod council;
mod households;
mod lost;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::place::PlaceMap;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId};

use crate::agenda::Agenda;
use crate::council::{Council, Electorate, Seating, Stand};
use crate::devices::{Devices, RunsThrough};
use crate::entry::{
    Basis, Body, Certificate, Entry, Genesis, Instance, MemberKind, NO_ENTRY, PublicHousehold, Role, SealKey, Seat,
    Sheet, Tip,
};
pub use crate::epochs::EpochView;
use crate::epochs::Epochs;
use crate::life::Life;
use crate::refounding::Refoundings;
use crate::signed::Verified;
pub use capacities::Standing;
use council::RoleWord;
use words::{Certified, Words};

/// One neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Person, organisation or desk.
    pub kind: MemberKind,
    /// Who certified them; `None` for the founder.
    pub verified_by: Option<MemberId>,
    /// The salted commitment to household, name and phone; `None` for the founder.
    pub commitment: Option<[u8; 32]>,
    /// What everybody may know of their household, as the reviewer has confirmed it.
    pub household: PublicHousehold,
    /// When they were certified, as the reviewer's device claims.
    pub since: Instant,
    /// Their devices, ascending.
    pub devices: BTreeSet<DeviceId>,
}

/// One device of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whose it is.
    pub member: MemberId,
    /// Where letters to it are sealed to.
    pub seal: SealKey,
    /// Why it may write for the member.
    pub basis: Basis,
}

/// Who is who.
#[derive(Clone, Debug)]
pub struct Roster {
    building: BuildingId,
    founder: MemberId,
    name: String,
    members: BTreeMap<MemberId, Member>,
    devices: BTreeMap<DeviceId, Device>,
    words: BTreeMap<DeviceId, Words>,
    certificates: BTreeSet<EntryHash>,
    /// What each of these calls its member, whether it counts or not.
    kinds: BTreeMap<MemberId, BTreeMap<EntryHash, MemberKind>>,
    /// Certificates and re-approvals by reviewers.
    reviewed: BTreeMap<EntryHash, RoleWord>,
    journals: BTreeMap<JournalId, MemberId>,
    epochs: Epochs,
    council: Council,
    newest: EntryHash,
    said: Devices,
    refoundings: Refoundings,
    life: Life,
    /// Certificates that count no longer, because their device was cut before them.
    lost: BTreeSet<EntryHash>,
    /// Further devices by the links that would make them somebody's, if the certificates below these still counted.
    fallen: BTreeMap<DeviceId, Device>,
    /// Words that give a device to a member no longer.
    shut: BTreeSet<(DeviceId, Basis)>,
    founder_seal: SealKey,
    first_device: DeviceId,
    vouched: capacities::Capacities,
}

impl Roster {
    /// Starts with the founder.
    pub fn new(genesis: &Verified<Genesis>) -> Self {
        let building = BuildingId(genesis.hash());
        let device = genesis.signer();
        let founder = MemberId::derive(&building, &device);
        let member = Member {
            kind: MemberKind::Person,
            verified_by: None,
            commitment: None,
            household: PublicHousehold::default(),
            since: genesis.value().founded_at,
            devices: BTreeSet::from([device]),
        };
        let first = EpochView {
            number: 0,
            roles: BTreeSet::new(),
            witnesses: BTreeSet::from([device]),
            charter: genesis.value().charter,
            seats: Vec::new(),
            cutoffs: Vec::new(),
            places: PlaceMap::default(),
            fund: kaifong_domain::fund::Fund::default(),
        };
        let seal = genesis.value().founder_seal;
        Self {
            building,
            founder,
            name: genesis.value().name.clone(),
            members: BTreeMap::from([(founder, member)]),
            devices: BTreeMap::from([(device, Device { member: founder, seal, basis: Basis::Genesis })]),
            words: BTreeMap::new(),
            certificates: BTreeSet::new(),
            kinds: BTreeMap::new(),
            reviewed: BTreeMap::new(),
            journals: BTreeMap::new(),
            epochs: Epochs::new(first),
            council: Council::default(),
            newest: NO_ENTRY,
            said: Devices::default(),
            refoundings: Refoundings::default(),
            life: Life::default(),
            lost: BTreeSet::new(),
            fallen: BTreeMap::new(),
            shut: BTreeSet::new(),
            founder_seal: seal,
            first_device: device,
            vouched: capacities::Capacities::default(),
        }
    }

    /// Folds one admitted entry in. Adding it twice changes nothing.
    pub(crate) fn add(&mut self, entry: &Verified<Entry>, runs: RunsThrough<'_>) {
        let (value, turns) = (entry.value(), self.turns());
        let hash = EntryHash(entry.hash());
        let writer = self.journals.get(&value.journal).copied();
        let reviews = writer.is_some_and(|by| self.held(&value.epoch, &by, Role::Reviewer));
        let reviewed = matches!(value.body, Body::Certify(_) | Body::Reapprove(_) | Body::Mark(_) | Body::Vouch(_));
        if let (Some(by), true) = (writer, reviews && reviewed) {
            let at = Tip { journal: value.journal, seq: value.seq, hash };
            self.note_review(hash, RoleWord { by, at, epoch: value.epoch }, runs);
        }
        let mut turned = self.said.add(entry, reviews, runs);
        let decided = self.epochs.turns();
        self.hear(entry, writer, runs);
        if decided != self.epochs.turns() {
            turned |= self.cut_off_anew(runs);
        }
        if let Some(writer) = writer {
            self.life.add(entry, writer, reviews);
        }
        if turned {
            self.count_anew(runs);
        }
        if turns != self.turns() || matches!(value.body, Body::Open(_)) {
            self.life.count_anew();
        }
        if matches!(value.body, Body::Recover(_) | Body::Reapprove(_)) {
            self.hear_of_return(hash, &value.body, runs);
        }
    }

    fn hear(&mut self, entry: &Verified<Entry>, writer: Option<MemberId>, runs: RunsThrough<'_>) {
        let value = entry.value();
        let hash = EntryHash(entry.hash());
        match &value.body {
            Body::Open(open) => {
                self.journals.insert(value.journal, open.member);
                if let Basis::Certificate(word) | Basis::Link(word) | Basis::Recover(word) | Basis::Reapprove(word) =
                    open.basis
                {
                    self.words.entry(entry.signer()).or_default().agree(word);
                    self.settle(entry.signer(), runs);
                }
            }
            Body::Certify(certificate) => self.certify(value, hash, certificate, runs),
            Body::Link(link) => {
                let Some(member) = writer else { return };
                let device = Device { member, seal: link.seal, basis: Basis::Link(hash) };
                self.words.entry(link.device).or_default().link(hash, device);
                self.settle(link.device, runs);
            }
            Body::Vouch(vouch) => self.vouch(value, hash, vouch, runs),
            Body::Stand { paper } => {
                let Some(by) = self.journals.get(&value.journal) else { return };
                self.council.stand(*by, hash, entry, *paper);
            }
            Body::Epoch(_) | Body::EpochCutting(_) => {
                let Some((epoch, cutoffs)) = value.body.epoch() else { return };
                let Some(by) = self.journals.get(&value.journal) else { return };
                self.council.draft(hash, epoch, cutoffs, *by);
                if *by == self.founder {
                    self.epochs.add_founders(hash, epoch, cutoffs, &value.epoch);
                    self.newest = self.epochs.newest();
                }
            }
            _ => writer.into_iter().for_each(|by| self.refoundings.hear(entry, by)),
        }
        if let Some(decided) = self.council.add(hash, entry, self.building, &self.epochs)
            && let Some(epoch) = self.council.draft_at(&decided.draft)
        {
            self.epochs.add_decided(hash, &decided, epoch, self.council.cutoffs_at(&decided.draft));
            self.newest = self.epochs.newest();
        }
    }

    /// The building.
    pub fn building(&self) -> BuildingId {
        self.building
    }

    /// The building's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The founder, who is trusted while the building has under three seats.
    pub fn founder(&self) -> MemberId {
        self.founder
    }

    /// Gives one member.
    pub fn member(&self, id: &MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    /// Gives all members in order of id.
    pub fn members(&self) -> impl Iterator<Item = (&MemberId, &Member)> {
        self.members.iter()
    }

    /// Gives all devices of members in order of id.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &Device)> {
        self.devices.iter()
    }

    /// Gives the device's membership: what it has said itself, or else a certificate, or else a link to which it has not
    /// agreed yet. A device that is only linked may read along; whose words it writes is for [`Roster::settled`] to say.
    pub fn device(&self, id: &DeviceId) -> Option<Device> {
        let linked =
            || self.words.get(id)?.links.values().find(|device| !self.shut.contains(&(*id, device.basis))).copied();
        self.settled(id).or_else(linked)
    }

    /// Tells whether a recovery or two reviewers have given a device to a member, whether that counts or not.
    pub(crate) fn was_given(&self, id: &DeviceId, member: &MemberId, basis: &Basis) -> bool {
        let (Basis::Recover(word) | Basis::Reapprove(word)) = basis else { return false };
        let given = self.words.get(id).and_then(|words| words.links.get(word));
        given.is_some_and(|device| device.member == *member && device.basis == *basis)
    }

    pub(crate) fn votes_with(&self, approval: &EntryHash) -> Vec<EntryHash> {
        self.said.votes_with(approval)
    }

    pub(crate) fn devices_said(&self) -> &Devices {
        &self.said
    }

    pub(crate) fn life(&self) -> &Life {
        &self.life
    }

    /// Gives how often what counts has changed since the start: whoever has folded entries looks at them again.
    pub fn turns(&self) -> u64 {
        self.said.turns()
    }

    /// Gives the member of a recovery sheet with its entry, and whether it brings back now: a newer one has not replaced it.
    pub fn sheet_with(&self, key: &DeviceId) -> Option<(MemberId, EntryHash, bool)> {
        self.said.sheet_with(key)
    }

    /// Tells whether a sheet has brought two devices already.
    pub fn is_used_up(&self, sheet: &EntryHash) -> bool {
        self.said.uses(sheet) > 1
    }

    /// Gives the sheet that brings a member back now.
    pub fn sheet_of(&self, member: &MemberId) -> Option<(EntryHash, Sheet)> {
        self.said.sheet_of(member)
    }

    /// Gives the number that a member's next sheet has.
    pub fn next_sheet(&self, member: &MemberId) -> u32 {
        self.said.next_sheet(member)
    }

    /// Gives the number that a member's next re-approval has.
    pub fn next_generation(&self, member: &MemberId) -> u32 {
        self.said.next_generation(member)
    }

    /// Tells whether a device was brought by a sheet that was used for another one too: neither stands.
    pub fn is_disputed(&self, member: &MemberId, device: &DeviceId) -> bool {
        self.said.is_disputed(member, device)
    }

    /// Gives the last entries of a member's cut device that count, by the cut that has the last word.
    pub fn limits_of(&self, member: &MemberId, device: &DeviceId) -> Option<&BTreeSet<Tip>> {
        self.said.limits_of(member, device)
    }

    /// Gives the device's membership without links to which it has not agreed: anybody can link a stranger's device.
    pub fn settled(&self, id: &DeviceId) -> Option<Device> {
        self.devices.get(id).copied()
    }

    /// Tells whether a device was ever this member's: certified as them, or opened on their link. It never becomes untrue
    /// again, so whatever is judged by it is judged alike before and after any other word arrives.
    pub fn may_write(&self, id: &DeviceId, member: &MemberId) -> bool {
        let first = *member == self.founder && MemberId::derive(&self.building, id) == self.founder;
        first || self.words.get(id).is_some_and(|words| words.may_write_for(member))
    }

    /// Gives the membership of a device that a member has linked, whoever else has linked it: for the device itself, which
    /// knows whose it wants to be.
    pub fn linked_by(&self, id: &DeviceId, member: &MemberId) -> Option<Device> {
        let gives = |device: &&Device| device.member == *member && !self.shut.contains(&(*id, device.basis));
        self.words.get(id)?.links.values().find(gives).copied()
    }

    /// Gives the membership that the claim of a recovery sheet with this key, or two reviewers, have given a device.
    pub fn given(&self, id: &DeviceId) -> Option<Device> {
        let back = |device: &&Device| matches!(device.basis, Basis::Recover(_) | Basis::Reapprove(_));
        let gives = |device: &&Device| back(device) && !self.shut.contains(&(*id, device.basis));
        self.words.get(id)?.links.values().find(gives).copied()
    }

    /// Gives the member whose journal it is.
    pub fn owner_of_journal(&self, id: &JournalId) -> Option<MemberId> {
        self.journals.get(id).copied()
    }

    /// Gives the entry that holds the newest epoch; all zero for the genesis.
    pub fn newest_epoch(&self) -> EntryHash {
        self.newest
    }

    /// Gives what the newest epoch decided.
    pub fn now(&self) -> &EpochView {
        self.epochs.get(&self.newest).unwrap_or_else(|| self.epochs.genesis())
    }

    /// Gives the epoch that an entry after one that names `last` names: the newest, but never an older one than before. Of
    /// two epochs that stand against each other a device may have named one already.
    pub fn epoch_after(&self, last: &EntryHash) -> EntryHash {
        let number = |at: &EntryHash| self.epochs.get(at).map(|view| view.number);
        if number(last) > number(&self.newest) { *last } else { self.newest }
    }

    /// Gives the epoch on which the next one has to rest, and the next one's number. It is the newest, unless two epochs
    /// stand against each other: then one of the two, so that the next one ends the stalemate.
    pub fn next_epoch(&self) -> (EntryHash, u32) {
        let prev = self.epochs.ends().first().copied().unwrap_or(NO_ENTRY);
        (prev, self.epochs.get(&prev).map_or(0, |view| view.number).saturating_add(1))
    }

    /// Gives the epochs with the highest number: several only when they stand against each other.
    pub fn last_epochs(&self) -> BTreeSet<EntryHash> {
        self.epochs.ends()
    }

    /// Gives what the epoch held by an entry decided; `None` when that entry had no authority.
    pub fn epoch_at(&self, at: &EntryHash) -> Option<&EpochView> {
        self.epochs.get(at)
    }

    /// Tells whether a member held a role in an epoch.
    pub fn held(&self, at: &EntryHash, member: &MemberId, role: Role) -> bool {
        self.epochs.get(at).is_some_and(|epoch| self.holds(epoch, member, role))
    }

    /// Tells whether a `Certify` entry was signed by somebody who was a reviewer in the epoch that it names.
    pub fn has_authority(&self, certificate: &EntryHash) -> bool {
        self.certificates.contains(certificate)
    }

    /// Gives the devices of everybody who may approve newcomers now, with their sealing keys.
    pub fn reviewers(&self) -> impl Iterator<Item = (DeviceId, Device)> {
        let reviews = |device: &Device| self.held(&self.newest, &device.member, Role::Reviewer);
        self.devices.iter().filter(move |(_, device)| reviews(device)).map(|(id, device)| (*id, *device))
    }

    /// Feeds the roster into a projection's digest: all that the other questions can answer from.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        for (id, member) in &self.members {
            let Member { kind, verified_by, commitment, household, since, devices } = member;
            hasher.update(&crate::encode(&("member", id, kind, verified_by, commitment, household, since, devices)));
        }
        for (id, words) in &self.words {
            if let Some(Device { member, seal, basis }) = self.device(id) {
                let certificates: Vec<_> = words.certificates.keys().collect();
                hasher.update(&crate::encode(&("device", id, member, seal, basis, certificates)));
            }
        }
        self.said.digest(hasher);
        self.refoundings.digest(hasher);
        self.life.digest(hasher);
        self.vouched.digest(hasher);
        self.epochs.hashes().for_each(|epoch| {
            hasher.update(&crate::encode(&("epoch", epoch)));
        });
        self.council.digest(hasher);
        let now = self.now();
        let EpochView { number, roles, witnesses, charter, seats, cutoffs, places, fund } = now;
        hasher.update(&crate::encode(&("now", self.newest, number, roles, witnesses, charter, seats, cutoffs, places)));
        hasher.update(&crate::encode(&("fund", fund)));
        hasher.update(&crate::encode(&("lost", &self.lost)));
    }

    fn certify(&mut self, entry: &Entry, hash: EntryHash, certificate: &Certificate, runs: RunsThrough<'_>) {
        let Some(by) = self.journals.get(&entry.journal).copied() else { return };
        let derived = MemberId::derive(&self.building, &certificate.device);
        if !self.held(&entry.epoch, &by, Role::Reviewer) || certificate.member != derived {
            return;
        }
        self.certificates.insert(hash);
        self.kinds.entry(derived).or_default().insert(hash, certificate.kind);
        let at = Tip { journal: entry.journal, seq: entry.seq, hash };
        if !self.said.counts(&at, runs) {
            self.lost.insert(hash);
        }
        let words = self.words.entry(certificate.device).or_default();
        words.certificates.insert(hash, Certified { certificate: *certificate, by, at: entry.at });
        self.welcome(derived, &certificate.device);
        self.settle(certificate.device, runs);
    }

    /// Makes a member of whom a certificate that counts names, and nobody of whom none does. Two reviewers who approve one
    /// newcomer while apart: one certificate speaks for both. None replaces the founder.
    fn welcome(&mut self, id: MemberId, first: &DeviceId) {
        if id == self.founder {
            return;
        }
        let devices = self.members.remove(&id).map(|member| member.devices).unwrap_or_default();
        let certified = self.words.get(first).and_then(|words| words.certified(&self.lost));
        if let Some((_, Certified { certificate, by, at })) = certified {
            let (kind, verified_by, commitment) = (certificate.kind, Some(*by), Some(certificate.commitment));
            let household = certificate.household;
            self.members.insert(id, Member { kind, verified_by, commitment, household, since: *at, devices });
        }
    }

    /// A recovery or a second reviewer's re-approval gives a device to a member.
    fn hear_of_return(&mut self, hash: EntryHash, body: &Body, runs: RunsThrough<'_>) {
        let given = match body {
            Body::Recover(recovery) => recovery.claim.peek(|claim| claim.new).and_then(|new| {
                // Whose it is says the sheet that it names: anybody can copy the public half of its key.
                let member = self.journals.get(&self.said.place(&recovery.sheet)?.journal).copied()?;
                Some((new, Device { member, seal: new.seal, basis: Basis::Recover(hash) }))
            }),
            Body::Reapprove(approval) if approval.seconds.is_some_and(|first| self.said.seconds(&hash, &first)) => {
                let device = |seal| Device { member: approval.member, seal, basis: Basis::Reapprove(hash) };
                approval.new.map(|new| (new, device(new.seal)))
            }
            _ => None,
        };
        if let Some((new, device)) = given {
            self.words.entry(new.device).or_default().link(hash, device);
            self.settle(new.device, runs);
        }
    }

    /// Looks at every word again, after what counts has changed.
    fn count_anew(&mut self, runs: RunsThrough<'_>) {
        let places: Vec<(EntryHash, Tip)> =
            self.certificates.iter().filter_map(|hash| self.said.place(hash).map(|at| (*hash, at))).collect();
        self.lost = places.into_iter().filter(|(_, at)| !self.said.counts(at, runs)).map(|(hash, _)| hash).collect();
        let said = &self.said;
        self.vouched.count_anew(|at| said.counts(at, runs));
        let known: Vec<DeviceId> = self.words.keys().copied().collect();
        for id in &known {
            self.welcome(MemberId::derive(&self.building, id), id);
        }
        for member in self.members.values_mut() {
            member.devices.clear();
        }
        self.devices.clear();
        for id in known {
            self.settle(id, runs);
        }
        // Neither a certificate nor a link can say whose the founder's first device is.
        let first = Device { member: self.founder, seal: self.founder_seal, basis: Basis::Genesis };
        self.settle_first(first, runs);
    }

    fn settle_first(&mut self, first: Device, runs: RunsThrough<'_>) {
        let id = self.first_device;
        let stands = self.said.gives(&first.member, &id, &first.basis, runs);
        if stands {
            self.put(id, Some(first));
        }
    }

    /// Decides anew whose a device is, from all that was said about it. The founder's first device is the founder's.
    fn settle(&mut self, id: DeviceId, runs: RunsThrough<'_>) {
        if self.devices.get(&id).is_some_and(|device| device.basis == Basis::Genesis) {
            return;
        }
        let Some(words) = self.words.get(&id) else { return };
        let gives = |device: &Device| self.said.gives(&device.member, &id, &device.basis, runs);
        let shut = words.links.values().filter(|device| !gives(device)).map(|device| (id, device.basis));
        let shut: Vec<_> = shut.collect();
        let device = words.device(gives);
        match self.fallen_link(words, runs).filter(|_| device.is_none()) {
            Some(link) => _ = self.fallen.insert(id, link),
            None => _ = self.fallen.remove(&id),
        }
        let all: Vec<_> = words.links.values().map(|device| (id, device.basis)).collect();
        all.iter().for_each(|word| _ = self.shut.remove(word));
        self.shut.extend(shut);
        self.put(id, device);
    }

    fn put(&mut self, id: DeviceId, device: Option<Device>) {
        let before = match device {
            Some(device) => self.devices.insert(id, device),
            None => self.devices.remove(&id),
        };
        if let Some(member) = before.and_then(|before| self.members.get_mut(&before.member)) {
            member.devices.remove(&id);
        }
        if let Some(member) = device.and_then(|device| self.members.get_mut(&device.member)) {
            member.devices.insert(id);
        }
    }
}
