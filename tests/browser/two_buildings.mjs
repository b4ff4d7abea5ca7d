// One person, two buildings: 小马 lives in one and helps her parents in another, on one device. She joins the second by a link,
// trades in both, switches, and nothing of one shows in the other; after a restart both are there, and one can be put away.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story, work } from './street.mjs';

const [HERE, THERE] = ['榕荫里', '梧桐苑'];
const SHOTS = process.env['KAIFONG_SHOTS'];

await story(async (tell) => {
  const [li, zhou, ma] = [new Household('li'), new Household('zhou'), new Household('ma')];
  await li.serve();
  await zhou.serve();
  const link = await ma.serve();
  await li.do('found', { building: HERE, name: '李伯', block: '401' });
  await zhou.do('found', { building: THERE, name: '周姨', block: '203' });
  const ticket = async (house) => (await house.do('invite', { valid_ms: 3_600_000 })).ticket;

  const phone = await browser();
  const hers = await page(phone, { size: 360 });
  const at = (place) => new URL(place, link).href;
  const go = (name) => hers.getByRole('link', { name, exact: true }).filter({ visible: true }).first().click();
  /** Pictures for whoever looks at the pages. */
  const shot = (name, seen = hers) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`) });
  const asks = async (real) => {
    await hers.getByLabel(/怎么称呼/).fill('小马');
    await hers.getByLabel(/门牌/).fill('604');
    await hers.getByLabel(/哪一户/).fill('604');
    await hers.getByLabel(/真实姓名/).fill(real);
    await hers.getByRole('switch', { name: '我满 14 岁了' }).click();
    await hers.getByRole('button', { name: '请街坊认一认' }).click();
    await hers.getByText(/送到了/).first().waitFor();
  };
  const admits = async (house, building) => {
    const { rows } = await house.wait('requests', {}, '/rows/0/name', '小马');
    await house.do('approve', { device: rows[0].device });
    await hers.getByRole('heading', { name: new RegExp(`你是${building}的街坊了`) }).waitFor();
  };

  await hers.goto(link);
  await hers.getByRole('link', { name: /加入我住的楼/ }).click();
  await hers.getByLabel(/短码，或整段邀请/).fill(await ticket(li));
  await hers.getByRole('button', { name: '下一步' }).click();
  await asks('马晓燕');
  await admits(li, HERE);
  await hers.getByRole('link', { name: '去首页' }).click();
  await hers.getByRole('heading', { name: HERE }).waitFor();
  await hers.waitForLoadState('networkidle');
  if (await hers.getByText('换一栋楼').count()) throw new Error('a switcher with nothing to switch to');
  await keeps(hers, 'one building');
  tell('joined: one building, and no switcher');

  // In her own building she needs something, and 李伯 helps.
  const need = await write(hers, '我需要', '厨房水龙头滴水，想请人来看看，谢 20 分');
  await li.wait('needs', {}, '/total', 1);
  const [wanted] = (await li.query('needs')).rows;
  await li.do('answer', { listing: wanted.id });
  await hers.goto(at('/'));
  await hers.getByRole('link', { name: /水龙头/ }).first().click();
  await hers.getByRole('button', { name: /答应.*李伯/ }).click();
  const { rows: [tap] } = await li.wait('deals', {}, '/rows/0/stage', 'agreed');
  await li.do('done', { deal: tap.id });
  await hers.getByRole('button', { name: /办好了，谢.*李伯.*20/ }).click();
  await hers.getByText(/两边都盖了章/).first().waitFor();
  tell('traded: she thanks 李伯 with 20 points in 榕荫里');

  // What she is writing there stays there.
  await hers.goto(at('/post?side=need'));
  await hers.getByRole('textbox', { name: '我需要什么' }).fill('周末想借一把冲击钻');
  await hers.goto(at('/share'));
  await hers.getByRole('button', { name: '需求清单' }).click();

  // A link alone does nothing; she says that it is for another building.
  await hers.goto(at(`/welcome?way=join&invitation=${await ticket(zhou)}`));
  await hers.getByRole('heading', { name: '这台设备已经有楼了' }).waitFor();
  await keeps(hers, 'an invitation to another building');
  await shot('belongs');
  if (existsSync(join(ma.data, 'homes'))) throw new Error('a link alone made room');
  await hers.getByRole('button', { name: '用它进另一栋楼' }).click();
  await hers.getByLabel(/怎么称呼/).waitFor();
  if (await hers.getByLabel(/怎么称呼/).inputValue()) throw new Error('what was written for one building stands in another');
  await asks('马晓燕');
  await hers.getByText('换一栋楼').waitFor();
  await keeps(hers, 'waiting in the second');
  await admits(zhou, THERE);
  await hers.getByRole('link', { name: '去首页' }).click();
  await hers.getByRole('heading', { name: THERE }).waitFor();
  await keeps(hers, 'the second building');
  await shot('today-360');
  tell('joined another: by a link, with a key of its own');

  const keys = [join(ma.data, 'device.key'), join(ma.data, 'homes', readdirSync(join(ma.data, 'homes'))[0], 'device.key')].map((file) => readFileSync(file, 'utf8'));
  if (keys[0] === keys[1]) throw new Error('two buildings, one key');
  const [mine] = await Promise.all([HERE, THERE].map((building) => ma.ask('--building', building, 'query', 'peers', '{}')));
  if (mine.rows.some((peer) => peer.person && peer.person.name !== '李伯')) throw new Error(`a neighbour of another building: ${JSON.stringify(mine)}`);
  const untold = await ma.query('status').then(() => 'done', (error) => error.stderr);
  if (!/home-untold/.test(untold)) throw new Error(`nobody said which building, and it was ${untold}`);

  // There she can do something for 周姨.
  await zhou.do('post', { side: 'need', kind: 'time', title: '想请人陪去医院拿药', points: 30 });
  await hers.goto(at('/share'));
  await hers.getByRole('button', { name: '需求清单' }).click();
  await hers.getByRole('link', { name: /陪去医院/ }).first().click();
  await hers.getByRole('button', { name: '我可以帮助你' }).click();
  await hers.getByRole('button', { name: '盖章，告诉对方' }).click();
  await hers.waitForURL(/\/deal\//);
  const medicine = new URL(hers.url()).pathname;
  await zhou.do('agree', { deal: medicine.slice('/deal/'.length) });
  await hers.getByRole('button', { name: '我帮好了' }).click();
  await zhou.wait('deal', { deal: medicine.slice('/deal/'.length) }, '/deal/giver_confirmed', true);
  await zhou.do('done', { deal: medicine.slice('/deal/'.length) });
  await hers.getByText(/两边都盖了章/).first().waitFor();
  tell('traded there: 周姨 thanks her with 30 points in 梧桐苑');

  // Every page of the one, with not a word of the other.
  const places = ['/', '/share', '/deal', '/points', '/points/statement', '/me', '/neighbours', '/post?side=need'];
  const words = { [HERE]: ['水龙头', '李伯', '冲击钻', HERE], [THERE]: ['陪去医院', '周姨', THERE] };
  const apart = async (own, other, seen = hers) => {
    for (const place of places) {
      await seen.goto(at(place));
      await seen.getByRole('main').getByRole('heading').first().waitFor();
      await seen.waitForLoadState('networkidle');
      const said = (await seen.evaluate(() => document.body.innerText)) + (await seen.evaluate(() => [...document.querySelectorAll('textarea, input')].map((field) => field.value).join('\n')));
      const foreign = words[other].find((word) => said.includes(word));
      if (foreign) throw new Error(`${own} ${place} shows ${foreign} of ${other}`);
    }
  };
  await apart(THERE, HERE);
  await hers.goto(at('/points'));
  await hers.getByText('30', { exact: true }).first().waitFor();

  // She switches on the first page; somebody waits for her elsewhere.
  const switchTo = async (building) => {
    await hers.getByRole('button', { name: /换一栋楼/ }).click();
    await hers.getByRole('dialog').getByRole('button', { name: new RegExp(building) }).click();
    await hers.getByRole('heading', { name: building }).waitFor();
  };
  await hers.goto(at('/'));
  await switchTo(HERE);
  await apart(HERE, THERE);
  await hers.goto(at('/post?side=need'));
  if ((await hers.getByRole('textbox', { name: '我需要什么' }).inputValue()) !== '周末想借一把冲击钻') throw new Error('a draft was lost by switching');
  await hers.goto(at('/'));
  await zhou.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '轮椅可以借' });
  await hers.getByRole('button', { name: /换一栋楼/ }).click();
  await hers.getByRole('dialog').getByRole('button', { name: new RegExp(`${THERE}.*你是.*小马`) }).waitFor();
  await keeps(hers, 'the switcher');
  await shot('switcher-360');
  await hers.keyboard.press('Escape');
  tell('switched: each with its own rows, points and drafts');

  // Two tabs show two buildings at once, and each hears its own.
  const tab = await hers.context().newPage();
  tab.setDefaultTimeout(40_000);
  Object.assign(tab, { troubles: [], language: 'zh-Hans' });
  const { rows } = await ma.ask('buildings');
  const there = rows.find((row) => row.name === THERE);
  await tab.goto(at(`/in/${there.building.slice(0, 12)}/share?side=offer`));
  await tab.waitForURL(/\d\/share/);
  await tab.getByRole('link', { name: /轮椅可以借/ }).first().waitFor();
  await hers.goto(at('/share?side=offer'));
  await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '梯子可以借' });
  await hers.getByText('梯子可以借').first().waitFor();
  if (await tab.getByText('梯子可以借').count()) throw new Error('one tab shows what happened in the other building');
  if (await hers.getByText('轮椅可以借').count()) throw new Error('a row of the other building');
  await tab.goto(at('/in/ffffffffffff/share'));
  await tab.getByRole('heading', { name: '这台设备上没有那栋楼' }).waitFor();
  await keeps(tab, 'a link to a building that is not here');
  await tab.close();
  tell('side by side: two tabs, two buildings');

  // The process ends and comes back: both are there, under the open page too.
  await hers.goto(at('/'));
  await hers.getByRole('heading', { name: HERE }).waitFor();
  await ma.stop();
  await hers.getByText(/正在重连/).first().waitFor();
  await ma.serve(ma.port);
  await hers.getByText(/正在重连/).first().waitFor({ state: 'hidden' });
  await switchTo(THERE);
  await apart(THERE, HERE);
  await hers.goto(at('/'));
  await switchTo(HERE);
  tell('restarted: both buildings are there');

  // What she needs here she may ask for there too, in words that she takes along and seals once more.
  const drill = '周末想借一把冲击钻';
  await switchTo(THERE);
  await hers.goto(at('/post?side=need'));
  await hers.getByRole('textbox', { name: '我需要什么' }).fill('想找人教孙女写毛笔字');
  await hers.goto(at('/'));
  await switchTo(HERE);
  await hers.goto(at('/post?side=need'));
  await hers.getByRole('button', { name: '盖章，贴出去' }).click();
  await hers.getByText('盖好章，贴出去了').waitFor();
  await keeps(hers, 'an own need, and the other building');
  await shot('elsewhere-360');
  await hers.getByRole('button', { name: new RegExp(`也贴到${THERE}`) }).click();
  const box = hers.getByRole('textbox', { name: '我需要什么' });
  await hers.getByText('还有另一条没贴出去的').waitFor();
  if ((await box.inputValue()) !== '想找人教孙女写毛笔字') throw new Error('what was being written there is gone');
  await keeps(hers, 'words brought along, and a draft');
  await shot('brought-360');
  await hers.getByRole('button', { name: '换成这条' }).click();
  if ((await box.inputValue()) !== drill) throw new Error('the words did not come along');
  await hers.getByText('想找人教孙女写毛笔字').waitFor();
  await hers.reload();
  await hers.waitForFunction((words) => [...document.querySelectorAll('textarea')].some((field) => field.value === words), drill);
  await hers.getByText('想找人教孙女写毛笔字').waitFor();
  await hers.getByRole('button', { name: '盖章，贴出去' }).click();
  await hers.getByText('盖好章，贴出去了').waitFor();
  await zhou.wait('needs', {}, '/rows/0/title', drill);
  await hers.goto(at('/'));
  await switchTo(HERE);
  tell('asked in the other building too: her own words, sealed there with the key of there');

  // The same at a desk, and in the elder version.
  await hers.setViewportSize(sizes[1280]);
  await hers.goto(at('/'));
  await hers.getByRole('button', { name: /换一栋楼/ }).waitFor();
  await keeps(hers, 'the rail');
  await shot('today-1280');
  await hers.goto(at('/me'));
  await hers.getByRole('button', { name: /加入另一栋楼/ }).waitFor();
  await keeps(hers, 'me');
  await shot('me-1280');
  await hers.goto(at('/buildings'));
  await hers.getByRole('button', { name: new RegExp(THERE) }).first().waitFor();
  await keeps(hers, 'my buildings');
  await shot('buildings-1280');
  await hers.setViewportSize(sizes[360]);
  await shot('buildings-360');
  const elder = await hers.context().newPage();
  Object.assign(elder, { troubles: [], language: 'zh-Hans' });
  await elder.addInitScript(() => localStorage.setItem('kaifong.size', '"elder"'));
  await elder.goto(at('/'));
  await elder.getByRole('link', { name: /换一栋楼/ }).click();
  await elder.getByRole('button', { name: new RegExp(THERE) }).first().waitFor();
  await keeps(elder, 'my buildings, for elders');
  await shot('buildings-elder', elder);
  await elder.close();
  await hers.evaluate(() => localStorage.setItem('kaifong.size', '"normal"'));

  // She has room for a third, does not use it, and goes back.
  await hers.goto(at('/me'));
  await hers.getByRole('button', { name: /加入另一栋楼/ }).click();
  await hers.getByRole('heading', { name: '加入我住的楼' }).waitFor();
  await hers.goto(at('/'));
  await hers.getByRole('link', { name: /加入我住的楼/ }).waitFor();
  await keeps(hers, 'room for another building');
  await shot('room-360');
  await switchTo(THERE);

  // One is put away, after it was said what that means; nothing is deleted.
  await hers.goto(at('/buildings'));
  await hers.getByRole('button', { name: '收起还没进楼' }).click();
  await hers.getByRole('button', { name: '收起来' }).click();
  await hers.getByRole('button', { name: '收起还没进楼' }).waitFor({ state: 'hidden' });
  await hers.getByRole('button', { name: `收起${THERE}` }).click();
  await hers.getByRole('dialog').getByText(/什么都不删/).waitFor();
  await keeps(hers, 'putting a building away');
  await shot('forget-360');
  await hers.getByRole('button', { name: '收起来' }).click();
  await hers.getByRole('dialog').waitFor({ state: 'hidden' });
  await hers.goto(at('/'));
  await hers.getByRole('heading', { name: HERE }).waitFor();
  await hers.waitForLoadState('networkidle');
  if (await hers.getByText('换一栋楼').count()) throw new Error('a switcher with nothing to switch to');
  const aside = readdirSync(join(work, 'ma', 'forgotten'));
  if (aside.length !== 2 || !aside.some((name) => existsSync(join(work, 'ma', 'forgotten', name, 'building')))) throw new Error(`lost: ${aside}`);
  if ((await zhou.query('members')).rows.length !== 2) throw new Error('she is gone there too');
  tell('put away: it lies aside, whole, and her own building goes on');
});

/** Writes one need or offer, as a person does. */
async function write(seen, side, text) {
  await seen.getByRole('link', { name: side, exact: true }).filter({ visible: true }).first().click();
  await seen.getByRole('textbox', { name: `${side}什么` }).fill(text);
  await seen.getByRole('button', { name: '盖章，贴出去' }).click();
  await seen.getByText('盖好章，贴出去了').waitFor();
}
