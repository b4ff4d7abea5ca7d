/** An invented building in memory: for component tests, /gallery, and `vite dev` with `?fake`. Never part of the app itself. */
import type { Activity, Commands, Deal, Follower, Home, Line, Listing, LockNote, Match, NoticeSettings, Person, Queries, Tag } from './api';
import { Refusal, type Backend, type Change, type CommandName, type Connection, type Heard, type QueryName, type Shell } from './backend';
import { here } from './home';
import { hearers } from './told';

export type Answers = { [N in QueryName]?: (args: Queries[N]['args']) => Queries[N]['result'] };
export type Deeds = { [N in CommandName]?: (args: Commands[N]['args']) => Commands[N]['result'] };

export interface FakeBackend extends Backend {
  /** Says that rows changed. */
  change(tags: readonly Tag[] | 'all'): void;
  become(state: Connection): void;
  /** Says that something is worth a look. */
  notice(notice: Heard): void;
  /** How this screen stands to the lock, to be changed; `locks` tells that it may have. */
  readonly lockNote: LockNote;
  locks(): void;
  /** What was asked and done, in order. */
  readonly asked: { name: string; args: unknown }[];
}

/** What an invented building answers, does, and which rows change by it. */
export interface Told {
  ask?: Answers;
  do?: Deeds;
  changes?: { [N in CommandName]?: readonly Tag[] };
  /** The buildings on this device. */
  homes?: Home[];
  /** Who follows into a building that was founded anew. */
  followers?: Follower[];
  /** The PIN that screens ask for. */
  pin?: string;
}

/** A backend that answers as told; what is not told is `not-reachable`. */
export function fakeBackend(told: Told, delay_ms = 0, shell?: Shell): FakeBackend {
  const changes = hearers<Change>();
  const notices = hearers<Heard>();
  const states = hearers<Connection>();
  const locks = hearers<void>();
  const lockNote: LockNote = { set: told.pin !== undefined, locked: told.pin !== undefined, idle_min: 5, left_ms: 0, wait_ms: 0, sheet: true };
  let state: Connection = 'connected';
  const asked: { name: string; args: unknown }[] = [];

  async function answer(from: Record<string, ((args: never) => unknown) | undefined> | undefined, name: string, args: unknown) {
    asked.push({ name, args });
    if (delay_ms > 0) await new Promise((done) => setTimeout(done, delay_ms));
    const tell = from?.[name];
    if (!tell) throw new Refusal({ code: 'not-reachable', sentence: `这个样子里没有 ${name}`, hint: null });
    return structuredClone(tell(args as never));
  }

  async function deed(name: CommandName, args: unknown) {
    const result = await answer(told.do, name, args);
    const changed = told.changes?.[name];
    if (changed) changes.tell(changed);
    return result;
  }

  /** Answers about the lock; out of reach while the connection is lost. */
  async function atLock<T>(name: string, args: unknown, tell: () => T): Promise<T> {
    if (state === 'lost') throw new Refusal({ code: 'lost', sentence: '' });
    const answered = await answer({ [name]: tell }, name, args);
    return answered as T;
  }

  return {
    asked,
    ask: (name, args) => answer(told.ask, name, args) as never,
    do: (name, args) => deed(name, args) as never,
    changes: changes.hear,
    notices: notices.hear,
    installation: {
      here,
      list: async () => ({ rows: structuredClone(told.homes ?? []), homes_max: 8 }),
      add: () => answer(undefined, 'add_home', {}) as never,
      forget: (home) => answer(undefined, 'forget_home', { home }) as never,
      refound: (name) => answer(undefined, 'refound', { name }) as never,
      follow: (refounding) => answer(undefined, 'follow', { refounding }) as never,
      followers: async () => ({ rows: structuredClone(told.followers ?? []) }),
      admit: (refounding, member, votes) => answer(undefined, 'admit_follower', { refounding, member, votes }) as never,
      bring: (refounding) => answer(undefined, 'bring_over', { refounding }) as never,
      changes: changes.hear,
    },
    lock: {
      look: () => atLock('lock', {}, () => lockNote),
      touch: () => atLock('touch', {}, () => ({ left_ms: lockNote.left_ms })),
      now: () => atLock('lock_now', {}, () => void (lockNote.locked = lockNote.set)),
      unlock: (pin) =>
        atLock('unlock', { pin }, () => {
          if (pin !== told.pin) throw new Refusal({ code: 'pin-wrong', sentence: '密码不对', hint: null });
          lockNote.locked = false;
        }),
      unlockBySheet: (digits) => atLock('unlock_by_sheet', { digits }, () => void Object.assign(lockNote, { set: false, locked: false })),
      set: (wish) => atLock('set_lock', wish, () => void Object.assign(lockNote, { set: true, idle_min: wish.idle_min })),
      remove: (pin) => atLock('remove_lock', { pin }, () => void (lockNote.set = false)),
      opened: () => changes.tell('all'),
      changes: locks.hear,
    },
    lockNote,
    locks: locks.tell,
    states: states.hear,
    get state() {
      return state;
    },
    change: changes.tell,
    notice: notices.tell,
    become(next) {
      state = next;
      states.tell(next);
    },
    ...(shell && { shell }),
  };
}

