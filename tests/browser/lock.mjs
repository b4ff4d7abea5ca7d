// The lock of the screens. 陈姨 prints a recovery sheet and sets a PIN on her phone; every other screen is locked at once, and all of
// them when she says so. Wrong PINs wait for all, the right one opens and what she was writing is there, a restart finds it locked,
// nobody's touch locks it after a minute, and the sheet takes the PIN off, as `kaifong unlock` does.
import { join } from 'node:path';
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const SHOTS = process.env['KAIFONG_SHOTS'];
const [NAME, NEED, PIN] = ['陈美玲', '想借一把两米的人字梯', '2580'];

await story(async (tell) => {
  const chen = new Household('chen');
  const link = await chen.serve();
  await chen.do('found', { building: '榕荫里 3 号楼', name: NAME, block: '502' });
  await chen.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '缝纫机一台', points: 0 });
  const there = await browser();
  const [phone, desk] = [await page(there, { size: 360, elder: true }), await page(there, { size: 1280 })];
  const at = (path) => new URL(path, link).href;
  await phone.goto(link);
  await desk.goto((await chen.ask('open')).link);
  const second = await phone.context().newPage();
  const shot = (name, seen) => SHOTS && seen.screenshot({ path: join(SHOTS, `${name}.png`) });
  const isLocked = (seen) => seen.getByRole('heading', { name: '锁着' }).waitFor();
  const isOpen = (seen) => seen.getByRole('heading', { name: '锁着' }).waitFor({ state: 'detached' });
  const me = async (seen) => {
    await seen.goto(at('/me'));
    await seen.getByRole('heading', { name: '锁屏' }).waitFor();
  };
  /** By the keys on the page, as a finger does. */
  const taps = async (seen, pin) => {
    for (const digit of pin) await seen.getByRole('button', { name: digit, exact: true }).click();
    await seen.getByRole('button', { name: '打开' }).click();
  };
  /** By the keyboard; the field has the focus. */
  const types = async (seen, pin) => {
    await seen.getByRole('textbox', { name: '密码', exact: true }).and(seen.locator(':focus')).waitFor();
    await seen.keyboard.type(pin);
    await seen.keyboard.press('Enter');
  };
  const sets = async (seen, minutes) => {
    await seen.getByRole('button', { name: '设一个密码' }).click();
    await seen.getByLabel('新密码').fill(PIN);
    await seen.getByLabel('再输一遍').fill(PIN);
    await seen.getByRole('radio', { name: minutes }).click();
    await seen.getByRole('dialog').getByRole('button', { name: '设好' }).click();
    await seen.getByRole('dialog').waitFor({ state: 'detached' });
    await seen.getByRole('button', { name: '现在就锁上' }).waitFor();
  };
  /** Nothing of the house is in the page, and its Kaifong tells it nothing. */
  const showsNothing = async (seen) => {
    const html = await seen.evaluate(() => document.documentElement.outerHTML);
    for (const word of [NAME, '榕荫里', '缝纫机', NEED]) if (html.includes(word)) throw new Error(`a locked page still holds ${word}`);
    const status = await seen.evaluate(async () => (await fetch(`/api/${'0'.repeat(16)}/me`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status);
    if (status !== 423) throw new Error(`a locked page was answered with ${status}`);
  };

  // No lock without a way back.
  await me(phone);
  await phone.getByRole('link', { name: /先印一张恢复纸/ }).click();
  await phone.getByRole('button', { name: '印一张恢复纸' }).click();
  await phone.getByText('五十个数字', { exact: true }).waitFor();
  const digits = (await phone.locator('ol:visible li').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim().split(' ').at(-1)).join('');
  if (!/^\d{50}$/.test(digits)) throw new Error(`not fifty digits: ${digits}`);
  await me(phone);
  await second.goto(at('/share'));
  await desk.goto(at('/me'));
  await desk.getByRole('heading', { name: new RegExp(NAME) }).waitFor();

  await phone.getByRole('button', { name: '设一个密码' }).click();
  await phone.getByLabel('新密码').fill('1234');
  await phone.getByLabel('再输一遍').fill('12345');
  await phone.getByText('两遍不一样').waitFor();
  await phone.getByLabel('再输一遍').fill('1234');
  await phone.getByRole('dialog').getByRole('button', { name: '设好' }).click();
  await phone.getByText('这个密码太好猜了').waitFor();
  await keeps(phone, 'a PIN that is too easy');
  await shot('lock-set-elder', phone);
  await phone.keyboard.press('Escape');
  await sets(phone, '15 分钟');
  await isLocked(desk);
  await showsNothing(desk);
  await keeps(desk, 'locked, on a desk');
  await shot('locked-1280', desk);
  await second.getByText('缝纫机一台').first().waitFor();
  tell('set: with a sheet, not an easy one; another browser is locked at once, and what it showed is out of it');

  await taps(desk, PIN);
  await desk.getByRole('heading', { name: new RegExp(NAME) }).waitFor();
  await keeps(desk, 'open again');
  await phone.goto(at('/post?side=need'));
  await phone.getByRole('textbox', { name: '我需要什么' }).fill(NEED);
  await desk.getByRole('button', { name: '现在就锁上' }).click();
  for (const seen of [desk, phone, second]) {
    await isLocked(seen);
    await showsNothing(seen);
  }
  await keeps(phone, 'locked, elder');
  await shot('locked-elder', phone);
  tell('locked: both pages of her phone and the desk, by one press');

  for (let n = 0; n < 4; n++) {
    await types(phone, '1357');
    await phone.getByText('密码不对，再试一次').waitFor();
    await phone.getByRole('button', { name: '打开', disabled: true }).waitFor();
  }
  await keeps(phone, 'a wrong PIN');
  await types(phone, '1357');
  for (const seen of [phone, desk]) await seen.getByText(/还要等 \d+ 秒/).waitFor();
  if (!(await desk.getByRole('button', { name: '5', exact: true }).isDisabled())) throw new Error('the desk guesses while the phone waits');
  await keeps(phone, 'waiting after wrong PINs');
  await shot('locked-waits-elder', phone);
  const own = await chen.query('me');
  if (own.person.name !== NAME) throw new Error('her own programs are asked for a PIN');
  await phone.getByText('还要等 9 秒').waitFor();
  await phone.getByText(/还要等/).waitFor({ state: 'detached' });
  await types(phone, PIN);
  await phone.getByRole('textbox', { name: '我需要什么' }).waitFor();
  const written = await phone.getByRole('textbox', { name: '我需要什么' }).inputValue();
  if (written !== NEED) throw new Error(`what she was writing is lost: ${written}`);
  await isOpen(second);
  await second.getByText('缝纫机一台').first().waitFor();
  await showsNothing(desk);
  tell('opened: wrong PINs wait on every screen, the right one opens her phone and what she wrote is there');

  await chen.kill();
  await chen.serve(chen.port);
  for (const seen of [phone, second, desk]) {
    await isLocked(seen);
    await showsNothing(seen);
  }
  tell('restarted: locked');

  await desk.setViewportSize(sizes[768]);
  await desk.getByRole('button', { name: '忘了密码' }).click();
  const typed = desk.getByLabel('纸上的五十个数字');
  await typed.fill(digits.replace(/^./, (digit) => String((Number(digit) + 1) % 10)));
  await desk.getByText('第 1 组不对，对着纸再看一遍').waitFor();
  await desk.getByRole('button', { name: '取下密码，打开', disabled: true }).waitFor();
  await keeps(desk, 'a sheet that was mistyped');
  await shot('lock-forgotten-768', desk);
  await typed.fill(digits);
  await desk.getByRole('button', { name: '取下密码，打开' }).click();
  for (const seen of [desk, phone, second]) await isOpen(seen);
  await desk.getByRole('button', { name: '设一个密码' }).waitFor();
  tell('forgotten: the recovery sheet takes it off, for every screen at once');

  // A minute without a hand: the phone locks, the desk where somebody is does not.
  await me(phone);
  await sets(phone, '1 分钟');
  await isLocked(desk);
  await taps(desk, PIN);
  await isOpen(desk);
  for (let x = 0; !(await phone.getByRole('heading', { name: '锁着' }).isVisible()); x++) {
    await desk.mouse.move(100 + (x % 9) * 10, 200);
    await phone.getByRole('heading', { name: '锁着' }).waitFor({ timeout: 5000 }).catch(() => {});
    if (x > 24) throw new Error('nobody touched it for two minutes, and it is open');
  }
  await showsNothing(phone);
  if (await desk.getByRole('heading', { name: '锁着' }).isVisible()) throw new Error('a hand was there, and it is locked');
  tell('untouched: after a minute it is locked, and the one with a hand on it is not');

  await chen.ask('unlock');
  await isOpen(phone);
  await phone.getByRole('button', { name: '设一个密码' }).waitFor();
  await keeps(phone, 'without a PIN');
  await shot('lock-me-elder', phone);
  tell('taken off: by a program of hers');
});
