//! What a reviewer decides, and which households this reviewer knows.
//!
//! Who lives in which unit stands on reviewers' devices alone. A reviewer's device remembers each unit whose people it has
//! decided on or has seen decided on, with the pseudonym under which the unit votes, if anybody of it does. All reviewers read the
//! same application, and so each learns from the certificate of another which pseudonym the unit has.

use std::collections::BTreeSet;

use kaifong_domain::{DeviceId, MemberId, Refusal};
use kaifong_register::unit_key;
use kaifong_store::{Space, StoreError};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Certificate, HouseholdTag, MemberKind, PublicHousehold};
use kaifong_trust::envelope::{Envelope, JoinRequest, Letter, Residence};
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::confided::CERTIFIED;
use crate::event::{Done, NodeError, Tag};
use crate::letters::WaitingRequest;
use crate::node::Node;

/// How many people of one unit are remembered.
const UNIT_PEOPLE_MAX: usize = 32;

/// One unit, as a reviewer's device knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Unit {
    /// Under which pseudonyms it votes: one, or more where reviewers drew them while apart.
    tags: BTreeSet<HouseholdTag>,
    members: BTreeSet<MemberId>,
}

/// Somebody of the unit that an application names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitMember {
    /// Who.
    pub member: MemberId,
    /// Whether they hold its vote.
    pub votes: bool,
}

impl Node {
    /// Gives the neighbours whom this reviewer's device knows to live in the unit that an application names, those who hold
    /// its vote first.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading.
    pub fn unit_members(&self, waiting: &WaitingRequest) -> Result<Vec<UnitMember>, StoreError> {
        let Some(home) = self.home() else { return Ok(Vec::new()) };
        let members = self.unit(waiting)?.members.into_iter().filter_map(|member| {
            let votes = home.roster().member(&member)?.household.votes_for.is_some();
            Some(UnitMember { member, votes })
        });
        let mut members: Vec<_> = members.collect();
        members.sort_by_key(|row| (!row.votes, row.member));
        Ok(members)
    }

