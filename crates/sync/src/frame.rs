//! How parcels fill frames.

use std::collections::VecDeque;

use crate::bounded::{ENTRIES_MAX, PARCELS_MAX};
use crate::item::Parcel;
use crate::wire::FRAME_BYTES_MAX;

/// How much a frame of parcels carries unless a single parcel is larger, in bytes. Small enough that news on the same
/// connection need not wait long and that the first parcels are usable early.
pub(crate) const FRAME_BYTES: usize = 256 * 1024;
/// What is asked of the holdings for one parcel, in bytes.
pub(crate) const PARCEL_BYTES: usize = 64 * 1024;
/// The largest parcel: a frame without the rest of its message, in bytes.
const PARCEL_BYTES_MAX: usize = FRAME_BYTES_MAX - 256;

/// Parcels in the order in which they leave.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    parcels: VecDeque<Waiting>,
    size_bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    parcel: Parcel,
    size_bytes: usize,
    /// How many items are done with once it has left.
    completes: usize,
}

/// What leaves in one message.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) size_bytes: usize,
    pub(crate) completes: usize,
}

impl Queue {
    /// Puts the parcels of `items` items at the end. The items count as done in proportion, because entries of many
    /// journals are mixed in one order. Entries are cut until they fit; gives back what can neither fit nor be cut.
    pub(crate) fn put(&mut self, parcels: Vec<Parcel>, items: usize) -> Vec<Parcel> {
        let (before, mut unfit) = (self.len(), Vec::new());
        let mut open: Vec<Parcel> = parcels;
        open.reverse();
        while let Some(parcel) = open.pop() {
            let size_bytes = parcel.size_bytes();
            match parcel {
                Parcel::Entries(mut first)
                    if first.len() > 1 && (size_bytes > PARCEL_BYTES_MAX || first.len() > ENTRIES_MAX) =>
                {
                    let second = first.split_off(first.len() / 2);
                    open.extend([Parcel::Entries(second), Parcel::Entries(first)]);
                }
                parcel if size_bytes > PARCEL_BYTES_MAX => unfit.push(parcel),
                parcel => {
                    self.size_bytes += size_bytes;
                    self.parcels.push_back(Waiting { parcel, size_bytes, completes: 0 });
                }
            }
        }
        let of_these = self.len() - before;
        for (n, waiting) in self.parcels.iter_mut().skip(before).enumerate() {
            waiting.completes = items * (n + 1) / of_these - items * n / of_these;
        }
        unfit
    }

    /// Takes what goes into the next frame: at least one parcel unless the queue is empty.
    pub(crate) fn next_frame(&mut self) -> Frame {
        let mut frame = Frame::default();
        while let Some(next) = self.parcels.front()
            && (frame.parcels.is_empty()
                || (frame.size_bytes + next.size_bytes <= FRAME_BYTES && frame.parcels.len() < PARCELS_MAX))
            && let Some(Waiting { parcel, size_bytes, completes }) = self.parcels.pop_front()
        {
            frame.parcels.push(parcel);
            frame.size_bytes += size_bytes;
            frame.completes += completes;
        }
        self.size_bytes -= frame.size_bytes;
        frame
    }

    /// Gives how many parcels wait.
    pub(crate) fn len(&self) -> usize {
        self.parcels.len()
    }

    /// Gives the size of all that waits, in bytes.
    pub(crate) fn size_bytes(&self) -> usize {
        self.size_bytes
    }
}
