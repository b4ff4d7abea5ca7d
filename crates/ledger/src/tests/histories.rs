//! Random histories of honest and hostile journals, heard in any causal order: L5, I3 and I4.

use std::collections::{BTreeMap, BTreeSet};

use kaifong_domain::{EntryHash, JournalId, Points, ReasonId};
use kaifong_trust::Verified;
use kaifong_trust::entry::{Basis, Body, Entry, NO_ENTRY, Role, Stamp, Succession, Transfer};
use proptest::prelude::*;

use crate::testing::{Building, Council, Pen, building};
use crate::{Ledger, LineState, NotCounted, Outcome};

/// What the ledger itself must hold before an entry.
pub(super) fn cites(entry: &Verified<Entry>) -> Vec<EntryHash> {
    let entry = entry.value();
    let cited = match &entry.body {
        Body::Open(open) => match open.basis {
            Basis::Genesis => NO_ENTRY,
            Basis::Certificate(cited) | Basis::Link(cited) | Basis::Recover(cited) | Basis::Reapprove(cited) => cited,
        },
        Body::Accept { transfer } | Body::Decline { transfer } => *transfer,
        Body::Reclaim { decline } => *decline,
        Body::Cite { stamp } => *stamp,
        Body::Grant(grant) => grant.second.unwrap_or(NO_ENTRY),
        Body::Second { list } | Body::Unlist { list } => *list,
        Body::Succeed(said) => said.last,
        Body::Inherit { succession } => *succession,
        _ => NO_ENTRY,
    };
    let seconds = match &entry.body {
        Body::Succeed(said) => said.seconds.unwrap_or(NO_ENTRY),
        _ => NO_ENTRY,
    };
    [entry.prev, cited, seconds].into_iter().filter(|ground| *ground != NO_ENTRY).collect()
}

/// Everything that is admitted before an entry; epochs are the roster's matter.
fn grounds(entry: &Verified<Entry>) -> Vec<EntryHash> {
    let before = match &entry.value().body {
        Body::Epoch(epoch) => epoch.prev,
        _ => NO_ENTRY,
    };
    let epochs = [entry.value().epoch, before].into_iter().filter(|ground| *ground != NO_ENTRY);
    cites(entry).into_iter().chain(epochs).collect()
}

/// One thing that somebody does; the numbers are read as far as they make sense.
#[derive(Clone, Debug)]
pub(super) struct Act {
    kind: u8,
    who: usize,
    whom: usize,
    points: u32,
    pick: usize,
}

pub(super) fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let points = prop_oneof![8 => 1..60u32, 2 => 60..130u32, 1 => Just(0), 1 => Just(u32::MAX), 1 => Just(1_000_000)];
    // Two pay and are paid more than the rest, so that they come near their limits.
    let who = || prop_oneof![1 => Just(0usize), 1 => Just(2usize), 2 => 0..8usize];
    let act = (0..22u8, who(), who(), points, 0..1000usize).prop_map(|(kind, who, whom, points, pick)| Act {
        kind,
        who,
        whom,
        points,
        pick,
    });
    prop::collection::vec(act, most / 8..most)
}

/// An honest device: it knows what it has heard, and signs by L6.
struct Device {
    pen: Pen,
    ledger: Ledger,
    heard: BTreeSet<usize>,
}

/// Eight devices: 马乐 with a phone and a tablet, 陈姨, 肖阿姨, the desk, and two members, 匡 with two phones and 万, who do
/// everything that can be signed, on any branch, and hear everything at once. 陈姨, 肖阿姨, the desk and 匡 review.
pub(super) struct World {
    pub(super) building: Building,
    honest: Vec<Device>,
    cheats: [Pen; 3],
    /// Whether 匡's device is a witness too.
    false_witness: bool,
}

const DESK: usize = 4;

