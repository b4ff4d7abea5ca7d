//! Devices that break the rules: certified ones, with a real node underneath, and their own key to misuse.

use kaifong_domain::activity::ActivityAct;
use kaifong_domain::deal::{DealAct, Hold};
use kaifong_domain::fund::Purpose;
use kaifong_domain::record::{Edit, Profile};
use kaifong_domain::slip::{Slip, SlipNumber};
use kaifong_domain::{BuildingId, DealId, DeviceId, EntryHash, Instant, JournalId, MemberId, Points};
use kaifong_net::ConnectionId;
use kaifong_node::Home;
use kaifong_replica::Document;
use kaifong_sync::{Message, Parcel};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::{
    Assist, Basis, Body, Capacity, Certificate, Decision, Entry, Epoch, Grant, GrantList, Instance, Link, MemberKind,
    Opinion, Promise, Proposal, SealKey, Stamp, Succession, Terms, Transfer, Vouch,
};
use kaifong_trust::pen::Pen;
use kaifong_trust::{Signed, Verified};

use crate::dice::Dice;
use crate::world::{Occasion, World};

type Dicer = rand_chacha::ChaCha8Rng;

/// A frame just longer than anything that is taken.
const OVERSIZED_BYTES: usize = kaifong_sync::FRAME_BYTES_MAX + 1;

/// How often, in thousandths, a hostile device that has something to spend spends it twice or waits for the chance.
const SPENDS_TWICE: u32 = 800;

/// How often, in thousandths, one that could find an accomplice looks for one.
const COLLUDES: u32 = 150;

/// What a hostile device shows: one half to some, the other to others.
struct Strike {
    said: &'static str,
    halves: [Vec<u8>; 2],
}

/// What a hostile device knows before it strikes.
struct Sight<'a> {
    home: &'a Home,
    key: DeviceKey,
    me: MemberId,
    now: Instant,
}

impl World {
    /// A hostile device strikes, if it can.
    pub(crate) fn prank(&mut self, device: usize) {
        if !self.busy {
            return;
        }
        let wait_ms = self.dice.between(5_000, 40_000);
        self.after(wait_ms, Occasion::Prank { device });
        let connections = self.talks_to(device);
        if connections.is_empty() || !self.devices.get(device).is_some_and(|at| at.is_up()) {
            return;
        }
        self.counts.pranks += 1;
        // Whoever sits in the council, or is about to, has a rarer chance, and is on its best behaviour until it comes.
        if self.would_sit(device) && self.dice.chance(900) {
            return self.bring_drafts(device);
        }
        let votes = if self.dice.chance(500) { self.votes_both_ways(device) } else { None };
        if let Some([one, other]) = votes {
            let said = "votes both ways";
            return self.strike(device, &connections, Strike { said, halves: [news(&one), news(&other)] });
        }
        // Whoever wants to spend twice is on its best behaviour until then, mostly.
        if self.has_accomplices(device) && self.dice.chance(COLLUDES) && self.collude(device) {
            return;
        }
        if self.follow_up(device) || self.dice.chance(SPENDS_TWICE) && self.spend_twice(device) {
            return;
        }
        let strike = match self.dice.below(3) {
            0 => {
                let frame = self.garbage();
                Some(Strike { said: "sends garbage", halves: [frame.clone(), frame] })
            }
            1 => self.forged_entries(device),
            _ => self.forked_document(device),
        };
        if let Some(strike) = strike {
            self.strike(device, &connections, strike);
        }
    }

    /// One half of those in reach is shown one thing, the other half another.
    fn strike(&mut self, device: usize, connections: &[ConnectionId], strike: Strike) {
        let Strike { said, halves: [one, other] } = strike;
        self.tell(|world| format!("{} {said}", world.name(device)));
        for connection in connections {
            let frame = if self.dice.chance(500) { one.clone() } else { other.clone() };
            self.send(*connection, frame);
        }
    }

    fn garbage(&mut self) -> Vec<u8> {
        let heard = self.dice.pick(&self.overheard).cloned().unwrap_or_default();
        match self.dice.below(8) {
            0 => self.dice.seed().to_vec(),
            1 | 2 => {
                let keep = self.dice.below(heard.len() as u64 + 1) as usize;
                heard.into_iter().take(keep).collect()
            }
            3..6 => {
                let (at, bit) = (self.dice.below(heard.len() as u64) as usize, self.dice.below(8));
                let mut flipped = heard;
                if let Some(byte) = flipped.get_mut(at) {
                    *byte ^= 1 << bit;
                }
                flipped
            }
            6 if self.dice.chance(50) => vec![0; OVERSIZED_BYTES],
            6 => {
                let key = DeviceKey::from_seed(self.dice.seed());
                foreign(&key, Instant(self.now_ms))
            }
            _ => heard,
        }
    }

