//! Every interleaving of a small quarrel, to a stated depth, over the real ledger.
//!
//! Two members and three devices that hold points: 马乐 with a phone and a tablet, who keep to the rules (L6), and 匡, who
//! signs anything after any entry of any branch and knows everything at once. The desk is the witness. The credit line and
//! the quota are two points, a transfer carries one or two. One step is one entry that somebody signs (transfer, accept,
//! decline, reclaim, stamp, cite; with an older entry before it: a fork), or one entry that reaches one device, with what it
//! stands on. What a device knows is a set of entries, so two orders that end in the same sets are one state; that the
//! ledger is the same in both is checked and not assumed. `KAIFONG_MODEL_DEPTH=n` goes deeper.

use std::collections::{BTreeSet, HashMap, HashSet};

use kaifong_domain::charter::Charter;
use kaifong_domain::{EntryHash, Instant, JournalId, Points};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Body, Entry, Transfer};

use super::histories::cites;
use crate::testing::{Building, Council, Pen, Planted, building_with, plant, planted};
use crate::{Ledger, LineState, Outcome};

/// Deep enough for a double spend that both payees accept.
const DEPTH: usize = 6;
const UNITS: u32 = 2;
const PHONE: usize = 0;
const TABLET: usize = 1;
const DESK: usize = 2;
const KUANG: usize = 3;
const HONEST: [usize; 2] = [PHONE, TABLET];

/// A set of entries, by its place in the table.
type SetAt = u32;
/// An entry, by its place in the table; what it stands on has smaller ones.
type EntryAt = u16;
/// What the phone, the tablet and the desk have heard, and what there is: all of which 匡 knows.
type State = [SetAt; 4];

struct Known {
    entries: BTreeSet<EntryAt>,
    /// Not kept of what nobody goes on from.
    ledger: Option<Ledger>,
    counted: BTreeSet<EntryHash>,
    digest: blake3::Hash,
}

struct Model {
    council: Council,
    building: Building,
    /// Where each one's journal stood at the beginning.
    pens: [Pen; 4],
    entries: Vec<Verified<Entry>>,
    /// What each entry stands on, itself included.
    pasts: Vec<BTreeSet<EntryAt>>,
    places: HashMap<EntryHash, EntryAt>,
    signed: HashMap<(EntryHash, Vec<u8>), EntryAt>,
    sets: Vec<Known>,
    set_places: HashMap<BTreeSet<EntryAt>, SetAt>,
    grown: HashMap<(SetAt, EntryAt), SetAt>,
    choices: HashMap<(usize, SetAt), Vec<EntryAt>>,
    worst_loss: i64,
    /// Whether this is the last step.
    last: bool,
}

type Found<T = ()> = Result<T, String>;

impl Model {
    fn new() -> Self {
        let charter = Charter { credit_line: Points(UNITS), quota: Points(UNITS), ..Charter::default() };
        let (mut building, mut people) = building_with(charter);
        let kuang = building.newcomer(&mut people.xiao);
        let tablet = building.second_phone(&mut people.ma);
        let epoch = people.xiao.epoch;
        let pens = [people.ma, tablet, people.desk, kuang].map(|pen| Pen { epoch, ..pen });
        let (ledger, entries) = (building.ledger.clone(), BTreeSet::new());
        let start = Known { entries, digest: digest(&ledger), ledger: Some(ledger), counted: BTreeSet::new() };
        Self {
            council: building.council.clone(),
            building,
            pens,
            entries: Vec::new(),
            pasts: Vec::new(),
            places: HashMap::new(),
            signed: HashMap::new(),
            sets: vec![start],
            set_places: HashMap::from([(BTreeSet::new(), 0)]),
            grown: HashMap::new(),
            choices: HashMap::new(),
            worst_loss: 0,
            last: false,
        }
    }

