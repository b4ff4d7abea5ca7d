import { Refusal, type Backend, type Connection } from './backend';
import { here } from './home';
import { hearers, installation, leave, refusalOf, screenLock, toldOnes } from './told';

/** How long to wait before the nth attempt to reach this device's Kaifong again, in milliseconds. */
const PATIENCE_MS = [250, 500, 1000, 2000, 4000, 8000];
/** After how long without a word the connection counts as dead, in milliseconds; Kaifong says something every 20 seconds. */
const SILENCE_MS = 65_000;
/** How often that is looked at, in milliseconds. */
const LOOK_MS = 20_000;
/** How long an attempt may take, in milliseconds. */
const ATTEMPT_MS = 5000;

/** Reaches the Kaifong that served this page: POST /api/HOME/NAME, and /events for what changed. */
export function httpBackend(): Backend {
  const told = toldOnes();
  const states = hearers<Connection>();
  let state: Connection = 'connected';
  let attempts = 0;
  /** Whether something may have been missed: a change, or an answer. */
  let missed = false;
  /** Whether what happens from now on is heard. */
  let hears = false;
  /** The one that is listened to, open or about to be. */
  let socket: WebSocket | undefined;
  let heard_at = Date.now();
  let next: ReturnType<typeof setTimeout> | undefined;
  let trying = false;
  /** Ends what was asked over a connection that has died: nobody would ever answer it. */
  let dead = new AbortController();

  function become(now: Connection) {
    // Only a new link helps one that is closed.
    if (state === now || (state === 'closed' && now === 'lost')) return;
    state = now;
    states.tell(state);
  }

  async function call(name: string, args: unknown, until: AbortSignal = dead.signal): Promise<unknown> {
    let answer: Response;
    let body: unknown;
    try {
      answer = await fetch(`/api/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(args),
        signal: until,
      });
      body = await answer.json().catch(() => undefined);
      until.throwIfAborted();
    } catch {
      lose();
      throw new Refusal({ code: 'lost', sentence: '' });
    }
    if (answer.status === 401) {
      become('closed');
      letGo();
      throw new Refusal({ code: 'closed', sentence: '' });
    }
    // What happens between this answer and the socket's opening would be heard by nobody.
    if (!hears) missed = true;
    if (answer.ok && body !== undefined) return body;
    // A proxy that finds nobody behind it answers 502 to 504.
    const refusal = refusalOf(body, answer.status >= 502 ? 'lost' : 'unreadable');
    if (refusal.code === 'home-unknown') void leave(homes).catch(() => undefined);
    told.refused(refusal);
    throw refusal;
  }

  const homes = installation(call, told.anywhere);
  const callHere = (name: string, args: unknown) => call(`${here}/${name}`, args);

  function listen() {
    const url = new URL('/events', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    socket = new WebSocket(url);
    heard_at = Date.now();
    socket.onopen = () => {
      hears = true;
      attempts = 0;
      heard_at = Date.now();
      become('connected');
      // What happened while nobody listened is unknown: everything is asked again.
      if (missed) told.all();
      missed = false;
    };
    socket.onmessage = (message) => {
      heard_at = Date.now();
      told.hear(read(message.data));
    };
    socket.onclose = lose;
  }

  /** Lets the socket go. One whose other end is gone may never say that it is closed: it is not waited for. */
  function letGo() {
    missed = true;
    hears = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = undefined;
  }

  /** The connection is gone: says so, and tries again after a while. */
  function lose() {
    letGo();
    become('lost');
    if (trying || next !== undefined || state === 'closed') return;
    next = setTimeout(again, PATIENCE_MS[Math.min(attempts, PATIENCE_MS.length - 1)] ?? 8000);
    attempts += 1;
  }

  /** A refused socket tells no status: a question does, and 401 ends the trying. */
  async function again() {
    clearTimeout(next);
    next = undefined;
    if (trying || socket) return;
    trying = true;
    const refused = await call('homes', {}, AbortSignal.timeout(ATTEMPT_MS)).then(() => undefined, (error: unknown) => (error as Refusal).code);
    trying = false;
    if (refused === 'lost') lose();
    else if (refused !== 'closed') listen();
  }

  /**
   * Whether the connection has died without a word: a computer that slept, a tunnel that is gone. Mostly Kaifong itself is still
   * there, and nobody needs to hear of it.
   */
  function look() {
    if (!socket || Date.now() - heard_at <= SILENCE_MS) return;
    dead.abort();
    dead = new AbortController();
    letGo();
    void again();
  }

  /** Somebody looks at the page: what is wrong is not left to the next timer. */
  function seen() {
    if (document.visibilityState !== 'visible') return;
    look();
    if (state !== 'connected') void again();
  }

  listen();
  setInterval(look, LOOK_MS);
  document.addEventListener('visibilitychange', seen);
  for (const sign of ['focus', 'online', 'pageshow']) addEventListener(sign, seen);

  return {
    ask: (name, args) => callHere(name, args) as never,
    do: (name, args) => callHere(name, args) as never,
    changes: told.changes.hear,
    notices: told.notices.hear,
    installation: homes,
    lock: screenLock(call, told),
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
