import { ask, live } from '$shared/live.svelte';
import { older } from '$shared/older.svelte';

/** How many lines a page has; the table's most. */
const PAGE = 500;

/** One's whole statement, the newest first. */
export function statement() {
  const first = live('statement', () => ({ limit: PAGE }));
  const all = older(
    () => first.value && { rows: first.value.lines, total: first.value.total },
    async (after) => (await ask('statement', { after, limit: PAGE })).lines,
  );
  return {
    get lines() {
      return all.rows;
    },
    get total() {
      return first.value?.total ?? 0;
    },
    get known() {
      return first.value !== undefined;
    },
    get error() {
      return first.error ?? all.error;
    },
    refresh: first.refresh,
    more: all.more,
  };
}
