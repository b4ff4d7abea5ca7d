//! Zones and blocks, and who is where.

use std::collections::BTreeMap;

use kaifong_domain::MemberId;
use kaifong_domain::place::{Dwelling, PlaceId, PlaceMap};
use kaifong_domain::record::Listing;
use kaifong_node::trust::envelope::Residence;
use kaifong_node::{BlockDraft, Node, ZoneDraft};

use super::View;
use crate::dto::{Audience, Block, ChangeKind, Kin, PickPlaceArgs, RequestPlace, Zone, ZoneArgs};

impl View<'_> {
    fn map(&self) -> &PlaceMap {
        &self.home.roster().now().places
    }

    /// Tells whether the map has a zone or block.
    pub(super) fn has_place(&self, place: &PlaceId) -> bool {
        self.map().place(place).is_some()
    }

    /// Gives the map, with how many let it be seen that they live in each block.
    pub(crate) fn zones(&self) -> Vec<Zone> {
        let mut live: BTreeMap<PlaceId, u32> = BTreeMap::new();
        for (member, _) in self.home.roster().members() {
            if let Some(place) = self.home.shown_place(member) {
                *live.entry(place).or_default() += 1;
            }
        }
        zones(self.map(), &live)
    }

    /// Gives what a place of the map is called, in the place of what was written.
    pub(crate) fn called(&self, written: String, place: Option<u32>) -> (String, Option<PlaceId>) {
        let place = place.map(PlaceId);
        let name = place.and_then(|place| self.map().place(&place)).map(|place| place.name());
        (name.unwrap_or(written), place)
    }

    /// Tells for whom a listing is; what one owns, too, is for oneself wherever one lives.
    pub(super) fn audience(&self, owner: MemberId, listing: &Listing) -> Option<Audience> {
        let place = listing.audience?;
        let name = self.map().place(&place).map(|place| place.name());
        Some(Audience {
            place: place.0,
            name,
            includes_me: self.home.is_for(listing, self.place) || self.co_owns(owner, listing),
        })
    }

    pub(super) fn request_place(&self, residence: &Residence) -> RequestPlace {
        let Residence { dwelling: Dwelling { block, floor, unit }, claim, shows_block } = residence;
        let place = self.map().block(block);
        RequestPlace {
            block: place.map(|place| place.name()),
            kind: place.and_then(|place| place.block).map(|block| block.kind.into()),
            floor: floor.clone(),
            unit: unit.clone(),
            claim: (*claim).into(),
            shows_block: *shows_block,
        }
    }
}

/// Writes a map out. `live` tells how many live where.
pub(crate) fn zones(map: &PlaceMap, live: &BTreeMap<PlaceId, u32>) -> Vec<Zone> {
    let block = |block: &kaifong_domain::place::Block| Block {
        id: block.id.0,
        name: block.name.clone(),
        kind: block.kind.into(),
        members: live.get(&block.id).copied().unwrap_or_default(),
    };
    let zone = |zone: &kaifong_domain::place::Zone| Zone {
        id: zone.id.0,
        name: zone.name.clone(),
        blocks: zone.blocks.iter().map(block).collect(),
    };
    map.zones.iter().map(zone).collect()
}

/// Reads a map as somebody would have it.
pub(crate) fn zone_drafts(told: Vec<ZoneArgs>) -> Vec<ZoneDraft> {
    let zone = |zone: ZoneArgs| {
        let block = |block: crate::dto::BlockArgs| BlockDraft {
            id: block.id.map(PlaceId),
            name: block.name,
            kind: block.kind.into(),
        };
        ZoneDraft { id: zone.id.map(PlaceId), name: zone.name, blocks: zone.blocks.into_iter().map(block).collect() }
    };
    told.into_iter().map(zone).collect()
}

/// Reads where a newcomer lives.
pub(crate) fn residence(told: PickPlaceArgs) -> Option<Residence> {
    let PickPlaceArgs { block, floor, unit, claim, shows_block } = told;
    let text = |text: String| text.trim().to_owned();
    let dwelling = Dwelling { block: PlaceId(block?), floor: text(floor), unit: text(unit) };
    Some(Residence { dwelling, claim: claim.into(), shows_block })
}

