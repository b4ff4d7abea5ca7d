//! One test, or one line of a table, for each way in which an entry has no effect; and which reason comes first.

use kaifong_domain::{Points, Refusal};
use kaifong_trust::entry::{Body, Stamp};

use crate::testing::{Building, People, building};
use crate::{NotCited, NotCounted, NotReclaimed, Outcome, Uncovered};

type Case<R> = (&'static str, fn(&mut Building, People) -> R, R);

fn check<R: PartialEq + std::fmt::Debug>(table: &[Case<R>]) {
    for (name, play, expected) in table {
        let (mut b, people) = building();
        assert_eq!(&play(&mut b, people), expected, "{name}");
        assert_eq!(b.ledger.sum(), 0, "{name}");
    }
}

#[test]
fn a_transfer_is_covered_or_names_the_rule_that_it_breaks() {
    check::<Result<(), Uncovered>>(&[
        ("nothing", |b, p| pay(b, p, &[0]), Err(Uncovered::Malformed)),
        ("one above the maximum", |b, p| pay(b, p, &[1_000_001]), Err(Uncovered::Malformed)),
        ("the largest number there is", |b, p| pay(b, p, &[u32::MAX]), Err(Uncovered::Malformed)),
        ("malformed ones move nothing", |b, p| pay(b, p, &[0, u32::MAX, 100]), Ok(())),
        ("all of the line", |b, p| pay(b, p, &[100]), Ok(())),
        ("one above the line", |b, p| pay(b, p, &[101]), Err(Uncovered::BelowZero)),
        ("the maximum", |b, p| pay(b, p, &[1_000_000]), Err(Uncovered::BelowZero)),
        ("in pieces", |b, p| pay(b, p, &[60, 40]), Ok(())),
        ("in pieces, one too many", |b, p| pay(b, p, &[60, 40, 1]), Err(Uncovered::BelowZero)),
        ("after an uncovered one", |b, p| pay(b, p, &[101, 1]), Err(Uncovered::BelowZero)),
        (
            "to its own journal",
            |b, People { mut ma, .. }| {
                let own = ma.clone();
                b.pay(&mut ma, &own, 10);
                b.covered()
            },
            Err(Uncovered::Malformed),
        ),
        (
            "from a further journal that no witness has opened",
            |b, People { mut ma, chen, .. }| {
                let mut tablet = b.second_phone(&mut ma);
                let transfer = b.pay(&mut ma, &tablet, 30);
                b.accept(&mut tablet, transfer).unwrap();
                b.pay(&mut tablet, &chen, 1);
                b.covered()
            },
            Err(Uncovered::NotOpened),
        ),
        (
            "more than the quota unseen, with rights enough",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut chen, &ma, 100);
                b.accept(&mut ma, transfer).unwrap();
                b.pay(&mut ma, &chen, 101);
                b.covered()
            },
            Err(Uncovered::BeyondQuota),
        ),
        (
            "from a negative stamp, whatever came in since",
            |b, People { mut ma, mut chen, mut desk, .. }| {
                let transfer = b.pay(&mut chen, &ma, 100);
                b.pay(&mut ma, &chen, 1);
                let stamp = b.stamp_as(&mut desk, &ma, -1);
                b.cite(&mut ma, stamp).unwrap();
                b.accept(&mut ma, transfer).unwrap();
                b.pay(&mut ma, &chen, 1);
                b.covered()
            },
            Err(Uncovered::BelowZero),
        ),
        (
            "from the largest stamp there is",
            |b, People { mut ma, mut chen, mut desk, .. }| {
                let transfer = b.pay(&mut chen, &ma, 100);
                b.accept(&mut ma, transfer).unwrap();
                let stamp = b.stamp_as(&mut desk, &ma, i64::MAX);
                let transfer = b.pay(&mut ma, &chen, 1);
                b.decline(&mut chen, transfer).unwrap();
                b.cite(&mut ma, stamp).unwrap();
                b.pay(&mut ma, &chen, 99);
                b.covered()
            },
            Ok(()),
        ),
    ]);
}

fn pay(b: &mut Building, People { mut ma, chen, .. }: People, points: &[u32]) -> Result<(), Uncovered> {
    for points in points {
        b.pay(&mut ma, &chen, *points);
    }
    b.covered()
}

