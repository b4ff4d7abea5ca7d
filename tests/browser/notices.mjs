// Notices on a real desktop's notification bus: what waited while nobody looked is told once, without names, and pressing it
// leads the window there; not again after a restart.
import { NoticeBoard, session } from './board.mjs';
import { AppWindow, desktop, display } from './desktop.mjs';
import { Household, afternoon, story } from './street.mjs';

await story(async (tell) => {
  const bus = await session();
  const notices = await NoticeBoard.open(bus);
  const env = { ...desktop(await display()), DBUS_SESSION_BUS_ADDRESS: bus, TZ: afternoon().posix };
  const [li, chen, wang] = [new Household('li'), new Household('chen'), new Household('wang')];
  for (const household of [li, chen, wang]) await household.serve();

  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: 86_400_000 });
  const knock = (who, name, block) => who.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name, phone: '' });
  await knock(chen, '陈姨', '502');
  const { rows } = await li.wait('requests', {}, '/rows/0/name', '陈姨');
  await li.do('approve', { device: rows[0].device });
  await chen.wait('application', {}, '/state', 'approved');
  const { listing } = await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', points: 0 });
  await chen.wait('listing', { listing }, '/listing/title', '人字梯，两米');
  const owner = (await li.query('me')).person.member;
  await knock(wang, '王先生', '706');
  await li.wait('requests', {}, '/rows/0/name', '王先生');
  await li.stop();

  const start = () => AppWindow.open(env, '--data', li.data, '--interface', 'lo', '--hidden');
  let his = await start();
  const seen = (state) => his.driver.wait(() => his.driver.executeScript('return document.visibilityState').then((is) => is === state), 20_000, `the window is not ${state}`);
  const door = await notices.next();
  says(door, '有人想进楼', '1 位在等你认门');
  tell('told: somebody is at the door, and not who');

  await seen('hidden');
  notices.press(door.id);
  await his.at(/^\/neighbours\/requests$/);
  await seen('visible');
  await his.text(/王先生/);
  // It was drawn small and unseen before: what is seen now is drawn anew.
  const drawn = 'const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(innerWidth)))';
  await his.driver.wait(() => his.driver.executeAsyncScript(drawn).then((width) => width >= 1200), 20_000, 'the window stays small');
  await his.picture('notice-pressed');
  await his.close();
  tell('pressed: the window comes, and shows who waits');

  // What was told is not told again: the next that comes is the new one.
  his = await start();
  await seen('hidden');
  const { deal } = await chen.do('answer', { owner, listing, due_at: Date.now() + 3 * 86_400_000 });
  const turn = await notices.next();
  says(turn, '轮到你了', '有 1 件事等你');
  notices.press(turn.id);
  await his.at(new RegExp(`^/deal/${deal}$`));
  await seen('visible');
  await his.find('button', /答应.*陈姨/);
  await his.close();
  const told = await notices.close();
  if (told.length !== 2) throw new Error(`told ${told.length} times: ${JSON.stringify(told)}`);
  tell('opened again: only what is new is told, and leads to its deal');
});

/** Exactly these words, something to press, and nobody's name or need. */
function says(notice, title, body) {
  if (notice.title !== title || notice.body !== body) throw new Error(`says ${JSON.stringify(notice)}`);
  if (!notice.actions.includes('default')) throw new Error(`cannot be pressed: ${JSON.stringify(notice)}`);
  if (/李叔|陈姨|王先生|人字梯|榕荫里/.test(JSON.stringify(notice))) throw new Error(`says too much: ${JSON.stringify(notice)}`);
}
