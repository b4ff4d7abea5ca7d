//! Where a newcomer lives.

use clap::Args;
use kaifong_api::dto::Claim;

/// Where a newcomer lives.
#[derive(Debug, Args)]
pub(crate) struct PickPlace {
    /// 哪一栋，如 3栋 或 南块/3栋
    #[arg(required_unless_present = "elsewhere", requires = "unit")]
    pub(crate) place: Option<String>,
    /// 楼图上没有自己住的地方，照原来写的送
    #[arg(long, conflicts_with = "place")]
    pub(crate) elsewhere: bool,
    /// 几楼，只有审核人看得到
    #[arg(long, default_value = "")]
    pub(crate) floor: String,
    /// 房号、门牌或铺号，只有审核人看得到
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// 怎么住在这里：owner 业主、authorised 业主授权、tenant 租户、family 家人；只有审核人看得到
    #[arg(long, default_value = "family")]
    pub(crate) claim: Claim,
    /// 让街坊看到住哪一栋；写进证明，收不回来
    #[arg(long)]
    pub(crate) show_block: bool,
}
