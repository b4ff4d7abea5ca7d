/** The table's closed words in a neighbour's language. Screens say these, never a code and never the table's own sentences. */
import type { Audience, Capacity, Deal, Hand, Kind, Listing, ListingStage, Mode, Person, Reason, Refusal, ReviewNote, Role, Side, Step, Task } from '$backend';
import { m } from '$messages';
import { dateShort } from './time';
import { getLocale } from '../../paraglide/runtime.js';

/** "502 陈姨"; while the name has not arrived, "一位街坊"; "502 陈姨（已搬走）" of who is not here; "丽景物业 · 小陈" of who of an organisation did it. */
export function nameOf(person: Person): string {
  // Of whom nothing is here, or nothing is left, no colleague is told either.
  return person.hand && person.name ? m.staff_of({ name: memberName(person), hand: handName(person.hand) }) : memberName(person);
}

/** Who of an organisation it was; who was never named is a colleague. */
export function handName(hand: Hand): string {
  return hand.name || m.staff_colleague();
}

/** The member alone, whoever of an organisation it was: points are given to all of it. */
export function memberName(person: Person): string {
  const stay = person.stay ?? 'here';
  // Who has erased what they said has no name any more, and the name that is given says why.
  if (stay === 'left' && !person.name) return m.life_somebody_left();
  const name = [person.block, person.name || m.shared_somebody()].filter(Boolean).join(' ');
  if (stay === 'here') return name;
  return { away: m.life_stay_away, left: m.life_stay_left, deceased: m.life_stay_deceased }[stay]({ name });
}

/** The same, or 你 for oneself; in one's own organisation the colleague alone. */
export function nameOrYou(person: Person, me: string | null | undefined): string {
  if (person.member !== me) return nameOf(person);
  return person.hand ? handName(person.hand) : m.shared_you();
}

/** Whether they live here still, be it that they are away for a while. */
export function livesHere({ stay }: Person): boolean {
  return stay !== 'left' && stay !== 'deceased';
}

/** Whose listing it is, where one's own are told apart from others'. */
export function ownerName(listing: Listing): string {
  return listing.mine && !listing.owner.hand ? m.listing_by_you({ name: nameOf(listing.owner) }) : nameOf(listing.owner);
}

/** Who answered a review: of an organisation whoever began the reply, with those who have put it otherwise since. */
export function replierOf(review: ReviewNote): Person {
  const hands = review.reply?.hands ?? [];
  const [first] = hands;
  return first ? { ...review.about, hand: { ...first, name: hands.map(handName).join(m.shared_and()) } } : review.about;
}

export const sides: readonly Side[] = ['offer', 'need'];

export const kinds: readonly Kind[] = ['item', 'knowledge', 'skill', 'time', 'space', 'medical'];

export function kindWord(kind: Kind): string {
  return { item: m.kind_item, knowledge: m.kind_knowledge, skill: m.kind_skill, time: m.kind_time, space: m.kind_space, medical: m.kind_medical }[kind]();
}

/** Tells whether it is a thing, which changes hands in one of the modes. */
export function isThing(kind: Kind | null | undefined): boolean {
  return kind === 'item' || kind === 'medical';
}

/** Tells whether an offer of this kind can count its places. */
export function hasPlaces(kind: Kind | null | undefined): boolean {
  return kind === 'skill' || kind === 'knowledge' || kind === 'time';
}

/** "还有 2 个名额". */
export function placesWord(left: number): string {
  return left === 0 ? m.places_full() : m.places_left({ n: left });
}

export const modes: readonly Mode[] = ['share', 'donate', 'swap', 'charity-sale'];

export function modeWord(mode: Mode): string {
  return { share: m.mode_share, donate: m.mode_donate, swap: m.mode_swap, 'charity-sale': m.mode_charity_sale }[mode]();
}

export const tasks: readonly Task[] = ['child-care', 'after-school', 'home-help', 'elder-help', 'visiting', 'events', 'other'];

export function taskWord(task: Task): string {
  return {
    'child-care': m.task_child_care, 'after-school': m.task_after_school, 'home-help': m.task_home_help, 'elder-help': m.task_elder_help,
    visiting: m.task_visiting, events: m.task_events, other: m.task_other,
  }[task]();
}

export const roles: readonly Role[] = ['reviewer', 'organiser', 'volunteer', 'mediator', 'treasurer', 'answerer'];

