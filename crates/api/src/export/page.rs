//! The page of an export, for people: no script, nothing from outside, and it prints on A4.

use std::fmt::Write;

use jiff::Timestamp;

use super::Document;
use crate::dto::{Direction, MatterDetail, Person, ReviewNote};

const HEAD: &str = r#"<!doctype html>
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>街坊 · 我的资料</title>
<style>
:root { color-scheme: light; --ink: #2b211a; --muted: #655648; --brick: #a23a24; --line: #d9cbb6; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 20px 64px; max-width: 900px; background: #f8f1e4; color: var(--ink);
  font: 16px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
h1, h2 { font-family: "Songti SC", "Noto Serif CJK SC", SimSun, serif; line-height: 1.3; }
h1 { font-size: 30px; margin: 0 0 4px; }
h2 { font-size: 22px; margin: 40px 0 8px; padding-top: 12px; border-top: 3px double var(--ink); }
p { margin: 4px 0; }
.muted, th { color: var(--muted); }
table { width: 100%; border-collapse: collapse; background: #fffcf5; font-size: 14px; }
th, td { padding: 6px 10px; border: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: 12px/1.5 ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
.pre { white-space: pre-line; }
@media print {
  @page { size: A4; margin: 16mm 14mm; }
  body { background: #fff; padding: 0; max-width: none; font-size: 10.5pt; }
  table { background: #fff; font-size: 9pt; }
  thead { display: table-header-group; }
  tr, h2 { break-inside: avoid; }
  h2 { break-after: avoid; }
}
</style>
</head>
<body>
"#;

/// Writes the page.
pub(super) fn page(document: &Document) -> String {
    let mut html = HEAD.to_owned();
    owner(&mut html, document);
    listings(&mut html, document);
    deals(&mut html, document);
    statement(&mut html, document);
    reviews(&mut html, "街坊怎么说我", &document.reviews_received, |row| &row.by);
    reviews(&mut html, "我怎么说街坊", &document.reviews_given, |row| &row.about);
    matters(&mut html, document);
    activities(&mut html, document);
    proofs(&mut html, document);
    html.push_str("</body>\n</html>\n");
    html
}

fn owner(html: &mut String, document: &Document) {
    let owner = &document.owner;
    put(html, format_args!("<h1>{}</h1>\n", text(&owner.person.shown())));
    let made = moment(document.exported_at);
    put(html, format_args!("<p class=\"muted\">{} · {made} 导出</p>\n", text(&document.building.name)));
    if !owner.about.is_empty() {
        put(html, format_args!("<p class=\"pre\">{}</p>\n", text(&owner.about)));
    }
    let record = &owner.record;
    let mut rows = vec![
        ("街坊编号".to_owned(), owner.person.member.to_string()),
        ("身份".to_owned(), owner.kind.word().to_owned()),
        ("核实".to_owned(), owner.verified_by.as_ref().map_or_else(|| "创建这栋楼的人".to_owned(), Person::shown)),
        ("从哪天起".to_owned(), moment(owner.since)),
        ("办妥".to_owned(), format!("{} 件：帮人 {} 件，受助 {} 件", record.completed, record.given, record.received)),
        (
            "借还".to_owned(),
            format!(
                "借来还了 {} 次，其中按时 {} 次；借出收回 {} 次",
                record.loans_returned, record.loans_in_time, record.loans_lent
            ),
        ),
        ("积分".to_owned(), document.balance.to_string()),
    ];
    if !owner.roles.is_empty() {
        rows.push(("职责".to_owned(), owner.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join("、")));
    }
    if !owner.block_kept.is_empty() && owner.person.block.is_empty() {
        rows.push(("门牌（只存在本机）".to_owned(), owner.block_kept.clone()));
    }
    if let Some(told) = &owner.told_reviewers {
        let parts = [&told.household, &told.real_name, &told.phone].map(String::as_str);
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        rows.push(("告诉过审核人".to_owned(), parts.join("，")));
    }
    for one in owner.staff.iter().filter(|one| !one.name.is_empty()) {
        let post = if one.post.is_empty() { String::new() } else { format!("，{}", one.post) };
        let works = if one.works { "" } else { "，已经不在这里" };
        rows.push(("谁在做".to_owned(), format!("{}{post}{works}（设备 {}）", one.name, one.device)));
    }
    for device in &owner.devices {
        let this = if *device == owner.device { "设备（这一台）" } else { "设备" };
        rows.push((this.to_owned(), device.to_string()));
    }
    html.push_str("<table>\n");
    for (what, says) in rows {
        put(html, format_args!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", text(&what), text(&says)));
    }
    html.push_str("</table>\n");
}

fn listings(html: &mut String, document: &Document) {
    let heads = ["贴出", "", "标题", "积分", "现在"];
    let rows = document.listings.iter().map(|row| {
        let points = row.points.map(|points| points.to_string()).unwrap_or_default();
        let words = if row.body.is_empty() { row.title.clone() } else { format!("{}\n{}", row.title, row.body) };
        vec![moment(row.posted_at), row.side.word().to_owned(), words, points, row.stage.word().to_owned()]
    });
    table(html, "我贴的", &heads, rows.collect());
}

fn deals(html: &mut String, document: &Document) {
    let heads = ["最后变化", "标题", "给的人", "受的人", "积分", "现在", "凭证"];
    let rows = document.deals.iter().map(|part| {
        let row = &part.deal;
        let in_time = if row.returned_in_time == Some(true) { "，按时还" } else { "" };
        let title = row.title.clone().unwrap_or_else(|| "（这一条不在这里了）".to_owned());
        let (giver, receiver) = (row.giver.shown(), row.receiver.shown());
        let (stage, proofs) = (format!("{}{in_time}", row.stage.word()), format!("{} 份", part.entries.len()));
        vec![moment(row.changed_at), title, giver, receiver, row.points.to_string(), stage, proofs]
    });
    table(html, "我的约定", &heads, rows.collect());
}

fn statement(html: &mut String, document: &Document) {
    let heads = ["时间", "对方", "为了", "积分", "到哪一步"];
    let rows = document.statement.iter().map(|row| {
        let sign = if row.direction == Direction::Out { "−" } else { "+" };
        let who = row.counterpart.as_ref().map(Person::shown).unwrap_or_default();
        let why = row.title.clone().unwrap_or_default();
        vec![moment(row.at), who, why, format!("{sign}{}", row.points), row.state.word().to_owned()]
    });
    table(html, "积分流水", &heads, rows.collect());
}

fn reviews(html: &mut String, title: &str, rows: &[ReviewNote], who: fn(&ReviewNote) -> &Person) {
    let heads = ["时间", "街坊", "星", "话", "回复"];
    let rows = rows.iter().map(|row| {
        let reply = row.reply.as_ref().map(|reply| reply.text.clone()).unwrap_or_default();
        vec![moment(row.at), who(row).shown(), row.stars.to_string(), row.text.clone(), reply]
    });
    table(html, title, &heads, rows.collect());
}

fn matters(html: &mut String, document: &Document) {
    let heads = ["时间", "类别", "说的", "到哪一步", "大家怎么说"];
    let rows = document.matters.iter().map(|MatterDetail { matter, turns, .. }| {
        let said = turns.iter().map(|turn| format!("{}{}：{}", turn.by.shown(), turn.said.word(), turn.text));
        let said = said.collect::<Vec<_>>().join("；");
        let (kind, stage) = (matter.kind.word().to_owned(), matter.stage.word().to_owned());
        vec![moment(matter.put_at), kind, matter.text.clone(), stage, said]
    });
    table(html, "我在议事里提的", &heads, rows.collect());
    let heads = ["时间", "谁提的", "我说的"];
    let rows = document
        .responses
        .iter()
        .map(|row| vec![moment(row.at), row.asker.shown(), format!("{}：{}", row.said.word(), row.text)]);
    table(html, "我对街坊提的事说的", &heads, rows.collect());
}

fn activities(html: &mut String, document: &Document) {
    let heads = ["开始", "活动", "谁办的", "小时", "参加要的积分", "我"];
    let rows = document.activities.iter().map(|row| {
        let own = match &row.booking {
            _ if row.called_off_at.is_some() => "不办了",
            Some(booking) => booking.stage.word(),
            None => "我办的",
        };
        let (hours, cost) = (row.hours.to_string(), row.cost.to_string());
        vec![moment(row.starts_at), row.title.clone(), row.host.shown(), hours, cost, own.to_owned()]
    });
    table(html, "我的活动", &heads, rows.collect());
}

fn proofs(html: &mut String, document: &Document) {
    html.push_str("<h2>怎么核对</h2>\n");
    let own: usize = document.journals.iter().map(|journal| journal.entries.len()).sum();
    let (journals, proofs) = (document.journals.len(), document.proofs.len());
    put(
        html,
        format_args!(
            "<p>kaifong.json 里有自己签过的 {own} 笔（{journals} 本账，一笔不缺），和别人在与我的约定、积分里签的 {proofs} 笔，都是签名时的原样。\
             用 <code>kaifong verify-export</code> 加上这个文件的名字，不用联网，也不用加入这栋楼，就能重新核对。</p>\n"
        ),
    );
    let building = document.building.id;
    put(html, format_args!("<p class=\"muted\">楼的编号 <code>{building}</code>；时间都是协调世界时（UTC）。</p>\n"));
}

/// Writes a table, or that there is nothing.
fn table(html: &mut String, title: &str, heads: &[&str], rows: Vec<Vec<String>>) {
    put(html, format_args!("<h2>{}</h2>\n", text(title)));
    if rows.is_empty() {
        html.push_str("<p class=\"muted\">还没有。</p>\n");
        return;
    }
    html.push_str("<table>\n<thead><tr>");
    heads.iter().for_each(|head| put(html, format_args!("<th scope=\"col\">{}</th>", text(head))));
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (head, cell) in heads.iter().zip(row) {
            let class = if matches!(*head, "积分" | "星") { "n" } else { "pre" };
            put(html, format_args!("<td class=\"{class}\">{}</td>", text(&cell)));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n");
}

fn put(html: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = html.write_fmt(words);
}

/// Writes what somebody has written, as text and nothing else.
fn text(words: &str) -> String {
    let mut safe = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Writes an instant to the minute, in UTC, so that an export reads the same everywhere.
pub(super) fn moment(at: u64) -> String {
    formatted(at, "%Y-%m-%d %H:%M")
}

/// Writes the day of an instant, in UTC.
pub(super) fn day(at: u64) -> String {
    formatted(at, "%Y-%m-%d")
}

fn formatted(at: u64, form: &str) -> String {
    let instant = i64::try_from(at).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    // A neighbour's clock may claim anything.
    instant.map_or_else(|| format!("{at} ms"), |instant| instant.strftime(form).to_string())
}
