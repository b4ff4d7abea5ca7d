//! A prepared building, and people who sign whatever an input wants them to.

use std::sync::OnceLock;

use kaifong_domain::activity::{ActivityAct, ActivityTerms, Payee};
use kaifong_domain::charter::Charter;
use kaifong_domain::deal::{Condition, DealAct, Direction, Hold, Terms};
use kaifong_domain::dispute::Word;
use kaifong_domain::fund::{Act, Fund, Purpose};
use kaifong_domain::place::{Block, BlockKind, PlaceId, PlaceMap, Zone};
use kaifong_domain::recurring::{Commitment, Days, RecurringAct, RecurringTerms};
use kaifong_domain::shop::{Order, ShopAct};
use kaifong_domain::slip::{Slip, SlipNumber};
use kaifong_domain::sort::Form;
use kaifong_domain::space::{Slot, SpaceAct};
use kaifong_domain::{
    ActivityId, BuildingId, DealId, DeviceId, EntryHash, GoodId, Instant, JournalId, ListingId, MemberId, Points,
    ReasonId,
};
use kaifong_ledger::Rights;
use kaifong_trust::entry::{
    Assist, Basis, Body, Capacity, Certificate, Decision, Entry, Epoch, Genesis, Grant, GrantList, Instance, Link,
    MemberKind, NO_ENTRY, Open, Opinion, Post, Promise, Proposal, Role, SealKey, Seat, Stamp, Succession,
    Terms as GrantTerms, Transfer, Vouch,
};
use kaifong_trust::envelope::SealSecret;
use kaifong_trust::{DeviceKey, Journals, Pen, Roster, Verified};

use crate::{Unstructured, array, below, chance, number, pick};

/// How many devices there are: 0 founds, 1 reviews, 2 and 3 are neighbours, 4 is the desk, 5 and 6 are strangers.
pub const DEVICES: u8 = 7;
const NEIGHBOURS: u8 = 5;

/// The key of one device.
pub fn key(device: u8) -> DeviceKey {
    static KEYS: OnceLock<Vec<DeviceKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| (0..DEVICES).map(|n| DeviceKey::from_seed([n + 1; 32])).collect());
    keys[usize::from(device % DEVICES)].clone()
}

/// The roster as the ledger asks it.
pub struct Eyes<'a>(pub &'a Roster);

impl Rights for Eyes<'_> {
    fn charter(&self, epoch: &EntryHash) -> Option<Charter> {
        self.0.epoch_at(epoch).map(|epoch| epoch.charter)
    }

    fn is_witness(&self, epoch: &EntryHash, device: &DeviceId) -> bool {
        self.0.epoch_at(epoch).is_some_and(|epoch| epoch.witnesses.contains(device))
    }

    fn fund(&self, epoch: &EntryHash) -> Option<&Fund> {
        self.0.epoch_at(epoch).map(|epoch| &epoch.fund)
    }

    fn holds(&self, epoch: &EntryHash, member: &MemberId, role: Role) -> bool {
        self.0.held(epoch, member, role)
    }
}

/// A building with everything that was signed in it, in order.
pub struct Street {
    /// The genesis.
    pub genesis: Verified<Genesis>,
    /// The building.
    pub building: BuildingId,
    /// What was signed before the input begins.
    pub entries: Vec<Verified<Entry>>,
    past: Past,
}

/// One place at which a journal can go on.
#[derive(Clone, Copy)]
struct Place {
    device: u8,
    journal: JournalId,
    hash: EntryHash,
    seq: u64,
}

/// What an input can name.
#[derive(Clone)]
pub struct Past {
    building: BuildingId,
    places: Vec<Place>,
    journals: Vec<JournalId>,
    members: Vec<MemberId>,
    epochs: Vec<EntryHash>,
    stamps: Vec<Stamp>,
    clock: u64,
}

/// The prepared building.
pub fn street() -> &'static Street {
    static STREET: OnceLock<Street> = OnceLock::new();
    STREET.get_or_init(found)
}