impl World {
    pub(super) fn new(false_witness: bool) -> Self {
        let (mut building, mut people) = building();
        let [mut kuang, wan] = [(); 2].map(|()| building.newcomer(&mut people.xiao));
        let other = building.second_phone(&mut kuang);
        let mut cheats = [kuang, wan, other];
        let tablet = building.second_phone(&mut people.ma);
        let desk = people.desk.clone();
        let witnesses: &[&Pen] = if false_witness { &[&desk, &cheats[0].clone()] } else { &[&desk] };
        let reviewers = [&people.chen, &people.xiao, &people.desk, &cheats[0]].map(|pen| (pen.member, Role::Reviewer));
        let (charter, fund) = Default::default();
        let epoch = building.decide_with(&mut people.xiao, charter, witnesses, reviewers.into(), fund);
        let heard: BTreeSet<_> = (0..building.entries.len()).collect();
        cheats.iter_mut().for_each(|cheat| cheat.epoch = epoch);
        let honest = [people.ma, tablet, people.chen, people.xiao, people.desk].map(|mut pen| {
            pen.epoch = epoch;
            Device { pen, ledger: building.ledger.clone(), heard: heard.clone() }
        });
        Self { building, honest: honest.into(), cheats, false_witness }
    }

    /// An honest device signs; what it makes of the entry is what everybody will.
    fn sign(&mut self, who: usize, body: Body) {
        let device = &mut self.honest[who];
        self.building.write(&mut device.pen, body);
        let at = self.building.entries.len() - 1;
        let effect = device.ledger.add(&self.building.entries[at], &self.building.council);
        device.heard.insert(at);
        assert_eq!(effect.outcome, self.building.last);
        if let Outcome::Offered(result) = effect.outcome {
            assert_eq!(result, Ok(()), "what check_transfer allows is covered");
        }
    }

    /// One device hears everything that another has heard.
    fn hear(&mut self, who: usize, from: &BTreeSet<usize>) {
        let device = &mut self.honest[who];
        for at in from.difference(&device.heard.clone()) {
            let effect = device.ledger.add(&self.building.entries[*at], &self.building.council);
            assert_ne!(effect.outcome, Outcome::Orphan);
            device.heard.insert(*at);
        }
    }

    /// The journals of the honest, then those of the two cheats.
    fn journal(&self, whom: usize) -> JournalId {
        self.honest.get(whom).map_or(self.cheats[whom % 3].journal, |device| device.pen.journal)
    }

    pub(super) fn play(&mut self, act: &Act) {
        let all: BTreeSet<_> = (0..self.building.entries.len()).collect();
        match act.kind {
            0..=3 => self.pay(act),
            4..=6 => self.answer(act),
            7 => {
                if let Some(device) = self.honest.get(act.who)
                    && let [decline, ..] = device.ledger.reclaimable(&device.pen.tip)[..]
                {
                    self.sign(act.who, Body::Reclaim { decline });
                }
            }
            8 => self.stamp(act),
            9 => {
                let from = self.honest.get(act.whom).map_or(all, |device| device.heard.clone());
                if act.who < self.honest.len() {
                    self.hear(act.who, &from);
                }
            }
            18 => self.hand_over(act),
            19 => {
                if let Some(device) = self.honest.get(act.who)
                    && let Some(&succession) = device.ledger.inheritances(&device.pen.tip).first()
                {
                    self.sign(act.who, Body::Inherit { succession });
                    assert_eq!(self.building.last, Outcome::Inherited(Ok(())), "what is offered has effect");
                }
            }
            _ => self.cheat(act),
        }
    }

    /// 陈姨, 肖阿姨 or the desk hands one journal over to another of its member, also one that lives on; or takes up what
    /// another reviewer has said.
    fn hand_over(&mut self, act: &Act) {
        let reviewer = 2 + act.pick % 3;
        if act.pick.is_multiple_of(2) {
            self.hear(reviewer, &(0..self.building.entries.len()).collect());
        }
        let of = [(0, 1), (1, 0), (5, 6), (6, 5)][act.whom % 4];
        let (closed, successor) = (self.journal(of.0), self.journal(of.1));
        let known = |at: &&usize| self.building.entries[**at].value().journal == closed;
        let theirs = self.honest[reviewer].heard.iter().rev().filter(known);
        let Some(last) = theirs.cycle().nth(act.points as usize % 3).map(|at| &self.building.entries[*at]) else {
            return;
        };
        let said = Succession { last: EntryHash(last.hash()), successor, seconds: None };
        let own = self.honest[reviewer].pen.journal;
        let heard = self.honest[reviewer].heard.iter().map(|at| &self.building.entries[*at]);
        let first = heard.into_iter().find_map(|entry| match &entry.value().body {
            Body::Succeed(first) if entry.value().journal != own && self.member_of(first) == self.member_of(&said) => {
                Some(Succession { seconds: Some(EntryHash(entry.hash())), ..*first })
            }
            _ => None,
        });
        self.sign(reviewer, Body::Succeed(first.filter(|_| act.pick % 4 < 3).unwrap_or(said)));
    }

