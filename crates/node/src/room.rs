//! A few devices in one room, for tests: without a network, and with a clock of their own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kaifong_domain::record::{Kind, Profile, Side};
use kaifong_domain::{DealId, DeviceId, Instant, ListingId, MemberId, Refusal};
use kaifong_net::{ConnectionId, PathKind};
use kaifong_store::{MemoryStore, Space, Store};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::MemberKind;
use kaifong_trust::envelope::{Letter, seal};
use kaifong_trust::invite::Ticket;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::event::{Application, Command, Done, Draft, Effect, Event, NodeError, Way};
use crate::home::Home;
use crate::node::{Node, Past};

pub(crate) const NOON: u64 = 1_780_000_000_000;
pub(crate) const DAY_MS: u64 = 24 * 3600 * 1000;

pub(crate) struct Phone {
    pub(crate) node: Node,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) reply: Option<Result<Done, NodeError>>,
}

/// Devices in one room, all connected unless one is off.
pub(crate) struct Room {
    pub(crate) phones: BTreeMap<&'static str, Phone>,
    /// Each connection with its two ends.
    pub(crate) wires: BTreeMap<u64, [&'static str; 2]>,
    pub(crate) now: u64,
    pub(crate) next_wire: u64,
}

impl Room {
    /// 李叔 founds a building; 陈姨 and 何姐 join it.
    pub(crate) fn new() -> (Self, Ticket) {
        let mut room = Self { phones: BTreeMap::new(), wires: BTreeMap::new(), now: NOON, next_wire: 0 };
        room.buys("李叔", 1);
        room.does("李叔", Command::Found { building: "红棉里".into(), profile: named("李叔") }).unwrap();
        let invite = Command::Invite { valid_ms: DAY_MS, addresses: Vec::new() };
        let Done::Invited(ticket) = room.does("李叔", invite).unwrap() else { panic!() };
        for (seed, name) in [(2, "陈姨"), (3, "何姐")] {
            room.buys(name, seed);
            room.joins(name, &ticket);
        }
        (room, ticket)
    }

    pub(crate) fn buys(&mut self, name: &'static str, seed: u8) {
        let store = Arc::new(MemoryStore::new());
        let rng = ChaCha20Rng::from_seed([seed; 32]);
        let key = DeviceKey::from_seed([seed; 32]);
        let node = Node::open(store.clone(), key, rng, Instant(self.now), Past::default()).unwrap();
        self.phones.insert(name, Phone { node, store, reply: None });
    }

    pub(crate) fn joins(&mut self, name: &'static str, ticket: &Ticket) {
        let device = self.asks_to_join(name, ticket, "李叔");
        self.does("李叔", Command::Approve { device, votes: false }).unwrap();
        assert!(self.member(name).0 != [0; 16]);
    }

    /// Somebody asks a neighbour to join; gives their device.
    pub(crate) fn asks_to_join(&mut self, name: &'static str, ticket: &Ticket, with: &'static str) -> DeviceId {
        self.asks_to_join_as(MemberKind::Person, name, ticket, with)
    }

    /// An organisation, or the desk, asks a neighbour to join; gives its device.
    pub(crate) fn asks_to_join_as(
        &mut self,
        kind: MemberKind,
        name: &'static str,
        ticket: &Ticket,
        with: &'static str,
    ) -> DeviceId {
        let application = Application {
            way: Way::Ticket(ticket.clone()),
            kind,
            profile: named(name),
            household: "3栋".into(),
            real_name: name.into(),
            phone: String::new(),
        };
        self.does(name, Command::Apply(Box::new(application))).unwrap();
        self.meet(name, with);
        self.phones[name].node.device()
    }

    /// Somebody gets a further device.
    pub(crate) fn links(&mut self, name: &'static str, tablet: &'static str, ticket: &Ticket) {
        self.links_with(name, tablet, ticket, "李叔");
    }

    /// Somebody gets a further device, which first meets a neighbour.
    pub(crate) fn links_with(&mut self, name: &'static str, tablet: &'static str, ticket: &Ticket, with: &'static str) {
        let (device, seal) = (self.phones[tablet].node.device(), self.phones[tablet].node.seal_key());
        let further = Command::BecomeFurtherDevice { way: Way::Ticket(ticket.clone()), member: self.member(name) };
        self.does(tablet, further).unwrap();
        self.does(name, Command::LinkDevice { device, seal }).unwrap();
        self.meet(tablet, with);
        assert_eq!(self.member(tablet), self.member(name));
    }

    /// One device reads a letter that another one has sealed.
    pub(crate) fn reads(&mut self, to: &'static str, by: &'static str, letter: &Letter) -> bool {
        let (building, now) = (self.home(to).id(), Instant(self.now));
        let key = self.phones[by].node.key.clone();
        let node = &mut self.phones.get_mut(to).unwrap().node;
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let sealed = seal(&key, node.device(), &node.seal_key(), building, now, letter, &mut rng).unwrap();
        node.read_letter(&sealed)
    }

