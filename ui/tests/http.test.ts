import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { here, Refusal } from '../src/backend';
import { httpBackend } from '../src/backend/http';

/** The socket of a page, played by hand. */
class Socket {
  static last: Socket;
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: () => void;
  constructor() {
    Socket.last = this;
  }
}

const elsewhere = '0194f00000000001';
const says = (told: unknown) => Socket.last.onmessage?.({ data: JSON.stringify(told) });
const changed = (tags: string[], home?: string) => says({ event: 'changed', payload: { tags }, home });

beforeEach(() => vi.stubGlobal('WebSocket', Socket));
afterEach(() => vi.unstubAllGlobals());

test('a question names the building, and what is asked of the device does not', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return new Response(JSON.stringify({ rows: [] }));
  });
  const backend = httpBackend();
  await backend.ask('deals', {});
  await backend.do('agree', { deal: 'd' });
  await backend.installation.list();
  expect(asked).toEqual([`/api/${here}/deals`, `/api/${here}/agree`, '/api/homes']);
});

test('what happens in another building changes nothing on this page, and is heard by who lists them', () => {
  const backend = httpBackend();
  const [changes, anywhere, notices]: unknown[][] = [[], [], []];
  backend.changes((change) => changes?.push(change));
  backend.installation.changes((change) => anywhere?.push(change));
  backend.notices((notice) => notices?.push(notice.elsewhere ?? false));
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
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('nobody there');
  });
  const backend = httpBackend();
  const heard: unknown[] = [];
  backend.changes((change) => heard.push(change));
  await expect(backend.ask('me', {})).rejects.toThrow(Refusal);
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
