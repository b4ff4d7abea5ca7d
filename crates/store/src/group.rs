//! Group commit: many writers, one fsync.
//!
//! An fsync costs about a millisecond whether it covers one batch or a hundred. The first writer to find nobody at
//! work leads: it takes all batches that wait, makes them durable together, and wakes those whose batch was among
//! them. Who arrives meanwhile waits for the next round, which one of them leads.

use std::{
    collections::VecDeque,
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::{Batch, StoreError};

/// Above this many bytes no further batch joins a round, so that a small write does not wait for many large ones.
const ROUND_BYTES_MAX: usize = 1 << 20;

/// The queue of batches that wait to become durable.
#[derive(Debug, Default)]
pub(crate) struct GroupCommit {
    queue: Mutex<Queue>,
    round_over: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Batch>,
    /// Tickets count batches from 1 in order of arrival; rounds take them in that order.
    last_ticket: u64,
    durable_through: u64,
    leading: bool,
    failed: Option<StoreError>,
}

impl GroupCommit {
    /// Returns when `write_round` has made the batch durable, in this thread or another's.
    ///
    /// One round runs at a time. After a failed round every commit fails with that round's error: what is on disk is
    /// then unknown, and a later fsync that succeeds would prove nothing about the earlier pages.
    pub(crate) fn commit(
        &self,
        batch: Batch,
        write_round: impl Fn(&[Batch]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut queue = self.lock();
        if let Some(error) = &queue.failed {
            return Err(error.clone());
        }
        queue.waiting.push_back(batch);
        queue.last_ticket += 1;
        let ticket = queue.last_ticket;
        loop {
            if queue.durable_through >= ticket {
                return Ok(());
            }
            if let Some(error) = &queue.failed {
                return Err(error.clone());
            }
            if queue.leading {
                queue = self.round_over.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let round = queue.take_round();
            queue.leading = true;
            drop(queue);
            let outcome = write_round(&round);
            queue = self.lock();
            queue.leading = false;
            match outcome {
                Ok(()) => queue.durable_through += round.len() as u64,
                Err(error) => {
                    queue.failed = Some(error);
                    queue.waiting.clear();
                }
            }
            self.round_over.notify_all();
        }
    }

    /// Returns the error of the round that failed, if one did.
    pub(crate) fn health(&self) -> Result<(), StoreError> {
        self.lock().failed.clone().map_or(Ok(()), Err)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Takes the first batch and as many after it as fit into one round.
    fn take_round(&mut self) -> Vec<Batch> {
        let mut size_bytes = 0;
        let fits = self
            .waiting
            .iter()
            .take_while(|batch| {
                let first = size_bytes == 0;
                size_bytes += batch.size_bytes().max(1);
                first || size_bytes <= ROUND_BYTES_MAX
            })
            .count();
        let later = self.waiting.split_off(fits);
        mem::replace(&mut self.waiting, later).into()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    };

    use super::*;
    use crate::Space;

    fn batch(value: &[u8]) -> Batch {
        let mut batch = Batch::new();
        batch.put(Space::Rows, b"key".as_slice(), value);
        batch
    }

    #[test]
    fn writers_that_wait_share_a_round() {
        let group = Arc::new(GroupCommit::default());
        let rounds = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..50)
            .map(|_| {
                let (group, rounds) = (group.clone(), rounds.clone());
                thread::spawn(move || {
                    group.commit(batch(b"v"), |_| {
                        rounds.fetch_add(1, Ordering::SeqCst);
                        thread::sleep(Duration::from_millis(20));
                        Ok(())
                    })
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap().unwrap();
        }
        let rounds = rounds.load(Ordering::SeqCst);
        assert!(rounds < 25, "50 writers took {rounds} rounds");
    }

    #[test]
    fn a_large_batch_goes_alone_and_order_is_kept() {
        let mut queue = Queue::default();
        for size in [10, ROUND_BYTES_MAX, 20, 30] {
            queue.waiting.push_back(batch(&vec![0; size]));
        }
        let sizes: Vec<usize> = std::iter::from_fn(|| Some(queue.take_round().len()).filter(|n| *n > 0)).collect();
        assert_eq!(sizes, [1, 1, 2]);
    }

    #[test]
    fn after_a_failed_round_nothing_is_acknowledged() {
        let group = GroupCommit::default();
        group.commit(batch(b"1"), |_| Ok(())).unwrap();
        assert!(matches!(group.commit(batch(b"2"), |_| Err(StoreError::Full)), Err(StoreError::Full)));
        assert!(matches!(group.commit(batch(b"3"), |_| Ok(())), Err(StoreError::Full)));
        assert!(matches!(group.health(), Err(StoreError::Full)));
    }
}
