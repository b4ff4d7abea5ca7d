// A council in its browsers: five households, three of them with a page. Some would sit, the founder hands over, a majority signs
// while one household is away, a member is unseated and whom she certified stays, a sleeping lead is led around, and a seat's key
// on paper speaks from another phone.
import { Household, PATIENCE_MS, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const SIGNS = /^(\d{5} ){9}\d{5}$/;
const DIGITS = '纸上的五十个数字';

await story(async (tell) => {
  const [li, chen, ma, hou, wang] = ['li', 'chen', 'ma', 'hou', 'wang'].map((name) => new Household(name));
  const links = [await li.serve(), await chen.serve(), await ma.serve()];
  await hou.serve();
  await wang.serve();
  const who = await building(li, chen, ma, hou, wang);
  const there = await browser();
  const [his, hers, mas] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true }), await page(there, { size: 1280 })];
  await his.goto(links[0]);
  await hers.goto(links[1]);
  await mas.goto(links[2]);
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).click();
  const follow = (seen, name) => seen.getByRole('link', { name, exact: true }).filter({ visible: true }).click();
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const seal = async (seen, words) => {
    await press(seen, words);
    await seen.getByRole('dialog').getByRole('button', { name: words, exact: true }).click();
    await seen.getByRole('heading', { name: '共治委员会', level: 1 }).waitFor();
  };

  await at(hers, chen, '/neighbours');
  await hers.getByRole('link', { name: /共治委员会\s*还在筹建，0 席/ }).click();
  await hers.getByText('还在筹建：由创始人先管').waitFor();
  await hers.getByText('还没有人入席').waitFor();
  await keeps(hers, 'a council that is being founded');
  await follow(hers, '我愿意参加委员会');
  await hers.getByText('五十个数字，只显示一次', { exact: false }).waitFor();
  await keeps(hers, 'would sit');
  await press(hers, '愿意，给我这张纸');
  await signs(hers);
  await keeps(hers, 'the sheet');
  // Whoever would leave without it is asked first.
  await hers.getByRole('link', { name: '返回' }).click();
  await hers.getByRole('dialog').getByText('还没有抄好').waitFor();
  await press(hers, '再看看');
  await hers.getByRole('dialog').waitFor({ state: 'detached' });
  await signs(hers);
  await press(hers, '我抄好了');
  await hers.getByText('说好了，等着请进委员会').waitFor();
  if ((await hers.locator('.signs').count()) > 0) throw new Error('the key on paper is shown again');
  await keeps(hers, 'she stands');
  await at(mas, ma, '/neighbours/council/stand');
  await press(mas, '愿意，给我这张纸');
  const sheet = await signs(mas);
  await onPaper(mas);
  await press(mas, '我抄好了');
  await at(his, li, '/neighbours/council');
  await part(his, '愿意参加的').getByText('502 陈姨').waitFor();
  await part(his, '愿意参加的').getByText('604 小马').waitFor();
  await follow(his, '我愿意参加委员会');
  await press(his, '愿意，给我这张纸');
  await signs(his);
  await press(his, '我抄好了');
  await hou.do('stand');
  await wang.do('stand');
  await stand(li, 5);
  tell('they would sit: five, each with a key on paper that is shown once');

  await follow(his, '回委员会');
  await follow(his, '安排委员会');
  await his.getByText('你是创始人，还在筹建。盖了章马上生效。').waitFor();
  for (const [name, post] of [['401 李叔', '牵头人'], ['502 陈姨', '居民代表'], ['604 小马', '党员代表'], ['706 侯叔', '物业代表'], ['103 王姨', '商家代表']]) {
    await press(his, `请进来：${name}`);
    await his.getByRole('dialog').getByRole('radio', { name: post }).click();
    await press(his, '就这样');
    await his.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await his.getByRole('button', { name: /^审核人/ }).click();
  await keeps(his, 'whom to give a role');
  await his.getByRole('dialog').getByRole('switch', { name: '401 李叔' }).click();
  await press(his, '就这样');
  await his.getByRole('dialog').waitFor({ state: 'detached' });
  await part(his, '会变成这样').getByText('请706 侯叔进委员会，物业代表').waitFor();
  await part(his, '会变成这样').getByText('401 李叔担任审核人').waitFor();
  await keeps(his, 'putting a council together');
  await press(his, '盖章，马上生效');
  await his.getByRole('dialog').getByText('以后再改，5 席里要 3 位签名，你一个人改不了。').waitFor();
  await keeps(his, 'handing over');
  await his.getByRole('dialog').getByRole('button', { name: '盖章，马上生效' }).click();
  await his.getByText('还差 2 席才完整').waitFor();
  await part(his, '谁在委员会').getByText('定一件事，5 席里要 3 位签名。').waitFor();
  await part(his, '谁在委员会').getByRole('link', { name: /401 李叔\s*牵头人·先主持·这台设备的席位/ }).waitFor();
  await keeps(his, 'a council of five');
  await Promise.all([chen, ma, hou, wang].map((one) => one.wait('council', {}, '/seated', true)));
  tell('handed over: five seats with their posts; the page says that two are missing to a whole council');

  await hou.stop();
  await at(hers, chen, '/neighbours/council/draft');
  await hers.getByText('要 3 位签名才算', { exact: false }).waitFor();
  await hers.getByRole('button', { name: /^管账人/ }).click();
  await hers.getByRole('dialog').getByRole('switch', { name: '604 小马' }).click();
  await press(hers, '就这样');
  await hers.getByRole('dialog').waitFor({ state: 'detached' });
  await hers.getByRole('textbox', { name: '盖章之前，最多用几分' }).fill('很多');
  await hers.getByText(/^写 0 到 \d+ 的整数$/).waitFor();
  await keeps(hers, 'a number that is none');
  await hers.getByRole('textbox', { name: '盖章之前，最多用几分' }).fill('80');
  await seal(hers, '盖章，请大家签名');
  const draft = (seen) => part(seen, '等委员会定的').getByRole('article');
  await draft(hers).getByText('604 小马担任管账人').waitFor();
  await draft(hers).getByText('盖章之前能用的，从 100 分改成 80 分').waitFor();
  await draft(hers).getByText('还要 2 位签名').waitFor();
  await keeps(hers, 'her draft');
  await at(his, li, '/');
  await his.getByRole('link', { name: /委员会有一份提议等你看/ }).click();
  await draft(his).getByText('604 小马担任管账人').waitFor();
  await keeps(his, 'a draft that waits for him');
  await press(his, '我同意502 陈姨的提议');
  await draft(his).getByText('还要 1 位签名').waitFor();
  await at(mas, ma, '/neighbours');
  await mas.getByRole('link', { name: /有一份提议等你看/ }).click();
  await keeps(mas, 'a draft at 1280');
  await press(mas, '我同意502 陈姨的提议');
  for (const seen of [his, hers, mas]) {
    await part(seen, '等委员会定的').getByText('没有等着定的事').waitFor();
    await part(seen, '谁担任什么').getByText('604 小马').waitFor();
    await part(seen, '楼里的数').getByText('盖章之前，最多用 80 分').waitFor();
  }
  tell('decided: three of five signed, with one household switched off');

  await hou.serve(hou.port);
  await hou.wait('building', {}, '/charter/quota', 80);
  await follow(mas, '写一份提议');
  await mas.getByRole('button', { name: /^502 陈姨/ }).click();
  await keeps(mas, 'her seat');
  await press(mas, '请出委员会');
  await mas.getByRole('dialog').waitFor({ state: 'detached' });
  await mas.getByRole('button', { name: /^审核人/ }).click();
  await mas.getByRole('dialog').getByRole('switch', { name: '502 陈姨' }).click();
  await press(mas, '就这样');
  await mas.getByRole('dialog').waitFor({ state: 'detached' });
  await part(mas, '会变成这样').getByText('502 陈姨离开委员会').waitFor();
  await keeps(mas, 'unseating somebody');
  await seal(mas, '盖章，请大家签名');
  const out = (await hou.wait('council', {}, '/drafts/0/by/name', '小马')).drafts[0].draft;
  await hou.do('agree_to_draft', { draft: out });
  await at(his, li, '/neighbours/council');
  await press(his, '我同意604 小马的提议');
  await part(his, '谁在委员会').getByText('定一件事，4 席里要 3 位签名。').waitFor();
  await part(hers, '谁在委员会').getByText('定一件事，4 席里要 3 位签名。').waitFor();
  if ((await part(hers, '谁在委员会').getByText('502 陈姨').count()) > 0) throw new Error('she still sits');
  if ((await hers.getByRole('link', { name: '写一份提议' }).count()) > 0) throw new Error('an unseated member is offered to draft');
  await keeps(hers, 'unseated');
  for (const one of [li, ma, hou, wang]) {
    const { verified_by } = await one.wait('member', { member: who.hou }, '/person/name', '侯叔');
    if (verified_by.member !== who.chen) throw new Error(`${one.name}: whom she certified is not a neighbour any more`);
  }
  await hou.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '手推车', points: 0 });
  await li.wait('offers', {}, '/rows/0/owner/name', '侯叔');
  tell('unseated: a member left by the signatures of the others, and whom she let in as a reviewer stays and posts');

  // Only two of four are there, one of them writes and goes to sleep: nothing can move, until another one takes the lead.
  await li.stop();
  await hou.stop();
  const slept = (await wang.do('draft_epoch', { charter: { points_per_hour: 12, credit_line: 100, quota: 80 } })).draft;
  await ma.wait('council', {}, '/drafts/0/draft', slept);
  await wang.stop();
  await press(mas, '我同意103 王姨的提议');
  await draft(mas).getByText('你同意了，轮到时这台设备会自己签').waitFor();
  await draft(mas).getByText('还没轮到').waitFor();
  await li.serve(li.port);
  await hou.serve(hou.port);
  for (const one of [li, hou]) {
    await one.wait('council', {}, '/drafts/0/draft', slept);
    await one.do('agree_to_draft', { draft: slept });
  }
  await keeps(mas, 'nothing moves');
  await press(mas, '由我来主持');
  await part(mas, '楼里的数').getByText('帮一小时，一般谢 12 分').waitFor();
  await part(his, '楼里的数').getByText('帮一小时，一般谢 12 分').waitFor();
  tell('led around: who drafted it sleeps, another seat takes the lead, and three of four decide');

  // Her phone is gone: another device of hers, and the sheet.
  await wang.serve(wang.port);
  const further = new Household('ma2');
  const link = await further.serve();
  const { ticket } = await ma.do('invite', { valid_ms: DAY_MS });
  await further.do('further_device', { invitation: ticket, member: who.ma });
  const { device, seal: sealing } = await further.query('me');
  await ma.do('link_device', { device, seal: sealing });
  await further.wait('me', {}, '/person/name', '小马');
  await Promise.all([li, wang].map((one) => one.wait('member', { member: who.ma }, '/devices', 2)));
  await ma.stop();
  const phone = await page(there, { size: 360 });
  await phone.goto(link);
  await at(phone, further, '/neighbours/council');
  await follow(phone, '我换了手机');
  const digits = phone.getByRole('textbox', { name: DIGITS });
  await digits.fill(`${sheet.slice(0, -1)}${sheet.endsWith('7') ? '8' : '7'}`);
  await phone.getByText(/第 ?10 ?组/).first().waitFor();
  if (await phone.getByRole('button', { name: '用这张纸' }).isEnabled()) throw new Error('a sheet with a digit misread can be used');
  await keeps(phone, 'a sheet with a digit misread');
  await digits.fill(sheet.replaceAll(' ', '-'));
  await press(phone, '用这张纸');
  await phone.getByText('这台设备代表你的席位了').waitFor();
  await keeps(phone, 'the sheet was used');
  await follow(phone, '回委员会');
  await part(phone, '谁在委员会').getByRole('link', { name: /604 小马.*这台设备的席位/s }).waitFor();
  await li.do('draft_epoch', { charter: { points_per_hour: 12, credit_line: 60, quota: 80 } });
  await draft(phone).getByText('604 小马的席位换钥匙').waitFor();
  await press(phone, '我同意401 李叔的提议');
  const last = (await wang.wait('council', {}, '/drafts/0/by/name', '李叔')).drafts[0].draft;
  await wang.do('agree_to_draft', { draft: last });
  await part(phone, '楼里的数').getByText('积分不够时，可以先欠 60 分').waitFor();
  await part(phone, '谁在委员会').getByRole('link', { name: /604 小马.*这台设备的席位/s }).waitFor();
  await keeps(phone, 'signed from another phone');
  tell('from paper: the sheet, typed without its dashes, lets another phone of the member sign');

  await his.setViewportSize(sizes[1280]);
  for (const place of ['/neighbours/council', '/neighbours/council/draft', '/neighbours/council/stand', '/neighbours/council/phone', '/neighbours', `/neighbours/${who.hou}`]) {
    await at(his, li, place);
    await his.getByRole('heading', { level: 1 }).first().waitFor();
    await his.waitForLoadState('networkidle');
    await keeps(his, `${place} at 1280`);
  }
  await his.getByText('按下去是写一份提议，要 3 位委员签名才算。', { exact: false }).waitFor();
  await press(his, '请这位街坊做调解人');
  await his.getByText('写成提议了，等委员会签名').waitFor();
  await keeps(his, 'a role given under a council');
  for (const one of [li, chen, hou, wang, further]) {
    const audit = await one.ask('audit');
    if (!audit.ok) throw new Error(`${one.name}: ${JSON.stringify(audit)}`);
  }
});