#[test]
fn an_accept_counts_or_names_the_rule_that_it_breaks() {
    check::<Result<(), NotCounted>>(&[
        ("not a transfer", |b, People { ma, mut chen, .. }| b.accept(&mut chen, ma.tip), Err(NotCounted::NotATransfer)),
        (
            "somebody else's",
            |b, People { mut xiao, mut ma, chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.accept(&mut xiao, transfer)
            },
            Err(NotCounted::NotYours),
        ),
        (
            "somebody else's comes before not covered",
            |b, People { mut xiao, mut ma, chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 101);
                b.accept(&mut xiao, transfer)
            },
            Err(NotCounted::NotYours),
        ),
        (
            "another journal of the right member",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                let mut tablet = b.second_phone(&mut chen);
                b.accept(&mut tablet, transfer)
            },
            Err(NotCounted::NotYours),
        ),
        (
            "not covered",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 101);
                b.accept(&mut chen, transfer)
            },
            Err(NotCounted::NotCovered(Uncovered::BelowZero)),
        ),
        (
            "a replay",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.accept(&mut chen, transfer).unwrap();
                b.accept(&mut chen, transfer)
            },
            Err(NotCounted::AlreadyAccepted),
        ),
        (
            "declined before",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.decline(&mut chen, transfer).unwrap();
                b.accept(&mut chen, transfer)
            },
            Err(NotCounted::AlreadyDeclined),
        ),
        (
            "one slip twice, from two payers",
            |b, People { mut xiao, mut ma, mut chen, .. }| {
                let transfers = [b.pay_for(&mut ma, &chen, 10, Some(7)), b.pay_for(&mut xiao, &chen, 10, Some(7))];
                b.accept(&mut chen, transfers[0]).unwrap();
                b.accept(&mut chen, transfers[1])
            },
            Err(NotCounted::ReasonTaken),
        ),
        (
            "two slips",
            |b, People { mut ma, mut chen, .. }| {
                let transfers = [7, 8].map(|slip| b.pay_for(&mut ma, &chen, 10, Some(slip)));
                b.accept(&mut chen, transfers[0]).unwrap();
                b.accept(&mut chen, transfers[1])
            },
            Ok(()),
        ),
        (
            "one slip again after the first did not count",
            |b, People { mut xiao, mut ma, mut chen, .. }| {
                let transfers = [b.pay_for(&mut ma, &chen, 101, Some(7)), b.pay_for(&mut xiao, &chen, 10, Some(7))];
                b.accept(&mut chen, transfers[0]).unwrap_err();
                b.accept(&mut chen, transfers[1])
            },
            Ok(()),
        ),
        (
            "both branches of a forked payer",
            |b, People { mut ma, mut chen, .. }| {
                let mut other = ma.clone();
                let transfers = [b.pay(&mut ma, &chen, 10), b.pay(&mut other, &chen, 11)];
                b.accept(&mut chen, transfers[0]).unwrap();
                b.accept(&mut chen, transfers[1])
            },
            Err(NotCounted::ConflictingBranch),
        ),
        (
            "a branch that left below the accepted transfer",
            |b, People { mut ma, mut chen, .. }| {
                let first = b.pay(&mut ma, &chen, 10);
                let mut other = ma.clone();
                let transfers = [b.pay(&mut ma, &chen, 10), b.pay(&mut other, &chen, 11)];
                for transfer in [transfers[0], first] {
                    b.accept(&mut chen, transfer).unwrap();
                }
                b.accept(&mut chen, transfers[1])
            },
            Err(NotCounted::ConflictingBranch),
        ),
        (
            "a branch that left between two accepted transfers",
            |b, People { mut ma, mut chen, .. }| {
                let first = b.pay(&mut ma, &chen, 10);
                let mut other = ma.clone();
                let transfers = [b.pay(&mut ma, &chen, 10), b.pay(&mut other, &chen, 11)];
                for transfer in [first, transfers[0]] {
                    b.accept(&mut chen, transfer).unwrap();
                }
                b.accept(&mut chen, transfers[1])
            },
            Err(NotCounted::ConflictingBranch),
        ),
        (
            "either branch, each on a branch of the payee's own",
            |b, People { mut ma, mut chen, .. }| {
                let (mut ma2, mut chen2) = (ma.clone(), chen.clone());
                let transfers = [b.pay(&mut ma, &chen, 10), b.pay(&mut ma2, &chen, 11)];
                b.accept(&mut chen, transfers[0]).unwrap();
                b.accept(&mut chen2, transfers[1])
            },
            Ok(()),
        ),
    ]);
}

