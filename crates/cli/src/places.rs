//! The map of zones and blocks, and where a newcomer lives.

use kaifong_api::dto::{ApplicationNote, NoArgs, PickPlaceArgs, Zone};
use kaifong_api::{ApiError, rows};

use crate::args::{Command, PickPlace};
use crate::out::Out;
use crate::road::Road;

/// Shows the map, or picks a place of it.
pub(crate) async fn places(road: &mut Road, command: Command, out: Out) -> Result<(), ApiError> {
    match command {
        Command::PickPlace(args) => pick(road, args, out).await,
        _ => {
            // Who is not let in yet knows the map by what the building has shown.
            let shown = match road.ask(rows::building, NoArgs {}).await {
                Ok(building) if !building.zones.is_empty() => building.zones,
                _ => road.ask(rows::application, NoArgs {}).await?.zones,
            };
            out.tell(&shown, |zones| map(zones))
        }
    }
}

async fn pick(road: &mut Road, args: PickPlace, out: Out) -> Result<(), ApiError> {
    let PickPlace { place, elsewhere: _, floor, unit, claim, show_block } = args;
    let ApplicationNote { zones, .. } = road.ask(rows::application, NoArgs {}).await?;
    let block = place.map(|typed| find(&zones, &typed)).transpose()?;
    let picked = PickPlaceArgs { block, floor, unit: unit.unwrap_or_default(), claim, shows_block: show_block };
    out.tell(&road.ask(rows::pick_place, picked).await?, |_| "记下了，申请接着送出去".to_owned())
}

/// Finds a block by its number, or by what it is called: 3栋, or 南块/3栋 where there are several.
fn find(zones: &[Zone], typed: &str) -> Result<u32, ApiError> {
    let (zone, name) = typed.split_once('/').map_or((None, typed), |(zone, name)| (Some(zone), name));
    let blocks = zones.iter().flat_map(|of| of.blocks.iter().map(move |block| (of, block)));
    let fits = |(of, block): &(&Zone, &kaifong_api::dto::Block)| {
        block.id.to_string() == typed || (block.name == name && zone.is_none_or(|zone| zone == of.name))
    };
    let found: Vec<_> = blocks.filter(fits).map(|(_, block)| block.id).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(ApiError::bad_arguments(format_args!("楼图上没有 {typed}")).hinted("kaifong places 列出有哪些")),
        _ => Err(ApiError::bad_arguments(format_args!("不止一处叫 {typed}")).hinted("写上片区，比如 南块/3栋")),
    }
}

/// Writes the map, a zone a line.
pub(crate) fn map(zones: &[Zone]) -> String {
    let line = |zone: &Zone| {
        let blocks: Vec<_> = zone.blocks.iter().map(|block| block.name.as_str()).collect();
        let name = if zone.name.is_empty() { String::new() } else { format!("{}：", zone.name) };
        format!("{name}{}", blocks.join("、"))
    };
    if zones.is_empty() {
        return "还没有楼图，住在哪里由各家自己写".to_owned();
    }
    zones.iter().map(line).collect::<Vec<_>>().join("\n")
}
