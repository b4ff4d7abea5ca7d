//! What the register says of an application. The decision is the reviewer's.

use std::collections::BTreeSet;

use kaifong_matching::fold;
use unicode_normalization::UnicodeNormalization;

use crate::household::Household;
use crate::lines::Register;

/// How many names of a unit are told.
const NAMES_MAX: usize = 4;

/// Whether the register has the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitFound {
    /// It has this unit.
    One,
    /// It has several that may be meant.
    Several,
    /// It has none.
    None,
}

/// How a name or a number compares with what stands in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It is the same.
    Same,
    /// It may be the same: one character differs, or some are hidden in the register.
    Similar,
    /// It is another.
    Different,
    /// One of the two says nothing.
    Unsaid,
}

/// What the register says of one application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Says {
    /// The unit.
    pub unit: UnitFound,
    /// The name, compared with everybody of the unit: the best of them.
    pub name: Likeness,
    /// The phone number, compared in the same way.
    pub phone: Likeness,
    /// The names that the register has for the unit, at most four; none unless it is one unit.
    pub names: Vec<String>,
}

impl Register {
    /// Compares an application with the register.
    pub fn says(&self, household: &str, real_name: &str, phone: &str) -> Says {
        let found = self.of(&Household::of(household));
        let units: BTreeSet<&Household> = found.iter().map(|(household, _)| household).collect();
        let unit = match units.len() {
            0 => UnitFound::None,
            1 => UnitFound::One,
            _ => UnitFound::Several,
        };
        if unit != UnitFound::One {
            return Says { unit, name: Likeness::Unsaid, phone: Likeness::Unsaid, names: Vec::new() };
        }
        let best = |likeness: &mut dyn Iterator<Item = Likeness>| likeness.min().unwrap_or(Likeness::Unsaid);
        let mut names: Vec<String> = found.iter().map(|(_, line)| line.name.clone()).collect();
        names.retain(|name| !name.is_empty());
        names.sort();
        names.dedup();
        names.truncate(NAMES_MAX);
        Says {
            unit,
            name: best(&mut found.iter().map(|(_, line)| compare_names(real_name, &line.name))),
            phone: best(&mut found.iter().map(|(_, line)| compare_phones(phone, &line.phone))),
            names,
        }
    }
}

/// Compares two real names; a register's line may hold several, with commas between them.
fn compare_names(told: &str, registered: &str) -> Likeness {
    let told = plain(told);
    let names = registered.split(['、', ',', '，', ';', '；', '/', '／']).map(plain);
    let names: Vec<Vec<char>> = names.filter(|name| !name.is_empty()).collect();
    if told.is_empty() || names.is_empty() {
        return Likeness::Unsaid;
    }
    names.iter().map(|name| compare_name(&told, name)).min().unwrap_or(Likeness::Different)
}

fn compare_name(told: &[char], registered: &[char]) -> Likeness {
    if told == registered {
        return Likeness::Same;
    }
    let words = |name: &[char]| {
        let text: String = name.iter().collect();
        text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>()
    };
    if words(told) == words(registered) {
        return Likeness::Same;
    }
    let hidden = |c: &char| matches!(c, '*' | '某' | '×' | '?' | '○');
    let titled =
        ["先生", "女士", "小姐", "太太"].iter().any(|title| registered.iter().collect::<String>().ends_with(title));
    let surname = told.first() == registered.first();
    if surname && (registered.iter().any(hidden) || titled) {
        return Likeness::Similar;
    }
    // Of two characters one is the surname, and somebody else's given name is not a slip.
    let short = told.len().min(registered.len()) < 3;
    if slips(told, registered) == 1 && (!short || surname) { Likeness::Similar } else { Likeness::Different }
}

/// Counts what has to be changed, put in or left out to make one of the other: 0, 1, or 2 for more than one.
fn slips(a: &[char], b: &[char]) -> usize {
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(same_start..).unwrap_or_default(), b.get(same_start..).unwrap_or_default());
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    (a.len().max(b.len()) - same_end).min(2)
}

fn plain(name: &str) -> Vec<char> {
    let narrow: String = name.nfkc().collect();
    let folded = fold(&narrow);
    let han = folded.chars().any(|c| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}'));
    let words = folded.split(|c: char| c.is_whitespace() || c == '·' || c == '.');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(if han { "" } else { " " }).chars().collect()
}