#[test]
fn asking_about_what_is_not_here_names_that() {
    let (mut b, People { mut ma, chen, xiao, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 10);
    let nowhere = kaifong_domain::EntryHash([9; 32]);
    assert_eq!(b.ledger.check_accept(&chen.tip, &nowhere), Err(NotCounted::Unknown));
    assert_eq!(b.ledger.check_accept(&nowhere, &transfer), Err(NotCounted::Unknown));
    assert_eq!(b.ledger.check_accept(&xiao.tip, &transfer), Err(NotCounted::NotYours));
    let asked = b.ledger.check_transfer(&nowhere, None, Points(1), Points(100));
    assert_eq!(asked, Err(Refusal::NotYetMember));
}

#[test]
fn a_decline_holds_or_names_the_rule_that_it_breaks() {
    type Found = Result<(), NotCounted>;
    fn decline(b: &mut Building, who: &mut crate::testing::Pen, transfer: kaifong_domain::EntryHash) -> Found {
        b.decline(who, transfer).map(|_| ())
    }
    check::<Found>(&[
        (
            "not a transfer",
            |b, People { ma, mut chen, .. }| decline(b, &mut chen, ma.tip),
            Err(NotCounted::NotATransfer),
        ),
        (
            "somebody else's",
            |b, People { mut xiao, mut ma, chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                decline(b, &mut xiao, transfer)
            },
            Err(NotCounted::NotYours),
        ),
        (
            "nothing to decline",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 0);
                decline(b, &mut chen, transfer)
            },
            Err(NotCounted::NotCovered(Uncovered::Malformed)),
        ),
        (
            "an uncovered one can be declined, accepted in vain or not",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 101);
                b.accept(&mut chen, transfer).unwrap_err();
                decline(b, &mut chen, transfer)
            },
            Ok(()),
        ),
        (
            "accepted before",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.accept(&mut chen, transfer).unwrap();
                decline(b, &mut chen, transfer)
            },
            Err(NotCounted::AlreadyAccepted),
        ),
        (
            "declined before",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.decline(&mut chen, transfer).unwrap();
                decline(b, &mut chen, transfer)
            },
            Err(NotCounted::AlreadyDeclined),
        ),
    ]);
}

#[test]
fn a_reclaim_gives_back_or_names_the_rule_that_it_breaks() {
    check::<Result<(), NotReclaimed>>(&[
        (
            "not a decline",
            |b, People { mut ma, chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.reclaim(&mut ma, transfer)
            },
            Err(NotReclaimed::NotADecline),
        ),
        (
            "a decline that did not hold",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                b.accept(&mut chen, transfer).unwrap();
                b.decline(&mut chen, transfer).unwrap_err();
                b.reclaim(&mut ma, chen.tip)
            },
            Err(NotReclaimed::NotADecline),
        ),
        (
            "somebody else's transfer",
            |b, People { mut xiao, mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                let decline = b.decline(&mut chen, transfer).unwrap();
                b.reclaim(&mut xiao, decline)
            },
            Err(NotReclaimed::NotYours),
        ),
        (
            "a transfer of another branch",
            |b, People { mut ma, mut chen, .. }| {
                let mut other = ma.clone();
                let transfer = b.pay(&mut ma, &chen, 10);
                let decline = b.decline(&mut chen, transfer).unwrap();
                b.reclaim(&mut other, decline)
            },
            Err(NotReclaimed::NotYours),
        ),
        (
            "twice",
            |b, People { mut ma, mut chen, .. }| {
                let transfer = b.pay(&mut ma, &chen, 10);
                let decline = b.decline(&mut chen, transfer).unwrap();
                b.reclaim(&mut ma, decline).unwrap();
                b.reclaim(&mut ma, decline)
            },
            Err(NotReclaimed::AlreadyReclaimed),
        ),
        (
            "twice, through two branches of the payee",
            |b, People { mut ma, mut chen, .. }| {
                let transfers = [b.pay(&mut ma, &chen, 10), b.pay(&mut ma, &chen, 1)];
                let mut other = chen.clone();
                b.decline(&mut other, transfers[1]).unwrap();
                let declines = [b.decline(&mut chen, transfers[0]), b.decline(&mut other, transfers[0])];
                b.reclaim(&mut ma, declines[0].unwrap()).unwrap();
                b.reclaim(&mut ma, declines[1].unwrap())
            },
            Err(NotReclaimed::AlreadyReclaimed),
        ),
    ]);
}

