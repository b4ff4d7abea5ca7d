//! How devices reach each other: an iroh endpoint, discovery on the LAN, and framed connections.
//!
//! What holds here:
//! * Nothing outside is contacted: no DNS publishing, no public relay, no port mapping. A relay is used only when the
//!   user names one.
//! * The other end of a connection is the device that it says it is: the device key is the endpoint id, and TLS proves
//!   it. Whether that device is a neighbour is decided above.
//! * Per device there is at most one connection at a time: its events come as `Connected`, any number of `Frame`s,
//!   `Disconnected`, and only then the next `Connected`.
//! * Frames arrive in order. A slow reader slows the sender down; it does not fill memory.
//!
//! Deliberately absent: reconnecting. The layer above dials when it hears `Discovered` or `InterfacesChanged`.

mod discovery;
mod frame;
mod handshake;
mod interfaces;
mod link;
mod net;
mod seats;

use std::net::SocketAddr;

pub use frame::FRAME_BYTES_MAX;
pub use kaifong_domain::DeviceId;
pub use net::Net;

/// The protocol's name in the TLS handshake; endpoints that speak another one do not connect.
pub const ALPN: &[u8] = b"kaifong/1";

/// The longest that dialling known addresses takes, in milliseconds, before `DialFailed`. Dead addresses would stall
/// iroh for 30 s.
pub const DIAL_TIMEOUT_MS: u64 = 5_000;

/// How often an idle connection is probed, in milliseconds.
pub const KEEPALIVE_MS: u64 = 5_000;

/// How long a silent connection lives, in milliseconds, before `Disconnected`. Counted from the last packet sent or
/// received, so that it may be up to [`KEEPALIVE_MS`] more after the network vanished.
pub const IDLE_TIMEOUT_MS: u64 = 15_000;

/// The most that waits to be sent on one connection, in bytes; beyond, the connection closes.
pub const QUEUED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The most events that wait to be read. With every one a frame of [`FRAME_BYTES_MAX`] that is 128 MiB.
pub const EVENTS_QUEUED_MAX: usize = 16;

/// The most incoming connections that stand at a time; further ones are closed. One's own dials are not counted: a
/// device that is full can still reach whom it knows.
pub const CONNECTIONS_MAX: usize = 256;

/// The most incoming connections that are still greeting; one more cuts off the one that has taken longest.
pub const GREETING_MAX: usize = 64;

/// How a device takes part in the network.
#[derive(Clone)]
pub struct NetOptions {
    /// The ed25519 seed of the device key, 32 bytes. The public half is the device id and the endpoint id.
    pub secret: [u8; 32],
    /// The first 8 bytes of the building's id, announced on the LAN; `None` for a guest who looks for any building.
    pub building_tag: Option<[u8; 8]>,
    /// The UDP address to listen on; `None` for a free port on every IPv4 and IPv6 address.
    pub bind: Option<SocketAddr>,
    /// Whether to announce this device on the LAN and to look for others there.
    pub lan: bool,
    /// The URL of a relay, `http://…` or `https://…`; `None` for direct connections only.
    pub relay: Option<String>,
    /// The names of the interfaces to use, `lo` included if wanted; `None` for all that fit a LAN, and the loopback
    /// interface if there is no other.
    pub interfaces: Option<Vec<String>>,
}

impl std::fmt::Debug for NetOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetOptions")
            .field("secret", &"…")
            .field("building_tag", &self.building_tag)
            .field("bind", &self.bind)
            .field("lan", &self.lan)
            .field("relay", &self.relay)
            .field("interfaces", &self.interfaces)
            .finish()
    }
}

/// Why the network could not be started.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The address is taken, or belongs to no interface of this host.
    #[error("cannot listen on {address}: {reason}")]
    Bind {
        /// The address asked for.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// The relay's URL cannot be parsed.
    #[error("not a relay URL: {url}")]
    RelayUrl {
        /// The text given.
        url: String,
    },
}

/// One connection; no number is used twice while the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// By which road a device was reached when the connection was made; it may change later without notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// On the same LAN, or on this host.
    Lan,
    /// Directly, through a routed network.
    Direct,
    /// Through the relay.
    Relay,
}

/// Why a connection is closed: told to the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseReason {
    /// A number for the other end's program. 0–15 are used by this crate.
    pub code: u32,
    /// A text for logs, at most 200 bytes of which are sent.
    pub text: String,
}

impl CloseReason {
    /// The device leaves or needs nothing more.
    pub const DONE: u32 = 0;
    /// A frame is longer than [`FRAME_BYTES_MAX`].
    pub const FRAME_TOO_LONG: u32 = 1;
    /// More than [`QUEUED_BYTES_MAX`] waited to be sent.
    pub const QUEUE_FULL: u32 = 2;
    /// Another connection between the same two devices is kept.
    pub const ANOTHER_KEPT: u32 = 3;
    /// The other end does not keep to the protocol.
    pub const PROTOCOL: u32 = 4;
    /// As many connections as there may be stand already.
    pub const FULL: u32 = 5;

    /// Makes a reason from a code (16 and above for other crates) and a text.
    pub fn new(code: u32, text: impl Into<String>) -> Self {
        CloseReason { code, text: text.into() }
    }
}

/// What happens on the network.
#[derive(Debug)]
pub enum NetEvent {
    /// A device was heard on the LAN: for the first time, with other addresses, or again while there is no connection
    /// to it (at most every 2 s). Anyone can claim this; dialling proves it.
    Discovered {
        /// Who announces itself.
        device: DeviceId,
        /// Where it says it listens; 1 to 16 addresses.
        addresses: Vec<SocketAddr>,
        /// The building that it says it belongs to; `None` for a guest.
        building_tag: Option<[u8; 8]>,
    },
    /// A device has not been heard on the LAN for some time (20 s or more). A connection to it may still live.
    Lost {
        /// Who fell silent.
        device: DeviceId,
    },
    /// A connection stands. There is no other one to this device.
    Connected {
        /// Its number.
        connection: ConnectionId,
        /// Who is at the other end, proven by TLS.
        device: DeviceId,
        /// The road.
        path: PathKind,
        /// Whether this side dialled.
        dialled: bool,
    },
    /// A frame arrived.
    Frame {
        /// On which connection.
        connection: ConnectionId,
        /// Its bytes, 0 to [`FRAME_BYTES_MAX`]; unverified.
        bytes: Vec<u8>,
    },
    /// A connection is over; nothing more will arrive on it.
    Disconnected {
        /// Its number.
        connection: ConnectionId,
        /// For logs; may quote the other end.
        reason: String,
    },
    /// Dialling came to nothing.
    DialFailed {
        /// Who was dialled.
        device: DeviceId,
        /// For logs.
        reason: String,
    },
    /// The interfaces or addresses of this host changed; what could not be reached may now be.
    InterfacesChanged,
}
