//! Random histories of a fund with an honest treasurer and one who forks, heard in any causal order.

use std::collections::BTreeSet;

use kaifong_domain::fund::{Act, Purpose};
use kaifong_domain::{EntryHash, Points};
use kaifong_trust::entry::{Body, FUND_NONCE, Grant, GrantList, Role, Terms, Transfer};
use proptest::prelude::*;

use super::fund::Treasury;
use super::histories::{fold, portrait, shuffled};
use crate::Ledger;
use crate::testing::Pen;

/// One thing that somebody does with the fund.
#[derive(Clone, Copy, Debug)]
struct Deed {
    kind: u8,
    who: usize,
    day: u32,
    times: u16,
    points: u32,
    pick: usize,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let points = prop_oneof![6 => 1..60u32, 1 => Just(0), 1 => Just(u32::MAX), 1 => Just(20)];
    let deed = (0..12u8, 0..3usize, 0..6u32, 0..8u16, points, 0..1000usize)
        .prop_map(|(kind, who, day, times, points, pick)| Deed { kind, who, day, times, points, pick });
    prop::collection::vec(deed, 10..120)
}

/// 马乐 is an honest treasurer; the desk's is another, who forks; 肖阿姨 seconds whatever she sees.
struct Play {
    t: Treasury,
    cheat: Pen,
    twin: Pen,
    given: u64,
}

impl Play {
    fn new() -> Self {
        let mut t = Treasury::new();
        t.roles.push((t.chen.member, Role::Treasurer));
        let other = t.journal_of(&t.chen);
        t.epoch(&[(t.fund.journal, 300), (other.journal, 200)]);
        let (basis, key) = (t.basis(&t.chen), t.chen.key.clone());
        let cheat = t.b.open(&key, Some(t.chen.member), FUND_NONCE, basis, t.chen.epoch);
        Self { twin: cheat.clone(), t, cheat, given: 300 }
    }

    fn any(&self, pick: usize, wanted: fn(&Body) -> bool) -> Option<EntryHash> {
        let fit: Vec<_> = self.t.b.entries.iter().filter(|entry| wanted(&entry.value().body)).collect();
        (!fit.is_empty()).then(|| EntryHash(fit[pick % fit.len()].hash()))
    }

    fn terms(&self, deed: Deed) -> Terms {
        let payee = [&self.t.xiao, &self.t.ma, &self.t.desk][deed.who];
        let (purpose, points) = match deed.pick % 4 {
            0 => (Purpose::Starter, 20),
            1 => (Purpose::Opening, deed.points),
            _ => (
                Purpose::Act { act: Act::Shift, day: deed.day, times: deed.times },
                u32::from(deed.times) * if deed.pick.is_multiple_of(7) { 9 } else { 10 },
            ),
        };
        Terms { to: payee.journal, member: payee.member, points: Points(points), purpose }
    }

    fn play(&mut self, deed: Deed) {
        let terms = self.terms(deed);
        let second = self.any(deed.pick, |body| matches!(body, Body::Second { .. }));
        let second = second.filter(|_| deed.pick.is_multiple_of(2));
        let t = &mut self.t;
        match deed.kind {
            0..=2 => {
                let signed = Grant { terms, second };
                let stamp = t.b.ledger.newest_stamp(&t.fund.tip);
                let fund = &t.fund;
                if t.b.ledger.check_grant(&fund.tip, stamp.as_ref(), &signed, &fund.epoch, &t.b.council).is_ok() {
                    if let Some(stamp) = stamp {
                        t.b.cite(&mut t.fund, stamp).unwrap();
                    }
                    t.b.write(&mut t.fund, Body::Grant(signed));
                    assert_eq!(t.covered(), Ok(()), "what check_grant allows is covered");
                }
            }
            3 => _ = t.b.write(&mut t.fund, Body::GrantList(GrantList { terms: vec![terms] })),
            4 => {
                if let Some(list) = self.any(deed.pick, |body| matches!(body, Body::GrantList(_))) {
                    self.t.b.write(&mut self.t.xiao, Body::Second { list });
                }
            }
            5 => {
                let payee = [&mut t.xiao, &mut t.ma, &mut t.desk][deed.who].clone();
                let open = t.b.ledger.incoming(&payee.tip);
                if let Some(transfer) = open.get(deed.pick % open.len().max(1)) {
                    let fits = t.b.ledger.check_accept(&payee.tip, transfer).is_ok();
                    let payee = match deed.who {
                        0 => &mut t.xiao,
                        1 => &mut t.ma,
                        _ => &mut t.desk,
                    };
                    let transfer = *transfer;
                    let body = if fits { Body::Accept { transfer } } else { Body::Decline { transfer } };
                    t.b.write(payee, body);
                }
            }
            6 => {
                if let [decline, ..] = t.b.ledger.reclaimable(&t.fund.tip)[..] {
                    t.b.reclaim(&mut t.fund, decline).unwrap();
                }
            }
            7 => {
                if let Some(stamp) = t.b.ledger.stamp_for(&t.fund.tip) {
                    t.b.write(&mut t.desk, Body::Stamp(stamp));
                }
            }
            8 => {
                self.given += u64::from(deed.times) * 10;
                let other = self.cheat.journal;
                t.epoch(&[(t.fund.journal, self.given), (other, 200)]);
                // The honest treasurer's next entry names it.
                t.b.write(&mut t.fund, Body::Stand { paper: t.ma.key.id() });
            }
            9 => _ = t.b.write(&mut self.cheat, Body::Grant(Grant { terms, second })),
            10 => _ = t.b.write(&mut self.twin, Body::Grant(Grant { terms, second })),
            _ => {
                let gift = Body::Transfer(Transfer { to: t.fund.journal, points: Points(deed.points), reason: None });
                let gift = t.b.write(&mut t.xiao, gift);
                if t.b.ledger.check_accept(&t.fund.tip, &gift).is_ok() {
                    t.b.accept(&mut t.fund, gift).unwrap();
                }
            }
        }
    }

