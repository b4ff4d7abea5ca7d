import { describe, expect, it } from 'vitest';
import type { Good, Line, Order } from '../src/backend';
import { lineTitle, moreOf } from '../src/lib/points/lines';
import { dateOf, lastDay, wholeOrNone } from '../src/lib/shared/fields';
import { byShop, goodNote, isOpen, stageTone, whatWord } from '../src/lib/shop/words';
import { overwriteGetLocale } from '../src/paraglide/runtime.js';

overwriteGetLocale(() => 'zh-Hans');

const person = (name: string) => ({ member: name.padEnd(32, '0'), name, block: '', place: null, stay: 'here' as const, hand: null });
const good: Good = {
  shop: person('好又多'), good: 'a'.repeat(32), mine: false, title: '东北大米', body: '', points: 20, pieces: 5, left: 3, taken: 2, each: 2, have: 0,
  until: null, put_at: 1, withdrawn_at: null, open: true, why: null, here: false,
};
const order: Order = {
  order: 'b'.repeat(32), entry: 'c'.repeat(64), shop: person('好又多'), buyer: person('陈姨'), good: good.good, title: '东北大米', pieces: 2, points: 40,
  at: 1, stage: 'paid', picked_up_at: null, called_off_at: null, off_by_shop: false, may_call_off: true, may_hand_out: false,
};

describe('goods and orders', () => {
  it('say how many are left, for how many each, until when', () => {
    const now = new Date(2026, 10, 29, 12).getTime();
    expect(goodNote(good, now)).toBe('还剩 3 件 · 每人最多 2 件');
    expect(goodNote({ ...good, left: null, each: null, until: new Date(2026, 11, 20).getTime() }, now)).toBe('换到12月19日');
    expect(goodNote({ ...good, left: 0 }, now)).toBe('换完了');
    expect(goodNote({ ...good, have: 2 }, now)).toBe('还剩 3 件 · 你的份换完了');
    expect(goodNote({ ...good, until: now }, now)).toBe('已经不换了');
    expect(goodNote({ ...good, withdrawn_at: 5 }, now)).toBe('已经不换了');
  });

  it('name what was ordered, and what still waits', () => {
    expect(whatWord(order)).toBe('东北大米·2 件');
    expect(whatWord({ title: null, pieces: 1 })).toBe('一样东西');
    expect([order, { ...order, stage: 'called-off' as const }, { ...order, stage: 'picked-up' as const }].map(isOpen)).toEqual([true, true, false]);
    expect(stageTone('paid')).toBe('turn');
  });

  it('stand by whose they are', () => {
    const desk = { ...good, shop: person('共享小屋'), good: 'd'.repeat(32) };
    expect(byShop([good, desk, { ...good, good: 'e'.repeat(32) }]).map((rows) => rows.length).sort()).toEqual([1, 2]);
  });
});

describe('the form of a good', () => {
  it('takes whole numbers, nothing at all, and nothing else', () => {
    expect(['', ' ', '3', ' 9999 ', '0', '10000', '-1', '2.5', '三'].map((text) => wholeOrNone(text, 1, 9999))).toEqual([null, null, 3, 9999, undefined, undefined, undefined, undefined, undefined]);
  });

  it('ends with the day that is named, and names that day again', () => {
    const end = lastDay('2026-12-19');
    expect(end).toBe(new Date(2026, 11, 20).getTime());
    expect(dateOf((end ?? 0) - 1)).toBe('2026-12-19');
    expect([lastDay(''), lastDay('morgen')]).toEqual([null, undefined]);
  });
});

it('a statement says what was bought where, and leads to it', () => {
  const line: Line = {
    at: 1, entry: 'f'.repeat(64), direction: 'out', counterpart: person('好又多'), hand: null, points: 40, deal: null, title: null,
    bought: { order: order.order, title: '东北大米', pieces: 2, back: false }, fund: false, purpose: null, state: 'stamped', why: null,
  };
  expect(lineTitle(line)).toBe('好又多·换东北大米·2 件');
  expect(lineTitle({ ...line, direction: 'in', bought: { order: order.order, title: null, pieces: 1, back: true } })).toBe('好又多退的·一样东西');
  expect(moreOf(line)?.href).toBe(`/points/shop/order/${order.order}`);
  expect(moreOf({ ...line, bought: null })).toBeUndefined();
});
