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
