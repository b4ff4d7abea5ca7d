//! Paying face to face.

use clap::Subcommand;

/// Paying face to face.
#[derive(Debug, Subcommand)]
pub(crate) enum FaceCommand {
    /// 显示收分的码
    Show,
    /// 付给出示收分码的那台设备，再显示付款的码
    Pay {
        /// 对方收分码的文字
        code: String,
        /// 几分
        points: u32,
    },
    /// 收下对方出示的码：付款的、收下的，或者还差什么
    Take {
        /// 码的文字
        code: String,
    },
}
