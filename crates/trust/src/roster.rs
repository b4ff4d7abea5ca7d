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

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId};

use crate::agenda::Agenda;
use crate::council::{Council, Electorate, Seating, Stand};
use crate::entry::{Basis, Body, Certificate, Entry, Genesis, Instance, MemberKind, NO_ENTRY, Role, SealKey, Seat};
pub use crate::epochs::EpochView;
use crate::epochs::Epochs;
use crate::signed::Verified;

/// One neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Person, organisation or desk.
    pub kind: MemberKind,
    /// Who certified them; `None` for the founder.
    pub verified_by: Option<MemberId>,
    /// The salted commitment to household, name and phone; `None` for the founder.
    pub commitment: Option<[u8; 32]>,
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

/// All that was said about one device.
#[derive(Clone, Debug, Default)]
struct Words {
    /// By reviewers with authority.
    certificates: BTreeMap<EntryHash, Certified>,
    /// By members, whether the device agrees or not.
    links: BTreeMap<EntryHash, Device>,
    /// By the device itself: the certificates and links on which it has opened journals.
    own: BTreeSet<EntryHash>,
    /// The links on which it has.
    agreed: BTreeMap<EntryHash, Device>,
}

#[derive(Clone, Copy, Debug)]
struct Certified {
    certificate: Certificate,
    by: MemberId,
    at: Instant,
}

impl Words {
    fn link(&mut self, hash: EntryHash, device: Device) {
        self.links.insert(hash, device);
        if self.own.contains(&hash) {
            self.agreed.insert(hash, device);
        }
    }

    fn agree(&mut self, hash: EntryHash) {
        self.own.insert(hash);
        if let Some(device) = self.links.get(&hash) {
            self.agreed.insert(hash, *device);
        }
    }

    fn may_write_for(&self, member: &MemberId) -> bool {
        let certified = self.certificates.values().any(|word| word.certificate.member == *member);
        certified || self.agreed.values().any(|device| device.member == *member)
    }

    fn certified(&self) -> Option<(&EntryHash, &Certified)> {
        self.certificates.first_key_value()
    }

