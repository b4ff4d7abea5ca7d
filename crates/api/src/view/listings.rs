//! Offers and needs, page by page; what fits; what a search finds.

use std::cmp::Reverse;

use kaifong_domain::place::PlaceId;
use kaifong_domain::rows::{DealRow, ListingRow, ListingStage, Stage};
use kaifong_domain::sort::{Category, class_name};
use kaifong_domain::{ListingId, MemberId};
use kaifong_node::{Home, Node, matches};

use super::View;
use crate::dto::{Found, Hit, ListingDetail, Listings, ListingsArgs, Match, Matches, Reason, SearchArgs, Side, Word};
use crate::{ApiError, Hex, words};

const PAGE_ROWS: u32 = 50;
const PAGE_ROWS_MAX: u32 = 200;
const MATCHES: u32 = 10;
const MATCHES_MAX: u32 = 50;
const HITS: u32 = 20;
/// How many of the best fits may be for others before fewer are found than asked for.
const FOR_OTHERS_MAX: usize = 64;

/// Where a row stands in the list: the newest first.
type Place = (Reverse<u64>, ListingId, MemberId);

pub(crate) fn is_open(stage: ListingStage) -> bool {
    matches!(stage, ListingStage::Open | ListingStage::Answered)
}

impl View<'_> {
    /// Gives one page. Looks at every listing once, and sorts no more than a page.
    pub(crate) fn listings(&self, args: &ListingsArgs) -> Result<Listings, ApiError> {
        let limit = page(args.limit, PAGE_ROWS, PAGE_ROWS_MAX)?;
        let (before, after) = (cursor(args.before.as_deref())?, cursor(args.after.as_deref())?);
        if before.is_some() && after.is_some() {
            return Err(ApiError::bad_arguments("before 和 after 只能用一个"));
        }
        let mine = if args.mine { Some(self.require_me()?) } else { None };
        let text = args.text.as_deref().map(kaifong_node::matching::fold);
        let wanted = self.home.board().listings().filter(|row| {
            let listing = &row.listing;
            args.side.is_none_or(|side| side == listing.side.into())
                && args.kind.is_none_or(|kind| Some(kind) == listing.kind.map(Into::into))
                && args.mode.is_none_or(|mode| Some(mode) == listing.mode.map(Into::into))
                && args.form.is_none_or(|form| Some(form) == listing.form.map(Into::into))
                && args.topic.is_none_or(|topic| Some(topic) == listing.topic.map(Into::into))
                && args.word.is_none_or(|word| Some(word) == word_of(listing))
                && args.category.as_deref().is_none_or(|category| self.is_in_category(listing, category))
                && args.task.is_none_or(|task| Some(task) == listing.task.map(Into::into))
                && args.owner.is_none_or(|owner| owner.0 == row.owner)
                && mine.is_none_or(|me| me == row.owner)
                && super::place(args.place).is_none_or(|place| self.lives_in(&row.owner, &place))
                && (!args.open || is_open(row.stage))
                && self.is_shown(row)
                && text.as_ref().is_none_or(|text| says(row, text))
        });
        let mut total = 0;
        let (mut newer, mut older) = (0_usize, 0_usize);
        let mut rows: Vec<(Place, &ListingRow)> = Vec::new();
        for row in wanted {
            let place = (Reverse(row.listing.posted_at.0), row.listing.id, row.owner);
            total += 1;
            if after.is_some_and(|cursor| place <= cursor) {
                newer += 1;
            } else if before.is_some_and(|cursor| place >= cursor) {
                older += 1;
            } else {
                rows.push((place, row));
            }
        }
        // The page before a cursor is the end of what stands before it; every other page is a beginning.
        if rows.len() > limit {
            if before.is_some() {
                let cut = rows.len() - limit;
                rows.select_nth_unstable_by_key(cut, |(place, _)| *place);
                rows.drain(..cut);
                newer += cut;
            } else {
                rows.select_nth_unstable_by_key(limit, |(place, _)| *place);
                older += rows.len() - limit;
                rows.truncate(limit);
            }
        }
        rows.sort_unstable_by_key(|(place, _)| *place);
        Ok(Listings {
            total,
            newer: rows.first().filter(|_| newer > 0).map(|(place, _)| written(place)),
            older: rows.last().filter(|_| older > 0).map(|(place, _)| written(place)),
            rows: rows.into_iter().map(|(_, row)| self.listing(row)).collect(),
        })
    }

    /// Tells whether a listing stands in a category, or in one of a class.
    fn is_in_category(&self, listing: &kaifong_domain::record::Listing, sought: &str) -> bool {
        let Some(category) = listing.category else { return false };
        let class = |id| self.home.added_categories().find(|(_, one)| one.id == id).map(|(_, one)| one.class);
        let class = match category {
            Category::Given(_) => category.class(),
            Category::Added(id) => class(id),
        };
        class.is_some_and(|class| class_name(class) == sought) || category.to_string() == sought
    }

    /// Tells whether a member lets it be seen that they live in a zone or block.
    fn lives_in(&self, member: &MemberId, place: &PlaceId) -> bool {
        let lies_in = |at: PlaceId| self.home.roster().now().places.lies_in(&at, place);
        self.home.shown_place(member).is_some_and(lies_in)
    }

    pub(crate) fn listing_detail(&self, owner: Option<MemberId>, id: &ListingId) -> Result<ListingDetail, ApiError> {
        let row = self.find(owner, id)?;
        let deals = || self.home.board().deals_of(&row.owner, id);
        let own = deals().filter(|deal| self.me.is_some_and(|me| deal.is_party(&me)) && !self.is_hushed(deal));
        Ok(ListingDetail {
            listing: self.listing(row),
            answers: deals().filter(|deal| deal.stage == Stage::Answered && !self.is_hushed(deal)).count() as u64,
            deals: own.map(|deal| self.deal(deal)).collect(),
            turns: self.turns_with(row),
        })
    }

    /// Tells whether the two are already talking about these two listings.
    pub(super) fn under_way(&self, mine: &ListingRow, theirs: &ListingRow) -> bool {
        let board = self.home.board();
        let live = |owner: &ListingRow, answerer: &MemberId| {
            let mut deals = board.deals_of(&owner.owner, &owner.listing.id);
            deals.any(|deal: &DealRow| deal.stage.is_live() && deal.answerer == *answerer)
        };
        live(mine, &theirs.owner) || live(theirs, &mine.owner)
    }
}

