//! What can be typed.

mod choices;
mod dispute;
mod face;
mod fund;
mod join;
mod list;
mod places;
mod slip;

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Arg, Args, Parser, Subcommand};
use kaifong_api::dto::{Capacity, Form, Kind, Mode, Opinion, Post, Role, Task, Topic};

pub(crate) use choices::{AddOrRemove, GrantOrWithdraw, RegisterCommand, SheetCommand};
pub(crate) use dispute::DisputeCommand;
pub(crate) use face::FaceCommand;
pub(crate) use fund::{FundCommand, FundGrant, FundSet};
pub(crate) use join::JoinArgs;
pub(crate) use list::ListArgs;
pub(crate) use places::PickPlace;
pub(crate) use slip::{SlipCommand, SlipEnter};

/// 街坊：一栋楼里的共享、互助和道谢，没有服务器，每家自己存一份。
#[derive(Debug, Parser)]
#[command(name = "kaifong", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// 数据目录；不写就用 KAIFONG_DATA，再不然是 ~/.local/share/kaifong
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// 哪一栋楼：楼名，或者编号的前几位；只有一栋就不用写
    #[arg(long = "building", global = true, value_name = "NAME")]
    pub(crate) home: Option<String>,
    /// 输出 JSON，给程序读
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 开着：和邻居同步，并让别的 kaifong 命令通过它来做
    Run(NetArgs),
    /// 和 run 一样开着，再让这台电脑的浏览器能用
    Serve(ServeArgs),
    /// 要一个新的链接，让浏览器进来
    Open {
        /// 打开以后到哪里，如 /desk
        #[arg(long, value_name = "PATH")]
        to: Option<String>,
    },
    /// 列出这台设备上的楼
    Buildings,
    /// 给另一栋楼留个地方，接着用 --building 在那里 join 或 found
    AddBuilding,
    /// 不再看一栋楼：它的文件夹挪到一边，什么都不删
    ForgetBuilding {
        /// 楼名，或者编号的前几位
        which: String,
        /// 想好了
        #[arg(long)]
        yes: bool,
    },
    /// 取下屏幕锁的密码：忘了密码、手边又没有恢复纸的时候用
    Unlock,
    /// 创建一栋楼，自己是第一户
    Found {
        /// 楼名，1 到 40 个字
        building: String,
        #[command(flatten)]
        profile: ProfileArgs,
    },
    /// 发一个邀请：二维码里的票和可以手打的短码
    Invite {
        /// 有效多久：30m、12h、7d、2w
        #[arg(long, default_value = "7d", value_parser = duration)]
        valid: Duration,
    },
    /// 凭邀请申请加入
    #[command(mut_args(needs_waiting))]
    Join(Box<JoinArgs>),
    /// 列出等你审核的申请
    Requests,
    /// 通过一份申请
    Approve {
        /// 对方的设备编号，可以只写前几位
        device: String,
        /// 核实过：这一户的票由他投
        #[arg(long)]
        votes: bool,
    },
    /// 楼图：有哪些片区和楼栋
    Places,
    /// 申请加入的楼有楼图时，说自己住哪一栋；说了申请才送出去
    PickPlace(PickPlace),
    /// 不通过一份申请
    Refuse {
        /// 对方的设备编号，可以只写前几位
        device: String,
        /// 理由，对方会读到
        #[arg(long)]
        reason: String,
    },
    /// 问申请人一句话，对方在等待的页面上回答
    Ask {
        /// 对方的设备编号，可以只写前几位
        device: String,
        /// 问什么
        text: String,
    },
    /// 住户名册：只存在这台设备上，核对申请用
    Register {
        /// 做什么
        #[command(subcommand)]
        what: RegisterCommand,
    },
    /// 给或收回一个职责
    Role {
        /// 给，还是收回
        what: GrantOrWithdraw,
        /// 街坊编号，可以只写前几位
        member: String,
        /// reviewer、organiser、volunteer、mediator、treasurer、answerer
        role: Role,
    },
    /// 审核人说一位街坊是做什么的
    Vouch {
        /// for 是，against 不是，silent 收回说过的
        opinion: Opinion,
        /// 街坊编号，可以只写前几位
        member: String,
        /// medical、social-worker、security、official、guardian、expert-repairs、expert-law……
        capacity: Capacity,
    },
    /// 让一位街坊的设备能盖章，或者不再能
    Witness {
        /// 加，还是去掉
        what: AddOrRemove,
        /// 街坊编号，可以只写前几位
        member: String,
    },
    /// 自己的设备
    Devices,
    /// 单位：说清楚一台设备是谁在用，他签的街坊看得到是他
    Staff {
        /// 街坊看到的名字，如 小陈
        name: String,
        /// 做什么的，如 前台、维修
        #[arg(long, default_value = "")]
        post: String,
        /// 哪台设备的编号，可以只写前几位；不写就是这一台
        #[arg(long)]
        device: Option<String>,
        /// 他不在这里做了
        #[arg(long)]
        left: bool,
    },
    /// 关掉自己的一台设备：它以后签的都不算
    CloseDevice {
        /// 设备编号，可以只写前几位
        device: String,
        /// 它说的搬走、抹掉不是自己说的，是别人拿着它说的：连同以后的都不算
        #[arg(long)]
        disown: bool,
    },
    /// 换到自己的另一台设备：分跟过去，这台关掉
    ChangeDevice {
        /// 接手的设备编号，可以只写前几位
        device: String,
    },
    /// 恢复纸：印一张新的，用它回来，或者用它关掉丢了的设备
    #[command(subcommand)]
    Sheet(SheetCommand),
    /// 认出一位换了设备的老街坊，要两位审核人
    Reapprove {
        /// 街坊编号，可以只写前几位
        member: String,
        /// 新设备的编号；不写就只关掉丢了的
        device: Option<String>,
    },
    /// 把一位街坊关掉的设备里剩下的积分交给他在用的那台，要两位审核人
    HandPointsOver {
        /// 街坊编号，可以只写前几位
        member: String,
    },
    /// 把积分转到自己的另一台设备
    MovePoints {
        /// 设备编号，可以只写前几位
        device: String,
        /// 多少分
        points: u32,
    },
    /// 不是我：拦住别人接自己的身份
    Object {
        /// 那件事的编号，见 kaifong devices --json
        approval: String,
    },
    /// 共治委员会：谁在里面，有什么等着定
    Council,
    /// 我愿意参加委员会：得到一张纸上的钥匙，只给这一次
    Stand,
    /// 写一份提议：谁进委员会、谁担任什么、积分的几个数
    Draft(DraftArgs),
    /// 同意一份提议
    Sign {
        /// 提议编号，可以只写前几位
        draft: String,
    },
    /// 由我来主持：轮到的委员没有动静的时候
    Lead,
    /// 我换了手机：用席位的纸上钥匙，让这台设备代表席位
    UseSheet {
        /// 纸上的五十个数字
        digits: String,
    },
    /// 我能帮：登一条
    Offer(PostArgs),
    /// 我需要：登一条
    Need(PostArgs),
    /// 收起自己的一条
    Close {
        /// 编号，可以只写前几位
        listing: String,
    },
    /// 翻看供需
    Listings(ListArgs),
    /// 找
    Search {
        /// 想找什么
        text: String,
        /// 最多几条
        #[arg(long)]
        limit: Option<u32>,
    },
    /// 和这一条合适的，以及为什么
    Matches {
        /// 编号，可以只写前几位
        listing: String,
        /// 最多几条
        #[arg(long)]
        limit: Option<u32>,
    },
    /// 应一条：我可以帮助你，或者我想要
    Answer {
        /// 编号，可以只写前几位
        listing: String,
        /// 谢多少分；不写就按那一条写的
        #[arg(long)]
        points: Option<u32>,
        /// 借东西：多久以后还，如 7d
        #[arg(long, value_parser = duration)]
        due: Option<Duration>,
        /// 自己合适的那一条
        #[arg(long = "with", value_name = "LISTING")]
        counterpart: Option<String>,
    },
    /// 答应一个回应
    Agree(DealArg),
    /// 不答应，或者在开始之前取消
    CallOff(DealArg),
    /// 确认借的东西交到了
    HandOver(DealArg),
    /// 确认借的东西还回来了
    Return(DealArg),
    /// 确认帮好了
    Done(DealArg),
    /// 分数没说拢：说几分、请调解员定、补差额
    Dispute {
        /// 做什么
        #[command(subcommand)]
        what: DisputeCommand,
    },
    /// 说说怎么样
    Review {
        /// 约定编号，可以只写前几位
        deal: String,
        /// 几颗星，1 到 5
        stars: u8,
        /// 想说的话
        #[arg(default_value = "")]
        text: String,
    },
    /// 回复对方的评价；不写话就是收回
    Reply {
        /// 约定编号，可以只写前几位
        deal: String,
        /// 想说的话，最多 300 个字
        #[arg(default_value = "")]
        text: String,
    },
    /// 议事：提问、投诉、求助、建议，有问必答
    Hall {
        /// 做什么
        #[command(subcommand)]
        what: crate::hall::HallCommand,
    },
    /// 活动：报名、办一个、记谁来了
    Activity {
        /// 做什么
        #[command(subcommand)]
        what: crate::activity::ActivityCommand,
    },
    /// 愿意和对方互留电话；两边都愿意了才会送出去
    Phone {
        /// 约定编号，可以只写前几位
        deal: String,
        /// 自己的电话
        #[arg(required_unless_present = "withdraw", conflicts_with = "withdraw")]
        number: Option<String>,
        /// 收回：不再送出去，两边的号码都从自己的设备上去掉
        #[arg(long)]
        withdraw: bool,
    },
    /// 把这台设备上自己的一切导出成一个 .zip，给人看，也给程序读
    Export {
        /// 写到哪里；已经有的文件不动
        file: PathBuf,
    },
    /// 核对一份导出的资料：签名、账本、约定，不用联网
    VerifyExport {
        /// 导出的 .zip
        file: PathBuf,
    },
    /// 街坊基金
    #[command(subcommand)]
    Fund(FundCommand),
    /// 纸上的谢条：印、录、付
    #[command(subcommand)]
    Slip(SlipCommand),
    /// 谢积分
    Give {
        /// 给哪位街坊，编号可以只写前几位
        member: String,
        /// 几分
        points: u32,
    },
    /// 当面付、当面收，没有网也行
    #[command(subcommand)]
    Face(FaceCommand),
    /// 自己的积分
    Points,
    /// 自己的约定
    Deals {
        /// 连别人之间的也列出
        #[arg(long)]
        all: bool,
        /// 只列还在办的
        #[arg(long)]
        live: bool,
    },
    /// 一个约定和它的凭证
    Deal {
        /// 约定编号，可以只写前几位
        deal: String,
    },
    /// 全部街坊
    Members,
    /// 一位街坊
    Member {
        /// 街坊编号，可以只写前几位
        member: String,
    },
    /// 今天：轮到你的、合适的、新来的
    Today,
    /// 现在连着的邻居
    Peers,
    /// 这台设备的状况
    Status,
    /// 把这台设备上的一切重新验一遍
    Audit,
    /// 问表里的任何一个查询
    Query(NameArgs),
    /// 做表里的任何一个命令
    Do(NameArgs),
    /// 列出整张表：命令、查询、事件
    Api,
    /// 给一个供需世界排合适的，写到文件
    MatchEval {
        /// 有 offers.jsonl 和 needs.jsonl 的目录
        world: PathBuf,
        /// 写到哪里
        #[arg(long)]
        out: PathBuf,
    },
    /// 一有变化就说一声
    Watch {
        /// 说几次就停；不写就一直看着
        #[arg(long)]
        events: Option<u64>,
    },
}