export function roleWord(role: Role): string {
  return {
    reviewer: m.role_reviewer, organiser: m.role_organiser, volunteer: m.role_volunteer,
    mediator: m.role_mediator, treasurer: m.role_treasurer, answerer: m.role_answerer,
  }[role]();
}

export const capacities = ['medical', 'social-worker', 'official', 'security', 'guardian'] as const satisfies readonly Capacity[];

/** The fields in which somebody can be vouched for as an expert. */
export const expertises: readonly Exclude<Capacity, (typeof capacities)[number]>[] = [
  'expert-repairs', 'expert-building', 'expert-law', 'expert-accounts', 'expert-teaching', 'expert-computers', 'expert-plants', 'expert-arts',
];

export function capacityWord(capacity: Capacity): string {
  return {
    medical: m.capacity_medical, 'social-worker': m.capacity_social_worker, official: m.capacity_official,
    security: m.capacity_security, guardian: m.capacity_guardian,
    'expert-repairs': m.capacity_expert_repairs, 'expert-building': m.capacity_expert_building, 'expert-law': m.capacity_expert_law,
    'expert-accounts': m.capacity_expert_accounts, 'expert-teaching': m.capacity_expert_teaching,
    'expert-computers': m.capacity_expert_computers, 'expert-plants': m.capacity_expert_plants, 'expert-arts': m.capacity_expert_arts,
  }[capacity]();
}

/** What can be done with a listing now, and its tone. */
export function listingState(listing: Listing): { tone: 'done' | 'wait' | 'off'; word: string } {
  const { stage, side, loan } = listing;
  const words: Record<ListingStage, () => string> = {
    open: side === 'need' ? m.listing_wanted : loan ? m.listing_to_borrow : m.listing_to_have,
    answered: side === 'need' ? m.listing_need_answered : m.listing_offer_answered,
    agreed: loan ? m.listing_lent : m.listing_agreed,
    done: m.listing_done,
    closed: m.listing_closed,
  };
  const tone = stage === 'open' ? 'done' : stage === 'closed' || stage === 'done' ? 'off' : 'wait';
  return { tone, word: words[stage]() };
}

/** For whom a listing is that is not for the whole building. */
export function audienceWord(audience: Audience): string {
  return audience.name ? m.audience_for({ place: audience.name }) : m.audience_gone();
}

/** The one fact under a listing's name: what it costs or brings. */
export function thanksWord(points: number | null | undefined): string {
  if (points === null || points === undefined) return m.thanks_open();
  return points === 0 ? m.thanks_none() : m.thanks_points({ n: points });
}

/** The step on a deal's one button, as a plain verb. */
export function stepVerb(deal: Deal, me: string | null | undefined): string | undefined {
  const gives = deal.giver.member === me;
  const verbs: Record<Step, () => string> = {
    agree: m.step_agree,
    'hand-over': gives ? m.step_hand_over_give : m.step_hand_over_take,
    return: gives ? m.step_return_back : m.step_return_bring,
    done: gives ? m.step_done_give : m.step_done_take,
    review: m.step_review,
    figure: m.step_figure,
    settle: m.step_settle,
    extend: m.step_extend,
  };
  return deal.my_step ? verbs[deal.my_step]() : undefined;
}