    /// Certifies a newcomer; `votes` confirms that they hold the vote of their unit.
    pub(crate) fn approve(&mut self, device: DeviceId, votes: bool) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        let waiting = self.letters.request(&device).cloned().ok_or(Refusal::RequestUnknown)?;
        let home = self.require_home()?;
        if home.roster().settled(&device).is_some() {
            return Err(Refusal::AlreadyMember.into());
        }
        let member = MemberId::derive(&home.id(), &device);
        let places = home.roster().now().places.clone();
        let WaitingRequest { request, residence, .. } = &waiting;
        let shown = residence.as_ref().filter(|residence| residence.shows_block);
        // A block that the map has no longer is nobody's.
        let block = shown.map(|residence| residence.dwelling.block).filter(|block| places.block(block).is_some());
        let votes_for = if votes && request.kind != MemberKind::Desk { Some(self.tag(&waiting)?) } else { None };
        let household = PublicHousehold { block, votes_for };
        self.write(Body::Certify(Certificate {
            member,
            device,
            seal: request.seal,
            kind: request.kind,
            commitment: request.commitment(residence.as_ref()),
            household,
        }))?;
        // What was committed to stays with the reviewer, so that it can be shown later.
        let kept = |prefix: &[u8]| [prefix, &device.0].concat();
        self.step.batch.put(Space::Private, kept(CERTIFIED), kaifong_trust::encode(request));
        if let Some(residence) = residence {
            self.step.batch.put(Space::Private, kept(b"resides/"), kaifong_trust::encode(residence));
        }
        self.remember_unit(&waiting, member, votes_for)?;
        self.forget_request(&device);
        Ok(Done::Saved)
    }

    pub(crate) fn refuse(&mut self, device: DeviceId, reason: String) -> Result<Done, NodeError> {
        self.require_reviewer()?;
        kaifong_domain::text::line("reason", &reason, 200, true)?;
        let waiting = self.letters.request(&device).cloned().ok_or(Refusal::RequestUnknown)?;
        self.send_letter(device, &waiting.request.seal, &Letter::Refused { reason })?;
        self.forget_request(&device);
        Ok(Done::Saved)
    }

    /// Puts a request that was sealed to this device before its reviewer; `false` when it has to be read again later.
    pub(crate) fn read_request(
        &mut self,
        envelope: &Verified<Envelope>,
        request: JoinRequest,
        residence: Option<Residence>,
    ) -> bool {
        if !self.reviews() {
            return false;
        }
        let device = envelope.signer();
        let known = self.home.as_ref().is_some_and(|home| home.roster().settled(&device).is_some());
        if known || !is_presentable(&request) || self.turned_away(&device, &request) {
            return true;
        }
        let request = WaitingRequest { device, request, at: envelope.value().at, asked: Vec::new(), residence };
        let asked = self.letters.ask(request, &mut self.step.batch);
        if asked {
            self.arrival.tags.insert(Tag::Requests);
        }
        asked
    }

    /// Remembers the units of newcomers whom another reviewer has certified.
    pub(crate) fn remember_units(&mut self, newly: &BTreeSet<DeviceId>) {
        for device in newly {
            let Some(waiting) = self.letters.request(device).cloned() else { continue };
            let Some(home) = self.home.as_ref() else { return };
            let Some(member) = home.roster().settled(device).map(|device| device.member) else { continue };
            let Some(certified) = home.roster().member(&member) else { continue };
            let votes_for = certified.household.votes_for;
            // A newcomer may have told each reviewer something else: what this one was told says nothing then.
            if certified.commitment != Some(waiting.request.commitment(waiting.residence.as_ref())) {
                tracing::warn!(device = %device.short(), "was certified by what another reviewer was told");
                continue;
            }
            if let Err(why) = self.remember_unit(&waiting, member, votes_for) {
                tracing::warn!(%why, "a unit could not be remembered");
            }
        }
    }

    fn remember_unit(
        &mut self,
        waiting: &WaitingRequest,
        member: MemberId,
        votes_for: Option<HouseholdTag>,
    ) -> Result<(), NodeError> {
        let mut unit = self.unit(waiting)?;
        if unit.members.len() < UNIT_PEOPLE_MAX {
            unit.members.insert(member);
        }
        if unit.tags.len() < UNIT_PEOPLE_MAX {
            unit.tags.extend(votes_for);
        }
        self.step.batch.put(Space::Private, key_of(waiting), kaifong_trust::encode(&unit));
        Ok(())
    }

    /// Gives the pseudonym of the unit that an application names; draws one where it has none.
    fn tag(&mut self, waiting: &WaitingRequest) -> Result<HouseholdTag, NodeError> {
        let known = self.unit(waiting)?.tags.first().copied();
        let mut drawn = [0; 16];
        self.rng.fill_bytes(&mut drawn);
        Ok(known.unwrap_or(HouseholdTag(drawn)))
    }

    fn unit(&self, waiting: &WaitingRequest) -> Result<Unit, StoreError> {
        let kept = self.store.get(Space::Private, &key_of(waiting))?;
        let corrupt = |_| StoreError::Corrupt { what: "a unit".into() };
        kept.map_or(Ok(Unit::default()), |bytes| postcard::from_bytes(&bytes).map_err(corrupt))
    }
}

/// Under which key a unit is kept: however its number is written.
fn key_of(waiting: &WaitingRequest) -> Vec<u8> {
    let (block, unit) = match &waiting.residence {
        Some(Residence { dwelling, .. }) => (dwelling.block.0, unit_key(&dwelling.floor, &dwelling.unit)),
        None => (0, unit_key("", &waiting.request.household)),
    };
    [b"unit/".as_slice(), &block.to_be_bytes(), unit.as_bytes()].concat()
}

/// Tells whether a request from outside keeps to the limits that an honest application keeps to.
fn is_presentable(request: &JoinRequest) -> bool {
    use kaifong_domain::text::line;
    let texts = line("name", &request.display_name, 30, false)
        .and_then(|()| line("household", &request.household, 60, false))
        .and_then(|()| line("real name", &request.real_name, 60, false))
        .and_then(|()| line("phone", &request.phone, 30, true));
    texts.is_ok()
}

#[cfg(test)]
mod tests;
