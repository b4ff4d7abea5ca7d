"""Learns bilinear.bin, and the other weights of a score, from judged pairs (README.md beside this tells how to run it)."""
import copy, json, random, struct, sys
from pathlib import Path
import numpy as np
from scipy.optimize import minimize

HERE = Path(__file__).parent
PAIRS, HELD = [f"p{i}" for i in range(1, 14) if i != 9], "p9"    # the form is learned from the former; the latter is for the weights
BLOCK = 75                                    # so many needs of it, with their offers, are as large as a world
LEAST = -4.8                                  # what is shown, in logits (SCORE_MIN)
KINDS = ["item", "knowledge", "skill", "time", "space", "any"]
GAIN = np.array([0, 0.15, 0.8, 1.2], "f4")    # what a grade is worth to the form
LIKELY = np.array([0, 0.15, 0.75, 1.0])       # how likely an offer of a grade is to solve the need
CONSTANT = 0.3                                # the 513th number of every text: through it the form has biases
BATCH, DRAWN, STEPS, DECAY, RATE = 192, 2, 900, 5e-5, 2.0
LEXICON, HARD, COLUMNS = 6.0, 0.2, 0.5        # the weights of the parts of the loss
SEEDS = (0, 1, 2)

def lines(path): return [json.loads(l) for l in path.read_text("utf8").splitlines() if l.strip()]

def write_world(folder, needs, offers, grades=None):
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("needs", needs), ("offers", offers)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf8")
    if grades is not None:
        (folder / "qrels.tsv").write_text("".join(f"{n}\t{o}\t{g}\n" for (n, o), g in grades.items()))

def texts(out):
    """Situations of the lexicon as needs of what they are situations of; the pairs as worlds."""
    chance, needs, offers = random.Random(1), [], []
    for l in (HERE / "../concepts.tsv").read_text("utf8").splitlines():
        if l.startswith("#") or not l.strip(): continue
        key, names, situations = l.split("\t")[:3]
        for i, name in enumerate([x for x in names.split("、") if x][:12]):
            offers.append(dict(id=f"{key}.{i}", kind="any", title=name, body=""))
        said = 0
        for rule in [x for x in situations.split("、") if x]:
            parts = [p.split("|") for p in rule.split("+")]
            ways = int(np.prod([len(p) for p in parts])); seen = set()
            for _ in range(1 if ways == 1 else 2 if ways < 8 else 4):
                words = [chance.choice(p) for p in parts]
                if chance.random() < 0.3: chance.shuffle(words)
                mark = "，" if chance.random() < 0.5 else ""
                title = (" " if all(w.isascii() for w in words) else mark).join(words)
                if title in seen: continue
                seen.add(title); needs.append(dict(id=f"{key}.s{said}", kind="any", title=title, body="")); said += 1
    write_world(out / "lexicon", needs, offers)
    for name in PAIRS + [HELD]:
        needs, offers, known, grades = [], [], {}, {}
        for pair in lines(HERE / f"../worlds/pairs/{name}.jsonl"):
            text = lambda t, id: dict(id=id, kind=t.get("kind") or "any", title=t["title"], body=t.get("body") or "")
            needs.append(text(pair["need"], f"n{len(needs)}"))
            for t in pair["good"] + pair["bad"]:
                key = (t["title"], t.get("body") or "", t.get("kind"))
                if key not in known:
                    known[key] = f"o{len(offers)}"; offers.append(text(t, known[key]))
                grades[needs[-1]["id"], known[key]] = int(t.get("grade", 0))
        write_world(out / name, needs, offers, grades)

def centre(said, middle):
    x = said - middle
    return x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9)

