//! Deals of which the two say different numbers of points.

use clap::Subcommand;

/// What is done about the points of a deal.
#[derive(Debug, Subcommand)]
pub(crate) enum DisputeCommand {
    /// 分数没说拢的约定：自己的；调解员看得到全部
    List,
    /// 说说这件事一共几分才对；两家说成一样就定了
    Say {
        /// 约定编号，可以只写前几位
        deal: String,
        /// 一共几分
        points: u32,
    },
    /// 调解员来定：不能比原来约好的多
    Rule {
        /// 约定编号，可以只写前几位
        deal: String,
        /// 一共几分
        points: u32,
    },
    /// 补上还差的，或者退回多收的
    Settle {
        /// 约定编号，可以只写前几位
        deal: String,
    },
}
