//! The matcher: texts in, matches with reasons and search hits out.

mod reading;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::fold::fold;
use crate::index::{Index, Slot, saturation};
use crate::lexicon::{LEXICON, Mention};
use crate::meaning::{Compared, Meaning, MeaningKey, line};
use crate::sound::{Heard, Sound, typed};
use crate::terms::{Analysis, Joined, Term, tokens};
use crate::times::Times;
use crate::{Hit, Kind, Match, Near, Reason, Side, Text};

/// A shared character weighs this part of a shared pair.
const CHAR_WEIGHT: f32 = 0.2;
/// A character of less rarity, 0 to 1, tells next to nothing and stands in very many texts: it is passed over.
const CHAR_RARITY_MIN: f32 = 0.2;
/// Who says this has something to give.
const GIVING: [&str; 10] =
    ["送人", "免费送", "赠送", "转让", "出让", "出售", "义卖", "招学生", "giving away", "for sale"];
/// A lower score is no match.
const SCORE_MIN: f32 = 0.008;
/// A person is told unasked of at most this many texts.
const NOTIFY_RANK_MAX: usize = 3;
/// Who needs something is told of an offer by how likely it is and by how far it stands out: twice its logit less that of
/// the first one that ranks too low to be told of is at least this.
const NOTIFY_MARGIN_MIN: f32 = 1.25;
/// However far it stands out, as among a young building's few offers, its score is at least this.
const NOTIFY_NEED_SCORE_MIN: f32 = 0.3;
/// Who offers something is told of a need of at least this score.
const NOTIFY_OFFER_SCORE_MIN: f32 = 0.5;
/// The surest thing that both mean counts at most so much.
const THING_MAX: f32 = 1.5;

/// How much each kind of evidence tells, in logits, beside what two meanings do: fitted on judged worlds
/// and pairs (docs/decisions/0035-matching.md).
mod weigh {
    pub(super) const ALWAYS: f32 = -9.56;
    /// In place of what two meanings do where one was not read: what speaks for a pair otherwise is then shown as such.
    pub(super) const UNREAD: f32 = 3.5;
    pub(super) const WORDS: f32 = 0.77;
    pub(super) const THING: f32 = 2.91;
    pub(super) const SAME_KIND: f32 = 0.27;
    pub(super) const OTHER_KIND: f32 = -1.9;
    pub(super) const CLASH: f32 = -1.2;
    /// Of two that fit alike the nearer one stands first; it makes nothing fit.
    pub(super) const SAME_BLOCK: f32 = 0.3;
    pub(super) const SAME_ZONE: f32 = 0.15;
}

/// The most things and words that the reasons name.
const THINGS_MAX: usize = 2;
const WORDS_MAX: usize = 5;

/// Weights of what a search finds, against the query's own pair or word.
const SEARCH_CHAR_WEIGHT: f32 = 0.25;
const SEARCH_PREFIX_WEIGHT: f32 = 0.7;
const SEARCH_SLIP_WEIGHT: f32 = 0.6;
const SEARCH_CONCEPT_WEIGHT: f32 = 0.7;
const SEARCH_SCORE_MIN: f32 = 0.12;
/// What is found by its sound alone, against a whole query found once.
const SEARCH_SYLLABLES_SHARE: f32 = 0.8;
const SEARCH_INITIALS_SHARE: f32 = 0.6;
/// The most other spellings of a word that a search tries.
const SPELLINGS_MAX: usize = 16;

/// An index of offers and needs that tells which fit which, and finds texts. It grows and shrinks one text at a time;
/// what it answers depends on the texts in it alone.
#[derive(Debug)]
pub struct Matcher<Id> {
    index: Index,
    slots: Vec<Option<Entry<Id>>>,
    free: Vec<Slot>,
    by_id: BTreeMap<Id, Slot>,
    /// The texts that say something and whose meaning was not yet read.
    unread: BTreeSet<Slot>,
    /// For each meaning that was read, one of the texts that have it.
    read: BTreeMap<MeaningKey, Slot>,
}

/// One text as it was inserted.
#[derive(Debug)]
struct Entry<Id> {
    id: Id,
    side: Side,
    kind: Option<Kind>,
    title: Box<str>,
    body: Box<str>,
    /// `None` while it was not read, and of what says nothing.
    meaning: Option<(MeaningKey, Meaning)>,
    times: Times,
    sound: Sound,
}

impl<Id> Entry<Id> {
    fn text(&self) -> Text<'_> {
        Text { kind: self.kind, title: &self.title, body: &self.body }
    }
}

