// A thief with 陈姨's phone erases everything that she has ever said. She closes the phone from her tablet, and says that it was not
// her: then the word counts no longer, at her neighbour's either, and what she says from then on is heard. Before, and where nobody
// is gone, nothing of it is asked.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, phone, tablet] = ['li', 'phone', 'tablet'].map((name) => new Household(name));
  const links = [await li.serve(), await phone.serve(), await tablet.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  await phone.do('apply', { invitation: ticket, name: '陈姨', block: '502', household: '502 室', real_name: '陈美玲' });
  const { rows } = await li.wait('requests', {}, '/rows/0/name', '陈姨');
  await li.do('approve', { device: rows[0].device });
  const { member } = (await phone.wait('me', {}, '/person/name', '陈姨')).person;
  await tablet.do('further_device', { invitation: ticket, member });
  const { device, seal } = await tablet.query('me');
  await phone.do('link_device', { device, seal });
  await tablet.wait('me', {}, '/person/name', '陈姨');
  await li.wait('member', { member }, '/devices', 2);
  const lost = (await phone.query('me')).device;

  const there = await browser();
  const [hers, his] = [await page(there, { size: 360, elder: true }), await page(there, { size: 1280 })];
  await hers.goto(links[2]);
  await his.goto(links[0]);
  const asks = async () => {
    await hers.goto(`http://127.0.0.1:${tablet.port}/me/devices`);
    await hers.getByRole('button', { name: new RegExp(lost.slice(0, 4)) }).first().click();
    await hers.getByRole('button', { name: '关掉它' }).click();
    await hers.getByRole('dialog').getByText('关掉这台设备？').waitFor();
  };
  await asks();
  await hers.getByRole('dialog').getByRole('button', { name: '先不' }).click();
  if ((await hers.getByRole('switch', { name: /不是我说的/ }).count()) > 0) throw new Error('somebody who is here was asked whether they are gone');
  tell('nobody is gone: closing a phone asks nothing more');

  await phone.do('erase', {});
  await tablet.wait('leaving', {}, '/erased', true);
  await his.goto(`http://127.0.0.1:${li.port}/neighbours/${member}`);
  await his.getByText('已经搬走了').first().waitFor();
  await asks();
  const own = hers.getByRole('switch', { name: /不是我说的/ });
  await own.waitFor();
  await keeps(hers, 'whether it was oneself');
  await own.click();
  await hers.getByRole('button', { name: '关掉', exact: true }).click();
  await tablet.wait('leaving', {}, '/erased', false);
  await his.getByText('已经搬走了').first().waitFor({ state: 'detached' });
  await tablet.do('set_profile', { name: '陈姨', block: '502', about: '' });
  await his.getByText('陈姨').first().waitFor();
  await keeps(his, 'she is here again');
  await phone.wait('application', {}, '/state', 'closed');
  tell('the phone is closed from before the word: she is a neighbour again on both sides, and her phone knows that it is closed');
});
