// The community fund in its browsers: the founder names a treasurer, rates and a budget; she gives a newcomer the welcome gift and
// two shifts; what goes beyond her limit a second person confirms on their own device; statements say act and reason; a neighbour
// and a shop give points back; and all accounts add up to zero. The neighbour reads it in the elder version.
import { join } from 'node:path';
import { Household, browser, keeps, page, story, work } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen, he, wang, shop, trust] = ['li', 'chen', 'he', 'wang', 'shop', 'trust'].map((name) => new Household(name));
  const links = [await li.serve(), await chen.serve(), await he.serve(), await wang.serve(), await shop.serve(), await trust.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { 李叔: (await li.query('me')).person.member };
  const newcomers = [[chen, '陈姨', '502', 'person'], [he, '何姐', '603', 'person'], [wang, '王伯', '101', 'person'], [shop, '东街药店', '', 'shop'], [trust, '红棉社区基金会', '', 'foundation']];
  for (const [household, name, block, kind] of newcomers) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block || '东街'} 室`, real_name: name, kind });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
    await li.wait('member', { member: who[name] }, '/person/name', name);
  }
  await li.do('set_role', { member: who['王伯'], role: 'organiser', held: true });
  const last = (await li.query('members')).rows[newcomers.length].since;
  for (const household of [chen, he, wang, shop, trust]) await household.wait('members', {}, `/rows/${newcomers.length}/since`, last);

  const there = await browser();
  const [lis, chens, hes, wangs, shops] = [
    await page(there, { size: 360 }), await page(there, { size: 768 }), await page(there, { size: 360, elder: true }),
    await page(there, { size: 360, theme: 'dark' }), await page(there, { size: 1280 }),
  ];
  for (const [at, seen] of [lis, chens, hes, wangs, shops].entries()) await seen.goto(links[at]);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).click();
  const follow = (seen, name) => seen.getByRole('link', { name, exact: true }).filter({ visible: true }).click();
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });

  await at(hes, he, '/points');
  await hes.getByRole('link', { name: /街坊基金\s*还没有街坊基金/ }).click();
  await hes.getByText('由管楼的人定下做一件事几分', { exact: false }).waitFor();
  await keeps(hes, 'no fund yet');
  await at(lis, li, `/neighbours/${who['陈姨']}`);
  await press(lis, '请这位街坊做管账人');
  await lis.getByRole('button', { name: '收回管账人' }).waitFor();
  await at(lis, li, '/points/fund');
  await follow(lis, '定分数，拨分');
  await lis.getByLabel('讲一次课').fill('30');
  await lis.getByLabel('再拨给502 陈姨').fill('300');
  await keeps(lis, 'rates and budgets are set');
  await lis.getByLabel('讲一次课').fill('三十');
  if (await lis.getByRole('button', { name: '盖章，马上生效' }).isEnabled()) throw new Error('a rate that is no number can be sent');
  await lis.getByLabel('讲一次课').fill('30');
  await press(lis, '盖章，马上生效');
  await lis.getByText('拨给 300 分，发出 0 分', { exact: false }).waitFor();
  await lis.getByText('讲一次课').waitFor();
  await keeps(lis, 'the fund stands');
  tell('the founder names a treasurer, says what things earn and sets 300 points aside');

  await at(chens, chen, '/points/fund');
  await chens.getByText('你还可以发 300 分').waitFor();
  await part(chens, '新邻居礼').getByRole('button', { name: '送 20 分新邻居礼给603 何姐' }).waitFor();
  if ((await part(chens, '新邻居礼').getByText('东街药店').count()) > 0) throw new Error('a shop is offered a welcome gift');
  await keeps(chens, 'what a treasurer sees');
  await press(chens, '送 20 分新邻居礼给603 何姐');
  await chens.getByText('给603 何姐的新邻居礼发出去了').waitFor();
  await part(chens, '新邻居礼').getByRole('button', { name: '送 20 分新邻居礼给603 何姐' }).waitFor({ state: 'detached' });
  await he.wait('points', {}, '/balance', 20);
  await grant(chens, '603 何姐', '值班一次', '2', '发 20 分');
  await chens.getByText('给603 何姐的 20 分发出去了').waitFor();
  await keeps(chens, 'granted');
  await he.wait('points', {}, '/balance', 40);
  await at(hes, he, '/points');
  await hes.getByRole('button', { name: /值班一次 ×2（.*）·街坊基金/ }).waitFor();
  await hes.getByRole('button', { name: /新邻居礼·街坊基金/ }).waitFor();
  await keeps(hes, 'her statement says what for');
  await hes.getByRole('button', { name: /值班一次 ×2/ }).click();
  await hes.getByRole('dialog').getByText('核对无误').waitFor();
  await hes.getByRole('dialog').getByText(/陈姨从街坊基金发了积分/).first().waitFor();
  await keeps(hes, 'the proof of a grant');
  tell('the treasurer: a welcome gift and two shifts, and her neighbour reads act and reason');

  await grant(chens, '603 何姐', '值班一次', '1', '发 10 分');
  await chens.getByText('这件事已经给这位街坊记过一笔了').first().waitFor();
  tell('the same shift is not granted twice');

  await grant(chens, '603 何姐', '讲一次课', '2', '请人确认 60 分', 'above the limit');
  await chens.getByText('给603 何姐的 60 分，等第二个人确认').waitFor();
  await keeps(chens, 'it waits for a second person');
  await follow(chens, '回街坊基金');
  await part(chens, '等人确认的').getByText('请一位组织者、审核人或别的管账人，在自己的设备上', { exact: false }).waitFor();
  await at(hes, he, '/points/fund');
  await part(hes, '等人确认的').getByText('502 陈姨要发的').waitFor();
  if ((await hes.getByRole('button', { name: '看一看，确认' }).count()) > 0) throw new Error('who gets it could confirm it');
  await keeps(hes, 'who gets it only looks');
  if ((await he.query('points')).balance !== 40) throw new Error('granted before anybody confirmed');
  await at(wangs, wang, '/points');
  await wangs.getByRole('link', { name: /街坊基金\s*有 1 份等人确认/ }).click();
  await press(wangs, '看一看，确认');
  await wangs.getByRole('dialog').getByText('你是第二个人', { exact: false }).waitFor();
  await keeps(wangs, 'a second person looks at it');
  await press(wangs, '盖章确认');
  await he.wait('points', {}, '/balance', 100);
  await part(wangs, '等人确认的').waitFor({ state: 'detached' });
  await wangs.getByRole('button', { name: /603 何姐·讲一次课 ×2.*502 陈姨发的，101 王伯确认/ }).click();
  await wangs.getByRole('dialog').getByText(/你确认了要发的那一份/).first().waitFor();
  await wangs.getByRole('dialog').getByText('核对无误').waitFor();
  await keeps(wangs, 'the proof names both');
  tell('above the limit: a second person confirms on his own device, and only then it is granted');

  await follow(hes, '给基金送分');
  await hes.getByLabel('送多少分').fill('15');
  await keeps(hes, 'a gift to the fund');
  await press(hes, '送 15 分');
  await hes.getByText('给了街坊基金 15 分').waitFor();
  await at(shops, shop, '/points/fund/give');
  await shops.getByLabel('送多少分').fill('30');
  await press(shops, '送 30 分');
  await shops.getByText('给了街坊基金 30 分').waitFor();
  await trust.do('give_to_fund', { points: 50 });
  await chen.wait('fund', {}, '/received', 95);
  await shop.wait('fund', {}, '/received', 95);
  await at(shops, shop, '/points/fund');
  await shops.getByRole('button', { name: /东街药店.*给基金的.*商户·502 陈姨收的/ }).waitFor();
  await shops.getByRole('button', { name: /603 何姐给基金的/ }).waitFor();
  await shops.getByRole('button', { name: /红棉社区基金会.*给基金的.*社区基金会·502 陈姨收的/ }).waitFor();
  await keeps(shops, 'what a neighbour, a shop and a foundation gave');
  await at(hes, he, '/points');
  await hes.getByRole('button', { name: /给基金送分/ }).first().waitFor();
  const balances = await Promise.all([li, chen, he, wang, shop, trust].map(async (one) => (await one.query('points')).balance));
  const fund = await he.query('fund');
  const sum = balances.reduce((all, one) => all + one, fund.balance);
  if (sum !== 0 || fund.balance !== -5) throw new Error(`the accounts add up to ${sum}: ${balances} and ${fund.balance}`);
  await at(hes, he, '/points');
  await follow(hes, '楼里的积分怎么流');
  await hes.getByText('基金：讲一次课', { exact: false }).waitFor();
  await hes.getByRole('list', { name: '到了谁那里' }).getByText('街坊基金').waitFor();
  await keeps(hes, 'how points flow in the building');
  const flows = await he.query('flows');
  if (flows.points !== 195 || flows.taken.reduce((all, one) => all + one.points, 0) !== 195) throw new Error(`points flow otherwise: ${JSON.stringify(flows)}`);
  tell('a neighbour, a shop and a foundation give to the fund; all accounts add up to zero, and a picture shows how points flow');

  // What was kept on paper: a neighbour is suggested by name and chosen by hand; a second person agrees to the whole list.
  await at(chens, chen, '/points/fund');
  await chens.getByRole('link', { name: /导入原有积分/ }).click();
  await chens.locator('input[type=file]').setInputFiles({ name: '爱心银行.csv', mimeType: 'text/csv', buffer: Buffer.from('姓名,积分\n王伯,80\n李叔,12.5\n何大姐,40\n李叔,25\n') });
  await chens.getByText('第 3 行：分数要是 1 到 1000000 的整数').waitFor();
  await chens.getByText('选了 0 / 3 行').waitFor();
  await press(chens, '就是101 王伯');
  await chens.getByLabel('何大姐').selectOption({ label: '603 何姐' });
  await press(chens, '就是401 李叔');
  await keeps(chens, 'a ledger on paper is read');
  await press(chens, '请人确认 3 位，共 145 分');
  await chens.getByText('3 位，共 145 分，等第二个人确认').waitFor();
  await at(lis, li, '/points/fund');
  await press(lis, '看一看，确认');
  await lis.getByRole('dialog').getByText('确认发这 145 分？').waitFor();
  await keeps(lis, 'a second person compares the list');
  await press(lis, '盖章确认');
  await wang.wait('points', {}, '/balance', 80);
  await he.wait('points', {}, '/balance', 125);
  await at(wangs, wang, '/points');
  await wangs.getByRole('button', { name: /原有积分·街坊基金/ }).waitFor();
  await chen.do('list_openings', { lines: [{ member: who['王伯'], points: 5 }] }).then(
    () => { throw new Error('an opening balance was listed twice'); },
    (refused) => { if (!/granted-already/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  tell('opening balances from a file: chosen by hand, agreed to as one list, each once');

  // Who was granted something and who grants take it along: an export is checked against what was signed.
  for (const [household, name] of [[he, 'he'], [chen, 'chen']]) {
    await household.ask('export', join(work, `${name}.zip`));
    await household.ask('verify-export', join(work, `${name}.zip`));
  }
  tell('what a neighbour and the treasurer take along holds');

  await li.do('draft_epoch', { fund: { starter: 20, alone: 50, quota: 200, rates: [], budgets: [{ member: who['陈姨'], points: 299 }] } }).then(
    () => { throw new Error('a budget was reduced'); },
    (refused) => { if (!/budget-reduced/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  await chen.do('grant', { member: who['东街药店'], act: 'starter' }).then(
    () => { throw new Error('a shop was granted something'); },
    (refused) => { if (!/not-a-person/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  tell('a budget only grows, and a shop is granted nothing');

  /** The treasurer fills in the form. */
  async function grant(seen, name, what, times, button, rules) {
    await at(seen, chen, '/points/fund');
    await follow(seen, '发积分');
    await seen.getByRole('link', { name }).click();
    await seen.getByRole('radio', { name: new RegExp(`^${what}`) }).click();
    await seen.getByLabel('几次').fill(times);
    if (rules) await keeps(seen, rules);
    await press(seen, button);
  }
});
