import { Refusal, type Backend } from './backend';
import { httpBackend } from './http';

export type * from './api';
export { codes, queryTags } from './api';
export * from './backend';
export { FIRST_HOME, goHome, here } from './home';

let current: Backend | undefined;

/** The backend of this page. */
export function backend(): Backend {
  if (!current) throw new Refusal({ code: 'lost', sentence: '' });
  return current;
}

/** Chooses the backend; called once before anything is shown, and by tests and /gallery with a fake. */
export function useBackend(chosen: Backend) {
  current = chosen;
}

/**
 * Reaches this device's Kaifong: through the window if the page is in one, else through the process that served it. In `vite dev`,
 * `?fake` shows invented neighbours instead, for this tab. Tells whether it was opened just now.
 */
export async function openBackend(): Promise<boolean> {
  if (current) return false;
  const opened = await reach();
  // A page that brings its own is not overruled.
  current ??= opened;
  return true;
}

async function reach(): Promise<Backend> {
  if (import.meta.env.DEV) {
    if (new URLSearchParams(location.search).has('fake')) sessionStorage.setItem('kaifong.fake', '1');
    if (sessionStorage.getItem('kaifong.fake')) {
      const { fakeBackend, fakeShell, neighbours } = await import('./fake');
      return fakeBackend(neighbours(), 0, fakeShell());
    }
  }
  if ('__TAURI_INTERNALS__' in globalThis) return (await import('./tauri')).tauriBackend();
  return httpBackend();
}
