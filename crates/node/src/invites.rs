//! Invitations: made, withdrawn, and how many came by one.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kaifong_domain::record::{Edit, Invite};
use kaifong_domain::{BuildingId, DeviceId, Instant, InviteId, MemberId, Refusal};
use kaifong_trust::envelope::{JoinRequest, Letter};
use kaifong_trust::invite::{Code, Door, Ticket, proof_fits};
use rand_core::Rng;

use crate::event::{Done, NodeError, Tag};
use crate::node::Node;

const MINUTE_MS: u64 = 60_000;
const YEAR_MS: u64 = 366 * 24 * 3600 * 1000;

/// Those who came by one invitation, as this reviewer's device has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameBy {
    /// The invitation; `None` for those of which this device knows none, or none any more.
    pub invite: Option<InviteId>,
    /// Who made it.
    pub by: Option<MemberId>,
    /// Whether it admits requests now.
    pub open: bool,
    /// How many have come before this reviewer in all.
    pub came: u64,
    /// How many of them wait.
    pub waiting: u64,
}

impl Node {
    pub(crate) fn invite(&mut self, valid_ms: u64, addresses: Vec<std::net::SocketAddr>) -> Result<Done, NodeError> {
        self.require_me()?;
        if !(MINUTE_MS..=YEAR_MS).contains(&valid_ms) {
            let (least, most) = (MINUTE_MS.cast_signed(), YEAR_MS.cast_signed());
            return Err(Refusal::OutOfRange { field: "valid_ms", least, most }.into());
        }
        let code = Code::generate(&mut self.rng);
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let expires_at = Instant(self.now.0.saturating_add(valid_ms));
        let invite = Invite { id: InviteId(id), key: code.key(), expires_at, withdrawn_at: None };
        self.edit(&Edit::PutInvite(invite))?;
        let door = Door { device: self.key.id(), addresses };
        let home = self.require_home()?;
        let (building, name) = (home.id(), home.roster().name().to_owned());
        let ticket = Ticket::new(building, name, code, vec![door]);
        Ok(Done::Invited(ticket.map_err(|why| NodeError::NotSaved(why.to_string()))?))
    }

    pub(crate) fn withdraw_invites(&mut self) -> Result<Done, NodeError> {
        let me = self.require_me()?;
        let now = self.now;
        let open: Vec<Invite> = self
            .require_home()?
            .documents
            .invites()
            .filter(|(member, invite)| *member == me && invite.withdrawn_at.is_none())
            .map(|(_, invite)| invite.clone())
            .collect();
        for invite in open {
            self.edit(&Edit::PutInvite(Invite { withdrawn_at: Some(now), ..invite }))?;
        }
        Ok(Done::Saved)
    }

    /// Withdraws one own invitation. Those who came by it before still wait for a reviewer.
    pub(crate) fn withdraw_invite(&mut self, id: InviteId) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let own = home.documents.invites().find(|(member, invite)| *member == me && invite.id == id);
        let invite = own.map(|(_, invite)| invite.clone()).ok_or(Refusal::InviteUnknown)?;
        if invite.withdrawn_at.is_none() {
            self.edit(&Edit::PutInvite(Invite { withdrawn_at: Some(now), ..invite }))?;
        }
        Ok(Done::Saved)
    }

    /// Refuses everybody who waits by an invitation, and from now on whoever else comes by it: a poster was photographed
    /// and spread.
    pub(crate) fn refuse_invite(&mut self, id: InviteId, reason: String) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        kaifong_domain::text::line("reason", &reason, 200, true)?;
        let home = self.require_home()?;
        let key = home.documents.invites().find(|(_, invite)| invite.id == id).map(|(_, invite)| invite.key);
        let key = key.ok_or(Refusal::InviteUnknown)?;
        self.letters.turn_away(key, reason.clone(), &mut self.step.batch);
        let waiting = self.letters.requests().filter(|waiting| waiting.request.invite == key);
        let waiting: Vec<_> = waiting.map(|waiting| (waiting.device, waiting.request.clone())).collect();
        for (device, request) in waiting {
            // Where there is no room for the letter, the newcomer is told nothing and is refused all the same.
            self.letters.decided(&device, &mut self.step.batch);
            self.letters.drop_from(&device, &mut self.step.batch);
            let _ = self.send_letter(device, &request.seal, &Letter::Refused { reason: reason.clone() });
        }
        // Whoever found no room is refused too, or comes up now.
        self.read_letters_again();
        self.arrival.tags.insert(Tag::Requests);
        Ok(Done::Saved)
    }

    /// Refuses a request by an invitation whose requests are all refused.
    pub(crate) fn turned_away(&mut self, device: &DeviceId, request: &JoinRequest) -> bool {
        let Some(reason) = self.letters.turned_away(&request.invite).map(str::to_owned) else { return false };
        self.letters.drop_from(device, &mut self.step.batch);
        let _ = self.send_letter(*device, &request.seal, &Letter::Refused { reason });
        true
    }

    /// Tells how many came by which invitation, the most waiting first.
    pub fn came_by(&self) -> Vec<CameBy> {
        let Some(home) = &self.home else { return Vec::new() };
        let known: BTreeMap<[u8; 32], (MemberId, &Invite)> =
            home.documents.invites().map(|(member, invite)| (invite.key, (member, invite))).collect();
        let rows = self.letters.came().map(|(key, came)| {
            let waiting = self.letters.requests().filter(|waiting| waiting.request.invite == *key).count() as u64;
            let found = known.get(key);
            CameBy {
                invite: found.map(|(_, invite)| invite.id),
                by: found.map(|(member, _)| *member),
                open: found.is_some_and(|(_, invite)| invite.withdrawn_at.is_none() && invite.expires_at > self.now),
                came,
                waiting,
            }
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.waiting), std::cmp::Reverse(row.came), row.invite));
        rows
    }

    /// Gives the building and the key of the invitation that a guest has shown to know.
    pub(crate) fn check_proof(&self, guest: &DeviceId, shown: &[u8; 32]) -> Result<(BuildingId, [u8; 32]), Refusal> {
        let Some(home) = &self.home else { return Err(Refusal::InviteUnknown) };
        let building = home.id();
        let fits = |invite: &Invite| proof_fits(shown, &invite.key, &building, guest, &self.key.id());
        let known = home.documents.invites().filter(|(member, _)| home.roster().member(member).is_some());
        let fitting: Vec<&Invite> = known.map(|(_, invite)| invite).filter(|invite| fits(invite)).collect();
        if fitting.is_empty() {
            return Err(Refusal::InviteUnknown);
        }
        let open = |invite: &&&Invite| invite.withdrawn_at.is_none() && invite.expires_at > self.now;
        let Some(admits) = fitting.iter().find(open) else {
            let withdrawn = fitting.iter().all(|invite| invite.withdrawn_at.is_some());
            return Err(if withdrawn { Refusal::InviteWithdrawn } else { Refusal::InviteExpired });
        };
        Ok((building, admits.key))
    }
}
