// A reviewer opens what a neighbour has told the reviewers, and she is told who and when. She complains about him: the envelope goes
// past him to the others, who answer. And who does what in the building stands in one picture.
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const SHOTS = process.env['KAIFONG_SHOTS'];
const WORDS = '李叔没有上门看，就说我家不是住户，还当着大家的面念了我的电话。';

await story(async (tell) => {
  const [li, chen, wang, firm] = ['li', 'chen', 'wang', 'firm'].map((name) => new Household(name));
  const links = { li: await li.serve(), chen: await chen.serve(), wang: await wang.serve() };
  await firm.serve();
  const who = await building(li, chen, wang, firm);
  const there = await browser();
  const [his, chens, hers] = [await page(there, { size: 360 }), await page(there, { size: 360, theme: 'dark' }), await page(there, { size: 360, elder: true })];
  await his.goto(links.li);
  await chens.goto(links.chen);
  await hers.goto(links.wang);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const shot = (name, seen) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });

  await at(hers, wang, '/me/opened');
  await hers.getByText('还没有人看过').waitFor();
  await keeps(hers, 'nobody has opened anything');
  await at(his, li, `/neighbours/${who.wang}`);
  await press(his, '看登记');
  await his.getByRole('dialog').getByText('看了会告诉103 王姨：谁看的、什么时候。', { exact: false }).waitFor();
  if (await his.getByText('138 0000 1111').count()) throw new Error('it is shown before anybody is told');
  await keeps(his, 'before opening');
  await press(his, '看，并告诉对方');
  await his.getByText('138 0000 1111').waitFor();
  await his.getByText('王慧').waitFor();
  await keeps(his, 'opened');
  await shot('opened', his);
  await hers.getByText('401 李叔看了你的门牌、真名和电话').waitFor();
  await keeps(hers, 'she is told');
  await shot('opened-told-elder', hers);
  await at(hers, wang, '/me');
  await hers.getByRole('link', { name: /谁看过我的登记\s*401 李叔看过/ }).waitFor();
  // Whose device does not keep it, and who does not review, opens nothing.
  const refused = await chen.do('open_details', { member: who.wang }).then(() => 'opened', (error) => error.stderr);
  if (!/details-unknown/.test(refused)) throw new Error(`another reviewer: ${refused}`);
  const stranger = await wang.do('open_details', { member: who.chen }).then(() => 'opened', (error) => error.stderr);
  if (!/role-missing/.test(stranger)) throw new Error(`no reviewer: ${stranger}`);
  tell('opened: she reads who has opened her application, and when');

  await at(hers, wang, `/neighbours/${who.li}`);
  await hers.getByRole('link', { name: '反映审核人或管事的人' }).click();
  await hers.getByText('会看到的：502 陈姨。401 李叔看不到。').waitFor();
  await hers.getByRole('textbox', { name: '怎么回事' }).fill(WORDS);
  await keeps(hers, 'complaining');
  await shot('complaint-elder', hers);
  await press(hers, '封好，送出去');
  await hers.getByText('送出去了').waitFor();
  await hers.getByText('你反映了401 李叔').waitFor();
  await hers.getByText('等他们回话').waitFor();
  await keeps(hers, 'complained');
  await chen.wait('complaints', {}, '/rows/0/text', WORDS);
  await at(chens, chen, '/');
  await chens.getByRole('link', { name: /有街坊反映，1 件等回话/ }).click();
  await chens.getByText('103 王姨反映401 李叔').waitFor();
  await chens.getByText(WORDS).waitFor();
  await press(chens, '回话: 401 李叔');
  await chens.getByRole('textbox', { name: '回话' }).fill('我明天上门，和侯叔一起看。');
  await keeps(chens, 'answering');
  await press(chens, '封好，送回去');
  await chens.getByText('我明天上门，和侯叔一起看。').waitFor();
  await keeps(chens, 'answered');
  await shot('complaint-dark', chens);
  await hers.getByText('我明天上门，和侯叔一起看。').waitFor();
  await keeps(hers, 'she reads the answer');
  const { rows, officers } = await li.query('complaints');
  if (rows.length > 0) throw new Error('whom it is about reads it');
  if (!officers.some((person) => person.name === '安居物业')) throw new Error('the property firm is nobody to complain about');
  await at(his, li, '/neighbours/complaints');
  await his.getByRole('heading', { name: '反映审核人或管事的人' }).waitFor();
  if (await his.getByText(WORDS).count()) throw new Error('his page shows it');
  tell('complained: the envelope went past him, and an answer came back');

  // After a restart both still have it.
  await wang.stop();
  await wang.serve(wang.port);
  const kept = await wang.query('complaints');
  if (kept.rows[0]?.answers[0]?.by.name !== '陈姨') throw new Error('the answer is gone after a restart');
  if ((await wang.query('openings')).rows.length !== 1) throw new Error('the opening is gone after a restart');

  for (const [size, seen, household] of [[360, chens, chen], [768, his, li], [1280, his, li]]) {
    await seen.setViewportSize(sizes[size]);
    await at(seen, household, '/neighbours/council');
    await seen.getByRole('link', { name: /一张图看分工/ }).click();
    await seen.getByRole('heading', { name: '物业和单位' }).waitFor();
    await seen.getByRole('link', { name: /安居物业/ }).waitFor();
    await seen.getByRole('listitem').filter({ has: seen.getByRole('heading', { name: '审核人' }) }).getByRole('link', { name: /502 陈姨/ }).waitFor();
    await keeps(seen, `the chart at ${size}`);
    await shot(`chart-${size}`, seen);
    await at(seen, household, '/neighbours/complaints');
    await seen.getByRole('heading', { level: 1 }).first().waitFor();
    await keeps(seen, `complaints at ${size}`);
    await shot(`complaints-${size}`, seen);
  }
  tell('charted: council, roles and organisations in one picture');
});

/** 李叔 has founded and reviews with 陈姨; 王姨 is a neighbour, and a firm manages the building. */
async function building(li, chen, wang, firm) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { li: (await li.query('me')).person.member };
  const join = async (one, key, name, block, more = {}) => {
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name, ...more });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
    who[key] = (await one.query('me')).person.member;
  };
  await join(chen, 'chen', '陈姨', '502');
  await join(wang, 'wang', '王姨', '103', { real_name: '王慧', phone: '138 0000 1111' });
  await join(firm, 'firm', '安居物业', '', { household: '物业办', kind: 'property-firm' });
  await li.do('set_role', { member: who.chen, role: 'reviewer', held: true });
  await chen.wait('me', {}, '/reviewer', true);
  await wang.wait('member', { member: who.chen }, '/roles/0', 'reviewer');
  return who;
}
