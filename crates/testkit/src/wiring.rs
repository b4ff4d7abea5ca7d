//! How devices find each other, connect, and lose each other.

use std::net::SocketAddr;

use kaifong_domain::DeviceId;
use kaifong_net::{ConnectionId, DIAL_TIMEOUT_MS, IDLE_TIMEOUT_MS, PathKind};
use kaifong_node::Event;

use crate::dice::Dice;
use crate::network::Network;
use crate::world::{Occasion, World};

/// How often a device shows itself on the LAN, in milliseconds.
const ANNOUNCED_EVERY_MS: u64 = 30_000;

/// Gives the address at which a device is found.
pub(crate) fn address(device: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, u8::try_from(device).unwrap_or(u8::MAX)], 4400))
}

impl World {
    fn delay_ms(&mut self) -> u64 {
        let most = if self.busy { self.plan.faults.delay_ms_max.max(1) } else { 20 };
        // Mostly quick, now and then as slow as it gets.
        let most = if self.dice.chance(100) { most } else { (most / 10).max(1) };
        self.dice.between(1, most)
    }

    /// Shows a device to all that it reaches.
    pub(crate) fn announce(&mut self, device: usize) {
        self.after(ANNOUNCED_EVERY_MS, Occasion::Announce { device });
        if !self.devices.get(device).is_some_and(|at| at.is_up()) {
            return;
        }
        for other in 0..self.devices.len() {
            if other != device && self.net.reach(device, other) {
                let wait_ms = self.delay_ms();
                self.after(wait_ms, Occasion::Seen { by: other, whom: device });
            }
        }
    }

    pub(crate) fn seen(&mut self, by: usize, whom: usize) {
        if !self.net.reach(by, whom) || !self.devices.get(by).is_some_and(|at| at.is_up()) {
            return;
        }
        let Some(seen) = self.devices.get(whom).filter(|at| at.is_up()) else { return };
        let event = Event::Discovered { device: seen.id(), addresses: vec![address(whom)], building_tag: seen.tag };
        self.deliver(by, event);
    }

    pub(crate) fn dial(&mut self, from: usize, device: DeviceId) {
        let Some(to) = self.devices.iter().position(|at| at.id() == device) else { return };
        let life = self.devices.get(from).map_or(0, |at| at.life);
        let reached = self.net.reach(from, to) && self.devices.get(to).is_some_and(|at| at.is_up());
        let wait_ms = if reached { 3 * self.delay_ms() } else { DIAL_TIMEOUT_MS };
        self.after(wait_ms, Occasion::Dialled { from, to, life });
    }

    /// A dial ends: in a connection, in one that the other side has made in the meantime, or in nothing.
    pub(crate) fn dialled(&mut self, from: usize, to: usize, life: u32) {
        let Some(dialler) = self.devices.get(from).filter(|at| at.life == life && at.node.is_some()) else { return };
        let (asleep, to_id) = (dialler.asleep_until_ms, self.devices.get(to).map(|at| at.id()));
        if let Some(until_ms) = asleep {
            return self.at(until_ms + 1, Occasion::Dialled { from, to, life });
        }
        if self.net.between(from, to).is_some_and(|(_, wire)| !wire.broken) {
            return;
        }
        let up = self.devices.get(to).is_some_and(|at| at.is_up());
        if !up || !self.net.reach(from, to) {
            if let Some(device) = to_id {
                self.deliver(from, Event::DialFailed { device });
            }
            return;
        }
        // The seat is taken anew: whoever still believes in the old connection hears of its end first.
        if let Some((old, wire)) = self.net.between(from, to) {
            let untold: Vec<usize> = (0..2).filter(|end| wire.told.get(*end) == Some(&false)).collect();
            untold.into_iter().for_each(|end| self.notice(old, end));
        }
        let life_of = |world: &Self, device: usize| world.devices.get(device).map_or(0, |at| at.life);
        // Hearing of the old one's end may have led to anything, a crash included.
        let both_up = [from, to].iter().all(|device| self.devices.get(*device).is_some_and(|at| at.is_up()));
        if !both_up || self.net.between(from, to).is_some_and(|(_, wire)| !wire.broken) {
            return;
        }
        let lives = [life_of(self, from), life_of(self, to)];
        let wire = self.net.join([from, to], lives, self.now_ms);
        self.counts.connections += 1;
        let first = usize::from(self.dice.chance(500));
        for end in [first, 1 - first] {
            let other = if end == 0 { to } else { from };
            let Some(device) = self.devices.get(other).map(|at| at.id()) else { continue };
            if let Some((at, connection)) = self.end_of(wire, end) {
                self.deliver(at, Event::Connected { connection, device, path: PathKind::Lan });
            }
        }
    }

