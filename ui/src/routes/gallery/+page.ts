import { useBackend } from '$backend';
import { fakeBackend, neighbours, samples } from '$backend/fake';

/** The gallery shows invented neighbours, whatever this device holds. */
export function load() {
  useBackend(fakeBackend(neighbours()));
  return samples;
}
