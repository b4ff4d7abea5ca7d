/** What recurring help and authorisations say: days of the week, hours, where something stands. */
import { getLocale } from '../../paraglide/runtime.js';
import type { Arrangement, HelpTerms, HelpWords, PassKind, PassNote, PassState, TickNote, VisitNote } from '$backend';
import { m } from '$messages';
import { moment } from '$shared/time';
import { nameOf } from '$shared/words';

export const WHAT_CHARS_MAX = 60;
export const PLACE_CHARS_MAX = 60;
export const NOTE_CHARS_MAX = 500;
export const CHILD_CHARS_MAX = 20;
export const PASS_NOTE_CHARS_MAX = 200;
export const HOLDERS_MAX = 4;
export const TIME_COST_MAX = 1000;
/** How many days one sheet can span. */
export const SHEET_DAYS_MAX = 62;
export const WORKDAYS = 0b001_1111;
const DAY_MS = 86_400_000;
/** How long after the hour that was said nobody asks yet whether a visitor has gone. */
const PATIENCE_MS = 30 * 60_000;

/** The day on the wall at an instant, counted from 1970 on. */
export function dayAt(at: number): number {
  const day = new Date(at);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / DAY_MS);
}

/** "2026-09-01" of a day, as a date field takes it. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The day that a date field names; nothing for what is no date. */
export function dayOf(date: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(at) || at < 0 ? undefined : at / DAY_MS;
}

function format(day: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(getLocale(), { ...options, timeZone: 'UTC' }).format(Math.min(day, 100_000) * DAY_MS);
}

/** "9月1日", with the year when it is another than that of today. */
export function dayWord(day: number, today: number): string {
  const year = dateOf(Math.min(day, 100_000)).slice(0, 4) === dateOf(today).slice(0, 4) ? undefined : 'numeric';
  return format(day, { year, month: 'long', day: 'numeric' });
}

/** "9月1日 周二". */
export function dayLongWord(day: number): string {
  return `${format(day, { month: 'long', day: 'numeric' })} ${format(day, { weekday: 'short' })}`;
}

/** "一", "二" … of bit 0 to 6. */
export function weekdayWord(bit: number): string {
  return format(4 + bit, { weekday: getLocale() === 'en' ? 'short' : 'narrow' });
}

/** "周一到周五", "每天", "周二、周四". */
export function weekdaysWord(mask: number): string {
  if (mask === 127) return m.recurring_every_day();
  if (mask === WORKDAYS) return m.recurring_workdays();
  if (mask === 96) return m.recurring_weekends();
  const named = [0, 1, 2, 3, 4, 5, 6].filter((bit) => mask & (1 << bit)).map((bit) => format(4 + bit, { weekday: 'short' }));
  return named.join(m.shared_and());
}

