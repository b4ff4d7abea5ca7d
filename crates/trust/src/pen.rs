//! The writing end of one's own journal.
//!
//! A pen knows the one place at which its journal goes on, so that an honest device cannot fork itself by mistake: it
//! does not open on a journal that is forked, unknown or somebody else's. What was written with it must be offered to
//! the journals and be durable before the next entry is: after any doubt about that (rule J2), drop the pen and open a
//! journal with a new nonce.

use kaifong_domain::{BuildingId, EntryHash, Instant, JournalId, MemberId};

use crate::entry::{Basis, Body, Entry, NO_ENTRY, Open};
use crate::journals::Journals;
use crate::signed::{DeviceKey, Verified};

/// The writing end of one's own journal. It is not `Clone`: two pens on one journal would fork it.
#[derive(Debug)]
pub struct Pen {
    key: DeviceKey,
    building: BuildingId,
    journal: JournalId,
    /// The sequence number of the next entry.
    seq: u64,
    prev: EntryHash,
}

impl Pen {
    /// Opens a journal of `member` and gives the pen with the opening entry.
    pub fn open(
        key: DeviceKey,
        building: BuildingId,
        member: MemberId,
        nonce: u64,
        basis: Basis,
        epoch: EntryHash,
        at: Instant,
    ) -> (Self, Verified<Entry>) {
        let journal = JournalId::derive(&building, &member, &key.id(), nonce);
        let mut pen = Self { key, building, journal, seq: 0, prev: NO_ENTRY };
        let entry = pen.write(epoch, at, Body::Open(Open { member, nonce, basis }));
        (pen, entry)
    }

    /// Takes up a journal where its last admitted entry ends; `None` when the journal is unknown, forked or another
    /// device's.
    pub fn resume(key: DeviceKey, journals: &Journals, journal: &JournalId) -> Option<Self> {
        let held = journals.journal(journal)?;
        if held.device != key.id() || held.forked_at().is_some() {
            return None;
        }
        let prev = *held.tips().first()?;
        let seq = journals.entry(&prev)?.value().seq.checked_add(1)?;
        Some(Self { key, building: journals.building(), journal: *journal, seq, prev })
    }

    /// Signs the next entry. `epoch` is the newest one that this device knows.
    pub fn write(&mut self, epoch: EntryHash, at: Instant, body: Body) -> Verified<Entry> {
        let (building, journal, seq, prev) = (self.building, self.journal, self.seq, self.prev);
        let entry = self.key.sign(Entry { building, journal, seq, prev, epoch, at, body });
        self.prev = EntryHash(entry.hash());
        // One device writes nowhere near 2^64 entries; were it to, its entries would be refused and nothing worse.
        self.seq = seq.saturating_add(1);
        entry
    }

    /// Gives the hash of the entry that was written last.
    pub fn tip(&self) -> EntryHash {
        self.prev
    }

    /// Gives the sequence number that the next entry will have.
    pub fn next_seq(&self) -> u64 {
        self.seq
    }

    /// Names the journal.
    pub fn journal(&self) -> JournalId {
        self.journal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Genesis, Link, SealKey};
    use crate::journals::Offered;
    use kaifong_domain::charter::Charter;

    const NOW: Instant = Instant(1_000);

    fn founding() -> (DeviceKey, Journals, MemberId) {
        let founder = DeviceKey::from_seed([1; 32]);
        let genesis = founder.sign(Genesis {
            name: "红叶新天地".into(),
            founded_at: NOW,
            founder_seal: SealKey([1; 32]),
            charter: Charter::default(),
            nonce: [0; 16],
        });
        let member = MemberId::derive(&BuildingId(genesis.hash()), &founder.id());
        (founder, Journals::new(&genesis), member)
    }

    fn link(byte: u8) -> Body {
        Body::Link(Link { device: DeviceKey::from_seed([byte; 32]).id(), seal: SealKey([byte; 32]) })
    }

    #[test]
    fn a_pen_goes_on_where_the_journal_ends() {
        let (founder, mut journals, member) = founding();
        let (mut pen, first) =
            Pen::open(founder.clone(), journals.building(), member, 0, Basis::Genesis, NO_ENTRY, NOW);
        let second = pen.write(NO_ENTRY, NOW, link(2));
        for entry in [first, second] {
            assert!(matches!(journals.offer(entry), Ok(Offered::Admitted(_))));
        }
        let mut again = Pen::resume(founder, &journals, &pen.journal()).unwrap();
        assert_eq!((again.tip(), again.next_seq()), (pen.tip(), 2));
        assert!(matches!(journals.offer(again.write(NO_ENTRY, NOW, link(3))), Ok(Offered::Admitted(_))));
        assert_eq!(journals.journal(&pen.journal()).unwrap().forked_at(), None);
    }

    #[test]
    fn a_pen_does_not_open_on_a_journal_that_is_unknown_anothers_or_forked() {
        let (founder, mut journals, member) = founding();
        let (mut pen, first) =
            Pen::open(founder.clone(), journals.building(), member, 0, Basis::Genesis, NO_ENTRY, NOW);
        assert!(Pen::resume(founder.clone(), &journals, &pen.journal()).is_none(), "unknown");
        journals.offer(first).unwrap();
        let stranger = DeviceKey::from_seed([9; 32]);
        assert!(Pen::resume(stranger, &journals, &pen.journal()).is_none(), "another device's");
        let mut twin = Pen::resume(founder.clone(), &journals, &pen.journal()).unwrap();
        journals.offer(pen.write(NO_ENTRY, NOW, link(2))).unwrap();
        journals.offer(twin.write(NO_ENTRY, NOW, link(3))).unwrap();
        assert!(Pen::resume(founder, &journals, &pen.journal()).is_none(), "forked");
    }
}
