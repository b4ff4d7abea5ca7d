// A council of three loses two seats for good, and can never decide again. A neighbour founds the building anew; one who sat in the
// council follows, an elder follows, one stays. The new building lives on, and the old one stays readable on every device.
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const [OLD, NEW] = ['榕荫里 3 号楼', '榕荫里新会'];
const SHOTS = process.env['KAIFONG_SHOTS'];

await story(async (tell) => {
  const [li, chen, hou, ma, wang, zhou] = ['li', 'chen', 'hou', 'ma', 'wang', 'zhou'].map((name) => new Household(name));
  const links = { li: await li.serve(), ma: await ma.serve(), wang: await wang.serve(), zhou: await zhou.serve() };
  await chen.serve();
  await hou.serve();
  const who = await building(li, { chen, hou, ma, wang, zhou });
  const there = await browser();
  const his = await page(there, { size: 1280 });
  const hers = await page(there, { size: 360 });
  const elders = await page(there, { size: 360, elder: true });
  const stays = await page(there, { size: 360, theme: 'dark' });
  await his.goto(links.li);
  await hers.goto(links.ma);
  await elders.goto(links.wang);
  await stays.goto(links.zhou);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });
  const shot = (name, seen) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });

  // Two of the three seats are gone, with their phones and their papers.
  await chen.kill();
  await hou.kill();
  const stuck = (await li.do('draft_epoch', { charter: { points_per_hour: 12, credit_line: 100, quota: 100 } })).draft;
  await ma.wait('council', {}, '/drafts/0/draft', stuck);
  await at(hers, ma, '/neighbours/council');
  await part(hers, '等委员会定的').getByText('还要 1 位签名').waitFor();
  await hers.getByRole('link', { name: /没有多数了？重新立一次/ }).click();
  await hers.getByText('跟不跟，各家自己定').waitFor();
  await hers.getByText('积分不跟过去').waitFor();
  await keeps(hers, 'before founding anew');
  await shot('anew-before', hers);
  const name = hers.getByRole('textbox', { name: '新楼叫什么' });
  if ((await name.inputValue()) !== OLD) throw new Error('the old name is not proposed');
  await name.fill('  ');
  if (await hers.getByRole('button', { name: '重新立', exact: true }).isEnabled()) throw new Error('a building without a name');
  await name.fill(NEW);
  await press(hers, '重新立');
  await hers.getByRole('dialog').getByText('立了就收不回来', { exact: false }).waitFor();
  await keeps(hers, 'asked once more');
  await hers.getByRole('dialog').getByRole('button', { name: '重新立', exact: true }).click();
  await hers.getByText(`你重新立了「${NEW}」`).waitFor();
  await hers.getByText('还没有街坊跟来', { exact: false }).waitFor();
  await keeps(hers, 'founded anew');
  await shot('anew-founded', hers);
  tell('founded anew: a neighbour founds another building that names the old one, and the old one tells of it');

  // Everybody is asked who did it, and nobody is taken along.
  await at(stays, zhou, '/');
  await stays.getByRole('link', { name: /604 小马重新立了这栋楼/ }).click();
  await stays.getByText(`604 小马重新立了「${NEW}」`).waitFor();
  await stays.getByText('还没有街坊跟过去').waitFor();
  await keeps(stays, 'the question');
  await shot('anew-question-dark', stays);
  await press(stays, '我不跟');
  await stays.getByText('你说了不跟', { exact: false }).waitFor();
  await at(stays, zhou, '/');
  await part(stays, '楼里现在有').waitFor();
  if ((await stays.getByRole('link', { name: /重新立了这栋楼/ }).count()) > 0) throw new Error('who has said no is asked again');
  tell('asked: one says no, and is not asked again');

  await at(elders, wang, '/');
  await elders.getByRole('link', { name: /604 小马重新立了这栋楼/ }).click();
  await keeps(elders, 'the question in the elder version');
  await shot('anew-question-elder', elders);
  await press(elders, '我跟过去：604 小马');
  await elders.getByText('敲过门了', { exact: false }).waitFor();
  await keeps(elders, 'she has knocked');
  await at(his, li, '/neighbours/council/anew');
  await his.getByText('已经有 1 户跟过去：103 王姨').waitFor();
  await press(his, '我跟过去：604 小马');
  await his.getByText('敲过门了', { exact: false }).waitFor();
  await keeps(his, 'he has knocked');
  await hers.getByRole('listitem').filter({ hasText: '103 王姨' }).getByText('原来由401 李叔认过').waitFor();
  // Whether her vote is for the same unit as before, her certificate does not say: the founder compares.
  await hers.getByText('说住在 3 栋 103').waitFor();
  await keeps(hers, 'who waits, and where they live');
  await shot('anew-waiting', hers);
  await hers.getByRole('switch', { name: '103 王姨投这一户的票' }).click();
  if ((await hers.getByRole('switch').count()) !== 1) throw new Error('who had no vote is offered one');
  for (const one of ['103 王姨', '401 李叔']) {
    await press(hers, `请进来：${one}`);
    await hers.getByRole('listitem').filter({ has: hers.locator('.name', { hasText: one }) }).getByText('进来了').waitFor();
  }
  await keeps(hers, 'two are in');
  await shot('anew-followers', hers);
  tell('followed: two, whom the founder lets in by their certificates in the old building');

  await elders.getByText('你已经在新楼里').waitFor();
  await press(elders, '把我贴的带过去');
  await elders.getByText('带过去 1 条').waitFor();
  await keeps(elders, 'what she posted is taken along');
  await shot('anew-there-elder', elders);
  await press(elders, '去新楼');
  await elders.getByRole('heading', { name: NEW }).waitFor();
  await keeps(elders, 'the new building');
  const anew = (household, ...args) => household.ask('--building', NEW, ...args);
  await anew(ma, 'query', 'wait', JSON.stringify({ query: 'offers', args: {}, at: '/rows/0/title', is: '轮椅可以借', timeout_ms: 40_000 }));
  const { rows } = await anew(ma, 'query', 'members', '{}');
  const names = rows.map((row) => row.person.name).sort();
  if (names.join() !== ['小马', '李叔', '王姨'].sort().join()) throw new Error(`who is in the new building: ${names}`);
  const shown = await Promise.all(rows.map((row) => anew(ma, 'query', 'member', JSON.stringify({ member: row.person.member }))));
  const voters = shown.filter((one) => one.votes).map((one) => one.person.name);
  if (voters.join() !== '王姨') throw new Error(`who votes in the new building: ${voters}`);
  const balance = (await anew(wang, 'query', 'points', '{}')).balance;
  if (balance !== 0) throw new Error(`points went along: ${balance}`);
  tell('there: her open offer is in the new building, her points are not');

  // The new building lives on: a need, an answer, points, a role; and the one who stayed is not in it.
  await at(hers, ma, '/neighbours/council/anew');
  await press(hers, '去新楼');
  await hers.getByRole('heading', { name: NEW }).waitFor();
  await hers.getByRole('link', { name: '共享', exact: true }).filter({ visible: true }).first().click();
  await hers.getByRole('link', { name: /轮椅可以借/ }).first().click();
  await hers.getByRole('button', { name: '我想借' }).click();
  await hers.getByRole('button', { name: '盖章，告诉对方' }).click();
  await hers.waitForURL(/\/deal\//);
  const loan = new URL(hers.url()).pathname;
  await elders.goto(new URL(loan, elders.url()).href);
  for (const [seen, verb] of [[elders, /答应.*小马/], [elders, '我给出去了'], [hers, '我拿到了']]) await seen.getByRole('button', { name: verb }).click();
  await keeps(hers, 'a loan in the new building');
  await at(hers, ma, '/neighbours/council');
  await hers.getByText('还在筹建：由创始人先管').waitFor();
  await keeps(hers, 'a council to be founded again');
  tell('lives on: something is lent in the new building, and a council can be formed again');

  // The old building is as it was, for who stayed and for who followed.
  await zhou.do('post', { side: 'offer', kind: 'skill', title: '旧楼里还能修锁', points: 5 });
  const seen = await li.ask('--building', OLD, 'query', 'wait', JSON.stringify({ query: 'offers', args: {}, at: '/total', is: 2, timeout_ms: 40_000 }));
  if (!seen.met) throw new Error('who followed hears no more of the old building');
  await ma.stop();
  await ma.serve(ma.port);
  const back = await anew(ma, 'query', 'members', '{}');
  if (back.rows.length !== 3) throw new Error('the new building is not there after a restart');
  await at(his, li, '/neighbours/council/anew');
  await his.getByText('你已经在新楼里').waitFor();
  for (const size of [768, 1280]) {
    await his.setViewportSize(sizes[size]);
    await his.waitForLoadState('networkidle');
    await keeps(his, `followed, at ${size}`);
    await shot(`anew-${size}`, his);
  }
  for (const [household, name] of [[li, OLD], [li, NEW], [ma, OLD], [ma, NEW], [wang, NEW]]) {
    const audit = await household.ask('--building', name, 'audit');
    if (!audit.ok) throw new Error(`${household.name} ${name}: ${JSON.stringify(audit)}`);
  }
  if (who.zhou !== (await zhou.query('me')).person.member) throw new Error('who stayed is somebody else');
  tell('stayed: the old building goes on for who stayed, and is there on the devices of who followed');
});

