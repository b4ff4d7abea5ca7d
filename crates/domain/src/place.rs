//! Where members live, as far as a building has agreed on names for it: zones (苑区, 自然村) and blocks (栋, 组, 街).
//!
//! The map belongs to the content of an epoch. It names places and nobody: who lives where stands in no map. Floors and
//! units are typed by whoever applies, and only reviewers read them.
//!
//! Each place has a random number of its own for good, so that renaming or moving one keeps what was addressed to it, and a
//! place that is taken out is never taken for another one that was added since.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Refusal, text};

/// How many zones a map has at most.
pub const ZONES_MAX: usize = 24;
/// How many blocks a map has at most, in all zones together.
pub const BLOCKS_MAX: usize = 160;
/// The longest name of a zone or block, in characters. A map of the most and longest ones has 7.5 KB.
pub const PLACE_CHARS_MAX: usize = 12;
/// The longest floor, in characters.
pub const FLOOR_CHARS_MAX: usize = 8;
/// The longest unit, in characters.
pub const UNIT_CHARS_MAX: usize = 16;

/// The number of a zone or block, unique in its building; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlaceId(pub u32);

/// What kind of block, and so what the doors in it are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BlockKind {
    /// 栋: a house with floors and units.
    Tower,
    /// 组: a group of a village, with house numbers.
    Group,
    /// 街: a street of shops and firms, with shop numbers.
    Street,
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Block {
    /// Its number.
    pub id: PlaceId,
    /// What it is called, 1 to 12 characters.
    pub name: String,
    /// What kind.
    pub kind: BlockKind,
}

/// One zone, or all blocks that are in none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Zone {
    /// Its number.
    pub id: PlaceId,
    /// What it is called, at most 12 characters; empty for the one that holds the blocks that are in none.
    pub name: String,
    /// Its blocks, in the order in which they are shown.
    pub blocks: Vec<Block>,
}

/// The building's zones and blocks, in the order in which they are shown; empty where nobody has made a map.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceMap {
    /// The zones.
    pub zones: Vec<Zone>,
}

/// A place with the names that lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The zone; without a name where blocks are in none.
    pub zone: &'a Zone,
    /// The block; `None` where the whole zone is meant.
    pub block: Option<&'a Block>,
}

impl Place<'_> {
    /// Gives what people call it: 南块 3栋.
    pub fn name(&self) -> String {
        let block = self.block.map(|block| block.name.as_str());
        let parts = [Some(self.zone.name.as_str()), block].into_iter().flatten().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// Where a household lives: a block of the map, and the door in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dwelling {
    /// The block.
    pub block: PlaceId,
    /// The floor, at most 8 characters; may be empty.
    pub floor: String,
    /// The unit, house or shop number, 1 to 16 characters.
    pub unit: String,
}

impl Dwelling {
    /// Checks the texts, in this order: floor, unit.
    pub fn check(&self) -> Result<(), Refusal> {
        text::line("floor", &self.floor, FLOOR_CHARS_MAX, true)?;
        text::line("unit", &self.unit, UNIT_CHARS_MAX, false)
    }

    /// Gives the address as people write it: 南块 3栋 5楼 502. `None` where the map has no such block.
    pub fn address(&self, map: &PlaceMap) -> Option<String> {
        let place = map.block(&self.block)?;
        let floor = self.floor.trim();
        // 5 is a floor, 五楼 says so itself.
        let digits = floor.chars().all(|c| c.is_ascii_digit());
        let floor = if digits && !floor.is_empty() { format!("{floor}楼") } else { floor.to_owned() };
        let parts = [place.name(), floor, self.unit.trim().to_owned()];
        Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

impl PlaceMap {
    /// Tells whether nobody has made a map.
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// Checks the map by itself.
    ///
    /// Refuses the first of: too many zones or blocks, a name that is empty, too long or cannot be shown, a zone without a
    /// block, a number that is 0 or stands twice, two zones or two blocks of one zone that are called alike.
    pub fn check(&self) -> Result<(), Refusal> {
        let blocks = self.zones.iter().map(|zone| zone.blocks.len()).sum::<usize>();
        let bound = |field, found: usize, most: usize| match found > most {
            true => Err(Refusal::OutOfRange { field, least: 0, most: i64::try_from(most).unwrap_or(i64::MAX) }),
            false => Ok(()),
        };
        bound("zones", self.zones.len(), ZONES_MAX)?;
        bound("blocks", blocks, BLOCKS_MAX)?;
        let mut ids = BTreeSet::new();
        let mut zones = BTreeSet::new();
        for zone in &self.zones {
            text::line("zone", &zone.name, PLACE_CHARS_MAX, true)?;
            if zone.blocks.is_empty() {
                return Err(Refusal::PlaceEmpty);
            }
            let mut names = BTreeSet::new();
            for block in &zone.blocks {
                text::line("block", &block.name, PLACE_CHARS_MAX, false)?;
                if !names.insert(block.name.trim()) || !ids.insert(block.id) {
                    return Err(Refusal::PlaceTwice);
                }
            }
            if !zones.insert(zone.name.trim()) || !ids.insert(zone.id) {
                return Err(Refusal::PlaceTwice);
            }
        }
        if ids.contains(&PlaceId(0)) { Err(Refusal::PlaceUnknown) } else { Ok(()) }
    }

    /// Finds a zone or block.
    pub fn place(&self, id: &PlaceId) -> Option<Place<'_>> {
        let zone = self.zones.iter().find(|zone| zone.id == *id).map(|zone| Place { zone, block: None });
        zone.or_else(|| self.block(id))
    }

    /// Finds a block.
    pub fn block(&self, id: &PlaceId) -> Option<Place<'_>> {
        self.zones.iter().find_map(|zone| {
            let block = zone.blocks.iter().find(|block| block.id == *id)?;
            Some(Place { zone, block: Some(block) })
        })
    }

