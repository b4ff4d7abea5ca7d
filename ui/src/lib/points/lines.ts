/** What statement lines say, and what a month came to. */
import type { Line, LineActivity, LineState } from '$backend';
import { m } from '$messages';
import { actWord } from '$shared/acts';
import { held } from '$shared/time';
import { memberName, nameOf } from '$shared/words';
import { purposeWords } from './fund';
import { getLocale } from '../../paraglide/runtime.js';

/** Who thanked whom: "谢 401 李伯", "侯叔谢你"; "街坊基金" of what the building gives or is given. */
function lineWho(line: Line): string {
  if (line.fund) return line.direction === 'in' ? m.fund_title() : m.fund_give();
  const name = line.counterpart ? nameOf(line.counterpart) : m.shared_somebody();
  return line.direction === 'in' ? m.points_line_in({ name }) : m.points_line_out({ name });
}

/** "参加「书法课」": what is paid for at an activity. */
function activityWords({ title, owed }: LineActivity): string {
  const said = { title: title ?? m.activity_line_erased() };
  return owed === 'charge' ? m.activity_line_charge(said) : m.activity_line_cost(said);
}

/** The same with what for. */
export function lineTitle(line: Line): string {
  if (line.activity) return m.points_line_what({ who: line.fund ? m.fund_title() : lineWho(line), what: activityWords(line.activity) });
  if (line.phones === 'own') return line.direction === 'in' ? m.points_line_own_in() : m.points_line_own();
  if (line.purpose) return m.points_line_what({ who: purposeWords(line.purpose), what: m.fund_title() });
  if (line.recurring) return m.points_line_what({ who: lineWho(line), what: m.recurring_line() });
  if (line.slip) return m.points_line_what({ who: lineWho(line), what: m.slip_line({ number: line.slip }) });
  if (line.bought) {
    const name = line.counterpart ? memberName(line.counterpart) : m.shared_somebody();
    const { title, pieces, back } = line.bought;
    const said = { name, what: title ? (pieces > 1 ? m.shop_what({ title, pieces: m.shop_pieces({ n: pieces }) }) : title) : m.shop_something() };
    if (line.direction === 'out') return back ? m.shop_line_sold_back(said) : m.shop_line(said);
    return back ? m.shop_line_back(said) : m.shop_line_sold(said);
  }
  const title = line.title && line.corrects ? m.dispute_line({ what: line.title }) : line.title;
  return title ? m.points_line_what({ who: lineWho(line), what: title }) : lineWho(line);
}

/** What became of it, and who waits for whom. */
export function stateWords(line: Line): string {
  const name = line.counterpart ? nameOf(line.counterpart) : m.shared_somebody();
  switch (line.state) {
    case 'signed': return line.direction === 'out' ? m.points_state_signed_out({ name }) : m.points_state_signed_in();
    case 'accepted': return m.points_state_accepted();
    case 'stamped': return m.points_state_stamped();
    case 'declined': return m.points_state_declined();
    case 'not-counted': return m.points_state_not_counted();
  }
}

/** How many of 签 收 章 stand. */
export function steps(state: LineState): number {
  return { signed: 1, accepted: 2, stamped: 3, declined: 1, 'not-counted': 1 }[state];
}

/** Whether it adds to a sum. */
export function counts(line: Line): boolean {
  // What goes from one's own device to another moves no balance, nor does what the fund bears of one's own.
  if (line.phones === 'own' || (line.phones === 'borne' && line.direction === 'out')) return false;
  return line.state !== 'declined' && line.state !== 'not-counted';
}

export function signedPoints(line: Pick<Line, 'direction' | 'points'>): number {
  return line.direction === 'in' ? line.points : -line.points;
}

/** "2026-11", where the person is. */
export function monthKey(at: number): string {
  const day = new Date(held(at));
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}`;
}

/** A month, or a whole year: "2026-11", "2026". */
export function monthWord(key: string): string {
  if (key.length === 4) return m.points_statement_year({ year: key });
  const [year = 0, month = 1] = key.split('-').map(Number);
  return new Intl.DateTimeFormat(getLocale(), { year: 'numeric', month: 'long' }).format(new Date(year, month - 1, 1));
}

export interface Sums {
  in: number;
  out: number;
}

export function sums(lines: readonly Line[]): Sums {
  const all: Sums = { in: 0, out: 0 };
  for (const line of lines) if (counts(line)) all[line.direction] += line.points;
  return all;
}

/** One stream of the month's picture. */
export interface Stream {
  id: string;
  label: string;
  points: number;
}

/** What one direction consists of, the largest first; from the fifth on together. */
export function streams(lines: readonly Line[], direction: Line['direction'], most = 4): Stream[] {
  const found = new Map<string, Stream>();
  for (const line of lines) {
    if (line.direction !== direction || !counts(line)) continue;
    const label = line.title ?? line.activity?.title ?? line.bought?.title ?? (line.purpose ? actWord(line.purpose.act) : line.fund ? m.fund_title() : line.counterpart ? nameOf(line.counterpart) : m.shared_somebody());
    const stream = found.get(label) ?? { id: label, label, points: 0 };
    stream.points += line.points;
    found.set(label, stream);
  }
  return atMost([...found.values()].sort((a, b) => b.points - a.points), most);
}

/** So many streams, the last of them what is left over together. */
export function atMost(all: Stream[], most: number): Stream[] {
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  return [...all.slice(0, most - 1), { id: '…', label: m.points_month_rest({ n: rest.length }), points: rest.reduce((n, one) => n + one.points, 0) }];
}

export interface Ribbon {
  id: string;
  path: string;
}

/** The ribbons from the labels' rows to the seal, or from it: `[x, y]` in pixels, as thick as they have points. */
export function ribbons(found: readonly Stream[], side: 'in' | 'out', box: { width: number; height: number; seal: number; scale: number }): Ribbon[] {
  const { width, height, seal, scale } = box;
  const [from, to] = side === 'in' ? [0, width / 2 - seal / 2] : [width, width / 2 + seal / 2];
  const total = found.reduce((n, one) => n + one.points * scale, 0);
  const row = height / Math.max(1, found.length);
  let at = height / 2 - total / 2;
  return found.map((one, i) => {
    const thick = one.points * scale;
    const y = (i + 0.5) * row - thick / 2;
    const mid = (from + to) / 2;
    const path = `M${from} ${y}C${mid} ${y} ${mid} ${at} ${to} ${at}V${at + thick}C${mid} ${at + thick} ${mid} ${y + thick} ${from} ${y + thick}Z`;
    at += thick;
    return { id: one.id, path };
  });
}

/** Where one can read more about what a line was for. */
export function moreOf({ deal, activity, bought, recurring }: Line): { href: string; label: string } | undefined {
  if (deal) return { href: `/deal/${deal}`, label: m.points_deal() };
  if (recurring) return { href: `/recurring/${recurring}`, label: m.recurring_see() };
  if (activity) return { href: `/activities/${activity.host}/${activity.activity}`, label: m.activity_see() };
  return bought ? { href: `/points/shop/order/${bought.order}`, label: m.shop_see() } : undefined;
}
