//! Folding: the spellings of one word are made to meet.

use std::collections::HashMap;
use std::sync::LazyLock;

static TRADITIONAL: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for line in include_str!("../data/traditional.txt").lines().filter(|line| !line.starts_with('#')) {
        for pair in line.split(' ') {
            let mut chars = pair.chars();
            if let (Some(from), Some(to), None) = (chars.next(), chars.next(), chars.next()) {
                table.insert(from, to);
            }
        }
    }
    table
});

/// Folds a text: 繁 → 简, upper → lower case, full → half width.
///
/// The result is for comparing, not for reading: each character folds on its own, so that 乾 and 干, which careful
/// conversion keeps apart, meet. Folding twice changes nothing more.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, |c| folded.push(c));
    }
    folded
}

/// Folds one character; lower-casing may make several of it.
pub(crate) fn fold_char(c: char, mut emit: impl FnMut(char)) {
    let narrow = match c {
        '\u{3000}' => ' ',
        // The full-width forms repeat printable ASCII in its order.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    for lower in narrow.to_lowercase() {
        // The table holds no character below the CJK blocks: spare Latin texts the look-up.
        let simplified = if lower < '\u{2e80}' { None } else { TRADITIONAL.get(&lower) };
        emit(simplified.copied().unwrap_or(lower));
    }
}

/// A folded text that still knows where each of its characters came from, so that a person is shown their own words.
pub(crate) struct Folded<'a> {
    source: &'a str,
    pub(crate) text: String,
    chars: Vec<FoldedChar>,
}

#[derive(Clone, Copy)]
pub(crate) struct FoldedChar {
    pub(crate) c: char,
    /// Where the character starts in the folded text, bytes.
    at: usize,
    /// Where its original starts and ends in the source, bytes.
    source_start: usize,
    source_end: usize,
}

impl<'a> Folded<'a> {
    /// Folds at most `chars_max` characters of a text.
    pub(crate) fn new(source: &'a str, chars_max: usize) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut chars = Vec::with_capacity(source.len() / 2);
        for (source_start, original) in source.char_indices().take(chars_max) {
            let source_end = source_start + original.len_utf8();
            fold_char(original, |c| {
                chars.push(FoldedChar { c, at: text.len(), source_start, source_end });
                text.push(c);
            });
        }
        Self { source, text, chars }
    }

    pub(crate) fn chars(&self) -> impl Iterator<Item = char> {
        self.chars.iter().map(|c| c.c)
    }

    /// The number of the character that starts at or after a byte of the folded text.
    pub(crate) fn char_at_byte(&self, byte: usize) -> usize {
        self.chars.partition_point(|c| c.at < byte)
    }

    /// What the person wrote where the folded text has characters `start..end`.
    pub(crate) fn original(&self, start: usize, end: usize) -> &'a str {
        let first = self.chars.get(start).map(|c| c.source_start);
        let last = end.checked_sub(1).and_then(|last| self.chars.get(last)).map(|c| c.source_end);
        match (first, last) {
            (Some(first), Some(last)) => self.source.get(first..last).unwrap_or_default(),
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_meet() {
        let table = [
            ("樓梯間嘅梯仔", "楼梯间嘅梯仔"),
            ("乾衣機", "干衣机"),
            ("飯枱", "饭台"),
            ("著數", "着数"),
            ("裏面裡面", "里面里面"),
            ("Ｌａｄｄｅｒ　２ｍ", "ladder 2m"),
            ("ÉCLAIR", "éclair"),
            ("普通话", "普通话"),
        ];
        for (written, folded) in table {
            assert_eq!(fold(written), folded, "{written}");
        }
    }

    #[test]
    fn the_table_of_traditional_characters_is_whole_and_ends_in_one_step() {
        assert!(TRADITIONAL.len() > 4000, "{}", TRADITIONAL.len());
        for (from, to) in TRADITIONAL.iter() {
            assert!(!TRADITIONAL.contains_key(to), "{from} folds to {to}, which folds again");
        }
    }

    #[test]
    fn a_person_is_shown_their_own_words() {
        let folded = Folded::new("İ想借Ａ字梯", 100);
        assert_eq!(folded.text, "i\u{307}想借a字梯");
        assert_eq!(folded.original(4, 7), "Ａ字梯");
        assert_eq!(folded.original(7, 9), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn the_traced_fold_is_the_fold(text in any::<String>()) {
            let folded = Folded::new(&text, usize::MAX);
            prop_assert_eq!(&folded.text, &fold(&text));
            prop_assert_eq!(folded.original(0, folded.chars().count()), text.as_str());
        }
    }
}
