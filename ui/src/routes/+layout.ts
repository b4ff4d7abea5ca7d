import { openBackend } from '$backend';

// A page for one household on one device: nothing is rendered elsewhere.
export const ssr = false;
export const prerender = false;

export async function load() {
  await openBackend();
}
