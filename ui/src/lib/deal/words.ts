/** What a deal's page says: who helps whom, the steps so far, the one next step. */
import type { Condition, Deal, DealDetail, ListingDetail, Person, Voucher } from '$backend';
import { m } from '$messages';
import { dateShort } from '$shared/time';
import { isThing, memberName, nameOf, nameOrYou } from '$shared/words';
import { getLocale } from '../../paraglide/runtime.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type Me = string | null | undefined;

/** "你", "你" at the beginning of a sentence, or the name. */
function who(person: Person, me: Me, first = true): string {
  if (person.member !== me || person.hand) return nameOrYou(person, me);
  return first ? m.deal_you_first() : m.deal_you_lower();
}

/** The one across, seen by a party; the owner for others. */
export function across(deal: Deal, me: Me): Person {
  return deal.giver.member === me ? deal.receiver : deal.giver;
}

export function isParty(deal: Deal, me: Me): boolean {
  return deal.giver.member === me || deal.receiver.member === me;
}

/** "401 李伯帮 604 小马". */
export function subject(deal: Deal, me: Me, listing?: ListingDetail): string {
  const names = { giver: who(deal.giver, me), receiver: who(deal.receiver, me, false) };
  if (deal.loan) return m.deal_subject_lend(names);
  return isThing(listing?.listing.kind) ? m.deal_subject_gift(names) : m.deal_subject_help(names);
}

/** Whether its listing has gone to another deal while this answer still waits. */
export function isTaken(deal: Deal, listing: ListingDetail | undefined): boolean {
  // For what is lent one stands in line.
  if (deal.stage !== 'answered' || !listing || deal.line) return false;
  const { stage, deal: holder } = listing.listing;
  return (stage === 'agreed' || stage === 'done') && holder !== deal.id && holder !== null && holder !== undefined;
}

/** The words in the square of who has not sealed yet: a square is small, a long name would not fit. */
export function sealWords(waiting: Person, me: Me): string {
  if (waiting.member === me) return m.deal_seal_you();
  const most = getLocale() === 'en' ? 9 : 3;
  return waiting.name && [...waiting.name].length <= most ? m.deal_seal_other({ name: waiting.name }) : m.deal_seal_they();
}

/** One step of 经过. */
export interface HistoryStep {
  id: string;
  by: Person;
  words: string;
  at: number;
}

function voucherWords(deal: Deal, voucher: Voucher, by: Person, me: Me): string {
  const name = { who: who(by, me) };
  const gives = by.member === deal.giver.member;
  switch (voucher.what) {
    case 'answer': return deal.side === 'need' ? m.deal_step_answer_help(name) : deal.loan ? m.deal_step_answer_borrow(name) : m.deal_step_answer_want(name);
    case 'agree': return m.deal_step_agree(name);
    case 'call-off': return m.deal_step_call_off(name);
    case 'hand-over': return gives ? m.deal_step_hand_give(name) : m.deal_step_hand_take(name);
    case 'return': return gives ? m.deal_step_return_back(name) : m.deal_step_return_bring(name);
    case 'extend': return (gives ? m.loan_step_extend_yes : m.loan_step_extend_ask)({ ...name, day: dayOf(voucher) });
    case 'keep-day': return m.loan_step_keep({ ...name, day: dayOf(voucher) });
    case 'done': return gives ? m.deal_step_done_give(name) : m.deal_step_done_take(name);
    case 'say': return m.dispute_step_say({ ...name, n: voucher.points ?? 0 });
    case 'rule': return m.dispute_step_rule({ ...name, n: voucher.points ?? 0 });
  }
}

function dayOf(voucher: Voucher): string {
  return dateShort(voucher.day ?? voucher.at, voucher.at);
}

/** How a lent thing came back. */
export function conditionWord(condition: Condition): string {
  return { good: m.loan_good, worn: m.loan_worn, damaged: m.loan_damaged }[condition]();
}

/** What a loan's state has to say beyond who waits for whom: about when one's turn comes, where the thing still is, who waits for it. */
export function loanWords(deal: Deal, me: Me, now: number): string | undefined {
  if (deal.line && deal.answerer.member === me) {
    if (!deal.line.about_at) return m.loan_asks_owner({ name: nameOf(deal.owner) });
    return deal.line.about_at <= now ? m.loan_soon() : m.loan_about({ day: dateShort(deal.line.about_at, now) });
  }
  if (deal.behind && deal.owner.member === me) return m.loan_behind_owner();
  if (deal.behind?.due_at) return m.loan_behind_due({ day: dateShort(deal.behind.due_at, now) });
  if (deal.my_step === 'extend') return deal.in_line ? m.loan_asks_line({ n: deal.in_line }) : m.loan_asks_none();
  return undefined;
}