/// Gives everybody with whom one, or who with oneself, would be shown as one household.
pub(crate) fn kin(node: &Node) -> Vec<Kin> {
    let Ok(view) = View::of(node) else { return Vec::new() };
    let row = |(member, stand): (_, kaifong_node::KinStand)| Kin {
        person: view.person(member),
        mine: stand.mine(),
        theirs: stand.theirs(),
    };
    let here = node.kin().filter(|(member, _)| view.home.roster().member(member).is_some());
    here.map(row).collect()
}

/// Gives the household of an application in words: by the map where they have picked a place, else as they wrote it.
pub(crate) fn household(map: &PlaceMap, written: &str, residence: Option<&Residence>) -> String {
    residence.and_then(|residence| residence.dwelling.address(map)).unwrap_or_else(|| written.to_owned())
}

/// One zone or block that would be otherwise.
pub(super) struct PlaceChange {
    pub(super) what: ChangeKind,
    pub(super) id: PlaceId,
    pub(super) was: Option<String>,
    pub(super) is: Option<String>,
}

/// Tells what two maps differ in: each zone or block that came, went or is called or placed otherwise.
pub(super) fn differences(now: &PlaceMap, next: &PlaceMap) -> Vec<PlaceChange> {
    use ChangeKind::{PlaceAdded, PlaceChanged, PlaceRemoved};
    let name = |map: &PlaceMap, id: &PlaceId| map.place(id).map(|place| place.name());
    let (before, after) = (now.ids(), next.ids());
    // A block is compared by itself: where its zone is called otherwise, that is said once.
    let kind =
        |map: &PlaceMap, id: &PlaceId| map.block(id).and_then(|place| Some((place.zone.id, place.block?.clone())));
    let mut all = Vec::new();
    let change = |what, id: &PlaceId| PlaceChange { what, id: *id, was: name(now, id), is: name(next, id) };
    all.extend(after.difference(&before).map(|id| change(PlaceAdded, id)));
    all.extend(before.difference(&after).map(|id| change(PlaceRemoved, id)));
    for id in before.intersection(&after) {
        let differs = match (kind(now, id), kind(next, id)) {
            (Some(old), Some(new)) => old != new,
            _ => name(now, id) != name(next, id),
        };
        if differs {
            all.push(change(PlaceChanged, id));
        }
    }
    // The zone without a name is no place of its own to people.
    all.retain(|change| change.was.iter().chain(&change.is).any(|name| !name.is_empty()));
    all
}

/// The place that a number means.
pub(crate) fn place(number: Option<u32>) -> Option<PlaceId> {
    number.map(PlaceId)
}

/// Gives a person's place for the wire.
pub(super) fn number(place: Option<PlaceId>) -> Option<u32> {
    place.map(|place| place.0)
}

#[cfg(test)]
mod tests {
    use kaifong_domain::place::{Block, BlockKind, Zone};

    use super::*;

    #[test]
    fn what_two_maps_differ_in_is_told_once_each() {
        let block = |id, name: &str| Block { id: PlaceId(id), name: name.into(), kind: BlockKind::Tower };
        let zone = |id, name: &str, blocks| Zone { id: PlaceId(id), name: name.into(), blocks };
        let now =
            PlaceMap { zones: vec![zone(1, "南块", vec![block(11, "1栋"), block(12, "2栋"), block(13, "3栋")])] };
        let street = Block { kind: BlockKind::Street, ..block(13, "3栋") };
        let next = PlaceMap {
            zones: vec![zone(1, "南苑", vec![block(11, "1栋"), street]), zone(2, "", vec![block(21, "东街")])],
        };
        let told = |now: &PlaceMap, next: &PlaceMap| {
            let all = differences(now, next).into_iter();
            all.map(|one| (one.what, one.was, one.is)).collect::<Vec<_>>()
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            told(&now, &next),
            [
                (ChangeKind::PlaceAdded, None, some("东街")),
                (ChangeKind::PlaceRemoved, some("南块 2栋"), None),
                (ChangeKind::PlaceChanged, some("南块"), some("南苑")),
                (ChangeKind::PlaceChanged, some("南块 3栋"), some("南苑 3栋")),
            ]
        );
        assert_eq!(told(&now, &now), []);
    }
}
