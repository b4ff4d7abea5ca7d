import type { Line, Refusal } from '$backend';
import { ask, live } from '$shared/live.svelte';

/** How many lines a page has; the table's most. */
const PAGE = 500;

/** One's whole statement, the newest first: the first page is live, older ones come when asked for. */
export function statement() {
  const first = live('statement', () => ({ limit: PAGE }));
  let older = $state.raw<Line[]>([]);
  let error = $state.raw<Refusal>();
  let busy = false;
  const lines = $derived.by(() => {
    const newest = first.value?.lines ?? [];
    // What came in since pushes lines from the first page into those fetched before.
    const from = older.findIndex((line) => line.entry === newest.at(-1)?.entry);
    return [...newest, ...older.slice(from + 1)];
  });
  return {
    get lines() {
      return lines;
    },
    get total() {
      return first.value?.total ?? 0;
    },
    get known() {
      return first.value !== undefined;
    },
    get error() {
      return first.error ?? error;
    },
    refresh: first.refresh,
    /** Fetches the next older page, if there is one. */
    async more() {
      const last = lines.at(-1);
      if (busy || !last || lines.length >= (first.value?.total ?? 0)) return;
      busy = true;
      try {
        older = [...older, ...(await ask('statement', { after: last.entry, limit: PAGE })).lines];
        error = undefined;
      } catch (caught) {
        error = caught as Refusal;
      }
      busy = false;
    },
  };
}
