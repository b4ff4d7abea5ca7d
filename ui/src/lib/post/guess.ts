import type { Kind, Mode, Side } from '$backend';
import { isThing } from '$shared/words';
import { POINTS_MAX, TITLE_CHARS_MAX } from '$shared/limits';

/** What a sentence seems to mean. Only proposed: whoever wrote it sees it and can change it. */
export interface Guess {
  kind: Kind | null;
  /** How a thing changes hands; things alone have one. */
  mode: Mode | null;
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
  ['knowledge', 3, /教|学(?!校|生|期)|补习|辅导|家教|讲讲|讲解|咨询|请教|英语|外语|粤语|书法|数学|编程|不会用|怎么用|\bteach|\blearn|lesson|tutor|homework|advice/gi],
  ['time', 3, /带孩子|带娃|看孩子|照看|接娃|接孩子|接送|陪|遛狗|遛弯|喂猫|喂鱼|浇花|浇水|代买|买菜|跑腿|代取|取快递|拿快递|排队|搬家|搬东西|搬|抬|看门|打扫|babysit|walk(ing)? (the |my )?dog|groceries|errand|keep .{0,12}company|\blift\b|carry|watch (the|my) (kids?|child)/gi],
  ['skill', 3, /修|疏通|通渠|滴水|漏水|堵了|堵住|安装|装(一下|个|上|好|灯|门|窗|搁板|宽带)|换(灯|锁|阀|水龙头|灯泡|插座|开关|拉链)|水电|电工|木工|刷墙|打孔|裁|缝|改衣|改裤|理发|剪头|剪发|按摩|拍照|做饭|烧菜|包饺子|翻译|设计|不亮|不响|坏了|\bfix|\brepair|\bleak|plumb|electric(ian|s)|\binstall|haircut|\bsew|\bhem\b|translat/gi],
  ['medical', 4, /轮椅|血压(计|仪)|血糖仪|拐杖|助行器|制氧机|雾化(器|机)|护理床|医疗器械|wheelchair|blood pressure (meter|monitor)|gluco(se )?meter|crutch|nebuli[sz]er/gi],
  ['item', 3, /借|送人|捐|义卖|置换|交换|闲置|不要了|\bborrow|\blend|\bgive away|donat|\bswap/gi],
  ['skill', 1, /水龙头|水管|马桶|下水道|插座|电路|\btap\b|faucet|toilet/gi],
  ['time', 1, /小时|钟头|半天|有空|\bhours?\b|spare time/gi],
  ['item', 1, /梯子|梯|工具|电钻|推车|行李箱|帐篷|烤箱|锅|书|绘本|玩具|婴儿|衣服|椅|桌|自行车|充气|打气筒|雨伞|机|箱|床|\bladder|\bdrill|\btools?\b|\bbooks?\b|\btoys?\b|\bchairs?\b|\btable|\bbike|\btent/gi],
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

/** Guesses what a sentence means. `points_per_hour` is the building's own: hours that are named become points. */
export function guess(text: string, side: Side, points_per_hour?: number): Guess {
  const kind = kindOf(text);
  const said = pointsOf(text);
  const hours = said === null && kind && !isThing(kind) && kind !== 'space' ? hoursOf(text) : null;
  const worked = hours !== null && points_per_hour ? Math.round(hours * points_per_hour) : null;
  return {
    kind,
    mode: isThing(kind) ? modeOf(text, side) : null,
    points: said ?? worked,
    hours: worked === null ? null : hours,
    ...split(text),
  };
}
