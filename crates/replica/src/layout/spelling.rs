//! What stands in one text of a record and is more than that text: each has one spelling.

use kaifong_domain::Instant;
use kaifong_domain::record::{Check, Kind, Listing, Mode, Side};

use super::INSTANT_MAX;

const SIDES: [(&str, Side); 2] = [("offer", Side::Offer), ("need", Side::Need)];
const KINDS: [(&str, Kind); 6] = [
    ("item", Kind::Item),
    ("knowledge", Kind::Knowledge),
    ("skill", Kind::Skill),
    ("time", Kind::Time),
    ("space", Kind::Space),
    ("medical", Kind::Medical),
];
const MODES: [(&str, Mode); 4] =
    [("share", Mode::Share), ("donate", Mode::Donate), ("swap", Mode::Swap), ("charity-sale", Mode::CharitySale)];

fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, of)| of == value).map_or("", |(word, _)| word)
}

fn of_word<T: Copy>(words: &[(&'static str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, of)| *of)
}

pub(super) fn what_text(listing: &Listing) -> String {
    let mut text = String::from(word_of(&SIDES, &listing.side));
    let kind = listing.kind.map(|kind| word_of(&KINDS, &kind));
    let mode = listing.mode.map(|mode| word_of(&MODES, &mode));
    for word in [kind, mode].into_iter().flatten() {
        text.push(' ');
        text.push_str(word);
    }
    text
}

pub(super) fn what_from(text: &str) -> Option<(Side, Option<Kind>, Option<Mode>)> {
    let mut words = text.split(' ');
    let side = of_word(&SIDES, words.next()?)?;
    let kind = words.next().map(|word| of_word(&KINDS, word).ok_or(())).transpose().ok()?;
    let mode = words.next().map(|word| of_word(&MODES, word).ok_or(())).transpose().ok()?;
    words.next().is_none().then_some((side, kind, mode))
}

pub(super) fn checked_text(check: &Check) -> String {
    format!("{} {} {}", check.loans, check.at.0, check.by)
}

/// Reads a check in the only spelling that [`checked_text`] gives.
pub(super) fn checked_from(text: &str) -> Option<Check> {
    let mut parts = text.splitn(3, ' ');
    let loans = parts.next()?.parse().ok()?;
    let at = parts.next()?.parse().ok().filter(|at| *at <= INSTANT_MAX).map(Instant)?;
    let check = Check { loans, at, by: parts.next()?.to_owned() };
    (checked_text(&check) == text).then_some(check)
}

#[cfg(test)]
mod tests {
    use super::super::faultless_listing;
    use super::*;

    #[test]
    fn what_reads_as_it_was_written_and_has_one_spelling() {
        for (_, side) in SIDES {
            for kind in KINDS.map(|(_, kind)| Some(kind)).into_iter().chain([None]) {
                for mode in MODES.map(|(_, mode)| Some(mode)).into_iter().chain([None]) {
                    if kind.is_some() || mode.is_none() {
                        let text = what_text(&Listing { side, kind, mode, ..faultless_listing() });
                        assert_eq!(what_from(&text), Some((side, kind, mode)), "{text}");
                    }
                }
            }
        }
        for odd in ["", "offer ", " offer", "offer  item", "Offer", "offer share", "offer item share share"] {
            assert_eq!(what_from(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn a_check_has_one_spelling_and_its_name_may_have_spaces() {
        let check = Check { loans: 2, at: Instant(1_760_000_000_000), by: String::from("何姨 志愿者") };
        assert_eq!(checked_from(&checked_text(&check)), Some(check));
        for odd in [
            "",
            "2",
            "2 9",
            "02 9 何姨",
            "+2 9 何姨",
            "-1 9 何姨",
            "2 9007199254740993 何姨",
            " 2 9 何姨",
            "4294967296 9 何姨",
        ] {
            assert_eq!(checked_from(odd), None, "{odd:?}");
        }
    }
}
