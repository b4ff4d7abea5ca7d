// 卢阿姨 collects a neighbour's child for a year and a half, for nothing: asked for as time, agreed with a trial visit first, the
// child handed to her alone, days told and confirmed, a pause in the holidays, an end, and thanks. Three households, whose clocks
// go ahead together.
import { join } from 'node:path';
import { Household, browser, keeps, page, story, work } from './street.mjs';

const DAY_MS = 86_400_000;
/** How long at a time nobody opens anything. */
const STRETCH = 61;

await story(async (tell) => {
  const [li, lu, fang] = ['li', 'lu', 'fang'].map((name) => new Household(name));
  const all = [li, lu, fang];
  let links = [];
  for (const household of all) links.push(await household.serve());
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { 李叔: (await li.query('me')).person.member };
  for (const [household, name, block] of [[lu, '卢阿姨', '302'], [fang, '方敏', '601']]) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block} 室`, real_name: name, kind: 'person' });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
  }
  for (const household of all) for (const [name, member] of Object.entries(who)) await household.wait('member', { member }, '/person/name', name);

  const there = await browser();
  let days = 0;
  /** A page in a household's browser by the clock of today; the one before is closed. */
  const seen = {};
  async function opens(name, household, link, look) {
    await seen[name]?.context().close();
    const opened = await page(there, look);
    if (days > 0) await opened.clock.install({ time: Date.now() + days * DAY_MS });
    await opened.goto(link);
    seen[name] = opened;
    return opened;
  }
  const looks = { 卢阿姨: { size: 360, elder: true }, 方敏: { size: 360 }, 李叔: { size: 768, theme: 'dark' } };
  async function wakes() {
    await opens('卢阿姨', lu, links[1], looks['卢阿姨']);
    await opens('方敏', fang, links[2], looks['方敏']);
    await opens('李叔', li, links[0], looks['李叔']);
  }
  /** So many days later all three are started again. */
  async function later(more) {
    days += more;
    links = [];
    for (const household of all) await household.stop();
    for (const household of all) {
      household.daysAhead = days;
      links.push(await household.serve());
    }
  }
  const at = (name, household, path) => seen[name].goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (name, button) => seen[name].getByRole('button', { name: button, exact: true }).filter({ visible: true }).click();
  const pressInSheet = (name, button) => seen[name].getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
  const today = () => Math.floor((Date.now() + days * DAY_MS) / DAY_MS);
  const date = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  const refuses = (asked, code) => asked.then(
    () => { throw new Error(`${code} was not refused`); },
    (refused) => { if (!`${refused.stdout}${refused.stderr}`.includes(code)) throw refused; },
  );
  await wakes();

  // A need of time says what kind of help it is; the list can be narrowed to that.
  await at('方敏', fang, '/post?side=need&kind=time');
  await seen['方敏'].getByRole('textbox').first().fill('接小宝放学');
  await seen['方敏'].getByRole('button', { name: /帮什么忙/ }).click();
  await seen['方敏'].getByRole('radio', { name: '儿童助托' }).click();
  await keeps(seen['方敏'], 'a need of time is written');
  await press('方敏', '盖章，贴出去');
  await seen['方敏'].waitForURL(/share/);
  const { rows: [{ id: listing }] } = await fang.query('needs', { task: 'child-care' });
  await refuses(fang.do('post', { side: 'need', kind: 'skill', task: 'child-care', title: '修水管' }), 'task-mismatch');
  await lu.wait('needs', { task: 'child-care' }, '/total', 1);
  if ((await lu.query('needs', { task: 'visiting' })).total !== 0) throw new Error('another kind of help is listed too');
  await at('卢阿姨', lu, `/share/${listing}`);
  await seen['卢阿姨'].getByText('时间·儿童助托').waitFor();
  await keeps(seen['卢阿姨'], 'a need of time says its kind');
  const { deal } = await lu.do('answer', { listing, points: 0 });
  await fang.wait('deal', { deal }, '/deal/stage', 'answered');
  await fang.do('agree', { deal });
  tell('a need of time names its kind of help and is found by it');

  // She proposes the terms out of the deal: a trial visit first.
  await at('方敏', fang, `/deal/${deal}`);
  await seen['方敏'].getByRole('link', { name: /说好长期帮忙/ }).click();
  await seen['方敏'].getByText('302 卢阿姨帮你').waitFor();
  await seen['方敏'].getByLabel('在哪里').fill('实验幼儿园南门');
  await seen['方敏'].getByLabel('从几点').fill('18:30');
  await seen['方敏'].getByText('要比开始晚').waitFor();
  await seen['方敏'].getByLabel('从几点').fill('16:30');
  await seen['方敏'].getByLabel('第一天').fill(date(today()));
  await seen['方敏'].getByLabel('先试一次').fill(date(today()));
  for (const day of ['六', '日']) await press('方敏', day);
  await keeps(seen['方敏'], 'terms are written');
  await press('方敏', '盖章，发给对方');
  await seen['方敏'].getByText('等302 卢阿姨答应').first().waitFor();
  const { rows: [{ id: arrangement }] } = await lu.wait('arrangements', {}, '/rows/0/terms/words/what', '接小宝放学');
  await refuses(fang.do('step_on_help', { arrangement, step: 'accept' }), 'own-proposal');
  if (JSON.stringify(await li.query('arrangements')).includes('小宝')) throw new Error('a third one reads what it is about');
  await at('卢阿姨', lu, '/');
  await seen['卢阿姨'].getByRole('region', { name: '长期帮忙' }).getByRole('link', { name: /接小宝放学/ }).click();
  await seen['卢阿姨'].getByText('实验幼儿园南门').waitFor();
  await keeps(seen['卢阿姨'], 'what is proposed');
  await press('卢阿姨', '答应，盖章');
  await seen['卢阿姨'].getByText('先试一次').first().waitFor();
  tell('terms are proposed out of a deal, read by the two alone, and agreed to');

  // 先邀请母子俩去她家做客: who comes is known, and one of the family looks on.
  const hour = (ms) => new Date(Date.now() + ms);
  await lu.do('plan_visit', { deal, from: hour(-60_000).getTime(), until: hour(3_600_000).getTime(), watcher: who['李叔'] });
  await fang.wait('visits', {}, '/rows/0/mine', true);
  await at('方敏', fang, `/deal/${deal}`);
  await seen['方敏'].getByRole('region', { name: '上门' }).getByText(/核实过，.*起是街坊/).waitFor();
  await press('方敏', '我到了');
  await at('李叔', li, '/');
  await seen['李叔'].getByRole('region', { name: '上门' }).getByText(/到了，还在/).waitFor();
  await keeps(seen['李叔'], 'one of the family sees that she is there');
  await press('方敏', '我走了');
  await seen['李叔'].getByRole('region', { name: '上门' }).getByText(/走了/).waitFor();
  await keeps(seen['方敏'], 'the visit is over');
  await refuses(lu.do('step_on_help', { arrangement, step: 'tell', days: [today()] }), 'arrangement-stage');
  for (const [name, household] of [['卢阿姨', lu], ['方敏', fang]]) {
    await at(name, household, `/recurring/${arrangement}`);
    await press(name, '试过了，合适');
  }
  await seen['方敏'].getByText('进行中').first().waitFor();
  tell('a visit first: who comes, that she is there and has gone; both say that it went well');

  // The child is handed to her alone.
  await seen['方敏'].getByRole('link', { name: /授权接孩子/ }).click();
  await seen['方敏'].getByRole('button', { name: '去掉302 卢阿姨' }).waitFor();
  await seen['方敏'].getByLabel('孩子的小名').fill('小宝');
  await seen['方敏'].getByLabel('最后一天').fill(date(today() + 600));
  await keeps(seen['方敏'], 'an authorisation is written');
  await press('方敏', '签字，送过去');
  await seen['方敏'].getByText('授权卡').first().waitFor();
  const { rows: [{ pass, code }] } = await lu.wait('passes', {}, '/rows/0/child', '小宝');
  await at('卢阿姨', lu, `/recurring/children/${pass}`);
  await seen['卢阿姨'].getByText(code).waitFor();
  await keeps(seen['卢阿姨'], 'she shows the card');
  await seen['卢阿姨'].emulateMedia({ media: 'print' });
  await seen['卢阿姨'].screenshot({ path: join(work, 'pass-print.png') });
  await seen['卢阿姨'].emulateMedia({ media: 'screen' });
  if ((await li.query('passes')).rows.length > 0) throw new Error('a third one has heard of the child');
  await at('方敏', fang, '/recurring/children');
  await seen['方敏'].getByLabel('卡上的八个字母数字').fill(code.toLowerCase());
  await seen['方敏'].getByText('对得上，可以接小宝').waitFor();
  await seen['方敏'].getByLabel('卡上的八个字母数字').fill('ABCD-0000');
  await seen['方敏'].getByText('没有对得上的授权').waitFor();
  await keeps(seen['方敏'], 'a code is checked');
  tell('the guardian names who may collect the child; the card has a code that her phone checks; nobody else hears of it');

  // Two weeks later: she notes the days, one of them was not, and they are confirmed.
  await later(14);
  await wakes();
  await at('卢阿姨', lu, `/recurring/${arrangement}`);
  const noted = seen['卢阿姨'].getByRole('group', { name: '这些天帮了' }).getByRole('checkbox');
  await noted.first().waitFor();
  const offered = await noted.count();
  // Every day is one of theirs.
  if (offered !== 15) throw new Error(`two weeks have ${offered} days`);
  await noted.first().uncheck();
  await keeps(seen['卢阿姨'], 'days are noted');
  await press('卢阿姨', `记下这 ${offered - 1} 天`);
  await fang.wait('arrangement', { arrangement }, '/helps', false);
  await at('方敏', fang, '/');
  await seen['方敏'].getByRole('region', { name: '长期帮忙' }).getByText(`${offered - 1} 天等你确认`).waitFor();
  await seen['方敏'].getByRole('region', { name: '长期帮忙' }).getByRole('link').first().click();
  await press('方敏', `确认这 ${offered - 1} 天`);
  await seen['方敏'].getByText(`一共帮了 ${offered - 1} 次`).waitFor();
  await keeps(seen['方敏'], 'days are confirmed');
  await lu.wait('arrangement', { arrangement }, '/times', offered - 1);
  tell('days are noted by who helps, without the one that was not, and confirmed');

  // The summer: a pause, and the children are looked after together; she ticks who is there without a network.
  await press('方敏', '停几天');
  await seen['方敏'].getByLabel('从哪天').fill(date(today() + 1));
  await seen['方敏'].getByLabel('到哪天').fill(date(today() + 40));
  await keeps(seen['方敏'], 'it asks how long');
  await pressInSheet('方敏', '停这几天');
  await seen['方敏'].getByRole('region', { name: '暂停' }).getByText('你说的').waitFor();
  await lu.wait('arrangement', { arrangement }, '/pauses/0/mine', false);
  // She can look after one household's child in the mornings, and says so: the second asks and waits for a place.
  await at('卢阿姨', lu, '/post?side=offer&kind=time');
  await seen['卢阿姨'].getByRole('textbox').first().fill('暑假上午看孩子，八点到十一点');
  await seen['卢阿姨'].getByRole('button', { name: /名额/ }).click();
  await seen['卢阿姨'].getByLabel('同时最多帮几家').fill('101');
  await seen['卢阿姨'].getByRole('alert').filter({ visible: true }).first().waitFor();
  await seen['卢阿姨'].getByLabel('同时最多帮几家').fill('1');
  await keeps(seen['卢阿姨'], 'how many she can help at a time');
  await press('卢阿姨', '盖章，贴出去');
  await seen['卢阿姨'].waitForURL(/share/);
  await seen['卢阿姨'].getByText('1 个，还有 1 个').waitFor();
  const mornings = new URL(seen['卢阿姨'].url()).pathname.split('/').pop();
  const asked = {};
  for (const [name, household] of [['方敏', fang], ['李叔', li]]) {
    await household.wait('listing', { listing: mornings }, '/listing/places_left', 1);
    asked[name] = (await household.do('answer', { listing: mornings, points: 0 })).deal;
    await lu.wait('deal', { deal: asked[name] }, '/deal/stage', 'answered');
  }
  await lu.do('agree', { deal: asked['方敏'] });
  await refuses(lu.do('agree', { deal: asked['李叔'] }), 'places-full');
  await li.wait('listing', { listing: mornings }, '/listing/places_left', 0);
  await at('李叔', li, '/share?side=offer');
  await seen['李叔'].getByRole('link', { name: /暑假上午看孩子.*名额满了/ }).waitFor();
  await keeps(seen['李叔'], 'all places are taken');
  await at('李叔', li, `/deal/${asked['李叔']}`);
  await seen['李叔'].getByText('名额满了，等302 卢阿姨空出一个').first().waitFor();
  await keeps(seen['李叔'], 'he waits for a place');
  await at('卢阿姨', lu, `/deal/${asked['李叔']}`);
  await seen['卢阿姨'].getByText('401 李叔想来，等空出一个名额').first().waitFor();
  await keeps(seen['卢阿姨'], 'she can agree once a place is free');
  if ((await lu.query('today')).turns.some((one) => one.id === asked['李叔'])) throw new Error('she is told to agree where no place is free');
  for (const household of [lu, fang]) await household.do('done', { deal: asked['方敏'] });
  await li.wait('listing', { listing: mornings }, '/listing/places_left', 1);
  await lu.do('agree', { deal: asked['李叔'] });
  tell('offered time counts its places: the second household waits until one is free');

  await fang.do('give_pass', { kind: 'care', child: '小宝', holders: [who['卢阿姨']], place: '二楼活动室', note: '花生过敏', weekdays: 127, first: today(), last: today() + 40 });
  await lu.wait('passes', {}, '/rows/1/child', '小宝');
  await at('卢阿姨', lu, '/recurring/children');
  const roster = seen['卢阿姨'].getByRole('region', { name: '今天的孩子' });
  await roster.getByText('花生过敏').waitFor();
  await roster.getByRole('button', { name: '小宝到了' }).click();
  await roster.getByText(/今天 \d\d:\d\d 到/).waitFor();
  await keeps(seen['卢阿姨'], 'the roster of today');
  await roster.getByRole('button', { name: '小宝走了' }).click();
  const care = (await fang.wait('passes', {}, '/rows/0/ticked/0/left_by/name', '卢阿姨')).rows[0];
  await at('方敏', fang, `/recurring/children/${care.pass}`);
  await seen['方敏'].getByText(/302 卢阿姨记的/).waitFor();
  await keeps(seen['方敏'], 'the guardian sees who ticked it');
  tell('a pause in the holidays; the children are looked after together, with consent, a roster and ticks that the guardian sees');

  // A year and a half: a sheet for each stretch.
  while (days + STRETCH < 540) {
    await later(STRETCH);
    const { days: around } = await lu.query('arrangement', { arrangement });
    const told = around.filter((one) => one.state === 'on' && one.day <= today()).map((one) => one.day);
    if (days < 90 && told.length > 35) throw new Error('the pause was not kept');
    await lu.do('step_on_help', { arrangement, step: 'tell', days: told });
    const { to_confirm } = await fang.wait('arrangement', { arrangement }, `/to_confirm/${told.length - 1}/day`, told.at(-1));
    await fang.do('step_on_help', { arrangement, step: 'confirm', days: to_confirm.map(({ day }) => day) });
  }
  const { times } = await fang.query('arrangement', { arrangement });
  await lu.wait('arrangement', { arrangement }, '/times', times);
  if (times < 330) throw new Error(`in a year and a half she came ${times} times`);
  const { total } = await lu.query('trail', { limit: 1 });
  if (total > 60) throw new Error(`a year and a half has ${total} entries`);
  tell(`a year and a half: ${times} times, confirmed by both, in ${total} entries of her journal`);

  // The end, on a day; the authorisation is revoked; and thanks.
  await later(1);
  await wakes();
  await at('方敏', fang, `/recurring/${arrangement}`);
  await press('方敏', '结束');
  await keeps(seen['方敏'], 'it asks for the last day');
  await pressInSheet('方敏', '就到这一天');
  await seen['方敏'].getByText(/^到.*为止$/).waitFor();
  await at('方敏', fang, `/recurring/children/${pass}`);
  await press('方敏', '收回');
  await pressInSheet('方敏', '收回');
  await seen['方敏'].getByText('这张授权收回了').waitFor();
  await at('方敏', fang, '/recurring/children');
  await seen['方敏'].getByLabel('卡上的八个字母数字').fill(code);
  await seen['方敏'].getByRole('alert').getByText('收回了').waitFor();
  await lu.wait('passes', {}, '/rows/1/revoked', true);
  await later(1);
  await wakes();
  await at('卢阿姨', lu, `/recurring/${arrangement}`);
  await seen['卢阿姨'].getByText('结束了').first().waitFor();
  await keeps(seen['卢阿姨'], 'it has ended');
  await seen['卢阿姨'].getByRole('link', { name: /那次约定/ }).click();
  await lu.do('done', { deal });
  await fang.wait('deal', { deal }, '/deal/giver_confirmed', true);
  await fang.do('done', { deal });
  await fang.do('review', { deal, stars: 5, text: '一年半，天天来接小宝，谢谢卢阿姨！' });
  await lu.wait('reviews', { member: who['卢阿姨'] }, '/rows/0/text', '一年半，天天来接小宝，谢谢卢阿姨！');
  await at('卢阿姨', lu, `/neighbours/${who['卢阿姨']}`);
  await seen['卢阿姨'].getByText('一年半，天天来接小宝，谢谢卢阿姨！').waitFor();
  await at('卢阿姨', lu, '/recurring');
  await seen['卢阿姨'].getByRole('region', { name: '从前的' }).getByRole('link', { name: /接小宝放学/ }).waitFor();
  await keeps(seen['卢阿姨'], 'what was stays in sight');
  tell('it ends on a day, the card is good no longer, and thanks stand on her page');

  await lu.ask('export', join(work, 'lu.zip'));
  await lu.ask('verify-export', join(work, 'lu.zip'));
  tell('what she takes along holds');
});
