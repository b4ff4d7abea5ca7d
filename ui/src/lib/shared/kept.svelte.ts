/** What this browser keeps for its person: drafts, choices, places in lists. Nothing of it leaves the device. */

const PREFIX = 'kaifong.';

export function keep(key: string, value: unknown) {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

export function kept<T>(key: string): T | undefined {
  try {
    const text = localStorage.getItem(PREFIX + key);
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
