//! Real nodes over memory stores, on wires that an input can tamper with.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

use kaifong_domain::Instant;
use kaifong_domain::record::{Kind, Profile, Side};
use kaifong_net::{ConnectionId, PathKind};
use kaifong_node::{Application, Command, Done, Draft, Effect, Event, Node, NodeError, Past, Way};
use kaifong_store::{Batch, MemoryStore, Space, Store};
use kaifong_trust::entry::MemberKind;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::street::key;

/// The founder's household, which every input is aimed at.
pub const VICTIM: usize = 0;
/// A certified neighbour whose key the input has.
pub const HOSTILE: usize = 1;
/// A device that has applied and waits.
pub const GUEST: usize = 2;
/// How many events one input may cause.
const EVENTS_MAX: usize = 3_000;

type Image = Vec<(Space, Vec<u8>, Vec<u8>)>;

/// A node, its disk, and what it has replied.
pub struct House {
    /// The node.
    pub node: Node,
    store: Arc<MemoryStore>,
    /// Replies to commands, by number.
    pub replies: BTreeMap<u64, Result<Done, NodeError>>,
}

/// A few households and their wires.
pub struct Street {
    /// The households.
    pub houses: Vec<House>,
    /// The time of all of them.
    pub now_ms: u64,
    /// From one end of a wire to the other: household and connection there. A stranger's end has no household.
    ends: BTreeMap<(usize, ConnectionId), (Option<usize>, ConnectionId)>,
    /// Frames on their way: to whom, on which connection there.
    pub queue: VecDeque<(usize, ConnectionId, Vec<u8>)>,
    next: u64,
    events: usize,
}

/// What the disks hold when an input begins: all three have met.
fn images() -> &'static [Image] {
    static IMAGES: OnceLock<Vec<Image>> = OnceLock::new();
    IMAGES.get_or_init(|| {
        let mut street = Street::of(&[Vec::new(), Vec::new(), Vec::new()]);
        let profile =
            |name: &str| Profile { name: name.into(), block: "3栋".into(), about: String::new(), place: None };
        street.command(VICTIM, Command::Found { building: "红棉里".into(), profile: profile("李叔") }).expect("founds");
        let invite = Command::Invite { valid_ms: 30 * 24 * 3_600_000, addresses: Vec::new() };
        let Ok(Done::Invited(ticket)) = street.command(VICTIM, invite) else { panic!("the founder invites") };
        let application = |name: &str| Application {
            way: Way::Ticket(ticket.clone()),
            kind: MemberKind::Person,
            profile: profile(name),
            household: "3栋502".into(),
            real_name: name.into(),
            phone: String::new(),
        };
        street.command(HOSTILE, Command::Apply(Box::new(application("马乐")))).expect("applies");
        street.command(GUEST, Command::Apply(Box::new(application("陈姨")))).expect("applies");
        street.connect(VICTIM, HOSTILE);
        street.settle();
        street.command(VICTIM, Command::Approve { device: key(HOSTILE as u8).id(), votes: false }).expect("approves");
        street.settle();
        for house in [VICTIM, HOSTILE] {
            street.command(house, Command::Post(draft("梯子"))).expect("posts");
        }
        street.now_ms += 120_000;
        street.tick();
        street.settle();
        let known = |house: usize| street.houses[house].node.home().map(|home| home.projection());
        assert_eq!(known(VICTIM), known(HOSTILE), "the prepared households hold the same");
        street.houses.iter().map(House::image).collect()
    })
}

/// What somebody posts.
pub fn draft(title: &str) -> Draft {
    Draft { kind: Some(Kind::Skill), ..Draft::of(Side::Offer, title) }
}

impl House {
    fn open(device: usize, image: &Image, now: Instant) -> Self {
        let store = Arc::new(MemoryStore::new());
        let mut batch = Batch::new();
        image.iter().for_each(|(space, key, value)| batch.put(*space, key.clone(), value.clone()));
        store.commit(batch).expect("memory has room");
        let rng = ChaCha20Rng::from_seed([device as u8 + 40; 32]);
        let disk: Arc<dyn Store> = Arc::<MemoryStore>::clone(&store);
        let node = Node::open(disk, key(device as u8), rng, now, Past::default()).expect("an honest disk opens");
        Self { node, store, replies: BTreeMap::new() }
    }

    fn image(&self) -> Image {
        let mut image = Vec::new();
        for space in Space::ALL {
            let pairs = self.store.scan(space, &[]).expect("memory is readable");
            image.extend(pairs.into_iter().map(|(key, value)| (space, key, value)));
        }
        image
    }
}

impl Street {
    /// The prepared households, unconnected.
    pub fn prepared() -> Self {
        Self::of(images())
    }

