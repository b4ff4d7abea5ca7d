//! What is up today: whose turn it is, what fits, what is new.

use std::cmp::Reverse;

use kaifong_domain::care::Thread;
use kaifong_domain::rows::{DealRow, ListingRow, Step};
use kaifong_domain::{Instant, ListingId, MemberId};
use kaifong_node::Node;

use super::View;
use super::council::unread_drafts;
use super::listings::{Fit, ask, is_open};
use crate::ApiError;
use crate::dto::{Activity, BookingStage, IntroductionStage, NoticeKind, Today, TodayMatch};
use crate::notices::{Key, Thing};

const TURNS_MAX: usize = 3;
const MATCHES_MAX: usize = 3;
const NEWS_MAX: usize = 10;
const MATTERS_MAX: usize = 3;
const ACTIVITIES_MAX: usize = 3;
const SLIPS_MAX: usize = 3;
const SLOTS_MAX: usize = 3;
const INVITATIONS_MAX: usize = 3;
const NAMED_MAX: usize = 3;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// How long before its hour it is told that a thing is to be back today: things are due in the evening.
const DAWN_MS: u64 = 12 * 3600 * 1000;

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
    let turns = turns.into_iter().take(TURNS_MAX).map(|(_, row)| view.deal(row)).collect();
    let news = view.news(me, since);
    let news_total = news.len() as u64;
    let news = news.into_iter().take(NEWS_MAX).map(|row| view.listing(row)).collect();
    let hall = view.home.speakers();
    let rows = view.matters_for(me, &hall);
    let matters_total = rows.len() as u64;
    let matters = rows.iter().take(MATTERS_MAX).map(|row| view.matter(row, &hall)).collect();
    let mut activities = view.activities_for(me);
    let activities_total = activities.len() as u64;
    activities.truncate(ACTIVITIES_MAX);
    let mut slips = view.slips_of(&me);
    let slips_total = slips.len() as u64;
    slips.truncate(SLIPS_MAX);
    let mut slots = view.slots_for(me);
    let slots_total = slots.len() as u64;
    slots.truncate(SLOTS_MAX);
    let mut invitations = view.invitations(node);
    invitations.truncate(INVITATIONS_MAX);
    let named = view.named_in(me).into_iter().take(NAMED_MAX).map(|row| view.listing(row)).collect();
    let announced = view.announced_to(me);
    let announced_total = announced.len() as u64;
    let announced = view.activity_rows(announced.get(..ACTIVITIES_MAX).unwrap_or(&announced));
    let matches = best_matches(node, me)?;
    Ok(Today {
        turns,
        turns_total,
        matches,
        news,
        news_total,
        since,
        requests,
        matters,
        matters_total,
        activities,
        activities_total,
        slips,
        slips_total,
        slots,
        slots_total,
        invitations,
        named,
        announced,
        announced_total,
    })
}

/// What may be told outside the window.
#[derive(Clone, Debug)]
pub(crate) struct Notable {
    pub(crate) things: Vec<Thing>,
    /// When there may be more without any change, in milliseconds since 1970: a lent thing's day comes, an activity begins.
    pub(crate) next_at_ms: Option<u64>,
}

