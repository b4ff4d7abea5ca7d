//! The public page: all that a device without a certificate ever gets to see.
//!
//! It proves to a newcomer who holds a ticket that the node at the other end is a neighbour of that very building, and
//! to which reviewers a request may be sealed. It shows no listing, no name of a resident, no journal.
//!
//! What it cannot prove: that it is the newest. A neighbour, also one who was removed, can show an old page for ever, and
//! with it reviewers who are none any more; they would read the request, and their certificate would count for nothing.
//! Nor that a neighbour is honest: whoever is certified can show any stranger to a door.
//!
//! Epochs are believed from the founder's signature until the founder has handed over, and from then on from the signatures
//! of a majority of seats that are believed already. Between those seats' own epoch and the one that they signed, others
//! may lie that kept the same seats and are left out, as light clients skip headers (Braithwaite et al., *A Tendermint
//! light client*, 2020): so a page grows with the changes of the council and not with its age. Of several epochs with the
//! highest number none is the newest. What five of seven decided after two had signed both ways may have too few
//! signatures for a page; what they decide next has enough.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::place::PlaceMap;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId};
use serde::{Deserialize, Serialize};

use crate::devices::REVIEWERS;
use crate::entry::{
    Basis, Body, Decision, Entry, Epoch, EpochCutting, Genesis, Link, NO_ENTRY, Role, SEATS_MIN, SealKey, Seat,
};
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
    /// Epochs with the signatures that decided them, certificates and links, in any order.
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
    /// Its zones and blocks, of which a newcomer picks their own.
    pub places: PlaceMap,
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
        let places = reading.epochs.get(&reading.newest).map(|epoch| epoch.places.clone()).unwrap_or_default();
        Ok(Building { id, name: genesis.value().name.clone(), reviewers, places })
    }
}

