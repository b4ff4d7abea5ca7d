//! A building that is founded anew, because its council can never decide again (rule M3).
//!
//! Nothing is decided for anybody: the new building is another one, with a genesis of its own that names the old building
//! and the member who founds it. In the old one stands who founds, and who follows with which device of the new one. Each
//! person decides for themselves, and the old building goes on for whoever stays.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{BuildingId, DeviceId, EntryHash, Instant, MemberId};
use serde::{Deserialize, Serialize};

use crate::entry::{Body, Entry, Genesis};
use crate::invite::Code;
use crate::signed::{Distrust, Signed, Verified};

/// A member's word in the old building that they have founded it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refounding {
    /// The new building's genesis; its nonce names the old building and the member.
    pub genesis: Signed<Genesis>,
    /// Opens the new building's inbox to neighbours of the old one, and nothing else.
    pub invite: Code,
}

/// A member's word in the old building that they follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Following {
    /// The entry that tells of the new building.
    pub refounding: EntryHash,
    /// The member's device there. Its key is a new one: nobody in the new building needs to know the old key.
    pub device: DeviceId,
}

/// Gives the nonce of a genesis by which it names the building that it follows and who founds it: whoever knows both can
/// check it, and nobody else learns anything.
pub fn nonce_after(old: &BuildingId, founder: &MemberId) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("kaifong 1 a building founded anew");
    hasher.update(&old.0).update(&founder.0);
    let mut nonce = [0; 16];
    hasher.finalize_xof().fill(&mut nonce);
    nonce
}

impl Refounding {
    pub(crate) fn check(&self) -> Result<(), Distrust> {
        self.genesis.clone().verify().map(|_| ())
    }

    /// Tells whether the genesis names this building and this member.
    pub(crate) fn follows(&self, old: &BuildingId, founder: &MemberId) -> bool {
        self.genesis.peek(|genesis| Some(genesis.nonce)) == Some(nonce_after(old, founder))
    }
}

/// A building that was founded anew, as the old one tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refounded {
    /// Who has founded it, by their id in the old building.
    pub by: MemberId,
    /// When, as their device claims.
    pub at: Instant,
    /// The new building.
    pub building: BuildingId,
    /// Its name.
    pub name: String,
    /// The founder's device there: where one knocks.
    pub door: DeviceId,
    /// What opens its inbox.
    pub invite: Code,
    /// Who follows: the entries that say so, with whose they are and the device there.
    pub followers: BTreeMap<EntryHash, (MemberId, DeviceId)>,
}

/// All buildings that this one was founded anew as.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refoundings {
    told: BTreeMap<EntryHash, Refounded>,
}

impl Refoundings {
    /// Folds an admitted entry of a member in.
    pub(crate) fn hear(&mut self, entry: &Verified<Entry>, by: MemberId) {
        let (value, hash) = (entry.value(), EntryHash(entry.hash()));
        match &value.body {
            Body::Refound(refounding) => {
                let name = refounding.genesis.peek(|genesis| Some(genesis.name.clone())).unwrap_or_default();
                let refounded = Refounded {
                    by,
                    at: value.at,
                    building: BuildingId(refounding.genesis.hash()),
                    name,
                    door: refounding.genesis.claimed_signer(),
                    invite: refounding.invite.clone(),
                    followers: BTreeMap::new(),
                };
                self.told.entry(hash).or_insert(refounded);
            }
            Body::Follow(following) => {
                // What it names was admitted before it.
                if let Some(refounded) = self.told.get_mut(&following.refounding) {
                    refounded.followers.insert(hash, (by, following.device));
                }
            }
            _ => {}
        }
    }

    /// Gives the last that each member tells of, if it counts: who founds twice means the second. Ascending by entry.
    pub(crate) fn last_of_each(&self, counts: impl Fn(&EntryHash) -> bool) -> BTreeMap<EntryHash, &Refounded> {
        let mut last: BTreeMap<MemberId, (Instant, EntryHash)> = BTreeMap::new();
        for (hash, refounded) in self.told.iter().filter(|(hash, _)| counts(hash)) {
            let newer = last.entry(refounded.by).or_insert((refounded.at, *hash));
            *newer = (*newer).max((refounded.at, *hash));
        }
        let last: BTreeSet<EntryHash> = last.into_values().map(|(_, hash)| hash).collect();
        self.told.iter().filter(|(hash, _)| last.contains(hash)).map(|(hash, told)| (*hash, told)).collect()
    }

    /// Feeds all into a digest.
    pub(crate) fn digest(&self, hasher: &mut blake3::Hasher) {
        for (hash, refounded) in &self.told {
            let followers: Vec<_> = refounded.followers.keys().collect();
            hasher.update(&crate::encode(&("refounded", hash, followers)));
        }
    }
}
