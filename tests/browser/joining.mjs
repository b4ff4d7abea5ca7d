// Joining in full: a reviewer reads in the building's register, a newcomer is compared with it, asked and answers, a shop joins as
// one, somebody whose name looks like a neighbour's is marked, a poster that spread is withdrawn. All through the pages.
import { Household, browser, keeps, page, sizes, story } from './street.mjs';

const DAY_MS = 86_400_000;
const register = process.env['REGISTER'];
const second = process.env['REGISTER_WITHOUT_HEADINGS'];

await story(async (tell) => {
  const [li, wang, chen, shop] = ['li', 'wang', 'chen', 'shop'].map((name) => new Household(name));
  const [liLink, , chenLink, shopLink] = [await li.serve(), await wang.serve(), await chen.serve(), await shop.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  await wang.do('apply', { invitation: ticket, name: '王伯', block: '101', household: '3 栋 101', real_name: '王大明' });
  const { rows: asked } = await li.wait('requests', {}, '/rows/0/name', '王伯');
  await li.do('approve', { device: asked[0].device });
  const { member: wangs } = await wang.wait('me', {}, '/person/name', '王伯').then((me) => me.person);
  await li.do('set_role', { member: wangs, role: 'reviewer', held: true });
  await wang.wait('me', {}, '/reviewer', true);

  const there = await browser();
  const his = await page(there, { size: 360 });
  await his.goto(liLink);

  // The register: looked at, then kept; what cannot be used is told line by line.
  await his.goto(new URL('/neighbours/requests', liLink).href);
  await his.getByRole('link', { name: /有住户名册吗/ }).click();
  await keeps(his, 'no register yet');
  const picker = his.locator('input[type=file]');
  await picker.setInputFiles(second);
  await his.getByText('看不出哪一列是房号，请你说一下').waitFor();
  await keeps(his, 'a register without headings');
  if (await his.getByRole('button', { name: '就用这一份' }).isEnabled()) throw new Error('a register without a unit could be kept');
  await his.getByRole('combobox', { name: '第 2 列是' }).selectOption('房号');
  await his.getByText(/读出 2 户/).waitFor();
  await picker.setInputFiles(register);
  await his.getByText(/读出 3 户，4 行/).waitFor();
  for (const words of ['第 7 行', '表格里是错误值', '第 8 行', '没有房号']) await his.getByText(words, { exact: true }).waitFor();
  await keeps(his, 'a register looked at');
  await his.getByRole('button', { name: '就用这一份' }).click();
  await his.getByText('名册存好了，申请旁边会写上对不对得上').waitFor();
  await keeps(his, 'a register kept');
  tell('register: read from a workbook with merged cells, two lines told as unusable, kept');

  // 陈姨 joins; she has to say that she is 14 or older.
  const hers = await page(there, { size: 360, elder: true });
  await hers.goto(chenLink);
  await hers.getByRole('link', { name: /加入我住的楼/ }).click();
  await hers.getByLabel('短码，或整段邀请').fill(ticket);
  await hers.getByRole('button', { name: '下一步' }).click();
  for (const [label, words] of [[/怎么称呼/, '陈姨'], [/门牌/, '502'], [/哪一户/, '三栋 502 室'], [/真实姓名/, '陳美玲']]) {
    await hers.getByLabel(label).fill(words);
    await hers.getByRole('button', { name: '下一步' }).click();
  }
  await hers.getByLabel(/电话/).fill('138 0000 1111');
  await hers.getByRole('button', { name: '请街坊认一认' }).click();
  await hers.getByText(/满 14 岁才能自己加入/).waitFor();
  await keeps(hers, 'her age is asked');
  await hers.getByRole('switch', { name: '我满 14 岁了' }).click();
  await hers.getByRole('button', { name: '请街坊认一认' }).click();
  await hers.getByText(/送到了/).first().waitFor();

  await his.goto(new URL('/neighbours/requests', liLink).href);
  const hisView = his.getByRole('article').filter({ hasText: '陈姨' });
  const says = hisView.getByRole('region', { name: '名册上' });
  for (const words of ['有这一户', '姓名一样', '电话一样']) await says.getByText(words, { exact: true }).waitFor();
  await keeps(his, 'a request beside the register');
  tell('compared: 三栋 502 室, a name in the other script, a phone with blanks: the register has them');

  // He asks, she answers on the page where she waits, and the other reviewer sees both.
  await hisView.getByRole('button', { name: '问一句：陈姨' }).click();
  await his.getByRole('dialog').getByLabel('问什么').fill('你家门口贴的是什么？');
  await keeps(his, 'asking back');
  await his.getByRole('dialog').getByRole('button', { name: '送去' }).click();
  await hers.getByText('你家门口贴的是什么？').waitFor();
  await keeps(hers, 'she is asked');
  await hers.getByLabel('你的回答').fill('一副红对联');
  await hers.getByRole('button', { name: '回答' }).click();
  await hers.getByText('你答过了：一副红对联').waitFor();
  await hisView.getByText('答：一副红对联').waitFor();
  await keeps(his, 'he reads her answer');
  const { rows } = await wang.wait('requests', {}, '/rows/0/questions/0/answer', '一副红对联');
  if (rows[0].questions[0].text !== '你家门口贴的是什么？') throw new Error('the other reviewer does not see what was asked');
  if (rows[0].register !== null) throw new Error('the register left its device');
  await hisView.getByRole('button', { name: '认得，让进来：陈姨' }).click();
  await his.getByRole('button', { name: '盖印，让进来' }).click();
  await hers.getByRole('heading', { name: /你是红棉里的街坊了/ }).waitFor();
  tell('asked and answered: both reviewers see both; the register stays with the one who has it');

  // A shop joins as a shop, and its badge says so.
  const theirs = await page(there, { size: 1280 });
  await theirs.goto(shopLink);
  await theirs.getByRole('link', { name: /加入我住的楼/ }).click();
  await theirs.getByLabel('短码，或整段邀请').fill(ticket);
  await theirs.getByRole('button', { name: '下一步' }).click();
  await theirs.getByRole('radio', { name: '一个组织' }).click();
  await theirs.getByRole('radio', { name: '商户' }).click();
  for (const [label, words] of [[/叫什么/, '和顺粮油店'], [/门牌/, '首层'], [/在哪里/, '3 栋首层 2 号铺'], [/办事人的真实姓名/, '何和顺']]) await theirs.getByLabel(label).fill(words);
  await theirs.getByRole('switch', { name: '办事的人满 14 岁了' }).click();
  await keeps(theirs, 'a shop asks to join');
  await theirs.getByRole('button', { name: '请街坊认一认' }).click();
  await theirs.getByText(/送到了/).first().waitFor();
  const shops = his.getByRole('article').filter({ hasText: '和顺粮油店' });
  await shops.getByText('商户', { exact: true }).waitFor();
  await shops.getByRole('region', { name: '名册上' }).getByText('没有这一户').waitFor();
  await shops.getByRole('button', { name: /让进来/ }).click();
  await his.getByRole('button', { name: '盖印，让进来' }).click();
  await theirs.getByRole('heading', { name: /你是红棉里的街坊了/ }).waitFor();
  await hers.goto(new URL('/neighbours', chenLink).href);
  await hers.getByRole('link', { name: /和顺粮油店/ }).click();
  await hers.getByText('商户', { exact: true }).first().waitFor();
  await keeps(hers, "a shop's page");
  tell('joined: a shop, with its kind on its badge');

  // Somebody with a name that looks like hers is marked, and nobody is mistaken for another.
  const twin = new Household('twin');
  const twinLink = await twin.serve();
  await twin.do('apply', { invitation: ticket, name: '陳 姨', block: '601', household: '3 栋 601', real_name: '陈小燕' });
  const twins = his.getByRole('article').filter({ hasText: '陳 姨' });
  const alike = twins.getByRole('region', { name: /名字看起来和这些街坊一样/ });
  await alike.getByRole('link', { name: /502 陈姨/ }).waitFor();
  await keeps(his, 'a name that looks the same');
  await twins.getByRole('button', { name: /让进来/ }).click();
  await his.getByRole('button', { name: '盖印，让进来' }).click();
  await twin.wait('application', {}, '/state', 'approved');
  await his.setViewportSize(sizes[1280]);
  await his.goto(new URL('/neighbours', liLink).href);
  await his.getByRole('link', { name: /502 陈姨/ }).first().click();
  await his.getByRole('region', { name: '名字看起来一样的还有' }).getByRole('link', { name: /601 陳 姨/ }).waitFor();
  await keeps(his, 'two of one name');
  tell('alike: marked at the door and on the page, each with block and seal');

  // Many come by the poster: it is withdrawn, and all of them are refused at once. Who comes late is told plainly.
  const crowd = await Promise.all(
    Array.from({ length: 5 }, async (_, at) => {
      const stranger = new Household(`s${at}`);
      await stranger.serve();
      await stranger.do('apply', { invitation: ticket, name: `过客${at}`, household: '不住这里', real_name: '某人' });
      return stranger;
    }),
  );
  await his.goto(new URL('/neighbours/requests', liLink).href);
  await his.getByText('李叔发的邀请，来过 9 个').or(his.getByText('401 李叔发的邀请，来过 9 个')).waitFor();
  await keeps(his, 'many by one poster');
  await his.getByRole('button', { name: '这一张的都不要' }).click();
  await keeps(his, 'refusing a poster');
  await his.getByRole('dialog').getByRole('button', { name: '这一张的都不要' }).click();
  await his.getByText('没有人在门口等').waitFor();
  for (const stranger of crowd) await stranger.wait('application', {}, '/refused_by', 'reviewer');
  const late = new Household('late');
  const lateLink = await late.serve();
  await late.do('apply', { invitation: ticket, name: '晚来的', household: '3 栋 702', real_name: '迟来' });
  await late.wait('application', {}, '/refused_by', 'withdrawn');
  const told = await page(there, { size: 360 });
  await told.goto(lateLink);
  await told.getByText('这张邀请被收回了').waitFor();
  await keeps(told, 'a withdrawn invitation');
  void twinLink;
  tell('withdrawn: nine had come by the poster; five are refused at once, and who comes late is told');

  // The register goes without a trace.
  await his.goto(new URL('/neighbours/register', liLink).href);
  await his.getByRole('button', { name: '删掉名册' }).click();
  await his.getByRole('dialog').getByRole('button', { name: '删掉名册' }).click();
  await his.getByText('名册删掉了').waitFor();
  const { kept } = await li.query('register');
  if (kept !== null) throw new Error('the register is still there');
});
