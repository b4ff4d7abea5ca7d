/** What Kaifong tells, by whichever road it comes: refusals, events, and who hears of them. */
import { codes, type Brought, type Code, type Event, type Followers, type Forgotten, type Home, type Homes, type NoticeKind } from './api';
import { Refusal, type Change, type Heard, type Installation, type LocalCode } from './backend';
import { goHome, here } from './home';

/** Those who hear of something. */
export interface Hearers<T> {
  tell(what: T): void;
  /** Hears, until the returned function is called. */
  hear(listener: (what: T) => void): () => void;
  readonly any: boolean;
}

export function hearers<T>(): Hearers<T> {
  const all = new Set<(what: T) => void>();
  return {
    tell(what) {
      for (const listener of all) listener(what);
    },
    hear(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    get any() {
      return all.size > 0;
    },
  };
}

/** The refusal that an answer carries; one of this side's own for what is none. */
export function refusalOf(body: unknown, otherwise: LocalCode): Refusal {
  if (typeof body === 'object' && body !== null && 'code' in body && 'sentence' in body) {
    const { code, sentence } = body;
    const hint = 'hint' in body && typeof body.hint === 'string' ? body.hint : null;
    if (codes.includes(code as Code) && typeof sentence === 'string') return new Refusal({ code: code as Code, sentence, hint });
  }
  return new Refusal({ code: otherwise, sentence: '' });
}

const NOTICE_KINDS: readonly NoticeKind[] = ['turn', 'fit', 'request'];

/** The event that was told; `undefined` for one that this page does not know. */
export function eventOf(said: unknown): Event | undefined {
  const event = said as Event | null | undefined;
  switch (event?.event) {
    case 'changed':
      return Array.isArray(event.payload?.tags) ? event : undefined;
    case 'notice':
      return NOTICE_KINDS.includes(event.payload?.kind) && Number.isInteger(event.payload.count) ? event : undefined;
    default:
      return undefined;
  }
}

/** Those who hear of what happens in the building that the page shows, and in any on this device. */
export function toldOnes() {
  const changes = hearers<Change>();
  const anywhere = hearers<Change>();
  const notices = hearers<Heard>();
  return {
    changes,
    anywhere,
    notices,
    /** Passes on what was told, to whom it concerns. */
    hear(said: unknown) {
      const event = eventOf(said);
      if (!event) return;
      const home = (said as { home?: unknown }).home;
      // What may have happened anywhere may have happened here.
      const elsewhere = home !== undefined && home !== here;
      if (event.event === 'notice') return notices.tell(elsewhere ? { ...event.payload, elsewhere } : event.payload);
      if (!elsewhere) changes.tell(event.payload.tags);
      anywhere.tell(event.payload.tags);
    },
    /** Everything may have changed. */
    all() {
      changes.tell('all');
      anywhere.tell('all');
    },
  };
}

/** The buildings on this device, by a road that asks its own rows. */
export function installation(ask: (name: string, args: unknown) => Promise<unknown>, changes: Hearers<Change>): Installation {
  return {
    here,
    list: () => ask('homes', {}) as Promise<Homes>,
    add: () => ask('add_home', {}) as Promise<Home>,
    forget: (home) => ask('forget_home', { home }) as Promise<Forgotten>,
    refound: (name) => ask('refound', { home: here, name }) as Promise<Home>,
    follow: (refounding) => ask('follow', { home: here, refounding }) as Promise<Home>,
    followers: (refounding) => ask('followers', { home: here, refounding }) as Promise<Followers>,
    admit: async (refounding, member, votes) => void (await ask('admit_follower', { home: here, refounding, member, votes })),
    bring: (refounding) => ask('bring_over', { home: here, refounding }) as Promise<Brought>,
    changes: changes.hear,
  };
}

/** The building of this page is no longer on this device: another one's page takes its place. */
export async function leave({ list }: Installation) {
  const { rows } = await list();
  const next = rows[0];
  if (next && !rows.some((row) => row.home === here)) goHome(next.home);
}
