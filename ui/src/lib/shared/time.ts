import { getLocale } from '../../paraglide/runtime.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The last and the first instant that dates know here: a device may claim any, and must not break the page that shows it. */
const FAR_MS = 8.64e15;

/** The instant, or the nearest that a date can hold. */
export function held(at: number): number {
  return Math.max(-FAR_MS + 400 * DAY_MS, Math.min(FAR_MS - 400 * DAY_MS, at));
}

/** As `<time datetime>` takes it. */
export function iso(at: number): string {
  return new Date(held(at)).toISOString();
}

/** "10月17日 星期五" */
export function dayLong(at: number): string {
  at = held(at);
  if (getLocale() === 'zh-Hans') {
    const day = new Intl.DateTimeFormat('zh-Hans', { month: 'long', day: 'numeric' }).format(at);
    return `${day} ${new Intl.DateTimeFormat('zh-Hans', { weekday: 'long' }).format(at)}`;
  }
  return new Intl.DateTimeFormat(getLocale(), { weekday: 'long', month: 'long', day: 'numeric' }).format(at);
}

const DAYS = [
  '初一', '初二', '初三', '初四', '初五', '初六', '初七', '初八', '初九', '初十', '十一', '十二', '十三', '十四', '十五',
  '十六', '十七', '十八', '十九', '二十', '廿一', '廿二', '廿三', '廿四', '廿五', '廿六', '廿七', '廿八', '廿九', '三十',
];

/** The day of the lunar calendar, "八月廿六"; nothing where the system does not know it, or in other languages. */
export function lunarDay(at: number): string | undefined {
  at = held(at);
  if (getLocale() !== 'zh-Hans') return undefined;
  try {
    const parts = new Intl.DateTimeFormat('zh-Hans-u-ca-chinese', { month: 'long', day: 'numeric' }).formatToParts(at);
    const month = parts.find((part) => part.type === 'month')?.value;
    const day = parts.find((part) => part.type === 'day')?.value;
    if (!month?.endsWith('月') || /\d/.test(month) || !day) return undefined;
    const word = /^\d+/.test(day) ? DAYS[Number.parseInt(day, 10) - 1] : day.replace(/日$/, '');
    return word && `${month}${word}`;
  } catch {
    return undefined;
  }
}

/** The first instant of yesterday, by the clock on the wall. */
export function yesterday(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1).getTime();
}

/** "2 分钟前", "明天", "3 天后"; further away than a week, the date. */
export function relative(at: number, now: number): string {
  at = held(at);
  const away = at - now;
  const form = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'auto' });
  const far = Math.abs(away);
  if (far < MINUTE_MS) return form.format(0, 'second');
  if (far < HOUR_MS) return form.format(Math.trunc(away / MINUTE_MS), 'minute');
  const days = daysBetween(now, at);
  if (days === 0) return form.format(Math.trunc(away / HOUR_MS), 'hour');
  if (Math.abs(days) <= 7) return form.format(days, 'day');
  return dateShort(at, now);
}

/** "10月17日", with the year when it is another. */
export function dateShort(at: number, now: number): string {
  at = held(at);
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(getLocale(), { year, month: 'long', day: 'numeric' }).format(at);
}

/** "今天 18:52", "周三 20:14", "9月28日 10:05". */
export function moment(at: number, now: number): string {
  at = held(at);
  const time = new Intl.DateTimeFormat(getLocale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  const days = daysBetween(now, at);
  let day: string;
  if (Math.abs(days) <= 1) day = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'auto' }).format(days, 'day');
  else if (Math.abs(days) < 6) day = new Intl.DateTimeFormat(getLocale(), { weekday: 'short' }).format(at);
  else day = dateShort(at, now);
  return `${day} ${time}`;
}

/** Calendar days from one instant to another, where the person is. */
function daysBetween(from: number, to: number): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / DAY_MS);
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "11月29日" of a day that is counted from 1970 on; it is a date on the wall and of no time zone. */
export function dayWord(day: number): string {
  return new Intl.DateTimeFormat(getLocale(), { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(held(day * DAY_MS));
}
