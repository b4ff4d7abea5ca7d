import type { Kind } from '$backend';

/** A drawing on a square of 64: one tint under one line. */
interface Drawing {
  readonly fill: string;
  readonly line: string;
}

const drawings = {
  toolbox: { fill: 'M8 28h48v24H8z', line: 'M8 28h48v24H8zM22 28v-9h20v9M8 38h18M38 38h18M26 34h12v9H26z' },
  ladder: { fill: 'M23 12h11l8 41H15z', line: 'M23 9 14 55M34 9l9 46M20 9h17M21.500 20h15M19.500 30h19M17.500 40h23M16 49h26M37 18l14 37' },
  wheelchair: { fill: 'M15 42a12 12 0 1 0 24 0a12 12 0 1 0-24 0', line: 'M15 42a12 12 0 1 0 24 0a12 12 0 1 0-24 0M14 12h9v18h18l6 17h6M23 22h15M43.500 52a3.500 3.500 0 1 0 7 0a3.500 3.500 0 1 0-7 0' },
  gauge: { fill: 'M8 22h28v30H8z', line: 'M8 22h28v30H8zM14 28h16v11H14zM17 46h1M27 46h1M36 43h7c4 0 6-3 6-7v-8M42 12h13v16H42z' },
  cart: { fill: 'M19 20h34l-5 20H24z', line: 'M7 12h9l8 28h24l5-20H19M28 27h19M30 33h15M24 49a4 4 0 1 0 8 0a4 4 0 1 0-8 0M40 49a4 4 0 1 0 8 0a4 4 0 1 0-8 0' },
  oven: { fill: 'M8 17h48v33H8z', line: 'M8 17h48v33H8zM14 23h27v21H14zM48 25h1M48 33h1M48 41h1M14 50v4M50 50v4M20 30h15M20 37h15' },
  pot: { fill: 'M14 27h36v17c0 5-3 8-8 8H22c-5 0-8-3-8-8z', line: 'M14 27h36v17c0 5-3 8-8 8H22c-5 0-8-3-8-8zM10 27h44M14 34H8M50 34h6M26 20c-3-3 3-4 0-8M38 20c-3-3 3-4 0-8' },
  book: { fill: 'M10 16c9-1 16 0 22 4v34c-6-4-13-5-22-4z', line: 'M32 20c-6-4-13-5-22-4v34c9-1 16 0 22 4c6-4 13-5 22-4V16c-9-1-16 0-22 4zM32 20v34M39 28c3-1 6-2 9-2M39 36c3-1 6-2 9-2' },
  pen: { fill: 'M12 12h30v40H12z', line: 'M42 24V12H12v40h30V42M12 25h22M12 38h18M27 12v40M56 16 38 39l-3 9l8-5l17-24zM38 39l5 4' },
  tap: { fill: 'M10 24h26c8 0 13 5 13 13v5H38v-4c0-2-1-3-3-3H10z', line: 'M10 20v19M10 24h26c8 0 13 5 13 13v5H38v-4c0-2-1-3-3-3H10M24 24v-9M16 15h16M43.500 48v2M43.500 55v1' },
  wrench: { fill: 'M44 10c-7-2-14 4-12 12L12 43a6 6 0 0 0 9 9l21-20c8 2 14-5 12-12l-7 7l-7-2l-2-7z', line: 'M45 10c-8-2-15 4-13 12L12 43a6 6 0 0 0 9 9l21-20c8 2 14-5 12-13l-8 8l-6-2l-2-6zM16.500 47.500h.1' },
  bulb: { fill: 'M32 8a17 17 0 0 1 9 31c-2 2-2 4-2 6H25c0-2 0-4-2-6a17 17 0 0 1 9-31', line: 'M32 8a17 17 0 0 1 9 31c-2 2-2 4-2 6H25c0-2 0-4-2-6a17 17 0 0 1 9-31M26 51h12M28 56h8M27 27l5 5l5-5M32 32v13' },
  drill: { fill: 'M9 18h30v15H9z', line: 'M9 18h30v15H9zM39 22h7v7h-7M46 25.500h11M16 33l-3 20h13l2-20M9 24h6M9 28h6' },
  kids: { fill: 'M16 20a8 8 0 1 0 16 0a8 8 0 1 0-16 0', line: 'M16 20a8 8 0 1 0 16 0a8 8 0 1 0-16 0M9 54c0-12 6-19 15-19s15 7 15 19M40 33a6 6 0 1 0 12 0a6 6 0 1 0-12 0M39 46c2-2 4-3 7-3c6 0 10 4 10 11' },
  pet: { fill: 'M32 32c7 0 14 7 14 14c0 5-4 7-7 7s-5-2-7-2s-4 2-7 2s-7-2-7-7c0-7 7-14 14-14', line: 'M32 32c7 0 14 7 14 14c0 5-4 7-7 7s-5-2-7-2s-4 2-7 2s-7-2-7-7c0-7 7-14 14-14M20 18a4 6 0 1 0 8 0a4 6 0 1 0-8 0M36 18a4 6 0 1 0 8 0a4 6 0 1 0-8 0M9 30a4 5 0 1 0 8 0a4 5 0 1 0-8 0M47 30a4 5 0 1 0 8 0a4 5 0 1 0-8 0' },
  plant: { fill: 'M18 40h28l-4 15H22z', line: 'M18 40h28l-4 15H22zM32 40V22M32 30c-10 0-15-5-15-14c10 0 15 5 15 14M32 24c0-8 5-13 14-13c0 9-5 13-14 13' },
  phone: { fill: 'M20 9h24v46H20z', line: 'M20 9h24v46H20zM28 48h8M20 15h24M20 42h24' },
  bike: { fill: 'M8 42a11 11 0 1 0 22 0a11 11 0 1 0-22 0', line: 'M8 42a11 11 0 1 0 22 0a11 11 0 1 0-22 0M35 42a11 11 0 1 0 22 0a11 11 0 1 0-22 0M19 42l8-20h14l5 20M27 22l8 20l6-20M22 22h9M41 22v-6h7' },
  car: { fill: 'M7 34l7-3l5-12h24l8 12l6 3v12H7z', line: 'M7 34l7-3l5-12h24l8 12l6 3v12H7zM14 31h37M31 19v12M13 46a5 5 0 1 0 10 0a5 5 0 1 0-10 0M41 46a5 5 0 1 0 10 0a5 5 0 1 0-10 0' },
  clothes: { fill: 'M22 12c2 6 18 6 20 0l14 9l-6 11l-6-3v25H20V29l-6 3l-6-11z', line: 'M22 12c2 6 18 6 20 0l14 9l-6 11l-6-3v25H20V29l-6 3l-6-11z' },
  needle: { fill: 'M17 17h22v34H17z', line: 'M13 12h30v5H13zM13 51h30v5H13zM17 17v34M39 17v34M17 25l22 4M17 33l22 4M17 41l22 4M39 22c10 0 13 6 13 14v16' },
  music: { fill: 'M12 47a7 6 0 1 0 14 0a7 6 0 1 0-14 0', line: 'M12 47a7 6 0 1 0 14 0a7 6 0 1 0-14 0M38 41a7 6 0 1 0 14 0a7 6 0 1 0-14 0M26 47V17l26-6v30M26 26l26-6' },
  chess: { fill: 'M12 26a14 14 0 1 0 28 0a14 14 0 1 0-28 0', line: 'M12 26a14 14 0 1 0 28 0a14 14 0 1 0-28 0M17 26a9 9 0 1 0 18 0a9 9 0 1 0-18 0M38 33a14 14 0 1 1-13 8M26 21v10M22 26h8' },
  food: { fill: 'M8 33h48c0 12-9 20-24 20S8 45 8 33', line: 'M8 33h48c0 12-9 20-24 20S8 45 8 33zM24 56h16M20 26c-3-4 3-6 0-10M32 26c-3-4 3-6 0-10M44 26c-3-4 3-6 0-10' },
  table: { fill: 'M8 22h48v7H8z', line: 'M8 22h48v7H8zM14 29v24M50 29v24M14 41h36' },
  chair: { fill: 'M18 32h28v8H18z', line: 'M18 32h28v8H18zM20 32V11h24v21M20 40v15M44 40v15M20 18h24M20 25h24' },
  box: { fill: 'M10 22l22-10l22 10v24L32 56L10 46z', line: 'M10 22l22-10l22 10v24L32 56L10 46zM10 22l22 10l22-10M32 32v24M21 17l22 10v8' },
  room: { fill: 'M14 12h36v40H14z', line: 'M7 52h50M14 52V12h36v40M26 52V28h13v24M19 18h26v5H19zM34.500 40v2' },
  hourglass: { fill: 'M20 10h24c0 12-8 15-12 22c-4-7-12-10-12-22', line: 'M16 10h32M16 54h32M20 10c0 12 8 15 12 22c4-7 12-10 12-22M20 54c0-12 8-15 12-22c4 7 12 10 12 22M25 20h14M26 48h12' },
  talk: { fill: 'M9 13h36v24H27l-9 8v-8H9z', line: 'M9 13h36v24H27l-9 8v-8H9zM17 22h20M17 29h12M50 24h6v22h-5v7l-8-7H32v-4' },
  medicine: { fill: 'M12 22h40v30H12z', line: 'M12 22h40v30H12zM24 22v-9h16v9M32 29v16M24 37h16' },
  ball: { fill: 'M12 32a20 20 0 1 0 40 0a20 20 0 1 0-40 0', line: 'M12 32a20 20 0 1 0 40 0a20 20 0 1 0-40 0M18 18c8 8 8 20 0 28M46 18c-8 8-8 20 0 28M12 32h40' },
  umbrella: { fill: 'M8 34a24 22 0 0 1 48 0c-4-4-12-4-16 0c-4-4-12-4-16 0c-4-4-12-4-16 0', line: 'M8 34a24 22 0 0 1 48 0c-4-4-12-4-16 0c-4-4-12-4-16 0c-4-4-12-4-16 0M32 32v17a5 5 0 0 0 10 0M32 12V8' },
} satisfies Record<string, Drawing>;

