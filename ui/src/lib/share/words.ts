import type { Deal, Listing, MemberRow } from '$backend';
import { m } from '$messages';
import { dateShort } from '$shared/time';
import { isThing, listingState, modeWord, thanksWord } from '$shared/words';

export interface State {
  tone: 'done' | 'wait' | 'off';
  word: string;
}

const DAY_MS = 86_400_000;

/** What can be done with a listing now; of a lent thing also until when, as the deal that holds it says. */
export function stateOf(listing: Listing, holds: Deal | undefined, now: number): State {
  if (listing.stage === 'agreed' && holds?.stage === 'on-loan' && holds.due_at) {
    const late = Math.floor((now - holds.due_at) / DAY_MS);
    // That it is late is between the two.
    if (late >= 1 && !(listing.mine || holds.my_step)) return listingState(listing);
    if (late >= 1) return { tone: 'wait', word: m.share_late({ n: late }) };
    return { tone: 'wait', word: m.share_lent_until({ day: dateShort(holds.due_at, now) }) };
  }
  if (listing.stage === 'agreed' && listing.loan) return { tone: 'wait', word: m.share_reserved() };
  if (listing.check_due && (listing.stage === 'open' || listing.stage === 'answered')) return { tone: 'wait', word: m.share_check_due() };
  if (listing.stage === 'open' && listing.side === 'offer' && isThing(listing.kind) && !listing.loan) return { tone: 'done', word: m.share_there() };
  if (listing.stage === 'open' && listing.side === 'offer' && listing.kind === 'space') return { tone: 'done', word: m.share_free() };
  return listingState(listing);
}

/** The one fact of a card: how it changes hands if not lent, and what it costs or brings. */
export function factOf(listing: Listing): string {
  const mode = listing.mode && !listing.loan ? [modeWord(listing.mode)] : [];
  return [...mode, thanksWord(listing.points)].join(m.shared_dot());
}

/** What signed facts say of somebody, shortly; nothing of whoever has done nothing yet. */
export function recordWords(record: MemberRow['record'] | undefined): string | undefined {
  if (!record) return undefined;
  const parts = [
    record.given > 0 ? m.share_record_given({ n: record.given }) : undefined,
    record.loans_returned > 0 ? m.share_record_returned({ n: record.loans_returned }) : undefined,
    record.stars ? m.share_record_stars({ stars: record.stars.toFixed(1) }) : undefined,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(m.shared_dot()) : undefined;
}

/** The main act on somebody else's listing. */
export function answerVerb(listing: Listing): string {
  if (listing.side === 'need') return m.share_do_help();
  if (listing.loan) return listing.stage === 'agreed' ? m.loan_do_line() : m.share_do_borrow();
  if (isThing(listing.kind)) return listing.mode === 'swap' ? m.share_do_swap() : m.share_do_want();
  if (listing.kind === 'space') return m.share_do_use();
  return listing.kind === 'knowledge' ? m.share_do_learn() : m.share_do_ask();
}
