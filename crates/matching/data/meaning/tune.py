"""Tunes the matrices of encoder.bin on judged pairs (README.md beside this tells how to run it). The pieces stay as they are."""
import json, struct, sys
from pathlib import Path
import numpy as np, jax, jax.numpy as jnp

sys.path.insert(0, str(Path(__file__).parent / "../bilinear"))
from make import World, PAIRS, HELD, GAIN, BLOCK, lines

BRANCHES = ((2, 0), (3, 1), (5, 2))               # pieces of a window, and how many of them stand before its own
NEEDS, EPOCHS, RATE, DROPPED = 32, 3, 1e-4, 0.1   # of a batch; times through all pairs; of Adam; share of pieces left out
COLUMNS, HARD = 0.5, 0.2                          # the weights of the parts of the loss
LENGTHS = (12, 18, 24, 32, 48, 72)                # texts are padded to one of these, so that few shapes are compiled
SHAPES = ((128, 16), (96, 24))                    # of a batch: so many texts, the short ones, of their first so many pieces; then the long ones
SHARE = 0.5                                       # of the way from the encoder as it was to the tuned one
SEED = 0

class File:
    """The file as `src/meaning/encoder.rs` reads it; `write` writes the same with other matrices."""
    def __init__(self, path):
        self.bytes, self.at = path.read_bytes(), 4
        assert self.bytes[:4] == b"KFM1"
        count, width, text = struct.unpack("<III", self.take(12))
        self.take(text); self.take(4 * count)
        scales = np.frombuffer(self.take(8 * count), "<f4").reshape(count, 2)
        nibbles = np.frombuffer(self.take(count * width // 2), "u1").reshape(count, -1)
        numbers = np.stack([nibbles & 15, nibbles >> 4], -1).reshape(count, width)
        self.pieces = ((numbers.astype("f4") - 7.5) * scales[:, 1:] + scales[:, :1]).astype("f4")
        self.front = self.at
        matrix, vector = self.matrix, self.vector
        branch = lambda: dict(entry=matrix(), entry_b=vector(), g=vector(), b=vector(), inner=matrix(), inner_b=vector(), outer=matrix(), outer_b=vector())
        self.weights = dict(branches=[branch() for _ in BRANCHES], g=vector(), b=vector(), sum=matrix(), sum_b=vector(), head=[matrix() for _ in range(6)])
        assert self.at == len(self.bytes)

    def take(self, count):
        self.at += count
        return self.bytes[self.at - count:self.at]

    def matrix(self):
        rows, columns = struct.unpack("<II", self.take(8))
        scales = np.frombuffer(self.take(4 * columns), "<f4")
        return (np.frombuffer(self.take(rows * columns), "i1").reshape(rows, columns) * scales).astype("f4")

    def vector(self):
        count, = struct.unpack("<I", self.take(4))
        return np.frombuffer(self.take(4 * count), "<f4").copy()

    def write(self, path, weights):
        out = bytearray(self.bytes[:self.front])
        def part(x):
            x = np.asarray(x, "f4")
            if x.ndim == 1: out.extend(struct.pack("<I", len(x)) + x.astype("<f4").tobytes()); return
            scales = np.abs(x).max(0) / 127 + 1e-12
            out.extend(struct.pack("<II", *x.shape) + scales.astype("<f4").tobytes() + np.round(x / scales).astype("i1").tobytes())
        for branch in weights["branches"]:
            for key in ("entry", "entry_b", "g", "b", "inner", "inner_b", "outer", "outer_b"): part(branch[key])
        for x in [weights[key] for key in ("g", "b", "sum", "sum_b")] + weights["head"]: part(x)
        path.write_bytes(out)

def normalize(x, g, b):
    x = x - x.mean(-1, keepdims=True)
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * g + b

def encode(weights, looked_up, there):
    """From the pieces of some texts (text, place, 512) to what they say. `there` is 0 beyond a text."""
    there = there[..., None]; beside = [looked_up]
    for (pieces, before), w in zip(BRANCHES, weights["branches"]):
        x = normalize(looked_up @ w["entry"] + w["entry_b"], w["g"], w["b"]) * there
        for layer in ("inner", "outer"):
            window = jnp.pad(x, ((0, 0), (before, pieces - 1 - before), (0, 0)))
            window = jnp.concatenate([window[:, p:p + x.shape[1]] for p in range(pieces)], -1)
            x = (jax.nn.relu(window @ w[layer] + w[layer + "_b"]) + x) * there
        beside.append(x)
    mean = (normalize(jnp.concatenate(beside, -1), weights["g"], weights["b"]) * there).sum(1)
    length = there.sum(1)
    mean = (mean @ weights["sum"] + length * weights["sum_b"]) / jnp.sqrt(length)
    in_0, in_1, deep_1, deep_2, out_1, out_2 = weights["head"]
    second = jax.nn.relu(mean @ in_1 + jax.nn.relu(mean @ in_0) @ deep_1)
    return jnp.tanh(second @ out_1 + jax.nn.relu(second @ deep_2) @ out_2)

def centre(said, middle):
    x = said / jnp.linalg.norm(said, axis=-1, keepdims=True) - middle
    return x / (jnp.linalg.norm(x, axis=-1, keepdims=True) + 1e-9)

def padded(texts, rows, width):
    """Numbers of pieces, side by side; and what is there."""
    ids = np.zeros((rows, width), "i4"); there = np.zeros(ids.shape, "f4"); there[:, 0] = 1
    for i, t in enumerate(texts): ids[i, :len(t)] = t[:width]; there[i, :len(t)] = 1
    return ids, there

def say(weights, table, texts):
    said = np.empty((len(texts), 512), "f4"); run = jax.jit(lambda w, ids, there: encode(w, table[ids], there))
    order = np.argsort([len(t) for t in texts], kind="stable")
    for group in (order[i:i + 64] for i in range(0, len(order), 64)):
        width = next(l for l in LENGTHS if l >= len(texts[group[-1]]))
        said[group] = run(weights, *padded([texts[i] for i in group], 64, width))[:len(group)]
    return said

def read(folder, out, name, middle=None):
    world = World(folder, out / f"{name}.jsonl", middle); world.held = name == HELD
    world.texts = [t["pieces"] for t in lines(out / f"{name}.jsonl")]
    return world

def drop(texts, chance):
    """Some pieces are left out, never the begin, the end or everything."""
    kept = [t[:1] + [p for p in t[1:-1] if chance.random() >= DROPPED] + t[-1:] for t in texts]
    return [k if len(k) > 2 else t for k, t in zip(kept, texts)]

def loss(params, table, middle, batch):
    said = jnp.concatenate([encode(params["weights"], table[ids], there) for ids, there in batch["texts"]])[batch["back"]]
    at = centre(said, middle); n, o = at[:NEEDS], at[NEEDS:]
    s = batch["base"] + params["near"] * (n @ o.T) + 10 * (n @ params["form"]) @ o.T
    gain, known, listed = batch["gain"], batch["known"], batch["listed"]
    share = lambda z, axis: jax.nn.log_softmax(jnp.where(z > -1e3, z, -1e4), axis)
    target = gain / jnp.maximum(gain.sum(1, keepdims=True), 1e-9); has_n = gain.sum(1) > 0
    value = -(target * share(jnp.where(known, s, -1e4), 1)).sum() / jnp.maximum(has_n.sum(), 1)
    value += -HARD * (target * share(jnp.where(listed, s, -1e4), 1)).sum() / jnp.maximum(has_n.sum(), 1)
    by_offer = gain.sum(0); has = by_offer > 0
    value += -COLUMNS * (gain / jnp.maximum(by_offer, 1e-9) * share(jnp.where(known, s, -1e4), 0)).sum() / jnp.maximum(has.sum(), 1)
    return value

def batch_of(world, ids, chance):
    """Some needs with all offers that are judged against one of them; as many as the shape takes."""
    oi = np.unique(np.concatenate([world.lists[i] for i in ids])); most = NEEDS * 6
    if len(oi) > most: oi = chance.choice(oi, most, replace=False)
    n_all = len(world.n); at = np.ix_(ids, oi)
    put = lambda x, fill=0: np.pad(x, ((0, NEEDS - len(ids)), (0, most - len(oi))), constant_values=fill)
    words = put(world.facts[at][..., 1] + 4.5 * world.facts[at][..., 2])
    known, listed = put(world.known[at]), put(world.listed[at])
    places = np.r_[np.arange(len(ids)), NEEDS + np.arange(len(oi))]
    texts = drop([world.texts[i] for i in ids] + [world.texts[n_all + i] for i in oi], chance)
    order, parts, back, row = np.argsort([len(t) for t in texts], kind="stable"), [], np.zeros(NEEDS + most, "i4"), 0
    for rows, width in SHAPES:
        group = order[row:row + rows]; back[places[group]] = row + np.arange(len(group)); row += rows
        parts.append(padded([texts[i] for i in group], rows, width))
    return dict(texts=parts, back=back, base=words.astype("f4"), gain=put(GAIN[world.grade[at]]), known=known, listed=listed)

def measure(world, params, table, middle):
    at = np.array(centre(say(params["weights"], table, world.texts), middle)); split = len(world.n); n, o = at[:split], at[split:]
    s = world.facts[..., 1] + 4.5 * world.facts[..., 2] + float(params["near"]) * n @ o.T
    hit = ndcg = needs = 0
    for i, grades in enumerate(world.grade):
        if grades.max() == 0: continue
        # Of the held pairs, the offers of the needs around it: as many as a world has.
        start = i - i % BLOCK; oi = np.unique(np.concatenate(world.lists[start:start + BLOCK])) if world.held else np.arange(len(o))
        g = grades[oi]; order = np.argsort(-s[i, oi], kind="stable")[:10]; needs += 1
        dcg = lambda gs: sum((2.0 ** x - 1) / np.log2(k + 2) for k, x in enumerate(gs))
        hit += any(g[order[:3]] >= min(2, g.max())); ndcg += dcg(g[order]) / dcg(np.sort(g)[::-1][:10])
    return f"hit3 {hit / needs:.3f} ndcg10 {ndcg / needs:.3f}"

def tune(out, dev, a, old, new):
    file = File(old); table = jnp.array(file.pieces); chance = np.random.default_rng(SEED)
    middle = World(out / "lexicon", out / "lexicon.jsonl").middle
    pairs = [read(out / name, out, name, middle) for name in PAIRS]
    judged = dict(dev=read(dev, out, "dev", middle), a=read(a, out, "a", middle), held=read(out / HELD, out, HELD, middle))
    params = dict(weights=jax.tree.map(jnp.array, file.weights), near=jnp.float32(8), form=jnp.zeros((512, 512), jnp.float32))
    said = say(params["weights"], table, judged["dev"].texts); before = np.array([t["said"] for t in lines(out / "dev.jsonl")])
    off = np.abs(said / np.abs(said).max(1, keepdims=True) * 127 - before).max(); print("greatest difference to ours, in 127ths:", off, flush=True)
    assert off < 1, "OUT was made with another encoder"
    report = lambda: {name: measure(w, params, table, middle) for name, w in judged.items()}
    print("before", report(), flush=True)
    grad = jax.jit(jax.value_and_grad(loss))
    first = jax.tree.map(jnp.zeros_like, params); second = jax.tree.map(jnp.zeros_like, params)
    steps = EPOCHS * sum(-(-len(w.n) // NEEDS) for w in pairs)
    @jax.jit
    def step(params, first, second, slope, t, rate):
        first = jax.tree.map(lambda f, g: 0.9 * f + 0.1 * g, first, slope)
        second = jax.tree.map(lambda s, g: 0.98 * s + 0.02 * g * g, second, slope)
        speed = jax.tree.map(lambda f, s: f / (1 - 0.9 ** t) / (jnp.sqrt(s / (1 - 0.98 ** t)) + 1e-8), first, second)
        rates = dict(weights=rate, near=10 * rate, form=rate)
        return {key: jax.tree.map(lambda p, v: p - rates[key] * v, params[key], speed[key]) for key in params}, first, second
    done, values = 0, []
    for epoch in range(EPOCHS):
        batches = [(w, ids) for w in pairs for ids in np.array_split(chance.permutation(len(w.n)), -(-len(w.n) // NEEDS))]
        for i in chance.permutation(len(batches)):
            value, slope = grad(params, table, middle, batch_of(*batches[i], chance)); done += 1
            rate = RATE * min(1, done / 40) * (1 - done / (steps + 1))
            params, first, second = step(params, first, second, slope, float(done), rate); values.append(float(value))
            if done % 25 == 0: print(done, "of", steps, "loss", round(np.mean(values[-25:]), 3), flush=True)
        file.write(new, params["weights"]); print("epoch", epoch + 1, "near", float(params["near"]), report(), flush=True)

def mix(old, tuned, new):
    """Goes a part of the way: what was learned before from very much is not lost for what is learned from little (Wortsman et
    al., Robust fine-tuning of zero-shot models, 2022)."""
    old, tuned = File(old), File(tuned)
    old.write(new, jax.tree.map(lambda o, t: (1 - SHARE) * o + SHARE * t, old.weights, tuned.weights))

if __name__ == "__main__": {"tune": tune, "mix": mix}[sys.argv[1]](*map(Path, sys.argv[2:]))
