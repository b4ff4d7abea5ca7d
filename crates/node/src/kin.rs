//! Who shows as one household to whom: two members who both wish it see each other as such, and nobody else does.
//!
//! Nothing of it is in a document or a journal. A word travels in an envelope to the devices of both, as with phone numbers, and
//! what arrives late or twice changes nothing. It gives no right: neither reads anything of the other's that neighbours do not.

use std::collections::BTreeMap;

use kaifong_domain::{DeviceId, MemberId, Refusal};
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::envelope::Letter;
use kaifong_trust::{Envelope, Verified};
use serde::{Deserialize, Serialize};

use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

/// With how many others one can be a household.
pub const KIN_MAX: usize = 16;
/// Of how many it is remembered that they would.
const ASKED_MAX: usize = 64;
/// How far one word may be ahead of the last one that is known here, in rounds: nobody changes their mind more often while
/// the other is off.
const ROUNDS_AHEAD_MAX: u64 = 1_000;
const PREFIX: &[u8] = b"kin/";

/// How it stands with one other member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KinStand {
    mine: Word,
    theirs: Word,
    /// By which devices the two words came.
    #[serde(default, skip_serializing_if = "kaifong_trust::tail::is_silent", with = "kaifong_trust::tail")]
    by: Speakers,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Speakers {
    mine: Option<DeviceId>,
    theirs: Option<DeviceId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Word {
    round: u64,
    wishes: bool,
}

impl Word {
    /// Takes a later word; tells whether it was one. After what a device has said that was closed since, every word is
    /// later: a thief may have used up rounds.
    fn hear(&mut self, round: u64, wishes: bool, after_closed: bool) -> bool {
        let ahead = round.saturating_sub(self.round);
        let later = ahead > 0 || after_closed;
        let takes = later && ahead <= ROUNDS_AHEAD_MAX;
        if takes {
            *self = Self { round, wishes };
        }
        takes
    }
}

impl KinStand {
    /// Whether one wishes it oneself.
    pub fn mine(&self) -> bool {
        self.mine.wishes
    }

    /// Whether the other does.
    pub fn theirs(&self) -> bool {
        self.theirs.wishes
    }

    /// Whether both do.
    pub fn is_one(&self) -> bool {
        self.mine.wishes && self.theirs.wishes
    }
}

/// All that is known here.
#[derive(Debug, Default)]
pub(crate) struct Kin {
    stands: BTreeMap<MemberId, KinStand>,
}

impl Kin {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut kin = Self::default();
        store.visit(Space::Private, PREFIX, &mut |key, bytes| {
            let member = key.strip_prefix(PREFIX).and_then(|id| MemberId::try_from(id).ok());
            if let (Some(member), Ok(stand)) = (member, postcard::from_bytes(bytes)) {
                kin.stands.insert(member, stand);
            }
        })?;
        Ok(kin)
    }

    fn keep(&self, member: &MemberId, batch: &mut Batch) {
        let stand = self.stands.get(member).copied().unwrap_or_default();
        batch.put(Space::Private, [PREFIX, &member.0].concat(), kaifong_trust::encode(&stand));
    }

    fn has_room_for(&self, member: &MemberId, most: usize, counts: impl Fn(&KinStand) -> bool) -> bool {
        let others = self.stands.iter().filter(|(other, stand)| *other != member && counts(stand));
        others.count() < most
    }
}

impl Node {
    /// Tells how it stands with everybody with whom one, or who with oneself, would be one household.
    pub fn kin(&self) -> impl Iterator<Item = (MemberId, KinStand)> {
        let some = self.kin.stands.iter().filter(|(_, stand)| stand.mine() || stand.theirs());
        some.map(|(member, stand)| (*member, *stand))
    }

    /// Tells whether this member and another one show as one household to each other.
    pub fn is_kin(&self, member: &MemberId) -> bool {
        self.kin.stands.get(member).is_some_and(KinStand::is_one)
    }

    pub(crate) fn set_kin(&mut self, with: MemberId, wishes: bool) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let home = self.require_home()?;
        if with == me || home.roster().member(&with).is_none() {
            return Err(Refusal::MemberUnknown.into());
        }
        let stand = self.kin.stands.get(&with).copied().unwrap_or_default();
        if stand.mine.wishes == wishes {
            return Ok(Done::Saved);
        }
        let room = self.kin.has_room_for(&with, KIN_MAX, KinStand::mine);
        let letters = self.letters_to(&with) + self.letters_to(&me);
        if (wishes && !room) || !self.letters.has_room_for(letters) {
            return Err(Refusal::InboxFull.into());
        }
        let mine = Word { round: stand.mine.round.saturating_add(1), wishes };
        let by = Speakers { mine: Some(self.key.id()), ..stand.by };
        self.kin.stands.insert(with, KinStand { mine, by, ..stand });
        self.kin.keep(&with, &mut self.step.batch);
        let letter = Letter::Kin { with, round: mine.round, wishes };
        self.post_letter(&with, &letter);
        self.post_letter(&me, &letter);
        self.arrival.tags.insert(Tag::Members);
        Ok(Done::Saved)
    }

    /// Reads a word about being one household; `false` when its sender is not known here yet.
    pub(crate) fn read_kin(&mut self, envelope: &Verified<Envelope>, with: MemberId, round: u64, wishes: bool) -> bool {
        let (Some(me), Some(home)) = (self.me(), &self.home) else { return false };
        let speaker = envelope.signer();
        let Some(sender) = home.roster().settled(&speaker).map(|device| device.member) else { return false };
        let closed = |before: Option<DeviceId>| before.is_some_and(|before| home.roster().settled(&before).is_none());
        let news = if sender == me && with != me {
            // Another device of one's own.
            let KinStand { mine, by, .. } = self.kin.stands.entry(with).or_default();
            let news = mine.hear(round, wishes, closed(by.mine));
            by.mine = if news { Some(speaker) } else { by.mine };
            news
        } else if with == me && sender != me {
            let known = self.kin.stands.contains_key(&sender);
            if !known && !self.kin.has_room_for(&sender, ASKED_MAX, |_| true) {
                tracing::warn!("no room for another who would be one household");
                return true;
            }
            let KinStand { theirs, by, .. } = self.kin.stands.entry(sender).or_default();
            let news = theirs.hear(round, wishes, closed(by.theirs));
            by.theirs = if news { Some(speaker) } else { by.theirs };
            news
        } else {
            return true;
        };
        if news {
            self.kin.keep(if sender == me { &with } else { &sender }, &mut self.step.batch);
            self.arrival.tags.insert(Tag::Members);
        }
        true
    }
}

#[cfg(test)]
mod tests;
