// Two reviewers let a neighbour go on with a new device. One alone is not enough and is shown as waiting; the neighbour's living
// device is told first and may object, and then two are not enough either. When her phone is really lost, two bring her back.
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const SHOTS = process.env['KAIFONG_SHOTS'];

await story(async (tell) => {
  const [li, chen, hou, wang, thief, anew] = ['li', 'chen', 'hou', 'wang', 'thief', 'anew'].map((name) => new Household(name));
  const links = { li: await li.serve(), chen: await chen.serve(), wang: await wang.serve(), anew: await anew.serve() };
  await hou.serve();
  await thief.serve();
  const ticket = await building(li, { chen, hou, wang });
  const who = (await wang.query('me')).person.member;
  const there = await browser();
  const [his, chens, hers] = [await page(there, { size: 360 }), await page(there, { size: 1280 }), await page(there, { size: 360, elder: true })];
  await his.goto(links.li);
  await chens.goto(links.chen);
  await hers.goto(links.wang);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const shot = (name, seen) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  const apply = async (one, name) => {
    await one.do('apply', { invitation: ticket, name, block: '103', household: '3 栋 103', real_name: '王慧' });
    await li.wait('requests', {}, '/rows/0/name', name);
    await chen.wait('requests', {}, '/rows/0/name', name);
  };
  /** A reviewer says whose new device it is. */
  const knows = async (seen, household, name) => {
    await at(seen, household, '/neighbours/requests');
    await seen.getByRole('button', { name: `是老街坊换了设备: ${name}` }).click();
    const sheet = seen.getByRole('dialog');
    await sheet.getByLabel('找名字').fill('王姨');
    await sheet.getByRole('button', { name: /是103 王姨，认得/ }).click();
    await sheet.waitFor({ state: 'detached' });
  };

  await apply(thief, '王姨新手机');
  await at(hers, wang, '/');
  await knows(his, li, '王姨新手机');
  await his.getByText('记下了：这是103 王姨。还要另一位审核人也认').waitFor();
  await his.getByText('你认出这是103 王姨，等另一位审核人').waitFor();
  await keeps(his, 'one reviewer has said so');
  await shot('return-one', his);
  await hers.getByText('有人想用一台新手机接你的身份').waitFor();
  await keeps(hers, 'her phone is told first');
  await shot('return-told-elder', hers);
  if ((await thief.query('application')).state === 'approved') throw new Error('one reviewer alone was enough');
  tell('waits: one reviewer alone brings nobody back, and her own phone is told at once');

  await hers.getByRole('button', { name: '不是我，拦住' }).click();
  await hers.getByText('拦住了：有人想接你的身份').waitFor();
  await chen.wait('returns', {}, '/rows/0/objected', true);
  await knows(chens, chen, '王姨新手机');
  const { rows: [asked] } = await li.query('returns');
  const waits = await li.wait('returns', {}, '/rows/0/needed', 3);
  if (waits.rows[0].decided || asked.approval === undefined) throw new Error('two were enough against her objection');
  if ((await thief.query('application')).state === 'approved') throw new Error('the thief is she');
  await wang.do('post', { side: 'need', kind: 'time', title: '我的手机还在我手里' });
  await li.wait('needs', {}, '/rows/0/title', '我的手机还在我手里');
  await keeps(chens, 'two have said so, against her objection');
  await shot('return-objected-1280', chens);
  tell('objected: her living phone stops two reviewers who were taken in; a third would have to agree');

  // Her phone falls into the river. The reviewers send the thief away, and know her when she stands before them.
  const thieves = (await hou.wait('requests', {}, '/rows/0/name', '王姨新手机')).rows[0].device;
  for (const one of [hou, li]) {
    const { rows } = await one.query('requests');
    if (rows.some((row) => row.device === thieves)) await one.do('refuse', { device: thieves, reason: '不是本人' });
  }
  await wang.kill();
  await anew.do('apply', { invitation: ticket, name: '王姨的新手机', block: '103', household: '3 栋 103', real_name: '王慧' });
  for (const one of [li, chen]) await one.query('wait', { query: 'requests', args: {}, at: '/rows', least: 1, timeout_ms: 40_000 });
  await his.getByRole('heading', { name: '王姨的新手机' }).waitFor();
  await knows(his, li, '王姨的新手机');
  await at(chens, chen, '/neighbours/requests');
  await chens.getByText('401 李叔认出这是103 王姨，等你也认').waitFor();
  await knows(chens, chen, '王姨的新手机');
  await chens.getByText('接上了：103 王姨用上新设备了').waitFor();
  await keeps(chens, 'two reviewers have brought her back');
  const back = (await anew.wait('me', {}, '/person/name', '王姨')).person.member;
  if (back !== who) throw new Error('she is somebody else');
  await anew.do('post', { side: 'offer', kind: 'skill', title: '会织毛衣', points: 0 });
  await li.wait('offers', {}, '/rows/0/owner/name', '王姨');
  const { member } = { member: await li.query('member', { member: who }) };
  if (member.devices !== 1) throw new Error(`the lost phone still stands: ${member.devices}`);
  tell('back: two reviewers who met her, and the lost phone is closed');

  await his.setViewportSize(sizes[768]);
  await at(his, li, '/neighbours/requests');
  await his.getByRole('heading', { level: 1 }).first().waitFor();
  await keeps(his, 'at 768');
  for (const one of [li, chen, hou, anew]) {
    const audit = await one.ask('audit');
    if (!audit.ok) throw new Error(`${one.name}: ${JSON.stringify(audit)}`);
  }
});

/** 李叔 has founded; 陈姨 and 侯叔 review with him; 王姨 is a neighbour. Gives an invitation. */
async function building(li, others) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const names = { chen: ['陈姨', '502'], hou: ['侯叔', '706'], wang: ['王姨', '103'] };
  for (const [key, one] of Object.entries(others)) {
    const [name, block] = names[key];
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
    if (key !== 'wang') {
      await li.do('set_role', { member: (await one.query('me')).person.member, role: 'reviewer', held: true });
      await one.wait('me', {}, '/reviewer', true);
    }
  }
  return ticket;
}
