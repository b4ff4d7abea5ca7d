/** What people type into fields, as numbers and dates. */
const DAY_MS = 86_400_000;

/** A whole number that a field names, from `least` on, at most `most`; nothing for anything else. */
export function whole(text: string, least: number, most: number): number | undefined {
  const n = /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : Number.NaN;
  return n >= least && n <= most ? n : undefined;
}

/** The same for a field that may stay empty: `null` then. */
export function wholeOrNone(text: string, least: number, most: number): number | null | undefined {
  return text.trim() === '' ? null : whole(text, least, most);
}

/** "2026-11-29" by the clock on the wall, as a date field has it. */
export function dateOf(at: number): string {
  const day = new Date(at);
  return [day.getFullYear(), String(day.getMonth() + 1).padStart(2, '0'), String(day.getDate()).padStart(2, '0')].join('-');
}

/** The day that a date field names, from 1970 on; nothing for what is no date. */
export function dayOf(date: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) ? undefined : at / DAY_MS;
}

/** The end of the day that a date field names, where the person is; `null` where it is empty, `undefined` for what is no date. */
export function lastDay(date: string): number | null | undefined {
  if (date === '') return null;
  const [year, month, day] = /^\d{4}-\d\d-\d\d$/.test(date) ? date.split('-').map(Number) : [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const end = new Date(year, month - 1, day + 1).getTime();
  return Number.isNaN(end) ? undefined : end;
}
