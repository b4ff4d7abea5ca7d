//! The public page: all that a device without a certificate ever gets to see.
//!
//! It proves to a newcomer who holds a ticket that the node at the other end is a neighbour of that very building, and
//! to which reviewers a request may be sealed. It shows no listing, no name of a resident, no journal.
//!
//! What it cannot prove: that it is the newest. A neighbour, also one who was removed, can show an old page for ever, and
//! with it reviewers who are none any more; they would read the request, and their certificate would count for nothing.
//! Nor that a neighbour is honest: whoever is certified can show any stranger to a door. Epochs are believed from their
//! signature by the founder; of several with the highest number none is.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId};
use serde::{Deserialize, Serialize};

use crate::devices::REVIEWERS;
use crate::entry::{Basis, Body, Entry, Genesis, Link, NO_ENTRY, Role, SealKey};
use crate::journals::Journals;
use crate::roster::Roster;
use crate::signed::{Distrust, Signed, Verified};

/// How many entries a page may cite.
pub const EVIDENCE_MAX: usize = 256;

/// The genesis, and the entries that lead from it to the node and to the reviewers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicPage {
    /// The genesis.
    pub genesis: Signed<Genesis>,
    /// Epochs, certificates and links, in any order.
    pub evidence: Vec<Signed<Entry>>,
}

/// What a newcomer learns from a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Building {
    /// Its id.
    pub id: BuildingId,
    /// Its name.
    pub name: String,
    /// Devices of reviewers and where letters to them are sealed to.
    pub reviewers: Vec<(DeviceId, SealKey)>,
}

impl PublicPage {
    /// Composes the page that one certified device shows.
    pub fn compose(genesis: &Verified<Genesis>, journals: &Journals, roster: &Roster, node: &DeviceId) -> Self {
        let mut cited = BTreeSet::new();
        let mut newest = roster.last_epochs();
        newest.insert(roster.newest_epoch());
        // The way to the node is what a page is worth nothing without; of reviewers it names as many as it has room for.
        let grounds = [way_to(journals, roster, [*node], []), way_to(journals, roster, [], newest)];
        let reviewers = roster.reviewers().map(|(id, _)| way_to(journals, roster, [id], []));
        for way in grounds.into_iter().chain(reviewers) {
            let with_it: BTreeSet<EntryHash> = cited.union(&way).copied().collect();
            if with_it.len() <= EVIDENCE_MAX {
                cited = with_it;
            }
        }
        let evidence = cited.iter().filter_map(|hash| journals.entry(hash)).map(|entry| entry.signed().clone());
        Self { genesis: genesis.signed().clone(), evidence: evidence.collect() }
    }

    /// Verifies the page, and that `node` is a neighbour by what it shows.
    ///
    /// # Errors
    /// Any [`Distrust`]; [`Distrust::Rule`] when the chain does not lead to `node`.
    pub fn verify(self, node: &DeviceId) -> Result<Building, Distrust> {
        if self.evidence.len() > EVIDENCE_MAX {
            return Err(Distrust::TooLarge { found: self.evidence.len(), most: EVIDENCE_MAX });
        }
        let genesis = self.genesis.verify()?;
        let id = BuildingId(genesis.hash());
        let mut evidence = Vec::new();
        for signed in self.evidence {
            let entry = signed.verify()?;
            if entry.value().building != id {
                return Err(Distrust::ForeignBuilding);
            }
            evidence.push(entry);
        }
        let reading = Reading::of(&genesis, id, &evidence);
        if !reading.devices.contains_key(node) {
            return Err(Distrust::Rule { rule: "a public page leads to the neighbour who shows it" });
        }
        let reviewers = reading.devices.iter().filter(|(_, (member, _))| reading.reviews(&reading.newest, member));
        let reviewers = reviewers.map(|(device, (_, seal))| (*device, *seal)).collect();
        Ok(Building { id, name: genesis.value().name.clone(), reviewers })
    }
}

/// Gives the entries that lead from the genesis to these devices and entries.
fn way_to(
    journals: &Journals,
    roster: &Roster,
    devices: impl IntoIterator<Item = DeviceId>,
    entries: impl IntoIterator<Item = EntryHash>,
) -> BTreeSet<EntryHash> {
    let basis = |id: &DeviceId| match roster.device(id)?.basis {
        Basis::Certificate(hash) | Basis::Link(hash) | Basis::Recover(hash) | Basis::Reapprove(hash) => Some(hash),
        Basis::Genesis => None,
    };
    let mut open: Vec<EntryHash> = entries.into_iter().collect();
    open.extend(devices.into_iter().filter_map(|id| basis(&id)));
    let mut cited = BTreeSet::new();
    while let Some(hash) = open.pop() {
        if let Some(entry) = journals.entry(&hash)
            && cited.insert(hash)
        {
            open.extend(basis(&entry.signer()));
            // A reviewer's word counts by the epoch that it names.
            let reviews = matches!(entry.value().body, Body::Certify(_) | Body::Reapprove(_));
            open.extend(reviews.then_some(entry.value().epoch));
            match &entry.value().body {
                Body::Recover(recovery) => open.push(recovery.sheet),
                Body::Reapprove(_) => open.extend(roster.votes_with(&hash)),
                _ => {}
            }
        }
    }
    cited
}

