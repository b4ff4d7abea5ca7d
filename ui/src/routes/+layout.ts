import { redirect } from '@sveltejs/kit';
import { backend, openBackend } from '$backend';
import { askEarly } from '$shared/live.svelte';
import { ownPath } from '$shared/path';

// A page for one household on one device: nothing is rendered elsewhere.
export const ssr = false;
export const prerender = false;

export async function load() {
  if (!(await openBackend())) return;
  // Every page waits for it.
  askEarly('me', {});
  const place = ownPath(await backend().shell?.place());
  if (place) redirect(307, place);
}
