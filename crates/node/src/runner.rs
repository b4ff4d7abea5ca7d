//! The real loop: one thread that owns the node, the store and the clock, and a network that feeds it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kaifong_domain::Instant;
use kaifong_net::{CloseReason, Net, NetError, NetEvent, NetOptions};
use kaifong_store::{Batch, SledStore, Store, StoreError};
use kaifong_trust::DeviceKey;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::event::{Command, Done, Effect, Event, NodeError, Tags};
use crate::node::{Node, Past};

const KEY_FILE: &str = "device.key";
/// Holds the signed genesis, so that a device whose store is lost finds its building again.
const HOME_FILE: &str = "building";
/// Holds room on the disk for opening the store again when the disk is full.
const RESERVE_FILE: &str = "reserve";
/// How much, in bytes.
const RESERVE_BYTES: usize = 2 * 1024 * 1024;
/// How many requests may wait for the loop.
const REQUESTS_QUEUED_MAX: usize = 256;
/// How many events share one commit.
const EVENTS_PER_COMMIT_MAX: usize = 64;
/// How many listings come into the index between two looks at the requests.
const INDEXED_AT_ONCE: usize = 64;
/// The close reason's number for everything that the node decides.
const CLOSED_BY_NODE: u32 = 16;

/// How a device is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds the key and the store; made when it is not there.
    pub data: PathBuf,
    /// Whether to announce and look on the LAN.
    pub lan: bool,
    /// The UDP address to listen on; `None` for a free port everywhere.
    pub bind: Option<SocketAddr>,
    /// The names of interfaces to use; `None` for all that fit a LAN.
    pub interfaces: Option<Vec<String>>,
    /// The URL of a relay.
    pub relay: Option<String>,
    /// No network at all.
    pub offline: bool,
}

/// Why a device could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The key file.
    #[error("the key file {path} cannot be used: {source}")]
    Key {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

type Look = Box<dyn FnOnce(&mut Node) + Send>;

enum Request {
    Command(Command, oneshot::Sender<Result<Done, NodeError>>),
    Look(Look),
    Net(NetEvent),
    Stop(oneshot::Sender<Result<(), StoreError>>),
}

/// A running device.
#[derive(Clone)]
pub struct Handle {
    requests: mpsc::Sender<Request>,
    changes: broadcast::Sender<Tags>,
    net: Option<Net>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("online", &self.net.is_some()).finish()
    }
}

impl Handle {
    /// Opens a device: its key, its store, its network and its loop.
    ///
    /// # Errors
    /// [`OpenError`]; nothing runs then.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let key = read_or_make_key(&options.data)?;
        let at = options.data.join("store");
        let opened = SledStore::open(&at)?;
        // A genesis without a store: the store was lost or taken away, and what this device signed may be out there.
        let genesis = std::fs::read(options.data.join(HOME_FILE)).ok();
        let past = Past { doubt: opened.aside.is_some(), aside: opened.aside, genesis };
        let (store, home) = (Some(Arc::new(opened.store)), options.data.clone());
        let reserve = Reserve::at(options.data.join(RESERVE_FILE));
        let mut keeper = Keeper { store, at, key: key.clone(), home, reserve };
        let node = keeper.open_node(past)?;
        let (changes, _) = broadcast::channel(256);
        let (requests, inbox) = mpsc::channel(REQUESTS_QUEUED_MAX);
        let net = if options.offline { None } else { Some(start_net(&options, &key, &node, &requests).await?) };
        let running =
            Loop { node, keeper, net: net.clone(), changes: changes.clone(), waiting: BTreeMap::new(), wake: None };
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || running.run(inbox, &runtime));
        Ok(Self { requests, changes, net })
    }

    /// Does a command; returns when it is durable.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn command(&self, command: Command) -> Result<Done, NodeError> {
        let (reply, answer) = oneshot::channel();
        let gone = || NodeError::NotSaved("this device is shutting down".into());
        self.requests.send(Request::Command(command, reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Looks at the node on its own thread; `None` when the device is shutting down.
    pub async fn read<T: Send + 'static>(&self, look: impl FnOnce(&mut Node) -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let look: Look = Box::new(move |node| {
            // Whoever asked may have gone; then nobody needs the answer.
            let _ = reply.send(look(node));
        });
        self.requests.send(Request::Look(look)).await.ok()?;
        answer.await.ok()
    }

    /// Gives the changes of rows from now on.
    pub fn changes(&self) -> broadcast::Receiver<Tags> {
        self.changes.subscribe()
    }

    /// Gives the addresses at which this device can be reached on the LAN.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.net.as_ref().map(Net::addresses).unwrap_or_default()
    }

    /// Closes connections and store in order.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not be closed; everything acknowledged is durable all the same.
    pub async fn shutdown(self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let stopped = match self.requests.send(Request::Stop(reply)).await {
            Ok(()) => answer.await.unwrap_or(Ok(())),
            Err(_) => Ok(()),
        };
        if let Some(net) = self.net {
            net.shutdown().await;
        }
        stopped
    }
}

