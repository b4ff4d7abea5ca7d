import type { Form, Kind, Mode, Side, Topic } from '$backend';
import { isThing } from '$shared/words';
import { POINTS_MAX, TITLE_CHARS_MAX } from '$shared/limits';

/** What a sentence seems to mean. Only proposed: whoever wrote it sees it and can change it. */
export interface Guess {
  kind: Kind | null;
  /** How a thing changes hands; things alone have one. */
  mode: Mode | null;
  /** The form of knowledge or of a skill, or the purpose of a space. */
  form: Form | null;
  /** What is taught; knowledge alone has one. */
  topic: Topic | null;
  /** Where a thing stands in the tree of categories. */
  category: string | null;
  /** Thanks in points; `null` leaves it to the two. */
  points: number | null;
  /** The hours that the points come from, when they do. */
  hours: number | null;
  /** The first clause. */
  title: string;
  /** What comes after it. */
  body: string;
}

/** Words for the kinds and how much each says. What is done says more than the thing it is done to. */
const words: readonly (readonly [Kind, number, RegExp])[] = [
  ['space', 4, /场地|会议室|活动室|车位|停车位|储藏室|仓库|天台|露台|(客厅|房间|书房|地方|院子|车库|厨房)(?=.{0,4}(借|可以|能|用|空着|坐|下棋))|\broof|parking (space|spot)|\b(spare )?room\b|\bspace\b/gi],
  ['knowledge', 3, /讲座|座谈|培训|常识|教|学(?!校|生|期)|补习|辅导|家教|讲讲|讲解|咨询|请教|英语|外语|粤语|书法|数学|编程|不会用|怎么用|\bteach|\blearn|lesson|tutor|homework|advice/gi],
  ['time', 3, /带孩子|带娃|看孩子|照看|接娃|接孩子|接送|陪|遛狗|遛弯|喂猫|喂鱼|浇花|浇水|代买|买菜|跑腿|代取|取快递|拿快递|排队|搬家|搬东西|搬|抬|看门|打扫|babysit|walk(ing)? (the |my )?dog|groceries|errand|keep .{0,12}company|\blift\b|carry|watch (the|my) (kids?|child)/gi],
  ['skill', 3, /修|疏通|通渠|滴水|漏水|堵了|堵住|安装|装(一下|个|上|好|灯|门|窗|搁板|宽带)|换(灯|锁|阀|水龙头|灯泡|插座|开关|拉链)|水电|电工|木工|刷墙|打孔|裁|缝|改衣|改裤|理发|剪头|剪发|按摩|拍照|做饭|烧菜|包饺子|翻译|设计|不亮|不响|坏了|\bfix|\brepair|\bleak|plumb|electric(ian|s)|\binstall|haircut|\bsew|\bhem\b|translat/gi],
  ['medical', 4, /轮椅|血压(计|仪)|血糖仪|拐杖|助行器|制氧机|雾化(器|机)|护理床|医疗器械|wheelchair|blood pressure (meter|monitor)|gluco(se )?meter|crutch|nebuli[sz]er/gi],
  ['item', 3, /借|送人|捐|义卖|置换|交换|闲置|不要了|\bborrow|\blend|\bgive away|donat|\bswap/gi],
  ['skill', 1, /水龙头|水管|马桶|下水道|插座|电路|\btap\b|faucet|toilet/gi],
  ['time', 1, /小时|钟头|半天|有空|\bhours?\b|spare time/gi],
  ['item', 1, /梯子|梯|工具|电钻|推车|行李箱|帐篷|烤箱|锅|书|绘本|玩具|婴儿|衣服|椅|桌|自行车|充气|打气筒|雨伞|机|箱|床|\bladder|\bdrill|\btools?\b|\bbooks?\b|\btoys?\b|\bchairs?\b|\btable|\bbike|\btent/gi],
];

