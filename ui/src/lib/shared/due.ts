/** When on its day a lent thing is to be back: people are at home in the evening. */
const EVENING_HOUR = 20;

/** "2026-05-20" for a day so many days from now, where the person is. */
export function dayFrom(now: number, days: number): string {
  const at = new Date(now);
  at.setDate(at.getDate() + days);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}

/** The instant that such a day means: its evening, or its end when the evening is over; `undefined` for a day that is past or none. */
export function dueAt(day: string, now: number): number | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!found) return undefined;
  const [, year, month, date] = found.map(Number);
  const evening = new Date(year ?? 0, (month ?? 1) - 1, date ?? 1, EVENING_HOUR);
  if (evening.getDate() !== date) return undefined;
  if (evening.getTime() > now) return evening.getTime();
  const end = evening.setHours(23, 59, 0, 0);
  return end > now ? end : undefined;
}
