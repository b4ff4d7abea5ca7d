/**
 * The square 印 of a member or a device, drawn from its key. The whole key seeds the drawing: the same key is always the same
 * seal. A seal helps to recognise and proves nothing; the name always stands beside it.
 *
 * A lattice of 4 to 6 columns and rows with uneven gaps; on its left half (with the axis) a random tree joins the crossings,
 * each row and the whole leaning to long runs as nine-fold script 九叠篆 does; some ends are left out (留红); the half is mirrored
 * and, away from the axis, some ends of one side alone are left out again. Crossings with four arms exist on the axis only and
 * what touches the axis is always mirrored, so that no pinwheel can appear. Persons are carved in 白文, bodies in 朱文.
 */

/** Where a stroke runs on the lattice: from column and row to column and row. */
type Run = readonly [number, number, number, number];
type Edge = [number, number, number, number];

export interface Plan {
  readonly columns: readonly number[];
  readonly rows: readonly number[];
  readonly runs: readonly Run[];
}

export interface SealDrawing {
  /** The outline: the red ground of 白文, the frame of 朱文. */
  readonly ring: string;
  readonly ringWidth: number;
  /** One path per stroke: joined ones leave hairlines where they cross. */
  readonly strokes: readonly string[];
  /** Chips and specks of wear. */
  readonly wear: string;
}

/** sfc32, seeded with all of the text. */
function dice(text: string): () => number {
  const h = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef];
  const by = [597399067, 2869860233, 951274213, 2716044179];
  for (let i = 0; i < text.length; i++) {
    for (let k = 0; k < 4; k++) {
      const mixed = Math.imul((h[k] ?? 0) ^ (text.charCodeAt(i) + k * 131 + i), by[k] ?? 1);
      h[k] = mixed ^ (mixed >>> (13 + k));
    }
  }
  let [a = 0, b = 0, c = 0, d = 0] = h;
  const roll = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) roll();
  return roll;
}

/** Places of `n` lines between 0 and 1, some gaps wider; mirrored where asked. */
function lines(n: number, mirrored: boolean, roll: () => number): number[] {
  const gaps = Array.from({ length: n - 1 }, () => (roll() < 0.3 ? 1.35 : 1));
  if (mirrored) for (let i = 0; i < gaps.length / 2; i++) gaps[gaps.length - 1 - i] = gaps[i] ?? 1;
  const sum = gaps.reduce((x, y) => x + y, 0);
  let at = 0;
  return [0, ...gaps.map((gap) => (at += gap / sum))];
}

/** Lays the lattice and picks its strokes. */
export function planOf(key: string): Plan {
  return plan(dice(key));
}

function plan(roll: () => number): Plan {
  const pick = (weights: readonly (readonly [number, number])[]) => {
    let r = roll();
    for (const [n, weight] of weights) if ((r -= weight) < 0) return n;
    return 5;
  };
  const C = pick([[4, 0.2], [5, 0.62], [6, 0.18]]);
  const R = pick([[4, 0.25], [5, 0.5], [6, 0.25]]);
  const H = Math.ceil(C / 2);
  const odd = C % 2 === 1;
  const lean = roll() < 0.55 ? 0.3 : 0.7;
  const leans = Array.from({ length: R }, () => lean + (roll() - 0.5) * 0.4);
  const id = (c: number, r: number) => r * H + c;

  const candidates: { edge: Edge; cost: number }[] = [];
  for (let r = 0; r < R; r++) {
    const flat = leans[r] ?? lean;
    for (let c = 0; c < H; c++) {
      if (c + 1 < H) candidates.push({ edge: [c, r, c + 1, r], cost: roll() * flat });
      if (r + 1 < R) candidates.push({ edge: [c, r, c, r + 1], cost: roll() * (1 - flat) });
    }
  }
  candidates.sort((x, y) => x.cost - y.cost);

  const parent = Array.from({ length: H * R }, (_, i) => i);
  const root = (x: number): number => {
    const up = parent[x] ?? x;
    return up === x ? x : (parent[x] = root(up));
  };
  const arms = new Array<number>(H * R).fill(0);
  const armsAt = (x: number) => arms[x] ?? 0;
  const most = (c: number) => (odd && c === H - 1 ? 4 : 3);
  const half: Edge[] = [];
  for (const { edge } of candidates) {
    const [c1, r1, c2, r2] = edge;
    const a = id(c1, r1);
    const b = id(c2, r2);
    if (root(a) === root(b) || armsAt(a) >= most(c1) || armsAt(b) >= most(c2)) continue;
    parent[root(a)] = root(b);
    arms[a] = armsAt(a) + 1;
    arms[b] = armsAt(b) + 1;
    half.push(edge);
  }

  // 留红: loose ends are left out on both sides.
  let rests = Math.min(Math.floor(roll() * 4), C * R > 16 ? 3 : 1);
  for (let t = 0; t < 16 && rests > 0; t++) {
    const i = Math.floor(roll() * half.length);
    const edge = half[i];
    if (!edge) continue;
    const a = id(edge[0], edge[1]);
    const b = id(edge[2], edge[3]);
    if (armsAt(a) !== 1 && armsAt(b) !== 1) continue;
    half.splice(i, 1);
    arms[a] = armsAt(a) - 1;
    arms[b] = armsAt(b) - 1;
    rests -= 1;
  }

  const set = new Set<string>();
  const put = (edge: Edge) => set.add(edge.join());
  const mirror = ([c1, r1, c2, r2]: Edge): Edge => [C - 1 - Math.max(c1, c2), Math.min(r1, r2), C - 1 - Math.min(c1, c2), Math.max(r1, r2)];
  for (const edge of half) {
    put(edge);
    put(mirror(edge));
  }
  if (!odd) {
    for (let k = 1 + Math.floor(roll() * 2.6); k > 0; k--) {
      const r = Math.floor(roll() * R);
      if (armsAt(id(H - 1, r)) < 3) put([H - 1, r, H, r]);
    }
  }
  // Up to two loose ends of one side alone, away from the axis: this is what tells near twins apart.
  let odds = Math.floor(roll() * 3);
  for (let t = 0; t < 16 && odds > 0; t++) {
    const edge = half[Math.floor(roll() * half.length)];
    const side = roll() < 0.5;
    if (!edge) continue;
    const [c1, r1, c2, r2] = edge;
    if (Math.max(c1, c2) >= H - 1 || (armsAt(id(c1, r1)) !== 1 && armsAt(id(c2, r2)) !== 1)) continue;
    if (set.delete((side ? edge : mirror(edge)).join())) odds -= 1;
  }

  const runs: Run[] = [];
  for (let r = 0; r < R; r++) {
    for (let c = 0; c < C - 1; c++) {
      let end = c;
      while (set.has([end, r, end + 1, r].join())) end += 1;
      if (end > c) runs.push([c, r, end, r]);
      c = Math.max(c, end - 1);
    }
  }
  for (let c = 0; c < C; c++) {
    for (let r = 0; r < R - 1; r++) {
      let end = r;
      while (set.has([c, end, c, end + 1].join())) end += 1;
      if (end > r) runs.push([c, r, c, end]);
      r = Math.max(r, end - 1);
    }
  }
  return { columns: lines(C, true, roll), rows: lines(R, false, roll), runs };
}

