// One ladder and a queue of four: while one household has it, four stand in line, on their pages and on a calendar. It is kept three
// days longer because its owner says yes; one gives the place up, one does not come and is passed over, and it goes straight from
// the first to the next. It comes back damaged, entered for the day before. On every device one household has it at a time.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const names = { li: ['李叔', '401'], chen: ['陈姨', '502'], wang: ['王伯', '101'], he: ['何姐', '203'], ma: ['马乐', '604'], lin: ['林叔', '302'] };
  const homes = Object.fromEntries(Object.keys(names).map((key) => [key, new Household(key)]));
  const links = {};
  for (const [key, home] of Object.entries(homes)) links[key] = await home.serve();
  const { li, chen, wang, he, ma, lin } = homes;
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = {};
  for (const [key, [name, block]] of Object.entries(names).slice(1)) {
    await homes[key].do('apply', { invitation: ticket, name, block, household: `${block} 室`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[key] = (await homes[key].wait('me', {}, '/person/name', name)).person.member;
  }
  const { listing } = await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', points: 0 });
  const here = (key) => homes[key].wait('listing', { listing }, '/listing/title', '人字梯，两米');
  for (const key of Object.keys(who)) await here(key);
  const owner = (await li.query('me')).person.member;
  const asks = async (home, days) => {
    const { deal } = await home.do('answer', { owner, listing, due_at: Date.now() + days * DAY_MS });
    await li.wait('deal', { deal }, '/deal/stage', 'answered');
    return deal;
  };
  const first = await asks(chen, 3);
  await li.do('agree', { deal: first });
  await chen.wait('deal', { deal: first }, '/deal/stage', 'agreed');
  for (const home of [li, chen]) await home.do('hand_over', { deal: first });
  await he.wait('deal', { deal: first }, '/deal/stage', 'on-loan');
  const second = await asks(wang, 2);
  await he.wait('deal', { deal: second }, '/deal/stage', 'answered');

  const there = await browser();
  const [owners, hers, next] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true }), await page(there, { size: 360 })];
  await owners.goto(links.li);
  await hers.goto(links.chen);
  await next.goto(links.he);
  const at = (seen, home, path) => seen.goto(`http://127.0.0.1:${home.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();

  // Who wants what somebody has stands in line, and sees when about the turn comes.
  await at(next, he, `/share/${listing}`);
  await next.getByText('谁在用，谁在等').waitFor();
  await next.getByText('一户街坊').waitFor();
  await press(next, '看日历');
  await keeps(next, 'a thing with its calendar');
  await press(next, '我来排队');
  await next.getByText('借的天数从那天算', { exact: false }).waitFor();
  await keeps(next, 'standing in line');
  await next.getByText('3 天', { exact: true }).first().click();
  await press(next, '盖章，告诉对方');
  await next.getByText('排着队，前面还有 1 户').first().waitFor();
  await keeps(next, 'a place in line');
  const third = new URL(next.url()).pathname.split('/').pop();
  const fourth = await asks(ma, 4);
  const fifth = await asks(lin, 5);
  await lin.wait('deal', { deal: fifth }, '/deal/line/ahead', 3);
  tell('in line: four households, each with one place, and the last one sees three before it');

  // The last one gives the place up.
  const lins = await page(there, { size: 768 });
  await lins.goto(links.lin);
  await at(lins, lin, `/deal/${fifth}`);
  await lins.getByText('排着队，前面还有 3 户').first().waitFor();
  await press(lins, '不排了，让出位置');
  await press(lins, '让出位置');
  await li.wait('deal', { deal: fifth }, '/deal/stage', 'called-off');

  // She would keep it longer; he sees how many wait, and says yes.
  await at(hers, chen, `/deal/${first}`);
  await hers.getByRole('button', { name: /想多借几天/ }).click();
  await keeps(hers, 'asking for a later day');
  await press(hers, '问401 李叔');
  await hers.getByText('你想借到', { exact: false }).first().waitFor();
  await at(owners, li, '/');
  await owners.getByRole('link', { name: /答应续借/ }).first().click();
  await owners.getByText('后面有 3 户在等。').waitFor();
  await keeps(owners, 'a later day is asked for');
  const before = (await chen.query('deal', { deal: first })).deal.due_at;
  await owners.getByRole('button', { name: '答应续借', exact: true }).click();
  await chen.wait('deal', { deal: first }, '/deal/due_at', before + 3 * DAY_MS);
  await he.wait('deal', { deal: first }, '/deal/due_at', before + 3 * DAY_MS);
  await at(hers, chen, '/deal/loans');
  await hers.getByText('我借的').waitFor();
  await hers.getByText('人字梯，两米').waitFor();
  await keeps(hers, 'what she has borrowed, by day');
  tell('extended: both have signed three days more, and everybody in line reads it');

  // The next in line is promised it while it is still out; he does not come, and the one after him has it next.
  await at(owners, li, `/share/${listing}`);
  await owners.getByRole('button', { name: '借给下一家：101 王伯' }).click();
  await wang.wait('deal', { deal: second }, '/deal/behind/who/name', '陈姨');
  await at(owners, li, `/deal/${second}`);
  await owners.getByText('约好了，等502 陈姨还回来').waitFor();
  await owners.getByRole('button', { name: '没来拿？轮到下一家' }).click();
  await owners.getByText('101 王伯没来拿？').waitFor();
  await keeps(owners, 'passing somebody over');
  await press(owners, '轮到下一家');
  await he.wait('deal', { deal: third }, '/deal/stage', 'agreed');
  await wang.wait('deal', { deal: second }, '/deal/stage', 'called-off');
  tell('passed over: who did not come has given up the place, and the next one has it next');

  // It goes straight from her to the next: he says both with one press.
  await at(owners, li, `/deal/${third}`);
  await owners.getByRole('button', { name: '已从502 陈姨转给203 何姐' }).click();
  await he.wait('deal', { deal: third }, '/deal/giver_confirmed', true);
  await at(next, he, `/deal/${third}`);
  await next.getByText('等了几天，还的日子也往后移', { exact: false }).waitFor();
  await keeps(next, 'it comes straight from the one before');
  await press(next, '我拿到了');
  await li.wait('deal', { deal: third }, '/deal/stage', 'on-loan');
  const held = (await he.query('deal', { deal: third })).deal;
  if (held.due_at < before + 3 * DAY_MS) throw new Error('who waited has it no longer than they had asked for at first');
  await at(hers, chen, `/deal/${first}`);
  await press(hers, '我还了');
  await hers.getByText('再借一次').waitFor();
  await li.wait('deal', { deal: first }, '/deal/stage', 'done');
  await keeps(hers, 'a loan that is over');
  for (const home of Object.values(homes)) {
    await home.wait('deal', { deal: third }, '/deal/stage', 'on-loan');
    await home.wait('deal', { deal: first }, '/deal/stage', 'done');
    const { rows } = await home.query('deals', { all: true, listing });
    const out = rows.filter((deal) => deal.stage === 'on-loan' && !deal.giver_confirmed);
    if (out.length !== 1) throw new Error(`${home.name} sees it with ${out.length} households`);
  }
  tell('straight on: one household had it, the next has it, on every device');

  // It came back damaged: she says so, he has found the same.
  await next.getByRole('button', { name: /补记，或者说说东西怎么样/ }).click();
  await next.getByText('弄坏了', { exact: true }).click();
  await next.getByText('怎么坏的', { exact: false }).waitFor();
  await keeps(next, 'how it comes back');
  await press(next, '就这样记');
  await li.wait('deal', { deal: third }, '/deal/brought', 'damaged');
  await at(owners, li, `/deal/${third}`);
  await owners.getByText('203 何姐说：弄坏了').waitFor();
  await press(owners, '收回来了');
  await he.wait('deal', { deal: third }, '/deal/stage', 'done');
  await owners.getByText('分数不对？').waitFor();
  await keeps(owners, 'damaged: the two agree on points, or ask a mediator');

  // He lends it to the last one, and a week later both say that it was the day before yesterday.
  await li.do('agree', { deal: fourth });
  await ma.wait('deal', { deal: fourth }, '/deal/stage', 'agreed');
  const late = await li.do('step_on_loan', { deal: fourth, step: 'hand-over', on: Date.now() - 2 * DAY_MS }).then(() => undefined, (error) => String(error.stderr));
  if (!late?.includes('day-outside')) throw new Error(`a hand-over before its answer was entered: ${late}`);
  for (const home of [li, ma]) await home.do('hand_over', { deal: fourth });
  await li.wait('deal', { deal: fourth }, '/deal/stage', 'on-loan');
  const answered = (await ma.query('deal', { deal: fourth })).deal.answered_at;
  await ma.do('step_on_loan', { deal: fourth, step: 'return', on: answered, condition: 'good' });
  await li.wait('deal', { deal: fourth }, '/deal/receiver_confirmed', true);
  await at(owners, li, `/deal/${fourth}`);
  await owners.getByRole('button', { name: /步/ }).first().click();
  await owners.getByText('后来补记', { exact: false }).waitFor();
  await keeps(owners, 'entered late');
  const audits = await Promise.all(Object.values(homes).map((home) => home.query('audit')));
  if (audits.some(({ ok }) => !ok)) throw new Error(`an audit finds: ${JSON.stringify(audits)}`);
  tell('damaged and late: what is entered later says so');
});
