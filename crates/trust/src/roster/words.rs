//! What was said about one device: certificates, links, and what the device says itself.

use super::*;

/// All that was said about one device.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// By reviewers with authority.
    pub(super) certificates: BTreeMap<EntryHash, Certified>,
    /// By members, by a recovery sheet or by two reviewers, whether the device agrees or not.
    pub(super) links: BTreeMap<EntryHash, Device>,
    /// By the device itself: the certificates and links on which it has opened journals.
    pub(super) own: BTreeSet<EntryHash>,
    /// The links on which it has.
    pub(super) agreed: BTreeMap<EntryHash, Device>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Certified {
    pub(super) certificate: Certificate,
    pub(super) by: MemberId,
    pub(super) at: Instant,
}

impl Words {
    pub(super) fn link(&mut self, hash: EntryHash, device: Device) {
        self.links.insert(hash, device);
        if self.own.contains(&hash) {
            self.agreed.insert(hash, device);
        }
    }

    pub(super) fn agree(&mut self, hash: EntryHash) {
        self.own.insert(hash);
        if let Some(device) = self.links.get(&hash) {
            self.agreed.insert(hash, *device);
        }
    }

    pub(super) fn may_write_for(&self, member: &MemberId) -> bool {
        let certified = self.certificates.values().any(|word| word.certificate.member == *member);
        certified || self.agreed.values().any(|device| device.member == *member)
    }

    /// The certificate that speaks for all that count.
    pub(super) fn certified(&self, lost: &BTreeSet<EntryHash>) -> Option<(&EntryHash, &Certified)> {
        self.certificates.iter().find(|(hash, _)| !lost.contains(*hash))
    }

    /// Whose the device is, by the words that still give it to somebody; a link counts only if the device agrees.
    pub(super) fn device(&self, gives: impl Fn(&Device) -> bool) -> Option<Device> {
        let of = |(hash, Certified { certificate, .. }): (&EntryHash, &Certified)| Device {
            member: certificate.member,
            seal: certificate.seal,
            basis: Basis::Certificate(*hash),
        };
        let by_certificate = self.certificates.iter().map(of).find(|device| gives(device));
        if by_certificate.is_some() && self.certificates.keys().any(|hash| self.own.contains(hash)) {
            return by_certificate;
        }
        self.agreed.values().find(|device| gives(device)).copied().or(by_certificate)
    }
}
