import type { ApiError, Brought, Code, Commands, Followers, Forgotten, Home, Homes, LockNote, Notice, Queries, SetLockArgs, Tag, Touched } from './api';

export type CommandName = keyof Commands;
export type QueryName = keyof Queries;

/** What rows changed: those of these tags, or perhaps all of them. */
export type Change = readonly Tag[] | 'all';

/**
 * How this page stands to the Kaifong on this device: connected, lost (it tries again by itself), or closed (the link that
 * opened this page no longer counts; when this browser has opened another, the page that is looked at finds out by itself).
 */
export type Connection = 'connected' | 'lost' | 'closed';

/** A notice, and whether it comes from another building than the one that the page shows; `hidden` while the window is locked. */
export type Heard = (Notice & { elsewhere?: boolean }) | 'hidden';

/** The buildings on this device. A page shows one of them, for as long as it is open. */
export interface Installation {
  /** The one that this page shows: what is asked and done goes there. */
  readonly here: string;
  list(): Promise<Homes>;
  /** Makes room for one more; room that is free is given again. */
  add(): Promise<Home>;
  /** Looks at one no longer. Its folder is moved aside. */
  forget(home: string): Promise<Forgotten>;
  /** Founds a building in the place of the one that this page shows, which is told of it. */
  refound(name: string): Promise<Home>;
  /** Follows into a building that was founded in the place of the one that this page shows. */
  follow(refounding: string): Promise<Home>;
  /** Who follows into a building that was founded here. */
  followers(refounding: string): Promise<Followers>;
  /** Certifies one of them there; `votes` confirms that they hold the vote of the unit that they name now. */
  admit(refounding: string, member: string, votes: boolean): Promise<void>;
  /** Posts one's own open offers and needs of this building in the new one. */
  bring(refounding: string): Promise<Brought>;
  /** Hears which rows changed in any of them, until the returned function is called. */
  changes(listener: (change: Change) => void): () => void;
}

/** The lock of this device's screens: one PIN for all its buildings; each browser, and the window, is a screen. */
export interface Lock {
  /** How this screen stands to it. */
  look(): Promise<LockNote>;
  /** Says that somebody has touched this screen. */
  touch(): Promise<Touched>;
  /** Locks every screen. */
  now(): Promise<void>;
  /** Opens this screen. */
  unlock(pin: string): Promise<void>;
  /** Takes the PIN off by the recovery sheet of any building on this device. */
  unlockBySheet(digits: string): Promise<void>;
  set(wish: SetLockArgs): Promise<void>;
  remove(pin: string): Promise<void>;
  /** This screen is open now: what happened while it was locked was not heard, and everything is asked again. */
  opened(): void;
  /** Hears that screens may have been locked or opened, until the returned function is called. */
  changes(listener: () => void): () => void;
}

/** The only way from the screen to what this device holds. */
export interface Backend {
  /** Asks for what is there. Throws a {@link Refusal}. */
  ask<N extends QueryName>(name: N, args: Queries[N]['args']): Promise<Queries[N]['result']>;
  /** Does something; when it returns, it is durable. Throws a {@link Refusal}. */
  do<N extends CommandName>(name: N, args: Commands[N]['args']): Promise<Commands[N]['result']>;
  /** Hears which rows changed, until the returned function is called. */
  changes(listener: (change: Change) => void): () => void;
  /** Hears what is worth a look, until the returned function is called. */
  notices(listener: (notice: Heard) => void): () => void;
  readonly installation: Installation;
  readonly lock: Lock;
  readonly state: Connection;
  /** Hears of another {@link Backend.state}, until the returned function is called. */
  states(listener: (state: Connection) => void): () => void;
  /** What the window can do that a browser's page cannot; only the window has one. */
  readonly shell?: Shell;
}

/** The window around the page: what the system lets it do. */
export interface Shell {
  /**
   * Shows a notification of the system, after asking for permission where that is needed. Without permission, nothing. Pressed,
   * it shows the window at this place.
   */
  notify(title: string, body: string, place: string): Promise<void>;
  /** Whether Kaifong starts with the computer. */
  autostart(): Promise<boolean>;
  /** Starts with the computer from now on, or no longer. Throws when the system does not let it. */
  setAutostart(on: boolean): Promise<void>;
  /** Where the window was opened at, a path; told once. */
  place(): Promise<string | null>;
  /** Hears where to go from now on, until the returned function is called. */
  places(listener: (place: string) => void): () => void;
}

/** Codes of this side, for when no answer of the table came back. */
export type LocalCode = 'lost' | 'closed' | 'unreadable';

/** Why something was not done. Screens act on the code and show the sentence; they never read it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: Code | LocalCode;
  /** What happened, in the language of the app on this device; empty for a {@link LocalCode}. */
  readonly sentence: string;
  /** What to do now, if there is something. */
  readonly hint: string | null;

  constructor(error: Pick<ApiError, 'sentence' | 'hint'> & { code: Code | LocalCode }) {
    super(error.sentence || error.code);
    this.code = error.code;
    this.sentence = error.sentence;
    this.hint = error.hint ?? null;
  }
}
