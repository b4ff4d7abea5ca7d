import { Refusal, type Backend, type Connection } from './backend';
import { here } from './home';
import { hearers, installation, leave, refusalOf, toldOnes } from './told';

/** How long to wait before the nth attempt to reach this device's Kaifong again, in milliseconds. */
const PATIENCE_MS = [250, 500, 1000, 2000, 4000, 8000];

/** Reaches the Kaifong that served this page: POST /api/HOME/NAME, and /events for what changed. */
export function httpBackend(): Backend {
  const told = toldOnes();
  const states = hearers<Connection>();
  let state: Connection = 'connected';
  let attempts = 0;
  /** Whether something may have been missed: a change, or an answer. */
  let missed = false;

  function become(next: Connection) {
    if (next === 'lost') missed = true;
    if (state === next || state === 'closed') return;
    state = next;
    states.tell(state);
  }

  async function call(name: string, args: unknown): Promise<unknown> {
    let answer: Response;
    try {
      answer = await fetch(`/api/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(args),
      });
    } catch {
      become('lost');
      throw new Refusal({ code: 'lost', sentence: '' });
    }
    if (answer.status === 401) {
      become('closed');
      throw new Refusal({ code: 'closed', sentence: '' });
    }
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok && body !== undefined) return body;
    // A proxy that finds nobody behind it answers 502 to 504.
    const refusal = refusalOf(body, answer.status >= 502 ? 'lost' : 'unreadable');
    if (refusal.code === 'home-unknown') void leave(homes).catch(() => undefined);
    throw refusal;
  }

  const homes = installation(call, told.anywhere);
  const callHere = (name: string, args: unknown) => call(`${here}/${name}`, args);

  function listen() {
    if (state === 'closed') return;
    const url = new URL('/events', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.onopen = () => {
      attempts = 0;
      become('connected');
      // What happened while nobody listened is unknown: everything is asked again.
      if (missed) told.all();
      missed = false;
    };
    socket.onmessage = (message) => told.hear(read(message.data));
    socket.onclose = () => {
      become('lost');
      const wait = PATIENCE_MS[Math.min(attempts, PATIENCE_MS.length - 1)] ?? 8000;
      attempts += 1;
      setTimeout(again, wait);
    };
  }

  /** A refused socket tells no status: a question does, and 401 ends the trying. */
  async function again() {
    try {
      await call('homes', {});
    } catch (error) {
      if (error instanceof Refusal && error.code === 'closed') return;
    }
    listen();
  }

  listen();

  return {
    ask: (name, args) => callHere(name, args) as never,
    do: (name, args) => callHere(name, args) as never,
    changes: told.changes.hear,
    notices: told.notices.hear,
    installation: homes,
    get state() {
      return state;
    },
    states: states.hear,
  };
}

function read(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
