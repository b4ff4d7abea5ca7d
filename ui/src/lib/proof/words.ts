import type { Flaw, Paper, Vouched } from '$backend';
import { m } from '$messages';
import { capacityWord, nameOf, nameOrYou } from '$shared/words';

/** "401 李伯答应了". */
export function paperWords(paper: Paper, me: string | null | undefined): string {
  const who = paper.by ? nameOrYou(paper.by, me) : m.shared_somebody();
  return m.proof_said({ who, says: saysWord(paper) });
}

function saysWord(paper: Paper): string {
  switch (paper.says) {
    case 'transfer': return m.proof_says_transfer({ n: paper.points ?? 0 });
    case 'answer': return m.proof_says_answer();
    case 'agree': return m.proof_says_agree();
    case 'call-off': return m.proof_says_call_off();
    case 'order': return m.proof_says_order();
    case 'pick-up': return m.proof_says_pick_up();
    case 'hand-over': return m.proof_says_hand_over();
    case 'return': return m.proof_says_return();
    case 'done': return m.proof_says_done();
    case 'accept': return m.proof_says_accept();
    case 'decline': return m.proof_says_decline();
    case 'stamp': return m.proof_says_stamp();
    case 'certify': return m.proof_says_certify();
    case 'open': return m.proof_says_open();
    case 'link': return m.proof_says_link();
    case 'epoch': return m.proof_says_epoch();
    case 'vote': return m.proof_says_vote();
    case 'decide': return m.proof_says_decide();
    case 'reclaim': return m.proof_says_reclaim();
    case 'cite': return m.proof_says_cite();
    case 'stand': return m.proof_says_stand();
    case 'cut': return m.proof_says_cut();
    case 'sheet': return m.proof_says_sheet();
    case 'back': return m.proof_says_back();
    case 'object': return m.proof_says_object();
    case 'vouch': return vouchedWord(paper.vouches);
    case 'grant': return m.fund_proof_grant();
    case 'grant-list': return m.fund_proof_list();
    case 'second': return m.fund_proof_second();
    case 'unlist': return m.fund_proof_unlist();
    case 'say': return m.proof_says_say({ n: paper.points ?? 0 });
    case 'rule': return m.proof_says_rule({ n: paper.points ?? 0 });
    case 'extend': return m.loan_proof_extend();
    case 'keep-day': return m.loan_proof_keep();
    case 'book': return m.activity_proof_book();
    case 'cancel-booking': return m.activity_proof_cancel();
    case 'give-place': return m.activity_proof_place();
    case 'free-place': return m.activity_proof_free();
    case 'attend': return m.activity_proof_attend();
    case 'contest': return m.activity_proof_contest();
    case 'recurring': return m.recurring_proof();
    case 'slip': return m.slip_proof_enter();
    case 'disown': return m.slip_proof_disown();
    case 'assist': return m.slip_proof_assist();
    case 'keep': return m.card_proof_keep();
    case 'succeed': return m.phones_proof_succeed();
    case 'inherit': return m.phones_proof_inherit();
    case 'other': return m.proof_says_other();
  }
}

/** "确认 502 梁护士是医护". */
function vouchedWord(vouched: Vouched | null | undefined): string {
  if (!vouched) return m.proof_says_other();
  const say = { for: m.proof_says_vouch, against: m.proof_says_vouch_against, silent: m.proof_says_vouch_silent }[vouched.opinion];
  return say({ name: nameOf(vouched.person), capacity: capacityWord(vouched.capacity) });
}

export function flawWord(flaw: Flaw): string {
  return {
    signature: m.proof_flaw_signature, hash: m.proof_flaw_hash, chain: m.proof_flaw_chain, signer: m.proof_flaw_signer, fork: m.proof_flaw_fork,
  }[flaw]();
}

/** A hash in groups of four, as people compare it: at most `groups` of them. */
export function grouped(hex: string, groups = 16): string {
  return (hex.slice(0, groups * 4).match(/.{1,4}/g) ?? []).join(' ');
}