    /// Signs an entry after another, once: who signs the same again has signed nothing new.
    fn sign(&mut self, who: usize, prev: EntryHash, seq: u64, body: Body) -> EntryAt {
        let key = (prev, kaifong_trust::encode(&body));
        if let Some(at) = self.signed.get(&key) {
            return *at;
        }
        let Pen { key: device, journal, epoch, .. } = &self.pens[who];
        let (building, journal, epoch) = (self.building.id, *journal, *epoch);
        let entry = device.sign(Entry { building, journal, seq, prev, epoch, at: Instant(0), body });
        let at = EntryAt::try_from(self.entries.len()).unwrap();
        let grounds = cites(&entry).into_iter().filter_map(|ground| self.places.get(&ground).copied());
        let past: BTreeSet<_> =
            grounds.flat_map(|ground| self.pasts[usize::from(ground)].clone()).chain([at]).collect();
        self.places.insert(EntryHash(entry.hash()), at);
        self.pasts.push(past);
        self.entries.push(entry);
        self.signed.insert(key, at);
        at
    }

    /// Lets an entry reach a set, with all that it stands on.
    fn hear(&mut self, set: SetAt, entry: EntryAt) -> Found<SetAt> {
        let new: Vec<_> =
            self.pasts[usize::from(entry)].difference(&self.sets[set as usize].entries).copied().collect();
        new.into_iter().try_fold(set, |set, entry| self.grow(set, entry))
    }

    /// Adds an entry to a set, and checks what must hold of all that anybody can know: each such set could be all there is.
    fn grow(&mut self, set: SetAt, entry: EntryAt) -> Found<SetAt> {
        if let Some(grown) = self.grown.get(&(set, entry)) {
            return Ok(*grown);
        }
        let before = &self.sets[set as usize];
        let (mut ledger, mut entries) = (self.ledger(set), before.entries.clone());
        entries.insert(entry);
        let outcome = ledger.add(&self.entries[usize::from(entry)], &self.council).outcome;
        let transfers = entries.iter().map(|at| EntryHash(self.entries[usize::from(*at)].hash()));
        let taken = |hash: &EntryHash| ledger.transfer(hash).is_some_and(|row| row.state == LineState::Accepted);
        let counted: BTreeSet<_> = transfers.filter(taken).collect();
        if outcome == Outcome::Orphan || ledger.sum() != 0 || !counted.is_superset(&before.counted) {
            return Err(format!("{outcome:?}, the sum is {}, {} counted", ledger.sum(), counted.len()));
        }
        let digest = digest(&ledger);
        let at = match self.set_places.get(&entries).copied() {
            Some(at) if self.sets[at as usize].digest != digest => {
                return Err("two orders of arrival end in two ledgers".into());
            }
            Some(at) => at,
            None => {
                let at = SetAt::try_from(self.sets.len()).unwrap();
                self.set_places.insert(entries.clone(), at);
                self.sets.push(Known { entries, ledger: Some(ledger), counted, digest });
                self.check(at)?;
                if self.last {
                    self.sets[at as usize].ledger = None;
                }
                at
            }
        };
        self.grown.insert((set, entry), at);
        Ok(at)
    }

    fn ledger(&self, set: SetAt) -> Ledger {
        let known = &self.sets[set as usize];
        known.ledger.clone().unwrap_or_else(|| {
            let mut ledger = self.building.ledger.clone();
            for at in &known.entries {
                ledger.add(&self.entries[usize::from(*at)], &self.council);
            }
            ledger
        })
    }

    fn kept(&self, set: SetAt) -> &Ledger {
        self.sets[set as usize].ledger.as_ref().expect("somebody goes on from it")
    }

    /// Lists a journal's entries in a set, with their seq; the first is where it stood at the beginning.
    fn written(&self, who: usize, set: SetAt) -> Vec<(EntryHash, u64)> {
        let pen = &self.pens[who];
        let own = self.sets[set as usize].entries.iter().map(|at| &self.entries[usize::from(*at)]);
        let own = own.filter(|entry| entry.value().journal == pen.journal);
        let own = own.map(|entry| (EntryHash(entry.hash()), entry.value().seq));
        [(pen.tip, pen.seq - 1)].into_iter().chain(own).collect()
    }

    /// Gives what somebody who knows this much may sign next.
    fn choices(&mut self, who: usize, set: SetAt) -> Vec<EntryAt> {
        if let Some(choices) = self.choices.get(&(who, set)) {
            return choices.clone();
        }
        let after = self.written(who, set);
        let last = *after.iter().max_by_key(|(_, seq)| *seq).unwrap();
        let bodies: Vec<_> = match who {
            KUANG => {
                after.into_iter().flat_map(|at| self.anything(set).into_iter().map(move |body| (at, body))).collect()
            }
            DESK => self.stamps(set).into_iter().map(|body| (last, body)).collect(),
            _ => self.by_the_rules(who, set, last.0).into_iter().map(|body| (last, body)).collect(),
        };
        let signed: Vec<_> =
            bodies.into_iter().map(|((prev, seq), body)| self.sign(who, prev, seq + 1, body)).collect();
        self.choices.insert((who, set), signed.clone());
        signed
    }

