import { beforeEach, expect, test, vi } from 'vitest';

const other = '0194f00000000001';

/** What is kept, as a page of that building sees it. */
async function pageOf(home?: string) {
  vi.resetModules();
  sessionStorage.clear();
  if (home) sessionStorage.setItem('kaifong.home', home);
  return import('../src/lib/shared/kept.svelte');
}

beforeEach(() => localStorage.clear());

test('drafts are a building’s own, and how things are shown is the person’s', async () => {
  const first = await pageOf();
  first.keep('draft.post.need', '借冲击钻');
  first.keep('size', 'elder', 'person');
  const second = await pageOf(other);
  expect(second.kept('draft.post.need')).toBeUndefined();
  expect(second.kept('size', 'person')).toBe('elder');
  second.keep('draft.post.need', '陪去医院');
  expect((await pageOf()).kept('draft.post.need')).toBe('借冲击钻');
});

test('a tab keeps to its building, a new one begins at the last, and what is no building is the first', async () => {
  localStorage.setItem('kaifong.home', other);
  for (const [said, here] of [[undefined, other], ['../x', '0000000000000000'], ['0000000000000000', '0000000000000000']] as const) {
    await pageOf(said);
    expect((await import('../src/backend/home')).here).toBe(here);
  }
});

test('what is forgotten of one building is kept of the others', async () => {
  const first = await pageOf();
  first.keep('draft.a', 1);
  first.keep('theme', 'dark', 'person');
  localStorage.setItem('kaifong.language', 'en');
  const second = await pageOf(other);
  second.keep('draft.b', 2);
  second.forgetKept('0000000000000000');
  expect(Object.keys(localStorage).sort()).toEqual([`kaifong.${other}.draft.b`, 'kaifong.language', 'kaifong.theme'].sort());
  second.forgetKept(other);
  expect(Object.keys(localStorage).sort()).toEqual(['kaifong.language', 'kaifong.theme']);
});
