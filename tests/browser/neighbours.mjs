// Two neighbours and what they can do: she says what she is good at, he finds her and who else can, sees what is new and answers it
// by one tap; and what is written stays words, whatever it is. She uses the elder version.
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const MARKUP = '<img src=x onerror=alert(1)><b>粗</b>';
const LONG = 'W'.repeat(2000);
const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen] = [new Household('li'), new Household('chen')];
  const [liLink, chenLink] = [await li.serve(), await chen.serve()];
  await neighbours(li, chen);
  const there = await browser();
  const [his, hers] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true })];
  for (const seen of [his, hers]) {
    seen.on('dialog', (dialog) => {
      seen.troubles.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });
  const go = (seen, place) => seen.getByRole('link', { name: place, exact: true }).filter({ visible: true }).first().click();
  const post = async (side, text) => {
    await go(hers, side);
    await hers.getByRole('textbox', { name: `${side}什么` }).fill(text);
    await hers.getByRole('button', { name: '盖章，贴出去' }).click();
  };
  const posted = () => hers.getByText('盖好章，贴出去了').waitFor();
  await his.goto(liLink);
  await hers.goto(chenLink);

  await go(hers, '我的');
  await part(hers, '我会的').getByText(/会做饭、会下棋、会讲老街的故事，都算/).waitFor();
  await keeps(hers, 'she has written nothing yet');
  await go(hers, '写一样会的');
  await hers.getByRole('textbox', { name: '我能帮什么' }).fill('会包广式云吞');
  await hers.getByRole('button', { name: /种类\s*技能/ }).waitFor();
  await keeps(hers, 'writing a skill');
  await hers.getByRole('button', { name: '盖章，贴出去' }).click();
  await posted();
  await go(hers, '我的');
  await part(hers, '我会的').getByRole('link', { name: /会包广式云吞/ }).waitFor();
  await part(hers, '我会的').getByRole('link', { name: /还有 2 样/ }).waitFor();
  await keeps(hers, 'what she can do');
  tell('written: an elder says what she is good at; nothing in her words had told that it is a skill');

  await columns(his, ['物品 3 件', '技能 2 样', '互助 还没有']);
  await keeps(his, 'his home');
  const [things, skills, help] = await tiles(his);
  if (things.y !== skills.y || skills.y !== help.y || !(things.x < skills.x && skills.x < help.x)) throw new Error('the three are not in one row');
  await go(hers, '首页');
  await columns(hers, ['物品 3 件', '技能 2 样', '互助 还没有']);
  await keeps(hers, 'her home');
  const stacked = await tiles(hers);
  if (!stacked.every(({ x, y }, at) => x === stacked[0].x && (at === 0 || y > stacked[at - 1].y))) throw new Error('the elder version does not stack them');

  await his.getByRole('link', { name: /^技能/ }).click();
  await chosen(his, '技能');
  await rows(his, ['会包广式云吞', '包云吞和饺子，手快']);
  await keeps(his, 'skills alone');
  await his.getByRole('link', { name: /会包广式云吞/ }).click();
  await his.getByRole('heading', { name: '会包广式云吞' }).waitFor();
  await his.goBack();
  await chosen(his, '技能');
  // What was chosen since the link counts when one comes back.
  await his.getByRole('button', { name: '物品', exact: true }).click();
  await rows(his, ['人字梯，两米', '儿童绘本十四册', '手推车']);
  await his.getByRole('link', { name: /人字梯/ }).click();
  await his.getByRole('heading', { name: /人字梯/ }).waitFor();
  await his.goBack();
  await chosen(his, '物品');
  await rows(his, ['人字梯，两米', '儿童绘本十四册', '手推车']);
  await his.goBack();
  await part(his, '楼里现在有').waitFor();
  tell('columns: things, skills and help lead to what they count, and Back leads back');

  await go(his, '共享');
  const box = his.getByRole('textbox', { name: '找东西、找人帮忙、找街坊' });
  await box.fill('灯笼');
  await his.getByText('没找到「灯笼」').waitFor();
  if ((await part(his, '街坊').count()) > 0) throw new Error('a lantern is no neighbour');
  await keeps(his, 'nothing and nobody found');
  // Wide figures, as a phone's keyboard may write them.
  await box.fill('５０２');
  await part(his, '街坊').getByRole('link', { name: /502 陈姨/ }).waitFor();
  await box.fill('陈');
  await part(his, '街坊').getByRole('link', { name: /502 陈姨/ }).waitFor();
  await keeps(his, 'somebody found');
  await part(his, '街坊').getByRole('link', { name: /502 陈姨/ }).click();
  await his.getByRole('heading', { name: '502 陈姨' }).waitFor();
  tell('found: the one box finds her by name and by door');

  await part(his, '会的').getByRole('link', { name: /^会包广式云吞/ }).waitFor();
  await part(his, '能借的').getByRole('link', { name: /手推车/ }).waitFor();
  await part(his, '有空帮的').getByRole('link', { name: /散步/ }).waitFor();
  const headings = await his.getByRole('heading', { level: 2 }).allTextContents();
  if (headings.slice(0, 3).join() !== '会的,有空帮的,能借的') throw new Error(`what she can do does not stand first: ${headings}`);
  await keeps(his, 'her page');
  await his.getByRole('link', { name: '谁还会：会包广式云吞' }).click();
  await his.waitForURL(/\/share\?/);
  if ((await box.inputValue()) !== '会包广式云吞') throw new Error('the box does not say what is sought');
  await his.getByRole('link', { name: /包云吞和饺子，手快.*401 李叔（你）/s }).waitFor();
  if ((await his.getByRole('listitem').first().innerText()).includes('会包广式云吞') !== true) throw new Error('the best does not stand first');
  await keeps(his, 'who else can');
  await his.goBack();
  await his.getByRole('heading', { name: '502 陈姨' }).waitFor();
  tell('skills: from what she can do to who else can, and back');

  await post('我需要', '客厅的灯不亮了，想请懂的邻居来看看，谢 10 分');
  await posted();
  await go(his, '首页');
  const fresh = part(his, '新贴的').getByRole('link', { name: /客厅的灯不亮了/ });
  await fresh.waitFor();
  await part(his, '新贴的').getByText('昨天以来 4 条').waitFor();
  await columns(his, ['物品 3 件', '技能 2 样', '互助 1 件等帮手']);
  await keeps(his, 'what is new');
  await isOldIn(2 * DAY_MS, his);
  await fresh.click();
  await his.getByRole('button', { name: '我可以帮助你' }).click();
  await his.getByRole('button', { name: '盖章，告诉对方' }).click();
  await his.waitForURL(/\/deal\//);
  await go(hers, '首页');
  await part(hers, '轮到你了').getByText(/401 李叔可以帮你，等你答应/).waitFor();
  await keeps(hers, 'her turn');
  tell('answered: he sees on his home page what is new since yesterday, and she hears 我可以帮助你');

  await post('我需要', MARKUP);
  await posted();
  await hers.getByRole('heading', { name: MARKUP }).waitFor();
  await keeps(hers, 'her markup');
  await go(his, '首页');
  await part(his, '新贴的').getByText(MARKUP, { exact: true }).waitFor();
  await plainOn(his, 'markup on his home');
  await his.getByRole('link', { name: /^互助/ }).click();
  await rows(his, [MARKUP, '客厅的灯不亮了']);
  await plainOn(his, 'markup in the list');
  await his.getByText(MARKUP, { exact: true }).click();
  await his.getByRole('heading', { name: MARKUP }).waitFor();
  await plainOn(his, 'markup as a heading');
  tell('plain: markup is read as it was typed, and does nothing');

  await post('我需要', '帮我\u202E搬书');
  const refused = hers.getByRole('alert').filter({ hasText: /\S/ });
  await refused.first().waitFor();
  const said = await refused.first().innerText();
  if (!/\p{Script=Han}{4}/u.test(said) || /text-unprintable/.test(said)) throw new Error(`no sentence says why: ${said}`);
  if (!new URL(hers.url()).pathname.startsWith('/post')) throw new Error('what turns a text around was posted');
  await keeps(hers, 'refused');
  await hers.getByRole('textbox', { name: '我需要什么' }).fill(LONG);
  await hers.getByRole('button', { name: '盖章，贴出去' }).click();
  await posted();
  await keeps(hers, 'her long word');
  const needs = await li.wait('needs', {}, '/total', 3);
  if (needs.rows.some((row) => row.title.includes('\u202E'))) throw new Error('what turns a text around arrived');
  await his.goBack();
  await go(his, '首页');
  await part(his, '新贴的').getByText(/^W+…$/).waitFor();
  await keeps(his, 'a long word on his home');
  await part(his, '新贴的').getByRole('link', { name: /^W+…/ }).click();
  await his.getByText(LONG, { exact: true }).waitFor();
  await keeps(his, 'a long word in full');
  await his.getByRole('link', { name: /502 陈姨/ }).first().click();
  await part(his, '需要的').getByText(/^W+…$/).waitFor();
  await keeps(his, 'a long word on her page');
  tell('written as it is: what turns a text around is refused with a sentence, and 2,000 letters without a space widen no page');

  await his.setViewportSize(sizes[1280]);
  for (const place of ['/', '/share?side=offer&kind=item', `/share?side=offer&text=${encodeURIComponent('陈姨')}`, '/me']) {
    await his.goto(new URL(place, liLink).href);
    await his.getByRole('heading', { level: 1 }).first().waitFor();
    await his.waitForLoadState('networkidle');
    await keeps(his, `${place} at 1280`);
  }
});

