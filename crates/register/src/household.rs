//! What a household is called, however it is written: 3栋2单元502室, 3-2-502, 三栋五〇二.

use kaifong_matching::fold;
use unicode_normalization::UnicodeNormalization;

/// How many characters of an address are looked at.
const CHARS_MAX: usize = 120;
/// Words that only say what the number before them counts.
const MARKS: &str = "栋座幢楼号单元室房户门牌层";

/// The parts of an address that tell units apart, the widest first: `["3", "2", "502"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Household(Vec<String>);

impl Household {
    /// Reads an address as people write it.
    pub(crate) fn of(text: &str) -> Self {
        let narrow: String = text.chars().take(CHARS_MAX).nfkc().collect();
        let folded: Vec<char> = fold(&narrow).chars().collect();
        let mut parts: Vec<String> = Vec::new();
        for run in folded.chunk_by(|a, b| kind(*a) == kind(*b)) {
            match run.first().map_or(Kind::Between, |c| kind(*c)) {
                Kind::Between => {}
                Kind::Latin => parts.push(number(run.iter().collect())),
                Kind::Numeral => parts.push(number(read_numeral(run))),
                Kind::Word => parts.push(run.iter().collect()),
            }
        }
        Self(parts)
    }

    /// The last part, which every way of writing it has.
    pub(crate) fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// Whether one says no more than the other: the same last part, and all that one says in the other, in its order.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        let (short, long) = if self.0.len() <= other.0.len() { (self, other) } else { (other, self) };
        let mut rest = long.0.iter();
        self.last() == other.last() && short.0.iter().all(|part| rest.any(|found| found == part))
    }
}

/// Gives one key for one door, however its number is written: floor 5 and unit 02, 502, 5楼502室.
pub fn unit_key(floor: &str, unit: &str) -> String {
    let (floor, unit) = (Household::of(floor), Household::of(unit));
    let short = |part: &str| part.len() <= 2 && part.bytes().all(|c| c.is_ascii_digit());
    match (floor.0.as_slice(), unit.0.as_slice()) {
        // 5楼 2室 is what others call 502.
        ([floor], [door]) if short(door) => format!("{floor}{door:0>2}"),
        // Who writes the floor once more says nothing new.
        (_, [first @ .., floor, door]) if floor.len() <= 2 && door.len() > 2 && door.starts_with(floor.as_str()) => {
            [first, std::slice::from_ref(door)].concat().join("-")
        }
        (_, parts) => parts.join("-"),
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    Between,
    Latin,
    Numeral,
    Word,
}

fn kind(c: char) -> Kind {
    match c {
        _ if c.is_ascii_alphanumeric() => Kind::Latin,
        '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' => Kind::Numeral,
        _ if c.is_alphabetic() && !MARKS.contains(c) => Kind::Word,
        _ => Kind::Between,
    }
}

/// 0502 and 502 are one unit.
fn number(digits: String) -> String {
    let short = digits.trim_start_matches('0');
    if short.is_empty() { "0".into() } else { short.into() }
}

/// 五〇二 is 502, 十二 is 12, 二十三 is 23.
fn read_numeral(run: &[char]) -> String {
    let value = |c: &char| "零一二三四五六七八九".chars().position(|digit| digit == *c).unwrap_or(0);
    let Some(ten) = run.iter().position(|c| *c == '十') else {
        return run.iter().map(|c| value(c).to_string()).collect();
    };
    let (before, after) = (run.get(..ten).unwrap_or_default(), run.get(ten + 1..).unwrap_or_default());
    let tens = before.last().map_or(1, value);
    let ones = after.first().map_or(0, value);
    (tens * 10 + ones).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let table = [
            ["3栋2单元502室", "3-2-502"],
            ["3棟２單元５０２", "3栋 2单元 502"],
            ["三栋五〇二", "3栋502"],
            ["十二座二十三楼", "12-23"],
            ["A座12b", "a座12B"],
            ["0502", "502"],
            ["3号楼502", "3#502"],
        ];
        for [a, b] in table {
            assert_eq!(Household::of(a), Household::of(b), "{a} {b}");
        }
    }

    #[test]
    fn a_door_has_one_key_however_its_number_is_written() {
        for (floor, unit) in [("5", "502"), ("", "502室"), ("5楼", "2"), ("五", "02"), ("5", "5楼502"), ("", "五〇二")]
        {
            assert_eq!(unit_key(floor, unit), "502", "{floor} {unit}");
        }
        assert_ne!(unit_key("", "502"), unit_key("", "503"));
        assert_ne!(unit_key("", "2单元502"), unit_key("", "1单元502"));
        assert_eq!(unit_key("", "12号铺"), "12-铺");
    }

    #[test]
    fn who_writes_less_may_mean_the_same_and_who_writes_otherwise_does_not() {
        let may_be = |a: &str, b: &str| Household::of(a).may_be(&Household::of(b));
        assert!(may_be("502", "3栋2单元502"));
        assert!(may_be("榕荫里3栋5楼502", "3栋502"));
        assert!(!may_be("3栋502", "5栋502"));
        assert!(!may_be("荷花苑502", "桂花苑502"));
        assert!(!may_be("3栋502", "3栋503"));
        assert!(!may_be("502", "1502"));
    }
}
