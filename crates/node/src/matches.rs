//! Listings as the matcher sees them: an index that is made after each start, and what each of them means, which is kept.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kaifong_domain::record::Listing;
use kaifong_domain::rows::{ListingRow, ListingStage};
use kaifong_domain::{Board, ListingId, MemberId};
use kaifong_matching::{Matcher, MeaningKey, Memory, Text};
use kaifong_store::{Batch, Space, Store, StoreError};

use crate::event::{Effect, Tag};
use crate::home::Home;
use crate::node::Node;

/// How many listings are read for their meaning between two looks at the requests: ten or twenty milliseconds.
const READ_AT_ONCE: usize = 16;
/// How many are read while somebody waits for what fits: a tenth of a second. More are answered without their sense.
const READ_WHEN_ASKED: usize = 64;
/// How many meanings are written at once, of some five hundred bytes each.
const KEPT_AT_ONCE: usize = 256;

type Key = (MemberId, ListingId);

/// What fits what: the index of needs and offers, and how far it has come.
#[derive(Debug)]
pub(crate) struct Fits {
    matcher: Matcher<Key>,
    indexed: Indexed,
    /// Meanings that are not in the store yet.
    fresh: BTreeMap<MeaningKey, Vec<u8>>,
    /// The first byte of the kept meanings that are gone through next, for those of texts that are no more; `None` when
    /// all were: once after each start.
    gone_through: Option<u8>,
    /// Somebody was told what fits before everything was read.
    answered_early: bool,
}

/// How far the index has come, in the order of the board: up to the last listing that it knows, or to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indexed {
    UpTo(Option<Key>),
    All,
}

impl Default for Fits {
    fn default() -> Self {
        Self {
            matcher: Matcher::new(),
            indexed: Indexed::UpTo(None),
            fresh: BTreeMap::new(),
            gone_through: Some(0),
            answered_early: false,
        }
    }
}

impl Fits {
    /// Brings listings up to date that the index has come to.
    pub(crate) fn listings_changed<'a>(&mut self, changed: impl IntoIterator<Item = &'a Key>, board: &Board) {
        for key in changed {
            let known = match self.indexed {
                Indexed::All => true,
                Indexed::UpTo(last) => last.is_some_and(|last| *key <= last),
            };
            if known {
                self.bring_up_to_date(key, board);
            }
        }
    }

    /// In while somebody may still answer it, out otherwise. Somebody who erases everything wants its sense gone, too.
    fn bring_up_to_date(&mut self, key: &Key, board: &Board) {
        let row = board.listing(&key.0, &key.1);
        match row.filter(|row| matches!(row.stage, ListingStage::Open | ListingStage::Answered)) {
            Some(row) => {
                self.matcher.insert(*key, row.listing.side, text(&row.listing));
            }
            None => {
                self.matcher.remove(*key);
                if row.is_none() {
                    self.gone_through = Some(0);
                }
            }
        }
    }

    fn index_next(&mut self, listings_max: usize, board: &Board) {
        let Indexed::UpTo(last) = self.indexed else { return };
        let next: Vec<_> = board.listings_after(last).take(listings_max).map(ListingRow::key).collect();
        for key in &next {
            self.bring_up_to_date(key, board);
        }
        self.indexed = if next.len() < listings_max { Indexed::All } else { Indexed::UpTo(next.last().copied()) };
    }

    fn read_some(&mut self, texts_max: usize, store: &dyn Store) {
        self.matcher.read_some(texts_max, &mut Kept { store, fresh: &mut self.fresh });
    }

    /// The same, what shares most with a listing first.
    fn read_for(&mut self, asked: &Listing, texts_max: usize, store: &dyn Store) {
        let mut memory = Kept { store, fresh: &mut self.fresh };
        let read = self.matcher.read_for(asked.side, text(asked), texts_max, &mut memory);
        self.matcher.read_some(texts_max.saturating_sub(read), &mut memory);
    }

    /// Whether nothing waits to be indexed, read, kept or forgotten.
    fn is_settled(&self) -> bool {
        self.is_read() && self.fresh.is_empty() && self.gone_through.is_none()
    }

    fn is_read(&self) -> bool {
        self.indexed == Indexed::All && self.matcher.is_read()
    }

    fn keep_fresh(&mut self, batch: &mut Batch) {
        for (key, meaning) in std::mem::take(&mut self.fresh) {
            batch.put(Space::Meanings, key.0, meaning);
        }
    }

    /// Forgets some of the kept meanings that no text has: texts that are no more, and encoders that were replaced.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was forgotten then.
    fn forget_some(&mut self, store: &dyn Store, batch: &mut Batch) -> Result<(), StoreError> {
        let Some(first) = self.gone_through else { return Ok(()) };
        self.gone_through = first.checked_add(1);
        let used = self.matcher.meanings_from(first);
        let is_used = |key: &[u8]| <[u8; 16]>::try_from(key).is_ok_and(|key| used.contains(&MeaningKey(key)));
        store.visit(Space::Meanings, &[first], &mut |key, _| {
            if !is_used(key) {
                batch.delete(Space::Meanings, key);
            }
        })
    }
}