impl<Id> Default for Matcher<Id> {
    fn default() -> Self {
        Self {
            index: Index::default(),
            slots: Vec::new(),
            free: Vec::new(),
            by_id: BTreeMap::new(),
            unread: BTreeSet::new(),
            read: BTreeMap::new(),
        }
    }
}

impl<Id: Ord + Copy> Matcher<Id> {
    /// Creates an empty matcher.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of texts.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Inserts a text, replacing the one of the same id, whichever side that was on.
    pub fn insert(&mut self, id: Id, side: Side, text: Text<'_>) {
        self.remove(id);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // A building has thousands of texts; four milliards would not fit in memory.
            Slot::try_from(self.slots.len() - 1).unwrap_or(Slot::MAX)
        });
        let joined = Joined::new(text);
        let analysis = joined.analysis(side);
        self.index.add(slot, side, &analysis);
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(Entry {
                id,
                side,
                kind: text.kind,
                title: text.title.into(),
                body: text.body.into(),
                meaning: None,
                times: Times::of(&joined.folded().text),
                sound: Sound::of(&fold(text.title)),
            });
        }
        if analysis.says_something() {
            self.unread.insert(slot);
        }
        self.by_id.insert(id, slot);
    }

    /// Removes a text; an unknown id changes nothing.
    pub fn remove(&mut self, id: Id) {
        let Some(slot) = self.by_id.remove(&id) else { return };
        if let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::take) {
            self.unread.remove(&slot);
            if let Some((key, _)) = entry.meaning.as_ref().filter(|(key, _)| self.read.get(key) == Some(&slot)) {
                self.read.remove(key);
            }
            self.index.remove(slot, entry.side, &Joined::new(entry.text()).analysis(entry.side));
            self.free.push(slot);
        }
    }

    /// Returns the other side's texts that fit a text of `side` best, best first, at most `limit`.
    ///
    /// The text need not be inserted. What was not read with [`Matcher::read_some`] has its words, the things that it means
    /// and what it states, and nobody is told of it unasked. Works both ways: a new offer finds open needs too, and a pair has one score
    /// whichever of the two was asked about, but for how rare its words are among the texts of each side.
    pub fn matches(&self, side: Side, text: Text<'_>, limit: usize) -> Vec<Match<Id>> {
        self.matches_among(side, text, limit, |_| Some(Near::Building))
    }

    /// As [`Matcher::matches`], among the texts of which `near` tells how near their owner lives; those of which it tells
    /// nothing neither count nor push anything out. Nearness counts lightly in the order; it makes nothing fit, and nobody is
    /// told for its sake.
    pub fn matches_among(
        &self,
        side: Side,
        text: Text<'_>,
        limit: usize,
        near: impl Fn(&Id) -> Option<Near>,
    ) -> Vec<Match<Id>> {
        let joined = Joined::new(text);
        let analysis = joined.analysis(side);
        let times = Times::of(&joined.folded().text);
        let asked = Asked { text, meaning: self.meaning(side, &analysis, text), times };
        let rated = self.evidence(side, &analysis).into_iter().zip(&self.slots);
        let found = rated.filter_map(|(evidence, entry)| {
            let entry = entry.as_ref().filter(|entry| entry.side != side)?;
            let logit = Pair::new(&asked, evidence, entry).logit();
            let alone = Some(likelihood(logit)).filter(|alone| *alone >= SCORE_MIN)?;
            let near = near(&entry.id)?;
            Some((likelihood(logit + near.weight()), entry.id, (alone, near, entry)))
        });
        let found = best(found.collect(), limit.max(NOTIFY_RANK_MAX + 1));
        let next = found.get(NOTIFY_RANK_MAX).map_or(SCORE_MIN, |(_, _, (alone, ..))| *alone);
        let is_sure = |alone: f32| match side {
            Side::Need => 2.0 * logit(alone) - logit(next) >= NOTIFY_MARGIN_MIN && alone >= NOTIFY_NEED_SCORE_MIN,
            Side::Offer => alone >= NOTIFY_OFFER_SCORE_MIN,
        };
        found
            .into_iter()
            .take(limit)
            .enumerate()
            .map(|(rank, (score, id, (alone, near, entry)))| {
                let notify = rank < NOTIFY_RANK_MAX && is_sure(alone) && asked.may_be_told_of(side, entry);
                Match { id, score, notify, reasons: reasons(side, &asked, &joined, entry, near) }
            })
            .collect()
    }

    /// Gives what weights are fitted on, for a need and every offer in the order of arrival: words, thing, clash.
    pub(crate) fn numbers(&self, need: Text<'_>) -> Vec<[f32; 3]> {
        let joined = Joined::new(need);
        let times = Times::of(&joined.folded().text);
        let rated =
            self.evidence(Side::Need, &joined.analysis(Side::Need)).into_iter().zip(self.slots.iter().flatten());
        let clash = |entry: &Entry<Id>| f32::from(u8::from(times.clash(&entry.times)));
        rated.map(|(evidence, entry)| [evidence.words, evidence.thing, clash(entry)]).collect()
    }

    /// What a text of `side` means, when it says something. Encoded here only if it was not yet read.
    fn meaning(&self, side: Side, analysis: &Analysis, text: Text<'_>) -> Option<Compared> {
        let line = analysis.says_something().then(|| line(text.title, text.body))?;
        let slot = self.read.get(&MeaningKey::of(side, &line)).map(|slot| *slot as usize);
        let read = slot.and_then(|slot| self.slots.get(slot)?.as_ref()?.meaning.as_ref());
        match read {
            Some((_, meaning)) => Some(meaning.compared()),
            None => Meaning::of(&[(side, &line)]).pop().map(|meaning| meaning.compared()),
        }
    }

    /// Adds up, for every slot, what the words and the things of a text have in common with it.
    fn evidence(&self, side: Side, asked: &Analysis) -> Vec<Evidence> {
        let other = side.other();
        let discounts = self.index.discounts(other);
        let mut evidence = vec![Evidence::default(); self.slots.len()];
        for (term, asked_weight) in asked.terms.iter().filter(|(term, _)| !term.is_stop()) {
            let rarity = self.index.rarity(other, term);
            let (worth, is_concept) = match term {
                Term::Char(_) if rarity < CHAR_RARITY_MIN => continue,
                Term::Char(_) => (rarity * CHAR_WEIGHT, false),
                Term::Pair(..) | Term::Word(_) => (rarity, false),
                Term::Concept(_) => (rarity * f32::from(*asked_weight) / 10_000.0, true),
            };
            for &posting in self.index.postings(other, term) {
                let at = posting.slot as usize;
                let (Some(sum), Some(discount)) = (evidence.get_mut(at), discounts.get(at)) else { continue };
                if is_concept {
                    sum.thing = sum.thing.max(worth * f32::from(posting.weight));
                } else {
                    sum.words += worth * saturation(posting, *discount);
                }
            }
        }
        evidence
    }

    /// Returns the texts that a query finds, best first, at most `limit`.
    ///
    /// Forgives script, case and width, a word that is not yet typed to its end, one slip in a Latin word, a wrong
    /// character among right ones, and another name for the same thing. Latin letters may be pinyin of a title, whole or
    /// by initials: `tizi` and `tz` find 梯子.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit<Id>> {
        self.search_among(query, limit, |_, _| true)
    }

    /// As [`Matcher::search`], among the texts that `is_asked` takes.
    pub fn search_among(&self, query: &str, limit: usize, is_asked: impl Fn(&Id, Side) -> bool) -> Vec<Hit<Id>> {
        let joined = Joined::new(Text { title: query, ..Text::default() });
        let folded = joined.folded();
        let mut wanted: BTreeMap<Term, f32> = BTreeMap::new();
        let tokens = tokens(&folded);
        for token in &tokens {
            let lone = || {
                !tokens.iter().any(|other| {
                    matches!(other.term, Term::Pair(..)) && other.start <= token.start && token.end <= other.end
                })
            };
            match &token.term {
                Term::Char(_) if lone() => wanted.insert(token.term.clone(), 1.0),
                Term::Char(_) => wanted.insert(token.term.clone(), SEARCH_CHAR_WEIGHT),
                _ => wanted.insert(token.term.clone(), 1.0),
            };
        }
        let mut whole = 0.0;
        for (term, weight) in &wanted {
            whole += weight * self.index.rarity(Side::Offer, term).max(self.index.rarity(Side::Need, term));
        }
        for token in &tokens {
            let Term::Word(word) = &token.term else { continue };
            for longer in self.index.words_from(word, SPELLINGS_MAX) {
                wanted.entry(Term::Word(longer.into())).or_insert(SEARCH_PREFIX_WEIGHT);
            }
            // A short word has too many neighbours to be a slip of them.
            if word.len() >= 4 {
                for near in self.index.words_near(word, SPELLINGS_MAX) {
                    wanted.entry(Term::Word(near.into())).or_insert(SEARCH_SLIP_WEIGHT);
                }
            }
        }
        for (concept, mention) in joined.mentions(&folded, Side::Need).iter().filter(|(_, mention)| mention.is_name) {
            wanted.insert(Term::Concept(*concept), SEARCH_CONCEPT_WEIGHT * f32::from(mention.strength_percent) / 100.0);
        }
        let mut sums = vec![0.0_f32; self.slots.len()];
        for side in [Side::Offer, Side::Need] {
            let discounts = self.index.discounts(side);
            for (term, weight) in &wanted {
                let worth = weight * self.index.rarity(side, term);
                let is_concept = matches!(term, Term::Concept(_));
                for &posting in self.index.postings(side, term) {
                    let at = posting.slot as usize;
                    if let (Some(sum), Some(discount)) = (sums.get_mut(at), discounts.get(at)) {
                        let percent = f32::from(posting.weight) / 100.0;
                        *sum += worth * if is_concept { percent } else { saturation(posting, *discount) };
                    }
                }
            }
        }
        let typed = typed(&folded.text);
        let found = sums.iter().zip(&self.slots).filter_map(|(sum, entry)| {
            let may_be_found = *sum > 0.0 || typed.is_some();
            let entry = entry.as_ref().filter(|_| may_be_found)?;
            let heard = typed.as_ref().and_then(|typed| entry.sound.hears(typed)).map_or(0.0, |heard| match heard {
                Heard::Syllables => SEARCH_SYLLABLES_SHARE,
                Heard::Initials => SEARCH_INITIALS_SHARE,
            });
            let share = if *sum > 0.0 { (sum / whole).max(heard) } else { heard };
            // A whole query found once scores one half, found in a title and again more: order is kept up to 1.
            let score = share / (share + 1.0);
            (score >= SEARCH_SCORE_MIN && is_asked(&entry.id, entry.side)).then_some((score, entry.id, entry.side))
        });
        best(found.collect(), limit).into_iter().map(|(score, id, side)| Hit { id, side, score }).collect()
    }
}

