import { createSubscriber } from 'svelte/reactivity';

/** How often what is relative to now is written anew. */
const TICK_MS = 20_000;

const ticks = (every_ms: number) =>
  createSubscriber((update) => {
    const timer = setInterval(update, every_ms);
    // While nobody looks, a browser slows its timers down; a computer that slept had none.
    document.addEventListener('visibilitychange', update);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', update);
    };
  });

const subscribe = ticks(TICK_MS);
const subscribeToSeconds = ticks(1000);

/** The present instant, in milliseconds since 1970; who reads it in a template or a derived is told when time goes on. */
export function now(): number {
  subscribe();
  return Date.now();
}

/** The same for what is counted in seconds. */
export function nowBySeconds(): number {
  subscribeToSeconds();
  return Date.now();
}
