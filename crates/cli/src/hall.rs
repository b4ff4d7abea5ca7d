//! The hall: what is put to those who answer.

use clap::Subcommand;
use kaifong_api::dto::*;
use kaifong_api::{ApiError, rows};

use crate::commands::saved;
use crate::out::Out;
use crate::road::Road;
use crate::show::layout::{cut, short, table, when};

/// What to do in the hall.
#[derive(Debug, Subcommand)]
pub(crate) enum HallCommand {
    /// 列出提出来的事，还没答复的在前
    List {
        /// 只列：all 全部、mine 我提的、to-me 等我答复的、waiting 还没答复的、solved 已解决的
        #[arg(long, default_value = "all")]
        show: MatterShow,
        /// 只列有这几个字的
        #[arg(long)]
        text: Option<String>,
        /// 最多几件
        #[arg(long)]
        limit: Option<u32>,
    },
    /// 一件事，和大家对它说的
    Show {
        /// 编号，可以只写前几位
        matter: String,
    },
    /// 提一件事
    Put {
        /// question 提问、complaint 投诉、help 求助、suggestion 建议
        kind: MatterKind,
        /// 要说的，最多 1000 个字
        text: String,
        /// 提给谁：officials 网格员和居委会、property-firm 物业、committee-office 居委会或业委会、answerers 答疑人
        #[arg(long, conflicts_with = "member")]
        to: Option<Addressee>,
        /// 提给一位街坊，编号可以只写前几位
        #[arg(long)]
        member: Option<String>,
        /// 说的是楼图上的哪一处，写它的号码
        #[arg(long)]
        place: Option<u32>,
    },
    /// 受理一件事
    TakeUp {
        /// 编号，可以只写前几位
        matter: String,
        /// 先说一句
        #[arg(default_value = "")]
        text: String,
    },
    /// 答复一件事；不管答复的人，说的就是街坊的回应
    Say {
        /// 编号，可以只写前几位
        matter: String,
        /// 要说的，最多 1000 个字
        text: String,
    },
    /// 自己提的事解决了
    Solved {
        /// 编号，可以只写前几位
        matter: String,
        /// 想说的话
        #[arg(default_value = "")]
        remark: String,
    },
    /// 自己提的事还没有解决
    NotYet {
        /// 编号，可以只写前几位
        matter: String,
        /// 还差什么
        #[arg(default_value = "")]
        remark: String,
    },
    /// 收回自己提的一件事
    Withdraw {
        /// 编号，可以只写前几位
        matter: String,
    },
}

/// Does one thing in the hall.
pub(crate) async fn hall(road: &mut Road, command: HallCommand, out: Out) -> Result<(), ApiError> {
    match command {
        HallCommand::List { show, text, limit } => {
            out.tell(&road.ask(rows::matters, MattersArgs { show, text, limit, skip: 0 }).await?, list)
        }
        HallCommand::Show { matter } => {
            let matter = road.id(IdKind::Matter, &matter).await?;
            out.tell(&road.ask(rows::matter, MatterArgs { matter, asker: None }).await?, one)
        }
        HallCommand::Put { kind, text, to, member, place } => {
            let member = match member {
                Some(typed) => Some(road.id(IdKind::Member, &typed).await?),
                None => None,
            };
            let to = to.or(member.map(|_| Addressee::Member));
            let put = road.ask(rows::put_matter, PutMatterArgs { kind, text, to, member, place }).await?;
            out.tell(&put, |put| format!("提出来了（{}）", short(&put.matter)))
        }
        HallCommand::TakeUp { matter, text } => {
            let matter = road.id(IdKind::Matter, &matter).await?;
            let args = RespondArgs { matter, asker: None, text };
            saved(out, &road.ask(rows::take_up_matter, args).await?, "受理了")
        }
        HallCommand::Say { matter, text } => {
            let matter = road.id(IdKind::Matter, &matter).await?;
            let args = RespondArgs { matter, asker: None, text };
            saved(out, &road.ask(rows::respond_to_matter, args).await?, "说了")
        }
        HallCommand::Solved { matter, remark } => judge(road, &matter, true, remark, out).await,
        HallCommand::NotYet { matter, remark } => judge(road, &matter, false, remark, out).await,
        HallCommand::Withdraw { matter } => {
            let matter = road.id(IdKind::Matter, &matter).await?;
            saved(out, &road.ask(rows::withdraw_matter, OwnMatterArgs { matter }).await?, "收回了")
        }
    }
}

async fn judge(road: &mut Road, typed: &str, solved: bool, remark: String, out: Out) -> Result<(), ApiError> {
    let matter = road.id(IdKind::Matter, typed).await?;
    let words = if solved { "解决了" } else { "又打开了，等答复" };
    saved(out, &road.ask(rows::judge_matter, JudgeArgs { matter, solved, remark }).await?, words)
}

fn list(matters: &Matters) -> String {
    if matters.rows.is_empty() {
        return "没有这样的事".to_owned();
    }
    format!("{}\n共 {} 件", table(matters.rows.iter().map(line).collect()), matters.total)
}

fn line(matter: &Matter) -> Vec<String> {
    let who = if matter.mine { "我".to_owned() } else { matter.asker.shown() };
    let first = matter.text.lines().next().unwrap_or_default();
    let kind = matter.kind.word().to_owned();
    vec![short(&matter.id), kind, cut(first, 40), who, matter.stage.word().to_owned(), when(matter.put_at)]
}

fn one(detail: &MatterDetail) -> String {
    let matter = &detail.matter;
    let to = match &matter.to {
        None => "所有答复的人".to_owned(),
        Some(PutTo { person: Some(person), .. }) => person.shown(),
        Some(PutTo { to, .. }) => to.word().to_owned(),
    };
    let who = matter.asker.shown();
    let head = format!("{}：{}\n{who} 提给 {to}，{}", matter.kind.word(), matter.text, matter.stage.word());
    let turns = detail.turns.iter().map(|turn| {
        let voices: Vec<_> = turn.voices.iter().map(|one| one.voice.word()).collect();
        vec![turn.by.shown(), voices.join("、"), turn.said.word().to_owned(), turn.text.clone(), when(turn.at)]
    });
    format!("{head}\n\n{}", table(turns.collect()))
}
