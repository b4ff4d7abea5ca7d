#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kaifong_domain::record::{Kind, Profile, Side};
use kaifong_domain::{DealId, ListingId, MemberId};
use kaifong_net::{ConnectionId, PathKind};
use kaifong_store::{MemoryStore, Store};
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::MemberKind;
use kaifong_trust::invite::Ticket;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::event::{Application, Draft, Effect, Event, Way};
use crate::node::Past;

const NOON: u64 = 1_780_000_000_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

struct Phone {
    node: Node,
    store: Arc<MemoryStore>,
    reply: Option<Result<Done, NodeError>>,
}

/// Devices in one room, all connected unless one is off.
struct Room {
    phones: BTreeMap<&'static str, Phone>,
    /// Each connection with its two ends.
    wires: BTreeMap<u64, [&'static str; 2]>,
    now: u64,
    next_wire: u64,
}

impl Room {
    /// 李叔 founds a building; 陈姨 and 何姐 join it.
    fn new() -> (Self, Ticket) {
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

    fn buys(&mut self, name: &'static str, seed: u8) {
        let store = Arc::new(MemoryStore::new());
        let rng = ChaCha20Rng::from_seed([seed; 32]);
        let key = DeviceKey::from_seed([seed; 32]);
        let node = Node::open(store.clone(), key, rng, Instant(self.now), Past::default()).unwrap();
        self.phones.insert(name, Phone { node, store, reply: None });
    }

    fn joins(&mut self, name: &'static str, ticket: &Ticket) {
        let device = self.phones[name].node.device();
        let application = Application {
            way: Way::Ticket(ticket.clone()),
            kind: MemberKind::Person,
            profile: named(name),
            household: "3栋".into(),
            real_name: name.into(),
            phone: String::new(),
        };
        self.does(name, Command::Apply(Box::new(application))).unwrap();
        self.meet(name, "李叔");
        self.does("李叔", Command::Approve { device, votes: false }).unwrap();
        assert!(self.member(name).0 != [0; 16]);
    }

    fn member(&self, name: &str) -> MemberId {
        self.phones[name].node.me().unwrap()
    }

    /// Connects two, and carries on until nobody has anything to say.
    fn meet(&mut self, one: &'static str, other: &'static str) {
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
    fn goes_off(&mut self, name: &'static str) {
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

    fn does(&mut self, name: &'static str, command: Command) -> Result<Done, NodeError> {
        let sent = self.hear(name, Event::Command { id: 1, command });
        self.carry(sent.into());
        self.phones.get_mut(name).unwrap().reply.take().unwrap()
    }

    fn tick(&mut self, name: &'static str) {
        let sent = self.hear(name, Event::Tick);
        self.carry(sent.into());
    }

    fn hear(&mut self, name: &'static str, event: Event) -> Vec<(u64, &'static str, Vec<u8>)> {
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
                    assert_eq!(reason, "nothing came of it", "{name} closes a connection");
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

    fn carry(&mut self, mut busy: VecDeque<(u64, &'static str, Vec<u8>)>) {
        while let Some((wire, to, bytes)) = busy.pop_front() {
            if self.wires.contains_key(&wire) {
                busy.extend(self.hear(to, Event::Frame { connection: ConnectionId(wire), bytes }));
            }
        }
    }

    /// How many parts of a member's document lie in a device's store, rows included.
    fn kept(&self, name: &str, member: &MemberId) -> usize {
        let store = &self.phones[name].store;
        store.scan(Space::Documents, &member.0).unwrap().len() + store.scan(Space::Rows, &member.0).unwrap().len()
    }

    fn home(&self, name: &str) -> &Home {
        self.phones[name].node.home().unwrap()
    }

    /// 何姐 borrows what 陈姨 lends.
    fn borrows(&mut self) -> (ListingId, DealId) {
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

fn named(name: &str) -> Profile {
    Profile { name: name.into(), block: String::new(), about: String::new(), place: None }
}

fn offer(title: &str) -> Command {
    let (kind, mode) = (Some(Kind::Item), Some(kaifong_domain::record::Mode::Share));
    Command::Post(Draft {
        side: Side::Offer,
        kind,
        mode,
        title: title.into(),
        body: String::new(),
        points: None,
        audience: None,
    })
}

fn refused(why: Refusal) -> Result<Done, NodeError> {
    Err(NodeError::Refused(why))
}

// proves: A5
#[test]
fn who_was_off_while_a_neighbour_erased_hands_in_the_old_words_and_drops_them_too() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", offer("手推车")).unwrap();
    room.meet("何姐", "陈姨");
    assert!(room.kept("何姐", &chen) > 0 && room.kept("李叔", &chen) > 0);
    room.goes_off("何姐");
    room.does("陈姨", Command::Erase).unwrap();
    assert_eq!([room.kept("李叔", &chen), room.kept("陈姨", &chen)], [0, 0], "at once, where it is heard");
    assert!(room.kept("何姐", &chen) > 0);
    // She brings it to somebody who has dropped it; not even 陈姨 is there.
    room.goes_off("陈姨");
    room.meet("何姐", "李叔");
    assert_eq!([room.kept("何姐", &chen), room.kept("李叔", &chen)], [0, 0]);
    assert_eq!(room.home("何姐").projection(), room.home("李叔").projection());
    assert!(room.home("李叔").board().profile(&chen).is_none() && room.home("李叔").documents().len() == 2);
    assert!(room.home("李叔").roster().member(&chen).is_some(), "the journal stays");
    assert_eq!(room.does("陈姨", offer("又一辆")), refused(Refusal::YouLeft), "and nothing is said any more");
    // Should that word ever count no longer, neighbours may still hold what this actor has said: another one goes on.
    assert_eq!(room.phones["陈姨"].store.get(Space::Meta, b"actor").unwrap(), None);
    // What was read back from the store knows no more of it.
    let store = room.phones["何姐"].store.clone();
    let again = Node::open(
        store,
        DeviceKey::from_seed([3; 32]),
        ChaCha20Rng::from_seed([9; 32]),
        Instant(room.now),
        Past::default(),
    );
    assert!(again.unwrap().home().unwrap().board().profile(&chen).is_none());
}

#[test]
fn a_delivery_of_erased_words_is_answered_with_the_word_that_erased_them() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    let delivery = {
        let phone = &room.phones["李叔"];
        phone
            .node
            .home()
            .unwrap()
            .documents
            .with(&chen, &*phone.store, |document| document.missing(&[]))
            .unwrap()
            .unwrap()
    };
    room.does("陈姨", Command::Erase).unwrap();
    room.goes_off("何姐");
    room.meet("何姐", "李叔");
    let wire = *room.wires.iter().find(|(_, ends)| ends.contains(&"何姐")).unwrap().0;
    let news = Message::News(vec![Parcel::Document(delivery)]).encode();
    let answer = room.hear("李叔", Event::Frame { connection: ConnectionId(wire), bytes: news });
    let erased = room.home("李叔").journals().whereabouts(&chen).erased.unwrap();
    let told = answer.iter().filter_map(|(_, _, frame)| match Message::decode(frame).unwrap() {
        Message::News(parcels) => Some(parcels),
        _ => None,
    });
    let told: Vec<_> = told.flatten().collect();
    let [Parcel::Entries(entries)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(entries.iter().map(|entry| EntryHash(entry.hash())).collect::<Vec<_>>(), [erased]);
    assert_eq!(room.kept("李叔", &chen), 0);
}

#[test]
fn moving_out_ends_what_is_open_first_and_then_begins_nothing() {
    let (mut room, _) = Room::new();
    let (listing, deal) = room.borrows();
    let chen = room.member("陈姨");
    assert_eq!(room.does("李叔", Command::Leave { ends_at: Some(Instant(NOON)) }), refused(Refusal::SeatHeld));
    let now = Command::Leave { ends_at: Some(Instant(0)) };
    assert_eq!(room.does("陈姨", now.clone()), refused(Refusal::StillOpen { deals: 1 }));
    assert_eq!(room.does("陈姨", Command::Erase), refused(Refusal::StillOpen { deals: 1 }));
    assert_eq!(room.does("陈姨", Command::Leave { ends_at: None }), refused(Refusal::NotLeaving));
    let far = Command::Leave { ends_at: Some(Instant(u64::MAX)) };
    assert!(matches!(room.does("陈姨", far), Err(NodeError::Refused(Refusal::OutOfRange { .. }))));
    // A day ahead can be said with things still out, and taken back.
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    room.does("陈姨", Command::Leave { ends_at: None }).unwrap();
    assert_eq!(room.home("李叔").journals().whereabouts(&chen).ends_at, None);
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(NOON + DAY_MS)) }).unwrap();
    for name in ["陈姨", "何姐"] {
        room.does(name, Command::HandOver { deal }).unwrap();
    }
    room.now = NOON + DAY_MS;
    room.tick("陈姨");
    let row = room.home("李叔").board().listing(&chen, &listing).unwrap();
    assert!(row.listing.closed_at.is_some(), "the day has come, and her listings are withdrawn");
    assert_eq!(room.does("陈姨", offer("又一辆")), refused(Refusal::YouLeft));
    assert_eq!(room.does("陈姨", Command::Leave { ends_at: None }), refused(Refusal::YouLeft));
    let give = Command::Give { to: chen, points: kaifong_domain::Points(1) };
    assert_eq!(room.does("李叔", give), refused(Refusal::HasLeft));
    // What is on loan can still come back, and holds nobody from erasing.
    room.does("何姐", Command::Return { deal }).unwrap();
    room.does("陈姨", Command::Return { deal }).unwrap();
    assert_eq!(room.home("李叔").board().deal(&deal).unwrap().stage, Stage::Done);
    room.does("陈姨", Command::Erase).unwrap();
    assert_eq!(room.home("李叔").board().deal(&deal).unwrap().stage, Stage::Done, "what was done stays");
}

#[test]
fn who_has_gone_hears_nothing_more_and_can_still_erase() {
    let (mut room, ticket) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", offer("手推车")).unwrap();
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(0)) }).unwrap();
    room.now += 1_000;
    // Whoever comes now is a neighbour to 李叔 and 何姐, and nothing of it reaches 陈姨, on old connections or new ones.
    room.buys("马乐", 4);
    room.joins("马乐", &ticket);
    let ma = room.member("马乐");
    for again in [false, true] {
        if again {
            room.goes_off("陈姨");
            room.meet("陈姨", "李叔");
            room.meet("何姐", "陈姨");
        }
        for name in ["陈姨", "李叔", "何姐"] {
            room.now += 60_000;
            room.tick(name);
        }
        assert!(room.home("何姐").roster().member(&ma).is_some());
        assert!(room.home("陈姨").roster().member(&ma).is_none());
    }
    assert!(room.kept("何姐", &chen) > 0);
    room.does("陈姨", Command::Erase).unwrap();
    room.meet("李叔", "陈姨");
    room.meet("李叔", "何姐");
    assert_eq!([room.kept("李叔", &chen), room.kept("何姐", &chen)], [0, 0], "her own word is heard, and goes on");
}

#[test]
fn who_erases_with_nobody_near_brings_the_word_along() {
    let (mut room, _) = Room::new();
    let chen = room.member("陈姨");
    room.does("陈姨", Command::Leave { ends_at: Some(Instant(0)) }).unwrap();
    room.goes_off("陈姨");
    room.now += 1_000;
    room.does("陈姨", Command::Erase).unwrap();
    assert!(room.kept("李叔", &chen) > 0);
    room.meet("陈姨", "李叔");
    assert_eq!(room.kept("李叔", &chen), 0);
}

#[test]
fn nothing_is_begun_with_who_is_away_and_they_come_back_by_one_word() {
    let (mut room, _) = Room::new();
    let (he, chen) = (room.member("何姐"), room.member("陈姨"));
    let Done::Posted(listing) = room.does("何姐", offer("人字梯")).unwrap() else { panic!() };
    room.meet("何姐", "陈姨");
    room.does("李叔", Command::SetRole { member: chen, role: Role::Reviewer, held: true }).unwrap();
    let away = Command::Mark { member: he, state: Marked::Away { until: None } };
    assert_eq!(room.does("何姐", away.clone()), refused(Refusal::RoleMissing { role: "reviewer" }));
    room.does("李叔", away.clone()).unwrap();
    assert_eq!(room.does("李叔", away.clone()), refused(Refusal::AlreadyConfirmed));
    let due_at = Some(Instant(NOON + DAY_MS));
    let answer = Command::Answer { owner: he, listing, points: None, due_at, counterpart: None };
    let Done::Answered(deal) = room.does("陈姨", answer.clone()).unwrap() else { panic!() };
    room.does("陈姨", Command::CallOff { deal }).unwrap();
    room.does("陈姨", away).unwrap();
    assert_eq!(room.does("陈姨", answer.clone()), refused(Refusal::IsAway));
    room.does("何姐", Command::Here).unwrap();
    assert_eq!(room.does("何姐", Command::Here), refused(Refusal::MarkUnknown));
    room.does("陈姨", answer).unwrap();
}
