//! Measuring: a world of offers and needs in, a ranking out, for a scorer outside to judge.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde::Deserialize;

use crate::meaning::{directions, line, pieces};
use crate::{Kind, Matcher, Side, Text};

/// The most offers that are listed for a need.
const RANK_MAX: usize = 10;

/// Counts what an evaluation read and wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// The offers read.
    pub offers: usize,
    /// The needs read.
    pub needs: usize,
    /// The lines written.
    pub rows: usize,
    /// The lines written that a person would be told of unasked.
    pub notices: usize,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    kind: LineKind,
    title: String,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum LineKind {
    Item,
    Knowledge,
    Skill,
    Time,
    Space,
    Any,
}

impl Line {
    fn text(&self) -> Text<'_> {
        let kind = match self.kind {
            LineKind::Item => Some(Kind::Item),
            LineKind::Knowledge => Some(Kind::Knowledge),
            LineKind::Skill => Some(Kind::Skill),
            LineKind::Time => Some(Kind::Time),
            LineKind::Space => Some(Kind::Space),
            LineKind::Any => None,
        };
        Text { kind, title: &self.title, body: &self.body }
    }
}

/// Ranks the offers of `world` for each of its needs.
///
/// Reads `offers.jsonl` and `needs.jsonl` from the folder `world` and writes, for each need in the file's order, at
/// most ten lines `need_id<TAB>rank<TAB>offer_id<TAB>score<TAB>notify`: rank from 1, score 0 to 1, notify 0 or 1.
///
/// # Errors
/// Fails when a file cannot be read or `out` not written, and with the kind `InvalidData`, naming file and line, when
/// a line is malformed or repeats an id.
pub fn evaluate(world: &Path, out: &mut dyn Write) -> io::Result<Summary> {
    let offers = read(&world.join("offers.jsonl"))?;
    let needs = read(&world.join("needs.jsonl"))?;
    let mut matcher = Matcher::new();
    for offer in &offers {
        matcher.insert(offer.id.as_str(), Side::Offer, offer.text());
    }
    matcher.read_some(usize::MAX, &mut ());
    let mut summary = Summary { offers: offers.len(), needs: needs.len(), ..Summary::default() };
    for need in &needs {
        for (rank, found) in (1..).zip(matcher.matches(Side::Need, need.text(), RANK_MAX)) {
            writeln!(out, "{}\t{rank}\t{}\t{:.4}\t{}", need.id, found.id, found.score, u8::from(found.notify))?;
            summary.rows += 1;
            summary.notices += usize::from(found.notify);
        }
    }
    out.flush()?;
    Ok(summary)
}

/// Writes what the weights of the matcher are fitted on: for each need and then for each offer of `world` one line of
/// JSON with its id, the word pieces that it is cut into (`pieces`) and what it says to the encoder (`said`, 512 numbers, or
/// none); and, when the world is judged (`qrels.tsv`), with each need its numbers against every offer (`pairs`: words, thing,
/// clash).
///
/// # Errors
/// Fails as [`evaluate`] does.
pub fn numbers(world: &Path, out: &mut dyn Write) -> io::Result<()> {
    let (offers, needs) = (read(&world.join("offers.jsonl"))?, read(&world.join("needs.jsonl"))?);
    let is_judged = world.join("qrels.tsv").exists();
    let mut matcher = Matcher::new();
    for offer in &offers {
        matcher.insert(offer.id.as_str(), Side::Offer, offer.text());
    }
    let pairs = |need: &Line| if is_judged { matcher.numbers(need.text()) } else { Vec::new() };
    let needs = needs.iter().map(|need| (need, pairs(need)));
    for (text, pairs) in needs.chain(offers.iter().map(|offer| (offer, Vec::new()))) {
        let line = line(&text.title, &text.body);
        let (pieces, said) = (pieces(&line), directions(&[&line]).pop().map(Vec::from).unwrap_or_default());
        writeln!(out, "{}", serde_json::json!({ "id": text.id, "pieces": pieces, "said": said, "pairs": pairs }))?;
    }
    out.flush()
}

