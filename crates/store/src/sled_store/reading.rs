//! Reading many pairs: one thread reads and unseals ahead, while another looks at what was read. Every start goes through
//! the whole store, and half of what that takes is unsealing.

use std::{sync::mpsc, thread};

use sled::Tree;

use super::{caught, from_sled, value};
use crate::{Pairs, StoreError, StoreKey};

/// How many bytes of values are read before they are handed over; a start of threads costs less than unsealing them.
const HANDFUL_BYTES: usize = 64 << 10;

/// How many handfuls may wait to be looked at.
const AHEAD: usize = 8;

/// Shows `each` the pairs under `prefix`, without the byte of their space, one by one.
pub(super) fn visit(
    tree: &Tree,
    key: &StoreKey,
    prefix: Vec<u8>,
    each: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<(), StoreError> {
    let mut reader = Reader { pairs: tree.scan_prefix(prefix), tree, key, ended: false };
    // `each` runs outside of `caught`: its panics are not sled's.
    let mut show = |handful: Pairs| handful.iter().for_each(|(key, value)| each(key, value));
    show(reader.handful()?);
    if !reader.ended {
        reader.read_ahead(&mut show)?;
    }
    // What is left when the system gives no more threads.
    while !reader.ended {
        show(reader.handful()?);
    }
    Ok(())
}

struct Reader<'a> {
    pairs: sled::Iter,
    tree: &'a Tree,
    key: &'a StoreKey,
    ended: bool,
}

impl Reader<'_> {
    /// Reads the next pairs. Nothing is read after an error.
    fn handful(&mut self) -> Result<Pairs, StoreError> {
        let mut handful = Pairs::new();
        let mut bytes = 0;
        while bytes < HANDFUL_BYTES {
            let next = caught("scanning", || self.pairs.next().transpose().map_err(from_sled));
            self.ended = !matches!(next, Ok(Some(_)));
            let Some((tree_key, head)) = next? else { break };
            let value = caught("scanning", || value::read(self.tree, self.key, &tree_key, &head));
            self.ended = value.is_err();
            let value = value?;
            bytes += value.len();
            if let Some((_, key)) = tree_key.split_first() {
                handful.push((key.to_vec(), value));
            }
        }
        Ok(handful)
    }

    /// Reads on a thread of its own what `show` is shown on this one.
    fn read_ahead(&mut self, show: &mut impl FnMut(Pairs)) -> Result<(), StoreError> {
        thread::scope(|scope| {
            let (ahead, handfuls) = mpsc::sync_channel(AHEAD);
            let read = move || {
                while !self.ended && ahead.send(self.handful()).is_ok() {}
            };
            // Without a thread the channel ends at once, and nothing was read.
            let _ = thread::Builder::new().name("store-reader".into()).spawn_scoped(scope, read);
            handfuls.iter().try_for_each(|handful| handful.map(&mut *show))
        })
    }
}
