//! Building, members, devices.

use kaifong_api::dto::{
    Audit, Changed, CreditRecord, Devices, Founded, Invited, KeyKept, Member, Members, Notice, OwnDevice, Peer, Peers,
    Person, Request, Requests, Role, SheetPaper, StaffRow, Status,
};
use kaifong_api::export::Report;

use super::layout::{short, table, when};
use super::listing_table;

/// Says that the node is up, in one line.
pub(crate) fn up(status: &Status) -> String {
    let place = status.name.as_deref().unwrap_or("还没有加入哪一栋楼");
    let listens = if status.addresses.is_empty() { "没有网络".to_owned() } else { status.addresses.join(" ") };
    format!("街坊开着 · {place} · {listens}")
}

/// Says which rows changed.
pub(crate) fn changed(changed: &Changed) -> String {
    let words: Vec<_> = changed.tags.iter().map(|tag| tag.word()).collect();
    format!("有变化：{}", words.join("、"))
}

/// Says what was told outside the window.
pub(crate) fn notice(notice: &Notice) -> String {
    let building = notice.building.as_ref().map(|name| format!("{name}：")).unwrap_or_default();
    format!("提醒：{building}{}，{} 件", notice.kind.word(), notice.count)
}

/// Says that the building stands.
pub(crate) fn founded(founded: &Founded, name: &str) -> String {
    format!("{name} 建好了（{}）\n请街坊进来：kaifong invite", short(&founded.building))
}

/// Shows an invitation.
pub(crate) fn invited(invited: &Invited) -> String {
    let mut text = format!(
        "{} 的邀请，{}过期\n短码  {}\n票    {}",
        invited.building,
        when(invited.expires_at),
        invited.code,
        invited.ticket
    );
    if invited.addresses.is_empty() {
        text.push_str("\n票里没有地址：对方要和邻居连同一个无线网");
    }
    text
}

/// Shows the requests that wait.
pub(crate) fn requests(requests: &Requests) -> String {
    if requests.rows.is_empty() {
        return "没有在等的申请".to_owned();
    }
    let rows = requests.rows.iter().map(|request| {
        let kind = request.kind.word().to_owned();
        let (name, real) = (request.name.clone(), request.real_name.clone());
        let (household, phone) = (request.household.clone(), request.phone.clone());
        vec![short(&request.device), kind, name, household, real, phone, when(request.at)]
    });
    let mut text = table(rows.collect());
    for request in &requests.rows {
        for remark in remarks(request) {
            text.push_str(&format!("\n{} {remark}", request.name));
        }
    }
    format!("{text}\n见过面或核对过门牌再通过：kaifong approve 编号")
}

/// What a reviewer looks at beside what the newcomer says.
fn remarks(request: &Request) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(says) = &request.register {
        let (name, phone) = (says.name.word(), says.phone.word());
        remarks.push(format!("名册：{}，姓名{name}，电话{phone}", says.unit.word()));
    }
    if !request.alike.is_empty() {
        let others: Vec<_> = request.alike.iter().map(Person::shown).collect();
        remarks.push(format!("名字和 {} 看起来一样", others.join("、")));
    }
    for question in &request.questions {
        let answer = question.answer.as_deref().unwrap_or("还没有回答");
        remarks.push(format!("问：{} 答：{answer}", question.text));
    }
    remarks
}

/// Shows all members.
pub(crate) fn members(members: &Members) -> String {
    let rows = members.rows.iter().map(|row| {
        let name = row.person.shown();
        vec![short(&row.person.member), name, row.kind.word().to_owned(), roles(&row.roles), record(&row.record)]
    });
    format!("{}\n共 {} 位", table(rows.collect()), members.rows.len())
}

