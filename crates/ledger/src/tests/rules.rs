//! The rules when they are kept: L1 to L5, J3 and J4.

use kaifong_domain::Points;

use crate::testing::{People, building};
use crate::{LineState, Outcome};

#[test]
fn points_move_when_the_payee_accepts_and_not_before() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 30);
    assert_eq!((b.ledger.balance(&ma.member), b.ledger.balance(&chen.member)), (0, 0));
    assert_eq!((b.rights(&ma), b.unseen(&ma)), (70, 30));
    assert_eq!(b.ledger.incoming(&chen.tip), [transfer]);
    assert_eq!(b.accept(&mut chen, transfer), Ok(()));
    assert_eq!((b.ledger.balance(&ma.member), b.ledger.balance(&chen.member)), (-30, 30));
    assert_eq!((b.rights(&ma), b.rights(&chen)), (70, 130));
    assert_eq!(b.ledger.incoming(&chen.tip), []);
    assert_eq!(b.ledger.sum(), 0);
}

#[test]
fn a_stamp_that_is_cited_resets_what_is_unseen_and_changes_no_rights() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    for _ in 0..2 {
        let transfer = b.pay(&mut chen, &ma, 50);
        b.accept(&mut ma, transfer).unwrap();
    }
    b.pay(&mut ma, &chen, 90);
    let stamp = b.stamp(&mut desk, &ma);
    b.pay(&mut ma, &chen, 10);
    assert_eq!((b.rights(&ma), b.unseen(&ma)), (100, 100));
    assert_eq!(b.cite(&mut ma, stamp), Ok(()));
    assert_eq!((b.rights(&ma), b.unseen(&ma)), (100, 10), "what followed the stamped entry is still unseen");
}

#[test]
fn a_false_stamp_counts_as_given_and_is_not_repeated_by_honest_devices() {
    let (mut b, People { mut ma, chen, mut desk, .. }) = building();
    b.pay(&mut ma, &chen, 40);
    let false_stamp = b.stamp_as(&mut desk, &ma, 5000);
    assert_eq!(b.ledger.newest_stamp(&ma.tip), None, "a figure that nobody recomputes looks dishonest");
    let honest = b.ledger.stamp_for(&ma.tip).expect("the false stamp does not stand in for an honest one");
    assert_eq!(honest.rights, 60);
    assert_eq!(b.cite(&mut ma, false_stamp), Ok(()));
    assert_eq!(b.rights(&ma), 5000, "its signer has left the proof");
}

#[test]
fn rights_that_recovered_are_not_covered_before_the_next_stamp() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    b.pay(&mut ma, &chen, 101);
    let transfer = b.pay(&mut chen, &ma, 100);
    b.accept(&mut ma, transfer).unwrap();
    assert_eq!(b.rights(&ma), 99);
    b.pay(&mut ma, &chen, 1);
    assert_eq!(b.covered(), Err(crate::Uncovered::BelowZero));
    b.meet(&mut desk, &mut ma);
    b.pay(&mut ma, &chen, 1);
    assert_eq!(b.covered(), Ok(()));
}

#[test]
fn a_declined_transfer_gives_its_rights_back_once_the_payer_cites_the_decline() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 30);
    let decline = b.decline(&mut chen, transfer).unwrap();
    assert_eq!((b.rights(&ma), b.ledger.reclaimable(&ma.tip)), (70, vec![decline]));
    assert_eq!(b.reclaim(&mut ma, decline), Ok(()));
    assert_eq!((b.rights(&ma), b.unseen(&ma)), (100, 30), "the quota is not given back");
    assert_eq!(b.ledger.reclaimable(&ma.tip), []);
    assert_eq!(b.ledger.transfer(&transfer).unwrap().state, LineState::Declined);
    assert_eq!(b.ledger.balance(&ma.member), 0);
}

#[test]
fn moving_rights_between_ones_own_phones_changes_no_balance() {
    let (mut b, People { mut ma, .. }) = building();
    let mut tablet = b.second_phone(&mut ma);
    let transfer = b.pay(&mut ma, &tablet, 30);
    assert_eq!(b.accept(&mut tablet, transfer), Ok(()));
    assert_eq!((b.rights(&ma), b.rights(&tablet)), (70, 30));
    assert_eq!((b.ledger.balance(&ma.member), b.ledger.sum()), (0, 0));
}

#[test]
fn a_transfer_accepted_on_two_branches_of_its_payee_counts_once() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 30);
    let mut other = chen.clone();
    assert_eq!(b.accept(&mut chen, transfer), Ok(()));
    assert_eq!(b.accept(&mut other, transfer), Ok(()));
    assert_eq!(b.ledger.balance(&chen.member), 30);
    assert!(b.ledger.is_forked(&chen.journal));
}

#[test]
fn two_entries_in_one_place_are_a_fork_and_both_are_kept() {
    let (mut b, People { mut ma, chen, xiao, .. }) = building();
    let mut other = ma.clone();
    b.pay(&mut ma, &chen, 30);
    assert!(!b.ledger.is_forked(&ma.journal));
    b.pay(&mut other, &xiao, 40);
    assert!(b.ledger.is_forked(&ma.journal));
    assert_eq!((b.rights(&ma), b.rights(&other)), (70, 60));
}

#[test]
fn a_branch_of_the_payer_that_continues_the_accepted_one_is_no_conflict() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let transfers = [10, 20, 30].map(|points| b.pay(&mut ma, &chen, points));
    // Newest first: older ones lie on the same line.
    for transfer in [transfers[2], transfers[0], transfers[1]] {
        assert_eq!(b.accept(&mut chen, transfer), Ok(()));
    }
    assert_eq!(b.ledger.balance(&chen.member), 60);
}

#[test]
fn adding_an_entry_twice_changes_nothing() {
    let (mut b, People { mut ma, mut chen, .. }) = building();
    let transfer = b.pay(&mut ma, &chen, 30);
    b.accept(&mut chen, transfer).unwrap();
    for entry in b.entries.clone() {
        let effect = b.ledger.add(&entry, &b.council);
        assert_eq!((effect.outcome, effect.accounts), (Outcome::Known, vec![]));
    }
    assert_eq!(b.ledger.balance(&chen.member), 30);
    assert!(!b.ledger.is_forked(&ma.journal));
}

#[test]
fn the_quota_is_that_of_the_epoch_which_the_transfer_names() {
    let (mut b, People { mut xiao, mut ma, chen, desk }) = building();
    let charter = kaifong_domain::charter::Charter { quota: Points(20), ..Default::default() };
    b.decide(&mut xiao, charter, &[&desk]);
    let mut newer = ma.clone();
    b.pay(&mut ma, &chen, 21);
    assert_eq!(b.covered(), Ok(()), "an entry is judged by what its device knew");
    newer.epoch = xiao.epoch;
    b.pay(&mut newer, &chen, 21);
    assert_eq!(b.covered(), Err(crate::Uncovered::BeyondQuota));
}