class World:
    def __init__(w, folder, numbers, middle=None):
        needs, offers, said = lines(folder / "needs.jsonl"), lines(folder / "offers.jsonl"), lines(numbers)
        x = np.array([t["said"] or [0] * 512 for t in said], "f4")
        x /= np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1)
        n = len(needs)
        w.middle = (x[:n].mean(0) + x[n:].mean(0)) / 2 if middle is None else middle
        w.n, w.o = centre(x[:n], w.middle), centre(x[n:], w.middle)
        w.near = None
        if not (folder / "qrels.tsv").exists():
            key = {k: i for i, k in enumerate(sorted({o["id"].split(".")[0] for o in offers}))}
            w.thing_n = np.array([key[t["id"].split(".")[0]] for t in needs]); of = np.array([key[t["id"].split(".")[0]] for t in offers])
            w.order = np.argsort(of, kind="stable"); w.start = np.searchsorted(of[w.order], np.arange(len(key) + 1))
            return
        pairs = np.array([t["pairs"] for t in said[:n]], "f4")
        w.near = w.n @ w.o.T
        kn, ko = (np.array([KINDS.index(t["kind"]) for t in side]) for side in (needs, offers))
        both = (kn[:, None] != 5) & (ko[None] != 5); same = kn[:, None] == ko[None]
        w.clash = pairs[..., 2]
        w.facts = np.stack([np.ones_like(w.near), np.log1p(pairs[..., 0]), np.minimum(pairs[..., 1], 1.5), both & same, both & ~same, w.clash], -1)
        ni, oi = ({t["id"]: i for i, t in enumerate(side)} for side in (needs, offers))
        w.grade = np.zeros(w.near.shape, int); w.listed = np.zeros(w.near.shape, bool)
        for l in (folder / "qrels.tsv").read_text().splitlines():
            a, b, g = l.split("\t"); w.grade[ni[a], oi[b]] = int(g); w.listed[ni[a], oi[b]] = True
        # What nobody judged and what is alike may well be good: it is no counterexample.
        w.known = w.listed | (1.1 * w.facts[..., 1] + 5 * w.facts[..., 2] + 6 * w.near < 5.4)
        w.lists = [np.nonzero(l)[0] for l in w.listed]
        w.base = w.facts[..., 1] + 4.5 * w.facts[..., 2] + 7 * w.near

    def blocks(w):
        """The world cut into worlds of some needs and the offers that are judged against one of them."""
        for start in range(0, len(w.n), BLOCK):
            part = copy.copy(w); ni = np.arange(start, min(start + BLOCK, len(w.n))); oi = np.unique(np.concatenate([w.lists[i] for i in ni]))
            part.n, part.o = w.n[ni], w.o[oi]; part.near, part.clash, part.facts, part.grade = (x[np.ix_(ni, oi)] for x in (w.near, w.clash, w.facts, w.grade))
            yield part

def softmax(z, axis):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)

def ext(x): return np.concatenate([x, np.full((len(x), 1), CONSTANT, "f4")], 1)

def learn(worlds, lexicon, seed):
    """The form that tells a need's offers from all others of a batch, given what is known without it: gradient descent
    with momentum from nothing, so that what the pairs do not tell stays nothing."""
    chance = np.random.default_rng(seed); m = np.zeros((513, 513), "f4"); speed = np.zeros_like(m)
    share = np.array([len(w.n) for w in worlds]); sides = [(w, ext(w.n), ext(w.o)) for w in worlds]
    for step in range(STEPS):
        slope = DECAY * m
        for w, needs, offers in (sides[i] for i in chance.choice(len(sides), DRAWN, replace=False, p=share / share.sum())):
            ids = chance.permutation(len(needs))[:BATCH]
            oi = np.unique(np.concatenate([w.lists[i] for i in ids] + [chance.integers(0, len(offers), 256)]))
            at = np.ix_(ids, oi); n, o = needs[ids], offers[oi]; gain = GAIN[w.grade[at]]
            s = w.base[at] + (n @ m) @ o.T; open_ = np.where(w.known[at], s, -1e4)
            by_offer = gain.sum(0); has = by_offer > 0
            target = gain / np.maximum(gain.sum(1, keepdims=True), 1e-9)
            d = (softmax(open_, 1) - target) / len(ids) + COLUMNS * (softmax(open_, 0) - gain / np.maximum(by_offer, 1e-9)) * has / has.sum()
            d += HARD * (softmax(np.where(w.listed[at], s, -1e4), 1) - target) / len(ids)
            slope = slope + n.T @ (d.astype("f4") @ o) / DRAWN
        ids = chance.integers(0, len(lexicon.n), 160); thing = lexicon.thing_n[ids]
        oi = lexicon.order[(lexicon.start[thing] + chance.random(160) * (lexicon.start[thing + 1] - lexicon.start[thing])).astype(int)]
        n, o = ext(lexicon.n[ids]), ext(lexicon.o[oi]); same = thing[:, None] == thing[None]; target = same / same.sum(1, keepdims=True)
        s = 8 * (lexicon.n[ids] @ lexicon.o[oi].T) + (n @ m) @ o.T
        slope = slope + n.T @ ((((softmax(s, 1) - target) + (softmax(s, 0) - target)) / 320 * LEXICON).astype("f4") @ o)
        speed = 0.9 * speed + slope; m = m - RATE * (1 - step / STEPS) * speed
    return m

def facts(w, m): return np.concatenate([w.facts, w.near[..., None], ((ext(w.n) @ m) @ ext(w.o).T)[..., None] / 5], -1)

