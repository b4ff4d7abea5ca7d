import { expect, test } from 'vitest';
import type { Charter, Person } from '../src/backend/api';
import { argsOf, changesOf, majority, seated, type Plan } from '../src/lib/council/compose';

const person = (name: string): Person => ({ member: name, name, block: '' });
const [li, chen, ma] = [person('李叔'), person('陈姨'), person('小马')];
const charter: Charter = { points_per_hour: 10, credit_line: 100, quota: 100 };
const now: Plan = { seats: [{ person: li, post: 'lead' }, { person: chen, post: 'residents' }], roles: [{ person: li, role: 'reviewer' }], charter };

test('a plan that is as it is now changes nothing and asks for nothing', () => {
  const changes = changesOf(now, { seats: [...now.seats], roles: [...now.roles], charter: { ...charter } });
  expect(changes).toEqual([]);
  expect(argsOf(changes, now)).toEqual({});
});

test('who comes, who goes, who stands for others, who holds what and each number are told once', () => {
  const next: Plan = {
    seats: [{ person: chen, post: 'lead' }, { person: ma, post: 'party' }],
    roles: [{ person: ma, role: 'reviewer' }],
    charter: { ...charter, quota: 80 },
  };
  expect(changesOf(now, next)).toEqual([
    { what: 'post-changed', person: chen, post: 'lead' },
    { what: 'seated', person: ma, post: 'party' },
    { what: 'unseated', person: li },
    { what: 'leads-first', person: chen },
    { what: 'role-taken', person: li, role: 'reviewer' },
    { what: 'role-given', person: ma, role: 'reviewer' },
    { what: 'quota', before: 100, after: 80 },
  ]);
});

test('another order alone is a change too', () => {
  const next = { ...now, seats: now.seats.toReversed() };
  expect(changesOf(now, next)).toEqual([{ what: 'leads-first', person: chen }]);
  expect(argsOf(changesOf(now, next), next)).toEqual({ seats: [{ member: '陈姨', post: 'residents' }, { member: '李叔', post: 'lead' }] });
});

test('only what was touched is asked for: the rest stays as the council has it by then', () => {
  const next = { ...now, charter: { ...charter, credit_line: 60 } };
  expect(argsOf(changesOf(now, next), next)).toEqual({ charter: { ...charter, credit_line: 60 } });
});

test('there is one lead: whoever was it before stands for the residents', () => {
  expect(seated(now.seats, ma, 'lead').map(({ post }) => post)).toEqual(['residents', 'residents', 'lead']);
  expect(seated(now.seats, li, 'lead')).toEqual(now.seats);
});

test('a majority is more than half', () => {
  expect([3, 4, 5, 7, 13].map(majority)).toEqual([2, 3, 3, 4, 7]);
});
