//! Commands about things that several own, where they lie, and whether they are there.

use std::collections::BTreeSet;

use kaifong_domain::commons::CommonsRefusal;
use kaifong_domain::kept::{FOUND_MAX, Kept, OWNED_MAX, Owning, Share, Stocktake};
use kaifong_domain::record::{Edit, Kind, Listing, Mode, Side};
use kaifong_domain::{Instant, ListingId, MemberId, Refusal, StocktakeId};
use rand_core::Rng;

use crate::event::{Done, Draft, NodeError};
use crate::node::Node;

/// What is done about things that several own, and that lie somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptCommand {
    /// Says that one owns a thing together with its keeper, who has named one.
    Own {
        /// The thing, by its keeper and its id.
        key: (MemberId, ListingId),
    },
    /// Says that one does not, or does no longer.
    Disown {
        /// The thing, by its keeper and its id.
        key: (MemberId, ListingId),
    },
    /// Says which of one's own things were found where they lie.
    Found {
        /// Which; 1 to 500, each counted once.
        listings: Vec<ListingId>,
        /// Who looked, 1 to 30 characters.
        by: String,
    },
}

impl Node {
    pub(crate) fn kept_command(&mut self, command: KeptCommand) -> Result<Done, NodeError> {
        match command {
            KeptCommand::Own { key } => self.own(key),
            KeptCommand::Disown { key } => self.disown(key),
            KeptCommand::Found { listings, by } => self.found_things(listings, &by),
        }
    }

    fn own(&mut self, key: (MemberId, ListingId)) -> Result<Done, NodeError> {
        let (me, at) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let row = home.board().listing(&key.0, &key.1).ok_or(Refusal::ListingUnknown)?;
        if row.listing.closed_at.is_some() {
            return Err(Refusal::ListingClosed.into());
        }
        let commons = home.board().commons();
        let share = commons.share_of(key.0, &row.listing, &me).ok_or(Refusal::from(CommonsRefusal::NotNamed))?;
        if share == Share::Owns {
            return Ok(Done::Saved);
        }
        if commons.has_spoken_of_another(&key, &me) {
            return Err(Refusal::from(CommonsRefusal::NotNamed).into());
        }
        let lives = |keeper: &MemberId| home.board().profile(keeper).is_some();
        if commons.owned_by(&me).filter(|one| lives(&one.keeper)).count() >= OWNED_MAX {
            return Err(Refusal::from(CommonsRefusal::TooMany { most: OWNED_MAX }).into());
        }
        self.edit(&Edit::PutOwning(Owning { listing: key.1, keeper: key.0, at, left_at: None }))?;
        Ok(Done::Saved)
    }

    /// Says no to who names one as an owner, or takes the own word back, whether or not the keeper still names one.
    fn disown(&mut self, key: (MemberId, ListingId)) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let home = self.require_home()?;
        let (board, commons) = (home.board(), home.board().commons());
        let before = commons.owning(&key, &me).cloned();
        if commons.has_spoken_of_another(&key, &me) {
            return Err(Refusal::from(CommonsRefusal::NotNamed).into());
        }
        let named = || commons.share_of(key.0, &board.listing(&key.0, &key.1)?.listing, &me);
        let owning = match before {
            Some(before) if before.left_at.is_some() => return Ok(Done::Saved),
            Some(before) => before,
            None if named().is_some() => Owning { listing: key.1, keeper: key.0, at: now, left_at: None },
            None => return Err(Refusal::from(CommonsRefusal::NotNamed).into()),
        };
        self.edit(&Edit::PutOwning(Owning { left_at: Some(now), ..owning }))?;
        Ok(Done::Saved)
    }

    fn found_things(&mut self, listings: Vec<ListingId>, by: &str) -> Result<Done, NodeError> {
        let (me, now) = (self.require_me()?, self.now);
        let found: BTreeSet<ListingId> = listings.into_iter().collect();
        let board = self.require_home()?.board();
        // A clock that was ahead once must not hide what is counted after it was put right.
        let newest = board.commons().stocktakes_of(&me).map(|one| one.at).max();
        let at = newest.map_or(now, |newest| now.max(Instant(newest.0.saturating_add(1))));
        // The refusal of too many comes before each is looked at.
        for id in found.iter().take(FOUND_MAX) {
            match board.listing(&me, id) {
                Some(row) if lies_somewhere(row.listing.side, row.listing.kind) => (),
                Some(_) => return Err(Refusal::from(CommonsRefusal::NotKept).into()),
                None if board.find_listing(id).is_some() => return Err(Refusal::ListingNotYours.into()),
                None => return Err(Refusal::ListingUnknown.into()),
            }
        }
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let (id, found) = (StocktakeId(id), found.into_iter().collect());
        let stocktake = Stocktake { id, at, by: by.trim().to_owned(), found };
        stocktake.check()?;
        self.edit(&Edit::PutStocktake(stocktake))?;
        Ok(Done::Saved)
    }

    /// Refuses what cannot be owned together or lie anywhere, owners who are not here, and to drop an owner who has said so.
    /// Whoever stands in the listing already may stay; whoever has left the building may be dropped.
    pub(crate) fn check_kept(&mut self, draft: &Draft, old: Option<&Listing>) -> Result<(), NodeError> {
        let me = self.require_me()?;
        let Kept { owners, shelf } = &draft.kept;
        let lends = draft.mode == Some(Mode::Share);
        if !owners.is_empty() && !lends
            || (!owners.is_empty() || shelf.is_some()) && !lies_somewhere(draft.side, draft.kind)
        {
            return Err(Refusal::from(CommonsRefusal::NotKept).into());
        }
        draft.kept.check()?;
        let named = |old: &Listing, one: &MemberId| old.kept.owners.contains(one);
        for owner in owners.iter().filter(|one| !old.is_some_and(|old| named(old, one))) {
            let known = self.require_home()?.roster().member(owner).is_some();
            if !known || *owner == me {
                return Err(Refusal::MemberUnknown.into());
            }
            self.require_here(owner)?;
        }
        let Some(old) = old else { return Ok(()) };
        let shares = self.require_home()?.board().commons().shares(me, old);
        let standing: Vec<MemberId> = shares.filter(|(_, share)| *share == Share::Owns).map(|(one, _)| one).collect();
        let dropped = standing.into_iter().filter(|one| !owners.contains(one));
        if dropped.into_iter().any(|one| !matches!(self.require_here(&one), Err(NodeError::Refused(Refusal::HasLeft))))
        {
            return Err(Refusal::from(CommonsRefusal::OwnerStands).into());
        }
        Ok(())
    }

    /// Tells whether this member owns the thing together with its keeper.
    pub(crate) fn co_owns(&self, keeper: MemberId, listing: &Listing) -> bool {
        let (Some(me), Some(home)) = (self.me(), self.home()) else { return false };
        home.board().commons().share_of(keeper, listing, &me) == Some(Share::Owns)
    }
}

/// Tells whether it is a thing that its owner has: only such a thing lies somewhere.
fn lies_somewhere(side: Side, kind: Option<Kind>) -> bool {
    side == Side::Offer && kind.is_some_and(Kind::is_thing)
}

#[cfg(test)]
mod tests;
