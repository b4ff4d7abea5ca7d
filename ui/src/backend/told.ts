/** What Kaifong tells, by whichever road it comes: refusals, events, and who hears of them. */
import { codes, type Brought, type Code, type Event, type Followers, type Forgotten, type Home, type Homes, type LockNote, type NoticeKind, type Touched } from './api';
import { Refusal, type Change, type Heard, type Installation, type LocalCode, type Lock } from './backend';
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

const NOTICE_KINDS: readonly NoticeKind[] = ['turn', 'fit', 'activity', 'request'];

/** The event that was told; `undefined` for one that this page does not know. */
export function eventOf(said: unknown): Event | undefined {
  const event = said as Event | null | undefined;
  switch (event?.event) {
    case 'changed':
      return Array.isArray(event.payload?.tags) ? event : undefined;
    case 'notice':
      return NOTICE_KINDS.includes(event.payload?.kind) && Number.isInteger(event.payload.count) ? event : undefined;
    case 'hidden':
      return event;
    default:
      return undefined;
  }
}

/** Those who hear of what happens in the building that the page shows, and in any on this device. */
export function toldOnes() {
  const changes = hearers<Change>();
  const anywhere = hearers<Change>();
  const notices = hearers<Heard>();
  const lock = hearers<void>();
  const all = () => {
    changes.tell('all');
    anywhere.tell('all');
  };
  return {
    changes,
    anywhere,
    notices,
    lock,
    /** Passes on what was told, to whom it concerns. */
    hear(said: unknown) {
      const event = eventOf(said);
      if (!event) return;
      if (event.event === 'hidden') return notices.tell('hidden');
      const home = (said as { home?: unknown }).home;
      // What may have happened anywhere may have happened here.
      const elsewhere = home !== undefined && home !== here;
      if (event.event === 'notice') return notices.tell(elsewhere ? { ...event.payload, elsewhere } : event.payload);
      if (event.payload.tags.includes('lock')) lock.tell();
      if (!elsewhere) changes.tell(event.payload.tags);
      anywhere.tell(event.payload.tags);
    },
    /** A screen that is refused because it is locked may not know it yet. */
    refused(refusal: Refusal) {
      if (refusal.code === 'locked') lock.tell();
    },
    /** Everything may have changed, while nobody listened. */
    all() {
      all();
      lock.tell();
    },
    /** What happened while this screen was locked was not heard. */
    opened: all,
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

/** The lock of this device's screens, by a road that asks the installation's own rows. */
export function screenLock(ask: (name: string, args: unknown) => Promise<unknown>, { lock, opened }: ReturnType<typeof toldOnes>): Lock {
  const act = async (name: string, args: unknown = {}) => void (await ask(name, args));
  return {
    look: () => ask('lock', {}) as Promise<LockNote>,
    touch: () => ask('touch', {}) as Promise<Touched>,
    now: () => act('lock_now'),
    unlock: (pin) => act('unlock', { pin }),
    unlockBySheet: (digits) => act('unlock_by_sheet', { digits }),
    set: (wish) => act('set_lock', wish),
    remove: (pin) => act('remove_lock', { pin }),
    opened,
    changes: lock.hear,
  };
}

/** The building of this page is no longer on this device: another one's page takes its place. */
export async function leave({ list }: Installation) {
  const { rows } = await list();
  const next = rows[0];
  if (next && !rows.some((row) => row.home === here)) goHome(next.home);
}
