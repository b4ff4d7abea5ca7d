// The hall: a resident asks the officials about the lift, and a neighbour replies. The official, whom two reviewers have vouched for,
// finds it in the own inbox, takes it up and answers; the resident says "not yet", it is answered again, and solved. A third household
// reads the whole of it, with the times. A complaint to the property firm is answered by the firm. All through the pages.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const names = ['li', 'wang', 'chen', 'he', 'zhou', 'firm'];
  const [li, wang, chen, he, zhou, firm] = names.map((name) => new Household(name));
  const links = {};
  for (const one of [li, wang, chen, he, zhou, firm]) links[one.name] = await one.serve();
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = {};
  const all = [[wang, '王伯', '101', 'person'], [chen, '陈姨', '502', 'person'], [he, '何姐', '603', 'person'], [zhou, '周干事', '204', 'person'], [firm, '安居物业', '', 'property-firm']];
  for (const [household, name, block, kind] of all) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block || '门口'} 室`, real_name: name, kind });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
    await li.wait('member', { member: who[name] }, '/person/name', name);
  }
  await li.do('set_role', { member: who['王伯'], role: 'reviewer', held: true });
  await wang.wait('me', {}, '/reviewer', true);
  await wang.wait('member', { member: who['周干事'] }, '/person/name', '周干事');
  for (const reviewer of [li, wang]) await reviewer.do('vouch', { member: who['周干事'], capacity: 'official', opinion: 'for' });
  for (const household of [chen, he, zhou, firm]) {
    await household.wait('members', {}, '/rows/5/kind', 'person');
    await household.wait('member', { member: who['周干事'] }, '/capacities/0/stands', true);
  }

  const there = await browser();
  const seen = {
    chen: await page(there, { size: 360 }), he: await page(there, { size: 768 }), zhou: await page(there, { size: 1280, theme: 'dark' }),
    firm: await page(there, { size: 360, elder: true }), wang: await page(there, { size: 1280 }),
  };
  for (const [name, one] of Object.entries(seen)) await one.goto(links[name]);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const hall = (seen) => seen.getByRole('link', { name: /^议事/ }).filter({ visible: true }).first().click();
  const read = (seen, text) => seen.getByText(text).filter({ visible: true }).first().waitFor();
  const LIFT = '3 栋电梯停了两天，几时能修好？';

  // A resident asks the officials.
  await hall(seen.chen);
  await read(seen.chen, '还没有人提过什么');
  await keeps(seen.chen, 'an empty hall');
  await seen.chen.getByRole('link', { name: '提一件事' }).click();
  await seen.chen.getByRole('radio', { name: '提问' }).click();
  await seen.chen.getByRole('textbox', { name: '想说什么' }).fill(LIFT);
  await seen.chen.getByRole('radio', { name: /网格员和居委会.*周干事/ }).click();
  await keeps(seen.chen, 'the form');
  await press(seen.chen, '提出来');
  await read(seen.chen, '还没有人说过');
  await read(seen.chen, '等受理');
  await keeps(seen.chen, 'asked');
  tell('a resident asks the officials about the lift');

  // A neighbour replies; that answers nothing.
  await hall(seen.he);
  await seen.he.getByRole('link', { name: LIFT }).click();
  if ((await seen.he.getByRole('button', { name: '受理，我来跟进' }).count()) > 0) throw new Error('a neighbour could take it up');
  await seen.he.getByRole('textbox', { name: '以街坊的身份回应' }).fill('我早上也被关在里面十分钟。');
  await press(seen.he, '回应');
  await read(seen.he, '街坊回应');
  await keeps(seen.he, 'a neighbour replies');
  await read(seen.chen, '我早上也被关在里面十分钟。');
  await read(seen.chen, '等受理');
  await he.query('matters', { show: 'to-me' }).then(({ total }) => { if (total !== 0) throw new Error('it waits for a neighbour'); });
  tell('a neighbour replies, and it still waits');

  // The official finds it where it waits for them, takes it up, and answers.
  const inbox = seen.zhou.getByRole('link', { name: /^议事\s*1$/ });
  await inbox.waitFor();
  await read(seen.zhou, '等你答复');
  await keeps(seen.zhou, 'the official is told on the first page');
  await inbox.click();
  await seen.zhou.getByRole('radio', { name: '等你答 1' }).click();
  await seen.zhou.getByRole('link', { name: LIFT }).click();
  await press(seen.zhou, '受理，我来跟进');
  await seen.zhou.getByRole('button', { name: '受理，我来跟进' }).waitFor({ state: 'detached' });
  await read(seen.chen, '已受理');
  await read(seen.chen, '受理了');
  await seen.zhou.getByRole('textbox', { name: '答复' }).fill('已经报修，师傅今天下午到。');
  await keeps(seen.zhou, 'the official answers');
  await press(seen.zhou, '答复');
  await read(seen.chen, '已经报修，师傅今天下午到。');
  await seen.chen.getByRole('link', { name: /周干事.*网格员或居委会/ }).first().waitFor();
  await seen.zhou.getByRole('link', { name: /^议事$/ }).waitFor();
  tell('the official takes it up from the own inbox and answers');

  // The resident is told, and says "not yet": it is open again and back in the inbox.
  await keeps(seen.chen, 'answered, and the asker judges');
  await seen.chen.getByRole('link', { name: '首页' }).click();
  await seen.chen.getByRole('link', { name: /电梯停了两天.*解决了吗/ }).click();
  await press(seen.chen, '还没有');
  await seen.chen.getByRole('dialog').getByRole('textbox').fill('师傅没有来，还停着。');
  await keeps(seen.chen, 'not yet is asked');
  await seen.chen.getByRole('dialog').getByRole('button', { name: '重新打开' }).click();
  await read(seen.chen, '说还没有解决');
  await read(seen.chen, /提的人说过 1 次还没有解决/);
  await inbox.waitFor();
  await read(seen.zhou, '师傅没有来，还停着。');
  await seen.zhou.getByRole('textbox', { name: '答复' }).fill('配件到了，晚上六点前恢复。');
  await press(seen.zhou, '答复');
  await read(seen.chen, '配件到了，晚上六点前恢复。');
  await press(seen.chen, '解决了');
  await seen.chen.getByRole('dialog').getByRole('textbox').fill('能坐了，谢谢。');
  await seen.chen.getByRole('dialog').getByRole('button', { name: '解决了' }).click();
  await read(seen.chen, '说解决了');
  await keeps(seen.chen, 'solved');
  tell('not yet opens it again; a second answer, and solved');

  // A third household sees the whole of it, in order, and when each step came.
  await hall(seen.wang);
  await read(seen.wang, /有答复的事，一半在1分钟以内/);
  await seen.wang.getByRole('radio', { name: '已解决' }).click();
  await seen.wang.getByRole('link', { name: LIFT }).click();
  await read(seen.wang, '能坐了，谢谢。');
  const turns = await seen.wang.locator('.turn .said').allTextContents();
  const wanted = ['街坊回应', '受理了', '答复', '说还没有解决', '答复', '说解决了'];
  if (turns.join() !== wanted.join()) throw new Error(`another order: ${turns.join()}`);
  const steps = await seen.wang.locator('.matter ol li.done time').count();
  if (steps !== 4) throw new Error(`${steps} of four steps have a time`);
  if ((await seen.wang.getByRole('button', { name: /解决了|还没有/ }).count()) > 0) throw new Error('somebody else could judge it');
  await keeps(seen.wang, 'the whole of it');
  await seen.wang.getByRole('link', { name: /周干事.*网格员或居委会/ }).first().click();
  await seen.wang.getByRole('button', { name: /李叔确认的/ }).waitFor();
  tell('a third household reads the whole of it with the times, and who vouches for the official');

  // A complaint to the property firm, answered by the firm in the elder version; a suggestion to one neighbour.
  const NOISE = '垃圾房的门晚上十一点还在响，睡不着。';
  await hall(seen.he);
  await seen.he.getByRole('link', { name: '提一件事' }).click();
  await seen.he.getByRole('radio', { name: '投诉' }).click();
  await seen.he.getByRole('textbox', { name: '想说什么' }).fill(NOISE);
  await seen.he.getByRole('radio', { name: /物业公司.*安居物业/ }).click();
  await press(seen.he, '提出来');
  await read(seen.he, '提给物业公司');
  await seen.firm.getByRole('link', { name: /^议事\s*1$/ }).click();
  await keeps(seen.firm, 'the firm’s inbox, elder version');
  await seen.firm.getByRole('link', { name: NOISE }).click();
  await seen.firm.getByRole('textbox', { name: '答复' }).fill('今晚起九点锁门，门轴也上了油。');
  await keeps(seen.firm, 'the firm answers, elder version');
  await press(seen.firm, '答复');
  await read(seen.he, '今晚起九点锁门，门轴也上了油。');
  await seen.he.getByRole('link', { name: /安居物业.*物业公司/ }).first().waitFor();
  await press(seen.he, '解决了');
  await seen.he.getByRole('dialog').getByRole('button', { name: '解决了' }).click();
  await read(seen.he, '说解决了');
  tell('a complaint to the property firm is answered by the firm');

  // A suggestion to one neighbour, from their page: nobody else need speak for the building.
  const BENCH = '榕树下可以添一张长凳。';
  await seen.chen.goto(`http://127.0.0.1:${chen.port}/neighbours/${who['何姐']}`);
  await seen.chen.getByRole('link', { name: '有事问这位街坊' }).click();
  await seen.chen.getByRole('radio', { name: '建议' }).click();
  await seen.chen.getByRole('textbox', { name: '想说什么' }).fill(BENCH);
  await press(seen.chen, '提出来');
  await read(seen.chen, /提给.*何姐/);
  await seen.he.getByRole('link', { name: /^议事\s*1$/ }).click();
  await seen.he.getByRole('link', { name: BENCH }).click();
  await press(seen.he, '受理，我来跟进');
  await read(seen.chen, '已受理');
  await seen.chen.getByRole('link', { name: /何姐.*被问到的街坊/ }).waitFor();
  // Only its asker takes it out of sight.
  await press(seen.chen, '收回这件事');
  await keeps(seen.chen, 'taking it back is asked');
  await seen.chen.getByRole('dialog').getByRole('button', { name: '收回这件事' }).click();
  await read(seen.chen, '收回了');
  await seen.he.getByText('这里没有这件事').filter({ visible: true }).first().waitFor();
  tell('a suggestion to one neighbour is taken up, and taken back by its asker alone');

  // The replicas agree on all of it.
  const projections = await Promise.all([chen, he, zhou, firm, wang].map((one) => one.query('status').then(({ projection }) => projection)));
  if (new Set(projections).size !== 1) throw new Error('the households disagree');
});
