//! What a building's points come to in the end: the journals for another counter, what honest payees were promised (I5),
//! and what the building has lost to cheats, beside the bound that the ledger's documentation states (I7).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaifong_domain::{EntryHash, JournalId, MemberId};
use kaifong_ledger::{Export, Ledger, LineState, Outcome, Rights, export};
use kaifong_node::Home;
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry};

use crate::world::World;

/// What cheats have won, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loss {
    /// What honest members hold together beyond the credit lines of all others.
    pub(crate) lost: u64,
    /// The most that it may be: the quota for each pair of a forked journal and a journal that has accepted from it, and
    /// once more what a witness has stamped of a cheat's, for each witness but the first.
    pub(crate) most: u64,
}

/// Measures what cheats have won of these honest members. `transfers` are all that were signed.
pub(crate) fn loss(
    ledger: &Ledger,
    honest: &BTreeSet<MemberId>,
    transfers: &[EntryHash],
    stamped: &BTreeMap<JournalId, i64>,
    numbers: Numbers,
) -> Loss {
    let Numbers { line, quota, witnesses } = numbers;
    let (theirs, cheats): (Vec<_>, Vec<_>) = ledger.balances().iter().partition(|(member, _)| honest.contains(*member));
    let held: i64 = theirs.iter().map(|(_, balance)| **balance).sum();
    let lines = i64::try_from(cheats.len()).unwrap_or(i64::MAX).saturating_mul(line);
    let counted =
        transfers.iter().filter_map(|hash| ledger.transfer(hash)).filter(|row| row.state == LineState::Accepted);
    let forked = counted.filter(|row| ledger.is_forked(&row.payer) && !honest.contains(&row.payer_member));
    let pairs: BTreeSet<_> = forked.map(|row| (row.payer, row.payee)).collect();
    let again: u64 = stamped.values().map(|rights| u64::try_from(*rights).unwrap_or(0)).sum();
    let pairs = u64::try_from(pairs.len()).unwrap_or(u64::MAX);
    Loss {
        lost: u64::try_from(held.saturating_sub(lines)).unwrap_or(0),
        most: pairs.saturating_mul(quota).saturating_add(again.saturating_mul(witnesses.saturating_sub(1))),
    }
}

/// What the bound is made of.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    /// The credit line, in points.
    pub(crate) line: i64,
    /// The quota, in points.
    pub(crate) quota: u64,
    /// How many witnesses there are.
    pub(crate) witnesses: u64,
}

impl World {
    fn honest_home(&self) -> Option<&Home> {
        let mut members = self.nodes().filter(|(_, device, node)| !device.hostile && node.me().is_some());
        members.find_map(|(_, _, node)| node.home())
    }

    /// Writes out the journals as the first honest member's device holds them.
    pub(crate) fn export(&self) -> Option<Export> {
        let home = self.honest_home()?;
        Some(export(home.journals().since(0).map(Arc::as_ref), &home.rights()))
    }

    /// Checks that whatever an honest device has accepted counts (I5), that a ledger which hears everything at once is the
    /// one that has lived through it (I1), and that cheats have won no more than they can (I7).
    pub(crate) fn check_accounts(&mut self) {
        let Some(home) = self.honest_home() else { return };
        let (mut ledger, mut vain, rights) = (Ledger::new(), None, home.rights());
        for entry in home.journals().since(0) {
            let outcome = ledger.add(entry, &rights).outcome;
            let by_honest = || self.devices.iter().any(|at| at.is_honest() && at.id() == entry.signer());
            if let Outcome::Accepted(Err(why)) = outcome
                && by_honest()
            {
                vain = Some(format!("an honest {}'s accept does not count: {why}", entry.signer().short()));
            }
        }
        let same = digest(&ledger) == digest(home.ledger());
        let loss = self.measure(home);
        drop(rights);
        let [.., i5] = &mut self.counts.checks;
        *i5 += 1;
        (self.counts.lost, self.counts.lost_most) = (loss.lost, loss.most);
        if let Some(vain) = vain {
            self.fail("I5", || vain);
        } else if !same {
            self.fail("I1", || "the ledger differs from one that hears everything at once".into());
        } else if loss.lost > loss.most {
            self.fail("I7", || format!("cheats have won {} points, and can win {} at most", loss.lost, loss.most));
        }
    }

    fn measure(&self, home: &Home) -> Loss {
        let (mut honest, rights) = (self.honest(), home.rights());
        // What the fund has granted is its negative balance, and nobody's winnings.
        honest.insert(home.fund());
        let (mut transfers, mut stamped) = (Vec::new(), BTreeMap::new());
        for entry in home.journals().entries() {
            match &entry.value().body {
                Body::Transfer(_) => transfers.push(EntryHash(entry.hash())),
                Body::Stamp(stamp) if gives(entry, &rights) => {
                    let owner = home.journals().journal(&stamp.journal).map(|journal| journal.member);
                    if owner.is_some_and(|owner| !honest.contains(&owner)) {
                        let most = stamped.entry(stamp.journal).or_insert(stamp.rights);
                        *most = stamp.rights.max(*most);
                    }
                }
                _ => {}
            }
        }
        let now = home.roster().now();
        let witnesses = now.witnesses.len() as u64;
        let (line, quota) = (i64::from(now.charter.credit_line.0), u64::from(now.charter.quota.0));
        loss(home.ledger(), &honest, &transfers, &stamped, Numbers { line, quota, witnesses })
    }
}

fn gives(stamp: &Verified<Entry>, rights: &dyn Rights) -> bool {
    rights.is_witness(&stamp.value().epoch, &stamp.signer())
}

fn digest(ledger: &Ledger) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    ledger.digest(&mut hasher);
    hasher.finalize()
}
