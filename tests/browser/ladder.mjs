// One ladder that three households have bought together, and a queue of four. Its keeper names the two others, and each of them
// presses the own seal before anybody sees them as owners; one of them borrows it first, for no points. While she has it, four
// stand in line, on their pages and on a calendar, another owner among them. It is kept three days longer because its keeper says
// yes; one gives the place up, one does not come and is passed over, and it goes straight from the first to the next. It comes
// back damaged, entered for the day before. On every device one household has it at a time, until all four have had it.
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
  const there = await browser();
  const [owners, hers, next] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true }), await page(there, { size: 360 })];
  await owners.goto(links.li);
  await hers.goto(links.chen);
  await next.goto(links.he);
  const at = (seen, home, path) => seen.goto(`http://127.0.0.1:${home.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();

  // He posts it, and names with whom he has bought it.
  for (const key of Object.keys(who)) await li.wait('member', { member: who[key] }, '/person/name', names[key][0]);
  await at(owners, li, '/post?side=offer');
  await owners.getByRole('textbox', { name: '我能帮什么' }).fill('两米人字梯');
  await owners.getByRole('button', { name: /大家合买的/ }).click();
  await owners.getByRole('checkbox', { name: '502 陈姨' }).check();
  await owners.getByLabel('找街坊', { exact: false }).fill('林');
  await owners.getByRole('checkbox', { name: '302 林叔' }).check();
  await keeps(owners, 'naming with whom it was bought');
  await owners.getByRole('button', { name: /放在哪里/ }).click();
  await owners.getByLabel('放在哪里，好找').fill('A 架 3 层');
  await press(owners, '盖章，贴出去');
  await owners.getByText('还没盖章').first().waitFor();
  const listing = new URL(owners.url()).pathname.split('/').pop();
  const here = (key) => homes[key].wait('listing', { listing }, '/listing/title', '两米人字梯');
  for (const key of Object.keys(who)) await here(key);
  const owner = (await li.query('me')).person.member;
  const owned = async (home) => (await home.query('listing', { listing, owner })).listing.owners.filter((one) => one.share === 'owns').map((one) => one.who.name).sort();
  if ((await owned(wang)).length > 0) throw new Error('somebody owns it by the word of another');

  // Each of the two finds it in Today and presses the own seal.
  const lins = await page(there, { size: 768 });
  await lins.goto(links.lin);
  await at(hers, chen, '/');
  await hers.getByText('合买的东西等你盖章').waitFor();
  await keeps(hers, 'asked whether it is hers, too');
  await hers.getByRole('link', { name: /两米人字梯/ }).filter({ visible: true }).first().click();
  await hers.getByText('401 李叔 说这是和你合买的').waitFor();
  await keeps(hers, 'what it means to own it together');
  await press(hers, '盖章，是我们合买的');
  await hers.getByText('合买人，本人盖过章').waitFor();
  const place = (key) => [who.chen, who.lin].sort().indexOf(who[key]);
  await wang.wait('listing', { listing, owner }, `/listing/owners/${place('chen')}/share`, 'owns');
  if (String(await owned(wang)) !== '陈姨') throw new Error(`one seal makes these owners: ${await owned(wang)}`);
  await at(owners, li, `/share/${listing}`);
  await owners.getByText('合买：401 李叔、502 陈姨', { exact: true }).waitFor();
  await owners.getByText('还没盖章').waitFor();
  await keeps(owners, 'one owner has not said so yet');
  await at(lins, lin, `/share/${listing}`);
  await press(lins, '盖章，是我们合买的');
  await lins.getByText('借它不用积分', { exact: false }).waitFor();
  for (const home of Object.values(homes)) for (const key of ['chen', 'lin']) await home.wait('listing', { listing, owner }, `/listing/owners/${place(key)}/share`, 'owns');
  const words = { side: 'offer', kind: 'item', mode: 'share', title: '两米人字梯', points: 10, shelf: 'A 架 3 层' };
  const dropped = await li.do('edit_listing', { listing, words: { ...words, owners: [who.lin] } }).then(() => undefined, (error) => String(error.stderr));
  if (!dropped?.includes('owner-stands')) throw new Error(`an owner was dropped: ${dropped}`);
  await li.do('edit_listing', { listing, words: { ...words, owners: [who.chen, who.lin] } });
  await lin.wait('listing', { listing, owner }, '/listing/points', 10);
  await chen.wait('listing', { listing, owner }, '/listing/points', 10);
  for (const key of ['wang', 'he', 'ma']) await homes[key].wait('listing', { listing, owner }, '/listing/points', 10);
  tell('bought together: three own it, each by their own seal, and nobody is dropped');
  const asks = async (home, days) => {
    const { deal } = await home.do('answer', { owner, listing, due_at: Date.now() + days * DAY_MS });
    await li.wait('deal', { deal }, '/deal/stage', 'answered');
    return deal;
  };
  const first = await asks(chen, 3);
  if ((await chen.query('deal', { deal: first })).deal.points !== 0) throw new Error('who owns it, too, pays for it');
  await li.do('agree', { deal: first });
  await chen.wait('deal', { deal: first }, '/deal/stage', 'agreed');
  for (const home of [li, chen]) await home.do('hand_over', { deal: first });
  await he.wait('deal', { deal: first }, '/deal/stage', 'on-loan');
  const second = await asks(wang, 2);
  await he.wait('deal', { deal: second }, '/deal/stage', 'answered');

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
  await hers.getByText('两米人字梯').waitFor();
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
  // She tells him what is broken, with a picture.
  await next.getByRole('link', { name: /哪里坏了，写给.*看/ }).click();
  await next.locator('h2:focus', { hasText: /说几句/ }).waitFor();
  await next.getByRole('textbox', { name: /写给.*的话/ }).fill('最下面一级裂了，对不起');
  await next.locator('input[type=file]').setInputFiles({ name: 'crack.png', mimeType: 'image/png', buffer: await next.screenshot() });
  await next.getByRole('img', { name: '你附的照片' }).waitFor();
  await next.getByRole('button', { name: '发出' }).click();
  await owners.getByText('最下面一级裂了，对不起').waitFor();
  await owners.getByRole('img', { name: '203 何姐附的照片' }).waitFor();
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

  // The two who gave up their place stand in line once more, an owner behind a neighbour, and get it one after the other.
  await li.do('return', { deal: fourth });
  await ma.wait('deal', { deal: fourth }, '/deal/stage', 'done');
  const sixth = await asks(wang, 2);
  const seventh = await asks(lin, 2);
  await lin.wait('deal', { deal: seventh }, '/deal/line/ahead', 1);
  for (const [home, deal] of [[wang, sixth], [lin, seventh]]) {
    await li.do('agree', { deal });
    await home.wait('deal', { deal }, '/deal/stage', 'agreed');
    await li.do('hand_over', { deal });
    await home.wait('deal', { deal }, '/deal/giver_confirmed', true);
    await home.do('hand_over', { deal });
    await li.wait('deal', { deal }, '/deal/stage', 'on-loan');
    for (const one of Object.values(homes)) {
      await one.wait('deal', { deal }, '/deal/stage', 'on-loan');
      const { rows } = await one.query('deals', { all: true, listing });
      const out = rows.filter((row) => row.stage === 'on-loan' && !row.giver_confirmed);
      if (out.length !== 1 || out[0].id !== deal) throw new Error(`${one.name} sees it with ${out.length} households`);
    }
    await home.do('return', { deal });
    await li.wait('deal', { deal }, '/deal/receiver_confirmed', true);
    await li.do('return', { deal });
    await home.wait('deal', { deal }, '/deal/stage', 'done');
  }
  const paid = await Promise.all([third, fourth, sixth, seventh].map(async (deal) => (await li.query('deal', { deal })).deal));
  if (paid.some((deal) => deal.stage !== 'done')) throw new Error(`not all four have had it: ${paid.map((deal) => deal.stage)}`);
  if (String(paid.map((deal) => deal.points)) !== '10,10,10,0') throw new Error(`points: ${paid.map((deal) => deal.points)}`);
  tell('one after the other: four who stood in line have had it, and who owns it, too, paid nothing');

  // What the book beside the shelf would say: everybody who had it, who had it last first, by the days that were entered. A neighbour
  // reads it on the thing's page.
  await at(next, he, `/share/${listing}?owner=${owner}`);
  const book = next.getByRole('region', { name: '以前谁借过' });
  await book.getByText('302 林叔').waitFor();
  const rows = await book.getByText(/^\d{3} /).allTextContents();
  if (String(rows) !== '302 林叔,101 王伯,203 何姐,502 陈姨,604 马乐') throw new Error(`who had it: ${rows}`);
  if ((await book.getByRole('link').count()) !== 1) throw new Error('a deal of others is a link');
  await keeps(next, 'who had it before');
  tell('on the page of the ladder stands who had it, the last one first');

  // She owns it no longer, by her own word.
  await at(hers, chen, `/share/${listing}`);
  await press(hers, '退出合买');
  await hers.getByText('不再是「两米人字梯」的合买人？').waitFor();
  await keeps(hers, 'owning it no longer');
  await hers.getByRole('dialog').getByRole('button', { name: '退出合买', exact: true }).click();
  await at(owners, li, `/share/${listing}`);
  await owners.getByText('合买：401 李叔、302 林叔', { exact: true }).waitFor();
  await ma.wait('listing', { listing, owner }, '/listing/owners/0/who/name', '林叔');
  if (String(await owned(ma)) !== '林叔') throw new Error(`who has left owns it: ${await owned(ma)}`);
  tell('left: who owned it, too, has said that they do no longer');
  const audits = await Promise.all(Object.values(homes).map((home) => home.query('audit')));
  if (audits.some(({ ok }) => !ok)) throw new Error(`an audit finds: ${JSON.stringify(audits)}`);
  tell('damaged and late: what is entered later says so');
});