/** "16:00" of minutes since the beginning of the day. */
export function minuteWord(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** The minutes that a time field names; nothing for what is no time. */
export function minuteOf(time: string): number | undefined {
  const found = /^(\d\d):(\d\d)/.exec(time);
  return found ? Number(found[1]) * 60 + Number(found[2]) : undefined;
}

export function hoursWord(words: Pick<HelpWords, 'from_min' | 'to_min'>): string {
  return `${minuteWord(words.from_min)}–${minuteWord(words.to_min)}`;
}

/** "9月1日起", "9月1日到明年1月20日". */
export function spanWord(terms: Pick<HelpTerms, 'first'> & { last?: number | null | undefined }, today: number): string {
  const first = dayWord(terms.first, today);
  return terms.last == null ? m.recurring_from({ first }) : m.recurring_span({ first, last: dayWord(terms.last, today) });
}

export function costWord(points: number): string {
  return points === 0 ? m.recurring_free() : m.recurring_cost({ n: points });
}

/** What it is called: what is done, as far as it is known here. */
export function titleWord(one: Arrangement): string {
  return one.terms.words?.what ?? m.recurring_unread();
}

export function other(one: Arrangement) {
  return one.helps ? one.receiver : one.giver;
}

/** Whether its last day is past. */
export function isOver(one: Arrangement, today: number): boolean {
  return one.stage === 'declined' || (one.ended != null && one.ended < today) || (one.terms.last != null && one.terms.last < today && one.to_confirm.length === 0);
}

/** The days that have come and are neither told nor paused: what who helps can still tell, at most as many as one sheet takes. */
export function toTell(one: Arrangement, today: number): number[] {
  if (!one.helps) return [];
  const days = one.days.filter((day) => day.state === 'on' && day.day <= today).map((day) => day.day);
  return days.filter((day) => days[0] !== undefined && day - days[0] < SHEET_DAYS_MAX);
}

export function isOnToday(one: Arrangement, today: number): boolean {
  return one.days.some((day) => day.day === today && day.state !== 'paused');
}

/** What waits for oneself, or else how it stands. */
export function standsWord(one: Arrangement, today: number): { word: string; tone: 'turn' | 'wait' | 'done' | 'off' } {
  const name = nameOf(other(one));
  if (one.stage === 'declined') return { word: m.recurring_declined(), tone: 'off' };
  if (one.stage === 'proposed') {
    return one.terms.mine ? { word: m.recurring_waits({ name }), tone: 'wait' } : { word: m.recurring_turn_accept(), tone: 'turn' };
  }
  if (one.stage === 'trial' && one.ended == null) {
    return one.tried ? { word: m.recurring_trial_waits({ name }), tone: 'wait' } : { word: m.recurring_turn_trial(), tone: 'turn' };
  }
  if (one.waiting.some((terms) => !terms.mine)) return { word: m.recurring_turn_terms(), tone: 'turn' };
  if (!one.helps && one.to_confirm.length > 0) return { word: m.recurring_turn_confirm({ n: one.to_confirm.length }), tone: 'turn' };
  if (isOver(one, today)) return { word: m.recurring_over(), tone: 'off' };
  if (one.ended != null) return { word: m.recurring_ends({ day: dayWord(one.ended, today) }), tone: 'wait' };
  const paused = one.pauses.find((pause) => pause.from <= today && today <= pause.to);
  if (paused) return { word: m.recurring_paused({ day: dayWord(paused.to, today) }), tone: 'off' };
  return { word: m.recurring_running(), tone: 'done' };
}

/** Whether it stands on the first page: something waits for oneself, or it is on today. */
export function isUp(one: Arrangement, today: number): boolean {
  return standsWord(one, today).tone === 'turn' || (isOnToday(one, today) && !isOver(one, today));
}

/** What the first page says of it. */
export function todayWord(one: Arrangement, today: number): string {
  const stands = standsWord(one, today);
  if (stands.tone === 'turn') return stands.word;
  return [one.terms.words && hoursWord(one.terms.words), one.terms.words?.place, nameOf(other(one))].filter(Boolean).join(m.shared_dot());
}

export function passKindWord(kind: PassKind): string {
  return { collect: m.pass_collect, care: m.pass_care }[kind]();
}

export function passStateWord(state: PassState): string {
  return {
    good: m.pass_good, revoked: m.pass_revoked, 'to-come': m.pass_to_come, past: m.pass_past, 'other-day': m.pass_other_day, unknown: m.pass_unknown,
  }[state]();
}

/** Whether an authorisation is good on a day. */
export function isGoodOn(pass: PassNote, day: number): boolean {
  return !pass.revoked && pass.first <= day && day <= pass.last && (pass.weekdays & (1 << ((day + 3) % 7))) !== 0;
}

/** When a child came and left, or was collected and handed over; nothing where nothing was ticked. */
export function tickedWord(kind: PassKind, note: TickNote | undefined, now: number): string {
  const [came, left] = kind === 'care' ? [m.roster_came, m.roster_left] : [m.roster_collected, m.roster_home];
  return [note?.came != null && came({ at: moment(note.came, now) }), note?.left != null && left({ at: moment(note.left, now) })].filter(Boolean).join(m.shared_dot());
}

/** What can be ticked next: the button's words, and those with the child's name; nothing when all is. */
export function tickAct(pass: PassNote, note: TickNote | undefined): { word: string; label: string; left: boolean } | undefined {
  const child = pass.child;
  if (note?.came == null) {
    return pass.kind === 'care'
      ? { word: m.roster_tick_came(), label: m.roster_tick_came_of({ child }), left: false }
      : { word: m.roster_tick_collected(), label: m.roster_tick_collected_of({ child }), left: false };
  }
  if (note.left != null) return undefined;
  return pass.kind === 'care'
    ? { word: m.roster_tick_left(), label: m.roster_tick_left_of({ child }), left: true }
    : { word: m.roster_tick_home(), label: m.roster_tick_home_of({ child }), left: true };
}

/** Where a visit stands: to come, there, gone, or not gone by the hour that was said. */
export function visitStage(visit: VisitNote, now: number): 'to-come' | 'there' | 'gone' | 'late' {
  if (visit.left != null) return 'gone';
  if (visit.came != null) return now > visit.until + PATIENCE_MS ? 'late' : 'there';
  return 'to-come';
}

/** Whether a visit is still of interest: until a day after it was to end. */
export function isVisitShown(visit: VisitNote, now: number): boolean {
  return now < visit.until + DAY_MS;
}

export function visitWord(visit: VisitNote, now: number): string {
  const when = `${moment(visit.from, now)}–${moment(visit.until, now).split(' ').at(-1) ?? ''}`;
  switch (visitStage(visit, now)) {
    case 'to-come': return when;
    case 'there': return m.visit_there({ at: moment(visit.came ?? 0, now) });
    case 'gone': return m.visit_gone({ at: moment(visit.left ?? 0, now) });
    case 'late': return m.visit_late({ at: moment(visit.until, now) });
  }
}
