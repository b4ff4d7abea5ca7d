//! Making the index of all listings, matching one text among them, and searching.

use std::collections::BTreeSet;
use std::time::Instant as Clock;

use anyhow::{Result, ensure};
use kaifong_domain::record::Listing;
use kaifong_matching::{Matcher, fold};
use kaifong_node::matches;
use rusqlite::Connection;
use serde_json::json;

use crate::Bench;
use crate::report::{Row, quantile, rounded};
use crate::text::{self, Dice};
use crate::world::{NOW, SEED};

const TARGET: &str = "p99 at most 10 ms";
const PEER: &str = "SQLite FTS5, character pairs, bm25";
/// Of each kind.
const QUESTIONS: usize = 300;
/// Whole listings that the peer is asked about: it takes its time.
const PEER_MATCHES: usize = 40;
const BEST: usize = 20;
/// How a ladder is looked for: by syllables, in either script, in wide letters and with a slip.
const LADDERS: [&str; 5] = ["tizi", "梯子", "鋁合金", "ＴＩＺＩ", "铝合金梯孑"];
/// By initials, which blankets and tables have too: something is found, and it takes its time.
const INITIALS: &str = "tz";

/// Measures how long the index takes to be made, words, things and sounds, of everything that a device has.
pub fn build(bench: &Bench) -> Result<Row> {
    let listings = listings(bench)?;
    let begun = Clock::now();
    let matcher = index(&listings);
    let ours = begun.elapsed().as_secs_f64();
    let begun = Clock::now();
    Fts::new(&listings)?;
    let mut row = row(ours, begun.elapsed().as_secs_f64(), "s", "no target", true);
    row.extra.insert("listings".into(), json!(matcher.len()));
    Ok(row)
}

/// Measures what fits a listing of the building, as whoever looks at it asks; in `extra` a text that was never read.
pub fn matching(bench: &Bench) -> Result<Row> {
    let listings = listings(bench)?;
    let mut matcher = index(&listings);
    let begun = Clock::now();
    matcher.read_some(usize::MAX, &mut ());
    let read_s = begun.elapsed().as_secs_f64();
    let peer = Fts::new(&listings)?;
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut ask = |listing: &Listing| {
        let fits = matches::text(listing);
        timed(|| found.extend(matcher.matches(listing.side, fits, BEST).iter().map(|hit| hit.id)))
    };
    let mut dice = Dice::new(SEED, 5);
    let mut new: Vec<f64> = (0..QUESTIONS).map(|_| ask(&text::listing(&mut dice, NOW))).collect();
    let asked = || listings.iter().step_by((listings.len() / QUESTIONS).max(1));
    let mut known: Vec<f64> = asked().map(&mut ask).collect();
    let mut theirs = Vec::new();
    for listing in asked().take(PEER_MATCHES) {
        let mut answer = Ok(0);
        theirs.push(timed(|| answer = peer.ask(&format!("{} {}", listing.title, listing.body))));
        answer?;
    }
    let ours = quantile(&mut known, 0.99);
    let mut row = row(ours, quantile(&mut theirs, 0.99), "ms", TARGET, ours <= 10.0);
    for (name, times) in [("known", &mut known), ("new", &mut new), ("peer", &mut theirs)] {
        row.extra.insert(format!("{name}_p50"), json!(rounded(quantile(times, 0.5))));
        row.extra.insert(format!("{name}_p99"), json!(rounded(quantile(times, 0.99))));
    }
    row.extra.insert("listings".into(), json!(listings.len()));
    row.extra.insert("meanings_read_s".into(), json!(rounded(read_s)));
    row.extra.insert("different_hits".into(), json!(found.len()));
    Ok(row)
}

