// 马乐 has a cupboard to put together: he finds 肖阿姨's tool box, reads what others say of her, calls her because both want that,
// borrows it, brings it back, and reserves it for a day to come. 黄阿姨's tap drips; he can help, comes, and is thanked. Then two want the same drill: 肖阿姨 agrees
// with one on her phone and, where no network reaches, with the other on her tablet. One has it; the other is told.
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, ma, huang, xiao, tablet] = ['li', 'ma', 'huang', 'xiao', 'tablet'].map((name) => new Household(name));
  const links = { li: await li.serve(), ma: await ma.serve(), huang: await huang.serve(), xiao: await xiao.serve(), tablet: await tablet.serve() };
  const ticket = await building(li, { xiao, ma, huang });
  const owner = await lentBefore(xiao, huang);

  const there = await browser();
  const [his, hers, aunts] = [await page(there, { size: 360 }), await page(there, { size: 768 }), await page(there, { size: 360, elder: true })];
  const part = (seen, name) => seen.getByRole('region', { name, exact: typeof name === 'string' });
  const press = (seen, name) => seen.getByRole('button', { name, exact: typeof name === 'string' }).filter({ visible: true }).first().click();
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  await his.goto(links.ma);
  await hers.goto(links.xiao);
  await aunts.goto(links.huang);

  await his.getByRole('link', { name: '共享', exact: true }).filter({ visible: true }).first().click();
  await his.getByRole('textbox', { name: '找东西、找人帮忙、找街坊' }).fill('工具箱');
  await his.getByRole('link', { name: /家用工具箱/ }).first().click();
  await his.getByRole('heading', { name: /家用工具箱/ }).waitFor();
  await his.getByRole('link', { name: /302 肖阿姨/ }).first().click();
  await his.getByRole('heading', { name: '302 肖阿姨' }).waitFor();
  await part(his, '街坊怎么说').getByText('螺丝一颗没少，还教我认型号').waitFor();
  await his.getByRole('button', { name: /^借出又收回的/ }).waitFor();
  await keeps(his, 'what others say of her');
  tell('found: a tool box in the same compound, and whose it is');

  await his.goBack();
  await press(his, '我想借');
  await press(his, '盖章，告诉对方');
  await his.waitForURL(/\/deal\//);
  const deal = new URL(his.url()).pathname.split('/').at(-1);
  await xiao.wait('deal', { deal }, '/deal/stage', 'answered');
  await at(hers, xiao, `/deal/${deal}`);
  await press(hers, /答应.*马乐/);
  await press(hers, '愿意互留电话');
  await hers.getByRole('textbox', { name: '我的电话' }).fill('138 0000 5602');
  await hers.getByRole('dialog').getByRole('button', { name: '愿意，留我的电话' }).click();
  await part(his, '电话').getByText('302 肖阿姨愿意和你互留电话').waitFor();
  await press(his, '愿意，留我的电话');
  await his.getByRole('textbox', { name: '我的电话' }).fill('139 0000 1103');
  await his.getByRole('dialog').getByRole('button', { name: '愿意，留我的电话' }).click();
  const call = part(his, '电话').getByRole('link', { name: /打给302 肖阿姨/ });
  await call.waitFor();
  if ((await call.getAttribute('href')) !== 'tel:13800005602') throw new Error('the link calls somebody else');
  await keeps(his, 'he can call her');
  for (const [who, verb] of [[hers, '我给出去了'], [his, '我拿到了'], [his, /我还了|还了，谢/], [hers, '收回来了']]) await press(who, verb);
  await his.getByText(/两边都盖了章/).first().waitFor();
  await his.getByRole('radio', { name: /5 颗星/ }).click();
  await his.getByRole('textbox', { name: /说一句/ }).fill('工具齐全，人也热心');
  await press(his, '就这么说');
  await hers.getByText('工具齐全，人也热心').first().waitFor();
  await keeps(hers, 'one loan, given and taken back');
  const card = await ma.query('member', { member: owner });
  if (!JSON.stringify(card).includes('工具齐全，人也热心')) throw new Error('her page does not say what he says of her');
  tell('borrowed: called, fetched, brought back, and said so');

  // He needs it again on a day to come. She keeps it for him, and until then whoever brings it back in time may have it.
  const box = (await ma.query('deal', { deal })).deal.listing;
  await at(his, ma, `/share/${box}?owner=${owner}`);
  await his.getByRole('link', { name: /约以后的日子/ }).click();
  await his.getByRole('group', { name: '这一周' }).getByRole('button').nth(5).click();
  await press(his, '约几天');
  await keeps(his, 'asking for a day to come');
  await press(his, '约');
  await part(his, /\d/).getByText('等主人答应').waitFor();
  await at(hers, xiao, '/');
  await hers.getByRole('link', { name: /马乐想约，等你答应/ }).click();
  await press(hers, '答应');
  await part(his, /\d/).getByText('约好了').waitFor();
  await keeps(his, 'a day is kept for him');
  const { rows: kept } = await huang.wait('space', { listing: box, owner }, '/rows/0/stage', 'agreed');
  await at(aunts, huang, `/share/${box}?owner=${owner}`);
  await press(aunts, '我想借');
  const sheet = aunts.getByRole('dialog');
  await sheet.getByRole('alert').filter({ hasText: '起有人约好了，要在那以前还' }).waitFor();
  if (await sheet.getByRole('button', { name: '盖章，告诉对方' }).isEnabled()) throw new Error('it is lent beyond the day that is kept for somebody');
  await keeps(aunts, 'too long, for somebody has reserved it');
  await sheet.getByText('3 天', { exact: true }).click();
  await sheet.getByRole('button', { name: '盖章，告诉对方' }).click();
  await aunts.waitForURL(/\/deal\//);
  const short = aunts.url().split('/').at(-1);
  await xiao.wait('deal', { deal: short }, '/deal/stage', 'answered');
  await xiao.do('agree', { deal: short });
  await huang.wait('deal', { deal: short }, '/deal/stage', 'agreed');
  const longer = await huang.do('step_on_loan', { deal: short, step: 'extend', until: kept[0].ends_at }).then(() => undefined, (error) => String(error.stderr));
  if (!longer?.includes('slot-taken')) throw new Error(`it was lent beyond the day that is kept for somebody: ${longer}`);
  await huang.do('call_off', { deal: short });
  await xiao.wait('deal', { deal: short }, '/deal/stage', 'called-off');
  tell('reserved: a day is kept for him, and until then she may have it for three days, and for no week');

  await aunts.getByRole('link', { name: '我需要', exact: true }).or(aunts.getByRole('button', { name: '我需要', exact: true })).filter({ visible: true }).first().click();
  await aunts.getByRole('textbox', { name: '我需要什么' }).fill('厨房水龙头关不紧，一直滴水，谢 10 分');
  await keeps(aunts, 'her need');
  await press(aunts, '盖章，贴出去');
  await aunts.getByText('盖好章，贴出去了').waitFor();
  await at(his, ma, '/share?side=need');
  await his.getByRole('link', { name: /水龙头关不紧/ }).first().click();
  await press(his, '我可以帮助你');
  await press(his, '盖章，告诉对方');
  await his.waitForURL(/\/deal\//);
  const tap = new URL(his.url()).pathname;
  await huang.wait('deal', { deal: tap.split('/').at(-1) }, '/deal/stage', 'answered');
  await at(aunts, huang, tap);
  await press(aunts, /答应.*马乐/);
  await press(his, '我帮好了');
  await press(aunts, /办好了，谢.*马乐.*10/);
  await his.getByText(/两边都盖了章/).first().waitFor();
  await ma.wait('points', {}, '/balance', 10);
  await keeps(aunts, 'the tap is tight');
  tell('helped: her tap is tight, and ten points say thanks');

  const { device, seal } = await tablet.query('me');
  await tablet.do('further_device', { invitation: ticket, member: owner });
  await tablet.wait('application', {}, '/state', 'sent');
  await xiao.do('link_device', { device, seal });
  await tablet.wait('me', {}, '/person/name', '肖阿姨');
  const { listing } = await xiao.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '冲击钻，带钻头', points: 0 });
  const answered = {};
  for (const [key, who] of Object.entries({ ma, huang })) {
    await who.wait('listing', { listing }, '/listing/id', listing);
    answered[key] = (await who.do('answer', { owner: owner, listing, due_at: Date.now() + 3 * DAY_MS })).deal;
  }
  for (const each of Object.values(answered)) await Promise.all([xiao, tablet].map((who) => who.wait('deal', { deal: each }, '/deal/stage', 'answered')));
  // Nobody who knows of one agreement is there when the other is made.
  await Promise.all([tablet, huang, li].map((one) => one.stop()));
  await at(hers, xiao, `/deal/${answered.ma}`);
  await press(hers, /答应.*马乐/);
  await ma.wait('deal', { deal: answered.ma }, '/deal/stage', 'agreed');
  await Promise.all([xiao, ma].map((one) => one.stop()));
  links.tablet = await tablet.serve(tablet.port);
  await huang.serve(huang.port);
  const pad = await page(there, { size: 1280 });
  await pad.goto(links.tablet);
  await at(pad, tablet, `/deal/${answered.huang}`);
  await press(pad, /答应.*黄阿姨/);
  await huang.wait('deal', { deal: answered.huang }, '/deal/stage', 'agreed');
  tell('apart: her phone has agreed with one, her tablet with the other');

  await Promise.all([xiao, ma, li].map((one) => one.serve(one.port)));
  const [won, lost] = answered.ma < answered.huang ? ['ma', 'huang'] : ['huang', 'ma'];
  const everybody = [li, ma, huang, xiao, tablet];
  await Promise.all(everybody.map((who) => who.wait('deal', { deal: answered[lost] }, '/deal/stage', 'lost')));
  await Promise.all(everybody.map((who) => who.wait('deal', { deal: answered[won] }, '/deal/stage', 'agreed')));
  const seen = { ma: his, huang: aunts };
  const homes = { ma, huang };
  await at(seen[lost], homes[lost], `/deal/${answered[lost]}`);
  await seen[lost].getByText(new RegExp(`这一条让给.*${{ ma: '马乐', huang: '黄阿姨' }[won]}`)).waitFor();
  await seen[lost].getByText(/谁也没有错/).waitFor();
  await keeps(seen[lost], 'who was agreed with second');
  await at(hers, xiao, `/deal/${answered[won]}`);
  await hers.setViewportSize(sizes[1280]);
  await hers.getByRole('button', { name: '我给出去了' }).waitFor();
  await keeps(hers, 'who has the drill');
  for (const who of everybody) {
    const audit = await who.ask('audit');
    if (!audit.ok || audit.ledger_sum !== 0) throw new Error(JSON.stringify(audit));
  }
  tell('together: all say the same, one has the drill, the other is told why');
});

