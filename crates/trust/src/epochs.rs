//! The chain of epochs, and which of them is the newest.
//!
//! An epoch goes by the entry that holds it. Entries name it by the one that it was decided with: the same entry while the
//! founder decides, a `Decide` entry of anybody's when a council does; of those there may be several for one epoch.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::fund::Fund;
use kaifong_domain::place::PlaceMap;
use kaifong_domain::{DeviceId, EntryHash, MemberId};

use crate::council::{Decided, Seating};
use crate::entry::{Cutoff, Epoch, NO_ENTRY, Role, SEATS_MIN, Seat, Tip};

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
    /// Whose words in roles that they have lost count up to where.
    pub cutoffs: Vec<Cutoff>,
    /// The zones and blocks.
    pub places: PlaceMap,
    /// The community fund's rates and budgets.
    pub fund: Fund,
}

impl EpochView {
    fn of(epoch: &Epoch, cutoffs: &[Cutoff]) -> Self {
        Self {
            cutoffs: cutoffs.to_vec(),
            number: epoch.number,
            roles: epoch.roles.iter().copied().collect(),
            witnesses: epoch.witnesses.iter().copied().collect(),
            charter: epoch.charter,
            seats: epoch.seats.clone(),
            places: epoch.places.clone(),
            fund: epoch.fund.clone(),
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
    /// The epochs that the newest rests on, itself included, from the genesis on.
    chain: Vec<EntryHash>,
    /// How often something was added: what follows from the epochs is as before while this is.
    turns: u64,
}

impl Epochs {
    pub(crate) fn new(first: EpochView) -> Self {
        let (views, names, named) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let chain = vec![NO_ENTRY];
        Self { first, views, names, named, after: BTreeMap::new(), standing: BTreeMap::new(), chain, turns: 0 }
    }

    /// Gives what an epoch decided, by an entry that names it; `None` for what is not an epoch with authority.
    pub(crate) fn get(&self, named: &EntryHash) -> Option<&EpochView> {
        self.view(&self.own_name(named)?)
    }

    /// Gives what every epoch with authority decided, the genesis first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &EpochView> {
        std::iter::once(&self.first).chain(self.views.values().map(|(_, _, view)| view))
    }

    /// Gives what the genesis decided.
    pub(crate) fn genesis(&self) -> &EpochView {
        &self.first
    }

    /// Adds an epoch that the founder decided alone. One that does not follow the epoch that it names, or that a council
    /// has to decide, has no effect.
    /// Nor does one whose device knew a council already.
    pub(crate) fn add_founders(&mut self, hash: EntryHash, epoch: &Epoch, cutoffs: &[Cutoff], known: &EntryHash) {
        let Some(prev) = self.own_name(&epoch.prev) else { return };
        if !self.get(known).is_some_and(EpochView::is_founding) {
            return;
        }
        let follows = self
            .view(&prev)
            .is_some_and(|before| before.is_founding() && before.number.checked_add(1) == Some(epoch.number));
        if follows {
            self.insert(hash, hash, (prev, 0), epoch, cutoffs);
        }
    }

    /// Adds an epoch that a council decided.
    pub(crate) fn add_decided(&mut self, by: EntryHash, decided: &Decided, epoch: &Epoch, cutoffs: &[Cutoff]) {
        self.insert(decided.draft, by, (decided.instance.prev, decided.instance.level), epoch, cutoffs);
    }

    fn insert(
        &mut self,
        own: EntryHash,
        by: EntryHash,
        (prev, level): (EntryHash, u32),
        epoch: &Epoch,
        cutoffs: &[Cutoff],
    ) {
        self.names.insert(by, own);
        let least = self.named.entry(own).or_insert(by);
        *least = by.min(*least);
        let view = EpochView::of(epoch, cutoffs);
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
        self.chain = self.way_to(self.newest_own());
        self.turns += 1;
    }

    pub(crate) fn turns(&self) -> u64 {
        self.turns
    }

    fn way_to(&self, own: EntryHash) -> Vec<EntryHash> {
        let before = |own: &EntryHash| self.views.get(own).map(|(prev, ..)| *prev);
        let mut way: Vec<_> = std::iter::successors(Some(own), before).collect();
        way.reverse();
        way
    }

    /// Tells whether the newest epoch or one that it rests on cuts anybody off.
    pub(crate) fn cuts_off(&self) -> bool {
        self.chain.iter().filter_map(|own| self.view(own)).any(|view| !view.cutoffs.is_empty())
    }

    /// Gives what counts of a member's words in a role that name this epoch: up to which entries, by all that was decided
    /// from when they lost the role until they had it again (rule M4). `None` where nobody has cut them off, or they hold it
    /// still.
    pub(crate) fn left_of(
        &self,
        named: &EntryHash,
        member: &MemberId,
        holds: impl Fn(&EpochView) -> bool,
    ) -> Option<BTreeSet<Tip>> {
        let way = self.way_to(self.own_name(named)?);
        let shared = way.iter().zip(&self.chain).take_while(|(one, other)| one == other).count();
        let since = self.chain.iter().skip(shared).filter_map(|own| self.view(own));
        let lost = since.skip_while(|view| holds(view)).take_while(|view| !holds(view));
        let cutoffs = lost.flat_map(|view| &view.cutoffs).filter(|cutoff| cutoff.member == *member);
        let mut left: Option<BTreeSet<Tip>> = None;
        cutoffs.for_each(|cutoff| left.get_or_insert_default().extend(&cutoff.tips));
        left
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
        self.name(&self.newest_own())
    }

    fn newest_own(&self) -> EntryHash {
        let mut ends = self.last();
        while ends.len() > 1 {
            ends = ends.iter().map(|end| self.views.get(end).map_or(NO_ENTRY, |(prev, ..)| *prev)).collect();
        }
        ends.first().copied().unwrap_or(NO_ENTRY)
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
