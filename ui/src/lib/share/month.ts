/** The month's days as a grid of weeks, and who has a thing on which of them. */
import type { Turn } from '$backend';

export interface Day {
  /** The first instant of the day, where the person is. */
  at: number;
  date: number;
  /** Whose turn it is that day, if anybody's. */
  turn?: Turn;
}

/** The month that lies so many months after that of an instant, as weeks from Monday; `undefined` where a week reaches beyond it. */
export function monthOf(now: number, ahead: number, turns: readonly Turn[]): (Day | undefined)[][] {
  const today = new Date(now);
  const first = new Date(today.getFullYear(), today.getMonth() + ahead, 1);
  const days: (Day | undefined)[] = Array.from({ length: (first.getDay() + 6) % 7 });
  for (const day = new Date(first); day.getMonth() === first.getMonth(); day.setDate(day.getDate() + 1)) {
    const [at, end] = [day.getTime(), new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime()];
    // On the day of a hand-over from one to the next it is the next one's.
    const turn = [...turns].reverse().find((one) => reaches(one, now, at, end));
    days.push(turn ? { at, date: day.getDate(), turn } : { at, date: day.getDate() });
  }
  const weeks: (Day | undefined)[][] = [];
  for (let i = 0; i < days.length; i += 7) weeks.push(Array.from({ length: 7 }, (_, n) => days[i + n]));
  return weeks;
}

/** Who has a thing has it today, too, however late it is. */
function reaches(turn: Turn, now: number, at: number, end: number): boolean {
  if (!turn.from || !turn.until) return false;
  const until = turn.state === 'out' ? Math.max(turn.until, now) : turn.until;
  return turn.from < end && until >= at;
}