export interface FakeShell extends Shell {
  /** What was notified, in order. */
  readonly notified: { title: string; body: string; leads: string }[];
  /** Says where to go. */
  go(place: string): void;
}

/** A window that was opened at a place, and keeps what it is told. */
export function fakeShell(first: string | null = null): FakeShell {
  const places = hearers<string>();
  const notified: FakeShell['notified'] = [];
  let place = first;
  let autostart = false;
  return {
    notified,
    go: places.tell,
    async notify(title, body, leads) {
      notified.push({ title, body, leads });
    },
    autostart: async () => autostart,
    async setAutostart(on) {
      autostart = on;
    },
    async place() {
      const at = place;
      place = null;
      return at;
    },
    places: places.hear,
  };
}

/** A key that looks like one, always the same for the same word. */
export function keyOf(word: string): string {
  let a = 0x9e3779b9;
  let text = '';
  for (let i = 0; i < 64; i++) {
    a = Math.imul(a ^ (word.charCodeAt(i % word.length) + i * 131), 0x85ebca6b);
    a ^= a >>> 13;
    text += ((a >>> 8) & 15).toString(16);
  }
  return text;
}

function person(block: string, name: string): Person {
  return { member: keyOf(name + block), block, name };
}

const HOUR = 3_600_000;

export const people = {
  ma: person('604', '小马'),
  li: person('401', '李伯'),
  xiao: person('702', '肖阿姨'),
  hou: person('303', '侯叔'),
  chen: person('502', '陈姨'),
  he: person('706', '何家'),
  lian: person('601', '连老师'),
  house: person('', '共享小屋'),
};

function listing(title: string, owner: Person, more: Partial<Listing> = {}): Listing {
  return {
    id: keyOf(title), title, body: '', owner, kind: 'item', mode: 'share', loan: true, side: 'offer', stage: 'open',
    mine: owner === people.ma, points: 6, posted_at: Date.now() - 5 * HOUR, deal: null, closed_at: null, checked: null, check_due: false, ...more,
  };
}

function deal(title: string, giver: Person, receiver: Person, more: Partial<Deal> = {}): Deal {
  const now = Date.now();
  return {
    id: keyOf(`${title}deal`), title, listing: keyOf(title), giver, receiver, owner: giver, answerer: receiver, side: 'offer', loan: false,
    stage: 'agreed', points: 20, answered_at: now - 30 * HOUR, changed_at: now - HOUR, giver_confirmed: true, receiver_confirmed: false,
    my_step: 'done', my_verb: '确认', waiting: '等你确认', waits_for: [people.ma], due_at: null, returned_in_time: null, counterpart: null, winner: null, ...more,
  };
}

const listings: Listing[] = [
  listing('家用工具箱', people.xiao, { body: '锤子、螺丝刀一套、扳手、卷尺、水平尺。用完擦一擦就好。' }),
  listing('折叠轮椅', people.house, { stage: 'agreed', points: 0 }),
  listing('人字梯，两米', people.ma),
  listing('电子血压计', people.house, { points: null }),
  listing('手推车', people.chen),
  listing('烤箱', people.house, { stage: 'done' }),
  listing('儿童绘本十四册', people.he, { mode: 'donate', loan: false, points: 0 }),
  listing('教硬笔书法', people.lian, { kind: 'knowledge', mode: null, loan: false, points: 10 }),
  listing('想请人修厨房水龙头', people.ma, { side: 'need', kind: 'skill', mode: null, loan: false, points: 20 }),
  listing('周六想找人带孩子两小时', people.he, { side: 'need', kind: 'time', mode: null, loan: false, points: 40 }),
  listing('客厅可以下棋', people.hou, { kind: 'space', mode: null, loan: false, points: null }),
];

