//! The double spender: it spends all that its journal may spend, to several payees at once, in one place of its journal.
//!
//! Each payee hears of its own part alone, over its own connection; whoever takes it passes it on. What a payee has not
//! answered is shown to it again as soon as it is back in reach.

use kaifong_domain::{EntryHash, JournalId, Points, Refusal};
use kaifong_ledger::LineState;
use kaifong_node::Home;
use kaifong_trust::entry::{Body, Transfer};
use kaifong_trust::pen::Pen;

use crate::device::Device;
use crate::dice::Dice;
use crate::hostile::news;
use crate::network::Network;
use crate::world::World;

/// One part of a double spend, kept until its payee has answered it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The place of the payee's device.
    payee: usize,
    transfer: EntryHash,
    frame: Vec<u8>,
}

/// What one journal may still spend.
pub(crate) struct Purse {
    pub(crate) journal: JournalId,
    /// What it must cite first, if a witness has stamped it.
    pub(crate) stamp: Option<EntryHash>,
    pub(crate) points: Points,
}

/// A neighbour's device in reach, with the journal that it writes now.
#[derive(Clone, Copy)]
pub(crate) struct Payee {
    pub(crate) place: usize,
    pub(crate) journal: JournalId,
}

impl Part {
    /// Keeps what a payee is to be shown until it has answered the transfer.
    pub(crate) fn new(payee: usize, transfer: EntryHash, frame: Vec<u8>) -> Self {
        Self { payee, transfer, frame }
    }
}

impl World {
    /// Goes on with a double spend: shows each part again to a payee that has not answered it. Tells whether there was one.
    pub(crate) fn follow_up(&mut self, device: usize) -> bool {
        let Some(at) = self.devices.get_mut(device) else { return false };
        let open = |part: &Part, home: &Home| {
            let row = home.ledger().transfer(&part.transfer);
            row.is_none_or(|row| row.state == LineState::Signed)
        };
        let mut parts = std::mem::take(&mut at.parts);
        if let Some(home) = at.node.as_ref().and_then(|node| node.home()) {
            parts.retain(|part| open(part, home));
        }
        at.parts.clone_from(&parts);
        let shown = parts.into_iter().filter(|part| self.show(device, part)).count();
        if shown > 0 {
            self.tell(|world| format!("{} asks again to be let pay", world.name(device)));
        }
        shown > 0
    }

    /// Spends the same points with several neighbours. Tells whether that is what the device is after: it may still have to
    /// wait until it is a member or has two neighbours in reach.
    pub(crate) fn spend_twice(&mut self, device: usize) -> bool {
        let Some(at) = self.devices.get(device) else { return false };
        let Some(home) = at.node.as_ref().and_then(|node| node.home()).filter(|_| at.me().is_some()) else {
            return true;
        };
        let Some(Purse { journal, stamp, points }) = Purse::fullest(home, at) else { return false };
        let mut payees = self.payees(device, home);
        let Some(first) = self.dice.pick(&payees).copied() else { return true };
        // Those who do not talk to the first hear of the other part last: they are the best victims.
        let talk = |other: &Payee| self.net.between(first.place, other.place).is_some_and(|(_, wire)| !wire.broken);
        payees.sort_by_key(|payee| (payee.place != first.place, talk(payee)));
        if payees.len() < 2 {
            return true;
        }
        payees.truncate(self.dice.between(2, payees.len() as u64) as usize);
        let (epoch, now) = (home.roster().newest_epoch(), at.clock_at(self.now_ms));
        let write = |payee: &Payee| {
            let mut pen = Pen::resume(at.key.clone(), home.journals(), &journal)?;
            let cite = stamp.map(|stamp| pen.write(epoch, now, Body::Cite { stamp }));
            let transfer = Transfer { to: payee.journal, points, reason: None };
            let transfer = pen.write(epoch, now, Body::Transfer(transfer));
            let entries: Vec<_> = cite.into_iter().chain([transfer]).collect();
            Some(Part::new(payee.place, pen.tip(), news(&entries)))
        };
        let parts: Vec<Part> = payees.iter().filter_map(write).collect();
        self.tell(|world| {
            let names: Vec<&str> = payees.iter().map(|payee| world.name(payee.place)).collect();
            format!("{} spends the same {} points with {}", world.name(device), points.0, names.join(" and "))
        });
        self.show_all(device, parts);
        true
    }

    /// Shows each part to its payee, now and until it is answered.
    pub(crate) fn show_all(&mut self, device: usize, parts: Vec<Part>) {
        parts.iter().for_each(|part| {
            self.show(device, part);
        });
        if let Some(at) = self.device(device) {
            at.parts.extend(parts);
        }
    }

    /// Shows one part to its payee; tells whether there is a connection to it.
    fn show(&mut self, device: usize, part: &Part) -> bool {
        let wire = self.net.between(device, part.payee).filter(|(_, wire)| !wire.broken);
        let end = wire.and_then(|(wire, held)| Some((wire, held.ends.iter().position(|end| *end == device)?)));
        let Some((wire, end)) = end else { return false };
        self.send(Network::connection(wire, end), part.frame.clone());
        true
    }

    /// Finds the neighbours' devices that a device is connected with and that answer.
    pub(crate) fn payees(&self, device: usize, home: &Home) -> Vec<Payee> {
        let own = self.devices.get(device).map(|at| at.owner);
        let payee = |ends: [usize; 2]| {
            let place = *ends.iter().find(|end| **end != device)?;
            let far = self.devices.get(place).filter(|far| far.is_up() && !far.hostile && Some(far.owner) != own)?;
            let theirs = home.journals().journals().filter(|journal| journal.device == far.id());
            let newest = |journal: &kaifong_trust::journals::Journal| {
                let last = journal.tips().iter().filter_map(|tip| home.journals().entry(tip));
                last.map(|entry| entry.value().at).max()
            };
            let journal =
                theirs.filter(|journal| journal.forked_at().is_none()).max_by_key(|journal| newest(journal))?;
            Some(Payee { place, journal: journal.id })
        };
        let whole = self.net.whole().into_iter().filter(|(_, ends)| ends.contains(&device));
        whole.filter_map(|(_, ends)| payee(ends)).collect()
    }
}

impl Purse {
    /// Finds the journal of a device that may spend most; `None` when none may spend anything.
    pub(crate) fn fullest(home: &Home, at: &Device) -> Option<Self> {
        let own = home.journals().journals().filter(|journal| journal.device == at.id());
        let own = own.filter(|journal| journal.forked_at().is_none());
        own.filter_map(|journal| Self::of(home, journal)).max_by_key(|purse| purse.points)
    }

    /// Asks the ledger for as much as the charter allows; a refusal names what is left.
    fn of(home: &Home, journal: &kaifong_trust::journals::Journal) -> Option<Self> {
        let (ledger, quota) = (home.ledger(), home.roster().now().charter.quota);
        let tip = journal.tips().first()?;
        let stamp = ledger.newest_stamp(tip);
        let mut points = quota;
        loop {
            let left = match ledger.check_transfer(tip, stamp.as_ref(), points, quota) {
                Ok(()) => return Some(Self { journal: journal.id, stamp, points }),
                Err(Refusal::BeyondRights { rights: left, .. } | Refusal::BeyondQuota { left, .. }) => left,
                Err(_) => return None,
            };
            // Each round asks for less.
            points = u32::try_from(left).ok().map(Points).filter(|left| (1..points.0).contains(&left.0))?;
        }
    }
}
