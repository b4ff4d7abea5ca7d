//! One number for all rows, to compare two replicas with.

use serde::Serialize;

use super::Board;

impl Board {
    /// Feeds the canonical bytes of every row, and which deal won over which, to the hasher: the same give the same
    /// digest, and others another.
    /// Costs time in the size of the board.
    pub fn digest(&self, hasher: &mut blake3::Hasher) {
        section(hasher, b"profiles", self.profiles.len(), self.profiles.iter());
        section(hasher, b"staff", self.staff.len(), self.staff.iter());
        section(hasher, b"listings", self.listings.len(), self.listings.values());
        section(hasher, b"deals", self.deals.len(), self.deals.values());
        let lost: Vec<_> = self.deals.keys().filter_map(|id| Some((id, self.winner_of(id)?))).collect();
        section(hasher, b"lost", lost.len(), lost.iter());
        section(hasher, b"reviews", self.reviews.len(), self.reviews.values());
        self.hall.digest(hasher);
        section(hasher, b"activities", self.activities.len(), self.activities.iter());
        self.commons.digest(hasher);
    }
}

pub(crate) fn section<T: Serialize>(
    hasher: &mut blake3::Hasher,
    name: &[u8],
    len: usize,
    rows: impl Iterator<Item = T>,
) {
    hasher.update(name).update(&(len as u64).to_le_bytes());
    for row in rows {
        // Postcard's bytes say themselves where they end, so no two lists of rows have the same bytes.
        match postcard::to_stdvec(&row) {
            Ok(bytes) => {
                hasher.update(&bytes);
            }
            Err(error) => debug_assert!(false, "a row that cannot be written: {error}"),
        }
    }
}
