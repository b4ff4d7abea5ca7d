import { backend, queryTags, Refusal, type CommandName, type Commands, type Queries, type QueryName } from '$backend';
import { now } from './clock.svelte';

/** Queries whose answer becomes another one without any change, because a day comes: they are asked again every hour. */
const BY_THE_CLOCK: ReadonlySet<QueryName> = new Set(['today', 'invites']);
const HOUR_MS = 3_600_000;

/** What was asked before anybody shows it, by its question, and until something changes. */
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing shown reads it
const early = new Map<string, { answer: Promise<unknown>; forget: () => void }>();
const questionOf = (name: QueryName, args: string) => `${name} ${args}`;

/**
 * Asks what a page will ask while it is still being made: whoever asks the same next has this answer, once, unless something
 * has changed meanwhile.
 */
export function askEarly<N extends QueryName>(name: N, args: Queries[N]['args']) {
  const question = questionOf(name, JSON.stringify(args));
  const answer = backend().ask(name, args);
  // An error is told to whoever takes it; where nobody does, it is nobody's. One of a locked screen is none once it is open.
  answer.catch((caught) => asRefusal(caught).code === 'locked' && forget());
  const stop = backend().changes(() => forget());
  const forget = () => {
    early.delete(question);
    stop();
  };
  early.get(question)?.forget();
  early.set(question, { answer, forget });
}

/** Asks now, if it was not asked early. */
export function answerOf<N extends QueryName>(name: N, args: Queries[N]['args']): Promise<Queries[N]['result']> {
  const known = early.get(questionOf(name, JSON.stringify(args)));
  known?.forget();
  return (known?.answer as Promise<Queries[N]['result']> | undefined) ?? backend().ask(name, args);
}

/** What a query says now. The old rows stay while it is asked again. */
export interface Live<T, A = unknown> {
  readonly value: T | undefined;
  /** What the value answers: while a new question runs, or the connection is lost, the one before. */
  readonly of: A | undefined;
  readonly error: Refusal | undefined;
  /** Whether nothing is known yet: true until the first answer or error. */
  readonly loading: boolean;
  /** Asks again now. */
  refresh(): void;
}

/**
 * Asks a query for as long as the component lives, and again whenever its arguments change, rows of its tags change, the
 * connection comes back, or (where the answer goes by the clock) an hour begins. While `args` says `undefined`, nothing is asked.
 *
 * Called in a component's script or in another live state: `const today = live('today', () => ({ since }))`.
 */
export function live<N extends QueryName>(
  name: N,
  args: () => Queries[N]['args'] | undefined = () => ({}) as Queries[N]['args'],
): Live<Queries[N]['result'], Queries[N]['args']> {
  let value = $state.raw<Queries[N]['result']>();
  let of = $state.raw<Queries[N]['args']>();
  let error = $state.raw<Refusal>();
  let loading = $state(true);
  let again = $state(0);
  const told = $derived(args());
  // Equal arguments are the same question, however often they are made anew.
  const question = $derived(told === undefined ? undefined : JSON.stringify(told));
  const hour = $derived(BY_THE_CLOCK.has(name) ? Math.floor(now() / HOUR_MS) : 0);

  $effect(() => {
    const asked = question;
    void again;
    void hour;
    if (asked === undefined) return;
    let over = false;
    const run = oneAtATime(async () => {
      if (over) return;
      try {
        const args = JSON.parse(asked) as Queries[N]['args'];
        const answer = await answerOf(name, args);
        if (over) return;
        value = answer;
        of = args;
        error = undefined;
      } catch (caught) {
        if (over) return;
        error = asRefusal(caught);
        // Rows of another question are no answer; the same question's old rows are better than none.
        if (error.code !== 'lost') value = undefined;
      }
      loading = false;
    });

    run();
    const stop = backend().changes((change) => {
      if (change === 'all' || queryTags[name].some((tag) => change.includes(tag))) run();
    });
    return () => {
      over = true;
      stop();
    };
  });

  return {
    get value() {
      return value;
    },
    get of() {
      return of;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    refresh() {
      again += 1;
    },
  };
}

/** Runs a task one at a time: whoever wants it while it runs has it run once more afterwards, however many they are. */
export function oneAtATime(task: () => Promise<void>): () => void {
  let busy = false;
  let again = false;
  async function run() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await task();
    } while (again);
    busy = false;
  }
  return () => void run();
}

/** A command with its button's state. */
export interface Act<N extends CommandName> {
  readonly busy: boolean;
  readonly error: Refusal | undefined;
  /** Does it; says `undefined` when it was refused (see `error`) or is under way already. */
  run(args: Commands[N]['args']): Promise<Commands[N]['result'] | undefined>;
  /** Forgets the error. */
  clear(): void;
}

/** Does a command: `const post = act('post')`, then `await post.run({…})`. Rows that it changed come back by themselves. */
export function act<N extends CommandName>(name: N): Act<N> {
  let busy = $state(false);
  let error = $state.raw<Refusal>();
  return {
    get busy() {
      return busy;
    },
    get error() {
      return error;
    },
    clear() {
      error = undefined;
    },
    async run(args) {
      if (busy) return undefined;
      busy = true;
      try {
        const result = await backend().do(name, args);
        error = undefined;
        return result;
      } catch (caught) {
        error = asRefusal(caught);
        return undefined;
      } finally {
        busy = false;
      }
    },
  };
}

/** A question that is asked when somebody wants it, with its button's state. */
export interface Asking<N extends QueryName> {
  readonly value: Queries[N]['result'] | undefined;
  readonly error: Refusal | undefined;
  readonly busy: boolean;
  /** Asks. The last answer stays until then; an error takes its place. */
  run(args: Queries[N]['args']): Promise<void>;
  /** Forgets the answer. */
  clear(): void;
}

/** Asks a query when told to: `const audit = asking('audit')`, then `audit.run({})`. */
export function asking<N extends QueryName>(name: N): Asking<N> {
  let value = $state.raw<Queries[N]['result']>();
  let error = $state.raw<Refusal>();
  let busy = $state(false);
  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    clear() {
      value = undefined;
    },
    async run(args) {
      busy = true;
      try {
        value = await ask(name, args);
        error = undefined;
      } catch (caught) {
        value = undefined;
        error = asRefusal(caught);
      }
      busy = false;
    },
  };
}

/** Asks once, for what is not shown all the time. Throws a {@link Refusal}. */
export function ask<N extends QueryName>(name: N, args: Queries[N]['args']): Promise<Queries[N]['result']> {
  return backend().ask(name, args);
}

/** What was thrown, as something that can be shown. */
export function asRefusal(caught: unknown): Refusal {
  return caught instanceof Refusal ? caught : new Refusal({ code: 'unreadable', sentence: '' });
}
