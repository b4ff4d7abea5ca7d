import { m } from '$messages';

/** How few and how many digits a PIN has. */
export const PIN_DIGITS = { least: 4, most: 12 } as const;
/** After how many untouched minutes a screen can be locked; or not by itself. */
export const IDLE_MIN: readonly number[] = [1, 5, 15];
/** What is proposed where nothing was chosen yet, in minutes. */
export const IDLE_MIN_FIRST = 5;

/** The digits of what was typed, those in full width too; no more than a PIN has. */
export function onlyDigits(typed: string): string {
  return typed.normalize('NFKC').replace(/[^0-9]/g, '').slice(0, PIN_DIGITS.most);
}

/** "24 秒", "3 分 20 秒". */
export function waitWords(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? m.lock_seconds({ s: rest }) : m.lock_minutes({ min: minutes, s: rest });
}

/** After how long an untouched screen locks. */
export function idleWords(idle_min: number): string {
  return idle_min === 0 ? m.lock_idle_never() : m.lock_idle({ n: idle_min });
}
