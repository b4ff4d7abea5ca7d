import { backend, type Backend, type LockNote, type Refusal } from '$backend';
import { nowBySeconds } from '$shared/clock.svelte';
import { asRefusal, oneAtATime } from '$shared/live.svelte';

/** How often Kaifong is told that somebody is there, at most, in milliseconds. */
const TOUCH_MS = 10_000;
/** How long its answer is waited for, once this screen may be locked, before the page hides by itself, in milliseconds. */
const PATIENCE_MS = 2000;
/** What a hand does to a page. */
const HANDS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** `unknown` until it was told: then nothing is shown yet. */
export type Standing = 'unknown' | 'open' | 'locked';

/** How this page stands to the lock of the screens. Kaifong counts; the page says when a hand was there, and hides in time. */
export class ScreenLock {
  #note = $state.raw<LockNote>();
  #standing = $state<Standing>('unknown');
  #busy = $state(false);
  #error = $state.raw<Refusal>();
  /** Until when the next PIN waits, in milliseconds since 1970. */
  #waits_until = $state(0);
  /** When this screen locks if nobody touches it; `undefined` where it does not by itself. */
  #shuts_at: number | undefined;
  /** Whether there was something to see since this page was loaded. */
  #shown = false;
  /** Which look is the latest: an older one's answer tells nothing. */
  #turn = 0;
  #told_at = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #touch: ReturnType<typeof setTimeout> | undefined;
  readonly #backend: Backend;
  readonly #reload: () => void;
  readonly #again = oneAtATime(() => this.#look());

  /** `reload` loads the page anew: what it has read is not left in it. */
  constructor(of: Backend, reload: () => void = () => location.reload()) {
    this.#backend = of;
    this.#reload = reload;
  }

  get standing(): Standing {
    return this.#standing;
  }
  /** What was told last. */
  get note(): LockNote | undefined {
    return this.#note;
  }
  get busy() {
    return this.#busy;
  }
  get error() {
    return this.#error;
  }
  /** For how long the next PIN waits, in whole seconds; goes on by itself where it is shown. */
  get wait_s(): number {
    if (this.#waits_until === 0) return 0;
    return Math.max(0, Math.ceil((this.#waits_until - nowBySeconds()) / 1000));
  }

  /** Asks how it stands. */
  look() {
    this.#again();
  }

  /** Watches the hands on this page, and hears of the lock, until the returned function is called. */
  watch(): () => void {
    const hand = () => this.#hand();
    const seen = () => this.#seen();
    for (const sign of HANDS) addEventListener(sign, hand, { passive: true, capture: true });
    document.addEventListener('visibilitychange', seen);
    for (const sign of ['focus', 'pageshow']) addEventListener(sign, seen);
    const stop = this.#backend.lock.changes(() => this.look());
    // It may have been asked while the page was still being made.
    if (this.#turn === 0) this.look();
    return () => {
      for (const sign of HANDS) removeEventListener(sign, hand, { capture: true });
      document.removeEventListener('visibilitychange', seen);
      for (const sign of ['focus', 'pageshow']) removeEventListener(sign, seen);
      clearTimeout(this.#timer);
      clearTimeout(this.#touch);
      this.#touch = undefined;
      stop();
    };
  }

  /** Opens this screen by the PIN; whether it is open. */
  unlock(pin: string): Promise<boolean> {
    return this.#do(() => this.#backend.lock.unlock(pin));
  }
  /** Takes the PIN off by the digits of a recovery sheet; whether it is off. */
  unlockBySheet(digits: string): Promise<boolean> {
    return this.#do(() => this.#backend.lock.unlockBySheet(digits));
  }
  /** Locks every screen. */
  now(): Promise<boolean> {
    return this.#do(() => this.#backend.lock.now());
  }
  /** Sets or changes the PIN, or after how long it locks. */
  set(pin: string | undefined, new_pin: string | undefined, idle_min: number): Promise<boolean> {
    return this.#do(() => this.#backend.lock.set({ pin: pin ?? null, new_pin: new_pin ?? null, idle_min }));
  }
  /** Takes the PIN off. */
  remove(pin: string): Promise<boolean> {
    return this.#do(() => this.#backend.lock.remove(pin));
  }
  /** Forgets the error. */
  clear() {
    this.#error = undefined;
  }

  async #do(deed: () => Promise<void>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      await deed();
      this.#error = undefined;
    } catch (caught) {
      this.#error = asRefusal(caught);
    }
    // How long the next one waits comes with how it stands.
    await this.#look();
    this.#busy = false;
    return this.#error === undefined;
  }

  async #look() {
    const turn = ++this.#turn;
    let note: LockNote;
    try {
      note = await this.#backend.lock.look();
      if (turn !== this.#turn) return;
    } catch {
      // Who cannot be asked shows nothing more by itself; what is here already is hidden when its time is over.
      if (this.#standing === 'unknown') this.#standing = 'open';
      if (this.#isOver()) this.#hide();
      return;
    }
    this.#note = note;
    this.#waits_until = note.wait_ms > 0 ? Date.now() + note.wait_ms : 0;
    this.#shuts(note.left_ms);
    if (note.locked) return this.#hide(true);
    if (this.#standing === 'locked') this.#backend.lock.opened();
    this.#standing = 'open';
    this.#shown = true;
  }

  #hide(told = false) {
    this.#standing = 'locked';
    // Only what was told is sure to be answered when the page is loaded anew.
    if (told && this.#shown) this.#reload();
  }

  #isOver(): boolean {
    return this.#shuts_at !== undefined && Date.now() >= this.#shuts_at;
  }

  /** It locks after so long, in milliseconds; 0: not by itself. */
  #shuts(left_ms: number) {
    clearTimeout(this.#timer);
    this.#shuts_at = left_ms > 0 ? Date.now() + left_ms : undefined;
    if (this.#shuts_at === undefined) return;
    this.#timer = setTimeout(() => {
      // Another page of this browser may have been touched meanwhile.
      this.look();
      this.#timer = setTimeout(() => this.#isOver() && this.#hide(), PATIENCE_MS);
    }, left_ms);
  }

  /** Somebody looks at the page. After a computer slept, its timers are late. */
  #seen() {
    if (document.visibilityState !== 'visible' || !this.#isOver()) return;
    this.#hide();
    this.look();
  }

  #hand() {
    if (this.#shuts_at === undefined || this.#touch !== undefined || this.#standing !== 'open' || this.#isOver()) return;
    this.#touch = setTimeout(() => void this.#tellTouch(), Math.max(0, this.#told_at + TOUCH_MS - Date.now()));
  }

  async #tellTouch() {
    this.#touch = undefined;
    this.#told_at = Date.now();
    try {
      const { left_ms } = await this.#backend.lock.touch();
      if (left_ms > 0) this.#shuts(left_ms);
      else this.look();
    } catch {
      // The time goes on as it did.
    }
  }
}

let current: { lock: ScreenLock; of: Backend } | undefined;

/** The lock of this page. */
export function screenLock(): ScreenLock {
  const of = backend();
  if (current?.of !== of) current = { lock: new ScreenLock(of), of };
  return current.lock;
}
