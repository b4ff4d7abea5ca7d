// A page left open for days: the computer sleeps, Kaifong is updated and started again, falls silent, and no longer knows the
// browser. The page is never loaded again in between, and is right about everything each time.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Household, afternoon, browser, keeps, page, sizes, story, work } from './street.mjs';

const DAY_MS = 86_400_000;
const DAYS_MS = 3 * DAY_MS;
// The browser keeps the page that was left last for a while, and its heap holds compiled code.
const LEFT_MOST = Object.entries({ JSEventListeners: 20, Nodes: 700, JSHeapUsedSize: 3_000_000, Documents: 1 });
const PLACES = ['共享', '议事', '积分', '我的', '首页'];

await story(async (tell) => {
  const [li, chen] = [new Household('li'), new Household('chen')];
  const [liLink] = [await li.serve(), await chen.serve()];
  const { lent, drill, owner } = await neighbours(li, chen);
  const there = await browser();
  const his = await page(there, { size: 1280, timezone: afternoon().iana });
  await his.clock.install();
  await his.goto(liLink);
  await his.evaluate(() => (window.same = true));
  // Beside a place may stand how much waits there.
  const follow = (name) => his.getByRole('link', { name: new RegExp(`^${name}( ?\\d+)?$`) }).filter({ visible: true }).first().click();
  const lost = () => his.getByText(/正在重连/).first().waitFor();
  const back = () => his.getByText(/正在重连/).first().waitFor({ state: 'detached' });
  const isSame = async () => {
    if (!(await his.evaluate(() => window.same))) throw new Error('the page was loaded again');
  };

  // The computer sleeps with the lent ladder's page open. Meanwhile Kaifong starts again, and she brings the ladder back.
  await his.getByRole('link', { name: '全部约定' }).click();
  await his.getByRole('link', { name: /人字梯/ }).first().click();
  const hands = his.getByRole('listitem').filter({ hasText: '陈姨' });
  await his.getByText(/^周. \d\d:\d\d要还$/).first().waitFor();
  await his.getByText('还有 2 天').waitFor();
  await hands.getByText(/^今天 \d\d:\d\d$/).first().waitFor();
  await his.clock.pauseAt(await his.evaluate(() => Date.now() + 1000));
  await li.stop();
  await li.serve(li.port);
  await chen.do('return', { deal: lent });
  await li.wait('deal', { deal: lent }, '/deal/receiver_confirmed', true);
  await his.clock.fastForward(DAYS_MS);
  await his.clock.resume();
  await his.getByText(/^说好昨天 \d\d:\d\d还，晚了1 天$/).first().waitFor();
  await his.getByRole('listitem').filter({ hasText: '陈姨还了' }).waitFor();
  await hands.getByText(/^周. \d\d:\d\d$/).first().waitFor();
  if (await hands.getByText(/^今天/).count()) throw new Error('three days ago is today');
  await back();
  await isSame();
  await keeps(his, 'after three days');
  await his.screenshot({ path: join(work, 'days-late.png') });
  tell('slept for three days: what is due is late, what was today is not, what happened meanwhile is there');

  // It still may do something: the process is another one, the cookie the same.
  await his.getByRole('button', { name: '收回来了' }).click();
  await chen.wait('deal', { deal: lent }, '/deal/stage', 'done');
  await follow('首页');
  await his.getByRole('heading', { level: 1 }).filter({ hasText: await today(his) }).waitFor();
  await follow('共享');
  await his.getByRole('link', { name: /电钻/ }).first().click();
  await his.getByText('3天前', { exact: true }).waitFor();
  tell('let in as before: days later, with another process at the same port');

  // Three more days, the last one second by second, and through all places again and again. Nothing of it is left behind.
  for (let round = 0; round < 2; round += 1) await visit(his, follow);
  const [before, files] = [await weight(his), opened(li)];
  await his.clock.fastForward(DAYS_MS - DAY_MS);
  await his.clock.runFor(DAY_MS);
  await back();
  // A page that was just left may still be held: what grows is there in every round.
  const rounds = [];
  for (let round = 0; round < 4; round += 1) {
    await visit(his, follow);
    rounds.push(await weight(his));
  }
  const least = (what) => Math.min(...rounds.map((seen) => seen[what]));
  const after = Object.fromEntries(Object.keys(rounds[0]).map((what) => [what, least(what)]));
  const filesAfter = opened(li);
  for (const [what, more] of LEFT_MOST) {
    if (after[what] > before[what] + more) throw new Error(`${what} grew from ${before[what]} to ${after[what]}`);
  }
  if (filesAfter > files + 6) throw new Error(`the process holds ${filesAfter} files instead of ${files}`);
  await his.getByRole('heading', { level: 1 }).filter({ hasText: await today(his) }).waitFor();
  await isSame();
  tell(`six days old: ${after.JSEventListeners} listeners (${before.JSEventListeners}), ${Math.round(after.JSHeapUsedSize / 1e5) / 10} MB (${Math.round(before.JSHeapUsedSize / 1e5) / 10})`);

  // Kaifong says nothing more, and its connection never ends: nobody tells the page. What is asked into it is not waited for.
  process.kill(li.child.pid, 'SIGSTOP');
  await his.clock.fastForward(70_000);
  await lost();
  process.kill(li.child.pid, 'SIGCONT');
  await back();
  const { deal } = await chen.do('answer', { owner, listing: drill, due_at: Date.now() + 8 * DAY_MS });
  await his.getByRole('button', { name: /答应.*电钻/ }).or(his.getByRole('link', { name: /答应.*电钻/ })).first().waitFor();
  await isSame();
  tell('silent: the page finds out, says so, comes back by itself and hears again');

  // The browser is no longer known. It says so and how to come back, and does when there is a new link; what was written stays.
  await follow('我需要');
  await his.getByRole('textbox', { name: '我需要什么' }).fill('想借一个大锅');
  await li.stop();
  const known = join(li.data, 'web.json');
  writeFileSync(known, JSON.stringify({ ...JSON.parse(readFileSync(known, 'utf8')), sessions: [] }));
  await li.serve(li.port);
  await his.getByRole('heading', { name: '这个网页的门关上了' }).waitFor();
  await his.getByText('kaifong open').waitFor();
  await keeps(his, 'no longer known');
  await his.screenshot({ path: join(work, 'days-closed.png') });
  await his.setViewportSize(sizes[360]);
  await keeps(his, 'no longer known, on a phone');
  await his.screenshot({ path: join(work, 'days-closed-360.png') });
  await his.setViewportSize(sizes[1280]);
  const { link } = await li.ask('open');
  const other = await his.context().newPage();
  await other.goto(link);
  await other.getByRole('heading', { level: 1 }).first().waitFor();
  await other.close();
  await his.bringToFront();
  await his.evaluate(() => dispatchEvent(new Event('focus')));
  const text = his.getByRole('textbox', { name: '我需要什么' });
  await text.waitFor();
  if ((await text.inputValue()) !== '想借一个大锅') throw new Error('what was being written is lost');
  await isSame();
  tell('no longer known: it says so, and is there again once this browser has opened a new link');

  // A newer Kaifong answers by now: the next way is taken with its own page.
  await his.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'newer' } }));
  const asked = his.waitForRequest('**/_app/version.json');
  await li.stop();
  await li.serve(li.port);
  await asked;
  await back();
  await isSame();
  await follow('首页');
  await his.waitForFunction(() => !window.same);
  await his.getByRole('link', { name: /答应.*电钻/ }).or(his.getByRole('button', { name: /答应.*电钻/ })).first().waitFor();
  await keeps(his, 'the newer page');
  if ((await li.query('deal', { deal })).deal.stage !== 'answered') throw new Error('something was done that nobody did');
  tell('updated: the page goes on with the new one by itself');
});

