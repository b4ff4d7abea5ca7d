import type { Draft } from '$shared/kept.svelte';
import { draft } from '$shared/kept.svelte';

/** One line that a newcomer or a founder writes. */
export interface Question {
  key: string;
  label: string;
  /** Who can read it, or what to write. */
  note: string;
  /** How many characters the device takes; it counts code points. */
  most: number;
  needed: boolean;
  text: Draft<string>;
  autocomplete?: 'street-address' | 'name' | 'nickname' | 'tel' | 'off';
  tel?: boolean;
}

export function question(key: string, label: string, note: string, most: number, more: Partial<Omit<Question, 'key' | 'text'>> = {}): Question {
  return { key, label, note, most, needed: true, text: draft(`welcome.${key}`, ''), ...more };
}

export type Fault = 'empty' | 'long';

export function faultOf({ text, most, needed }: Question): Fault | undefined {
  const written = text.value.trim();
  if (needed && written === '') return 'empty';
  return [...written].length > most ? 'long' : undefined;
}
