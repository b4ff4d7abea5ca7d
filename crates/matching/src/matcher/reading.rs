//! What texts mean is read apart from inserting them: a device does it ahead, or the likeliest first when somebody asks.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Matcher, weigh};
use crate::index::Slot;
use crate::meaning::{Meaning, MeaningKey, Memory, line};
use crate::terms::Joined;
use crate::{Side, Text};

/// How many texts are encoded at once: several share much of the work, and each waits for all.
const ENCODED_AT_ONCE: usize = 16;
/// What is remembered takes this part of the time that encoding takes, or less.
const REMEMBERED_FOR_ONE: usize = 64;

impl<Id: Copy + Ord> Matcher<Id> {
    /// Reads the meaning of more texts, at most `texts_max` of which `memory` does not remember; tells whether some are left.
    ///
    /// Encoding a text takes about a millisecond, remembering and inserting one some microseconds. Whoever has time reads
    /// ahead: what was not read is matched by words, things and what is stated alone. Search needs none of it.
    pub fn read_some(&mut self, texts_max: usize, memory: &mut dyn Memory) -> bool {
        self.read(texts_max, memory, |matcher| matcher.unread.pop_first());
        !self.unread.is_empty()
    }

    /// The same for the texts of the other side that share most words and things with a text, so that whoever asks what fits it
    /// before everything was read does not get for an answer what merely was read. Gives how many were encoded.
    pub fn read_for(&mut self, side: Side, text: Text<'_>, texts_max: usize, memory: &mut dyn Memory) -> usize {
        if self.unread.is_empty() {
            return 0;
        }
        let shared = self.evidence(side, &Joined::new(text).analysis(side));
        let sharing = |slot: &Slot| {
            let evidence = shared.get(*slot as usize)?;
            let tells = weigh::WORDS * evidence.words.ln_1p() + weigh::THING * evidence.thing;
            // Nothing is negative or NaN here, so the bits are in the order of the numbers.
            (tells > 0.0).then_some((Reverse(tells.to_bits()), *slot))
        };
        let first: BTreeSet<_> = self.unread.iter().filter_map(sharing).collect();
        let mut first = first.into_iter().map(|(_, slot)| slot);
        self.read(texts_max, memory, |matcher| first.next().inspect(|slot| _ = matcher.unread.remove(slot)))
    }

    /// Reads what `next` gives, which waits no longer, until it gives nothing or enough was encoded or looked at. Gives how many
    /// were encoded.
    fn read(
        &mut self,
        texts_max: usize,
        memory: &mut dyn Memory,
        mut next: impl FnMut(&mut Self) -> Option<Slot>,
    ) -> usize {
        let (mut encoded, mut looked_at, mut ended) = (0, texts_max.saturating_mul(REMEMBERED_FOR_ONE), false);
        while encoded < texts_max && looked_at > 0 && !ended {
            let mut unknown = Vec::new();
            while unknown.len() < (texts_max - encoded).min(ENCODED_AT_ONCE) && looked_at > 0 {
                let Some(slot) = next(self) else {
                    ended = true;
                    break;
                };
                looked_at -= 1;
                let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else { continue };
                let line = line(&entry.title, &entry.body);
                let key = MeaningKey::of(entry.side, &line);
                match memory.recall(&key).as_deref().and_then(Meaning::from_bytes) {
                    Some(meaning) => {
                        entry.meaning = Some((key, meaning));
                        self.read.insert(key, slot);
                    }
                    None => unknown.push((slot, key, entry.side, line)),
                }
            }
            encoded += unknown.len();
            let lines: Vec<(Side, &str)> = unknown.iter().map(|(_, _, side, line)| (*side, line.as_str())).collect();
            for (meaning, (slot, key, ..)) in Meaning::of(&lines).into_iter().zip(&unknown) {
                memory.keep(*key, meaning.to_bytes());
                if let Some(entry) = self.slots.get_mut(*slot as usize).and_then(Option::as_mut) {
                    entry.meaning = Some((*key, meaning));
                    self.read.insert(*key, *slot);
                }
            }
        }
        encoded
    }

    /// Gives the keys of the meanings that were read whose first byte is `first`: what a memory has beyond them can go.
    pub fn meanings_from(&self, first: u8) -> BTreeSet<MeaningKey> {
        let keys = self.slots.iter().flatten().filter_map(|entry| Some(entry.meaning.as_ref()?.0));
        keys.filter(|key| key.0.first() == Some(&first)).collect()
    }

    /// Returns whether the meaning of every text was read.
    pub fn is_read(&self) -> bool {
        self.unread.is_empty()
    }
}
