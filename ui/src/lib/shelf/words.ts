/** What a shelf says of its things. */
import type { ShelfRow } from '$backend';
import { m } from '$messages';
import { dateShort, moment } from '$shared/time';
import { nameOf } from '$shared/words';
import { codeWord } from './labels';

/** Who has it, or when it was last found, and its code. */
export function thingNote(row: ShelfRow, now: number): string {
  const { listing, out, due_at, code } = row;
  const where = out
    ? due_at ? m.shelf_out_until({ name: nameOf(out), day: dateShort(due_at, now) }) : m.shelf_out({ name: nameOf(out) })
    : listing.seen ? m.shelf_seen({ when: moment(listing.seen.at, now), who: listing.seen.by }) : m.shelf_never();
  return [where, m.shelf_code({ code: codeWord(code) })].join(m.shared_dot());
}
