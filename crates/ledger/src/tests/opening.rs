//! L2: what a journal starts with.

use kaifong_domain::Points;
use kaifong_domain::charter::Charter;
use kaifong_trust::DeviceKey;
use kaifong_trust::entry::Basis;

use crate::testing::{People, building};
use crate::{FURTHER_JOURNALS_MAX, NotCounted};

#[test]
fn a_first_journal_starts_with_the_line_of_the_epoch_that_its_certifier_named() {
    let (mut b, People { mut xiao, desk, .. }) = building();
    let mut behind = xiao.clone();
    b.decide(&mut xiao, Charter { credit_line: Points(40), ..Charter::default() }, &[&desk]);
    let newcomer = b.newcomer(&mut xiao);
    assert_eq!(b.rights(&newcomer), 40);
    // The certifier had not heard of the epoch, the newcomer had: the certificate decides.
    let key = DeviceKey::from_seed([99; 32]);
    let certificate = b.certify(&mut behind, &key);
    let newcomer = b.open(&key, None, 0, Basis::Certificate(certificate), xiao.epoch);
    assert_eq!(b.rights(&newcomer), 100);
    assert_eq!(b.ledger.standing(&newcomer.tip).unwrap().stamped_seq, Some(0), "the certificate is the first stamp");
}

#[test]
fn the_founder_starts_with_the_line_of_the_genesis() {
    let (b, People { xiao, .. }) =
        crate::testing::building_with(Charter { credit_line: Points(7), ..Charter::default() });
    assert_eq!(b.rights(&xiao), 7);
}

#[test]
fn every_other_journal_starts_with_nothing() {
    let (mut b, People { mut xiao, mut ma, chen, .. }) = building();
    let mut certify = |key: &DeviceKey| (b.certify(&mut xiao, key), key.clone());
    let (again, ma_key) = certify(&ma.key);
    let (of_chen, _) = certify(&chen.key);
    let key = DeviceKey::from_seed([99; 32]);
    let table = [
        ("after a doubt", b.open(&ma_key, None, 77, Basis::Certificate(again), ma.epoch)),
        ("a second phone", b.second_phone(&mut ma)),
        ("somebody else's certificate", b.open(&key, None, 0, Basis::Certificate(of_chen), ma.epoch)),
        ("no certificate at all", b.open(&key, None, 1, Basis::Certificate(ma.tip), ma.epoch)),
    ];
    for (name, pen) in table {
        let standing = b.ledger.standing(&pen.tip).unwrap();
        assert_eq!((standing.rights, standing.stamped_seq), (0, None), "{name}");
        assert_eq!(b.ledger.balance(&pen.member), 0);
    }
}

#[test]
fn a_witness_opens_a_further_journal_and_not_more_than_three() {
    let (mut b, People { mut ma, mut desk, chen, .. }) = building();
    for _ in 0..FURTHER_JOURNALS_MAX {
        let mut phone = b.second_phone(&mut ma);
        b.meet(&mut desk, &mut phone);
        let transfer = b.pay(&mut ma, &phone, 10);
        b.accept(&mut phone, transfer).unwrap();
        b.pay(&mut phone, &chen, 10);
        assert_eq!(b.covered(), Ok(()));
        b.meet(&mut desk, &mut phone);
    }
    let one_too_many = b.second_phone(&mut ma);
    assert_eq!(b.ledger.stamp_for(&one_too_many.tip), None);
}

#[test]
fn a_first_journal_that_is_opened_twice_is_forked_from_its_first_entry_on() {
    let (mut b, People { mut xiao, mut chen, .. }) = building();
    let key = DeviceKey::from_seed([99; 32]);
    let mut twins = [(); 2].map(|()| {
        let certificate = b.certify(&mut xiao, &key);
        b.open(&key, None, 0, Basis::Certificate(certificate), xiao.epoch)
    });
    assert!(b.ledger.is_forked(&twins[0].journal));
    let transfers = twins.each_mut().map(|twin| b.pay(twin, &chen, 100));
    assert_eq!(b.accept(&mut chen, transfers[0]), Ok(()));
    assert_eq!(b.accept(&mut chen, transfers[1]), Err(NotCounted::ConflictingBranch));
}
