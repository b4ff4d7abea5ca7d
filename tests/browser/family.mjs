// A family of three and a tenant with the landlord: a map is drawn, each joins for herself with a device and a key of her own, one writes
// for her own block alone, the list of neighbours goes by blocks, and what one has agreed with a shop no other of the family reads.
// A shop in a shop street and a house of a village group belong like a flat; whoever has not been let in sees nothing of it all.
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const NUMBER = '139 0000 7788';
/** All that anybody is asked on the way in. There is no place of registration, no number of an identity card, no party. */
const ASKED = ['短码，或整段邀请', '怎么称呼', '门牌', '说一句自己', '哪一户', '真实姓名', '电话', '叫什么', '在哪里', '办事人的真实姓名', '做什么的', '住在', '几楼', '房号', '门牌号', '铺号', '我满 14 岁了', '办事的人满 14 岁了', '让街坊看到住哪一栋'];

await story(async (tell) => {
  const names = ['chen', 'mother', 'father', 'granny', 'landlord', 'tenant', 'shop', 'luo'];
  const homes = Object.fromEntries(names.map((name) => [name, new Household(name)]));
  const links = {};
  for (const name of names) links[name] = await homes[name].serve();
  const { chen, mother, father, granny, landlord, tenant, shop, luo } = homes;
  await chen.do('found', { building: '荷塘小区', name: '陈姨', block: '' });
  const there = await browser();
  const hers = await page(there, { size: 360 });
  await hers.goto(links.chen);

  // The founder draws the map.
  await hers.goto(new URL('/neighbours', links.chen).href);
  await hers.getByRole('link', { name: /楼图/ }).click();
  await hers.getByRole('button', { name: '画一张' }).click();
  await keeps(hers, 'an empty map');
  const zones = [['南块', '楼栋', '1-3'], ['北块', '楼栋', '1至2'], ['上村', '村组', '1、2'], ['东片', '商铺街', '东街']];
  for (const [at, [zone, kind, blocks]] of zones.entries()) {
    if (at > 0) await hers.getByRole('button', { name: '再加一片' }).click();
    const part = hers.locator('section.zone').nth(at);
    await part.getByLabel('片区的名字').fill(zone);
    await part.getByRole('radio', { name: kind }).click();
    await part.getByLabel('加上').fill(blocks);
    await part.getByRole('button', { name: '加到图上' }).click();
  }
  await hers.getByRole('region', { name: '上村' }).getByRole('button', { name: '2组' }).waitFor();
  await keeps(hers, 'a map being drawn');
  await hers.getByRole('button', { name: '就用这张图' }).click();
  await hers.getByRole('dialog').getByRole('button', { name: '盖印，用这张图' }).click();
  await hers.getByText('楼图换好了').waitFor();
  for (const words of ['1栋', '3栋', '1组', '东街']) await hers.getByText(words, { exact: true }).first().waitFor();
  await keeps(hers, 'a map');
  tell('map: two zones of blocks, a village and a shop street, drawn by the founder');

  // Each joins with a device and a key of her own.
  const { ticket } = await chen.do('invite', { valid_ms: DAY_MS });
  const seen = {};
  seen.mother = await joins(there, links.mother, ticket, { name: '王姐', household: '3栋502', real: '王丽', phone: '' }, { preset: '南块 3栋', unit: '502', claim: '业主' });
  await approve(hers, links.chen, '王姐', { claim: '业主', votes: true, unit: [] });
  seen.father = await joins(there, links.father, ticket, { name: '老何', household: '三栋五零二', real: '何建国', phone: '' }, { block: '南块 3栋', unit: '502室', claim: '业主' });
  await approve(hers, links.chen, '老何', { claim: '业主', votes: false, unit: ['王姐（投这一户的票）'] });
  seen.granny = await joins(there, links.granny, ticket, { name: '何奶奶', household: '3栋502', real: '何秀英', phone: '' }, { preset: '南块 3栋', unit: '502', claim: '家人、同住的人', elder: true });
  await approve(hers, links.chen, '何奶奶', { claim: '家人、同住的人', votes: false, unit: ['王姐（投这一户的票）', '老何'] });
  seen.landlord = await joins(there, links.landlord, ticket, { name: '林叔', household: '北块1栋301', real: '林国栋', phone: '' }, { preset: '北块 1栋', unit: '301', claim: '业主' });
  await approve(hers, links.chen, '林叔', { claim: '业主', votes: true, unit: [] });
  seen.tenant = await joins(there, links.tenant, ticket, { name: '小周', household: '北块1栋3楼01', real: '周小明', phone: '' }, { preset: '北块 1栋', floor: '3', unit: '01', claim: '租户' });
  await approve(hers, links.chen, '小周', { claim: '租户', votes: false, unit: ['林叔（投这一户的票）'] });
  seen.shop = await joins(there, links.shop, ticket, { name: '和顺粮油店', household: '东街12号铺', real: '何和顺', phone: '', shop: true }, { preset: '东片 东街', unit: '12', claim: '租户' });
  await approve(hers, links.chen, '和顺粮油店', { claim: '租户', votes: false, unit: [] });
  seen.luo = await joins(there, links.luo, ticket, { name: '罗伯', household: '上村1组8号', real: '罗正', phone: '', about: '去年从贵州搬来' }, { preset: '上村 1组', unit: '8', claim: '租户', hides: true });
  await approve(hers, links.chen, '罗伯', { claim: '租户', votes: false, unit: [] });
  tell('joined: a family of three, a landlord and a tenant, a shop, a house of a village; the reviewer sees who is of one unit and who votes for it');

  // One vote for a unit, and nobody else can tell who lives with whom.
  const all = await known(luo, ['陈姨', '王姐', '老何', '何奶奶', '林叔', '小周', '和顺粮油店', '罗伯']);
  const idOf = Object.fromEntries(all.rows.map(({ person }) => [person.name, person.member]));
  for (const [name, votes] of [['王姐', true], ['老何', false], ['何奶奶', false], ['林叔', true], ['小周', false]]) {
    const member = await luo.query('member', { member: idOf[name] });
    if (member.votes !== votes) throw new Error(`${name} ${votes ? 'does not vote' : 'votes'} for the unit`);
    const { person, about, verified_block } = member;
    if ([person.name, person.block, about, verified_block].join(' ').match(/502|301/)) throw new Error(`${name}'s door is known to everybody`);
  }
  const hidden = await mother.query('member', { member: idOf['罗伯'] });
  if (hidden.person.place !== null || hidden.verified_block !== null) throw new Error('a block that is not to be seen is seen');
  tell('votes: one of each unit, confirmed by the reviewer; no door is known to others, and a hidden block to nobody');

  // The list of neighbours goes by blocks.
  const his = seen.tenant;
  await his.goto(new URL('/neighbours', links.tenant).href);
  for (const words of ['南块 3栋', '北块 1栋', '东片 东街']) await his.getByRole('heading', { name: new RegExp(`^${words}`) }).waitFor();
  await keeps(his, 'neighbours by blocks');
  // The list is long, and only what is near the window is in the page.
  await his.mouse.wheel(0, 4000);
  await his.getByRole('heading', { name: /^没有写明住哪里/ }).waitFor();
  await keeps(his, 'neighbours who do not say where they live');
  await his.getByLabel('只看住在').selectOption({ label: '北块' });
  await his.getByRole('link', { name: /林叔/ }).waitFor();
  if ((await his.getByRole('link', { name: /王姐/ }).count()) > 0) throw new Error('a neighbour of another zone is among those of this one');
  await keeps(his, 'neighbours of a zone');
  await his.getByLabel('只看住在').selectOption({ label: '整个小区' });

  // Two of the family show as one household to each other; the third and everybody else see none.
  const ma = seen.mother;
  await ma.goto(new URL(`/neighbours/${idOf['老何']}`, links.mother).href);
  await ma.getByRole('button', { name: '是一家人' }).click();
  await ma.getByText('你说是一家人，等南块 3栋 老何也点一下').waitFor();
  await keeps(ma, 'she says that they are one household');
  const pa = seen.father;
  await pa.goto(new URL(`/neighbours/${idOf['王姐']}`, links.father).href);
  await pa.getByText('南块 3栋 王姐说和你是一家人').waitFor();
  await pa.getByRole('button', { name: '对，是一家人' }).click();
  await pa.getByText('你们是一家人').waitFor();
  await ma.getByText('你们是一家人').waitFor();
  await ma.goto(new URL('/neighbours', links.mother).href);
  await ma.getByRole('heading', { name: /^我们家/ }).waitFor();
  await keeps(ma, 'her household');
  for (const home of [granny, tenant, chen]) if ((await home.query('me')).kin.length > 0) throw new Error(`${home.name} hears of somebody else's household`);
  tell('household: two see each other as one, because both said so; the third of the unit and everybody else see nothing of it');

  // She writes for her own block alone. Who lives elsewhere has the very thing, and is not told of it.
  await tenant.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '冲击钻，带钻头', points: 0 });
  await father.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '冲击钻一把', points: 0 });
  await mother.wait('offers', {}, '/total', 2);
  await ma.goto(new URL('/post?side=need', links.mother).href);
  await ma.getByRole('textbox', { name: '我需要什么' }).fill('想借冲击钻打两个孔');
  await ma.getByRole('radio', { name: '只给南块 3栋' }).click();
  await keeps(ma, 'writing for her block');
  await ma.getByRole('button', { name: '盖章，贴出去' }).click();
  await ma.getByText('盖好章，贴出去了').waitFor();
  await ma.getByRole('link', { name: /冲击钻一把/ }).waitFor();
  if ((await ma.getByRole('link', { name: /带钻头/ }).count()) > 0) throw new Error('what somebody elsewhere offers is matched with what is for her block');
  const { rows: needs } = await tenant.wait('needs', {}, '/total', 1);
  await father.wait('needs', {}, '/total', 1);
  const fits = async (home, title) => {
    const { rows } = await home.query('offers', { mine: true });
    return (await home.query('matches', { listing: rows.find((row) => row.title === title).id })).rows.length;
  };
  if ((await fits(father, '冲击钻一把')) !== 1) throw new Error('her own block does not get it as a match');
  if ((await fits(tenant, '冲击钻，带钻头')) !== 0) throw new Error('another block gets it as a match');
  const today = await tenant.query('today', {});
  if (today.matches.length > 0 || today.news.some((row) => row.id === needs[0].id)) throw new Error('another block is told of it');
  await his.goto(new URL('/share?side=need', links.tenant).href);
  await his.getByText('只给南块 3栋').waitFor();
  await keeps(his, 'a list that says whom it is for');
  await his.getByRole('link', { name: /想借冲击钻/ }).click();
  await his.getByText('这一条只写给南块 3栋').waitFor();
  if ((await his.getByRole('button', { name: /可以帮助你|可以帮/ }).count()) > 0) throw new Error('who lives elsewhere may answer');
  await keeps(his, 'a need for another block');
  const refused = await tenant.do('answer', { listing: needs[0].id, due_at: Date.now() + DAY_MS }).then(() => undefined, (error) => error.stderr);
  if (!refused?.includes('not-addressed')) throw new Error(`an answer from elsewhere was not refused: ${refused}`);
  tell('addressed: the one of her block is matched; the other finds it, reads whom it is for, and is not told of it');

  // What she agrees with the shop stays between the two: neither the father nor the grandmother reads it, or holds her points.
  await shop.do('post', { side: 'offer', kind: 'time', title: '送米上楼', points: 6 });
  const { rows: offers } = await mother.wait('listings', { text: '送米' }, '/total', 1);
  const { deal } = await mother.do('answer', { listing: offers[0].id });
  await shop.wait('deal', { deal }, '/deal/stage', 'answered');
  await shop.do('agree', { deal });
  await mother.wait('deal', { deal }, '/deal/stage', 'agreed');
  await ma.goto(new URL(`/deal/${deal}`, links.mother).href);
  await ma.getByRole('button', { name: '愿意互留电话' }).click();
  await ma.getByLabel('我的电话').fill(NUMBER);
  await ma.getByRole('button', { name: '愿意，留我的电话' }).click();
  await shop.wait('deal', { deal }, '/phone/offered', true);
  await shop.do('offer_phone', { deal, number: '0757 8888 0000' });
  await shop.wait('deal', { deal }, '/phone/theirs', NUMBER);
  await father.wait('deal', { deal }, '/deal/stage', 'agreed');
  for (const home of [father, granny]) {
    const read = JSON.stringify(await home.query('deal', { deal }));
    if (read.includes(NUMBER) || JSON.parse(read).phone !== null) throw new Error(`${home.name} reads her phone number`);
  }
  await mother.do('done', { deal });
  await shop.do('done', { deal });
  await mother.wait('points', {}, '/balance', -6);
  const purse = await father.query('points');
  if (purse.balance !== 0 || purse.lines_total > 0) throw new Error('her payment is in his purse');
  await pa.goto(new URL('/points', links.father).href);
  await pa.getByRole('heading', { level: 1 }).first().waitFor();
  await keeps(pa, 'his points');
  await pa.goto(new URL(`/deal/${deal}`, links.father).href);
  await pa.getByText('送米上楼').first().waitFor();
  await keeps(pa, 'her deal, as he sees it');
  if ((await pa.getByText(NUMBER).count()) > 0) throw new Error('her number stands on his page');
  tell('private: her number went to the shop alone, and her points are hers; father and grandmother hold neither');

  // Whoever came from elsewhere has all rights: writes, helps, is asked to review.
  await seen.luo.goto(new URL('/post?side=offer', links.luo).href);
  await seen.luo.getByRole('textbox', { name: '我能帮什么' }).fill('会修自行车');
  await seen.luo.getByRole('button', { name: '盖章，贴出去' }).click();
  await seen.luo.getByText('盖好章，贴出去了').waitFor();
  await chen.do('set_role', { member: idOf['罗伯'], role: 'reviewer', held: true });
  await luo.wait('me', {}, '/reviewer', true);
  tell('residence: nothing but where one lives was asked on the way in, and who came from elsewhere reviews others');

  // A stranger who has asked, and has not been let in, sees the map to pick from and nothing else.
  const stranger = new Household('stranger');
  const strangerLink = await stranger.serve();
  const strange = await joins(there, strangerLink, ticket, { name: '过客', household: '北块2栋101', real: '某人', phone: '' }, { preset: '北块 2栋', unit: '101', claim: '租户' });
  await stranger.wait('application', {}, '/state', 'sent');
  for (const place of ['/', '/share', '/neighbours', '/points', `/neighbours/${idOf['王姐']}`, `/deal/${deal}`]) {
    await strange.goto(new URL(place, strangerLink).href);
    await strange.waitForLoadState('networkidle');
    const text = await strange.locator('body').innerText();
    for (const words of ['王姐', '老何', '林叔', '冲击钻', '送米', '陈姨']) if (text.includes(words)) throw new Error(`a stranger reads ${words} at ${place}`);
  }
  for (const [query, args] of [['members', {}], ['listings', {}], ['needs', {}], ['deals', { all: true }], ['search', { text: '冲击钻' }], ['today', {}], ['building', {}], ['council', {}]]) {
    const told = await stranger.query(query, args).then(JSON.stringify, (error) => error.stdout ?? '');
    for (const words of ['王姐', '老何', '冲击钻', '送米', '陈姨']) if (told.includes(words)) throw new Error(`a stranger is told ${words} by ${query}`);
  }
  tell('stranger: neither the pages nor the shell tell anything of the building to who is not let in');

  // The map changes: a block in which people live goes only after it was said.
  await hers.goto(new URL('/neighbours/places', links.chen).href);
  await hers.getByRole('button', { name: '改这张图' }).click();
  await hers.getByRole('region', { name: '南块' }).getByRole('button', { name: /3栋/ }).click();
  await hers.getByRole('dialog').getByLabel('叫什么').fill('3座');
  await hers.getByRole('dialog').getByRole('button', { name: '好了' }).click();
  await hers.getByRole('region', { name: '北块' }).getByRole('button', { name: /1栋/ }).click();
  await hers.getByRole('dialog').getByRole('button', { name: '从图上去掉' }).click();
  await hers.getByRole('button', { name: '就用这张图' }).click();
  await hers.getByRole('dialog').getByText('去掉的地方还有人住：北块 1栋（2 位）').waitFor();
  await keeps(hers, 'a block with people goes');
  await hers.getByRole('dialog').getByRole('button', { name: '盖印，用这张图' }).click();
  await hers.getByText('楼图换好了').waitFor();
  await ma.setViewportSize(sizes[1280]);
  await ma.goto(new URL('/neighbours', links.mother).href);
  await ma.getByRole('heading', { name: /^南块 3座/ }).waitFor();
  await ma.getByRole('link', { name: /北块 1栋 林叔/ }).waitFor();
  await keeps(ma, 'after the map has changed');
  tell('map changed: who lives in a block that is called otherwise is shown there, and who lost theirs keeps the words');
});

