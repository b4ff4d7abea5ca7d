// A real desktop window, driven through WebDriver as a person would: by roles and by what the page says.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PATIENCE_MS, started, work } from './street.mjs';

const require = createRequire(new URL('../../ui/package.json', import.meta.url));
const { Builder, Capabilities, Key } = require('selenium-webdriver');

const app = process.env['KAIFONG_APP'];
if (!app) throw new Error('KAIFONG_APP names the window’s program');

/** A display that nobody sees. Gives its name once it is there. */
export async function display() {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  started.add(screen);
  for await (const number of createInterface({ input: screen.stdio[3] })) return `:${number}`;
  throw new Error('Xvfb did not start');
}

/** What a person's own desktop is to the window: a home of its own, a language, no keychain. */
export function desktop(shown) {
  const home = join(work, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return { PATH: process.env['PATH'], HOME: home, DISPLAY: shown, LANG: 'C.UTF-8', GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', TAURI_WEBVIEW_AUTOMATION: 'true' };
}

/** Starts the window's program as the desktop does; `ended` gives its code. */
export function launch(env, ...args) {
  const child = spawn(app, args, { env, stdio: 'ignore' });
  started.add(child);
  const ended = new Promise((done) => child.once('exit', done)).finally(() => started.delete(child));
  return { child, ended };
}

/** Waits until it holds; nothing tells when it does. */
export async function until(holds, what) {
  const patience = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > patience) throw new Error(what);
    await new Promise((again) => setTimeout(again, 50));
  }
}

/** The window of one household. */
export class AppWindow {
  constructor(driver, server, told) {
    this.driver = driver;
    this.server = server;
    this.told = told;
  }

  static async open(env, ...args) {
    const port = await freePort();
    // A driver of its own for each session: one whose session ends in the middle of a command serves no other.
    const server = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    started.add(server);
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/status`);
    // The driver starts the program and tells nobody which process it is; the program's own shell does.
    const [told, starts] = [join(work, 'app.pid'), join(work, 'app.sh')];
    rmSync(told, { force: true });
    writeFileSync(starts, `#!/bin/sh\necho $$ > '${told}'\nexec '${app}' "$@"\n`, { mode: 0o700 });
    const wish = new Capabilities({ browserName: 'wry', 'webkitgtk:browserOptions': { binary: starts, args } });
    const driver = await new Builder().usingServer(url).withCapabilities(wish).build();
    return new AppWindow(driver, server, told);
  }

  /** Tells the program to end, as the system does, waits until it has, and lets the driver go. */
  async close() {
    const process_id = Number(readFileSync(this.told, 'utf8'));
    process.kill(process_id, 'SIGTERM');
    await until(() => !runs(process_id), 'the window does not end');
    // Its session has ended with it.
    await this.driver.quit().catch(() => undefined);
    const gone = new Promise((done) => this.server.once('exit', done));
    this.server.kill('SIGTERM');
    await gone;
    started.delete(this.server);
  }

  /** Waits for something of this role and name that can be seen. */
  find(role, name) {
    return this.driver.wait(
      () => this.driver.executeScript(lookFor, role, name.source),
      PATIENCE_MS,
      `no ${role} ${name} in the window`,
    );
  }

  /** Waits for text that can be seen. */
  text(name) {
    return this.find('text', name);
  }

  /** Presses it, whichever element stands for it by then: rows that come in between draw it anew. */
  press(role, name) {
    return this.driver.wait(
      async () => {
        const element = await this.driver.executeScript(lookFor, role, name.source);
        if (!element || !(await element.isEnabled())) return false;
        // The driver leaves the page where it is; a person scrolls to what is below.
        await this.driver.executeScript("arguments[0].scrollIntoView({ block: 'nearest' })", element);
        await element.click();
        return true;
      },
      PATIENCE_MS,
      `the ${role} ${name} cannot be pressed`,
    ).catch((error) => (error.name === 'StaleElementReferenceError' ? this.press(role, name) : Promise.reject(error)));
  }

  /** Writes into a field; whatever stands in it goes first. */
  async write(name, text) {
    const field = await this.find('textbox', name);
    await field.click();
    await field.sendKeys(Key.chord(Key.CONTROL, 'a'), Key.BACK_SPACE);
    // No keyboard has these characters: an input method puts them in, and so does this.
    await this.driver.executeScript("document.execCommand('insertText', false, arguments[0])", text);
    const has = await field.getAttribute('value');
    if (has !== text) throw new Error(`wrote ${text}, and the field ${name} has ${has}`);
  }

  /** Presses Escape, wherever the keyboard is. */
  escape() {
    return this.driver.actions().sendKeys(Key.ESCAPE).perform();
  }

  /** Waits until the window shows this path. */
  at(path) {
    return this.driver.wait(() => this.driver.executeScript('return location.pathname').then((at) => path.test(at)), PATIENCE_MS, `the window does not show ${path}`);
  }

  go(path) {
    // As a link does: the page is one, and is not loaded again.
    return this.driver.executeScript((path) => {
      const link = document.createElement('a');
      link.href = path;
      document.querySelector('main').append(link);
      link.click();
      link.remove();
    }, path);
  }

  async picture(name) {
    writeFileSync(join(work, `${name}.png`), await this.driver.takeScreenshot(), 'base64');
  }
}

/** Runs in the page: the first thing of this role whose name fits, and that can be seen. */
function lookFor(role, pattern) {
  const roles = {
    button: 'button, [role=button]',
    link: 'a[href]',
    textbox: 'input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea',
    radio: '[role=radio], input[type=radio]',
    switch: '[role=switch], input[type=checkbox]',
    heading: 'h1, h2, h3',
    dialog: '[role=dialog]',
    text: 'body *',
  };
  const fits = new RegExp(pattern);
  const own = (element) => [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent).join('');
  const named = (element) =>
    element.getAttribute('aria-label') ??
    element.getAttribute('aria-labelledby')?.split(' ').map((id) => document.getElementById(id)?.textContent).join(' ') ??
    ([...(element.labels ?? [])].map((label) => label.textContent).join(' ') || element.textContent);
  for (const element of document.querySelectorAll(roles[role])) {
    const name = role === 'text' ? own(element) : named(element);
    if (fits.test(name.trim()) && element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return element;
  }
  return null;
}

/** Whether a process still runs; one that has ended may wait for its parent to look. */
function runs(process_id) {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${process_id}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Waits until somebody answers there. */
async function answers(url) {
  await until(() => fetch(url).then(() => true, () => false), `nobody answers at ${url}`);
}
