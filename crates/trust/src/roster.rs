//! The roster: who is a neighbour, which devices are theirs, who holds which role.
//!
//! A fold over admitted entries. Whether an entry has authority is judged from what it names (rule M5: the epoch it
//! knew), so every replica comes to the same verdict in any order of arrival. An entry without authority is kept and has
//! no effect.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId};

use crate::entry::{Basis, Body, Certificate, Entry, Epoch, Genesis, MemberKind, NO_ENTRY, Role, SealKey};
use crate::signed::Verified;

/// What an epoch decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochView {
    /// 0 for the genesis.
    pub number: u32,
    /// Who holds which roles; the founder holds all while the building is being founded.
    pub roles: BTreeSet<(MemberId, Role)>,
    /// Devices whose stamps count.
    pub witnesses: BTreeSet<DeviceId>,
    /// The numbers.
    pub charter: Charter,
}

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

/// Who is who.
#[derive(Clone, Debug)]
pub struct Roster {
    building: BuildingId,
    founder: MemberId,
    name: String,
    members: BTreeMap<MemberId, Member>,
    devices: BTreeMap<DeviceId, Device>,
    /// Links that no opening entry of the device has confirmed; the first confirmed one binds the device.
    links: BTreeMap<(DeviceId, EntryHash), Device>,
    certificates: BTreeSet<EntryHash>,
    journals: BTreeMap<JournalId, MemberId>,
    epochs: BTreeMap<EntryHash, EpochView>,
    successors: BTreeMap<EntryHash, BTreeSet<EntryHash>>,
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
        };
        let seal = genesis.value().founder_seal;
        Self {
            building,
            founder,
            name: genesis.value().name.clone(),
            members: BTreeMap::from([(founder, member)]),
            devices: BTreeMap::from([(device, Device { member: founder, seal, basis: Basis::Genesis })]),
            links: BTreeMap::new(),
            certificates: BTreeSet::new(),
            journals: BTreeMap::new(),
            epochs: BTreeMap::from([(NO_ENTRY, first)]),
            successors: BTreeMap::new(),
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
                self.open(entry.signer(), open.member, open.basis);
            }
            Body::Certify(certificate) => self.certify(value, hash, certificate),
            Body::Link(link) => {
                let Some(member) = self.journals.get(&value.journal).copied() else { return };
                let device = Device { member, seal: link.seal, basis: Basis::Link(hash) };
                self.links.insert((link.device, hash), device);
            }
            Body::Epoch(epoch) => self.epoch(value, hash, epoch),
            _ => {}
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

    /// Gives the device's membership: by certificate, by a link it has confirmed, or else by its only open link.
    pub fn device(&self, id: &DeviceId) -> Option<Device> {
        let linked = || {
            let from = (*id, EntryHash([0; 32]));
            self.links.range(from..).next().filter(|((device, _), _)| device == id).map(|(_, device)| *device)
        };
        self.devices.get(id).copied().or_else(linked)
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
        static EMPTY: EpochView = EpochView {
            number: 0,
            roles: BTreeSet::new(),
            witnesses: BTreeSet::new(),
            charter: Charter {
                points_per_hour: kaifong_domain::Points(0),
                credit_line: kaifong_domain::Points(0),
                quota: kaifong_domain::Points(0),
            },
        };
        self.epochs.get(&self.newest).unwrap_or(&EMPTY)
    }

    /// Gives what the epoch held by an entry decided; `None` when that entry had no authority.
    pub fn epoch_at(&self, at: &EntryHash) -> Option<&EpochView> {
        self.epochs.get(at)
    }

    /// Tells whether a member held a role in an epoch.
    pub fn held(&self, at: &EntryHash, member: &MemberId, role: Role) -> bool {
        self.epochs.get(at).is_some_and(|epoch| *member == self.founder || epoch.roles.contains(&(*member, role)))
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

    /// Feeds the roster into a projection's digest.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        for (id, member) in &self.members {
            hasher.update(&crate::encode(&(id, member.kind, member.verified_by, member.commitment, &member.devices)));
        }
        let now = self.now();
        hasher.update(&crate::encode(&(self.newest, now.number, &now.roles, &now.witnesses, now.charter)));
    }

    fn open(&mut self, device: DeviceId, member: MemberId, basis: Basis) {
        let Basis::Link(hash) = basis else { return };
        let Some(link) = self.links.get(&(device, hash)).copied() else { return };
        // A certificate is stronger than a link, and of two links the one with the smaller entry stands everywhere.
        let replaces = match self.devices.get(&device).map(|held| held.basis) {
            None => true,
            Some(Basis::Link(before)) => hash < before,
            Some(_) => false,
        };
        if replaces {
            self.bind(device, Device { member, ..link });
        }
    }

    fn certify(&mut self, entry: &Entry, hash: EntryHash, certificate: &Certificate) {
        let Some(reviewer) = self.journals.get(&entry.journal).copied() else { return };
        let derived = MemberId::derive(&self.building, &certificate.device);
        if !self.held(&entry.epoch, &reviewer, Role::Reviewer) || certificate.member != derived {
            return;
        }
        self.certificates.insert(hash);
        // Two reviewers who approve one newcomer while apart: the smaller entry speaks, on every replica.
        let replaces = match self.devices.get(&certificate.device).map(|held| held.basis) {
            None | Some(Basis::Link(_)) => true,
            Some(Basis::Certificate(before)) => hash < before,
            Some(Basis::Genesis) => false,
        };
        if replaces {
            let devices = self.members.get(&derived).map(|member| member.devices.clone()).unwrap_or_default();
            self.members.insert(
                derived,
                Member {
                    kind: certificate.kind,
                    verified_by: Some(reviewer),
                    commitment: Some(certificate.commitment),
                    since: entry.at,
                    devices,
                },
            );
            let device = Device { member: derived, seal: certificate.seal, basis: Basis::Certificate(hash) };
            self.bind(certificate.device, device);
        }
    }

    fn bind(&mut self, id: DeviceId, device: Device) {
        if let Some(before) = self.devices.insert(id, device)
            && let Some(member) = self.members.get_mut(&before.member)
        {
            member.devices.remove(&id);
        }
        if let Some(member) = self.members.get_mut(&device.member) {
            member.devices.insert(id);
        }
    }

    fn epoch(&mut self, entry: &Entry, hash: EntryHash, epoch: &Epoch) {
        let by_founder = self.journals.get(&entry.journal) == Some(&self.founder);
        let follows = self.epochs.get(&epoch.prev).is_some_and(|prev| prev.number.checked_add(1) == Some(epoch.number));
        if !by_founder || !follows {
            return;
        }
        let view = EpochView {
            number: epoch.number,
            roles: epoch.roles.iter().copied().collect(),
            witnesses: epoch.witnesses.iter().copied().collect(),
            charter: epoch.charter,
        };
        self.epochs.insert(hash, view);
        self.successors.entry(epoch.prev).or_default().insert(hash);
        self.newest = self.end_of_chain();
    }

    /// Follows the chain from the genesis. Two successors of one epoch can only come from a double signer: neither leads
    /// on (rule M3), and the epoch before them stays.
    fn end_of_chain(&self) -> EntryHash {
        let mut at = NO_ENTRY;
        while let Some(next) = self.successors.get(&at).filter(|next| next.len() == 1).and_then(|next| next.first()) {
            at = *next;
        }
        at
    }
}
