import type { CreditRecord, MemberKind, Role } from '$backend';
import { m } from '$messages';

/** What kind of member it is; nothing for a person, which goes without saying. */
export function kindOfMember(kind: MemberKind): string | undefined {
  return kind === 'desk' ? m.neighbours_kind_desk() : kind === 'organisation' ? m.neighbours_kind_organisation() : undefined;
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