def weigh(worlds, m):
    """Logistic over all pairs, and half as much the softmax of each need's offers."""
    data = []
    for w in worlds:
        gain = 2.0 ** w.grade - 1
        data.append((facts(w, m).astype("f8"), LIKELY[w.grade], w.grade.max(1) > 0, gain / np.maximum(gain.sum(1, keepdims=True), 1)))
    def loss(v):
        value, slope = 0, 0
        for x, y, has, target in data:
            z = x @ v; rows = len(z); p = softmax(z, 1)
            value += (np.logaddexp(0, z) - y * z).sum() / rows - 0.5 * (target * np.log(p + 1e-30))[has].sum() / rows
            slope = slope + np.einsum("no,nof->f", (1 / (1 + np.exp(-z)) - y) / rows + 0.5 * (p - target) * has[:, None] / rows, x)
        free = np.r_[0, np.ones(len(v) - 1)]
        return value / len(data) + 1e-3 * (free * v * v).sum(), slope / len(data) + 2e-3 * free * v
    return minimize(loss, np.zeros(8), jac=True, method="L-BFGS-B", options=dict(maxiter=300)).x

def measure(w, v, m):
    """Notices as `matcher.rs` gives them: of the first three, by how sure each is and by how far it stands out from the fourth."""
    s = facts(w, m) @ v; hit = ndcg = needs = 0; rows = []
    for n in range(len(s)):
        order = np.argsort(-s[n], kind="stable")[:10]; order = order[s[n][order] >= LEAST]; g = w.grade[n]
        fourth = s[n, order[3]] if len(order) > 3 else LEAST
        rows += [(2 * s[n, o] - fourth, g[o] >= 2) for o in order[:3] if not w.clash[n, o]]
        if g.max() == 0: continue
        needs += 1; dcg = lambda gs: sum((2.0 ** x - 1) / np.log2(i + 2) for i, x in enumerate(gs))
        hit += any(g[order[:3]] >= min(2, g.max())); ndcg += dcg(g[order]) / dcg(np.sort(g)[::-1][:10])
    rows.sort(reverse=True); right = np.cumsum([r[1] for r in rows]); precision = right / np.arange(1, len(rows) + 1); recall = right / (w.grade >= 2).sum()
    told = {least: f"{precision[sent - 1]:.2f}@{recall[sent - 1]:.2f}" for least in (-0.5, 0, 0.5, 0.75, 1, 1.5, 2) if (sent := sum(r[0] >= least for r in rows))}
    average = (precision * np.diff(recall, prepend=0)).sum(); sure = recall[precision >= 0.85].max(initial=0)
    return f"hit3 {hit / needs:.3f} ndcg10 {ndcg / needs:.3f} notices: average precision {average:.3f}, recall at precision 0.85 {sure:.3f}, {told}"

def fit(out, dev, a, to):
    lexicon = World(out / "lexicon", out / "lexicon.jsonl")
    load = lambda folder, name: World(folder, out / f"{name}.jsonl", lexicon.middle)
    pairs = [load(out / name, name) for name in PAIRS]; dev, a = load(dev, "dev"), load(a, "a"); held = list(load(out / HELD, HELD).blocks())
    m = np.mean([learn(pairs, lexicon, seed) for seed in SEEDS], 0)
    np.save(out / "m.npy", m)
    print("dev, weighed without it:", measure(dev, weigh(held + 3 * [a], m), m)); print("a, weighed without it:", measure(a, weigh(held + 3 * [dev], m), m))
    v = weigh(held + 3 * [dev, a], m)
    for name, w in (("dev", dev), ("a", a)): print(name, "now:", measure(w, v, m))
    near, form = v[6], v[7] / 5
    # The form's mean over texts that have nothing to do with each other goes into the weight of everything.
    chance = np.random.default_rng(9)
    n, o = lexicon.n[chance.integers(0, len(lexicon.n), 3000)], lexicon.o[chance.integers(0, len(lexicon.o), 3000)]
    mean = (near * (n * o).sum(1) + form * ((ext(n) @ m) * ext(o)).sum(1)).mean()
    print("ALWAYS WORDS THING SAME_KIND OTHER_KIND CLASH:", (v[:6] + np.r_[mean, np.zeros(5)]).round(2))
    rows = form * m[:512, :512]; scales = np.abs(rows).max(1) / 127 + 1e-12
    always = form * CONSTANT ** 2 * m[512, 512] - mean
    file = b"KFB1" + struct.pack("<I2f", 512, near, always)
    for part in (lexicon.middle, form * CONSTANT * m[:512, 512], form * CONSTANT * m[512, :512], scales): file += part.astype("<f4").tobytes()
    to.write_bytes(file + np.round(rows / scales[:, None]).astype("i1").tobytes())

if __name__ == "__main__":
    paths = [Path(p) for p in sys.argv[2:]]
    {"texts": texts, "fit": fit}[sys.argv[1]](*paths)
