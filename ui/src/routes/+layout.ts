import { redirect } from '@sveltejs/kit';
import { backend, openBackend } from '$backend';
import { askEarly } from '$shared/live.svelte';
import { screenLock } from '$lib/lock/screen.svelte';
import { ownPath } from '$shared/path';

// A page for one household on one device: nothing is rendered elsewhere.
export const ssr = false;
export const prerender = false;

export async function load() {
  if (!(await openBackend())) return;
  // Every page waits for both.
  screenLock().look();
  askEarly('me', {});
  const place = ownPath(await backend().shell?.place());
  if (place) redirect(307, place);
}
