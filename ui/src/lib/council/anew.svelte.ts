import { backend, type Follower, type Refusal } from '$backend';
import { keep, kept } from '$shared/kept.svelte';
import { asRefusal } from '$shared/live.svelte';

/** Something that concerns two buildings of this device, with its button's state. */
export interface Deed {
  readonly busy: boolean;
  readonly error: Refusal | undefined;
  /** Does it; says whether it was done. */
  run(deed: () => Promise<unknown>): Promise<boolean>;
}

export function deed(): Deed {
  let busy = $state(false);
  let error = $state.raw<Refusal>();
  return {
    get busy() {
      return busy;
    },
    get error() {
      return error;
    },
    async run(what) {
      if (busy) return false;
      busy = true;
      try {
        await what();
        error = undefined;
        return true;
      } catch (caught) {
        error = asRefusal(caught);
        return false;
      } finally {
        busy = false;
      }
    },
  };
}

/** Who follows into a building that was founded on this device; asked again whenever something changes in either. */
export function liveFollowers(refounding: () => string | undefined) {
  let rows = $state.raw<readonly Follower[]>([]);
  $effect(() => {
    const asked = refounding();
    if (asked === undefined) return;
    let over = false;
    const run = () =>
      backend()
        .installation.followers(asked)
        .then(({ rows: told }) => {
          if (!over) rows = told;
        })
        // Where the new building is not on this device, nobody is shown.
        .catch(() => undefined);
    void run();
    const stop = backend().installation.changes(() => void run());
    return () => {
      over = true;
      stop();
    };
  });
  return {
    get rows() {
      return rows;
    },
  };
}

const KEY = 'anew.no';

/** To which new foundings this person has said no, on this device. */
export function declined(): readonly string[] {
  return kept<string[]>(KEY) ?? [];
}

export function decline(refounding: string) {
  keep(KEY, [...declined().filter((one) => one !== refounding), refounding].slice(-32));
}
