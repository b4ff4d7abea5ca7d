import { backend, type Home, type Refusal, type Tag } from '$backend';
import { asRefusal, oneAtATime } from './live.svelte';

/** What tells that a building has come, gone or been joined; in an only building, nothing else is shown of it. */
const BELONGING: readonly Tag[] = ['building', 'members', 'application'];

/** The buildings on this device. */
export interface LiveHomes {
  readonly rows: readonly Home[];
  readonly error: Refusal | undefined;
  /** The one that the page shows. */
  readonly here: Home | undefined;
  /** How many things wait in the others. */
  readonly elsewhere: number;
}

/** Asks for as long as the component lives, and again when something changes in any of them. */
export function liveHomes(): LiveHomes {
  let rows = $state.raw<readonly Home[]>([]);
  let error = $state.raw<Refusal>();
  const { installation } = backend();

  $effect(() => {
    let over = false;
    const run = oneAtATime(async () => {
      if (over) return;
      try {
        const listed = await installation.list();
        if (over) return;
        rows = listed.rows;
        error = undefined;
      } catch (caught) {
        if (over) return;
        error = asRefusal(caught);
      }
    });
    run();
    const stop = installation.changes((change) => {
      if (rows.length > 1 || change === 'all' || change.some((tag) => BELONGING.includes(tag))) run();
    });
    return () => {
      over = true;
      stop();
    };
  });

  return {
    get rows() {
      return rows;
    },
    get error() {
      return error;
    },
    get here() {
      return rows.find((row) => row.home === installation.here);
    },
    get elsewhere() {
      return rows.reduce((sum, row) => (row.home === installation.here ? sum : sum + waitingIn(row)), 0);
    },
  };
}

/** How many things wait for this person in a building. */
export function waitingIn({ turns, requests }: Home): number {
  return turns + requests;
}