/** Five households of one building. 陈姨 is a reviewer and has let 侯叔 in. Gives who they are. */
async function building(li, chen, ma, hou, wang) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const join = async (reviewer, one, name, block, real_name) => {
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name });
    const { rows } = await reviewer.wait('requests', {}, '/rows/0/name', name);
    await reviewer.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
    return (await one.query('me')).person.member;
  };
  const who = { li: (await li.query('me')).person.member };
  who.chen = await join(li, chen, '陈姨', '502', '陈美玲');
  await li.do('set_role', { member: who.chen, role: 'reviewer', held: true });
  await chen.wait('me', {}, '/reviewer', true);
  who.hou = await letIn(li, chen, hou);
  who.ma = await join(li, ma, '小马', '604', '马乐');
  who.wang = await join(li, wang, '王姨', '103', '王慧');
  return who;
}

/** 侯叔 asks, and it is 陈姨 who knows him. */
async function letIn(li, chen, hou) {
  const { ticket } = await chen.do('invite', { valid_ms: DAY_MS });
  await hou.do('apply', { invitation: ticket, name: '侯叔', block: '706', household: '3 栋 706', real_name: '侯志明' });
  const { rows } = await chen.wait('requests', {}, '/rows/0/name', '侯叔');
  await chen.do('approve', { device: rows[0].device });
  await hou.wait('application', {}, '/state', 'approved');
  const { member } = (await hou.query('me')).person;
  await li.wait('requests', {}, '/rows', []);
  return member;
}

/** Waits until a household knows of so many who would sit. */
async function stand(household, least) {
  const waited = await household.query('wait', { query: 'council', args: {}, at: '/stands', least, timeout_ms: PATIENCE_MS });
  if (!waited.met) throw new Error(`fewer than ${least} stand: ${JSON.stringify(waited.result?.stands)}`);
}

/** The fifty digits that a page shows: as they stand there, in groups of five. */
async function signs(seen) {
  await seen.getByText('只显示这一次').waitFor();
  const groups = await seen.locator('.signs li').allTextContents();
  const sheet = groups.join(' ');
  if (!SIGNS.test(sheet)) throw new Error(`not fifty digits: ${sheet}`);
  return sheet;
}

/** On A4 the sheet is one page, and nothing but the sheet. */
async function onPaper(seen) {
  const pdf = await seen.pdf({ preferCSSPageSize: true });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length;
  if (pages !== 1) throw new Error(`the sheet takes ${pages} pages`);
}