/** Six households; 李叔, 陈姨 and 侯叔 are the council, and 李叔 reviews. */
async function building(li, others) {
  await li.do('found', { building: OLD, name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const names = { chen: ['陈姨', '502'], hou: ['侯叔', '706'], ma: ['小马', '604'], wang: ['王姨', '103'], zhou: ['周伯', '208'] };
  const who = { li: (await li.query('me')).person.member };
  for (const [key, one] of Object.entries(others)) {
    const [name, block] = names[key];
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device, votes: key === 'wang' });
    await one.wait('application', {}, '/state', 'approved');
    who[key] = (await one.query('me')).person.member;
  }
  await others.wang.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '轮椅可以借', points: 0 });
  await others.zhou.do('give', { to: who.wang, points: 10 });
  await others.wang.wait('points', {}, '/balance', 10);
  for (const one of [li, others.chen, others.hou]) await one.do('stand');
  await li.query('wait', { query: 'council', args: {}, at: '/stands', least: 3, timeout_ms: 40_000 });
  const seats = [{ member: who.li, post: 'lead' }, { member: who.chen, post: 'residents' }, { member: who.hou, post: 'property' }];
  await li.do('draft_epoch', { seats, roles: [{ member: who.li, role: 'reviewer' }] });
  for (const one of Object.values(others)) await one.wait('council', {}, '/founding', false);
  return who;
}