    fn forged_entries(&mut self, device: usize) -> Option<Strike> {
        let now_ms = self.now_ms;
        let at = self.devices.get(device)?;
        let node = at.node.as_ref()?;
        let sight = Sight { home: node.home()?, key: at.key.clone(), me: node.me()?, now: at.clock_at(now_ms) };
        let own: Vec<JournalId> = sight
            .home
            .journals()
            .journals()
            .filter(|journal| journal.device == at.id() && journal.forked_at().is_none())
            .map(|journal| journal.id)
            .collect();
        let journal = *self.dice.pick(&own)?;
        let dice = &mut self.dice;
        let pens = || Pen::resume(sight.key.clone(), sight.home.journals(), &journal);
        let (mut one, mut other) = (pens()?, pens()?);
        let epoch = sight.home.roster().newest_epoch();
        let (said, entries, twins) = match dice.below(2) {
            // A fork of anything.
            0 => {
                let entries = vec![one.write(epoch, sight.now, sight.body(dice)?)];
                let mut twins = vec![other.write(epoch, sight.now, sight.body(dice)?)];
                twins.push(other.write(epoch, sight.now, sight.body(dice)?));
                ("forks its journal", entries, twins)
            }
            // No fork, only nonsense.
            _ => {
                let entries = vec![one.write(epoch, sight.now, sight.body(dice)?)];
                ("signs what it has no right to", entries.clone(), entries)
            }
        };
        Some(Strike { said, halves: [news(&entries), news(&twins)] })
    }

    /// Two first changes of one new actor.
    fn forked_document(&mut self, device: usize) -> Option<Strike> {
        let at = self.devices.get(device)?;
        let node = at.node.as_ref()?;
        let (building, member) = (node.home()?.id(), node.me()?);
        let nonce: [u8; 8] = self.dice.seed().first_chunk().copied()?;
        let write = |about: &str| {
            let profile = Profile { name: "孙悟空".into(), block: String::new(), about: about.into(), place: None };
            let mut document = Document::new(building, member);
            let delivery = document.edit(&at.key, nonce, &Edit::SetProfile(profile)).ok()?;
            Some(Message::News(vec![Parcel::Document(delivery)]).encode())
        };
        Some(Strike { said: "forks its document", halves: [write("一")?, write("二")?] })
    }
}

pub(crate) fn news(entries: &[Verified<Entry>]) -> Vec<u8> {
    let signed: Vec<Signed<Entry>> = entries.iter().map(|entry| entry.signed().clone()).collect();
    Message::News(vec![Parcel::Entries(signed)]).encode()
}

