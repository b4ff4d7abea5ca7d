import { afterEach, expect, test } from 'vitest';
import { langOf } from '../src/lib/shared/said';
import { overwriteGetLocale } from '../src/paraglide/runtime.js';

afterEach(() => overwriteGetLocale(() => 'zh-Hans'));

test('on an English page, what neighbours wrote in Chinese is marked, and sentences of the page are not', () => {
  overwriteGetLocale(() => 'en');
  for (const theirs of ['人字梯，两米', '502 陈姨', 'DVD 播放机', '会修 Mac 电脑']) expect(langOf(theirs), theirs).toBe('zh');
  for (const ours of ['', null, undefined, 'Your turn', '604', 'Waiting for 502 陈姨 to confirm', 'a ladder']) expect(langOf(ours), String(ours)).toBeUndefined();
});

test('on a Chinese page nothing is marked', () => {
  for (const words of ['人字梯，两米', 'a ladder', '502 陈姨']) expect(langOf(words)).toBeUndefined();
});
