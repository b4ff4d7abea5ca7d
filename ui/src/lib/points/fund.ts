/** What lines of the community fund say. */
import type { FundLine, OpeningWrong, PurposeNote } from '$backend';
import { m } from '$messages';
import { actWord } from '$shared/acts';
import { dayWord } from '$shared/time';
import { nameOf } from '$shared/words';

/** "值班一次", "帮忙一小时 ×3", with the day where it is of one. */
export function purposeWords({ act, day, times }: PurposeNote): string {
  const what = times > 1 ? m.fund_times({ what: actWord(act), n: times }) : actWord(act);
  return day === null || day === undefined ? what : m.fund_on({ what, day: dayWord(day) });
}

/** "502 何姐·值班一次（11月29日）", "302 侯叔给基金的". */
export function fundTitle(line: FundLine): string {
  const name = line.counterpart ? nameOf(line.counterpart) : m.shared_somebody();
  // Whether they came or stayed away is between them and the host.
  if (line.activity) return m.activity_fund_line({ name, title: line.activity });
  return line.purpose ? m.points_line_what({ who: name, what: purposeWords(line.purpose) }) : m.fund_line_gift({ name });
}

/** Why a line of a ledger on paper cannot be used. */
export function openingWrongWord(wrong: OpeningWrong): string {
  return {
    'no-name': m.fund_opening_no_name, 'not-whole': m.fund_opening_not_whole, 'no-value': m.fund_opening_no_value,
    unprintable: m.fund_opening_unprintable, 'too-many': m.fund_opening_too_many,
  }[wrong]();
}
