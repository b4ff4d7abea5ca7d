import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../src');

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

test('features do not import each other: only lib/shared and the backend are for all', () => {
  for (const path of files(join(src, 'lib'))) {
    const feature = relative(join(src, 'lib'), path).split('/')[0] ?? '';
    for (const [, target = ''] of readFileSync(path, 'utf8').matchAll(/from '(?:\$lib|\.\.)\/(\w+)/g)) {
      expect([feature, 'shared', 'paraglide'].includes(target) || target === '', `${path} imports ${target}`).toBe(true);
    }
  }
});

test('only the backend talks to the window, and a browser does not load what does', () => {
  for (const path of files(src).filter((one) => /\.(ts|svelte)$/.test(one))) {
    const text = readFileSync(path, 'utf8');
    const place = relative(src, path);
    if (text.includes('@tauri-apps/')) expect(place).toBe('backend/tauri.ts');
    expect(/from '[^']*\/tauri'/.test(text), `${place} imports backend/tauri.ts at once`).toBe(false);
  }
});

test('files stay within 600 lines', () => {
  for (const path of files(src).filter((one) => !one.includes('/paraglide/') && !one.endsWith('backend/api.ts'))) {
    expect(readFileSync(path, 'utf8').split('\n').length, path).toBeLessThanOrEqual(600);
  }
});
