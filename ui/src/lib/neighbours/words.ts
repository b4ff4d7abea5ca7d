import type { CreditRecord, Deal, MemberKind, Role } from '$backend';
import { m } from '$messages';

export const roles: readonly Role[] = ['reviewer', 'organiser', 'volunteer', 'mediator', 'treasurer', 'answerer'];

/** What kind of member it is; nothing for a person, which goes without saying. */
export function kindOfMember(kind: MemberKind): string | undefined {
  return kind === 'desk' ? m.neighbours_kind_desk() : kind === 'organisation' ? m.neighbours_kind_organisation() : undefined;
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
