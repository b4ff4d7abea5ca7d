// Households with a page each, and browsers that look at them: what the stories and the pictures share.
import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

// The interface's own packages: a second lock file would only drift.
const require = createRequire(new URL('../../ui/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const PATIENCE_MS = 40_000;
const bin = process.env['KAIFONG'];
if (!bin) throw new Error('KAIFONG names the program');
export const work = process.env['KAIFONG_WORK'] ?? mkdtempSync(join(tmpdir(), 'kf-'));
const run = promisify(execFile);
/** Processes to end with the story. */
export const started = new Set();
const pages = [];
/** What people wrote: on a page in another language, theirs are the only words that may stay as they are. */
const written = new Set();

/** What the interface says, by language and key. */
export const catalogues = Object.fromEntries(
  ['zh-Hans', 'en'].map((language) => {
    const folder = join(import.meta.dirname, '../../ui/messages', language);
    return [language, Object.assign({}, ...readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8'))))];
  }),
);
const textsOf = (language) =>
  Object.values(catalogues[language]).flatMap((message) => (typeof message === 'string' ? [message] : message.flatMap(({ match }) => Object.values(match))));

/** One household: a process that serves, its data folder, and its shell. */
export class Household {
  constructor(name) {
    this.name = name;
    this.data = join(work, name);
    /** By how many days its clock is ahead, from when it is started next. */
    this.daysAhead = 0;
    mkdirSync(this.data, { recursive: true, mode: 0o700 });
  }

  /** Starts it, and gives the link that lets one browser in, once. */
  async serve(port = 0, more = []) {
    const link = await this.begin(port, more);
    await this.up;
    return link;
  }

  /** Starts it, and gives the link while its building is still opening; `up` waits for that. */
  async begin(port = 0, more = []) {
    const child = spawn(bin, ['--data', this.data, '--json', 'serve', '--interface', 'lo', '--port', String(port), ...more], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, KAIFONG_DAYS_AHEAD: String(this.daysAhead) },
    });
    started.add(child);
    this.child = child;
    this.ended = new Promise((done) => child.once('exit', done));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    const { link } = JSON.parse(value);
    this.up = lines.next();
    this.port = Number(new URL(link).port);
    return link;
  }

  /** Pulls the plug. */
  kill() {
    return this.end('SIGKILL');
  }

  /** Ends in order, as when the window is closed. */
  stop() {
    return this.end('SIGTERM');
  }

  async end(signal) {
    this.child.kill(signal);
    await this.ended;
    started.delete(this.child);
  }

  async ask(...args) {
    const { stdout } = await run(bin, ['--data', this.data, '--json', ...args]);
    return stdout.trim() ? JSON.parse(stdout) : undefined;
  }

  query(name, args = {}) {
    return this.ask('query', name, JSON.stringify(args));
  }

  do(name, args = {}) {
    const keep = (told) => (typeof told === 'string' ? written.add(told) : told && typeof told === 'object' && Object.values(told).forEach(keep));
    keep(args);
    return this.ask('do', name, JSON.stringify(args));
  }

  async wait(query, args, at, is) {
    const waited = await this.query('wait', { query, args, at, is, timeout_ms: PATIENCE_MS });
    if (!waited.met) throw new Error(`${this.name}: waited for ${query} ${at} to be ${JSON.stringify(is)}`);
    return waited.result;
  }
}

/** Ends every process that was started here. */
export async function end() {
  for (const child of started) child.kill('SIGKILL');
}

/** A browser of its own. With `camera`, a file of moving pictures stands in for the camera. */
export function browser(camera) {
  const quiet = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const film = camera ? ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`] : [];
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: [...quiet, ...film] });
}

export const sizes = { 360: { width: 360, height: 740 }, 768: { width: 768, height: 1024 }, 1280: { width: 1280, height: 800 } };

/** The zone where it is early in the afternoon just now, as IANA and as POSIX name it: nothing falls on midnight, nor into quiet hours. */
export function afternoon() {
  const ahead = 14 - new Date().getUTCHours();
  // Both count the other way round. POSIX wants a name of three letters, and no file about zones.
  const offset = `${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
  return { iana: `Etc/GMT${offset}`, posix: `KFT${offset}` };
}

/** A page in a household's browser; preferences are set before the first byte. Errors on the page are ours. */
export async function page(browser, { size = 360, theme = 'light', elder = false, language = 'zh-Hans', camera = false, timezone = undefined } = {}) {
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: camera ? ['camera'] : [],
    locale: language === 'en' ? 'en-GB' : 'zh-CN',
    timezoneId: timezone,
  });
  await context.addInitScript(
    (prefs) => {
      for (const [key, value] of Object.entries(prefs)) if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
    },
    preferences({ theme, elder, language }),
  );
  const opened = await context.newPage();
  opened.setDefaultTimeout(PATIENCE_MS);
  opened.troubles = [];
  opened.language = language;
  pages.push(opened);
  opened.on('pageerror', (error) => opened.troubles.push(String(error)));
  return opened;
}

function preferences({ theme, elder, language }) {
  return { 'kaifong.theme': JSON.stringify(theme), 'kaifong.size': JSON.stringify(elder ? 'elder' : 'normal'), 'kaifong.language': language };
}

/** Makes moving pictures of one still one, as the fake camera wants them: uncompressed, 4:2:0. */
export async function film(page, png) {
  const [width, height] = [640, 640];
  const pixels = await page.evaluate(
    async ([data, width, height]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = new OffscreenCanvas(width, height);
      const pen = canvas.getContext('2d');
      pen.fillStyle = 'white';
      pen.fillRect(0, 0, width, height);
      pen.imageSmoothingEnabled = false;
      const scale = Math.max(1, Math.floor((0.9 * Math.min(width, height)) / Math.max(image.width, image.height)));
      const [w, h] = [image.width * scale, image.height * scale];
      pen.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
      const { data: rgba } = pen.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => Math.round(0.299 * rgba[at * 4] + 0.587 * rgba[at * 4 + 1] + 0.114 * rgba[at * 4 + 2]));
    },
    [png.toString('base64'), width, height],
  );
  const grey = Buffer.from(pixels.map((level) => 16 + Math.round((level * 219) / 255)));
  const frame = Buffer.concat([Buffer.from('FRAME\n'), grey, Buffer.alloc((width * height) / 2, 128)]);
  const file = join(work, 'camera.y4m');
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array(10).fill(frame)]));
  return file;
}

