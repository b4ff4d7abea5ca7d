// What neighbours have with each other alone: a conversation, two messages of it before a mediator, an introduction, a block that
// nobody is told of. A social worker's need for somebody who is not named, her thanks on the wall, and old bicycles for a fence.
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const SHOTS = process.env['KAIFONG_SHOTS'];

await story(async (tell) => {
  const [li, chen, ma, wang] = ['li', 'chen', 'ma', 'wang'].map((name) => new Household(name));
  const links = { li: await li.serve(), chen: await chen.serve(), ma: await ma.serve(), wang: await wang.serve() };
  const who = await building(li, chen, ma, wang);
  const there = await browser();
  const his = await page(there, { size: 360 });
  const hers = await page(there, { size: 360, theme: 'dark' });
  const mas = await page(there, { size: 360, elder: true });
  const wangs = await page(there, { size: 360 });
  await his.goto(links.li);
  await hers.goto(links.chen);
  await mas.goto(links.ma);
  await wangs.goto(links.wang);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const write = (seen, name, text) => seen.getByRole('textbox', { name, exact: true }).filter({ visible: true }).fill(text);
  const shot = (name, seen) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  const reads = (seen, text) => seen.getByText(text).filter({ visible: true }).first().waitFor();

  // They talk before anything is agreed.
  const ladder = (await chen.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', points: 0 })).listing;
  await ma.wait('listing', { listing: ladder }, '/listing/id', ladder);
  const { deal } = await ma.do('answer', { owner: who.chen, listing: ladder, due_at: Date.now() + 3 * DAY_MS });
  await chen.wait('deal', { deal }, '/deal/stage', 'answered');
  await at(mas, ma, `/deal/${deal}`);
  await reads(mas, '502 陈姨可以把你的话给调解员看。');
  for (const text of ['周六上午能来拿吗？', '怎么不回话？架子真大', '不借就算了，小气']) {
    await write(mas, '写给502 陈姨的话', text);
    await press(mas, '发出');
    await reads(mas, text);
  }
  // And a picture: his browser makes it small, and draws it anew.
  await mas.locator('input[type=file]').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
  await reads(mas, '读不出这张照片');
  await mas.locator('input[type=file]').setInputFiles({ name: 'cart.png', mimeType: 'image/png', buffer: await mas.screenshot() });
  await mas.getByRole('img', { name: '你附的照片' }).waitFor();
  await press(mas, '发出');
  const sent = (await ma.wait('talk', { deal }, '/messages/3/text', '')).messages[3].picture;
  if (!sent || Buffer.from(sent, 'base64').length > 5_120) throw new Error(`a picture of ${sent?.length} characters`);
  await keeps(mas, 'he has written');
  await shot('talk-elder', mas);
  await at(hers, chen, `/deal/${deal}`);
  await reads(hers, '不借就算了，小气');
  const picture = hers.getByRole('img', { name: '601 马乐附的照片' });
  await picture.waitFor();
  if (!(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 90)))) throw new Error('the picture is not shown');
  await write(hers, '写给601 马乐的话', '刚才在做饭。请好好说话');
  await press(hers, '发出');
  await reads(mas, '刚才在做饭。请好好说话');
  await keeps(hers, 'she has answered');
  await shot('talk-dark', hers);
  if ((await wang.query('talk', { deal }).then(() => 'read', (error) => error.stderr)).includes('not-a-party') === false) throw new Error('somebody else reads it');
  tell('talked: four messages and a picture between the two, before anything was agreed');

  // She shows a mediator two of them.
  await press(hers, '请调解员看看');
  await hers.getByRole('checkbox', { name: '怎么不回话？架子真大' }).check();
  await hers.getByRole('checkbox', { name: '不借就算了，小气' }).check();
  await hers.getByRole('checkbox', { name: '601 马乐附的照片' }).check();
  await write(hers, '你想说的一句话', '这样说话我受不了，请您劝一劝');
  await keeps(hers, 'choosing');
  await shot('report-dark', hers);
  await press(hers, '给调解员看 3 句');
  await reads(hers, '送出去了');
  await wang.wait('complaints', {}, '/rows/0/shown/1/text', '不借就算了，小气');
  const report = (await wang.query('complaints')).rows[0];
  if (report.shown.length !== 3 || report.shown[2].picture !== sent) throw new Error(`the mediator sees ${JSON.stringify(report.shown)}`);
  if ((await li.query('complaints')).rows.length > 0) throw new Error('who does not mediate hears of it');
  await at(wangs, wang, '/neighbours/complaints');
  await reads(wangs, '502 陈姨请调解员看看601 马乐的话');
  await wangs.getByRole('img', { name: '601 马乐附的照片' }).waitFor();
  if (await wangs.getByText('周六上午能来拿吗？').count()) throw new Error('a message is shown that nobody chose');
  await press(wangs, '回话: 601 马乐');
  await write(wangs, '回话', '都消消气，明天我上门坐坐。');
  await keeps(wangs, 'answering both');
  await shot('report-mediator', wangs);
  await press(wangs, '封好，送回去');
  await reads(mas, '都消消气，明天我上门坐坐。');
  await keeps(mas, 'whom it is about reads the answer');
  await at(hers, chen, '/neighbours/complaints');
  await reads(hers, '都消消气，明天我上门坐坐。');
  await keeps(hers, 'her report');
  if ((await ma.query('complaints')).rows.length > 0) throw new Error('whom it is about reads the report');
  tell('reported: a mediator saw the two messages and the picture that were chosen, and both read the answer');

  // She blocks him: he is told nothing.
  await at(hers, chen, `/neighbours/${who.ma}`);
  await press(hers, '屏蔽601 马乐');
  await keeps(hers, 'asked whether to block');
  await shot('block-dark', hers);
  await press(hers, '屏蔽');
  await reads(hers, '你屏蔽了601 马乐');
  await ma.do('say', { deal, text: '还在吗？' });
  await ma.wait('talk', { deal }, '/messages/4/under_way', false);
  if ((await chen.query('deals', { live: true })).total !== 0) throw new Error('his answer still waits for her');
  if ((await chen.query('talk', { deal })).messages.some((one) => one.text === '还在吗？')) throw new Error('his message came through');
  if ((await ma.query('deal', { deal })).deal.waiting !== '等 502 陈姨答应') throw new Error('he sees more than that she has not answered');
  await at(hers, chen, `/share/${ladder}`);
  await reads(hers, '还没有人应。有人应了，首页会轮到你。');
  tell('blocked: to him it looks as if nobody had answered');

  // 王姨 would meet 陈姨, and asks 李叔.
  await at(wangs, wang, `/neighbours/${who.chen}`);
  await wangs.getByRole('link', { name: '请人引见502 陈姨' }).click();
  await write(wangs, '为什么', '想跟陈姨学包云吞，又不好意思开口');
  await keeps(wangs, 'asking for an introduction');
  await shot('introduction-ask', wangs);
  await press(wangs, '请对方引见');
  await reads(wangs, '请托送出去了');
  await li.wait('introductions', {}, '/rows/0/stage', 'asked');
  if ((await chen.query('introductions')).rows.length > 0) throw new Error('she is told before she is asked');
  await at(his, li, '/');
  await his.getByRole('link', { name: /有 1 件引见等你/ }).click();
  await reads(his, '103 王姨想认识502 陈姨');
  await write(his, '怎么跟对方说', '王姨人好，想跟你学包云吞');
  await keeps(his, 'introducing');
  await shot('introduction-introducer', his);
  await press(his, '问一声');
  await chen.wait('introductions', {}, '/rows/0/stage', 'proposed');
  await at(hers, chen, '/neighbours/introductions');
  await reads(hers, '401 李叔问：愿意认识103 王姨吗？');
  await keeps(hers, 'asked whether she would meet her');
  await press(hers, '愿意');
  await hers.getByRole('link', { name: '去说几句' }).click();
  await write(hers, '写给103 王姨的话', '周日下午来我家吧');
  await press(hers, '发出');
  await reads(hers, '周日下午来我家吧');
  await keeps(hers, 'they have met');
  await shot('introduction-talk-dark', hers);
  await at(wangs, wang, '/neighbours/introductions');
  await wangs.getByRole('link', { name: '去说几句' }).click();
  await reads(wangs, '周日下午来我家吧');
  if ((await li.query('introductions')).rows[0].stage !== 'met') throw new Error('who introduced does not hear');
  // With him she would have nothing to do: he reads only that it did not work out.
  await ma.do('ask_introduction', { introducer: who.li, whom: who.chen, text: '想当面道个歉' });
  const asked = (await li.wait('introductions', {}, '/rows/0/stage', 'asked')).rows[0].introduction;
  await li.do('introduce', { introduction: asked, to: who.chen, text: '马乐想见见你' });
  await ma.wait('introductions', {}, '/rows/0/stage', 'failed');
  await at(mas, ma, '/neighbours/introductions');
  await reads(mas, '这次没有成');
  await keeps(mas, 'it did not work out');
  tell('introduced: two met by a third, and one read only that it did not work out');

  // 李叔 posts for somebody who is not named; two give, and read the thanks on the wall.
  await at(his, li, '/post?side=need');
  await his.getByRole('textbox').first().fill('冬天的棉被，两床');
  await his.getByRole('switch', { name: '替别人发（不写名字）' }).click();
  await write(his, '怎么称呼这位街坊', '一位独居老人');
  await keeps(his, 'posting for another');
  await shot('proxy-post', his);
  await press(his, '盖章，贴出去');
  await reads(his, '代发：一位独居老人');
  const need = (await li.query('needs', { mine: true })).rows[0].id;
  await wang.wait('listing', { listing: need }, '/listing/on_behalf', '一位独居老人');
  await at(wangs, wang, `/share/${need}`);
  await reads(wangs, '代发：一位独居老人');
  await wangs.getByText('401 李叔代一位独居老人发的', { exact: false }).waitFor();
  await keeps(wangs, 'a need by proxy');
  await shot('proxy-need', wangs);
  for (const giver of [wang, chen]) {
    const given = (await giver.do('answer', { owner: who.li, listing: need })).deal;
    await giver.do('say', { deal: given, text: '我有一床新的' });
    await li.wait('talk', { deal: given }, '/messages/0/text', '我有一床新的');
    await li.do('agree', { deal: given });
    await giver.wait('deal', { deal: given }, '/deal/stage', 'agreed');
    await giver.do('done', { deal: given });
    await li.wait('deal', { deal: given }, '/deal/giver_confirmed', true);
    await li.do('done', { deal: given });
    await giver.wait('deal', { deal: given }, '/deal/stage', 'done');
    await at(his, li, `/deal/${given}`);
    await his.getByRole('link', { name: /^谢谢.*爱心墙/ }).click();
    await write(his, '感谢的话', giver === wang ? '老人家说，盖上就暖了。' : '被子收到了，很厚实。');
    await press(his, '贴到墙上');
    await reads(his, '贴上去了');
  }
  await chen.wait('wall', {}, '/total', 2);
  await at(wangs, wang, '/neighbours/wall');
  await reads(wangs, '老人家说，盖上就暖了。');
  await reads(wangs, '401 李叔代一位独居老人 谢 103 王姨');
  await keeps(wangs, 'the wall');
  await shot('wall', wangs);
  await wangs.setViewportSize(sizes[1280]);
  await keeps(wangs, 'the wall, wide');
  await shot('wall-1280', wangs);
  await wangs.setViewportSize(sizes[360]);
  tell('posted for another: two gave, and were thanked without a name');

  // What is private says its name only, and nobody reviews it.
  await at(wangs, wang, '/post?side=offer&kind=skill');
  await wangs.getByRole('textbox').first().fill('心理咨询');
  await wangs.getByRole('switch', { name: '私下' }).click();
  await keeps(wangs, 'offering in private');
  await press(wangs, '盖章，贴出去');
  await reads(wangs, '邻居仍能查到：你们之间成了一次、什么时候、多少积分。');
  await keeps(wangs, 'a private offer');
  await shot('private-offer', wangs);
  const private_ = (await wang.query('offers', { mine: true })).rows[0].id;
  await chen.wait('listing', { listing: private_ }, '/listing/discreet', true);
  const quiet = (await chen.do('answer', { owner: who.wang, listing: private_ })).deal;
  await wang.wait('deal', { deal: quiet }, '/deal/stage', 'answered');
  await wang.do('agree', { deal: quiet });
  await chen.wait('deal', { deal: quiet }, '/deal/stage', 'agreed');
  await chen.do('done', { deal: quiet });
  await wang.do('done', { deal: quiet });
  await chen.wait('deal', { deal: quiet }, '/deal/stage', 'done');
  const reviewed = await chen.do('review', { deal: quiet, stars: 5, text: '谢谢' }).then(() => 'reviewed', (error) => error.stderr);
  if (!reviewed.includes('not-reviewed')) throw new Error(`a private deal: ${reviewed}`);
  tell('counselled: in private, and nobody reviews it');

  // Old bicycles for a fence.
  await at(his, li, '/drives');
  await his.getByRole('link', { name: '发起募集' }).click();
  await write(his, '募集什么，做什么', '旧自行车做绿化护栏');
  await write(his, '说明', '轮圈没烂就行，放到小屋后面');
  await write(his, '要多少', '30');
  await write(his, '单位', '辆');
  await his.getByLabel('收到哪天').fill(day(Date.now() + 30 * DAY_MS));
  await keeps(his, 'calling for bicycles');
  await shot('drive-new', his);
  await press(his, '发起');
  await reads(his, '收到 0 辆，认了 0 辆，要 30 辆');
  const drive = (await li.query('drives')).rows[0].drive;
  await ma.wait('drives', {}, '/rows/0/drive', drive);
  await at(mas, ma, '/drives');
  await mas.getByRole('link', { name: /旧自行车做绿化护栏/ }).click();
  await write(mas, '几辆', '3');
  await write(mas, '附一句话', '两辆没有链条');
  await keeps(mas, 'promising');
  await press(mas, '认捐');
  await reads(mas, '你认了 3 辆');
  await keeps(mas, 'promised');
  await shot('drive-elder', mas);
  await chen.wait('drives', {}, '/rows/0/pledged', 3);
  await chen.do('pledge', { owner: who.li, drive, count: 2 });
  await li.wait('drive', { owner: who.li, drive }, '/drive/pledged', 5);
  await at(his, li, `/drives/${who.li}/${drive}`);
  await press(his, '记收到: 601 马乐');
  await press(his, '记下');
  await reads(his, '收到 3 辆，认了 5 辆，要 30 辆');
  await keeps(his, 'three have come');
  await shot('drive-owner', his);
  await press(his, '结束募集');
  await write(his, '成果', '护栏装好了，欢迎来看。');
  await press(his, '结束');
  await reads(his, '护栏装好了，欢迎来看。');
  await chen.wait('drive', { owner: who.li, drive }, '/drive/report', '护栏装好了，欢迎来看。');
  await at(mas, ma, `/drives/${who.li}/${drive}`);
  await reads(mas, '护栏装好了，欢迎来看。');
  await keeps(mas, 'what came of it');
  await shot('drive-closed-elder', mas);
  tell('collected: bicycles were promised, came as both say, and became a fence');

  // After a restart all of it is still there.
  await chen.stop();
  await chen.serve(chen.port);
  if ((await chen.query('talk', { deal })).messages.length !== 5) throw new Error('the conversation is gone after a restart');
  if ((await chen.query('blocked')).rows.length !== 1) throw new Error('the block is gone after a restart');
  if ((await chen.query('introductions')).rows[0].stage !== 'met') throw new Error('the introduction is gone after a restart');
});