fn read(path: &Path) -> io::Result<Vec<Line>> {
    let name = path.display();
    let file = File::open(path).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
    let mut lines = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for (number, text) in (1_u32..).zip(BufReader::new(file).lines()) {
        let malformed =
            |what: String| io::Error::new(io::ErrorKind::InvalidData, format!("{name}, line {number}: {what}"));
        let text = text.map_err(|error| malformed(error.to_string()))?;
        if text.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if line.id.is_empty() || line.id.contains(['\t', '\n', '\r']) {
            return Err(malformed("the id is empty or has a tab or line break".to_owned()));
        }
        if !ids.insert(line.id.clone()) {
            return Err(malformed(format!("the id `{}` was there before", line.id)));
        }
        lines.push(line);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const OFFERS: &str = r#"{"id":"o1","kind":"item","mode":"lend","title":"人字梯","body":""}

{"id":"o2","kind":"skill","title":"修單車"}
"#;

    fn evaluated(offers: &str, needs: &str) -> io::Result<(Summary, String)> {
        let world = tempfile::tempdir()?;
        std::fs::write(world.path().join("offers.jsonl"), offers)?;
        std::fs::write(world.path().join("needs.jsonl"), needs)?;
        let mut out = Vec::new();
        let summary = evaluate(world.path(), &mut out)?;
        Ok((summary, String::from_utf8(out).unwrap()))
    }

    #[test]
    fn a_ranking_has_a_line_for_each_match() {
        let needs = r#"{"id":"n1","kind":"any","title":"借人字梯","body":"一日"}"#;
        let (summary, ranking) = evaluated(OFFERS, needs).unwrap();
        assert_eq!(summary, Summary { offers: 2, needs: 1, rows: 1, notices: 1 });
        let fields: Vec<&str> = ranking.trim_end().split('\t').collect();
        assert_eq!([fields[0], fields[1], fields[2], fields[4]], ["n1", "1", "o1", "1"]);
        assert!((0.0..=1.0).contains(&fields[3].parse::<f32>().unwrap()));
    }

    /// What `score.py` of the judges measures, on a world.
    #[derive(Debug, Default)]
    struct Scores {
        hit3: f64,
        ndcg10: f64,
        notify_precision: f64,
        notify_recall: f64,
    }

    /// Scores a world of `data/worlds`.
    fn scores(world: &str) -> Scores {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/worlds").join(world);
        let mut ranking = Vec::new();
        evaluate(&folder, &mut ranking).unwrap();
        let judged = std::fs::read_to_string(folder.join("qrels.tsv")).unwrap();
        let mut grades: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for line in judged.lines().filter(|line| !line.is_empty()) {
            let fields: Vec<&str> = line.split('\t').collect();
            grades.entry(fields[0].to_owned()).or_default().insert(fields[1].to_owned(), fields[2].parse().unwrap());
        }
        let mut ranked: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for line in String::from_utf8(ranking).unwrap().lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            ranked.entry(fields[0].to_owned()).or_default().push((fields[2].to_owned(), fields[4] == "1"));
        }
        let gain = |grades: &[u32]| -> f64 {
            let gains = (2_u32..).zip(grades).take(10);
            gains.map(|(place, grade)| f64::from(2_u32.pow(*grade) - 1) / f64::from(place).log2()).sum()
        };
        let mut scores = Scores::default();
        for (need, grades) in &grades {
            let mut best: Vec<u32> = grades.values().copied().collect();
            best.sort_unstable_by(|a, b| b.cmp(a));
            let found = ranked.get(need).map_or(&[][..], Vec::as_slice);
            let found: Vec<u32> = found.iter().map(|(offer, _)| grades.get(offer).copied().unwrap_or(0)).collect();
            scores.hit3 += f64::from(u8::from(found.iter().take(3).any(|grade| *grade >= best[0].min(2))));
            scores.ndcg10 += gain(&found) / gain(&best);
        }
        let good =
            |need: &str, offer: &str| grades.get(need).and_then(|of| of.get(offer)).is_some_and(|grade| *grade >= 2);
        let told: Vec<(&String, &String)> = ranked
            .iter()
            .flat_map(|(need, found)| found.iter().filter(|(_, notify)| *notify).map(move |(offer, _)| (need, offer)))
            .collect();
        let right = told.iter().filter(|(need, offer)| good(need, offer)).count() as f64;
        let wanted = grades.values().flat_map(BTreeMap::values).filter(|grade| **grade >= 2).count() as f64;
        let needs = grades.len() as f64;
        scores.hit3 /= needs;
        scores.ndcg10 /= needs;
        scores.notify_precision = right / (told.len() as f64).max(1.0);
        scores.notify_recall = right / wanted;
        scores
    }

    /// The floors lie a little below what was measured when they were set (docs/decisions/0035-matching.md).
    #[test]
    fn judged_worlds_are_ranked_well() {
        for (world, floor) in [
            ("a", Scores { hit3: 0.86, ndcg10: 0.73, notify_precision: 0.82, notify_recall: 0.24 }),
            ("b", Scores { hit3: 0.79, ndcg10: 0.65, notify_precision: 0.75, notify_recall: 0.1 }),
        ] {
            let found = scores(world);
            assert!(found.hit3 >= floor.hit3 && found.ndcg10 >= floor.ndcg10, "{world}: {found:?}");
            let told = found.notify_precision >= floor.notify_precision && found.notify_recall >= floor.notify_recall;
            assert!(told, "{world}: {found:?}");
        }
    }

    #[test]
    fn a_malformed_line_is_named() {
        let good = r#"{"id":"n1","kind":"any","title":"梯"}"#;
        for (faulty, what) in [
            ("{", "EOF"),
            (r#"{"id":"n2","kind":"wish","title":"梯"}"#, "unknown variant"),
            (r#"{"id":"n2","kind":"any"}"#, "missing field `title`"),
            (r#"{"id":"a\tb","kind":"any","title":"梯"}"#, "the id is empty or has a tab"),
            (good, "the id `n1` was there before"),
        ] {
            let error = evaluated(OFFERS, &format!("{good}\n\n{faulty}\n")).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            let told = error.to_string();
            assert!(told.contains("needs.jsonl, line 3: ") && told.contains(what), "{told}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = evaluate(Path::new("nowhere"), &mut Vec::new()).unwrap_err();
        assert!(error.kind() == io::ErrorKind::NotFound && error.to_string().contains("offers.jsonl"), "{error}");
    }
}