/// Room on the disk that is given up when the disk is full, so that reading goes on.
struct Reserve {
    path: PathBuf,
    kept: bool,
}

impl Reserve {
    fn at(path: PathBuf) -> Self {
        Self { path, kept: false }
    }

    /// Keeps the room, or says that there is none.
    fn keep(&mut self) -> Result<(), StoreError> {
        if self.kept {
            return Ok(());
        }
        let there = std::fs::metadata(&self.path).is_ok_and(|file| file.len() == RESERVE_BYTES as u64);
        if !there && std::fs::write(&self.path, vec![0x5a; RESERVE_BYTES]).is_err() {
            self.spend();
            return Err(StoreError::Full);
        }
        self.kept = true;
        Ok(())
    }

    fn spend(&mut self) {
        self.kept = false;
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "the reserve could not be given up");
        }
    }
}

/// Owns the store, so that it can be opened again after a commit has failed.
struct Keeper {
    store: Option<Arc<SledStore>>,
    at: PathBuf,
    key: DeviceKey,
    home: PathBuf,
    reserve: Reserve,
}

impl Keeper {
    /// Makes a batch durable. A store whose commit has failed is let go, and opened again with the room of the reserve.
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        // Without the reserve the store could not be opened again: then nothing is written until there is room.
        self.reserve.keep()?;
        let Some(store) = &self.store else {
            return Err(StoreError::Corrupt { what: "the store did not open again".into() });
        };
        let committed = store.commit(batch);
        if let Err(error) = &committed {
            self.store = None;
            if matches!(error, StoreError::Full) {
                self.reserve.spend();
            }
        }
        committed
    }

    fn open_node(&mut self, past: Past) -> Result<Node, StoreError> {
        let store: Arc<dyn Store> = match &self.store {
            Some(store) => Arc::clone(store) as Arc<dyn Store>,
            None => {
                let opened = SledStore::open(&self.at)?;
                let store = Arc::new(opened.store);
                self.store = Some(Arc::clone(&store));
                store
            }
        };
        let mut seed = [0; 32];
        getrandom(&mut seed);
        Node::open(store, self.key.clone(), ChaCha20Rng::from_seed(seed), now(), past)
    }
}

struct Loop {
    node: Node,
    keeper: Keeper,
    net: Option<Net>,
    changes: broadcast::Sender<Tags>,
    waiting: BTreeMap<u64, oneshot::Sender<Result<Done, NodeError>>>,
    wake: Option<Instant>,
}

