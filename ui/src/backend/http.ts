import type { Event, Notice } from './api';
import { Refusal, type Backend, type Change, type Connection } from './backend';
import { eventOf, hearers, refusalOf } from './told';

/** How long to wait before the nth attempt to reach this device's Kaifong again, in milliseconds. */
const PATIENCE_MS = [250, 500, 1000, 2000, 4000, 8000];

/** Reaches the Kaifong that served this page: POST /api/NAME, and /events for what changed. */
export function httpBackend(): Backend {
  const changes = hearers<Change>();
  const notices = hearers<Notice>();
  const states = hearers<Connection>();
  let state: Connection = 'connected';
  let attempts = 0;
  let everOpen = false;

  function become(next: Connection) {
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
    throw refusalOf(body, answer.status >= 502 ? 'lost' : 'unreadable');
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
      if (everOpen) changes.tell('all');
      everOpen = true;
    };
    socket.onmessage = (message) => {
      const event = read(message.data);
      if (event?.event === 'changed') changes.tell(event.payload.tags);
      else if (event) notices.tell(event.payload);
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
    changes: changes.hear,
    notices: notices.hear,
    get state() {
      return state;
    },
    states: states.hear,
  };
}

function read(data: unknown): Event | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return eventOf(JSON.parse(data));
  } catch {
    return undefined;
  }
}