/// The store's meanings, and those on their way there.
struct Kept<'a> {
    store: &'a dyn Store,
    fresh: &'a mut BTreeMap<MeaningKey, Vec<u8>>,
}

impl Memory for Kept<'_> {
    fn recall(&self, key: &MeaningKey) -> Option<Vec<u8>> {
        // What the store cannot read is encoded again and written over it.
        self.fresh.get(key).cloned().or_else(|| self.store.get(Space::Meanings, &key.0).ok().flatten())
    }

    fn keep(&mut self, key: MeaningKey, meaning: Vec<u8>) {
        self.fresh.insert(key, meaning);
    }
}

impl Home {
    /// Brings all needs and offers into the index.
    pub fn index_listings(&mut self) {
        self.fits.index_next(usize::MAX, &self.board);
    }

    /// Gives the index. A search comes after [`Home::index_listings`], the question what fits after
    /// [`Node::read_for_matches`].
    pub fn matcher(&self) -> &Matcher<(MemberId, ListingId)> {
        &self.fits.matcher
    }

    /// Whether the sense of every listing was read, so that what fits is found by it too.
    pub fn is_read(&self) -> bool {
        self.fits.is_read()
    }
}

impl Node {
    /// Reads a little before somebody is told what fits, for one listing what shares most with it first. If that is not all, the answer comes without the sense of the rest,
    /// and [`Tag::Listings`] tells when everything was read.
    pub fn read_for_matches(&mut self, asked: Option<&Listing>) {
        let Some(home) = &mut self.home else { return };
        home.fits.index_next(usize::MAX, &home.board);
        match asked {
            Some(asked) => home.fits.read_for(asked, READ_WHEN_ASKED, &*self.store),
            None => home.fits.read_some(READ_WHEN_ASKED, &*self.store),
        }
        home.fits.answered_early |= !home.fits.is_read();
    }

    /// Does a little of what makes the first search and the first match quick: at most so many listings come into the index,
    /// or a few are read, or what was read is kept or forgotten. Tells whether some is left. A device does this while
    /// nobody wants anything from it; the writes wait in [`Node::take`].
    pub fn get_ready_some(&mut self, listings_max: usize) -> bool {
        let Some(home) = &mut self.home else { return false };
        let (fits, batch) = (&mut home.fits, &mut self.step.batch);
        if fits.indexed != Indexed::All {
            fits.index_next(listings_max, &home.board);
        } else if !fits.matcher.is_read() {
            fits.read_some(READ_AT_ONCE, &*self.store);
            if fits.is_read() && std::mem::take(&mut fits.answered_early) {
                self.step.effects.push(Effect::Changed([Tag::Listings].into()));
            }
        } else if fits.fresh.is_empty()
            && let Err(error) = fits.forget_some(&*self.store, batch)
        {
            tracing::warn!(%error, "kept meanings could not be gone through");
            fits.gone_through = None;
        }
        if fits.is_read() || fits.fresh.len() >= KEPT_AT_ONCE {
            fits.keep_fresh(batch);
        }
        !fits.is_settled()
    }

    /// Whether [`Node::get_ready_some`] has nothing to do.
    pub fn is_ready(&self) -> bool {
        self.home.as_ref().is_none_or(|home| home.fits.is_settled())
    }
}

/// Gives what is compared of a listing.
pub fn text(listing: &Listing) -> Text<'_> {
    Text { kind: listing.kind, title: &listing.title, body: &listing.body }
}
