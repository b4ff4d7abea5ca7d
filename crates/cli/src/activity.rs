//! Activities: what neighbours invite each other to.

use clap::Subcommand;
use kaifong_api::dto::*;
use kaifong_api::{ActivityId, ApiError, Hex, rows};

use crate::commands::saved;
use crate::out::Out;
use crate::road::Road;
use crate::show::layout::{cut, short, table, when};

/// How many digits of an activity's id have to be typed at least.
const PREFIX_DIGITS_MIN: usize = 4;

/// What to do about activities.
#[derive(Debug, Subcommand)]
pub(crate) enum ActivityCommand {
    /// 列出活动
    List {
        /// 只列：to-come 要来的、mine 我的、past 过去的
        #[arg(long, default_value = "to-come")]
        show: ActivityShow,
    },
    /// 一个活动；自己办的，还有谁报了名
    Show {
        /// 编号，可以只写前几位
        activity: String,
    },
    /// 办一个活动；发出去以后时间、积分、名额都不能改
    Announce(Announce),
    /// 报名
    Book {
        /// 编号，可以只写前几位
        activity: String,
    },
    /// 取消报名
    Cancel {
        /// 编号，可以只写前几位
        activity: String,
    },
    /// 付参加的积分，或者签报了名没来的积分
    Pay {
        /// 编号，可以只写前几位
        activity: String,
    },
    /// 办的人说没来，可是自己来过
    WasThere {
        /// 编号，可以只写前几位
        activity: String,
    },
    /// 自己办的活动不办了
    CallOff {
        /// 编号，可以只写前几位
        activity: String,
    },
    /// 自己办的活动，记谁来了
    Mark {
        /// 编号，可以只写前几位
        activity: String,
        /// 街坊编号，可以只写前几位
        member: String,
        /// came 来了、absent 没来、free 算及时取消
        mark: GuestMark,
    },
    /// 管账人：等着谢老师的课
    Classes,
}

/// An activity to announce.
#[derive(Debug, clap::Args)]
pub(crate) struct Announce {
    /// 办什么，最多 60 个字
    title: String,
    /// 几时开始：1970 年以来的毫秒数
    #[arg(long)]
    starts_at: u64,
    /// 几个小时，1 到 12
    #[arg(long, default_value_t = 1)]
    hours: u8,
    /// 说明
    #[arg(long, default_value = "")]
    body: String,
    /// 地点
    #[arg(long, default_value = "")]
    venue: String,
    /// 参加要几分
    #[arg(long, default_value_t = 0)]
    cost: u32,
    /// 付给谁：fund 街坊基金、host 办活动的人
    #[arg(long, default_value = "fund")]
    to: Payee,
    /// 报了名没来，请本人签几分
    #[arg(long, default_value_t = 0)]
    no_show: u32,
    /// 几个名额；不写就是都能来
    #[arg(long)]
    places: Option<u16>,
    /// 老师的街坊编号，可以只写前几位
    #[arg(long)]
    teacher: Option<String>,
}

/// Does one thing about activities.
pub(crate) async fn activity(road: &mut Road, command: ActivityCommand, out: Out) -> Result<(), ApiError> {
    match command {
        ActivityCommand::List { show } => {
            let asked = ActivitiesArgs { show, limit: None, skip: 0 };
            out.tell(&road.ask(rows::activities, asked).await?, |page| list(&page.rows))
        }
        ActivityCommand::Show { activity } => {
            let activity = find(road, &activity).await?;
            out.tell(&road.ask(rows::activity, ActivityArgs { activity, host: None }).await?, one)
        }
        ActivityCommand::Announce(told) => announce(road, told, out).await,
        ActivityCommand::Book { activity } => step(road, &activity, ActivityStep::Book, out, "报了名，等留位子").await,
        ActivityCommand::Cancel { activity } => step(road, &activity, ActivityStep::Cancel, out, "取消了").await,
        ActivityCommand::Pay { activity } => step(road, &activity, ActivityStep::Pay, out, "签了，等收").await,
        ActivityCommand::WasThere { activity } => {
            step(road, &activity, ActivityStep::Contest, out, "说了，办的人会看到").await
        }
        ActivityCommand::CallOff { activity } => step(road, &activity, ActivityStep::CallOff, out, "不办了").await,
        ActivityCommand::Mark { activity, member, mark } => {
            let (activity, member) = (find(road, &activity).await?, road.id(IdKind::Member, &member).await?);
            saved(out, &road.ask(rows::mark_guest, MarkGuestArgs { activity, member, mark }).await?, "记下了")
        }
        ActivityCommand::Classes => out.tell(&road.ask(rows::classes, NoArgs {}).await?, classes),
    }
}