#[test]
fn a_citation_holds_or_names_the_rule_that_it_breaks() {
    check::<Result<(), NotCited>>(&[
        ("not a stamp", |b, People { mut ma, chen, .. }| b.cite(&mut ma, chen.tip), Err(NotCited::NotAStamp)),
        (
            "a neighbour's stamp",
            |b, People { mut ma, mut chen, .. }| {
                b.pay(&mut ma, &chen, 10);
                let stamp = b.stamp_as(&mut chen, &ma, 1000);
                assert_eq!(b.last, Outcome::Stamped(Err(NotCited::NotAWitness)));
                b.cite(&mut ma, stamp)
            },
            Err(NotCited::NotAWitness),
        ),
        (
            "of a witness that an older epoch named",
            |b, People { mut xiao, mut ma, chen, mut desk, .. }| {
                b.pay(&mut ma, &chen, 10);
                desk.epoch = b.decide(&mut xiao, Default::default(), &[&chen]);
                let stamp = b.stamp_as(&mut desk, &ma, 90);
                b.cite(&mut ma, stamp)
            },
            Err(NotCited::NotAWitness),
        ),
        (
            "another journal's",
            |b, People { mut ma, mut chen, mut desk, .. }| {
                b.pay(&mut ma, &chen, 10);
                let stamp = b.stamp(&mut desk, &ma);
                b.cite(&mut chen, stamp)
            },
            Err(NotCited::NotYours),
        ),
        (
            "the desk's own",
            |b, People { chen, mut desk, .. }| {
                b.pay(&mut desk, &chen, 10);
                let own = desk.clone();
                let stamp = b.stamp_as(&mut desk, &own, 1000);
                b.cite(&mut desk, stamp)
            },
            Err(NotCited::OwnStamp),
        ),
        (
            "another branch's",
            |b, People { mut ma, chen, mut desk, .. }| {
                let mut other = ma.clone();
                b.pay(&mut ma, &chen, 10);
                let stamp = b.stamp(&mut desk, &ma);
                b.pay(&mut other, &chen, 11);
                b.cite(&mut other, stamp)
            },
            Err(NotCited::NotThisBranch),
        ),
        ("a place that does not exist yet", |b, p| stamped_at(b, p, 1), Err(NotCited::NotThisBranch)),
        (
            "a place that no journal will ever reach",
            |b, p| stamped_at(b, p, u64::MAX - 9),
            Err(NotCited::NotThisBranch),
        ),
        (
            "the same again",
            |b, People { mut ma, chen, mut desk, .. }| {
                b.pay(&mut ma, &chen, 10);
                let stamp = b.stamp(&mut desk, &ma);
                b.cite(&mut ma, stamp).unwrap();
                b.cite(&mut ma, stamp)
            },
            Err(NotCited::NotNewer),
        ),
        (
            "an older one, which would undo the newer",
            |b, People { mut ma, chen, mut desk, .. }| {
                b.pay(&mut ma, &chen, 10);
                let older = b.stamp(&mut desk, &ma);
                b.pay(&mut ma, &chen, 10);
                b.meet(&mut desk, &mut ma);
                b.cite(&mut ma, older)
            },
            Err(NotCited::NotNewer),
        ),
        (
            "one of the first entry, where the certificate stands",
            |b, People { mut ma, chen, mut desk, .. }| {
                let opened = ma.clone();
                b.pay(&mut ma, &chen, 10);
                let stamp = b.stamp_as(&mut desk, &opened, 1000);
                b.cite(&mut ma, stamp)
            },
            Err(NotCited::NotNewer),
        ),
    ]);
}

/// The desk stamps 马乐's newest entry, but places it higher.
fn stamped_at(b: &mut Building, People { mut ma, chen, mut desk, .. }: People, above: u64) -> Result<(), NotCited> {
    b.pay(&mut ma, &chen, 10);
    let stamp = Stamp { journal: ma.journal, seq: ma.seq - 1 + above, hash: ma.tip, rights: 90 };
    let stamp = b.write(&mut desk, Body::Stamp(stamp));
    b.cite(&mut ma, stamp)
}

