//! How a title sounds: search by pinyin, whole or by initials.

use pinyin::ToPinyin;

/// The fewest letters that are looked for by sound.
const LETTERS_MIN: usize = 2;
/// The most characters of a title that are read aloud.
const CHARS_MAX: usize = 120;

/// The syllables of a title's Chinese characters, in one string, and where each begins.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    syllables: Box<str>,
    starts: Box<[u16]>,
}

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
        let (mut syllables, mut starts) = (String::new(), Vec::new());
        for syllable in folded.chars().take(CHARS_MAX).filter_map(|c| c.to_pinyin()) {
            starts.extend(u16::try_from(syllables.len()));
            syllables.push_str(&syllable.plain().replace('ü', "v"));
        }
        Self { syllables: syllables.into(), starts: starts.into() }
    }

    /// Tells whether and how a typed sound is in the title.
    pub(crate) fn hears(&self, typed: &str) -> Option<Heard> {
        let mut rests = self.starts.iter().filter_map(|start| self.syllables.get(usize::from(*start)..));
        if rests.any(|rest| rest.starts_with(typed)) {
            return Some(Heard::Syllables);
        }
        let bytes = self.syllables.as_bytes();
        let initials: Vec<u8> =
            self.starts.iter().filter_map(|start| bytes.get(usize::from(*start)).copied()).collect();
        initials.windows(typed.len()).any(|window| window == typed.as_bytes()).then_some(Heard::Initials)
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
