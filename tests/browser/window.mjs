// One household in the real desktop window, its neighbour at the shell: found, invite, let in, help, thanks, loan, review; a
// link from outside, a second start, a start with the computer, and the window opened again.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppWindow, desktop, display, launch, until } from './desktop.mjs';
import { Household, story } from './street.mjs';

const CODE = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/;

await story(async (tell) => {
  const env = desktop(await display());
  const [li, chen] = [new Household('li'), new Household('chen')];
  await chen.serve();
  const start = (...more) => AppWindow.open(env, '--data', li.data, '--interface', 'lo', ...more);
  let his = await start();

  await his.press('link', /给这栋楼开一个街坊/);
  await his.write(/这栋楼叫什么/, '榕荫里 3 号楼');
  await his.write(/怎么称呼/, '李叔');
  await his.write(/门牌/, '401');
  await his.press('button', /开门/);
  await his.find('heading', /你是榕荫里 3 号楼的街坊了/);
  tell('founded: 李叔 opens the building in his window');

  await his.press('link', /请街坊进来/);
  await his.press('button', /发邀请/);
  const code = CODE.exec(await (await his.text(CODE)).getText())[0];
  await chen.do('apply', { invitation: code, name: '陈姨', block: '502', household: '3 栋 502', real_name: '陈美玲', phone: '' });
  await his.go('/neighbours/requests');
  await his.text(/陈美玲/);
  await his.press('button', /认得，让进来：陈姨/);
  await his.press('button', /盖印，让进来/);
  await chen.wait('application', {}, '/state', 'approved');
  tell('certified: 陈姨 typed the code, he knows her');

  await his.go('/post?side=offer');
  await his.write(/我能帮什么/, '会修水管水龙头，下班以后都可以');
  await his.press('button', /盖章，贴出去/);
  await his.text(/盖好章，贴出去了/);
  const need = { side: 'need', kind: 'skill', title: '厨房水龙头一直滴水', body: '想请懂的邻居来看看', points: 20 };
  const { listing } = await chen.do('post', need);
  await li.wait('listing', { listing }, '/listing/title', need.title);
  await his.go(`/share/${listing}`);
  await his.press('button', /我可以帮助你/);
  await his.press('button', /盖章，告诉对方/);
  await his.at(/^\/deal\//);
  const deal = (await li.query('deals')).rows[0].id;
  await chen.wait('deal', { deal }, '/deal/stage', 'answered');
  await chen.do('agree', { deal });
  await his.press('button', /我帮好了/);
  await chen.wait('deal', { deal }, '/deal/giver_confirmed', true);
  await chen.do('done', { deal });
  await his.text(/两边都盖了章/);
  await his.press('radio', /5 颗星/);
  await his.write(/说一句/, '茶很好喝');
  await his.press('button', /就这么说/);
  await chen.wait('deal', { deal }, '/reviews/0/text', '茶很好喝');
  tell('helped, thanked, reviewed');

  await his.press('button', /凭证/);
  await his.text(/核对无误/);
  await his.picture('window-proof');
  await his.escape();
  tell('verified in the window');

  await his.go('/post?side=offer');
  await his.write(/我能帮什么/, '家里有人字梯，周末可以借');
  await his.press('button', /盖章，贴出去/);
  await his.text(/盖好章，贴出去了/);
  const ladder = (await li.query('offers')).rows.find((row) => /人字梯/.test(row.title)).id;
  await chen.wait('listing', { listing: ladder }, '/listing/id', ladder);
  const owner = (await li.query('me')).person.member;
  const lent = (await chen.do('answer', { owner, listing: ladder, due_at: Date.now() + 3 * 86_400_000 })).deal;
  await li.wait('deal', { deal: lent }, '/deal/stage', 'answered');
  await his.go(`/deal/${lent}`);
  await his.press('button', /答应.*陈姨/);
  await his.press('button', /我给出去了/);
  await chen.wait('deal', { deal: lent }, '/deal/giver_confirmed', true);
  await chen.do('hand_over', { deal: lent });
  await chen.do('return', { deal: lent });
  await his.press('button', /收回来了/);
  await his.text(/两边都盖了章/);
  tell('lent and returned');

  // A link on another page, the desktop's icon once more, and the shell all lead to the one window.
  if ((await launch(env, '--data', li.data, 'kaifong://open/points').ended) !== 0) throw new Error('a second start does not end by itself');
  await his.at(/^\/points$/);
  await his.find('heading', /./);
  await his.picture('window-points');
  if ((await li.ask('open', '--to', '/me')).link !== undefined) throw new Error('the window gives a link');
  await his.at(/^\/me$/);
  tell('one window: a link, a second start and the shell lead to it');

  await his.press('switch', /开机/);
  const begins = join(env.HOME, '.config/autostart');
  await his.driver.wait(() => existsSync(begins) && readdirSync(begins).length === 1, 10_000, 'nothing starts with the computer');
  const entry = readFileSync(join(begins, readdirSync(begins)[0]), 'utf8');
  if (!/--hidden/.test(entry) || !entry.includes(li.data)) throw new Error(`starts with a window, or another household: ${entry}`);
  await his.press('switch', /开机/);
  await his.driver.wait(() => readdirSync(begins).length === 0, 10_000, 'it starts with the computer for ever');
  await his.picture('window-me');
  tell('starts with the computer only as long as that is wished');

  // What was being written is there again after the window was closed, and so is everything else.
  await his.go('/post?side=need');
  await his.write(/我需要什么/, '想借一把电钻');
  await his.close();
  his = await start();
  await his.text(/李叔|轮到你|看完了/);
  await his.go('/post?side=need');
  const draft = await his.find('textbox', /我需要什么/);
  await his.driver.wait(() => draft.getAttribute('value').then((value) => value === '想借一把电钻'), 10_000, 'a draft was lost with the window');
  for (const household of [li, chen]) {
    const audit = await household.ask('audit');
    if (!audit.ok || audit.ledger_sum !== 0) throw new Error(JSON.stringify(audit));
  }
  tell('opened again: the draft is there, both devices hold what was signed, the sum is zero');
  await his.close();

  // As the computer starts it: in the background, where it syncs, until somebody wants to see it.
  his = await start('--hidden');
  const seen = (state) => his.driver.wait(() => his.driver.executeScript('return document.visibilityState').then((is) => is === state), 10_000, `the window is not ${state}`);
  await seen('hidden');
  const { listing: late } = await chen.do('post', { side: 'need', kind: 'item', mode: 'share', title: '想借一个大锅' });
  await li.wait('listing', { listing: late }, '/listing/title', '想借一个大锅');
  if ((await launch(env, '--data', li.data).ended) !== 0) throw new Error('a second start does not end by itself');
  await seen('visible');
  await his.close();
  tell('in the background: it syncs unseen, and a second start shows it');

  // Told to end by the system: in order, so that nothing of it is left behind. Two starts at once are one window.
  const socket = join(li.data, 'kaifong.sock');
  const [one, other] = [launch(env, '--data', li.data, '--interface', 'lo'), launch(env, '--data', li.data, '--interface', 'lo')];
  const first = await Promise.race([one.ended.then((code) => [code, other]), other.ended.then((code) => [code, one])]);
  if (first[0] !== 0) throw new Error(`the second of two starts ends with ${first[0]}`);
  await until(() => existsSync(socket), 'the window opens no socket');
  if ((await li.query('status')).name !== '榕荫里 3 号楼') throw new Error('the window does not answer');
  first[1].child.kill('SIGTERM');
  const ended = await first[1].ended;
  if (ended !== 0 || existsSync(socket)) throw new Error(`ended with ${ended}, and ${existsSync(socket) ? 'left' : 'took'} its socket`);
  tell('told to end: it ends in order');
});
