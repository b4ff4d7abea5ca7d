//! Checks on texts that people type or peers send.
//!
//! A text is refused for the first of: it is empty, it is too long, it has a character that cannot be shown. What
//! cannot be shown is what lets one text pass for another (bidi controls, invisible characters) or what a terminal or
//! a log would act on (control characters). Emoji need the joiner U+200D and the variation selectors, so these pass.

use crate::Refusal;

/// Checks a text of one line: no control character at all. `most` is in characters (Unicode scalar values).
///
/// Refuses, in this order: `TextEmpty`, `TextTooLong`, `TextUnprintable`.
pub fn line(field: &'static str, text: &str, most: usize, may_be_empty: bool) -> Result<(), Refusal> {
    check(field, text, most, may_be_empty, unprintable)
}

/// Checks a text of any number of lines: of the control characters only `\n` passes. `most` is in characters (Unicode
/// scalar values), line breaks included.
///
/// Refuses, in this order: `TextEmpty`, `TextTooLong`, `TextUnprintable`.
pub fn prose(field: &'static str, text: &str, most: usize, may_be_empty: bool) -> Result<(), Refusal> {
    check(field, text, most, may_be_empty, |c| c != '\n' && unprintable(c))
}

/// The most characters of a phone number, spaces and signs included.
pub const PHONE_CHARS_MAX: usize = 30;
/// The least digits of a phone number: those of the services that everybody can call.
pub const PHONE_DIGITS_MIN: usize = 3;

/// Checks a phone number that can be called: digits, with spaces, hyphens, brackets and a leading `+` among them.
///
/// Refuses, in this order: as [`line()`], then `OutOfRange` where there are too few digits or anything that nobody dials.
pub fn phone(field: &'static str, text: &str) -> Result<(), Refusal> {
    line(field, text, PHONE_CHARS_MAX, false)?;
    let number = text.trim();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let dialled = number.strip_prefix('+').unwrap_or(number);
    let fine = dialled.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')'));
    if fine && digits >= PHONE_DIGITS_MIN {
        return Ok(());
    }
    let bound = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Err(Refusal::OutOfRange { field: "digits", least: bound(PHONE_DIGITS_MIN), most: bound(PHONE_CHARS_MAX) })
}

fn check(
    field: &'static str,
    text: &str,
    most: usize,
    may_be_empty: bool,
    refused: impl Fn(char) -> bool,
) -> Result<(), Refusal> {
    if !may_be_empty && text.chars().all(blank) {
        return Err(Refusal::TextEmpty { field });
    }
    let found = text.chars().count();
    if found > most {
        return Err(Refusal::TextTooLong { field, found, most });
    }
    match text.chars().find(|c| refused(*c)) {
        Some(c) => Err(Refusal::TextUnprintable { field, code: c.into() }),
        None => Ok(()),
    }
}

/// Whether a character leaves no ink by itself: a name made of such characters would look empty.
fn blank(c: char) -> bool {
    // U+2800 is the braille pattern without dots.
    c.is_whitespace() || matches!(c, '\u{200D}' | '\u{2800}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn unprintable(c: char) -> bool {
    c.is_control() || turns_direction(c) || invisible(c) || unassigned_for_good(c)
}

/// Bidi controls: they can make a text read differently from what it says.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters without ink that no text here needs, and the two separators that some screens take for line breaks.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' // soft hyphen
        | '\u{034F}' // combining grapheme joiner
        | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // Hangul fillers
        | '\u{17B4}' | '\u{17B5}' // Khmer inherent vowels
        | '\u{180B}'..='\u{180F}' // Mongolian selectors
        | '\u{200B}' | '\u{200C}' // zero-width space and non-joiner
        | '\u{2028}' | '\u{2029}' // line and paragraph separators
        | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' // word joiner, invisible operators, old format controls
        | '\u{FEFF}' // byte order mark
        | '\u{FFF0}'..='\u{FFFB}' // interlinear annotation
        | '\u{1D173}'..='\u{1D17A}' // musical format controls
        | '\u{E0000}'..='\u{E0FFF}') // tags
        && !matches!(c, '\u{E0100}'..='\u{E01EF}') // variants of characters in names
}