/** Everything that a page must keep to, whatever it shows. */
export async function findings(page) {
  const found = await page.evaluate(() => {
    const told = [];
    const name = (element) => `${element.tagName.toLowerCase()} ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}`;
    const seen = (element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    };
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.querySelectorAll('body *')].find((element) => seen(element) && element.getBoundingClientRect().right > root.clientWidth + 1);
      told.push({ kind: 'overflow', what: wide ? name(wide) : `${root.scrollWidth} px` });
    }
    for (const element of document.querySelectorAll('body *')) {
      if (!seen(element) || element.closest('svg') || element.closest('.unseen')) continue;
      const style = getComputedStyle(element);
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      if (text) {
        const hides = style.overflowX === 'hidden' || style.overflowX === 'clip';
        if (hides && style.textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1) told.push({ kind: 'clipped', what: name(element) });
      }
      const target = element.matches('button, a[href], input:not([type=hidden]), select, textarea, [role=radio], [role=tab], [role=switch]');
      if (target && style.display !== 'inline' && !element.closest('p') && !element.matches(':disabled')) {
        const box = element.getBoundingClientRect();
        const inLabel = element.closest('label')?.getBoundingClientRect();
        const [w, h] = inLabel ? [Math.max(box.width, inLabel.width), Math.max(box.height, inLabel.height)] : [box.width, box.height];
        if (w < 43.5 || h < 43.5) told.push({ kind: 'target-size', what: `${name(element)}: ${Math.round(w)} × ${Math.round(h)}` });
      }
    }
    return told;
  });
  found.push(...(await untranslated(page)));
  await page.evaluate(axeSource);
  const axe = await page.evaluate(() => window.axe.run(document, {
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    // Sizes are measured above; this rule takes what has scrolled under the dock for small.
    rules: { 'target-size': { enabled: false } },
  }));
  for (const violation of axe.violations) {
    const kind = violation.id === 'color-contrast' ? 'contrast' : 'axe';
    for (const node of violation.nodes.slice(0, 3)) found.push({ kind, what: `${violation.id}: ${node.target.join(' ')}` });
  }
  return found;
}

