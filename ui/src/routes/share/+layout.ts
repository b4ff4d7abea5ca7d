import { browsing } from '$lib/share/browse.svelte';
import type { LayoutLoad } from './$types';

let begun = false;

export const load: LayoutLoad = async ({ parent, untrack, url }) => {
  await parent();
  // A link that says what to look for is read by the page itself.
  if (!begun && untrack(() => url.search === '')) browsing().askEarly();
  begun = true;
};
