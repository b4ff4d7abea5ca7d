//! The chain of epochs, and which of them is the newest.
//!
//! An epoch goes by the entry that holds it. Entries name it by the one that it was decided with: the same entry while the
//! founder decides, a `Decide` entry of anybody's when a council does; of those there may be several for one epoch.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{DeviceId, EntryHash, MemberId};

use crate::council::{Decided, Seating};
use crate::entry::{Epoch, NO_ENTRY, Role, SEATS_MIN, Seat};

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
    /// The council, in the order in which its seats lead.
    pub seats: Vec<Seat>,
    /// The zones and blocks.
    pub places: PlaceMap,
}

impl EpochView {
    fn of(epoch: &Epoch) -> Self {
        Self {
            number: epoch.number,
            roles: epoch.roles.iter().copied().collect(),
            witnesses: epoch.witnesses.iter().copied().collect(),
            charter: epoch.charter,
            seats: epoch.seats.clone(),
            places: epoch.places.clone(),
        }
    }

    /// Tells whether the building is being founded: the founder is trusted and decides alone.
    pub fn is_founding(&self) -> bool {
        self.seats.len() < SEATS_MIN
    }
}

/// All epochs with authority: a tree, and a chain unless somebody signed twice.
#[derive(Clone, Debug)]
pub(crate) struct Epochs {
    first: EpochView,
    /// Each with the one before it, and how often decisions had stood against each other before it was decided.
    views: BTreeMap<EntryHash, (EntryHash, u32, EpochView)>,
    /// The entries that name an epoch, and the epoch.
    names: BTreeMap<EntryHash, EntryHash>,
    /// For each epoch the least of the entries that name it.
    named: BTreeMap<EntryHash, EntryHash>,
    after: BTreeMap<EntryHash, BTreeSet<EntryHash>>,
    /// Those that no council's other decision stands against, by number.
    standing: BTreeMap<u32, BTreeSet<EntryHash>>,
}

impl Epochs {
    pub(crate) fn new(first: EpochView) -> Self {
        let (views, names, named) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { first, views, names, named, after: BTreeMap::new(), standing: BTreeMap::new() }
    }

    /// Gives what an epoch decided, by an entry that names it; `None` for what is not an epoch with authority.
    pub(crate) fn get(&self, named: &EntryHash) -> Option<&EpochView> {
        self.view(&self.own_name(named)?)
    }

    /// Gives what the genesis decided.
    pub(crate) fn genesis(&self) -> &EpochView {
        &self.first
    }

    /// Adds an epoch that the founder decided alone. One that does not follow the epoch that it names, or that a council
    /// has to decide, has no effect.
    /// Nor does one whose device knew a council already.
    pub(crate) fn add_founders(&mut self, hash: EntryHash, epoch: &Epoch, known: &EntryHash) {
        let Some(prev) = self.own_name(&epoch.prev) else { return };
        if !self.get(known).is_some_and(EpochView::is_founding) {
            return;
        }
        let follows = self
            .view(&prev)
            .is_some_and(|before| before.is_founding() && before.number.checked_add(1) == Some(epoch.number));
        if follows {
            self.insert(hash, hash, prev, 0, epoch);
        }
    }

    /// Adds an epoch that a council decided.
    pub(crate) fn add_decided(&mut self, by: EntryHash, decided: &Decided, epoch: &Epoch) {
        self.insert(decided.draft, by, decided.instance.prev, decided.instance.level, epoch);
    }

    fn insert(&mut self, own: EntryHash, by: EntryHash, prev: EntryHash, level: u32, epoch: &Epoch) {
        self.names.insert(by, own);
        let least = self.named.entry(own).or_insert(by);
        *least = by.min(*least);
        let view = EpochView::of(epoch);
        // Decided again after others stood against it: the last decision counts.
        let before = self.views.get(&own).map(|(_, level, _)| *level);
        self.views.insert(own, (prev, before.map_or(level, |before| before.max(level)), view));
        self.after.entry(prev).or_default().insert(own);
        if self.view(&prev).is_some_and(EpochView::is_founding) {
            if self.hands_over(&prev) {
                self.stand_anew();
            } else if self.stands(&prev) {
                self.standing.entry(epoch.number).or_default().insert(own);
            }
        } else if before.is_none_or(|before| before < level) {
            self.stand_anew();
        }
    }

