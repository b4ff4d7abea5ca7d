import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

/** Where `kaifong serve` listens; in `vite dev` the page asks it through this proxy. */
const serve = process.env['KAIFONG_SERVE'] ?? 'http://127.0.0.1:7520';

export default defineConfig({
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['localStorage', 'baseLocale'],
      localStorageKey: 'kaifong.language',
      disableAsyncLocalStorage: true,
      emitTsDeclarations: true,
    }),
    sveltekit(),
  ],
  // Open the link of `kaifong open` once: its cookie counts for every port of 127.0.0.1, so for this one too.
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: serve, changeOrigin: true, headers: { origin: serve } },
      '/events': { target: serve, ws: true, changeOrigin: true, headers: { origin: serve } },
    },
  },
  // Components under test run as in a browser, not as on a server.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  // Known beforehand: a dependency that is found late reloads every page that is open.
  optimizeDeps: {
    include: [
      'bits-ui', 'virtua/svelte', 'uqr',
      '@tauri-apps/api/core', '@tauri-apps/api/event', '@tauri-apps/plugin-autostart', '@tauri-apps/plugin-notification',
    ],
  },
  build: {
    target: 'es2022',
    // What most pages share is one file: a browser fetches six at a time, and eighty small ones take longer than their bytes.
    // So are the two places that people open the app at, which would else be fetched after it.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'common', minShareCount: 4 },
            { name: 'common', test: /src\/(routes\/(share\/\+|\+page)|lib\/(share|today)\/)/ },
          ],
        },
      },
    },
  },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'] },
});