/// Tells what may be told outside the window: each step that waits for this member, unless the member's own last step
/// has led to it; a slip that asks for their word; what lies before the council for this device's seat; who asks this
/// reviewer to join; what was announced; and `with_fits` what fits. `now` in milliseconds since 1970.
///
/// # Errors
/// `no-building`, `not-yet-member`.
pub(crate) fn notable(node: &mut Node, now: u64, with_fits: bool) -> Result<Notable, ApiError> {
    let view = View::of(node)?;
    let me = view.require_me()?;
    let mut things = Vec::new();
    // Who is away or has gone is reminded of nothing, and nobody of what they would have to do with them.
    if !view.is_here(&me) {
        return Ok(Notable { things, next_at_ms: None });
    }
    for (step, deal) in view.turns(me, now) {
        if deal.other(&me).is_some_and(|other| !view.is_here(&other)) {
            continue;
        }
        // A thing is brought back because its day has come or the other has confirmed, not because it was handed over.
        if step != Step::Review && (step == Step::Return || !view.is_last_by(deal, me)) {
            let when = if step == Step::Return { return_when(deal, now) } else { 0 };
            // Whoever lends it is told of a later day that is asked for each time, and of the thing once it is overdue.
            if step == Step::Return && deal.giver == me && when < 2 && !deal.confirmed.receiver {
                continue;
            }
            let asked = deal.extension.asked.filter(|_| step == Step::Extend).unwrap_or(0).to_le_bytes();
            let step = crate::dto::Step::from(step).name().as_bytes();
            let key = if asked == [0, 0] && when == 0 {
                Key::of(NoticeKind::Turn, &[&deal.id.0, step])
            } else {
                Key::of(NoticeKind::Turn, &[&deal.id.0, step, &[when], &asked])
            };
            things.push(Thing { kind: NoticeKind::Turn, key, place: format!("/deal/{}", deal.id) });
        }
    }
    if view.is_reviewer(&me) {
        things.extend(node.requests().iter().map(|waiting| Thing {
            kind: NoticeKind::Request,
            key: Key::of(NoticeKind::Request, &[&waiting.device.0]),
            place: "/neighbours/requests".to_owned(),
        }));
    }
    things.extend(view.waiting_for(&me).map(|(member, marking)| Thing {
        kind: NoticeKind::Turn,
        key: Key::of(NoticeKind::Turn, &[&member.0, &marking.number.to_le_bytes(), &marking.entry.0]),
        place: format!("/neighbours/{member}"),
    }));
    things.extend(unread_drafts(node).into_iter().map(|draft| Thing {
        kind: NoticeKind::Turn,
        key: Key::of(NoticeKind::Turn, &[&draft.0]),
        place: "/neighbours/council".to_owned(),
    }));
    // Once for each round: for an answer, and for the word whether the answer helps.
    things.extend(view.matters_for(me, &view.home.speakers()).into_iter().map(|row| {
        let what: &[u8] = if row.asker == me { b"judge" } else { b"answer" };
        let (asker, id, since) = (row.asker, row.matter.id, row.open_since.0.to_le_bytes());
        Thing {
            kind: NoticeKind::Turn,
            key: Key::of(NoticeKind::Turn, &[&asker.0, &id.0, what, &since]),
            place: format!("/hall/{asker}/{id}"),
        }
    }));
    things.extend(view.named_in(me).into_iter().map(|row| Thing {
        kind: NoticeKind::Turn,
        key: Key::of(NoticeKind::Turn, &[b"owns", &row.owner.0, &row.listing.id.0]),
        place: format!("/share/{}", row.listing.id),
    }));
    things.extend(view.activities_for(me).iter().filter_map(activity_thing));
    things.extend(view.places_given(me).map(|row| Thing {
        kind: NoticeKind::Turn,
        key: Key::of(NoticeKind::Turn, &[&row.host.0, &row.activity.0, b"placed", &row.entry.0]),
        place: format!("/activities/{}/{}", row.host, row.activity),
    }));
    things.extend(view.announced_to(me).into_iter().map(|(host, activity)| Thing {
        kind: NoticeKind::Activity,
        key: Key::of(NoticeKind::Activity, &[&host.0, &activity.0]),
        place: format!("/activities/{host}/{activity}"),
    }));
    // What one has entered oneself one knows.
    let entered = view.slips_of(&me).into_iter().filter(|row| row.entered_by.iter().any(|by| by.member.0 != me));
    things.extend(entered.map(|row| Thing {
        kind: NoticeKind::Turn,
        key: Key::of(
            NoticeKind::Turn,
            &[b"slip", row.number.as_bytes(), &row.payee.member.0.0, &row.points.to_le_bytes()],
        ),
        place: "/points/slips".to_owned(),
    }));
    things.extend(care_things(node, me));
    let later = view
        .home
        .board()
        .deals_with(&me)
        .filter(|deal| view.home.board().next_step(&deal.id, &me) == Some(Step::Return));
    let later = later.flat_map(return_times).filter(|at| *at > now);
    let next_at_ms = later.chain(view.next_activity_at(me)).min();
    if with_fits {
        things.extend(good_fits(node, me)?.into_iter().map(|(mine, Fit { id: (owner, theirs), .. })| Thing {
            kind: NoticeKind::Fit,
            key: Key::of(NoticeKind::Fit, &[&mine.0, &owner.0, &theirs.0]),
            place: format!("/share/{mine}"),
        }));
    }
    Ok(Notable { things, next_at_ms })
}

