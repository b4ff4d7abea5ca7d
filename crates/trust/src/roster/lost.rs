//! What the roster tells of devices that are a member's no longer, or not yet.

use super::*;

impl Roster {
    /// Tells whether a device is known here and belongs to nobody any more: it was cut off, or the word that made it
    /// somebody's counts no longer.
    pub fn is_shut(&self, id: &DeviceId) -> bool {
        self.was(id).is_some() && self.device(id).is_none()
    }

    /// Tells whether a device belongs to nobody for one reason alone: no certificate of it counts any more. Nobody has closed
    /// it, and another reviewer can certify it again.
    pub fn is_uncertified(&self, id: &DeviceId) -> bool {
        let Some(words) = self.words.get(id) else { return false };
        let fallen = !words.certificates.is_empty() && words.certificates.keys().all(|word| self.lost.contains(word));
        let member = MemberId::derive(&self.building, id);
        let closed = || self.limits_of(&member, id).is_some() || !words.agreed.is_empty() || member == self.founder;
        fallen && self.device(id).is_none() && !closed()
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