/// A text that is asked about, read once.
struct Asked<'a> {
    text: Text<'a>,
    meaning: Option<Compared>,
    times: Times,
}

impl Asked<'_> {
    /// Whether nothing speaks against telling somebody unasked: a sense that was not read, other days, or a need that gives
    /// rather than wants.
    fn may_be_told_of<Id>(&self, side: Side, entry: &Entry<Id>) -> bool {
        let need = match side {
            Side::Need => self.text,
            Side::Offer => entry.text(),
        };
        entry.meaning.is_some() && !self.times.clash(&entry.times) && !gives(need)
    }
}

/// Whether a text speaks of something that its owner gives away, sells or teaches.
fn gives(text: Text<'_>) -> bool {
    let said = [fold(text.title), fold(text.body)];
    GIVING.iter().any(|giving| said.iter().any(|said| said.contains(giving)))
}

/// What the words and things of two texts have in common.
#[derive(Clone, Copy, Default)]
struct Evidence {
    words: f32,
    /// The surest thing that both mean.
    thing: f32,
}

/// What is known of two texts together.
struct Pair {
    evidence: Evidence,
    /// How much their meanings speak for each other, in logits.
    fit: f32,
    /// `None` when one of them names no kind.
    same_kind: Option<bool>,
    clash: bool,
}

