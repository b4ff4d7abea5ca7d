//! What is done with the community fund.

use std::collections::BTreeMap;

use kaifong_api::dto::*;
use kaifong_api::{ApiError, EntryHash, Hex, rows};

use crate::args::{FundCommand, FundGrant, FundSet};
use crate::commands::saved;
use crate::out::Out;
use crate::road::Road;
use crate::show;

/// How many digits of a list's id have to be typed at least.
const PREFIX_DIGITS_MIN: usize = 4;

pub(crate) async fn fund(road: &mut Road, command: FundCommand, out: Out) -> Result<(), ApiError> {
    match command {
        FundCommand::Show => out.tell(&road.ask(rows::fund, NoArgs {}).await?, show::fund),
        FundCommand::Grant(FundGrant { member, act, day, times }) => {
            let member = road.id(IdKind::Member, &member).await?;
            out.tell(&road.ask(rows::grant, GrantArgs { member, act, day, times }).await?, show::granted)
        }
        FundCommand::Second { list } => {
            let list = find_list(road, &list).await?;
            saved(out, &road.ask(rows::second_grants, GrantListArgs { list }).await?, "确认了，管账人的设备会发出去")
        }
        FundCommand::Unlist { list } => {
            let list = find_list(road, &list).await?;
            saved(out, &road.ask(rows::unlist_grants, GrantListArgs { list }).await?, "收回了")
        }
        FundCommand::Give { points } => {
            saved(out, &road.ask(rows::give_to_fund, GiveToFundArgs { points }).await?, "给了街坊基金，等它收下")
        }
        FundCommand::Set(args) => set(road, args, out).await,
    }
}

async fn set(road: &mut Road, args: FundSet, out: Out) -> Result<(), ApiError> {
    let FundSet { starter, alone, quota, rates, budgets } = args;
    let now = road.ask(rows::fund, NoArgs {}).await?;
    let mut table: BTreeMap<GrantAct, u32> = now.rates.iter().map(|rate| (rate.act, rate.points)).collect();
    table.extend(rates);
    let mut given = Vec::new();
    for (member, points) in budgets {
        given.push(BudgetArgs { member: road.id(IdKind::Member, &member).await?, points });
    }
    let fund = FundDraftArgs {
        starter: starter.unwrap_or(now.starter),
        alone: alone.unwrap_or(now.alone),
        quota: quota.unwrap_or(now.quota),
        rates: table.into_iter().map(|(act, points)| RateNote { act, points }).collect(),
        budgets: given,
    };
    let asked = DraftArgs { seats: None, roles: None, charter: None, places: None, fund: Some(fund) };
    let drafted = road.ask(rows::draft_epoch, asked).await?;
    let council = road.ask(rows::council, NoArgs {}).await?;
    out.tell(&drafted, |drafted| show::drafted(drafted, &council))
}

/// Finds a list that somebody typed, perhaps only its first digits.
async fn find_list(road: &mut Road, typed: &str) -> Result<Hex<EntryHash>, ApiError> {
    if let Ok(list) = typed.parse() {
        return Ok(list);
    }
    let typed = typed.to_ascii_lowercase();
    if typed.len() < PREFIX_DIGITS_MIN {
        return Err(ApiError::bad_arguments(format_args!("编号至少写前 {PREFIX_DIGITS_MIN} 位")));
    }
    let fund = road.ask(rows::fund, NoArgs {}).await?;
    let mut found = fund.lists.iter().map(|row| row.list).filter(|list| list.to_string().starts_with(&typed));
    match (found.next(), found.next()) {
        (Some(list), None) => Ok(list),
        (Some(_), Some(_)) => Err(ApiError::bad_arguments("有几份名单是这样开头的，再多写几位")),
        (None, _) => Err(ApiError::bad_arguments("没有这样开头的名单在等")),
    }
}