/** Somebody joins through the pages, and picks a place of the map. Whatever is asked on the way is one of the few things known. */
async function joins(there, link, ticket, { name, household, real, phone, about, shop }, { preset, block, floor, unit, claim, elder = false, hides = false }) {
  const seen = await page(there, { size: 360, elder });
  const asked = async () => {
    const fields = await seen.locator('input:not([type=file]), textarea, select, [role=switch]').evaluateAll((all) =>
      all.filter((one) => one.checkVisibility()).map((one) => one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent?.trim() ?? ''));
    for (const field of fields) if (!ASKED.some((known) => field.includes(known))) throw new Error(`on the way in one is asked for 「${field}」`);
    const words = await seen.locator('body').innerText();
    const odd = words.match(/户口|籍贯|身份证|党员|政治面貌/);
    if (odd) throw new Error(`on the way in there is talk of ${odd}`);
  };
  await seen.goto(link);
  await seen.getByRole('link', { name: /加入我住的楼/ }).click();
  await asked();
  await seen.getByLabel('短码，或整段邀请').fill(ticket);
  await seen.getByRole('button', { name: '下一步' }).click();
  if (shop) {
    await seen.getByRole('radio', { name: '一个组织' }).click();
    await seen.getByRole('radio', { name: '商户' }).click();
  }
  const lines = shop
    ? [[/叫什么/, name], [/在哪里/, household], [/办事人的真实姓名/, real]]
    : [[/怎么称呼/, name], ...(elder ? [[/门牌/, '']] : []), ...(about ? [[/说一句自己/, about]] : []), [/哪一户/, household], [/真实姓名/, real]];
  for (const [label, words] of lines) {
    await asked();
    await seen.getByLabel(label).first().fill(words);
    if (elder) await seen.getByRole('button', { name: '下一步' }).click();
  }
  if (phone) await seen.getByLabel(/电话/).fill(phone);
  await seen.getByRole('switch', { name: /满 14 岁了/ }).click();
  await seen.getByRole('button', { name: '请街坊认一认' }).click();
  await seen.getByText('找到了，您住哪一栋？').waitFor();
  await asked();
  const select = seen.getByLabel('住在', { exact: true });
  if (block) await select.selectOption({ label: block });
  const chosen = await select.evaluate((one) => one.selectedOptions[0].textContent.trim());
  if (chosen !== (preset ?? block)) throw new Error(`${household} was taken for ${chosen}`);
  if (floor) await seen.getByLabel('几楼').fill(floor);
  await seen.getByLabel(/^(房号|门牌号|铺号)$/).fill(unit);
  await seen.getByRole('radio', { name: new RegExp(`^${claim}`) }).first().click();
  if (hides) await seen.getByRole('switch', { name: '让街坊看到住哪一栋' }).click();
  await keeps(seen, `${name} picks a place`);
  await seen.getByRole('button', { name: '就是这里，送去' }).click();
  await seen.getByText(/送到了/).first().waitFor();
  return seen;
}

