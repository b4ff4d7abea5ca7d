//! Columns that line up, and times as people say them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Lays cells out in columns, two blanks between them.
pub(crate) fn table(rows: Vec<Vec<String>>) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            let width = width(cell);
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, wanted)| {
            let blanks = wanted.saturating_sub(width(cell));
            format!("{cell}{}", " ".repeat(blanks))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Gives the columns that a text takes in a terminal: two for what East Asian Width (UAX #11) calls wide.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1F64F | 0x1F900..=0x1F9FF | 0x20000..=0x3FFFD)
}

/// Gives the first digits of an id: enough to type again.
pub(crate) fn short(id: &impl std::fmt::Display) -> String {
    id.to_string().chars().take(8).collect()
}

/// Cuts a text to so many columns.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut kept = String::new();
    for c in text.chars() {
        let wide = if is_wide(c) { 2 } else { 1 };
        if wide > left {
            break;
        }
        left -= wide;
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// Says how long ago an instant was, or how long it is until then.
pub(crate) fn when(at_ms: u64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    said(at_ms, u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn said(at_ms: u64, now_ms: u64) -> String {
    let (apart, way) = if at_ms > now_ms { (at_ms - now_ms, "后") } else { (now_ms - at_ms, "前") };
    match apart / 1_000 {
        0..60 => "刚才".to_owned(),
        seconds @ 60..3_600 => format!("{} 分钟{way}", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} 小时{way}", seconds / 3_600),
        // A week from now is seven days also a second later.
        seconds => format!("{} 天{way}", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_under_wide_characters() {
        let laid =
            table(vec![vec!["梯子".into(), "a".into(), "末".into()], vec!["x".into(), "bcd".into(), "尾".into()]]);
        assert_eq!(laid, "梯子  a    末\nx     bcd  尾");
    }

    #[test]
    fn a_long_text_is_cut_to_its_columns() {
        assert_eq!(cut("人字梯，两米", 8), "人字梯…");
        assert_eq!(cut("short", 8), "short");
    }

    #[test]
    fn times_are_said_roughly() {
        let minute = 60_000;
        for (at, now, told) in [
            (0, 5, "刚才"),
            (0, 2 * minute, "2 分钟前"),
            (3 * 60 * minute, 0, "3 小时后"),
            (0, 49 * 60 * minute, "2 天前"),
        ] {
            assert_eq!(said(at, now), told);
        }
    }
}