/** Two households of one building, with something to lend and to do. */
async function neighbours(li, chen) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  await chen.do('apply', { invitation: ticket, name: '陈姨', block: '502', household: '3 栋 502', real_name: '陈美玲' });
  const { rows: asked } = await li.wait('requests', {}, '/rows/0/name', '陈姨');
  await li.do('approve', { device: asked[0].device });
  await chen.wait('application', {}, '/state', 'approved');
  await li.do('post', { side: 'offer', kind: 'skill', title: '包云吞和饺子，手快', points: 10 });
  await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', points: 0 });
  await li.do('post', { side: 'offer', kind: 'item', mode: 'donate', title: '儿童绘本十四册', points: 0 });
  await chen.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '手推车', points: 0 });
  await chen.do('post', { side: 'offer', kind: 'time', title: '周末能陪老人散步' });
  await Promise.all([li.wait('offers', {}, '/total', 5), chen.wait('offers', {}, '/total', 5)]);
}

/** Waits until the home page's three columns say this. */
async function columns(seen, said) {
  for (const words of said) {
    const [word, count] = words.split(/ (.*)/);
    await seen.getByRole('region', { name: '楼里现在有' }).getByRole('link', { name: new RegExp(`^${word}\\s*${count}$`) }).waitFor();
  }
}

