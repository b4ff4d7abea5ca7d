/** A map of zones and blocks while it is drawn. */
import type { BlockKind, Zone, ZoneArgs } from '$backend';

/** How many blocks a map has at most, and how long a name is. The device has the last word. */
export const BLOCKS_MAX = 160;
export const ZONES_MAX = 24;
export const NAME_CHARS_MAX = 12;

export interface BlockPlan {
  /** Its number; none before it is decided. */
  id: number | null;
  name: string;
  kind: BlockKind;
  /** How many let it be seen that they live there. */
  members: number;
}

export interface ZonePlan {
  id: number | null;
  name: string;
  blocks: BlockPlan[];
}

/** The map as it is now. */
export function planOf(zones: readonly Zone[]): ZonePlan[] {
  return zones.map(({ id, name, blocks }) => ({ id, name, blocks: blocks.map((block) => ({ ...block })) }));
}

/** What is asked of the device. A zone without a block is none. */
export function argsOf(plan: readonly ZonePlan[]): ZoneArgs[] {
  return plan.filter((zone) => zone.blocks.length > 0)
    .map((zone) => ({ id: zone.id, name: zone.name.trim(), blocks: zone.blocks.map(({ id, name, kind }) => ({ id, name: name.trim(), kind })) }));
}

const suffix: Record<BlockKind, string> = { tower: '栋', group: '组', street: '街' };

/** Reads several names at once, as people write them: `1-12`, `1-12栋`, `A-D座`, `东街、西街`. */
export function spread(text: string, kind: BlockKind): string[] {
  const names: string[] = [];
  for (const part of text.split(/[、，,;；\s]+/u).filter(Boolean)) {
    const range = /^(?<head>\D*?)(?<from>\d{1,3}|[A-Za-z])\s*[-–~～至到]\s*(?<to>\d{1,3}|[A-Za-z])(?<tail>\D*)$/u.exec(part)?.groups;
    const between = range ? steps(range['from'] ?? '', range['to'] ?? '') : undefined;
    if (range && between) names.push(...between.map((one) => `${range['head'] ?? ''}${one}${range['tail'] || suffix[kind]}`));
    else names.push(/^\d+$|^[A-Za-z]$/u.test(part) ? part + suffix[kind] : part);
  }
  return [...new Set(names)];
}

function steps(from: string, to: string): string[] | undefined {
  const digits = /^\d+$/u.test(from) && /^\d+$/u.test(to);
  const letters = /^[A-Za-z]$/u.test(from) && /^[A-Za-z]$/u.test(to);
  if (!digits && !letters) return undefined;
  const [first, last] = digits ? [Number(from), Number(to)] : [from.toUpperCase().charCodeAt(0), to.toUpperCase().charCodeAt(0)];
  if (last < first || last - first >= BLOCKS_MAX) return undefined;
  return Array.from({ length: last - first + 1 }, (_, at) => (digits ? String(first + at) : String.fromCharCode(first + at)));
}

export type Fault = 'name-long' | 'zone-twice' | 'block-twice' | 'too-many' | 'zones-too-many';

/** What is wrong with a map, if anything is. */
export function faultOf(plan: readonly ZonePlan[]): Fault | undefined {
  const zones = plan.filter((zone) => zone.blocks.length > 0);
  const long = (name: string) => [...name.trim()].length > NAME_CHARS_MAX;
  const twice = (names: string[]) => new Set(names.map((name) => name.trim())).size < names.length;
  if (zones.some((zone) => long(zone.name) || zone.blocks.some((block) => long(block.name)))) return 'name-long';
  if (twice(zones.map((zone) => zone.name))) return 'zone-twice';
  if (zones.some((zone) => twice(zone.blocks.map((block) => block.name)))) return 'block-twice';
  if (zones.length > ZONES_MAX) return 'zones-too-many';
  return zones.reduce((sum, zone) => sum + zone.blocks.length, 0) > BLOCKS_MAX ? 'too-many' : undefined;
}

/** Whether anything is otherwise. */
export function differs(now: readonly Zone[], plan: readonly ZonePlan[]): boolean {
  return JSON.stringify(argsOf(planOf(now))) !== JSON.stringify(argsOf(plan));
}

/** The blocks with people that would be gone. */
export function lost(now: readonly Zone[], plan: readonly ZonePlan[]): { name: string; members: number }[] {
  const stays = new Set(plan.flatMap((zone) => zone.blocks.map((block) => block.id)));
  return now.flatMap((zone) => zone.blocks.filter((block) => block.members > 0 && !stays.has(block.id))
    .map((block) => ({ name: [zone.name, block.name].filter(Boolean).join(' '), members: block.members })));
}
