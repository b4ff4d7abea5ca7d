//! What the roster tells of the council.

use super::*;
use crate::council::SeatNumber;

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
