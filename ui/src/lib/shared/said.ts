import { getLocale } from '../../paraglide/runtime.js';

/**
 * The language of what people wrote, where it is another than the page's: for `lang`, so that a screen reader says it rightly and
 * the right characters are drawn (WCAG 2.2, 3.1.2). A sentence of the page with a name in it stays the page's.
 */
export function langOf(words: string | null | undefined): 'zh' | undefined {
  if (!words || getLocale() === 'zh-Hans') return undefined;
  const han = words.match(/\p{Script=Han}/gu)?.length ?? 0;
  const others = words.replace(/\p{Script=Han}/gu, ' ').match(/\p{L}+/gu)?.length ?? 0;
  return han > others ? 'zh' : undefined;
}
