// How fast the page is in a real browser, over a data folder that a bench has made: one line of JSON on stdout.
// KAIFONG names the program, KAIFONG_WORK holds the folder, the first argument is its name there.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Household, PATIENCE_MS, browser, page, story } from './street.mjs';

const RUNS = 5;
const TYPED = ['电钻', '儿童绘本', '修水管', '轮椅', '周末'];
const SCROLL_STEPS = 300;
/** A browser is at rest when all its processes together took less than this of a processor in a moment. */
const [MOMENT_MS, BUSY_S] = [250, 0.01];

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
const quantile = (values, part) => values.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(part * values.length) - 1)] ?? 0;
const rows = (seen) => seen.locator('main a[href^="/share/"]');

/** Resolves when the processes of a browser have taken no time of a processor for a moment: what it opened stands. */
async function calm(shown) {
  const asked = await shown.newBrowserCDPSession();
  const spent = async () => (await asked.send('SystemInfo.getProcessInfo')).processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  const until = performance.now() + PATIENCE_MS;
  for (let before = -1, now = await spent(); now - before > BUSY_S; before = now, now = await spent()) {
    if (performance.now() > until) throw new Error('the browser with its empty window never came to rest');
    await new Promise((done) => setTimeout(done, MOMENT_MS));
  }
  await asked.detach();
}

/**
 * From starting the process to the first picture with rows, in milliseconds, as the page's own clock says. The browser and its
 * empty window are open and at rest before: those are the browser's, not the app's. It has never seen the app: nothing of it
 * is cached, and no script compiled.
 */
async function coldStart(shown, household) {
  const seen = await page(shown, { size: 360 });
  await calm(shown);
  await seen.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (!document.querySelector('main a[href^="/share/"]')) return;
      watch.disconnect();
      requestAnimationFrame(() => requestAnimationFrame((at) => (window.firstRows = performance.timeOrigin + at)));
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  const begun = performance.now();
  const link = await household.begin();
  const served = performance.now();
  const url = new URL(link);
  url.searchParams.set('to', '/share');
  await seen.goto(url.href, { waitUntil: 'commit' });
  const drawn = await (await seen.waitForFunction(() => window.firstRows)).jsonValue();
  const whole = drawn - performance.timeOrigin - begun;
  await household.up;
  return { seen, whole, served: served - begun };
}

/** What of the built interface the browser fetched until the first list, compressed as a web server would, in kilobytes. */
async function scriptsAtStart(seen) {
  const urls = await seen.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.js')));
  const folder = join(import.meta.dirname, '../../ui/dist');
  const known = new Set(readdirSync(folder, { recursive: true }).map((file) => `/${file}`));
  const files = urls.map((url) => new URL(url).pathname).filter((file) => known.has(file));
  if (files.length === 0) throw new Error('no script of the built interface was fetched');
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0) / 1024;
}

/** Tells how long each input took until the next picture, as the browser's Event Timing says, in milliseconds. */
async function inputs(seen) {
  await seen.evaluate(() => {
    window.inputTimes = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries()) {
        if (interactionId) window.inputTimes.set(interactionId, Math.max(duration, window.inputTimes.get(interactionId) ?? 0));
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: false });
  });
  const box = seen.getByRole('textbox').or(seen.getByRole('searchbox')).first();
  let presses = 0;
  for (const text of TYPED) {
    await box.fill(text);
    await seen.waitForLoadState('networkidle');
    // Letters that a keyboard has: what an input method composes comes without keys.
    for (const key of ['a', 'b', 'c', 'Backspace', 'Backspace', 'Backspace', 'ArrowLeft', 'ArrowRight']) {
      await box.press(key);
      presses += 1;
    }
  }
  await box.fill('');
  await rows(seen).first().waitFor();
  const slow = await seen.evaluate(() => [...window.inputTimes.values()]);
  // What is not told took less than 16 ms.
  return [...slow, ...Array(Math.max(0, presses - slow.length)).fill(15)];
}

/** Scrolls down by the wheel; gives the longest task and the most nodes that the list ever had. */
async function scroll(seen) {
  await seen.evaluate(() => {
    window.longTasks = [];
    window.nodesMost = 0;
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  });
  await seen.mouse.move(180, 400);
  for (let at = 0; at < SCROLL_STEPS; at += 1) {
    await seen.mouse.wheel(0, 600);
    await seen.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    if (at % 20 === 0) {
      await seen.evaluate(() => {
        window.nodesMost = Math.max(window.nodesMost, document.querySelector('main [role=list]').querySelectorAll('*').length);
      });
    }
  }
  const [tasks, nodes, px] = await seen.evaluate(() => [window.longTasks, window.nodesMost, document.scrollingElement.scrollTop]);
  return { tasks, nodes, px };
}

async function heap(seen) {
  const session = await seen.context().newCDPSession(seen);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1024 / 1024;
}

await story(async (tell) => {
  const household = new Household(process.argv[2]);
  const shown = await browser();
  const starts = [];
  for (let run = 1; run < RUNS; run += 1) {
    const start = await coldStart(shown, household);
    starts.push(start);
    await start.seen.context().close();
    await household.stop();
  }
  const last = await coldStart(shown, household);
  starts.push(last);
  const { seen } = last;
  const script_kb = await scriptsAtStart(seen);
  const listings = (await household.query('listings', { side: 'offer', open: true, limit: 1 })).total;
  // The index grows while the device is idle; typing is measured once it is there.
  await household.query('search', { text: '电钻', side: 'offer', limit: 1 });
  const typed = await inputs(seen);
  const scrolled = await scroll(seen);
  tell(JSON.stringify({
    first_list_ms: median(starts.map((start) => start.whole)),
    served_ms: median(starts.map((start) => start.served)),
    input_p95_ms: quantile(typed, 0.95),
    input_max_ms: Math.max(...typed),
    inputs: typed.length,
    longest_task_ms: Math.max(0, ...scrolled.tasks),
    long_tasks: scrolled.tasks.length,
    scrolled_px: scrolled.px,
    list_nodes_max: scrolled.nodes,
    script_kb,
    heap_mib: await heap(seen),
    listings,
  }));
});
