import { afterNavigate, beforeNavigate } from '$app/navigation';
import { onMount } from 'svelte';
import { keep, kept } from './kept.svelte';

/** How long a place is kept over a restart, and how long its rows may take to come, in milliseconds. */
const KEPT_MS = 12 * 3_600_000;
const PATIENCE_MS = 1500;

interface Place {
  path: string;
  y: number;
  at: number;
}

/** Keeps how far the window was scrolled over a restart. Back within a visit is the router's own. Called once, in the layout. */
export function rememberScroll() {
  const leave = () => keep('scroll', { path: location.pathname, y: scrollY, at: Date.now() } satisfies Place);
  beforeNavigate(({ willUnload }) => {
    if (willUnload) leave();
  });
  onMount(() => {
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  });
  afterNavigate(({ type }) => {
    const place = type === 'enter' ? kept<Place>('scroll') : undefined;
    if (!place || place.path !== location.pathname || place.y < 1 || Date.now() - place.at > KEPT_MS) return;
    const until = Date.now() + PATIENCE_MS;
    const grown = new ResizeObserver(() => {
      // A list that goes on without end finds its own place.
      if (document.querySelector('[data-keeps-place]')) return grown.disconnect();
      const late = Date.now() > until;
      if (!late && document.documentElement.scrollHeight >= place.y + innerHeight) scrollTo({ top: place.y });
      if (late || scrollY >= place.y - 1) grown.disconnect();
    });
    grown.observe(document.body);
  });
}
