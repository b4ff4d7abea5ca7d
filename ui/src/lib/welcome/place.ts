/** What an address that was written freely seems to mean on the building's map. */
import type { Zone } from '$backend';

export interface Guess {
  block: number | null;
  floor: string;
  unit: string;
}

const plain = (text: string) => text.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();

/** Looks for the one block whose name stands in the address; the last number behind it is the unit, and its beginning the floor. */
export function guessed(zones: readonly Zone[], written: string): Guess {
  const text = plain(written);
  const fits = zones.flatMap((zone) => zone.blocks.map((block) => ({ zone, block }))).flatMap(({ zone, block }) => {
    const name = plain(block.name);
    const at = text.indexOf(name);
    // 13栋 is not 3栋.
    const cut = at > 0 && /\d/u.test(name[0] ?? '') && /\d/u.test(text[at - 1] ?? '');
    if (at < 0 || cut || name === '') return [];
    return [{ block, rest: text.slice(at + name.length), named: zone.name !== '' && text.includes(plain(zone.name)) }];
  });
  const named = fits.filter((fit) => fit.named);
  const [fit, more] = named.length > 0 ? named : fits;
  const one = fit && !more ? fit : undefined;
  const unit = (one?.rest ?? text).match(/[0-9a-z]+(?=[^0-9a-z]*$)/u)?.[0] ?? '';
  const floor = one?.block.kind === 'tower' ? (/^(\d{1,2})\d{2}$/u.exec(unit)?.[1] ?? '') : '';
  return { block: one?.block.id ?? null, floor, unit };
}
