//! How a title sounds: search by pinyin, whole or by initials.

use pinyin::ToPinyin;

/// The fewest letters that are looked for by sound.
const LETTERS_MIN: usize = 2;
/// The most characters of a title that are read aloud.
const CHARS_MAX: usize = 120;

/// Marks the first letter of a syllable; no Latin letter has this bit.
const FIRST: u8 = 0x80;

/// The letters of the syllables of a title's Chinese characters, the first of each marked.
#[derive(Debug, Default)]
pub(crate) struct Sound(Box<[u8]>);

/// How a query was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Heard {
    /// By the first letters of syllables.
    Initials,
    /// By whole syllables, the last one perhaps not yet typed to its end.
    Syllables,
}

impl Sound {
    /// Reads a folded title aloud; what is no Chinese character is silent.
    pub(crate) fn of(folded: &str) -> Self {
        let mut letters = Vec::new();
        for syllable in folded.chars().take(CHARS_MAX).filter_map(|c| c.to_pinyin()) {
            let first = letters.len();
            // As keyboards have them.
            letters.extend(syllable.plain().replace('ü', "v").replace('ê', "e").bytes().filter(u8::is_ascii_lowercase));
            letters.iter_mut().skip(first).take(1).for_each(|letter| *letter |= FIRST);
        }
        Self(letters.into())
    }

    /// Tells whether and how a typed sound is in the title.
    ///
    /// Every title is asked whenever somebody types Latin letters: this allocates nothing.
    pub(crate) fn hears(&self, typed: &str) -> Option<Heard> {
        let typed = typed.as_bytes();
        let first = typed.first()? | FIRST;
        let begins = || {
            let places = self.0.iter().enumerate().filter(|(_, letter)| **letter == first);
            places.filter_map(|(place, _)| self.0.get(place..))
        };
        let plain = |rest: &[u8]| rest.len() >= typed.len() && rest.iter().zip(typed).all(|(a, b)| a & !FIRST == *b);
        if begins().any(plain) {
            return Some(Heard::Syllables);
        }
        let initials = |rest: &[u8]| {
            let mut firsts = rest.iter().filter(|letter| **letter & FIRST != 0);
            typed.iter().all(|letter| firsts.next().is_some_and(|first| first & !FIRST == *letter))
        };
        begins().any(initials).then_some(Heard::Initials)
    }
}

/// Gives what of a folded query may be meant by its sound: Latin letters only, the spaces between syllables left out.
pub(crate) fn typed(query: &str) -> Option<String> {
    let letters: String = query.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
    let all = letters.chars().all(|c| c.is_ascii_lowercase());
    (all && letters.len() >= LETTERS_MIN).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_heard_by_syllables_and_initials() {
        let ladder = Sound::of("铝合金梯子 2m");
        for (query, heard) in [
            ("tizi", Some(Heard::Syllables)),
            ("ti zi", Some(Heard::Syllables)),
            ("tiz", Some(Heard::Syllables)),
            ("tz", Some(Heard::Initials)),
            ("lhj", Some(Heard::Initials)),
            ("lv", Some(Heard::Syllables)),
            ("izi", None),
            ("zt", None),
        ] {
            assert_eq!(typed(query).and_then(|typed| ladder.hears(&typed)), heard, "{query}");
        }
        assert_eq!(typed("t"), None);
        assert_eq!(typed("梯z"), None);
        assert_eq!(Sound::of("").hears("tz"), None);
    }
}
