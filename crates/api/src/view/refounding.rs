//! The buildings that this one was founded anew as.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{BuildingId, DeviceId, MemberId};
use kaifong_node::{Node, WaitingRequest};

use crate::dto::{FollowState, Follower, Refounding, Refoundings};
use crate::view::View;
use crate::{ApiError, Hex};

/// Lists them, who has most followers first.
///
/// # Errors
/// `no-building`.
pub(crate) fn refoundings(node: &Node) -> Result<Refoundings, ApiError> {
    let view = View::of(node)?;
    let told = view.home.journals().refoundings();
    let mut rows: Vec<Refounding> = told
        .into_iter()
        .map(|(entry, told)| {
            let followers: BTreeSet<MemberId> = told.followers.values().map(|(member, _)| *member).collect();
            Refounding {
                refounding: Hex(entry),
                by: view.person(told.by),
                name: told.name,
                building: Hex(told.building),
                at: told.at.0,
                mine: view.me == Some(told.by),
                followed: view.me.is_some_and(|me| followers.contains(&me)),
                followers: followers.into_iter().map(|member| view.person(member)).collect(),
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.followers.len()));
    Ok(Refoundings { rows })
}

/// What the new building's home knows of devices that follow: which wait there, and which are neighbours.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// With where each says that they live.
    pub(crate) waiting: BTreeMap<DeviceId, String>,
    pub(crate) there: BTreeSet<DeviceId>,
}

/// Looks at who waits in a building, and whose devices are there.
pub(crate) fn arrivals(node: &Node) -> Arrivals {
    let there = node.home().into_iter().flat_map(|home| home.roster().devices()).map(|(device, _)| *device).collect();
    let map = node.home().map(|home| home.roster().now().places.clone()).unwrap_or_default();
    let says = |waiting: WaitingRequest| {
        let household = super::household(&map, &waiting.request.household, waiting.residence.as_ref());
        (waiting.device, household)
    };
    Arrivals { waiting: node.requests().into_iter().map(says).collect(), there }
}

impl View<'_> {
    /// Gives one who follows, with how far they have come.
    pub(crate) fn follower(&self, member: MemberId, devices: &[DeviceId], arrivals: &Arrivals) -> Follower {
        let waiting = devices.iter().find_map(|device| arrivals.waiting.get(device));
        let state = match () {
            () if devices.iter().any(|device| arrivals.there.contains(device)) => FollowState::There,
            () if waiting.is_some() => FollowState::Waiting,
            () => FollowState::Coming,
        };
        let known = self.home.roster().member(&member);
        let verified_by = known.and_then(|known| known.verified_by).map(|by| self.person(by));
        let votes = known.is_some_and(|known| known.household.votes_for.is_some());
        let household = waiting.filter(|_| state == FollowState::Waiting).cloned();
        Follower { person: self.person(member), verified_by, state, votes, household }
    }
}

/// Tells whether this is the building's home and nobody else's.
pub(crate) fn lives_in(node: &Node, building: &BuildingId) -> bool {
    node.home().is_some_and(|home| home.id() == *building)
}
