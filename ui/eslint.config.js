import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** What only ui/src/backend may use. */
const outside = [
  { name: 'fetch', message: 'Only src/backend talks to the outside: use live() and act().' },
  { name: 'WebSocket', message: 'Only src/backend talks to the outside: use live() and act().' },
];

export default ts.config(
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
    languageOptions: { parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Served from the root always, with no base path.
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/require-each-key': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
    },
  },
  {
    files: ['src/lib/**', 'src/routes/**'],
    rules: {
      'no-restricted-globals': ['error', ...outside],
      'no-restricted-imports': ['error', { patterns: [{ group: ['@tauri-apps/*'], message: 'Only src/backend talks to the outside.' }] }],
    },
  },
  { ignores: ['dist/', '.svelte-kit/', 'src/paraglide/', 'src/backend/api.ts', 'static/'] },
);
