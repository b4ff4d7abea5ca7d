//! Commands below commands, and words of which one is chosen.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// What to do with a recovery sheet.
#[derive(Debug, Subcommand)]
pub(crate) enum SheetCommand {
    /// 印一张新的；旧的就不管用了
    New,
    /// 在一台新装的设备上，凭它回来
    Use {
        /// 街坊给的邀请：票或短码
        invitation: String,
        /// 纸上的五十个数字
        digits: String,
    },
    /// 在别人的设备上，关掉纸的主人所有的设备
    Close {
        /// 纸上的五十个数字
        digits: String,
    },
}

/// What is done with the register of units.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum RegisterCommand {
    /// 读一份名册（.xlsx 或 .csv），存到这台设备上，换掉原来的
    Import {
        /// 文件
        file: PathBuf,
        /// 房号在第几列，从 1 数起；不写就看表头
        #[arg(long)]
        unit: Option<u32>,
        /// 栋在第几列
        #[arg(long, requires = "unit")]
        block: Option<u32>,
        /// 单元在第几列
        #[arg(long, requires = "unit")]
        entrance: Option<u32>,
        /// 姓名在第几列
        #[arg(long, requires = "unit")]
        name: Option<u32>,
        /// 电话在第几列
        #[arg(long, requires = "unit")]
        phone: Option<u32>,
        /// 只看看读出来什么，不存
        #[arg(long)]
        look: bool,
    },
    /// 看这台设备上有没有名册
    Show,
    /// 删掉名册
    Forget,
}

/// Given or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrantOrWithdraw {
    /// 给
    Grant,
    /// 收回
    Withdraw,
}

/// Named or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AddOrRemove {
    /// 加
    Add,
    /// 去掉
    Remove,
}