impl Pair {
    fn new<Id>(asked: &Asked<'_>, evidence: Evidence, entry: &Entry<Id>) -> Self {
        let meanings = asked.meaning.as_ref().zip(entry.meaning.as_ref().map(|(_, meaning)| meaning));
        Self {
            evidence,
            fit: meanings.map_or(weigh::UNREAD, |(mine, theirs)| mine.fit(theirs)),
            same_kind: asked.text.kind.zip(entry.kind).map(|(mine, theirs)| mine == theirs),
            clash: asked.times.clash(&entry.times),
        }
    }

    /// How likely the offer is to solve the need, in logits.
    fn logit(&self) -> f32 {
        let mut logit = weigh::ALWAYS + self.fit + weigh::WORDS * self.evidence.words.ln_1p();
        logit += weigh::THING * self.evidence.thing.min(THING_MAX);
        logit += match self.same_kind {
            Some(true) => weigh::SAME_KIND,
            Some(false) => weigh::OTHER_KIND,
            None => 0.0,
        };
        if self.clash {
            logit += weigh::CLASH;
        }
        logit
    }
}

impl Near {
    fn weight(self) -> f32 {
        match self {
            Self::Block => weigh::SAME_BLOCK,
            Self::Zone => weigh::SAME_ZONE,
            Self::Building => 0.0,
        }
    }
}