/** A day as a date field takes it, where the browser is. */
function day(at) {
  const date = new Date(at);
  return [date.getFullYear(), String(date.getMonth() + 1).padStart(2, '0'), String(date.getDate()).padStart(2, '0')].join('-');
}

/** 李叔 has founded, reviews and organises; 王姨 mediates; 陈姨 and 马乐 are neighbours. */
async function building(li, chen, ma, wang) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = { li: (await li.query('me')).person.member };
  const join = async (one, key, name, block) => {
    await one.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await one.wait('application', {}, '/state', 'approved');
    who[key] = (await one.query('me')).person.member;
  };
  await join(chen, 'chen', '陈姨', '502');
  await join(ma, 'ma', '马乐', '601');
  await join(wang, 'wang', '王姨', '103');
  const roles = (await li.query('building')).roles.map((held) => ({ member: held.person.member, role: held.role }));
  await li.do('draft_epoch', { roles: [...roles, { member: who.li, role: 'organiser' }, { member: who.wang, role: 'mediator' }] });
  await Promise.all([chen, ma, wang].map((one) => one.wait('member', { member: who.wang }, '/roles/0', 'mediator')));
  await Promise.all([chen, ma].map((one) => one.wait('member', { member: who.wang }, '/person/name', '王姨')));
  return who;
}
