//! The building's network: who reaches whom, and the connections between devices.
//!
//! A connection carries frames in order, as a QUIC stream does; different connections overtake each other. Loss is not a
//! missing frame but a broken connection: what was in flight is gone, and each end hears of it in its own time.

use std::collections::BTreeMap;

use kaifong_net::ConnectionId;

/// One connection between two devices.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    /// The devices at its ends.
    pub(crate) ends: [usize; 2],
    /// Which life of each device it belongs to.
    pub(crate) lives: [u32; 2],
    /// When the last frame on its way to each end arrives.
    pub(crate) arrives_ms: [u64; 2],
    /// Nothing passes any more.
    pub(crate) broken: bool,
    /// Which ends have been told so.
    pub(crate) told: [bool; 2],
}

/// All connections, and which devices reach each other.
#[derive(Debug, Default)]
pub(crate) struct Network {
    wires: BTreeMap<u64, Wire>,
    pairs: BTreeMap<(usize, usize), u64>,
    next: u64,
    /// The part of the building in which each device is; parts do not reach each other.
    pub(crate) groups: Vec<u8>,
}

impl Network {
    /// Starts with everybody in one part.
    pub(crate) fn of_devices(devices: usize) -> Self {
        Self { groups: vec![0; devices], ..Self::default() }
    }

    /// Gives the number by which one end of a wire knows it.
    pub(crate) fn connection(wire: u64, end: usize) -> ConnectionId {
        ConnectionId(wire * 2 + end as u64)
    }

    /// Gives the wire and end behind a connection's number.
    pub(crate) fn wire_of(connection: ConnectionId) -> (u64, usize) {
        (connection.0 / 2, (connection.0 % 2) as usize)
    }

    /// Tells whether two devices are in one part of the building.
    pub(crate) fn reach(&self, a: usize, b: usize) -> bool {
        self.groups.get(a) == self.groups.get(b)
    }

    /// Gives the newest wire between two devices, broken or not.
    pub(crate) fn between(&self, a: usize, b: usize) -> Option<(u64, &Wire)> {
        let wire = *self.pairs.get(&(a.min(b), a.max(b)))?;
        Some((wire, self.wires.get(&wire)?))
    }

    /// Puts a new wire between two devices.
    pub(crate) fn join(&mut self, ends: [usize; 2], lives: [u32; 2], now_ms: u64) -> u64 {
        let [a, b] = ends;
        let wire = self.next;
        self.next += 1;
        self.pairs.insert((a.min(b), a.max(b)), wire);
        self.wires.insert(wire, Wire { ends, lives, arrives_ms: [now_ms; 2], broken: false, told: [false; 2] });
        wire
    }

    /// Lets everything that is on its way arrive at this time.
    pub(crate) fn hasten(&mut self, at_ms: u64) {
        self.wires.values_mut().for_each(|wire| wire.arrives_ms = [at_ms; 2]);
    }

    /// Gives one wire.
    pub(crate) fn wire(&mut self, wire: u64) -> Option<&mut Wire> {
        self.wires.get_mut(&wire)
    }

    /// Notes that an end has been told; forgets the wire when both have.
    pub(crate) fn tell(&mut self, wire: u64, end: usize) {
        let Some(held) = self.wires.get_mut(&wire) else { return };
        if let Some(told) = held.told.get_mut(end) {
            *told = true;
        }
        let [a, b] = held.ends;
        if held.told == [true, true] {
            self.wires.remove(&wire);
            let pair = (a.min(b), a.max(b));
            if self.pairs.get(&pair) == Some(&wire) {
                self.pairs.remove(&pair);
            }
        }
    }

    /// Gives the wires that are whole, with their ends.
    pub(crate) fn whole(&self) -> Vec<(u64, [usize; 2])> {
        self.wires.iter().filter(|(_, wire)| !wire.broken).map(|(id, wire)| (*id, wire.ends)).collect()
    }

    /// Gives the whole wires of one device, each with the end that is this device's.
    pub(crate) fn of(&self, device: usize) -> Vec<(u64, usize)> {
        let end = |ends: &[usize; 2]| ends.iter().position(|at| *at == device);
        self.whole().into_iter().filter_map(|(wire, ends)| Some((wire, end(&ends)?))).collect()
    }
}