const deals: Deal[] = [
  deal('修厨房水龙头', people.li, people.ma, { side: 'need', owner: people.ma, answerer: people.li }),
  deal('借来的绘本', people.he, people.ma, {
    loan: true, stage: 'on-loan', my_step: 'return', giver_confirmed: false, points: 4, due_at: Date.now() + 5 * HOUR, waits_for: [people.ma, people.he],
  }),
  deal('人字梯，两米', people.ma, people.hou, { loan: true, stage: 'answered', my_step: 'agree', giver_confirmed: false, points: 6, due_at: Date.now() + 40 * HOUR }),
  deal('手推车', people.chen, people.ma, { loan: true, my_step: null, waits_for: [people.chen], giver_confirmed: false, receiver_confirmed: true }),
];

const lines: Line[] = [
  { entry: keyOf('l1'), at: Date.now() - 2 * HOUR, counterpart: people.li, deal: keyOf('修厨房水龙头deal'), title: '修厨房水龙头', direction: 'out', points: 20, fund: false, purpose: null, state: 'signed', why: null },
  { entry: keyOf('l2'), at: Date.now() - 26 * HOUR, counterpart: people.hou, deal: null, title: '人字梯，两米', direction: 'in', points: 6, fund: false, purpose: null, state: 'accepted', why: null },
  { entry: keyOf('l3'), at: Date.now() - 80 * HOUR, counterpart: people.lian, deal: null, title: '教硬笔书法', direction: 'out', points: 10, fund: false, purpose: null, state: 'stamped', why: null },
];

function match(best: Listing, reasons: Match['reasons']): Match {
  return { listing: best, reasons, why: '', score: 0.8, notify: true };
}

const activities: Activity[] = [
  {
    id: keyOf('书法课').slice(0, 32), host: people.he, mine: false, title: '书法课', body: '毛笔有，带一张旧报纸。', venue: '二楼活动室', hours: 2, cost: 5, to: 'fund', no_show: 3,
    starts_at: Date.now() + 26 * HOUR, ends_at: Date.now() + 28 * HOUR, places: 10, taken: 3, waiting: 0, teacher: people.li, posted_at: Date.now() - 3 * HOUR,
    called_off_at: null, booking: null, unmarked: 0,
  },
];

export const samples = { activities, listings, deals, lines, people };

