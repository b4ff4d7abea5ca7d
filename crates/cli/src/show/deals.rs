//! Deals, points, today.

use kaifong_api::dto::{Account, Answered, Deal, DealDetail, Deals, Direction, Line, Phone, ReviewNote, Today};

use super::layout::{cut, short, table, when};
use super::{fit, listing_table};

/// Says that an answer is on its way.
pub(crate) fn answered(answered: &Answered) -> String {
    format!("应下了（约定 {}），等对方答应", short(&answered.deal))
}

/// Says where a deal stands after a step.
pub(crate) fn stepped(deal: &Deal) -> String {
    format!("{} · {}", title(deal), deal.waiting)
}

/// Shows deals.
pub(crate) fn deals(deals: &Deals) -> String {
    if deals.rows.is_empty() {
        return "还没有约定".to_owned();
    }
    table(deals.rows.iter().map(row).collect())
}

/// Shows one deal with its vouchers.
pub(crate) fn deal(detail: &DealDetail) -> String {
    let deal = &detail.deal;
    let mut facts = vec![
        vec!["谁帮谁".to_owned(), format!("{} → {}", deal.giver.shown(), deal.receiver.shown())],
        vec!["积分".to_owned(), format!("{} 分", deal.points)],
        vec!["现在".to_owned(), deal.waiting.clone()],
    ];
    if let Some(due) = deal.due_at {
        facts.push(vec!["归还".to_owned(), when(due)]);
    }
    if let Some(verb) = &deal.my_verb {
        facts.push(vec!["下一步".to_owned(), verb.clone()]);
    }
    let mut text = format!("{}（{}）\n{}", title(deal), short(&deal.id), table(facts));
    if let Some(lost) = &detail.lost {
        text.push_str(&format!("\n{}", lost.why));
    }
    let vouchers = detail.vouchers.iter().map(|voucher| {
        let by = voucher.by.as_ref().map(|by| by.shown()).unwrap_or_default();
        vec![short(&voucher.entry), by, voucher.word.clone(), when(voucher.at)]
    });
    text.push_str(&format!("\n\n凭证\n{}", table(vouchers.collect())));
    if !detail.payments.is_empty() {
        let payments = detail.payments.iter().map(|line| {
            let why = line.why.clone().unwrap_or_default();
            vec![short(&line.entry), format!("{} 分", line.points), line.state.word().to_owned(), why]
        });
        text.push_str(&format!("\n\n积分\n{}", table(payments.collect())));
    }
    if !detail.reviews.is_empty() {
        text.push_str(&format!("\n\n评价\n{}", table(detail.reviews.iter().map(review).collect())));
    }
    text
}

/// Shows a review in columns.
pub(crate) fn review(review: &ReviewNote) -> Vec<String> {
    let stars = "★".repeat(usize::from(review.stars.min(5)));
    let reply = review.reply.as_ref().map(|reply| format!("回复：{}", reply.text)).unwrap_or_default();
    vec![review.by.shown(), stars, review.text.clone(), when(review.at), reply]
}

/// Says how it stands with the two's phone numbers.
pub(crate) fn phone(phone: Option<&Phone>) -> String {
    let Some(phone) = phone else { return "这是别人之间的约定".to_owned() };
    match (&phone.mine, &phone.theirs) {
        (Some(mine), Some(theirs)) => format!("对方的电话 {theirs}；你的 {mine} 对方也有了"),
        (Some(mine), None) if phone.they_withdrew => format!("对方收回了，没有互留；你愿意留的是 {mine}"),
        (Some(mine), None) if phone.offered => format!("两边都愿意了，正在送；你的是 {mine}"),
        (Some(mine), None) => format!("等对方也愿意；在那之前你的 {mine} 只在你自己的设备上"),
        (None, _) if phone.withdrawn => "收回了：不再送出去；对方看过的，看过就是看过了".to_owned(),
        (None, _) if phone.offered => "对方愿意互留电话".to_owned(),
        (None, _) => "还没有互留电话".to_owned(),
    }
}

/// Shows one's account.
pub(crate) fn points(account: &Account) -> String {
    let mut text = format!(
        "街坊们的谢意，你还有 {} 分\n还能谢出去 {} 分；台机盖章前用了 {}，最多 {}",
        account.balance, account.rights, account.unseen, account.quota
    );
    if !account.lines.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(account.lines.iter().map(line).collect()));
    }
    text
}

/// Shows what is up.
pub(crate) fn today(today: &Today) -> String {
    let mut text = String::new();
    if today.requests > 0 {
        text.push_str(&format!("{} 份申请等你看：kaifong requests\n\n", today.requests));
    }
    if !today.turns.is_empty() {
        let turns = today.turns.iter().map(|deal| {
            let verb = deal.my_verb.clone().unwrap_or_default();
            vec![short(&deal.id), title(deal), other(deal), verb]
        });
        text.push_str(&format!("轮到你了（{} 件）\n{}\n\n", today.turns_total, table(turns.collect())));
    }
    if !today.slips.is_empty() {
        let slips = table(today.slips.iter().map(super::slips::line).collect());
        text.push_str(&format!("等你付的谢条（{} 张）\n{slips}\n\n", today.slips_total));
    }
    if !today.matches.is_empty() {
        let matches = today.matches.iter().map(|found| {
            let mut cells = fit(&found.best);
            cells.push(format!("← {}", cut(&found.mine.title, 24)));
            cells
        });
        text.push_str(&format!("合适的\n{}\n\n", table(matches.collect())));
    }
    if !today.news.is_empty() {
        text.push_str(&format!("新来的（{} 条）\n{}\n\n", today.news_total, listing_table(&today.news)));
    }
    text.push_str("看完了");
    text
}

fn row(deal: &Deal) -> Vec<String> {
    let due = deal.due_at.map(|due| format!("{}还", when(due))).unwrap_or_default();
    vec![
        short(&deal.id),
        title(deal),
        format!("{} → {}", deal.giver.shown(), deal.receiver.shown()),
        format!("{} 分", deal.points),
        deal.waiting.clone(),
        due,
    ]
}

fn line(line: &Line) -> Vec<String> {
    let sign = if line.direction == Direction::In { "+" } else { "-" };
    let who = line.counterpart.as_ref().map(|person| person.shown()).unwrap_or_default();
    let granted = || line.purpose.as_ref().map(|purpose| purpose.shown());
    let what = line.title.as_deref().map(|title| cut(title, 30)).or_else(granted).unwrap_or_default();
    let state = match &line.why {
        Some(why) => format!("{}：{why}", line.state.word()),
        None => line.state.word().to_owned(),
    };
    vec![format!("{sign}{}", line.points), who, what, state, when(line.at)]
}

fn title(deal: &Deal) -> String {
    deal.title.as_deref().map_or_else(|| "（原文不在了）".to_owned(), |title| cut(title, 30))
}

fn other(deal: &Deal) -> String {
    let verb = deal.my_step.is_some();
    let mine = if deal.owner == deal.giver { &deal.receiver } else { &deal.giver };
    if verb { mine.shown() } else { deal.owner.shown() }
}
