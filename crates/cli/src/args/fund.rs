//! The community fund.

use clap::{Args, Subcommand};
use kaifong_api::dto::GrantAct;

/// What is done with the fund.
#[derive(Debug, Subcommand)]
pub(crate) enum FundCommand {
    /// 看街坊基金：拨了多少、发了多少、等谁确认
    Show,
    /// 发积分：按分数表，超过管账人一人可发的，等第二个人确认
    Grant(FundGrant),
    /// 确认一份名单；管账人的设备随后发出
    Second {
        /// 名单编号，可以只写前几位
        list: String,
    },
    /// 收回自己开的名单
    Unlist {
        /// 名单编号，可以只写前几位
        list: String,
    },
    /// 把自己的积分给街坊基金
    Give {
        /// 几分
        points: u32,
    },
    /// 定分数表和拨款：创建人马上生效，委员会的要表决；没写的不变
    Set(FundSet),
}

/// What is granted to whom.
#[derive(Debug, Args)]
pub(crate) struct FundGrant {
    /// 街坊编号，可以只写前几位
    pub(crate) member: String,
    /// 为了什么，如 starter 新邻居礼、shift 值班一次
    pub(crate) act: GrantAct,
    /// 哪一天做的，如 2026-11-29；不写就是今天
    #[arg(long, value_parser = day)]
    pub(crate) day: Option<u32>,
    /// 几次，或者几小时、几件
    #[arg(long)]
    pub(crate) times: Option<u16>,
}

/// What is to be otherwise.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct FundSet {
    /// 新邻居礼几分，0 是没有
    #[arg(long)]
    pub(crate) starter: Option<u32>,
    /// 管账人一人可发几分，再多要第二个人确认
    #[arg(long)]
    pub(crate) alone: Option<u32>,
    /// 盖章之前可以发几分
    #[arg(long)]
    pub(crate) quota: Option<u32>,
    /// 做一次几分，如 shift=10；0 是去掉
    #[arg(long = "rate", value_name = "ACT=POINTS", value_parser = rate)]
    pub(crate) rates: Vec<(GrantAct, u32)>,
    /// 从头到现在一共拨给一位管账人几分，如 9c41=500；只能多不能少
    #[arg(long = "budget", value_name = "MEMBER=POINTS", value_parser = budget)]
    pub(crate) budgets: Vec<(String, u32)>,
}

fn rate(text: &str) -> Result<(GrantAct, u32), String> {
    let (act, points) = text.split_once('=').ok_or("要写成 shift=10")?;
    Ok((act.parse().map_err(|why| format!("{why}"))?, points.parse().map_err(|_| "等号后面是几分")?))
}

fn budget(text: &str) -> Result<(String, u32), String> {
    let (member, points) = text.split_once('=').ok_or("要写成 9c41=500")?;
    if member.is_empty() {
        return Err("等号前面是街坊编号".into());
    }
    Ok((member.to_owned(), points.parse().map_err(|_| "等号后面是几分")?))
}

/// Reads a date as days since 1970-01-01, by the calendar arithmetic of Hinnant, *chrono-compatible low-level date algorithms*.
pub(super) fn day(text: &str) -> Result<u32, String> {
    let wrong = || "日期写成 2026-11-29".to_owned();
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    let [year, month, date] = parts.as_slice() else { return Err(wrong()) };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1970..=2243).contains(year) || !(1..=12).contains(month) || !(1..=last).contains(date) {
        return Err(wrong());
    }
    // Years begin in March here, so that the odd day stands last.
    let years = if *month > 2 { *year } else { year - 1 };
    let (era, months) = (years / 400, (month + 9) % 12);
    let of_era = years - era * 400;
    let of_year = (153 * months + 2) / 5 + date - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    u32::try_from(days).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_number_of_days_since_1970() {
        for (text, days) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2024-03-01", 19_783), ("2026-11-29", 20_786)]
        {
            assert_eq!(day(text), Ok(days), "{text}");
        }
        for wrong in ["", "2026", "2026-13-01", "2026-02-29", "2026-11-31", "1969-12-31", "2026-11-29-1", "九月"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rate_names_an_act_and_a_budget_somebody() {
        assert_eq!(rate("值班一次=10"), Ok((GrantAct::Shift, 10)));
        assert_eq!(budget("9c41=500"), Ok(("9c41".into(), 500)));
        for wrong in ["shift", "shift=many", "mayor=3"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        for wrong in ["9c41", "=500", "9c41=-1"] {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
    }
}
