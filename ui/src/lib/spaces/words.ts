/** What bookings of spaces say: when, how long, where they stand. */
import { getLocale } from '../../paraglide/runtime.js';
import type { SlotStage, SpaceBooking } from '$backend';
import { m } from '$messages';
import { formWord } from '$shared/sorts';
import { held } from '$shared/time';
import { nameOf } from '$shared/words';

export const PEOPLE_MAX = 500;
/** For how many days a thing can be reserved at most. */
export const THING_DAYS_MAX = 14;
const DAY_MS = 86_400_000;

export function clock(at: number): string {
  return new Intl.DateTimeFormat(getLocale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(held(at));
}

/** "12月5日 周六" or "12月5日 周六–12月7日 周一": the days of a thing, whose slot ends as the day after them begins. */
export function daysWord(row: Pick<SpaceBooking, 'starts_at' | 'ends_at'>): string {
  const word = new Intl.DateTimeFormat(getLocale(), { month: 'long', day: 'numeric', weekday: 'short' });
  const [first, last] = [word.format(held(row.starts_at)), word.format(held(row.ends_at - 1))];
  return first === last ? first : `${first}–${last}`;
}

/** "11月29日 周日 14:00–16:00". */
export function slotWord(row: Pick<SpaceBooking, 'starts_at' | 'ends_at'> & { thing?: boolean }): string {
  if (row.thing) return daysWord(row);
  const word = new Intl.DateTimeFormat(getLocale(), { month: 'long', day: 'numeric', weekday: 'short' });
  const [day, last] = [word.format(held(row.starts_at)), word.format(held(row.ends_at - 1))];
  return `${day} ${clock(row.starts_at)}–${day === last ? '' : `${last} `}${clock(row.ends_at)}`;
}

/** "14:00–16:00" beside its day; whatever goes beyond one day is told with its days. */
export function spanWord(row: SpaceBooking): string {
  return dayOf(row.starts_at) === dayOf(row.ends_at - 1) && !row.thing ? `${clock(row.starts_at)}–${clock(row.ends_at)}` : slotWord(row);
}

/** "文体活动 · 8 人"; nothing of a thing. */
export function factsOf(row: SpaceBooking): string {
  if (row.thing) return '';
  return [formWord(row.purpose), m.slot_people({ n: row.people })].join(m.shared_dot());
}

export function stageWord(stage: SlotStage): string {
  return { asked: m.slot_asked, agreed: m.slot_agreed, lost: m.slot_lost, declined: m.slot_declined, cancelled: m.slot_cancelled }[stage]();
}

export function stageTone(stage: SlotStage): 'wait' | 'done' | 'off' {
  return ({ asked: 'wait', agreed: 'done', lost: 'off', declined: 'off', cancelled: 'off' } as const)[stage];
}

/** What Today says of a booking. */
export function todayWord(row: SpaceBooking): string {
  const stands = row.can_grant && row.by ? m.slot_today_asks({ name: nameOf(row.by) }) : stageWord(row.stage);
  return [slotWord(row), stands].join(m.shared_dot());
}

/** The first instant of the day, by the clock on the wall. */
export function dayOf(at: number): number {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

/** The seven days from one on, each with its first instant; days of 23 or 25 hours among them. */
export function weekFrom(day: number): number[] {
  return Array.from({ length: 7 }, (_, n) => dayOf(day + n * DAY_MS + DAY_MS / 2));
}

/** The first instant of the day after. */
export function dayAfter(day: number): number {
  return dayOf(day + DAY_MS + DAY_MS / 2);
}

/** The first instant of the day that a date field names; `undefined` for no date. */
export function dayStart(date: string): number | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(date) ? real(new Date(`${date}T00:00`).getTime()) : undefined;
}

function real(at: number): number | undefined {
  return Number.isNaN(at) ? undefined : at;
}

/** "2026-12-05", as a date field has it. */
export function dateOf(day: number): string {
  const at = new Date(day);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}

/** "今天", "周三 12/2". */
export function dayHead(day: number): string {
  return new Intl.DateTimeFormat(getLocale(), { weekday: 'short', month: 'numeric', day: 'numeric' }).format(held(day));
}
