//! Times the index with 50,000 listings, or as many as are named: `cargo run --release --example bench -- 2000`.
//!
//! The listings are drawn from the lexicon's own names and situations, so that things meant are as common as in life,
//! with rarer characters strewn between. One seed: every run times the same work.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use kaifong_matching::{Kind, Matcher, MeaningKey, Memory, Side, Text};

const LISTINGS: u32 = 50_000;
const QUESTIONS: usize = 500;

/// Draws numbers, always the same ones (Steele et al., SplitMix64, 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

/// A made-up listing: title and body.
fn written(draw: &mut Draw, words: &[&str]) -> (String, String) {
    const GLUE: [&str; 12] =
        ["想借", "可以借用", "周末有空", "，", "家里有", "请问谁有", "一个", "九成新", "免费", "三号楼", "帮忙", " "];
    let mut phrase = |parts: usize| {
        let mut text = String::new();
        for _ in 0..parts {
            text.push_str(GLUE.get(draw.below(GLUE.len())).copied().unwrap_or_default());
            text.push_str(words.get(draw.below(words.len())).copied().unwrap_or_default());
            let strewn = u32::try_from(draw.below(6_000)).unwrap_or(0);
            text.extend(char::from_u32(0x4e00 + strewn));
        }
        text
    };
    (phrase(1), phrase(2))
}

/// Keeps meanings in memory, as a device keeps them in its store.
#[derive(Default)]
struct Kept(HashMap<MeaningKey, Vec<u8>>);

impl Memory for Kept {
    fn recall(&self, key: &MeaningKey) -> Option<Vec<u8>> {
        self.0.get(key).cloned()
    }

    fn keep(&mut self, key: MeaningKey, meaning: Vec<u8>) {
        self.0.insert(key, meaning);
    }
}

fn report(out: &mut dyn Write, name: &str, mut times: Vec<Duration>) -> io::Result<()> {
    times.sort_unstable();
    let at = |percent: usize| {
        times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    writeln!(out, "{name}: p50 {:.2?}  p99 {:.2?}  max {:.2?}", at(50), at(99), at(100))
}

fn main() -> io::Result<()> {
    let words: Vec<&str> = include_str!("../data/concepts.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split('\t').skip(1).flat_map(|field| field.split(['、', '+', '|'])))
        .collect();
    let kinds = [Kind::Item, Kind::Knowledge, Kind::Skill, Kind::Time, Kind::Space];
    let mut draw = Draw(1);
    let count: u32 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(LISTINGS);
    let listings: Vec<_> = (0..count).map(|_| written(&mut draw, &words)).collect();
    let questions: Vec<_> = (0..QUESTIONS).map(|_| written(&mut draw, &words)).collect();
    let out = &mut io::stdout().lock();

    let kind = |number: usize| kinds.get(number % kinds.len()).copied();
    let start = Instant::now();
    let mut matcher = Matcher::new();
    for (id, (title, body)) in (0_u32..).zip(&listings) {
        // As in a building: three offers for one need, so that a need's question is the harder one.
        let side = if id % 4 == 0 { Side::Need } else { Side::Offer };
        matcher.insert(id, side, Text { kind: kind(id as usize), title, body });
    }
    writeln!(out, "index_build: {:.2?} for {count} listings", start.elapsed())?;
    let (mut kept, start) = (Kept::default(), Instant::now());
    matcher.read_some(usize::MAX, &mut kept);
    let each = start.elapsed() / count.max(1);
    writeln!(out, "meanings read: {:.2?}, {each:.2?} each", start.elapsed())?;
    let mut again = Matcher::new();
    for (id, (title, body)) in (0_u32..).zip(&listings) {
        let side = if id % 4 == 0 { Side::Need } else { Side::Offer };
        again.insert(id, side, Text { kind: None, title, body });
    }
    let start = Instant::now();
    again.read_some(usize::MAX, &mut kept);
    writeln!(out, "meanings remembered: {:.2?}", start.elapsed())?;
    drop(again);

    let timed = |work: &dyn Fn(usize, &(String, String))| -> Vec<Duration> {
        let time = |(number, question)| {
            let start = Instant::now();
            work(number, question);
            start.elapsed()
        };
        questions.iter().enumerate().map(time).collect()
    };
    let matched = timed(&|number, (title, body)| {
        black_box(matcher.matches(Side::Need, Text { kind: kind(number), title, body }, 10));
    });
    report(out, "match_50k, new texts", matched)?;
    // Texts that are in the index, as whoever looks at a listing asks.
    let matched = (0..QUESTIONS).map(|number| {
        let at = number * listings.len() / QUESTIONS;
        let (side, start) = (if at.is_multiple_of(4) { Side::Need } else { Side::Offer }, Instant::now());
        if let Some((title, body)) = listings.get(at) {
            black_box(matcher.matches(side, Text { kind: kind(at), title, body }, 10));
        }
        start.elapsed()
    });
    report(out, "match_50k, texts of the index", matched.collect())?;
    let searched = timed(&|number, _| {
        black_box(matcher.search(words.get(number * 7 % words.len()).copied().unwrap_or_default(), 20));
    });
    report(out, "search_50k", searched)?;
    let searched = timed(&|_, (title, _)| {
        black_box(matcher.search(title, 20));
    });
    report(out, "search_50k, whole titles", searched)
}
