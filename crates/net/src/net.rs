//! The handle: starting, sending, closing, leaving.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iroh::address_lookup::MemoryLookup;
use iroh::endpoint::{Connection, Endpoint, PortmapperConfig, QuicTransportConfig, VarInt, presets};
use iroh::{RelayMode, RelayUrl, SecretKey, TransportAddr};
use kaifong_domain::DeviceId;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};

use crate::handshake::Entry;
use crate::interfaces::{self, Interface, Wanted};
use crate::link::Link;
use crate::seats::Seats;
use crate::{
    ALPN, CONNECTIONS_MAX, CloseReason, ConnectionId, EVENTS_QUEUED_MAX, GREETING_MAX, IDLE_TIMEOUT_MS, KEEPALIVE_MS,
    NetError, NetEvent, NetOptions, PathKind, discovery, handshake,
};

/// How much a peer may send ahead of what is read, in bytes. More, with packets of 1,200 bytes, and a reader that is
/// busy for a moment makes QUIC's reassembly overflow and the connection break (quinn-rs/quinn#2809).
const RECEIVE_WINDOW_BYTES: u32 = 512 * 1024;

/// How much is sent ahead of what is acknowledged, in bytes.
const SEND_WINDOW_BYTES: u64 = 4 * 1024 * 1024;

/// How long leaving may take for frames that are still queued, and then for telling every peer, in milliseconds each.
const LEAVE_MS: u64 = 1_500;

/// The handle to the running network; cheap to clone. [`Net::shutdown`] ends it for all clones.
#[derive(Clone)]
pub struct Net {
    pub(crate) shared: Arc<Shared>,
    /// Weak, so that the receiver ends with the tasks and not with the last handle.
    events: mpsc::WeakSender<NetEvent>,
    stop: Arc<watch::Sender<bool>>,
}

/// What the tasks of one network share.
pub(crate) struct Shared {
    pub(crate) endpoint: Endpoint,
    pub(crate) own: DeviceId,
    /// Announced on the LAN; changes when a guest comes to belong to a building.
    pub(crate) building_tag: watch::Sender<Option<[u8; 8]>>,
    pub(crate) relay: Option<RelayUrl>,
    pub(crate) lookup: MemoryLookup,
    pub(crate) wanted: Wanted,
    pub(crate) runtime: Handle,
    interfaces: Mutex<Vec<Interface>>,
    seats: Mutex<Seats>,
    links: Mutex<BTreeMap<ConnectionId, Link>>,
    /// Told when the last link has gone.
    pub(crate) emptied: Notify,
    numbers: AtomicU64,
}

impl Net {
    /// Starts the endpoint and, if asked, LAN discovery. Must be called within a tokio runtime. Takes some
    /// milliseconds and waits for nobody.
    ///
    /// The receiver must be read all the time: a full channel stops the connections. It ends after
    /// [`Net::shutdown`].
    ///
    /// Fails when the address cannot be listened on or the relay's URL is none.
    pub async fn start(options: NetOptions) -> Result<(Net, mpsc::Receiver<NetEvent>), NetError> {
        let relay = options.relay.as_deref().map(parse_relay).transpose()?;
        let wanted = Wanted {
            names: options.interfaces.clone(),
            bound: options.bind.map(|bind| bind.ip()).filter(|ip| !ip.is_unspecified()),
        };
        let lookup = MemoryLookup::new();
        let endpoint = bind(&options, relay.clone(), lookup.clone()).await?;
        let listed = wanted.clone();
        let interfaces = tokio::task::spawn_blocking(move || interfaces::list(&listed)).await.unwrap_or_default();
        let own = DeviceId(*endpoint.id().as_bytes());
        let shared = Arc::new(Shared {
            endpoint,
            own,
            building_tag: watch::Sender::new(options.building_tag),
            relay,
            lookup,
            wanted,
            runtime: Handle::current(),
            interfaces: Mutex::new(interfaces),
            seats: Mutex::new(Seats::new(own)),
            links: Mutex::default(),
            emptied: Notify::new(),
            numbers: AtomicU64::new(1),
        });
        let (events, received) = mpsc::channel(EVENTS_QUEUED_MAX);
        let net = Net { shared: shared.clone(), events: events.downgrade(), stop: Arc::new(watch::Sender::new(false)) };
        net.spawn(accept(net.clone(), events.clone()));
        net.spawn(discovery::watch(shared, events, options.lan));
        Ok((net, received))
    }

    /// Gives this device's id, the public half of its key.
    pub fn id(&self) -> DeviceId {
        self.shared.own
    }

    /// Announces another building from now on, because this device has come to belong to it.
    pub fn set_building_tag(&self, tag: Option<[u8; 8]>) {
        self.shared.building_tag.send_if_modified(|announced| {
            let changed = *announced != tag;
            *announced = tag;
            changed
        });
    }

