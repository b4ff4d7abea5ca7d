import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { here, Refusal, type Change, type Connection, type Heard } from '../src/backend';
import { tauriBackend } from '../src/backend/tauri';

/** The window's side: a node that answers, a place that is told once, and what the system was asked. */
function aWindow(answer: (name: string, args: unknown, home: string | undefined) => unknown = () => ({})) {
  const side = { place: null as string | null, autostart: false };
  mockIPC(
    (command, payload) => {
      const { home, name, args } = (payload ?? {}) as { home?: string; name: string; args: unknown };
      switch (command) {
        case 'ask':
          return answer(name, args, home);
        case 'place': {
          const { place } = side;
          side.place = null;
          return place;
        }
        case 'plugin:autostart|is_enabled':
          return side.autostart;
        case 'plugin:autostart|enable':
        case 'plugin:autostart|disable':
          side.autostart = command.endsWith('|enable');
          return;
        case 'plugin:notification|is_permission_granted':
          return false;
        default:
          throw `command ${command} not found`;
      }
    },
    { shouldMockEvents: true },
  );
  return side;
}

/** What the window lets a page do with notifications: the system's own, asked for first. */
class Notified {
  static permission = 'default';
  static shown: { title: string; body: string | undefined; extra: unknown }[] = [];
  static requestPermission = vi.fn(async () => 'granted');
  constructor(title: string, { body, extra }: { body?: string; extra?: unknown }) {
    Notified.shown.push({ title, body, extra });
  }
}

beforeEach(() => {
  Notified.shown = [];
  vi.stubGlobal('Notification', Notified);
});
afterEach(() => {
  clearMocks();
  vi.unstubAllGlobals();
});

test('a question goes to the node with its building, its name and its arguments', async () => {
  const asked: unknown[] = [];
  aWindow((name, args, home) => {
    asked.push([name, args, home]);
    return { rows: [], total: 0 };
  });
  const backend = await tauriBackend();
  expect(await backend.ask('listings', { text: '梯子' })).toEqual({ rows: [], total: 0 });
  await backend.do('close_listing', { listing: 'l' });
  await backend.installation.list();
  expect(asked).toEqual([
    ['listings', { text: '梯子' }, here],
    ['close_listing', { listing: 'l' }, here],
    ['homes', {}, undefined],
  ]);
});

test('a refusal keeps its code, its sentence and its hint', async () => {
  aWindow(() => {
    throw { code: 'beyond-rights', sentence: '分不够了', hint: '先帮一个忙', details: { rights: 12 } };
  });
  const refused = await (await tauriBackend()).do('give', { points: 20, to: 'm' }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: 'beyond-rights', sentence: '分不够了', hint: '先帮一个忙' });
});

test('an answer that is not of the table is unreadable', async () => {
  aWindow(() => {
    throw 'invalid args `name` for command `ask`';
  });
  await expect((await tauriBackend()).ask('points', {})).rejects.toMatchObject({ code: 'unreadable', sentence: '' });
});

test('changes and notices are told apart, and what is neither is left out', async () => {
  aWindow();
  const backend = await tauriBackend();
  const changes: Change[] = [];
  const notices: Heard[] = [];
  backend.changes((change) => changes.push(change));
  const stop = backend.notices((notice) => notices.push(notice));
  await emit('kaifong', { event: 'changed', payload: { tags: ['deals', 'points'] } });
  await emit('kaifong', { event: 'notice', payload: { kind: 'fit', count: 2, place: '/' } });
  await emit('kaifong', { event: 'hidden', payload: {} });
  for (const other of [null, 'changed', { event: 'changed', payload: {} }, { event: 'notice', payload: { kind: 'advert', count: 1, place: '/' } }, { event: 'later', payload: {} }]) {
    await emit('kaifong', other);
  }
  stop();
  await emit('kaifong', { event: 'notice', payload: { kind: 'turn', count: 1, place: '/' } });
  expect(changes).toEqual([['deals', 'points']]);
  expect(notices).toEqual([{ kind: 'fit', count: 2, place: '/' }, 'hidden']);
});

test('the lock is the window’s own, whatever building it shows, and a refusal because of it is heard', async () => {
  const asked: unknown[] = [];
  aWindow((name, args, home) => {
    asked.push([name, args, home]);
    if (name === 'me') throw { code: 'locked', sentence: '锁着', hint: null };
    return { saved: true };
  });
  const backend = await tauriBackend();
  let heard = 0;
  const stop = backend.lock.changes(() => heard++);
  await backend.lock.unlock('2580');
  await backend.lock.set({ pin: '2580', new_pin: null, idle_min: 0 });
  await backend.lock.now();
  await expect(backend.ask('me', {})).rejects.toMatchObject({ code: 'locked' });
  expect(heard).toBe(1);
  await emit('kaifong', { event: 'changed', payload: { tags: ['lock'] } });
  await emit('kaifong', { event: 'changed', payload: { tags: ['deals'] } });
  expect(heard).toBe(2);
  stop();
  expect(asked).toEqual([
    ['unlock', { pin: '2580' }, undefined],
    ['set_lock', { pin: '2580', new_pin: null, idle_min: 0 }, undefined],
    ['lock_now', {}, undefined],
    ['me', {}, here],
  ]);
});

test('when the node has ended, the page is lost, and so is what it asks', async () => {
  aWindow(() => {
    throw 'the node is gone';
  });
  const backend = await tauriBackend();
  const states: Connection[] = [];
  backend.states((state) => states.push(state));
  expect(backend.state).toBe('connected');
  await emit('stopped', null);
  expect(backend.state).toBe('lost');
  expect(states).toEqual(['lost']);
  await expect(backend.ask('points', {})).rejects.toMatchObject({ code: 'lost' });
});

test('the place that the window was opened at is told once', async () => {
  const side = aWindow();
  side.place = '/welcome?way=join';
  const { shell } = await tauriBackend();
  expect(await shell?.place()).toBe('/welcome?way=join');
  expect(await shell?.place()).toBeNull();
});

test('a later place is heard, and not met again when the page is loaded anew', async () => {
  const side = aWindow();
  const { shell } = await tauriBackend();
  const places: string[] = [];
  shell?.places((place) => places.push(place));
  side.place = '/points';
  await emit('place', '/points');
  expect(places).toEqual(['/points']);
  await vi.waitFor(() => expect(side.place).toBeNull());
});

test('a place that comes before anybody listens waits for the page', async () => {
  const side = aWindow();
  const { shell } = await tauriBackend();
  side.place = '/me';
  await emit('place', '/me');
  const places: string[] = [];
  shell?.places((place) => places.push(place));
  await vi.waitFor(() => expect(places).toEqual(['/me']));
});

test('starting with the computer is off until it is turned on', async () => {
  aWindow();
  const { shell } = await tauriBackend();
  expect(await shell?.autostart()).toBe(false);
  await shell?.setAutostart(true);
  expect(await shell?.autostart()).toBe(true);
  await shell?.setAutostart(false);
  expect(await shell?.autostart()).toBe(false);
});

test('a notification asks for permission first, and is not shown without it', async () => {
  aWindow();
  const { shell } = await tauriBackend();
  await shell?.notify('轮到你了', '有 2 件事等你', '/deal/ab12');
  expect(Notified.shown).toEqual([{ title: '轮到你了', body: '有 2 件事等你', extra: { place: '/deal/ab12' } }]);
  Notified.requestPermission.mockResolvedValueOnce('denied');
  await shell?.notify('有合适的', '有 1 条新的合适', '/');
  expect(Notified.shown).toHaveLength(1);
});
