import { getLocale, setLocale, type Locale } from '../../paraglide/runtime.js';
import { keep, kept } from './kept.svelte';

export type Theme = 'system' | 'light' | 'dark';
export type Size = 'normal' | 'elder';

/** The body size of the elder version, in CSS pixels. */
export const ELDER_BODY_PX = { least: 20, most: 32, first: 22 } as const;

const dark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;

/** How this person wants to see things. Kept in this browser; `static/first.js` applies the same before the first paint. */
class Prefs {
  #theme = $state<Theme>(kept<Theme>('theme', 'person') ?? 'system');
  #size = $state<Size>(kept<Size>('size', 'person') ?? 'normal');
  #body = $state<number>(kept<number>('body', 'person') ?? ELDER_BODY_PX.first);

  get theme() {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    keep('theme', theme, 'person');
    this.apply();
  }
  get size() {
    return this.#size;
  }
  set size(size: Size) {
    this.#size = size;
    keep('size', size, 'person');
    this.apply();
  }
  get elder() {
    return this.#size === 'elder';
  }
  /** The elder version's body size in CSS pixels, 20 to 32. */
  get body_px() {
    return this.#body;
  }
  set body_px(px: number) {
    this.#body = Math.min(ELDER_BODY_PX.most, Math.max(ELDER_BODY_PX.least, Math.round(px)));
    keep('body', this.#body, 'person');
    this.apply();
  }
  get language(): Locale {
    return getLocale();
  }
  /** Reloads the page in that language; drafts stay. */
  set language(language: Locale) {
    void setLocale(language);
  }

  /** Writes them onto <html>. */
  apply() {
    const root = document.documentElement;
    root.dataset['theme'] = this.#theme === 'system' ? (dark?.matches ? 'dark' : 'light') : this.#theme;
    root.dataset['size'] = this.#size;
    root.lang = getLocale();
    if (this.elder) root.style.setProperty('--body', `${this.#body}px`);
    else root.style.removeProperty('--body');
  }
}

export const prefs = new Prefs();
dark?.addEventListener('change', () => prefs.apply());
