//! Two cheats who help each other: one gives the other the same points again and again, on a branch of its own each time, and
//! the other takes them on as many branches of its own and spends each with another neighbour.
//!
//! It is the attack that once made 100,000 points out of 200. Every victim is shown one branch of each, whole and covered, and
//! nothing in it says that there are others.

use kaifong_domain::{EntryHash, JournalId, Points, ReasonId};
use kaifong_node::Home;
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry, Transfer};
use kaifong_trust::pen::Pen;

use crate::dice::Dice;
use crate::double_spend::{Part, Payee, Purse};
use crate::hostile::news;
use crate::world::World;

/// The second cheat's journal, and what it may pay once it has taken what the first one gives.
struct Accomplice {
    device: usize,
    journal: JournalId,
    stamp: Option<EntryHash>,
    pays: Points,
}

impl World {
    /// Tells whether two hostile members live here, so that a device could find an accomplice.
    pub(crate) fn has_accomplices(&self, device: usize) -> bool {
        let owner = self.devices.get(device).map(|at| at.owner);
        self.devices.iter().any(|other| other.hostile && !other.gone && Some(other.owner) != owner)
    }

    /// Spends what this device has through an accomplice, with every neighbour in reach. Tells whether it did.
    pub(crate) fn collude(&mut self, device: usize) -> bool {
        let Some(at) = self.devices.get(device) else { return false };
        let Some(home) = at.node.as_ref().and_then(|node| node.home()).filter(|_| at.me().is_some()) else {
            return false;
        };
        let Some(purse) = Purse::fullest(home, at) else { return false };
        let Some(accomplice) = self.accomplice(device, home, purse.points) else { return false };
        let payees = self.payees(device, home);
        if payees.is_empty() {
            return false;
        }
        let salts: Vec<[u8; 32]> = payees.iter().map(|_| self.dice.seed()).collect();
        let Some((at, home)) = self.home_of(device) else { return false };
        let Some(other) = self.devices.get(accomplice.device) else { return false };
        let (epoch, now) = (home.roster().newest_epoch(), at.clock_at(self.now_ms));
        let chain = |payee: &Payee, salt: &[u8; 32]| {
            let mut giving = Pen::resume(at.key.clone(), home.journals(), &purse.journal)?;
            let mut taking = Pen::resume(other.key.clone(), home.journals(), &accomplice.journal)?;
            let mut entries: Vec<Verified<Entry>> = Vec::new();
            entries.extend(purse.stamp.map(|stamp| giving.write(epoch, now, Body::Cite { stamp })));
            // No two branches are alike, so none is refused for having been taken before.
            let reason = salt.first_chunk().copied().map(ReasonId);
            let gift = Transfer { to: accomplice.journal, points: purse.points, reason };
            entries.push(giving.write(epoch, now, Body::Transfer(gift)));
            entries.extend(accomplice.stamp.map(|stamp| taking.write(epoch, now, Body::Cite { stamp })));
            entries.push(taking.write(epoch, now, Body::Accept { transfer: giving.tip() }));
            let spent = Transfer { to: payee.journal, points: accomplice.pays, reason: None };
            entries.push(taking.write(epoch, now, Body::Transfer(spent)));
            Some(Part::new(payee.place, taking.tip(), news(&entries)))
        };
        let parts: Vec<Part> = payees.iter().zip(&salts).filter_map(|(payee, salt)| chain(payee, salt)).collect();
        let points = accomplice.pays.0;
        self.tell(|world| {
            let (one, two) = (world.name(device), world.name(accomplice.device));
            format!("{one} and {two} make the same {points} points for each of {} neighbours", payees.len())
        });
        self.counts.collusions += 1;
        self.show_all(device, parts);
        true
    }

    /// Finds another cheat whose journal this device knows.
    fn accomplice(&self, device: usize, home: &Home, gift: Points) -> Option<Accomplice> {
        let owner = self.devices.get(device)?.owner;
        let others = self.devices.iter().enumerate();
        let others = others.filter(|(_, other)| other.hostile && !other.gone && other.owner != owner);
        let quota = home.roster().now().charter.quota;
        let journals = others.filter_map(|(place, other)| {
            let theirs = home.journals().journals().filter(|journal| journal.device == other.id());
            let mut whole = theirs.filter(|journal| journal.forked_at().is_none() && !journal.open.is_fund());
            let journal = whole.next()?;
            let tip = journal.tips().first()?;
            let stamp = home.ledger().newest_stamp(tip);
            let standing = home.ledger().standing(tip)?;
            let unseen = if stamp.is_some() { 0 } else { standing.unseen };
            let most = i64::from(quota.0).saturating_sub_unsigned(unseen);
            let pays = standing.rights.saturating_add(i64::from(gift.0)).min(most);
            let pays = u32::try_from(pays).ok().filter(|pays| *pays > 0).map(Points)?;
            Some(Accomplice { device: place, journal: journal.id, stamp, pays })
        });
        journals.max_by_key(|found| (found.pays, found.device))
    }

    fn home_of(&self, device: usize) -> Option<(&crate::device::Device, &Home)> {
        let at = self.devices.get(device)?;
        Some((at, at.node.as_ref()?.home()?))
    }
}
