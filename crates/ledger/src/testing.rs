//! A real signed building for tests: 肖阿姨 has founded it and reviews, 马乐 and 陈姨 are certified neighbours, the desk's
//! device is the witness. Every journal is written with a [`Pen`]; a cloned pen forks its journal.

use std::collections::BTreeMap;

use kaifong_domain::charter::Charter;
use kaifong_domain::fund::Fund;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, JournalId, MemberId, Points, ReasonId};
use kaifong_trust::entry::{
    Basis, Body, Certificate, Entry, Epoch, Genesis, Link, MemberKind, NO_ENTRY, Open, Role, SealKey, Stamp, Transfer,
};
use kaifong_trust::{DeviceKey, Verified};

use crate::{Ledger, NotCited, NotCounted, NotReclaimed, Outcome, Rights, Uncovered};

/// A rule that is broken on purpose, to see that it would be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// L3 covers everything.
    CoversAnything,
    /// L6: an honest device accepts without asking.
    AcceptsAnything,
}

thread_local! {
    static PLANTED: std::cell::Cell<Option<Planted>> = const { std::cell::Cell::new(None) };
}

/// Tells whether this rule is broken in this thread.
pub(crate) fn planted(rule: Planted) -> bool {
    PLANTED.get() == Some(rule)
}

/// Breaks a rule for the rest of this test.
pub(crate) fn plant(rule: Planted) {
    PLANTED.set(Some(rule));
}

/// What the tests' epochs say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Council {
    epochs: BTreeMap<EntryHash, Decided>,
}

/// One of them.
#[derive(Clone, Debug, Default)]
struct Decided {
    charter: Charter,
    witnesses: Vec<DeviceId>,
    roles: Vec<(MemberId, Role)>,
    fund: Fund,
}

impl Rights for Council {
    fn charter(&self, epoch: &EntryHash) -> Option<Charter> {
        self.epochs.get(epoch).map(|decided| decided.charter)
    }

    fn is_witness(&self, epoch: &EntryHash, device: &DeviceId) -> bool {
        self.epochs.get(epoch).is_some_and(|decided| decided.witnesses.contains(device))
    }

    fn fund(&self, epoch: &EntryHash) -> Option<&Fund> {
        self.epochs.get(epoch).map(|decided| &decided.fund)
    }

    fn holds(&self, epoch: &EntryHash, member: &MemberId, role: Role) -> bool {
        self.epochs.get(epoch).is_some_and(|decided| decided.roles.contains(&(*member, role)))
    }
}

/// The end of one branch of one journal, and the key that writes it.
#[derive(Clone, Debug)]
pub(crate) struct Pen {
    pub(crate) key: DeviceKey,
    pub(crate) member: MemberId,
    pub(crate) journal: JournalId,
    pub(crate) tip: EntryHash,
    pub(crate) seq: u64,
    pub(crate) epoch: EntryHash,
}

/// Everything that was signed, in the order of signing, and the ledger of one who has seen all of it.
#[derive(Clone, Debug)]
pub(crate) struct Building {
    pub(crate) id: BuildingId,
    pub(crate) council: Council,
    pub(crate) entries: Vec<Verified<Entry>>,
    pub(crate) ledger: Ledger,
    pub(crate) last: Outcome,
    newcomers: u8,
}

/// The four with whom most tests begin.
pub(crate) struct People {
    pub(crate) xiao: Pen,
    pub(crate) ma: Pen,
    pub(crate) chen: Pen,
    pub(crate) desk: Pen,
}

/// Founds the building with the default charter: credit line 100, quota 100.
pub(crate) fn building() -> (Building, People) {
    building_with(Charter::default())
}

