//! What the roster tells of the council.

use super::*;

impl Roster {
    /// Gives the decision that lies before the council; `None` while the founder decides.
    pub fn instance(&self) -> Option<(Instance, Electorate)> {
        let void = self.epochs.against(&self.newest).map(Vec::from).unwrap_or_default();
        let instance = Instance { prev: self.newest, void };
        let electorate = self.council.electorate(&instance, &self.epochs)?;
        Some((instance, electorate))
    }

    /// Gives who would sit in the council, in order of member.
    pub fn stands(&self) -> impl Iterator<Item = (&MemberId, &Stand)> {
        self.council.stands()
    }

    /// Gives the council's seats as the next epoch takes them over: a seat whose paper key has named another device of its
    /// member goes on with that one.
    pub fn seats_to_keep(&self) -> Vec<Seat> {
        let seats = &self.now().seats;
        let epoch = self.epochs.seating(&self.newest).map(|(epoch, ..)| epoch);
        // Any device may be named; only one that no other key of the council is can be seated.
        let fits = |device: &DeviceId, member: MemberId| {
            let theirs = self.device(device).is_some_and(|known| known.member == member);
            theirs && !seats.iter().any(|seat| seat.paper == *device)
        };
        let named = |number| self.council.named_on_paper(&epoch?, number);
        let kept = seats.iter().enumerate().map(|(number, seat)| {
            let device = named(number).filter(|device| fits(device, seat.member)).unwrap_or(seat.device);
            Seat { device, ..*seat }
        });
        kept.collect()
    }

    /// Gives what lies before the council, for a decision that [`Roster::instance`] gave.
    pub fn agenda<'a>(&'a self, instance: &'a Instance, electorate: &'a Electorate) -> Agenda<'a> {
        Agenda::new(&self.council, &self.epochs, instance, electorate)
    }
}