    /// Whose the device is; a link counts only if the device agrees.
    fn device(&self) -> Option<Device> {
        let by_certificate = self.certified().map(|(hash, Certified { certificate, .. })| Device {
            member: certificate.member,
            seal: certificate.seal,
            basis: Basis::Certificate(*hash),
        });
        if self.certificates.keys().any(|hash| self.own.contains(hash)) {
            return by_certificate;
        }
        self.agreed.first_key_value().map(|(_, device)| *device).or(by_certificate)
    }
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
    journals: BTreeMap<JournalId, MemberId>,
    epochs: Epochs,
    council: Council,
    newest: EntryHash,
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
            since: genesis.value().founded_at,
            devices: BTreeSet::from([device]),
        };
        let first = EpochView {
            number: 0,
            roles: BTreeSet::new(),
            witnesses: BTreeSet::from([device]),
            charter: genesis.value().charter,
            seats: Vec::new(),
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
            journals: BTreeMap::new(),
            epochs: Epochs::new(first),
            council: Council::default(),
            newest: NO_ENTRY,
        }
    }

    /// Folds one admitted entry in. Adding it twice changes nothing.
    pub(crate) fn add(&mut self, entry: &Verified<Entry>) {
        let value = entry.value();
        let hash = EntryHash(entry.hash());
        match &value.body {
            Body::Open(open) => {
                self.journals.insert(value.journal, open.member);
                if let Basis::Certificate(word) | Basis::Link(word) = open.basis {
                    self.words.entry(entry.signer()).or_default().agree(word);
                    self.settle(entry.signer());
                }
            }
            Body::Certify(certificate) => self.certify(value, hash, certificate),
            Body::Link(link) => {
                let Some(member) = self.journals.get(&value.journal).copied() else { return };
                let device = Device { member, seal: link.seal, basis: Basis::Link(hash) };
                self.words.entry(link.device).or_default().link(hash, device);
                self.settle(link.device);
            }
            Body::Stand { paper } => {
                let Some(by) = self.journals.get(&value.journal) else { return };
                self.council.stand(*by, hash, entry, *paper);
            }
            Body::Epoch(epoch) => {
                let Some(by) = self.journals.get(&value.journal) else { return };
                self.council.draft(hash, epoch, *by);
                if *by == self.founder {
                    self.epochs.add_founders(hash, epoch);
                    self.newest = self.epochs.newest();
                }
            }
            _ => {}
        }
        if let Some(decided) = self.council.add(hash, entry, self.building, &self.epochs)
            && let Some(epoch) = self.council.draft_at(&decided.draft)
        {
            self.epochs.add_decided(hash, &decided, epoch);
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
        let linked = || self.words.get(id)?.links.first_key_value().map(|(_, device)| *device);
        self.settled(id).or_else(linked)
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
        self.words.get(id)?.links.values().find(|device| device.member == *member).copied()
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

    /// Gives the decision that lies before the council; `None` while the founder decides.
    pub fn instance(&self) -> Option<(Instance, Electorate)> {
        let void = self.epochs.against(&self.newest).map(Vec::from).unwrap_or_default();
        let instance = Instance { prev: self.newest, void };
        let electorate = self.council.electorate(&instance, &self.epochs)?;
        Some((instance, electorate))
    }

    /// Gives who would sit in the council, in order of member.
    pub fn stands(&self) -> impl Iterator<Item = (&MemberId, &Stand)> {
        self.council.stands()
    }

    /// Gives the council's seats as the next epoch takes them over: a seat whose paper key has named another device of its
    /// member goes on with that one.
    pub fn seats_to_keep(&self) -> Vec<Seat> {
        let seats = &self.now().seats;
        let epoch = self.epochs.seating(&self.newest).map(|(epoch, ..)| epoch);
        // Any device may be named; only one that no other key of the council is can be seated.
        let fits = |device: &DeviceId, member: MemberId| {
            let theirs = self.device(device).is_some_and(|known| known.member == member);
            theirs && !seats.iter().any(|seat| seat.paper == *device)
        };
        let named = |number| self.council.named_on_paper(&epoch?, number);
        let kept = seats.iter().enumerate().map(|(number, seat)| {
            let device = named(number).filter(|device| fits(device, seat.member)).unwrap_or(seat.device);
            Seat { device, ..*seat }
        });
        kept.collect()
    }

    /// Gives what lies before the council, for a decision that [`Roster::instance`] gave.
    pub fn agenda<'a>(&'a self, instance: &'a Instance, electorate: &'a Electorate) -> Agenda<'a> {
        Agenda::new(&self.council, &self.epochs, instance, electorate)
    }

    /// Gives what the epoch held by an entry decided; `None` when that entry had no authority.
    pub fn epoch_at(&self, at: &EntryHash) -> Option<&EpochView> {
        self.epochs.get(at)
    }

    /// Tells whether a member held a role in an epoch.
    pub fn held(&self, at: &EntryHash, member: &MemberId, role: Role) -> bool {
        self.epochs.get(at).is_some_and(|epoch| {
            epoch.roles.contains(&(*member, role)) || (epoch.is_founding() && *member == self.founder)
        })
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
            let Member { kind, verified_by, commitment, since, devices } = member;
            hasher.update(&crate::encode(&("member", id, kind, verified_by, commitment, since, devices)));
        }
        for (id, words) in &self.words {
            if let Some(Device { member, seal, basis }) = self.device(id) {
                let certificates: Vec<_> = words.certificates.keys().collect();
                hasher.update(&crate::encode(&("device", id, member, seal, basis, certificates)));
            }
        }
        self.epochs.hashes().for_each(|epoch| {
            hasher.update(&crate::encode(&("epoch", epoch)));
        });
        self.council.digest(hasher);
        let now = self.now();
        let EpochView { number, roles, witnesses, charter, seats } = now;
        hasher.update(&crate::encode(&("now", self.newest, number, roles, witnesses, charter, seats)));
    }

    fn certify(&mut self, entry: &Entry, hash: EntryHash, certificate: &Certificate) {
        let Some(by) = self.journals.get(&entry.journal).copied() else { return };
        let derived = MemberId::derive(&self.building, &certificate.device);
        if !self.held(&entry.epoch, &by, Role::Reviewer) || certificate.member != derived {
            return;
        }
        self.certificates.insert(hash);
        let words = self.words.entry(certificate.device).or_default();
        words.certificates.insert(hash, Certified { certificate: *certificate, by, at: entry.at });
        // Two reviewers who approve one newcomer while apart: one certificate speaks for both. None replaces the founder.
        if derived != self.founder
            && let Some((_, Certified { certificate, by, at })) = words.certified()
        {
            let member = Member {
                kind: certificate.kind,
                verified_by: Some(*by),
                commitment: Some(certificate.commitment),
                since: *at,
                devices: self.members.get(&derived).map(|member| member.devices.clone()).unwrap_or_default(),
            };
            self.members.insert(derived, member);
        }
        self.settle(certificate.device);
    }

    /// Decides anew whose a device is, from all that was said about it. The founder's first device is the founder's.
    fn settle(&mut self, id: DeviceId) {
        let before = self.devices.get(&id).copied();
        if before.is_some_and(|device| device.basis == Basis::Genesis) {
            return;
        }
        let Some(device) = self.words.get(&id).and_then(Words::device) else { return };
        self.devices.insert(id, device);
        if let Some(member) = before.and_then(|before| self.members.get_mut(&before.member)) {
            member.devices.remove(&id);
        }
        if let Some(member) = self.members.get_mut(&device.member) {
            member.devices.insert(id);
        }
    }
}
