//! The tables of an export, for spreadsheets: UTF-8 with a mark at the beginning, commas, lines that end as RFC 4180 wants.

use super::{Document, page};
use crate::dto::{Direction, Person, ReviewNote};

/// Gives listings, deals, statement and reviews.
pub(super) fn tables(document: &Document) -> [String; 4] {
    [listings(document), deals(document), statement(document), reviews(document)]
}

fn listings(document: &Document) -> String {
    let mut table =
        Table::of(&["编号", "能帮还是需要", "种类", "方式", "标题", "说明", "积分", "贴出", "收起", "现在"]);
    for row in &document.listings {
        table.row(&[
            row.id.to_string(),
            row.side.word().to_owned(),
            row.kind.map(|kind| kind.word().to_owned()).unwrap_or_default(),
            row.mode.map(|mode| mode.word().to_owned()).unwrap_or_default(),
            row.title.clone(),
            row.body.clone(),
            row.points.map(|points| points.to_string()).unwrap_or_default(),
            page::moment(row.posted_at),
            row.closed_at.map(page::moment).unwrap_or_default(),
            row.stage.word().to_owned(),
        ]);
    }
    table.0
}

fn deals(document: &Document) -> String {
    let mut table = Table::of(&[
        "编号",
        "标题",
        "给的人",
        "给的人编号",
        "受的人",
        "受的人编号",
        "积分",
        "说好哪天还",
        "按时还",
        "现在",
        "开始",
        "最后变化",
        "凭证",
    ]);
    for part in &document.deals {
        let row = &part.deal;
        let entries: Vec<_> = part.entries.iter().map(ToString::to_string).collect();
        let in_time = row.returned_in_time.map(|in_time| if in_time { "是" } else { "否" });
        table.row(&[
            row.id.to_string(),
            row.title.clone().unwrap_or_default(),
            row.giver.shown(),
            row.giver.member.to_string(),
            row.receiver.shown(),
            row.receiver.member.to_string(),
            row.points.to_string(),
            row.due_at.map(page::moment).unwrap_or_default(),
            in_time.unwrap_or_default().to_owned(),
            row.stage.word().to_owned(),
            page::moment(row.answered_at),
            page::moment(row.changed_at),
            entries.join(" "),
        ]);
    }
    table.0
}

fn statement(document: &Document) -> String {
    let mut table = Table::of(&["时间", "收付", "对方", "对方编号", "积分", "为了", "到哪一步", "凭证"]);
    for row in &document.statement {
        let counterpart = row.counterpart.as_ref();
        table.row(&[
            page::moment(row.at),
            row.direction.word().to_owned(),
            counterpart.map(Person::shown).unwrap_or_default(),
            counterpart.map(|person| person.member.to_string()).unwrap_or_default(),
            format!("{}{}", if row.direction == Direction::Out { "-" } else { "" }, row.points),
            row.title.clone().unwrap_or_default(),
            row.state.word().to_owned(),
            row.entry.to_string(),
        ]);
    }
    table.0
}

fn reviews(document: &Document) -> String {
    let mut table = Table::of(&["谁说的", "说谁", "约定", "星", "话", "时间", "回复", "回复时间"]);
    let rows: Vec<&ReviewNote> = document.reviews_received.iter().chain(&document.reviews_given).collect();
    for row in rows {
        let reply = row.reply.as_ref();
        table.row(&[
            row.by.shown(),
            row.about.shown(),
            row.deal.to_string(),
            row.stars.to_string(),
            row.text.clone(),
            page::moment(row.at),
            reply.map(|reply| reply.text.clone()).unwrap_or_default(),
            reply.map(|reply| page::moment(reply.at)).unwrap_or_default(),
        ]);
    }
    table.0
}

struct Table(String);

impl Table {
    fn of(heads: &[&str]) -> Self {
        // Spreadsheets take a file without the mark for something older than UTF-8.
        let mut table = Self("\u{FEFF}".to_owned());
        table.row(&heads.iter().map(|head| (*head).to_owned()).collect::<Vec<_>>());
        table
    }

    fn row(&mut self, cells: &[String]) {
        let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }
}

/// Writes a cell. What a spreadsheet would take for a formula gets an apostrophe: neighbours write titles.
fn cell(text: &str) -> String {
    let number = text.parse::<i64>().is_ok();
    let formula = !number && text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        let table = [
            ("人字梯", "人字梯"),
            ("梯,两米", "\"梯,两米\""),
            ("说\"好\"", "\"说\"\"好\"\"\""),
            ("两\n行", "\"两\n行\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd", "'-cmd"),
            ("-12", "-12"),
            ("=1,2", "\"'=1,2\""),
        ];
        for (text, written) in table {
            assert_eq!(cell(text), written);
        }
    }
}
