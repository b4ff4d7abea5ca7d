/** What slips of paper say on screens. */
import type { SlipRow } from '$backend';
import { m } from '$messages';
import { nameOf } from '$shared/words';
import { dayWord } from '$shared/time';

/** How many digits a slip's number has. */
export const SLIP_DIGITS = 15;
export const SLIPS_A_PAGE = 4;

/** Where it stands, and who waits for whom. */
export function slipState(row: SlipRow): string {
  const name = nameOf(row.payer);
  switch (row.state) {
    case 'waiting': return m.slip_state_waiting({ name });
    case 'paying': return m.slip_state_paying({ name: nameOf(row.payee) });
    case 'paid': return m.slip_state_paid();
    case 'disowned': return m.slip_state_disowned({ name });
    case 'taken-back': return m.slip_state_taken_back();
    case 'replaced': return m.slip_state_replaced();
  }
}

export function slipTone(row: SlipRow): 'done' | 'wait' | 'turn' | 'off' {
  return ({ waiting: 'wait', paying: 'wait', paid: 'done', disowned: 'turn', 'taken-back': 'off', replaced: 'off' } as const)[row.state];
}

/** "11月29日写的，小屋台机录的". */
export function slipNote(row: SlipRow): string {
  return m.slip_note({ day: dayWord(row.day), by: row.entered_by.map(nameOf).join(m.shared_and()) });
}

/** How many digits stand in what was typed, in full width or not. */
export function digitsIn(text: string): number {
  return text.match(/[0-9０-９]/g)?.length ?? 0;
}
