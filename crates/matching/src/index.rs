//! The inverted index: for each term, the texts of each side that have it.

use std::collections::{BTreeSet, HashMap};

use crate::Side;
use crate::terms::{Analysis, Term};

/// BM25's saturation of repeated terms, and its discount for long texts; listings are short, so the discount is mild.
const K1: f32 = 1.2;
const B: f32 = 0.4;
/// Texts that the index pretends to hold besides its own, so that words weigh alike in a young building and an old one.
const PRIOR_TEXTS: f32 = 200.0;

/// The place of a text in the index.
pub(crate) type Slot = u32;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Posting {
    pub(crate) slot: Slot,
    /// The term's count, or a concept's strength in percent.
    pub(crate) weight: u16,
}

#[derive(Debug, Default)]
struct Postings {
    offers: Vec<Posting>,
    needs: Vec<Posting>,
}

impl Postings {
    fn of(&self, side: Side) -> &[Posting] {
        match side {
            Side::Offer => &self.offers,
            Side::Need => &self.needs,
        }
    }

    fn of_mut(&mut self, side: Side) -> &mut Vec<Posting> {
        match side {
            Side::Offer => &mut self.offers,
            Side::Need => &mut self.needs,
        }
    }
}

/// What is counted over all texts of one side. Whole numbers: their sums do not depend on the order of arrival.
#[derive(Debug, Default, Clone, Copy)]
struct Totals {
    texts: u32,
    terms: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Never iterated: the order of a hash map may be observed nowhere.
    postings: HashMap<Term, Postings>,
    /// The words among the terms, for search by a word's beginning or near spelling.
    words: BTreeSet<Box<str>>,
    /// Each slot's length, terms.
    lens: Vec<u32>,
    offers: Totals,
    needs: Totals,
}

impl Index {
    fn totals(&self, side: Side) -> Totals {
        match side {
            Side::Offer => self.offers,
            Side::Need => self.needs,
        }
    }

    fn totals_mut(&mut self, side: Side) -> &mut Totals {
        match side {
            Side::Offer => &mut self.offers,
            Side::Need => &mut self.needs,
        }
    }

    /// Adds a text; the slot must be free.
    pub(crate) fn add(&mut self, slot: Slot, side: Side, analysis: &Analysis) {
        let totals = self.totals_mut(side);
        totals.texts += 1;
        totals.terms += u64::from(analysis.len);
        let at = slot as usize;
        if self.lens.len() <= at {
            self.lens.resize(at + 1, 0);
        }
        if let Some(len) = self.lens.get_mut(at) {
            *len = analysis.len;
        }
        for (term, weight) in &analysis.terms {
            if let Some(postings) = self.postings.get_mut(term) {
                let list = postings.of_mut(side);
                let posting = Posting { slot, weight: *weight };
                // New slots are the highest but for those used again: this is nearly always the end.
                match list.last() {
                    Some(last) if last.slot > slot => {
                        list.insert(list.partition_point(|posting| posting.slot < slot), posting);
                    }
                    _ => list.push(posting),
                }
                continue;
            }
            if let Term::Word(word) = term {
                self.words.insert(word.clone());
            }
            let mut postings = Postings::default();
            postings.of_mut(side).push(Posting { slot, weight: *weight });
            self.postings.insert(term.clone(), postings);
        }
    }

    /// Takes a text out that was added with this analysis.
    pub(crate) fn remove(&mut self, slot: Slot, side: Side, analysis: &Analysis) {
        let totals = self.totals_mut(side);
        totals.texts = totals.texts.saturating_sub(1);
        totals.terms = totals.terms.saturating_sub(u64::from(analysis.len));
        for term in analysis.terms.keys() {
            let Some(postings) = self.postings.get_mut(term) else { continue };
            let list = postings.of_mut(side);
            if let Ok(place) = list.binary_search_by_key(&slot, |posting| posting.slot) {
                list.remove(place);
            }
            if postings.offers.is_empty() && postings.needs.is_empty() {
                self.postings.remove(term);
                if let Term::Word(word) = term {
                    self.words.remove(word);
                }
            }
        }
    }

