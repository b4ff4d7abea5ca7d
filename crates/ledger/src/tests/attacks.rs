//! The attacks that the rules answer, with what each still yields.

use std::collections::BTreeMap;

use kaifong_domain::Points;

use crate::testing::{Building, Pen, People, building};
use crate::{NotCounted, Outcome};

/// What these honest people hold together.
fn held(b: &Building, honest: &[&Pen]) -> i64 {
    honest.iter().map(|pen| b.ledger.balance(&pen.member)).sum()
}

/// Forks a journal before its newest entry `n` times.
fn forks(pen: &Pen, n: usize) -> Vec<Pen> {
    vec![pen.clone(); n]
}

#[test]
fn two_colluders_who_once_minted_100_000_from_200_get_the_quota_for_each_pair_of_journals() {
    let (mut b, People { mut xiao, mut ma, mut chen, .. }) = building();
    let (kuang, wan) = (b.newcomer(&mut xiao), b.newcomer(&mut xiao));
    // 匡 forks a thousand times and pays 100 on each branch; 万 forks as often, and each branch accepts another one.
    let mut branches = Vec::new();
    for (mut payer, mut payee) in forks(&kuang, 1000).into_iter().zip(forks(&wan, 1000)) {
        let transfer = b.pay(&mut payer, &payee, 100);
        b.accept(&mut payee, transfer).unwrap();
        branches.push(payee);
    }
    assert_eq!(b.ledger.balance(&wan.member), 100_000, "between themselves they may write what they like");
    assert_eq!(b.ledger.sum(), 0);
    // Now the points are to become somebody's: every branch tries every honest neighbour.
    let honest = [&mut xiao, &mut ma, &mut chen];
    let mut taken = BTreeMap::new();
    for payee in honest {
        for mut branch in branches.clone() {
            let transfer = b.pay(&mut branch, payee, 100);
            if b.ledger.check_accept(&payee.tip, &transfer).is_ok() {
                b.accept(payee, transfer).unwrap();
                *taken.entry(payee.journal).or_insert(0) += 100;
            }
        }
    }
    assert!(taken.values().all(|points| *points <= 100), "{taken:?}");
    assert_eq!(held(&b, &[&xiao, &ma, &chen]), 300, "one quota for each honest journal, not 100,000");
    assert_eq!(b.ledger.stamp_for(&branches[0].tip), None, "and no witness who knows helps them further");
}

#[test]
fn with_three_phones_each_two_colluders_get_the_quota_for_each_pair_of_journals_too() {
    let (mut b, People { mut xiao, mut ma, mut chen, mut desk }) = building();
    let (mut kuang, mut wan) = (b.newcomer(&mut xiao), b.newcomer(&mut xiao));
    let epoch = xiao.epoch;
    let mut phones = |b: &mut Building, first: &mut Pen| {
        let further = [(); 2].map(|()| {
            let mut phone = Pen { epoch, ..b.second_phone(first) };
            b.meet(&mut desk, &mut phone);
            phone
        });
        let [one, other] = further;
        [first.clone(), one, other]
    };
    let (payers, payees) = (phones(&mut b, &mut kuang), phones(&mut b, &mut wan));
    // 匡 pays 100 on each of fifty branches (his further phones hold nothing to fork with), and each phone of 万 forks as
    // often to take them.
    let mut branches = Vec::new();
    for payee in &payees {
        for (mut payer, mut payee) in forks(&payers[0], 50).into_iter().zip(forks(payee, 50)) {
            let transfer = b.pay(&mut payer, &payee, 100);
            b.accept(&mut payee, transfer).unwrap();
            branches.push(payee);
        }
    }
    let mut taken = BTreeMap::new();
    for payee in [&mut xiao, &mut ma, &mut chen] {
        for mut branch in branches.clone() {
            let transfer = b.pay(&mut branch, payee, 100);
            if b.accept(payee, transfer).is_ok() {
                *taken.entry((branch.journal, payee.journal)).or_insert(0) += 100;
            }
        }
    }
    assert_eq!(taken.len(), 9, "three phones with three neighbours");
    assert!(taken.values().all(|points| *points <= 100), "{taken:?}");
    assert_eq!(
        (held(&b, &[&xiao, &ma, &chen]), b.ledger.sum()),
        (900, 0),
        "the quota for each pair, whatever they forked"
    );
}