/** Three neighbours let in by the founder; gives the ticket that lets devices in. */
async function building(li, others) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const names = { xiao: ['肖阿姨', '302'], ma: ['马乐', '1103'], huang: ['黄阿姨', '201'] };
  for (const [key, one] of Object.entries(others)) {
    const [name, block] = names[key];
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
  }
  return ticket;
}

/** 黄阿姨 has borrowed the tool box once and said how it was; gives whose it is. */
async function lentBefore(xiao, huang) {
  const { listing } = await xiao.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '家用工具箱，螺丝批扳手都有', points: 0 });
  const owner = (await xiao.query('me')).person.member;
  await huang.wait('listing', { listing }, '/listing/id', listing);
  const { deal } = await huang.do('answer', { owner, listing, due_at: Date.now() + 3 * DAY_MS });
  await xiao.wait('deal', { deal }, '/deal/stage', 'answered');
  await xiao.do('agree', { deal });
  await huang.wait('deal', { deal }, '/deal/stage', 'agreed');
  for (const step of ['hand_over', 'return']) {
    await huang.do(step, { deal });
    await xiao.do(step, { deal });
    await Promise.all([xiao, huang].map((who) => who.wait('deal', { deal }, '/deal/stage', step === 'return' ? 'done' : 'on-loan')));
  }
  await huang.do('review', { deal, stars: 5, text: '螺丝一颗没少，还教我认型号' });
  return owner;
}
