// A tenant moves out. 小马 has a ladder from 陈姨 to bring back and points to give away; she says which day she goes, takes it back, goes,
// and erases what she wrote. 何姐 was off all the while, and comes back with 小马's words on her disk. Then two reviewers note that
// 何姐 is away, and she comes back. 陈姨 uses the elder version.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen, ma, he] = ['li', 'chen', 'ma', 'he'].map((name) => new Household(name));
  const [liLink, chenLink, maLink] = [await li.serve(), await chen.serve(), await ma.serve()];
  await he.serve();
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  for (const [who, name, block] of [[chen, '陈姨', '502'], [ma, '小马', '604'], [he, '何姐', '706']]) {
    await who.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await who.wait('application', {}, '/state', 'approved');
  }
  const id = async (who) => (await who.query('me')).person.member;
  const [chenId, maId, heId] = [await id(chen), await id(ma), await id(he)];
  await li.do('set_role', { member: chenId, role: 'reviewer', held: true });
  const { listing: ladder } = await chen.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', points: 0 });
  const { listing: sewing } = await ma.do('post', { side: 'offer', kind: 'skill', title: '会改裤脚', points: 5 });
  await ma.wait('listing', { listing: ladder }, '/listing/id', ladder);
  const { deal } = await ma.do('answer', { owner: chenId, listing: ladder, due_at: Date.now() + 3 * DAY_MS });
  await chen.wait('deal', { deal }, '/deal/stage', 'answered');
  await chen.do('agree', { deal });
  for (const who of [chen, ma]) {
    await who.wait('deal', { deal }, '/deal/stage', 'agreed');
    await who.do('hand_over', { deal });
  }
  await Promise.all([ma, li, he].map((who) => who.wait('deal', { deal }, '/deal/stage', 'on-loan')));
  await chen.do('give', { to: maId, points: 12 });
  await ma.wait('points', {}, '/balance', 12);
  await Promise.all([li, he, chen].map((who) => who.wait('listing', { listing: sewing }, '/listing/title', '会改裤脚')));
  // 何姐 goes on a journey, and her computer with everything on it is off.
  await he.stop();

  const there = await browser();
  const [his, hers, tenant] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true }), await page(there, { size: 360 })];
  const go = (seen, name) => seen.getByRole('link', { name }).filter({ visible: true }).first().click();
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const yes = (seen, name) => seen.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });
  await his.goto(liLink);
  await hers.goto(chenLink);
  await tenant.goto(maLink);

  // The founder cannot leave the building without anybody who decides.
  await his.goto(new URL('/me/leave', liLink).href);
  await his.getByText('现在还不能走：楼里的事由你一个人定').waitFor();
  await keeps(his, 'the founder would leave');
  tell('held: who decides alone is told to hand over first');

  await go(tenant, /^我的$/);
  await go(tenant, /我要搬走/);
  await part(tenant, '没办完的').getByText('人字梯，两米').waitFor();
  await part(tenant, '积分').getByText('你有 12 分').waitFor();
  if (await tenant.getByRole('button', { name: '现在就搬走' }).isEnabled()) throw new Error('she could go with the ladder');
  await keeps(tenant, 'what is still open');
  const day = new Date(Date.now() + 5 * DAY_MS);
  const said = `${day.getMonth() + 1}月${day.getDate()}日`;
  await tenant.getByLabel('住到哪一天').fill([day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-'));
  await press(tenant, '告诉街坊');
  await part(tenant, '哪天搬').getByText(`说好了：住到${said}`).waitFor();
  await keeps(tenant, 'the day is said');
  await hers.goto(new URL(`/neighbours/${maId}`, chenLink).href);
  await hers.getByText(`住到${said}，之后搬走`).waitFor();
  await keeps(hers, 'her neighbour will move out');
  await press(tenant, '不搬了');
  await tenant.getByLabel('住到哪一天').waitFor();
  await hers.getByText(`住到${said}，之后搬走`).waitFor({ state: 'detached' });
  tell('said and taken back: neighbours see the day, and no longer');

  // The ladder goes back, the points to 陈姨.
  await part(tenant, '没办完的').getByRole('link', { name: /^我来还了/ }).click();
  await tenant.waitForURL(/\/deal\//);
  await press(tenant, '我还了');
  await hers.goto(new URL(`/deal/${deal}`, chenLink).href);
  await press(hers, '收回来了');
  await ma.wait('deal', { deal }, '/deal/stage', 'done');
  await tenant.goto(new URL('/me/leave', maLink).href);
  await tenant.getByText('没有借着的东西，也没有答应了还没办的事').waitFor();
  await go(tenant, /送给街坊/);
  await go(tenant, /502 陈姨/);
  await tenant.getByRole('textbox', { name: '别的数' }).fill('12');
  await press(tenant, '下一步');
  await press(tenant, '盖章谢 12 分');
  await chen.wait('points', {}, '/balance', 0);
  await tenant.goto(new URL('/me/leave', maLink).href);
  await part(tenant, '积分').getByText('你有 0 分').waitFor();
  await keeps(tenant, 'all settled');
  await press(tenant, '现在就搬走');
  await keeps(tenant, 'asked before she goes');
  await yes(tenant, '搬走');
  await tenant.getByText('你已经搬走了').first().waitFor();
  await keeps(tenant, 'she has moved out');
  await hers.goto(new URL(`/neighbours/${maId}`, chenLink).href);
  await hers.getByRole('heading', { name: '604 小马（已搬走）' }).waitFor();
  await hers.getByText('已经搬走了').waitFor();
  await keeps(hers, 'her neighbour has moved out');
  await li.wait('offers', { text: '会改裤脚' }, '/total', 0);
  await refused(li.do('answer', { owner: maId, listing: sewing }), 'listing-closed', 'has-left');
  await refused(ma.do('post', { side: 'offer', kind: 'skill', title: '还想写一条' }), 'you-left');
  tell('moved out: the loan ended first, the points given away; her post is put away and nothing new begins');

  await tenant.goto(new URL('/me/erase', maLink).href);
  await part(tenant, '会抹掉').getByText('贴过的 1 条，收起的也算').waitFor();
  await part(tenant, '会留下').getByText('和街坊办过的 1 件事，没有名字').waitFor();
  await keeps(tenant, 'what goes and what stays');
  await press(tenant, '抹去我写的话');
  await yes(tenant, '抹掉');
  await tenant.getByText('抹掉了').first().waitFor();
  await keeps(tenant, 'erased');
  await hers.goto(new URL(`/neighbours/${maId}`, chenLink).href);
  await hers.getByRole('heading', { name: '搬走的街坊' }).waitFor();
  await keeps(hers, 'a neighbour without a name');
  const kept = await chen.query('deal', { deal });
  if (kept.deal.stage !== 'done' || kept.vouchers.length < 4) throw new Error('what was done went with the words');
  tell('erased: name and words are gone at her neighbours, the deal and its papers are there');

  // 何姐's computer knows nothing of it. 小马's is off: others hand her the word.
  await ma.stop();
  await he.serve();
  await he.wait('member', { member: maId }, '/person/name', '');
  const [one, other] = [await settled(he), await settled(li)];
  if (one.documents !== 3 || other.documents !== 3) throw new Error(`a document is left over: ${one.documents}, ${other.documents}`);
  if (one.projection !== other.projection) throw new Error('they do not see the same');
  tell('off meanwhile: 何姐 came back with the old words, and dropped them too');

  // Two reviewers note that 何姐 is away.
  await his.goto(new URL(`/neighbours/${heId}`, liLink).href);
  await press(his, '记一笔');
  await keeps(his, 'what a reviewer can note');
  await yes(his, '盖章');
  await his.getByText('你签了，还等第二位审核人。').waitFor();
  await keeps(his, 'one has signed');
  if ((await li.query('member', { member: heId })).person.stay !== 'here') throw new Error('one reviewer was enough');
  await hers.goto(new URL('/me', chenLink).href);
  await hers.getByRole('link', { name: /请你也确认一件事/ }).click();
  await hers.getByText('有一位审核人说：出远门').waitFor();
  await keeps(hers, 'a second one is asked');
  await press(hers, '我也确认');
  await hers.getByRole('heading', { name: '706 何姐（出远门）' }).waitFor();
  await hers.getByText('这段时间不配对、不提醒，也不约新的。').waitFor();
  await keeps(hers, 'away');
  const away = await page(there, { size: 360 });
  await he.wait('leaving', {}, '/marked/state', 'away');
  await away.goto((await he.ask('open')).link);
  await go(away, /^我的$/);
  await away.getByText('审核人记下了：你出远门了').waitFor();
  await keeps(away, 'she reads that she is away');
  await press(away, '我在');
  await hers.getByRole('heading', { name: '706 何姐', exact: true }).waitFor();
  tell('away: it took two reviewers, and one word of hers ended it');

  // She names whom she relies on.
  await away.goto(new URL('/me/family', away.url()).href);
  await away.getByRole('switch', { name: '502 陈姨' }).click();
  await chen.wait('leaving', {}, '/kin_of/0/member', heId);
  await keeps(away, 'family');
  await hers.goto(new URL('/me/family', chenLink).href);
  await part(hers, '托你照看的街坊').getByRole('link', { name: /706 何姐/ }).waitFor();
  await keeps(hers, 'who relies on her');
  tell('family: she has named 陈姨, who sees it');

  /** The state of a device once it holds what 李叔 holds. */
  async function settled(who) {
    const { projection } = await li.query('status');
    return who.wait('status', {}, '/projection', projection);
  }

  async function refused(deed, ...codes) {
    const done = await deed.then(() => undefined, (error) => String(error.stdout) + String(error.stderr) + String(error.message));
    if (done === undefined) throw new Error(`it was done, and not refused as ${codes}`);
    if (!codes.some((code) => done.includes(code))) throw new Error(`refused, but not as ${codes}: ${done}`);
  }
});
