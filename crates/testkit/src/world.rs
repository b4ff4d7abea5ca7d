//! The simulated world: one agenda, one generator, every device's real node.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::MemberId;
use kaifong_net::ConnectionId;
use kaifong_node::{Event, Node};
use kaifong_trust::invite::Ticket;
use kaifong_trust::paper::SheetSecret;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use crate::device::Device;
use crate::dice::Dice;
use crate::invariants::{Counts, Failure};
use crate::network::Network;
use crate::plan::{Clock, Plan};
use crate::run::{Options, Planted};
use crate::story::Story;

/// How many invitations the people of the building remember.
const TICKETS_MAX: usize = 8;

/// What the agenda holds.
#[derive(Debug)]
pub(crate) enum Occasion {
    /// A device's own wish to be woken.
    Wake { device: usize, life: u32, wish: u64 },
    /// A device commits what it has gathered.
    Finish { device: usize, life: u32 },
    /// A frame arrives at one end of a wire.
    Arrive { wire: u64, end: usize, frame: Vec<u8> },
    /// One end of a broken wire notices.
    Broken { wire: u64, end: usize },
    /// A dial comes to an end.
    Dialled { from: usize, to: usize, life: u32 },
    /// One device sees another on the LAN.
    Seen { by: usize, whom: usize },
    /// A device shows itself on the LAN.
    Announce { device: usize },
    /// Somebody has a moment for the app.
    Turn { device: usize },
    /// A hostile device does something.
    Prank { device: usize },
    /// Something goes wrong.
    Fault,
    /// The power is back.
    Boot { device: usize, life: u32 },
    /// A phone wakes.
    WakeUp { device: usize },
    /// A disk has room again.
    Room { device: usize },
}

/// An invitation as it hangs in the stairwell.
#[derive(Clone, Debug)]
pub(crate) struct Poster {
    pub(crate) ticket: Ticket,
}

/// The whole simulated world.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) options: Options,
    pub(crate) dice: ChaCha8Rng,
    pub(crate) now_ms: u64,
    pub(crate) devices: Vec<Device>,
    pub(crate) net: Network,
    pub(crate) story: Story,
    pub(crate) trace: blake3::Hasher,
    pub(crate) counts: Counts,
    pub(crate) failure: Option<Failure>,
    pub(crate) posters: Vec<Poster>,
    /// The papers in people's drawers, by owner: the keys of the seats that they would take.
    pub(crate) papers: BTreeMap<usize, SheetSecret>,
    /// The sheets with which people would come back, by owner.
    pub(crate) sheets: BTreeMap<usize, SheetSecret>,
    /// The devices whose last code was mistyped.
    pub(crate) mistyped: BTreeSet<usize>,
    /// Who has written to whom what is for the two of them alone: a person, and a member that another one was then.
    pub(crate) letters: BTreeSet<(usize, MemberId)>,
    /// The members that each person has been: people move out, lose their phones and come back as another one.
    pub(crate) members: BTreeSet<(usize, MemberId)>,
    /// Frames that hostile devices have overheard on their own connections.
    pub(crate) overheard: Vec<Vec<u8>>,
    /// Whether people and faults are still at it; afterwards everything heals.
    pub(crate) busy: bool,
    pub(crate) steps: u64,
    /// How many of them the busy part took.
    pub(crate) counts_steps: u64,
    agenda: BTreeMap<(u64, u64), Occasion>,
    next_occasion: u64,
    next_command: u64,
}

