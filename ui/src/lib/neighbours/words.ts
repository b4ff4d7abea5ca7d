import type { Capacity, Claim, CreditRecord, Deal, MemberKind, RegisterSays, RegisterWrong, Role } from '$backend';
import { m } from '$messages';

/** What kind of member it is; nothing for a person, which goes without saying. */
export function kindOfMember(kind: MemberKind): string | undefined {
  const words: Record<MemberKind, (() => string) | undefined> = {
    person: undefined, desk: m.neighbours_kind_desk, organisation: m.neighbours_kind_organisation, 'property-firm': m.neighbours_kind_property_firm,
    shop: m.neighbours_kind_shop, company: m.neighbours_kind_company, 'committee-office': m.neighbours_kind_committee_office, donor: m.neighbours_kind_donor,
    'social-organisation': m.neighbours_kind_social, foundation: m.neighbours_kind_foundation,
  };
  return words[kind]?.();
}

/** What a figure of a credit record is counted from. */
export type Fact = 'given' | 'received' | 'lent' | 'returned' | 'in_time' | 'borrowed';

/** Whether a deal counts for a fact about a member. */
export function counts(fact: Fact, member: string, deal: Deal): boolean {
  const [gives, done] = [deal.giver.member === member, deal.stage === 'done'];
  switch (fact) {
    case 'given': return done && gives;
    case 'received': return done && !gives;
    case 'lent': return done && gives && deal.loan;
    case 'returned': return done && !gives && deal.loan;
    case 'in_time': return done && !gives && deal.returned_in_time === true;
    case 'borrowed': return deal.stage === 'on-loan' && !gives;
  }
}

export function factWord(fact: Fact): string {
  return {
    given: m.neighbours_fact_given, received: m.neighbours_fact_received, lent: m.neighbours_fact_lent,
    returned: m.neighbours_fact_returned, in_time: m.neighbours_fact_in_time, borrowed: m.neighbours_fact_out,
  }[fact]();
}

/** A record in one line: what was finished, and how others found it. */
export function recordLine(record: CreditRecord): string {
  const parts = record.completed === 0 ? [m.neighbours_new()] : [m.neighbours_completed({ n: record.completed })];
  if (typeof record.stars === 'number') parts.push(m.neighbours_stars({ stars: starsText(record.stars) }));
  return parts.join(m.shared_dot());
}

export function starsText(stars: number): string {
  return stars.toFixed(1).replace(/\.0$/, '');
}

/** What a holder of the role does. */
export function roleNote(role: Role): string {
  return {
    reviewer: m.neighbours_role_reviewer, organiser: m.neighbours_role_organiser, volunteer: m.neighbours_role_volunteer,
    mediator: m.neighbours_role_mediator, treasurer: m.neighbours_role_treasurer, answerer: m.neighbours_role_answerer,
  }[role]();
}

/** By which right somebody says that they live there. */
export function claimWord(claim: Claim): string {
  return { owner: m.claim_owner, authorised: m.claim_authorised, tenant: m.claim_tenant, family: m.claim_family }[claim]();
}

/** What a capacity is, and how many reviewers it takes. */
export function capacityNote(capacity: Capacity): string {
  return {
    'expert-repairs': m.neighbours_expert_repairs, 'expert-building': m.neighbours_expert_building, 'expert-law': m.neighbours_expert_law,
    'expert-accounts': m.neighbours_expert_accounts, 'expert-teaching': m.neighbours_expert_teaching,
    'expert-computers': m.neighbours_expert_computers, 'expert-plants': m.neighbours_expert_plants, 'expert-arts': m.neighbours_expert_arts,
    medical: m.neighbours_capacity_medical, 'social-worker': m.neighbours_capacity_social_worker, official: m.neighbours_capacity_official,
    security: m.neighbours_capacity_security, guardian: m.neighbours_capacity_guardian,
  }[capacity]();
}

/** What the register says, in the order in which a reviewer asks: the unit, the name, the phone. Good news is `done`. */
export function saysWords(says: RegisterSays): { tone: 'done' | 'wait'; word: string }[] {
  const unit = { one: m.neighbours_says_one, several: m.neighbours_says_several, none: m.neighbours_says_none }[says.unit]();
  const found = { tone: says.unit === 'one' ? ('done' as const) : ('wait' as const), word: unit };
  if (says.unit !== 'one') return [found];
  const name = {
    same: m.neighbours_says_name_same, similar: m.neighbours_says_name_similar,
    different: m.neighbours_says_name_different, unsaid: m.neighbours_says_name_unsaid,
  }[says.name]();
  const phone = {
    same: m.neighbours_says_phone_same, similar: m.neighbours_says_phone_similar,
    different: m.neighbours_says_phone_different, unsaid: m.neighbours_says_phone_unsaid,
  }[says.phone]();
  const tone = (likeness: RegisterSays['name']) => (likeness === 'same' ? ('done' as const) : ('wait' as const));
  return [found, { tone: tone(says.name), word: name }, { tone: tone(says.phone), word: phone }];
}

export function wrongWord(wrong: RegisterWrong): string {
  return {
    'no-unit': m.neighbours_wrong_no_unit, formula: m.neighbours_wrong_formula, date: m.neighbours_wrong_date, error: m.neighbours_wrong_error,
    'too-long': m.neighbours_wrong_too_long, unprintable: m.neighbours_wrong_unprintable, repeated: m.neighbours_wrong_repeated,
  }[wrong]();
}
