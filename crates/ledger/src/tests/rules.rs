//! The rules on their own: L1 to L5 and J4.

use kaifong_domain::{Points, Refusal};

use crate::testing::{People, building};
use crate::{NotCounted, Uncovered};

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
fn a_stamp_resets_what_is_unseen() {
    let (mut b, People { mut ma, mut chen, mut desk, .. }) = building();
    for _ in 0..2 {
        let transfer = b.pay(&mut chen, &ma, 50);
        b.accept(&mut ma, transfer).unwrap();
    }
    b.pay(&mut ma, &chen, 100);
    let quota = Points(100);
    assert_eq!(
        b.ledger.check_transfer(&ma.tip, None, Points(1), quota),
        Err(Refusal::BeyondQuota { left: 0, needed: Points(1) })
    );
    let stamp = b.stamp(&mut desk, &ma);
    assert_eq!(b.ledger.check_transfer(&ma.tip, Some(&stamp), Points(100), quota), Ok(()));
    b.cite(&mut ma, stamp).unwrap();
    assert_eq!((b.rights(&ma), b.unseen(&ma)), (100, 0));
    let more = b.pay(&mut ma, &chen, 101);
    assert_eq!(b.covered(), Err(Uncovered::BelowZero));
    assert_eq!(b.accept(&mut chen, more), Err(NotCounted::NotCovered(Uncovered::BelowZero)));
}
