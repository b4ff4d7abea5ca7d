//! What somebody tells who asks to join.

use clap::Args;
use kaifong_api::dto::MemberKind;

use super::{NetArgs, ProfileArgs};

/// An application.
#[derive(Debug, Args)]
pub(crate) struct JoinArgs {
    /// 票（KAIFONG1…）或短码（ABCD-EFGH-JKMN）
    pub(crate) invitation: String,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// 哪一户，只有审核人看得到
    #[arg(long)]
    pub(crate) household: String,
    /// 真名，只有审核人看得到
    #[arg(long)]
    pub(crate) real_name: String,
    /// 电话，只有审核人看得到
    #[arg(long, default_value = "")]
    pub(crate) phone: String,
    /// 这是共享小屋的台机
    #[arg(long, conflicts_with = "organisation")]
    pub(crate) desk: bool,
    /// 这是一个单位，别的种类
    #[arg(long)]
    pub(crate) organisation: bool,
    /// 这是哪一种单位：property-firm 物业公司、shop 商户、company 企业、committee-office 居委会或业委会、donor 捐赠单位、social-organisation 社会组织、foundation 社区基金会
    #[arg(long, conflicts_with_all = ["desk", "organisation"])]
    pub(crate) kind: Option<MemberKind>,
    /// 单位：这台设备是谁在用，街坊看得到，如 小陈
    #[arg(long, value_name = "NAME", requires = "wait")]
    pub(crate) staff: Option<String>,
    /// 他做什么的，如 前台、维修
    #[arg(long, default_value = "", requires = "staff")]
    pub(crate) post: String,
    /// 等审核结果，最多这么多秒
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) wait: Option<u64>,
    #[command(flatten)]
    pub(crate) net: NetArgs,
}