    fn transfers(&self, who: usize) -> impl Iterator<Item = Transfer> {
        let others: Vec<JournalId> = [PHONE, TABLET, KUANG].map(|other| self.pens[other].journal).to_vec();
        let own = self.pens[who].journal;
        let others = others.into_iter().filter(move |to| *to != own);
        others.flat_map(|to| (1..=UNITS).map(move |points| Transfer { to, points: Points(points), reason: None }))
    }

    /// What an honest device signs (L6).
    fn by_the_rules(&self, who: usize, set: SetAt, tip: EntryHash) -> Vec<Body> {
        let ledger = self.kept(set);
        let may = |points| ledger.check_transfer(&tip, None, points, Points(UNITS)).is_ok();
        let pays = self.transfers(who).filter(|transfer| may(transfer.points)).map(Body::Transfer);
        let fits = |transfer: &EntryHash| {
            let payer = ledger.transfer(transfer).unwrap().payer;
            let careful = !ledger.is_forked(&payer) && ledger.rests_on_honest_stamps(transfer);
            careful && ledger.check_accept(&tip, transfer).is_ok() || planted(Planted::AcceptsAnything)
        };
        let incoming = if planted(Planted::AcceptsAnything) { self.offers(who, set) } else { ledger.incoming(&tip) };
        let accepts =
            incoming.iter().filter(|transfer| fits(transfer)).map(|transfer| Body::Accept { transfer: *transfer });
        let declines = incoming.iter().map(|transfer| Body::Decline { transfer: *transfer });
        let reclaims = ledger.reclaimable(&tip).into_iter().map(|decline| Body::Reclaim { decline });
        let cites = ledger.newest_stamp(&tip).into_iter().map(|stamp| Body::Cite { stamp });
        pays.chain(accepts).chain(declines).chain(reclaims).chain(cites).collect()
    }

    fn offers(&self, who: usize, set: SetAt) -> Vec<EntryHash> {
        let entries = self.sets[set as usize].entries.iter().map(|at| &self.entries[usize::from(*at)]);
        let to = self.pens[who].journal;
        let his = entries.filter(|entry| matches!(&entry.value().body, Body::Transfer(transfer) if transfer.to == to));
        his.map(|entry| EntryHash(entry.hash())).collect()
    }

    fn stamps(&self, set: SetAt) -> Vec<Body> {
        let ledger = self.kept(set);
        let tips = [PHONE, TABLET, KUANG].into_iter().flat_map(|who| self.written(who, set));
        tips.filter_map(|(tip, _)| ledger.stamp_for(&tip)).map(Body::Stamp).collect()
    }

    /// What 匡 signs: whatever could concern his journal.
    fn anything(&self, set: SetAt) -> Vec<Body> {
        let offers = self.offers(KUANG, set);
        let entries = self.sets[set as usize].entries.iter().map(|at| &self.entries[usize::from(*at)]);
        let answers = entries.filter_map(|entry| match &entry.value().body {
            Body::Decline { .. } => Some(Body::Reclaim { decline: EntryHash(entry.hash()) }),
            Body::Stamp(stamp) if stamp.journal == self.pens[KUANG].journal => {
                Some(Body::Cite { stamp: EntryHash(entry.hash()) })
            }
            _ => None,
        });
        let accepts = offers.iter().map(|transfer| Body::Accept { transfer: *transfer });
        let declines = offers.iter().map(|transfer| Body::Decline { transfer: *transfer });
        self.transfers(KUANG).map(Body::Transfer).chain(accepts).chain(declines).chain(answers).collect()
    }