/// Shows one member.
pub(crate) fn member(member: &Member) -> String {
    let verified = member.verified_by.as_ref().map_or_else(|| "创建这栋楼的人".to_owned(), Person::shown);
    let mut lines = vec![format!("{}（{}）", member.person.shown(), short(&member.person.member))];
    if !member.about.is_empty() {
        lines.push(member.about.clone());
    }
    let mut facts = vec![
        vec!["身份".to_owned(), member.kind.word().to_owned()],
        vec!["核实".to_owned(), format!("{verified}，{}", when(member.since))],
        vec!["记录".to_owned(), record(&member.record)],
    ];
    if !member.roles.is_empty() {
        facts.push(vec!["职责".to_owned(), roles(&member.roles)]);
    }
    for one in member.capacities.iter().filter(|one| !one.by.is_empty()) {
        let by = one.by.iter().map(|word| word.by.shown()).collect::<Vec<_>>().join("、");
        let short_of = if one.stands { "" } else { "，还不够数" };
        facts.push(vec![one.capacity.word().to_owned(), format!("{by} 确认{short_of}")]);
    }
    for one in member.staff.iter().filter(|one| !one.name.is_empty()) {
        let post = if one.post.is_empty() { String::new() } else { format!("，{}", one.post) };
        let works = if one.works { "" } else { "，已经不在这里" };
        facts.push(vec!["谁在做".to_owned(), format!("{}{post}{works}", one.name)]);
    }
    lines.push(table(facts));
    if !member.reviews.is_empty() {
        lines.push(String::new());
        lines.push("街坊怎么说".to_owned());
        let reviews = member.reviews.iter().map(super::review);
        lines.push(table(reviews.collect()));
    }
    if !member.listings.is_empty() {
        lines.push(String::new());
        lines.push(listing_table(&member.listings));
    }
    lines.join("\n")
}

/// Shows the neighbours in reach.
pub(crate) fn peers(peers: &Peers) -> String {
    if peers.rows.is_empty() {
        return "现在没有连着的邻居；存在本机，遇到邻居会自动送达".to_owned();
    }
    table(peers.rows.iter().map(peer).collect())
}

fn peer(peer: &Peer) -> Vec<String> {
    let who = peer.person.as_ref().map_or_else(|| "还不认识".to_owned(), Person::shown);
    let synced = peer.last_sync.map_or_else(|| "还没同步完".to_owned(), |at| format!("{}同步", when(at)));
    let refused = if peer.refused > 0 { format!("拒收 {} 件", peer.refused) } else { String::new() };
    vec![short(&peer.device), who, peer.path.word().to_owned(), synced, refused]
}

/// Shows this device's state.
pub(crate) fn status(status: &Status) -> String {
    let none = || "还没有".to_owned();
    let warning = match status.key_kept {
        KeyKept::File => "，和它封着的数据放在一起：谁拷走整个数据目录，谁就打得开",
        KeyKept::Keychain => "",
    };
    let mut rows = vec![
        vec!["楼".to_owned(), status.name.clone().unwrap_or_else(none)],
        vec!["街坊编号".to_owned(), status.member.map_or_else(none, |member| short(&member))],
        vec!["设备".to_owned(), short(&status.device)],
        vec!["钥匙".to_owned(), format!("在{}里{warning}", status.key_kept.word())],
        vec!["文档".to_owned(), format!("{} 份，{} 处改动", status.documents, status.changes)],
        vec!["邻居".to_owned(), format!("连着 {} 台", status.peers.len())],
        vec!["画面".to_owned(), status.projection.as_deref().map_or_else(none, |hash| short(&hash))],
    ];
    if let Some(aside) = &status.aside {
        rows.push(vec!["旧数据".to_owned(), format!("打不开的那份挪到了 {aside}")]);
    }
    let mut text = table(rows);
    for row in &status.peers {
        text.push_str("\n  ");
        text.push_str(&peer(row).join("  "));
    }
    text
}

/// Shows what an audit found.
pub(crate) fn audit(audit: &Audit) -> String {
    let verdict = match &audit.first_fault {
        None if audit.ok => "全都对得上".to_owned(),
        None => "有对不上的地方".to_owned(),
        Some(fault) => format!("对不上：{fault}"),
    };
    format!(
        "{verdict}\n{} 份文档，{} 处改动，{} 个签名，{} 条账目；积分加起来是 {}；用了 {} 毫秒",
        audit.documents, audit.changes, audit.signatures, audit.entries, audit.ledger_sum, audit.ms
    )
}

