//! The community fund, in words.

use kaifong_api::dto::{Direction, FundLine, FundNote, GrantListRow, Granted, Person};

use super::layout::{short, table, when};

/// Says what became of a grant.
pub(crate) fn granted(granted: &Granted) -> String {
    match &granted.list {
        Some(list) => format!("写好了（{}），等第二个人确认：kaifong fund second 编号", short(list)),
        None => "发出去了，等对方收下".to_owned(),
    }
}

/// Shows what was given and granted, by whom, and what waits.
pub(crate) fn fund(fund: &FundNote) -> String {
    if !fund.open {
        return "还没有街坊基金：kaifong fund set 定下分数表，拨给一位管账人".to_owned();
    }
    let mut text = format!(
        "街坊基金 {} 分：一共拨了 {}，发出 {}，收到 {}\n新邻居礼 {} 分；管账人一人可发 {} 分；盖章之前可发 {} 分",
        fund.balance, fund.given, fund.granted, fund.received, fund.starter, fund.alone, fund.quota
    );
    let rates = fund.rates.iter().map(|rate| format!("{} {} 分", rate.act.word(), rate.points));
    let rates: Vec<_> = rates.collect();
    if !rates.is_empty() {
        text.push_str(&format!("\n{}", rates.join("；")));
    }
    for keeper in &fund.keepers {
        let mark = if keeper.forked { "，账本分了岔" } else { "" };
        let mark = if keeper.current { mark } else { "，不再管账" };
        let (who, given, out) = (keeper.person.shown(), keeper.given, keeper.granted);
        text.push_str(&format!("\n{who}：拨给 {given}，发出 {out}{mark}"));
    }
    for list in &fund.lists {
        text.push_str(&format!("\n{}", waiting(list)));
    }
    if !fund.lines.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(fund.lines.iter().map(line).collect()));
    }
    text
}

fn waiting(list: &GrantListRow) -> String {
    let grants = list
        .grants
        .iter()
        .map(|grant| format!("{} {} {} 分", grant.member.shown(), grant.purpose.shown(), grant.points));
    let grants: Vec<_> = grants.collect();
    let by: Vec<_> = list.seconded.iter().map(Person::shown).collect();
    let by = if by.is_empty() { "等第二个人确认".to_owned() } else { format!("{}确认过", by.join("、")) };
    format!("名单 {}（{}，{by}）：{}", short(&list.list), list.by.shown(), grants.join("；"))
}

fn line(line: &FundLine) -> Vec<String> {
    let sign = if line.direction == Direction::Out { '-' } else { '+' };
    let who = line.counterpart.as_ref().map(Person::shown).unwrap_or_default();
    let what = line.purpose.as_ref().map_or_else(|| "给基金的".to_owned(), |purpose| purpose.shown());
    let by = line.by.as_ref().map(Person::shown).unwrap_or_default();
    vec![format!("{sign}{}", line.points), who, what, by, line.state.word().to_owned(), when(line.at)]
}
