import { expect, test } from 'vitest';
import { changeWords } from '../src/lib/council/words';
import { fundTitle, purposeWords } from '../src/lib/points/fund';
import { dateOf, dayOf, whole } from '../src/lib/shared/fields';
import { lineTitle, streams } from '../src/lib/points/lines';
import { samples } from '../src/backend/fake';
import { overwriteGetLocale } from '../src/paraglide/runtime.js';
import type { FundLine, Line } from '../src/backend';

overwriteGetLocale(() => 'zh-Hans');
const { people } = samples;
const shift = { act: 'shift', day: 20_786, times: 2 } as const;
const granted: Line = { ...(samples.lines[0] as Line), direction: 'in', title: null, deal: null, points: 20, fund: true, purpose: shift };

test('a statement says what a grant is for, and that the fund gives it', () => {
  expect(lineTitle(granted)).toBe('值班一次 ×2（11月29日）·街坊基金');
  expect(lineTitle({ ...granted, purpose: { act: 'starter', day: null, times: 1 } })).toBe('新邻居礼·街坊基金');
  expect(lineTitle({ ...granted, direction: 'out', purpose: null })).toBe('给基金送分');
  expect(streams([granted, { ...granted, points: 10 }], 'in')).toEqual([{ id: '值班一次', label: '值班一次', points: 30 }]);
});

test("the fund's lines name who got it, or who gave", () => {
  const line = { counterpart: people.he, purpose: shift, direction: 'out' } as unknown as FundLine;
  expect(fundTitle(line)).toMatch(/·值班一次 ×2（11月29日）$/);
  expect(fundTitle({ ...line, purpose: null, direction: 'in' })).toMatch(/给基金的$/);
  expect(purposeWords({ act: 'hour', day: 0, times: 1 })).toBe('帮忙一小时（1月1日）');
});

test('a date on the wall is one day everywhere, and what is no date is none', () => {
  expect(dayOf('2026-11-29')).toBe(20_786);
  expect(dayOf('1970-01-01')).toBe(0);
  for (const wrong of ['', '2026-11', '29.11.2026', '2026-13-45']) expect(dayOf(wrong), wrong).toBeUndefined();
  expect(dateOf(new Date(2026, 10, 9, 23, 59).getTime())).toBe('2026-11-09');
});

test('a figure is a whole number within its bounds', () => {
  expect(whole(' 12 ', 1, 100)).toBe(12);
  for (const wrong of ['', '0', '101', '1.5', '-3', '1e2', '十二', '99999999999']) expect(whole(wrong, 1, 100), wrong).toBeUndefined();
});

test('what a decision changes about the fund is a sentence', () => {
  expect(changeWords({ what: 'fund-rate', act: 'lecture', before: 0, after: 30 })).toBe('讲一次课：0 分改成 30 分');
  expect(changeWords({ what: 'fund-budget', person: people.chen, before: 0, after: 300 })).toMatch(/^从基金拨给.*：0 分加到 300 分$/);
});