/** Who waits for whom. */
export function waitingWords(deal: Deal, me: string | null | undefined): string {
  const other = nameOf(deal.giver.member === me ? deal.receiver : deal.giver);
  const party = deal.giver.member === me || deal.receiver.member === me;
  if (deal.my_step === 'figure') return party ? m.wait_you_figure({ name: other }) : m.wait_you_mediate();
  if (deal.my_step === 'settle') return m.wait_you_settle();
  if (deal.dispute && typeof deal.dispute.figure !== 'number') return m.wait_figure();
  switch (deal.stage) {
    case 'called-off': return m.deal_called_off();
    case 'lost': return m.deal_lost();
    case 'done': return deal.my_step === 'review' ? m.deal_done_review({ name: other }) : m.deal_done();
    default:
  }
  if (deal.for_place && party) return deal.owner.member === me ? m.wait_place_yours({ name: nameOf(deal.answerer) }) : m.wait_place({ name: nameOf(deal.owner) });
  if (deal.line && !party) return m.wait_for_agree({ name: nameOf(deal.owner) });
  if (deal.line && deal.answerer.member === me && deal.line.ahead > 0) return m.loan_wait_line({ n: deal.line.ahead });
  if (deal.line && deal.answerer.member === me && deal.line.about_at) return m.loan_wait_first();
  if (deal.behind && party) return m.loan_wait_next({ name: nameOf(deal.behind.who) });
  if (deal.my_step) {
    const gives = deal.giver.member === me;
    const said = gives ? deal.receiver_confirmed : deal.giver_confirmed;
    switch (deal.my_step) {
      case 'agree': return deal.side === 'need' ? m.wait_you_agree_help({ name: nameOf(deal.answerer) }) : m.wait_you_agree_want({ name: nameOf(deal.answerer) });
      case 'hand-over': return said ? m.wait_you_handed({ name: other }) : gives ? m.wait_you_give({ name: other }) : m.wait_you_fetch({ name: other });
      case 'return': return said ? m.wait_you_returned({ name: other }) : gives ? m.wait_you_get_back({ name: other }) : m.wait_you_bring_back({ name: other });
      case 'extend': return deal.asked_until ? m.loan_asks({ name: other, day: dateShort(deal.asked_until, deal.changed_at) }) : m.loan_wait_extend({ name: other });
      case 'done': return said ? m.wait_you_confirm({ name: other }) : gives ? m.wait_you_help({ name: other }) : m.wait_you_helped({ name: other });
      default:
    }
  }
  const names = deal.waits_for.map((one) => nameOrYou(one, me)).join(m.shared_and());
  if (deal.stage === 'answered') return m.wait_for_agree({ name: names });
  return deal.stage === 'on-loan' ? m.wait_for_return({ name: names }) : m.wait_for_confirm({ name: names });
}

/** Why two listings fit. */
export function reasonsWord(reasons: readonly Reason[]): string {
  return reasons.map(reasonWord).join(m.shared_dot());
}

function reasonWord(reason: Reason): string {
  switch (reason.reason) {
    case 'same-words': return m.reason_same_words({ words: reason.words.join(m.shared_and()) });
    case 'same-thing': return m.reason_same_thing({ need: reason.need_word, offer: reason.offer_word });
    case 'same-kind': return m.reason_same_kind({ kind: kindWord(reason.kind) });
    case 'same-block': return m.reason_same_block();
    case 'same-zone': return m.reason_same_zone();
    case 'same-time': return m.reason_same_time({ time: reason.time });
    case 'like-sense': return m.reason_like_sense();
  }
}

/** What an answer's error says here: the device's own sentence in its language, ours in others. */
export function errorWords(error: Refusal): { sentence: string; hint: string } {
  if (error.code === 'lost') return { sentence: m.error_lost(), hint: m.error_lost_hint() };
  if (error.code === 'closed') return { sentence: m.error_closed(), hint: m.error_closed_hint() };
  if (error.code === 'unreadable') return { sentence: m.error_unreadable(), hint: m.error_unreadable_hint() };
  if (getLocale() === 'zh-Hans' && error.sentence) return { sentence: error.sentence, hint: error.hint ?? m.error_nothing_lost() };
  return { sentence: errorSentences[error.code](), hint: m.error_nothing_lost() };
}

