import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { here, Refusal, type Backend, type Change, type Connection } from '../src/backend';
import { httpBackend } from '../src/backend/http';

const HOURS_MS = 3_600_000;

/** A socket whose other end is the test. */
class Socket {
  static all: Socket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  constructor() {
    Socket.all.push(this);
  }
  close() {
    this.closed = true;
  }
  static get last(): Socket {
    const last = Socket.all.at(-1);
    if (!last) throw new Error('nobody listens');
    return last;
  }
  static get open(): number {
    return Socket.all.filter((one) => !one.closed).length;
  }
}

type Answer = () => Response | Promise<Response>;
const ok: Answer = () => new Response(JSON.stringify({ n: 1 }));
const gone: Answer = () => Promise.reject(new TypeError('Failed to fetch'));
const stranger: Answer = () => new Response(JSON.stringify({ code: 'no-session', sentence: '没有凭链接进来' }), { status: 401 });
let answer: Answer;
let asked: string[];
const left: (() => void)[] = [];

interface Page {
  backend: Backend;
  changes: Change[];
  states: Connection[];
}

/** A page that was opened just now. */
function aPage(): Page {
  const backend = httpBackend();
  const page: Page = { backend, changes: [], states: [] };
  backend.changes((change) => page.changes.push(change));
  backend.states((state) => page.states.push(state));
  Socket.last.onopen?.();
  return page;
}

function look() {
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  [answer, asked] = [ok, []];
  vi.stubGlobal('WebSocket', Socket);
  vi.stubGlobal('fetch', (url: string, { signal }: RequestInit) => {
    asked.push(url);
    const aborted = new Promise<never>((_, fail) => signal?.addEventListener('abort', () => fail(new DOMException('over', 'AbortError'))));
    return Promise.race([answer(), aborted]);
  });
  for (const where of [document, window]) {
    const hear = where.addEventListener.bind(where);
    vi.spyOn(where, 'addEventListener').mockImplementation((sign: string, listener: EventListenerOrEventListenerObject) => {
      hear(sign, listener);
      left.push(() => where.removeEventListener(sign, listener));
    });
  }
});
// A page takes what it hears along when it is closed.
afterEach(() => {
  for (const leave of left.splice(0)) leave();
  vi.restoreAllMocks();
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a quiet building is no dead connection', async () => {
  const { backend, states } = aPage();
  for (let passed = 0; passed < 72 * HOURS_MS; passed += 20_000) {
    await vi.advanceTimersByTimeAsync(20_000);
    Socket.last.onmessage?.({ data: '{}' });
  }
  expect([backend.state, states, Socket.all.length, asked]).toEqual(['connected', [], 1, []]);
});

test('a connection that has said nothing for long is left, and another one asks everything again', async () => {
  const { backend, changes, states } = aPage();
  const dead = Socket.last;
  // The computer slept: the clock went on, and no timer did.
  vi.setSystemTime(Date.now() + 72 * HOURS_MS);
  look();
  expect([dead.closed, Socket.open]).toEqual([true, 0]);
  await vi.advanceTimersByTimeAsync(0);
  expect(Socket.all).toHaveLength(2);
  Socket.last.onopen?.();
  expect([backend.state, changes, states]).toEqual(['connected', ['all'], []]);
});

test('a Kaifong that neither answers nor ends its connection is told of in seconds', async () => {
  const { backend } = aPage();
  answer = () => new Promise<Response>(() => {});
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const over = new AbortController();
    setTimeout(() => over.abort(), ms);
    return over.signal;
  });
  await vi.advanceTimersByTimeAsync(65_000 + 20_000 + 5000);
  expect([backend.state, Socket.open]).toEqual(['lost', 0]);
  answer = ok;
  await vi.advanceTimersByTimeAsync(15_000);
  Socket.last.onopen?.();
  expect([backend.state, Socket.open]).toEqual(['connected', 1]);
});

test('what was asked over a dead connection is not waited for, and can be asked again', async () => {
  const { backend } = aPage();
  answer = () => new Promise<Response>(() => {});
  const refused = backend.ask('points', {}).catch((error: unknown) => error);
  vi.setSystemTime(Date.now() + HOURS_MS);
  answer = ok;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await refused).toMatchObject({ code: 'lost' });
  expect(await backend.ask('points', {})).toEqual({ n: 1 });
});