/** Everything that a page says to eyes and ears, text by text: what it says, and in which language it claims to. */
function saidOn(page) {
  return page.evaluate(() => {
    const told = [{ text: document.title, at: 'title' }];
    const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const { parentElement: element } = node;
      if (!node.textContent.trim() || element.matches('script, style, noscript') || !shown(element)) continue;
      told.push({ text: node.textContent.trim(), at: element.tagName.toLowerCase(), lang: element.closest('[lang]')?.lang });
    }
    for (const element of document.querySelectorAll('body *')) {
      if (!shown(element)) continue;
      for (const name of ['aria-label', 'aria-description', 'aria-valuetext', 'placeholder', 'title', 'alt']) {
        const text = element.getAttribute(name)?.trim();
        if (text) told.push({ text, at: `${element.tagName.toLowerCase()} ${name}` });
      }
    }
    const typed = [...document.querySelectorAll('input, textarea')].map((field) => field.value).filter(Boolean);
    return { told, typed };
  });
}

/** What the other language's catalogue says and this one's does not: texts, and on a Chinese page patterns for those with figures. */
function foreignTo(language) {
  const own = new Set(textsOf(language));
  const letters = language === 'en' ? /\p{Script=Han}/u : /[a-z]{2}/i;
  const foreign = textsOf(language === 'en' ? 'zh-Hans' : 'en').filter((text) => !own.has(text) && letters.test(text.replace(/\{\w+\}/g, '')));
  const pattern = (text) => new RegExp(`^${text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`, 'su');
  // On an English page every run of Chinese is looked at anyway, and a neighbour's title may well be like a Chinese sentence.
  const figures = language === 'en' ? [] : foreign.filter((text) => text.includes('{'));
  return { texts: new Set(foreign), patterns: figures.map(pattern) };
}

/** What a page says that is not in its language, or is no language at all: a message's key. */
async function untranslated(page) {
  const { told, typed } = await saidOn(page);
  const { language } = page;
  const { texts, patterns } = foreignTo(language);
  const theirs = [...written, ...typed];
  // Names of languages stand in their own.
  const fine = [...theirs, ...textsOf('en').filter((text) => /\p{Script=Han}/u.test(text))];
  const found = [];
  for (const { text, at, lang } of told) {
    const parts = [text, ...text.split('·')].map((part) => part.trim());
    const key = /^[a-z]+(_[a-z0-9]+)+$/.test(text);
    const foreign = parts.some((part) => !fine.includes(part) && (texts.has(part) || patterns.some((pattern) => pattern.test(part))));
    // On an English page, every run of Chinese has to be somebody's own words.
    const runs = language === 'en' ? (text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uffef]+/gu) ?? []) : [];
    const ours = runs.some((run) => !fine.some((word) => word.includes(run)));
    if (key || foreign || ours) found.push({ kind: 'untranslated', what: `${at}: ${text.slice(0, 60)}` });
    else if (runs.length > 0 && lang !== undefined && !lang.startsWith('zh') && !/\p{Script=Latin}/u.test(text)) found.push({ kind: 'language', what: `${at}: ${text.slice(0, 60)}` });
  }
  return found;
}

/** Stops the story when a page breaks a rule. */
export async function keeps(page, where) {
  const found = await findings(page);
  if (found.length > 0) throw new Error(`${where}: ${JSON.stringify(found, null, 1)}`);
  if (page.troubles.length > 0) throw new Error(`${where}: ${page.troubles.join('; ')}`);
}

/** Tells the story line by line, and ends with a code that says how it went. */
export async function story(play) {
  const tell = (line) => console.log(line);
  try {
    await play(tell);
  } catch (error) {
    console.error(error);
    // What was seen last, for whoever looks into it.
    for (const [at, page] of pages.entries()) await page.screenshot({ path: join(work, `last-${at}.png`) }).catch(() => {});
    process.exitCode = 1;
  } finally {
    await end();
  }
  process.exit();
}
