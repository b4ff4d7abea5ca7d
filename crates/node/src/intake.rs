//! What arrives from neighbours: each parcel is judged, kept, shown, and passed on as news.

use kaifong_domain::EntryHash;
use kaifong_net::ConnectionId;
use kaifong_replica::{Delivery, ForkProof};
use kaifong_sync::{ItemId, Message, Parcel};
use kaifong_trust::entry::Entry;
use kaifong_trust::{Envelope, Signed, Verified};

use crate::documents::DocumentError;
use crate::home::{Arrival, Eyes};
use crate::links::Standing;
use crate::node::{Fresh, Node};

/// How many parcels a neighbour may get refused before it is sent away.
const REFUSALS_MAX: u64 = 16;
/// How many refused parcels are remembered.
const REFUSED_MAX: usize = 4096;

impl Node {
    /// Judges parcels in their order; tells whether something in them waits for what is not here.
    pub(crate) fn take_parcels(&mut self, parcels: Vec<Parcel>, connection: ConnectionId) -> bool {
        let mut arrival = Arrival::default();
        let mut refused = 0;
        for parcel in parcels {
            let trouble = match parcel {
                Parcel::Entries(entries) => self.take_entries(entries, Some(connection), &mut arrival),
                Parcel::Document(delivery) => self.take_delivery(delivery, connection, &mut arrival),
                Parcel::Fork(proof) => self.take_fork(proof, connection, &mut arrival),
                Parcel::Envelope(envelope) => self.take_envelope(envelope, connection),
            };
            refused += trouble;
        }
        let waiting = arrival.waiting;
        self.arrived(arrival);
        self.charge(connection, refused);
        waiting
    }

    /// Adds what has arrived to what this step has to look at.
    pub(crate) fn arrived(&mut self, mut arrival: Arrival) {
        self.arrival.tags.append(&mut arrival.tags);
        self.arrival.journals.append(&mut arrival.journals);
        self.arrival.entries.append(&mut arrival.entries);
    }

    /// Counts what a neighbour had no business sending; too much of it ends the connection.
    pub(crate) fn charge(&mut self, connection: ConnectionId, refused: u64) {
        if let Some(link) = self.links.get_mut(&connection) {
            link.refusals += refused;
            if link.refusals > REFUSALS_MAX {
                self.close(connection, "sent too much that was refused");
            }
        }
    }

    pub(crate) fn take_entries(
        &mut self,
        entries: Vec<Signed<Entry>>,
        from: Option<ConnectionId>,
        arrival: &mut Arrival,
    ) -> u64 {
        let mut refused = 0;
        let before = arrival.entries.len();
        for signed in entries {
            let Some(home) = &mut self.home else { return refused };
            if home.journals.entry(&EntryHash(signed.hash())).is_some() {
                continue;
            }
            let taken = signed.verify().and_then(|entry| home.take_entry(entry, &mut self.step.batch, arrival));
            if let Err(why) = taken {
                tracing::warn!(%why, "an entry was refused");
                refused += 1;
            }
        }
        let new: Vec<_> = arrival.entries.iter().skip(before).cloned().collect();
        let own = self.key.id();
        for entry in new.iter().filter(|entry| entry.signer() == own) {
            self.note_own_entry(entry.value());
        }
        for entry in &new {
            self.note_kept_entry(&entry.signer(), &entry.value().journal);
        }
        if !new.is_empty() {
            let parcel = Parcel::Entries(new.iter().map(|entry| entry.signed().clone()).collect());
            self.fresh.push(Fresh { parcel, from });
        }
        refused
    }

