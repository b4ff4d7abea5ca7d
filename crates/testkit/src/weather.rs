//! What goes wrong: partitions, sleep, power, disks, nights.

use kaifong_net::IDLE_TIMEOUT_MS;
use kaifong_node::Event;
use kaifong_store::MemoryStore;

use crate::dice::Dice;
use crate::network::Network;
use crate::world::{Occasion, World};

const HOUR_MS: u64 = 3_600_000;

impl World {
    /// Lets one thing go wrong, and puts the next one on the agenda.
    pub(crate) fn fault(&mut self) {
        if !self.busy {
            return;
        }
        let faults = self.plan.faults;
        let wait_ms = self.dice.between(1, 2 * faults.every_ms);
        self.after(wait_ms, Occasion::Fault);
        let device = self.dice.below(self.devices.len() as u64) as usize;
        type What = fn(&mut World, usize);
        let weighted: [(u32, What); 8] = [
            (faults.partition, |world, _| world.partition()),
            (faults.sleep, |world, device| world.fall_asleep(device)),
            (faults.crash, |world, device| world.crash(device, "lost power")),
            (faults.full, |world, device| world.fill_disk(device)),
            (faults.rollback, |world, device| world.roll_back(device)),
            (faults.lost, |world, device| world.lose_store(device)),
            (faults.gone, |world, device| world.lose_phone(device)),
            (faults.night, |world, _| world.night()),
        ];
        let all: u32 = weighted.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.dice.below(u64::from(all)) as u32;
        for (weight, what) in weighted {
            if drawn < weight {
                return what(self, device);
            }
            drawn -= weight;
        }
    }

    /// The building falls apart into groups, or comes together again.
    fn partition(&mut self) {
        let apart = self.net.groups.iter().any(|group| *group != 0);
        let parts = if apart && self.dice.chance(600) { 1 } else { self.dice.between(2, 3) };
        for place in 0..self.net.groups.len() {
            let group = self.dice.below(parts) as u8;
            if let Some(at) = self.net.groups.get_mut(place) {
                *at = group;
            }
        }
        let severed: Vec<u64> =
            self.net.whole().into_iter().filter(|(_, [a, b])| !self.net.reach(*a, *b)).map(|(wire, _)| wire).collect();
        severed.into_iter().for_each(|wire| self.break_wire(wire, None));
        self.counts.partitions += 1;
        self.tell(|world| {
            let part = |group: u8| {
                let of_it = world.devices.iter().zip(&world.net.groups).filter(|(_, at)| **at == group);
                of_it.map(|(device, _)| device.name.as_str()).collect::<Vec<_>>().join(", ")
            };
            let parts: Vec<String> = (0..3).map(part).filter(|part| !part.is_empty()).collect();
            if parts.len() == 1 {
                "— everybody is on one network —".into()
            } else {
                format!("— apart: {} —", parts.join(" | "))
            }
        });
    }

    fn fall_asleep(&mut self, device: usize) {
        if !self.devices.get(device).is_some_and(|at| at.is_up()) {
            return;
        }
        let long = self.dice.chance(500);
        let sleeps_ms =
            if long { self.dice.between(IDLE_TIMEOUT_MS, 300_000) } else { self.dice.between(500, IDLE_TIMEOUT_MS) };
        self.sleep(device, sleeps_ms);
    }

    fn sleep(&mut self, device: usize, sleeps_ms: u64) {
        let until_ms = self.now_ms + sleeps_ms;
        if let Some(at) = self.device(device) {
            at.asleep_until_ms = Some(until_ms);
        }
        if sleeps_ms > IDLE_TIMEOUT_MS {
            for (wire, end) in self.net.of(device) {
                let late_ms = IDLE_TIMEOUT_MS + self.dice.below(5_000);
                let hear_ms = if end == 0 { [sleeps_ms + 1, late_ms] } else { [late_ms, sleeps_ms + 1] };
                self.break_wire(wire, Some(hear_ms));
            }
        }
        self.at(until_ms, Occasion::WakeUp { device });
        self.tell(|world| format!("{} falls asleep for {} s", world.name(device), sleeps_ms / 1000));
    }

    pub(crate) fn wake_up(&mut self, device: usize) {
        let now_ms = self.now_ms;
        let Some(at) = self.device(device) else { return };
        if at.asleep_until_ms.is_none_or(|until_ms| until_ms > now_ms) {
            return;
        }
        at.asleep_until_ms = None;
        self.deliver(device, Event::Tick);
    }