    /// Gives the addresses at which this device can be dialled now, for a ticket; loopback only if it is all there is,
    /// and nothing if there is no network at all.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        interfaces::reachable(&self.shared.endpoint.bound_sockets(), &self.shared.interfaces())
    }

    /// Dials a device at the given addresses, at those heard on the LAN, and through the relay if there is one.
    ///
    /// `Connected` or `DialFailed` follows, the latter after [`crate::DIAL_TIMEOUT_MS`] if nobody answers. If the
    /// device is connected already, perhaps by a connection that is being closed, `DialFailed` follows its
    /// `Disconnected`.
    pub fn dial(&self, device: DeviceId, addresses: Vec<SocketAddr>) {
        if let Some(events) = self.events.upgrade() {
            self.spawn(handshake::dial(self.shared.clone(), events, device, addresses));
        }
    }

    /// Queues a frame of at most [`crate::FRAME_BYTES_MAX`] bytes; frames arrive in the order of the calls. On a
    /// connection that is over it does nothing. A longer frame, or more than [`crate::QUEUED_BYTES_MAX`] waiting,
    /// closes the connection.
    pub fn send(&self, connection: ConnectionId, frame: Vec<u8>) {
        let link = self.shared.links().get(&connection).cloned();
        if let Some(link) = link {
            link.send(frame);
        }
    }

    /// Closes a connection once what was queued before has arrived, or after one second. `Disconnected` follows.
    pub fn close(&self, connection: ConnectionId, reason: CloseReason) {
        let link = self.shared.links().get(&connection).cloned();
        if let Some(link) = link {
            link.close(reason);
        }
    }

    /// Gives the road that a connection takes now; `None` if it is over.
    pub fn path(&self, connection: ConnectionId) -> Option<PathKind> {
        let link = self.shared.links().get(&connection).cloned()?;
        Some(self.shared.path_kind(&link.connection))
    }

    /// Leaves: sends what is queued, tells every peer, and frees the sockets; about 3 s at the most. The receiver of
    /// events ends; connections that still stood may end without `Disconnected`.
    pub async fn shutdown(self) {
        let links: Vec<Link> = self.shared.links().values().cloned().collect();
        for link in &links {
            link.close(CloseReason::new(CloseReason::DONE, "the other device leaves"));
        }
        let limit = Duration::from_millis(LEAVE_MS);
        let emptied = async {
            while !self.shared.links().is_empty() {
                self.shared.emptied.notified().await;
            }
        };
        let _ = tokio::time::timeout(limit, emptied).await;
        self.stop.send_replace(true);
        if tokio::time::timeout(limit, self.shared.endpoint.close()).await.is_err() {
            tracing::debug!("some peers could not be told that this device leaves");
        }
    }

    /// Runs a task until it is done or the network stops.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut stopped = self.stop.subscribe();
        self.shared.runtime.spawn(async move {
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => {}
                () = task => {}
            }
        });
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("id", &self.shared.own).finish_non_exhaustive()
    }
}

/// Answers whoever comes. Who does not finish greeting holds no place of those that do: the longest waiting one is cut
/// off when too many greet at once.
async fn accept(net: Net, events: mpsc::Sender<NetEvent>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut greeting: VecDeque<oneshot::Sender<()>> = VecDeque::new();
    while let Some(incoming) = net.shared.endpoint.accept().await {
        greeting.retain(|greeter| !greeter.is_closed());
        if greeting.len() >= GREETING_MAX {
            // Dropped, which cuts it off.
            greeting.pop_front();
        }
        let (greeter, cut) = oneshot::channel();
        greeting.push_back(greeter);
        let entry = Entry { cut, places: places.clone() };
        net.spawn(handshake::answer(net.shared.clone(), events.clone(), incoming, entry));
    }
}

fn parse_relay(url: &str) -> Result<RelayUrl, NetError> {
    url.parse().map_err(|_| NetError::RelayUrl { url: url.to_owned() })
}

async fn bind(options: &NetOptions, relay: Option<RelayUrl>, lookup: MemoryLookup) -> Result<Endpoint, NetError> {
    let failed = |reason: String| NetError::Bind {
        address: options.bind.map_or_else(|| "any address".to_owned(), |bind| bind.to_string()),
        reason,
    };
    let idle = Duration::from_millis(IDLE_TIMEOUT_MS).try_into().map_err(|_| failed("idle timeout".to_owned()))?;
    let transport = QuicTransportConfig::builder()
        .keep_alive_interval(Duration::from_millis(KEEPALIVE_MS))
        .default_path_keep_alive_interval(Duration::from_millis(KEEPALIVE_MS))
        .max_idle_timeout(Some(idle))
        .default_path_max_idle_timeout(Duration::from_millis(IDLE_TIMEOUT_MS))
        // The one stream is all there is; nothing else may take memory.
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(RECEIVE_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(RECEIVE_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES)
        .build();
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&options.secret))
        .alpns(vec![ALPN.to_vec()])
        .relay_mode(relay.map_or(RelayMode::Disabled, |url| RelayMode::custom([url])))
        .portmapper_config(PortmapperConfig::Disabled)
        .transport_config(transport)
        .address_lookup(lookup);
    if let Some(address) = options.bind {
        builder = builder.clear_ip_transports().bind_addr(address).map_err(|error| failed(error.to_string()))?;
    }
    builder.bind().await.map_err(|error| failed(error.to_string()))
}

impl Shared {
    /// Draws a number for a connection or an attempt; none is drawn twice.
    pub(crate) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    // A poisoned lock means that another task panicked between two plain assignments; what it guards is still whole.
    pub(crate) fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn links(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn interfaces(&self) -> MutexGuard<'_, Vec<Interface>> {
        self.interfaces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the road that a connection takes now.
    pub(crate) fn path_kind(&self, connection: &Connection) -> PathKind {
        let paths = connection.paths();
        let path = paths.iter().find(|path| path.is_selected()).or_else(|| paths.iter().next());
        match path.as_ref().map(|path| path.remote_addr()) {
            Some(TransportAddr::Relay(_)) => PathKind::Relay,
            Some(TransportAddr::Ip(address)) if interfaces::on_lan(address.ip(), &self.interfaces()) => PathKind::Lan,
            _ => PathKind::Direct,
        }
    }
}
