//! The private words of recurring help, as far as this device keeps them.

use std::collections::BTreeSet;

use kaifong_domain::MemberId;
use kaifong_domain::recurring::{Commitment, Day, RecurringStage, Words};
use kaifong_store::{Batch, Space, Store, StoreError};

use super::Family;
use crate::home::Home;
use crate::node::Node;

/// Of how many versions of terms the words are kept, and of how many that one neighbour has proposed.
const WORDS_MAX: usize = 4096;
const WORDS_OF_ONE_MAX: usize = 64;

const WORDS: &[u8] = b"family/w/";

impl Family {
    pub(super) fn load_words(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        store.visit(Space::Private, WORDS, &mut |_, bytes| {
            if let Ok(words) = postcard::from_bytes::<Words>(bytes) {
                self.words.insert(words.commitment(), words);
            }
        })
    }

    /// Makes room for words that somebody has proposed: those of what is over, or was replaced, go first. `false` when they
    /// have as many without these.
    fn has_room_for_words(
        &mut self,
        (home, me): (&Home, &MemberId),
        by: &MemberId,
        gone: Day,
        batch: &mut Batch,
    ) -> bool {
        let full = |all: &Self| all.words_by(home, me, by) >= WORDS_OF_ONE_MAX || all.words.len() >= WORDS_MAX;
        if full(self) {
            let wanted = wanted(home, me, gone);
            self.words.retain(|commitment, _| {
                let stays = wanted.contains(commitment);
                if !stays {
                    batch.delete(Space::Private, words_key(commitment));
                }
                stays
            });
        }
        !full(self)
    }

    /// Counts the words that are kept of what one member has proposed.
    fn words_by(&self, home: &Home, me: &MemberId, by: &MemberId) -> usize {
        let versions = home.arrangements().with(me).flat_map(|row| row.versions.values());
        versions.filter(|one| one.by == *by && self.words.contains_key(&one.terms.words)).count()
    }
}

impl Node {
    /// Gives the private words of terms, where they have arrived here.
    pub fn words_of(&self, commitment: &Commitment) -> Option<&Words> {
        self.family.words.get(commitment)
    }

    pub(crate) fn keep_words(&mut self, words: &Words) {
        let commitment = words.commitment();
        self.step.batch.put(Space::Private, words_key(&commitment), kaifong_trust::encode(words));
        self.family.words.insert(commitment, words.clone());
    }

    /// Words are kept where they are those of terms between the reader and the sender.
    pub(super) fn read_words(&mut self, me: &MemberId, sender: &MemberId, words: &Words) -> bool {
        let (gone, commitment) = (self.day_gone(), words.commitment());
        let Some(home) = &self.home else { return false };
        let ours = home.arrangements().with(me).filter(|row| row.is_party(sender));
        let version = ours.flat_map(|row| row.versions.values()).find(|version| version.terms.words == commitment);
        let Some(by) = version.map(|version| version.by) else { return false };
        if self.family.words.contains_key(&commitment) {
            return true;
        }
        if self.family.has_room_for_words((home, me), &by, gone, &mut self.step.batch) {
            self.keep_words(words);
        } else {
            tracing::warn!("no room for more words of one neighbour's");
        }
        true
    }
}

/// The words of what goes on: of the terms that hold, and of those that wait for an agreement.
fn wanted(home: &Home, me: &MemberId, gone: Day) -> BTreeSet<Commitment> {
    let open = home.arrangements().with(me).filter(|row| {
        let last = row.terms().and_then(|terms| terms.last);
        let waits = row.stage() == RecurringStage::Proposed || !row.to_confirm().is_empty();
        row.is_open(gone) && (waits || last.is_none_or(|last| gone <= last))
    });
    let versions = open.flat_map(|row| {
        let now = row.in_force();
        row.waiting().map(|(hash, _)| *hash).chain([now]).filter_map(|hash| row.versions.get(&hash)).collect::<Vec<_>>()
    });
    versions.map(|version| version.terms.words).collect()
}

fn words_key(commitment: &Commitment) -> Vec<u8> {
    [WORDS, &commitment.0].concat()
}
