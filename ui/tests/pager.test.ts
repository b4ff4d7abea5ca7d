import { expect, test, vi } from 'vitest';
import { useBackend, type Listing } from '../src/backend';
import { fakeBackend, samples } from '../src/backend/fake';
import { compare, Pager } from '../src/lib/share/pager.svelte';
import { inEffect } from './effect.svelte';

/** A table of `n` listings that pages as the device does. */
function board(n: number) {
  const [one] = samples.listings;
  if (!one) throw new Error('no sample');
  const row = (i: number): Listing => ({ ...one, id: i.toString(16).padStart(32, '0'), posted_at: 1000 + i, title: `第${i}条` });
  let rows = Array.from({ length: n }, (_, i) => row(i)).sort(compare);
  const cursor = (of: Listing | undefined) => `${of?.posted_at}`;
  const fake = fakeBackend({
    ask: {
      listings: ({ after, before, limit }) => {
        const most = limit ?? 50;
        let page = rows;
        if (after) page = rows.filter((of) => of.posted_at < Number(after));
        if (before) page = rows.filter((of) => of.posted_at > Number(before));
        const cut = before ? page.slice(-most) : page.slice(0, most);
        const [first] = cut;
        const last = cut.at(-1);
        return {
          rows: cut, total: rows.length,
          newer: first && rows[0] !== first ? cursor(first) : null,
          older: last && rows.at(-1) !== last ? cursor(last) : null,
        };
      },
    },
  });
  useBackend(fake);
  return {
    fake, row,
    set(next: (rows: Listing[]) => Listing[]) {
      rows = next(rows).sort(compare);
      fake.change(['listings']);
    },
    get rows() {
      return rows;
    },
  };
}

const ids = (rows: readonly Listing[]) => rows.map((one) => one.posted_at);

test('pages come one after the other, none twice and none missing', async () => {
  const table = board(450);
  const { value: pager, stop } = inEffect(() => new Pager({}));
  pager.begin();
  await vi.waitFor(() => expect(pager.rows).toHaveLength(100));
  expect(pager.total).toBe(450);
  pager.older();
  pager.older();
  await vi.waitFor(() => expect(pager.rows).toHaveLength(300));
  pager.older();
  await vi.waitFor(() => expect(pager.rows).toHaveLength(450));
  expect(ids(pager.rows)).toEqual(ids(table.rows));
  const asked = table.fake.asked.length;
  pager.older();
  expect(table.fake.asked).toHaveLength(asked);
  stop();
});

test('what comes and goes is seen in its place, also between pages', async () => {
  const table = board(450);
  const { value: pager, stop } = inEffect(() => new Pager({}));
  pager.begin();
  await vi.waitFor(() => expect(pager.rows).toHaveLength(100));
  pager.older();
  await vi.waitFor(() => expect(pager.rows).toHaveLength(300));
  pager.see(100, 110);
  table.set((rows) => [...rows.filter((one) => one.posted_at % 7 !== 0), table.row(2000), { ...table.row(400), id: 'f'.repeat(32) }]);
  await vi.waitFor(() => expect(ids(pager.rows)).toEqual(ids(table.rows).slice(0, pager.rows.length)));
  expect(pager.total).toBe(table.rows.length);
  while (pager.rows.length < table.rows.length) {
    const n = pager.rows.length;
    pager.older();
    await vi.waitFor(() => expect(pager.rows.length).toBeGreaterThan(n));
  }
  expect(ids(pager.rows)).toEqual(ids(table.rows));
  stop();
});

test('a list taken up in the middle goes on in both directions', async () => {
  const table = board(450);
  const { value: pager, stop } = inEffect(() => new Pager({}, '1250'));
  pager.begin();
  await vi.waitFor(() => expect(pager.rows).toHaveLength(200));
  expect(pager.rows[0]?.posted_at).toBe(1249);
  while (pager.above) {
    const n = pager.rows.length;
    pager.newer();
    await vi.waitFor(() => expect(pager.rows.length).toBeGreaterThan(n));
  }
  expect(ids(pager.rows)).toEqual(ids(table.rows).slice(0, pager.rows.length));
  table.set((rows) => rows.filter((one) => one.posted_at !== 1300));
  pager.see(0, pager.rows.length - 1);
  await vi.waitFor(() => expect(ids(pager.rows)).toEqual(ids(table.rows).slice(0, pager.rows.length)));
  stop();
});