/// Tells what fits a listing. The index is made at its first use.
///
/// # Errors
/// `no-building`, `listing-unknown`, `bad-arguments`.
pub(crate) fn fits(
    node: &mut Node,
    owner: Option<MemberId>,
    id: &ListingId,
    limit: Option<u32>,
) -> Result<Matches, ApiError> {
    let limit = page(limit, MATCHES, MATCHES_MAX)?;
    let (owner, asked) = {
        let row = View::of(node)?.find(owner, id)?;
        (row.owner, row.listing.clone())
    };
    let looks = (node.me(), node.own_place());
    node.read_for_matches();
    let home = node.home_mut().ok_or_else(ApiError::no_building)?;
    let found = ask(home, looks, owner, &asked, limit);
    let view = View::by(home, looks.0, looks.1);
    let rows = found.into_iter().filter_map(|found| view.fit(found)).take(limit).collect();
    let listing = view.listing(view.find(Some(owner), id)?);
    Ok(Matches { listing, rows, all_read: home.is_read() })
}

/// What the matcher says of one listing.
pub(super) type Fit = kaifong_node::matching::Match<(MemberId, ListingId)>;

/// Asks the matcher, after [`Node::read_for_matches`]; what is the owner's own is left out.
pub(super) fn ask(
    home: &mut Home,
    looks: (Option<MemberId>, Option<PlaceId>),
    owner: MemberId,
    asked: &kaifong_domain::record::Listing,
    limit: usize,
) -> Vec<Fit> {
    let block = home.board().profile(&owner).map(|profile| profile.block.clone());
    let text = matches::text(asked, block.as_deref());
    // Some of the best may be the owner's own, or for others: they are not to push out what fits.
    let found = home.matcher().matches(asked.side, text, limit.saturating_mul(2).saturating_add(FOR_OTHERS_MAX));
    let for_each_other = |found: &Fit| {
        let (whose, id) = found.id;
        home.board()
            .listing(&whose, &id)
            .is_some_and(|row| home.are_for_each_other(looks, (asked, owner), (&row.listing, whose)))
    };
    found.into_iter().filter(|found| found.id.0 != owner && for_each_other(found)).collect()
}

/// Searches what can still be answered.
///
/// # Errors
/// `no-building`, `bad-arguments`.
pub(crate) fn found(node: &mut Node, args: &SearchArgs) -> Result<Found, ApiError> {
    let limit = page(args.limit, HITS, PAGE_ROWS_MAX)?;
    let (me, place) = (node.me(), node.own_place());
    let home = node.home_mut().ok_or_else(ApiError::no_building)?;
    // With one side only, the other's hits are not to push this one's out.
    let asked = if args.side.is_some() { limit.saturating_mul(4) } else { limit };
    let hits = home.matcher().search(&args.text, asked);
    let view = View::by(home, me, place);
    // Who asks for a shelf is shown what lies there, before what only sounds like it.
    let sought = kaifong_node::matching::fold(args.text.trim());
    let lies = |row: &&ListingRow| {
        let shelf = row.listing.kept.shelf.as_deref();
        is_open(row.stage) && shelf.is_some_and(|shelf| kaifong_node::matching::fold(shelf).contains(&sought))
    };
    let shelf = home.board().listings().filter(|_| !sought.is_empty()).filter(lies).filter(|row| view.is_shown(row));
    let mut lying: Vec<_> = shelf.take(limit).map(|row| Hit { listing: view.listing(row), score: 1.0 }).collect();
    lying.retain(|hit| args.side.is_none_or(|side| side == hit.listing.side));
    let known: Vec<_> = lying.iter().map(|hit| (hit.listing.owner.member.0, hit.listing.id.0)).collect();
    let rows = hits.into_iter().filter(|hit| !known.contains(&hit.id)).filter_map(|hit| {
        let row = home.board().listing(&hit.id.0, &hit.id.1).filter(|row| view.is_shown(row))?;
        let listing = view.listing(row);
        args.side.is_none_or(|side| side == listing.side).then_some(Hit { listing, score: hit.score })
    });
    Ok(Found { rows: lying.into_iter().chain(rows).take(limit).collect() })
}

