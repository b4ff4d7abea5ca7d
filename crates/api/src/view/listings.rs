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
/// Of a shelf's name at least so many characters are typed before it is looked for.
const SHELF_CHARS_MIN: usize = 2;
/// What lies there counts as much as a text that has the whole query once.
const SHELF_SCORE: f32 = 0.5;

/// A listing among all of the building.
type Key = (MemberId, ListingId);
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
            had: self.had_before(row),
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
    node.read_for_matches(Some(&asked));
    let home = node.home().ok_or_else(ApiError::no_building)?;
    let found = ask(home, looks, owner, &asked, limit);
    let view = View::by(home, looks.0, looks.1);
    let rows = found.into_iter().filter_map(|found| view.fit(found)).collect();
    let listing = view.listing(view.find(Some(owner), id)?);
    Ok(Matches { listing, rows, all_read: home.is_read() })
}

/// What the matcher says of one listing.
pub(super) type Fit = kaifong_node::matching::Match<Key>;

/// Asks the matcher, after [`Node::read_for_matches`]. What is the owner's own, for others or not shown neither counts nor
/// pushes out what fits.
pub(super) fn ask(
    home: &Home,
    looks: (Option<MemberId>, Option<PlaceId>),
    owner: MemberId,
    asked: &kaifong_domain::record::Listing,
    limit: usize,
) -> Vec<Fit> {
    let view = View::by(home, looks.0, looks.1);
    home.matcher().matches_among(asked.side, matches::text(asked), limit, |(whose, id)| {
        let row = home.board().listing(whose, id).filter(|row| *whose != owner && view.is_shown(row))?;
        let are_for_each_other = home.are_for_each_other(looks, (asked, owner), (&row.listing, *whose));
        are_for_each_other.then(|| home.near(looks, &owner, whose))
    })
}

/// Searches what can still be answered.
///
/// # Errors
/// `no-building`, `bad-arguments`.
pub(crate) fn found(node: &mut Node, args: &SearchArgs) -> Result<Found, ApiError> {
    let limit = page(args.limit, HITS, PAGE_ROWS_MAX)?;
    let (me, place) = (node.me(), node.own_place());
    let home = node.home_mut().ok_or_else(ApiError::no_building)?;
    home.index_listings();
    let view = View::by(home, me, place);
    let board = home.board();
    let is_asked =
        |row: &ListingRow| view.is_shown(row) && args.side.is_none_or(|side| side == Side::from(row.listing.side));
    let of_words = home
        .matcher()
        .search_among(&args.text, limit, |(owner, id), _| board.listing(owner, id).is_some_and(&is_asked));
    let mut found: Vec<(f32, Key)> = of_words.iter().map(|hit| (hit.score, hit.id)).collect();
    // What lies on the shelf that was asked for counts as much as a query that a text has once. What has no word of it comes
    // after such texts, and leaves half of the page to them, whatever its owner calls the shelf.
    let sought = kaifong_node::matching::fold(args.text.trim());
    if sought.chars().count() >= SHELF_CHARS_MIN {
        let lies = |row: &ListingRow| {
            let shelf = row.listing.kept.shelf.as_deref();
            shelf.is_some_and(|shelf| kaifong_node::matching::fold(shelf).starts_with(&sought))
        };
        for (score, (owner, id)) in &mut found {
            if board.listing(owner, id).is_some_and(lies) {
                *score = score.max(SHELF_SCORE);
            }
        }
        let is_new = |row: &&ListingRow| is_open(row.stage) && !of_words.iter().any(|hit| hit.id == row.key());
        let lying = board.listings().filter(|row| lies(row)).filter(is_new).filter(|row| is_asked(row));
        found.extend(lying.take(limit.div_ceil(2)).map(|row| (SHELF_SCORE, row.key())));
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    }
    let rows = found
        .into_iter()
        .take(limit)
        .filter_map(|(score, (owner, id))| Some(Hit { listing: view.listing(board.listing(&owner, &id)?), score }));
    Ok(Found { rows: rows.collect() })
}

impl View<'_> {
    /// Tells whether a listing stands in lists: its owner is here and was not blocked, or looks themselves.
    pub(super) fn is_shown(&self, row: &ListingRow) -> bool {
        self.me == Some(row.owner) || (self.is_here(&row.owner) && !self.home.has_blocked(&row.owner))
    }

    pub(super) fn fit(&self, found: Fit) -> Option<Match> {
        let row = self.home.board().listing(&found.id.0, &found.id.1)?;
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
            Of::SameZone => Self::SameZone,
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
