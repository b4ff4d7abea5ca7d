//! Searching and matching one text among all listings.

use std::collections::BTreeSet;
use std::time::Instant as Clock;

use anyhow::Result;
use kaifong_domain::ListingId;
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
/// Of each kind.
const QUESTIONS: u64 = 300;
/// Whole listings that the peer is asked about: it takes its time.
const PEER_MATCHES: usize = 40;
const BEST: usize = 20;

/// Measures the row.
pub fn run(bench: &Bench) -> Result<Row> {
    let world = bench.world()?;
    let mut listings = Vec::new();
    for number in 0..world.members {
        listings.extend(world.document(number)?.records().listings);
    }
    let begun = Clock::now();
    let mut matcher = Matcher::new();
    for listing in &listings {
        matcher.insert(listing.id, listing.side, matches::text(listing, None));
    }
    let built_s = begun.elapsed().as_secs_f64();
    let begun = Clock::now();
    matcher.read_some(usize::MAX);
    let read_s = begun.elapsed().as_secs_f64();
    let begun = Clock::now();
    let peer = Fts::new(&listings)?;
    let peer_built_s = begun.elapsed().as_secs_f64();

    let mut dice = Dice::new(SEED, 5);
    let asked: Vec<Listing> = (0..QUESTIONS).map(|_| text::listing(&mut dice, NOW)).collect();
    let typed: Vec<String> = asked.iter().map(|listing| typed(&mut dice, &listing.title)).collect();
    let (mut search, mut matching) = (Vec::new(), Vec::new());
    let (mut peer_search, mut peer_matching) = (Vec::new(), Vec::new());
    let mut found: BTreeSet<ListingId> = BTreeSet::new();
    for (listing, query) in asked.iter().zip(&typed) {
        search.push(timed(|| found.extend(matcher.search(query, BEST).iter().map(|hit| hit.id))));
        let fits = matches::text(listing, None);
        matching.push(timed(|| {
            found.extend(matcher.matches(listing.side, fits, BEST).iter().map(|hit| hit.id));
        }));
        let mut failed = None;
        peer_search.push(timed(|| failed = peer.ask(query).err()));
        if peer_matching.len() < PEER_MATCHES {
            peer_matching.push(timed(|| failed = peer.ask(&format!("{} {}", listing.title, listing.body)).err()));
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
    // The slower of the two kinds counts.
    let ours = quantile(&mut search, 0.99).max(quantile(&mut matching, 0.99));
    let theirs = quantile(&mut peer_search, 0.99).max(quantile(&mut peer_matching, 0.99));
    let mut row = Row {
        ours,
        peer: Some(theirs),
        unit: "ms",
        peer_name: "SQLite FTS5, character pairs, bm25".into(),
        target: TARGET,
        met: ours <= 10.0,
        extra: serde_json::Map::new(),
    };
    for (name, times) in [
        ("search", &mut search),
        ("match", &mut matching),
        ("peer_search", &mut peer_search),
        ("peer_match", &mut peer_matching),
    ] {
        row.extra.insert(format!("{name}_p50"), json!(rounded(quantile(times, 0.5))));
        row.extra.insert(format!("{name}_p99"), json!(rounded(quantile(times, 0.99))));
    }
    row.extra.insert("listings".into(), json!(listings.len()));
    row.extra.insert("index_built_s".into(), json!(rounded(built_s)));
    row.extra.insert("meanings_read_s".into(), json!(rounded(read_s)));
    row.extra.insert("peer_index_built_s".into(), json!(rounded(peer_built_s)));
    row.extra.insert("different_hits".into(), json!(found.len()));
    row.extra.insert(
        "is".into(),
        json!("p99 of searches or of matches, whichever is more; the peer knows no synonyms and gives no reasons"),
    );
    Ok(row)
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
