import { codes, type Code, type Event } from './api';
import { Refusal, type Backend, type Change, type Connection } from './backend';

/** How long to wait before the nth attempt to reach this device's Kaifong again, in milliseconds. */
const PATIENCE_MS = [250, 500, 1000, 2000, 4000, 8000];

/** Reaches the Kaifong that served this page: POST /api/NAME, and /events for what changed. */
export function httpBackend(): Backend {
  const changeListeners = new Set<(change: Change) => void>();
  const stateListeners = new Set<(state: Connection) => void>();
  let state: Connection = 'connected';
  let attempts = 0;
  let everOpen = false;

  function become(next: Connection) {
    if (state === next || state === 'closed') return;
    state = next;
    for (const tell of stateListeners) tell(state);
  }

  function changed(change: Change) {
    for (const tell of changeListeners) tell(change);
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
    throw refusalOf(body, answer.status);
  }

  function listen() {
    if (state === 'closed') return;
    const url = new URL('/events', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.onopen = () => {
      attempts = 0;
      become('connected');
      // What happened while nobody listened is unknown: everything is asked again.
      if (everOpen) changed('all');
      everOpen = true;
    };
    socket.onmessage = (message) => {
      const event = eventOf(message.data);
      if (event?.event === 'changed') changed(event.payload.tags);
    };
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
      await call('status', {});
    } catch (error) {
      if (error instanceof Refusal && error.code === 'closed') return;
    }
    listen();
  }

  listen();

  return {
    ask: (name, args) => call(name, args) as never,
    do: (name, args) => call(name, args) as never,
    changes(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    get state() {
      return state;
    },
    states(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
  };
}

function refusalOf(body: unknown, status: number): Refusal {
  if (typeof body === 'object' && body !== null && 'code' in body && 'sentence' in body) {
    const { code, sentence } = body;
    const hint = 'hint' in body && typeof body.hint === 'string' ? body.hint : null;
    if (codes.includes(code as Code) && typeof sentence === 'string') return new Refusal({ code: code as Code, sentence, hint });
  }
  // A proxy that finds nobody behind it answers 502 to 504.
  return new Refusal({ code: status >= 502 ? 'lost' : 'unreadable', sentence: '' });
}

function eventOf(data: unknown): Event | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const event = JSON.parse(data) as Event;
    return event.event === 'changed' && Array.isArray(event.payload?.tags) ? event : undefined;
  } catch {
    return undefined;
  }
}