/// Compares two phone numbers by their digits; a register may hide some (138****1234), and may hold several.
fn compare_phones(told: &str, registered: &str) -> Likeness {
    let told = digits(told);
    let numbers = registered.split(['、', ',', '，', ';', '；', '/', '／']).map(digits);
    let numbers: Vec<Vec<char>> = numbers.filter(|number| !number.is_empty()).collect();
    if told.is_empty() || numbers.is_empty() {
        return Likeness::Unsaid;
    }
    let compare = |number: &Vec<char>| {
        let fits = number.len() == told.len() && number.iter().zip(&told).all(|(a, b)| a == b || *a == '*');
        match fits {
            false => Likeness::Different,
            true if number.contains(&'*') => Likeness::Similar,
            true => Likeness::Same,
        }
    };
    numbers.iter().map(compare).min().unwrap_or(Likeness::Different)
}

/// The digits and hidden digits of a number, without the country's.
fn digits(number: &str) -> Vec<char> {
    let narrow = number.nfkc().map(|c| if matches!(c, 'x' | 'X' | '×') { '*' } else { c });
    let digits: Vec<char> = narrow.filter(|c| c.is_ascii_digit() || *c == '*').collect();
    let text: String = digits.iter().collect();
    let home = text.strip_prefix("0086").or_else(|| text.strip_prefix("86").filter(|home| home.len() == 11));
    home.map_or(digits, |home| home.chars().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::Line;
    use kaifong_domain::Instant;

    fn line(block: &str, unit: &str, name: &str, phone: &str) -> Line {
        Line { block: block.into(), unit: unit.into(), name: name.into(), phone: phone.into(), ..Line::default() }
    }

    fn register() -> Register {
        let lines = vec![
            line("3栋", "502", "陈美玲", "13800001111"),
            line("3栋", "502", "陈大文", ""),
            line("3栋", "503", "侯志明、侯太", "138****2222"),
            line("5栋", "503", "", ""),
            line("5栋", "601", "Chan Mei Ling", "+852 9123 4567"),
        ];
        Register::new("住户.xlsx".into(), Instant(5), lines)
    }

    #[test]
    fn the_unit_is_found_however_it_is_written_and_several_are_not_guessed_from() {
        let unit = |household: &str| register().says(household, "陈美玲", "").unit;
        assert_eq!(unit("3栋502"), UnitFound::One);
        assert_eq!(unit("榕荫里三棟 502 室"), UnitFound::One);
        assert_eq!(unit("502"), UnitFound::One, "there is one 502 only");
        assert_eq!(unit("503"), UnitFound::Several);
        assert_eq!(unit("3栋701"), UnitFound::None);
        assert_eq!(unit(""), UnitFound::None);
        assert_eq!(unit("***"), UnitFound::None);
    }

    #[test]
    fn a_name_is_compared_with_everybody_of_the_unit() {
        use Likeness::{Different, Same, Similar, Unsaid};
        let table = [
            ("3栋502", "陈美玲", Same),
            ("3栋502", "陳美玲", Same),
            ("3栋502", "陈 大文", Same),
            ("3栋502", "陈美铃", Similar),
            ("3栋502", "程美玲", Similar),
            ("3栋502", "李小龙", Different),
            ("3栋503", "侯太", Same),
            ("5栋503", "陈美玲", Unsaid),
            ("5栋601", "mei ling CHAN", Same),
            ("5栋601", "Chan Mei Lin", Similar),
        ];
        for (household, name, expected) in table {
            assert_eq!(register().says(household, name, "").name, expected, "{household} {name}");
        }
        assert_eq!(compare_names("王芳", "李芳"), Different, "another surname is another person");
        assert_eq!(compare_names("陈美玲", "陈*玲"), Similar);
        assert_eq!(compare_names("陈美玲", "陈女士"), Similar);
        assert_eq!(compare_names("陈美玲", "王女士"), Different);
    }

    #[test]
    fn a_phone_number_is_compared_by_its_digits() {
        use Likeness::{Different, Same, Similar, Unsaid};
        let table = [
            ("3栋502", "138 0000 1111", Same),
            ("3栋502", "+86-13800001111", Same),
            ("3栋502", "13800001112", Different),
            ("3栋502", "", Unsaid),
            ("3栋503", "13812342222", Similar),
            ("3栋503", "13812342223", Different),
        ];
        for (household, phone, expected) in table {
            assert_eq!(register().says(household, "谁", phone).phone, expected, "{household} {phone}");
        }
    }

    #[test]
    fn the_reviewer_sees_whom_the_register_has_there() {
        assert_eq!(register().says("3栋502", "李小龙", "").names, ["陈大文", "陈美玲"]);
        assert!(register().says("503", "李小龙", "").names.is_empty(), "several units are not mixed");
    }
}
