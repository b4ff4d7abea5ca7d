import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeBackend, type FakeBackend } from '../src/backend/fake';
import { onlyDigits, waitWords } from '../src/lib/lock/pin';
import { ScreenLock } from '../src/lib/lock/screen.svelte';
import { answerOf, askEarly } from '../src/lib/shared/live.svelte';
import { Refusal, useBackend } from '../src/backend';
import { overwriteGetLocale } from '../src/paraglide/runtime.js';
import { inEffect } from './effect.svelte';

const MINUTE_MS = 60_000;
const left: (() => void)[] = [];

interface Page {
  lock: ScreenLock;
  backend: FakeBackend;
  reloads: number;
}

/** A page of a device with the PIN 2580, open for five minutes or locked. */
async function aPage({ locked = false, left_ms = 5 * MINUTE_MS } = {}): Promise<Page> {
  const backend = fakeBackend({ pin: '2580' });
  Object.assign(backend.lockNote, { locked, left_ms: locked ? 0 : left_ms });
  const page: Page = { backend, reloads: 0, lock: new ScreenLock(backend, () => page.reloads++) };
  left.push(page.lock.watch());
  await settled();
  return page;
}

/** What is under way is over, and no time has passed. */
const settled = () => vi.advanceTimersByTimeAsync(0);
const asked = ({ backend }: Page, name: string) => backend.asked.filter((one) => one.name === name).length;
const hand = () => dispatchEvent(new Event('pointerdown'));

beforeEach(() => {
  vi.useFakeTimers();
  overwriteGetLocale(() => 'zh-Hans');
});
afterEach(() => {
  for (const stop of left.splice(0)) stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('nothing is shown before it is known how a screen stands', async () => {
  const backend = fakeBackend({});
  const lock = new ScreenLock(backend, () => undefined);
  expect(lock.standing).toBe('unknown');
  left.push(lock.watch());
  await settled();
  expect(lock.standing).toBe('open');
});

test('a locked page asks for the PIN: a wrong one opens nothing, the right one does, and everything is asked again', async () => {
  const page = await aPage({ locked: true });
  const changes: unknown[] = [];
  page.backend.changes((change) => changes.push(change));
  expect(page.lock.standing).toBe('locked');
  const wrong = page.lock.unlock('1357');
  await settled();
  expect(await wrong).toBe(false);
  expect(page.lock.error?.code).toBe('pin-wrong');
  expect(page.lock.standing).toBe('locked');
  page.lock.clear();
  expect(page.lock.error).toBeUndefined();
  const right = page.lock.unlock('2580');
  await settled();
  expect(await right).toBe(true);
  expect(page.lock.standing).toBe('open');
  expect(changes).toEqual(['all']);
  expect(page.reloads, 'nothing was behind it yet').toBe(0);
});

test('the wait after wrong PINs is counted down second by second to its end', async () => {
  const page = await aPage({ locked: true });
  page.backend.lockNote.wait_ms = 30_000;
  page.backend.locks();
  await settled();
  const shown: number[] = [];
  const { stop } = inEffect(() => {
    $effect(() => void shown.push(page.lock.wait_s));
  });
  for (let second = 0; second < 31; second++) {
    await vi.advanceTimersByTimeAsync(1000);
    flushSync();
  }
  stop();
  expect(shown.slice(0, 3)).toEqual([30, 29, 28]);
  expect(shown.at(-1)).toBe(0);
  expect([waitWords(24), waitWords(200)]).toEqual(['24 秒', '3 分 20 秒']);
});

test('a page that hears that it is locked hides at once and is loaded anew, so that nothing it has read is left', async () => {
  const page = await aPage();
  expect(page.lock.standing).toBe('open');
  page.backend.lockNote.locked = true;
  page.backend.locks();
  await settled();
  expect(page.lock.standing).toBe('locked');
  expect(page.reloads).toBe(1);
});

test('a page that nobody touches asks when its time is over, and stays where another page of the browser was touched', async () => {
  const page = await aPage();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS - 1);
  expect(asked(page, 'lock')).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect([asked(page, 'lock'), page.lock.standing]).toEqual([2, 'open']);
  page.backend.lockNote.locked = true;
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(page.lock.standing).toBe('locked');
});

test('a page whose Kaifong does not answer any more hides by itself when its time is over, and a hand opens nothing', async () => {
  const page = await aPage();
  page.backend.become('lost');
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(page.lock.standing).toBe('locked');
  expect(page.reloads, 'a page that is loaded now finds nobody').toBe(0);
  hand();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect([page.lock.standing, asked(page, 'touch')]).toEqual(['locked', 0]);
  page.backend.become('connected');
  page.backend.lockNote.locked = true;
  page.backend.locks();
  await settled();
  expect(page.reloads).toBe(1);
});

test('hands are told now and then, at most every ten seconds and never lost, and what a page does by itself is none', async () => {
  const page = await aPage();
  hand();
  hand();
  await settled();
  expect(asked(page, 'touch')).toBe(1);
  await vi.advanceTimersByTimeAsync(4000);
  hand();
  await vi.advanceTimersByTimeAsync(5999);
  expect(asked(page, 'touch')).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked(page, 'touch'), 'the last one counts too').toBe(2);
  // Five minutes from the last touch, and not from the first.
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS - 1);
  expect(asked(page, 'lock')).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(asked(page, 'touch')).toBe(2);
});

test('where screens do not lock by themselves nothing is timed and no hand is told', async () => {
  const page = await aPage({ left_ms: 0 });
  hand();
  await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS);
  expect([page.lock.standing, asked(page, 'touch'), asked(page, 'lock')]).toEqual(['open', 0, 1]);
});

test('a computer that slept past the time shows nothing when it wakes, before any timer or answer', async () => {
  const page = await aPage();
  vi.setSystemTime(Date.now() + 8 * 60 * MINUTE_MS);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(page.lock.standing).toBe('locked');
});

test('an answer that was overtaken by a later one tells nothing', async () => {
  const page = await aPage({ locked: true });
  let late: (note: unknown) => void = () => undefined;
  const look = vi.spyOn(page.backend.lock, 'look').mockImplementationOnce(() => new Promise((done) => (late = done as never)));
  page.backend.locks();
  await settled();
  const opened = page.lock.unlock('2580');
  await settled();
  expect(await opened).toBe(true);
  late({ ...page.backend.lockNote, locked: true });
  await settled();
  expect(look).toHaveBeenCalledTimes(2);
  expect([page.lock.standing, page.reloads]).toEqual(['open', 0]);
});

test('what was asked early behind a lock is asked again once it is open', async () => {
  let locked = true;
  useBackend(
    fakeBackend({
      ask: {
        me: () => {
          if (locked) throw new Refusal({ code: 'locked', sentence: '锁着' });
          return { device: 'd' } as never;
        },
      },
    }),
  );
  askEarly('me', {});
  await settled();
  locked = false;
  expect(await answerOf('me', {})).toEqual({ device: 'd' });
});

test('a PIN is digits alone, those in full width too, and no more than twelve', () => {
  expect(onlyDigits('２5 8-0a')).toBe('2580');
  expect(onlyDigits('1234567890123456')).toBe('123456789012');
  expect(onlyDigits('密码')).toBe('');
});
