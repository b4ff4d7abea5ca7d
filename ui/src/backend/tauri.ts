import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { disable, enable, isEnabled } from '@tauri-apps/plugin-autostart';
import { isPermissionGranted, requestPermission, sendNotification } from '@tauri-apps/plugin-notification';
import type { Backend, Connection, Shell } from './backend';
import { here } from './home';
import { hearers, installation, leave, refusalOf, screenLock, toldOnes } from './told';

/** Reaches the node behind this window. It listens before it can be asked anything, so that no change is missed. */
export async function tauriBackend(): Promise<Backend> {
  const told = toldOnes();
  const states = hearers<Connection>();
  let state: Connection = 'connected';

  await Promise.all([
    listen('kaifong', ({ payload }) => told.hear(payload)),
    listen('stopped', () => {
      state = 'lost';
      states.tell(state);
    }),
  ]);

  async function call(name: string, args: unknown, home?: string): Promise<unknown> {
    try {
      return await invoke('ask', { home, name, args });
    } catch (refused) {
      const refusal = refusalOf(refused, state === 'lost' ? 'lost' : 'unreadable');
      if (refusal.code === 'home-unknown') void leave(homes).catch(() => undefined);
      told.refused(refusal);
      throw refusal;
    }
  }

  const homes = installation(call, told.anywhere);

  return {
    ask: (name, args) => call(name, args, here) as never,
    do: (name, args) => call(name, args, here) as never,
    changes: told.changes.hear,
    installation: homes,
    lock: screenLock(call, told),
    notices(listener) {
      const over = told.notices.hear(listener);
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
