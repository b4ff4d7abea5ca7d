//! Messages of every kind, made of things that are signed.

use kaifong_domain::{BuildingId, Instant};
use kaifong_replica::{Delivery, ForkProof};
use kaifong_sync::{Heads, ItemId, Message, PROTOCOL_VERSION, Parcel, Progress};
use kaifong_trust::entry::Entry;
use kaifong_trust::{Envelope, PublicPage, Signed};

use crate::street::{DEVICES, key};
use crate::{Unstructured, array, below, bytes, chance, number, pick, text};

/// What messages are made of.
#[derive(Default)]
pub struct Pool {
    /// The building that is named.
    pub building: Option<BuildingId>,
    /// Entries.
    pub entries: Vec<Signed<Entry>>,
    /// Deliveries of documents.
    pub deliveries: Vec<Delivery>,
    /// Proofs of forks.
    pub forks: Vec<ForkProof>,
    /// Public pages.
    pub pages: Vec<PublicPage>,
    /// Items and their heads.
    pub items: Vec<(ItemId, Heads)>,
}

impl Pool {
    /// Draws an envelope that somebody has signed.
    pub fn envelope(&self, u: &mut Unstructured<'_>) -> Signed<Envelope> {
        let by = key(u.arbitrary().unwrap_or(0));
        let to = key(below(u, usize::from(DEVICES)) as u8).id();
        let building = self.building.unwrap_or(BuildingId([1; 32]));
        let envelope = Envelope { building, to, at: Instant(number(u)), sealed: bytes(u, 60) };
        by.sign(envelope).signed().clone()
    }

    fn parcel(&self, u: &mut Unstructured<'_>) -> Parcel {
        match below(u, 4) {
            0 => Parcel::Envelope(self.envelope(u)),
            1 if !self.deliveries.is_empty() => {
                Parcel::Document(pick(u, &self.deliveries).cloned().expect("there are some"))
            }
            2 if !self.forks.is_empty() => Parcel::Fork(pick(u, &self.forks).cloned().expect("there are some")),
            _ => Parcel::Entries((0..below(u, 6)).filter_map(|_| pick(u, &self.entries).cloned()).collect()),
        }
    }

    fn parcels(&self, u: &mut Unstructured<'_>) -> Vec<Parcel> {
        (0..below(u, 4)).map(|_| self.parcel(u)).collect()
    }

    fn items(&self, u: &mut Unstructured<'_>) -> Vec<(ItemId, Heads)> {
        let item = |u: &mut Unstructured<'_>| match below(u, 8) {
            0 => (ItemId::Fork(array(u)), vec![array(u)]),
            1 => (ItemId::Envelope(array(u)), Heads::new()),
            2 => (ItemId::Journal(kaifong_domain::JournalId(array(u))), vec![array(u); below(u, 70)]),
            _ => {
                let (item, mut heads) = pick(u, &self.items).cloned().unwrap_or((ItemId::Fork([0; 32]), Heads::new()));
                if chance(u, 3) {
                    heads = (0..below(u, 4)).map(|_| array(u)).collect();
                }
                (item, heads)
            }
        };
        let mut items: Vec<_> = (0..below(u, 6)).map(|_| item(u)).collect();
        if !chance(u, 8) {
            items.sort();
            items.dedup_by_key(|(item, _)| *item);
        }
        items
    }

    /// Draws a message.
    pub fn message(&self, u: &mut Unstructured<'_>, session: u32) -> Message {
        let session = if chance(u, 16) { u.arbitrary().unwrap_or(0) } else { session };
        match below(u, 14) {
            0 => {
                let version = if chance(u, 16) { u.arbitrary().unwrap_or(0) } else { PROTOCOL_VERSION };
                Message::Hello { version, building: if chance(u, 4) { None } else { self.building } }
            }
            1 if !self.pages.is_empty() => Message::Public(pick(u, &self.pages).cloned().expect("there are some")),
            2 => Message::Apply { proof: array(u), envelopes: (0..below(u, 4)).map(|_| self.envelope(u)).collect() },
            3 => Message::Applied,
            4 => Message::Refused { code: text(u), sentence: text(u) },
            5 => Message::Reconcile { session, salt: [9; 16], step: step(u) },
            6 => Message::ReconcileReply { session, step: step(u) },
            7 => {
                let mut need: Vec<[u8; 16]> = (0..below(u, 6)).map(|_| array(u)).collect();
                if !chance(u, 8) {
                    need.sort_unstable();
                    need.dedup();
                }
                Message::Fetch { session, need, mine: self.items(u) }
            }
            8 => Message::Parcels { session, parcels: self.parcels(u), progress: progress(u) },
            9 => Message::Wants { session, wants: self.items(u) },
            10 => Message::Done { session },
            11 => Message::Ask { items: self.items(u) },
            12 => Message::Acked((0..below(u, 4)).map(|_| array(u)).collect()),
            _ => Message::News(self.parcels(u)),
        }
    }
}

/// A step that negentropy reads: its version first, then ranges.
fn step(u: &mut Unstructured<'_>) -> Vec<u8> {
    let mut step = vec![0x61];
    for _ in 0..below(u, 5) {
        match below(u, 4) {
            0 => step.extend([0, 2]),
            1 => step.extend([1, 1, u.arbitrary().unwrap_or(0)]),
            2 => step.push(2),
            _ => step.push(1),
        }
        step.extend(bytes(u, 20));
    }
    step
}

fn progress(u: &mut Unstructured<'_>) -> Progress {
    let items_done = below(u, 4) as u32;
    let items_all = items_done + below(u, 3) as u32;
    let bytes_done = number(u);
    let bytes_all = if chance(u, 4) { number(u) } else { u64::MAX };
    Progress { items_done, items_all, bytes_done, bytes_all }
}