/// What a few entries say without the journals they stand in: signatures suffice, chains are not needed.
struct Reading {
    founder: MemberId,
    devices: BTreeMap<DeviceId, (MemberId, SealKey)>,
    epochs: BTreeMap<EntryHash, (u32, BTreeSet<(MemberId, Role)>)>,
    newest: EntryHash,
    /// Whose sheet has which key.
    sheets: BTreeMap<EntryHash, (MemberId, DeviceId)>,
    /// The reviewers who are for a member's new device.
    votes: BTreeMap<(MemberId, u32, Link), BTreeSet<MemberId>>,
}

impl Reading {
    fn of(genesis: &Verified<Genesis>, building: BuildingId, evidence: &[Verified<Entry>]) -> Self {
        let founder = MemberId::derive(&building, &genesis.signer());
        let mut reading = Self {
            founder,
            devices: BTreeMap::from([(genesis.signer(), (founder, genesis.value().founder_seal))]),
            epochs: BTreeMap::from([(NO_ENTRY, (0, BTreeSet::new()))]),
            newest: NO_ENTRY,
            sheets: BTreeMap::new(),
            votes: BTreeMap::new(),
        };
        let found = |reading: &Self| {
            let votes: usize = reading.votes.values().map(BTreeSet::len).sum();
            (reading.devices.len(), reading.epochs.len(), reading.sheets.len(), votes)
        };
        // Each pass can only add; there are at most as many useful passes as entries.
        for _ in 0..=evidence.len() {
            let before = found(&reading);
            // A certificate is stronger than a link: else a neighbour could hide a reviewer behind a link of their own.
            let (links, others): (Vec<_>, Vec<_>) =
                evidence.iter().partition(|entry| matches!(entry.value().body, Body::Link(_)));
            others.into_iter().chain(links).for_each(|entry| reading.read(&building, entry));
            if before == found(&reading) {
                break;
            }
        }
        let alone = |number: u32| reading.epochs.values().filter(|(other, _)| *other == number).count() == 1;
        let newest =
            reading.epochs.iter().filter(|(_, (number, _))| alone(*number)).max_by_key(|(_, (number, _))| *number);
        reading.newest = newest.map_or(NO_ENTRY, |(hash, _)| *hash);
        reading
    }

    fn reviews(&self, epoch: &EntryHash, member: &MemberId) -> bool {
        let holds = |roles: &BTreeSet<(MemberId, Role)>| roles.contains(&(*member, Role::Reviewer));
        *member == self.founder || self.epochs.get(epoch).is_some_and(|(_, roles)| holds(roles))
    }

    fn read(&mut self, building: &BuildingId, entry: &Verified<Entry>) {
        let Some((signer, _)) = self.devices.get(&entry.signer()).copied() else { return };
        let value = entry.value();
        match &value.body {
            Body::Certify(certificate)
                if self.reviews(&value.epoch, &signer)
                    && certificate.member == MemberId::derive(building, &certificate.device) =>
            {
                self.devices.entry(certificate.device).or_insert((certificate.member, certificate.seal));
            }
            Body::Link(link) => {
                self.devices.entry(link.device).or_insert((signer, link.seal));
            }
            Body::Sheet(sheet) => _ = self.sheets.insert(EntryHash(entry.hash()), (signer, sheet.key)),
            Body::Recover(recovery) => {
                let claim = recovery.claim.peek(|claim| Some((claim.building, claim.new?)));
                if let Some((member, key)) = self.sheets.get(&recovery.sheet).copied()
                    && let Some((of, new)) = claim
                    && (of, recovery.claim.claimed_signer()) == (*building, key)
                {
                    self.devices.entry(new.device).or_insert((member, new.seal));
                }
            }
            Body::Reapprove(approval) if self.reviews(&value.epoch, &signer) && signer != approval.member => {
                let Some(new) = approval.new else { return };
                let votes = self.votes.entry((approval.member, approval.generation, new)).or_default();
                votes.insert(signer);
                if votes.len() >= REVIEWERS {
                    self.devices.entry(new.device).or_insert((approval.member, new.seal));
                }
            }
            Body::Epoch(epoch) if signer == self.founder => {
                let roles = epoch.roles.iter().copied().collect();
                self.epochs.insert(EntryHash(entry.hash()), (epoch.number, roles));
            }
            _ => {}
        }
    }
}
