//! How a connection comes to stand: dialling and answering, HELLO, WELCOME, CONFIRM (see `seats`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, Incoming, ReadExactError, RecvStream, SendStream};
use iroh::{EndpointAddr, EndpointId, TransportAddr};
use kaifong_domain::DeviceId;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use crate::discovery::known_addresses;
use crate::link::{Ended, Link, close_connection, describe, run_link};
use crate::net::Shared;
use crate::seats::{Adopted, Attempt, DialVerdict, HelloVerdict};
use crate::{ALPN, CloseReason, ConnectionId, DIAL_TIMEOUT_MS, NetEvent};

const HELLO: u8 = 1;
const WELCOME: u8 = 2;
const CONFIRM: u8 = 3;

/// How long one step may take once TLS stands, in milliseconds.
const STEP_MS: u64 = 5_000;

/// How long the dialler waits for WELCOME, in milliseconds: the other side may wait for the outcome of its own dial.
const WELCOME_MS: u64 = DIAL_TIMEOUT_MS + 1_000;

/// Dials a device and, if that succeeds, runs the connection until it ends.
pub(crate) async fn dial(
    shared: Arc<Shared>,
    events: mpsc::Sender<NetEvent>,
    device: DeviceId,
    addresses: Vec<SocketAddr>,
) {
    let attempt = Attempt(shared.next_number());
    let DialVerdict::Dial(given_up) = shared.seats().dial(device, attempt) else { return };
    let outcome = tokio::select! {
        outcome = reach(&shared, device, addresses) => outcome,
        // The connection is dropped, which closes it: the device's own dial goes first.
        _ = given_up => return,
    };
    let error = match outcome {
        Ok((connection, mut streams)) => {
            let id = ConnectionId(shared.next_number());
            let Some(adopted) = shared.seats().welcome(device, attempt, id) else {
                close_connection(&connection, &CloseReason::new(CloseReason::ANOTHER_KEPT, "another one is kept"));
                return;
            };
            // If the confirmation cannot be written the connection is lost, and the link's reader sees that at once.
            let _ = streams.0.write_all(&[CONFIRM]).await;
            stand(&shared, &events, Standing { id, device, connection, streams, adopted, dialled: true }).await;
            return;
        }
        Err(error) => error,
    };
    let tell = shared.seats().dial_failed(device, attempt);
    if tell {
        let _ = events.send(NetEvent::DialFailed { device, reason: error.0 }).await;
    }
}

async fn reach(
    shared: &Shared,
    device: DeviceId,
    addresses: Vec<SocketAddr>,
) -> Result<(Connection, (SendStream, RecvStream)), Ended> {
    let id = EndpointId::from_bytes(&device.0).map_err(|_| Ended("the device id is not a key".to_owned()))?;
    if id == shared.endpoint.id() {
        return Err(Ended("this device itself".to_owned()));
    }
    let known = known_addresses(shared, device);
    let all = addresses.into_iter().chain(known).map(TransportAddr::Ip);
    let address = EndpointAddr::from_parts(id, all.chain(shared.relay.clone().map(TransportAddr::Relay)));
    if address.is_empty() {
        return Err(Ended("no address is known".to_owned()));
    }
    let connection = timeout(Duration::from_millis(DIAL_TIMEOUT_MS), shared.endpoint.connect(address, ALPN))
        .await
        .map_err(|_| Ended(format!("no answer within {} s", DIAL_TIMEOUT_MS / 1_000)))?
        .map_err(|error| Ended(error.to_string()))?;
    let step = async {
        let (mut send, mut receive) = connection.open_bi().await.map_err(|error| Ended(describe(&error)))?;
        send.write_all(&[HELLO]).await.map_err(|error| Ended(error.to_string()))?;
        expect(&mut receive, WELCOME).await?;
        Ok((send, receive))
    };
    match timeout(Duration::from_millis(WELCOME_MS), step).await {
        Ok(Ok(streams)) => Ok((connection, streams)),
        Ok(Err(ended)) => Err(ended),
        Err(_) => Err(Ended("the device did not welcome us".to_owned())),
    }
}

/// What an incoming connection needs for being answered.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Fires, by being dropped, when this connection has greeted for too long and others wait.
    pub(crate) cut: oneshot::Receiver<()>,
    /// The places of connections that stand.
    pub(crate) places: Arc<Semaphore>,
}

