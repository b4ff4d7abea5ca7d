// 陈姨 pays 何姐 face to face while neither of their devices has a network: 何姐's screen shows where, 陈姨's what, 何姐's that it
// arrived, each read from a picture of the other's screen. Then a code that is shown twice, one for somebody else, and the thirty
// points that are the most nobody has to see. With the network back, everybody knows.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen, he] = ['li', 'chen', 'he'].map((name) => new Household(name));
  await Promise.all([li.serve(), chen.serve(), he.serve()]);
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  for (const [household, name] of [[chen, '陈姨'], [he, '何姐']]) {
    await household.do('apply', { invitation: ticket, name, block: '502', household: '502 室', real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await household.wait('me', {}, '/person/name', name);
    await li.wait('requests', {}, '/rows', []);
  }
  for (const household of [chen, he]) await household.wait('members', {}, '/rows/2/person/stay', 'here');
  const [hers, theirs] = [(await chen.query('me')).person.member, (await he.query('me')).person.member];

  // Nobody announces anything, and everybody has another port than the one that the others remember.
  await Promise.all([li, chen, he].map((household) => household.stop()));
  const links = await Promise.all([chen.serve(0, ['--no-lan']), he.serve(0, ['--no-lan'])]);
  const alone = async () => {
    for (const household of [chen, he]) {
      const { rows } = await household.query('peers');
      if (rows.length > 0) throw new Error(`${household.name} has a network`);
    }
  };
  await alone();

  const there = await browser();
  const [payer, payee] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true })];
  await payer.goto(links[0]);
  await payee.goto(links[1]);
  const at = (household, path) => `http://127.0.0.1:${household.port}${path}`;
  /** Shows one screen's code to the other, as a picture. */
  const looks = async (from, to) => {
    const code = from.getByRole('img', { name: /二维码/ }).last();
    await code.scrollIntoViewIfNeeded();
    const png = await code.screenshot();
    await to.locator('input[type=file]').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: png });
  };

  await payee.goto(at(he, '/points'));
  await payee.getByRole('link', { name: '当面付' }).click();
  await keeps(payee, 'which way');
  await payee.getByRole('link', { name: /我来收/ }).click();
  await payee.getByText('先让对方扫这张').waitFor();
  await keeps(payee, 'where to pay');
  await payer.goto(at(chen, '/points/face?way=pay'));
  await keeps(payer, 'scan where to pay');
  await looks(payee, payer);
  await payer.getByText(/^付给.*何姐$/).waitFor();
  await payer.getByLabel('谢多少分').fill('31');
  await payer.getByRole('button', { name: /盖章/ }).click();
  await payer.getByText('写一个 1 到 30 的数').waitFor();
  await payer.getByLabel('谢多少分').fill('20');
  await keeps(payer, 'how many');
  await payer.getByRole('button', { name: /盖章/ }).click();
  await payer.getByText(/请.*何姐扫这张码/).waitFor();
  await keeps(payer, 'the payment');
  tell('twenty points are signed, and their code is there');

  await looks(payer, payee);
  await payee.getByText(/收到.*陈姨的 20 分/).waitFor();
  await keeps(payee, 'the receipt');
  await looks(payee, payer);
  await payer.getByText(/何姐收下了 20 分/).waitFor();
  await keeps(payer, 'it is settled');
  await alone();
  for (const household of [chen, he]) {
    const { balance } = await household.query('points');
    if (balance !== (household === he ? 20 : -20)) throw new Error(`${household.name} has ${balance}`);
  }
  tell('three codes, no network: both devices count the same');

  // A reload shows the same; the payment once more, to the same device and to another one.
  await payer.reload();
  await payer.getByText(/何姐收下了 20 分/).waitFor();
  await payee.reload();
  await payee.getByText(/收到.*陈姨的 20 分/).waitFor();
  const receipt = await payee.getByRole('img', { name: /二维码/ }).last().screenshot();
  await payee.goto(at(he, '/points/face?way=take'));
  await payee.locator('input[type=file]').setInputFiles({ name: 'own.png', mimeType: 'image/png', buffer: receipt });
  await payee.getByText(/收到.*陈姨的 20 分/).waitFor();
  await payee.goto(at(he, '/points/face?way=take'));
  await payee.getByLabel('码里的字').fill('KAIFONG-FACE MZXW6');
  await payee.getByLabel('码里的字').press('Enter');
  await payee.getByText('这张码不完整').waitFor();
  await keeps(payee, 'a code that is none');
  if ((await he.query('points')).balance !== 20) throw new Error('paid twice');
  tell('a code that is seen again pays once; one that is none says so');

  // Ten are left of the thirty that may go unseen.
  await payee.goto(at(he, '/points/face?way=take'));
  await payer.goto(at(chen, '/points/face?way=pay'));
  await looks(payee, payer);
  await payer.getByText(/当面最多付 10 分/).waitFor();
  await payer.getByLabel('谢多少分').fill('10');
  await payer.getByRole('button', { name: /盖章/ }).click();
  await payer.getByText(/请.*何姐扫这张码/).waitFor();
  await looks(payer, payee);
  await payee.getByText(/收到.*陈姨的 10 分/).waitFor();
  await payer.goto(at(chen, '/points/face?way=pay'));
  await payer.getByText('这台设备现在不能当面付').waitFor();
  await keeps(payer, 'thirty unseen');
  tell('thirty points unseen are the most');

  // The network is back.
  await Promise.all([chen.stop(), he.stop()]);
  await Promise.all([li.serve(), chen.serve(), he.serve()]);
  await li.wait('member', { member: theirs }, '/person/member', theirs);
  await li.wait('points', {}, '/balance', 0);
  await chen.wait('face_payee', {}, '/most', 30);
  await chen.wait('points', {}, '/balance', -30);
  tell(`李叔's device has stamped it: ${hers.slice(0, 4)} can pay thirty again`);
});
