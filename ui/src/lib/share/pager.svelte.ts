import { backend, queryTags, type Listing, type ListingsArgs, type Listings, type Refusal } from '$backend';
import { answerOf, asRefusal, askEarly } from '$shared/live.svelte';

/** How many rows are asked for at a time, and at most (the table's own bound). */
const PAGE_ROWS = 100;
const PAGE_ROWS_MAX = 200;
/** How many pages around what is seen are asked again at once when rows change. */
const NEAR = 1;

export type Filter = Omit<ListingsArgs, 'after' | 'before' | 'limit'>;

/** A stretch of the list: what comes after `after`, up to its last row. */
interface Page {
  /** The cursor before its first row; `null` at the beginning. */
  after: string | null;
  /** After a start in the middle: the first row, which `after` itself points at. */
  head: Listing | undefined;
  rows: readonly Listing[];
  /** The cursor of newer ones and of older ones; `null` where there are none. */
  newer: string | null;
  older: string | null;
  /** Where it ends, when it is not the last. */
  end: Listing | undefined;
  stale: boolean;
}

/** What the first page is asked with. */
const beginning = (start: string | null) => ({ after: start, limit: start === null ? PAGE_ROWS : PAGE_ROWS_MAX });

/** The order of the table: the newest first. */
export function compare(a: Listing, b: Listing): number {
  if (a.posted_at !== b.posted_at) return b.posted_at - a.posted_at;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.owner.member < b.owner.member ? -1 : a.owner.member === b.owner.member ? 0 : 1;
}

/**
 * All listings of a filter, page by page in both directions, however many there are. When rows change, the pages in sight are
 * asked again at once and the others when they come near; a page keeps its stretch, so nothing is twice or missing.
 */
export class Pager {
  readonly filter: Filter;
  #pages: readonly Page[] = [];
  #above = $state<string | null>(null);
  #total = $state(0);
  #error = $state.raw<Refusal>();
  #loading = $state(true);
  #shift = $state(false);
  #seen: { first: number; last: number } = { first: 0, last: 20 };
  #work: Promise<void> = Promise.resolve();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shown reads it
  readonly #busy = new Set<'newer' | 'older' | 'stale'>();
  #start: string | null;
  // Not derived: it outlives the component that it was made in.
  #rows = $state.raw<readonly Listing[]>([]);

  constructor(filter: Filter, start: string | null = null) {
    this.filter = filter;
    this.#start = start;
  }

  /** The rows that are here. */
  get rows() {
    return this.#rows;
  }
  /** How many there are on all pages. */
  get total() {
    return this.#total;
  }
  get error() {
    return this.#error;
  }
  /** Whether nothing is known yet. */
  get loading() {
    return this.#loading;
  }
  /** Whether the last change put rows in before what is seen. */
  get shift() {
    return this.#shift;
  }
  /** Whether there are newer rows than those here. */
  get above() {
    return this.#above;
  }

