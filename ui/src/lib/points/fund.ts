/** What lines of the community fund say, and what its forms are typed with. */
import { held } from '$shared/time';
import type { FundLine, OpeningWrong, PurposeNote } from '$backend';
import { m } from '$messages';
import { actWord } from '$shared/acts';
import { nameOf } from '$shared/words';
import { getLocale } from '../../paraglide/runtime.js';

const DAY_MS = 86_400_000;

/** "11月29日" of a day that is counted from 1970 on; it is a date on the wall and of no time zone. */
export function dayWord(day: number): string {
  return new Intl.DateTimeFormat(getLocale(), { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(held(day * DAY_MS));
}

/** "值班一次", "帮忙一小时 ×3", with the day where it is of one. */
export function purposeWords({ act, day, times }: PurposeNote): string {
  const what = times > 1 ? m.fund_times({ what: actWord(act), n: times }) : actWord(act);
  return day === null || day === undefined ? what : m.fund_on({ what, day: dayWord(day) });
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

/** "502 何姐·值班一次（11月29日）", "302 侯叔给基金的". */
export function fundTitle(line: FundLine): string {
  const name = line.counterpart ? nameOf(line.counterpart) : m.shared_somebody();
  // Whether they came or stayed away is between them and the host.
  if (line.activity) return m.activity_fund_line({ name, title: line.activity });
  return line.purpose ? m.points_line_what({ who: name, what: purposeWords(line.purpose) }) : m.fund_line_gift({ name });
}

/** A whole number that a field names, from `least` on; nothing for anything else. */
export function whole(text: string, least: number, most: number): number | undefined {
  const n = /^\s*\d{1,10}\s*$/.test(text) ? Number(text) : Number.NaN;
  return n >= least && n <= most ? n : undefined;
}

/** Why a line of a ledger on paper cannot be used. */
export function openingWrongWord(wrong: OpeningWrong): string {
  return {
    'no-name': m.fund_opening_no_name, 'not-whole': m.fund_opening_not_whole, 'no-value': m.fund_opening_no_value,
    unprintable: m.fund_opening_unprintable, 'too-many': m.fund_opening_too_many,
  }[wrong]();
}
