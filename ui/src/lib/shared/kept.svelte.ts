/**
 * What this browser keeps for its person: drafts, choices, places in lists. Nothing of it leaves the device. Each building has
 * its own; how things are shown is one for all.
 */
import { FIRST_HOME, here } from '$backend';

const ALL = 'kaifong.';
/** Of whom something is kept: of the building that is shown, or of the person in all of them. */
export type Of = 'building' | 'person';
/** What is kept of the person; the language is kept by the message catalogues under the same beginning. */
const OF_PERSON = ['theme', 'size', 'body', 'language', 'home'];

const keyFor = (key: string, of: Of) => (of === 'person' || here === FIRST_HOME ? ALL : `${ALL}${here}.`) + key;

export function keep(key: string, value: unknown, of: Of = 'building') {
  try {
    if (value === undefined) localStorage.removeItem(keyFor(key, of));
    else localStorage.setItem(keyFor(key, of), JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

/** Forgets all that was kept of a building: drafts, choices, places. */
export function forgetKept(home: string) {
  const theirs = home === FIRST_HOME ? new RegExp(`^kaifong\\.(?!(?:${OF_PERSON.join('|')})$|[0-9a-f]{16}\\.)`) : new RegExp(`^kaifong\\.${home}\\.`);
  try {
    for (const key of Object.keys(localStorage)) if (theirs.test(key)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

export function kept<T>(key: string, of: Of = 'building'): T | undefined {
  try {
    const text = localStorage.getItem(keyFor(key, of));
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export interface Draft<T> {
  value: T;
  /** Whether something was written that is not sent. */
  readonly written: boolean;
  /** Forgets it, once it was sent. */
  clear(): void;
}

/** A draft that survives Back, closing and restart: `const text = draft('post.need', '')`, bind to `text.value`. */
export function draft<T extends string | number | boolean | null>(key: string, empty: T): Draft<T> {
  let value = $state<T>(kept<T>(`draft.${key}`) ?? empty);
  return {
    get value() {
      return value;
    },
    set value(next) {
      value = next;
      keep(`draft.${key}`, next === empty ? undefined : next);
    },
    get written() {
      return value !== empty;
    },
    clear() {
      value = empty;
      keep(`draft.${key}`, undefined);
    },
  };
}