const drawn = new Map<string, SealDrawing>();

/** Draws the seal on a square of 100. Below 32 px the unevenness is left out, so that edges stay crisp. */
export function drawSeal(key: string, size_px: number, body: boolean): SealDrawing {
  const grain = size_px > 32 ? (size_px >= 64 ? 2 : 1) : 0;
  const name = `${key} ${grain} ${body}`;
  const known = drawn.get(name);
  if (known) return known;
  const drawing = draw(key, grain, body);
  if (drawn.size > 2000) drawn.clear();
  drawn.set(name, drawing);
  return drawing;
}

function draw(key: string, grain: number, body: boolean): SealDrawing {
  const roll = dice(key);
  const { columns, rows, runs } = plan(roll);
  const shake = (k: number) => (grain > 0 ? (roll() - 0.5) * 2 * k : 0);
  const f = (v: number) => v.toFixed(1);
  const inset = body ? 21.5 : 17.5;
  const span = 100 - inset * 2;
  const closest = (at: readonly number[]) => Math.min(...at.slice(1).map((v, i) => v - (at[i] ?? 0)));
  const width = Math.min(closest(columns), closest(rows)) * span * (body ? 0.5 : 0.58);
  const x = (c: number) => inset + (columns[c] ?? 0) * span;
  const y = (r: number) => inset + (rows[r] ?? 0) * span;

  const strokes = runs.map(([c1, r1, c2, r2]) => {
    const [a, b, c, d] = [x(c1), y(r1), x(c2), y(r2)];
    const [from, to] = [(width / 2) * (1 + shake(0.1)), (width / 2) * (1 + shake(0.1))];
    const end = (width / 2) * 0.96;
    return c1 === c2
      ? `M${f(a - from)} ${f(b - end + shake(0.7))}L${f(a + from)} ${f(b - end + shake(0.7))}L${f(c + to)} ${f(d + end + shake(0.7))}L${f(c - to)} ${f(d + end + shake(0.7))}Z`
      : `M${f(a - end + shake(0.7))} ${f(b - from)}L${f(c + end + shake(0.7))} ${f(d - to)}L${f(c + end + shake(0.7))} ${f(d + to)}L${f(a - end + shake(0.7))} ${f(b + from)}Z`;
  });

  const margin = body ? 5.5 : 4;
  const ring: string[] = [];
  const steps = grain > 0 ? 6 : 1;
  for (let side = 0; side < 4; side++) {
    for (let t = 0; t < steps; t++) {
      const u = margin + ((100 - 2 * margin) * t) / steps;
      const v = margin + shake(0.7);
      const point = [[u, v], [100 - v, u], [100 - u, 100 - v], [v, 100 - u]][side] ?? [0, 0];
      ring.push(`${f(point[0] ?? 0)} ${f(point[1] ?? 0)}`);
    }
  }

  let wear = '';
  if (grain > 0) {
    for (let k = 1 + Math.floor(roll() * 3); k > 0; k--) {
      const [side, u, deep, wide] = [Math.floor(roll() * 4), 10 + roll() * 80, 2.2 + roll() * 3, 2 + roll() * 3.4];
      const bite = [[u - wide, 0], [u + wide, 0], [u + wide * 0.5, 3 + deep], [u - wide * 0.3, 2.4 + deep]] as const;
      wear += `M${bite.map(([p, q]) => ([[p, q], [100 - q, p], [p, 100 - q], [q, p]][side] ?? [p, q]).map(f).join(' ')).join('L')}Z`;
    }
  }
  if (grain > 1) {
    for (let i = 0; i < 7; i++) {
      const [p, q, s] = [8 + roll() * 84, 8 + roll() * 84, 0.5 + roll() * 0.7];
      wear += `M${f(p)} ${f(q - s)}l${f(s)} ${f(s)}l${f(-s)} ${f(s)}l${f(-s)} ${f(-s)}Z`;
    }
  }
  return { ring: `M${ring.join('L')}Z`, ringWidth: body ? Math.max(5.5, width * 0.72) : 4, strokes, wear };
}
