//! A small street: named neighbours, their devices, and all that they sign.

use kaifong_domain::charter::Charter;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId};
use kaifong_trust::entry::{
    Basis, Body, Certificate, Entry, Epoch, Genesis, Link, MemberKind, NO_ENTRY, Open, Role, SealKey,
};
use kaifong_trust::journals::Offered;
use kaifong_trust::{DeviceKey, Distrust, Journals, Pen, Verified};

pub(crate) fn key(name: &str) -> DeviceKey {
    DeviceKey::from_seed(blake3::derive_key("a device in a test", name.as_bytes()))
}

pub(crate) fn seal_of(name: &str) -> SealKey {
    SealKey(blake3::derive_key("a sealing key in a test", name.as_bytes()))
}

pub(crate) fn genesis(name: &str) -> Genesis {
    Genesis {
        name: name.into(),
        founded_at: Instant(1_000),
        founder_seal: seal_of("李叔"),
        charter: Charter::default(),
        nonce: [0; 16],
    }
}

/// All that was signed in one building, in the order in which it was signed.
pub(crate) struct Street {
    pub(crate) genesis: Verified<Genesis>,
    pub(crate) building: BuildingId,
    pub(crate) entries: Vec<Verified<Entry>>,
    clock: u64,
}

impl Street {
    pub(crate) fn founded_by(name: &str) -> Self {
        let genesis = key(name).sign(genesis("红叶新天地"));
        let building = BuildingId(genesis.hash());
        Self { genesis, building, entries: Vec::new(), clock: 1_000 }
    }

    pub(crate) fn member(&self, name: &str) -> MemberId {
        MemberId::derive(&self.building, &key(name).id())
    }

    pub(crate) fn journal(&self, member: &str, device: &str, nonce: u64) -> JournalId {
        JournalId::derive(&self.building, &self.member(member), &key(device).id(), nonce)
    }

    /// The time on the wall where nobody looks at it.
    pub(crate) fn entry_time(&self) -> Instant {
        Instant(self.clock)
    }

    fn tick(&mut self) -> Instant {
        self.clock += 1;
        Instant(self.clock)
    }

    /// `device` opens a journal of `member`.
    pub(crate) fn open(&mut self, device: &str, member: &str, nonce: u64, basis: Basis, epoch: EntryHash) -> Pen {
        let at = self.tick();
        let (pen, entry) = Pen::open(key(device), self.building, self.member(member), nonce, basis, epoch, at);
        self.entries.push(entry);
        pen
    }

    pub(crate) fn write(&mut self, pen: &mut Pen, epoch: EntryHash, body: Body) -> EntryHash {
        let at = self.tick();
        self.entries.push(pen.write(epoch, at, body));
        pen.tip()
    }

    pub(crate) fn certify(&mut self, pen: &mut Pen, epoch: EntryHash, name: &str, kind: MemberKind) -> EntryHash {
        let body = self.certificate(name, kind);
        self.write(pen, epoch, body)
    }

    pub(crate) fn certificate(&self, name: &str, kind: MemberKind) -> Body {
        Body::Certify(Certificate {
            member: self.member(name),
            device: key(name).id(),
            seal: seal_of(name),
            kind,
            commitment: [7; 32],
            household: Default::default(),
        })
    }

    /// What was signed at this hash.
    pub(crate) fn entry(&self, hash: EntryHash) -> Verified<Entry> {
        self.entries.iter().find(|entry| entry.hash() == hash.0).unwrap().clone()
    }

    pub(crate) fn empty(&self) -> Journals {
        Journals::new(&self.genesis)
    }

    /// A replica that got everything in the order of signing.
    pub(crate) fn replica(&self) -> Journals {
        let mut journals = self.empty();
        offer_all(&mut journals, self.entries.iter().cloned());
        journals
    }
}

pub(crate) fn link(name: &str) -> Body {
    Body::Link(Link { device: key(name).id(), seal: seal_of(name) })
}

pub(crate) fn epoch(number: u32, prev: EntryHash, roles: &[(MemberId, Role)]) -> Body {
    epoch_with(number, prev, roles, Vec::new())
}

pub(crate) fn epoch_with(number: u32, prev: EntryHash, roles: &[(MemberId, Role)], witnesses: Vec<DeviceId>) -> Body {
    Body::Epoch(Epoch {
        number,
        prev,
        roles: roles.to_vec(),
        witnesses,
        charter: Charter::default(),
        seats: Vec::new(),
        places: Default::default(),
        fund: Default::default(),
    })
}

/// An entry that no pen would write.
pub(crate) struct Forgery {
    pub(crate) by: DeviceKey,
    pub(crate) entry: Entry,
}

impl Forgery {
    pub(crate) fn of(by: &str, entry: &Verified<Entry>) -> Self {
        Self { by: key(by), entry: entry.value().clone() }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Entry)) -> Self {
        change(&mut self.entry);
        self
    }

    pub(crate) fn signed(self) -> Verified<Entry> {
        self.by.sign(self.entry)
    }
}

/// An entry of a journal that nobody has ever opened, after an entry that nobody has.
pub(crate) fn nonsense(building: BuildingId, by: &DeviceKey, number: u64) -> Verified<Entry> {
    let member = MemberId::derive(&building, &by.id());
    by.sign(Entry {
        building,
        journal: JournalId::derive(&building, &member, &by.id(), number),
        seq: 5,
        prev: EntryHash(blake3::derive_key("nonsense in a test", &number.to_le_bytes())),
        epoch: NO_ENTRY,
        at: Instant(number),
        body: link("nobody"),
    })
}

pub(crate) fn opening(by: &str, member: MemberId, building: BuildingId, nonce: u64, basis: Basis) -> Entry {
    Entry {
        building,
        journal: JournalId::derive(&building, &member, &key(by).id(), nonce),
        seq: 0,
        prev: NO_ENTRY,
        epoch: NO_ENTRY,
        at: Instant(5),
        body: Body::Open(Open { member, nonce, basis }),
    }
}

pub(crate) fn offer_all(journals: &mut Journals, entries: impl IntoIterator<Item = Verified<Entry>>) {
    for entry in entries {
        // What breaks a rule is refused and leaves nothing behind; that is for other tests.
        drop(journals.offer(entry));
    }
}

pub(crate) fn is_admitted(offered: &Result<Offered, Distrust>) -> bool {
    matches!(offered, Ok(Offered::Admitted(_)))
}

pub(crate) fn roster_digest(journals: &Journals) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    journals.roster().digest(&mut hasher);
    *hasher.finalize().as_bytes()
}

pub(crate) fn fingerprints(journals: &Journals) -> Vec<(JournalId, [u8; 32])> {
    journals.journals().map(|journal| (journal.id, journal.fingerprint())).collect()
}
