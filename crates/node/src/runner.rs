//! The real loop: one thread that owns the node, the store and the clock, and a network that feeds it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kaifong_domain::Instant;
use kaifong_net::{CloseReason, Net, NetError, NetEvent, NetOptions};
use kaifong_store::{Batch, PrivateFile, StoreError, StoreKey};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::event::{Command, Done, Effect, Event, NodeError, Tag, Tags};
use crate::keeper::Keeper;
use crate::keys::{KeyPlace, KeychainError, Keys};
use crate::node::Node;

/// How many requests may wait for the loop.
const REQUESTS_QUEUED_MAX: usize = 256;
/// How many events share one commit.
const EVENTS_PER_COMMIT_MAX: usize = 64;
/// How long nobody has to want anything before the index of searches and matches grows: what a person has just opened asks
/// several things one after the other.
const QUIET: Duration = Duration::from_millis(300);
/// How many listings come into the index between two looks at the requests: some milliseconds, which a request waits.
const INDEXED_AT_ONCE: usize = 8;
/// The close reason's number for everything that the node decides.
const CLOSED_BY_NODE: u32 = 16;

/// How a device is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds the key and the store; made when it is not there.
    pub data: PathBuf,
    /// Where a new key is to be kept. A folder that has one is opened with that, wherever it lies.
    pub new_key: KeyPlace,
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
    /// The key file refers to the system's keychain, and that did not give the key. Nothing was touched.
    #[error("the key of this folder lies in the system's keychain, as {path} says: {source}")]
    Keychain {
        /// Where the key file is.
        path: PathBuf,
        /// What the keychain says.
        source: KeychainError,
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
    key_kept: KeyPlace,
    data: PathBuf,
    seal: StoreKey,
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
        let keeper = open_keeper(&options).await?;
        let (key_kept, seal) = (keeper.key_kept(), keeper.seal().clone());
        let (changes, _) = broadcast::channel(256);
        let (requests, inbox) = mpsc::channel(REQUESTS_QUEUED_MAX);
        let told = NetOptions {
            secret: keeper.key().seed(),
            building_tag: keeper.building().map(|building| crate::building_tag(&building)),
            bind: options.bind,
            lan: options.lan,
            relay: options.relay,
            interfaces: options.interfaces,
        };
        let net = async {
            match options.offline {
                true => Ok(None),
                false => start_net(told, requests.clone()).await.map(Some),
            }
        };
        // The sockets are bound while the building is read.
        let (opened, net) = tokio::join!(apart(move || open_node(keeper)), net);
        let ((keeper, node), net) = match (opened, net) {
            (Ok(opened), Ok(net)) => (opened, net),
            (Err(error), Ok(Some(net))) => {
                net.shutdown().await;
                return Err(error);
            }
            (Err(error), _) => return Err(error),
            (Ok(_), Err(error)) => return Err(error.into()),
        };
        let running = Loop::new(node, keeper, net.clone(), changes.clone());
        let runtime = tokio::runtime::Handle::current();
        std::thread::spawn(move || running.run(inbox, &runtime));
        Ok(Self { requests, changes, net, key_kept, data: options.data, seal })
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

    /// Looks at the node on its own thread; `None` when the device is shutting down, or its store does not open.
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

    /// Tells where the device's key lies.
    pub fn key_kept(&self) -> KeyPlace {
        self.key_kept
    }

    /// Gives a small file of the data folder that this device alone can read: it is sealed as the store is.
    pub fn private_file(&self, name: &'static str) -> PrivateFile {
        PrivateFile::at(&self.data, name, &self.seal)
    }

    /// Waits until the loop has ended, in order or not.
    pub async fn ended(&self) {
        self.requests.closed().await;
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

type Stopped = oneshot::Sender<Result<(), StoreError>>;

struct Loop {
    node: Node,
    keeper: Keeper,
    net: Option<Net>,
    changes: broadcast::Sender<Tags>,
    waiting: BTreeMap<u64, oneshot::Sender<Result<Done, NodeError>>>,
    wake: Option<Instant>,
    /// The first writes of a node that was opened again; they go with its first step that can be kept.
    marks: Batch,
    /// The store did not open again, and the node knows nothing: nobody is shown it, and every command tries anew.
    shut: bool,
    /// A write was not kept: nothing is written any more that nobody asked for, so that a full disk is not tried again and
    /// again.
    hurt: bool,
}

impl Loop {
    fn new(node: Node, keeper: Keeper, net: Option<Net>, changes: broadcast::Sender<Tags>) -> Self {
        let (waiting, marks) = (BTreeMap::new(), Batch::new());
        Self { node, keeper, net, changes, waiting, wake: None, marks, shut: false, hurt: false }
    }

    fn run(mut self, mut inbox: mpsc::Receiver<Request>, runtime: &tokio::runtime::Handle) {
        self.finish_step();
        loop {
            if let ControlFlow::Break(stop) = self.turn(&mut inbox, runtime) {
                if let Some(reply) = stop {
                    // Whoever asked may have gone; it is closed all the same.
                    let _ = reply.send(self.stop());
                }
                return;
            }
        }
    }

    /// Waits for something to do, and does it with what else waits; one commit is for all of it.
    fn turn(
        &mut self,
        inbox: &mut mpsc::Receiver<Request>,
        runtime: &tokio::runtime::Handle,
    ) -> ControlFlow<Option<Stopped>> {
        // However much is asked, the clock is heard in between.
        if self.is_due() {
            self.tick();
            self.finish_step();
        }
        let mut next = self.next_request(inbox, runtime)?;
        let mut events = 0;
        while let Some(request) = next.take() {
            match request {
                Request::Command(command, reply) => self.command(command, reply),
                // Whoever asked hears that there is nothing to look at.
                Request::Look(look) if self.shut => drop(look),
                Request::Look(look) => {
                    // A reader sees only what is durable.
                    self.finish_step();
                    look(&mut self.node);
                    // A look may teach the node an address.
                    self.finish_step();
                }
                Request::Net(event) => self.hear(event),
                Request::Stop(reply) => {
                    self.finish_step();
                    return ControlFlow::Break(Some(reply));
                }
            }
            events += 1;
            if events < EVENTS_PER_COMMIT_MAX {
                next = inbox.try_recv().ok();
            }
        }
        self.finish_step();
        ControlFlow::Continue(())
    }

    /// Gives the next request; `None` when the clock was faster.
    fn next_request(
        &mut self,
        inbox: &mut mpsc::Receiver<Request>,
        runtime: &tokio::runtime::Handle,
    ) -> ControlFlow<Option<Stopped>, Option<Request>> {
        let mut quiet = (!self.hurt && !self.node.is_ready()).then_some(QUIET);
        loop {
            let due = self.wake.map(|at| Duration::from_millis(at.0.saturating_sub(now().0)));
            let wait = due.into_iter().chain(quiet).min();
            let asked = runtime.block_on(async {
                match wait {
                    Some(wait) => tokio::time::timeout(wait, inbox.recv()).await.map_err(|_| ()),
                    None => Ok(inbox.recv().await),
                }
            });
            match asked {
                Ok(Some(request)) => return ControlFlow::Continue(Some(request)),
                Ok(None) => return ControlFlow::Break(None),
                Err(()) if self.is_due() => {
                    self.tick();
                    return ControlFlow::Continue(None);
                }
                // Nobody has wanted anything for a while: the index grows, piece by piece, until somebody does.
                Err(()) => {
                    let more = self.node.get_ready_some(INDEXED_AT_ONCE);
                    self.finish_step();
                    quiet = (more && !self.hurt).then_some(Duration::ZERO);
                }
            }
        }
    }

    fn is_due(&self) -> bool {
        self.wake.is_some_and(|at| at <= now())
    }

    fn tick(&mut self) {
        self.wake = None;
        if !self.shut {
            self.node.handle(now(), Event::Tick);
        }
    }

    fn command(&mut self, command: Command, reply: oneshot::Sender<Result<Done, NodeError>>) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        if self.shut
            && let Err(error) = self.open_again()
        {
            let _ = reply.send(Err(NodeError::from(error)));
            return;
        }
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        self.waiting.insert(id, reply);
        self.node.handle(now(), Event::Command { id, command });
    }

    fn hear(&mut self, event: NetEvent) {
        match (as_event(event), &self.net) {
            (Some(Event::Connected { connection, .. }), Some(net)) if self.shut => {
                net.close(connection, CloseReason::new(CLOSED_BY_NODE, "has no store"));
            }
            (Some(event), _) if !self.shut => self.node.handle(now(), event),
            _ => {}
        }
    }

    /// Makes the writes durable, then performs the effects. When the store does not keep them, nothing of the step
    /// happened: nobody was told, and the node starts again from what the store has.
    fn finish_step(&mut self) {
        let step = self.node.take();
        let committed = if step.batch.is_empty() {
            Ok(())
        } else {
            let mut batch = std::mem::take(&mut self.marks);
            batch.append(step.batch);
            self.keeper.commit(batch)
        };
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
                if let Err(error) = self.keeper.keep_genesis(&genesis) {
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
        self.hurt = true;
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
        self.node.abandon_store();
        // The batch may be on disk or not; either way nobody has heard of it, so the journal goes on from what is there.
        if let Err(error) = self.open_again() {
            tracing::error!(%error, "the store does not open again; every command will say so");
        }
    }

    /// Opens the store and the node again.
    fn open_again(&mut self) -> Result<(), StoreError> {
        self.shut = true;
        self.node = self.keeper.open_node()?;
        self.shut = false;
        let step = self.node.take();
        self.marks = step.batch;
        step.effects.into_iter().for_each(|effect| self.perform(effect));
        // What was lost with the store is lost on the screens too.
        self.perform(Effect::Changed(Tag::ALL.into()));
        Ok(())
    }

    fn stop(self) -> Result<(), StoreError> {
        let Self { node, keeper, .. } = self;
        drop(node);
        keeper.close()
    }
}

/// Opens the folder. The keychain may wait for a person.
async fn open_keeper(options: &Options) -> Result<Keeper, OpenError> {
    let (data, keys) = (options.data.clone(), Keys::of_system(options.new_key));
    apart(move || Keeper::open(&data, &keys)).await
}

fn open_node(mut keeper: Keeper) -> Result<(Keeper, Node), OpenError> {
    let node = keeper.open_node()?;
    Ok((keeper, node))
}

/// Opens something on a thread of its own: the runtime waits for nobody.
async fn apart<T: Send + 'static>(
    open: impl FnOnce() -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    let (reply, opened) = oneshot::channel();
    // Whoever asked may have gone; then it is closed again.
    std::thread::spawn(move || drop(reply.send(open())));
    opened.await.unwrap_or_else(|_| Err(StoreError::Corrupt { what: "opening it broke off".into() }.into()))
}

async fn start_net(options: NetOptions, requests: mpsc::Sender<Request>) -> Result<Net, NetError> {
    let (net, mut events) = Net::start(options).await?;
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

/// Tells the time by the clock on the wall. In a build for tests `KAIFONG_DAYS_AHEAD` sets it ahead by so many days.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let days: u64 = if cfg!(debug_assertions) { days_ahead() } else { 0 };
    Instant(now.saturating_add(days.saturating_mul(24 * 3600 * 1000)))
}

fn days_ahead() -> u64 {
    std::env::var("KAIFONG_DAYS_AHEAD").ok().and_then(|days| days.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
