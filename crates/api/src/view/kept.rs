//! Things that several own, where they lie, and whether they are there.

use kaifong_domain::MemberId;
use kaifong_domain::kept::Share;
use kaifong_domain::record::{Kind, Side};
use kaifong_domain::rows::ListingRow;
use kaifong_node::KeptCommand;

use super::View;
use crate::dto::{CoOwner, CountArgs, OwningArgs, OwningStep, SeenNote, ShareState, Shelf, ShelfRow};
use crate::{ApiError, Hex};

/// How many things are shown on one's own shelf: as many as a stocktake can name.
const THINGS_MAX: usize = kaifong_domain::kept::FOUND_MAX;

/// Reads what was found.
pub(crate) fn counted(args: CountArgs) -> KeptCommand {
    KeptCommand::Found { listings: args.found.into_iter().map(|id| id.0).collect(), by: args.by }
}

impl View<'_> {
    /// Reads what is said of owning a thing.
    ///
    /// # Errors
    /// `listing-unknown`.
    pub(crate) fn owning(&self, args: &OwningArgs) -> Result<KeptCommand, ApiError> {
        let key = self.find(args.owner.map(|owner| owner.0), &args.listing.0)?.key();
        Ok(match args.step {
            OwningStep::Own => KeptCommand::Own { key },
            OwningStep::Disown => KeptCommand::Disown { key },
        })
    }

    /// Gives who owns a thing beside its keeper. Who has said no is shown to its keeper and to themselves alone; who has
    /// left the building, to nobody.
    pub(super) fn co_owners(&self, row: &ListingRow) -> Vec<CoOwner> {
        let looks = |one: &MemberId| self.me == Some(row.owner) || self.me == Some(*one);
        let shares = self.home.board().commons().shares(row.owner, &row.listing);
        let shown = shares.filter(|(one, share)| !self.is_gone(one) && (*share != Share::Not || looks(one)));
        shown.map(|(one, share)| CoOwner { who: self.person(one), share: share.into() }).collect()
    }

    pub(super) fn my_share(&self, row: &ListingRow) -> Option<ShareState> {
        let me = self.me?;
        self.home.board().commons().share_of(row.owner, &row.listing, &me).map(Into::into)
    }

    /// Tells whether one owns it together with its keeper.
    pub(super) fn co_owns(&self, keeper: MemberId, listing: &kaifong_domain::record::Listing) -> bool {
        let share = |me: MemberId| self.home.board().commons().share_of(keeper, listing, &me);
        self.me.and_then(share) == Some(Share::Owns)
    }

    pub(super) fn seen(&self, row: &ListingRow) -> Option<SeenNote> {
        let seen = self.home.board().commons().seen(&row.key())?;
        Some(SeenNote { at: seen.at.0, by: seen.by.clone() })
    }

    /// Gives the things that name one as an owner and that one has said nothing of, in order of when they were posted.
    pub(super) fn named_in(&self, me: MemberId) -> Vec<&ListingRow> {
        let names = |row: &&ListingRow| row.listing.closed_at.is_none() && row.listing.kept.owners.contains(&me);
        let asks = |row: &&ListingRow| {
            let commons = self.home.board().commons();
            commons.share_of(row.owner, &row.listing, &me) == Some(Share::Asked)
                && !commons.has_spoken_of_another(&row.key(), &me)
                && self.is_shown(row)
        };
        let mut rows: Vec<_> = self.home.board().listings().filter(names).filter(asks).collect();
        rows.sort_by_key(|row| (row.listing.posted_at, row.key()));
        rows
    }

    /// Gives one's own things that are offered.
    ///
    /// # Errors
    /// `not-yet-member`.
    pub(crate) fn shelf(&self) -> Result<Shelf, ApiError> {
        let me = self.require_me()?;
        let board = self.home.board();
        let is_thing = |row: &&ListingRow| {
            let listing = &row.listing;
            listing.closed_at.is_none() && listing.side == Side::Offer && listing.kind.is_some_and(Kind::is_thing)
        };
        let mut things: Vec<&ListingRow> = board.listings_of(&me).filter(is_thing).collect();
        // What lies nowhere comes last.
        things.sort_by_key(|row| {
            let shelf = row.listing.kept.shelf.clone();
            (shelf.is_none(), shelf, row.listing.title.clone(), row.listing.id)
        });
        let newest = board.commons().stocktakes_of(&me).max_by_key(|one| (one.at, one.id));
        Ok(Shelf {
            rows: things.into_iter().take(THINGS_MAX).map(|row| self.shelf_row(row)).collect(),
            last: newest.map(|one| SeenNote { at: one.at.0, by: one.by.clone() }),
            found: newest.map_or(0, |one| one.found.len() as u64),
        })
    }

    fn shelf_row(&self, row: &ListingRow) -> ShelfRow {
        let board = self.home.board();
        let out = board.deals_of(&row.owner, &row.listing.id).find(|deal| deal.is_out());
        ShelfRow {
            listing: self.listing(row),
            code: Hex(row.listing.id).0.short(),
            out: out.map(|deal| self.party(deal, deal.answerer)),
            due_at: out.and_then(|deal| deal.due_at).map(|due| due.0),
        }
    }
}
