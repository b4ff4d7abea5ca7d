import { createSubscriber } from 'svelte/reactivity';

/** How often what is relative to now is written anew. */
const TICK_MS = 20_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  // While nobody looks, a browser slows its timers down; a computer that slept had none.
  document.addEventListener('visibilitychange', update);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', update);
  };
});

/** The present instant, in milliseconds since 1970; who reads it in a template or a derived is told when time goes on. */
export function now(): number {
  subscribe();
  return Date.now();
}