#[test]
fn a_partition_with_its_own_witness_lets_colluders_spend_their_stamped_rights_once_more() {
    let (mut b, People { mut xiao, mut ma, mut chen, mut desk }) = building();
    let (mut kuang, wan) = (b.newcomer(&mut xiao), b.newcomer(&mut xiao));
    let witness = b.newcomer(&mut xiao);
    let epoch = b.decide(&mut xiao, Default::default(), &[&desk, &witness]);
    let mut witness = Pen { epoch, ..witness };
    desk.epoch = epoch;
    let common = b.ledger.clone();
    let mut spent = 0;
    for (nth, (witness, payee)) in [(&mut desk, &mut ma), (&mut witness, &mut chen)].into_iter().enumerate() {
        // Each side of the partition has heard of nothing on the other.
        let everything = std::mem::replace(&mut b.ledger, common.clone());
        let mut branch = wan.clone();
        let mut payer = kuang.clone();
        payer.tip = if nth == 0 { kuang.tip } else { b.pay(&mut kuang, &xiao, 1) };
        payer.seq = kuang.seq;
        let transfer = b.pay(&mut payer, &branch, 99);
        b.accept(&mut branch, transfer).unwrap();
        for points in [100, 99] {
            b.meet(witness, &mut branch);
            let transfer = b.pay(&mut branch, payee, points);
            b.accept(payee, transfer).unwrap();
            spent += i64::from(points);
        }
        let last = b.pay(&mut branch, payee, 1);
        b.accept(payee, last).unwrap_err();
        b.ledger = everything;
    }
    for entry in b.entries.clone() {
        assert_ne!(b.ledger.add(&entry, &b.council).outcome, Outcome::Orphan);
    }
    assert_eq!((held(&b, &[&ma, &chen]), spent), (398, 398), "199 stamped on either side, and no more");
    assert!(b.ledger.is_forked(&wan.journal), "the halves meet, and prove it");
    assert_eq!(b.ledger.sum(), 0);
}

#[test]
fn phones_that_no_witness_has_opened_mint_nothing() {
    let (mut b, People { mut xiao, chen, .. }) = building();
    let mut kuang = b.newcomer(&mut xiao);
    let phones: Vec<_> = (0..50).map(|_| b.second_phone(&mut kuang)).collect();
    for (mut branch, mut phone) in forks(&kuang, 50).into_iter().zip(phones) {
        let transfer = b.pay(&mut branch, &phone, 100);
        b.accept(&mut phone, transfer).unwrap();
        let spend = b.ledger.check_transfer(&phone.tip, None, Points(1), Points(100));
        assert!(spend.is_err());
        let transfer = b.pay(&mut phone, &chen, 100);
        assert_eq!(
            b.ledger.check_accept(&chen.tip, &transfer),
            Err(NotCounted::NotCovered(crate::Uncovered::NotOpened))
        );
    }
}

#[test]
fn a_payee_who_declines_to_the_payers_face_and_accepts_behind_it_costs_the_payer_that_transfer_at_most() {
    let (mut b, People { mut xiao, mut ma, mut chen, mut desk }) = building();
    let mut kuang = b.newcomer(&mut xiao);
    let mut hidden = kuang.clone();
    let transfer = b.pay(&mut ma, &kuang, 100);
    let decline = b.decline(&mut kuang, transfer).unwrap();
    b.reclaim(&mut ma, decline).unwrap();
    b.meet(&mut desk, &mut ma);
    let other = b.pay(&mut ma, &chen, 60);
    b.accept(&mut chen, other).unwrap();
    // The hidden branch surfaces. What was counted stays; what counts now counts.
    b.accept(&mut hidden, transfer).unwrap();
    assert_eq!(b.ledger.balance(&ma.member), -160, "60 below the line: less than the 100 that were declined");
    assert!(b.ledger.is_forked(&kuang.journal), "the proof is in plain sight");
    let standing = b.ledger.standing(&ma.tip).unwrap();
    assert_eq!((standing.rights, standing.contested), (40, 100));
    // From here on an honest device knows better than to spend what it owes.
    let asked = b.ledger.check_transfer(&ma.tip, None, Points(1), Points(100));
    assert_eq!(asked, Err(kaifong_domain::Refusal::BeyondRights { rights: -60, needed: Points(1) }));
}

#[test]
fn an_honest_payer_does_not_reclaim_what_it_knows_to_be_accepted() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let mut hidden = chen.clone();
    let transfer = b.pay(&mut ma, &chen, 100);
    b.decline(&mut chen, transfer).unwrap();
    b.accept(&mut hidden, transfer).unwrap();
    assert_eq!(b.ledger.reclaimable(&ma.tip), []);
}

#[test]
fn a_comb_of_forks_is_judged_like_a_line() {
    let (mut b, People { mut ma, chen, mut desk, .. }) = building();
    for _ in 0..2000 {
        let mut tooth = ma.clone();
        b.pay(&mut tooth, &chen, 2);
        b.pay(&mut ma, &chen, 1);
    }
    let stamp = b.stamp_as(&mut desk, &ma, 50);
    assert_eq!(b.cite(&mut ma, stamp), Ok(()));
    assert_eq!((b.rights(&ma), b.unseen(&ma)), (50, 0));
}
