// 王姨's phone and tablet: what each can spend is shown on both, and she moves points from one to the other. The phone falls into
// the river. She closes it on the tablet; two reviewers who have met her hand over what it held, and the tablet spends it.
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const SHOTS = process.env['KAIFONG_SHOTS'];

await story(async (tell) => {
  const [li, chen, phone, tablet] = ['li', 'chen', 'phone', 'tablet'].map((name) => new Household(name));
  const links = { li: await li.serve(), chen: await chen.serve(), phone: await phone.serve(), tablet: await tablet.serve() };
  const ticket = await building(li, { chen, phone });
  await tablet.do('further_device', { invitation: ticket, member: (await phone.query('me')).person.member });
  await tablet.wait('application', {}, '/state', 'sent');
  const { device, seal } = await tablet.query('me');
  await phone.do('link_device', { device, seal });
  await tablet.wait('me', {}, '/person/name', '王姨');
  const wang = (await tablet.query('me')).person.member;

  const there = await browser();
  const [hers, pad, his, chens] = [
    await page(there, { size: 360 }), await page(there, { size: 360, elder: true }), await page(there, { size: 768, theme: 'dark' }), await page(there, { size: 1280 }),
  ];
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const shot = (name, seen) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  await hers.goto(links.phone);
  await pad.goto(links.tablet);
  await his.goto(links.li);
  await chens.goto(links.chen);

  await phone.wait('own_points', {}, '/rows/1/opened', true);
  await at(hers, phone, '/points');
  await hers.getByText('这台设备可以花 100 分，一共 100 分').waitFor();
  await keeps(hers, 'what each device can spend');
  await hers.getByRole('button', { name: /另一台设备/ }).click();
  const sheet = hers.getByRole('dialog');
  await sheet.getByLabel('转多少分').fill('130');
  await sheet.getByRole('button', { name: '转 130 分过去' }).click();
  await sheet.getByText('写一个 1 到 100 的数').waitFor();
  await sheet.getByLabel('转多少分').fill('30');
  await keeps(hers, 'moving points to one\'s own tablet');
  await shot('several-move', hers);
  await sheet.getByRole('button', { name: '转 30 分过去' }).click();
  await hers.getByText('转出了 30 分').waitFor();
  await hers.getByText('这台设备可以花 70 分，一共 100 分').waitFor();
  await shot('several-phone', hers);
  await at(pad, tablet, '/points');
  await pad.getByText('这台设备可以花 30 分，一共 100 分').waitFor();
  await pad.getByText('从自己的另一台设备转来').first().waitFor();
  await keeps(pad, 'the tablet, in the elder version');
  await shot('several-tablet-elder', pad);
  if ((await tablet.query('points')).balance !== 0) throw new Error('moving points moved a balance');
  tell('moved: each device says what it can spend and where the rest is, and no balance moves');

  // Into the river. Until it is closed nobody can hand anything over.
  await li.wait('own_points', {}, '/total', 100);
  await phone.kill();
  await refused(li.do('hand_points_over', { member: wang }));
  await at(pad, tablet, '/me/devices');
  await pad.getByRole('button', { name: /另一台设备/ }).click();
  await pad.getByRole('button', { name: '关掉它' }).click();
  await pad.getByRole('dialog').getByRole('button', { name: '关掉', exact: true }).click();
  await pad.getByText(/留下 70 分，还没有交接/).waitFor();
  await keeps(pad, 'a closed device that still holds points');
  await shot('several-devices-elder', pad);
  await at(pad, tablet, '/points');
  await pad.getByText(/请两位审核人当面认一认/).waitFor();
  tell('closed: the tablet closes the phone, and says what is stranded in it');

  await at(his, li, '/neighbours');
  await his.getByRole('link', { name: /103 王姨关掉的设备里还有分，等你交接/ }).click();
  await his.getByRole('heading', { name: '103 王姨关掉的设备里还有 70 分' }).waitFor();
  await keeps(his, 'points to hand over, at 768');
  await shot('several-handover-768', his);
  await his.getByRole('button', { name: '把103 王姨关掉的设备里的 70 分交接过去' }).click();
  await keeps(his, 'handing over asks first');
  await his.getByRole('dialog').getByRole('button', { name: '认得本人，交接' }).click();
  await his.getByText('401 李叔点过头了，还差一位审核人').waitFor();
  await pad.getByText('401 李叔点过头了，还差一位审核人').waitFor();
  if ((await tablet.query('own_points')).rows[0].points !== 30) throw new Error('one reviewer was enough');
  await chen.wait('left_points', {}, '/rows/0/by/0/name', '李叔');
  await at(chens, chen, `/neighbours/${wang}`);
  await chens.getByRole('button', { name: '把103 王姨关掉的设备里的 70 分交接过去' }).click();
  await keeps(chens, 'the second reviewer, on her page');
  await shot('several-member-1280', chens);
  await chens.getByRole('dialog').getByRole('button', { name: '认得本人，交接' }).click();
  await pad.getByText('关掉的设备留下的 70 分，交接过来了').waitFor();
  await tablet.wait('own_points', {}, '/rows/0/points', 100);
  await keeps(pad, 'what was handed over');
  await shot('several-moved-elder', pad);
  await at(pad, tablet, '/me/devices');
  await pad.getByText(/留下的 70 分交接过了/).waitFor();
  tell('handed over: two reviewers, each on their own page, and the tablet takes the points up by itself');

  await at(pad, tablet, `/points/give?to=${(await li.query('me')).person.member}&n=90`);
  await pad.getByRole('button', { name: '盖章谢 90 分' }).click();
  await pad.getByText('签好存在这台设备里了').waitFor();
  await li.wait('points', {}, '/balance', 90);
  await refused(li.do('hand_points_over', { member: wang }));
  tell('spent: 90 points from the tablet, which had 30 of its own');

  await his.setViewportSize(sizes[360]);
  for (const one of [li, chen, tablet]) {
    const audit = await one.ask('audit');
    if (!audit.ok || audit.ledger_sum !== 0) throw new Error(`${one.name}: ${JSON.stringify(audit)}`);
  }
});

/** 李叔 has founded and his device stamps; 陈姨 reviews with him; 王姨 is a neighbour. Gives an invitation. */
async function building(li, others) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const names = { chen: ['陈姨', '502'], phone: ['王姨', '103'] };
  for (const [key, one] of Object.entries(others)) {
    const [name, block] = names[key];
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
  }
  const { chen } = others;
  await li.do('set_role', { member: (await chen.query('me')).person.member, role: 'reviewer', held: true });
  await chen.wait('me', {}, '/reviewer', true);
  return ticket;
}

/** What a device must refuse. */
async function refused(asked) {
  const said = await asked.then(() => undefined, (why) => why);
  if (!said) throw new Error('it should have been refused');
}