    fn of(images: &[Image]) -> Self {
        let now_ms = 1_780_000_000_000;
        let open = |(device, image)| House::open(device, image, Instant(now_ms));
        let houses: Vec<House> = images.iter().enumerate().map(open).collect();
        let mut street = Self { houses, now_ms, ends: BTreeMap::new(), queue: VecDeque::new(), next: 1, events: 0 };
        (0..street.houses.len()).for_each(|house| street.perform(house));
        street
    }

    /// Connects two households; gives the first one's end.
    pub fn connect(&mut self, one: usize, other: usize) -> ConnectionId {
        let (here, there) = (ConnectionId(self.next), ConnectionId(self.next + 1));
        self.next += 2;
        self.ends.insert((one, here), (Some(other), there));
        self.ends.insert((other, there), (Some(one), here));
        let connected = |device: usize, connection| Event::Connected {
            connection,
            device: key(device as u8).id(),
            path: PathKind::Lan,
        };
        self.handle(one, connected(other, here));
        self.handle(other, connected(one, there));
        here
    }

    /// Connects a device without a node to a household; gives the household's end.
    pub fn connect_stranger(&mut self, house: usize, device: u8) -> ConnectionId {
        let connection = ConnectionId(self.next);
        self.next += 1;
        self.ends.insert((house, connection), (None, connection));
        self.handle(house, Event::Connected { connection, device: key(device).id(), path: PathKind::Direct });
        connection
    }

    /// Tells whether the household still has this connection.
    pub fn stands(&self, house: usize, connection: ConnectionId) -> bool {
        self.ends.contains_key(&(house, connection))
    }

    /// Hands a frame to a household as if it had come on a connection.
    pub fn frame(&mut self, house: usize, connection: ConnectionId, bytes: Vec<u8>) {
        if self.stands(house, connection) {
            self.handle(house, Event::Frame { connection, bytes });
        }
    }

    /// Gives a command and its reply.
    ///
    /// # Errors
    /// What the node says.
    pub fn command(&mut self, house: usize, command: Command) -> Result<Done, NodeError> {
        self.next += 1;
        let id = self.next;
        self.handle(house, Event::Command { id, command });
        self.houses[house].replies.remove(&id).expect("every command is answered")
    }

    /// Lets every household look at its clock.
    pub fn tick(&mut self) {
        (0..self.houses.len()).for_each(|house| self.handle(house, Event::Tick));
    }

    /// Delivers until nothing is on its way.
    pub fn settle(&mut self) {
        while let Some((house, connection, frame)) = self.queue.pop_front() {
            if self.events > EVENTS_MAX {
                self.queue.clear();
                return;
            }
            self.frame(house, connection, frame);
        }
    }

    /// Delivers one event; the disk first, then the effects, as the real loop does.
    fn handle(&mut self, house: usize, event: Event) {
        self.events += 1;
        self.now_ms += 1;
        self.houses[house].node.handle(Instant(self.now_ms), event);
        self.perform(house);
    }

    fn perform(&mut self, house: usize) {
        let at = &mut self.houses[house];
        let step = at.node.take();
        at.store.commit(step.batch).expect("memory has room");
        at.node.committed();
        for effect in step.effects {
            match effect {
                Effect::Send { connection, frame } => {
                    if let Some((Some(to), there)) = self.ends.get(&(house, connection)) {
                        self.queue.push_back((*to, *there, frame));
                    }
                }
                Effect::Close { connection, .. } => {
                    if let Some((to, there)) = self.ends.remove(&(house, connection))
                        && let Some(to) = to
                        && self.ends.remove(&(to, there)).is_some()
                    {
                        self.handle(to, Event::Disconnected { connection: there });
                    }
                }
                Effect::Reply { id, result } => {
                    self.houses[house].replies.insert(id, result);
                }
                Effect::Dial { .. } | Effect::Changed(_) | Effect::Wake(_) | Effect::Building { .. } => {}
            }
        }
    }

    /// Checks that a household is as sound as before: it can act, its books add up, and its disk gives the same again.
    pub fn check(&mut self, house: usize) {
        let posted = self.command(house, Command::Post(draft("修水龙头")));
        assert!(matches!(posted, Ok(Done::Posted(_))), "an honest household goes on: {posted:?}");
        let at = &self.houses[house];
        let audit = at.node.audit();
        assert!(audit.ok, "an honest household's audit: {:?}", audit.first_fault);
        assert_eq!(audit.ledger_sum, 0);
        let again = House::open(house, &at.image(), Instant(self.now_ms));
        let projection = |house: &House| house.node.home().map(|home| home.projection());
        assert_eq!(projection(at), projection(&again), "the disk gives the same again");
    }
}
