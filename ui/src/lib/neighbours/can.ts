import type { Listing } from '$backend';
import { m } from '$messages';
import { isThing } from '$shared/words';

/** What somebody posted, as their page shows it: what they can do stands first. */
export type Group = 'can' | 'time' | 'lend' | 'give' | 'space' | 'need';

const order: readonly Group[] = ['can', 'time', 'lend', 'give', 'space', 'need'];

export function groupOf({ side, kind, loan }: Listing): Group {
  if (side === 'need') return 'need';
  if (kind === 'time' || kind === 'space') return kind;
  return !isThing(kind) ? 'can' : loan ? 'lend' : 'give';
}

/** The groups that hold something, in their order; rows as they came. */
export function grouped(listings: readonly Listing[]): { group: Group; rows: Listing[] }[] {
  return order.map((group) => ({ group, rows: listings.filter((one) => groupOf(one) === group) })).filter(({ rows }) => rows.length > 0);
}

export function groupWord(group: Group): string {
  return {
    can: m.neighbours_can, time: m.neighbours_can_time, lend: m.neighbours_can_lend, give: m.neighbours_can_give,
    space: m.neighbours_can_space, need: m.neighbours_needs,
  }[group]();
}