/// How to reach the network.
#[derive(Debug, Args)]
pub(crate) struct NetArgs {
    /// 在哪个 UDP 地址上听；不写就随便一个端口
    #[arg(long, value_name = "ADDR")]
    pub(crate) bind: Option<SocketAddr>,
    /// 只用这些网卡，可以写几次；包括 lo
    #[arg(long = "interface", value_name = "NAME")]
    pub(crate) interfaces: Vec<String>,
    /// 不在局域网里找邻居，也不让邻居找到
    #[arg(long)]
    pub(crate) no_lan: bool,
    /// 一个中继的网址
    #[arg(long, value_name = "URL")]
    pub(crate) relay: Option<String>,
    /// 要新做钥匙的话，放进系统钥匙串；已经有的不动
    #[arg(long)]
    pub(crate) keychain: bool,
}

/// A node with a web interface.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) net: NetArgs,
    /// 网页用哪个端口，1024 起；不写就用上次的，0 是随便一个
    #[arg(long, value_name = "N", value_parser = port)]
    pub(crate) port: Option<u16>,
}

impl NetArgs {
    /// Tells whether anything was typed.
    pub(crate) fn is_told(&self) -> bool {
        let Self { bind, interfaces, no_lan, relay, keychain } = self;
        bind.is_some() || !interfaces.is_empty() || *no_lan || relay.is_some() || *keychain
    }
}

