/** Labels of things: what their QR says, and how what was scanned or typed leads back to a thing. */
import type { ShelfRow } from '$backend';

const BEGINS = 'kaifong:thing:';
const ID_DIGITS = 32;
/** The fewest digits of a code that are looked up. */
const TYPED_LEAST = 4;
/** Rows and columns of a page: each label is 70 by 37 mm, as sheets of 24 are cut. */
export const LABELS_A_PAGE = 24;

export function labelText(listing: string): string {
  return BEGINS + listing;
}

/** The code as it is printed: two groups of four. */
export function codeWord(code: string): string {
  return `${code.slice(0, 4)} ${code.slice(4)}`;
}

export type Read = { hit: ShelfRow } | 'foreign' | 'unread' | 'several';

/** Finds the thing that a label or a typed code stands for; what is no label is said to be none, however long it is. */
export function readLabel(text: string, rows: readonly ShelfRow[]): Read {
  const given = text.slice(0, BEGINS.length + 2 * ID_DIGITS).trim().toLowerCase();
  const digits = (given.startsWith(BEGINS) ? given.slice(BEGINS.length) : given).replace(/[\s-]/g, '');
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < TYPED_LEAST || digits.length > ID_DIGITS) return 'unread';
  const found = rows.filter((row) => row.listing.id.startsWith(digits));
  const [hit] = found;
  if (!hit) return 'foreign';
  return found.length > 1 ? 'several' : { hit };
}

/** The shelves in the order of their things, each once; what lies nowhere is `undefined`. */
export function shelvesOf(rows: readonly ShelfRow[]): (string | undefined)[] {
  return [...new Set(rows.map((row) => row.listing.shelf ?? undefined))];
}
