//! Founding a building; founding it anew, and following into one that was (rule M3): what each of the two buildings is told.
//!
//! The two are two homes of one installation, and two nodes. What the new one must not know of the old one, it does not.

use std::collections::BTreeSet;

use kaifong_domain::record::{Edit, Profile};
use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId, Refusal};
use kaifong_store::Space;
use kaifong_trust::entry::{Body, Genesis};
use kaifong_trust::refounding::{Following, Refounded, Refounding, nonce_after};
use kaifong_trust::roster::Member;
use kaifong_trust::{Distrust, Signed};

use rand_core::Rng;

use crate::event::{Done, NodeError};
use crate::guest::GUEST_KEY;
use crate::node::Node;

impl Node {
    /// Founds a building with this household as its first.
    pub(crate) fn found(&mut self, name: String, profile: Profile) -> Result<Done, NodeError> {
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        self.found_with(nonce, name, profile)
    }

    /// Founds a building whose genesis has this nonce.
    pub(crate) fn found_with(&mut self, nonce: [u8; 16], name: String, profile: Profile) -> Result<Done, NodeError> {
        if self.home.is_some() {
            return Err(NodeError::AlreadyHome);
        }
        kaifong_domain::text::line("building name", &name, 40, false)?;
        profile.check()?;
        let genesis = Genesis {
            name,
            founded_at: self.now,
            founder_seal: self.seal.public(),
            charter: kaifong_domain::charter::Charter::default(),
            nonce,
        };
        let genesis = self.key.try_sign(genesis).map_err(|why| NodeError::NotSaved(why.to_string()))?;
        // Whoever founds a building no longer waits for another one's answer.
        if self.guest.take().is_some() {
            self.step.batch.delete(Space::Private, GUEST_KEY);
        }
        self.move_in(genesis);
        self.look_for_own_certificate();
        self.edit(&Edit::SetProfile(profile))?;
        let building = self.require_home()?.id();
        Ok(Done::Founded(building))
    }

    /// Gives the signed genesis of this device's building, if one names this old building and member and it is the founder's
    /// device that asks.
    pub fn founded_after(&self, old: &BuildingId, member: &MemberId) -> Option<Signed<Genesis>> {
        let genesis = self.home()?.genesis();
        let mine = genesis.signer() == self.device() && genesis.value().nonce == nonce_after(old, member);
        mine.then(|| genesis.signed().clone())
    }

    /// Gives one building that this one was founded anew as.
    ///
    /// # Errors
    /// `no-building`, and [`Refusal::RefoundingUnknown`] where no entry that counts tells of it.
    pub fn refounded(&self, entry: &EntryHash) -> Result<Refounded, NodeError> {
        let home = self.home().ok_or(NodeError::NoBuilding)?;
        home.journals().refoundings().remove(entry).ok_or_else(|| Refusal::RefoundingUnknown.into())
    }

    /// Gives the devices with which a member follows into a building that was founded anew, and who they are here: what a
    /// founder may let in there without asking anything else.
    ///
    /// # Errors
    /// As [`Node::refounded`] and [`Node::require_here`]; [`Refusal::RequestUnknown`] for who is no neighbour or does not
    /// follow, [`Refusal::FollowedTwice`] where another member names each of the devices too.
    pub fn follows_with(&self, entry: &EntryHash, member: &MemberId) -> Result<(Member, Vec<DeviceId>), NodeError> {
        let words: Vec<(MemberId, DeviceId)> = self.refounded(entry)?.followers.into_values().collect();
        let known = self.home().and_then(|home| home.roster().member(member).cloned());
        let known = known.ok_or(Refusal::RequestUnknown)?;
        // Who has moved out of the old building, or erased what they said, takes nothing along.
        self.require_here(member)?;
        let named: BTreeSet<DeviceId> =
            words.iter().filter(|(by, _)| by == member).map(|(_, device)| *device).collect();
        let alone = |device: &DeviceId| words.iter().all(|(by, other)| by == member || other != device);
        let theirs: Vec<DeviceId> = named.iter().copied().filter(alone).collect();
        match (named.is_empty(), theirs.is_empty()) {
            (true, _) => Err(Refusal::RequestUnknown.into()),
            (_, true) => Err(Refusal::FollowedTwice.into()),
            _ => Ok((known, theirs)),
        }
    }

    pub(crate) fn found_anew(
        &mut self,
        name: String,
        profile: Profile,
        old: &BuildingId,
        member: &MemberId,
    ) -> Result<Done, NodeError> {
        self.found_with(nonce_after(old, member), name, profile)
    }

    pub(crate) fn refound(&mut self, refounding: Refounding) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let building = self.require_home()?.id();
        let not_kept = |why: Distrust| NodeError::NotSaved(why.to_string());
        let genesis = refounding.genesis.clone().verify().map_err(not_kept)?;
        if genesis.value().nonce != nonce_after(&building, &me) {
            return Err(Refusal::RefoundingUnknown.into());
        }
        self.write(Body::Refound(refounding))?;
        Ok(Done::Saved)
    }

    pub(crate) fn follow(&mut self, following: Following) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let refounded = self.refounded(&following.refounding)?;
        // Said once is said; a founder is there already.
        let said = refounded.followers.values().any(|word| *word == (me, following.device));
        if !said && refounded.by != me {
            self.write(Body::Follow(following))?;
        }
        Ok(Done::Saved)
    }
}

#[cfg(test)]
mod tests;