/// The network is only used while the answer is waited for: what would be passed over in silence is refused.
fn needs_waiting(arg: Arg) -> Arg {
    match arg.get_id().as_str() {
        "bind" | "interfaces" | "no_lan" | "relay" | "keychain" => arg.requires("wait"),
        _ => arg,
    }
}

/// What neighbours see.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    /// 街坊怎么叫你，1 到 30 个字
    #[arg(long)]
    pub(crate) name: String,
    /// 愿意让街坊看到的门牌，如 3栋 或 502
    #[arg(long, default_value = "")]
    pub(crate) block: String,
    /// 一句话介绍自己
    #[arg(long, default_value = "")]
    pub(crate) about: String,
}

/// What is to be otherwise; what is not typed stays.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct DraftArgs {
    /// 进委员会的街坊和席位，全部按主持的先后写：编号=lead、party、residents、professionals、property、merchants
    #[arg(long = "seat", value_name = "MEMBER=POST", value_parser = named::<Post>)]
    pub(crate) seats: Vec<(String, Post)>,
    /// 请谁担任什么，可以写几次
    #[arg(long = "grant", value_name = "MEMBER=ROLE", value_parser = named::<Role>)]
    pub(crate) granted: Vec<(String, Role)>,
    /// 谁不再担任什么，可以写几次
    #[arg(long = "withdraw", value_name = "MEMBER=ROLE", value_parser = named::<Role>)]
    pub(crate) withdrawn: Vec<(String, Role)>,
    /// 帮一小时，一般谢几分
    #[arg(long, value_name = "POINTS")]
    pub(crate) points_per_hour: Option<u32>,
    /// 积分不够时，可以先欠几分
    #[arg(long, value_name = "POINTS")]
    pub(crate) credit_line: Option<u32>,
    /// 盖章之前，最多用几分
    #[arg(long, value_name = "POINTS")]
    pub(crate) quota: Option<u32>,
}