    fn member_of(&self, said: &Succession) -> Option<kaifong_domain::MemberId> {
        self.building.ledger.standing(&said.last).map(|standing| standing.member)
    }

    fn pay(&mut self, act: &Act) {
        let to = self.journal(act.whom);
        let Some(device) = self.honest.get(act.who) else { return };
        let (tip, points) = (device.pen.tip, Points(act.points));
        let stamp = device.ledger.newest_stamp(&tip);
        let quota = self.building.council.charter_of(&device.pen.epoch).quota;
        if to == device.pen.journal || device.ledger.check_transfer(&tip, stamp.as_ref(), points, quota).is_err() {
            return;
        }
        if let Some(stamp) = stamp {
            self.sign(act.who, Body::Cite { stamp });
        }
        let reason = act.pick.is_multiple_of(3).then_some(ReasonId([(act.pick % 4) as u8; 16]));
        self.sign(act.who, Body::Transfer(Transfer { to, points, reason }));
    }

    fn answer(&mut self, act: &Act) {
        if act.who >= self.honest.len() {
            return;
        }
        if act.pick.is_multiple_of(2) {
            self.hear(act.who, &(0..self.building.entries.len()).collect());
        }
        let device = &self.honest[act.who];
        let tip = device.pen.tip;
        let Some(transfer) = device.ledger.incoming(&tip).into_iter().cycle().nth(act.pick % 5) else { return };
        let payer = device.ledger.transfer(&transfer).unwrap().payer;
        let fits = device.ledger.check_accept(&tip, &transfer).is_ok() && !device.ledger.is_forked(&payer);
        let body = if fits && act.kind != 5 { Body::Accept { transfer } } else { Body::Decline { transfer } };
        let accepts = matches!(body, Body::Accept { .. });
        self.sign(act.who, body);
        let expected = if accepts { Outcome::Accepted(Ok(())) } else { Outcome::Declined(Ok(())) };
        assert_eq!(self.building.last, expected, "what check_accept allows counts for everybody");
    }

    /// The desk stamps the newest entry that it knows of somebody's journal.
    fn stamp(&mut self, act: &Act) {
        let of = self.journal(act.whom);
        if act.pick.is_multiple_of(2) {
            self.hear(DESK, &(0..self.building.entries.len()).collect());
        }
        let desk = &self.honest[DESK];
        let known = desk.heard.iter().rev().map(|at| &self.building.entries[*at]);
        let tip = known.into_iter().find(|entry| entry.value().journal == of).map(|entry| EntryHash(entry.hash()));
        if of != desk.pen.journal
            && let Some(stamp) = tip.and_then(|tip| desk.ledger.stamp_for(&tip))
        {
            self.sign(DESK, Body::Stamp(stamp));
        }
    }

