import { createSubscriber } from 'svelte/reactivity';

/** How often what is relative to now is written anew. */
const TICK_MS = 20_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** The present instant, in milliseconds since 1970; who reads it in a template or a derived is told when time goes on. */
export function now(): number {
  subscribe();
  return Date.now();
}
