import type { Charter, Council, DraftArgs, DraftChange, Held, Person, Post } from '$backend';

/** A council as it is put together: who sits, in the order in which they lead, who holds which role, and the numbers. */
export interface Plan {
  seats: { person: Person; post: Post }[];
  roles: Held[];
  charter: Charter;
}

/** How it is now. */
export function planOf(council: Council, roles: readonly Held[], charter: Charter): Plan {
  return { seats: council.seats.map(({ person, post }) => ({ person, post })), roles: [...roles], charter: { ...charter } };
}

/** How many signatures decide in a council of so many seats. */
export function majority(seats: number): number {
  return Math.floor(seats / 2) + 1;
}

/** What is otherwise in `next`, in the order in which the device tells it too. */
export function changesOf(now: Plan, next: Plan): DraftChange[] {
  const before = new Map(now.seats.map((seat) => [seat.person.member, seat]));
  const after = new Map(next.seats.map((seat) => [seat.person.member, seat]));
  const changes: DraftChange[] = [];
  for (const { person, post } of next.seats) {
    const sat = before.get(person.member);
    if (!sat) changes.push({ what: 'seated', person, post });
    else if (sat.post !== post) changes.push({ what: 'post-changed', person, post });
  }
  for (const { person } of now.seats) if (!after.has(person.member)) changes.push({ what: 'unseated', person });
  const first = next.seats[0];
  const both = (plan: Plan) => plan.seats.map((seat) => seat.person.member).filter((one) => before.has(one) && after.has(one)).join();
  if (first && (first.person.member !== now.seats[0]?.person.member || both(now) !== both(next))) changes.push({ what: 'leads-first', person: first.person });
  for (const held of now.roles) if (!holds(next.roles, held)) changes.push({ what: 'role-taken', ...held });
  for (const held of next.roles) if (!holds(now.roles, held)) changes.push({ what: 'role-given', ...held });
  const numbers = [['points-per-hour', 'points_per_hour'], ['credit-line', 'credit_line'], ['quota', 'quota']] as const;
  for (const [what, key] of numbers) {
    if (now.charter[key] !== next.charter[key]) changes.push({ what, before: now.charter[key], after: next.charter[key] });
  }
  return changes;
}

/** What is asked of the device: only what was touched, so that the rest stays as the council has it by then. */
export function argsOf(changes: readonly DraftChange[], { seats, roles, charter }: Plan): DraftArgs {
  const touches = (...kinds: DraftChange['what'][]) => changes.some(({ what }) => kinds.includes(what));
  return {
    ...(touches('seated', 'unseated', 'post-changed', 'leads-first') && { seats: seats.map(({ person, post }) => ({ member: person.member, post })) }),
    ...(touches('role-given', 'role-taken') && { roles: roles.map(({ person, role }) => ({ member: person.member, role })) }),
    ...(touches('points-per-hour', 'credit-line', 'quota') && { charter: { ...charter } }),
  };
}

/** Seats a neighbour, or gives another post to one who sits. There is one lead at most: whoever was it stands for the residents. */
export function seated(seats: Plan['seats'], person: Person, post: Post): Plan['seats'] {
  const others = seats.map((seat) => (post === 'lead' && seat.post === 'lead' && seat.person.member !== person.member ? { ...seat, post: 'residents' as const } : seat));
  if (!others.some((seat) => seat.person.member === person.member)) return [...others, { person, post }];
  return others.map((seat) => (seat.person.member === person.member ? { ...seat, post } : seat));
}

function holds(roles: readonly Held[], { person, role }: Held): boolean {
  return roles.some((one) => one.person.member === person.member && one.role === role);
}
