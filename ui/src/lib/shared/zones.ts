/** The building's map of zones and blocks, as pages look at it. */
import type { BlockKind, Person, Zone } from '$backend';
import { m } from '$messages';

/** What a zone or block is called, with the zone that it is in: 南块 3栋. */
export function placeWord(zones: readonly Zone[], place: number | null | undefined): string | undefined {
  for (const zone of zones) {
    if (zone.id === place) return zone.name || undefined;
    const block = zone.blocks.find((one) => one.id === place);
    if (block) return [zone.name, block.name].filter(Boolean).join(' ');
  }
  return undefined;
}

/** The zone that a place is in or is, if it has a name. */
export function zoneOf(zones: readonly Zone[], place: number | null | undefined): Zone | undefined {
  return zones.find((zone) => zone.name !== '' && (zone.id === place || zone.blocks.some((block) => block.id === place)));
}

/** Whether somebody lets it be seen that they live in a zone or block. */
export function livesIn(zones: readonly Zone[], { place }: Person, outer: number): boolean {
  return place === outer || (place != null && zoneOf(zones, place)?.id === outer);
}

export const blockKinds: readonly BlockKind[] = ['tower', 'group', 'street'];

export function blockKindWord(kind: BlockKind): string {
  return { tower: m.places_kind_tower, group: m.places_kind_group, street: m.places_kind_street }[kind]();
}

/** What the doors of a block are called. */
export function unitWord(kind: BlockKind): string {
  return { tower: m.places_unit_tower, group: m.places_unit_group, street: m.places_unit_street }[kind]();
}

export interface Group<T> {
  /** What it is called; `undefined` for those of whom it is not known. */
  word: string | undefined;
  rows: T[];
}

/** Puts rows together by the block where somebody lives, in the order of the map; last those of whom it is not known. */
export function byPlace<T>(zones: readonly Zone[], rows: readonly T[], personOf: (row: T) => Person): Group<T>[] {
  const places = zones.flatMap((zone) => [zone.id, ...zone.blocks.map((block) => block.id)]);
  const groups = new Map<number | undefined, T[]>();
  for (const row of rows) {
    const place = personOf(row).place ?? undefined;
    const key = place !== undefined && places.includes(place) ? place : undefined;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const known = places.filter((place) => groups.has(place)).map((place) => ({ word: placeWord(zones, place), rows: groups.get(place) ?? [] }));
  const rest = groups.get(undefined);
  return rest ? [...known, { word: undefined, rows: rest }] : known;
}
