// Takes pictures: node scripts/shots.mjs [folder] [page …]      (UI=http://127.0.0.1:5173, CHROMIUM=/usr/bin/chromium)
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [folder = 'shots', ...asked] = process.argv.slice(2);
const pages = asked.length > 0 ? asked : ['/', '/gallery', '/hall'];
const base = process.env.UI ?? 'http://127.0.0.1:5173';
const variants = [
  { name: '360-light', width: 360, height: 780, theme: 'light', size: 'normal' },
  { name: '360-dark', width: 360, height: 780, theme: 'dark', size: 'normal' },
  { name: '360-elder', width: 360, height: 780, theme: 'light', size: 'elder' },
  { name: '360-elder32', width: 360, height: 780, theme: 'light', size: 'elder', body: 32 },
  { name: '360-en', width: 360, height: 780, theme: 'light', size: 'normal', language: 'en' },
  { name: '768-light', width: 768, height: 1024, theme: 'light', size: 'normal' },
  { name: '1280-light', width: 1280, height: 800, theme: 'light', size: 'normal' },
  { name: '1280-dark', width: 1280, height: 800, theme: 'dark', size: 'normal' },
];
/** As much of the page as is worth a picture. */
const tall = (/** @type {import('playwright-core').Page} */ page) => page.evaluate(() => Math.min(5200, document.documentElement.scrollHeight));
const only = process.env.ONLY?.split(',');

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const variant of variants.filter((v) => !only || only.includes(v.name))) {
  const context = await browser.newContext({ viewport: { width: variant.width, height: variant.height }, deviceScaleFactor: 1.5, reducedMotion: 'reduce' });
  await context.addInitScript((v) => {
    localStorage.setItem('kaifong.theme', JSON.stringify(v.theme));
    localStorage.setItem('kaifong.size', JSON.stringify(v.size));
    if (v.body) localStorage.setItem('kaifong.body', String(v.body));
    if (v.language) localStorage.setItem('kaifong.language', v.language);
  }, variant);
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(variant.name, error.stack));
  page.on('console', (line) => line.type() === 'error' && console.error(variant.name, line.text()));
  for (const path of pages) {
    await page.goto(base + path + (process.env.FAKE === '0' ? '' : `${path.includes('?') ? '&' : '?'}fake`), { waitUntil: 'load' });
    await page.waitForSelector('main *', { timeout: 20_000 });
    await page.waitForTimeout(400);
    const file = `${folder}/${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'today'}-${variant.name}`;
    await page.screenshot({ path: `${file}.png`, ...(process.env.FULL === '1' ? { fullPage: true, clip: { x: 0, y: 0, width: variant.width, height: await tall(page) } } : {}) });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) console.error(`${file}: ${wide} px too wide`);
  }
  await context.close();
}
await browser.close();
