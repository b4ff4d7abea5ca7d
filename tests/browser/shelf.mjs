// A share-room's shelf: things say where they lie and are found by it; labels are printed; and while no neighbour is in reach the shelf
// is counted by scan, by code and by tick. What is on loan is not missed, what is missing is told, and neighbours read what was found.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen] = [new Household('li'), new Household('chen')];
  const [his, hers] = [await li.serve(), await chen.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  await chen.do('apply', { invitation: ticket, name: '陈姨', block: '502', household: '502 室', real_name: '陈' });
  const { rows } = await li.wait('requests', {}, '/rows/0/name', '陈姨');
  await li.do('approve', { device: rows[0].device });
  await chen.wait('me', {}, '/person/name', '陈姨');
  const posts = async (title, shelf) => (await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title, points: 0, ...(shelf ? { shelf } : {}) })).listing;
  const [ladder, drill, table, books] = [await posts('人字梯', 'A 架 3 层'), await posts('冲击钻', 'A 架 1 层'), await posts('折叠桌', 'B 架'), await posts('旧画册')];
  const owner = (await li.query('me')).person.member;
  const hersToo = (await chen.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '烤箱', points: 0 })).listing;
  for (const listing of [ladder, drill, table, books]) await chen.wait('listing', { listing }, '/listing/id', listing);

  const there = await browser();
  const [keeper, neighbour] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true })];
  await keeper.goto(his);
  await neighbour.goto(hers);
  const at = (seen, home, path) => seen.goto(`http://127.0.0.1:${home.port}${path}`);
  await at(neighbour, chen, `/share/${ladder}`);
  await neighbour.getByText('A 架 3 层').waitFor();
  await keeps(neighbour, 'where a thing lies');
  const { rows: lying } = await chen.query('search', { text: 'A 架' });
  if (String(lying.map((hit) => hit.listing.title).sort()) !== '人字梯,冲击钻') throw new Error(`on that shelf: ${lying.map((hit) => hit.listing.title)}`);
  tell('where it lies: a neighbour reads it, and finds what lies there');

  await at(keeper, li, '/me/shelf');
  await keeper.getByText('没写放在哪里').waitFor();
  await keeps(keeper, 'the own shelf');
  await at(keeper, li, '/me/shelf/labels');
  await keeper.getByText('4 张标签，1 页').waitFor();
  await keeps(keeper, 'labels to print');
  await keeper.getByLabel('打印哪一处的').selectOption({ label: 'B 架' });
  await keeper.getByText('1 张标签，1 页').waitFor();
  if ((await keeper.getByRole('img', { name: /折叠桌 的标签/ }).count()) !== 1) throw new Error('the label of what lies there is not drawn');
  tell('labels: one for each thing, or for one shelf');

  // She has the table; then nobody is in reach, and he counts.
  const { deal } = await chen.do('answer', { owner, listing: table, due_at: Date.now() + 2 * DAY_MS });
  await li.wait('deal', { deal }, '/deal/stage', 'answered');
  await li.do('agree', { deal });
  await chen.wait('deal', { deal }, '/deal/stage', 'agreed');
  for (const home of [li, chen]) await home.do('hand_over', { deal });
  await li.wait('deal', { deal }, '/deal/stage', 'on-loan');
  await li.wait('listing', { listing: hersToo }, '/listing/title', '烤箱');
  const port = chen.port;
  await chen.stop();
  await at(keeper, li, '/me/shelf/count');
  const scan = keeper.getByRole('textbox', { name: /扫标签/ });
  const reads = async (text) => {
    await scan.fill(text);
    await scan.press('Enter');
  };
  await keeper.getByText('找到 0 件，共 4 件').waitFor();
  await reads(`kaifong:thing:${ladder}`);
  await keeper.getByText('找到了：人字梯').waitFor();
  await reads(`${drill.slice(0, 4)} ${drill.slice(4, 8)}`.toUpperCase());
  await keeper.getByText('找到了：冲击钻').waitFor();
  await reads(`kaifong:thing:${hersToo}`);
  await keeper.getByText('这件不在你的东西架上。').waitFor();
  await reads('https://example.org/');
  await keeper.getByText('这不是东西的标签。').waitFor();
  await keeper.getByText('借出去了').waitFor();
  await keeper.getByText('找到 2 件，共 4 件').waitFor();
  await keeps(keeper, 'a stocktake under way');
  // What was ticked is there after the page was closed.
  await keeper.reload();
  await keeper.getByText('找到 2 件，共 4 件').waitFor();
  await keeper.getByLabel('谁盘点的').fill('小陈');
  await keeper.getByRole('button', { name: '记下：找到 2 件' }).click();
  await keeper.getByText('找到 2 件，还有 1 件没找到。').waitFor();
  await keeps(keeper, 'what a stocktake has found');
  const shelf = await li.query('shelf');
  if (shelf.found !== 2 || shelf.last.by !== '小陈') throw new Error(`kept: ${JSON.stringify(shelf.last)}`);
  const seen = Object.fromEntries(shelf.rows.map((row) => [row.listing.title, row.listing.seen?.by]));
  if (seen['人字梯'] !== '小陈' || seen['旧画册'] || seen['折叠桌']) throw new Error(`seen: ${JSON.stringify(seen)}`);
  tell('counted with nobody in reach: two are there, one is missing, one is on loan');

  await chen.serve(port);
  await chen.wait('listing', { listing: ladder }, '/listing/seen/by', '小陈');
  await at(neighbour, chen, `/share/${ladder}`);
  await neighbour.getByText('上次盘点见过').waitFor();
  await keeps(neighbour, 'when a thing was last found');
  const audits = await Promise.all([li, chen].map((home) => home.query('audit')));
  if (audits.some(({ ok }) => !ok)) throw new Error(`an audit finds: ${JSON.stringify(audits)}`);
  tell('told: a neighbour reads when it was last found, and by whom');
});