/// Gives the entries that lead from the genesis to these devices and entries.
fn way_to(
    journals: &Journals,
    roster: &Roster,
    devices: impl IntoIterator<Item = DeviceId>,
    entries: impl IntoIterator<Item = EntryHash>,
) -> BTreeSet<EntryHash> {
    // What a device that was closed since has signed before that still leads on.
    let basis = |id: &DeviceId| match roster.was(id)?.basis {
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
            // What a council says is believed from its seats' own keys; a draft, from those who signed it.
            let words =
                matches!(entry.value().body, Body::Decide(_) | Body::Sign { .. } | Body::Propose(_) | Body::Replace(_));
            let draft = entry.value().body.epoch().is_some() && roster.epoch_at(&hash).is_none();
            if !words && !draft {
                open.extend(basis(&entry.signer()));
            }
            // A reviewer's word counts by the epoch that it names.
            let reviews = matches!(entry.value().body, Body::Certify(_) | Body::Reapprove(_));
            open.extend(reviews.then_some(entry.value().epoch));
            match &entry.value().body {
                Body::Recover(recovery) => open.push(recovery.sheet),
                Body::Reapprove(_) => open.extend(roster.votes_with(&hash)),
                Body::Decide(decision) => {
                    open.extend(&decision.signs);
                    open.extend(roster.seated_since(&hash));
                }
                Body::Sign { proposal, seat } => open.extend([Some(*proposal), *seat].into_iter().flatten()),
                Body::Propose(proposal) => open.push(proposal.draft),
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
    /// By the entries that name them.
    epochs: BTreeMap<EntryHash, Believed>,
    newest: EntryHash,
    /// Whose sheet has which key.
    sheets: BTreeMap<EntryHash, (MemberId, DeviceId)>,
    /// The reviewers who are for a member's new device.
    votes: BTreeMap<(MemberId, u32, Link), BTreeSet<MemberId>>,
}

/// An epoch that is believed.
#[derive(Clone, Debug)]
struct Believed {
    /// The entry that holds it.
    own: EntryHash,
    number: u32,
    roles: BTreeSet<(MemberId, Role)>,
    seats: Vec<Seat>,
    places: PlaceMap,
}

impl Believed {
    fn of(own: EntryHash, epoch: &Epoch) -> Self {
        let Epoch { number, roles, seats, places, .. } = epoch;
        let roles = roles.iter().copied().collect();
        Self { own, number: *number, roles, seats: seats.clone(), places: places.clone() }
    }

    fn is_founding(&self) -> bool {
        self.seats.len() < SEATS_MIN
    }
}

impl Reading {
    fn of(genesis: &Verified<Genesis>, building: BuildingId, evidence: &[Verified<Entry>]) -> Self {
        let founder = MemberId::derive(&building, &genesis.signer());
        let mut reading = Self {
            founder,
            devices: BTreeMap::from([(genesis.signer(), (founder, genesis.value().founder_seal))]),
            epochs: BTreeMap::from([(
                NO_ENTRY,
                Believed {
                    own: NO_ENTRY,
                    number: 0,
                    roles: BTreeSet::new(),
                    seats: Vec::new(),
                    places: PlaceMap::default(),
                },
            )]),
            newest: NO_ENTRY,
            sheets: BTreeMap::new(),
            votes: BTreeMap::new(),
        };
        let found = |reading: &Self| {
            let votes: usize = reading.votes.values().map(BTreeSet::len).sum();
            (reading.devices.len(), reading.epochs.len(), reading.sheets.len(), votes)
        };
        let entries = evidence.iter().map(|entry| (EntryHash(entry.hash()), entry)).collect();
        // Each pass can only add; there are at most as many useful passes as entries.
        for _ in 0..=evidence.len() {
            let before = found(&reading);
            // A certificate is stronger than a link: else a neighbour could hide a reviewer behind a link of their own.
            let (links, others): (Vec<_>, Vec<_>) =
                evidence.iter().partition(|entry| matches!(entry.value().body, Body::Link(_)));
            others.into_iter().chain(links).for_each(|entry| reading.read(&building, entry, &entries));
            if before == found(&reading) {
                break;
            }
        }
        // Who has handed over takes nothing back by another epoch in the same place.
        let council = |epoch: &Believed| !epoch.is_founding();
        let over = reading.epochs.values().filter(|epoch| council(epoch)).map(|epoch| epoch.number).min();
        let standing = |epoch: &Believed| council(epoch) || over.is_none_or(|over| epoch.number < over);
        let standing: Vec<_> = reading.epochs.iter().filter(|(_, epoch)| standing(epoch)).collect();
        // One epoch may have several entries that name it.
        let alone =
            |one: &Believed| standing.iter().all(|(_, other)| other.number != one.number || other.own == one.own);
        let newest = standing.iter().filter(|(_, epoch)| alone(epoch)).max_by_key(|(_, epoch)| epoch.number);
        reading.newest = newest.map_or(NO_ENTRY, |(name, _)| **name);
        reading
    }

    fn reviews(&self, epoch: &EntryHash, member: &MemberId) -> bool {
        self.epochs.get(epoch).is_some_and(|epoch| {
            epoch.roles.contains(&(*member, Role::Reviewer)) || (epoch.is_founding() && *member == self.founder)
        })
    }

    /// Gives the epoch that these signatures decided, if a majority of seats that are believed has signed.
    fn decided(
        &self,
        building: &BuildingId,
        decision: &Decision,
        entries: &BTreeMap<EntryHash, &Verified<Entry>>,
    ) -> Option<Believed> {
        let body = |hash: &EntryHash| entries.get(hash).map(|entry| &entry.value().body);
        let mut signed: Option<(EntryHash, u32)> = None;
        // Each signature with its device and the paper key whose word that device has, if it has one.
        let mut signers = Vec::new();
        for hash in &decision.signs {
            let by = entries.get(hash)?.signer();
            let Some(Body::Sign { proposal, seat }) = body(hash) else { return None };
            let Some(Body::Propose(laid)) = body(proposal) else { return None };
            if signed.replace((laid.draft, laid.attempt)).is_some_and(|before| before != (laid.draft, laid.attempt)) {
                return None;
            }
            let paper = seat.as_ref().and_then(|word| match body(word)? {
                Body::Replace(replace) => replace.word.clone().verify().ok(),
                _ => None,
            });
            let paper = paper.filter(|word| word.value().building == *building && word.value().device == by);
            signers.push((by, paper.map(|word| word.signer())));
        }
        let (draft, _) = signed?;
        let (epoch, _) = body(&draft)?.epoch()?;
        let majority = |council: &Believed| {
            let of = |(by, paper): &(DeviceId, Option<DeviceId>)| {
                council.seats.iter().position(|seat| seat.device == *by || Some(seat.paper) == *paper)
            };
            let seats: BTreeSet<usize> = signers.iter().filter_map(of).collect();
            !council.is_founding() && council.number < epoch.number && seats.len() > council.seats.len() / 2
        };
        self.epochs.values().any(majority).then(|| Believed::of(draft, epoch))
    }

    fn read(
        &mut self,
        building: &BuildingId,
        entry: &Verified<Entry>,
        entries: &BTreeMap<EntryHash, &Verified<Entry>>,
    ) {
        if let Body::Decide(decision) = &entry.value().body
            && let Some(epoch) = self.decided(building, decision, entries)
        {
            self.epochs.insert(EntryHash(entry.hash()), epoch);
        }
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
            Body::Sheet(declared) if declared.member() == Some(signer) => {
                self.sheets.insert(EntryHash(entry.hash()), (signer, declared.sheet.key));
            }
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
            Body::Epoch(epoch) | Body::EpochCutting(EpochCutting { epoch, .. }) if signer == self.founder => {
                let own = EntryHash(entry.hash());
                self.epochs.insert(own, Believed::of(own, epoch));
            }
            _ => {}
        }
    }
}