/** Everything signed about a deal, in the order of the steps; what was written at first stands before it. */
export function history(detail: DealDetail, me: Me, listing?: ListingDetail): HistoryStep[] {
  const { deal } = detail;
  const steps: HistoryStep[] = [];
  if (listing) {
    const words = deal.side === 'need' ? m.deal_step_need : m.deal_step_offer;
    steps.push({ id: listing.listing.id, by: deal.owner, words: words({ who: who(listing.listing.owner, me) }), at: listing.listing.posted_at });
  }
  // Both confirm a step each for themselves: who claims to have been first stands first.
  const vouchers = [...detail.vouchers];
  for (let i = 1; i < vouchers.length; i++) {
    const [one, two] = [vouchers[i - 1], vouchers[i]];
    if (one && two && one.what === two.what && two.at < one.at) vouchers.splice(i - 1, 2, two, one);
  }
  for (const voucher of vouchers) {
    const by = voucher.by ?? { member: voucher.entry.slice(0, 32), name: '', block: '' };
    let words = voucherWords(deal, voucher, by, me);
    if (voucher.condition) words = m.loan_step_how({ step: words, how: conditionWord(voucher.condition) });
    const late = voucher.day && (voucher.what === 'hand-over' || voucher.what === 'return');
    if (late) words = m.loan_step_late({ step: words, day: dayOf(voucher) });
    steps.push({ id: voucher.entry, by, words, at: voucher.at });
  }
  for (const line of detail.payments) {
    const back = line.direction === 'in';
    const by = back ? deal.giver : { ...deal.receiver, hand: line.hand ?? null };
    const words = back ? m.dispute_step_back : line.corrects ? m.dispute_step_paid : m.deal_step_paid;
    steps.push({ id: line.entry, by, words: words({ who: who(by, me), n: line.points }), at: line.at });
  }
  return steps;
}

/** The one next step on the filled button, as a plain verb; where it pays, it says so. */
export function doVerb(deal: Deal, me: Me): string | undefined {
  const gives = deal.giver.member === me;
  const points = toPay(deal);
  const thanks = { name: memberName(across(deal, me)), n: points };
  switch (deal.my_step) {
    case 'agree': return m.deal_do_agree({ name: nameOf(deal.answerer) });
    case 'hand-over':
      if (gives && deal.behind) return m.loan_do_straight({ from: nameOf(deal.behind.who), to: nameOf(deal.receiver) });
      return gives ? m.deal_do_hand_give() : m.deal_do_hand_take();
    case 'extend': return m.step_extend();
    case 'return': return gives ? m.deal_do_return_back() : points > 0 ? m.deal_do_return_thank(thanks) : m.deal_do_return_bring();
    case 'done': return gives ? m.deal_do_done_give() : points > 0 ? m.deal_do_done_thank(thanks) : m.deal_do_done_take();
    case 'review': return m.deal_do_review();
    case 'figure': return isParty(deal, me) ? m.step_figure() : m.dispute_rule();
    case 'settle': return (gives ? m.dispute_back : m.dispute_pay)({ n: deal.dispute?.owed ?? 0 });
    default: return undefined;
  }
}

/** What the receiver's next step pays: what the two agree on, and nothing while they differ. */
export function toPay(deal: Deal): number {
  return deal.dispute ? (deal.dispute.figure ?? 0) : deal.points;
}

/** Whether the two say different numbers of points and nobody has settled it. */
export function differ(deal: Deal): boolean {
  return !!deal.dispute && typeof deal.dispute.figure !== 'number';
}

/** What was paid for it so far, less what went back. */
export function paidFor(detail: DealDetail): number {
  const counted = detail.payments.filter((line) => line.state === 'accepted' || line.state === 'stamped');
  return counted.reduce((sum, line) => sum + (line.direction === 'in' ? -line.points : line.points), 0);
}

/** Whether one's next step is also the payment. */
export function pays(deal: Deal, me: Me): boolean {
  return deal.receiver.member === me && toPay(deal) > 0 && (deal.my_step === 'return' || deal.my_step === 'done');
}

/** Whether one can still leave it: nothing that counts was confirmed by oneself. */
export function canLeave(deal: Deal, me: Me): boolean {
  if (!isParty(deal, me)) return false;
  const confirmed = deal.giver.member === me ? deal.giver_confirmed : deal.receiver_confirmed;
  return deal.stage === 'answered' || (deal.stage === 'agreed' && !confirmed);
}

/** How long something is, in its largest unit that fits: "2 天". */
export function span(ms: number): string {
  const away = Math.abs(ms);
  if (away < HOUR_MS) return m.deal_late_minutes({ n: Math.max(1, Math.round(away / MINUTE_MS)) });
  if (away < DAY_MS) return m.deal_late_hours({ n: Math.round(away / HOUR_MS) });
  return m.deal_late_days({ n: Math.round(away / DAY_MS) });
}
