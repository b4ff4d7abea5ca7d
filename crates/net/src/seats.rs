//! Which connection a device's seat goes to: pure decisions, no I/O.
//!
//! Two devices may dial each other at once, or one may dial again because it lost a connection that the other still
//! believes in. A connection is made in three steps after TLS: the dialler says HELLO, the other side WELCOME, the
//! dialler CONFIRM. The rules:
//! * While this side dials and its id is the smaller one, an incoming HELLO waits for the outcome of the dial.
//! * While this side dials and its id is the larger one, an incoming HELLO ends the dial.
//! * A confirmed connection replaces an older one: a dialler confirms only if it holds none itself.
//!
//! So of two simultaneous dials exactly one is confirmed, the one by the smaller id, unless only the other one works.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaifong_domain::DeviceId;
use tokio::sync::{Mutex, oneshot};

use crate::ConnectionId;

/// Tells the tasks of different connections to the same device apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt(pub(crate) u64);

/// Held from `Connected` to `Disconnected`, so that the events of two connections to a device never interleave.
pub(crate) type Turn = Arc<Mutex<()>>;

/// What to do about a wish to dial.
#[derive(Debug)]
pub(crate) enum DialVerdict {
    /// Dial; stop when the receiver fires.
    Dial(oneshot::Receiver<()>),
    /// There is a connection already, perhaps one that is just ending, or one is being made.
    Nothing,
}

/// What to do about an incoming HELLO.
#[derive(Debug)]
pub(crate) enum HelloVerdict {
    /// Say WELCOME.
    Welcome,
    /// Wait for the outcome of our dial: `true` means that it failed, so say WELCOME; anything else means close.
    Wait(oneshot::Receiver<bool>),
}

/// The state of every device that is connected or about to be.
#[derive(Debug)]
pub(crate) struct Seats {
    own: DeviceId,
    seats: BTreeMap<DeviceId, Seat>,
}

#[derive(Debug, Default)]
struct Seat {
    /// Our dial, and the way to stop it.
    dialling: Option<(Attempt, oneshot::Sender<()>)>,
    /// Whether the layer above waits to hear what became of a dial. Beside a live connection it hears when that one ends.
    asked: bool,
    /// An incoming HELLO that waits for our dial.
    waiting: Option<(Attempt, oneshot::Sender<bool>)>,
    /// The incoming connection that we said WELCOME to.
    welcomed: Option<Attempt>,
    live: Option<ConnectionId>,
    turn: Turn,
}

impl Seats {
    pub(crate) fn new(own: DeviceId) -> Self {
        Seats { own, seats: BTreeMap::new() }
    }

    /// The layer above wants a connection to a device.
    pub(crate) fn dial(&mut self, device: DeviceId, attempt: Attempt) -> DialVerdict {
        let seat = self.seats.entry(device).or_default();
        seat.asked = true;
        if seat.live.is_some() || seat.dialling.is_some() || seat.welcomed.is_some() {
            return DialVerdict::Nothing;
        }
        let (stop, stopped) = oneshot::channel();
        seat.dialling = Some((attempt, stop));
        DialVerdict::Dial(stopped)
    }

    /// Our dial failed. Gives whether the layer above has to be told.
    pub(crate) fn dial_failed(&mut self, device: DeviceId, attempt: Attempt) -> bool {
        let Some(seat) = self.seats.get_mut(&device) else { return false };
        if !seat.dialling.as_ref().is_some_and(|(mine, _)| *mine == attempt) {
            return false;
        }
        seat.dialling = None;
        if let Some((waiting, answer)) = seat.waiting.take() {
            seat.welcomed = Some(waiting);
            if answer.send(true).is_ok() {
                return false;
            }
            seat.welcomed = None;
        }
        let tell = std::mem::take(&mut seat.asked);
        self.tidy(device);
        tell
    }

    /// The other side said WELCOME to our dial. Gives the turn to speak, or `None` if the dial was given up.
    pub(crate) fn welcome(&mut self, device: DeviceId, attempt: Attempt, id: ConnectionId) -> Option<Adopted> {
        let seat = self.seats.get_mut(&device)?;
        if !seat.dialling.as_ref().is_some_and(|(mine, _)| *mine == attempt) {
            return None;
        }
        seat.dialling = None;
        // Dropped, not answered: who waits closes its connection.
        seat.waiting = None;
        Some(seat.adopt(id))
    }