async fn announce(road: &mut Road, told: Announce, out: Out) -> Result<(), ApiError> {
    let Announce { title, starts_at, hours, body, venue, cost, to, no_show, places, teacher } = told;
    let teacher = match teacher {
        Some(typed) => Some(road.id(IdKind::Member, &typed).await?),
        None => None,
    };
    let args = AnnounceArgs { title, body, venue, starts_at, hours, cost, to, no_show, places, teacher, group: None };
    let announced = road.ask(rows::announce_activity, args).await?;
    out.tell(&announced, |announced| format!("发出去了（{}）", short(&announced.activity)))
}

async fn step(road: &mut Road, typed: &str, step: ActivityStep, out: Out, said: &str) -> Result<(), ApiError> {
    let activity = find(road, typed).await?;
    let args = ActivityStepArgs { activity, host: None, step };
    saved(out, &road.ask(rows::step_on_activity, args).await?, said)
}

/// Finds the activity whose id begins so.
async fn find(road: &mut Road, typed: &str) -> Result<Hex<ActivityId>, ApiError> {
    if let Ok(whole) = typed.parse() {
        return Ok(whole);
    }
    let typed = typed.trim().to_ascii_lowercase();
    let mut found = std::collections::BTreeSet::new();
    for show in [ActivityShow::ToCome, ActivityShow::Mine, ActivityShow::Past] {
        let page = road.ask(rows::activities, ActivitiesArgs { show, limit: Some(200), skip: 0 }).await?;
        found.extend(page.rows.into_iter().map(|row| row.id).filter(|id| id.to_string().starts_with(&typed)));
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(one), None) if typed.len() >= PREFIX_DIGITS_MIN => Ok(one),
        (Some(_), _) => Err(ApiError::bad_arguments("编号再多写几位")),
        (None, _) => Err(ApiError::bad_arguments("没有编号这样开头的活动")),
    }
}

fn list(rows: &[Activity]) -> String {
    if rows.is_empty() {
        return "没有活动".to_owned();
    }
    let cells = rows.iter().map(|row| {
        let mine = row.booking.as_ref().map_or("", |booking| booking.stage.word());
        let places = row.places.map_or_else(|| format!("{} 人", row.taken), |places| format!("{}/{places}", row.taken));
        let state = if row.called_off_at.is_some() { "不办了" } else { mine };
        vec![short(&row.id), when(row.starts_at), cut(&row.title, 24), row.host.shown(), places, state.to_owned()]
    });
    table(cells.collect())
}

fn one(detail: &ActivityDetail) -> String {
    let row = &detail.activity;
    let mut lines = vec![
        format!("{}（{}）", row.title, short(&row.id)),
        format!("{}，{} 小时，{}办的", when(row.starts_at), row.hours, row.host.shown()),
    ];
    lines.extend([&row.venue, &row.body].into_iter().filter(|text| !text.is_empty()).cloned());
    lines.push(format!("参加 {} 分给{}，报了名没来 {} 分", row.cost, row.to.word(), row.no_show));
    lines.extend(row.teacher.iter().map(|teacher| format!("老师：{}", teacher.shown())));
    lines.extend(row.booking.iter().map(|booking| format!("我：{}", booking.stage.word())));
    lines.extend(row.called_off_at.map(|_| "不办了".to_owned()));
    let guests = detail.guests.iter().map(|guest| {
        let paid = guest.paid.map_or("", |_| "付了");
        vec![short(&guest.person.member), guest.person.shown(), guest.stage.word().to_owned(), paid.to_owned()]
    });
    let guests = table(guests.collect());
    lines.extend(Some(guests).filter(|guests| !guests.is_empty()));
    lines.join("\n")
}

fn classes(classes: &Classes) -> String {
    if classes.rows.is_empty() {
        return "没有等着谢的课".to_owned();
    }
    let cells = classes.rows.iter().map(|row| {
        let (hours, came) = (format!("{} 小时", row.activity.hours), format!("来了 {} 人", row.came));
        vec![when(row.activity.starts_at), cut(&row.activity.title, 24), row.teacher.shown(), hours, came]
    });
    table(cells.collect())
}