/// Tells once that something is to be signed for an activity, that it can be paid at the door, or that it was called off; and
/// a host once that somebody is to be marked.
fn activity_thing(row: &Activity) -> Option<Thing> {
    let what = match &row.booking {
        Some(booking) if booking.due => booking.owed?.name(),
        Some(_) if row.called_off_at.is_some() => "called-off",
        Some(booking) if booking.can_pay && booking.stage == BookingStage::Placed => "door",
        _ if row.unmarked > 0 => "mark",
        _ => return None,
    };
    let (host, id) = (row.host.member.0, row.id.0);
    let key = Key::of(NoticeKind::Turn, &[&host.0, &id.0, what.as_bytes()]);
    Some(Thing { kind: NoticeKind::Turn, key, place: format!("/activities/{host}/{id}") })
}

/// Whether a lent thing's day is to come (0), has come (1) or is over (2): of each one is told once.
fn return_when(deal: &DealRow, now: u64) -> u8 {
    let [_, dawn, over] = return_times(deal);
    if now >= over { 2 } else { u8::from(now >= dawn) }
}

/// The day before a lent thing is to be back, its day, and when that is over.
fn return_times(deal: &DealRow) -> [u64; 3] {
    let due = deal.due_at.map_or(u64::MAX, |due| due.0);
    [return_from(deal), due.saturating_sub(DAWN_MS), due.saturating_add(1)]
}

/// Tells once of each message that was not answered yet, and of each introduction in which it is this member's turn. Neither
/// who nor what is told.
fn care_things(node: &Node, me: MemberId) -> Vec<Thing> {
    let said = node.unanswered().into_iter().map(|(thread, hash)| {
        let place = match thread {
            Thread::Deal(deal) => format!("/deal/{deal}"),
            Thread::Introduced(id) => format!("/neighbours/introductions/{id}"),
        };
        Thing { kind: NoticeKind::Turn, key: Key::of(NoticeKind::Turn, &[b"said", &hash]), place }
    });
    let turns = node.introductions().into_iter().filter(|(_, row)| super::care::is_turn(row, me));
    let turns = turns.map(|(id, row)| {
        let stage = IntroductionStage::from(row.stage).name();
        let key = Key::of(NoticeKind::Turn, &[b"introduction", &id.0, stage.as_bytes()]);
        Thing { kind: NoticeKind::Turn, key, place: "/neighbours/introductions".to_owned() }
    });
    said.chain(turns).collect()
}

/// When it becomes one's turn to bring a lent thing back, in milliseconds since 1970.
fn return_from(deal: &DealRow) -> u64 {
    deal.due_at.map_or(0, |due| due.0.saturating_sub(DAY_MS))
}

