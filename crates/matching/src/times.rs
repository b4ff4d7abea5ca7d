//! When somebody can: the days of the week and the part of the day that a text names.

/// The days and parts of the day that a text names; none named means any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Times {
    /// One bit for each day, Monday first.
    days: u8,
    /// One bit for each part of the day: morning, afternoon, evening.
    parts: u8,
    /// What of it was written, folded, in the order of the table.
    words: Vec<&'static str>,
}

const WORKDAYS: u8 = 0b001_1111;
const WEEKEND: u8 = 0b110_0000;

/// Words for days, with their bits. A day's Chinese word is whole: 周一 is not said by 周一至周五, which stands first.
const DAYS: [(&str, u8); 18] = [
    ("周末", WEEKEND),
    ("双休日", WEEKEND),
    ("weekend", WEEKEND),
    ("工作日", WORKDAYS),
    ("平日", WORKDAYS),
    ("周一至周五", WORKDAYS),
    ("周一到周五", WORKDAYS),
    ("weekday", WORKDAYS),
    ("monday", 1),
    ("tuesday", 2),
    ("wednesday", 4),
    ("thursday", 8),
    ("friday", 16),
    ("saturday", 32),
    ("sunday", 64),
    ("sat", 32),
    ("sun", 64),
    ("thu", 8),
];
const PREFIXES: [&str; 3] = ["周", "星期", "礼拜"];
const NUMERALS: [(char, u8); 8] =
    [('一', 1), ('二', 2), ('三', 4), ('四', 8), ('五', 16), ('六', 32), ('日', 64), ('天', 64)];
/// Words for parts of the day.
const PARTS: [(&str, u8); 12] = [
    ("早上", 1),
    ("上午", 1),
    ("朝早", 1),
    ("morning", 1),
    ("下午", 2),
    ("下昼", 2),
    ("晏昼", 2),
    ("afternoon", 2),
    ("白天", 3),
    ("晚上", 4),
    ("夜晚", 4),
    ("evening", 4),
];

impl Times {
    /// Reads the times out of a folded text.
    pub(crate) fn of(folded: &str) -> Self {
        let mut times = Self::default();
        for (word, bits) in DAYS {
            if names(folded, word) {
                times.days |= bits;
                times.words.push(word);
            }
        }
        if times.words.iter().all(|word| !word.starts_with("周一")) {
            for prefix in PREFIXES {
                for (at, _) in folded.match_indices(prefix) {
                    let next = folded.get(at + prefix.len()..).and_then(|rest| rest.chars().next());
                    times.days |=
                        NUMERALS.iter().find(|(numeral, _)| Some(*numeral) == next).map_or(0, |(_, bits)| *bits);
                }
            }
        }
        for (word, bits) in PARTS {
            if names(folded, word) {
                times.parts |= bits;
                times.words.push(word);
            }
        }
        times
    }

    /// Whether both name times and have none in common.
    pub(crate) fn clash(&self, other: &Self) -> bool {
        let apart = |a: u8, b: u8| a != 0 && b != 0 && a & b == 0;
        apart(self.days, other.days) || apart(self.parts, other.parts)
    }

    /// The first words for times that both say.
    pub(crate) fn shared(&self, other: &Self) -> Option<&'static str> {
        self.words.iter().find(|word| !self.clash(other) && other.words.contains(word)).copied()
    }
}

/// Whether a text has a word; a Latin one only from a word's beginning.
fn names(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let short = word.len() == 3
            && text.get(at + 3..).is_some_and(|after| after.starts_with(|c: char| c.is_ascii_lowercase()));
        !(word.is_ascii() && (before.is_some_and(|c| c.is_ascii_alphanumeric()) || short))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_clash_only_where_both_name_them() {
        for (a, b, clash) in [
            ("周末都有空", "只在工作日", true),
            ("周末都有空", "周六上午", false),
            ("星期三下午", "礼拜三晚上", true),
            ("周一至周五白天", "星期三下午", false),
            ("周日", "sunday mornings", false),
            ("weekends only", "Weekday".to_lowercase().as_str(), true),
            ("随时", "周末", false),
            ("satin dress", "周日", false),
        ] {
            assert_eq!(Times::of(a).clash(&Times::of(b)), clash, "{a} / {b}");
            assert_eq!(Times::of(b).clash(&Times::of(a)), clash, "{b} / {a}");
        }
        assert_eq!(Times::of("周末有空").shared(&Times::of("周末下午")), Some("周末"));
        assert_eq!(Times::of("周末").shared(&Times::of("工作日")), None);
    }
}