  /** Asks the first page while what shows it is still being made. */
  askEarly() {
    if (this.#pages.length === 0) askEarly('listings', { ...this.filter, ...beginning(this.#start) });
  }

  /** Asks the first page, or what is stale, and hears of changes until the returned function is called. */
  begin(): () => void {
    if (this.#pages.length > 0) this.#spoil();
    else void this.#do(() => this.#first());
    return backend().changes((change) => {
      if (change === 'all' || queryTags.listings.some((tag) => change.includes(tag))) this.#spoil();
    });
  }

  again() {
    if (this.#pages.length === 0) void this.#do(() => this.#first());
    else this.#spoil();
  }

  /** Tells which rows are seen. */
  see(first: number, last: number) {
    this.#seen = { first, last };
    if (this.#nearStale().length > 0) this.#freshen();
  }

  /** The end is near. */
  older() {
    const page = this.#pages.at(-1);
    if (!page?.older || this.#busy.has('older')) return;
    this.#busy.add('older');
    void this.#do(async () => {
      const last = this.#pages.at(-1);
      if (!last?.older) return;
      const found = await this.#ask({ after: last.older, limit: PAGE_ROWS_MAX });
      this.#put([...this.#pages, pageOf(last.older, found)]);
    }).finally(() => this.#busy.delete('older'));
  }

  /** The beginning is near: only after a start in the middle there is something newer. */
  newer() {
    if (!this.#pages[0]?.newer || this.#busy.has('newer')) return;
    this.#busy.add('newer');
    void this.#do(async () => {
      const [first, ...rest] = this.#pages;
      if (!first?.newer) return;
      const found = await this.#ask({ before: first.newer, limit: PAGE_ROWS });
      const rows = first.head ? [first.head, ...first.rows] : first.rows;
      const next: Page = { ...first, after: found.older ?? null, head: undefined, rows, newer: null };
      // What is before it is only known with the page before it: until then its first row stands for it.
      const page = pageOf(found.newer ?? null, found);
      if (found.newer) {
        page.head = page.rows[0];
        page.rows = page.rows.slice(1);
      }
      page.newer = found.newer ?? null;
      this.#put(page.rows.length > 0 || page.head ? [page, next, ...rest] : [{ ...next, after: null }, ...rest]);
    }).finally(() => this.#busy.delete('newer'));
  }

  /** The cursor from which this row can be reached again. */
  cursorOf(index: number): string | null {
    return this.#pages[this.#pageAt(index)]?.after ?? null;
  }

  async #first() {
    let start = this.#start;
    let found = await this.#ask(beginning(start));
    // What was there is gone: from the beginning, then.
    if (start !== null && found.rows.length === 0) {
      start = null;
      found = await this.#ask({ limit: PAGE_ROWS });
    }
    this.#put([{ ...pageOf(start, found), newer: start === null ? null : (found.newer ?? null) }]);
  }

  #spoil() {
    this.#pages = this.#pages.map((page) => ({ ...page, stale: true }));
    this.#freshen();
  }

  #freshen() {
    if (this.#busy.has('stale')) return;
    this.#busy.add('stale');
    void this.#do(async () => {
      for (let at = this.#nearStale()[0]; at !== undefined; at = this.#nearStale()[0]) await this.#renew(at);
    }).finally(() => this.#busy.delete('stale'));
  }

  /** Asks one stretch again. */
  async #renew(at: number) {
    const page = this.#pages[at];
    if (!page) return;
    const mark = (stale: boolean) => (this.#pages = this.#pages.map((one, i) => (i === at ? { ...one, stale } : one)));
    // Not stale from here on: what changes while it is asked makes it stale anew.
    mark(false);
    try {
      await this.#fetch(at, page);
    } catch (caught) {
      mark(true);
      throw caught;
    }
  }

  async #fetch(at: number, page: Page) {
    const fresh = { ...page };
    const rows: Listing[] = [];
    let after = page.after;
    for (;;) {
      const found = await this.#ask({ after, limit: Math.min(PAGE_ROWS_MAX, page.rows.length + 20) });
      const end = page.end;
      if (!end) {
        rows.push(...found.rows);
        fresh.older = found.older ?? null;
        fresh.end = found.older ? rows.at(-1) : undefined;
        break;
      }
      const inside = found.rows.filter((row) => compare(row, end) <= 0);
      rows.push(...inside);
      if (inside.length < found.rows.length) break;
      if (!found.older) {
        // Nothing stands behind it any more.
        fresh.older = null;
        fresh.end = undefined;
        break;
      }
      after = found.older;
    }
    fresh.rows = rows;
    this.#put(this.#pages.map((one, i) => (i === at ? { ...fresh, stale: one.stale } : one)));
  }

  #put(pages: readonly Page[]) {
    const { first } = this.#seen;
    const key = this.#rows[first]?.id;
    const before = this.#rows.length;
    this.#pages = pages;
    this.#above = pages[0]?.newer ?? null;
    this.#rows = pages.flatMap((page) => (page.head ? [page.head, ...page.rows] : page.rows));
    const index = key === undefined ? first : this.#rows.findIndex((row) => row.id === key);
    this.#shift = first > 0 && index > 0 && index !== first && this.#rows.length !== before;
    if (this.#shift) this.#seen = { first: index, last: this.#seen.last + index - first };
  }

  #pageAt(index: number): number {
    let sum = 0;
    for (let i = 0; i < this.#pages.length; i++) {
      const page = this.#pages[i];
      sum += (page?.rows.length ?? 0) + (page?.head ? 1 : 0);
      if (index < sum) return i;
    }
    return Math.max(0, this.#pages.length - 1);
  }

  #nearStale(): number[] {
    const from = Math.max(0, this.#pageAt(this.#seen.first) - NEAR);
    const to = Math.min(this.#pages.length - 1, this.#pageAt(this.#seen.last) + NEAR);
    const near: number[] = [];
    for (let i = from; i <= to; i++) if (this.#pages[i]?.stale) near.push(i);
    return near;
  }

  async #ask(more: ListingsArgs): Promise<Listings> {
    const found = await answerOf('listings', { ...this.filter, ...more });
    this.#total = found.total;
    return found;
  }

  /** One after the other: pages join where the one before ends. */
  #do(task: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(async () => {
      try {
        await task();
        this.#error = undefined;
      } catch (caught) {
        this.#error = asRefusal(caught);
      }
      this.#loading = false;
    });
    return this.#work;
  }
}

function pageOf(after: string | null, found: Listings): Page {
  return {
    after, head: undefined, rows: found.rows, newer: null, older: found.older ?? null,
    end: found.older ? found.rows.at(-1) : undefined, stale: false,
  };
}