impl View<'_> {
    /// The deals that wait for this member, and for what: steps before reviews, the longest waiting first.
    fn turns(&self, me: MemberId, now: u64) -> Vec<(Step, &DealRow)> {
        let board = self.home.board();
        let mut turns: Vec<(Step, Instant, &DealRow)> = Vec::new();
        for deal in board.deals_with(&me).chain(self.home.to_mediate(&me)) {
            let Some(step) = self.home.next_step(deal, &me).filter(|_| !self.is_hushed(deal)) else { continue };
            // A lent thing can always be brought back; it is somebody's turn when the day comes or the other has confirmed.
            let early = return_from(deal) > now;
            let other_waits = deal.confirmed.giver || deal.confirmed.receiver;
            // What somebody else still has is not handed over yet.
            let elsewhere = step == Step::HandOver && board.out_before(&deal.id).is_some();
            // In line the first one's turn comes when the thing is there, or a place is free.
            let in_line = step == Step::Agree && (self.waits_in_line(deal) || self.waits_for_a_place(deal));
            if !elsewhere && !in_line && (step != Step::Return || !early || other_waits) {
                turns.push((step, deal.changed_at, deal));
            }
        }
        turns.sort_unstable_by_key(|(step, changed_at, deal)| (*step == Step::Review, *changed_at, deal.id));
        turns.into_iter().map(|(step, _, deal)| (step, deal)).collect()
    }

    /// Tells whether the deal's last step was this member's.
    fn is_last_by(&self, deal: &DealRow, member: MemberId) -> bool {
        let last = deal.entries.last().and_then(|hash| self.home.journals().entry(hash));
        last.is_some_and(|entry| self.home.roster().owner_of_journal(&entry.value().journal) == Some(member))
    }

    fn news(&self, me: MemberId, since: u64) -> Vec<&ListingRow> {
        let rows = self.home.board().listings();
        let mut rows: Vec<_> = rows
            .filter(|row| {
                row.owner != me && row.listing.posted_at.0 >= since && is_open(row.stage) && self.is_shown(row)
            })
            .filter(|row| self.home.is_for(&row.listing, self.place))
            .collect();
        rows.sort_unstable_by_key(|row| (Reverse(row.listing.posted_at), row.listing.id));
        rows
    }
}

/// What fits each of one's open listings well enough to be told unasked and is not under way, each listing's best first.
fn good_fits(node: &mut Node, me: MemberId) -> Result<Vec<(ListingId, Fit)>, ApiError> {
    let place = node.own_place();
    node.read_for_matches(None);
    let home = node.home().ok_or_else(ApiError::no_building)?;
    let view = View::by(home, Some(me), place);
    // Who is away or has gone is matched with nobody.
    if !view.is_here(&me) {
        return Ok(Vec::new());
    }
    let board = home.board();
    let mine = board.listings_of(&me).filter(|row| is_open(row.stage));
    let fits = mine.flat_map(|row| {
        let fits = ask(home, (Some(me), place), me, &row.listing, MATCHES_MAX);
        fits.into_iter().filter(|fit| fit.notify).map(move |fit| (row, fit))
    });
    let new = fits
        .filter(|(mine, fit)| board.listing(&fit.id.0, &fit.id.1).is_some_and(|theirs| !view.under_way(mine, theirs)));
    Ok(new.map(|(row, fit)| (row.listing.id, fit)).collect())
}

/// The best match of each of one's open listings, of those good enough to be told unasked.
fn best_matches(node: &mut Node, me: MemberId) -> Result<Vec<TodayMatch>, ApiError> {
    let fits = good_fits(node, me)?;
    let view = View::of(node)?;
    let mut best: Vec<TodayMatch> = Vec::new();
    for (id, fit) in fits {
        let told = best.iter().any(|told| told.mine.id.0 == id);
        let Some(mine) = view.home.board().listing(&me, &id).filter(|_| !told) else { continue };
        let mine = view.listing(mine);
        best.extend(view.fit(fit).map(|best| TodayMatch { mine, best }));
    }
    best.sort_by(|a, b| b.best.score.total_cmp(&a.best.score).then_with(|| a.mine.id.cmp(&b.mine.id)));
    best.truncate(MATCHES_MAX);
    Ok(best)
}