    pub(crate) fn postings(&self, side: Side, term: &Term) -> &[Posting] {
        self.postings.get(term).map_or(&[], |postings| postings.of(side))
    }

    /// How much a term tells, 0 to 1: BM25's inverse document frequency over its greatest value.
    pub(crate) fn rarity(&self, side: Side, term: &Term) -> f32 {
        let texts = self.totals(side).texts as f32 + PRIOR_TEXTS;
        let with = self.postings(side, term).len() as f32;
        let idf = |with: f32| (1.0 + (texts - with + 0.5) / (with + 0.5)).ln();
        idf(with) / idf(0.0)
    }

    /// BM25's discount of each slot for the length of its text, against the middling length of a side.
    pub(crate) fn discounts(&self, side: Side) -> Vec<f32> {
        let Totals { texts, terms } = self.totals(side);
        let mean = (terms as f32 / texts.max(1) as f32).max(1.0);
        self.lens.iter().map(|len| K1 * (1.0 - B + B * *len as f32 / mean)).collect()
    }

    /// Returns at most `limit` words that begin with `prefix` and are longer, in alphabetical order.
    pub(crate) fn words_from<'a>(&'a self, prefix: &'a str, limit: usize) -> impl Iterator<Item = &'a str> {
        let from = std::ops::Bound::Excluded(prefix);
        self.words
            .range::<str, _>((from, std::ops::Bound::Unbounded))
            .map(AsRef::as_ref)
            .take_while(move |word: &&str| word.starts_with(prefix))
            .take(limit)
    }

    /// Returns at most `limit` words one slip away: a letter wrong, missing, added, or two swapped (Damerau 1964).
    pub(crate) fn words_near<'a>(&'a self, word: &'a str, limit: usize) -> impl Iterator<Item = &'a str> {
        self.words.iter().map(AsRef::as_ref).filter(move |known| one_slip(known, word)).take(limit)
    }

    /// How many texts of each side have each term, for comparing two indices.
    #[cfg(test)]
    pub(crate) fn shape(&self) -> std::collections::BTreeMap<&Term, (usize, usize)> {
        self.postings.iter().map(|(term, postings)| (term, (postings.offers.len(), postings.needs.len()))).collect()
    }
}

/// BM25's weight of a term's uses in a text, 1 for one use in a text of middling length.
pub(crate) fn saturation(posting: Posting, discount: f32) -> f32 {
    let count = f32::from(posting.weight);
    count * (K1 + 1.0) / (count + discount)
}

/// Says whether two different words are one slip apart.
fn one_slip(a: &str, b: &str) -> bool {
    if a.len().abs_diff(b.len()) > 1 || !a.is_ascii() || !b.is_ascii() {
        return false;
    }
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let (Some(a), Some(b)) = (a.as_bytes().get(same..), b.as_bytes().get(same..)) else { return false };
    match (a, b) {
        ([], []) => false,
        ([x0, x1, x_rest @ ..], [y0, y1, y_rest @ ..]) if x0 == y1 && x1 == y0 && x_rest == y_rest => true,
        ([_, x_rest @ ..], [_, y_rest @ ..]) => x_rest == y_rest || x_rest == b || y_rest == a,
        ([_], []) | ([], [_]) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_one() {
        for (a, b) in [
            ("ladder", "lader"),
            ("lader", "ladder"),
            ("ladder", "laddre"),
            ("ladder", "lodder"),
            ("ladders", "ladder"),
        ] {
            assert!(one_slip(a, b), "{a} {b}");
        }
        for (a, b) in [("ladder", "ladder"), ("ladder", "lad"), ("ladder", "loddre"), ("", ""), ("梯", "锑")] {
            assert!(!one_slip(a, b), "{a} {b}");
        }
    }
}
