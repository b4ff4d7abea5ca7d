//! The chain of epochs, and which of them is the newest.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::{DeviceId, EntryHash, MemberId};

use crate::entry::{Epoch, NO_ENTRY, Role};

/// What an epoch decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochView {
    /// 0 for the genesis.
    pub number: u32,
    /// Who holds which roles; the founder holds all while the building is being founded.
    pub roles: BTreeSet<(MemberId, Role)>,
    /// Devices whose stamps count.
    pub witnesses: BTreeSet<DeviceId>,
    /// The numbers.
    pub charter: Charter,
}

/// All epochs with authority: a tree, and a chain unless somebody signed twice.
#[derive(Clone, Debug)]
pub(crate) struct Epochs {
    first: EpochView,
    /// Each with the one before it.
    views: BTreeMap<EntryHash, (EntryHash, EpochView)>,
    by_number: BTreeMap<u32, BTreeSet<EntryHash>>,
}

impl Epochs {
    pub(crate) fn new(first: EpochView) -> Self {
        Self { first, views: BTreeMap::new(), by_number: BTreeMap::new() }
    }

    /// Gives what an epoch decided; `None` for what is not an epoch with authority.
    pub(crate) fn get(&self, at: &EntryHash) -> Option<&EpochView> {
        if *at == NO_ENTRY { Some(&self.first) } else { self.views.get(at).map(|(_, view)| view) }
    }

    /// Gives what the genesis decided.
    pub(crate) fn genesis(&self) -> &EpochView {
        &self.first
    }

    /// Adds an epoch that its signer may decide. One that does not follow the epoch that it names has no effect.
    pub(crate) fn add(&mut self, hash: EntryHash, epoch: &Epoch) {
        let follows = self.get(&epoch.prev).is_some_and(|prev| prev.number.checked_add(1) == Some(epoch.number));
        if !follows {
            return;
        }
        let view = EpochView {
            number: epoch.number,
            roles: epoch.roles.iter().copied().collect(),
            witnesses: epoch.witnesses.iter().copied().collect(),
            charter: epoch.charter,
        };
        self.views.insert(hash, (epoch.prev, view));
        self.by_number.entry(epoch.number).or_default().insert(hash);
    }

    /// Gives the epochs with the highest number: one, or several when somebody signed twice.
    pub(crate) fn ends(&self) -> BTreeSet<EntryHash> {
        self.by_number.last_key_value().map_or_else(|| BTreeSet::from([NO_ENTRY]), |(_, ends)| ends.clone())
    }

    /// Gives the newest epoch. Of several with the highest number neither leads on (rule M3): the newest is the last one
    /// that all of them rest on, until one of them alone is followed by another.
    pub(crate) fn newest(&self) -> EntryHash {
        let mut ends = self.ends();
        while ends.len() > 1 {
            ends = ends.iter().map(|end| self.views.get(end).map_or(NO_ENTRY, |(prev, _)| *prev)).collect();
        }
        ends.first().copied().unwrap_or(NO_ENTRY)
    }

    /// Gives all epochs after the genesis, ascending by hash.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = &EntryHash> {
        self.views.keys()
    }
}