    /// What the honest treasurer's grants that count add up to, without what was given to that journal.
    fn granted(&self, ledger: &Ledger) -> i64 {
        let entries = self.t.b.entries.iter().map(|entry| EntryHash(entry.hash()));
        let rows = entries.filter_map(|hash| ledger.transfer(&hash));
        let counted = rows.filter(|row| row.state == crate::LineState::Accepted);
        counted.map(|row| i64::from(row.points.0) * side(&row, self.t.fund.journal)).sum()
    }
}

fn side(row: &crate::TransferRow, journal: kaifong_domain::JournalId) -> i64 {
    i64::from(row.payer == journal) - i64::from(row.payee == journal)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// I3 and I4 for the fund, and rule 3: an honest treasurer grants no more than epochs and neighbours gave, each
    /// occasion counts once in a journal, and every order of arrival gives the same.
    #[test]
    fn a_fund_grants_no_more_than_it_was_given_whatever_another_treasurer_does(
        deeds in deeds(),
        orders in prop::collection::vec(prop::collection::vec(any::<u32>(), 1..30), 2),
    ) {
        let mut play = Play::new();
        for deed in deeds {
            play.play(deed);
            let ledger = &play.t.b.ledger;
            prop_assert_eq!(ledger.sum(), 0);
            prop_assert!(play.granted(ledger) <= play.given as i64);
            prop_assert!(play.t.b.rights(&play.t.fund) >= 0);
        }
        let (ledger, entries) = (&play.t.b.ledger, &play.t.b.entries);
        let mut seen = BTreeSet::new();
        for pen in [&play.t.xiao, &play.t.ma, &play.t.desk] {
            for line in ledger.statement(&pen.member) {
                let counts = line.purpose.is_some() && line.state == crate::LineState::Accepted;
                prop_assert!(!counts || seen.insert((pen.member, line.reason)), "one occasion counted twice");
            }
        }
        let expected = portrait(ledger, entries);
        for numbers in orders {
            let again = fold(&shuffled(entries, &numbers), &play.t.b.council);
            prop_assert_eq!(&portrait(&again, entries), &expected);
        }
    }
}

/// The random histories reach what they are there to reach.
#[test]
fn the_random_histories_of_a_fund_do_real_things() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..150 {
        let mut play = Play::new();
        for deed in deeds().new_tree(&mut runner).unwrap().current() {
            play.play(deed);
            seen.insert(format!("{:?}", play.t.b.last));
        }
    }
    for outcome in [
        "Offered(Ok(()))",
        "Offered(Err(OffRate))",
        "Offered(Err(NotSeconded))",
        "Offered(Err(BelowZero))",
        "Accepted(Ok(()))",
        "Declined(Ok(()))",
        "Reclaimed(Ok(()))",
        "Stamped(Ok(()))",
    ] {
        assert!(seen.contains(outcome), "no history reached {outcome}: {seen:#?}");
    }
}
