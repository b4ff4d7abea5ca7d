//! Which listings are asked for.

use clap::Args;
use kaifong_api::dto::{Kind, Mode};

/// Which listings.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// 只看我能帮
    #[arg(long, conflicts_with = "needs")]
    pub(crate) offers: bool,
    /// 只看我需要
    #[arg(long)]
    pub(crate) needs: bool,
    /// 只看一类
    #[arg(long)]
    pub(crate) kind: Option<Kind>,
    /// 只看一种给法
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// 只看写到这些字的
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// 只看自己的
    #[arg(long)]
    pub(crate) mine: bool,
    /// 只看还能应的
    #[arg(long)]
    pub(crate) open: bool,
    /// 最多几条
    #[arg(long)]
    pub(crate) limit: Option<u32>,
    /// 接着上一页往旧里看
    #[arg(long, value_name = "CURSOR", conflicts_with = "before")]
    pub(crate) after: Option<String>,
    /// 往新里翻回去
    #[arg(long, value_name = "CURSOR")]
    pub(crate) before: Option<String>,
}