impl View<'_> {
    /// Tells whether a listing stands in lists: its owner is here and was not blocked, or looks themselves.
    pub(super) fn is_shown(&self, row: &ListingRow) -> bool {
        self.me == Some(row.owner) || (self.is_here(&row.owner) && !self.home.has_blocked(&row.owner))
    }

    pub(super) fn fit(&self, found: Fit) -> Option<Match> {
        let row = self.home.board().listing(&found.id.0, &found.id.1).filter(|row| self.is_shown(row))?;
        let reasons: Vec<Reason> = found.reasons.into_iter().map(Into::into).collect();
        Some(Match {
            listing: self.listing(row),
            score: found.score,
            notify: found.notify,
            why: words::why(&reasons),
            reasons,
        })
    }
}

impl From<kaifong_node::matching::Reason> for Reason {
    fn from(reason: kaifong_node::matching::Reason) -> Self {
        use kaifong_node::matching::Reason as Of;
        match reason {
            Of::SameWords(words) => Self::SameWords { words },
            Of::SameThing { concept, need_word, offer_word } => Self::SameThing { concept, need_word, offer_word },
            Of::SameKind(kind) => Self::SameKind { kind: kind.into() },
            Of::SameBlock => Self::SameBlock,
            Of::SameTime(time) => Self::SameTime { time },
            Of::LikeSense => Self::LikeSense,
        }
    }
}

impl ListingsArgs {
    /// Asks for one side only, whatever was asked before.
    pub(crate) fn of_side(self, side: Side) -> Self {
        Self { side: Some(side), ..self }
    }
}

/// Reads how many rows are wanted.
///
/// # Errors
/// `bad-arguments` beyond `most`, or for none.
pub(crate) fn page(asked: Option<u32>, usual: u32, most: u32) -> Result<usize, ApiError> {
    match asked.unwrap_or(usual) {
        limit if (1..=most).contains(&limit) => Ok(limit as usize),
        limit => Err(ApiError::bad_arguments(format_args!("limit 是 {limit}，要在 1 到 {most} 之间"))),
    }
}

fn word_of(listing: &kaifong_domain::record::Listing) -> Option<Word> {
    listing.kind.map(|kind| kaifong_domain::sort::Word::of(kind, listing.form).into())
}

fn says(row: &ListingRow, folded: &str) -> bool {
    let says = |text: &str| kaifong_node::matching::fold(text).contains(folded);
    says(&row.listing.title) || says(&row.listing.body) || row.listing.kept.shelf.as_deref().is_some_and(says)
}

/// Writes a cursor: it holds the place itself, so that it stays good when the row is gone.
fn written(place: &Place) -> String {
    format!("{}.{}.{}", place.0.0, place.1, place.2)
}

fn cursor(text: Option<&str>) -> Result<Option<Place>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let mut parts = text.splitn(3, '.');
    let place = (|| {
        let at = parts.next()?.parse().ok()?;
        let id: Hex<ListingId> = parts.next()?.parse().ok()?;
        let owner: Hex<MemberId> = parts.next()?.parse().ok()?;
        Some((Reverse(at), id.0, owner.0))
    })();
    place.map(Some).ok_or_else(|| ApiError::bad_arguments("这不是一个翻页标记"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_way_there_and_back() {
        let place = (Reverse(1_700_000_000_000), ListingId([3; 16]), MemberId([4; 16]));
        assert_eq!(cursor(Some(&written(&place))).unwrap(), Some(place));
        assert_eq!(cursor(None).unwrap(), None);
        for wrong in ["", "1", "1.2.3", "x.y.z", "1.03030303030303030303030303030303"] {
            assert_eq!(cursor(Some(wrong)).unwrap_err().code.as_str(), "bad-arguments", "{wrong}");
        }
    }

    #[test]
    fn a_page_has_bounds() {
        assert_eq!(page(None, 50, 200).unwrap(), 50);
        assert_eq!(page(Some(200), 50, 200).unwrap(), 200);
        assert!(page(Some(0), 50, 200).is_err() && page(Some(201), 50, 200).is_err());
    }
}