    /// Sends a frame off; it may be the one at which the connection breaks.
    pub(crate) fn send(&mut self, connection: ConnectionId, frame: Vec<u8>) {
        let (wire, end) = Network::wire_of(connection);
        let to = 1 - end;
        if self.net.wire(wire).is_none_or(|held| held.broken) {
            return;
        }
        if let Some(by) = self.net.wire(wire).and_then(|held| held.ends.get(end).copied()) {
            self.check_frame(by, &frame);
        }
        self.counts.frames += 1;
        self.counts.bytes += frame.len() as u64;
        if self.busy && self.dice.chance(self.plan.faults.loss) {
            return self.break_wire(wire, None);
        }
        let earliest = self.now_ms + self.delay_ms();
        let Some(last) = self.net.wire(wire).and_then(|held| held.arrives_ms.get_mut(to)) else { return };
        *last = earliest.max(*last);
        let arrives_ms = *last;
        self.at(arrives_ms, Occasion::Arrive { wire, end: to, frame });
    }

    /// Closes a connection from one end. What is in flight to the other end may still arrive.
    pub(crate) fn close(&mut self, connection: ConnectionId) {
        let (wire, end) = Network::wire_of(connection);
        let Some(held) = self.net.wire(wire).filter(|held| !held.broken) else { return };
        let other = 1 - end;
        if let Some(arrives_ms) = held.arrives_ms.get(other).copied().filter(|_| self.dice.chance(500)) {
            // The last words get through: the wire breaks after them.
            self.at(arrives_ms + 1, Occasion::Broken { wire, end: other });
            self.at(arrives_ms + 1, Occasion::Broken { wire, end });
        } else {
            self.break_wire(wire, Some([10, 10]));
        }
    }

    /// Breaks a connection. Its ends hear of it soon, or when they have heard nothing for too long.
    pub(crate) fn break_wire(&mut self, wire: u64, hear_ms: Option<[u64; 2]>) {
        let Some(held) = self.net.wire(wire).filter(|held| !held.broken) else { return };
        held.broken = true;
        for end in 0..2 {
            let late = self.dice.chance(500);
            let drawn_ms = if late { IDLE_TIMEOUT_MS + self.dice.below(5_000) } else { self.dice.below(100) };
            let wait_ms = hear_ms.and_then(|hear_ms| hear_ms.get(end).copied()).unwrap_or(drawn_ms);
            self.after(wait_ms, Occasion::Broken { wire, end });
        }
    }

    /// One end hears that its connection is over.
    pub(crate) fn notice(&mut self, wire: u64, end: usize) {
        let Some(held) = self.net.wire(wire) else { return };
        held.broken = true;
        if held.told.get(end) != Some(&false) {
            return;
        }
        let (Some(device), Some(life)) = (held.ends.get(end).copied(), held.lives.get(end).copied()) else { return };
        let asleep = self.device(device).filter(|at| at.life == life).and_then(|at| at.asleep_until_ms);
        if let Some(until_ms) = asleep {
            return self.at(until_ms + 1, Occasion::Broken { wire, end });
        }
        let end_of = self.end_of(wire, end);
        self.net.tell(wire, end);
        if let Some((device, connection)) = end_of {
            self.deliver(device, Event::Disconnected { connection });
        }
    }
}