fn found() -> Street {
    let genesis = Genesis {
        name: "红棉里".into(),
        founded_at: Instant(1),
        founder_seal: SealSecret::of(&key(0)).public(),
        charter: Charter::default(),
        nonce: [0; 16],
    };
    let genesis = key(0).sign(genesis);
    let building = BuildingId(genesis.hash());
    let member = |device: u8| MemberId::derive(&building, &key(device).id());
    let mut entries = Vec::new();
    let (mut founder, open) = Pen::open(key(0), building, member(0), 0, Basis::Genesis, NO_ENTRY, Instant(2));
    entries.push(open);
    let mut bases = Vec::new();
    for device in 1..NEIGHBOURS {
        let body = Body::Certify(certificate(member(device), device));
        entries.push(founder.write(NO_ENTRY, Instant(3), body));
        bases.push(Basis::Certificate(founder.tip()));
    }
    let epoch = Epoch {
        number: 1,
        prev: NO_ENTRY,
        roles: vec![(member(1), Role::Reviewer)],
        witnesses: vec![key(4).id()],
        charter: Charter::default(),
        seats: Vec::new(),
        places: Default::default(),
        fund: Default::default(),
    };
    entries.push(founder.write(NO_ENTRY, Instant(4), Body::Epoch(epoch)));
    let epoch = founder.tip();
    let mut pens = vec![founder];
    for (device, basis) in (1..NEIGHBOURS).zip(bases) {
        let (pen, open) = Pen::open(key(device), building, member(device), 0, basis, epoch, Instant(5));
        entries.push(open);
        pens.push(pen);
    }
    let transfer = Transfer { to: pens[2].journal(), points: Points(30), reason: None };
    entries.push(pens[3].write(epoch, Instant(6), Body::Transfer(transfer)));
    let transfer = pens[3].tip();
    entries.push(pens[2].write(epoch, Instant(7), Body::Accept { transfer }));
    let stamp = Stamp { journal: pens[3].journal(), seq: 1, hash: transfer, rights: 70 };
    entries.push(pens[4].write(epoch, Instant(8), Body::Stamp(stamp)));
    let stamped = pens[4].tip();
    entries.push(pens[3].write(epoch, Instant(9), Body::Cite { stamp: stamped }));

    let places = entries.iter().map(|entry| {
        let device = (0..DEVICES).find(|device| key(*device).id() == entry.signer()).unwrap_or(0);
        let value = entry.value();
        Place { device, journal: value.journal, hash: EntryHash(entry.hash()), seq: value.seq }
    });
    let past = Past {
        building,
        places: places.collect(),
        journals: pens.iter().map(Pen::journal).collect(),
        members: (0..DEVICES).map(member).collect(),
        epochs: vec![epoch, NO_ENTRY],
        stamps: vec![stamp],
        clock: 10,
    };
    Street { genesis, building, entries, past }
}

/// A map, mostly of the form that a map has.
fn places(u: &mut Unstructured<'_>) -> PlaceMap {
    let name = |u: &mut Unstructured<'_>| {
        let names = ["南块", "北块", "", "1栋", "东街", "很长很长很长很长的名字还要长"];
        pick(u, &names).copied().unwrap_or_default().to_owned()
    };
    let kind = |u: &mut Unstructured<'_>| {
        *pick(u, &[BlockKind::Tower, BlockKind::Group, BlockKind::Street]).unwrap_or(&BlockKind::Tower)
    };
    let id = |u: &mut Unstructured<'_>| PlaceId(below(u, 12) as u32);
    let block = |u: &mut Unstructured<'_>| Block { id: id(u), name: name(u), kind: kind(u) };
    let zone = |u: &mut Unstructured<'_>| Zone {
        id: id(u),
        name: name(u),
        blocks: (0..below(u, 4)).map(|_| block(u)).collect(),
    };
    PlaceMap { zones: (0..below(u, 3)).map(|_| zone(u)).collect() }
}

fn certificate(member: MemberId, device: u8) -> Certificate {
    let seal = SealSecret::of(&key(device)).public();
    Certificate {
        member,
        device: key(device).id(),
        seal,
        kind: MemberKind::Person,
        commitment: [7; 32],
        household: Default::default(),
    }
}

impl Street {
    /// What an input can go on from.
    pub fn past(&self) -> Past {
        self.past.clone()
    }

    /// A replica that holds what was signed before the input begins.
    pub fn journals(&self) -> Journals {
        let mut journals = Journals::new(&self.genesis);
        for entry in &self.entries {
            let _ = journals.offer(entry.clone());
        }
        assert_eq!(journals.len(), self.entries.len(), "the prepared building is sound");
        journals
    }
}