#[test]
fn a_device_is_told_what_its_transfer_would_be_refused_for() {
    let quota = Points(100);
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    let ask = |b: &Building, pen: &crate::testing::Pen, stamp, points| {
        b.ledger.check_transfer(&pen.tip, stamp, Points(points), quota)
    };
    let beyond_rights = |rights, needed| Err(Refusal::BeyondRights { rights, needed: Points(needed) });
    let beyond_quota = |left, needed| Err(Refusal::BeyondQuota { left, needed: Points(needed) });

    for points in [0, 1_000_001, u32::MAX] {
        assert_eq!(ask(&b, &ma, None, points), Err(Refusal::TransferMalformed));
    }
    assert_eq!(ask(&b, &ma, None, 100), Ok(()));
    assert_eq!(ask(&b, &ma, None, 101), beyond_rights(100, 101), "rights are asked before the quota");
    let transfer = b.pay(&mut chen, &ma, 60);
    b.accept(&mut ma, transfer).unwrap();
    b.pay(&mut ma, &chen, 70);
    assert_eq!(ask(&b, &ma, None, 31), beyond_quota(30, 31));
    assert_eq!(ask(&b, &ma, None, 30), Ok(()));
    let stamp = b.stamp(&mut desk, &ma);
    assert_eq!(ask(&b, &ma, Some(&stamp), 90), Ok(()), "it would cite the stamp first");
    assert_eq!(ask(&b, &ma, Some(&stamp), 91), beyond_rights(90, 91));
    assert_eq!(ask(&b, &ma, Some(&transfer), 31), beyond_quota(30, 31), "what cannot be cited is ignored");

    let mut tablet = b.second_phone(&mut ma);
    assert_eq!(ask(&b, &tablet, None, 1), beyond_rights(0, 1));
    let transfer = b.pay(&mut ma, &tablet, 30);
    b.accept(&mut tablet, transfer).unwrap();
    assert_eq!(ask(&b, &tablet, None, 30), beyond_quota(0, 30), "a witness opens it first");
    let stamp = b.stamp(&mut desk, &tablet);
    assert_eq!(ask(&b, &tablet, Some(&stamp), 30), Ok(()));
}

#[test]
fn an_entry_whose_grounds_are_missing_is_not_added() {
    let (mut b, People { mut xiao, mut ma, mut chen, mut desk }) = building();
    let transfer = b.pay(&mut ma, &chen, 10);
    let decline = b.decline(&mut chen, transfer).unwrap();
    b.reclaim(&mut ma, decline).unwrap();
    b.meet(&mut desk, &mut ma);
    b.newcomer(&mut xiao);
    b.second_phone(&mut ma);
    // Whatever is left out, all that rests on it stays out, and what does not goes in.
    for missing in &b.entries {
        let mut ledger = crate::Ledger::new();
        let mut out = std::collections::BTreeSet::from([missing.hash()]);
        for entry in b.entries.iter().filter(|entry| entry.hash() != missing.hash()) {
            let rests = super::histories::cites(entry).iter().any(|ground| out.contains(&ground.0));
            let orphan = ledger.add(entry, &b.council).outcome == Outcome::Orphan;
            assert_eq!(orphan, rests);
            if orphan {
                out.insert(entry.hash());
                assert!(ledger.standing(&kaifong_domain::EntryHash(entry.hash())).is_none());
            }
        }
    }
}

#[test]
fn an_entry_in_an_impossible_place_is_not_added() {
    let (mut b, People { mut ma, chen, .. }) = building();
    let entry = b.entries.last().unwrap().value().clone();
    let before = b.entries.len();
    for (seq, journal) in [(ma.seq + 1, ma.journal), (ma.seq - 1, ma.journal), (ma.seq, chen.journal)] {
        let entry = kaifong_trust::entry::Entry { seq, journal, prev: ma.tip, ..entry.clone() };
        assert_eq!(b.ledger.add(&ma.key.sign(entry), &b.council).outcome, Outcome::Orphan);
    }
    b.pay(&mut ma, &chen, 1);
    assert_eq!(b.entries.len(), before + 1);
    assert!(!b.ledger.is_forked(&ma.journal));
}