    /// 匡 or 万 signs anything at all, after any entry of any branch.
    fn cheat(&mut self, act: &Act) {
        let entries = &self.building.entries;
        let cheat = &self.cheats[act.who % 3];
        let own: Vec<_> = entries.iter().filter(|entry| entry.value().journal == cheat.journal).collect();
        let after = match act.pick % 3 {
            0 => own[act.pick % own.len()],
            _ => own[own.len() - 1],
        };
        let (tip, seq) = (EntryHash(after.hash()), after.value().seq + 1);
        // Three times in four what concerns him, else anybody's; what he forges for others is refused sooner.
        let any = |wanted: fn(&Body) -> bool| {
            let his = |body: &Body| match body {
                Body::Transfer(transfer) => transfer.to == cheat.journal,
                Body::Stamp(stamp) => stamp.journal == cheat.journal,
                _ => true,
            };
            let fit = |entry: &&Verified<Entry>| {
                let body = &entry.value().body;
                wanted(body) && (act.whom.is_multiple_of(4) || his(body))
            };
            let fit: Vec<_> = entries.iter().filter(fit).collect();
            let entry = if fit.is_empty() { &entries[act.pick % entries.len()] } else { fit[act.pick % fit.len()] };
            EntryHash(entry.hash())
        };
        let device = &self.honest[act.whom % self.honest.len()];
        let body = match act.kind {
            10..=12 => Body::Transfer(Transfer {
                to: self.journal(act.whom),
                points: Points(act.points),
                reason: act.pick.is_multiple_of(5).then_some(ReasonId([(act.pick % 4) as u8; 16])),
            }),
            13 | 14 => Body::Accept { transfer: any(|body| matches!(body, Body::Transfer(_))) },
            15 => Body::Decline { transfer: any(|body| matches!(body, Body::Transfer(_))) },
            16 if act.pick.is_multiple_of(2) => {
                Body::Reclaim { decline: any(|body| matches!(body, Body::Decline { .. })) }
            }
            16 => Body::Cite { stamp: any(|body| matches!(body, Body::Stamp(_))) },
            20 => {
                let seconds = any(|body| matches!(body, Body::Succeed(_)));
                let first =
                    entries.iter().find(|entry| EntryHash(entry.hash()) == seconds).map(|entry| &entry.value().body);
                match first {
                    Some(Body::Succeed(first)) => Body::Succeed(Succession { seconds: Some(seconds), ..*first }),
                    _ => {
                        Body::Succeed(Succession { last: cheat.tip, successor: self.journal(act.whom), seconds: None })
                    }
                }
            }
            21 => Body::Inherit { succession: any(|body| matches!(body, Body::Succeed(_))) },
            _ => Body::Stamp(Stamp {
                journal: device.pen.journal,
                seq: device.pen.seq - 1,
                hash: device.pen.tip,
                rights: [i64::MAX, i64::MIN, 1_000, -1, 0][act.pick % 5],
            }),
        };
        let mut pen = Pen { tip, seq, ..cheat.clone() };
        self.building.write(&mut pen, body);
    }

    /// I4: nobody honest is below their credit line, but for what a cheating payee declined to them and kept.
    fn check_no_honest_overdraft(&self) {
        for member in self.honest.iter().map(|device| device.pen.member) {
            let devices = self.honest.iter().filter(|device| device.pen.member == member);
            let contested: u64 =
                devices.map(|device| self.building.ledger.standing(&device.pen.tip).unwrap().contested).sum();
            let balance = self.building.ledger.balance(&member);
            assert!(balance >= -100 - contested as i64, "{balance} with {contested} contested");
        }
    }
}

impl Council {
    fn charter_of(&self, epoch: &EntryHash) -> kaifong_domain::charter::Charter {
        crate::Rights::charter(self, epoch).unwrap()
    }
}

fn digest(ledger: &Ledger) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    ledger.digest(&mut hasher);
    hasher.finalize()
}

/// Everything that anybody can ask of a ledger about these entries.
pub(super) fn portrait(ledger: &Ledger, entries: &[Verified<Entry>]) -> String {
    let mut text = format!("{:?} {:?} {}\n", digest(ledger), ledger.balances(), ledger.sum());
    text += &format!("{:?}\n", ledger.legacies());
    for member in ledger.balances().keys() {
        text += &format!("{:?}\n", ledger.statement(member));
    }
    for entry in entries {
        let (tip, journal) = (EntryHash(entry.hash()), entry.value().journal);
        text += &format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {}\n",
            ledger.standing(&tip),
            ledger.inheritances(&tip),
            ledger.incoming(&tip),
            ledger.reclaimable(&tip),
            ledger.newest_stamp(&tip),
            ledger.stamp_for(&tip),
            ledger.transfer(&tip),
            ledger.is_forked(&journal),
        );
    }
    text
}

/// Puts entries into another causal order: of those that can come next, the one with the least number.
pub(super) fn shuffled(entries: &[Verified<Entry>], numbers: &[u32]) -> Vec<Verified<Entry>> {
    let place: BTreeMap<_, _> = entries.iter().enumerate().map(|(at, entry)| (EntryHash(entry.hash()), at)).collect();
    let mut waits: Vec<_> = entries.iter().map(|entry| grounds(entry).len()).collect();
    let mut followers = vec![Vec::new(); entries.len()];
    for (at, entry) in entries.iter().enumerate() {
        grounds(entry).iter().for_each(|ground| followers[place[ground]].push(at));
    }
    let number = |at: usize| (numbers[at % numbers.len()].wrapping_mul(at as u32 + 1), at);
    let mut ready: BTreeSet<_> = (0..entries.len()).filter(|at| waits[*at] == 0).map(number).collect();
    let mut order = Vec::new();
    while let Some((_, at)) = ready.pop_first() {
        order.push(entries[at].clone());
        for next in &followers[at] {
            waits[*next] -= 1;
            if waits[*next] == 0 {
                ready.insert(number(*next));
            }
        }
    }
    assert_eq!(order.len(), entries.len());
    order
}