impl Past {
    /// Begins with the entries of another building, all signed by one device: for a node that lives there.
    pub fn of(building: BuildingId, entries: &[&Verified<Entry>], by: u8) -> Self {
        let places = entries.iter().map(|entry| {
            let value = entry.value();
            Place { device: by, journal: value.journal, hash: EntryHash(entry.hash()), seq: value.seq }
        });
        let mut epochs = vec![NO_ENTRY];
        epochs.extend(
            entries
                .iter()
                .filter(|entry| matches!(entry.value().body, Body::Epoch(_)))
                .map(|entry| EntryHash(entry.hash())),
        );
        Self {
            building,
            places: places.collect(),
            journals: entries.iter().map(|entry| entry.value().journal).collect(),
            members: (0..DEVICES).map(|device| MemberId::derive(&building, &key(device).id())).collect(),
            epochs,
            stamps: Vec::new(),
            clock: 10,
        }
    }

    /// Signs an entry: mostly one that goes on where a journal ends, but any mistake and any lie can be drawn.
    pub fn entry(&mut self, u: &mut Unstructured<'_>) -> Verified<Entry> {
        let from = self.place(u);
        let body = self.body(u);
        self.clock += 1;
        let epoch = if chance(u, 16) { self.hash(u) } else { *pick(u, &self.epochs).unwrap_or(&NO_ENTRY) };
        let (mut journal, mut seq, mut prev, mut by) =
            (from.journal, from.seq.saturating_add(1), from.hash, from.device);
        if let Body::Open(open) = &body {
            (seq, prev) = (0, NO_ENTRY);
            journal = JournalId::derive(&self.building, &open.member, &key(by).id(), open.nonce);
        }
        match u.arbitrary::<u8>().unwrap_or(0) {
            250 => seq = number(u),
            251 => prev = self.hash(u),
            252 => by = u.arbitrary().unwrap_or(0),
            253 => journal = self.journal(u),
            _ => {}
        }
        let building = if chance(u, 64) { BuildingId(array(u)) } else { self.building };
        let entry = Entry { building, journal, seq, prev, epoch, at: Instant(self.clock), body };
        let signed = key(by).sign(entry);
        self.note(by, &signed);
        signed
    }

    fn note(&mut self, device: u8, entry: &Verified<Entry>) {
        let hash = EntryHash(entry.hash());
        let value = entry.value();
        self.places.push(Place { device, journal: value.journal, hash, seq: value.seq });
        match &value.body {
            Body::Epoch(_) => self.epochs.push(hash),
            Body::Stamp(stamp) => self.stamps.push(*stamp),
            Body::Open(_) => self.journals.push(value.journal),
            _ => {}
        }
    }

    /// The end of a journal, or now and then any place in it: that makes a fork.
    fn place(&self, u: &mut Unstructured<'_>) -> Place {
        let none = Place { device: 0, journal: JournalId([0; 32]), hash: NO_ENTRY, seq: 0 };
        let drawn = *pick(u, &self.places).unwrap_or(&none);
        if chance(u, 8) {
            return drawn;
        }
        let last = self.places.iter().rev().find(|place| place.journal == drawn.journal);
        *last.unwrap_or(&drawn)
    }

    /// Any hash that means something, or none that does.
    pub fn hash(&self, u: &mut Unstructured<'_>) -> EntryHash {
        match u.arbitrary::<u8>().unwrap_or(0) {
            255 => EntryHash(array(u)),
            254 => NO_ENTRY,
            _ => pick(u, &self.places).map_or(NO_ENTRY, |place| place.hash),
        }
    }

    /// Any journal.
    pub fn journal(&self, u: &mut Unstructured<'_>) -> JournalId {
        if chance(u, 32) { JournalId(array(u)) } else { *pick(u, &self.journals).unwrap_or(&JournalId([0; 32])) }
    }

    /// Any member.
    pub fn member(&self, u: &mut Unstructured<'_>) -> MemberId {
        if chance(u, 32) { MemberId(array(u)) } else { *pick(u, &self.members).unwrap_or(&MemberId([0; 16])) }
    }

    fn device(&self, u: &mut Unstructured<'_>) -> DeviceId {
        if chance(u, 32) { DeviceId(array(u)) } else { key(u.arbitrary().unwrap_or(0)).id() }
    }

    fn deal(&self, u: &mut Unstructured<'_>) -> DealId {
        self.hash(u).into()
    }

