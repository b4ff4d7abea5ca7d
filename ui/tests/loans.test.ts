import { expect, test } from 'vitest';
import { samples } from '../src/backend/fake';
import type { Deal, Turn } from '../src/backend';
import { loanWords } from '../src/lib/deal/words';
import { monthOf } from '../src/lib/share/month';

const at = (day: number, hour = 9) => new Date(2026, 10, day, hour).getTime();
const turn = (deal: string, state: Turn['state'], from: number, until: number): Turn => ({ deal, state, from, until, mine: false, who: null });

test('a month shows who has a thing on which day, and the next one from the day of the hand-over', () => {
  const turns = [turn('a', 'out', at(3), at(6, 20)), turn('b', 'next', at(6, 20), at(9, 20))];
  const weeks = monthOf(at(5), 0, turns);
  const days = weeks.flat().filter((day) => day !== undefined);
  expect(weeks.every((week) => week.length === 7)).toBe(true);
  expect(days.map((day) => day.date)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  // The first of November 2026 is a Sunday.
  expect(weeks[0]?.findIndex((day) => day?.date === 1)).toBe(6);
  expect(days.map((day) => day.turn?.deal ?? '').join('')).toBe('aaabbbb');
  expect(days.filter((day) => day.turn?.deal === 'a').map((day) => day.date)).toEqual([3, 4, 5]);
  expect(monthOf(at(5), 1, turns).flat().some((day) => day?.turn)).toBe(false);
});

test('whoever has a thing has it today, however late it is', () => {
  const days = monthOf(at(12), 0, [turn('a', 'out', at(3), at(6, 20))]).flat();
  expect(days.filter((day) => day?.turn).map((day) => day?.date)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('a place in line says about when its turn comes, or whose yes it waits for', () => {
  const deal = samples.deals.find((one) => one.loan && one.stage === 'answered') as Deal;
  const me = deal.answerer.member;
  const waits = (about_at: number | null) => loanWords({ ...deal, line: { ahead: 2, waiting: 3, about_at } }, me, at(5));
  expect(waits(at(9))).toContain('11月9日');
  expect(waits(at(4))).not.toContain('11月4日');
  expect(waits(null)).toContain(deal.owner.name);
  expect(loanWords(deal, deal.owner.member, at(5))).toBeUndefined();
});