/// Measures searches: parts of titles as people type them, and one ladder in every way of typing it.
pub fn search(bench: &Bench) -> Result<Row> {
    let mut listings = listings(bench)?;
    let mut dice = Dice::new(SEED, 5);
    let mut ladder = text::listing(&mut dice, NOW);
    ladder.title = "铝合金梯子".into();
    let looked_for = listings.len();
    listings.push(ladder);
    let matcher = index(&listings);
    let peer = Fts::new(&listings)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..QUESTIONS {
        let title = text::listing(&mut dice, NOW).title;
        let query = typed(&mut dice, &title);
        ours.push(timed(|| found.extend(matcher.search(&query, BEST).iter().map(|hit| hit.id))));
        let mut answer = Ok(0);
        theirs.push(timed(|| answer = peer.ask(&query)));
        answer?;
    }
    let mut ladders = Vec::new();
    for query in LADDERS {
        let mut hits = Vec::new();
        ladders.push(timed(|| hits = matcher.search(query, BEST)));
        // Every other ladder may stand before it, and nothing else.
        let title = |id: usize| listings.get(id).map_or("", |listing| listing.title.as_str());
        let is_found =
            hits.iter().any(|hit| hit.id == looked_for) || hits.iter().all(|hit| title(hit.id).contains('梯'));
        ensure!(!hits.is_empty() && is_found, "{query} finds no ladder");
    }
    let mut hits = Vec::new();
    ladders.push(timed(|| hits = matcher.search(INITIALS, BEST)));
    ensure!(!hits.is_empty(), "{INITIALS} finds nothing");
    ours.extend(&ladders);
    let p99 = quantile(&mut ours, 0.99);
    let mut row = row(p99, quantile(&mut theirs, 0.99), "ms", TARGET, p99 <= 10.0);
    for (name, times) in [("search", &mut ours), ("peer_search", &mut theirs)] {
        row.extra.insert(format!("{name}_p50"), json!(rounded(quantile(times, 0.5))));
    }
    row.extra.insert("ladders_max".into(), json!(rounded(quantile(&mut ladders, 1.0))));
    row.extra.insert("listings".into(), json!(listings.len()));
    row.extra.insert("different_hits".into(), json!(found.len()));
    Ok(row)
}

fn listings(bench: &Bench) -> Result<Vec<Listing>> {
    let world = bench.world()?;
    let mut listings = Vec::new();
    for number in 0..world.members {
        listings.extend(world.document(number)?.records().listings);
    }
    Ok(listings)
}

/// By their places: an id is its owner's alone, and two owners may have the same.
fn index(listings: &[Listing]) -> Matcher<usize> {
    let mut matcher = Matcher::new();
    for (place, listing) in listings.iter().enumerate() {
        matcher.insert(place, listing.side, matches::text(listing));
    }
    matcher
}

fn row(ours: f64, peer: f64, unit: &'static str, target: &'static str, met: bool) -> Row {
    let extra = serde_json::Map::new();
    Row { ours, peer: Some(peer), unit, peer_name: PEER.into(), target, met, extra }
}

/// What somebody types who looks for this: two to five characters of its title.
fn typed(dice: &mut Dice, title: &str) -> String {
    let chars: Vec<char> = title.chars().collect();
    let length = usize::try_from(2 + dice.below(4)).unwrap_or(2).min(chars.len());
    let first = usize::try_from(dice.below((chars.len() - length + 1) as u64)).unwrap_or(0);
    chars.iter().skip(first).take(length).collect()
}

fn timed(what: impl FnOnce()) -> f64 {
    let begun = Clock::now();
    what();
    begun.elapsed().as_secs_f64() * 1e3
}

/// SQLite's full-text index over the same texts.
struct Fts {
    connection: Connection,
}

impl Fts {
    fn new(listings: &[Listing]) -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection
            .execute_batch("CREATE VIRTUAL TABLE listing USING fts5(pairs, content='', tokenize='unicode61');")?;
        connection.execute_batch("BEGIN")?;
        {
            let mut insert = connection.prepare("INSERT INTO listing(rowid, pairs) VALUES (?1, ?2)")?;
            for (row, listing) in (1_i64..).zip(listings) {
                insert.execute((row, pairs(&format!("{} {}", listing.title, listing.body), " ")))?;
            }
        }
        connection.execute_batch("COMMIT")?;
        Ok(Self { connection })
    }

    /// Asks for the best rows that have any of the query's pairs.
    fn ask(&self, query: &str) -> Result<usize> {
        let mut select = self
            .connection
            .prepare_cached("SELECT rowid FROM listing WHERE listing MATCH ?1 ORDER BY rank LIMIT ?2")?;
        let any = pairs(query, " OR ");
        let rows = select.query_map((any, i64::try_from(BEST)?), |row| row.get::<_, i64>(0))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.len())
    }
}

/// Cuts a text into pairs of neighbouring characters, each as one word.
fn pairs(text: &str, between: &str) -> String {
    let folded = fold(text);
    let chars: Vec<char> = folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let pair = |two: &[char]| -> Option<String> {
        two.iter().all(|c| c.is_alphanumeric()).then(|| format!("\"{}\"", two.iter().collect::<String>()))
    };
    let pairs: Vec<String> = chars.windows(2).filter_map(pair).collect();
    if between == " " {
        return pairs.join(" ").replace('"', "");
    }
    pairs.join(between)
}
