/** Days as a date field writes them, where the person is. */

const AHEAD_DAYS_MOST = 729;

/** The instant at which a day is over; `undefined` for what is no day, is past, or lies too far ahead. */
export function endOf(day: string, now: number): number | undefined {
  const [year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.slice(1).map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const end = new Date(year, month - 1, date + 1).getTime();
  // The calendar takes the 31st of June for the 1st of July.
  if (new Date(end - 1).getDate() !== date) return undefined;
  const today = new Date(now);
  const last = new Date(today.getFullYear(), today.getMonth(), today.getDate() + AHEAD_DAYS_MOST).getTime();
  return end > now && end <= last ? end : undefined;
}

/** A day as the field writes it, so many days from now. */
export function written(now: number, ahead = 0): string {
  const day = new Date(now);
  const at = new Date(day.getFullYear(), day.getMonth(), day.getDate() + ahead);
  return [at.getFullYear(), String(at.getMonth() + 1).padStart(2, '0'), String(at.getDate()).padStart(2, '0')].join('-');
}
