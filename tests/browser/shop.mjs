// What points buy: the shop 好又多 and the desk put things up; neighbours order. 陈姨 comes to the shop while neither has a network:
// the shop's tablet reads her screen, hands out, and says so when the code is shown again. 何姐's code is typed. What is gone is not
// taken, what is called off is paid back, and the statements say what was bought where.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen, he, shop, desk] = ['li', 'chen', 'he', 'shop', 'desk'].map((name) => new Household(name));
  const all = [li, chen, he, shop, desk];
  await Promise.all(all.map((household) => household.serve()));
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  for (const [household, name, kind] of [[chen, '陈姨', 'person'], [he, '何姐', 'person'], [shop, '好又多', 'shop'], [desk, '共享小屋', 'desk']]) {
    await household.do('apply', { invitation: ticket, name, block: '', household: '502 室', real_name: name, kind, of_age: true });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await household.wait('me', {}, '/person/name', name);
    await li.wait('requests', {}, '/rows', []);
  }
  for (const household of all) await household.wait('members', {}, '/rows/4/person/stay', 'here');
  await shop.do('name_staff', { name: '小邓', post: '店长' });

  const there = await browser();
  const [buyer, till, other, room] = [await page(there), await page(there, { size: 768 }), await page(there, { elder: true }), await page(there, { theme: 'dark' })];
  const link = async (household) => (await household.ask('open')).link;
  const at = (household, path) => `http://127.0.0.1:${household.port}${path}`;
  await buyer.goto(await link(chen));
  await till.goto(await link(shop));
  await other.goto(await link(he));
  await room.goto(await link(desk));

  /** Puts one thing up, as a person does. */
  const putsUp = async (seen, what, body, points, pieces, each) => {
    await seen.getByRole('link', { name: '上架一样东西' }).first().click();
    await seen.getByLabel('是什么').fill(what);
    await seen.getByLabel('说明').fill(body);
    await seen.getByLabel('一件几分').fill(String(points));
    if (pieces) await seen.getByLabel('一共几件').fill(String(pieces));
    if (each) await seen.getByLabel('每人最多几件').fill(String(each));
    await keeps(seen, `putting up ${what}`);
    await seen.getByRole('button', { name: '上架', exact: true }).click();
    await seen.getByText(`「${what}」上架了`).waitFor();
  };
  await till.goto(at(shop, '/points'));
  await till.getByRole('link', { name: /积分换好物/ }).click();
  await till.getByRole('link', { name: /我们的东西/ }).waitFor();
  await keeps(till, 'a shop with nothing up');
  await till.getByRole('link', { name: /我们的东西/ }).click();
  await till.getByRole('paragraph').filter({ hasText: '还没有上架' }).waitFor();
  await keeps(till, 'our goods, none');
  await till.goto(at(shop, '/points/shop/ours?put'));
  await till.getByLabel('一件几分').fill('0');
  await till.getByText('写一个 1 到 1000000 的数').waitFor();
  await till.goto(at(shop, '/points/shop/ours'));
  await putsUp(till, '豆浆', '一杯，早上七点到九点来取', 5, undefined, 3);
  await putsUp(till, '东北大米', '五斤装，最后一袋', 20, 1);
  await room.goto(at(desk, '/points/shop/ours'));
  await putsUp(room, '儿童绘本', '共享小屋的旧书，看完不用还', 8, 4);
  tell('two things of the shop are up, one with a single piece, and one of the share-room');

  // 何姐 orders soy milk with the network; the shop's tablet takes the points by itself.
  await other.goto(at(he, '/points/shop'));
  await other.getByRole('heading', { name: '共享小屋' }).waitFor();
  await other.getByRole('link', { name: /豆浆/ }).waitFor();
  await keeps(other, 'what points buy, elder');
  await other.getByRole('link', { name: /豆浆/ }).click();
  await other.getByRole('button', { name: '多一件' }).click();
  await other.getByText('一共 10 分').waitFor();
  await keeps(other, 'how many, elder');
  await other.getByRole('button', { name: '下单，付 10 分' }).click();
  await other.getByText('可以去取').waitFor();
  await keeps(other, 'the slip, elder');
  const typed = (await other.locator('.eight').textContent()).trim();
  if (!/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(typed)) throw new Error(`no code: ${typed}`);
  // And a book of the share-room.
  await other.goto(at(he, '/points/shop'));
  await other.getByRole('link', { name: /儿童绘本/ }).click();
  await other.getByRole('button', { name: '下单，付 8 分' }).click();
  await other.getByText('可以去取').waitFor();
  const book = (await other.locator('.eight').textContent()).trim();
  await room.goto(at(desk, '/points/shop/counter'));
  await room.getByText('何姐', { exact: false }).first().waitFor();
  await room.getByLabel('取货码').fill('0000-0000');
  await room.getByRole('button', { name: '找单子' }).click();
  await room.getByText(/没有对得上的单/).waitFor();
  await keeps(room, 'a code that is none');
  await room.getByLabel('取货码').fill(book.toLowerCase().replace('-', ' '));
  await room.getByRole('button', { name: '找单子' }).click();
  await room.getByRole('button', { name: '交给他们了' }).click();
  await room.getByText('交货了：儿童绘本').waitFor();
  await keeps(room, 'handed out, dark');
  tell('ordered with the network: the book is handed out against what was typed');

  // Nobody has a network: everybody has another port than the one that the others remember.
  await Promise.all(all.map((household) => household.stop()));
  const links = await Promise.all([chen, shop, he].map((household) => household.serve(0, ['--no-lan'])));
  await buyer.goto(links[0]);
  await till.goto(links[1]);
  await other.goto(links[2]);
  const alone = async () => {
    for (const household of [chen, shop, he]) if ((await household.query('peers')).rows.length > 0) throw new Error(`${household.name} has a network`);
  };
  await alone();
  await buyer.goto(at(chen, '/points/shop'));
  await buyer.getByRole('link', { name: /东北大米/ }).click();
  await buyer.getByRole('button', { name: '下单，付 20 分' }).waitFor();
  await keeps(buyer, 'a good');
  await buyer.getByRole('button', { name: '下单，付 20 分' }).click();
  await buyer.getByText('等店家收下').waitFor();
  await keeps(buyer, 'a slip that nobody has heard of');
  // 何姐 orders the same last bag, and cannot know.
  await other.goto(at(he, '/points/shop'));
  await other.getByRole('link', { name: /东北大米/ }).click();
  await other.getByRole('button', { name: '下单，付 20 分' }).click();
  await other.getByText('等店家收下').waitFor();
  const lost = new URL(other.url()).pathname;

  /** Shows one screen's code to the other, as a picture. */
  const looks = async (from, to) => {
    const code = from.getByRole('img', { name: /二维码/ }).last();
    await code.scrollIntoViewIfNeeded();
    const png = await code.screenshot();
    await to.locator('input[type=file]').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: png });
  };
  await till.goto(at(shop, '/points/shop/counter'));
  await till.getByRole('link', { name: /豆浆.*等来取/ }).waitFor();
  await keeps(till, 'the counter');
  await looks(buyer, till);
  await till.getByText(/陈姨下的单/).waitFor();
  await keeps(till, 'what the code opens');
  await till.getByRole('button', { name: '交给他们了' }).click();
  await till.getByText('交货了：东北大米').waitFor();
  await keeps(till, 'handed out with no network');
  await alone();
  if ((await shop.query('points')).balance !== 30) throw new Error('the shop has not been paid');
  tell('handed out with no network, read from a picture of her screen');

  // The code shown again.
  await till.getByRole('button', { name: '下一位' }).click();
  await looks(buyer, till);
  await till.getByText(/这张单.*取走了/).waitFor();
  await till.getByText(/东北大米，好又多.*小邓交的货/).waitFor();
  if (await till.getByRole('button', { name: '交给他们了' }).count()) throw new Error('it would be handed out twice');
  await keeps(till, 'shown again');
  // The code that was typed, of the order before.
  await till.getByRole('button', { name: '下一位' }).click();
  await till.getByLabel('取货码').fill(typed);
  await till.getByLabel('取货码').press('Enter');
  await till.getByText('豆浆·2 件').waitFor();
  await till.getByRole('button', { name: '交给他们了' }).click();
  await till.getByText('交货了：豆浆·2 件').waitFor();
  tell('the code that is shown again says when and by whom; another order goes by eight characters');

  // The network is back: the last bag is gone, and 何姐 has her points again.
  await Promise.all([chen, shop, he].map((household) => household.stop()));
  await Promise.all(all.map((household) => household.serve()));
  for (const [seen, household] of [[buyer, chen], [till, shop], [other, he], [room, desk]]) await seen.goto(await link(household));
  const lostOrder = lost.split('/').pop();
  await he.wait('order', { order: lostOrder }, '/order/stage', 'declined');
  await he.wait('points', {}, '/balance', -18);
  await other.goto(at(he, lost));
  await other.getByText('店家的设备没有收下').waitFor();
  await keeps(other, 'not taken, elder');
  await chen.wait('orders', {}, '/rows/0/stage', 'picked-up');
  tell('the last bag was handed out; whoever ordered it apart has the points back');

  // 陈姨 orders soy milk and calls it off.
  await buyer.goto(at(chen, '/points/shop'));
  await buyer.getByRole('link', { name: /豆浆/ }).click();
  await buyer.getByRole('button', { name: '下单，付 5 分' }).click();
  await buyer.getByText('可以去取').waitFor();
  await buyer.getByRole('button', { name: '取消这张单' }).click();
  await buyer.getByRole('dialog').getByRole('button', { name: '先不取消' }).waitFor();
  await keeps(buyer, 'asks before it is called off');
  await buyer.getByRole('button', { name: '取消，退 5 分' }).click();
  await buyer.getByText('已经取消，5 分退回来了').waitFor();
  await buyer.getByText('是下单的人取消的。').waitFor();
  await keeps(buyer, 'paid back');
  await chen.wait('points', {}, '/balance', -20);
  // The shop calls one off.
  await buyer.goto(at(chen, '/points/shop'));
  await buyer.getByRole('link', { name: /豆浆/ }).click();
  await buyer.getByRole('button', { name: '下单，付 5 分' }).click();
  await buyer.getByText('可以去取').waitFor();
  await till.goto(at(shop, '/points/shop/counter'));
  await till.getByRole('link', { name: /豆浆.*等来取/ }).click();
  await till.getByRole('button', { name: '取消这张单' }).click();
  await till.getByRole('button', { name: '取消，退 5 分' }).click();
  await till.getByText('是店家取消的。').waitFor();
  await buyer.getByText('是店家取消的。').waitFor();
  tell('called off by the buyer, then by the shop: paid back both times');

  // Taken back, nobody orders it any more; the statements say what was bought where.
  await till.goto(at(shop, '/points/shop/ours'));
  await till.getByRole('link', { name: /豆浆/ }).click();
  await till.getByRole('button', { name: '改好' }).waitFor();
  await keeps(till, 'one of our goods');
  await till.getByRole('button', { name: '收起来' }).click();
  await till.getByRole('dialog').getByRole('button', { name: '收起来' }).click();
  await till.getByRole('heading', { name: '收起来的' }).waitFor();
  await keeps(till, 'our goods');
  await buyer.goto(at(chen, '/points/shop'));
  await buyer.getByRole('heading', { name: '好又多' }).waitFor();
  await buyer.getByRole('link', { name: /豆浆/ }).waitFor({ state: 'detached' });
  await keeps(buyer, 'what points buy');
  await buyer.goto(at(chen, '/points/statement'));
  await buyer.getByText('好又多·换东北大米').waitFor();
  await buyer.getByText('好又多退的·豆浆').first().waitFor();
  await keeps(buyer, 'her statement');
  await till.goto(at(shop, '/points/statement'));
  await till.getByText('陈姨·换走东北大米').waitFor();
  await buyer.goto(at(chen, '/points/shop/orders'));
  await buyer.getByText('取走了').first().waitFor();
  await keeps(buyer, 'her orders');
  await other.goto(at(he, '/points/statement'));
  await other.getByText('共享小屋·换儿童绘本').waitFor();
  for (const [household, balance] of [[chen, -20], [he, -18], [shop, 30], [desk, 8]]) await household.wait('points', {}, '/balance', balance);
  tell('the statements say what was bought where, and the sum is zero');
});
