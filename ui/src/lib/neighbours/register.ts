import type { RegisterColumns } from '$backend';

/** What a column of a register may be. */
export type Column = 'block' | 'entrance' | 'unit' | 'name' | 'phone';
export const columns: readonly Column[] = ['block', 'entrance', 'unit', 'name', 'phone'];

/** What the column of this number is, if it is read. */
export function columnAt(told: RegisterColumns | null | undefined, place: number): Column | undefined {
  return told ? columns.find((column) => told[column] === place) : undefined;
}

/** The same with one column made something else. A thing has one column: what had it before has it no longer. */
export function told(before: Partial<Record<Column, number>>, place: number, column: Column | undefined): Partial<Record<Column, number>> {
  const kept = Object.entries(before).filter(([key, at]) => at !== place && key !== column);
  return { ...Object.fromEntries(kept), ...(column ? { [column]: place } : {}) };
}

/** A file's bytes as text, in parts that a call can take. */
export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x6000) parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 0x6000))));
  return parts.join('');
}