    /// A device that connected to us said HELLO.
    pub(crate) fn hello(&mut self, device: DeviceId, attempt: Attempt) -> HelloVerdict {
        let ours_wins = self.own < device;
        let seat = self.seats.entry(device).or_default();
        match seat.dialling.take() {
            Some(ours) if ours_wins => {
                seat.dialling = Some(ours);
                let (answer, answered) = oneshot::channel();
                seat.waiting = Some((attempt, answer));
                HelloVerdict::Wait(answered)
            }
            Some((_, stop)) => {
                // The dial may have just ended by itself; then nobody listens, and nothing is lost.
                let _ = stop.send(());
                seat.welcomed = Some(attempt);
                HelloVerdict::Welcome
            }
            None => {
                seat.welcomed = Some(attempt);
                HelloVerdict::Welcome
            }
        }
    }

    /// The dialler confirmed. Gives the turn to speak, or `None` if a newer HELLO took its place.
    pub(crate) fn confirm(&mut self, device: DeviceId, attempt: Attempt, id: ConnectionId) -> Option<Adopted> {
        let seat = self.seats.get_mut(&device)?;
        if seat.welcomed != Some(attempt) {
            return None;
        }
        seat.welcomed = None;
        Some(seat.adopt(id))
    }

    /// An incoming connection broke before it was confirmed. Gives whether the layer above has to be told that its
    /// dial, given up for this connection, came to nothing.
    pub(crate) fn hello_failed(&mut self, device: DeviceId, attempt: Attempt) -> bool {
        let Some(seat) = self.seats.get_mut(&device) else { return false };
        if seat.waiting.as_ref().is_some_and(|(waiting, _)| *waiting == attempt) {
            seat.waiting = None;
        }
        let mut tell = false;
        if seat.welcomed == Some(attempt) {
            seat.welcomed = None;
            // Beside a live connection the word comes when that one ends.
            tell = seat.live.is_none() && seat.dialling.is_none() && std::mem::take(&mut seat.asked);
        }
        self.tidy(device);
        tell
    }

    /// A connection is over; the device may be dialled again. Gives whether the layer above has to be told that a dial
    /// beside this connection came to nothing: it may have been closed already, and was only sending its last words.
    pub(crate) fn ended(&mut self, device: DeviceId, id: ConnectionId) -> bool {
        let mut tell = false;
        if let Some(seat) = self.seats.get_mut(&device)
            && seat.live == Some(id)
        {
            seat.live = None;
            // What is being made now answers the wish by itself.
            tell = seat.dialling.is_none() && seat.welcomed.is_none() && std::mem::take(&mut seat.asked);
        }
        self.tidy(device);
        tell
    }

    /// Whether a device is connected or about to be.
    pub(crate) fn taken(&self, device: DeviceId) -> bool {
        self.seats
            .get(&device)
            .is_some_and(|seat| seat.live.is_some() || seat.dialling.is_some() || seat.welcomed.is_some())
    }

    /// Forgets a device about which there is nothing left to know.
    pub(crate) fn tidy(&mut self, device: DeviceId) {
        // The turn of a connection that still reports its end must be found by the next one.
        if let Some(seat) = self.seats.get(&device)
            && seat.dialling.is_none()
            && seat.waiting.is_none()
            && seat.welcomed.is_none()
            && seat.live.is_none()
            && Arc::strong_count(&seat.turn) == 1
        {
            self.seats.remove(&device);
        }
    }
}

/// A connection that has its device's seat.
#[derive(Debug)]
pub(crate) struct Adopted {
    /// The connection whose seat it takes; it has to be closed.
    pub(crate) replaces: Option<ConnectionId>,
    /// To be held while the connection reports events.
    pub(crate) turn: Turn,
}

impl Seat {
    fn adopt(&mut self, id: ConnectionId) -> Adopted {
        self.asked = false;
        Adopted { replaces: self.live.replace(id), turn: self.turn.clone() }
    }
}

#[cfg(test)]
mod tests;