    /// Tells whether one place lies in another or is it. A place that the map does not have lies in none but itself.
    pub fn lies_in(&self, place: &PlaceId, outer: &PlaceId) -> bool {
        place == outer || self.block(place).is_some_and(|found| found.zone.id == *outer)
    }

    /// Gives the zone in which a place lies or which it is; `None` where it lies in no zone that has a name.
    pub fn zone(&self, id: &PlaceId) -> Option<&Zone> {
        self.place(id).map(|place| place.zone).filter(|zone| !zone.name.trim().is_empty())
    }

    /// Gives the blocks, in the order in which they are shown.
    pub fn blocks(&self) -> impl Iterator<Item = Place<'_>> {
        self.zones.iter().flat_map(|zone| zone.blocks.iter().map(move |block| Place { zone, block: Some(block) }))
    }

    /// Gives the numbers of all zones and blocks.
    pub fn ids(&self) -> BTreeSet<PlaceId> {
        let blocks = self.blocks().filter_map(|place| place.block).map(|block| block.id);
        self.zones.iter().map(|zone| zone.id).chain(blocks).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(id: u32, name: &str) -> Block {
        Block { id: PlaceId(id), name: name.into(), kind: BlockKind::Tower }
    }

    fn hongye() -> PlaceMap {
        let zone = |id, name: &str, blocks| Zone { id: PlaceId(id), name: name.into(), blocks };
        PlaceMap {
            zones: vec![
                zone(1, "南块", vec![block(11, "1栋"), block(12, "2栋")]),
                zone(2, "北块", vec![block(21, "1栋"), block(22, "9栋")]),
            ],
        }
    }

    #[test]
    fn a_block_lies_in_its_zone_and_in_no_other() {
        let map = hongye();
        assert!(map.lies_in(&PlaceId(11), &PlaceId(1)) && map.lies_in(&PlaceId(11), &PlaceId(11)));
        assert!(!map.lies_in(&PlaceId(11), &PlaceId(2)) && !map.lies_in(&PlaceId(1), &PlaceId(11)));
        assert!(!map.lies_in(&PlaceId(99), &PlaceId(1)) && map.lies_in(&PlaceId(99), &PlaceId(99)));
    }

    #[test]
    fn an_address_is_written_as_people_do() {
        let dwelling = Dwelling { block: PlaceId(22), floor: "5".into(), unit: " 502 ".into() };
        assert_eq!(dwelling.address(&hongye()).as_deref(), Some("北块 9栋 5楼 502"));
        let shop = Dwelling { block: PlaceId(12), floor: String::new(), unit: "12号铺".into() };
        assert_eq!(shop.address(&hongye()).as_deref(), Some("南块 2栋 12号铺"));
        assert_eq!(shop.address(&PlaceMap::default()), None);
    }

    #[test]
    fn a_map_is_refused_for_the_first_thing_that_is_wrong() {
        let with = |change: fn(&mut PlaceMap)| {
            let mut map = hongye();
            change(&mut map);
            map.check()
        };
        let many = |map: &mut PlaceMap| {
            let blocks = (100..=100 + BLOCKS_MAX as u32).map(|id| block(id, &id.to_string()));
            map.zones[0].blocks = blocks.collect();
        };
        type Row = (fn(&mut PlaceMap), Result<(), Refusal>);
        let table: [Row; 9] = [
            (|_| (), Ok(())),
            (|map| map.zones[0].name.clear(), Ok(())),
            (many, Err(Refusal::OutOfRange { field: "blocks", least: 0, most: BLOCKS_MAX as i64 })),
            (|map| map.zones[1].blocks.clear(), Err(Refusal::PlaceEmpty)),
            (|map| map.zones[1].name = "南块".into(), Err(Refusal::PlaceTwice)),
            (|map| map.zones[1].blocks[1].name = "1栋 ".into(), Err(Refusal::PlaceTwice)),
            (|map| map.zones[1].blocks[1].id = PlaceId(1), Err(Refusal::PlaceTwice)),
            (|map| map.zones[1].blocks[1].id = PlaceId(0), Err(Refusal::PlaceUnknown)),
            (|map| map.zones[1].blocks[1].name.clear(), Err(Refusal::TextEmpty { field: "block" })),
        ];
        for (nth, (change, expect)) in table.into_iter().enumerate() {
            assert_eq!(with(change), expect, "row {nth}");
        }
        assert_eq!(PlaceMap::default().check(), Ok(()));
    }
}
