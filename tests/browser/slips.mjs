// Thanks on paper, in the browsers: blank slips come out of the printer; the desk enters one, its payer pays it on her own phone, and
// no second desk enters it again; what was misread stands as two, of which she pays the right one; what is not hers she says so.
// And an old neighbour without a phone gets a card at the desk, is certified, receives points, pays a slip and gives some on, with
// card and PIN and a volunteer's help.
import { join } from 'node:path';
import { Household, browser, keeps, page, story, work } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, desk, chen, he, xiao] = ['li', 'desk', 'chen', 'he', 'xiao'].map((name) => new Household(name));
  const links = [await li.serve(), await desk.serve(), await chen.serve(), await he.serve(), await xiao.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { 李叔: (await li.query('me')).person.member };
  const newcomers = [[desk, '小屋台机', '', 'desk'], [chen, '陈姨', '502', 'person'], [he, '何姐', '603', 'person'], [xiao, '肖阿姨', '302', 'person']];
  for (const [household, name, block, kind] of newcomers) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block || '小屋'} 室`, real_name: name, kind });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
    await li.wait('member', { member: who[name] }, '/person/name', name);
  }
  await li.do('set_role', { member: who['陈姨'], role: 'volunteer', held: true });
  for (const household of [desk, chen, he, xiao]) await household.wait('members', {}, '/rows/4/since', (await li.query('members')).rows[4].since);
  await chen.wait('slips', {}, '/may_enter', true);

  const there = await browser();
  const [lis, desks, chens, hes, xiaos] = [
    await page(there, { size: 768 }), await page(there, { size: 1280 }), await page(there, { size: 768, theme: 'dark' }),
    await page(there, { size: 360, elder: true }), await page(there, { size: 360 }),
  ];
  for (const [at, seen] of [lis, desks, chens, hes, xiaos].entries()) await seen.goto(links[at]);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).click();
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });

  await at(hes, he, '/points');
  await hes.getByRole('link', { name: /谢条\s*用纸道谢/ }).click();
  await hes.getByText('还没有谢条').waitFor();
  await keeps(hes, 'no slips yet');
  await at(desks, desk, '/points/slips/print');
  await desks.getByLabel('印几页').fill('99');
  await desks.getByText('写一个 1 到 20 的数').waitFor();
  await desks.getByLabel('印几页').fill('1');
  await desks.getByText('一页四张，共 4 张').waitFor();
  await keeps(desks, 'slips to print');
  const numbers = await printed(desks);
  if (numbers.length !== 4 || new Set(numbers).size !== 4 || !numbers.every((number) => /^\d{5} \d{5} \d{5}$/.test(number))) throw new Error(`the printer gets ${numbers}`);
  tell('four blank slips come out of the printer, each with a number of its own and a stub');

  // A slip of the pen, another building's paper, and the slip as it is.
  const [first, second] = numbers;
  await at(desks, desk, '/points/slips');
  await desks.getByRole('link', { name: '录一张谢条' }).click();
  const wrong = first.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
  await fill(desks, { number: wrong, payer: '603 何姐', payee: '302 肖阿姨', points: '10' });
  await press(desks, '录进来');
  await desks.getByText('第 3 组数字抄错了').waitFor();
  await keeps(desks, 'a wrong digit');
  await desks.getByLabel('谢谁').selectOption({ label: '603 何姐' });
  await desks.getByText('谢的要是另一位').waitFor();
  await fill(desks, { number: first, payer: '603 何姐', payee: '302 肖阿姨', points: '10' });
  await press(desks, '录进来');
  await desks.getByText('603 何姐的手机上会看到').waitFor();
  await keeps(desks, 'entered');
  if ((await xiao.query('points')).balance !== 0) throw new Error('a slip that was entered is no payment');
  tell('the desk enters it; a wrong digit is told at once, and nothing moves yet');

  await at(hes, he, '/points');
  await hes.getByRole('link', { name: /谢条\s*有 1 张等你看/ }).click();
  await hes.getByText('你谢302 肖阿姨 10 分？').waitFor();
  await hes.getByText(/小屋台机录进来的/).waitFor();
  await keeps(hes, 'a slip of hers');
  await press(hes, '付 10 分');
  await xiao.wait('points', {}, '/balance', 10);
  await part(hes, '录过的').getByText('付了，收下了').waitFor();
  await keeps(hes, 'paid');
  await at(xiaos, xiao, '/points');
  await xiaos.getByRole('button', { name: new RegExp(`603 何姐谢你·谢条 ${first}`) }).click();
  await xiaos.getByRole('dialog').getByText('核对无误').waitFor();
  await keeps(xiaos, 'the proof of a slip that was paid');
  tell('its payer pays it on her own phone, and both statements name the slip');

  await chen.wait('slips', {}, '/rows/0/state', 'paid');
  await at(chens, chen, '/points/slips/enter');
  await fill(chens, { number: first.replaceAll(' ', ''), payer: '603 何姐', payee: '302 肖阿姨', points: '10' });
  await press(chens, '录进来');
  await chens.getByText('这个号码的谢条已经录过了').waitFor();
  await keeps(chens, 'entered at a second desk');
  tell('a second desk does not enter it again');

  // Read in two ways while the two desks were apart.
  await chen.kill();
  await desk.do('enter_slip', { number: second, payer: who['何姐'], payee: who['肖阿姨'], points: 70 });
  await he.wait('slips', {}, '/waiting/0/points', 70);
  await desk.kill();
  await li.kill();
  await he.kill();
  await xiao.kill();
  await chen.serve(chen.port);
  await chen.do('enter_slip', { number: second, payer: who['何姐'], payee: who['肖阿姨'], points: 7 });
  await he.serve(he.port);
  await xiao.serve(xiao.port);
  await he.wait('slips', {}, '/waiting/1/conflict', true);
  await xiao.wait('slips', {}, '/rows/1/conflict', true);
  await hes.goto((await he.ask('open')).link);
  await at(hes, he, '/points/slips');
  await hes.getByText('你谢302 肖阿姨 7 分？').waitFor();
  await hes.getByText('同一个号码，录了不一样的').first().waitFor();
  await keeps(hes, 'two that do not agree');
  await hes.getByRole('article').filter({ hasText: '70 分？' }).getByRole('button', { name: '不是我的' }).click();
  await hes.getByRole('dialog').getByText('录它的人会看到', { exact: false }).waitFor();
  await keeps(hes, 'it is not hers');
  await hes.getByRole('dialog').getByRole('button', { name: '不是我的' }).click();
  await hes.getByRole('button', { name: '付 70 分' }).waitFor({ state: 'detached' });
  await press(hes, '付 7 分');
  await xiao.wait('points', {}, '/balance', 17);
  await desk.serve(desk.port);
  await li.serve(li.port);
  await desk.wait('points', {}, '/balance', 0);
  const states = async () => (await desk.query('slips')).rows.map((row) => row.state).sort().join();
  while ((await states()) !== 'paid,paid,replaced') await desk.ask('query', 'wait', JSON.stringify({ tags: ['points'], timeout_ms: 20_000 }));
  await desks.goto((await desk.ask('open')).link);
  await at(desks, desk, '/points/slips');
  await part(desks, '录过的').getByText('付的是另一份').waitFor();
  await keeps(desks, 'the desk sees how each stands');
  await at(lis, li, '/points/slips/enter');
  tell('two desks read one slip in two ways: she pays the right one, and both desks see it');

  await he.do('pay_slip', { slip: (await he.query('slips')).rows[0].slip }).then(
    () => { throw new Error('a slip was paid twice'); },
    (refused) => { if (!/slip-paid/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  tell('what is paid is not paid again');

  // Somebody without a phone.
  await at(desks, desk, '/points');
  await desks.getByRole('link', { name: /没有手机的街坊/ }).click();
  await desks.getByText('还没有办过卡').waitFor();
  await keeps(desks, 'no cards yet');
  await at(xiaos, xiao, '/points/cards');
  await xiaos.getByText('这一步要在小屋的台机上做').waitFor();
  await desks.getByRole('link', { name: '办一张卡' }).click();
  await desks.getByLabel('街坊怎么称呼').fill('梁阿婆');
  await desks.getByLabel('几栋').fill('5栋');
  await desks.getByLabel('哪一户').fill('5栋 101');
  await desks.getByLabel('真名').fill('梁秀英');
  await desks.getByLabel('密码', { exact: true }).fill('2580');
  await desks.getByLabel('再输一次密码').fill('2508');
  await desks.getByText('两次输得不一样').waitFor();
  await keeps(desks, 'a card is filled in');
  await desks.getByLabel('再输一次密码').fill('2580');
  if (await desks.getByRole('button', { name: '办卡，送给审核人核实' }).isEnabled()) throw new Error('a child can have a card');
  await desks.getByRole('switch', { name: '本人满 14 岁了' }).click();
  await press(desks, '办卡，送给审核人核实');
  await desks.getByText('只显示这一次').waitFor();
  await keeps(desks, 'the card, once');
  const digits = await desks.locator('.paper .digits').evaluate((list) => [...list.children].map((group) => group.textContent.trim()).join(' '));
  if (!/^(\d{5} ){9}\d{5}$/.test(digits)) throw new Error(`a card says ${digits}`);
  const { rows: asked } = await li.wait('requests', {}, '/rows/0/name', '梁阿婆');
  await li.do('approve', { device: asked[0].device });
  await at(desks, desk, '/points/cards');
  await desks.getByText('核实了，等本人来一趟').waitFor();
  await keeps(desks, 'certified');
  tell('a neighbour without a phone gets a card, and a reviewer certifies her as anybody else');

  await visit(desks, '1111');
  await desks.getByText('密码不对').waitFor();
  await keeps(desks, 'a wrong PIN');
  await desks.getByLabel('本人的密码').fill('2580');
  await press(desks, '打开');
  await desks.getByText('502 陈姨在旁边帮忙').waitFor();
  await keeps(desks, 'her account is opened');
  await press(desks, '办好了，合上');
  await desks.getByLabel('卡上的五十个数字').waitFor();
  const liang = (await desk.query('cards')).rows[0].person.member;
  await he.wait('member', { member: liang }, '/person/name', '梁阿婆');
  await he.do('give', { to: liang, points: 20 });
  await desk.wait('cards', {}, '/rows/0/waiting', 1);
  await at(desks, desk, '/points/cards');
  await desks.getByText('有 1 笔等着收').waitFor();
  await visit(desks, '2580');
  await part(desks, '账上').getByText('在小屋台机，502 陈姨帮忙').waitFor();
  await keeps(desks, 'what waited was taken');
  await he.wait('points', {}, '/balance', -37);
  tell('she receives points at her next visit; a wrong PIN opens nothing');

  await chen.do('enter_slip', { number: numbers[2], payer: liang, payee: who['肖阿姨'], points: 6 });
  await desk.wait('cards', {}, '/rows/0/slips', 1);
  await press(desks, '办好了，合上');
  await visit(desks, '2580');
  await part(desks, '等本人看的谢条').getByText('你谢302 肖阿姨 6 分？').waitFor();
  await keeps(desks, 'a slip of hers at the desk');
  await press(desks, '付 6 分');
  await xiao.wait('points', {}, '/balance', 23);
  await part(desks, '等本人看的谢条').waitFor({ state: 'detached' });
  await desks.getByLabel('谢谁').selectOption({ label: '603 何姐' });
  await desks.getByLabel('谢几分').fill('3');
  await press(desks, '给 3 分');
  await desks.getByText('给了603 何姐 3 分').waitFor();
  await he.wait('points', {}, '/balance', -34);
  await desks.getByRole('button', { name: /谢603 何姐/ }).click();
  await desks.getByRole('dialog').getByText('核对无误').waitFor();
  await keeps(desks, 'the proof of what she gave');
  await xiaos.goto(`http://127.0.0.1:${xiao.port}/points`);
  await xiaos.getByRole('button', { name: new RegExp(`梁阿婆谢你·谢条 ${numbers[2]}`) }).waitFor();
  tell('she pays a slip and thanks somebody with card and PIN, and each line says who has helped');

  for (const household of [he, xiao, desk]) {
    await household.ask('export', join(work, `${household.name}.zip`));
    await household.ask('verify-export', join(work, `${household.name}.zip`));
  }
  tell('what was paid on paper is taken along and holds');

  /** Somebody comes to the desk with the card. */
  async function visit(seen, pin) {
    await at(seen, desk, '/points/cards/visit');
    await seen.getByLabel('谁在旁边帮忙').selectOption({ label: '502 陈姨' });
    await seen.getByLabel('卡上的五十个数字').fill(digits);
    await seen.getByLabel('本人的密码').fill(pin);
    await press(seen, '打开');
  }

  /** Fills in what stands on a slip. */
  async function fill(seen, slip) {
    await seen.getByLabel('谢条上的号码').fill(slip.number);
    await seen.getByLabel('谁写的（付的人）').selectOption({ label: slip.payer });
    await seen.getByLabel('谢谁').selectOption({ label: slip.payee });
    await seen.getByLabel('谢几分').fill(slip.points);
  }

  /** The numbers that the printer gets to see. */
  async function printed(seen) {
    await seen.emulateMedia({ media: 'print' });
    const shown = await seen.locator('.main .no').filter({ visible: true }).evaluateAll((all) => all.map((one) => one.lastChild.textContent.trim()));
    await seen.emulateMedia({ media: 'screen' });
    return shown;
  }
});
