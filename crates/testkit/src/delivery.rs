//! The loop of each device, as the real runner does it: events, then one commit, then the effects.

use kaifong_domain::Instant;
use kaifong_node::{Done, Effect, Event, NodeError};
use kaifong_store::{CommitFault, Store};

use crate::device::{Device, Kept, Wish};
use crate::dice::Dice;
use crate::network::Network;
use crate::run::Planted;
use crate::world::{Occasion, World};

impl World {
    /// Gives an event to a device; its commit follows at once, or together with the next events'.
    pub(crate) fn deliver(&mut self, device: usize, event: Event) {
        let now_ms = self.now_ms;
        let faults = self.plan.faults;
        let Some(at) = self.devices.get_mut(device) else { return };
        let clock = at.clock_at(now_ms);
        let Some(node) = &mut at.node else { return };
        trace_event(&mut self.trace, now_ms, device, &event);
        self.counts.events += 1;
        node.handle(clock, event);
        if at.open_step {
            return;
        }
        at.open_step = true;
        if self.busy && self.dice.chance(faults.grouping) {
            let life = at.life;
            let wait_ms = self.dice.between(1, 20);
            return self.after(wait_ms, Occasion::Finish { device, life });
        }
        self.finish(device);
    }

    /// Commits what a device has gathered and performs the effects.
    pub(crate) fn finish(&mut self, device: usize) {
        let (busy, faults) = (self.busy, self.plan.faults);
        let fails = busy && self.dice.chance(faults.commit);
        let dies = busy && self.dice.chance(faults.between);
        let after_durable = self.dice.chance(500);
        let effects_first = self.options.planted == Some(Planted::EffectsFirst);
        let Some(at) = self.devices.get_mut(device) else { return };
        at.open_step = false;
        let Some(node) = &mut at.node else { return };
        let step = node.take();
        if step.batch.is_empty() {
            return self.perform_all(device, step.effects);
        }
        let mut batch = std::mem::take(&mut at.marks);
        batch.append(step.batch);
        if fails {
            at.store.fail_next_commit(CommitFault::Io, after_durable);
        }
        self.counts.commits += 1;
        if effects_first {
            // Planted: whoever asked hears "saved" before it is.
            self.perform_all(device, step.effects);
            match self.devices.get(device) {
                Some(at) if !dies && at.store.commit(batch).is_ok() => {}
                _ => self.crash(device, "lost power"),
            }
            return;
        }
        match at.store.commit(batch) {
            Ok(()) if dies => self.crash(device, "lost power between saving and telling"),
            Ok(()) => {
                node.committed();
                self.perform_all(device, step.effects);
                self.check_now(device);
            }
            Err(error) => {
                self.tell(|world| format!("{} could not save ({error}) and starts again", world.name(device)));
                self.start_again(device);
            }
        }
    }

    /// As the runner does after a failed commit: whoever asked hears no, connections close, the node starts from the disk.
    /// Its first writes wait for the next ones: the disk may still be full.
    fn start_again(&mut self, device: usize) {
        for (wire, end) in self.net.of(device) {
            self.close(Network::connection(wire, end));
        }
        let effects = match self.open(device, false) {
            Some(Device { node: Some(node), marks, .. }) => {
                let step = node.take();
                *marks = step.batch;
                step.effects
            }
            _ => return,
        };
        self.perform_all(device, effects);
    }

    /// Switches a device on.
    pub(crate) fn boot(&mut self, device: usize, doubt: bool) {
        if self.open(device, doubt).is_some() {
            self.finish(device);
        }
    }

    /// Opens a device's store and node; what it had acknowledged has to be there.
    fn open(&mut self, device: usize, doubt: bool) -> Option<&mut Device> {
        let now_ms = self.now_ms;
        let at = self.devices.get_mut(device)?;
        if let Err(error) = at.boot(now_ms, doubt, &mut self.dice) {
            let name = at.name.clone();
            self.fail("I6", || format!("{name} does not open its store again: {error}"));
            return None;
        }
        self.check_kept(device);
        self.devices.get_mut(device)
    }

    fn perform_all(&mut self, device: usize, effects: Vec<Effect>) {
        let life = self.devices.get(device).map(|at| at.life);
        for effect in effects {
            // An effect may have led to this device's end.
            if self.devices.get(device).map(|at| at.life) == life {
                self.perform(device, effect);
            }
        }
    }

    fn perform(&mut self, device: usize, effect: Effect) {
        match effect {
            Effect::Reply { id, result } => self.replied(device, id, result),
            Effect::Send { connection, frame } => self.send(connection, frame),
            Effect::Close { connection, reason } => {
                self.tell(|world| format!("{} closes a connection: {reason}", world.name(device)));
                self.close(connection);
            }
            Effect::Dial { device: whom, .. } => self.dial(device, whom),
            Effect::Changed(_) => {}
            Effect::Wake(at) => self.ask_to_wake(device, at),
            Effect::Building { tag, genesis } => {
                if let Some(at) = self.device(device) {
                    at.tag = Some(tag);
                    at.genesis = Some(genesis);
                }
            }
        }
    }

    fn ask_to_wake(&mut self, device: usize, until: Instant) {
        let now_ms = self.now_ms;
        let Some(at) = self.device(device) else { return };
        at.wake += 1;
        let (life, wish) = (at.life, at.wake);
        let wait_ms = until.0.saturating_sub(at.clock_at(now_ms).0);
        self.after(wait_ms.max(1), Occasion::Wake { device, life, wish });
    }

    fn replied(&mut self, device: usize, id: u64, result: Result<Done, NodeError>) {
        let Some(at) = self.device(device) else { return };
        let Some(wish) = at.wishes.remove(&id) else { return };
        let owner = at.owner;
        let (me, tip) = (at.me(), at.node.as_ref().and_then(kaifong_node::Node::tip));
        match &result {
            Ok(done) => {
                let mut keep = |kept: Kept| at.kept.push(kept);
                if let Some(tip) = tip {
                    keep(Kept::Entry(tip));
                }
                match (wish, done, me) {
                    (Wish::Post, Done::Posted(listing), Some(me)) => keep(Kept::Listing(me, *listing)),
                    (Wish::Review(deal), _, Some(me)) => keep(Kept::Review(me, deal)),
                    (Wish::Invite, Done::Invited(ticket), _) => {
                        let ticket = ticket.clone();
                        self.hang_poster(ticket);
                    }
                    (Wish::Sheet, Done::Sheet(sheet), _) => {
                        self.sheets.insert(owner, sheet.clone());
                    }
                    (_, Done::Sheet(sheet), _) => {
                        self.papers.insert(owner, sheet.clone());
                    }
                    _ => {}
                }
                self.counts.done += 1;
                self.tell(|world| format!("{}: saved ({done:?})", world.name(device)));
            }
            Err(why) => {
                self.counts.refused += 1;
                self.tell(|world| format!("{}: {why}", world.name(device)));
            }
        }
    }
}

fn trace_event(trace: &mut blake3::Hasher, now_ms: u64, device: usize, event: &Event) {
    trace.update(&now_ms.to_le_bytes()).update(&(device as u64).to_le_bytes());
    match event {
        Event::Frame { connection, bytes } => {
            trace.update(&connection.0.to_le_bytes()).update(bytes);
        }
        other => {
            trace.update(format!("{other:?}").as_bytes());
        }
    }
}
