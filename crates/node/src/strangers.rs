//! What the other end of a connection may cost: strangers end when nothing comes of them, and sessions keep a pace.

use kaifong_domain::Instant;
use kaifong_net::ConnectionId;
use kaifong_sync::Message;

use crate::links::{Link, Standing};
use crate::node::Node;

/// How long a connection may lead to nothing, in milliseconds.
pub(crate) const STRANGER_MS_MAX: u64 = 60_000;
/// How many connections may be of no neighbour; one more closes the one of which nothing came for the longest time.
pub(crate) const STRANGERS_MAX: usize = 64;
/// How many messages that are no stranger's to send are passed over on one connection. A neighbour whose certificate has
/// not arrived here says some before its page has.
pub(crate) const OUT_OF_TURN_MAX: u32 = 32;
/// How far apart this device's sessions with one neighbour are on average, in milliseconds, and how many may come early.
const OWN_PACE: (u64, u64) = (1_500, 4);
/// The same for sessions that a neighbour opens; clocks and roads differ, so it is more lenient.
const THEIR_PACE: (u64, u64) = (1_000, 8);

/// How the other end of a connection has behaved.
#[derive(Clone, Debug)]
pub(crate) struct Conduct {
    /// When something last came of it.
    progress_at: Instant,
    /// Whether this device has said yes to its application.
    admitted: bool,
    out_of_turn: u32,
    pub(crate) our_sessions: Pace,
    pub(crate) their_sessions: Pace,
}

impl Conduct {
    pub(crate) fn since(now: Instant) -> Self {
        Self {
            progress_at: now,
            admitted: false,
            out_of_turn: 0,
            our_sessions: Pace::of(OWN_PACE),
            their_sessions: Pace::of(THEIR_PACE),
        }
    }

    /// Notes that something came of this connection.
    pub(crate) fn admit(&mut self, now: Instant) {
        self.progress_at = now;
        self.admitted = true;
    }

    /// Notes that somebody who has gone has said something new: they may go on.
    pub(crate) fn heed(&mut self, now: Instant) {
        (self.progress_at, self.out_of_turn) = (now, 0);
    }
}

/// Lets things happen at some pace on average, a few of them early.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    every_ms: u64,
    early_ms: u64,
    /// When the next one would be due if none came early.
    due_at: Instant,
}

impl Pace {
    fn of((every_ms, early): (u64, u64)) -> Self {
        Self { every_ms, early_ms: every_ms * early, due_at: Instant(0) }
    }

    /// Takes one; `false` when it comes too early.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let in_time = self.next_at(now) <= now;
        if in_time {
            let due_at = if self.is_from_another_time(now) { now } else { self.due_at.max(now) };
            self.due_at = Instant(due_at.0 + self.every_ms);
        }
        in_time
    }

    /// Gives when the next one may be taken.
    pub(crate) fn next_at(&self, now: Instant) -> Instant {
        if self.is_from_another_time(now) { now } else { Instant(self.due_at.0.saturating_sub(self.early_ms)) }
    }

    /// A clock that was set back must not stop everything until it is there again.
    fn is_from_another_time(&self, now: Instant) -> bool {
        self.due_at.0 > now.0 + self.early_ms + self.every_ms
    }
}

impl Link {
    /// Gives when this connection ends if nothing comes of it.
    pub(crate) fn gives_up_at(&self) -> Option<Instant> {
        let waits = self.standing != Standing::Neighbour && !self.conduct.admitted;
        waits.then(|| Instant(self.conduct.progress_at.0 + STRANGER_MS_MAX))
    }
}

impl Node {
    /// Closes connections of which nothing came.
    pub(crate) fn close_idle_strangers(&mut self) {
        let now = self.now;
        let idle = self.links.iter().filter(|(_, link)| link.gives_up_at().is_some_and(|at| at <= now));
        for connection in idle.map(|(connection, _)| *connection).collect::<Vec<_>>() {
            self.close(connection, "nothing came of it");
        }
    }

    /// Keeps strangers few, so that there is always room for neighbours and for the newest connection.
    pub(crate) fn bound_strangers(&mut self, newest: ConnectionId) {
        let roster = self.home.as_ref().map(|home| home.roster());
        let strange = |link: &Link| {
            link.standing != Standing::Neighbour && roster.is_none_or(|roster| roster.device(&link.device).is_none())
        };
        let strangers = || self.links.iter().filter(|(_, link)| strange(link));
        if strangers().count() <= STRANGERS_MAX {
            return;
        }
        let others = strangers().filter(|(connection, _)| **connection != newest);
        let idlest = others.min_by_key(|(_, link)| (link.conduct.admitted, link.conduct.progress_at));
        if let Some(connection) = idlest.map(|(connection, _)| *connection) {
            self.close(connection, "makes way for others");
        }
    }

    /// Counts what is no stranger's to say; `false` when it was too much and the connection is closed.
    pub(crate) fn bears(&mut self, connection: ConnectionId, message: &Message) -> bool {
        let Some(link) = self.links.get_mut(&connection) else { return false };
        // Applications have a bound of their own.
        if link.standing != Standing::Stranger || matches!(message, Message::Apply { .. }) {
            return true;
        }
        link.conduct.out_of_turn += 1;
        let borne = link.conduct.out_of_turn <= OUT_OF_TURN_MAX;
        if !borne {
            self.close(connection, "goes on saying what is no stranger's to say");
        }
        borne
    }
}

#[cfg(test)]
mod tests;
