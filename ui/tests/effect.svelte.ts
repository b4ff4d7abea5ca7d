import { flushSync } from 'svelte';

/** Runs what belongs into a component's script, and the effects in it. */
export function inEffect<T>(make: () => T): { value: T; stop: () => void } {
  let value!: T;
  const stop = $effect.root(() => {
    value = make();
  });
  flushSync();
  return { value, stop };
}