/// From logits to a likelihood, 0 to 1.
fn likelihood(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// From a likelihood, 0 to 1, to logits.
fn logit(likelihood: f32) -> f32 {
    (likelihood / (1.0 - likelihood)).ln()
}

/// The best `limit`, best first; ties by id.
fn best<Id: Ord, T>(mut found: Vec<(f32, Id, T)>, limit: usize) -> Vec<(f32, Id, T)> {
    let order = |a: &(f32, Id, T), b: &(f32, Id, T)| -> Ordering { b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)) };
    if limit > 0 && limit < found.len() {
        found.select_nth_unstable_by(limit - 1, order);
    }
    found.truncate(limit);
    found.sort_unstable_by(order);
    found
}

/// Says why two texts fit, the strongest reason first.
fn reasons<Id>(side: Side, asked: &Asked<'_>, joined: &Joined, entry: &Entry<Id>, near: Near) -> Vec<Reason> {
    let (text, other) = (asked.text, entry.text());
    let folded = joined.folded();
    let other_joined = Joined::new(other);
    let other_folded = other_joined.folded();
    let mine = joined.mentions(&folded, side);
    let mut theirs = other_joined.mentions(&other_folded, side.other());
    let mut things: Vec<(u32, u16, &Mention, Mention)> = mine
        .iter()
        .filter_map(|(concept, mine)| {
            // Two that mean different narrower things of one broader one do not mean the same.
            let theirs = theirs.remove(concept).filter(|theirs| !(mine.is_broader && theirs.is_broader))?;
            Some((u32::from(mine.strength_percent) * u32::from(theirs.strength_percent), *concept, mine, theirs))
        })
        .collect();
    things.sort_by_key(|(strength, concept, ..)| (u32::MAX - strength, *concept));

    let mut reasons = Vec::new();
    let mut words = same_words(joined, &other_joined);
    for (_, concept, mine, theirs) in things.into_iter().take(THINGS_MAX) {
        // Two texts that use the same word need no lexicon to explain them.
        if fold(&mine.words) == fold(&theirs.words) {
            if !words.iter().any(|word| word.contains(&mine.words)) {
                words.insert(0, mine.words.clone());
            }
            continue;
        }
        let (need_word, offer_word) = match side {
            Side::Need => (mine.words.clone(), theirs.words),
            Side::Offer => (theirs.words, mine.words.clone()),
        };
        reasons.push(Reason::SameThing { concept: LEXICON.key(concept).to_owned(), need_word, offer_word });
    }
    words.truncate(WORDS_MAX);
    if !words.is_empty() {
        reasons.push(Reason::SameWords(words));
    }
    let is_named = |reason: &Reason| match reason {
        Reason::SameThing { .. } => true,
        Reason::SameWords(words) => words.iter().any(|word| word.chars().nth(1).is_some()),
        _ => false,
    };
    if !reasons.iter().any(is_named) {
        reasons.push(Reason::LikeSense);
    }
    if let Some(time) = asked.times.shared(&entry.times) {
        reasons.push(Reason::SameTime(time.to_owned()));
    }
    if let Some(kind) = text.kind.filter(|kind| Some(*kind) == other.kind) {
        reasons.push(Reason::SameKind(kind));
    }
    match near {
        Near::Block => reasons.push(Reason::SameBlock),
        Near::Zone => reasons.push(Reason::SameZone),
        Near::Building => {}
    }
    reasons
}

/// The words of `mine` that `other` says too: runs of shared pairs, and shared words; failing both, single characters.
fn same_words(mine: &Joined, other: &Joined) -> Vec<String> {
    let folded = mine.folded();
    let other_folded = other.folded();
    let other_terms: BTreeSet<Term> = tokens(&other_folded).into_iter().map(|token| token.term).collect();
    let shared: Vec<_> = tokens(&folded)
        .into_iter()
        .filter(|token| !token.term.is_stop() && other_terms.contains(&token.term))
        .collect();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for token in shared.iter().filter(|token| !matches!(token.term, Term::Char(_))) {
        match runs.last_mut() {
            // Pairs overlap by one character where they belong to one run; words never do.
            Some((_, end)) if token.start < *end => *end = token.end,
            _ => runs.push((token.start, token.end)),
        }
    }
    if runs.is_empty() {
        runs = shared.iter().map(|token| (token.start, token.end)).collect();
    }
    let mut words: Vec<String> = Vec::new();
    for (start, end) in runs {
        let word = folded.original(start, end).to_owned();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
