//! What is up today: whose turn it is, what fits, what is new.

use std::cmp::Reverse;

use kaifong_domain::rows::{DealRow, ListingRow, Step};
use kaifong_domain::{Instant, MemberId};
use kaifong_node::Node;

use super::View;
use super::listings::{ask, is_open};
use crate::ApiError;
use crate::dto::{Today, TodayMatch};

const TURNS_MAX: usize = 3;
const MATCHES_MAX: usize = 3;
const NEWS_MAX: usize = 10;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Tells what is up; `now` and `since` in milliseconds since 1970.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn today(node: &mut Node, now: u64, since: Option<u64>) -> Result<Today, ApiError> {
    let since = since.unwrap_or(now.saturating_sub(DAY_MS));
    let view = View::of(node)?;
    let me = view.require_me()?;
    let requests = if view.is_reviewer(&me) { node.requests().len() as u64 } else { 0 };
    let turns = view.turns(me, now);
    let turns_total = turns.len() as u64;
    let turns = turns.into_iter().take(TURNS_MAX).map(|row| view.deal(row)).collect();
    let news = view.news(me, since);
    let news_total = news.len() as u64;
    let news = news.into_iter().take(NEWS_MAX).map(|row| view.listing(row)).collect();
    let matches = best_matches(node, me)?;
    Ok(Today { turns, turns_total, matches, news, news_total, since, requests })
}

impl View<'_> {
    /// The deals that wait for this member: steps before reviews, the longest waiting first.
    fn turns(&self, me: MemberId, now: u64) -> Vec<&DealRow> {
        let board = self.home.board();
        let mut turns: Vec<(bool, Instant, &DealRow)> = Vec::new();
        for deal in board.deals_with(&me) {
            let Some(step) = board.next_step(&deal.id, &me) else { continue };
            // A lent thing can always be brought back; it is somebody's turn when the day comes or the other has confirmed.
            let early = deal.terms.due_at.is_some_and(|due| due.0 > now.saturating_add(DAY_MS));
            let other_waits = deal.confirmed.giver || deal.confirmed.receiver;
            if step != Step::Return || !early || other_waits {
                turns.push((step == Step::Review, deal.changed_at, deal));
            }
        }
        turns.sort_unstable_by_key(|(review, changed_at, deal)| (*review, *changed_at, deal.id));
        turns.into_iter().map(|(_, _, deal)| deal).collect()
    }

    fn news(&self, me: MemberId, since: u64) -> Vec<&ListingRow> {
        let rows = self.home.board().listings();
        let mut rows: Vec<_> =
            rows.filter(|row| row.owner != me && row.listing.posted_at.0 >= since && is_open(row.stage)).collect();
        rows.sort_unstable_by_key(|row| (Reverse(row.listing.posted_at), row.listing.id));
        rows
    }
}

/// The best match of each of one's open listings, of those good enough to be told unasked.
fn best_matches(node: &mut Node, me: MemberId) -> Result<Vec<TodayMatch>, ApiError> {
    let home = node.home_mut().ok_or_else(ApiError::no_building)?;
    let mine = home.board().listings_of(&me).filter(|row| is_open(row.stage));
    let mine: Vec<_> = mine.map(|row| row.listing.clone()).collect();
    let mut fits = Vec::new();
    for listing in mine {
        fits.extend(ask(home, me, &listing, MATCHES_MAX).into_iter().map(|fit| (listing.id, fit)));
    }
    let view = View { home, me: Some(me) };
    let mut best: Vec<TodayMatch> = Vec::new();
    for (id, fit) in fits {
        let (Some(mine), Some(theirs)) = (home.board().listing(&me, &id), home.board().listing(&fit.id.0, &fit.id.1))
        else {
            continue;
        };
        let told = best.iter().any(|told| told.mine.id.0 == id);
        if told || !fit.notify || view.under_way(mine, theirs) {
            continue;
        }
        let mine = view.listing(mine);
        best.extend(view.fit(fit).map(|best| TodayMatch { mine, best }));
    }
    best.sort_by(|a, b| b.best.score.total_cmp(&a.best.score).then_with(|| a.mine.id.cmp(&b.mine.id)));
    best.truncate(MATCHES_MAX);
    Ok(best)
}