test('a question that fails for a moment does not leave the page lost for good', async () => {
  const { backend, states } = aPage();
  answer = gone;
  await expect(backend.ask('points', {})).rejects.toMatchObject({ code: 'lost' });
  expect([states, Socket.open]).toEqual([['lost'], 0]);
  answer = ok;
  await vi.advanceTimersByTimeAsync(1000);
  Socket.last.onopen?.();
  expect([backend.state, Socket.open]).toEqual(['connected', 1]);
});

test('a Kaifong that is away for days is asked now and then by one question at a time, and at once when somebody looks', async () => {
  const { backend } = aPage();
  answer = gone;
  Socket.last.onclose?.();
  await vi.advanceTimersByTimeAsync(72 * HOURS_MS);
  expect(asked.length).toBeLessThan((72 * HOURS_MS) / 8000 + 10);
  expect([Socket.all.length, vi.getTimerCount()]).toEqual([1, 2]);
  answer = ok;
  for (let i = 0; i < 5; i++) look();
  await vi.advanceTimersByTimeAsync(0);
  expect(Socket.open).toBe(1);
  Socket.last.onopen?.();
  expect(backend.state).toBe('connected');
});

test('a link that no longer counts ends the trying, until this browser has opened another', async () => {
  const { backend, changes, states } = aPage();
  answer = stranger;
  await expect(backend.ask('points', {})).rejects.toMatchObject({ code: 'closed' });
  const before = asked.length;
  await vi.advanceTimersByTimeAsync(HOURS_MS);
  expect([backend.state, asked.length, Socket.open]).toEqual(['closed', before, 0]);
  look();
  await vi.advanceTimersByTimeAsync(0);
  expect([backend.state, Socket.open]).toEqual(['closed', 0]);
  answer = ok;
  look();
  await vi.advanceTimersByTimeAsync(0);
  Socket.last.onopen?.();
  expect([backend.state, changes, states]).toEqual(['connected', ['all'], ['closed', 'connected']]);
});

const elsewhere = '0194f00000000001';
const says = (told: unknown) => Socket.last.onmessage?.({ data: JSON.stringify(told) });
const changed = (tags: string[], home?: string) => says({ event: 'changed', payload: { tags }, home });

test('a question names the building, and what is asked of the device does not', async () => {
  const named: string[] = [];
  vi.stubGlobal('fetch', async (path: string) => {
    named.push(path);
    return new Response(JSON.stringify({ rows: [] }));
  });
  const backend = httpBackend();
  await backend.ask('deals', {});
  await backend.do('agree', { deal: 'd' });
  await backend.installation.list();
  expect(named).toEqual([`/api/${here}/deals`, `/api/${here}/agree`, '/api/homes']);
});

test('what happens in another building changes nothing on this page, and is heard by who lists them', () => {
  const backend = httpBackend();
  const [changes, anywhere, notices]: unknown[][] = [[], [], []];
  backend.changes((change) => changes?.push(change));
  backend.installation.changes((change) => anywhere?.push(change));
  backend.notices((notice) => notices?.push(notice !== 'hidden' && (notice.elsewhere ?? false)));
  changed(['deals'], elsewhere);
  changed(['points'], here);
  // What was missed may have happened anywhere.
  changed(['listings']);
  expect(changes).toEqual([['points'], ['listings']]);
  expect(anywhere).toEqual([['deals'], ['points'], ['listings']]);
  for (const home of [elsewhere, here]) says({ event: 'notice', payload: { kind: 'turn', count: 1, place: '/' }, home });
  expect(notices).toEqual([true, false]);
});

test('a page that could not ask before its socket opened asks everything again once it is', async () => {
  answer = gone;
  const backend = httpBackend();
  const heard: unknown[] = [];
  backend.changes((change) => heard.push(change));
  await expect(backend.ask('me', {})).rejects.toThrow(Refusal);
  answer = ok;
  await vi.advanceTimersByTimeAsync(1000);
  Socket.last.onopen?.();
  expect(heard).toEqual(['all']);
});

test('a page that was answered before its socket opened asks again: what happened in between was told to nobody', async () => {
  const backend = httpBackend();
  const heard: unknown[] = [];
  backend.changes((change) => heard.push(change));
  await backend.ask('me', {});
  Socket.last.onopen?.();
  expect(heard).toEqual(['all']);
  await backend.ask('me', {});
  Socket.last.onopen?.();
  expect(heard).toEqual(['all']);
});

test('a page that missed nothing asks nothing again', () => {
  const backend = httpBackend();
  const heard: unknown[] = [];
  backend.changes((change) => heard.push(change));
  Socket.last.onopen?.();
  expect(heard).toEqual([]);
});