function tiles(seen) {
  return seen.getByRole('region', { name: '楼里现在有' }).getByRole('link').evaluateAll((links) => links.map((link) => link.getBoundingClientRect().toJSON()));
}

/** Waits until the share list shows this kind alone. */
async function chosen(seen, kind) {
  await seen.getByRole('button', { name: kind, exact: true, pressed: true }).waitFor();
}

/** Waits until the list holds these and nothing else, in whatever order. */
async function rows(seen, titles) {
  await seen.waitForFunction(
    (titles) => {
      // A row is measured before it is seen.
      const seen = [...document.querySelectorAll('[role=listitem] .title')].filter((title) => title.checkVisibility({ checkVisibilityCSS: true }));
      const shown = seen.map((title) => title.textContent);
      return shown.length === titles.length && titles.every((title) => shown.includes(title));
    },
    titles,
  );
}

/** On a page whose clock is so much later, nothing is new any more. */
async function isOldIn(ms, seen) {
  // The clock is the browser window's: another one, with the same key to the house.
  const context = await seen.context().browser().newContext({ storageState: await seen.context().storageState(), locale: 'zh-CN' });
  const later = await context.newPage();
  await later.clock.setFixedTime(Date.now() + ms);
  await later.goto(new URL('/', seen.url()).href);
  await later.getByRole('region', { name: '楼里现在有' }).waitFor();
  if ((await later.getByText(/昨天以来 \d+ 条/).count()) > 0) throw new Error('what is days old passes for new');
  await context.close();
}

/** Looks whether what was typed became a part of the page. */
async function plainOn(seen, where) {
  const made = await seen.locator('img[src="x"], main b').count();
  if (made > 0) throw new Error(`${where}: markup became elements`);
  await keeps(seen, where);
}
