//! Slips of paper.

use clap::{Args, Subcommand};

/// What is done with slips.
#[derive(Debug, Subcommand)]
pub(crate) enum SlipCommand {
    /// 看谢条：等自己付的，录过的
    List,
    /// 要一些空白谢条的号码
    Blank {
        /// 几张，1 到 80
        #[arg(default_value_t = 8)]
        count: u32,
    },
    /// 录一张写好的谢条；台机和志愿者才能录
    Enter(SlipEnter),
    /// 付一张自己写的谢条
    Pay {
        /// 谢条上的号码，空格可以不写
        number: String,
    },
    /// 说一张谢条不是自己的，或者收回自己录错的
    Disown {
        /// 谢条上的号码，空格可以不写
        number: String,
    },
}

/// What stands on a slip.
#[derive(Debug, Args)]
pub(crate) struct SlipEnter {
    /// 谢条上的号码，空格可以不写
    pub(crate) number: String,
    /// 谁谢，街坊编号，可以只写前几位
    pub(crate) payer: String,
    /// 谢谁，街坊编号，可以只写前几位
    pub(crate) payee: String,
    /// 几分
    pub(crate) points: u32,
    /// 哪一天写的，如 2026-11-29；不写就是今天
    #[arg(long, value_parser = super::fund::day)]
    pub(crate) day: Option<u32>,
}
