import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const settings = JSON.parse(readFileSync(join(root, 'project.inlang/settings.json'), 'utf8'));
const locales: string[] = settings.locales;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function catalogue(locale: string): Record<string, unknown> {
  return Object.assign({}, ...files(join(root, 'messages', locale)).map((path) => JSON.parse(readFileSync(path, 'utf8'))));
}

const source = files(join(root, 'src'))
  .filter((path) => /\.(ts|svelte)$/.test(path) && !path.includes('/paraglide/'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** What a message asks for: `{name}` in its text, or in the texts of its variants. */
function inputs(message: unknown): string[] {
  const names = JSON.stringify(message).matchAll(/\{(\w+)\}/g);
  return [...new Set([...names].map((found) => found[1] ?? ''))].sort();
}

test('every catalogue file is one that is compiled', () => {
  const compiled: string[] = settings['plugin.inlang.messageFormat'].pathPattern;
  for (const locale of locales) {
    const there = files(join(root, 'messages', locale)).sort();
    expect(there).toEqual(compiled.map((pattern) => join(root, pattern.replace('{locale}', locale))).sort());
  }
});

test('every language has every message, with the same figures in it', () => {
  const base = catalogue(settings.baseLocale);
  for (const locale of locales) {
    const other = catalogue(locale);
    expect(Object.keys(other).sort()).toEqual(Object.keys(base).sort());
    for (const key of Object.keys(base)) {
      expect(JSON.stringify(other[key])).not.toBe('""');
      for (const name of inputs(other[key])) expect(inputs(base[key]), `${locale} ${key}`).toContain(name);
    }
  }
});

test('every message is used, and every used one is there', () => {
  const used = new Set(source.flatMap(({ text }) => [...text.matchAll(/\bm\.([a-z]\w*)/g)].map((found) => found[1] ?? '')));
  const keys = new Set(Object.keys(catalogue(settings.baseLocale)));
  expect([...keys].filter((key) => !used.has(key))).toEqual([]);
  expect([...used].filter((key) => !keys.has(key))).toEqual([]);
});

test('no component has Chinese text of its own', () => {
  const han = /\p{Script=Han}/u;
  for (const { path, text } of source.filter((one) => one.path.endsWith('.svelte') && !one.path.includes('/gallery/'))) {
    const code = text.replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(han.test(code), path).toBe(false);
  }
});
