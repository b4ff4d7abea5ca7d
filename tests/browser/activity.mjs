// A class in its browsers: an organiser announces it with a teacher, a price into the community fund and a charge for who stays
// away; three households sign up; one comes and pays at the door, one stays away, says otherwise, and signs the charge; one cancels
// in time and pays nothing; the treasurer has the fund thank the teacher once; and each statement says what for.
import { join } from 'node:path';
import { Household, browser, keeps, page, story, work } from './street.mjs';

const DAY_MS = 86_400_000;
/** How long there is to sign up, cancel and pay at the door before it begins. */
const UNTIL_ITS_BEGINNING_MS = 60_000;

await story(async (tell) => {
  const [li, chen, he, wang, hou] = ['li', 'chen', 'he', 'wang', 'hou'].map((name) => new Household(name));
  const links = [await li.serve(), await chen.serve(), await he.serve(), await wang.serve(), await hou.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { 李叔: (await li.query('me')).person.member };
  for (const [household, name, block] of [[chen, '陈姨', '502'], [he, '何姐', '603'], [wang, '王伯', '101'], [hou, '侯叔', '302']]) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block} 室`, real_name: name, kind: 'person' });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
    await li.wait('member', { member: who[name] }, '/person/name', name);
  }
  const roles = [{ member: who['陈姨'], role: 'treasurer' }, { member: who['何姐'], role: 'organiser' }];
  const fund = { starter: 0, alone: 50, quota: 200, rates: [{ act: 'hour', points: 10 }], budgets: [{ member: who['陈姨'], points: 300 }] };
  await li.do('draft_epoch', { roles, fund });
  await chen.wait('fund', {}, '/left', 300);
  for (const household of [he, wang, hou]) await household.wait('fund', {}, '/keepers/0/current', true);
  const last = (await li.query('members')).rows[4].since;
  for (const household of [chen, he, wang, hou]) await household.wait('members', {}, '/rows/4/since', last);

  const there = await browser();
  const [lis, chens, hes, wangs, hous] = [
    await page(there, { size: 360 }), await page(there, { size: 768 }), await page(there, { size: 1280 }),
    await page(there, { size: 360, theme: 'dark' }), await page(there, { size: 360, elder: true }),
  ];
  for (const [at, seen] of [lis, chens, hes, wangs, hous].entries()) await seen.goto(links[at]);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).click();
  const pressInSheet = (seen, name) => seen.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });

  await at(hes, he, '/points');
  await hes.getByRole('link', { name: /^活动/ }).click();
  await hes.getByText('还没有活动').waitFor();
  await keeps(hes, 'no activity yet');
  await hes.getByRole('link', { name: '办一个活动' }).click();
  await hes.getByLabel('办什么').fill('手工课：编竹篮');
  await hes.getByLabel('说明').fill('带一把剪刀，竹条有。');
  await hes.getByLabel('地点').fill('二楼活动室');
  await hes.getByLabel('名额').fill('10');
  await hes.getByLabel('参加要的积分').fill('5');
  await hes.getByLabel('报了名没来').fill('300');
  await hes.getByText('写 0 到 100 的整数').waitFor();
  await hes.getByLabel('报了名没来').fill('3');
  await hes.getByLabel('老师').selectOption({ label: '401 李叔' });
  await hes.getByLabel('哪一天').fill('2001-02-03');
  await hes.getByLabel('几点开始').fill('10:00');
  await hes.getByText('这个时间已经过了').waitFor();
  if (await hes.getByRole('button', { name: '盖章，发给街坊' }).isEnabled()) throw new Error('what has begun can be announced');
  await keeps(hes, 'an activity is written');
  const begins = await hes.evaluate((ms) => {
    const day = new Date(Date.now() + ms);
    const two = (n) => String(n).padStart(2, '0');
    return { date: `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`, time: [day.getHours(), day.getMinutes(), day.getSeconds()].map(two).join(':') };
  }, UNTIL_ITS_BEGINNING_MS);
  await hes.getByLabel('哪一天').fill(begins.date);
  await hes.getByLabel('几点开始').fill(begins.time);
  await press(hes, '盖章，发给街坊');
  await hes.getByRole('heading', { name: '手工课：编竹篮' }).waitFor();
  await hes.getByText('还没有人报名').first().waitFor();
  const { rows } = await he.query('activities');
  const place = { host: who['何姐'], activity: rows[0].id };

  // Everybody finds it on the first page.
  await wang.wait('today', {}, '/announced/0/title', '手工课：编竹篮');
  await at(wangs, wang, '/');
  await part(wangs, '楼里的活动').getByRole('link', { name: /手工课：编竹篮.*二楼活动室/ }).waitFor();
  await keeps(wangs, 'an activity stands on the first page');
  tell('an organiser announces a class: five points into the fund, three for who stays away');

  const signsUp = async (seen, household) => {
    await household.wait('activities', {}, '/rows/0/id', place.activity);
    await at(seen, household, '/activities');
    await seen.getByRole('link', { name: /手工课：编竹篮/ }).click();
    await press(seen, '我要报名');
    await seen.getByText('给你留了位子').waitFor();
  };
  await signsUp(chens, chen);
  await press(chens, '取消报名');
  await keeps(chens, 'it asks before a booking is taken back');
  await pressInSheet(chens, '取消报名');
  await chens.getByText('什么都不用付。').waitFor();
  await signsUp(wangs, wang);
  await keeps(wangs, 'a place is kept');
  await signsUp(hous, hou);
  await he.wait('activity', place, '/activity/taken', 2);
  await press(wangs, '我到了，付 5 分');
  await wangs.getByText('付过了 5 分，收到了。').waitFor();
  tell('three sign up; one cancels in time and pays nothing; one pays at the door');

  await press(hes, '101 王伯来了');
  await hes.getByText('来了 1，共 2 人').waitFor();
  // It begins: until then nobody has stayed away.
  await hes.getByRole('button', { name: '302 侯叔没来', exact: true }).waitFor({ timeout: 2 * UNTIL_ITS_BEGINNING_MS });
  await keeps(hes, 'the host marks who came');
  await press(hes, '302 侯叔没来');
  await hous.getByText('你报了名没有来').waitFor();
  await keeps(hous, 'who stayed away is asked');
  await press(hous, '我来过的');
  await hous.getByText('办活动的人会看到，可以改过来。').waitFor();
  await hes.getByText('说自己来过').waitFor();
  await press(hes, '302 侯叔没来');
  await at(hous, hou, '/');
  await part(hous, '活动').getByRole('link', { name: /手工课：编竹篮.*等你签 3 分/s }).waitFor();
  await keeps(hous, 'what waits for a signature stands on the first page');
  if ((await hou.query('points')).balance !== 0) throw new Error('charged without a signature');
  await part(hous, '活动').getByRole('link', { name: /手工课：编竹篮/ }).click();
  await press(hous, '签 3 分给街坊基金');
  await hous.getByText('签了 3 分给街坊基金，这件事就过去了。').waitFor();
  await hes.getByText('签了没来的分').waitFor();
  tell('one stays away, says otherwise, is answered, and signs the charge: it goes to the fund');

  await at(chens, chen, '/points/fund');
  await chens.getByRole('link', { name: /谢讲课的老师/ }).click();
  await chens.getByText('来了 1 人', { exact: false }).waitFor();
  await keeps(chens, 'a class to thank for');
  await press(chens, '从基金发 10 分');
  await chens.getByText('这一天已经谢过了').waitFor();
  await li.wait('points', {}, '/balance', 10);
  await chen.do('grant', { member: who['李叔'], act: 'hour', times: 2 }).then(
    () => { throw new Error('the teacher was thanked twice'); },
    (refused) => { if (!/granted-already/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  await keeps(chens, 'thanked once');
  tell('the treasurer has the fund thank the teacher for the hour that was shown, once');

  for (const [seen, household, line] of [[wangs, wang, /街坊基金·参加「手工课：编竹篮」/], [hous, hou, /街坊基金·报了名没来「手工课：编竹篮」/], [lis, li, /帮忙一小时.*·街坊基金/]]) {
    await at(seen, household, '/points');
    await seen.getByRole('button', { name: line }).waitFor();
    await keeps(seen, `the statement says ${line.source}`);
  }
  if ((await chen.query('points')).lines_total !== 0) throw new Error('who cancelled in time has a line');
  await wangs.getByRole('button', { name: /参加「手工课：编竹篮」/ }).click();
  await wangs.getByRole('dialog').getByText('核对无误').waitFor();
  await wangs.getByRole('dialog').getByRole('link', { name: '看这个活动' }).click();
  await wangs.getByRole('heading', { name: '手工课：编竹篮' }).waitFor();
  await he.wait('fund', {}, '/balance', -2);
  const balances = await Promise.all([li, chen, he, wang, hou].map(async (one) => (await one.query('points')).balance));
  const sum = balances.reduce((all, one) => all + one, (await he.query('fund')).balance);
  if (sum !== 0 || balances.join() !== '10,0,0,-5,-3') throw new Error(`the accounts add up to ${sum}: ${balances}`);
  tell('each statement says what for; all accounts add up to zero');

  // Another one is called off: whoever signed up sees it, and nobody pays.
  const { activity } = await he.do('announce_activity', { title: '晨练', starts_at: Date.now() + DAY_MS / 24, hours: 1, to: 'host', cost: 4 });
  const second = { host: place.host, activity };
  await wang.wait('activity', second, '/activity/title', '晨练');
  await at(wangs, wang, `/activities/${second.host}/${activity}`);
  await press(wangs, '我要报名');
  await wangs.getByText('给你留了位子').waitFor();
  await at(hes, he, `/activities/${second.host}/${activity}`);
  await press(hes, '活动不办了');
  await pressInSheet(hes, '活动不办了');
  await hes.getByText('这个活动不办了').waitFor();
  await wangs.getByText('这个活动不办了').waitFor();
  await keeps(wangs, 'it was called off');
  await wang.do('step_on_activity', { ...second, step: 'pay' }).then(
    () => { throw new Error('what was called off was paid'); },
    (refused) => { if (!/activity-closed/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  tell('what is called off costs nobody anything');

  for (const [household, name] of [[he, 'he'], [hou, 'hou']]) {
    await household.ask('export', join(work, `${name}.zip`));
    await household.ask('verify-export', join(work, `${name}.zip`));
  }
  tell('what the host and a guest take along holds');
});