impl Loop {
    fn run(mut self, mut inbox: mpsc::Receiver<Request>, runtime: &tokio::runtime::Handle) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        self.finish_step();
        loop {
            // While nobody wants anything, the index grows.
            let mut asked = inbox.try_recv().ok();
            while asked.is_none() && self.node.home_mut().is_some_and(|home| home.index_some(INDEXED_AT_ONCE)) {
                asked = inbox.try_recv().ok();
            }
            let wait = self.wake.map(|at| Duration::from_millis(at.0.saturating_sub(now().0)));
            let first = runtime.block_on(async {
                match wait {
                    _ if asked.is_some() => Ok(asked),
                    Some(wait) => tokio::time::timeout(wait, inbox.recv()).await.map_err(|_| ()),
                    None => Ok(inbox.recv().await),
                }
            });
            let mut next = match first {
                Ok(Some(request)) => Some(request),
                Ok(None) => return,
                Err(()) => {
                    self.wake = None;
                    self.node.handle(now(), Event::Tick);
                    None
                }
            };
            let mut events = 0;
            while let Some(request) = next.take() {
                match request {
                    Request::Command(command, reply) => {
                        let id = NEXT.fetch_add(1, Ordering::Relaxed);
                        self.waiting.insert(id, reply);
                        self.node.handle(now(), Event::Command { id, command });
                    }
                    Request::Look(look) => {
                        // A reader sees only what is durable.
                        self.finish_step();
                        look(&mut self.node);
                        // A look may teach the node an address.
                        self.finish_step();
                    }
                    Request::Net(event) => {
                        if let Some(event) = as_event(event) {
                            self.node.handle(now(), event);
                        }
                    }
                    Request::Stop(reply) => {
                        self.finish_step();
                        let _ = reply.send(self.stop());
                        return;
                    }
                }
                events += 1;
                if events < EVENTS_PER_COMMIT_MAX {
                    next = inbox.try_recv().ok();
                }
            }
            self.finish_step();
        }
    }

    /// Makes the writes durable, then performs the effects. When the store does not keep them, nothing of the step
    /// happened: nobody was told, and the node starts again from what the store has.
    fn finish_step(&mut self) {
        let step = self.node.take();
        let committed = if step.batch.is_empty() { Ok(()) } else { self.keeper.commit(step.batch) };
        match committed {
            Ok(()) => {
                self.node.committed();
                step.effects.into_iter().for_each(|effect| self.perform(effect));
            }
            Err(error) => {
                tracing::error!(%error, "not saved");
                self.start_again(&error, step.effects);
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match (effect, &self.net) {
            (Effect::Reply { id, result }, _) => {
                if let Some(reply) = self.waiting.remove(&id) {
                    // Whoever asked may have gone; it is saved all the same.
                    let _ = reply.send(result);
                }
            }
            (Effect::Changed(tags), _) => {
                // Nobody may be listening.
                let _ = self.changes.send(tags);
            }
            (Effect::Wake(at), _) => self.wake = Some(at),
            (Effect::Send { connection, frame }, Some(net)) => net.send(connection, frame),
            (Effect::Close { connection, reason }, Some(net)) => {
                net.close(connection, CloseReason::new(CLOSED_BY_NODE, reason));
            }
            (Effect::Dial { device, addresses }, Some(net)) => net.dial(device, addresses),
            (Effect::Building { tag, genesis }, net) => {
                if let Err(error) = keep_genesis(&self.keeper.home.join(HOME_FILE), &genesis) {
                    tracing::warn!(%error, "the genesis could not be kept beside the store");
                }
                if let Some(net) = net {
                    net.set_building_tag(Some(tag));
                }
            }
            (Effect::Send { .. } | Effect::Close { .. } | Effect::Dial { .. }, None) => {}
        }
    }

    fn start_again(&mut self, error: &StoreError, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Reply { id, .. } = effect
                && let Some(reply) = self.waiting.remove(&id)
            {
                let _ = reply.send(Err(NodeError::from(error.clone())));
            }
        }
        if let Some(net) = &self.net {
            for connection in self.node.connections() {
                net.close(connection, CloseReason::new(CLOSED_BY_NODE, "starts again, its store did not keep a write"));
            }
        }
        let aside = self.node.aside().cloned();
        self.node.abandon_store();
        // The batch may be on disk or not; either way nobody has heard of it, so the journal goes on from what is there.
        match self.keeper.open_node(Past { doubt: false, aside, genesis: None }) {
            Ok(node) => {
                self.node = node;
                let step = self.node.take();
                // Its first writes are only marks; they come again with the next step that can be kept.
                step.effects.into_iter().for_each(|effect| self.perform(effect));
            }
            Err(error) => tracing::error!(%error, "the store does not open again; every command will say so"),
        }
    }

    fn stop(self) -> Result<(), StoreError> {
        let Self { node, mut keeper, .. } = self;
        drop(node);
        match keeper.store.take().map(Arc::try_unwrap) {
            Some(Ok(store)) => store.close(),
            _ => Ok(()),
        }
    }
}

