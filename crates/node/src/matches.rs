//! Listings as the matcher sees them.

use kaifong_domain::record::Listing;
use kaifong_domain::rows::ListingStage;
use kaifong_domain::{Board, ListingId, MemberId};
use kaifong_matching::{Matcher, Text};

/// Brings one listing of the index up to date: in while somebody may still answer it, out otherwise.
pub(crate) fn index(matcher: &mut Matcher<(MemberId, ListingId)>, board: &Board, owner: MemberId, listing: ListingId) {
    let row = board.listing(&owner, &listing);
    match row.filter(|row| matches!(row.stage, ListingStage::Open | ListingStage::Answered)) {
        Some(row) => {
            let block = board.profile(&owner).map(|profile| profile.block.as_str());
            matcher.insert((owner, listing), row.listing.side, text(&row.listing, block));
        }
        None => matcher.remove((owner, listing)),
    }
}

/// Gives the words of a listing, with the block of its owner where shown.
pub fn text<'a>(listing: &'a Listing, block: Option<&'a str>) -> Text<'a> {
    let block = block.filter(|block| !block.is_empty());
    Text { kind: listing.kind, title: &listing.title, body: &listing.body, block }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use kaifong_domain::record::{Kind, Profile, Side};
    use kaifong_matching::{Reason, Text};

    use crate::event::Command;
    use crate::room::{Room, named, offer};

    #[test]
    fn a_listing_stands_in_the_index_with_the_block_that_its_owner_shows_today() {
        let (mut room, _) = Room::new();
        room.does("陈姨", offer("手推车")).unwrap();
        let is_of_block = |room: &mut Room| {
            let home = room.phones.get_mut("李叔").unwrap().node.home_mut().unwrap();
            let need = Text { kind: Some(Kind::Item), title: "借手推车", body: "", block: Some("3栋") };
            let found = home.matcher().matches(Side::Need, need, 5);
            assert_eq!(found.len(), 1);
            found.iter().any(|one| one.reasons.contains(&Reason::SameBlock))
        };
        assert!(!is_of_block(&mut room));
        for (block, same) in [("3栋", true), ("5栋", false), ("3栋", true), ("", false)] {
            room.does("陈姨", Command::SetProfile(Profile { block: block.into(), ..named("陈姨") })).unwrap();
            assert_eq!(is_of_block(&mut room), same, "{block}");
        }
    }
}
