import { expect, test } from 'vitest';
import { canLeave, isTaken, span } from '../src/lib/deal/words';
import { csv } from '../src/lib/points/csv';
import { monthKey, monthWord, ribbons, streams, sums } from '../src/lib/points/lines';
import { dateShort, dayLong, iso, moment, relative } from '../src/lib/shared/time';
import { spendable } from '../src/lib/points/spend';
import { grouped } from '../src/lib/proof/words';
import { samples } from '../src/backend/fake';
import type { Deal, Line, ListingDetail } from '../src/backend';

const { people } = samples;
const deal = samples.deals.find((one) => one.loan && one.stage === 'answered') as Deal;
const line = samples.lines[0] as Line;

test('only who has confirmed nothing that counts can leave a deal', () => {
  const agreed: Deal = { ...deal, stage: 'agreed', giver_confirmed: true, receiver_confirmed: false };
  expect(canLeave(deal, deal.giver.member)).toBe(true);
  expect(canLeave(agreed, agreed.giver.member)).toBe(false);
  expect(canLeave(agreed, agreed.receiver.member)).toBe(true);
  expect(canLeave({ ...agreed, stage: 'on-loan' }, agreed.receiver.member)).toBe(false);
  expect(canLeave(deal, people.lian.member)).toBe(false);
});

test('an answer whose listing another deal holds waits in vain, and no other does', () => {
  const held = (holder: string | null, stage: 'agreed' | 'open') =>
    ({ listing: { ...samples.listings[0], stage, deal: holder }, answers: 1, deals: [] }) as ListingDetail;
  expect(isTaken(deal, held('other', 'agreed'))).toBe(true);
  expect(isTaken(deal, held(deal.id, 'agreed'))).toBe(false);
  expect(isTaken(deal, held(null, 'open'))).toBe(false);
  expect(isTaken({ ...deal, stage: 'done' }, held('other', 'agreed'))).toBe(false);
});

test('how late something is, in the largest unit that fits', () => {
  expect(span(10_000)).toBe('1 分钟');
  expect(span(3 * 3_600_000)).toBe('3 小时');
  expect(span(-50 * 3_600_000)).toBe('2 天');
});

test('what does not count adds to nothing', () => {
  const lines: Line[] = [
    { ...line, direction: 'in', points: 5, state: 'stamped' },
    { ...line, direction: 'out', points: 7, state: 'signed' },
    { ...line, direction: 'out', points: 90, state: 'declined' },
    { ...line, direction: 'in', points: 90, state: 'not-counted' },
  ];
  expect(sums(lines)).toEqual({ in: 5, out: 7 });
  expect(streams(lines, 'out').map((one) => one.points)).toEqual([7]);
});

test('from the fifth stream on they are one, and no point is lost', () => {
  const lines: Line[] = [1, 2, 3, 4, 5, 6].map((points) => ({ ...line, title: `${points}`, points, state: 'stamped' }));
  const found = streams(lines, 'out', 4);
  expect(found.map((one) => one.points)).toEqual([6, 5, 4, 6]);
  const drawn = ribbons(found, 'out', { width: 100, height: 160, seal: 40, scale: 2 });
  expect(drawn).toHaveLength(4);
  expect(drawn[0]?.path.startsWith('M100 ')).toBe(true);
});

test('a device spends within its rights and within what may be unseen', () => {
  const account = { balance: 0, credit_line: 100, quota: 100, rights: 30, unseen: 0, lines: [], lines_total: 0 };
  expect(spendable(account)).toBe(30);
  expect(spendable({ ...account, rights: 200, unseen: 60 })).toBe(40);
  expect(spendable({ ...account, unseen: 130 })).toBe(0);
});

test('a month begins where the person is, and a hash is read in groups', () => {
  expect(monthKey(new Date(2026, 0, 1, 0, 0, 1).getTime())).toBe('2026-01');
  expect(grouped('0123456789abcdef', 2)).toBe('0123 4567');
});

test('a statement for spreadsheets quotes what others wrote, and lets none of it be a formula', () => {
  const odd: Line[] = [
    { ...line, direction: 'out', points: 7, title: '=HYPERLINK("x"),\n', purpose: null, fund: false, entry: 'ab'.repeat(32) },
    { ...line, direction: 'in', points: 3, counterpart: null, title: null, purpose: null, fund: false },
  ];
  const text = csv(odd);
  expect(text.startsWith('\uFEFF')).toBe(true);
  const rows = text.slice(1).split('\r\n');
  expect(rows).toHaveLength(4);
  expect(rows[1]).toContain('""x""');
  expect(rows[1]).toContain(',-7,');
  expect(rows[1]).toContain('ab'.repeat(32));
  expect(rows[2]).toContain(',3,');
  const named = { ...(line.counterpart ?? people.lian), name: '@SUM(A1)', block: '' };
  expect(csv([{ ...line, counterpart: named }]).split('\r\n')[1]).toContain(",'@SUM(A1),");
});

test('an instant that no date can hold breaks no page', () => {
  for (const at of [2 ** 53, 9e15, 1e18]) {
    expect(() => [iso(at), moment(at, Date.now()), relative(at, Date.now()), dateShort(at, 0), dayLong(at), monthWord(monthKey(at))]).not.toThrow();
    expect(csv([{ ...line, at }])).not.toContain('NaN');
  }
});
