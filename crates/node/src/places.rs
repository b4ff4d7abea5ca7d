//! Places: the map that an epoch draws, where this member lives, and for whom a listing is.

use std::collections::BTreeSet;

use kaifong_domain::place::{Block, BlockKind, PlaceId, PlaceMap, Zone};
use kaifong_domain::record::{BLOCK_CHARS_MAX, Listing, Profile};
use kaifong_domain::{MemberId, Refusal, text};
use kaifong_matching::Near;
use kaifong_store::{Batch, Space, Store, StoreError};
use kaifong_trust::envelope::Residence;
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::event::{Done, NodeError, Tag};
use crate::guest::ApplicationState;
use crate::home::Home;
use crate::node::Node;

/// Where the member lives, kept for when it is to be shown again.
pub(crate) const PRIVATE_BLOCK: &[u8] = b"block";
/// The same by the map.
pub(crate) const PRIVATE_PLACE: &[u8] = b"place";
const GUEST_PLACING: &[u8] = b"guest-place";

/// A zone as somebody would have it; a new one or a new block has no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneDraft {
    /// Its number.
    pub id: Option<PlaceId>,
    /// What it is called; may be empty.
    pub name: String,
    /// Its blocks.
    pub blocks: Vec<BlockDraft>,
}

/// A block as somebody would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockDraft {
    /// Its number.
    pub id: Option<PlaceId>,
    /// What it is called.
    pub name: String,
    /// What kind.
    pub kind: BlockKind,
}

/// Whether a newcomer has picked where they live.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Placing {
    /// No map was seen.
    #[default]
    Unasked,
    /// The building has this map.
    Asked(PlaceMap),
    /// They live in none of its blocks: what they wrote stands.
    Elsewhere,
    /// They live here.
    At(Residence),
}

impl Placing {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let bytes = store.get(Space::Private, GUEST_PLACING)?;
        Ok(bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default())
    }

    pub(crate) fn keep(&self, batch: &mut Batch) {
        batch.put(Space::Private, GUEST_PLACING, kaifong_trust::encode(self));
    }

    /// Tells whether the newcomer has to pick a place of this map first.
    pub(crate) fn waits_for(&self, map: &PlaceMap) -> bool {
        match self {
            Self::Unasked | Self::Asked(_) => !map.is_empty(),
            // What was said stands: a neighbour may know an older map only, or show one.
            Self::Elsewhere | Self::At(_) => false,
        }
    }

    pub(crate) fn residence(&self) -> Option<&Residence> {
        match self {
            Self::At(residence) => Some(residence),
            _ => None,
        }
    }
}

impl Node {
    /// Where the member lives, as this device keeps it for itself whether neighbours see it or not.
    ///
    /// # Errors
    /// Any [`StoreError`] while reading.
    pub fn kept_block(&self) -> Result<Option<String>, StoreError> {
        let kept = self.store.get(Space::Private, PRIVATE_BLOCK)?;
        Ok(kept.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()))
    }

    /// The block or zone where this member lives, as this device knows it: what it keeps for itself, or else what neighbours see.
    pub fn own_place(&self) -> Option<PlaceId> {
        let kept = self.store.get(Space::Private, PRIVATE_PLACE).unwrap_or_else(|why| {
            tracing::warn!(%why, "where one lives could not be read");
            None
        });
        let kept = kept.and_then(|bytes| <[u8; 4]>::try_from(bytes.as_slice()).ok()).map(u32::from_be_bytes);
        match kept {
            // Said to live in no block of the map.
            Some(0) => None,
            Some(place) => Some(PlaceId(place)),
            None => self.home().and_then(|home| home.shown_place(&self.me()?)),
        }
    }

    /// Gives the map of which this newcomer is to pick their block.
    pub fn map_to_pick_from(&self) -> Option<&PlaceMap> {
        match &self.guest.as_ref()?.placing {
            Placing::Asked(map) => Some(map),
            _ => None,
        }
    }

    /// Where this device told the reviewers that its owner lives, by the map.
    pub fn told_residence(&self) -> Option<&Residence> {
        self.guest.as_ref()?.placing.residence()
    }

    /// Keeps where this member lives on this device alone.
    pub(crate) fn keep_block(&mut self, block: &str, place: Option<PlaceId>) -> Result<Done, NodeError> {
        self.require_me()?;
        text::line("block", block, BLOCK_CHARS_MAX, true)?;
        self.check_place(place)?;
        self.step.batch.put(Space::Private, PRIVATE_BLOCK, block.as_bytes());
        self.keep_place(place);
        self.arrival.tags.insert(Tag::Members);
        Ok(Done::Saved)
    }

    fn keep_place(&mut self, place: Option<PlaceId>) {
        self.step.batch.put(Space::Private, PRIVATE_PLACE, place.map_or(0, |place| place.0).to_be_bytes());
    }

    pub(crate) fn check_place(&self, place: Option<PlaceId>) -> Result<(), NodeError> {
        let map = self.home().map(|home| &home.roster().now().places);
        let known = |place: PlaceId| map.is_some_and(|map| map.place(&place).is_some());
        if place.is_none_or(known) { Ok(()) } else { Err(Refusal::PlaceUnknown.into()) }
    }

    /// A newcomer says where they live, of the map that their building has shown; `None` when none of its blocks is theirs.
    pub(crate) fn pick_place(&mut self, residence: Option<Residence>) -> Result<Done, NodeError> {
        let Some(guest) = &mut self.guest else { return Err(Refusal::NoPlaceAsked.into()) };
        let Placing::Asked(map) = &guest.placing else { return Err(Refusal::NoPlaceAsked.into()) };
        if let Some(Residence { dwelling, .. }) = &residence {
            dwelling.check()?;
            map.block(&dwelling.block).ok_or(Refusal::PlaceUnknown)?;
        }
        guest.placing = residence.map_or(Placing::Elsewhere, Placing::At);
        guest.state = ApplicationState::Searching;
        guest.keep(&mut self.step.batch);
        self.arrival.tags.insert(Tag::Application);
        self.ask_anew();
        Ok(Done::Applied)
    }

    /// Adds to what a newcomer shows of themselves where they live, as far as they let it be seen, and keeps it here.
    pub(crate) fn placed(&mut self, profile: Profile) -> Profile {
        let Some(residence) = self.guest.as_ref().and_then(|guest| guest.placing.residence()).cloned() else {
            return profile;
        };
        let block = residence.dwelling.block;
        let name = self.home().and_then(|home| home.roster().now().places.place(&block).map(|place| place.name()));
        self.keep_place(Some(block));
        let kept = name.clone().unwrap_or_else(|| profile.block.clone());
        self.step.batch.put(Space::Private, PRIVATE_BLOCK, kept.as_bytes());
        match (residence.shows_block, name) {
            (true, Some(name)) => Profile { block: name, place: Some(block), ..profile },
            (true, None) => profile,
            (false, _) => Profile { block: String::new(), place: None, ..profile },
        }
    }

    /// Gives new zones and blocks their numbers. Only what the map has already keeps one.
    pub(crate) fn number_places(&mut self, zones: Vec<ZoneDraft>) -> Result<PlaceMap, NodeError> {
        let mut taken = self.require_home()?.roster().now().places.ids();
        let known = taken.clone();
        let rng = &mut self.rng;
        let mut number = |id: Option<PlaceId>, taken: &mut BTreeSet<PlaceId>| match id {
            Some(id) => known.contains(&id).then_some(id).ok_or(Refusal::PlaceUnknown),
            None => loop {
                let drawn = PlaceId(rng.next_u32());
                if drawn.0 != 0 && taken.insert(drawn) {
                    break Ok(drawn);
                }
            },
        };
        let mut map = PlaceMap::default();
        for zone in zones {
            let id = number(zone.id, &mut taken)?;
            let mut blocks = Vec::with_capacity(zone.blocks.len());
            for BlockDraft { id, name, kind } in zone.blocks {
                blocks.push(Block { id: number(id, &mut taken)?, name: name.trim().to_owned(), kind });
            }
            map.zones.push(Zone { id, name: zone.name.trim().to_owned(), blocks });
        }
        map.check()?;
        Ok(map)
    }
}

