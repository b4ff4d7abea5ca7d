/** What activities say: when, what it costs, where a booking stands. */
import { getLocale } from '../../paraglide/runtime.js';
import type { Activity, Booking, BookingStage, Guest } from '$backend';
import { m } from '$messages';
import { held } from '$shared/time';

export const TITLE_CHARS_MAX = 60;
export const BODY_CHARS_MAX = 2000;
export const VENUE_CHARS_MAX = 60;
export const HOURS_MAX = 12;
export const PLACES_MAX = 500;
export const COST_MAX = 1000;
export const NO_SHOW_MAX = 100;
/** How long before the beginning the door opens. */
const DOOR_MS = 3_600_000;

/** "11月29日 周日 14:00". */
export function whenWord(activity: Pick<Activity, 'starts_at'>): string {
  const at = held(activity.starts_at);
  const day = new Intl.DateTimeFormat(getLocale(), { month: 'long', day: 'numeric', weekday: 'short' }).format(at);
  return `${day} ${new Intl.DateTimeFormat(getLocale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)}`;
}

/** "不收积分", "5 分，给街坊基金". */
export function costWord(activity: Pick<Activity, 'cost' | 'to'>): string {
  if (activity.cost === 0) return m.activity_free();
  return activity.to === 'fund' ? m.activity_cost_fund({ n: activity.cost }) : m.activity_cost_host({ n: activity.cost });
}

/** "3 人报名，还有 7 个位子", "满了，2 人排队". */
export function placesWord(activity: Activity): string {
  const { places, taken, waiting } = activity;
  if (places == null) return taken === 0 ? m.activity_nobody() : m.activity_taken({ n: taken });
  const left = Math.max(0, places - taken);
  if (left > 0) return m.activity_left({ taken, left });
  return waiting > 0 ? m.activity_full_waiting({ taken, n: waiting }) : m.activity_full({ taken });
}

/** Whether a booking was taken back before the beginning and the host's device has not heard of it yet. */
export function isUnheard(stage: BookingStage, activity: Pick<Activity, 'starts_at'>, now: number): boolean {
  return stage === 'late' && now < activity.starts_at;
}

export function stageWord(stage: BookingStage, activity: Pick<Activity, 'starts_at'>, now: number): string {
  if (isUnheard(stage, activity, now)) return m.activity_stage_unheard();
  return {
    came: m.activity_stage_came, placed: m.activity_stage_placed, contested: m.activity_stage_contested, absent: m.activity_stage_absent,
    waiting: m.activity_stage_waiting, late: m.activity_stage_late, cancelled: m.activity_stage_cancelled,
  }[stage]();
}

export function stageTone(stage: BookingStage): 'wait' | 'done' | 'off' {
  return ({ came: 'done', placed: 'done', contested: 'wait', absent: 'off', waiting: 'wait', late: 'off', cancelled: 'off' } as const)[stage];
}

/** Where one's own booking stands, where it matters most: what waits for one's signature first. */
export function ownWord(booking: Booking, activity: Pick<Activity, 'starts_at'>, now: number): string {
  if (booking.due) return booking.owed === 'charge' ? m.activity_due_charge({ n: booking.points }) : m.activity_due_cost({ n: booking.points });
  return stageWord(booking.stage, activity, now);
}

/** What was paid for one's own booking, and what became of it; nothing where nothing was. */
export function paidWord(booking: Booking): string | undefined {
  if (booking.paid === 'charge') return m.activity_charge_paid({ n: booking.paid_points });
  if (booking.paid !== 'cost') return undefined;
  return booking.paid_state === 'signed' ? m.activity_paid_signed({ n: booking.paid_points }) : m.activity_paid({ n: booking.paid_points });
}

/** What is to be paid, and whether that is the page's main act: a charge that is contested is not. */
export function payAct(booking: Booking, door: boolean): { label: string; main: boolean } | undefined {
  if (booking.owed === 'charge') return { label: m.activity_pay_charge({ n: booking.points }), main: booking.due && booking.stage !== 'contested' };
  if (booking.owed !== 'cost') return undefined;
  if (booking.stage === 'came') return { label: m.activity_pay({ n: booking.points }), main: true };
  return door ? { label: m.activity_pay_door({ n: booking.points }), main: true } : undefined;
}

/** What Today says of an activity: what waits for one, else when it is and where one stands. */
export function todayWord(activity: Activity, now: number): string {
  if (activity.unmarked > 0) return m.activity_to_mark({ n: activity.unmarked });
  const { booking } = activity;
  if (booking?.due) return ownWord(booking, activity, now);
  const stands = activity.called_off_at != null ? m.activity_called_off() : booking ? ownWord(booking, activity, now) : placesWord(activity);
  return [whenWord(activity), stands].join(m.shared_dot());
}

/** Whether it is over, by the clock on the wall. */
export function isOver(activity: Pick<Activity, 'ends_at'>, now: number): boolean {
  return activity.ends_at <= now;
}

/** Whether those who have a place may be let in, and pay. */
export function isDoorOpen(activity: Pick<Activity, 'starts_at'>, now: number): boolean {
  return activity.starts_at - DOOR_MS <= now;
}

/** Whether a guest is still to be marked: they have a place, or say that they were there. */
export function isUnmarked(guest: Guest): boolean {
  return guest.stage === 'placed' || guest.stage === 'contested' || guest.stage === 'late';
}

/** The instant that a date and a time field name, where the person is; nothing for what is none. */
export function instantOf(date: string, time: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d(:\d\d)?$/.test(time)) return undefined;
  const at = new Date(`${date}T${time}`).getTime();
  return Number.isNaN(at) ? undefined : at;
}