    fn points(&self, u: &mut Unstructured<'_>) -> Points {
        match below(u, 3) {
            0 => Points(below(u, 120) as u32),
            1 => Points(u.arbitrary().unwrap_or(0)),
            _ => *pick(u, &[Points(0), Points(1), Points(100), Points(101), Points::MAX]).unwrap_or(&Points(0)),
        }
    }

    fn charter(&self, u: &mut Unstructured<'_>) -> Charter {
        let default = Charter::default();
        if !chance(u, 4) {
            return default;
        }
        Charter { points_per_hour: self.points(u), credit_line: self.points(u), quota: self.points(u) }
    }

    fn act(&self, u: &mut Unstructured<'_>) -> DealAct {
        let deal = self.deal(u);
        match below(u, 10) {
            0 => {
                let direction =
                    if u.arbitrary().unwrap_or(false) { Direction::OwnerGives } else { Direction::AnswererGives };
                let due_at = if u.arbitrary().unwrap_or(false) { Some(Instant(number(u))) } else { None };
                let counterpart = if chance(u, 4) { Some(ListingId(array(u))) } else { None };
                let listing = ListingId([u.arbitrary::<u8>().unwrap_or(0) % 4; 16]);
                let (owner, points) = (self.member(u), self.points(u));
                DealAct::Answer { terms: Terms { listing, owner, direction, points, due_at, counterpart } }
            }
            1 => {
                let after = if u.arbitrary().unwrap_or(false) { Some(self.deal(u)) } else { None };
                let hold = if u.arbitrary().unwrap_or(false) { Hold::Many } else { Hold::Once { after } };
                DealAct::Agree { deal, hold }
            }
            2 => DealAct::CallOff { deal },
            3 => DealAct::HandOver { deal },
            4 => DealAct::Return { deal },
            5 => DealAct::HandedOver { deal, on: Instant(number(u)) },
            6 => {
                let on = u.arbitrary().unwrap_or(false).then(|| Instant(number(u)));
                let condition =
                    pick(u, &[None, Some(Condition::Good), Some(Condition::Worn), Some(Condition::Damaged)]);
                let condition = condition.copied().flatten();
                DealAct::Returned { deal, on, condition }
            }
            7 => DealAct::Extend { deal, days: u.arbitrary().unwrap_or(1) },
            8 => DealAct::KeepDay { deal, days: u.arbitrary().unwrap_or(1) },
            _ => DealAct::Done { deal },
        }
    }

    fn seat(&self, u: &mut Unstructured<'_>) -> Seat {
        Seat { member: self.member(u), post: Post::Residents, device: self.device(u), paper: DeviceId(array(u)) }
    }

    fn instance(&self, u: &mut Unstructured<'_>) -> Instance {
        let prev = *pick(u, &self.epochs).unwrap_or(&NO_ENTRY);
        let void = if chance(u, 8) { self.hashes(u) } else { Vec::new() };
        Instance { prev, void }
    }