/** The invented building, 榕荫里 3 号楼, as 小马 in 604 sees it. */
export function neighbours(): Told {
  const { ma } = people;
  let settings: NoticeSettings = { turn: true, fit: true, request: true };
  const peers = [people.li, people.xiao, people.hou, people.chen, people.he, people.lian].map((one, i) => ({
    device: keyOf(`${one.name}d`), person: one, path: 'lan' as const, refused: 0, last_sync: Date.now() - 2 * 60_000 - i * 40_000,
  }));
  const page = (args: Queries['listings']['args']): Queries['listings']['result'] => {
    const rows = listings.filter(
      (row) => (!args.side || row.side === args.side) && (!args.kind || row.kind === args.kind) && (!args.mine || row.mine) &&
        (!args.owner || row.owner.member === args.owner) && (!args.text || row.title.includes(args.text)),
    );
    return { rows, total: rows.length, older: null, newer: null };
  };
  const byId = <T extends { id: string }>(rows: T[], id: string, code: 'listing-unknown' | 'deal-unknown'): T => {
    const row = rows.find((one) => one.id === id);
    if (!row) throw new Refusal({ code, sentence: '没有找到', hint: null });
    return row;
  };
  const building = keyOf('榕荫里');
  const home = { application: 'approved', requests: 0, shut: null } as const;
  return {
    homes: [
      { ...home, home: here, building, name: '榕荫里 3 号楼', person: ma, turns: 3 },
      { ...home, home: '0194f00000000001', building: keyOf('梧桐苑'), name: '梧桐苑', person: person('101', '小马'), turns: 1 },
    ],
    ask: {
      status: () => ({
        device: keyOf('device'), member: ma.member, building: keyOf('榕荫里'), name: '榕荫里 3 号楼', peers, documents: 12, changes: 640,
        addresses: ['127.0.0.1:4000'], projection: keyOf('p'), aside: null, key_kept: 'keychain',
      }),
      building: () => ({
        id: keyOf('榕荫里'), name: '榕荫里 3 号楼', members: 32, epoch: 0, founded_at: Date.now() - 90 * 24 * HOUR, founder: people.chen,
        charter: { points_per_hour: 10, quota: 80, credit_line: 100 }, roles: [{ person: people.chen, role: 'reviewer' }], witnesses: [], zones: [],
      }),
      me: () => ({ person: ma, block_kept: '604', about: '白天上班，晚上八点后在家', device: keyOf('device'), roles: [], reviewer: true, seal: keyOf('seal'), kin: [] }),
      peers: () => ({ rows: peers }),
      today: () => ({
        turns: deals.slice(0, 3), turns_total: 3, since: Date.now() - 24 * HOUR, requests: 1, news: listings.slice(0, 4), news_total: 7,
        matters: [], matters_total: 0, activities: [], activities_total: 0, slips: [], slips_total: 0,
        matches: [
          { mine: byId(listings, keyOf('人字梯，两米'), 'listing-unknown'), best: match(listing('想借人字梯换灯泡', people.hou, { side: 'need' }), [{ reason: 'same-words', words: ['人字梯'] }, { reason: 'same-block' }]) },
          { mine: byId(listings, keyOf('想请人修厨房水龙头'), 'listing-unknown'), best: match(listing('会修水管、换阀芯', people.li, { kind: 'skill', loan: false, mode: null }), [{ reason: 'same-thing', concept: 'plumbing', need_word: '水龙头', offer_word: '水管' }]) },
        ],
      }),
      matters: () => ({ rows: [], total: 0, tally: { waiting: 0, heard: 0, answered: 0, solved: 0, to_me: 0, answer_ms_median: null } }),
      activities: () => ({ rows: activities, total: activities.length, can_teach: false, has_fund: true }),
      activity: ({ activity: id }) => {
        const activity = activities.find((one) => one.id === id);
        if (!activity) throw new Refusal({ code: 'activity-unknown', sentence: '没有找到', hint: null });
        return { activity, guests: [], can_book: activity.booking == null, can_call_off: false };
      },
      classes: () => ({ rows: [] }),
      listings: page,
      needs: (args) => page({ ...args, side: 'need' }),
      offers: (args) => page({ ...args, side: 'offer' }),
      listing: ({ listing: id }) => ({ listing: byId(listings, id, 'listing-unknown'), answers: 0, deals: deals.filter((d) => d.listing === id) }),
      search: ({ text }) => ({ rows: page({ text }).rows.map((row) => ({ listing: row, score: 0.7 })) }),
      deals: () => ({ rows: deals, total: deals.length }),
      deal: ({ deal: id }) => {
        const row = byId(deals, id, 'deal-unknown');
        return {
          deal: row, turn_to: [], lost: null, payments: [], reviews: [],
          phone: { can_offer: true, mine: null, offered: row.loan, theirs: null, withdrawn: false, they_withdrew: false },
          vouchers: [
            { at: row.answered_at, by: row.answerer, entry: keyOf(`${id}1`), what: 'answer', word: '我可以帮助你' },
            { at: row.answered_at + HOUR, by: row.owner, entry: keyOf(`${id}2`), what: 'agree', word: '同意' },
          ],
        };
      },
      points: () => ({ balance: 46, credit_line: 100, quota: 80, rights: 146, unseen: 30, lines, lines_total: lines.length }),
      statement: () => ({ lines, total: lines.length }),
      fund: () => ({
        open: true, balance: -40, given: 500, granted: 40, received: 0, starter: 20, alone: 50, quota: 200, left: null, treasurer: false,
        rates: [{ act: 'hour', points: 10 }, { act: 'shift', points: 10 }], lists: [], newcomers: [], payees: [], lines: [], lines_total: 0,
        keepers: [{ person: people.chen, current: true, given: 500, granted: 40, received: 0, here: false, forked: false }],
      }),
      trail: () => ({ papers: [], total: 0, devices: 0 }),
      requests: () => ({ rows: [], by_invite: [] }),
      register: () => ({ kept: null }),
      application: () => ({ state: 'approved', reason: null, refused_by: null, questions: [], zones: [] }),
      members: () => ({
        rows: Object.values(people).map((one) => ({
          person: one, kind: one === people.house ? 'desk' : 'person', roles: [], capacities: [], since: Date.now() - 60 * 24 * HOUR,
          record: { completed: 6, given: 4, received: 2, loans_out: 1, loans_lent: 2, loans_returned: 3, loans_in_time: 3, reviews: 2, stars: 4.5 },
        })),
      }),
      invites: () => ({ rows: [] }),
      notices: () => ({ settings, quiet_from_hour: 21, quiet_until_hour: 8, per_day_max: 3, told_today: 1 }),
    },
    do: {
      done: () => ({ saved: true }),
      return: () => ({ saved: true }),
      agree: () => ({ saved: true }),
      post: () => ({ listing: keyOf('new') }),
      set_notices: (args) => {
        settings = args;
        return { saved: true };
      },
    },
    changes: { set_notices: ['notices'] },
  };
}
