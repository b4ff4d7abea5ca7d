// A property firm with two people. It joins, and says who uses its first phone; a second person links another. Each answers a need of
// 李叔's: he sees which of them comes, before and after. One leaves, and what they did still bears their name. 李叔 uses the elder version.
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, desk, van] = [new Household('li'), new Household('desk'), new Household('van')];
  const [liLink, deskLink, vanLink] = [await li.serve(), await desk.serve(), await van.serve()];
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const there = await browser();
  const his = await page(there, { size: 360, elder: true });
  const [hers, boys] = [await page(there, { size: 360 }), await page(there, { size: 360, theme: 'dark' })];
  await his.goto(liLink);
  const to = (seen, link, path) => seen.goto(new URL(path, link).href);

  // The firm joins, and is asked who uses this phone.
  await hers.goto(deskLink);
  await hers.getByRole('link', { name: /加入我住的楼/ }).click();
  await hers.getByLabel('短码，或整段邀请').fill(ticket);
  await hers.getByRole('button', { name: '下一步' }).click();
  await hers.getByRole('radio', { name: '一个组织' }).click();
  await hers.getByRole('radio', { name: '物业公司' }).click();
  for (const [label, words] of [[/叫什么/, '丽景物业'], [/在哪里/, '一楼物业办'], [/办事人的真实姓名/, '陈小云']]) await hers.getByLabel(label).first().fill(words);
  await hers.getByRole('switch', { name: /满 14 岁了/ }).click();
  await hers.getByRole('button', { name: '请街坊认一认' }).click();
  const { rows: asked } = await li.wait('requests', {}, '/rows/0/name', '丽景物业');
  await li.do('approve', { device: asked[0].device });
  await hers.getByRole('heading', { name: '你是哪一位？' }).waitFor();
  await keeps(hers, 'who are you');
  await hers.getByRole('button', { name: '就这样' }).click();
  await hers.getByText('写一个名字').waitFor();
  await hers.getByLabel('名字').fill('小\u202E陈');
  await hers.getByRole('button', { name: '就这样' }).click();
  const refused = hers.getByRole('alert').filter({ hasText: /\S/ });
  await refused.first().waitFor();
  if (!/\p{Script=Han}{4}/u.test(await refused.first().innerText())) throw new Error('no sentence says why a name that turns is refused');
  await keeps(hers, 'a name that turns is refused');
  await hers.getByLabel('名字').fill('小陈');
  await hers.getByLabel(/做什么的/).fill('前台');
  await hers.getByRole('button', { name: '就这样' }).click();
  await hers.getByText('丽景物业 · 小陈').waitFor();
  await keeps(hers, 'named');
  tell('joined: the firm is asked who uses its first phone; an empty name and one that turns around are refused');

  // A second phone, of another person: it is asked as it is linked.
  await to(hers, deskLink, '/me/device');
  await hers.getByRole('button', { name: '给新设备一张邀请' }).click();
  const invitation = await written(hers);
  await boys.goto(vanLink);
  await boys.getByRole('link', { name: '这是我的另一台设备' }).click();
  await boys.getByRole('textbox', { name: '那一台给的邀请' }).fill(invitation);
  const card = await written(boys);
  await boys.getByRole('button', { name: '找我的那栋楼' }).click();
  await boys.getByText('找到楼了，等你的另一台设备').waitFor();
  await hers.getByRole('textbox', { name: '新设备的名片' }).fill(card);
  await hers.getByRole('button', { name: '是我的，连上' }).first().click();
  await hers.getByRole('dialog').getByRole('button', { name: '是我的，连上' }).click();
  await boys.getByRole('heading', { name: '你是哪一位？' }).waitFor();
  // Nobody is made up for who has not said it yet.
  await desk.wait('devices', {}, '/rows/1/state', 'in-use');
  await to(hers, deskLink, '/me/devices');
  await hers.getByRole('button', { name: /还没说是谁/ }).waitFor();
  await hers.getByRole('button', { name: /小陈·前台/ }).waitFor();
  await keeps(hers, 'one of two is named');
  await boys.getByLabel('名字').fill('阿强');
  await boys.getByLabel(/做什么的/).fill('维修');
  await keeps(boys, 'who are you, in the dark');
  await boys.getByRole('button', { name: '就这样' }).click();
  await boys.getByText('丽景物业 · 阿强').waitFor();
  await hers.getByRole('button', { name: /阿强·维修/ }).waitFor();
  await keeps(hers, 'both are named');
  tell('linked: the second phone is asked who uses it, and each of the firm sees whose phone is whose');

  // Each answers a need; he sees which of them comes.
  const needs = {};
  for (const title of ['快递没人收', '厨房水管漏水']) needs[title] = (await li.do('post', { side: 'need', title, points: 10 })).listing;
  const deals = {};
  for (const [seen, link, home, title] of [[hers, deskLink, desk, '快递没人收'], [boys, vanLink, van, '厨房水管漏水']]) {
    await home.wait('listing', { listing: needs[title] }, '/listing/title', title);
    await to(seen, link, `/share/${needs[title]}`);
    await seen.getByRole('button', { name: '我可以帮助你' }).click();
    await seen.getByRole('button', { name: '盖章，告诉对方' }).click();
    await seen.waitForURL(/\/deal\//);
    deals[title] = new URL(seen.url()).pathname.split('/').pop();
    await seen.getByText(title === '快递没人收' ? /^小陈/ : /^阿强/).first().waitFor();
    await keeps(seen, `${title}: answered`);
  }
  await to(his, liLink, '/deal');
  for (const [title, who] of [['快递没人收', '小陈'], ['厨房水管漏水', '阿强']]) {
    await his.getByRole('article').filter({ hasText: title }).getByText(`丽景物业 · ${who}可以帮你，等你答应`).waitFor();
  }
  await keeps(his, 'two of one firm would come');
  await to(his, liLink, `/deal/${deals['厨房水管漏水']}`);
  await his.getByRole('button', { name: /丽景物业 · 阿强/ }).first().click();
  await van.wait('deal', { deal: deals['厨房水管漏水'] }, '/deal/stage', 'agreed');
  await boys.getByRole('button', { name: '我帮好了' }).click();
  await li.wait('deal', { deal: deals['厨房水管漏水'] }, '/deal/giver_confirmed', true);
  await his.getByRole('button', { name: /谢.*10 分/ }).first().click();
  await van.wait('deal', { deal: deals['厨房水管漏水'] }, '/deal/stage', 'done');
  await keeps(his, 'done, by 阿强');
  // 小陈 looks at what her colleague did: it is not hers.
  await desk.wait('deal', { deal: deals['厨房水管漏水'] }, '/deal/stage', 'done');
  await to(hers, deskLink, `/deal/${deals['厨房水管漏水']}`);
  await hers.getByText(/^阿强/).first().waitFor();
  if ((await hers.getByRole('main').innerText()).includes('小陈')) throw new Error('what 阿强 did is shown as 小陈\'s');
  tell('answered: he sees which of them would come to which need, and who came');

  // 阿强 posts and is reviewed; points go to who did it.
  const { listing } = await van.do('post', { side: 'offer', kind: 'skill', title: '通下水道', points: 10 });
  await li.wait('listing', { listing }, '/listing/title', '通下水道');
  await desk.wait('listing', { listing }, '/listing/title', '通下水道');
  await desk.do('edit_listing', { listing, words: { side: 'offer', kind: 'skill', title: '通下水道、换水龙头', points: 10 } });
  await li.wait('listing', { listing }, '/listing/title', '通下水道、换水龙头');
  await to(his, liLink, `/share/${listing}`);
  await his.getByText('丽景物业 · 阿强').first().waitFor();
  await his.getByText('小陈', { exact: true }).waitFor();
  await keeps(his, 'a listing of one, mended by the other');
  await to(his, liLink, '/points/statement');
  await his.getByText(/谢 ?丽景物业 · 阿强|厨房水管漏水/).first().waitFor();
  await keeps(his, 'his statement');
  await desk.wait('points', {}, '/balance', 10);
  await to(hers, deskLink, '/points/statement');
  await hers.getByText('经手：阿强').first().waitFor();
  await keeps(hers, 'the firm\'s statement');
  tell('written: a listing names who wrote it and who mended it, a line of points who earned it');

  // Who works there, as everybody reads it.
  const { owner } = (await li.query('listing', { listing })).listing;
  const firm = async (seen, link) => {
    await to(seen, link, `/neighbours/${owner.member}`);
    return seen.getByRole('region', { name: '谁在这里做事' });
  };
  let works = await firm(his, liLink);
  await works.getByText('小陈', { exact: true }).waitFor();
  await works.getByText('维修', { exact: true }).waitFor();
  await keeps(his, 'who works at the firm');

  // Somebody asks to join under the name that 小陈 is shown with.
  const stranger = new Household('stranger');
  await stranger.serve();
  await stranger.do('apply', { invitation: ticket, name: '丽景物业·小陈', block: '', household: '不知道', real_name: '某某' });
  await li.wait('requests', {}, '/rows/0/name', '丽景物业·小陈');
  await to(his, liLink, '/neighbours/requests');
  await his.getByRole('article').filter({ hasText: '不知道' }).getByRole('link', { name: '丽景物业 · 小陈' }).waitFor();
  await keeps(his, 'somebody would be called like 小陈');
  tell('looked at: who works at the firm stands on its page, and whoever would be called like one of them is told apart');

  // 阿强 leaves: 小陈 closes his phone and says so.
  await li.wait('deal', { deal: deals['厨房水管漏水'] }, '/deal/stage', 'done');
  await to(hers, deskLink, '/me/devices');
  await hers.getByRole('button', { name: /阿强·维修/ }).click();
  await hers.getByRole('dialog').getByText('阿强·维修').waitFor();
  await keeps(hers, 'one device of the firm');
  await hers.getByRole('button', { name: '改名字、岗位' }).click();
  await hers.getByRole('switch', { name: '不在这里做了' }).click();
  await keeps(hers, 'somebody works here no longer');
  await hers.getByRole('button', { name: '就这样' }).click();
  await hers.getByRole('button', { name: /阿强·维修.*已经不在这里做/s }).click();
  await hers.getByRole('button', { name: '关掉它' }).click();
  await hers.getByRole('dialog').getByRole('button', { name: '关掉', exact: true }).click();
  await hers.getByText('它们以后签的都不算').waitFor();
  await keeps(hers, 'his phone is closed');
  const gone = (rows) => rows.find((row) => row.name === '阿强');
  await li.wait('member', { member: owner.member }, '/devices', 1);
  if (gone((await li.query('member', { member: owner.member })).staff)?.works !== false) throw new Error('who has left works here');
  works = await firm(his, liLink);
  await works.getByText('阿强', { exact: true }).waitFor();
  await works.getByText(/不在这里做/).waitFor();
  await keeps(his, 'one has left');
  await to(his, liLink, `/deal/${deals['厨房水管漏水']}`);
  await his.getByText(/丽景物业 · 阿强/).first().waitFor();
  await keeps(his, 'what he did still names him');
  await to(his, liLink, `/share/${listing}`);
  await his.getByText('丽景物业 · 阿强').first().waitFor();
  tell('left: his phone is closed, the firm says so, and what he did still bears his name');

  for (const size of [768, 1280]) {
    await his.setViewportSize(sizes[size]);
    await hers.setViewportSize(sizes[size]);
    await firm(his, liLink);
    await his.getByText('阿强', { exact: true }).waitFor();
    await keeps(his, `the firm's page at ${size}`);
    await to(hers, deskLink, '/me/devices');
    await hers.getByRole('button', { name: /小陈·前台/ }).waitFor();
    await keeps(hers, `the firm's devices at ${size}`);
  }
  const audits = await Promise.all([li, desk].map((home) => home.ask('audit')));
  if (!audits.every((audit) => audit.ok)) throw new Error('the audit complains');
  await there.close();

  /** The long text for another device. */
  async function written(seen) {
    await seen.getByText('看这段字').first().click();
    return (await seen.locator('details').first().innerText()).replace('看这段字', '').trim();
  }
});
