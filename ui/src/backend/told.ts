/** What Kaifong tells, by whichever road it comes: refusals, events, and who hears of them. */
import { codes, type Code, type Event, type NoticeKind } from './api';
import { Refusal, type LocalCode } from './backend';

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
