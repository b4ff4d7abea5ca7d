//! Things of community life: what they are called, and the situations in which they help.
//!
//! `data/concepts.tsv` is written by hand from general knowledge. Each line has a key, names, situations, the keys of
//! broader things, and confusable phrases; the last two may be absent. A name stands for the thing itself wherever it
//! is written. A situation is what somebody in need of it may say: parts joined by `+` must all be there, anywhere in
//! the text; alternatives of one part are parted by `|`. A confusable phrase holds a name and is not the thing: 车 in
//! 车位 is no car. Who means a thing means whatever is broader too, but less.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::Side;
use crate::fold::{Folded, fold};

/// The number of a concept: its place in the lexicon, counted from 0.
pub(crate) type ConceptId = u16;

/// The lexicon that is built in.
pub(crate) static LEXICON: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::parse(include_str!("../data/concepts.tsv")).unwrap_or_default());

/// How much a situation tells of a thing, percent of its name.
const SITUATION_NEED_PERCENT: u16 = 80;
/// An offer that speaks of the situation rather than the thing is less sure to be the thing.
const SITUATION_OFFER_PERCENT: u16 = 50;
/// What only the body says is often said in passing.
const BODY_PERCENT: u16 = 80;
/// A broader thing is meant this much of what is meant itself.
const BROADER_PERCENT: u16 = 45;

#[derive(Default)]
pub(crate) struct Lexicon {
    keys: Vec<String>,
    /// For each concept, what is broader.
    broader: Vec<Vec<ConceptId>>,
    /// Every phrase of every name and situation; `None` when the lexicon is empty.
    phrases: Option<AhoCorasick>,
    /// For each phrase, where it is used.
    uses: Vec<Vec<Use>>,
    rules: Vec<Rule>,
}

/// A phrase is part `part` of rule `rule`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    rule: usize,
    part: usize,
}

/// A name, a situation or a confusable phrase of a concept.
struct Rule {
    concept: ConceptId,
    says: Says,
    parts: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Name,
    Situation,
    Confusable,
}

/// A thing that a text means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// How surely it is meant, 1 to 100.
    pub(crate) strength_percent: u16,
    /// The words that say so, as they were written.
    pub(crate) words: String,
    /// Whether the thing itself was named.
    pub(crate) is_name: bool,
    /// Whether something narrower was meant.
    pub(crate) is_broader: bool,
}

/// Where a phrase was found, in characters of the folded text.
#[derive(Clone, Copy, Debug)]
struct Found {
    phrase: usize,
    start: usize,
    end: usize,
}

