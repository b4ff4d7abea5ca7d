//! What the roster tells of devices that are a member's no longer, or not yet.

use super::*;

impl Roster {
    /// Tells whether a device is known here and belongs to nobody any more: it was cut off, or the word that made it
    /// somebody's counts no longer.
    pub fn is_shut(&self, id: &DeviceId) -> bool {
        self.was(id).is_some() && self.device(id).is_none()
    }

    /// Tells whether a device belongs to nobody for one reason alone: no certificate of its member counts any more. Nobody
    /// has closed it, and another reviewer can certify the member again.
    pub fn is_uncertified(&self, id: &DeviceId) -> bool {
        let Some(words) = self.words.get(id).filter(|_| self.device(id).is_none()) else { return false };
        let fell = !words.certificates.is_empty() && words.certificates.keys().all(|word| self.lost.contains(word));
        let own = MemberId::derive(&self.building, id);
        let (member, fell) = match self.fallen.get(id) {
            Some(device) => (device.member, true),
            None => (own, fell && words.agreed.is_empty()),
        };
        fell && member != self.founder && self.limits_of(&member, id).is_none()
    }

    /// Gives a member's further devices that fell with the certificate of the one that had linked them, and that nobody has
    /// closed: their member, once certified again, links them again.
    pub fn fallen_of(&self, member: &MemberId) -> Vec<(DeviceId, SealKey)> {
        let fell = self.fallen.iter().filter(|(id, device)| device.member == *member && self.is_uncertified(id));
        fell.map(|(id, device)| (*id, device.seal)).collect()
    }

    /// Finds the link that would make a device its member's, if the certificate below it counted.
    pub(super) fn fallen_link(&self, words: &Words, runs: RunsThrough<'_>) -> Option<Device> {
        let fell = |device: &&Device| {
            let Basis::Link(word) = device.basis else { return false };
            let below = self.said.place(&word).and_then(|at| self.said.certified_by(&at, runs));
            below.is_some_and(|certificate| self.lost.contains(&certificate))
        };
        words.agreed.values().find(fell).copied()
    }

    /// Gives whose a device is, or was before it was cut off.
    pub fn was(&self, id: &DeviceId) -> Option<Device> {
        let first = || Device { member: self.founder, seal: self.founder_seal, basis: Basis::Genesis };
        let founders = || (MemberId::derive(&self.building, id) == self.founder).then(first);
        self.device(id).or_else(|| self.words.get(id).and_then(|words| words.device(|_| true))).or_else(founders)
    }

    /// Gives all devices that a member ever had, ascending, whether they were cut off or not.
    pub fn ever_of(&self, member: &MemberId) -> BTreeSet<DeviceId> {
        let known = self.words.keys().chain(self.devices.keys());
        let mut ever: BTreeSet<_> = known.filter(|id| self.may_write(id, member)).copied().collect();
        ever.extend(self.members.get(member).into_iter().flat_map(|member| &member.devices));
        ever
    }

    /// Gives the devices that a member has linked and that have not opened a journal yet.
    pub fn linked_of(&self, member: &MemberId) -> BTreeSet<DeviceId> {
        let waits = |(id, words): &(&DeviceId, &Words)| {
            let linked = words.links.values().any(|device| {
                device.member == *member
                    && matches!(device.basis, Basis::Link(_))
                    && !self.shut.contains(&(**id, device.basis))
            });
            linked && !words.agreed.values().any(|device| device.member == *member)
        };
        self.words.iter().filter(waits).map(|(id, _)| *id).collect()
    }
}
