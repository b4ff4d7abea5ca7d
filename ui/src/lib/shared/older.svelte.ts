import type { Refusal } from '$backend';
import { asRefusal } from './live.svelte';

/** The newest rows of a list, which are live, and how many there are in all. */
interface Newest<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** A long list, the newest first: its first page is live, older ones come when asked for. Each row is one signed entry's. */
export function older<Row extends { entry: string }>(newest: () => Newest<Row> | undefined, fetch: (after: string) => Promise<readonly Row[]>) {
  let fetched = $state.raw<readonly Row[]>([]);
  let error = $state.raw<Refusal>();
  let busy = false;
  const rows = $derived.by(() => {
    const first = newest()?.rows ?? [];
    // What came in since pushes rows from the first page into those fetched before.
    const from = fetched.findIndex((row) => row.entry === first.at(-1)?.entry);
    return [...first, ...fetched.slice(from + 1)];
  });
  return {
    get rows() {
      return rows;
    },
    get error() {
      return error;
    },
    /** Fetches the next older page, if there is one. */
    async more() {
      const last = rows.at(-1);
      if (busy || !last || rows.length >= (newest()?.total ?? 0)) return;
      busy = true;
      try {
        fetched = [...fetched, ...(await fetch(last.entry))];
        error = undefined;
      } catch (caught) {
        error = asRefusal(caught);
      }
      busy = false;
    },
  };
}