/** The words of forms, topics and categories; of several that are found the first is proposed. */
const forms: readonly (readonly [Form, Kind, RegExp])[] = [
  ['one-to-one', 'knowledge', /一对一|单独教|one.to.one/i],
  ['lecture', 'knowledge', /讲座|讲课|lecture/i],
  ['talk', 'knowledge', /座谈|茶话|聊聊|round table/i],
  ['training', 'knowledge', /培训|训练班|手把手|教.{0,6}用|workshop|training/i],
  ['counselling', 'skill', /心理|谈心|疏导|counsel/i],
  ['repair', 'skill', /修|疏通|通渠|滴水|漏水|堵|安装|装|换|水电|电工|木工|打孔|坏了|不亮|不响|fix|repair|leak|plumb|electric|install/i],
  ['arts', 'skill', /琴|书画|国画|画画|象棋|围棋|下棋|唱歌|跳舞|扎花|插花|剪纸|编织|paint|piano|chess|flower/i],
  ['holiday', 'skill', /寒假|暑假|假期|holiday/i],
  ['teaching', 'skill', /义教|免费教|支教/],
  ['mutual', 'skill', /理发|剪头|剪发|做饭|烧菜|包饺子|缝|改衣|改裤|按摩|拍照|haircut|sew|cook/i],
  ['deliberation', 'space', /议事|开会|商量|协商|meeting/i],
  ['study', 'space', /学习|自习|看书|写作业|study/i],
  ['community-service', 'space', /义诊|便民|服务点|摆摊/],
  ['culture', 'space', /下棋|跳舞|唱歌|排练|打球|活动|棋|party|play/i],
];
const topics: readonly (readonly [Topic, RegExp])[] = [
  ['health', /健康|血压|血糖|养生|急救|用药|营养|health|first aid/i],
  ['law', /法律|合同|遗嘱|诈骗|防骗|维权|\blaw\b|scam/i],
  ['history', /党史|国情|红色|革命|长征/],
  ['region', /地区发展|本地|社区变化|规划|老街|地方志/],
  ['science', /自然|科学|天文|植物|动物|物理|化学|science|astronom/i],
  ['humanities', /历史|文学|诗词|哲学|心理学|社会|语文|英语|外语|书法|history|poet/i],
];
const categories: readonly (readonly [string, RegExp])[] = [
  ['power-tools', /电钻|电锯|冲击钻|角磨|热熔|\bdrill/i],
  ['hand-tools', /梯子|梯|工具|锤|扳手|螺丝刀|卷尺|充气|打气筒|\bladder|\btools?\b/i],
  ['walking-aids', /轮椅|拐杖|助行|wheelchair|crutch/i],
  ['care-things', /血压|血糖|护理|制氧|雾化|blood pressure|nebuli/i],
  ['books', /书(?!桌|柜|架|包)|绘本|小说|漫画|\bbooks?\b/i],
  ['stationery', /文具|毛笔|宣纸|算盘|台灯|书包/],
  ['baby-things', /婴儿|宝宝|奶瓶|尿布|安全座椅|推车(?=.{0,4}(宝|婴))|\bbaby|stroller/i],
  ['toys', /玩具|积木|拼图|滑板车|\btoys?\b/i],
  ['appliances', /烤箱|电饭|微波|洗衣机|冰箱|风扇|吸尘|投影|音箱|\boven|\bfan\b|projector/i],
  ['feasts', /大圆桌|折叠桌|大锅|火锅|烧烤|party/i],
  ['cookware', /锅|碗|盘|蒸笼|保温|厨/],
  ['music-and-games', /吉他|钢琴|二胡|棋|麻将|扑克|guitar|chess/i],
  ['sport', /球|哑铃|瑜伽|健身|自行车|\bbike|ball/i],
  ['festive-clothes', /礼服|汉服|演出服|旗袍|西装/],
  ['clothes', /衣|裤|裙|鞋|帽|\bclothes|coat|shoes/i],
  ['plants-and-camping', /帐篷|睡袋|花盆|花|草|种子|园艺|\btent|plant/i],
  ['travel', /行李箱|背包|手推车|推车|雨伞|转换插头|suitcase|umbrella/i],
  ['furniture', /椅|桌|床|柜|沙发|书架|\bchairs?\b|\btable|sofa/i],
];

/** Where two kinds are told as strongly, the earlier one is proposed. */
const order: readonly Kind[] = ['space', 'skill', 'knowledge', 'time', 'medical', 'item'];

const digits: Record<string, number> = { 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };

/** "二十五" is 25; nothing beyond 99, and nothing for what is no number. */
function chineseNumber(text: string): number | undefined {
  const found = /^([一二两三四五六七八九])?(十)?([一二三四五六七八九])?$/.exec(text);
  if (!found || text === '') return undefined;
  const [, tens = '', ten, ones = ''] = found;
  if (ten) return (digits[tens] ?? 1) * 10 + (digits[ones] ?? 0);
  return ones ? undefined : digits[tens];
}

function kindOf(text: string): Kind | null {
  const said = new Map<Kind, number>();
  for (const [kind, weight, pattern] of words) {
    const n = text.match(pattern)?.length ?? 0;
    if (n > 0) said.set(kind, (said.get(kind) ?? 0) + weight * Math.min(n, 2));
  }
  let best: Kind | null = null;
  for (const kind of order) if ((said.get(kind) ?? 0) > (best ? (said.get(best) ?? 0) : 0)) best = kind;
  return best;
}

