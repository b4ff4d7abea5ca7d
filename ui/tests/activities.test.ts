import { expect, test } from 'vitest';
import type { Activity, Booking, Guest, Line } from '$backend';
import { samples } from '../src/backend/fake';
import { costWord, instantOf, isDoorOpen, isOver, isUnmarked, ownWord, paidWord, payAct, placesWord, todayWord, whenWord } from '$lib/activities/words';
import { lineTitle, streams } from '$lib/points/lines';

const HOUR = 3_600_000;
const AT = new Date(2026, 10, 29, 14, 0).getTime();

function activity(more: Partial<Activity>): Activity {
  const [one] = samples.activities;
  if (!one) throw new Error('there is a sample');
  return { ...one, starts_at: AT, ends_at: AT + 2 * HOUR, ...more };
}

function booking(more: Partial<Booking>): Booking {
  return {
    stage: 'placed', at: AT, owed: 'cost', points: 5, due: false, can_pay: false, can_cancel: true, paid: null, paid_points: 0, paid_state: null, agrees: true, ...more,
  };
}

test('when it is, what it costs and how many places are left is told in words', () => {
  expect(whenWord(activity({}))).toBe('11月29日周日 14:00');
  expect(whenWord(activity({ starts_at: Number.MAX_SAFE_INTEGER }))).not.toBe('');
  expect([costWord(activity({ cost: 0 })), costWord(activity({})), costWord(activity({ to: 'host' }))]).toEqual(['不收积分', '5 分，给街坊基金', '5 分，给办活动的人']);
  const places = [{ taken: 0, places: null }, { taken: 3, places: null }, { taken: 3, places: 10 }, { taken: 10, places: 10 }, { taken: 11, places: 10, waiting: 2 }];
  expect(places.map((more) => placesWord(activity(more)))).toEqual(['还没有人报名', '3 人', '3 人，还有 7 个位子', '10 人，满了', '11 人，满了，2 人排队']);
});

test('what waits for a signature comes before where a booking stands', () => {
  expect(ownWord(booking({}), activity({}), AT)).toBe('有位子');
  expect(ownWord(booking({ stage: 'came', due: true }), activity({}), AT)).toBe('等你付 5 分');
  expect(ownWord(booking({ stage: 'absent', owed: 'charge', points: 3, due: true }), activity({}), AT)).toBe('等你签 3 分');
});

test('who cancels before the beginning has not cancelled late, as long as the host has not heard', () => {
  const words = [AT - 1, AT].map((now) => ownWord(booking({ stage: 'late', owed: null, points: 0 }), activity({}), now));
  expect(words).toEqual(['取消了，等听到', '取消晚了']);
});

test('what was called off says so on Today, and what one has paid for it stays in sight', () => {
  expect(todayWord(activity({ called_off_at: AT - HOUR, booking: booking({}), unmarked: 0 }), AT)).toContain('不办了');
  expect([booking({}), booking({ paid: 'cost', paid_points: 5, paid_state: 'signed' })].map(paidWord)).toEqual([undefined, '签了 5 分，等收。']);
});

test('a charge is the main act only when it is due, and not while one says that one was there', () => {
  const charge = (stage: Booking['stage'], due: boolean) => payAct(booking({ stage, owed: 'charge', points: 3, due }), true)?.main;
  expect([charge('absent', true), charge('contested', false)]).toEqual([true, false]);
  expect([true, false].map((door) => payAct(booking({}), door)?.main)).toEqual([true, undefined]);
});

test('the door opens an hour before, and who is not marked yet is told apart', () => {
  expect([AT - HOUR - 1, AT - HOUR, AT].map((now) => isDoorOpen(activity({}), now))).toEqual([false, true, true]);
  expect([AT + 2 * HOUR - 1, AT + 2 * HOUR].map((now) => isOver(activity({}), now))).toEqual([false, true]);
  const guest = (stage: Guest['stage']): Guest => ({ person: activity({}).host, stage, at: AT, cancelled_at: null, paid: null, paid_state: null });
  expect((['placed', 'contested', 'late', 'came', 'absent', 'waiting', 'cancelled'] as const).filter((stage) => isUnmarked(guest(stage)))).toEqual(['placed', 'contested', 'late']);
});

test('a date and a time are an instant where the person is, and nothing where they are none', () => {
  expect(instantOf('2026-11-29', '14:00')).toBe(AT);
  expect(instantOf('2026-11-29', '14:00:30')).toBe(AT + 30_000);
  for (const [date, time] of [['', '14:00'], ['2026-11-29', ''], ['2026-13-40', '14:00'], ['2026-11-29', '25:00'], ['明天', '下午']] as const) expect(instantOf(date, time)).toBeUndefined();
});

test('a line of the statement says which activity, and whether for coming or for having stayed away', () => {
  const [any] = samples.lines;
  if (!any) throw new Error('there is a sample');
  const line = (owed: 'cost' | 'charge', title: string | null): Line => ({ ...any, direction: 'out', deal: null, title: null, purpose: null, fund: true, activity: { host: 'a'.repeat(32), activity: 'b'.repeat(32), title, owed } });
  expect([lineTitle(line('cost', '书法课')), lineTitle(line('charge', '书法课')), lineTitle(line('cost', null))]).toEqual(['街坊基金·参加「书法课」', '街坊基金·报了名没来「书法课」', '街坊基金·参加「一个活动」']);
  expect(streams([line('cost', '书法课')], 'out').map((one) => one.label)).toEqual(['书法课']);
});