    /// The power goes; what was not durable is gone. It comes back by itself.
    pub(crate) fn crash(&mut self, device: usize, why: &'static str) {
        self.remember_member(device);
        let Some(at) = self.device(device).filter(|at| at.node.is_some()) else { return };
        at.node = None;
        at.open_step = false;
        at.asleep_until_ms = None;
        at.store.crash();
        let life = at.life;
        for (wire, end) in self.net.of(device) {
            let late_ms = if self.dice.chance(300) { 5 } else { IDLE_TIMEOUT_MS + self.dice.below(5_000) };
            self.break_wire(wire, Some(if end == 0 { [1, late_ms] } else { [late_ms, 1] }));
        }
        let off_ms =
            if self.dice.chance(500) { self.dice.between(10, 2_000) } else { self.dice.between(2_000, 120_000) };
        self.after(off_ms, Occasion::Boot { device, life });
        self.counts.crashes += 1;
        self.tell(|world| format!("{} {why}", world.name(device)));
    }

    fn fill_disk(&mut self, device: usize) {
        let room_bytes = self.dice.below(4_000) as usize;
        let Some(at) = self.device(device) else { return };
        let size_bytes = at.store.size_bytes();
        at.store.set_capacity_bytes(Some(size_bytes + room_bytes));
        let full_ms = self.dice.between(1_000, 20_000);
        self.after(full_ms, Occasion::Room { device });
        self.tell(|world| format!("{}'s disk is full for {} s", world.name(device), full_ms / 1000));
    }

    /// A restored backup: the device goes on from an older image, and nothing tells it so.
    fn roll_back(&mut self, device: usize) {
        let lost = self.dice.between(1, 30) as usize;
        if !self.devices.get(device).is_some_and(|at| at.is_up()) {
            return;
        }
        self.crash(device, "goes back to an old image of its disk");
        let Some(at) = self.device(device) else { return };
        at.store.lose_last_commits(lost);
        at.doubtful = true;
        // What it said may be gone with it, unless neighbours have it.
        at.kept.clear();
    }

    /// A store that does not open: it is moved aside, and the device knows that it has forgotten.
    fn lose_store(&mut self, device: usize) {
        // The founder's alone can approve at first; a building whose founder is lost on the first day is another story.
        if device == 0 || !self.devices.get(device).is_some_and(|at| at.is_up()) {
            return;
        }
        self.crash(device, "finds that its store does not open, and moves it aside");
        let Some(at) = self.device(device) else { return };
        at.store = MemoryStore::new();
        at.kept.clear();
        self.boot(device, true);
    }

    /// A phone falls into the river: neither it nor its disk comes back. What it had said may be gone with it.
    fn lose_phone(&mut self, device: usize) {
        // As with its store: a building whose founder is lost on the first day is another story.
        if device == 0 || !self.devices.get(device).is_some_and(|at| at.is_up()) {
            return;
        }
        self.crash(device, "is lost for good");
        self.counts.lost_phones += 1;
        let Some(at) = self.device(device) else { return };
        at.gone = true;
        // Its seat may have signed what nobody alive has heard of; whoever speaks from paper may then sign the other way.
        at.doubtful = true;
        at.kept.clear();
    }

    /// Nothing happens for hours, or for longer than an envelope lives.
    fn night(&mut self) {
        let holiday = self.dice.chance(200);
        let sleeps_ms =
            if holiday { 24 * HOUR_MS * self.dice.between(10, 40) } else { HOUR_MS * self.dice.between(1, 12) };
        for device in 0..self.devices.len() {
            if self.devices.get(device).is_some_and(|at| at.is_up()) && !self.dice.chance(50) {
                self.sleep(device, sleeps_ms);
            }
        }
    }

    /// Ends all trouble: one network, power and room for everybody, nobody asleep.
    pub(crate) fn heal(&mut self) {
        self.busy = false;
        self.net.groups.iter_mut().for_each(|group| *group = 0);
        self.hasten();
        for device in 0..self.devices.len() {
            let Some(at) = self.device(device) else { continue };
            at.store.set_capacity_bytes(None);
            at.asleep_until_ms = None;
            let (off, started) = (at.node.is_none() && !at.gone, at.life > 0 && !at.gone);
            if off && started {
                self.boot(device, false);
            } else if started {
                self.deliver(device, Event::Tick);
            }
        }
        self.tell(|_| "— the network heals, everybody is awake —".into());
        (0..self.devices.len()).for_each(|device| self.types_again(device));
    }

    /// Gives the ends of one device's connections: whom it talks to, and through what.
    pub(crate) fn talks_to(&self, device: usize) -> Vec<kaifong_net::ConnectionId> {
        self.net.of(device).into_iter().map(|(wire, end)| Network::connection(wire, end)).collect()
    }
}