export type PictureName = keyof typeof drawings;

/** Words that a picture stands for; the first that a title contains decides. */
const guesses: readonly (readonly [PictureName, RegExp])[] = [
  ['toolbox', /工具箱|工具|螺丝|扳手|锤|toolbox|tools?\b/i],
  ['ladder', /梯|ladder/i],
  ['wheelchair', /轮椅|拐杖|wheelchair|crutch/i],
  ['gauge', /血压|血糖|体温|blood pressure|thermometer/i],
  ['medicine', /药|护理|陪诊|看病|医|medicine|nurs/i],
  ['drill', /电钻|冲击钻|\bdrill/i],
  ['cart', /推车|拉车|购物|买菜|代买|cart|trolley|groceries|shopping/i],
  ['oven', /烤箱|微波|oven|microwave/i],
  ['pot', /锅|煮|炖|做饭|烧菜|炒|\bpots?\b|cook/i],
  ['tap', /水龙头|水管|漏水|滴水|通渠|疏通|下水|马桶|plumb|faucet|\btap\b|leak/i],
  ['bulb', /灯|电工|电路|插座|light|electric/i],
  ['bike', /自行车|单车|电动车|打气筒|bike|bicycle/i],
  ['car', /拼车|车位|开车|汽车|接送|parking|\bcar\b|\blift\b/i],
  ['kids', /孩子|小孩|儿童|宝宝|带娃|接娃|child|kids|baby/i],
  ['pet', /猫|狗|宠物|遛|\bcats?\b|\bdogs?\b|\bpets?\b/i],
  ['plant', /花|植物|绿植|浇水|种菜|plant|garden/i],
  ['pen', /书法|写字|字帖|作业|画|数学|补习|calligraphy|homework|paint|draw/i],
  ['talk', /英语|外语|粤语|聊天|口语|英文|翻译|english|language|translat|talk/i],
  ['phone', /手机|电脑|微信|上网|phone|computer|laptop/i],
  ['music', /钢琴|吉他|唱|音乐|琴|piano|guitar|music|sing/i],
  ['chess', /棋|麻将|桌游|扑克|chess|game/i],
  ['ball', /球|健身|跑步|太极|瑜伽|ball|sport|yoga/i],
  ['needle', /缝|改衣|裤脚|拉链|针线|sew|hem\b/i],
  ['clothes', /衣|裙|外套|校服|clothes|coat|dress/i],
  ['umbrella', /伞|雨篷|umbrella/i],
  ['food', /汤|粽|饺|米|菜|水果|点心|吃|food|soup|dumpling|fruit/i],
  ['book', /书|绘本|杂志|book|magazine/i],
  ['table', /餐桌|桌|\btable|desk\b/i],
  ['chair', /椅|凳|沙发|chair|sofa/i],
  ['room', /客厅|房间|会议室|天台|场地|空间|room|roof/i],
  ['box', /箱|搬家|搬|收纳|快递|box|moving|parcel/i],
  ['wrench', /修|装|维修|安装|repair|fix|install/i],
];

const ofKind: Record<Kind, PictureName> = { item: 'box', knowledge: 'book', skill: 'wrench', time: 'hourglass', space: 'room', medical: 'medicine' };

/** Guesses the picture for a listing from its words, else from its kind. */
export function pictureOf(title: string, kind: Kind | null | undefined): PictureName {
  return guesses.find(([, words]) => words.test(title))?.[0] ?? (kind ? ofKind[kind] : 'talk');
}

export function drawingOf(name: PictureName): Drawing {
  return drawings[name];
}

export const pictureNames = Object.keys(drawings) as PictureName[];