    /// I4, I5 and the bound.
    fn check(&mut self, set: SetAt) -> Found {
        let Known { entries, counted, .. } = &self.sets[set as usize];
        let ledger = self.kept(set);
        let (ma, kuang) = (self.pens[PHONE].member, &self.pens[KUANG]);
        let tips = HONEST.map(|who| self.written(who, set).into_iter().max_by_key(|(_, seq)| *seq).unwrap().0);
        let contested: u64 = tips.iter().map(|tip| ledger.standing(tip).unwrap().contested).sum();
        if ledger.balance(&ma) < -i64::from(UNITS) - i64::try_from(contested).unwrap() {
            return Err(format!("the honest 马乐 has a balance of {}", ledger.balance(&ma)));
        }
        for entry in entries.iter().map(|at| &self.entries[usize::from(*at)]) {
            let honest = HONEST.iter().any(|who| self.pens[*who].journal == entry.value().journal);
            if let Body::Accept { transfer } = &entry.value().body
                && honest
                && !counted.contains(transfer)
            {
                return Err("what the honest 马乐 has accepted does not count".into());
            }
        }
        let rows = counted.iter().filter_map(|transfer| ledger.transfer(transfer));
        let payees: BTreeSet<_> = rows.filter(|row| row.payer == kuang.journal).map(|row| row.payee).collect();
        let pairs = if ledger.is_forked(&kuang.journal) { payees.len() } else { 0 };
        let lost = ledger.balance(&ma) - i64::from(UNITS);
        if lost > i64::from(UNITS) * i64::try_from(pairs).unwrap() {
            return Err(format!("{lost} points are lost to {pairs} pairs of journals"));
        }
        self.worst_loss = self.worst_loss.max(lost);
        Ok(())
    }

    /// Gives every state that one step leads to.
    fn steps(&mut self, state: State) -> Found<Vec<State>> {
        let all = state[KUANG];
        let mut next = Vec::new();
        for who in [PHONE, TABLET, DESK, KUANG] {
            for entry in self.choices(who, state[who]) {
                let mut state = state;
                (state[who], state[KUANG]) = (self.grow_new(state[who], entry)?, self.grow_new(all, entry)?);
                next.push(state);
            }
        }
        for who in [PHONE, TABLET, DESK] {
            let here: Vec<_> = self.sets[all as usize].entries.iter().copied().collect();
            for entry in here {
                let mut state = state;
                state[who] = self.hear(state[who], entry)?;
                next.push(state);
            }
        }
        Ok(next)
    }

    fn grow_new(&mut self, set: SetAt, entry: EntryAt) -> Found<SetAt> {
        if self.sets[set as usize].entries.contains(&entry) { Ok(set) } else { self.grow(set, entry) }
    }

    /// Visits every state within so many steps: how many there are.
    fn explore(&mut self, depth: usize) -> Found<usize> {
        let mut seen = HashSet::from([[0; 4]]);
        let mut front: Vec<State> = vec![[0; 4]];
        for step in 1..=depth {
            self.last = step == depth;
            let mut next = Vec::new();
            for state in front {
                let steps = self.steps(state).map_err(|why| format!("after {step} steps: {why}"))?;
                next.extend(steps.into_iter().filter(|state| seen.insert(*state)));
            }
            front = next;
        }
        Ok(seen.len())
    }
}

fn digest(ledger: &Ledger) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    ledger.digest(&mut hasher);
    hasher.finalize()
}

#[test]
fn every_interleaving_of_a_small_quarrel_keeps_the_rules() {
    let depth = std::env::var("KAIFONG_MODEL_DEPTH").map_or(DEPTH, |depth| depth.parse().unwrap());
    let mut model = Model::new();
    let begun = std::time::Instant::now();
    let states = model.explore(depth).unwrap_or_else(|why| panic!("{why}"));
    let (sets, entries, worst) = (model.sets.len(), model.entries.len(), model.worst_loss);
    println!(
        "{states} states within {depth} steps, {sets} sets of {entries} entries, {worst} points lost at worst, {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    assert!(states > 10_000, "{states} states are no quarrel");
}

#[test]
fn a_rule_that_is_broken_is_found_within_a_few_steps() {
    for (rule, found) in
        [(Planted::CoversAnything, "has a balance of -3"), (Planted::AcceptsAnything, "has accepted does not count")]
    {
        plant(rule);
        let why = Model::new().explore(5).expect_err("a planted bug is found");
        assert!(why.contains(found), "{rule:?}: {why}");
        println!("{rule:?} is found {why}");
    }
}