impl Sight<'_> {
    fn payee(&self, dice: &mut Dicer) -> Option<JournalId> {
        let others = self.home.journals().journals().filter(|journal| journal.member != self.me);
        let others: Vec<JournalId> = others.map(|journal| journal.id).collect();
        dice.pick(&others).copied()
    }

    fn any_entry(&self, dice: &mut Dicer) -> EntryHash {
        let all = self.home.journals().len() as u64;
        let at = dice.below(all) as usize;
        self.home.journals().entries().nth(at).map_or(EntryHash([7; 32]), |entry| EntryHash(entry.hash()))
    }

    /// Anything at all, mostly without a right to it.
    fn body(&self, dice: &mut Dicer) -> Option<Body> {
        let entry = self.any_entry(dice);
        let building: BuildingId = self.home.id();
        let deals: Vec<DealId> = self.home.board().deals().map(|row| row.id).collect();
        let deal = dice.pick(&deals).copied().unwrap_or(DealId([1; 16]));
        let stranger = DeviceId(dice.seed());
        Some(match dice.below(17) {
            0 => Body::Transfer(Transfer { to: self.payee(dice)?, points: Points(0), reason: None }),
            1 => {
                Body::Transfer(Transfer { to: self.payee(dice)?, points: Points(1_000_000), reason: Some(deal.into()) })
            }
            2 => Body::Accept { transfer: entry },
            3 => Body::Decline { transfer: entry },
            4 => Body::Reclaim { decline: entry },
            5 => Body::Cite { stamp: entry },
            6 => {
                let journal = self.payee(dice)?;
                Body::Stamp(Stamp { journal, seq: dice.below(9), hash: entry, rights: 10_000 })
            }
            7 => Body::Certify(Certificate {
                member: MemberId::derive(&building, &stranger),
                device: stranger,
                seal: SealKey([9; 32]),
                kind: MemberKind::Person,
                commitment: [0; 32],
                household: Default::default(),
            }),
            8 => {
                // Somebody else's device, or nobody's.
                let devices: Vec<DeviceId> = self.home.roster().devices().map(|(id, _)| *id).collect();
                let device = if dice.chance(700) { *dice.pick(&devices)? } else { stranger };
                Body::Link(Link { device, seal: SealKey([9; 32]) })
            }
            9 => Body::Epoch(Epoch {
                number: 1 + dice.below(3) as u32,
                prev: self.home.roster().newest_epoch(),
                roles: Vec::new(),
                witnesses: vec![self.key.id()],
                charter: self.home.roster().now().charter,
                seats: if dice.chance(500) { self.home.roster().now().seats.clone() } else { Vec::new() },
                places: self.home.roster().now().places.clone(),
                fund: self.home.roster().now().fund.clone(),
            }),
            11 => Body::Promise(Promise {
                instance: Instance::after(self.home.roster().newest_epoch()),
                attempt: if dice.chance(500) { 1 + dice.below(9) as u32 } else { u32::MAX },
                signed: dice.chance(500).then_some(entry),
                seat: None,
            }),
            12 => Body::Propose(Proposal {
                instance: Instance::after(self.home.roster().newest_epoch()),
                attempt: dice.below(9) as u32,
                draft: entry,
                promises: Vec::new(),
                seat: None,
            }),
            13 => Body::Sign { proposal: entry, seat: None },
            14 => Body::Decide(Decision { signs: vec![entry] }),
            // One or the other, with no further throw.
            15 if stranger.0.first().is_some_and(|byte| byte % 2 == 0) => Body::Stand { paper: stranger },
            15 if stranger.0.first().is_some_and(|byte| byte % 4 == 1) => {
                Body::Activity(act_on_booking(entry, stranger.0.last().copied().unwrap_or(0)))
            }
            15 => Body::Vouch(Vouch {
                // For a neighbour, or for oneself: neither counts.
                member: self.home.roster().members().next().map_or(self.me, |(id, _)| *id),
                capacity: Capacity::Medical,
                opinion: Opinion::For,
                number: u32::MAX,
            }),
            10 => Body::Deal(DealAct::Agree { deal, hold: Hold::Many }),
            // One of several, with no further throw: a slip for points that nobody owes, or words that are another's to say.
            16 if stranger.0.get(1).is_some_and(|byte| byte % 2 == 0) => {
                let member = self.home.roster().members().next().map_or(self.me, |(id, _)| *id);
                let number = SlipNumber::drawn(stranger.0.get(2).map_or(0, |byte| u64::from(byte % 12)));
                match stranger.0.get(3).map(|byte| byte % 4) {
                    Some(0) => Body::Slip(Slip { number, payer: member, payee: self.me, points: Points(9), day: 0 }),
                    Some(1) => Body::Disown { slip: entry },
                    Some(2) => Body::Assist(Assist { entry, volunteer: member }),
                    _ => Body::Keep { desk: member },
                }
            }
            // One of several, with no further throw, where there is a fund.
            _ if !self.home.roster().now().fund.budgets.is_empty() => {
                let member = self.home.roster().members().next().map_or(self.me, |(id, _)| *id);
                let terms = Terms { to: self.payee(dice)?, member, points: Points(15), purpose: Purpose::Starter };
                match stranger.0.first().map(|byte| byte % 6) {
                    Some(4) => {
                        Body::Succeed(Succession { last: entry, successor: self.payee(dice)?, seconds: Some(entry) })
                    }
                    Some(5) => Body::Inherit { succession: entry },
                    Some(0) => Body::Grant(Grant { terms, second: None }),
                    Some(1) => Body::GrantList(GrantList { terms: vec![terms] }),
                    Some(2) => Body::Second { list: entry },
                    _ => Body::Unlist { list: entry },
                }
            }
            _ => Body::Deal(DealAct::Done { deal }),
        })
    }
}

/// A step about somebody else's booking, or about what is none; which one the byte says.
fn act_on_booking(booking: EntryHash, byte: u8) -> ActivityAct {
    match byte % 5 {
        0 => ActivityAct::Place { booking },
        1 => ActivityAct::Cancel { booking },
        2 => ActivityAct::Free { booking },
        3 => ActivityAct::Attend { booking, number: u32::MAX, came: false },
        _ => ActivityAct::Contest { booking, number: u32::MAX },
    }
}

/// An entry of another building.
fn foreign(key: &DeviceKey, now: Instant) -> Vec<u8> {
    let building = BuildingId([0xF0; 32]);
    let member = MemberId::derive(&building, &key.id());
    let (_, open) = Pen::open(key.clone(), building, member, 0, Basis::Genesis, EntryHash([0; 32]), now);
    news(&[open])
}
