//! Listings as the matcher sees them.

use kaifong_domain::record::{Kind, Listing, Side};
use kaifong_domain::rows::ListingStage;
use kaifong_domain::{Board, ListingId, MemberId};
use kaifong_matching::{Matcher, Text};

/// Brings one listing of the index up to date: in while somebody may still answer it, out otherwise.
pub(crate) fn index(matcher: &mut Matcher<(MemberId, ListingId)>, board: &Board, owner: MemberId, listing: ListingId) {
    let row = board.listing(&owner, &listing);
    match row.filter(|row| matches!(row.stage, ListingStage::Open | ListingStage::Answered)) {
        Some(row) => {
            let block = board.profile(&owner).map(|profile| profile.block.as_str());
            matcher.insert((owner, listing), side(row.listing.side), text(&row.listing, block));
        }
        None => matcher.remove((owner, listing)),
    }
}

/// Gives the words of a listing, with the block of its owner where shown.
pub fn text<'a>(listing: &'a Listing, block: Option<&'a str>) -> Text<'a> {
    let block = block.filter(|block| !block.is_empty());
    Text { kind: listing.kind.map(kind), title: &listing.title, body: &listing.body, block }
}

/// Gives the matcher's word for a side.
pub fn side(side: Side) -> kaifong_matching::Side {
    match side {
        Side::Offer => kaifong_matching::Side::Offer,
        Side::Need => kaifong_matching::Side::Need,
    }
}

fn kind(kind: Kind) -> kaifong_matching::Kind {
    match kind {
        Kind::Item => kaifong_matching::Kind::Item,
        Kind::Knowledge => kaifong_matching::Kind::Knowledge,
        Kind::Skill => kaifong_matching::Kind::Skill,
        Kind::Time => kaifong_matching::Kind::Time,
        Kind::Space => kaifong_matching::Kind::Space,
    }
}