    pub(crate) fn member(&self, name: &str) -> MemberId {
        self.phones[name].node.me().unwrap()
    }

    /// Connects two, and carries on until nobody has anything to say.
    pub(crate) fn meet(&mut self, one: &'static str, other: &'static str) {
        self.next_wire += 1;
        let wire = self.next_wire;
        self.wires.insert(wire, [one, other]);
        let mut busy = VecDeque::new();
        for (here, there) in [(one, other), (other, one)] {
            let device = self.phones[there].node.device();
            let event = Event::Connected { connection: ConnectionId(wire), device, path: PathKind::Lan };
            busy.extend(self.hear(here, event));
        }
        self.carry(busy);
    }

    /// Ends all connections of one device.
    pub(crate) fn goes_off(&mut self, name: &'static str) {
        let ends: Vec<_> =
            self.wires.iter().filter(|(_, ends)| ends.contains(&name)).map(|(wire, ends)| (*wire, *ends)).collect();
        for (wire, ends) in ends {
            self.wires.remove(&wire);
            for end in ends {
                let sent = self.hear(end, Event::Disconnected { connection: ConnectionId(wire) });
                self.carry(sent.into());
            }
        }
    }

    pub(crate) fn does(&mut self, name: &'static str, command: Command) -> Result<Done, NodeError> {
        let sent = self.hear(name, Event::Command { id: 1, command });
        self.carry(sent.into());
        self.phones.get_mut(name).unwrap().reply.take().unwrap()
    }

    pub(crate) fn tick(&mut self, name: &'static str) {
        let sent = self.hear(name, Event::Tick);
        self.carry(sent.into());
    }

    pub(crate) fn hear(&mut self, name: &'static str, event: Event) -> Vec<(u64, &'static str, Vec<u8>)> {
        let now = Instant(self.now);
        let phone = self.phones.get_mut(name).unwrap();
        phone.node.handle(now, event);
        let step = phone.node.take();
        phone.store.commit(step.batch).unwrap();
        phone.node.committed();
        let (mut sent, mut closed) = (Vec::new(), Vec::new());
        for effect in step.effects {
            match effect {
                Effect::Send { connection, frame } => {
                    if let Some(ends) = self.wires.get(&connection.0) {
                        let to = if ends[0] == name { ends[1] } else { ends[0] };
                        sent.push((connection.0, to, frame));
                    }
                }
                Effect::Reply { result, .. } => phone.reply = Some(result),
                Effect::Close { connection, reason } => {
                    let calm =
                        ["nothing came of it", "applies anew", "is certified no longer", "was closed by its member"];
                    assert!(calm.contains(&reason), "{name} closes a connection: {reason}");
                    if let Some(ends) = self.wires.remove(&connection.0) {
                        let other = if ends[0] == name { ends[1] } else { ends[0] };
                        closed.push((other, connection));
                    }
                }
                _ => {}
            }
        }
        for (other, connection) in closed {
            sent.extend(self.hear(other, Event::Disconnected { connection }));
        }
        sent
    }

    pub(crate) fn carry(&mut self, mut busy: VecDeque<(u64, &'static str, Vec<u8>)>) {
        while let Some((wire, to, bytes)) = busy.pop_front() {
            if self.wires.contains_key(&wire) {
                busy.extend(self.hear(to, Event::Frame { connection: ConnectionId(wire), bytes }));
            }
        }
    }

    /// How many parts of a member's document lie in a device's store, rows included.
    pub(crate) fn kept(&self, name: &str, member: &MemberId) -> usize {
        let store = &self.phones[name].store;
        store.scan(Space::Documents, &member.0).unwrap().len() + store.scan(Space::Rows, &member.0).unwrap().len()
    }

    pub(crate) fn home(&self, name: &str) -> &Home {
        self.phones[name].node.home().unwrap()
    }

    /// 何姐 borrows what 陈姨 lends.
    pub(crate) fn borrows(&mut self) -> (ListingId, DealId) {
        let Done::Posted(listing) = self.does("陈姨", offer("手推车")).unwrap() else { panic!() };
        self.meet("陈姨", "何姐");
        let answer = Command::Answer {
            owner: self.member("陈姨"),
            listing,
            points: None,
            due_at: Some(Instant(NOON + DAY_MS)),
            counterpart: None,
        };
        let Done::Answered(deal) = self.does("何姐", answer).unwrap() else { panic!() };
        self.does("陈姨", Command::Agree { deal }).unwrap();
        (listing, deal)
    }
}

pub(crate) fn named(name: &str) -> Profile {
    Profile { name: name.into(), block: String::new(), about: String::new(), place: None }
}

pub(crate) fn offer(title: &str) -> Command {
    let (kind, mode) = (Some(Kind::Item), Some(kaifong_domain::record::Mode::Share));
    Command::Post(Draft { kind, mode, ..Draft::of(Side::Offer, title) })
}

pub(crate) fn refused(why: Refusal) -> Result<Done, NodeError> {
    Err(NodeError::Refused(why))
}
