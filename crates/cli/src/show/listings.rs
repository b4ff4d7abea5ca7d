//! Offers, needs, matches.

use kaifong_api::dto::{Found, Listing, Listings, Match, Matches, Posted};

use super::layout::{cut, short, table, when};

/// Says that a listing is posted.
pub(crate) fn posted(posted: &Posted, title: &str) -> String {
    let id = short(&posted.listing);
    format!("登出来了：{title}（{id}）\n看看谁合适：kaifong matches {id}")
}

/// Shows a page of listings.
pub(crate) fn listings(listings: &Listings) -> String {
    if listings.rows.is_empty() {
        return "没有这样的供需".to_owned();
    }
    let mut text = format!("{}\n共 {} 条", listing_table(&listings.rows), listings.total);
    if let Some(older) = &listings.older {
        text.push_str(&format!("；更早的：--after {older}"));
    }
    text
}

/// Shows listings in columns.
pub(crate) fn listing_table(rows: &[Listing]) -> String {
    table(rows.iter().map(listing).collect())
}

fn listing(listing: &Listing) -> Vec<String> {
    let kind = match (listing.kind, listing.mode) {
        (Some(kind), Some(mode)) => format!("{}·{}", kind.word(), mode.word()),
        (Some(kind), None) => kind.word().to_owned(),
        (None, _) => "不限".to_owned(),
    };
    let points = listing.points.map(|points| format!("{points} 分")).unwrap_or_default();
    let who = if listing.mine { "我".to_owned() } else { listing.owner.shown() };
    vec![
        short(&listing.id),
        listing.side.word().to_owned(),
        kind,
        cut(&listing.title, 40),
        who,
        points,
        listing.stage.word().to_owned(),
        when(listing.posted_at),
    ]
}

/// Shows what a search found.
pub(crate) fn found(found: &Found) -> String {
    if found.rows.is_empty() {
        return "没有找到".to_owned();
    }
    table(found.rows.iter().map(|hit| listing(&hit.listing)).collect())
}

/// Shows what fits, and why.
pub(crate) fn matches(matches: &Matches) -> String {
    let mut head = format!("{}：{}", matches.listing.side.word(), matches.listing.title);
    if !matches.all_read {
        head.push_str("\n还没把大家写的都细读一遍，意思相近的可能还没找到；过一会儿再看");
    }
    if matches.rows.is_empty() {
        return format!("{head}\n还没有合适的；有了会在「今天」里告诉你");
    }
    format!("{head}\n{}", table(matches.rows.iter().map(fit).collect()))
}

/// Shows one match in columns.
pub(crate) fn fit(fit: &Match) -> Vec<String> {
    let mark = if fit.notify { "合适" } else { "也许" };
    let listing = &fit.listing;
    vec![short(&listing.id), mark.to_owned(), cut(&listing.title, 40), listing.owner.shown(), fit.why.clone()]
}
