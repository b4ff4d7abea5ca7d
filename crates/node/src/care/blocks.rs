//! Whom one would have nothing to do with. It is kept on one's own devices alone, and the other is not told: what they send is
//! taken in and thrown away, as if it had never been answered.

use kaifong_domain::{MemberId, Refusal};
use kaifong_store::{Store, StoreError};
use kaifong_trust::care::CareLetter;
use kaifong_trust::envelope::Letter;
use serde::{Deserialize, Serialize};

use super::{Post, Talks, put, visit};
use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

/// How many one can block.
const BLOCKS_MAX: usize = 256;
const BLOCK: &[u8] = b"block/";

/// What this member has said last of one other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Word {
    round: u64,
    blocked: bool,
}

impl Talks {
    pub(super) fn load_blocks(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        visit(store, BLOCK, |id, word| {
            if let Ok(member) = MemberId::try_from(id) {
                self.blocks.insert(member, word);
            }
        })
    }

    pub(crate) fn blocked(&self) -> impl Iterator<Item = MemberId> {
        self.blocks.iter().filter(|(_, word)| word.blocked).map(|(member, _)| *member)
    }
}

impl Node {
    /// The neighbours whom this member would have nothing to do with.
    pub fn blocked(&self) -> Vec<MemberId> {
        self.talks.blocked().collect()
    }

    pub(super) fn block(&mut self, member: MemberId, blocked: bool) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        if member == me || self.require_home()?.roster().member(&member).is_none() {
            return Err(Refusal::MemberUnknown.into());
        }
        let word = self.talks.blocks.get(&member).copied().unwrap_or_default();
        if word.blocked == blocked {
            return Ok(Done::Saved);
        }
        let full = self.talks.blocks.len() >= BLOCKS_MAX && !self.talks.blocks.contains_key(&member);
        if full || !self.letters.has_room_for(self.letters_to(&me)) {
            return Err(Refusal::InboxFull.into());
        }
        let round = word.round.saturating_add(1);
        self.post_letter(&me, &Letter::Care(CareLetter::Block { member, round, blocked }));
        self.keep_block_word(member, Word { round, blocked });
        Ok(Done::Saved)
    }

    /// Hears another device of one's own, and nobody else.
    pub(super) fn read_block(&mut self, post: &Post, member: MemberId, round: u64, blocked: bool) -> bool {
        let known = self.talks.blocks.get(&member).copied().unwrap_or_default();
        let room = self.talks.blocks.len() < BLOCKS_MAX || self.talks.blocks.contains_key(&member);
        if post.sender == post.me && member != post.me && round > known.round && room {
            self.keep_block_word(member, Word { round, blocked });
        }
        true
    }

    fn keep_block_word(&mut self, member: MemberId, word: Word) {
        put(&mut self.step.batch, BLOCK, &member.0, &word);
        self.talks.blocks.insert(member, word);
        self.show_blocks();
        self.arrival.tags.extend([Tag::Care, Tag::Members, Tag::Listings, Tag::Deals]);
    }

    /// Lets the building on this device know with whom nothing is to be matched.
    pub(crate) fn show_blocks(&mut self) {
        if let Some(home) = &mut self.home {
            home.blocked = self.talks.blocked().collect();
        }
    }
}
