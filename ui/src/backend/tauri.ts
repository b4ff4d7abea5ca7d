import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { disable, enable, isEnabled } from '@tauri-apps/plugin-autostart';
import { isPermissionGranted, requestPermission, sendNotification } from '@tauri-apps/plugin-notification';
import type { Notice } from './api';
import type { Backend, Change, Connection, Shell } from './backend';
import { eventOf, hearers, refusalOf } from './told';

/** Reaches the node behind this window. It listens before it can be asked anything, so that no change is missed. */
export async function tauriBackend(): Promise<Backend> {
  const changes = hearers<Change>();
  const notices = hearers<Notice>();
  const states = hearers<Connection>();
  let state: Connection = 'connected';

  await Promise.all([
    listen('kaifong', ({ payload }) => {
      const event = eventOf(payload);
      if (event?.event === 'changed') changes.tell(event.payload.tags);
      else if (event) notices.tell(event.payload);
    }),
    listen('stopped', () => {
      state = 'lost';
      states.tell(state);
    }),
  ]);

  async function call(name: string, args: unknown): Promise<unknown> {
    try {
      return await invoke('ask', { name, args });
    } catch (refused) {
      throw refusalOf(refused, state === 'lost' ? 'lost' : 'unreadable');
    }
  }

  return {
    ask: (name, args) => call(name, args) as never,
    do: (name, args) => call(name, args) as never,
    changes: changes.hear,
    notices(listener) {
      const over = notices.hear(listener);
      // Notices begin once somebody hears them.
      void invoke('listening').catch(() => undefined);
      return over;
    },
    get state() {
      return state;
    },
    states: states.hear,
    shell: await shell(),
  };
}

async function shell(): Promise<Shell> {
  const places = hearers<string>();
  const place = () => invoke<string | null>('place');

  await listen('place', ({ payload }) => {
    // The window keeps a place until it is read, so that a page which is still coming finds it.
    if (typeof payload !== 'string' || !places.any) return;
    void place();
    places.tell(payload);
  });

  return {
    async notify(title, body, place) {
      const granted = (await isPermissionGranted()) || (await requestPermission()) === 'granted';
      if (granted) sendNotification({ title, body, extra: { place } });
    },
    autostart: isEnabled,
    setAutostart: (on) => (on ? enable() : disable()),
    place,
    places(listener) {
      void place().then((kept) => kept !== null && listener(kept));
      return places.hear(listener);
    },
  };
}
