// A tap drips. 黄阿姨 writes so, in words that no offer has, and her page names who can help and why; 李叔 writes what he can do, and his
// page names her. Of two who fit alike the one of her block stands first, and by a map the one of her zone. And a ladder is found however its
// name is typed.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;
const NEED = '水龙头漏水';
const OFFER = '通渠换阀芯';
const LADDER = '铝合金梯子，两米';

await story(async (tell) => {
  const [li, huang, xiao] = ['li', 'huang', 'xiao'].map((name) => new Household(name));
  const links = { li: await li.serve(), huang: await huang.serve(), xiao: await xiao.serve() };
  await building(li, huang, xiao);

  const there = await browser();
  const [his, hers, aunts] = [await page(there, { size: 360 }), await page(there, { size: 768 }), await page(there, { size: 360, elder: true })];
  await his.goto(links.li);
  await hers.goto(links.huang);
  await aunts.goto(links.xiao);
  const shared = [...NEED].filter((char) => OFFER.includes(char));
  if (shared.length > 0) throw new Error(`both say ${shared}`);

  await post(aunts, '我能帮', OFFER);
  await huang.wait('offers', {}, '/total', 1);
  await post(hers, '我需要', NEED);
  const helpers = fits(hers, '谁家合适');
  await helpers.getByRole('link', { name: new RegExp(OFFER) }).waitFor();
  await reasoned(helpers, OFFER, [/肖阿姨/]);
  await keeps(hers, 'her need, and who can help');
  tell('a need finds an offer that shares no character with it, and the page says why');

  await li.wait('needs', {}, '/total', 1);
  await post(his, '我能帮', OFFER);
  const needs = fits(his, '谁家用得上');
  await needs.getByRole('link', { name: new RegExp(NEED) }).waitFor();
  await reasoned(needs, NEED, [/黄阿姨/, /同一栋/]);
  await keeps(his, 'his offer, and who needs it');
  tell('a new offer finds the need that was there before');

  await helpers.getByRole('link', { name: /李叔/ }).waitFor();
  const order = await helpers.getByRole('link').allInnerTexts();
  const [near, far] = [/李叔/, /肖阿姨/].map((who) => order.findIndex((row) => who.test(row)));
  if (order.length !== 2 || near !== 0 || far !== 1) throw new Error(`her own block does not stand first: ${order}`);
  if (!/同一栋/.test(order[0]) || /同一栋/.test(order[1])) throw new Error(`which one is of her block is not said: ${order}`);
  await keeps(hers, 'two who fit alike');
  tell('of two who fit alike the one of her block stands first');

  const tower = (name) => ({ name, kind: 'tower' });
  const drawn = async (zones) => {
    await li.do('draft_epoch', { places: zones });
    return (await li.query('building')).zones.map(({ id, name, blocks }) => ({ id, name, blocks: blocks.map((block) => ({ id: block.id, name: block.name, kind: block.kind })) }));
  };
  const [south, north] = await drawn([{ name: '南块', blocks: [tower('1栋')] }, { name: '北块', blocks: ['1栋', '5栋'].map(tower) }]);
  for (const [one, name, { id: place }] of [[huang, '黄阿姨', south.blocks[0]], [xiao, '肖阿姨', north.blocks[1]], [li, '李叔', north.blocks[0]]]) {
    await one.wait('building', {}, '/zones/1/name', '北块');
    await one.do('set_profile', { name, about: '', place });
  }
  const { rows: all } = await huang.query('members');
  for (const [name, block] of [['李叔', '北块 1栋'], ['肖阿姨', '北块 5栋']]) {
    await huang.wait('member', { member: all.find(({ person }) => person.name === name).person.member }, '/person/block', block);
  }
  await helpers.getByRole('link').filter({ hasText: /北块 5栋/ }).waitFor();
  if (/同一/.test(await helpers.innerText())) throw new Error('somebody of another zone is near');
  // The map alone changes: her page follows it.
  await drawn([{ ...south, blocks: [...south.blocks, north.blocks[1]] }, { ...north, blocks: [north.blocks[0]] }]);
  await helpers.getByRole('link').first().filter({ hasText: /肖阿姨/ }).filter({ hasText: /同一片区/ }).waitFor();
  if (/同一/.test(await helpers.getByRole('link', { name: /李叔/ }).innerText())) throw new Error('blocks of one name in two zones are taken for one');
  await keeps(hers, 'the nearer one by the map');
  tell('by the map the one of her zone stands first, and the page says so');

  await xiao.do('post', { side: 'offer', kind: 'item', mode: 'share', title: LADDER, points: 0 });
  await xiao.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '电饭煲', points: 0 });
  await huang.wait('offers', {}, '/total', 4);
  await hers.goto(new URL('/share', links.huang).href);
  const box = hers.getByRole('textbox', { name: '找东西、找人帮忙、找街坊' });
  for (const typed of ['tizi', 'tz', '梯子', '鋁合金', 'ＴＩＺＩ', '铝合金梯孑']) {
    await box.fill('没有这样东西');
    await hers.getByText('没找到「没有这样东西」').waitFor();
    await box.fill(typed);
    await hers.getByRole('link', { name: new RegExp(LADDER) }).waitFor();
    if ((await hers.getByRole('link', { name: /电饭煲/ }).count()) > 0) throw new Error(`${typed} finds a rice cooker`);
  }
  await keeps(hers, 'a ladder found');
  tell('found: a ladder by its syllables, by initials, in the other script, in wide letters and with a slip');
});

/** The founder and two neighbours, let in by him. */
async function building(li, huang, xiao) {
  await li.do('found', { building: '榕荫里', name: '李叔', block: '3 栋' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  for (const [one, name, block] of [[huang, '黄阿姨', '3 栋'], [xiao, '肖阿姨', '5 栋']]) {
    await one.do('apply', { invitation: ticket, name, block, household: `${block} 101`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
  }
}

/** Writes a listing as a person does. */
async function post(seen, side, text) {
  await seen.getByRole('link', { name: side, exact: true }).or(seen.getByRole('button', { name: side, exact: true })).filter({ visible: true }).first().click();
  await seen.getByRole('textbox', { name: `${side}什么` }).fill(text);
  await seen.getByRole('button', { name: '盖章，贴出去' }).click();
  await seen.getByText('盖好章，贴出去了').waitFor();
}

/** What fits the listing that a page shows. */
function fits(seen, heading) {
  return seen.getByRole('region', { name: heading, exact: true });
}

/** Waits until one row says all of this, and why it is there: by the sense at least. */
async function reasoned(rows, title, said) {
  let row = rows.getByRole('link', { name: new RegExp(title) }).filter({ hasText: /就是|意思相近/ });
  for (const one of said) row = row.filter({ hasText: one });
  await row.first().waitFor();
}