/// Private-use characters and noncharacters: each device would show something else, or nothing.
fn unassigned_for_good(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{F0000}'..) || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "title";

    #[test]
    fn what_neighbours_write_passes() {
        for text in ["水龙头坏了，能帮忙吗？", "Drill & ladder — 2 days", "👩‍🔧❤️ 修理", "葛󠄀城", "ياردەم", "é", "  边  "]
        {
            assert_eq!(line(FIELD, text, 60, false), Ok(()), "{text}");
            assert_eq!(prose(FIELD, text, 60, false), Ok(()), "{text}");
        }
        assert_eq!(prose(FIELD, "第一行\n第二行", 60, false), Ok(()));
    }

    #[test]
    fn the_first_refusal_is_the_one_told() {
        let empty = Err(Refusal::TextEmpty { field: FIELD });
        let long = |found| Err(Refusal::TextTooLong { field: FIELD, found, most: 3 });
        let unprintable = |code| Err(Refusal::TextUnprintable { field: FIELD, code });
        let table = [
            ("", false, empty.clone()),
            ("", true, Ok(())),
            ("\u{3000} ", false, empty.clone()),
            ("\u{3000} ", true, Ok(())),
            // Blank comes before too long and before unprintable.
            ("\n\n\n\n", false, empty.clone()),
            ("\u{200D}\u{FE0F}", false, empty.clone()),
            ("\u{2800}", false, empty),
            // Too long comes before unprintable.
            ("\u{7}bcd", false, long(4)),
            ("    ", true, long(4)),
            ("街坊街", false, Ok(())),
            ("街坊街坊", false, long(4)),
            // The first unprintable character is named.
            ("a\u{202E}\u{7}", false, unprintable(0x202E)),
            ("a\nb", false, unprintable(0x0A)),
        ];
        for (text, may_be_empty, expected) in table {
            assert_eq!(line(FIELD, text, 3, may_be_empty), expected, "{text:?}");
        }
    }

    #[test]
    fn a_phone_number_is_what_can_be_dialled() {
        for number in ["110", "13800138000", "+86 138-0013-8000", "(020) 8888 6666", " 12345 "] {
            assert_eq!(phone("phone", number), Ok(()), "{number}");
        }
        let out = Err(Refusal::OutOfRange { field: "digits", least: 3, most: 30 });
        for wrong in ["12", "+-()", "138O0138000", "138+0013", "打我电话", "tel:13800138000", "１３８００１３８０００"]
        {
            assert_eq!(phone("phone", wrong), out, "{wrong}");
        }
        assert_eq!(phone("phone", "  "), Err(Refusal::TextEmpty { field: "phone" }));
        let long = Err(Refusal::TextTooLong { field: "phone", found: 31, most: 30 });
        assert_eq!(phone("phone", &"1".repeat(31)), long);
        let turned = Err(Refusal::TextUnprintable { field: "phone", code: 0x202E });
        assert_eq!(phone("phone", "138\u{202E}0013"), turned);
    }

    #[test]
    fn what_cannot_be_shown_is_refused_in_both() {
        let refused = [
            0x00, 0x07, 0x09, 0x0D, 0x1B, 0x7F, 0x85, 0xAD, 0x034F, 0x061C, 0x200B, 0x200C, 0x200E, 0x200F, 0x2028,
            0x2029, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0x3164, 0xE000, 0xFDD0, 0xFEFF, 0xFFFE, 0xFFFF, 0x1_FFFE,
            0xE_0041, 0xF_0000, 0x10_FFFD, 0x10_FFFF,
        ];
        for code in refused {
            let text = format!("a{}", char::from_u32(code).unwrap());
            let expected = Err(Refusal::TextUnprintable { field: FIELD, code });
            assert_eq!(line(FIELD, &text, 60, false), expected, "U+{code:04X}");
            assert_eq!(prose(FIELD, &text, 60, true), expected, "U+{code:04X}");
        }
    }
}
