//! Draws from the one generator of a run.

use rand_chacha::ChaCha8Rng;
use rand_core::Rng;

/// Draws that a run needs; everything that is decided by chance comes from here.
pub(crate) trait Dice {
    /// Draws a number below `n`; 0 when `n` is 0.
    fn below(&mut self, n: u64) -> u64;

    /// Draws a number from `least` to `most`.
    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// Tells whether something happens that does so in so many of a thousand cases.
    fn chance(&mut self, thousandths: u32) -> bool {
        self.below(1000) < u64::from(thousandths)
    }

    /// Draws one of these; `None` when there is none.
    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.below(from.len() as u64);
        from.get(usize::try_from(at).ok()?)
    }

    /// Draws 32 bytes.
    fn seed(&mut self) -> [u8; 32];
}

impl Dice for ChaCha8Rng {
    fn below(&mut self, n: u64) -> u64 {
        // The bias of the remainder does not matter for numbers as small as ours.
        self.next_u64().checked_rem(n).unwrap_or(0)
    }

    fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.fill_bytes(&mut seed);
        seed
    }
}
