import { expect, test } from 'vitest';
import type { Listing } from '$backend';
import { grouped } from '../src/lib/neighbours/can';
import { browsing } from '../src/lib/share/browse.svelte';
import { plain } from '../src/lib/shared/plain';
import { yesterday } from '../src/lib/shared/time';

function listing(title: string, more: Partial<Listing>): Listing {
  const owner = { member: 'm', name: '陈姨', block: '502' };
  return { id: title, title, body: '', owner, mine: false, side: 'offer', kind: 'item', loan: false, stage: 'open', posted_at: 0, check_due: false, ...more };
}

test('what somebody can do stands first, and what they need last', () => {
  const groups = grouped([
    listing('想借梯子', { side: 'need' }),
    listing('旧绘本', { mode: 'donate' }),
    listing('手推车', { mode: 'share', loan: true }),
    listing('包云吞', { kind: 'skill' }),
    listing('客厅', { kind: 'space' }),
    listing('教下象棋', { kind: 'knowledge' }),
    listing('陪散步', { kind: 'time' }),
    listing('想学书法', { side: 'need', kind: 'knowledge' }),
  ]);
  expect(groups.map(({ group, rows }) => [group, ...rows.map((row) => row.title)])).toEqual([
    ['can', '包云吞', '教下象棋'], ['time', '陪散步'], ['lend', '手推车'], ['give', '旧绘本'], ['space', '客厅'], ['need', '想借梯子', '想学书法'],
  ]);
});

test('a link to the share list chooses what it asks for and nothing else; one that asks for nothing leaves all as it was', () => {
  const browse = browsing();
  browse.side = 'need';
  browse.open = false;
  browse.take(new URLSearchParams('kind=skill'));
  expect(browse.sought).toEqual({ side: 'offer', kind: 'skill', mode: null, task: null, service: false, form: null, topic: null, category: null, open: true, mine: false, text: '', place: null });
  browse.take(new URLSearchParams('side=need&text=云吞'));
  expect(browse.sought).toEqual({ side: 'need', kind: null, mode: null, task: null, service: false, form: null, topic: null, category: null, open: true, mine: false, text: '云吞', place: null });
  browse.mine = true;
  const before = browse.sought;
  for (const nothing of ['', 'new', 'side=both&kind=magic']) browse.take(new URLSearchParams(nothing));
  expect(browse.sought).toEqual(before);
});

test('names are compared without regard to width, case and spaces', () => {
  expect(plain(' ５０２ Ａnna')).toBe('502anna');
});

test('yesterday begins at its midnight, over the end of a month', () => {
  expect(yesterday(new Date(2026, 2, 1, 9, 30).getTime())).toBe(new Date(2026, 1, 28).getTime());
});