impl Lexicon {
    /// Reads a lexicon; the error names the line and what is wrong with it.
    fn parse(tsv: &str) -> Result<Self, String> {
        let mut lexicon = Self::default();
        let mut phrases: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        let mut broader: Vec<(usize, &str, usize)> = Vec::new();
        for (number, line) in (1..).zip(tsv.lines()).filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
            let fields: Vec<&str> = line.split('\t').collect();
            let (key, names, situations, above, confusable) = match *fields.as_slice() {
                [key, names, situations] => (key, names, situations, "", ""),
                [key, names, situations, above] => (key, names, situations, above, ""),
                [key, names, situations, above, confusable] => (key, names, situations, above, confusable),
                _ => return Err(format!("line {number}: {} fields, not 3 to 5", fields.len())),
            };
            if key.is_empty() || lexicon.keys.iter().any(|known| known == key) {
                return Err(format!("line {number}: the key `{key}` is empty or there already"));
            }
            let concept =
                ConceptId::try_from(lexicon.keys.len()).map_err(|_| format!("line {number}: too many concepts"))?;
            lexicon.keys.push(key.to_owned());
            broader.extend(
                above.split('、').filter(|above| !above.is_empty()).map(|above| (usize::from(concept), above, number)),
            );
            let some = |field: &'_ str| -> Vec<String> {
                field.split('、').filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
            };
            let rules = names.split('、').map(|name| (Says::Name, name.to_owned()));
            let rules = rules.chain(some(situations).into_iter().map(|entry| (Says::Situation, entry)));
            let rules = rules.chain(some(confusable).into_iter().map(|entry| (Says::Confusable, entry)));
            for (says, rule) in rules {
                let parts: Vec<&str> = rule.split('+').collect();
                for (part, alternatives) in parts.iter().enumerate() {
                    for phrase in alternatives.split('|') {
                        if phrase.trim() != phrase || phrase.is_empty() {
                            return Err(format!("line {number}: `{rule}` has an empty or spaced part"));
                        }
                        phrases.entry(fold(phrase)).or_default().push(Use { rule: lexicon.rules.len(), part });
                    }
                }
                lexicon.rules.push(Rule { concept, says, parts: parts.len() });
            }
        }
        lexicon.broader = vec![Vec::new(); lexicon.keys.len()];
        for (concept, above, number) in broader {
            let known = lexicon.keys.iter().position(|key| key == above).filter(|place| *place != concept);
            let known = known.and_then(|place| ConceptId::try_from(place).ok());
            let known = known.ok_or_else(|| format!("line {number}: nothing broader is called `{above}`"))?;
            if let Some(of) = lexicon.broader.get_mut(concept) {
                of.push(known);
            }
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(phrases.keys());
        lexicon.phrases = Some(automaton.map_err(|error| error.to_string())?);
        lexicon.uses = phrases.into_values().collect();
        Ok(lexicon)
    }

    /// Returns a concept's key.
    pub(crate) fn key(&self, concept: ConceptId) -> &str {
        self.keys.get(usize::from(concept)).map_or("", String::as_str)
    }

    /// Finds the things that a text means.
    pub(crate) fn mentions(&self, folded: &Folded<'_>, title_chars: usize, side: Side) -> BTreeMap<ConceptId, Mention> {
        // For each rule, the first place of each of its parts.
        let mut begun: BTreeMap<usize, BTreeMap<usize, Found>> = BTreeMap::new();
        let found = self.find(folded);
        let uses = |place: &Found| {
            let uses = self.uses.get(place.phrase).into_iter().flatten();
            uses.filter_map(|used| Some((*used, self.rules.get(used.rule)?))).collect::<Vec<_>>()
        };
        let mut confusable: Vec<(Found, ConceptId)> = Vec::new();
        for place in &found {
            let says = uses(place).into_iter().filter(|(_, rule)| rule.says == Says::Confusable);
            confusable.extend(says.map(|(_, rule)| (*place, rule.concept)));
        }
        for (place, covered) in found.iter().zip(covered(&found)) {
            for (used, rule) in uses(place) {
                let is_other = confusable.iter().any(|(other, concept)| {
                    *concept == rule.concept && other.start <= place.start && place.end <= other.end
                });
                if rule.says != Says::Confusable && !is_other && !(covered && rule.says == Says::Name) {
                    begun.entry(used.rule).or_default().entry(used.part).or_insert(*place);
                }
            }
        }
        let mut mentions: BTreeMap<ConceptId, Mention> = BTreeMap::new();
        for (rule, parts) in begun {
            let Some(rule) = self.rules.get(rule).filter(|rule| rule.parts == parts.len()) else { continue };
            let in_title = parts.values().any(|place| place.start < title_chars);
            let is_name = rule.says == Says::Name;
            let base = match side {
                _ if is_name => 100,
                Side::Need => SITUATION_NEED_PERCENT,
                Side::Offer => SITUATION_OFFER_PERCENT,
            };
            let strength_percent = if in_title { base } else { base * BODY_PERCENT / 100 };
            if mentions.get(&rule.concept).is_none_or(|known| known.strength_percent < strength_percent) {
                let words = words(folded, parts.into_values().collect());
                let mention = Mention { strength_percent, words, is_name, is_broader: false };
                mentions.insert(rule.concept, mention);
            }
        }
        let mut above: BTreeMap<ConceptId, Mention> = BTreeMap::new();
        for (concept, mention) in &mentions {
            let strength_percent = mention.strength_percent * BROADER_PERCENT / 100;
            for broader in self.broader.get(usize::from(*concept)).into_iter().flatten() {
                let weaker = |known: &Mention| known.strength_percent >= strength_percent;
                if !mentions.get(broader).or(above.get(broader)).is_some_and(weaker) {
                    let words = mention.words.clone();
                    above.insert(*broader, Mention { strength_percent, words, is_name: false, is_broader: true });
                }
            }
        }
        mentions.extend(above);
        mentions
    }

    /// Finds every phrase, in the order of the text; a Latin one only as whole words.
    fn find(&self, folded: &Folded<'_>) -> Vec<Found> {
        let Some(phrases) = &self.phrases else { return Vec::new() };
        let text = folded.text.as_str();
        let mut found = Vec::new();
        for place in phrases.find_overlapping_iter(text) {
            let (before, inside, after) = (text.get(..place.start()), text.get(place.range()), text.get(place.end()..));
            let (Some(before), Some(inside), Some(after)) = (before, inside, after) else { continue };
            let after = uninflected(after);
            let cut_before = inside.starts_with(is_word) && before.ends_with(is_word);
            let cut_after = inside.ends_with(is_word) && starts_in_word(after);
            if !cut_before && !cut_after {
                found.push(Found {
                    phrase: place.pattern().as_usize(),
                    start: folded.char_at_byte(place.start()),
                    end: folded.char_at_byte(place.end()),
                });
            }
        }
        found.sort_by_key(reading_order);
        found
    }
}

/// In the order of the text; where phrases begin together, the longest is quoted.
fn reading_order(place: &Found) -> (usize, Reverse<usize>) {
    (place.start, Reverse(place.end))
}

