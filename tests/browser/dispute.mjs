// Two neighbours who differ about points: she says five, he says twenty, and nothing is paid; a mediator decides ten, and that is
// paid; later the two agree on fifteen by themselves, and she pays the rest. Everybody reads it in the history, the two in their
// statements. She uses the elder version.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, chen, wang] = ['li', 'chen', 'wang'].map((name) => new Household(name));
  const links = [await li.serve(), await chen.serve(), await wang.serve()];
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = {};
  for (const [household, name, block] of [[chen, '陈姨', '502'], [wang, '王伯', '101']]) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block} 室`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
  }
  await li.do('set_role', { member: who['王伯'], role: 'mediator', held: true });
  await wang.wait('me', {}, '/roles/0', 'mediator');
  const { listing } = await chen.do('post', { side: 'need', kind: 'skill', title: '厨房水龙头滴水', points: 20 });
  await li.wait('listing', { listing }, '/listing/title', '厨房水龙头滴水');
  const { deal } = await li.do('answer', { listing });
  await chen.wait('deal', { deal }, '/deal/stage', 'answered');
  await chen.do('agree', { deal });

  const there = await browser();
  const [his, hers, mediator] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true }), await page(there, { size: 768 })];
  for (const [at, seen] of [his, hers, mediator].entries()) await seen.goto(links[at]);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const figure = async (seen, n, done) => {
    await seen.getByLabel('几分', { exact: true }).fill(n);
    await press(seen, done);
  };
  await at(his, li, `/deal/${deal}`);
  await press(his, '我帮好了');

  // It took him five minutes; she says so before anything is paid.
  await at(hers, chen, `/deal/${deal}`);
  await hers.getByRole('button', { name: /分数不对/ }).click();
  await hers.getByText('原来约好 20 分', { exact: false }).waitFor();
  await keeps(hers, 'she says how many');
  await figure(hers, '五', '就说这么多');
  await hers.getByText('写 0 到', { exact: false }).waitFor();
  await figure(hers, '5', '就说这么多');
  await hers.getByText('分数没说拢，先不付').waitFor();
  await keeps(hers, 'they differ');
  await at(his, li, '/');
  await his.getByRole('link', { name: /水龙头/ }).first().click();
  await his.getByText('401 李叔说 20 分，', { exact: false }).or(his.getByText('你说 20 分，', { exact: false })).first().waitFor();
  await his.getByRole('button', { name: '同意 5 分' }).waitFor();
  await keeps(his, 'his word is asked for');
  await press(his, '说个别的数');
  await figure(his, '18', '就说这么多');
  await his.getByText('再商量，或者请调解人来定', { exact: false }).waitFor();
  await press(hers, '办好了，盖章');
  await hers.getByText('分数没说拢，先不付').waitFor();
  if ((await chen.query('points')).lines_total !== 0) throw new Error('something was paid while the two differ');
  tell('differing: five, twenty, eighteen; the help is confirmed and nothing is paid');

  await at(mediator, wang, '/neighbours/council');
  await mediator.getByRole('link', { name: /分数没说拢的约定/ }).click();
  await mediator.getByText('先听两家怎么说', { exact: false }).waitFor();
  await keeps(mediator, 'what waits for a mediator');
  await mediator.getByRole('link', { name: /水龙头/ }).first().click();
  await press(mediator, '我来定几分');
  await figure(mediator, '21', '就定这么多');
  await mediator.getByText('写 0 到 20 之间的整数').waitFor();
  await figure(mediator, '10', '就定这么多');
  await mediator.getByText('一共 10 分', { exact: false }).waitFor();
  await keeps(mediator, 'decided');
  await hers.getByText('101 王伯定了：一共 10 分').waitFor();
  await hers.getByText('你还差 10 分没付。').waitFor();
  await keeps(hers, 'she owes ten');
  await press(hers, '补上 10 分');
  await hers.getByText('该付的都付清了。').waitFor();
  await li.wait('points', {}, '/balance', 10);
  tell('decided: a mediator says ten, and she pays it');

  await at(hers, chen, `/deal/${deal}`);
  await press(hers, '分数不对？');
  await figure(hers, '15', '就说这么多');
  await hers.getByText('一共 10 分', { exact: false }).waitFor();
  await at(his, li, `/deal/${deal}`);
  await press(his, '分数不对？');
  await figure(his, '15', '就说这么多');
  await hers.getByText('说好了：一共 15 分').waitFor();
  await press(hers, '补上 5 分');
  await li.wait('points', {}, '/balance', 15);
  await his.getByText('该付的都付清了。').waitFor();
  await his.getByRole('button', { name: /经过|全部/ }).or(his.getByRole('button', { name: /步/ })).first().click();
  await his.getByText('101 王伯来调解：定 10 分').waitFor();
  await keeps(his, 'all of it in the history');
  await at(hers, chen, '/points');
  await hers.getByText('更正：厨房水龙头滴水', { exact: false }).first().waitFor();
  await keeps(hers, 'her account');
  await his.getByRole('button', { name: '凭证' }).first().click();
  await his.getByRole('dialog').getByText('核对无误').waitFor();
  await keeps(his, 'proof');
  const audits = await Promise.all([li, chen, wang].map((household) => household.query('audit')));
  if (audits.some(({ ok, sum }) => !ok || (sum ?? 0) !== 0)) throw new Error(`an audit finds: ${JSON.stringify(audits)}`);
  tell('agreed: what the two say alike counts before the mediator, and the rest is paid');
});
