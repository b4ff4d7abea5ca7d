import type { DraftChange, Post } from '$backend';
import { m } from '$messages';
import { actWord } from '$shared/acts';
import { nameOf, roleWord } from '$shared/words';

export const posts: readonly Post[] = ['lead', 'party', 'residents', 'professionals', 'property', 'merchants'];

export function postWord(post: Post): string {
  return {
    lead: m.council_post_lead, party: m.council_post_party, residents: m.council_post_residents,
    professionals: m.council_post_professionals, property: m.council_post_property, merchants: m.council_post_merchants,
  }[post]();
}

/** One thing that a proposal would change, as a sentence. */
export function changeWords(change: DraftChange): string {
  const name = change.person ? nameOf(change.person) : m.shared_somebody();
  const post = change.post ? postWord(change.post) : '';
  const role = change.role ? roleWord(change.role) : '';
  const numbers = { before: change.before ?? 0, after: change.after ?? 0 };
  const [was, is] = [change.was ?? '', change.is ?? ''];
  switch (change.what) {
    case 'seated': return m.council_change_seated({ name, post });
    case 'unseated': return m.council_change_unseated({ name });
    case 'post-changed': return m.council_change_post({ name, post });
    case 'key-changed': return m.council_change_key({ name });
    case 'cut-off': return m.council_change_cut_off({ name });
    case 'leads-first': return m.council_change_first({ name });
    case 'role-given': return m.council_change_role_given({ name, role });
    case 'role-taken': return m.council_change_role_taken({ name, role });
    case 'witness-named': return m.council_change_witness_named({ name });
    case 'witness-left': return m.council_change_witness_left({ name });
    case 'points-per-hour': return m.council_change_hour(numbers);
    case 'credit-line': return m.council_change_credit(numbers);
    case 'quota': return m.council_change_quota(numbers);
    case 'fund-starter': return m.council_change_fund_starter(numbers);
    case 'fund-alone': return m.council_change_fund_alone(numbers);
    case 'fund-quota': return m.council_change_fund_quota(numbers);
    case 'fund-rate': return m.council_change_fund_rate({ what: change.act ? actWord(change.act) : '', ...numbers });
    case 'fund-budget': return m.council_change_fund_budget({ name, ...numbers });
    case 'place-added': return m.council_change_place_added({ is });
    case 'place-removed': return numbers.before > 0 ? m.council_change_place_removed_live({ was, n: numbers.before }) : m.council_change_place_removed({ was });
    case 'place-changed': return was === is ? m.council_change_place_kind({ was }) : m.council_change_place_changed({ was, is });
  }
}