    fn hashes(&self, u: &mut Unstructured<'_>) -> Vec<EntryHash> {
        let mut hashes: Vec<_> = (0..below(u, 4)).map(|_| self.hash(u)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    fn body(&self, u: &mut Unstructured<'_>) -> Body {
        match below(u, 31) {
            0 | 1 => {
                let reason = if chance(u, 3) { Some(ReasonId::from(self.deal(u))) } else { None };
                Body::Transfer(Transfer { to: self.journal(u), points: self.points(u), reason })
            }
            2 | 3 => Body::Accept { transfer: self.hash(u) },
            4 => Body::Decline { transfer: self.hash(u) },
            5 => Body::Reclaim { decline: self.hash(u) },
            6 => {
                let place = self.place(u);
                let seq = if chance(u, 16) { number(u) } else { place.seq };
                let rights = match below(u, 3) {
                    0 => i64::from(u.arbitrary::<i16>().unwrap_or(0)),
                    1 => u.arbitrary().unwrap_or(0),
                    _ => 100,
                };
                Body::Stamp(Stamp { journal: place.journal, seq, hash: place.hash, rights })
            }
            7 => Body::Cite { stamp: self.hash(u) },
            8 => {
                let device = u.arbitrary::<u8>().unwrap_or(0) % DEVICES;
                let member = if chance(u, 4) { self.member(u) } else { self.members[usize::from(device)] };
                Body::Certify(certificate(member, device))
            }
            9 => Body::Link(Link { device: self.device(u), seal: SealKey(array(u)) }),
            10 => {
                let basis = match below(u, 3) {
                    0 => Basis::Genesis,
                    1 => Basis::Certificate(self.hash(u)),
                    _ => Basis::Link(self.hash(u)),
                };
                Body::Open(Open { member: self.member(u), nonce: below(u, 3) as u64, basis })
            }
            11 => {
                let role =
                    |u: &mut Unstructured<'_>| *pick(u, &[Role::Reviewer, Role::Treasurer]).unwrap_or(&Role::Reviewer);
                let roles = (0..below(u, 4)).map(|_| (self.member(u), role(u))).collect();
                let witnesses = (0..below(u, 4)).map(|_| self.device(u)).collect();
                let prev = if chance(u, 8) { self.hash(u) } else { *pick(u, &self.epochs).unwrap_or(&NO_ENTRY) };
                let number = if chance(u, 8) { u.arbitrary().unwrap_or(0) } else { self.epochs.len() as u32 };
                let seats = if chance(u, 3) { (0..below(u, 5)).map(|_| self.seat(u)).collect() } else { Vec::new() };
                Body::Epoch(Epoch {
                    number,
                    prev,
                    roles,
                    witnesses,
                    charter: self.charter(u),
                    seats,
                    places: places(u),
                    fund: self.fund(u),
                })
            }
            12 => Body::Promise(Promise {
                instance: self.instance(u),
                attempt: below(u, 6) as u32,
                signed: chance(u, 2).then(|| self.hash(u)),
                seat: chance(u, 8).then(|| self.hash(u)),
            }),
            13 => Body::Propose(Proposal {
                instance: self.instance(u),
                attempt: below(u, 3) as u32,
                draft: self.hash(u),
                promises: self.hashes(u),
                seat: chance(u, 8).then(|| self.hash(u)),
            }),
            14 => Body::Sign { proposal: self.hash(u), seat: chance(u, 8).then(|| self.hash(u)) },
            15 => Body::Decide(Decision { signs: self.hashes(u) }),
            16 => Body::Stand { paper: self.device(u) },
            17 => Body::Vouch(Vouch {
                member: self.member(u),
                capacity: *pick(u, &Capacity::ALL).unwrap_or(&Capacity::Medical),
                opinion: *pick(u, &[Opinion::For, Opinion::Against, Opinion::Silent]).unwrap_or(&Opinion::For),
                number: below(u, 4) as u32,
            }),
            18 => Body::Grant(Grant { terms: self.terms(u), second: chance(u, 2).then(|| self.hash(u)) }),
            19 => Body::GrantList(GrantList { terms: (0..=below(u, 3)).map(|_| self.terms(u)).collect() }),
            20 if chance(u, 3) => Body::Unlist { list: self.hash(u) },
            20 if chance(u, 2) => Body::Recurring(self.recurring(u)),
            20 => Body::Second { list: self.hash(u) },
            21 => Body::Say(self.word(u)),
            22 => Body::Rule(self.word(u)),
            23 => Body::Activity(self.activity(u)),
            24 => {
                let number = SlipNumber::drawn(below(u, 3) as u64);
                let (payer, payee, points) = (self.member(u), self.member(u), self.points(u));
                Body::Slip(Slip { number, payer, payee, points, day: below(u, 3) as u32 })
            }
            25 if chance(u, 3) => Body::Keep { desk: self.member(u) },
            25 if chance(u, 2) => Body::Assist(Assist { entry: self.hash(u), volunteer: self.member(u) }),
            25 => Body::Disown { slip: self.hash(u) },
            26 => Body::Shop(match below(u, 3) {
                0 => ShopAct::PickUp { order: self.hash(u), key: [below(u, 3) as u8; 32] },
                1 => ShopAct::CallOff { order: self.hash(u) },
                _ => {
                    let (key, to, nonce) = ([below(u, 3) as u8; 32], self.journal(u), [below(u, 3) as u8; 16]);
                    let code = Order::seal(&key, &self.journal(u), &nonce);
                    let (shop, good) = (self.member(u), GoodId([below(u, 3) as u8; 16]));
                    let (pieces, points) = (below(u, 4) as u32, self.points(u));
                    ShopAct::Order(Order { shop, good, pieces, points, to, nonce, code })
                }
            }),
            27 => {
                let place = self.place(u);
                let last = if chance(u, 4) { self.hash(u) } else { place.hash };
                let seconds = chance(u, 2).then(|| self.hash(u));
                Body::Succeed(Succession { last, successor: self.place(u).journal, seconds })
            }
            28 => Body::Inherit { succession: self.hash(u) },
            30 => Body::Space(self.space(u)),
            _ => Body::Deal(self.act(u)),
        }
    }

    fn word(&self, u: &mut Unstructured<'_>) -> Word {
        Word { deal: self.deal(u), points: self.points(u), number: below(u, 3) as u32 }
    }

    fn space(&self, u: &mut Unstructured<'_>) -> SpaceAct {
        let booking = self.hash(u);
        match below(u, 5) {
            0 => {
                let starts_at = Instant(below(u, 3) as u64 * 3_600_000);
                let ends_at = Instant(starts_at.0 + below(u, 30) as u64 * 3_600_000);
                let purpose = *pick(u, &[Form::Culture, Form::Study, Form::Lecture]).unwrap_or(&Form::Culture);
                let slot = Slot { starts_at, ends_at, purpose, people: below(u, 600) as u16 };
                SpaceAct::Ask { owner: self.member(u), listing: ListingId([below(u, 2) as u8; 16]), slot }
            }
            1 => SpaceAct::Grant { booking },
            2 => SpaceAct::Decline { booking },
            3 => SpaceAct::Lose { booking, to: self.hash(u) },
            _ => SpaceAct::Cancel { booking },
        }
    }

    fn activity(&self, u: &mut Unstructured<'_>) -> ActivityAct {
        let (booking, number) = (self.hash(u), below(u, 3) as u32);
        match below(u, 6) {
            0 => {
                let terms = ActivityTerms {
                    starts_at: Instant(below(u, 3) as u64),
                    hours: below(u, 14) as u8,
                    cost: self.points(u),
                    to: *pick(u, &[Payee::Host, Payee::Fund]).unwrap_or(&Payee::Host),
                    no_show: Points(below(u, 120) as u32),
                };
                ActivityAct::Book { host: self.member(u), activity: ActivityId([below(u, 2) as u8; 16]), terms }
            }
            1 => ActivityAct::Place { booking },
            2 => ActivityAct::Cancel { booking },
            3 => ActivityAct::Free { booking },
            4 => ActivityAct::Attend { booking, number, came: chance(u, 2) },
            _ => ActivityAct::Contest { booking, number },
        }
    }

    fn recurring(&self, u: &mut Unstructured<'_>) -> RecurringAct {
        let (version, first) = (self.hash(u), below(u, 100_010) as u32);
        let days = Days { first, mask: u.arbitrary().unwrap_or(1) };
        match below(u, 8) {
            0 | 1 => {
                let (last, trial) = (chance(u, 2).then(|| below(u, 100_010) as u32), chance(u, 2).then_some(first));
                let (weekdays, words) = (below(u, 130) as u8, Commitment(array(u)));
                let terms = RecurringTerms { weekdays, first, last, points: self.points(u), trial, words };
                let after = chance(u, 2).then_some(version);
                RecurringAct::Propose { with: self.member(u), helps: chance(u, 2), deal: None, after, terms }
            }
            2 => RecurringAct::Accept { version },
            3 => RecurringAct::Tried { version },
            4 => RecurringAct::Did { version, days },
            5 => RecurringAct::Confirm { sheet: version, days },
            6 => RecurringAct::Pause { version, from: first, to: below(u, 100_010) as u32 },
            _ if chance(u, 2) => RecurringAct::Resume { pause: version },
            _ => RecurringAct::End { version, day: first },
        }
    }

    fn terms(&self, u: &mut Unstructured<'_>) -> GrantTerms {
        let purpose = match below(u, 3) {
            0 => Purpose::Starter,
            1 => Purpose::Opening,
            _ => Purpose::Act {
                act: *pick(u, &Act::ALL).unwrap_or(&Act::Hour),
                day: below(u, 3) as u32,
                times: below(u, 4) as u16,
            },
        };
        GrantTerms { to: self.journal(u), member: self.member(u), points: self.points(u), purpose }
    }

    fn fund(&self, u: &mut Unstructured<'_>) -> Fund {
        if chance(u, 2) {
            return Fund::default();
        }
        let mut budgets: Vec<_> = (0..below(u, 3)).map(|_| (self.journal(u), u64::from(self.points(u).0))).collect();
        budgets.sort_unstable();
        let rates = vec![(Act::Hour, Points(10))];
        Fund { starter: Points(20), alone: self.points(u), quota: self.points(u), rates, budgets }
    }
}
