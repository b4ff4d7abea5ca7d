import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { NoticeKind } from '../src/backend';
import { fakeShell } from '../src/backend/fake';
import { noticeWords, tellNotice } from '../src/lib/notices/tell';
import { ownPath } from '../src/lib/shared/path';
import { locales, overwriteGetLocale } from '../src/paraglide/runtime.js';

const kinds: NoticeKind[] = ['turn', 'fit', 'request'];

afterEach(() => vi.restoreAllMocks());

test('a notification says what kind of thing and how many, in every language, and asks for nothing else', () => {
  for (const locale of locales) {
    overwriteGetLocale(() => locale);
    for (const kind of kinds) {
      const { title, body } = noticeWords({ kind, count: 7, place: '/' });
      expect(title).not.toBe('');
      expect(body).toContain('7');
    }
    const catalogue = JSON.parse(readFileSync(join(import.meta.dirname, '../messages', locale, 'notices.json'), 'utf8'));
    for (const kind of kinds) {
      expect(JSON.stringify(catalogue[`notices_${kind}`]), `${locale} ${kind}`).not.toContain('{');
      const asked = [...JSON.stringify(catalogue[`notices_${kind}_body`]).matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
      expect(new Set(asked), `${locale} ${kind}`).toEqual(new Set(['n']));
    }
  }
  overwriteGetLocale(() => 'zh-Hans');
});

test('nothing of what a neighbour wrote gets into a notification, not even through its place', () => {
  const words = noticeWords({ kind: 'turn', count: 2, place: '/deal/陈姨的水龙头' });
  expect(words).toEqual({ title: '轮到你了', body: '有 2 件事等你' });
});

test('a locked window says that there is something, and neither what nor where; also to who looks at the lock', async () => {
  const shell = fakeShell();
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  await tellNotice(shell, 'hidden');
  expect(shell.notified).toEqual([{ title: '街坊', body: '有新的提醒，打开锁就看得到', leads: '/' }]);
});

test('where there are several buildings it says which, and one from elsewhere is told to who looks at the page', async () => {
  expect(noticeWords({ kind: 'turn', count: 2, place: '/', building: '梧桐苑' }).title).toBe('梧桐苑：轮到你了');
  const shell = fakeShell();
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  await tellNotice(shell, { kind: 'turn', count: 1, place: '/', building: '榕荫里' });
  await tellNotice(shell, { kind: 'turn', count: 1, place: '/', building: '梧桐苑', elsewhere: true });
  expect(shell.notified.map(({ title }) => title)).toEqual(['梧桐苑：轮到你了']);
});

test('who looks at the page is not notified of what it shows', async () => {
  const shell = fakeShell();
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  const focus = vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  await tellNotice(shell, { kind: 'fit', count: 1, place: '/' });
  expect(shell.notified).toEqual([]);
  focus.mockReturnValue(false);
  await tellNotice(shell, { kind: 'fit', count: 1, place: '/' });
  expect(shell.notified).toEqual([{ title: '有合适的', body: '有 1 条新的合适', leads: '/' }]);
});

test('a window goes to its own places and to no others', () => {
  for (const own of ['/', '/points', '/deal/ab12', '/welcome?way=join&invitation=KAIFONG1ABC', '/desk?side=left#top', '/%E6%A2%AF']) {
    expect(ownPath(own)).toBe(own);
  }
  const others = [
    '', null, undefined, 'points', '//evil.example', '/\\evil.example', '\\/evil', 'https://evil.example', 'javascript:alert(1)',
    '/\t/evil.example', '/\n/evil.example', '/.//evil.example', '/a b', '/梯子', ' /points',
  ];
  for (const other of others) expect(ownPath(other), JSON.stringify(other)).toBeUndefined();
});
