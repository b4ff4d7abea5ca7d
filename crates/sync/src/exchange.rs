//! How parcels flow in a session: read slice by slice, sent in frames within a window, counted on both sides.

use std::collections::VecDeque;

use crate::error::WireError;
use crate::frame::{FRAME_BYTES, Frame, PARCEL_BYTES, Queue};
use crate::item::{Heads, Holdings, ItemId, Parcel};
use crate::wire::{Message, Progress};

/// How many documents (or forks, or envelopes) are read at once: so much of a long transfer is in memory, no more.
/// Journals are read in one go, because their entries come in one causal order.
const SLICE_ITEMS: usize = 64;
/// After so many frames the receiver sends a receipt.
const FRAMES_PER_RECEIPT: u32 = 4;
/// So many receipts may be due before the sender waits: at most 8 frames are on their way.
const RECEIPTS_DUE_MAX: u32 = 2;
/// So many frames of parcels one side may send in one session: 4 GiB at the usual size.
const FRAMES_MAX: u32 = 16 * 1024;

/// Both sides count frames alike, so that both know when a receipt is due and none arrives after the end.
#[derive(Debug, Default)]
struct Receipts {
    frames: u32,
}

impl Receipts {
    /// Counts a frame; tells whether a receipt for it is due. After the last one there is nothing to wait for.
    fn count(&mut self, is_last: bool) -> bool {
        self.frames = self.frames.saturating_add(1);
        let due = self.frames >= FRAMES_PER_RECEIPT && !is_last;
        if due {
            self.frames = 0;
        }
        due
    }
}

/// What this side sends.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    slices: VecDeque<Vec<(ItemId, Heads)>>,
    queue: Queue,
    progress: Progress,
    items_read: u32,
    receipts: Receipts,
    receipts_due: u32,
    withheld: u32,
}

impl Outgoing {
    /// Adds items that the other side lacks, with its heads.
    pub(crate) fn add(&mut self, mut wanted: Vec<(ItemId, Heads)>) {
        wanted.sort();
        self.progress.items_all = self.progress.items_all.saturating_add(count(wanted.len()));
        let journals = wanted.partition_point(|(item, _)| matches!(item, ItemId::Journal(_)));
        let mut others = wanted.split_off(journals).into_iter().peekable();
        if !wanted.is_empty() {
            self.slices.push_back(wanted);
        }
        while others.peek().is_some() {
            self.slices.push_back(others.by_ref().take(SLICE_ITEMS).collect());
        }
    }

    /// Gives as many frames as the window allows.
    pub(crate) fn frames(&mut self, session: u32, holdings: &dyn Holdings) -> Vec<Message> {
        let mut frames = Vec::new();
        self.read_ahead(holdings);
        while self.queue.len() > 0 && self.receipts_due < RECEIPTS_DUE_MAX {
            let Frame { parcels, size_bytes, completes } = self.queue.next_frame();
            // The next slice is read before this frame leaves, so that the last frame is known as the last.
            self.read_ahead(holdings);
            self.count(size_bytes, completes);
            self.receipts_due += u32::from(self.receipts.count(self.is_empty()));
            frames.push(Message::Parcels { session, parcels, progress: self.progress });
        }
        frames
    }

    /// Takes a receipt; tells whether one was due.
    pub(crate) fn on_receipt(&mut self) -> bool {
        let was_due = self.receipts_due > 0;
        self.receipts_due = self.receipts_due.saturating_sub(1);
        was_due
    }

    /// Tells whether everything was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.len() == 0 && self.slices.is_empty()
    }

    /// Tells whether everything was sent and no receipt is due.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_empty() && self.receipts_due == 0
    }

    /// Gives how many parcels fit into no frame and stayed here.
    pub(crate) fn withheld(&self) -> u32 {
        self.withheld
    }

    fn read_ahead(&mut self, holdings: &dyn Holdings) {
        while self.queue.size_bytes() < FRAME_BYTES
            && let Some(slice) = self.slices.pop_front()
        {
            self.items_read = self.items_read.saturating_add(count(slice.len()));
            let before = self.queue.len();
            let unfit = self.queue.put(holdings.parcels(&slice, PARCEL_BYTES), slice.len());
            // A document that fits into no frame as changes may fit whole: a snapshot is compressed.
            let again = unfit.iter().filter_map(|parcel| match parcel {
                Parcel::Document(large) => Some((ItemId::Document(large.document), Heads::new())),
                _ => None,
            });
            let again: Vec<(ItemId, Heads)> = again.collect();
            let lost = unfit.len() - again.len();
            if !again.is_empty() {
                let unfit = self.queue.put(holdings.parcels(&again, PARCEL_BYTES), again.len());
                self.withheld = self.withheld.saturating_add(count(unfit.len()));
            }
            self.withheld = self.withheld.saturating_add(count(lost));
            if self.queue.len() == before {
                self.progress.items_done = self.progress.items_done.saturating_add(count(slice.len()));
            }
        }
    }

    fn count(&mut self, size_bytes: usize, completes: usize) {
        let is_last = self.is_empty();
        let progress = &mut self.progress;
        progress.bytes_done = progress.bytes_done.saturating_add(wide(size_bytes));
        progress.items_done = progress.items_done.saturating_add(count(completes));
        let read_bytes = progress.bytes_done.saturating_add(wide(self.queue.size_bytes()));
        let unread_items = u64::from(progress.items_all.saturating_sub(self.items_read));
        progress.bytes_all = read_bytes.saturating_add(read_bytes / u64::from(self.items_read).max(1) * unread_items);
        // Only the last frame says that all is done; on that both sides agree which receipts are due.
        let most = if is_last { progress.items_all } else { progress.items_all.saturating_sub(1) };
        progress.items_done = if is_last { most } else { progress.items_done.min(most) };
    }
}

/// What this side gets.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    asked: u32,
    progress: Progress,
    receipts: Receipts,
    frames: u32,
}

impl Incoming {
    /// Adds to the number of items that were asked for.
    pub(crate) fn ask(&mut self, items: usize) {
        self.asked = self.asked.saturating_add(count(items));
    }

    /// Counts a frame with parcels; tells whether a receipt is due.
    pub(crate) fn count(&mut self, progress: Progress) -> Result<bool, WireError> {
        self.frames = self.frames.saturating_add(1);
        if self.frames > FRAMES_MAX {
            return Err(WireError::TooManyParcels { most: FRAMES_MAX });
        }
        let before = self.progress;
        let adds_up = before.items_done <= progress.items_done
            && before.items_all <= progress.items_all
            && before.bytes_done < progress.bytes_done
            && progress.items_done <= progress.items_all
            && progress.items_all <= self.asked
            && progress.bytes_done <= progress.bytes_all;
        if !adds_up {
            return Err(WireError::BadProgress);
        }
        self.progress = progress;
        Ok(self.receipts.count(progress.items_done == progress.items_all))
    }

    /// Gives the neighbour's progress, for the receipt.
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Tells whether all that was announced has come.
    pub(crate) fn is_complete(&self) -> bool {
        self.progress.items_done == self.progress.items_all
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

fn wide(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