/// Shows what checking an export found.
pub(crate) fn export_report(report: &Report) -> String {
    let vouched = if report.vouched_by_founder {
        "由创建这栋楼的人核实，或者就是本人"
    } else {
        "由一位审核人核实；那位当时是不是审核人，要到楼里看"
    };
    let pages = if report.pages_match {
        "表格和网页与 kaifong.json 一致"
    } else {
        "表格或网页和 kaifong.json 不一致：改过，或者是别的版本写的；以 kaifong.json 为准"
    };
    format!(
        "对得上：{} 的 {}（{}），{}导出\n{} 本账，一笔不缺；自己签的 {} 笔，别人签的 {} 笔\n{} 个约定、{} 笔积分和签过的一致\n{vouched}\n{pages}",
        report.name,
        report.shown,
        short(&report.member),
        when(report.exported_at),
        report.journals,
        report.entries,
        report.proofs,
        report.deals,
        report.payments
    )
}

/// Who works at a device of an organisation.
fn works(staff: &StaffRow) -> String {
    let name = if staff.name.is_empty() { "还没说是谁：kaifong staff 名字" } else { staff.name.as_str() };
    let parts = [name, &staff.post, if staff.left_at.is_some() { "不在这里做了" } else { "" }];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("，")
}

/// Shows one's own devices.
pub(crate) fn devices(devices: &Devices) -> String {
    let row = |row: &OwnDevice| {
        let this = if row.this { "这台" } else { "" };
        let written = row.last_written.map_or_else(|| "还没写过".to_owned(), |at| format!("{}写过", when(at)));
        let void = if row.void > 0 { format!("关掉以后签的 {} 条不算", row.void) } else { String::new() };
        let who = row.staff.as_ref().map(works).unwrap_or_default();
        vec![short(&row.device), row.state.word().to_owned(), this.to_owned(), who, written, void]
    };
    let mut text = table(devices.rows.iter().map(row).collect());
    let sheet = devices.sheet.as_ref();
    let sheet = sheet.map_or_else(
        || "还没有恢复纸：kaifong sheet new".to_owned(),
        |sheet| format!("恢复纸第 {} 张，{}印的", sheet.number, when(sheet.at)),
    );
    text.push('\n');
    text.push_str(&sheet);
    for asked in &devices.asked {
        let by = asked.by.iter().map(Person::shown).collect::<Vec<_>>().join("、");
        text.push_str(&format!(
            "\n有人想用一台新设备接你的身份，{by}点了头；不是你就拦住：kaifong object {}",
            asked.approval
        ));
    }
    text
}

/// Shows a recovery sheet, once.
pub(crate) fn sheet(sheet: &SheetPaper) -> String {
    format!(
        "{}的恢复纸，{}，第 {} 张\n{}\n抄下来收好，这里不再显示；旧的那张撕掉",
        sheet.person.shown(),
        sheet.building,
        sheet.number,
        sheet.digits
    )
}

fn roles(roles: &[Role]) -> String {
    roles.iter().map(|role| role.word()).collect::<Vec<_>>().join("、")
}

fn record(record: &CreditRecord) -> String {
    if record.completed == 0 && record.loans_out == 0 {
        return "还没有来往".to_owned();
    }
    let mut parts = vec![format!("办妥 {} 件", record.completed)];
    if record.loans_returned > 0 {
        parts.push(format!("归还 {} 次（按时 {}）", record.loans_returned, record.loans_in_time));
    }
    if record.loans_out > 0 {
        parts.push(format!("借着 {} 件", record.loans_out));
    }
    if let Some(stars) = record.stars {
        parts.push(format!("{stars:.1} 星（{} 条）", record.reviews));
    }
    parts.join("，")
}