impl World {
    pub(crate) fn new(seed: u64, options: Options, lines_max: usize) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let plan = Plan::draw(seed, &mut dice);
        let owners = plan.owners();
        let mut devices = Vec::new();
        for (place, owner) in owners.iter().enumerate() {
            let Some(person) = plan.people.get(*owner) else { continue };
            let before = owners.iter().take(place).filter(|other| *other == owner).count();
            let name = match before {
                _ if person.desk => "共享间's desk".to_owned(),
                0 => format!("{}'s phone", person.name),
                1 => format!("{}'s tablet", person.name),
                _ => format!("{}'s old phone", person.name),
            };
            let clock = plan.clocks.get(place).copied().unwrap_or(Clock { ahead_ms: 0, drift_ppm: 0 });
            devices.push(Device::new(name, *owner, clock, person.hostile, &mut dice));
        }
        let net = Network::of_devices(devices.len());
        Self {
            plan,
            options,
            dice,
            now_ms: 0,
            devices,
            net,
            story: Story::new(lines_max),
            trace: blake3::Hasher::new(),
            counts: Counts::default(),
            failure: None,
            posters: Vec::new(),
            papers: BTreeMap::new(),
            sheets: BTreeMap::new(),
            mistyped: BTreeSet::new(),
            letters: BTreeSet::new(),
            members: BTreeSet::new(),
            overheard: Vec::new(),
            busy: true,
            steps: 0,
            counts_steps: 0,
            agenda: BTreeMap::new(),
            next_occasion: 0,
            next_command: 1,
        }
    }

    /// Puts something on the agenda, some time from now.
    pub(crate) fn after(&mut self, wait_ms: u64, occasion: Occasion) {
        self.at(self.now_ms + wait_ms, occasion);
    }

    /// Puts something on the agenda.
    pub(crate) fn at(&mut self, at_ms: u64, occasion: Occasion) {
        self.next_occasion += 1;
        self.agenda.insert((at_ms.max(self.now_ms), self.next_occasion), occasion);
    }

    /// Lives through the agenda until a time, a number of steps, or a failure.
    pub(crate) fn live_until(&mut self, until_ms: u64, steps_max: u64) {
        while self.failure.is_none() && self.steps < steps_max {
            let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= until_ms) else { break };
            let ((at_ms, _), occasion) = entry.remove_entry();
            self.now_ms = self.now_ms.max(at_ms);
            self.steps += 1;
            self.happen(occasion);
        }
        if self.failure.is_none() && self.steps < steps_max {
            self.now_ms = self.now_ms.max(until_ms);
        }
    }

    /// Brings forward, in its order, what would have waited for sleepers.
    pub(crate) fn hasten(&mut self) {
        let agenda = std::mem::take(&mut self.agenda);
        for ((at_ms, place), occasion) in agenda {
            match occasion {
                Occasion::Arrive { .. } | Occasion::Broken { .. } | Occasion::Dialled { .. } => self.after(1, occasion),
                other => {
                    self.agenda.insert((at_ms, place), other);
                }
            }
        }
        self.net.hasten(self.now_ms + 1);
    }

    pub(crate) fn device(&mut self, device: usize) -> Option<&mut Device> {
        self.devices.get_mut(device)
    }

    pub(crate) fn name(&self, device: usize) -> &str {
        self.devices.get(device).map_or("nobody", |device| device.name.as_str())
    }

    pub(crate) fn tell(&mut self, line: impl FnOnce(&Self) -> String) {
        let mut story = std::mem::take(&mut self.story);
        story.tell(self.now_ms, || line(self));
        self.story = story;
    }

    pub(crate) fn next_command(&mut self) -> u64 {
        self.next_command += 1;
        self.next_command
    }

    pub(crate) fn hang_poster(&mut self, ticket: Ticket) {
        if self.posters.len() >= TICKETS_MAX {
            self.posters.remove(0);
        }
        self.posters.push(Poster { ticket });
    }

    fn happen(&mut self, occasion: Occasion) {
        match occasion {
            Occasion::Wake { device, life, wish } => {
                let awake = |at: &&mut Device| at.life == life && at.wake == wish && at.asleep_until_ms.is_none();
                if self.device(device).filter(awake).is_some() {
                    self.deliver(device, Event::Tick);
                }
            }
            Occasion::Finish { device, life } => {
                if self.device(device).is_some_and(|at| at.life == life && at.open_step) {
                    self.finish(device);
                }
            }
            Occasion::Arrive { wire, end, frame } => self.arrive(wire, end, frame),
            Occasion::Broken { wire, end } => self.notice(wire, end),
            Occasion::Dialled { from, to, life } => self.dialled(from, to, life),
            Occasion::Seen { by, whom } => self.seen(by, whom),
            Occasion::Announce { device } => self.announce(device),
            Occasion::Turn { device } => self.turn(device),
            Occasion::Prank { device } => self.prank(device),
            Occasion::Fault => self.fault(),
            Occasion::Boot { device, life } => {
                if self.device(device).is_some_and(|at| at.life == life && at.node.is_none() && !at.gone) {
                    self.boot(device, false);
                }
            }
            Occasion::WakeUp { device } => self.wake_up(device),
            Occasion::Room { device } => {
                if let Some(at) = self.device(device) {
                    at.store.set_capacity_bytes(None);
                }
            }
        }
    }

    /// A frame reaches its end: in order, unless the wire broke in the meantime.
    fn arrive(&mut self, wire: u64, end: usize, frame: Vec<u8>) {
        let now_ms = self.now_ms;
        let Some(held) = self.net.wire(wire).filter(|held| !held.broken) else { return };
        let (Some(to), Some(life)) = (held.ends.get(end).copied(), held.lives.get(end).copied()) else { return };
        let Some(at) = self.device(to).filter(|at| at.life == life && at.node.is_some()) else { return };
        if let Some(until_ms) = at.asleep_until_ms {
            // A short nap delays; a long one has broken the wire.
            let arrives_ms = until_ms.max(now_ms) + 1;
            if let Some(last) = self.net.wire(wire).and_then(|held| held.arrives_ms.get_mut(end)) {
                *last = arrives_ms.max(*last);
            }
            return self.at(arrives_ms, Occasion::Arrive { wire, end, frame });
        }
        if at.hostile {
            self.overhear(&frame);
        }
        let Some(frame) = self.pass(to, frame) else { return };
        self.deliver(to, Event::Frame { connection: Network::connection(wire, end), bytes: frame });
    }

    fn overhear(&mut self, frame: &[u8]) {
        if frame.len() < 64 * 1024 {
            let place = self.dice.below(32) as usize;
            match self.overheard.get_mut(place) {
                Some(old) => *old = frame.to_vec(),
                None => self.overheard.push(frame.to_vec()),
            }
        }
    }

    /// Lets a frame through; a planted fault takes the documents out of it.
    fn pass(&mut self, to: usize, frame: Vec<u8>) -> Option<Vec<u8>> {
        if self.options.planted == Some(Planted::LosesDocuments) && to == 0 {
            return Some(crate::planted::without_documents(&frame));
        }
        Some(frame)
    }

    /// Gives the connection's number of one end, if its device has not started anew since.
    pub(crate) fn end_of(&mut self, wire: u64, end: usize) -> Option<(usize, ConnectionId)> {
        let held = self.net.wire(wire)?;
        let (device, life) = (held.ends.get(end).copied()?, held.lives.get(end).copied()?);
        self.device(device).filter(|at| at.life == life && at.node.is_some())?;
        Some((device, Network::connection(wire, end)))
    }

    /// Gives the nodes that run, with their devices' places.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (usize, &Device, &Node)> {
        self.devices.iter().enumerate().filter_map(|(place, device)| Some((place, device, device.node.as_ref()?)))
    }
}
