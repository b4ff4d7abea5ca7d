import { expect, test } from 'vitest';
import type { Matter } from '$backend';
import { lasted, stageTone, timeWord, toWord, voicesWord } from '$lib/hall/words';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const NOW = 1_800_000_000_000;

function matter(more: Partial<Matter>): Matter {
  return {
    id: 'a'.repeat(32), asker: { member: 'b'.repeat(32), name: '陈姨', block: '502', place: null }, mine: false, kind: 'question', text: '电梯几时修好？',
    to: null, place: null, stage: 'waiting', put_at: NOW - 2 * DAY, open_since: NOW - 2 * DAY, reopened: 0, heard_at: null, answered_at: null, solved_at: null,
    answers: 0, replies: 0, waits_for_me: false, waits_for_verdict: false, ...more,
  };
}

test('how long something took is told in its greatest whole unit, and never as nothing', () => {
  expect([0, 59_000, MINUTE, 59 * MINUTE, HOUR, 47 * HOUR, 9 * DAY].map(lasted)).toEqual(['1分钟', '1分钟', '1分钟', '59分钟', '1小时', '1天', '9天']);
});

test('a matter says how long it waits, since it was put or opened again, or how long it took', () => {
  expect(timeWord(matter({}), NOW)).toBe('等了2天');
  expect(timeWord(matter({ stage: 'heard', reopened: 1, open_since: NOW - 3 * HOUR }), NOW)).toBe('又等了3小时');
  expect(timeWord(matter({ stage: 'answered', answered_at: NOW - DAY }), NOW)).toBe('1天后答复');
  expect(timeWord(matter({ stage: 'solved', answered_at: NOW - DAY, solved_at: NOW - HOUR }), NOW)).toBe('1天后解决');
  // A clock that is ahead of the asker's makes nobody wait for less than nothing.
  expect(timeWord(matter({ open_since: NOW + DAY }), NOW)).toBe('等了1分钟');
  expect(timeWord(matter({ stage: 'answered', answered_at: NOW - 9 * DAY }), NOW)).toBe('1分钟后答复');
});

test('who answers is said as what they are, and were', () => {
  expect(voicesWord([{ voice: 'official', now: true }, { voice: 'answerer', now: false }])).toBe('网格员或居委会、当时是答疑人');
  expect(toWord(null)).toBe('谁管谁答');
  expect(toWord({ to: 'property-firm', person: null })).toBe('物业公司');
  expect(toWord({ to: 'member', person: matter({}).asker })).toBe('502 陈姨');
  expect([stageTone('waiting'), stageTone('solved')]).toEqual(['wait', 'done']);
});
