//! The words of the building: offers and needs as neighbours write them, from a fixed seed.

use kaifong_domain::record::{Kind, Listing, Mode, Side};
use kaifong_domain::{Instant, ListingId, Points};

/// A small generator (splitmix64): the same on every machine and in every version of every library.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Starts at a seed, apart from the generators of other purposes.
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Self(seed ^ purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.next();
        dice
    }

    /// Draws the next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Draws a number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Draws one of several.
    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let at = self.below(of.len() as u64);
        usize::try_from(at).ok().and_then(|at| of.get(at)).copied().unwrap_or_default()
    }

    /// Draws 16 bytes, for an id.
    pub fn id(&mut self) -> [u8; 16] {
        (u128::from(self.next()) << 64 | u128::from(self.next())).to_le_bytes()
    }
}

const THINGS: &[&str] = &[
    "电钻",
    "冲击钻",
    "人字梯",
    "折叠梯",
    "投影仪",
    "露营帐篷",
    "睡袋",
    "行李箱",
    "婴儿推车",
    "儿童座椅",
    "轮椅",
    "拐杖",
    "血压计",
    "抽湿机",
    "加湿器",
    "空气炸锅",
    "电饭煲",
    "高压锅",
    "烤箱",
    "面包机",
    "缝纫机",
    "熨斗",
    "吸尘器",
    "洗地机",
    "打气筒",
    "自行车",
    "滑板车",
    "羽毛球拍",
    "乒乓球桌",
    "瑜伽垫",
    "哑铃",
    "吉他",
    "电子琴",
    "古筝",
    "二胡",
    "画架",
    "毛笔",
    "绘本",
    "字典",
    "旧课本",
    "象棋",
    "麻将桌",
    "折叠椅",
    "长条桌",
    "保温箱",
    "鱼缸",
    "猫笼",
    "宠物推车",
    "花盆",
    "喷壶",
    "万用表",
    "扳手",
    "手电筒",
    "接线板",
    "充电器",
    "打印机",
    "扫描仪",
    "旧手机",
    "键盘",
    "显示器",
];
const SKILLS: &[&str] = &[
    "修水龙头",
    "通下水道",
    "换灯泡",
    "修自行车",
    "装窗帘",
    "修家电",
    "裁裤脚",
    "织毛衣",
    "理发",
    "剪指甲",
    "量血压",
    "按摩肩颈",
    "教太极",
    "教广场舞",
    "教书法",
    "教国画",
    "教吉他",
    "教游泳",
    "教英语",
    "教普通话",
    "教粤语",
    "补数学",
    "改作文",
    "讲古诗",
    "用智能手机",
    "防诈骗",
    "写毛笔春联",
    "做月饼",
    "包粽子",
    "蒸包子",
    "煲老火汤",
    "腌咸菜",
    "种多肉",
    "修剪月季",
    "看合同",
    "办居住证",
    "报医保",
    "填退税",
    "拍全家福",
    "剪视频",
];
const TIMES: &[&str] = &[
    "接孩子放学",
    "陪老人看病",
    "代买菜",
    "代取快递",
    "遛狗",
    "喂猫",
    "浇花",
    "搬家帮手",
    "陪聊天",
    "陪散步",
    "看家",
    "清洁楼道",
    "垃圾分类值守",
    "图书角值班",
    "活动摄影",
    "夜间巡楼",
];
const SPACES: &[&str] = &[
    "空车位",
    "活动室",
    "会议桌",
    "天台一角",
    "储物间",
    "地下室架子",
    "共享厨房",
    "琴房",
    "书房",
    "客厅周末",
    "晾衣杆",
    "小菜地",
];
const HOW: &[&str] =
    &["九成新", "用过两次", "闲置半年", "刚换电池", "有点旧但好用", "配件齐", "送说明书", "自己修过", "很轻", "有点重"];
