// Spaces, forms and groups in the browsers: a room is offered with its purpose and found by it; two neighbours ask for the same hour
// while apart, one gets it and the other is told; a chess group and its evening; a flower class that grows from a listing; an
// invitation after a finished deal, which nobody else sees; what is outside of the building; an entry for somebody without a phone.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen, he] = ['li', 'chen', 'he'].map((name) => new Household(name));
  const links = [await li.serve(), await chen.serve(), await he.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { 李叔: (await li.query('me')).person.member };
  for (const [household, name, block] of [[chen, '陈姨', '502'], [he, '何姐', '603']]) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block} 室`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
    await li.wait('member', { member: who[name] }, '/person/name', name);
  }
  await li.do('set_role', { member: who['李叔'], role: 'organiser', held: true });
  const there = await browser();
  const [lis, chens, hes] = [await page(there, { size: 768 }), await page(there, { size: 360 }), await page(there, { size: 360, theme: 'dark' })];
  for (const [at, seen] of [lis, chens, hes].entries()) await seen.goto(links[at]);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).click();
  const post = async (seen, household, side, text) => {
    await at(seen, household, `/post?side=${side}`);
    await seen.getByRole('textbox').first().fill(text);
  };

  // What the words say is proposed: the purpose of a space, the form and the topic of knowledge, the category of a thing.
  await post(lis, li, 'offer', '二楼活动室可以借大家下棋');
  await lis.getByRole('button', { name: /用途\s*文体活动/ }).waitFor();
  await keeps(lis, 'a space and its purpose');
  await press(lis, '盖章，贴出去');
  await lis.getByRole('link', { name: /预约时间/ }).waitFor();
  const hall = new URL(lis.url()).pathname.split('/').pop();
  await post(lis, li, 'offer', '讲座：教大家看懂合同，法律常识');
  await lis.getByRole('button', { name: /形式\s*讲座/ }).waitFor();
  await lis.getByRole('button', { name: /话题\s*法律/ }).waitFor();
  await keeps(lis, 'knowledge with its form and topic');
  await press(lis, '盖章，贴出去');
  await lis.getByText('法律', { exact: true }).first().waitFor();
  await post(hes, he, 'offer', '讲座：老人三高怎么防，量血压');
  await hes.getByRole('button', { name: /形式\s*讲座/ }).waitFor();
  await hes.getByRole('button', { name: /话题\s*健康/ }).waitFor();
  await press(hes, '盖章，贴出去');
  await hes.getByRole('link', { name: '开成一堂课' }).click();
  await hes.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.value.includes('三高怎么防')));
  await post(chens, chen, 'offer', '一箱儿童绘本可以借');
  await chens.getByRole('button', { name: /类目\s*图书/ }).waitFor();
  await press(chens, '盖章，贴出去');
  await chens.getByText('图书', { exact: true }).first().waitFor();
  await post(chens, chen, 'offer', '会扎花，可以教');
  await chens.getByRole('button', { name: /种类/ }).click();
  await chens.getByRole('radio', { name: '技能' }).click();
  await chens.getByRole('button', { name: /形式\s*琴棋书画/ }).waitFor();
  await press(chens, '盖章，贴出去');
  await chens.getByRole('link', { name: '开成一堂课' }).waitFor();
  const flowers = new URL(chens.url()).pathname.split('/').pop();
  tell('forms, topics and categories are proposed from the words');

  // An organiser adds a category to the tree, and enters a need for somebody without a phone.
  await li.do('add_category', { class: 'leisure', name: '渔具' });
  const added = (await chen.wait('categories', {}, '/added/0/name', '渔具')).added[0].category;
  await chen.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '两根钓鱼竿', category: added });
  await post(lis, li, 'offer', '会补衣服，改裤脚');
  await lis.getByRole('button', { name: /替谁登记/ }).click();
  await lis.getByLabel('怎么称呼这位街坊').fill('三楼的奶奶');
  await keeps(lis, 'an entry for somebody else');
  await press(lis, '盖章，贴出去');
  await lis.getByText('代录：401 李叔替三楼的奶奶登记的').waitFor();
  const refused = await chen.do('post', { side: 'offer', kind: 'skill', title: '会补衣服', behalf: '别人' }).then(() => '', (error) => [error.stdout, error.stderr, error.message].join(' '));
  if (!refused.includes('role-missing')) throw new Error(`who holds no role entered something for somebody else: ${refused}`);
  tell('an organiser adds a category and enters an offer for a neighbour without a phone, whom the page names as she wishes');

  // Found again by form, topic and category.
  await he.wait('listings', { category: added }, '/total', 1);
  await he.wait('listings', { topic: 'law' }, '/total', 1);
  await he.wait('listings', { form: 'culture' }, '/total', 1);
  await at(hes, he, '/share?side=offer');
  await press(hes, '空间');
  await hes.getByRole('link', { name: /二楼活动室/ }).waitFor();
  await press(hes, '物品');
  await hes.locator('button[aria-haspopup=dialog]').filter({ visible: true }).click();
  await hes.getByRole('dialog').getByLabel('类目').selectOption({ label: '渔具' });
  // The list behind the sheet is another one by then.
  await hes.locator('a.listing', { hasText: '两根钓鱼竿' }).waitFor();
  await keeps(hes, 'filters');
  await hes.getByRole('dialog').getByRole('button', { name: /^看这/ }).click();
  await hes.getByRole('link', { name: /两根钓鱼竿/ }).waitFor();
  await hes.getByRole('link', { name: /儿童绘本/ }).waitFor({ state: 'detached' });
  await keeps(hes, 'found by category');
  tell('they are found by word, form, topic and category');

  // Two ask for the same hour of the same room while neither hears of the other.
  const tomorrow = new Date(Date.now() + DAY_MS);
  const date = [tomorrow.getFullYear(), String(tomorrow.getMonth() + 1).padStart(2, '0'), String(tomorrow.getDate()).padStart(2, '0')].join('-');
  const asks = async (seen, household, from, to) => {
    await at(seen, household, `/share/${hall}/times?owner=${who['李叔']}`);
    await press(seen, '约一个时间');
    const sheet = seen.getByRole('dialog');
    await sheet.getByLabel('哪一天').fill(date);
    await sheet.getByLabel('从几点').fill(from);
    await sheet.getByLabel('到几点').fill(to);
    await sheet.getByLabel('用途').selectOption({ label: '文体活动' });
    await sheet.getByLabel('几个人').fill('6');
    await keeps(seen, 'asking for a space');
    await sheet.getByRole('button', { name: '约', exact: true }).click();
    await sheet.waitFor({ state: 'detached' });
    await seen.getByText('等主人答应').waitFor();
  };
  await li.kill();
  await he.kill();
  await asks(chens, chen, '14:00', '16:00');
  await chen.kill();
  await he.serve(he.port);
  await hes.goto((await he.ask('open')).link);
  await asks(hes, he, '15:00', '17:00');
  await li.serve(li.port);
  await chen.serve(chen.port);
  await lis.goto((await li.ask('open')).link);
  await chens.goto((await chen.ask('open')).link);
  await li.wait('space', { listing: hall }, '/rows/1/stage', 'asked');
  await at(lis, li, '/');
  await lis.getByText(/想约，等你答应/).first().waitFor();
  await keeps(lis, 'somebody asks for the room');
  await at(lis, li, `/share/${hall}/times`);
  await lis.getByRole('group', { name: '这一周' }).getByRole('button').nth(1).click();
  await lis.getByRole('listitem').filter({ hasText: '14:00–16:00' }).getByRole('button', { name: '答应' }).click();
  await lis.getByText('约好了').waitFor();
  await lis.getByText('让给别家了').waitFor();
  await keeps(lis, 'the day of its owner');
  await at(chens, chen, '/');
  await chens.getByText(/14:00–16:00 ?· ?约好了/).waitFor();
  await he.wait('today', {}, '/slots/0/stage', 'lost');
  await at(hes, he, '/');
  await hes.getByText(/15:00–17:00 ?· ?让给别家了/).waitFor();
  await keeps(hes, 'it went to somebody else');
  await at(hes, he, `/share/${hall}/times?owner=${who['李叔']}`);
  await hes.getByRole('group', { name: '这一周' }).getByRole('button').nth(1).click();
  await hes.getByText('有人约了').waitFor();
  if (await hes.getByText('陈姨').count()) throw new Error('who has the room is told to whom it is no business of');
  tell('two who were apart asked for the same hour: one has it, the other is told, and nobody else learns who');
  await at(chens, chen, `/share/${hall}/times?owner=${who['李叔']}`);
  await chens.getByRole('group', { name: '这一周' }).getByRole('button').nth(1).click();
  await press(chens, '取消预约');
  await he.wait('space', { listing: hall }, '/rows/0/stage', 'lost');
  await asks(hes, he, '15:00', '17:00');
  tell('who cancels in time frees the hour, and it can be asked for again');

  // A chess group, who joins it, and its evening.
  await at(lis, li, '/activities');
  await lis.getByRole('link', { name: /兴趣小组/ }).click();
  await lis.getByRole('link', { name: '办一个小组' }).click();
  await lis.getByLabel('小组名字').fill('棋友会');
  await lis.getByLabel('做些什么').fill('下象棋，喝茶聊天');
  await lis.getByLabel('什么时候聚').fill('每周三晚 7 点');
  await lis.getByLabel('在哪里').fill('二楼活动室');
  await press(lis, '办起来');
  await lis.getByRole('heading', { name: '棋友会' }).waitFor();
  const group = new URL(lis.url()).pathname.split('/').pop();
  await chen.wait('groups', {}, '/rows/0/id', group);
  await at(chens, chen, '/activities/groups');
  await chens.getByRole('link', { name: /棋友会/ }).click();
  await press(chens, '加入');
  await chens.getByRole('link', { name: '约大家一起（棋友会）' }).waitFor();
  await li.wait('group', { founder: who['李叔'], group }, '/group/members', 2);
  await keeps(chens, 'in the group');
  await chens.getByRole('link', { name: '约大家一起（棋友会）' }).click();
  await chens.getByText('「棋友会」小组的活动').waitFor();
  await chens.getByLabel('哪一天').fill(date);
  await chens.getByLabel('几点开始').fill('19:00');
  await press(chens, '盖章，发给街坊');
  await chens.getByRole('heading', { name: '棋友会：一起来' }).waitFor();
  await li.wait('group', { founder: who['李叔'], group }, '/activities/0/title', '棋友会：一起来');
  await at(lis, li, `/activities/groups/${who['李叔']}/${group}`);
  await lis.getByRole('link', { name: /棋友会：一起来/ }).waitFor();
  await keeps(lis, 'a group and its evening');
  tell('a chess group is founded, joined by each one’s own word, and has its evening');

  // A flower class grows from a listing.
  await at(chens, chen, `/share/${flowers}`);
  await chens.getByRole('link', { name: '开成一堂课' }).click();
  const title = chens.getByLabel('办什么');
  await title.waitFor();
  await chens.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.value.includes('会扎花')));
  await chens.getByLabel('哪一天').fill(date);
  await chens.getByLabel('几点开始').fill('10:00');
  await press(chens, '盖章，发给街坊');
  await chens.getByRole('heading', { name: /会扎花（小课堂）/ }).waitFor();
  tell('a flower class is offered from a listing, its words filled in');

  // After a finished deal the other is invited; nobody else hears of it.
  const need = (await he.do('post', { side: 'need', kind: 'skill', title: '窗帘要改短', points: 0 })).listing;
  await chen.wait('listing', { listing: need }, '/listing/id', need);
  const { deal } = await chen.do('answer', { listing: need });
  await he.wait('deal', { deal }, '/deal/stage', 'answered');
  await he.do('agree', { deal });
  await chen.wait('deal', { deal }, '/deal/stage', 'agreed');
  await chen.do('done', { deal });
  await he.wait('deal', { deal }, '/deal/confirmed/giver', true).catch(() => undefined);
  await he.do('done', { deal });
  await chen.wait('deal', { deal }, '/deal/stage', 'done');
  await at(chens, chen, `/deal/${deal}`);
  await press(chens, '请来「棋友会」');
  await chens.getByRole('button', { name: '邀请发出去了：棋友会' }).waitFor();
  await keeps(chens, 'invited after a deal');
  await he.wait('today', {}, '/invitations/0/title', '棋友会');
  await at(hes, he, '/');
  await hes.getByText('502 陈姨请你来「棋友会」').waitFor();
  await keeps(hes, 'an invitation');
  if ((await li.query('today')).invitations.length > 0) throw new Error('a third neighbour sees the invitation');
  await hes.getByRole('link', { name: /请你来「棋友会」/ }).click();
  await press(hes, '加入');
  await li.wait('group', { founder: who['李叔'], group }, '/group/members', 3);
  await he.wait('today', {}, '/invitations', []);
  tell('an invitation after a finished deal reaches her alone, and she joins');

  // What is outside of the building.
  await at(lis, li, '/neighbours/outside');
  await press(lis, '登记一处');
  const sheet = lis.getByRole('dialog');
  await sheet.getByLabel('叫什么').fill('社区卫生站');
  await sheet.getByLabel('能办什么').fill('量血压、配药');
  await sheet.getByLabel('电话或别的联系方式').fill('6213 0000');
  await sheet.getByLabel('什么时候开').fill('周一到周五 8–17 点');
  await sheet.getByLabel(/走路几分钟/).fill('8');
  await sheet.getByRole('button', { name: '登记', exact: true }).click();
  await lis.getByText('走路 8 分钟').waitFor();
  await he.wait('resources', {}, '/rows/0/name', '社区卫生站');
  await at(hes, he, '/neighbours/outside');
  await hes.getByText('401 李叔担保').waitFor();
  await keeps(hes, 'outside of the building');
  if (await hes.getByRole('button', { name: '登记一处' }).count()) throw new Error('who organises nothing is asked to list');
  // The columns of the first page lead to what there is, activities among them.
  await at(hes, he, '/');
  // Her first page names the flowers too, as what somebody offers: it is the other page that is waited for.
  await hes.getByRole('link', { name: /^活动/ }).click();
  await hes.waitForURL(/\/activities$/);
  await hes.getByRole('link', { name: /会扎花（小课堂）/ }).waitFor();
  tell('an organiser vouches for what is outside, and the first page leads to the activities');
});