impl Home {
    /// Gives where a member lives, as they let it be seen and as far as the map still has it.
    pub fn shown_place(&self, member: &MemberId) -> Option<PlaceId> {
        let place = self.board().profile(member)?.place?;
        self.roster().now().places.place(&place).map(|_| place)
    }

    /// Tells whether a listing is for somebody who lives there; what is for the whole building is for everybody.
    pub fn is_for(&self, listing: &Listing, place: Option<PlaceId>) -> bool {
        let lies_in = |audience: PlaceId| place.is_some_and(|at| self.roster().now().places.lies_in(&at, &audience));
        listing.audience.is_none_or(lies_in)
    }

    /// Tells how near two members live to each other, as they let it be seen; of the one who looks, `place` tells it. By the
    /// map where both are on it, otherwise by the block that both have written.
    pub fn near(&self, (me, place): (Option<MemberId>, Option<PlaceId>), one: &MemberId, other: &MemberId) -> Near {
        let map = &self.roster().now().places;
        let place = place.filter(|place| map.place(place).is_some());
        let at = |member: &MemberId| if Some(*member) == me { place } else { self.shown_place(member) };
        if let Some((one, other)) = at(one).zip(at(other)) {
            return match map.zone(&one).zip(map.zone(&other)) {
                _ if one == other && map.block(&one).is_some() => Near::Block,
                Some((one, other)) if one.id == other.id => Near::Zone,
                _ => Near::Building,
            };
        }
        let written = |member: &MemberId| {
            self.board().profile(member).map(|profile| profile.block.trim()).filter(|block| !block.is_empty())
        };
        if written(one).is_some_and(|block| written(other) == Some(block)) { Near::Block } else { Near::Building }
    }

    /// Tells whether two listings that fit are for each other's owners, and the one who looks has blocked neither. `place` is where the one who looks lives.
    pub fn are_for_each_other(
        &self,
        (me, place): (Option<MemberId>, Option<PlaceId>),
        (one, of_one): (&Listing, MemberId),
        (other, of_other): (&Listing, MemberId),
    ) -> bool {
        let at = |member: MemberId| if Some(member) == me { place } else { self.shown_place(&member) };
        let apart = [of_one, of_other].iter().any(|member| self.has_blocked(member));
        !apart && self.is_for(one, at(of_other)) && self.is_for(other, at(of_one))
    }
}

/// The words of a profile as a newcomer has written them; where they live by the map is picked later.
pub(crate) mod words {
    use kaifong_domain::record::Profile;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(profile: &Profile, to: S) -> Result<S::Ok, S::Error> {
        (&profile.name, &profile.block, &profile.about).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Profile, D::Error> {
        let (name, block, about) = Deserialize::deserialize(from)?;
        Ok(Profile { name, block, about, place: None })
    }
}