/// Tells of each place whether it lies inside a longer one: 车 in 停车位 is no car.
///
/// The places are in reading order. So whatever covers one stands before it, and of those before it, all that reach as
/// far cover it but its equals: one look at each place is enough.
fn covered(found: &[Found]) -> impl Iterator<Item = bool> {
    // How far any place reaches, and how far any that stands before the equals of the last one.
    let (mut reach, mut reach_before, mut last) = (0, 0, None);
    found.iter().map(move |place| {
        if last.replace((place.start, place.end)) != Some((place.start, place.end)) {
            reach_before = reach;
        }
        reach = reach.max(place.end);
        place.end <= reach_before
    })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Takes the ending of an English noun or verb off what follows a phrase, so that "ladders" and "cleaning" are found.
fn uninflected(after: &str) -> &str {
    let endings = ["s", "es", "ed", "ing"];
    endings.iter().filter_map(|ending| after.strip_prefix(ending)).find(|rest| !starts_in_word(rest)).unwrap_or(after)
}

fn starts_in_word(text: &str) -> bool {
    text.starts_with(is_word)
}

/// Quotes the places in the order of the text, joining those that touch.
fn words(folded: &Folded<'_>, mut places: Vec<Found>) -> String {
    places.sort_by_key(|place| (place.start, place.end));
    let mut words = String::new();
    let mut end = 0;
    for place in places {
        let start = place.start.max(end);
        if start >= place.end {
            continue;
        }
        if !words.is_empty() && start > end {
            words.push('…');
        }
        words.push_str(folded.original(start, place.end));
        end = place.end;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(lexicon: &str, side: Side, text: &str, expect: &[(&str, u16, &str)]) {
        let lexicon = Lexicon::parse(lexicon).unwrap();
        let folded = Folded::new(text, 1000);
        let mentions = lexicon.mentions(&folded, text.chars().position(|c| c == '\n').unwrap_or(1000), side);
        let shown: Vec<_> = mentions
            .iter()
            .map(|(concept, mention)| (lexicon.key(*concept), mention.strength_percent, mention.words.as_str()))
            .collect();
        assert_eq!(shown, expect, "{text}");
    }

    const SMALL: &str = "ladder\t梯子、ladder\t灯|灯泡+够不着|太高\ncar\t车、car\t\nparking\t停车位\t车+没地方停\n";

    #[test]
    fn names_and_situations_are_found_in_the_persons_words() {
        check(SMALL, Side::Need, "借個梯子", &[("ladder", 100, "梯子")]);
        check(SMALL, Side::Need, "求助\n梯子", &[("ladder", 80, "梯子")]);
        check(SMALL, Side::Need, "廚房燈泡太高，換唔到", &[("ladder", 80, "燈泡太高")]);
        check(SMALL, Side::Offer, "太高嘅燈，我够得着", &[("ladder", 50, "太高…燈")]);
        check(SMALL, Side::Need, "太高了", &[]);
    }

    #[test]
    fn a_short_name_inside_a_long_one_is_not_meant() {
        check(SMALL, Side::Offer, "停车位", &[("parking", 100, "停车位")]);
        check(SMALL, Side::Need, "車冇位，没地方停", &[("car", 100, "車"), ("parking", 80, "車…没地方停")]);
    }

    proptest! {
        #[test]
        fn one_look_at_each_place_tells_what_is_covered(places in prop::collection::vec((0usize..12, 1usize..6), 0..40)) {
            let place = |(start, chars)| Found { phrase: 0, start, end: start + chars };
            let mut found: Vec<Found> = places.into_iter().map(place).collect();
            found.sort_by_key(reading_order);
            let naive = |place: &Found| {
                found.iter().any(|other| {
                    other.start <= place.start
                        && place.end <= other.end
                        && other.end - other.start > place.end - place.start
                })
            };
            prop_assert_eq!(covered(&found).collect::<Vec<_>>(), found.iter().map(naive).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_latin_name_is_a_whole_word() {
        check(SMALL, Side::Offer, "Ladders to lend", &[("ladder", 100, "Ladder")]);
        check(SMALL, Side::Offer, "bladder, card, cargo", &[]);
        check(SMALL, Side::Offer, "有car可借", &[("car", 100, "car")]);
    }

    #[test]
    fn a_faulty_line_is_named() {
        let faults = ["a\tb", "a\tb\tc\nb\t\tc", "a\tb\tc\na\tb\tc", "a\tb、 c\t", "a\tb\tc+", "a\tb\tc\td"];
        let lines = [1, 2, 2, 1, 1, 1];
        for (fault, line) in faults.iter().zip(lines) {
            let error = Lexicon::parse(fault).err().unwrap_or_default();
            assert!(error.starts_with(&format!("line {line}: ")), "{fault:?}: {error}");
        }
    }

    #[test]
    fn the_lexicon_is_sound() {
        let lexicon = Lexicon::parse(include_str!("../data/concepts.tsv")).unwrap();
        assert_eq!(lexicon.keys.len(), LEXICON.keys.len());
        assert!(lexicon.keys.len() >= 150, "{}", lexicon.keys.len());
        for key in &lexicon.keys {
            assert!(key.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{key}");
        }
    }
}
