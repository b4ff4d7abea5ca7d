/** What the picture of the building's points says. */
import type { FlowNote, FlowTaker } from '$backend';
import { m } from '$messages';
import { actWord } from '$shared/acts';
import { held } from '$shared/time';
import { kindWord } from '$shared/words';

/** What points were given for: the kind of what was shared, the act that the fund thanks for. */
export function givenWord(note: FlowNote): string {
  switch (note.what) {
    case 'deal': return note.kind ? kindWord(note.kind) : m.flows_deal();
    case 'grant': return note.act ? m.flows_grant({ act: actWord(note.act) }) : m.fund_title();
    case 'gift': return m.flows_gift();
    case 'to-fund': return m.flows_to_fund();
    case 'activity': return m.activity_title();
    case 'goods': return m.shop_title();
    case 'slip': return m.slip_title();
    case 'other': return m.flows_other();
  }
}

export function takerWord(taker: FlowTaker): string {
  return { neighbours: m.flows_neighbours, fund: m.fund_title, organisations: m.flows_organisations }[taker]();
}

/** When the month began, where the person is. */
export function monthStart(now: number): number {
  const day = new Date(held(now));
  return new Date(day.getFullYear(), day.getMonth(), 1).getTime();
}
