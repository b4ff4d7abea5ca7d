//! What the roster tells of the council.

use super::*;
use crate::council::SeatNumber;
use crate::entry::Cutoff;
use crate::refounding::Refounded;

/// What a member has signed in a role.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoleWord {
    pub(super) by: MemberId,
    pub(super) at: Tip,
    pub(super) epoch: EntryHash,
}

impl Roster {
    /// Gives the decision that lies before the council; `None` while the founder decides.
    pub fn instance(&self) -> Option<(Instance, Electorate)> {
        let void = self.epochs.against(&self.newest).map(Vec::from).unwrap_or_default();
        let instance = Instance { prev: self.newest, void };
        let electorate = self.council.electorate(&instance, &self.epochs)?;
        Some((instance, electorate))
    }

    /// Gives the epoch with which the seats that decided an epoch began; `None` for what the founder decided.
    pub(crate) fn seated_since(&self, named: &EntryHash) -> Option<EntryHash> {
        self.epochs.seated_since(named)
    }

    /// Gives who would sit in the council: what each member has said last with a device that is theirs and not closed.
    pub fn stands(&self) -> BTreeMap<MemberId, Stand> {
        let mut stands: BTreeMap<MemberId, Stand> = BTreeMap::new();
        for (member, stand) in self.council.stands() {
            if self.settled(&stand.device).is_some_and(|device| device.member == *member) {
                let last = stands.entry(*member).or_insert(*stand);
                *last = (*stand).max(*last);
            }
        }
        stands
    }

    /// Remembers what a reviewer has signed, and whether a council has cut it off before it arrived.
    pub(super) fn note_review(&mut self, hash: EntryHash, word: RoleWord, runs: RunsThrough<'_>) {
        self.reviewed.insert(hash, word);
        if self.epochs.cuts_off() && self.is_beyond(&word, runs) {
            self.said.leave_out(hash);
        }
    }

    /// Decides anew what reviewers' words lie beyond a cutoff, after epochs came; tells whether others do than before.
    pub(super) fn cut_off_anew(&mut self, runs: RunsThrough<'_>) -> bool {
        let cuts = self.epochs.cuts_off();
        let beyond = self.reviewed.iter().filter(|(_, word)| cuts && self.is_beyond(word, runs));
        let outside: BTreeSet<EntryHash> = beyond.map(|(hash, _)| *hash).collect();
        self.said.leave_out_anew(outside, runs)
    }

    fn is_beyond(&self, word: &RoleWord, runs: RunsThrough<'_>) -> bool {
        let holds = |view: &EpochView| self.holds(view, &word.by, Role::Reviewer);
        let left = self.epochs.left_of(&word.epoch, &word.by, holds);
        left.is_some_and(|tips| !tips.iter().any(|tip| runs(tip, &word.at)))
    }

    /// Tells whether a member holds a role in an epoch; while founding, the founder holds them all.
    pub(super) fn holds(&self, epoch: &EpochView, member: &MemberId, role: Role) -> bool {
        epoch.roles.contains(&(*member, role)) || (epoch.is_founding() && *member == self.founder)
    }

    /// Gives who would review no longer, if these were the roles and seats of the next epoch: whom it cuts off. Who loses
    /// another role has been cut off already, or not yet: a new cutoff would leave them what the first one did not.
    pub fn last_reviews(&self, roles: &BTreeSet<(MemberId, Role)>, founding: bool) -> BTreeSet<MemberId> {
        let now = self.now();
        let reviews = now.roles.iter().filter(|(_, role)| *role == Role::Reviewer).map(|(member, _)| *member);
        let founder = now.is_founding().then_some(self.founder);
        let goes_on =
            |member: &MemberId| roles.contains(&(*member, Role::Reviewer)) || (founding && *member == self.founder);
        reviews.chain(founder).filter(|member| !goes_on(member)).collect()
    }

    /// Gives where a member has signed as a reviewer.
    pub(crate) fn reviews_of(&self, member: &MemberId) -> impl Iterator<Item = Tip> {
        self.reviewed.values().filter(|word| word.by == *member).map(|word| word.at)
    }

    /// Gives whom a draft cuts off.
    pub fn cutoffs_of(&self, draft: &EntryHash) -> &[Cutoff] {
        self.council.cutoffs_at(draft)
    }

    /// Gives the last building that each member tells of to have founded this one anew as, if `counts` says so of the entry.
    pub(crate) fn refoundings(&self, counts: impl Fn(&EntryHash) -> bool) -> BTreeMap<EntryHash, Refounded> {
        let last = self.refoundings.last_of_each(counts);
        last.into_iter().map(|(hash, refounded)| (hash, refounded.clone())).collect()
    }

    /// Gives the number that the next word of a seat's paper key has.
    pub fn next_paper_word(&self, seat: SeatNumber) -> u32 {
        let epoch = self.epochs.seating(&self.newest).map(|(epoch, ..)| epoch);
        let last = epoch.and_then(|epoch| self.council.named_on_paper(&epoch, seat));
        last.map_or(1, |(_, number)| number.saturating_add(1))
    }

    /// Gives the council's seats as the next epoch takes them over: a seat whose paper key has named another device of its
    /// member goes on with that one, and one whose device was closed with what its member has said since.
    pub fn seats_to_keep(&self) -> Vec<Seat> {
        let seats = &self.now().seats;
        let epoch = self.epochs.seating(&self.newest).map(|(epoch, ..)| epoch);
        // Any device may be named; only one that no other key of the council is can be seated.
        let fits = |device: &DeviceId, member: MemberId| {
            let theirs = self.device(device).is_some_and(|known| known.member == member);
            theirs && !seats.iter().any(|seat| seat.paper == *device)
        };
        let named = |number| self.council.named_on_paper(&epoch?, number).map(|(device, _)| device);
        let stands = self.stands();
        let kept = seats.iter().enumerate().map(|(number, seat)| {
            let by_paper = named(number).filter(|device| fits(device, seat.member));
            let closed = self.settled(&seat.device).is_none_or(|device| device.member != seat.member);
            match (by_paper, stands.get(&seat.member).filter(|_| closed)) {
                (Some(device), _) => Seat { device, ..*seat },
                (None, Some(stand)) => Seat { device: stand.device, paper: stand.paper, ..*seat },
                (None, None) => *seat,
            }
        });
        kept.collect()
    }

    /// Gives what lies before the council, for a decision that [`Roster::instance`] gave.
    pub fn agenda<'a>(&'a self, instance: &'a Instance, electorate: &'a Electorate) -> Agenda<'a> {
        Agenda::new(&self.council, &self.epochs, instance, electorate)
    }
}