pub(super) fn fold(entries: &[Verified<Entry>], council: &Council) -> Ledger {
    let mut ledger = Ledger::new();
    for entry in entries {
        assert_ne!(ledger.add(entry, council).outcome, Outcome::Orphan);
    }
    ledger
}

fn counted(ledger: &Ledger, entries: &[Verified<Entry>]) -> BTreeSet<EntryHash> {
    let hashes = entries.iter().map(|entry| EntryHash(entry.hash()));
    hashes.filter(|hash| ledger.transfer(hash).is_some_and(|row| row.state == LineState::Accepted)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    /// L5, rule 3: the state is a function of the set, whatever the order of arrival.
    #[test]
    fn every_causal_order_gives_the_same_ledger(
        acts in acts(240),
        orders in prop::collection::vec(prop::collection::vec(any::<u32>(), 1..40), 3),
        false_witness: bool,
    ) {
        let mut world = World::new(false_witness);
        acts.iter().for_each(|act| world.play(act));
        let entries = &world.building.entries;
        let expected = portrait(&world.building.ledger, entries);
        for numbers in orders {
            let ledger = fold(&shuffled(entries, &numbers), &world.building.council);
            prop_assert_eq!(&portrait(&ledger, entries), &expected);
        }
    }

    /// I3, I4 and L5 after every single entry, with a forger, false stamps, replays and huge numbers.
    #[test]
    fn the_sum_is_zero_nobody_honest_overdraws_and_nothing_counted_is_un_counted(
        acts in acts(300),
        false_witness: bool,
    ) {
        let mut world = World::new(false_witness);
        let (mut before, mut rows) = (BTreeSet::new(), BTreeMap::new());
        for act in &acts {
            world.play(act);
            let (ledger, entries) = (&world.building.ledger, &world.building.entries);
            prop_assert_eq!(ledger.sum(), 0);
            world.check_no_honest_overdraft();
            let now = counted(ledger, entries);
            prop_assert!(now.is_superset(&before), "something counted was un-counted");
            before = now;
            for entry in entries {
                let hash = EntryHash(entry.hash());
                let standing = ledger.standing(&hash).map(|standing| (standing.rights, standing.unseen));
                let state = ledger.transfer(&hash).map(|row| row.state);
                let (was, state_was) = rows.insert(hash, (standing, state)).unwrap_or((standing, state));
                prop_assert_eq!(was, standing, "what a branch stands on is below it");
                prop_assert!(state_was <= state, "a line only moves on");
            }
        }
    }

    /// The bound, where no witness helps a forger: the quota, for each pair of his journal and an honest payee's.
    #[test]
    fn without_stamps_an_honest_journal_holds_no_more_than_the_quota_of_a_forged_one(acts in acts(300)) {
        let mut world = World::new(false);
        acts.iter().filter(|act| act.kind != 8).for_each(|act| world.play(act));
        let cheats = world.cheats.each_ref().map(|cheat| cheat.journal);
        let mut held: BTreeMap<(JournalId, JournalId), u32> = BTreeMap::new();
        for hash in counted(&world.building.ledger, &world.building.entries) {
            let row = world.building.ledger.transfer(&hash).unwrap();
            if cheats.contains(&row.payer) && !cheats.contains(&row.payee) {
                *held.entry((row.payer, row.payee)).or_default() += row.points.0;
            }
        }
        for (pair, points) in held {
            prop_assert!(points <= 100, "{pair:?} {points}");
        }
    }

    /// An orphan leaves no trace: heard in any order at all, again and again, the end is the same.
    #[test]
    fn entries_heard_too_early_can_be_offered_again(acts in acts(40), numbers in prop::collection::vec(any::<u32>(), 1..40)) {
        let mut world = World::new(false);
        acts.iter().for_each(|act| world.play(act));
        let entries = &world.building.entries;
        let mut any_order: Vec<_> = entries.iter().enumerate().collect();
        any_order.sort_by_key(|(at, _)| numbers[at % numbers.len()].wrapping_mul(*at as u32 + 1));
        let mut ledger = Ledger::new();
        while !any_order.is_empty() {
            any_order.retain(|(_, entry)| ledger.add(entry, &world.building.council).outcome == Outcome::Orphan);
        }
        prop_assert_eq!(portrait(&ledger, entries), portrait(&world.building.ledger, entries));
    }
}

/// A payer forks, a payee forks, one reason is used twice, one transfer is declined and accepted: in all causal orders.
#[test]
fn all_causal_orders_of_a_small_quarrel_give_the_same_ledger() {
    let (mut b, mut people) = building();
    let start = b.entries.len();
    let (ma, chen) = (&mut people.ma, &mut people.chen);
    let (mut ma2, mut chen2) = (ma.clone(), chen.clone());
    let first = b.pay_for(ma, chen, 60, Some(1));
    let second = b.pay_for(&mut ma2, chen, 70, Some(1));
    b.accept(chen, first).unwrap();
    let decline = b.decline(&mut chen2, first).unwrap();
    assert_eq!(b.accept(&mut chen2, second), Ok(()));
    assert_eq!(b.accept(chen, second), Err(NotCounted::ReasonTaken));
    b.reclaim(ma, decline).unwrap();
    b.pay(ma, chen, 40);
    b.stamp_as(&mut people.desk, ma, 0);
    let expected = portrait(&b.ledger, &b.entries);
    let ledger = fold(&b.entries[..start], &b.council);
    let orders = walk(&ledger, &b.entries[start..], &b, &expected);
    assert!(orders > 500, "{orders} orders");
}

/// Adds the rest in every causal order, and counts the orders.
pub(super) fn walk(ledger: &Ledger, rest: &[Verified<Entry>], b: &Building, expected: &str) -> usize {
    if rest.is_empty() {
        assert_eq!(portrait(ledger, &b.entries), expected);
        return 1;
    }
    let mut orders = 0;
    for (at, entry) in rest.iter().enumerate() {
        let mut next = ledger.clone();
        if next.add(entry, &b.council).outcome != Outcome::Orphan {
            orders += walk(&next, &[&rest[..at], &rest[at + 1..]].concat(), b, expected);
        }
    }
    orders
}

/// The random histories reach what they are there to reach.
#[test]
fn the_random_histories_do_real_things() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..500 {
        let acts = acts(300).new_tree(&mut runner).unwrap().current();
        let mut world = World::new(true);
        acts.iter().for_each(|act| {
            world.play(act);
            seen.insert(format!("{:?}", world.building.last));
        });
        if world.honest.iter().any(|device| world.building.ledger.balance(&device.pen.member) < -90) {
            seen.insert("an honest member near the line".into());
        }
        if world.building.ledger.legacies().values().any(|legacy| legacy.spent > 0) {
            seen.insert("the fund has borne what was spent".into());
        }
        assert!(world.false_witness);
    }
    for outcome in [
        "an honest member near the line",
        "Accepted(Err(AlreadyAccepted))",
        "Accepted(Err(AlreadyDeclined))",
        "Accepted(Err(ConflictingBranch))",
        "Accepted(Err(NotCovered(BelowZero)))",
        "Accepted(Err(NotYours))",
        "Accepted(Err(ReasonTaken))",
        "Accepted(Ok(()))",
        "Cited(Err(NotYours))",
        "Declined(Ok(()))",
        "Inherited(Err(NotAReviewer))",
        "Inherited(Err(NotASuccession))",
        "Inherited(Err(NotMore))",
        "Inherited(Err(NotTheSameMember))",
        "Inherited(Err(NotTwo))",
        "Inherited(Err(NotYours))",
        "Inherited(Ok(()))",
        "the fund has borne what was spent",
        "Offered(Err(BelowZero))",
        "Offered(Err(BeyondQuota))",
        "Offered(Err(Malformed))",
        "Reclaimed(Ok(()))",
        "Stamped(Ok(()))",
    ] {
        assert!(seen.contains(outcome), "no history reached {outcome}: {seen:#?}");
    }
}
