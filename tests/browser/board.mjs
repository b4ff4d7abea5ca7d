// A desktop's session bus, and the service on it that shows notifications.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PATIENCE_MS, started, work } from './street.mjs';

const board = process.env['KAIFONG_NOTICE_BOARD'];
if (!board) throw new Error('KAIFONG_NOTICE_BOARD names the notification service');

/** A session bus of its own, on which nothing is started by itself. Gives its address. */
export async function session() {
  const [config, socket] = [join(work, 'bus.conf'), join(work, 'bus')];
  mkdirSync(work, { recursive: true, mode: 0o700 });
  writeFileSync(
    config,
    `<busconfig><type>session</type><listen>unix:path=${socket}</listen><policy context="default"><allow send_destination="*"/>` +
      '<allow receive_sender="*"/><allow own="*"/></policy></busconfig>',
  );
  const daemon = spawn('dbus-daemon', ['--nofork', '--print-address', '--config-file', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.add(daemon);
  for await (const address of createInterface({ input: daemon.stdout })) return address;
  throw new Error('dbus-daemon did not start');
}

/** The desktop's notifications. */
export class NoticeBoard {
  constructor(child, lines) {
    this.child = child;
    this.lines = lines;
    this.told = [];
  }

  static async open(bus) {
    const child = spawn(board, [], { env: { DBUS_SESSION_BUS_ADDRESS: bus }, stdio: ['pipe', 'pipe', 'inherit'] });
    started.add(child);
    const opened = new NoticeBoard(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    if (!(await opened.line())?.up) throw new Error('the notification service did not start');
    return opened;
  }

  async line() {
    const { value } = await this.lines.next();
    return value === undefined ? undefined : JSON.parse(value);
  }

  /** Waits for the next notification. */
  async next() {
    let patience;
    const out = new Promise((_, fail) => (patience = setTimeout(fail, PATIENCE_MS, new Error('nothing was told'))));
    const notice = await Promise.race([this.line(), out]).finally(() => clearTimeout(patience));
    if (!notice) throw new Error('the notification service has ended');
    this.told.push(notice);
    return notice;
  }

  press(id) {
    this.child.stdin.write(`${id}\n`);
  }

  /** Ends it; gives everything that was ever told. */
  async close() {
    this.child.stdin.end();
    for (let notice = await this.line(); notice; notice = await this.line()) this.told.push(notice);
    return this.told;
  }
}