const WHERE: &[&str] = &[
    "一栋",
    "二栋",
    "三栋",
    "五栋",
    "六座",
    "七座",
    "东门",
    "西门",
    "南门岗亭",
    "北区",
    "小卖部旁",
    "地库B2",
    "天台",
    "架空层",
];
const WHEN: &[&str] = &[
    "周末全天",
    "平日晚上",
    "早上八点前",
    "下午三点后",
    "周三周五",
    "放学以后",
    "随时",
    "提前一天说",
    "雨天不行",
    "节假日",
];
const WISH: &[&str] = &[
    "用完擦干净就行",
    "麻烦轻拿轻放",
    "请自己来拿",
    "可以送上门",
    "小孩也欢迎",
    "老人优先",
    "不收钱",
    "换点水果也行",
    "坏了别怕说一声",
    "还的时候充满电",
    "先电话联系",
    "按门铃两下",
    "门口鞋柜上放着",
    "群里说一声",
    "多谢各位街坊",
];
const ASK: &[&str] = &["想借", "求一个", "哪家有", "急用", "谁会", "想学", "求帮忙", "找人", "有没有", "想请教"];
const FOLK: &[&str] = &[
    "王阿姨",
    "李叔",
    "陈伯",
    "小张",
    "黄婆婆",
    "周老师",
    "吴师傅",
    "郑姐",
    "冯工",
    "何医生",
    "梁太",
    "罗哥",
    "宋奶奶",
    "谢生",
    "韩妈",
];

/// The common characters from which rarer words are made: names, brands, models.
const RARE: &str = "安百保北本彩长成川春达大德东方丰福富高光广国海航好和恒红宏华辉汇惠吉佳嘉建江金锦京景九久康科快乐力立丽利联良龙隆美民明南宁平普奇千青庆泉仁荣瑞三森山善上深升盛石世双顺松泰天通同万旺威文五西祥新信兴星雅阳怡益永友裕元远云泽兆正志中忠众洲";

/// Makes a listing.
pub fn listing(dice: &mut Dice, at: Instant) -> Listing {
    let kind = match dice.below(10) {
        0..=4 => Kind::Item,
        5 | 6 => Kind::Skill,
        7 => Kind::Knowledge,
        8 => Kind::Time,
        _ => Kind::Space,
    };
    let side = if dice.below(5) < 3 { Side::Offer } else { Side::Need };
    let what = match kind {
        Kind::Item | Kind::Medical => dice.pick(THINGS),
        Kind::Skill | Kind::Knowledge => dice.pick(SKILLS),
        Kind::Time => dice.pick(TIMES),
        Kind::Space => dice.pick(SPACES),
    };
    let mode = match (kind, side) {
        (Kind::Item, Side::Offer) => Some(if dice.below(4) > 0 {
            Mode::Share
        } else {
            [Mode::Donate, Mode::Swap][usize::from(dice.below(2) > 0)]
        }),
        _ => None,
    };
    let title = match side {
        Side::Offer => format!("{}{what}{}", rare(dice, 2), dice.pick(HOW)),
        Side::Need => format!("{}{what}", dice.pick(ASK)),
    };
    let id = ListingId(dice.id());
    Listing {
        kind: Some(kind),
        mode,
        body: sentence(dice),
        points: (dice.below(3) > 0).then(|| Points(u32::try_from(dice.below(40)).unwrap_or(1) + 1)),
        ..Listing::of(id, side, title, at)
    }
}

/// Makes some sentences, about 130 characters: what a listing or a mended one says.
pub fn sentence(dice: &mut Dice) -> String {
    let mut said = format!("{}{}的，{}，", dice.pick(WHERE), dice.pick(FOLK), dice.pick(WHEN));
    for _ in 0..5 {
        let clause = match dice.below(3) {
            0 => format!("{}牌{}型，{}", rare(dice, 6), dice.below(9_000) + 1_000, dice.pick(HOW)),
            1 => format!("{}{}也有{}，{}", rare(dice, 5), dice.pick(WHERE), dice.pick(THINGS), dice.pick(WISH)),
            _ => format!("{}找{}{}，{}", dice.pick(WHEN), dice.pick(FOLK), rare(dice, 6), dice.pick(WISH)),
        };
        said += &clause;
        said.push('。');
    }
    said + dice.pick(WISH)
}

/// Makes a name.
pub fn name(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(FOLK), rare(dice, 2))
}

/// Makes what a member says of themselves.
pub fn about(dice: &mut Dice) -> String {
    format!("会{}，有{}，{}", dice.pick(SKILLS), dice.pick(THINGS), dice.pick(WISH))
}

/// Makes what stands for a block.
pub fn block(dice: &mut Dice) -> String {
    dice.pick(WHERE).to_owned()
}

fn rare(dice: &mut Dice, chars: u64) -> String {
    let all: Vec<char> = RARE.chars().collect();
    (0..chars).filter_map(|_| all.get(usize::try_from(dice.below(all.len() as u64)).unwrap_or(0))).collect()
}
