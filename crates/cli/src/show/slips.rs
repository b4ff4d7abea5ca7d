//! Slips of paper, in words.

use kaifong_api::dto::{SlipRow, Slips};

use super::layout::{table, when};

/// Shows the slips that wait for oneself, then the others.
pub(crate) fn slips(slips: &Slips) -> String {
    if slips.waiting.is_empty() && slips.rows.is_empty() {
        return "还没有录过谢条".to_owned();
    }
    table(slips.waiting.iter().chain(&slips.rows).map(line).collect())
}

pub(super) fn line(row: &SlipRow) -> Vec<String> {
    let conflict = if row.conflict { "（同一号码录了不一样的）" } else { "" };
    let who = format!("{} 谢 {}", row.payer.shown(), row.payee.shown());
    vec![row.number.clone(), who, format!("{} 分", row.points), format!("{}{conflict}", row.state.word()), when(row.at)]
}
