/** What the community fund gives points for, in words. */
import type { GrantAct } from '$backend';
import { m } from '$messages';

/** What the table of rates can name. */
export const acts: readonly Exclude<GrantAct, 'starter' | 'opening'>[] = ['hour', 'shift', 'lecture', 'donation', 'cleaning', 'patrol', 'visit', 'repair'];

export function actWord(act: GrantAct): string {
  return {
    starter: m.fund_act_starter, hour: m.fund_act_hour, shift: m.fund_act_shift, lecture: m.fund_act_lecture, donation: m.fund_act_donation,
    cleaning: m.fund_act_cleaning, patrol: m.fund_act_patrol, visit: m.fund_act_visit, repair: m.fund_act_repair, opening: m.fund_act_opening,
  }[act]();
}