/** The reviewer compares, sees who lives in the same unit, confirms the vote or not, and lets them in. */
async function approve(hers, link, name, { claim, votes, unit }) {
  await hers.goto(new URL('/neighbours/requests', link).href);
  const request = hers.getByRole('article').filter({ has: hers.getByRole('heading', { name }) });
  await request.getByText(claim, { exact: true }).waitFor();
  for (const one of unit) await request.getByRole('region', { name: '同一户的街坊' }).getByText(one).waitFor();
  if (unit.length === 0 && (await request.getByRole('region', { name: '同一户的街坊' }).count()) > 0) throw new Error(`${name} has company that nobody knows of`);
  await request.getByRole('button', { name: /让进来/ }).click();
  const vote = hers.getByRole('dialog').getByRole('switch', { name: '这一户的票由他投' });
  if ((await vote.getAttribute('aria-checked')) !== String(votes)) throw new Error(`the vote of ${name}'s unit is proposed the wrong way`);
  await keeps(hers, `letting ${name} in`);
  await hers.getByRole('button', { name: '盖印，让进来' }).click();
  await hers.getByText(`${name}是街坊了`).waitFor();
}

/** Waits until all of these are known here by name. */
async function known(home, names) {
  for (let tries = 0; tries < 40; tries += 1) {
    const members = await home.query('members');
    const there = members.rows.map(({ person }) => person.name);
    if (names.every((name) => there.includes(name))) return members;
    // What came between the two is there at the next look.
    await home.query('wait', { tags: ['members'], timeout_ms: 1_000 });
  }
  throw new Error('not everybody is known');
}
