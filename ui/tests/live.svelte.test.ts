import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import { Refusal, useBackend } from '../src/backend';
import { fakeBackend } from '../src/backend/fake';
import { act, askEarly, live } from '../src/lib/shared/live.svelte';
import { inEffect } from './effect.svelte';

const saved = { saved: true };

/** A building whose points are counted by how often they were asked. */
function counting(delay_ms = 0) {
  let n = 0;
  const fake = fakeBackend(
    { ask: { points: () => ({ balance: ++n, credit_line: 0, quota: 0, rights: 0, unseen: 0, lines: [], lines_total: 0 }) }, do: { done: () => saved } },
    delay_ms,
  );
  useBackend(fake);
  return fake;
}

test('a query is asked, and asked again when its rows change, and only then', async () => {
  const fake = counting();
  const { value: points, stop } = inEffect(() => live('points'));
  expect(points.loading).toBe(true);
  await vi.waitFor(() => expect(points.value?.balance).toBe(1));
  expect(points.loading).toBe(false);
  fake.change(['requests']);
  fake.change(['points']);
  await vi.waitFor(() => expect(points.value?.balance).toBe(2));
  fake.change('all');
  await vi.waitFor(() => expect(points.value?.balance).toBe(3));
  stop();
  fake.change(['points']);
  await Promise.resolve();
  expect(fake.asked).toHaveLength(3);
});

test('the old rows stay while it is asked again, and many changes are asked once', async () => {
  const fake = counting(20);
  const { value: points, stop } = inEffect(() => live('points'));
  await vi.waitFor(() => expect(points.value?.balance).toBe(1));
  for (let i = 0; i < 10; i++) fake.change(['points']);
  expect(points.value?.balance).toBe(1);
  await vi.waitFor(() => expect(points.value?.balance).toBe(3));
  expect(fake.asked).toHaveLength(3);
  stop();
});

test('what was asked early is not asked again, unless something has changed since', async () => {
  const fake = counting();
  const first = () => inEffect(() => live('points'));
  askEarly('points', {});
  const { value: points, stop } = first();
  await vi.waitFor(() => expect(points.value?.balance).toBe(1));
  fake.change(['points']);
  await vi.waitFor(() => expect(points.value?.balance).toBe(2));
  stop();
  const again = first();
  await vi.waitFor(() => expect(again.value.value?.balance).toBe(3));
  again.stop();
  askEarly('points', {});
  fake.change(['listings']);
  const late = first();
  await vi.waitFor(() => expect(late.value.value?.balance).toBe(5));
  late.stop();
  expect(fake.asked).toHaveLength(5);
});

test('other arguments are another question, equal ones are not', async () => {
  const fake = fakeBackend({ ask: { listings: () => ({ rows: [], total: 0 }) } });
  useBackend(fake);
  const { value, stop } = inEffect(() => {
    let text = $state('梯子');
    return { rows: live('listings', () => ({ text })), set: (next: string) => (text = next) };
  });
  await vi.waitFor(() => expect(value.rows.value?.total).toBe(0));
  value.set('梯子');
  flushSync();
  value.set('锤子');
  flushSync();
  await vi.waitFor(() => expect(fake.asked.map((one) => one.args)).toEqual([{ text: '梯子' }, { text: '锤子' }]));
  stop();
});

test('nothing is asked while the arguments are undefined', async () => {
  const fake = counting();
  const { stop } = inEffect(() => live('points', () => undefined));
  await Promise.resolve();
  expect(fake.asked).toHaveLength(0);
  stop();
});

test('a command says what it did, or why not', async () => {
  counting();
  const done = act('done');
  expect(await done.run({ deal: 'd' })).toEqual(saved);
  const give = act('give');
  expect(await give.run({ points: 1, to: 'm' })).toBeUndefined();
  expect(give.error).toBeInstanceOf(Refusal);
  expect(give.error?.code).toBe('not-reachable');
  expect(give.busy).toBe(false);
});

test('what goes by the clock is asked again every hour, and nothing else is', async () => {
  vi.useFakeTimers();
  try {
    const fake = fakeBackend({ ask: { invites: () => ({ rows: [] }), peers: () => ({ rows: [] }) } });
    useBackend(fake);
    const { stop } = inEffect(() => [live('invites'), live('peers')]);
    await vi.advanceTimersByTimeAsync(72 * 3_600_000);
    const asked = (name: string) => fake.asked.filter((one) => one.name === name).length;
    expect([asked('invites'), asked('peers')]).toEqual([73, 1]);
    stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(fake.asked).toHaveLength(74);
  } finally {
    vi.useRealTimers();
  }
});
