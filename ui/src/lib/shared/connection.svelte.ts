import { backend, type Connection } from '$backend';
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => backend().states(update));

/** How this page stands to the Kaifong on this device. */
export function connection(): Connection {
  subscribe();
  return backend().state;
}
