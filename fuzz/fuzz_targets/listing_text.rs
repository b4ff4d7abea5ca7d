//! Texts that neighbours write: the domain's checks, folding, matching, search.
#![no_main]

use kaifong_domain::record::{self, Listing};
use kaifong_domain::{Instant, ListingId, Points, text};
use kaifong_fuzz::{Mode, Unstructured, below, chance, open, pick, run};
use kaifong_matching::{Kind, Matcher, Side, Text, fold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| run(|| one(data)));

fn one(data: &[u8]) {
    let Some((mode, mut u)) = open(data) else { return };
    if mode == Mode::Raw {
        let bytes = u.take_rest();
        let text = String::from_utf8_lossy(bytes);
        let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
        let (title, body) = text.split_at(half);
        return matched(&[(Side::Offer, title.into(), body.into()), (Side::Need, body.into(), title.into())]);
    }
    let side = |u: &mut Unstructured<'_>| *pick(u, &[Side::Offer, Side::Need]).unwrap_or(&Side::Offer);
    let texts: Vec<_> = (0..=below(&mut u, 6)).map(|_| (side(&mut u), written(&mut u), written(&mut u))).collect();
    for (_, title, body) in &texts {
        checked(&mut u, title, body);
    }
    matched(&texts);
}

/// Words that the lexicon knows, and any others.
fn written(u: &mut Unstructured<'_>) -> String {
    const WORDS: [&str; 16] = [
        "借",
        "電鑽",
        "水龙头滴水",
        "看孩子",
        "輔導",
        "拼車",
        "drill",
        "WiFi",
        "１２３",
        "㎡",
        "。",
        "\u{301}",
        "ﬀ",
        "İ",
        "\u{FDFA}",
        "ẞ",
    ];
    let mut text = String::new();
    for _ in 0..below(u, 10) {
        if chance(u, 4) {
            text.push(u.arbitrary().unwrap_or('\u{0}'));
        } else {
            text.push_str(pick(u, &WORDS).copied().unwrap_or_default());
        }
    }
    if chance(u, 16) { text.repeat(200) } else { text }
}

fn checked(u: &mut Unstructured<'_>, title: &str, body: &str) {
    let listing = Listing {
        kind: Some(record::Kind::Skill),
        body: body.into(),
        points: Some(Points(u.arbitrary().unwrap_or(0))),
        ..Listing::of(ListingId([1; 16]), record::Side::Offer, title, Instant(1))
    };
    if listing.check().is_ok() {
        assert!(!title.trim().is_empty() && title.chars().count() <= record::TITLE_CHARS_MAX);
        assert!(!title.contains(char::is_control) && text::prose("title", title, 60, false).is_ok());
        assert!(body.chars().count() <= record::BODY_CHARS_MAX);
    }
}

fn matched(texts: &[(Side, String, String)]) {
    let text = |title: &'_ str, body: &'_ str| (fold(title), fold(body));
    let mut one = Matcher::new();
    let mut other = Matcher::new();
    for (id, (side, title, body)) in texts.iter().enumerate() {
        let _ = text(title, body);
        one.insert(id, *side, Text { kind: Some(Kind::Item), title, body });
    }
    for (id, (side, title, body)) in texts.iter().enumerate().rev() {
        // Something else stood there before.
        other.insert(id, side.other(), Text { kind: None, title: body, body: title });
        other.insert(id, *side, Text { kind: Some(Kind::Item), title, body });
    }
    for (side, title, body) in texts {
        let asked = Text { kind: Some(Kind::Item), title, body };
        let matches = one.matches(*side, asked, 5);
        assert!(matches.len() <= 5 && matches.iter().all(|found| (0.0..=1.0).contains(&found.score)));
        assert!(matches.iter().all(|found| !found.reasons.is_empty()), "a match has its reasons");
        assert_eq!(other.matches(*side, asked, 5), matches, "the order of arrival does not matter");
        let hits = one.search(title, 5);
        assert!(hits.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
        assert_eq!(other.search(title, 5), hits);
    }
    (0..texts.len()).for_each(|id| one.remove(id));
    assert!(one.is_empty());
}
