import { Refusal, type Backend } from './backend';
import { httpBackend } from './http';

export type * from './api';
export { codes, queryTags } from './api';
export * from './backend';

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

/** Reaches this device's Kaifong. In `vite dev`, `?fake` shows invented neighbours instead, for this tab. */
export async function openBackend() {
  if (current) return;
  if (import.meta.env.DEV) {
    if (new URLSearchParams(location.search).has('fake')) sessionStorage.setItem('kaifong.fake', '1');
    if (sessionStorage.getItem('kaifong.fake')) {
      const { fakeBackend, neighbours } = await import('./fake');
      useBackend(fakeBackend(neighbours()));
      return;
    }
  }
  useBackend(httpBackend());
}
