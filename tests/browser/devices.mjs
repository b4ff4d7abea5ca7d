// 陈姨's phones. She changes from one to the next, in two scans; the next is stolen and used with no network; she closes it at 李叔's
// with her recovery sheet, and comes back with it on a third. She uses the elder version, he the plain one.
import { Household, browser, keeps, page, story } from './street.mjs';

await story(async (tell) => {
  const li = new Household('li');
  const phones = ['one', 'two', 'three'].map((name) => new Household(name));
  const liLink = await li.serve();
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯两米', points: 6 });
  const code = async () => (await li.do('invite', { valid_ms: 3_600_000 })).code;
  const links = [await phones[0].serve()];
  await phones[0].do('apply', { invitation: await code(), name: '陈姨', block: '502', household: '3 栋 502', real_name: '陈美玲' });
  await li.wait('requests', {}, '/rows/0/name', '陈姨');
  const [{ device }] = (await li.query('requests')).rows;
  await li.do('approve', { device });
  await phones[0].wait('application', {}, '/state', 'approved');
  await phones[0].do('post', { side: 'offer', kind: 'skill', title: '包云吞和饺子', points: 5 });

  const there = await browser();
  const his = await page(there, { size: 360 });
  const hers = [await page(there, { size: 360, elder: true }), await page(there, { size: 360, elder: true }), await page(there, { size: 360, elder: true })];
  const go = (seen, name) => seen.getByRole('link', { name }).filter({ visible: true }).first().click();
  await his.goto(liLink);

  // The planned change: each phone reads the other's code.
  await hers[0].goto(links[0]);
  await go(hers[0], /^我的$/);
  await go(hers[0], /添、换、关设备/);
  await hers[0].getByRole('heading', { name: '我的设备' }).waitFor();
  await keeps(hers[0], 'her devices');
  await go(hers[0], /换手机/);
  await hers[0].getByRole('button', { name: '给新设备一张邀请' }).click();
  const invitation = await written(hers[0]);
  await keeps(hers[0], 'an invitation for the new phone');
  links[1] = await phones[1].serve();
  await hers[1].goto(links[1]);
  await go(hers[1], '这是我的另一台设备');
  await hers[1].getByRole('textbox', { name: '那一台给的邀请' }).fill(invitation);
  const card = await written(hers[1]);
  await hers[1].getByRole('button', { name: '找我的那栋楼' }).click();
  await hers[1].getByText('找到楼了，等你的另一台设备').waitFor();
  await hers[0].getByRole('textbox', { name: '新设备的名片' }).fill(card);
  await hers[0].getByRole('button', { name: '是我的，连上' }).first().click();
  await hers[0].getByRole('dialog').getByRole('button', { name: '是我的，连上' }).click();
  await go(hers[0], '都交给它');
  await hers[0].getByRole('dialog').getByText(/100 分跟过去/).waitFor();
  await keeps(hers[0], 'handing over');
  await hers[0].getByRole('dialog').getByRole('button', { name: '都交给它' }).click();
  await hers[0].getByRole('heading', { name: '这台设备关掉了' }).waitFor();
  await keeps(hers[0], 'the old phone, closed');
  await hers[1].getByRole('heading', { name: /你是榕荫里 3 号楼的街坊了/ }).waitFor();
  // The points came along, and 李叔's device has stamped the new journal: she can spend them.
  await phones[1].wait('points', {}, '/rights', 100);
  const { member } = (await li.query('building')).founder;
  await phones[1].do('give', { to: member, points: 5 });
  await li.wait('points', {}, '/balance', 5);
  await refused(phones[0].do('give', { to: member, points: 5 }));
  tell('changed: two scans, her points spend on the new phone, and the old one signs nothing more');
  await phones[0].stop();

  // The sheet, shown once.
  await hers[1].goto(new URL('/me/devices', links[1]).href);
  await hers[1].getByText('关掉的').first().waitFor();
  await keeps(hers[1], 'two devices, one of them closed');
  await go(hers[1], /恢复纸/);
  await hers[1].getByRole('button', { name: '印一张恢复纸' }).click();
  await hers[1].getByText('只显示这一次').waitFor();
  const digits = (await hers[1].getByRole('main').getByRole('listitem').allInnerTexts()).map((line) => line.replace(/^\d+\s*/, '')).slice(0, 10);
  if (digits.some((group) => !/^\d{5}$/.test(group)) || digits.length !== 10) throw new Error(`no sheet: ${digits.join('|')}`);
  await keeps(hers[1], 'the sheet');
  await hers[1].emulateMedia({ media: 'print' });
  if (!(await hers[1].locator('.paper').isVisible()) || (await hers[1].getByRole('button').filter({ visible: true }).count()) > 0) throw new Error('the sheet prints more or less than itself');
  await hers[1].emulateMedia({ media: 'screen' });
  await hers[1].goto(new URL('/me/sheet', links[1]).href);
  await hers[1].getByText(/现在管用的是第 1 张/).waitFor();
  await li.wait('members', {}, '/rows/1/person/name', '陈姨');
  tell('printed: ten groups of five digits, which no page shows again');

  // Stolen, and used with no network: it wants the ladder, and says that it is 陈姨.
  const listing = (await li.query('listings', { side: 'offer', text: '人字梯' })).rows[0];
  const before = (await phones[1].query('devices')).sheet;
  if (before?.number !== 1) throw new Error('the sheet is not declared');
  await li.wait('peers', {}, '/rows/0/person/name', '陈姨');
  await until(() => sameProjection(li, phones[1]), 'both hold the same');
  await phones[1].stop();
  links[1] = await phones[1].serve(phones[1].port, ['--no-lan']);
  await hers[1].goto(links[1]);
  await hers[1].goto(new URL(`/share/${listing.id}`, links[1]).href);
  await hers[1].getByRole('button', { name: '我想借' }).click();
  await hers[1].getByRole('button', { name: /盖章，告诉对方/ }).click();
  await hers[1].waitForURL(/\/deal\//);
  tell('stolen: the phone signs on its own, in another place');

  // At 李叔's, with the sheet: first with a slip of the finger.
  await his.goto(new URL('/me/devices', liLink).href);
  await go(his, /帮街坊关掉丢了的手机/);
  const field = his.getByRole('textbox', { name: '纸上的五十个数字' });
  const slip = digits.with(6, digits[6].replace(/^./, (digit) => String((Number(digit) + 1) % 10)));
  await field.fill(slip.join(' '));
  await his.getByText('第 7 组不对').waitFor();
  if (await his.getByRole('button', { name: '关掉他的设备' }).isEnabled()) throw new Error('a slip of the finger passes');
  await keeps(his, 'a slip of the finger');
  await field.fill(digits.join(''));
  await his.getByRole('button', { name: '关掉他的设备' }).click();
  await his.getByText('都关掉了').waitFor();
  await keeps(his, 'closed at 李叔\'s');

  // A third phone, with the same sheet and a neighbour's short code.
  links[2] = await phones[2].serve();
  await hers[2].goto(links[2]);
  await go(hers[2], '手机丢了，用恢复纸');
  await hers[2].getByRole('textbox', { name: '短码，或整段邀请' }).fill(await code());
  await hers[2].getByRole('textbox', { name: '纸上的五十个数字' }).fill(digits.join(' '));
  await keeps(hers[2], 'coming back');
  await hers[2].getByRole('button', { name: '找我的那栋楼' }).click();
  await hers[2].getByRole('heading', { name: /你是榕荫里 3 号楼的街坊了/ }).waitFor();
  await phones[2].wait('me', {}, '/person/name', '陈姨');
  await hers[2].goto(new URL('/me', links[2]).href);
  await hers[2].getByText('包云吞和饺子').first().waitFor();
  await hers[2].goto(new URL('/me/devices', links[2]).href);
  await hers[2].getByText('它们以后签的都不算').waitFor();
  await keeps(hers[2], 'back on a third phone');
  tell('back: the same neighbour, with what she had written, on a third phone');

  // The stolen phone comes back into the building.
  await phones[1].stop();
  links[1] = await phones[1].serve(phones[1].port);
  await hers[1].goto(links[1]);
  await hers[1].getByText('有街坊说，这台设备已经关掉了').waitFor();
  await keeps(hers[1], 'the stolen phone is told');
  await until(() => sameProjection(li, phones[2]), 'the two that are left hold the same');
  const deals = await li.query('deals', { all: true });
  if (deals.rows.length > 0) throw new Error('what the stolen phone signed counts');
  const audit = await li.ask('audit');
  if (!audit.ok) throw new Error('the audit complains');
  tell('refused: nobody takes what the stolen phone has signed, and it is told so');

  /** The long text for another device. */
  async function written(seen) {
    await seen.getByText('看这段字').first().click();
    return (await seen.locator('details').first().innerText()).replace('看这段字', '').trim();
  }

  async function refused(deed) {
    const done = await deed.then(() => true, () => false);
    if (done) throw new Error('a closed device has signed');
  }

  async function sameProjection(one, other) {
    const [a, b] = [await one.query('status'), await other.query('status')];
    return a.projection === b.projection;
  }

  /** Looks again whenever rows change. */
  async function until(look, what) {
    const end = Date.now() + 40_000;
    while (!(await look())) {
      if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
      await li.query('wait', { tags: ['peers', 'members', 'points', 'listings', 'deals'], timeout_ms: 1_000 });
    }
  }
});