    fn take_delivery(&mut self, delivery: Delivery, from: ConnectionId, arrival: &mut Arrival) -> u64 {
        let print = *blake3::hash(&kaifong_trust::encode(&delivery)).as_bytes();
        if self.refused.contains(&print) {
            return 1;
        }
        let member = delivery.document;
        let erased = self.home.as_ref().and_then(|home| home.journals.whereabouts(&member).erased);
        if let Some(erased) = erased {
            // Whoever brings it has not heard.
            self.answer_with_erasure(from, &erased);
            return 0;
        }
        let lost = self.has_lost(&delivery);
        let Some(home) = &mut self.home else { return 0 };
        let before = home.documents.fingerprint(&member);
        let waiting = arrival.waiting;
        arrival.waiting = false;
        let taken = home.take_delivery(&delivery, &*self.store, &mut self.step.batch, arrival);
        let missing = std::mem::replace(&mut arrival.waiting, waiting);
        let after = home.documents.fingerprint(&member);
        let heads = home.documents.heads(&member);
        match taken {
            Err(why) => {
                tracing::warn!(%why, document = %member.short(), "the gate refused a change");
                // What depends on things that may still arrive, or on this replica alone, may come again.
                let blame = matches!(&why, DocumentError::Gate(why) if why.sender_could_have_checked());
                if blame {
                    if self.refused.len() >= REFUSED_MAX {
                        self.refused.pop_first();
                    }
                    self.refused.insert(print);
                }
                return u64::from(blame);
            }
            Ok(Some(proof)) => self.fresh.push(Fresh { parcel: Parcel::Fork(proof), from: None }),
            Ok(None) => {}
        }
        if missing {
            self.send(from, &Message::Ask { items: vec![(ItemId::Document(member), heads)] });
        } else if before != after {
            if lost {
                self.begin_anew();
            }
            self.fresh.push(Fresh { parcel: Parcel::Document(delivery), from: Some(from) });
        }
        0
    }

    fn take_fork(&mut self, proof: ForkProof, from: ConnectionId, arrival: &mut Arrival) -> u64 {
        let erased = self.home.as_ref().and_then(|home| home.journals.whereabouts(&proof.document()).erased);
        if let Some(erased) = erased {
            self.answer_with_erasure(from, &erased);
            return 0;
        }
        let Some(home) = &mut self.home else { return 0 };
        // What says nothing new is not worth the work of verifying it.
        let news = home.documents.with(&proof.document(), &*self.store, |document| document.lacks(&proof));
        if news == Some(false) {
            return 0;
        }
        let fork = match proof.verify(&home.id(), &Eyes(home.journals.roster())) {
            Ok(fork) => fork,
            Err(why) => {
                tracing::warn!(%why, "a fork proof was refused");
                return u64::from(why.sender_could_have_checked());
            }
        };
        let member = proof.document();
        match home.documents.cut(member, &fork, &*self.store, &mut self.step.batch) {
            Ok(true) => {
                home.show(member, arrival);
                self.fresh.push(Fresh { parcel: Parcel::Fork(proof), from: Some(from) });
            }
            Ok(false) => {}
            Err(why) => tracing::warn!(%why, "a fork could not be cut"),
        }
        0
    }

    fn take_envelope(&mut self, envelope: Signed<Envelope>, from: ConnectionId) -> u64 {
        let Some(building) = self.home.as_ref().map(|home| home.id()) else { return 0 };
        let hash = envelope.hash();
        if self.letters.has_seen(&hash) {
            // It was read when its deal was known; whoever still carries it may let it go.
            if self.letters.is_done_with(&hash) && self.is_neighbour(from) {
                self.send(from, &Message::Acked(vec![hash]));
            }
            return 0;
        }
        let envelope = match envelope.verify() {
            Ok(envelope) if envelope.value().building == building => envelope,
            _ => return 1,
        };
        if !self.is_carried_here(&envelope) {
            return 0;
        }
        if envelope.value().to == self.key.id() {
            let done_with = self.read_letter(&envelope);
            if done_with && self.is_neighbour(from) {
                self.send(from, &Message::Acked(vec![envelope.hash()]));
            }
        }
        if self.letters.carry(&envelope, self.now, &mut self.step.batch) {
            self.fresh.push(Fresh { parcel: Parcel::Envelope(envelope.signed().clone()), from: Some(from) });
        }
        0
    }

    fn is_neighbour(&self, connection: ConnectionId) -> bool {
        self.links.get(&connection).is_some_and(|link| link.standing == Standing::Neighbour)
    }

    /// Tells whether neighbours carry such a letter: one to a reviewer, or one by a neighbour. A letter from nobody to
    /// nobody takes up no place here. One to a reviewer who is not known here yet comes again with the next reconcile.
    fn is_carried_here(&self, envelope: &Verified<Envelope>) -> bool {
        let Some(home) = &self.home else { return false };
        let (roster, to) = (home.roster(), envelope.value().to);
        to == self.key.id()
            || roster.settled(&envelope.signer()).is_some()
            || roster.reviewers().any(|(device, _)| device == to)
    }
}