/// Answers an incoming connection and, if it is kept, runs it until it ends.
pub(crate) async fn answer(shared: Arc<Shared>, events: mpsc::Sender<NetEvent>, incoming: Incoming, entry: Entry) {
    let Entry { mut cut, places } = entry;
    let step = async {
        let connection = incoming.await.ok()?;
        let (send, mut receive) = connection.accept_bi().await.ok()?;
        expect(&mut receive, HELLO).await.ok()?;
        Some((connection, (send, receive)))
    };
    let greeted = tokio::select! {
        greeted = timeout(Duration::from_millis(STEP_MS), step) => greeted.ok().flatten(),
        _ = &mut cut => None,
    };
    // A stranger that does not even greet is worth no event.
    let Some((connection, streams)) = greeted else { return };
    let device = DeviceId(*connection.remote_id().as_bytes());
    let attempt = Attempt(shared.next_number());
    let verdict = shared.seats().hello(device, attempt);
    if let HelloVerdict::Wait(our_dial_failed) = verdict {
        let failed = tokio::select! {
            failed = our_dial_failed => failed.unwrap_or(false),
            _ = connection.closed() => false,
            _ = &mut cut => false,
        };
        if !failed {
            shared.seats().hello_failed(device, attempt);
            close_connection(&connection, &CloseReason::new(CloseReason::ANOTHER_KEPT, "another one is kept"));
            return;
        }
    }
    welcome(&shared, &events, (connection, streams), (device, attempt), Entry { cut, places }).await;
}

async fn welcome(
    shared: &Shared,
    events: &mpsc::Sender<NetEvent>,
    (connection, mut streams): (Connection, (SendStream, RecvStream)),
    (device, attempt): (DeviceId, Attempt),
    entry: Entry,
) {
    let Entry { mut cut, places } = entry;
    let step = async {
        streams.0.write_all(&[WELCOME]).await.map_err(|error| Ended(error.to_string()))?;
        expect(&mut streams.1, CONFIRM).await
    };
    let confirmed = tokio::select! {
        confirmed = timeout(Duration::from_millis(STEP_MS), step) => {
            confirmed.unwrap_or_else(|_| Err(Ended("the device did not confirm".to_owned())))
        }
        _ = &mut cut => Err(Ended("the device took too long to confirm, and others wait".to_owned())),
    };
    drop(cut);
    let full = |_| {
        close_connection(&connection, &CloseReason::new(CloseReason::FULL, "as many stand as there may be"));
        Ended("as many connections stand as there may be".to_owned())
    };
    let error = match confirmed.and_then(|()| places.try_acquire().map_err(full)) {
        Ok(_place) => {
            let id = ConnectionId(shared.next_number());
            let Some(adopted) = shared.seats().confirm(device, attempt, id) else {
                close_connection(&connection, &CloseReason::new(CloseReason::ANOTHER_KEPT, "a newer one is kept"));
                return;
            };
            stand(shared, events, Standing { id, device, connection, streams, adopted, dialled: false }).await;
            return;
        }
        Err(error) => error,
    };
    let tell = shared.seats().hello_failed(device, attempt);
    if tell {
        let _ = events.send(NetEvent::DialFailed { device, reason: error.0 }).await;
    }
}

async fn expect(stream: &mut RecvStream, wanted: u8) -> Result<(), Ended> {
    let mut byte = [0; 1];
    match stream.read_exact(&mut byte).await {
        Ok(()) if byte == [wanted] => Ok(()),
        Ok(()) => Err(Ended("the other end does not keep to the protocol".to_owned())),
        Err(ReadExactError::FinishedEarly(_)) => Err(Ended("the other end broke off".to_owned())),
        Err(ReadExactError::ReadError(error)) => Err(error.into()),
    }
}

/// A connection that has its device's seat.
struct Standing {
    id: ConnectionId,
    device: DeviceId,
    connection: Connection,
    streams: (SendStream, RecvStream),
    adopted: Adopted,
    dialled: bool,
}

/// Reports a connection from `Connected` to `Disconnected`.
async fn stand(shared: &Shared, events: &mpsc::Sender<NetEvent>, standing: Standing) {
    let Standing { id, device, connection, streams, adopted, dialled } = standing;
    let (link, end) = Link::new(connection);
    let replaced = {
        let mut links = shared.links();
        links.insert(id, link.clone());
        adopted.replaces.and_then(|old| links.get(&old).cloned())
    };
    if let Some(old) = replaced {
        old.abort(CloseReason::new(CloseReason::ANOTHER_KEPT, "a newer connection takes its place"));
    }
    // The turn comes when the connection before has reported its end.
    let turn = adopted.turn.lock().await;
    let path = shared.path_kind(&link.connection);
    let _ = events.send(NetEvent::Connected { connection: id, device, path, dialled }).await;
    let reason = run_link(id, &link, end, streams, events).await;
    {
        let mut links = shared.links();
        links.remove(&id);
        if links.is_empty() {
            shared.emptied.notify_one();
        }
    }
    // Before the event: who hears `Disconnected` may dial again.
    let asked = shared.seats().ended(device, id);
    let _ = events.send(NetEvent::Disconnected { connection: id, reason }).await;
    if asked {
        let reason = "the connection before was still there".to_owned();
        let _ = events.send(NetEvent::DialFailed { device, reason }).await;
    }
    drop(turn);
    drop(adopted.turn);
    shared.seats().tidy(device);
}