async fn start_net(
    options: &Options,
    key: &DeviceKey,
    node: &Node,
    requests: &mpsc::Sender<Request>,
) -> Result<Net, NetError> {
    let (net, mut events) = Net::start(NetOptions {
        secret: key.seed(),
        building_tag: node.home().map(|home| crate::building_tag(&home.id())),
        bind: options.bind,
        lan: options.lan,
        relay: options.relay.clone(),
        interfaces: options.interfaces.clone(),
    })
    .await?;
    let requests = requests.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if requests.send(Request::Net(event)).await.is_err() {
                return;
            }
        }
    });
    Ok(net)
}

fn as_event(event: NetEvent) -> Option<Event> {
    Some(match event {
        NetEvent::Discovered { device, addresses, building_tag } => {
            Event::Discovered { device, addresses, building_tag }
        }
        NetEvent::Connected { connection, device, path, .. } => Event::Connected { connection, device, path },
        NetEvent::Frame { connection, bytes } => Event::Frame { connection, bytes },
        NetEvent::Disconnected { connection, reason } => {
            tracing::debug!(?connection, reason, "disconnected");
            Event::Disconnected { connection }
        }
        NetEvent::DialFailed { device, reason } => {
            tracing::debug!(device = %device.short(), reason, "dial failed");
            Event::DialFailed { device }
        }
        NetEvent::InterfacesChanged => Event::Tick,
        NetEvent::Lost { .. } => return None,
    })
}

/// Reads the device key, or makes one: 32 bytes that only this user may read.
fn read_or_make_key(data: &Path) -> Result<DeviceKey, OpenError> {
    let path = data.join(KEY_FILE);
    let trouble = |source: io::Error| OpenError::Key { path: path.clone(), source };
    std::fs::create_dir_all(data).map_err(trouble)?;
    match std::fs::read(&path) {
        Ok(bytes) => {
            let seed = <[u8; 32]>::try_from(bytes)
                .map_err(|_| trouble(io::Error::new(io::ErrorKind::InvalidData, "it does not hold 32 bytes")))?;
            Ok(DeviceKey::from_seed(seed))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut seed = [0; 32];
            getrandom(&mut seed);
            write_key(&path, &seed).map_err(trouble)?;
            Ok(DeviceKey::from_seed(seed))
        }
        Err(error) => Err(trouble(error)),
    }
}

/// Keeps the genesis beside the store; written anew only when it differs.
fn keep_genesis(path: &Path, genesis: &[u8]) -> io::Result<()> {
    use std::io::Write;
    if std::fs::read(path).is_ok_and(|kept| kept == genesis) {
        return Ok(());
    }
    let new = path.with_extension("new");
    let mut file = std::fs::File::create(&new)?;
    file.write_all(genesis)?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

fn write_key(path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(seed)?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Fills with randomness from the system.
fn getrandom(bytes: &mut [u8; 32]) {
    rand::fill(bytes);
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