    /// Decides anew which epochs stand: of a council's decisions after one epoch the one that was taken after all that
    /// stood against each other, and none if two of those stand against each other.
    fn stand_anew(&mut self) {
        let mut standing: BTreeMap<u32, BTreeSet<EntryHash>> = BTreeMap::new();
        let mut open = vec![NO_ENTRY];
        while let Some(prev) = open.pop() {
            let founding = self.view(&prev).is_some_and(EpochView::is_founding);
            let after = self.after.get(&prev).into_iter().flatten();
            let level = |own: &EntryHash| self.views.get(own).map_or(0, |(_, level, _)| *level);
            let last = after.clone().map(level).max();
            // A founder who has handed over does not take it back by another epoch in the same place.
            let over = founding && self.hands_over(&prev);
            let council = |own: &EntryHash| self.view(own).is_some_and(|view| !view.is_founding());
            let stays = |own: &EntryHash| if founding { !over || council(own) } else { Some(level(own)) == last };
            let follow: Vec<_> = after.filter(|own| stays(own)).copied().collect();
            if founding || follow.len() == 1 {
                for own in follow {
                    let number = self.view(&own).map_or(0, |view| view.number);
                    standing.entry(number).or_default().insert(own);
                    open.push(own);
                }
            }
        }
        self.standing = standing;
    }

    /// Tells whether a founder's epoch after this one hands over to a council.
    fn hands_over(&self, own: &EntryHash) -> bool {
        let after = self.after.get(own).into_iter().flatten();
        after.filter_map(|next| self.view(next)).any(|view| !view.is_founding())
    }

    fn stands(&self, own: &EntryHash) -> bool {
        let number = self.view(own).map_or(0, |view| view.number);
        *own == NO_ENTRY || self.standing.get(&number).is_some_and(|all| all.contains(own))
    }

    fn view(&self, own: &EntryHash) -> Option<&EpochView> {
        if *own == NO_ENTRY { Some(&self.first) } else { self.views.get(own).map(|(.., view)| view) }
    }

    fn own_name(&self, named: &EntryHash) -> Option<EntryHash> {
        if *named == NO_ENTRY { Some(NO_ENTRY) } else { self.names.get(named).copied() }
    }

    /// Gives the entry that names an epoch, the same on all replicas that know the same of them.
    fn name(&self, own: &EntryHash) -> EntryHash {
        self.named.get(own).copied().unwrap_or(NO_ENTRY)
    }

    /// Gives the standing epochs with the highest number, by their names: one, or several when the founder signed twice.
    pub(crate) fn ends(&self) -> BTreeSet<EntryHash> {
        self.last().iter().map(|own| self.name(own)).collect()
    }

    fn last(&self) -> BTreeSet<EntryHash> {
        self.standing.last_key_value().map_or_else(|| BTreeSet::from([NO_ENTRY]), |(_, ends)| ends.clone())
    }

    /// Gives the newest epoch, by its name. Of several with the highest number neither leads on (rule M3): the newest is the
    /// last one that all of them rest on, until one of them alone is followed by another.
    pub(crate) fn newest(&self) -> EntryHash {
        let mut ends = self.last();
        while ends.len() > 1 {
            ends = ends.iter().map(|end| self.views.get(end).map_or(NO_ENTRY, |(prev, ..)| *prev)).collect();
        }
        ends.first().map_or(NO_ENTRY, |own| self.name(own))
    }

    /// Gives the entries that name a council's decisions after an epoch which stand against each other: two of different
    /// epochs, the least; `None` where none do.
    pub(crate) fn against(&self, named: &EntryHash) -> Option<[EntryHash; 2]> {
        let prev = self.own_name(named).filter(|prev| self.view(prev).is_some_and(|view| !view.is_founding()))?;
        let after = self.after.get(&prev)?;
        let level = |own: &EntryHash| self.views.get(own).map(|(_, level, _)| *level);
        let last = after.iter().filter_map(level).max();
        let mut names: Vec<_> = after.iter().filter(|own| level(own) == last).map(|own| self.name(own)).collect();
        names.sort_unstable();
        match names.as_slice() {
            [one, other, ..] => Some([*one, *other]),
            _ => None,
        }
    }

    /// Gives the epoch, by its name, with which the seats that decided this one began: who believes in that one can check
    /// the signatures of this one. `None` for what the founder decided.
    pub(crate) fn seated_since(&self, named: &EntryHash) -> Option<EntryHash> {
        let before = |own: &EntryHash| self.views.get(own).map(|(prev, ..)| *prev);
        let mut since = before(&self.own_name(named)?)?;
        let seats = &self.view(&since).filter(|view| !view.is_founding())?.seats;
        while let Some(prev) = before(&since).filter(|prev| self.view(prev).is_some_and(|view| view.seats == *seats)) {
            since = prev;
        }
        Some(self.name(&since))
    }

    /// Gives all epochs after the genesis by the entries that name them, ascending.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = &EntryHash> {
        self.names.keys()
    }
}

impl Seating for Epochs {
    fn seating(&self, named: &EntryHash) -> Option<(EntryHash, u32, &[Seat])> {
        let own = self.own_name(named)?;
        let view = self.view(&own)?;
        Some((own, view.number, &view.seats))
    }
}