/** 李叔 and 陈姨 are neighbours; his ladder is with her for two more days, and his drill is to be had. */
async function neighbours(li, chen) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  await chen.do('apply', { invitation: ticket, name: '陈姨', block: '502', household: '3 栋 502', real_name: '陈美玲', phone: '' });
  const { rows } = await li.wait('requests', {}, '/rows/0/name', '陈姨');
  await li.do('approve', { device: rows[0].device });
  await chen.wait('application', {}, '/state', 'approved');
  const lend = async (title) => {
    const { listing } = await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title, points: 0 });
    await chen.wait('listing', { listing }, '/listing/title', title);
    return listing;
  };
  const [ladder, drill] = [await lend('人字梯，两米'), await lend('电钻')];
  const owner = (await li.query('me')).person.member;
  const lent = (await chen.do('answer', { owner, listing: ladder, due_at: Date.now() + 2 * DAY_MS })).deal;
  await li.wait('deal', { deal: lent }, '/deal/stage', 'answered');
  await li.do('agree', { deal: lent });
  await chen.wait('deal', { deal: lent }, '/deal/stage', 'agreed');
  await li.do('hand_over', { deal: lent });
  await chen.wait('deal', { deal: lent }, '/deal/giver_confirmed', true);
  await chen.do('hand_over', { deal: lent });
  await li.wait('deal', { deal: lent }, '/deal/stage', 'on-loan');
  return { lent, drill, owner };
}

/** The day by the page's own clock, as people write it. */
function today(page) {
  return page.evaluate(() => new Intl.DateTimeFormat('zh-Hans', { month: 'long', day: 'numeric' }).format(Date.now()));
}

async function visit(page, follow) {
  for (const place of PLACES) {
    await follow(place);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
  }
}

/** What the page holds, after what it has let go is gone. */
async function weight(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  for (let i = 0; i < 3; i += 1) await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  await devtools.detach();
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** How many files and connections a household's process holds. */
function opened(household) {
  return readdirSync(`/proc/${household.child.pid}/fd`).length;
}
