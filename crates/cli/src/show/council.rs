//! The council, in words.

use kaifong_api::dto::{ChangeKind, Council, DraftChange, DraftRow, Drafted, Person, Sheet};

use super::layout::{short, table};

/// Shows the key on paper: this once.
pub(crate) fn seat_sheet(sheet: &Sheet) -> String {
    format!("{}\n抄在纸上，收好：只给这一次，哪台设备都不留。手机丢了，凭它换一台：kaifong use-sheet", sheet.digits)
}

/// Says whether a draft counts at once, or what it waits for.
pub(crate) fn drafted(drafted: &Drafted, council: &Council) -> String {
    if council.drafts.iter().any(|row| row.draft == drafted.draft) {
        format!("写好了（{}），要 {} 位签名：kaifong sign 编号", short(&drafted.draft), council.needed)
    } else {
        "写好了，马上生效".to_owned()
    }
}

/// Shows who sits and what lies before them.
pub(crate) fn council(council: &Council) -> String {
    let mut lines = Vec::new();
    if council.founding {
        lines.push("还在筹建：由创始人先管".to_owned());
    } else {
        lines.push(format!("{} 席，{} 位签名就定", council.seats.len(), council.needed));
    }
    if council.against {
        lines.push("两份决定冲突了：签过一边的席位重新定".to_owned());
    }
    let seats = council.seats.iter().map(|seat| {
        let mine = if seat.mine { "这台设备的席位" } else { "" };
        let votes = if seat.votes { mine } else { "签了两边，这一次不算" };
        vec![short(&seat.person.member), seat.person.shown(), seat.post.word().to_owned(), votes.to_owned()]
    });
    if !council.seats.is_empty() {
        lines.push(table(seats.collect()));
    }
    if !council.stands.is_empty() {
        lines.push(format!("愿意参加的：{}", names(&council.stands)));
    }
    lines.extend(council.drafts.iter().map(draft));
    lines.join("\n")
}

fn draft(row: &DraftRow) -> String {
    let changes: Vec<_> = row.changes.iter().map(change).collect();
    let agreed = if row.agreed { "，你同意了" } else { "" };
    format!(
        "提议 {}（{}{agreed}）：{}\n  签了：{}；还没签：{}",
        short(&row.draft),
        row.by.shown(),
        changes.join("；"),
        names(&row.signed),
        names(&row.missing)
    )
}

fn change(change: &DraftChange) -> String {
    let who = change.person.as_ref().map(Person::shown).unwrap_or_default();
    let (what, post) = (change.what.word(), change.post.map(|post| post.word()).unwrap_or_default());
    let role = change.role.map(|role| role.word()).unwrap_or_default();
    match (change.what, change.before, change.after) {
        (ChangeKind::Seated, ..) => format!("请 {who} 进委员会，{post}"),
        (ChangeKind::PostChanged, ..) => format!("{who} 改做{post}"),
        (ChangeKind::LeadsFirst, ..) => format!("先由 {who} 主持"),
        (ChangeKind::PlaceAdded | ChangeKind::PlaceRemoved | ChangeKind::PlaceChanged, ..) => place(change),
        (ChangeKind::FundRate, Some(before), Some(after)) => {
            format!("{}：{before} 分改成 {after} 分", change.act.map(|act| act.word()).unwrap_or_default())
        }
        (ChangeKind::FundBudget, Some(before), Some(after)) => format!("拨给 {who} 的：{before} 分加到 {after} 分"),
        (_, Some(before), Some(after)) => format!("{what}：{before} 改成 {after}"),
        _ => format!("{who} {what}{role}"),
    }
}

fn place(change: &DraftChange) -> String {
    let (was, is) = (change.was.as_deref().unwrap_or_default(), change.is.as_deref().unwrap_or_default());
    match (change.what, change.before) {
        (ChangeKind::PlaceAdded, _) => format!("楼图上添上 {is}"),
        (ChangeKind::PlaceRemoved, Some(live)) if live > 0 => {
            format!("从楼图上去掉 {was}（有 {live} 位街坊说住在那里）")
        }
        (ChangeKind::PlaceRemoved, _) => format!("从楼图上去掉 {was}"),
        _ => format!("楼图上 {was} 改成 {is}"),
    }
}

fn names(people: &[Person]) -> String {
    let names: Vec<_> = people.iter().map(Person::shown).collect();
    if names.is_empty() { "还没有".to_owned() } else { names.join("、") }
}