const errorSentences: Record<import('$backend').Code, () => string> = {
  'text-empty': m.error_text_empty,
  'text-too-long': m.error_text_too_long,
  'text-unprintable': m.error_text_unprintable,
  'out-of-range': m.error_out_of_range,
  'mode-mismatch': m.error_mode_mismatch,
  'task-mismatch': m.error_task_mismatch,
  'arrangement-unknown': m.error_arrangement_unknown,
  'arrangement-stage': m.error_arrangement_stage,
  'own-proposal': m.error_own_proposal,
  'words-missing': m.error_words_missing,
  'other-side': m.error_other_side,
  'day-ahead': m.error_day_ahead,
  'no-days': m.error_no_days,
  'arrangements-full': m.error_arrangements_full,
  'pass-unknown': m.error_pass_unknown,
  'pass-over': m.error_pass_over,
  'kind-missing': m.error_kind_missing,
  'listing-unknown': m.error_listing_unknown,
  'listing-not-yours': m.error_listing_not_yours,
  'listing-closed': m.error_listing_closed,
  'own-listing': m.error_own_listing,
  'check-missing': m.error_check_missing,
  'not-medical': m.error_not_medical,
  'already-answered': m.error_already_answered,
  'listing-taken': m.error_listing_taken,
  'places-full': m.error_places_full,
  'places-mismatch': m.error_places_mismatch,
  'due-mismatch': m.error_due_mismatch,
  'direction-mismatch': m.error_direction_mismatch,
  'deal-unknown': m.error_deal_unknown,
  'not-a-party': m.error_not_a_party,
  'not-your-step': m.error_not_your_step,
  'wrong-stage': m.error_wrong_stage,
  'already-confirmed': m.error_already_confirmed,
  'still-out': m.error_still_out,
  'day-outside': m.error_day_outside,
  'not-later': m.error_not_later,
  'no-later-day': m.error_no_later_day,
  'beyond-rights': m.error_beyond_rights,
  'beyond-quota': m.error_beyond_quota,
  'transfer-malformed': m.error_transfer_malformed,
  'payee-unknown': m.error_payee_unknown,
  'member-unknown': m.error_member_unknown,
  'role-missing': m.error_role_missing,
  'request-unknown': m.error_request_unknown,
  'already-member': m.error_already_member,
  'invite-unknown': m.error_invite_unknown,
  'invite-expired': m.error_invite_expired,
  'invite-withdrawn': m.error_invite_withdrawn,
  'inbox-full': m.error_inbox_full,
  'not-yet-member': m.error_not_yet_member,
  'device-unknown': m.error_device_unknown,
  'sheet-mistyped': m.error_sheet_mistyped,
  'sheet-unknown': m.error_sheet_unknown,
  'sheet-spent': m.error_sheet_spent,
  'approval-unknown': m.error_approval_unknown,
  'not-finished': m.error_not_finished,
  'not-standing': m.error_not_standing,
  'seat-missing': m.error_seat_missing,
  'no-council': m.error_no_council,
  'draft-unknown': m.error_draft_unknown,
  'details-unknown': m.error_details_unknown,
  'nobody-to-hear': m.error_nobody_to_hear,
  'complaint-unknown': m.error_complaint_unknown,
  'refounding-unknown': m.error_refounding_unknown,
  'followed-twice': m.error_followed_twice,
  'cutoff-too-low': m.error_cutoff_too_low,
  'reviewer-missing': m.error_reviewer_missing,
  'seats-malformed': m.error_seats_malformed,
  'seat-sheet-unknown': m.error_seat_sheet_unknown,
  'too-young': m.error_too_young,
  'asked-enough': m.error_asked_enough,
  'question-unknown': m.error_question_unknown,
  'still-open': m.error_still_open,
  'seat-held': m.error_seat_held,
  'last-reviewer': m.error_last_reviewer,
  'has-left': m.error_has_left,
  'is-away': m.error_is_away,
  'you-left': m.error_you_left,
  'not-leaving': m.error_not_leaving,
  'mark-unknown': m.error_mark_unknown,
  'place-unknown': m.error_place_unknown,
  'place-twice': m.error_place_twice,
  'place-empty': m.error_place_empty,
  'map-too-large': m.error_map_too_large,
  'not-addressed': m.error_not_addressed,
  'no-place-asked': m.error_no_place_asked,
  'other-building': m.error_other_building,
  'not-for-this-device': m.error_not_for_this_device,
  'shown-false': m.error_shown_false,
  'shown-too-long': m.error_shown_too_long,
  'matter-unknown': m.error_matter_unknown,
  'own-matter': m.error_own_matter,
  'matter-closed': m.error_matter_closed,
  'matters-full': m.error_matters_full,
  'not-answerer': m.error_not_answerer,
  'already-taken-up': m.error_already_taken_up,
  'said-enough': m.error_said_enough,
  'not-an-organisation': m.error_not_an_organisation,
  'staff-full': m.error_staff_full,
  'off-rate': m.error_off_rate,
  'second-needed': m.error_second_needed,
  'budget-spent': m.error_budget_spent,
  'nothing-left': m.error_nothing_left,
  'granted-already': m.error_granted_already,
  'not-a-person': m.error_not_a_person,
  'list-unknown': m.error_list_unknown,
  'not-impartial': m.error_not_impartial,
  'no-fund': m.error_no_fund,
  'budget-reduced': m.error_budget_reduced,
  'in-dispute': m.error_in_dispute,
  'not-in-dispute': m.error_not_in_dispute,
  'own-deal': m.error_own_deal,
  'nothing-owed': m.error_nothing_owed,
  'corrected-enough': m.error_corrected_enough,
  'activity-unknown': m.error_activity_unknown,
  'own-activity': m.error_own_activity,
  'activity-closed': m.error_activity_closed,
  'already-booked': m.error_already_booked,
  'not-booked': m.error_not_booked,
  'already-paid': m.error_already_paid,
  'activities-full': m.error_activities_full,
  'slip-mistyped': m.error_slip_mistyped,
  'slip-elsewhere': m.error_slip_elsewhere,
  'slip-unknown': m.error_slip_unknown,
  'slip-entered': m.error_slip_entered,
  'slip-paid': m.error_slip_paid,
  'slip-disowned': m.error_slip_disowned,
  'slip-taken-back': m.error_slip_taken_back,
  'slip-not-yours': m.error_slip_not_yours,
  'not-the-desk': m.error_not_the_desk,
  'card-mistyped': m.error_card_mistyped,
  'card-unknown': m.error_card_unknown,
  'card-pin-wrong': m.error_card_pin_wrong,
  'card-pin-too-soon': m.error_card_pin_too_soon,
  'cards-full': m.error_cards_full,
  'not-a-shop': m.error_not_a_shop,
  'good-unknown': m.error_good_unknown,
  'good-over': m.error_good_over,
  'form-mismatch': m.error_form_mismatch,
  'category-unknown': m.error_category_unknown,
  'slot-length': m.error_slot_length,
  'slot-past': m.error_slot_past,
  'slot-taken': m.error_slot_taken,
  'not-a-space': m.error_not_a_space,
  'slot-unknown': m.error_slot_unknown,
  'slot-over': m.error_slot_over,
  'slots-full': m.error_slots_full,
  'group-unknown': m.error_group_unknown,
  'own-group': m.error_own_group,
  'not-in-group': m.error_not_in_group,
  'resource-unknown': m.error_resource_unknown,
  'not-named': m.error_not_named,
  'owner-stands': m.error_owner_stands,
  'not-kept': m.error_not_kept,
  'too-many': m.error_too_many,
  'not-acquainted': m.error_not_acquainted,
  'sold-out': m.error_sold_out,
  'cap-reached': m.error_cap_reached,
  'own-good': m.error_own_good,
  'aside-mismatch': m.error_aside_mismatch,
  'says-too-much': m.error_says_too_much,
  'not-a-proxy': m.error_not_a_proxy,
  'not-reviewed': m.error_not_reviewed,
  blocked: m.error_blocked,
  'thread-unknown': m.error_thread_unknown,
  'nothing-shown': m.error_nothing_shown,
  'picture-unfit': m.error_picture_unfit,
  'introduction-unknown': m.error_introduction_unknown,
  'not-an-introducer': m.error_not_an_introducer,
  'drive-unknown': m.error_drive_unknown,
  'drive-over': m.error_drive_over,
  'own-drive': m.error_own_drive,
  'care-full': m.error_care_full,
  'goods-full': m.error_goods_full,
  'till-gone': m.error_till_gone,
  'order-unknown': m.error_order_unknown,
  'order-over': m.error_order_over,
  'other-till': m.error_other_till,
  'pick-up-code-wrong': m.error_pick_up_code_wrong,
  'no-building': m.error_no_building,
  'already-home': m.error_already_home,
  'not-saved': m.error_not_saved,
  'bad-arguments': m.error_bad_arguments,
  'unknown-name': m.error_unknown_name,
  'not-reachable': m.error_not_reachable,
  'store-unusable': m.error_store_unusable,
  'no-session': m.error_no_session,
  'foreign-page': m.error_foreign_page,
  'home-unknown': m.error_home_unknown,
  'home-untold': m.error_home_untold,
  'homes-full': m.error_homes_full,
  'unreadable-file': m.error_unreadable_file,
  'columns-unknown': m.error_columns_unknown,
  'unreadable-code': m.error_unreadable_code,
  locked: m.error_locked,
  'pin-wrong': m.error_pin_wrong,
  'pin-too-soon': m.error_pin_too_soon,
  'pin-weak': m.error_pin_weak,
  'lock-needs-sheet': m.error_lock_needs_sheet,
};