/// Founds the building with other numbers.
pub(crate) fn building_with(charter: Charter) -> (Building, People) {
    let founder = DeviceKey::from_seed([1; 32]);
    let genesis = founder.sign(Genesis {
        name: "和平里 3 号楼".into(),
        founded_at: Instant(0),
        founder_seal: SealKey([0; 32]),
        charter,
        nonce: [0; 16],
    });
    let mut building = Building {
        id: BuildingId(genesis.hash()),
        council: Council { epochs: BTreeMap::from([(NO_ENTRY, Decided { charter, ..Decided::default() })]) },
        entries: Vec::new(),
        ledger: Ledger::new(),
        last: Outcome::Known,
        newcomers: 1,
    };
    let mut xiao = building.open(&founder, None, 0, Basis::Genesis, NO_ENTRY);
    let [mut ma, mut chen, mut desk] = [(); 3].map(|()| building.newcomer(&mut xiao));
    building.decide(&mut xiao, charter, &[&desk]);
    for pen in [&mut ma, &mut chen, &mut desk] {
        pen.epoch = xiao.epoch;
    }
    (building, People { xiao, ma, chen, desk })
}

impl Building {
    /// Signs the next entry of a branch, and adds it.
    pub(crate) fn write(&mut self, pen: &mut Pen, body: Body) -> EntryHash {
        let entry = pen.key.sign(Entry {
            building: self.id,
            journal: pen.journal,
            seq: pen.seq,
            prev: pen.tip,
            epoch: pen.epoch,
            at: Instant(self.entries.len() as u64),
            body,
        });
        pen.tip = EntryHash(entry.hash());
        pen.seq += 1;
        self.last = self.ledger.add(&entry, &self.council).outcome;
        assert_ne!(self.last, Outcome::Orphan, "tests sign what could be admitted");
        self.entries.push(entry);
        pen.tip
    }

    /// Opens a journal; without a member it is that of the device itself.
    pub(crate) fn open(
        &mut self,
        key: &DeviceKey,
        member: Option<MemberId>,
        nonce: u64,
        basis: Basis,
        epoch: EntryHash,
    ) -> Pen {
        let member = member.unwrap_or_else(|| MemberId::derive(&self.id, &key.id()));
        let journal = JournalId::derive(&self.id, &member, &key.id(), nonce);
        let mut pen = Pen { key: key.clone(), member, journal, tip: NO_ENTRY, seq: 0, epoch };
        self.write(&mut pen, Body::Open(Open { member, nonce, basis }));
        pen
    }

    /// A reviewer certifies a new neighbour, who opens their first journal.
    pub(crate) fn newcomer(&mut self, reviewer: &mut Pen) -> Pen {
        self.newcomers += 1;
        let key = DeviceKey::from_seed([self.newcomers; 32]);
        let certificate = self.certify(reviewer, &key);
        self.open(&key, None, 0, Basis::Certificate(certificate), reviewer.epoch)
    }

    pub(crate) fn certify(&mut self, reviewer: &mut Pen, key: &DeviceKey) -> EntryHash {
        let certificate = Certificate {
            member: MemberId::derive(&self.id, &key.id()),
            device: key.id(),
            seal: SealKey([0; 32]),
            kind: MemberKind::Person,
            commitment: [0; 32],
            household: Default::default(),
        };
        self.write(reviewer, Body::Certify(certificate))
    }

    /// A second phone of the same member.
    pub(crate) fn second_phone(&mut self, first: &mut Pen) -> Pen {
        self.newcomers += 1;
        let key = DeviceKey::from_seed([self.newcomers; 32]);
        let link = self.write(first, Body::Link(Link { device: key.id(), seal: SealKey([0; 32]) }));
        self.open(&key, Some(first.member), 0, Basis::Link(link), first.epoch)
    }

    /// The founder signs the next epoch, and names it from then on.
    pub(crate) fn decide(&mut self, founder: &mut Pen, charter: Charter, witnesses: &[&Pen]) -> EntryHash {
        self.decide_with(founder, charter, witnesses, Vec::new(), Fund::default())
    }