/// An offer or a need.
#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    /// 哪一类：item 物品、knowledge 知识、skill 技能、time 时间、space 空间
    #[arg(long)]
    pub(crate) kind: Option<Kind>,
    /// 物品怎么给：share 共享、donate 捐赠、swap 置换、charity-sale 义卖
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// 时间用来做什么：child-care 儿童助托、home-help 上门料理、visiting 慰问……
    #[arg(long)]
    pub(crate) task: Option<Task>,
    /// 一句话，1 到 60 个字
    #[arg(long)]
    pub(crate) title: String,
    /// 说明，最多 2000 个字
    #[arg(long, default_value = "")]
    pub(crate) body: String,
    /// 几分；不写就两家商量
    #[arg(long)]
    pub(crate) points: Option<u32>,
    /// 只给哪个片区或楼栋的街坊，楼图上的编号；不写就是整栋楼
    #[arg(long, value_name = "PLACE")]
    pub(crate) audience: Option<u32>,
    /// 形式：知识 training、talk、lecture、one-to-one；技能 mutual、repair、teaching、holiday、counselling、arts；空间 deliberation、culture、community-service、study、other-use
    #[arg(long)]
    pub(crate) form: Option<Form>,
    /// 知识的话题：history、region、humanities、science、health、law、other-topic
    #[arg(long)]
    pub(crate) topic: Option<Topic>,
    /// 类目，比如 books、hand-tools
    #[arg(long)]
    pub(crate) category: Option<String>,
    /// 替谁登记，按本人愿意的叫法；组织活动的人和志愿者才能用
    #[arg(long = "for")]
    pub(crate) behalf: Option<String>,
    /// 合买：还有谁是主人，可以写几次；本人确认了才算
    #[arg(long, value_name = "MEMBER")]
    pub(crate) with: Vec<String>,
    /// 放在哪里，最多 30 个字，比如「A 架 3 层」
    #[arg(long)]
    pub(crate) shelf: Option<String>,
    /// 同时能帮几家，1 到 100；只有技能、知识和时间才说
    #[arg(long)]
    pub(crate) places: Option<u16>,
}

/// A deal.
#[derive(Debug, Args)]
pub(crate) struct DealArg {
    /// 约定编号，可以只写前几位
    pub(crate) deal: String,
}

/// A row of the table.
#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// 名字，见 kaifong api
    pub(crate) name: String,
    /// 参数，一个 JSON 对象；写 - 就从标准输入读
    #[arg(value_name = "JSON")]
    pub(crate) args: Option<String>,
}

/// Reads a port that needs no rights of its own; 0 is any.
fn port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port == 0 || *port >= 1_024);
    port.ok_or_else(|| "要 1024 到 65535，或者 0".to_owned())
}

/// Reads `9c41f07a=reviewer`.
fn named<T: FromStr>(text: &str) -> Result<(String, T), String>
where
    T::Err: Display,
{
    let (member, what) = text.split_once('=').ok_or("要写成 编号=名字 这样")?;
    what.parse().map(|what| (member.to_owned(), what)).map_err(|error: T::Err| error.to_string())
}

/// Reads `90s`, `30m`, `12h`, `7d`, `2w`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "要写成 90s、30m、12h、7d 或 2w 这样".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 24 * 3_600,
        'w' => 7 * 24 * 3_600,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    number.checked_mul(seconds).filter(|all| *all <= 100 * 366 * 24 * 3_600).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
