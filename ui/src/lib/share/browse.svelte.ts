import type { Form, Kind, Listing, Mode, Side, Task, Topic } from '$backend';
import { keep, kept } from '$shared/kept.svelte';
import { askEarly } from '$shared/live.svelte';
import { classes } from '$shared/sorts';
import { isThing, kinds, sides } from '$shared/words';
import type { Sizes } from './Endless.svelte';
import { Pager, type Filter } from './pager.svelte';

interface Choices {
  side: Side;
  kind: Kind | null;
  mode: Mode | null;
  /** Whether only 服务 is shown: what is done for somebody, of all skills. */
  service: boolean;
  form: Form | null;
  topic: Topic | null;
  /** A category, or a whole class. */
  category: string | null;
  /** What kind of volunteering time goes into. */
  task: Task | null;
  open: boolean;
  mine: boolean;
  /** A zone or block of the map. */
  place: number | null;
}

/** What is chosen and sought: what Back and a reload bring again. */
export type Sought = Choices & { text: string };

/** Where one was in the list: the row, how far it had moved out, and from where it can be reached again. */
export interface Place {
  of: string;
  cursor: string | null;
  id: string;
  px: number;
}

const none = { mode: null, form: null, topic: null, category: null, task: null };
const usual: Choices = { ...none, side: 'offer', kind: null, service: false, open: true, mine: false, place: null };
const PLACE = 'place.share';

/** The deals that hold what is listed: until when things are lent stands there. */
export const HOLDS = { all: true, live: true, limit: 200 };

/** What somebody looks for in the share list. One for the page's life: Back finds it as it was; kept over a restart. */
class Browse {
  #choices = $state<Choices>({ ...usual, ...kept<Partial<Choices>>('share.choices') });
  #text = $state(kept<string>('share.text') ?? '');
  #pager: Pager | undefined;
  #of = '';
  place: Place | undefined = kept<Place>(PLACE);
  /** How high the rows of the list were, for Back. */
  sizes: { of: string; sizes: Sizes } | undefined;

  get side() {
    return this.#choices.side;
  }
  set side(side) {
    this.#choose({ side });
  }
  get kind() {
    return this.#choices.kind;
  }
  set kind(kind) {
    const { mode, category, task } = this.#choices;
    this.#choose({ ...none, kind, service: false, ...(isThing(kind) ? { mode, category } : {}), ...(kind === 'time' ? { task } : {}) });
  }
  get service() {
    return this.#choices.service;
  }
  set service(service) {
    this.#choose({ ...none, service, kind: null });
  }
  get form() {
    return this.#choices.form;
  }
  set form(form) {
    this.#choose({ form });
  }
  get topic() {
    return this.#choices.topic;
  }
  set topic(topic) {
    this.#choose({ topic });
  }
  get category() {
    return this.#choices.category;
  }
  set category(category) {
    this.#choose({ category });
  }
  get mode() {
    return this.#choices.mode;
  }
  set mode(mode) {
    this.#choose({ mode });
  }
  get task() {
    return this.#choices.task;
  }
  set task(task) {
    this.#choose({ task });
  }
  get open() {
    return this.#choices.open;
  }
  set open(open) {
    this.#choose({ open });
  }
  get mine() {
    return this.#choices.mine;
  }
  set mine(mine) {
    this.#choose({ mine });
  }
  get within() {
    return this.#choices.place;
  }
  set within(place) {
    this.#choose({ place });
  }
  get text() {
    return this.#text;
  }
  set text(text) {
    this.#text = text;
    keep('share.text', text || undefined);
  }
  /** Whether something narrows the list beyond its side. */
  get narrowed() {
    const { kind, service, form, topic, category, mode, task, mine, open, place } = this.#choices;
    return service || mine || !open || [kind, form, topic, category, mode, task, place].some((one) => one !== null);
  }

  /** Shows everything open of this side again. */
  widen() {
    this.#choose({ ...usual, side: this.side });
  }

  /** Chooses what a link asks for, and all else as usual; a link that asks for nothing leaves what was chosen. */
  take(asked: URLSearchParams) {
    const side = sides.find((one) => one === asked.get('side'));
    const kind = kinds.find((one) => one === asked.get('kind')) ?? null;
    const [text, mine] = [asked.get('text') ?? '', asked.has('mine')];
    if (side || kind || text || mine) this.sought = { ...usual, side: side ?? usual.side, kind, mine, text };
  }

  get sought(): Sought {
    return { ...$state.snapshot(this.#choices), text: this.#text };
  }
  set sought({ text, ...choices }) {
    this.#choose(choices);
    this.text = text;
  }

  get filter(): Filter {
    const { service, ...filter } = $state.snapshot(this.#choices);
    return { ...filter, word: service ? 'service' : null };
  }

  /** Whether it is sought for what can still be answered; among all, the text narrows the list. */
  get searching(): boolean {
    return this.text.trim() !== '' && this.open;
  }

  /** The question whose rows are shown, while nothing is sought. */
  get of(): string {
    const text = this.text.trim();
    return JSON.stringify({ ...this.filter, text: text === '' || this.searching ? null : text });
  }

  /** Asks all that the list shows first, while it is still being made. */
  askEarly() {
    askEarly('building', {});
    askEarly('deals', HOLDS);
    if (!this.searching) this.pager(this.of).askEarly();
  }

  /** Whether a found row is among what is chosen: a search looks at everything. */
  fits(row: Listing): boolean {
    const { side, kind, mode, service, form, topic, category, task, mine } = this.#choices;
    const whole = classes.find((one) => one.name === category);
    const within = !category || row.category === category || (whole?.items.some(([name]) => name === row.category) ?? false);
    return (
      row.side === side && (!kind || row.kind === kind) && (!mode || row.mode === mode) && (!mine || row.mine) &&
      (!service || row.word === 'service') && (!form || row.form === form) && (!topic || row.topic === topic) && (!task || row.task === task) && within
    );
  }

  /** The rows of what is chosen: the same as before, if nothing else was chosen since. */
  pager(of: string): Pager {
    if (!this.#pager || this.#of !== of) {
      const place = this.#pager === undefined && this.place?.of === of ? this.place : undefined;
      if (this.#pager) this.place = undefined;
      this.#pager = new Pager(JSON.parse(of) as Filter, place?.cursor ?? null);
      this.#of = of;
    }
    return this.#pager;
  }

  /** Keeps the place over a restart. */
  keepPlace() {
    keep(PLACE, this.place);
  }

  #choose(some: Partial<Choices>) {
    Object.assign(this.#choices, some);
    keep('share.choices', $state.snapshot(this.#choices));
  }
}

let one: Browse | undefined;
export function browsing(): Browse {
  one ??= new Browse();
  return one;
}