/** What the words say of how a thing changes hands; an offered thing is lent if they say nothing. */
export function modeOf(text: string, side: Side): Mode | null {
  if (/义卖|charity sale/i.test(text)) return 'charity-sale';
  if (/交换|置换|互换|换换|[拿用].{1,12}换|\bswap|\btrade\b/i.test(text)) return 'swap';
  if (/捐|赠|免费拿|自取|不要了|(?<![接运护])送(?![货菜饭药医到去孩娃老])|give away|giving away|donat|for free/i.test(text)) return 'donate';
  if (/借|租|\bborrow|\blend|\bloan/i.test(text)) return 'share';
  return side === 'offer' ? 'share' : null;
}

function pointsOf(text: string): number | null {
  const written = /(\d{1,7})\s*(?:个)?\s*(?:积分|分(?![钟米类享别之店校手开期]))/.exec(text) ?? /(\d{1,7})\s*points?\b/i.exec(text);
  if (written?.[1]) return Math.min(POINTS_MAX, Number(written[1]));
  // 十分 alone is an adverb, and so no number of points.
  const said = /([一二两三四五六七八九十]{1,3})(?:个)?(积分|分(?![钟米类享别之店校手开期]))/.exec(text);
  const n = said?.[1] && !(said[1].length === 1 && said[2] === '分') ? chineseNumber(said[1]) : undefined;
  if (n !== undefined) return n;
  return /免费|不用谢|不收|无偿|白送|\bfree\b/i.test(text) ? 0 : null;
}

function hoursOf(text: string): number | null {
  const found = /(\d+(?:\.\d)?|[一二两三四五六七八九十]+|半)\s*个?(半)?\s*(?:小时|钟头)/.exec(text) ?? /(\d+(?:\.\d)?)()\s*hours?\b/i.exec(text);
  if (!found?.[1]) return null;
  if (found[1] === '半') return 0.5;
  const n = /\d/.test(found[1]) ? Number(found[1]) : chineseNumber(found[1]);
  if (n === undefined || n > 24) return null;
  return n + (found[2] ? 0.5 : 0);
}

const GREETING = /^(你好|您好|大家好|hi|hello|hey|(各位)?(街坊|邻居|邻里)(们)?(好|你好)?|请问(一下)?|麻烦(大家)?)$/i;

/** The first clause is the title, what follows is the text; a greeting is neither. */
export function split(text: string): { title: string; body: string } {
  let rest = text.trim();
  for (;;) {
    const at = /[，。！？；,!?;\n]|\.(?=\s|$)/.exec(rest);
    const clause = (at ? rest.slice(0, at.index) : rest).trim();
    const after = at ? rest.slice(at.index + 1).trim() : '';
    if (after && (clause === '' || GREETING.test(clause))) {
      rest = after;
      continue;
    }
    const title = [...clause];
    // What does not fit on one line stands below in full.
    if (title.length > TITLE_CHARS_MAX) return { title: `${title.slice(0, TITLE_CHARS_MAX - 1).join('')}…`, body: rest };
    return { title: clause, body: after };
  }
}

/** What surrounds the thing in a sentence; a search for the thing does without. */
const AROUND = /想要|想借|想找|想请|想学|我想|我要|我家|需要|谁家|谁有|谁会|有没有|家里有?|可以|一直|总是|有点|请人|找人|求助|帮忙|帮我|来看看|看看|[一二两三几]?[个把张台只本条件套位辆]|周[一二三四五六日末]|今天|明天|晚上|上午|下午|一下|[我有想请借换送给会能在的了吗呢]|\b(i|i’m|i'm|my|we|a|an|the|to|for|can|could|need|want|would|like|have|has|is|are|some|somebody|lend|borrow|please)\b/gi;

/** The words of a title that a search can find something by; all of it, if nothing would be left. */
export function essence(title: string): string {
  const left = title.replace(AROUND, ' ').replace(/\s+/g, ' ').trim();
  return [...left].length >= 2 ? left : title.trim();
}

/** The form that the words say, of those that the kind has. */
export function formOf(text: string, kind: Kind | null): Form | null {
  return forms.find(([, of, words]) => of === kind && words.test(text))?.[0] ?? null;
}

/** Guesses what a sentence means. `points_per_hour` is the building's own: hours that are named become points. */
export function guess(text: string, side: Side, points_per_hour?: number): Guess {
  const kind = kindOf(text);
  const said = pointsOf(text);
  const hours = said === null && kind && !isThing(kind) && kind !== 'space' ? hoursOf(text) : null;
  const worked = hours !== null && points_per_hour ? Math.round(hours * points_per_hour) : null;
  return {
    kind,
    mode: isThing(kind) ? modeOf(text, side) : null,
    form: formOf(text, kind),
    topic: kind === 'knowledge' ? (topics.find(([, words]) => words.test(text))?.[0] ?? null) : null,
    category: isThing(kind) ? (categories.find(([, words]) => words.test(text))?.[0] ?? null) : null,
    points: said ?? worked,
    hours: worked === null ? null : hours,
    ...split(text),
  };
}