    /// The same, with roles and a fund.
    pub(crate) fn decide_with(
        &mut self,
        founder: &mut Pen,
        charter: Charter,
        witnesses: &[&Pen],
        roles: Vec<(MemberId, Role)>,
        fund: Fund,
    ) -> EntryHash {
        let mut witnesses: Vec<_> = witnesses.iter().map(|pen| pen.key.id()).collect();
        witnesses.sort_unstable();
        let epoch = Epoch {
            number: u32::try_from(self.council.epochs.len()).unwrap(),
            prev: founder.epoch,
            roles: roles.clone(),
            witnesses: witnesses.clone(),
            charter,
            seats: Vec::new(),
            places: Default::default(),
            fund: fund.clone(),
        };
        let hash = self.write(founder, Body::Epoch(epoch));
        self.council.epochs.insert(hash, Decided { charter, witnesses, roles, fund });
        founder.epoch = hash;
        hash
    }

    pub(crate) fn pay(&mut self, from: &mut Pen, to: &Pen, points: u32) -> EntryHash {
        self.pay_for(from, to, points, None)
    }

    pub(crate) fn pay_for(&mut self, from: &mut Pen, to: &Pen, points: u32, reason: Option<u8>) -> EntryHash {
        let reason = reason.map(|reason| ReasonId([reason; 16]));
        self.write(from, Body::Transfer(Transfer { to: to.journal, points: Points(points), reason }))
    }

    pub(crate) fn accept(&mut self, payee: &mut Pen, transfer: EntryHash) -> Result<(), NotCounted> {
        let foretold = self.ledger.check_accept(&payee.tip, &transfer);
        self.write(payee, Body::Accept { transfer });
        let Outcome::Accepted(result) = self.last else { panic!("{:?}", self.last) };
        assert_eq!(result, foretold, "what is asked before is what is judged after");
        result
    }

    pub(crate) fn decline(&mut self, payee: &mut Pen, transfer: EntryHash) -> Result<EntryHash, NotCounted> {
        let decline = self.write(payee, Body::Decline { transfer });
        let Outcome::Declined(result) = self.last else { panic!("{:?}", self.last) };
        result.map(|()| decline)
    }

    pub(crate) fn reclaim(&mut self, payer: &mut Pen, decline: EntryHash) -> Result<(), NotReclaimed> {
        self.write(payer, Body::Reclaim { decline });
        let Outcome::Reclaimed(result) = self.last else { panic!("{:?}", self.last) };
        result
    }

    /// Stamps a branch with any figure.
    pub(crate) fn stamp_as(&mut self, witness: &mut Pen, of: &Pen, rights: i64) -> EntryHash {
        let stamp = Stamp { journal: of.journal, seq: of.seq - 1, hash: of.tip, rights };
        self.write(witness, Body::Stamp(stamp))
    }

    /// Stamps what the witness recomputes.
    pub(crate) fn stamp(&mut self, witness: &mut Pen, of: &Pen) -> EntryHash {
        let stamp = self.ledger.stamp_for(&of.tip).expect("something to stamp");
        self.write(witness, Body::Stamp(stamp))
    }

    pub(crate) fn cite(&mut self, pen: &mut Pen, stamp: EntryHash) -> Result<(), NotCited> {
        self.write(pen, Body::Cite { stamp });
        let Outcome::Cited(result) = self.last else { panic!("{:?}", self.last) };
        result
    }

    /// The witness stamps and the journal cites.
    pub(crate) fn meet(&mut self, witness: &mut Pen, pen: &mut Pen) {
        let stamp = self.stamp(witness, pen);
        assert_eq!(self.ledger.newest_stamp(&pen.tip), Some(stamp));
        assert_eq!(self.cite(pen, stamp), Ok(()));
    }

    pub(crate) fn rights(&self, pen: &Pen) -> i64 {
        self.ledger.standing(&pen.tip).unwrap().rights
    }

    pub(crate) fn unseen(&self, pen: &Pen) -> u64 {
        self.ledger.standing(&pen.tip).unwrap().unseen
    }

    pub(crate) fn covered(&self) -> Result<(), Uncovered> {
        let Outcome::Offered(covered) = self.last else { panic!("{:?}", self.last) };
        covered
    }
}
