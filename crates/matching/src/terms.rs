//! What of a text is compared: characters, pairs of characters, words, and things meant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::fold::{Folded, fold};
use crate::lexicon::{ConceptId, LEXICON, Mention};
use crate::{Side, Text};

/// The most characters of a text that are compared; a listing is far shorter, and a hostile one costs no more.
const CHARS_MAX: usize = 2_000;
/// The most characters of one word that are compared.
const WORD_CHARS_MAX: usize = 32;
/// A term of the title counts as this many of the body.
const TITLE_FACTOR: u16 = 2;

/// One unit of comparison. The order of the variants and of their contents fixes the order of every sum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Term {
    /// A thing of the lexicon.
    Concept(ConceptId),
    /// Two neighbouring characters of a script that is written without spaces.
    Pair(char, char),
    /// One character of such a script.
    Char(char),
    /// A word of a script that is written with spaces.
    Word(Box<str>),
}

static STOP_TERMS: LazyLock<BTreeSet<Term>> = LazyLock::new(|| {
    include_str!("../data/stop.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let folded = Folded::new(line, CHARS_MAX);
            let tokens = tokens(&folded);
            // A two-character line stops the pair, not its characters.
            tokens
                .iter()
                .map(|token| &token.term)
                .find(|term| matches!(term, Term::Pair(..)))
                .or(tokens.first().map(|token| &token.term))
                .cloned()
        })
        .collect()
});

impl Term {
    /// Says whether the term tells nothing about what is offered or needed.
    pub(crate) fn is_stop(&self) -> bool {
        STOP_TERMS.contains(self)
    }
}

/// A term and where it stands, in characters of the folded text.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) term: Term,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Everything that is compared of one text.
#[derive(Debug, Default)]
pub(crate) struct Analysis {
    /// Each term with its count, or, for a concept, its strength in percent.
    pub(crate) terms: BTreeMap<Term, u16>,
    /// The length of the text, terms.
    pub(crate) len: u32,
}

impl Analysis {
    /// Says whether any character or word tells what is offered or needed; 请问有冇人可以借 tells nothing yet.
    pub(crate) fn says_something(&self) -> bool {
        self.terms.keys().any(|term| matches!(term, Term::Char(_) | Term::Word(_)) && !term.is_stop())
    }
}

/// A text as one string, and how much of it is the title.
pub(crate) struct Joined {
    text: String,
    title_chars: usize,
}

impl Joined {
    pub(crate) fn new(text: Text<'_>) -> Self {
        let mut joined = String::with_capacity(text.title.len() + text.body.len() + 1);
        joined.push_str(text.title);
        joined.push('\n');
        joined.push_str(text.body);
        Self { title_chars: fold(text.title).chars().count(), text: joined }
    }

    pub(crate) fn folded(&self) -> Folded<'_> {
        Folded::new(&self.text, CHARS_MAX)
    }

    pub(crate) fn mentions(&self, folded: &Folded<'_>, side: Side) -> BTreeMap<ConceptId, Mention> {
        LEXICON.mentions(folded, self.title_chars, side)
    }

    /// Analyses the text as one of `side`.
    pub(crate) fn analysis(&self, side: Side) -> Analysis {
        let folded = self.folded();
        let mut analysis = Analysis::default();
        for token in tokens(&folded) {
            if !matches!(token.term, Term::Char(_)) {
                analysis.len += 1;
            }
            let count = if token.start < self.title_chars { TITLE_FACTOR } else { 1 };
            let sum = analysis.terms.entry(token.term).or_default();
            *sum = sum.saturating_add(count);
        }
        for (concept, mention) in self.mentions(&folded, side) {
            analysis.terms.insert(Term::Concept(concept), mention.strength_percent);
        }
        analysis
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Script {
    /// Written without spaces: Han, kana, hangul.
    Dense,
    /// Written with spaces, and numbers.
    Spaced,
    Break,
}

fn script(c: char) -> Script {
    match c {
        '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Script::Dense,
        _ if c.is_alphanumeric() => Script::Spaced,
        _ => Script::Break,
    }
}

/// Cuts a folded text into terms, in the order of the text.
pub(crate) fn tokens(folded: &Folded<'_>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut before: Option<char> = None;
    let mut word = String::new();
    let mut word_start = 0;
    let push_word = |tokens: &mut Vec<Token>, word: &mut String, start: usize, end: usize| {
        if !word.is_empty() {
            tokens.push(Token { term: Term::Word(singular(word).into()), start, end });
            word.clear();
        }
    };
    let mut end = 0;
    for (at, c) in folded.chars().enumerate() {
        let script = script(c);
        if script != Script::Spaced {
            push_word(&mut tokens, &mut word, word_start, at);
        }
        match script {
            Script::Dense => {
                if let Some(before) = before {
                    tokens.push(Token { term: Term::Pair(before, c), start: at - 1, end: at + 1 });
                }
                tokens.push(Token { term: Term::Char(c), start: at, end: at + 1 });
            }
            Script::Spaced => {
                if word.is_empty() {
                    word_start = at;
                }
                if at < word_start + WORD_CHARS_MAX {
                    word.push(c);
                }
            }
            Script::Break => {}
        }
        before = (script == Script::Dense).then_some(c);
        end = at + 1;
    }
    push_word(&mut tokens, &mut word, word_start, end);
    tokens
}

/// Takes the plural off an English word, so that "ladders" meets "ladder"; other words pass.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() >= 2 && stem.is_ascii()) {
        return format!("{stem}y");
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && stem.is_ascii() && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let folded = Folded::new(text, CHARS_MAX);
        let shown: Vec<String> = tokens(&folded)
            .into_iter()
            .filter_map(|token| match token.term {
                Term::Pair(a, b) => Some(format!("{a}{b}")),
                Term::Word(word) => Some(word.into()),
                Term::Char(_) | Term::Concept(_) => None,
            })
            .collect();
        assert_eq!(shown.join(" "), expect, "{text}");
    }

    #[test]
    fn a_text_is_cut_into_pairs_and_words() {
        check("借把人字梯", "借把 把人 人字 字梯");
        check("借 把", "");
        check("USB充电线2条", "usb 充电 电线 2");
        check("Two Ladders, batteries & glass", "two ladder battery glass");
        check("bus tennis", "bus tennis");
    }

    #[test]
    fn a_stop_pair_leaves_its_characters_and_neighbours() {
        assert!(Term::Pair('谁', '有').is_stop());
        assert!(Term::Char('的').is_stop());
        assert!(Term::Word("need".into()).is_stop());
        assert!(!Term::Char('邻').is_stop());
        assert!(!Term::Pair('梯', '子').is_stop());
    }
}
