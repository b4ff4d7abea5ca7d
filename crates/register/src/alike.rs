//! Names that look the same without being the same.

use kaifong_matching::fold;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters that look like others in the fonts of screens: each group's first stands for all. Han that differ by a
/// stroke, and letters of other scripts that look Latin. Made by looking at names as they are drawn.
const GROUPS: [&str; 48] = [
    "0oοоօ〇○◯零",
    "1liıіӏ|丨ℓ",
    "2ƨ",
    "3зʒ",
    "5s$ѕ",
    "6б",
    "8в",
    "9g",
    "aαаɑ",
    "bЬ",
    "cсϲ",
    "dԁ",
    "eеҽ",
    "fƒ",
    "hһ",
    "jјϳ",
    "kκк",
    "mм",
    "nпո",
    "pрρ",
    "qԛ",
    "rг",
    "tтτ",
    "uυս",
    "vνѵ",
    "wԝω",
    "xхχ×乂",
    "yуγ",
    "zᴢ",
    "一ー—-－",
    "口囗ロ",
    "力カ刀",
    "工エ",
    "二ニ",
    "三彡",
    "日曰",
    "己已巳",
    "未末",
    "土士",
    "人入",
    "千干",
    "戊戌戍",
    "大太犬",
    "八ハ",
    "夕タ",
    "卜ト",
    "天夭",
    "王玉",
];

/// Gives what a name looks like: equal for names that look the same.
pub fn skeleton(name: &str) -> String {
    let narrow: String = name.nfkd().filter(|c| !is_combining_mark(*c) && !has_no_ink(*c)).collect();
    let composed: String = narrow.nfkc().collect();
    fold(&composed)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '·' | '.' | '_' | '・' | '•'))
        .map(first_like)
        .collect()
}

/// Tells whether two names look the same: they are, or a quick look takes one for the other.
pub fn looks_alike(a: &str, b: &str) -> bool {
    skeleton(a) == skeleton(b)
}

fn first_like(c: char) -> char {
    let group = GROUPS.iter().find(|group| group.contains(c));
    group.and_then(|group| group.chars().next()).unwrap_or(c)
}

/// Joiners, selectors, fillers.
fn has_no_ink(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{180B}'..='\u{180F}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}' | '\u{E0000}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_look_the_same_are_told() {
        let table = [
            ("陈阿姨", "陈阿姨"),
            ("陳阿姨", "陈阿姨"),
            ("陈 阿姨", "陈阿姨"),
            ("陈阿\u{200D}姨", "陈阿姨"),
            ("陈阿姨\u{FE0F}", "陈阿姨"),
            ("ＡｎｎａLi", "anna li"),
            ("Аnnа Li", "Anna Li"),
            ("Anná Li", "Anna Li"),
            ("李大王", "李太玉"),
            ("5O2陈姨", "502陈姨"),
            ("王土力", "王士カ"),
            ("Bob1", "Bobl"),
        ];
        for (a, b) in table {
            assert!(looks_alike(a, b), "{a} {b}: {} {}", skeleton(a), skeleton(b));
        }
    }

    #[test]
    fn names_that_look_different_are_not() {
        for (a, b) in [("陈阿姨", "陈阿叔"), ("陈姨", "程姨"), ("侯叔", "候叔"), ("Anna", "Hanna"), ("马乐", "马东")]
        {
            assert!(!looks_alike(a, b), "{a} {b}");
        }
    }

    #[test]
    fn every_character_stands_in_one_group_as_it_is_folded() {
        let all: Vec<char> = GROUPS.iter().flat_map(|group| group.chars()).collect();
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
    }

    proptest! {
        #[test]
        fn a_skeleton_looks_like_itself(name in any::<String>()) {
            let once = skeleton(&name);
            prop_assert_eq!(skeleton(&once), once);
        }
    }
}
