// Two households in two browsers: found, invite, join through the camera, need, answer, a plug pulled in the middle, thanks,
// loan, review. Everything is done as a person would: by what the page says.
import { readFileSync } from 'node:fs';
import { Household, browser, film, keeps, page, sizes, story } from './street.mjs';

const CODE = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/;

await story(async (tell) => {
  const [li, chen] = [new Household('li'), new Household('chen')];
  const [liLink, chenLink] = [await li.serve(), await chen.serve()];

  const phone = await browser();
  const his = await page(phone, { size: 360 });
  await his.goto(liLink);
  await his.getByRole('link', { name: /给这栋楼开一个街坊/ }).click();
  await his.getByLabel(/这栋楼叫什么/).fill('榕荫里 3 号楼');
  await his.getByLabel(/怎么称呼/).fill('李叔');
  await his.getByLabel(/门牌/).fill('401');
  await keeps(his, 'founding');
  await his.getByRole('button', { name: '开门' }).click();
  await his.getByRole('heading', { name: /你是榕荫里 3 号楼的街坊了/ }).waitFor();
  await keeps(his, 'founded');
  tell('founded: 李叔 opens the building in his browser');

  // The link lets one browser in, once.
  const thief = await (await phone.newContext()).newPage();
  const second = await thief.goto(liLink);
  if (second.status() !== 403) throw new Error(`a used link answers ${second.status()}`);
  await thief.close();

  await his.getByRole('link', { name: '请街坊进来' }).click();
  await his.getByRole('button', { name: '发邀请' }).click();
  await his.getByText(CODE).filter({ visible: true }).first().waitFor();
  await keeps(his, 'invitation');
  const qr = await his.getByRole("img", { name: /二维码/ }).filter({ visible: true }).first().screenshot({ scale: 'css' });
  const camera = await film(his, qr);
  tell('invited: a QR and a short code');

  const tablet = await browser(camera);
  const hers = await page(tablet, { size: 768, camera: true });
  await hers.goto(chenLink);
  await hers.getByRole('link', { name: /加入我住的楼/ }).click();
  await hers.getByRole('button', { name: '用摄像头扫' }).click();
  await hers.getByText('邀请认出来了').first().waitFor();
  await hers.getByLabel(/怎么称呼/).fill('陈姨');
  await hers.getByLabel(/门牌/).fill('502');
  await hers.getByLabel(/哪一户/).fill('3 栋 502');
  await hers.getByLabel(/真实姓名/).fill('陈美玲');
  await keeps(hers, 'joining');
  // What was written outlives a reload.
  await hers.reload();
  if ((await hers.getByLabel(/真实姓名/).inputValue()) !== '陈美玲') throw new Error('a draft was lost');
  await hers.getByRole('switch', { name: '我满 14 岁了' }).click();
  await hers.getByRole('button', { name: '请街坊认一认' }).click();
  await hers.getByText(/送到了/).first().waitFor();
  await keeps(hers, 'waiting');
  tell('asked: 陈姨 has scanned the QR with her camera and written who she is');

  await his.goto(new URL('/', liLink).href);
  await his.getByRole('link', { name: /想进楼|等你认门/ }).first().click();
  await his.getByText('陈美玲').waitFor();
  await keeps(his, 'requests');
  await his.getByRole('button', { name: '认得，让进来：陈姨' }).click();
  await his.getByRole('button', { name: '盖印，让进来' }).click();
  await hers.getByRole('heading', { name: /你是榕荫里 3 号楼的街坊了/ }).waitFor();
  tell('certified: 李叔 knows her; her page turns by itself');

  // He can do something, and says so.
  await his.goto(new URL('/', liLink).href);
  await his.getByRole('link', { name: '我能帮' }).or(his.getByRole('button', { name: '我能帮' })).first().click();
  await his.getByRole('textbox', { name: '我能帮什么' }).fill('会修水管水龙头，下班以后都可以');
  await his.getByRole('button', { name: '盖章，贴出去' }).click();
  await his.getByText('盖好章，贴出去了').waitFor();

  // She needs something, and at once sees who fits and why; he sees it and can help.
  await hers.getByRole('link', { name: '去首页' }).click();
  await hers.getByRole('link', { name: '我需要' }).or(hers.getByRole('button', { name: '我需要' })).first().click();
  await hers.getByRole('textbox', { name: '我需要什么' }).fill('厨房水龙头一直滴水，想请懂的邻居来看看，谢 20 分');
  await keeps(hers, 'posting');
  await hers.getByRole('button', { name: '盖章，贴出去' }).click();
  await hers.getByText('盖好章，贴出去了').waitFor();
  const fit = hers.getByRole('link', { name: /会修水管水龙头/ }).first();
  await fit.waitFor();
  if (!/李叔/.test(await fit.innerText()) || !/水龙头/.test((await fit.innerText()).replace('会修水管水龙头', ''))) throw new Error(`no reason why it fits: ${await fit.innerText()}`);
  tell('matched: her need finds his offer, and the page says why');
  await keeps(hers, 'posted');
  await his.goto(new URL('/share', liLink).href);
  await his.getByRole('button', { name: '需求清单' }).click();
  await his.getByRole('link', { name: /水龙头/ }).first().click();
  await his.getByRole('heading', { name: /水龙头/ }).waitFor();
  await keeps(his, 'listing');
  await his.getByRole('button', { name: '我可以帮助你' }).click();
  await keeps(his, 'answering');
  await his.getByRole('button', { name: '盖章，告诉对方' }).click();
  await his.waitForURL(/\/deal\//);
  await keeps(his, 'answered');
  const deal = new URL(his.url()).pathname;
  tell('answered: 我可以帮助你');

  await hers.goto(new URL('/', chenLink).href);
  await hers.getByText('轮到你了').waitFor();
  await keeps(hers, 'today');
  await hers.goto(new URL(deal, chenLink).href);
  await hers.getByRole('button', { name: /答应.*李叔/ }).click();
  await his.getByRole('button', { name: '我帮好了' }).waitFor();

  // The plug is pulled under her page: it says so, keeps what was there, and comes back by itself.
  await chen.kill();
  await hers.getByText(/正在重连/).first().waitFor();
  await his.getByRole('button', { name: '我帮好了' }).click();
  await his.getByText(/等.*陈姨/).first().waitFor();
  await chen.serve(chen.port);
  const thanks = hers.getByRole('button', { name: /办好了，谢.*李叔.*20/ });
  await thanks.waitFor();
  await keeps(hers, 'her turn');
  await thanks.click();
  await hers.getByText(/两边都盖了章/).first().waitFor();
  tell('paid: her node was killed in the middle and came back under the open page');

  await hers.getByRole('radio', { name: /5 颗星/ }).click();
  await hers.getByRole('textbox', { name: /说一句/ }).fill('准时，很细心');
  await keeps(hers, 'review');
  await hers.getByRole('button', { name: '就这么说' }).click();
  await hers.getByText('准时，很细心').first().waitFor();
  await his.getByText('准时，很细心').first().waitFor();
  tell('reviewed: he reads it on his page');

  await hers.getByRole('button', { name: '凭证' }).first().click();
  await hers.getByRole('dialog').getByText('核对无误').waitFor();
  await keeps(hers, 'proof');
  await hers.keyboard.press('Escape');
  tell('verified: every signature of the deal was checked again on her device');

  await his.goto(new URL('/points', liLink).href);
  await his.getByText('20', { exact: true }).first().waitFor();
  await keeps(his, 'points');
  await his.goto(new URL('/points/statement', liLink).href);
  await his.getByText(/水龙头/).first().waitFor();
  const [table] = await Promise.all([his.waitForEvent('download'), his.getByRole('button', { name: '存成表格' }).click()]);
  const saved = readFileSync(await table.path(), 'utf8');
  if (!/水龙头.*,20,.*[0-9a-f]{64}/.test(saved)) throw new Error(`the table lacks the help: ${saved}`);
  await his.getByLabel('哪个月').selectOption({ label: `${new Date().getFullYear()} 年全年` });
  await his.getByText(/水龙头/).first().waitFor();
  await keeps(his, 'a statement of the whole year');

  // A loan goes out and comes back, with the keyboard alone on his side.
  await his.setViewportSize(sizes[1280]);
  await his.goto(new URL('/post?side=offer', liLink).href);
  await his.getByRole('textbox', { name: '我能帮什么' }).focus();
  await his.keyboard.type('家里有人字梯，周末可以借');
  const post = his.getByRole('button', { name: '盖章，贴出去' });
  await his.waitForFunction(() => [...document.querySelectorAll('button')].some((button) => button.textContent.includes('盖章，贴出去') && !button.disabled));
  await tabTo(his, post);
  await his.keyboard.press('Enter');
  await his.getByText('盖好章，贴出去了').waitFor();
  await hers.goto(new URL('/share', chenLink).href);
  await hers.getByRole('link', { name: /人字梯/ }).first().click();
  await hers.getByRole('button', { name: '我想借' }).click();
  await hers.getByRole('button', { name: '盖章，告诉对方' }).click();
  await hers.waitForURL(/\/deal\//);
  const loan = new URL(hers.url()).pathname;
  await his.goto(new URL(loan, liLink).href);
  for (const [who, verb] of [[his, /答应.*陈姨/], [his, '我给出去了'], [hers, '我拿到了'], [hers, /我还了|还了，谢/], [his, '收回来了']]) {
    await who.getByRole('button', { name: verb }).click();
  }
  await his.getByText(/两边都盖了章/).first().waitFor();
  await keeps(his, 'the loan is over');
  tell('lent and returned');

  for (const place of ['/', '/share', '/hall', '/points', '/points/statement', '/deal', '/me', '/neighbours', '/neighbours/invite']) {
    await his.goto(new URL(place, liLink).href);
    await his.getByRole('heading', { level: 1 }).first().waitFor();
    await keeps(his, place);
  }
  for (const household of [li, chen]) {
    const audit = await household.ask('audit');
    if (!audit.ok || audit.ledger_sum !== 0) throw new Error(JSON.stringify(audit));
  }
  tell('audited: both devices hold the same, the sum is zero');
});

/** Goes there with the Tab key alone. */
async function tabTo(page, wanted) {
  for (let step = 0; step < 80; step += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the keyboard does not get there');
}
