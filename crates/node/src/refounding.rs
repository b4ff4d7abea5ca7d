//! Founding a building anew, and following into one that was (rule M3): what each of the two buildings is told.
//!
//! The two are two homes of one installation, and two nodes. What the new one must not know of the old one, it does not.

use kaifong_domain::record::Profile;
use kaifong_domain::{BuildingId, DeviceId, EntryHash, MemberId, Refusal};
use kaifong_trust::entry::{Body, Genesis};
use kaifong_trust::refounding::{Following, Refounded, Refounding, nonce_after};
use kaifong_trust::{Distrust, Signed};

use crate::event::{Done, NodeError};
use crate::node::Node;

impl Node {
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

    /// Gives the devices with which a member follows into a building that was founded anew.
    ///
    /// # Errors
    /// As [`Node::refounded`].
    pub fn follows_with(&self, entry: &EntryHash, member: &MemberId) -> Result<Vec<DeviceId>, NodeError> {
        let refounded = self.refounded(entry)?;
        let theirs = refounded.followers.into_values().filter(|(by, _)| by == member);
        Ok(theirs.map(|(_, device)| device).collect())
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
